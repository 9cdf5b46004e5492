//! FATE 7 to 9: when a revert is sent and what its answer means.

use super::driver::*;
use crate::domain::bill::RevertAnswer;
use crate::domain::gateway::{Lost, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{Channel, State};
use crate::payment::Event;

/// Answered, cancelled, a revert is under way.
fn reverting(channel: Channel) -> Drive {
    let mut d = Drive::awaiting(channel);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d
}

fn claims(d: &Drive) -> bool {
    d.case.bill.reverts.is_some_and(|r| r.claimed)
}

#[test]
fn fate_07_a_revert_is_sent_only_right_after_a_typed_not_paid_fact() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.status = silent_status();
    d.row = silent_row();
    d.run_to(80_000);
    assert_eq!(d.state(), State::Closing);
    assert_eq!(d.reverts(), 0, "nobody says anything: asking goes on");
    d.status = StatusOutcome::ClockOrKey;
    d.run_to(90_000);
    assert_eq!(d.reverts(), 0, "1 counts for nothing");
    d.status = StatusOutcome::NoSuchBill;
    d.run_to(100_000);
    assert_eq!(d.reverts(), 1, "8 is a negative fact");
}

#[test]
fn fate_07_where_status_errors_a_row_will_do() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.status = silent_status();
    d.row = unpaid();
    d.run_to(70_000);
    assert_eq!(d.reverts(), 1);
}

#[test]
fn fate_07_an_empty_row_does_not_outrank_a_paid_status() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.revert = RevertOutcome::NoAnswer(Lost::Timeout);
    d.run_to(62_000);
    assert_eq!(d.reverts(), 1);
    d.status = StatusOutcome::Paid;
    d.row = RowOutcome::Empty;
    d.run_to(70_000);
    d.status = silent_status();
    d.run_to(150_000);
    assert_eq!(d.reverts(), 1, "an empty row may only lag");
}

#[test]
fn fate_07_never_while_the_latest_typed_fact_is_paid() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NotDone);
    d.status = StatusOutcome::Paid;
    d.row = silent_row();
    d.run_to(100_000);
    assert_eq!(d.reverts(), 1);
}

#[test]
fn fate_07_a_revert_that_was_wanted_is_dropped_when_something_says_paid() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.until_asking(Asking::Row);
    d.pass(4_000);
    // A stray status beside the row that is under way wants a revert; then the row says paid.
    let (answer, pay_host) = (d.answer(StatusOutcome::NotPaid), d.pay_host);
    d.event(Event::StatusAnswered { answer, pay_host });
    d.row(paid());
    assert_eq!(d.reverts(), 1);
}

#[test]
fn fate_08_a_revert_before_the_answer_is_void_once_it_comes() {
    let mut d = Drive::start(Channel::AliScan);
    d.row = RowOutcome::Empty;
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::Claimed);
    assert!(!claims(&d), "a true for an order it never knew is no claim");
    let n = d.reverts();
    d.pay(waiting());
    assert!(d.case.bill.reverts.is_some_and(|r| r.void));
    let t = d.t();
    d.until_asking(Asking::Status);
    assert!(d.t() - t < 1_000, "status, then revert again, now");
    d.status(StatusOutcome::NotPaid);
    assert_eq!(d.reverts(), n + 1);
    d.revert(RevertOutcome::Claimed);
    assert!(claims(&d));
}

#[test]
fn fate_08_a_revert_before_the_row_is_void_once_it_appears() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(lost());
    d.row = RowOutcome::Empty;
    d.run(120_000, |d| d.reverts() == 1);
    d.revert(RevertOutcome::Claimed);
    d.until_asking(Asking::Row);
    d.row(unpaid());
    let reverts = d.case.bill.reverts.expect("reverted");
    assert!(reverts.void && !reverts.claimed);
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::Claimed);
    assert!(claims(&d));
}

#[test]
fn fate_08_a_revert_is_void_also_when_it_is_still_under_way() {
    let mut d = Drive::start(Channel::AliScan);
    d.row = RowOutcome::Empty;
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.pay(waiting());
    d.revert(RevertOutcome::Claimed);
    assert!(!claims(&d));
    d.until_asking(Asking::Revert);
    assert_eq!(d.reverts(), 2);
}

#[test]
fn fate_08_the_row_may_vouch_for_a_revert_that_did_not_count() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(lost());
    d.row = reverted();
    d.until_ended();
    assert_eq!(d.state(), State::Reverted);
}

#[test]
fn fate_08_a_code_after_a_cancel_is_never_shown() {
    for channel in [Channel::AliOfflineQrcode, Channel::WxNative] {
        let mut d = Drive::start(channel);
        d.event(Event::CancelAsked);
        d.pay(code());
        assert_eq!(d.count(|s| *s == Sent::Show), 0);
        d.event(Event::QrShown);
        assert!(!d.case.bill.qr.was_shown());
    }
}

#[test]
fn fate_09_each_answer_to_revert_means_what_the_rule_says() {
    let not = |code| RevertOutcome::NotRevertible {
        code,
        detail: "x".into(),
    };
    use RevertAnswer::{Claimed, Denied, Unanswered};
    for (answer, means, state, alarm) in [
        (RevertOutcome::Claimed, Claimed, State::Closing, false),
        (RevertOutcome::NotDone, Denied, State::Closing, false),
        (RevertOutcome::NoSuchBill, Denied, State::Closing, false),
        (not(2), Denied, State::Watching, true),
        (not(6), Denied, State::Watching, true),
        (not(10), Denied, State::Watching, true),
        (not(7), Denied, State::Watching, true),
        (RevertOutcome::ClockOrKey, Unanswered, State::Closing, false),
        (
            RevertOutcome::AlreadyRefunding,
            Unanswered,
            State::Closing,
            false,
        ),
        (
            RevertOutcome::NoAnswer(Lost::Timeout),
            Unanswered,
            State::Closing,
            false,
        ),
        (
            RevertOutcome::NoAnswer(Lost::Code(14)),
            Unanswered,
            State::Closing,
            false,
        ),
    ] {
        let mut d = reverting(Channel::WxScan);
        d.revert(answer.clone());
        let reverts = d.case.bill.reverts.expect("sent");
        assert_eq!(reverts.answer, means, "{answer:?}");
        assert_eq!(d.state(), state, "{answer:?}");
        assert_eq!(d.case.bill.alarm.is_some(), alarm, "{answer:?}");
        let pending = means != Denied && means != Claimed;
        assert_eq!(reverts.unspent.is_some(), pending, "{answer:?}");
    }
}

#[test]
fn fate_09_a_denied_revert_goes_again_after_3_s_three_times_then_backs_off() {
    for answer in [RevertOutcome::NotDone, RevertOutcome::NoSuchBill] {
        let mut d = reverting(Channel::WxScan);
        d.revert = answer;
        d.run_to(100_000);
        let times = d.times(|s| matches!(s, Sent::Revert(_)));
        let gaps: Vec<i64> = times.windows(2).map(|w| (w[1] - w[0]) / 1000).collect();
        assert_eq!(gaps[..4], [3, 3, 3, 6], "{gaps:?}");
        assert!(gaps[4..].iter().all(|g| *g >= 12), "{gaps:?}");
        let statuses = d.count(|s| matches!(s, Sent::Status(_)));
        assert!(statuses > times.len(), "a status before each");
    }
}

#[test]
fn fate_09_channel_refused_once_without_channel_then_watching() {
    let mut d = reverting(Channel::WxScan);
    d.revert(RevertOutcome::ChannelRefused);
    assert_eq!(d.state(), State::Closing);
    d.until_asking(Asking::Revert);
    assert_eq!(
        d.log.last().map(|(_, s)| s.clone()),
        Some(Sent::Revert(None))
    );
    d.revert(RevertOutcome::ChannelRefused);
    assert_eq!(d.state(), State::Watching);
    assert!(d.case.bill.not_revertible);
    d.run_to(200_000);
    assert_eq!(d.reverts(), 2);
}

#[test]
fn fate_09_an_unanswered_revert_is_sent_again_until_answered() {
    let mut d = reverting(Channel::WxScan);
    d.revert = RevertOutcome::NoAnswer(Lost::Timeout);
    d.run_to(400_000);
    let n = d.reverts();
    assert!((6..40).contains(&n), "{n}");
    assert_eq!(d.state(), State::Unresolved);
}

#[test]
fn fate_09_a_typed_answer_spends_only_its_own_revert() {
    let mut d = reverting(Channel::WxScan);
    let first = d.now.stamp();
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::NotDone);
    let reverts = d.case.bill.reverts.expect("sent");
    assert_eq!(reverts.unspent, Some(first), "the first may still act");
}
