//! A gateway that has lists and counts, made of what a test puts into it, that remembers what it
//! was asked.

use shouyin::domain::gateway::{
    Answer, Host, ListQuery, Listed, ListedBill, Lost, PayOutcome, PayRequest, RefundRow,
    RevertOutcome, Row, RowOutcome, StatusOutcome,
};
use shouyin::domain::{BillNo, Channel, Fen};
use shouyin::gateway::{BoxFuture, Gateway, Invalid};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Count(ListQuery),
    Bills(ListQuery),
    RefundCount(ListQuery),
    Refunds(ListQuery),
    Row(String),
    Status(String),
}

/// See the module.
pub struct Listing {
    hosts: Vec<Host>,
    bills: Mutex<Vec<ListedBill>>,
    refunds: Mutex<Vec<RefundRow>>,
    log: Mutex<Vec<Asked>>,
    /// Lists and counts are silent after so many more.
    left: AtomicUsize,
    /// Every count is too large by so many.
    pub overcount: AtomicUsize,
    /// Rows and status by number are silent.
    pub mute: AtomicBool,
    /// Rows and status by number are heard from the first page with a row on.
    pub heard_from_page: AtomicBool,
    /// No page comes.
    pub hanging: AtomicBool,
}

impl Listing {
    pub fn new() -> Arc<Listing> {
        Arc::new(Listing {
            hosts: vec![Host("http://127.0.0.1:9".to_owned())],
            bills: Mutex::default(),
            refunds: Mutex::default(),
            log: Mutex::default(),
            left: AtomicUsize::new(usize::MAX),
            overcount: AtomicUsize::new(0),
            mute: AtomicBool::new(false),
            heard_from_page: AtomicBool::new(false),
            hanging: AtomicBool::new(false),
        })
    }

    pub fn bills(&self) -> MutexGuard<'_, Vec<ListedBill>> {
        self.bills.lock().unwrap()
    }

    pub fn refunds(&self) -> MutexGuard<'_, Vec<RefundRow>> {
        self.refunds.lock().unwrap()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.log.lock().unwrap().clear();
    }

    pub fn silent_after(&self, requests: usize) {
        self.left.store(requests, Ordering::SeqCst);
    }

    fn answer<T>(&self, host: &Host, asked: Asked, outcome: T) -> Answer<T> {
        self.log.lock().unwrap().push(asked);
        Answer {
            outcome,
            host: host.clone(),
            date_ms: Some(shouyin::till::wall_ms()),
            took_ms: 1,
        }
    }

    fn list<T>(&self, here: impl FnOnce() -> T) -> Listed<T> {
        let left = |n: usize| n.checked_sub(1);
        let answers = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok();
        match answers {
            true => Listed::Here(here()),
            false => Listed::NoAnswer(Lost::Timeout),
        }
    }

    fn found(&self, query: &ListQuery) -> Vec<ListedBill> {
        let fits = |b: &&ListedBill| {
            fits(query, b.row.create_time_ms)
                && query.bill_no.as_ref().is_none_or(|n| *n == b.bill_no)
        };
        self.bills().iter().filter(fits).cloned().collect()
    }

    fn found_refunds(&self, query: &ListQuery) -> Vec<RefundRow> {
        let number = query.refund_no.as_ref().map(|n| n.as_str().to_owned());
        let fits = |r: &&RefundRow| {
            fits(query, r.create_time_ms)
                && number.as_ref().is_none_or(|n| *n == r.refund_no)
                && query.bill_no.as_ref().is_none_or(|n| *n == r.bill_no)
        };
        self.refunds().iter().filter(fits).cloned().collect()
    }

    fn row_of(&self, bill_no: &BillNo) -> RowOutcome {
        if self.mute.load(Ordering::SeqCst) {
            return RowOutcome::NoAnswer(Lost::Timeout);
        }
        let bills = self.bills();
        let ours = bills.iter().filter(|b| b.bill_no == bill_no.as_str());
        let rows: Vec<Row> = ours.map(|b| b.row.clone()).collect();
        match rows.len() {
            0 => RowOutcome::Empty,
            1 => RowOutcome::Row(rows.into_iter().next().unwrap()),
            many => RowOutcome::Many(many),
        }
    }
}

fn fits(query: &ListQuery, created_ms: Option<i64>) -> bool {
    let at = created_ms.unwrap();
    query.from_ms.is_none_or(|from| at >= from) && query.to_ms.is_none_or(|to| at <= to)
}

fn page<T>(rows: Vec<T>, query: &ListQuery) -> Vec<T> {
    let (skip, limit) = (query.skip as usize, query.limit as usize);
    rows.into_iter().skip(skip).take(limit).collect()
}

/// A row of 10.00.
pub fn row(bill_no: &str, paid: bool, created_ms: i64) -> ListedBill {
    ListedBill {
        bill_no: bill_no.to_owned(),
        row: Row {
            paid,
            reverted: Some(false),
            refunded: Some(false),
            total_fee: Fen(1_000),
            bill_fee: None,
            discount: Fen::ZERO,
            trade_no: None,
            sub_channel: None,
            id: Some(format!("id-{bill_no}")),
            create_time_ms: Some(created_ms),
        },
    }
}

impl Gateway for Listing {
    fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    fn check(&self, _: &PayRequest) -> Result<(), Invalid> {
        Ok(())
    }

    fn pay<'a>(
        &'a self,
        host: &'a Host,
        _: &'a PayRequest,
        _: i64,
    ) -> BoxFuture<'a, Answer<PayOutcome>> {
        let why = "no pay here".to_owned();
        let answer = Answer {
            outcome: PayOutcome::Unconnected { why },
            host: host.clone(),
            date_ms: None,
            took_ms: 1,
        };
        Box::pin(async move { answer })
    }

    fn status<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        _: Option<Channel>,
        _: i64,
    ) -> BoxFuture<'a, Answer<StatusOutcome>> {
        let said = match self.row_of(bill_no) {
            RowOutcome::Row(row) if row.paid => StatusOutcome::Paid,
            RowOutcome::NoAnswer(why) => StatusOutcome::NoAnswer(why),
            _ => StatusOutcome::NotPaid,
        };
        let asked = Asked::Status(bill_no.to_string());
        Box::pin(async move { self.answer(host, asked, said) })
    }

    fn revert<'a>(
        &'a self,
        host: &'a Host,
        _: &'a BillNo,
        _: Option<Channel>,
        _: i64,
    ) -> BoxFuture<'a, Answer<RevertOutcome>> {
        let answer = Answer {
            outcome: RevertOutcome::NoAnswer(Lost::Timeout),
            host: host.clone(),
            date_ms: None,
            took_ms: 1,
        };
        Box::pin(async move { answer })
    }

    fn row<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        _: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        let asked = Asked::Row(bill_no.to_string());
        Box::pin(async move { self.answer(host, asked, self.row_of(bill_no)) })
    }

    fn bill_by_id<'a>(
        &'a self,
        host: &'a Host,
        _: &'a str,
        bill_no: &'a BillNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        self.row(host, bill_no, at_ms)
    }

    fn warm<'a>(&'a self, _: &'a Host) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn can_refund(&self) -> bool {
        true
    }

    fn bills<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        _: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<ListedBill>>>> {
        Box::pin(async move {
            if self.hanging.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            let said = self.list(|| page(self.found(query), query));
            let some = matches!(&said, Listed::Here(rows) if !rows.is_empty());
            if some && self.heard_from_page.load(Ordering::SeqCst) {
                self.mute.store(false, Ordering::SeqCst);
            }
            self.answer(host, Asked::Bills(query.clone()), said)
        })
    }

    fn bills_count<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        _: i64,
    ) -> BoxFuture<'a, Answer<Listed<u32>>> {
        let more = self.overcount.load(Ordering::SeqCst);
        let said = self.list(|| (self.found(query).len() + more) as u32);
        Box::pin(async move { self.answer(host, Asked::Count(query.clone()), said) })
    }

    fn refunds<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        _: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<RefundRow>>>> {
        let by_number = query.refund_no.is_some() || query.bill_no.is_some();
        let said = match by_number && self.mute.load(Ordering::SeqCst) {
            true => Listed::NoAnswer(Lost::Timeout),
            false => self.list(|| page(self.found_refunds(query), query)),
        };
        Box::pin(async move { self.answer(host, Asked::Refunds(query.clone()), said) })
    }

    fn refunds_count<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        _: i64,
    ) -> BoxFuture<'a, Answer<Listed<u32>>> {
        let said = self.list(|| self.found_refunds(query).len() as u32);
        Box::pin(async move { self.answer(host, Asked::RefundCount(query.clone()), said) })
    }
}
