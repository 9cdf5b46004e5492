//! One conversation with a printer: how it is, the job, and how it is after it.
//!
//! Only one question is ever on its way: answers carry no number, and one that is taken for the
//! answer to another would open covers that are closed. Invariant: `Printed` needs every byte taken
//! and, of a printer that answers, its word after them; `NotBegun` needs that none was.

use super::link::Link;
use super::status::{Answers, Question, Verdict, is_answer};
use super::worker::Site;
use super::{Ended, PrinterState, ending};
use crate::devices::Gone;
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// A question is three bytes: a printer that does not take them takes nothing.
const ASKING: Duration = Duration::from_millis(500);
/// An answer that is so late was lost.
const LOST: Duration = Duration::from_secs(3);
/// What is read at once, and how often to empty what came unasked.
const READ_BYTES: usize = 256;
const MOST_READS: usize = 16;
/// For the goodbye of a printer that has said that it is well.
const GOODBYE: Duration = Duration::from_millis(300);

/// Does it answer?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Habit {
    /// It was never asked.
    #[default]
    Unknown,
    /// Something like an answer came, but too late: it is waited for longer the next time.
    Slow,
    /// It answered, so it must answer.
    Answers,
    /// It doesn't: it is used without.
    Mute,
}

/// What is known of a printer beyond one connection.
#[derive(Debug, Default)]
pub(super) struct Known {
    habit: Habit,
    /// Does it answer n = 2 and n = 4 too? `None`: not asked yet.
    offline: Option<bool>,
    paper: Option<bool>,
}

impl Known {
    /// It went away: what comes back may be another one, but never less is asked of it.
    pub fn went_away(&mut self) {
        let habit = match self.habit {
            Habit::Answers => Habit::Answers,
            Habit::Unknown | Habit::Slow | Habit::Mute => Habit::Unknown,
        };
        *self = Known {
            habit,
            ..Known::default()
        };
    }
}

/// How a job's writing ended.
enum Sent {
    All,
    /// Certainly nothing of it was taken.
    Nothing(PrinterState),
    Partly(PrinterState),
}

/// An open connection.
pub(super) struct Talk {
    link: Box<dyn Link>,
    /// The question whose answer has not come, and when it was asked.
    owed: Option<(Question, Instant)>,
}

impl Talk {
    pub fn new(link: Box<dyn Link>) -> Talk {
        Talk { link, owed: None }
    }

    /// Asks how it is. An error: the connection is gone.
    pub fn look(&mut self, known: &mut Known, site: &Site) -> Result<Verdict, Gone> {
        let wait = match known.habit {
            Habit::Unknown => site.times.first_answer,
            Habit::Slow | Habit::Answers | Habit::Mute => site.times.answer,
        };
        self.look_for(wait, known, site)
    }

    /// As `look`, waiting so long for each answer.
    fn look_for(
        &mut self,
        wait: Duration,
        known: &mut Known,
        site: &Site,
    ) -> Result<Verdict, Gone> {
        self.ask_all(wait, known, site)
            .or_else(|error| match error.kind() {
                ErrorKind::WouldBlock => Ok(Verdict::Unclear(stuck())),
                ErrorKind::StorageFull => Ok(Verdict::Ill(site.lost(Some(&error)))),
                _ => Err(site.lost_at_once()),
            })
    }

    fn ask_all(&mut self, wait: Duration, known: &mut Known, site: &Site) -> io::Result<Verdict> {
        let well = Verdict::Well(PrinterState::Ready);
        if !self.link.hears() {
            return Ok(well);
        }
        if known.habit == Habit::Mute {
            return self.drain().map(|_| well);
        }
        let Some(printer) = self.ask(Question::Printer, wait, site)? else {
            if known.habit == Habit::Answers {
                return Ok(Verdict::Unclear(silent()));
            }
            known.habit = Habit::Mute;
            return Ok(well);
        };
        known.habit = Habit::Answers;
        let mut answers = Answers {
            printer,
            ..Answers::default()
        };
        let all = [
            (Question::Offline, &mut known.offline, &mut answers.offline),
            (Question::Paper, &mut known.paper, &mut answers.paper),
        ];
        for (question, habit, answer) in all {
            if *habit == Some(false) {
                continue;
            }
            match self.ask(question, wait, site)? {
                Some(said) => {
                    *habit = Some(true);
                    *answer = said;
                }
                None if *habit == Some(true) => return Ok(Verdict::Unclear(silent())),
                None => *habit = Some(false),
            }
        }
        if answers.has_error() {
            let said = self.ask(Question::Error, wait, site)?;
            answers.error = said.unwrap_or_default();
        }
        Ok(answers.verdict())
    }

    /// Asks one question, after the answer to the last one has come.
    fn ask(&mut self, question: Question, wait: Duration, site: &Site) -> io::Result<Option<u8>> {
        if let Some((owed, asked)) = self.owed {
            let came = self.answer(Instant::now() + wait, site)?;
            if came.is_none() && asked.elapsed() < LOST {
                return Ok(None);
            }
            self.owed = None;
            if came.is_some() && owed == question {
                return Ok(came);
            }
        }
        self.drain()?;
        self.tell(&question.bytes(), site)?;
        self.owed = Some((question, Instant::now()));
        let said = self.answer(Instant::now() + wait, site)?;
        if said.is_some() {
            self.owed = None;
        }
        Ok(said)
    }

    /// Hands over a question.
    fn tell(&mut self, bytes: &[u8], site: &Site) -> io::Result<()> {
        let deadline = Instant::now() + ASKING;
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.link.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if is_pause(&error) => {
                    if site.stop.is_over(deadline) {
                        return Err(ErrorKind::WouldBlock.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The next byte that can be an answer.
    fn answer(&mut self, deadline: Instant, site: &Site) -> io::Result<Option<u8>> {
        let mut buffer = [0; READ_BYTES];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let count = self.link.read(&mut buffer, left)?;
            let bytes = buffer.get(..count).unwrap_or_default();
            if let Some(answer) = bytes.iter().find(|byte| is_answer(**byte)) {
                return Ok(Some(*answer));
            }
            if site.stop.is_over(deadline) {
                return Ok(None);
            }
        }
    }

    /// Throws away what came unasked. Was something like an answer in it?
    fn drain(&mut self) -> io::Result<bool> {
        let mut buffer = [0; READ_BYTES];
        let mut answered = false;
        for _ in 0..MOST_READS {
            let count = self.link.read(&mut buffer, Duration::ZERO)?;
            if count == 0 {
                break;
            }
            let bytes = buffer.get(..count).unwrap_or_default();
            answered |= bytes.iter().any(|byte| is_answer(*byte));
        }
        Ok(answered)
    }

    /// The job itself, after a look that was well. The printer's state after it, where it is known.
    pub fn job(
        mut self,
        bytes: &[u8],
        known: &mut Known,
        site: &Site,
    ) -> (Ended, Option<PrinterState>) {
        match self.send(bytes, site) {
            Sent::All => {}
            Sent::Nothing(state) => return (Ended::NotBegun(state), None),
            Sent::Partly(state) => return (Ended::Doubtful(state), None),
        }
        let end = self.get_through(bytes.len(), site).and_then(|()| {
            match self.link.hears() && known.habit == Habit::Answers {
                true => self.hear_verdict(bytes.len(), known, site),
                false => self.see_off(known, site),
            }
        });
        match end {
            Ok(state) => (Ended::Printed, Some(state)),
            Err(state) => (Ended::Doubtful(state), None),
        }
    }

    fn send(&mut self, bytes: &[u8], site: &Site) -> Sent {
        let begun = Instant::now();
        // However slowly it is taken, there is an end.
        let last = begun + site.times.stall * 3 + allowance(bytes.len());
        let mut stalled = begun + site.times.stall;
        let mut done = 0;
        let piece = self.link.piece();
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let wrong = match self.link.write(rest.get(..piece).unwrap_or(rest)) {
                Ok(count) if count > 0 => {
                    done += count;
                    stalled = Instant::now() + site.times.stall;
                    match site.stop.is_over(last) {
                        false => continue,
                        true => stuck(),
                    }
                }
                Err(error) if is_pause(&error) => match site.stop.is_over(stalled.min(last)) {
                    false => continue,
                    true => stuck(),
                },
                Ok(_) => site.lost(None),
                Err(error) => {
                    let state = site.lost(Some(&error));
                    // Of this error alone it isn't known what went out before it.
                    if done == 0 && !self.link.fails_clean() {
                        return Sent::Partly(state);
                    }
                    state
                }
            };
            return match done {
                0 => Sent::Nothing(wrong),
                done if done == bytes.len() => Sent::All,
                _ => Sent::Partly(wrong),
            };
        }
        Sent::All
    }

    /// Waits until the system has handed on what it took.
    fn get_through(&mut self, len: usize, site: &Site) -> Result<(), PrinterState> {
        let deadline = Instant::now() + site.times.stall + allowance(len.min(4096));
        loop {
            match self.link.is_through() {
                Ok(true) => return Ok(()),
                Ok(false) if site.stop.is_over(deadline) => return Err(stuck()),
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(site.lost(Some(&error))),
            }
        }
    }

    /// A printer that answers must say that it is well, and stay so for a while: it answers at
    /// once, before it has printed what it holds.
    fn hear_verdict(
        &mut self,
        len: usize,
        known: &mut Known,
        site: &Site,
    ) -> Result<PrinterState, PrinterState> {
        let deadline = Instant::now() + site.times.verdict;
        // A printer prints some 20 bytes in a millisecond.
        let printing = Duration::from_millis(u64::try_from(len / 20).unwrap_or(u64::MAX));
        let settle = site.times.settle + printing.min(site.times.settle * 3);
        let mut well_since: Option<Instant> = None;
        loop {
            // Some answer only when they have printed: nothing is lost by waiting.
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = site.times.answer.max(left.min(LOST));
            let looked = self.look_for(wait, known, site);
            let unclear = match looked.map_err(|_| site.lost(None))? {
                Verdict::Ill(state) => return Err(state),
                Verdict::Well(state) => {
                    let since = *well_since.get_or_insert_with(Instant::now);
                    if site.stop.is_over(since + settle) {
                        self.part();
                        return Ok(state);
                    }
                    None
                }
                Verdict::Unclear(state) => {
                    well_since = None;
                    Some(state)
                }
            };
            if site.stop.is_over(deadline)
                && let Some(state) = unclear
            {
                return Err(state);
            }
            std::thread::sleep(site.times.poll);
        }
    }

    /// A mute printer on the network closes its side when it has read everything; most do at once.
    /// One that stays open has taken it; a connection that breaks had not.
    fn see_off(&mut self, known: &mut Known, site: &Site) -> Result<PrinterState, PrinterState> {
        let lost = |error: io::Error| site.lost(Some(&error));
        let deadline = Instant::now() + site.times.close;
        if !self.link.hears() {
            return Ok(PrinterState::Ready);
        }
        if !self.link.end(site.times.close).map_err(lost)? {
            let late = self.drain().map_err(lost)?;
            known.heard_late(late);
            return Ok(PrinterState::Ready);
        }
        let mut buffer = [0; READ_BYTES];
        loop {
            match self.link.read(&mut buffer, site.times.close) {
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    known.heard_late(bytes.iter().any(|byte| is_answer(*byte)));
                }
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(lost(error)),
            }
            if Instant::now() >= deadline {
                break;
            }
            if site.stop.is_over(deadline) {
                return Err(ending());
            }
        }
        Ok(PrinterState::Ready)
    }

    /// The end of a conversation that says nothing more: reads what is left, so that closing does
    /// not reset the connection under a printer that still reads.
    pub fn part(&mut self) {
        if !self.link.end(GOODBYE * 10).unwrap_or(false) {
            return;
        }
        let deadline = Instant::now() + GOODBYE;
        let mut buffer = [0; READ_BYTES];
        while Instant::now() < deadline {
            if self.link.read(&mut buffer, GOODBYE).is_err() {
                return;
            }
        }
    }
}

impl Known {
    /// A mute one that said something after all is given more time when it is next asked, once.
    fn heard_late(&mut self, answered: bool) {
        if answered && self.habit == Habit::Mute {
            self.habit = Habit::Slow;
        }
    }
}

/// What a slow line may need for so many bytes: 12 ms each, a little more than 1200 baud does.
fn allowance(len: usize) -> Duration {
    Duration::from_millis(12).saturating_mul(u32::try_from(len).unwrap_or(u32::MAX))
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn stuck() -> PrinterState {
    PrinterState::Fault("打印机停住了，不再接收，请检查打印机".to_owned())
}

fn silent() -> PrinterState {
    PrinterState::Fault("打印机没有回答，请关机再开；换过打印机时请重启本程序".to_owned())
}
