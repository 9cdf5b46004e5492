//! What can be done with the chosen bill, besides asking, or with the day.

use super::{Action, State};
use crate::domain::State as BillState;
use crate::domain::print::Printed;
use crate::domain::refund::RefundState;
use crate::domain::staff::Role;
use crate::till::service::{BillView, Command, RefundView, Snapshot};

/// What can be done, besides asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Opens the refund's form.
    Refund,
    /// Opens the incident.
    Handle,
    /// Puts it on the stage.
    Open,
    /// To the reconciliation.
    Reconcile,
    /// Shows its slip.
    Slip,
    /// Shows the slip of this one of its refunds.
    RefundSlip(usize),
}

pub(super) fn is_manager(snapshot: &Snapshot) -> bool {
    let signed_in = snapshot.signed_in.as_ref();
    signed_in.is_some_and(|staff| staff.role == Role::Manager)
}

/// Something of what was paid is left to refund.
pub(super) fn has_left(bill: &BillView) -> bool {
    bill.state == BillState::Paid && bill.refunded < bill.amount
}

/// Only what was paid, and is written so (I4), has a slip.
pub(super) fn has_slip(bill: &BillView) -> bool {
    bill.state == BillState::Paid && !bill.unrecorded
}

/// Only a refund that succeeded has one.
pub(super) fn refund_has_slip(refund: &RefundView) -> bool {
    refund.state == RefundState::Succeeded && !refund.unrecorded
}

impl State {
    /// What can be done with the chosen bill; without one, with the day.
    pub(super) fn dos(&self, snapshot: &Snapshot) -> Vec<Do> {
        let manager = is_manager(snapshot);
        let Some(bill) = self.chosen_bill() else {
            return manager.then_some(Do::Reconcile).into_iter().collect();
        };
        let mut all = Vec::new();
        if bill.incident.is_some() {
            all.push(Do::Handle);
        }
        if manager && has_left(bill) && bill.channel.has_refunds() {
            all.push(Do::Refund);
        }
        all.push(Do::Open);
        if has_slip(bill) {
            all.push(Do::Slip);
        }
        let refunds = self.refunds.iter().enumerate();
        let with_slip = refunds.filter(|(_, refund)| refund_has_slip(refund));
        all.extend(with_slip.map(|(at, _)| Do::RefundSlip(at)));
        all
    }

    pub(super) fn act(&mut self, what: Do) -> Vec<Action> {
        let bill_no = self.chosen.clone();
        match (what, bill_no) {
            (Do::Reconcile, _) => vec![Action::Reconcile],
            (Do::Refund, Some(bill_no)) => vec![Action::Refund(bill_no)],
            (Do::Handle, Some(bill_no)) => vec![Action::Incident(bill_no)],
            (Do::Open, Some(bill_no)) => {
                vec![Action::Send(Command::Open(bill_no)), Action::Close]
            }
            (Do::Slip, Some(bill_no)) => vec![Action::Slip(Printed::Sale(bill_no))],
            (Do::RefundSlip(at), Some(_)) => {
                let refund = self.refunds.get(at);
                let what = refund.map(|refund| Printed::Refund(refund.refund_no.clone()));
                what.map(Action::Slip).into_iter().collect()
            }
            (_, None) => Vec::new(),
        }
    }
}
