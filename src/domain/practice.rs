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

/// What becomes of the next refund at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundAct {
    /// 立即到账
    #[default]
    AtOnce,
    /// 处理中: taken, and finished after some seconds.
    Pending,
    /// 一直处理中: taken, and never finished by itself.
    Never,
    /// 退款失败: taken, and failed in the end.
    Fail,
    /// 商户余额不足: refused by the channel (code 7).
    NoFunds,
}

/// Whoever plays the customers of a practice gateway.
pub trait Customer: Send + Sync {
    /// What the next customer and the network will do; `bill_no` for one that is there already.
    fn plan(&self, bill_no: Option<&BillNo>, act: Act, network: Network);
    /// A fresh payment code of this wallet.
    fn fresh_code(&self, wallet: Wallet) -> AuthCode;
    /// What becomes of the next refund, and what the network does to its request.
    fn plan_refund(&self, act: RefundAct, network: Network);
    /// Plants three differences into the gateway's books of today, for reconciliation to find: a
    /// paid bill that no till has, a paid bill of this till that is gone, and one with another
    /// amount. Gives the bill_no of each; fewer where there are too few paid bills.
    fn plant_differences(&self) -> Vec<String>;
}
