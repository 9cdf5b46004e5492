//! I6 and FATE 20: what can be refunded, and who must approve it.

use super::driver::*;
use crate::domain::bill::{Incident, IncidentKind, Settled, Settlement};
use crate::domain::config::RefundSettings;
use crate::domain::gateway::{Lost, RefundRow, Row, RowOutcome};
use crate::domain::refund::{Blocked, OverLimit, RefundChannel, RefundState};
use crate::domain::{Bill, BillNo, Channel, Fen, Proof, Refund, SaleId, State};
use crate::payment::refund::balance::{Balance, alone_up_to, balance, second_manager};

const NO: &str = "2026112001000063K7Q2M4XD";
const OTHER: &str = "2026112002000001AAAA2222";

fn bill(state: State) -> Bill {
    let sale = SaleId("S1".into());
    let no = BillNo::parse(BILL).unwrap();
    let stamp = clock(START_MS).stamp();
    let mut bill = Bill::sent(no, sale, Fen(1234), Channel::AliScan, host("a"), stamp);
    bill.state = state;
    bill.proof = state.is_terminal().then_some(Proof::Pay);
    bill
}

fn own(state: RefundState, fee: i64) -> Refund {
    let mut refund = Drive::start(RefundChannel::Ali).durable;
    (refund.state, refund.fee) = (state, Fen(fee));
    refund
}

fn there(number: &str, fee: i64, finish: bool, result: Option<bool>) -> RefundRow {
    RefundRow {
        refund_no: number.into(),
        fee: Fen(fee),
        ..row(finish, result)
    }
}

fn the_row(change: impl Fn(&mut Row)) -> RowOutcome {
    let RowOutcome::Row(mut row) = bill_row(Some(true)) else {
        panic!("a row");
    };
    change(&mut row);
    RowOutcome::Row(row)
}

/// The balance of a bill of 12.34 that we hold as paid.
pub fn of_paid(here: &[Refund], there: &[RefundRow]) -> Result<Balance, Blocked> {
    let row = the_row(|r| r.refunded = Some(false));
    balance(Some(&bill(State::Paid)), &row, here, there, false)
}

/// refunded and refundable of a bill of 12.34 that we hold as paid.
fn left(here: &[Refund], there: &[RefundRow]) -> Result<(i64, i64), Blocked> {
    let row = the_row(|r| r.refunded = Some(false));
    let found = balance(Some(&bill(State::Paid)), &row, here, there, false)?;
    assert_eq!(
        found.paid.0 - found.refunded.0 - found.unfinished.0,
        found.refundable.0
    );
    Ok((found.refunded.0, found.refundable.0))
}

#[test]
fn i6_each_refund_is_counted_once_with_the_larger_claim() {
    let done = Some(true);
    let ok = RefundState::Succeeded;
    assert_eq!(left(&[], &[]), Ok((0, 1234)));
    assert_eq!(left(&[own(ok, 500)], &[]), Ok((500, 734)), "its row lags");
    assert_eq!(
        left(&[own(ok, 500)], &[there(NO, 500, true, done)]),
        Ok((500, 734))
    );
    assert_eq!(
        left(&[own(ok, 500)], &[there(NO, 700, true, done)]),
        Ok((700, 534))
    );
    assert_eq!(
        left(&[own(ok, 500)], &[there(NO, 300, true, done)]),
        Ok((500, 734))
    );
    assert_eq!(
        left(&[own(ok, 500)], &[there(NO, 500, false, None)]),
        Ok((500, 734))
    );
    assert_eq!(
        left(&[own(ok, 500)], &[there(NO, 500, true, Some(false))]),
        Ok((500, 734))
    );
    assert_eq!(
        left(&[own(ok, 500)], &[there(OTHER, 234, true, done)]),
        Ok((734, 500)),
        "refunds of others count"
    );
    let twice = [there(NO, 500, true, done), there(NO, 500, true, done)];
    assert_eq!(
        left(&[own(ok, 500)], &twice),
        Ok((1000, 234)),
        "the money went twice"
    );
    assert_eq!(
        left(&[], &[there(OTHER, 500, true, Some(false))]),
        Ok((0, 1234))
    );
    assert_eq!(
        left(&[], &[there(OTHER, 500, true, None)]),
        Ok((500, 734)),
        "unreadable"
    );
    assert_eq!(
        left(&[], &[there(OTHER, -500, true, done)]),
        Ok((0, 1234)),
        "never more"
    );
}

#[test]
fn i6_a_refund_called_not_refunded_here_counts_where_the_gateway_has_it() {
    for state in [
        RefundState::NotSent,
        RefundState::Refused,
        RefundState::Failed,
    ] {
        let here = [own(state, 500)];
        assert_eq!(left(&here, &[]), Ok((0, 1234)));
        assert_eq!(
            left(&here, &[there(NO, 500, true, Some(false))]),
            Ok((0, 1234))
        );
        assert_eq!(
            left(&here, &[there(NO, 500, true, Some(true))]),
            Ok((500, 734))
        );
        let open = Err(Blocked::InFlight(NO.into()));
        assert_eq!(left(&here, &[there(NO, 500, false, None)]), open);
    }
}

#[test]
fn fate_20_one_refund_in_flight_a_bill() {
    for state in [
        RefundState::Sent,
        RefundState::Processing,
        RefundState::Unresolved,
    ] {
        let open = Err(Blocked::InFlight(NO.into()));
        assert_eq!(left(&[own(state, 500)], &[]), open);
        assert_eq!(
            left(&[own(state, 500)], &[there(NO, 500, true, Some(true))]),
            open
        );
    }
    let open = Err(Blocked::InFlight(OTHER.into()));
    assert_eq!(left(&[], &[there(OTHER, 1, false, None)]), open);
}

#[test]
fn nothing_left_is_never_negative() {
    for fees in [[1234, 0], [1000, 234], [1234, 1234], [i64::MAX, i64::MAX]] {
        let rows = [
            there(NO, fees[0], true, Some(true)),
            there(OTHER, fees[1], true, Some(true)),
        ];
        assert_eq!(left(&[], &rows), Err(Blocked::NothingLeft), "{fees:?}");
    }
}

#[test]
fn rows_of_another_bill_are_no_answer() {
    let mut foreign = there(OTHER, 100, true, Some(true));
    foreign.bill_no = "2026112001000009ZZZZ9999".into();
    assert_eq!(left(&[], &[foreign.clone()]), Err(Blocked::NoAnswer));
    let rows = [there(NO, 100, true, Some(true)), foreign];
    let row = bill_row(Some(true));
    assert_eq!(
        balance(None, &row, &[], &rows, false),
        Err(Blocked::NoAnswer)
    );
}

#[test]
fn the_ledgers_own_sum_counts_too() {
    let mut held = bill(State::Paid);
    held.refunded = Fen(900);
    let found = balance(Some(&held), &bill_row(Some(true)), &[], &[], false).unwrap();
    assert_eq!((found.refunded, found.refundable), (Fen(900), Fen(334)));
}

#[test]
fn a_row_that_says_refunded_without_any_refund_is_no_answer() {
    let row = bill_row(Some(true));
    let held = bill(State::Paid);
    assert_eq!(
        balance(Some(&held), &row, &[], &[], false),
        Err(Blocked::NoAnswer)
    );
    assert_eq!(balance(None, &row, &[], &[], false), Err(Blocked::NoAnswer));
}

#[test]
fn a_channel_that_refunds_once() {
    let row = bill_row(None);
    let held = bill(State::Paid);
    let once = |there: &[RefundRow]| balance(Some(&held), &row, &[], there, true);
    assert!(once(&[]).is_ok());
    assert!(
        once(&[there(NO, 1, true, Some(false))]).is_ok(),
        "a failed one is none"
    );
    assert_eq!(
        once(&[there(NO, 1, true, Some(true))]),
        Err(Blocked::OnceOnly)
    );
}

#[test]
fn what_the_row_says_decides_whether_there_is_anything() {
    let held = bill(State::Paid);
    for (row, known, unknown) in [
        (RowOutcome::Empty, Blocked::NoAnswer, Blocked::NoSuchBill),
        (
            RowOutcome::Many(2),
            Blocked::Contradicted,
            Blocked::Contradicted,
        ),
        (
            RowOutcome::NoAnswer(Lost::Timeout),
            Blocked::NoAnswer,
            Blocked::NoAnswer,
        ),
        (
            the_row(|r| r.paid = false),
            Blocked::NotPaid,
            Blocked::NotPaid,
        ),
        (
            the_row(|r| r.reverted = Some(true)),
            Blocked::Reverted,
            Blocked::Reverted,
        ),
    ] {
        assert_eq!(balance(Some(&held), &row, &[], &[], false), Err(known));
        assert_eq!(balance(None, &row, &[], &[], false), Err(unknown));
    }
}

#[test]
fn a_bill_whose_fate_is_open_here_is_not_refunded() {
    for state in State::ALL {
        let found = balance(Some(&bill(state)), &bill_row(Some(false)), &[], &[], false);
        match state.is_terminal() {
            true => assert!(found.is_ok(), "{state:?}: the row proves the money"),
            false => assert_eq!(found, Err(Blocked::NoAnswer), "{state:?}"),
        }
    }
}

#[test]
fn a_bill_reverted_here_is_refunded_only_if_the_row_denies_the_revert() {
    let held = bill(State::Reverted);
    let of = |reverted| the_row(|r| (r.reverted, r.refunded) = (reverted, Some(false)));
    let found = |reverted| balance(Some(&held), &of(reverted), &[], &[], false);
    assert!(found(Some(false)).is_ok());
    assert_eq!(found(None), Err(Blocked::Reverted));
    assert_eq!(found(Some(true)), Err(Blocked::Reverted));
}

#[test]
fn a_bill_accepted_as_paid_is_not_unknown_there() {
    let mut held = bill(State::NotSent);
    held.settlement = Some(Settlement {
        how: Settled::Accepted,
        by: "2001".into(),
        reason: "r".into(),
        at_ms: 0,
    });
    let found = balance(Some(&held), &RowOutcome::Empty, &[], &[], false);
    assert_eq!(found, Err(Blocked::NoAnswer));
}

#[test]
fn what_was_paid_is_never_more_than_was_really_paid() {
    let held = bill(State::Paid);
    let of = |total, fee: Option<i64>, discount| {
        the_row(move |r| {
            (r.total_fee, r.bill_fee, r.discount) = (Fen(total), fee.map(Fen), Fen(discount));
            r.refunded = None;
        })
    };
    for (row, ours, foreign) in [
        (of(1234, None, 0), 1234, 1234),
        (of(1000, Some(1234), 234), 1000, 1000),
        (of(1000, None, 234), 1000, 1000),
        // Another amount than ours: never more than was asked for here.
        (of(999, None, 0), 999, 999),
        (of(5000, None, 0), 1234, 5000),
        (of(5000, Some(1234), 0), 1234, 1234),
    ] {
        let paid = |bill| balance(bill, &row, &[], &[], false).unwrap().paid;
        assert_eq!((paid(Some(&held)), paid(None)), (Fen(ours), Fen(foreign)));
    }
    for nothing in [0, -5, i64::MIN] {
        let found = balance(None, &of(nothing, None, 0), &[], &[], false);
        assert_eq!(found, Err(Blocked::NothingLeft));
    }
}

fn of(refunded: i64) -> Balance {
    Balance {
        paid: Fen(100_000),
        refunded: Fen(refunded),
        unfinished: Fen(0),
        refundable: Fen(100_000 - refunded),
    }
}

fn limits() -> RefundSettings {
    RefundSettings {
        once_only: false,
        need_approval: false,
        max_per_refund: Some(Fen(5_000)),
        max_per_shift: Some(Fen(20_000)),
        max_age_days: Some(30),
    }
}

#[test]
fn another_manager_approves_what_is_above_a_limit() {
    let now = START_MS;
    let asked = |fee, before, shift, created| {
        second_manager(Fen(fee), &of(before), Fen(shift), created, now, &limits())
    };
    assert_eq!(asked(5_000, 0, 15_000, Some(now - 30 * DAY)), None);
    assert_eq!(
        asked(5_001, 0, 0, Some(now)),
        Some(OverLimit::PerRefund(Fen(5_000)))
    );
    assert_eq!(
        asked(3_000, 2_001, 0, Some(now)),
        Some(OverLimit::PerRefund(Fen(5_000))),
        "splitting does not go around it"
    );
    assert_eq!(
        asked(5_000, 0, 15_001, Some(now)),
        Some(OverLimit::PerShift(Fen(20_000)))
    );
    assert_eq!(
        asked(1, 0, 0, Some(now - 30 * DAY - 1)),
        Some(OverLimit::Age(30))
    );
    assert_eq!(
        asked(1, 0, 0, None),
        Some(OverLimit::Age(30)),
        "of unknown age"
    );
    let none = RefundSettings {
        max_per_refund: None,
        max_per_shift: None,
        max_age_days: None,
        ..limits()
    };
    assert_eq!(
        second_manager(Fen(i64::MAX), &of(9), Fen(9), None, now, &none),
        None
    );
    assert_eq!(alone_up_to(&of(9), Fen(9), None, now, &none), None);
}

#[test]
fn what_one_manager_may_refund_alone_is_where_the_second_one_begins() {
    let now = START_MS;
    for before in [0, 2_000, 5_000, 6_000] {
        for shift in [0, 16_000, 20_000, 30_000] {
            for created in [Some(now), Some(now - 31 * DAY), None] {
                let ask = |fee| {
                    second_manager(Fen(fee), &of(before), Fen(shift), created, now, &limits())
                };
                let alone = alone_up_to(&of(before), Fen(shift), created, now, &limits()).unwrap();
                assert!(alone == Fen(0) || ask(alone.0).is_none());
                assert!(ask(alone.0 + 1).is_some());
            }
        }
    }
}

#[test]
fn i6_a_larger_amount_at_the_gateway_counts_only_once_people_see_the_contradiction() {
    let row = the_row(|r| {
        r.refunded = Some(false);
        r.total_fee = Fen(2000);
        r.bill_fee = Some(Fen(2000));
    });
    let mut held = bill(State::Paid);
    let most = |held: &Bill| {
        balance(Some(held), &row, &[], &[], false)
            .unwrap()
            .refundable
    };
    assert_eq!(most(&held), Fen(1234), "what was asked for here");
    let kind = IncidentKind::Amount { there: Fen(2000) };
    held.incident = Some(Incident { kind, at_ms: 0 });
    assert_eq!(most(&held), Fen(2000));
    // A smaller one counts at once.
    let row = the_row(|r| {
        r.refunded = Some(false);
        r.total_fee = Fen(1000);
        r.bill_fee = Some(Fen(1000));
    });
    let found = balance(Some(&bill(State::Paid)), &row, &[], &[], false).unwrap();
    assert_eq!(found.refundable, Fen(1000));
}
