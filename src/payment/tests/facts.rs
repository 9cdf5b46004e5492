//! FATE's words: whose negative answers count, and when the guard ends.

use super::driver::*;
use crate::domain::gateway::{PayHost, RowOutcome, StatusOutcome};
use crate::domain::{Channel, State};
use crate::payment::Event;

const MINUTE: i64 = 60_000;

fn gone(configured: bool, dead_for_ms: i64, others: usize) -> PayHost {
    PayHost {
        configured,
        dead_for_ms,
        others,
    }
}

/// Cancelled, answered by host `b` only: did a negative fact let a revert go?
fn reverts_on(pay_host: PayHost, hosts: &[(&str, i64)]) -> usize {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(Event::CancelAsked);
    d.pay_host = pay_host;
    d.row = silent_row();
    for (name, at) in hosts {
        d.host = host("a");
        d.status = silent_status();
        d.run_to(*at);
        d.host = host(name);
        d.until_asking(Asking::Status);
        d.status(StatusOutcome::NotPaid);
        if d.reverts() > 0 {
            return 1;
        }
    }
    d.reverts()
}

#[test]
fn words_a_negative_fact_counts_only_from_the_host_that_received_the_pay() {
    assert_eq!(reverts_on(PayHost::ALIVE, &[("a", 20_000)]), 1);
    let alive = gone(true, 9 * MINUTE, 2);
    assert_eq!(reverts_on(alive, &[("b", 20_000), ("c", 30_000)]), 0);
}

#[test]
fn words_when_it_is_gone_two_others_speak_for_it() {
    for away in [gone(true, 10 * MINUTE, 2), gone(false, 0, 2)] {
        assert_eq!(reverts_on(away, &[("b", 20_000)]), 0);
        assert_eq!(reverts_on(away, &[("b", 20_000), ("b", 700_000)]), 0);
        assert_eq!(reverts_on(away, &[("b", 20_000), ("c", 30_000)]), 1);
    }
}

#[test]
fn words_or_the_only_other_one_twice_10_minutes_apart() {
    let away = gone(true, 10 * MINUTE, 1);
    assert_eq!(reverts_on(away, &[("b", 20_000), ("b", 500_000)]), 0);
    assert_eq!(reverts_on(away, &[("b", 20_000), ("b", 700_000)]), 1);
}

#[test]
fn words_a_positive_fact_counts_from_any_host() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.host = host("z");
    d.until_asking(Asking::Status);
    d.status(StatusOutcome::Paid);
    assert_eq!(d.state(), State::Paid);
}

#[test]
fn words_the_guard_ends_with_an_answers_date() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(lost());
    d.run_to(119_000);
    assert!(!d.case.bill.guard_over);
    d.run_to(125_000);
    assert!(d.case.bill.guard_over);
}

#[test]
fn words_without_any_date_the_wall_clock_and_the_monotonic_one_must_agree() {
    let undated = || {
        let mut d = Drive::with(new_bill(Channel::WxScan), |now| now.offset_ms = None);
        d.dated = false;
        d.row = RowOutcome::Empty;
        d.pay(lost());
        d
    };
    let mut d = undated();
    d.now.wall_ms += 3_600_000;
    d.run_to(119_000);
    assert!(!d.case.bill.guard_over, "the wall clock alone");
    d.run_to(125_000);
    assert!(d.case.bill.guard_over);

    let mut d = undated();
    d.now.wall_ms -= 3_600_000;
    d.run_to(300_000);
    assert!(!d.case.bill.guard_over, "the monotonic clock alone");
}

#[test]
fn words_a_gateway_clock_learned_late_corrects_the_stamp() {
    // The local clock is an hour behind; the first Date teaches it.
    let mut d = Drive::with(new_bill(Channel::WxScan), |now| {
        now.offset_ms = None;
        now.wall_ms -= 3_600_000;
    });
    d.pay(lost());
    d.run_to(20_000);
    assert!(
        !d.case.bill.guard_over,
        "a Date an hour ahead ends no guard"
    );
    d.now.offset_ms = Some(3_600_000);
    d.run_to(119_000);
    assert!(!d.case.bill.guard_over);
    d.run_to(125_000);
    assert!(d.case.bill.guard_over);
}

#[test]
fn words_restarting_never_restarts_the_guard() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(lost());
    d.run_to(70_000);
    d.crash(40_000);
    d.run_to(118_000);
    assert!(!d.case.bill.guard_over);
    d.run_to(126_000);
    assert!(d.case.bill.guard_over);
}

#[test]
fn a_wall_clock_set_back_neither_hammers_nor_holds_closing_for_ever() {
    let mut d = Drive::with(new_bill(Channel::WxScan), |now| now.offset_ms = None);
    d.dated = false;
    d.pay(waiting());
    d.event(Event::CancelAsked);
    d.run(60_000, |d| d.reverts() > 0);
    d.now.wall_ms -= 3_600_000;
    d.run_to(170_000);
    assert_eq!(d.state(), State::Unresolved);
    assert!(d.log.len() < 150, "{}", d.log.len());
}
