//! The ledger: the SQLite file that is the till's only memory.
//!
//! `event` is append-only and chained by a keyed hash (`chain`); the other tables (bills, sales,
//! refunds, shifts, reconciliations, the print queue, serials) are read from it (`tables`) in the same transaction
//! and can be rebuilt from it; `audit` walks the chain and compares. It keeps
//!
//! - I2 and I4: what [`Ledger::record`] was given is on the disk when it returns, whole; where it
//!   fails, nothing of it is, and the same may be tried again;
//! - I11: an edited, removed, added or reordered row is found;
//! - I12: it holds what `domain::Bill` holds, which is a keyed hash and a mask of a payment code.
//!
//! Architecture invariant: one writer (the till's lock sees to that), which never waits for a
//! reader. It decides nothing about money, reads no clock, and uses only `domain`. Only this room
//! names rusqlite.

pub mod audit;
mod body;
mod books;
mod chain;
mod error;
mod read;
mod reader;
mod report;
mod schema;
mod search;
mod tables;

pub use books::{Books, Slips};
pub use chain::{AuditKey, Head, Link};
pub use error::LedgerError;
pub use reader::{Filter, Reader};
pub use search::MOST;
pub use tables::rebuild;

use crate::domain::bill::Happened;
use crate::domain::print::PrintJob;
use crate::domain::query::{Query, StoryLine};
use crate::domain::reconcile::Run;
use crate::domain::refund::RefundHappened;
use crate::domain::shift::{Shift, ShiftHappened};
use crate::domain::{Bill, BillNo, Fen, Refund, SaleId};
use body::{Body, kind_of};
use chain::Event;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::ops::Range;
use std::path::Path;

/// How many serials are set aside at once: one more durable write for so many bills, and at most
/// so many numbers skipped by a restart.
const SERIALS: i64 = 32;

/// Serials run from 1 to this and begin again.
const LAST_SERIAL: i64 = 999_999;

/// One event to be written.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A bill, and the bill after it.
    Bill(Happened, Option<&'a str>, &'a Bill),
    /// A refund, and the refund after it.
    Refund(RefundHappened, Option<&'a str>, &'a Refund),
    /// A shift, and the shift after it.
    Shift(ShiftHappened, &'a Shift),
    /// A reconciliation as far as it is.
    Run(&'a Run),
    /// A job of the print queue, as it is after it.
    Print(&'a PrintJob),
    /// Something else; no secret.
    Note(&'a str, &'a str),
}

/// The ledger, open for writing.
#[derive(Debug)]
pub struct Ledger {
    conn: Connection,
    key: AuditKey,
    serials: Range<i64>,
}

impl Ledger {
    /// Opens the file, makes it where there is none (readable by its owner alone), and brings an
    /// older one up to date after putting a copy aside. Reads no more than the last event.
    ///
    /// # Errors
    ///
    /// `WrongKey` where the chain was made with another key, `Corrupt` where its end does not
    /// fit, and what [`LedgerError`] says.
    pub fn open(path: &Path, audit_key: AuditKey) -> Result<Ledger, LedgerError> {
        Ledger::open_with(path, audit_key, schema::STEPS)
    }

    fn open_with(path: &Path, key: AuditKey, steps: &[&str]) -> Result<Ledger, LedgerError> {
        let conn = schema::open(path, &key, steps)?;
        check_end(&conn, &key)?;
        Ok(Ledger {
            conn,
            key,
            serials: 0..0,
        })
    }

    /// Records what happened to a bill and the bill after it. Durable when it returns.
    ///
    /// # Errors
    ///
    /// Nothing is written then, and it may be called again with the same. `Taken` where the
    /// bill_no stands for a bill of another sale or amount.
    pub fn record(
        &mut self,
        what: Happened,
        detail: Option<&str>,
        bill: &Bill,
        at_ms: i64,
    ) -> Result<(), LedgerError> {
        self.record_all([(what, detail, bill, at_ms)])
    }

    /// Writes these, in this order, in one transaction: all of them or none. Durable when it
    /// returns.
    ///
    /// # Errors
    ///
    /// Nothing is written then. As [`Ledger::record`], and `RefundTaken` where the refund_no
    /// stands for a refund of another bill or amount, `ShiftOpen` where another shift is open,
    /// `ShiftOver` for a change of a closed one, `ShiftNumber` where a new one is not the next,
    /// `PrintJob` where a job of the print queue can't become what it is to be.
    pub fn write(&mut self, entries: &[Entry<'_>], at_ms: i64) -> Result<(), LedgerError> {
        let tx = begin(&mut self.conn)?;
        for entry in entries {
            append_entry(&tx, &self.key, at_ms, entry)?;
        }
        Ok(tx.commit()?)
    }

    /// What the manager's desk reads.
    pub fn books(&self) -> Books<'_> {
        Books::new(&self.conn)
    }

    /// As [`Ledger::record`], several in one transaction: all of them or none.
    pub fn record_all<'a>(
        &mut self,
        entries: impl IntoIterator<Item = (Happened, Option<&'a str>, &'a Bill, i64)>,
    ) -> Result<(), LedgerError> {
        let tx = begin(&mut self.conn)?;
        for (what, detail, bill, at_ms) in entries {
            append_entry(&tx, &self.key, at_ms, &Entry::Bill(what, detail, bill))?;
        }
        Ok(tx.commit()?)
    }

    /// Records something that concerns no bill: a sign-in, setup, changed settings, an answered
    /// question. `detail` holds no secret. Durable when it returns.
    pub fn note(&mut self, kind: &str, detail: &str, at_ms: i64) -> Result<(), LedgerError> {
        self.write(&[Entry::Note(kind, detail)], at_ms)
    }

    /// The next serial of a bill_no, 1 to 999999 and again. One that was given out is never given
    /// out again before all others were, not even after a crash.
    pub fn next_serial(&mut self, at_ms: i64) -> Result<u32, LedgerError> {
        if self.serials.is_empty() {
            self.set_serials_aside(at_ms)?;
        }
        let next = self.serials.next().unwrap_or_default();
        let serial = next.rem_euclid(LAST_SERIAL) + 1;
        u32::try_from(serial).map_err(|_| LedgerError::corrupt("serial"))
    }

    fn set_serials_aside(&mut self, at_ms: i64) -> Result<(), LedgerError> {
        let from: i64 = self
            .conn
            .query_row("SELECT reserved FROM serial WHERE id = 1", [], |row| {
                row.get(0)
            })
            .optional()?
            .ok_or_else(|| LedgerError::corrupt("serial is missing"))?;
        let to = from.saturating_add(SERIALS);
        let body = Body {
            serial: Some(to),
            ..Body::default()
        };
        let tx = begin(&mut self.conn)?;
        append(&tx, &self.key, at_ms, "serials_set_aside", None, &body)?;
        tx.commit()?;
        self.serials = from..to;
        Ok(())
    }

    /// Writes the WAL back into the file, as far as readers allow. Changes nothing that can be read
    /// and need not be called: without it some later [`Ledger::record`] does the same and takes
    /// longer, perhaps while a customer waits. Best called when a bill has ended.
    pub fn tidy(&mut self) -> Result<(), LedgerError> {
        self.conn
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// One bill.
    pub fn bill(&self, bill_no: &BillNo) -> Result<Option<Bill>, LedgerError> {
        read::bill(&self.conn, bill_no)
    }

    /// Everything that is not terminal, oldest first.
    pub fn open_bills(&self) -> Result<Vec<Bill>, LedgerError> {
        read::open_bills(&self.conn)
    }

    /// Terminal bills that need a person (I5), oldest first.
    pub fn to_do(&self) -> Result<Vec<Bill>, LedgerError> {
        read::to_do(&self.conn)
    }

    /// Terminal bills that are to be looked at again (FATE 16), by due time.
    pub fn due_looks(&self) -> Result<Vec<Bill>, LedgerError> {
        read::due_looks(&self.conn)
    }

    /// The attempts of a sale, oldest first.
    pub fn sale(&self, sale: &SaleId) -> Result<Vec<Bill>, LedgerError> {
        read::sale(&self.conn, sale)
    }

    /// The bills of a payment code, by its keyed hash (FATE 6), oldest first.
    pub fn by_code(&self, hash: &str) -> Result<Vec<Bill>, LedgerError> {
        read::by_code(&self.conn, hash)
    }

    /// The newest bills, newest first.
    pub fn latest(&self, n: u32) -> Result<Vec<Bill>, LedgerError> {
        self.search(&Query {
            limit: n,
            ..Query::default()
        })
    }

    /// Count and sum of what counts as paid (`Bill::counts_as_paid`), less refunds, of the bills
    /// sent in `from_ms..to_ms`. What was given back by a revert never counts.
    pub fn totals(&self, from_ms: i64, to_ms: i64) -> Result<(u32, Fen), LedgerError> {
        read::totals(&self.conn, from_ms, to_ms)
    }

    /// Searches, newest first; at most [`MOST`].
    pub fn search(&self, query: &Query) -> Result<Vec<Bill>, LedgerError> {
        search::search(&self.conn, query)
    }

    /// One bill's story, oldest first; empty where there is no such bill.
    pub fn story(&self, bill_no: &BillNo) -> Result<Vec<StoryLine>, LedgerError> {
        read::story(&self.conn, bill_no)
    }

    /// How many events there are, and the last one's mac.
    pub fn head(&self) -> Result<Head, LedgerError> {
        read::head(&self.conn)
    }

    /// For tests: lets the file grow to no more than `pages` of 4 KiB (`None`: as it likes), as a
    /// full disk would.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: Option<u32>) -> Result<(), LedgerError> {
        let pages = pages.unwrap_or(u32::MAX - 1);
        self.conn
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// For tests: refuses every write, as a file on a read-only disk would.
    #[doc(hidden)]
    pub fn refuse_writes(&self, refuse: bool) -> Result<(), LedgerError> {
        Ok(self.conn.pragma_update(None, "query_only", refuse)?)
    }
}

fn begin(conn: &mut Connection) -> Result<Transaction<'_>, LedgerError> {
    if !conn.is_autocommit() {
        // An earlier write failed so badly that its rollback did too.
        conn.execute_batch("ROLLBACK")?;
    }
    // Immediate: whoever else writes is met here, and not in the middle.
    Ok(conn.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

fn append_entry(
    tx: &Transaction<'_>,
    key: &AuditKey,
    at_ms: i64,
    entry: &Entry<'_>,
) -> Result<(), LedgerError> {
    let (kind, bill_no) = match entry {
        Entry::Bill(what, _, bill) => (kind_of(what)?, Some(&bill.bill_no)),
        Entry::Refund(what, _, refund) => (kind_of(what)?, Some(&refund.bill_no)),
        Entry::Shift(what, _) => (kind_of(what)?, None),
        Entry::Run(_) => ("reconciled".to_owned(), None),
        Entry::Print(job) => (format!("print_{}", kind_of(&job.state)?), None),
        Entry::Note(kind, _) => ((*kind).to_owned(), None),
    };
    append(tx, key, at_ms, &kind, bill_no, &body_of(tx, entry)?)
}

/// What an event holds: a bill or refund that is as it was is not written again.
fn body_of(tx: &Transaction<'_>, entry: &Entry<'_>) -> Result<Body, LedgerError> {
    let mut body = Body::default();
    match *entry {
        Entry::Bill(_, detail, bill) => {
            body.detail = detail.map(str::to_owned);
            body.same = read::bill(tx, &bill.bill_no)?.as_ref() == Some(bill);
            body.bill = (!body.same).then(|| bill.clone());
        }
        Entry::Refund(_, detail, refund) => {
            body.detail = detail.map(str::to_owned);
            let known = Books::new(tx).refund(&refund.refund_no)?;
            if known.as_ref() == Some(refund) {
                body.same_refund = Some(refund.refund_no.clone());
            } else {
                body.refund = Some(refund.clone());
            }
        }
        Entry::Shift(_, shift) => body.shift = Some(shift.clone()),
        Entry::Run(run) => body.run = Some(run.clone()),
        Entry::Print(job) => body.print_job = Some(job.clone()),
        Entry::Note(_, detail) => body.detail = Some(detail.to_owned()),
    }
    Ok(body)
}

/// Adds one event, and brings head and tables up to it.
fn append(
    tx: &Transaction<'_>,
    key: &AuditKey,
    at_ms: i64,
    kind: &str,
    bill_no: Option<&BillNo>,
    body: &Body,
) -> Result<(), LedgerError> {
    let head = read::head(tx)?;
    let text = body.encode()?;
    let event = Event {
        seq: head.count.saturating_add(1),
        at_ms,
        kind,
        bill_no: bill_no.map(BillNo::as_str),
        body: &text,
    };
    let head = Head {
        count: event.seq,
        last: event.link(key, &head.last),
    };
    tx.prepare_cached(
        "INSERT INTO event (seq, at_ms, kind, bill_no, body, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        event.seq,
        event.at_ms,
        event.kind,
        event.bill_no,
        event.body,
        head.last
    ])?;
    tables::project(tx, event.seq, body)?;
    tx.prepare_cached("UPDATE head SET count = ?1, last = ?2, mac = ?3 WHERE id = 1")?
        .execute(params![head.count, head.last, head.seal(key)])?;
    Ok(())
}

/// The head is sealed with this key and names the last event: all that can be known at once.
fn check_end(conn: &Connection, key: &AuditKey) -> Result<(), LedgerError> {
    let head = read::head(conn)?;
    let seal: Link = conn.query_row("SELECT mac FROM head WHERE id = 1", [], |row| row.get(0))?;
    if !chain::same(&seal, &head.seal(key)) {
        return Err(LedgerError::WrongKey);
    }
    let last: Option<(i64, Link)> = conn
        .query_row(
            "SELECT seq, mac FROM event ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (count, last) = last.unwrap_or((0, chain::GENESIS));
    if count == head.count && chain::same(&last, &head.last) {
        Ok(())
    } else {
        Err(LedgerError::corrupt("head does not fit the last event"))
    }
}

#[cfg(test)]
mod tests;
