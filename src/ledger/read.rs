//! What is read from the tables, by the writer's connection and by a reader's alike. A bill,
//! refund, shift or reconciliation is read from the event that holds it whole.

use super::body::{Body, what_of};
use super::chain::Head;
use super::error::LedgerError;
use super::tables::{OPEN, TO_DO};
use crate::domain::query::{RefundLine, StoryLine};
use crate::domain::{Bill, BillNo, Fen, RefundNo, SaleId};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

/// What `of` takes from the events that a statement with the columns `seq, body` gives.
pub(super) fn whole<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    of: fn(Body) -> Option<T>,
) -> Result<Vec<T>, LedgerError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let body = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let one = of(Body::decode(body, seq)?);
        all.push(one.ok_or_else(|| not_whole(seq))?);
    }
    Ok(all)
}

pub(super) fn bills(
    conn: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<Bill>, LedgerError> {
    whole(conn, sql, params, |body| body.bill)
}

fn not_whole(seq: i64) -> LedgerError {
    LedgerError::corrupt(format!("event {seq}: not whole"))
}

/// Several statements that see one moment of the file, whoever writes meanwhile.
pub(super) fn at_once<T>(
    conn: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    if !conn.is_autocommit() {
        // The writer's own connection, in a transaction that a failed rollback left open.
        return read(conn);
    }
    let tx = conn.unchecked_transaction()?;
    let result = read(&tx)?;
    tx.finish()?;
    Ok(result)
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

/// Where a bill stands in lists by when it was sent.
pub(super) const PLACE: &str = "SELECT sent_ms, id FROM bill WHERE bill_no = ?1";

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
     WHERE net IS NOT NULL AND sent_ms >= ?1 AND sent_ms < ?2";

/// Count and sum of what counts as paid, less refunds, of the bills sent in `from_ms..to_ms`.
pub(super) fn totals(
    conn: &Connection,
    from_ms: i64,
    to_ms: i64,
) -> Result<(u32, Fen), LedgerError> {
    let total = conn
        .prepare_cached(TOTALS)?
        .query_row([from_ms, to_ms], |row| Ok((row.get(0)?, Fen(row.get(1)?))))?;
    Ok(total)
}

/// The events of a bill and of its refunds.
pub(super) const STORY: &str =
    "SELECT seq, at_ms, kind, body FROM event WHERE bill_no = ?1 AND seq >= ?2 ORDER BY seq";

pub(super) fn story(conn: &Connection, bill_no: &BillNo) -> Result<Vec<StoryLine>, LedgerError> {
    let mut statement = conn.prepare_cached(STORY)?;
    let mut rows = statement.query(params![bill_no.as_str(), 0])?;
    let mut story: Vec<StoryLine> = Vec::new();
    while let Some(row) = rows.next()? {
        let told = Told::read(row)?;
        if told.body.refund_no().is_some() {
            continue;
        }
        let before = || story.last().map(|line| line.bill.clone());
        let same = told.body.same;
        let bill = told.body.bill.or_else(|| before().filter(|_| same));
        story.push(StoryLine {
            at_ms: told.at_ms,
            what: what_of(told.kind, told.seq)?,
            detail: told.body.detail,
            bill: bill.ok_or_else(|| not_whole(told.seq))?,
        });
    }
    Ok(story)
}

const REFUND: &str = "SELECT id, bill_no FROM refund WHERE refund_no = ?1";

pub(super) fn refund_story(
    conn: &Connection,
    refund_no: &RefundNo,
) -> Result<Vec<RefundLine>, LedgerError> {
    let known: Option<(i64, String)> = conn
        .prepare_cached(REFUND)?
        .query_row([refund_no.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((first, bill_no)) = known else {
        return Ok(Vec::new());
    };
    let mut statement = conn.prepare_cached(STORY)?;
    let mut rows = statement.query(params![bill_no, first])?;
    let mut story: Vec<RefundLine> = Vec::new();
    while let Some(row) = rows.next()? {
        let told = Told::read(row)?;
        if told.body.refund_no() != Some(refund_no) {
            continue;
        }
        let before = || story.last().map(|line| line.refund.clone());
        let refund = told.body.refund.or_else(before);
        story.push(RefundLine {
            at_ms: told.at_ms,
            what: what_of(told.kind, told.seq)?,
            detail: told.body.detail,
            refund: refund.ok_or_else(|| not_whole(told.seq))?,
        });
    }
    Ok(story)
}

/// A row of [`STORY`].
struct Told {
    seq: i64,
    at_ms: i64,
    kind: String,
    body: Body,
}

impl Told {
    fn read(row: &Row<'_>) -> Result<Told, LedgerError> {
        let seq = row.get(0)?;
        let body = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
        Ok(Told {
            seq,
            at_ms: row.get(1)?,
            kind: row.get(2)?,
            body: Body::decode(body, seq)?,
        })
    }
}
