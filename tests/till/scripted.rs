//! A gateway that says what a test tells it to, host by host, and remembers what it was asked.

use secrecy::{ExposeSecret, SecretString};
use shouyin::domain::config::Settings;
use shouyin::domain::gateway::{
    Answer, ApprovalRequest, Host, ListQuery, Listed, PayOutcome, PayRequest, PreRefundRow,
    RefundOutcome, RefundRequest, RefundRow, RefundStatusOutcome, RevertOutcome, Row, RowOutcome,
    StatusOutcome,
};
use shouyin::domain::{BillNo, Channel, Fen, RefundNo};
use shouyin::gateway::notice::{Claim, Noticed};
use shouyin::gateway::{BoxFuture, Gateway, Invalid, beecloud};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Pay,
    Status,
    Revert,
    Row,
    Refund,
    Refunds,
    RefundStatus,
    Waiting,
    Approve,
}

type Says<T> = Mutex<Box<dyn FnMut(&Host) -> T + Send>>;

type QuerySays = Mutex<Box<dyn FnMut(&ListQuery) -> Listed<Vec<RefundRow>> + Send>>;

type WordSays = Mutex<Box<dyn FnMut(&ApprovalRequest, &str) -> RefundOutcome + Send>>;

/// See the module.
pub struct Script {
    hosts: Vec<Host>,
    log: Mutex<Vec<(Asked, Host)>>,
    pay: Says<PayOutcome>,
    status: Says<StatusOutcome>,
    revert: Says<RevertOutcome>,
    row: Says<RowOutcome>,
    refund: Says<RefundOutcome>,
    refunds: Says<Listed<Vec<RefundRow>>>,
    refunds_by: Option<QuerySays>,
    refund_status: Says<RefundStatusOutcome>,
    waiting: Says<Listed<Vec<PreRefundRow>>>,
    /// What becomes of a word about one id; `None`: the answer does not name it.
    approve: WordSays,
    /// The words that were sent.
    words: Mutex<Vec<ApprovalRequest>>,
    /// The refunds that were sent.
    sent: Mutex<Vec<RefundRequest>>,
    /// Its clock is so far ahead, ms.
    ahead_ms: i64,
    /// Pay answers take a permit each, where there are any to wait for.
    gate: Option<Semaphore>,
    /// Reads notices as the practice merchant's client does.
    ears: beecloud::Client,
}

impl Script {
    /// Every customer pays at once.
    pub fn new(hosts: &[&str]) -> Script {
        Script {
            hosts: hosts.iter().map(|h| Host((*h).to_owned())).collect(),
            log: Mutex::default(),
            pay: says(|_| PayOutcome::Paid { channel_type: None }),
            status: says(|_| StatusOutcome::NotPaid),
            revert: says(|_| RevertOutcome::Claimed),
            row: says(|_| RowOutcome::Empty),
            refund: says(|_| RefundOutcome::Done),
            refunds: says(|_| Listed::Here(Vec::new())),
            refunds_by: None,
            refund_status: says(|_| RefundStatusOutcome::NoSuchRefund),
            waiting: says(|_| Listed::Here(Vec::new())),
            approve: Mutex::new(Box::new(|_, _| RefundOutcome::Approved { page: None })),
            words: Mutex::default(),
            sent: Mutex::default(),
            ahead_ms: 0,
            gate: None,
            ears: ears(),
        }
    }

    pub fn pay(mut self, f: impl FnMut(&Host) -> PayOutcome + Send + 'static) -> Script {
        self.pay = says(f);
        self
    }

    pub fn status(mut self, f: impl FnMut(&Host) -> StatusOutcome + Send + 'static) -> Script {
        self.status = says(f);
        self
    }

    pub fn row(mut self, f: impl FnMut(&Host) -> RowOutcome + Send + 'static) -> Script {
        self.row = says(f);
        self
    }

    pub fn revert(mut self, f: impl FnMut(&Host) -> RevertOutcome + Send + 'static) -> Script {
        self.revert = says(f);
        self
    }

    pub fn refund(mut self, f: impl FnMut(&Host) -> RefundOutcome + Send + 'static) -> Script {
        self.refund = says(f);
        self
    }

    /// Everything that `/refunds` holds (its first page).
    pub fn refunds(
        mut self,
        f: impl FnMut(&Host) -> Listed<Vec<RefundRow>> + Send + 'static,
    ) -> Script {
        self.refunds = says(f);
        self
    }

    /// The rows of `/refunds` that fit a query (its first page).
    pub fn refunds_by(
        mut self,
        f: impl FnMut(&ListQuery) -> Listed<Vec<RefundRow>> + Send + 'static,
    ) -> Script {
        self.refunds_by = Some(Mutex::new(Box::new(f)));
        self
    }

    /// Everything that waits for a word there (its first page).
    pub fn waiting(
        mut self,
        f: impl FnMut(&Host) -> Listed<Vec<PreRefundRow>> + Send + 'static,
    ) -> Script {
        self.waiting = says(f);
        self
    }

    pub fn approve(
        mut self,
        f: impl FnMut(&ApprovalRequest, &str) -> RefundOutcome + Send + 'static,
    ) -> Script {
        self.approve = Mutex::new(Box::new(f));
        self
    }

    /// The words that were sent, in order.
    pub fn words_sent(&self) -> Vec<ApprovalRequest> {
        self.words.lock().unwrap().clone()
    }

    pub fn ahead(mut self, ms: i64) -> Script {
        self.ahead_ms = ms;
        self
    }

    /// The refunds that were sent, in order.
    pub fn refunds_sent(&self) -> Vec<RefundRequest> {
        self.sent.lock().unwrap().clone()
    }

    /// Pay answers only when [`Script::answer_pay`] lets it.
    pub fn holding_pay(mut self) -> Script {
        self.gate = Some(Semaphore::new(0));
        self
    }

    pub fn answer_pay(&self) {
        self.gate.as_ref().expect("holding_pay").add_permits(1);
    }

    pub fn shared(self) -> Arc<Script> {
        Arc::new(self)
    }

    /// The hosts that were asked this, in order.
    pub fn hosts_asked(&self, what: Asked) -> Vec<String> {
        let log = self.log.lock().unwrap();
        let of = log.iter().filter(|(asked, _)| *asked == what);
        of.map(|(_, host)| host.0.clone()).collect()
    }

    pub fn count(&self, what: Asked) -> usize {
        self.hosts_asked(what).len()
    }

    fn answer<T>(&self, what: Asked, host: &Host, says: &Says<T>) -> Answer<T> {
        self.log.lock().unwrap().push((what, host.clone()));
        Answer {
            outcome: (says.lock().unwrap())(host),
            host: host.clone(),
            date_ms: Some(shouyin::till::wall_ms() + self.ahead_ms),
            took_ms: 1,
        }
    }
}

fn ears() -> beecloud::Client {
    let settings = Settings::practice(Host("http://127.0.0.1:1".to_owned()));
    let secret = SecretString::from("practice-app");
    beecloud::Client::new(&settings.gateway, &settings.payment.timing, secret).unwrap()
}

fn says<T>(f: impl FnMut(&Host) -> T + Send + 'static) -> Says<T> {
    Mutex::new(Box::new(f))
}

/// The row of an unpaid bill.
pub fn row(paid: bool, reverted: bool, fee: i64) -> RowOutcome {
    RowOutcome::Row(Row {
        paid,
        reverted: Some(reverted),
        refunded: Some(false),
        total_fee: Fen(fee),
        bill_fee: None,
        discount: Fen::ZERO,
        trade_no: None,
        sub_channel: None,
        id: None,
        create_time_ms: None,
    })
}

impl Gateway for Script {
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
        Box::pin(async move {
            let answer = self.answer(Asked::Pay, host, &self.pay);
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            answer
        })
    }

    fn status<'a>(
        &'a self,
        host: &'a Host,
        _: &'a BillNo,
        _: Option<Channel>,
        _: i64,
    ) -> BoxFuture<'a, Answer<StatusOutcome>> {
        Box::pin(async move { self.answer(Asked::Status, host, &self.status) })
    }

    fn revert<'a>(
        &'a self,
        host: &'a Host,
        _: &'a BillNo,
        _: Option<Channel>,
        _: i64,
    ) -> BoxFuture<'a, Answer<RevertOutcome>> {
        Box::pin(async move { self.answer(Asked::Revert, host, &self.revert) })
    }

    fn row<'a>(
        &'a self,
        host: &'a Host,
        _: &'a BillNo,
        _: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        Box::pin(async move { self.answer(Asked::Row, host, &self.row) })
    }

    fn bill_by_id<'a>(
        &'a self,
        host: &'a Host,
        _: &'a str,
        _: &'a BillNo,
        _: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        Box::pin(async move { self.answer(Asked::Row, host, &self.row) })
    }

    fn read_notice(&self, body: &[u8], legacy: bool) -> Noticed {
        self.ears.read_notice(body, legacy)
    }

    fn is_notice_signed(&self, claim: &Claim, master_secret: &SecretString) -> bool {
        self.ears.is_notice_signed(claim, master_secret)
    }

    fn can_refund(&self) -> bool {
        true
    }

    fn check_refund(&self, _: &RefundRequest) -> Result<(), Invalid> {
        Ok(())
    }

    fn refund<'a>(
        &'a self,
        host: &'a Host,
        request: &'a RefundRequest,
        master_secret: &'a SecretString,
        _: i64,
    ) -> BoxFuture<'a, Answer<RefundOutcome>> {
        assert_eq!(master_secret.expose_secret(), "practice-master");
        self.sent.lock().unwrap().push(request.clone());
        Box::pin(async move { self.answer(Asked::Refund, host, &self.refund) })
    }

    fn refund_status<'a>(
        &'a self,
        host: &'a Host,
        _: &'a RefundNo,
        _: i64,
    ) -> BoxFuture<'a, Answer<RefundStatusOutcome>> {
        Box::pin(async move { self.answer(Asked::RefundStatus, host, &self.refund_status) })
    }

    fn refunds<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        _: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<RefundRow>>>> {
        Box::pin(async move {
            let mut answer = self.answer(Asked::Refunds, host, &self.refunds);
            if let Some(by) = &self.refunds_by {
                answer.outcome = (by.lock().unwrap())(query);
            }
            if let (Listed::Here(rows), true) = (&mut answer.outcome, query.skip > 0) {
                rows.clear();
            }
            answer
        })
    }

    fn waiting_refunds<'a>(
        &'a self,
        host: &'a Host,
        skip: u32,
        _: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<PreRefundRow>>>> {
        Box::pin(async move {
            let mut answer = self.answer(Asked::Waiting, host, &self.waiting);
            if let (Listed::Here(rows), true) = (&mut answer.outcome, skip > 0) {
                rows.clear();
            }
            answer
        })
    }

    fn approve<'a>(
        &'a self,
        host: &'a Host,
        request: &'a ApprovalRequest,
        master_secret: &'a SecretString,
        _: i64,
    ) -> BoxFuture<'a, Answer<BTreeMap<String, RefundOutcome>>> {
        assert_eq!(master_secret.expose_secret(), "practice-master");
        self.log
            .lock()
            .unwrap()
            .push((Asked::Approve, host.clone()));
        self.words.lock().unwrap().push(request.clone());
        let mut approve = self.approve.lock().unwrap();
        let said = |id: &String| (id.clone(), approve(request, id));
        let outcome = request.ids.iter().map(said).collect();
        let answer = Answer {
            outcome,
            host: host.clone(),
            date_ms: Some(shouyin::till::wall_ms() + self.ahead_ms),
            took_ms: 1,
        };
        Box::pin(async move { answer })
    }

    fn warm<'a>(&'a self, _: &'a Host) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}
