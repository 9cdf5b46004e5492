//! What can still be refunded of a bill (I6, FATE 20), and who must approve it.

use crate::domain::bill::IncidentKind;
use crate::domain::config::RefundSettings;
use crate::domain::gateway::{RefundRow, Row, RowOutcome};
use crate::domain::refund::{Blocked, OverLimit, RefundState};
use crate::domain::{Bill, Fen, Refund, State};
use std::collections::BTreeMap;

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
    let row = paid_row(bill, row)?;
    let claims = claims(bill, here, there)?;
    if let Some(blocked) = in_flight(here, &claims) {
        return Err(blocked);
    }
    let known = bill.map_or(0, |b| b.refunded.0);
    let refunded = sum(&claims, |c| !c.open).max(known);
    if row.refunded == Some(true) && refunded <= 0 {
        // It says refunded, and no list says by whom or how much.
        return Err(Blocked::NoAnswer);
    }
    let unfinished = sum(&claims, |c| c.open);
    let paid = really_paid(bill, row);
    let refundable = paid.saturating_sub(refunded).saturating_sub(unfinished);
    if once_only && refunded > 0 {
        return Err(Blocked::OnceOnly);
    }
    if refundable <= 0 {
        return Err(Blocked::NothingLeft);
    }
    Ok(Balance {
        paid: Fen(paid),
        refunded: Fen(refunded),
        unfinished: Fen(unfinished),
        refundable: Fen(refundable),
    })
}

/// The row, where it says that the money is here and no revert may still give it back.
fn paid_row<'a>(bill: Option<&Bill>, row: &'a RowOutcome) -> Result<&'a Row, Blocked> {
    let row = match row {
        RowOutcome::Row(row) => row,
        // A bill that is held as paid can't be unknown there: this is no answer to go by.
        RowOutcome::Empty if bill.is_some_and(Bill::counts_as_paid) => {
            return Err(Blocked::NoAnswer);
        }
        RowOutcome::Empty => return Err(Blocked::NoSuchBill),
        RowOutcome::Many(_) => return Err(Blocked::Contradicted),
        RowOutcome::NoAnswer(_) => return Err(Blocked::NoAnswer),
    };
    let given_back = bill.is_some_and(|b| b.state == State::Reverted);
    if row.reverted == Some(true) || (given_back && row.reverted != Some(false)) {
        return Err(Blocked::Reverted);
    }
    if !row.paid {
        return Err(Blocked::NotPaid);
    }
    // Its fate is not known here yet: a revert may still give the money back (FATE 11).
    match bill {
        Some(bill) if !bill.state.is_terminal() => Err(Blocked::NoAnswer),
        _ => Ok(row),
    }
}

/// refund_fee may not be above the bill's total_fee (what was really paid, less discounts), nor
/// above the order's amount.
fn really_paid(bill: Option<&Bill>, row: &Row) -> i64 {
    let order = match bill {
        // Another amount than ours counts once it stands beside the bill as a contradiction that
        // people see; until then no more goes back than was asked for here (I6, I9).
        Some(bill) if !is_known_amount(bill, row) => bill.amount,
        _ => row.bill_fee.unwrap_or(row.total_fee),
    };
    row.total_fee.0.min(order.0).max(0)
}

/// The row's amount is a contradiction that was found already.
fn is_known_amount(bill: &Bill, row: &Row) -> bool {
    let kind = bill.incident.as_ref().map(|incident| &incident.kind);
    matches!(kind, Some(IncidentKind::Amount { there }) if *there == row.total_fee)
}

/// One refund number's claim on the bill, from whichever side claims more.
#[derive(Default)]
struct Claim {
    fee: i64,
    /// Unfinished.
    open: bool,
    /// Succeeded, by what this ledger has proven.
    proven: bool,
}

/// Own refunds and the gateway's rows, merged by refund_no. Rows of another bill, or of bills that
/// differ, are no answer to what was asked.
fn claims<'a>(
    bill: Option<&Bill>,
    here: &'a [Refund],
    there: &'a [RefundRow],
) -> Result<BTreeMap<&'a str, Claim>, Blocked> {
    let ours = bill
        .map(|b| &b.bill_no)
        .or(here.first().map(|r| &r.bill_no));
    let asked = ours.map(|no| no.as_str());
    let asked = asked.or(there.first().map(|r| r.bill_no.as_str()));
    if there.iter().any(|r| Some(r.bill_no.as_str()) != asked) {
        return Err(Blocked::NoAnswer);
    }
    let mut rows: BTreeMap<&str, Claim> = BTreeMap::new();
    for row in there.iter().filter(|r| r.takes_balance()) {
        let claim = rows.entry(row.refund_no.as_str()).or_default();
        // Two rows of one number took, or may take, the money twice.
        claim.fee = claim.fee.saturating_add(row.fee.0.max(0));
        claim.open |= !row.finish;
    }
    for refund in here.iter().filter(|r| r.state.takes_balance()) {
        let claim = rows.entry(refund.refund_no.as_str()).or_default();
        claim.fee = claim.fee.max(refund.fee.0);
        claim.proven |= refund.state == RefundState::Succeeded;
        claim.open |= !refund.state.is_terminal();
    }
    for claim in rows.values_mut().filter(|c| c.proven) {
        // The row of a proven success only lags.
        claim.open = false;
    }
    Ok(rows)
}

fn sum(claims: &BTreeMap<&str, Claim>, fits: impl Fn(&Claim) -> bool) -> i64 {
    let fees = claims.values().filter(|c| fits(c)).map(|c| c.fee);
    fees.fold(0, i64::saturating_add)
}

/// One refund in flight a bill (FATE 20); one that is only asked for is one.
fn in_flight(here: &[Refund], claims: &BTreeMap<&str, Claim>) -> Option<Blocked> {
    let own = here.iter().find(|r| !r.state.is_terminal());
    let there = || claims.iter().find(|(_, c)| c.open).map(|(no, _)| *no);
    own.map(Refund::blocks)
        .or_else(|| there().map(|no| Blocked::InFlight(no.to_owned())))
}

/// Why another manager must approve this refund, if one must. What went back of the bill before
/// counts as part of the same refund, so that splitting it does not go around the limit; a bill of
/// unknown age counts as too old.
pub fn second_manager(
    fee: Fen,
    balance: &Balance,
    shift_refunded: Fen,
    bill_created_ms: Option<i64>,
    now_ms: i64,
    settings: &RefundSettings,
) -> Option<OverLimit> {
    let of_bill = fee.0.saturating_add(balance.refunded.0);
    let of_shift = fee.0.saturating_add(shift_refunded.0);
    let per_refund = settings.max_per_refund.filter(|most| of_bill > most.0);
    let per_shift = settings.max_per_shift.filter(|most| of_shift > most.0);
    let age = settings
        .max_age_days
        .filter(|days| is_older(bill_created_ms, *days, now_ms));
    per_refund
        .map(OverLimit::PerRefund)
        .or(per_shift.map(OverLimit::PerShift))
        .or(age.map(OverLimit::Age))
}

/// What one manager may refund of this bill alone; `None`: no limit.
pub fn alone_up_to(
    balance: &Balance,
    shift_refunded: Fen,
    bill_created_ms: Option<i64>,
    now_ms: i64,
    settings: &RefundSettings,
) -> Option<Fen> {
    let left = |most: Option<Fen>, spent: Fen| most.map(|m| m.0.saturating_sub(spent.0).max(0));
    let per_refund = left(settings.max_per_refund, balance.refunded);
    let per_shift = left(settings.max_per_shift, shift_refunded);
    let too_old = settings
        .max_age_days
        .filter(|d| is_older(bill_created_ms, *d, now_ms));
    let limits = [per_refund, per_shift, too_old.map(|_| 0)];
    limits.into_iter().flatten().min().map(Fen)
}

const DAY_MS: i64 = 86_400_000;

fn is_older(created_ms: Option<i64>, days: u32, now_ms: i64) -> bool {
    let most = i64::from(days).saturating_mul(DAY_MS);
    created_ms.is_none_or(|created| now_ms.saturating_sub(created) > most)
}
