//! Refunds: the till's side of `payment::refund`. A refund is held as carefully as a bill: recorded
//! before it is sent (I2), told only after it is durable (I4), taken up at every start, and its
//! success is written together with its bill in one transaction.
//!
//! master_secret is here only while a manager is signed in, or for the one refund that a command
//! ordered, and never anywhere else (I12).

mod ask;
mod decide;
mod held;
mod order;
mod read;
mod record;
mod requests;
mod words;

pub(super) use held::Refunds;
pub(super) use order::By;
pub(super) use read::Found;

use super::desk::reason_of;
use super::engine::Engine;
use super::service::{Pin, RefundView, Said, refund_view};
use crate::domain::{BillNo, Now, Refund, RefundNo};
use crate::payment::refund::{Event, RefundCase};
use crate::vault::{Deed, may};
use held::HeldRefund;
use order::no_channel;

impl Engine {
    /// A person asks now; with a manager signed in that lets a refund be sent again.
    pub(super) fn ask_refund_now(&mut self, refund_no: &RefundNo) {
        if self.signed_in.is_none() {
            return self.say(Said::Locked);
        }
        self.hint_refund(refund_no);
    }

    /// Somebody knows more: ask now.
    pub(super) fn hint_refund(&mut self, refund_no: &RefundNo) {
        match self.fetch_refund(refund_no) {
            Ok(true) => self.step_refund(refund_no, Event::Hinted),
            Ok(false) => {}
            Err(said) => self.say(said),
        }
    }

    /// A manager's word about a refund's contradiction. The state stays (I8).
    pub(super) fn settle_refund(
        &mut self,
        refund_no: &RefundNo,
        id: &str,
        pin: &Pin,
        reason: String,
    ) -> Result<(), Said> {
        let reason = reason_of(&reason)?;
        let manager = self.who_has_pin(id, pin, "settle_refund_refused")?.staff;
        if !may(manager.role, Deed::EndByHand) {
            return Err(Said::ManagerNeeded);
        }
        let there = self.fetch_refund(refund_no)?;
        let contradicted = |h: &&HeldRefund| {
            let refund = &h.case.refund;
            let contradicted = refund.incident.is_some() && refund.settled.is_none();
            contradicted || refund.is_unheard()
        };
        let held = self.refunds.held.get(refund_no).filter(contradicted);
        if !there || held.is_none() {
            return Err(Said::NothingToSettle);
        }
        let by = manager.id;
        self.step_refund(refund_no, Event::Settled { by, reason });
        match &self.ledger_down {
            Some(why) if self.refund_is_unwritten(refund_no) => Err(Said::LedgerDown(why.clone())),
            _ => Ok(()),
        }
    }

    /// The refund is in the engine's hands, from the ledger if need be.
    fn fetch_refund(&mut self, refund_no: &RefundNo) -> Result<bool, Said> {
        if self.refunds.held.contains_key(refund_no) {
            return Ok(true);
        }
        let written = self.ledger.books().refund(refund_no);
        let Some(refund) = written.map_err(|e| Said::Text(e.to_string()))? else {
            return Ok(false);
        };
        let now = self.clock.now();
        self.refunds.hold(RefundCase::resume(refund, &now));
        Ok(true)
    }

    /// This ledger's refunds of a bill as they are now: memory is newer than the file.
    pub(super) fn refunds_now(&self, bill_no: &BillNo) -> Result<Vec<Refund>, Said> {
        let written = self.ledger.books().refunds_of(bill_no);
        let written = written.map_err(|e| Said::LedgerDown(e.to_string()))?;
        let newest = |refund: Refund| match self.refunds.held.get(&refund.refund_no) {
            Some(held) => held.case.refund.clone(),
            None => refund,
        };
        Ok(written.into_iter().map(newest).collect())
    }

    /// A refund as clients see it.
    pub(super) fn view_of_refund(&self, refund: &Refund, now: &Now) -> RefundView {
        let mut view = refund_view(refund);
        if let Some(held) = self.refunds.held.get(&refund.refund_no) {
            view.asking = held.case.is_asking();
            view.waits_for_manager = held.case.waits_for_manager();
            view.next_at_ms = held.case.next_step_ms(now);
            view.unrecorded = held.is_unrecorded();
        }
        view
    }

    /// The refunds of the snapshot: open, contradicted, or ended just now; oldest first.
    pub(super) fn refund_views(&self, now: &Now) -> Vec<RefundView> {
        let held = self.refunds.held.values();
        let mut views: Vec<RefundView> = held
            .map(|h| self.view_of_refund(&h.case.refund, now))
            .collect();
        views.sort_by_key(|v| v.sent_ms);
        views
    }

    /// This till can refund: there is a master_secret, and the gateway refunds.
    pub(super) fn can_refund(&self) -> bool {
        self.vault.has_master() && self.gateway.can_refund()
    }
}
