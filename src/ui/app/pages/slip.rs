//! Slips, the print queue and the devices' lamps: what they ask of the till.
//!
//! A slip lies over the page that opened it: that page goes on below, and is there again after it.

use super::{App, Context, Message, PageKey, Screen, scroll};
use crate::domain::print::Printed;
use crate::till::service::{Command, Said, TestedDevice};
use crate::ui::screens::{lamps, queue, sale, slip};
use iced::Task;

impl Screen {
    /// The page that works: under a slip, the one that opened it.
    pub(in crate::ui::app) fn page(&mut self) -> &mut Screen {
        match self {
            Screen::Slip(_, under) => under,
            page => page,
        }
    }
}

impl App {
    pub(in crate::ui::app) fn slip(&mut self, message: slip::Message) -> Task<Message> {
        match message {
            slip::Message::Open(what) => self.open_slip(what),
            slip::Message::Drawn(of, picture) => {
                if let Screen::Slip(page, _) = &mut self.screen {
                    page.take(&of, picture);
                }
                Task::none()
            }
            slip::Message::Print => self.print_shown(),
            slip::Message::Close => self.close_slip(),
        }
    }

    /// This slip, over what is open.
    pub(super) fn open_slip(&mut self, what: Printed) -> Task<Message> {
        let under = match std::mem::replace(&mut self.screen, Screen::Sale) {
            Screen::Slip(_, under) => under,
            page => Box::new(page),
        };
        let page = slip::State::new(what.clone());
        self.screen = Screen::Slip(Box::new(page), under);
        Task::perform(self.service.slip(what.clone()), move |picture| {
            Message::Slip(slip::Message::Drawn(what.clone(), picture))
        })
    }

    /// What opened it is there again.
    pub(super) fn close_slip(&mut self) -> Task<Message> {
        if let Screen::Slip(_, under) = std::mem::replace(&mut self.screen, Screen::Sale) {
            self.screen = *under;
        }
        Task::none()
    }

    /// Prints the slip that is shown, and goes back: Enter once more prints nothing.
    fn print_shown(&mut self) -> Task<Message> {
        let Screen::Slip(page, _) = &self.screen else {
            return Task::none();
        };
        if !page.can_print(&self.snapshot) {
            let said = match self.snapshot.print.there {
                true => Said::NoSlip,
                false => Said::NoPrinter,
            };
            self.say(self.words().said(&said));
            return Task::none();
        }
        self.service.send(Command::Print(page.what().clone()));
        self.say(self.words().slip_put().to_owned());
        self.close_slip()
    }

    /// Ctrl+P: the slip that is shown, else the last one again.
    pub(in crate::ui::app) fn print(&mut self) -> Task<Message> {
        if matches!(self.screen, Screen::Slip(..)) {
            return self.print_shown();
        }
        let print = &self.snapshot.print;
        let line = match (print.there, print.can_again) {
            (false, _) => self.words().no_printer(),
            (true, false) => self.words().nothing_printed(),
            (true, true) => self.words().slip_last_put(),
        };
        self.say(line.to_owned());
        // The till has the last word, also where the snapshot is behind it.
        self.service.send(Command::PrintLast);
        Task::none()
    }

    /// A key on a slip or in the print queue. A digit and a scan are the next sale's.
    pub(super) fn paper_key(&mut self, key: PageKey) -> Task<Message> {
        match (key, &self.screen) {
            (PageKey::Character(c), _) if c.is_ascii_digit() || c == '.' => {
                self.screen = Screen::Sale;
                self.sale(sale::Message::Character(c))
            }
            (PageKey::Scan(text), _) => {
                self.screen = Screen::Sale;
                self.sale(sale::Message::Scan(text))
            }
            (key, Screen::Queue(_)) => self.queue(queue::Message::Key(key)),
            (PageKey::Enter, _) => self.print_shown(),
            (PageKey::Step(step), _) => scroll(step),
            (PageKey::Character(_) | PageKey::Backspace, _) => Task::none(),
        }
    }

    pub(in crate::ui::app) fn queue(&mut self, message: queue::Message) -> Task<Message> {
        if matches!(message, queue::Message::Open) {
            if self.is_locked() {
                self.say(self.words().said(&Said::Locked));
            } else {
                self.screen = Screen::Queue(queue::State::open(self.context()));
            }
            return Task::none();
        }
        let context = Context {
            snapshot: &self.snapshot,
            now_ms: self.now_wall_ms,
        };
        let Screen::Queue(page) = &mut self.screen else {
            return Task::none();
        };
        match page.update(message, context) {
            Some(queue::Action::Send(command)) => self.service.send(command),
            Some(queue::Action::Follow(row)) => {
                return self.follow(queue::LIST, queue::ROW, row);
            }
            None => {}
        }
        Task::none()
    }

    /// A lamp of the top bar was touched: slips that stand still are listed, all else is said.
    pub(in crate::ui::app) fn lamp(&mut self, device: Option<TestedDevice>) -> Task<Message> {
        let stuck = lamps::stuck_slips(&self.snapshot).is_some();
        if device == Some(TestedDevice::Printer) && stuck && !self.is_locked() {
            return self.queue(queue::Message::Open);
        }
        let words = self.words();
        let line = match device {
            Some(device) => lamps::line(words, &self.snapshot, device),
            None => Some(lamps::lines(words, &self.snapshot)),
        };
        if let Some(line) = line {
            self.say(line);
        }
        Task::none()
    }
}
