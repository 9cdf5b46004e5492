use super::*;
use crate::domain::bill::{Bill, BillNo, Proof, SaleId, Settled, Settlement, State};
use crate::domain::print::Part;
use crate::domain::refund::{RefundAnswer, RefundChannel, RefundState};
use crate::domain::shift::{
    CashMove, Closed, Exception, Hand, HourTally, Shift, ShiftReport, Tally,
};
use crate::domain::time::{Stamp, parse_moment};
use crate::domain::{Channel, Fen, Host, Refund, RefundNo, Wallet};

fn at(time: &str) -> i64 {
    parse_moment(&format!("2026-11-20T{time}+08:00")).unwrap()
}

fn tally(count: u32, sum: i64) -> Tally {
    Tally {
        count,
        sum: Fen(sum),
    }
}

fn report() -> ShiftReport {
    ShiftReport {
        paid: tally(1_204, 12_345_678),
        by_wallet: vec![
            (Some(Wallet::Alipay), tally(1_000, 10_000_000)),
            (Some(Wallet::Wechat), tally(204, 2_345_678)),
        ],
        by_cashier: vec![
            ("1001".into(), tally(1_203, 12_345_578)),
            (String::new(), tally(1, 100)),
        ],
        by_hour: vec![HourTally {
            from_ms: at("08:00:00"),
            wallet: Some(Wallet::Alipay),
            tally: tally(3, 1_234),
        }],
        refunds: tally(2, 5_000),
        reverts: tally(1, 700),
        to_do: 1,
    }
}

fn closed() -> Shift {
    Shift {
        no: 7,
        opened_ms: at("08:00:00"),
        opened_by: "1001".into(),
        float: Fen(20_000),
        holder: "1002".into(),
        hands: vec![Hand {
            at_ms: at("12:00:00"),
            from: "1001".into(),
            to: "1002".into(),
            counted: Fen(20_000),
        }],
        cash: vec![CashMove {
            at_ms: at("13:05:00"),
            by: "1002".into(),
            amount: Fen(-1_500),
            reason: "买胶带".into(),
        }],
        closed: Some(Closed {
            at_ms: at("20:00:00"),
            by: "1002".into(),
            counted: Fen(18_000),
            exception: Some(Exception {
                by: "2001".into(),
                reason: "明早再查".into(),
                open: 1,
            }),
            report: report(),
            head_count: 4_321,
            head: "0123456789abcdef".repeat(4),
        }),
    }
}

fn context(language: Language) -> SlipContext<'static> {
    SlipContext {
        shop: "示例便利店",
        till: "01",
        head: &[],
        foot: &[],
        language,
        again: false,
        practice: false,
        printed_ms: at("20:00:05"),
    }
}

fn host() -> Host {
    serde_json::from_str("\"http://127.0.0.1:1\"").unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        wall_ms: at("14:22:31"),
        offset_ms: None,
    }
}

const NUMBER: &str = "2026112001000059Y6RC9G5H";

fn paid() -> Bill {
    let no = BillNo::parse(NUMBER).unwrap();
    let sale = SaleId("1".into());
    let mut bill = Bill::sent(no, sale, Fen(1_234), Channel::Scan, host(), stamp());
    bill.state = State::Paid;
    bill.proof = Some(Proof::Status);
    bill.channel_type = Some(Channel::WxScan);
    bill.ended_ms = Some(at("14:23:00"));
    bill
}

fn refund() -> Refund {
    Refund {
        refund_no: RefundNo::parse("2026112001000063K7Q2M4XD").unwrap(),
        bill_no: BillNo::parse(NUMBER).unwrap(),
        fee: Fen(500),
        paid: Fen(1_234),
        channel: RefundChannel::Wx,
        wallet: None,
        reason: "破损".into(),
        operator: "1001".into(),
        approver: "2001".into(),
        params_hash: String::new(),
        state: RefundState::Succeeded,
        host: host(),
        sent: stamp(),
        last_sent: stamp(),
        sends: 1,
        answer: RefundAnswer::default(),
        lost: false,
        seen: true,
        ended_ms: None,
        proof: None,
        look_ms: None,
        next_ms: None,
        incident: None,
        settled: None,
        pre: None,
    }
}

/// A part a line: names and values with a colon between.
fn told(slip: &Slip) -> String {
    let line = |part: &Part| match part {
        Part::Text { text, .. } => text.clone(),
        Part::Pair { name, value, .. } => format!("{name}: {value}"),
        Part::Rule => "-".to_owned(),
        Part::Gap => String::new(),
        Part::Bars(text) => format!("bars {text}"),
        Part::Qr(text) => format!("qr {text}"),
    };
    let lines: Vec<_> = slip.parts.iter().map(line).collect();
    lines.join("\n")
}

fn settle(bill: &mut Bill, how: Settled) {
    bill.settlement = Some(Settlement {
        how,
        by: "2001".into(),
        reason: "已核对".into(),
        at_ms: at("15:00:00"),
    });
}

#[test]
fn only_money_that_is_here_has_a_sales_slip() {
    let context = context(Language::Chinese);
    for state in State::ALL {
        let bill = Bill { state, ..paid() };
        let slip = sale_slip(&bill, &context);
        assert_eq!(slip.is_some(), state == State::Paid, "{state:?}");
    }
    let mut bill = paid();
    bill.returned = true;
    assert_eq!(sale_slip(&bill, &context), None);
    settle(&mut bill, Settled::Disputed);
    assert_eq!(sale_slip(&bill, &context), None);

    let mut bill = paid();
    bill.state = State::Reverted;
    settle(&mut bill, Settled::Accepted);
    let slip = sale_slip(&bill, &context).unwrap();
    assert!(told(&slip).contains("状态: 已收款 · 店长确认"));
    assert!(told(&slip).contains("收款时间: 2026-11-20 14:22:31"));
}

#[test]
fn a_sales_slip_names_the_wallet_that_was_answered_and_what_went_back() {
    let mut bill = paid();
    bill.refunded = Fen(500);
    let slip = told(&sale_slip(&bill, &context(Language::Chinese)).unwrap());
    let expected = "示例便利店
收款凭证
-
￥12.34
状态: 已收款
付款方式: 微信
收款时间: 2026-11-20 14:23:00
终端: 01
收银员: 命令行
渠道: SCAN
单号: 2026112001000059Y6RC9G5H
已退款: ￥5.00
打印时间: 2026-11-20 20:00:05

bars 2026112001000059Y6RC9G5H

qr 2026112001000059Y6RC9G5H
-";
    assert_eq!(slip, expected);
}

#[test]
fn only_money_that_went_back_has_a_refunds_slip() {
    let context = context(Language::English);
    for state in RefundState::ALL {
        let refund = Refund { state, ..refund() };
        let slip = refund_slip(&refund, Some(&paid()), &context);
        assert_eq!(slip.is_some(), state == RefundState::Succeeded, "{state:?}");
    }
}

#[test]
fn a_refunds_slip_takes_nothing_from_another_bill() {
    let context = context(Language::Chinese);
    let own = told(&refund_slip(&refund(), Some(&paid()), &context).unwrap());
    for line in [
        "退款凭证",
        "￥5.00",
        "状态: 已退款",
        "退回: 微信",
        "退款时间: 2026-11-20 14:22:31",
        "原收款: ￥12.34",
        "收款时间: 2026-11-20 14:23:00",
        "批准人: 2001",
        "原因: 破损",
        "退款单号: 2026112001000063K7Q2M4XD",
        "原单号: 2026112001000059Y6RC9G5H",
        "bars 2026112001000059Y6RC9G5H",
    ] {
        assert!(own.lines().any(|l| l == line), "{line:?} is not in\n{own}");
    }
    let mut other = paid();
    other.bill_no = BillNo::parse("2026112001000060Y6RC9G5H").unwrap();
    let none = told(&refund_slip(&refund(), None, &context).unwrap());
    let other = told(&refund_slip(&refund(), Some(&other), &context).unwrap());
    assert_eq!(other, none);
    assert!(none.contains("退回: 其他") && !none.contains("收款时间"));
}

#[test]
fn a_number_that_could_be_a_payment_code_is_no_code_on_paper() {
    use crate::domain::AuthCode;
    let context = context(Language::Chinese);
    for (number, bars, qr) in [
        (NUMBER, true, true),
        ("202611200100005912345678", false, false),
        ("20261120A100005912345678", false, true),
        ("20261120010000591234567A", true, true),
    ] {
        let mut bill = paid();
        bill.bill_no = BillNo::parse(number).unwrap();
        let slip = told(&sale_slip(&bill, &context).unwrap());
        assert_eq!(slip.contains("bars "), bars, "{number}");
        assert_eq!(slip.contains("qr "), qr, "{number}");
        assert!(slip.contains(number));
        let codes = |text: &str| text.starts_with("bars ") || text.starts_with("qr ");
        for code in slip.lines().filter(|line| codes(line)) {
            let text = code.split_once(' ').unwrap().1;
            assert!(AuthCode::parse(text).is_err(), "{text}");
            assert!(AuthCode::parse(&text[text.len() - 14..]).is_err() || code.starts_with("qr"));
        }
    }
    assert!(AuthCode::parse(TEST_NUMBER).is_err() && TEST_NUMBER.len() == NUMBER.len());
}

#[test]
fn marks_stand_at_both_ends() {
    for (language, again, practice) in [
        (Language::Chinese, "重打", "练习 · 没有真实扣款"),
        (
            Language::English,
            "REPRINT",
            "PRACTICE - no money was taken",
        ),
    ] {
        let plain = context(language);
        let marked = SlipContext {
            again: true,
            practice: true,
            ..plain
        };
        let slips = |context| {
            [
                sale_slip(&paid(), context).unwrap(),
                refund_slip(&refund(), None, context).unwrap(),
                shift_slip(&closed(), &report(), context),
                test_slip(context),
            ]
        };
        for (plain, marked) in slips(&plain).iter().zip(slips(&marked).iter()) {
            let ends = format!("{practice}\n{again}\n{}\n{again}\n{practice}", told(plain));
            assert_eq!(told(marked), ends);
        }
    }
}

#[test]
fn a_closed_shift_says_everything() {
    let slip = shift_slip(&closed(), &report(), &context(Language::Chinese));
    let expected = "示例便利店
交班单
-
班次: 7
终端: 01
开班: 2026-11-20 08:00:00
: 1001
交接: 2026-11-20 12:00:00
: 1001 > 1002
  清点现金: 200.00
交班: 2026-11-20 20:00:00
: 1002
-
收款: 1204笔 123,456.78
退款: 2笔      50.00
净收款: 123,406.78
撤销（未计入）: 1笔       7.00
-
按钱包
支付宝: 1000笔 100,000.00
微信: 204笔  23,456.78
-
按收银员
1001: 1203笔 123,455.78
命令行: 1笔       1.00
-
按小时
11-20 08:00 支付宝: 3笔      12.34
-
备用金: 200.00
现金存入: 0.00
现金取出: 15.00
  13:05 1002: -15.00
  买胶带
应有现金: 185.00
清点现金: 180.00
差额: -5.00
-
待处理: 1
店长签字: 2001
  明早再查
-
账本记录数: 4321
审计链
0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
-
打印时间: 2026-11-20 20:00:05";
    assert_eq!(told(&slip), expected);
}

#[test]
fn in_english_it_says_the_same() {
    let text = told(&shift_slip(
        &closed(),
        &report(),
        &context(Language::English),
    ));
    for line in [
        "Handed over: 2026-11-20 12:00:00",
        "Paid: x1204 123,456.78",
        "Reverted (not counted): x1       7.00",
        "command line: x1       1.00",
        "11-20 08:00 Alipay: x3      12.34",
        "Difference: -5.00",
        "Signed by manager: 2001",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        assert!(
            text.lines().any(|l| l == line),
            "{line:?} is not in\n{text}"
        );
    }
}

#[test]
fn an_open_shift_has_no_count_and_no_head() {
    let shift = Shift {
        closed: None,
        ..closed()
    };
    let text = told(&shift_slip(&shift, &report(), &context(Language::Chinese)));
    assert!(text.contains("班次（未交班）") && text.contains("待处理"));
    for word in ["差额", "审计链", "交班单"] {
        assert!(!text.contains(word), "{word}");
    }
}
