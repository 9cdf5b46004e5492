//! 打印队列: what waits for the printer, and what a person decides about a slip that may be half
//! printed.
//!
//! Invariants: a job is acted on once, whatever is pressed twice; nothing here looks like a
//! payment's trouble, and no payment depends on it.

use super::lamps;
use crate::domain::print::{JobState, PrintJob, Printed};
use crate::domain::time::clock_hm;
use crate::domain::{BillNo, Fen};
use crate::till::service::{BillView, Command, DeviceHealth, Snapshot, Stage, TestedDevice};
use crate::ui::app::{self, Context, PageKey, SETTLE_MS, Step};
use crate::ui::screens::keys::page;
use crate::ui::screens::who;
use crate::ui::strings::Words;
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Color, Element, Fill};

/// The list, for scrolling.
pub const LIST: &str = "print-queue";
/// A row with its line, in the design's pixels.
pub const ROW: f32 = 76.0;

/// What is chosen.
#[derive(Debug, Default)]
pub struct State {
    chosen: Option<u64>,
    row: usize,
    /// `None`: as the job's state says.
    action: Option<usize>,
    /// Jobs that were acted on, until the till shows another state of them.
    sent: Vec<(u64, JobState)>,
    /// Since when the chosen job is the chosen one, UTC ms.
    since_ms: i64,
}

/// What can be done with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// 重打: a new job; the doubtful one is over with it.
    Again,
    /// 不打了.
    Drop,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens it.
    Open,
    /// A key.
    Key(PageKey),
    /// A job was touched.
    Choose(u64),
    /// An action was touched.
    Do(u64, Do),
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// For the till.
    Send(Command),
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
}

/// What this job allows.
fn actions(state: JobState) -> &'static [Do] {
    match state {
        JobState::Doubtful => &[Do::Again, Do::Drop],
        JobState::Waiting => &[Do::Drop],
        JobState::Sending | JobState::Printed | JobState::Dropped => &[],
    }
}

/// What Enter does with a job that was only arrived at: nothing that loses a slip.
fn first_action(state: JobState) -> Option<usize> {
    (state == JobState::Doubtful).then_some(0)
}

impl State {
    /// With the first job chosen.
    pub fn open(context: Context<'_>) -> State {
        let mut state = State {
            // The key that opened it is no answer to what it shows.
            since_ms: context.now_ms,
            ..State::default()
        };
        state.keep_to(context);
        state
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Option<Action> {
        match message {
            Message::Open => None,
            Message::Key(PageKey::Enter) => self.enter(context),
            Message::Key(PageKey::Step(step)) => self.step(step, context),
            Message::Key(_) => None,
            Message::Choose(no) => {
                self.choose(Some(no), context.now_ms);
                self.keep_to(context);
                None
            }
            Message::Do(no, what) => self.act(no, what, context),
        }
    }

    /// A new snapshot: what is over is not listed any more, and the next one takes its place.
    pub fn keep_to(&mut self, context: Context<'_>) {
        let jobs = &context.snapshot.print.jobs;
        let still = |(no, state): &(u64, JobState)| {
            jobs.iter().any(|job| job.no == *no && job.state == *state)
        };
        self.sent.retain(still);
        match jobs.iter().position(|job| Some(job.no) == self.chosen) {
            Some(row) => self.row = row,
            None => {
                self.row = self.row.min(jobs.len().saturating_sub(1));
                let next = jobs.get(self.row).map(|job| job.no);
                self.choose(next, context.now_ms);
            }
        }
    }

    fn choose(&mut self, no: Option<u64>, now_ms: i64) {
        if self.chosen != no {
            self.since_ms = now_ms;
        }
        self.chosen = no;
        self.action = None;
    }

    fn chosen_job<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a PrintJob> {
        let mut jobs = snapshot.print.jobs.iter();
        jobs.find(|job| Some(job.no) == self.chosen)
    }

    /// Enter right after a job came into another's place was meant for that other one.
    fn enter(&mut self, context: Context<'_>) -> Option<Action> {
        let job = self.chosen_job(context.snapshot)?;
        let action = self.action.or(first_action(job.state))?;
        let what = actions(job.state).get(action).copied()?;
        let settled = !(0..SETTLE_MS).contains(&context.now_ms.saturating_sub(self.since_ms));
        if !settled {
            return None;
        }
        self.act(job.no, what, context)
    }

    fn act(&mut self, no: u64, what: Do, context: Context<'_>) -> Option<Action> {
        let mut jobs = context.snapshot.print.jobs.iter();
        let state = jobs.find(|job| job.no == no)?.state;
        if !actions(state).contains(&what) || self.is_sent(no) {
            return None;
        }
        self.sent.push((no, state));
        Some(Action::Send(match what {
            Do::Again => Command::PrintAgain(no),
            Do::Drop => Command::PrintDrop(no),
        }))
    }

    fn is_sent(&self, no: u64) -> bool {
        self.sent.iter().any(|(sent, _)| *sent == no)
    }

    fn step(&mut self, step: Step, context: Context<'_>) -> Option<Action> {
        let jobs = &context.snapshot.print.jobs;
        let job = self.chosen_job(context.snapshot);
        let choices = job.map_or(0, |job| actions(job.state).len());
        let action = self.action.or(job.and_then(|job| first_action(job.state)));
        let last = jobs.len().saturating_sub(1);
        let to = match step {
            Step::Left | Step::Right if choices == 0 => return None,
            Step::Left => {
                self.action = Some((action.map_or(choices, |at| at + choices) - 1) % choices);
                return None;
            }
            Step::Right => {
                self.action = Some(action.map_or(0, |at| at + 1) % choices);
                return None;
            }
            Step::Up => self.row.saturating_sub(1),
            Step::Down => (self.row + 1).min(last),
        };
        let no = jobs.get(to)?.no;
        self.row = to;
        self.choose(Some(no), 0);
        Some(Action::Follow(to))
    }
}

/// The page.
pub fn view<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, app::Message> {
    let (c, w) = (look.colors, look.words);
    let mut all = column![plain(w.queue_why(), look.body(), c.quiet)].spacing(look.px(12.0));
    let ill = snapshot.health.printer.as_ref();
    if let Some(line) = ill
        .filter(|health| **health != DeviceHealth::Ready)
        .and_then(|_| lamps::line(w, snapshot, TestedDevice::Printer))
    {
        let mark = drawing::icon(Icon::Warning, look.px(20.0), c.cancelling.ink);
        let line = plain(line, look.label(), c.cancelling.ink).width(Fill);
        all = all.push(
            row![mark, line]
                .spacing(look.px(8.0))
                .align_y(Alignment::Center),
        );
    }
    let mut rows = Column::new();
    for job in &snapshot.print.jobs {
        let chosen = state.chosen == Some(job.no);
        rows = rows.push(job_row(look, snapshot, job, chosen));
        if chosen && !actions(job.state).is_empty() {
            rows = rows.push(choices(look, job, state));
        }
        rows = rows.push(widgets::line(look));
    }
    if snapshot.print.jobs.is_empty() {
        rows = rows.push(plain(w.queue_empty(), look.label(), c.quiet));
    }
    let all: Element<'a, Message> = all
        .push(widgets::list(look, rows).id(LIST))
        .push(plain(w.queue_hint(), look.body(), c.quiet))
        .into();
    page(look, w.queue_title(), all.map(app::Message::Queue))
}

fn mark(look: Look, state: JobState) -> (Icon, Color) {
    let c = look.colors;
    match state {
        JobState::Waiting => (Icon::Clock, c.undone.ink),
        JobState::Sending => (Icon::Right, c.undone.ink),
        JobState::Doubtful => (Icon::Warning, c.cancelling.ink),
        JobState::Printed => (Icon::Check, c.undone.ink),
        JobState::Dropped => (Icon::Cross, c.undone.ink),
    }
}

fn job_row<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    job: &'a PrintJob,
    chosen: bool,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (icon, ink) = mark(look, job.state);
    let (what, amount, number) = about(w, snapshot, &job.what);
    let mut first = row![
        one_line(plain(clock_hm(job.made_ms), look.label(), c.quiet)),
        one_line(plain(what, look.label(), c.text)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center);
    if let Some(amount) = amount {
        let amount = format!("¥ {}", amount.grouped());
        first = first.push(one_line(bold(amount, look.label(), c.text)));
    }
    if job.again {
        first = first.push(one_line(plain(w.job_again(), look.body(), c.quiet)));
    }
    first = first
        .push(space::horizontal())
        .push(drawing::icon(icon, look.px(20.0), ink))
        .push(one_line(bold(w.job_state(job.state), look.label(), ink)));
    let doing = match job.by.as_str() {
        "" => w.job_doing(job.state).to_owned(),
        by => format!("{} · {}", w.job_doing(job.state), who(snapshot, by)),
    };
    let second = row![
        plain(doing, look.body(), c.quiet).width(Fill),
        one_line(plain(number, look.body(), c.quiet)),
    ]
    .spacing(look.px(12.0));
    widgets::press(
        look,
        Kind::Row { chosen },
        column![first, second].spacing(look.px(4.0)),
        Some(Message::Choose(job.no)),
    )
    .width(Fill)
    .padding(look.px(12.0))
    .into()
}

/// What a slip is about, how much where that is known here, and its number's tail.
fn about(w: Words, snapshot: &Snapshot, what: &Printed) -> (String, Option<Fen>, String) {
    match what {
        Printed::Sale(no) => {
            let amount = bill(snapshot, no).map(|bill| bill.amount);
            (w.job_sale().to_owned(), amount, format!("…{}", no.tail()))
        }
        Printed::Refund(no) => {
            let mut refunds = snapshot.desk.refunds.iter();
            let fee = refunds.find(|r| r.refund_no == *no).map(|r| r.fee);
            (w.job_refund().to_owned(), fee, format!("…{}", no.tail()))
        }
        Printed::Shift(no) => (w.job_shift(*no), None, String::new()),
    }
}

fn bill<'a>(snapshot: &'a Snapshot, no: &BillNo) -> Option<&'a BillView> {
    let on_stage = match &snapshot.stage {
        Stage::Bill(bill) => Some(bill.as_ref()),
        Stage::Idle | Stage::Amount { .. } => None,
    };
    let listed = snapshot.latest.iter().chain(&snapshot.to_do);
    let mut all = listed.chain(&snapshot.in_progress).chain(on_stage);
    all.find(|bill| bill.bill_no == *no)
}

fn choices<'a>(look: Look, job: &PrintJob, state: &State) -> Element<'a, Message> {
    let w = look.words;
    let no = job.no;
    let sent = state.is_sent(no);
    let action = state.action.or(first_action(job.state));
    let all = actions(job.state).iter().enumerate().map(|(at, what)| {
        let word = match what {
            Do::Again => w.job_print_again(),
            Do::Drop => w.job_drop(),
        };
        let (kind, key) = if Some(at) == action && !sent {
            (Kind::OutlineChosen, "Enter")
        } else {
            (Kind::Outline, "")
        };
        widgets::action(look, kind, word, key, Message::Do(no, *what))
    });
    container(Row::with_children(all).spacing(look.px(12.0)))
        .padding(look.px(12.0))
        .width(Fill)
        .style(move |_| widgets::filled(look.colors.chosen, iced::Border::default()))
        .into()
}
