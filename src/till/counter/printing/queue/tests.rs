//! The queue against a real ledger: every rule by name, and anything in any order.

use super::*;
use crate::domain::BillNo;
use crate::ledger::{AuditKey, audit};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const T0: i64 = 1_795_000_000_000;

fn key() -> AuditKey {
    AuditKey::new(&[7; 32])
}

fn sale(n: u32) -> Printed {
    Printed::Sale(BillNo::parse(&format!("2026112001{n:06}ABCD0001")).unwrap())
}

/// A till's memory, its file, and the time.
struct Room {
    dir: tempfile::TempDir,
    ledger: Ledger,
    queue: Queue,
    now_ms: i64,
}

impl Room {
    fn new() -> Room {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("ledger.db"), key()).unwrap();
        Room {
            dir,
            ledger,
            queue: Queue::default(),
            now_ms: T0,
        }
    }

    /// The program is killed, and starts again.
    fn restart(&mut self) {
        self.ledger = Ledger::open(&self.dir.path().join("ledger.db"), key()).unwrap();
        self.queue = Queue::default();
        self.tidy();
    }

    fn add(&mut self, what: &Printed, by: &str) -> Added {
        self.now_ms += 1;
        let added = self.queue.add(&mut self.ledger, what, by, self.now_ms);
        added.unwrap()
    }

    fn tidy(&mut self) -> Vec<u64> {
        let doubtful = self.queue.tidy(&mut self.ledger, self.now_ms).unwrap();
        doubtful.iter().map(|job| job.no).collect()
    }

    fn begin(&mut self) -> Option<u64> {
        let no = self.queue.next()?.no;
        let begun = self.queue.begin(&mut self.ledger, no, self.now_ms);
        begun.unwrap().then_some(no)
    }

    fn ends(&mut self, no: u64, state: JobState) {
        self.queue
            .ended(&mut self.ledger, no, state, self.now_ms)
            .unwrap();
    }

    fn state(&self, no: u64) -> JobState {
        self.ledger.books().print_job(no).unwrap().unwrap().state
    }

    fn verify(&self) {
        audit::verify(&self.dir.path().join("ledger.db"), &key()).unwrap();
    }
}

#[test]
fn a_thing_gets_one_slip_by_itself_ever() {
    let mut room = Room::new();
    assert_eq!(room.add(&sale(1), ""), Added::New);
    assert_eq!(room.add(&sale(1), ""), Added::Had);
    let no = room.begin().unwrap();
    assert_eq!(room.add(&sale(1), ""), Added::Had);
    room.ends(no, JobState::Printed);
    room.restart();
    assert_eq!(room.add(&sale(1), ""), Added::Had);
    // What a person printed needs none by itself.
    assert_eq!(room.add(&sale(2), "1001"), Added::New);
    assert_eq!(room.add(&sale(2), ""), Added::Had);
}

#[test]
fn one_at_a_time_and_the_oldest_first() {
    let mut room = Room::new();
    for n in 1..=3 {
        room.add(&sale(n), "");
    }
    assert_eq!(room.begin(), Some(1));
    assert_eq!(room.begin(), None, "one is with the printer");
    room.ends(1, JobState::Waiting);
    assert_eq!(
        room.begin(),
        Some(1),
        "nothing of it was sent: it is still the first"
    );
    room.ends(1, JobState::Printed);
    assert_eq!(room.begin(), Some(2));
    room.ends(3, JobState::Printed);
    assert_eq!(room.state(3), JobState::Waiting, "a word about another job");
    room.ends(2, JobState::Doubtful);
    assert_eq!(room.begin(), Some(3), "a doubtful one holds nobody up");
    room.ends(3, JobState::Printed);
    assert_eq!((room.begin(), room.state(2)), (None, JobState::Doubtful));
    room.verify();
}

#[test]
fn what_was_being_sent_when_the_power_went_is_doubtful() {
    let mut room = Room::new();
    room.add(&sale(1), "");
    room.add(&sale(2), "");
    assert_eq!(room.begin(), Some(1));
    room.restart();
    assert_eq!((room.state(1), room.begin()), (JobState::Doubtful, Some(2)));
    // A late word from the other life changes nothing.
    room.ends(1, JobState::Printed);
    assert_eq!(room.state(1), JobState::Doubtful);
}

#[test]
fn a_doubtful_slip_is_printed_again_only_for_a_person_and_marked() {
    let mut room = Room::new();
    room.add(&sale(1), "");
    room.begin();
    room.ends(1, JobState::Doubtful);
    assert_eq!(room.begin(), None);
    assert_eq!(room.add(&sale(1), "1001"), Added::New);
    let jobs = room.queue.open().to_vec();
    assert_eq!(jobs.len(), 1, "the doubtful one is over with it: {jobs:?}");
    assert!(jobs[0].again && jobs[0].by == "1001" && jobs[0].no == 2);
    assert_eq!(room.state(1), JobState::Dropped);
    // A first slip that a person asks for is no 重打.
    room.add(&sale(2), "1001");
    assert!(!room.queue.job(3).unwrap().again);
    // The same again, before it was printed, is the same.
    assert_eq!(room.add(&sale(2), "2001"), Added::Waits);
    room.verify();
}

#[test]
fn a_person_lets_go_what_is_not_with_the_printer() {
    let mut room = Room::new();
    for n in 1..=2 {
        room.add(&sale(n), "");
    }
    room.begin();
    let let_go = |room: &mut Room, no| {
        let now = room.now_ms;
        room.queue.let_go(&mut room.ledger, no, now).unwrap()
    };
    assert!(!let_go(&mut room, 1), "it is being sent");
    assert!(let_go(&mut room, 2));
    assert!(!let_go(&mut room, 2), "it is gone already");
    assert!(!let_go(&mut room, 9));
    room.ends(1, JobState::Doubtful);
    assert!(let_go(&mut room, 1));
    assert_eq!(room.queue.open(), []);
    assert!(room.queue.can_again(), "it may be on paper");
}

#[test]
fn slips_of_customers_who_left_are_let_go_and_a_shifts_slip_waits() {
    let mut room = Room::new();
    room.add(&sale(1), "");
    room.add(&Printed::Shift(1), "");
    let made = room.queue.job(1).unwrap().made_ms;
    assert_eq!(room.queue.next_stale(), Some(made + FRESH_MS));
    room.now_ms = made + FRESH_MS - 1;
    room.tidy();
    assert_eq!(room.state(1), JobState::Waiting);
    room.now_ms += 1;
    assert_eq!(room.tidy(), Vec::<u64>::new());
    assert_eq!(room.state(1), JobState::Dropped);
    assert_eq!((room.begin(), room.queue.next_stale()), (Some(2), None));
    // Nothing of it was printed: a person's is no 重打, and none comes by itself.
    assert_eq!(room.add(&sale(1), ""), Added::Had);
    room.add(&sale(1), "1001");
    assert!(!room.queue.job(3).unwrap().again);
}

#[test]
fn a_full_queue_lets_the_oldest_go() {
    let mut room = Room::new();
    room.add(&sale(0), "");
    room.begin();
    for n in 1..=MOST_OPEN as u32 {
        assert_eq!(room.add(&sale(n), ""), Added::New);
    }
    assert_eq!(room.queue.open().len(), MOST_OPEN);
    assert_eq!(
        room.state(1),
        JobState::Sending,
        "not the one with the printer"
    );
    assert_eq!(room.state(2), JobState::Dropped);
    assert_eq!(room.state(3), JobState::Waiting);
}

#[test]
fn nothing_is_sent_that_was_not_written_and_the_printers_word_is_written_later() {
    let mut room = Room::new();
    room.add(&sale(1), "");
    room.add(&sale(2), "");
    room.ledger.refuse_writes(true).unwrap();
    let now = room.now_ms;
    assert!(room.queue.begin(&mut room.ledger, 1, now).is_err());
    room.ledger.refuse_writes(false).unwrap();
    assert_eq!(room.state(1), JobState::Waiting);
    assert_eq!(room.begin(), Some(1));
    room.ledger.refuse_writes(true).unwrap();
    let ended = room
        .queue
        .ended(&mut room.ledger, 1, JobState::Printed, now);
    assert!(ended.is_err());
    assert_eq!(room.begin(), None, "first the word about the one before");
    assert!(room.queue.tidy(&mut room.ledger, now).is_err());
    room.ledger.refuse_writes(false).unwrap();
    room.tidy();
    assert_eq!((room.state(1), room.begin()), (JobState::Printed, Some(2)));
}

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Add(u32, bool),
    LetGo(u64),
    Send,
    End(JobState),
    Tidy,
    Kill,
    Disk(bool),
    Later(i64),
}

fn some_step() -> impl Strategy<Value = Step> {
    let ends = [JobState::Printed, JobState::Waiting, JobState::Doubtful];
    prop_oneof![
        5 => (0_u32..8, any::<bool>()).prop_map(|(n, person)| Step::Add(n, person)),
        1 => (1_u64..12).prop_map(Step::LetGo),
        6 => Just(Step::Send),
        5 => prop::sample::select(ends.to_vec()).prop_map(Step::End),
        2 => Just(Step::Tidy),
        1 => Just(Step::Kill),
        1 => any::<bool>().prop_map(Step::Disk),
        1 => (0_i64..FRESH_MS).prop_map(Step::Later),
    ]
}

/// The printer, and what reached it.
#[derive(Default)]
struct Paper {
    /// The job in its hand.
    in_hand: Option<u64>,
    /// Jobs whose bytes may be on the paper.
    got: BTreeSet<u64>,
}

impl Room {
    fn does(&mut self, step: &Step, paper: &mut Paper) {
        let now = self.now_ms;
        match *step {
            Step::Add(n, person) => {
                let by = if person { "1001" } else { "" };
                self.now_ms += 1;
                let _ = self.queue.add(&mut self.ledger, &sale(n), by, now);
            }
            Step::LetGo(no) => {
                let _ = self.queue.let_go(&mut self.ledger, no, now);
            }
            Step::Send => {
                let Some(no) = self.queue.next().map(|job| job.no) else {
                    return;
                };
                if self.queue.begin(&mut self.ledger, no, now) == Ok(true) {
                    assert_eq!(paper.in_hand.replace(no), None, "two at a time");
                    assert!(paper.got.insert(no), "job {no} was handed over twice");
                    assert_eq!(self.state(no), JobState::Sending, "not durable before");
                }
            }
            Step::End(state) => {
                let Some(no) = paper.in_hand.take() else {
                    return;
                };
                if state == JobState::Waiting {
                    // Nothing of it was sent.
                    paper.got.remove(&no);
                }
                let _ = self.queue.ended(&mut self.ledger, no, state, now);
            }
            Step::Tidy => {
                let _ = self.queue.tidy(&mut self.ledger, now);
            }
            Step::Kill => {
                // What was in the printer's hand comes out, or half of it.
                paper.in_hand = None;
                self.restart();
            }
            Step::Disk(full) => self.ledger.refuse_writes(full).unwrap(),
            Step::Later(ms) => self.now_ms += ms,
        }
    }

    /// Every job there ever was.
    fn jobs(&self) -> Vec<PrintJob> {
        let books = self.ledger.books();
        let next = books.next_print_job().unwrap();
        (1..next)
            .map(|no| books.print_job(no).unwrap().unwrap())
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_job_is_handed_over_twice_and_none_is_forgotten(
        steps in prop::collection::vec(some_step(), 1..60),
    ) {
        let mut room = Room::new();
        let mut paper = Paper::default();
        for step in &steps {
            room.does(step, &mut paper);
        }
        // The disk has room, and the printer works.
        room.ledger.refuse_writes(false).unwrap();
        let last = [Step::Tidy, Step::End(JobState::Printed), Step::Send];
        for step in last.iter().cycle().take(3 * 70) {
            room.does(step, &mut paper);
        }
        let jobs = room.jobs();
        let mut by_itself: BTreeMap<String, u32> = BTreeMap::new();
        for job in &jobs {
            prop_assert!(job.state.is_over() || job.state == JobState::Doubtful, "{:?}", job);
            if job.state == JobState::Printed {
                prop_assert!(paper.got.contains(&job.no), "{:?} was never handed over", job);
            }
            if job.by.is_empty() {
                *by_itself.entry(format!("{:?}", job.what)).or_default() += 1;
                prop_assert!(!job.again);
            }
        }
        prop_assert!(by_itself.values().all(|n| *n == 1), "{:?}", by_itself);
        // What may be on paper twice is marked.
        for (i, job) in jobs.iter().enumerate() {
            let before = jobs[..i].iter().filter(|b| b.what == job.what);
            let on_paper = before.filter(|b| paper.got.contains(&b.no)).count();
            let here = paper.got.contains(&job.no);
            prop_assert!(!here || on_paper == 0 || job.again, "{:?} is not marked", job);
        }
        room.verify();
    }
}
