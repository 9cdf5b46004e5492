//! One refund as gateway and wallet hold it. Its life is a function of gateway time: it finishes
//! at one moment, well or badly, or never.
//!
//! Invariant: a refund that finished never changes.

use super::channel::{Parent, Sub};
use crate::domain::practice::RefundAct;
use crate::domain::{BillNo, Fen, Wallet};
use serde::{Deserialize, Serialize};

/// How long WeChat takes for a plain refund.
const WECHAT_MS: i64 = 2_000;
/// How long a refund that fails stays under way.
const FAIL_MS: i64 = 3_000;
/// How long a refund of [`RefundAct::Pending`] stays under way.
const PENDING_MS: i64 = 6_000;

/// A refund. All fields are plain so that a test can put it into any state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    /// As the merchant numbered it; twice only where a fault asks for it.
    pub refund_no: String,
    /// The gateway's id of the row.
    pub id: String,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// refund_fee (分).
    pub fee: Fen,
    /// total_fee of the bill (分).
    pub total_fee: Fen,
    /// The bill's title.
    pub title: String,
    /// The bill's channel.
    pub channel: Sub,
    /// The bill's wallet.
    pub wallet: Wallet,
    /// `optional` as JSON text; empty where none was sent.
    pub optional: String,
    /// Gateway ms.
    pub created_at: i64,
    /// When the wallet finishes it, gateway ms; `None`: never by itself.
    pub finish_at: Option<i64>,
    /// What the finish is: the money went back.
    pub succeeds: bool,
    /// Whether it was asked for as a pre-refund, and what was decided.
    #[serde(default)]
    pub approval: Approval,
    /// Where the merchant wants to be told of its success.
    #[serde(default)]
    pub notify_url: Option<String>,
    /// When `/refund/status` first told the finish: WeChat's is not known to the gateway before.
    pub told_at: Option<i64>,
}

/// What became of the wish to have a refund looked at first (need_approval).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Approval {
    /// There was none.
    #[default]
    Direct,
    /// Only recorded: nothing moves before somebody agrees.
    Waiting,
    /// It goes on like a refund.
    Agreed,
    /// It is over.
    Denied,
}

/// What `/refund/status` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// The money went back.
    Success,
    /// Not finished.
    Processing,
    /// Finished, and no money went back.
    Fail,
}

impl RefundStatus {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            RefundStatus::Success => "SUCCESS",
            RefundStatus::Processing => "PROCESSING",
            RefundStatus::Fail => "FAIL",
        }
    }
}

impl Refund {
    /// What channel stands in its row.
    pub fn parent(&self) -> Parent {
        self.channel.parent()
    }

    /// The finish by itself, as far as it came up to `now_ms`; `Some(true)`: the money went back.
    pub fn result(&self, now_ms: i64) -> Option<bool> {
        let due = self.finish_at.filter(|at| *at <= now_ms);
        due.map(|_| self.succeeds)
    }

    /// The finish as the gateway knows it at `now_ms`. WeChat calls nobody back, so that its end
    /// comes with `/refund/status` (退款状态更新) where `by_status` says so.
    pub fn known(&self, now_ms: i64, by_status: bool) -> Option<bool> {
        if by_status && self.parent().ends_at_status() {
            let told = self.told_at.filter(|at| *at <= now_ms);
            return told.map(|_| self.succeeds);
        }
        self.result(now_ms)
    }

    /// Recorded, and nobody decided yet.
    pub fn is_waiting(&self) -> bool {
        self.approval == Approval::Waiting
    }

    /// Somebody refused it at `now_ms`.
    pub fn deny(&mut self, now_ms: i64) {
        self.approval = Approval::Denied;
        self.finish_at = Some(now_ms);
        self.succeeds = false;
        // No wallet has to be asked about this end.
        self.told_at = Some(now_ms);
    }

    /// It succeeded, or still may: it takes from what can be refunded.
    pub fn takes(&self, now_ms: i64) -> bool {
        self.result(now_ms) != Some(false)
    }

    /// `/refund/status`.
    pub fn status(&self, now_ms: i64) -> RefundStatus {
        match self.result(now_ms) {
            Some(true) => RefundStatus::Success,
            Some(false) => RefundStatus::Fail,
            None => RefundStatus::Processing,
        }
    }

    /// How it goes on: `act`, beginning at `from_ms`, with delays times `factor`. A refusal
    /// ([`RefundAct::NoFunds`]) makes no refund; one that is there stays as it is.
    pub fn play(&mut self, act: RefundAct, from_ms: i64, factor: f64) {
        let after = |ms: i64| Some(from_ms.saturating_add((ms as f64 * factor) as i64));
        let (finish_at, succeeds) = match (act, self.wallet) {
            (RefundAct::AtOnce, Wallet::Alipay) => (Some(from_ms), true),
            (RefundAct::AtOnce, Wallet::Wechat) => (after(WECHAT_MS), true),
            (RefundAct::Pending, _) => (after(PENDING_MS), true),
            (RefundAct::Never, _) => (None, true),
            (RefundAct::Fail, _) => (after(FAIL_MS), false),
            (RefundAct::NoFunds, _) => return,
        };
        self.finish_at = finish_at;
        self.succeeds = succeeds;
    }
}
