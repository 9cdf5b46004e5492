//! A bill: one attempt to be paid, everything about it that must survive a crash, and the
//! proofs that end it. Nothing here decides anything; `payment` does.

mod incident;
mod number;
mod state;

pub use incident::{Incident, IncidentKind, Settled, Settlement};
pub use number::{BillNo, SaleId};
pub use state::{Proof, State};

use super::gateway::{Host, Lost, Refusal};
use super::time::Stamp;
use super::{Channel, Fen, Wallet};
use serde::{Deserialize, Serialize};

/// The pay request's answer, as far as it outlives the request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayAnswer {
    /// None yet.
    #[default]
    Pending,
    /// Answered with the typed field the channel needs (FATE: words).
    Answered {
        /// When, for the expiry's base (FATE 14).
        at: Stamp,
    },
    /// A wallet's final refusal that is being closed (FATE 13).
    Final {
        /// In the program's own terms.
        reason: Refusal,
        /// err_detail, cleaned.
        detail: String,
    },
    /// Result codes 1 to 6.
    Refused {
        /// 1 to 6.
        code: i64,
        /// err_detail, cleaned.
        detail: String,
    },
    /// No connection to any host.
    Unconnected {
        /// One line.
        why: String,
    },
    /// No usable answer.
    Lost {
        /// What came instead.
        why: Lost,
    },
}

/// The life of a shown QR.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qr {
    /// No code (yet), or not a QR channel.
    #[default]
    None,
    /// The code is here; it was never drawn.
    Ready {
        /// code_url.
        code_url: String,
    },
    /// Drawn, or about to be: durable before it is drawn (FATE 17).
    Shown {
        /// code_url.
        code_url: String,
        /// When it was first shown.
        since: Stamp,
        /// When it goes off the screen by itself, at the latest (gateway ms).
        until_ms: i64,
    },
    /// Came too late, did not read back, or was cancelled first: never drawn, never will be.
    Unshown,
}

impl Qr {
    /// A customer may have seen it.
    pub fn was_shown(&self) -> bool {
        matches!(self, Qr::Shown { .. })
    }
    /// The code, where there is one.
    pub fn code_url(&self) -> Option<&str> {
        match self {
            Qr::Ready { code_url } | Qr::Shown { code_url, .. } => Some(code_url),
            Qr::None | Qr::Unshown => None,
        }
    }
}

/// Why a bill is being closed or watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The customer took too long.
    Deadline,
    /// The cashier cancelled.
    Cancelled,
    /// The wallet said no (FATE 13).
    FinalRefusal,
    /// The QR could not be shown (FATE 17).
    Unshowable,
    /// A pay link was answered with a form for a browser alone: there is no code (FATE 17).
    OnlyForm,
}

/// When and why closing began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When.
    pub began: Stamp,
    /// Why.
    pub why: CloseReason,
}

/// What a sent revert was answered with, as far as the rules need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevertAnswer {
    /// None, or nothing usable, or 1, or 11: may still give the money back.
    Unanswered,
    /// 0/true: a claim.
    Claimed,
    /// 0/false, 8, 9, 3, 5, or not revertible: typed and not a claim.
    Denied,
}

/// The reverts of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverts {
    /// How many were sent.
    pub count: u32,
    /// When the first was sent.
    pub first: Stamp,
    /// When the last was sent.
    pub last: Stamp,
    /// The last was sent after the bill was answered or its row seen (FATE 8).
    pub counts: bool,
    /// The bill came into being after it was sent (FATE 8): it proves nothing and is repeated.
    pub void: bool,
    /// What the last one was answered with.
    pub answer: RevertAnswer,
    /// Any revert that counted was answered true.
    pub claimed: bool,
    /// When the latest revert that may still act unseen (unanswered, 1, 11, void) was sent.
    pub unspent: Option<Stamp>,
}

/// Something only a person at the gateway's console can mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The result code.
    pub code: i64,
    /// err_detail, cleaned.
    pub detail: String,
}

/// What a terminal bill is looked at again for (FATE 16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookFor {
    /// The row of a bill that pay or status called paid (FATE 2, I9).
    PaidRow,
    /// A paid fact after a proof that could be wrong (FATE 10, 11, 13, 14).
    Contradiction,
}

/// A due look at a terminal bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// What for.
    pub look_for: LookFor,
    /// Due, by the wall clock, UTC ms. `bills --json` shows it as next_at.
    pub due_ms: i64,
}

/// A manager's release of the lock on a sale (FATE 18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, UTC ms.
    pub at_ms: i64,
}

/// One bill, whole. What is here is written to the ledger before anything is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// The sale it is an attempt of.
    pub sale: SaleId,
    /// total_fee.
    pub amount: Fen,
    /// As sent.
    pub channel: Channel,
    /// A pay link: sent to `/2/rest/bill`, paid on a page, known by its row alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub link: bool,
    /// As sent.
    pub title: String,
    /// What the cashier noted; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Staff id of who took it; empty for the command line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// A keyed hash of the payment code, so that it is recognised; never the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_hash: Option<String>,
    /// First two and last two digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_mask: Option<String>,
    /// SHA-256 over the request's parameters without secrets and code (I2).
    pub params_hash: String,
    /// Seconds that it can be paid after its base: as sent, or as the merchant's contract says
    /// (`gateway.order_valid_min`); `None` where neither is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_timeout_s: Option<u32>,
    /// Who said "another customer" to the same-amount question, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub another_by: Option<String>,

    /// Where it stands.
    pub state: State,
    /// The host that received, or may have received, the pay.
    pub host: Host,
    /// When *sent* was recorded.
    pub sent: Stamp,
    /// When it became terminal, UTC ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_ms: Option<i64>,
    /// The pay request's answer.
    #[serde(default)]
    pub pay: PayAnswer,
    /// What SCAN and BC_SCAN turned out to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_type: Option<Channel>,
    /// The gateway's own number of it (聚宝: order_sn), where its row is asked for by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_no: Option<String>,
    /// The QR.
    #[serde(default)]
    pub qr: Qr,
    /// Its row has been seen.
    #[serde(default)]
    pub row_seen: bool,
    /// Anything ever said it was paid.
    #[serde(default)]
    pub paid_seen: bool,
    /// Closing or watching, since when and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// What was reverted and how that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<Reverts>,
    /// The gateway said that it can't be reverted.
    #[serde(default)]
    pub not_revertible: bool,
    /// The guard has ended (FATE: words).
    #[serde(default)]
    pub guard_over: bool,
    /// What ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// The money was there and went back (FATE 11); counted as 0.
    #[serde(default)]
    pub returned: bool,
    /// Paid late (FATE 19): on the to-do list until `handed_over`.
    #[serde(default)]
    pub late: bool,
    /// A person said 已交货.
    #[serde(default)]
    pub handed_over: bool,
    /// The wallet's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade_no: Option<String>,
    /// Configuration alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
    /// A contradiction beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Incident>,
    /// A manager's word about the contradiction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement: Option<Settlement>,
    /// A due look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// The lock was released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The next automatic step as known when this was recorded, UTC ms by the wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ms: Option<i64>,
    /// Successful refunds, 分.
    #[serde(default)]
    pub refunded: Fen,
}

impl Bill {
    /// A bill that was just recorded as *sent*, with nothing known about it yet.
    pub fn sent(
        bill_no: BillNo,
        sale: SaleId,
        amount: Fen,
        channel: Channel,
        host: Host,
        sent: Stamp,
    ) -> Bill {
        Bill {
            bill_no,
            sale,
            amount,
            channel,
            link: channel.is_link(),
            title: String::new(),
            note: String::new(),
            operator: String::new(),
            code_hash: None,
            code_mask: None,
            params_hash: String::new(),
            bill_timeout_s: None,
            another_by: None,
            state: State::Sent,
            host,
            sent,
            ended_ms: None,
            pay: PayAnswer::Pending,
            channel_type: None,
            gateway_no: None,
            qr: Qr::None,
            row_seen: false,
            paid_seen: false,
            closing: None,
            reverts: None,
            not_revertible: false,
            guard_over: false,
            proof: None,
            returned: false,
            late: false,
            handed_over: false,
            trade_no: None,
            alarm: None,
            incident: None,
            settlement: None,
            look: None,
            release: None,
            next_ms: None,
            refunded: Fen::ZERO,
        }
    }

    /// The pay request was answered with what its channel needs.
    pub fn is_answered(&self) -> bool {
        matches!(self.pay, PayAnswer::Answered { .. })
    }

    /// Open and never answered: its outcome is unknown to everybody here.
    pub fn is_unanswered_open(&self) -> bool {
        !self.state.is_terminal() && matches!(self.pay, PayAnswer::Lost { .. })
    }

    /// The wallet, as far as it is known.
    pub fn wallet(&self) -> Option<Wallet> {
        self.channel_type
            .and_then(Channel::wallet)
            .or_else(|| self.channel.wallet())
    }

    /// The channel that status and revert name: the answered one for SCAN and BC_SCAN, or none.
    pub fn query_channel(&self) -> Option<Channel> {
        if self.channel.is_unified() {
            self.channel_type
        } else {
            Some(self.channel)
        }
    }

    /// A revert may be tried (FATE 9, 14).
    pub fn is_revertible(&self) -> bool {
        self.channel.is_revertible() && !self.link && !self.not_revertible
    }

    /// There is a status call; without one only its row answers.
    pub fn has_status(&self) -> bool {
        self.channel.has_status() && !self.link
    }

    /// It stands on the to-do list: open without an answer or beyond following, a contradiction,
    /// or paid late and not handed over (I5, FATE 19).
    pub fn needs_someone(&self) -> bool {
        let open = match self.state {
            State::Closing | State::Watching | State::Unresolved => true,
            State::Sent | State::Awaiting => self.is_unanswered_open(),
            _ => false,
        };
        let late = self.state == State::Paid && self.late && !self.handed_over;
        let given_back = self.refunded > Fen::ZERO && self.refunded >= self.amount;
        let contradicted = self.incident.is_some() && self.settlement.is_none();
        open || contradicted || (late && !given_back)
    }

    /// The money is here: paid and not given back by a revert, or accepted by a manager on the
    /// gateway's proof. What was refunded is not subtracted.
    pub fn counts_as_paid(&self) -> bool {
        let accepted = |s: &Settlement| s.how == Settled::Accepted;
        (self.state == State::Paid && !self.returned)
            || self.settlement.as_ref().is_some_and(accepted)
    }
}

/// What happened to a bill at a ledger event: the line of its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Happened {
    Started,
    NextHost,
    Answered,
    Lost,
    Refused,
    NotSent,
    FinalRefusal,
    QrShown,
    QrUnshown,
    Asked,
    CancelAsked,
    ClosingBegan,
    RevertSent,
    RevertAnswered,
    GuardOver,
    Watched,
    BecameUnresolved,
    Paid,
    Reverted,
    Expired,
    IncidentFound,
    LookedAt,
    Restarted,
    HandedOver,
    Released,
    Settled,
    Refunded,
}
