//! What the gateway's answers mean, one method each: pay, status, the row, a revert.

use super::case::{Ask, Case};
use super::facts::{Fact, Kind};
use super::policy::{ASK_BESIDE_PAY, Policy};
use super::proof::guard_ended;
use super::step::Said;
use crate::domain::bill::{CloseReason, Happened, IncidentKind, PayAnswer, Proof, Qr};
use crate::domain::gateway::{
    Answer, Host, Lost, PayHost, PayOutcome, Refusal, RevertOutcome, Row, RowOutcome, StatusOutcome,
};
use crate::domain::{Channel, Now, State};

impl Case {
    pub(super) fn pay_answered(
        &mut self,
        answer: Answer<PayOutcome>,
        next_host: Option<Host>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        // An answer that nobody waits for any more can only say one new thing: paid.
        let paid = matches!(answer.outcome, PayOutcome::Paid { .. });
        if !self.run.paying && !paid {
            return Happened::Answered.into();
        }
        self.run.paying = false;
        self.dated(answer.date_ms, now, policy);
        if self.bill.state.is_terminal() {
            return self.late_pay_answer(&answer, now);
        }
        let unseen = !self.bill.paid_seen && !self.bill.row_seen;
        match answer.outcome {
            PayOutcome::Paid { channel_type } => {
                self.accepted(channel_type, now, policy);
                self.paid_fact(Kind::StatusPaid, Proof::Pay, answer.date_ms, now, policy)
            }
            PayOutcome::Waiting { channel_type } => self.accepted(channel_type, now, policy),
            PayOutcome::Code {
                code_url,
                gateway_no,
            } => {
                self.bill.gateway_no = gateway_no;
                self.code_came(code_url, now, policy)
            }
            PayOutcome::OnlyForm => self.form_came(now, policy),
            PayOutcome::Refused { code, detail } if unseen => {
                let said = Some(format!("{code} {detail}"));
                self.bill.pay = PayAnswer::Refused { code, detail };
                let what = self.end(State::Refused, Proof::Refused, false, now, policy);
                Said { what, detail: said }
            }
            PayOutcome::Unconnected { why } if unseen => {
                self.unconnected(why, next_host, now, policy)
            }
            PayOutcome::FinalRefusal { reason, detail } => self.final_refusal(reason, detail, now),
            PayOutcome::Unconnected { .. } => self.pay_lost(Lost::Incomplete, now, policy),
            PayOutcome::Refused { code, .. } => self.pay_lost(Lost::Code(code), now, policy),
            PayOutcome::Lost(why) => self.pay_lost(why, now, policy),
        }
    }

    /// FATE 1: nothing left, so pay may try the next host; without one it was not sent.
    fn unconnected(
        &mut self,
        why: String,
        next_host: Option<Host>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        let wanted = self.bill.state == State::Sent && self.bill.reverts.is_none();
        let next = next_host.filter(|host| wanted && *host != self.bill.host);
        let what = match next {
            Some(host) => {
                // This is when it may have been sent: guard and deadlines count from now.
                self.bill.host = host;
                self.bill.sent = now.stamp();
                self.run.sent_mono = now.mono_ms;
                self.run.paying = true;
                if self.bill.channel.is_scan() && !self.is_asking_beside() {
                    self.run.round_at = now.mono_ms + ASK_BESIDE_PAY;
                }
                Happened::NextHost
            }
            None => {
                self.bill.pay = PayAnswer::Unconnected { why: why.clone() };
                self.end(State::NotSent, Proof::Connect, false, now, policy)
            }
        };
        Said {
            what,
            detail: Some(why),
        }
    }

    fn is_asking_beside(&self) -> bool {
        self.run.asking.is_some() || !self.run.queue.is_empty()
    }

    /// FATE 13: closed at once.
    fn final_refusal(&mut self, reason: Refusal, detail: String, now: &Now) -> Said {
        let said = Some(detail.clone());
        self.bill.pay = PayAnswer::Final { reason, detail };
        if matches!(self.bill.state, State::Sent | State::Awaiting) {
            self.begin_closing(CloseReason::FinalRefusal, now);
        } else {
            self.run.round_at = now.mono_ms;
        }
        Said {
            what: Happened::FinalRefusal,
            detail: said,
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

    /// The gateway has the bill, and nothing that could be shown: never drawn (FATE 17).
    fn form_came(&mut self, now: &Now, policy: &Policy) -> Said {
        let said = self.accepted(None, now, policy);
        self.bill.qr = Qr::Unshown;
        if self.bill.state == State::Awaiting {
            self.begin_closing(CloseReason::OnlyForm, now);
        }
        said
    }

    pub(super) fn pay_lost(&mut self, why: Lost, now: &Now, policy: &Policy) -> Said {
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

    /// A pay answer beside a terminal bill: only "paid" can contradict it.
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

    pub(super) fn status_answered(
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
                if self.bill.alarm.is_none() && !self.bill.state.is_terminal() {
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

    pub(super) fn row_read(
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
                let said = self.row_seen(&row, answer.host, pay_host, date, now, policy);
                self.run.settle = None;
                return said;
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
        // A manager settles on the row as it is at this moment, not on a later one (FATE 11).
        self.run.settle = None;
        self.ask_status_after_empty();
        Happened::Asked.into()
    }

    /// FATE 12: after the second empty row a status right now can end the bill; once a round.
    fn ask_status_after_empty(&mut self) {
        let empty = self.run.facts.latest().map(|f| f.kind) == Some(Kind::RowEmpty);
        let idle = self.run.queue.is_empty() && !self.run.status_again;
        if empty && idle && !self.bill.state.is_terminal() && self.lacks_only_status() {
            self.run.status_again = true;
            self.run.queue.push_back(Ask::Status);
        }
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
            (None, true, _) if self.bill.reverts.is_some() => Kind::RowPaidMute,
            (_, true, _) => Kind::RowPaid,
            _ => Kind::RowUnpaid,
        };
        self.bill.paid_seen |= row.paid && !self.bill.state.is_terminal();
        match kind {
            Kind::RowPaid | Kind::RowPaidMute | Kind::RowRefunded => {
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

    pub(super) fn revert_event(
        &mut self,
        answer: &Answer<RevertOutcome>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
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
        if !self.run.facts.negative_counts(
            host,
            &ours,
            pay_host,
            kind != Kind::StatusNot,
            now.mono_ms,
        ) {
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
        let row_next = kind == Kind::StatusSilent
            && !self.run.row_asked
            && !self.run.queue.contains(&Ask::Row);
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
