//! This ledger's side: which bills and refunds were sent when, by gateway time.

use crate::domain::{Bill, BillNo, Now, Refund, RefundNo};
use crate::ledger::{LedgerError, Reader};
use std::sync::Mutex;

/// The ledger is asked by the local clock, which may have been wrong by as much.
const CLOCK_MS: i64 = 86_400_000;
/// So many at once.
const CHUNK: u32 = 500;

/// A reader that a task may keep over its waiting.
pub(super) struct Books(Mutex<Reader>);

/// What was sent in the time, oldest first, by gateway time.
#[derive(Debug, Default)]
pub(super) struct Index {
    bills: Vec<(i64, BillNo)>,
    refunds: Vec<(i64, RefundNo)>,
}

impl Index {
    /// Those sent in `from_ms..to_ms`.
    pub fn bills(&self, from_ms: i64, to_ms: i64) -> Vec<BillNo> {
        within(&self.bills, from_ms, to_ms)
    }

    /// Those sent in `from_ms..to_ms`.
    pub fn refunds(&self, from_ms: i64, to_ms: i64) -> Vec<RefundNo> {
        within(&self.refunds, from_ms, to_ms)
    }
}

fn within<T: Clone>(sent: &[(i64, T)], from_ms: i64, to_ms: i64) -> Vec<T> {
    let from = sent.partition_point(|(at, _)| *at < from_ms);
    let rest = sent.iter().skip(from);
    rest.take_while(|(at, _)| *at < to_ms)
        .map(|(_, no)| no.clone())
        .collect()
}

impl Books {
    pub fn new(reader: Reader) -> Books {
        Books(Mutex::new(reader))
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let reader = self.0.lock().unwrap_or_else(|e| e.into_inner());
        read(&reader)
    }

    /// The bill of a number as the gateway spells it.
    pub fn bill(&self, bill_no: &str) -> Result<Option<Bill>, LedgerError> {
        match BillNo::parse(bill_no) {
            Some(bill_no) => self.read(|r| r.bill(&bill_no)),
            None => Ok(None),
        }
    }

    /// The refund of a number as the gateway spells it.
    pub fn refund(&self, refund_no: &str) -> Result<Option<Refund>, LedgerError> {
        match RefundNo::parse(refund_no) {
            Some(refund_no) => self.read(|r| r.books().refund(&refund_no)),
            None => Ok(None),
        }
    }

    /// Reads what was sent in `from_ms..to_ms` of gateway time.
    pub fn index(&self, from_ms: i64, to_ms: i64, now: &Now) -> Result<Index, LedgerError> {
        let (wall_from, wall_to) = (
            from_ms.saturating_sub(CLOCK_MS),
            to_ms.saturating_add(CLOCK_MS),
        );
        let mut index = Index::default();
        let inside = |at: i64| (from_ms..to_ms).contains(&at);
        let mut after: Option<BillNo> = None;
        // Ends: every chunk moves `after` on.
        loop {
            let chunk = self.read(|r| {
                let books = r.books();
                books.bills_between(wall_from, wall_to, after.as_ref(), CHUNK)
            })?;
            let Some(last) = chunk.last() else { break };
            after = Some(last.bill_no.clone());
            let sent = chunk
                .into_iter()
                .map(|b| (b.sent.gateway_ms(now), b.bill_no));
            index.bills.extend(sent.filter(|(at, _)| inside(*at)));
        }
        let mut after: Option<RefundNo> = None;
        loop {
            let chunk = self.read(|r| {
                let books = r.books();
                books.refunds_between(wall_from, wall_to, after.as_ref(), CHUNK)
            })?;
            let Some(last) = chunk.last() else { break };
            after = Some(last.refund_no.clone());
            let sent = chunk
                .into_iter()
                .map(|r| (r.sent.gateway_ms(now), r.refund_no));
            index.refunds.extend(sent.filter(|(at, _)| inside(*at)));
        }
        index.bills.sort();
        index.refunds.sort();
        Ok(index)
    }
}
