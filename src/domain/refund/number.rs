//! What refunds are called.

use crate::domain::time::Day;
use serde::{Deserialize, Serialize};
use std::fmt;

/// refund_no: `^\d{8}[0-9A-Za-z]{3,24}$`, the first eight a day in Shanghai, the rest not `000`
/// (PROTOCOL: validation before sending). The till draws date + till + serial + random.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RefundNo(String);

impl RefundNo {
    /// Checks the gateway's rule.
    pub fn parse(text: &str) -> Option<RefundNo> {
        let (day, rest) = text.split_at_checked(8)?;
        let digits = day.bytes().all(|b| b.is_ascii_digit());
        let ok = (3..=24).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric())
            && rest != "000";
        (digits && ok).then(|| RefundNo(text.to_owned()))
    }

    /// The whole number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// It is dated this day: only then may it be sent (FATE 20, 21).
    pub fn is_of(&self, day: Day) -> bool {
        self.0.get(..8) == Some(day.compact().as_str())
    }

    /// The last ten characters: what the screen shows.
    pub fn tail(&self) -> &str {
        self.0
            .get(self.0.len().saturating_sub(10)..)
            .unwrap_or(&self.0)
    }
}

impl fmt::Display for RefundNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RefundNo {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        RefundNo::parse(&text).ok_or_else(|| "not a refund_no".to_owned())
    }
}

impl From<RefundNo> for String {
    fn from(no: RefundNo) -> String {
        no.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_no_is_a_day_and_3_to_24_letters_or_digits() {
        for good in ["20261120001", "2026112001000063K7Q2M4XD", "20261120abc"] {
            assert!(RefundNo::parse(good).is_some(), "{good}");
        }
        for bad in [
            "20261120000",
            "2026112001",
            "2026112X001",
            "20261120-01",
            "",
        ] {
            assert!(RefundNo::parse(bad).is_none(), "{bad}");
        }
        let no = RefundNo::parse("20261120001").unwrap();
        assert!(no.is_of(Day::parse("2026-11-20").unwrap()));
        assert!(!no.is_of(Day::parse("2026-11-21").unwrap()));
    }
}
