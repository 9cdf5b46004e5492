//! The channels of `/2/rest/bill` beyond the counter's: what each needs and what it gives
//! (004 §2, 000 §4.2.1, and for the BC pages 000 §1.2).

use super::Parent;
use crate::domain::Wallet;
use serde::{Deserialize, Serialize};

/// A channel that only an app or a page uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Online {
    WxApp,
    WxJsapi,
    AliApp,
    AliWeb,
    AliQrcode,
    AliWap,
    UnApp,
    UnWeb,
    UnWap,
    JdWap,
    JdWeb,
    YeeWap,
    YeeWeb,
    YeeNobankcard,
    KuaiqianWap,
    KuaiqianWeb,
    BdApp,
    BdWeb,
    BdWap,
    PaypalSandbox,
    PaypalLive,
    BcGateway,
    BcExpress,
    BcWxWap,
    BcWxJsapi,
    BcAliApp,
    BcAliWeb,
    BcAliWap,
}

/// What a channel alone requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing more.
    Nothing,
    /// return_url
    ReturnUrl,
    /// return_url and qr_pay_mode
    QrPayMode,
    /// openid
    Openid,
    /// identity_id
    IdentityId,
    /// cardno, cardpwd, frqid
    Card,
    /// card_no
    CardNo,
}

/// What a channel answers beside `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// The documents promise no field.
    Nothing,
    /// The set for the WeChat SDK.
    WeixinApp,
    /// The set for a page inside WeChat.
    WeixinJsapi,
    /// order_string
    OrderString,
    /// tn
    Tn,
    /// orderInfo
    OrderInfo,
    /// url
    Url,
    /// html
    Html,
    /// html and url
    HtmlAndUrl,
}

impl Online {
    /// All of them.
    pub const ALL: [Online; 28] = [
        Online::WxApp,
        Online::WxJsapi,
        Online::AliApp,
        Online::AliWeb,
        Online::AliQrcode,
        Online::AliWap,
        Online::UnApp,
        Online::UnWeb,
        Online::UnWap,
        Online::JdWap,
        Online::JdWeb,
        Online::YeeWap,
        Online::YeeWeb,
        Online::YeeNobankcard,
        Online::KuaiqianWap,
        Online::KuaiqianWeb,
        Online::BdApp,
        Online::BdWeb,
        Online::BdWap,
        Online::PaypalSandbox,
        Online::PaypalLive,
        Online::BcGateway,
        Online::BcExpress,
        Online::BcWxWap,
        Online::BcWxJsapi,
        Online::BcAliApp,
        Online::BcAliWeb,
        Online::BcAliWap,
    ];

    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Online::WxApp => "WX_APP",
            Online::WxJsapi => "WX_JSAPI",
            Online::AliApp => "ALI_APP",
            Online::AliWeb => "ALI_WEB",
            Online::AliQrcode => "ALI_QRCODE",
            Online::AliWap => "ALI_WAP",
            Online::UnApp => "UN_APP",
            Online::UnWeb => "UN_WEB",
            Online::UnWap => "UN_WAP",
            Online::JdWap => "JD_WAP",
            Online::JdWeb => "JD_WEB",
            Online::YeeWap => "YEE_WAP",
            Online::YeeWeb => "YEE_WEB",
            Online::YeeNobankcard => "YEE_NOBANKCARD",
            Online::KuaiqianWap => "KUAIQIAN_WAP",
            Online::KuaiqianWeb => "KUAIQIAN_WEB",
            Online::BdApp => "BD_APP",
            Online::BdWeb => "BD_WEB",
            Online::BdWap => "BD_WAP",
            Online::PaypalSandbox => "PAYPAL_SANDBOX",
            Online::PaypalLive => "PAYPAL_LIVE",
            Online::BcGateway => "BC_GATEWAY",
            Online::BcExpress => "BC_EXPRESS",
            Online::BcWxWap => "BC_WX_WAP",
            Online::BcWxJsapi => "BC_WX_JSAPI",
            Online::BcAliApp => "BC_ALI_APP",
            Online::BcAliWeb => "BC_ALI_WEB",
            Online::BcAliWap => "BC_ALI_WAP",
        }
    }

    /// The channel of this name.
    pub fn parse(name: &str) -> Option<Online> {
        Online::ALL.into_iter().find(|c| c.name() == name)
    }

    /// `channel` of its rows.
    pub fn parent(self) -> Parent {
        match self {
            Online::WxApp | Online::WxJsapi => Parent::Wx,
            Online::AliApp | Online::AliWeb | Online::AliQrcode | Online::AliWap => Parent::Ali,
            Online::UnApp | Online::UnWeb | Online::UnWap => Parent::Un,
            Online::JdWap | Online::JdWeb => Parent::Jd,
            Online::YeeWap | Online::YeeWeb | Online::YeeNobankcard => Parent::Yee,
            Online::KuaiqianWap | Online::KuaiqianWeb => Parent::Kuaiqian,
            Online::BdApp | Online::BdWeb | Online::BdWap => Parent::Bd,
            Online::PaypalSandbox | Online::PaypalLive => Parent::Paypal,
            Online::BcGateway
            | Online::BcExpress
            | Online::BcWxWap
            | Online::BcWxJsapi
            | Online::BcAliApp
            | Online::BcAliWeb
            | Online::BcAliWap => Parent::Bc,
        }
    }

    /// The wallet, where there is one.
    pub fn wallet(self) -> Option<Wallet> {
        match self {
            Online::WxApp | Online::WxJsapi | Online::BcWxWap | Online::BcWxJsapi => {
                Some(Wallet::Wechat)
            }
            Online::AliApp
            | Online::AliWeb
            | Online::AliQrcode
            | Online::AliWap
            | Online::BcAliApp
            | Online::BcAliWeb
            | Online::BcAliWap => Some(Wallet::Alipay),
            _ => None,
        }
    }

    /// What it alone requires.
    pub fn needs(self) -> Needs {
        match self {
            Online::AliWeb | Online::UnWeb | Online::JdWap | Online::JdWeb => Needs::ReturnUrl,
            Online::AliQrcode => Needs::QrPayMode,
            Online::WxJsapi | Online::BcWxJsapi => Needs::Openid,
            Online::YeeWap => Needs::IdentityId,
            Online::YeeNobankcard => Needs::Card,
            Online::BcExpress => Needs::CardNo,
            _ => Needs::Nothing,
        }
    }

    /// What it answers.
    pub fn gives(self) -> Gives {
        match self {
            Online::WxApp => Gives::WeixinApp,
            Online::WxJsapi | Online::BcWxJsapi => Gives::WeixinJsapi,
            Online::AliApp | Online::BcAliApp => Gives::OrderString,
            Online::UnApp => Gives::Tn,
            Online::BdApp => Gives::OrderInfo,
            Online::AliWeb
            | Online::AliWap
            | Online::AliQrcode
            | Online::BcAliWeb
            | Online::BcAliWap => Gives::HtmlAndUrl,
            Online::YeeWap
            | Online::YeeWeb
            | Online::BdWap
            | Online::BdWeb
            | Online::BcWxWap
            // 004 has no field for PayPal; nobody could pay without a page.
            | Online::PaypalSandbox
            | Online::PaypalLive => Gives::Url,
            Online::UnWeb
            | Online::UnWap
            | Online::JdWap
            | Online::JdWeb
            | Online::KuaiqianWap
            | Online::KuaiqianWeb
            | Online::BcGateway
            | Online::BcExpress => Gives::Html,
            Online::YeeNobankcard => Gives::Nothing,
        }
    }
}
