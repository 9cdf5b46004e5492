//! The manager's pages: what their actions ask of the till, and which keys go to which page.

mod settings;

use super::{App, Message, Screen, Step};
use crate::domain::BillNo;
use crate::till::service::{ScanText, Snapshot};
use crate::ui::screens::{incident, reconcile, refund, settings as settings_page, shift};
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
    fn context(&self) -> Context<'_> {
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

    /// A key for the open page.
    pub(super) fn page_key(&mut self, key: PageKey) -> Task<Message> {
        match &self.screen {
            Screen::Refund(_) => self.refund(refund::Message::Key(key)),
            Screen::Incident(_) => self.incident(incident::Message::Key(key)),
            Screen::Shift(_) => self.shift(shift::Message::Key(key)),
            Screen::Reconcile(_) => self.reconcile(reconcile::Message::Key(key)),
            Screen::Settings(_) => self.settings(settings_page::Message::Key(key)),
            _ => Task::none(),
        }
    }

    /// Esc, or the way back: the page closes what is on top of it, or itself.
    pub(super) fn page_close(&mut self) -> Task<Message> {
        match &self.screen {
            Screen::Refund(_) => self.refund(refund::Message::Close),
            Screen::Incident(_) => self.incident(incident::Message::Close),
            Screen::Shift(_) => self.shift(shift::Message::Close),
            Screen::Reconcile(_) => self.reconcile(reconcile::Message::Close),
            Screen::Settings(_) => self.settings(settings_page::Message::Close),
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

    pub(super) fn open_shift(&mut self) -> Task<Message> {
        let (page, actions) = shift::State::open(self.context());
        self.screen = Screen::Shift(Box::new(page));
        self.shift_actions(actions)
    }

    pub(super) fn open_reconcile(&mut self) -> Task<Message> {
        let (page, actions) = reconcile::State::open(self.context());
        self.screen = Screen::Reconcile(Box::new(page));
        self.reconcile_actions(actions)
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

    pub(super) fn shift(&mut self, message: shift::Message) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Shift(page) = &mut self.screen else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.shift_actions(actions)
    }

    fn shift_actions(&mut self, actions: Vec<shift::Action>) -> Task<Message> {
        for action in actions {
            match action {
                shift::Action::Close => self.screen = Screen::Sale,
            }
        }
        Task::none()
    }

    pub(super) fn reconcile(&mut self, message: reconcile::Message) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Reconcile(page) = &mut self.screen else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.reconcile_actions(actions)
    }

    fn reconcile_actions(&mut self, actions: Vec<reconcile::Action>) -> Task<Message> {
        for action in actions {
            match action {
                reconcile::Action::Close => self.screen = Screen::Sale,
            }
        }
        Task::none()
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
