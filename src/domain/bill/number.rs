//! What bills and sales are called.

use serde::{Deserialize, Serialize};
use std::fmt;

/// bill_no: date + till + 6-digit serial + 8 random of 0-9A-Z; `^[0-9A-Za-z]{8,32}$`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BillNo(String);

impl BillNo {
    /// Checks the gateway's rule `^[0-9A-Za-z]{8,32}$`.
    pub fn parse(text: &str) -> Option<BillNo> {
        let ok = (8..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        ok.then(|| BillNo(text.to_owned()))
    }

    /// The whole number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last ten characters: what the screen shows.
    pub fn tail(&self) -> &str {
        self.0
            .get(self.0.len().saturating_sub(10)..)
            .unwrap_or(&self.0)
    }
}

impl fmt::Display for BillNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BillNo {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        BillNo::parse(&text).ok_or_else(|| "not a bill_no".to_owned())
    }
}

impl From<BillNo> for String {
    fn from(no: BillNo) -> String {
        no.0
    }
}

/// A sale: what one customer pays for. It groups its attempts (bills). The caller's order
/// number, or one of the till's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SaleId(pub String);

impl fmt::Display for SaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
