//! F1: every key, in one look.

use crate::ui::app::Message;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, plain};
use iced::widget::{Column, column, container, row, space};
use iced::{Alignment, Element, Fill};

/// The page.
pub fn view<'a>(look: Look) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let lines = [
        (w.keys_digits(), w.keys_digits_do()),
        (w.keys_scan(), w.keys_scan_do()),
        ("Enter", w.keys_enter_do()),
        ("Esc", w.keys_esc_do()),
        ("F2 / F3", w.keys_qr_do()),
        ("F4", w.keys_camera_do()),
        ("F5", w.keys_bills_do()),
        ("F6", w.keys_refund_do()),
        ("F7", w.keys_to_do_do()),
        ("F8", w.keys_shift_do()),
        ("F9", w.keys_lock_do()),
        ("F10", w.keys_settings_do()),
        ("F11", w.keys_full_do()),
        ("Ctrl+P", w.keys_print_do()),
        ("Ctrl+L", w.keys_link_do()),
        ("F1", w.keys_keys_do()),
        (w.keys_question(), w.keys_question_do()),
        (w.keys_move(), w.keys_move_do()),
    ];
    let rows = lines.into_iter().map(|(key, does)| {
        row![
            container(widgets::key_hint_large(look, key)).width(look.px(220.0)),
            plain(does, look.body(), c.text).width(Fill),
        ]
        .align_y(Alignment::Center)
        .into()
    });
    page(
        look,
        w.keys_title(),
        widgets::scroll(look, Column::with_children(rows).spacing(look.px(6.0)))
            .id(widgets::PAGE)
            .into(),
    )
}

/// A page with a title and the way back.
pub fn page<'a>(look: Look, title: &'a str, content: Element<'a, Message>) -> Element<'a, Message> {
    let c = look.colors;
    let head = row![
        bold(title, look.sentence(), c.text),
        space::horizontal(),
        widgets::press(
            look,
            Kind::Key,
            container(
                row![
                    plain(look.words.back(), look.body(), c.text),
                    widgets::key_hint(look, Kind::Outline, "Esc"),
                ]
                .spacing(look.px(8.0))
                .align_y(Alignment::Center)
            )
            .center_y(Fill),
            Some(Message::CloseScreen),
        )
        .height(look.px(48.0))
        .padding(iced::Padding::from([0.0, look.px(16.0)])),
    ]
    .align_y(Alignment::Center);
    widgets::card(look, column![head, content].spacing(look.px(16.0)))
        .padding(look.card())
        .width(Fill)
        .height(Fill)
        .into()
}
