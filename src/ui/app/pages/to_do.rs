//! F7: what the to-do list's actions ask of the till.

use super::super::{App, Message, Screen};
use crate::domain::{BillNo, RefundNo};
use crate::till::service::{Command, Pin, Said};
use crate::ui::screens::{queue, to_do};
use iced::Task;

impl App {
    pub(in crate::ui::app) fn on_to_do(&mut self, message: to_do::Message) -> Task<Message> {
        if let to_do::Message::RefundSettled(done) = &message {
            self.refund_settled(done);
        }
        let Screen::ToDo(to_do) = &mut self.screen else {
            return Task::none();
        };
        match to_do.update(message, &self.snapshot) {
            to_do::Action::None => {}
            to_do::Action::Send(command) => self.service.send(command),
            to_do::Action::Page(page) => return self.open_page_of(page),
            to_do::Action::AskRefund(no) => self.service.ask_refund(no),
            to_do::Action::SettleRefund(no, id, pin, reason) => {
                return self.settle_refund(no, id, pin, reason);
            }
            to_do::Action::Open(bill_no) => {
                self.service.send(Command::Open(bill_no));
                self.screen = Screen::Sale;
            }
            to_do::Action::Show(bill_no) => {
                self.service.send(Command::ShowAgain(bill_no));
                self.screen = Screen::Sale;
            }
            to_do::Action::Follow(row) => return self.follow(to_do::LIST, to_do::ROW, row),
            to_do::Action::Missing => self.say(self.words().release_missing().to_owned()),
            to_do::Action::Close => self.screen = Screen::Sale,
        }
        Task::none()
    }

    pub(in crate::ui::app) fn open_release(&mut self, bill_no: BillNo) -> Task<Message> {
        self.screen = Screen::ToDo(to_do::State::releasing(bill_no, &self.snapshot));
        Task::none()
    }

    /// The list again, with the chosen bill in sight.
    pub(in crate::ui::app) fn close_form(&mut self) -> Task<Message> {
        let Screen::ToDo(to_do) = &mut self.screen else {
            return Task::none();
        };
        to_do.close_form();
        let row = to_do.row();
        self.follow(to_do::LIST, to_do::ROW, row)
    }

    fn open_page_of(&mut self, page: to_do::Page) -> Task<Message> {
        match page {
            to_do::Page::Incident(bill_no) => self.open_incident(bill_no),
            to_do::Page::Refund(bill_no) => self.open_refund(Some(bill_no)),
            to_do::Page::Outcome(no) => self.show_refund(&no),
            to_do::Page::Queue => self.queue(queue::Message::Open),
        }
    }

    fn settle_refund(
        &mut self,
        no: RefundNo,
        id: String,
        pin: Pin,
        reason: String,
    ) -> Task<Message> {
        Task::perform(self.service.settle_refund(no, id, pin, reason), |done| {
            Message::ToDo(to_do::Message::RefundSettled(done))
        })
    }

    /// Said also where the list was left meanwhile.
    fn refund_settled(&mut self, done: &Result<(), Said>) {
        match done {
            Ok(()) => self.say(self.words().incident_recorded().to_owned()),
            Err(said) => self.say(self.words().said(said)),
        }
    }
}
