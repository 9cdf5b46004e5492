//! A sale ordered from the command line: for other tills' software and for scripts.

use super::service::{Said, ScanText};
use crate::domain::{BillNo, Channel, Fen, SaleId, Wallet};

/// How the customer pays.
#[derive(Debug, Clone)]
pub enum How {
    /// A scanned payment code.
    Code(ScanText),
    /// A QR is shown.
    Qr(Wallet),
    /// A pay link of this channel is shown.
    Link(Channel),
}

/// What `shouyin pay` asks for.
#[derive(Debug, Clone)]
pub struct PayOrder {
    /// What the customer owes.
    pub amount: Fen,
    /// How the customer pays.
    pub how: How,
    /// The caller's order number: while an attempt of it is open or paid, that bill is followed.
    pub sale: Option<SaleId>,
    /// It is another customer than the one whose bill has no result yet.
    pub another: bool,
    /// May be empty.
    pub note: String,
}

/// Why nothing was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayRefused {
    /// A bill of the same amount has no result yet; `--another` says that it is another customer.
    SameAmount(BillNo),
    /// One line of the till.
    Said(Said),
}

impl From<Said> for PayRefused {
    fn from(said: Said) -> Self {
        PayRefused::Said(said)
    }
}
