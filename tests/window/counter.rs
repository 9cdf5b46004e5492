//! The window and its till in a test's hands: keys as a person or a scanner presses them, and
//! what can be read.

use super::sample::{self, FakeTill};
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::{Rectangle, Size, window};
use iced_test::selector::Candidate;
use iced_test::simulator::Simulator;
use shouyin::domain::config::Language;
use shouyin::till::service::*;
use shouyin::ui::app::{App, KeyPress, Message};
use shouyin::ui::clock::Clock;
use shouyin::ui::{Options, settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A text on the screen, where it lies, and how much of it can be seen.
pub type Placed = (String, Rectangle, Option<Rectangle>);

pub const SIZES: [(f32, f32); 3] = [(1024.0, 768.0), (1366.0, 768.0), (1920.0, 1080.0)];
pub const ALIPAY_CODE: &str = "283024351597694002";

pub struct Hand(AtomicI64);

impl Clock for Hand {
    fn mono_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn wall_ms(&self) -> i64 {
        sample::now() + self.mono_ms() - 1_000_000
    }
}

/// The window, its till and its clock.
pub struct Counter {
    pub app: App,
    pub till: Arc<FakeTill>,
    pub clock: Arc<Hand>,
    pub snapshot: Snapshot,
}

impl Counter {
    pub fn new(snapshot: Snapshot) -> Counter {
        let till = FakeTill::new(snapshot.clone());
        let clock = Arc::new(Hand(AtomicI64::new(1_000_000)));
        let (app, _) = App::new(till.clone(), clock.clone(), Options::default());
        Counter {
            app,
            till,
            clock,
            snapshot,
        }
    }

    pub fn on(face: &str) -> Counter {
        Counter::new(sample::on_stage(sample::face(face)))
    }

    pub fn idle() -> Counter {
        Counter::new(sample::snapshot(Stage::Idle))
    }

    pub fn tell(&mut self, message: Message) {
        let _ = self.app.update(message);
    }

    pub fn pass(&mut self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
        self.tell(Message::Woke);
    }

    /// The till shows something else.
    pub fn show(&mut self, stage: Stage) {
        self.snapshot.seq += 1;
        self.snapshot.stage = stage;
        self.tell(Message::Snapshot(Arc::new(self.snapshot.clone())));
    }

    pub fn raw(&mut self, key: Key, text: Option<&str>, captured: bool, repeat: bool) {
        self.tell(Message::Key(KeyPress {
            window: self.app.main_window(),
            key,
            text: text.map(str::to_owned),
            command: false,
            control: false,
            shift: false,
            repeat,
            captured,
            at_ms: self.clock.mono_ms(),
        }));
    }

    /// A person's keys: 100 ms apart.
    pub fn press(&mut self, named: Named) {
        self.pass(100);
        self.raw(Key::Named(named), None, false, false);
    }

    pub fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.pass(100);
            let c = c.to_string();
            self.raw(Key::Character(c.as_str().into()), Some(&c), false, false);
            self.pass(120);
        }
    }

    /// A scanner's keys: 5 ms apart, then Enter.
    pub fn scan(&mut self, text: &str, captured: bool) {
        self.pass(200);
        for c in text.chars() {
            self.clock.0.fetch_add(5, Ordering::Relaxed);
            let c = c.to_string();
            self.raw(Key::Character(c.as_str().into()), Some(&c), captured, false);
        }
        self.clock.0.fetch_add(5, Ordering::Relaxed);
        self.raw(Key::Named(Named::Enter), None, captured, false);
        self.pass(200);
    }

    /// Touches the first thing on the screen that reads so.
    pub fn touch(&mut self, text: &str) {
        self.pass(200);
        let (width, height) = SIZES[1];
        let size = Size::new(width, height);
        let main = self.app.main_window();
        self.tell(Message::Sized(main, size));
        let mut ui = Simulator::with_size(settings(), size, self.app.view(main));
        ui.click(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let messages: Vec<Message> = ui.into_messages().collect();
        assert!(!messages.is_empty(), "{text} does nothing");
        messages.into_iter().for_each(|message| self.tell(message));
    }

    pub fn sent(&self) -> Vec<String> {
        self.till.sent()
    }

    pub fn texts(&self, window: window::Id, size: Size) -> Vec<Placed> {
        let mut found = Vec::new();
        let mut ui = Simulator::with_size(settings(), size, self.app.view(window));
        let _ = ui.find(|candidate: Candidate<'_>| {
            if let Candidate::Text {
                bounds,
                visible_bounds,
                content,
                ..
            } = candidate
            {
                found.push((content.to_owned(), bounds, visible_bounds));
            }
            None::<()>
        });
        found
    }

    pub fn main_texts(&mut self, (width, height): (f32, f32)) -> Vec<Placed> {
        let size = Size::new(width, height);
        let main = self.app.main_window();
        self.tell(Message::Sized(main, size));
        self.texts(main, size)
    }

    pub fn reads(&mut self, text: &str) -> bool {
        self.main_texts(SIZES[1]).iter().any(|(t, ..)| t == text)
    }
}

pub fn both_languages() -> [Language; 2] {
    [Language::Chinese, Language::English]
}

pub fn assert_sent(counter: &Counter, expected: &[&str], what: &str) {
    let sent = counter.sent();
    assert_eq!(sent.len(), expected.len(), "{what}: {sent:?}");
    for (one, part) in sent.iter().zip(expected) {
        assert!(one.contains(part), "{what}: {one} should be {part}");
    }
}
