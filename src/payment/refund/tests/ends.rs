//! FATE 22: what ends a refund that the gateway took.

use super::driver::*;
use crate::domain::gateway::{Listed, RefundOutcome, RefundStatusOutcome};
use crate::domain::refund::{RefundChannel, RefundIncidentKind, RefundProof, RefundState};
use crate::payment::refund::{Event, LookBy};

fn processing(channel: RefundChannel) -> Drive {
    let mut d = Drive::start(channel);
    d.pass(300);
    d.answered(RefundOutcome::Processing);
    d.listed = unfinished();
    d
}

#[test]
fn fate_22_0_with_true_is_the_end_except_for_wx() {
    for channel in [RefundChannel::Ali, RefundChannel::Bc] {
        let mut d = Drive::start(channel);
        d.answered(RefundOutcome::Done);
        assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Answer)));
    }
    let mut d = Drive::start(RefundChannel::Wx);
    d.answered(RefundOutcome::Done);
    assert_eq!(d.state(), RefundState::Processing);
}

#[test]
fn fate_22_0_with_false_ends_at_the_row_by_finish_with_result() {
    for channel in [RefundChannel::Ali, RefundChannel::Bc] {
        for (listed, state) in [
            (succeeded(), RefundState::Succeeded),
            (failed(), RefundState::Failed),
        ] {
            let mut d = processing(channel);
            d.run_to(MINUTE * 10);
            assert_eq!(d.state(), RefundState::Processing);
            d.listed = listed;
            d.until_ended();
            assert_eq!(d.end(), (state, Some(RefundProof::Row)));
            assert_eq!(
                d.count(|s| *s == Sent::Status),
                0,
                "its status is not asked"
            );
        }
    }
}

#[test]
fn fate_22_finish_without_a_readable_result_proves_nothing() {
    for there in [
        row(true, None),
        row(false, Some(true)),
        row(false, Some(false)),
    ] {
        let mut d = processing(RefundChannel::Ali);
        d.listed = Listed::Here(vec![there]);
        d.run_to(5 * HOUR);
        assert_eq!(d.state(), RefundState::Processing);
    }
}

#[test]
fn fate_22_processing_for_days_stays_processing_and_is_asked_every_5_minutes() {
    let mut d = processing(RefundChannel::Ali);
    d.run_to(3 * DAY);
    assert_eq!(
        (d.state(), d.announced, d.sends()),
        (RefundState::Processing, 0, 1)
    );
    assert!(!d.case.refund.needs_someone());
    let times = d.times(|s| *s == Sent::LookUp(LookBy::RefundNo));
    assert!(
        (2_000..3_000).contains(&times[0]),
        "first after 2 s: {times:?}"
    );
    let early = times.iter().filter(|t| **t < MINUTE).count();
    assert!((6..20).contains(&early), "{early}");
    let late: Vec<i64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(late.iter().all(|gap| *gap <= 5 * MINUTE + 100));
    assert!(late.last() >= Some(&(5 * MINUTE)));
    assert!(
        d.durable.next_ms > Some(d.now.wall_ms - 6 * MINUTE),
        "the ledger knows when"
    );
}

#[test]
fn fate_22_wx_is_done_only_at_status_success_and_failed_only_at_fail() {
    for answer in [RefundOutcome::Done, RefundOutcome::Processing] {
        for (status, state) in [
            (RefundStatusOutcome::Success, RefundState::Succeeded),
            (RefundStatusOutcome::Failed, RefundState::Failed),
        ] {
            let mut d = Drive::start(RefundChannel::Wx);
            d.answered(answer.clone());
            for listed in [succeeded(), failed(), unfinished()] {
                d.listed = listed;
                d.crash(100);
                d.run_to(d.t() + 10 * MINUTE);
                assert_eq!(d.state(), RefundState::Processing, "a row ends no WX");
            }
            d.status = status;
            d.until_ended();
            assert_eq!(d.end(), (state, Some(RefundProof::Status)));
        }
    }
}

#[test]
fn fate_22_no_other_word_of_the_status_counts_for_anything() {
    for status in [
        RefundStatusOutcome::NoSuchRefund,
        RefundStatusOutcome::ClockOrKey,
        RefundStatusOutcome::Alarm {
            code: 6,
            detail: "cert".into(),
        },
        no_status(),
    ] {
        let mut d = processing(RefundChannel::Wx);
        d.status = status.clone();
        d.run_to(5 * HOUR);
        assert_eq!(d.state(), RefundState::Processing, "{status:?}");
        let mut d = Drive::lost(RefundChannel::Wx);
        (d.status, d.listed) = (status.clone(), silent());
        d.run_to(5 * HOUR);
        assert_eq!(d.state(), RefundState::Unresolved, "{status:?}");
    }
}

#[test]
fn fate_22_a_lost_wx_refund_is_found_by_its_row_and_ended_by_its_status() {
    let mut d = Drive::lost(RefundChannel::Wx);
    (d.listed, d.status) = (succeeded(), RefundStatusOutcome::Processing);
    d.run_to(10 * MINUTE);
    assert_eq!((d.state(), d.sends()), (RefundState::Processing, 1));
    d.status = RefundStatusOutcome::Success;
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Status)));
}

#[test]
fn fate_22_a_lost_wx_refund_is_found_by_its_status_where_the_rows_are_silent() {
    let mut d = Drive::lost(RefundChannel::Wx);
    d.listed = silent();
    d.run_to(MINUTE);
    assert_eq!(d.state(), RefundState::Processing);
    d.status = RefundStatusOutcome::Success;
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Status)));
}

#[test]
fn fate_22_the_row_of_a_wx_refund_must_match_too() {
    let mut wrong = row(false, None);
    wrong.fee = crate::domain::Fen(1);
    let (bill_no, fee) = (wrong.bill_no.clone(), wrong.fee);
    let mismatch = Some(RefundIncidentKind::Mismatch { bill_no, fee });
    let mut d = processing(RefundChannel::Wx);
    d.listed = Listed::Here(vec![wrong.clone()]);
    d.run_to(MINUTE);
    assert_eq!(
        (d.state(), d.incident()),
        (RefundState::Processing, mismatch.clone())
    );
    // At success at once: the row is read within 30 s of it.
    let mut d = processing(RefundChannel::Wx);
    (d.listed, d.status) = (silent(), RefundStatusOutcome::Success);
    d.until_ended();
    d.listed = Listed::Here(vec![wrong]);
    d.run_to(d.t() + 30_000);
    assert_eq!(
        (d.state(), d.incident()),
        (RefundState::Succeeded, mismatch)
    );
}

#[test]
fn the_wx_row_that_contradicts_the_status_is_an_incident() {
    for (listed, status, kind) in [
        (
            failed(),
            RefundStatusOutcome::Success,
            RefundIncidentKind::FailedAfterAll,
        ),
        (
            succeeded(),
            RefundStatusOutcome::Failed,
            RefundIncidentKind::SucceededAfterAll,
        ),
    ] {
        let mut d = processing(RefundChannel::Wx);
        (d.listed, d.status) = (listed, status);
        d.until_ended();
        assert_eq!(d.incident(), Some(kind));
    }
}

#[test]
fn a_status_of_another_channel_says_nothing() {
    let mut d = processing(RefundChannel::Ali);
    for outcome in [RefundStatusOutcome::Success, RefundStatusOutcome::Failed] {
        let answer = d.answer(outcome);
        d.event(Event::StatusAnswered { answer });
        assert_eq!(d.state(), RefundState::Processing);
    }
}

#[test]
fn a_hint_asks_at_once() {
    let mut d = processing(RefundChannel::Ali);
    d.run_to(2 * DAY + 17_000);
    d.listed = succeeded();
    d.event(Event::Hinted);
    assert_eq!(d.asking, Some(Sent::LookUp(LookBy::RefundNo)));
    d.reply();
    assert_eq!(d.state(), RefundState::Succeeded);
}
