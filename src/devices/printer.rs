//! The receipt printer as a device: where it is reached, how it is, and one job after the other.
//!
//! It takes bytes and knows nothing of slips, queues or payments. It must never print a job twice:
//! nothing is sent again by itself, and every job ends exactly once as one of [`Ended`]. The queue
//! decides what comes next.
//!
//! A connection is opened for a job (or a look) and closed after it: network printers take one at
//! a time and are shared by several tills. Before a job and after it the printer is asked how it is
//! (`DLE EOT`); one that never answers is *mute* and is used without. Of a mute printer [`Ended::Printed`]
//! means that the system delivered every byte: on a serial line a mute printer that is switched off
//! can't be told from one that prints.

mod link;
mod status;
mod talk;
mod worker;

use super::{DeviceError, Gone};
use crate::domain::config::{PrinterSettings, Target};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// More than the longest shift as a picture; a job beyond it is a mistake.
const MOST_BYTES: usize = 4 << 20;
/// Orders that may wait: one job, and a few looks, tests and pulses.
const MOST_ORDERS: usize = 8;
/// `ESC p 0`: the drawer at the first connector, 50 ms on, 500 ms off.
const PULSE: [u8; 5] = [0x1b, b'p', 0, 25, 250];

/// How a printer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrinterState {
    /// It prints, as far as it can be known.
    Ready,
    /// It prints; the roll is near its end.
    PaperLow,
    /// It can't be reached.
    Gone(Gone),
    /// No paper.
    PaperOut,
    /// Its cover is open.
    CoverOpen,
    /// It is there and does not print. One plain Chinese line: why, and what to do.
    Fault(String),
}

impl PrinterState {
    /// A job may be handed to it.
    pub fn is_able(&self) -> bool {
        matches!(self, PrinterState::Ready | PrinterState::PaperLow)
    }
}

/// One plain line: what is wrong and what to do.
impl fmt::Display for PrinterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrinterState::Ready => f.write_str("打印机可以打印"),
            PrinterState::PaperLow => f.write_str("小票纸快用完了，请准备好新纸"),
            PrinterState::Gone(gone) => gone.fmt(f),
            PrinterState::PaperOut => f.write_str("打印机缺纸，请装纸，之后会自动继续"),
            PrinterState::CoverOpen => f.write_str("打印机的盖子开着，请盖好，之后会自动继续"),
            PrinterState::Fault(why) => f.write_str(why),
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All bytes were taken, and a printer that answers said after them that it is well.
    Printed,
    /// Not one byte of the job was handed to the system; it may be tried again. Why.
    NotBegun(PrinterState),
    /// Bytes were handed over and its end was not seen: perhaps some of it is on the paper. What
    /// the printer was last known to be.
    Doubtful(PrinterState),
}

/// Whoever prints. Called from the printer's own thread: it must not block.
pub trait PrinterSink: Send + Sync {
    /// The printer's state changed. Nothing is told before something is known.
    fn state(&self, state: PrinterState);
    /// A job of [`Printer::print`] ended; once for each that was taken.
    fn ended(&self, job: u64, ended: Ended);
}

/// What is called with a [`Printer::raw`]'s end.
type Reply = Box<dyn FnOnce(Ended) + Send>;

/// What the thread is asked to do.
enum Order {
    Job(u64, Vec<u8>),
    Raw(Vec<u8>, Reply),
    Look,
}

/// When the printer was dropped: what is under way then has a moment to end.
#[derive(Clone, Default)]
struct Stop(Arc<OnceLock<Instant>>);

impl Stop {
    /// What a job in hand still gets.
    const GRACE: Duration = Duration::from_secs(1);

    fn now(&self) {
        let _ = self.0.set(Instant::now());
    }

    fn is_asked(&self) -> bool {
        self.0.get().is_some()
    }

    /// Is it too late, if it would be at `deadline`?
    fn is_over(&self, deadline: Instant) -> bool {
        let now = Instant::now();
        now >= deadline || self.0.get().is_some_and(|at| now >= *at + Stop::GRACE)
    }
}

/// How long things may take. Tests shorten them.
#[derive(Debug, Clone)]
struct Times {
    /// To resolve a name and connect.
    dial: Duration,
    /// For the first answer to `DLE EOT`: longer than any real printer's, short enough that nobody
    /// waits for a mute one.
    first_answer: Duration,
    /// For an answer of one that is known to answer.
    answer: Duration,
    /// Without one byte taken: it hangs.
    stall: Duration,
    /// After the job, until it says that it is well.
    verdict: Duration,
    /// For so long after the job it must stay well; more for a long job.
    settle: Duration,
    /// Between two questions after the job.
    poll: Duration,
    /// A mute network printer, until it closes its side.
    close: Duration,
    /// Between two looks while a job waits.
    waiting: Duration,
    /// Between two looks while something is wrong, and no job waits.
    idle: Duration,
    /// Is its path still there?
    presence: Duration,
    /// A job that could not begin counts as waiting for so long.
    patience: Duration,
    /// A connection that a look found is kept for so long for the job that waits.
    kept: Duration,
}

impl Default for Times {
    fn default() -> Times {
        let ms = Duration::from_millis;
        Times {
            dial: ms(3000),
            first_answer: ms(300),
            answer: ms(1000),
            stall: ms(10_000),
            verdict: ms(10_000),
            settle: ms(1000),
            poll: ms(200),
            close: ms(3000),
            waiting: ms(2000),
            idle: ms(30_000),
            presence: ms(2000),
            patience: ms(600_000),
            kept: ms(1500),
        }
    }
}

/// A running printer.
#[derive(Debug)]
pub struct Printer {
    /// `None` only while it is dropped.
    orders: Option<SyncSender<Order>>,
    /// A job was taken and has not ended.
    busy: Arc<AtomicBool>,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Order::Job(job, bytes) => write!(f, "Job({job}, {} bytes)", bytes.len()),
            Order::Raw(bytes, _) => write!(f, "Raw({} bytes)", bytes.len()),
            Order::Look => f.write_str("Look"),
        }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({})", self.is_asked())
    }
}

impl Printer {
    /// Starts the thread. A printer that is not there is no error: it is awaited.
    pub fn start(
        settings: &PrinterSettings,
        sink: Arc<dyn PrinterSink>,
    ) -> Result<Printer, DeviceError> {
        Printer::start_with(settings, sink, Times::default())
    }

    fn start_with(
        settings: &PrinterSettings,
        sink: Arc<dyn PrinterSink>,
        times: Times,
    ) -> Result<Printer, DeviceError> {
        let (orders, taken) = sync_channel(MOST_ORDERS);
        let busy = Arc::new(AtomicBool::new(false));
        let stop = Stop::default();
        let site = worker::Site {
            target: Target::parse(&settings.target),
            text: settings.target.clone(),
            times,
            stop: stop.clone(),
        };
        let worker = worker::Worker::new(site, sink, taken, Arc::clone(&busy));
        let thread = std::thread::Builder::new()
            .name("printer".to_owned())
            .spawn(move || worker.run())?;
        Ok(Printer {
            orders: Some(orders),
            busy,
            stop,
            thread: Some(thread),
        })
    }

    /// Hands a job to the thread and returns at once; [`PrinterSink::ended`] tells its end. `false`:
    /// it was not taken, since one is still in hand, and nothing will be told of it.
    #[must_use]
    pub fn print(&self, job: u64, bytes: Vec<u8>) -> bool {
        let free = self
            .busy
            .compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire);
        if free.is_err() {
            return false;
        }
        let taken = self.order(Order::Job(job, bytes)).is_ok();
        if !taken {
            self.busy.store(false, Ordering::Release);
        }
        taken
    }

    /// Prints bytes beside the queue: a test slip. The reply is called once, from the printer's
    /// thread, or here and at once where too much is waiting already.
    pub fn raw(&self, bytes: Vec<u8>, reply: impl FnOnce(Ended) + Send + 'static) {
        if let Err(Order::Raw(_, reply)) = self.order(Order::Raw(bytes, Box::new(reply))) {
            reply(Ended::NotBegun(busy()));
        }
    }

    /// Opens the drawer that hangs on the printer. The reply as with [`Printer::raw`].
    pub fn pulse(&self, reply: impl FnOnce(Ended) + Send + 'static) {
        self.raw(PULSE.to_vec(), reply);
    }

    /// Looks now how it is; [`PrinterSink::state`] tells it if it changed.
    pub fn look(&self) {
        // A full queue holds something that looks anyway.
        let _ = self.order(Order::Look);
    }

    /// The end of the program: as a drop, but waits for the job in hand, at most so long. Has
    /// everything ended?
    pub fn close(mut self, wait: Duration) -> bool {
        let Some(thread) = self.thread.take() else {
            return true;
        };
        drop(self);
        let deadline = Instant::now() + wait;
        while !thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        thread.is_finished()
    }

    fn order(&self, order: Order) -> Result<(), Order> {
        let Some(orders) = &self.orders else {
            return Err(order);
        };
        orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(order) | TrySendError::Disconnected(order) => order,
        })
    }
}

/// The thread ends by itself within about a second, and nobody waits for it: whoever drops a
/// printer may be the till's own thread.
impl Drop for Printer {
    fn drop(&mut self) {
        self.stop.now();
        drop(self.orders.take());
    }
}

/// How a printer is, now. Takes at most 3 s and prints nothing; a file is not made.
pub fn check(settings: &PrinterSettings) -> PrinterState {
    let ms = Duration::from_millis;
    let times = Times {
        dial: ms(1600),
        answer: ms(300),
        stall: ms(300),
        ..Times::default()
    };
    let site = worker::Site {
        target: Target::parse(&settings.target),
        text: settings.target.clone(),
        times,
        stop: Stop::default(),
    };
    worker::check(site)
}

fn busy() -> PrinterState {
    PrinterState::Fault("打印机正忙，请稍等再试".to_owned())
}

fn ending() -> PrinterState {
    PrinterState::Fault("打印已停止：设置已更改或程序正在退出".to_owned())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
