//! 退款申请: what the page's actions ask of the till.
//!
//! Invariant: an answer to an order is never lost: the page shows it, or a line says it.

use super::super::{App, Message, Screen};
use super::Context;
use crate::domain::RefundNo;
use crate::till::service::{Decided, Said};
use crate::ui::screens::prerefund;
use iced::Task;
use iced::advanced::widget::operate;
use iced::advanced::widget::operation::focusable::unfocus;
use iced::widget::operation;

impl App {
    /// F6 twice, or a request of the to-do list.
    pub(in crate::ui::app) fn open_prerefunds(&mut self, no: Option<RefundNo>) -> Task<Message> {
        if let Err(said) = prerefund::may(&self.snapshot) {
            self.say(self.words().said(&said));
            return Task::none();
        }
        let page = prerefund::State::open(no.as_ref(), &self.snapshot, self.orders);
        self.screen = Screen::PreRefund(Box::new(page));
        let unfocused = self.prerefund_action(prerefund::Action::Focus(None));
        Task::batch([unfocused, self.prerefund_action(prerefund::Action::Ask)])
    }

    pub(in crate::ui::app) fn prerefund(&mut self, message: prerefund::Message) -> Task<Message> {
        match &message {
            prerefund::Message::Open => return self.open_prerefunds(None),
            prerefund::Message::Decided(number, decided) => {
                self.say_decided_if_left(*number, decided);
            }
            _ => {}
        }
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::PreRefund(page) = self.screen.page() else {
            return Task::none();
        };
        let actions = page.update(message, context);
        let tasks = actions.into_iter().map(|a| self.prerefund_action(a));
        Task::batch(tasks.collect::<Vec<_>>())
    }

    /// The page that ordered it was left: a refusal would else go unseen.
    fn say_decided_if_left(&mut self, number: u64, decided: &Result<Vec<Decided>, Said>) {
        if matches!(&self.screen, Screen::PreRefund(page) if page.awaits(number)) {
            return;
        }
        let refusals = match decided {
            Err(said) => vec![said],
            Ok(decided) => decided
                .iter()
                .filter_map(|d| d.result.as_ref().err())
                .collect(),
        };
        let lines: Vec<String> = refusals.iter().map(|s| self.words().said(s)).collect();
        for line in lines {
            self.announce(line, false);
        }
    }

    fn prerefund_action(&mut self, action: prerefund::Action) -> Task<Message> {
        use prerefund::{Action, Message as Pre};
        match action {
            Action::Ask => Task::perform(self.service.waiting_refunds(), |listed| {
                Message::PreRefund(Pre::Listed(listed))
            }),
            Action::Decide(number, order) => {
                self.orders = number;
                Task::perform(self.service.decide_refunds(order), move |decided| {
                    Message::PreRefund(Pre::Decided(number, decided))
                })
            }
            Action::Show(no) => self.show_refund(&no),
            Action::Focus(Some(field)) => operation::focus(field),
            Action::Focus(None) => {
                self.field_has_keys = false;
                operate(unfocus())
            }
            Action::Follow(row) => self.follow(prerefund::LIST, prerefund::ROW, row),
            Action::Close => {
                self.screen = Screen::Sale;
                Task::none()
            }
        }
    }
}
