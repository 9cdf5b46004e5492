//! The same bill, refund and shift for every test.

use flate2::read::GzDecoder;
use shouyin::domain::bill::{Bill, BillNo, Proof, SaleId, State};
use shouyin::domain::config::Language;
use shouyin::domain::print::Slip;
use shouyin::domain::refund::{RefundAnswer, RefundChannel, RefundProof, RefundState};
use shouyin::domain::shift::*;
use shouyin::domain::slip::{SlipContext, refund_slip, sale_slip, shift_slip, test_slip};
use shouyin::domain::time::{Stamp, parse_moment};
use shouyin::domain::{Channel, Fen, Host, Refund, RefundNo, Wallet};
use std::io::Read;
use std::sync::LazyLock;

/// The program's font.
pub static FONT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/assets/fonts/NotoSansSC-Regular.ttf.gz"
    );
    let mut font = Vec::new();
    let packed = std::fs::File::open(path).unwrap();
    GzDecoder::new(packed).read_to_end(&mut font).unwrap();
    font
});

pub const NUMBER: &str = "2026112001000059Y6RC9G5H";

pub fn at(time: &str) -> i64 {
    parse_moment(&format!("2026-11-20T{time}+08:00")).unwrap()
}

fn stamp(time: &str) -> Stamp {
    Stamp {
        wall_ms: at(time),
        offset_ms: None,
    }
}

fn host() -> Host {
    serde_json::from_str("\"http://127.0.0.1:1\"").unwrap()
}

pub fn bill() -> Bill {
    let mut bill = Bill::sent(
        BillNo::parse(NUMBER).unwrap(),
        SaleId("1".into()),
        Fen(123_456),
        Channel::AliScan,
        host(),
        stamp("14:22:31"),
    );
    bill.title = "示例便利店".into();
    bill.note = "两箱苹果，少一袋".into();
    bill.operator = "1001".into();
    bill.code_mask = Some("28…76".into());
    bill.state = State::Paid;
    bill.proof = Some(Proof::Pay);
    bill.ended_ms = Some(at("14:22:33"));
    bill.trade_no = Some("2026112022001400000000000001".into());
    bill
}

pub fn refund() -> Refund {
    Refund {
        refund_no: RefundNo::parse("2026112001000063K7Q2M4XD").unwrap(),
        bill_no: BillNo::parse(NUMBER).unwrap(),
        fee: Fen(500),
        paid: Fen(123_456),
        channel: RefundChannel::Ali,
        wallet: Some(Wallet::Alipay),
        reason: "商品破损".into(),
        operator: "1001".into(),
        approver: "2001".into(),
        params_hash: String::new(),
        state: RefundState::Succeeded,
        host: host(),
        sent: stamp("15:00:00"),
        last_sent: stamp("15:00:00"),
        sends: 1,
        answer: RefundAnswer::default(),
        lost: false,
        seen: true,
        ended_ms: Some(at("15:00:02")),
        proof: Some(RefundProof::Answer),
        look_ms: None,
        next_ms: None,
        incident: None,
        settled: None,
        pre: None,
    }
}

fn tally(count: u32, sum: i64) -> Tally {
    Tally {
        count,
        sum: Fen(sum),
    }
}

pub fn report() -> ShiftReport {
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

pub fn shift() -> Shift {
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

/// A bill and what the slip says beside it.
pub struct Sample {
    pub bill: Bill,
    pub refund: Refund,
    pub shop: String,
    pub head: Vec<String>,
    pub foot: Vec<String>,
    pub language: Language,
    pub again: bool,
    pub practice: bool,
}

impl Sample {
    pub fn new(language: Language) -> Sample {
        Sample {
            bill: bill(),
            refund: refund(),
            shop: "示例便利店".into(),
            head: vec!["示例路 1 号".into(), "电话 010-00000000".into()],
            foot: vec!["谢谢惠顾 Thank you for shopping with us, see you soon".into()],
            language,
            again: false,
            practice: false,
        }
    }

    pub fn context(&self) -> SlipContext<'_> {
        SlipContext {
            shop: &self.shop,
            till: "01",
            head: &self.head,
            foot: &self.foot,
            language: self.language,
            again: self.again,
            practice: self.practice,
            printed_ms: at("20:00:05"),
        }
    }

    pub fn sale(&self) -> Slip {
        sale_slip(&self.bill, &self.context()).unwrap()
    }

    pub fn refund(&self) -> Slip {
        refund_slip(&self.refund, Some(&self.bill), &self.context()).unwrap()
    }

    pub fn shift(&self) -> Slip {
        shift_slip(&shift(), &report(), &self.context())
    }

    pub fn test(&self) -> Slip {
        test_slip(&self.context())
    }
}
