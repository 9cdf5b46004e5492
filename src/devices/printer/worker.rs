//! The printer's thread: takes orders one after the other, and looks how the printer is when there
//! is a reason to.
//!
//! It must not disturb: a printer that is well is never connected to only to see it, since it may
//! be serving another till.

use super::link::{Opener, Purpose};
use super::status::Verdict;
use super::talk::{Known, Talk};
use super::{Ended, MOST_BYTES, Order, PrinterSink, PrinterState, Stop, Times, ending};
use crate::devices::Gone;
use crate::domain::config::Target;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Before the first look: a job that waits at the start does it.
const FIRST_LOOK: Duration = Duration::from_millis(300);

/// Where the printer is, and the bounds of its time.
pub(super) struct Site {
    /// `None`: the setting is none of the four shapes.
    pub target: Option<Target>,
    /// The setting itself.
    pub text: String,
    pub times: Times,
    pub stop: Stop,
}

impl Site {
    /// How people know it.
    pub fn name(&self) -> String {
        match &self.target {
            Some(target) => target.to_string(),
            None => self.text.clone(),
        }
    }

    fn is_tcp(&self) -> bool {
        matches!(self.target, Some(Target::Tcp { .. }))
    }

    /// The path that shows whether it is plugged in.
    fn plug(&self) -> Option<&Path> {
        match &self.target {
            Some(Target::Serial { path, .. } | Target::Device(path)) => Some(Path::new(path)),
            _ => None,
        }
    }

    /// The connection was there and ended before anything was said.
    pub fn lost_at_once(&self) -> Gone {
        match self.is_tcp() {
            true => {
                let why = "连接后马上断开，可能正被别的收银机使用，会自动再试";
                Gone::Broken(self.name(), why.to_owned())
            }
            false => Gone::Unplugged(self.name()),
        }
    }

    /// The connection ended in the middle.
    pub fn lost(&self, error: Option<&io::Error>) -> PrinterState {
        let full = error.is_some_and(|error| {
            let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
            kinds.contains(&error.kind())
        });
        PrinterState::Gone(match &self.target {
            // So says a USB printer's driver.
            Some(Target::Device(_)) if full => return PrinterState::PaperOut,
            _ if full => Gone::Broken(self.name(), "磁盘已满，请清理后再打印".to_owned()),
            _ => Gone::Unplugged(self.name()),
        })
    }
}

pub(super) struct Worker {
    site: Site,
    sink: Arc<dyn PrinterSink>,
    orders: Receiver<Order>,
    busy: Arc<AtomicBool>,
    opener: Opener,
    known: Known,
    /// The state that was last told.
    shown: Option<PrinterState>,
    /// What a look found, for the job that waits, and until when.
    kept: Option<(Talk, Instant)>,
    /// Since when a job could not begin.
    waiting: Option<Instant>,
    /// Jobs in a row that could not begin: one that looks well and isn't is tried ever less often.
    balks: u32,
    /// Since when something is wrong.
    ill: Option<Instant>,
    next_look: Option<Instant>,
    next_presence: Option<Instant>,
    present: bool,
}

impl Worker {
    pub fn new(
        site: Site,
        sink: Arc<dyn PrinterSink>,
        orders: Receiver<Order>,
        busy: Arc<AtomicBool>,
    ) -> Worker {
        let now = Instant::now();
        // On loopback sits a program, not a printer that somebody forgot to switch on; it may take
        // one connection only, and that is for the first job.
        let looks = !site.target.as_ref().is_some_and(Target::is_loopback);
        let presence = site.times.presence;
        let plug = site.plug();
        Worker {
            present: plug.is_some_and(Path::exists),
            next_presence: plug.map(|_| now + presence),
            next_look: looks.then(|| now + FIRST_LOOK.min(presence)),
            site,
            sink,
            orders,
            busy,
            opener: Opener::default(),
            known: Known::default(),
            shown: None,
            kept: None,
            waiting: None,
            balks: 0,
            ill: None,
        }
    }

    /// Until the printer is dropped. What was ordered before that is still answered.
    pub fn run(mut self) {
        loop {
            let order = match self.next_due() {
                Some(due) => {
                    let wait = due.saturating_duration_since(Instant::now());
                    self.orders.recv_timeout(wait)
                }
                None => self
                    .orders
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(order) => self.serve(order),
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let kept = self.kept.as_ref().map(|(_, until)| *until);
        [kept, self.next_look, self.next_presence]
            .into_iter()
            .flatten()
            .min()
    }

    fn serve(&mut self, order: Order) {
        match order {
            Order::Job(job, bytes) => {
                let ended = self.print(&bytes);
                (self.waiting, self.balks) = match &ended {
                    Ended::NotBegun(_) => {
                        let since = self.waiting.unwrap_or_else(Instant::now);
                        (Some(since), self.balks.saturating_add(1))
                    }
                    Ended::Printed | Ended::Doubtful(_) => (None, 0),
                };
                self.plan();
                // Before it is told, so that whoever hears it may hand over the next one.
                self.busy.store(false, Ordering::Release);
                self.sink.ended(job, ended);
            }
            Order::Raw(bytes, reply) => {
                let ended = self.print(&bytes);
                self.plan();
                reply(ended);
            }
            Order::Look if self.site.stop.is_asked() => {}
            Order::Look => self.look(),
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        let due = |at: Option<Instant>| at.is_some_and(|at| now >= at);
        if due(self.kept.as_ref().map(|(_, until)| *until)) {
            self.let_go();
        }
        let mut changed = false;
        if due(self.next_presence) {
            self.next_presence = Some(now + self.site.times.presence);
            let present = self.site.plug().is_some_and(Path::exists);
            changed = present != self.present;
            self.present = present;
        }
        if changed || due(self.next_look) {
            self.look();
        }
    }

    /// Closes a connection that was kept.
    fn let_go(&mut self) {
        if let Some((mut talk, _)) = self.kept.take() {
            talk.part();
        }
    }

    fn print(&mut self, bytes: &[u8]) -> Ended {
        if self.site.stop.is_asked() {
            return Ended::NotBegun(ending());
        }
        if bytes.len() > MOST_BYTES {
            let why = "这张小票太长，无法打印".to_owned();
            return Ended::NotBegun(PrinterState::Fault(why));
        }
        let talk = match self.talk(Purpose::Job) {
            Ok((talk, Verdict::Well(state))) => {
                self.show(state);
                talk
            }
            Ok((mut talk, Verdict::Ill(state) | Verdict::Unclear(state))) => {
                talk.part();
                self.show(state.clone());
                return Ended::NotBegun(state);
            }
            Err(gone) => {
                let state = self.gone(gone);
                return Ended::NotBegun(state);
            }
        };
        if self.site.stop.is_asked() {
            return Ended::NotBegun(ending());
        }
        let (ended, after) = talk.job(bytes, &mut self.known, &self.site);
        let state = match (&ended, after) {
            (_, Some(state)) => state,
            (Ended::NotBegun(state) | Ended::Doubtful(state), None) => state.clone(),
            (Ended::Printed, None) => PrinterState::Ready,
        };
        if !self.site.stop.is_asked() {
            self.show(state);
        }
        ended
    }

    fn look(&mut self) {
        match self.talk(Purpose::Look) {
            Ok((mut talk, verdict)) => {
                // A job may wait for just this.
                let was_ill = self.shown.as_ref().is_some_and(|state| !state.is_able());
                let keeps = was_ill && self.site.is_tcp();
                if let Verdict::Well(_) = verdict {
                    // Whoever hears it now hands the job over.
                    self.waiting = None;
                }
                match verdict {
                    Verdict::Well(_) if keeps => {
                        self.kept = Some((talk, Instant::now() + self.site.times.kept));
                    }
                    _ => talk.part(),
                }
                self.show(verdict.into_state());
            }
            Err(gone) => {
                self.gone(gone);
            }
        }
        self.plan();
    }

    /// A connection on which the printer has just been asked how it is: the one that was kept, if
    /// it still lives, else a new one.
    fn talk(&mut self, purpose: Purpose) -> Result<(Talk, Verdict), Gone> {
        if let Some((mut talk, _)) = self.kept.take()
            && let Ok(verdict) = talk.look(&mut self.known, &self.site)
        {
            return Ok((talk, verdict));
        }
        let link = self.opener.open(&self.site, purpose)?;
        let mut talk = Talk::new(link);
        let verdict = talk.look(&mut self.known, &self.site)?;
        Ok((talk, verdict))
    }

    fn gone(&mut self, gone: Gone) -> PrinterState {
        self.known.went_away();
        let state = PrinterState::Gone(gone);
        self.show(state.clone());
        state
    }

    fn show(&mut self, state: PrinterState) {
        use PrinterState::Gone as Away;
        // Unplugged says more than the Missing that every look after it finds.
        let state = match (&self.shown, state) {
            (Some(Away(Gone::Unplugged(_))), Away(Gone::Missing(path))) => {
                Away(Gone::Unplugged(path))
            }
            (Some(before), Away(Gone::Missing(path))) if before.is_able() => {
                Away(Gone::Unplugged(path))
            }
            (_, state) => state,
        };
        if self.shown.as_ref() != Some(&state) {
            self.shown = Some(state.clone());
            self.sink.state(state);
        }
    }

    /// When to look next: soon while a job waits; while something is wrong ever less often; else
    /// not at all.
    fn plan(&mut self) {
        let able = self.shown.as_ref().is_none_or(PrinterState::is_able);
        if able {
            (self.ill, self.next_look) = (None, None);
            return;
        }
        let now = Instant::now();
        let times = &self.site.times;
        let ill = now.duration_since(*self.ill.get_or_insert(now));
        let waits = |since: Instant| now.duration_since(since) < times.patience;
        let wait = match self.waiting.is_some_and(waits) {
            true => {
                let doubled = 1_u32 << self.balks.saturating_sub(1).min(8);
                (times.waiting * doubled).min(times.idle)
            }
            false => ill.clamp(times.waiting, times.idle),
        };
        self.next_look = Some(now + wait);
    }
}

/// One look, on the caller's thread.
pub(super) fn check(site: Site) -> PrinterState {
    let mut known = Known::default();
    let looked = Opener::default()
        .open(&site, Purpose::Look)
        .and_then(|link| {
            let mut talk = Talk::new(link);
            let verdict = talk.look(&mut known, &site)?;
            talk.part();
            Ok(verdict.into_state())
        });
    looked.unwrap_or_else(PrinterState::Gone)
}
