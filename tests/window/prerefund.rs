//! 退款申请 by keys and by touch: a cashier asks without a PIN, a manager decides one or many with
//! one, and reads what became of each.

use super::counter::*;
use super::looks::check_layout;
use super::{desk_sample as desk, sample};
use iced::keyboard::key::Named;
use shouyin::domain::gateway::{PreRefundRow, RefundRow};
use shouyin::domain::refund::{PreRefund, PreRefundId, RefundState};
use shouyin::domain::{Fen, RefundNo};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::screens::prerefund::Message as Pre;
use shouyin::ui::screens::refund::Message as Refund;
use shouyin::ui::strings::Words;
use std::sync::Arc;

fn number(n: u32) -> RefundNo {
    RefundNo::parse(&format!("202611200100{n:04}Q2M4XDK7")).unwrap()
}

/// A cashier asked for it, minutes ago.
fn requested(n: u32, fen: i64) -> RefundView {
    RefundView {
        refund_no: number(n),
        fee: Fen(fen),
        operator: "1001".into(),
        approver: String::new(),
        next_at_ms: None,
        pre: Some(PreRefund {
            by: "1001".into(),
            at_ms: sample::now() - 180_000,
            there: None,
            word: None,
            page: None,
        }),
        ..desk::refund(RefundState::Requested)
    }
}

fn elsewhere() -> PreRefundRow {
    PreRefundRow {
        id: "d9690a6e-ae99".into(),
        channel: "ALI".into(),
        row: RefundRow {
            refund_no: "20261120990001".into(),
            bill_no: "20261120990000000001".into(),
            fee: Fen(8_800),
            finish: false,
            result: None,
            channel: None,
            create_time_ms: Some(sample::now() - 60_000),
        },
    }
}

fn asking(mut snapshot: Snapshot) -> Snapshot {
    let mut settings = (*snapshot.settings).clone();
    settings.refund.need_approval = true;
    snapshot.settings = Arc::new(settings);
    snapshot.desk.can_refund = true;
    snapshot
}

/// A manager on the page: two requests of this till, one made elsewhere.
fn on_page() -> Counter {
    let mut snapshot = asking(desk::two_managers(sample::snapshot(Stage::Idle)));
    snapshot.desk.refunds = vec![requested(1, 5_000), requested(2, 6_000)];
    snapshot.desk.refunds_to_do = 2;
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F6);
    counter.press(Named::F6);
    assert!(matches!(counter.app.screen(), Screen::PreRefund(_)));
    let asked = counter.till.desk.taken();
    assert_eq!(asked.last().map(String::as_str), Some("waiting_refunds"));
    let waiting = Waiting {
        rows: vec![elsewhere()],
        at_ms: sample::now(),
    };
    counter.tell(Message::PreRefund(Pre::Listed(Ok(waiting))));
    counter
}

fn orders(counter: &Counter) -> Vec<String> {
    let asked = counter.till.desk.taken();
    asked
        .into_iter()
        .filter(|line| line.starts_with("DecideOrder"))
        .collect()
}

fn space(counter: &mut Counter) {
    counter.typed(" ");
}

fn reads_part(counter: &mut Counter, part: &str) -> bool {
    let texts = counter.main_texts(SIZES[1]);
    texts.iter().any(|(text, ..)| text.contains(part))
}

#[test]
fn a_cashier_asks_without_a_pin_and_only_where_the_shop_lets_them() {
    let mut counter = Counter::new(asking(sample::snapshot(Stage::Idle)));
    counter.tell(Message::OpenRefund(desk::bill_no()));
    let bill = Box::new(desk::refundable());
    counter.tell(Message::Refund(Refund::Refundable(
        desk::bill_no(),
        Ok(bill),
    )));
    counter.till.desk.taken();
    counter.typed("50");
    assert!(counter.reads("申请退款 ¥ 50.00"));
    assert!(!counter.reads("店长确认"), "nobody approves yet");
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    let no = desk::bill_no();
    assert_eq!(
        asked,
        [format!(
            "RefundAsk {{ bill_no: BillNo(\"{no}\"), fee: Fen(5000), reason: \"顾客退货\" }}"
        )]
    );
    counter.press(Named::Enter);
    assert!(counter.till.desk.taken().is_empty(), "asked once");
    counter.tell(Message::Refund(Refund::Ordered(1, Ok(desk::refund_no()))));
    assert!(counter.reads("等店长审核"));
    assert!(!counter.reads("已发出"), "nothing was sent");
}

#[test]
fn a_cashier_sees_no_list_of_requests() {
    let mut snapshot = asking(sample::snapshot(Stage::Idle));
    snapshot.desk.refunds = vec![requested(1, 5_000)];
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F6);
    counter.press(Named::F6);
    assert!(matches!(counter.app.screen(), Screen::Refund(_)));
    counter.tell(Message::PreRefund(Pre::Open));
    assert_eq!(counter.app.toast(), Some("这一步需要店长"));
}

#[test]
fn one_is_denied_and_two_are_approved_by_keys_alone() {
    let mut counter = on_page();
    // The first: no.
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    counter.typed("000000");
    assert!(!counter.reads("000000"), "a PIN is never drawn");
    counter.press(Named::Enter);
    let first = number(1);
    assert_eq!(
        orders(&counter),
        [format!(
            "DecideOrder {{ requests: [Here(RefundNo(\"{first}\"))], agree: false, approver: \"2001\", pin: Pin(…), reason: \"已使用，不能退\" }}"
        )]
    );
    let denied = vec![Decided {
        number: first.to_string(),
        result: Ok(first.clone()),
    }];
    counter.snapshot.desk.refunds[0] = RefundView {
        pre: requested(1, 5_000).pre,
        refund_no: first,
        ..desk::refund(RefundState::Denied)
    };
    counter.show(Stage::Idle);
    counter.tell(Message::PreRefund(Pre::Decided(1, Ok(denied))));
    assert!(counter.reads("已拒绝"));
    counter.press(Named::Enter);
    let waiting = Waiting {
        rows: vec![elsewhere()],
        at_ms: sample::now(),
    };
    counter.tell(Message::PreRefund(Pre::Listed(Ok(waiting))));
    // The two others: yes, one of them made elsewhere.
    space(&mut counter);
    counter.press(Named::ArrowDown);
    space(&mut counter);
    assert!(counter.reads("已选 2 笔，合计 ¥ 148.00"));
    counter.press(Named::Enter);
    assert!(counter.reads("同意 2 笔，退给顾客 ¥ 148.00"));
    counter.typed("000000");
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    let sent = orders(&counter);
    assert_eq!(sent.len(), 1, "PIN and reason once: {sent:?}");
    assert!(sent[0].contains("agree: true") && sent[0].contains("情况属实"));
    assert!(sent[0].contains("Here(") && sent[0].contains("There("));
}

#[test]
fn many_are_approved_by_touch_and_each_row_says_its_own() {
    let mut counter = on_page();
    counter.touch("50.00");
    counter.touch("60.00");
    counter.touch("同意");
    counter.touch("二号店长 2002");
    for digit in ["1", "3", "5", "7"] {
        counter.touch(digit);
    }
    counter.till.desk.taken();
    counter.touch("同意 2 笔，退给顾客 ¥ 110.00");
    let sent = orders(&counter);
    assert!(sent[0].contains("approver: \"2002\""), "{sent:?}");
    let there = PreRefund {
        there: Some(PreRefundId {
            id: "x".into(),
            channel: "ALI".into(),
        }),
        page: Some("https://pay.example/type-it".into()),
        ..requested(1, 1).pre.unwrap()
    };
    let with = |n, state| RefundView {
        refund_no: number(n),
        pre: Some(there.clone()),
        ..desk::refund(state)
    };
    counter.snapshot.desk.refunds = vec![
        with(1, RefundState::Processing),
        RefundView {
            lost: true,
            ..with(2, RefundState::Sent)
        },
        RefundView {
            detail: Some("余额不足".into()),
            ..with(3, RefundState::Requested)
        },
    ];
    counter.show(Stage::Idle);
    let decided = |n: u32, result| Decided {
        number: number(n).to_string(),
        result,
    };
    let rows = vec![
        decided(1, Ok(number(1))),
        decided(2, Ok(number(2))),
        decided(3, Ok(number(3))),
        decided(4, Err(Said::PreRefundGone)),
    ];
    counter.tell(Message::PreRefund(Pre::Decided(1, Ok(rows))));
    assert!(counter.reads("网关已同意"));
    assert!(
        counter.reads("https://pay.example/type-it"),
        "where the password is typed"
    );
    assert!(counter.reads("结果未知，请勿再同意；本机会一直核对"));
    assert!(counter.reads("没有接受，仍在等审核：余额不足"));
    assert!(counter.reads("网关上这笔预退款已经有结果，请刷新"));
    assert!(!counter.reads("已退款"), "OK is no success");
}

#[test]
fn a_wrong_pin_keeps_the_form_and_an_answer_of_an_earlier_order_is_ignored() {
    let mut counter = on_page();
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert!(counter.reads("请输入店长的 PIN"));
    counter.typed("111111");
    counter.press(Named::Enter);
    assert_eq!(orders(&counter).len(), 1);
    counter.tell(Message::PreRefund(Pre::Decided(7, Ok(Vec::new()))));
    assert!(counter.reads("正在核对…"), "it was not this one");
    counter.tell(Message::PreRefund(Pre::Decided(
        1,
        Err(Said::WrongPin { left: 3 }),
    )));
    assert!(reads_part(&mut counter, "3"));
    assert!(counter.reads("同意 1 笔，退给顾客 ¥ 50.00"));
    // A scan is no PIN and no reason.
    counter.scan(ALIPAY_CODE, false);
    counter.press(Named::Enter);
    assert!(orders(&counter).is_empty());
    counter.press(Named::Escape);
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn a_request_of_the_to_do_list_opens_here_with_it_chosen() {
    let mut counter = on_page();
    counter.press(Named::Escape);
    counter.tell(Message::ShowRefund(number(2)));
    assert!(matches!(counter.app.screen(), Screen::PreRefund(_)));
    counter.press(Named::Enter);
    assert!(counter.reads("同意 1 笔，退给顾客 ¥ 60.00"));
}

#[test]
fn a_gateway_that_is_silent_hides_nothing_that_this_till_holds() {
    let mut counter = on_page();
    let silent = Said::RefundBlocked(shouyin::domain::refund::Blocked::NoAnswer);
    counter.tell(Message::PreRefund(Pre::Listed(Err(silent))));
    assert!(reads_part(&mut counter, "别处的预退款没有问到"));
    assert!(counter.reads("50.00") && counter.reads("60.00"));
}

#[test]
fn everything_fits_in_both_languages_and_all_sizes() {
    for language in both_languages() {
        let mut counter = on_page();
        counter.snapshot.shop.language = language;
        counter.show(Stage::Idle);
        for size in SIZES {
            let texts = counter.main_texts(size);
            check_layout(&texts, size, &format!("list {language:?} {size:?}"), true);
        }
        counter.press(Named::Enter);
        let agree = Words::new(language).pre_agree_many(1, "50.00");
        assert!(counter.reads(&agree));
        for size in SIZES {
            let texts = counter.main_texts(size);
            check_layout(&texts, size, &format!("form {language:?} {size:?}"), true);
        }
    }
}
