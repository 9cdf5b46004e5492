//! I11 for the tables of the manager's desk.

use super::audit::{Broken, Place, Why};
use super::auditing::{attack, row};
use super::books::{a_refund, a_run, a_shift, closed, refund_in, refund_no};
use super::*;
use crate::domain::refund::RefundState;
use crate::domain::shift::ShiftReport;

/// Two refunds, one of them over; two shifts, one of them over; two scopes.
fn a_desk() -> Room {
    let mut room = Room::filled();
    let over = refund_in(1, 1, RefundState::Succeeded);
    let first = closed(1, ShiftReport::default());
    room.ledger
        .write(
            &[
                Entry::Shift(ShiftHappened::ShiftOpened, &a_shift(1)),
                Entry::Refund(RefundHappened::RefundStarted, None, &a_refund(1, 1)),
                Entry::Refund(RefundHappened::RefundStarted, None, &a_refund(2, 2)),
                Entry::Refund(RefundHappened::RefundSucceeded, None, &over),
                Entry::Run(&a_run(None, T0)),
                Entry::Run(&a_run(Some(1), T0)),
                Entry::Run(&a_run(None, T0 + 5)),
                Entry::Shift(ShiftHappened::ShiftClosed, &first),
                Entry::Shift(ShiftHappened::ShiftOpened, &a_shift(2)),
            ],
            T0,
        )
        .unwrap();
    room
}

const EVENTS: i64 = 18;
// Its rows by id: refunds 11 and 12, runs 14 and 15, shifts 10 and 18.

fn found(sql: &str) -> Broken {
    let room = a_desk();
    assert_eq!(room.verify(), Ok(EVENTS), "whole before the attack");
    attack(&room, sql);
    match room.verify() {
        Err(broken) => broken,
        Ok(_) => panic!("not found: {sql}"),
    }
}

#[test]
fn an_edited_row_of_the_desk_is_found_whatever_column() {
    let refund = refund_no(1).to_string();
    for (table, id, name, set, column) in [
        ("refund", 11, refund.as_str(), "seq = 11", "seq"),
        (
            "refund",
            11,
            &refund,
            "refund_no = '20990101001'",
            "refund_no",
        ),
        ("refund", 11, &refund, "bill_no = '20990101'", "bill_no"),
        ("refund", 11, &refund, "fee = 1", "fee"),
        ("refund", 11, &refund, "class = 4", "class"),
        ("refund", 11, &refund, "sent_ms = 1", "sent_ms"),
        ("refund", 11, &refund, "ended_ms = NULL", "ended_ms"),
        ("refund", 11, &refund, "attention = 1", "attention"),
        ("refund", 11, &refund, "began = 2", "began"),
        ("refund", 11, &refund, "shift = 2", "shift"),
        ("shift", 10, "1", "seq = 10", "seq"),
        ("shift", 10, "1", "no = 7", "no"),
        ("shift", 18, "2", "open = NULL", "open"),
        ("shift", 10, "1", "opened_ms = 1", "opened_ms"),
        ("shift", 10, "1", "closed_ms = 1", "closed_ms"),
        ("reconcile", 14, "14", "seq = 14", "seq"),
        ("reconcile", 14, "14", "from_ms = 1", "from_ms"),
        ("reconcile", 14, "14", "to_ms = 1", "to_ms"),
        ("reconcile", 14, "14", "shift = 9", "shift"),
    ] {
        let broken = found(&format!("UPDATE {table} SET {set} WHERE id = {id}"));
        assert_eq!(broken.row, row(table, name), "{table} {set}");
        assert_eq!(broken.why, Why::Differs(column.to_owned()), "{table} {set}");
    }
}

#[test]
fn removed_added_and_swapped_rows_of_the_desk_are_found() {
    let (first, second) = (refund_no(1).to_string(), refund_no(2).to_string());
    let add_refund = "INSERT INTO refund SELECT 13, seq, '20990101001', bill_no, fee, class,
                      sent_ms, ended_ms, attention, began, shift FROM refund WHERE id = 11";
    for (sql, place, why) in [
        (
            "DELETE FROM refund WHERE id = 11",
            row("refund", &first),
            Why::Missing,
        ),
        (
            "DELETE FROM refund WHERE id = 12",
            row("refund", &second),
            Why::Missing,
        ),
        (add_refund, row("refund", "20990101001"), Why::Added),
        (
            "DELETE FROM shift WHERE id = 18",
            row("shift", "2"),
            Why::Missing,
        ),
        (
            "INSERT INTO shift VALUES (19, 1, 3, NULL, 1, 1)",
            row("shift", "3"),
            Why::Added,
        ),
        (
            "DELETE FROM reconcile WHERE id = 14",
            row("reconcile", "14"),
            Why::Missing,
        ),
        (
            "INSERT INTO reconcile VALUES (16, 1, 1, 1, 1)",
            row("reconcile", "16"),
            Why::Added,
        ),
    ] {
        let broken = found(sql);
        assert_eq!((broken.row, broken.why), (place, why), "{sql}");
    }
    for (table, a, b) in [
        ("refund", 11, 12),
        ("shift", 10, 18),
        ("reconcile", 14, 15),
        ("bill", 3, 5),
        ("sale", 3, 5),
    ] {
        let broken = found(&format!(
            "UPDATE {table} SET id = -1 WHERE id = {a}; UPDATE {table} SET id = {a} WHERE id = {b};
             UPDATE {table} SET id = {b} WHERE id = -1;"
        ));
        assert!(
            matches!(broken.row, Place::Row { table: named, .. } if named == table),
            "{broken}"
        );
    }
}

#[test]
fn events_of_the_desk_are_in_the_chain() {
    for seq in 10..=EVENTS {
        let broken = found(&format!(
            "UPDATE event SET body = replace(body, '20', '21') WHERE seq = {seq}"
        ));
        assert_eq!((broken.row, broken.why), (Place::Event(seq), Why::Edited));
        let broken = found(&format!("DELETE FROM event WHERE seq = {seq}"));
        assert_eq!((broken.row, broken.why), (Place::Event(seq), Why::Missing));
        let before = seq - 1;
        let broken = found(&format!(
            "UPDATE event SET seq = -1 WHERE seq = {before};
             UPDATE event SET seq = {before} WHERE seq = {seq};
             UPDATE event SET seq = {seq} WHERE seq = -1;"
        ));
        assert_eq!(
            (broken.row, broken.why),
            (Place::Event(before), Why::Edited)
        );
        let broken = found(&format!(
            "INSERT INTO event SELECT {EVENTS} + 1, at_ms, kind, bill_no, body, mac FROM event
             WHERE seq = {seq}"
        ));
        assert_eq!(broken.row, Place::Event(EVENTS + 1));
    }
}

#[test]
fn a_second_open_shift_is_refused_by_the_file_itself() {
    let room = a_desk();
    let sql = "INSERT INTO shift VALUES (17, 17, 3, 1, 1, NULL)";
    let refused = room.ledger.conn.execute(sql, []).unwrap_err();
    assert!(refused.to_string().contains("UNIQUE"), "{refused}");
}
