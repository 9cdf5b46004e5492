//! Money: integers in 分, never a float.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in 分 (1/100 yuan). Never negative in this program.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits with at most one point and two decimals.
    #[error("金额要写成 12.34 这样的数字，最多两位小数")]
    NotAnAmount,
    /// Nothing to charge.
    #[error("金额要大于 0")]
    Zero,
    /// More than i64 分 can hold or than any till takes.
    #[error("金额太大")]
    TooLarge,
}

impl Fen {
    /// Zero.
    pub const ZERO: Fen = Fen(0);
    /// The largest amount that is ever accepted from outside: ten million yuan.
    pub const LIMIT: Fen = Fen(1_000_000_000);

    /// Reads yuan as people type them: `12`, `12.3`, `12.34`, `.5`. Zero is refused.
    pub fn parse_yuan(text: &str) -> Result<Fen, AmountError> {
        let text = text.trim();
        let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
        if yuan.is_empty() && fen.is_empty() {
            return Err(AmountError::NotAnAmount);
        }
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(fen) || fen.len() > 2 {
            return Err(AmountError::NotAnAmount);
        }
        let yuan = yuan.trim_start_matches('0');
        if yuan.len() > 8 {
            return Err(AmountError::TooLarge);
        }
        let whole: i64 = if yuan.is_empty() {
            0
        } else {
            yuan.parse().map_err(|_| AmountError::NotAnAmount)?
        };
        let cents: i64 = match fen.len() {
            0 => 0,
            1 => fen
                .parse::<i64>()
                .map_err(|_| AmountError::NotAnAmount)?
                .saturating_mul(10),
            _ => fen.parse().map_err(|_| AmountError::NotAnAmount)?,
        };
        let total = Fen(whole.saturating_mul(100).saturating_add(cents));
        if total == Fen::ZERO {
            return Err(AmountError::Zero);
        }
        if total > Fen::LIMIT {
            return Err(AmountError::TooLarge);
        }
        Ok(total)
    }

    /// Yuan with a thousands separator: `4,218.30`. For screens and slips.
    pub fn grouped(self) -> String {
        let whole = (self.0 / 100).to_string();
        let mut out = String::new();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        format!("{out}.{:02}", self.0 % 100)
    }
}

/// Yuan with two decimals: `12.34`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        for (text, fen) in [
            ("12.34", 1234),
            ("12", 1200),
            ("12.", 1200),
            ("12.3", 1230),
            (".5", 50),
            ("0.01", 1),
            ("0000012.30", 1230),
            ("9999999.99", 999_999_999),
        ] {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "", ".", "1.234", "-1", "1,000", "１２", "1e3", " ", "0x10", "1.2.3",
        ] {
            assert_eq!(
                Fen::parse_yuan(text),
                Err(AmountError::NotAnAmount),
                "{text}"
            );
        }
        assert_eq!(Fen::parse_yuan("0"), Err(AmountError::Zero));
        assert_eq!(Fen::parse_yuan("0.00"), Err(AmountError::Zero));
        assert_eq!(
            Fen::parse_yuan("99999999999999999999"),
            Err(AmountError::TooLarge)
        );
    }

    #[test]
    fn amounts_are_written_with_two_decimals() {
        assert_eq!(Fen(1).to_string(), "0.01");
        assert_eq!(Fen(421_830).grouped(), "4,218.30");
        assert_eq!(Fen(100_000_000).grouped(), "1,000,000.00");
    }
}
