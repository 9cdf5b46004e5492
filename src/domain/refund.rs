//! A refund: money that goes back to one customer for one bill, everything about it that must
//! survive a crash, and the proofs that end it. Nothing here decides anything; `payment` does.

mod number;
mod pre;

pub use number::RefundNo;
pub use pre::{ManagersWord, PreRefund, PreRefundId};

use super::bill::BillNo;
use super::gateway::{Host, Lost};
use super::time::Stamp;
use super::{Fen, Wallet};
use serde::{Deserialize, Serialize};

/// `channel` of a refund request (PROTOCOL: channels at a counter).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RefundChannel {
    /// Alipay.
    Ali,
    /// WeChat: done and failed only by `/refund/status` (FATE 22).
    Wx,
    /// The platform's own channels, BC_*.
    Bc,
}

impl RefundChannel {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            RefundChannel::Ali => "ALI",
            RefundChannel::Wx => "WX",
            RefundChannel::Bc => "BC",
        }
    }

    /// The channel of this word.
    pub fn parse(name: &str) -> Option<RefundChannel> {
        [RefundChannel::Ali, RefundChannel::Wx, RefundChannel::Bc]
            .into_iter()
            .find(|c| c.name() == name)
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Waits for a manager's word: nothing was sent by this till, or the gateway did not take it.
    Requested,
    /// Durable before the request was handed to the network: may have been sent.
    Sent,
    /// The gateway took it and the wallet has not finished: seconds, or days.
    Processing,
    /// Nothing proves either way yet: looked up for as long as it takes.
    Unresolved,
    /// Terminal: the money went back.
    Succeeded,
    /// Terminal: the wallet said that it did not.
    Failed,
    /// Terminal: the gateway refused it on its first send.
    Refused,
    /// Terminal: it never reached the gateway, or the gateway is proven not to have it.
    NotSent,
    /// Terminal: a manager said no, and no money left.
    Denied,
}

impl RefundState {
    /// Every state.
    pub const ALL: [RefundState; 9] = [
        RefundState::Requested,
        RefundState::Sent,
        RefundState::Processing,
        RefundState::Unresolved,
        RefundState::Succeeded,
        RefundState::Failed,
        RefundState::Refused,
        RefundState::NotSent,
        RefundState::Denied,
    ];

    /// Terminal states never change (I8).
    pub fn is_terminal(self) -> bool {
        !matches!(
            self,
            RefundState::Requested
                | RefundState::Sent
                | RefundState::Processing
                | RefundState::Unresolved
        )
    }

    /// The money went back, or still may: it counts against what can be refunded (I6).
    pub fn takes_balance(self) -> bool {
        !self.is_terminal() || self == RefundState::Succeeded
    }

    /// The word of `refund --json`.
    pub fn name(self) -> &'static str {
        match self {
            RefundState::Requested => "requested",
            RefundState::Sent => "sent",
            RefundState::Processing => "processing",
            RefundState::Unresolved => "unresolved",
            RefundState::Succeeded => "succeeded",
            RefundState::Failed => "failed",
            RefundState::Refused => "refused",
            RefundState::NotSent => "not_sent",
            RefundState::Denied => "denied",
        }
    }

    /// The state of this word.
    pub fn parse(name: &str) -> Option<RefundState> {
        RefundState::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What ended a refund (I3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundProof {
    /// The refund answer said done (not WX).
    Answer,
    /// `/refunds` said finished, with its result (not WX).
    Row,
    /// `/refund/status` said SUCCESS or FAIL (WX).
    Status,
    /// A refusing code as the answer to the first send (FATE 21).
    Refused,
    /// No byte left.
    Connect,
    /// Lost, and the gateway does not have it (FATE 21: NotRefunded).
    UnknownAtGateway,
    /// A manager said no before anything was sent, or the gateway took that word.
    Denied,
    /// Nothing was ever sent by this number: another took its place (FATE 21: the date rolled).
    Renewed,
}

impl RefundProof {
    /// The word of `refund --json`.
    pub fn name(self) -> &'static str {
        match self {
            RefundProof::Answer => "answer",
            RefundProof::Row => "row",
            RefundProof::Status => "status",
            RefundProof::Refused => "refused",
            RefundProof::Connect => "connect",
            RefundProof::UnknownAtGateway => "unknown_at_gateway",
            RefundProof::Denied => "denied",
            RefundProof::Renewed => "renewed",
        }
    }
}

/// The newest answer to a send, as far as it outlives the request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundAnswer {
    /// None yet.
    #[default]
    Pending,
    /// 0 with refund_result true.
    Done,
    /// 0 with refund_result false or missing.
    Processing,
    /// A refusing code: 1–6, 8, 9, 10, 12. Final only on the first send.
    Refused {
        /// The result code.
        code: i64,
        /// err_detail, cleaned.
        detail: String,
    },
    /// 7, 11, 13, 14, 15, 16 and every other code: only a look-up tells.
    Unclear {
        /// The result code.
        code: i64,
        /// err_detail, cleaned.
        detail: String,
    },
    /// A manager's word about a pre-refund was taken.
    WordTaken,
    /// result_map has the gateway's own words for this pre-refund instead of OK.
    NotApproved {
        /// Cleaned.
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

/// A contradiction that stands beside a refund (I8). It never changes the refund's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundIncident {
    /// What contradicts what.
    pub kind: RefundIncidentKind,
    /// When it was found, UTC ms.
    pub at_ms: i64,
}

/// The kinds of contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundIncidentKind {
    /// The gateway says that a bill we hold as paid is not (FATE 22: 9).
    BillUnpaidThere,
    /// The row with our refund_no is about another bill or amount.
    Mismatch {
        /// bill_no there.
        bill_no: String,
        /// refund_fee there.
        fee: Fen,
    },
    /// More than one row with this refund_no.
    Rows {
        /// How many.
        count: usize,
    },
    /// Proven not refunded, and the gateway says refunded.
    SucceededAfterAll,
    /// Refunded here, and the gateway says that it failed.
    FailedAfterAll,
}

/// What contradicts what, in one sentence.
impl std::fmt::Display for RefundIncidentKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RefundIncidentKind::BillUnpaidThere => {
                f.write_str("本机记为已收款，网关说这笔账单没有付款")
            }
            RefundIncidentKind::Mismatch { bill_no, fee } => {
                write!(f, "网关上同号退款是另一张账单 {bill_no}、金额 {fee}")
            }
            RefundIncidentKind::Rows { count } => write!(f, "网关有 {count} 条同号退款"),
            RefundIncidentKind::SucceededAfterAll => {
                f.write_str("本机已证明没有退出，网关后来又说已退款")
            }
            RefundIncidentKind::FailedAfterAll => f.write_str("本机记为已退款，网关说退款失败"),
        }
    }
}

/// A person's word about a contradiction: it leaves the to-do list, and stays in the story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundSettled {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, UTC ms.
    pub at_ms: i64,
}

/// Why nothing of a bill can be refunded now (FATE 20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocked {
    /// The gateway has no such bill.
    NoSuchBill,
    /// The gateway did not say how the bill or its refunds stand.
    NoAnswer,
    /// More than one row of this number.
    Contradicted,
    /// Not paid.
    NotPaid,
    /// The money went back by a revert.
    Reverted,
    /// One refund in flight a bill: this number.
    InFlight(String),
    /// One refund in flight a bill, and this one waits for a manager's word.
    Requested(String),
    /// The merchant's channel allows one refund a bill, and there is one.
    OnceOnly,
    /// Everything went back already.
    NothingLeft,
}

/// What needs another manager's approval (`[refund]` of the settings).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverLimit {
    /// A single refund above this.
    PerRefund(Fen),
    /// The shift's refunds together would be above this.
    PerShift(Fen),
    /// The bill is older than so many days.
    Age(u32),
}

/// One refund, whole. What is here is written to the ledger before anything is done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Unique for ever; keeps its number until its fate is known (I7).
    pub refund_no: RefundNo,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// refund_fee.
    pub fee: Fen,
    /// What the bill was paid when this was recorded: the base of the balance (I6).
    pub paid: Fen,
    /// As sent, and by what its end is proven.
    pub channel: RefundChannel,
    /// As far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet: Option<Wallet>,
    /// refund_reason.
    pub reason: String,
    /// Staff id of who was signed in; empty for the command line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// Staff id of the manager whose PIN opened master_secret; empty while it is only asked for.
    pub approver: String,
    /// SHA-256 over the request's parameters without secrets (I2).
    pub params_hash: String,

    /// Where it stands.
    pub state: RefundState,
    /// The host that received, or may have received, the newest send.
    pub host: Host,
    /// When the first send was recorded.
    pub sent: Stamp,
    /// When the newest send was recorded.
    pub last_sent: Stamp,
    /// How often it was sent, always with the same number (I7).
    pub sends: u32,
    /// The newest send's answer.
    #[serde(default)]
    pub answer: RefundAnswer,
    /// A send went without a usable answer: from then on only look-ups decide (FATE 21).
    #[serde(default)]
    pub lost: bool,
    /// Its row was seen at `/refunds`, or the gateway answered 0.
    #[serde(default)]
    pub seen: bool,
    /// When it became terminal, UTC ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_ms: Option<i64>,
    /// What ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<RefundProof>,
    /// A due look at a terminal refund, UTC ms by the wall clock (I9: the row of a success, a
    /// later contradiction).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_ms: Option<i64>,
    /// The next automatic step as known when this was recorded, UTC ms by the wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ms: Option<i64>,
    /// A contradiction beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<RefundIncident>,
    /// A manager's word about the contradiction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<RefundSettled>,
    /// It waits, or waited, for a manager's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre: Option<PreRefund>,
}

impl Refund {
    /// It stands on the to-do list: nothing proves its end, something contradicts it, or it came to
    /// nothing after the person who ordered it had gone.
    pub fn needs_someone(&self) -> bool {
        let contradicted = self.incident.is_some() && self.settled.is_none();
        let requested = self.state == RefundState::Requested;
        requested || self.is_unknown() || contradicted || self.is_unheard()
    }

    /// As an open one it stands in the way of the next refund of its bill.
    pub fn blocks(&self) -> Blocked {
        let number = self.refund_no.as_str().to_owned();
        match self.state {
            RefundState::Requested => Blocked::Requested(number),
            _ => Blocked::InFlight(number),
        }
    }

    /// A pre-refund that was made elsewhere: what the gateway calls it.
    pub fn there(&self) -> Option<&PreRefundId> {
        self.pre.as_ref().and_then(|pre| pre.there.as_ref())
    }

    /// The newest word about a pre-refund was no.
    pub fn is_denial(&self) -> bool {
        let word = self.pre.as_ref().and_then(|pre| pre.word.as_ref());
        word.is_some_and(|word| !word.agree)
    }

    /// Nobody knows whether the money went back.
    pub fn is_unknown(&self) -> bool {
        self.state == RefundState::Unresolved || (self.state == RefundState::Sent && self.lost)
    }

    /// It failed, or is proven not to have been made, after it had been under way: a customer waits
    /// for money that does not come, until somebody says that they know.
    pub fn is_unheard(&self) -> bool {
        let later = match self.state {
            RefundState::Failed => true,
            RefundState::NotSent => self.lost,
            _ => false,
        };
        later && self.settled.is_none()
    }

    /// The gateway's own words beside it, cleaned already.
    pub fn detail(&self) -> Option<String> {
        match &self.answer {
            RefundAnswer::Refused { code, detail } | RefundAnswer::Unclear { code, detail } => {
                Some(format!("{code} {detail}"))
            }
            RefundAnswer::Unconnected { why } => Some(why.clone()),
            RefundAnswer::NotApproved { detail } => Some(detail.clone()),
            _ => None,
        }
    }
}

/// What happened to a refund at a ledger event: the line of its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RefundHappened {
    RefundStarted,
    RefundNextHost,
    RefundSentAgain,
    RefundAnswered,
    RefundLost,
    RefundProcessing,
    RefundBecameUnresolved,
    RefundSucceeded,
    RefundFailed,
    RefundRefused,
    RefundNotSent,
    RefundLookedUp,
    RefundIncidentFound,
    RefundRestarted,
    RefundSettled,
    RefundRequested,
    RefundApproved,
    RefundDenialSent,
    RefundDenied,
    RefundWaitsAgain,
    RefundRenewed,
}
