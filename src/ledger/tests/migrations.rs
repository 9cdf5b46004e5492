//! Schemas: what an older and a newer file, and another program's, lead to.

use super::*;

/// What schema 1 was when it was first used. Never edit: files out there have it.
const V1: &str = include_str!("v1_fixture.sql");

/// A file of schema 1 made by SQL alone, with one event whose mac this program has to accept.
fn v1_file(dir: &TempDir) -> PathBuf {
    let path = dir.path().join("ledger.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    conn.execute_batch(V1).unwrap();
    path
}

const V2: &str = "ALTER TABLE sale ADD COLUMN colour TEXT";

#[test]
fn a_v1_file_is_read_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    let verified = audit::verify(&path, &key());
    assert_eq!(verified.map(|v| v.events), Ok(2));
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
        1,
        "a new step needs a fixture and a test here"
    );
}

#[test]
fn a_migration_puts_a_copy_aside_and_keeps_every_event() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    let steps = [schema::CURRENT, V2];
    let mut ledger = Ledger::open_with(&path, key(), &steps).unwrap();
    assert_eq!(ledger.head().unwrap().count, 2);
    ledger
        .record(Happened::Started, None, &a_bill(2), T0)
        .unwrap();
    ledger
        .conn
        .query_row("SELECT colour FROM sale LIMIT 1", [], |_| Ok(()))
        .unwrap();
    drop(ledger);
    let copy = dir.path().join("ledger.db.before-v2");
    assert_eq!(audit::verify(&copy, &key()).map(|v| v.events), Ok(2));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    // Opened again, nothing is left to do.
    std::fs::remove_file(&copy).unwrap();
    Ledger::open_with(&path, key(), &steps).unwrap();
    assert!(!copy.exists());
}

#[test]
fn a_migration_that_fails_changes_nothing_and_can_be_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    let broken = [schema::CURRENT, "CREATE TABLE half (a); SELECT nonsense;"];
    assert!(Ledger::open_with(&path, key(), &broken).is_err());
    assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(2));
    assert_eq!(Ledger::open(&path, key()).unwrap().head().unwrap().count, 2);
    Ledger::open_with(&path, key(), &[schema::CURRENT, V2]).unwrap();
}

#[test]
fn a_newer_file_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = v1_file(&dir);
    drop(Ledger::open_with(&path, key(), &[schema::CURRENT, V2]).unwrap());
    let new = LedgerError::TooNew { found: 2, known: 1 };
    assert_eq!(Ledger::open(&path, key()).unwrap_err(), new);
    assert_eq!(Reader::open(&path).unwrap_err(), new);
    let broken = audit::verify(&path, &key()).unwrap_err();
    assert_eq!(broken.row, audit::Place::File);
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
