//! The gateway's notices. One only makes the till ask sooner: what it says counts after the
//! gateway's own answer to a query, recorded, and not before.
//!
//! Invariants: a notice that can't be checked (master_secret is sealed) is a hint, asked about at
//! most once a second a bill; one that is forged, or of another amount than the ledger's, does
//! nothing; `success` is answered only after the commit.

use super::engine::{Engine, Input};
use super::open::Till;
use super::service::{BoxFuture, Notice, Service};
use crate::domain::refund::RefundState;
use crate::domain::{Bill, BillNo, Fen, Refund, RefundNo};
use crate::gateway::notice::{Hook, HookKind, Noticed};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an answer waits for the query's: the gateway calls again when it is told nothing.
const PATIENCE: Duration = Duration::from_secs(12);
/// Hints without a signature: one a second a bill.
const HINT_EVERY_MS: i64 = 1_000;
/// Bills whose last hint is remembered.
const MOST_HINTED: usize = 1_024;

/// What the gateway is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is in the ledger: the provider's own word for it.
    Done(&'static str),
    /// Not confirmed (yet): the gateway is to call again.
    NotYet,
    /// No notice of this merchant, forged, or not about this till's bills.
    Refused,
}

/// What the engine made of a notice.
enum Judged {
    /// A bill was asked about.
    Bill(BillNo),
    /// A refund was asked about.
    Refund(RefundNo),
    /// It is in the ledger already.
    Known,
    /// Nothing.
    Nothing,
}

impl Till {
    /// A notice that came in, whole and bounded. Never blocks the till's thread.
    pub fn hear(&self, body: Vec<u8>) -> BoxFuture<'static, Heard> {
        let mut written = Service::notices(self);
        let (reply, judged) = oneshot::channel();
        let judge = move |engine: &mut Engine| {
            let word = engine.gateway.notice_word();
            let _ = reply.send((engine.judge(&body), word));
        };
        let sent = self.outbox().send(Input::Visit(Box::new(judge))).is_ok();
        Box::pin(async move {
            let judged = if sent { judged.await.ok() } else { None };
            let Some((judged, word)) = judged else {
                return Heard::NotYet;
            };
            let confirmed = async {
                loop {
                    match (&judged, written.recv().await) {
                        (Judged::Bill(no), Ok(Notice::Changed(bill))) => {
                            if bill.bill_no == *no && counts(&bill) {
                                return true;
                            }
                        }
                        (Judged::Refund(no), Ok(Notice::RefundChanged(refund))) => {
                            if refund.refund_no == *no && succeeded(&refund) {
                                return true;
                            }
                        }
                        // Too many to follow: the gateway calls again.
                        (_, Err(_)) => return false,
                        _ => {}
                    }
                }
            };
            match judged {
                Judged::Nothing => Heard::Refused,
                Judged::Known => Heard::Done(word),
                Judged::Bill(_) | Judged::Refund(_) => {
                    match tokio::time::timeout(PATIENCE, confirmed).await {
                        Ok(true) => Heard::Done(word),
                        _ => Heard::NotYet,
                    }
                }
            }
        })
    }
}

/// What the notice says is in the ledger: the money is here, or a contradiction is on the list.
fn counts(bill: &Bill) -> bool {
    bill.counts_as_paid() || bill.incident.is_some()
}

fn succeeded(refund: &Refund) -> bool {
    refund.state == RefundState::Succeeded || refund.incident.is_some()
}

impl Engine {
    fn judge(&mut self, body: &[u8]) -> Judged {
        let legacy = self
            .settings
            .webhook
            .as_ref()
            .is_some_and(|w| w.legacy_sign);
        let master = self.refunds.open_master();
        let (hook, signed) = match self.gateway.read_notice(body, master, legacy) {
            Noticed::Signed(hook) => (hook, true),
            Noticed::Unchecked(hook) => (hook, false),
            Noticed::Forged => {
                tracing::warn!("a notice with a wrong signature");
                return Judged::Nothing;
            }
            Noticed::Unreadable => return Judged::Nothing,
        };
        match hook.kind {
            HookKind::Pay => self.judge_paid(&hook, signed),
            HookKind::Refund => self.judge_refunded(&hook, signed),
        }
    }

    fn judge_paid(&mut self, hook: &Hook, signed: bool) -> Judged {
        let Some(bill_no) = BillNo::parse(&hook.number) else {
            return Judged::Nothing;
        };
        let held = self.cases.get(&bill_no).map(|h| h.case.bill.clone());
        let bill = match held {
            Some(bill) => Some(bill),
            None => self.ledger.bill(&bill_no).ok().flatten(),
        };
        let Some(bill) = bill.filter(|b| is_amount(hook, b.amount, b.bill_no.as_str())) else {
            return Judged::Nothing;
        };
        let written = self
            .cases
            .get(&bill_no)
            .is_none_or(|h| h.unwritten.is_empty());
        if written && counts(&bill) {
            return Judged::Known;
        }
        if self.may_ask(bill_no.as_str(), signed) {
            self.hint(std::slice::from_ref(&bill_no));
        }
        Judged::Bill(bill_no)
    }

    fn judge_refunded(&mut self, hook: &Hook, signed: bool) -> Judged {
        let Some(refund_no) = RefundNo::parse(&hook.number) else {
            return Judged::Nothing;
        };
        let refund = self.ledger.books().refund(&refund_no).ok().flatten();
        let Some(refund) = refund.filter(|r| is_amount(hook, r.fee, r.refund_no.as_str())) else {
            return Judged::Nothing;
        };
        if succeeded(&refund) {
            return Judged::Known;
        }
        if self.may_ask(refund_no.as_str(), signed) {
            self.hint_refund(&refund_no);
        }
        Judged::Refund(refund_no)
    }

    /// A signed notice is asked about at once; any number at most once a second.
    fn may_ask(&mut self, number: &str, signed: bool) -> bool {
        let now = self.clock.now().mono_ms;
        self.hinted.retain(|_, at| now - *at < HINT_EVERY_MS);
        let known = self.hinted.contains_key(number);
        if known || (self.hinted.len() >= MOST_HINTED && !signed) {
            return false;
        }
        self.hinted.insert(number.to_owned(), now);
        true
    }
}

fn is_amount(hook: &Hook, ours: Fen, number: &str) -> bool {
    let fits = hook.fee == ours;
    if !fits {
        tracing::warn!(number, "a notice with another amount");
    }
    fits
}
