//! Writing bills down and telling people. What can't be written waits here, in order, and is
//! tried again; until then nothing is sent or announced that rests on it (I2, I4), and no new
//! payment is taken.

use super::engine::{Engine, OnStage};
use super::service::Notice;
use crate::domain::bill::Happened;
use crate::domain::{Bill, BillNo, State};
use crate::ledger::LedgerError;
use crate::payment::Event;

/// How often a failed write is tried again.
const WRITE_AGAIN_MS: i64 = 2_000;
/// So many changes of one bill wait at most; then the newest takes the place of the one before,
/// since each holds the whole bill.
const MOST_WAITING: usize = 256;

/// A change that could not be written yet.
pub(super) type Unwritten = (Happened, Option<String>, Bill);

impl Engine {
    /// Writes a bill's change; where that fails it is kept in memory and tried again.
    pub(super) fn record(
        &mut self,
        bill_no: &BillNo,
        what: Happened,
        detail: Option<String>,
        bill: Bill,
    ) -> bool {
        let waiting = self.is_unwritten(bill_no);
        let written = !waiting && self.write(what, detail.as_deref(), &bill).is_ok();
        let notice = match written {
            true => Notice::Changed(Box::new(bill.clone())),
            false => Notice::Unwritten(Box::new(bill.clone())),
        };
        let _ = self.notices.send(notice);
        if !written && let Some(held) = self.cases.get_mut(bill_no) {
            if held.unwritten.len() >= MOST_WAITING {
                held.unwritten.pop_back();
            }
            held.unwritten.push_back((what, detail, bill));
        }
        written
    }

    /// One durable write. A failure is shown and stops new payments.
    pub(super) fn write(
        &mut self,
        what: Happened,
        detail: Option<&str>,
        bill: &Bill,
    ) -> Result<(), LedgerError> {
        self.stale = true;
        let at_ms = self.clock.now().wall_ms;
        let result = self.ledger.record(what, detail, bill, at_ms);
        self.judge_write(&result);
        result
    }

    /// An audit line that concerns no bill. Losing one must not stop the till; the ledger's own
    /// health says so.
    pub(super) fn note(&mut self, kind: &str, detail: &str) -> Result<(), LedgerError> {
        let at_ms = self.clock.now().wall_ms;
        let result = self.ledger.note(kind, detail, at_ms);
        self.judge_write(&result);
        result
    }

    /// What a write says about the ledger's health.
    pub(super) fn judge_write<T>(&mut self, result: &Result<T, LedgerError>) {
        match result {
            Ok(_) => self.ledger_down = None,
            Err(error) => {
                tracing::error!(%error, "ledger write failed");
                self.ledger_down = Some(error.to_string());
                self.write_again = Some(self.clock.now().mono_ms + WRITE_AGAIN_MS);
            }
        }
    }

    /// Something of this bill waits to be written.
    pub(super) fn is_unwritten(&self, bill_no: &BillNo) -> bool {
        self.cases
            .get(bill_no)
            .is_some_and(|h| !h.unwritten.is_empty())
    }

    /// Tries again what could not be written, in order.
    pub(super) fn write_pending(&mut self) {
        let now = self.clock.now();
        if self.write_again.is_none_or(|at| now.mono_ms < at) {
            return;
        }
        self.write_again = None;
        let waiting: Vec<BillNo> = self
            .cases
            .iter()
            .filter(|(_, h)| !h.unwritten.is_empty())
            .map(|(no, _)| no.clone())
            .collect();
        let refunds = self.unwritten_refunds();
        // Where nothing waits, only a write tells whether the ledger takes any.
        let some = !waiting.is_empty() || !refunds.is_empty();
        let mut fine = some || self.note("ledger_writable", "{}").is_ok();
        for bill_no in waiting {
            fine = fine && self.write_one_pending(&bill_no).is_ok();
        }
        for refund_no in refunds {
            fine = fine && self.write_pending_refund(&refund_no);
        }
        if fine {
            self.let_go();
            self.let_go_refunds();
        }
    }

    /// Writes everything that waits of this bill.
    pub(super) fn write_one_pending(&mut self, bill_no: &BillNo) -> Result<(), LedgerError> {
        let mut newest = None;
        while let Some((what, detail, bill)) = self
            .cases
            .get(bill_no)
            .and_then(|h| h.unwritten.front().cloned())
        {
            self.write(what, detail.as_deref(), &bill)?;
            newest = Some(bill);
            if let Some(held) = self.cases.get_mut(bill_no) {
                held.unwritten.pop_front();
            }
        }
        // Clients hear how it stands now, not what it once was: a code that is off the screen
        // since must not be shown.
        if let Some(bill) = newest {
            let _ = self.notices.send(Notice::Changed(Box::new(bill)));
        }
        let announce = self
            .cases
            .get_mut(bill_no)
            .is_some_and(|held| std::mem::take(&mut held.announce_later));
        if announce {
            self.announce(bill_no);
        }
        Ok(())
    }

    /// Success is durable before it is announced (I4).
    pub(super) fn announce_or_wait(&mut self, bill_no: &BillNo) {
        match self.cases.get_mut(bill_no) {
            Some(held) if !held.unwritten.is_empty() => held.announce_later = true,
            _ => self.announce(bill_no),
        }
    }

    fn announce(&mut self, bill_no: &BillNo) {
        let on_stage = self.stage == OnStage::Bill(bill_no.clone());
        if let Some(bill) = self.view(bill_no) {
            let bill = Box::new(bill);
            let _ = self.notices.send(Notice::Fate {
                bill: bill.clone(),
                on_stage,
            });
            self.devices_hear(&bill, on_stage);
        }
    }

    /// Shown is durable before it is drawn (FATE 17): one that can't be written is not drawn.
    pub(super) fn drop_unrecorded_qr(&mut self, bill_no: &BillNo) {
        if self.is_unwritten(bill_no) {
            if let Some(held) = self.cases.get_mut(bill_no) {
                held.qr = None;
            }
            self.step(bill_no, Event::CancelAsked);
        }
    }

    /// I1's last line: another attempt of the same sale that is paid too.
    pub(super) fn other_paid(&self, bill: &Bill) -> Option<BillNo> {
        let attempts = match self.ledger.sale(&bill.sale) {
            Ok(attempts) => attempts,
            Err(error) => {
                tracing::error!(bill_no = %bill.bill_no, %error, "sale not read");
                return None;
            }
        };
        let paid = |b: &Bill| self.newest(b).state == State::Paid;
        let other = attempts
            .iter()
            .find(|b| b.bill_no != bill.bill_no && paid(b));
        other.map(|b| b.bill_no.clone())
    }

    /// A bill as it is now: what is in memory is newer than what is written (a full disk).
    pub(super) fn newest(&self, bill: &Bill) -> Bill {
        self.cases
            .get(&bill.bill_no)
            .map_or_else(|| bill.clone(), |h| h.case.bill.clone())
    }

    /// Bills that nobody has to do anything about are left to the ledger.
    pub(super) fn let_go(&mut self) {
        let stage = match &self.stage {
            OnStage::Bill(no) => Some(no.clone()),
            _ => None,
        };
        self.cases.retain(|no, held| {
            let bill = &held.case.bill;
            !bill.state.is_terminal()
                || bill.look.is_some()
                || bill.needs_someone()
                || held.case.is_asking()
                || !held.unwritten.is_empty()
                || stage.as_ref() == Some(no)
        });
    }
}
