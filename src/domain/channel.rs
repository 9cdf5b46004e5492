//! The channels at a counter and what each can do (PROTOCOL: channels at a counter).

use serde::{Deserialize, Serialize};

/// The wallet a customer pays with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wallet {
    /// 支付宝
    Alipay,
    /// 微信
    Wechat,
}

/// A payment channel, by the documents' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Channel {
    AliScan,
    WxScan,
    BcAliScan,
    BcWxScan,
    Scan,
    BcScan,
    AliOfflineQrcode,
    WxNative,
    BcAliQrcode,
    BcNative,
    JubaoAliWap,
    JubaoWxH5,
}

impl Channel {
    /// Every channel of BeeCloud and 聚合支付, in the documents' order.
    pub const ALL: [Channel; 10] = [
        Channel::AliScan,
        Channel::WxScan,
        Channel::BcAliScan,
        Channel::BcWxScan,
        Channel::Scan,
        Channel::BcScan,
        Channel::AliOfflineQrcode,
        Channel::WxNative,
        Channel::BcAliQrcode,
        Channel::BcNative,
    ];

    /// 聚宝's (pay_channel_id 101 and 201). The names are ours: the document has numbers alone.
    pub const JUBAO: [Channel; 2] = [Channel::JubaoAliWap, Channel::JubaoWxH5];

    /// The documents' name, as it goes over the wire.
    pub fn name(self) -> &'static str {
        match self {
            Channel::AliScan => "ALI_SCAN",
            Channel::WxScan => "WX_SCAN",
            Channel::BcAliScan => "BC_ALI_SCAN",
            Channel::BcWxScan => "BC_WX_SCAN",
            Channel::Scan => "SCAN",
            Channel::BcScan => "BC_SCAN",
            Channel::AliOfflineQrcode => "ALI_OFFLINE_QRCODE",
            Channel::WxNative => "WX_NATIVE",
            Channel::BcAliQrcode => "BC_ALI_QRCODE",
            Channel::BcNative => "BC_NATIVE",
            Channel::JubaoAliWap => "JUBAO_ALI_WAP",
            Channel::JubaoWxH5 => "JUBAO_WX_H5",
        }
    }

    /// The channel of this name.
    pub fn parse(name: &str) -> Option<Channel> {
        let all = Channel::ALL.into_iter().chain(Channel::JUBAO);
        all.into_iter().find(|c| c.name() == name)
    }

    /// The wallet, where the channel alone names it (SCAN and BC_SCAN take both).
    pub fn wallet(self) -> Option<Wallet> {
        match self {
            Channel::AliScan
            | Channel::BcAliScan
            | Channel::AliOfflineQrcode
            | Channel::BcAliQrcode
            | Channel::JubaoAliWap => Some(Wallet::Alipay),
            Channel::WxScan
            | Channel::BcWxScan
            | Channel::WxNative
            | Channel::BcNative
            | Channel::JubaoWxH5 => Some(Wallet::Wechat),
            Channel::Scan | Channel::BcScan => None,
        }
    }

    /// The customer shows a payment code that is scanned here.
    pub fn is_scan(self) -> bool {
        matches!(
            self,
            Channel::AliScan
                | Channel::WxScan
                | Channel::BcAliScan
                | Channel::BcWxScan
                | Channel::Scan
                | Channel::BcScan
        )
    }

    /// A QR is shown here and scanned by the customer.
    pub fn is_qr(self) -> bool {
        !self.is_scan()
    }

    /// One code for both wallets: the gateway's answer names the channel.
    pub fn is_unified(self) -> bool {
        matches!(self, Channel::Scan | Channel::BcScan)
    }

    /// BeeCloud's own (BC) channels: their revert is undocumented, so only a witness is believed.
    pub fn is_bc(self) -> bool {
        matches!(
            self,
            Channel::BcAliScan
                | Channel::BcWxScan
                | Channel::BcScan
                | Channel::BcAliQrcode
                | Channel::BcNative
        )
    }

    /// A revert may be tried. The others can only expire.
    pub fn is_revertible(self) -> bool {
        let expires =
            self == Channel::WxNative || matches!(self, Channel::BcAliQrcode | Channel::BcNative);
        !expires && !self.is_jubao()
    }

    /// There is a status call; without one only the bill's row answers.
    pub fn has_status(self) -> bool {
        !matches!(self, Channel::BcAliQrcode | Channel::BcNative) && !self.is_jubao()
    }

    /// The documents have refunds for it.
    pub fn has_refunds(self) -> bool {
        !self.is_jubao()
    }

    /// 聚宝's: paid on a page, asked about by the gateway's own number.
    pub fn is_jubao(self) -> bool {
        Channel::JUBAO.contains(&self)
    }

    /// Pay goes to `/2/rest/bill` instead of `/2/rest/offline/bill`.
    pub fn pays_online(self) -> bool {
        matches!(self, Channel::BcAliQrcode | Channel::BcNative)
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_documents_and_round_trip() {
        for channel in Channel::ALL.into_iter().chain(Channel::JUBAO) {
            assert_eq!(Channel::parse(channel.name()), Some(channel));
            let json = serde_json::to_string(&channel).unwrap();
            assert_eq!(json, format!("\"{}\"", channel.name()));
        }
        assert_eq!(Channel::parse("ali_scan"), None);
    }
}
