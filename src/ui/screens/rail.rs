//! The right rail: 进行中, 待处理, 最近, today's sum; in practice the panel instead of 最近.

use super::{countdown, icon, practice, tone};
use crate::domain::config::Language;
use crate::domain::time::clock_hm;
use crate::till::service::{BillView, Command, Snapshot};
use crate::ui::app::{Function, Message};
use crate::ui::face::Face;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Column, column, container, row, space};
use iced::{Alignment, Color, Element, Fill, Padding};

/// Bills of a card before it says how many more there are. In practice the panel needs the room:
/// one bill beside the title.
const MOST: usize = 3;
/// The height of a line of 最近, without the rule above it.
const LATEST_ROW: f32 = 39.0;

/// The rail.
pub fn view<'a>(look: Look, snapshot: &'a Snapshot, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let gap = look.px(if snapshot.practice.is_some() {
        10.0
    } else {
        16.0
    });
    let mut rail = column![].spacing(gap).width(look.rail()).height(Fill);
    let cards = [
        (w.in_progress(), c.waiting.ink, &snapshot.in_progress),
        (w.to_do(), c.unknown.ink, &snapshot.to_do),
    ];
    for (title, ink, bills) in cards {
        if let Some(first) = bills.first() {
            rail = rail.push(if snapshot.practice.is_some() {
                small_card(look, (title, ink), first, bills.len(), now_ms)
            } else {
                open_card(look, (title, ink), bills, now_ms)
            });
        }
    }
    match &snapshot.practice {
        Some(panel) => rail.push(practice::view(look, panel)),
        None => rail.push(latest(look, snapshot)),
    }
    .push(today(look, snapshot))
    .into()
}

fn padded<'a>(
    look: Look,
    edge: Color,
    width: f32,
    content: Column<'a, Message>,
) -> container::Container<'a, Message> {
    widgets::edged(look, edge, width, content)
        .padding(look.px(16.0))
        .width(Fill)
}

fn open_card<'a>(
    look: Look,
    (title, ink): (&'a str, Color),
    bills: &'a [BillView],
    now_ms: i64,
) -> Element<'a, Message> {
    let count = match bills.len().checked_sub(MOST) {
        Some(more @ 1..) => look.words.more(more),
        _ => bills.len().to_string(),
    };
    let head = row![
        bold(title, look.body(), ink),
        space::horizontal(),
        bold(count, look.body(), ink),
    ];
    let head = widgets::press(
        look,
        Kind::Row { chosen: false },
        head,
        Some(Message::Function(Function::ToDo)),
    );
    let mut list = column![head.width(Fill)];
    for bill in bills.iter().take(MOST) {
        list = list.push(open_row(look, bill, now_ms));
    }
    padded(look, ink, 2.0, list)
        .padding(Padding::from([look.px(10.0), look.px(16.0)]))
        .into()
}

/// The same in practice mode: the title and how many, beside the first bill. Both are 48 high.
fn small_card<'a>(
    look: Look,
    (title, ink): (&'a str, Color),
    first: &'a BillView,
    count: usize,
    now_ms: i64,
) -> Element<'a, Message> {
    let head = column![
        one_line(bold(title, look.body(), ink)),
        one_line(bold(count.to_string(), look.body(), ink)),
    ]
    .spacing(look.px(2.0));
    let head = widgets::press(
        look,
        Kind::Row { chosen: false },
        container(head).center_y(Fill),
        Some(Message::Function(Function::ToDo)),
    )
    .padding(0)
    .height(look.px(48.0));
    let bill = container(open_row(look, first, now_ms)).center_y(look.px(48.0));
    let sides = look.px(if look.narrow { 14.0 } else { 16.0 });
    let inside = row![head, bill].spacing(look.px(if look.narrow { 10.0 } else { 16.0 }));
    widgets::edged(look, ink, 2.0, inside)
        .padding(Padding::from([look.px(6.0), sides]))
        .width(Fill)
        .into()
}

/// A bill that is open or waits for someone: amount and wallet, and what is being done.
fn open_row<'a>(look: Look, bill: &'a BillView, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let amount = format!("¥ {}", bill.amount.grouped());
    let first = row![
        one_line(bold(amount, look.body(), c.text)),
        one_line(plain(wallet(look, bill), look.body(), c.text)),
        space::horizontal(),
        one_line(plain(clock_hm(bill.sent_ms), look.body(), c.quiet)),
    ]
    .spacing(look.px(6.0));
    let word = if bill.late && face == Face::Paid {
        w.late_short()
    } else {
        w.short(face)
    };
    let when = match (face.is_waiting(), bill.deadline_ms) {
        (true, Some(until)) => Some(countdown(until, now_ms)),
        // Somebody is waited for; what the till still looks at changes nothing.
        _ if face == Face::Paid => None,
        _ => w.when_short(bill, now_ms),
    };
    let second = match when {
        Some(when) => format!("{word} · {when}"),
        None => word.to_owned(),
    };
    let ink = tone(look, face).ink;
    let second = row![
        drawing::icon(icon(face), look.px(16.0), ink),
        one_line(plain(second, look.body(), ink)),
    ]
    .spacing(look.px(6.0))
    .align_y(Alignment::Center);
    widgets::press(
        look,
        Kind::Row { chosen: false },
        column![first, container(second).clip(true)].spacing(look.px(2.0)),
        Some(Message::Send(Command::Open(bill.bill_no.clone()))),
    )
    .width(Fill)
    .padding(Padding::from([look.px(3.0), 0.0]))
    .into()
}

/// A wallet's name, short where there is no room for it.
fn wallet(look: Look, bill: &BillView) -> &'static str {
    if look.narrow && look.words.language() == Language::English {
        look.words.wallet_short(bill.wallet)
    } else {
        look.words.wallet(bill.wallet)
    }
}

fn latest<'a>(look: Look, snapshot: &'a Snapshot) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut list = column![bold(w.latest(), look.body(), c.text)];
    if snapshot.latest.is_empty() {
        list = list.push(
            container(plain(w.nothing_yet(), look.body(), c.quiet))
                .padding(iced::padding::top(look.px(12.0))),
        );
    }
    list = list.push(
        container(iced::widget::responsive(move |room| {
            // Whole rows only: half a line at the foot is no line.
            let fit = (room.height / look.px(LATEST_ROW + 1.0)).floor().max(0.0) as usize;
            let mut rows = column![];
            for (i, bill) in snapshot.latest.iter().take(fit).enumerate() {
                if i > 0 {
                    rows = rows.push(widgets::line(look));
                }
                rows = rows.push(latest_row(look, bill));
            }
            rows.into()
        }))
        .padding(iced::padding::top(look.px(8.0)))
        .height(Fill),
    );
    padded(look, c.line, 1.0, list).height(Fill).into()
}

fn latest_row<'a>(look: Look, bill: &'a BillView) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let (wallet_width, state_width) = match w.language() {
        Language::Chinese => (64.0, 68.0),
        Language::English if look.narrow => (36.0, 104.0),
        Language::English => (72.0, 104.0),
    };
    let wallet = wallet(look, bill);
    let time = clock_hm(bill.ended_ms.unwrap_or(bill.sent_ms));
    let amount = bold(bill.amount.grouped(), look.body(), c.text);
    let state = row![
        drawing::icon(icon(face), look.px(15.0), tone(look, face).ink),
        one_line(plain(w.short(face), look.body(), tone(look, face).ink)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center);
    let inside = row![
        container(one_line(plain(time, look.body(), c.quiet))).width(look.px(44.0)),
        container(one_line(amount)).align_right(Fill).clip(true),
        container(one_line(plain(wallet, look.body(), c.quiet)))
            .width(look.px(wallet_width))
            .padding(iced::padding::left(look.px(8.0))),
        container(state)
            .align_right(look.px(state_width))
            .clip(true),
    ]
    .align_y(Alignment::Center)
    .height(look.px(LATEST_ROW));
    inside.into()
}

fn today<'a>(look: Look, snapshot: &'a Snapshot) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let height = if snapshot.practice.is_some() {
        48.0
    } else {
        72.0
    };
    let size = if snapshot.practice.is_some() {
        look.label()
    } else {
        look.px(28.0)
    };
    let sum = format!("¥ {}", snapshot.today.sum.grouped());
    let inside = row![
        plain(w.today_count(snapshot.today.count), look.body(), c.quiet),
        space::horizontal(),
        one_line(bold(sum, size, c.text)),
    ]
    .align_y(Alignment::Center)
    .height(Fill);
    widgets::card(look, inside)
        .padding(Padding::from([0.0, look.px(16.0)]))
        .width(Fill)
        .height(look.px(height))
        .into()
}
