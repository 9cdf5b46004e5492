//! Ctrl+L: pay links.

use super::{App, Message, Screen};
use crate::till::service::{Said, Stage};
use crate::ui::screens::sale;
use iced::Task;

impl App {
    /// Ctrl+L: the links to choose from; a single one is shown at once.
    pub(super) fn open_links(&mut self) -> Task<Message> {
        let nothing = self.sale.digits().amount().is_none() && self.snapshot.stage == Stage::Idle;
        match self.snapshot.shop.links.as_slice() {
            [] => self.say(self.words().no_links().to_owned()),
            _ if nothing => self.say(self.words().said(&Said::AmountMissing)),
            [only] => return self.sale(sale::Message::ShowLink(*only)),
            _ => self.screen = Screen::Links,
        }
        Task::none()
    }
}
