//! The proofs that end a bill, as questions to what was learned. Each is one rule of FATE.

use super::case::Case;
use super::facts::{Fact, Kind};
use super::policy::{APART, EXPIRED_APART, Policy, ROWS_APART, UNANSWERED_BASE};
use crate::domain::bill::{PayAnswer, Proof, Qr, RevertAnswer};
use crate::domain::time::Stamp;
use crate::domain::{Bill, Channel, Now, State};

/// How a bill ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub state: State,
    pub proof: Proof,
    pub returned: bool,
}

impl Verdict {
    fn of(state: State, proof: Proof) -> Option<Verdict> {
        Some(Verdict {
            state,
            proof,
            returned: false,
        })
    }
}

/// The verdict that the facts allow now, if any. Asked after every fact.
pub(super) fn verdict(case: &Case, now: &Now, policy: &Policy) -> Option<Verdict> {
    if let Some(paid) = paid_after_revert(case, now, policy) {
        return Some(paid);
    }
    // A pay request that still hangs could say anything: nothing negative is final before it ends.
    if case.run.paying {
        return None;
    }
    returned(case)
        .or_else(|| wallet_refused(case))
        .or_else(|| verified_at_once(case))
        .or_else(|| verified_without_witness(case, now, policy))
        .or_else(|| unknown_at_gateway(case))
        .or_else(|| expired(case, now, policy))
}

/// FATE 11: a row reverted, with any paid fact: the money was there and went back.
fn returned(case: &Case) -> Option<Verdict> {
    let reverted = case.run.facts.iter().any(|f| f.kind == Kind::RowReverted);
    (case.bill.paid_seen && reverted).then_some(Verdict {
        state: State::Reverted,
        proof: Proof::Reverted,
        returned: true,
    })
}

/// FATE 13: the wallet's final word, the revert answered, then status and row agree.
fn wallet_refused(case: &Case) -> Option<Verdict> {
    if !matches!(case.bill.pay, PayAnswer::Final { .. }) || case.bill.paid_seen {
        return None;
    }
    let later = case.run.facts.after_last(|f| f.kind == Kind::RevertTyped)?;
    let status = later.iter().any(|f| f.kind == Kind::StatusNot);
    let row = later.iter().rev().find(|f| f.kind.is_row())?;
    let unpaid = matches!(
        row.kind,
        Kind::RowEmpty | Kind::RowUnpaid | Kind::RowReverted
    );
    if status && unpaid {
        Verdict::of(State::Refused, Proof::Refused)
    } else {
        None
    }
}

/// FATE 10, at once: a claim that counts or a reverted row, then a status not-paid, then a
/// reverted row; where status only errors, two such rows 5 s apart.
fn verified_at_once(case: &Case) -> Option<Verdict> {
    let (anchor, later) = case
        .run
        .facts
        .after_first(|f| matches!(f.kind, Kind::Claim | Kind::RowReverted))?;
    let status = later.iter().position(|f| f.kind == Kind::StatusNot);
    let witnessed = match status {
        Some(i) => later.iter().skip(i).any(|f| f.kind == Kind::RowReverted),
        None => {
            let silent =
                later.iter().any(|f| f.kind == Kind::StatusSilent) || !case.bill.has_status();
            let rows: Vec<&Fact> = std::iter::once(&anchor)
                .chain(&later)
                .filter(|f| f.kind == Kind::RowReverted)
                .collect();
            silent
                && match (rows.first(), rows.last()) {
                    (Some(first), Some(last)) => last.at - first.at >= ROWS_APART,
                    _ => false,
                }
        }
    };
    if !witnessed {
        return None;
    }
    Some(Verdict {
        state: State::Reverted,
        proof: Proof::Reverted,
        returned: case.bill.paid_seen,
    })
}

/// FATE 10, without a witness: at the later of guard end and the wait, two claims that count
/// 10 s apart with a status not-paid after each, and no paid fact. Never for BC.
fn verified_without_witness(case: &Case, now: &Now, policy: &Policy) -> Option<Verdict> {
    if !witness_wait_over(case, now, policy) || case.bill.channel.is_bc() || case.bill.paid_seen {
        return None;
    }
    let (first, later) = case.run.facts.after_first(|f| f.kind == Kind::Claim)?;
    let second = later
        .iter()
        .rposition(|f| f.kind == Kind::Claim && f.at - first.at >= APART)?;
    let denied = |facts: &[Fact]| facts.iter().any(|f| f.kind == Kind::StatusNot);
    let (between, after) = later.split_at(second);
    let last = after.iter().rev().find(|f| f.kind == Kind::StatusNot)?;
    // The last word must have been spoken after guard end.
    if denied(between) && denied(after) && last.after_guard {
        Verdict::of(State::Reverted, Proof::NoWitness)
    } else {
        None
    }
}

/// The later of guard end and the wait without a witness after the first revert.
pub(super) fn witness_wait_over(case: &Case, now: &Now, policy: &Policy) -> bool {
    let waited = now.mono_ms - case.run.marks.first_revert >= policy.witness_wait;
    case.bill.guard_over && case.bill.reverts.is_some() && waited
}

/// FATE 12: a lost pay that the gateway doesn't know: all after guard end, two empty rows 10 s
/// apart, then a status not-paid.
fn unknown_at_gateway(case: &Case) -> Option<Verdict> {
    let bill = &case.bill;
    let lost = matches!(bill.pay, PayAnswer::Lost { .. } | PayAnswer::Final { .. });
    if !lost || bill.row_seen || bill.paid_seen || !bill.guard_over {
        return None;
    }
    let (_, later) = empty_twice(case)?;
    if later.iter().any(|f| f.kind == Kind::StatusNot) {
        Verdict::of(State::NotSent, Proof::UnknownAtGateway)
    } else {
        None
    }
}

/// The two empty rows of FATE 12 are there (the second one, and what came after it).
pub(super) fn empty_twice(case: &Case) -> Option<(Fact, Vec<Fact>)> {
    let empty = |f: &Fact| f.after_guard && f.kind == Kind::RowEmpty;
    let (first, later) = case.run.facts.after_first(empty)?;
    let second = later
        .iter()
        .position(|f| empty(f) && f.at - first.at >= APART)?;
    Some((*later.get(second)?, later.get(second + 1..)?.to_vec()))
}

/// FATE 11: paid, once a revert was sent.
fn paid_after_revert(case: &Case, now: &Now, policy: &Policy) -> Option<Verdict> {
    let reverts = case.bill.reverts?;
    // A claim that counts is never spent: whatever a later revert was answered with, the money may
    // be on its way back. It ends by a reverted row or by a manager.
    if reverts.claimed {
        return None;
    }
    // Whatever may still act unseen must be spent when a fact is learned.
    let marks = &case.run.marks;
    let pending = match reverts.answer {
        RevertAnswer::Claimed => Some((reverts.last, marks.last_revert)),
        _ => reverts.unspent.map(|stamp| (stamp, marks.unspent)),
    };
    let spent = |f: &Fact| {
        pending.is_none_or(|(stamp, mark)| passed_at(f, &stamp, mark, policy.guard, now))
    };
    // (a) The last revert was denied, and the row says paid after that. An earlier revert that was
    // never answered may still be on its way, so that one must be spent as well.
    if reverts.answer == RevertAnswer::Denied {
        let later = case.run.facts.after_last(|f| f.kind == Kind::RevertTyped);
        let row = later.and_then(|l| l.into_iter().rev().find(|f| f.kind.is_row()));
        if row.is_some_and(|f| f.kind == Kind::RowPaid && spent(&f)) {
            return Verdict::of(State::Paid, Proof::Row);
        }
    }
    // (b) Two such rows 10 s apart, or without any row two paid statuses.
    let since = |breaks: &dyn Fn(Kind) -> bool| -> Vec<Fact> {
        let facts = case.run.facts.iter().filter(|f| spent(f)).copied();
        let facts: Vec<Fact> = facts.collect();
        let start = facts.iter().rposition(|f| breaks(f.kind));
        facts
            .get(start.map_or(0, |i| i + 1)..)
            .unwrap_or(&[])
            .to_vec()
    };
    let rows = since(&|k| k == Kind::StatusNot || (k.is_row() && k != Kind::RowPaid));
    if twice_apart(&rows, Kind::RowPaid, APART) {
        return Verdict::of(State::Paid, Proof::Row);
    }
    // A row that does not say whether it was reverted is no witness; one that says unpaid is.
    let statuses = since(&|k| {
        let row = k.is_row() && !matches!(k, Kind::RowEmpty | Kind::RowPaidMute);
        k == Kind::StatusNot || row
    });
    let mute = case.run.facts.latest_row() == Some(Kind::RowPaidMute);
    if (mute || !case.bill.row_seen) && twice_apart(&statuses, Kind::StatusPaid, APART) {
        return Verdict::of(State::Paid, Proof::Status);
    }
    None
}

/// Two facts of this kind stand at least so far apart.
fn twice_apart(facts: &[Fact], kind: Kind, apart: i64) -> bool {
    let mut of_kind = facts.iter().filter(|f| f.kind == kind);
    match (of_kind.next(), of_kind.next_back()) {
        (Some(first), Some(last)) => last.at - first.at >= apart,
        _ => false,
    }
}

/// Whether `length` had passed since `stamp` when this fact was learned, by the answer's own
/// `Date`; without one by gateway time, and never before this process' clock agrees.
fn passed_at(fact: &Fact, stamp: &Stamp, mark: i64, length: i64, now: &Now) -> bool {
    let over = stamp.gateway_ms(now).saturating_add(length);
    match fact.date_ms {
        Some(date) => date >= over,
        None => fact.gateway_ms(now) >= over && fact.at - mark >= length,
    }
}

/// FATE 14: when it can no longer be paid, gateway ms (margin included).
pub(super) fn expiry_ms(bill: &Bill, now: &Now, policy: &Policy) -> i64 {
    let sent = bill.sent.gateway_ms(now);
    let answered = match &bill.pay {
        PayAnswer::Answered { at } => at.gateway_ms(now),
        _ => sent.saturating_add(UNANSWERED_BASE),
    };
    // An Alipay QR counts from the customer's scan, and a link from when its page is opened: both
    // can be as late as the last moment shown.
    let alipay_qr = matches!(
        bill.channel,
        Channel::AliOfflineQrcode | Channel::BcAliQrcode
    );
    let base = match (&bill.qr, alipay_qr || bill.link) {
        (Qr::Shown { until_ms, .. }, true) => *until_ms,
        _ => answered,
    };
    base.saturating_add(policy.payable(bill))
        .saturating_add(policy.expiry_margin)
}

/// FATE 14: not paid, twice, 30 s apart, after it could no longer be paid.
fn expired(case: &Case, now: &Now, policy: &Policy) -> Option<Verdict> {
    if !matches!(case.bill.state, State::Watching | State::Unresolved) {
        return None;
    }
    let over = expiry_ms(&case.bill, now, policy);
    // By the answer's Date; without one never before this process' clock agrees.
    let mono_over = over
        .saturating_sub(case.bill.sent.gateway_ms(now))
        .saturating_add(case.run.sent_mono);
    let late = |f: &&Fact| match f.date_ms {
        Some(date) => date >= over,
        None => f.gateway_ms(now) >= over && f.at >= mono_over,
    };
    // The gateway took the bill and has no status call: while its row was never seen, an empty
    // answer says nothing about the money. It stays on the list until a row shows.
    let mute = case.bill.is_answered() && !case.bill.row_seen && !case.bill.has_status();
    // A paid fact (beside a revert, else it had ended the bill) begins the count anew.
    let facts = case.run.facts.iter().rev();
    let facts: Vec<&Fact> = facts
        .take_while(|f| !f.kind.is_paid())
        .filter(|f| f.kind.is_negative() && f.kind != Kind::RowReverted)
        .filter(|f| !(mute && f.kind == Kind::RowEmpty))
        .filter(late)
        .collect();
    match (facts.last(), facts.first()) {
        (Some(a), Some(b)) if b.at - a.at >= EXPIRED_APART => Some(Verdict {
            state: State::Expired,
            proof: Proof::Expired,
            returned: case.bill.paid_seen,
        }),
        _ => None,
    }
}

/// FATE: guard. Whether it has ended, by the answer's `Date`; without any `Date`, by the wall
/// clock since sent, and never before this process' monotonic clock agrees.
pub(super) fn guard_ended(case: &Case, date_ms: Option<i64>, now: &Now, policy: &Policy) -> bool {
    let mono = now.mono_ms - case.run.sent_mono >= policy.guard;
    match date_ms {
        Some(date) => {
            let sent = case.bill.sent.gateway_ms(now);
            // A stamp from before any offset was known is only as good as the local clock was.
            let over = sent.saturating_add(policy.guard);
            date >= over && (case.bill.sent.offset_ms.is_some() || mono)
        }
        None => {
            let wall = now.wall_ms.saturating_sub(case.bill.sent.wall_ms) >= policy.guard;
            now.offset_ms.is_none() && wall && mono
        }
    }
}
