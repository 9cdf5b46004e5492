//! The stage while a QR, or a pay link as a QR, is on the screen.

use super::{Press, actions, next_amount};
use crate::till::service::BillView;
use crate::ui::face::Face;
use crate::ui::screens::sale::State;
use crate::ui::screens::{countdown, part_left};
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, one_line, plain};
use iced::widget::{Row, Space, column, container, row};
use iced::{Alignment, Element, Fill, Length, padding};

/// It fills the stage.
pub(super) fn view<'a>(
    look: Look,
    bill: &'a BillView,
    sale: &'a State,
    now_ms: i64,
) -> Element<'a, Press> {
    let (c, w) = (look.colors, look.words);
    let side = look.px(if look.narrow { 300.0 } else { 420.0 });
    let code: Element<'a, Press> = match &bill.qr {
        Some(qr) => drawing::qr(qr.clone(), side, c.qr_light, c.qr_dark),
        None => Space::new().width(side).height(side).into(),
    };
    let code = container(code).padding(look.px(6.0)).style(move |_| {
        let edge = iced::Border::default().width(1.0).color(c.line);
        widgets::filled(c.qr_light, edge.rounded(look.px(16.0)))
    });
    let mut who = row![].spacing(look.px(12.0)).align_y(Alignment::Center);
    if bill.link {
        let word = format!("{} · {}", w.pay_link(), w.link_name(bill.channel));
        who = who.push(one_line(bold(word, look.label(), c.text)));
    } else if let Some(wallet) = bill.wallet {
        who = who
            .push(widgets::wallet_mark(look, wallet))
            .push(one_line(bold(w.scans_with(wallet), look.label(), c.text)));
    }
    let room = look.stage_inner() - side - look.px(48.0);
    let size = widgets::fitting(
        &bill.amount.grouped(),
        room - look.px(44.0),
        look.px(84.0),
        look.px(36.0),
    );
    let left = bill
        .deadline_ms
        .map_or_else(String::new, |until| w.left(&countdown(until, now_ms)));
    let side_column = column![
        who,
        widgets::amount(look, bill.amount.grouped(), size, c.text, c.quiet),
        plain(w.waiting_scan(), look.sentence(), c.text),
        plain(w.qr_checked(), look.label(), c.quiet),
        bar(look, part_left(bill, now_ms)),
        plain(left, look.body(), c.quiet),
        Space::new().height(look.px(8.0)),
        next_amount(look, sale, c.text),
        qr_actions(look, bill),
    ]
    .spacing(look.px(10.0))
    .width(Fill);
    let inside = row![code, side_column]
        .spacing(look.px(if look.narrow { 24.0 } else { 40.0 }))
        .align_y(Alignment::Center);
    widgets::card(look, container(inside).center_y(Fill))
        .padding(padding::horizontal(look.px(if look.narrow {
            20.0
        } else {
            32.0
        })))
        .width(Fill)
        .height(Fill)
        .into()
}

fn qr_actions<'a>(look: Look, bill: &'a BillView) -> Element<'a, Press> {
    let all = actions(look, bill, Face::ShowingQr)
        .into_iter()
        .map(|(word, key, press)| widgets::action(look, Kind::Outline, word, key, press));
    Row::with_children(all)
        .spacing(look.px(12.0))
        .wrap()
        .vertical_spacing(look.px(12.0))
        .into()
}

fn bar<'a>(look: Look, left: f32) -> Element<'a, Press> {
    let c = look.colors;
    let share = (left.clamp(0.0, 1.0) * 1000.0) as u16;
    let part = |share: u16, color| {
        container(Space::new().width(Fill).height(look.px(8.0)))
            .width(Length::FillPortion(share.max(1)))
            .style(move |_| widgets::filled(color, iced::Border::default().rounded(look.px(4.0))))
    };
    row![part(share, c.waiting.fill), part(1000 - share, c.line)].into()
}
