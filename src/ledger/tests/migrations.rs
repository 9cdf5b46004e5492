//! Schemas: what an older and a newer file, and another program's, lead to.

use super::*;

/// What schema 1 was when it was first used. Never edit: files out there have it.
const V1: &str = include_str!("v1_fixture.sql");

/// A file that the program of schema 1 wrote: bills of every state and channel, and what else it
/// could hold. One row's `attention` is 2, as it was where a bill was given back whole.
const V1_STATES: &str = include_str!("v1_states.sql");

/// The same of schema 2.
const V2: &str = include_str!("v2_fixture.sql");

/// A file of schema 1 made by SQL alone, with one event whose mac this program has to accept.
fn v1_file(dir: &TempDir) -> PathBuf {
    file_of(dir, V1)
}

fn file_of(dir: &TempDir, sql: &str) -> PathBuf {
    let path = dir.path().join("ledger.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    conn.execute_batch(sql).unwrap();
    path
}

/// The step after the newest.
const NEXT: &str = "ALTER TABLE sale ADD COLUMN colour TEXT";

fn with_next(next: &'static str) -> Vec<&'static str> {
    let mut steps = schema::STEPS.to_vec();
    steps.push(next);
    steps
}

#[test]
fn a_v1_file_is_read_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    let old = LedgerError::TooOld { found: 1, known: 3 };
    assert_eq!(Reader::open(&path).unwrap_err(), old);
    assert_eq!(
        audit::verify(&path, &key()).unwrap_err().why,
        audit::Why::Unreadable(old)
    );
    let mut ledger = Ledger::open(&path, key()).unwrap();
    let bill = ledger.bill(&no(1)).unwrap().unwrap();
    assert_eq!((bill.amount, bill.state), (Fen(1234), State::Paid));
    ledger
        .record(Happened::Started, None, &a_bill(2), T0)
        .unwrap();
    assert!(audit::verify(&path, &key()).is_ok());
}

#[test]
fn the_newest_schema_is_numbered_by_its_steps() {
    assert_eq!(
        schema::known(),
        3,
        "a new step needs a fixture and a test here"
    );
}

#[test]
fn a_migration_puts_a_copy_aside_and_keeps_every_event() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    let steps = with_next(NEXT);
    let mut ledger = Ledger::open_with(&path, key(), &steps).unwrap();
    assert_eq!(ledger.head().unwrap().count, 2);
    ledger
        .record(Happened::Started, None, &a_bill(2), T0)
        .unwrap();
    ledger
        .conn
        .query_row("SELECT colour FROM sale LIMIT 1", [], |_| Ok(()))
        .unwrap();
    assert_eq!(ledger.head().unwrap().count, 3);
    drop(ledger);
    // The copy is whole, and can be opened in its turn.
    let copy = dir.path().join("ledger.db.before-v2");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    drop(Ledger::open(&copy, key()).unwrap());
    assert_eq!(audit::verify(&copy, &key()).map(|v| v.events), Ok(2));
    // Opened again, nothing is left to do.
    std::fs::remove_file(&copy).unwrap();
    Ledger::open_with(&path, key(), &steps).unwrap();
    assert!(!copy.exists());
}

#[test]
fn a_file_of_schema_3_is_put_aside_as_that() {
    let Room { dir, ledger } = Room::filled();
    drop(ledger);
    let path = dir.path().join("ledger.db");
    drop(Ledger::open_with(&path, key(), &with_next(NEXT)).unwrap());
    let copy = dir.path().join("ledger.db.before-v4");
    assert_eq!(audit::verify(&copy, &key()).map(|v| v.events), Ok(9));
    assert!(!dir.path().join("ledger.db.before-v3").exists());
}

#[test]
fn a_file_of_schema_2_comes_to_schema_3_with_a_copy_put_aside_and_an_empty_queue() {
    let dir = tempfile::tempdir().unwrap();
    let path = file_of(&dir, V2);
    let old = LedgerError::TooOld { found: 2, known: 3 };
    assert_eq!(Reader::open(&path).unwrap_err(), old);
    let mut ledger = Ledger::open(&path, key()).unwrap();
    assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(18));
    // What was there is as it was.
    let books = ledger.books();
    assert_eq!(books.shift_report(1).unwrap().refunds.count, 1);
    assert_eq!(books.open_shift().unwrap().map(|s| s.no), Some(2));
    assert_eq!(ledger.to_do(), Ok(Vec::new()));
    assert_eq!(ledger.open_bills().unwrap().len(), 1);
    assert_eq!(books.print_jobs_open(), Ok(Vec::new()));
    assert_eq!(books.next_print_job(), Ok(1));
    let job = super::printing::a_job(1, 1);
    ledger.write(&[Entry::Print(&job)], T0).unwrap();
    assert_eq!(ledger.books().print_jobs_open(), Ok(vec![job]));
    assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(19));
    // The copy is of schema 2, whole, and can be opened in its turn.
    let copy = dir.path().join("ledger.db.before-v3");
    assert_eq!(Reader::open(&copy).unwrap_err(), old);
    drop(Ledger::open(&copy, key()).unwrap());
    assert_eq!(audit::verify(&copy, &key()).map(|v| v.events), Ok(18));
}

#[test]
fn a_new_file_has_nothing_to_put_aside() {
    let room = Room::new();
    let mut names: Vec<_> = std::fs::read_dir(room.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["ledger.db", "ledger.db-shm", "ledger.db-wal"]);
}

#[test]
fn a_migration_that_fails_changes_nothing_and_can_be_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    let half = "CREATE TABLE half (a); SELECT nonsense;";
    let v1 = &schema::STEPS[..1];
    for broken in [vec![schema::STEPS[0], half], with_next(half)] {
        assert!(Ledger::open_with(&path, key(), &broken).is_err());
        let as_before = Ledger::open_with(&path, key(), v1).unwrap();
        assert_eq!(as_before.head().unwrap().count, 2);
    }
    assert_eq!(Ledger::open(&path, key()).unwrap().head().unwrap().count, 2);
    assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(2));
    Ledger::open_with(&path, key(), &with_next(NEXT)).unwrap();
}

#[test]
fn a_new_file_that_was_stopped_in_the_middle_is_still_new() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let broken = with_next("SELECT nonsense;");
    assert!(Ledger::open_with(&path, key(), &broken).is_err());
    assert_eq!(Reader::open(&path).unwrap_err(), LedgerError::Missing);
    assert_eq!(Ledger::open(&path, key()).unwrap().head().unwrap().count, 0);
}

#[test]
fn a_newer_file_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    drop(Ledger::open_with(&path, key(), &with_next(NEXT)).unwrap());
    let new = LedgerError::TooNew { found: 4, known: 3 };
    assert_eq!(Ledger::open(&path, key()).unwrap_err(), new);
    assert_eq!(Reader::open(&path).unwrap_err(), new);
    let broken = audit::verify(&path, &key()).unwrap_err();
    assert_eq!(broken.row, audit::Place::File);
}

#[test]
fn bills_of_every_state_and_channel_come_to_schema_2_as_if_recorded_by_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = file_of(&dir, V1_STATES);
    let ledger = Ledger::open(&path, key()).unwrap();
    // Verifying compares every column with a rebuild from the events by this program's rules.
    assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(40));
    let reader = Reader::open(&path).unwrap();
    let mut bills = Vec::new();
    reader
        .bills(&Filter::default(), |bill| {
            bills.push(bill);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(bills.len(), 18);
    let states = State::ALL.map(|state| bills.iter().filter(|b| b.state == state).count());
    assert!(states.iter().all(|n| *n > 0), "{states:?}");
    // What ended before there were shifts belongs to none.
    assert_eq!(ledger.books().shift_report(1).unwrap().paid.count, 0);
    let report = ledger.books().shift_report(0).unwrap();
    let paid = bills.iter().filter(|b| b.counts_as_paid());
    assert_eq!(report.paid.count as usize, paid.clone().count());
    assert_eq!(report.paid.sum.0, paid.map(|b| b.amount.0).sum::<i64>());
    let reverted = bills.iter().filter(|b| b.state == State::Reverted).count();
    assert_eq!(report.reverts.count as usize, reverted);
    assert_eq!(ledger.books().shift_report(2).unwrap().paid.count, 0);
    assert_eq!(ledger.books().open_shift(), Ok(None));
    let wechat = Query {
        wallet: Some(crate::domain::Wallet::Wechat),
        limit: 99,
        ..Query::default()
    };
    let found = ledger.search(&wechat).unwrap().len();
    let of_wechat = bills.iter().filter(|b| b.wallet() == wechat.wallet).count();
    assert_eq!((found, of_wechat > 3), (of_wechat, true));
}

#[test]
fn killed_in_the_middle_of_a_migration_the_file_is_as_before_and_migrates_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = file_of(&dir, V1_STATES);
    let till = Connection::open(&path).unwrap();
    // A cache of one page spills the transaction into the WAL before it is committed.
    till.execute_batch("PRAGMA cache_size = 1; BEGIN IMMEDIATE;")
        .unwrap();
    till.execute_batch(schema::STEPS[1]).unwrap();
    let cut = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        std::fs::copy(dir.path().join(name), cut.path().join(name)).unwrap();
    }
    let path = cut.path().join("ledger.db");
    let old = LedgerError::TooOld { found: 1, known: 3 };
    assert_eq!(Reader::open(&path).unwrap_err(), old);
    drop(Ledger::open(&path, key()).unwrap());
    assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(40));
    drop(till);
}

#[test]
fn another_programs_file_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(other);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(
        Ledger::open(&path, key()).unwrap_err(),
        LedgerError::NotALedger
    );
    assert_eq!(Reader::open(&path).unwrap_err(), LedgerError::NotALedger);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    std::fs::write(&path, "这不是数据库".repeat(200)).unwrap();
    assert_eq!(
        Ledger::open(&path, key()).unwrap_err(),
        LedgerError::NotALedger
    );
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    assert_eq!(Reader::open(&path).unwrap_err(), LedgerError::Missing);
    let nowhere = dir.path().join("no/ledger.db");
    assert_eq!(
        Ledger::open(&nowhere, key()).unwrap_err(),
        LedgerError::CannotOpen
    );
}

#[test]
fn another_key_is_noticed_at_once() {
    let room = Room::filled();
    let wrong = AuditKey::new(&[8; 32]);
    assert_eq!(
        Ledger::open(&room.path(), wrong.clone()).unwrap_err(),
        LedgerError::WrongKey
    );
    assert_eq!(
        audit::verify(&room.path(), &wrong).unwrap_err().why,
        audit::Why::WrongKey
    );
}
