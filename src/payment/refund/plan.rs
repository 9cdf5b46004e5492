//! When the gateway is asked next, and what. One question of a refund is under way at a time; while
//! a send is, none is asked, unless it hangs longer than a request may.

use super::case::{Action, Ask, LookBy, RefundCase};
use crate::domain::Now;
use crate::domain::refund::{RefundChannel, RefundState};
use crate::payment::Policy;
use crate::payment::policy::{ROUND_FIRST_HOUR, ROUND_LATER, ROUND_LONGEST};

/// PROTOCOL: time and transport: a whole request takes so long at most, ms.
pub(super) const REQUEST_LIMIT: i64 = 30_000;
/// A send is over by then; asking begins even so, ms.
pub(super) const BESIDE_SEND: i64 = 45_000;
/// I5: without any word about it, a refund is unresolved so long after its first send, ms.
pub(super) const UNRESOLVED_AFTER: i64 = 60_000;

impl RefundCase {
    /// Starts the next question, or says when to come back.
    pub(super) fn plan(&mut self, now: &Now) -> Vec<Action> {
        let over = self.refund.state.is_terminal() && self.refund.look_ms.is_none();
        if over || self.waits_here() {
            self.run.round_at = i64::MAX;
            self.run.queue.clear();
            return Vec::new();
        }
        if self.run.asking.is_some() {
            return self.wake();
        }
        if self.run.queue.is_empty() && now.mono_ms >= self.run.round_at {
            self.begin_round();
        }
        let asked = self.run.queue.pop_front().map(|ask| self.ask(ask, now));
        asked.into_iter().chain(self.wake()).collect()
    }

    fn begin_round(&mut self) {
        let by_number = Ask::LookUp(LookBy::RefundNo);
        let wx = self.refund.channel == RefundChannel::Wx;
        let open = !self.refund.state.is_terminal() && self.status_tells();
        let by_status = wx && self.refund.seen && open;
        self.run.absent.begin_round();
        // The rows of WX are only compared (I9): its status decides.
        if !by_status || !self.run.matched {
            self.run.queue.push_back(by_number);
        }
        if by_status {
            self.run.queue.push_back(Ask::Status);
        }
    }

    fn ask(&mut self, ask: Ask, now: &Now) -> Action {
        self.run.asking = Some(ask);
        self.run.asked_at = now.mono_ms;
        match ask {
            Ask::LookUp(by) => Action::LookUp { by },
            Ask::Status => Action::AskStatus,
            Ask::Bill => Action::ReadBill,
        }
    }

    /// A send leaves with this step: what was seen before it proves nothing any more.
    pub(super) fn begin_send(&mut self, now: &Now) {
        (self.run.sending, self.run.send) = (true, true);
        self.run.absent.forget();
        self.run.queue.clear();
        self.run.hinted = false;
        self.run.round_at = now.mono_ms.saturating_add(BESIDE_SEND);
    }

    /// Rounds begin anew, the first after so many ms.
    pub(super) fn start_rounds(&mut self, first: i64, now: &Now, policy: &Policy) {
        self.run.interval = policy.status_interval;
        self.run.rounds_since = now.mono_ms;
        if !self.run.round_is_open() {
            self.run.round_at = now.mono_ms.saturating_add(first);
        }
    }

    /// The round is over: when does the next one begin? From 3 s growing to 60 s for an hour, then
    /// every 5 minutes, for as long as it takes.
    pub(super) fn close_round(&mut self, now: &Now) {
        self.run.hinted = false;
        if self.refund.state.is_terminal() {
            return self.finish_look(now);
        }
        if self.run.sending {
            if self.run.round_at <= now.mono_ms {
                self.run.round_at = now.mono_ms.saturating_add(ROUND_LONGEST);
            }
            return;
        }
        let interval = self.run.interval;
        let first_hour = now.mono_ms.saturating_sub(self.run.rounds_since) < ROUND_FIRST_HOUR;
        self.run.interval = match first_hour {
            true => (interval + interval / 2).min(ROUND_LONGEST),
            false => ROUND_LATER,
        };
        self.run.round_at = now.mono_ms.saturating_add(interval);
    }

    /// When time alone calls it unresolved, monotonic ms.
    pub(super) fn next_change(&self) -> Option<i64> {
        let waits = self.refund.state == RefundState::Sent;
        waits.then(|| self.run.sent_mono.saturating_add(UNRESOLVED_AFTER))
    }

    /// The next step by itself, monotonic ms.
    pub(super) fn next_at(&self) -> Option<i64> {
        let over = self.refund.state.is_terminal() && self.refund.look_ms.is_none();
        if over || self.waits_here() {
            return None;
        }
        let round = (self.run.round_at != i64::MAX).then_some(self.run.round_at);
        round.into_iter().chain(self.next_change()).min()
    }

    fn wake(&self) -> Vec<Action> {
        let round = self.run.asking.is_none().then_some(self.run.round_at);
        let round = round.filter(|at| *at != i64::MAX);
        let at = round.into_iter().chain(self.next_change()).min();
        at.map(Action::WakeAt).into_iter().collect()
    }
}
