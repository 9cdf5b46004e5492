//! The ledger's rules. Helpers first; the larger subjects have a file each.

mod auditing;
mod books;
mod desk_auditing;
mod durability;
mod migrations;
mod printing;
mod reporting;
mod searching;
mod sequences;

use super::*;
use crate::domain::bill::{
    Incident, IncidentKind, Look, LookFor, PayAnswer, Proof, Qr, Release, RevertAnswer, Reverts,
    Settled, Settlement,
};
use crate::domain::time::Stamp;
use crate::domain::{Channel, Host, State};
use std::ops::ControlFlow;
use std::path::PathBuf;
use tempfile::TempDir;

const T0: i64 = 1_795_000_000_000;

fn key() -> AuditKey {
    AuditKey::new(&[7; 32])
}

fn no(n: u32) -> BillNo {
    BillNo::parse(&format!("2026112001{n:06}ABCD{:04}", n % 10_000)).unwrap()
}

fn stamp(wall_ms: i64) -> Stamp {
    Stamp {
        wall_ms,
        offset_ms: Some(-120),
    }
}

fn a_bill(n: u32) -> Bill {
    Bill {
        title: "示例便利店".to_owned(),
        operator: "1001".to_owned(),
        code_hash: Some(format!("hash-{n}")),
        code_mask: Some("28…31".to_owned()),
        params_hash: "ab".repeat(32),
        bill_timeout_s: Some(361),
        ..Bill::sent(
            no(n),
            SaleId(format!("S{n}")),
            Fen(1234),
            Channel::AliScan,
            Host("https://api.example.cn".to_owned()),
            stamp(T0 + i64::from(n)),
        )
    }
}

fn in_state(n: u32, state: State) -> Bill {
    let mut bill = a_bill(n);
    bill.state = state;
    if state.is_terminal() {
        bill.ended_ms = Some(T0 + 5_000);
    }
    bill
}

fn settlement(how: Settled, at_ms: i64) -> Settlement {
    Settlement {
        how,
        by: "2001".to_owned(),
        reason: "网关账单为已付款".to_owned(),
        at_ms,
    }
}

struct Room {
    dir: TempDir,
    ledger: Ledger,
}

impl Room {
    fn new() -> Room {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("ledger.db"), key()).unwrap();
        Room { dir, ledger }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("ledger.db")
    }

    /// Three paid bills, one open, one note, some serials.
    fn filled() -> Room {
        let mut room = Room::new();
        room.ledger.note("setup", r#"{"till":"01"}"#, T0).unwrap();
        room.ledger.next_serial(T0).unwrap();
        for n in 1..=3 {
            room.start(n);
            room.pay(n);
        }
        room.start(4);
        room
    }

    fn start(&mut self, n: u32) {
        self.ledger
            .record(Happened::Started, None, &a_bill(n), T0)
            .unwrap();
    }

    fn pay(&mut self, n: u32) {
        let mut bill = in_state(n, State::Paid);
        bill.proof = Some(Proof::Pay);
        self.ledger
            .record(Happened::Paid, Some("pay_result"), &bill, T0 + 9)
            .unwrap();
    }

    fn verify(&self) -> Result<i64, audit::Broken> {
        audit::verify(&self.path(), &key()).map(|v| v.events)
    }
}

/// A bill with every field away from its default.
fn a_full_bill() -> Bill {
    Bill {
        note: "两杯咖啡".to_owned(),
        another_by: Some("1001".to_owned()),
        pay: PayAnswer::Answered { at: stamp(T0 + 1) },
        channel_type: Some(Channel::WxScan),
        qr: Qr::Shown {
            code_url: "weixin://wxpay/x".to_owned(),
            since: stamp(T0),
            until_ms: T0 + 180_000,
        },
        row_seen: true,
        paid_seen: true,
        reverts: Some(Reverts {
            count: 0,
            first: stamp(0),
            last: stamp(0),
            counts: false,
            void: false,
            answer: RevertAnswer::Denied,
            claimed: false,
            unspent: None,
        }),
        not_revertible: true,
        guard_over: true,
        proof: Some(Proof::NoWitness),
        returned: true,
        late: true,
        handed_over: true,
        trade_no: Some("0".to_owned()),
        incident: Some(Incident {
            kind: IncidentKind::PaidTwice { other: no(9) },
            at_ms: T0,
        }),
        look: Some(Look {
            look_for: LookFor::PaidRow,
            due_ms: T0 + 1,
        }),
        release: Some(Release {
            by: "2001".to_owned(),
            reason: "顾客已离开".to_owned(),
            at_ms: T0,
        }),
        refunded: Fen(1),
        settlement: Some(settlement(Settled::Disputed, T0)),
        ..in_state(1, State::Paid)
    }
}

#[test]
fn the_ledger_may_move_between_threads() {
    fn moves<T: Send>() {}
    moves::<Ledger>();
    moves::<Reader>();
}

#[test]
fn a_bill_is_read_back_as_it_was_recorded() {
    let mut room = Room::new();
    let mut bare = a_bill(2);
    bare.operator.clear();
    bare.code_hash = None;
    for bill in [a_full_bill(), bare] {
        room.ledger
            .record(Happened::Started, None, &bill, T0)
            .unwrap();
        assert_eq!(room.ledger.bill(&bill.bill_no).unwrap(), Some(bill));
    }
    assert_eq!(room.ledger.bill(&no(77)).unwrap(), None);
    assert_eq!(room.verify(), Ok(2));
}

#[test]
fn a_body_leaves_out_what_is_at_its_default() {
    let body = Body {
        bill: Some(a_bill(1)),
        ..Body::default()
    };
    let text = body.encode().unwrap();
    for absent in ["false", "pending", "none", "refunded", "detail", "null"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    assert!(text.len() < 460, "{} bytes: {text}", text.len());
    assert_eq!(Body::decode(&text, 1).unwrap(), body);
}

#[test]
fn an_event_that_changed_nothing_does_not_write_its_bill_again() {
    let mut room = Room::new();
    let mut bill = a_full_bill();
    let asked = |room: &mut Room, bill: &Bill| {
        room.ledger
            .record(Happened::Asked, Some("not paid"), bill, T0)
            .unwrap();
    };
    asked(&mut room, &bill);
    asked(&mut room, &bill);
    asked(&mut room, &bill);
    bill.handed_over = false;
    asked(&mut room, &bill);
    asked(&mut room, &bill);
    let mut sizes = room
        .ledger
        .conn
        .prepare("SELECT length(body) FROM event ORDER BY seq")
        .unwrap();
    let sizes: Vec<i64> = sizes
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let whole: Vec<bool> = sizes.iter().map(|size| *size > 50).collect();
    assert_eq!(whole, [true, false, false, true, false], "{sizes:?}");
    let story = room.ledger.story(&bill.bill_no).unwrap();
    let handed_over: Vec<bool> = story.iter().map(|line| line.bill.handed_over).collect();
    assert_eq!(handed_over, [true, true, true, false, false]);
    assert_eq!(room.ledger.bill(&bill.bill_no), Ok(Some(bill)));
    assert_eq!(room.verify(), Ok(5));
}

#[test]
fn every_happening_has_its_word_and_comes_back_in_the_story() {
    let mut room = Room::new();
    let bill = a_full_bill();
    let all = [
        Happened::Started,
        Happened::NextHost,
        Happened::FinalRefusal,
        Happened::BecameUnresolved,
        Happened::Settled,
    ];
    for (i, what) in (0..).zip(&all) {
        let detail = (i == 1).then_some("api2");
        room.ledger.record(*what, detail, &bill, T0 + i).unwrap();
    }
    room.start(2);
    let story = room.ledger.story(&bill.bill_no).unwrap();
    assert_eq!(story.len(), all.len());
    for (i, (line, what)) in (0..).zip(story.iter().zip(all)) {
        assert_eq!((line.at_ms, &line.what), (T0 + i, &what));
        assert_eq!(line.detail.as_deref(), (i == 1).then_some("api2"));
        assert_eq!(line.bill, bill);
    }
    assert!(room.ledger.story(&no(77)).unwrap().is_empty());
}

#[test]
fn the_lists_hold_what_is_open_to_do_and_due() {
    let mut room = Room::new();
    for (n, state) in (1..).zip(State::ALL) {
        let bill = in_state(n, state);
        room.ledger
            .record(Happened::Started, None, &bill, T0)
            .unwrap();
    }
    let mut late = in_state(20, State::Paid);
    late.late = true;
    let mut look = in_state(21, State::Reverted);
    look.look = Some(Look {
        look_for: LookFor::Contradiction,
        due_ms: T0 + 900,
    });
    let mut sooner = in_state(22, State::Paid);
    sooner.look = Some(Look {
        look_for: LookFor::PaidRow,
        due_ms: T0 + 30,
    });
    for bill in [&late, &look, &sooner] {
        room.ledger.record(Happened::Paid, None, bill, T0).unwrap();
    }
    let open = room.ledger.open_bills().unwrap();
    assert_eq!(open.len(), 5);
    assert!(open.iter().all(|b| !b.state.is_terminal()));
    assert_eq!(room.ledger.to_do().unwrap(), [late.clone()]);
    assert_eq!(room.ledger.due_looks().unwrap(), [sooner, look]);
    late.handed_over = true;
    room.ledger
        .record(Happened::HandedOver, None, &late, T0)
        .unwrap();
    assert!(room.ledger.to_do().unwrap().is_empty());
    assert_eq!(room.verify(), Ok(14));
}

#[test]
fn a_sale_groups_its_attempts_and_a_code_is_recognised() {
    let mut room = Room::new();
    let first = in_state(1, State::Refused);
    let mut second = a_bill(2);
    second.sale = first.sale.clone();
    second.code_hash = first.code_hash.clone();
    for bill in [&first, &second, &a_bill(3)] {
        room.ledger
            .record(Happened::Started, None, bill, T0)
            .unwrap();
    }
    let both = [first.clone(), second];
    assert_eq!(room.ledger.sale(&first.sale).unwrap(), both);
    assert_eq!(room.ledger.by_code("hash-1").unwrap(), both);
    assert!(room.ledger.by_code("hash-2").unwrap().is_empty());
    assert!(room.ledger.sale(&SaleId("?".into())).unwrap().is_empty());
    assert_eq!(room.verify(), Ok(3));
}

#[test]
fn a_number_is_never_shared_by_two_bills() {
    let mut room = Room::filled();
    let before = room.ledger.head().unwrap();
    let mut other_amount = a_bill(1);
    other_amount.amount = Fen(1);
    let mut other_sale = a_bill(1);
    other_sale.sale = SaleId("else".to_owned());
    for bill in [other_amount, other_sale] {
        let refused = room.ledger.record(Happened::Started, None, &bill, T0);
        assert_eq!(
            refused,
            Err(LedgerError::Taken {
                bill_no: no(1).to_string()
            })
        );
    }
    assert_eq!(room.ledger.head().unwrap(), before);
    assert_eq!(room.verify(), Ok(before.count));
}

#[test]
fn totals_count_what_was_paid_less_refunds_and_never_what_went_back() {
    let mut room = Room::new();
    let mut refunded = in_state(2, State::Paid);
    refunded.refunded = Fen(234);
    let mut returned = in_state(3, State::Paid);
    returned.returned = true;
    let mut reverted = in_state(4, State::Reverted);
    reverted.returned = true;
    let mut accepted = in_state(6, State::Reverted);
    accepted.amount = Fen(100);
    accepted.settlement = Some(settlement(Settled::Accepted, T0 + 7_000));
    let mut disputed = in_state(7, State::Expired);
    disputed.settlement = Some(settlement(Settled::Disputed, T0 + 7_000));
    for bill in [
        in_state(1, State::Paid),
        refunded,
        returned,
        reverted,
        a_bill(5),
        accepted,
        disputed,
    ] {
        room.ledger
            .record(Happened::Started, None, &bill, T0)
            .unwrap();
    }
    assert_eq!(room.ledger.totals(T0, T0 + 100), Ok((3, Fen(2334))));
    assert_eq!(room.ledger.totals(T0, T0 + 2), Ok((1, Fen(1234))));
    assert_eq!(room.ledger.totals(T0 + 2, T0 + 3), Ok((1, Fen(1000))));
    assert_eq!(room.ledger.totals(T0 + 5, T0 + 6), Ok((0, Fen::ZERO)));
    assert_eq!(room.ledger.totals(T0 + 6, T0 + 8), Ok((1, Fen(100))));
    let reader = Reader::open(&room.path()).unwrap();
    assert_eq!(reader.totals(T0, T0 + 100), Ok((3, Fen(2334))));
}

#[test]
fn a_serial_is_never_given_twice_not_even_after_a_crash() {
    let mut room = Room::new();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        for _ in 0..40 {
            assert!(seen.insert(room.ledger.next_serial(T0).unwrap()));
        }
        let path = room.path();
        room.ledger = Ledger::open(&path, key()).unwrap();
    }
    assert_eq!(seen.first(), Some(&1));
    assert!(room.verify().is_ok());
}

#[test]
fn serials_begin_again_after_the_last() {
    let mut room = Room::new();
    let near = Body {
        serial: Some(LAST_SERIAL - 1),
        ..Body::default()
    };
    let tx = begin(&mut room.ledger.conn).unwrap();
    append(&tx, &key(), T0, "serials_set_aside", None, &near).unwrap();
    tx.commit().unwrap();
    assert_eq!(room.ledger.next_serial(T0), Ok(999_999));
    assert_eq!(room.ledger.next_serial(T0), Ok(1));
    assert_eq!(room.ledger.next_serial(T0), Ok(2));
}

#[test]
fn a_reader_works_while_the_till_writes_and_never_makes_it_wait() {
    let mut room = Room::filled();
    let reader = Reader::open(&room.path()).unwrap();
    let mut seen = Vec::new();
    reader
        .bills(&Filter::default(), |bill| {
            // The till records in the middle of the reading, and can empty its WAL.
            room.start(100 + u32::try_from(seen.len()).unwrap());
            let blocked: i64 = room
                .ledger
                .conn
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
                .unwrap();
            assert_eq!(blocked, 0, "a reader held the WAL");
            seen.push(bill.bill_no);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, [no(1), no(2), no(3), no(4)]);
    assert_eq!(reader.bill(&no(100)).unwrap(), Some(a_bill(100)));
    assert_eq!(reader.head().unwrap(), room.ledger.head().unwrap());
    assert_eq!(reader.open_bills(), room.ledger.open_bills());
    assert_eq!(reader.story(&no(1)), room.ledger.story(&no(1)));
    assert!(room.verify().is_ok());
}

#[test]
fn a_reader_can_not_write() {
    let room = Room::filled();
    let conn = reader::open(&room.path()).unwrap();
    let failed = conn.execute("DELETE FROM bill", []).unwrap_err();
    assert_eq!(LedgerError::from(failed), LedgerError::ReadOnly);
}

#[test]
fn bills_come_oldest_first_filtered_until_told_to_stop() {
    let mut room = Room::new();
    let bills: Vec<Bill> = (1..=700)
        .map(|n| {
            let mut bill = in_state(n, State::ALL[(n % 10) as usize]);
            bill.refunded = Fen(i64::from(n % 3));
            bill
        })
        .collect();
    let entries = bills.iter().map(|b| (Happened::Started, None, b, T0));
    room.ledger.record_all(entries).unwrap();
    let reader = Reader::open(&room.path()).unwrap();
    let read = |filter: Filter, most: usize| {
        let mut out = Vec::new();
        let each = |bill: Bill| {
            out.push(bill);
            if out.len() == most {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        reader.bills(&filter, each).unwrap();
        out
    };
    assert_eq!(read(Filter::default(), 9999), bills);
    assert_eq!(read(Filter::default(), 3), bills[..3]);
    let paid = Filter {
        state: Some(State::Paid),
        since_ms: Some(T0 + 300),
        bill_no: None,
    };
    let expected: Vec<Bill> = bills[299..]
        .iter()
        .filter(|b| b.state == State::Paid)
        .cloned()
        .collect();
    assert_eq!(read(paid.clone(), 9999), expected);
    let one = |n| Filter {
        bill_no: Some(no(n)),
        ..paid.clone()
    };
    assert_eq!(read(one(305), 9), bills[304..305]);
    assert!(read(one(306), 9).is_empty(), "another state");
    assert!(read(one(5), 9).is_empty(), "too old");
    assert!(read(one(7000), 9).is_empty(), "no such bill");
}

#[test]
fn neither_code_nor_key_is_in_the_file() {
    let room = Room::filled();
    let code = crate::domain::AuthCode::parse("280123456789012331").unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(room.dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for secret in [code.expose().as_bytes(), &[7; 32]] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret));
        }
    }
    assert!(files >= 2, "the file and its WAL");
    assert!(!format!("{:?}", room.ledger).contains("7, 7"));
}
