//! Which notices are due (000 §3): a payment, a refund or a payout succeeded, and the merchant
//! gave an address. Only what they say; http sends them.

use super::super::bill::Bill;
use super::super::refund::Refund;
use super::Core;
use crate::domain::{BillNo, Fen};

/// No more are watched at once; further ones are never sent.
const MAX_WATCHED: usize = 4_096;

/// transaction_type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A payment.
    Pay,
    /// A refund.
    Refund,
    /// A payout.
    Transfer,
    /// A payment at 聚宝: another envelope.
    Jubao,
}

impl NoticeKind {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Pay | NoticeKind::Jubao => "PAY",
            NoticeKind::Refund => "REFUND",
            NoticeKind::Transfer => "TRANSFER",
        }
    }
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where it goes.
    pub url: String,
    /// transaction_type.
    pub kind: NoticeKind,
    /// transaction_id.
    pub number: String,
    /// channel_type.
    pub channel: &'static str,
    /// sub_channel_type.
    pub sub_channel: &'static str,
    /// transaction_fee (分).
    pub fee: Fen,
    /// `optional` as JSON text.
    pub optional: String,
    /// The wallet's number; empty where there is none.
    pub trade_no: String,
}

/// What a notice may become due for.
#[derive(Debug, Clone, Default)]
pub(super) struct Watched {
    bills: Vec<BillNo>,
    /// By the gateway's id.
    refunds: Vec<String>,
    later: Vec<(i64, Notice)>,
}

impl Watched {
    pub(super) fn later(&mut self, at_ms: i64, notice: Notice) {
        if self.later.len() < MAX_WATCHED {
            self.later.push((at_ms, notice));
        }
    }
}

impl Core {
    /// A bill is there whose payment may have to be told.
    pub(super) fn watch_bill(&mut self, bill: &Bill) {
        let told = bill.notify_url.is_some() || self.webhook.is_some();
        if told && !self.silent && !bill.refused && self.watched.bills.len() < MAX_WATCHED {
            self.watched.bills.push(bill.bill_no.clone());
        }
    }

    /// A refund is there whose success may have to be told.
    pub(super) fn watch_refund(&mut self, refund: &Refund) {
        let told = refund.notify_url.is_some() || self.webhook.is_some();
        if told && self.watched.refunds.len() < MAX_WATCHED {
            self.watched.refunds.push(refund.id.clone());
        }
    }

    /// Something is watched: [`Core::due_notices`] has to be asked again.
    pub fn watches(&self) -> bool {
        let w = &self.watched;
        !(w.bills.is_empty() && w.refunds.is_empty() && w.later.is_empty())
    }

    /// The notices that became due up to `now_ms`, each once.
    pub fn due_notices(&mut self, now_ms: i64) -> Vec<Notice> {
        self.advance(now_ms);
        let mut due = Vec::new();
        let bills = std::mem::take(&mut self.watched.bills);
        for bill_no in bills {
            let Some(bill) = self.settled(now_ms, &bill_no) else {
                continue;
            };
            let over = bill.reverted_at.is_some() || now_ms >= bill.expires_at;
            if bill.paid_at.is_some() {
                due.extend(self.pay_notice(&bill_no, None));
            } else if !over {
                self.watched.bills.push(bill_no);
            }
        }
        let by_status = self.wechat_refunds_end_at_status;
        for id in std::mem::take(&mut self.watched.refunds) {
            let Some(refund) = self.refunds.by_id(&id) else {
                continue;
            };
            match refund.known(now_ms, by_status) {
                Some(true) => due.extend(self.refund_notice(refund)),
                Some(false) => {}
                None => self.watched.refunds.push(id),
            }
        }
        let (now, later) = std::mem::take(&mut self.watched.later)
            .into_iter()
            .partition::<Vec<_>, _>(|(at_ms, _)| *at_ms <= now_ms);
        self.watched.later = later;
        due.extend(now.into_iter().map(|(_, notice)| notice));
        due
    }

    /// What a bill's notice says, paid or not, to this address or the bill's own; `None` where
    /// nobody wants to be told.
    pub fn pay_notice(&self, bill_no: &BillNo, url: Option<String>) -> Option<Notice> {
        let bill = self.bills.get(bill_no)?;
        let url = url.or_else(|| bill.notify_url.clone());
        let url = url.or_else(|| self.webhook.clone())?;
        Some(Notice {
            url,
            kind: match bill.channel.is_jubao() {
                true => NoticeKind::Jubao,
                false => NoticeKind::Pay,
            },
            number: bill.bill_no.to_string(),
            channel: bill.parent().name(),
            sub_channel: bill.channel.name(),
            fee: bill.fee,
            optional: bill.optional.clone(),
            trade_no: bill.trade_no.clone(),
        })
    }

    fn refund_notice(&self, refund: &Refund) -> Option<Notice> {
        let url = refund.notify_url.clone().or_else(|| self.webhook.clone())?;
        Some(Notice {
            url,
            kind: NoticeKind::Refund,
            number: refund.refund_no.clone(),
            channel: refund.parent().name(),
            sub_channel: refund.channel.name(),
            fee: refund.fee,
            optional: refund.optional.clone(),
            trade_no: String::new(),
        })
    }
}
