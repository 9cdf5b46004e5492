//! F6: what the refund page's actions ask of the till.
//!
//! Invariant: an answer to an order is never lost: the page shows it, or a line says it.

use super::super::{App, Message, Screen};
use super::{Context, reveal};
use crate::domain::print::Printed;
use crate::domain::refund::{RefundNo, RefundState};
use crate::domain::{BillNo, Fen};
use crate::till::service::{Ordered, RefundView};
use crate::ui::face::RefundFace;
use crate::ui::screens::{prerefund, refund, to_do};
use iced::Task;
use iced::advanced::widget::operate;
use iced::advanced::widget::operation::focusable::unfocus;
use iced::widget::operation;

impl App {
    /// F6, or a bill's 退款: the form, where the person and the till may.
    pub(in crate::ui::app) fn open_refund(&mut self, bill_no: Option<BillNo>) -> Task<Message> {
        // F6 again: what waits for a manager's word.
        let again = bill_no.is_none() && matches!(self.screen, Screen::Refund(_));
        if again && prerefund::may(&self.snapshot).is_ok() {
            return self.prerefund(prerefund::Message::Open);
        }
        if let Err(said) = refund::may(&self.snapshot) {
            self.say(self.words().said(&said));
            return Task::none();
        }
        let (page, actions) = match bill_no {
            Some(bill_no) => refund::State::for_bill(bill_no),
            None => refund::State::open(self.context()),
        };
        self.show_refund_page(page, actions)
    }

    /// One refund's result; anyone may look.
    pub(in crate::ui::app) fn show_refund(&mut self, no: &RefundNo) -> Task<Message> {
        let refunds = &self.snapshot.desk.refunds;
        let Some(refund) = refunds.iter().find(|r| r.refund_no == *no) else {
            return Task::none();
        };
        let waits = refund.state == RefundState::Requested;
        if waits && prerefund::may(&self.snapshot).is_ok() {
            return self.open_prerefunds(Some(no.clone()));
        }
        let (page, actions) = refund::State::showing(refund, self.context());
        self.show_refund_page(page, actions)
    }

    fn show_refund_page(
        &mut self,
        page: refund::State,
        actions: Vec<refund::Action>,
    ) -> Task<Message> {
        let page = page.numbered_from(self.orders);
        self.screen = Screen::Refund(Box::new(page));
        self.refund_actions(actions)
    }

    pub(in crate::ui::app) fn refund(&mut self, message: refund::Message) -> Task<Message> {
        if let refund::Message::Ordered(number, ordered) = &message {
            self.say_if_left(*number, ordered);
        }
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Refund(page) = self.screen.page() else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.refund_actions(actions)
    }

    /// The page that ordered it was left: a refusal would else go unseen.
    fn say_if_left(&mut self, number: u64, ordered: &Ordered) {
        let awaits = matches!(&self.screen, Screen::Refund(page) if page.awaits(number));
        if let (false, Err(said)) = (awaits, ordered) {
            let line = self.words().said(said);
            self.announce(line, false);
        }
    }

    pub(in crate::ui::app) fn refund_actions(
        &mut self,
        actions: Vec<refund::Action>,
    ) -> Task<Message> {
        let tasks = actions.into_iter().map(|action| self.refund_action(action));
        Task::batch(tasks.collect::<Vec<_>>())
    }

    fn refund_action(&mut self, action: refund::Action) -> Task<Message> {
        use refund::{Action, Message as Refund};
        match action {
            Action::Search(number, query) => {
                Task::perform(self.service.search(query), move |found| {
                    Message::Refund(Refund::Found(number, found))
                })
            }
            Action::Ask(bill_no) => {
                let of = bill_no.clone();
                Task::perform(self.service.refundable(bill_no), move |answer| {
                    Message::Refund(Refund::Refundable(of.clone(), answer.map(Box::new)))
                })
            }
            Action::Order(number, order) => {
                self.orders = number;
                Task::perform(self.service.refund(order), move |ordered| {
                    Message::Refund(Refund::Ordered(number, ordered))
                })
            }
            Action::Request(number, ask) => {
                self.orders = number;
                Task::perform(self.service.request_refund(ask), move |ordered| {
                    Message::Refund(Refund::Ordered(number, ordered))
                })
            }
            Action::AskRefund(no) => {
                self.service.ask_refund(no);
                Task::none()
            }
            Action::Read(bill_no) => {
                let of = bill_no.clone();
                Task::perform(self.service.refunds_of(bill_no), move |refunds| {
                    Message::Refund(Refund::Refunds(of.clone(), refunds.unwrap_or_default()))
                })
            }
            Action::Story(no) => {
                let of = no.clone();
                Task::perform(self.service.refund_story(no), move |story| {
                    Message::Refund(Refund::Story(of.clone(), story.unwrap_or_default()))
                })
            }
            Action::Focus(Some(field)) => operation::focus(field),
            Action::Focus(None) => {
                self.field_has_keys = false;
                operate(unfocus())
            }
            Action::Reveal { end } => reveal(refund::FORM, end),
            Action::Follow(row) => self.follow(refund::LIST, refund::ROW, row),
            Action::Refund(bill_no) => self.open_refund(Some(bill_no)),
            Action::Slip(no) => self.open_slip(Printed::Refund(no)),
            Action::ToDo => {
                self.screen = Screen::ToDo(to_do::State::new(&self.snapshot));
                Task::none()
            }
            Action::Close => {
                self.screen = Screen::Sale;
                Task::none()
            }
        }
    }

    /// A refund ended, became unknown or contradicts itself: said, unless its page says it.
    pub(in crate::ui::app) fn refund_notice(&mut self, refund: &RefundView) {
        let shown = matches!(&self.screen, Screen::Refund(page) if page.shows(&refund.refund_no));
        if !shown {
            let line = refund_line(self.words(), RefundFace::of(refund), refund.fee);
            self.announce(line, false);
        }
    }
}

fn refund_line(words: crate::ui::strings::Words, face: RefundFace, fee: Fen) -> String {
    words.refund_off_page(words.refund_word(face), &fee.grouped())
}
