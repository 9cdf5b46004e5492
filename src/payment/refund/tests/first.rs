//! FATE 20, 21: the first send and its answer.

use super::driver::*;
use crate::domain::gateway::Lost;
use crate::domain::refund::{
    RefundAnswer, RefundChannel, RefundHappened, RefundIncidentKind, RefundProof, RefundState,
};
use crate::payment::refund::{Event, LookBy};

const CHANNELS: [RefundChannel; 3] = [RefundChannel::Ali, RefundChannel::Wx, RefundChannel::Bc];

#[test]
fn fate_20_it_is_recorded_as_sent_before_it_is_sent() {
    for channel in CHANNELS {
        let d = Drive::start(channel);
        // The driver holds the order; here: what the record says.
        assert_eq!(d.story, [RefundHappened::RefundStarted]);
        assert_eq!((d.durable.state, d.durable.sends), (RefundState::Sent, 1));
        assert_eq!(d.log, [(0, Sent::Refund(host("a")))]);
        assert!(d.durable.next_ms > Some(d.now.wall_ms), "I5");
    }
}

#[test]
fn fate_21_a_refusal_is_definite_as_the_answer_to_the_first_send() {
    for code in [1, 2, 3, 4, 5, 6, 8, 10, 12] {
        let mut d = Drive::start(RefundChannel::Ali);
        d.answered(refused(code));
        assert_eq!(d.end(), (RefundState::Refused, Some(RefundProof::Refused)));
        assert_eq!(d.incident(), None, "{code}");
        assert_eq!(d.announced, 1);
    }
}

#[test]
fn fate_22_a_9_on_a_bill_we_hold_as_paid_is_an_incident() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(refused(9));
    assert_eq!(d.end(), (RefundState::Refused, Some(RefundProof::Refused)));
    assert_eq!(d.incident(), Some(RefundIncidentKind::BillUnpaidThere));
    assert!(d.case.refund.needs_someone());
    let (by, reason) = ("2001".to_owned(), "r".to_owned());
    d.event(Event::Settled { by, reason });
    assert!(
        !d.case.refund.needs_someone(),
        "settled, and it stays there"
    );
    assert_eq!(d.incident(), Some(RefundIncidentKind::BillUnpaidThere));
    assert_eq!(d.story.last(), Some(&RefundHappened::RefundSettled));
}

#[test]
fn fate_22_codes_that_are_no_refusal_are_looked_up_and_never_failed() {
    for code in [7, 11, 13, 14, 15, 16, 17, 99] {
        for channel in CHANNELS {
            let mut d = Drive::start(channel);
            (d.listed, d.status) = (silent(), no_status());
            d.answered(unclear(code));
            assert_eq!(d.state(), RefundState::Sent, "{code}");
            assert!(d.case.refund.lost);
            d.run_to(HOUR);
            assert_eq!(d.state(), RefundState::Unresolved, "{code}");
            assert_eq!(d.sends(), 1);
            assert!(d.count(|s| *s == Sent::LookUp(LookBy::RefundNo)) > 20);
        }
    }
}

/// 余额不足 on a refund means the merchant's funds: no pay table, no refusal, and a person decides
/// whether to try again.
#[test]
fn fate_22_a_7_is_the_merchants_side_and_is_not_sent_again_by_itself() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(crate::domain::gateway::RefundOutcome::Unclear {
        code: 7,
        detail: "NOTENOUGH 余额不足".into(),
    });
    assert_eq!(d.state(), RefundState::Sent);
    assert_eq!(d.case.refund.detail().unwrap(), "7 NOTENOUGH 余额不足");
    d.run_to(5 * MINUTE);
    assert_eq!((d.sends(), d.state()), (1, RefundState::Unresolved));
    assert!(
        !d.case.waits_for_manager(),
        "signing in alone changes nothing"
    );
    d.event(Event::Hinted);
    d.until_sent(2);
    assert_eq!(d.durable.refund_no.as_str(), NUMBER, "I7");
    d.answered(crate::domain::gateway::RefundOutcome::Done);
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Answer)));
}

#[test]
fn fate_1_unconnected_goes_to_the_next_host_recorded_first() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.pass(5_000);
    d.answered_then(unconnected(), Some(host("b")));
    assert_eq!(d.story.last(), Some(&RefundHappened::RefundNextHost));
    assert_eq!((d.state(), d.sends()), (RefundState::Sent, 2));
    assert_eq!((d.durable.host.clone(), d.durable.sends), (host("b"), 1));
    d.answered(refused(5));
    assert_eq!(d.state(), RefundState::Refused, "still its first send");
}

#[test]
fn fate_1_unconnected_everywhere_is_not_sent() {
    for next in [None, Some(host("a"))] {
        let mut d = Drive::start(RefundChannel::Wx);
        d.answered_then(unconnected(), next);
        assert_eq!(d.end(), (RefundState::NotSent, Some(RefundProof::Connect)));
        assert_eq!((d.wake, d.announced), (None, 1));
    }
}

#[test]
fn unconnected_without_master_secret_is_not_sent_to_another_host() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.can_send = false;
    d.answered_then(unconnected(), Some(host("b")));
    assert_eq!(d.end(), (RefundState::NotSent, Some(RefundProof::Connect)));
}

#[test]
fn fate_21_refund_no_at_midnight_is_not_sent_to_the_next_host() {
    // Dated the 20th, connected in vain until the 21st.
    let mut d = Drive::at(
        new_refund(RefundChannel::Ali),
        clock(START_MS + 14 * HOUR - 3_000),
    );
    d.pass(5_000);
    d.answered_then(unconnected(), Some(host("b")));
    assert_eq!(d.end(), (RefundState::NotSent, Some(RefundProof::Connect)));
    assert_eq!(d.sends(), 1);
}

#[test]
fn i5_a_minute_without_a_word_is_unresolved_and_said() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.listed = silent();
    d.run_to(59_999);
    assert_eq!((d.state(), d.announced), (RefundState::Sent, 0));
    d.run_to(60_100);
    assert_eq!((d.state(), d.announced), (RefundState::Unresolved, 1));
    assert!(d.case.refund.needs_someone());
    assert!(d.story.contains(&RefundHappened::RefundBecameUnresolved));
}

#[test]
fn i5_a_send_that_never_ends_is_unresolved_and_looked_up() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.listed = unfinished();
    while d.t() < 2 * MINUTE {
        match d.asking.is_some() {
            true => d.reply(),
            false => d.tick(),
        }
    }
    assert_eq!(d.state(), RefundState::Processing);
}

#[test]
fn a_send_that_hangs_can_end_by_its_row_and_its_late_answer_changes_nothing() {
    for (answer, incident) in [
        (crate::domain::gateway::RefundOutcome::Done, None),
        (lost(), None),
        (refused(5), Some(RefundIncidentKind::FailedAfterAll)),
    ] {
        let mut d = Drive::start(RefundChannel::Ali);
        d.listed = succeeded();
        while d.asking.is_none() {
            d.tick();
        }
        d.reply();
        assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
        d.answered(answer);
        assert_eq!(d.incident(), incident);
    }
}

#[test]
fn an_answer_that_nobody_waits_for_is_no_refusal() {
    let mut d = Drive::lost(RefundChannel::Ali);
    for outcome in [refused(5), unclear(7), unconnected(), lost()] {
        let answer = d.answer(outcome);
        let next_host = Some(host("b"));
        d.event(Event::Answered { answer, next_host });
        assert_eq!(d.state(), RefundState::Sent);
        let why = Lost::Timeout;
        assert_eq!(d.case.refund.answer, RefundAnswer::Lost { why });
    }
}
