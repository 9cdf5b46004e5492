//! Who stands at the till.

use serde::{Deserialize, Serialize};

/// What a person may do is decided by role (the table is the vault's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes payments.
    Cashier,
    /// Also refunds, releases locks, changes settings.
    Manager,
}

/// A member of staff, without the PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// As typed at sign-in.
    pub id: String,
    /// As shown.
    pub name: String,
    /// What they may do.
    pub role: Role,
}
