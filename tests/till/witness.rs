//! Status and row lie, lag, or say nothing (FATE: fact, 2, 10, I9).

use crate::harness::{Shop, is_listed};
use shouyin::domain::bill::{IncidentKind, LookFor};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{Fen, Proof, State, Wallet};
use shouyin::simulator::{Code, Faults, StatusFault, WitnessFault};
use shouyin::till::Command;

crate::rules! {
    a_witness_that_lags_is_waited_for,
    without_a_witness_two_claims_and_two_denials_are_the_proof_and_it_says_so,
    where_status_fails_the_row_is_read_while_following,
    a_status_that_lies_against_the_witness_never_makes_a_kept_payment_unpaid,
    another_amount_in_the_row_is_an_incident_beside_the_paid_bill,
    two_rows_of_one_number_are_an_incident,
}

fn never_paid(change: impl FnOnce(&mut Faults)) -> (Shop, shouyin::domain::BillNo) {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Never, Network::Normal, change);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::Cancel(bill_no.clone()));
    (shop, bill_no)
}

fn a_witness_that_lags_is_waited_for() {
    let (mut shop, bill_no) = never_paid(|f| f.witness_lag_ms = 4_000);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Reverted, Some(Proof::Reverted))
    );
    assert!(bill.ended_ms.unwrap() - bill.reverts.unwrap().first.wall_ms >= 4_000);
}

fn without_a_witness_two_claims_and_two_denials_are_the_proof_and_it_says_so() {
    let faults: [fn(&mut Faults); 3] = [
        |f| f.witness = WitnessFault::Silent,
        |f| f.witness_without_revert_result = true,
        |f| f.witness = WitnessFault::AnotherBill,
    ];
    for fault in faults {
        let (mut shop, bill_no) = never_paid(fault);
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(
            (bill.state, bill.proof),
            (State::Reverted, Some(Proof::NoWitness))
        );
        assert!(bill.ended_ms.unwrap() - bill.reverts.unwrap().first.wall_ms >= 10_000);
        let look = bill.look.map(|l| l.look_for);
        assert_eq!(look, Some(LookFor::Contradiction), "looked at again");
    }
}

fn where_status_fails_the_row_is_read_while_following() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Pay, Network::LoseAnswer, |f| {
        f.status = StatusFault::Fails(Code::RuntimeError);
    });
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!((bill.state, bill.proof), (State::Paid, Some(Proof::Row)));
}

fn a_status_that_lies_against_the_witness_never_makes_a_kept_payment_unpaid() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Pay, Network::LoseAnswer, |f| {
        f.status = StatusFault::NotPaid;
    });
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_terminal(&bill_no);
    let truth = shop.truth(&bill_no);
    match bill.state {
        State::Paid => assert!(truth.kept()),
        State::Reverted => assert!(bill.returned && truth.returned),
        state => panic!("{state:?}: {bill:#?}"),
    }
}

fn another_amount_in_the_row_is_an_incident_beside_the_paid_bill() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Pay, Network::Normal, |f| {
        f.witness_amount = Some(Fen(1));
    });
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_bill(&bill_no, "an incident", |b| b.incident.is_some());
    assert_eq!(bill.state, State::Paid);
    let kind = bill.incident.map(|i| i.kind);
    assert_eq!(kind, Some(IncidentKind::Amount { there: Fen(1) }));
    shop.until("the to-do list", |s| {
        is_listed(&s.to_do, &bill_no).then_some(())
    });
}

fn two_rows_of_one_number_are_an_incident() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Pay, Network::Normal, |f| {
        f.witness = WitnessFault::Twice
    });
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_bill(&bill_no, "an incident", |b| b.incident.is_some());
    assert_eq!(bill.state, State::Paid);
}
