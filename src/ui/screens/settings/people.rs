//! F10, 员工: who may sign in. Adding, a new PIN, disabling, enabling.
//!
//! Invariant: a PIN is kept only until it is sent, wiped, and never drawn or printed.

use crate::domain::staff::Role;
use crate::till::service::{Person, Pin, Said, Snapshot, StaffChange};
use crate::ui::app::{Context, PageKey, Step};
use zeroize::Zeroizing;

/// The name's field, for focus.
pub const NAME: &str = "staff-name";
const ID_CHARS: usize = 32;
const NAME_CHARS: usize = 64;
/// COUNTER: a PIN has 4–12 digits.
const PIN_DIGITS: usize = 12;

/// What is on the page.
#[derive(Debug, Default)]
pub struct State {
    /// The chosen person; past the last one stands 添加员工.
    pub(super) row: usize,
    pub(super) form: Option<Form>,
    pub(super) saving: bool,
    pub(super) said: Option<Result<(), Problem>>,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A field is empty.
    Incomplete,
    /// The two PINs differ.
    PinsDiffer,
    /// The till's word.
    Said(Said),
}

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A new member.
    Add,
    /// A new PIN.
    SetPin(String),
    /// Lets them sign in again.
    Enable(String),
    /// Asks whether they are to be disabled.
    Disable(String),
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Field {
    Id,
    Name,
    Role,
    Pin,
    Again,
}

/// What is typed.
pub struct Form {
    pub(super) purpose: Purpose,
    pub(super) field: Field,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) pin: Zeroizing<String>,
    pub(super) again: Zeroizing<String>,
    pub(super) shifted: bool,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form")
            .field("purpose", &self.purpose)
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A person was touched.
    Choose(usize),
    /// Opens a form.
    Open(Purpose),
    /// A field was touched.
    Focus(Field),
    /// The name's text.
    Name(String),
    /// A role was chosen.
    Role(Role),
    /// Typed.
    Character(char),
    /// Takes one away.
    Erase,
    /// Capitals.
    Shift,
    /// Sends it.
    Submit,
    /// The till's word about it.
    Done(Result<(), Said>),
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// For the till.
    Change(StaffChange),
    /// Puts the keys into this field.
    Focus(&'static str),
    /// Takes them out of every field.
    Unfocus,
}

impl Purpose {
    /// Its fields, in order.
    pub(super) fn fields(&self) -> &'static [Field] {
        match self {
            Purpose::Add => &[
                Field::Id,
                Field::Name,
                Field::Role,
                Field::Pin,
                Field::Again,
            ],
            Purpose::SetPin(_) | Purpose::Enable(_) => &[Field::Pin, Field::Again],
            Purpose::Disable(_) => &[],
        }
    }
}

impl State {
    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Option<Action> {
        match message {
            Message::Choose(row) => {
                self.row = row;
                self.said = None;
                if row >= context.snapshot.desk.people.len() {
                    return self.open(Purpose::Add);
                }
            }
            Message::Open(purpose) => return self.open(purpose),
            Message::Focus(field) => return self.focus(field),
            Message::Name(name) => self.write(|form| {
                form.name = name.chars().take(NAME_CHARS).collect();
            }),
            Message::Role(role) => self.write(|form| form.role = role),
            Message::Character(c) => self.write(|form| form.character(c)),
            Message::Erase => self.write(Form::erase),
            Message::Shift => self.write(|form| form.shifted = !form.shifted),
            Message::Submit => return self.submit(),
            Message::Done(result) => self.done(result),
        }
        None
    }

    /// A key of this page.
    pub fn key(&mut self, key: PageKey, context: Context<'_>) -> Option<Action> {
        if self.form.is_none() {
            return match key {
                PageKey::Enter => self.choose(0, context.snapshot),
                PageKey::Character('1') => self.choose(0, context.snapshot),
                PageKey::Character('2') => self.choose(1, context.snapshot),
                _ => None,
            };
        }
        match key {
            PageKey::Enter => return self.next_or_submit(),
            PageKey::Step(step) => return self.form_step(step),
            PageKey::Character(c) => self.write(|form| form.character(c)),
            PageKey::Backspace => self.write(Form::erase),
            PageKey::Scan(_) => {}
        }
        None
    }

    /// Arrows in the list.
    pub fn step(&mut self, step: Step, context: Context<'_>) {
        let last = context.snapshot.desk.people.len();
        self.said = None;
        match step {
            Step::Up => self.row = self.row.saturating_sub(1),
            Step::Down => self.row = (self.row + 1).min(last),
            Step::Left | Step::Right => {}
        }
    }

    /// A form has the keys.
    pub fn is_editing(&self) -> bool {
        self.form.is_some()
    }

    /// Keys are a PIN's now.
    pub fn asks_pin(&self) -> bool {
        let field = self.form.as_ref().map(|form| form.field);
        matches!(field, Some(Field::Pin | Field::Again))
    }

    /// Leaves the form; false: there was none.
    pub fn leave(&mut self) -> bool {
        self.said = None;
        self.form.take().is_some()
    }

    /// Somebody may have gone from the list.
    pub fn keep_to(&mut self, context: Context<'_>) {
        self.row = self.row.min(context.snapshot.desk.people.len());
    }

    /// The first or second thing that can be done about the chosen one.
    fn choose(&mut self, which: usize, snapshot: &Snapshot) -> Option<Action> {
        let Some(person) = snapshot.desk.people.get(self.row) else {
            return self.open(Purpose::Add);
        };
        let purpose = actions(person).into_iter().nth(which)?;
        self.open(purpose)
    }

    fn open(&mut self, purpose: Purpose) -> Option<Action> {
        self.said = None;
        let field = purpose.fields().first().copied().unwrap_or(Field::Role);
        self.form = Some(Form {
            purpose,
            field,
            id: String::new(),
            name: String::new(),
            role: Role::Cashier,
            pin: Zeroizing::default(),
            again: Zeroizing::default(),
            shifted: false,
        });
        None
    }

    fn write(&mut self, change: impl FnOnce(&mut Form)) {
        self.said = None;
        if let Some(form) = self.form.as_mut().filter(|_| !self.saving) {
            change(form);
        }
    }

    fn focus(&mut self, field: Field) -> Option<Action> {
        self.write(|form| form.field = field);
        // A field that kept the keys would show a PIN in the clear.
        Some(match field {
            Field::Name => Action::Focus(NAME),
            _ => Action::Unfocus,
        })
    }

    fn form_step(&mut self, step: Step) -> Option<Action> {
        let form = self.form.as_mut()?;
        if form.field == Field::Role && matches!(step, Step::Left | Step::Right) {
            form.role = match form.role {
                Role::Cashier => Role::Manager,
                Role::Manager => Role::Cashier,
            };
            return None;
        }
        self.next_field(matches!(step, Step::Up | Step::Left))
    }

    /// Tab, or an arrow: the field after it, or before.
    pub fn next_field(&mut self, back: bool) -> Option<Action> {
        let form = self.form.as_ref()?;
        let fields = form.purpose.fields();
        let at = fields.iter().position(|f| *f == form.field)?;
        let to = match back {
            true => at.checked_sub(1).unwrap_or(fields.len() - 1),
            false => (at + 1) % fields.len(),
        };
        let field = fields.get(to).copied()?;
        self.focus(field)
    }

    fn next_or_submit(&mut self) -> Option<Action> {
        let form = self.form.as_ref()?;
        let fields = form.purpose.fields();
        let at = fields.iter().position(|f| *f == form.field);
        match at.and_then(|at| fields.get(at + 1)) {
            Some(next) => self.focus(*next),
            None => self.submit(),
        }
    }

    fn submit(&mut self) -> Option<Action> {
        let form = self.form.as_mut().filter(|_| !self.saving)?;
        match form.change() {
            Ok(change) => {
                self.saving = true;
                self.said = None;
                Some(Action::Change(change))
            }
            Err(problem) => {
                self.said = Some(Err(problem));
                None
            }
        }
    }

    fn done(&mut self, result: Result<(), Said>) {
        self.saving = false;
        if result.is_ok() {
            self.form = None;
        }
        self.said = Some(result.map_err(Problem::Said));
    }
}

impl Form {
    fn character(&mut self, c: char) {
        let pin = match self.field {
            Field::Id => {
                let good = c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if good && self.id.len() < ID_CHARS {
                    self.id.push(c);
                }
                return;
            }
            Field::Name => {
                if self.name.chars().count() < NAME_CHARS {
                    self.name.push(c);
                }
                return;
            }
            Field::Role => return,
            Field::Pin => &mut self.pin,
            Field::Again => &mut self.again,
        };
        if c.is_ascii_digit() && pin.len() < PIN_DIGITS {
            pin.push(c);
        }
    }

    fn erase(&mut self) {
        match self.field {
            Field::Id => drop(self.id.pop()),
            Field::Name => drop(self.name.pop()),
            Field::Role => {}
            Field::Pin => drop(self.pin.pop()),
            Field::Again => drop(self.again.pop()),
        }
    }

    /// What the till is asked. The PINs are taken: they are typed anew where it refuses.
    fn change(&mut self) -> Result<StaffChange, Problem> {
        let fields = self.purpose.fields();
        let lacks_name =
            fields.contains(&Field::Id) && (self.id.is_empty() || self.name.trim().is_empty());
        let lacks_pin = fields.contains(&Field::Pin) && self.pin.is_empty();
        if lacks_name || lacks_pin {
            return Err(Problem::Incomplete);
        }
        if *self.pin != *self.again {
            self.again = Zeroizing::default();
            self.field = Field::Again;
            return Err(Problem::PinsDiffer);
        }
        let pin = Pin::new(std::mem::take(&mut *self.pin));
        self.again = Zeroizing::default();
        self.field = fields.first().copied().unwrap_or(Field::Role);
        Ok(match &self.purpose {
            Purpose::Add => StaffChange::Add {
                id: self.id.clone(),
                name: self.name.trim().to_owned(),
                role: self.role,
                pin,
            },
            Purpose::SetPin(id) => StaffChange::SetPin {
                id: id.clone(),
                pin,
            },
            Purpose::Enable(id) => StaffChange::Enable {
                id: id.clone(),
                pin,
            },
            Purpose::Disable(id) => StaffChange::Disable { id: id.clone() },
        })
    }
}

/// What can be done about a person.
pub(super) fn actions(person: &Person) -> Vec<Purpose> {
    let id = person.staff.id.clone();
    match person.disabled {
        true => vec![Purpose::Enable(id)],
        false => vec![Purpose::SetPin(id.clone()), Purpose::Disable(id)],
    }
}
