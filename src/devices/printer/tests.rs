//! The printer against fakes on loopback TCP, pty pairs and files. Never the hardware.

mod cycles;
mod fake;
mod network;
mod paths;
mod scripted;
mod serial;

use super::*;
use fake::{Fake, Manner};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};

/// Longer than anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
/// A short slip.
const SLIP: &[u8] = b"\x1b@slip of paper\n\x1dV\x00";

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn quick() -> Times {
    Times {
        dial: ms(1000),
        first_answer: ms(250),
        answer: ms(400),
        stall: ms(600),
        verdict: ms(2500),
        settle: ms(150),
        poll: ms(20),
        close: ms(600),
        waiting: ms(60),
        idle: ms(250),
        presence: ms(50),
        patience: ms(600_000),
        kept: ms(500),
    }
}

fn settings(target: &str) -> PrinterSettings {
    PrinterSettings {
        target: target.to_owned(),
        width_mm: 58,
        chinese: Default::default(),
        drawer: false,
        auto: true,
        head: Vec::new(),
        foot: Vec::new(),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    State(PrinterState),
    Ended(u64, Ended),
}

struct Sink(Mutex<Sender<Event>>);

impl PrinterSink for Sink {
    fn state(&self, state: PrinterState) {
        let _ = self.0.lock().unwrap().send(Event::State(state));
    }

    fn ended(&self, job: u64, ended: Ended) {
        let _ = self.0.lock().unwrap().send(Event::Ended(job, ended));
    }
}

/// A printer and what it told.
struct Desk {
    printer: Printer,
    events: Receiver<Event>,
    /// All that was told.
    told: Vec<Event>,
}

impl Desk {
    fn start(target: &str) -> Desk {
        Desk::with(target, quick())
    }

    fn with(target: &str, times: Times) -> Desk {
        let (sender, events) = mpsc::channel();
        let sink = Arc::new(Sink(Mutex::new(sender)));
        let printer = Printer::start_with(&settings(target), sink, times).unwrap();
        Desk {
            printer,
            events,
            told: Vec::new(),
        }
    }

    fn next(&mut self) -> Event {
        let event = self
            .events
            .recv_timeout(PATIENCE)
            .expect("nothing was told");
        self.told.push(event.clone());
        event
    }

    /// The end of a job that is handed over now.
    fn print(&mut self, job: u64, bytes: &[u8]) -> Ended {
        assert!(
            self.printer.print(job, bytes.to_vec()),
            "job {job} was not taken"
        );
        loop {
            if let Event::Ended(ended, how) = self.next() {
                assert_eq!(ended, job, "another job ended");
                return how;
            }
        }
    }

    /// The next state that is told.
    fn state(&mut self) -> PrinterState {
        match self.next() {
            Event::State(state) => state,
            ended => panic!("{ended:?}"),
        }
    }

    /// The state that was told last.
    fn last_state(&mut self) -> Option<PrinterState> {
        self.told.extend(self.events.try_iter());
        self.told.iter().rev().find_map(|event| match event {
            Event::State(state) => Some(state.clone()),
            Event::Ended(..) => None,
        })
    }

    /// Waits until the printer is told to be able.
    fn until_able(&mut self) {
        while !self.state().is_able() {}
    }

    /// How often that job ended.
    fn ends(&mut self, job: u64) -> usize {
        self.told.extend(self.events.try_iter());
        let is = |event: &&Event| matches!(event, Event::Ended(no, _) if *no == job);
        self.told.iter().filter(is).count()
    }
}

fn is_gone(state: &PrinterState) -> bool {
    matches!(state, PrinterState::Gone(_))
}

#[track_caller]
fn not_begun(ended: Ended) -> PrinterState {
    match ended {
        Ended::NotBegun(state) => state,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn doubtful(ended: Ended) -> PrinterState {
    match ended {
        Ended::Doubtful(state) => state,
        other => panic!("{other:?}"),
    }
}

/// Waits for something that will be so.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(ms(5));
    }
}

#[test]
fn every_state_is_one_plain_chinese_line() {
    let states = [
        PrinterState::Ready,
        PrinterState::PaperLow,
        PrinterState::PaperOut,
        PrinterState::CoverOpen,
        PrinterState::Gone(Gone::Missing("/dev/usb/lp0".into())),
        busy(),
        ending(),
    ];
    for state in states {
        let line = state.to_string();
        assert!(
            !line.contains('\n') && line.chars().any(|c| c > '\u{4e00}'),
            "{line}"
        );
    }
    assert!(PrinterState::Ready.is_able() && PrinterState::PaperLow.is_able());
    assert!(!PrinterState::PaperOut.is_able() && !PrinterState::CoverOpen.is_able());
}
