//! Contradictions: both witnesses side by side, and a manager's word (FATE 11, I3, I8).

use crate::harness::{Shop, is_listed, pin};
use crate::refunding::{desk, order, until_state};
use crate::scripted::{Script, row};
use shouyin::domain::bill::{IncidentKind, Settled};
use shouyin::domain::gateway::{Lost, PayOutcome, RowOutcome, StatusOutcome};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::refund::RefundState;
use shouyin::domain::{BillNo, Fen, State, Wallet};
use shouyin::till::Command;
use shouyin::till::service::{
    Choice, Desk, NextStep, Said, SettleOrder, SettledAs, Witness, Witnesses,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

crate::rules! {
    a_wrong_amount_shows_both_witnesses_and_is_accepted_on_the_row,
    nothing_is_accepted_on_a_row_that_does_not_prove_it,
    a_dispute_is_recorded_and_leaves_the_to_do_list,
    only_a_managers_pin_and_a_reason_settle_anything,
    a_double_payment_is_refunded_and_its_incident_is_settled_by_it,
    a_bill_without_a_contradiction_has_nothing_to_settle,
    a_contradicted_claim_is_ended_by_the_row_of_that_moment_and_no_sooner_than_a_guard,
    a_contradicted_claim_whose_row_says_reverted_is_ended_as_returned,
}

fn witnesses(shop: &Shop, bill_no: &BillNo) -> Result<Witnesses, Said> {
    let asked = shop.till().witnesses(bill_no.clone());
    shop.runtime.block_on(asked)
}

fn settle_by(shop: &Shop, bill_no: &BillNo, choice: Choice, id: &str) -> Result<SettledAs, Said> {
    let settled = shop.till().settle(SettleOrder {
        bill_no: bill_no.clone(),
        choice,
        id: id.to_owned(),
        pin: pin(&id.repeat(2)),
        reason: "与顾客核对过".to_owned(),
    });
    shop.runtime.block_on(settled)
}

fn settle(shop: &Shop, bill_no: &BillNo, choice: Choice) -> Result<SettledAs, Said> {
    settle_by(shop, bill_no, choice, "2001")
}

/// What the scripted row says from now on.
const PAID_900: u8 = 0;
const REVERTED: u8 = 1;
const SILENT: u8 = 2;
const UNPAID: u8 = 3;
const NOBODYS: u8 = 4;
const NOT_YET: u8 = 5;
const PAID: u8 = 6;

/// A bill of ¥ 10 whose row says ¥ 9.
fn wrong_amount() -> (Shop, Arc<AtomicU8>, BillNo) {
    let says = Arc::new(AtomicU8::new(PAID_900));
    let row_says = Arc::clone(&says);
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Paid { channel_type: None })
        .row(move |_| match row_says.load(Ordering::SeqCst) {
            PAID_900 => row(true, false, 900),
            REVERTED => row(true, true, 900),
            UNPAID => row(false, false, 900),
            NOBODYS => RowOutcome::Empty,
            _ => RowOutcome::NoAnswer(Lost::Timeout),
        });
    let mut shop = Shop::desk(|_| {});
    shop.stop();
    shop.start_with(script.shared());
    shop.sign_in("2001");
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_bill(&bill_no, "an incident", |b| b.incident.is_some());
    shop.until("listed", |s| is_listed(&s.to_do, &bill_no).then_some(()));
    (shop, says, bill_no)
}

fn a_wrong_amount_shows_both_witnesses_and_is_accepted_on_the_row() {
    let (mut shop, _, bill_no) = wrong_amount();
    let seen = witnesses(&shop, &bill_no).unwrap();
    assert_eq!(seen.here.bill_no, bill_no);
    let Witness::Row(there) = &seen.there else {
        panic!("{seen:#?}");
    };
    assert_eq!(there.total_fee, Fen(900));
    assert_eq!(
        seen.choices,
        [Choice::Refund, Choice::Accept, Choice::Dispute]
    );
    let settled = settle(&shop, &bill_no, Choice::Accept);
    assert_eq!(settled, Ok(SettledAs::Recorded(Settled::Accepted)));
    let bill = shop.bill(&bill_no);
    let word = bill.settlement.clone().unwrap();
    assert_eq!((word.how, word.by.as_str()), (Settled::Accepted, "2001"));
    assert_eq!(word.reason, "与顾客核对过");
    assert_eq!(bill.state, State::Paid, "the state stays (I8)");
    assert!(bill.incident.is_some(), "and so does the incident");
    shop.until("off the list", |s| {
        (!is_listed(&s.to_do, &bill_no)).then_some(())
    });
    for again in [Choice::Accept, Choice::Dispute] {
        assert_eq!(settle(&shop, &bill_no, again), Err(Said::NothingToSettle));
    }
}

fn nothing_is_accepted_on_a_row_that_does_not_prove_it() {
    let (shop, says, bill_no) = wrong_amount();
    for (said, refusal) in [
        (REVERTED, Said::NotProven),
        (UNPAID, Said::NotProven),
        (NOBODYS, Said::NotProven),
        (SILENT, Said::GatewaySilent),
    ] {
        says.store(said, Ordering::SeqCst);
        assert_eq!(
            settle(&shop, &bill_no, Choice::Accept),
            Err(refusal),
            "{said}"
        );
        let seen = witnesses(&shop, &bill_no).unwrap();
        assert_eq!(seen.choices, [Choice::Dispute], "{said}");
    }
    assert!(shop.bill(&bill_no).settlement.is_none());
}

fn a_dispute_is_recorded_and_leaves_the_to_do_list() {
    let (mut shop, says, bill_no) = wrong_amount();
    says.store(SILENT, Ordering::SeqCst);
    let settled = settle(&shop, &bill_no, Choice::Dispute);
    assert_eq!(settled, Ok(SettledAs::Recorded(Settled::Disputed)));
    shop.until("off the list", |s| {
        (!is_listed(&s.to_do, &bill_no)).then_some(())
    });
    let bill = shop.bill(&bill_no);
    assert!(bill.incident.is_some() && bill.state == State::Paid);
}

fn only_a_managers_pin_and_a_reason_settle_anything() {
    let (mut shop, _, bill_no) = wrong_amount();
    let cashiers = settle_by(&shop, &bill_no, Choice::Accept, "1001");
    assert_eq!(cashiers, Err(Said::ManagerNeeded));
    let order = |pin_text: &str, reason: &str| SettleOrder {
        bill_no: bill_no.clone(),
        choice: Choice::Dispute,
        id: "2001".to_owned(),
        pin: pin(pin_text),
        reason: reason.to_owned(),
    };
    let wrong = shop.till().settle(order("0000", "因为"));
    let wrong = shop.runtime.block_on(wrong);
    assert!(matches!(wrong, Err(Said::WrongPin { .. })), "{wrong:?}");
    let blank = shop.till().settle(order("20012001", " "));
    assert_eq!(shop.runtime.block_on(blank), Err(Said::ReasonMissing));
    assert!(shop.bill(&bill_no).settlement.is_none());
    // A cashier sees both witnesses, and a manager's PIN settles it at the cashier's till.
    shop.sign_in("1001");
    assert!(witnesses(&shop, &bill_no).is_ok());
    assert!(settle(&shop, &bill_no, Choice::Dispute).is_ok());
}

fn a_double_payment_is_refunded_and_its_incident_is_settled_by_it() {
    let mut shop = desk();
    shop.plan(Act::Never, Network::Normal);
    let first = shop.charge_qr(1000, Wallet::Wechat);
    shop.until_bill(&first, "the code shown", |b| b.qr.was_shown());
    shop.send(Command::Cancel(first.clone()));
    shop.until_state(&first, State::Watching);
    shop.send(Command::Release {
        bill_no: first.clone(),
        id: "2001".to_owned(),
        pin: pin("20012001"),
        reason: "顾客已走".to_owned(),
    });
    shop.until_bill(&first, "released", |b| b.release.is_some());
    shop.plan(Act::Pay, Network::Normal);
    let text = shop.fresh_code(Wallet::Alipay);
    let second = shop.staging(|s| s.scan(&text, None));
    shop.until_state(&second, State::Paid);
    shop.pay_now(&first);
    let twice = shop.until_bill(&first, "paid twice", |b| b.incident.is_some());
    let kind = twice.incident.map(|i| i.kind);
    assert_eq!(kind, Some(IncidentKind::PaidTwice { other: second }));
    let seen = witnesses(&shop, &first).unwrap();
    assert!(seen.choices.contains(&Choice::Refund), "{seen:#?}");
    let no = order(&shop, &first, 1000).unwrap();
    until_state(&mut shop, &no, RefundState::Succeeded);
    let bill = shop.bill(&first);
    assert_eq!(bill.settlement.map(|s| s.how), Some(Settled::Refunded));
    shop.until("off the list", |s| {
        (!is_listed(&s.to_do, &first)).then_some(())
    });
}

fn a_bill_without_a_contradiction_has_nothing_to_settle() {
    let mut shop = desk();
    let bill_no = crate::refunding::paid(&mut shop, 1000, Wallet::Alipay);
    assert_eq!(
        witnesses(&shop, &bill_no).err(),
        Some(Said::NothingToSettle)
    );
    for choice in [
        Choice::Refund,
        Choice::Accept,
        Choice::EndByRow,
        Choice::Dispute,
    ] {
        let said = settle(&shop, &bill_no, choice);
        assert_eq!(said, Err(Said::NothingToSettle), "{choice:?}");
    }
}

/// A cancelled bill whose revert was claimed while its row stays paid: only a manager can end it.
fn contradicted_claim(guard_s: u32) -> (Shop, Arc<AtomicU8>, BillNo) {
    let says = Arc::new(AtomicU8::new(NOT_YET));
    let (row_says, status_says) = (Arc::clone(&says), Arc::clone(&says));
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Waiting { channel_type: None })
        .status(move |_| match status_says.load(Ordering::SeqCst) {
            NOT_YET => StatusOutcome::NotPaid,
            _ => StatusOutcome::NoAnswer(Lost::Timeout),
        })
        .row(move |_| match row_says.load(Ordering::SeqCst) {
            PAID => row(true, false, 1000),
            REVERTED => row(true, true, 1000),
            NOBODYS => RowOutcome::Empty,
            UNPAID => row(false, false, 1000),
            _ => RowOutcome::NoAnswer(Lost::Timeout),
        });
    let mut shop = Shop::desk(|s| s.payment.timing.guard_s = guard_s);
    shop.stop();
    shop.start_with(script.shared());
    shop.sign_in("2001");
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_bill(&bill_no, "a claim", |b| {
        b.reverts.is_some_and(|r| r.claimed)
    });
    says.store(PAID, Ordering::SeqCst);
    shop.until_bill(&bill_no, "paid beside it", |b| b.paid_seen);
    // 30 s of a row that stays paid, and the rounds that see it.
    let end = std::time::Instant::now() + crate::harness::PATIENCE;
    while shop.bill(&bill_no).state != State::Unresolved {
        assert!(
            std::time::Instant::now() < end,
            "{:#?}",
            shop.bill(&bill_no)
        );
        shop.till().skip_time(3_000);
        shop.settle_commands();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    shop.until("a manager is waited for", |s| {
        let ours = s.to_do.iter().find(|b| b.bill_no == bill_no);
        ours.filter(|b| b.next == NextStep::Manager).map(|_| ())
    });
    (shop, says, bill_no)
}

fn a_contradicted_claim_is_ended_by_the_row_of_that_moment_and_no_sooner_than_a_guard() {
    let (mut shop, says, bill_no) = contradicted_claim(600);
    let seen = witnesses(&shop, &bill_no).unwrap();
    assert_eq!(seen.choices, [Choice::EndByRow]);
    assert!(seen.not_before_ms.is_some_and(|at| at > seen.at_ms));
    let early = settle(&shop, &bill_no, Choice::EndByRow);
    assert!(matches!(early, Err(Said::TooEarly { .. })), "{early:?}");
    shop.till().skip_time(600_000);
    for (said, refusal) in [
        (SILENT, Said::GatewaySilent),
        (UNPAID, Said::NotProven),
        (NOBODYS, Said::NotProven),
    ] {
        says.store(said, Ordering::SeqCst);
        assert_eq!(
            settle(&shop, &bill_no, Choice::EndByRow),
            Err(refusal),
            "{said}"
        );
        assert_eq!(shop.bill(&bill_no).state, State::Unresolved);
    }
    says.store(PAID, Ordering::SeqCst);
    // What was refused before is forgotten: this row alone ends nothing.
    shop.send(Command::AskNow(bill_no.clone()));
    shop.settle_commands();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(shop.bill(&bill_no).state, State::Unresolved);
    for choice in [Choice::Accept, Choice::Dispute] {
        let said = settle(&shop, &bill_no, choice);
        assert_eq!(said, Err(Said::NothingToSettle), "{choice:?} is no end");
    }
    let cashiers = settle_by(&shop, &bill_no, Choice::EndByRow, "1001");
    assert_eq!(cashiers, Err(Said::ManagerNeeded));
    let ended = settle(&shop, &bill_no, Choice::EndByRow);
    assert_eq!(ended, Ok(SettledAs::Ended(State::Paid)));
    let bill = shop.bill(&bill_no);
    let by = match bill.incident.map(|i| i.kind) {
        Some(IncidentKind::ClaimContradicted { by, .. }) => by,
        other => panic!("{other:?}"),
    };
    assert_eq!(by, "2001");
}

fn a_contradicted_claim_whose_row_says_reverted_is_ended_as_returned() {
    let (shop, says, bill_no) = contradicted_claim(2);
    says.store(REVERTED, Ordering::SeqCst);
    let ended = settle(&shop, &bill_no, Choice::EndByRow);
    // It may have ended by itself just before.
    let itself = ended == Err(Said::NothingToSettle);
    assert!(
        itself || ended == Ok(SettledAs::Ended(State::Reverted)),
        "{ended:?}"
    );
    let bill = shop.bill(&bill_no);
    assert!(bill.state == State::Reverted && bill.returned, "{bill:#?}");
}
