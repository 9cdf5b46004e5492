//! I2, I4: durable before return, whole or not at all, usable after a failure.

use super::*;
use proptest::prelude::*;

/// What a power cut leaves: the file and its WAL as they are now, without the shared memory.
fn cut(room: &Room) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        let from = room.dir.path().join(name);
        if from.exists() {
            std::fs::copy(from, dir.path().join(name)).unwrap();
        }
    }
    dir
}

#[test]
fn what_was_recorded_is_there_after_a_power_cut() {
    let mut room = Room::filled();
    room.start(5);
    let dir = cut(&room);
    let path = dir.path().join("ledger.db");
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.bill(&no(5)).unwrap(), Some(a_bill(5)));
    drop(reader);
    let ledger = Ledger::open(&path, key()).unwrap();
    assert_eq!(ledger.bill(&no(5)).unwrap(), Some(a_bill(5)));
    assert_eq!(ledger.head().unwrap(), room.ledger.head().unwrap());
    assert!(audit::verify(&path, &key()).is_ok());
}

#[test]
fn every_commit_is_synced() {
    let room = Room::new();
    let ask = |sql| -> i64 { room.ledger.conn.query_row(sql, [], |r| r.get(0)).unwrap() };
    assert_eq!(ask("PRAGMA synchronous"), 2, "FULL");
    assert_eq!(ask("PRAGMA foreign_keys"), 1);
    let mode: String = room
        .ledger
        .conn
        .query_row("PRAGMA journal_mode", [], |r| r.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn killed_before_the_commit_nothing_of_it_is_there() {
    let mut room = Room::filled();
    let before = room.ledger.head().unwrap();
    // A cache of one page spills the transaction into the WAL before it is committed.
    room.ledger
        .conn
        .execute_batch("PRAGMA cache_size = 1")
        .unwrap();
    let k = key();
    let tx = begin(&mut room.ledger.conn).unwrap();
    for n in 50..90 {
        let bill = a_bill(n);
        let body = Body {
            bill: Some(bill.clone()),
            ..Body::default()
        };
        append(&tx, &k, T0, "started", Some(&bill.bill_no), &body).unwrap();
    }
    let source = room.dir.path().join("ledger.db-wal");
    assert!(source.metadata().unwrap().len() > 100_000, "spilled");
    let dir = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        std::fs::copy(room.dir.path().join(name), dir.path().join(name)).unwrap();
    }
    drop(tx);
    let path = dir.path().join("ledger.db");
    let ledger = Ledger::open(&path, key()).unwrap();
    assert_eq!(ledger.head().unwrap(), before);
    assert_eq!(ledger.bill(&no(50)).unwrap(), None);
    assert_eq!(
        audit::verify(&path, &key()).map(|v| v.events),
        Ok(before.count)
    );
    assert_eq!(room.verify(), Ok(before.count));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// A WAL that ends anywhere (the disk lost its end) is a ledger that ends earlier, and whole.
    #[test]
    fn a_torn_wal_is_an_earlier_whole_ledger(part in 0.0_f64..1.0) {
        let room = Room::filled();
        let dir = cut(&room);
        let wal = dir.path().join("ledger.db-wal");
        let path = dir.path().join("ledger.db");
        let len = wal.metadata().unwrap().len();
        // Past the frames that made the tables: those are one commit.
        let keep = (len as f64 * part) as u64;
        std::fs::File::options().write(true).open(&wal).unwrap().set_len(keep).unwrap();
        let ledger = Ledger::open(&path, key()).unwrap();
        let head = ledger.head().unwrap();
        prop_assert!(head.count <= room.ledger.head().unwrap().count);
        prop_assert_eq!(audit::verify(&path, &key()).map(|v| v.events), Ok(head.count));
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_written_and_is_survived() {
    let mut room = Room::filled();
    room.ledger.limit_pages(Some(1)).unwrap();
    let mut filled = 0;
    let mut failed = None;
    for n in 10..500 {
        match room.ledger.record(Happened::Started, None, &a_bill(n), T0) {
            Ok(()) => filled += 1,
            Err(error) => {
                failed = Some((n, error));
                break;
            }
        }
    }
    let (n, error) = failed.unwrap();
    assert_eq!(error, LedgerError::Full);
    assert_eq!(room.ledger.bill(&no(n)), Ok(None));
    assert_eq!(room.verify(), Ok(9 + filled));
    // Reading goes on, and so does a later try once there is room.
    assert_eq!(room.ledger.open_bills().unwrap().len(), 1 + filled as usize);
    room.ledger.limit_pages(None).unwrap();
    room.start(n);
    assert_eq!(room.ledger.bill(&no(n)), Ok(Some(a_bill(n))));
    assert_eq!(room.verify(), Ok(10 + filled));
}

#[test]
fn serials_are_not_lost_or_repeated_by_a_full_disk() {
    let mut room = Room::new();
    room.ledger.refuse_writes(true).unwrap();
    assert_eq!(room.ledger.next_serial(T0), Err(LedgerError::ReadOnly));
    room.ledger.refuse_writes(false).unwrap();
    assert_eq!(room.ledger.next_serial(T0), Ok(1));
}

#[test]
fn a_read_only_ledger_says_so_and_can_be_written_again_later() {
    let mut room = Room::filled();
    let before = room.ledger.head().unwrap();
    room.ledger.refuse_writes(true).unwrap();
    let refused = room.ledger.record(Happened::Started, None, &a_bill(9), T0);
    assert_eq!(refused, Err(LedgerError::ReadOnly));
    assert_eq!(
        room.ledger.note("sign_in", "1001", T0),
        Err(LedgerError::ReadOnly)
    );
    assert_eq!(room.ledger.head().unwrap(), before);
    room.ledger.refuse_writes(false).unwrap();
    room.start(9);
    assert_eq!(room.verify(), Ok(before.count + 1));
}

#[test]
fn a_batch_is_recorded_whole_or_not_at_all() {
    let mut room = Room::filled();
    let before = room.ledger.head().unwrap();
    let mut taken = a_bill(1);
    taken.amount = Fen(99);
    let (fresh, late) = (a_bill(60), a_bill(61));
    let entries = [&fresh, &taken, &late].map(|b| (Happened::Started, None, b, T0));
    assert!(matches!(
        room.ledger.record_all(entries),
        Err(LedgerError::Taken { .. })
    ));
    assert_eq!(room.ledger.head().unwrap(), before);
    assert_eq!(room.ledger.bill(&no(60)), Ok(None));
    assert_eq!(room.verify(), Ok(before.count));
}

#[test]
fn another_writer_is_reported_as_busy_not_waited_for_forever() {
    let mut room = Room::filled();
    let path = room.path();
    room.ledger
        .conn
        .busy_timeout(std::time::Duration::from_millis(1))
        .unwrap();
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = room.ledger.record(Happened::Started, None, &a_bill(9), T0);
    assert_eq!(refused, Err(LedgerError::Busy));
    drop(other);
    room.start(9);
}

#[test]
fn a_transaction_left_open_by_a_failed_rollback_is_ended() {
    let mut room = Room::filled();
    room.ledger.conn.execute_batch("BEGIN").unwrap();
    room.start(9);
    assert!(room.verify().is_ok());
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_ledger() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::filled();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let file = room.dir.path().join(name);
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let path = room.path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Ledger::open(&path, key()).unwrap());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn tidying_writes_the_wal_back_and_changes_nothing() {
    let mut room = Room::filled();
    let before = room.ledger.head().unwrap();
    room.ledger.tidy().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let alone = dir.path().join("ledger.db");
    std::fs::copy(room.path(), &alone).unwrap();
    assert_eq!(Ledger::open(&alone, key()).unwrap().head(), Ok(before));
    assert_eq!(room.ledger.head(), Ok(before));
    room.start(9);
    assert_eq!(room.verify(), Ok(before.count + 1));
}

#[cfg(unix)]
#[test]
fn a_closed_ledger_is_read_in_a_folder_that_can_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let Room { dir, ledger } = Room::filled();
    let bills = ledger.latest(99).unwrap();
    drop(ledger);
    let rights = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(dir.path(), rights(0o500)).unwrap();
    let path = dir.path().join("ledger.db");
    let read = Reader::open(&path).map(|reader| reader.latest(99));
    let verified = audit::verify(&path, &key());
    std::fs::set_permissions(dir.path(), rights(0o700)).unwrap();
    assert_eq!(read.unwrap(), Ok(bills));
    assert!(verified.is_ok());
}

#[test]
fn a_file_nobody_writes_is_read_as_it_is_whatever_its_path() {
    let Room { dir, ledger } = Room::filled();
    drop(ledger);
    let folder = dir.path().join("收银 100%?#&=1");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("ledger.db");
    std::fs::copy(dir.path().join("ledger.db"), &path).unwrap();
    let conn = reader::open_as_it_is(&path).unwrap();
    assert_eq!(read::open_bills(&conn).unwrap(), [a_bill(4)]);
    drop(conn);
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "no companions"
    );
}
