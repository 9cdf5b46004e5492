//! What the manager's desk reads: refunds, shifts, reports, reconciliations. The same for the
//! writer's connection and a reader's.

use super::error::LedgerError;
use crate::domain::query::RefundLine;
use crate::domain::reconcile::{Run, Scope};
use crate::domain::shift::{Shift, ShiftReport};
use crate::domain::{Bill, BillNo, Fen, Refund, RefundNo};
use rusqlite::Connection;

/// The desk's view of a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    conn: &'a Connection,
}

impl<'a> Books<'a> {
    pub(super) fn new(conn: &'a Connection) -> Books<'a> {
        Books { conn }
    }

    /// One refund.
    pub fn refund(self, refund_no: &RefundNo) -> Result<Option<Refund>, LedgerError> {
        let _ = (self.conn, refund_no);
        Ok(None)
    }

    /// The refunds of a bill, oldest first; also of a bill that is not in this ledger.
    pub fn refunds_of(self, bill_no: &BillNo) -> Result<Vec<Refund>, LedgerError> {
        let _ = bill_no;
        Ok(Vec::new())
    }

    /// Refunds that are not terminal, oldest first.
    pub fn open_refunds(self) -> Result<Vec<Refund>, LedgerError> {
        Ok(Vec::new())
    }

    /// Terminal refunds that need a person, or that are to be looked at again; oldest first.
    pub fn refunds_to_do(self) -> Result<Vec<Refund>, LedgerError> {
        Ok(Vec::new())
    }

    /// One refund's story, oldest first.
    pub fn refund_story(self, refund_no: &RefundNo) -> Result<Vec<RefundLine>, LedgerError> {
        let _ = refund_no;
        Ok(Vec::new())
    }

    /// At most `most` refunds recorded (`sent`, wall clock) in `from_ms..to_ms`, oldest first,
    /// after the refund `after`.
    pub fn refunds_between(
        self,
        from_ms: i64,
        to_ms: i64,
        after: Option<&RefundNo>,
        most: u32,
    ) -> Result<Vec<Refund>, LedgerError> {
        let _ = (from_ms, to_ms, after, most);
        Ok(Vec::new())
    }

    /// At most `most` bills sent (wall clock) in `from_ms..to_ms`, oldest first, after the bill
    /// `after`.
    pub fn bills_between(
        self,
        from_ms: i64,
        to_ms: i64,
        after: Option<&BillNo>,
        most: u32,
    ) -> Result<Vec<Bill>, LedgerError> {
        let _ = (from_ms, to_ms, after, most);
        Ok(Vec::new())
    }

    /// One shift.
    pub fn shift(self, no: u32) -> Result<Option<Shift>, LedgerError> {
        let _ = no;
        Ok(None)
    }

    /// The open one.
    pub fn open_shift(self) -> Result<Option<Shift>, LedgerError> {
        Ok(None)
    }

    /// The newest shifts, newest first.
    pub fn shifts(self, most: u32) -> Result<Vec<Shift>, LedgerError> {
        let _ = most;
        Ok(Vec::new())
    }

    /// What belongs to a shift: bills and refunds that became terminal in it (those that did
    /// while none was open belong to the next one).
    pub fn shift_report(self, no: u32) -> Result<ShiftReport, LedgerError> {
        let _ = no;
        Ok(ShiftReport::default())
    }

    /// What became paid, refunded or reverted in `from_ms..to_ms` (`ended_ms`).
    pub fn report_between(self, from_ms: i64, to_ms: i64) -> Result<ShiftReport, LedgerError> {
        let _ = (from_ms, to_ms);
        Ok(ShiftReport::default())
    }

    /// What the refunds of a shift took together: those that succeeded in it and those under way.
    pub fn refunded_in_shift(self, no: u32) -> Result<Fen, LedgerError> {
        let _ = no;
        Ok(Fen::ZERO)
    }

    /// The newest reconciliation of this scope.
    pub fn run(self, scope: &Scope) -> Result<Option<Run>, LedgerError> {
        let _ = scope;
        Ok(None)
    }
}
