//! The tables of the manager's desk: refunds, shifts and reconciliations.

use super::{OPEN, TO_DO};
use crate::domain::reconcile::Run;
use crate::domain::refund::RefundState;
use crate::domain::shift::Shift;
use crate::domain::{Fen, Refund};
use crate::ledger::error::LedgerError;
use rusqlite::{Connection, OptionalExtension, params};

/// A refund's state's number in the file, its `class`. Never renumber: indexes of the file and
/// the statements about `class = 3` name them.
fn number_of(state: RefundState) -> i64 {
    match state {
        RefundState::Sent => 0,
        RefundState::Processing => 1,
        RefundState::Unresolved => 2,
        RefundState::Succeeded => 3,
        RefundState::Failed => 4,
        RefundState::Refused => 5,
        RefundState::NotSent => 6,
        RefundState::Requested => 7,
        RefundState::Denied => 8,
    }
}

fn attention_of(refund: &Refund) -> Option<i64> {
    if !refund.state.is_terminal() {
        Some(OPEN)
    } else if refund.needs_someone() || refund.look_ms.is_some() {
        Some(TO_DO)
    } else {
        None
    }
}

/// The number of the shift that things belong to now: the open one's, or, where none is open,
/// the next one's. 0 before there was any: what a ledger held when shifts came to it is in none.
pub(super) fn shift_now(conn: &Connection) -> Result<i64, LedgerError> {
    let no = conn
        .prepare_cached(
            "SELECT coalesce((SELECT no FROM shift WHERE open = 1),
                             (SELECT max(no) + 1 FROM shift), 0)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(no)
}

/// A refund's number stands for one bill and one fee for ever (I7).
pub(super) fn project_refund(
    conn: &Connection,
    seq: i64,
    refund: &Refund,
) -> Result<(), LedgerError> {
    let known: Option<(i64, String, i64)> = conn
        .prepare_cached("SELECT id, bill_no, fee FROM refund WHERE refund_no = ?1")?
        .query_row([refund.refund_no.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match known {
        None => insert_refund(conn, seq, refund)?,
        Some((_, bill_no, fee)) if bill_no == refund.bill_no.as_str() && Fen(fee) == refund.fee => {
        }
        Some(_) => {
            return Err(LedgerError::RefundTaken {
                refund_no: refund.refund_no.to_string(),
            });
        }
    }
    bring_up(conn, seq, refund)
}

fn insert_refund(conn: &Connection, seq: i64, refund: &Refund) -> Result<(), LedgerError> {
    conn.prepare_cached(
        "INSERT INTO refund (id, seq, refund_no, bill_no, fee, class, sent_ms, began)
         VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        seq,
        refund.refund_no.as_str(),
        refund.bill_no.as_str(),
        refund.fee.0,
        number_of(refund.state),
        refund.sent.wall_ms,
        shift_now(conn)?,
    ])?;
    Ok(())
}

fn bring_up(conn: &Connection, seq: i64, refund: &Refund) -> Result<(), LedgerError> {
    let over = refund.state.is_terminal();
    let ended_ms = over.then(|| refund.ended_ms.unwrap_or(refund.sent.wall_ms));
    let now = shift_now(conn)?;
    let shift = over.then_some(now);
    conn.prepare_cached(
        "UPDATE refund SET seq = ?2, class = ?3, sent_ms = ?4, ended_ms = ?5, attention = ?6,
                           shift = coalesce(shift, ?7),
                           began = CASE WHEN class = 7 AND ?3 <> 7 THEN ?8 ELSE began END
         WHERE refund_no = ?1",
    )?
    .execute(params![
        refund.refund_no.as_str(),
        seq,
        number_of(refund.state),
        refund.sent.wall_ms,
        ended_ms,
        attention_of(refund),
        shift,
        // A request begins to count in the shift in which a manager agreed to it.
        now,
    ])?;
    Ok(())
}

/// Shifts follow each other without gaps, at most one is open, and a closed one stays as it is.
pub(super) fn project_shift(conn: &Connection, seq: i64, shift: &Shift) -> Result<(), LedgerError> {
    let open: Option<Option<i64>> = conn
        .prepare_cached("SELECT open FROM shift WHERE no = ?1")?
        .query_row([shift.no], |row| row.get(0))
        .optional()?;
    match open {
        None => insert_shift(conn, seq, shift),
        Some(Some(_)) => update_shift(conn, seq, shift),
        Some(None) => Err(LedgerError::ShiftOver { no: shift.no }),
    }
}

fn insert_shift(conn: &Connection, seq: i64, shift: &Shift) -> Result<(), LedgerError> {
    let open: Option<u32> = conn
        .prepare_cached("SELECT no FROM shift WHERE open = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    if let Some(no) = open {
        return Err(LedgerError::ShiftOpen { no });
    }
    let next: i64 = conn
        .prepare_cached("SELECT coalesce(max(no), 0) + 1 FROM shift")?
        .query_row([], |row| row.get(0))?;
    if i64::from(shift.no) != next {
        return Err(LedgerError::ShiftNumber { no: shift.no, next });
    }
    conn.prepare_cached(
        "INSERT INTO shift (id, seq, no, open, opened_ms, closed_ms)
         VALUES (?1, ?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        seq,
        shift.no,
        open_of(shift),
        shift.opened_ms,
        closed_ms(shift)
    ])?;
    Ok(())
}

fn update_shift(conn: &Connection, seq: i64, shift: &Shift) -> Result<(), LedgerError> {
    conn.prepare_cached(
        "UPDATE shift SET seq = ?2, open = ?3, opened_ms = ?4, closed_ms = ?5 WHERE no = ?1",
    )?
    .execute(params![
        shift.no,
        seq,
        open_of(shift),
        shift.opened_ms,
        closed_ms(shift)
    ])?;
    Ok(())
}

fn open_of(shift: &Shift) -> Option<i64> {
    shift.closed.is_none().then_some(1)
}

fn closed_ms(shift: &Shift) -> Option<i64> {
    shift.closed.as_ref().map(|closed| closed.at_ms)
}

/// `reconcile.shift` of a scope.
pub(in crate::ledger) fn shift_of(run_of: Option<u32>) -> u32 {
    run_of.unwrap_or(0)
}

pub(super) fn project_run(conn: &Connection, seq: i64, run: &Run) -> Result<(), LedgerError> {
    let scope = &run.scope;
    conn.prepare_cached(
        "INSERT INTO reconcile (id, seq, from_ms, to_ms, shift) VALUES (?1, ?1, ?2, ?3, ?4)
         ON CONFLICT (from_ms, to_ms, shift) DO UPDATE SET seq = excluded.seq",
    )?
    .execute(params![
        seq,
        scope.from_ms,
        scope.to_ms,
        shift_of(scope.shift)
    ])?;
    Ok(())
}
