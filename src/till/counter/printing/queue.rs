//! The print queue: which slip is next, and what became of the one before. It knows the ledger and
//! no printer.
//!
//! Invariants: what a job becomes is in the ledger before anything rests on it. A job is handed
//! over only as [`JobState::Sending`], so that whatever happens then (power, a lost answer, a
//! program that is killed) finds it so, and it becomes doubtful, never waiting. A thing gets one
//! slip by itself, ever. The queue is bounded in number and in time: a printer that comes back
//! after a day prints what is still of use to somebody.

use crate::domain::print::{JobState, PrintJob, Printed};
use crate::ledger::{Entry, Ledger, LedgerError};

/// Slips of sales and refunds print by themselves for so long: then their customer has left. They
/// are let go, and a person can still print them from the bill.
pub(super) const FRESH_MS: i64 = 2 * 3_600_000;
/// So many jobs are open at most; the oldest makes room for the newest.
pub(super) const MOST_OPEN: usize = 100;

/// The queue as the ledger has it.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The ledger was read.
    read: bool,
    /// Waiting, sending and doubtful; oldest first.
    open: Vec<PrintJob>,
    /// A slip was printed, or may have been.
    can_again: bool,
    /// Handed to the printer, whose word about it is awaited.
    in_hand: Option<u64>,
    /// The printer's word about it, which could not be written yet. Nothing else is sent.
    unwritten: Option<(u64, JobState)>,
}

/// What became of asking for a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// It is in the queue.
    New,
    /// The same is waiting in the queue already.
    Waits,
    /// It had its slip by itself, or somebody printed it.
    Had,
}

impl Queue {
    /// What is open, oldest first.
    pub fn open(&self) -> &[PrintJob] {
        &self.open
    }

    /// There is a slip that can be printed again.
    pub fn can_again(&self) -> bool {
        self.can_again
    }

    /// A job is with the printer.
    pub fn is_sending(&self) -> bool {
        self.in_hand.is_some() || self.unwritten.is_some()
    }

    /// One of the open jobs.
    pub fn job(&self, no: u64) -> Option<&PrintJob> {
        self.open.iter().find(|job| job.no == no)
    }

    /// The job to be handed over next: one at a time, the oldest first.
    pub fn next(&self) -> Option<&PrintJob> {
        let waiting = |job: &&PrintJob| job.state == JobState::Waiting;
        match self.is_sending() {
            true => None,
            false => self.open.iter().find(waiting),
        }
    }

    /// When the next waiting slip is too old, UTC ms.
    pub fn next_stale(&self) -> Option<i64> {
        let waiting = self.open.iter().filter(|j| j.state == JobState::Waiting);
        waiting.filter_map(stale_at).min()
    }

    /// Writes what is due: the printer's word that waits, what was being sent when the program
    /// ended, and what became too old. Gives the jobs that are doubtful since now.
    pub fn tidy(&mut self, ledger: &mut Ledger, now_ms: i64) -> Result<Vec<PrintJob>, LedgerError> {
        self.ready(ledger)?;
        let said = self.unwritten;
        let due = |job: &PrintJob| match job.state {
            JobState::Sending if said.is_some_and(|(no, _)| no == job.no) => said.map(|(_, s)| s),
            JobState::Sending if self.in_hand != Some(job.no) => Some(JobState::Doubtful),
            JobState::Waiting if stale_at(job).is_some_and(|at| now_ms >= at) => {
                Some(JobState::Dropped)
            }
            _ => None,
        };
        let changed = self
            .open
            .iter()
            .filter_map(|job| due(job).map(|state| turned(job, state, now_ms)));
        let changed: Vec<PrintJob> = changed.collect();
        self.write(ledger, &changed, now_ms)?;
        if said.is_some() {
            (self.unwritten, self.in_hand) = (None, None);
        }
        let doubtful = |job: &PrintJob| job.state == JobState::Doubtful;
        Ok(changed.into_iter().filter(doubtful).collect())
    }

    /// Puts a slip into the queue. `by` is empty where nobody asked for it: then it is added only
    /// where this never had a slip. Doubtful slips of the same are over with a new one.
    pub fn add(
        &mut self,
        ledger: &mut Ledger,
        what: &Printed,
        by: &str,
        now_ms: i64,
    ) -> Result<Added, LedgerError> {
        self.ready(ledger)?;
        let slips = ledger.books().slips_of(what)?;
        if by.is_empty() && slips.made > 0 {
            return Ok(Added::Had);
        }
        let same = |job: &&PrintJob| job.what == *what;
        let mut changed = self.drop_doubtful(same, now_ms);
        let waits = |job: &PrintJob| job.state == JobState::Waiting && job.what == *what;
        if self.open.iter().any(waits) {
            self.write(ledger, &changed, now_ms)?;
            return Ok(Added::Waits);
        }
        changed.extend(self.make_room(&changed, now_ms));
        changed.push(PrintJob {
            no: ledger.books().next_print_job()?,
            what: what.clone(),
            again: slips.on_paper,
            by: by.to_owned(),
            made_ms: now_ms,
            state: JobState::Waiting,
            at_ms: now_ms,
        });
        self.write(ledger, &changed, now_ms)?;
        Ok(Added::New)
    }

    /// A person lets a waiting or doubtful job go. False: there is none of this number, or the
    /// printer has it.
    pub fn let_go(
        &mut self,
        ledger: &mut Ledger,
        no: u64,
        now_ms: i64,
    ) -> Result<bool, LedgerError> {
        self.ready(ledger)?;
        let free = |job: &&PrintJob| job.state != JobState::Sending;
        let Some(job) = self.job(no).filter(free) else {
            return Ok(false);
        };
        let dropped = turned(job, JobState::Dropped, now_ms);
        self.write(ledger, &[dropped], now_ms)?;
        Ok(true)
    }

    /// Records that the job is being sent. Only when this returned `Ok(true)` may a byte of it
    /// leave. False: it isn't waiting any more, or another one is with the printer.
    pub fn begin(
        &mut self,
        ledger: &mut Ledger,
        no: u64,
        now_ms: i64,
    ) -> Result<bool, LedgerError> {
        let Some(job) = self.next().filter(|job| job.no == no) else {
            return Ok(false);
        };
        let sending = turned(job, JobState::Sending, now_ms);
        self.write(ledger, &[sending], now_ms)?;
        self.in_hand = Some(no);
        Ok(true)
    }

    /// The printer's word about the job in its hand. Where it can't be written it is kept, and
    /// [`Queue::tidy`] tries again. A word about another job is no news.
    pub fn ended(
        &mut self,
        ledger: &mut Ledger,
        no: u64,
        state: JobState,
        now_ms: i64,
    ) -> Result<Vec<PrintJob>, LedgerError> {
        if self.in_hand != Some(no) || self.unwritten.is_some() {
            return Ok(Vec::new());
        }
        self.unwritten = Some((no, state));
        self.tidy(ledger, now_ms)
    }

    /// Reads the ledger once. What it says is being sent was sent by a program that ended.
    fn ready(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        if !self.read {
            self.open = ledger.books().print_jobs_open()?;
            self.can_again = ledger.books().last_print_job()?.is_some();
            self.read = true;
        }
        Ok(())
    }

    fn drop_doubtful(&self, which: impl Fn(&&PrintJob) -> bool, now_ms: i64) -> Vec<PrintJob> {
        let doubtful = self.open.iter().filter(|j| j.state == JobState::Doubtful);
        let dropped = doubtful.filter(which);
        dropped
            .map(|job| turned(job, JobState::Dropped, now_ms))
            .collect()
    }

    /// The oldest job that is not with the printer, where the queue is full.
    fn make_room(&self, going: &[PrintJob], now_ms: i64) -> Option<PrintJob> {
        if self.open.len() < MOST_OPEN + going.len() {
            return None;
        }
        let stays = |job: &&PrintJob| {
            job.state != JobState::Sending && going.iter().all(|gone| gone.no != job.no)
        };
        let oldest = self.open.iter().find(stays)?;
        Some(turned(oldest, JobState::Dropped, now_ms))
    }

    /// All of these or none, durable when it returns.
    fn write(
        &mut self,
        ledger: &mut Ledger,
        jobs: &[PrintJob],
        now_ms: i64,
    ) -> Result<(), LedgerError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let entries: Vec<Entry<'_>> = jobs.iter().map(Entry::Print).collect();
        if let Err(error) = ledger.write(&entries, now_ms) {
            // Nothing of it is in the file, or (a disk that failed at the very end) all of it: the
            // file is asked before anything else is done.
            self.read = false;
            return Err(error);
        }
        for job in jobs {
            self.open.retain(|open| open.no != job.no);
            if !job.state.is_over() {
                let at = self.open.partition_point(|open| open.no < job.no);
                self.open.insert(at, job.clone());
            }
            self.can_again |= matches!(job.state, JobState::Printed | JobState::Doubtful);
        }
        Ok(())
    }
}

/// When it no longer prints by itself, UTC ms. A shift's slip is nobody's who left.
fn stale_at(job: &PrintJob) -> Option<i64> {
    match job.what {
        Printed::Sale(_) | Printed::Refund(_) => Some(job.made_ms.saturating_add(FRESH_MS)),
        Printed::Shift(_) => None,
    }
}

fn turned(job: &PrintJob, state: JobState, now_ms: i64) -> PrintJob {
    PrintJob {
        state,
        at_ms: now_ms,
        ..job.clone()
    }
}

#[cfg(test)]
mod tests;
