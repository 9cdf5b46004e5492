//! The right rail: 进行中, 待处理, 最近, today's sum; in practice the panel instead of 最近.

use super::{countdown, icon, practice, refund_icon, refund_tone, tone};
use crate::domain::config::Language;
use crate::domain::time::clock_hm;
use crate::till::service::{BillView, Command, RefundView, Snapshot};
use crate::ui::app::{Function, Message};
use crate::ui::face::{Face, RefundFace, refunds_in_progress, refunds_to_do};
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
    let refunds = &snapshot.desk.refunds;
    let going = Card {
        title: w.in_progress(),
        ink: c.waiting.ink,
        bills: &snapshot.in_progress,
        refunds: refunds_in_progress(refunds).collect(),
        count: snapshot.in_progress.len() + refunds_in_progress(refunds).count(),
    };
    let needed = Card {
        title: w.to_do(),
        ink: c.unknown.ink,
        bills: &snapshot.to_do,
        refunds: refunds_to_do(refunds).collect(),
        count: snapshot.to_do.len() + snapshot.desk.refunds_to_do as usize,
    };
    for card in [going, needed] {
        if card.count == 0 && card.refunds.is_empty() {
            continue;
        }
        rail = rail.push(match snapshot.practice.is_some() {
            true => small_card(look, card, now_ms),
            false => open_card(look, card, now_ms),
        });
    }
    match &snapshot.practice {
        Some(panel) => rail.push(practice::view(look, panel, snapshot.settings.takes_codes())),
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

/// 进行中 or 待处理.
struct Card<'a> {
    title: &'a str,
    ink: Color,
    bills: &'a [BillView],
    refunds: Vec<&'a RefundView>,
    /// As the till counts.
    count: usize,
}

impl<'a> Card<'a> {
    /// Its rows: bills before refunds, at most so many.
    fn rows(&self, look: Look, most: usize, now_ms: i64) -> Vec<Element<'a, Message>> {
        let bills = self.bills.iter().map(|bill| open_row(look, bill, now_ms));
        let refunds = self.refunds.iter();
        let refunds = refunds.map(|refund| refund_row(look, refund, now_ms));
        bills.chain(refunds).take(most).collect()
    }
}

fn open_card<'a>(look: Look, card: Card<'a>, now_ms: i64) -> Element<'a, Message> {
    let count = match card.count.checked_sub(MOST) {
        Some(more @ 1..) => look.words.more(more),
        _ => card.count.to_string(),
    };
    let head = row![
        bold(card.title, look.body(), card.ink),
        space::horizontal(),
        bold(count, look.body(), card.ink),
    ];
    let head = widgets::press(
        look,
        Kind::Row { chosen: false },
        head,
        Some(Message::Function(Function::ToDo)),
    );
    let mut list = column![head.width(Fill)];
    for row in card.rows(look, MOST, now_ms) {
        list = list.push(row);
    }
    padded(look, card.ink, 2.0, list)
        .padding(Padding::from([look.px(10.0), look.px(16.0)]))
        .into()
}

/// The same in practice mode: the title and how many, beside the first row. Both are 48 high.
fn small_card<'a>(look: Look, card: Card<'a>, now_ms: i64) -> Element<'a, Message> {
    let head = column![
        one_line(bold(card.title, look.body(), card.ink)),
        one_line(bold(card.count.to_string(), look.body(), card.ink)),
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
    let sides = look.px(if look.narrow { 14.0 } else { 16.0 });
    let mut inside = row![head].spacing(look.px(if look.narrow { 10.0 } else { 16.0 }));
    for row in card.rows(look, 1, now_ms) {
        inside = inside.push(container(row).center_y(look.px(48.0)));
    }
    widgets::edged(look, card.ink, 2.0, inside)
        .padding(Padding::from([look.px(6.0), sides]))
        .width(Fill)
        .into()
}

/// A refund that is open: how much, that it is one, and what is being done.
fn refund_row<'a>(look: Look, refund: &'a RefundView, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = RefundFace::of(refund);
    let ink = refund_tone(look, face).ink;
    let first = row![
        one_line(bold(
            format!("¥ {}", refund.fee.grouped()),
            look.body(),
            c.text
        )),
        one_line(plain(w.refund_title(), look.body(), c.text)),
        space::horizontal(),
        one_line(plain(clock_hm(refund.sent_ms), look.body(), c.quiet)),
    ]
    .spacing(look.px(6.0));
    let word = w.refund_short(face);
    let second = match w.refund_when_short(refund, now_ms) {
        Some(when) => format!("{word} · {when}"),
        None => word.to_owned(),
    };
    let second = row![
        drawing::icon(refund_icon(face), look.px(16.0), ink),
        one_line(plain(second, look.body(), ink)),
    ]
    .spacing(look.px(6.0))
    .align_y(Alignment::Center);
    widgets::press(
        look,
        Kind::Row { chosen: false },
        column![first, container(second).clip(true)].spacing(look.px(2.0)),
        Some(Message::ShowRefund(refund.refund_no.clone())),
    )
    .width(Fill)
    .height(look.px(48.0))
    .padding(Padding::from([look.px(2.0), 0.0]))
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
    .height(look.px(48.0))
    .padding(Padding::from([look.px(2.0), 0.0]))
    .into()
}

/// A wallet's name, short where there is no room for it.
fn wallet(look: Look, bill: &BillView) -> &'static str {
    if look.narrow && look.words.language() == Language::English {
        look.words.wallet_short(bill.wallet)
    } else {
        look.words.payer(bill)
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
