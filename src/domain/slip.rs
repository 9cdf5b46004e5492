//! The slips: what stands on a sale's, a refund's and a shift's, and on the one that tries the
//! printer out. A shift's slip ends with the audit chain's head, so that the paper proves what the
//! ledger held when the shift ended.
//!
//! Pure. Invariants: there is no sale's slip for money that is not here and no refund's slip for
//! money that did not go back; every text went through [`clean`], so nothing that people or gateways
//! wrote can command a printer; never a payment code, only its mask (I12).

mod clean;
mod money;
mod shift;
mod words;
mod writer;

pub use clean::clean;
pub use money::{refund_slip, sale_slip};
pub use shift::shift_slip;

use super::config::Language;
use super::print::Slip;
use words::Words;
use writer::Writer;

/// What every slip says beside what it is about.
#[derive(Debug, Clone, Copy)]
pub struct SlipContext<'a> {
    /// The shop's name.
    pub shop: &'a str,
    /// The till.
    pub till: &'a str,
    /// Lines under the shop's name.
    pub head: &'a [String],
    /// Lines at the end.
    pub foot: &'a [String],
    /// The slip's language.
    pub language: Language,
    /// Marked 重打: one was printed before, or may have been.
    pub again: bool,
    /// Marked as practice: no money moved.
    pub practice: bool,
    /// When it is printed, UTC ms.
    pub printed_ms: i64,
}

/// What the test slip's bars and QR say: as long as a bill_no, and none.
const TEST_NUMBER: &str = "2000010100000000TESTTEST";

/// The slip that tries a printer out: every size, Chinese, bars and QR. It can't be taken for a
/// receipt.
pub fn test_slip(context: &SlipContext<'_>) -> Slip {
    let words = Words(context.language);
    let mut slip = Writer::new(*context);
    slip.begin();
    slip.strong(words.of("打印机测试", "Printer test"));
    slip.rule();
    slip.pair(words.of("终端", "Till"), context.till);
    slip.printed();
    slip.rule();
    slip.left(words.of("普通字 ABC abc 0123456789", "Normal ABC abc 0123456789"));
    slip.left_strong(words.of("粗体字 ABC abc 0123456789", "Bold ABC abc 0123456789"));
    slip.large(words.of("大字 12.34", "Large 12.34"));
    slip.pair(words.of("左", "left"), words.of("右", "right"));
    slip.pair_strong(words.of("高字", "High"), "12.34");
    slip.left("支付宝 微信 收款 退款 ￥ · …");
    slip.rule();
    slip.codes(TEST_NUMBER);
    slip.end();
    slip.done()
}

#[cfg(test)]
mod tests;
