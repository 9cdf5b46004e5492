//! F10: settings, staff, and the connection test. Managers only; every change is the till's to
//! check and counts at once. No secret is among them.

mod checks;
mod devices;
mod lines;
mod people;
mod people_view;
mod view;

pub use lines::Tab;
pub use view::view;

use crate::domain::Channel;
use crate::domain::config::edit::Typed;
use crate::till::service::{Check, Said, SettingChange, StaffChange, TestedDevice};
use crate::ui::app::{Context, PageKey, Step};
use lines::{is_channels, typed};

/// The field of a setting, for focus.
pub const FIELD: &str = "setting";
/// A row of a page with its line, in the design's pixels.
pub const ROW: f32 = 49.0;
/// Longest value.
const VALUE_CHARS: usize = 400;

/// What is on the page.
#[derive(Debug, Default)]
pub struct State {
    tab: Tab,
    row: usize,
    edit: Option<Edit>,
    /// A change is on its way to the till.
    saving: bool,
    said: Option<Line>,
    people: people::State,
    checks: Checks,
    devices: devices::State,
}

/// One line under what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// It was done.
    Saved,
    /// It was not, and why.
    Refused(Said),
}

/// A setting being changed.
#[derive(Debug, Clone)]
struct Edit {
    key: &'static str,
    text: String,
    shifted: bool,
    /// What the provider has to choose from.
    offered: Vec<Channel>,
}

/// The connection test.
#[derive(Debug, Default)]
enum Checks {
    #[default]
    None,
    Running,
    Done(Vec<Check>),
    Refused(Said),
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key, where no text field took it.
    Key(PageKey),
    /// Tab, or Shift+Tab, in a form.
    Tab {
        /// Shift+Tab.
        back: bool,
    },
    /// Another page.
    Turn(Tab),
    /// A setting was touched.
    Edit(&'static str),
    /// The field's text.
    Text(String),
    /// A key of the keyboard on the screen.
    Type(char),
    /// Takes one away.
    Erase,
    /// Capitals.
    Shift,
    /// A word was chosen.
    Pick(&'static str),
    /// A channel was chosen, or dropped.
    Toggle(Channel),
    /// Saves the setting.
    Save,
    /// The till's word about it.
    Saved(Result<(), Said>),
    /// The staff's page.
    People(people::Message),
    /// Starts the connection test.
    Test,
    /// Its result.
    Tested(Result<Vec<Check>, Said>),
    /// Tries a device.
    Try(TestedDevice),
    /// What became of it.
    Tried(TestedDevice, Result<(), Said>),
    /// Back: from a setting to the page, from the page to the sale.
    Close,
}

/// What follows.
#[derive(Debug)]
pub enum Action {
    /// For the till; `Saved` comes back.
    Change(Vec<SettingChange>),
    /// For the till; `People(Done)` comes back.
    Staff(StaffChange),
    /// For the till; `Tested` comes back.
    Test,
    /// For the till; `Tried` comes back.
    Try(TestedDevice),
    /// Keeps the chosen row, this many rows down, in sight.
    Follow(usize),
    /// Puts the keys into this field.
    Focus(&'static str),
    /// Takes them out of every field.
    Unfocus,
    /// Scrolls the page.
    Scroll(Step),
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
        match message {
            Message::Key(key) => return self.key(key, context),
            Message::Tab { back } => {
                let action = self.people.next_field(back);
                return action.into_iter().map(from_people).collect();
            }
            Message::Turn(tab) => self.turn(tab),
            Message::Edit(key) => return self.edit(key, context),
            Message::Text(text) => self.write(|edit| edit.text = text),
            Message::Type(c) => self.write(|edit| edit.text.push(c)),
            Message::Erase => self.write(Edit::erase),
            Message::Shift => self.write(|edit| edit.shifted = !edit.shifted),
            Message::Pick(word) => self.write(|edit| word.clone_into(&mut edit.text)),
            Message::Toggle(channel) => self.write(|edit| edit.toggle(channel)),
            Message::Save => return self.save(),
            Message::Saved(result) => self.saved(result),
            Message::People(message) => {
                let action = self.people.update(message, context);
                return action.into_iter().map(from_people).collect();
            }
            Message::Test => return self.test(),
            Message::Tested(Ok(checks)) => self.checks = Checks::Done(checks),
            Message::Tested(Err(said)) => self.checks = Checks::Refused(said),
            Message::Try(device) => return self.devices.start(device, context),
            Message::Tried(device, result) => self.devices.tried(device, result),
            Message::Close => return self.close(),
        }
        Vec::new()
    }

    /// A new snapshot.
    pub fn keep_to(&mut self, context: Context<'_>) -> Vec<Action> {
        self.people.keep_to(context);
        Vec::new()
    }

    /// Keys are a PIN's now: a scan is dropped.
    pub fn asks_pin(&self) -> bool {
        self.tab == Tab::Staff && self.people.asks_pin()
    }

    /// A member of staff is being written: Tab goes from field to field.
    pub fn has_form(&self) -> bool {
        self.tab == Tab::Staff && self.people.is_editing()
    }

    fn turn(&mut self, tab: Tab) {
        *self = State {
            tab,
            // A running test comes back to its page.
            checks: std::mem::take(&mut self.checks),
            devices: std::mem::take(&mut self.devices),
            ..State::default()
        };
    }

    fn write(&mut self, change: impl FnOnce(&mut Edit)) {
        self.said = None;
        if let Some(edit) = self.edit.as_mut().filter(|_| !self.saving) {
            change(edit);
            let whole = edit.text.chars().count() <= VALUE_CHARS;
            if !whole {
                edit.text = edit.text.chars().take(VALUE_CHARS).collect();
            }
        }
    }

    fn key(&mut self, key: PageKey, context: Context<'_>) -> Vec<Action> {
        if self.tab == Tab::Staff && self.people.is_editing() {
            let action = self.people.key(key, context);
            return action.into_iter().map(from_people).collect();
        }
        if self.edit.is_some() {
            return self.edit_key(key);
        }
        match key {
            PageKey::Step(Step::Left) => self.turn(self.tab.turned(false)),
            PageKey::Step(Step::Right) => self.turn(self.tab.turned(true)),
            PageKey::Step(step) => return self.step(step, context),
            PageKey::Enter => return self.enter(context),
            PageKey::Scan(text) if self.tab == Tab::Tests => self.devices.scanned(&text),
            key if self.tab == Tab::Staff => {
                let action = self.people.key(key, context);
                return action.into_iter().map(from_people).collect();
            }
            PageKey::Character(_) | PageKey::Backspace | PageKey::Scan(_) => {}
        }
        Vec::new()
    }

    fn step(&mut self, step: Step, context: Context<'_>) -> Vec<Action> {
        match self.tab {
            Tab::Connection => return vec![Action::Scroll(step)],
            Tab::Staff => self.people.step(step, context),
            Tab::Tests => self.devices.step(step),
            _ => {
                let last = self.tab.keys().len().saturating_sub(1);
                self.row = match step {
                    Step::Up | Step::Left => self.row.saturating_sub(1),
                    Step::Down | Step::Right => (self.row + 1).min(last),
                };
                self.said = None;
                return vec![Action::Follow(self.row)];
            }
        }
        Vec::new()
    }

    fn enter(&mut self, context: Context<'_>) -> Vec<Action> {
        match self.tab {
            Tab::Connection => self.test(),
            Tab::Tests => self.devices.enter(context),
            Tab::Staff => {
                let action = self.people.key(PageKey::Enter, context);
                action.into_iter().map(from_people).collect()
            }
            tab => match tab.keys().get(self.row) {
                Some(key) => self.edit(key, context),
                None => Vec::new(),
            },
        }
    }

    fn edit(&mut self, key: &'static str, context: Context<'_>) -> Vec<Action> {
        let row = self.tab.keys().iter().position(|k| *k == key);
        self.row = row.unwrap_or(self.row);
        self.said = None;
        self.edit = Some(Edit {
            key,
            text: context.snapshot.settings.typed(key),
            shifted: false,
            offered: lines::channels_of(key, context.snapshot.settings.gateway.provider),
        });
        match typed(key) {
            Typed::Flag | Typed::Word(_) => Vec::new(),
            _ if is_channels(key) => Vec::new(),
            _ => vec![Action::Focus(FIELD)],
        }
    }

    fn edit_key(&mut self, key: PageKey) -> Vec<Action> {
        match key {
            PageKey::Enter => return self.save(),
            PageKey::Step(step) => self.write(|edit| edit.step(step)),
            PageKey::Character(c) => self.write(|edit| edit.character(c)),
            PageKey::Backspace => self.write(Edit::erase),
            PageKey::Scan(_) => {}
        }
        Vec::new()
    }

    fn save(&mut self) -> Vec<Action> {
        let Some(edit) = self.edit.as_ref().filter(|_| !self.saving) else {
            return Vec::new();
        };
        self.saving = true;
        self.said = None;
        let change = |key: &str, value: &str| SettingChange {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let mut changes = vec![change(edit.key, &edit.text)];
        if !edit.text.trim().is_empty() {
            let others = lines::instead_of(edit.key);
            changes.extend(others.map(|key| change(key, "")));
        }
        vec![Action::Change(changes)]
    }

    fn saved(&mut self, result: Result<(), Said>) {
        self.saving = false;
        self.said = Some(match result {
            Ok(()) => {
                self.edit = None;
                Line::Saved
            }
            Err(said) => Line::Refused(said),
        });
    }

    fn test(&mut self) -> Vec<Action> {
        if matches!(self.checks, Checks::Running) {
            return Vec::new();
        }
        self.checks = Checks::Running;
        vec![Action::Test]
    }

    fn close(&mut self) -> Vec<Action> {
        self.said = None;
        let left_person = self.tab == Tab::Staff && self.people.leave();
        if left_person || self.edit.take().is_some() {
            return Vec::new();
        }
        vec![Action::Close]
    }
}

impl Edit {
    fn erase(&mut self) {
        self.text.pop();
    }

    /// What is chosen from, where it is not written.
    fn words(&self) -> &'static [&'static str] {
        match typed(self.key) {
            Typed::Word(words) => words,
            Typed::Flag => &["true", "false"],
            _ => &[],
        }
    }

    fn step(&mut self, step: Step) {
        let words = self.words();
        if words.is_empty() {
            return;
        }
        let at = words.iter().position(|w| *w == self.text).unwrap_or(0);
        let to = match step {
            Step::Left | Step::Up => at + words.len() - 1,
            Step::Right | Step::Down => at + 1,
        };
        if let Some(word) = words.get(to % words.len()) {
            (*word).clone_into(&mut self.text);
        }
    }

    /// Channels are written by their number in the list, words not at all.
    fn character(&mut self, c: char) {
        if is_channels(self.key) {
            let at = c.to_digit(36).and_then(|d| usize::try_from(d).ok());
            let channel = at
                .and_then(|d| d.checked_sub(1))
                .and_then(|i| self.offered.get(i));
            if let Some(channel) = channel {
                self.toggle(*channel);
            }
        } else if self.words().is_empty() {
            self.text.push(c);
        }
    }

    fn channels(&self) -> Vec<&str> {
        let items = self.text.split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).collect()
    }

    fn toggle(&mut self, channel: Channel) {
        let mut channels = self.channels();
        match channels.iter().position(|name| *name == channel.name()) {
            Some(at) => drop(channels.remove(at)),
            None => channels.push(channel.name()),
        }
        self.text = channels.join(", ");
    }
}

fn from_people(action: people::Action) -> Action {
    match action {
        people::Action::Change(change) => Action::Staff(change),
        people::Action::Focus(field) => Action::Focus(field),
        people::Action::Unfocus => Action::Unfocus,
    }
}

/// The staff page's message, for the till's answer.
pub fn staff_changed(result: Result<(), Said>) -> Message {
    Message::People(people::Message::Done(result))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::till::service::Snapshot;

    #[test]
    fn the_chosen_row_of_a_long_page_is_kept_in_sight() {
        let snapshot = Snapshot::empty();
        let context = Context {
            snapshot: &snapshot,
            now_ms: 0,
        };
        let (mut page, _) = State::open(context);
        page.update(Message::Turn(Tab::Devices), context);
        let last = Tab::Devices.keys().len() - 1;
        for row in 1..=last {
            let actions = page.update(Message::Key(PageKey::Step(Step::Down)), context);
            assert!(matches!(actions[..], [Action::Follow(at)] if at == row));
        }
    }
}
