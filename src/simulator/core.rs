//! The gateway's ledger and what it does with each operation. Pure and deterministic: gateway
//! time comes with every call, random parts from a seed.
//!
//! Invariant: a bill_no is taken once for ever, a payment code once; what an operation answers and
//! what really happened ([`Core::truth`]) differ only where a test's [`Faults`] say so.

mod members;
mod memory;
mod notices;
mod online;
mod payout;
mod plant;
mod prerefund;
mod query;
mod refund;
mod refund_rows;
mod wallet;

pub use self::members::{History, Member, MemberQuery};
pub use self::memory::Memory;
pub use self::notices::{Notice, NoticeKind};
pub use self::payout::{Identity, PAYOUT_BANKS, Payout, PayoutTaken, checks_out};
pub use self::plant::{Kind, PlantError, Planted};
pub use self::prerefund::{Decided, Decision};
pub use self::query::{Query, Row};
pub use self::refund::{RefundAnswer, RefundDays, RefundPlan, RefundPlanError};
pub use self::refund_rows::{RefundQuery, RefundRow};

use self::members::Members;
use self::notices::Watched;
use self::refund::Refunds;
use super::bill::{Bill, Plant, Truth};
use super::code::{Code, Refused};
use super::faults::{Faults, Reply, RevertFault, StatusFault, Transport};
use super::params::{PayParams, RefundParams};
use super::rng::Rng;
use crate::domain::practice::{Act, Network};
use crate::domain::{AuthCode, BillNo, Channel, Fen, Wallet};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// No more bills than this are held; then pay answers 14.
const MAX_BILLS: usize = 1_000_000;
/// No more plans for bills to come, and no more late requests, than this.
const MAX_PENDING: usize = 1_024;

/// A merchant's credentials. Never printed.
#[derive(Clone)]
pub struct Merchant {
    /// Names the merchant's application.
    pub app_id: String,
    /// Signs payments and queries.
    pub app_secret: String,
    /// Signs refunds, payouts and notices.
    pub master_secret: String,
    /// Signs what goes to the sandbox's paths.
    pub test_secret: String,
}

impl Default for Merchant {
    fn default() -> Self {
        Merchant {
            app_id: "practice".to_owned(),
            app_secret: "practice-app".to_owned(),
            master_secret: "practice-master".to_owned(),
            test_secret: "practice-test".to_owned(),
        }
    }
}

impl std::fmt::Debug for Merchant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Merchant")
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// How a customer behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    /// Like this customer.
    Act(Act),
    /// Pays at this gateway ms exactly (a scan in the past: at once).
    At(i64),
}

/// What customer and network will do with a bill to come.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The customer; `None`: [`Core::default_act`].
    pub play: Option<Play>,
    /// The network during pay; `None`: as the faults say.
    pub network: Option<Transport>,
    /// The bill's own faults; `None`: the gateway-wide ones.
    pub faults: Option<Faults>,
}

/// Where a customer's instruction went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planned {
    /// To the next bill.
    Next,
    /// To a named bill that is not there yet.
    Upcoming,
    /// To a bill that is there.
    Existing,
}

/// A pay answer with result_code 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayAnswer {
    /// The row's id.
    pub id: String,
    /// Scan channels.
    pub pay_result: Option<bool>,
    /// QR channels.
    pub code_url: Option<String>,
    /// SCAN and BC_SCAN.
    pub channel_type: Option<Channel>,
    /// What a channel of an app or a page gives besides.
    pub given: Map<String, Value>,
}

/// A request that is still on its way.
#[derive(Debug, Clone)]
enum Late {
    Pay(Box<PayParams>, Plan),
    Revert(BillNo, Option<Channel>),
    Refund(Box<RefundParams>, RefundPlan),
}

/// A whole gateway with one merchant.
#[derive(Debug, Clone)]
pub struct Core {
    /// Whose requests are taken.
    pub merchant: Merchant,
    /// What customers without a plan do.
    pub default_act: Act,
    /// Multiplies the customers' delays.
    pub delay_factor: f64,
    /// The merchant's WeChat certificate is there; without it every WeChat revert and refund
    /// answers 6.
    pub wechat_certificate: bool,
    /// How long after its payment a bill can be refunded.
    pub refund_days: RefundDays,
    /// A bill can be refunded successfully only once (002 §6); a second refund answers 12.
    pub one_refund_a_bill: bool,
    /// The gateway learns how a WeChat refund ended only when `/refund/status` asks (退款状态更新);
    /// its row says unfinished until then.
    pub wechat_refunds_end_at_status: bool,
    /// Where notices go that no request gave an address for (控制台: Webhook参数设置).
    pub webhook: Option<String>,
    /// Gateway-wide faults.
    pub faults: Faults,
    bills: BTreeMap<BillNo, Bill>,
    /// By age.
    order: Vec<BillNo>,
    ids: HashMap<String, BillNo>,
    used_codes: HashSet<[u8; 16]>,
    next: Option<Plan>,
    plans: HashMap<BillNo, Plan>,
    refunds: Refunds,
    members: Members,
    /// Numbers of payouts: each is taken once.
    payouts: HashSet<String>,
    watched: Watched,
    /// Nothing is watched for notices.
    silent: bool,
    late: Vec<(i64, Late)>,
    rng: Rng,
}

impl Core {
    /// An empty gateway. Equal seeds and calls give equal answers.
    pub fn new(merchant: Merchant, seed: u64) -> Core {
        Core {
            merchant,
            default_act: Act::Pay,
            delay_factor: 1.0,
            wechat_certificate: true,
            refund_days: RefundDays::default(),
            one_refund_a_bill: false,
            wechat_refunds_end_at_status: true,
            webhook: None,
            faults: Faults::default(),
            bills: BTreeMap::new(),
            order: Vec::new(),
            ids: HashMap::new(),
            used_codes: HashSet::new(),
            next: None,
            plans: HashMap::new(),
            refunds: Refunds::default(),
            members: Members::default(),
            payouts: HashSet::new(),
            watched: Watched::default(),
            silent: false,
            late: Vec::new(),
            rng: Rng::new(seed),
        }
    }

    /// The sandbox beside it: the same merchant, customers and times, another ledger, signed with
    /// test_secret. It tells nobody anything.
    pub fn sandbox(&self) -> Core {
        let merchant = Merchant {
            app_secret: self.merchant.test_secret.clone(),
            ..self.merchant.clone()
        };
        let mut rng = self.rng.clone();
        let mut sandbox = Core::new(merchant, rng.next());
        sandbox.default_act = self.default_act;
        sandbox.delay_factor = self.delay_factor;
        sandbox.silent = true;
        sandbox
    }

    /// `POST /2/rest/offline/bill` and `/2/rest/bill` with valid parameters.
    pub fn pay(&mut self, now_ms: i64, params: PayParams) -> Reply<PayAnswer> {
        let bill_no = params.bill_no.clone();
        self.pay_checked(now_ms, Some(&bill_no), Ok(params))
    }

    /// Pay, as far as the request could be read: a network fault comes before any check.
    pub fn pay_checked(
        &mut self,
        now_ms: i64,
        bill_no: Option<&BillNo>,
        params: Result<PayParams, Refused>,
    ) -> Reply<PayAnswer> {
        self.advance(now_ms);
        let plan = bill_no.map(|no| self.take_plan(no)).unwrap_or_default();
        let faults = plan.faults.as_ref().unwrap_or(&self.faults);
        let transport = plan.network.unwrap_or(faults.pay_transport);
        match (transport, params) {
            (Transport::LoseRequest, _) | (Transport::ActLater { .. }, Err(_)) => {
                Reply::none(transport)
            }
            (Transport::ActLater { ms }, Ok(params)) => {
                self.delay(now_ms, ms, Late::Pay(Box::new(params), plan));
                Reply::none(transport)
            }
            (transport, params) => Reply {
                result: Some(params.and_then(|params| self.accept(now_ms, params, plan))),
                transport,
            },
        }
    }

    /// `POST /2/rest/offline/bill/status`: whether it is paid (and not undone).
    pub fn status(
        &mut self,
        now_ms: i64,
        bill_no: &BillNo,
        channel: Option<Channel>,
    ) -> Reply<bool> {
        self.advance(now_ms);
        let faults = self.faults_of(bill_no);
        let transport = faults.status_transport;
        if !transport.acts_now() {
            return Reply::none(transport);
        }
        Reply {
            result: Some(self.status_now(now_ms, bill_no, channel, &faults)),
            transport,
        }
    }

    /// `POST /2/rest/offline/bill/{bill_no}` with method REVERT: `revert_status`.
    pub fn revert(
        &mut self,
        now_ms: i64,
        bill_no: &BillNo,
        channel: Option<Channel>,
    ) -> Reply<bool> {
        self.advance(now_ms);
        let transport = self.faults_of(bill_no).revert_transport;
        match transport {
            Transport::LoseRequest => Reply::none(transport),
            Transport::ActLater { ms } => {
                self.delay(now_ms, ms, Late::Revert(bill_no.clone(), channel));
                Reply::none(transport)
            }
            transport => Reply {
                result: Some(self.revert_now(now_ms, bill_no, channel)),
                transport,
            },
        }
    }

    /// What really happened to a bill, whatever any answer said.
    pub fn truth(&mut self, now_ms: i64, bill_no: &BillNo) -> Truth {
        self.advance(now_ms);
        let (refunded, refunding) = self.refunds.sums(bill_no, now_ms);
        self.bills.get_mut(bill_no).map_or(Truth::UNKNOWN, |bill| {
            bill.settle(now_ms);
            bill.truth(now_ms, refunded, refunding)
        })
    }

    /// Every bill_no, oldest first.
    pub fn bill_nos(&self) -> &[BillNo] {
        &self.order
    }

    /// A bill, as of the last operation on it.
    pub fn get(&self, bill_no: &BillNo) -> Option<&Bill> {
        self.bills.get(bill_no)
    }

    /// A bill, to change anything about it.
    pub fn get_mut(&mut self, bill_no: &BillNo) -> Option<&mut Bill> {
        self.bills.get_mut(bill_no)
    }

    /// Plans the next bill (`None`), or the one with this number.
    pub fn plan(&mut self, bill_no: Option<&BillNo>, plan: Plan) {
        match bill_no {
            None => self.next = Some(plan),
            Some(no) if self.plans.len() < MAX_PENDING || self.plans.contains_key(no) => {
                self.plans.insert(no.clone(), plan);
            }
            Some(_) => {}
        }
    }

    /// Plays the customer (COUNTER: in practice mode). On a bill that is there `act` counts from
    /// now (pay: at once), and `network` has nothing left to do.
    pub fn play(
        &mut self,
        now_ms: i64,
        bill_no: Option<&BillNo>,
        act: Option<Act>,
        network: Option<Network>,
    ) -> Planned {
        self.advance(now_ms);
        let factor = self.delay_factor;
        if let Some(bill) = bill_no.and_then(|no| self.settled(now_ms, no)) {
            if act == Some(Act::Pay) {
                bill.pay(now_ms);
            } else if let Some(act) = act {
                bill.play(act, now_ms, factor);
            }
            return Planned::Existing;
        }
        // Told in two calls, both hold.
        let old = match bill_no {
            Some(no) => self.plans.remove(no),
            None => self.next.take(),
        };
        let mut plan = old.unwrap_or_default();
        plan.play = act.map(Play::Act).or(plan.play);
        plan.network = network.map(|n| self.scaled(n)).or(plan.network);
        self.plan(bill_no, plan);
        match bill_no {
            Some(_) => Planned::Upcoming,
            None => Planned::Next,
        }
    }

    /// A payment code of this wallet that was never used: 18 digits, 28… or 13….
    pub fn fresh_code(&mut self, wallet: Wallet) -> AuthCode {
        let prefix = match wallet {
            Wallet::Alipay => "28",
            Wallet::Wechat => "13",
        };
        // Ends in the first turn: 18 digits with these prefixes always are a code, and one in
        // 10^16 was used.
        loop {
            let text = format!("{prefix}{}", self.rng.digits(16));
            let fresh = !self.used_codes.contains(&super::sign::digest(&text));
            if let (true, Ok(code)) = (fresh, AuthCode::parse(&text)) {
                return code;
            }
        }
    }

    /// Applies late requests that arrive up to `now_ms`, in the order of their arrival.
    pub fn advance(&mut self, now_ms: i64) {
        for _ in 0..self.late.len() {
            let due = (0..self.late.len())
                .filter(|i| self.late[*i].0 <= now_ms)
                .min_by_key(|i| self.late[*i].0);
            let Some(index) = due else { return };
            match self.late.remove(index) {
                // Nobody waits for these answers any more.
                (at_ms, Late::Pay(params, plan)) => drop(self.accept(at_ms, *params, plan)),
                (at_ms, Late::Revert(no, channel)) => drop(self.revert_now(at_ms, &no, channel)),
                (at_ms, Late::Refund(p, plan)) => drop(self.accept_refund(at_ms, *p, plan)),
            }
        }
    }

    fn scaled(&self, network: Network) -> Transport {
        match Transport::from(network) {
            Transport::Slow { ms } => Transport::Slow {
                ms: (ms as f64 * self.delay_factor) as i64,
            },
            other => other,
        }
    }

    fn delay(&mut self, now_ms: i64, ms: i64, request: Late) {
        if self.late.len() < MAX_PENDING {
            self.late.push((now_ms.saturating_add(ms.max(0)), request));
        }
    }

    fn take_plan(&mut self, bill_no: &BillNo) -> Plan {
        let named = self.plans.remove(bill_no);
        named.or_else(|| self.next.take()).unwrap_or_default()
    }

    fn faults_of(&self, bill_no: &BillNo) -> Faults {
        let own = self.bills.get(bill_no).and_then(|b| b.faults.as_ref());
        own.unwrap_or(&self.faults).clone()
    }

    /// The bill as the gateway's books have it at `now_ms`.
    fn settled(&mut self, now_ms: i64, bill_no: &BillNo) -> Option<&mut Bill> {
        let bill = self.bills.get_mut(bill_no)?;
        if bill.plant == Some(Plant::Hidden) {
            return None;
        }
        bill.settle(now_ms);
        Some(bill)
    }

    /// Takes a bill, or refuses it.
    fn accept(&mut self, now_ms: i64, params: PayParams, plan: Plan) -> Result<PayAnswer, Refused> {
        if self.bills.contains_key(&params.bill_no) {
            return Err(Refused::new(Code::BillNoDuplicate, "订单号重复"));
        }
        if self.bills.len() >= MAX_BILLS {
            return Err(Refused::new(Code::RuntimeError, "too many bills"));
        }
        let play = plan.play.unwrap_or(Play::Act(self.default_act));
        let mut bill = self.new_bill(now_ms, &params, plan.faults)?;
        let refusal = self.ask_wallet(&bill, params.auth_code.as_ref(), play);
        bill.refused = refusal.is_some();
        match play {
            Play::Act(act) => bill.play(act, now_ms, self.delay_factor),
            Play::At(at_ms) => bill.pay_at = Some(at_ms.max(now_ms)),
        }
        bill.settle(now_ms);
        let faults = bill.faults.as_ref().unwrap_or(&self.faults);
        let (fails, bare) = (faults.pay_fails, faults.scan_without_pay_result);
        let scan = bill.channel.is_scan();
        let given = online::given(&mut self.rng, &bill);
        let unified = bill.asked.is_unified();
        let answer = PayAnswer {
            id: bill.id.clone(),
            pay_result: (scan && !(unified && bare)).then(|| bill.is_paid()),
            code_url: bill.code_url.clone(),
            channel_type: bill.channel.counter().filter(|_| unified),
            given,
        };
        self.order.push(bill.bill_no.clone());
        self.ids.insert(bill.id.clone(), bill.bill_no.clone());
        self.watch_bill(&bill);
        self.bills.insert(bill.bill_no.clone(), bill);
        match (refusal, fails) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(code)) => Err(Refused::new(code, code.msg())),
            (None, None) => Ok(answer),
        }
    }

    fn status_now(
        &mut self,
        now_ms: i64,
        bill_no: &BillNo,
        channel: Option<Channel>,
        faults: &Faults,
    ) -> Result<bool, Refused> {
        if channel.is_some_and(|c| c.is_unified() || !c.has_status()) {
            return Err(no_channel("该渠道没有状态查询"));
        }
        match faults.status {
            StatusFault::Truth => {}
            StatusFault::NotPaid => return Ok(false),
            StatusFault::Paid => return Ok(true),
            StatusFault::NoSuchBill => return Err(no_such_bill()),
            StatusFault::Fails(code) => return Err(Refused::new(code, code.msg())),
        }
        let bill = self.settled(now_ms, bill_no).ok_or_else(no_such_bill)?;
        if !bill.channel.has_status() || channel.is_some_and(|c| bill.channel != c) {
            return Err(no_channel("channel与订单不符"));
        }
        let seen_ms = now_ms.saturating_sub(faults.status_lag_ms);
        let paid = bill.booked_at().is_some_and(|at| at <= seen_ms);
        Ok(paid && (bill.reverted_at.is_none() || faults.status_paid_after_revert))
    }

    fn revert_now(
        &mut self,
        now_ms: i64,
        bill_no: &BillNo,
        channel: Option<Channel>,
    ) -> Result<bool, Refused> {
        if channel.is_some_and(|c| c.is_unified() || !c.is_revertible()) {
            return Err(no_channel("该渠道不支持撤销"));
        }
        let fault = self.faults_of(bill_no).revert;
        if let RevertFault::Fails(code) = fault {
            return Err(Refused::new(code, code.msg()));
        }
        let certificate = self.wechat_certificate;
        let refunded = self.refunds.taken(bill_no, now_ms) > Fen::ZERO;
        let Some(bill) = self.settled(now_ms, bill_no) else {
            // Documented: Alipay's cancel answers success even for an order it never knew.
            let alipay = matches!(channel, Some(Channel::AliScan | Channel::AliOfflineQrcode));
            return if alipay {
                Ok(true)
            } else {
                Err(no_such_bill())
            };
        };
        if !bill.channel.is_revertible() || channel.is_some_and(|c| bill.channel != c) {
            return Err(no_channel("channel与订单不符，或不支持撤销"));
        }
        match fault {
            RevertFault::ClaimsOnly => Ok(true),
            RevertFault::DeniesOnly => Ok(false),
            RevertFault::DeniesPaid if bill.is_paid() => Ok(false),
            RevertFault::ActsLater { .. } if refunded => Ok(true),
            RevertFault::ActsLater { ms } => {
                let at_ms = now_ms.saturating_add(ms.max(0));
                bill.revert_at = Some(bill.revert_at.map_or(at_ms, |old| old.min(at_ms)));
                Ok(true)
            }
            RevertFault::DeniesButActs => {
                wallet::undo(bill, now_ms, certificate, refunded).map(|_| false)
            }
            RevertFault::FailsButActs(code) => {
                wallet::undo(bill, now_ms, certificate, refunded)?;
                Err(Refused::new(code, code.msg()))
            }
            RevertFault::Works | RevertFault::DeniesPaid | RevertFault::Fails(_) => {
                wallet::undo(bill, now_ms, certificate, refunded)
            }
        }
    }
}

fn no_such_bill() -> Refused {
    Refused::new(Code::NoSuchBill, "没有该订单")
}

fn no_channel(detail: &str) -> Refused {
    Refused::new(Code::ChannelInvalid, detail)
}

#[cfg(test)]
mod tests;
