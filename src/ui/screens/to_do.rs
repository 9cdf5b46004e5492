//! F7: what is in progress and what needs someone, bills and refunds, what can be done with
//! each, and the form by which a manager releases a lock (FATE 18) or settles a refund's
//! contradiction.
//!
//! Invariant: both need a manager's id, PIN and a reason; the till checks them.

mod form;
mod view;

pub use view::view;

use crate::domain::refund::RefundNo;
use crate::domain::{BillNo, State as BillState};
use crate::till::service::{BillView, Command, NextStep, Pin, RefundView, Said, Snapshot};
use crate::ui::app::Step;
use crate::ui::face::{refunds_in_progress, refunds_to_do};
use crate::ui::screens::lamps::{Slips, stuck_slips};
use form::{About, Form};

/// The list, for scrolling.
pub const LIST: &str = "to-do";
/// A row with its line, in the design's pixels.
pub const ROW: f32 = 76.0;

/// What is chosen.
#[derive(Debug, Default)]
pub struct State {
    chosen: Option<Key>,
    /// Where it stands in the list: when it goes, the one that comes into its place is next.
    row: usize,
    action: usize,
    form: Option<Form>,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A bill.
    Bill(BillNo),
    /// A refund.
    Refund(RefundNo),
    /// Slips that stand still.
    Slips,
}

/// A row.
#[derive(Debug, Clone, Copy)]
enum Item<'a> {
    Bill(&'a BillView),
    Refund(&'a RefundView),
    Slips(Slips),
}

impl Item<'_> {
    fn key(&self) -> Key {
        match self {
            Item::Bill(bill) => Key::Bill(bill.bill_no.clone()),
            Item::Refund(refund) => Key::Refund(refund.refund_no.clone()),
            Item::Slips(_) => Key::Slips,
        }
    }

    fn is(&self, key: Option<&Key>) -> bool {
        match (self, key) {
            (Item::Bill(bill), Some(Key::Bill(no))) => bill.bill_no == *no,
            (Item::Refund(refund), Some(Key::Refund(no))) => refund.refund_no == *no,
            (Item::Slips(_), Some(Key::Slips)) => true,
            _ => false,
        }
    }

    fn actions(&self) -> Vec<Do> {
        match self {
            Item::Bill(bill) => actions(bill),
            Item::Refund(refund) => refund_actions(refund),
            Item::Slips(_) => vec![Do::Open],
        }
    }
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A row was touched.
    Choose(Key),
    /// An action was touched.
    Do(Key, Do),
    /// Does the chosen action.
    Enter,
    /// Tab and arrows.
    Step(Step),
    /// A digit of the PIN.
    Character(char),
    /// Takes one digit away.
    Backspace,
    /// Which manager.
    Manager(String),
    /// Why.
    Reason(String),
    /// The PIN's box was touched: the reason's field has lost the keys, nothing else changes.
    Pin,
    /// Sends the form.
    Submit,
    /// What became of a refund's settling.
    RefundSettled(Result<(), Said>),
    /// Esc.
    Close,
}

/// What can be done with a bill or a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Puts it on the stage; shows what became of a refund.
    Open,
    /// Both witnesses of a contradiction, and a manager's word.
    Witnesses,
    /// Asks now.
    Ask,
    /// 再次显示.
    Show,
    /// 已交货.
    HandedOver,
    /// To the refund form.
    Refund,
    /// Opens the form: releases the lock.
    Release,
    /// Opens the form: settles a refund's contradiction.
    Settle,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Nothing.
    None,
    /// For the till.
    Send(Command),
    /// Onto the stage.
    Open(BillNo),
    /// Its QR onto the stage.
    Show(BillNo),
    /// Another page.
    Page(Page),
    /// Asks the gateway about a refund now.
    AskRefund(RefundNo),
    /// A manager's word about a refund's contradiction.
    SettleRefund(RefundNo, String, Pin, String),
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
    /// The form is not complete.
    Missing,
    /// Back to the sale.
    Close,
}

/// Another page for a row.
#[derive(Debug, Clone)]
pub enum Page {
    /// A bill's contradiction.
    Incident(BillNo),
    /// A bill's refund form.
    Refund(BillNo),
    /// What became of a refund.
    Outcome(RefundNo),
    /// The print queue.
    Queue,
}

/// What this bill allows, what it waits for first.
pub fn actions(bill: &BillView) -> Vec<Do> {
    let contradicted = bill.incident.is_some() && bill.settlement.is_none();
    let mut all = Vec::new();
    if contradicted || bill.next == NextStep::Manager {
        all.push(Do::Witnesses);
    }
    all.push(Do::Open);
    if bill.late && bill.state == BillState::Paid && !contradicted {
        all.push(Do::HandedOver);
        if bill.channel.has_refunds() {
            all.push(Do::Refund);
        }
    }
    if !bill.state.is_terminal() || bill.incident.is_some() {
        all.push(Do::Ask);
    }
    if bill.can_show_again {
        all.push(Do::Show);
    }
    let locked = matches!(bill.state, BillState::Watching | BillState::Unresolved);
    if locked && !bill.released {
        all.push(Do::Release);
    }
    all
}

/// What this refund allows.
fn refund_actions(refund: &RefundView) -> Vec<Do> {
    let mut all = vec![Do::Ask, Do::Open];
    if refund.incident.is_some() || refund.unheard {
        all.push(Do::Settle);
    }
    all
}

/// What needs someone, then what goes on by itself; bills before refunds, and slips after all
/// money.
fn listed(snapshot: &Snapshot) -> impl Iterator<Item = Item<'_>> {
    let refunds = &snapshot.desk.refunds;
    let needed = snapshot.to_do.iter().map(Item::Bill);
    let needed = needed.chain(refunds_to_do(refunds).map(Item::Refund));
    let going = snapshot.in_progress.iter().map(Item::Bill);
    needed
        .chain(going)
        .chain(refunds_in_progress(refunds).map(Item::Refund))
        .chain(stuck_slips(snapshot).map(Item::Slips))
}

impl State {
    /// The first row is chosen.
    pub fn new(snapshot: &Snapshot) -> State {
        State {
            chosen: listed(snapshot).next().map(|item| item.key()),
            ..State::default()
        }
    }

    /// With the form open for this bill.
    pub fn releasing(bill_no: BillNo, snapshot: &Snapshot) -> State {
        let mut state = State::new(snapshot);
        state.chosen = Some(Key::Bill(bill_no.clone()));
        state.keep_to(snapshot);
        state.form = Some(Form::new(About::Bill(bill_no), snapshot));
        state
    }

    /// Which bill is chosen.
    pub fn chosen(&self) -> Option<&BillNo> {
        match &self.chosen {
            Some(Key::Bill(bill_no)) => Some(bill_no),
            _ => None,
        }
    }

    /// Where the chosen row stands in the list.
    pub fn row(&self) -> usize {
        self.row
    }

    /// The form is open: keys are a PIN's.
    pub fn is_releasing(&self) -> bool {
        self.form.is_some()
    }

    /// Closes the form.
    pub fn close_form(&mut self) {
        self.form = None;
    }

    /// It was wrong.
    pub fn forget_pin(&mut self) {
        if let Some(form) = &mut self.form {
            form.forget_pin();
        }
    }

    /// A scan ran into the reason's text.
    pub fn drop_scan(&mut self, scanned: &str) {
        if let Some(form) = &mut self.form {
            form.drop_scan(scanned);
        }
    }

    /// What is not listed any more is not chosen any more.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        let at = listed(snapshot).position(|item| item.is(self.chosen.as_ref()));
        match at {
            Some(row) => self.row = row,
            None => {
                let last = listed(snapshot).count().saturating_sub(1);
                self.row = self.row.min(last);
                self.chosen = listed(snapshot).nth(self.row).map(|item| item.key());
                self.action = 0;
            }
        }
    }

    /// One message.
    pub fn update(&mut self, message: Message, snapshot: &Snapshot) -> Action {
        match message {
            Message::Choose(key) => {
                self.chosen = Some(key);
                self.action = 0;
                self.keep_to(snapshot);
            }
            Message::Do(key, what) => return self.act(key, what, snapshot),
            Message::Enter if self.form.is_some() => return self.submit(),
            Message::Enter => {
                let item = listed(snapshot).find(|item| item.is(self.chosen.as_ref()));
                if let Some(item) = item {
                    let what = item.actions().get(self.action).copied();
                    return self.act(item.key(), what.unwrap_or(Do::Open), snapshot);
                }
            }
            Message::Step(step) => {
                self.step(step, snapshot);
                if self.form.is_none() && matches!(step, Step::Up | Step::Down) {
                    return Action::Follow(self.row);
                }
            }
            Message::Pin => {}
            Message::Submit => return self.submit(),
            Message::RefundSettled(Ok(())) => self.close_form(),
            Message::RefundSettled(Err(_)) => self.forget_pin(),
            Message::Close => return Action::Close,
            Message::Character(_)
            | Message::Backspace
            | Message::Manager(_)
            | Message::Reason(_) => {
                if let Some(form) = &mut self.form {
                    form.fill(message);
                }
            }
        }
        Action::None
    }

    fn act(&mut self, key: Key, what: Do, snapshot: &Snapshot) -> Action {
        match (key, what) {
            (Key::Slips, _) => Action::Page(Page::Queue),
            (Key::Bill(no), Do::Release | Do::Settle) => {
                self.form = Some(Form::new(About::Bill(no), snapshot));
                Action::None
            }
            (Key::Refund(no), Do::Release | Do::Settle) => {
                self.form = Some(Form::new(About::Refund(no), snapshot));
                Action::None
            }
            (Key::Bill(no), Do::Open) => Action::Open(no),
            (Key::Bill(no), Do::Ask) => Action::Send(Command::AskNow(no)),
            (Key::Bill(no), Do::Show) => Action::Show(no),
            (Key::Bill(no), Do::HandedOver) => Action::Send(Command::HandedOver(no)),
            (Key::Bill(no), Do::Refund) => Action::Page(Page::Refund(no)),
            (Key::Bill(no), Do::Witnesses) => Action::Page(Page::Incident(no)),
            (Key::Refund(no), Do::Ask) => Action::AskRefund(no),
            (Key::Refund(no), _) => Action::Page(Page::Outcome(no)),
        }
    }

    fn submit(&mut self) -> Action {
        self.form
            .as_mut()
            .map_or(Action::None, |form| form.submit())
    }

    fn step(&mut self, step: Step, snapshot: &Snapshot) {
        if let Some(form) = &mut self.form {
            return form.step(step, snapshot);
        }
        let items: Vec<Item<'_>> = listed(snapshot).collect();
        let at = items.iter().position(|item| item.is(self.chosen.as_ref()));
        let choices = at
            .and_then(|i| items.get(i))
            .map_or(1, |item| item.actions().len());
        match step {
            Step::Left => self.action = self.action.checked_sub(1).unwrap_or(choices - 1),
            Step::Right => self.action = (self.action + 1) % choices.max(1),
            Step::Up | Step::Down => {
                let to = match (at, step) {
                    (Some(i), Step::Up) => i.saturating_sub(1),
                    (Some(i), _) => (i + 1).min(items.len().saturating_sub(1)),
                    (None, _) => 0,
                };
                self.chosen = items.get(to).map(Item::key);
                self.row = to;
                self.action = 0;
            }
        }
    }
}
