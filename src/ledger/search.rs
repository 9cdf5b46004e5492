//! Search: trailing characters, amount, time, state and refunds in any combination, newest first.
//!
//! Architecture invariant: no search reads the table from end to end. The state and whether there
//! are refunds are one number (`class`), so that a search without trailing characters is a short
//! list of index walks, each newest first already, merged here; one with them reads the few bills
//! whose number ends so.

use super::error::LedgerError;
use super::read::bill_by_id;
use super::tables::{WITH_REFUNDS, number_of, tail_of};
use crate::domain::query::Query;
use crate::domain::{Bill, State};
use rusqlite::{Connection, Params, params};

/// No answer is longer than this, whatever is asked for.
pub const MOST: u32 = 10_000;

/// A found bill: sorts by when it was sent, then by when it was recorded.
type Hit = (i64, i64);

pub(super) const NEWEST: &str = "SELECT sent_ms, id FROM bill
     WHERE sent_ms >= ?1 AND sent_ms < ?2
     ORDER BY sent_ms DESC, id DESC LIMIT ?3";

pub(super) const OF_CLASS: &str = "SELECT sent_ms, id FROM bill
     WHERE sent_ms >= ?1 AND sent_ms < ?2 AND class = ?4
     ORDER BY sent_ms DESC, id DESC LIMIT ?3";

pub(super) const OF_AMOUNT: &str = "SELECT sent_ms, id FROM bill
     WHERE sent_ms >= ?1 AND sent_ms < ?2 AND class = ?4 AND amount = ?5
     ORDER BY sent_ms DESC, id DESC LIMIT ?3";

// The planner knows nothing of how the bills are spread; `+` keeps it to the tail's index.
pub(super) const OF_TAIL: &str = "SELECT sent_ms, id, class FROM bill
     WHERE tail >= ?3 AND tail < ?4 AND +sent_ms >= ?1 AND +sent_ms < ?2
       AND (?5 IS NULL OR +amount = ?5)";

/// The bills a query asks for, newest first.
pub(super) fn search(conn: &Connection, query: &Query) -> Result<Vec<Bill>, LedgerError> {
    let limit = query.limit.min(MOST);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut hits = match &query.tail {
        Some(tail) if !tail.is_empty() => with_tail(conn, query, tail)?,
        _ => without_tail(conn, query, query.skip.saturating_add(limit))?,
    };
    hits.sort_unstable_by(|a, b| b.cmp(a));
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = hits.into_iter().skip(skip).take(limit);
    page.map(|(_, id)| bill_by_id(conn, id)).collect()
}

/// The classes a query is about; `None` is every one.
fn classes(query: &Query) -> Option<Vec<i64>> {
    if query.states.is_empty() && !query.refunded {
        return None;
    }
    Some(some_classes(query))
}

fn some_classes(query: &Query) -> Vec<i64> {
    let mut classes = Vec::with_capacity(2 * State::ALL.len());
    for state in State::ALL {
        if query.states.is_empty() || query.states.contains(&state) {
            if !query.refunded {
                classes.push(number_of(state));
            }
            classes.push(number_of(state) + WITH_REFUNDS);
        }
    }
    classes
}

fn with_tail(conn: &Connection, query: &Query, tail: &str) -> Result<Vec<Hit>, LedgerError> {
    if !tail.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(Vec::new());
    }
    let (from, to) = times(query);
    let begins = tail_of(tail);
    // Past every letter and digit, so the range is exactly what begins so.
    let past = format!("{begins}~");
    let wanted = classes(query);
    let mut statement = conn.prepare_cached(OF_TAIL)?;
    let mut rows = statement.query(params![from, to, begins, past, query.amount.map(|a| a.0)])?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let class: i64 = row.get(2)?;
        if wanted.as_ref().is_none_or(|w| w.contains(&class)) {
            hits.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(hits)
}

fn without_tail(conn: &Connection, query: &Query, most: u32) -> Result<Vec<Hit>, LedgerError> {
    let (from, to) = times(query);
    let mut hits = Vec::new();
    match (query.amount, classes(query)) {
        (None, None) => walk(conn, NEWEST, params![from, to, most], &mut hits)?,
        (None, Some(classes)) => {
            for class in classes {
                walk(conn, OF_CLASS, params![from, to, most, class], &mut hits)?;
            }
        }
        (Some(amount), _) => {
            for class in some_classes(query) {
                let params = params![from, to, most, class, amount.0];
                walk(conn, OF_AMOUNT, params, &mut hits)?;
            }
        }
    }
    Ok(hits)
}

fn times(query: &Query) -> (i64, i64) {
    (
        query.from_ms.unwrap_or(i64::MIN),
        query.to_ms.unwrap_or(i64::MAX),
    )
}

fn walk(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    hits: &mut Vec<Hit>,
) -> Result<(), LedgerError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        hits.push((row.get(0)?, row.get(1)?));
    }
    Ok(())
}
