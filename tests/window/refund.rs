//! The refund page by keys and by touch: one order for one wish, a PIN that nobody else's scan
//! or choice fills, and no refund called failed without a proof.

use super::counter::*;
use super::looks::check_layout;
use super::{desk_sample as desk, sample};
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use shouyin::domain::refund::{Blocked, RefundState};
use shouyin::domain::{BillNo, Fen};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::face::RefundFace;
use shouyin::ui::screens::refund::{Field, Message as Refund, Reason};
use shouyin::ui::screens::{bills, incident, reconcile, settings, shift, to_do};
use shouyin::ui::strings::Words;

fn manager() -> Counter {
    Counter::new(desk::two_managers(sample::snapshot(Stage::Idle)))
}

fn answer(counter: &mut Counter, bill: Refundable) {
    let no = bill.bill_no.clone();
    counter.tell(Message::Refund(Refund::Refundable(no, Ok(Box::new(bill)))));
}

/// With the form open for the bill of ¥ 230.00.
fn in_form(bill: Refundable) -> Counter {
    let mut counter = manager();
    counter.tell(Message::OpenRefund(desk::bill_no()));
    answer(&mut counter, bill);
    counter.till.desk.taken();
    counter
}

/// ¥ 50.00 were ordered, and the till took it.
fn ordered() -> Counter {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    for _ in 0..3 {
        counter.press(Named::Enter);
    }
    counter.typed("000000");
    counter.press(Named::Enter);
    counter.till.desk.taken();
    counter.tell(Message::Refund(Refund::Ordered(1, Ok(desk::refund_no()))));
    counter
}

/// The till says this about the refund.
fn becomes(counter: &mut Counter, refund: RefundView) {
    counter.snapshot.desk.refunds = vec![refund];
    let stage = counter.snapshot.stage.clone();
    counter.show(stage);
}

fn orders(counter: &Counter) -> Vec<String> {
    let asked = counter.till.desk.taken();
    asked
        .into_iter()
        .filter(|line| line.starts_with("RefundOrder"))
        .collect()
}

fn reads_part(counter: &mut Counter, part: &str) -> bool {
    let texts = counter.main_texts(SIZES[1]);
    texts.iter().any(|(text, ..)| text.contains(part))
}

#[test]
fn f6_opens_nothing_for_a_cashier_or_without_a_refund_secret() {
    let mut cashier = Counter::idle();
    cashier.press(Named::F6);
    assert_eq!(cashier.app.toast(), Some("这一步需要店长"));
    let mut snapshot = desk::managed(sample::snapshot(Stage::Idle));
    snapshot.desk.can_refund = false;
    let mut bare = Counter::new(snapshot);
    bare.press(Named::F6);
    bare.tell(Message::OpenRefund(desk::bill_no()));
    assert_eq!(bare.app.toast(), Some("本机没有退款密钥，不能退款"));
    for counter in [&cashier, &bare] {
        assert!(matches!(counter.app.screen(), Screen::Sale));
        assert!(counter.till.desk.taken().is_empty(), "nothing is asked");
    }
}

#[test]
fn a_part_is_refunded_by_keys_alone() {
    let mut counter = manager();
    counter.press(Named::F6);
    counter.tell(Message::Refund(Refund::Found(1, Ok(sample::latest()))));
    for _ in 0..4 {
        counter.press(Named::ArrowDown);
    }
    counter.press(Named::Enter);
    let no = desk::bill_no();
    assert_eq!(counter.till.desk.taken(), [format!("refundable {no}")]);
    assert!(counter.reads("正在向网关核对这张账单…"));
    answer(&mut counter, desk::refundable());
    counter.typed("50");
    assert!(counter.reads("退给顾客 ¥ 50.00"));
    assert!(counter.reads("¥ 200.00 → ¥ 150.00"));
    counter.press(Named::Enter);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    counter.typed("000000");
    assert!(!counter.reads("000000"), "a PIN is never drawn");
    counter.press(Named::Enter);
    assert_eq!(
        orders(&counter),
        [format!(
            "RefundOrder {{ bill_no: BillNo(\"{no}\"), fee: Fen(5000), reason: \"多收\", approver: \"2001\", pin: Pin(…) }}"
        )]
    );
    assert!(counter.reads("正在核对…"));
}

#[test]
fn everything_is_refunded_by_touch_alone() {
    let mut counter = manager();
    counter.touch("退款");
    counter.tell(Message::Refund(Refund::Found(1, Ok(sample::latest()))));
    counter.touch("…59Y6RC9G5H");
    answer(&mut counter, desk::refundable());
    counter.touch("全部");
    counter.touch("商品问题");
    counter.touch("二号店长 2002");
    for digit in ["1", "3", "5", "7"] {
        counter.touch(digit);
    }
    counter.till.desk.taken();
    counter.touch("退给顾客 ¥ 200.00");
    let sent = orders(&counter);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].contains("fee: Fen(20000), reason: \"商品问题\", approver: \"2002\""));
}

#[test]
fn amounts_by_touch_are_typed_on_the_keypad() {
    let mut counter = in_form(desk::refundable());
    for key in ["1", "2", ".", "5"] {
        counter.touch(key);
    }
    assert!(counter.reads("退给顾客 ¥ 12.50"));
}

#[test]
fn a_second_enter_sends_no_second_order() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    for _ in 0..3 {
        counter.press(Named::Enter);
    }
    counter.typed("000000");
    for _ in 0..3 {
        counter.press(Named::Enter);
        counter.tell(Message::Refund(Refund::Submit));
    }
    assert_eq!(orders(&counter).len(), 1);
    counter.typed("77");
    counter.tell(Message::Refund(Refund::Pad('7')));
    counter.tell(Message::Refund(Refund::All));
    assert!(reads_part(&mut counter, "¥ 200.00 → ¥ 150.00"), "kept");
    counter.tell(Message::Refund(Refund::Ordered(1, Ok(desk::refund_no()))));
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert!(
        matches!(counter.app.screen(), Screen::Refund(_)),
        "an Enter meant for the form does not leave the result"
    );
    assert!(orders(&counter).is_empty());
}

#[test]
fn a_late_answer_of_an_earlier_order_changes_nothing() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    for _ in 0..3 {
        counter.press(Named::Enter);
    }
    counter.typed("000000");
    counter.press(Named::Enter);
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
    counter.tell(Message::OpenRefund(desk::bill_no()));
    answer(&mut counter, desk::refundable());
    counter.typed("50");
    for _ in 0..3 {
        counter.press(Named::Enter);
    }
    counter.typed("000000");
    counter.press(Named::Enter);
    counter.tell(Message::Refund(Refund::Ordered(
        1,
        Err(Said::GatewaySilent),
    )));
    assert_eq!(
        counter.app.toast(),
        Some("网关没有回答，什么都没有改变，请再试"),
        "the order that was left is said"
    );
    assert!(counter.reads("正在核对…"), "the newer one still waits");
}

#[test]
fn another_approver_begins_with_an_empty_pin() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    counter.tell(Message::Refund(Refund::Focus(Field::Pin)));
    counter.typed("123456");
    counter.touch("二号店长 2002");
    counter.tell(Message::Refund(Refund::Submit));
    assert!(orders(&counter).is_empty());
    assert!(counter.reads("请输入店长的 PIN"));
    counter.typed("123456");
    counter.press(Named::ArrowUp);
    counter.press(Named::ArrowRight);
    counter.tell(Message::Refund(Refund::Submit));
    assert!(orders(&counter).is_empty(), "by the arrows too");
}

#[test]
fn a_scan_where_a_pin_is_asked_is_dropped() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    counter.tell(Message::Refund(Refund::Focus(Field::Pin)));
    counter.scan(ALIPAY_CODE, false);
    counter.tell(Message::Noticed(Notice::Scanned(ScanText::new(
        ALIPAY_CODE.into(),
    ))));
    counter.tell(Message::Refund(Refund::Submit));
    assert!(orders(&counter).is_empty(), "no digit of it is in the PIN");
    counter.tell(Message::Refund(Refund::Focus(Field::Amount)));
    counter.scan(ALIPAY_CODE, false);
    assert!(counter.reads("退给顾客 ¥ 50.00"), "nor in the amount");
    assert_sent(&counter, &[], "and nothing is charged");
}

#[test]
fn a_scan_that_runs_into_the_reason_is_taken_out_again() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    counter.tell(Message::Refund(Refund::Reason(Reason::Other)));
    let mut text = "破损".to_owned();
    for c in ALIPAY_CODE.chars() {
        text.push(c);
        counter.tell(Message::Refund(Refund::Other(text.clone())));
    }
    counter.scan(ALIPAY_CODE, true);
    assert!(!reads_part(&mut counter, "2830"));
    counter.tell(Message::Refund(Refund::Focus(Field::Pin)));
    counter.typed("000000");
    counter.press(Named::Enter);
    let sent = orders(&counter);
    assert!(sent[0].contains("reason: \"破损\""), "{sent:?}");
}

#[test]
fn a_refusal_keeps_the_form_and_forgets_the_pin() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    counter.tell(Message::Refund(Refund::Focus(Field::Pin)));
    counter.typed("000000");
    counter.press(Named::Enter);
    counter.till.desk.taken();
    let wrong = Err(Said::WrongPin { left: 3 });
    counter.tell(Message::Refund(Refund::Ordered(1, wrong)));
    assert!(counter.reads("工号或 PIN 不对，还可以试 3 次"));
    assert!(counter.reads("退给顾客 ¥ 50.00"));
    counter.press(Named::Enter);
    assert!(orders(&counter).is_empty(), "the PIN is typed again");
    counter.typed("135790");
    counter.press(Named::Enter);
    assert_eq!(orders(&counter).len(), 1);
}

#[test]
fn never_more_than_is_left_is_typed() {
    let mut counter = in_form(desk::refundable());
    counter.typed("200.01");
    assert!(counter.reads("最多还能退 ¥ 200.00"));
    assert!(counter.reads("退给顾客 ¥ 200.00"));
    counter.typed("a");
    assert!(counter.reads("退给顾客 ¥ 200.00"));
    counter.typed("3");
    assert!(counter.reads("退给顾客 ¥ 3.00"), "all, then a digit: anew");
}

#[test]
fn above_the_limit_another_manager_is_proposed_and_asked() {
    let mut counter = in_form(desk::limited());
    counter.typed("150");
    assert!(counter.reads("超过 ¥ 100.00 要由另一位店长确认"));
    counter.tell(Message::Refund(Refund::Focus(Field::Pin)));
    counter.typed("000000");
    counter.press(Named::Enter);
    assert!(orders(&counter)[0].contains("approver: \"2002\""));

    let mut counter = in_form(desk::limited());
    counter.typed("150");
    counter.touch("一号店长 2001");
    counter.typed("000000");
    counter.press(Named::Enter);
    assert!(orders(&counter).is_empty(), "not by the one who signed in");
}

#[test]
fn a_number_that_is_not_here_is_asked_at_the_gateway() {
    let number = "2026112002000001ABCDEFGH";
    let mut counter = manager();
    counter.press(Named::F6);
    counter.typed(number);
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty(), "the ledger first");
    let newest = number.len() as u64 + 1;
    counter.tell(Message::Refund(Refund::Found(newest, Ok(Vec::new()))));
    assert_eq!(
        counter.till.desk.taken(),
        [format!("refundable {number}")],
        "Enter was pressed already"
    );

    let mut counter = manager();
    counter.press(Named::F6);
    counter.tell(Message::Refund(Refund::Search(number.into())));
    counter.tell(Message::Refund(Refund::Found(2, Ok(Vec::new()))));
    counter.touch("本机没有这张账单，向网关查询");
    assert_eq!(counter.till.desk.taken(), [format!("refundable {number}")]);
}

#[test]
fn a_scanned_number_opens_its_bill_and_a_payment_code_opens_nothing() {
    let no = desk::bill_no();
    for in_field in [false, true] {
        let mut counter = manager();
        counter.press(Named::F6);
        counter.scan(no.as_str(), in_field);
        let found = Ok(vec![
            sample::latest()
                .into_iter()
                .find(|b| b.bill_no == no)
                .unwrap(),
        ]);
        counter.tell(Message::Refund(Refund::Found(2, found)));
        assert_eq!(counter.till.desk.taken(), [format!("refundable {no}")]);
    }
    let mut counter = manager();
    counter.press(Named::F6);
    counter.scan(ALIPAY_CODE, false);
    assert!(reads_part(&mut counter, "扫到的是付款码"));
    assert!(!reads_part(&mut counter, ALIPAY_CODE));
    assert_sent(&counter, &[], "it is no payment either");
}

#[test]
fn what_can_not_be_refunded_says_why_and_asks_again() {
    let mut counter = manager();
    counter.tell(Message::OpenRefund(desk::bill_no()));
    let mut bill = desk::refundable();
    bill.balance = Err(Said::RefundBlocked(Blocked::NothingLeft));
    answer(&mut counter, bill);
    assert!(counter.reads("已经全部退完"));
    assert!(
        reads_part(&mut counter, "¥ 30.00（"),
        "what went back already"
    );
    counter.till.desk.taken();
    counter.press(Named::Enter);
    assert_eq!(
        counter.till.desk.taken(),
        [format!("refundable {}", desk::bill_no())]
    );
}

#[test]
fn an_answer_about_another_bill_is_not_shown() {
    let mut counter = manager();
    let other = sample::bill_no(57, "S5JT4L7M");
    counter.tell(Message::OpenRefund(other.clone()));
    answer(&mut counter, desk::refundable());
    assert!(counter.reads("正在向网关核对这张账单…"));
    assert!(counter.reads(other.as_str()));
}

#[test]
fn the_result_follows_the_till_to_the_end() {
    let mut counter = ordered();
    assert!(counter.reads("已发出"));
    becomes(&mut counter, desk::face("unknown"));
    assert!(counter.reads("结果未知") && counter.reads("请勿再退一次"));
    assert!(reads_part(&mut counter, "秒后再问"));
    counter.pass(500);
    counter.till.desk.taken();
    counter.press(Named::Enter);
    let asked = format!("ask_refund {}", desk::refund_no());
    assert_eq!(counter.till.desk.taken(), [asked], "Enter asks now");
    becomes(&mut counter, desk::face("refunded"));
    assert!(counter.reads("已退款") && counter.reads("¥ 150.00"));
    counter.pass(500);
    counter.press(Named::ArrowRight);
    counter.till.desk.taken();
    counter.press(Named::Enter);
    assert_eq!(
        counter.till.desk.taken(),
        [format!("refundable {}", desk::bill_no())],
        "another part"
    );
}

#[test]
fn news_that_came_before_the_orders_answer_is_shown_with_it() {
    let mut counter = in_form(desk::refundable());
    counter.typed("50");
    counter.tell(Message::Refund(Refund::Focus(Field::Pin)));
    counter.typed("000000");
    counter.press(Named::Enter);
    becomes(&mut counter, desk::face("unknown"));
    assert!(counter.reads("正在核对…"));
    counter.tell(Message::Refund(Refund::Ordered(1, Ok(desk::refund_no()))));
    assert!(counter.reads("结果未知"));
}

#[test]
fn a_refund_that_the_list_lost_is_read_from_the_ledger() {
    let mut counter = ordered();
    becomes(&mut counter, desk::refund(RefundState::Sent));
    counter.till.desk.taken();
    counter.snapshot.desk.refunds.clear();
    counter.show(Stage::Idle);
    let read = format!("refunds_of {}", desk::bill_no());
    assert_eq!(counter.till.desk.taken(), [read]);
    let refunds = vec![desk::face("refunded")];
    counter.tell(Message::Refund(Refund::Refunds(desk::bill_no(), refunds)));
    assert!(counter.reads("已退款"));
}

#[test]
fn without_a_proof_no_refund_is_called_failed() {
    let denials = ["失败", "未退款", "没有退出", "可以再退", "没有退成"];
    let english = ["failed", "Not refunded", "no money left", "refund again"];
    for (name, view) in desk::faces() {
        let face = RefundFace::of(&view);
        let proven = matches!(face, RefundFace::Failed | RefundFace::NotRefunded);
        assert_eq!(proven, view.proof.is_some(), "{name}");
        for (language, denials) in both_languages().into_iter().zip([&denials[..], &english]) {
            let w = Words::new(language);
            let mut snapshot = desk::managed(sample::snapshot(Stage::Idle));
            snapshot.shop.language = language;
            snapshot.desk.refunds = vec![view.clone()];
            let mut counter = Counter::new(snapshot);
            counter.tell(Message::ShowRefund(desk::refund_no()));
            let texts = counter.main_texts(SIZES[1]);
            let reads = |text: &str| texts.iter().any(|(t, ..)| t == text);
            assert!(reads(w.refund_word(face)), "{name}: its word");
            // The contradiction of an incident names both sides.
            if name == "incident" {
                continue;
            }
            let denied = texts
                .iter()
                .any(|(text, ..)| denials.iter().any(|d| text.contains(d)));
            assert_eq!(denied, proven, "{name} {language:?}: {texts:?}");
        }
    }
}

#[test]
fn every_result_code_has_plain_words_in_both_languages() {
    let [zh, en] = both_languages().map(Words::new);
    let mut seen = std::collections::BTreeSet::new();
    for code in 1..=17 {
        let (zh, en) = (zh.refund_code(code, None), en.refund_code(code, None));
        assert!(!zh.is_ascii() && en.is_ascii(), "{code}: {zh} {en}");
        seen.insert(zh);
    }
    assert_eq!(seen.len(), 16, "4 and 5 are both the request's own fault");
    let funds = zh.refund_code(7, Some("7 NOTENOUGH"));
    assert!(funds.contains("商户余额不足") && funds.contains("充值"));
}

#[test]
fn a_refund_that_ends_elsewhere_is_said_once() {
    let mut counter = manager();
    let refunded = Box::new(desk::face("refunded"));
    counter.tell(Message::Noticed(Notice::Refund(refunded.clone())));
    assert_eq!(counter.app.toast(), Some("退款 ¥ 50.00：已退款"));
    let mut counter = ordered();
    counter.tell(Message::Noticed(Notice::Refund(refunded)));
    assert_eq!(counter.app.toast(), None, "its page says it");
}

#[test]
fn open_refunds_stand_in_the_rail_and_on_the_to_do_list() {
    let mut snapshot = desk::managed(sample::snapshot(Stage::Idle));
    snapshot.desk.refunds = vec![desk::face("unknown")];
    snapshot.desk.refunds_to_do = 1;
    let mut counter = Counter::new(snapshot);
    assert!(reads_part(&mut counter, "退款未知"));
    assert!(counter.reads("待处理"));
    counter.press(Named::F7);
    assert!(counter.reads("结果未知"));
    assert!(reads_part(&mut counter, "没有收到可用的回答"), "why");
    assert!(reads_part(&mut counter, "12 秒后再问"), "and what next");
    counter.press(Named::Enter);
    let asked = format!("ask_refund {}", desk::refund_no());
    assert_eq!(counter.till.desk.taken(), [asked]);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert!(counter.reads("请勿再退一次"), "its page");
}

#[test]
fn a_cashier_may_look_at_a_refund_and_not_order_another() {
    let mut snapshot = sample::snapshot(Stage::Idle);
    snapshot.desk.can_refund = true;
    snapshot.desk.refunds = vec![desk::face("failed")];
    let mut counter = Counter::new(snapshot);
    counter.tell(Message::ShowRefund(desk::refund_no()));
    counter.till.desk.taken();
    counter.touch("重新退款");
    assert_eq!(
        counter.app.toast(),
        None,
        "a touch that came with the result is no choice"
    );
    counter.pass(500);
    counter.touch("重新退款");
    assert_eq!(counter.app.toast(), Some("这一步需要店长"));
    assert!(counter.till.desk.taken().is_empty());
}

#[test]
fn a_refund_that_waits_for_a_manager_says_so() {
    let mut snapshot = sample::snapshot(Stage::Idle);
    snapshot.desk.refunds = vec![desk::face("waits")];
    snapshot.desk.refunds_to_do = 1;
    let mut counter = Counter::new(snapshot);
    counter.tell(Message::ShowRefund(desk::refund_no()));
    assert!(counter.reads("请勿再退一次；请店长登录后自动再发"));
}

#[test]
fn a_refunds_contradiction_is_settled_with_pin_and_reason() {
    let mut snapshot = desk::managed(sample::snapshot(Stage::Idle));
    snapshot.desk.refunds = vec![desk::face("incident")];
    snapshot.desk.refunds_to_do = 1;
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F7);
    assert!(counter.reads("本机记为已退款，网关说退款失败"));
    counter.press(Named::ArrowLeft);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty(), "an empty form");
    counter.typed("000000");
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    let no = desk::refund_no();
    assert_eq!(
        counter.till.desk.taken(),
        [format!("settle_refund {no} 2001 Pin(…) 已与顾客核对")]
    );
}

#[test]
fn a_late_payment_can_be_handed_over_or_refunded() {
    let mut snapshot = desk::managed(sample::snapshot(Stage::Idle));
    let late = sample::face("late");
    snapshot.to_do = vec![late.clone()];
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F7);
    assert!(counter.reads("已交货"));
    counter.touch("退款");
    let no = &late.bill_no;
    assert_eq!(counter.till.desk.taken(), [format!("refundable {no}")]);
    let mut bill = desk::refundable();
    bill.bill_no = no.clone();
    bill.here = Some(Box::new(late));
    answer(&mut counter, bill);
    assert!(counter.reads("退给顾客 ¥ 200.00"), "the whole is filled in");
}

#[test]
fn practice_plays_what_becomes_of_the_next_refund() {
    let snapshot = sample::practising(desk::managed(sample::snapshot(Stage::Idle)));
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F6);
    counter.touch("模拟：立即到账 · 正常");
    counter.touch("商户余额不足");
    counter.touch("丢失回答");
    assert_sent(
        &counter,
        &[
            "PracticeRefund { act: NoFunds, network: Normal }",
            "PracticeRefund { act: AtOnce, network: LoseAnswer }",
        ],
        "panel",
    );
    counter.touch("返回键盘");
    assert!(counter.reads("7"));
}

#[test]
fn esc_goes_back_one_step_at_a_time() {
    let mut counter = manager();
    counter.press(Named::F6);
    counter.tell(Message::Refund(Refund::Found(1, Ok(sample::latest()))));
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    let first: BillNo = sample::latest().remove(0).bill_no;
    let mut bill = desk::refundable();
    bill.bill_no = first;
    answer(&mut counter, bill);
    assert!(counter.reads("退给顾客"));
    counter.press(Named::Escape);
    assert!(counter.reads("今天收的款"));
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn no_part_of_the_page_overlaps_or_is_cut_off() {
    for language in both_languages() {
        for practice in [false, true] {
            let mut snapshot = desk::two_managers(sample::snapshot(Stage::Idle));
            if practice {
                snapshot = sample::practising(snapshot);
            }
            snapshot.shop.language = language;
            for size in SIZES {
                let what = format!("{language:?} {practice} {size:?}");
                each_part(&snapshot, size, &what);
            }
        }
    }
}

fn each_part(snapshot: &Snapshot, size: (f32, f32), what: &str) {
    let mut counter = Counter::new(snapshot.clone());
    counter.press(Named::F6);
    counter.tell(Message::Refund(Refund::Found(1, Ok(sample::latest()))));
    check_layout(
        &counter.main_texts(size),
        size,
        &format!("find {what}"),
        true,
    );
    counter.tell(Message::OpenRefund(desk::bill_no()));
    answer(&mut counter, desk::limited());
    counter.typed("150");
    check_layout(
        &counter.main_texts(size),
        size,
        &format!("form {what}"),
        false,
    );
    counter.tell(Message::Refund(Refund::Reason(Reason::Other)));
    let texts = counter.main_texts(size);
    check_layout(&texts, size, &format!("other reason {what}"), false);
    counter.tell(Message::Refund(Refund::Panel));
    check_layout(
        &counter.main_texts(size),
        size,
        &format!("panel {what}"),
        true,
    );
    for (name, view) in desk::faces() {
        let mut snapshot = snapshot.clone();
        snapshot.desk.refunds = vec![view];
        snapshot.desk.refunds_to_do = 1;
        let mut counter = Counter::new(snapshot);
        let texts = counter.main_texts(size);
        check_layout(&texts, size, &format!("rail {name} {what}"), true);
        counter.press(Named::F7);
        let texts = counter.main_texts(size);
        check_layout(&texts, size, &format!("to do {name} {what}"), true);
        counter.tell(Message::ShowRefund(desk::refund_no()));
        let story = Refund::Story(desk::refund_no(), desk::story());
        counter.tell(Message::Refund(story));
        let texts = counter.main_texts(size);
        let told = texts.iter().any(|(text, ..)| text == "30 s");
        assert!(told, "result {name} {what}: its story");
        check_layout(&texts, size, &format!("result {name} {what}"), true);
    }
}

#[test]
fn a_refund_counts_its_seconds_and_a_finished_one_does_not() {
    use shouyin::ui::clock::Clock;
    let to_wake = |c: &Counter| c.app.next_wake_ms().unwrap() - c.clock.mono_ms();
    let mut counter = manager();
    counter.pass(1_234);
    assert!(to_wake(&counter) > 1_000);
    becomes(&mut counter, desk::face("unknown"));
    assert!(to_wake(&counter) <= 1_000, "12 秒后再问");
    becomes(&mut counter, desk::face("refunded"));
    assert!(to_wake(&counter) > 1_000);
    assert_eq!(desk::face("refunded").fee, Fen(5_000));
}

#[test]
fn what_the_till_answers_is_no_person_and_a_key_is() {
    let active = |counter: &Counter| counter.till.sent().iter().any(|sent| sent == "Active");
    let mut counter = ordered();
    counter.till.sent();
    counter.pass(60_000);
    let answers = [
        Message::Refund(Refund::Story(desk::refund_no(), Vec::new())),
        Message::Refund(Refund::Refunds(desk::bill_no(), Vec::new())),
        Message::Bills(bills::Message::Found(0, Ok(Vec::new()))),
        Message::Shift(shift::Message::Listed(Ok(Vec::new()))),
        Message::Reconcile(reconcile::Message::Listed(Ok(Vec::new()))),
        Message::Incident(incident::Message::Settled(0, Err(Said::NotProven))),
        Message::ToDo(to_do::Message::RefundSettled(Ok(()))),
        Message::Settings(settings::Message::Tested(Ok(Vec::new()))),
    ];
    for answer in answers {
        let what = format!("{answer:?}");
        counter.tell(answer);
        assert!(!active(&counter), "{what}");
    }
    counter.press(Named::ArrowDown);
    assert!(active(&counter));
}
