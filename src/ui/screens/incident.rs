//! An incident: both witnesses side by side, and a manager's word about it.

use super::keys::page;
use crate::till::service::Snapshot;
use crate::ui::app::{Context, PageKey};
use crate::ui::theme::Look;
use crate::ui::widgets::plain;
use iced::Element;

/// What is on the page.
#[derive(Debug, Default)]
pub struct State {}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, where no text field took it.
    Key(PageKey),
    /// Back.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// Back to the sale.
    Close,
}

impl State {
    /// Opens it.
    pub fn open(context: Context<'_>) -> (State, Vec<Action>) {
        let _ = context;
        (State::default(), Vec::new())
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        let _ = context;
        match message {
            Message::Key(_) => Vec::new(),
            Message::Close => vec![Action::Close],
        }
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        let _ = context;
        Vec::new()
    }

    /// Keys are a PIN's now: a scan is dropped.
    pub fn asks_pin(&self) -> bool {
        false
    }
}

/// The page.
pub fn view<'a>(
    look: Look,
    snapshot: &'a Snapshot,
    state: &'a State,
    now_ms: i64,
) -> Element<'a, crate::ui::app::Message> {
    let _ = (snapshot, state, now_ms);
    page(
        look,
        look.words.key_to_do(),
        plain("", look.body(), look.colors.text).into(),
    )
}
