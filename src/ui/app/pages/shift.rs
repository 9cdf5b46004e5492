//! F8: what the shift's page asks of the till.

use super::{App, Context, Message, Screen};
use crate::domain::print::Printed;
use crate::ui::screens::shift;
use iced::Task;
use iced::advanced::widget::{operate, operation::focusable};
use iced::widget::operation;

impl App {
    /// The open shift, or the form that opens one.
    pub(in crate::ui::app) fn open_shift(&mut self) -> Task<Message> {
        let (page, actions) = shift::State::open(self.context());
        self.screen = Screen::Shift(Box::new(page));
        self.shift_actions(actions)
    }

    pub(in crate::ui::app) fn shift(&mut self, message: shift::Message) -> Task<Message> {
        // Said wherever the person is by then: what was not done must not be taken for done.
        if let shift::Message::Done(_, Err(said)) = &message {
            self.say(self.words().said(said));
        }
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Shift(page) = self.screen.page() else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.shift_actions(actions)
    }

    pub(super) fn shift_actions(&mut self, actions: Vec<shift::Action>) -> Task<Message> {
        let tasks = actions.into_iter().map(|action| self.shift_action(action));
        let tasks: Vec<_> = tasks.collect();
        Task::batch(tasks)
    }

    fn shift_action(&mut self, action: shift::Action) -> Task<Message> {
        let told = Message::Shift;
        match action {
            shift::Action::Act(number, act) => {
                Task::perform(self.service.shift(act), move |done| {
                    told(shift::Message::Done(number, done.map(Box::new)))
                })
            }
            shift::Action::Report => Task::perform(self.service.shift_report(None), move |is| {
                told(shift::Message::Reported(
                    is.map(|taken| taken.map(Box::new)),
                ))
            }),
            shift::Action::List(most) => Task::perform(self.service.shifts(most), move |all| {
                told(shift::Message::Listed(all))
            }),
            shift::Action::Focus(true) => operation::focus(shift::REASON),
            shift::Action::Focus(false) => {
                self.field_has_keys = false;
                operate(focusable::unfocus())
            }
            shift::Action::Say(line) => {
                self.say(line);
                Task::none()
            }
            shift::Action::Follow(row) => self.follow(shift::LIST, shift::ROW, row),
            shift::Action::Scroll(step) => super::scroll(step),
            shift::Action::Reconcile(scope) => self.open_reconcile_of(scope),
            shift::Action::Slip(no) => self.open_slip(Printed::Shift(no)),
            shift::Action::Close => {
                self.screen = Screen::Sale;
                Task::none()
            }
        }
    }
}
