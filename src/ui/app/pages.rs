//! The manager's pages: what their actions ask of the till, and which keys go to which page.

mod bills;
mod incident;
mod prerefund;
mod reconcile;
mod refund;
mod settings;
mod shift;
mod slip;
mod to_do;

use super::{App, Message, Screen, Step};
use crate::till::service::{ScanText, Snapshot};
use crate::ui::screens::{
    incident as incident_page, prerefund as prerefund_page, reconcile as reconcile_page,
    refund as refund_page, settings as settings_page, shift as shift_page,
};
use crate::ui::widgets;
use iced::Task;
use iced::widget::operation::{self, AbsoluteOffset};

/// How far an arrow moves a page, pixels.
const PAGE_STEP: f32 = 96.0;
/// Further than any page is long, pixels; it stops at its end.
const PAGE_END: f32 = 10_000.0;

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
                | Screen::PreRefund(_)
                | Screen::Incident(_)
                | Screen::Shift(_)
                | Screen::Reconcile(_)
                | Screen::Settings(_)
                | Screen::Slip(..)
                | Screen::Queue(_)
        )
    }

    /// The open page asks for a PIN.
    pub(super) fn page_asks_pin(&self) -> bool {
        match &self.screen {
            Screen::Refund(page) => page.asks_pin(),
            Screen::PreRefund(page) => page.asks_pin(),
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

    /// Tab, where a page tells it from the arrows; elsewhere it is one.
    pub(super) fn tab(&mut self, back: bool) -> Task<Message> {
        let arrow = match back {
            true => Step::Left,
            false => Step::Right,
        };
        match &self.screen {
            _ if self.is_locked() => self.step(arrow),
            Screen::Refund(_) => self.refund(refund_page::Message::Tab { back }),
            Screen::PreRefund(_) => self.prerefund(prerefund_page::Message::Tab { back }),
            Screen::Incident(_) => self.incident(incident_page::Message::Tab { back }),
            Screen::Settings(page) if page.has_form() => {
                self.settings(settings_page::Message::Tab { back })
            }
            _ => self.step(arrow),
        }
    }

    /// A scan came where none is taken: a text that it ran into forgets it.
    pub(super) fn page_drops(&mut self, scanned: &str) {
        match &mut self.screen {
            Screen::Refund(page) => page.drop_scan(scanned),
            Screen::PreRefund(page) => page.drop_scan(scanned),
            Screen::Incident(page) => page.drop_scan(scanned),
            Screen::ToDo(to_do) => to_do.drop_scan(scanned),
            Screen::Shift(page) => page.forget(scanned),
            Screen::Bills(page) => page.forget(scanned),
            _ => {}
        }
    }

    /// A key for the open page.
    pub(super) fn page_key(&mut self, key: PageKey) -> Task<Message> {
        match &self.screen {
            Screen::Refund(_) => self.refund(refund_page::Message::Key(key)),
            Screen::PreRefund(_) => self.prerefund(prerefund_page::Message::Key(key)),
            Screen::Incident(_) => self.incident(incident_page::Message::Key(key)),
            Screen::Shift(_) => self.shift(shift_page::Message::Key(key)),
            Screen::Reconcile(_) => self.reconcile(reconcile_page::Message::Key(key)),
            Screen::Settings(_) => self.settings(settings_page::Message::Key(key)),
            Screen::Slip(..) | Screen::Queue(_) => self.paper_key(key),
            _ => Task::none(),
        }
    }

    /// Esc, or the way back: the page closes what is on top of it, or itself.
    pub(super) fn page_close(&mut self) -> Task<Message> {
        match &self.screen {
            Screen::Refund(_) => self.refund(refund_page::Message::Back),
            Screen::PreRefund(_) => self.prerefund(prerefund_page::Message::Back),
            Screen::Incident(_) => self.incident(incident_page::Message::Back),
            Screen::Shift(_) => self.shift(shift_page::Message::Close),
            Screen::Reconcile(_) => self.reconcile(reconcile_page::Message::Close),
            Screen::Settings(_) => self.settings(settings_page::Message::Close),
            Screen::Slip(..) => self.close_slip(),
            Screen::Queue(_) => {
                self.screen = Screen::Sale;
                Task::none()
            }
            _ => Task::none(),
        }
    }

    /// A new snapshot for the open page.
    pub(super) fn pages_keep_to(&mut self) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        match self.screen.page() {
            Screen::Refund(page) => {
                let actions = page.keep_to(context);
                self.refund_actions(actions)
            }
            Screen::PreRefund(page) => {
                page.keep_to(context.snapshot);
                Task::none()
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
            Screen::Queue(page) => {
                page.keep_to(context);
                Task::none()
            }
            _ => Task::none(),
        }
    }
}

/// The end of a list, or its beginning.
fn reveal(list: &'static str, end: bool) -> Task<Message> {
    let y = if end { PAGE_END } else { 0.0 };
    operation::scroll_to(list, AbsoluteOffset { x: 0.0, y })
}

/// Moves a page that is longer than the window.
pub(super) fn scroll(step: Step) -> Task<Message> {
    let y = match step {
        Step::Up | Step::Left => -PAGE_STEP,
        Step::Down | Step::Right => PAGE_STEP,
    };
    operation::scroll_by(widgets::PAGE, AbsoluteOffset { x: 0.0, y })
}
