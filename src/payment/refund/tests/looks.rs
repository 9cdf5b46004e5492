//! Looks at ended refunds: I9's row of a success, and contradictions (I8).

use super::driver::*;
use crate::domain::gateway::{Listed, RefundOutcome, RefundStatusOutcome};
use crate::domain::refund::{RefundChannel, RefundIncidentKind, RefundState};
use crate::payment::refund::{Event, LookBy};

fn done() -> Drive {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(RefundOutcome::Done);
    d
}

fn unknown_there() -> Drive {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.can_send = false;
    d.until_ended();
    assert_eq!(d.state(), RefundState::NotSent);
    d
}

fn looks(d: &Drive, from: i64) -> Vec<i64> {
    let times = d.times(|s| *s == Sent::LookUp(LookBy::RefundNo));
    times.into_iter().filter(|t| *t >= from).collect()
}

#[test]
fn i9_the_row_of_a_success_is_read_within_30_s() {
    let mut d = done();
    d.listed = succeeded();
    d.run_to(30_000);
    assert_eq!(looks(&d, 0).len(), 1);
    assert_eq!(
        (d.incident(), d.case.refund.look_ms, d.wake),
        (None, None, None)
    );
}

#[test]
fn i9_a_row_that_lags_is_asked_for_5_minutes_and_then_given_up_silently() {
    for listed in [empty(), unfinished(), silent(), Listed::NoSuch] {
        let mut d = done();
        d.listed = listed;
        d.run_to(DAY);
        assert_eq!((d.incident(), d.case.refund.look_ms), (None, None));
        let times = looks(&d, 0);
        assert!((3..12).contains(&times.len()), "{times:?}");
        assert!(times.iter().filter(|t| **t <= 30_000).count() >= 2);
        assert!(times.iter().all(|t| *t <= 5 * MINUTE + 1_000));
    }
}

#[test]
fn i9_the_row_of_a_success_must_match_and_must_not_have_failed() {
    let mut wrong = row(true, Some(true));
    wrong.fee = crate::domain::Fen(1);
    let (bill_no, fee) = (wrong.bill_no.clone(), wrong.fee);
    for (listed, kind) in [
        (failed(), RefundIncidentKind::FailedAfterAll),
        (
            Listed::Here(vec![wrong]),
            RefundIncidentKind::Mismatch { bill_no, fee },
        ),
        (
            Listed::Here(vec![row(true, Some(true)), row(true, Some(true))]),
            RefundIncidentKind::Rows { count: 2 },
        ),
    ] {
        let mut d = done();
        d.listed = listed;
        d.run_to(30_000);
        assert_eq!(
            (d.state(), d.incident()),
            (RefundState::Succeeded, Some(kind))
        );
        assert_eq!((d.announced, d.case.refund.look_ms), (2, None));
    }
}

#[test]
fn i9_the_look_survives_a_crash() {
    let mut d = done();
    d.crash(60_000);
    d.listed = failed();
    d.run_to(d.t() + 2_000);
    assert_eq!(d.incident(), Some(RefundIncidentKind::FailedAfterAll));
}

#[test]
fn a_refund_proven_not_to_be_there_is_looked_at_after_10_minutes_and_2_hours() {
    let mut d = unknown_there();
    let ended = d.t();
    d.run_to(ended + DAY);
    let times = looks(&d, ended);
    assert_eq!(times.len(), 2, "{times:?}");
    assert!(times[0] - ended >= 10 * MINUTE && times[1] - ended >= 2 * HOUR);
    assert_eq!((d.incident(), d.case.refund.look_ms), (None, None));
}

#[test]
fn a_refund_proven_not_to_be_there_that_appears_is_an_incident() {
    for (listed, after) in [(succeeded(), 0), (unfinished(), HOUR)] {
        let mut d = unknown_there();
        d.run_to(d.t() + after);
        d.listed = listed;
        d.run_to(d.t() + 3 * HOUR);
        assert_eq!(d.state(), RefundState::NotSent, "I8");
        assert_eq!(d.incident(), Some(RefundIncidentKind::SucceededAfterAll));
        assert!(d.case.refund.needs_someone());
    }
    let mut d = unknown_there();
    d.listed = failed();
    d.run_to(d.t() + 3 * HOUR);
    assert_eq!(d.incident(), None, "it went nowhere there either");
}

#[test]
fn a_refusal_that_was_a_lie_is_found_after_10_minutes() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(refused(5));
    d.listed = succeeded();
    d.run_to(11 * MINUTE);
    assert_eq!(d.state(), RefundState::Refused);
    assert_eq!(d.incident(), Some(RefundIncidentKind::SucceededAfterAll));
}

#[test]
fn a_look_that_nobody_answers_is_tried_again_for_a_day() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(refused(5));
    d.listed = silent();
    d.run_to(20 * HOUR);
    assert!(d.case.refund.look_ms.is_some());
    d.run_to(2 * DAY);
    assert_eq!((d.case.refund.look_ms, d.wake), (None, None));
}

#[test]
fn asking_an_ended_refund_finds_only_contradictions() {
    for state in [RefundState::Succeeded, RefundState::Failed] {
        for (listed, wrong) in [
            (succeeded(), state == RefundState::Failed),
            (failed(), state == RefundState::Succeeded),
            (empty(), false),
            (silent(), false),
        ] {
            let mut d = Drive::start(RefundChannel::Ali);
            d.answered(RefundOutcome::Processing);
            d.listed = match state {
                RefundState::Succeeded => succeeded(),
                _ => failed(),
            };
            d.until_ended();
            assert_eq!((d.state(), d.wake), (state, None));
            d.listed = listed;
            d.event(Event::Hinted);
            d.run_to(d.t() + HOUR);
            assert_eq!(d.incident().is_some(), wrong);
            assert_eq!((d.state(), d.wake), (state, None));
        }
    }
}

#[test]
fn i8_late_and_contradicting_answers_stand_beside() {
    for outcome in [RefundOutcome::Done, RefundOutcome::Processing] {
        for mut d in [unknown_there(), {
            let mut d = Drive::start(RefundChannel::Ali);
            d.answered(refused(5));
            d
        }] {
            let state = d.state();
            let answer = d.answer(outcome.clone());
            d.event(Event::Answered {
                answer,
                next_host: None,
            });
            assert_eq!(d.state(), state);
            assert_eq!(d.incident(), Some(RefundIncidentKind::SucceededAfterAll));
        }
    }
    let mut d = Drive::start(RefundChannel::Wx);
    d.answered(RefundOutcome::Processing);
    d.status = RefundStatusOutcome::Failed;
    d.until_ended();
    let answer = d.answer(RefundOutcome::Done);
    d.event(Event::Answered {
        answer,
        next_host: None,
    });
    assert_eq!(
        d.incident(),
        None,
        "of WX that is only the first answer again"
    );
    let answer = d.answer(RefundStatusOutcome::Success);
    d.event(Event::StatusAnswered { answer });
    assert_eq!(d.incident(), Some(RefundIncidentKind::SucceededAfterAll));
}

#[test]
fn a_settled_incident_gives_way_only_to_another_kind() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(refused(9));
    let word = || Event::Settled {
        by: "2001".to_owned(),
        reason: "r".to_owned(),
    };
    d.event(word());
    let settled = d.case.refund.settled.clone();
    d.event(word());
    assert_eq!(d.case.refund.settled, settled, "once");
    d.listed = succeeded();
    d.run_to(11 * MINUTE);
    assert_eq!(d.incident(), Some(RefundIncidentKind::SucceededAfterAll));
    assert!(d.case.refund.needs_someone());
    d.event(word());
    d.event(Event::Hinted);
    d.run_to(d.t() + HOUR);
    assert!(!d.case.refund.needs_someone(), "the same again is no news");
}

#[test]
fn a_refund_that_happened_outranks_the_code_that_called_its_bill_unpaid() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(refused(9));
    d.listed = succeeded();
    d.run_to(11 * MINUTE);
    assert_eq!(d.incident(), Some(RefundIncidentKind::SucceededAfterAll));
    assert_eq!(d.announced, 2);
}

#[test]
fn a_word_without_an_incident_is_not_kept() {
    let mut d = done();
    let (by, reason) = ("2001".to_owned(), "r".to_owned());
    d.event(Event::Settled { by, reason });
    assert_eq!(d.case.refund.settled, None);
}
