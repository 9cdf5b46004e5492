//! When the gateway is asked next, and what. One request of a bill is under way at a time (beside
//! the pay request itself); a round asks status, then perhaps reverts, then reads the row.

use super::case::{Action, Ask, Case};
use super::policy::{
    AFTER_GUARD, CLOSING_AFTER_GUARD, CLOSING_LIMIT, DATE_GRAIN, EXPIRED_APART, Policy,
    ROUND_FIRST_HOUR, ROUND_LATER, ROUND_LONGEST, VERIFY_AT,
};
use super::proof::expiry_ms;
use crate::domain::bill::{Happened, PayAnswer, RevertAnswer};
use crate::domain::{Now, State};

/// Two facts of a proof are asked for a little further apart than they must be, since the second
/// answer may come faster than the first.
const GRACE: i64 = 500;

impl Case {
    /// Starts the next request, or says when to come back.
    pub(super) fn plan(&mut self, now: &Now, policy: &Policy) -> Vec<Action> {
        if self.bill.state.is_terminal() && self.bill.look.is_none() {
            self.run.round_at = i64::MAX;
            self.run.queue.clear();
            return Vec::new();
        }
        if self.run.asking.is_some() {
            return self.wake(policy);
        }
        if !self.wants_revert(now, policy) {
            // Something was learned since it was wanted (FATE 7).
            self.run.queue.retain(|ask| *ask != Ask::Revert);
        }
        if self.run.queue.is_empty() && now.mono_ms >= self.run.round_at {
            self.begin_round();
        }
        match self.run.queue.pop_front() {
            Some(ask) => {
                let mut actions = vec![self.ask(ask, now)];
                actions.extend(self.wake(policy));
                actions
            }
            None => self.wake(policy),
        }
    }

    fn begin_round(&mut self) {
        let has_status = self.bill.has_status();
        let following = matches!(self.bill.state, State::Sent | State::Awaiting);
        self.run.look = super::look::Found::default();
        self.run.row_asked = false;
        self.run.status_again = false;
        if has_status && self.wants_status() {
            self.run.queue.push_back(Ask::Status);
        }
        if !has_status || !following {
            self.run.queue.push_back(Ask::Row);
        }
    }

    fn ask(&mut self, ask: Ask, now: &Now) -> Action {
        self.run.asking = Some(ask);
        self.run.asked = self.run.asked.saturating_add(1);
        let named = self.bill.query_channel();
        match ask {
            Ask::Status => Action::AskStatus {
                channel: named.filter(|_| !self.run.status_plain),
            },
            Ask::Row => {
                self.run.row_asked = true;
                Action::ReadRow
            }
            Ask::Revert => {
                self.note_revert_sent(now);
                Action::SendRevert {
                    channel: named.filter(|_| !self.run.revert_plain),
                }
            }
        }
    }

    /// The round is over: when does the next one begin?
    pub(super) fn end_round(&mut self, now: &Now, policy: &Policy) {
        let next = match self.bill.state {
            State::Sent | State::Awaiting => now.mono_ms + policy.status_interval,
            State::Closing => self.next_closing_round(now, policy),
            State::Watching | State::Unresolved => self.next_slow_round(now),
            _ => return self.schedule_look(now),
        };
        self.run.round_at = self.milestones(now, policy).fold(next, i64::min);
    }

    /// Closing: towards the earliest revert, the next revert, or FATE 10's reads after one.
    fn next_closing_round(&self, now: &Now, policy: &Policy) -> i64 {
        let soon = now.mono_ms + policy.status_interval;
        if self.bill.reverts.is_none() {
            let earliest = self.run.sent_mono + policy.earliest_revert;
            return if earliest > now.mono_ms {
                soon.min(earliest)
            } else {
                soon
            };
        }
        let reverted = self.run.marks.last_revert;
        let read = VERIFY_AT
            .iter()
            .map(|d| reverted + d)
            .find(|at| *at > now.mono_ms);
        let again = self.run.revert_at;
        match read {
            Some(at) if again > now.mono_ms => at.min(again),
            Some(at) => at,
            None if again > now.mono_ms => again.min(now.mono_ms + ROUND_LONGEST),
            None => now.mono_ms + super::policy::APART,
        }
    }

    /// Unresolved and watching: 3 s growing to 60 s for an hour, then every 5 minutes (FATE 15).
    fn next_slow_round(&mut self, now: &Now) -> i64 {
        let interval = self.run.interval;
        let first_hour = now.mono_ms - self.run.rounds_since < ROUND_FIRST_HOUR;
        self.run.interval = match first_hour {
            true => (interval + interval / 2).min(ROUND_LONGEST),
            false => ROUND_LATER,
        };
        now.mono_ms + interval
    }

    /// Moments at which a proof can become complete, and which no interval may jump over.
    fn milestones(&self, now: &Now, policy: &Policy) -> impl Iterator<Item = i64> {
        let guard = self.run.sent_mono + policy.guard + DATE_GRAIN;
        let marks = self.run.marks;
        let unspent = self.bill.reverts.and_then(|r| r.unspent);
        let spent = unspent.map(|_| marks.unspent + policy.guard + DATE_GRAIN);
        let reverts = self.bill.reverts;
        let wait = reverts.map(|_| marks.first_revert + policy.witness_wait);
        // FATE 10's reads after a claim, however slow the rounds have become.
        let claim = reverts.filter(|r| r.answer == RevertAnswer::Claimed);
        let reads = claim.map(|_| VERIFY_AT.map(|d| marks.last_revert + d));
        let left = expiry_ms(&self.bill, now, policy).saturating_sub(now.gateway_ms());
        let expiry = now.mono_ms.saturating_add(left).saturating_add(DATE_GRAIN);
        let after_claim = self
            .bill
            .reverts
            .filter(|r| r.claimed)
            .map(|_| self.run.revert_at)
            .filter(|at| *at < now.mono_ms + ROUND_LONGEST);
        let later = matches!(
            self.bill.state,
            State::Closing | State::Watching | State::Unresolved
        );
        AFTER_GUARD
            .iter()
            .map(move |d| guard + d)
            .chain(
                spent
                    .into_iter()
                    .flat_map(|s| [s, s + super::policy::APART + GRACE]),
            )
            .chain(wait)
            .chain(reads.into_iter().flatten())
            .chain(after_claim)
            .chain([
                expiry,
                expiry.saturating_add(EXPIRED_APART).saturating_add(GRACE),
            ])
            .filter(move |at| later && *at > now.mono_ms)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// When this bill wants a tick: its next round, or its next change of state by time alone.
    fn wake(&self, policy: &Policy) -> Vec<Action> {
        let mut at = match self.run.asking {
            Some(_) => i64::MAX,
            None => self.run.round_at,
        };
        if let Some(change) = self.next_change(policy) {
            at = at.min(change);
        }
        if at == i64::MAX {
            Vec::new()
        } else {
            vec![Action::WakeAt(at)]
        }
    }

    /// The next change of state that time alone makes, monotonic ms.
    pub(super) fn next_change(&self, policy: &Policy) -> Option<i64> {
        match self.bill.state {
            State::Sent | State::Awaiting => Some(self.run.sent_mono + policy.deadline(&self.bill)),
            State::Closing => Some(self.unresolved_at(policy)),
            _ => None,
        }
    }

    /// FATE 15: when closing becomes unresolved, monotonic ms.
    pub(super) fn unresolved_at(&self, policy: &Policy) -> i64 {
        let closing = self.run.marks.closing + CLOSING_LIMIT;
        let guard = self.run.sent_mono + policy.guard + CLOSING_AFTER_GUARD;
        closing.max(guard)
    }

    /// Changes of state by time alone. Gives what happened, where anything did.
    pub(super) fn pass_time(&mut self, now: &Now, policy: &Policy) -> Option<Happened> {
        let due = self.next_change(policy).is_some_and(|at| now.mono_ms >= at);
        if !due {
            return None;
        }
        match self.bill.state {
            State::Sent | State::Awaiting => {
                let why = match self.bill.channel.is_qr() && !self.bill.qr.was_shown() {
                    true => crate::domain::bill::CloseReason::Unshowable,
                    false => crate::domain::bill::CloseReason::Deadline,
                };
                Some(self.begin_closing(why, now))
            }
            State::Closing => {
                self.become_unresolved(now);
                Some(Happened::BecameUnresolved)
            }
            _ => None,
        }
    }

    pub(super) fn become_unresolved(&mut self, now: &Now) {
        self.bill.state = State::Unresolved;
        self.run.rounds_since = now.mono_ms;
        self.run.interval = super::policy::ROUND_FIRST;
        if self.run.asking.is_none() && self.run.queue.is_empty() {
            self.run.round_at = self
                .run
                .round_at
                .min(now.mono_ms + super::policy::ROUND_FIRST);
        }
    }

    /// A manager only waits for the row; every other round begins with status.
    fn wants_status(&self) -> bool {
        let row_check = self
            .bill
            .look
            .is_some_and(|l| l.look_for == crate::domain::bill::LookFor::PaidRow);
        self.run.settle.is_none() && !row_check
    }

    /// An unanswered bill of FATE 12 has its two empty rows: a status right now can end it.
    pub(super) fn lacks_only_status(&self) -> bool {
        matches!(
            self.bill.pay,
            PayAnswer::Lost { .. } | PayAnswer::Final { .. }
        ) && !self.bill.row_seen
            && self.bill.has_status()
            && super::proof::empty_twice(self).is_some()
    }
}
