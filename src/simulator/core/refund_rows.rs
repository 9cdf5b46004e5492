//! The refunds' rows and ends: `GET /2/rest/refunds`, `/refunds/count`, `/refund/{id}`,
//! `/refund/status`.

use super::super::channel::Sub;
use super::super::code::{Code, Refused};
use super::super::faults::{RefundFaults, RefundRowFault, RefundStatusFault, Reply};
use super::super::refund::{Refund, RefundStatus};
use super::query::another;
use super::{Core, no_channel};
use crate::domain::{BillNo, Fen, Wallet};

/// The conditions of a query; all of them must hold (且).
#[derive(Debug, Clone)]
pub struct RefundQuery {
    /// Of one bill.
    pub bill_no: Option<BillNo>,
    /// One refund.
    pub refund_no: Option<String>,
    /// A parent channel (WX, ALI, BC …) or a sub channel.
    pub channel: Option<String>,
    /// Pre-refunds that still wait for approval, or all the others.
    pub need_approval: Option<bool>,
    /// With message_detail.
    pub need_detail: bool,
    /// Created at or after, gateway ms.
    pub start_time: Option<i64>,
    /// Created before or at, gateway ms.
    pub end_time: Option<i64>,
    /// So many are left out.
    pub skip: usize,
    /// So many are given: at most 50.
    pub limit: usize,
}

impl Default for RefundQuery {
    fn default() -> Self {
        RefundQuery {
            bill_no: None,
            refund_no: None,
            channel: None,
            need_approval: None,
            need_detail: false,
            start_time: None,
            end_time: None,
            skip: 0,
            limit: 10,
        }
    }
}

impl RefundQuery {
    /// The query for one bill's refunds.
    pub fn of_bill(bill_no: &BillNo) -> RefundQuery {
        RefundQuery {
            bill_no: Some(bill_no.clone()),
            ..RefundQuery::default()
        }
    }

    /// The query for one refund.
    pub fn one(refund_no: &str) -> RefundQuery {
        RefundQuery {
            refund_no: Some(refund_no.to_owned()),
            ..RefundQuery::default()
        }
    }

    fn holds(&self, refund: &Refund) -> bool {
        let channel = |c: &String| c == refund.parent().name() || c == refund.channel.name();
        self.bill_no.as_ref().is_none_or(|n| *n == refund.bill_no)
            && self
                .refund_no
                .as_ref()
                .is_none_or(|n| *n == refund.refund_no)
            && self.channel.as_ref().is_none_or(channel)
            && self.need_approval.is_none_or(|w| w == refund.is_waiting())
            && self.start_time.is_none_or(|t| refund.created_at >= t)
            && self.end_time.is_none_or(|t| refund.created_at <= t)
    }
}

/// A refund's row as the gateway shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRow {
    /// The row's id.
    pub id: String,
    /// refund_no.
    pub refund_no: String,
    /// bill_no.
    pub bill_no: BillNo,
    /// total_fee of the bill (分).
    pub total_fee: Fen,
    /// refund_fee (分).
    pub fee: Fen,
    /// title of the bill.
    pub title: String,
    /// WX, ALI, BC, …
    pub channel: &'static str,
    /// sub_channel.
    pub sub_channel: Sub,
    /// The bill's wallet.
    pub wallet: Wallet,
    /// finish.
    pub finish: bool,
    /// result; false while it is not finished; `None`: the field is missing.
    pub result: Option<bool>,
    /// create_time, gateway ms.
    pub create_time: i64,
    /// JSON text.
    pub optional: String,
    /// message_detail was asked for.
    pub with_detail: bool,
}

impl Core {
    /// `GET /2/rest/refunds`, newest first.
    pub fn refunds(&mut self, now_ms: i64, query: &RefundQuery) -> Reply<Vec<RefundRow>> {
        self.look_refunds(now_ms, query).map(|rows| {
            let page = rows.into_iter().skip(query.skip);
            page.take(query.limit.min(50)).collect()
        })
    }

    /// `GET /2/rest/refunds/count`.
    pub fn refund_count(&mut self, now_ms: i64, query: &RefundQuery) -> Reply<usize> {
        self.look_refunds(now_ms, query).map(|rows| rows.len())
    }

    /// `GET /2/rest/refund/{id}`.
    pub fn refund_by_id(&mut self, now_ms: i64, id: &str) -> Reply<RefundRow> {
        self.advance(now_ms);
        let refund = self.refunds.by_id(id);
        let Some(refund_no) = refund.map(|r| r.refund_no.clone()) else {
            return Reply::normal(Err(no_such_refund()));
        };
        let query = RefundQuery {
            need_detail: true,
            ..RefundQuery::one(&refund_no)
        };
        let reply = self.look_refunds(now_ms, &query);
        Reply {
            result: reply.result.map(|rows| {
                let wanted = rows.map(|rows| rows.into_iter().find(|row| row.id == id));
                wanted.and_then(|row| row.ok_or_else(no_such_refund))
            }),
            transport: reply.transport,
        }
    }

    /// `GET /2/rest/refund/status`. `channel` is the request's word; asking also tells the gateway
    /// how a WeChat refund ended.
    pub fn refund_status(
        &mut self,
        now_ms: i64,
        refund_no: &str,
        channel: &str,
    ) -> Reply<RefundStatus> {
        self.advance(now_ms);
        let faults = self.refund_faults(None, Some(refund_no));
        let transport = faults.look_transport;
        if !transport.acts_now() {
            return Reply::none(transport);
        }
        let result = match faults.status {
            RefundStatusFault::Truth => self.refund_status_now(now_ms, refund_no, channel),
            RefundStatusFault::Says(status) => Ok(status),
            RefundStatusFault::Fails(code) => Err(Refused::new(code, code.msg())),
        };
        Reply {
            result: Some(result),
            transport,
        }
    }

    fn refund_status_now(
        &mut self,
        now_ms: i64,
        refund_no: &str,
        channel: &str,
    ) -> Result<RefundStatus, Refused> {
        let refund = self.refunds.numbered_mut(refund_no);
        let refund = refund.ok_or_else(no_such_refund)?;
        let parent = refund.parent();
        if !parent.ends_at_status() || channel != parent.name() {
            return Err(no_channel("channel与退款不符"));
        }
        if refund.result(now_ms).is_some() {
            refund.told_at = refund.told_at.or(Some(now_ms));
        }
        Ok(refund.status(now_ms))
    }

    fn refund_faults(&self, bill_no: Option<&BillNo>, refund_no: Option<&str>) -> RefundFaults {
        let named = refund_no.and_then(|no| self.refunds.numbered(no));
        match bill_no.or(named.map(|refund| &refund.bill_no)) {
            Some(no) => self.faults_of(no).refund,
            None => self.faults.refund.clone(),
        }
    }

    fn look_refunds(&mut self, now_ms: i64, query: &RefundQuery) -> Reply<Vec<RefundRow>> {
        self.advance(now_ms);
        let faults = self.refund_faults(query.bill_no.as_ref(), query.refund_no.as_deref());
        let transport = faults.look_transport;
        if !transport.acts_now() {
            return Reply::none(transport);
        }
        let result = match faults.row {
            RefundRowFault::Fails(code) => Err(Refused::new(code, code.msg())),
            _ => Ok(self.refund_rows(now_ms, query)),
        };
        Reply {
            result: Some(result),
            transport,
        }
    }

    fn refund_rows(&self, now_ms: i64, query: &RefundQuery) -> Vec<RefundRow> {
        let by_status = self.wechat_refunds_end_at_status;
        let newest_first = self.refunds.all().iter().rev();
        let mut rows = Vec::new();
        for refund in newest_first.filter(|refund| query.holds(refund)) {
            let own = self.bills.get(&refund.bill_no);
            let own = own.and_then(|bill| bill.faults.as_ref());
            let faults = &own.unwrap_or(&self.faults).refund;
            let seen_ms = now_ms.saturating_sub(faults.row_lag_ms);
            if refund.created_at > seen_ms {
                continue;
            }
            let mut row = row(refund, refund.known(seen_ms, by_status), query.need_detail);
            row.fee = faults.row_fee.unwrap_or(row.fee);
            rows.extend(seen(row, faults.row));
        }
        rows
    }
}

/// What the queries show of a row, with its fault.
fn seen(row: RefundRow, fault: RefundRowFault) -> Vec<RefundRow> {
    match fault {
        RefundRowFault::Truth => vec![row],
        RefundRowFault::Silent | RefundRowFault::Fails(_) => Vec::new(),
        RefundRowFault::AnotherBill => vec![RefundRow {
            bill_no: another(&row.bill_no),
            ..row
        }],
        RefundRowFault::Twice => {
            let mut twin = row.clone();
            twin.id = row.id.chars().rev().collect();
            vec![row, twin]
        }
        RefundRowFault::WithoutResult => vec![RefundRow {
            result: row.result.filter(|_| !row.finish),
            ..row
        }],
    }
}

fn row(refund: &Refund, end: Option<bool>, with_detail: bool) -> RefundRow {
    RefundRow {
        id: refund.id.clone(),
        refund_no: refund.refund_no.clone(),
        bill_no: refund.bill_no.clone(),
        total_fee: refund.total_fee,
        fee: refund.fee,
        title: refund.title.clone(),
        channel: refund.parent().name(),
        sub_channel: refund.channel,
        wallet: refund.wallet,
        finish: end.is_some(),
        result: Some(end == Some(true)),
        create_time: refund.created_at,
        optional: refund.optional.clone(),
        with_detail,
    }
}

fn no_such_refund() -> Refused {
    Refused::new(Code::NoSuchRefund, "没有该退款记录")
}
