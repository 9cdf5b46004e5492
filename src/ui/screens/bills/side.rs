//! Beside the list: the chosen bill's whole story, or the day to look at, or the export.

use super::does::{has_slip, refund_has_slip};
use super::{Do, Message, State, Zone, export, view::day_word};
use crate::domain::query::StoryLine;
use crate::domain::time::{clock_hms, shanghai};
use crate::domain::{Fen, time::Day};
use crate::till::service::{BillView, RefundView, Snapshot};
use crate::ui::face::{Face, RefundFace};
use crate::ui::screens::{icon, refund_icon, refund_tone, report, tone};
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill};

/// The card's inside.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    if let Some(export) = &state.export {
        return export::view(look, export);
    }
    match state.chosen_bill() {
        Some(bill) => story(look, snapshot, state, bill),
        None => day(look, snapshot, state, now_ms),
    }
}

fn back<'a>(look: Look) -> Element<'a, Message> {
    let word = look.words.back().into();
    widgets::wide(look, Kind::Key, word, "Esc", Some(Message::Close))
}

/// What was paid on the day: how much, by hour, by wallet.
fn day<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let day = state.filters.days.day(now_ms);
    let head = w.day_head(&day_word(look, day, now_ms));
    let mut all = column![plain(head, look.body(), c.quiet)].spacing(look.px(8.0));
    if let Some((_, report)) = state.report.as_ref().filter(|(of, _)| *of == day) {
        let net = report::money(report.net());
        let room = look.rail() - look.px(32.0);
        let size = widgets::fitting(&net, room, look.px(48.0), look.body());
        all = all.push(one_line(bold(net, size, c.text).line_height(1.2)));
        all = match report::by_hour(look, report, look.px(150.0)) {
            Some(chart) => all.push(chart).push(report::by_wallet(look, report)),
            None => all.push(plain(w.sum_empty_day(), look.body(), c.quiet)),
        };
        if report.refunds.count > 0 {
            let word = w.sum_refunds().to_owned();
            all = all.push(report::line(look, word, report.refunds));
        }
    }
    let mut foot = column![plain(w.story_hint(), look.body(), c.quiet)].spacing(look.px(8.0));
    if super::is_manager(snapshot) {
        foot = foot.push(button(
            look,
            state,
            Do::Reconcile,
            w.do_reconcile().into(),
            "",
        ));
    }
    column![widgets::scroll(look, all), foot.push(back(look))]
        .spacing(look.px(8.0))
        .into()
}

/// A button that Tab reaches too.
fn button<'a>(
    look: Look,
    state: &State,
    what: Do,
    word: String,
    key: &'a str,
) -> Element<'a, Message> {
    let (kind, key) = if state.zone == Zone::Do(what) {
        (Kind::OutlineChosen, "Enter")
    } else {
        (Kind::Outline, key)
    };
    widgets::wide(look, kind, word, key, Some(Message::Do(what)))
}

fn story<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    bill: &'a BillView,
) -> Element<'a, Message> {
    // The newest line is what a live query adds.
    let told = widgets::scroll(look, told(look, snapshot, state, bill)).anchor_bottom();
    column![
        facts(look, snapshot, bill),
        widgets::line(look),
        told,
        buttons(look, snapshot, state, bill),
    ]
    .spacing(look.px(8.0))
    .into()
}

/// Amount, state, way, number, who took it, and what ended it.
fn facts<'a>(look: Look, snapshot: &'a Snapshot, bill: &'a BillView) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let ink = tone(look, face).ink;
    let amount = format!("¥ {}", bill.amount.grouped());
    let head = row![
        one_line(bold(amount, look.label(), c.text)),
        space::horizontal(),
        drawing::icon(icon(face), look.px(16.0), ink),
        one_line(bold(w.short(face), look.body(), ink)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center);
    let mut what = format!("{} {}", w.payer(bill), w.way(bill.channel));
    if !bill.operator.is_empty() {
        let who = report::name(&snapshot.staff, &bill.operator);
        what = format!("{what} · {}", w.taken_by(who));
    }
    let mut all = column![head].spacing(look.px(4.0));
    if w.word(face) != w.short(face) {
        all = all.push(plain(w.word(face), look.body(), ink));
    }
    all = all.push(plain(what, look.body(), c.quiet)).push(plain(
        bill.bill_no.as_str(),
        look.body(),
        c.quiet,
    ));
    if bill.proof.is_some() {
        let line = w.proof_line(w.proof(bill.proof));
        all = all.push(plain(line, look.body(), c.quiet));
    }
    if !bill.note.is_empty() {
        all = all.push(plain(bill.note.as_str(), look.body(), c.text));
    }
    all.into()
}

/// Events, then refunds, then what contradicts and what was decided.
fn told<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    bill: &'a BillView,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut lines = Column::new().spacing(look.px(8.0));
    if let Some(why) = &state.story_failed {
        lines = lines.push(plain(w.story_failed(why), look.body(), c.refused.ink));
    }
    for line in &state.story {
        lines = lines.push(story_line(look, line));
    }
    if let Some(why) = &state.refunds_failed {
        lines = lines.push(plain(w.refunds_failed(why), look.body(), c.refused.ink));
    }
    for (at, refund) in state.refunds.iter().enumerate() {
        lines = lines.push(refund_line(look, snapshot, refund, bill));
        if refund_has_slip(refund) {
            let slip = button(
                look,
                state,
                Do::RefundSlip(at),
                w.slip_of_refund().into(),
                "",
            );
            lines = lines.push(slip);
        }
    }
    if let Some(incident) = &bill.incident {
        lines = lines.push(plain(w.contradiction(incident), look.body(), c.unknown.ink));
    }
    if let Some(settled) = &bill.settlement {
        let by = report::name(&snapshot.staff, &settled.by);
        let line = w.settled_line(w.settled(settled.how), by, &settled.reason);
        lines = lines.push(timed(
            look,
            settled.at_ms,
            plain(line, look.body(), c.text).into(),
        ));
    }
    lines.into()
}

fn timed<'a>(look: Look, at_ms: i64, what: Element<'a, Message>) -> Element<'a, Message> {
    let time = one_line(plain(clock_hms(at_ms), look.body(), look.colors.quiet));
    row![
        container(time).width(look.px(76.0)),
        container(what).width(Fill)
    ]
    .spacing(look.px(8.0))
    .into()
}

fn story_line<'a>(look: Look, line: &'a StoryLine) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let mut what = column![plain(w.happened(&line.what), look.body(), c.text)].width(Fill);
    if let Some(request) = w.request(line.what, &line.bill) {
        what = what.push(plain(request, look.body(), c.quiet));
    }
    if let Some(detail) = &line.detail {
        what = what.push(plain(detail.as_str(), look.body(), c.quiet));
    }
    timed(look, line.at_ms, what.into())
}

fn refund_line<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    refund: &'a RefundView,
    bill: &BillView,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = RefundFace::of(refund);
    let ink = refund_tone(look, face).ink;
    let head = row![
        drawing::icon(refund_icon(face), look.px(16.0), ink),
        one_line(bold(w.refund_word(face), look.body(), ink)),
        one_line(bold(report::money(refund.fee), look.body(), c.text)),
    ]
    .spacing(look.px(4.0))
    .align_y(Alignment::Center)
    .wrap();
    let by = w.approved_by(report::name(&snapshot.staff, &refund.approver));
    let mut why = format!("{} · {by}", refund.reason);
    if Day::of(refund.sent_ms) != Day::of(bill.sent_ms) {
        why = format!("{} · {why}", shanghai(refund.sent_ms).strftime("%m-%d"));
    }
    let what = column![head, plain(why, look.body(), c.quiet)].width(Fill);
    timed(look, refund.sent_ms, what.into())
}

/// As narrow as its word: it stands beside the way to ask.
fn slip<'a>(look: Look, state: &State) -> Element<'a, Message> {
    let kind = match state.zone == Zone::Do(Do::Slip) {
        true => Kind::OutlineChosen,
        false => Kind::Outline,
    };
    let word = one_line(plain(look.words.slip(), look.body(), kind.ink(look)));
    let inside = container(word).center_y(Fill);
    widgets::press(look, kind, inside, Some(Message::Do(Do::Slip)))
        .height(look.px(48.0))
        .padding(iced::Padding::from([
            0.0,
            look.px(if look.narrow { 10.0 } else { 16.0 }),
        ]))
        .into()
}

fn buttons<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    bill: &BillView,
) -> Element<'a, Message> {
    let w = look.words;
    let mut all = column![].spacing(look.px(8.0));
    let ask = w.ask_gateway().into();
    let key = if state.zone == Zone::List {
        "Enter"
    } else {
        ""
    };
    let ask = widgets::wide(look, Kind::Outline, ask, key, Some(Message::Ask));
    all = all.push(match has_slip(bill) {
        true => row![ask, slip(look, state)].spacing(look.px(8.0)).into(),
        false => ask,
    });
    let mut open = None;
    for what in state.dos(snapshot) {
        match what {
            Do::Handle => {
                let word = w.handle_incident().into();
                all = all.push(button(look, state, what, word, ""));
            }
            Do::Refund => {
                let left = Fen(bill.amount.0.saturating_sub(bill.refunded.0));
                let word = w.refund_up_to(&left.grouped());
                all = all.push(button(look, state, what, word, "F6"));
            }
            // These stand beside what they belong to.
            Do::Slip | Do::RefundSlip(_) => {}
            Do::Open | Do::Reconcile => {
                open = Some(button(look, state, what, w.open().into(), ""));
            }
        }
    }
    let last = Row::with_children(open.into_iter().chain([back(look)]));
    all.push(last.spacing(look.px(8.0))).into()
}
