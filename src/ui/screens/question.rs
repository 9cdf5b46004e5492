//! The same-amount question. 1 and 2 or a touch answer it; Enter and scans never do (COUNTER).

use super::{icon, short_no, tone};
use crate::domain::time::clock_hms;
use crate::till::service::Question;
use crate::ui::app::Message;
use crate::ui::face::Face;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, drawing, plain};
use iced::widget::{column, container, opaque, row};
use iced::{Alignment, Border, Element, Fill, Padding};

/// The question, over everything.
pub fn view<'a>(look: Look, question: &'a Question, now_ms: i64) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let bill = &question.open;
    let face = Face::of(bill);
    let ink = tone(look, face).ink;
    let state = row![
        drawing::icon(icon(face), look.label(), ink),
        bold(w.word(face), look.label(), ink),
        plain(
            format!("{} · {}", clock_hms(bill.sent_ms), short_no(bill)),
            look.body(),
            c.quiet
        ),
    ]
    .spacing(look.px(10.0))
    .align_y(Alignment::Center);
    let button =
        |kind, word, key, another| widgets::action(look, kind, word, key, Message::Answer(another));
    let inside = column![
        widgets::amount(
            look,
            question.amount.grouped(),
            look.px(56.0),
            c.text,
            c.quiet
        ),
        bold(w.question_title(), look.sentence(), c.text),
        state,
        plain(w.doing(bill, now_ms), look.body(), c.quiet),
        row![
            // Neither is offered more than the other: the wrong one charges twice, or not at all.
            button(Kind::Outline, w.question_another(), "1", true),
            button(Kind::Outline, w.question_same(), "2", false),
        ]
        .spacing(look.px(16.0)),
        plain(w.question_hint(), look.body(), c.quiet),
    ]
    .spacing(look.px(16.0));
    let card = widgets::card(look, inside)
        .padding(look.px(32.0))
        .max_width(look.px(720.0));
    opaque(
        container(card)
            .center(Fill)
            .padding(Padding::from(look.px(24.0)))
            .style(move |_| widgets::filled(c.veil, Border::default())),
    )
}
