//! The window's own widgets: text by role, cards, buttons, pills, amounts. They know colours and
//! sizes by role only, and nothing about payments.

pub mod chart;
pub mod drawing;
pub mod keyboard;
pub mod pad;

pub use pad::{number_pad, pin_pad};

use super::theme::{self, Look};
use crate::domain::Wallet;
use iced::widget::{Space, button, container, row, scrollable, space, text, text_input};
use iced::{Alignment, Background, Border, Color, Element, Fill, Font, Length, Padding, Theme};

/// Text in regular weight.
pub fn plain<'a>(
    content: impl text::IntoFragment<'a>,
    size: f32,
    color: Color,
) -> text::Text<'a, Theme> {
    write(content, size, color, theme::REGULAR)
}

/// Text of the program's own in bold.
pub fn bold<'a>(
    content: impl text::IntoFragment<'a>,
    size: f32,
    color: Color,
) -> text::Text<'a, Theme> {
    write(content, size, color, theme::BOLD)
}

/// Dynamic text in bold, where the bold file has all of it.
pub fn strong<'a>(content: &str, size: f32, color: Color) -> text::Text<'a, Theme> {
    write(content.to_owned(), size, color, theme::bold_for(content))
}

fn write<'a>(
    content: impl text::IntoFragment<'a>,
    size: f32,
    color: Color,
    font: Font,
) -> text::Text<'a, Theme> {
    text(content)
        .size(size)
        .color(color)
        .font(font)
        .line_height(1.3)
        .shaping(text::Shaping::Advanced)
        .wrapping(text::Wrapping::WordOrGlyph)
}

/// One line, never broken: what does not fit is clipped by its container.
pub fn one_line(text: text::Text<'_, Theme>) -> text::Text<'_, Theme> {
    text.wrapping(text::Wrapping::None)
}

/// A width estimate in ems: a Chinese character is 1, others a little over a half.
pub fn ems(text: &str) -> f32 {
    text.chars()
        .map(|c| match c {
            '.' | ',' | ':' | ' ' | 'i' | 'l' | 't' | 'r' | 'f' => 0.33,
            'm' | 'w' | 'M' | 'W' => 0.95,
            c if c.is_ascii() => 0.6,
            _ => 1.0,
        })
        .sum()
}

/// The largest size up to `largest` at which the text fits the width, never under `smallest`.
pub fn fitting(text: &str, width: f32, largest: f32, smallest: f32) -> f32 {
    (width / ems(text).max(1.0))
        .floor()
        .clamp(smallest.min(largest), largest)
}

/// A white card with a hairline.
pub fn card<'a, M: 'a>(
    look: Look,
    content: impl Into<Element<'a, M>>,
) -> container::Container<'a, M> {
    edged(look, look.colors.line, 1.0, content)
}

/// A card with a coloured edge.
pub fn edged<'a, M: 'a>(
    look: Look,
    edge: Color,
    width: f32,
    content: impl Into<Element<'a, M>>,
) -> container::Container<'a, M> {
    let radius = look.px(16.0);
    container(content).style(move |_| {
        filled(
            look.colors.surface,
            Border::default().rounded(radius).width(width).color(edge),
        )
    })
}

/// A card filled with a state's colour.
pub fn toned<'a, M: 'a>(
    look: Look,
    fill: Color,
    content: impl Into<Element<'a, M>>,
) -> container::Container<'a, M> {
    let radius = look.px(16.0);
    container(content).style(move |_| filled(fill, Border::default().rounded(radius)))
}

/// A plain colour behind something.
pub fn filled(background: Color, border: Border) -> container::Style {
    container::Style {
        background: Some(Background::Color(background)),
        border,
        ..container::Style::default()
    }
}

/// A hairline across.
pub fn line<'a, M: 'a>(look: Look) -> Element<'a, M> {
    container(Space::new().width(Fill).height(1.0))
        .style(move |_| filled(look.colors.line, Border::default()))
        .into()
}

/// A hairline down.
pub fn line_down<'a, M: 'a>(look: Look) -> Element<'a, M> {
    container(Space::new().width(1.0).height(Fill))
        .style(move |_| filled(look.colors.line, Border::default()))
        .into()
}

/// What a button is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// The main action.
    Primary,
    /// A key of a keypad or of the key bar.
    Key,
    /// A bordered action on a surface.
    Outline,
    /// The same, chosen by the keyboard.
    OutlineChosen,
    /// The main action where money leaves.
    Danger,
    /// The main action on a state's colour.
    OnToneMain,
    /// Another action on a state's colour.
    OnTone,
    /// One of several choices.
    Pill {
        /// It is the chosen one.
        chosen: bool,
    },
    /// A row of a list.
    Row {
        /// It is the chosen one.
        chosen: bool,
    },
}

impl Kind {
    /// The text on it.
    pub fn ink(self, look: Look) -> Color {
        let c = look.colors;
        match self {
            Kind::Primary | Kind::Danger | Kind::OnTone => c.on_tone,
            Kind::OnToneMain => theme::LIGHT.text,
            Kind::Pill { chosen: true } => c.on_pill,
            _ => c.text,
        }
    }

    fn style(self, look: Look, status: button::Status) -> button::Style {
        let c = look.colors;
        let pressed = status == button::Status::Pressed;
        let faded = status == button::Status::Disabled;
        let edge = |color: Color, width: f32| Border::default().width(width).color(color);
        let white = |alpha: f32| Color {
            a: alpha,
            ..c.on_tone
        };
        let (background, border, radius) = match self {
            Kind::Primary => (c.waiting.fill, Border::default(), 12.0),
            Kind::Danger => (c.refused.fill, Border::default(), 12.0),
            Kind::Key if pressed => (c.key_pressed, Border::default(), 12.0),
            Kind::Key => (c.key, Border::default(), 12.0),
            Kind::Outline if pressed => (c.key, edge(c.line, 2.0), 12.0),
            Kind::Outline => (c.surface, edge(c.line, 2.0), 12.0),
            Kind::OutlineChosen => (c.chosen, edge(c.waiting.fill, 2.0), 12.0),
            Kind::OnToneMain => (
                white(if pressed { 0.85 } else { 1.0 }),
                Border::default(),
                12.0,
            ),
            Kind::OnTone => (
                white(if pressed { 0.3 } else { 0.16 }),
                Border::default(),
                12.0,
            ),
            Kind::Pill { chosen: true } => (c.pill, Border::default(), 24.0),
            Kind::Pill { chosen: false } => (c.key, Border::default(), 24.0),
            Kind::Row { chosen: true } => (c.chosen, Border::default(), 0.0),
            Kind::Row { chosen: false } if pressed => (c.key, Border::default(), 0.0),
            Kind::Row { chosen: false } => (Color::TRANSPARENT, Border::default(), 0.0),
        };
        let mut background = background;
        if pressed && matches!(self, Kind::Primary | Kind::Danger) {
            background.a = 0.85;
        }
        let ink = self.ink(look);
        button::Style {
            background: Some(Background::Color(background)),
            text_color: if faded { c.quiet } else { ink },
            border: border.rounded(look.px(radius)),
            ..button::Style::default()
        }
    }
}

/// A button of this kind around any content.
pub fn press<'a, M: Clone + 'a>(
    look: Look,
    kind: Kind,
    content: impl Into<Element<'a, M>>,
    message: Option<M>,
) -> button::Button<'a, M> {
    button(content)
        .style(move |_, status| kind.style(look, status))
        .on_press_maybe(message)
        .padding(0)
}

/// A small box with a key's name.
pub fn key_hint<'a, M: 'a>(look: Look, kind: Kind, key: &'a str) -> Element<'a, M> {
    let ink = kind.ink(look);
    let (ground, edge) = match kind {
        Kind::OnTone | Kind::Primary | Kind::Danger => (
            Color {
                a: 0.16,
                ..theme::LIGHT.text
            },
            None,
        ),
        Kind::OnToneMain => (theme::LIGHT.key_pressed, None),
        _ => (Color::TRANSPARENT, Some(look.colors.line)),
    };
    let ink = if edge.is_some() {
        look.colors.quiet
    } else {
        ink
    };
    let radius = look.px(6.0);
    container(one_line(plain(key, look.hint(), ink)))
        .padding(Padding::from([look.px(3.0), look.px(8.0)]))
        .style(move |_| {
            let border = Border::default().rounded(radius);
            match edge {
                Some(color) => filled(ground, border.width(1.0).color(color)),
                None => filled(ground, border),
            }
        })
        .into()
}

/// An action of the stage: a word and its key, 64 high.
pub fn action<'a, M: Clone + 'a>(
    look: Look,
    kind: Kind,
    word: impl text::IntoFragment<'a>,
    key: &'a str,
    message: M,
) -> Element<'a, M> {
    let gap = if look.narrow { 16.0 } else { 28.0 };
    let mut content = row![one_line(bold(word, look.label(), kind.ink(look)))]
        .spacing(look.px(12.0))
        .align_y(Alignment::Center);
    if !key.is_empty() {
        content = content.push(key_hint(look, kind, key));
    }
    press(look, kind, container(content).center_y(Fill), Some(message))
        .height(look.px(64.0))
        .padding(Padding::from([0.0, look.px(gap)]))
        .into()
}

/// A button over the whole width of its column, 48 high.
pub fn wide<'a, M: Clone + 'a>(
    look: Look,
    kind: Kind,
    word: String,
    key: &'a str,
    message: Option<M>,
) -> Element<'a, M> {
    let ink = if message.is_some() {
        kind.ink(look)
    } else {
        look.colors.quiet
    };
    let mut content = row![one_line(plain(word, look.body(), ink)), space::horizontal()]
        .align_y(Alignment::Center)
        .height(Fill);
    if !key.is_empty() {
        content = content.push(key_hint(look, kind, key));
    }
    press(look, kind, content, message)
        .width(Fill)
        .height(look.px(48.0))
        .padding(Padding::from([0.0, look.px(16.0)]))
        .into()
}

/// One of several choices, 48 high.
pub fn pill<'a, M: Clone + 'a>(
    look: Look,
    word: impl text::IntoFragment<'a>,
    chosen: bool,
    message: M,
) -> Element<'a, M> {
    let kind = Kind::Pill { chosen };
    let gap = if look.narrow { 10.0 } else { 16.0 };
    press(
        look,
        kind,
        container(one_line(plain(word, look.body(), kind.ink(look)))).center_y(Fill),
        Some(message),
    )
    .height(look.px(48.0))
    .padding(Padding::from([0.0, look.px(gap)]))
    .into()
}

/// Pills, ringed where the keys are at them.
pub fn ringed<'a, M: 'a>(
    look: Look,
    focused: bool,
    pills: impl Into<Element<'a, M>>,
) -> Element<'a, M> {
    let edge = if focused {
        look.colors.waiting.fill
    } else {
        Color::TRANSPARENT
    };
    let border = Border::default().width(2.0).color(edge);
    let border = border.rounded(look.px(26.0));
    container(pills)
        .padding(2)
        .style(move |_| filled(Color::TRANSPARENT, border))
        .into()
}

/// The square mark of a wallet.
pub fn wallet_mark<'a, M: 'a>(look: Look, wallet: Wallet) -> Element<'a, M> {
    let (word, tone) = match wallet {
        Wallet::Alipay => (look.words.alipay_mark(), look.colors.alipay),
        Wallet::Wechat => (look.words.wechat_mark(), look.colors.wechat),
    };
    let side = look.px(40.0);
    let radius = look.px(10.0);
    container(bold(word, look.label(), look.colors.on_tone))
        .center(side)
        .style(move |_| filled(tone.fill, Border::default().rounded(radius)))
        .into()
}

/// ¥ and an amount on one baseline.
pub fn amount<'a, M: 'a>(
    look: Look,
    figures: impl Into<String>,
    size: f32,
    ink: Color,
    yen: Color,
) -> Element<'a, M> {
    // Below the baseline a box of line height 1.2 has 0.164 of its size (ascent 1.16,
    // descent 0.288): the difference lifts the smaller sign onto the same line.
    let small = (size * 0.5).round();
    let lift = (0.164 * (size - small)).round();
    let sign = one_line(plain("¥", small, yen).line_height(1.2));
    row![
        container(sign).padding(iced::padding::bottom(lift)),
        one_line(bold(figures.into(), size, ink).line_height(1.2)),
    ]
    .spacing(look.px(size * 0.08))
    .align_y(Alignment::End)
    .into()
}

/// A text field.
pub fn field<'a, M: Clone + 'a>(
    look: Look,
    id: &'static str,
    hint: &'a str,
    value: &'a str,
    on_input: impl Fn(String) -> M + 'a,
) -> text_input::TextInput<'a, M> {
    let c = look.colors;
    text_input(hint, value)
        .id(iced::widget::Id::new(id))
        .on_input(on_input)
        .size(look.body())
        .font(theme::REGULAR)
        .line_height(1.3)
        .padding(Padding::from([look.px(13.0), look.px(16.0)]))
        .style(move |_, status| {
            let focused = matches!(status, text_input::Status::Focused { .. });
            let (edge, width) = if focused {
                (c.waiting.fill, 2.0)
            } else {
                (c.line, 1.0)
            };
            text_input::Style {
                background: Background::Color(c.surface),
                border: Border::default()
                    .rounded(look.px(10.0))
                    .width(width)
                    .color(edge),
                icon: c.quiet,
                placeholder: c.quiet,
                value: c.text,
                selection: Color {
                    a: 0.3,
                    ..c.waiting.fill
                },
            }
        })
}

/// A box that shows typed text without being a text field: it has its own keys (ids, PINs).
pub fn well<'a, M: Clone + 'a>(
    look: Look,
    shown: Element<'a, M>,
    focused: bool,
    width: Length,
    message: M,
) -> Element<'a, M> {
    well_of(look, shown, focused, (width, look.px(56.0)), message)
}

/// The same over the whole width, as high as its figures need.
pub fn well_high<'a, M: Clone + 'a>(
    look: Look,
    shown: Element<'a, M>,
    focused: bool,
    height: f32,
    message: M,
) -> Element<'a, M> {
    well_of(look, shown, focused, (Fill, height), message)
}

fn well_of<'a, M: Clone + 'a>(
    look: Look,
    shown: Element<'a, M>,
    focused: bool,
    (width, height): (Length, f32),
    message: M,
) -> Element<'a, M> {
    let c = look.colors;
    let (edge, thick) = if focused {
        (c.waiting.fill, 2.0)
    } else {
        (c.line, 1.0)
    };
    button(container(shown).center_y(Fill))
        .on_press(message)
        .width(width)
        .height(height)
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

/// A label of this width, and its field; choices that have the keys are marked between them.
pub fn labelled<'a, M: 'a>(
    look: Look,
    label: impl Into<Element<'a, M>>,
    width: f32,
    marked: bool,
    field: impl Into<Element<'a, M>>,
) -> Element<'a, M> {
    let c = look.colors;
    let mark = move |_: &Theme| {
        let color = if marked {
            c.waiting.fill
        } else {
            Color::TRANSPARENT
        };
        filled(color, Border::default().rounded(2.0))
    };
    row![
        container(label.into()).width(width),
        container(Space::new().width(look.px(4.0)).height(look.px(20.0))).style(mark),
        container(field.into()).width(Fill),
    ]
    .spacing(look.px(6.0))
    .align_y(Alignment::Center)
    .into()
}

/// Two fields that belong together: the second keeps its width.
pub fn beside<'a, M: 'a>(
    look: Look,
    first: impl Into<Element<'a, M>>,
    second: impl Into<Element<'a, M>>,
) -> Element<'a, M> {
    row![container(first.into()).width(Fill), second.into()]
        .spacing(look.px(12.0))
        .align_y(Alignment::Center)
        .into()
}

/// The scrolling part of a page, for the arrow keys.
pub const PAGE: &str = "page";

/// A column that scrolls when it must.
pub fn scroll<'a, M: 'a>(
    look: Look,
    content: impl Into<Element<'a, M>>,
) -> scrollable::Scrollable<'a, M> {
    scrollable(content)
        .width(Fill)
        .height(Fill)
        .direction(scrollable::Direction::Vertical(
            // Beside the content, never over it.
            bar(look).spacing(look.px(4.0)),
        ))
}

/// What a scrolling list keeps free at its right, so that a head above it lines up.
pub fn list_edge(look: Look) -> f32 {
    look.px(10.0)
}

/// A scrolling list whose rows are equally wide whether it scrolls or not.
pub fn list<'a, M: 'a>(
    look: Look,
    rows: impl Into<Element<'a, M>>,
) -> scrollable::Scrollable<'a, M> {
    let rows = container(rows).padding(iced::padding::right(list_edge(look)));
    scroll_in_margin(look, rows)
}

/// The same for content with a margin of its own at its right, where the bar lies.
pub fn scroll_in_margin<'a, M: 'a>(
    look: Look,
    content: impl Into<Element<'a, M>>,
) -> scrollable::Scrollable<'a, M> {
    scrollable(content)
        .width(Fill)
        .height(Fill)
        .direction(scrollable::Direction::Vertical(bar(look)))
}

fn bar(look: Look) -> scrollable::Scrollbar {
    scrollable::Scrollbar::new()
        .width(look.px(6.0))
        .scroller_width(look.px(6.0))
}

/// A key's name on its own page.
pub fn key_hint_large<'a, M: 'a>(look: Look, key: &'a str) -> Element<'a, M> {
    let c = look.colors;
    container(one_line(bold(key, look.body(), c.text)))
        .padding(Padding::from([look.px(2.0), look.px(10.0)]))
        .style(move |_| {
            let edge = Border::default().width(1.0).color(c.line);
            filled(c.key, edge.rounded(look.px(6.0)))
        })
        .into()
}
