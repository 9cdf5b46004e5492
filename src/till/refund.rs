//! Refunds: the till's side of `payment::refund`.

use super::desk_calls::Reply;
use super::engine::Engine;
use super::service::{Pin, RefundOrder, Refundable, Said};
use crate::domain::{BillNo, RefundNo};

impl Engine {
    pub(super) fn refundable(&mut self, bill_no: BillNo, reply: Reply<Result<Refundable, Said>>) {
        let _ = (bill_no, reply.send(Err(Said::RefundsNotOffered)));
    }

    pub(super) fn order_refund(
        &mut self,
        order: RefundOrder,
        reply: Reply<Result<RefundNo, Said>>,
    ) {
        let _ = (order, reply.send(Err(Said::RefundsNotOffered)));
    }

    pub(super) fn ask_refund_now(&mut self, refund_no: &RefundNo) {
        let _ = refund_no;
    }

    pub(super) fn settle_refund(
        &mut self,
        refund_no: &RefundNo,
        id: &str,
        pin: &Pin,
        reason: String,
    ) -> Result<(), Said> {
        let _ = (refund_no, id, pin, reason);
        Err(Said::NothingToSettle)
    }
}
