//! The disk is full or read-only (I2, I4, FATE 7, 17).

use crate::harness::{Shop, on_stage};
use crate::scripted::{Asked, Script, row};
use shouyin::domain::gateway::{PayOutcome, RowOutcome, StatusOutcome};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{BillNo, Fen, State, Wallet};
use shouyin::till::service::Said;
use shouyin::till::{Command, Notice};
use std::sync::Arc;

crate::rules! {
    what_can_not_be_written_is_never_sent,
    the_top_bar_stays_while_nothing_can_be_written_and_nobody_tries,
    a_full_disk_stops_new_payments_and_nothing_leaves,
    success_that_can_not_be_written_is_shown_so_and_announced_once_it_is,
    a_revert_that_can_not_be_recorded_is_not_sent,
    a_qr_whose_showing_can_not_be_recorded_is_not_drawn,
    what_could_not_be_written_before_the_end_is_found_again_at_the_next_start,
}

fn refuse(shop: &mut Shop, refuse: bool) {
    shop.with_ledger(move |ledger| ledger.refuse_writes(refuse).unwrap());
    shop.settle_commands();
}

/// A bill whose pay answer is held back until the ledger refuses writes.
fn unwritable_answer(script: Script) -> (Shop, Arc<Script>, BillNo) {
    let mut shop = Shop::open();
    shop.stop();
    let script = script.holding_pay().shared();
    shop.start_with(script.clone());
    let bill_no = shop.charge(1000, Wallet::Alipay);
    refuse(&mut shop, true);
    script.answer_pay();
    (shop, script, bill_no)
}

fn what_can_not_be_written_is_never_sent() {
    let mut shop = Shop::open();
    refuse(&mut shop, true);
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, Some(1000));
    shop.until_said("the ledger's trouble", |s| matches!(s, Said::LedgerDown(_)));
    shop.until("it in the top bar", |s| s.health.ledger.clone());
    assert_eq!(shop.arrived(), 0);
    // It does not say that all is well before something could be written.
    shop.show_qr(Wallet::Alipay, Some(1000));
    shop.until_said("the ledger's trouble", |s| matches!(s, Said::LedgerDown(_)));
    refuse(&mut shop, false);
    shop.until("the ledger is well", |s| {
        s.health.ledger.is_none().then_some(())
    });
    // The refused scan was no use of the code, and no bounce.
    let bill_no = shop.staging(|s| s.scan(&text, Some(1000)));
    shop.until_state(&bill_no, State::Paid);
    assert_eq!(shop.arrived(), 1);
}

fn the_top_bar_stays_while_nothing_can_be_written_and_nobody_tries() {
    let mut shop = Shop::open();
    refuse(&mut shop, true);
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, Some(1000));
    let seq = shop.until("the trouble", |s| {
        s.health.ledger.is_some().then_some(s.seq)
    });
    // Two more tries by itself.
    let later = shop.until("later snapshots", |s| {
        (s.seq >= seq + 3).then(|| s.health.ledger.clone())
    });
    assert!(later.is_some());
}

fn a_full_disk_stops_new_payments_and_nothing_leaves() {
    let mut shop = Shop::open();
    shop.with_ledger(|ledger| ledger.limit_pages(Some(1)).unwrap());
    let mut refused = false;
    // Free room in the last pages may still take a few.
    for fen in 0..200 {
        let text = shop.fresh_code(Wallet::Alipay);
        shop.send(Command::ServeNext);
        shop.scan(&text, Some(1000 + fen));
        shop.settle_commands();
        if shop.snapshot().health.ledger.is_some() {
            refused = true;
            break;
        }
    }
    assert!(refused);
    // Whatever reached the gateway was durable here before (I2).
    let arrived = shop.sim.core().bill_nos().to_vec();
    for bill_no in arrived {
        assert_eq!(shop.bill(&bill_no).bill_no, bill_no);
    }
    shop.with_ledger(|ledger| ledger.limit_pages(None).unwrap());
    shop.until("the disk has room", |s| {
        s.health.ledger.is_none().then_some(())
    });
}

fn success_that_can_not_be_written_is_shown_so_and_announced_once_it_is() {
    let paid = || RowOutcome::Empty;
    let script = Script::new(&["http://127.0.0.1:1"]).row(move |_| paid());
    let (mut shop, _, bill_no) = unwritable_answer(script);
    shop.until("网关已收款 · 本机未能记录", |s| {
        on_stage(s)
            .filter(|b| b.unrecorded && b.state == State::Paid)
            .map(|_| ())
    });
    let unwritten = |n: &Notice| matches!(n, Notice::Unwritten(b) if b.state == State::Paid);
    assert!(shop.heard().iter().any(unwritten));
    assert_eq!(shop.announced(&bill_no, State::Paid), [false; 0]);
    assert_eq!(shop.bill(&bill_no).state, State::Sent);
    // It stays in sight when the next customer is served.
    shop.send(Command::ServeNext);
    shop.until("the to-do list", |s| {
        s.to_do
            .iter()
            .find(|b| b.bill_no == bill_no && b.unrecorded)
            .map(|_| ())
    });
    assert!(shop.till().pending() > 0);
    refuse(&mut shop, false);
    shop.until_state(&bill_no, State::Paid);
    shop.until("nothing unwritten", |s| {
        s.to_do.iter().all(|b| !b.unrecorded).then_some(())
    });
    assert_eq!(
        shop.announced(&bill_no, State::Paid),
        [false],
        "once, off the stage"
    );
    assert_eq!(shop.snapshot().today.sum, Fen(1000));
}

fn a_revert_that_can_not_be_recorded_is_not_sent() {
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Waiting { channel_type: None })
        .row(|_| row(false, false, 1000));
    let (mut shop, script, bill_no) = unwritable_answer(script);
    shop.until("closing in memory", |s| {
        on_stage(s)
            .filter(|b| b.state == State::Closing)
            .map(|_| ())
    });
    let asked = script.count(Asked::Status);
    shop.until("more questions", |_| {
        (script.count(Asked::Status) > asked + 5).then_some(())
    });
    assert_eq!(script.count(Asked::Revert), 0);
    refuse(&mut shop, false);
    shop.until("a revert", |_| {
        (script.count(Asked::Revert) > 0).then_some(())
    });
    let bill = shop.bill(&bill_no);
    assert!(bill.reverts.is_some(), "recorded before it was sent");
}

fn a_qr_whose_showing_can_not_be_recorded_is_not_drawn() {
    let mut shop = Shop::open();
    shop.stop();
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Code {
            code_url: "https://qr.alipay.com/bax1".to_owned(),
            gateway_no: None,
        })
        .status(|_| StatusOutcome::NotPaid)
        .holding_pay()
        .shared();
    shop.start_with(script.clone());
    let bill_no = shop.charge_qr(1000, Wallet::Alipay);
    refuse(&mut shop, true);
    script.answer_pay();
    shop.until("it is not waited for", |s| {
        let staged = on_stage(s).map(|b| b.state);
        (!matches!(staged, Some(State::Sent | State::Awaiting))).then_some(())
    });
    refuse(&mut shop, false);
    shop.until_bill(&bill_no, "written", |b| b.closing.is_some());
    let drawn = |b: &shouyin::till::service::BillView| b.qr.is_some();
    assert!(!on_stage(&shop.snapshot()).is_some_and(drawn));
    // Nor is a client told to show it.
    let told = shop.heard().iter().any(|n| match n {
        Notice::Changed(b) => b.state == State::Awaiting && b.qr.was_shown(),
        _ => false,
    });
    assert!(!told);
}

fn what_could_not_be_written_before_the_end_is_found_again_at_the_next_start() {
    let mut shop = Shop::open();
    shop.plan(Act::Password, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    refuse(&mut shop, true);
    shop.pay_now(&bill_no);
    shop.until("paid in memory", |s| {
        on_stage(s).filter(|b| b.state == State::Paid).map(|_| ())
    });
    shop.stop();
    shop.start();
    let bill = shop.until_state(&bill_no, State::Paid);
    assert!(bill.late, "by recovery");
    shop.until("the to-do list", |s| {
        crate::harness::is_listed(&s.to_do, &bill_no).then_some(())
    });
}
