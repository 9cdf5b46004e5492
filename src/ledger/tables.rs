//! The tables that are read from the events: how one event changes them, and the rebuild.
//!
//! [`project`] is the only code that writes them; recording and the rebuild of `audit verify` both
//! use it, so they can't come apart (I11).

mod desk;
mod print;

pub(super) use desk::shift_of;
pub(super) use print::{about_of, kind_of};

use super::body::Body;
use super::error::LedgerError;
use super::schema;
use crate::domain::{Bill, State, Wallet};
use rusqlite::{Connection, OptionalExtension, params};

/// Added to a state's number where the bill has refunds.
pub(super) const WITH_REFUNDS: i64 = 10;

/// Added to a state's number for each step of [`wallet_number`].
pub(super) const PER_WALLET: i64 = 20;

/// `attention` of a bill or refund that is not terminal.
pub(super) const OPEN: i64 = 1;
/// `attention` of a terminal bill that needs a person, and of a terminal refund that does or that
/// is to be looked at again.
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

/// A wallet's number in the file; 0 where it is not known. Never renumber.
pub(super) fn wallet_number(wallet: Option<Wallet>) -> i64 {
    match wallet {
        None => 0,
        Some(Wallet::Alipay) => 1,
        Some(Wallet::Wechat) => 2,
    }
}

/// The wallet of a `bill.class`.
pub(super) fn wallet_of(class: i64) -> Option<Wallet> {
    match class / PER_WALLET {
        1 => Some(Wallet::Alipay),
        2 => Some(Wallet::Wechat),
        _ => None,
    }
}

/// `bill.class`: state, refunds and wallet in one number, so that one index serves them all.
fn class_of(bill: &Bill) -> i64 {
    let refunds = if bill.refunded.0 > 0 { WITH_REFUNDS } else { 0 };
    number_of(bill.state) + refunds + PER_WALLET * wallet_number(bill.wallet())
}

/// `bill.tail`: backwards and in capitals, so that a suffix is a prefix.
pub(super) fn tail_of(text: &str) -> String {
    text.chars().rev().map(|c| c.to_ascii_uppercase()).collect()
}

/// What the bill adds to the day's total: nothing unless it counts as paid (FATE 11).
fn net_of(bill: &Bill) -> Option<i64> {
    let net = || bill.amount.0.saturating_sub(bill.refunded.0);
    bill.counts_as_paid().then(net)
}

/// When the bill became terminal.
fn ended_of(bill: &Bill) -> Option<i64> {
    let ended_ms = || bill.ended_ms.unwrap_or(bill.sent.wall_ms);
    bill.state.is_terminal().then(ended_ms)
}

/// When the bill came to count as paid: when it was paid, or when a manager accepted it.
fn counted_of(bill: &Bill) -> Option<i64> {
    if !bill.counts_as_paid() {
        None
    } else if bill.state == State::Paid && !bill.returned {
        ended_of(bill)
    } else {
        bill.settlement.as_ref().map(|settlement| settlement.at_ms)
    }
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
    if let Some(bill) = &body.bill {
        project_bill(conn, seq, bill)?;
    }
    if let Some(refund) = &body.refund {
        desk::project_refund(conn, seq, refund)?;
    }
    if let Some(shift) = &body.shift {
        desk::project_shift(conn, seq, shift)?;
    }
    if let Some(run) = &body.run {
        desk::project_run(conn, seq, run)?;
    }
    if let Some(job) = &body.print_job {
        print::project(conn, seq, job)?;
    }
    Ok(())
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
                           attention, look_ms, operator, ended_ms, shift, counted_ms,
                           counted_shift)
         VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
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
        bill.operator,
        ended_of(bill),
        shift_if(conn, ended_of(bill))?,
        counted_of(bill),
        shift_if(conn, counted_of(bill))?,
    ])?;
    Ok(())
}

/// A bill belongs for ever to the shift in which it ended, and to the one in which it first
/// counted as paid, so that a closed shift's report never changes.
fn update_bill(conn: &Connection, id: i64, seq: i64, bill: &Bill) -> Result<(), LedgerError> {
    conn.prepare_cached(
        "UPDATE bill SET seq = ?2, class = ?3, sent_ms = ?4, net = ?5, code_hash = ?6,
                         attention = ?7, look_ms = ?8, operator = ?9, ended_ms = ?10,
                         shift = coalesce(shift, ?11),
                         counted_ms = coalesce(counted_ms, ?12),
                         counted_shift = coalesce(counted_shift, ?13)
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
        bill.operator,
        ended_of(bill),
        shift_if(conn, ended_of(bill))?,
        counted_of(bill),
        shift_if(conn, counted_of(bill))?,
    ])?;
    Ok(())
}

/// The shift of something that happened, or nothing.
fn shift_if(conn: &Connection, at_ms: Option<i64>) -> Result<Option<i64>, LedgerError> {
    at_ms.map(|_| desk::shift_now(conn)).transpose()
}

/// An empty scratch database with the tables of this schema, deleted when it is dropped. SQLite
/// keeps it in memory while it is small and in a temporary file when it grows.
pub(super) fn scratch() -> Result<Connection, LedgerError> {
    let conn = Connection::open("")?;
    // It holds no events, and nothing of it is to survive.
    conn.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;",
    )?;
    schema::make(&conn)?;
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
