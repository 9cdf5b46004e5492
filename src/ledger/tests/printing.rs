//! The print queue in the file: what a job can become, what is found again, and I11 for its table.

use super::audit::Why;
use super::auditing::{attack, row};
use super::books::refund_no;
use super::*;
use crate::domain::print::{JobState, Printed};

/// A job for the sale `n`, made by itself.
pub(super) fn a_job(no_: u64, n: u32) -> PrintJob {
    PrintJob {
        no: no_,
        what: Printed::Sale(no(n)),
        again: false,
        by: String::new(),
        made_ms: T0,
        state: JobState::Waiting,
        at_ms: T0,
    }
}

/// A job that somebody asked for.
fn asked(no: u64, what: Printed) -> PrintJob {
    PrintJob {
        what,
        again: true,
        by: "1001".to_owned(),
        ..a_job(no, 1)
    }
}

fn in_state(job: &PrintJob, state: JobState) -> PrintJob {
    PrintJob {
        state,
        at_ms: job.at_ms + 1,
        ..job.clone()
    }
}

impl Room {
    fn print(&mut self, job: &PrintJob) -> Result<(), LedgerError> {
        self.ledger.write(&[Entry::Print(job)], T0)
    }

    /// The job goes through these states.
    fn goes(&mut self, job: &PrintJob, states: &[JobState]) {
        for state in states {
            self.print(&in_state(job, *state)).unwrap();
        }
    }
}

const ALL: [JobState; 5] = [
    JobState::Waiting,
    JobState::Sending,
    JobState::Printed,
    JobState::Doubtful,
    JobState::Dropped,
];

#[test]
fn a_job_is_read_back_as_it_was_written() {
    let mut room = Room::new();
    let (sale, shift) = (a_job(1, 1), asked(2, Printed::Shift(7)));
    let refund = asked(3, Printed::Refund(refund_no(1)));
    for job in [&sale, &shift, &refund] {
        assert_eq!(room.ledger.books().next_print_job(), Ok(job.no));
        room.print(job).unwrap();
        assert_eq!(room.ledger.books().print_job(job.no), Ok(Some(job.clone())));
    }
    assert_eq!(room.ledger.books().print_job(9), Ok(None));
    assert_eq!(room.ledger.books().print_job(u64::MAX), Ok(None));
    let open = room.ledger.books().print_jobs_open();
    assert_eq!(open, Ok(vec![sale.clone(), shift.clone(), refund.clone()]));
    let sending = in_state(&sale, JobState::Sending);
    room.print(&sending).unwrap();
    room.goes(&shift, &[JobState::Sending, JobState::Doubtful]);
    room.goes(&refund, &[JobState::Sending, JobState::Printed]);
    let doubtful = in_state(&shift, JobState::Doubtful);
    let open = Reader::open(&room.path())
        .unwrap()
        .books()
        .print_jobs_open();
    assert_eq!(open, Ok(vec![sending, doubtful]));
    assert_eq!(room.verify(), Ok(8));
}

#[test]
fn a_job_becomes_only_what_prints_nothing_twice() {
    let way = |state| match state {
        JobState::Waiting => vec![],
        JobState::Sending => vec![JobState::Sending],
        JobState::Dropped => vec![JobState::Dropped],
        over => vec![JobState::Sending, over],
    };
    let mut allowed = Vec::new();
    for from in ALL {
        for to in ALL {
            let mut room = Room::new();
            let job = a_job(1, 1);
            room.print(&job).unwrap();
            room.goes(&job, &way(from));
            let before = room.ledger.head().unwrap();
            match room.print(&in_state(&job, to)) {
                Ok(()) => allowed.push((from, to)),
                Err(error) => {
                    assert_eq!(error, LedgerError::PrintJob { no: 1 });
                    assert_eq!(room.ledger.head().unwrap(), before);
                }
            }
            assert!(room.verify().is_ok());
        }
    }
    let expected = [
        (JobState::Waiting, JobState::Sending),
        (JobState::Waiting, JobState::Dropped),
        (JobState::Sending, JobState::Waiting),
        (JobState::Sending, JobState::Printed),
        (JobState::Sending, JobState::Doubtful),
        (JobState::Doubtful, JobState::Dropped),
    ];
    assert_eq!(allowed, expected);
}

#[test]
fn one_slip_of_a_thing_is_made_by_itself_and_as_many_as_people_ask_for() {
    let mut room = Room::new();
    let sale = Printed::Sale(no(1));
    room.print(&a_job(1, 1)).unwrap();
    let twice = LedgerError::PrintJob { no: 2 };
    assert_eq!(room.print(&a_job(2, 1)), Err(twice.clone()));
    // Not even after it was let go.
    room.goes(&a_job(1, 1), &[JobState::Dropped]);
    assert_eq!(room.print(&a_job(2, 1)), Err(twice));
    room.print(&asked(2, sale.clone())).unwrap();
    room.print(&asked(3, sale)).unwrap();
    room.print(&a_job(4, 2)).unwrap();
    // A shift may have the number of nothing else.
    room.print(&asked(5, Printed::Shift(1))).unwrap();
    assert_eq!(room.verify(), Ok(6));
}

#[test]
fn numbers_have_no_gaps_and_stand_for_one_slip() {
    let mut room = Room::new();
    for wrong in [0, 2, u64::MAX] {
        let refused = room.print(&a_job(wrong, 1));
        assert_eq!(refused, Err(LedgerError::PrintJob { no: wrong }));
    }
    let begun = in_state(&a_job(1, 1), JobState::Sending);
    assert!(room.print(&begun).is_err(), "every job begins by waiting");
    room.print(&a_job(1, 1)).unwrap();
    let another = in_state(&a_job(1, 2), JobState::Sending);
    assert!(room.print(&another).is_err());
    let by = PrintJob {
        by: "1001".to_owned(),
        ..begun
    };
    assert!(room.print(&by).is_err());
    assert_eq!(room.verify(), Ok(1));
}

#[test]
fn what_was_or_may_have_been_printed_is_known_for_ever() {
    let mut room = Room::new();
    let sale = Printed::Sale(no(1));
    let slips = |room: &Room| {
        let slips = room.ledger.books().slips_of(&sale).unwrap();
        (slips.made, slips.on_paper)
    };
    let last = |room: &Room| {
        let last = room.ledger.books().last_print_job().unwrap();
        last.map(|job| job.no)
    };
    assert_eq!((slips(&room), last(&room)), ((0, false), None));
    let job = a_job(1, 1);
    room.print(&job).unwrap();
    assert_eq!((slips(&room), last(&room)), ((1, false), None));
    // Nothing of it was sent: it is not on paper.
    room.goes(&job, &[JobState::Sending]);
    assert_eq!((slips(&room), last(&room)), ((1, true), Some(1)));
    room.goes(&job, &[JobState::Waiting]);
    assert_eq!((slips(&room), last(&room)), ((1, false), None));
    room.goes(&job, &[JobState::Sending, JobState::Doubtful]);
    room.goes(&job, &[JobState::Dropped]);
    assert_eq!((slips(&room), last(&room)), ((1, true), Some(1)));
    // One that was dropped unprinted is not.
    let other = a_job(2, 2);
    room.print(&other).unwrap();
    room.goes(&other, &[JobState::Dropped]);
    assert_eq!(last(&room), Some(1));
    let other = Printed::Sale(no(2));
    let slips = room.ledger.books().slips_of(&other).unwrap();
    assert_eq!((slips.made, slips.on_paper), (1, false));
    assert_eq!(room.verify(), Ok(8));
}

#[test]
fn an_edited_row_of_the_queue_is_found_whatever_column() {
    for (set, column) in [
        ("seq = 1", "seq"),
        ("no = 9", "no"),
        ("kind = 2", "kind"),
        ("about = 'x'", "about"),
        ("asked = 1", "asked"),
        ("state = 2", "state"),
        ("open = NULL", "open"),
        ("on_paper = NULL", "on_paper"),
    ] {
        let mut room = Room::new();
        let job = a_job(1, 1);
        room.print(&job).unwrap();
        room.goes(&job, &[JobState::Sending, JobState::Doubtful]);
        attack(&room, &format!("UPDATE print_job SET {set}"));
        let broken = room.verify().unwrap_err();
        assert_eq!(broken.row, row("print_job", "1"), "{set}");
        assert_eq!(broken.why, Why::Differs(column.to_owned()), "{set}");
    }
    let add = "INSERT INTO print_job SELECT 2, 2, 2, 1, 'x', 0, 0, 1, NULL";
    let edit = "UPDATE event SET body = replace(body, 'sending', 'printed') WHERE seq = 2";
    for (sql, place, why) in [
        ("DELETE FROM print_job", row("print_job", "1"), Why::Missing),
        (add, row("print_job", "2"), Why::Added),
        (edit, audit::Place::Event(2), Why::Edited),
    ] {
        let mut room = Room::new();
        room.print(&a_job(1, 1)).unwrap();
        room.goes(&a_job(1, 1), &[JobState::Sending]);
        attack(&room, sql);
        let broken = room.verify().unwrap_err();
        assert_eq!((broken.row, broken.why), (place, why));
    }
}
