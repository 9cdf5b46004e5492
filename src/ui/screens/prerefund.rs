//! 退款申请: what cashiers asked for and what waits at the gateway; a manager approves or denies
//! one or many, and sees what became of each.
//!
//! Invariants: one order goes out once, whatever is pressed; nothing is called approved, denied or
//! refunded but by the till's own state; an answer counts only for what asked for it.

mod form;
mod view;

pub use form::{Field, Form, Reason};
pub use view::view;

use crate::domain::staff::Role;
use crate::domain::{Fen, RefundNo};
use crate::till::service::{DecideOrder, Decided, RefundView, Request, Said, Snapshot, Waiting};
use crate::ui::app::{Context, PageKey, Step};
use crate::ui::face::RefundFace;
use crate::ui::screens::approval::turned;
use std::collections::BTreeSet;

/// The text of another reason, for focus.
pub const REASON_FIELD: &str = "prerefund-reason";
/// The list, for scrolling.
pub const LIST: &str = "prerefunds";
/// A row of it with its line, in the design's pixels.
pub const ROW: f32 = 64.0;

/// What is on the page.
#[derive(Debug)]
pub struct State {
    there: There,
    /// refund_no of the chosen row.
    chosen: Option<String>,
    marked: BTreeSet<String>,
    action: usize,
    stage: Stage,
    orders: u64,
}

/// What waits at the gateway.
#[derive(Debug)]
pub enum There {
    /// Being asked.
    Asking,
    /// As it was listed.
    Listed(Waiting),
    /// Why it is not known.
    Failed(Said),
}

#[derive(Debug)]
enum Stage {
    List,
    Form(Box<Form>),
    Results(Vec<Decided>),
}

/// What can be done with the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Money goes back.
    Agree,
    /// It does not.
    Deny,
    /// Asks the gateway again.
    Refresh,
}

impl Do {
    /// In their order.
    pub const ALL: [Do; 3] = [Do::Agree, Do::Deny, Do::Refresh];
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens the page.
    Open,
    /// A key, where no text field took it.
    Key(PageKey),
    /// Tab, or Shift+Tab.
    Tab {
        /// Shift+Tab.
        back: bool,
    },
    /// A row was touched: chosen, and marked or not.
    Choose(String),
    /// An action was touched.
    Do(Do),
    /// What waits at the gateway.
    Listed(Result<Waiting, Said>),
    /// Why.
    Reason(Reason),
    /// The text of another reason.
    Other(String),
    /// Who decides.
    Approver(String),
    /// A field was touched.
    Focus(Field),
    /// A key of the keypad.
    Pad(char),
    /// The keypad's ⌫.
    Erase,
    /// The form's button.
    Submit,
    /// The order's answer.
    Decided(u64, Result<Vec<Decided>, Said>),
    /// A result was touched.
    Show(RefundNo),
    /// Esc: one step back.
    Back,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Asks what waits at the gateway.
    Ask,
    /// Sends the word.
    Decide(u64, DecideOrder),
    /// Shows this refund.
    Show(RefundNo),
    /// A text field takes the keys; `None`: none does.
    Focus(Option<&'static str>),
    /// Keeps the chosen row in sight.
    Follow(usize),
    /// Back to the sale.
    Close,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// refund_no.
    pub number: &'a str,
    /// bill_no.
    pub bill_no: &'a str,
    /// How much.
    pub fee: Fen,
    /// When it was asked for, UTC ms.
    pub at_ms: Option<i64>,
    /// This till's refund, where it holds it.
    pub here: Option<&'a RefundView>,
    /// For the order.
    pub request: Request,
}

/// Who may decide, on a till that can refund.
pub fn may(snapshot: &Snapshot) -> Result<(), Said> {
    match &snapshot.signed_in {
        None => Err(Said::Locked),
        Some(staff) if staff.role != Role::Manager => Err(Said::NotAllowed),
        Some(_) if !snapshot.desk.can_refund => Err(Said::NoMasterSecret),
        Some(_) => Ok(()),
    }
}

/// What this till holds and a manager may decide: requests, and words that nobody answered.
pub fn waiting_here(snapshot: &Snapshot) -> impl Iterator<Item = &RefundView> {
    snapshot.desk.refunds.iter().filter(|refund| {
        let there = refund.pre.as_ref().is_some_and(|pre| pre.there.is_some());
        match RefundFace::of(refund) {
            RefundFace::Requested => true,
            RefundFace::Unknown => there,
            _ => false,
        }
    })
}

impl State {
    /// Opens; the gateway is being asked.
    pub fn open(chosen: Option<&RefundNo>, snapshot: &Snapshot, orders: u64) -> State {
        let mut state = State {
            there: There::Asking,
            chosen: chosen.map(|no| no.as_str().to_owned()),
            marked: BTreeSet::new(),
            action: 0,
            stage: Stage::List,
            orders,
        };
        state.keep_to(snapshot);
        state
    }

    /// Every line: this till's, then the gateway's.
    pub fn rows<'a>(&'a self, snapshot: &'a Snapshot) -> Vec<Row<'a>> {
        let here = waiting_here(snapshot).map(|refund| Row {
            number: refund.refund_no.as_str(),
            bill_no: refund.bill_no.as_str(),
            fee: refund.fee,
            at_ms: refund.pre.as_ref().map(|pre| pre.at_ms),
            here: Some(refund),
            request: Request::Here(refund.refund_no.clone()),
        });
        let mut rows: Vec<Row<'a>> = here.collect();
        if let There::Listed(waiting) = &self.there {
            let known = &snapshot.desk.refunds;
            let is_known = |no: &str| known.iter().any(|r| r.refund_no.as_str() == no);
            let fresh = waiting.rows.iter().filter(|r| !is_known(&r.row.refund_no));
            rows.extend(fresh.map(|row| Row {
                number: &row.row.refund_no,
                bill_no: &row.row.bill_no,
                fee: row.row.fee,
                at_ms: row.row.create_time_ms,
                here: None,
                request: Request::There(row.clone()),
            }));
        }
        rows
    }

    /// What an action is about: what is marked, else the chosen row.
    pub fn wanted<'a>(&'a self, snapshot: &'a Snapshot) -> Vec<Row<'a>> {
        let mut rows = self.rows(snapshot);
        match self.marked.is_empty() {
            true => rows.retain(|row| Some(row.number) == self.chosen.as_deref()),
            false => rows.retain(|row| self.marked.contains(row.number)),
        }
        rows.truncate(DecideOrder::MOST);
        rows
    }

    /// Keys are a PIN's or a reason's now.
    pub fn asks_pin(&self) -> bool {
        match &self.stage {
            Stage::Form(form) => matches!(form.field(), Field::Pin | Field::Other),
            _ => false,
        }
    }

    /// A scan ran into the reason's text.
    pub fn drop_scan(&mut self, scanned: &str) {
        if let Stage::Form(form) = &mut self.stage {
            form.drop_scan(scanned);
        }
    }

    /// What waits at the gateway, as far as known.
    pub fn there(&self) -> &There {
        &self.there
    }

    /// It waits for this order's answer.
    pub fn awaits(&self, number: u64) -> bool {
        matches!(&self.stage, Stage::Form(form) if form.sending() == Some(number))
    }

    /// What became of the last order.
    pub fn results(&self) -> Option<&[Decided]> {
        match &self.stage {
            Stage::Results(results) => Some(results),
            _ => None,
        }
    }

    /// What is not listed any more is neither chosen nor marked.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        let numbers: Vec<String> = self
            .rows(snapshot)
            .iter()
            .map(|row| row.number.to_owned())
            .collect();
        self.marked.retain(|number| numbers.contains(number));
        if !self.chosen.as_ref().is_some_and(|no| numbers.contains(no)) {
            self.chosen = numbers.first().cloned();
        }
        if let Stage::Form(form) = &mut self.stage {
            form.keep_to(snapshot);
        }
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let snapshot = context.snapshot;
        match message {
            Message::Open => {}
            Message::Listed(listed) => {
                self.there = match listed {
                    Ok(waiting) => There::Listed(waiting),
                    Err(said) => There::Failed(said),
                };
                self.keep_to(snapshot);
            }
            Message::Key(key) => return self.key(key, snapshot),
            Message::Tab { back } => return self.tab(back, snapshot),
            Message::Choose(number) => {
                self.mark(&number);
                self.chosen = Some(number);
            }
            Message::Do(what) => return self.act(what, snapshot),
            Message::Decided(number, decided) => return self.decided(number, decided),
            Message::Show(no) => return vec![Action::Show(no)],
            Message::Back => return self.back(),
            in_form => return self.in_form(in_form, snapshot),
        }
        Vec::new()
    }

    fn in_form(&mut self, message: Message, snapshot: &Snapshot) -> Vec<Action> {
        let number = self.orders.saturating_add(1);
        let Stage::Form(form) = &mut self.stage else {
            return Vec::new();
        };
        match message {
            Message::Reason(reason) => form.choose_reason(reason),
            Message::Other(text) => {
                form.write_other(&text);
                return Vec::new();
            }
            Message::Approver(id) => form.choose_approver(&id),
            Message::Focus(field) => form.focus(field),
            Message::Pad(c) => form.pad(c),
            Message::Erase => form.backspace(),
            Message::Submit => {
                let order = form.submit(number, snapshot);
                return self.after_form(order);
            }
            _ => {}
        }
        vec![self.focus()]
    }

    fn after_form(&mut self, order: Option<DecideOrder>) -> Vec<Action> {
        let mut actions = vec![self.focus()];
        if let Some(order) = order {
            self.orders = self.orders.saturating_add(1);
            actions.push(Action::Decide(self.orders, order));
        }
        actions
    }

    fn focus(&self) -> Action {
        Action::Focus(match &self.stage {
            Stage::Form(form) if form.field() == Field::Other => Some(REASON_FIELD),
            _ => None,
        })
    }

    fn key(&mut self, key: PageKey, snapshot: &Snapshot) -> Vec<Action> {
        let number = self.orders.saturating_add(1);
        match &mut self.stage {
            Stage::List => return self.list_key(key, snapshot),
            Stage::Results(_) => {
                if matches!(key, PageKey::Enter) {
                    return self.back();
                }
            }
            Stage::Form(form) => {
                match key {
                    PageKey::Character(c) => form.character(c),
                    PageKey::Backspace => form.backspace(),
                    PageKey::Enter => {
                        let order = form.enter(number, snapshot);
                        return self.after_form(order);
                    }
                    PageKey::Step(Step::Up) => form.tab(true, snapshot),
                    PageKey::Step(Step::Down) => form.tab(false, snapshot),
                    PageKey::Step(Step::Left) => form.turn(true, snapshot),
                    PageKey::Step(Step::Right) => form.turn(false, snapshot),
                    PageKey::Scan(text) => form.drop_scan(text.expose()),
                }
                return vec![self.focus()];
            }
        }
        Vec::new()
    }

    fn list_key(&mut self, key: PageKey, snapshot: &Snapshot) -> Vec<Action> {
        match key {
            PageKey::Character(' ') => {
                if let Some(number) = self.chosen.clone() {
                    self.mark(&number);
                }
            }
            PageKey::Enter => {
                let what = Do::ALL.get(self.action).copied().unwrap_or(Do::Agree);
                return self.act(what, snapshot);
            }
            PageKey::Step(step @ (Step::Left | Step::Right)) => {
                let back = step == Step::Left;
                self.action = turned(Some(self.action), Do::ALL.len(), back);
            }
            PageKey::Step(step) => return self.step(step == Step::Up, snapshot),
            PageKey::Character(_) | PageKey::Backspace | PageKey::Scan(_) => {}
        }
        Vec::new()
    }

    fn step(&mut self, up: bool, snapshot: &Snapshot) -> Vec<Action> {
        let rows = self.rows(snapshot);
        let at = rows
            .iter()
            .position(|row| Some(row.number) == self.chosen.as_deref());
        let to = match (at, up) {
            (Some(at), true) => at.saturating_sub(1),
            (Some(at), false) => (at + 1).min(rows.len().saturating_sub(1)),
            (None, _) => 0,
        };
        let chosen = rows.get(to).map(|row| row.number.to_owned());
        self.chosen = chosen;
        vec![Action::Follow(to)]
    }

    fn tab(&mut self, back: bool, snapshot: &Snapshot) -> Vec<Action> {
        match &mut self.stage {
            Stage::Form(form) => {
                form.tab(back, snapshot);
                vec![self.focus()]
            }
            Stage::List => {
                self.action = turned(Some(self.action), Do::ALL.len(), back);
                Vec::new()
            }
            Stage::Results(_) => Vec::new(),
        }
    }

    fn mark(&mut self, number: &str) {
        if !self.marked.remove(number) && self.marked.len() < DecideOrder::MOST {
            self.marked.insert(number.to_owned());
        }
    }

    fn act(&mut self, what: Do, snapshot: &Snapshot) -> Vec<Action> {
        let agree = match what {
            Do::Refresh => {
                self.there = There::Asking;
                return vec![Action::Ask];
            }
            what => what == Do::Agree,
        };
        let wanted = self.wanted(snapshot);
        if wanted.is_empty() {
            return Vec::new();
        }
        let sum = wanted
            .iter()
            .map(|row| row.fee.0)
            .fold(0, i64::saturating_add);
        let requests = wanted.into_iter().map(|row| row.request).collect();
        let form = Form::new(requests, Fen(sum), agree, snapshot);
        self.stage = Stage::Form(Box::new(form));
        vec![self.focus()]
    }

    fn decided(&mut self, number: u64, decided: Result<Vec<Decided>, Said>) -> Vec<Action> {
        let Stage::Form(form) = &mut self.stage else {
            return Vec::new();
        };
        if form.sending() != Some(number) {
            return Vec::new();
        }
        match decided {
            Ok(decided) => {
                self.marked.clear();
                self.action = 0;
                self.stage = Stage::Results(decided);
            }
            Err(said) => form.refused(said),
        }
        vec![self.focus()]
    }

    /// Esc: from the form or the results to the list, from there to the sale.
    fn back(&mut self) -> Vec<Action> {
        match &self.stage {
            Stage::List => vec![Action::Close],
            // It is on its way, and its answer is told.
            Stage::Form(form) if form.sending().is_some() => vec![Action::Close],
            Stage::Form(_) => {
                self.stage = Stage::List;
                vec![Action::Focus(None)]
            }
            Stage::Results(_) => {
                (self.stage, self.there) = (Stage::List, There::Asking);
                vec![Action::Ask]
            }
        }
    }
}
