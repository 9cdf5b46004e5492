//! An incident: what its page's actions ask of the till.
//!
//! Invariant: an answer to a settlement is never lost: the page shows it, or a line says it.

use super::super::{App, Message, Screen};
use super::{Context, reveal};
use crate::domain::BillNo;
use crate::till::service::{Said, SettledAs};
use crate::ui::screens::{incident, to_do};
use iced::Task;
use iced::advanced::widget::operate;
use iced::advanced::widget::operation::focusable::unfocus;
use iced::widget::operation;

impl App {
    /// From the to-do list.
    pub(in crate::ui::app) fn open_incident(&mut self, bill_no: BillNo) -> Task<Message> {
        let (page, actions) = incident::State::open(bill_no, self.context());
        let page = page.numbered_from(self.orders);
        self.screen = Screen::Incident(Box::new(page));
        self.incident_actions(actions)
    }

    pub(in crate::ui::app) fn incident(&mut self, message: incident::Message) -> Task<Message> {
        if let incident::Message::Settled(number, settled) = &message {
            self.say_settled_if_left(*number, settled);
        }
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

    fn say_settled_if_left(&mut self, number: u64, settled: &Result<SettledAs, Said>) {
        let awaits = matches!(&self.screen, Screen::Incident(page) if page.awaits(number));
        if !awaits {
            let line = match settled {
                Ok(how) => self.words().settled_as(*how),
                Err(said) => self.words().said(said),
            };
            self.announce(line, false);
        }
    }

    pub(in crate::ui::app) fn incident_actions(
        &mut self,
        actions: Vec<incident::Action>,
    ) -> Task<Message> {
        let tasks = actions
            .into_iter()
            .map(|action| self.incident_action(action));
        Task::batch(tasks.collect::<Vec<_>>())
    }

    fn incident_action(&mut self, action: incident::Action) -> Task<Message> {
        use incident::{Action, Message as Incident};
        match action {
            Action::Read(bill_no) => {
                let of = bill_no.clone();
                Task::perform(self.service.witnesses(bill_no), move |answer| {
                    Message::Incident(Incident::Witnesses(of.clone(), answer.map(Box::new)))
                })
            }
            Action::Settle(number, order) => {
                self.orders = number;
                Task::perform(self.service.settle(order), move |settled| {
                    Message::Incident(Incident::Settled(number, settled))
                })
            }
            Action::Refund(bill_no) => self.open_refund(Some(bill_no)),
            Action::Reveal { end } => reveal(incident::LIST, end),
            Action::Focus(Some(field)) => operation::focus(field),
            Action::Focus(None) => {
                self.field_has_keys = false;
                operate(unfocus())
            }
            Action::Close => {
                self.screen = Screen::ToDo(to_do::State::new(&self.snapshot));
                Task::none()
            }
        }
    }
}
