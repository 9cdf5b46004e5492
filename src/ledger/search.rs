//! Search: trailing characters, amount, time, state, refunds, wallet and cashier in any
//! combination, newest first, from any place in the list.
//!
//! Architecture invariant: no search reads the table from end to end. The state, whether there
//! are refunds and the wallet are one number (`class`), so that a search without trailing
//! characters is a short list of index walks, each newest first already, merged here; one with
//! them reads the few bills whose number ends so. A next page (`after`) begins in the index where
//! the last one ended, so that the ten-thousandth is as quick as the first. An amount with a
//! cashier walks the bills of that amount.

use super::books::place_of;
use super::error::LedgerError;
use super::read::{self, bill_by_id};
use super::tables::{PER_WALLET, WITH_REFUNDS, number_of, tail_of, wallet_number};
use crate::domain::query::Query;
use crate::domain::{Bill, State, Wallet};
use rusqlite::{Connection, Params, params};

/// No answer is longer than this, whatever is asked for.
pub const MOST: u32 = 10_000;

/// A found bill: sorts by when it was sent, then by when it was recorded.
type Hit = (i64, i64);

pub(super) const NEWEST: &str = "SELECT sent_ms, id FROM bill
     WHERE sent_ms >= ?1 AND (sent_ms, id) < (?2, ?3)
     ORDER BY sent_ms DESC, id DESC LIMIT ?4";

pub(super) const OF_CLASS: &str = "SELECT sent_ms, id FROM bill
     WHERE sent_ms >= ?1 AND (sent_ms, id) < (?2, ?3) AND class = ?5
     ORDER BY sent_ms DESC, id DESC LIMIT ?4";

pub(super) const OF_OPERATOR: &str = "SELECT sent_ms, id FROM bill
     WHERE sent_ms >= ?1 AND (sent_ms, id) < (?2, ?3) AND class = ?5 AND operator = ?6
     ORDER BY sent_ms DESC, id DESC LIMIT ?4";

// The planner knows nothing of how the bills are spread; `INDEXED BY`, and `+` before what is not
// to be looked up, keep it to the index that is meant.
pub(super) const OF_AMOUNT: &str = "SELECT sent_ms, id FROM bill INDEXED BY bill_by_amount
     WHERE sent_ms >= ?1 AND (sent_ms, id) < (?2, ?3) AND class = ?5 AND amount = ?6
       AND (?7 IS NULL OR +operator = ?7)
     ORDER BY sent_ms DESC, id DESC LIMIT ?4";

pub(super) const OF_TAIL: &str = "SELECT sent_ms, id, class FROM bill
     WHERE tail >= ?4 AND tail < ?5 AND +sent_ms >= ?1 AND (+sent_ms, +id) < (?2, ?3)
       AND (?6 IS NULL OR +amount = ?6) AND (?7 IS NULL OR +operator = ?7)";

/// The time and place a search is about: from here on, and before this place.
struct Bounds {
    from_ms: i64,
    before: Hit,
}

/// The bills a query asks for, newest first; none where its `after` is not in this ledger.
pub(super) fn search(conn: &Connection, query: &Query) -> Result<Vec<Bill>, LedgerError> {
    let limit = query.limit.min(MOST);
    let Some(bounds) = bounds(conn, query)?.filter(|_| limit > 0) else {
        return Ok(Vec::new());
    };
    let mut hits = match &query.tail {
        Some(tail) if !tail.is_empty() => with_tail(conn, query, &bounds, tail)?,
        _ => without_tail(conn, query, &bounds, query.skip.saturating_add(limit))?,
    };
    hits.sort_unstable_by(|a, b| b.cmp(a));
    let skip = usize::try_from(query.skip).unwrap_or(usize::MAX);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = hits.into_iter().skip(skip).take(limit);
    page.map(|(_, id)| bill_by_id(conn, id)).collect()
}

fn bounds(conn: &Connection, query: &Query) -> Result<Option<Bounds>, LedgerError> {
    let end = (query.to_ms.unwrap_or(i64::MAX), i64::MIN);
    let before = match &query.after {
        None => Some(end),
        Some(after) => place_of(conn, read::PLACE, after.as_str())?.map(|place| place.min(end)),
    };
    Ok(before.map(|before| Bounds {
        from_ms: query.from_ms.unwrap_or(i64::MIN),
        before,
    }))
}

/// The classes a query is about; `None` is every one.
fn classes(query: &Query) -> Option<Vec<i64>> {
    if query.states.is_empty() && !query.refunded && query.wallet.is_none() {
        return None;
    }
    Some(some_classes(query))
}

fn some_classes(query: &Query) -> Vec<i64> {
    let mut classes = Vec::with_capacity(2 * 3 * State::ALL.len());
    for wallet in [None, Some(Wallet::Alipay), Some(Wallet::Wechat)] {
        if query.wallet.is_some() && query.wallet != wallet {
            continue;
        }
        for state in State::ALL {
            if query.states.is_empty() || query.states.contains(&state) {
                let class = number_of(state) + PER_WALLET * wallet_number(wallet);
                if !query.refunded {
                    classes.push(class);
                }
                classes.push(class + WITH_REFUNDS);
            }
        }
    }
    classes
}

fn with_tail(
    conn: &Connection,
    query: &Query,
    bounds: &Bounds,
    tail: &str,
) -> Result<Vec<Hit>, LedgerError> {
    if !tail.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(Vec::new());
    }
    let Bounds { from_ms, before } = bounds;
    let begins = tail_of(tail);
    // Past every letter and digit, so the range is exactly what begins so.
    let past = format!("{begins}~");
    let amount = query.amount.map(|a| a.0);
    let wanted = classes(query);
    let mut statement = conn.prepare_cached(OF_TAIL)?;
    let params = params![
        from_ms,
        before.0,
        before.1,
        begins,
        past,
        amount,
        query.operator
    ];
    let mut rows = statement.query(params)?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let class: i64 = row.get(2)?;
        if wanted.as_ref().is_none_or(|w| w.contains(&class)) {
            hits.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(hits)
}

fn without_tail(
    conn: &Connection,
    query: &Query,
    bounds: &Bounds,
    most: u32,
) -> Result<Vec<Hit>, LedgerError> {
    let Bounds { from_ms, before } = bounds;
    let (ms, id) = before;
    let mut hits = Vec::new();
    if let Some(amount) = query.amount {
        for class in some_classes(query) {
            let params = params![from_ms, ms, id, most, class, amount.0, query.operator];
            walk(conn, OF_AMOUNT, params, &mut hits)?;
        }
    } else if let Some(operator) = &query.operator {
        for class in some_classes(query) {
            let params = params![from_ms, ms, id, most, class, operator];
            walk(conn, OF_OPERATOR, params, &mut hits)?;
        }
    } else if let Some(classes) = classes(query) {
        for class in classes {
            let params = params![from_ms, ms, id, most, class];
            walk(conn, OF_CLASS, params, &mut hits)?;
        }
    } else {
        walk(conn, NEWEST, params![from_ms, ms, id, most], &mut hits)?;
    }
    Ok(hits)
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
