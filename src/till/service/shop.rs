//! Shop and till as the screens need them.

use crate::domain::config::Language;
use crate::domain::{Channel, Fen};

/// Shop and till as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopView {
    /// As shown.
    pub name: String,
    /// As shown.
    pub till: String,
    /// Language of the screens.
    pub language: Language,
    /// 练习模式.
    pub practice: bool,
    /// F2 has a channel.
    pub qr_alipay: bool,
    /// F3 has a channel.
    pub qr_wechat: bool,
    /// Pay links that are offered, in this order.
    pub links: Vec<Channel>,
    /// The platform's test environment: nothing here is money.
    pub sandbox: bool,
    /// No amount above this is taken.
    pub max_amount: Fen,
}
