//! Reconciliation (日结对账) against the gateway's lists and counts.

use super::engine::Engine;
use super::service::Said;
use crate::domain::reconcile::Scope;

impl Engine {
    pub(super) fn start_reconcile(&mut self, scope: Scope) -> Result<(), Said> {
        let _ = scope;
        Err(Said::GatewaySilent)
    }

    pub(super) fn cancel_reconcile(&mut self) {}
}
