//! 日结对账: this ledger against the gateway, one difference a line. Managers only.
//!
//! Invariant: what is shown belongs to the time that is chosen, and is said to match only when
//! everything was compared and no difference was found (I10).

mod view;

pub use view::view;

use crate::domain::reconcile::{Difference, DifferenceKind, Scope};
use crate::domain::shift::Shift;
use crate::domain::time::Day;
use crate::till::service::{Command, ReconcileProgress, ReconcileView, Said, Snapshot};
use crate::ui::app::{Context, PageKey, Step};

/// The differences, for scrolling.
pub const LIST: &str = "differences";
/// A row with its line, in the design's pixels.
pub const ROW: f32 = 97.0;

/// Shifts that are offered.
const SHIFTS: u32 = 4;

/// What is on the page.
#[derive(Debug)]
pub struct State {
    scope: Scope,
    /// A line of [`Entry`]s.
    chosen: usize,
    /// The order to start is not answered yet.
    starting: bool,
    /// The newest shifts, to choose from.
    shifts: Vec<Shift>,
}

/// What the arrows go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Starts, goes on, or stops.
    Main,
    /// Compares this shift.
    Shift(usize),
    /// Practice: plants differences.
    Plant,
    /// A difference.
    Difference(usize),
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, where no text field took it.
    Key(PageKey),
    /// The day before (false) or after.
    Turn(bool),
    /// Back to today.
    Today,
    /// The time of one of the shifts.
    Shift(usize),
    /// The newest shifts.
    Listed(Result<Vec<Shift>, String>),
    /// Starts, or goes on.
    Start,
    /// What became of the order.
    Started(Result<(), Said>),
    /// Stops it.
    Cancel,
    /// Practice.
    Plant,
    /// What a difference is about.
    Open(usize),
    /// Back.
    Close,
}

impl Message {
    /// The till's answer: nobody was here.
    pub fn is_answer(&self) -> bool {
        matches!(self, Message::Listed(_) | Message::Started(_))
    }
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Asks for the newest shifts.
    List(u32),
    /// Starts, or goes on.
    Start(Scope),
    /// Stops it.
    Cancel,
    /// For the till.
    Send(Command),
    /// To this bill.
    OpenBill(String),
    /// To this bill's refunds, by the gateway.
    OpenRefund(String),
    /// Keeps this difference in sight.
    Follow(usize),
    /// Back to the sale.
    Close,
}

/// The same time. An open shift's ends now, whenever that is.
fn same(a: &Scope, b: &Scope) -> bool {
    match (a.shift, b.shift) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn is_running(view: &ReconcileView) -> bool {
    view.progress == ReconcileProgress::Running
}

impl State {
    /// This time; else what is being compared; else today.
    pub fn open(scope: Option<Scope>, context: Context<'_>) -> (State, Vec<Action>) {
        let running = context.snapshot.desk.reconcile.as_deref();
        let running = running.filter(|view| is_running(view));
        let state = State {
            scope: scope
                .or(running.map(|view| view.run.scope))
                .unwrap_or(Scope::day(Day::of(context.now_ms))),
            chosen: 0,
            starting: false,
            shifts: Vec::new(),
        };
        (state, vec![Action::List(SHIFTS)])
    }

    /// What is compared.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How the chosen time's comparison stands.
    pub fn shown<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a ReconcileView> {
        let view = snapshot.desk.reconcile.as_deref()?;
        same(&view.run.scope, &self.scope).then_some(view)
    }

    /// Another time is being compared.
    fn other_is_running(&self, snapshot: &Snapshot) -> bool {
        let view = snapshot.desk.reconcile.as_deref();
        view.is_some_and(|view| is_running(view) && !same(&view.run.scope, &self.scope))
    }

    fn differences<'a>(&self, snapshot: &'a Snapshot) -> &'a [Difference] {
        self.shown(snapshot)
            .map_or(&[], |view| view.run.differences.as_slice())
    }

    fn entries(&self, snapshot: &Snapshot) -> Vec<Entry> {
        let mut all = vec![Entry::Main];
        all.extend((0..self.shifts.len()).map(Entry::Shift));
        if snapshot.practice.is_some() {
            all.push(Entry::Plant);
        }
        let found = self.differences(snapshot).len();
        all.extend((0..found).map(Entry::Difference));
        all
    }

    fn chosen(&self, snapshot: &Snapshot) -> Entry {
        let all = self.entries(snapshot);
        all.get(self.chosen).copied().unwrap_or(Entry::Main)
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        match message {
            Message::Key(key) => self.key(key, context),
            Message::Turn(later) => {
                self.turn(later, context.now_ms);
                Vec::new()
            }
            Message::Today => {
                self.look_at(Day::of(context.now_ms));
                Vec::new()
            }
            Message::Shift(at) => {
                self.look_at_shift(at, context.now_ms);
                Vec::new()
            }
            Message::Listed(shifts) => {
                self.shifts = shifts.unwrap_or_default();
                Vec::new()
            }
            Message::Start => self.start(context.snapshot),
            Message::Started(_) => {
                self.starting = false;
                Vec::new()
            }
            Message::Cancel => vec![Action::Cancel],
            Message::Plant => vec![Action::Send(Command::PracticePlant)],
            Message::Open(at) => self.open_difference(at, context.snapshot),
            Message::Close => vec![Action::Close],
        }
    }

    fn key(&mut self, key: PageKey, context: Context<'_>) -> Vec<Action> {
        match key {
            PageKey::Enter => self.enter(context),
            PageKey::Step(Step::Left) => self.update(Message::Turn(false), context),
            PageKey::Step(Step::Right) => self.update(Message::Turn(true), context),
            PageKey::Step(step) => self.step(step, context.snapshot),
            PageKey::Character(_) | PageKey::Backspace | PageKey::Scan(_) => Vec::new(),
        }
    }

    fn enter(&mut self, context: Context<'_>) -> Vec<Action> {
        let snapshot = context.snapshot;
        match self.chosen(snapshot) {
            Entry::Main if self.shown(snapshot).is_some_and(is_running) => vec![Action::Cancel],
            Entry::Main => self.start(snapshot),
            Entry::Shift(at) => self.update(Message::Shift(at), context),
            Entry::Plant => vec![Action::Send(Command::PracticePlant)],
            Entry::Difference(at) => self.open_difference(at, snapshot),
        }
    }

    /// An interrupted one goes on with the time that it began with.
    fn start(&mut self, snapshot: &Snapshot) -> Vec<Action> {
        if self.starting || self.shown(snapshot).is_some_and(is_running) {
            return Vec::new();
        }
        let begun = self.shown(snapshot).filter(|view| !view.run.finished);
        let scope = begun.map_or(self.scope, |view| view.run.scope);
        self.starting = true;
        self.chosen = 0;
        vec![Action::Start(scope)]
    }

    fn step(&mut self, step: Step, snapshot: &Snapshot) -> Vec<Action> {
        let last = self.entries(snapshot).len().saturating_sub(1);
        self.chosen = match step {
            Step::Up => self.chosen.saturating_sub(1),
            _ => (self.chosen + 1).min(last),
        };
        match self.chosen(snapshot) {
            Entry::Difference(at) => vec![Action::Follow(at)],
            _ => Vec::new(),
        }
    }

    fn turn(&mut self, later: bool, now_ms: i64) {
        let day = Day::of(self.scope.from_ms);
        let to = if later {
            Day::of(day.end_ms())
        } else {
            Day::of(day.start_ms().saturating_sub(1))
        };
        // A shift is left for its own day first, and nobody looks at tomorrow.
        let to = if self.scope.shift.is_some() { day } else { to };
        self.look_at(to.min(Day::of(now_ms)));
    }

    fn look_at(&mut self, day: Day) {
        self.scope = Scope::day(day);
        self.chosen = 0;
    }

    fn look_at_shift(&mut self, at: usize, now_ms: i64) {
        if let Some(shift) = self.shifts.get(at) {
            self.scope = super::shift::scope(shift, now_ms);
            self.chosen = 0;
        }
    }

    /// Where only the gateway has it, its refund; else the bill.
    fn open_difference(&mut self, at: usize, snapshot: &Snapshot) -> Vec<Action> {
        let Some(found) = self.differences(snapshot).get(at) else {
            return Vec::new();
        };
        let bill_no = found.bill_no.clone();
        vec![if opens_refund(found) {
            Action::OpenRefund(bill_no)
        } else {
            Action::OpenBill(bill_no)
        }]
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        let last = self.entries(context.snapshot).len().saturating_sub(1);
        self.chosen = self.chosen.min(last);
        Vec::new()
    }

    /// Keys are never a PIN's here.
    pub fn asks_pin(&self) -> bool {
        false
    }
}

/// A difference that this ledger can't show: the gateway is asked about it in the refund's form.
fn opens_refund(found: &Difference) -> bool {
    match found.kind {
        DifferenceKind::MissingHere => true,
        DifferenceKind::Refund => found.here.is_none(),
        _ => false,
    }
}
