//! The stage: the amount being typed, or one bill that fills it. A view; `sale` decides.
//!
//! Invariant: only the bill on the stage colours it, and colour never stands alone: word, icon
//! and sentence say the same.

mod qr;

use super::sale::{Enter, Message, State, enter_means, may_cancel};
use super::{countdown, icon, links, part_left, spaced, tone};
use crate::domain::bill::PayAnswer;
use crate::domain::{State as BillState, Wallet};
use crate::till::service::{BillView, NextStep, Snapshot, Stage};
use crate::ui::face::Face;
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain};
use iced::widget::{Column, Row, Space, column, container, row, space, stack};
use iced::{Alignment, Element, Fill, Length, Padding};

/// The note's field, for focus.
pub const NOTE_FIELD: &str = "note";

/// What a stage's button does.
#[derive(Debug, Clone)]
pub enum Press {
    /// The sale's own.
    Sale(Message),
    /// Opens the release form.
    Release(crate::domain::BillNo),
    /// Opens both witnesses of a contradiction.
    Witnesses(crate::domain::BillNo),
    /// Opens the refund form.
    Refund(crate::domain::BillNo),
    /// The pay links to choose from.
    Links,
    /// Shows its slip.
    Slip(crate::domain::BillNo),
}

/// The stage as it is now.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    sale: &'a State,
    camera: Option<Element<'a, Press>>,
    now_ms: i64,
) -> Element<'a, Press> {
    match &snapshot.stage {
        Stage::Bill(bill) => match Face::of(bill) {
            Face::ShowingQr => qr::view(look, bill, sale, now_ms),
            face => toned(look, snapshot, bill, face, sale, now_ms),
        },
        Stage::Idle => typing(look, snapshot, sale, None, false),
        Stage::Amount { .. } => typing(look, snapshot, sale, camera, true),
    }
}

fn typing<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    sale: &'a State,
    camera: Option<Element<'a, Press>>,
    confirmed: bool,
) -> Element<'a, Press> {
    let keypad_share = if look.narrow { 10 } else { 15 };
    let left_share = if look.narrow { 15 } else { 23 };
    let inside = row![
        container(amount_side(look, snapshot, sale, camera, confirmed))
            .width(Length::FillPortion(left_share))
            .padding(look.card()),
        widgets::line_down(look),
        container(keypad(look))
            .width(Length::FillPortion(keypad_share))
            .padding(look.px(if look.narrow { 16.0 } else { 24.0 })),
    ];
    widgets::card(look, inside).width(Fill).height(Fill).into()
}

fn amount_side<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    sale: &'a State,
    camera: Option<Element<'a, Press>>,
    confirmed: bool,
) -> Element<'a, Press> {
    let (c, w) = (look.colors, look.words);
    let typed = sale.digits();
    let shown = match (&snapshot.stage, typed.is_empty()) {
        (Stage::Amount { amount }, _) => amount.to_string(),
        (_, true) => "0.00".to_owned(),
        (_, false) => typed.text().to_owned(),
    };
    let ink = if typed.is_empty() && !confirmed {
        c.quiet
    } else {
        c.text
    };
    let share = if look.narrow { 0.6 } else { 0.605 };
    let room = (look.width - look.rail() - look.px(48.0)) * share - 2.0 * look.card();
    // The sign takes about a third of a figure's size beside the figures.
    let size = widgets::fitting(&shown, room - look.px(44.0), look.amount(), look.px(40.0));
    let sentence = match (typed.amount().is_some() || confirmed, confirmed) {
        (false, _) => w.type_amount().to_owned(),
        (true, _) if !snapshot.settings.takes_codes() => w.press_qr().to_owned(),
        (true, false) => w.press_enter().to_owned(),
        (true, true) => w.scan_code().to_owned(),
    };
    let (sentence, tone) = match typed.above() {
        Some(max) => (w.amount_too_large(&max.grouped()), c.refused.ink),
        None => (sentence, c.text),
    };
    let note = widgets::field(look, NOTE_FIELD, w.note_hint(), sale.note(), |text| {
        Press::Sale(Message::NoteChanged(text))
    });
    let figures = container(widgets::amount(look, shown, size, ink, c.quiet))
        .height(look.amount() * 1.2)
        .align_y(Alignment::End);
    column![
        plain(w.amount_due(), look.label(), c.quiet),
        figures,
        bold(sentence, look.sentence(), tone),
        Space::new().height(look.px(12.0)),
        container(note).max_width(look.px(420.0)),
        camera.unwrap_or_else(|| space::vertical().into()),
        qr_buttons(look, snapshot),
    ]
    .spacing(look.px(4.0))
    .into()
}

fn qr_buttons<'a>(look: Look, snapshot: &'a Snapshot) -> Element<'a, Press> {
    let w = look.words;
    let offered = [
        (Wallet::Alipay, w.alipay_qr(), "F2", snapshot.shop.qr_alipay),
        (Wallet::Wechat, w.wechat_qr(), "F3", snapshot.shop.qr_wechat),
    ];
    let links = (!snapshot.shop.links.is_empty()).then(|| links::button(look));
    let buttons = offered
        .into_iter()
        .filter(|o| o.3)
        .map(|(wallet, word, key, _)| {
            let inside = row![
                widgets::wallet_mark(look, wallet),
                one_line(bold(word, look.label(), look.colors.text)),
                space::horizontal(),
                widgets::key_hint(look, Kind::Outline, key),
            ]
            .spacing(look.px(8.0))
            .align_y(Alignment::Center)
            .height(Fill);
            let message = Some(Press::Sale(Message::ShowQr(wallet)));
            widgets::press(look, Kind::Outline, inside, message)
                .width(Fill)
                .height(look.px(if look.narrow { 64.0 } else { 80.0 }))
                .padding(Padding::from([0.0, look.px(16.0)]))
                .into()
        });
    let wallets: Element<'a, Press> = if look.narrow {
        Column::with_children(buttons).spacing(look.px(8.0)).into()
    } else {
        Row::with_children(buttons).spacing(look.px(16.0)).into()
    };
    column![wallets].extend(links).spacing(look.px(8.0)).into()
}

fn keypad<'a>(look: Look) -> Element<'a, Press> {
    let c = look.colors;
    let key = |word: &'static str, message: Message| -> Element<'a, Press> {
        let inside = container(plain(word, look.px(30.0), c.text)).center(Fill);
        widgets::press(look, Kind::Key, inside, Some(Press::Sale(message)))
            .width(Fill)
            .height(Fill)
            .into()
    };
    let digit = |word: &'static str| {
        let c = word.chars().next().unwrap_or('0');
        key(word, Message::Character(c))
    };
    let erase = widgets::press(
        look,
        Kind::Key,
        container(drawing::icon(Icon::Erase, look.px(30.0), c.quiet)).center(Fill),
        Some(Press::Sale(Message::Backspace)),
    );
    let clear = widgets::press(
        look,
        Kind::Key,
        container(one_line(plain(look.words.clear(), look.label(), c.quiet))).center(Fill),
        Some(Press::Sale(Message::Clear)),
    );
    let confirm = widgets::press(
        look,
        Kind::Primary,
        container(one_line(plain(
            look.words.confirm(),
            look.label(),
            c.on_tone,
        )))
        .center(Fill),
        Some(Press::Sale(Message::Confirm)),
    );
    let gap = look.px(8.0);
    let three = |keys: [Element<'a, Press>; 3]| {
        Row::with_children(keys)
            .spacing(gap)
            .width(Fill)
            .height(Fill)
    };
    let figures = column![
        three([digit("7"), digit("8"), digit("9")]),
        three([digit("4"), digit("5"), digit("6")]),
        three([digit("1"), digit("2"), digit("3")]),
        three([key("00", Message::DoubleZero), digit("0"), digit(".")]),
    ]
    .spacing(gap);
    let upper = column![
        erase.width(Fill).height(Fill),
        clear.width(Fill).height(Fill)
    ]
    .spacing(gap)
    .height(Fill);
    let side = column![upper, confirm.width(Fill).height(Fill)].spacing(gap);
    row![
        figures.width(Length::FillPortion(3)),
        side.width(Length::FillPortion(1)),
    ]
    .spacing(gap)
    .into()
}

fn toned<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    bill: &'a BillView,
    face: Face,
    sale: &'a State,
    now_ms: i64,
) -> Element<'a, Press> {
    let (c, w) = (look.colors, look.words);
    let word = w.word(face);
    let ring = face == Face::Waiting && bill.deadline_ms.is_some();
    let ring_side = look.px(if look.narrow { 136.0 } else { 176.0 });
    let room = look.stage_inner() - if ring { ring_side + look.px(24.0) } else { 0.0 };
    let word_room = room - look.word() - look.px(16.0);
    let size = widgets::fitting(word, word_room, look.word(), look.px(28.0));
    let mut head = row![].spacing(look.px(16.0)).align_y(Alignment::Center);
    if face != Face::Waiting {
        head = head.push(drawing::icon(icon(face), (size * 0.8).round(), c.on_tone));
    }
    let head = head.push(bold(word, size, c.on_tone));
    let sentence = w.sentence(face, bill);
    let heavy = matches!(tone(look, face), t if t == c.unknown || t == c.cancelling);
    let sentence = if heavy {
        widgets::strong(&sentence, look.sentence(), c.on_tone)
    } else {
        plain(sentence, look.sentence(), c.on_tone)
    };
    let words = column![head, sentence].spacing(look.px(8.0)).width(Fill);
    let top: Element<'a, Press> = if ring {
        row![words, countdown_ring(look, bill, ring_side, now_ms)]
            .spacing(look.px(24.0))
            .into()
    } else {
        words.into()
    };
    let size = widgets::fitting(
        &bill.amount.grouped(),
        look.stage_inner() - look.px(70.0),
        look.amount(),
        look.px(48.0),
    );
    let figures = widgets::amount(
        look,
        bill.amount.grouped(),
        size,
        c.on_tone,
        c.on_tone_quiet,
    );
    let inside = column![
        top,
        figures,
        details(look, bill, face, now_ms),
        space::vertical(),
        buttons(look, bill, face, sale, snapshot),
    ]
    .spacing(look.px(if look.low { 4.0 } else { 12.0 }));
    widgets::toned(look, tone(look, face).fill, inside)
        .padding(Padding::from([look.px(32.0), look.px(40.0)]))
        .width(Fill)
        .height(Fill)
        .into()
}

fn countdown_ring<'a>(look: Look, bill: &BillView, side: f32, now_ms: i64) -> Element<'a, Press> {
    let c = look.colors;
    let track = iced::Color {
        a: 0.28,
        ..c.on_tone
    };
    let left = bill
        .deadline_ms
        .map_or_else(String::new, |until| countdown(until, now_ms));
    stack![
        drawing::ring(part_left(bill, now_ms), side, c.on_tone, track),
        container(bold(left, side * 0.27, c.on_tone)).center(side),
    ]
    .into()
}

/// Label and value, one line each.
fn details<'a>(look: Look, bill: &'a BillView, face: Face, now_ms: i64) -> Element<'a, Press> {
    if face == Face::Waiting {
        return steps(look, bill);
    }
    let label_width = look.px(if look.narrow { 112.0 } else { 160.0 });
    let rows = facts(look, bill, face, now_ms)
        .into_iter()
        .map(|(label, value)| {
            row![
                container(plain(label, look.label(), look.colors.on_tone_quiet)).width(label_width),
                plain(value, look.label(), look.colors.on_tone).width(Fill),
            ]
            .into()
        });
    Column::with_children(rows).spacing(look.px(8.0)).into()
}

fn facts(look: Look, bill: &BillView, face: Face, now_ms: i64) -> Vec<(&'static str, String)> {
    let w = look.words;
    let mut facts = Vec::new();
    match face {
        Face::Unknown
        | Face::Watching
        | Face::Unrevertible
        | Face::Incident
        | Face::Disputed
        | Face::Unrecorded => {
            facts.push((w.label_doing(), w.doing(bill, now_ms)));
        }
        Face::Cancelling => facts.push((w.label_doing(), w.doing_close().to_owned())),
        _ => {}
    }
    if matches!(
        face,
        Face::Unknown | Face::Watching | Face::Unrevertible | Face::Cancelling
    ) {
        facts.extend(w.reason(bill).map(|why| (w.label_reason(), why)));
    }
    let said = match (&bill.pay, face) {
        (PayAnswer::Refused { code, detail }, _) => Some(format!("{code} · {detail}")),
        (PayAnswer::Final { detail, .. }, _) => Some(detail.clone()),
        // The sentence says it already, in the screen's language.
        (PayAnswer::Unconnected { .. }, _) => None,
        _ => bill.detail.clone(),
    };
    facts.extend(said.map(|said| (w.label_gateway(), said)));
    facts.push((w.label_bill(), spaced(bill.bill_no.as_str())));
    if let (Face::Paid, Some(ended)) = (face, bill.ended_ms) {
        let tenths = ended.saturating_sub(bill.sent_ms).max(0) / 100;
        let took = w.took(&format!("{}.{}", tenths / 10, tenths % 10));
        facts.push((w.label_took(), took));
    }
    if !bill.note.is_empty() {
        facts.push((w.label_note(), bill.note.clone()));
    }
    facts
}

fn steps<'a>(look: Look, bill: &BillView) -> Element<'a, Press> {
    let (c, w) = (look.colors, look.words);
    let answered = !matches!(bill.pay, PayAnswer::Pending);
    let mark = |icon| drawing::icon(icon, look.px(20.0), c.on_tone);
    let dash = || {
        container(Space::new().width(look.px(32.0)).height(1.0))
            .style(move |_| widgets::filled(c.on_tone_quiet, iced::Border::default()))
    };
    let step = |done: bool, now: bool, word| {
        let shape = match (done, now) {
            (true, _) => Icon::Check,
            (false, true) => Icon::Dot,
            (false, false) => Icon::Ring,
        };
        let text = if now {
            bold(word, look.label(), c.on_tone)
        } else {
            plain(word, look.label(), c.on_tone)
        };
        row![mark(shape), one_line(text)]
            .spacing(look.px(6.0))
            .align_y(Alignment::Center)
    };
    row![
        step(answered, !answered, w.step_submitted()),
        dash(),
        step(false, answered, w.step_confirm()),
        dash(),
        step(false, false, w.step_arrived()),
    ]
    .spacing(look.px(12.0))
    .align_y(Alignment::Center)
    .into()
}

/// The actions of a bill on the stage: word, key, what follows; the first is the main one.
fn actions(look: Look, bill: &BillView, face: Face) -> Vec<(&'static str, &'static str, Press)> {
    let w = look.words;
    let no = || bill.bill_no.clone();
    let next = |word, key| (word, key, Press::Sale(Message::ServeNext));
    let mut all = Vec::new();
    if may_cancel(bill) {
        all.push((
            w.cancel_payment(),
            "Esc",
            Press::Sale(Message::Cancel(no())),
        ));
    }
    match face {
        Face::Paid => {
            if bill.late {
                all.push((w.handed_over(), "", Press::Sale(Message::HandedOver(no()))));
            }
            all.push(next(w.next(), "Enter"));
        }
        Face::Reverted(_) | Face::Expired | Face::Unrecorded => all.push(next(w.next(), "Enter")),
        Face::Refused | Face::NotSent => all.push(next(w.give_up(), "Esc")),
        _ if enter_means(bill) == Enter::Ask => {
            all.push((w.ask_now(), "Enter", Press::Sale(Message::AskNow(no()))));
            all.push(next(w.serve_next(), "F7"));
        }
        _ => all.push(next(w.serve_next(), "Enter")),
    }
    if bill.can_show_again && face != Face::ShowingQr {
        all.push((w.show_again(), "", Press::Sale(Message::ShowAgain(no()))));
    }
    if face == Face::Paid && bill.late && bill.channel.has_refunds() {
        all.push((w.do_refund(), "", Press::Refund(no())));
    }
    if face == Face::Incident || bill.next == NextStep::Manager {
        all.push((w.do_witnesses(), "", Press::Witnesses(no())));
    }
    let lockable = matches!(bill.state, BillState::Watching | BillState::Unresolved);
    if lockable && !bill.may_retry {
        all.push((w.release(), "", Press::Release(no())));
    }
    all
}

fn buttons<'a>(
    look: Look,
    bill: &'a BillView,
    face: Face,
    sale: &'a State,
    snapshot: &Snapshot,
) -> Element<'a, Press> {
    let gap = if look.narrow { 12.0 } else { 16.0 };
    let mut all = row![].spacing(look.px(gap));
    if face.keeps_amount() {
        // 聚宝 takes no codes: there is nothing to scan again.
        let codes = usize::from(bill.channel.is_jubao());
        for way in next_attempt(look).into_iter().skip(codes) {
            all = all.push(way);
        }
        if !snapshot.shop.links.is_empty() {
            let word = look.words.pay_link();
            all = all.push(widgets::action(
                look,
                Kind::OnTone,
                word,
                "Ctrl+L",
                Press::Links,
            ));
        }
    }
    let first_is_main = !may_cancel(bill) && face != Face::Cancelling && !face.keeps_amount();
    for (i, (word, key, press)) in actions(look, bill, face).into_iter().enumerate() {
        let kind = if i == 0 && first_is_main {
            Kind::OnToneMain
        } else {
            Kind::OnTone
        };
        all = all.push(widgets::action(look, kind, word, key, press));
    }
    if face == Face::Paid && snapshot.print.there {
        let press = Press::Slip(bill.bill_no.clone());
        all = all.push(widgets::action(
            look,
            Kind::OnTone,
            look.words.slip(),
            "",
            press,
        ));
    }
    column![
        next_amount(look, sale, look.colors.on_tone),
        all.wrap().vertical_spacing(look.px(12.0)),
    ]
    .spacing(look.px(12.0))
    .into()
}

/// A refused or not sent bill: the ways to try the same sale again.
fn next_attempt<'a>(look: Look) -> [Element<'a, Press>; 3] {
    let w = look.words;
    let words = row![
        drawing::icon(Icon::Dot, look.px(12.0), look.colors.on_tone),
        one_line(bold(w.rescan(), look.label(), look.colors.on_tone)),
        widgets::key_hint(look, Kind::OnTone, w.scan_key()),
    ]
    .spacing(look.px(10.0))
    .align_y(Alignment::Center)
    .height(look.px(64.0));
    let qr = |wallet, word, key| {
        let message = Press::Sale(Message::ShowQr(wallet));
        widgets::action(look, Kind::OnTone, word, key, message)
    };
    [
        words.into(),
        qr(Wallet::Alipay, w.alipay_qr(), "F2"),
        qr(Wallet::Wechat, w.wechat_qr(), "F3"),
    ]
}

/// Digits typed while a bill fills the stage: the next sale's amount.
fn next_amount<'a>(look: Look, sale: &'a State, ink: iced::Color) -> Element<'a, Press> {
    if sale.digits().is_empty() {
        return Space::new().into();
    }
    let line = look.words.next_amount(sale.digits().text());
    bold(line, look.label(), ink).into()
}
