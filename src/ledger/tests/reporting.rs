//! What belongs to a shift and to a day, and that it stays so.

use super::books::{a_refund, a_shift, closed, refund_in};
use super::*;
use crate::domain::Wallet;
use crate::domain::refund::RefundState;
use crate::domain::shift::{HourTally, ShiftReport, Tally};

const AN_HOUR: i64 = 3_600_000;

fn paid_at(n: u32, ended_ms: i64) -> Bill {
    Bill {
        ended_ms: Some(ended_ms),
        ..in_state(n, State::Paid)
    }
}

fn tally(count: u32, sum: i64) -> Tally {
    Tally {
        count,
        sum: Fen(sum),
    }
}

#[test]
fn a_report_sums_up_by_wallet_cashier_and_hour() {
    let mut room = Room::new();
    room.shift(ShiftHappened::ShiftOpened, &a_shift(1));
    let hour = T0.div_euclid(AN_HOUR) * AN_HOUR;
    let mut bills = [
        paid_at(1, hour + 1),
        paid_at(2, hour + AN_HOUR - 1),
        paid_at(3, hour + AN_HOUR),
        paid_at(4, hour + AN_HOUR + 1),
    ];
    bills[1].channel = Channel::WxNative;
    bills[1].operator = String::new();
    bills[2].channel = Channel::Scan;
    bills[3].refunded = Fen(1);
    bills[3].amount = Fen(6);
    for bill in &bills {
        room.bill(bill);
    }
    room.bill(&in_state(9, State::Reverted));
    room.refund(
        RefundHappened::RefundStarted,
        &refund_in(1, 4, RefundState::Succeeded),
    );
    let cell = |from_ms, wallet, tally| HourTally {
        from_ms,
        wallet,
        tally,
    };
    let (ali, wx) = (Some(Wallet::Alipay), Some(Wallet::Wechat));
    let report = ShiftReport {
        paid: tally(4, 3 * 1234 + 6),
        by_wallet: vec![
            (ali, tally(2, 1240)),
            (wx, tally(1, 1234)),
            (None, tally(1, 1234)),
        ],
        by_cashier: vec![
            (String::new(), tally(1, 1234)),
            ("1001".to_owned(), tally(3, 2474)),
        ],
        by_hour: vec![
            cell(hour, ali, tally(1, 1234)),
            cell(hour, wx, tally(1, 1234)),
            cell(hour + AN_HOUR, ali, tally(1, 6)),
            cell(hour + AN_HOUR, None, tally(1, 1234)),
        ],
        refunds: tally(1, 100),
        reverts: tally(1, 1234),
        to_do: 0,
    };
    assert_eq!(room.ledger.books().shift_report(1).unwrap(), report);
    let between = |from, to| room.ledger.books().report_between(from, to).unwrap();
    assert_eq!(between(hour, hour + 2 * AN_HOUR), report);
    let first_hour = between(hour, hour + AN_HOUR);
    assert_eq!(first_hour.paid, tally(2, 2468));
    let reader = Reader::open(&room.path()).unwrap();
    assert_eq!(reader.books().shift_report(1).unwrap(), report);
    assert_eq!(
        room.ledger.books().shift_report(2),
        Ok(ShiftReport::default())
    );
}

#[test]
fn what_ends_while_no_shift_is_open_belongs_to_the_next_one() {
    let mut room = Room::new();
    room.bill(&paid_at(1, T0));
    room.shift(ShiftHappened::ShiftOpened, &a_shift(1));
    room.bill(&paid_at(2, T0));
    room.shift(
        ShiftHappened::ShiftClosed,
        &closed(1, ShiftReport::default()),
    );
    room.bill(&paid_at(3, T0));
    room.refund(
        RefundHappened::RefundStarted,
        &refund_in(1, 1, RefundState::Succeeded),
    );
    room.bill(&in_state(4, State::Reverted));
    let of = |room: &Room, no| {
        let report = room.ledger.books().shift_report(no).unwrap();
        (
            report.paid.count,
            report.refunds.count,
            report.reverts.count,
        )
    };
    assert_eq!((of(&room, 1), of(&room, 2)), ((1, 0, 0), (1, 1, 1)));
    room.shift(ShiftHappened::ShiftOpened, &a_shift(2));
    room.bill(&paid_at(5, T0));
    assert_eq!((of(&room, 1), of(&room, 2)), ((1, 0, 0), (2, 1, 1)));
}

#[test]
fn a_closed_shifts_report_never_changes_afterwards() {
    let mut room = Room::new();
    room.shift(ShiftHappened::ShiftOpened, &a_shift(1));
    let mut paid = paid_at(1, T0);
    let mut reverted = in_state(2, State::Reverted);
    let mut refund = a_refund(1, 1);
    room.bill(&paid);
    room.bill(&reverted);
    room.bill(&a_bill(3));
    room.refund(RefundHappened::RefundStarted, &refund);
    let report = room.ledger.books().shift_report(1).unwrap();
    assert_eq!(
        (report.paid, report.reverts),
        (tally(1, 1234), tally(1, 1234))
    );
    room.shift(ShiftHappened::ShiftClosed, &closed(1, report.clone()));
    room.shift(ShiftHappened::ShiftOpened, &a_shift(2));
    // What comes later is the later shift's: a refund's end, an acceptance, a late payment.
    refund.state = RefundState::Succeeded;
    refund.ended_ms = Some(T0 + 20_000);
    paid.refunded = refund.fee;
    paid.late = true;
    paid.handed_over = true;
    reverted.settlement = Some(settlement(Settled::Accepted, T0 + 30_000));
    room.refund(RefundHappened::RefundSucceeded, &refund);
    room.bill(&paid);
    room.bill(&reverted);
    room.bill(&paid_at(3, T0 + 25_000));
    assert_eq!(room.ledger.books().shift_report(1), Ok(report));
    let second = room.ledger.books().shift_report(2).unwrap();
    assert_eq!(second.paid, tally(2, 2468), "each is in exactly one shift");
    assert_eq!(second.refunds, tally(1, 100));
    assert_eq!(second.reverts, tally(0, 0));
    // The accepted one counts when it was accepted, once, also when its word is changed again.
    let at = |ms| room.ledger.books().report_between(ms, ms + 1).unwrap();
    assert_eq!(at(T0 + 30_000).paid, tally(1, 1234));
    reverted.settlement = Some(settlement(Settled::Disputed, T0 + 40_000));
    room.bill(&reverted);
    assert_eq!(
        room.ledger.books().shift_report(2).unwrap().paid,
        tally(2, 2468)
    );
    assert_eq!(room.ledger.totals(T0, T0 + 100), Ok((2, Fen(2368))));
    assert!(room.verify().is_ok());
}

#[test]
fn the_refunds_of_a_shift_are_those_that_succeeded_in_it_and_those_under_way_from_it() {
    let mut room = Room::new();
    let write = |room: &mut Room, n, state| {
        let fee = Fen(1_i64 << n);
        let refund = Refund {
            fee,
            ..refund_in(n, n, state)
        };
        room.refund(RefundHappened::RefundLookedUp, &refund);
    };
    room.shift(ShiftHappened::ShiftOpened, &a_shift(1));
    write(&mut room, 0, RefundState::Succeeded);
    write(&mut room, 1, RefundState::Processing);
    write(&mut room, 2, RefundState::Unresolved);
    write(&mut room, 3, RefundState::Failed);
    write(&mut room, 4, RefundState::NotSent);
    let of = |room: &Room, no| room.ledger.books().refunded_in_shift(no).unwrap();
    assert_eq!(of(&room, 1), Fen(0b111));
    room.shift(
        ShiftHappened::ShiftClosed,
        &closed(1, ShiftReport::default()),
    );
    write(&mut room, 5, RefundState::Sent);
    write(&mut room, 1, RefundState::Succeeded);
    write(&mut room, 2, RefundState::Failed);
    assert_eq!((of(&room, 1), of(&room, 2)), (Fen(0b1), Fen(0b10_0010)));
    assert_eq!(of(&room, 3), Fen::ZERO);
    assert!(room.verify().is_ok());
}

#[test]
fn a_request_counts_in_the_shift_in_which_a_manager_agreed_and_not_before() {
    let mut room = Room::new();
    let write = |room: &mut Room, n, state| {
        let fee = Fen(1_i64 << n);
        let refund = Refund {
            fee,
            ..refund_in(n, n, state)
        };
        room.refund(RefundHappened::RefundLookedUp, &refund);
    };
    room.shift(ShiftHappened::ShiftOpened, &a_shift(1));
    write(&mut room, 0, RefundState::Requested);
    write(&mut room, 1, RefundState::Requested);
    let of = |room: &Room, no| room.ledger.books().refunded_in_shift(no).unwrap();
    assert_eq!(of(&room, 1), Fen::ZERO, "nothing was sent");
    let to_do = |room: &Room| room.ledger.books().shift_report(1).unwrap().to_do;
    assert_eq!(to_do(&room), 2);
    room.shift(
        ShiftHappened::ShiftClosed,
        &closed(1, ShiftReport::default()),
    );
    write(&mut room, 0, RefundState::Sent);
    write(&mut room, 1, RefundState::Denied);
    assert_eq!((of(&room, 1), of(&room, 2)), (Fen::ZERO, Fen(1)));
    assert_eq!(to_do(&room), 0);
    assert!(room.verify().is_ok(), "and the rebuild says the same");
}
