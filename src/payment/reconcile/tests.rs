use super::*;
use crate::domain::reconcile::Scope;
use crate::domain::refund::{RefundAnswer, RefundChannel};
use crate::domain::time::{Day, Stamp};
use crate::domain::{BillNo, Channel, Host, RefundNo, SaleId};
use proptest::prelude::*;

const STAMP: Stamp = Stamp {
    wall_ms: 1_000,
    offset_ms: None,
};

fn number(n: usize, till: &str) -> String {
    format!("20261120{till}{n:06}K7Q2M4XD")
}

fn ours(n: usize, state: State) -> Bill {
    let mut bill = Bill::sent(
        BillNo::parse(&number(n, "01")).unwrap(),
        SaleId(format!("S{n}")),
        Fen(1_000),
        Channel::AliScan,
        Host("https://a".into()),
        STAMP,
    );
    bill.state = state;
    bill
}

fn row(bill_no: &str, paid: bool, reverted: Option<bool>) -> ListedBill {
    ListedBill {
        bill_no: bill_no.to_owned(),
        row: Row {
            paid,
            reverted,
            refunded: Some(false),
            total_fee: Fen(1_000),
            bill_fee: None,
            discount: Fen::ZERO,
            trade_no: None,
            sub_channel: None,
            id: None,
            create_time_ms: Some(1_000),
        },
    }
}

fn theirs(bill: &Bill, paid: bool, reverted: bool) -> ListedBill {
    row(bill.bill_no.as_str(), paid, Some(reverted))
}

fn kind(finding: &Finding) -> Option<DifferenceKind> {
    match finding {
        Finding::Differs(d) => Some(d.kind),
        _ => None,
    }
}

#[test]
fn both_have_it_and_say_the_same_or_differ_about_the_money() {
    use DifferenceKind::State as S;
    for (state, paid, reverted, expected) in [
        (State::Paid, true, false, None),
        (State::Paid, false, false, Some(S)),
        (State::Paid, true, true, Some(S)),
        (State::Reverted, true, true, None),
        (State::Reverted, false, true, None),
        (State::Reverted, false, false, None),
        (State::Reverted, true, false, Some(S)),
        (State::Expired, true, false, Some(S)),
        (State::NotSent, true, false, Some(S)),
        (State::Refused, false, false, None),
        (State::Unresolved, true, false, Some(S)),
        (State::Unresolved, false, false, None),
        (State::Watching, true, false, Some(S)),
        (State::Closing, true, false, Some(S)),
        (State::Awaiting, true, false, None),
        (State::Sent, true, false, None),
    ] {
        let here = ours(1, state);
        let there = theirs(&here, paid, reverted);
        let found = bill(Some(&here), Some(&there), &[]);
        assert_eq!(kind(&found), expected, "{state:?} {paid} {reverted}");
    }
}

#[test]
fn a_bill_in_its_normal_time_is_not_compared_and_one_without_an_answer_is() {
    let mut here = ours(1, State::Awaiting);
    let there = theirs(&here, true, false);
    assert_eq!(bill(Some(&here), Some(&there), &[]), Finding::InProgress);
    here.pay = crate::domain::bill::PayAnswer::Lost {
        why: crate::domain::gateway::Lost::Timeout,
    };
    let found = bill(Some(&here), Some(&there), &[]);
    assert_eq!(kind(&found), Some(DifferenceKind::State));
}

#[test]
fn what_may_end_an_open_bill_without_money_is_said() {
    let here = ours(1, State::Unresolved);
    let there = theirs(&here, false, true);
    assert_eq!(bill(Some(&here), Some(&there), &[]), Finding::Unsettled);
}

#[test]
fn another_amount_is_a_difference_only_where_there_is_money() {
    let mut here = ours(1, State::Paid);
    here.amount = Fen(999);
    let there = theirs(&here, true, false);
    let found = bill(Some(&here), Some(&there), &[]);
    assert_eq!(kind(&found), Some(DifferenceKind::Amount));
    let Finding::Differs(difference) = found else {
        panic!("{found:?}")
    };
    assert_eq!(difference.here.unwrap().to_string(), "9.99 paid");
    assert_eq!(difference.there.unwrap().to_string(), "10.00 paid");
    here.state = State::Reverted;
    let unpaid = theirs(&here, false, false);
    assert_eq!(bill(Some(&here), Some(&unpaid), &[]), Finding::Same);
    // A discount is no other amount.
    let here = ours(1, State::Paid);
    let mut there = theirs(&here, true, false);
    (there.row.total_fee, there.row.discount) = (Fen(900), Fen(100));
    assert_eq!(bill(Some(&here), Some(&there), &[]), Finding::Same);
}

#[test]
fn what_only_one_side_has_counts_where_it_is_paid() {
    let paid = ours(1, State::Paid);
    let found = bill(Some(&paid), None, &[]);
    assert_eq!(kind(&found), Some(DifferenceKind::MissingThere));
    for state in [State::Refused, State::Reverted, State::Unresolved] {
        assert_eq!(bill(Some(&ours(1, state)), None, &[]), Finding::Same);
    }
    let stray = row("STRAY0000001", true, None);
    let found = bill(None, Some(&stray), &[]);
    assert_eq!(kind(&found), Some(DifferenceKind::MissingHere));
    for there in [
        row("STRAY0000001", false, None),
        row("STRAY0000001", true, Some(true)),
    ] {
        assert_eq!(bill(None, Some(&there), &[]), Finding::Same);
    }
}

#[test]
fn another_till_is_known_by_the_shape_of_its_numbers_and_only_by_it() {
    let tills = ["02".to_owned(), "A7".to_owned()];
    for (no, other) in [
        (number(1, "02"), true),
        (number(1, "A7"), true),
        (number(1, "01"), false),
        (number(1, "0202"), false),
        ("2026112002000001K7Q2M4X".to_owned(), false),
        ("2026112002000001K7Q2M4XDE".to_owned(), false),
        ("202611200200000AK7Q2M4XD".to_owned(), false),
        ("x026112002000001K7Q2M4XD".to_owned(), false),
        ("2026112002000001k7q2m4xd".to_owned(), false),
        ("收银".repeat(4), false),
    ] {
        let found = bill(None, Some(&row(&no, true, None)), &tills);
        let expected = match other {
            true => None,
            false => Some(DifferenceKind::MissingHere),
        };
        assert_eq!(kind(&found), expected, "{no}");
    }
}

#[test]
fn money_that_this_till_gave_back_by_refunds_is_no_difference() {
    let mut here = ours(1, State::Reverted);
    here.refunded = Fen(1_000);
    let mut there = theirs(&here, true, false);
    there.row.refunded = Some(true);
    assert_eq!(bill(Some(&here), Some(&there), &[]), Finding::Same);
    here.refunded = Fen(999);
    let found = bill(Some(&here), Some(&there), &[]);
    assert_eq!(
        kind(&found),
        Some(DifferenceKind::State),
        "a part is still there"
    );
}

#[test]
fn a_bill_that_others_gave_back_wholly_is_known_by_its_refunds() {
    let there = row("x", true, None).row;
    let back = |fee, finish, result| RefundRow {
        fee: Fen(fee),
        finish,
        result,
        ..refund_row(1)
    };
    let whole = [back(400, true, Some(true)), back(600, true, Some(true))];
    assert!(is_wholly_refunded(&there, &whole));
    for part in [
        vec![],
        vec![back(999, true, Some(true))],
        vec![back(1_000, false, None)],
        vec![back(1_000, true, Some(false))],
    ] {
        assert!(!is_wholly_refunded(&there, &part), "{part:?}");
    }
}

fn refund_no(n: usize) -> String {
    format!("2026112001{n:06}K7Q2M4XE")
}

fn our_refund(n: usize, state: RefundState) -> Refund {
    Refund {
        refund_no: RefundNo::parse(&refund_no(n)).unwrap(),
        bill_no: BillNo::parse(&number(n, "01")).unwrap(),
        fee: Fen(500),
        paid: Fen(1_000),
        channel: RefundChannel::Ali,
        wallet: None,
        reason: "x".into(),
        operator: String::new(),
        approver: "2001".into(),
        params_hash: String::new(),
        state,
        host: Host("https://a".into()),
        sent: STAMP,
        last_sent: STAMP,
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

fn refund_row(n: usize) -> RefundRow {
    RefundRow {
        refund_no: refund_no(n),
        bill_no: number(n, "01"),
        fee: Fen(500),
        finish: true,
        result: Some(true),
        channel: Some(RefundChannel::Ali),
        create_time_ms: Some(1_000),
    }
}

#[test]
fn refunds_that_both_have_differ_by_fee_bill_or_end() {
    use RefundState::*;
    let done = (true, Some(true));
    let failed = (true, Some(false));
    let open = (false, None);
    for (state, (finish, result), differs) in [
        (Succeeded, done, false),
        (Succeeded, failed, true),
        (Succeeded, open, false),
        (Failed, done, true),
        (Failed, failed, false),
        (Failed, open, false),
        (NotSent, done, true),
        (NotSent, open, true),
        (NotSent, failed, false),
        (Refused, done, true),
        (Processing, open, false),
        (Processing, done, true),
        (Unresolved, done, true),
        (Unresolved, open, false),
    ] {
        let there = RefundRow {
            finish,
            result,
            ..refund_row(1)
        };
        let found = refund(Some(&our_refund(1, state)), Some(&there), &[]);
        let expected = differs.then_some(DifferenceKind::Refund);
        assert_eq!(kind(&found), expected, "{state:?} {finish} {result:?}");
    }
    for there in [
        RefundRow {
            fee: Fen(499),
            ..refund_row(1)
        },
        RefundRow {
            bill_no: number(9, "01"),
            ..refund_row(1)
        },
    ] {
        let found = refund(Some(&our_refund(1, Succeeded)), Some(&there), &[]);
        assert_eq!(kind(&found), Some(DifferenceKind::Refund), "{there:?}");
    }
}

#[test]
fn refunds_that_only_one_side_has() {
    use RefundState::*;
    for (state, differs) in [
        (Succeeded, true),
        (Processing, true),
        (Unresolved, false),
        (Sent, false),
        (NotSent, false),
        (Refused, false),
        (Failed, false),
    ] {
        let found = refund(Some(&our_refund(1, state)), None, &[]);
        let expected = differs.then_some(DifferenceKind::Refund);
        assert_eq!(kind(&found), expected, "{state:?}");
    }
    let stray = refund_row(1);
    let found = refund(None, Some(&stray), &[]);
    let Finding::Differs(difference) = &found else {
        panic!("{found:?}")
    };
    assert_eq!(
        difference.refund_no.as_deref(),
        Some(stray.refund_no.as_str())
    );
    assert_eq!(difference.bill_no, stray.bill_no);
    let failed = RefundRow {
        result: Some(false),
        ..refund_row(1)
    };
    assert_eq!(refund(None, Some(&failed), &[]), Finding::Same);
    let tills = ["01".to_owned()];
    assert_eq!(refund(None, Some(&stray), &tills), Finding::Elsewhere);
}

/// What is done to the books to make them differ.
#[derive(Debug, Clone, Copy)]
enum Injected {
    Nothing,
    MissingHere,
    MissingThere,
    Amount,
    State,
    RefundThere,
    RefundHere,
    RefundFee,
}

type Bills = (Option<Bill>, Option<ListedBill>);
type Refunds = (Option<Refund>, Option<RefundRow>);

/// Books that agree: paid, reverted and refused bills, and refunds of some.
fn books(states: &[u8]) -> (Vec<Bills>, Vec<Refunds>) {
    let bills = states.iter().enumerate().map(|(n, state)| {
        let (state, paid, reverted) = match state % 4 {
            0 | 1 => (State::Paid, true, false),
            2 => (State::Reverted, false, true),
            _ => (State::Refused, false, false),
        };
        let here = ours(n, state);
        let there = theirs(&here, paid, reverted);
        (Some(here), Some(there))
    });
    let refunded = states.iter().enumerate().filter(|(_, s)| *s % 4 == 1);
    let refunds = refunded.map(|(n, _)| {
        let here = our_refund(n, RefundState::Succeeded);
        (Some(here), Some(refund_row(n)))
    });
    (bills.collect(), refunds.collect())
}

/// Gives what must be found.
fn inject(
    what: Injected,
    bills: &mut [Bills],
    refunds: &mut [Refunds],
) -> Option<(DifferenceKind, String)> {
    let paid = bills
        .iter_mut()
        .find(|(here, _)| here.as_ref().is_some_and(|b| b.state == State::Paid))?;
    let bill_no = paid.0.as_ref()?.bill_no.to_string();
    let kind = match what {
        Injected::Nothing => return None,
        Injected::MissingHere => {
            paid.0 = None;
            DifferenceKind::MissingHere
        }
        Injected::MissingThere => {
            paid.1 = None;
            DifferenceKind::MissingThere
        }
        Injected::Amount => {
            paid.1.as_mut()?.row.total_fee = Fen(1_001);
            DifferenceKind::Amount
        }
        Injected::State => {
            paid.1.as_mut()?.row.paid = false;
            DifferenceKind::State
        }
        refund => return inject_refund(refund, refunds.first_mut()?),
    };
    Some((kind, bill_no))
}

fn inject_refund(what: Injected, refund: &mut Refunds) -> Option<(DifferenceKind, String)> {
    let bill_no = refund.1.as_ref()?.bill_no.clone();
    match what {
        Injected::RefundThere => refund.0 = None,
        Injected::RefundHere => refund.1 = None,
        _ => refund.1.as_mut()?.fee = Fen(499),
    }
    Some((DifferenceKind::Refund, bill_no))
}

fn compare(bills: &[Bills], refunds: &[Refunds]) -> Run {
    let scope = Scope::day(Day::parse("2026-11-20").unwrap());
    let mut run = Run::new(scope, String::new(), 0);
    for (here, there) in bills {
        let found = bill(here.as_ref(), there.as_ref(), &[]);
        count_bill(&mut run, here.as_ref(), there.as_ref(), &found);
    }
    for (here, there) in refunds {
        let found = refund(here.as_ref(), there.as_ref(), &[]);
        count_refund(&mut run, here.as_ref(), there.as_ref(), &found);
    }
    run
}

proptest! {
    #[test]
    fn an_injected_difference_of_each_kind_is_found_and_none_where_there_is_none(
        states in prop::collection::vec(0_u8..4, 1..60),
        what in prop::sample::select(vec![
            Injected::Nothing,
            Injected::MissingHere,
            Injected::MissingThere,
            Injected::Amount,
            Injected::State,
            Injected::RefundThere,
            Injected::RefundHere,
            Injected::RefundFee,
        ]),
    ) {
        let (mut bills, mut refunds) = books(&states);
        let injected = inject(what, &mut bills, &mut refunds);
        let run = compare(&bills, &refunds);
        let found: Vec<(DifferenceKind, String)> = run
            .differences
            .iter()
            .map(|d| (d.kind, d.bill_no.clone()))
            .collect();
        prop_assert_eq!(&found, &injected.iter().cloned().collect::<Vec<_>>());
        prop_assert_eq!(run.here == run.there, injected.is_none() , "{:?}", what);
    }
}

#[test]
fn the_same_difference_found_twice_is_one() {
    let here = ours(1, State::Paid);
    let found = bill(Some(&here), None, &[]);
    let pair = vec![(Some(here.clone()), None), (Some(here), None)];
    assert_eq!(compare(&pair, &[]).differences.len(), 1);
    assert!(matches!(found, Finding::Differs(_)));
}
