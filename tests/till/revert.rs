//! Cancelling, time-out and revert against a gateway that lies (FATE 7 to 11).

use crate::harness::{Shop, assert_proven, is_listed};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{BillNo, Proof, State, Wallet};
use shouyin::simulator::{Code, Faults, RevertFault, StatusFault, Transport};
use shouyin::till::Command;

crate::rules! {
    a_cancelled_payment_is_undone_verified_and_never_abandoned,
    a_payment_nobody_makes_times_out_and_is_undone,
    success_between_the_last_status_and_the_revert_is_given_back_and_said_so,
    a_revert_that_is_denied_because_it_was_just_paid_ends_as_paid,
    success_after_a_revert_that_did_nothing_is_never_called_reverted,
    a_lost_revert_is_sent_again_until_it_is_answered,
    a_revert_whose_answer_is_lost_is_believed_by_its_row,
    a_revert_that_says_false_proves_nothing_and_the_customer_may_still_pay,
    a_revert_that_says_false_and_acts_is_found_by_its_row,
    a_revert_that_says_true_and_is_not_done_is_no_proof_at_once,
    a_bill_that_can_not_be_reverted_is_watched_with_an_alarm_until_it_can_not_be_paid,
    a_revert_answered_with_an_unknown_code_is_unanswered_whether_it_acted_or_not,
    while_status_says_paid_no_revert_is_sent,
}

/// A customer who does not pay by himself, cancelled by the cashier.
fn cancelled(shop: &mut Shop, wallet: Wallet, change: impl FnOnce(&mut Faults)) -> BillNo {
    shop.plan_faults(Act::Never, Network::Normal, change);
    let bill_no = shop.charge(1000, wallet);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::Cancel(bill_no.clone()));
    bill_no
}

fn reverts(shop: &Shop, bill_no: &BillNo) -> u32 {
    shop.bill(bill_no).reverts.map_or(0, |r| r.count)
}

fn a_cancelled_payment_is_undone_verified_and_never_abandoned() {
    let mut shop = Shop::open();
    let bill_no = cancelled(&mut shop, Wallet::Alipay, |_| {});
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof, bill.returned),
        (State::Reverted, Some(Proof::Reverted), false)
    );
    assert!(shop.truth(&bill_no).reverted_at.is_some());
    assert_eq!(shop.announced(&bill_no, State::Reverted), [true]);
}

fn a_payment_nobody_makes_times_out_and_is_undone() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Wechat);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Reverted, Some(Proof::Reverted))
    );
    let took = bill.ended_ms.unwrap() - bill.sent.wall_ms;
    assert!(took >= 5_000, "the deadline: {took} ms");
}

fn success_between_the_last_status_and_the_revert_is_given_back_and_said_so() {
    let mut shop = Shop::open();
    // Neither status nor row has heard of the payment when the revert goes out.
    let bill_no = cancelled(&mut shop, Wallet::Alipay, |f| {
        f.status_lag_ms = 600_000;
        f.witness_lag_ms = 600_000;
    });
    shop.pay_now(&bill_no);
    shop.until_bill(&bill_no, "a revert", |b| b.reverts.is_some());
    shop.faults(&bill_no, |f| f.witness_lag_ms = 0);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.returned),
        (State::Reverted, true),
        "{bill:#?}"
    );
    assert!(shop.truth(&bill_no).returned);
    let today = shop.snapshot().today;
    assert_eq!((today.count, today.sum.0), (0, 0), "counted as nothing");
}

fn a_revert_that_is_denied_because_it_was_just_paid_ends_as_paid() {
    let mut shop = Shop::open();
    let bill_no = cancelled(&mut shop, Wallet::Alipay, |f| {
        f.status_lag_ms = 600_000;
        f.witness_lag_ms = 600_000;
        f.revert = RevertFault::DeniesPaid;
    });
    shop.pay_now(&bill_no);
    shop.until_bill(&bill_no, "a revert", |b| b.reverts.is_some());
    shop.faults(&bill_no, |f| f.witness_lag_ms = 0);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Paid, Some(Proof::Row)),
        "{bill:#?}"
    );
    assert!(shop.truth(&bill_no).kept());
}

fn success_after_a_revert_that_did_nothing_is_never_called_reverted() {
    let mut shop = Shop::open();
    let bill_no = cancelled(&mut shop, Wallet::Alipay, |f| {
        f.revert = RevertFault::ClaimsOnly
    });
    shop.until_bill(&bill_no, "a revert's claim", |b| {
        b.reverts.is_some_and(|r| r.claimed)
    });
    shop.pay_now(&bill_no);
    // A claim beside a row that stays paid: only a manager or a reverted row can end it.
    let bill = shop.until_state(&bill_no, State::Unresolved);
    assert!(bill.paid_seen);
    shop.until("the to-do list", |s| {
        is_listed(&s.to_do, &bill_no).then_some(())
    });
    assert!(!shop.states_told(&bill_no).contains(&State::Reverted));
    // The wallet does undo it in the end: it ends by itself.
    shop.faults(&bill_no, |f| f.revert = RevertFault::Works);
    let now_ms = shop.sim.face().now_ms();
    shop.sim.core().get_mut(&bill_no).unwrap().revert(now_ms);
    shop.send(Command::AskNow(bill_no.clone()));
    let bill = shop.until_terminal(&bill_no);
    assert_eq!((bill.state, bill.returned), (State::Reverted, true));
}

fn a_lost_revert_is_sent_again_until_it_is_answered() {
    let mut shop = Shop::open();
    let lost = |f: &mut Faults| f.revert_transport = Transport::LoseRequest;
    let bill_no = cancelled(&mut shop, Wallet::Alipay, lost);
    shop.until_bill(&bill_no, "a second revert", |b| {
        b.reverts.is_some_and(|r| r.count >= 2)
    });
    assert!(shop.truth(&bill_no).reverted_at.is_none());
    shop.faults(&bill_no, |f| f.revert_transport = Transport::Normal);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Reverted, Some(Proof::Reverted))
    );
    assert!(shop.truth(&bill_no).reverted_at.is_some());
}

fn a_revert_whose_answer_is_lost_is_believed_by_its_row() {
    let mut shop = Shop::open();
    let lost = |f: &mut Faults| f.revert_transport = Transport::LoseAnswer;
    let bill_no = cancelled(&mut shop, Wallet::Wechat, lost);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Reverted, Some(Proof::Reverted))
    );
}

fn a_revert_that_says_false_proves_nothing_and_the_customer_may_still_pay() {
    let mut shop = Shop::open();
    let denies = |f: &mut Faults| f.revert = RevertFault::DeniesOnly;
    let bill_no = cancelled(&mut shop, Wallet::Alipay, denies);
    shop.until_bill(&bill_no, "a denied revert", |_| true);
    shop.until_bill(&bill_no, "a revert", |b| b.reverts.is_some());
    shop.pay_now(&bill_no);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(bill.state, State::Paid, "{bill:#?}");
    shop.never_said_unpaid(&bill_no);
}

fn a_revert_that_says_false_and_acts_is_found_by_its_row() {
    let mut shop = Shop::open();
    let lies = |f: &mut Faults| f.revert = RevertFault::DeniesButActs;
    let bill_no = cancelled(&mut shop, Wallet::Alipay, lies);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Reverted, Some(Proof::Reverted))
    );
}

fn a_revert_that_says_true_and_is_not_done_is_no_proof_at_once() {
    let mut shop = Shop::open();
    let lies = |f: &mut Faults| f.revert = RevertFault::ClaimsOnly;
    let bill_no = cancelled(&mut shop, Wallet::Alipay, lies);
    let bill = shop.until_terminal(&bill_no);
    assert_proven(&bill);
    // Its row never said reverted: two claims 10 s apart, or it could no longer be paid.
    assert_ne!(bill.proof, Some(Proof::Reverted));
    let first = bill.reverts.unwrap().first.wall_ms;
    assert!(bill.ended_ms.unwrap() - first >= 10_000);
    assert!(!shop.truth(&bill_no).kept());
}

fn a_bill_that_can_not_be_reverted_is_watched_with_an_alarm_until_it_can_not_be_paid() {
    let mut shop = Shop::open();
    shop.sim.core().wechat_certificate = false;
    let bill_no = cancelled(&mut shop, Wallet::Wechat, |_| {});
    let bill = shop.until_state(&bill_no, State::Watching);
    assert_eq!(bill.alarm.map(|a| a.code), Some(6));
    shop.until("the alarm in the top bar", |s| s.health.alarm.clone());
    shop.until("the to-do list", |s| {
        is_listed(&s.to_do, &bill_no).then_some(())
    });
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Expired, Some(Proof::Expired))
    );
    assert!(!shop.truth(&bill_no).payable_now);
}

fn a_revert_answered_with_an_unknown_code_is_unanswered_whether_it_acted_or_not() {
    for fault in [
        RevertFault::Fails(Code::RuntimeError),
        RevertFault::FailsButActs(Code::RuntimeError),
    ] {
        let mut shop = Shop::open();
        let bill_no = cancelled(&mut shop, Wallet::Alipay, |f| f.revert = fault);
        shop.until_bill(&bill_no, "a revert", |b| b.reverts.is_some());
        let acts = matches!(fault, RevertFault::FailsButActs(_));
        if !acts {
            shop.until_bill(&bill_no, "another revert", |b| {
                b.reverts.is_some_and(|r| r.count >= 2)
            });
            shop.faults(&bill_no, |f| f.revert = RevertFault::Works);
        }
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(
            (bill.state, bill.proof),
            (State::Reverted, Some(Proof::Reverted))
        );
    }
}

fn while_status_says_paid_no_revert_is_sent() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Never, Network::LoseAnswer, |f| {
        f.status = StatusFault::Fails(Code::NetworkError);
        f.witness = shouyin::simulator::WitnessFault::Fails(Code::NetworkError);
    });
    let bill_no = shop.charge(1000, Wallet::Alipay);
    // Without any answer at the deadline, asking goes on and nothing is reverted (FATE 7).
    shop.until_state(&bill_no, State::Closing);
    shop.until("some more questions", |s| {
        let bill = crate::harness::on_stage(s)?;
        (bill.asked > 30).then_some(())
    });
    assert_eq!(reverts(&shop, &bill_no), 0);
    shop.pay_now(&bill_no);
    shop.faults(&bill_no, |f| *f = Faults::default());
    let bill = shop.until_terminal(&bill_no);
    assert_eq!((bill.state, reverts(&shop, &bill_no)), (State::Paid, 0));
}
