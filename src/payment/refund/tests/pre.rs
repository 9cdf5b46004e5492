//! Pre-refunds: what waits for a manager's word, here and at the gateway. The whole table again
//! for each place where one may stand, and every rule by its name.

use super::driver::*;
use super::table::{TABLE, event_of, letter};
use crate::domain::gateway::RefundOutcome;
use crate::domain::refund::{
    Blocked, ManagersWord, PreRefund, PreRefundId, RefundAnswer, RefundChannel, RefundHappened,
    RefundProof, RefundState,
};
use crate::domain::{Fen, RefundNo};
use crate::payment::refund::{Decision, Event, RefundCase, step};
use proptest::prelude::*;

fn word(agree: bool) -> ManagersWord {
    ManagersWord {
        agree,
        by: "2001".into(),
        signed_in: "2001".into(),
        reason: "情况属实".into(),
        at_ms: START_MS,
    }
}

fn asked(there: bool) -> PreRefund {
    PreRefund {
        by: if there { "" } else { "1001" }.into(),
        at_ms: START_MS,
        there: there.then(|| PreRefundId {
            id: "d9690a6e".into(),
            channel: "ALI".into(),
        }),
        word: None,
        page: None,
    }
}

pub fn decided(agree: bool) -> Event {
    Event::Decided(Box::new(Decision {
        word: word(agree),
        host: host("a"),
        paid: Fen(1234),
        params_hash: "h2".into(),
    }))
}

/// A cashier's request.
pub fn requested(channel: RefundChannel) -> Drive {
    let mut new = new_refund(channel);
    new.approver.clear();
    let now = clock(START_MS);
    let (case, actions) = RefundCase::request(new, asked(false), &now);
    Drive::of(case, actions, now)
}

/// A word about one that was made elsewhere, on its way.
fn there(channel: RefundChannel, agree: bool) -> Drive {
    let pre = PreRefund {
        word: Some(word(agree)),
        ..asked(true)
    };
    let now = clock(START_MS);
    let (case, actions) = RefundCase::with_word(new_refund(channel), pre, &now);
    Drive::of(case, actions, now)
}

fn lost_there(agree: bool) -> Drive {
    let mut d = there(RefundChannel::Ali, agree);
    d.pass(30_000);
    d.answered(lost());
    d
}

/// Q requested here · G there, yes sent · D there, no sent · V there, yes refused, waits again ·
/// K there, its yes lost · M there, its no lost.
const STANDS: [char; 6] = ['Q', 'G', 'D', 'V', 'K', 'M'];

fn stand(name: char) -> Drive {
    match name {
        'Q' => requested(RefundChannel::Ali),
        'G' => there(RefundChannel::Ali, true),
        'D' => there(RefundChannel::Ali, false),
        'V' => {
            let mut d = there(RefundChannel::Ali, true);
            d.answered(refused(5));
            d
        }
        'K' => lost_there(true),
        _ => lost_there(false),
    }
}

/// The state after each event, for one that stood at  Q G D V K M  before.
const CELLS: &[(&str, &str)] = &[
    ("answer done            ", "Q S S Q S S"),
    ("answer processing      ", "Q S S Q S S"),
    ("answer refused         ", "Q Q Q Q S S"),
    ("answer 9               ", "Q Q Q Q S S"),
    ("answer unclear         ", "Q S S Q S S"),
    ("answer unconnected     ", "Q Q Q Q S S"),
    ("answer unconnected next", "Q Q Q Q S S"),
    ("answer lost            ", "Q S S Q S S"),
    ("row succeeded          ", "Q Y Y Y Y Y"),
    ("row failed             ", "Q F D D F D"),
    ("row unfinished         ", "Q S S Q S S"),
    ("row without result     ", "Q S S Q S S"),
    ("row of another fee     ", "Q S S Q S S"),
    ("row of another bill    ", "Q S S Q S S"),
    ("rows 2                 ", "Q S S Q S S"),
    ("row empty              ", "Q S S Q S S"),
    ("row of others          ", "Q S S Q S S"),
    ("row 13                 ", "Q S S Q S S"),
    ("row none               ", "Q S S Q S S"),
    ("bill rows succeeded    ", "Q Y Y Y Y Y"),
    ("bill rows empty        ", "Q S S Q S S"),
    ("status success         ", "Q S S Q S S"),
    ("status fail            ", "Q S S Q S S"),
    ("status processing      ", "Q S S Q S S"),
    ("status 13              ", "Q S S Q S S"),
    ("status 1               ", "Q S S Q S S"),
    ("status 6               ", "Q S S Q S S"),
    ("status none            ", "Q S S Q S S"),
    ("bill read              ", "Q S S Q S S"),
    ("bill refunded          ", "Q S S Q S S"),
    ("bill none              ", "Q S S Q S S"),
    ("tick                   ", "Q S S Q S S"),
    ("hinted                 ", "Q S S Q S S"),
    ("restarted              ", "Q S S Q S S"),
    ("settled                ", "Q S S Q S S"),
    ("answer approved        ", "Q P S P P S"),
    ("answer denied          ", "Q S D Q S S"),
    ("answer in words        ", "Q Q Q Q S S"),
    ("decided yes            ", "S S S S S S"),
    ("decided no             ", "D S S S S S"),
    ("renewed                ", "N S S Q S S"),
];

#[test]
fn every_event_moves_every_pre_refund_as_the_table_says() {
    let names: Vec<&str> = TABLE.iter().map(|(name, _)| name.trim()).collect();
    let here: Vec<&str> = CELLS.iter().map(|(name, _)| name.trim()).collect();
    assert_eq!(names, here, "every event");
    for (name, cells) in CELLS {
        let cells: Vec<char> = cells.split(' ').filter_map(|c| c.chars().next()).collect();
        assert_eq!(cells.len(), STANDS.len(), "{name}");
        for (from, to) in STANDS.into_iter().zip(cells) {
            let d = stand(from);
            let event = event_of(name.trim(), &d);
            let (case, actions) = step(d.case, event, true, &d.now, &d.policy);
            assert_eq!(letter(case.refund.state), to, "{name} at {from}");
            assert!(actions.len() <= 5);
        }
    }
}

#[test]
fn a_request_is_recorded_and_nothing_leaves_however_long_it_waits() {
    let mut d = requested(RefundChannel::Ali);
    assert_eq!(d.story, [RefundHappened::RefundRequested]);
    d.run_to(3 * DAY);
    d.event(Event::Hinted);
    d.crash(HOUR);
    d.run_to(4 * DAY);
    assert_eq!(d.state(), RefundState::Requested);
    assert!(d.log.is_empty(), "{:?}", d.log);
    assert!(d.case.refund.needs_someone(), "a person must look (I5)");
}

#[test]
fn a_managers_yes_sends_it_once_as_every_refund_is() {
    let mut d = requested(RefundChannel::Ali);
    d.pass(HOUR);
    d.event(decided(true));
    assert_eq!((d.state(), d.sends()), (RefundState::Sent, 1));
    assert_eq!(d.case.refund.approver, "2001");
    assert_eq!(
        d.case.refund.sent.wall_ms,
        START_MS + HOUR,
        "when it was sent"
    );
    d.event(decided(true));
    assert_eq!(d.sends(), 1, "twice pressed is sent once");
    d.answered(RefundOutcome::Done);
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Answer)));
}

#[test]
fn a_managers_no_ends_it_and_nothing_ever_left() {
    let mut d = requested(RefundChannel::Wx);
    d.event(decided(false));
    assert_eq!(d.end(), (RefundState::Denied, Some(RefundProof::Denied)));
    assert!(d.case.refund.is_denial() && !d.state().takes_balance());
    d.run_to(DAY);
    d.event(decided(true));
    assert!(d.log.is_empty());
}

#[test]
fn nobody_who_could_sign_it_and_it_waits_on() {
    let mut d = requested(RefundChannel::Ali);
    d.can_send = false;
    d.event(decided(true));
    assert_eq!((d.state(), d.sends()), (RefundState::Requested, 0));
}

#[test]
fn a_request_of_yesterday_goes_on_by_a_new_number_and_its_own_was_never_sent() {
    let mut d = requested(RefundChannel::Ali);
    assert!(!d.case.must_be_renewed(&d.now));
    d.run_to(DAY);
    assert!(d.case.must_be_renewed(&d.now));
    d.event(decided(true));
    assert_eq!((d.state(), d.sends()), (RefundState::Requested, 0));
    let by = RefundNo::parse("2026112101000064K7Q2M4XD").unwrap();
    d.event(Event::Renewed { by });
    assert_eq!(d.end(), (RefundState::NotSent, Some(RefundProof::Renewed)));
    assert!(!d.case.refund.needs_someone(), "the new one does");
}

#[test]
fn a_crash_after_the_word_was_recorded_is_a_lost_send_and_never_a_second_word() {
    for before in 0..2 {
        let mut d = requested(RefundChannel::Ali);
        d.event(decided(true));
        let line = d.lines[before].clone();
        (d.sending, d.asking) = (false, None);
        d.can_send = false;
        d.log.clear();
        d.resume(line, 500);
        d.run_to(d.t() + HOUR);
        match before {
            0 => assert_eq!(d.state(), RefundState::Requested),
            _ => assert!(d.case.refund.lost, "what is recorded may have left"),
        }
        assert_eq!(d.sends(), 0);
    }
}

#[test]
fn an_approval_without_an_answer_is_unknown_and_is_never_sent_again_by_itself() {
    for listed in [unfinished(), empty(), silent()] {
        let mut d = there(RefundChannel::Ali, true);
        d.listed = listed.clone();
        d.of_bill = silent();
        d.pass(30_000);
        d.answered(lost());
        d.run_to(6 * HOUR);
        assert_eq!(d.state(), RefundState::Unresolved, "{listed:?}");
        assert_eq!(d.sends(), 1, "{listed:?}");
        d.event(Event::Hinted);
        d.run_to(7 * HOUR);
        assert_eq!(d.sends(), 1, "not even when somebody asks: {listed:?}");
        d.listed = succeeded();
        d.until_ended();
        assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
    }
}

#[test]
fn an_unanswered_word_is_repeated_after_a_minute_and_never_turned_around() {
    let mut d = lost_there(true);
    d.listed = unfinished();
    assert!(!d.case.takes_word(true, &d.now), "too soon");
    d.run_to(120_000);
    assert!(d.case.takes_word(true, &d.now) && !d.case.takes_word(false, &d.now));
    (d.asking, d.sent) = (None, lost());
    d.event(decided(false));
    assert_eq!(d.sends(), 1, "a no would say what nobody knows");
    d.event(decided(true));
    assert_eq!(d.sends(), 2);
    d.answered(refused(5));
    assert!(
        !d.state().is_terminal(),
        "a refusal is definite only without a lost send"
    );
    assert!(d.case.refund.lost);
}

#[test]
fn ok_waits_for_the_row_and_keeps_the_page_for_the_password() {
    let mut d = there(RefundChannel::Ali, true);
    d.listed = unfinished();
    let page = Some("https://pay.example/1".to_owned());
    d.answered(RefundOutcome::Approved { page: page.clone() });
    assert_eq!(d.state(), RefundState::Processing, "OK is no success yet");
    assert_eq!(d.case.refund.pre.clone().unwrap().page, page);
    d.run_to(HOUR);
    assert_eq!(d.state(), RefundState::Processing);
    d.crash(1_000);
    d.listed = succeeded();
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Row)));
    assert_eq!(d.sends(), 1);
}

#[test]
fn wechats_answer_counts_only_after_the_gateway_took_the_yes() {
    let mut d = there(RefundChannel::Wx, true);
    (d.listed, d.status) = (
        unfinished(),
        crate::domain::gateway::RefundStatusOutcome::Failed,
    );
    d.pass(30_000);
    d.answered(lost());
    d.run_to(HOUR);
    assert_eq!(
        d.state(),
        RefundState::Unresolved,
        "nobody agreed there yet"
    );
    let mut d = there(RefundChannel::Wx, true);
    d.listed = unfinished();
    d.status = crate::domain::gateway::RefundStatusOutcome::Success;
    d.answered(RefundOutcome::Approved { page: None });
    d.until_ended();
    assert_eq!(d.end(), (RefundState::Succeeded, Some(RefundProof::Status)));
}

#[test]
fn the_gateways_own_words_leave_it_waiting_for_another_word() {
    let mut d = there(RefundChannel::Ali, true);
    d.listed = unfinished();
    let detail = "余额不足".to_owned();
    d.answered(RefundOutcome::NotApproved { detail });
    d.run_to(HOUR);
    assert_eq!(d.state(), RefundState::Requested);
    assert_eq!(d.case.refund.detail().as_deref(), Some("余额不足"));
    d.asking = None;
    d.event(decided(false));
    assert_eq!((d.state(), d.sends()), (RefundState::Sent, 2));
    d.answered(RefundOutcome::Denied);
    assert_eq!(d.end(), (RefundState::Denied, Some(RefundProof::Denied)));
}

#[test]
fn what_somebody_else_decided_ends_one_that_waits() {
    for (listed, state) in [
        (succeeded(), RefundState::Succeeded),
        (failed(), RefundState::Denied),
    ] {
        let mut d = stand('V');
        d.listed = listed;
        d.until_ended();
        assert_eq!(d.end(), (state, Some(RefundProof::Row)));
        assert_eq!(d.case.refund.answer.clone(), refused_answer());
    }
}

fn refused_answer() -> RefundAnswer {
    match stand('V').case.refund.answer {
        answer @ RefundAnswer::Refused { .. } => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_no_that_was_taken_beside_money_that_left_is_an_incident() {
    let mut d = there(RefundChannel::Ali, false);
    d.answered(RefundOutcome::Denied);
    d.listed = unfinished();
    d.run_to(5 * MINUTE);
    assert_eq!(d.incident(), None, "a denied row may stay unfinished");
    d.listed = succeeded();
    d.run_to(HOUR);
    assert_eq!(d.state(), RefundState::Denied, "I8");
    assert!(d.incident().is_some());
}

#[test]
fn a_request_stands_in_the_way_of_the_next_refund_and_is_named() {
    let waiting = requested(RefundChannel::Ali).case.refund;
    let number = waiting.refund_no.as_str().to_owned();
    let found = super::balance::of_paid(std::slice::from_ref(&waiting), &[]);
    assert_eq!(found, Err(Blocked::Requested(number)));
    let mut denied = requested(RefundChannel::Ali);
    denied.event(decided(false));
    let found = super::balance::of_paid(&[denied.case.refund], &[]).unwrap();
    assert_eq!(found.refundable, Fen(1234), "what was denied takes nothing");
}

/// One thing that people do.
#[derive(Debug, Clone)]
enum Act {
    /// A cashier asks for so many thousandths of what is left.
    Ask(i64),
    Yes(bool),
    No,
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (1..=1000i64).prop_map(Act::Ask),
        any::<bool>().prop_map(Act::Yes),
        Just(Act::No),
        Just(Act::Crash),
    ];
    prop::collection::vec(act, 1..24)
}

proptest! {
    #[test]
    fn i6_requested_unresolved_and_refunded_never_exceed_what_was_paid(acts in acts()) {
        let mut over: Vec<crate::domain::Refund> = Vec::new();
        let mut open: Option<Drive> = None;
        for (n, act) in acts.into_iter().enumerate() {
            let mut here = over.clone();
            here.extend(open.as_ref().map(|d| d.case.refund.clone()));
            match (act, &mut open) {
                (Act::Ask(share), _) => {
                    let left = super::balance::of_paid(&here, &[]);
                    prop_assert!(open.is_none() || left.is_err(), "one open a bill");
                    if let Ok(left) = left {
                        let number = format!("2026112001{n:06}K7Q2M4XD");
                        let mut new = new_refund(RefundChannel::Ali);
                        new.refund_no = RefundNo::parse(&number).unwrap();
                        new.fee = Fen((left.refundable.0 * share / 1000).max(1));
                        let now = clock(START_MS);
                        let (case, actions) = RefundCase::request(new, asked(false), &now);
                        open = Some(Drive::of(case, actions, now));
                    }
                }
                (Act::Yes(answered), Some(d)) if d.state() == RefundState::Requested => {
                    let without = super::balance::of_paid(&over, &[]).unwrap();
                    prop_assert!(d.case.refund.fee <= without.refundable);
                    d.event(decided(true));
                    let end = if answered { RefundOutcome::Done } else { refused(12) };
                    d.answered(end);
                }
                (Act::No, Some(d)) => d.event(decided(false)),
                (Act::Crash, Some(d)) => d.crash(1_000),
                _ => {}
            }
            if open.as_ref().is_some_and(|d| d.state().is_terminal()) {
                over.extend(open.take().map(|d| d.case.refund));
            }
            let taken = over.iter().chain(open.as_ref().map(|d| &d.case.refund));
            let taken: i64 = taken.filter(|r| r.state.takes_balance()).map(|r| r.fee.0).sum();
            prop_assert!(taken <= 1234, "I6: {taken}");
        }
    }
}
