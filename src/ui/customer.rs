//! The customer's window: the shop's name, what is due, the QR, the result.
//!
//! Invariant: it shows only the bill on the stage: never anything about another customer, never a
//! reason of the gateway's, never a name of the staff.

use super::app::Message;
use super::face::Face;
use super::screens::{countdown, tone};
use super::theme::Look;
use super::widgets::drawing::{self, Icon};
use super::widgets::{self, bold, plain, strong};
use crate::domain::Wallet;
use crate::till::service::{BillView, Snapshot, Stage};
use iced::widget::{Space, column, container, row};
use iced::{Alignment, Border, Color, Element, Fill};

/// The whole window. `height` and `width` are the window's, in its pixels.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    now_ms: i64,
    size: iced::Size,
) -> Element<'a, Message> {
    let unit = (size.height / 600.0).min(size.width / 1024.0).max(0.4);
    let c = look.colors;
    let (inside, ground) = match &snapshot.stage {
        Stage::Idle => (idle(look, snapshot, unit), c.surface),
        Stage::Amount { amount } => {
            let word = match snapshot.settings.takes_codes() {
                true => look.words.customer_show_code(),
                false => look.words.customer_show_soon(),
            };
            (
                due(look, amount.grouped(), word, unit, size.width),
                c.surface,
            )
        }
        Stage::Bill(bill) => shown(look, bill, now_ms, unit, size.width),
    };
    container(inside)
        .center(Fill)
        .style(move |_| widgets::filled(ground, Border::default()))
        .into()
}

fn idle<'a>(look: Look, snapshot: &'a Snapshot, unit: f32) -> Element<'a, Message> {
    let c = look.colors;
    column![
        strong(&snapshot.shop.name, 72.0 * unit, c.text),
        plain(look.words.customer_welcome(), 40.0 * unit, c.quiet),
    ]
    .spacing(16.0 * unit)
    .align_x(Alignment::Center)
    .into()
}

fn figures<'a>(look: Look, amount: String, largest: f32, room: f32) -> Element<'a, Message> {
    let size = widgets::fitting(&amount, room * 0.85, largest, 28.0);
    widgets::amount(look, amount, size, look.colors.text, look.colors.quiet)
}

fn due<'a>(
    look: Look,
    amount: String,
    word: &'static str,
    unit: f32,
    width: f32,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    column![
        plain(w.customer_due(), 40.0 * unit, c.quiet),
        figures(look, amount, 168.0 * unit, width),
        bold(word, 48.0 * unit, c.waiting.ink),
    ]
    .spacing(12.0 * unit)
    .align_x(Alignment::Center)
    .into()
}

fn shown<'a>(
    look: Look,
    bill: &'a BillView,
    now_ms: i64,
    unit: f32,
    width: f32,
) -> (Element<'a, Message>, Color) {
    let (c, w) = (look.colors, look.words);
    let face = Face::of(bill);
    let calm = |word: &'static str, sentence: &'static str| {
        let amount = figures(look, bill.amount.grouped(), 112.0 * unit, width);
        let inside = column![
            bold(word, 56.0 * unit, c.text),
            amount,
            plain(sentence, 40.0 * unit, c.quiet),
        ]
        .spacing(16.0 * unit)
        .align_x(Alignment::Center);
        (inside.into(), c.surface)
    };
    match face {
        Face::ShowingQr => (qr(look, bill, now_ms, unit, width), c.surface),
        Face::Waiting => calm(w.customer_wait(), w.payer(bill)),
        Face::Paid => result(look, bill, Icon::Check, w.customer_paid(), "", unit),
        Face::Refused | Face::NotSent => result(
            look,
            bill,
            Icon::Cross,
            w.customer_not_paid(),
            w.customer_other_way(),
            unit,
        ),
        Face::Reverted(_) => result(
            look,
            bill,
            Icon::Back,
            w.customer_undone(),
            w.word(face),
            unit,
        ),
        Face::Expired => result(look, bill, Icon::Back, w.customer_undone(), "", unit),
        Face::Cancelling | Face::Unknown | Face::Watching | Face::Unrevertible => {
            calm(w.customer_checking(), w.payer(bill))
        }
        Face::Incident | Face::Disputed | Face::Unrecorded => {
            calm(w.customer_staff(), w.payer(bill))
        }
    }
}

fn result<'a>(
    look: Look,
    bill: &'a BillView,
    icon: Icon,
    word: &'static str,
    sentence: &'static str,
    unit: f32,
) -> (Element<'a, Message>, Color) {
    let c = look.colors;
    let mut inside = column![
        drawing::icon(icon, 96.0 * unit, c.on_tone),
        bold(word, 72.0 * unit, c.on_tone),
        plain(
            format!("¥ {}", bill.amount.grouped()),
            60.0 * unit,
            c.on_tone
        ),
    ]
    .spacing(12.0 * unit)
    .align_x(Alignment::Center);
    if !sentence.is_empty() {
        inside = inside.push(plain(sentence, 36.0 * unit, c.on_tone));
    }
    (inside.into(), tone(look, Face::of(bill)).fill)
}

fn qr<'a>(
    look: Look,
    bill: &'a BillView,
    now_ms: i64,
    unit: f32,
    width: f32,
) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let side = 460.0 * unit;
    let code: Element<'a, Message> = match &bill.qr {
        Some(code) => drawing::qr(code.clone(), side, c.qr_light, c.qr_dark),
        None => Space::new().width(side).height(side).into(),
    };
    let code = container(code).padding(8.0 * unit).style(move |_| {
        let edge = Border::default().width(1.0).color(c.line);
        widgets::filled(c.qr_light, edge.rounded(24.0 * unit))
    });
    let wallet = bill.wallet.filter(|_| !bill.link).map_or_else(
        || match bill.link {
            true => bold(w.link_name(bill.channel), 40.0 * unit, c.text).into(),
            false => Element::from(Space::new()),
        },
        |wallet| {
            let ink = match wallet {
                Wallet::Alipay => c.alipay.ink,
                Wallet::Wechat => c.wechat.ink,
            };
            bold(w.scans_with(wallet), 40.0 * unit, ink).into()
        },
    );
    let left = bill
        .deadline_ms
        .map_or_else(String::new, |until| w.left(&countdown(until, now_ms)));
    let room = width - side - 160.0 * unit;
    row![
        code,
        column![
            wallet,
            figures(look, bill.amount.grouped(), 84.0 * unit, room),
            plain(left, 30.0 * unit, c.quiet),
        ]
        .spacing(8.0 * unit),
    ]
    .spacing(56.0 * unit)
    .align_y(Alignment::Center)
    .into()
}
