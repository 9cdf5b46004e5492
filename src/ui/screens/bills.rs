//! F5: the ledger's bills. Search by the last digits, an amount, a time or a scanned slip; filters
//! for days, state, wallet and cashier; pages; the story of the chosen one; Enter asks the gateway
//! about it; the day's chart; the export.
//!
//! Invariants: an answer is shown only for the question that asked for it; never more than one
//! page is loaded, however many bills there are.

mod export;
mod filter;
mod side;
mod view;

pub use export::{Edit, Export};
pub use filter::{Days, Filters, Sort};
pub use view::view;

use crate::domain::query::{Query, StoryLine};
use crate::domain::shift::ShiftReport;
use crate::domain::staff::Role;
use crate::domain::time::Day;
use crate::domain::{BillNo, State as BillState, Wallet};
use crate::till::service::{BillView, Command, ExportOrder, Exported, RefundView, Said, Snapshot};
use crate::ui::app::{Context, Step};

/// The search field, for focus.
pub const SEARCH_FIELD: &str = "search";
/// The list, for scrolling.
pub const LIST: &str = "bills";
/// A row with its line, in the design's pixels.
pub const ROW: f32 = 48.0;
const SEARCH_CHARS: usize = 40;

/// What is searched, found and chosen.
#[derive(Debug, Default)]
pub struct State {
    search: String,
    filters: Filters,
    /// Of the newest search.
    number: u64,
    /// The newest search was for an amount, after the digits ended no bill's number.
    as_amount: bool,
    searching: bool,
    found: Vec<BillView>,
    failed: Option<String>,
    /// Where each page after the first begins: after this bill.
    starts: Vec<BillNo>,
    /// Where the next page begins, if there may be one.
    next: Option<BillNo>,
    chosen: Option<BillNo>,
    /// This bill is chosen as soon as it is found.
    wanted: Option<BillNo>,
    story: Vec<StoryLine>,
    story_failed: Option<String>,
    refunds: Vec<RefundView>,
    refunds_failed: Option<String>,
    zone: Zone,
    /// Of the newest report or export.
    report_number: u64,
    report: Option<(Day, Box<ShiftReport>)>,
    export: Option<Box<Export>>,
    export_number: u64,
}

/// What the keys go to: Tab moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// The list.
    #[default]
    List,
    /// A button of the chosen bill, or of the day.
    Do(Do),
    /// 今天 7天 全部
    Days,
    /// The states.
    Sort,
    /// The wallets.
    Wallet,
    /// Who took it.
    Operator,
    /// 导出
    Export,
}

/// What can be done, besides asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Opens the refund's form.
    Refund,
    /// Opens the incident.
    Handle,
    /// Puts it on the stage.
    Open,
    /// To the reconciliation.
    Reconcile,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// The field's text.
    SearchChanged(String),
    /// A character while the field has no focus.
    Character(char),
    /// Takes one away, while the field has no focus.
    Backspace,
    /// A pill.
    Days(Days),
    /// The day before (false) or after.
    Turn(bool),
    /// A pill; the chosen one again takes it off.
    Sort(Sort),
    /// A pill; the chosen one again takes it off.
    Wallet(Wallet),
    /// The next cashier.
    Operator,
    /// PgUp (false) or PgDn.
    Page(bool),
    /// The answer to a search.
    Found(u64, Result<Vec<BillView>, String>),
    /// A row was touched.
    Choose(BillNo),
    /// Its story.
    Read(BillNo, Result<Vec<StoryLine>, String>),
    /// Its refunds.
    Refunds(BillNo, Result<Vec<RefundView>, String>),
    /// What was taken on the day.
    Reported(u64, Result<Box<ShiftReport>, String>),
    /// Arrows, Tab.
    Step(Step),
    /// Does what the keys are at: a chosen bill is asked about.
    Enter,
    /// Asks the gateway about the chosen bill.
    Ask,
    /// A button.
    Do(Do),
    /// Opens the form of an export.
    Export,
    /// A change in it.
    Edit(Edit),
    /// What became of it.
    Exported(u64, Result<Exported, Said>),
    /// Back to the list.
    LeaveExport,
    /// Back.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// For the till.
    Send(Command),
    /// Searches.
    Search(u64, Query),
    /// Reads a story and its refunds.
    Read(BillNo),
    /// What was taken on a day.
    Report(u64, Day),
    /// Writes a file.
    Export(u64, ExportOrder),
    /// This field has the keys, or none.
    Focus(Option<&'static str>),
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
    /// To the refund's form.
    Refund(BillNo),
    /// To the incident.
    Incident(BillNo),
    /// To the reconciliation.
    Reconcile,
    /// One line.
    Say(String),
    /// Only a manager may.
    NotAllowed,
    /// Back to the sale.
    Close,
}

fn is_manager(snapshot: &Snapshot) -> bool {
    let signed_in = snapshot.signed_in.as_ref();
    signed_in.is_some_and(|staff| staff.role == Role::Manager)
}

/// Something of what was paid is left to refund.
fn has_left(bill: &BillView) -> bool {
    bill.state == BillState::Paid && bill.refunded < bill.amount
}

impl State {
    /// Opens with today's bills.
    pub fn open(context: Context<'_>) -> (State, Vec<Action>) {
        let mut state = State::default();
        let actions = state.reload(context.now_ms);
        (state, actions)
    }

    /// Opens with this bill chosen, of whatever day.
    pub fn open_at(bill_no: &BillNo, context: Context<'_>) -> (State, Vec<Action>) {
        let mut state = State {
            search: bill_no.to_string(),
            wanted: Some(bill_no.clone()),
            ..State::default()
        };
        let actions = state.reload(context.now_ms);
        (state, actions)
    }

    /// Searches again, on the same page: something changed.
    pub fn reload(&mut self, now_ms: i64) -> Vec<Action> {
        let mut actions = vec![self.again(now_ms)];
        actions.extend(self.chosen.clone().map(Action::Read));
        actions.push(self.ask_report(now_ms));
        actions
    }

    /// Searches from the first page: something else is searched for.
    fn anew(&mut self, now_ms: i64) -> Vec<Action> {
        self.starts.clear();
        self.wanted = None;
        let day = self.filters.days.day(now_ms);
        let mut actions = vec![self.again(now_ms)];
        if self.report.as_ref().is_none_or(|(of, _)| *of != day) {
            actions.push(self.ask_report(now_ms));
        }
        actions
    }

    fn again(&mut self, now_ms: i64) -> Action {
        // A later page is of what the first one was of.
        self.as_amount &= !self.starts.is_empty();
        let query = self.filters.query(&self.search, now_ms);
        let amount = self.as_amount.then(|| filter::as_amount(&query)).flatten();
        self.ask(amount.unwrap_or(query))
    }

    fn ask(&mut self, mut query: Query) -> Action {
        self.number += 1;
        self.searching = true;
        query.after = self.starts.last().cloned();
        Action::Search(self.number, query)
    }

    fn ask_report(&mut self, now_ms: i64) -> Action {
        self.report_number += 1;
        let day = self.filters.days.day(now_ms);
        if self.report.as_ref().is_some_and(|(of, _)| *of != day) {
            self.report = None;
        }
        Action::Report(self.report_number, day)
    }

    /// `17` ends no bill's number: then it is ¥ 17.00.
    fn again_as_amount(&mut self, now_ms: i64) -> Option<Action> {
        let query = self.filters.query(&self.search, now_ms);
        let query = filter::as_amount(&query).filter(|_| !self.as_amount)?;
        self.as_amount = true;
        Some(self.ask(query))
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let now_ms = context.now_ms;
        match message {
            Message::SearchChanged(text) => {
                self.search = text.chars().take(SEARCH_CHARS).collect();
                self.anew(now_ms)
            }
            Message::Character(_) | Message::Backspace => self.typed(&message, now_ms),
            Message::Days(_)
            | Message::Turn(_)
            | Message::Sort(_)
            | Message::Wallet(_)
            | Message::Operator => self.filter(message, context),
            Message::Page(older) => self.turn_page(older, now_ms),
            Message::Found(number, found) => self.found(number, found, now_ms),
            Message::Choose(bill_no) => {
                self.export = None;
                self.choose(Some(bill_no))
            }
            Message::Read(..) | Message::Refunds(..) | Message::Reported(..) => {
                self.take(message, now_ms);
                Vec::new()
            }
            Message::Step(step) => self.step(step, context),
            Message::Enter => self.enter(context),
            Message::Ask => self.ask_gateway(),
            Message::Do(what) => self.act(what),
            Message::Export => self.open_export(context),
            Message::Edit(edit) => {
                if let Some(export) = &mut self.export {
                    export.edit(edit, now_ms);
                }
                Vec::new()
            }
            Message::Exported(number, done) => {
                if let Some(export) = &mut self.export {
                    export.done(number, done);
                }
                Vec::new()
            }
            Message::LeaveExport => {
                self.back();
                Vec::new()
            }
            Message::Close => vec![Action::Close],
        }
    }

    /// Keys that no field took are the search's, while no export is typed.
    fn typed(&mut self, message: &Message, now_ms: i64) -> Vec<Action> {
        if self.export.is_some() {
            return Vec::new();
        }
        self.zone = Zone::List;
        match message {
            Message::Character(c) if self.search.chars().count() < SEARCH_CHARS => {
                self.search.push(*c);
            }
            Message::Backspace => drop(self.search.pop()),
            _ => return Vec::new(),
        }
        self.anew(now_ms)
    }

    fn filter(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let filters = &mut self.filters;
        match message {
            Message::Days(days) => filters.days = days,
            Message::Turn(later) => filters.days = filters.days.turned(later, context.now_ms),
            Message::Sort(sort) if filters.sort == sort => filters.sort = Sort::Any,
            Message::Sort(sort) => filters.sort = sort,
            Message::Wallet(wallet) if filters.wallet == Some(wallet) => filters.wallet = None,
            Message::Wallet(wallet) => filters.wallet = Some(wallet),
            _ => filters.step_operator(&context.snapshot.staff, true),
        }
        self.anew(context.now_ms)
    }

    fn turn_page(&mut self, older: bool, now_ms: i64) -> Vec<Action> {
        if older {
            // Twice before the answer would skip a page.
            match self.next.take() {
                Some(next) => self.starts.push(next),
                None => return Vec::new(),
            }
        } else if self.starts.pop().is_none() {
            return Vec::new();
        }
        self.wanted = None;
        vec![self.again(now_ms), Action::Follow(0)]
    }

    fn found(
        &mut self,
        number: u64,
        found: Result<Vec<BillView>, String>,
        now_ms: i64,
    ) -> Vec<Action> {
        if number != self.number {
            return Vec::new();
        }
        self.searching = false;
        match found {
            Ok(bills) => {
                self.failed = None;
                let full = bills.len() >= filter::PAGE_ROWS as usize;
                let last = bills.last().map(|bill| bill.bill_no.clone());
                self.next = last.filter(|_| full);
                self.found = bills;
                self.found.retain(|bill| self.filters.sort.holds(bill));
                if self.found.is_empty()
                    && self.starts.is_empty()
                    && let Some(again) = self.again_as_amount(now_ms)
                {
                    return vec![again];
                }
            }
            Err(why) => self.failed = Some(why),
        }
        self.keep_chosen()
    }

    /// The chosen bill stays while it is listed.
    fn keep_chosen(&mut self) -> Vec<Action> {
        let there = |no: &BillNo| self.found.iter().any(|b| b.bill_no == *no);
        if let Some(wanted) = self.wanted.take().filter(|no| there(no)) {
            return self.choose(Some(wanted));
        }
        match &self.chosen {
            Some(no) if !there(no) => self.choose(None),
            _ => Vec::new(),
        }
    }

    fn choose(&mut self, bill_no: Option<BillNo>) -> Vec<Action> {
        self.story.clear();
        self.refunds.clear();
        (self.story_failed, self.refunds_failed) = (None, None);
        self.chosen = bill_no;
        self.zone = Zone::List;
        self.chosen.clone().map(Action::Read).into_iter().collect()
    }

    /// What was asked about the chosen bill or the day.
    fn take(&mut self, message: Message, now_ms: i64) {
        match message {
            Message::Read(of, story) if self.chosen.as_ref() == Some(&of) => {
                (self.story, self.story_failed) = told(story);
            }
            Message::Refunds(of, refunds) if self.chosen.as_ref() == Some(&of) => {
                (self.refunds, self.refunds_failed) = told(refunds);
            }
            Message::Reported(number, report) if number == self.report_number => {
                let day = self.filters.days.day(now_ms);
                self.report = report.ok().map(|report| (day, report));
            }
            _ => {}
        }
    }

    fn enter(&mut self, context: Context<'_>) -> Vec<Action> {
        if self.export.is_some() {
            return self.export_now(context);
        }
        match (self.zone, &self.chosen) {
            (Zone::Do(what), _) => self.act(what),
            (Zone::Export, _) => self.open_export(context),
            (Zone::List, Some(_)) => self.ask_gateway(),
            (Zone::List, None) => self.move_chosen(Step::Down),
            _ => {
                self.zone = Zone::List;
                Vec::new()
            }
        }
    }

    fn ask_gateway(&self) -> Vec<Action> {
        let chosen = self.chosen.clone();
        let ask = chosen.map(|bill_no| Action::Send(Command::AskNow(bill_no)));
        ask.into_iter().collect()
    }

    /// Tab and the arrows to the side go on to the next zone; up and down move in it.
    fn step(&mut self, step: Step, context: Context<'_>) -> Vec<Action> {
        if let Some(export) = &mut self.export {
            return export.step(step);
        }
        let down = step == Step::Down;
        match (step, self.zone) {
            (Step::Left | Step::Right, _) => {
                self.next_zone(step == Step::Right, context.snapshot);
                Vec::new()
            }
            (_, Zone::List | Zone::Do(_) | Zone::Export) => {
                self.zone = Zone::List;
                self.move_chosen(step)
            }
            (_, Zone::Days) => {
                self.filters.days = self.filters.days.stepped(down);
                self.anew(context.now_ms)
            }
            (_, Zone::Sort) => {
                self.filters.sort = self.filters.sort.stepped(down);
                self.anew(context.now_ms)
            }
            (_, Zone::Wallet) => {
                self.filters.step_wallet(down);
                self.anew(context.now_ms)
            }
            (_, Zone::Operator) => {
                self.filters.step_operator(&context.snapshot.staff, down);
                self.anew(context.now_ms)
            }
        }
    }

    fn next_zone(&mut self, forward: bool, snapshot: &Snapshot) {
        let mut all = vec![Zone::List];
        all.extend(self.dos(snapshot).into_iter().map(Zone::Do));
        all.extend([Zone::Days, Zone::Sort, Zone::Wallet, Zone::Operator]);
        all.push(Zone::Export);
        let at = all.iter().position(|zone| *zone == self.zone).unwrap_or(0);
        let by = if forward { 1 } else { all.len() - 1 };
        self.zone = all.get((at + by) % all.len()).copied().unwrap_or_default();
    }

    /// What can be done with the chosen bill; without one, with the day.
    fn dos(&self, snapshot: &Snapshot) -> Vec<Do> {
        let manager = is_manager(snapshot);
        match self.chosen_bill() {
            Some(bill) => {
                let mut all = Vec::new();
                if bill.incident.is_some() {
                    all.push(Do::Handle);
                }
                if manager && has_left(bill) && bill.channel.has_refunds() {
                    all.push(Do::Refund);
                }
                all.push(Do::Open);
                all
            }
            None if manager => vec![Do::Reconcile],
            None => Vec::new(),
        }
    }

    fn act(&mut self, what: Do) -> Vec<Action> {
        let bill_no = self.chosen.clone();
        match (what, bill_no) {
            (Do::Reconcile, _) => vec![Action::Reconcile],
            (Do::Refund, Some(bill_no)) => vec![Action::Refund(bill_no)],
            (Do::Handle, Some(bill_no)) => vec![Action::Incident(bill_no)],
            (Do::Open, Some(bill_no)) => {
                vec![Action::Send(Command::Open(bill_no)), Action::Close]
            }
            (_, None) => Vec::new(),
        }
    }

    fn move_chosen(&mut self, step: Step) -> Vec<Action> {
        let at = self
            .found
            .iter()
            .position(|b| Some(&b.bill_no) == self.chosen.as_ref());
        let to = match (at, step) {
            (Some(i), Step::Up) => i.saturating_sub(1),
            (Some(i), Step::Down) => (i + 1).min(self.found.len().saturating_sub(1)),
            (None, Step::Down) => 0,
            _ => return Vec::new(),
        };
        let bill_no = self.found.get(to).map(|b| b.bill_no.clone());
        let mut actions = self.choose(bill_no);
        actions.push(Action::Follow(to));
        actions
    }

    fn chosen_bill(&self) -> Option<&BillView> {
        self.found
            .iter()
            .find(|b| Some(&b.bill_no) == self.chosen.as_ref())
    }

    /// The chosen bill, where something of it can be refunded.
    pub fn refundable(&self) -> Option<&BillView> {
        self.chosen_bill().filter(|bill| has_left(bill))
    }

    /// Esc: out of the export's form; false where the page itself closes.
    pub fn back(&mut self) -> bool {
        self.export.take().is_some()
    }

    /// A scan that the export's form took. In the search it is what is searched for.
    pub fn forget(&mut self, scanned: &str) {
        if let Some(export) = &mut self.export {
            export.forget(scanned);
        }
    }
}

/// What was read, or why nothing was.
fn told<T>(answer: Result<Vec<T>, String>) -> (Vec<T>, Option<String>) {
    match answer {
        Ok(all) => (all, None),
        Err(why) => (Vec::new(), Some(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overtaken_search_is_not_shown() {
        let snapshot = Snapshot::empty();
        let context = Context {
            snapshot: &snapshot,
            now_ms: 0,
        };
        let (mut state, _) = State::open(context);
        state.update(Message::SearchChanged("1".into()), context);
        state.update(Message::Found(1, Err("late".into())), context);
        assert!(state.failed.is_none());
        assert!(state.searching);
    }
}
