//! The open shift: what was taken so far, and what can be done.

use super::form::Kind;
use super::{Entry, Message, Place, State, form_view, slip};
use crate::domain::Fen;
use crate::domain::shift::{Shift, ShiftReport};
use crate::domain::time::{Day, clock_hm, shanghai};
use crate::till::service::Snapshot;
use crate::ui::screens::report;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind as Style, bold, one_line, plain};
use iced::widget::{Column, column, container, row, space};
use iced::{Alignment, Element, Fill, Length, Padding};

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, crate::ui::app::Message> {
    let page = match &state.place {
        Place::Overview => overview(look, snapshot, state, now_ms),
        Place::Form(form) => form_view::view(look, snapshot, state, form),
        Place::Slip(shift) => slip::view(look, snapshot, shift, state.chosen),
    };
    page.map(crate::ui::app::Message::Shift)
}

/// HH:MM, with the day where it is another.
pub fn moment(at_ms: i64, now_ms: i64) -> String {
    if Day::of(at_ms) == Day::of(now_ms) {
        clock_hm(at_ms)
    } else {
        shanghai(at_ms).strftime("%m-%d %H:%M").to_string()
    }
}

fn overview<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let inside = match &snapshot.desk.shift {
        Some(shift) => open_shift(look, snapshot, state, shift, now_ms),
        None => plain(look.words.shift_reading(), look.label(), look.colors.quiet).into(),
    };
    let left = widgets::card(look, inside)
        .padding(look.card())
        .width(Fill)
        .height(Fill);
    let right = widgets::card(look, entries(look, snapshot, state))
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill);
    row![left, right].spacing(look.px(16.0)).into()
}

fn open_shift<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    shift: &'a Shift,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let report = state.report.as_deref().filter(|(of, _)| of.no == shift.no);
    let body: Element<'a, Message> = match (report, &state.failed) {
        (_, Some(why)) => plain(w.shift_failed(why), look.label(), c.refused.ink).into(),
        (None, None) => plain(w.shift_reading(), look.label(), c.quiet).into(),
        (Some((_, report)), None) => totals(look, snapshot, shift, report),
    };
    column![head(look, snapshot, shift, now_ms), body]
        .spacing(look.px(12.0))
        .into()
}

fn head<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    shift: &Shift,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let holder = match shift.holder.as_str() {
        "" => w.sum_nobody(),
        id => report::name(&snapshot.staff, id),
    };
    let facts = format!(
        "{} · {} · {}",
        w.shift_since(&moment(shift.opened_ms, now_ms)),
        w.shift_holder(holder),
        w.shift_float(&shift.float.grouped()),
    );
    column![
        bold(w.shift_title(shift.no), look.sentence(), c.text),
        plain(facts, look.body(), c.quiet),
    ]
    .spacing(look.px(4.0))
    .into()
}

fn totals<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    shift: &'a Shift,
    report: &'a ShiftReport,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let hero = row![
        one_line(plain(w.shift_net(), look.label(), c.quiet)),
        one_line(bold(report::money(report.net()), look.word(), c.text).line_height(1.2)),
    ]
    .spacing(look.px(16.0))
    .align_y(Alignment::Center);
    let sums = column![
        report::line(look, w.sum_paid().into(), report.paid),
        report::line(look, w.sum_refunds().into(), report.refunds),
        report::line(look, w.sum_reverts_apart().into(), report.reverts),
    ]
    .spacing(look.px(8.0));
    let cashiers = report.by_cashier.iter().map(|(id, tally)| {
        let name = match id.as_str() {
            "" => w.sum_command_line(),
            id => report::name(&snapshot.staff, id),
        };
        report::line(look, name.to_owned(), *tally)
    });
    let cashiers = Column::with_children(cashiers).spacing(look.px(8.0));
    let left = column![sums, part(look, w.sum_cash(), cash(look, shift))];
    let mut right = column![];
    if report.paid.count > 0 {
        right = right
            .push(part(
                look,
                w.sum_by_wallet(),
                report::by_wallet(look, report),
            ))
            .push(part(look, w.sum_by_cashier(), cashiers.into()));
    }
    let columns = row![
        left.spacing(look.px(16.0)).width(Length::FillPortion(1)),
        right.spacing(look.px(16.0)).width(Length::FillPortion(1)),
    ]
    .spacing(look.px(if look.narrow { 24.0 } else { 48.0 }));
    let chart = report::by_hour(look, report, look.px(108.0))
        .unwrap_or_else(|| plain(w.shift_none_yet(), look.label(), c.quiet).into());
    let all = column![hero, columns, chart].spacing(look.px(12.0));
    widgets::list(look, all).id(widgets::PAGE).into()
}

/// A group of lines under its name.
pub fn part<'a>(look: Look, word: &'a str, lines: Element<'a, Message>) -> Element<'a, Message> {
    column![one_line(plain(word, look.body(), look.colors.quiet)), lines]
        .spacing(look.px(8.0))
        .into()
}

/// A word and an amount on one line.
pub fn pair<'a>(look: Look, word: &'a str, amount: Fen, strong: bool) -> Element<'a, Message> {
    let c = look.colors;
    let figures = report::money(amount);
    let figures = if strong {
        bold(figures, look.body(), c.text)
    } else {
        plain(figures, look.body(), c.text)
    };
    row![
        one_line(plain(word, look.body(), c.text)),
        space::horizontal(),
        one_line(figures),
    ]
    .into()
}

fn cash<'a>(look: Look, shift: &Shift) -> Element<'a, Message> {
    let w = look.words;
    let (into, out) = shift.cash_in_out();
    column![
        pair(look, w.sum_float(), shift.float, false),
        pair(look, w.sum_cash_in(), into, false),
        pair(look, w.sum_cash_out(), out, false),
        pair(look, w.sum_expected(), shift.expected_cash(), true),
    ]
    .spacing(look.px(8.0))
    .into()
}

fn entries<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let to_dos = super::open_to_dos(snapshot);
    let mut list = Column::new().spacing(look.px(8.0));
    let mut earlier = false;
    for (at, one) in state.entries(snapshot).into_iter().enumerate() {
        if matches!(one, Entry::Look(_)) && !earlier {
            earlier = true;
            let word = bold(w.shift_earlier(), look.body(), c.quiet);
            list = list.push(container(word).padding(iced::padding::top(look.px(8.0))));
        }
        list = list.push(entry(look, snapshot, state, at, one));
    }
    let mut all = column![bold(w.shift_actions(), look.body(), c.text)];
    if to_dos > 0 {
        let line = w.shift_to_dos(to_dos);
        all = all.push(plain(line, look.body(), c.unknown.ink));
    }
    all.push(widgets::scroll(look, list).id(super::LIST))
        .push(plain(w.shift_hint(), look.hint(), c.quiet))
        .push(widgets::wide(
            look,
            Style::Key,
            w.back().into(),
            "Esc",
            Some(Message::Close),
        ))
        .spacing(look.px(8.0))
        .into()
}

/// One line of the list: an action, or an earlier shift.
pub fn entry<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    at: usize,
    entry: Entry,
) -> Element<'a, Message> {
    let w = look.words;
    let chosen = state.chosen == Some(at);
    let word = match entry {
        Entry::Do(Kind::Open) => w.do_open(),
        Entry::Do(Kind::HandOver) => w.do_hand_over(),
        Entry::Do(Kind::CashIn) => w.do_cash_in(),
        Entry::Do(Kind::CashOut) => w.do_cash_out(),
        Entry::Do(Kind::Close) => w.do_close(),
        Entry::Reconcile => w.do_reconcile(),
        Entry::Print => w.slip_of_shift(),
        Entry::Look(index) => return past(look, snapshot, state, index, chosen),
    };
    let (kind, key) = if chosen {
        (Style::OutlineChosen, "Enter")
    } else {
        (Style::Outline, "")
    };
    widgets::wide(look, kind, word.into(), key, Some(Message::Choose(entry)))
}

/// An earlier shift: its number, when, and what it took.
fn past<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    index: usize,
    chosen: bool,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let Some((shift, end)) = state
        .earlier
        .get(index)
        .and_then(|shift| Some((shift, shift.closed.as_ref()?)))
    else {
        return container("").into();
    };
    let who = report::name(&snapshot.staff, &end.by);
    let when = shanghai(end.at_ms).strftime("%m-%d %H:%M").to_string();
    let line = row![
        column![
            one_line(plain(w.shift_title(shift.no), look.body(), c.text)),
            one_line(plain(format!("{when} {who}"), look.hint(), c.quiet)),
        ],
        space::horizontal(),
        one_line(bold(report::money(end.report.net()), look.body(), c.text)),
    ]
    .align_y(Alignment::Center)
    .height(Fill);
    widgets::press(
        look,
        Style::Row { chosen },
        line,
        Some(Message::Choose(Entry::Look(index))),
    )
    .width(Fill)
    .height(look.px(super::ROW))
    .padding(Padding::from([0.0, look.px(8.0)]))
    .into()
}
