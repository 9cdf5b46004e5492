//! FATE 10 to 13: what proves a revert, a payment beside a revert, an unknown bill, a refusal.

use super::driver::*;
use crate::domain::bill::{IncidentKind, LookFor};
use crate::domain::gateway::{Lost, PayOutcome, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{Channel, Proof, State};
use crate::payment::Event;

fn reverting(channel: Channel) -> Drive {
    let mut d = Drive::awaiting(channel);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d
}

fn claimed(channel: Channel) -> Drive {
    let mut d = reverting(channel);
    d.revert(RevertOutcome::Claimed);
    d
}

fn ended(d: &Drive) -> (State, Option<Proof>, bool) {
    (d.state(), d.proof(), d.case.bill.returned)
}

fn reread(outcome: StatusOutcome, d: &mut Drive) {
    d.until_asking(Asking::Status);
    d.status(outcome);
}

fn reads(outcome: RowOutcome, d: &mut Drive) {
    d.until_asking(Asking::Row);
    d.row(outcome);
}

const REVERTED: (State, Option<Proof>, bool) = (State::Reverted, Some(Proof::Reverted), false);

#[test]
fn fate_10_a_claim_then_a_status_false_then_a_reverted_row_is_verified() {
    let mut d = claimed(Channel::WxScan);
    d.row = reverted();
    d.until_ended();
    assert_eq!(ended(&d), REVERTED);
    assert!(d.t() < 18_000, "at once: {}", d.t());
    assert_eq!(d.case.bill.look, None);
}

#[test]
fn fate_10_the_order_matters_a_row_before_the_status_is_not_enough() {
    let mut d = claimed(Channel::WxScan);
    reads(reverted(), &mut d);
    assert!(!d.state().is_terminal(), "no later status yet");
    reread(StatusOutcome::NoSuchBill, &mut d);
    assert!(!d.state().is_terminal(), "no later row yet");
    reads(reverted(), &mut d);
    assert_eq!(ended(&d), REVERTED);
}

#[test]
fn fate_10_where_status_only_errors_two_reverted_rows_5_s_apart() {
    let mut d = claimed(Channel::WxScan);
    let t = d.t();
    d.status = silent_status();
    d.row = reverted();
    d.until_ended();
    assert_eq!(ended(&d), REVERTED);
    let rows = d.times(|s| *s == Sent::Row);
    let after: Vec<i64> = rows.into_iter().filter(|r| *r > t).collect();
    assert!(after.last().unwrap() - after[0] >= 5_000, "{after:?}");
}

#[test]
fn fate_10_the_row_is_read_1_2_4_8_15_and_30_s_after_the_revert() {
    let mut d = reverting(Channel::WxScan);
    let sent = d.t();
    d.revert(RevertOutcome::Claimed);
    d.run_to(sent + 40_000);
    let rows = d.times(|s| *s == Sent::Row);
    for at in [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] {
        let near = |r: &i64| (at..at + 600).contains(&(r - sent));
        assert!(rows.iter().any(near), "{at}: {rows:?} from {sent}");
    }
}

#[test]
fn fate_10_an_unresolved_bill_is_verified_as_quickly() {
    let mut d = Drive::awaiting(Channel::WxScan);
    (d.status, d.row) = (silent_status(), silent_row());
    d.run_to(340_000);
    assert_eq!(d.state(), State::Unresolved);
    (d.status, d.row) = (StatusOutcome::NotPaid, unpaid());
    d.until_asking(Asking::Revert);
    let t = d.t();
    d.revert(RevertOutcome::Claimed);
    d.row = reverted();
    d.until_ended();
    assert_eq!(ended(&d), REVERTED);
    assert!(d.t() - t < 4_000, "{}", d.t() - t);
}

#[test]
fn fate_10_the_row_is_read_at_guard_end_and_10_and_20_s_later() {
    let mut d = Drive::start(Channel::BcWxScan);
    d.pay(lost());
    d.status = silent_status();
    d.row = silent_row();
    d.run_to(160_000);
    let rows = d.times(|s| *s == Sent::Row);
    for at in [120_000, 130_000, 140_000] {
        let near = |r: &i64| (at..at + 2_500).contains(r);
        assert!(rows.iter().any(near), "{at}: {rows:?}");
    }
}

#[test]
fn fate_10_without_a_witness_two_claims_and_two_statuses_after_guard_end() {
    for witness in [unpaid(), silent_row(), RowOutcome::Empty] {
        let mut d = claimed(Channel::AliScan);
        d.row = witness;
        d.run_to(119_500);
        assert!(!d.state().is_terminal());
        d.until_ended();
        assert_eq!(
            (d.state(), d.proof()),
            (State::Reverted, Some(Proof::NoWitness))
        );
        assert!(d.t() < 140_000, "{}", d.t());
        assert!(d.reverts() >= 2);
    }
}

#[test]
fn fate_10_no_witness_is_looked_at_again_after_10_minutes_and_not_before() {
    let mut d = claimed(Channel::AliScan);
    d.until_ended();
    let (t, asked) = (d.t(), d.log.len());
    assert_eq!(
        d.case.bill.look.map(|l| l.look_for),
        Some(LookFor::Contradiction)
    );
    d.run_to(t + 599_000);
    assert_eq!(d.log.len(), asked, "not before");
    d.status = StatusOutcome::Paid;
    d.run_to(t + 601_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));
    assert_eq!(d.state(), State::Reverted, "the terminal state stays");
}

#[test]
fn fate_10_bc_without_a_row_goes_to_watching() {
    let mut d = claimed(Channel::BcAliScan);
    d.row = RowOutcome::Empty;
    d.run_to(130_000);
    assert_eq!(d.state(), State::Watching);
    d.row = reverted();
    d.until_ended();
    assert_eq!(ended(&d), REVERTED);
}

#[test]
fn fate_10_bc_without_a_row_ends_as_expired() {
    let mut d = claimed(Channel::BcAliScan);
    d.row = RowOutcome::Empty;
    d.until_ended();
    assert_eq!(
        (d.state(), d.proof()),
        (State::Expired, Some(Proof::Expired))
    );
    assert_eq!(d.reverts(), 1, "a claim is not repeated for BC");
}

#[test]
fn fate_11_a_paid_status_after_a_revert_alone_is_not_paid() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NotDone);
    d.row = silent_row();
    reread(StatusOutcome::Paid, &mut d);
    assert_eq!(d.state(), State::Closing);
}

#[test]
fn fate_11_a_paid_pay_answer_after_a_revert_alone_is_not_paid() {
    let mut d = Drive::start(Channel::AliScan);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.pay(paid_at_once());
    assert_eq!(d.state(), State::Closing);
}

#[test]
fn fate_11_paid_is_a_row_paid_after_a_denied_revert() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NotDone);
    d.status = StatusOutcome::Paid;
    d.row = paid();
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Row), false));
    assert!(d.t() < 25_000);
    assert_eq!(
        d.case.bill.look.map(|l| l.look_for),
        Some(LookFor::Contradiction)
    );
}

#[test]
fn fate_11_a_denied_revert_does_not_answer_for_an_earlier_one_that_may_still_act() {
    let mut d = reverting(Channel::WxScan);
    let sent = d.t();
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::NotDone);
    d.status = StatusOutcome::Paid;
    d.row = paid();
    d.run_to(sent + 119_000);
    assert!(!d.state().is_terminal());
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Row), false));
}

#[test]
fn fate_11_a_paid_row_after_an_unanswered_revert_waits_until_it_is_spent() {
    for answer in [
        RevertOutcome::NoAnswer(Lost::Timeout),
        RevertOutcome::ClockOrKey,
        RevertOutcome::AlreadyRefunding,
    ] {
        let mut d = reverting(Channel::WxScan);
        let sent = d.t();
        d.revert(answer);
        d.status = StatusOutcome::Paid;
        d.row = paid();
        d.run_to(sent + 119_000);
        assert!(!d.state().is_terminal());
        d.until_ended();
        assert_eq!(ended(&d), (State::Paid, Some(Proof::Row), false));
        let spent = d.t() - sent;
        assert!(
            (130_000..150_000).contains(&spent),
            "two rows 10 s apart: {spent}"
        );
    }
}

#[test]
fn fate_11_without_any_row_two_paid_statuses_10_s_apart_after_it_is_spent() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.row = RowOutcome::Empty;
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.status = StatusOutcome::Paid;
    d.row = RowOutcome::Empty;
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Status), false));
    assert!(d.t() > 15_000 + 130_000);
    let (t, n) = (d.t(), d.log.len());
    d.run_to(t + 599_000);
    assert_eq!(
        d.log.len(),
        n,
        "looked at again after 10 minutes, not before"
    );
    d.row = reverted();
    d.run_to(t + 602_000);
    assert_eq!(d.incident(), Some(IncidentKind::GivenBack));
}

#[test]
fn fate_11_paid_by_two_statuses_is_an_incident_if_the_row_still_knows_nothing_at_the_look() {
    for (rows, contradiction) in [
        (RowOutcome::Empty, Some(IncidentKind::RowUnpaid)),
        (unpaid(), Some(IncidentKind::RowUnpaid)),
        (silent_row(), None),
        (paid(), None),
    ] {
        let mut d = Drive::awaiting(Channel::WxScan);
        d.row = RowOutcome::Empty;
        d.event(Event::CancelAsked);
        d.until_asking(Asking::Revert);
        d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
        d.status = StatusOutcome::Paid;
        d.until_ended();
        d.row = rows.clone();
        d.run_to(d.t() + 603_000);
        assert_eq!(d.incident(), contradiction);
        let read = matches!(rows, RowOutcome::Row(_) | RowOutcome::Empty);
        assert_eq!(d.case.bill.look.is_none(), read, "silence is asked again");
    }
}

#[test]
fn fate_11_a_row_that_says_unpaid_is_a_row_and_paid_statuses_do_not_do() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.status = StatusOutcome::Paid;
    d.row = unpaid();
    d.run_to(600_000);
    assert_eq!(d.state(), State::Unresolved);
    d.row = paid();
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Row), false));
}

#[test]
fn fate_11_a_row_reverted_with_any_paid_fact_went_back() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.status = StatusOutcome::Paid;
    d.row = RowOutcome::Row(row(true, Some(true)));
    d.until_ended();
    assert_eq!(ended(&d), (State::Reverted, Some(Proof::Reverted), true));
}

#[test]
fn fate_11_a_claim_beside_a_paid_row_for_30_s_is_unresolved() {
    let mut d = claimed(Channel::WxScan);
    let t = d.t();
    d.status = StatusOutcome::Paid;
    d.row = paid();
    d.run(t + 200_000, |d| d.state() == State::Unresolved);
    let after = d.t() - t;
    assert!((30_000..36_000).contains(&after), "{after}");
    assert!(d.case.waits_for_manager());
    d.run_to(t + 86_400_000);
    assert_eq!(d.state(), State::Unresolved, "never by itself");
    d.row = RowOutcome::Row(row(true, Some(true)));
    d.until_ended();
    assert_eq!(ended(&d), (State::Reverted, Some(Proof::Reverted), true));
}

#[test]
fn fate_11_a_claim_is_not_taken_back_by_a_later_denial() {
    // The first revert worked and the second is answered "not paid any more"; the row lags.
    let mut d = claimed(Channel::AliScan);
    d.revert = RevertOutcome::NotDone;
    d.run(300_000, |d| d.reverts() == 2 && d.asking.is_none());
    d.row = paid();
    d.run_to(500_000);
    assert_ne!(d.state(), State::Paid);
    d.row = RowOutcome::Row(row(true, Some(true)));
    d.until_ended();
    assert_eq!(ended(&d), (State::Reverted, Some(Proof::Reverted), true));
}

#[test]
fn fate_11_a_row_without_the_field_does_not_say_that_it_was_not_reverted() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NotDone);
    d.row = RowOutcome::Row(row(true, None));
    d.status = silent_status();
    d.run_to(600_000);
    assert!(!d.state().is_terminal(), "{:?}", d.state());
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Status), false));
}

fn settle() -> Event {
    let (by, reason) = ("2001".into(), "客人在场".into());
    Event::SettleAsked { by, reason }
}

#[test]
fn fate_11_a_manager_ends_it_on_the_row_a_guard_after_the_last_revert() {
    let contradicted = || {
        let mut d = claimed(Channel::WxScan);
        d.status = StatusOutcome::Paid;
        d.row = paid();
        d.run_to(90_000);
        d
    };
    let mut d = contradicted();
    d.event(settle());
    d.run_to(d.t() + 2_000);
    assert_eq!(d.state(), State::Unresolved, "no sooner than one guard");
    d.run_to(140_000);
    d.event(settle());
    d.run_to(d.t() + 2_000);
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Row), false));
    assert!(matches!(
        d.incident(),
        Some(IncidentKind::ClaimContradicted { .. })
    ));

    let mut d = contradicted();
    d.run_to(140_000);
    let mut refunded = row(true, Some(false));
    refunded.refunded = Some(true);
    d.row = RowOutcome::Row(refunded);
    d.event(settle());
    d.run_to(d.t() + 2_000);
    assert_eq!(ended(&d), (State::Reverted, Some(Proof::Reverted), true));
}

#[test]
fn fate_11_a_manager_who_asked_too_early_neither_settles_later_nor_stops_the_rounds() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(settle());
    d.run_to(59_000);
    assert!(
        d.count(|s| matches!(s, Sent::Status(_))) > 10,
        "{:?}",
        d.log
    );
    d.row = reverted();
    d.until_ended();
    assert_eq!(d.state(), State::Reverted);
}

#[test]
fn fate_12_a_lost_pay_is_not_sent_after_two_empty_rows_and_a_status_after_guard_end() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(lost());
    d.status = StatusOutcome::NoSuchBill;
    d.row = RowOutcome::Empty;
    d.revert = RevertOutcome::NoSuchBill;
    d.run_to(129_900);
    assert!(!d.state().is_terminal());
    d.until_ended();
    assert_eq!(
        ended(&d),
        (State::NotSent, Some(Proof::UnknownAtGateway), false)
    );
    assert!(d.t() < 140_000, "{}", d.t());
}

#[test]
fn fate_12_the_guard_is_the_gateways_time_and_a_clock_ahead_does_not_shorten_it() {
    let mut d = Drive::with(new_bill(Channel::WxScan), |now| now.offset_ms = None);
    d.pay(lost());
    d.now.wall_ms += 3_600_000;
    d.row = RowOutcome::Empty;
    d.status = StatusOutcome::NoSuchBill;
    d.run_to(119_000);
    assert!(!d.state().is_terminal());
}

#[test]
fn fate_12_one_endpoint_silent_is_unresolved_and_does_not_hammer() {
    for (status, rows) in [
        (silent_status(), RowOutcome::Empty),
        (StatusOutcome::NoSuchBill, silent_row()),
    ] {
        let mut d = Drive::start(Channel::WxScan);
        d.pay(lost());
        (d.status, d.row) = (status, rows);
        d.revert = RevertOutcome::NoSuchBill;
        d.run_to(400_000);
        assert_eq!(d.state(), State::Unresolved);
        assert!(d.log.len() < 300, "{} requests", d.log.len());
    }
}

#[test]
fn fate_12_a_row_that_is_there_at_guard_end_is_reverted_again() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(lost());
    d.row = RowOutcome::Empty;
    d.run_to(110_000);
    let n = d.reverts();
    d.row = unpaid();
    d.run_to(121_000);
    assert!(d.reverts() > n);
    assert!(!d.state().is_terminal());
}

#[test]
fn fate_12_a_true_revert_without_any_row_ends_as_not_sent() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(lost());
    d.row = RowOutcome::Empty;
    d.until_ended();
    assert_eq!(
        ended(&d),
        (State::NotSent, Some(Proof::UnknownAtGateway), false)
    );
}

#[test]
fn fate_12_an_answered_bill_is_never_unknown_at_the_gateway() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.status = StatusOutcome::NoSuchBill;
    d.row = RowOutcome::Empty;
    d.revert = RevertOutcome::NoSuchBill;
    d.until_ended();
    assert_eq!(
        (d.state(), d.proof()),
        (State::Expired, Some(Proof::Expired))
    );
}

#[test]
fn fate_13_a_final_refusal_is_closed_at_once_and_refused_whatever_the_revert_says() {
    for answer in [
        RevertOutcome::Claimed,
        RevertOutcome::NotDone,
        RevertOutcome::NoSuchBill,
        RevertOutcome::AlreadyRefunding,
        RevertOutcome::NotRevertible {
            code: 6,
            detail: "cert".into(),
        },
    ] {
        for rows in [unpaid(), RowOutcome::Empty] {
            let mut d = Drive::start(Channel::WxScan);
            d.pass(800);
            d.pay(final_refusal());
            (d.revert, d.row) = (answer.clone(), rows);
            d.until_ended();
            assert_eq!(ended(&d), (State::Refused, Some(Proof::Refused), false));
            assert!(d.t() < 3_000, "before 15 s: {}", d.t());
            assert!(d.case.bill.look.is_some());
        }
    }
}

#[test]
fn fate_13_it_is_looked_at_again_at_guard_end() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(final_refusal());
    d.until_ended();
    let n = d.log.len();
    d.run_to(119_900);
    assert_eq!(d.log.len(), n);
    d.row = paid();
    d.status = StatusOutcome::Paid;
    d.run_to(122_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));
    assert_eq!(d.state(), State::Refused);
}

#[test]
fn fate_13_an_unanswered_revert_refuses_nothing() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(final_refusal());
    d.revert = RevertOutcome::NoAnswer(Lost::Timeout);
    d.run_to(30_000);
    assert_eq!(d.state(), State::Closing);
    assert!(d.reverts() > 2);
    d.revert = RevertOutcome::NotDone;
    d.until_ended();
    assert_eq!(d.state(), State::Refused);
}

#[test]
fn fate_13_a_paid_fact_beats_the_wallets_word() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(final_refusal());
    reread(StatusOutcome::Paid, &mut d);
    assert_eq!(d.state(), State::Paid, "no revert was sent yet");

    let mut d = Drive::start(Channel::WxScan);
    d.pay(final_refusal());
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::NotDone);
    (d.status, d.row) = (StatusOutcome::Paid, paid());
    d.until_ended();
    assert_eq!(d.state(), State::Paid);
}

#[test]
fn fate_13_anything_lost_is_asked_until_its_deadline_instead() {
    for why in [
        Lost::Code(7),
        Lost::Code(14),
        Lost::Code(15),
        Lost::Code(17),
    ] {
        let mut d = Drive::start(Channel::WxScan);
        d.pay(PayOutcome::Lost(why));
        d.run_to(59_000);
        assert_eq!((d.state(), d.reverts()), (State::Awaiting, 0));
    }
}
