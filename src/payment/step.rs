//! One event, one step.

use super::case::{Action, Ask, Case, Event};
use super::facts::{Fact, Kind};
use super::policy::{CLAIM_BESIDE_PAID, Policy, SHOW_AGAIN};
use super::proof::{guard_ended, verdict};
use crate::domain::bill::{
    CloseReason, Happened, IncidentKind, Look, LookFor, PayAnswer, Proof, Qr, Release, RevertAnswer,
};
use crate::domain::gateway::{
    Answer, Host, Lost, PayHost, PayOutcome, RevertOutcome, Row, RowOutcome, StatusOutcome,
};
use crate::domain::{Bill, Channel, Now, State};

/// What an event did, for the story.
struct Said {
    what: Happened,
    detail: Option<String>,
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
    let actions = case.record_and(before, said, requests, now);
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
                self.open_incident(IncidentKind::PaidTwice { other }, now);
                Happened::IncidentFound.into()
            }
            Event::SettleAsked { by, reason } => {
                if !self.bill.state.is_terminal() {
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
        let contradicted = self.bill.state == State::Closing && self.claim_beside_paid();
        if contradicted {
            self.become_unresolved(now);
            *said = Happened::BecameUnresolved.into();
        }
        let unwitnessed_bc = self.bill.channel.is_bc()
            && self.bill.state == State::Closing
            && self.bill.reverts.is_some_and(|r| r.claimed)
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
        let first = later.iter().find(|f| f.kind == Kind::RowPaid);
        let last = later.iter().rev().find(|f| f.kind.is_row());
        matches!((first, last), (Some(a), Some(b))
            if b.kind == Kind::RowPaid && b.at - a.at >= CLAIM_BESIDE_PAID)
    }

    fn end(
        &mut self,
        state: State,
        proof: Proof,
        returned: bool,
        now: &Now,
        policy: &Policy,
    ) -> Happened {
        let slow = matches!(
            self.bill.state,
            State::Closing | State::Watching | State::Unresolved
        );
        self.bill.late = state == State::Paid
            && (!self.run.on_stage
                || self.run.recovered
                || (slow && self.bill.state != State::Closing));
        self.bill.state = state;
        self.bill.proof = Some(proof);
        self.bill.returned = returned;
        self.bill.ended_ms = Some(now.wall_ms);
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
    ) -> Vec<Action> {
        let mut said = said;
        let sends_revert = requests
            .iter()
            .any(|a| matches!(a, Action::SendRevert { .. }));
        if sends_revert {
            said.what = Happened::RevertSent;
        } else if self.bill.incident != before.incident {
            said.what = Happened::IncidentFound;
        } else if self.bill.look != before.look && self.bill.state == before.state {
            said.what = Happened::LookedAt;
        } else if self.bill.guard_over != before.guard_over && self.only_guard_changed(&before) {
            said.what = Happened::GuardOver;
        }
        let next = self.next_step_ms(now);
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

    /// The next automatic step by the wall clock: the look, or the round.
    fn next_step_ms(&self, now: &Now) -> Option<i64> {
        if self.bill.state.is_terminal() {
            return self.bill.look.map(|l| l.due_ms);
        }
        match self.run.round_at {
            i64::MAX => None,
            at => Some(now.wall_ms + (at - now.mono_ms).max(0)),
        }
    }
}

/// People are told when a bill ends, becomes unknown or is watched, or contradicts itself.
fn announces(before: &Bill, after: &Bill) -> bool {
    let ended = after.state != before.state
        && (after.state.is_terminal()
            || matches!(after.state, State::Unresolved | State::Watching));
    ended || (after.incident.is_some() && after.incident != before.incident)
}

// The answers, one method each.
impl Case {
    fn pay_answered(
        &mut self,
        answer: Answer<PayOutcome>,
        next_host: Option<Host>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        if !self.run.paying {
            return self.late_pay_answer(&answer, now);
        }
        self.run.paying = false;
        self.dated(answer.date_ms, now, policy);
        if self.bill.state.is_terminal() {
            return self.late_pay_answer(&answer, now);
        }
        let untouched = !self.bill.paid_seen && !self.bill.row_seen && self.bill.reverts.is_none();
        match answer.outcome {
            PayOutcome::Paid { channel_type } => {
                self.accepted(channel_type, now, policy);
                self.paid_fact(Kind::StatusPaid, Proof::Pay, answer.date_ms, now, policy)
            }
            PayOutcome::Waiting { channel_type } => self.accepted(channel_type, now, policy),
            PayOutcome::Code { code_url } => self.code_came(code_url, now, policy),
            PayOutcome::Refused { code, detail } if !self.bill.paid_seen && !self.bill.row_seen => {
                let text = format!("{code} {detail}");
                self.bill.pay = PayAnswer::Refused { code, detail };
                let what = self.end(State::Refused, Proof::Refused, false, now, policy);
                Said {
                    what,
                    detail: Some(text),
                }
            }
            PayOutcome::Unconnected { why } => match next_host {
                Some(host) if self.bill.state == State::Sent && untouched => {
                    self.bill.host = host;
                    self.run.paying = true;
                    Said {
                        what: Happened::NextHost,
                        detail: Some(why),
                    }
                }
                _ if !self.bill.paid_seen && !self.bill.row_seen => {
                    self.bill.pay = PayAnswer::Unconnected { why: why.clone() };
                    let what = self.end(State::NotSent, Proof::Connect, false, now, policy);
                    Said {
                        what,
                        detail: Some(why),
                    }
                }
                _ => self.pay_lost(Lost::Incomplete, now, policy),
            },
            PayOutcome::FinalRefusal { reason, detail } => {
                self.bill.pay = PayAnswer::Final {
                    reason,
                    detail: detail.clone(),
                };
                if matches!(self.bill.state, State::Sent | State::Awaiting) {
                    self.begin_closing(CloseReason::FinalRefusal, now);
                } else {
                    self.run.round_at = now.mono_ms;
                }
                Said {
                    what: Happened::FinalRefusal,
                    detail: Some(detail),
                }
            }
            PayOutcome::Refused { code, .. } => self.pay_lost(Lost::Code(code), now, policy),
            PayOutcome::Lost(why) => self.pay_lost(why, now, policy),
        }
    }

    /// FATE: answered. Reverts sent before this are void (FATE 8).
    fn accepted(&mut self, channel_type: Option<Channel>, now: &Now, policy: &Policy) -> Said {
        self.came_into_being();
        self.bill.pay = PayAnswer::Answered { at: now.stamp() };
        if channel_type.is_some() {
            self.bill.channel_type = channel_type;
        }
        if self.bill.state == State::Sent {
            self.bill.state = State::Awaiting;
        }
        self.first_status(now, policy);
        Happened::Answered.into()
    }

    fn code_came(&mut self, code_url: String, now: &Now, policy: &Policy) -> Said {
        let fresh = self.bill.state == State::Sent && self.bill.qr == Qr::None;
        let said = self.accepted(None, now, policy);
        if fresh {
            self.bill.qr = Qr::Ready { code_url };
        } else {
            // FATE 8: a code that arrives after a cancel is never shown.
            self.bill.qr = Qr::Unshown;
        }
        said
    }

    fn pay_lost(&mut self, why: Lost, now: &Now, policy: &Policy) -> Said {
        let detail = Some(format!("{why:?}"));
        self.bill.pay = PayAnswer::Lost { why };
        if self.bill.state == State::Sent {
            self.bill.state = State::Awaiting;
        }
        if self.bill.channel.is_qr() && self.bill.state == State::Awaiting {
            // FATE 17: without an answer there is no code, so nobody can pay it.
            self.begin_closing(CloseReason::Unshowable, now);
        } else {
            self.first_status(now, policy);
        }
        Said {
            what: Happened::Lost,
            detail,
        }
    }

    /// FATE 3: the first status comes 2 s after the answer or the loss.
    fn first_status(&mut self, now: &Now, policy: &Policy) {
        if self.bill.state == State::Awaiting && self.run.asking.is_none() {
            self.run.queue.clear();
            self.run.round_at = now.mono_ms + policy.first_status;
        } else if !self.bill.state.is_terminal() && self.run.asking.is_none() {
            self.run.round_at = self.run.round_at.min(now.mono_ms);
        }
    }

    /// A pay answer that nobody waits for any more. Only "paid" can say anything new.
    fn late_pay_answer(&mut self, answer: &Answer<PayOutcome>, now: &Now) -> Said {
        let paid = matches!(answer.outcome, PayOutcome::Paid { .. });
        if paid && self.bill.state.is_terminal() && self.bill.state != State::Paid {
            let given_back = self.bill.returned;
            if !given_back {
                self.open_incident(IncidentKind::PaidAfterAll, now);
            }
        }
        Happened::Answered.into()
    }

    fn status_answered(
        &mut self,
        answer: Answer<StatusOutcome>,
        pay_host: PayHost,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        if self.run.asking == Some(Ask::Status) {
            self.run.asking = None;
        }
        self.dated(answer.date_ms, now, policy);
        let date = answer.date_ms;
        match answer.outcome {
            StatusOutcome::Paid => {
                return self.paid_fact(Kind::StatusPaid, Proof::Status, date, now, policy);
            }
            StatusOutcome::NotPaid | StatusOutcome::NoSuchBill => {
                self.negative_fact(Kind::StatusNot, &answer.host, pay_host, date, now, policy);
            }
            StatusOutcome::ChannelRefused if !self.run.status_plain => {
                self.run.status_plain = true;
                self.run.queue.push_front(Ask::Status);
            }
            // The clock was learned from the answer's Date; the next round signs with it.
            StatusOutcome::ClockOrKey => {}
            StatusOutcome::Alarm { code, detail } => {
                let alarm = crate::domain::bill::Alarm { code, detail };
                if self.bill.alarm.is_none() {
                    self.bill.alarm = Some(alarm);
                }
                self.silent(Kind::StatusSilent, date, now);
            }
            StatusOutcome::ChannelRefused | StatusOutcome::NoAnswer(_) => {
                self.silent(Kind::StatusSilent, date, now);
            }
        }
        Happened::Asked.into()
    }

    fn row_read(
        &mut self,
        answer: Answer<RowOutcome>,
        pay_host: PayHost,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        if self.run.asking == Some(Ask::Row) {
            self.run.asking = None;
        }
        self.dated(answer.date_ms, now, policy);
        let date = answer.date_ms;
        match answer.outcome {
            RowOutcome::Row(row) => {
                return self.row_seen(&row, answer.host, pay_host, date, now, policy);
            }
            RowOutcome::Empty => {
                self.negative_fact(Kind::RowEmpty, &answer.host, pay_host, date, now, policy);
            }
            RowOutcome::Many(count) => {
                self.open_incident(IncidentKind::Rows { count }, now);
                self.silent(Kind::RowSilent, date, now);
            }
            RowOutcome::NoAnswer(_) => self.silent(Kind::RowSilent, date, now),
        }
        if !self.bill.state.is_terminal() && self.lacks_only_status() {
            let ended = self
                .run
                .facts
                .latest()
                .is_some_and(|f| f.kind == Kind::RowEmpty);
            if ended && self.run.queue.is_empty() {
                self.run.queue.push_back(Ask::Status);
            }
        }
        Happened::Asked.into()
    }

    fn row_seen(
        &mut self,
        row: &Row,
        host: Host,
        pay_host: PayHost,
        date: Option<i64>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        if !self.bill.state.is_terminal() {
            self.note_row(row);
        }
        if row.paid && !row.amount_matches(self.bill.amount) {
            self.open_incident(
                IncidentKind::Amount {
                    there: row.total_fee,
                },
                now,
            );
        }
        let kind = match (row.reverted, row.paid, row.refunded) {
            (Some(true), _, _) => Kind::RowReverted,
            (_, true, Some(true)) => Kind::RowRefunded,
            (_, true, _) => Kind::RowPaid,
            _ => Kind::RowUnpaid,
        };
        self.bill.paid_seen |= row.paid && !self.bill.state.is_terminal();
        match kind {
            Kind::RowPaid | Kind::RowRefunded => {
                self.paid_fact(kind, Proof::Row, date, now, policy)
            }
            _ => {
                self.negative_fact(kind, &host, pay_host, date, now, policy);
                Happened::Asked.into()
            }
        }
    }

    /// The row exists: reverts from before it are void (FATE 8), and it names what pay did not.
    fn note_row(&mut self, row: &Row) {
        if !self.bill.row_seen {
            if !self.bill.is_answered() && row.reverted != Some(true) {
                self.came_into_being();
            }
            self.bill.row_seen = true;
        }
        if self.bill.channel_type.is_none() && self.bill.channel.is_unified() {
            self.bill.channel_type = row.sub_channel;
        }
        if self.bill.trade_no.is_none() {
            self.bill.trade_no.clone_from(&row.trade_no);
        }
    }

    fn revert_event(&mut self, answer: &Answer<RevertOutcome>, now: &Now, policy: &Policy) -> Said {
        if self.run.asking == Some(Ask::Revert) {
            self.run.asking = None;
        }
        self.dated(answer.date_ms, now, policy);
        if self.bill.state.is_terminal() {
            return Happened::RevertAnswered.into();
        }
        let after_guard = self.bill.guard_over;
        let fact = |kind| Fact {
            kind,
            at: now.mono_ms,
            after_guard,
            date_ms: answer.date_ms,
        };
        let detail = self.revert_answered(&answer.outcome, now, fact);
        if matches!(self.bill.pay, PayAnswer::Final { .. }) {
            // FATE 13 is verified at once: status, then the row.
            self.run.queue.extend([Ask::Status, Ask::Row]);
        }
        Said {
            what: Happened::RevertAnswered,
            detail,
        }
    }

    /// Anything that says paid. Before any revert it ends the bill at once (FATE 2); after one it
    /// is only a fact (FATE 11); beside a proof of the contrary it is an incident (I8).
    fn paid_fact(
        &mut self,
        kind: Kind,
        proof: Proof,
        date_ms: Option<i64>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        let after_guard = self.bill.guard_over;
        self.run.facts.push(Fact {
            kind,
            at: now.mono_ms,
            after_guard,
            date_ms,
        });
        self.run.facts.forget_others();
        if self.bill.state.is_terminal() {
            self.found(kind);
            return Happened::Asked.into();
        }
        self.bill.paid_seen = true;
        if self.bill.reverts.is_none() {
            let what = self.end(State::Paid, proof, false, now, policy);
            if kind == Kind::RowRefunded {
                self.open_incident(IncidentKind::GivenBack, now);
            }
            return what.into();
        }
        self.settle_on(kind, now, policy)
            .unwrap_or(Happened::Asked.into())
    }

    fn negative_fact(
        &mut self,
        kind: Kind,
        host: &Host,
        pay_host: PayHost,
        date_ms: Option<i64>,
        now: &Now,
        policy: &Policy,
    ) {
        let ours = self.bill.host.clone();
        if !self
            .run
            .facts
            .negative_counts(host, &ours, pay_host, now.mono_ms)
        {
            let silent = if kind == Kind::StatusNot {
                Kind::StatusSilent
            } else {
                Kind::RowSilent
            };
            return self.silent(silent, date_ms, now);
        }
        let after_guard = self.bill.guard_over;
        self.run.facts.push(Fact {
            kind,
            at: now.mono_ms,
            after_guard,
            date_ms,
        });
        if self.bill.state.is_terminal() {
            return self.found(kind);
        }
        if kind == Kind::RowReverted {
            let _ = self.settle_on(kind, now, policy);
        }
        let ask = if kind == Kind::StatusNot {
            Ask::Status
        } else {
            Ask::Row
        };
        let reverting = self.run.queue.contains(&Ask::Revert);
        if self.may_revert_on(ask) && !reverting && self.wants_revert(now, policy) {
            self.run.queue.push_front(Ask::Revert);
        }
    }

    fn silent(&mut self, kind: Kind, date_ms: Option<i64>, now: &Now) {
        let after_guard = self.bill.guard_over;
        self.run.facts.push(Fact {
            kind,
            at: now.mono_ms,
            after_guard,
            date_ms,
        });
        // Where status says nothing, the row may (also while following).
        let row_next = kind == Kind::StatusSilent && !self.run.queue.contains(&Ask::Row);
        if row_next && !self.bill.state.is_terminal() {
            self.run.queue.push_back(Ask::Row);
        }
    }

    fn found(&mut self, kind: Kind) {
        if kind.is_row() {
            self.run.look.row = Some(kind);
        } else {
            self.run.look.status = Some(kind);
        }
    }

    /// FATE: guard: an answer's Date may end it.
    fn dated(&mut self, date_ms: Option<i64>, now: &Now, policy: &Policy) {
        if !self.bill.guard_over
            && !self.bill.state.is_terminal()
            && guard_ended(self, date_ms, now, policy)
        {
            self.bill.guard_over = true;
        }
    }
}

// What people and the process itself do.
impl Case {
    fn cancel(&mut self, now: &Now) -> Said {
        if !matches!(self.bill.state, State::Sent | State::Awaiting) {
            return Happened::CancelAsked.into();
        }
        let why = match self.bill.channel.is_qr() && !self.bill.qr.was_shown() {
            true => CloseReason::Unshowable,
            false => CloseReason::Cancelled,
        };
        self.begin_closing(why, now);
        Happened::CancelAsked.into()
    }

    fn qr_shown(&mut self, now: &Now, policy: &Policy) -> Said {
        if let (State::Awaiting, Qr::Ready { code_url }) = (self.bill.state, self.bill.qr.clone()) {
            let until_ms = self.bill.sent.gateway_ms(now) + policy.qr_deadline;
            self.bill.qr = Qr::Shown {
                code_url,
                since: now.stamp(),
                until_ms,
            };
        }
        Happened::QrShown.into()
    }

    fn qr_unshowable(&mut self, now: &Now) -> Said {
        if self.bill.state == State::Awaiting && !self.bill.qr.was_shown() {
            self.begin_closing(CloseReason::Unshowable, now);
        }
        Happened::QrUnshown.into()
    }

    /// 再次显示: the code goes on the screen once more, for what remains of its time.
    fn qr_shown_again(&mut self, now: &Now, policy: &Policy) -> Said {
        let open = matches!(self.bill.state, State::Awaiting | State::Watching);
        if open && can_show_again(&self.bill, now, policy) {
            let until = now.gateway_ms() + SHOW_AGAIN;
            if let Qr::Shown { until_ms, .. } = &mut self.bill.qr {
                *until_ms = (*until_ms).max(until);
            }
        }
        Happened::QrShown.into()
    }

    fn hinted(&mut self, now: &Now) -> Said {
        if self.bill.state.is_terminal() && self.bill.look.is_none() {
            // A live query of an ended bill: it can only find a contradiction.
            let look_for = LookFor::Contradiction;
            self.bill.look = Some(Look {
                look_for,
                due_ms: now.wall_ms,
            });
        }
        let awaits_code = self.run.paying && self.bill.channel.is_qr();
        if self.run.asking.is_none() && self.run.queue.is_empty() && !awaits_code {
            self.run.round_at = now.mono_ms;
        }
        self.run.interval = super::policy::ROUND_FIRST;
        Happened::Asked.into()
    }

    fn restarted(&mut self, now: &Now, policy: &Policy) -> Said {
        if self.bill.state.is_terminal() {
            self.start_looking(now);
            return Happened::Restarted.into();
        }
        if self.bill.pay == PayAnswer::Pending {
            return self.pay_lost_by_restart(now, policy);
        }
        if matches!(self.bill.qr, Qr::Ready { .. }) {
            // Recorded but never drawn: nobody can have seen it.
            self.begin_closing(CloseReason::Unshowable, now);
        }
        self.run.round_at = now.mono_ms;
        Happened::Restarted.into()
    }

    fn pay_lost_by_restart(&mut self, now: &Now, policy: &Policy) -> Said {
        let mut said = self.pay_lost(Lost::Restarted, now, policy);
        self.run.round_at = now.mono_ms;
        said.what = Happened::Restarted;
        said
    }

    fn released(&mut self, by: String, reason: String, now: &Now) -> Said {
        if matches!(self.bill.state, State::Watching | State::Unresolved) {
            self.bill.release = Some(Release {
                by,
                reason,
                at_ms: now.wall_ms,
            });
        }
        Happened::Released.into()
    }

    /// FATE 11: a manager ends it on the row read at this moment, a guard after the last revert.
    fn settle_on(&mut self, kind: Kind, now: &Now, policy: &Policy) -> Option<Said> {
        let reverts = self.bill.reverts?;
        let guarded = now.gateway_ms() - reverts.last.gateway_ms(now) >= policy.guard;
        let (by, reason) = self
            .run
            .settle
            .clone()
            .filter(|_| kind.is_row() && guarded)?;
        let what = match kind {
            Kind::RowPaid => {
                let what = self.end(State::Paid, Proof::Row, false, now, policy);
                self.open_incident(IncidentKind::ClaimContradicted { by, reason }, now);
                what
            }
            Kind::RowReverted | Kind::RowRefunded => {
                self.end(State::Reverted, Proof::Reverted, true, now, policy)
            }
            _ => return None,
        };
        Some(what.into())
    }

    /// Only a manager can end this bill unless a row says reverted (FATE 11).
    pub fn waits_for_manager(&self) -> bool {
        self.bill.state == State::Unresolved
            && self
                .bill
                .reverts
                .is_some_and(|r| r.claimed && r.answer == RevertAnswer::Claimed)
            && self.bill.paid_seen
    }

    /// 再次显示 is possible now.
    pub fn can_show_again(&self, now: &Now, policy: &Policy) -> bool {
        matches!(self.bill.state, State::Awaiting | State::Watching)
            && can_show_again(&self.bill, now, policy)
    }

    /// Until when a watched bill may still be paid, UTC ms by the wall clock.
    pub fn payable_until_ms(&self, now: &Now, policy: &Policy) -> i64 {
        let gateway = super::proof::expiry_ms(&self.bill, now, policy);
        now.wall_ms + (gateway - now.gateway_ms())
    }
}

/// FATE 17: while 90 s of the code remain.
fn can_show_again(bill: &Bill, now: &Now, policy: &Policy) -> bool {
    let Qr::Shown {
        since, until_ms, ..
    } = &bill.qr
    else {
        return false;
    };
    let life_ends = match bill.state {
        State::Awaiting => *until_ms,
        // Watching: the wallet's own time, from the moment it was first on the screen.
        _ => since.gateway_ms(now) + policy.payable(bill),
    };
    life_ends - now.gateway_ms() >= SHOW_AGAIN
}
