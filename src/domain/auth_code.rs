//! A customer's payment code: a payment authorisation, so it is wiped, never printed whole,
//! never stored (I12).

use super::Wallet;
use std::fmt;
use zeroize::Zeroizing;

/// A payment code as scanned: 10 to 32 digits.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthCode(Zeroizing<String>);

/// What a code's prefix says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// Prefix 25–30, 16–24 digits.
    Alipay,
    /// Prefix 10–15, 18 digits.
    Wechat,
    /// 云闪付: prefix 62, 19 digits. No offline channel takes it.
    UnionPay,
    /// Any other: goes to SCAN where the merchant has it, or the cashier is asked.
    Unknown,
}

impl CodeKind {
    /// The wallet, where the prefix names one.
    pub fn wallet(self) -> Option<Wallet> {
        match self {
            CodeKind::Alipay => Some(Wallet::Alipay),
            CodeKind::Wechat => Some(Wallet::Wechat),
            CodeKind::UnionPay | CodeKind::Unknown => None,
        }
    }
}

/// Why a text is not a payment code. Nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Fewer than 10 or more than 32 characters.
    #[error("扫码不完整，请重新扫描")]
    Length,
    /// A character that is no digit.
    #[error("扫到的不是付款码，请让顾客打开付款码")]
    NotDigits,
    /// A WeChat or Alipay prefix with another length: a broken scan.
    #[error("扫码不完整，请重新扫描")]
    Broken,
}

impl AuthCode {
    /// Checks a scanned text (PROTOCOL: payment codes). Full-width digits are folded before.
    pub fn parse(text: &str) -> Result<AuthCode, CodeError> {
        let len = text.chars().count();
        if !(10..=32).contains(&len) {
            return Err(CodeError::Length);
        }
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CodeError::NotDigits);
        }
        let prefix: u8 = text.get(..2).and_then(|p| p.parse().ok()).unwrap_or(0);
        let broken = match prefix {
            10..=15 => len != 18,
            25..=30 => !(16..=24).contains(&len),
            _ => false,
        };
        if broken {
            return Err(CodeError::Broken);
        }
        Ok(AuthCode(Zeroizing::new(text.to_owned())))
    }

    /// Which wallet the prefix and the length name.
    pub fn kind(&self) -> CodeKind {
        let prefix: u8 = self.0.get(..2).and_then(|p| p.parse().ok()).unwrap_or(0);
        match prefix {
            10..=15 => CodeKind::Wechat,
            25..=30 => CodeKind::Alipay,
            62 if self.0.len() == 19 => CodeKind::UnionPay,
            _ => CodeKind::Unknown,
        }
    }

    /// The whole code, for the one request that carries it and for the keyed hash.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// First two and last two digits: all that may be kept or shown.
    pub fn masked(&self) -> String {
        let head = self.0.get(..2).unwrap_or("");
        let tail = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or("");
        format!("{head}…{tail}")
    }
}

impl fmt::Debug for AuthCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthCode({})", self.masked())
    }
}

/// So many digits in a row may be a payment code.
const SHORTEST: usize = 10;

/// What a person wrote, with `instead` in the place of every run of digits that a scanner may have
/// typed into it (I12).
pub fn without_codes(text: &str, instead: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, digits_on) = rest.split_at(start);
        let end = digits_on.find(|c| !is_digit(c)).unwrap_or(digits_on.len());
        let (digits, after) = digits_on.split_at(end);
        kept.push_str(before);
        kept.push_str(if digits.len() < SHORTEST {
            digits
        } else {
            instead
        });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Result<CodeKind, CodeError> {
        AuthCode::parse(text).map(|c| c.kind())
    }

    #[test]
    fn what_may_be_a_code_is_taken_out_of_what_a_person_wrote() {
        let code = "286612345678901234";
        assert_eq!(without_codes(&format!("破损 {code}退"), ""), "破损 退");
        assert_eq!(without_codes(&format!("{code}，{code}"), "…"), "…，…");
        assert_eq!(without_codes("1234567890", "…"), "…");
        let harmless = "订单 123456789 少 2 件";
        assert_eq!(without_codes(harmless, ""), harmless);
    }

    #[test]
    fn the_prefix_names_the_wallet() {
        for prefix in 10..=15 {
            assert_eq!(
                kind(&format!("{prefix}0000000000000000")),
                Ok(CodeKind::Wechat)
            );
        }
        for prefix in 25..=30 {
            for len in 16..=24 {
                let code = format!("{prefix}{}", "7".repeat(len - 2));
                assert_eq!(kind(&code), Ok(CodeKind::Alipay), "{code}");
            }
        }
        assert_eq!(kind("6212345678901234567"), Ok(CodeKind::UnionPay));
        assert_eq!(
            kind("23891113455872"),
            Ok(CodeKind::Unknown),
            "the documents' example"
        );
        assert_eq!(kind("0000000000"), Ok(CodeKind::Unknown));
    }

    #[test]
    fn a_code_seen_to_be_truncated_is_refused() {
        assert_eq!(
            kind("13456789012345678"),
            Err(CodeError::Broken),
            "17 of 18 digits"
        );
        assert_eq!(kind("1345678901234567890"), Err(CodeError::Broken));
        assert_eq!(
            kind("283012345678901"),
            Err(CodeError::Broken),
            "15 of 16 digits"
        );
        assert_eq!(kind(&"28".repeat(13)), Err(CodeError::Broken), "26 digits");
        assert_eq!(kind("134567890"), Err(CodeError::Length));
        assert_eq!(kind(&"9".repeat(33)), Err(CodeError::Length));
        assert_eq!(kind("https://qr.alipay.com/x"), Err(CodeError::NotDigits));
        assert_eq!(
            kind("１３４５６７８９０１２３４５６７８９"),
            Err(CodeError::NotDigits)
        );
    }

    #[test]
    fn a_code_never_prints_whole() {
        let code = AuthCode::parse("134567890123456789").unwrap();
        assert_eq!(format!("{code:?}"), "AuthCode(13…89)");
        assert!(!format!("{code:#?}").contains("3456"));
    }
}
