//! What can be searched for in the ledger, and a bill's story.

use super::bill::Happened;
use super::refund::{Refund, RefundHappened};
use super::{Bill, BillNo, Fen, State, Wallet};

/// A search over the ledger (F5, `bills`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Trailing characters of the number.
    pub tail: Option<String>,
    /// Exact amount.
    pub amount: Option<Fen>,
    /// From, UTC ms.
    pub from_ms: Option<i64>,
    /// Until (exclusive), UTC ms.
    pub to_ms: Option<i64>,
    /// One of these states; empty is any.
    pub states: Vec<State>,
    /// Only those with refunds.
    pub refunded: bool,
    /// Of this wallet.
    pub wallet: Option<Wallet>,
    /// Taken by this staff id.
    pub operator: Option<String>,
    /// Only what comes after this bill in the list (the next page).
    pub after: Option<BillNo>,
    /// At most this many, newest first.
    pub limit: u32,
    /// Skip this many.
    pub skip: u32,
}

/// One line of a bill's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// UTC ms.
    pub at_ms: i64,
    /// What happened.
    pub what: Happened,
    /// Cleaned detail (a code, a reason), never a secret.
    pub detail: Option<String>,
    /// The bill after it.
    pub bill: Bill,
}

/// One line of a refund's story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    /// UTC ms.
    pub at_ms: i64,
    /// What happened.
    pub what: RefundHappened,
    /// Cleaned detail (a code, a reason), never a secret.
    pub detail: Option<String>,
    /// The refund after it.
    pub refund: Refund,
}
