//! Refunds: what is taken, what is refused, and what becomes of it.
//!
//! Invariant: successful and unfinished refunds of a bill together never exceed what was paid, and
//! a repeated refund_no moves no money, except where a fault asks for exactly that.

use super::super::bill::Bill;
use super::super::channel::Parent;
use super::super::code::{Code, Refused};
use super::super::faults::{RefundAgain, Reply, Transport};
use super::super::params::{Endpoint, RefundParams, invalid};
use super::super::refund::{Approval, Refund};
use super::online::merchant_page;
use super::prerefund::type_password;
use super::{Core, Late, MAX_BILLS, MAX_PENDING, Planned, no_channel, no_such_bill, wallet};
use crate::domain::practice::{Network, RefundAct};
use crate::domain::time::Day;
use crate::domain::{BillNo, Fen, Wallet};
use std::collections::HashMap;

const DAY_MS: i64 = 86_400_000;

/// How long after its payment a bill can be refunded, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundDays {
    /// Alipay's.
    pub alipay: i64,
    /// WeChat's.
    pub wechat: i64,
}

impl Default for RefundDays {
    fn default() -> Self {
        RefundDays {
            alipay: 90,
            wechat: 365,
        }
    }
}

/// What wallet and network will do with a refund to come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefundPlan {
    /// What becomes of it; `None`: at once.
    pub act: Option<RefundAct>,
    /// The network during refund; `None`: as the faults say.
    pub network: Option<Transport>,
}

impl RefundPlan {
    /// This, and where it says nothing, `other`.
    fn or(self, other: RefundPlan) -> RefundPlan {
        RefundPlan {
            act: self.act.or(other.act),
            network: self.network.or(other.network),
        }
    }
}

/// A refund answer with result_code 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAnswer {
    /// The row's id.
    pub id: String,
    /// refund_result; `None`: the field is missing.
    pub refund_result: Option<bool>,
    /// Online, Alipay: where the merchant types the password.
    pub url: Option<String>,
}

/// Why a refund that is there does not follow an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundPlanError {
    /// There is none with this number.
    #[error("the gateway has no refund with this refund_no")]
    NoSuchRefund,
    /// Its end stands.
    #[error("this refund is finished; what is finished stays")]
    Finished,
    /// Nobody agreed to it yet.
    #[error("this refund waits for approval: approve or deny it first")]
    Waiting,
    /// It was taken: too late to refuse it.
    #[error("this refund was taken already; no-funds is for a refund to come")]
    Taken,
}

/// Every refund, and what will become of those to come.
#[derive(Debug, Clone, Default)]
pub(super) struct Refunds {
    /// By age.
    all: Vec<Refund>,
    /// The first with each refund_no.
    numbers: HashMap<String, usize>,
    ids: HashMap<String, usize>,
    bills: HashMap<BillNo, Vec<usize>>,
    /// Holds until it is changed.
    standing: RefundPlan,
    next: Option<RefundPlan>,
    plans: HashMap<BillNo, RefundPlan>,
}

impl Refunds {
    /// By age.
    pub(super) fn all(&self) -> &[Refund] {
        &self.all
    }

    /// The first with this refund_no.
    pub(super) fn numbered(&self, refund_no: &str) -> Option<&Refund> {
        self.numbers
            .get(refund_no)
            .and_then(|index| self.all.get(*index))
    }

    pub(super) fn numbered_mut(&mut self, refund_no: &str) -> Option<&mut Refund> {
        let index = *self.numbers.get(refund_no)?;
        self.all.get_mut(index)
    }

    pub(super) fn by_id_mut(&mut self, id: &str) -> Option<&mut Refund> {
        let index = *self.ids.get(id)?;
        self.all.get_mut(index)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<&Refund> {
        self.ids.get(id).and_then(|index| self.all.get(*index))
    }

    pub(super) fn of_bill(&self, bill_no: &BillNo) -> impl Iterator<Item = &Refund> {
        let indices = self.bills.get(bill_no).map_or(&[][..], Vec::as_slice);
        indices.iter().filter_map(|index| self.all.get(*index))
    }

    pub(super) fn push(&mut self, refund: Refund) {
        let index = self.all.len();
        self.numbers
            .entry(refund.refund_no.clone())
            .or_insert(index);
        self.ids.insert(refund.id.clone(), index);
        let of_bill = self.bills.entry(refund.bill_no.clone()).or_default();
        of_bill.push(index);
        self.all.push(refund);
    }

    /// Successful and unfinished refunds of a bill (分).
    pub(super) fn sums(&self, bill_no: &BillNo, now_ms: i64) -> (Fen, Fen) {
        let sum = |result: Option<bool>| {
            let ended = self.of_bill(bill_no).filter(|r| r.result(now_ms) == result);
            Fen(ended.fold(0, |sum, r| sum.saturating_add(r.fee.0)))
        };
        (sum(Some(true)), sum(None))
    }

    /// What refunds took, or still may take, from a bill (分).
    pub(super) fn taken(&self, bill_no: &BillNo, now_ms: i64) -> Fen {
        let (done, open) = self.sums(bill_no, now_ms);
        Fen(done.0.saturating_add(open.0))
    }

    /// A refund of the bill succeeded, as far as the gateway knows.
    pub(super) fn is_refunded(&self, bill_no: &BillNo, now_ms: i64, by_status: bool) -> bool {
        self.of_bill(bill_no)
            .any(|r| r.known(now_ms, by_status) == Some(true))
    }

    pub(super) fn take_plan(&mut self, bill_no: &BillNo) -> RefundPlan {
        let told = self.plans.remove(bill_no).or_else(|| self.next.take());
        told.unwrap_or_default().or(self.standing)
    }
}

impl Core {
    /// `POST /2/rest/offline/refund` with valid parameters.
    pub fn refund(&mut self, now_ms: i64, params: RefundParams) -> Reply<RefundAnswer> {
        let bill_no = params.bill_no.clone();
        self.refund_checked(now_ms, Some(&bill_no), Ok(params))
    }

    /// Refund, as far as the request could be read: a network fault comes before any check.
    pub fn refund_checked(
        &mut self,
        now_ms: i64,
        bill_no: Option<&BillNo>,
        params: Result<RefundParams, Refused>,
    ) -> Reply<RefundAnswer> {
        self.advance(now_ms);
        let (plan, faults) = match bill_no {
            Some(no) => (self.refunds.take_plan(no), self.faults_of(no)),
            None => (self.refunds.standing, self.faults.clone()),
        };
        let transport = plan.network.unwrap_or(faults.refund.transport);
        match (transport, params) {
            (Transport::LoseRequest, _) | (Transport::ActLater { .. }, Err(_)) => {
                Reply::none(transport)
            }
            (Transport::ActLater { ms }, Ok(params)) => {
                self.delay(now_ms, ms, Late::Refund(Box::new(params), plan));
                Reply::none(transport)
            }
            (transport, params) => Reply {
                result: Some(params.and_then(|params| self.accept_refund(now_ms, params, plan))),
                transport,
            },
        }
    }

    /// Every refund, oldest first.
    pub fn all_refunds(&self) -> &[Refund] {
        self.refunds.all()
    }

    /// A bill's refunds, oldest first.
    pub fn refunds_of(&self, bill_no: &BillNo) -> impl Iterator<Item = &Refund> {
        self.refunds.of_bill(bill_no)
    }

    /// A refund, to change anything about it.
    pub fn refund_mut(&mut self, refund_no: &str) -> Option<&mut Refund> {
        self.refunds.numbered_mut(refund_no)
    }

    /// Plans the next refund (`None`), or the next one of this bill.
    pub fn plan_refund(&mut self, bill_no: Option<&BillNo>, plan: RefundPlan) {
        let plans = &mut self.refunds.plans;
        match bill_no {
            None => self.refunds.next = Some(plan),
            Some(no) if plans.len() < MAX_PENDING || plans.contains_key(no) => {
                plans.insert(no.clone(), plan);
            }
            Some(_) => {}
        }
    }

    /// Plans every refund that nothing else is planned for, until this is called again.
    pub fn plan_refunds(&mut self, act: RefundAct, network: Network) {
        self.refunds.standing = RefundPlan {
            act: Some(act),
            network: Some(self.scaled(network)),
        };
    }

    /// What wallet and network will do with the next refund (`None`), or the next one of this
    /// bill. Told in two calls, both hold.
    pub fn play_refund(
        &mut self,
        bill_no: Option<&BillNo>,
        act: Option<RefundAct>,
        network: Option<Network>,
    ) -> Planned {
        let told = RefundPlan {
            act,
            network: network.map(|n| self.scaled(n)),
        };
        let old = match bill_no {
            Some(no) => self.refunds.plans.remove(no),
            None => self.refunds.next.take(),
        };
        self.plan_refund(bill_no, told.or(old.unwrap_or_default()));
        match bill_no {
            Some(_) => Planned::Upcoming,
            None => Planned::Next,
        }
    }

    /// How a refund that is there goes on from now.
    ///
    /// Errors: there is none; it is finished; it can't be refused any more.
    pub fn steer_refund(
        &mut self,
        now_ms: i64,
        refund_no: &str,
        act: RefundAct,
    ) -> Result<(), RefundPlanError> {
        self.advance(now_ms);
        let factor = self.delay_factor;
        let refund = self.refunds.numbered_mut(refund_no);
        let refund = refund.ok_or(RefundPlanError::NoSuchRefund)?;
        if refund.result(now_ms).is_some() {
            return Err(RefundPlanError::Finished);
        }
        if refund.is_waiting() {
            return Err(RefundPlanError::Waiting);
        }
        if act == RefundAct::NoFunds {
            return Err(RefundPlanError::Taken);
        }
        refund.play(act, now_ms, factor);
        Ok(())
    }

    /// Takes a refund, or refuses it.
    pub(super) fn accept_refund(
        &mut self,
        now_ms: i64,
        params: RefundParams,
        plan: RefundPlan,
    ) -> Result<RefundAnswer, Refused> {
        if !params.is_of(Day::of(now_ms)) {
            return Err(invalid("refund_no"));
        }
        let faults = self.faults_of(&params.bill_no).refund;
        if params.need_approval {
            self.may_wait(&params.refund_no, &params.bill_no)?;
        }
        if let Some(old) = self.refunds.numbered(&params.refund_no) {
            match faults.again {
                RefundAgain::Same => return self.as_before(now_ms, old, &params),
                RefundAgain::Fails(code) => return Err(Refused::new(code, "refund_no重复")),
                RefundAgain::Twice => {}
            }
        }
        let act = plan.act.unwrap_or_default();
        let bill = self.refundable(now_ms, &params)?;
        if params.need_approval {
            self.keep_plan(&bill.bill_no, plan.act);
        } else if act == RefundAct::NoFunds {
            return Err(wallet::no_funds(bill.wallet));
        }
        let online = params.endpoint == Endpoint::Online;
        let mut refund = self.new_refund(now_ms, params, &bill, act);
        let mut answer = self.refund_answer(now_ms, &refund);
        if online && !refund.is_waiting() && refund.parent() == Parent::Ali {
            type_password(&mut refund, act, self.delay_factor);
            answer.url = Some(merchant_page(&refund.id));
        }
        self.watch_refund(&refund);
        self.refunds.push(refund);
        match faults.fails {
            Some(code) => Err(Refused::new(code, code.msg())),
            None if faults.without_result => Ok(RefundAnswer {
                refund_result: None,
                ..answer
            }),
            None => Ok(answer),
        }
    }

    /// A repeated refund_no: the same refund has the same answer.
    fn as_before(
        &self,
        now_ms: i64,
        old: &Refund,
        params: &RefundParams,
    ) -> Result<RefundAnswer, Refused> {
        if (&old.bill_no, old.fee) == (&params.bill_no, params.fee) {
            Ok(self.refund_answer(now_ms, old))
        } else {
            Err(Refused::new(Code::ParamInvalid, "refund_no重复"))
        }
    }

    /// WeChat's answer only says that the refund was taken.
    fn refund_answer(&self, now_ms: i64, refund: &Refund) -> RefundAnswer {
        let known = refund.known(now_ms, self.wechat_refunds_end_at_status);
        RefundAnswer {
            id: refund.id.clone(),
            refund_result: Some(known == Some(true)),
            url: None,
        }
    }

    /// The bill, if so much of it can be refunded.
    fn refundable(&mut self, now_ms: i64, params: &RefundParams) -> Result<Bill, Refused> {
        let bill = self.settled(now_ms, &params.bill_no);
        let parent = bill.ok_or_else(no_such_bill)?.parent();
        let taken = match params.endpoint {
            Endpoint::Offline => parent.refunds_offline(),
            Endpoint::Online => parent.refunds_online(),
        };
        if !taken || params.channel.is_some_and(|c| c != parent) {
            return Err(no_channel("channel与订单不符，或不支持退款"));
        }
        let bill = self.refundable_bill(now_ms, &params.bill_no)?;
        // A revert on its way gives all of it back.
        if bill.revert_at.is_some() || self.is_refunding(now_ms, &bill.bill_no) {
            let detail = "该订单已有正在处理中的退款";
            return Err(Refused::new(Code::AlreadyRefunding, detail));
        }
        if params.fee > self.left(now_ms, &bill) {
            let detail = "提交的退款金额超出可退额度";
            return Err(Refused::new(Code::RefundAmountTooLarge, detail));
        }
        if parent == Parent::Wx && !self.wechat_certificate {
            return Err(Refused::new(Code::CertFileError, "证书错误"));
        }
        if self.refunds.all().len() >= MAX_BILLS {
            return Err(Refused::new(Code::RuntimeError, "too many refunds"));
        }
        Ok(bill)
    }

    /// The bill, if it is paid, not undone, and young enough for a refund.
    pub(super) fn refundable_bill(
        &mut self,
        now_ms: i64,
        bill_no: &BillNo,
    ) -> Result<Bill, Refused> {
        let days = self.refund_days;
        let bill = self.settled(now_ms, bill_no);
        let bill = bill.ok_or_else(no_such_bill)?.clone();
        let paid_at = bill.booked_at().filter(|_| bill.is_paid());
        let Some(paid_at) = paid_at else {
            return Err(Refused::new(Code::BillUnsuccess, "该订单没有支付成功"));
        };
        let life_ms = DAY_MS.saturating_mul(match bill.wallet {
            Wallet::Alipay => days.alipay,
            Wallet::Wechat => days.wechat,
        });
        if now_ms.saturating_sub(paid_at) > life_ms {
            return Err(Refused::new(Code::RefundExceedTime, "已超过可退款时间"));
        }
        Ok(bill)
    }

    /// A refund of the bill is unfinished, as far as the gateway knows.
    fn is_refunding(&self, now_ms: i64, bill_no: &BillNo) -> bool {
        let by_status = self.wechat_refunds_end_at_status;
        self.refunds
            .of_bill(bill_no)
            .any(|refund| refund.known(now_ms, by_status).is_none())
    }

    /// What can still be refunded of a paid bill (分).
    pub(super) fn left(&self, now_ms: i64, bill: &Bill) -> Fen {
        let taken = self.refunds.taken(&bill.bill_no, now_ms);
        if self.one_refund_a_bill && taken > Fen::ZERO {
            return Fen::ZERO;
        }
        Fen(bill.total_fee().0.saturating_sub(taken.0))
    }

    pub(super) fn new_refund(
        &mut self,
        now_ms: i64,
        params: RefundParams,
        bill: &Bill,
        act: RefundAct,
    ) -> Refund {
        let mut refund = Refund {
            refund_no: params.refund_no,
            id: self.rng.uuid(),
            bill_no: bill.bill_no.clone(),
            fee: params.fee,
            total_fee: bill.total_fee(),
            title: bill.title.clone(),
            channel: bill.channel,
            wallet: bill.wallet,
            optional: params.optional,
            created_at: now_ms,
            finish_at: None,
            succeeds: true,
            told_at: None,
            approval: match params.need_approval {
                true => Approval::Waiting,
                false => Approval::Direct,
            },
            notify_url: params.notify_url,
        };
        if !refund.is_waiting() {
            refund.play(act, now_ms, self.delay_factor);
        }
        refund
    }
}
