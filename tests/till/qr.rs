//! QR payments (FATE 4, 8, 14, 17).

use crate::harness::{Shop, is_listed, on_stage};
use shouyin::domain::bill::Qr;
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{Proof, State, Wallet};
use shouyin::till::Command;
use shouyin::till::qr::read_back;
use shouyin::till::service::{Said, Stage};

crate::rules! {
    a_code_is_drawn_only_after_it_was_recorded_as_shown_and_reads_back_as_itself,
    a_code_leaves_the_screen_by_itself_when_its_time_is_over,
    a_qr_whose_answer_was_lost_frees_the_stage_and_its_sale_without_a_question,
    a_refused_wechat_cancel_is_watched_and_shown_again_only_while_time_remains,
    a_watched_code_that_nobody_paid_expires_with_a_proof,
    the_same_key_keeps_the_live_code_and_the_other_key_sends_nothing,
}

fn a_code_is_drawn_only_after_it_was_recorded_as_shown_and_reads_back_as_itself() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut shop = Shop::open();
        shop.plan(Act::Never, Network::Normal);
        let bill_no = shop.charge_qr(1000, wallet);
        let view = shop.until("a drawn code", |s| on_stage(s).and_then(|b| b.qr.clone()));
        let bill = shop.bill(&bill_no);
        assert!(
            matches!(bill.qr, Qr::Shown { .. }),
            "durable before it is drawn"
        );
        assert_eq!(read_back(&view).as_deref(), bill.qr.code_url());
        shop.pay_now(&bill_no);
        let bill = shop.until_state(&bill_no, State::Paid);
        assert!(!bill.late);
        let gone = shop.until("paid on the stage", |s| {
            on_stage(s).filter(|b| b.state == State::Paid).cloned()
        });
        assert_eq!(gone.qr, None);
    }
}

fn a_code_leaves_the_screen_by_itself_when_its_time_is_over() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    shop.charge_qr(1000, Wallet::Alipay);
    shop.until("a drawn code", |s| on_stage(s).and_then(|b| b.qr.clone()));
    shop.until("no code", |s| {
        let bill = on_stage(s)?;
        (bill.qr.is_none() && bill.state == State::Awaiting).then_some(())
    });
}

fn a_qr_whose_answer_was_lost_frees_the_stage_and_its_sale_without_a_question() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut shop = Shop::open();
        shop.plan(Act::Never, Network::LoseAnswer);
        let bill_no = shop.charge_qr(1000, wallet);
        shop.until_said("that no code can be shown", |s| *s == Said::QrUnshowable);
        let amount = shop.until("the amount on the stage", |s| match &s.stage {
            Stage::Amount { amount } => Some(amount.0),
            _ => None,
        });
        assert_eq!(amount, 1000);
        shop.until("the to-do list", |s| {
            is_listed(&s.to_do, &bill_no).then_some(())
        });
        // The same sale again, by the other means.
        let text = shop.fresh_code(wallet);
        let again = shop.staging(|s| s.scan(&text, None));
        assert_eq!(shop.snapshot().question, None);
        let next = shop.until_state(&again, State::Paid);
        assert_eq!(next.sale, shop.bill(&bill_no).sale);
        assert!(!shop.truth(&bill_no).kept());
    }
}

fn a_refused_wechat_cancel_is_watched_and_shown_again_only_while_time_remains() {
    let mut shop = Shop::with(|s| s.payment.timing.bill_timeout_s = 361);
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge_qr(1000, Wallet::Wechat);
    shop.until("a drawn code", |s| on_stage(s).and_then(|b| b.qr.clone()));
    shop.send(Command::Cancel(bill_no.clone()));
    let bill = shop.until_state(&bill_no, State::Watching);
    assert!(bill.qr.was_shown());
    let view = shop.until("watched on the stage", |s| {
        on_stage(s).filter(|b| b.state == State::Watching).cloned()
    });
    assert!(view.payable_until_ms.is_some() && view.can_show_again && view.qr.is_none());
    shop.send(Command::ServeNext);
    shop.send(Command::ShowAgain(bill_no.clone()));
    shop.until("it is drawn again", |s| {
        on_stage(s).and_then(|b| b.qr.clone())
    });
    shop.pay_now(&bill_no);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(bill.state, State::Paid);
}

fn a_watched_code_that_nobody_paid_expires_with_a_proof() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge_qr(1000, Wallet::Wechat);
    shop.until("a drawn code", |s| on_stage(s).and_then(|b| b.qr.clone()));
    shop.send(Command::Cancel(bill_no.clone()));
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::Expired, Some(Proof::Expired))
    );
    let payable = shop.truth(&bill_no).expires_at.unwrap();
    assert!(bill.ended_ms.unwrap() > payable);
}

fn the_same_key_keeps_the_live_code_and_the_other_key_sends_nothing() {
    let mut shop = Shop::with(|s| s.payment.timing.qr_deadline_s = 200);
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge_qr(1000, Wallet::Alipay);
    shop.until("a drawn code", |s| on_stage(s).and_then(|b| b.qr.clone()));
    shop.show_qr(Wallet::Alipay, None);
    shop.show_qr(Wallet::Wechat, None);
    shop.until_said("the stage is busy", |s| *s == Said::StageBusy);
    assert_eq!(shop.arrived(), 1);
    // After a restart the same key draws it again.
    shop.stop();
    shop.start();
    shop.send(Command::Open(bill_no.clone()));
    shop.until("it on the stage", |s| on_stage(s).map(|_| ()));
    shop.show_qr(Wallet::Alipay, None);
    shop.until("a drawn code", |s| on_stage(s).and_then(|b| b.qr.clone()));
    assert_eq!(shop.arrived(), 1);
}
