//! A keyboard on the screen, for text that has to be typed by touch: letters, digits and what
//! addresses need.

use super::{Kind, one_line, plain, press};
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use iced::widget::{Column, Row, container};
use iced::{Element, Fill};

const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm._:"];

/// The keyboard. `shifted`: capitals, `/ , @` in place of `. _ :`, and `? = | &` in place of
/// `1 2 3 4`.
pub fn keyboard<'a, M: Clone + 'a>(
    look: Look,
    shifted: bool,
    on_char: impl Fn(char) -> M + Copy + 'a,
    shift: M,
    erase: M,
) -> Element<'a, M> {
    let c = look.colors;
    let gap = look.px(6.0);
    let key = |inside: Element<'a, M>, kind, message: M| -> Element<'a, M> {
        press(look, kind, container(inside).center(Fill), Some(message))
            .width(Fill)
            .height(look.px(48.0))
            .padding(0)
            .into()
    };
    let mut rows = Column::new().spacing(gap);
    for (at, chars) in ROWS.iter().enumerate() {
        let mut row = Row::new().spacing(gap).width(Fill);
        for one in chars.chars() {
            let shown = if shifted { upper(one) } else { one };
            let text = one_line(plain(shown.to_string(), look.label(), c.text));
            row = row.push(key(text.into(), Kind::Key, on_char(shown)));
        }
        if at == ROWS.len() - 2 {
            let sign = drawing::icon(Icon::Erase, look.px(24.0), c.quiet);
            row = row.push(key(sign, Kind::Key, erase.clone()));
        }
        if at == ROWS.len() - 1 {
            let kind = if shifted { Kind::Primary } else { Kind::Key };
            let ink = if shifted { c.on_tone } else { c.text };
            let arrow = one_line(plain("Aa", look.label(), ink));
            row = row.push(key(arrow.into(), kind, shift.clone()));
        }
        rows = rows.push(row);
    }
    rows.into()
}

fn upper(c: char) -> char {
    match c {
        '.' => '/',
        '_' => ',',
        ':' => '@',
        '-' => '+',
        '1' => '?',
        '2' => '=',
        '3' => '|',
        '4' => '&',
        other => other.to_ascii_uppercase(),
    }
}
