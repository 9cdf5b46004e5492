//! Reconciliation: one bill or refund of this ledger beside what the gateway's lists say about it
//! (I10). Pure: reading both sides, asking again and settling are the till's.
//!
//! Only money makes a difference: a bill that neither side calls paid has none, whatever else its
//! two records say.

use crate::domain::gateway::{ListedBill, RefundRow, Row};
use crate::domain::reconcile::{Difference, DifferenceKind, Run, Side};
use crate::domain::refund::RefundState;
use crate::domain::{Bill, Fen, Refund, State};

/// What the two sides say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// They agree.
    Same,
    /// It is in its normal time here: compared when it has ended.
    InProgress,
    /// They agree about the money, and what the gateway has may end what is open here.
    Unsettled,
    /// It belongs to another till of the merchant.
    Elsewhere,
    /// They differ.
    Differs(Difference),
}

/// A bill. At least one side is there; `here` is the ledger's bill of that number, whenever it was
/// sent. `others`: the merchant's other tills.
pub fn bill(here: Option<&Bill>, there: Option<&ListedBill>, others: &[String]) -> Finding {
    match (here, there) {
        (Some(here), Some(there)) => both_have(here, there),
        (None, Some(there)) => only_there(there, others),
        (Some(here), None) if here.counts_as_paid() => {
            differs(DifferenceKind::MissingThere, here.bill_no.as_str())
                .sides(Some(bill_here(here)), None)
        }
        _ => Finding::Same,
    }
}

fn both_have(here: &Bill, there: &ListedBill) -> Finding {
    let (paid_here, paid_there) = (here.counts_as_paid(), is_paid(&there.row));
    let sides = || (Some(bill_here(here)), Some(bill_there(&there.row)));
    if is_in_progress(here) {
        return Finding::InProgress;
    }
    if paid_here != paid_there && !went_back(here) {
        let (here, there_) = sides();
        return differs(DifferenceKind::State, &there.bill_no).sides(here, there_);
    }
    if paid_here && paid_there && !there.row.amount_matches(here.amount) {
        let (here, there_) = sides();
        return differs(DifferenceKind::Amount, &there.bill_no).sides(here, there_);
    }
    match !here.state.is_terminal() && there.row.reverted == Some(true) {
        true => Finding::Unsettled,
        false => Finding::Same,
    }
}

fn only_there(there: &ListedBill, others: &[String]) -> Finding {
    if !is_paid(&there.row) {
        return Finding::Same;
    }
    if is_of(&there.bill_no, others) {
        return Finding::Elsewhere;
    }
    differs(DifferenceKind::MissingHere, &there.bill_no).sides(None, Some(bill_there(&there.row)))
}

/// A refund. At least one side is there; `here` is the ledger's refund of that number.
pub fn refund(here: Option<&Refund>, there: Option<&RefundRow>, others: &[String]) -> Finding {
    match (here, there) {
        (Some(here), Some(there)) => both_have_refund(here, there),
        (None, Some(there)) if !there.takes_balance() => Finding::Same,
        (None, Some(there)) if is_of(&there.refund_no, others) => Finding::Elsewhere,
        (None, Some(there)) => {
            refund_differs(&there.bill_no, &there.refund_no).sides(None, Some(refund_there(there)))
        }
        (Some(here), None) if is_known_there(here.state) => {
            refund_differs(here.bill_no.as_str(), here.refund_no.as_str())
                .sides(Some(refund_here(here)), None)
        }
        (Some(here), None) if !here.state.is_terminal() => Finding::InProgress,
        _ => Finding::Same,
    }
}

fn both_have_refund(here: &Refund, there: &RefundRow) -> Finding {
    let finished = there.finish && there.result.is_some();
    let same = here.bill_no.as_str() == there.bill_no && here.fee == there.fee;
    let contradicts = match here.state {
        RefundState::Succeeded => there.finish && there.result == Some(false),
        RefundState::Failed => there.finish && there.result == Some(true),
        RefundState::Refused | RefundState::NotSent => there.takes_balance(),
        RefundState::Denied => there.finish && there.result == Some(true),
        // Only one that was made elsewhere is known there before a manager's word.
        RefundState::Requested => finished || here.there().is_none(),
        RefundState::Sent | RefundState::Processing | RefundState::Unresolved => finished,
    };
    if same && !contradicts {
        if here.state == RefundState::Requested {
            return Finding::InProgress;
        }
        let known = matches!(here.state, RefundState::Sent | RefundState::Unresolved);
        return match known {
            true => Finding::Unsettled,
            false => Finding::Same,
        };
    }
    refund_differs(&there.bill_no, &there.refund_no)
        .sides(Some(refund_here(here)), Some(refund_there(there)))
}

/// Every refund of a bill that was paid for nothing went back: it is no money of the merchant's.
pub fn is_wholly_refunded(row: &Row, refunds: &[RefundRow]) -> bool {
    let done = refunds
        .iter()
        .filter(|r| r.finish && r.result == Some(true));
    let back = done.map(|r| r.fee.0).fold(0_i64, i64::saturating_add);
    back > 0 && back >= amount(row).0
}

/// Adds a bill that was compared to the run's sums. What agrees counts the same on both sides.
pub fn count_bill(
    run: &mut Run,
    here: Option<&Bill>,
    there: Option<&ListedBill>,
    finding: &Finding,
) {
    let there = there.filter(|t| is_paid(&t.row)).map(|t| amount(&t.row));
    let kept = here.filter(|b| b.counts_as_paid()).map(|b| b.amount);
    let there = match (here, finding) {
        (Some(_), Finding::Same | Finding::Unsettled) => kept,
        _ => there,
    };
    match finding {
        Finding::InProgress => return,
        Finding::Elsewhere => {
            if let Some(amount) = there {
                run.elsewhere.add(amount);
            }
            return;
        }
        Finding::Same | Finding::Unsettled | Finding::Differs(_) => {}
    }
    run.compared = run.compared.saturating_add(1);
    if let Some(amount) = kept {
        run.here.paid.add(amount);
    }
    if let Some(amount) = there {
        run.there.paid.add(amount);
    }
    note(run, finding);
}

/// Adds a refund that was compared to the run's sums.
pub fn count_refund(
    run: &mut Run,
    here: Option<&Refund>,
    there: Option<&RefundRow>,
    finding: &Finding,
) {
    if matches!(finding, Finding::InProgress | Finding::Elsewhere) {
        return;
    }
    run.compared = run.compared.saturating_add(1);
    let here = here.filter(|r| r.state == RefundState::Succeeded);
    if let Some(here) = here {
        run.here.refunds.add(here.fee);
    }
    // A wallet that said SUCCESS is ahead of the list that still says processing.
    let agreed = *finding == Finding::Same && here.is_some();
    let done = |r: &&RefundRow| agreed || (r.finish && r.result == Some(true));
    if let Some(there) = there.filter(done) {
        run.there.refunds.add(there.fee);
    }
    note(run, finding);
}

fn note(run: &mut Run, finding: &Finding) {
    if let Finding::Differs(difference) = finding
        && !run.differences.iter().any(|d| d.is_about(difference))
    {
        run.differences.push(difference.clone());
    }
}

/// The merchant has the money of this row: paid and not reverted. What was refunded is compared by
/// itself.
pub fn is_paid(row: &Row) -> bool {
    (row.paid || row.refunded == Some(true)) && row.reverted != Some(true)
}

/// The order's amount, as far as the row says it.
fn amount(row: &Row) -> Fen {
    let with_discount = row.total_fee.0.saturating_add(row.discount.0);
    row.bill_fee.unwrap_or(Fen(with_discount))
}

/// Sent or waiting in its normal time.
fn is_in_progress(here: &Bill) -> bool {
    matches!(here.state, State::Sent | State::Awaiting) && !here.is_unanswered_open()
}

/// Not counted as paid here, and every fen of it was given back by refunds of this till.
fn went_back(here: &Bill) -> bool {
    !here.counts_as_paid() && here.refunded > Fen::ZERO && here.refunded >= here.amount
}

/// The gateway has said so itself, so it must have it.
fn is_known_there(state: RefundState) -> bool {
    matches!(state, RefundState::Succeeded | RefundState::Processing)
}

/// A bill or refund of one of these tills: date + till + 6-digit serial + 8 random.
fn is_of(number: &str, tills: &[String]) -> bool {
    let random = tills.iter().filter_map(|till| after_serial(number, till));
    random.into_iter().any(|r| r.len() == 8 && is_random(r))
}

fn after_serial<'a>(number: &'a str, till: &str) -> Option<&'a str> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (day, rest) = number.split_at_checked(8)?;
    let (serial, random) = rest.strip_prefix(till)?.split_at_checked(6)?;
    (digits(day) && digits(serial)).then_some(random)
}

fn is_random(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn bill_here(bill: &Bill) -> Side {
    Side {
        amount: bill.amount,
        state: bill.state.name().to_owned(),
    }
}

fn bill_there(row: &Row) -> Side {
    let state = match (row.reverted, row.refunded, row.paid) {
        (Some(true), _, _) => "reverted",
        (_, Some(true), _) => "refunded",
        (_, _, true) => "paid",
        _ => "unpaid",
    };
    Side {
        amount: amount(row),
        state: state.to_owned(),
    }
}

fn refund_here(refund: &Refund) -> Side {
    Side {
        amount: refund.fee,
        state: refund.state.name().to_owned(),
    }
}

fn refund_there(row: &RefundRow) -> Side {
    Side {
        amount: row.fee,
        state: row.state_name().to_owned(),
    }
}

/// A difference whose sides are still missing.
struct Half(Difference);

impl Half {
    fn sides(mut self, here: Option<Side>, there: Option<Side>) -> Finding {
        (self.0.here, self.0.there) = (here, there);
        Finding::Differs(self.0)
    }
}

fn differs(kind: DifferenceKind, bill_no: &str) -> Half {
    Half(Difference {
        kind,
        bill_no: bill_no.to_owned(),
        refund_no: None,
        here: None,
        there: None,
    })
}

fn refund_differs(bill_no: &str, refund_no: &str) -> Half {
    let mut half = differs(DifferenceKind::Refund, bill_no);
    half.0.refund_no = Some(refund_no.to_owned());
    half
}

#[cfg(test)]
mod tests;
