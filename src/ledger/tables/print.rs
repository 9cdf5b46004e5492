//! The table of the print queue.

use crate::domain::print::{JobState, PrintJob, Printed};
use crate::ledger::error::LedgerError;
use rusqlite::{Connection, OptionalExtension, params};

/// A state's number in the file. Never renumber.
fn number_of(state: JobState) -> i64 {
    match state {
        JobState::Waiting => 0,
        JobState::Sending => 1,
        JobState::Printed => 2,
        JobState::Doubtful => 3,
        JobState::Dropped => 4,
    }
}

/// What kind of slip, by its number in the file. Never renumber.
pub(in crate::ledger) fn kind_of(what: &Printed) -> i64 {
    match what {
        Printed::Sale(_) => 1,
        Printed::Refund(_) => 2,
        Printed::Shift(_) => 3,
    }
}

/// Which bill, refund or shift.
pub(in crate::ledger) fn about_of(what: &Printed) -> String {
    match what {
        Printed::Sale(bill_no) => bill_no.to_string(),
        Printed::Refund(refund_no) => refund_no.to_string(),
        Printed::Shift(no) => no.to_string(),
    }
}

/// A job that was handed to the printer comes back only where nothing of it was sent, and what is
/// over stays so: nothing is sent twice.
fn may_become(from: i64, to: JobState) -> bool {
    let from = |state| from == number_of(state);
    match to {
        JobState::Waiting | JobState::Printed | JobState::Doubtful => from(JobState::Sending),
        JobState::Sending => from(JobState::Waiting),
        JobState::Dropped => from(JobState::Waiting) || from(JobState::Doubtful),
    }
}

/// `print_job.asked`: one slip of a thing is made by itself, and as many as people ask for.
fn asked_of(job: &PrintJob, no: i64) -> i64 {
    if job.by.is_empty() { 0 } else { no }
}

/// Brings the job up to event `seq`. Its number stands for one slip for ever.
pub(super) fn project(conn: &Connection, seq: i64, job: &PrintJob) -> Result<(), LedgerError> {
    let refused = || LedgerError::PrintJob { no: job.no };
    let no = i64::try_from(job.no).map_err(|_| refused())?;
    let known: Option<(i64, i64, String, i64)> = conn
        .prepare_cached("SELECT state, kind, about, asked FROM print_job WHERE no = ?1")?
        .query_row([no], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((state, kind, about, asked)) = known else {
        return insert(conn, seq, no, job);
    };
    let is_same =
        kind == kind_of(&job.what) && about == about_of(&job.what) && asked == asked_of(job, no);
    match is_same && may_become(state, job.state) {
        true => update(conn, seq, no, job.state),
        false => Err(refused()),
    }
}

fn insert(conn: &Connection, seq: i64, no: i64, job: &PrintJob) -> Result<(), LedgerError> {
    let next: i64 = conn
        .prepare_cached("SELECT coalesce(max(no), 0) + 1 FROM print_job")?
        .query_row([], |row| row.get(0))?;
    let inserted = match no == next && job.state == JobState::Waiting {
        false => 0,
        true => conn
            .prepare_cached(
                "INSERT INTO print_job (id, seq, no, kind, about, asked, state, open)
                 VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, 1)
                 ON CONFLICT (about, kind, asked) DO NOTHING",
            )?
            .execute(params![
                seq,
                no,
                kind_of(&job.what),
                about_of(&job.what),
                asked_of(job, no),
                number_of(job.state)
            ])?,
    };
    match inserted {
        1 => Ok(()),
        _ => Err(LedgerError::PrintJob { no: job.no }),
    }
}

/// What may be on paper stays so when a person lets it go.
fn update(conn: &Connection, seq: i64, no: i64, state: JobState) -> Result<(), LedgerError> {
    let open = (!state.is_over()).then_some(1);
    conn.prepare_cached(
        "UPDATE print_job
         SET seq = ?2, state = ?3, open = ?4,
             on_paper = CASE ?5 WHEN 0 THEN NULL WHEN 1 THEN 1 ELSE on_paper END
         WHERE no = ?1",
    )?
    .execute(params![no, seq, number_of(state), open, on_paper(state)])?;
    Ok(())
}

/// 1: on paper, or perhaps; 0: not; 2: as before.
fn on_paper(state: JobState) -> i64 {
    match state {
        JobState::Sending | JobState::Printed | JobState::Doubtful => 1,
        JobState::Waiting => 0,
        JobState::Dropped => 2,
    }
}
