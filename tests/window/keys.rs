//! What keys, scans and touches do.

use super::counter::*;
use super::sample;
use iced::Size;
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced_test::simulator::Simulator;
use shouyin::domain::{Fen, Proof, State};
use shouyin::till::service::*;
use shouyin::ui::app::{Context, Message, Screen};
use shouyin::ui::settings;

#[test]
fn what_a_key_does_depends_on_the_stage() {
    use Named::{Enter, Escape, F2, F3, F7};
    let none: &[&str] = &[];
    let table: &[(&str, Named, &[&str])] = &[
        ("waiting", Enter, &["ServeNext"]),
        ("waiting", Escape, &["Cancel("]),
        ("pending", Escape, &["Cancel("]),
        ("qr", Enter, &["ServeNext"]),
        ("qr", Escape, &["Cancel("]),
        ("cancelling", Enter, &["ServeNext"]),
        ("cancelling", Escape, none),
        ("paid", Enter, &["ServeNext"]),
        ("paid", Escape, none),
        ("paid", F7, none),
        ("refused", Enter, &["ServeNext"]),
        ("refused", Escape, &["ServeNext"]),
        ("refused", F2, &["ShowQr { wallet: Alipay, amount: None"]),
        ("not_sent", F3, &["ShowQr { wallet: Wechat, amount: None"]),
        ("not_sent", Escape, &["ServeNext"]),
        ("reverted", Enter, &["ServeNext"]),
        ("expired", Enter, &["ServeNext"]),
        ("unanswered", Enter, &["ServeNext"]),
        ("unanswered", Escape, &["Cancel("]),
        ("unanswered_closing", Enter, &["ServeNext"]),
        ("unanswered_closing", Escape, none),
        ("unresolved", Enter, &["AskNow("]),
        ("unresolved", Escape, none),
        ("unresolved", F7, &["ServeNext"]),
        ("incident", Enter, &["AskNow("]),
        ("incident", F7, &["ServeNext"]),
        ("watching", Enter, &["ServeNext"]),
        ("watching", F3, &["ShowAgain("]),
        ("watching", F2, &["ShowQr { wallet: Alipay"]),
        ("unrecorded", Enter, &["ServeNext"]),
    ];
    for (face, key, expected) in table {
        let mut counter = Counter::on(face);
        counter.pass(500);
        counter.press(*key);
        assert_sent(&counter, expected, &format!("{face} {key:?}"));
    }
}

#[test]
fn a_digit_begins_the_next_sale_and_is_written() {
    let moves_on = [
        "paid",
        "late",
        "refused",
        "not_sent",
        "reverted",
        "expired",
        "unresolved",
        "unanswered",
        "incident",
        "unrecorded",
        "watching",
    ];
    for (name, _) in sample::faces() {
        let mut counter = Counter::on(name);
        counter.typed("1");
        let expected: &[&str] = if moves_on.contains(&name)
            || name == "unanswered_closing"
            || name.starts_with("return")
            || name == "no_witness"
        {
            &["ServeNext"]
        } else {
            &[]
        };
        assert_sent(&counter, expected, name);
        counter.typed("2");
        assert_sent(&counter, &[], name);
        assert_eq!(counter.app.typed(), "12", "{name}");
    }
}

#[test]
fn enter_confirms_an_amount_and_any_change_takes_it_back() {
    let mut counter = Counter::idle();
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "nothing typed");
    counter.typed("12.345");
    assert_eq!(counter.app.typed(), "12.34");
    counter.press(Named::Enter);
    assert_sent(
        &counter,
        &["ConfirmAmount { amount: Fen(1234), note: \"\" }"],
        "Enter",
    );
    counter.show(Stage::Amount { amount: Fen(1234) });
    assert!(counter.reads("请扫描顾客付款码"));
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "Enter again");
    counter.press(Named::Backspace);
    assert_sent(&counter, &["ClearAmount"], "Backspace");
    assert_eq!(counter.app.typed(), "12.3");
    counter.show(Stage::Idle);
    counter.press(Named::Escape);
    assert_eq!(counter.app.typed(), "");
}

#[test]
fn an_amount_above_the_largest_is_said_at_once() {
    let mut counter = Counter::idle();
    counter.typed("500001");
    assert_eq!(counter.app.typed(), "500001");
    assert_eq!(
        counter.app.toast(),
        Some("单笔最多 ¥ 50,000.00，请检查金额")
    );
    counter.pass(6_001);
    assert_eq!(counter.app.toast(), None, "it fades after 6 s");
}

#[test]
fn enter_is_ignored_for_400_ms_after_the_stage_changes() {
    let mut counter = Counter::on("waiting");
    counter.pass(1_000);
    counter.show(Stage::Bill(Box::new(sample::face("paid"))));
    counter.pass(300);
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert_sent(&counter, &[], "a stray Enter");
    counter.pass(101);
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert_sent(&counter, &["ServeNext"], "an Enter that was meant");
    counter.pass(1_000);
    counter.raw(Key::Named(Named::Enter), None, false, true);
    assert_sent(&counter, &[], "a held key");
}

#[test]
fn a_script_may_type_the_next_amount_right_over_a_result() {
    let mut counter = Counter::on("paid");
    counter.typed("5");
    assert_sent(&counter, &["ServeNext"], "digit");
    counter.show(Stage::Idle);
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert_sent(&counter, &["ConfirmAmount { amount: Fen(500)"], "Enter");
}

#[test]
fn reverted_and_expired_go_away_by_themselves_and_paid_does_not() {
    for (face, goes) in [
        ("reverted", true),
        ("returned", true),
        ("no_witness", true),
        ("expired", true),
        ("paid", false),
        ("refused", false),
        ("unresolved", false),
        ("incident", false),
    ] {
        let mut counter = Counter::on("waiting");
        counter.pass(100);
        counter.show(Stage::Bill(Box::new(sample::face(face))));
        counter.pass(4_900);
        assert_sent(&counter, &[], face);
        counter.pass(200);
        assert_sent(&counter, if goes { &["ServeNext"] } else { &[] }, face);
        counter.pass(5_000);
        assert_sent(&counter, &[], "only once");
    }
}

#[test]
fn a_scan_is_the_payment_and_never_changes_amount_or_note() {
    let mut counter = Counter::idle();
    counter.typed("12.5");
    counter.scan(ALIPAY_CODE, false);
    assert_eq!(counter.app.typed(), "12.5");
    assert_sent(
        &counter,
        &["Scan { text: ScanText(…), amount: Some(Fen(1250))"],
        "scan",
    );
    counter.scan("2830", false);
    assert_eq!(counter.app.typed(), "12.5");
    assert_sent(&counter, &[], "a broken scan");
    assert_eq!(
        counter.app.toast(),
        Some("扫码不完整，没有发出，请重新扫描")
    );
}

#[test]
fn a_note_keeps_its_text_when_a_scan_goes_into_its_field() {
    let mut counter = Counter::idle();
    counter.typed("12.5");
    let change = |text: &str| {
        Message::Sale(shouyin::ui::screens::sale::Message::NoteChanged(
            text.into(),
        ))
    };
    counter.tell(change("水"));
    let mut text = "水".to_owned();
    for c in ALIPAY_CODE.chars() {
        text.push(c);
        counter.tell(change(&text));
    }
    counter.scan(ALIPAY_CODE, true);
    assert_eq!(counter.app.note(), "水");
    assert_eq!(counter.app.typed(), "12.5");
    assert_sent(&counter, &["amount: Some(Fen(1250)), note: \"水\""], "scan");
}

#[test]
fn digits_stay_until_their_bill_is_on_the_stage() {
    let mut counter = Counter::idle();
    counter.typed("128.50");
    counter.scan(ALIPAY_CODE, false);
    assert_eq!(counter.app.typed(), "128.50");
    counter.tell(Message::Noticed(Notice::Said(Said::NoChannelForCode)));
    assert_eq!(
        counter.app.typed(),
        "128.50",
        "refused by the till: still there"
    );
    counter.press(Named::F3);
    counter.show(Stage::Bill(Box::new(sample::face("waiting"))));
    assert_eq!(counter.app.typed(), "", "its bill is on the stage");
}

#[test]
fn only_1_and_2_or_a_touch_answer_the_same_amount_question() {
    let mut counter = Counter::new(sample::asking(sample::snapshot(Stage::Idle)));
    counter.pass(500);
    counter.press(Named::Enter);
    counter.scan(ALIPAY_CODE, false);
    counter.scan("1111222233", false);
    counter.typed("35");
    counter.press(Named::F2);
    counter.press(Named::F7);
    assert_sent(&counter, &[], "no answer");
    counter.typed("1");
    assert_sent(&counter, &["AnswerQuestion { another: true }"], "1");
    counter.typed("2");
    assert_sent(&counter, &["AnswerQuestion { another: false }"], "2");
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    for (word, answer) in [("另一位", "true"), ("同一位", "false")] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
        assert_sent(&counter, &[answer], word);
    }
}

#[test]
fn esc_leaves_the_same_amount_question_and_f9_locks() {
    let mut counter = Counter::new(sample::asking(sample::snapshot(Stage::Idle)));
    counter.pass(500);
    counter.press(Named::Escape);
    assert_sent(&counter, &["ClearAmount"], "neither the one nor the other");
    counter.press(Named::F9);
    assert_sent(&counter, &["Lock"], "F9");
}

#[test]
fn a_locked_window_takes_an_id_and_a_pin_and_drops_scans() {
    let locked = Snapshot {
        signed_in: None,
        ..sample::snapshot(Stage::Idle)
    };
    let mut counter = Counter::new(locked);
    counter.scan(ALIPAY_CODE, false);
    for key in [Named::F2, Named::F5, Named::F7, Named::F10] {
        counter.press(key);
    }
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert!(counter.reads("登录收银台"));
    counter.typed("1001");
    counter.press(Named::Enter);
    counter.scan(ALIPAY_CODE, false);
    counter.typed("135790");
    counter.press(Named::Enter);
    assert_sent(&counter, &["SignIn { id: \"1001\", pin: Pin(…) }"], "keys");
    assert!(!counter.reads("135790"), "a PIN is never drawn");
    counter.tell(Message::Noticed(Notice::Said(Said::WrongPin { left: 3 })));
    assert_eq!(counter.app.toast(), Some("工号或 PIN 不对，还可以试 3 次"));
}

#[test]
fn signing_in_works_by_touch_alone() {
    let locked = Snapshot {
        signed_in: None,
        ..sample::snapshot(Stage::Idle)
    };
    let mut counter = Counter::new(locked);
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    for word in ["一号收银员 1001", "1", "3", "5", "7", "登录"] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
    }
    assert_sent(&counter, &["SignIn { id: \"1001\""], "touch");
}

#[test]
fn a_sale_works_by_touch_alone() {
    let mut counter = Counter::idle();
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    for word in ["3", "6", ".", "5", "确认", "微信码"] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
    }
    assert_sent(
        &counter,
        &[
            "ConfirmAmount { amount: Fen(3650)",
            "ShowQr { wallet: Wechat, amount: Some(Fen(3650))",
        ],
        "touch",
    );
}

#[test]
fn f7_and_enter_open_a_bill_and_a_manager_releases_one() {
    let mut counter = Counter::new(sample::busy(sample::snapshot(Stage::Idle)));
    counter.press(Named::F7);
    counter.press(Named::Enter);
    assert_sent(&counter, &["Open("], "Enter opens");
    counter.press(Named::F7);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert_sent(&counter, &["AskNow("], "the second action asks");
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "an empty form is not sent");
    counter.scan(ALIPAY_CODE, false);
    counter.typed("000000");
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(
        &counter,
        &["id: \"2001\", pin: Pin(…), reason: \"顾客已改付现金\""],
        "form",
    );
    counter.press(Named::Escape);
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert_sent(&counter, &["HandedOver("], "已交货 of the late one");
    counter.typed("4");
    assert!(
        matches!(counter.app.screen(), Screen::Sale),
        "a digit goes to the amount"
    );
    assert_eq!(counter.app.typed(), "4");
}

#[test]
fn an_amount_above_the_largest_is_neither_confirmed_nor_scanned_as_a_smaller_one() {
    let mut snapshot = sample::snapshot(Stage::Idle);
    snapshot.shop.max_amount = Fen(10_000);
    let mut counter = Counter::new(snapshot);
    counter.typed("1200");
    assert_eq!(counter.app.typed(), "1200", "as it was typed");
    counter.press(Named::Enter);
    counter.scan(ALIPAY_CODE, false);
    counter.press(Named::F2);
    assert_sent(&counter, &[], "nothing is charged");
    assert!(counter.reads("单笔最多 ¥ 100.00，请检查金额"));
    counter.press(Named::Backspace);
    counter.press(Named::Backspace);
    counter.scan(ALIPAY_CODE, false);
    assert_sent(
        &counter,
        &["amount: Some(Fen(1200))"],
        "twelve, since they meant it",
    );
}

#[test]
fn every_page_opens_by_its_key_and_closes_by_esc() {
    let pages = [
        (Named::F1, "按键"),
        (Named::F5, "选一笔账单看经过"),
        (Named::F8, "开班"),
        (Named::F7, "进行中与待处理"),
    ];
    for (key, text) in pages {
        let mut counter = Counter::idle();
        counter.press(key);
        assert!(counter.reads(text), "{text}");
        counter.press(Named::Escape);
        assert!(matches!(counter.app.screen(), Screen::Sale));
        assert_sent(&counter, &[], text);
    }
}

#[test]
fn esc_closes_the_bills_although_the_search_has_the_keys() {
    let mut counter = Counter::idle();
    counter.press(Named::F5);
    assert!(matches!(counter.app.screen(), Screen::Bills(_)));
    counter.raw(Key::Named(Named::Escape), None, true, false);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn what_was_said_about_the_last_try_goes_with_the_next() {
    let mut counter = Counter::idle();
    counter.tell(Message::Noticed(Notice::Said(Said::ScanIncomplete)));
    counter.tell(Message::Noticed(Notice::Said(Said::AmountMissing)));
    assert!(counter.app.toast().is_some());
    counter.pass(1_000);
    counter.typed("5");
    assert_eq!(counter.app.toast(), None);

    counter.tell(Message::Noticed(Notice::Said(Said::ScanIncomplete)));
    counter.pass(1_000);
    counter.show(Stage::Bill(Box::new(sample::face("paid"))));
    assert_eq!(counter.app.toast(), None, "paid under 没有发出");

    let bill = Box::new(sample::face("paid"));
    let on_stage = false;
    counter.tell(Message::Noticed(Notice::Fate { bill, on_stage }));
    counter.pass(1_000);
    counter.typed("5");
    assert!(
        counter.app.toast().is_some(),
        "a result off the stage stays"
    );
}

#[test]
fn a_bill_that_leaves_the_list_is_followed_by_the_one_in_its_place() {
    use shouyin::ui::screens::to_do;
    let mut snapshot = sample::busy(sample::snapshot(Stage::Idle));
    let mut state = to_do::State::new(&snapshot);
    let down = to_do::Message::Step(shouyin::ui::app::Step::Down);
    let followed = state.update(down, &snapshot);
    assert!(matches!(followed, to_do::Action::Follow(1)));
    let next = snapshot.to_do.get(2).map(|b| b.bill_no.clone());
    snapshot.to_do.remove(1);
    state.keep_to(&snapshot);
    assert_eq!(state.chosen(), next.as_ref());
}

#[test]
fn digits_that_end_no_number_are_searched_as_an_amount() {
    use shouyin::ui::screens::bills::{Action, Message as Bills, State};
    let snapshot = sample::snapshot(Stage::Idle);
    let context = Context {
        snapshot: &snapshot,
        now_ms: 0,
    };
    let (mut state, _) = State::open(context);
    let _ = state.update(Bills::SearchChanged("17".into()), context);
    let again = state.update(Bills::Found(2, Ok(Vec::new())), context);
    let [Action::Search(3, query)] = again.as_slice() else {
        panic!("{again:?}");
    };
    assert_eq!(
        (query.amount, query.tail.as_ref()),
        (Some(Fen(1_700)), None)
    );
    assert!(
        state
            .update(Bills::Found(3, Ok(Vec::new())), context)
            .is_empty()
    );
}

#[test]
fn the_live_query_of_a_chosen_bill_is_enter() {
    let mut counter = Counter::idle();
    counter.press(Named::F5);
    let found = Ok(sample::latest());
    counter.tell(Message::Bills(shouyin::ui::screens::bills::Message::Found(
        1, found,
    )));
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(
        &counter,
        &["AskNow(BillNo(\"2026112001000061H8QZ7C3D\"))"],
        "Enter",
    );
    counter.scan("2026112001000060B2NM5E4F", false);
    assert_sent(&counter, &[], "a scan in a search is its text");
}

#[test]
fn a_bill_that_ends_off_the_stage_is_said_as_the_previous_one() {
    let mut counter = Counter::idle();
    counter.tell(Message::Noticed(Notice::Fate {
        bill: Box::new(sample::face("paid")),
        on_stage: false,
    }));
    assert_eq!(counter.app.toast(), Some("前一笔：已收款 ¥ 128.50"));
    assert!(
        counter.reads("请输入金额"),
        "the stage is not coloured by it"
    );
}

#[test]
fn practice_cannot_be_missed_and_its_panel_speaks_to_the_customer() {
    let mut counter = Counter::new(sample::practising(sample::snapshot(Stage::Idle)));
    assert!(counter.reads("练习模式 · 没有真实扣款"));
    counter.typed("36");
    let main = counter.app.main_window();
    let size = Size::new(1366.0, 768.0);
    for word in ["微信", "输入密码", "丢失回答", "扫这个码"] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
    }
    assert_sent(
        &counter,
        &[
            "PracticeCode(Wechat)",
            "Practice { act: Password, network: Normal }",
            "Practice { act: Pay, network: LoseAnswer }",
            "PracticeScan { amount: Some(Fen(3600))",
        ],
        "panel",
    );
    assert!(!Counter::idle().reads("练习模式 · 没有真实扣款"));
}

const SECOND_CODE: &str = "289876543210987654";

/// What the till does with a charge is seen a moment later: until then a second code is a second
/// payment of one typed amount.
#[test]
fn one_typed_amount_is_charged_once_however_fast_two_codes_come() {
    let mut counter = Counter::new(sample::snapshot(Stage::Idle));
    counter.typed("36");
    counter.scan(ALIPAY_CODE, false);
    counter.scan(SECOND_CODE, false);
    counter.press(Named::F2);
    let sent = counter.till.sent();
    let charges = sent
        .iter()
        .filter(|c| c.starts_with("Scan") || c.starts_with("ShowQr"));
    assert_eq!(charges.count(), 1, "{sent:?}");
    // What is said of something else does not open it again.
    counter.tell(Message::Noticed(Notice::Said(Said::SlipWaits)));
    counter.scan(SECOND_CODE, false);
    assert_sent(&counter, &[], "still the first");
    // The till refused: the digits stay, and the next code is the payment.
    counter.tell(Message::Noticed(Notice::Said(Said::NotAPaymentCode)));
    assert_eq!(counter.app.typed(), "36");
    counter.scan(SECOND_CODE, false);
    let sent = counter.till.sent();
    assert!(sent.iter().any(|c| c.starts_with("Scan")), "{sent:?}");
}

/// A scan that is refused while the first is being charged keeps no digits for the next customer.
#[test]
fn the_next_customer_never_finds_the_amount_that_was_just_charged() {
    let mut counter = Counter::new(sample::snapshot(Stage::Idle));
    counter.typed("36");
    counter.scan(ALIPAY_CODE, false);
    counter.tell(Message::Noticed(Notice::Said(Said::NotAPaymentCode)));
    let mut bill = sample::ended(State::Paid, Proof::Pay);
    bill.amount = Fen(3_600);
    counter.show(Stage::Bill(Box::new(bill)));
    assert_eq!(counter.app.typed(), "", "its bill is on the stage");
    counter.pass(500);
    counter.press(Named::Enter);
    counter.show(Stage::Idle);
    counter.typed("5");
    assert_eq!(counter.app.typed(), "5");
}
