//! F6: a refund. Find the bill, how much, why, a manager's PIN; then what became of it.
//!
//! Invariants: one order goes out once, whatever is pressed; an answer counts only for what
//! asked for it; nothing is called failed or not refunded without the till's proof.

mod find;
mod form;
mod form_view;
mod outcome;
mod view;

pub use find::Find;
pub use form::{Field, Form, Line, Reason};
pub use outcome::{Do, Outcome};
pub use view::view;

use crate::domain::config::Provider;
use crate::domain::query::{Query, RefundLine};
use crate::domain::staff::Role;
use crate::domain::{BillNo, RefundNo};
use crate::till::service::{
    BillView, Ordered, RefundAsk, RefundOrder, RefundView, Refundable, Said, Snapshot,
};
use crate::ui::app::{Context, PageKey, Step};

/// The search field, for focus.
pub const SEARCH_FIELD: &str = "refund-search";
/// The text of another reason, for focus.
pub const REASON_FIELD: &str = "refund-reason";
/// The form, for scrolling.
pub const FORM: &str = "refund-form";
/// The list of bills, for scrolling.
pub const LIST: &str = "refund-bills";
/// A row of it with its line, in the design's pixels.
pub const ROW: f32 = 56.0;

/// What is on the page.
#[derive(Debug)]
pub struct State {
    find: Find,
    stage: Stage,
    /// The page was opened for one bill: Esc closes it.
    direct: bool,
    /// Of the newest order.
    orders: u64,
    /// In practice: the panel instead of the keypad.
    panel: bool,
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// The list of bills.
    Find,
    /// This bill is being checked at the gateway.
    Asking(BillNo),
    /// Nothing of this bill can be refunded now.
    Stopped(Box<Stopped>),
    /// How much, why, who.
    Form(Box<Form>),
    /// Ordered.
    Outcome(Box<Outcome>),
}

/// Why nothing can be refunded, with what is known of the bill.
#[derive(Debug)]
pub struct Stopped {
    /// Which.
    pub bill_no: BillNo,
    /// Why.
    pub why: Said,
    /// What the gateway and the ledger said, where they did.
    pub bill: Option<Box<Refundable>>,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, where no text field took it.
    Key(PageKey),
    /// Tab, or Shift+Tab.
    Tab {
        /// Shift+Tab.
        back: bool,
    },
    /// The search field's text.
    Search(String),
    /// The answer to a search.
    Found(u64, Result<Vec<BillView>, String>),
    /// This bill was touched, or is asked at the gateway.
    Choose(BillNo),
    /// What can be refunded of it.
    Refundable(BillNo, Result<Box<Refundable>, Said>),
    /// A key of the keypad.
    Pad(char),
    /// The keypad's ⌫.
    Erase,
    /// 全部.
    All,
    /// Why.
    Reason(Reason),
    /// The text of another reason.
    Other(String),
    /// Who approves.
    Approver(String),
    /// A field was touched.
    Focus(Field),
    /// The red button.
    Submit,
    /// The order's answer.
    Ordered(u64, Ordered),
    /// An action of the result.
    Do(Do),
    /// This ledger's refunds of a bill.
    Refunds(BillNo, Vec<RefundView>),
    /// A refund's story.
    Story(RefundNo, Vec<RefundLine>),
    /// In practice: the panel or the keypad.
    Panel,
    /// Esc: one step back.
    Back,
    /// Back to the sale.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Searches the ledger.
    Search(u64, Query),
    /// Asks what can be refunded.
    Ask(BillNo),
    /// Orders it.
    Order(u64, RefundOrder),
    /// Asks for it: a manager decides.
    Request(u64, RefundAsk),
    /// Asks the gateway about a refund now.
    AskRefund(RefundNo),
    /// Reads this ledger's refunds of a bill.
    Read(BillNo),
    /// Reads a refund's story.
    Story(RefundNo),
    /// A text field takes the keys; `None`: none does.
    Focus(Option<&'static str>),
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
    /// Scrolls the form to its end, or its beginning.
    Reveal {
        /// The end.
        end: bool,
    },
    /// The form for this bill, where the person may.
    Refund(BillNo),
    /// F7.
    ToDo,
    /// Shows this refund's slip.
    Slip(RefundNo),
    /// Back to the sale.
    Close,
}

/// F6 opens on a till that can refund, for a manager, and for a cashier where the shop lets them
/// ask; else this is why not.
pub fn may(snapshot: &Snapshot) -> Result<(), Said> {
    let asks = snapshot.settings.refund.need_approval;
    match &snapshot.signed_in {
        None => Err(Said::Locked),
        Some(staff) if staff.role != Role::Manager && !asks => Err(Said::NotAllowed),
        Some(_) if snapshot.settings.gateway.provider == Provider::Jubao => {
            Err(Said::RefundsNotOffered)
        }
        Some(_) if !snapshot.desk.can_refund => Err(Said::NoMasterSecret),
        Some(_) => Ok(()),
    }
}

impl State {
    fn at(stage: Stage, direct: bool) -> State {
        State {
            find: Find::default(),
            stage,
            direct,
            orders: 0,
            panel: false,
        }
    }

    /// With the search.
    pub fn open(context: Context<'_>) -> (State, Vec<Action>) {
        let mut state = State::at(Stage::Find, false);
        let next = state.find.search(context.now_ms);
        let mut actions = state.after_find(next);
        actions.push(Action::Focus(Some(SEARCH_FIELD)));
        (state, actions)
    }

    /// For this bill.
    pub fn for_bill(bill_no: BillNo) -> (State, Vec<Action>) {
        let mut state = State::at(Stage::Find, true);
        let actions = state.ask(bill_no);
        (state, actions)
    }

    /// Shows this refund.
    pub fn showing(refund: &RefundView, context: Context<'_>) -> (State, Vec<Action>) {
        let outcome = Outcome::of(refund, context.now_ms);
        let actions = vec![Action::Focus(None), Action::Story(refund.refund_no.clone())];
        (State::at(Stage::Outcome(Box::new(outcome)), true), actions)
    }

    /// Keys are a PIN's or a reason's now: a scan is dropped.
    pub fn asks_pin(&self) -> bool {
        match &self.stage {
            Stage::Form(form) => matches!(form.field(), Field::Pin | Field::Other),
            _ => false,
        }
    }

    /// A scan was dropped; what of it ran into a text goes too.
    pub fn drop_scan(&mut self, scanned: &str) {
        if let Stage::Form(form) = &mut self.stage {
            form.drop_scan(scanned);
        }
    }

    /// The page stands on this refund's result: nothing needs to be announced.
    pub fn shows(&self, refund_no: &RefundNo) -> bool {
        matches!(&self.stage, Stage::Outcome(outcome) if outcome.refund_no() == refund_no)
    }

    /// It waits for this order's answer.
    pub fn awaits(&self, number: u64) -> bool {
        matches!(&self.stage, Stage::Form(form) if form.sending() == Some(number))
    }

    /// Order numbers go on where an earlier page stopped: a late answer never fits a new order.
    pub fn numbered_from(mut self, orders: u64) -> State {
        self.orders = orders;
        self
    }

    /// What is shown of a refund counts seconds.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Outcome(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let now = context.now_ms;
        match message {
            Message::Key(key) => return self.key(key, context),
            Message::Tab { back } => return self.tab(back, context),
            Message::Search(text) => {
                let next = self.find.typed(&text, now);
                return self.after_find(next);
            }
            Message::Found(number, found) => {
                let next = self.find.found(number, found, now);
                return match self.stage {
                    Stage::Find => self.after_find(next),
                    _ => Vec::new(),
                };
            }
            Message::Choose(bill_no) => return self.ask(bill_no),
            Message::Refundable(bill_no, answer) => {
                return self.refundable(bill_no, answer, context);
            }
            Message::Ordered(number, ordered) => return self.ordered(number, ordered, context),
            // A second touch that was meant for the red button must not take the result away.
            Message::Do(_) if !self.result_is_settled(context.now_ms) => {}
            Message::Do(what) => return self.act(what),
            Message::Refunds(bill_no, refunds) => return self.refunds(&bill_no, &refunds, now),
            Message::Story(no, story) => self.story(&no, story),
            Message::Panel => self.panel = !self.panel,
            Message::Back => return self.back(now),
            Message::Close => return vec![Action::Close],
            touched => return self.touched(touched, context),
        }
        Vec::new()
    }

    /// What a finger does in the form; the keypad also writes the search.
    fn touched(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let snapshot = context.snapshot;
        let form = match (&mut self.stage, &message) {
            (Stage::Form(form), _) => form,
            (Stage::Find, Message::Pad(c)) => {
                let next = self.find.push(*c, context.now_ms);
                return self.after_find(next);
            }
            (Stage::Find, Message::Erase) => {
                let next = self.find.backspace(context.now_ms);
                return self.after_find(next);
            }
            _ => return Vec::new(),
        };
        let number = self.orders.saturating_add(1);
        match message {
            Message::Pad(c) => form.pad(c, snapshot),
            Message::Erase => form.backspace(snapshot),
            Message::All => form.fill(snapshot),
            Message::Reason(reason) => {
                form.choose_reason(reason);
                form.focus(match reason {
                    Reason::Other => Field::Other,
                    _ => form.after_choice(),
                });
            }
            Message::Other(text) => {
                form.write_other(&text);
                return Vec::new();
            }
            Message::Approver(id) => {
                form.choose_approver(&id);
                form.focus(form.after_choice());
            }
            Message::Focus(field) => form.focus(field),
            Message::Submit => {
                let order = form.submit(number, snapshot);
                return self.after_form(order);
            }
            _ => {}
        }
        self.form_focus()
    }

    fn key(&mut self, key: PageKey, context: Context<'_>) -> Vec<Action> {
        match &mut self.stage {
            Stage::Find => self.find_key(key, context.now_ms),
            Stage::Asking(_) => Vec::new(),
            Stage::Stopped(stopped) => match key {
                PageKey::Enter => {
                    let bill_no = stopped.bill_no.clone();
                    self.ask(bill_no)
                }
                _ => Vec::new(),
            },
            Stage::Form(_) => self.form_key(key, context),
            Stage::Outcome(outcome) => match key {
                PageKey::Enter if outcome.is_settled(context.now_ms) => {
                    let what = outcome.action();
                    self.act(what)
                }
                PageKey::Step(step) => {
                    outcome.turn(matches!(step, Step::Left | Step::Up));
                    Vec::new()
                }
                _ => Vec::new(),
            },
        }
    }

    fn find_key(&mut self, key: PageKey, now_ms: i64) -> Vec<Action> {
        let next = match key {
            PageKey::Character(c) => self.find.push(c, now_ms),
            PageKey::Backspace => self.find.backspace(now_ms),
            PageKey::Enter => self.find.enter(),
            PageKey::Step(step) => self.find.step(step),
            PageKey::Scan(text) => self.find.scanned(text.expose(), now_ms),
        };
        self.after_find(next)
    }

    fn after_find(&mut self, next: find::Next) -> Vec<Action> {
        match next {
            find::Next::None => Vec::new(),
            find::Next::Search(number, query) => vec![Action::Search(number, query)],
            find::Next::Open(bill_no) => self.ask(bill_no),
            find::Next::Follow(row) => vec![Action::Follow(row)],
        }
    }

    fn form_key(&mut self, key: PageKey, context: Context<'_>) -> Vec<Action> {
        let Stage::Form(form) = &mut self.stage else {
            return Vec::new();
        };
        let snapshot = context.snapshot;
        match key {
            PageKey::Character(c) => form.character(c, snapshot),
            PageKey::Backspace => form.backspace(snapshot),
            PageKey::Enter => {
                let number = self.orders.saturating_add(1);
                let order = form.enter(number, snapshot);
                return self.after_form(order);
            }
            PageKey::Step(Step::Up) => form.tab(true, snapshot),
            PageKey::Step(Step::Down) => form.tab(false, snapshot),
            PageKey::Step(Step::Left) => form.turn(true, snapshot),
            PageKey::Step(Step::Right) => form.turn(false, snapshot),
            // No field of the form takes a scan.
            PageKey::Scan(text) => form.drop_scan(text.expose()),
        }
        self.form_focus()
    }

    fn after_form(&mut self, order: Option<RefundOrder>) -> Vec<Action> {
        let mut actions = self.form_focus();
        if let Some(order) = order {
            self.orders = self.orders.saturating_add(1);
            let asks = matches!(&self.stage, Stage::Form(form) if form.asks());
            actions.push(match asks {
                false => Action::Order(self.orders, order),
                true => {
                    let (bill_no, fee, reason) = (order.bill_no, order.fee, order.reason);
                    let ask = RefundAsk {
                        bill_no,
                        fee,
                        reason,
                    };
                    Action::Request(self.orders, ask)
                }
            });
        }
        actions
    }

    fn tab(&mut self, back: bool, context: Context<'_>) -> Vec<Action> {
        match &mut self.stage {
            Stage::Form(form) => {
                form.tab(back, context.snapshot);
                self.form_focus()
            }
            Stage::Find => {
                let step = match back {
                    true => Step::Up,
                    false => Step::Down,
                };
                let next = self.find.step(step);
                self.after_find(next)
            }
            Stage::Outcome(outcome) => {
                outcome.turn(back);
                Vec::new()
            }
            Stage::Asking(_) | Stage::Stopped(_) => Vec::new(),
        }
    }

    /// The same, and the field is in sight where the form is longer than the window.
    fn form_focus(&self) -> Vec<Action> {
        let mut actions = vec![self.focus()];
        if let Stage::Form(form) = &self.stage {
            let low = matches!(form.field(), Field::Other | Field::Approver | Field::Pin);
            actions.push(Action::Reveal { end: low });
        }
        actions
    }

    /// The text field that has the keys follows the form's field.
    fn focus(&self) -> Action {
        Action::Focus(match &self.stage {
            Stage::Find => Some(SEARCH_FIELD),
            Stage::Form(form) if form.field() == Field::Other => Some(REASON_FIELD),
            _ => None,
        })
    }

    fn ask(&mut self, bill_no: BillNo) -> Vec<Action> {
        self.stage = Stage::Asking(bill_no.clone());
        vec![Action::Focus(None), Action::Ask(bill_no)]
    }

    fn refundable(
        &mut self,
        bill_no: BillNo,
        answer: Result<Box<Refundable>, Said>,
        context: Context<'_>,
    ) -> Vec<Action> {
        if !matches!(&self.stage, Stage::Asking(asked) if *asked == bill_no) {
            return Vec::new();
        }
        let stopped = |why, bill| {
            let bill_no = bill_no.clone();
            Stage::Stopped(Box::new(Stopped { bill_no, why, bill }))
        };
        self.stage = match answer {
            Err(why) => stopped(why, None),
            Ok(bill) => match bill.balance.clone() {
                Err(why) => stopped(why, Some(bill)),
                Ok(balance) => Stage::Form(Box::new(Form::new(bill, balance, context.snapshot))),
            },
        };
        vec![self.focus()]
    }

    fn ordered(&mut self, number: u64, ordered: Ordered, context: Context<'_>) -> Vec<Action> {
        let Stage::Form(form) = &mut self.stage else {
            return Vec::new();
        };
        if form.sending() != Some(number) {
            return Vec::new();
        }
        match ordered {
            Err(said) => {
                form.refused(said);
                vec![self.focus()]
            }
            Ok(refund_no) => {
                let fee = form.amount().amount().unwrap_or_default();
                let before = form.balance().refundable;
                let bill_no = form.bill().bill_no.clone();
                let story = refund_no.clone();
                let now = context.now_ms;
                let asks = form.asks();
                let mut outcome = Outcome::ordered(refund_no, bill_no, fee, before, now);
                if asks {
                    outcome = outcome.only_asked();
                }
                // The till may have said more before this answer came.
                outcome.keep_to(context.snapshot, now);
                self.stage = Stage::Outcome(Box::new(outcome));
                vec![Action::Focus(None), Action::Story(story)]
            }
        }
    }

    fn result_is_settled(&self, now_ms: i64) -> bool {
        matches!(&self.stage, Stage::Outcome(outcome) if outcome.is_settled(now_ms))
    }

    fn act(&mut self, what: Do) -> Vec<Action> {
        let Stage::Outcome(outcome) = &self.stage else {
            return Vec::new();
        };
        match what {
            Do::Ask => vec![Action::AskRefund(outcome.refund_no().clone())],
            Do::Finish => vec![Action::Close],
            Do::ToDo => vec![Action::ToDo],
            Do::Again => vec![Action::Refund(outcome.bill_no().clone())],
            Do::Slip => vec![Action::Slip(outcome.refund_no().clone())],
        }
    }

    fn refunds(&mut self, bill_no: &BillNo, refunds: &[RefundView], now_ms: i64) -> Vec<Action> {
        let Stage::Outcome(outcome) = &mut self.stage else {
            return Vec::new();
        };
        let changed = outcome.bill_no() == bill_no
            && refunds.iter().any(|refund| outcome.take(refund, now_ms));
        match changed {
            true => vec![Action::Story(outcome.refund_no().clone())],
            false => Vec::new(),
        }
    }

    fn story(&mut self, no: &RefundNo, story: Vec<RefundLine>) {
        if let Stage::Outcome(outcome) = &mut self.stage
            && outcome.refund_no() == no
        {
            outcome.tell(story);
        }
    }

    /// Esc: from a bill to the list, from the list to the sale. An order that is under way goes
    /// on; its answer is said.
    fn back(&mut self, now_ms: i64) -> Vec<Action> {
        let to_list = match &self.stage {
            Stage::Find | Stage::Outcome(_) => false,
            Stage::Form(form) => !self.direct && !form.is_sending(),
            Stage::Asking(_) | Stage::Stopped(_) => !self.direct,
        };
        if !to_list {
            return vec![Action::Close];
        }
        self.stage = Stage::Find;
        let next = self.find.search(now_ms);
        let mut actions = self.after_find(next);
        actions.push(Action::Focus(Some(SEARCH_FIELD)));
        actions
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        match &mut self.stage {
            Stage::Form(form) => {
                form.keep_to(context.snapshot);
                Vec::new()
            }
            Stage::Outcome(outcome) => {
                if outcome.keep_to(context.snapshot, context.now_ms) {
                    return vec![Action::Story(outcome.refund_no().clone())];
                }
                match outcome.is_lost_from(context.snapshot) {
                    true => vec![Action::Read(outcome.bill_no().clone())],
                    false => Vec::new(),
                }
            }
            Stage::Find | Stage::Asking(_) | Stage::Stopped(_) => Vec::new(),
        }
    }
}
