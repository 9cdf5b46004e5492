//! A till of 聚宝: what it can't do is absent, and its reason is one line.

use super::counter::*;
use super::{desk_sample as desk, sample};
use iced::keyboard::key::Named;
use shouyin::domain::config::Provider;
use shouyin::domain::{Channel, Fen, Proof, State};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::screens::to_do;
use std::sync::Arc;

const NO_CODES: &str = "聚宝 Pay 不收付款码，没有发出；请按 F2 / F3 出示收款码";
const NO_REFUNDS: &str = "聚宝 Pay 不支持退款，请在聚宝商户后台退款";

fn jubao(mut snapshot: Snapshot) -> Snapshot {
    let mut settings = (*snapshot.settings).clone();
    settings.gateway.provider = Provider::Jubao;
    settings.gateway.channels = Channel::JUBAO.to_vec();
    snapshot.settings = Arc::new(settings);
    snapshot.desk.can_refund = false;
    snapshot
}

fn manager(stage: Stage) -> Counter {
    let mut snapshot = jubao(desk::managed(sample::snapshot(stage)));
    snapshot.desk.can_refund = false;
    Counter::new(snapshot)
}

fn reads_part(counter: &mut Counter, part: &str) -> bool {
    let texts = counter.main_texts(SIZES[1]);
    texts.iter().any(|(text, ..)| text.contains(part))
}

#[test]
fn the_sale_screen_asks_for_a_qr_and_never_for_a_payment_code() {
    let mut counter = Counter::new(jubao(sample::snapshot(Stage::Idle)));
    counter.typed("12.34");
    assert!(counter.reads("请按 F2 / F3 出示收款码"));
    counter.show(Stage::Amount { amount: Fen(1234) });
    assert!(counter.reads("请按 F2 / F3 出示收款码"));
    assert!(!reads_part(&mut counter, "付款码"), "nothing to scan");
    // The camera has nothing to read either.
    counter.press(Named::F4);
    assert_eq!(counter.app.toast(), Some(NO_CODES));
}

#[test]
fn a_refused_bill_offers_its_qrs_and_no_scan() {
    let mut bill = sample::ended(State::NotSent, Proof::Connect);
    bill.channel = Channel::JubaoAliWap;
    let mut counter = Counter::new(jubao(sample::on_stage(bill)));
    assert!(counter.reads("支付宝码") && counter.reads("微信码"));
    assert!(!counter.reads("重新扫码"));
}

#[test]
fn the_played_customer_has_no_code_to_scan() {
    let practising = || sample::practising(sample::snapshot(Stage::Idle));
    for (snapshot, scans) in [(practising(), true), (jubao(practising()), false)] {
        let mut counter = Counter::new(snapshot);
        assert_eq!(counter.reads("扫这个码"), scans);
        assert!(counter.reads("模拟顾客"));
    }
}

#[test]
fn f6_says_that_it_has_no_refunds_and_names_no_secret() {
    let mut counter = manager(Stage::Idle);
    counter.press(Named::F6);
    assert_eq!(counter.app.toast(), Some(NO_REFUNDS));
    counter.tell(Message::OpenRefund(desk::bill_no()));
    assert_eq!(counter.app.toast(), Some(NO_REFUNDS));
    assert!(!matches!(counter.app.screen(), Screen::Refund(_)));
    assert!(counter.till.desk.taken().is_empty(), "nothing was asked");
}

#[test]
fn a_late_payment_is_handed_over_and_not_refunded_here() {
    let mut bill = sample::ended(State::Paid, Proof::Row);
    bill.late = true;
    for (channel, refunds) in [
        (Channel::AliOfflineQrcode, true),
        (Channel::JubaoAliWap, false),
    ] {
        bill.channel = channel;
        let mut counter = manager(Stage::Bill(Box::new(bill.clone())));
        let texts = counter.main_texts(SIZES[1]);
        let words = texts.iter().filter(|(text, ..)| text == "退款").count();
        // The key bar has its own.
        assert_eq!(words, 1 + usize::from(refunds), "{channel}");
        let offered = to_do::actions(&bill);
        assert!(offered.contains(&to_do::Do::HandedOver));
        assert_eq!(offered.contains(&to_do::Do::Refund), refunds, "{channel}");
    }
}

#[test]
fn what_can_not_be_undone_says_why_and_until_when_it_may_be_paid() {
    let mut bill = sample::face("watching");
    bill.channel = Channel::JubaoWxH5;
    bill.payable_until_ms = Some(sample::now() + 600_000);
    let mut counter = Counter::new(jubao(sample::on_stage(bill)));
    assert!(reads_part(&mut counter, "聚宝 Pay 不能撤销，请勿再次收款"));
}

#[test]
fn a_reconciliation_says_that_there_are_no_lists() {
    let mut counter = manager(Stage::Idle);
    counter.tell(Message::OpenReconcile);
    let why = "聚宝 Pay 没有账单列表，不能对账，请在聚宝商户后台核对";
    assert_eq!(counter.app.toast(), Some(why));
    assert!(!matches!(counter.app.screen(), Screen::Reconcile(_)));
}

#[test]
fn the_settings_offer_its_channels_and_how_long_an_order_lives() {
    let snapshot = jubao(sample::managing(sample::snapshot(Stage::Idle)));
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F10);
    counter.press(Named::Tab);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert!(reads_part(&mut counter, "JUBAO_ALI_WAP") && reads_part(&mut counter, "JUBAO_WX_H5"));
    assert!(!reads_part(&mut counter, "ALI_SCAN"));
    // The first of the list is dropped by its number; there is no third.
    counter.typed("1");
    counter.typed("3");
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert!(asked[0].contains("\"JUBAO_WX_H5\""), "{asked:?}");
    counter.press(Named::Escape);
    counter.press(Named::Escape);
    counter.press(Named::F10);
    counter.press(Named::Tab);
    counter.touch("订单有效期（分钟）");
    counter.typed("30");
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert!(
        asked[0].contains("gateway.order_valid_min") && asked[0].contains("30"),
        "{asked:?}"
    );
}

#[test]
fn a_listener_that_could_not_start_is_a_line_on_the_screen() {
    let mut snapshot = sample::snapshot(Stage::Idle);
    snapshot.health.webhook = Some("webhook.listen：端口被占用".to_owned());
    let mut counter = Counter::new(snapshot);
    assert!(reads_part(&mut counter, "收不到网关通知"));
}
