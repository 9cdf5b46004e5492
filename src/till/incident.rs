//! Incidents: both witnesses side by side, and a manager's word about them.

use super::desk_calls::Reply;
use super::engine::Engine;
use super::service::{Said, SettleOrder, SettledAs, Witnesses};
use crate::domain::BillNo;

impl Engine {
    pub(super) fn witnesses(&mut self, bill_no: BillNo, reply: Reply<Result<Witnesses, Said>>) {
        let _ = (bill_no, reply.send(Err(Said::NothingToSettle)));
    }

    pub(super) fn settle(&mut self, order: SettleOrder, reply: Reply<Result<SettledAs, Said>>) {
        let _ = (order, reply.send(Err(Said::NothingToSettle)));
    }
}
