//! F5: what the bills' page asks of the till.

use super::{App, Context, Message, Screen};
use crate::domain::BillNo;
use crate::till::service::Said;
use crate::ui::screens::bills;
use iced::Task;
use iced::advanced::widget::{operate, operation::focusable};
use iced::widget::operation;

impl App {
    /// Today's bills.
    pub(in crate::ui::app) fn open_bills(&mut self) -> Task<Message> {
        let (state, actions) = bills::State::open(self.context());
        self.screen = Screen::Bills(Box::new(state));
        let search = self.bills_actions(actions);
        Task::batch([search, operation::focus(bills::SEARCH_FIELD)])
    }

    /// This bill, of whatever day.
    pub(super) fn open_bills_at(&mut self, bill_no: &BillNo) -> Task<Message> {
        let (state, actions) = bills::State::open_at(bill_no, self.context());
        self.screen = Screen::Bills(Box::new(state));
        self.bills_actions(actions)
    }

    /// F6 over a chosen bill is about that bill.
    pub(in crate::ui::app) fn chosen_to_refund(&self) -> Option<BillNo> {
        match &self.screen {
            Screen::Bills(page) => page.refundable().map(|bill| bill.bill_no.clone()),
            _ => None,
        }
    }

    pub(in crate::ui::app) fn bills(&mut self, message: bills::Message) -> Task<Message> {
        if let bills::Message::Exported(_, Err(said)) = &message {
            self.say(self.words().said(said));
        }
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Bills(page) = self.screen.page() else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.bills_actions(actions)
    }

    /// Something in the ledger changed: what is shown is asked for again.
    pub(in crate::ui::app) fn reload_bills(&mut self) -> Task<Message> {
        let now_ms = self.now_wall_ms;
        let Screen::Bills(page) = self.screen.page() else {
            return Task::none();
        };
        let actions = page.reload(now_ms);
        self.bills_actions(actions)
    }

    fn bills_actions(&mut self, actions: Vec<bills::Action>) -> Task<Message> {
        let tasks = actions.into_iter().map(|action| self.bills_action(action));
        let tasks: Vec<_> = tasks.collect();
        Task::batch(tasks)
    }

    fn bills_action(&mut self, action: bills::Action) -> Task<Message> {
        let told = Message::Bills;
        match action {
            bills::Action::Search(number, query) => {
                return Task::perform(self.service.search(query), move |found| {
                    told(bills::Message::Found(number, found))
                });
            }
            bills::Action::Read(bill_no) => return self.read_bill(bill_no),
            bills::Action::Report(number, day) => {
                return Task::perform(self.service.day_report(day), move |report| {
                    told(bills::Message::Reported(number, report.map(Box::new)))
                });
            }
            bills::Action::Export(number, order) => {
                return Task::perform(self.service.export(order), move |done| {
                    told(bills::Message::Exported(number, done))
                });
            }
            bills::Action::Focus(Some(field)) => return operation::focus(field),
            bills::Action::Focus(None) => {
                self.field_has_keys = false;
                return operate(focusable::unfocus());
            }
            bills::Action::Follow(row) => return self.follow(bills::LIST, bills::ROW, row),
            bills::Action::Refund(bill_no) => return self.open_refund(Some(bill_no)),
            bills::Action::Incident(bill_no) => return self.open_incident(bill_no),
            bills::Action::Reconcile => return self.open_reconcile(),
            bills::Action::Slip(what) => return self.open_slip(what),
            bills::Action::Send(command) => self.service.send(command),
            bills::Action::Say(line) => self.say(line),
            bills::Action::NotAllowed => self.say(self.words().said(&Said::NotAllowed)),
            bills::Action::Close => self.screen = Screen::Sale,
        }
        Task::none()
    }

    /// Its events and its refunds.
    fn read_bill(&mut self, bill_no: BillNo) -> Task<Message> {
        let (of, also) = (bill_no.clone(), bill_no.clone());
        let story = Task::perform(self.service.story(bill_no.clone()), move |story| {
            Message::Bills(bills::Message::Read(of.clone(), story))
        });
        let refunds = Task::perform(self.service.refunds_of(bill_no), move |refunds| {
            Message::Bills(bills::Message::Refunds(also.clone(), refunds))
        });
        Task::batch([story, refunds])
    }
}
