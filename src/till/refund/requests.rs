//! A refund's requests: handed to the network's own threads, their answers brought back to the
//! engine. One that ends without any answer counts as lost.

use super::super::engine::{Engine, Input};
use super::super::requests::{is_silence, nothing};
use super::read::{Time, every_refund, list_was_heard, row_was_heard, status_was_heard};
use crate::domain::gateway::{
    Answer, ListQuery, Listed, Lost, RefundOutcome, RefundRequest, RefundRow, RefundStatusOutcome,
    RowOutcome,
};
use crate::domain::{Host, Refund, RefundNo};
use crate::payment::refund::{Event, LookBy, NewRefund};
use std::sync::Arc;

/// A request's end.
enum Reply {
    Sent(Answer<RefundOutcome>),
    LookedUp(LookBy, Answer<Listed<Vec<RefundRow>>>),
    Status(Answer<RefundStatusOutcome>),
    Bill(Answer<RowOutcome>),
}

impl Engine {
    /// Sends a refund where its record is written and master_secret is open; else it never
    /// leaves, and the event says so.
    pub(super) fn send_refund(&mut self, refund_no: &RefundNo, host: Host) -> Option<Event> {
        let at_ms = self.clock.now().gateway_ms();
        let written = !self.refund_is_unwritten(refund_no);
        let master = self.refunds.master_for(refund_no).cloned();
        let refund = &self.refunds.held.get(refund_no)?.case.refund;
        let there = refund.there().is_some();
        let request = self.refund_request(refund);
        if there && written && master.is_some() {
            self.refunds.words.push((refund_no.clone(), host));
            return None;
        }
        let why = match (written, master) {
            (true, Some(master)) => {
                let gateway = Arc::clone(&self.gateway);
                let lost = RefundOutcome::Lost(Lost::Broken);
                let lost = Reply::Sent(nothing(lost, host.clone()));
                self.ask_about_refund(refund_no, lost, async move {
                    Reply::Sent(gateway.refund(&host, &request, &master, at_ms).await)
                });
                return None;
            }
            (false, _) => "本机账本写不进去",
            (true, None) => "没有店长登录",
        };
        let why = why.to_owned();
        let answer = nothing(RefundOutcome::Unconnected { why }, host);
        Some(Event::Answered {
            answer,
            next_host: None,
        })
    }

    /// The request of a refund that is recorded: the same for every send (I7).
    pub(super) fn refund_request(&self, refund: &Refund) -> RefundRequest {
        RefundRequest {
            refund_no: refund.refund_no.clone(),
            bill_no: refund.bill_no.clone(),
            fee: refund.fee,
            channel: refund.channel,
            reason: refund.reason.clone(),
            operator_id: Some(operator_id(&refund.operator, &refund.approver)),
            store_id: self.settings.shop.store_id.clone(),
        }
    }

    /// The request of a refund that is about to be recorded.
    pub(super) fn new_refund_request(&self, new: &NewRefund) -> RefundRequest {
        RefundRequest {
            refund_no: new.refund_no.clone(),
            bill_no: new.bill_no.clone(),
            fee: new.fee,
            channel: new.channel,
            reason: new.reason.clone(),
            operator_id: Some(operator_id(&new.operator, &new.approver)),
            store_id: self.settings.shop.store_id.clone(),
        }
    }

    pub(super) fn look_up_refund(&mut self, refund_no: &RefundNo, by: LookBy) {
        if by == LookBy::RefundNo {
            self.next_refund_turn(refund_no);
        }
        let Some((refund, host)) = self.refund_question(refund_no) else {
            return;
        };
        let query = match by {
            LookBy::RefundNo => ListQuery {
                refund_no: Some(refund.refund_no),
                ..ListQuery::default()
            },
            LookBy::BillNo => ListQuery {
                bill_no: Some(refund.bill_no.as_str().to_owned()),
                ..ListQuery::default()
            },
        };
        let time = Time::of(&self.clock.now());
        let gateway = Arc::clone(&self.gateway);
        let lost = nothing(Listed::NoAnswer(Lost::Broken), host.clone());
        self.ask_about_refund(refund_no, Reply::LookedUp(by, lost), async move {
            Reply::LookedUp(by, every_refund(&*gateway, &host, query, time).await)
        });
    }

    pub(super) fn ask_refund_status(&mut self, refund_no: &RefundNo) {
        self.next_refund_turn(refund_no);
        let Some((_, host)) = self.refund_question(refund_no) else {
            return;
        };
        let at_ms = self.clock.now().gateway_ms();
        let (gateway, no) = (Arc::clone(&self.gateway), refund_no.clone());
        let lost = RefundStatusOutcome::NoAnswer(Lost::Broken);
        let lost = Reply::Status(nothing(lost, host.clone()));
        self.ask_about_refund(refund_no, lost, async move {
            Reply::Status(gateway.refund_status(&host, &no, at_ms).await)
        });
    }

    pub(super) fn read_refunds_bill(&mut self, refund_no: &RefundNo) {
        let Some((refund, host)) = self.refund_question(refund_no) else {
            return;
        };
        let at_ms = self.clock.now().gateway_ms();
        let gateway = Arc::clone(&self.gateway);
        let lost = Reply::Bill(nothing(RowOutcome::NoAnswer(Lost::Broken), host.clone()));
        self.ask_about_refund(refund_no, lost, async move {
            Reply::Bill(gateway.row(&host, &refund.bill_no, at_ms).await)
        });
    }

    /// A whole round goes to one host.
    fn next_refund_turn(&mut self, refund_no: &RefundNo) {
        if let Some(held) = self.refunds.held.get_mut(refund_no) {
            held.turn = held.turn.wrapping_add(1);
        }
    }

    /// Whom to ask about it: the host that received it, as long as it speaks.
    fn refund_question(&self, refund_no: &RefundNo) -> Option<(Refund, Host)> {
        let held = self.refunds.held.get(refund_no)?;
        let refund = held.case.refund.clone();
        let host = self.hosts.for_question_about(&refund.host, held.turn);
        Some((refund, host))
    }

    fn ask_about_refund<F>(&self, refund_no: &RefundNo, lost: Reply, request: F)
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        let (outbox, refund_no) = (self.outbox.clone(), refund_no.clone());
        let request = self.runtime.spawn(request);
        self.runtime.spawn(async move {
            let reply = request.await.unwrap_or(lost);
            let _ = outbox.send(Input::Visit(Box::new(move |engine| {
                engine.refund_answered(&refund_no, reply);
            })));
        });
    }

    fn refund_answered(&mut self, refund_no: &RefundNo, reply: Reply) {
        let event = match reply {
            Reply::Sent(answer) => {
                self.heard(&answer, send_was_heard(&answer.outcome));
                // It goes to the host that just said how the bill stands, and to no other: one that
                // knows nothing of the bill could never prove that it has not got the refund.
                let next_host = None;
                Event::Answered { answer, next_host }
            }
            Reply::LookedUp(by, answer) => {
                self.heard(&answer, list_was_heard(&answer.outcome));
                Event::LookedUp { by, answer }
            }
            Reply::Status(answer) => {
                self.heard(&answer, status_was_heard(&answer.outcome));
                Event::StatusAnswered { answer }
            }
            Reply::Bill(answer) => {
                self.heard(&answer, row_was_heard(&answer.outcome));
                Event::BillRead { answer }
            }
        };
        self.step_refund(refund_no, event);
    }
}

/// Who refunds, for the gateway: who is signed in, or the approver of a command.
fn operator_id(operator: &str, approver: &str) -> String {
    match operator {
        "" => approver.to_owned(),
        signed_in => signed_in.to_owned(),
    }
}

pub(super) fn send_was_heard(outcome: &RefundOutcome) -> bool {
    match outcome {
        RefundOutcome::Unconnected { .. } => false,
        RefundOutcome::Lost(why) => !is_silence(why),
        _ => true,
    }
}
