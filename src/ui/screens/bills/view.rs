//! The bills' page: search and filters, the list, its pages.

use super::{Days, Message, SEARCH_FIELD, Sort, State, Zone, side};
use crate::domain::time::{Day, clock_hms, shanghai};
use crate::domain::{Fen, Wallet};
use crate::till::service::{BillView, Snapshot};
use crate::ui::face::Face;
use crate::ui::screens::{icon, report, tone};
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length, Padding};

/// The list, with the chosen bill's story, the day or the export in the rail's place.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let search = widgets::field(
        look,
        SEARCH_FIELD,
        look.words.search_hint(),
        &state.search,
        Message::SearchChanged,
    );
    let top = row![
        search,
        operator(look, snapshot, state),
        export_button(look, state)
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    let inside = column![
        top,
        filters(look, state, now_ms),
        table(look, state),
        pages(look, state),
    ]
    .spacing(look.px(8.0));
    let list = widgets::card(look, inside)
        .padding(look.px(if look.narrow { 16.0 } else { 24.0 }))
        .width(Fill)
        .height(Fill);
    let side = widgets::card(look, side::view(look, snapshot, state, now_ms))
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill);
    row![list, side].spacing(look.px(16.0)).into()
}

fn export_button<'a>(look: Look, state: &State) -> Element<'a, Message> {
    let kind = if state.zone == Zone::Export {
        Kind::OutlineChosen
    } else {
        Kind::Outline
    };
    let word = one_line(plain(look.words.export(), look.body(), look.colors.text));
    widgets::press(
        look,
        kind,
        container(word).center_y(Fill),
        Some(Message::Export),
    )
    .height(look.px(48.0))
    .padding(Padding::from([0.0, look.px(16.0)]))
    .into()
}

/// A group of pills: ringed where the arrows turn it.
fn group<'a>(look: Look, focused: bool, pills: Vec<Element<'a, Message>>) -> Element<'a, Message> {
    let pills = Row::with_children(pills).spacing(look.px(4.0));
    widgets::ringed(look, focused, pills)
}

fn arrow<'a>(look: Look, icon: drawing::Icon, message: Message) -> Element<'a, Message> {
    let kind = Kind::Pill { chosen: false };
    let sign = drawing::icon(icon, look.px(16.0), look.colors.text);
    widgets::press(look, kind, container(sign).center(Fill), Some(message))
        .width(look.px(48.0))
        .height(look.px(48.0))
        .into()
}

fn filters<'a>(look: Look, state: &'a State, now_ms: i64) -> Element<'a, Message> {
    let w = look.words;
    let filters = &state.filters;
    let pill = |word: &'a str, chosen, message| widgets::pill(look, word, chosen, message);
    let sorts = [
        (Sort::Paid, w.filter_paid()),
        (Sort::Unknown, w.filter_unknown()),
        (Sort::Refunded, w.filter_refunded()),
    ];
    let sorts = sorts.map(|(sort, word)| pill(word, filters.sort == sort, Message::Sort(sort)));
    let wallets = [Wallet::Alipay, Wallet::Wechat].map(|wallet| {
        let word = w.wallet(Some(wallet));
        pill(
            word,
            filters.wallet == Some(wallet),
            Message::Wallet(wallet),
        )
    });
    let zone = |zone| state.zone == zone;
    let all = row![
        group(look, zone(Zone::Days), days(look, state, now_ms)),
        group(look, zone(Zone::Sort), sorts.into()),
        group(look, zone(Zone::Wallet), wallets.into()),
    ];
    all.spacing(look.px(if look.narrow { 4.0 } else { 8.0 }))
        .wrap()
        .vertical_spacing(look.px(2.0))
        .into()
}

/// Whose bills.
fn operator<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let chosen = state.filters.operator.as_deref();
    let who = chosen.map_or(look.words.everyone(), |id| {
        report::name(&snapshot.staff, id)
    });
    let pill = widgets::pill(look, who, chosen.is_some(), Message::Operator);
    group(look, state.zone == Zone::Operator, vec![pill])
}

fn days<'a>(look: Look, state: &State, now_ms: i64) -> Vec<Element<'a, Message>> {
    let w = look.words;
    let days = state.filters.days;
    let (day, one) = match days {
        Days::On(day) => (day_word(look, day, now_ms), true),
        _ => (w.filter_today().to_owned(), days == Days::Today),
    };
    vec![
        arrow(look, drawing::Icon::Left, Message::Turn(false)),
        widgets::pill(look, day, one, Message::Days(Days::Today)),
        arrow(look, drawing::Icon::Right, Message::Turn(true)),
        widgets::pill(
            look,
            w.days_week(),
            days == Days::Week,
            Message::Days(Days::Week),
        ),
        widgets::pill(
            look,
            w.filter_all(),
            days == Days::All,
            Message::Days(Days::All),
        ),
    ]
}

/// 今天, 昨天, or the day.
pub fn day_word(look: Look, day: Day, now_ms: i64) -> String {
    let today = Day::of(now_ms);
    if day == today {
        return look.words.filter_today().to_owned();
    }
    if day.end_ms() == today.start_ms() {
        return look.words.days_yesterday().to_owned();
    }
    shanghai(day.start_ms()).strftime("%m-%d").to_string()
}

/// Shares of the columns: time, bill, way, amount, refunded, state.
fn shares(look: Look, state: &State) -> [u16; 6] {
    match (look.narrow, state.filters.days.is_many()) {
        // Where a bill's number hardly fits; with a day it is narrower still.
        (true, false) => [63, 128, 102, 80, 60, 129],
        (true, true) => [92, 118, 94, 76, 62, 120],
        (false, false) => [9, 14, 13, 11, 9, 14],
        (false, true) => [13, 13, 13, 11, 9, 13],
    }
}

fn cells<'a>(look: Look, shares: [u16; 6], cells: [Element<'a, Message>; 6]) -> Row<'a, Message> {
    let mut line = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
    for (i, (cell, share)) in cells.into_iter().zip(shares).enumerate() {
        let cell = container(cell).clip(true);
        let width = Length::FillPortion(share);
        line = line.push(match i {
            3 | 4 => cell.align_right(width),
            5 => cell
                .width(width)
                .padding(iced::padding::left(look.px(12.0))),
            _ => cell.width(width),
        });
    }
    line
}

fn table<'a>(look: Look, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let label = |word| Element::from(one_line(plain(word, look.body(), c.quiet)));
    let head = cells(
        look,
        shares(look, state),
        [
            label(w.column_time()),
            label(w.column_bill()),
            label(w.column_way()),
            label(w.column_amount()),
            label(w.column_refunded()),
            label(w.column_state()),
        ],
    )
    .padding(Padding {
        right: look.px(8.0) + widgets::list_edge(look),
        ..Padding::from([look.px(4.0), look.px(8.0)])
    });
    let mut rows = Column::new();
    for bill in &state.found {
        let chosen = state.chosen.as_ref() == Some(&bill.bill_no);
        rows = rows
            .push(entry(look, state, bill, chosen))
            .push(widgets::line(look));
    }
    column![
        head,
        widgets::line(look),
        widgets::list(look, rows.push(empty(look, state))).id(super::LIST)
    ]
    .spacing(look.px(4.0))
    .height(Fill)
    .into()
}

/// What stands where no bill does.
fn empty<'a>(look: Look, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let line = match (&state.failed, state.searching) {
        (Some(why), _) => w.search_failed(why),
        _ if !state.found.is_empty() => return space::vertical().height(0.0).into(),
        (None, true) => w.searching().to_owned(),
        (None, false) if !state.starts.is_empty() => w.no_more().to_owned(),
        (None, false) => w.no_bills().to_owned(),
    };
    let mut all = column![plain(line, look.label(), c.quiet)].spacing(look.px(12.0));
    let elsewhere = !state.searching && state.filters.days != Days::All;
    if elsewhere && !state.search.is_empty() {
        let message = Message::Days(Days::All);
        all = all.push(widgets::pill(look, w.all_days(), false, message));
    }
    container(all).padding(look.px(24.0)).into()
}

fn entry<'a>(look: Look, state: &State, bill: &'a BillView, chosen: bool) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let body = |text: String, ink| Element::from(one_line(plain(text, look.body(), ink)));
    let refunded = if bill.refunded == Fen::ZERO {
        String::new()
    } else {
        bill.refunded.grouped()
    };
    let tail = bill.bill_no.tail();
    let (serial, random) = tail
        .split_at_checked(tail.len().saturating_sub(8))
        .unwrap_or(("", tail));
    let time = if state.filters.days.is_many() {
        shanghai(bill.sent_ms).strftime("%m-%d %H:%M").to_string()
    } else {
        clock_hms(bill.sent_ms)
    };
    let way = format!("{} {}", w.payer(bill), w.way(bill.channel));
    let stands = row![
        drawing::icon(icon(face), look.px(16.0), tone(look, face).ink),
        one_line(plain(w.short(face), look.body(), tone(look, face).ink)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center);
    let inside = cells(
        look,
        shares(look, state),
        [
            body(time, c.text),
            body(format!("…{serial} {random}"), c.text),
            body(way, c.quiet),
            one_line(bold(bill.amount.grouped(), look.body(), c.text)).into(),
            body(refunded, c.text),
            stands.into(),
        ],
    )
    .height(look.px(47.0));
    widgets::press(
        look,
        Kind::Row { chosen },
        inside,
        Some(Message::Choose(bill.bill_no.clone())),
    )
    .width(Fill)
    .padding(Padding::from([0.0, look.px(8.0)]))
    .into()
}

/// PgUp and PgDn, where there is more than one page; else what the keys do.
fn pages<'a>(look: Look, state: &State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    if state.starts.is_empty() && state.next.is_none() {
        return one_line(plain(w.bills_hint(), look.hint(), c.quiet)).into();
    }
    let button = |word: &'a str, key: &'a str, message: Option<Message>| {
        let ink = if message.is_some() { c.text } else { c.quiet };
        let inside = row![
            one_line(plain(word, look.body(), ink)),
            widgets::key_hint(look, Kind::Outline, key)
        ]
        .spacing(look.px(8.0))
        .align_y(Alignment::Center);
        widgets::press(look, Kind::Key, container(inside).center_y(Fill), message)
            .height(look.px(48.0))
            .padding(Padding::from([0.0, look.px(16.0)]))
    };
    let newer = (!state.starts.is_empty()).then_some(Message::Page(false));
    let older = state.next.is_some().then_some(Message::Page(true));
    row![
        one_line(plain(
            w.page_of(state.starts.len() + 1),
            look.body(),
            c.quiet
        )),
        space::horizontal(),
        button(w.page_before(), "PgUp", newer),
        button(w.page_after(), "PgDn", older),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center)
    .into()
}
