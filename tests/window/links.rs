//! Pay links: Ctrl+L or a touch, a figure, and the link on both windows.

use super::counter::*;
use super::looks::check_layout;
use super::sample;
use iced::Size;
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use shouyin::domain::bill::CloseReason;
use shouyin::domain::{Channel, Fen, State};
use shouyin::till::service::*;
use shouyin::ui::app::{KeyPress, Message, Screen};
use shouyin::ui::clock::Clock;
use shouyin::ui::strings::Words;
use std::sync::Arc;

const LINKS: [Channel; 3] = [Channel::AliWap, Channel::BcWxWap, Channel::UnWap];

fn linked(mut snapshot: Snapshot, links: &[Channel]) -> Counter {
    snapshot.shop.links = links.to_vec();
    Counter::new(snapshot)
}

fn idle(links: &[Channel]) -> Counter {
    linked(sample::snapshot(Stage::Idle), links)
}

fn control_l(counter: &mut Counter) {
    counter.pass(100);
    counter.tell(Message::Key(KeyPress {
        window: counter.app.main_window(),
        key: Key::Character("l".into()),
        text: None,
        command: true,
        control: true,
        shift: false,
        repeat: false,
        captured: false,
        at_ms: counter.clock.mono_ms(),
    }));
}

/// A link on the stage, with its QR.
fn shown(channel: Channel) -> BillView {
    BillView {
        channel,
        link: true,
        wallet: channel.wallet(),
        qr: Some(sample::qr()),
        deadline_ms: Some(sample::now() + 840_000),
        countdown_ms: Some(900_000),
        ..sample::waiting()
    }
}

#[test]
fn ctrl_l_and_a_figure_show_a_link_for_the_amount() {
    let mut counter = idle(&LINKS);
    counter.typed("12.5");
    control_l(&mut counter);
    assert!(matches!(counter.app.screen(), Screen::Links));
    assert!(counter.reads("支付宝手机网页") && counter.reads("BC_WX_WAP"));
    counter.typed("9");
    assert_sent(&counter, &[], "no ninth link");
    counter.typed("2");
    let link = "ShowLink { channel: BcWxWap, amount: Some(Fen(1250)), note: \"\" }";
    assert_sent(&counter, &[link], "the second");
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert_eq!(
        counter.app.typed(),
        "12.5",
        "a figure that chose is no amount"
    );
}

#[test]
fn a_touch_does_the_same_and_a_single_link_is_shown_at_once() {
    let mut counter = idle(&LINKS);
    counter.typed("8");
    counter.touch("付款链接");
    counter.touch("银联手机网页");
    assert_sent(
        &counter,
        &["ShowLink { channel: UnWap, amount: Some(Fen(800))"],
        "touched",
    );
    let mut counter = idle(&[Channel::AliWap]);
    counter.typed("8");
    control_l(&mut counter);
    assert_sent(&counter, &["ShowLink { channel: AliWap"], "the only one");
}

#[test]
fn without_an_amount_or_a_link_it_says_so_and_sends_nothing() {
    let mut counter = idle(&LINKS);
    control_l(&mut counter);
    assert_eq!(counter.app.toast(), Some("请先输入金额，再扫付款码"));
    let mut counter = idle(&[]);
    counter.typed("8");
    control_l(&mut counter);
    assert_eq!(
        counter.app.toast(),
        Some("没有设置付款链接：店长在 F10 网关页设置")
    );
    assert!(!counter.reads("付款链接"));
    assert_sent(&counter, &[], "nothing");
    // Nor while the till is locked.
    let mut locked = sample::snapshot(Stage::Amount { amount: Fen(800) });
    locked.signed_in = None;
    let mut counter = linked(locked, &LINKS);
    control_l(&mut counter);
    assert!(!matches!(counter.app.screen(), Screen::Links));
}

#[test]
fn escape_leaves_the_choice_and_a_scan_is_still_the_payment() {
    let mut counter = idle(&LINKS);
    counter.typed("8");
    control_l(&mut counter);
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert_eq!(counter.app.typed(), "8");
    control_l(&mut counter);
    counter.scan(ALIPAY_CODE, false);
    assert_sent(
        &counter,
        &["Scan { text: ScanText(…), amount: Some(Fen(800))"],
        "a scan",
    );
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn a_refused_sale_takes_a_link_as_its_next_attempt() {
    let mut counter = linked(sample::on_stage(sample::face("refused")), &LINKS);
    control_l(&mut counter);
    counter.typed("1");
    assert_sent(
        &counter,
        &["ShowLink { channel: AliWap, amount: None"],
        "the same sale",
    );
}

#[test]
fn the_same_link_is_shown_again_and_a_wallets_key_does_not() {
    let mut bill = shown(Channel::AliWap);
    (bill.state, bill.qr, bill.can_show_again) = (State::Watching, None, true);
    bill.closing = Some(CloseReason::Deadline);
    let mut counter = linked(sample::on_stage(bill), &LINKS);
    counter.press(Named::F2);
    control_l(&mut counter);
    counter.typed("1");
    assert_sent(
        &counter,
        &["ShowQr { wallet: Alipay", "ShowAgain("],
        "again",
    );
}

#[test]
fn both_windows_say_whose_page_it_is_and_count_its_time() {
    for channel in Channel::linkable() {
        for language in both_languages() {
            let w = Words::new(language);
            let mut snapshot = sample::on_stage(shown(channel));
            let mut settings = (*snapshot.settings).clone();
            settings.customer.window = shouyin::domain::config::CustomerWindow::On;
            snapshot.settings = Arc::new(settings);
            snapshot.shop.language = language;
            let mut counter = linked(snapshot, &LINKS);
            let name = w.link_name(channel);
            for size in SIZES {
                let texts = counter.main_texts(size);
                check_layout(
                    &texts,
                    size,
                    &format!("{channel} {language:?} {size:?}"),
                    false,
                );
                let who = format!("{} · {name}", w.pay_link());
                assert!(texts.iter().any(|(t, ..)| *t == who), "{channel}");
                assert!(texts.iter().any(|(t, ..)| t.contains("14:00")), "{channel}");
            }
            let customer = counter.app.customer_window().unwrap();
            let texts = counter.texts(customer, Size::new(1024.0, 600.0));
            assert!(
                texts.iter().any(|(t, ..)| t == name),
                "{channel}: {texts:?}"
            );
            assert!(texts.iter().any(|(t, ..)| t.contains("14:00")));
        }
    }
}

#[test]
fn a_link_that_only_has_a_form_says_why_in_the_lists() {
    let mut bill = shown(Channel::UnWap);
    (bill.state, bill.qr) = (State::Watching, None);
    bill.closing = Some(CloseReason::OnlyForm);
    let mut counter = linked(sample::on_stage(bill), &LINKS);
    assert!(counter.reads("这个渠道只返回网页表单，不能做成二维码"));
}

#[test]
fn everything_fits_with_links_and_in_the_test_environment() {
    let all: Vec<Channel> = Channel::linkable().collect();
    for language in both_languages() {
        for size in SIZES {
            for scene in ["idle", "amount", "refused", "not_sent", "practice"] {
                let mut snapshot = sample::scene(scene).unwrap();
                snapshot.shop.language = language;
                let mut counter = linked(snapshot, &LINKS);
                let what = format!("{scene} {language:?} {size:?}");
                check_layout(&counter.main_texts(size), size, &what, scene == "practice");
            }
            let mut snapshot = sample::snapshot(Stage::Amount { amount: Fen(1250) });
            snapshot.shop.language = language;
            snapshot.shop.sandbox = true;
            let mut counter = linked(snapshot, &all);
            let strip = Words::new(language).sandbox_strip();
            assert!(counter.main_texts(size).iter().any(|(t, ..)| t == strip));
            control_l(&mut counter);
            let what = format!("links {language:?} {size:?}");
            let shown: Vec<Placed> = counter.main_texts(size);
            let seen: Vec<Placed> = shown
                .into_iter()
                .filter(|(_, _, seen)| seen.is_some())
                .collect();
            assert!(seen.iter().any(|(t, ..)| t == "1"), "{what}");
        }
    }
}

#[test]
fn f1_lists_the_key() {
    let mut counter = idle(&LINKS);
    counter.press(Named::F1);
    let w = Words::new(shouyin::domain::config::Language::Chinese);
    let texts = counter.main_texts(SIZES[2]);
    assert!(texts.iter().any(|(t, ..)| t == w.keys_link_do()));
    assert!(texts.iter().any(|(t, ..)| t == "Ctrl+L"));
}
