//! Requests to the gateway: handed to the network's own threads, their answers brought back to
//! the engine, and what every answer says about host and clock. One that ends without any answer
//! (a panic in a client) counts as lost, so that no bill waits for ever.

use super::engine::{Engine, Input, Reply};
use super::numbers;
use super::service::GatewayHealth;
use crate::domain::gateway::{Answer, Lost, PayOutcome, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{BillNo, Channel, Host, Now, State};
use crate::payment::Event;
use std::sync::Arc;
use tokio::sync::oneshot;

/// So many callers wait for the clock at most.
const MOST_WAITERS: usize = 64;

impl Engine {
    /// Sends pay where its record is written; else it never leaves, and the event says so.
    pub(super) fn send_pay(&mut self, bill_no: &BillNo, host: Host) -> Option<Event> {
        let at_ms = self.clock.now().gateway_ms();
        let written = !self.is_unwritten(bill_no);
        let held = self.cases.get_mut(bill_no)?;
        let Some(request) = held.request.clone().filter(|_| written) else {
            let why = "本机账本写不进去".to_owned();
            let answer = nothing(PayOutcome::Unconnected { why }, host);
            return Some(Event::PayAnswered {
                answer,
                next_host: None,
            });
        };
        held.tried.push(host.clone());
        let gateway = Arc::clone(&self.gateway);
        let lost = Reply::Pay(nothing(PayOutcome::Lost(Lost::Broken), host.clone()));
        self.ask(bill_no, lost, async move {
            Reply::Pay(gateway.pay(&host, &request, at_ms).await)
        });
        None
    }

    /// Sends a revert where its record is written (FATE 7); else the bill takes it as unanswered,
    /// which assumes nothing.
    pub(super) fn send_revert(
        &mut self,
        bill_no: &BillNo,
        channel: Option<Channel>,
    ) -> Option<Event> {
        let (host, at_ms) = self.question(bill_no)?;
        let lost = |why| nothing(RevertOutcome::NoAnswer(why), host.clone());
        if self.is_unwritten(bill_no) {
            let answer = lost(Lost::Unreachable);
            return Some(Event::RevertAnswered { answer });
        }
        let (gateway, no) = (Arc::clone(&self.gateway), bill_no.clone());
        let lost = Reply::Revert(lost(Lost::Broken));
        self.ask(bill_no, lost, async move {
            Reply::Revert(gateway.revert(&host, &no, channel, at_ms).await)
        });
        None
    }

    pub(super) fn ask_status(&mut self, bill_no: &BillNo, channel: Option<Channel>) {
        self.next_turn(bill_no);
        let Some((host, at_ms)) = self.question(bill_no) else {
            return;
        };
        let (gateway, no) = (Arc::clone(&self.gateway), bill_no.clone());
        let lost = StatusOutcome::NoAnswer(Lost::Broken);
        let lost = Reply::Status(nothing(lost, host.clone()));
        self.ask(bill_no, lost, async move {
            Reply::Status(gateway.status(&host, &no, channel, at_ms).await)
        });
    }

    pub(super) fn read_row(&mut self, bill_no: &BillNo) {
        let has_status = |e: &Engine| {
            let held = e.cases.get(bill_no);
            held.is_some_and(|h| h.case.bill.has_status())
        };
        if !has_status(self) {
            self.next_turn(bill_no);
        }
        let Some((host, at_ms)) = self.question(bill_no) else {
            return;
        };
        let (gateway, no) = (Arc::clone(&self.gateway), bill_no.clone());
        let held = self.cases.get(bill_no);
        let theirs = held.and_then(|h| h.case.bill.gateway_no.clone());
        let lost = Reply::Row(nothing(RowOutcome::NoAnswer(Lost::Broken), host.clone()));
        self.ask(bill_no, lost, async move {
            let row = gateway.row_by_number(&host, &no, theirs.as_deref(), at_ms);
            Reply::Row(row.await)
        });
    }

    /// A whole round goes to one host: status, revert and row of different hosts prove less.
    fn next_turn(&mut self, bill_no: &BillNo) {
        if let Some(held) = self.cases.get_mut(bill_no) {
            held.turn = held.turn.wrapping_add(1);
        }
    }

    fn question(&self, bill_no: &BillNo) -> Option<(Host, i64)> {
        let held = self.cases.get(bill_no)?;
        let host = self.hosts.for_question(&held.case.bill, held.turn);
        Some((host, self.clock.now().gateway_ms()))
    }

    fn ask<F>(&self, bill_no: &BillNo, lost: Reply, request: F)
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let (outbox, bill_no) = (self.outbox.clone(), bill_no.clone());
        let request = self.runtime.spawn(request);
        self.runtime.spawn(async move {
            let reply = request.await.unwrap_or(lost);
            let _ = outbox.send(Input::Answered(bill_no, reply));
        });
    }

    pub(super) fn answered(&mut self, bill_no: &BillNo, reply: Reply) {
        match &reply {
            Reply::Pay(a) => {
                let lost = matches!(a.outcome, PayOutcome::Unconnected { .. })
                    || matches!(&a.outcome, PayOutcome::Lost(why) if is_silence(why));
                self.heard(a, !lost);
            }
            Reply::Status(a) => {
                let lost = matches!(&a.outcome, StatusOutcome::NoAnswer(why) if is_silence(why));
                self.heard(a, !lost);
            }
            Reply::Row(a) => self.heard(a, !row_is_silent(a)),
            Reply::Revert(a) => {
                let lost = matches!(&a.outcome, RevertOutcome::NoAnswer(why) if is_silence(why));
                self.heard(a, !lost);
            }
        }
        let Some(held) = self.cases.get(bill_no) else {
            return;
        };
        let pay_host = self.hosts.pay_host(&held.case.bill);
        let row = match &reply {
            Reply::Row(answer) => Some(!matches!(answer.outcome, RowOutcome::NoAnswer(_))),
            _ => None,
        };
        let event = match reply {
            Reply::Pay(answer) => return self.pay_answered(bill_no, answer),
            Reply::Status(answer) => Event::StatusAnswered { answer, pay_host },
            Reply::Row(answer) => Event::RowRead { answer, pay_host },
            Reply::Revert(answer) => Event::RevertAnswered { answer },
        };
        self.step(bill_no, event);
        if let Some(heard) = row {
            self.row_settled(bill_no, heard);
        }
    }

    /// Clock, host and the top bar learn from every answer.
    pub(super) fn heard<T>(&mut self, answer: &Answer<T>, heard: bool) {
        if let Some(date) = answer.date_ms {
            self.clock.learn(date, i64::from(answer.took_ms));
        }
        let now = self.clock.now();
        self.hosts.heard(&answer.host, heard, &now);
        self.note_health(heard, answer.took_ms, &now);
    }

    /// Pay may try the next host only while nothing was sent (FATE 1). The code is wiped when no
    /// host gets it any more.
    fn pay_answered(&mut self, bill_no: &BillNo, answer: Answer<PayOutcome>) {
        let Some(held) = self.cases.get(bill_no) else {
            return;
        };
        let may_go_on = matches!(answer.outcome, PayOutcome::Unconnected { .. })
            && held.case.bill.state == State::Sent;
        let tried = held.tried.len();
        let next_host = may_go_on.then(|| self.hosts.next_for_pay(&held.tried));
        let next_host = next_host.flatten();
        self.step(bill_no, Event::PayAnswered { answer, next_host });
        if let Some(held) = self.cases.get_mut(bill_no)
            && held.tried.len() == tried
        {
            held.request = None;
        }
    }

    fn note_health(&mut self, heard: bool, took_ms: u32, now: &Now) {
        self.gateway_health = match (heard, self.gateway_health) {
            (true, _) => GatewayHealth::Answered {
                latency_ms: took_ms,
                at_ms: now.wall_ms,
            },
            (false, GatewayHealth::Silent { since_ms }) => GatewayHealth::Silent { since_ms },
            (false, _) => GatewayHealth::Silent {
                since_ms: now.wall_ms,
            },
        };
    }

    /// Gateway time signs a payment (FATE: words). While no answer has told it, a clock that is
    /// off would cost the first customer a refusal (code 1), so a row that nobody has is asked
    /// for: any answer carries the `Date`.
    pub(super) fn ask_time(&mut self, waiter: Option<oneshot::Sender<()>>) {
        let now = self.clock.now();
        if now.offset_ms.is_some() || self.time_waiters.len() >= MOST_WAITERS {
            // Dropping the waiter tells it to go on.
            return;
        }
        let till = &self.settings.shop.till;
        let asked = self
            .hosts
            .for_pay(&now)
            .zip(numbers::bill_no(now.gateway_ms(), till, 0));
        let Some((host, nobodys)) = asked else {
            return;
        };
        self.time_waiters.extend(waiter);
        let (gateway, outbox) = (Arc::clone(&self.gateway), self.outbox.clone());
        self.runtime.spawn(async move {
            let answer = gateway.row(&host, &nobodys, now.gateway_ms()).await;
            let _ = outbox.send(Input::Timed(answer));
        });
    }

    pub(super) fn timed(&mut self, answer: &Answer<RowOutcome>) {
        self.heard(answer, !row_is_silent(answer));
        self.time_waiters.clear();
    }
}

/// What stands for a request that got no answer from anybody.
pub(super) fn nothing<T>(outcome: T, host: Host) -> Answer<T> {
    Answer {
        outcome,
        host,
        date_ms: None,
        took_ms: 0,
    }
}

fn row_is_silent(answer: &Answer<RowOutcome>) -> bool {
    matches!(&answer.outcome, RowOutcome::NoAnswer(why) if is_silence(why))
}

/// The host gave nothing that a gateway says; a result code is an answer.
pub(super) fn is_silence(why: &Lost) -> bool {
    !matches!(why, Lost::Code(_) | Lost::Incomplete)
}
