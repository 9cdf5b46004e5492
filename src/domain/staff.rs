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

/// What an id, a name or a PIN must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StaffRule {
    /// 1 to 32 letters, digits, - or _.
    #[error("员工编号要 1 到 32 个字母、数字、- 或 _")]
    Id,
    /// 1 to 64 characters, no control characters.
    #[error("姓名要 1 到 64 个字符")]
    Name,
    /// 4 to 12 digits.
    #[error("PIN 要 4 到 12 位数字")]
    Pin,
}

/// Checks a staff id.
pub fn check_id(id: &str) -> Result<(), StaffRule> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match (1..=32).contains(&id.len()) && id.bytes().all(good) {
        true => Ok(()),
        false => Err(StaffRule::Id),
    }
}

/// Checks a name, trimmed already.
pub fn check_name(name: &str) -> Result<(), StaffRule> {
    let fits = (1..=64).contains(&name.chars().count());
    match fits && !name.chars().any(char::is_control) {
        true => Ok(()),
        false => Err(StaffRule::Name),
    }
}

/// Checks a PIN.
pub fn check_pin(pin: &str) -> Result<(), StaffRule> {
    match (4..=12).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(()),
        false => Err(StaffRule::Pin),
    }
}
