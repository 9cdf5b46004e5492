//! The receipt printer: between its device and the print queue.
//!
//! A slip goes through the engine's thread in small steps: it is written into the queue after its
//! success was announced; its bytes are made beside the thread; "sending" is written, and then they
//! are handed to the device, which answers when it knows. Whatever happens to printer, cable or
//! power, a payment waits for none of it.

mod making;
mod people;
mod queue;

use crate::devices::printer::{Ended, Printer, PrinterSink, PrinterState};
use crate::domain::config::PrinterSettings;
use crate::domain::print::{JobState, PrintJob, Printed};
use crate::domain::refund::RefundState;
use crate::domain::{Now, State};
use crate::ledger::LedgerError;
use crate::till::engine::{Engine, Input};
use crate::till::service::{BillView, DeviceHealth, PrintView, RefundView, Said};
use making::{Making, Unmade};
use queue::{FRESH_MS, Queue};
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What the ledger or the printer could not do is tried again after this.
const AGAIN_MS: i64 = 2_000;
/// A printer that is away says when it is back. Should that word be lost, it is tried by this.
const AWAY_MS: i64 = 300_000;
/// So many slips wait at most for a ledger that takes no writes.
const MOST_WANTED: usize = 64;
/// How long the program's end waits for the slip that is being printed, and then for the device.
const LAST_SLIP: Duration = Duration::from_millis(2_000);
const LAST_WORD: Duration = Duration::from_millis(1_500);

/// The printer and its queue.
#[derive(Default)]
pub(in crate::till) struct Printing {
    queue: Queue,
    device: Option<Printer>,
    /// Where the device prints.
    target: Option<String>,
    /// Grows with each device that is started: an older one's state is no news.
    epoch: u64,
    /// As the device said; `None` before it is known.
    state: Option<PrinterState>,
    /// The job whose bytes are being made.
    making: Option<u64>,
    /// Nothing is tried before this, monotonic ms.
    not_before_ms: Option<i64>,
    /// How often in a row it took nothing although it seemed able.
    not_taken: u32,
    /// Slips that could not be written into the queue yet.
    wanted: VecDeque<Printed>,
    /// They wait until nothing can be printed any more.
    waiters: Vec<oneshot::Sender<()>>,
    /// The program ends.
    ending: bool,
}

/// What comes back to the engine's thread about printing.
pub(in crate::till) enum FromPrinter {
    /// How the device of this epoch is.
    State(u64, PrinterState),
    /// What became of a job in the hand of the device of this epoch.
    Ended(u64, u64, Ended),
    /// The bytes of a job.
    Made(u64, Result<Vec<u8>, Unmade>),
    /// There is something new in the queue.
    Next,
    /// A caller waits until nothing can be printed any more.
    Wait(oneshot::Sender<()>),
}

/// What the device says goes to the engine's inbox.
struct Sink {
    epoch: u64,
    outbox: Mutex<Sender<Input>>,
}

impl Sink {
    fn send(&self, from: FromPrinter) {
        if let Ok(outbox) = self.outbox.lock() {
            let _ = outbox.send(Input::Printer(from));
        }
    }
}

impl PrinterSink for Sink {
    fn state(&self, state: PrinterState) {
        self.send(FromPrinter::State(self.epoch, state));
    }

    fn ended(&self, job: u64, ended: Ended) {
        self.send(FromPrinter::Ended(self.epoch, job, ended));
    }
}

impl Printing {
    /// The device is there, nothing says that it can't print, and it is time.
    fn may_print(&self, now: &Now) -> bool {
        self.device.is_some()
            && !self.ending
            && self.making.is_none()
            && self.not_before_ms.is_none_or(|at| now.mono_ms >= at)
            && (!self.is_away() || self.not_before_ms.is_some())
    }

    fn is_away(&self) -> bool {
        self.state.as_ref().is_some_and(|state| !state.is_able())
    }

    /// Nothing more is printed unless somebody does something.
    fn is_done(&self) -> bool {
        let idle = self.making.is_none() && !self.queue.is_sending();
        let nothing = self.queue.next().is_none() && self.wanted.is_empty();
        idle && (nothing || self.device.is_none() || self.is_away())
    }
}

impl Engine {
    /// Starts the device that is set, once, or anew where another one is. What waits goes to it.
    pub(super) fn start_printer(&mut self) {
        if !self.counter.used.printer {
            return;
        }
        let settings = self.settings.printer.clone();
        let target = settings.as_ref().map(|s| s.target.clone());
        if self.counter.printing.target != target {
            // The old one lets go of the port first. It tells what becomes of the job in its hand;
            // nothing is sent before that.
            self.counter.printing.device = None;
            self.counter.printing.device = self.start_device(settings.as_ref());
            let printing = &mut self.counter.printing;
            printing.target = target;
            (printing.state, printing.not_before_ms) = (None, None);
        }
        self.print_next();
    }

    fn start_device(&mut self, settings: Option<&PrinterSettings>) -> Option<Printer> {
        self.counter.printing.epoch += 1;
        let sink = Arc::new(Sink {
            epoch: self.counter.printing.epoch,
            outbox: Mutex::new(self.outbox.clone()),
        });
        Printer::start(settings?, sink)
            .inspect_err(|error| tracing::error!(%error, "no printer"))
            .ok()
    }

    /// A bill's success was recorded and announced: it gets its slip, once.
    pub(super) fn print_sale(&mut self, bill: &BillView) {
        if bill.state == State::Paid && !bill.returned && !bill.unrecorded {
            self.print_by_itself(Printed::Sale(bill.bill_no.clone()), bill.ended_ms);
        }
    }

    /// A refund's success was recorded and announced.
    pub(super) fn print_refund(&mut self, refund: &RefundView) {
        if refund.state == RefundState::Succeeded && !refund.unrecorded {
            self.print_by_itself(Printed::Refund(refund.refund_no.clone()), refund.ended_ms);
        }
    }

    /// A shift was closed.
    pub(in crate::till) fn print_shift(&mut self, no: u32) {
        self.print_by_itself(Printed::Shift(no), None);
    }

    /// What ended long ago (and was looked at again today, say) has nobody waiting for its slip.
    fn print_by_itself(&mut self, what: Printed, ended_ms: Option<i64>) {
        let auto = self.settings.printer.as_ref().is_some_and(|p| p.auto);
        let now_ms = self.clock.now().wall_ms;
        let is_old = ended_ms.is_some_and(|at| now_ms.saturating_sub(at) >= FRESH_MS);
        if !self.counter.used.printer || !auto || is_old {
            return;
        }
        let wanted = &mut self.counter.printing.wanted;
        if !wanted.contains(&what) && wanted.len() < MOST_WANTED {
            wanted.push_back(what);
        }
        self.write_wanted();
        self.go_on_printing();
    }

    /// Writes into the queue what is to be printed by itself. What can't be written is not printed
    /// (I4), and is tried again.
    fn write_wanted(&mut self) {
        while let Some(what) = self.counter.printing.wanted.front().cloned() {
            let now_ms = self.clock.now().wall_ms;
            let queue = &mut self.counter.printing.queue;
            match queue.add(&mut self.ledger, &what, "", now_ms) {
                Err(LedgerError::PrintJob { .. }) | Ok(_) => {}
                Err(error) => return self.print_not_written(error),
            }
            self.counter.printing.wanted.pop_front();
        }
    }

    /// The rest is done after the screen was told. A printer that was away is looked at anew:
    /// somebody waits for it now.
    fn go_on_printing(&mut self) {
        let printing = &self.counter.printing;
        if let Some(device) = printing.device.as_ref().filter(|_| printing.is_away()) {
            device.look();
        }
        let _ = self.outbox.send(Input::Printer(FromPrinter::Next));
    }

    /// The ledger took no write about a slip. What is wrong with the slip alone is not the
    /// ledger's health.
    fn print_not_written(&mut self, error: LedgerError) {
        self.counter.printing.not_before_ms = Some(self.clock.now().mono_ms + AGAIN_MS);
        match error {
            LedgerError::PrintJob { no } => tracing::error!(no, "print job does not fit"),
            error => self.judge_write::<()>(&Err(error)),
        }
    }

    /// Goes on with the queue as far as it can be now.
    fn print_next(&mut self) {
        let now = self.clock.now();
        let tidied = self
            .counter
            .printing
            .queue
            .tidy(&mut self.ledger, now.wall_ms);
        match tidied {
            Ok(doubtful) => self.say_doubtful(&doubtful),
            Err(error) => return self.print_not_written(error),
        }
        self.write_wanted();
        let printing = &mut self.counter.printing;
        if printing.may_print(&now)
            && let Some(job) = printing.queue.next().cloned()
        {
            printing.not_before_ms = None;
            self.make(job);
        }
        self.tell_waiters();
    }

    fn say_doubtful(&self, jobs: &[PrintJob]) {
        for job in jobs {
            self.say(Said::SlipDoubtful(job.no));
        }
    }

    fn tell_waiters(&mut self) {
        let printing = &mut self.counter.printing;
        if printing.is_done() {
            for waiter in printing.waiters.drain(..) {
                let _ = waiter.send(());
            }
        }
    }

    /// What slips are made of now.
    fn slip_maker(&self) -> Making {
        Making {
            ledger_path: self.ledger_path.clone(),
            settings: Arc::clone(&self.settings),
            practice: self.practice_mode,
            font: self.counter.used.font,
            now_ms: self.clock.now().wall_ms,
        }
    }

    fn make(&mut self, job: PrintJob) {
        let Some(printer) = self.settings.printer.clone() else {
            return;
        };
        self.counter.printing.making = Some(job.no);
        let (maker, outbox) = (self.slip_maker(), self.outbox.clone());
        self.runtime.spawn_blocking(move || {
            let bytes = maker.bytes(&job, &printer);
            let _ = outbox.send(Input::Printer(FromPrinter::Made(job.no, bytes)));
        });
    }

    /// Something came back about printing.
    pub(in crate::till) fn hear_printer(&mut self, from: FromPrinter) {
        match from {
            FromPrinter::State(epoch, state) => {
                if epoch == self.counter.printing.epoch {
                    self.printer_is(state);
                }
            }
            FromPrinter::Ended(epoch, no, ended) => self.printer_ended(epoch, no, ended),
            FromPrinter::Made(no, bytes) => self.made(no, bytes),
            FromPrinter::Next => {}
            FromPrinter::Wait(waiter) => self.counter.printing.waiters.push(waiter),
        }
        self.print_next();
    }

    fn printer_is(&mut self, state: PrinterState) {
        let is_able = state.is_able();
        let printing = &mut self.counter.printing;
        printing.state = Some(state);
        printing.not_before_ms = match is_able {
            true => None,
            false => Some(self.clock.now().mono_ms + AWAY_MS),
        };
    }

    /// The bytes are there: "sending" is durable, and then they leave.
    fn made(&mut self, no: u64, bytes: Result<Vec<u8>, Unmade>) {
        self.counter.printing.making = None;
        let now = self.clock.now();
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(Unmade::Ledger(error)) => {
                tracing::error!(%error, "slip not read");
                self.counter.printing.not_before_ms = Some(now.mono_ms + AGAIN_MS);
                return;
            }
            Err(error) => return self.cannot_be_made(no, &error),
        };
        let printing = &mut self.counter.printing;
        let Some(device) = printing.device.as_ref().filter(|_| !printing.ending) else {
            return;
        };
        match printing.queue.begin(&mut self.ledger, no, now.wall_ms) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return self.print_not_written(error),
        }
        if !device.print(no, bytes) {
            // Nothing of it was sent.
            self.not_taken();
            self.job_ended(no, JobState::Waiting);
        }
    }

    /// It will never print as it is: it goes out of the others' way.
    fn cannot_be_made(&mut self, no: u64, why: &Unmade) {
        tracing::error!(no, %why, "slip not made");
        self.say(Said::Text(why.to_string()));
        let now_ms = self.clock.now().wall_ms;
        let queue = &mut self.counter.printing.queue;
        if let Err(error) = queue.let_go(&mut self.ledger, no, now_ms) {
            self.print_not_written(error);
        }
    }

    fn printer_ended(&mut self, epoch: u64, no: u64, ended: Ended) {
        let is_current = epoch == self.counter.printing.epoch;
        let (state, how) = match ended {
            Ended::Printed => (JobState::Printed, None),
            Ended::NotBegun(how) => (JobState::Waiting, Some(how)),
            Ended::Doubtful(how) => (JobState::Doubtful, Some(how)),
        };
        if let Some(how) = how.filter(|_| is_current) {
            let is_able = how.is_able();
            self.printer_is(how);
            if is_able && state == JobState::Waiting {
                self.not_taken();
            }
        }
        if state != JobState::Waiting {
            self.counter.printing.not_taken = 0;
        }
        self.job_ended(no, state);
    }

    /// A printer that seems able and takes nothing is tried again later and later: each try is
    /// two writes in the ledger.
    fn not_taken(&mut self) {
        let printing = &mut self.counter.printing;
        let wait_ms = AGAIN_MS << printing.not_taken.min(7);
        printing.not_taken = printing.not_taken.saturating_add(1);
        printing.not_before_ms = Some(self.clock.now().mono_ms + wait_ms);
    }

    fn job_ended(&mut self, no: u64, state: JobState) {
        let now_ms = self.clock.now().wall_ms;
        let queue = &mut self.counter.printing.queue;
        match queue.ended(&mut self.ledger, no, state, now_ms) {
            Ok(doubtful) => self.say_doubtful(&doubtful),
            Err(error) => self.print_not_written(error),
        }
    }

    /// When printing goes on by itself, monotonic ms.
    pub(in crate::till) fn next_print_wake(&self, now: &Now) -> Option<i64> {
        let printing = &self.counter.printing;
        let stale = printing.queue.next_stale();
        let stale = stale.map(|at| now.mono_ms + (at - now.wall_ms).max(0));
        let waits = printing.queue.next().is_some()
            || printing.queue.is_sending()
            || !printing.wanted.is_empty();
        let again = printing.not_before_ms.filter(|_| waits);
        match (again, stale) {
            (Some(again), Some(stale)) if stale <= now.mono_ms => Some(again),
            (again, stale) => again.into_iter().chain(stale).min(),
        }
    }

    pub(in crate::till) fn fire_print_wakes(&mut self) {
        let now = self.clock.now();
        if self
            .next_print_wake(&now)
            .is_some_and(|at| now.mono_ms >= at)
        {
            self.print_next();
        }
    }

    /// The program ends: the slip that is being printed may end first, for a moment. One that
    /// doesn't is doubtful, now or at the next start.
    pub(in crate::till) fn finish_printing(&mut self) {
        self.counter.printing.ending = true;
        if !self.counter.printing.queue.is_sending() {
            self.counter.printing.device = None;
            return;
        }
        let until = Instant::now() + LAST_SLIP;
        while self.counter.printing.queue.is_sending() {
            let left = until.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok(Input::Printer(from)) => self.hear_printer(from),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        if let Some(device) = self.counter.printing.device.take() {
            device.close(LAST_WORD);
        }
        while let Ok(input) = self.inbox.try_recv() {
            if let Input::Printer(from) = input {
                self.hear_printer(from);
            }
        }
    }

    /// How the printer is, where one is set and has been heard of.
    pub(in crate::till) fn printer_health(&self) -> Option<DeviceHealth> {
        let printing = &self.counter.printing;
        let state = printing.state.as_ref()?;
        printing.device.as_ref()?;
        Some(match state {
            PrinterState::Ready => DeviceHealth::Ready,
            state if state.is_able() => DeviceHealth::Warn(state.to_string()),
            state => DeviceHealth::Gone(state.to_string()),
        })
    }

    pub(in crate::till) fn print_view(&self) -> PrintView {
        let printing = &self.counter.printing;
        let there = printing.target.is_some();
        PrintView {
            there,
            jobs: printing.queue.open().to_vec(),
            can_again: there && printing.queue.can_again(),
        }
    }
}
