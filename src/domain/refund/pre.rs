//! 预退款: a refund that waits for a manager's word, here or at the gateway.

use serde::{Deserialize, Serialize};

/// What stands beside a refund that somebody had to agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreRefund {
    /// Staff id of who asked for it; empty: it was made elsewhere.
    pub by: String,
    /// When it was asked for, UTC ms.
    pub at_ms: i64,
    /// Made elsewhere: what the gateway calls it. `None`: it exists only here until it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<PreRefundId>,
    /// The newest word about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<ManagersWord>,
    /// Alipay: the page where the merchant types the password; without it nothing goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// How the gateway names a pre-refund (PROTOCOL: approve pre-refunds).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreRefundId {
    /// Its own id, not refund_no.
    pub id: String,
    /// WX, ALI, BC, UN, … as it stands there.
    pub channel: String,
}

/// A manager agreed, or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagersWord {
    /// Money goes back.
    pub agree: bool,
    /// Staff id of the manager whose PIN it was.
    pub by: String,
    /// Staff id of the manager who was signed in.
    pub signed_in: String,
    /// Why.
    pub reason: String,
    /// When, UTC ms.
    pub at_ms: i64,
}
