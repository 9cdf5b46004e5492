//! The gateway's notices. One only makes the till ask sooner: what it says counts after the
//! gateway's own answer to a query, recorded, and not before.
//!
//! Invariants: a notice that can't be checked (master_secret is sealed) is a hint, asked about at
//! most once a second a bill; one that is forged, or of another amount than the ledger's, does
//! nothing; `success` is answered only after the commit. Everything that needs neither
//! master_secret nor a question is done beside the till's thread ([`Ear`]): a flood of forged
//! notices costs payments nothing.

mod ear;

pub(super) use ear::Ear;

use super::engine::{Engine, Input};
use super::open::Till;
use super::service::{BoxFuture, Notice, Service};
use crate::gateway::notice::{Claim, Hook, Noticed};
use ear::{Ask, Subject, Told};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, oneshot};
use tokio::time::{sleep, sleep_until, timeout};

/// How long an answer waits for the query's: the gateway calls again when it is told nothing.
const PATIENCE: Duration = Duration::from_secs(12);

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

/// What master_secret says of a signature.
enum Checked {
    Right,
    Wrong,
    /// It is sealed.
    Sealed,
}

/// One notice on its way to an answer.
struct Hearing {
    ear: Arc<Ear>,
    outbox: Sender<Input>,
    /// Subscribed before anything is read: no change is missed.
    written: broadcast::Receiver<Notice>,
}

impl Till {
    /// A notice that came in, whole and bounded. Never blocks the till's thread.
    pub fn hear(&self, body: Vec<u8>) -> BoxFuture<'static, Heard> {
        let hearing = Hearing {
            ear: Arc::clone(self.ear()),
            outbox: self.outbox().clone(),
            written: Service::notices(self),
        };
        Box::pin(hearing.of(body))
    }
}

impl Hearing {
    async fn of(mut self, body: Vec<u8>) -> Heard {
        let (hook, claim) = match self.ear.read(&body) {
            Noticed::Signed(hook) => (hook, None),
            Noticed::Unchecked(hook, claim) => (hook, Some(claim)),
            Noticed::Forged => return self.refused("wrong signature"),
            Noticed::Unreadable => return self.refused("no notice"),
        };
        let told = self.ear.told(&hook);
        match told {
            Told::Unread => return Heard::NotYet,
            Told::Nothing => return self.refused("unknown number"),
            Told::OtherAmount => return self.refused("another amount"),
            Told::There | Told::Wanted { .. } => {}
        }
        let signed = match claim {
            None => true,
            Some(claim) => match self.check(claim).await {
                Some(Checked::Right) => true,
                Some(Checked::Sealed) => false,
                Some(Checked::Wrong) => return self.refused("wrong signature"),
                None => return Heard::NotYet,
            },
        };
        match told {
            Told::Wanted { subject, ended } => {
                // A hint about a bill that has ended can only find a contradiction.
                let seldom = ended && !signed;
                let confirmed = self.confirm(&hook, subject, seldom);
                match timeout(PATIENCE, confirmed).await {
                    Ok(true) => Heard::Done(self.ear.word()),
                    _ => Heard::NotYet,
                }
            }
            _ => Heard::Done(self.ear.word()),
        }
    }

    fn refused(&self, why: &'static str) -> Heard {
        self.ear.note_refused(why);
        Heard::Refused
    }

    /// master_secret is the engine's alone. `None`: the till has stopped.
    async fn check(&self, claim: Claim) -> Option<Checked> {
        let (reply, checked) = oneshot::channel();
        let check = move |engine: &Engine| {
            let _ = reply.send(engine.check_claim(&claim));
        };
        self.outbox.send(Input::Look(Box::new(check))).ok()?;
        checked.await.ok()
    }

    /// Has the gateway asked, after this notice came, and waits until the ledger has what the
    /// notice says. False: too many wait for the same already, or the till has stopped.
    async fn confirm(&mut self, hook: &Hook, subject: Subject, seldom: bool) -> bool {
        let Some(_place) = self.ear.wait_for(&hook.number) else {
            return false;
        };
        let came = Instant::now();
        loop {
            let next = self.ear.may_ask(&hook.number, came, seldom);
            if next == Ask::Now {
                let subject = subject.clone();
                let ask = move |engine: &mut Engine| engine.ask_for_notice(&subject);
                if self.outbox.send(Input::Visit(Box::new(ask))).is_err() {
                    return false;
                }
            }
            let later = async {
                match next {
                    Ask::At(at) => sleep_until(at.into()).await,
                    Ask::Now | Ask::Asked => sleep(PATIENCE).await,
                }
            };
            tokio::select! {
                changed = next_change(&mut self.written, &subject) => {
                    if !changed {
                        return false;
                    }
                    if self.ear.told(hook) == Told::There {
                        return true;
                    }
                }
                () = later => {}
            }
        }
    }
}

/// Waits until something of this was written down. False: the till has stopped.
async fn next_change(written: &mut broadcast::Receiver<Notice>, subject: &Subject) -> bool {
    loop {
        match (written.recv().await, subject) {
            (Ok(Notice::Changed(bill)), Subject::Bill(no)) if bill.bill_no == *no => return true,
            (Ok(Notice::RefundChanged(refund)), Subject::Refund(no)) if refund.refund_no == *no => {
                return true;
            }
            // Some were missed: the ledger tells.
            (Err(RecvError::Lagged(_)), _) => return true,
            (Err(RecvError::Closed), _) => return false,
            (Ok(_), _) => {}
        }
    }
}

impl Engine {
    fn check_claim(&self, claim: &Claim) -> Checked {
        match self.refunds.open_master() {
            None => Checked::Sealed,
            Some(master) if self.gateway.is_notice_signed(claim, master) => Checked::Right,
            Some(_) => Checked::Wrong,
        }
    }

    fn ask_for_notice(&mut self, subject: &Subject) {
        match subject {
            Subject::Bill(bill_no) => self.hint(std::slice::from_ref(bill_no)),
            Subject::Refund(refund_no) => self.hint_refund(refund_no),
        }
    }
}
