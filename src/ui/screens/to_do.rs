//! F7: what is in progress and what needs someone, what can be done with each, and the form by
//! which a manager releases a lock (FATE 18).
//!
//! Invariant: a release needs a manager's id, PIN and a reason; the till checks them.

use super::{icon, lock, short_no, tone};
use crate::domain::staff::Role;
use crate::domain::time::clock_hm;
use crate::domain::{BillNo, State as BillState};
use crate::till::service::{BillView, Command, Pin, Snapshot};
use crate::ui::app::Step;
use crate::ui::face::Face;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length, Padding};
use zeroize::Zeroizing;

const PIN_DIGITS: usize = 12;
const REASON_CHARS: usize = 60;
/// The list, for scrolling.
pub const LIST: &str = "to-do";
/// A row with its line, in the design's pixels.
pub const ROW: f32 = 76.0;
/// Managers that are offered.
const MOST_MANAGERS: usize = 6;

/// What is chosen.
#[derive(Debug, Default)]
pub struct State {
    chosen: Option<BillNo>,
    /// Where it stands in the list: when it goes, the one that comes into its place is next.
    row: usize,
    action: usize,
    form: Option<Form>,
}

/// The release form.
struct Form {
    bill_no: BillNo,
    manager: Option<String>,
    pin: Zeroizing<String>,
    reason: String,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({})", self.bill_no)
    }
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A bill was touched.
    Choose(BillNo),
    /// An action was touched.
    Do(BillNo, Do),
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
    /// Sends the release.
    Submit,
    /// Esc.
    Close,
}

/// What can be done with a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Puts it on the stage.
    Open,
    /// Asks now.
    Ask,
    /// 再次显示.
    Show,
    /// 已交货.
    HandedOver,
    /// Opens the form.
    Release,
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
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
    /// The form is not complete.
    Missing,
    /// Back to the sale.
    Close,
}

/// What this bill allows, the plainest first.
pub fn actions(bill: &BillView) -> Vec<Do> {
    let mut all = vec![Do::Open];
    if bill.late && bill.state == BillState::Paid {
        all.push(Do::HandedOver);
    }
    if !bill.state.is_terminal() || bill.incident.is_some() {
        all.push(Do::Ask);
    }
    if bill.can_show_again {
        all.push(Do::Show);
    }
    let locked = matches!(bill.state, BillState::Watching | BillState::Unresolved);
    if locked && !bill.may_retry {
        all.push(Do::Release);
    }
    all
}

fn listed(snapshot: &Snapshot) -> impl Iterator<Item = &BillView> {
    snapshot.to_do.iter().chain(&snapshot.in_progress)
}

impl State {
    /// The first bill is chosen.
    pub fn new(snapshot: &Snapshot) -> State {
        State {
            chosen: listed(snapshot).next().map(|b| b.bill_no.clone()),
            ..State::default()
        }
    }

    /// With the form open for this bill.
    pub fn releasing(bill_no: BillNo, snapshot: &Snapshot) -> State {
        let mut state = State::new(snapshot);
        state.chosen = Some(bill_no.clone());
        state.keep_to(snapshot);
        state.open_form(bill_no, snapshot);
        state
    }

    /// Which bill is chosen.
    pub fn chosen(&self) -> Option<&BillNo> {
        self.chosen.as_ref()
    }

    /// Where it stands in the list.
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
            form.pin = Zeroizing::default();
        }
    }

    /// A bill that is not listed any more is not chosen any more.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        let at = listed(snapshot).position(|b| Some(&b.bill_no) == self.chosen.as_ref());
        match at {
            Some(row) => self.row = row,
            None => {
                let last = listed(snapshot).count().saturating_sub(1);
                self.row = self.row.min(last);
                self.chosen = listed(snapshot).nth(self.row).map(|b| b.bill_no.clone());
                self.action = 0;
            }
        }
    }

    fn open_form(&mut self, bill_no: BillNo, snapshot: &Snapshot) {
        let mut managers = managers(snapshot);
        let signed_in = snapshot
            .signed_in
            .as_ref()
            .filter(|staff| staff.role == Role::Manager)
            .map(|staff| staff.id.clone());
        let only = match (managers.next(), managers.next()) {
            (Some(one), None) => Some(one.id.clone()),
            _ => None,
        };
        self.form = Some(Form {
            bill_no,
            manager: signed_in.or(only),
            pin: Zeroizing::default(),
            reason: String::new(),
        });
    }

    /// One message.
    pub fn update(&mut self, message: Message, snapshot: &Snapshot) -> Action {
        match message {
            Message::Choose(bill_no) => {
                self.chosen = Some(bill_no);
                self.action = 0;
                self.keep_to(snapshot);
            }
            Message::Do(bill_no, what) => return self.act(bill_no, what, snapshot),
            Message::Enter if self.form.is_some() => return self.submit(),
            Message::Enter => {
                let bill = listed(snapshot).find(|b| Some(&b.bill_no) == self.chosen.as_ref());
                if let Some(bill) = bill {
                    let what = actions(bill).get(self.action).copied().unwrap_or(Do::Open);
                    return self.act(bill.bill_no.clone(), what, snapshot);
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
            Message::Close => return Action::Close,
            Message::Character(_)
            | Message::Backspace
            | Message::Manager(_)
            | Message::Reason(_) => self.fill(message),
        }
        Action::None
    }

    fn fill(&mut self, message: Message) {
        let Some(form) = &mut self.form else { return };
        match message {
            Message::Character(c) if c.is_ascii_digit() && form.pin.len() < PIN_DIGITS => {
                form.pin.push(c);
            }
            Message::Backspace => drop(form.pin.pop()),
            Message::Manager(id) => form.manager = Some(id),
            Message::Reason(reason) => {
                form.reason = reason.chars().take(REASON_CHARS).collect();
            }
            _ => {}
        }
    }

    fn act(&mut self, bill_no: BillNo, what: Do, snapshot: &Snapshot) -> Action {
        match what {
            Do::Open => Action::Open(bill_no),
            Do::Ask => Action::Send(Command::AskNow(bill_no)),
            Do::Show => Action::Show(bill_no),
            Do::HandedOver => Action::Send(Command::HandedOver(bill_no)),
            Do::Release => {
                self.open_form(bill_no, snapshot);
                Action::None
            }
        }
    }

    fn submit(&mut self) -> Action {
        let Some(form) = &mut self.form else {
            return Action::None;
        };
        let reason = form.reason.trim().to_owned();
        let Some(id) = form.manager.clone() else {
            return Action::Missing;
        };
        if form.pin.is_empty() || reason.is_empty() {
            return Action::Missing;
        }
        Action::Send(Command::Release {
            bill_no: form.bill_no.clone(),
            id,
            pin: Pin::new(std::mem::take(&mut *form.pin)),
            reason,
        })
    }

    fn step(&mut self, step: Step, snapshot: &Snapshot) {
        if let Some(form) = &mut self.form {
            return form.step(step, snapshot);
        }
        let bills: Vec<&BillView> = listed(snapshot).collect();
        let at = bills
            .iter()
            .position(|b| Some(&b.bill_no) == self.chosen.as_ref());
        let choices = at
            .and_then(|i| bills.get(i))
            .map_or(1, |b| actions(b).len());
        match step {
            Step::Left => self.action = self.action.checked_sub(1).unwrap_or(choices - 1),
            Step::Right => self.action = (self.action + 1) % choices.max(1),
            Step::Up | Step::Down => {
                let to = match (at, step) {
                    (Some(i), Step::Up) => i.saturating_sub(1),
                    (Some(i), _) => (i + 1).min(bills.len().saturating_sub(1)),
                    (None, _) => 0,
                };
                self.chosen = bills.get(to).map(|b| b.bill_no.clone());
                self.row = to;
                self.action = 0;
            }
        }
    }
}

impl Form {
    /// Left and right choose the manager, up and down one of the reasons.
    fn step(&mut self, step: Step, snapshot: &Snapshot) {
        let turn = |at: Option<usize>, len: usize| match (at, step) {
            (None, _) => 0,
            (Some(i), Step::Left | Step::Up) => i.checked_sub(1).unwrap_or(len.saturating_sub(1)),
            (Some(i), _) => (i + 1) % len.max(1),
        };
        match step {
            Step::Left | Step::Right => {
                let all: Vec<&str> = managers(snapshot).map(|m| m.id.as_str()).collect();
                let at = all
                    .iter()
                    .position(|id| Some(*id) == self.manager.as_deref());
                self.manager = all.get(turn(at, all.len())).map(|id| (*id).to_owned());
            }
            Step::Up | Step::Down => {
                let all = reasons(crate::ui::strings::Words::new(snapshot.shop.language));
                let at = all.iter().position(|reason| **reason == self.reason);
                let reason = all.get(turn(at, all.len()));
                self.reason = reason.map_or_else(String::new, |r| (*r).to_owned());
            }
        }
    }
}

fn managers(snapshot: &Snapshot) -> impl Iterator<Item = &crate::domain::staff::Staff> {
    snapshot
        .staff
        .iter()
        .filter(|staff| staff.role == Role::Manager)
        .take(MOST_MANAGERS)
}

fn reasons(w: crate::ui::strings::Words) -> [&'static str; 3] {
    [w.reason_cash(), w.reason_shown(), w.reason_left()]
}

/// The list, or the form.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let inside = match &state.form {
        Some(form) => release(look, snapshot, form),
        None => list(look, snapshot, state, now_ms),
    };
    widgets::card(look, inside)
        .padding(look.card())
        .width(Fill)
        .height(Fill)
        .into()
}

fn list<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut rows = Column::new();
    for bill in listed(snapshot) {
        let chosen = state.chosen.as_ref() == Some(&bill.bill_no);
        rows = rows.push(entry(look, bill, chosen, now_ms));
        if chosen {
            rows = rows.push(choices(look, bill, state.action));
        }
        rows = rows.push(widgets::line(look));
    }
    if listed(snapshot).next().is_none() {
        rows = rows.push(plain(w.to_do_empty(), look.label(), c.quiet));
    }
    column![
        head(look, w.to_do_title()),
        widgets::list(look, rows).id(LIST),
        plain(w.to_do_hint(), look.body(), c.quiet),
    ]
    .spacing(look.px(12.0))
    .into()
}

fn head<'a>(look: Look, title: &'a str) -> Element<'a, Message> {
    row![
        bold(title, look.sentence(), look.colors.text),
        space::horizontal(),
        widgets::press(
            look,
            Kind::Key,
            container(
                row![
                    one_line(plain(look.words.back(), look.body(), look.colors.text)),
                    widgets::key_hint(look, Kind::Outline, "Esc"),
                ]
                .spacing(look.px(8.0))
                .align_y(Alignment::Center)
            )
            .center_y(Fill),
            Some(Message::Close),
        )
        .height(look.px(48.0))
        .padding(Padding::from([0.0, look.px(16.0)])),
    ]
    .align_y(Alignment::Center)
    .into()
}

fn entry<'a>(look: Look, bill: &'a BillView, chosen: bool, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let ink = tone(look, face).ink;
    let word = if bill.late && face == Face::Paid {
        w.late_short()
    } else {
        w.word(face)
    };
    let first = row![
        one_line(plain(clock_hm(bill.sent_ms), look.label(), c.quiet)),
        one_line(bold(
            format!("¥ {}", bill.amount.grouped()),
            look.label(),
            c.text
        )),
        one_line(plain(w.wallet(bill.wallet), look.label(), c.text)),
        one_line(plain(w.way(bill.channel), look.label(), c.quiet)),
        space::horizontal(),
        drawing::icon(icon(face), look.px(20.0), ink),
        one_line(bold(word, look.label(), ink)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center);
    let doing = match (&bill.incident, face) {
        (Some(incident), _) => w.contradiction(incident),
        (None, Face::Paid) => w.sentence(face, bill),
        _ => w.doing(bill, now_ms),
    };
    let second = row![
        plain(doing, look.body(), c.quiet).width(Fill),
        one_line(plain(short_no(bill), look.body(), c.quiet)),
    ]
    .spacing(look.px(12.0));
    widgets::press(
        look,
        Kind::Row { chosen },
        column![first, second].spacing(look.px(4.0)),
        Some(Message::Choose(bill.bill_no.clone())),
    )
    .width(Fill)
    .padding(look.px(12.0))
    .into()
}

fn choices<'a>(look: Look, bill: &'a BillView, at: usize) -> Element<'a, Message> {
    let w = look.words;
    let all = actions(bill).into_iter().enumerate().map(|(i, what)| {
        let word = match what {
            Do::Open => w.open(),
            Do::Ask => w.ask_now(),
            Do::Show => w.show_again(),
            Do::HandedOver => w.handed_over(),
            Do::Release => w.release(),
        };
        let (kind, key) = if i == at {
            (Kind::OutlineChosen, "Enter")
        } else {
            (Kind::Outline, "")
        };
        widgets::action(
            look,
            kind,
            word,
            key,
            Message::Do(bill.bill_no.clone(), what),
        )
    });
    container(
        Row::with_children(all)
            .spacing(look.px(12.0))
            .wrap()
            .vertical_spacing(look.px(12.0)),
    )
    .padding(look.px(12.0))
    .width(Fill)
    .style(move |_| widgets::filled(look.colors.chosen, iced::Border::default()))
    .into()
}

fn release<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let managers = managers(snapshot).map(|staff| {
        let line = format!("{} {}", staff.name, staff.id);
        let chosen = form.manager.as_deref() == Some(staff.id.as_str());
        widgets::pill(look, line, chosen, Message::Manager(staff.id.clone()))
    });
    let reasons = reasons(w).map(|reason| {
        let chosen = form.reason == reason;
        widgets::pill(look, reason, chosen, Message::Reason(reason.to_owned()))
    });
    let pills = |all: Vec<Element<'a, Message>>| {
        Row::with_children(all)
            .spacing(look.px(8.0))
            .wrap()
            .vertical_spacing(look.px(8.0))
    };
    let label = |word| plain(word, look.body(), c.quiet);
    let amount = listed(snapshot)
        .find(|b| b.bill_no == form.bill_no)
        .map_or_else(String::new, |b| format!("¥ {} · ", b.amount.grouped()));
    let bill = format!("{amount}…{}", form.bill_no.tail());
    let reason = widgets::field(
        look,
        "reason",
        w.reason_hint(),
        &form.reason,
        Message::Reason,
    );
    let pin = widgets::well(
        look,
        lock::dots(look, form.pin.len()),
        true,
        Length::Fixed(look.px(320.0)),
        Message::Pin,
    );
    let left = column![
        bold(bill, look.label(), c.text),
        plain(w.release_warning(), look.body(), c.unknown.ink),
        label(w.release_manager()),
        pills(managers.collect()),
        label(w.release_reason()),
        pills(reasons.into()),
        container(reason).max_width(look.px(480.0)),
        label(w.pin()),
        pin,
        space::vertical(),
        widgets::action(look, Kind::Primary, w.release(), "Enter", Message::Submit),
    ]
    .spacing(look.px(8.0))
    .width(Length::FillPortion(3));
    let right = container(widgets::pin_pad(
        look,
        Message::Character,
        Message::Backspace,
    ))
    .width(Length::FillPortion(2));
    column![
        head(look, w.release_title()),
        row![left, right].spacing(look.px(24.0)).height(Fill),
    ]
    .spacing(look.px(12.0))
    .into()
}
