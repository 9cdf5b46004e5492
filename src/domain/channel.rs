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
    AliWeb,
    AliWap,
    AliQrcode,
    YeeWap,
    YeeWeb,
    BdWap,
    BdWeb,
    BcWxWap,
    BcAliWeb,
    BcAliWap,
    BcGateway,
    UnWeb,
    UnWap,
    JdWap,
    JdWeb,
    KuaiqianWap,
    KuaiqianWeb,
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

    /// Those of `/2/rest/bill` that are pay links and nothing else: paid on a page (004 §2, 000
    /// §4.2.1). The last six are documented with a form alone, which can't be shown as a QR.
    pub const LINKS: [Channel; 17] = [
        Channel::AliWeb,
        Channel::AliWap,
        Channel::AliQrcode,
        Channel::YeeWap,
        Channel::YeeWeb,
        Channel::BdWap,
        Channel::BdWeb,
        Channel::BcWxWap,
        Channel::BcAliWeb,
        Channel::BcAliWap,
        Channel::BcGateway,
        Channel::UnWeb,
        Channel::UnWap,
        Channel::JdWap,
        Channel::JdWeb,
        Channel::KuaiqianWap,
        Channel::KuaiqianWeb,
    ];

    /// Those of the counter that `/2/rest/bill` answers with a code_url: links too, where
    /// `gateway.links` names them.
    pub const LINKS_BESIDE: [Channel; 3] =
        [Channel::WxNative, Channel::BcNative, Channel::BcAliQrcode];

    /// Every channel, with the providers' and the links.
    pub fn every() -> impl Iterator<Item = Channel> {
        Channel::ALL
            .into_iter()
            .chain(Channel::JUBAO)
            .chain(Channel::LINKS)
    }

    /// What `gateway.links` may name.
    pub fn linkable() -> impl Iterator<Item = Channel> {
        Channel::LINKS.into_iter().chain(Channel::LINKS_BESIDE)
    }

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
            Channel::AliWeb => "ALI_WEB",
            Channel::AliWap => "ALI_WAP",
            Channel::AliQrcode => "ALI_QRCODE",
            Channel::YeeWap => "YEE_WAP",
            Channel::YeeWeb => "YEE_WEB",
            Channel::BdWap => "BD_WAP",
            Channel::BdWeb => "BD_WEB",
            Channel::BcWxWap => "BC_WX_WAP",
            Channel::BcAliWeb => "BC_ALI_WEB",
            Channel::BcAliWap => "BC_ALI_WAP",
            Channel::BcGateway => "BC_GATEWAY",
            Channel::UnWeb => "UN_WEB",
            Channel::UnWap => "UN_WAP",
            Channel::JdWap => "JD_WAP",
            Channel::JdWeb => "JD_WEB",
            Channel::KuaiqianWap => "KUAIQIAN_WAP",
            Channel::KuaiqianWeb => "KUAIQIAN_WEB",
        }
    }

    /// The channel of this name.
    pub fn parse(name: &str) -> Option<Channel> {
        Channel::every().find(|c| c.name() == name)
    }

    /// The wallet, where the channel alone names it (SCAN and BC_SCAN take both; 银联, 易宝, 百度,
    /// 京东, 快钱 and BC_GATEWAY are neither).
    pub fn wallet(self) -> Option<Wallet> {
        match self {
            Channel::AliScan
            | Channel::BcAliScan
            | Channel::AliOfflineQrcode
            | Channel::BcAliQrcode
            | Channel::JubaoAliWap
            | Channel::AliWeb
            | Channel::AliWap
            | Channel::AliQrcode
            | Channel::BcAliWeb
            | Channel::BcAliWap => Some(Wallet::Alipay),
            Channel::WxScan
            | Channel::BcWxScan
            | Channel::WxNative
            | Channel::BcNative
            | Channel::JubaoWxH5
            | Channel::BcWxWap => Some(Wallet::Wechat),
            _ => None,
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
                | Channel::BcWxWap
                | Channel::BcAliWeb
                | Channel::BcAliWap
                | Channel::BcGateway
        )
    }

    /// A pay link and nothing else.
    pub fn is_link(self) -> bool {
        Channel::LINKS.contains(&self)
    }

    /// Its page can't be made without `links.return_url` (004 §2).
    pub fn needs_return_url(self) -> bool {
        matches!(
            self,
            Channel::AliWeb | Channel::AliQrcode | Channel::UnWeb | Channel::JdWap | Channel::JdWeb
        )
    }

    /// Its pay may carry bill_timeout: 京东 and 聚宝 have none.
    pub fn takes_bill_timeout(self) -> bool {
        !self.is_jubao() && !matches!(self, Channel::JdWap | Channel::JdWeb)
    }

    /// A revert may be tried. The others can only expire.
    pub fn is_revertible(self) -> bool {
        let expires =
            self == Channel::WxNative || matches!(self, Channel::BcAliQrcode | Channel::BcNative);
        !expires && !self.is_jubao() && !self.is_link()
    }

    /// There is a status call; without one only the bill's row answers.
    pub fn has_status(self) -> bool {
        let row_alone = matches!(self, Channel::BcAliQrcode | Channel::BcNative);
        !row_alone && !self.is_jubao() && !self.is_link()
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
        matches!(self, Channel::BcAliQrcode | Channel::BcNative) || self.is_link()
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
        for channel in Channel::every() {
            assert_eq!(Channel::parse(channel.name()), Some(channel));
            let json = serde_json::to_string(&channel).unwrap();
            assert_eq!(json, format!("\"{}\"", channel.name()));
        }
        assert_eq!(Channel::parse("ali_scan"), None);
    }

    #[test]
    fn a_link_is_a_qr_without_status_and_without_revert() {
        for channel in Channel::LINKS {
            assert!(channel.is_qr() && channel.pays_online(), "{channel}");
            assert!(
                !channel.has_status() && !channel.is_revertible(),
                "{channel}"
            );
        }
        assert_eq!(Channel::AliWap.wallet(), Some(Wallet::Alipay));
        assert_eq!(Channel::BcWxWap.wallet(), Some(Wallet::Wechat));
        for neither in [Channel::UnWap, Channel::YeeWeb, Channel::BcGateway] {
            assert_eq!(neither.wallet(), None);
        }
    }
}
