//! The whole table: every state × every event, every cell written out.

use super::driver::*;
use crate::domain::gateway::{Listed, RefundOutcome, RefundRow, RefundStatusOutcome, RowOutcome};
use crate::domain::refund::{RefundChannel, RefundProof, RefundState};
use crate::payment::refund::{Event, LookBy, step};

/// Where a refund may stand before the event.
const STANDS: [char; 7] = ['S', 'X', 'L', 'P', 'W', 'U', 'A'];

/// S sent · X sent, WX · L its only send lost · P processing · W processing, WX · U unresolved ·
/// A unresolved, sent again.
fn stand(name: char) -> Drive {
    match name {
        'S' => Drive::start(RefundChannel::Ali),
        'X' => Drive::start(RefundChannel::Wx),
        'L' => Drive::lost(RefundChannel::Ali),
        'P' | 'W' => {
            let mut d = Drive::start(match name {
                'P' => RefundChannel::Ali,
                _ => RefundChannel::Wx,
            });
            d.answered(RefundOutcome::Processing);
            d
        }
        'U' => {
            let mut d = stand('L');
            d.listed = silent();
            d.run(400_000, |d| d.state() == RefundState::Unresolved);
            d
        }
        _ => {
            let mut d = stand('L');
            d.until_sent(2);
            d
        }
    }
}

pub(super) fn letter(state: RefundState) -> char {
    match state {
        RefundState::Sent => 'S',
        RefundState::Processing => 'P',
        RefundState::Unresolved => 'U',
        RefundState::Succeeded => 'Y',
        RefundState::Failed => 'F',
        RefundState::Refused => 'R',
        RefundState::NotSent => 'N',
        RefundState::Requested => 'Q',
        RefundState::Denied => 'D',
    }
}

/// The state after each event, for a refund that stood at  S X L P W U A  before.
pub(super) const TABLE: &[(&str, &str)] = &[
    ("answer done            ", "Y P Y Y P Y Y"),
    ("answer processing      ", "P P P P P P P"),
    // To L, P, W and U nobody sent anything that could still be refused.
    ("answer refused         ", "R R S P P U U"),
    ("answer 9               ", "R R S P P U U"),
    ("answer unclear         ", "S S S P P U U"),
    ("answer unconnected     ", "N N S P P U U"),
    ("answer unconnected next", "S S S P P U U"),
    ("answer lost            ", "S S S P P U U"),
    ("row succeeded          ", "Y P Y Y P Y Y"),
    ("row failed             ", "F P F F P F F"),
    ("row unfinished         ", "P P P P P P P"),
    ("row without result     ", "P P P P P P P"),
    ("row of another fee     ", "S S S P P U U"),
    ("row of another bill    ", "S S S P P U U"),
    ("rows 2                 ", "S S S P P U U"),
    ("row empty              ", "S S S P P U U"),
    ("row of others          ", "S S S P P U U"),
    ("row 13                 ", "S S S P P U U"),
    ("row none               ", "S S S P P U U"),
    ("bill rows succeeded    ", "Y P Y Y P Y Y"),
    ("bill rows empty        ", "S S S P P U U"),
    ("status success         ", "S Y S P Y U U"),
    ("status fail            ", "S F S P F U U"),
    ("status processing      ", "S P S P P U U"),
    ("status 13              ", "S S S P P U U"),
    ("status 1               ", "S S S P P U U"),
    ("status 6               ", "S S S P P U U"),
    ("status none            ", "S S S P P U U"),
    ("bill read              ", "S S S P P U U"),
    ("bill refunded          ", "S S S P P U U"),
    ("bill none              ", "S S S P P U U"),
    ("tick                   ", "S S S P P U U"),
    ("hinted                 ", "S S S P P U U"),
    ("restarted              ", "S S S P P U U"),
    ("settled                ", "S S S P P U U"),
    // Words about pre-refunds concern none of these.
    ("answer approved        ", "S S S P P U U"),
    ("answer denied          ", "S S S P P U U"),
    ("answer in words        ", "S S S P P U U"),
    ("decided yes            ", "S S S P P U U"),
    ("decided no             ", "S S S P P U U"),
    ("renewed                ", "S S S P P U U"),
];

fn answer_of(name: &str) -> Option<RefundOutcome> {
    Some(match name {
        "answer done" => RefundOutcome::Done,
        "answer processing" => RefundOutcome::Processing,
        "answer refused" => refused(5),
        "answer 9" => refused(9),
        "answer unclear" => unclear(7),
        "answer unconnected" | "answer unconnected next" => unconnected(),
        "answer lost" => lost(),
        "answer approved" => RefundOutcome::Approved { page: None },
        "answer denied" => RefundOutcome::Denied,
        "answer in words" => RefundOutcome::NotApproved {
            detail: "余额不足".into(),
        },
        _ => return None,
    })
}

fn rows_of(name: &str) -> Option<Listed<Vec<RefundRow>>> {
    let (mut fee, mut bill) = (row(true, Some(true)), row(true, Some(true)));
    fee.fee = crate::domain::Fen(1);
    bill.bill_no = "2026112001000009ZZZZ9999".into();
    Some(match name {
        "row succeeded" | "bill rows succeeded" => succeeded(),
        "row failed" => failed(),
        "row unfinished" => unfinished(),
        "row without result" => Listed::Here(vec![row(true, None)]),
        "row of another fee" => Listed::Here(vec![fee]),
        "row of another bill" => Listed::Here(vec![bill]),
        "rows 2" => Listed::Here(vec![row(true, Some(true)), row(true, Some(true))]),
        "row empty" | "bill rows empty" => empty(),
        "row of others" => Listed::Here(vec![other_row(true, Some(true))]),
        "row 13" => Listed::NoSuch,
        "row none" => silent(),
        _ => return None,
    })
}

fn status_of(name: &str) -> Option<RefundStatusOutcome> {
    Some(match name {
        "status success" => RefundStatusOutcome::Success,
        "status fail" => RefundStatusOutcome::Failed,
        "status processing" => RefundStatusOutcome::Processing,
        "status 13" => RefundStatusOutcome::NoSuchRefund,
        "status 1" => RefundStatusOutcome::ClockOrKey,
        "status 6" => RefundStatusOutcome::Alarm {
            code: 6,
            detail: "cert".into(),
        },
        "status none" => no_status(),
        _ => return None,
    })
}

pub(super) fn event_of(name: &str, d: &Drive) -> Event {
    if let Some(outcome) = answer_of(name) {
        let next_host = name.ends_with("next").then(|| host("b"));
        let answer = d.answer(outcome);
        return Event::Answered { answer, next_host };
    }
    if let Some(outcome) = rows_of(name) {
        let by = match name.starts_with("bill rows") {
            true => LookBy::BillNo,
            false => LookBy::RefundNo,
        };
        let answer = d.answer(outcome);
        return Event::LookedUp { by, answer };
    }
    if let Some(outcome) = status_of(name) {
        let answer = d.answer(outcome);
        return Event::StatusAnswered { answer };
    }
    let read = |outcome: RowOutcome| Event::BillRead {
        answer: d.answer(outcome),
    };
    match name {
        "bill read" => read(bill_row(Some(false))),
        "bill refunded" => read(bill_row(Some(true))),
        "bill none" => read(RowOutcome::NoAnswer(crate::domain::gateway::Lost::Timeout)),
        "tick" => Event::Tick,
        "hinted" => Event::Hinted,
        "restarted" => Event::Restarted,
        "settled" => Event::Settled {
            by: "2001".into(),
            reason: "r".into(),
        },
        "decided yes" => super::pre::decided(true),
        "decided no" => super::pre::decided(false),
        "renewed" => Event::Renewed {
            by: crate::domain::RefundNo::parse("2026112001000064K7Q2M4XD").unwrap(),
        },
        other => panic!("no such event: {other}"),
    }
}

#[test]
fn every_event_moves_every_open_state_as_the_table_says() {
    for (name, cells) in TABLE {
        let cells: Vec<char> = cells.split(' ').filter_map(|c| c.chars().next()).collect();
        assert_eq!(cells.len(), STANDS.len(), "{name}");
        for (from, to) in STANDS.iter().zip(cells) {
            let d = stand(*from);
            let event = event_of(name.trim(), &d);
            let (case, actions) = step(d.case, event, true, &d.now, &d.policy);
            assert_eq!(letter(case.refund.state), to, "{name} at {from}");
            assert!(actions.len() <= 5);
        }
    }
}

fn terminal(state: RefundState, channel: RefundChannel) -> Drive {
    let mut d = Drive::start(channel);
    match state {
        RefundState::Succeeded | RefundState::Failed => {
            d.answered(RefundOutcome::Processing);
            (d.listed, d.status) = match state {
                RefundState::Failed => (failed(), RefundStatusOutcome::Failed),
                _ => (succeeded(), RefundStatusOutcome::Success),
            };
        }
        RefundState::Refused => d.answered(refused(5)),
        RefundState::Denied => {
            d = super::pre::requested(channel);
            d.event(super::pre::decided(false));
        }
        _ => {
            d.answered(lost());
            d.can_send = false;
        }
    }
    d.until_ended();
    assert_eq!(d.state(), state);
    d.can_send = true;
    d
}

#[test]
fn i8_nothing_moves_a_terminal_state_but_incidents_and_looks_stand_beside_it() {
    let ended = RefundState::ALL.into_iter().filter(|s| s.is_terminal());
    for state in ended {
        for channel in [RefundChannel::Ali, RefundChannel::Wx] {
            for (name, _) in TABLE {
                let mut d = terminal(state, channel);
                let sends = d.sends();
                let event = event_of(name.trim(), &d);
                // The driver compares the whole refund before and after.
                d.event(event);
                d.asking = None;
                assert_eq!(d.state(), state, "{name}");
                assert_eq!(d.sends(), sends, "{name}");
            }
        }
    }
}

#[test]
fn a_contradicting_row_is_an_incident_beside_every_end() {
    for (state, name) in [
        (RefundState::Succeeded, "row failed"),
        (RefundState::Failed, "row succeeded"),
        (RefundState::Refused, "row succeeded"),
        (RefundState::Refused, "row unfinished"),
        (RefundState::NotSent, "row succeeded"),
        (RefundState::NotSent, "row unfinished"),
        (RefundState::NotSent, "row of another bill"),
        (RefundState::Succeeded, "rows 2"),
    ] {
        let mut d = terminal(state, RefundChannel::Ali);
        let event = event_of(name, &d);
        d.event(event);
        assert!(d.incident().is_some(), "{name} beside {state:?}");
        assert!(d.case.refund.needs_someone());
    }
}

#[test]
fn every_end_says_its_proof() {
    for (state, channel, proof) in [
        (RefundState::Succeeded, RefundChannel::Ali, RefundProof::Row),
        (
            RefundState::Succeeded,
            RefundChannel::Wx,
            RefundProof::Status,
        ),
        (RefundState::Failed, RefundChannel::Ali, RefundProof::Row),
        (RefundState::Failed, RefundChannel::Wx, RefundProof::Status),
        (
            RefundState::Refused,
            RefundChannel::Ali,
            RefundProof::Refused,
        ),
        (
            RefundState::NotSent,
            RefundChannel::Ali,
            RefundProof::UnknownAtGateway,
        ),
    ] {
        assert_eq!(terminal(state, channel).end(), (state, Some(proof)));
    }
}
