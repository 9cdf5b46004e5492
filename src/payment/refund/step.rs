//! One event, one step.

use super::case::{Action, Event, RefundCase};
use crate::domain::gateway::Lost;
use crate::domain::refund::{
    RefundAnswer, RefundHappened, RefundProof, RefundSettled, RefundState,
};
use crate::domain::{Now, Refund};
use crate::payment::Policy;
use crate::payment::policy::ROUND_LONGEST;

/// What an event did, for the story.
pub(super) struct Said {
    pub what: RefundHappened,
    pub detail: Option<String>,
}

impl From<RefundHappened> for Said {
    fn from(what: RefundHappened) -> Self {
        Said { what, detail: None }
    }
}

/// Takes one event. `can_send`: master_secret is open and this refund may be signed. The actions
/// are executed in order; a `Record` comes before anything that rests on it.
pub fn step(
    mut case: RefundCase,
    event: Event,
    can_send: bool,
    now: &Now,
    policy: &Policy,
) -> (RefundCase, Vec<Action>) {
    let before = case.refund.clone();
    let round_was_open = case.run.round_is_open();
    case.run.can_send = can_send;
    case.run.on_its_day = case.is_on_its_day(now);
    let mut said = case.take(event, now, policy);
    case.pass_time(now, &mut said);
    if round_was_open && !case.run.round_is_open() {
        case.close_round(now);
    }
    let requests = case.plan(now);
    let actions = case.record_and(&before, said, requests, now);
    (case, actions)
}

impl RefundCase {
    /// The first actions of a new refund.
    pub(super) fn begin(&mut self, what: RefundHappened, now: &Now) -> Vec<Action> {
        // I5: a till that dies here leaves a refund that says when it is looked at.
        self.refund.next_ms = self.next_step_ms(now);
        let mut actions = vec![self.record(what.into())];
        actions.extend(self.take_send());
        actions.extend(self.plan(now));
        actions
    }

    fn take(&mut self, event: Event, now: &Now, policy: &Policy) -> Said {
        match event {
            // The gateway knows nothing of it: whatever comes is about something else.
            Event::Answered { .. }
            | Event::LookedUp { .. }
            | Event::StatusAnswered { .. }
            | Event::BillRead { .. }
                if self.waits_here() =>
            {
                RefundHappened::RefundLookedUp.into()
            }
            Event::Answered { answer, next_host } => self.answered(answer, next_host, now, policy),
            Event::LookedUp { by, answer } => self.looked_up(by, answer, now),
            Event::StatusAnswered { answer } => self.status_answered(&answer.outcome, now),
            Event::BillRead { answer } => self.bill_read(&answer.outcome, now).into(),
            Event::Tick => RefundHappened::RefundLookedUp.into(),
            Event::Hinted => self.hinted(now, policy),
            Event::Restarted => self.restarted(now, policy),
            Event::Settled { by, reason } => self.settled(by, reason, now),
            Event::Decided(decision) => self.decided(*decision, now),
            Event::Renewed { by } => self.renewed(&by, now),
        }
    }

    fn hinted(&mut self, now: &Now, policy: &Policy) -> Said {
        if self.refund.state.is_terminal() {
            self.look_now(now);
        } else if !self.run.sending && !self.waits_here() {
            self.run.hinted = true;
            self.start_rounds(0, now, policy);
        }
        RefundHappened::RefundLookedUp.into()
    }

    fn restarted(&mut self, now: &Now, policy: &Policy) -> Said {
        if self.refund.state.is_terminal() {
            self.resume_looking(now);
            return RefundHappened::RefundRestarted.into();
        }
        if self.waits_here() {
            return RefundHappened::RefundRestarted.into();
        }
        if self.refund.answer == RefundAnswer::Pending {
            // Recorded, and perhaps sent: nothing else is assumed.
            let why = Lost::Restarted;
            self.refund.answer = RefundAnswer::Lost { why };
            self.refund.lost = true;
        }
        self.run.absent.send_over(self.last_send_over(now));
        self.start_rounds(0, now, policy);
        RefundHappened::RefundRestarted.into()
    }

    fn settled(&mut self, by: String, reason: String, now: &Now) -> Said {
        let detail = Some(format!("{by}: {reason}"));
        let wanted = self.refund.incident.is_some() || self.refund.is_unheard();
        if wanted && self.refund.settled.is_none() {
            let at_ms = now.wall_ms;
            self.refund.settled = Some(RefundSettled { by, reason, at_ms });
        }
        Said {
            what: RefundHappened::RefundSettled,
            detail,
        }
    }

    /// I5: a minute without any word about it is said.
    fn pass_time(&mut self, now: &Now, said: &mut Said) {
        if self.next_change().is_some_and(|at| now.mono_ms >= at) {
            self.refund.state = RefundState::Unresolved;
            if !self.run.send {
                said.what = RefundHappened::RefundBecameUnresolved;
            }
        }
    }

    pub(super) fn end(
        &mut self,
        state: RefundState,
        proof: RefundProof,
        now: &Now,
    ) -> RefundHappened {
        self.refund.state = state;
        self.refund.proof = Some(proof);
        self.refund.ended_ms = Some(now.wall_ms);
        self.run.ended = now.mono_ms;
        self.start_looking(now);
        match state {
            RefundState::Succeeded => RefundHappened::RefundSucceeded,
            RefundState::Failed => RefundHappened::RefundFailed,
            RefundState::Refused => RefundHappened::RefundRefused,
            RefundState::Denied => RefundHappened::RefundDenied,
            _ => RefundHappened::RefundNotSent,
        }
    }

    /// Everything that changed is recorded first; then the send and the questions; then people are
    /// told.
    fn record_and(
        &mut self,
        before: &Refund,
        mut said: Said,
        requests: Vec<Action>,
        now: &Now,
    ) -> Vec<Action> {
        let same_state = self.refund.state == before.state;
        let contradicted =
            self.refund.incident.is_some() && self.refund.incident != before.incident;
        if contradicted && same_state && !self.run.send {
            said.what = RefundHappened::RefundIncidentFound;
        }
        let next = self.next_step_ms(now);
        let waits = next.is_some() && !self.is_asking() && next != before.next_ms;
        let slow_step = waits && self.run.interval >= ROUND_LONGEST;
        let mut actions = Vec::new();
        if self.refund != *before || slow_step {
            self.refund.next_ms = next;
            actions.push(self.record(said));
        }
        actions.extend(self.take_send());
        actions.extend(requests);
        let told = self.refund.state.is_terminal() || self.refund.state == RefundState::Unresolved;
        if contradicted || (!same_state && told) {
            actions.push(Action::Announce);
        }
        actions
    }

    fn record(&self, said: Said) -> Action {
        Action::Record {
            what: said.what,
            detail: said.detail,
            refund: Box::new(self.refund.clone()),
        }
    }

    fn take_send(&mut self) -> Option<Action> {
        let send = std::mem::take(&mut self.run.send);
        send.then(|| Action::Send {
            host: self.refund.host.clone(),
        })
    }
}
