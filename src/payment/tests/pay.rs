//! FATE 1 to 6: pay, the first questions, the deadlines.

use super::driver::*;
use crate::domain::bill::{CloseReason, IncidentKind, PayAnswer, Qr};
use crate::domain::gateway::{Lost, PayOutcome, RowOutcome, StatusOutcome};
use crate::domain::{Channel, Fen, Proof, State};
use crate::payment::{Event, Policy};

fn unconnected() -> PayOutcome {
    PayOutcome::Unconnected { why: "DNS".into() }
}

#[test]
fn fate_01_codes_1_to_6_are_refused_at_once() {
    for code in 1..=6 {
        let mut d = Drive::start(Channel::AliScan);
        let detail = "no".to_owned();
        d.pay(PayOutcome::Refused { code, detail });
        assert_eq!(
            (d.state(), d.proof()),
            (State::Refused, Some(Proof::Refused))
        );
        assert_eq!(d.wake, None, "nothing more to do");
        assert_eq!(d.announced, 1);
    }
}

#[test]
fn fate_01_without_a_first_byte_it_was_not_sent() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(unconnected());
    assert_eq!(
        (d.state(), d.proof()),
        (State::NotSent, Some(Proof::Connect))
    );
}

#[test]
fn fate_01_unconnected_pay_tries_the_next_host_and_only_then() {
    let mut d = Drive::start(Channel::WxScan);
    d.pass(5_000);
    d.pay_then(unconnected(), Some(host("b")));
    assert_eq!(d.state(), State::Sent);
    assert_eq!(d.durable.host, host("b"), "durable before it is sent there");
    assert_eq!(d.durable.sent, d.now.stamp(), "may have been sent: now");
    assert_eq!(
        d.wake,
        Some(d.now.mono_ms + 5_000),
        "asked beside it from then"
    );
    d.pay_then(lost(), Some(host("c")));
    assert_eq!(d.state(), State::Awaiting, "lost is not unconnected");
    assert_eq!(d.count(|s| matches!(s, Sent::Pay(_))), 2);
}

#[test]
fn fate_01_the_same_host_is_never_a_next_host() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay_then(unconnected(), Some(host("a")));
    assert_eq!(d.state(), State::NotSent);
}

#[test]
fn fate_01_a_cancelled_pay_goes_to_no_other_host() {
    let mut d = Drive::start(Channel::WxScan);
    d.event(Event::CancelAsked);
    d.pay_then(unconnected(), Some(host("b")));
    assert_eq!(
        (d.state(), d.proof()),
        (State::NotSent, Some(Proof::Connect))
    );
}

#[test]
fn fate_01_a_refusal_beside_a_seen_row_is_no_refusal() {
    let mut d = Drive::start(Channel::AliScan);
    d.until_asking(Asking::Status);
    d.status(silent_status());
    d.row(unpaid());
    let detail = String::new();
    d.pay(PayOutcome::Refused { code: 5, detail });
    assert_eq!(d.state(), State::Awaiting);
    let why = Lost::Code(5);
    assert_eq!(d.case.bill.pay, PayAnswer::Lost { why });
}

#[test]
fn fate_02_pay_true_is_paid_at_once_and_the_row_is_read_within_30_s() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(paid_at_once());
    assert_eq!((d.state(), d.proof()), (State::Paid, Some(Proof::Pay)));
    assert!(!d.case.bill.late);
    d.row = paid();
    d.run_to(30_000);
    assert_eq!(d.count(|s| *s == Sent::Row), 1);
    assert_eq!((d.case.bill.look, d.incident()), (None, None));
    assert_eq!(d.wake, None);
}

#[test]
fn fate_02_a_row_with_another_amount_is_an_incident_beside_paid() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(paid_at_once());
    let mut other = row(true, Some(false));
    other.total_fee = Fen(1);
    d.row = RowOutcome::Row(other);
    d.run_to(30_000);
    assert_eq!(d.incident(), Some(IncidentKind::Amount { there: Fen(1) }));
    assert_eq!(d.state(), State::Paid);
}

#[test]
fn fate_02_still_unpaid_after_5_minutes_is_an_incident_and_not_before() {
    for silent in [unpaid(), RowOutcome::Empty] {
        let mut d = Drive::start(Channel::AliScan);
        d.pay(paid_at_once());
        d.row = silent;
        d.run_to(299_000);
        assert_eq!(d.incident(), None);
        d.run_to(340_000);
        assert_eq!(d.incident(), Some(IncidentKind::RowUnpaid));
        assert_eq!(d.state(), State::Paid);
    }
}

#[test]
fn fate_02_a_silent_row_is_no_incident_and_is_read_again_and_again() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(paid_at_once());
    d.row = silent_row();
    d.run_to(3_600_000);
    assert_eq!(d.incident(), None);
    assert!(d.case.bill.look.is_some());
    let reads = d.count(|s| *s == Sent::Row);
    assert!((15..60).contains(&reads), "{reads}");
}

#[test]
fn fate_02_a_wall_clock_set_back_does_not_delay_the_row() {
    let mut d = Drive::start(Channel::AliScan);
    d.pay(paid_at_once());
    d.now.wall_ms -= 3_600_000;
    d.row = RowOutcome::Empty;
    d.run_to(30_000);
    let reads = d.count(|s| *s == Sent::Row);
    assert!((5..9).contains(&reads), "{reads}");
    d.run_to(340_000);
    assert_eq!(d.incident(), Some(IncidentKind::RowUnpaid));
}

#[test]
fn fate_03_asking_begins_beside_a_pay_that_hangs_for_5_s() {
    let mut d = Drive::start(Channel::WxScan);
    d.run_to(20_000);
    let times = d.times(|s| matches!(s, Sent::Status(_)));
    assert_eq!(times[..2], [5_000, 8_050]);
    assert!(d.paying, "and pay is not given up");
    d.pay(waiting());
    assert_eq!(d.state(), State::Awaiting);
}

#[test]
fn fate_03_a_status_beside_a_hanging_pay_may_end_it() {
    let mut d = Drive::start(Channel::WxScan);
    d.until_asking(Asking::Status);
    d.status(StatusOutcome::Paid);
    assert_eq!((d.state(), d.proof()), (State::Paid, Some(Proof::Status)));
    d.pay(lost());
    assert_eq!(d.state(), State::Paid);
}

#[test]
fn fate_03_first_status_2_s_after_the_answer_or_the_loss_then_every_3_s() {
    for answer in [waiting(), lost()] {
        let mut d = Drive::start(Channel::WxScan);
        d.pass(1_000);
        d.pay(answer);
        d.run_to(12_000);
        let times = d.times(|s| matches!(s, Sent::Status(_)));
        assert_eq!(times, [3_000, 6_050, 9_100]);
    }
}

#[test]
fn fate_03_a_lost_pay_is_asked_until_its_deadline() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(lost());
    d.run_to(59_900);
    assert_eq!(d.state(), State::Awaiting);
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert_eq!(d.state(), State::Paid);
}

#[test]
fn fate_04_deadlines_are_60_s_for_scans_and_180_and_20_for_qr() {
    for (channel, deadline) in [
        (Channel::AliScan, 60_000),
        (Channel::BcWxScan, 60_000),
        (Channel::AliOfflineQrcode, 200_000),
    ] {
        let mut d = Drive::awaiting(channel);
        d.run_to(deadline - 1);
        assert_eq!(d.state(), State::Awaiting, "{channel}");
        d.run_to(deadline + 3_000);
        assert_eq!(d.state(), State::Closing, "{channel}");
        let why = d.case.bill.closing.map(|c| c.why);
        assert_eq!(why, Some(CloseReason::Deadline));
    }
}

#[test]
fn fate_04_a_qr_leaves_the_screen_at_180_s() {
    let d = Drive::awaiting(Channel::WxNative);
    let Qr::Shown { until_ms, .. } = d.case.bill.qr else {
        panic!("shown")
    };
    assert_eq!(until_ms - START_MS, 180_000);
}

#[test]
fn fate_04_the_earliest_revert_is_15_s_after_sent() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(Event::CancelAsked);
    d.run_to(60_000);
    let first = d.times(|s| matches!(s, Sent::Revert(_)))[0];
    assert!((15_000..15_200).contains(&first), "{first}");
}

#[test]
fn fate_05_without_bill_timeout_a_bill_stays_payable_for_a_day_or_fifteen() {
    let policy = Policy::default();
    let day = 86_400_000;
    for (channel, ms) in [(Channel::WxNative, day), (Channel::AliScan, 15 * day)] {
        let mut new = new_bill(channel);
        new.bill_timeout_s = None;
        let d = Drive::with(new, |_| {});
        assert_eq!(policy.payable(&d.case.bill), ms);
    }
    let d = Drive::start(Channel::WxNative);
    assert_eq!(policy.payable(&d.case.bill), 361_000);
}

#[test]
fn answers_to_status_each_count_as_fate_says() {
    // (answer, no fact: the row is asked in the same round)
    let alarm = |code| StatusOutcome::Alarm {
        code,
        detail: "x".into(),
    };
    for (answer, row_next) in [
        (StatusOutcome::NotPaid, false),
        (StatusOutcome::NoSuchBill, false),
        (StatusOutcome::ClockOrKey, false),
        (alarm(2), true),
        (alarm(4), true),
        (alarm(6), true),
        (silent_status(), true),
    ] {
        let mut d = Drive::awaiting(Channel::AliScan);
        d.until_asking(Asking::Status);
        d.status(answer.clone());
        assert_eq!(d.asking == Some(Asking::Row), row_next, "{answer:?}");
        assert_eq!(d.state(), State::Awaiting);
        let alarmed = matches!(answer, StatusOutcome::Alarm { .. });
        assert_eq!(d.case.bill.alarm.is_some(), alarmed);
    }
    let mut d = Drive::awaiting(Channel::AliScan);
    d.until_asking(Asking::Status);
    d.status(StatusOutcome::Paid);
    assert_eq!((d.state(), d.proof()), (State::Paid, Some(Proof::Status)));
}

#[test]
fn status_3_or_5_is_repeated_once_without_channel() {
    let mut d = Drive::awaiting(Channel::AliScan);
    d.until_asking(Asking::Status);
    d.status(StatusOutcome::ChannelRefused);
    let plain = Sent::Status(None);
    assert_eq!(d.log.last().map(|(_, s)| s.clone()), Some(plain.clone()));
    d.status(StatusOutcome::ChannelRefused);
    assert_eq!(d.asking, Some(Asking::Row), "an error: the row");
    d.row(unpaid());
    d.until_asking(Asking::Status);
    assert_eq!(d.log.last().map(|(_, s)| s.clone()), Some(plain));
}

#[test]
fn unified_channels_ask_with_the_answered_channel_else_the_rows_else_none() {
    let mut d = Drive::start(Channel::Scan);
    d.pay(PayOutcome::Waiting {
        channel_type: Some(Channel::WxScan),
    });
    d.until_asking(Asking::Status);
    assert_eq!(d.count(|s| *s == Sent::Status(Some(Channel::WxScan))), 1);

    let mut d = Drive::start(Channel::Scan);
    d.pay(lost());
    d.until_asking(Asking::Status);
    assert_eq!(d.count(|s| *s == Sent::Status(None)), 1);
    d.status(silent_status());
    let mut found = row(false, Some(false));
    found.sub_channel = Some(Channel::AliScan);
    d.row(RowOutcome::Row(found));
    d.until_asking(Asking::Status);
    assert_eq!(d.count(|s| *s == Sent::Status(Some(Channel::AliScan))), 1);
}

#[test]
fn where_there_is_no_status_the_row_is_asked() {
    let mut d = Drive::awaiting(Channel::BcAliQrcode);
    d.run_to(20_000);
    assert_eq!(d.count(|s| matches!(s, Sent::Status(_))), 0);
    assert!(d.count(|s| *s == Sent::Row) > 4);
    d.row = paid();
    d.until_ended();
    assert_eq!((d.state(), d.proof()), (State::Paid, Some(Proof::Row)));
}

#[test]
fn more_than_one_row_is_an_incident_and_no_fact() {
    let mut d = Drive::awaiting(Channel::BcNative);
    d.row = RowOutcome::Many(2);
    d.run_to(10_000);
    assert_eq!(d.incident(), Some(IncidentKind::Rows { count: 2 }));
    assert_eq!(d.state(), State::Awaiting);
}
