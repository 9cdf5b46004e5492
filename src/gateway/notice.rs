//! What a gateway calls back with, as every provider gives it: what was paid or refunded, and
//! whether the notice's signature shows that the gateway sent it. A notice proves nothing: it only
//! makes the terminal ask sooner.

use crate::domain::Fen;

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Paid, or refunded.
    pub kind: HookKind,
    /// bill_no or refund_no.
    pub number: String,
    /// transaction_fee (分).
    pub fee: Fen,
}

/// Paid, or refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// PAY: the number is a bill_no.
    Pay,
    /// REFUND: the number is a refund_no.
    Refund,
}

/// What became of a notice's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// It is right.
    Signed(Hook),
    /// Only master_secret can check it ([`crate::gateway::Gateway::is_notice_signed`]).
    Unchecked(Hook, Claim),
    /// It is wrong or missing.
    Forged,
    /// This is no notice, or one about something else.
    Unreadable,
}

/// A signature as given, and what it should cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What stands between app_id and master_secret.
    pub signed: String,
    /// As given.
    pub given: String,
}
