//! Pre-refunds (004 §3, §4): recorded first, refunded or dropped when somebody says so.
//!
//! Invariant: while one waits it takes from what can be refunded, and it is decided once.

use super::super::channel::Parent;
use super::super::code::{Code, Refused};
use super::super::faults::Reply;
use super::super::refund::{Approval, Refund};
use super::online::merchant_page;
use super::{Core, RefundPlan};
use crate::domain::BillNo;
use crate::domain::practice::RefundAct;
use std::collections::BTreeMap;

/// How long the merchant takes to type Alipay's password.
const PASSWORD_MS: i64 = 2_000;

/// The word about some pre-refunds of one channel.
#[derive(Debug, Clone)]
pub struct Decision {
    /// WX, ALI, …
    pub channel: Parent,
    /// The gateway's ids, as they were sent.
    pub ids: Vec<String>,
    /// Or denied.
    pub agree: bool,
}

/// What became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// By id: "OK" or why not. Only where the word was yes.
    pub result_map: Option<BTreeMap<String, String>>,
    /// Alipay, where something is refunded.
    pub url: Option<String>,
}

impl Core {
    /// Turns a new refund into one that waits.
    ///
    /// Errors: its bill has one that waits, or its number is taken (16).
    pub(super) fn may_wait(&self, refund_no: &str, bill_no: &BillNo) -> Result<(), Refused> {
        let waits = self.refunds.of_bill(bill_no).any(Refund::is_waiting);
        if waits || self.refunds.numbered(refund_no).is_some() {
            let detail = "该订单已有预退款，或refund_no重复";
            return Err(Refused::new(Code::PrerefundDuplicate, detail));
        }
        Ok(())
    }

    /// `PUT /2/rest/refund`. A yes is worked off row by row; a no has no rows in its answer, so it
    /// holds for all of them or for none.
    pub fn decide(&mut self, now_ms: i64, decision: &Decision) -> Reply<Decided> {
        self.advance(now_ms);
        let transport = self.faults.refund.transport;
        if !transport.acts_now() {
            return Reply::none(transport);
        }
        let result = match decision.agree {
            true => Ok(self.agree_all(now_ms, decision)),
            false => self.deny_all(now_ms, decision),
        };
        Reply {
            result: Some(result),
            transport,
        }
    }

    fn agree_all(&mut self, now_ms: i64, decision: &Decision) -> Decided {
        let mut rows = BTreeMap::new();
        for id in &decision.ids {
            // Named twice: the first word stands.
            if !rows.contains_key(id) {
                let done = self.agree_one(now_ms, id.trim(), decision.channel);
                let text = done.map_or_else(|refused| refused.detail, |()| "OK".to_owned());
                rows.insert(id.clone(), text);
            }
        }
        let any = rows.values().any(|text| text == "OK");
        let url = (any && decision.channel == Parent::Ali).then(|| merchant_page("refunds"));
        Decided {
            result_map: Some(rows),
            url,
        }
    }

    fn deny_all(&mut self, now_ms: i64, decision: &Decision) -> Result<Decided, Refused> {
        for id in &decision.ids {
            self.waiting(id.trim(), decision.channel)?;
        }
        for id in &decision.ids {
            if let Some(refund) = self.refunds.by_id_mut(id.trim()) {
                refund.deny(now_ms);
            }
        }
        Ok(Decided {
            result_map: None,
            url: None,
        })
    }

    /// The waiting pre-refund of this id and channel.
    fn waiting(&self, id: &str, channel: Parent) -> Result<Refund, Refused> {
        let refund = self.refunds.by_id(id);
        let refund = refund.ok_or_else(|| Refused::new(Code::NoSuchRefund, "没有该退款记录"))?;
        if refund.parent() != channel {
            return Err(Refused::new(Code::ChannelInvalid, "channel与退款不符"));
        }
        match refund.approval {
            Approval::Waiting => Ok(refund.clone()),
            Approval::Direct => Err(Refused::new(Code::ParamInvalid, "该退款不是预退款")),
            Approval::Agreed | Approval::Denied => {
                Err(Refused::new(Code::ParamInvalid, "该预退款已经审核"))
            }
        }
    }

    fn agree_one(&mut self, now_ms: i64, id: &str, channel: Parent) -> Result<(), Refused> {
        let refund = self.waiting(id, channel)?;
        // What was true when it was asked for may not be any more.
        let bill = self.refundable_bill(now_ms, &refund.bill_no)?;
        let act = self
            .refunds
            .take_plan(&refund.bill_no)
            .act
            .unwrap_or_default();
        if act == RefundAct::NoFunds {
            return Err(super::wallet::no_funds(bill.wallet));
        }
        let factor = self.delay_factor;
        if let Some(refund) = self.refunds.by_id_mut(id) {
            refund.approval = Approval::Agreed;
            refund.play(act, now_ms, factor);
            type_password(refund, act, factor);
        }
        Ok(())
    }

    /// An act that was planned for a refund is for its approval where it only waits.
    pub(super) fn keep_plan(&mut self, bill_no: &BillNo, act: Option<RefundAct>) {
        if act.is_some() {
            self.plan_refund(Some(bill_no), RefundPlan { act, network: None });
        }
    }
}

/// An online refund of Alipay's begins with the merchant's password.
pub(super) fn type_password(refund: &mut Refund, act: RefundAct, factor: f64) {
    if refund.parent() == Parent::Ali && act == RefundAct::AtOnce {
        let ms = (PASSWORD_MS as f64 * factor) as i64;
        refund.finish_at = refund.finish_at.map(|at| at.saturating_add(ms));
    }
}
