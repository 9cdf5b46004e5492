//! Payouts and the identity check (000 §1.5, §1.6). Of a payout only its number is kept, of a
//! person nothing.

use super::super::code::{Code, Refused};
use super::notices::{Notice, NoticeKind};
use super::online::merchant_page;
use super::{Core, MAX_BILLS};
use crate::domain::Fen;

/// How long the bank, or the merchant with the password, takes.
const ARRIVES_MS: i64 = 2_000;

/// bank_fullname: full names alone (000 §1.5.2: 而不能写成"中行").
pub const PAYOUT_BANKS: [&str; 8] = [
    "中国工商银行",
    "中国农业银行",
    "中国银行",
    "中国建设银行",
    "交通银行",
    "招商银行",
    "中信银行",
    "中国邮政储蓄银行",
];

/// A checked payout, without the person.
#[derive(Debug, Clone)]
pub struct Payout {
    /// bill_no or transfer_no.
    pub number: String,
    /// total_fee (分).
    pub fee: Fen,
    /// BC_TRANSFER, ALI_TRANSFER, WX_TRANSFER.
    pub sub_channel: &'static str,
    /// `optional` as JSON text.
    pub optional: String,
}

/// A payout was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutTaken {
    /// The gateway's id.
    pub id: String,
    /// Alipay: where the merchant types the password.
    pub url: Option<String>,
}

/// What an identity check looks at.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// 15 or 18 characters.
    pub id_no: &'a str,
    /// Three and four factors.
    pub card_no: Option<&'a str>,
}

/// Whether they fit together, as this gateway plays it: every check digit is right.
pub fn checks_out(identity: &Identity<'_>) -> bool {
    is_id_no(identity.id_no) && identity.card_no.is_none_or(is_card_no)
}

/// GB 11643: the last of 18; 15 have none.
fn is_id_no(id_no: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if id_no.len() == 15 {
        return true;
    }
    let digits = id_no.chars().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, w)| digit * w).sum();
    let last = "10X98765432".chars().nth((sum % 11) as usize);
    id_no.chars().last().map(|c| c.to_ascii_uppercase()) == last
}

/// Luhn.
fn is_card_no(card_no: &str) -> bool {
    let digits = card_no.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(i, digit)| match (i % 2, digit * 2) {
            (0, _) => digit,
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

impl Core {
    /// `POST /2/rest/bc_transfer`, `/2/rest/transfer`, `/2/rest/transfers`. A number is taken once
    /// for ever.
    pub fn pay_out(&mut self, now_ms: i64, payout: Payout) -> Result<PayoutTaken, Refused> {
        if self.payouts.len() >= MAX_BILLS {
            return Err(Refused::new(Code::RuntimeError, "too many payouts"));
        }
        if !self.payouts.insert(payout.number.clone()) {
            return Err(Refused::new(Code::BillNoDuplicate, "打款单号重复"));
        }
        let id = self.rng.uuid();
        let alipay = payout.sub_channel == "ALI_TRANSFER";
        // 微信打款没有webhook，以同步返回为准.
        if let (Some(url), true) = (self.webhook.clone(), payout.sub_channel != "WX_TRANSFER") {
            let after_ms = (ARRIVES_MS as f64 * self.delay_factor) as i64;
            self.watched.later(
                now_ms.saturating_add(after_ms),
                Notice {
                    url,
                    kind: NoticeKind::Transfer,
                    number: payout.number,
                    channel: if alipay { "ALI" } else { "BC" },
                    sub_channel: payout.sub_channel,
                    fee: payout.fee,
                    optional: payout.optional,
                    trade_no: String::new(),
                },
            );
        }
        Ok(PayoutTaken {
            url: alipay.then(|| merchant_page(&id)),
            id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_decide() {
        let fits = |id_no, card_no| checks_out(&Identity { id_no, card_no });
        assert!(fits("11010519491231002X", None), "the standard's example");
        assert!(fits("11010519491231002x", None));
        assert!(!fits("110105194912310021", None));
        assert!(fits("110105491231002", None));
        assert!(fits("11010519491231002X", Some("4111111111111111")));
        assert!(!fits("11010519491231002X", Some("4111111111111112")));
    }
}
