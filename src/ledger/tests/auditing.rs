//! I11: an edited, removed, added or reordered row is found, and named.

use super::audit::{Broken, Place, Why};
use super::*;
use proptest::prelude::*;

/// What somebody with the file, SQL and no key does; the triggers are put back afterwards.
pub(super) fn attack(room: &Room, sql: &str) {
    let conn = Connection::open(room.path()).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;")
        .unwrap();
    let triggers: Vec<(String, String)> = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch(sql).unwrap();
    for (_, sql) in &triggers {
        conn.execute_batch(sql).unwrap();
    }
}

fn found(sql: &str) -> Broken {
    let room = Room::filled();
    assert_eq!(room.verify(), Ok(9), "whole before the attack");
    attack(&room, sql);
    match room.verify() {
        Err(broken) => broken,
        Ok(_) => panic!("not found: {sql}"),
    }
}

pub(super) fn row(table: &'static str, name: &str) -> Place {
    Place::Row {
        table,
        name: name.to_owned(),
    }
}

#[test]
fn events_refuse_update_delete_and_replace() {
    let room = Room::filled();
    for sql in [
        "UPDATE event SET body = '{}' WHERE seq = 3",
        "DELETE FROM event WHERE seq = 9",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 9",
        "INSERT INTO event SELECT 20, at_ms, kind, bill_no, body, mac FROM event WHERE seq = 9",
    ] {
        let refused = room.ledger.conn.execute(sql, []).unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    assert_eq!(room.verify(), Ok(9));
}

#[test]
fn an_edited_event_is_found_and_named() {
    for set in [
        "body = replace(body, '1234', '1235')",
        "at_ms = at_ms + 1",
        "kind = 'lost'",
        "bill_no = NULL",
        "mac = zeroblob(32)",
    ] {
        let broken = found(&format!("UPDATE event SET {set} WHERE seq = 4"));
        assert_eq!(broken.row, Place::Event(4), "{set}");
        assert_eq!(broken.why, Why::Edited, "{set}");
    }
}

#[test]
fn a_removed_event_is_found_and_named() {
    let broken = found("DELETE FROM event WHERE seq = 5");
    assert_eq!((broken.row, broken.why), (Place::Event(5), Why::Missing));
    // The gap closed by moving the rest up.
    let broken = found(
        "DELETE FROM event WHERE seq = 5;
         UPDATE event SET seq = -seq WHERE seq > 5; UPDATE event SET seq = -seq - 1 WHERE seq < 0;",
    );
    assert_eq!((broken.row, broken.why), (Place::Event(5), Why::Edited));
}

#[test]
fn an_added_event_is_found_and_named() {
    let copy = "SELECT 10, at_ms, kind, bill_no, body, mac FROM event WHERE seq = 9";
    let broken = found(&format!("INSERT INTO event {copy}"));
    assert_eq!((broken.row, broken.why), (Place::Event(10), Why::Edited));
    let broken = found("INSERT INTO event SELECT 0, 1, kind, NULL, body, mac FROM event LIMIT 1");
    assert_eq!((broken.row, broken.why), (Place::Event(0), Why::Added));
}

#[test]
fn reordered_events_are_found() {
    let broken = found(
        "UPDATE event SET seq = -4 WHERE seq = 4; UPDATE event SET seq = 4 WHERE seq = 6;
         UPDATE event SET seq = 6 WHERE seq = -4;",
    );
    assert_eq!((broken.row, broken.why), (Place::Event(4), Why::Edited));
}

#[test]
fn a_cut_tail_is_found_even_where_head_and_tables_were_cut_too() {
    let cut = "DELETE FROM event WHERE seq = 9; DELETE FROM bill WHERE id = 9;
               DELETE FROM sale WHERE id = 9;";
    let broken = found(cut);
    assert_eq!((broken.row, broken.why), (Place::Event(9), Why::Missing));
    let broken = found(&format!(
        "{cut} UPDATE head SET count = 8, last = (SELECT mac FROM event WHERE seq = 8);"
    ));
    assert_eq!((broken.row, broken.why), (Place::Head, Why::Edited));
    let broken = found("DELETE FROM event; DELETE FROM bill; DELETE FROM sale;");
    assert_eq!((broken.row, broken.why), (Place::Event(1), Why::Missing));
}

#[test]
fn a_till_does_not_go_on_after_a_cut_tail() {
    for sql in [
        "DELETE FROM event WHERE seq = 9",
        "DELETE FROM event",
        "UPDATE event SET mac = zeroblob(32) WHERE seq = 9",
        "DELETE FROM head",
    ] {
        let room = Room::filled();
        attack(&room, sql);
        let opened = Ledger::open(&room.path(), key());
        assert!(matches!(opened, Err(LedgerError::Corrupt { .. })), "{sql}");
    }
}

#[test]
fn a_chain_recomputed_with_another_key_is_found() {
    let room = Room::filled();
    let guess = AuditKey::new(&[0; 32]);
    let conn = Connection::open(room.path()).unwrap();
    let mut head = Head::NEW;
    let mut sql = String::new();
    let mut events = conn.prepare("SELECT * FROM event ORDER BY seq").unwrap();
    let mut rows = events.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (kind, bill_no): (String, Option<String>) = (row.get(2).unwrap(), row.get(3).unwrap());
        let body: String = row.get(4).unwrap();
        let body = body.replace("1234", "1");
        let event = Event {
            seq: row.get(0).unwrap(),
            at_ms: row.get(1).unwrap(),
            kind: &kind,
            bill_no: bill_no.as_deref(),
            body: &body,
        };
        head = Head {
            count: event.seq,
            last: event.link(&guess, &head.last),
        };
        let mac = hex(&head.last);
        sql += &format!(
            "UPDATE event SET body = '{body}', mac = x'{mac}' WHERE seq = {};",
            event.seq
        );
    }
    drop(rows);
    let (last, seal) = (hex(&head.last), hex(&head.seal(&guess)));
    sql += &format!("UPDATE head SET last = x'{last}', mac = x'{seal}';");
    sql += "UPDATE bill SET amount = 1, net = nullif(1, net IS NULL);";
    attack(&room, &sql);
    let broken = room.verify().unwrap_err();
    assert_eq!((broken.row, broken.why), (Place::Event(1), Why::WrongKey));
    assert_eq!(
        Ledger::open(&room.path(), key()).unwrap_err(),
        LedgerError::WrongKey
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn an_edited_bill_row_is_found_whatever_column() {
    for (set, column) in [
        ("seq = 3", "seq"),
        ("bill_no = 'X' || bill_no", "bill_no"),
        ("tail = '4321'", "tail"),
        ("sale = 5", "sale"),
        ("amount = 1", "amount"),
        ("class = 8", "class"),
        ("sent_ms = sent_ms + 1", "sent_ms"),
        ("net = NULL", "net"),
        ("code_hash = 'other'", "code_hash"),
        ("attention = 1", "attention"),
        ("look_ms = 1", "look_ms"),
        ("operator = '1002'", "operator"),
        ("ended_ms = ended_ms + 1", "ended_ms"),
        ("shift = 2", "shift"),
        ("counted_ms = NULL", "counted_ms"),
        ("counted_shift = 2", "counted_shift"),
    ] {
        let broken = found(&format!("UPDATE bill SET {set} WHERE id = 3"));
        assert_eq!(broken.row, row("bill", no(1).as_str()), "{set}");
        assert_eq!(broken.why, Why::Differs(column.to_owned()), "{set}");
    }
}

#[test]
fn removed_added_and_moved_rows_of_the_tables_are_found() {
    let first = no(1);
    let add_bill = "INSERT INTO bill SELECT 4, seq, '20990101', tail, sale, amount, class, sent_ms,
                    net, code_hash, attention, look_ms, operator, ended_ms, shift, counted_ms,
                    counted_shift FROM bill WHERE id = 3";
    for (sql, place, why) in [
        (
            "DELETE FROM bill WHERE id = 3",
            row("bill", first.as_str()),
            Why::Missing,
        ),
        (
            "DELETE FROM bill",
            row("bill", first.as_str()),
            Why::Missing,
        ),
        (
            "UPDATE bill SET id = 4 WHERE id = 3",
            row("bill", first.as_str()),
            Why::Missing,
        ),
        (add_bill, row("bill", "20990101"), Why::Added),
        (
            "DELETE FROM sale WHERE id = 9",
            row("sale", "S4"),
            Why::Missing,
        ),
        (
            "INSERT INTO sale VALUES (4, 'S9', 1)",
            row("sale", "S9"),
            Why::Added,
        ),
        (
            "UPDATE sale SET attempts = 2 WHERE id = 3",
            row("sale", "S1"),
            Why::Differs("attempts".to_owned()),
        ),
        (
            "UPDATE sale SET sale = 'S9' WHERE id = 3",
            row("sale", "S1"),
            Why::Differs("sale".to_owned()),
        ),
        (
            "UPDATE serial SET reserved = 0",
            row("serial", "1"),
            Why::Differs("reserved".to_owned()),
        ),
        ("DELETE FROM serial", row("serial", "1"), Why::Missing),
        (
            "INSERT INTO serial VALUES (2, 0)",
            row("serial", "2"),
            Why::Added,
        ),
        ("DELETE FROM head", Place::Head, Why::Missing),
        (
            "INSERT INTO head SELECT 2, count, last, mac FROM head",
            Place::Head,
            Why::Added,
        ),
        ("UPDATE head SET count = 10", Place::Head, Why::Edited),
        (
            "UPDATE head SET mac = zeroblob(32)",
            Place::Head,
            Why::Edited,
        ),
    ] {
        let broken = found(sql);
        assert_eq!((broken.row, broken.why), (place, why), "{sql}");
    }
}

#[test]
fn a_changed_schema_is_found() {
    let broken = found("CREATE TABLE more (a)");
    assert_eq!(
        (broken.row, broken.why),
        (Place::Schema("more".into()), Why::Added)
    );
    let broken = found("DROP INDEX bill_by_tail");
    assert_eq!(
        (broken.row, broken.why),
        (Place::Schema("bill_by_tail".into()), Why::Missing)
    );
    let room = Room::filled();
    let conn = Connection::open(room.path()).unwrap();
    conn.execute_batch("DROP TRIGGER event_refuses_update")
        .unwrap();
    let broken = room.verify().unwrap_err();
    assert_eq!(broken.row, Place::Schema("event_refuses_update".into()));
    assert_eq!(broken.why, Why::Missing);
    assert_eq!(broken.to_string(), "schema event_refuses_update: 缺失");
}

#[test]
fn a_whole_ledger_verifies_while_the_till_goes_on() {
    let mut room = Room::new();
    assert_eq!(room.verify(), Ok(0), "an empty one too");
    for n in 1..30 {
        room.start(n);
        assert_eq!(room.verify(), Ok(i64::from(n)));
    }
}

#[test]
fn the_rebuild_is_what_the_file_holds() {
    let room = Room::filled();
    let rebuilt = rebuild(&room.ledger.conn).unwrap();
    let count = |conn: &Connection, table: &str| -> i64 {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0))
            .unwrap()
    };
    for (table, rows) in [("bill", 4), ("sale", 4), ("serial", 1)] {
        assert_eq!(count(&rebuilt, table), rows);
        assert_eq!(count(&room.ledger.conn, table), rows);
    }
}

/// Everything the file says, for comparing.
fn dump(path: &std::path::Path) -> Option<Vec<String>> {
    let reader = Reader::open(path).ok()?;
    let mut all = Vec::new();
    let each = |bill: Bill| {
        all.push(format!("{bill:?} {:?}", reader.story(&bill.bill_no)));
        ControlFlow::Continue(())
    };
    reader.bills(&Filter::default(), each).ok()?;
    Some(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// One bit of an event, changed through SQL.
    #[test]
    fn a_flipped_bit_of_an_event_is_found(
        seq in 1_i64..10,
        column in prop::sample::select(&["kind", "body", "mac"][..]),
        at in 0_usize..2000,
        bit in 0_u32..8,
    ) {
        let room = Room::filled();
        let read = format!("SELECT CAST({column} AS BLOB) FROM event WHERE seq = {seq}");
        let conn = Connection::open(room.path()).unwrap();
        let mut bytes: Vec<u8> = conn.query_row(&read, [], |r| r.get(0)).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let of_type = if column == "mac" { "BLOB" } else { "TEXT" };
        let new = hex(&bytes);
        attack(&room, &format!(
            "UPDATE event SET {column} = CAST(x'{new}' AS {of_type}) WHERE seq = {seq}"
        ));
        let broken = room.verify().unwrap_err();
        prop_assert_eq!(broken.row, Place::Event(seq));
    }

    /// One byte anywhere in the file, changed on the disk: it is found, or nothing that can be
    /// read has changed (free space, counters of SQLite's own).
    #[test]
    fn a_flipped_byte_of_the_file_never_changes_what_verifies(
        at in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
    ) {
        let Room { dir, ledger } = Room::filled();
        let path = dir.path().join("ledger.db");
        drop(ledger); // The last connection writes the WAL back and removes it.
        let before = dump(&path).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        std::fs::write(&path, &bytes).unwrap();
        match audit::verify(&path, &key()) {
            Ok(verified) => {
                prop_assert_eq!(verified.events, 9);
                prop_assert_eq!(dump(&path), Some(before));
            }
            Err(broken) => prop_assert!(!broken.to_string().is_empty()),
        }
    }
}
