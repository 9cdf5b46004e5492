//! One event, one step.

use super::case::{Action, Case, Event};
use super::facts::{Fact, Kind};
use super::policy::{CLAIM_BESIDE_PAID, Policy};
use super::proof::verdict;
use crate::domain::bill::{Happened, IncidentKind, Proof, Qr};
use crate::domain::{Bill, Now, State};

/// What an event did, for the story.
pub(super) struct Said {
    pub what: Happened,
    pub detail: Option<String>,
}

impl From<Happened> for Said {
    fn from(what: Happened) -> Self {
        Said { what, detail: None }
    }
}

/// Takes one event. The actions are executed in order; a `Record` comes before anything that
/// rests on it.
pub fn step(mut case: Case, event: Event, now: &Now, policy: &Policy) -> (Case, Vec<Action>) {
    let before = case.bill.clone();
    let round_was_open = case.run.asking.is_some() || !case.run.queue.is_empty();
    let mut said = case.take(event, now, policy);
    case.judge(now, policy, &mut said);
    if !case.bill.state.is_terminal()
        && let Some(what) = case.pass_time(now, policy)
    {
        said = what.into();
    }
    let round_over = round_was_open && case.run.asking.is_none() && case.run.queue.is_empty();
    if round_over {
        case.close_round(now, policy);
    }
    let requests = case.plan(now, policy);
    let actions = case.record_and(before, said, requests, now, policy);
    (case, actions)
}

impl Case {
    fn take(&mut self, event: Event, now: &Now, policy: &Policy) -> Said {
        match event {
            Event::PayAnswered { answer, next_host } => {
                self.pay_answered(answer, next_host, now, policy)
            }
            Event::StatusAnswered { answer, pay_host } => {
                self.status_answered(answer, pay_host, now, policy)
            }
            Event::RowRead { answer, pay_host } => self.row_read(answer, pay_host, now, policy),
            Event::RevertAnswered { answer } => self.revert_event(&answer, now, policy),
            Event::Tick => Happened::Asked.into(),
            Event::CancelAsked => self.cancel(now),
            Event::QrShown => self.qr_shown(now, policy),
            Event::QrUnshowable => self.qr_unshowable(now),
            Event::QrShownAgain => self.qr_shown_again(now, policy),
            Event::Hinted => self.hinted(now),
            Event::Restarted => self.restarted(now, policy),
            Event::HandedOver => {
                self.bill.handed_over |= self.bill.state == State::Paid;
                Happened::HandedOver.into()
            }
            Event::Released { by, reason } => self.released(by, reason, now),
            Event::OtherPaid { other } => {
                if self.bill.state == State::Paid {
                    self.open_incident(IncidentKind::PaidTwice { other }, now);
                }
                Happened::IncidentFound.into()
            }
            Event::Refunded { fee, by, reason } => self.refunded(fee, by, reason, now),
            Event::IncidentSettled { how, by, reason } => {
                self.incident_settled(how, by, reason, now)
            }
            Event::SettleAsked { by, reason } => {
                // Without a revert there is nothing a manager could settle: the rules end it.
                if !self.bill.state.is_terminal() && self.bill.reverts.is_some() {
                    self.run.settle = Some((by, reason));
                    self.hinted(now);
                }
                Happened::Asked.into()
            }
        }
    }

    /// Ends the bill if the facts allow it; FATE 11's contradicted claim becomes unresolved.
    fn judge(&mut self, now: &Now, policy: &Policy, said: &mut Said) {
        if self.bill.state.is_terminal() {
            return;
        }
        if let Some(v) = verdict(self, now, policy) {
            *said = self.end(v.state, v.proof, v.returned, now, policy).into();
            return;
        }
        let claimed = self.bill.reverts.is_some_and(|r| r.claimed);
        let contradicted = match self.bill.state {
            State::Closing => self.claim_beside_paid(),
            // It is not waiting for expiry any more: it was paid, and perhaps given back.
            State::Watching => claimed && self.bill.paid_seen,
            _ => false,
        };
        if contradicted {
            self.become_unresolved(now);
            *said = Happened::BecameUnresolved.into();
        }
        let unwitnessed_bc = self.bill.channel.is_bc()
            && self.bill.state == State::Closing
            && claimed
            && !self.bill.paid_seen
            && super::proof::witness_wait_over(self, now, policy);
        if unwitnessed_bc {
            self.bill.state = State::Watching;
            self.run.rounds_since = now.mono_ms;
            *said = Happened::Watched.into();
        }
    }

    /// FATE 11: a counting claim whose row stays paid and unreverted for 30 s.
    fn claim_beside_paid(&self) -> bool {
        let Some((_, later)) = self.run.facts.after_first(|f| f.kind == Kind::Claim) else {
            return false;
        };
        let paid = |f: &&Fact| matches!(f.kind, Kind::RowPaid | Kind::RowPaidMute);
        let first = later.iter().find(paid);
        let last = later.iter().rev().find(|f| f.kind.is_row());
        matches!((first, last), (Some(a), Some(b))
            if paid(&b) && b.at - a.at >= CLAIM_BESIDE_PAID)
    }

    pub(super) fn end(
        &mut self,
        state: State,
        proof: Proof,
        returned: bool,
        now: &Now,
        policy: &Policy,
    ) -> Happened {
        let after_closing = matches!(self.bill.state, State::Watching | State::Unresolved);
        self.bill.late =
            state == State::Paid && (!self.run.on_stage || self.run.recovered || after_closing);
        self.bill.state = state;
        self.bill.proof = Some(proof);
        self.bill.returned = returned;
        self.bill.ended_ms = Some(now.wall_ms);
        self.run.marks.ended = now.mono_ms;
        self.bill.look = self.look_after(now, policy);
        self.run.settle = None;
        self.start_looking(now);
        match state {
            State::Paid => Happened::Paid,
            State::Refused => Happened::Refused,
            State::NotSent => Happened::NotSent,
            State::Expired => Happened::Expired,
            _ => Happened::Reverted,
        }
    }

    fn close_round(&mut self, now: &Now, policy: &Policy) {
        if self.bill.state.is_terminal() {
            self.finish_look(now);
            self.schedule_look(now);
        } else {
            self.end_round(now, policy);
        }
    }

    /// Everything that changed is recorded first; then requests; then people are told.
    fn record_and(
        &mut self,
        before: Bill,
        said: Said,
        requests: Vec<Action>,
        now: &Now,
        policy: &Policy,
    ) -> Vec<Action> {
        let mut said = said;
        let sends_revert = requests
            .iter()
            .any(|a| matches!(a, Action::SendRevert { .. }));
        if sends_revert {
            said.what = Happened::RevertSent;
        } else if self.bill.incident != before.incident && self.bill.state == before.state {
            said.what = Happened::IncidentFound;
        } else if self.bill.look != before.look && self.bill.state == before.state {
            said.what = Happened::LookedAt;
        } else if self.bill.guard_over != before.guard_over && self.only_guard_changed(&before) {
            said.what = Happened::GuardOver;
        }
        let next = self.next_step_ms(now, policy);
        let slow_step = self.run.interval >= super::policy::ROUND_LONGEST
            && next.is_some()
            && self.run.asking.is_none()
            && next != before.next_ms;
        let mut actions = Vec::new();
        if self.bill != before || slow_step {
            self.bill.next_ms = next;
            actions.push(Action::Record {
                what: said.what,
                detail: said.detail,
                bill: Box::new(self.bill.clone()),
            });
        }
        if self.run.paying && self.bill.host != before.host {
            actions.push(Action::SendPay {
                host: self.bill.host.clone(),
            });
        }
        if let (Qr::None, Qr::Ready { code_url }) = (&before.qr, &self.bill.qr) {
            actions.push(Action::ShowQr {
                code_url: code_url.clone(),
            });
        }
        actions.extend(requests);
        if announces(&before, &self.bill) {
            actions.push(Action::Announce);
        }
        actions
    }

    fn only_guard_changed(&self, before: &Bill) -> bool {
        let mut same = before.clone();
        same.guard_over = self.bill.guard_over;
        same == self.bill
    }

    /// The next automatic step by the wall clock: the look, the round, or what time alone changes.
    pub(super) fn next_step_ms(&self, now: &Now, policy: &Policy) -> Option<i64> {
        if self.bill.state.is_terminal() {
            return self.bill.look.map(|l| l.due_ms);
        }
        let at = self.next_round(policy)?;
        Some(now.wall_ms + (at - now.mono_ms).max(0))
    }
}

/// People are told when a bill ends, becomes unknown or is watched, or contradicts itself.
fn announces(before: &Bill, after: &Bill) -> bool {
    let ended = after.state != before.state
        && (after.state.is_terminal()
            || matches!(after.state, State::Unresolved | State::Watching));
    ended || (after.incident.is_some() && after.incident != before.incident)
}
