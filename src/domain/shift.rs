//! A shift: from opening with a float to closing with a count, and what was taken meanwhile.

use super::{Fen, Wallet};
use serde::{Deserialize, Serialize};

/// A shift of this till. There is at most one open one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// 1, 2, 3 … in this ledger.
    pub no: u32,
    /// When it was opened, UTC ms.
    pub opened_ms: i64,
    /// Staff id of who opened it; empty where a first sale without anybody did.
    pub opened_by: String,
    /// Cash in the drawer at the beginning.
    pub float: Fen,
    /// Who has it now.
    pub holder: String,
    /// Handed over, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hands: Vec<Hand>,
    /// Cash in and out, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cash: Vec<CashMove>,
    /// Its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// A handing over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// UTC ms.
    pub at_ms: i64,
    /// Staff id.
    pub from: String,
    /// Staff id; proved by PIN.
    pub to: String,
    /// Cash counted in the drawer.
    pub counted: Fen,
}

/// Cash put into the drawer or taken out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashMove {
    /// UTC ms.
    pub at_ms: i64,
    /// Staff id.
    pub by: String,
    /// Negative: out.
    pub amount: Fen,
    /// Why.
    pub reason: String,
}

/// The end of a shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// UTC ms.
    pub at_ms: i64,
    /// Staff id.
    pub by: String,
    /// Cash counted in the drawer.
    pub counted: Fen,
    /// A manager let it be closed with open to-dos.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// What was taken, as the slip says it. It never changes afterwards: what ends later belongs
    /// to a later shift.
    pub report: ShiftReport,
    /// How many events the ledger had before this one.
    pub head_count: i64,
    /// The audit chain's head before this event, hex.
    pub head: String,
}

/// A manager's signature under open to-dos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Staff id; proved by PIN.
    pub by: String,
    /// Why.
    pub reason: String,
    /// How many to-dos were open.
    pub open: u32,
}

impl Shift {
    /// Float and moves of cash: what must be in the drawer, as far as this program knows.
    pub fn expected_cash(&self) -> Fen {
        let moves = self.cash.iter().map(|m| m.amount.0);
        Fen(moves.fold(self.float.0, i64::saturating_add))
    }

    /// Cash put in and taken out, both positive.
    pub fn cash_in_out(&self) -> (Fen, Fen) {
        let sum = |sign: i64| {
            let of = self.cash.iter().map(|m| m.amount.0.saturating_mul(sign));
            Fen(of.filter(|a| *a > 0).fold(0, i64::saturating_add))
        };
        (sum(1), sum(-1))
    }
}

/// A count and a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub count: u32,
    /// 分.
    pub sum: Fen,
}

impl Tally {
    /// One more.
    pub fn add(&mut self, amount: Fen) {
        self.count = self.count.saturating_add(1);
        self.sum = Fen(self.sum.0.saturating_add(amount.0));
    }
}

/// What was taken in a shift, or on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShiftReport {
    /// Paid bills (those that became paid meanwhile), refunds not subtracted.
    pub paid: Tally,
    /// Of these, by wallet; `None` where it never became known.
    pub by_wallet: Vec<(Option<Wallet>, Tally)>,
    /// Of these, by the staff id that took them; empty for the command line.
    pub by_cashier: Vec<(String, Tally)>,
    /// Of these, by the hour of the day in Shanghai and wallet, in order.
    pub by_hour: Vec<HourTally>,
    /// Refunds that succeeded meanwhile.
    pub refunds: Tally,
    /// Bills that were reverted meanwhile (their amounts were never counted).
    pub reverts: Tally,
    /// Bills and refunds that stood on the to-do list.
    pub to_do: u32,
}

impl ShiftReport {
    /// Paid less refunds.
    pub fn net(&self) -> Fen {
        Fen(self.paid.sum.0.saturating_sub(self.refunds.sum.0))
    }
}

/// One bar of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourTally {
    /// When the hour began, UTC ms.
    pub from_ms: i64,
    /// `None` where it never became known.
    pub wallet: Option<Wallet>,
    /// What was paid.
    pub tally: Tally,
}

/// What happened to a shift at a ledger event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ShiftHappened {
    ShiftOpened,
    ShiftHandedOver,
    ShiftCashMoved,
    ShiftClosed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_in_the_drawer_is_the_float_and_every_move() {
        let at = |amount| CashMove {
            at_ms: 0,
            by: "1001".into(),
            amount: Fen(amount),
            reason: "找零".into(),
        };
        let shift = Shift {
            no: 1,
            opened_ms: 0,
            opened_by: "1001".into(),
            float: Fen(20_000),
            holder: "1001".into(),
            hands: Vec::new(),
            cash: vec![at(5_000), at(-2_000), at(-500)],
            closed: None,
        };
        assert_eq!(shift.expected_cash(), Fen(22_500));
        assert_eq!(shift.cash_in_out(), (Fen(5_000), Fen(2_500)));
    }
}
