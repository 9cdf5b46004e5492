//! Closing: when a revert may be sent (FATE 7–9) and what its answer means.

use super::case::{Ask, Case};
use super::facts::{Fact, Kind};
use super::policy::{APART, DENIED_AGAIN, DENIED_TRIES, Policy, ROUND_LATER, ROUND_LONGEST};
use super::proof::witness_wait_over;
use crate::domain::bill::{
    Alarm, CloseReason, Closing, Happened, PayAnswer, Qr, RevertAnswer, Reverts,
};
use crate::domain::gateway::RevertOutcome;
use crate::domain::{Now, State};

impl Case {
    /// Following ends: closing where a revert may be tried, watching where it may not (FATE 14).
    pub(super) fn begin_closing(&mut self, why: CloseReason, now: &Now) -> Happened {
        self.bill.closing = Some(Closing {
            began: now.stamp(),
            why,
        });
        self.take_off_the_screen(now);
        self.run.marks.closing = now.mono_ms;
        self.run.round_at = now.mono_ms;
        self.run.rounds_since = now.mono_ms;
        self.run.interval = super::policy::ROUND_FIRST;
        self.run.queue.clear();
        if self.bill.is_revertible() {
            self.bill.state = State::Closing;
            Happened::ClosingBegan
        } else {
            self.bill.state = State::Watching;
            Happened::Watched
        }
    }

    /// The code leaves the screen: it was shown until now, or never will be (FATE 17).
    fn take_off_the_screen(&mut self, now: &Now) {
        // A wall clock that was set back while no answer told the gateway's must not make the code
        // look older than it is: expiry counts from here (FATE 14).
        let since_sent = now.mono_ms.saturating_sub(self.run.sent_mono);
        let by_mono = self.bill.sent.gateway_ms(now).saturating_add(since_sent);
        let moment = now.gateway_ms().max(by_mono);
        match &mut self.bill.qr {
            Qr::Shown { until_ms, .. } => *until_ms = (*until_ms).min(moment),
            qr @ (Qr::None | Qr::Ready { .. }) if self.bill.channel.is_qr() => *qr = Qr::Unshown,
            _ => {}
        }
    }

    /// A revert would be right now: FATE 7's latest-fact rule holds, and 8 to 10 want one.
    pub(super) fn wants_revert(&self, now: &Now, policy: &Policy) -> bool {
        let bill = &self.bill;
        let following = !matches!(bill.state, State::Closing | State::Unresolved);
        let negative = self
            .run
            .facts
            .latest_typed()
            // An empty row denies nothing once something said paid: it may only lag (FATE 7).
            .is_some_and(|f| {
                let weak = bill.paid_seen && f.kind == Kind::RowEmpty;
                f.kind.is_negative() && !weak
            });
        let reverted = self.run.facts.latest_row() == Some(Kind::RowReverted);
        if following || !bill.is_revertible() || !negative || reverted {
            return false;
        }
        let is_final = matches!(bill.pay, PayAnswer::Final { .. });
        if !is_final && self.age_ms(now) < policy.earliest_revert {
            return false;
        }
        let Some(reverts) = bill.reverts else {
            return true;
        };
        if reverts.void {
            return true;
        }
        match reverts.answer {
            RevertAnswer::Unanswered | RevertAnswer::Denied => now.mono_ms >= self.run.revert_at,
            RevertAnswer::Claimed if reverts.counts => self.wants_second_claim(now, policy),
            // A claim about a bill that nobody has seen is not repeated: FATE 12 ends it.
            RevertAnswer::Claimed => false,
        }
    }

    /// How long ago it was sent. A process that took the bill up from the file measured that by a
    /// wall clock that may have been wrong: where gateway time is known by now, it must agree.
    fn age_ms(&self, now: &Now) -> i64 {
        let mono = now.mono_ms - self.run.sent_mono;
        if !self.run.recovered || now.offset_ms.is_none() {
            return mono;
        }
        let gateway = now.gateway_ms();
        mono.min(gateway.saturating_sub(self.bill.sent.gateway_ms(now)))
    }

    /// FATE 10 without a witness: a second claim, 10 s after the first and after guard end.
    fn wants_second_claim(&self, now: &Now, policy: &Policy) -> bool {
        let since_last = self
            .run
            .facts
            .iter()
            .rev()
            .find(|f| f.kind == Kind::Claim)
            .is_none_or(|f| now.mono_ms - f.at >= APART);
        witness_wait_over(self, now, policy)
            && !self.bill.channel.is_bc()
            && !self.bill.paid_seen
            && since_last
            && now.mono_ms >= self.run.revert_at
    }

    /// Records a revert that is about to be sent (FATE 7: recorded before it is sent).
    pub(super) fn note_revert_sent(&mut self, now: &Now) {
        let counts = self.bill.is_answered() || self.bill.row_seen;
        let before = self.bill.reverts;
        let marks = &mut self.run.marks;
        self.run.unspent_before = before.and_then(|r| r.unspent).map(|s| (s, marks.unspent));
        if before.is_none() {
            marks.first_revert = now.mono_ms;
        }
        marks.last_revert = now.mono_ms;
        marks.unspent = now.mono_ms;
        self.bill.reverts = Some(Reverts {
            count: before.map_or(1, |r| r.count.saturating_add(1)),
            first: before.map_or(now.stamp(), |r| r.first),
            last: now.stamp(),
            counts,
            void: false,
            answer: RevertAnswer::Unanswered,
            claimed: before.is_some_and(|r| r.claimed),
            unspent: Some(now.stamp()),
        });
    }

    /// A pay answer or a row appeared: reverts that were sent before it prove nothing (FATE 8).
    pub(super) fn came_into_being(&mut self) {
        if let Some(reverts) = &mut self.bill.reverts
            && !reverts.counts
            && !reverts.void
        {
            reverts.void = true;
            reverts.unspent = Some(reverts.last);
            self.run.marks.unspent = self.run.marks.last_revert;
            self.run.facts.void_claims();
            self.run.revert_at = i64::MIN;
            // Status, then revert again; not when the next round happens to come.
            if self.bill.has_status() && !self.run.queue.contains(&Ask::Status) {
                self.run.queue.push_back(Ask::Status);
            }
        }
    }

    /// What a revert was answered with (FATE 9). Gives the story's detail.
    pub(super) fn revert_answered(
        &mut self,
        outcome: &RevertOutcome,
        now: &Now,
        fact: impl Fn(Kind) -> Fact,
    ) -> Option<String> {
        let mut reverts = self.bill.reverts?;
        let mut detail = None;
        let typed = match outcome {
            RevertOutcome::Claimed => RevertAnswer::Claimed,
            RevertOutcome::NotDone | RevertOutcome::NoSuchBill => RevertAnswer::Denied,
            RevertOutcome::ChannelRefused if !self.run.revert_plain => {
                // Once more, without channel.
                self.run.revert_plain = true;
                self.run.revert_at = i64::MIN;
                RevertAnswer::Denied
            }
            RevertOutcome::ChannelRefused => {
                self.bill.not_revertible = true;
                RevertAnswer::Denied
            }
            RevertOutcome::NotRevertible { code, detail: text } => {
                self.bill.not_revertible = true;
                self.bill.alarm = Some(Alarm {
                    code: *code,
                    detail: text.clone(),
                });
                detail = Some(format!("{code} {text}"));
                RevertAnswer::Denied
            }
            RevertOutcome::ClockOrKey
            | RevertOutcome::AlreadyRefunding
            | RevertOutcome::NoAnswer(_) => RevertAnswer::Unanswered,
        };
        let is_first_channel_refusal =
            matches!(outcome, RevertOutcome::ChannelRefused) && !self.bill.not_revertible;
        if !matches!(outcome, RevertOutcome::NoAnswer(_)) {
            self.run.facts.push(fact(Kind::RevertTyped));
        }
        reverts.answer = typed;
        if typed != RevertAnswer::Unanswered && !reverts.void {
            reverts.unspent = self.run.unspent_before.map(|(stamp, _)| stamp);
            if let Some((_, mark)) = self.run.unspent_before {
                self.run.marks.unspent = mark;
            }
        }
        if typed == RevertAnswer::Claimed && reverts.counts && !reverts.void {
            reverts.claimed = true;
            self.run.facts.push(fact(Kind::Claim));
        }
        self.bill.reverts = Some(reverts);
        self.back_off(typed, is_first_channel_refusal, now);
        if self.bill.not_revertible && !self.bill.state.is_terminal() {
            self.bill.state = State::Watching;
            self.run.rounds_since = now.mono_ms;
        }
        detail
    }

    /// When the next revert may go: after 3 s three times, then ever later (FATE 9).
    fn back_off(&mut self, answer: RevertAnswer, at_once: bool, now: &Now) {
        if answer == RevertAnswer::Claimed {
            self.run.revert_tries = 0;
            self.run.revert_at = now.mono_ms + APART;
            return;
        }
        if at_once {
            self.run.revert_at = now.mono_ms;
            return;
        }
        self.run.revert_tries = self.run.revert_tries.saturating_add(1);
        let over = self.run.revert_tries.saturating_sub(DENIED_TRIES).min(6);
        let longest = match self.bill.state {
            State::Unresolved => ROUND_LATER,
            _ => ROUND_LONGEST,
        };
        let wait = (DENIED_AGAIN << over).min(longest);
        self.run.revert_at = now.mono_ms + wait;
    }

    /// Whether this negative fact is one a revert may rest on: a status, or a row where status
    /// gave none in this round (FATE 7).
    pub(super) fn may_revert_on(&self, ask: Ask) -> bool {
        match ask {
            Ask::Status => true,
            Ask::Row => self
                .run
                .facts
                .iter()
                .rev()
                .find(|f| {
                    matches!(
                        f.kind,
                        Kind::StatusNot | Kind::StatusPaid | Kind::StatusSilent
                    )
                })
                .is_none_or(|f| f.kind == Kind::StatusSilent),
            Ask::Revert => false,
        }
    }
}
