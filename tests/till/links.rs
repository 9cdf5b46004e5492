//! Pay links: shown as a QR, followed by their row, never asked about by status and never undone.

use crate::harness::{Shop, is_listed, on_stage};
use crate::scripted::{Asked, Script, row};
use shouyin::domain::bill::{CloseReason, Qr};
use shouyin::domain::gateway::PayOutcome;
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{Channel, Fen, Proof, State, Wallet};
use shouyin::till::Command;
use shouyin::till::qr::read_back;
use shouyin::till::service::{Said, Stage};
use std::sync::Arc;

crate::rules! {
    a_link_is_shown_read_back_and_paid_by_its_row_after_a_restart_too,
    a_link_leaves_the_screen_at_its_own_time_and_expires_without_a_revert,
    an_answer_with_a_form_alone_frees_the_sale_and_says_so_in_plain_words,
    a_link_that_is_answered_after_a_cancel_is_never_shown,
    a_link_that_is_not_set_is_not_sent,
    a_link_is_the_answer_to_the_same_amount_question_too,
    the_same_link_keeps_its_code_and_a_wallets_key_does_not_show_it,
}

/// Answered with a code_url, and with a page.
const SIMULATED: [Channel; 5] = [
    Channel::WxNative,
    Channel::BcNative,
    Channel::BcAliQrcode,
    Channel::BcWxWap,
    Channel::BdWap,
];

/// A shop whose simulator answers these links.
fn linked() -> Shop {
    Shop::with(|s| s.gateway.links = SIMULATED.to_vec())
}

fn show_link(shop: &Shop, channel: Channel, fen: Option<i64>) {
    shop.send(Command::ShowLink {
        channel,
        amount: fen.map(Fen),
        note: String::new(),
    });
}

/// A shop with pay links whose gateway says what it is told.
fn scripted(script: Script) -> (Shop, Arc<Script>) {
    let mut shop = Shop::with(|s| s.gateway.links = vec![Channel::UnWap, Channel::BcWxWap]);
    shop.stop();
    let script = script.shared();
    shop.start_with(script.clone());
    (shop, script)
}

fn page() -> PayOutcome {
    PayOutcome::Code {
        code_url: "https://pay.example/p/1".to_owned(),
        gateway_no: None,
    }
}

fn never_asked_nor_undone(script: &Script) {
    assert_eq!(script.count(Asked::Status), 0);
    assert_eq!(script.count(Asked::Revert), 0);
}

fn a_link_is_shown_read_back_and_paid_by_its_row_after_a_restart_too() {
    for channel in SIMULATED {
        let mut shop = linked();
        shop.plan(Act::Never, Network::Normal);
        let bill_no = shop.staging(|s| show_link(s, channel, Some(1000)));
        let view = shop.until("a drawn link", |s| on_stage(s).and_then(|b| b.qr.clone()));
        let bill = shop.bill(&bill_no);
        assert!(bill.link && matches!(bill.qr, Qr::Shown { .. }));
        assert_eq!(read_back(&view).as_deref(), bill.qr.code_url());
        shop.stop();
        shop.start();
        shop.pay_now(&bill_no);
        let bill = shop.until_state(&bill_no, State::Paid);
        assert_eq!(bill.proof, Some(Proof::Row), "{channel}");
        assert!(shop.truth(&bill_no).kept());
    }
}

fn a_link_leaves_the_screen_at_its_own_time_and_expires_without_a_revert() {
    let mut shop = Shop::with(|s| {
        s.gateway.links = vec![Channel::WxNative];
        s.payment.timing.link_deadline_s = 3;
        s.payment.timing.bill_timeout_s = 5;
    });
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.staging(|s| show_link(s, Channel::WxNative, Some(1000)));
    let view = shop.until("a drawn link", |s| {
        on_stage(s).filter(|b| b.qr.is_some()).cloned()
    });
    assert_eq!(view.countdown_ms, Some(3_000));
    shop.until("no link", |s| {
        let bill = on_stage(s)?;
        (bill.qr.is_none() && bill.state == State::Awaiting).then_some(())
    });
    let bill = shop.until_state(&bill_no, State::Watching);
    assert_eq!(bill.closing.map(|c| c.why), Some(CloseReason::Deadline));
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof, bill.reverts),
        (State::Expired, Some(Proof::Expired), None)
    );
}

fn an_answer_with_a_form_alone_frees_the_sale_and_says_so_in_plain_words() {
    let mut answers = vec![
        PayOutcome::Paid { channel_type: None },
        PayOutcome::OnlyForm,
    ];
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(move |_| answers.pop().expect("two payments"))
        .row(|_| row(false, false, 1000))
        .holding_pay();
    let (mut shop, script) = scripted(script);
    let form = shop.staging(|s| show_link(s, Channel::UnWap, Some(1000)));
    script.answer_pay();
    shop.until_said("why", |s| *s == Said::LinkOnlyForm);
    let bill = shop.until_state(&form, State::Watching);
    assert_eq!(bill.closing.map(|c| c.why), Some(CloseReason::OnlyForm));
    assert_eq!(bill.qr, Qr::Unshown);
    let amount = shop.until("the amount on the stage", |s| match &s.stage {
        Stage::Amount { amount } => Some(amount.0),
        _ => None,
    });
    assert_eq!(amount, 1000);
    shop.until("the to-do list", |s| {
        is_listed(&s.to_do, &form).then_some(())
    });
    // The same sale, by a scan, at once and without a question.
    let text = shop.fresh_code(Wallet::Alipay);
    let again = shop.staging(|s| s.scan(&text, None));
    assert_eq!(shop.snapshot().question, None);
    script.answer_pay();
    let paid = shop.until_state(&again, State::Paid);
    assert_eq!(paid.sale, shop.bill(&form).sale);
    never_asked_nor_undone(&script);
}

fn a_link_that_is_answered_after_a_cancel_is_never_shown() {
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| page())
        .row(|_| row(false, false, 1000))
        .holding_pay();
    let (mut shop, script) = scripted(script);
    let bill_no = shop.staging(|s| show_link(s, Channel::BcWxWap, Some(1000)));
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_state(&bill_no, State::Watching);
    script.answer_pay();
    let bill = shop.until_bill(&bill_no, "answered", |b| b.is_answered());
    assert_eq!((bill.state, bill.qr), (State::Watching, Qr::Unshown));
    let told = shop.states_told(&bill_no);
    assert!(!told.contains(&State::Awaiting), "{told:?}");
    never_asked_nor_undone(&script);
}

fn a_link_that_is_not_set_is_not_sent() {
    let mut shop = linked();
    show_link(&shop, Channel::AliWap, Some(1000));
    shop.until_said("that it is not set", |s| {
        *s == Said::NoLinkChannel(Channel::AliWap)
    });
    show_link(&shop, Channel::BcNative, None);
    shop.until_said("that an amount is missing", |s| *s == Said::AmountMissing);
    assert_eq!(shop.arrived(), 0);
}

fn a_link_is_the_answer_to_the_same_amount_question_too() {
    let mut shop = linked();
    shop.plan(Act::Never, Network::Normal);
    let first = shop.staging(|s| show_link(s, Channel::BcNative, Some(1000)));
    shop.until("a drawn link", |s| on_stage(s).and_then(|b| b.qr.clone()));
    shop.send(Command::Cancel(first.clone()));
    shop.until_state(&first, State::Watching);
    shop.send(Command::ServeNext);
    show_link(&shop, Channel::BcAliQrcode, Some(1000));
    shop.until("the question", |s| s.question.clone());
    let next = shop.staging(|s| s.send(Command::AnswerQuestion { another: true }));
    let bill = shop.bill(&next);
    assert!(bill.link && bill.channel == Channel::BcAliQrcode);
    assert_ne!(bill.sale, shop.bill(&first).sale);
}

fn the_same_link_keeps_its_code_and_a_wallets_key_does_not_show_it() {
    let mut shop = Shop::with(|s| {
        s.gateway.links = Channel::LINKS_BESIDE.to_vec();
        s.payment.timing.link_deadline_s = 200;
    });
    shop.plan(Act::Never, Network::Normal);
    shop.staging(|s| show_link(s, Channel::WxNative, Some(1000)));
    shop.until("a drawn link", |s| on_stage(s).and_then(|b| b.qr.clone()));
    show_link(&shop, Channel::WxNative, None);
    shop.show_qr(Wallet::Wechat, None);
    shop.until_said("the stage is busy", |s| *s == Said::StageBusy);
    assert!(on_stage(&shop.snapshot()).is_some_and(|b| b.qr.is_some()));
    assert_eq!(shop.arrived(), 1);
}
