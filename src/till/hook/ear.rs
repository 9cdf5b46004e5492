//! What can be said about a notice beside the till's thread: its form, the signatures that need no
//! master_secret, what the ledger's file has, and how soon may be asked again.

use super::super::open::ledger_path;
use crate::domain::bill::IncidentKind;
use crate::domain::config::Settings;
use crate::domain::refund::{RefundIncidentKind, RefundState};
use crate::domain::{Bill, BillNo, Fen, Refund, RefundNo, State};
use crate::gateway::Gateway;
use crate::gateway::notice::{Hook, HookKind, Noticed};
use crate::ledger::{LedgerError, Reader};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// At most one question a number in this time.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The same for a hint about what has ended: each look is written down.
const SELDOM: Duration = Duration::from_secs(60);
/// Numbers whose last question is remembered.
const MOST_NUMBERS: usize = 1_024;
/// Notices about one number that wait for an answer at once.
const MOST_WAITING: usize = 4;
/// One line in the log in this time, however many were refused.
const NOTE_EVERY: Duration = Duration::from_secs(10);

/// Hears notices. The engine tells it which gateway it speaks to.
pub(in crate::till) struct Ear {
    gateway: Mutex<Speaker>,
    ledger_path: PathBuf,
    reader: Mutex<Option<Reader>>,
    numbers: Mutex<HashMap<String, Number>>,
    refused: Mutex<Refused>,
}

/// Who notices come from.
struct Speaker {
    gateway: Arc<dyn Gateway>,
    legacy: bool,
}

/// What happens with one bill's or refund's notices.
#[derive(Default)]
struct Number {
    asked: Option<Instant>,
    waiting: usize,
}

#[derive(Default)]
struct Refused {
    count: u64,
    noted: Option<Instant>,
}

/// What a notice is about, in this ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    Bill(BillNo),
    Refund(RefundNo),
}

/// What the ledger's file says about a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It has what the notice says: the money is here, or a contradiction is on the list.
    There,
    /// It has the bill or refund, and not that.
    Wanted {
        subject: Subject,
        /// In a state that no longer changes.
        ended: bool,
    },
    /// It knows no such number.
    Nothing,
    /// It knows another amount.
    OtherAmount,
    /// It could not be read.
    Unread,
}

/// Whether a question may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Now,
    /// Not before.
    At(Instant),
    /// Somebody asked after the notice came: that answers it.
    Asked,
}

/// A place among those who wait for one number's answer.
pub(super) struct Place {
    ear: Arc<Ear>,
    number: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(number) = lock(&self.ear.numbers).get_mut(&self.number) {
            number.waiting = number.waiting.saturating_sub(1);
        }
    }
}

impl Ear {
    pub fn new(dir: &Path, gateway: Arc<dyn Gateway>, settings: &Settings) -> Ear {
        let legacy = is_legacy(settings);
        Ear {
            gateway: Mutex::new(Speaker { gateway, legacy }),
            ledger_path: ledger_path(dir),
            reader: Mutex::new(None),
            numbers: Mutex::new(HashMap::new()),
            refused: Mutex::new(Refused::default()),
        }
    }

    /// The settings changed.
    pub fn follow(&self, gateway: Arc<dyn Gateway>, settings: &Settings) {
        let legacy = is_legacy(settings);
        *lock(&self.gateway) = Speaker { gateway, legacy };
    }

    pub(super) fn read(&self, body: &[u8]) -> Noticed {
        let (gateway, legacy) = {
            let speaker = lock(&self.gateway);
            (Arc::clone(&speaker.gateway), speaker.legacy)
        };
        gateway.read_notice(body, legacy)
    }

    /// What the gateway wants to hear after the commit.
    pub(super) fn word(&self) -> &'static str {
        lock(&self.gateway).gateway.notice_word()
    }

    pub(super) fn told(&self, hook: &Hook) -> Told {
        let told = match hook.kind {
            HookKind::Pay => match BillNo::parse(&hook.number) {
                Some(no) => self.look(|reader| Ok(of_bill(reader.bill(&no)?, hook.fee))),
                None => Ok(Told::Nothing),
            },
            HookKind::Refund => match RefundNo::parse(&hook.number) {
                Some(no) => self.look(|r| Ok(of_refund(r.books().refund(&no)?, hook.fee))),
                None => Ok(Told::Nothing),
            },
        };
        told.unwrap_or_else(|error| {
            tracing::warn!(%error, "the ledger could not be read for a notice");
            Told::Unread
        })
    }

    /// On a connection of its own: whoever searches the ledger does not wait for it.
    fn look<T>(
        &self,
        ask: impl FnOnce(&Reader) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let mut kept = lock(&self.reader);
        let reader = match kept.take() {
            Some(reader) => reader,
            None => Reader::open(&self.ledger_path)?,
        };
        let found = ask(&reader)?;
        *kept = Some(reader);
        Ok(found)
    }

    /// A place among those who wait for this number; `None`: there are enough.
    pub(super) fn wait_for(self: &Arc<Ear>, number: &str) -> Option<Place> {
        let mut numbers = lock(&self.numbers);
        if numbers.len() >= MOST_NUMBERS && !numbers.contains_key(number) {
            numbers.retain(|_, n| n.waiting > 0 || n.is_recent());
            if numbers.len() >= MOST_NUMBERS {
                return None;
            }
        }
        let entry = numbers.entry(number.to_owned()).or_default();
        if entry.waiting >= MOST_WAITING {
            return None;
        }
        entry.waiting += 1;
        Some(Place {
            ear: Arc::clone(self),
            number: number.to_owned(),
        })
    }

    /// Whether this number is to be asked about, for a notice that came then. `Now` counts as
    /// asked.
    pub(super) fn may_ask(&self, number: &str, came: Instant, seldom: bool) -> Ask {
        let every = if seldom { SELDOM } else { ASK_EVERY };
        let now = Instant::now();
        let mut numbers = lock(&self.numbers);
        let entry = numbers.entry(number.to_owned()).or_default();
        match entry.asked {
            Some(asked) if asked >= came => Ask::Asked,
            Some(asked) if now.duration_since(asked) < every => Ask::At(asked + every),
            _ => {
                entry.asked = Some(now);
                Ask::Now
            }
        }
    }

    /// One line now and then: a flood must not fill the log.
    pub(super) fn note_refused(&self, why: &'static str) {
        let mut refused = lock(&self.refused);
        refused.count += 1;
        if refused.noted.is_none_or(|at| at.elapsed() >= NOTE_EVERY) {
            tracing::warn!(why, count = refused.count, "a notice was refused");
            *refused = Refused {
                count: 0,
                noted: Some(Instant::now()),
            };
        }
    }
}

impl Number {
    fn is_recent(&self) -> bool {
        self.asked.is_some_and(|at| at.elapsed() < SELDOM)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_legacy(settings: &Settings) -> bool {
    settings.webhook.as_ref().is_some_and(|w| w.legacy_sign)
}

fn of_bill(bill: Option<Bill>, fee: Fen) -> Told {
    match bill {
        None => Told::Nothing,
        Some(bill) if bill.amount != fee => Told::OtherAmount,
        Some(bill) if knows_paid(&bill) => Told::There,
        Some(bill) => Told::Wanted {
            ended: bill.state.is_terminal(),
            subject: Subject::Bill(bill.bill_no),
        },
    }
}

/// The ledger has it that the customer paid: kept, given back, or as a contradiction that people
/// see.
fn knows_paid(bill: &Bill) -> bool {
    let contradiction = bill.incident.as_ref().is_some_and(|incident| {
        matches!(
            incident.kind,
            IncidentKind::PaidAfterAll
                | IncidentKind::GivenBack
                | IncidentKind::RefundedThere { .. }
                | IncidentKind::ClaimContradicted { .. }
        )
    });
    bill.counts_as_paid() || bill.state == State::Paid || bill.returned || contradiction
}

fn of_refund(refund: Option<Refund>, fee: Fen) -> Told {
    match refund {
        None => Told::Nothing,
        Some(refund) if refund.fee != fee => Told::OtherAmount,
        Some(refund) if knows_refunded(&refund) => Told::There,
        Some(refund) => Told::Wanted {
            ended: refund.state.is_terminal(),
            subject: Subject::Refund(refund.refund_no),
        },
    }
}

fn knows_refunded(refund: &Refund) -> bool {
    let contradiction = refund.incident.as_ref().is_some_and(|incident| {
        matches!(
            incident.kind,
            RefundIncidentKind::SucceededAfterAll | RefundIncidentKind::Mismatch { .. }
        )
    });
    refund.state == RefundState::Succeeded || contradiction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Host;

    /// A gateway that is never asked.
    fn ear(dir: &Path) -> Arc<Ear> {
        let settings = Settings::practice(Host("http://127.0.0.1:1".to_owned()));
        let key = secrecy::SecretString::from("a");
        let timing = &settings.payment.timing;
        let client = crate::gateway::beecloud::Client::new(&settings.gateway, timing, key);
        Arc::new(Ear::new(dir, Arc::new(client.unwrap()), &settings))
    }

    #[test]
    fn one_question_a_second_and_each_notice_gets_one() {
        let dir = tempfile::tempdir().unwrap();
        let ear = ear(dir.path());
        let came = Instant::now();
        assert_eq!(ear.may_ask("a", came, false), Ask::Now);
        assert_eq!(ear.may_ask("a", came, false), Ask::Asked, "the same notice");
        let later = Instant::now() + Duration::from_millis(1);
        let Ask::At(at) = ear.may_ask("a", later, false) else {
            panic!("asked twice within a second");
        };
        assert!(at >= came + ASK_EVERY);
        assert_eq!(ear.may_ask("b", later, false), Ask::Now, "another bill");
        let Ask::At(at) = ear.may_ask("a", later, true) else {
            panic!("asked twice within a minute");
        };
        assert!(at >= came + SELDOM);
    }

    #[test]
    fn few_wait_for_one_number_and_leave_their_places() {
        let dir = tempfile::tempdir().unwrap();
        let ear = ear(dir.path());
        let places: Vec<Place> = (0..MOST_WAITING)
            .map(|_| ear.wait_for("a").unwrap())
            .collect();
        assert!(ear.wait_for("a").is_none());
        assert!(ear.wait_for("b").is_some());
        drop(places);
        assert!(ear.wait_for("a").is_some());
    }

    #[test]
    fn the_numbers_remembered_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let ear = ear(dir.path());
        for n in 0..MOST_NUMBERS {
            drop(ear.wait_for(&n.to_string()));
        }
        assert!(
            ear.wait_for("one more").is_some(),
            "idle ones are forgotten"
        );
        let came = Instant::now();
        for n in 0..MOST_NUMBERS * 2 {
            if let Some(_place) = ear.wait_for(&n.to_string()) {
                ear.may_ask(&n.to_string(), came, false);
            }
        }
        assert!(lock(&ear.numbers).len() <= MOST_NUMBERS);
    }

    #[test]
    fn a_ledger_that_cannot_be_read_confirms_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let ear = ear(dir.path());
        let hook = Hook {
            kind: HookKind::Pay,
            number: "20261120010000010ABCDEFG".to_owned(),
            fee: Fen(1),
        };
        assert_eq!(ear.told(&hook), Told::Unread);
    }
}
