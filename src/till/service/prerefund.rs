//! Pre-refunds as the desk's clients see them: a cashier asks, a manager agrees or not; those that
//! were made elsewhere wait at the gateway.

use super::{Pin, Said};
use crate::domain::gateway::PreRefundRow;
use crate::domain::{BillNo, Fen, RefundNo};

/// A refund that a cashier asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAsk {
    /// Whose money is to go back.
    pub bill_no: BillNo,
    /// How much.
    pub fee: Fen,
    /// Why; not empty.
    pub reason: String,
}

/// Pre-refunds that were made elsewhere and wait, as the gateway listed them just now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Unfinished, and nothing that this ledger knows already.
    pub rows: Vec<PreRefundRow>,
    /// When, UTC ms.
    pub at_ms: i64,
}

/// What a manager decides about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// One that this ledger holds.
    Here(RefundNo),
    /// One that the gateway listed.
    There(PreRefundRow),
}

impl Request {
    /// Its refund_no, as it stands there.
    pub fn number(&self) -> &str {
        match self {
            Request::Here(no) => no.as_str(),
            Request::There(row) => &row.row.refund_no,
        }
    }
}

/// A manager's word about one or many.
#[derive(Debug, Clone)]
pub struct DecideOrder {
    /// Which; at most [`DecideOrder::MOST`].
    pub requests: Vec<Request>,
    /// Money goes back.
    pub agree: bool,
    /// The manager's id.
    pub approver: String,
    /// Theirs.
    pub pin: Pin,
    /// Why; not empty.
    pub reason: String,
}

impl DecideOrder {
    /// So many are decided at once.
    pub const MOST: usize = 50;
}

/// What came of the word about one of them: recorded and on its way by this number (its day may
/// have rolled: then by a new one), or refused with nothing sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// refund_no as it was listed.
    pub number: String,
    /// By which number it goes on.
    pub result: Result<RefundNo, Said>,
}
