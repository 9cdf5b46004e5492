//! What this process has learned about a bill, in order. Proofs are questions to this list.

use super::policy::HOST_DEAD;
use crate::domain::Now;
use crate::domain::gateway::{Host, PayHost};
use std::collections::VecDeque;

/// A fact's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A status (or the pay answer) said paid.
    StatusPaid,
    /// A status said false or 8.
    StatusNot,
    /// A status gave no fact.
    StatusSilent,
    /// The row: paid, neither reverted nor refunded.
    RowPaid,
    /// The row: paid, and silent on whether it was reverted, after a revert was sent.
    RowPaidMute,
    /// The row: paid and refunded, not reverted.
    RowRefunded,
    /// The row: revert_result true.
    RowReverted,
    /// The row: there, unpaid, not reverted.
    RowUnpaid,
    /// A well-formed empty answer.
    RowEmpty,
    /// The row could not be read.
    RowSilent,
    /// A revert that counts was answered true.
    Claim,
    /// A revert was answered with anything typed.
    RevertTyped,
}

impl Kind {
    pub fn is_paid(self) -> bool {
        matches!(
            self,
            Kind::StatusPaid | Kind::RowPaid | Kind::RowPaidMute | Kind::RowRefunded
        )
    }

    pub fn is_negative(self) -> bool {
        matches!(
            self,
            Kind::StatusNot | Kind::RowUnpaid | Kind::RowEmpty | Kind::RowReverted
        )
    }

    pub fn is_row(self) -> bool {
        matches!(
            self,
            Kind::RowPaid
                | Kind::RowPaidMute
                | Kind::RowRefunded
                | Kind::RowReverted
                | Kind::RowUnpaid
                | Kind::RowEmpty
        )
    }
}

/// One thing learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fact {
    pub kind: Kind,
    /// Monotonic ms.
    pub at: i64,
    /// Learned after guard end.
    pub after_guard: bool,
    /// The answer's `Date`, UTC ms.
    pub date_ms: Option<i64>,
}

impl Fact {
    /// When it was learned, gateway ms by the clocks as they are now.
    pub fn gateway_ms(&self, now: &Now) -> i64 {
        now.gateway_ms().saturating_sub(now.mono_ms - self.at)
    }
}

/// The last facts, oldest first; bounded, since every proof rests on recent ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Facts {
    list: VecDeque<Fact>,
    others: VecDeque<Denial>,
}

/// A negative answer of a host that did not receive the pay.
#[derive(Debug, Clone, PartialEq)]
struct Denial {
    host: Host,
    /// Whether the row was asked, or status.
    row: bool,
    /// Monotonic ms.
    at: i64,
}

const KEPT: usize = 64;
const KEPT_CLAIMS: usize = 8;

impl Facts {
    /// Claims anchor proofs, so what else is oldest goes first. Of the reverts' typed answers only
    /// the last one is ever asked about, of the claims the first and the latest.
    pub fn push(&mut self, fact: Fact) {
        match fact.kind {
            Kind::RevertTyped => self.list.retain(|f| f.kind != Kind::RevertTyped),
            Kind::Claim if self.count(Kind::Claim) >= KEPT_CLAIMS => {
                let second = self.positions(Kind::Claim).nth(1);
                second.and_then(|i| self.list.remove(i));
            }
            _ => {}
        }
        if self.list.len() >= KEPT {
            let anchor = |f: &Fact| matches!(f.kind, Kind::Claim | Kind::RevertTyped);
            let oldest = self.list.iter().position(|f| !anchor(f));
            oldest.and_then(|i| self.list.remove(i));
        }
        self.list.push_back(fact);
    }

    fn count(&self, kind: Kind) -> usize {
        self.positions(kind).count()
    }

    fn positions(&self, kind: Kind) -> impl Iterator<Item = usize> {
        let all = self.list.iter().enumerate();
        all.filter(move |(_, f)| f.kind == kind).map(|(i, _)| i)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Fact> + Clone {
        self.list.iter()
    }

    /// Everything after the first fact that fits.
    pub fn after_first(&self, fits: impl Fn(&Fact) -> bool) -> Option<(Fact, Vec<Fact>)> {
        let i = self.list.iter().position(fits)?;
        let anchor = *self.list.get(i)?;
        Some((anchor, self.list.iter().skip(i + 1).copied().collect()))
    }

    /// Everything after the last fact that fits.
    pub fn after_last(&self, fits: impl Fn(&Fact) -> bool) -> Option<Vec<Fact>> {
        let i = self.list.iter().rposition(fits)?;
        Some(self.list.iter().skip(i + 1).copied().collect())
    }

    /// The latest typed fact (paid or not).
    pub fn latest_typed(&self) -> Option<Fact> {
        self.list
            .iter()
            .rev()
            .find(|f| f.kind.is_paid() || f.kind.is_negative())
            .copied()
    }

    /// The latest typed fact about the row.
    pub fn latest_row(&self) -> Option<Kind> {
        self.list.iter().rev().map(|f| f.kind).find(|k| k.is_row())
    }

    /// The latest fact of any kind.
    pub fn latest(&self) -> Option<Fact> {
        self.list.back().copied()
    }

    /// A void revert's claim proves nothing (FATE 8). That it was answered stays true (FATE 13).
    pub fn void_claims(&mut self) {
        self.list.retain(|f| f.kind != Kind::Claim);
    }

    /// Whether a negative fact of `host` counts (FATE: fact). Only the host that received the pay
    /// speaks for it, until it is gone: then two others to the same question, or the only other
    /// one twice.
    pub fn negative_counts(
        &mut self,
        host: &Host,
        pay_host_name: &Host,
        pay_host: PayHost,
        row: bool,
        now: i64,
    ) -> bool {
        let ours = host == pay_host_name;
        if ours || (pay_host.configured && pay_host.dead_for_ms < HOST_DEAD) {
            // The pay host is there: what others denied while it was gone is void.
            self.others.clear();
            return ours;
        }
        let counts = self.others.iter().filter(|d| d.row == row).any(|d| {
            let another = pay_host.others >= 2 && d.host != *host;
            let twice = pay_host.others <= 1 && d.host == *host;
            another || (twice && now.saturating_sub(d.at) >= HOST_DEAD)
        });
        let known = |d: &Denial| d.row == row && d.host == *host;
        // The oldest of each is kept: the distance in time is what counts.
        if !self.others.iter().any(known) && self.others.len() < KEPT {
            let host = host.clone();
            self.others.push_back(Denial { host, row, at: now });
        }
        counts
    }

    /// A paid fact: what other hosts denied before is void.
    pub fn forget_others(&mut self) {
        self.others.clear();
    }
}
