//! F8: the shift: open, hand over, cash in and out, close, and what was taken.
//!
//! Invariants: nothing is done without an amount that a person typed; an act is sent once, and
//! the page waits for its answer; a PIN is kept only until it is sent.

mod form;
mod form_view;
mod slip;
mod view;

pub use form::{Field, Form, Kind};
pub use view::view;

use crate::domain::Fen;
use crate::domain::reconcile::Scope;
use crate::domain::shift::{Shift, ShiftReport};
use crate::domain::staff::Role;
use crate::till::service::{Said, ShiftAct, Snapshot};
use crate::ui::app::{Context, PageKey, Step};
use crate::ui::strings::Words;

/// Earlier shifts that are offered.
const EARLIER: u32 = 20;
/// The list at the right, for scrolling.
pub const LIST: &str = "shift-list";
/// A row of it, in the design's pixels.
pub const ROW: f32 = 56.0;
/// The field of a reason, for focus.
pub const REASON: &str = "shift-reason";

/// What is on the page.
#[derive(Debug, Default)]
pub struct State {
    place: Place,
    /// The open shift and what was taken in it so far.
    report: Taken,
    failed: Option<String>,
    /// An answer is awaited; another is wanted after it.
    asking: bool,
    again: bool,
    /// Closed ones, newest first.
    earlier: Vec<Shift>,
    chosen: Option<usize>,
    /// Of the newest act.
    number: u64,
    seen: Seen,
}

/// A shift and what was taken in it.
pub type Taken = Option<Box<(Shift, ShiftReport)>>;

/// Where the person is.
#[derive(Debug, Default)]
enum Place {
    /// The open shift.
    #[default]
    Overview,
    /// A form: without an open shift, the one that opens one.
    Form(Box<Form>),
    /// A closed shift.
    Slip(Box<Shift>),
}

/// What the totals were asked for: they are asked again when it is another.
#[derive(Debug, Default, Clone, PartialEq)]
struct Seen {
    shift: Option<Shift>,
    paid: (u32, Fen),
    latest: Vec<(String, crate::domain::State)>,
    to_do: u32,
}

/// A line of the list at the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Opens this form.
    Do(Kind),
    /// To the reconciliation.
    Reconcile,
    /// Shows the open shift's slip as it is printed.
    Print,
    /// Looks at this earlier shift.
    Look(usize),
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, where no text field took it.
    Key(PageKey),
    /// A line of the list was touched.
    Choose(Entry),
    /// A field was touched.
    Focus(Field),
    /// Who takes over, or which manager signs.
    Person(String),
    /// Why, as typed or chosen.
    Reason(String),
    /// Of the keypad: a digit or a point.
    Digit(char),
    /// Of the keypad.
    Erase,
    /// Does what the form says.
    Submit,
    /// From a form or a slip to the shift.
    Back,
    /// Reconciles what is looked at.
    Reconcile,
    /// Shows the slip as it is printed.
    Print,
    /// What was taken so far.
    Reported(Result<Taken, String>),
    /// The earlier shifts.
    Listed(Result<Vec<Shift>, String>),
    /// What became of an act.
    Done(u64, Result<Box<Shift>, Said>),
    /// Back to the sale.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Does it.
    Act(u64, ShiftAct),
    /// Asks what was taken.
    Report,
    /// Asks for the newest shifts.
    List(u32),
    /// The reason's field has the keys, or none.
    Focus(bool),
    /// One line.
    Say(String),
    /// Keeps this row of the list in sight.
    Follow(usize),
    /// Moves a slip that is longer than the window.
    Scroll(Step),
    /// To the reconciliation.
    Reconcile(Option<Scope>),
    /// Shows this shift's slip as it is printed.
    Slip(u32),
    /// Back to the sale.
    Close,
}

fn words(context: Context<'_>) -> Words {
    Words::new(context.snapshot.shop.language)
}

fn is_manager(snapshot: &Snapshot) -> bool {
    let signed_in = snapshot.signed_in.as_ref();
    signed_in.is_some_and(|staff| staff.role == Role::Manager)
}

/// Bills and refunds that stand on the to-do list.
fn open_to_dos(snapshot: &Snapshot) -> u32 {
    let bills = u32::try_from(snapshot.to_do.len()).unwrap_or(u32::MAX);
    bills.saturating_add(snapshot.desk.refunds_to_do)
}

impl Seen {
    fn of(snapshot: &Snapshot) -> Seen {
        let latest = snapshot.latest.iter();
        Seen {
            shift: snapshot.desk.shift.as_deref().cloned(),
            paid: (snapshot.today.count, snapshot.today.sum),
            latest: latest
                .map(|bill| (bill.bill_no.to_string(), bill.state))
                .collect(),
            to_do: open_to_dos(snapshot),
        }
    }
}

impl State {
    /// Opens it: the open shift, or the form that opens one.
    pub fn open(context: Context<'_>) -> (State, Vec<Action>) {
        let mut state = State {
            seen: Seen::of(context.snapshot),
            // An answer to an act of a page that was left is never taken for this one's.
            number: context.now_ms.unsigned_abs(),
            ..State::default()
        };
        state.return_to_base(context);
        let mut actions = vec![Action::List(EARLIER)];
        actions.extend(state.ask());
        (state, actions)
    }

    /// The overview, or without an open shift the form that opens one.
    fn return_to_base(&mut self, context: Context<'_>) {
        self.chosen = None;
        self.place = match &context.snapshot.desk.shift {
            Some(_) => Place::Overview,
            None => Place::Form(Box::new(Form::new(Kind::Open, context.snapshot))),
        };
    }

    fn ask(&mut self) -> Option<Action> {
        self.again = self.asking;
        let ask = !self.asking;
        self.asking = true;
        ask.then_some(Action::Report)
    }

    /// Esc: out of a form or a slip; false where the page itself closes.
    pub fn back(&mut self, context: Context<'_>) -> bool {
        let inside = match &self.place {
            Place::Overview => false,
            Place::Form(form) => form.kind() != Kind::Open,
            Place::Slip(_) => true,
        };
        if inside {
            self.return_to_base(context);
        }
        inside
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        match message {
            Message::Key(key) => self.key(key, context),
            Message::Choose(entry) => self.choose(entry, context),
            Message::Submit => self.submit(context),
            Message::Back => {
                self.back(context);
                Vec::new()
            }
            Message::Reconcile => self.reconcile(context),
            Message::Print => self.print(),
            Message::Reported(report) => self.reported(report),
            Message::Listed(shifts) => {
                let closed = shifts.unwrap_or_default().into_iter();
                self.earlier = closed.filter(|shift| shift.closed.is_some()).collect();
                Vec::new()
            }
            Message::Done(number, done) => self.done(number, done, context),
            Message::Close => vec![Action::Close],
            Message::Focus(_)
            | Message::Person(_)
            | Message::Reason(_)
            | Message::Digit(_)
            | Message::Erase => self.fill(message),
        }
    }

    fn fill(&mut self, message: Message) -> Vec<Action> {
        let Place::Form(form) = &mut self.place else {
            return Vec::new();
        };
        self.chosen = None;
        let was = form.field();
        match message {
            Message::Focus(field) => form.focus(field),
            Message::Person(id) => form.choose_person(id),
            Message::Reason(text) => form.set_reason(text),
            Message::Digit(c) => form.digit(c),
            Message::Erase => form.erase(),
            _ => {}
        }
        focus_moved(was, form.field())
    }

    fn key(&mut self, key: PageKey, context: Context<'_>) -> Vec<Action> {
        match key {
            PageKey::Character(c) => self.fill(Message::Digit(c)),
            PageKey::Backspace => self.fill(Message::Erase),
            PageKey::Enter => self.enter(context),
            PageKey::Step(step) => self.step(step, context),
            PageKey::Scan(_) => Vec::new(),
        }
    }

    fn enter(&mut self, context: Context<'_>) -> Vec<Action> {
        let chosen = self
            .chosen
            .and_then(|at| self.entries(context.snapshot).get(at).copied());
        match (&self.place, chosen) {
            (Place::Slip(_), _) => match slip::chosen(self.chosen, context.snapshot) {
                slip::Do::Reconcile => self.reconcile(context),
                slip::Do::Print => self.print(),
            },
            (_, Some(entry)) => self.choose(entry, context),
            (Place::Form(_), None) => self.submit(context),
            (Place::Overview, None) => Vec::new(),
        }
    }

    fn step(&mut self, step: Step, context: Context<'_>) -> Vec<Action> {
        match &mut self.place {
            Place::Form(form) if form.kind() != Kind::Open => {
                let was = form.field();
                form.step(step, context.snapshot);
                return focus_moved(was, form.field());
            }
            Place::Slip(_) => {
                if let Step::Left | Step::Right = step {
                    self.chosen = slip::turned(self.chosen, context.snapshot);
                    return Vec::new();
                }
                return vec![Action::Scroll(step)];
            }
            Place::Overview | Place::Form(_) => {}
        }
        let count = self.entries(context.snapshot).len();
        if count == 0 {
            return Vec::new();
        }
        let to = match (self.chosen, step) {
            (None, Step::Up | Step::Left) => return Vec::new(),
            (None, _) => 0,
            (Some(at), Step::Up | Step::Left) => at.saturating_sub(1),
            (Some(at), _) => (at + 1).min(count - 1),
        };
        self.chosen = Some(to);
        vec![Action::Follow(to)]
    }

    /// The list at the right: what can be done, and the earlier shifts.
    fn entries(&self, snapshot: &Snapshot) -> Vec<Entry> {
        let mut all = Vec::new();
        if snapshot.desk.shift.is_some() {
            all.extend([Kind::HandOver, Kind::CashIn, Kind::CashOut, Kind::Close].map(Entry::Do));
        }
        if is_manager(snapshot) {
            all.push(Entry::Reconcile);
        }
        if snapshot.desk.shift.is_some() {
            all.push(Entry::Print);
        }
        all.extend((0..self.earlier.len()).map(Entry::Look));
        all
    }

    fn choose(&mut self, entry: Entry, context: Context<'_>) -> Vec<Action> {
        self.chosen = None;
        match entry {
            Entry::Do(kind) => {
                self.place = Place::Form(Box::new(Form::new(kind, context.snapshot)));
                Vec::new()
            }
            Entry::Reconcile => self.reconcile(context),
            Entry::Print => {
                let open = context.snapshot.desk.shift.as_deref();
                open.map(|shift| Action::Slip(shift.no))
                    .into_iter()
                    .collect()
            }
            Entry::Look(at) => {
                if let Some(shift) = self.earlier.get(at) {
                    self.place = Place::Slip(Box::new(shift.clone()));
                }
                Vec::new()
            }
        }
    }

    /// With the slip's or the open shift's time; without a shift, with the day.
    fn reconcile(&mut self, context: Context<'_>) -> Vec<Action> {
        if !is_manager(context.snapshot) {
            return vec![Action::Say(words(context).said(&Said::NotAllowed))];
        }
        let scope = match &self.place {
            Place::Slip(shift) => Some(scope(shift, context.now_ms)),
            _ => {
                let open = context.snapshot.desk.shift.as_deref();
                open.map(|shift| scope(shift, context.now_ms))
            }
        };
        vec![Action::Reconcile(scope)]
    }

    fn print(&self) -> Vec<Action> {
        match &self.place {
            Place::Slip(shift) => vec![Action::Slip(shift.no)],
            Place::Overview | Place::Form(_) => Vec::new(),
        }
    }

    fn reported(&mut self, report: Result<Taken, String>) -> Vec<Action> {
        self.asking = false;
        match report {
            Ok(report) => {
                self.failed = None;
                self.report = report;
            }
            Err(why) => self.failed = Some(why),
        }
        let again = std::mem::take(&mut self.again);
        again.then(|| self.ask()).flatten().into_iter().collect()
    }

    fn submit(&mut self, context: Context<'_>) -> Vec<Action> {
        let Place::Form(form) = &mut self.place else {
            return Vec::new();
        };
        if form.is_sent() {
            return Vec::new();
        }
        let was = form.field();
        match form.submit() {
            Ok(act) => {
                self.number += 1;
                vec![Action::Act(self.number, act)]
            }
            Err(missing) => {
                let mut actions = focus_moved(was, form.field());
                if missing == was {
                    let line = form.missing(missing, words(context));
                    actions.push(Action::Say(line.to_owned()));
                }
                actions
            }
        }
    }

    fn done(
        &mut self,
        number: u64,
        done: Result<Box<Shift>, Said>,
        context: Context<'_>,
    ) -> Vec<Action> {
        if number != self.number {
            return Vec::new();
        }
        let w = words(context);
        match (done, &mut self.place) {
            (Err(said), Place::Form(form)) => {
                form.refused(&said, context.snapshot);
                Vec::new()
            }
            (Err(_), _) => Vec::new(),
            (Ok(shift), place) => {
                let kind = match place {
                    Place::Form(form) => Some((form.kind(), form.amount())),
                    _ => None,
                };
                let line = said_of(w, kind, &shift, context.snapshot);
                self.return_to_base(context);
                if shift.closed.is_some() {
                    self.place = Place::Slip(shift);
                } else if context.snapshot.desk.shift.is_none() {
                    // The snapshot with the shift comes after its answer: the form is done.
                    self.place = Place::Overview;
                }
                let mut actions = vec![Action::Say(line), Action::List(EARLIER)];
                actions.extend(self.ask());
                actions
            }
        }
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        let seen = Seen::of(context.snapshot);
        let opened = seen.shift.is_some() != self.seen.shift.is_some();
        if let Place::Form(form) = &mut self.place {
            form.keep_to(context.snapshot);
        }
        if seen == self.seen {
            return Vec::new();
        }
        self.seen = seen;
        let looking = matches!(self.place, Place::Slip(_));
        if opened && !looking {
            self.return_to_base(context);
        }
        self.ask().into_iter().collect()
    }

    /// The number of the newest act: its answer carries it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Keys are a PIN's now: a scan is dropped.
    pub fn asks_pin(&self) -> bool {
        matches!(&self.place, Place::Form(form) if form.asks_pin())
    }

    /// A scan went into the reason's field: it is no reason, and may be a payment code.
    pub fn forget(&mut self, scanned: &str) {
        if let Place::Form(form) = &mut self.place {
            form.forget(scanned);
        }
    }
}

/// The reason's field takes or gives up the keys.
fn focus_moved(was: Field, is: Field) -> Vec<Action> {
    match (was == Field::Reason, is == Field::Reason) {
        (false, true) => vec![Action::Focus(true)],
        (true, false) => vec![Action::Focus(false)],
        _ => Vec::new(),
    }
}

/// The time of a shift, up to now where it is open.
pub fn scope(shift: &Shift, now_ms: i64) -> Scope {
    Scope {
        from_ms: shift.opened_ms,
        to_ms: shift.closed.as_ref().map_or(now_ms, |end| end.at_ms),
        shift: Some(shift.no),
    }
}

fn said_of(w: Words, kind: Option<(Kind, Fen)>, shift: &Shift, snapshot: &Snapshot) -> String {
    if shift.closed.is_some() {
        return w.done_closed(shift.no);
    }
    match kind {
        Some((Kind::HandOver, _)) => {
            w.done_handed(super::report::name(&snapshot.staff, &shift.holder))
        }
        Some((Kind::CashIn | Kind::CashOut, amount)) => w.done_cash(&amount.grouped()),
        _ => w.done_opened(shift.no),
    }
}
