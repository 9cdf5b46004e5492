//! Every fault does what its name says, and the truth stays true.

use super::*;
use crate::simulator::faults::WitnessFault;

#[test]
fn a_lost_request_never_acts_and_a_lost_answer_always_does() {
    for (transport, exists) in [
        (Transport::LoseRequest, false),
        (Transport::LoseAnswer, true),
        (Transport::BadGateway, true),
        (Transport::Html, true),
        (Transport::Truncate, true),
        (Transport::Garbage, true),
        (Transport::Huge { bytes: 1 }, true),
    ] {
        let mut core = core();
        core.faults.pay_transport = transport;
        let reply = core.pay(T0, params(NO, Channel::AliScan));
        assert_eq!(reply.delivered(), None);
        assert_eq!(core.truth(T0, &no(NO)).kept(), exists, "{transport:?}");
    }
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Never).unwrap();
    for (transport, acts) in [
        (Transport::LoseRequest, false),
        (Transport::LoseAnswer, true),
    ] {
        core.faults.revert_transport = transport;
        assert_eq!(core.revert(T0, &no(NO), None).delivered(), None);
        assert_eq!(core.truth(T0, &no(NO)).reverted_at.is_some(), acts);
    }
}

#[test]
fn a_request_can_arrive_long_after_it_was_sent() {
    let mut core = core();
    core.faults.pay_transport = Transport::ActLater { ms: 5_000 };
    let reply = core.pay(T0, params(NO, Channel::AliScan));
    assert_eq!(reply.delivered(), None);
    assert_eq!(code_of(status(&mut core, 4_999)), 8);
    assert_eq!(status(&mut core, 5_000), Ok(true));
    assert_eq!(row(&mut core, 9_000).create_time, T0 + 5_000);
    core.faults.revert_transport = Transport::ActLater { ms: 2_000 };
    assert_eq!(core.revert(T0 + 9_000, &no(NO), None).delivered(), None);
    assert!(core.truth(T0 + 10_999, &no(NO)).kept());
    assert!(core.truth(T0 + 11_000, &no(NO)).returned);
}

#[test]
fn status_can_err_lie_and_lag() {
    for (fault, expected) in [
        (StatusFault::NotPaid, Ok(false)),
        (StatusFault::Paid, Ok(true)),
        (StatusFault::NoSuchBill, Err(8)),
        (StatusFault::Fails(Code::RuntimeError), Err(14)),
    ] {
        for act in [Act::Pay, Act::Never] {
            let mut core = core();
            pay(&mut core, Channel::AliScan, act).unwrap();
            core.faults.status = fault;
            let answer = status(&mut core, 0).map_err(|r| r.code.number());
            assert_eq!(answer, expected);
            assert_eq!(core.truth(T0, &no(NO)).kept(), act == Act::Pay);
        }
    }
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Pay).unwrap();
    core.faults.status_lag_ms = 4_000;
    assert_eq!(status(&mut core, 3_999), Ok(false));
    assert_eq!(status(&mut core, 4_000), Ok(true));
    revert(&mut core, 5_000).unwrap();
    assert_eq!(status(&mut core, 5_000), Ok(false));
    core.faults.status_paid_after_revert = true;
    assert_eq!(status(&mut core, 5_000), Ok(true));
}

#[test]
fn reverts_can_go_wrong_in_every_way() {
    for (fault, answer, reverted_after) in [
        (RevertFault::Works, Ok(true), Some(0)),
        (RevertFault::ClaimsOnly, Ok(true), None),
        (RevertFault::DeniesOnly, Ok(false), None),
        (RevertFault::DeniesButActs, Ok(false), Some(0)),
        (RevertFault::Fails(Code::CertFileError), Err(6), None),
        (RevertFault::Fails(Code::RuntimeError), Err(14), None),
        (
            RevertFault::FailsButActs(Code::RuntimeError),
            Err(14),
            Some(0),
        ),
        (RevertFault::ActsLater { ms: 700 }, Ok(true), Some(700)),
    ] {
        let mut core = core();
        pay(&mut core, Channel::WxScan, Act::Never).unwrap();
        core.get_mut(&no(NO)).unwrap().faults = Some(Faults {
            revert: fault,
            ..Faults::default()
        });
        let said = revert(&mut core, 100).map_err(|r| r.code.number());
        assert_eq!(said, answer, "{fault:?}");
        let expected = reverted_after.map(|ms| T0 + 100 + ms);
        assert_eq!(core.truth(T0 + 5_000, &no(NO)).reverted_at, expected);
    }
}

#[test]
fn a_revert_that_acts_late_gives_back_what_was_paid_in_between() {
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Password).unwrap();
    core.faults.revert = RevertFault::ActsLater { ms: 2_000 };
    assert_eq!(revert(&mut core, 5_000), Ok(true));
    assert_eq!(status(&mut core, 6_500), Ok(true));
    let truth = core.truth(T0 + 7_000, &no(NO));
    assert_eq!(truth.paid_at, Some(T0 + 6_000));
    assert!(truth.returned);
}

#[test]
fn the_witness_can_lag_be_silent_or_speak_of_others() {
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Pay).unwrap();
    revert(&mut core, 1_000).unwrap();
    let bill_no = no(NO);
    let query = Query::one(&bill_no);
    core.faults.witness_lag_ms = 2_000;
    let rows = |core: &mut Core, ms| core.bills(T0 + ms, &query).delivered().unwrap();
    assert_eq!(rows(&mut core, 1_999), Ok(vec![]));
    let seen = row(&mut core, 2_000);
    assert_eq!((seen.paid, seen.reverted), (true, Some(false)));
    assert_eq!(row(&mut core, 3_000).reverted, Some(true));
    core.faults.witness_without_revert_result = true;
    assert_eq!(row(&mut core, 3_000).reverted, None);
    core.faults.witness_amount = Some(Fen(1));
    assert_eq!(row(&mut core, 3_000).total_fee, Fen(1));
    core.faults.witness = WitnessFault::AnotherBill;
    assert_ne!(row(&mut core, 3_000).bill_no, bill_no);
    core.faults.witness = WitnessFault::Twice;
    let twice = rows(&mut core, 3_000).unwrap();
    assert_eq!(twice.len(), 2);
    assert!(twice.iter().all(|r| r.bill_no == bill_no));
    core.faults.witness = WitnessFault::Silent;
    assert_eq!(rows(&mut core, 3_000), Ok(vec![]));
    core.faults.witness = WitnessFault::Fails(Code::RuntimeError);
    assert_eq!(code_of(rows(&mut core, 3_000)), 14);
}

#[test]
fn pay_can_act_and_answer_an_error() {
    let mut core = core();
    core.faults.pay_fails = Some(Code::RuntimeError);
    assert_eq!(code_of(pay(&mut core, Channel::AliScan, Act::Pay)), 14);
    assert!(core.truth(T0, &no(NO)).kept());
}

#[test]
fn a_gateway_can_refuse_to_revert_what_is_paid() {
    for (at_ms, answer, kept) in [(5_999, Ok(true), false), (6_000, Ok(false), true)] {
        let mut core = core();
        core.faults.revert = RevertFault::DeniesPaid;
        pay(&mut core, Channel::AliScan, Act::Password).unwrap();
        assert_eq!(revert(&mut core, at_ms), answer);
        assert_eq!(core.truth(T0 + 9_000, &no(NO)).kept(), kept);
    }
}
