//! Pay links: FATE 14 and 17 for what is paid on a page, known by its row alone.

use super::driver::*;
use crate::domain::bill::{CloseReason, PayAnswer, Qr};
use crate::domain::gateway::{Lost, PayOutcome, RowOutcome};
use crate::domain::{Channel, Proof, State};
use crate::payment::Event;
use crate::payment::sale::may_attempt;

/// Every link: its own channels, and a counter's channel that is paid as one.
fn links() -> Vec<Drive> {
    let own = Channel::LINKS.into_iter().map(Drive::start);
    let beside = Channel::LINKS_BESIDE.into_iter().map(|channel| {
        let mut new = new_bill(channel);
        new.link = true;
        Drive::with(new, |_| {})
    });
    own.chain(beside).collect()
}

fn shown(mut d: Drive) -> Drive {
    d.pass(300);
    d.pay(code());
    d.event(Event::QrShown);
    d
}

fn never_asks_or_undoes(d: &Drive) {
    assert_eq!(d.reverts(), 0, "{}", d.case.bill.channel);
    let statuses = d.count(|s| matches!(s, Sent::Status(_)));
    assert_eq!(statuses, 0, "{}", d.case.bill.channel);
}

#[test]
fn a_link_is_followed_by_its_row_and_paid_by_it() {
    for d in links() {
        let mut d = shown(d);
        d.run_to(20_000);
        assert!(d.count(|s| *s == Sent::Row) > 4);
        d.row = paid();
        d.until_ended();
        assert_eq!((d.state(), d.proof()), (State::Paid, Some(Proof::Row)));
        never_asks_or_undoes(&d);
    }
}

#[test]
fn a_link_stays_for_its_own_time_and_is_asked_for_20_s_more() {
    for d in links() {
        let mut d = shown(d);
        let Qr::Shown { until_ms, .. } = d.case.bill.qr else {
            panic!("shown")
        };
        assert_eq!(until_ms - START_MS, 900_000);
        assert_eq!(d.case.deadline_ms(&d.policy) - START_MS, 900_000);
        d.run_to(919_000);
        assert_eq!(d.state(), State::Awaiting);
        d.run_to(924_000);
        assert_eq!(d.state(), State::Watching);
        let why = d.case.bill.closing.map(|c| c.why);
        assert_eq!(why, Some(CloseReason::Deadline));
    }
}

#[test]
fn fate_14_a_cancelled_link_is_never_reverted_and_expires_after_it_was_last_shown() {
    for d in links() {
        let mut d = shown(d);
        d.run_to(60_000);
        d.event(Event::CancelAsked);
        assert_eq!(d.state(), State::Watching);
        // 60 s shown, 361 s payable, 120 s margin: only then two rows 30 s apart.
        d.run_to(541_000);
        assert_eq!(d.state(), State::Watching);
        d.until_ended();
        assert_eq!(
            (d.state(), d.proof()),
            (State::Expired, Some(Proof::Expired))
        );
        assert!(d.t() >= 571_000, "{}", d.t());
        never_asks_or_undoes(&d);
    }
}

#[test]
fn fate_14_a_link_that_is_paid_while_it_is_watched_is_paid_late() {
    for d in links() {
        let mut d = shown(d);
        d.event(Event::CancelAsked);
        d.run_to(100_000);
        d.row = paid();
        d.until_ended();
        assert_eq!(d.state(), State::Paid);
        assert!(d.case.bill.late);
    }
}

#[test]
fn fate_14_a_link_without_bill_timeout_is_watched_for_days() {
    let mut new = new_bill(Channel::JdWap);
    new.bill_timeout_s = None;
    let mut d = shown(Drive::with(new, |_| {}));
    d.event(Event::CancelAsked);
    d.run_to(86_400_000);
    assert_eq!(d.state(), State::Watching);
}

#[test]
fn fate_17_an_answer_with_a_form_alone_frees_the_sale_and_the_bill_is_watched() {
    for mut d in links() {
        d.pass(300);
        d.pay(PayOutcome::OnlyForm);
        assert_eq!(d.state(), State::Watching, "taken there, so never refused");
        assert!(matches!(d.case.bill.pay, PayAnswer::Answered { .. }));
        assert_eq!(d.case.bill.qr, Qr::Unshown);
        let why = d.case.bill.closing.map(|c| c.why);
        assert_eq!(why, Some(CloseReason::OnlyForm));
        assert_eq!(d.count(|s| *s == Sent::Show), 0);
        assert_eq!(may_attempt([&d.case.bill]), Ok(()));
        d.crash(5_000);
        assert_eq!(d.state(), State::Watching);
        d.until_ended();
        assert_eq!(d.state(), State::Expired);
        never_asks_or_undoes(&d);
    }
}

#[test]
fn fate_17_a_form_whose_row_says_paid_is_paid() {
    let mut d = Drive::start(Channel::UnWap);
    d.pay(PayOutcome::OnlyForm);
    d.row = paid();
    d.until_ended();
    assert_eq!((d.state(), d.case.bill.late), (State::Paid, true));
}

#[test]
fn fate_08_a_link_that_is_answered_after_a_cancel_is_never_shown() {
    for answer in [code(), PayOutcome::OnlyForm] {
        let mut d = Drive::start(Channel::AliWap);
        d.event(Event::CancelAsked);
        d.pay(answer);
        assert_eq!(d.count(|s| *s == Sent::Show), 0);
        assert_eq!(d.case.bill.qr, Qr::Unshown);
        assert_eq!(d.state(), State::Watching);
        d.until_ended();
        assert_eq!(d.state(), State::Expired);
        never_asks_or_undoes(&d);
    }
}

#[test]
fn a_link_whose_answer_was_lost_is_watched_off_the_stage_until_it_can_not_be_paid() {
    let mut d = Drive::start(Channel::BcWxWap);
    d.pay(PayOutcome::Lost(Lost::Timeout));
    assert_eq!(d.state(), State::Watching);
    assert_eq!(may_attempt([&d.case.bill]), Ok(()));
    d.row = RowOutcome::Empty;
    d.until_ended();
    assert_eq!(d.state(), State::Expired);
    assert!(d.t() >= 30_000 + 361_000 + 120_000, "{}", d.t());
    never_asks_or_undoes(&d);
}

#[test]
fn an_accepted_link_whose_row_never_shows_is_not_called_expired() {
    let mut d = shown(Drive::start(Channel::BcWxWap));
    d.event(Event::CancelAsked);
    d.row = RowOutcome::Empty;
    d.run_to(86_400_000);
    assert_eq!(d.state(), State::Watching);
}
