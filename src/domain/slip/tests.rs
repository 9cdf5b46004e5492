use super::lines::width;
use super::*;
use crate::domain::shift::{CashMove, Exception, Hand, HourTally};
use crate::domain::time::parse_moment;

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

#[test]
fn a_closed_shift_on_58_mm_says_everything() {
    let slip = shift_slip(
        &closed(),
        &report(),
        "示例便利店",
        "01",
        Language::Chinese,
        32,
    );
    let expected = "           示例便利店
             交班单
--------------------------------
班次                           7
终端                          01
开班         2026-11-20 08:00:00
                            1001
交接         2026-11-20 12:00:00
                     1001 > 1002
  清点现金                200.00
交班         2026-11-20 20:00:00
                            1002
--------------------------------
收款           1204笔 123,456.78
退款              2笔      50.00
净收款                123,406.78
撤销（未计入）    1笔       7.00
--------------------------------
按钱包
支付宝         1000笔 100,000.00
微信            204笔  23,456.78
--------------------------------
按收银员
1001           1203笔 123,455.78
命令行            1笔       1.00
--------------------------------
按小时
11-20 08:00 支付宝
                  3笔      12.34
--------------------------------
备用金                    200.00
现金存入                    0.00
现金取出                   15.00
  13:05 1002              -15.00
  买胶带
应有现金                  185.00
清点现金                  180.00
差额                       -5.00
--------------------------------
待处理                         1
店长签字                    2001
  明早再查
--------------------------------
账本记录数                  4321
审计链
0123456789abcdef0123456789abcdef
0123456789abcdef0123456789abcdef";
    assert_eq!(slip.join("\n"), expected);
}

#[test]
fn on_80_mm_and_in_english_it_says_the_same() {
    let slip = shift_slip(
        &closed(),
        &report(),
        "示例便利店",
        "01",
        Language::English,
        48,
    );
    let text = slip.join("\n");
    for line in [
        "Handed over                  2026-11-20 12:00:00",
        "Paid                            x1204 123,456.78",
        "Reverted (not counted)             x1       7.00",
        "command line                       x1       1.00",
        "11-20 08:00 Alipay                 x3      12.34",
        "Difference                                 -5.00",
        "Signed by manager                           2001",
        "0123456789abcdef0123456789abcdef0123456789abcdef",
    ] {
        assert!(
            slip.contains(&line.to_owned()),
            "{line:?} is not in\n{text}"
        );
    }
}

#[test]
fn no_line_is_wider_than_the_paper() {
    let mut shift = closed();
    shift.opened_by = "a-very-long-staff-id-of-32-chars".into();
    shift.cash[0].reason = "很长的原因".repeat(12);
    for columns in [16, 32, 48] {
        for language in [Language::Chinese, Language::English] {
            let name = "一个名字特别特别特别长的示例便利店旗舰店";
            for line in shift_slip(&shift, &report(), name, "A001", language, columns) {
                assert!(width(&line) <= columns, "{line:?}");
            }
        }
    }
}

#[test]
fn an_open_shift_has_no_count_and_no_head() {
    let shift = Shift {
        closed: None,
        ..closed()
    };
    let slip = shift_slip(&shift, &report(), "店", "01", Language::Chinese, 32);
    let text = slip.join("\n");
    assert!(text.contains("班次（未交班）") && text.contains("待处理"));
    for word in ["差额", "审计链", "交班单"] {
        assert!(!text.contains(word), "{word}");
    }
}
