//! What can be wrong between till and gateway and inside the gateway, as plain fields that a test
//! sets at any moment. A bill's own [`Faults`] take the place of the gateway-wide ones.

use super::code::{Code, Refused};
use super::refund::RefundStatus;
use crate::domain::Fen;
use crate::domain::practice::Network;

/// What the network does to one request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Both arrive.
    #[default]
    Normal,
    /// The request never reaches the gateway.
    LoseRequest,
    /// The gateway acts, the answer never comes.
    LoseAnswer,
    /// The request reaches the gateway only after `ms`; the sender sees a lost answer. For pay,
    /// revert and refund; other operations are as with [`Transport::LoseRequest`].
    ActLater {
        /// Milliseconds of gateway time.
        ms: i64,
    },
    /// The gateway acts, the answer comes after `ms`.
    Slow {
        /// Milliseconds.
        ms: i64,
    },
    /// 502 after the gateway acted.
    BadGateway,
    /// An HTML page after the gateway acted.
    Html,
    /// The answer ends in the middle; Content-Length promises more.
    Truncate,
    /// The answer is no JSON.
    Garbage,
    /// The answer is followed by this many bytes of white space (at most 64 MiB).
    Huge {
        /// Bytes.
        bytes: usize,
    },
}

impl Transport {
    /// The request reaches the gateway while it is being sent.
    pub fn acts_now(self) -> bool {
        !matches!(self, Transport::LoseRequest | Transport::ActLater { .. })
    }

    /// A client gets to read the answer (perhaps late).
    pub fn delivers(self) -> bool {
        matches!(self, Transport::Normal | Transport::Slow { .. })
    }
}

impl From<Network> for Transport {
    fn from(network: Network) -> Transport {
        match network {
            Network::Normal => Transport::Normal,
            Network::LoseRequest => Transport::LoseRequest,
            Network::LoseAnswer => Transport::LoseAnswer,
            Network::Slow => Transport::Slow { ms: 8_000 },
            Network::BadGateway => Transport::BadGateway,
            Network::Html => Transport::Html,
            Network::Truncate => Transport::Truncate,
        }
    }
}

/// How status answers differ from the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFault {
    /// Tells the truth (as of [`Faults::status_lag_ms`] ago).
    #[default]
    Truth,
    /// Says not paid, whatever is true.
    NotPaid,
    /// Says paid, whatever is true.
    Paid,
    /// Says 8, whatever is true.
    NoSuchBill,
    /// Answers with this code.
    Fails(Code),
}

/// How reverts go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RevertFault {
    /// Closes an unpaid bill, gives a paid one's money back, says true.
    #[default]
    Works,
    /// Says true and does nothing.
    ClaimsOnly,
    /// Says false and does nothing.
    DeniesOnly,
    /// Says false to a paid bill and leaves it; works on an unpaid one.
    DeniesPaid,
    /// Says false and reverts.
    DeniesButActs,
    /// Answers with this code and does nothing (3 unsupported, 6 certificate, 14 …).
    Fails(Code),
    /// Answers with this code and reverts.
    FailsButActs(Code),
    /// Says true and reverts only after `ms`.
    ActsLater {
        /// Milliseconds of gateway time.
        ms: i64,
    },
}

/// How the bill's row (`GET /bills`) differs from the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WitnessFault {
    /// Tells the truth (as of [`Faults::witness_lag_ms`] ago).
    #[default]
    Truth,
    /// A well-formed answer without rows.
    Silent,
    /// A row that belongs to another bill.
    AnotherBill,
    /// The row, twice.
    Twice,
    /// Answers with this code.
    Fails(Code),
}

/// What a refund_no that was there before gets. The documents forbid it (同一退款单号不可重复提交).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefundAgain {
    /// The answer of the refund that is there, as the wallets do; 5 where bill or fee differ.
    #[default]
    Same,
    /// This code.
    Fails(Code),
    /// 造成退款单重复: a second refund under the same number, with money of its own.
    Twice,
}

/// How the refunds' rows (`GET /refunds`) differ from the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefundRowFault {
    /// They tell the truth (as of [`RefundFaults::row_lag_ms`] ago).
    #[default]
    Truth,
    /// A well-formed answer without rows.
    Silent,
    /// Each row speaks of another bill.
    AnotherBill,
    /// Each row, twice.
    Twice,
    /// Finished rows lack `result`.
    WithoutResult,
    /// Answers with this code.
    Fails(Code),
}

/// How `/refund/status` differs from the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefundStatusFault {
    /// Tells the truth.
    #[default]
    Truth,
    /// Says this, whatever is true.
    Says(RefundStatus),
    /// Answers with this code (13: the gateway does not know it).
    Fails(Code),
}

/// What can be wrong about refunds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefundFaults {
    /// The network during refund (a [`super::RefundPlan`]'s network goes first).
    pub transport: Transport,
    /// The network during queries of refunds and of their status.
    pub look_transport: Transport,
    /// Refund acts and then answers with this code.
    pub fails: Option<Code>,
    /// The answer lacks `refund_result`.
    pub without_result: bool,
    /// What a repeated refund_no gets.
    pub again: RefundAgain,
    /// What the rows say.
    pub row: RefundRowFault,
    /// The rows show everything (their own appearance, their finish) so many milliseconds late.
    pub row_lag_ms: i64,
    /// The rows' `refund_fee` is this.
    pub row_fee: Option<Fen>,
    /// What status says.
    pub status: RefundStatusFault,
}

/// Everything that can be wrong; the default is a gateway without faults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// The network during pay (a [`super::Plan`]'s network goes first).
    pub pay_transport: Transport,
    /// The network during status.
    pub status_transport: Transport,
    /// The network during revert.
    pub revert_transport: Transport,
    /// The network during queries that name this bill.
    pub witness_transport: Transport,
    /// Pay acts and then answers with this code.
    pub pay_fails: Option<Code>,
    /// SCAN and BC_SCAN answer `channel_type` alone.
    pub scan_without_pay_result: bool,
    /// What status says.
    pub status: StatusFault,
    /// Status learns of a payment only after so many milliseconds.
    pub status_lag_ms: i64,
    /// Status goes on saying paid after a paid bill was reverted.
    pub status_paid_after_revert: bool,
    /// What revert does.
    pub revert: RevertFault,
    /// What the row says.
    pub witness: WitnessFault,
    /// The row shows everything (its own appearance, payment, revert) so many milliseconds late.
    pub witness_lag_ms: i64,
    /// The row lacks `revert_result`.
    pub witness_without_revert_result: bool,
    /// The row's `total_fee` is this.
    pub witness_amount: Option<Fen>,
    /// Refunds.
    pub refund: RefundFaults,
}

/// An operation's result and what the network does to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<T> {
    /// What the gateway answered; `None` where the request did not reach it (yet).
    pub result: Option<Result<T, Refused>>,
    /// What happens on the way back.
    pub transport: Transport,
}

impl<T> Reply<T> {
    /// An answer over a healthy network.
    pub fn normal(result: Result<T, Refused>) -> Reply<T> {
        Reply {
            result: Some(result),
            transport: Transport::Normal,
        }
    }

    /// No answer from the gateway.
    pub fn none(transport: Transport) -> Reply<T> {
        Reply {
            result: None,
            transport,
        }
    }

    /// What a client gets to read; `None`: lost, broken or unreadable.
    pub fn delivered(self) -> Option<Result<T, Refused>> {
        self.result.filter(|_| self.transport.delivers())
    }

    /// The same with another payload.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reply<U> {
        Reply {
            result: self.result.map(|r| r.map(f)),
            transport: self.transport,
        }
    }
}
