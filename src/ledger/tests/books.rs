//! What the manager's desk reads and writes: refunds, shifts, reports, reconciliations.

use super::*;
use crate::domain::RefundNo;
use crate::domain::Wallet;
use crate::domain::reconcile::{Difference, DifferenceKind, Scope, Side, Sums};
use crate::domain::refund::{
    RefundAnswer, RefundChannel, RefundIncident, RefundIncidentKind, RefundProof, RefundSettled,
    RefundState,
};
use crate::domain::shift::{CashMove, Closed, Exception, Hand, ShiftReport, Tally};

pub(super) fn refund_no(n: u32) -> RefundNo {
    RefundNo::parse(&format!("2026112001{n:06}R7{:04}", n % 10_000)).unwrap()
}

pub(super) fn a_refund(n: u32, of: u32) -> Refund {
    Refund {
        refund_no: refund_no(n),
        bill_no: no(of),
        fee: Fen(100),
        paid: Fen(1234),
        channel: RefundChannel::Wx,
        wallet: None,
        reason: "退货".to_owned(),
        operator: String::new(),
        approver: "2001".to_owned(),
        params_hash: "cd".repeat(32),
        state: RefundState::Sent,
        host: Host("https://api.example.cn".to_owned()),
        sent: stamp(T0 + i64::from(n)),
        last_sent: stamp(T0 + i64::from(n)),
        sends: 1,
        answer: RefundAnswer::Pending,
        lost: false,
        seen: false,
        ended_ms: None,
        proof: None,
        look_ms: None,
        next_ms: None,
        incident: None,
        settled: None,
        pre: None,
    }
}

pub(super) fn refund_in(n: u32, of: u32, state: RefundState) -> Refund {
    Refund {
        state,
        ended_ms: state.is_terminal().then_some(T0 + 6_000),
        ..a_refund(n, of)
    }
}

/// A refund with every field away from its default.
pub(super) fn a_full_refund(n: u32) -> Refund {
    Refund {
        wallet: Some(Wallet::Alipay),
        operator: "1001".to_owned(),
        answer: RefundAnswer::Unclear {
            code: 7,
            detail: "余额不足".to_owned(),
        },
        lost: true,
        seen: true,
        proof: Some(RefundProof::Row),
        look_ms: Some(T0 + 7_000),
        next_ms: Some(T0 + 8_000),
        incident: Some(RefundIncident {
            kind: RefundIncidentKind::Mismatch {
                bill_no: "x".to_owned(),
                fee: Fen(1),
            },
            at_ms: T0,
        }),
        settled: Some(RefundSettled {
            by: "2001".to_owned(),
            reason: "已核对".to_owned(),
            at_ms: T0,
        }),
        ..refund_in(n, 1, RefundState::Succeeded)
    }
}

pub(super) fn a_shift(no: u32) -> Shift {
    Shift {
        no,
        opened_ms: T0 + i64::from(no),
        opened_by: "1001".to_owned(),
        float: Fen(20_000),
        holder: "1001".to_owned(),
        hands: Vec::new(),
        cash: Vec::new(),
        closed: None,
    }
}

pub(super) fn closed(no: u32, report: ShiftReport) -> Shift {
    Shift {
        closed: Some(Closed {
            at_ms: T0 + 9_000,
            by: "1001".to_owned(),
            counted: Fen(20_000),
            exception: None,
            report,
            head_count: 3,
            head: "ab".repeat(32),
        }),
        ..a_shift(no)
    }
}

pub(super) fn a_run(shift: Option<u32>, done_to_ms: i64) -> Run {
    let difference = Difference {
        kind: DifferenceKind::Refund,
        bill_no: no(1).to_string(),
        refund_no: Some(refund_no(1).to_string()),
        here: None,
        there: Some(Side {
            amount: Fen(100),
            state: "succeeded".to_owned(),
        }),
    };
    Run {
        scope: Scope {
            from_ms: T0,
            to_ms: T0 + 86_400_000,
            shift,
        },
        by: String::new(),
        began_ms: T0,
        done_to_ms,
        finished: false,
        compared: 7,
        here: Sums::default(),
        there: Sums::default(),
        settled: vec![no(4)],
        elsewhere: Tally::default(),
        differences: vec![difference],
    }
}

impl Room {
    pub(super) fn refund(&mut self, what: RefundHappened, refund: &Refund) {
        let entry = Entry::Refund(what, None, refund);
        self.ledger.write(&[entry], T0).unwrap();
    }

    pub(super) fn shift(&mut self, what: ShiftHappened, shift: &Shift) {
        self.ledger.write(&[Entry::Shift(what, shift)], T0).unwrap();
    }

    pub(super) fn bill(&mut self, bill: &Bill) {
        let entry = Entry::Bill(Happened::Asked, None, bill);
        self.ledger.write(&[entry], T0).unwrap();
    }

    fn run(&mut self, run: &Run) {
        self.ledger.write(&[Entry::Run(run)], T0).unwrap();
    }
}

#[test]
fn a_refund_is_read_back_as_it_was_recorded() {
    let mut room = Room::new();
    for refund in [a_full_refund(1), a_refund(2, 2)] {
        room.refund(RefundHappened::RefundStarted, &refund);
        let found = room.ledger.books().refund(&refund.refund_no);
        assert_eq!(found, Ok(Some(refund)));
    }
    assert_eq!(room.ledger.books().refund(&refund_no(9)), Ok(None));
    assert_eq!(room.verify(), Ok(2));
}

#[test]
fn a_refunds_body_leaves_out_what_is_at_its_default() {
    let body = Body {
        refund: Some(a_refund(1, 1)),
        ..Body::default()
    };
    let text = body.encode().unwrap();
    for absent in ["false", "pending", "detail", "null", "operator"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    assert_eq!(Body::decode(&text, 1).unwrap(), body);
    for whole in [
        Body {
            shift: Some(a_shift(1)),
            ..Body::default()
        },
        Body {
            run: Some(a_run(None, T0)),
            ..Body::default()
        },
    ] {
        assert_eq!(Body::decode(&whole.encode().unwrap(), 1).unwrap(), whole);
    }
}

#[test]
fn a_refund_of_a_bill_that_is_not_here_is_kept_like_any_other() {
    let mut room = Room::new();
    let foreign = a_refund(1, 500);
    room.refund(RefundHappened::RefundStarted, &foreign);
    assert_eq!(room.ledger.bill(&no(500)), Ok(None));
    assert_eq!(room.ledger.books().refunds_of(&no(500)), Ok(vec![foreign]));
    assert!(room.ledger.story(&no(500)).unwrap().is_empty());
    assert_eq!(room.verify(), Ok(1));
}

#[test]
fn a_refund_no_is_never_shared_by_two_refunds() {
    let mut room = Room::filled();
    room.refund(RefundHappened::RefundStarted, &a_refund(1, 1));
    let before = room.ledger.head().unwrap();
    let other_fee = Refund {
        fee: Fen(1),
        ..a_refund(1, 1)
    };
    for refund in [other_fee, a_refund(1, 2)] {
        let entry = Entry::Refund(RefundHappened::RefundStarted, None, &refund);
        let refused = room.ledger.write(&[entry], T0);
        let taken = LedgerError::RefundTaken {
            refund_no: refund_no(1).to_string(),
        };
        assert_eq!(refused, Err(taken));
    }
    assert_eq!(room.ledger.head(), Ok(before));
    assert_eq!(room.verify(), Ok(before.count));
}

#[test]
fn stories_of_a_bill_and_of_its_refunds_are_told_apart() {
    let mut room = Room::filled();
    let mut refund = a_refund(1, 1);
    let other = a_refund(2, 1);
    room.refund(RefundHappened::RefundStarted, &refund);
    room.refund(RefundHappened::RefundLookedUp, &refund);
    room.refund(RefundHappened::RefundStarted, &other);
    room.refund(RefundHappened::RefundLookedUp, &refund);
    refund.state = RefundState::Processing;
    let what = Entry::Refund(RefundHappened::RefundProcessing, Some("0"), &refund);
    room.ledger.write(&[what], T0 + 50).unwrap();
    let books = room.ledger.books();
    let story = books.refund_story(&refund.refund_no).unwrap();
    let told: Vec<_> = story.iter().map(|l| (l.what, l.refund.state)).collect();
    assert_eq!(
        told,
        [
            (RefundHappened::RefundStarted, RefundState::Sent),
            (RefundHappened::RefundLookedUp, RefundState::Sent),
            (RefundHappened::RefundLookedUp, RefundState::Sent),
            (RefundHappened::RefundProcessing, RefundState::Processing),
        ]
    );
    assert_eq!(story[3].at_ms, T0 + 50);
    assert_eq!(story[3].detail.as_deref(), Some("0"));
    assert_eq!(books.refund_story(&other.refund_no).unwrap().len(), 1);
    assert!(books.refund_story(&refund_no(9)).unwrap().is_empty());
    let bill = room.ledger.story(&no(1)).unwrap();
    assert_eq!(bill.len(), 2, "{bill:?}");
    let reader = Reader::open(&room.path()).unwrap();
    assert_eq!(
        reader.books().refund_story(&refund.refund_no),
        room.ledger.books().refund_story(&refund.refund_no)
    );
}

#[test]
fn refunds_are_listed_by_bill_and_by_what_they_need() {
    let mut room = Room::filled();
    let mut all = Vec::new();
    for (n, state) in (1..).zip(RefundState::ALL) {
        let refund = refund_in(n, n % 2 + 1, state);
        room.refund(RefundHappened::RefundStarted, &refund);
        all.push(refund);
    }
    let look = Refund {
        look_ms: Some(T0 + 9),
        ..refund_in(20, 3, RefundState::Succeeded)
    };
    let contradicted = Refund {
        settled: None,
        look_ms: None,
        ..a_full_refund(21)
    };
    room.refund(RefundHappened::RefundStarted, &look);
    room.refund(RefundHappened::RefundStarted, &contradicted);
    let books = room.ledger.books();
    assert_eq!(books.open_refunds().unwrap(), all[..4]);
    // A failed one is on the list until somebody says that they know.
    let failed = all.iter().find(|r| r.state == RefundState::Failed);
    let listed = [failed.cloned().unwrap(), look, contradicted.clone()];
    assert_eq!(books.refunds_to_do().unwrap(), listed);
    let of_two: Vec<Refund> = all.iter().filter(|r| r.bill_no == no(2)).cloned().collect();
    assert_eq!(books.refunds_of(&no(2)).unwrap(), of_two);
    // Bill 4 is open and was answered; of the refunds one is only asked for, one is unresolved, one
    // failed, one contradicts itself.
    assert_eq!(books.shift_report(1).unwrap().to_do, 4);
    assert_eq!(room.verify(), Ok(20));
    let settled = a_full_refund(21);
    room.refund(RefundHappened::RefundSettled, &settled);
    let books = room.ledger.books();
    assert_eq!(books.shift_report(1).unwrap().to_do, 3);
    assert_eq!(books.refund(&contradicted.refund_no), Ok(Some(settled)));
}

#[test]
fn bills_and_refunds_of_a_time_come_page_by_page() {
    let mut room = Room::new();
    for n in 1..=40 {
        // Four of each moment.
        let sent = stamp(T0 + i64::from(n / 4));
        let bill = Bill { sent, ..a_bill(n) };
        room.bill(&bill);
        let refund = Refund {
            sent,
            ..a_refund(n, n)
        };
        room.refund(RefundHappened::RefundStarted, &refund);
    }
    let (from, to) = (T0 + 2, T0 + 8);
    let expected: Vec<u32> = (8..32).collect();
    for page in [1, 3, 4, 100] {
        let books = room.ledger.books();
        let (mut bills, mut refunds) = (Vec::new(), Vec::new());
        loop {
            let after = bills.last();
            let more = books.bills_between(from, to, after, page).unwrap();
            assert!(more.len() <= page as usize);
            if more.is_empty() {
                break;
            }
            bills.extend(more.into_iter().map(|b| b.bill_no));
        }
        loop {
            let after = refunds.last();
            let more = books.refunds_between(from, to, after, page).unwrap();
            if more.is_empty() {
                break;
            }
            refunds.extend(more.into_iter().map(|r| r.refund_no));
        }
        assert!(bills.into_iter().eq(expected.iter().map(|n| no(*n))));
        let expected = expected.iter().map(|n| refund_no(*n));
        assert!(refunds.into_iter().eq(expected));
    }
    let books = room.ledger.books();
    let unknown = books.bills_between(from, to, Some(&no(77)), 9);
    assert_eq!(unknown, Ok(Vec::new()));
    let earlier = books.bills_between(from, to, Some(&no(1)), 9).unwrap();
    assert_eq!(earlier[0].bill_no, no(8), "one from before the time");
}

#[test]
fn shifts_follow_each_other_and_at_most_one_is_open() {
    let mut room = Room::new();
    let second = a_shift(2);
    let second = [Entry::Shift(ShiftHappened::ShiftOpened, &second)];
    assert_eq!(
        room.ledger.write(&second, T0),
        Err(LedgerError::ShiftNumber { no: 2, next: 1 })
    );
    room.shift(ShiftHappened::ShiftOpened, &a_shift(1));
    let open = LedgerError::ShiftOpen { no: 1 };
    assert_eq!(open.to_string(), "第 1 班还没有交班：请先交班");
    assert_eq!(room.ledger.write(&second, T0), Err(open));
    let mut handed = a_shift(1);
    handed.holder = "1002".to_owned();
    handed.hands.push(Hand {
        at_ms: T0,
        from: "1001".to_owned(),
        to: "1002".to_owned(),
        counted: Fen(20_000),
    });
    handed.cash.push(CashMove {
        at_ms: T0,
        by: "1002".to_owned(),
        amount: Fen(-500),
        reason: "找零".to_owned(),
    });
    room.shift(ShiftHappened::ShiftHandedOver, &handed);
    assert_eq!(room.ledger.books().open_shift(), Ok(Some(handed)));
    let mut over = closed(1, ShiftReport::default());
    if let Some(closed) = &mut over.closed {
        closed.exception = Some(Exception {
            by: "2001".to_owned(),
            reason: "网关不通".to_owned(),
            open: 2,
        });
    }
    room.shift(ShiftHappened::ShiftClosed, &over);
    let again = [Entry::Shift(ShiftHappened::ShiftCashMoved, &over)];
    assert_eq!(
        room.ledger.write(&again, T0),
        Err(LedgerError::ShiftOver { no: 1 })
    );
    assert_eq!(room.ledger.books().open_shift(), Ok(None));
    room.shift(ShiftHappened::ShiftOpened, &a_shift(2));
    let books = room.ledger.books();
    assert_eq!(books.shift(1), Ok(Some(over.clone())));
    assert_eq!(books.shift(3), Ok(None));
    assert_eq!(books.shifts(9), Ok(vec![a_shift(2), over]));
    assert_eq!(books.shifts(1), Ok(vec![a_shift(2)]));
    assert_eq!(room.verify(), Ok(4));
}

#[test]
fn the_newest_run_of_a_scope_is_where_it_goes_on() {
    let mut room = Room::new();
    assert_eq!(room.ledger.books().run(&a_run(None, 0).scope), Ok(None));
    for run in [
        a_run(None, T0 + 10),
        a_run(Some(3), T0 + 20),
        a_run(None, T0 + 30),
    ] {
        room.run(&run);
        assert_eq!(room.ledger.books().run(&run.scope), Ok(Some(run)));
    }
    let of_shift = a_run(Some(3), T0 + 20);
    assert_eq!(room.ledger.books().run(&of_shift.scope), Ok(Some(of_shift)));
    assert_eq!(room.verify(), Ok(3));
}
