//! A closed shift as its slip says it, with the audit chain's head.

use super::Message;
use crate::domain::Fen;
use crate::domain::shift::{Closed, Shift};
use crate::domain::time::{clock_hm, shanghai};
use crate::till::service::Snapshot;
use crate::ui::screens::report;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, column, container, row, space, text};
use iced::{Border, Element, Fill};

/// The slip's width, in the design's pixels.
const PAPER: f32 = 460.0;
/// Hexadecimal digits of the chain's head in one group.
const GROUP: usize = 16;

/// What can be done with a closed shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Compares it with the gateway.
    Reconcile,
    /// Shows its slip as it is printed.
    Print,
}

fn dos(snapshot: &Snapshot) -> &'static [Do] {
    match super::is_manager(snapshot) {
        true => &[Do::Reconcile, Do::Print],
        false => &[Do::Print],
    }
}

/// What Enter does.
pub fn chosen(at: Option<usize>, snapshot: &Snapshot) -> Do {
    let all = dos(snapshot);
    all.get(at.unwrap_or(0)).copied().unwrap_or(Do::Print)
}

/// The next one is chosen.
pub fn turned(at: Option<usize>, snapshot: &Snapshot) -> Option<usize> {
    Some((at.unwrap_or(0) + 1) % dos(snapshot).len())
}

/// A line of the slip.
enum Line {
    /// Between two parts.
    Rule,
    /// A word at the left, a value at the right.
    Pair(String, String),
    /// The same, in bold.
    Strong(String, String),
    /// Alone.
    Text(String),
}

/// The slip and, in the rail's place, its chart.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    shift: &'a Shift,
    at: Option<usize>,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let Some(end) = &shift.closed else {
        return container("").into();
    };
    let lines = lines(look, snapshot, shift, end).into_iter();
    let lines = Column::with_children(lines.map(|line| draw(look, line))).spacing(look.px(6.0));
    let (edge, ground, radius) = (c.line, c.surface, look.px(10.0));
    let paper = container(lines)
        .padding(look.px(24.0))
        .width(look.px(PAPER))
        .style(move |_| {
            let border = Border::default().rounded(radius).width(1.0).color(edge);
            widgets::filled(ground, border)
        });
    let inside = column![
        bold(w.slip_title(shift.no), look.sentence(), c.text),
        widgets::list(look, container(paper).center_x(Fill)).id(widgets::PAGE),
    ]
    .spacing(look.px(16.0));
    let left = widgets::card(look, inside)
        .padding(look.card())
        .width(Fill)
        .height(Fill);
    row![left, side(look, snapshot, end, at)]
        .spacing(look.px(16.0))
        .into()
}

fn side<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    end: &'a Closed,
    at: Option<usize>,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let net = report::money(end.report.net());
    let size = widgets::fitting(
        &net,
        look.rail() - look.px(32.0),
        look.px(48.0),
        look.body(),
    );
    let mut inside = column![
        plain(w.shift_net(), look.body(), c.quiet),
        one_line(bold(net, size, c.text).line_height(1.2)),
    ];
    inside = match report::by_hour(look, &end.report, look.px(160.0)) {
        Some(chart) => inside
            .push(chart)
            .push(report::by_wallet(look, &end.report)),
        None => inside.push(plain(w.shift_none_yet(), look.body(), c.quiet)),
    };
    inside = inside.push(space::vertical());
    for what in dos(snapshot) {
        let (word, message) = match what {
            Do::Reconcile => (w.slip_reconcile(), Message::Reconcile),
            Do::Print => (w.slip_print(), Message::Print),
        };
        let (kind, key) = match *what == chosen(at, snapshot) {
            true => (Kind::OutlineChosen, "Enter"),
            false => (Kind::Outline, ""),
        };
        inside = inside.push(widgets::wide(look, kind, word.into(), key, Some(message)));
    }
    let back = widgets::wide(look, Kind::Key, w.back().into(), "Esc", Some(Message::Back));
    widgets::card(look, inside.push(back).spacing(look.px(12.0)))
        .padding(look.px(16.0))
        .width(look.rail())
        .height(Fill)
        .into()
}

fn draw<'a>(look: Look, line: Line) -> Element<'a, Message> {
    let c = look.colors;
    let pair = |left: text::Text<'a>, right: text::Text<'a>| {
        row![one_line(left), space::horizontal(), one_line(right)].into()
    };
    let plain = |text: String| plain(text, look.body(), c.text);
    let strong = |text: &str| widgets::strong(text, look.body(), c.text);
    let bold = |text: String| bold(text, look.body(), c.text);
    match line {
        Line::Rule => container(widgets::line(look))
            .padding(iced::Padding::from([look.px(6.0), 0.0]))
            .into(),
        Line::Pair(left, right) => pair(plain(left), plain(right)),
        Line::Strong(left, right) => pair(strong(&left), bold(right)),
        Line::Text(text) => plain(text).color(c.quiet).into(),
    }
}

fn lines(look: Look, snapshot: &Snapshot, shift: &Shift, end: &Closed) -> Vec<Line> {
    let mut all = people(look, snapshot, shift, end);
    all.push(Line::Rule);
    all.extend(taken(look, snapshot, end));
    all.push(Line::Rule);
    all.extend(cash(look, shift, end));
    all.push(Line::Rule);
    all.extend(signed(look, snapshot, end));
    all
}

fn who(look: Look, snapshot: &Snapshot, id: &str) -> String {
    match id {
        "" => look.words.sum_nobody().to_owned(),
        id => report::name(&snapshot.staff, id).to_owned(),
    }
}

fn people(look: Look, snapshot: &Snapshot, shift: &Shift, end: &Closed) -> Vec<Line> {
    let w = look.words;
    let at = |ms: i64| shanghai(ms).strftime("%m-%d %H:%M").to_string();
    let shop = &snapshot.shop;
    let mut all = vec![
        Line::Strong(shop.name.clone(), w.till(&shop.till)),
        Line::Pair(
            format!("{} {}", w.slip_opened(), at(shift.opened_ms)),
            who(look, snapshot, &shift.opened_by),
        ),
    ];
    for hand in &shift.hands {
        all.push(Line::Pair(
            format!("{} {}", w.slip_handed(), at(hand.at_ms)),
            format!(
                "{} {}",
                who(look, snapshot, &hand.to),
                report::money(hand.counted)
            ),
        ));
    }
    all.push(Line::Pair(
        format!("{} {}", w.slip_ended(), at(end.at_ms)),
        who(look, snapshot, &end.by),
    ));
    all
}

fn taken(look: Look, snapshot: &Snapshot, end: &Closed) -> Vec<Line> {
    let w = look.words;
    let report = &end.report;
    let of = |tally: crate::domain::shift::Tally| {
        format!("{}  {}", w.sum_count(tally.count), report::money(tally.sum))
    };
    let mut all = vec![Line::Strong(w.sum_paid().into(), of(report.paid))];
    all.push(Line::Text(w.sum_by_wallet().into()));
    for (wallet, tally) in &report.by_wallet {
        all.push(Line::Pair(w.wallet(*wallet).into(), of(*tally)));
    }
    all.push(Line::Text(w.sum_by_cashier().into()));
    for (id, tally) in &report.by_cashier {
        let name = match id.as_str() {
            "" => w.sum_command_line().to_owned(),
            id => who(look, snapshot, id),
        };
        all.push(Line::Pair(name, of(*tally)));
    }
    all.push(Line::Text(w.sum_by_hour().into()));
    for (from_ms, tally) in by_hour(report) {
        all.push(Line::Pair(clock_hm(from_ms), of(tally)));
    }
    all.push(Line::Rule);
    all.push(Line::Pair(w.sum_refunds().into(), of(report.refunds)));
    all.push(Line::Pair(w.sum_reverts_apart().into(), of(report.reverts)));
    all.push(Line::Strong(
        w.shift_net().into(),
        report::money(report.net()),
    ));
    all
}

/// The hours with both wallets together.
fn by_hour(report: &crate::domain::shift::ShiftReport) -> Vec<(i64, crate::domain::shift::Tally)> {
    let mut all: Vec<(i64, crate::domain::shift::Tally)> = Vec::new();
    for hour in &report.by_hour {
        match all
            .last_mut()
            .filter(|(from_ms, _)| *from_ms == hour.from_ms)
        {
            Some((_, tally)) => {
                tally.count = tally.count.saturating_add(hour.tally.count);
                tally.sum = Fen(tally.sum.0.saturating_add(hour.tally.sum.0));
            }
            None => all.push((hour.from_ms, hour.tally)),
        }
    }
    all
}

fn cash(look: Look, shift: &Shift, end: &Closed) -> Vec<Line> {
    let w = look.words;
    let (into, out) = shift.cash_in_out();
    let expected = shift.expected_cash();
    let off = Fen(end.counted.0.saturating_sub(expected.0));
    let pair = |word: &str, amount| Line::Pair(word.to_owned(), report::money(amount));
    vec![
        pair(w.sum_float(), shift.float),
        pair(w.sum_cash_in(), into),
        pair(w.sum_cash_out(), out),
        pair(w.sum_expected(), expected),
        Line::Strong(w.sum_counted().into(), report::money(end.counted)),
        Line::Strong(w.sum_difference().into(), report::signed(off)),
    ]
}

fn signed(look: Look, snapshot: &Snapshot, end: &Closed) -> Vec<Line> {
    let w = look.words;
    let mut all = vec![Line::Pair(
        w.slip_to_do().into(),
        w.sum_count(end.report.to_do),
    )];
    if let Some(exception) = &end.exception {
        let by = who(look, snapshot, &exception.by);
        all.push(Line::Pair(w.slip_signed().into(), by));
        all.push(Line::Text(exception.reason.clone()));
    }
    all.push(Line::Text(w.slip_chain(end.head_count)));
    let groups = end.head.as_bytes().chunks(GROUP * 2);
    for two in groups {
        let halves: Vec<_> = two.chunks(GROUP).map(String::from_utf8_lossy).collect();
        all.push(Line::Text(halves.join(" ")));
    }
    all
}
