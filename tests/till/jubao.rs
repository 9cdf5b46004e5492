//! 聚宝 Pay: a page shown as a QR, a query, a callback; what it can't do is refused in one line.

use crate::harness::{PATIENCE, Shop, assert_proven, is_lost, on_stage};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use shouyin::domain::bill::Qr;
use shouyin::domain::config::{Provider, Settings};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{BillNo, Channel, Proof, State, Wallet};
use shouyin::till::hook::Heard;
use shouyin::till::service::{Desk, Said};
use shouyin::till::{Command, wall_ms};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

crate::rules! {
    a_page_is_shown_paid_and_recorded_with_the_gateways_number,
    a_callback_makes_it_ask_and_is_answered_success_in_capitals,
    a_lost_answer_frees_the_sale_and_ends_as_expired,
    a_program_that_ends_between_pay_and_its_answer_goes_on_as_lost,
    a_cancelled_page_is_watched_until_it_can_no_longer_be_paid,
    what_it_can_not_do_is_said_in_one_line_and_nothing_is_sent,
}

fn jubao(settings: &mut Settings) {
    settings.gateway.provider = Provider::Jubao;
    settings.gateway.links.clear();
    settings.gateway.channels = Channel::JUBAO.to_vec();
    settings.gateway.order_valid_min = Some(1);
}

/// Not asked about for a minute: only a callback makes the till ask.
fn sleepy(settings: &mut Settings) {
    jubao(settings);
    let timing = &mut settings.payment.timing;
    timing.first_status_ms = 50;
    timing.status_interval_ms = 60_000;
    timing.qr_deadline_s = 100;
}

/// 003: the callback, signed by its own rule.
fn callback(number: &str, fee: i64) -> Value {
    let fields = BTreeMap::from([
        ("appid", json!("practice")),
        ("bank_type", json!("")),
        ("cash_fee", json!(fee)),
        ("nonce_str", json!("O2r8GjZ46e")),
        ("out_trade_no", json!(number)),
        ("time_end", json!("20261120162714")),
        ("total_fee", json!(fee)),
        ("trade_type", json!("NATIVE")),
        ("transaction_id", json!("P5631VZG299QZN94JD")),
    ]);
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let joined: String = fields
        .iter()
        .map(|(key, value)| format!("{key}{}", text(value)))
        .collect();
    let digest = Md5::digest(format!("practice-app{joined}practice-app"));
    let sign: String = digest.iter().map(|b| format!("{b:02X}")).collect();
    let mut all = json!(fields);
    all["sign"] = json!(sign);
    all
}

fn hear(shop: &Shop, callback: &Value) -> Heard {
    let heard = shop.till().hear(callback.to_string().into_bytes());
    shop.runtime.block_on(heard)
}

/// So much gateway time passes at once, on both sides.
fn pass(shop: &mut Shop, ahead_ms: &mut i64, ms: i64) {
    *ahead_ms += ms;
    shop.sim.face().set_clock_offset_ms(*ahead_ms);
    shop.till().skip_time(ms);
}

fn a_page_is_shown_paid_and_recorded_with_the_gateways_number() {
    for (wallet, channel) in [
        (Wallet::Alipay, Channel::JubaoAliWap),
        (Wallet::Wechat, Channel::JubaoWxH5),
    ] {
        let mut shop = Shop::with(jubao);
        shop.plan(Act::Never, Network::Normal);
        let bill_no = shop.charge_qr(1234, wallet);
        shop.until("the page as a QR", |s| {
            on_stage(s).filter(|b| b.qr.is_some()).map(|_| ())
        });
        let bill = shop.bill(&bill_no);
        assert_eq!(bill.channel, channel);
        assert!(bill.gateway_no.is_some(), "order_sn, to ask by");
        assert_eq!(bill.bill_timeout_s, Some(60), "by contract");
        shop.pay_now(&bill_no);
        let bill = shop.until_state(&bill_no, State::Paid);
        assert_eq!(
            bill.proof,
            Some(Proof::Row),
            "number and amount were checked (I9)"
        );
        assert!(shop.truth(&bill_no).kept());
        assert_eq!(shop.announced(&bill_no, State::Paid), [true]);
    }
}

fn a_callback_makes_it_ask_and_is_answered_success_in_capitals() {
    // Nobody is signed in: 聚宝's own key checks it.
    let mut shop = Shop::with(sleepy);
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge_qr(1234, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    std::thread::sleep(Duration::from_millis(300));
    shop.send(Command::Lock);
    shop.settle_commands();
    let number = bill_no.as_str();
    let mut forged = callback(number, 1234);
    forged["cash_fee"] = json!(1);
    let mut unsigned = callback(number, 1234);
    unsigned.as_object_mut().unwrap().remove("sign");
    for wrong in [
        forged,
        unsigned,
        callback(number, 1),
        callback("20261120010000010ABCDEFG", 1234),
        json!({"out_trade_no": number}),
    ] {
        assert_eq!(hear(&shop, &wrong), Heard::Refused, "{wrong}");
    }
    assert_eq!(shop.bill(&bill_no).state, State::Awaiting);
    shop.pay_now(&bill_no);
    assert_eq!(hear(&shop, &callback(number, 1234)), Heard::Done("SUCCESS"));
    assert_eq!(shop.bill(&bill_no).state, State::Paid);
    assert_eq!(
        hear(&shop, &callback(number, 1234)),
        Heard::Done("SUCCESS"),
        "again"
    );
    shop.until("counted once", |s| (s.today.count == 1).then_some(()));
}

/// Its page was never shown: the next attempt may go at once, and time ends it.
fn never_shown_ends_as_expired(shop: &mut Shop, bill_no: &BillNo) {
    let bill = shop.bill(bill_no);
    assert!(!bill.state.is_terminal(), "{bill:#?}");
    assert!(is_lost(&bill) && bill.gateway_no.is_none());
    assert_eq!(bill.qr, Qr::Unshown, "nobody can have seen its page");
    let mut ahead_ms = 0;
    let end = Instant::now() + PATIENCE;
    // Not before order_valid_min and its margin are over.
    for _ in 0..3 {
        pass(shop, &mut ahead_ms, 10_000);
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(
        !shop.bill(bill_no).state.is_terminal(),
        "it might still be paid"
    );
    while !shop.bill(bill_no).state.is_terminal() {
        assert!(Instant::now() < end, "{:#?}", shop.bill(bill_no));
        pass(shop, &mut ahead_ms, 31_000);
        std::thread::sleep(Duration::from_millis(300));
    }
    let bill = shop.bill(bill_no);
    assert_eq!(bill.state, State::Expired);
    assert_proven(&bill);
    assert!(!shop.truth(bill_no).kept());
}

fn a_lost_answer_frees_the_sale_and_ends_as_expired() {
    for network in [
        Network::LoseAnswer,
        Network::BadGateway,
        Network::Html,
        Network::Truncate,
    ] {
        let mut shop = Shop::with(jubao);
        shop.plan(Act::Never, network);
        let first = shop.charge_qr(1000, Wallet::Alipay);
        shop.until_bill(&first, "lost", is_lost);
        shop.until("the sale is free", |s| {
            matches!(&s.stage, shouyin::till::service::Stage::Amount { amount } if amount.0 == 1000)
                .then_some(())
        });
        shop.plan(Act::Never, Network::Normal);
        let second = shop.staging(|shop| shop.show_qr(Wallet::Alipay, None));
        shop.until_state(&second, State::Awaiting);
        assert_eq!(
            shop.bill(&second).sale,
            shop.bill(&first).sale,
            "the same sale"
        );
        shop.pay_now(&second);
        shop.until_state(&second, State::Paid);
        assert_eq!(shop.arrived(), 2);
        never_shown_ends_as_expired(&mut shop, &first);
    }
}

fn a_program_that_ends_between_pay_and_its_answer_goes_on_as_lost() {
    let mut shop = Shop::with(jubao);
    shop.plan(Act::Never, Network::Slow);
    let bill_no = shop.charge_qr(1000, Wallet::Wechat);
    let end = Instant::now() + PATIENCE;
    while shop.arrived() == 0 {
        assert!(Instant::now() < end, "the order never arrived");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(shop.bill(&bill_no).state, State::Sent);
    shop.stop();
    shop.start();
    shop.until_bill(&bill_no, "lost", is_lost);
    shop.until_bill(&bill_no, "off the stage", |b| b.qr == Qr::Unshown);
    never_shown_ends_as_expired(&mut shop, &bill_no);
    assert_eq!(shop.arrived(), 1, "sent once");
}

fn a_cancelled_page_is_watched_until_it_can_no_longer_be_paid() {
    for pays in [false, true] {
        let mut shop = Shop::with(jubao);
        shop.plan(Act::Never, Network::Normal);
        let bill_no = shop.charge_qr(1000, Wallet::Wechat);
        shop.until_state(&bill_no, State::Awaiting);
        shop.send(Command::Cancel(bill_no.clone()));
        let bill = shop.until_state(&bill_no, State::Watching);
        assert!(bill.reverts.is_none(), "there is no revert to send");
        if pays {
            shop.pay_now(&bill_no);
        }
        let mut ahead_ms = 0;
        let end = Instant::now() + PATIENCE;
        while !shop.bill(&bill_no).state.is_terminal() {
            assert!(Instant::now() < end, "{:#?}", shop.bill(&bill_no));
            pass(&mut shop, &mut ahead_ms, 31_000);
            std::thread::sleep(Duration::from_millis(300));
        }
        let bill = shop.bill(&bill_no);
        assert_proven(&bill);
        assert_eq!(bill.state == State::Paid, pays);
        assert_eq!(bill.late, pays, "it was paid after its time");
        assert_eq!(shop.truth(&bill_no).kept(), pays);
    }
}

fn what_it_can_not_do_is_said_in_one_line_and_nothing_is_sent() {
    let mut shop = Shop::desk(jubao);
    shop.sign_in("2001");
    let code = shop.fresh_code(Wallet::Alipay);
    shop.scan(&code, Some(1000));
    shop.until_said("no codes", |s| *s == Said::CodesNotOffered);
    assert_eq!(shop.arrived(), 0);
    shop.plan(Act::Pay, Network::Normal);
    let bill_no = shop.charge_qr(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    let refunded = crate::refunding::order(&shop, &bill_no, 100);
    assert_eq!(refunded, Err(Said::RefundsNotOffered));
    assert!(!shop.snapshot().desk.can_refund);
    let day = shouyin::domain::time::Day::of(wall_ms());
    let scope = shouyin::domain::reconcile::Scope {
        from_ms: day.start_ms(),
        to_ms: day.end_ms(),
        shift: None,
    };
    let compared = shop.runtime.block_on(shop.till().reconcile(scope));
    assert_eq!(compared, Err(Said::ListsNotOffered));
}
