//! A form of the shift's page: its fields, which one has the keys, and when it is complete.
//!
//! Invariants: an amount is typed by a person, never proposed; the PIN is wiped when it is sent
//! or refused, and goes with the person it was typed for.

use crate::domain::Fen;
use crate::domain::staff::{Role, Staff};
use crate::till::service::{Pin, Said, ShiftAct, Snapshot};
use crate::ui::app::Step;
use crate::ui::digits::Digits;
use crate::ui::strings::Words;
use zeroize::Zeroizing;

const PIN_DIGITS: usize = 12;
const REASON_CHARS: usize = 60;
/// People that are offered.
const MOST_PEOPLE: usize = 12;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Opens a shift with a float.
    Open,
    /// Hands it over.
    HandOver,
    /// Cash in.
    CashIn,
    /// Cash out.
    CashOut,
    /// Closes it.
    Close,
}

/// A field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who takes over, or which manager signs.
    Person,
    /// The float, the counted cash, what is put in or taken out.
    Amount,
    /// Theirs.
    Pin,
    /// Why.
    Reason,
}

/// What is typed.
pub struct Form {
    kind: Kind,
    field: Field,
    amount: Digits,
    person: Option<String>,
    pin: Zeroizing<String>,
    reason: String,
    /// Closing: so many to-dos are open, so a manager must sign.
    to_dos: u32,
    sent: bool,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({:?}, {:?})", self.kind, self.field)
    }
}

impl Form {
    /// An empty one.
    pub fn new(kind: Kind, snapshot: &Snapshot) -> Form {
        let mut form = Form {
            kind,
            field: Field::Amount,
            amount: Digits::default(),
            person: None,
            pin: Zeroizing::default(),
            reason: String::new(),
            to_dos: 0,
            sent: false,
        };
        if kind == Kind::Close {
            form.to_dos = super::open_to_dos(snapshot);
        }
        form.person = form.likely(snapshot);
        form.field = form.fields().first().copied().unwrap_or(Field::Amount);
        form
    }

    /// Who it is most likely: the manager who is signed in, or the only one there is.
    fn likely(&self, snapshot: &Snapshot) -> Option<String> {
        let people = self.people(snapshot);
        let signed_in = snapshot.signed_in.as_ref();
        let me = people.iter().find(|one| {
            self.kind == Kind::Close && signed_in.is_some_and(|staff| staff.id == one.id)
        });
        let only = match people.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        me.or(only).map(|one| one.id.clone())
    }

    /// Who can be chosen: the next holder, or a manager who signs.
    pub fn people<'a>(&self, snapshot: &'a Snapshot) -> Vec<&'a Staff> {
        let holder = snapshot.desk.shift.as_ref().map(|s| s.holder.as_str());
        let fits = |one: &&Staff| match self.kind {
            Kind::HandOver => Some(one.id.as_str()) != holder,
            _ => one.role == Role::Manager,
        };
        let all = snapshot.staff.iter().filter(fits);
        all.take(MOST_PEOPLE).collect()
    }

    /// Its fields, in their order.
    pub fn fields(&self) -> &'static [Field] {
        match self.kind {
            Kind::Open => &[Field::Amount],
            Kind::HandOver => &[Field::Person, Field::Amount, Field::Pin],
            Kind::CashIn | Kind::CashOut => &[Field::Amount, Field::Reason],
            Kind::Close if self.to_dos == 0 => &[Field::Amount],
            Kind::Close => &[Field::Amount, Field::Person, Field::Pin, Field::Reason],
        }
    }

    /// What is done.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Which field has the keys.
    pub fn field(&self) -> Field {
        self.field
    }

    /// As typed.
    pub fn typed(&self) -> &str {
        self.amount.text()
    }

    /// What is typed, 0 where nothing is.
    pub fn amount(&self) -> Fen {
        self.amount.amount().unwrap_or(Fen::ZERO)
    }

    /// Something is typed, a zero too.
    pub fn has_amount(&self) -> bool {
        !self.amount.is_empty()
    }

    /// Who is chosen.
    pub fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }

    /// Digits of the PIN.
    pub fn pin_len(&self) -> usize {
        self.pin.len()
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Open to-dos that a manager must sign for.
    pub fn to_dos(&self) -> u32 {
        self.to_dos
    }

    /// Its answer is awaited.
    pub fn is_sent(&self) -> bool {
        self.sent
    }

    /// Keys are a PIN's.
    pub fn asks_pin(&self) -> bool {
        self.field == Field::Pin
    }

    /// The reasons that are offered.
    pub fn reasons(&self, w: Words) -> Vec<&'static str> {
        match self.kind {
            Kind::CashIn => vec![w.in_change(), w.in_other(), w.in_correct()],
            Kind::CashOut => vec![w.out_bank(), w.out_buy(), w.out_correct()],
            Kind::Close => vec![w.close_follow(), w.close_left()],
            Kind::Open | Kind::HandOver => Vec::new(),
        }
    }

    /// To-dos come and go while it is open.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        if self.kind == Kind::Close && !self.sent {
            self.need_exception(super::open_to_dos(snapshot), snapshot);
        }
    }

    fn need_exception(&mut self, to_dos: u32, snapshot: &Snapshot) {
        self.to_dos = to_dos;
        if self.person.is_none() {
            self.person = self.likely(snapshot);
        }
        if !self.fields().contains(&self.field) {
            self.field = Field::Amount;
        }
    }

    /// A field was touched.
    pub fn focus(&mut self, field: Field) {
        if self.fields().contains(&field) {
            self.field = field;
        }
    }

    /// Another person has another PIN.
    pub fn choose_person(&mut self, id: String) {
        if self.person.as_deref() != Some(id.as_str()) {
            self.pin = Zeroizing::default();
        }
        self.person = Some(id);
    }

    /// As typed or chosen.
    pub fn set_reason(&mut self, text: String) {
        self.reason = text.chars().take(REASON_CHARS).collect();
        self.focus(Field::Reason);
    }

    /// A scan that went into the reason's field.
    pub fn forget(&mut self, scanned: &str) {
        self.reason = self.reason.replace(scanned, "");
    }

    /// A character for the field that has the keys; where it takes none, for the next that does.
    pub fn digit(&mut self, c: char) {
        match self.field {
            Field::Amount => drop(self.amount.push(c, Fen::LIMIT)),
            Field::Pin if c.is_ascii_digit() && self.pin.len() < PIN_DIGITS => self.pin.push(c),
            Field::Pin => {}
            Field::Person => {
                let mut after = self.fields().iter().skip_while(|f| **f != Field::Person);
                if let Some(next) = after.nth(1).copied() {
                    self.field = next;
                    self.digit(c);
                }
            }
            Field::Reason if self.reason.chars().count() < REASON_CHARS => self.reason.push(c),
            Field::Reason => {}
        }
    }

    /// Takes one away.
    pub fn erase(&mut self) {
        match self.field {
            Field::Amount => {
                self.amount.backspace();
            }
            Field::Pin => drop(self.pin.pop()),
            Field::Reason => drop(self.reason.pop()),
            Field::Person => {}
        }
    }

    /// Left and right (Tab) go from field to field; up and down choose a person or a reason.
    pub fn step(&mut self, step: Step, snapshot: &Snapshot) {
        match step {
            Step::Left | Step::Right => {
                let all = self.fields();
                let at = all.iter().position(|f| *f == self.field);
                let to = turned(at, all.len(), step);
                self.field = all.get(to).copied().unwrap_or(self.field);
            }
            Step::Up | Step::Down => self.turn(step, snapshot),
        }
    }

    fn turn(&mut self, step: Step, snapshot: &Snapshot) {
        let has = |field| self.fields().contains(&field);
        let person = match self.field {
            Field::Person => true,
            Field::Reason => false,
            _ => has(Field::Person) && !has(Field::Reason),
        };
        if person {
            let all = self.people(snapshot);
            let at = all
                .iter()
                .position(|one| Some(one.id.as_str()) == self.person());
            if let Some(one) = all.get(turned(at, all.len(), step)) {
                self.choose_person(one.id.clone());
            }
        } else if has(Field::Reason) {
            let all = self.reasons(Words::new(snapshot.shop.language));
            let at = all.iter().position(|reason| *reason == self.reason);
            if let Some(reason) = all.get(turned(at, all.len(), step)) {
                self.reason = (*reason).to_owned();
            }
        }
    }

    fn is_filled(&self, field: Field) -> bool {
        match field {
            Field::Person => self.person.is_some(),
            Field::Amount if matches!(self.kind, Kind::CashIn | Kind::CashOut) => {
                self.amount() > Fen::ZERO
            }
            Field::Amount => self.has_amount(),
            Field::Pin => !self.pin.is_empty(),
            Field::Reason => !self.reason.trim().is_empty(),
        }
    }

    /// What to do; else the first field that is missing, which has the keys then.
    pub fn submit(&mut self) -> Result<ShiftAct, Field> {
        let missing = self.fields().iter().find(|field| !self.is_filled(**field));
        if let Some(missing) = missing {
            self.field = *missing;
            return Err(*missing);
        }
        self.sent = true;
        Ok(self.act())
    }

    fn act(&mut self) -> ShiftAct {
        let amount = self.amount();
        let reason = self.reason.trim().to_owned();
        let person = self.person.clone().unwrap_or_default();
        let pin = Pin::new(std::mem::take(&mut *self.pin));
        match self.kind {
            Kind::Open => ShiftAct::Open { float: amount },
            Kind::HandOver => ShiftAct::HandOver {
                to: person,
                pin,
                counted: amount,
            },
            Kind::CashIn => ShiftAct::Cash { amount, reason },
            Kind::CashOut => ShiftAct::Cash {
                amount: Fen(amount.0.saturating_neg()),
                reason,
            },
            Kind::Close => ShiftAct::Close {
                counted: amount,
                exception: (self.to_dos > 0).then_some((person, pin, reason)),
            },
        }
    }

    /// The till did not do it: it can be tried again, with the PIN typed anew.
    pub fn refused(&mut self, said: &Said, snapshot: &Snapshot) {
        self.sent = false;
        self.pin = Zeroizing::default();
        if let Said::ToDosOpen(count) = said
            && self.kind == Kind::Close
        {
            self.need_exception(*count, snapshot);
        }
        let missing = self.fields().iter().find(|field| !self.is_filled(**field));
        self.field = missing.copied().unwrap_or(self.field);
    }

    /// What is said about a missing field.
    pub fn missing(&self, field: Field, w: Words) -> &'static str {
        match field {
            Field::Person => w.ask_person(),
            Field::Amount if matches!(self.kind, Kind::CashIn | Kind::CashOut) => w.ask_cash(),
            Field::Amount => w.ask_amount(),
            Field::Pin => w.ask_pin(),
            Field::Reason => w.ask_reason(),
        }
    }
}

/// The place before or after in a ring.
fn turned(at: Option<usize>, len: usize, step: Step) -> usize {
    match (at, step) {
        (None, _) => 0,
        (Some(i), Step::Left | Step::Up) => i.checked_sub(1).unwrap_or(len.saturating_sub(1)),
        (Some(i), _) => (i + 1) % len.max(1),
    }
}
