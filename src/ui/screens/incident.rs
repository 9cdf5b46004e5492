//! An incident: this till's record and the gateway's side by side, and a manager's word about
//! it: refund, accept on the gateway's proof, settle by the row, dispute.
//!
//! Invariants: only what the till offers can be chosen; a settlement goes out once, with a
//! manager's PIN and a reason; the gateway's row is read again by the till at that moment.

mod view;

pub use view::view;

use super::approval::{Approval, managers, turned, without_codes, without_scan};
use crate::domain::BillNo;
use crate::till::service::{Choice, Said, SettleOrder, SettledAs, Snapshot, Witnesses};
use crate::ui::app::{Context, PageKey, SETTLE_MS, Step};
use crate::ui::strings::Words;

/// The reason's field, for focus.
pub const REASON_FIELD: &str = "incident-reason";
/// The page, for scrolling.
pub const LIST: &str = "incident";
const REASON_CHARS: usize = 60;

/// What is on the page.
#[derive(Debug)]
pub struct State {
    bill_no: BillNo,
    stage: Stage,
    /// Of the newest order.
    orders: u64,
    /// Since when the stage stands, UTC ms.
    since_ms: i64,
}

/// How far it is.
#[derive(Debug)]
enum Stage {
    /// The row is being read.
    Asking,
    /// It could not be.
    Failed(Said),
    /// Side by side.
    Looking(Box<Looking>),
    /// This choice needs a manager's word.
    Confirming(Box<Confirming>),
    /// Settled.
    Done(SettledAs),
}

/// Both witnesses, and the row of the choices.
#[derive(Debug)]
pub struct Looking {
    witnesses: Box<Witnesses>,
    at: usize,
}

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// One of the till's choices.
    Choose(Choice),
    /// Reads the row again.
    Again,
}

impl Looking {
    fn actions(&self) -> Vec<Do> {
        let choices = self.witnesses.choices.iter().copied().map(Do::Choose);
        choices.chain([Do::Again]).collect()
    }

    /// The next choice, or the one before, in sight.
    fn turn(&mut self, back: bool) -> Vec<Action> {
        self.at = turned(Some(self.at), self.actions().len(), back);
        let choices = self.witnesses.choices.len();
        let low = (2..choices).contains(&self.at);
        vec![Action::Reveal { end: low }]
    }

    /// How long this must wait, ms; nothing is settled while a revert may still act (FATE 11).
    fn wait_ms(&self, what: Do, now_ms: i64) -> Option<i64> {
        let settles = matches!(what, Do::Choose(choice) if choice != Choice::Refund);
        let until = self.witnesses.not_before_ms.filter(|_| settles)?;
        Some(until.saturating_sub(now_ms)).filter(|left| *left > 0)
    }
}

/// A manager's word about one choice.
#[derive(Debug)]
pub struct Confirming {
    looking: Box<Looking>,
    choice: Choice,
    approval: Approval,
    reason: String,
    field: Field,
    sending: Option<u64>,
    line: Option<Line>,
}

/// The one line above the button.
#[derive(Debug)]
enum Line {
    /// The till said it; nothing was settled.
    Said(Said),
    /// No PIN was typed.
    PinMissing,
}

/// Which part has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// One of the reasons.
    Reasons,
    /// The reason as text.
    Text,
    /// Who decides.
    Approver,
    /// Their PIN.
    Pin,
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
    /// Both witnesses.
    Witnesses(BillNo, Result<Box<Witnesses>, Said>),
    /// A row was touched.
    Do(Do),
    /// A reason was touched.
    Reason(&'static str),
    /// The reason's text.
    Write(String),
    /// Who decides.
    Approver(String),
    /// A field was touched.
    Focus(Field),
    /// A key of the keypad.
    Pad(char),
    /// The keypad's ⌫.
    Erase,
    /// The button.
    Submit,
    /// What became of the settlement.
    Settled(u64, Result<SettledAs, Said>),
    /// Esc: one step back.
    Back,
    /// Back to the to-do list.
    Close,
}

impl Message {
    /// The till's answer: nobody was here.
    pub fn is_answer(&self) -> bool {
        matches!(self, Message::Witnesses(..) | Message::Settled(..))
    }
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Reads both witnesses.
    Read(BillNo),
    /// Settles it.
    Settle(u64, SettleOrder),
    /// The refund form of this bill.
    Refund(BillNo),
    /// A text field takes the keys; `None`: none does.
    Focus(Option<&'static str>),
    /// Scrolls the page to its end, or its beginning.
    Reveal {
        /// The end.
        end: bool,
    },
    /// Back to the to-do list.
    Close,
}

/// The reasons that are offered.
fn reasons(w: Words) -> [&'static str; 3] {
    [
        w.incident_reason_checked(),
        w.incident_reason_wallet(),
        w.incident_reason_gateway(),
    ]
}

impl State {
    /// For this bill; the gateway is asked now.
    pub fn open(bill_no: BillNo, context: Context<'_>) -> (State, Vec<Action>) {
        let state = State {
            stage: Stage::Asking,
            orders: 0,
            since_ms: context.now_ms,
            bill_no: bill_no.clone(),
        };
        (state, vec![Action::Focus(None), Action::Read(bill_no)])
    }

    /// Settlement numbers go on where an earlier page stopped.
    pub fn numbered_from(mut self, orders: u64) -> State {
        self.orders = orders;
        self
    }

    /// It waits for this settlement's answer.
    pub fn awaits(&self, number: u64) -> bool {
        matches!(&self.stage, Stage::Confirming(form) if form.sending == Some(number))
    }

    /// Keys are a PIN's or a reason's now: a scan is dropped.
    pub fn asks_pin(&self) -> bool {
        matches!(self.stage, Stage::Confirming(_))
    }

    /// A scan was dropped; what of it ran into the reason goes too.
    pub fn drop_scan(&mut self, scanned: &str) {
        if let Stage::Confirming(form) = &mut self.stage {
            form.reason = without_scan(&form.reason, scanned);
        }
    }

    /// A countdown stands on the page until then, UTC ms.
    pub fn counts_until(&self) -> Option<i64> {
        match &self.stage {
            Stage::Looking(looking) => looking.witnesses.not_before_ms,
            _ => None,
        }
    }

    fn show(&mut self, stage: Stage, now_ms: i64) {
        self.stage = stage;
        self.since_ms = now_ms;
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let now = context.now_ms;
        match message {
            Message::Key(key) => return self.key(key, context),
            Message::Tab { back } => return self.tab(back, context.snapshot),
            Message::Witnesses(bill_no, answer) => {
                if matches!(self.stage, Stage::Asking) && bill_no == self.bill_no {
                    let stage = match answer {
                        Ok(witnesses) => Stage::Looking(Box::new(Looking { witnesses, at: 0 })),
                        Err(said) => Stage::Failed(said),
                    };
                    self.show(stage, now);
                }
            }
            Message::Do(what) => return self.act(what, context),
            Message::Submit => return self.submit(),
            Message::Settled(number, settled) => return self.settled(number, settled, now),
            Message::Back => return self.back(now),
            Message::Close => return vec![Action::Close],
            touched => return self.touched(touched, context.snapshot),
        }
        Vec::new()
    }

    fn touched(&mut self, message: Message, snapshot: &Snapshot) -> Vec<Action> {
        let Stage::Confirming(form) = &mut self.stage else {
            return Vec::new();
        };
        if form.sending.is_some() {
            return Vec::new();
        }
        match message {
            Message::Reason(reason) => {
                form.reason = reason.to_owned();
                form.field = Field::Pin;
            }
            Message::Write(text) => {
                form.reason = without_codes(&text).chars().take(REASON_CHARS).collect();
                form.field = Field::Text;
                return Vec::new();
            }
            Message::Approver(id) => {
                form.approval.choose(&id);
                form.field = Field::Pin;
            }
            Message::Focus(field) => form.field = field,
            Message::Pad(c) => {
                form.field = Field::Pin;
                form.approval.digit(c);
            }
            Message::Erase => form.approval.backspace(),
            _ => {}
        }
        form.approval.keep_to(snapshot);
        form.line = None;
        vec![self.focus()]
    }

    fn key(&mut self, key: PageKey, context: Context<'_>) -> Vec<Action> {
        let settled = !(0..SETTLE_MS).contains(&context.now_ms.saturating_sub(self.since_ms));
        match (&mut self.stage, key) {
            (Stage::Looking(looking), PageKey::Step(step)) => {
                let back = matches!(step, Step::Up | Step::Left);
                looking.turn(back)
            }
            // What stood here before may have been meant.
            (_, PageKey::Enter) if !settled => Vec::new(),
            (Stage::Looking(looking), PageKey::Enter) => {
                let what = looking.actions().get(looking.at).copied();
                self.act(what.unwrap_or(Do::Again), context)
            }
            (Stage::Failed(_), PageKey::Enter) => self.act(Do::Again, context),
            (Stage::Done(_), PageKey::Enter) => vec![Action::Close],
            (Stage::Confirming(_), key) => self.form_key(key, context.snapshot),
            _ => Vec::new(),
        }
    }

    fn act(&mut self, what: Do, context: Context<'_>) -> Vec<Action> {
        let now = context.now_ms;
        if what == Do::Again {
            self.show(Stage::Asking, now);
            return vec![Action::Focus(None), Action::Read(self.bill_no.clone())];
        }
        let Do::Choose(choice) = what else {
            return Vec::new();
        };
        let stage = std::mem::replace(&mut self.stage, Stage::Asking);
        let looking = match stage {
            Stage::Looking(looking) => looking,
            other => {
                self.stage = other;
                return Vec::new();
            }
        };
        let offered = looking.actions().contains(&what) && looking.wait_ms(what, now).is_none();
        if !offered || choice == Choice::Refund {
            self.stage = Stage::Looking(looking);
            return match offered {
                true => vec![Action::Refund(self.bill_no.clone())],
                false => Vec::new(),
            };
        }
        let confirming = Confirming {
            looking,
            choice,
            approval: Approval::new(context.snapshot),
            reason: String::new(),
            field: Field::Reasons,
            sending: None,
            line: None,
        };
        self.show(Stage::Confirming(Box::new(confirming)), now);
        vec![self.focus()]
    }

    fn form_key(&mut self, key: PageKey, snapshot: &Snapshot) -> Vec<Action> {
        let Stage::Confirming(form) = &mut self.stage else {
            return Vec::new();
        };
        if form.sending.is_some() {
            return Vec::new();
        }
        let w = Words::new(snapshot.shop.language);
        match (key, form.field) {
            (PageKey::Enter, Field::Pin) => return self.submit(),
            (PageKey::Enter, Field::Reasons) if form.reason.is_empty() => {
                form.turn_reason(w, false)
            }
            // A reason was given: no other text is asked for.
            (PageKey::Enter, Field::Reasons) => {
                form.next(false, snapshot);
                form.next(false, snapshot);
            }
            (PageKey::Enter, _) | (PageKey::Step(Step::Down), _) => form.next(false, snapshot),
            (PageKey::Step(Step::Up), _) => form.next(true, snapshot),
            (PageKey::Step(step), Field::Reasons) => form.turn_reason(w, step == Step::Left),
            (PageKey::Step(step), Field::Approver) => {
                form.approval.step(snapshot, step == Step::Left);
            }
            (PageKey::Character(c), Field::Pin) => {
                form.line = None;
                form.approval.digit(c);
            }
            (PageKey::Backspace, Field::Pin) => form.approval.backspace(),
            _ => {}
        }
        vec![self.focus()]
    }

    fn tab(&mut self, back: bool, snapshot: &Snapshot) -> Vec<Action> {
        match &mut self.stage {
            Stage::Confirming(form) => {
                form.next(back, snapshot);
                vec![self.focus()]
            }
            Stage::Looking(looking) => looking.turn(back),
            _ => Vec::new(),
        }
    }

    fn focus(&self) -> Action {
        Action::Focus(match &self.stage {
            Stage::Confirming(form) if form.field == Field::Text => Some(REASON_FIELD),
            _ => None,
        })
    }

    fn submit(&mut self) -> Vec<Action> {
        let number = self.orders.saturating_add(1);
        let Stage::Confirming(form) = &mut self.stage else {
            return Vec::new();
        };
        let Some(order) = form.order(self.bill_no.clone()) else {
            return vec![self.focus()];
        };
        form.sending = Some(number);
        self.orders = number;
        vec![self.focus(), Action::Settle(number, order)]
    }

    fn settled(
        &mut self,
        number: u64,
        settled: Result<SettledAs, Said>,
        now_ms: i64,
    ) -> Vec<Action> {
        let Stage::Confirming(form) = &mut self.stage else {
            return Vec::new();
        };
        if form.sending != Some(number) {
            return Vec::new();
        }
        match settled {
            Ok(how) => self.show(Stage::Done(how), now_ms),
            Err(said) => {
                form.sending = None;
                form.approval.forget_pin();
                form.field = Field::Pin;
                form.line = Some(Line::Said(said));
            }
        }
        vec![self.focus()]
    }

    /// Esc: from the form to the witnesses, else to the list. A settlement under way goes on;
    /// its answer is said.
    fn back(&mut self, now_ms: i64) -> Vec<Action> {
        match std::mem::replace(&mut self.stage, Stage::Asking) {
            Stage::Confirming(form) if form.sending.is_none() => {
                self.show(Stage::Looking(form.looking), now_ms);
                vec![Action::Focus(None)]
            }
            stage => {
                self.stage = stage;
                vec![Action::Close]
            }
        }
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        if let Stage::Confirming(form) = &mut self.stage {
            form.approval.keep_to(context.snapshot);
        }
        Vec::new()
    }
}

impl Confirming {
    fn next(&mut self, back: bool, snapshot: &Snapshot) {
        let mut all = vec![Field::Reasons, Field::Text];
        if managers(snapshot).len() > 1 {
            all.push(Field::Approver);
        }
        all.push(Field::Pin);
        let at = all.iter().position(|field| *field == self.field);
        let to = all.get(turned(at, all.len(), back));
        self.field = to.copied().unwrap_or(Field::Pin);
    }

    fn turn_reason(&mut self, w: Words, back: bool) {
        let all = reasons(w);
        let at = all.iter().position(|reason| **reason == self.reason);
        if let Some(reason) = all.get(turned(at, all.len(), back)) {
            self.reason = (*reason).to_owned();
        }
    }

    /// The order, where everything is there; else the first field that lacks something.
    fn order(&mut self, bill_no: BillNo) -> Option<SettleOrder> {
        if self.sending.is_some() {
            return None;
        }
        let reason = self.reason.trim().to_owned();
        if reason.is_empty() {
            self.field = Field::Reasons;
            self.line = Some(Line::Said(Said::ReasonMissing));
            return None;
        }
        let Some((id, pin)) = self.approval.take() else {
            self.field = Field::Pin;
            self.line = Some(Line::PinMissing);
            return None;
        };
        self.line = None;
        Some(SettleOrder {
            bill_no,
            choice: self.choice,
            id,
            pin,
            reason,
        })
    }
}
