//! Contradictions that stand beside a bill.

use super::BillNo;
use crate::domain::Fen;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A contradiction that stands beside a bill (I8). It never changes the bill's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What contradicts what.
    pub kind: IncidentKind,
    /// When it was found, UTC ms.
    pub at_ms: i64,
}

/// A manager's word about a contradiction, with PIN and reason: it leaves the to-do list. The
/// bill's state stays (I8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// What was decided.
    pub how: Settled,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, UTC ms.
    pub at_ms: i64,
}

/// What a manager can decide about a contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// The money is here and stays, by a row read at that moment: paid, not reverted, not
    /// refunded. It counts as paid from then on.
    Accepted,
    /// The money went back, by refunds of the whole amount.
    Refunded,
    /// The shop disputes it with the gateway.
    Disputed,
}

/// The kinds of contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// The row's amount is not the bill's.
    Amount {
        /// What the row says (分).
        there: Fen,
    },
    /// Paid by the pay or status answer, and the row says otherwise after 5 minutes.
    RowUnpaid,
    /// More than one row with this bill_no.
    Rows {
        /// How many.
        count: usize,
    },
    /// Proven not charged, and the gateway says paid.
    PaidAfterAll,
    /// Paid here, and the row says reverted or refunded.
    GivenBack,
    /// Another attempt of the same sale is paid too.
    PaidTwice {
        /// The other one.
        other: BillNo,
    },
    /// Ended by a manager as given back on a row that says refunded, not reverted (FATE 11): by
    /// somebody else, and perhaps only a part.
    RefundedThere {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Accepted by a manager on a row that a revert's claim contradicts (FATE 11).
    ClaimContradicted {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// The sentence of `bills --json`: what contradicts what.
impl fmt::Display for IncidentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IncidentKind::Amount { there } => {
                write!(f, "网关记的金额是 {there}，与本机应收金额不符")
            }
            IncidentKind::RowUnpaid => f.write_str("网关先说已付款，账单记录却一直是未付款"),
            IncidentKind::Rows { count } => write!(f, "网关有 {count} 条同号账单"),
            IncidentKind::PaidAfterAll => f.write_str("本机已证明未收款，网关后来又说已付款"),
            IncidentKind::GivenBack => f.write_str("本机记为已收款，网关说款已退回"),
            IncidentKind::PaidTwice { other } => {
                write!(f, "同一笔销售付了两次，另一张账单是 {other}")
            }
            IncidentKind::RefundedThere { by, reason } => {
                write!(
                    f,
                    "网关说这笔在别处退过款，可能只退了一部分；由 {by} 按已退回结清：{reason}"
                )
            }
            IncidentKind::ClaimContradicted { by, reason } => {
                write!(
                    f,
                    "网关说过已撤销，账单却是已付款；由 {by} 认定为已收款：{reason}"
                )
            }
        }
    }
}
