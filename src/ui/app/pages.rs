//! The manager's pages: what their actions ask of the till, and which keys go to which page.

mod bills;
mod reconcile;
mod shift;

use super::{App, Message, Screen, Step};
use crate::domain::BillNo;
use crate::till::service::{ScanText, Snapshot};
use crate::ui::screens::{
    incident, reconcile as reconcile_page, refund, settings, shift as shift_page,
};
use crate::ui::widgets;
use iced::Task;
use iced::widget::operation::{self, AbsoluteOffset};

/// How far an arrow moves a page, pixels.
const PAGE_STEP: f32 = 96.0;

/// What a page may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The till's newest snapshot.
    pub snapshot: &'a Snapshot,
    /// The wall clock, UTC ms.
    pub now_ms: i64,
}

/// A key for the page that is open, where no text field took it.
#[derive(Debug, Clone)]
pub enum PageKey {
    /// A character.
    Character(char),
    /// Takes one away.
    Backspace,
    /// Chooses.
    Enter,
    /// Arrows and Tab.
    Step(Step),
    /// A scanner read this; never while a PIN is asked.
    Scan(ScanText),
}

impl App {
    pub(super) fn context(&self) -> Context<'_> {
        Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        }
    }

    /// A manager's page is open and takes every key.
    pub(super) fn page_is_open(&self) -> bool {
        matches!(
            self.screen,
            Screen::Refund(_)
                | Screen::Incident(_)
                | Screen::Shift(_)
                | Screen::Reconcile(_)
                | Screen::Settings(_)
        )
    }

    /// The open page asks for a PIN.
    pub(super) fn page_asks_pin(&self) -> bool {
        match &self.screen {
            Screen::Refund(page) => page.asks_pin(),
            Screen::Incident(page) => page.asks_pin(),
            Screen::Shift(page) => page.asks_pin(),
            Screen::Reconcile(page) => page.asks_pin(),
            Screen::Settings(page) => page.asks_pin(),
            _ => false,
        }
    }

    /// Esc steps back inside the open page; false where the page itself closes.
    pub(super) fn page_goes_back(&mut self) -> bool {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        match &mut self.screen {
            Screen::Shift(page) => page.back(context),
            Screen::Bills(page) => page.back(),
            _ => false,
        }
    }

    /// A scan that a text field of the open page took: it may be a payment code.
    pub(super) fn page_drops(&mut self, scanned: &str) {
        match &mut self.screen {
            Screen::Shift(page) => page.forget(scanned),
            Screen::Bills(page) => page.forget(scanned),
            _ => {}
        }
    }

    /// A key for the open page.
    pub(super) fn page_key(&mut self, key: PageKey) -> Task<Message> {
        match &self.screen {
            Screen::Refund(_) => self.refund(refund::Message::Key(key)),
            Screen::Incident(_) => self.incident(incident::Message::Key(key)),
            Screen::Shift(_) => self.shift(shift_page::Message::Key(key)),
            Screen::Reconcile(_) => self.reconcile(reconcile_page::Message::Key(key)),
            Screen::Settings(_) => self.settings(settings::Message::Key(key)),
            _ => Task::none(),
        }
    }

    /// A new snapshot for the open page.
    pub(super) fn pages_keep_to(&mut self) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        match &mut self.screen {
            Screen::Refund(page) => {
                let actions = page.keep_to(context);
                self.refund_actions(actions)
            }
            Screen::Incident(page) => {
                let actions = page.keep_to(context);
                self.incident_actions(actions)
            }
            Screen::Shift(page) => {
                let actions = page.keep_to(context);
                self.shift_actions(actions)
            }
            Screen::Reconcile(page) => {
                let actions = page.keep_to(context);
                self.reconcile_actions(actions)
            }
            Screen::Settings(page) => {
                let actions = page.keep_to(context);
                self.settings_actions(actions)
            }
            _ => Task::none(),
        }
    }

    pub(super) fn open_refund(&mut self, bill_no: Option<BillNo>) -> Task<Message> {
        let _ = bill_no;
        let (page, actions) = refund::State::open(self.context());
        self.screen = Screen::Refund(Box::new(page));
        self.refund_actions(actions)
    }

    pub(super) fn open_incident(&mut self, bill_no: BillNo) -> Task<Message> {
        let _ = bill_no;
        let (page, actions) = incident::State::open(self.context());
        self.screen = Screen::Incident(Box::new(page));
        self.incident_actions(actions)
    }

    pub(super) fn open_settings(&mut self) -> Task<Message> {
        let (page, actions) = settings::State::open(self.context());
        self.screen = Screen::Settings(Box::new(page));
        self.settings_actions(actions)
    }

    pub(super) fn refund(&mut self, message: refund::Message) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Refund(page) = &mut self.screen else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.refund_actions(actions)
    }

    fn refund_actions(&mut self, actions: Vec<refund::Action>) -> Task<Message> {
        for action in actions {
            match action {
                refund::Action::Close => self.screen = Screen::Sale,
            }
        }
        Task::none()
    }

    pub(super) fn incident(&mut self, message: incident::Message) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Incident(page) = &mut self.screen else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.incident_actions(actions)
    }

    fn incident_actions(&mut self, actions: Vec<incident::Action>) -> Task<Message> {
        for action in actions {
            match action {
                incident::Action::Close => self.screen = Screen::Sale,
            }
        }
        Task::none()
    }

    pub(super) fn settings(&mut self, message: settings::Message) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Settings(page) = &mut self.screen else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.settings_actions(actions)
    }

    fn settings_actions(&mut self, actions: Vec<settings::Action>) -> Task<Message> {
        let mut tasks = Vec::new();
        for action in actions {
            match action {
                settings::Action::Scroll(step) => tasks.push(scroll(step)),
                settings::Action::Close => self.screen = Screen::Sale,
            }
        }
        Task::batch(tasks)
    }
}

/// Moves a page that is longer than the window.
pub(super) fn scroll(step: Step) -> Task<Message> {
    let y = match step {
        Step::Up | Step::Left => -PAGE_STEP,
        Step::Down | Step::Right => PAGE_STEP,
    };
    operation::scroll_by(widgets::PAGE, AbsoluteOffset { x: 0.0, y })
}
