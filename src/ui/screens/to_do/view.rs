//! How the to-do list looks.

use super::{Do, Item, LIST, Message, State, form, listed};
use crate::domain::time::clock_hm;
use crate::till::service::{BillView, RefundView, Snapshot, TestedDevice};
use crate::ui::face::{Face, RefundFace};
use crate::ui::screens::lamps::{self, Slips};
use crate::ui::screens::{icon, refund_icon, refund_tone, short_no, tone, who};
use crate::ui::strings::Words;
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::Icon;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Column, Row, column, container, row, space};
use iced::{Alignment, Element, Fill, Padding};

/// The list, or the form.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, Message> {
    let inside = match &state.form {
        Some(form) => form::view(look, snapshot, form),
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
    for item in listed(snapshot) {
        let chosen = item.is(state.chosen.as_ref());
        rows = rows.push(match item {
            Item::Bill(bill) => bill_row(look, bill, chosen, now_ms),
            Item::Refund(refund) => refund_row(look, snapshot, refund, chosen, now_ms),
            Item::Slips(slips) => slips_row(look, snapshot, slips, chosen),
        });
        if chosen {
            rows = rows.push(choices(look, item, state.action));
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

pub(super) fn head<'a>(look: Look, title: &'a str) -> Element<'a, Message> {
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

fn bill_row<'a>(look: Look, bill: &'a BillView, chosen: bool, now_ms: i64) -> Element<'a, Message> {
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
        one_line(plain(w.payer(bill), look.label(), c.text)),
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
        Some(Message::Choose(super::Key::Bill(bill.bill_no.clone()))),
    )
    .width(Fill)
    .padding(look.px(12.0))
    .into()
}

fn refund_row<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    refund: &'a RefundView,
    chosen: bool,
    now_ms: i64,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let face = RefundFace::of(refund);
    let ink = refund_tone(look, face).ink;
    let first = row![
        one_line(plain(clock_hm(refund.sent_ms), look.label(), c.quiet)),
        one_line(bold(
            format!("¥ {}", refund.fee.grouped()),
            look.label(),
            c.text
        )),
        one_line(plain(w.refund_title(), look.label(), c.text)),
        one_line(plain(
            who(snapshot, &refund.approver),
            look.label(),
            c.quiet
        )),
        space::horizontal(),
        drawing::icon(refund_icon(face), look.px(20.0), ink),
        one_line(bold(w.refund_word(face), look.label(), ink)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center);
    let doing = match face {
        RefundFace::Incident => w.refund_sentence(refund),
        _ => match w.refund_why(refund) {
            Some(why) => format!("{why} · {}", w.refund_doing(refund, now_ms)),
            None => w.refund_doing(refund, now_ms),
        },
    };
    let number = format!("…{}", refund.refund_no.tail());
    let second = row![
        plain(doing, look.body(), c.quiet).width(Fill),
        one_line(plain(number, look.body(), c.quiet)),
    ]
    .spacing(look.px(12.0));
    widgets::press(
        look,
        Kind::Row { chosen },
        column![first, second].spacing(look.px(4.0)),
        Some(Message::Choose(super::Key::Refund(
            refund.refund_no.clone(),
        ))),
    )
    .width(Fill)
    .padding(look.px(12.0))
    .into()
}

/// Slips that stand still: no money, so a grey or an amber sign.
fn slips_row<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    slips: Slips,
    chosen: bool,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (icon, ink) = match slips.doubtful {
        0 => (Icon::Clock, c.undone.ink),
        _ => (Icon::Warning, c.cancelling.ink),
    };
    let first = row![
        one_line(plain(w.slips(), look.label(), c.text)),
        space::horizontal(),
        drawing::icon(icon, look.px(20.0), ink),
        one_line(bold(slips.line(w), look.label(), ink)),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center);
    let doing = match slips.doubtful {
        0 => lamps::line(w, snapshot, TestedDevice::Printer)
            .unwrap_or_else(|| w.job_waits_printer().to_owned()),
        _ => w.job_look_paper().to_owned(),
    };
    widgets::press(
        look,
        Kind::Row { chosen },
        column![first, plain(doing, look.body(), c.quiet)].spacing(look.px(4.0)),
        Some(Message::Choose(super::Key::Slips)),
    )
    .width(Fill)
    .padding(look.px(12.0))
    .into()
}

fn word(w: Words, item: Item<'_>, what: Do) -> &'static str {
    match (what, item) {
        (Do::Open, Item::Refund(_)) => w.do_look(),
        (Do::Open, Item::Slips(_)) => w.slips_open(),
        (Do::Open, _) => w.open(),
        (Do::Witnesses, _) => w.do_witnesses(),
        (Do::Ask, _) => w.ask_now(),
        (Do::Show, _) => w.show_again(),
        (Do::HandedOver, _) => w.handed_over(),
        (Do::Refund, _) => w.do_refund(),
        (Do::Release, _) => w.release(),
        (Do::Settle, _) => w.refund_settle(),
    }
}

fn choices<'a>(look: Look, item: Item<'a>, at: usize) -> Element<'a, Message> {
    let all = item.actions().into_iter().enumerate().map(|(i, what)| {
        let (kind, key) = if i == at {
            (Kind::OutlineChosen, "Enter")
        } else {
            (Kind::Outline, "")
        };
        let message = Message::Do(item.key(), what);
        widgets::action(look, kind, word(look.words, item, what), key, message)
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
