//! Sign-in: id and PIN, by keys and by touch. A scan is dropped here (COUNTER: keys).
//!
//! Invariant: the PIN is kept only until it is sent, wiped, and never drawn.

use crate::domain::staff::Staff;
use crate::till::service::{Command, Pin, Snapshot};
use crate::ui::app::Step;
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, bold, one_line, plain, strong};
use iced::widget::{Row, column, container, row};
use iced::{Alignment, Element, Fill, Length};
use zeroize::Zeroizing;

/// Longest id that is taken.
const ID_CHARS: usize = 16;
/// Longest PIN (COUNTER: a PIN has 4–12 digits).
const PIN_DIGITS: usize = 12;
/// Names that are offered for touch.
const MOST_STAFF: usize = 8;

/// What is typed.
#[derive(Default)]
pub struct State {
    id: String,
    pin: Zeroizing<String>,
    field: Field,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("lock::State(…)")
    }
}

/// Which field has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Field {
    /// The id.
    #[default]
    Id,
    /// The PIN.
    Pin,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Typed.
    Character(char),
    /// Takes one away.
    Backspace,
    /// Esc: empties the field; from the PIN it goes back to an empty id.
    Clear,
    /// The next field, or signs in.
    Enter,
    /// Tab and arrows.
    Step(Step),
    /// A field was touched.
    Focus(Field),
    /// A name was touched.
    Choose(String),
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Nothing.
    None,
    /// For the till.
    Send(Command),
}

impl State {
    /// Where there is one person, only the PIN is asked.
    pub fn for_staff(staff: &[Staff]) -> State {
        match staff {
            [only] => State {
                id: only.id.clone(),
                field: Field::Pin,
                ..State::default()
            },
            _ => State::default(),
        }
    }

    /// It was wrong.
    pub fn forget_pin(&mut self) {
        self.pin = Zeroizing::default();
    }

    /// One message.
    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Character(c) => self.character(c),
            Message::Backspace => match self.field {
                Field::Id => drop(self.id.pop()),
                Field::Pin if self.pin.is_empty() => self.field = Field::Id,
                Field::Pin => drop(self.pin.pop()),
            },
            Message::Clear => match self.field {
                Field::Id => self.id.clear(),
                Field::Pin => {
                    self.forget_pin();
                    self.id.clear();
                    self.field = Field::Id;
                }
            },
            Message::Focus(field) => self.field = field,
            Message::Choose(id) => {
                self.id = id;
                self.forget_pin();
                self.field = Field::Pin;
            }
            Message::Step(_) => {
                self.field = match self.field {
                    Field::Id => Field::Pin,
                    Field::Pin => Field::Id,
                }
            }
            Message::Enter => return self.enter(),
        }
        Action::None
    }

    fn character(&mut self, c: char) {
        match self.field {
            Field::Id if c.is_ascii_alphanumeric() && self.id.len() < ID_CHARS => self.id.push(c),
            Field::Pin if c.is_ascii_digit() && self.pin.len() < PIN_DIGITS => self.pin.push(c),
            Field::Id | Field::Pin => {}
        }
    }

    fn enter(&mut self) -> Action {
        if self.id.is_empty() {
            self.field = Field::Id;
            return Action::None;
        }
        if self.field == Field::Id || self.pin.is_empty() {
            self.field = Field::Pin;
            return Action::None;
        }
        let pin = Pin::new(std::mem::take(&mut *self.pin));
        Action::Send(Command::SignIn {
            id: self.id.clone(),
            pin,
        })
    }
}

/// The lock screen: names, fields, keypad.
pub fn view<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let inside = row![
        container(form(look, snapshot, state))
            .width(Length::FillPortion(3))
            .padding(look.card()),
        widgets::line_down(look),
        container(keypad(look))
            .width(Length::FillPortion(2))
            .padding(look.px(24.0)),
    ];
    widgets::card(look, inside).width(Fill).height(Fill).into()
}

fn form<'a>(look: Look, snapshot: &'a Snapshot, state: &'a State) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let names = snapshot.staff.iter().take(MOST_STAFF).map(|staff| {
        let line = format!("{} {}", staff.name, staff.id);
        let message = Message::Choose(staff.id.clone());
        widgets::pill(look, line, staff.id == state.id, message)
    });
    let label = |word| plain(word, look.body(), c.quiet);
    let id = plain(state.id.as_str(), look.label(), c.text);
    let mut inside = column![
        strong(&snapshot.shop.name, look.sentence(), c.text),
        bold(w.sign_in_title(), look.label(), c.quiet),
        Row::with_children(names)
            .spacing(look.px(8.0))
            .wrap()
            .vertical_spacing(look.px(8.0)),
        label(w.staff_id()),
        field(look, id.into(), state.field == Field::Id, Field::Id),
        label(w.pin()),
        field(
            look,
            dots(look, state.pin.len()),
            state.field == Field::Pin,
            Field::Pin
        ),
        label(w.sign_in_hint()),
    ]
    .spacing(look.px(12.0))
    .max_width(look.px(560.0));
    if snapshot.shop.practice {
        inside = inside.push(label(w.practice_staff()));
    }
    let listed = snapshot.in_progress.iter().chain(&snapshot.to_do);
    let open = listed.filter(|bill| !bill.state.is_terminal()).count();
    if open > 0 {
        inside = inside.push(bold(w.lock_going_on(open), look.body(), c.unknown.ink));
    }
    inside.into()
}

fn field<'a>(
    look: Look,
    shown: Element<'a, Message>,
    focused: bool,
    field: Field,
) -> Element<'a, Message> {
    widgets::well(
        look,
        shown,
        focused,
        Length::Fixed(look.px(320.0)),
        Message::Focus(field),
    )
}

/// One dot for each digit of a PIN.
pub fn dots<'a, M: 'a>(look: Look, count: usize) -> Element<'a, M> {
    let dot = |_| drawing::icon(Icon::Dot, look.px(16.0), look.colors.text);
    Row::with_children((0..count).map(dot))
        .spacing(look.px(6.0))
        .align_y(Alignment::Center)
        .height(look.px(26.0))
        .into()
}

fn keypad<'a>(look: Look) -> Element<'a, Message> {
    let c = look.colors;
    let key = |inside: Element<'a, Message>, kind, message| -> Element<'a, Message> {
        widgets::press(look, kind, container(inside).center(Fill), Some(message))
            .width(Fill)
            .height(Fill)
            .into()
    };
    let digit = |d: &'static str| {
        let message = Message::Character(d.chars().next().unwrap_or('0'));
        key(plain(d, look.px(30.0), c.text).into(), Kind::Key, message)
    };
    let gap = look.px(8.0);
    let line = |keys: [Element<'a, Message>; 3]| {
        Row::with_children(keys)
            .spacing(gap)
            .width(Fill)
            .height(Fill)
    };
    let erase = drawing::icon(Icon::Erase, look.px(30.0), c.quiet);
    let enter = one_line(plain(look.words.sign_in(), look.label(), c.on_tone));
    column![
        line([digit("7"), digit("8"), digit("9")]),
        line([digit("4"), digit("5"), digit("6")]),
        line([digit("1"), digit("2"), digit("3")]),
        line([
            key(erase, Kind::Key, Message::Backspace),
            digit("0"),
            key(enter.into(), Kind::Primary, Message::Enter),
        ]),
    ]
    .spacing(gap)
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_then_pin_then_the_till_is_asked() {
        let mut lock = State::default();
        for c in "1001".chars() {
            lock.update(Message::Character(c));
        }
        assert!(matches!(lock.update(Message::Enter), Action::None));
        for c in "135790".chars() {
            lock.update(Message::Character(c));
        }
        let Action::Send(Command::SignIn { id, pin }) = lock.update(Message::Enter) else {
            panic!("sign-in expected");
        };
        assert_eq!((id.as_str(), pin.expose()), ("1001", "135790"));
        assert!(lock.pin.is_empty(), "the PIN is not kept");
        assert!(!format!("{lock:?}").contains("1001"));
    }
}
