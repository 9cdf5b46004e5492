//! Writing refunds down and telling people. What can't be written waits, in order, and is tried
//! again. The record that first makes a refund Succeeded carries its bill's `refunded` in the same
//! transaction: both or neither, and never twice, since the ledger's own refund says whether it
//! was there before.

use super::super::engine::Engine;
use super::super::service::Notice;
use crate::domain::bill::Happened;
use crate::domain::refund::{RefundHappened, RefundState};
use crate::domain::{Bill, Refund, RefundNo};
use crate::ledger::{Entry, LedgerError};
use crate::payment::{self, Case};

/// So many changes of one refund wait at most; then the newest takes the place of the one before,
/// since each holds the whole refund.
const MOST_WAITING: usize = 256;

/// A change that could not be written yet.
pub(super) type Unwritten = (RefundHappened, Option<String>, Refund);

/// What a success does to its bill.
struct GivenBack {
    what: Happened,
    detail: Option<String>,
    bill: Bill,
    /// The bill in the engine's hands after it, and what it does then.
    held: Option<(Case, Vec<payment::Action>)>,
}

impl Engine {
    /// Writes a refund's change; where that fails it is kept in memory and tried again.
    pub(super) fn record_refund(
        &mut self,
        refund_no: &RefundNo,
        what: RefundHappened,
        detail: Option<String>,
        refund: Refund,
    ) {
        let waiting = self.refund_is_unwritten(refund_no);
        if !waiting && self.write_refund(what, detail.as_deref(), &refund).is_ok() {
            return;
        }
        if let Some(held) = self.refunds.held.get_mut(refund_no) {
            if held.unwritten.len() >= MOST_WAITING {
                held.unwritten.pop_back();
            }
            held.unwritten.push_back((what, detail, refund));
        }
    }

    /// One durable write, told at once. A failure is shown, stops new payments and changes nothing.
    pub(super) fn write_refund(
        &mut self,
        what: RefundHappened,
        detail: Option<&str>,
        refund: &Refund,
    ) -> Result<(), LedgerError> {
        self.stale = true;
        let given_back = self.given_back(refund);
        let result = given_back.and_then(|given_back| {
            let mut entries = vec![Entry::Refund(what, detail, refund)];
            if let Some(back) = &given_back {
                entries.push(Entry::Bill(back.what, back.detail.as_deref(), &back.bill));
            }
            match what {
                RefundHappened::RefundStarted
                | RefundHappened::RefundRequested
                | RefundHappened::RefundApproved => self.write_in_shift(&entries)?,
                _ => self.ledger.write(&entries, self.clock.now().wall_ms)?,
            }
            Ok(given_back)
        });
        self.judge_write(&result);
        let given_back = result?;
        let _ = self
            .notices
            .send(Notice::RefundChanged(Box::new(refund.clone())));
        if let Some(back) = given_back {
            self.was_given_back(back);
        }
        Ok(())
    }

    /// What this record does to the refund's bill: something exactly where the ledger doesn't have
    /// the refund as succeeded yet and has the bill.
    fn given_back(&mut self, refund: &Refund) -> Result<Option<GivenBack>, LedgerError> {
        if refund.state != RefundState::Succeeded {
            return Ok(None);
        }
        let before = self.ledger.books().refund(&refund.refund_no)?;
        if before.is_some_and(|r| r.state == RefundState::Succeeded) {
            return Ok(None);
        }
        // What waits of this bill is older than what is about to be written.
        self.write_one_pending(&refund.bill_no)?;
        let now = self.clock.now();
        let held = self.cases.get(&refund.bill_no).map(|h| h.case.clone());
        let is_held = held.is_some();
        let case = match held {
            Some(case) => case,
            None => match self.ledger.bill(&refund.bill_no)? {
                Some(bill) => Case::resume(bill, &now),
                None => return Ok(None),
            },
        };
        let event = payment::Event::Refunded {
            fee: refund.fee,
            by: refund.approver.clone(),
            reason: refund.reason.clone(),
        };
        let (case, actions) = payment::step(case, event, &now, &self.policy);
        Ok(first_record(case, actions, is_held))
    }

    /// The bill's change is durable: a bill in the engine's hands goes on from it.
    fn was_given_back(&mut self, back: GivenBack) {
        let bill_no = back.bill.bill_no.clone();
        let _ = self.notices.send(Notice::Changed(Box::new(back.bill)));
        if let Some((case, actions)) = back.held {
            if let Some(held) = self.cases.get_mut(&bill_no) {
                held.case = case;
            }
            self.execute(&bill_no, actions.into());
            self.let_go();
        }
    }

    /// Something of this refund waits to be written.
    pub(super) fn refund_is_unwritten(&self, refund_no: &RefundNo) -> bool {
        let held = self.refunds.held.get(refund_no);
        held.is_some_and(|h| !h.unwritten.is_empty())
    }

    /// The refunds of which something waits to be written.
    pub(in crate::till) fn unwritten_refunds(&self) -> Vec<RefundNo> {
        let held = self.refunds.held.iter();
        let waiting = held.filter(|(_, h)| !h.unwritten.is_empty());
        waiting.map(|(no, _)| no.clone()).collect()
    }

    /// Tries again what could not be written of this refund, in order. False: it still can't be.
    pub(in crate::till) fn write_pending_refund(&mut self, refund_no: &RefundNo) -> bool {
        let front = |e: &Engine| {
            let held = e.refunds.held.get(refund_no);
            held.and_then(|h| h.unwritten.front().cloned())
        };
        while let Some((what, detail, refund)) = front(self) {
            if self.write_refund(what, detail.as_deref(), &refund).is_err() {
                return false;
            }
            if let Some(held) = self.refunds.held.get_mut(refund_no) {
                held.unwritten.pop_front();
            }
        }
        let held = self.refunds.held.get_mut(refund_no);
        if held.is_some_and(|h| std::mem::take(&mut h.announce_later)) {
            self.announce_refund(refund_no);
        }
        true
    }

    /// What happened is durable before it is said (I4).
    pub(super) fn announce_refund_or_wait(&mut self, refund_no: &RefundNo) {
        match self.refunds.held.get_mut(refund_no) {
            Some(held) if !held.unwritten.is_empty() => held.announce_later = true,
            _ => self.announce_refund(refund_no),
        }
    }

    fn announce_refund(&mut self, refund_no: &RefundNo) {
        let now = self.clock.now();
        if let Some(held) = self.refunds.held.get(refund_no) {
            let view = self.view_of_refund(&held.case.refund, &now);
            let _ = self.notices.send(Notice::Refund(Box::new(view.clone())));
            self.devices_hear_refund(&view);
        }
    }
}

/// The bill's record goes into the refund's transaction; the rest is done after it.
fn first_record(case: Case, actions: Vec<payment::Action>, is_held: bool) -> Option<GivenBack> {
    let mut record = None;
    let mut rest = Vec::new();
    for action in actions {
        match action {
            payment::Action::Record { what, detail, bill } if record.is_none() => {
                record = Some((what, detail, *bill));
            }
            other => rest.push(other),
        }
    }
    let (what, detail, bill) = record?;
    Some(GivenBack {
        what,
        detail,
        bill,
        held: is_held.then_some((case, rest)),
    })
}
