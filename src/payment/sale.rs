//! I1: whether another attempt of a sale may start (FATE 17, 18).

use crate::domain::bill::{Qr, Release};
use crate::domain::{Bill, BillNo, State};

/// Why the next attempt has to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The attempt that may still be, or is, paid.
    pub by: BillNo,
}

/// Whether the next attempt of a sale may start: every earlier one is terminal and unpaid, or its
/// QR was never shown and never will be, or a manager released it.
pub fn may_attempt<'a>(attempts: impl IntoIterator<Item = &'a Bill>) -> Result<(), Locked> {
    match attempts.into_iter().find(|bill| !is_harmless(bill)) {
        Some(bill) => Err(Locked {
            by: bill.bill_no.clone(),
        }),
        None => Ok(()),
    }
}

/// This attempt can't take the customer's money any more, as far as anybody can prove.
fn is_harmless(bill: &Bill) -> bool {
    let unpaid = bill.state.is_terminal() && bill.state != State::Paid && bill.incident.is_none();
    let never_drawn = bill.channel.is_qr() && bill.qr == Qr::Unshown && bill.state != State::Paid;
    unpaid || (never_drawn && !bill.paid_seen) || is_released(bill)
}

/// A manager's release holds only while the bill is open: once it is paid, the double payment is
/// an incident, and a third attempt is locked again.
fn is_released(bill: &Bill) -> bool {
    let open = matches!(bill.state, State::Watching | State::Unresolved);
    open && matches!(bill.release, Some(Release { .. }))
}

/// Whether a new sale of the same amount must first ask 另一位顾客吗: the bill has no result, and
/// more than a plain wait stands behind it (COUNTER). A QR that was never drawn doesn't ask; one that
/// a manager released does: the next attempt belongs to its sale, so that both being paid is seen.
pub fn asks_about(bill: &Bill) -> bool {
    let closing = matches!(
        bill.state,
        State::Closing | State::Watching | State::Unresolved
    );
    let never_drawn = bill.channel.is_qr() && bill.qr == Qr::Unshown;
    (closing || bill.is_unanswered_open()) && !never_drawn
}

/// A payment code of a bill in this state may be scanned again (FATE 6).
pub fn code_may_return(bill: &Bill) -> bool {
    matches!(bill.state, State::Refused | State::NotSent)
}
