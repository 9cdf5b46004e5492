//! The tables that are read from the events: how one event changes them, and the rebuild.
//!
//! [`project`] is the only code that writes `bill`, `sale` and `serial`; recording and the
//! rebuild of `audit verify` both use it, so they can't come apart (I11).

use super::body::Body;
use super::error::LedgerError;
use super::schema;
use crate::domain::{Bill, State};
use rusqlite::{Connection, OptionalExtension, params};

/// Added to a state's number where the bill has refunds.
pub(super) const WITH_REFUNDS: i64 = 10;

/// `bill.attention` of a bill that is not terminal.
pub(super) const OPEN: i64 = 1;
/// `bill.attention` of a terminal bill that needs a person.
pub(super) const TO_DO: i64 = 2;

/// A state's number in the file. Never renumber.
pub(super) fn number_of(state: State) -> i64 {
    match state {
        State::Sent => 0,
        State::Awaiting => 1,
        State::Closing => 2,
        State::Watching => 3,
        State::Unresolved => 4,
        State::Paid => 5,
        State::Refused => 6,
        State::NotSent => 7,
        State::Reverted => 8,
        State::Expired => 9,
    }
}

/// `bill.class`: state and refunds in one number, so that one index serves both.
pub(super) fn class_of(bill: &Bill) -> i64 {
    let refunds = if bill.refunded.0 > 0 { WITH_REFUNDS } else { 0 };
    number_of(bill.state) + refunds
}

/// `bill.tail`: backwards and in capitals, so that a suffix is a prefix.
pub(super) fn tail_of(text: &str) -> String {
    text.chars().rev().map(|c| c.to_ascii_uppercase()).collect()
}

/// What the bill adds to the day's total: nothing unless it is paid, and nothing where the money
/// went back (FATE 11).
fn net_of(bill: &Bill) -> Option<i64> {
    let counts = bill.state == State::Paid && !bill.returned;
    counts.then(|| bill.amount.0.saturating_sub(bill.refunded.0))
}

fn attention_of(bill: &Bill) -> Option<i64> {
    if !bill.state.is_terminal() {
        Some(OPEN)
    } else if bill.needs_someone() {
        Some(TO_DO)
    } else {
        None
    }
}

fn look_of(bill: &Bill) -> Option<i64> {
    let look = bill.look.filter(|_| bill.state.is_terminal());
    look.map(|look| look.due_ms)
}

/// Brings the tables up to event `seq`.
pub(super) fn project(conn: &Connection, seq: i64, body: &Body) -> Result<(), LedgerError> {
    if let Some(reserved) = body.serial {
        conn.prepare_cached("UPDATE serial SET reserved = ?1 WHERE id = 1")?
            .execute([reserved])?;
    }
    match &body.bill {
        Some(bill) => project_bill(conn, seq, bill),
        None => Ok(()),
    }
}

fn project_bill(conn: &Connection, seq: i64, bill: &Bill) -> Result<(), LedgerError> {
    let known: Option<(i64, i64, String)> = conn
        .prepare_cached(
            "SELECT bill.id, bill.amount, sale.sale FROM bill JOIN sale ON sale.id = bill.sale
             WHERE bill.bill_no = ?1",
        )?
        .query_row([bill.bill_no.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match known {
        None => insert_bill(conn, seq, bill),
        Some((id, amount, sale)) if amount == bill.amount.0 && sale == bill.sale.0 => {
            update_bill(conn, id, seq, bill)
        }
        Some(_) => Err(LedgerError::Taken {
            bill_no: bill.bill_no.to_string(),
        }),
    }
}

fn insert_bill(conn: &Connection, seq: i64, bill: &Bill) -> Result<(), LedgerError> {
    let sale: i64 = conn
        .prepare_cached(
            "INSERT INTO sale (id, sale, attempts) VALUES (?1, ?2, 1)
             ON CONFLICT (sale) DO UPDATE SET attempts = attempts + 1 RETURNING id",
        )?
        .query_row(params![seq, bill.sale.0], |row| row.get(0))?;
    conn.prepare_cached(
        "INSERT INTO bill (id, seq, bill_no, tail, sale, amount, class, sent_ms, net, code_hash,
                           attention, look_ms)
         VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        seq,
        bill.bill_no.as_str(),
        tail_of(bill.bill_no.as_str()),
        sale,
        bill.amount.0,
        class_of(bill),
        bill.sent.wall_ms,
        net_of(bill),
        bill.code_hash,
        attention_of(bill),
        look_of(bill),
    ])?;
    Ok(())
}

fn update_bill(conn: &Connection, id: i64, seq: i64, bill: &Bill) -> Result<(), LedgerError> {
    conn.prepare_cached(
        "UPDATE bill SET seq = ?2, class = ?3, sent_ms = ?4, net = ?5, code_hash = ?6,
                         attention = ?7, look_ms = ?8
         WHERE id = ?1",
    )?
    .execute(params![
        id,
        seq,
        class_of(bill),
        bill.sent.wall_ms,
        net_of(bill),
        bill.code_hash,
        attention_of(bill),
        look_of(bill),
    ])?;
    Ok(())
}

/// An empty scratch database with the tables of this schema, deleted when it is dropped. SQLite
/// keeps it in memory while it is small and in a temporary file when it grows.
pub(super) fn scratch() -> Result<Connection, LedgerError> {
    let conn = Connection::open("")?;
    // It holds no events, and nothing of it is to survive.
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;",
    )?;
    conn.execute_batch(schema::CURRENT)?;
    for index in schema::names(&conn, "index")? {
        conn.execute_batch(&format!("DROP INDEX \"{index}\""))?;
    }
    conn.execute_batch("BEGIN")?;
    Ok(conn)
}

/// Rebuilds every table from the events of `from`, without looking at their macs. For looking
/// into a damaged file; `audit::verify` does the same while it walks the chain.
///
/// # Errors
///
/// The first event that can't be read, or that does not fit those before it.
pub fn rebuild(from: &Connection) -> Result<Connection, LedgerError> {
    let into = scratch()?;
    let mut events = from.prepare("SELECT seq, body FROM event ORDER BY seq")?;
    let mut rows = events.query([])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let body: String = row.get(1)?;
        project(&into, seq, &Body::decode(&body, seq)?)?;
    }
    Ok(into)
}
