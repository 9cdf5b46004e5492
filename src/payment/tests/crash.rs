//! FATE: after a crash. The file is the only memory.

use super::driver::*;
use crate::domain::bill::{PayAnswer, RevertAnswer};
use crate::domain::gateway::{Lost, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{Channel, Proof, State};
use crate::payment::Event;

#[test]
fn after_a_crash_sent_goes_on_as_lost_and_is_not_sent_again() {
    let mut d = Drive::start(Channel::WxScan);
    d.crash(3_000);
    assert_eq!(d.state(), State::Awaiting);
    let why = Lost::Restarted;
    assert_eq!(d.case.bill.pay, PayAnswer::Lost { why });
    assert_eq!(d.asking, Some(Asking::Status), "asked at once");
    assert_eq!(d.count(|s| matches!(s, Sent::Pay(_))), 1);
    d.row = RowOutcome::Empty;
    d.status = StatusOutcome::NoSuchBill;
    d.until_ended();
    assert_eq!(
        (d.state(), d.proof()),
        (State::NotSent, Some(Proof::UnknownAtGateway))
    );
}

#[test]
fn i5_a_bill_is_sent_with_the_time_of_its_next_step() {
    for channel in Channel::every() {
        let d = Drive::start(channel);
        let due = d.case.bill.next_ms;
        assert!(due > Some(d.now.wall_ms), "{channel:?} {due:?}");
    }
}

#[test]
fn after_a_crash_a_revert_recorded_without_an_answer_is_unanswered() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.crash(2_000);
    let reverts = d
        .case
        .bill
        .reverts
        .expect("it was recorded before it was sent");
    assert_eq!(reverts.answer, RevertAnswer::Unanswered);
    d.row = paid();
    d.status = StatusOutcome::Paid;
    d.run_to(100_000);
    assert!(!d.state().is_terminal(), "it may still give the money back");
    d.until_ended();
    assert_eq!(d.state(), State::Paid);
}

#[test]
fn after_a_crash_a_wrong_clock_does_not_revert_early_once_gateway_time_is_known() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(Event::CancelAsked);
    // The wall clock was set ahead; the first Date after the crash says so.
    d.now.wall_ms += 3_600_000;
    d.now.offset_ms = None;
    d.asking = None;
    d.crash(1_000);
    d.now.offset_ms = Some(-3_600_000);
    d.run_to(60_000);
    let first = d.times(|s| matches!(s, Sent::Revert(_)))[0];
    assert!(first >= 15_000, "{first}");
}

#[test]
fn after_a_crash_a_claim_is_still_a_claim_and_proves_nothing_alone() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::Claimed);
    d.crash(2_000);
    assert_eq!(d.state(), State::Closing);
    d.row = reverted();
    d.until_ended();
    assert_eq!(
        (d.state(), d.proof()),
        (State::Reverted, Some(Proof::Reverted))
    );
}

#[test]
fn after_a_crash_absurd_stamps_neither_panic_nor_stall() {
    for wall_ms in [i64::MIN, -1, 0, i64::MAX] {
        for channel in Channel::every() {
            let mut d = Drive::awaiting(channel);
            d.event(Event::CancelAsked);
            d.run_to(20_000);
            d.durable.sent.wall_ms = wall_ms;
            if let Some(closing) = &mut d.durable.closing {
                closing.began.wall_ms = wall_ms;
            }
            if let Some(reverts) = &mut d.durable.reverts {
                (reverts.first.wall_ms, reverts.last.wall_ms) = (wall_ms, wall_ms);
                reverts.unspent = Some(reverts.last);
            }
            d.crash(1_000);
            d.run_to(400_000);
            let _ = d.case.payable_until_ms(&d.now, &d.policy);
        }
    }
}

#[test]
fn after_a_crash_a_deadline_that_passed_closes_at_once() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.crash(90_000);
    assert_eq!(d.state(), State::Closing);
    assert!(d.asking.is_some());
}

#[test]
fn after_a_crash_a_final_refusal_is_still_closed() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(final_refusal());
    d.until_asking(Asking::Revert);
    d.crash(1_000);
    d.until_ended();
    assert_eq!(d.state(), State::Refused);
}

#[test]
fn after_a_crash_a_terminal_bill_without_a_look_is_left_alone() {
    let mut d = Drive::start(Channel::WxScan);
    let detail = String::new();
    d.pay(crate::domain::gateway::PayOutcome::Refused { code: 3, detail });
    let records = d.records;
    d.crash(1_000);
    assert_eq!((d.wake, d.asking, d.records), (None, None, records));
}
