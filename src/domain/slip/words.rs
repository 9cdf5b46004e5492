//! The slips' words in both languages.

use crate::domain::config::Language;
use crate::domain::{Fen, Wallet};

/// Chinese or English.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub Language);

impl Words {
    pub fn of(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self.0 {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    pub fn wallet(self, wallet: Option<Wallet>) -> &'static str {
        match wallet {
            Some(Wallet::Alipay) => self.of("支付宝", "Alipay"),
            Some(Wallet::Wechat) => self.of("微信", "WeChat"),
            None => self.of("其他", "Other"),
        }
    }

    /// A staff id; nobody is the command line.
    pub fn who(self, id: &str) -> &str {
        match id.is_empty() {
            true => self.of("命令行", "command line"),
            false => id,
        }
    }

    /// An amount with its currency.
    pub fn price(self, amount: Fen) -> String {
        match self.0 {
            Language::Chinese => format!("￥{}", amount.grouped()),
            Language::English => format!("CNY {}", amount.grouped()),
        }
    }
}
