//! FATE 21: a lost send. Found, sent again, or proven not to be there.

use super::driver::*;
use crate::domain::gateway::{Listed, RefundOutcome, RowOutcome};
use crate::domain::refund::{
    RefundChannel, RefundHappened, RefundIncidentKind, RefundProof, RefundState,
};
use crate::payment::refund::{Event, LookBy};

const NOT_THERE: (RefundState, Option<RefundProof>) =
    (RefundState::NotSent, Some(RefundProof::UnknownAtGateway));

/// Lost, with nobody who could send it again.
fn unsigned(channel: RefundChannel) -> Drive {
    let mut d = Drive::start(channel);
    d.pass(30_000);
    d.can_send = false;
    d.answered(lost());
    d
}

#[test]
fn fate_21_a_lost_answer_is_found_by_its_number() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
    assert!(
        (32_000..33_000).contains(&d.t()),
        "looked up 2 s after the loss"
    );
    assert_eq!(d.sends(), 1);
}

#[test]
fn fate_21_a_lost_refund_that_appears_late_is_found_and_not_sent_again() {
    let mut d = Drive::lost(RefundChannel::Bc);
    d.run_to(85_000);
    assert_eq!(d.sends(), 1, "one empty look-up proves nothing");
    d.listed = unfinished();
    d.run_to(3 * HOUR);
    assert_eq!((d.state(), d.sends()), (RefundState::Processing, 1));
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
}

#[test]
fn fate_21_it_is_sent_again_after_two_empty_look_ups_60_s_apart() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.until_sent(2);
    let looked = d.times(|s| *s == Sent::LookUp(LookBy::RefundNo));
    assert!(
        looked[0] >= 30_000 && d.t() - looked[0] >= MINUTE,
        "{looked:?}"
    );
    assert!(d.t() < 160_000, "and no later than needed: {}", d.t());
    assert_eq!((d.durable.sends, d.durable.refund_no.as_str()), (2, NUMBER));
    assert_eq!(d.story.last(), Some(&RefundHappened::RefundSentAgain));
    d.answered(RefundOutcome::Done);
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Answer)));
}

#[test]
fn fate_21_it_is_sent_three_times_at_most_and_then_proven_not_to_be_there() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.until_ended();
    assert_eq!((d.sends(), d.end()), (3, NOT_THERE));
    let last = d.times(|s| matches!(s, Sent::Refund(_)))[2];
    assert!(d.t() - last >= 10 * MINUTE, "counted from the last send");
    assert!(d.t() - last < 13 * MINUTE, "{}", d.t() - last);
}

#[test]
fn fate_21_without_master_secret_it_waits_for_a_manager_while_the_day_lasts() {
    let mut d = unsigned(RefundChannel::Ali);
    d.of_bill = silent();
    d.run_to(80_000);
    assert!(!d.case.waits_for_manager(), "not shown to be gone yet");
    d.run_to(5 * MINUTE);
    assert!(d.case.waits_for_manager());
    assert_eq!(d.sends(), 1);
    d.can_send = true;
    d.event(Event::Hinted);
    d.run_to(d.t() + 100);
    assert_eq!(d.sends(), 2, "right after one more empty look-up");
    assert!(!d.case.waits_for_manager());
}

#[test]
fn fate_21_after_midnight_it_is_only_looked_up() {
    let mut d = Drive::at(
        new_refund(RefundChannel::Ali),
        clock(START_MS + 14 * HOUR - 60_000),
    );
    d.pass(30_000);
    d.answered(lost());
    d.of_bill = silent();
    d.run_to(2 * HOUR);
    d.event(Event::Hinted);
    d.run_to(3 * HOUR);
    assert_eq!((d.sends(), d.state()), (1, RefundState::Unresolved));
    assert!(!d.case.waits_for_manager(), "no manager could send it");
    d.of_bill = empty();
    d.until_ended();
    assert_eq!(d.end(), NOT_THERE);
}

#[test]
fn fate_21_the_day_is_the_gateways_and_not_the_wall_clocks() {
    // The wall clock is 3 minutes slow: there it is the 21st already once the send is lost.
    let mut now = clock(START_MS + 14 * HOUR - 200_000);
    now.offset_ms = Some(180_000);
    let mut d = Drive::at(new_refund(RefundChannel::Ali), now);
    d.pass(30_000);
    d.answered(lost());
    d.run_to(9 * MINUTE);
    assert_eq!(d.sends(), 1);
}

#[test]
fn fate_21_a_resends_refusal_is_no_proof() {
    for code in [1, 5, 8, 9, 10, 12] {
        let mut d = Drive::lost(RefundChannel::Ali);
        d.until_sent(2);
        d.answered(refused(code));
        assert!(!d.state().is_terminal(), "{code}");
        d.listed = succeeded();
        d.until_ended();
        assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
        assert_eq!(d.sends(), 2);
    }
}

/// 11 to us because another till's refund is under way; 12 because it took what was left. Only the
/// look-ups say which refund is whose.
#[test]
fn fate_22_11_and_12_in_a_race() {
    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(unclear(11));
    d.of_bill = Listed::Here(vec![other_row(true, Some(true))]);
    d.bill = bill_row(Some(true));
    d.until_ended();
    assert_eq!(
        d.end(),
        NOT_THERE,
        "the other refund explains the bill's row"
    );
    assert_eq!(d.sends(), 1);

    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(unclear(11));
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(
        d.end(),
        (RefundState::Succeeded, Some(RefundProof::Row)),
        "it was ours"
    );

    let mut d = Drive::start(RefundChannel::Ali);
    d.answered(refused(12));
    assert_eq!(d.end(), (RefundState::Refused, Some(RefundProof::Refused)));

    // The same code to a re-send is our own first send, seen from there.
    let mut d = Drive::lost(RefundChannel::Ali);
    d.until_sent(2);
    d.answered(refused(12));
    assert_eq!(d.state(), RefundState::Unresolved);
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(d.state(), RefundState::Succeeded);
}

#[test]
fn fate_21_not_sent_needs_both_look_ups_twice_10_minutes_apart_and_the_bills_row() {
    let mut d = unsigned(RefundChannel::Ali);
    d.until_ended();
    assert_eq!(d.end(), NOT_THERE);
    assert!(
        d.t() >= 30_000 + 10 * MINUTE && d.t() < 13 * MINUTE,
        "{}",
        d.t()
    );
    let by_bill = d.times(|s| *s == Sent::LookUp(LookBy::BillNo));
    assert_eq!(by_bill.len(), 2);
    assert!(by_bill[1] - by_bill[0] >= 10 * MINUTE);
    assert_eq!(d.count(|s| *s == Sent::Bill), 1);
    assert_eq!(d.announced, 2, "unresolved, and its end");
}

#[test]
fn fate_21_silence_and_13_prove_nothing() {
    let cases = [
        (silent(), empty(), bill_row(Some(false))),
        (Listed::NoSuch, empty(), bill_row(Some(false))),
        (empty(), silent(), bill_row(Some(false))),
        (empty(), Listed::NoSuch, bill_row(Some(false))),
        // Rows that were not asked for: the filter does not work.
        (
            Listed::Here(vec![other_row(true, Some(true))]),
            empty(),
            bill_row(None),
        ),
        // Refunded there, by nothing that is listed.
        (empty(), empty(), bill_row(Some(true))),
        (
            empty(),
            Listed::Here(vec![other_row(true, Some(false))]),
            bill_row(Some(true)),
        ),
        (empty(), empty(), RowOutcome::Empty),
        (empty(), empty(), RowOutcome::Many(2)),
        (
            empty(),
            empty(),
            RowOutcome::NoAnswer(crate::domain::gateway::Lost::Timeout),
        ),
    ];
    for (listed, of_bill, bill) in cases {
        let mut d = unsigned(RefundChannel::Ali);
        let shown = format!("{listed:?} {of_bill:?} {bill:?}");
        (d.listed, d.of_bill, d.bill) = (listed, of_bill, bill);
        d.run_to(5 * HOUR);
        assert_eq!(d.state(), RefundState::Unresolved, "{shown}");
    }
}

#[test]
fn fate_21_another_bills_rows_are_no_answer_to_the_look_up_by_bill() {
    let mut d = unsigned(RefundChannel::Ali);
    let mut foreign = other_row(true, Some(true));
    foreign.bill_no = "2026112001000009ZZZZ9999".into();
    d.of_bill = Listed::Here(vec![foreign]);
    d.run_to(2 * HOUR);
    assert_eq!(d.state(), RefundState::Unresolved);
}

#[test]
fn fate_21_a_row_with_our_number_in_the_look_up_by_bill_is_found() {
    let mut d = unsigned(RefundChannel::Ali);
    d.of_bill = Listed::Here(vec![other_row(true, Some(true)), row(true, Some(true))]);
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
}

#[test]
fn fate_facts_another_hosts_empty_look_ups_count_only_once_ours_is_long_silent() {
    let mut d = unsigned(RefundChannel::Ali);
    d.host = host("b");
    d.run_to(30_000 + 10 * MINUTE);
    assert!(!d.case.waits_for_manager());
    assert_eq!(d.state(), RefundState::Unresolved);
    d.until_ended();
    assert_eq!(d.end(), NOT_THERE);
    assert!(d.t() >= 30_000 + 20 * MINUTE, "{}", d.t());
}

#[test]
fn fate_21_an_unconnected_resend_changes_nothing() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.until_sent(2);
    d.answered_then(unconnected(), Some(host("b")));
    assert_eq!((d.state(), d.sends()), (RefundState::Unresolved, 2));
    assert!(d.case.refund.lost);
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
}

#[test]
fn fate_21_once_seen_it_is_never_sent_again_nor_called_not_sent() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.listed = unfinished();
    d.run_to(40_000);
    assert_eq!(d.state(), RefundState::Processing);
    d.listed = empty();
    d.run_to(DAY);
    d.event(Event::Hinted);
    d.crash(1_000);
    d.run_to(3 * DAY);
    assert_eq!((d.state(), d.sends()), (RefundState::Processing, 1));
}

#[test]
fn fate_22_a_row_with_our_number_must_match_bill_and_fee() {
    let mut wrong_bill = row(true, Some(true));
    wrong_bill.bill_no = "2026112001000009ZZZZ9999".into();
    let mut wrong_fee = row(true, Some(true));
    wrong_fee.fee = crate::domain::Fen(501);
    for there in [wrong_bill, wrong_fee] {
        let mut d = Drive::lost(RefundChannel::Ali);
        let (bill_no, fee) = (there.bill_no.clone(), there.fee);
        d.listed = Listed::Here(vec![there]);
        d.run_to(2 * HOUR);
        assert_eq!(
            d.incident(),
            Some(RefundIncidentKind::Mismatch { bill_no, fee })
        );
        assert_eq!(
            (d.state(), d.sends()),
            (RefundState::Unresolved, 1),
            "never an end"
        );
        d.listed = empty();
        d.crash(1_000);
        d.run_to(d.t() + 2 * HOUR);
        assert_eq!(
            (d.state(), d.sends()),
            (RefundState::Unresolved, 1),
            "the number is taken"
        );
    }
}

#[test]
fn fate_22_two_rows_with_our_number_are_an_incident_and_no_end() {
    let mut d = Drive::lost(RefundChannel::Ali);
    d.listed = Listed::Here(vec![row(true, Some(true)), row(true, Some(true))]);
    d.run_to(2 * HOUR);
    assert_eq!(d.incident(), Some(RefundIncidentKind::Rows { count: 2 }));
    assert_eq!((d.state(), d.sends()), (RefundState::Unresolved, 1));
}
