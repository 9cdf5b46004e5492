//! FATE 14 to 19: watching, unresolved, looks, QR codes, releases, late payments.

use super::driver::*;
use crate::domain::bill::{CloseReason, IncidentKind, Qr};
use crate::domain::gateway::{Lost, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{BillNo, Channel, Proof, State};
use crate::payment::Event;

const EXPIRED: (State, Option<Proof>) = (State::Expired, Some(Proof::Expired));

fn ended(d: &Drive) -> (State, Option<Proof>) {
    (d.state(), d.proof())
}

#[test]
fn fate_14_what_cannot_be_reverted_is_watched_and_expires() {
    for channel in [Channel::WxNative, Channel::BcAliQrcode, Channel::BcNative] {
        let mut d = Drive::awaiting(channel);
        d.run_to(201_000);
        assert_eq!(d.state(), State::Watching, "{channel}");
        d.until_ended();
        assert_eq!(ended(&d), EXPIRED);
        assert_eq!(d.reverts(), 0);
    }
}

#[test]
fn fate_14_expiry_counts_from_the_pay_answer_or_from_the_last_time_shown() {
    // base + 361 s + 120 s, then two facts 30 s apart.
    for (channel, base) in [(Channel::WxNative, 300), (Channel::BcAliQrcode, 180_000)] {
        let mut d = Drive::awaiting(channel);
        d.until_ended();
        let over = base + 361_000 + 120_000 + 30_000;
        let late = d.t() - over;
        assert!((0..35_000).contains(&late), "{channel}: {late}");
    }
}

#[test]
fn fate_14_a_code_cancelled_early_counts_from_then() {
    let mut d = Drive::awaiting(Channel::BcAliQrcode);
    d.run_to(40_000);
    d.event(Event::CancelAsked);
    d.until_ended();
    let late = d.t() - (40_000 + 361_000 + 120_000 + 30_000);
    assert!((0..35_000).contains(&late), "{late}");
}

/// The law's letter counts empty rows as not paid. A gateway that took a BC QR, let the customer
/// pay it and never lists it would then be called expired while it holds the money.
#[test]
fn fate_14_an_accepted_bill_whose_row_never_shows_does_not_expire_without_a_status() {
    let mut d = Drive::awaiting(Channel::BcNative);
    d.row = RowOutcome::Empty;
    d.run_to(1_200_000);
    assert_eq!(d.state(), State::Watching);
    d.row = paid();
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Row)));
}

#[test]
fn fate_14_without_an_answer_the_base_is_sent_and_30_s() {
    let mut d = Drive::start(Channel::BcNative);
    d.pay(lost());
    assert_eq!(d.state(), State::Watching);
    d.row = RowOutcome::Empty;
    d.until_ended();
    assert_eq!(ended(&d), EXPIRED);
    let late = d.t() - (30_000 + 361_000 + 120_000 + 30_000);
    assert!((0..35_000).contains(&late), "{late}");
}

#[test]
fn fate_14_a_payment_while_watching_is_paid() {
    let mut d = Drive::awaiting(Channel::WxNative);
    d.run_to(250_000);
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert_eq!(ended(&d), (State::Paid, Some(Proof::Status)));
}

#[test]
fn fate_14_silence_never_expires_anything() {
    let mut d = Drive::awaiting(Channel::WxNative);
    (d.status, d.row) = (silent_status(), silent_row());
    d.run_to(86_400_000);
    assert_eq!(d.state(), State::Watching);
}

#[test]
fn fate_14_a_clock_that_jumps_ahead_expires_nothing_without_a_date() {
    let mut d = Drive::with(new_bill(Channel::WxNative), |now| now.offset_ms = None);
    d.dated = false;
    d.pay(code());
    d.event(Event::QrShown);
    d.event(Event::CancelAsked);
    d.now.wall_ms += 3_600_000;
    d.run_to(400_000);
    assert_eq!(d.state(), State::Watching);
    d.until_ended();
    assert_eq!(ended(&d), EXPIRED);
}

/// The wall clock is set back while nothing answers: gateway time is stale then, and a code that is
/// taken off the screen at that moment must not count as shown for less long than it was.
#[test]
fn fate_14_a_clock_that_is_set_back_while_nothing_answers_shortens_no_expiry() {
    let mut d = Drive::awaiting(Channel::BcAliQrcode);
    d.run_to(100_000);
    d.now.wall_ms -= 45 * 60_000;
    d.event(Event::CancelAsked);
    d.until_ended();
    assert_eq!(ended(&d), EXPIRED);
    let since = d.t() - (100_000 + 361_000 + 120_000 + 30_000);
    assert!(since >= 0, "{since} ms too soon");
}

#[test]
fn fate_14_expired_is_looked_at_again_after_2_h() {
    let mut d = Drive::awaiting(Channel::WxNative);
    d.until_ended();
    let (t, n) = (d.t(), d.log.len());
    d.run_to(t + 7_199_000);
    assert_eq!(d.log.len(), n);
    d.status = StatusOutcome::Paid;
    d.run_to(t + 7_202_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));
    assert_eq!(d.state(), State::Expired);
}

#[test]
fn fate_15_closing_is_unresolved_60_s_after_it_began_or_30_s_after_guard_end() {
    let mut d = Drive::awaiting(Channel::WxScan);
    (d.status, d.row) = (silent_status(), silent_row());
    d.run(400_000, |d| d.state() == State::Unresolved);
    assert!((150_000..151_000).contains(&d.t()), "{}", d.t());

    let mut d = Drive::awaiting(Channel::AliOfflineQrcode);
    (d.status, d.row) = (silent_status(), silent_row());
    d.run(400_000, |d| d.state() == State::Unresolved);
    assert!((260_000..261_000).contains(&d.t()), "{}", d.t());
}

fn unresolved() -> Drive {
    let mut d = Drive::awaiting(Channel::WxScan);
    (d.status, d.row) = (silent_status(), silent_row());
    d.run(400_000, |d| d.state() == State::Unresolved);
    d
}

#[test]
fn fate_15_rounds_grow_from_3_s_to_60_s_for_an_hour_then_every_5_minutes() {
    let mut d = unresolved();
    let t = d.t();
    d.run_to(t + 3 * 3_600_000);
    let times = d.times(|s| matches!(s, Sent::Status(_)));
    let gaps: Vec<(i64, i64)> = times.windows(2).map(|w| (w[0] - t, w[1] - w[0])).collect();
    let after = |from: i64, to: i64| gaps.iter().filter(move |(at, _)| (from..to).contains(at));
    assert!(after(0, 60_000).any(|(_, gap)| *gap < 5_000));
    assert!(after(900_000, 3_500_000).all(|(_, gap)| (59_000..61_000).contains(gap)));
    assert!(after(3_700_000, i64::MAX).all(|(_, gap)| (299_000..301_000).contains(gap)));
}

#[test]
fn fate_15_a_start_begins_the_rounds_anew_at_3_s() {
    let mut d = unresolved();
    d.run_to(2 * 3_600_000);
    let before = d.log.len();
    d.crash(1_000);
    let t = d.t();
    d.run_to(t + 10_000);
    assert!(d.log.len() - before >= 4);
}

#[test]
fn fate_15_it_ends_by_itself_when_anything_is_proven() {
    let mut d = unresolved();
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert_eq!(d.state(), State::Paid);

    let mut d = unresolved();
    d.status = StatusOutcome::NotPaid;
    d.row = reverted();
    d.until_ended();
    assert_eq!(d.state(), State::Reverted);

    let mut d = unresolved();
    d.status = StatusOutcome::NotPaid;
    d.row = unpaid();
    d.revert = RevertOutcome::NotDone;
    d.until_ended();
    assert_eq!(ended(&d), EXPIRED, "expired included");
}

#[test]
fn fate_15_a_paid_fact_beside_a_revert_begins_the_count_to_expiry_anew() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Revert);
    d.revert(RevertOutcome::NoAnswer(Lost::Timeout));
    d.row = silent_row();
    d.run_to(40_000);
    d.status = StatusOutcome::Paid;
    d.run(200_000, |d| d.case.bill.paid_seen);
    d.status = StatusOutcome::NotPaid;
    d.revert = RevertOutcome::NoAnswer(Lost::Timeout);
    d.until_ended();
    assert_eq!(ended(&d), EXPIRED);
    assert!(d.case.bill.returned, "it was paid once: never 未扣款");
}

#[test]
fn fate_16_a_due_look_survives_a_crash_and_is_taken_up() {
    let mut d = Drive::awaiting(Channel::WxNative);
    d.until_ended();
    let (t, n) = (d.t(), d.log.len());
    d.crash(60_000);
    assert_eq!(d.log.len(), n, "not due yet");
    d.status = StatusOutcome::Paid;
    d.run_to(t + 7_202_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));

    let mut d = Drive::awaiting(Channel::WxNative);
    d.until_ended();
    d.crash(8 * 3_600_000);
    assert!(d.asking.is_some(), "long due: at once");
}

#[test]
fn fate_16_asking_before_the_time_does_not_use_up_the_look() {
    let mut d = Drive::awaiting(Channel::WxNative);
    d.until_ended();
    let t = d.t();
    d.run_to(t + 60_000);
    let n = d.log.len();
    d.event(Event::Hinted);
    d.run_to(t + 120_000);
    let asked = d.log.len();
    assert!(asked > n && asked < n + 5, "asked now, once");
    assert!(d.case.bill.look.is_some(), "and the look stays due");
    d.row = paid();
    d.run_to(t + 7_203_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));
}

#[test]
fn fate_16_a_hint_looks_at_a_terminal_bill_without_a_look() {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(crate::domain::gateway::PayOutcome::Unconnected { why: "x".into() });
    d.event(Event::Hinted);
    (d.status, d.row) = (StatusOutcome::NoSuchBill, RowOutcome::Empty);
    d.run_to(60_000);
    assert_eq!((d.case.bill.look, d.incident()), (None, None));
    assert_eq!(d.state(), State::NotSent);
}

#[test]
fn fate_16_a_hint_beside_a_pay_that_still_hangs_is_looked_at_too() {
    let mut d = Drive::start(Channel::AliOfflineQrcode);
    d.event(Event::CancelAsked);
    d.until_asking(Asking::Row);
    d.row(paid());
    assert_eq!(d.state(), State::Paid);
    d.event(Event::Hinted);
    d.pay(lost());
    d.row = paid();
    d.run_to(30_000);
    assert_eq!((d.case.bill.look, d.incident()), (None, None));
}

#[test]
fn fate_16_a_refunded_row_of_an_unpaid_bill_is_a_contradiction() {
    let mut d = Drive::awaiting(Channel::WxNative);
    d.until_ended();
    let mut refunded = row(true, Some(false));
    refunded.refunded = Some(true);
    d.row = RowOutcome::Row(refunded);
    d.run_to(d.t() + 7_203_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));
}

#[test]
fn fate_17_a_qr_that_was_never_drawn_is_closed_or_watched_as_unshowable() {
    let closed = |d: &Drive, state| {
        assert_eq!(d.state(), state);
        assert_eq!(d.case.bill.qr, Qr::Unshown);
        let why = d.case.bill.closing.map(|c| c.why);
        assert_eq!(why, Some(CloseReason::Unshowable));
    };
    for (channel, state) in [
        (Channel::AliOfflineQrcode, State::Closing),
        (Channel::WxNative, State::Watching),
    ] {
        let mut d = Drive::start(channel);
        d.pay(lost());
        closed(&d, state);
        let mut d = Drive::start(channel);
        d.event(Event::CancelAsked);
        closed(&d, state);
        let mut d = Drive::start(channel);
        d.pay(code());
        d.event(Event::QrUnshowable);
        closed(&d, state);
        let mut d = Drive::start(channel);
        d.pay(code());
        d.event(Event::CancelAsked);
        closed(&d, state);
        let mut d = Drive::start(channel);
        d.pay(code());
        d.crash(1_000);
        closed(&d, state);
    }
}

#[test]
fn fate_17_shown_is_durable_before_it_is_drawn() {
    let mut d = Drive::start(Channel::AliOfflineQrcode);
    d.pay(code());
    assert_eq!(d.count(|s| *s == Sent::Show), 1);
    assert!(!d.durable.qr.was_shown());
    d.event(Event::QrShown);
    assert!(d.durable.qr.was_shown());
}

#[test]
fn fate_17_the_live_code_is_shown_again_while_90_s_of_it_remain() {
    let mut d = Drive::awaiting(Channel::WxNative);
    d.run_to(89_000);
    assert!(d.case.can_show_again(&d.now, &d.policy));
    d.run_to(91_000);
    assert!(
        !d.case.can_show_again(&d.now, &d.policy),
        "180 s on the screen"
    );
    d.event(Event::CancelAsked);
    assert!(
        d.case.can_show_again(&d.now, &d.policy),
        "361 s at the wallet"
    );
    d.event(Event::QrShownAgain);
    let Qr::Shown { until_ms, .. } = d.case.bill.qr else {
        panic!("shown")
    };
    assert_eq!(until_ms, d.now.gateway_ms() + 90_000);
    d.run_to(272_000);
    assert!(!d.case.can_show_again(&d.now, &d.policy));
}

fn release() -> Event {
    let (by, reason) = ("2001".into(), "现金".into());
    Event::Released { by, reason }
}

#[test]
fn fate_18_only_a_watching_or_unresolved_bill_can_be_released() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.event(release());
    assert_eq!(d.case.bill.release, None);
    d.run_to(61_000);
    d.event(release());
    assert_eq!((d.state(), &d.case.bill.release), (State::Closing, &None));
    let mut d = unresolved();
    d.event(release());
    assert!(d.case.bill.release.is_some());
    let mut d = Drive::awaiting(Channel::WxNative);
    d.event(Event::CancelAsked);
    d.event(release());
    assert!(d.case.bill.release.is_some());
}

#[test]
fn fate_18_a_second_payment_of_a_sale_is_an_incident_beside_paid() {
    let other = BillNo::parse("2026112001000002ABCD2345").unwrap();
    let event = || Event::OtherPaid {
        other: other.clone(),
    };
    let mut d = unresolved();
    d.event(release());
    d.event(event());
    assert_eq!(d.incident(), None, "not paid twice yet");
    d.status = StatusOutcome::Paid;
    d.until_ended();
    d.event(event());
    let other = other.clone();
    assert_eq!(d.incident(), Some(IncidentKind::PaidTwice { other }));
}

#[test]
fn fate_19_paid_off_the_stage_after_closing_or_by_recovery_is_late() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert!(!d.case.bill.late, "on the stage, in time");

    let mut d = Drive::awaiting(Channel::WxScan);
    d.case.set_on_stage(false);
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert!(d.case.bill.late, "off the stage");

    let mut d = unresolved();
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert!(d.case.bill.late, "after closing");

    let mut d = Drive::awaiting(Channel::WxScan);
    d.crash(1_000);
    d.case.set_on_stage(true);
    d.status = StatusOutcome::Paid;
    d.until_ended();
    assert!(d.case.bill.late, "by recovery");
    assert!(d.case.bill.needs_someone());
    d.event(Event::HandedOver);
    assert!(!d.case.bill.needs_someone());
}
