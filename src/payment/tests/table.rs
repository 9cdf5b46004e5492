//! The whole table: every state × every event, every cell written out.

use super::driver::*;
use crate::domain::bill::IncidentKind;
use crate::domain::gateway::{Lost, PayOutcome, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{BillNo, Channel, State};
use crate::payment::{Event, step};

/// Where a bill may stand before the event.
const STANDS: [char; 8] = ['S', 'A', 'C', 'R', 'W', 'U', 'Q', 'D'];

/// S sent · A awaiting · C closing, nothing reverted · R closing, a revert under way · W watching ·
/// U unresolved · Q sent, a QR · D a QR's code is here and not drawn.
fn stand(name: char) -> Drive {
    match name {
        'S' => Drive::start(Channel::WxScan),
        'A' => Drive::awaiting(Channel::WxScan),
        'C' => {
            let mut d = Drive::awaiting(Channel::WxScan);
            d.event(Event::CancelAsked);
            d
        }
        'R' => {
            let mut d = stand('C');
            d.until_asking(Asking::Revert);
            d
        }
        'W' => {
            let mut d = Drive::awaiting(Channel::WxNative);
            d.event(Event::CancelAsked);
            d
        }
        'U' => {
            let mut d = Drive::awaiting(Channel::WxScan);
            (d.status, d.row) = (silent_status(), silent_row());
            d.run(400_000, |d| d.state() == State::Unresolved);
            d
        }
        'Q' => Drive::start(Channel::AliOfflineQrcode),
        _ => {
            let mut d = Drive::start(Channel::AliOfflineQrcode);
            d.pay(code());
            d
        }
    }
}

fn letter(state: State) -> char {
    match state {
        State::Sent => 'S',
        State::Awaiting => 'A',
        State::Closing => 'C',
        State::Watching => 'W',
        State::Unresolved => 'U',
        State::Paid => 'P',
        State::Refused => 'F',
        State::NotSent => 'N',
        State::Reverted => 'V',
        State::Expired => 'E',
    }
}

/// The state after each event, for a bill that stood at  S A C R W U Q D  before.
const TABLE: &[(&str, &str)] = &[
    ("pay paid            ", "P P P C P P P P"),
    ("pay waiting         ", "A A C C W U A A"),
    ("pay code            ", "A A C C W U A A"),
    ("pay refused         ", "F A C C W U F A"),
    ("pay final refusal   ", "C A C C W U C A"),
    ("pay unconnected     ", "N A C C W U N A"),
    ("pay unconnected next", "S A C C W U S A"),
    ("pay lost            ", "A A C C W U C A"),
    ("status paid         ", "P P P C P P P P"),
    ("status not paid     ", "S A C C W U S A"),
    ("status 8            ", "S A C C W U S A"),
    ("status 1            ", "S A C C W U S A"),
    ("status 3            ", "S A C C W U S A"),
    ("status 6            ", "S A C C W U S A"),
    ("status none         ", "S A C C W U S A"),
    ("row paid            ", "P P P C P P P P"),
    ("row paid mute       ", "P P P C P P P P"),
    ("row refunded        ", "P P P C P P P P"),
    ("row unpaid          ", "S A C C W U S A"),
    ("row reverted        ", "S A C C W U S A"),
    // Nothing negative is final while pay still hangs.
    ("row paid, reverted  ", "S V V V V V S V"),
    ("row empty           ", "S A C C W U S A"),
    ("rows 2              ", "S A C C W U S A"),
    ("row none            ", "S A C C W U S A"),
    ("revert true         ", "S A C C W U S A"),
    ("revert false        ", "S A C C W U S A"),
    ("revert 8            ", "S A C C W U S A"),
    ("revert 3            ", "S A C C W U S A"),
    ("revert 6            ", "S A C W W U S A"),
    ("revert 1            ", "S A C C W U S A"),
    ("revert 11           ", "S A C C W U S A"),
    ("revert none         ", "S A C C W U S A"),
    ("tick                ", "S A C C W U S A"),
    ("cancel              ", "C C C C W U C C"),
    ("qr shown            ", "S A C C W U S A"),
    ("qr unshowable       ", "S A C C W U S C"),
    ("qr shown again      ", "S A C C W U S A"),
    ("hinted              ", "S A C C W U S A"),
    ("restarted           ", "A A C C W U C C"),
    ("handed over         ", "S A C C W U S A"),
    ("released            ", "S A C C W U S A"),
    ("other paid          ", "S A C C W U S A"),
    ("settle asked        ", "S A C C W U S A"),
    ("refunded            ", "S A C C W U S A"),
    ("incident settled    ", "S A C C W U S A"),
];

fn pay_of(name: &str) -> Option<PayOutcome> {
    Some(match name {
        "pay paid" => paid_at_once(),
        "pay waiting" => waiting(),
        "pay code" => code(),
        "pay refused" => PayOutcome::Refused {
            code: 5,
            detail: "no".into(),
        },
        "pay final refusal" => final_refusal(),
        "pay unconnected" | "pay unconnected next" => PayOutcome::Unconnected { why: "x".into() },
        "pay lost" => lost(),
        _ => return None,
    })
}

fn status_of(name: &str) -> Option<StatusOutcome> {
    Some(match name {
        "status paid" => StatusOutcome::Paid,
        "status not paid" => StatusOutcome::NotPaid,
        "status 8" => StatusOutcome::NoSuchBill,
        "status 1" => StatusOutcome::ClockOrKey,
        "status 3" => StatusOutcome::ChannelRefused,
        "status 6" => StatusOutcome::Alarm {
            code: 6,
            detail: "cert".into(),
        },
        "status none" => silent_status(),
        _ => return None,
    })
}

fn row_of(name: &str) -> Option<RowOutcome> {
    let mut refunded = row(true, Some(false));
    refunded.refunded = Some(true);
    Some(match name {
        "row paid" => paid(),
        "row paid mute" => RowOutcome::Row(row(true, None)),
        "row refunded" => RowOutcome::Row(refunded),
        "row unpaid" => unpaid(),
        "row reverted" => reverted(),
        "row paid, reverted" => RowOutcome::Row(row(true, Some(true))),
        "row empty" => RowOutcome::Empty,
        "rows 2" => RowOutcome::Many(2),
        "row none" => silent_row(),
        _ => return None,
    })
}

fn revert_of(name: &str) -> Option<RevertOutcome> {
    Some(match name {
        "revert true" => RevertOutcome::Claimed,
        "revert false" => RevertOutcome::NotDone,
        "revert 8" => RevertOutcome::NoSuchBill,
        "revert 3" => RevertOutcome::ChannelRefused,
        "revert 6" => RevertOutcome::NotRevertible {
            code: 6,
            detail: "cert".into(),
        },
        "revert 1" => RevertOutcome::ClockOrKey,
        "revert 11" => RevertOutcome::AlreadyRefunding,
        "revert none" => RevertOutcome::NoAnswer(Lost::Timeout),
        _ => return None,
    })
}

fn person_of(name: &str) -> Event {
    let (by, reason) = ("2001".to_owned(), "r".to_owned());
    match name {
        "tick" => Event::Tick,
        "cancel" => Event::CancelAsked,
        "qr shown" => Event::QrShown,
        "qr unshowable" => Event::QrUnshowable,
        "qr shown again" => Event::QrShownAgain,
        "hinted" => Event::Hinted,
        "restarted" => Event::Restarted,
        "handed over" => Event::HandedOver,
        "released" => Event::Released { by, reason },
        "settle asked" => Event::SettleAsked { by, reason },
        "refunded" => Event::Refunded {
            fee: crate::domain::Fen(500),
            by,
            reason,
        },
        "incident settled" => Event::IncidentSettled {
            how: crate::domain::bill::Settled::Disputed,
            by,
            reason,
        },
        "other paid" => Event::OtherPaid {
            other: BillNo::parse("2026112001000002ABCD2345").unwrap(),
        },
        other => panic!("no such event: {other}"),
    }
}

fn event_of(name: &str, d: &Drive) -> Event {
    let pay_host = d.pay_host;
    if let Some(outcome) = pay_of(name) {
        let next_host = name.ends_with("next").then(|| host("b"));
        let answer = d.answer(outcome);
        return Event::PayAnswered { answer, next_host };
    }
    if let Some(outcome) = status_of(name) {
        let answer = d.answer(outcome);
        return Event::StatusAnswered { answer, pay_host };
    }
    if let Some(outcome) = row_of(name) {
        let answer = d.answer(outcome);
        return Event::RowRead { answer, pay_host };
    }
    if let Some(outcome) = revert_of(name) {
        let answer = d.answer(outcome);
        return Event::RevertAnswered { answer };
    }
    person_of(name)
}

#[test]
fn every_event_moves_every_open_state_as_the_table_says() {
    for (name, row) in TABLE {
        let cells: Vec<char> = row.split(' ').filter_map(|c| c.chars().next()).collect();
        assert_eq!(cells.len(), STANDS.len(), "{name}");
        for (from, to) in STANDS.iter().zip(cells) {
            let d = stand(*from);
            let event = event_of(name.trim(), &d);
            let (case, actions) = step(d.case, event, &d.now, &d.policy);
            assert_eq!(letter(case.bill.state), to, "{name} at {from}");
            assert!(actions.len() <= 6);
        }
    }
}

fn terminal(state: State) -> Drive {
    let mut d = match state {
        State::Paid => {
            let mut d = Drive::start(Channel::WxScan);
            d.pay(paid_at_once());
            d
        }
        State::Refused => {
            let mut d = Drive::start(Channel::WxScan);
            d.pay(final_refusal());
            d.until_ended();
            d
        }
        State::NotSent => {
            let mut d = Drive::start(Channel::WxScan);
            d.pay(PayOutcome::Unconnected { why: "x".into() });
            d
        }
        State::Reverted => {
            let mut d = stand('R');
            d.row = reverted();
            d.until_ended();
            d
        }
        _ => {
            let mut d = stand('W');
            d.until_ended();
            d
        }
    };
    assert_eq!(d.state(), state);
    d.asking = None;
    d
}

#[test]
fn nothing_moves_a_terminal_state_but_incidents_and_looks_stand_beside_it() {
    for state in State::ALL.into_iter().filter(|s| s.is_terminal()) {
        for (name, _) in TABLE {
            let mut d = terminal(state);
            let event = event_of(name.trim(), &d);
            // The driver compares the whole bill before and after (I8).
            d.event(event);
            assert_eq!(d.state(), state, "{name}");
        }
    }
}

#[test]
fn a_look_that_finds_paid_beside_an_unpaid_end_is_an_incident() {
    for state in [
        State::Refused,
        State::NotSent,
        State::Reverted,
        State::Expired,
    ] {
        for (status, rows) in [
            (StatusOutcome::Paid, silent_row()),
            (StatusOutcome::NotPaid, paid()),
            (silent_status(), RowOutcome::Row(row(true, None))),
        ] {
            let mut d = terminal(state);
            (d.status, d.row) = (status, rows);
            d.event(Event::Hinted);
            d.run_to(d.t() + 2_000);
            assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll), "{state:?}");
        }
    }
}

#[test]
fn a_look_that_finds_paid_given_back_is_an_incident() {
    for rows in [reverted(), RowOutcome::Row(row(true, Some(true)))] {
        let mut d = terminal(State::Paid);
        d.row = rows;
        d.run_to(5_000);
        assert_eq!(d.incident(), Some(IncidentKind::GivenBack));
    }
}
