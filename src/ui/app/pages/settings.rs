//! F10 and the till.

use super::{App, Context, Message, Screen, scroll};
use crate::domain::staff::Role;
use crate::till::service::Said;
use crate::ui::screens::settings::{self, Action};
use crate::ui::widgets;
use iced::Task;
use iced::advanced::widget::operate;
use iced::advanced::widget::operation::focusable::unfocus;
use iced::widget::operation;

impl App {
    pub(in crate::ui::app) fn open_settings(&mut self) -> Task<Message> {
        let role = self.snapshot.signed_in.as_ref().map(|staff| staff.role);
        if role != Some(Role::Manager) {
            self.say(self.words().said(&Said::NotAllowed));
            return Task::none();
        }
        let (page, actions) = settings::State::open(self.context());
        self.screen = Screen::Settings(Box::new(page));
        self.settings_actions(actions)
    }

    pub(in crate::ui::app) fn settings(&mut self, message: settings::Message) -> Task<Message> {
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Settings(page) = &mut self.screen else {
            return Task::none();
        };
        let actions = page.update(message, context);
        self.settings_actions(actions)
    }

    pub(super) fn settings_actions(&mut self, actions: Vec<Action>) -> Task<Message> {
        let mut tasks = Vec::new();
        for action in actions {
            match action {
                Action::Change(changes) => tasks.push(Task::perform(
                    self.service.change_settings(changes),
                    |result| Message::Settings(settings::Message::Saved(result)),
                )),
                Action::Staff(change) => tasks
                    .push(Task::perform(self.service.change_staff(change), |result| {
                        Message::Settings(settings::staff_changed(result))
                    })),
                Action::Test => tasks
                    .push(Task::perform(self.service.test_connection(), |result| {
                        Message::Settings(settings::Message::Tested(result))
                    })),
                Action::Try(device) => tasks.push(Task::perform(
                    self.service.test_device(device),
                    move |result| Message::Settings(settings::Message::Tried(device, result)),
                )),
                Action::Follow(row) => {
                    tasks.push(self.follow(widgets::PAGE, settings::ROW, row));
                }
                Action::Focus(field) => tasks.push(operation::focus(field)),
                Action::Unfocus => tasks.push(operate(unfocus())),
                Action::Scroll(step) => tasks.push(scroll(step)),
                Action::Close => self.screen = Screen::Sale,
            }
        }
        Task::batch(tasks)
    }
}
