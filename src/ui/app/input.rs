//! Keys: from the keyboard or a wedge scanner, wherever the focus is, to what is open on top.
//!
//! Invariants: a scan never becomes an amount, and never answers the same-amount question; a PIN
//! is never taken from a scan; Enter never answers the question either (COUNTER: keys).

use super::pages::scroll;
use super::{App, Function, Message, PageKey, Screen};
use crate::domain::scan::{EndKey, Keyed};
use crate::till::service::{Command, Said, ScanText, Snapshot};
use crate::ui::clock;
use crate::ui::screens::{bills, links, lock, sale, to_do};
use iced::keyboard::key::Named;
use iced::keyboard::{self, Key};
use iced::{Event, Subscription, Task, event, window};

/// A key press as it arrived.
#[derive(Debug, Clone)]
pub struct KeyPress {
    /// In which window.
    pub window: window::Id,
    /// Without modifiers.
    pub key: Key,
    /// What it writes.
    pub text: Option<String>,
    /// Ctrl, Alt or the logo key is held.
    pub command: bool,
    /// With Ctrl alone.
    pub control: bool,
    /// With Shift.
    pub shift: bool,
    /// The key is being held.
    pub repeat: bool,
    /// A focused text field took it.
    pub captured: bool,
    /// Monotonic ms.
    pub at_ms: i64,
}

/// Every key press of every window, also those that a text field takes.
pub(super) fn keys() -> Subscription<Message> {
    event::listen_with(|event, status, window| {
        let Event::Keyboard(keyboard::Event::KeyPressed {
            key,
            text,
            modifiers,
            repeat,
            ..
        }) = event
        else {
            return None;
        };
        Some(Message::Key(KeyPress {
            window,
            key,
            text: text.map(|t| t.to_string()),
            command: modifiers.control() || modifiers.alt() || modifiers.logo(),
            control: modifiers.control(),
            shift: modifiers.shift(),
            repeat,
            captured: status == event::Status::Captured,
            at_ms: clock::mono_ms(),
        }))
    })
}

/// Touches and mouse buttons: somebody is here.
pub(super) fn touches() -> Subscription<Message> {
    event::listen_with(|event, _, _| match event {
        Event::Mouse(iced::mouse::Event::ButtonPressed(_))
        | Event::Touch(iced::touch::Event::FingerPressed { .. }) => Some(Message::Touched),
        _ => None,
    })
}

fn function_of(named: Named) -> Option<Function> {
    Some(match named {
        Named::F1 => Function::Keys,
        Named::F2 => Function::Alipay,
        Named::F3 => Function::Wechat,
        Named::F4 => Function::Camera,
        Named::F5 => Function::Bills,
        Named::F6 => Function::Refund,
        Named::F7 => Function::ToDo,
        Named::F8 => Function::Shift,
        Named::F9 => Function::Lock,
        Named::F10 => Function::Settings,
        Named::F11 => Function::FullScreen,
        _ => return None,
    })
}

impl App {
    /// One key press.
    pub(super) fn key(&mut self, press: KeyPress) -> Task<Message> {
        self.camera_makes_room(&press.key);
        match &press.key {
            Key::Named(named @ (Named::Enter | Named::Tab | Named::Space)) => {
                self.named(*named, &press)
            }
            Key::Named(named) => {
                // What was typed before this key acts first; a scan stays held.
                let before = self.wedge.other(press.at_ms);
                let before = self.keyed(before);
                Task::batch([before, self.other_key(*named, &press)])
            }
            Key::Character(c) if press.control && c.eq_ignore_ascii_case("p") => {
                match press.repeat {
                    // Held: one slip, not a roll of them.
                    true => Task::none(),
                    false => self.function(Function::Print),
                }
            }
            Key::Character(c) if press.control && c.eq_ignore_ascii_case("l") => {
                match press.repeat {
                    true => Task::none(),
                    false => self.function(Function::Link),
                }
            }
            _ if press.command => Task::none(),
            _ => self.characters(&press),
        }
    }

    fn other_key(&mut self, named: Named, press: &KeyPress) -> Task<Message> {
        match function_of(named) {
            Some(_) if press.repeat || press.command => Task::none(),
            Some(Function::FullScreen) => self
                .windows
                .toggle_full_screen(press.window, self.now_mono_ms),
            Some(function) => self.function(function),
            None => self.named(named, press),
        }
    }

    fn named(&mut self, named: Named, press: &KeyPress) -> Task<Message> {
        match named {
            Named::Enter if press.repeat => Task::none(),
            Named::Enter => {
                let keyed = self.wedge.end(EndKey::Enter, press.at_ms);
                self.keyed(keyed)
            }
            Named::Tab if press.shift || press.command => self.tab(true),
            Named::Tab => {
                let keyed = self.wedge.end(EndKey::Tab, press.at_ms);
                self.keyed(keyed)
            }
            // On the sale screen it has left the note's field; elsewhere a field is no reason to
            // stay.
            Named::Escape if press.captured && matches!(self.screen, Screen::Sale) => Task::none(),
            Named::Escape => self.escape(),
            Named::Backspace if press.captured => Task::none(),
            Named::Backspace => self.backspace(),
            Named::ArrowUp => self.step(Step::Up),
            Named::ArrowDown => self.step(Step::Down),
            Named::ArrowLeft if !press.captured => self.step(Step::Left),
            Named::ArrowRight if !press.captured => self.step(Step::Right),
            Named::PageUp => self.turn_page(false),
            Named::PageDown => self.turn_page(true),
            Named::Space => self.characters(press),
            _ => Task::none(),
        }
    }

    fn characters(&mut self, press: &KeyPress) -> Task<Message> {
        let Some(text) = &press.text else {
            return Task::none();
        };
        self.field_has_keys = press.captured;
        self.wedge.expect_pin(self.pin_asked());
        let mut tasks = Vec::new();
        for c in text.chars().filter(|c| !c.is_control()) {
            let keyed = self.wedge.character(c, press.at_ms, press.repeat);
            tasks.push(self.keyed(keyed));
        }
        Task::batch(tasks)
    }

    /// What the burst detector made of the keys.
    pub(super) fn keyed(&mut self, keyed: Vec<Keyed>) -> Task<Message> {
        let tasks = keyed.into_iter().map(|one| match one {
            Keyed::Typed(_) if self.field_has_keys => Task::none(),
            Keyed::Typed(c) => self.typed_one(c),
            Keyed::Enter => self.enter(),
            Keyed::Tab => self.tab(false),
            Keyed::Scan(text) => {
                self.scanned(ScanText::new(text.expose().to_owned()), self.field_has_keys)
            }
            Keyed::Incomplete => self.incomplete(),
        });
        let tasks: Vec<_> = tasks.collect();
        Task::batch(tasks)
    }

    fn typed_one(&mut self, c: char) -> Task<Message> {
        if self.is_locked() {
            return self.lock(lock::Message::Character(c));
        }
        if self.snapshot.question.is_some() {
            return match c {
                '1' => self.answer(true),
                '2' => self.answer(false),
                _ => Task::none(),
            };
        }
        if self.page_is_open() {
            return self.page_key(PageKey::Character(c));
        }
        match &mut self.screen {
            Screen::Bills(_) => self.bills(bills::Message::Character(c)),
            Screen::ToDo(to_do) if to_do.is_releasing() => {
                self.on_to_do(to_do::Message::Character(c))
            }
            Screen::Links => match links::chosen(&self.snapshot, c) {
                Some(channel) => self.sale(sale::Message::ShowLink(channel)),
                None => Task::none(),
            },
            // The amount is written at any time: a digit leaves a page that takes none.
            _ => {
                if c.is_ascii_digit() || c == '.' {
                    self.screen = Screen::Sale;
                }
                self.sale(sale::Message::Character(c))
            }
        }
    }

    fn enter(&mut self) -> Task<Message> {
        if self.is_locked() {
            return self.lock(lock::Message::Enter);
        }
        if self.snapshot.question.is_some() {
            return Task::none();
        }
        match self.screen {
            Screen::Sale => {
                let unfocus = iced::advanced::widget::operate(
                    iced::advanced::widget::operation::focusable::unfocus(),
                );
                self.field_has_keys = false;
                Task::batch([self.sale(sale::Message::Enter), unfocus])
            }
            Screen::Bills(_) => self.bills(bills::Message::Enter),
            Screen::ToDo(_) => self.on_to_do(to_do::Message::Enter),
            Screen::Keys | Screen::Links => self.close_screen(),
            _ => self.page_key(PageKey::Enter),
        }
    }

    fn escape(&mut self) -> Task<Message> {
        if self.is_locked() {
            return self.lock(lock::Message::Clear);
        }
        if self.snapshot.question.is_some() {
            // Neither: nothing is charged, and the amount can be written again.
            self.sale.not_charged();
            self.service.send(Command::ClearAmount);
            return Task::none();
        }
        if self.camera.is_open() {
            self.close_camera();
            return Task::none();
        }
        match self.screen {
            Screen::Sale => self.sale(sale::Message::Escape),
            _ => self.close_screen(),
        }
    }

    /// The same-amount question was answered, or there is nothing to ask any more.
    pub(super) fn question_followed(&mut self, was: &Snapshot) {
        if was.question.is_some() && self.snapshot.question.is_none() {
            self.sale.not_charged();
        }
    }

    fn backspace(&mut self) -> Task<Message> {
        if self.is_locked() {
            self.lock(lock::Message::Backspace)
        } else if self.snapshot.question.is_some() {
            Task::none()
        } else {
            match &self.screen {
                _ if self.page_is_open() => self.page_key(PageKey::Backspace),
                Screen::Bills(_) => self.bills(bills::Message::Backspace),
                Screen::ToDo(to_do) if to_do.is_releasing() => {
                    self.on_to_do(to_do::Message::Backspace)
                }
                Screen::Links => self.close_screen(),
                _ => self.sale(sale::Message::Backspace),
            }
        }
    }

    pub(super) fn step(&mut self, step: Step) -> Task<Message> {
        if self.is_locked() {
            return self.lock(lock::Message::Step(step));
        }
        match self.screen {
            Screen::Bills(_) => self.bills(bills::Message::Step(step)),
            Screen::ToDo(_) => self.on_to_do(to_do::Message::Step(step)),
            Screen::Keys | Screen::Links => scroll(step),
            Screen::Sale => Task::none(),
            _ => self.page_key(PageKey::Step(step)),
        }
    }

    /// The page of a list before or after; other pages move.
    fn turn_page(&mut self, older: bool) -> Task<Message> {
        if self.is_locked() {
            return Task::none();
        }
        match self.screen {
            Screen::Bills(_) => self.bills(bills::Message::Page(older)),
            _ if older => scroll(Step::Down),
            _ => scroll(Step::Up),
        }
    }

    /// Keys are a PIN's: the lock screen, or the release form.
    pub(super) fn pin_asked(&self) -> bool {
        self.is_locked() || self.is_releasing() || self.page_asks_pin()
    }

    /// A scan of the wedge (whose characters a focused field may hold already) or of a serial
    /// scanner.
    pub(super) fn scanned(&mut self, text: ScanText, in_field: bool) -> Task<Message> {
        // Where a PIN is asked, and while the question is, a scan is dropped.
        if self.pin_asked() || self.snapshot.question.is_some() {
            self.sale.forget_in_note(text.expose());
            self.page_drops(text.expose());
            return Task::none();
        }
        self.close_camera();
        if in_field {
            self.page_drops(text.expose());
        }
        if let Screen::Bills(_) = self.screen {
            if in_field {
                return Task::none();
            }
            let found = text.expose().to_owned();
            return self.bills(bills::Message::SearchChanged(found));
        }
        if self.page_is_open() {
            // The refund's search opens what was scanned, also where its field has the text.
            return match in_field && !matches!(self.screen, Screen::Refund(_)) {
                true => Task::none(),
                false => self.page_key(PageKey::Scan(text)),
            };
        }
        self.screen = Screen::Sale;
        self.sale(sale::Message::Scan(text))
    }

    pub(super) fn incomplete(&mut self) -> Task<Message> {
        if !self.pin_asked() && !matches!(self.screen, Screen::Bills(_)) {
            self.say(self.words().said(&Said::ScanIncomplete));
        }
        Task::none()
    }
}

/// A move of the keyboard in a list or a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left, Shift+Tab.
    Left,
    /// Right, Tab.
    Right,
}
