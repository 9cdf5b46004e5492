//! What is taken and refused, and that no money goes back twice.

use super::*;
use crate::domain::practice::RefundAct;
use crate::domain::time::Day;
use crate::simulator::channel::Parent;
use crate::simulator::faults::{RefundAgain, RefundFaults};
use crate::simulator::params::RefundParams;
use crate::simulator::refund::RefundStatus;

pub(super) const DAY: i64 = 86_400_000;
pub(super) const R1: &str = "2026112001000001R1";
pub(super) const R2: &str = "2026112001000002R2";

/// A gateway with one paid bill of 12.34.
pub(super) fn paid(channel: Channel) -> Core {
    let mut core = core();
    pay(&mut core, channel, Act::Pay).unwrap();
    core.truth(T0 + 3_000, &no(NO));
    core
}

pub(super) fn request(refund_no: &str, fee: i64) -> RefundParams {
    RefundParams::new(refund_no.to_owned(), no(NO), Fen(fee))
}

pub(super) fn refund(
    core: &mut Core,
    ms: i64,
    refund_no: &str,
    fee: i64,
) -> Result<RefundAnswer, Refused> {
    let reply = core.refund(T0 + ms, request(refund_no, fee));
    reply.delivered().unwrap()
}

fn act(core: &mut Core, act: RefundAct) {
    core.plan_refunds(act, Network::Normal);
}

pub(super) fn row(core: &mut Core, ms: i64, refund_no: &str) -> RefundRow {
    let rows = core.refunds(T0 + ms, &RefundQuery::one(refund_no));
    let rows = rows.delivered().unwrap().unwrap();
    assert_eq!(rows.len(), 1);
    rows.into_iter().next().unwrap()
}

fn ended(core: &mut Core, ms: i64) -> (bool, Option<bool>) {
    let row = row(core, ms, R1);
    (row.finish, row.result)
}

fn sums(core: &mut Core, ms: i64) -> (i64, i64) {
    let truth = core.truth(T0 + ms, &no(NO));
    (truth.refunded.0, truth.refunding.0)
}

#[test]
fn refunds_end_when_and_as_their_act_says() {
    use RefundAct::{AtOnce, Fail, Never, Pending};
    for (channel, chosen, after, succeeds) in [
        (Channel::AliScan, AtOnce, Some(0), true),
        (Channel::BcAliScan, AtOnce, Some(0), true),
        (Channel::BcWxScan, AtOnce, Some(2_000), true),
        (Channel::AliScan, Pending, Some(6_000), true),
        (Channel::BcWxScan, Pending, Some(6_000), true),
        (Channel::AliScan, Fail, Some(3_000), false),
        (Channel::AliScan, Never, None, true),
        (Channel::BcNative, Never, None, true),
    ] {
        let mut core = paid(channel);
        act(&mut core, chosen);
        let answer = refund(&mut core, 5_000, R1, 1_000).unwrap();
        assert_eq!(answer.refund_result, Some(after == Some(0)), "{chosen:?}");
        let Some(ms) = after else {
            assert_eq!(ended(&mut core, DAY), (false, Some(false)));
            assert_eq!(sums(&mut core, DAY), (0, 1_000));
            continue;
        };
        if ms > 0 {
            assert_eq!(ended(&mut core, 4_999 + ms), (false, Some(false)));
            assert_eq!(sums(&mut core, 4_999 + ms), (0, 1_000));
        }
        assert_eq!(ended(&mut core, 5_000 + ms), (true, Some(succeeds)));
        let given = if succeeds { 1_000 } else { 0 };
        assert_eq!(sums(&mut core, 5_000 + ms), (given, 0));
        let listed = super::row(&mut core, 5_000 + ms);
        assert_eq!((listed.refunded, listed.paid), (succeeds, true));
        assert!(core.truth(T0 + DAY, &no(NO)).kept(), "only a part");
    }
}

#[test]
fn a_wechat_refund_ends_at_the_gateway_only_when_its_status_is_asked() {
    for (chosen, after, status) in [
        (RefundAct::AtOnce, 2_000, RefundStatus::Success),
        (RefundAct::Pending, 6_000, RefundStatus::Success),
        (RefundAct::Fail, 3_000, RefundStatus::Fail),
    ] {
        let mut core = paid(Channel::WxScan);
        act(&mut core, chosen);
        let answer = refund(&mut core, 0, R1, 1_234).unwrap();
        assert_eq!(answer.refund_result, Some(false));
        let ask = |core: &mut Core, ms| core.refund_status(T0 + ms, R1, "WX").delivered();
        let processing = Some(Ok(RefundStatus::Processing));
        assert_eq!(ask(&mut core, after - 1), processing);
        assert_eq!(ended(&mut core, DAY), (false, Some(false)), "not asked");
        assert_eq!(code_of(refund(&mut core, 60_000, R2, 1)), 11);
        assert_eq!(ask(&mut core, DAY), Some(Ok(status)));
        let succeeds = status == RefundStatus::Success;
        assert_eq!(ended(&mut core, DAY), (true, Some(succeeds)));
        assert_eq!(super::row(&mut core, DAY).refunded, succeeds);
        assert_eq!(core.truth(T0 + DAY, &no(NO)).returned, succeeds);
    }
    let mut core = paid(Channel::WxNative);
    core.wechat_refunds_end_at_status = false;
    refund(&mut core, 3_000, R1, 1).unwrap();
    assert_eq!(ended(&mut core, 4_999), (false, Some(false)));
    assert_eq!(ended(&mut core, 5_000), (true, Some(true)));
}

#[test]
fn status_is_for_wechats_own_refunds() {
    for (channel, asked, code) in [
        (Channel::WxScan, "WX", None),
        (Channel::WxScan, "YEE", Some(3)),
        (Channel::AliScan, "WX", Some(3)),
        (Channel::BcWxScan, "WX", Some(3)),
    ] {
        let mut core = paid(channel);
        let unknown = core.refund_status(T0, R1, asked).delivered().unwrap();
        assert_eq!(code_of(unknown), 13);
        refund(&mut core, 0, R1, 1).unwrap();
        let answer = core.refund_status(T0 + 9_000, R1, asked).delivered();
        let answer = answer.unwrap().map_err(|r| r.code.number());
        assert_eq!(answer.err(), code, "{channel} {asked}");
    }
}

#[test]
fn every_refusal_has_its_code_and_leaves_no_row() {
    let refused = |core: &mut Core, ms: i64, params: RefundParams| {
        let answer = core.refund(T0 + ms, params).delivered().unwrap();
        let refused = answer.unwrap_err();
        assert!(core.all_refunds().is_empty(), "{refused:?}");
        assert!(!refused.detail.is_empty());
        refused.code.number()
    };
    let other = RefundParams {
        bill_no: no("20261120NOBODY"),
        ..request(R1, 1)
    };
    assert_eq!(refused(&mut paid(Channel::AliScan), 0, other), 8);
    let mut unpaid = core();
    pay(&mut unpaid, Channel::AliScan, Act::Never).unwrap();
    assert_eq!(refused(&mut unpaid, 0, request(R1, 1)), 9);
    let mut reverted = paid(Channel::AliScan);
    revert(&mut reverted, 1).unwrap();
    assert_eq!(refused(&mut reverted, 2, request(R1, 1)), 9);
    let too_much = request(R1, 1_235);
    assert_eq!(refused(&mut paid(Channel::AliScan), 0, too_much), 12);
    let mut uncertified = paid(Channel::WxScan);
    uncertified.wechat_certificate = false;
    assert_eq!(refused(&mut uncertified, 0, request(R1, 1)), 6);
    for (channel, parent, code) in [
        (Channel::AliScan, Parent::Wx, 3),
        (Channel::AliScan, Parent::Bc, 3),
        (Channel::BcAliScan, Parent::Ali, 3),
        (Channel::WxNative, Parent::Ali, 3),
    ] {
        let params = RefundParams {
            channel: Some(parent),
            ..request(R1, 1)
        };
        assert_eq!(refused(&mut paid(channel), 3_000, params), code);
    }
    for (channel, words) in [
        (Channel::AliScan, "ACQ.SELLER_BALANCE_NOT_ENOUGH"),
        (Channel::WxScan, "NOTENOUGH"),
    ] {
        let mut core = paid(channel);
        act(&mut core, RefundAct::NoFunds);
        let answer = refund(&mut core, 0, R1, 1).unwrap_err();
        assert_eq!(answer.code, Code::ChannelError);
        assert!(answer.detail.contains(words) && answer.detail.contains("商户余额不足"));
        assert!(core.all_refunds().is_empty());
        act(&mut core, RefundAct::AtOnce);
        assert!(refund(&mut core, 1, R1, 1).is_ok(), "the number is free");
    }
}

#[test]
fn a_refund_fits_its_bills_channel() {
    for (channel, parent) in [
        (Channel::AliScan, Parent::Ali),
        (Channel::AliOfflineQrcode, Parent::Ali),
        (Channel::WxScan, Parent::Wx),
        (Channel::WxNative, Parent::Wx),
        (Channel::BcWxScan, Parent::Bc),
        (Channel::BcAliQrcode, Parent::Bc),
    ] {
        let mut core = paid(channel);
        let params = RefundParams {
            channel: Some(parent),
            ..request(R1, 1)
        };
        let answer = core.refund(T0 + 3_000, params).delivered().unwrap();
        assert!(answer.is_ok(), "{channel}");
        assert_eq!(row(&mut core, 3_000, R1).channel, parent.name());
    }
}

#[test]
fn bills_can_be_refunded_for_as_long_as_their_wallet_says() {
    for (channel, days, own) in [
        (Channel::AliScan, 90, None),
        (Channel::WxScan, 365, None),
        (Channel::WxScan, 7, Some(7)),
    ] {
        for (late_ms, code) in [(0, 0), (1, 10)] {
            let mut core = paid(channel);
            core.refund_days.wechat = own.unwrap_or(core.refund_days.wechat);
            let ms = days * DAY + late_ms;
            let refund_no = format!("{}001", Day::of(T0 + ms).compact());
            let answer = refund(&mut core, ms, &refund_no, 1);
            assert_eq!(answer.map_or_else(|r| r.code.number(), |_| 0), code);
        }
    }
}

#[test]
fn a_refund_no_is_of_the_gateways_day_in_shanghai() {
    let midnight = Day::of(T0).end_ms() - T0;
    for (ms, refund_no, code) in [
        (midnight - 1, R1, 0),
        (midnight, R1, 5),
        (midnight, "20261121001", 0),
        (midnight - 1, "20261121001", 5),
        (0, "20251120001", 5),
    ] {
        let answer = refund(&mut paid(Channel::AliScan), ms, refund_no, 1);
        let said = answer.map_or_else(|r| r.code.number(), |_| 0);
        assert_eq!(said, code, "{refund_no}");
    }
    // Sent before midnight, there after it.
    let mut core = paid(Channel::AliScan);
    core.faults.refund.transport = Transport::ActLater { ms: 2_000 };
    core.refund(T0 + midnight - 1_000, request(R1, 1));
    assert_eq!(sums(&mut core, midnight + DAY), (0, 0));
}

#[test]
fn parts_are_refunded_until_nothing_is_left() {
    let mut core = paid(Channel::AliScan);
    refund(&mut core, 0, R1, 1_000).unwrap();
    assert_eq!(code_of(refund(&mut core, 1, R2, 235)), 12);
    refund(&mut core, 2, R2, 234).unwrap();
    assert_eq!(code_of(refund(&mut core, 3, "20261120003", 1)), 12);
    let truth = core.truth(T0 + 4, &no(NO));
    assert_eq!((truth.refunded, truth.returned), (Fen(1_234), true));
    assert!(!truth.kept());
}

#[test]
fn a_gateway_can_allow_one_successful_refund_a_bill() {
    let mut core = paid(Channel::AliScan);
    core.one_refund_a_bill = true;
    act(&mut core, RefundAct::Fail);
    refund(&mut core, 0, R1, 100).unwrap();
    act(&mut core, RefundAct::AtOnce);
    refund(&mut core, 3_000, R2, 100).unwrap();
    assert_eq!(code_of(refund(&mut core, 3_001, "20261120003", 1)), 12);
}

#[test]
fn what_the_wallet_took_off_is_not_refunded() {
    let mut core = paid(Channel::AliScan);
    core.get_mut(&no(NO)).unwrap().discount = Fen(234);
    assert_eq!(code_of(refund(&mut core, 0, R1, 1_001)), 12);
    refund(&mut core, 0, R1, 1_000).unwrap();
    assert!(core.truth(T0, &no(NO)).returned);
}

#[test]
fn one_refund_of_a_bill_is_under_way_and_a_failed_one_makes_room() {
    let mut core = paid(Channel::AliScan);
    act(&mut core, RefundAct::Fail);
    refund(&mut core, 0, R1, 1_234).unwrap();
    act(&mut core, RefundAct::AtOnce);
    assert_eq!(code_of(refund(&mut core, 2_999, R2, 1)), 11);
    refund(&mut core, 3_000, R2, 1_234).unwrap();
    assert_eq!(sums(&mut core, 3_000), (1_234, 0));
}

#[test]
fn a_repeated_refund_no_moves_no_money() {
    let mut core = paid(Channel::AliScan);
    let first = refund(&mut core, 0, R1, 100);
    assert_eq!(refund(&mut core, 1_000, R1, 100), first, "as the first one");
    assert_eq!(code_of(refund(&mut core, 1_000, R1, 101)), 5);
    let mut next = params("20261120NEXT", Channel::AliScan);
    next.auth_code = Some(core.fresh_code(Wallet::Alipay));
    core.pay(T0, next);
    let other = RefundParams {
        bill_no: no("20261120NEXT"),
        ..request(R1, 100)
    };
    assert_eq!(code_of(core.refund(T0, other).delivered().unwrap()), 5);
    core.faults.refund.again = RefundAgain::Fails(Code::PrerefundDuplicate);
    assert_eq!(code_of(refund(&mut core, 2_000, R1, 100)), 16);
    assert_eq!(sums(&mut core, 2_000), (100, 0));
    assert_eq!(core.all_refunds().len(), 1);
}

#[test]
fn only_a_fault_refunds_twice_under_one_number_and_never_more_than_was_paid() {
    let mut core = paid(Channel::AliScan);
    core.faults.refund.again = RefundAgain::Twice;
    refund(&mut core, 0, R1, 600).unwrap();
    refund(&mut core, 1, R1, 600).unwrap();
    assert_eq!(sums(&mut core, 1), (1_200, 0));
    let rows = core.refunds(T0 + 1, &RefundQuery::one(R1)).delivered();
    let rows = rows.unwrap().unwrap();
    assert_eq!(rows.len(), 2);
    assert_ne!(rows[0].id, rows[1].id);
    for row in rows {
        let one = core.refund_by_id(T0 + 1, &row.id).delivered().unwrap();
        assert_eq!(one.unwrap().id, row.id);
    }
    assert_eq!(code_of(refund(&mut core, 2, R1, 600)), 12);
}

#[test]
fn a_lost_refund_request_never_acts_and_a_lost_answer_always_does() {
    for (transport, acts) in [
        (Transport::LoseRequest, false),
        (Transport::LoseAnswer, true),
        (Transport::BadGateway, true),
        (Transport::Html, true),
        (Transport::Truncate, true),
        (Transport::Garbage, true),
    ] {
        let mut core = paid(Channel::AliScan);
        core.faults.refund.transport = transport;
        assert_eq!(core.refund(T0, request(R1, 100)).delivered(), None);
        let given = if acts { 100 } else { 0 };
        assert_eq!(sums(&mut core, 0), (given, 0), "{transport:?}");
    }
    let mut core = paid(Channel::AliScan);
    core.faults.refund.transport = Transport::ActLater { ms: 4_000 };
    assert_eq!(core.refund(T0, request(R1, 100)).delivered(), None);
    assert_eq!(sums(&mut core, 3_999), (0, 0));
    assert_eq!(sums(&mut core, 4_000), (100, 0));
    assert_eq!(row(&mut core, 9_000, R1).create_time, T0 + 4_000);
}

#[test]
fn a_refund_can_act_and_answer_an_error_or_no_result() {
    let mut core = paid(Channel::AliScan);
    core.faults.refund.fails = Some(Code::RuntimeError);
    assert_eq!(code_of(refund(&mut core, 0, R1, 100)), 14);
    core.faults.refund = RefundFaults {
        without_result: true,
        ..RefundFaults::default()
    };
    let answer = refund(&mut core, 0, R2, 100).unwrap();
    assert_eq!(answer.refund_result, None);
    assert_eq!(sums(&mut core, 0), (200, 0));
}

#[test]
fn a_bill_is_never_refunded_and_reverted() {
    for (chosen, taken) in [
        (RefundAct::AtOnce, true),
        (RefundAct::Never, true),
        (RefundAct::Fail, false),
    ] {
        let mut core = paid(Channel::AliScan);
        act(&mut core, chosen);
        refund(&mut core, 0, R1, 1).unwrap();
        assert_eq!(revert(&mut core, 3_000), Ok(!taken), "{chosen:?}");
        core.faults.revert = RevertFault::ActsLater { ms: 10 };
        revert(&mut core, 3_001).unwrap();
        let truth = core.truth(T0 + 9_000, &no(NO));
        assert_eq!(truth.reverted_at.is_some(), !taken);
    }
    let mut core = paid(Channel::AliScan);
    core.faults.revert = RevertFault::ActsLater { ms: 5_000 };
    assert_eq!(revert(&mut core, 0), Ok(true));
    assert_eq!(code_of(refund(&mut core, 4_999, R1, 1)), 11);
    assert_eq!(code_of(refund(&mut core, 5_000, R1, 1)), 9);
    assert_eq!(sums(&mut core, 9_000), (0, 0));
}

#[test]
fn plans_of_refunds_are_for_one_and_the_panels_holds() {
    let mut core = paid(Channel::AliScan);
    act(&mut core, RefundAct::Never);
    let (never, fails) = (Some(RefundAct::NoFunds), Some(RefundAct::Fail));
    assert_eq!(core.play_refund(None, never, None), Planned::Next);
    let bill = no(NO);
    core.play_refund(Some(&bill), fails, None);
    let planned = core.play_refund(Some(&bill), None, Some(Network::LoseAnswer));
    assert_eq!(planned, Planned::Upcoming);
    let lost = core.refund(T0, request(R1, 100));
    assert_eq!(lost.transport, Transport::LoseAnswer);
    assert_eq!(row(&mut core, 3_000, R1).result, Some(false), "it failed");
    assert!(row(&mut core, 3_000, R1).finish);
    assert_eq!(code_of(refund(&mut core, 3_000, R2, 100)), 7, "the next");
    let waits = refund(&mut core, 3_001, R2, 100).unwrap();
    assert_eq!(waits.refund_result, Some(false), "the panel's");
    assert_eq!(sums(&mut core, DAY), (0, 100));
    core.delay_factor = 0.01;
    core.plan_refunds(RefundAct::AtOnce, Network::Slow);
    let reply = core.refund(T0 + 3_002, request("20261120003", 1));
    assert_eq!(reply.transport, Transport::Slow { ms: 80 });
}

#[test]
fn a_refund_that_is_there_can_be_told_how_to_end_until_it_has() {
    let mut core = paid(Channel::AliScan);
    let steer = |core: &mut Core, ms, act| core.steer_refund(T0 + ms, R1, act);
    let none = steer(&mut core, 0, RefundAct::AtOnce);
    assert_eq!(none, Err(RefundPlanError::NoSuchRefund));
    act(&mut core, RefundAct::Never);
    refund(&mut core, 0, R1, 100).unwrap();
    let taken = steer(&mut core, 1, RefundAct::NoFunds);
    assert_eq!(taken, Err(RefundPlanError::Taken));
    assert_eq!(steer(&mut core, 1_000, RefundAct::Pending), Ok(()));
    assert_eq!(sums(&mut core, 6_999), (0, 100));
    assert_eq!(sums(&mut core, 7_000), (100, 0));
    let ended = steer(&mut core, 7_000, RefundAct::Fail);
    assert_eq!(ended, Err(RefundPlanError::Finished));
    assert_eq!(sums(&mut core, DAY), (100, 0));
}

/// One random day of refunds, as text.
fn day(seed: u64) -> String {
    let mut core = Core::new(Merchant::default(), seed);
    let mut rng = Rng::new(seed);
    let mut log = String::new();
    let mut now_ms = T0;
    let bills = [no("20261120B1"), no("20261120B2"), no("20261120B3")];
    for (bill_no, channel) in
        bills
            .iter()
            .zip([Channel::AliScan, Channel::WxScan, Channel::BcAliScan])
    {
        let mut params = params(bill_no.as_str(), channel);
        params.auth_code = Some(core.fresh_code(channel.wallet().unwrap()));
        assert!(core.pay(now_ms, params).delivered().unwrap().is_ok());
    }
    let transports = [
        Transport::Normal,
        Transport::LoseAnswer,
        Transport::LoseRequest,
        Transport::ActLater { ms: 4_000 },
    ];
    let acts = [
        RefundAct::AtOnce,
        RefundAct::Pending,
        RefundAct::Never,
        RefundAct::Fail,
        RefundAct::NoFunds,
    ];
    for _ in 0..300 {
        now_ms += (rng.next() % 3_000) as i64;
        let mut pick = |n: usize| (rng.next() % n as u64) as usize;
        let bill_no = bills[pick(3)].clone();
        core.faults.refund.transport = transports[pick(4)];
        core.faults.refund.again = [RefundAgain::Same, RefundAgain::Twice][pick(2)];
        core.faults.revert_transport = transports[pick(4)];
        core.plan_refund(
            None,
            RefundPlan {
                act: Some(acts[pick(5)]),
                network: None,
            },
        );
        let refund_no = format!("20261120{:03}", 1 + pick(20));
        let line = match pick(8) {
            0 => format!("{:?}", core.revert(now_ms, &bill_no, None)),
            1 | 2 => format!("{:?}", core.refund_status(now_ms, &refund_no, "WX")),
            3 => format!("{:?}", core.refunds(now_ms, &RefundQuery::default())),
            4 => format!("{:?}", core.steer_refund(now_ms, &refund_no, acts[pick(5)])),
            _ => {
                let fee = Fen(1 + pick(700) as i64);
                let params = RefundParams::new(refund_no, bill_no, fee);
                format!("{:?}", core.refund(now_ms, params))
            }
        };
        log.push_str(&line);
        for bill_no in &bills {
            let truth = core.truth(now_ms, bill_no);
            let out = truth.refunded.0 + truth.refunding.0;
            assert!(out <= truth.amount.0, "seed {seed}: {truth:?}");
            assert!(truth.reverted_at.is_none() || out == 0, "seed {seed}");
            log.push_str(&format!("{truth:?}"));
        }
    }
    log
}

#[test]
fn refunds_never_exceed_what_was_paid_on_any_day_and_equal_seeds_give_equal_days() {
    for seed in 0..30 {
        assert_eq!(day(seed), day(seed), "seed {seed}");
    }
    assert_ne!(day(1), day(2));
}
