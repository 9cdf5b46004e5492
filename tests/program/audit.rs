//! `shouyin audit verify`: an edited, added or removed row is found and named (I11).

use crate::foreign::{Customer, Foreign};
use crate::shop::{QUICK, Shop, ali_code};
use rusqlite::Connection;

fn traded() -> Shop {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    shop.pay("1.00", &ali_code(), &[]).exits(0);
    foreign.world().customer = Customer::NoMoney;
    shop.pay("2.00", &ali_code(), &[]).exits(1);
    let done = shop.run(&["audit", "verify"]).exits(0).silent();
    assert_eq!(done.out.lines().count(), 1);
    shop
}

#[test]
fn what_somebody_changed_is_named() {
    const OPEN_UP: &str = "DROP TRIGGER event_refuses_update; DROP TRIGGER event_refuses_delete;
        DROP TRIGGER event_is_appended; PRAGMA foreign_keys = off;";
    let event_is_back = "";
    for (sql, named) in [
        (
            "UPDATE event SET body = replace(body, '100', '101') WHERE seq = 4",
            "event 4",
        ),
        (
            "UPDATE event SET at_ms = at_ms + 1 WHERE seq = 2",
            "event 2",
        ),
        ("DELETE FROM event WHERE seq = 3", "event 3"),
        (
            "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
            "event ",
        ),
        ("DELETE FROM event WHERE seq = 1", "event 1"),
        ("UPDATE bill SET amount = 1 WHERE amount = 200", "bill"),
        ("UPDATE head SET count = count - 1", "head"),
        (event_is_back, "schema"),
    ] {
        let shop = traded();
        let conn = Connection::open(shop.dir.join("ledger.db")).unwrap();
        conn.execute_batch(OPEN_UP).unwrap();
        conn.execute_batch(sql).unwrap();
        drop(conn);
        let done = shop.run(&["audit", "verify"]).exits(1);
        let said = format!("{}{}", done.out, done.err);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(named), "{sql}: {said}");
    }
}

#[test]
fn a_row_edited_without_opening_anything_up_is_refused_by_the_file_itself() {
    let shop = traded();
    let conn = Connection::open(shop.dir.join("ledger.db")).unwrap();
    for sql in [
        "UPDATE event SET at_ms = 0",
        "DELETE FROM event WHERE seq = 1",
    ] {
        assert!(conn.execute_batch(sql).is_err(), "{sql}");
    }
    drop(conn);
    shop.assert_chain();
}

#[test]
fn flipped_bytes_never_crash_and_never_invent_a_bill() {
    let shop = traded();
    let path = shop.dir.join("ledger.db");
    // Everything into the one file.
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let good = std::fs::read(&path).unwrap();
    let before = shop.bills();
    let mut random: u64 = 7;
    let mut found = 0;
    for _ in 0..24 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(11);
        let at = usize::try_from(random >> 33).unwrap() % good.len();
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        std::fs::write(&path, &bad).unwrap();
        let _ = std::fs::remove_file(shop.dir.join("ledger.db-wal"));
        let _ = std::fs::remove_file(shop.dir.join("ledger.db-shm"));
        let done = shop.run(&["audit", "verify"]);
        assert!(matches!(done.code, Some(0 | 1)), "byte {at}: {done:?}");
        let bills = shop.run(&["bills", "--json"]);
        assert!(matches!(bills.code, Some(0 | 1)), "byte {at}: {bills:?}");
        match done.code {
            Some(0) => assert_eq!(bills.exits(0).json(), before, "byte {at} went unseen"),
            _ => found += 1,
        }
        let doctor = shop.run(&["doctor"]);
        assert!(matches!(doctor.code, Some(0 | 1)), "byte {at}: {doctor:?}");
    }
    assert!(found >= 3, "only {found} of 24 flips were found");
}

#[test]
fn without_its_key_the_chain_is_not_verified() {
    let shop = traded();
    std::fs::remove_file(shop.dir.join("vault.json")).unwrap();
    shop.run(&["audit", "verify"]).exits(1).says(&["setup"]);
}
