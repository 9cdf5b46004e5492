//! What is read from the tables, by the writer's connection and by a reader's alike. A bill is
//! read from the event that holds it whole.

use super::body::{Body, what_of};
use super::chain::Head;
use super::error::LedgerError;
use super::tables::{OPEN, TO_DO};
use crate::domain::query::StoryLine;
use crate::domain::{Bill, BillNo, Fen, SaleId};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

/// A bill from the columns `seq, body` of the event that holds it.
fn bill_of(row: &Row<'_>) -> Result<Bill, LedgerError> {
    let seq: i64 = row.get(0)?;
    let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
    Body::decode(body, seq)?
        .bill
        .ok_or_else(|| LedgerError::corrupt(format!("event {seq}: no bill")))
}

fn bills(conn: &Connection, sql: &str, params: impl Params) -> Result<Vec<Bill>, LedgerError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut bills = Vec::new();
    while let Some(row) = rows.next()? {
        bills.push(bill_of(row)?);
    }
    Ok(bills)
}

pub(super) fn head(conn: &Connection) -> Result<Head, LedgerError> {
    conn.prepare_cached("SELECT count, last FROM head WHERE id = 1")?
        .query_row([], |row| {
            Ok(Head {
                count: row.get(0)?,
                last: row.get(1)?,
            })
        })
        .optional()?
        .ok_or_else(|| LedgerError::corrupt("head is missing"))
}

pub(super) fn bill(conn: &Connection, bill_no: &BillNo) -> Result<Option<Bill>, LedgerError> {
    let sql = "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
               WHERE bill.bill_no = ?1";
    Ok(bills(conn, sql, [bill_no.as_str()])?.pop())
}

/// The bill of this row of `bill`.
pub(super) fn bill_by_id(conn: &Connection, id: i64) -> Result<Bill, LedgerError> {
    let sql = "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
               WHERE bill.id = ?1";
    bills(conn, sql, [id])?
        .pop()
        .ok_or_else(|| LedgerError::corrupt(format!("bill {id} is missing")))
}

pub(super) const BY_ATTENTION: &str =
    "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
     WHERE bill.attention = ?1 ORDER BY bill.id";

pub(super) fn open_bills(conn: &Connection) -> Result<Vec<Bill>, LedgerError> {
    bills(conn, BY_ATTENTION, [OPEN])
}

pub(super) fn to_do(conn: &Connection) -> Result<Vec<Bill>, LedgerError> {
    bills(conn, BY_ATTENTION, [TO_DO])
}

pub(super) const BY_LOOK: &str =
    "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
     WHERE bill.look_ms IS NOT NULL ORDER BY bill.look_ms, bill.id";

pub(super) fn due_looks(conn: &Connection) -> Result<Vec<Bill>, LedgerError> {
    bills(conn, BY_LOOK, [])
}

pub(super) const BY_SALE: &str =
    "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
     WHERE bill.sale = (SELECT id FROM sale WHERE sale = ?1) ORDER BY bill.id";

pub(super) fn sale(conn: &Connection, sale: &SaleId) -> Result<Vec<Bill>, LedgerError> {
    bills(conn, BY_SALE, [&sale.0])
}

pub(super) const BY_CODE: &str =
    "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
     WHERE bill.code_hash = ?1 ORDER BY bill.id";

pub(super) fn by_code(conn: &Connection, hash: &str) -> Result<Vec<Bill>, LedgerError> {
    bills(conn, BY_CODE, [hash])
}

pub(super) const TOTALS: &str = "SELECT count(net), coalesce(sum(net), 0) FROM bill
     WHERE class = ?1 AND sent_ms >= ?2 AND sent_ms < ?3";

/// Count and sum of the class `class` sent in `from_ms..to_ms`.
pub(super) fn total_of(
    conn: &Connection,
    class: i64,
    from_ms: i64,
    to_ms: i64,
) -> Result<(u32, Fen), LedgerError> {
    let total = conn
        .prepare_cached(TOTALS)?
        .query_row(params![class, from_ms, to_ms], |row| {
            Ok((row.get(0)?, Fen(row.get(1)?)))
        })?;
    Ok(total)
}

pub(super) const STORY: &str =
    "SELECT seq, at_ms, kind, body FROM event WHERE bill_no = ?1 ORDER BY seq";

pub(super) fn story(conn: &Connection, bill_no: &BillNo) -> Result<Vec<StoryLine>, LedgerError> {
    let mut statement = conn.prepare_cached(STORY)?;
    let mut rows = statement.query([bill_no.as_str()])?;
    let mut story: Vec<StoryLine> = Vec::new();
    while let Some(row) = rows.next()? {
        let line = line_of(row, story.last())?;
        story.push(line);
    }
    Ok(story)
}

fn line_of(row: &Row<'_>, before: Option<&StoryLine>) -> Result<StoryLine, LedgerError> {
    let seq: i64 = row.get(0)?;
    let body: String = row.get(3)?;
    let body = Body::decode(&body, seq)?;
    let as_before = before.filter(|_| body.same).map(|line| line.bill.clone());
    let bill = body
        .bill
        .or(as_before)
        .ok_or_else(|| LedgerError::corrupt(format!("event {seq}: no bill")))?;
    Ok(StoryLine {
        at_ms: row.get(1)?,
        what: what_of(row.get(2)?, seq)?,
        detail: body.detail,
        bill,
    })
}
