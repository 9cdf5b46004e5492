//! The practice customer: what the played customer and the network will do. The panel speaks
//! to the `Customer` trait; the simulator implements it.

use super::{AuthCode, BillNo, Wallet};
use serde::{Deserialize, Serialize};

/// What the customer does with the next (or the named) bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// 立即付款: pays at once (a QR: after 3 s).
    #[default]
    #[serde(alias = "at-once")]
    Pay,
    /// 输入密码: pays after typing a password.
    Password,
    /// 拖到最后: pays just before the time is up.
    Late,
    /// 不理会: never pays.
    Never,
    /// 余额不足: the wallet refuses.
    NoMoney,
}

/// What the network does to the pay request of the next (or the named) bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// 正常
    #[default]
    Normal,
    /// The request never reaches the gateway (断网).
    LoseRequest,
    /// The gateway acts, the answer never comes (丢失回答).
    LoseAnswer,
    /// The answer takes many seconds (很慢).
    Slow,
    /// 502 Bad Gateway after the gateway acted.
    #[serde(rename = "502")]
    BadGateway,
    /// An HTML page instead of JSON.
    Html,
    /// The body ends in the middle.
    Truncate,
}

/// Whoever plays the customers of a practice gateway.
pub trait Customer: Send + Sync {
    /// What the next customer and the network will do; `bill_no` for one that is there already.
    fn plan(&self, bill_no: Option<&BillNo>, act: Act, network: Network);
    /// A fresh payment code of this wallet.
    fn fresh_code(&self, wallet: Wallet) -> AuthCode;
}
