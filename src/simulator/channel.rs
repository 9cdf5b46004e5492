//! Every channel the documents know, and what each belongs to: the counter's own (`domain`) and
//! those of `/2/rest/bill` that no counter uses (004 §2, 000 §4.2.1).

mod online;

pub use self::online::{Gives, Needs, Online};

use crate::domain::{Channel, Wallet};
use serde::{Deserialize, Serialize};

/// A bill's channel (`sub_channel` of its rows).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sub {
    /// One that a counter uses.
    Counter(Channel),
    /// One that only an app or a page uses.
    Online(Online),
}

impl From<Channel> for Sub {
    fn from(channel: Channel) -> Sub {
        Sub::Counter(channel)
    }
}

impl PartialEq<Channel> for Sub {
    fn eq(&self, other: &Channel) -> bool {
        self.counter() == Some(*other)
    }
}

impl Sub {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Sub::Counter(channel) => channel.name(),
            Sub::Online(online) => online.name(),
        }
    }

    /// The channel of this name.
    pub fn parse(name: &str) -> Option<Sub> {
        let counter = Channel::parse(name).map(Sub::Counter);
        counter.or_else(|| Online::parse(name).map(Sub::Online))
    }

    /// A counter's, as `domain` names it.
    pub fn counter(self) -> Option<Channel> {
        match self {
            Sub::Counter(channel) => Some(channel),
            Sub::Online(_) => None,
        }
    }

    fn counts(self, at_counter: impl FnOnce(Channel) -> bool) -> bool {
        self.counter().is_some_and(at_counter)
    }

    /// Takes a payment code.
    pub fn is_scan(self) -> bool {
        self.counts(Channel::is_scan)
    }

    /// Answers with a QR.
    pub fn is_qr(self) -> bool {
        self.counts(Channel::is_qr)
    }

    /// SCAN and BC_SCAN.
    pub fn is_unified(self) -> bool {
        self.counts(Channel::is_unified)
    }

    /// `offline/bill/status` knows it.
    pub fn has_status(self) -> bool {
        self.counts(Channel::has_status)
    }

    /// Can be undone.
    pub fn is_revertible(self) -> bool {
        self.counts(Channel::is_revertible)
    }

    /// 聚宝's.
    pub fn is_jubao(self) -> bool {
        self.counts(Channel::is_jubao)
    }

    /// Whose ways the gateway plays: the wallet, or where there is none (银联, 京东, …) Alipay's.
    pub fn wallet(self) -> Wallet {
        let wallet = match self {
            Sub::Counter(channel) => channel.wallet(),
            Sub::Online(online) => online.wallet(),
        };
        wallet.unwrap_or(Wallet::Alipay)
    }

    /// `channel` of its rows.
    pub fn parent(self) -> Parent {
        match self {
            Sub::Counter(channel) if channel.is_bc() => Parent::Bc,
            Sub::Counter(_) if self.wallet() == Wallet::Wechat => Parent::Wx,
            Sub::Counter(_) => Parent::Ali,
            Sub::Online(online) => online.parent(),
        }
    }
}

/// `channel` of rows, refunds and notices: what a sub channel belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// Alipay.
    Ali,
    /// WeChat.
    Wx,
    /// 银联.
    Un,
    /// 京东.
    Jd,
    /// 易宝.
    Yee,
    /// 快钱.
    Kuaiqian,
    /// 百度.
    Bd,
    /// PayPal: has no refund in the documents.
    Paypal,
    /// The platform's own channels.
    Bc,
}

impl Parent {
    const ALL: [Parent; 9] = [
        Parent::Ali,
        Parent::Wx,
        Parent::Un,
        Parent::Jd,
        Parent::Yee,
        Parent::Kuaiqian,
        Parent::Bd,
        Parent::Paypal,
        Parent::Bc,
    ];

    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Parent::Ali => "ALI",
            Parent::Wx => "WX",
            Parent::Un => "UN",
            Parent::Jd => "JD",
            Parent::Yee => "YEE",
            Parent::Kuaiqian => "KUAIQIAN",
            Parent::Bd => "BD",
            Parent::Paypal => "PAYPAL",
            Parent::Bc => "BC",
        }
    }

    /// The parent of this word.
    pub fn parse(name: &str) -> Option<Parent> {
        Parent::ALL.into_iter().find(|p| p.name() == name)
    }

    /// `offline/refund` takes it (PROTOCOL: ALI, WX, BC).
    pub fn refunds_offline(self) -> bool {
        matches!(self, Parent::Ali | Parent::Wx | Parent::Bc)
    }

    /// `/2/rest/refund` takes it (004 §3, and BC as PROTOCOL says).
    pub fn refunds_online(self) -> bool {
        self != Parent::Paypal
    }

    /// The gateway learns a refund's end only when `/refund/status` asks (004 §9).
    pub fn ends_at_status(self) -> bool {
        matches!(
            self,
            Parent::Wx | Parent::Yee | Parent::Kuaiqian | Parent::Bd
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_read_back_and_has_its_parent() {
        let counter = Channel::ALL.into_iter().map(Sub::Counter);
        for sub in counter.chain(Online::ALL.into_iter().map(Sub::Online)) {
            assert_eq!(Sub::parse(sub.name()), Some(sub));
            let json = serde_json::to_value(sub).unwrap();
            assert_eq!(json, sub.name(), "kept by its name");
            assert_eq!(serde_json::from_value::<Sub>(json).unwrap(), sub);
            let parent = sub.parent().name();
            // SCAN names no parent: it becomes a wallet's own before a bill is made.
            assert!(sub.name().starts_with(parent) || sub == Channel::Scan);
        }
    }
}
