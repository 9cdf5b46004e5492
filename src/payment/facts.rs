//! What this process has learned about a bill, in order. Proofs are questions to this list.

use super::policy::HOST_DEAD;
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
        matches!(self, Kind::StatusPaid | Kind::RowPaid | Kind::RowRefunded)
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

/// The last facts, oldest first; bounded, since every proof rests on recent ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Facts {
    list: VecDeque<Fact>,
    others: VecDeque<(Host, i64)>,
}

const KEPT: usize = 64;

impl Facts {
    pub fn push(&mut self, fact: Fact) {
        if self.list.len() == KEPT {
            // A claim is the anchor of a proof: it is moved up rather than dropped.
            if let Some(old) = self.list.pop_front()
                && matches!(old.kind, Kind::Claim | Kind::RevertTyped)
            {
                self.list.pop_front();
                self.list.push_front(old);
            }
        }
        self.list.push_back(fact);
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
    /// speaks for it, until it is gone: then two others, or the only other one twice.
    pub fn negative_counts(
        &mut self,
        host: &Host,
        pay_host_name: &Host,
        pay_host: PayHost,
        now: i64,
    ) -> bool {
        if host == pay_host_name {
            self.others.clear();
            return true;
        }
        if pay_host.configured && pay_host.dead_for_ms < HOST_DEAD {
            return false;
        }
        let counts = if pay_host.others >= 2 {
            self.others.iter().any(|(h, _)| h != host)
        } else {
            self.others
                .iter()
                .any(|(h, at)| h == host && now - at >= HOST_DEAD)
        };
        if self.others.len() == 8 {
            // Keep the oldest: the distance in time is what counts.
            self.others.remove(1);
        }
        self.others.push_back((host.clone(), now));
        counts
    }

    /// A paid fact: what other hosts denied before is void.
    pub fn forget_others(&mut self) {
        self.others.clear();
    }
}
