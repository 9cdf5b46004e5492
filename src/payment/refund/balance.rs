//! What can still be refunded of a bill (I6, FATE 20), and who must approve it.

use crate::domain::gateway::{RefundRow, RowOutcome};
use crate::domain::refund::Blocked;
use crate::domain::{Bill, Fen, Refund};

/// What was paid and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// What was paid.
    pub paid: Fen,
    /// Successful refunds, here and there, each counted once.
    pub refunded: Fen,
    /// Unfinished refunds, here and there.
    pub unfinished: Fen,
    /// paid − refunded − unfinished.
    pub refundable: Fen,
}

/// Works out the balance from what the gateway says now and what the ledger holds. `bill` is
/// `None` where this ledger doesn't have it. `there` holds every row of `/refunds?bill_no`.
pub fn balance(
    bill: Option<&Bill>,
    row: &RowOutcome,
    here: &[Refund],
    there: &[RefundRow],
    once_only: bool,
) -> Result<Balance, Blocked> {
    let _ = (bill, row, here, there, once_only);
    Err(Blocked::NoAnswer)
}
