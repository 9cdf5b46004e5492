//! What the manager's desk and the print queue read: refunds, shifts, reports, reconciliations,
//! slips. The same for the writer's connection and a reader's.

use super::error::LedgerError;
use super::read::{self, whole};
use super::report::{self, During};
use super::tables::{OPEN, TO_DO, about_of, kind_of, shift_of};
use crate::domain::print::{PrintJob, Printed};
use crate::domain::query::RefundLine;
use crate::domain::reconcile::{Run, Scope};
use crate::domain::shift::{Shift, ShiftReport};
use crate::domain::{Bill, BillNo, Fen, Refund, RefundNo};
use rusqlite::{Connection, OptionalExtension, Params, params};

/// The desk's view of a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    conn: &'a Connection,
}

const REFUND: &str = "SELECT event.seq, event.body FROM refund JOIN event ON event.seq = refund.seq
     WHERE refund.refund_no = ?1";

pub(super) const REFUNDS_OF: &str =
    "SELECT event.seq, event.body FROM refund JOIN event ON event.seq = refund.seq
     WHERE refund.bill_no = ?1 ORDER BY refund.id";

pub(super) const REFUNDS_BY_ATTENTION: &str =
    "SELECT event.seq, event.body FROM refund JOIN event ON event.seq = refund.seq
     WHERE refund.attention = ?1 ORDER BY refund.id";

// Bounded below by a place alone: two lower bounds would let the planner take the wrong one.
pub(super) const REFUNDS_FROM: &str =
    "SELECT event.seq, event.body FROM refund JOIN event ON event.seq = refund.seq
     WHERE (refund.sent_ms, refund.id) > (?1, ?2) AND refund.sent_ms < ?3
     ORDER BY refund.sent_ms, refund.id LIMIT ?4";

pub(super) const BILLS_FROM: &str =
    "SELECT event.seq, event.body FROM bill JOIN event ON event.seq = bill.seq
     WHERE (bill.sent_ms, bill.id) > (?1, ?2) AND bill.sent_ms < ?3
     ORDER BY bill.sent_ms, bill.id LIMIT ?4";

const SHIFT: &str = "SELECT event.seq, event.body FROM shift JOIN event ON event.seq = shift.seq
     WHERE shift.no = ?1";

const OPEN_SHIFT: &str =
    "SELECT event.seq, event.body FROM shift JOIN event ON event.seq = shift.seq
     WHERE shift.open = 1";

pub(super) const SHIFTS: &str =
    "SELECT event.seq, event.body FROM shift JOIN event ON event.seq = shift.seq
     ORDER BY shift.no DESC LIMIT ?1";

const RUN: &str =
    "SELECT event.seq, event.body FROM reconcile JOIN event ON event.seq = reconcile.seq
     WHERE reconcile.from_ms = ?1 AND reconcile.to_ms = ?2 AND reconcile.shift = ?3";

const PRINT_JOB: &str =
    "SELECT event.seq, event.body FROM print_job JOIN event ON event.seq = print_job.seq
     WHERE print_job.no = ?1";

pub(super) const PRINT_JOBS_OPEN: &str =
    "SELECT event.seq, event.body FROM print_job JOIN event ON event.seq = print_job.seq
     WHERE print_job.open IS NOT NULL ORDER BY print_job.no";

pub(super) const LAST_ON_PAPER: &str =
    "SELECT event.seq, event.body FROM print_job JOIN event ON event.seq = print_job.seq
     WHERE print_job.on_paper IS NOT NULL ORDER BY print_job.no DESC LIMIT 1";

pub(super) const SLIPS: &str =
    "SELECT count(*), coalesce(max(on_paper), 0) FROM print_job WHERE about = ?1 AND kind = ?2";

/// What is known of the slips of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slips {
    /// Jobs there ever were.
    pub made: u32,
    /// One of them was printed, or may have been: the next one is marked 重打.
    pub on_paper: bool,
}

impl<'a> Books<'a> {
    pub(super) fn new(conn: &'a Connection) -> Books<'a> {
        Books { conn }
    }

    fn refunds(self, sql: &str, params: impl Params) -> Result<Vec<Refund>, LedgerError> {
        whole(self.conn, sql, params, |body| body.refund)
    }

    fn some_shifts(self, sql: &str, params: impl Params) -> Result<Vec<Shift>, LedgerError> {
        whole(self.conn, sql, params, |body| body.shift)
    }

    /// One refund.
    pub fn refund(self, refund_no: &RefundNo) -> Result<Option<Refund>, LedgerError> {
        Ok(self.refunds(REFUND, [refund_no.as_str()])?.pop())
    }

    /// The refunds of a bill, oldest first; also of a bill that is not in this ledger.
    pub fn refunds_of(self, bill_no: &BillNo) -> Result<Vec<Refund>, LedgerError> {
        self.refunds(REFUNDS_OF, [bill_no.as_str()])
    }

    /// Refunds that are not terminal, oldest first.
    pub fn open_refunds(self) -> Result<Vec<Refund>, LedgerError> {
        self.refunds(REFUNDS_BY_ATTENTION, [OPEN])
    }

    /// Terminal refunds that need a person, or that are to be looked at again; oldest first.
    pub fn refunds_to_do(self) -> Result<Vec<Refund>, LedgerError> {
        self.refunds(REFUNDS_BY_ATTENTION, [TO_DO])
    }

    /// One refund's story, oldest first; empty where there is no such refund.
    pub fn refund_story(self, refund_no: &RefundNo) -> Result<Vec<RefundLine>, LedgerError> {
        read::at_once(self.conn, |conn| read::refund_story(conn, refund_no))
    }

    /// At most `most` refunds recorded (`sent`, wall clock) in `from_ms..to_ms`, oldest first,
    /// after the refund `after`; none where that one is not in this ledger.
    pub fn refunds_between(
        self,
        from_ms: i64,
        to_ms: i64,
        after: Option<&RefundNo>,
        most: u32,
    ) -> Result<Vec<Refund>, LedgerError> {
        let place = "SELECT sent_ms, id FROM refund WHERE refund_no = ?1";
        let after = after.map(RefundNo::as_str);
        read::at_once(self.conn, |conn| {
            let Some((ms, id)) = first_place(conn, place, from_ms, after)? else {
                return Ok(Vec::new());
            };
            Books { conn }.refunds(REFUNDS_FROM, params![ms, id, to_ms, most])
        })
    }

    /// At most `most` bills sent (wall clock) in `from_ms..to_ms`, oldest first, after the bill
    /// `after`; none where that one is not in this ledger.
    pub fn bills_between(
        self,
        from_ms: i64,
        to_ms: i64,
        after: Option<&BillNo>,
        most: u32,
    ) -> Result<Vec<Bill>, LedgerError> {
        let after = after.map(BillNo::as_str);
        read::at_once(self.conn, |conn| {
            let Some((ms, id)) = first_place(conn, read::PLACE, from_ms, after)? else {
                return Ok(Vec::new());
            };
            read::bills(conn, BILLS_FROM, params![ms, id, to_ms, most])
        })
    }

    /// One shift.
    pub fn shift(self, no: u32) -> Result<Option<Shift>, LedgerError> {
        Ok(self.some_shifts(SHIFT, [no])?.pop())
    }

    /// The open one.
    pub fn open_shift(self) -> Result<Option<Shift>, LedgerError> {
        Ok(self.some_shifts(OPEN_SHIFT, [])?.pop())
    }

    /// The newest shifts, newest first.
    pub fn shifts(self, most: u32) -> Result<Vec<Shift>, LedgerError> {
        self.some_shifts(SHIFTS, [most])
    }

    /// What belongs to a shift (what happens while none is open belongs to the next one):
    ///
    /// - bills that first counted as paid in it (they became paid, or a manager accepted them),
    ///   refunds not subtracted, by the hour in which they did;
    /// - refunds that succeeded in it, and bills that became reverted in it.
    ///
    /// Each is in exactly one shift, for ever. `to_do` alone is what stands on the list now. A
    /// wallet that is learned only later moves a bill from `None` to it; what the slip said is
    /// in [`crate::domain::shift::Closed::report`].
    pub fn shift_report(self, no: u32) -> Result<ShiftReport, LedgerError> {
        read::at_once(self.conn, |conn| report::make(conn, &During::Shift(no)))
    }

    /// The same of what first counted as paid, succeeded or was reverted in `from_ms..to_ms` (by
    /// the wall clock, UTC ms).
    pub fn report_between(self, from_ms: i64, to_ms: i64) -> Result<ShiftReport, LedgerError> {
        read::at_once(self.conn, |conn| {
            report::make(conn, &During::Time(from_ms, to_ms))
        })
    }

    /// What the refunds of a shift took together: those that succeeded in it, and those under way
    /// that were recorded in it.
    pub fn refunded_in_shift(self, no: u32) -> Result<Fen, LedgerError> {
        read::at_once(self.conn, |conn| report::refunded_in_shift(conn, no))
    }

    /// One job of the print queue.
    pub fn print_job(self, no: u64) -> Result<Option<PrintJob>, LedgerError> {
        let no = i64::try_from(no).unwrap_or(i64::MAX);
        Ok(self.print_jobs(PRINT_JOB, [no])?.pop())
    }

    /// The jobs that wait, are being sent, or are doubtful; oldest first.
    pub fn print_jobs_open(self) -> Result<Vec<PrintJob>, LedgerError> {
        self.print_jobs(PRINT_JOBS_OPEN, [])
    }

    /// The newest job that was printed, or may have been.
    pub fn last_print_job(self) -> Result<Option<PrintJob>, LedgerError> {
        Ok(self.print_jobs(LAST_ON_PAPER, [])?.pop())
    }

    /// What slips there were of this.
    pub fn slips_of(self, what: &Printed) -> Result<Slips, LedgerError> {
        let slips = self.conn.prepare_cached(SLIPS)?.query_row(
            params![about_of(what), kind_of(what)],
            |row| {
                Ok(Slips {
                    made: row.get(0)?,
                    on_paper: row.get(1)?,
                })
            },
        )?;
        Ok(slips)
    }

    /// The number of the next job.
    pub fn next_print_job(self) -> Result<u64, LedgerError> {
        let no: i64 = self
            .conn
            .prepare_cached("SELECT coalesce(max(no), 0) + 1 FROM print_job")?
            .query_row([], |row| row.get(0))?;
        u64::try_from(no).map_err(|_| LedgerError::corrupt("print_job"))
    }

    fn print_jobs(self, sql: &str, params: impl Params) -> Result<Vec<PrintJob>, LedgerError> {
        whole(self.conn, sql, params, |body| body.print_job)
    }

    /// The newest reconciliation of this scope.
    pub fn run(self, scope: &Scope) -> Result<Option<Run>, LedgerError> {
        let params = params![scope.from_ms, scope.to_ms, shift_of(scope.shift)];
        Ok(whole(self.conn, RUN, params, |body| body.run)?.pop())
    }
}

/// The place after which a list begins: the start of its time, or the one given last where that
/// is later. `None` where that one is not there.
fn first_place(
    conn: &Connection,
    sql: &str,
    from_ms: i64,
    after: Option<&str>,
) -> Result<Option<(i64, i64)>, LedgerError> {
    let start = (from_ms, i64::MIN);
    let Some(after) = after else {
        return Ok(Some(start));
    };
    let place = place_of(conn, sql, after)?;
    Ok(place.map(|place| place.max(start)))
}

/// When the bill or refund of this number was sent, and its id: by that lists are ordered.
pub(super) fn place_of(
    conn: &Connection,
    sql: &str,
    number: &str,
) -> Result<Option<(i64, i64)>, LedgerError> {
    let place = conn
        .prepare_cached(sql)?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(place)
}
