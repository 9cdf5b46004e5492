//! The rows: `GET /2/rest/bills`, `/bills/count`, `/bill/{id}`.

use super::super::bill::{Bill, Plant};
use super::super::channel::Sub;
use super::super::code::Refused;
use super::super::faults::{Faults, Reply, WitnessFault};
use super::{Core, no_such_bill};
use crate::domain::{BillNo, Fen};

/// The conditions of a query; all of them must hold (且).
#[derive(Debug, Clone)]
pub struct Query {
    /// One bill.
    pub bill_no: Option<BillNo>,
    /// A parent channel (WX, ALI, BC …) or a sub channel.
    pub channel: Option<String>,
    /// Paid or not.
    pub spay_result: Option<bool>,
    /// Refunded or not.
    pub refund_result: Option<bool>,
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

impl Default for Query {
    fn default() -> Self {
        Query {
            bill_no: None,
            channel: None,
            spay_result: None,
            refund_result: None,
            need_detail: false,
            start_time: None,
            end_time: None,
            skip: 0,
            limit: 10,
        }
    }
}

impl Query {
    /// The query for one bill.
    pub fn one(bill_no: &BillNo) -> Query {
        Query {
            bill_no: Some(bill_no.clone()),
            ..Query::default()
        }
    }

    fn holds(&self, row: &Row) -> bool {
        let channel = |c: &String| *c == row.channel || c == row.sub_channel.name();
        self.channel.as_ref().is_none_or(channel)
            && self.spay_result.is_none_or(|paid| paid == row.paid)
            && self.refund_result.is_none_or(|r| r == row.refunded)
            && self.start_time.is_none_or(|t| row.create_time >= t)
            && self.end_time.is_none_or(|t| row.create_time <= t)
    }
}

/// A bill's row as the gateway shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row's id.
    pub id: String,
    /// bill_no.
    pub bill_no: BillNo,
    /// total_fee: what was really paid (分).
    pub total_fee: Fen,
    /// bill_fee: the order's amount, where something was taken off (分).
    pub bill_fee: Option<Fen>,
    /// discount (分).
    pub discount: Fen,
    /// title.
    pub title: String,
    /// WX, ALI, BC, …
    pub channel: &'static str,
    /// sub_channel.
    pub sub_channel: Sub,
    /// spay_result; stays true when a paid bill is reverted.
    pub paid: bool,
    /// revert_result; `None`: the field is missing.
    pub reverted: Option<bool>,
    /// refund_result.
    pub refunded: bool,
    /// trade_no, once paid.
    pub trade_no: Option<String>,
    /// create_time, gateway ms.
    pub create_time: i64,
    /// success_time, gateway ms, once paid.
    pub success_time: Option<i64>,
    /// JSON text.
    pub optional: String,
    /// message_detail was asked for.
    pub with_detail: bool,
}

impl Core {
    /// `GET /2/rest/bills`, newest first.
    pub fn bills(&mut self, now_ms: i64, query: &Query) -> Reply<Vec<Row>> {
        self.look(now_ms, query).map(|rows| {
            let page = rows.into_iter().skip(query.skip);
            page.take(query.limit.min(50)).collect()
        })
    }

    /// `GET /2/rest/bills/count`.
    pub fn count(&mut self, now_ms: i64, query: &Query) -> Reply<usize> {
        self.look(now_ms, query).map(|rows| rows.len())
    }

    /// `GET /2/rest/bill/{id}`.
    pub fn bill(&mut self, now_ms: i64, id: &str) -> Reply<Row> {
        let bill_no = self.ids.get(id).cloned();
        let Some(bill_no) = bill_no else {
            return Reply::normal(Err(no_such_bill()));
        };
        let query = Query {
            need_detail: true,
            ..Query::one(&bill_no)
        };
        let reply = self.look(now_ms, &query);
        Reply {
            result: reply.result.map(|rows| {
                let first = rows.map(|rows| rows.into_iter().next());
                first.and_then(|row| row.ok_or_else(no_such_bill))
            }),
            transport: reply.transport,
        }
    }

    fn look(&mut self, now_ms: i64, query: &Query) -> Reply<Vec<Row>> {
        self.advance(now_ms);
        let faults = match &query.bill_no {
            Some(no) => self.faults_of(no),
            None => self.faults.clone(),
        };
        let transport = faults.witness_transport;
        if !transport.acts_now() {
            return Reply::none(transport);
        }
        let result = match faults.witness {
            WitnessFault::Fails(code) => Err(Refused::new(code, code.msg())),
            _ => Ok(self.rows(now_ms, query)),
        };
        Reply {
            result: Some(result),
            transport,
        }
    }

    fn rows(&mut self, now_ms: i64, query: &Query) -> Vec<Row> {
        let (wide, refunds) = (&self.faults, &self.refunds);
        let by_status = self.wechat_refunds_end_at_status;
        let mut show = |bill: &mut Bill| {
            bill.settle(now_ms);
            let faults = bill.faults.as_ref().unwrap_or(wide);
            let seen_ms = now_ms.saturating_sub(faults.witness_lag_ms);
            let refunded = refunds.is_refunded(&bill.bill_no, seen_ms, by_status);
            let row = row(bill, faults, seen_ms, refunded);
            let mut rows = row.map_or(Vec::new(), |row| seen(row, faults));
            rows.retain(|row| query.holds(row));
            rows.iter_mut()
                .for_each(|row| row.with_detail = query.need_detail);
            rows
        };
        match &query.bill_no {
            Some(no) => self.bills.get_mut(no).map(show).unwrap_or_default(),
            None => {
                let mut rows = Vec::new();
                for no in self.order.iter().rev() {
                    rows.extend(self.bills.get_mut(no).map(&mut show).unwrap_or_default());
                }
                rows
            }
        }
    }
}

/// What the queries show of a bill's row, with its faults.
fn seen(row: Row, faults: &Faults) -> Vec<Row> {
    match faults.witness {
        WitnessFault::Truth => vec![row],
        WitnessFault::Silent | WitnessFault::Fails(_) => Vec::new(),
        WitnessFault::AnotherBill => vec![Row {
            bill_no: another(&row.bill_no),
            ..row
        }],
        WitnessFault::Twice => {
            let mut twin = row.clone();
            twin.id = row.id.chars().rev().collect();
            vec![row, twin]
        }
    }
}

/// The row as it was at `seen_ms`; `None` before it was there.
fn row(bill: &Bill, faults: &Faults, seen_ms: i64, refunded: bool) -> Option<Row> {
    if bill.created_at > seen_ms || bill.plant == Some(Plant::Hidden) {
        return None;
    }
    let paid_at = bill.booked_at().filter(|at| *at <= seen_ms);
    let reverted = bill.reverted_at.is_some_and(|at| at <= seen_ms);
    let (total_fee, bill_fee, discount) = amounts(bill, faults);
    Some(Row {
        id: bill.id.clone(),
        bill_no: bill.bill_no.clone(),
        total_fee,
        bill_fee,
        discount,
        title: bill.title.clone(),
        channel: bill.parent().name(),
        sub_channel: bill.channel,
        paid: paid_at.is_some(),
        reverted: (!faults.witness_without_revert_result).then_some(reverted),
        refunded,
        trade_no: paid_at.map(|_| bill.trade_no.clone()),
        create_time: bill.created_at,
        success_time: paid_at,
        optional: bill.optional.clone(),
        with_detail: false,
    })
}

/// total_fee (what was really paid), and where something was taken off the order's amount and
/// the discount beside it.
fn amounts(bill: &Bill, faults: &Faults) -> (Fen, Option<Fen>, Fen) {
    if let Some(Plant::Amount(fee)) = bill.plant {
        return (fee, None, Fen::ZERO);
    }
    let order = (bill.discount > Fen::ZERO).then_some(bill.fee);
    let total = faults.witness_amount.unwrap_or(bill.total_fee());
    (total, order, bill.discount)
}

/// A bill_no that differs in its last character.
pub(super) fn another(bill_no: &BillNo) -> BillNo {
    let mut text = bill_no.as_str().to_owned();
    let last = text.pop();
    text.push(if last == Some('A') { 'B' } else { 'A' });
    BillNo::parse(&text).unwrap_or_else(|| bill_no.clone())
}
