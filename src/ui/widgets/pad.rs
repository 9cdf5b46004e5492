//! Keypads by touch, the box that shows a typed amount, and a bar of progress.

use super::drawing::{self, Icon};
use super::{Kind, amount, filled, plain, press};
use crate::ui::theme::Look;
use iced::widget::{Row, button, column, container};
use iced::{Background, Border, Color, Element, Fill, Padding};

/// Ten digits and one that takes a digit away.
pub fn pin_pad<'a, M: Clone + 'a>(
    look: Look,
    digit: impl Fn(char) -> M,
    erase: M,
) -> Element<'a, M> {
    pad(look, digit, erase, &['0'])
}

/// The same with a point; `digit` gets '0' to '9' and '.'.
pub fn number_pad<'a, M: Clone + 'a>(
    look: Look,
    digit: impl Fn(char) -> M,
    erase: M,
) -> Element<'a, M> {
    pad(look, digit, erase, &['.', '0'])
}

fn pad<'a, M: Clone + 'a>(
    look: Look,
    digit: impl Fn(char) -> M,
    erase: M,
    last: &[char],
) -> Element<'a, M> {
    let c = look.colors;
    let key = |inside: Element<'a, M>, message| -> Element<'a, M> {
        press(
            look,
            Kind::Key,
            container(inside).center(Fill),
            Some(message),
        )
        .width(Fill)
        .height(Fill)
        .into()
    };
    let figure = |d: char| key(plain(d.to_string(), look.px(30.0), c.text).into(), digit(d));
    let sign = drawing::icon(Icon::Erase, look.px(30.0), c.quiet);
    let gap = look.px(8.0);
    let line = |keys: Vec<Element<'a, M>>| {
        Row::with_children(keys)
            .spacing(gap)
            .width(Fill)
            .height(Fill)
    };
    column![
        line(['7', '8', '9'].map(figure).into()),
        line(['4', '5', '6'].map(figure).into()),
        line(['1', '2', '3'].map(figure).into()),
        line(
            last.iter()
                .map(|d| figure(*d))
                .chain([key(sign, erase)])
                .collect()
        ),
    ]
    .spacing(gap)
    .into()
}

/// The typed amount, large, in a box that can be touched.
pub fn amount_well<'a, M: Clone + 'a>(
    look: Look,
    typed: &str,
    focused: bool,
    message: M,
) -> Element<'a, M> {
    let c = look.colors;
    let (edge, thick) = if focused {
        (c.waiting.fill, 2.0)
    } else {
        (c.line, 1.0)
    };
    let (figures, ink) = if typed.is_empty() {
        ("0.00", c.line)
    } else {
        (typed, c.text)
    };
    let size = look.px(48.0);
    let shown = amount(look, figures, size, ink, c.quiet);
    button(container(shown).center_y(Fill).clip(true))
        .on_press(message)
        .width(Fill)
        .height(look.px(80.0))
        .padding(Padding::from([0.0, look.px(16.0)]))
        .style(move |_, _| button::Style {
            background: Some(Background::Color(c.surface)),
            text_color: c.text,
            border: Border::default()
                .rounded(look.px(10.0))
                .width(thick)
                .color(edge),
            ..button::Style::default()
        })
        .into()
}

/// A bar of which `permille` is filled.
pub fn progress<'a, M: 'a>(look: Look, permille: u32, color: Color) -> Element<'a, M> {
    let done = u16::try_from(permille.min(1000)).unwrap_or(1000);
    let radius = look.px(6.0);
    let part = |share: u16, color: Color| {
        container(iced::widget::Space::new().width(Fill).height(Fill))
            .width(iced::Length::FillPortion(share))
            .height(Fill)
            .style(move |_| filled(color, Border::default().rounded(radius)))
    };
    let mut inside = iced::widget::row![].height(Fill).width(Fill);
    if done > 0 {
        inside = inside.push(part(done, color));
    }
    if done < 1000 {
        inside = inside.push(part(1000 - done, Color::TRANSPARENT));
    }
    let track = look.colors.key_pressed;
    container(inside)
        .width(Fill)
        .height(look.px(12.0))
        .style(move |_| filled(track, Border::default().rounded(radius)))
        .into()
}
