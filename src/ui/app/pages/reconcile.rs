//! 日结对账: what the page asks of the till.

use super::{App, Context, Message, Screen};
use crate::domain::BillNo;
use crate::domain::config::Provider;
use crate::domain::reconcile::Scope;
use crate::domain::staff::Role;
use crate::till::service::Said;
use crate::ui::screens::reconcile;
use iced::Task;

impl App {
    /// Today's.
    pub(in crate::ui::app) fn open_reconcile(&mut self) -> Task<Message> {
        self.open_reconcile_of(None)
    }

    /// Of this time; of today, or what is being compared, where none is named. A cashier is told
    /// that it is a manager's: the till would refuse it too.
    pub(super) fn open_reconcile_of(&mut self, scope: Option<Scope>) -> Task<Message> {
        let signed_in = self.snapshot.signed_in.as_ref();
        if signed_in.is_none_or(|staff| staff.role != Role::Manager) {
            self.say(self.words().said(&Said::NotAllowed));
            return Task::none();
        }
        if self.snapshot.settings.gateway.provider == Provider::Jubao {
            self.say(self.words().said(&Said::ListsNotOffered));
            return Task::none();
        }
        let (page, actions) = reconcile::State::open(scope, self.context());
        self.screen = Screen::Reconcile(Box::new(page));
        self.reconcile_actions(actions)
    }

    pub(in crate::ui::app) fn reconcile(&mut self, message: reconcile::Message) -> Task<Message> {
        if let reconcile::Message::Started(Err(said)) = &message {
            self.say(self.words().said(said));
        }
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

    pub(super) fn reconcile_actions(&mut self, actions: Vec<reconcile::Action>) -> Task<Message> {
        let tasks = actions
            .into_iter()
            .map(|action| self.reconcile_action(action));
        let tasks: Vec<_> = tasks.collect();
        Task::batch(tasks)
    }

    fn reconcile_action(&mut self, action: reconcile::Action) -> Task<Message> {
        match action {
            reconcile::Action::Start(scope) => {
                return Task::perform(self.service.reconcile(scope), |started| {
                    Message::Reconcile(reconcile::Message::Started(started))
                });
            }
            reconcile::Action::List(most) => {
                return Task::perform(self.service.shifts(most), |all| {
                    Message::Reconcile(reconcile::Message::Listed(all))
                });
            }
            reconcile::Action::Cancel => self.service.cancel_reconcile(),
            reconcile::Action::Send(command) => self.service.send(command),
            reconcile::Action::OpenBill(bill_no) => return self.open_bill_of(&bill_no, false),
            reconcile::Action::OpenRefund(bill_no) => return self.open_bill_of(&bill_no, true),
            reconcile::Action::Follow(row) => {
                return self.follow(reconcile::LIST, reconcile::ROW, row);
            }
            reconcile::Action::Close => self.screen = Screen::Sale,
        }
        Task::none()
    }

    /// As the gateway spells it: a number that breaks its own rule can't be asked for.
    fn open_bill_of(&mut self, bill_no: &str, refund: bool) -> Task<Message> {
        match BillNo::parse(bill_no) {
            Some(bill_no) if refund => self.open_refund(Some(bill_no)),
            Some(bill_no) => self.open_bills_at(&bill_no),
            None => {
                self.say(self.words().rec_bad_number().to_owned());
                Task::none()
            }
        }
    }
}
