//! Reconciliation (日结对账): what this ledger and the gateway say about the same time, and where
//! they differ (I10).

use super::bill::BillNo;
use super::shift::{Shift, Tally};
use super::{Fen, time::Day};
use serde::{Deserialize, Serialize};

/// The time that is compared: bills and refunds created in `from_ms..to_ms` of gateway time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// UTC ms.
    pub from_ms: i64,
    /// UTC ms, exclusive.
    pub to_ms: i64,
    /// The shift's number, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<u32>,
}

impl Scope {
    /// A shift: until it was closed, or until now.
    pub fn shift(shift: &Shift, now_ms: i64) -> Scope {
        let to_ms = shift.closed.as_ref().map_or(now_ms, |c| c.at_ms);
        Scope {
            from_ms: shift.opened_ms,
            to_ms: to_ms.saturating_add(1),
            shift: Some(shift.no),
        }
    }

    /// A whole day in Shanghai.
    pub fn day(day: Day) -> Scope {
        Scope {
            from_ms: day.start_ms(),
            to_ms: day.end_ms(),
            shift: None,
        }
    }
}

/// What kind of difference: `kind` of `reconcile --json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The gateway has a paid bill that this ledger doesn't have.
    MissingHere,
    /// This ledger has a paid bill that the gateway doesn't have.
    MissingThere,
    /// Both have it, with other amounts.
    Amount,
    /// Both have it; one says paid and the other doesn't.
    State,
    /// A refund that only one side has, or with another amount or end.
    Refund,
}

impl DifferenceKind {
    /// Every kind.
    pub const ALL: [DifferenceKind; 5] = [
        DifferenceKind::MissingHere,
        DifferenceKind::MissingThere,
        DifferenceKind::Amount,
        DifferenceKind::State,
        DifferenceKind::Refund,
    ];

    /// The word of `reconcile --json`.
    pub fn name(self) -> &'static str {
        match self {
            DifferenceKind::MissingHere => "missing_here",
            DifferenceKind::MissingThere => "missing_there",
            DifferenceKind::Amount => "amount",
            DifferenceKind::State => "state",
            DifferenceKind::Refund => "refund",
        }
    }
}

/// What one side says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The bill's amount, or the refund's fee.
    pub amount: Fen,
    /// Its state in one word: a state of `bills --json` or `refund --json` here; paid, unpaid,
    /// reverted, refunded; succeeded, processing, failed there.
    pub state: String,
}

/// `12.34 paid`, as `reconcile` prints it.
impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount, self.state)
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What kind.
    pub kind: DifferenceKind,
    /// The bill, also of a refund. As the gateway spells it where only it has it.
    pub bill_no: String,
    /// Where it is about a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<String>,
    /// What this ledger says; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Side>,
    /// What the gateway says; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<Side>,
}

impl Difference {
    /// It is about the same thing of the same bill or refund.
    pub fn is_about(&self, other: &Difference) -> bool {
        (self.kind, &self.bill_no, &self.refund_no)
            == (other.kind, &other.bill_no, &other.refund_no)
    }
}

/// Both sides' sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    /// Paid bills.
    pub paid: Tally,
    /// Successful refunds.
    pub refunds: Tally,
}

impl Run {
    /// Begins at the beginning.
    pub fn new(scope: Scope, by: String, began_ms: i64) -> Run {
        Run {
            scope,
            by,
            began_ms,
            done_to_ms: scope.from_ms,
            finished: false,
            compared: 0,
            here: Sums::default(),
            there: Sums::default(),
            settled: Vec::new(),
            elsewhere: Tally::default(),
            differences: Vec::new(),
        }
    }
}

/// A reconciliation, finished or interrupted. It is kept in the ledger after every part of the
/// time, so that an interrupted one goes on where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What is compared.
    pub scope: Scope,
    /// Staff id of who asked; empty for the command line.
    pub by: String,
    /// When it began, UTC ms.
    pub began_ms: i64,
    /// Compared up to here (gateway time, UTC ms).
    pub done_to_ms: i64,
    /// Everything was compared.
    pub finished: bool,
    /// Bills and refunds compared so far.
    pub compared: u32,
    /// This ledger's sums so far.
    pub here: Sums,
    /// The gateway's sums so far.
    pub there: Sums,
    /// Local unknowns that were settled by what the gateway has.
    pub settled: Vec<BillNo>,
    /// Paid bills there that belong to the merchant's other tills (`[shop] other_tills`).
    pub elsewhere: Tally,
    /// Where they differ, as found.
    pub differences: Vec<Difference>,
}
