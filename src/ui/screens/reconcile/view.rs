//! The page of the reconciliation.

use super::{Entry, LIST, Message, State, is_running, opens_refund};
use crate::domain::Fen;
use crate::domain::reconcile::{Difference, DifferenceKind, Run, Side};
use crate::domain::shift::Tally;
use crate::domain::time::{Day, clock_hm};
use crate::till::service::{ReconcileProgress, ReconcileView, Said, Snapshot};
use crate::ui::screens::report::{money, signed};
use crate::ui::theme::{Look, Tone};
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, pad, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Length, Padding};

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, crate::ui::app::Message> {
    let inside =
        column![head(look, state, now_ms), body(look, snapshot, state),].spacing(look.px(16.0));
    let left = widgets::card(look, inside)
        .padding(look.card())
        .width(Fill)
        .height(Fill);
    let right = widgets::card(look, side(look, snapshot, state))
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill);
    let page: Element<'a, Message> = row![left, right].spacing(look.px(16.0)).into();
    page.map(crate::ui::app::Message::Reconcile)
}

fn arrow<'a>(look: Look, icon: Icon, message: Message) -> Element<'a, Message> {
    let sign = drawing::icon(icon, look.px(20.0), look.colors.text);
    widgets::press(look, Kind::Key, container(sign).center(Fill), Some(message))
        .width(look.px(48.0))
        .height(look.px(48.0))
        .into()
}

/// The title, and which time.
fn head<'a>(look: Look, state: &State, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let scope = state.scope();
    let day = Day::of(scope.from_ms);
    let when = match scope.shift {
        Some(no) => format!(
            "{} · {}–{}",
            w.shift_title(no),
            clock_hm(scope.from_ms),
            clock_hm(scope.to_ms)
        ),
        None if day == Day::of(now_ms) => format!("{} {day}", w.filter_today()),
        None => day.to_string(),
    };
    row![
        one_line(bold(w.rec_title(), look.sentence(), c.text)),
        space::horizontal(),
        arrow(look, Icon::Left, Message::Turn(false)),
        one_line(bold(when, look.label(), c.text)),
        arrow(look, Icon::Right, Message::Turn(true)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center)
    .into()
}

fn body<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let Some(view) = state.shown(snapshot) else {
        return plain(w.rec_intro(), look.label(), c.quiet).into();
    };
    let mut all = column![].spacing(look.px(12.0));
    if let Some(standing) = standing(look, view) {
        all = all.push(standing);
    }
    all = all.push(sums(look, &view.run));
    let found = &view.run.differences;
    if found.is_empty() {
        return all.into();
    }
    let mut rows = Column::new();
    for (at, difference) in found.iter().enumerate() {
        let chosen = state.chosen(snapshot) == Entry::Difference(at);
        rows = rows
            .push(entry(look, difference, at, chosen))
            .push(widgets::line(look));
    }
    let count = row![
        one_line(bold(
            w.rec_differences(found.len()),
            look.label(),
            c.refused.ink
        )),
        space::horizontal(),
        one_line(plain(
            w.rec_compared(view.run.compared),
            look.body(),
            c.quiet
        )),
    ]
    .align_y(Alignment::Center);
    all = all.push(count).push(widgets::list(look, rows).id(LIST));
    all.into()
}

/// How it stands: a bar, or that it matches; differences speak for themselves.
fn standing<'a>(look: Look, view: &'a ReconcileView) -> Option<Element<'a, Message>> {
    let (c, w) = (look.colors, look.words);
    let compared = w.rec_compared(view.run.compared);
    let bar = |word: String, tone: Tone| {
        let line = row![
            one_line(bold(word, look.label(), tone.ink)),
            space::horizontal(),
            one_line(plain(
                format!("{compared} · {}", w.rec_percent(view.permille / 10)),
                look.body(),
                c.quiet
            )),
        ]
        .align_y(Alignment::Center);
        column![line, pad::progress(look, view.permille, tone.fill)].spacing(look.px(8.0))
    };
    let found = !view.run.differences.is_empty();
    Some(match &view.progress {
        ReconcileProgress::Running => bar(w.rec_running().to_owned(), c.waiting).into(),
        ReconcileProgress::Cancelled => bar(w.rec_cancelled().to_owned(), c.undone).into(),
        ReconcileProgress::Stopped(why) => {
            // What was compared before is kept: the usual sentence would say that nothing was done.
            let why = match why {
                Said::GatewaySilent => w.rec_silent().to_owned(),
                why => w.said(why),
            };
            let line = plain(w.rec_stopped(&why), look.body(), c.cancelling.ink);
            column![line, pad::progress(look, view.permille, c.cancelling.fill)]
                .spacing(look.px(8.0))
                .into()
        }
        ReconcileProgress::Finished if found => return None,
        ReconcileProgress::Finished => matched(look),
    })
}

/// 对上了.
fn matched<'a>(look: Look) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let word = row![
        drawing::icon(Icon::Check, look.px(40.0), c.paid.ink),
        one_line(bold(w.rec_match(), look.word(), c.paid.ink)),
    ]
    .spacing(look.px(16.0))
    .align_y(Alignment::Center);
    column![word, plain(w.rec_match_line(), look.label(), c.text)]
        .spacing(look.px(8.0))
        .into()
}

/// Both sides' sums and the difference, side by side.
fn sums<'a>(look: Look, run: &Run) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let net = |side: &crate::domain::reconcile::Sums| {
        Fen(side.paid.sum.0.saturating_sub(side.refunds.sum.0))
    };
    let quiet = |word: &str| one_line(plain(word.to_owned(), look.body(), c.quiet)).into();
    let line = |word: &'a str, here: Tally, there: Tally| {
        let of = |tally: Tally| {
            let text = format!("{} {}", w.sum_count(tally.count), money(tally.sum));
            one_line(plain(text, look.body(), c.text)).into()
        };
        let by = Fen(here.sum.0.saturating_sub(there.sum.0));
        let alike = here == there;
        cells(
            look,
            [quiet(word), of(here), of(there), off(look, by, alike)],
        )
    };
    let (here, there) = (net(&run.here), net(&run.there));
    let by = Fen(here.0.saturating_sub(there.0));
    let strong = |sum| one_line(bold(money(sum), look.label(), c.text)).into();
    column![
        cells(
            look,
            [
                quiet(""),
                quiet(w.rec_here()),
                quiet(w.rec_there()),
                quiet(w.rec_difference())
            ]
        ),
        widgets::line(look),
        line(w.sum_paid(), run.here.paid, run.there.paid),
        line(w.sum_refunds(), run.here.refunds, run.there.refunds),
        widgets::line(look),
        cells(
            look,
            [
                quiet(w.rec_net()),
                strong(here),
                strong(there),
                off(look, by, by == Fen::ZERO)
            ]
        ),
    ]
    .spacing(look.px(8.0))
    .into()
}

/// How far apart: with a sign and a colour, and 0.00 in quiet text.
fn off<'a>(look: Look, by: Fen, alike: bool) -> Element<'a, Message> {
    let c = look.colors;
    if alike {
        return one_line(plain(signed(by), look.body(), c.quiet)).into();
    }
    one_line(bold(signed(by), look.body(), c.refused.ink)).into()
}

fn cells<'a>(look: Look, cells: [Element<'a, Message>; 4]) -> Element<'a, Message> {
    let shares = if look.narrow {
        [2, 5, 5, 3]
    } else {
        [3, 5, 5, 4]
    };
    let mut line = row![].spacing(look.px(8.0)).align_y(Alignment::Center);
    for (i, (cell, share)) in cells.into_iter().zip(shares).enumerate() {
        let cell = container(cell).clip(true);
        let width = Length::FillPortion(share);
        line = line.push(match i {
            0 => cell.width(width),
            _ => cell.align_right(width),
        });
    }
    line.into()
}

fn shape(look: Look, kind: DifferenceKind) -> (Icon, Tone) {
    let c = look.colors;
    match kind {
        DifferenceKind::MissingHere => (Icon::Question, c.unknown),
        DifferenceKind::MissingThere => (Icon::Cross, c.refused),
        DifferenceKind::Amount => (Icon::Warning, c.unknown),
        DifferenceKind::State => (Icon::Eye, c.unknown),
        DifferenceKind::Refund => (Icon::Back, c.cancelling),
    }
}

/// What a side says: `¥ 12.00 已收款`.
fn side_word(look: Look, side: Option<&Side>) -> String {
    match side {
        None => look.words.rec_none().to_owned(),
        Some(side) => format!(
            "{} {}",
            money(side.amount),
            look.words.side_state(&side.state)
        ),
    }
}

fn entry<'a>(look: Look, found: &'a Difference, at: usize, chosen: bool) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (icon, tone) = shape(look, found.kind);
    let open = if opens_refund(found) {
        w.rec_open_refund()
    } else {
        w.rec_open_bill()
    };
    let mut first = row![
        drawing::icon(icon, look.px(18.0), tone.ink),
        one_line(bold(w.difference_kind(found.kind), look.body(), tone.ink)),
        space::horizontal(),
        one_line(plain(number(look, found), look.body(), c.text)),
    ]
    .spacing(look.px(8.0))
    .align_y(Alignment::Center);
    if chosen {
        first = first.push(one_line(plain(open, look.body(), c.waiting.ink)));
        first = first.push(widgets::key_hint(look, Kind::Outline, "Enter"));
    }
    let sides = format!(
        "{} {}  ·  {} {}",
        w.rec_here(),
        side_word(look, found.here.as_ref()),
        w.rec_there(),
        side_word(look, found.there.as_ref()),
    );
    let inside = column![
        first,
        one_line(plain(sides, look.body(), c.text)),
        plain(w.difference_fix(found.kind), look.body(), c.quiet),
    ]
    .spacing(look.px(4.0));
    widgets::press(look, Kind::Row { chosen }, inside, Some(Message::Open(at)))
        .width(Fill)
        .padding(look.px(12.0))
        .into()
}

/// The bill's last ten; of a refund, the refund's.
fn number(look: Look, found: &Difference) -> String {
    let tail = |no: &str| {
        let from = no.len().saturating_sub(10);
        format!("…{}", no.get(from..).unwrap_or(no))
    };
    match &found.refund_no {
        Some(no) => look.words.rec_refund_no(&tail(no)),
        None => tail(&found.bill_no),
    }
}

/// What can be done, and what stands beside the result.
fn side<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let view = state.shown(snapshot);
    let mut all = column![main_button(look, snapshot, state, view)];
    if state.other_is_running(snapshot) {
        all = all.push(plain(w.rec_other_running(), look.body(), c.cancelling.ink));
    }
    if let Some(run) = view.map(|view| &view.run) {
        if !run.settled.is_empty() {
            let line = w.rec_settled(run.settled.len());
            all = all.push(plain(line, look.body(), c.paid.ink));
            for bill_no in &run.settled {
                all = all.push(plain(format!("…{}", bill_no.tail()), look.body(), c.quiet));
            }
        }
        if run.elsewhere.count > 0 {
            let line = w.rec_elsewhere(run.elsewhere.count, &run.elsewhere.sum.grouped());
            all = all.push(plain(line, look.body(), c.quiet));
        }
    }
    let mut foot = column![];
    if let Some(practice) = &snapshot.practice {
        foot = foot.push(planted(look, &practice.planted, state.chosen(snapshot)));
    }
    if !state.shifts.is_empty() {
        all = all.push(shifts(look, snapshot, state));
    }
    let all = all.spacing(look.px(12.0));
    let foot = foot
        .push(plain(w.rec_hint(), look.hint(), c.quiet))
        .push(widgets::wide(
            look,
            Kind::Key,
            w.back().into(),
            "Esc",
            Some(Message::Close),
        ))
        .spacing(look.px(12.0));
    column![widgets::scroll(look, all), foot]
        .spacing(look.px(12.0))
        .into()
}

/// The newest shifts: one of them instead of a day.
fn shifts<'a>(look: Look, snapshot: &Snapshot, state: &'a State) -> Element<'a, Message> {
    let w = look.words;
    let pills = state.shifts.iter().enumerate().map(|(at, shift)| {
        let chosen = state.scope.shift == Some(shift.no);
        let word = w.shift_title(shift.no);
        let pill = widgets::pill(look, word, chosen, Message::Shift(at));
        let focused = state.chosen(snapshot) == Entry::Shift(at);
        widgets::ringed(look, focused, pill)
    });
    let pills = Row::with_children(pills)
        .spacing(look.px(4.0))
        .wrap()
        .vertical_spacing(look.px(4.0));
    column![
        plain(w.rec_a_shift(), look.body(), look.colors.quiet),
        pills
    ]
    .spacing(look.px(4.0))
    .into()
}

fn main_button<'a>(
    look: Look,
    snapshot: &Snapshot,
    state: &State,
    view: Option<&ReconcileView>,
) -> Element<'a, Message> {
    let w = look.words;
    let chosen = state.chosen(snapshot) == Entry::Main;
    let key = if chosen { "Enter" } else { "" };
    let (word, message) = match view {
        Some(view) if is_running(view) => (w.rec_stop(), Message::Cancel),
        Some(view) if view.run.finished => (w.rec_again(), Message::Start),
        Some(_) => (w.rec_go_on(), Message::Start),
        None => (w.rec_start(), Message::Start),
    };
    let kind = match view {
        Some(view) if is_running(view) || view.run.finished => Kind::OutlineChosen,
        _ => Kind::Primary,
    };
    let kind = match (kind, chosen) {
        (Kind::OutlineChosen, false) => Kind::Outline,
        (kind, _) => kind,
    };
    let mut inside = row![
        one_line(bold(word, look.label(), kind.ink(look))),
        space::horizontal()
    ]
    .align_y(Alignment::Center)
    .height(Fill);
    if !key.is_empty() {
        inside = inside.push(widgets::key_hint(look, kind, key));
    }
    widgets::press(look, kind, inside, Some(message))
        .width(Fill)
        .height(look.px(64.0))
        .padding(Padding::from([0.0, look.px(16.0)]))
        .into()
}

/// Practice: plants differences, and says which.
fn planted<'a>(look: Look, planted: &'a [String], chosen: Entry) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (kind, key) = if chosen == Entry::Plant {
        (Kind::OutlineChosen, "Enter")
    } else {
        (Kind::Outline, "")
    };
    let mut all = column![widgets::wide(
        look,
        kind,
        w.rec_plant().into(),
        key,
        Some(Message::Plant)
    )];
    if !planted.is_empty() {
        all = all.push(plain(w.rec_planted(), look.body(), c.quiet));
    }
    for no in planted {
        let from = no.len().saturating_sub(10);
        let tail = no.get(from..).unwrap_or(no);
        all = all.push(plain(format!("…{tail}"), look.body(), c.text));
    }
    all.spacing(look.px(8.0)).into()
}
