//! Online payments: `POST /2/rest/bill`, every channel with its own required fields and its own
//! answer (PROTOCOL: pay, online; 004 §2, 000 §4.2.1).

use super::text::{self, is_alphanumeric, length, return_url, web_url};
use super::{Call, Codes, Private, Told, Wrong};
use crate::domain::gateway::{Answer, Host};
use crate::domain::{BillNo, Fen};
use crate::gateway::beecloud::Client;
use crate::gateway::beecloud::answer::Body;
use crate::gateway::beecloud::request::{Params, Signer};
use crate::gateway::beecloud::validate::is_title;
use crate::gateway::transport::{Prepared, Via};
use serde_json::{Map, Value, json};

/// How the QR of ALI_QRCODE is shown in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrPayMode {
    /// 0: at least 600 × 300 pixels.
    Simple,
    /// 1: at least 300 × 600 pixels.
    Front,
    /// 3: at least 75 × 75 pixels.
    Mini,
}

impl QrPayMode {
    fn number(self) -> &'static str {
        match self {
            QrPayMode::Simple => "0",
            QrPayMode::Front => "1",
            QrPayMode::Mini => "3",
        }
    }
}

/// A prepaid card of YEE_NOBANKCARD. Its face value must be the bill's amount, or money is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// cardno
    pub number: Private,
    /// cardpwd
    pub password: Private,
    /// frqid: JUNNET, SNDACARD, SZX, …
    pub kind: String,
}

/// A channel of `/2/rest/bill` with what it alone needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OnlineChannel {
    WxApp,
    WxNative,
    WxJsapi {
        openid: String,
    },
    AliApp,
    AliWeb {
        return_url: String,
        show_url: Option<String>,
    },
    AliQrcode {
        return_url: String,
        qr_pay_mode: QrPayMode,
    },
    AliWap {
        return_url: Option<String>,
        use_app: Option<bool>,
    },
    AliOfflineQrcode,
    UnApp,
    UnWeb {
        return_url: String,
    },
    UnWap {
        return_url: Option<String>,
    },
    JdWap {
        return_url: String,
    },
    JdWeb {
        return_url: String,
    },
    YeeWap {
        identity_id: String,
    },
    YeeWeb,
    YeeNobankcard(Card),
    KuaiqianWap,
    KuaiqianWeb,
    BdApp,
    BdWeb,
    BdWap,
    PaypalLive,
    PaypalSandbox,
    BcGateway {
        bank: Option<String>,
        return_url: Option<String>,
    },
    BcExpress {
        card_no: Private,
    },
    BcNative,
    BcWxWap {
        return_url: Option<String>,
    },
    BcWxJsapi {
        openid: String,
    },
    BcAliQrcode,
    BcAliApp,
    BcAliWeb {
        return_url: Option<String>,
    },
    BcAliWap {
        return_url: Option<String>,
    },
}

impl OnlineChannel {
    /// The documents' name.
    pub fn name(&self) -> &'static str {
        match self {
            OnlineChannel::WxApp => "WX_APP",
            OnlineChannel::WxNative => "WX_NATIVE",
            OnlineChannel::WxJsapi { .. } => "WX_JSAPI",
            OnlineChannel::AliApp => "ALI_APP",
            OnlineChannel::AliWeb { .. } => "ALI_WEB",
            OnlineChannel::AliQrcode { .. } => "ALI_QRCODE",
            OnlineChannel::AliWap { .. } => "ALI_WAP",
            OnlineChannel::AliOfflineQrcode => "ALI_OFFLINE_QRCODE",
            OnlineChannel::UnApp => "UN_APP",
            OnlineChannel::UnWeb { .. } => "UN_WEB",
            OnlineChannel::UnWap { .. } => "UN_WAP",
            OnlineChannel::JdWap { .. } => "JD_WAP",
            OnlineChannel::JdWeb { .. } => "JD_WEB",
            OnlineChannel::YeeWap { .. } => "YEE_WAP",
            OnlineChannel::YeeWeb => "YEE_WEB",
            OnlineChannel::YeeNobankcard(_) => "YEE_NOBANKCARD",
            OnlineChannel::KuaiqianWap => "KUAIQIAN_WAP",
            OnlineChannel::KuaiqianWeb => "KUAIQIAN_WEB",
            OnlineChannel::BdApp => "BD_APP",
            OnlineChannel::BdWeb => "BD_WEB",
            OnlineChannel::BdWap => "BD_WAP",
            OnlineChannel::PaypalLive => "PAYPAL_LIVE",
            OnlineChannel::PaypalSandbox => "PAYPAL_SANDBOX",
            OnlineChannel::BcGateway { .. } => "BC_GATEWAY",
            OnlineChannel::BcExpress { .. } => "BC_EXPRESS",
            OnlineChannel::BcNative => "BC_NATIVE",
            OnlineChannel::BcWxWap { .. } => "BC_WX_WAP",
            OnlineChannel::BcWxJsapi { .. } => "BC_WX_JSAPI",
            OnlineChannel::BcAliQrcode => "BC_ALI_QRCODE",
            OnlineChannel::BcAliApp => "BC_ALI_APP",
            OnlineChannel::BcAliWeb { .. } => "BC_ALI_WEB",
            OnlineChannel::BcAliWap { .. } => "BC_ALI_WAP",
        }
    }

    /// 京东 has no bill_timeout (004 §2).
    fn takes_timeout(&self) -> bool {
        !matches!(
            self,
            OnlineChannel::JdWap { .. } | OnlineChannel::JdWeb { .. }
        )
    }

    /// What it alone sends, checked.
    fn own(&self) -> Result<Params, Wrong> {
        let mut own = Params::new();
        match self {
            OnlineChannel::WxJsapi { openid } | OnlineChannel::BcWxJsapi { openid } => {
                length("openid", openid, 1, 128, "不能为空，最多 128 个字符")?;
                own.insert("openid", json!(openid));
            }
            OnlineChannel::AliWeb {
                return_url,
                show_url,
            } => {
                own.insert("return_url", checked(return_url)?);
                if let Some(url) = show_url {
                    web_url("show_url", url)?;
                    own.insert("show_url", json!(url));
                }
            }
            OnlineChannel::AliQrcode {
                return_url,
                qr_pay_mode,
            } => {
                own.insert("return_url", checked(return_url)?);
                own.insert("qr_pay_mode", json!(qr_pay_mode.number()));
            }
            OnlineChannel::AliWap {
                return_url,
                use_app,
            } => {
                optional_return(&mut own, return_url)?;
                if let Some(use_app) = use_app {
                    own.insert("use_app", json!(use_app));
                }
            }
            OnlineChannel::UnWeb { return_url }
            | OnlineChannel::JdWap { return_url }
            | OnlineChannel::JdWeb { return_url } => {
                own.insert("return_url", checked(return_url)?);
            }
            OnlineChannel::UnWap { return_url }
            | OnlineChannel::BcWxWap { return_url }
            | OnlineChannel::BcAliWeb { return_url }
            | OnlineChannel::BcAliWap { return_url } => optional_return(&mut own, return_url)?,
            OnlineChannel::YeeWap { identity_id } => {
                let rule = "1 到 50 位数字或字母";
                length("identity_id", identity_id, 1, 50, rule)?;
                if !is_alphanumeric(identity_id) {
                    return Err(Wrong::new("identity_id", rule));
                }
                own.insert("identity_id", json!(identity_id));
            }
            OnlineChannel::YeeNobankcard(card) => card.put_into(&mut own)?,
            OnlineChannel::BcGateway { bank, return_url } => {
                optional_return(&mut own, return_url)?;
                if let Some(bank) = bank {
                    length("bank", bank, 1, 32, "银行代码，最多 32 个字符")?;
                    own.insert("bank", json!(bank));
                }
            }
            OnlineChannel::BcExpress { card_no } => {
                if !text::is_digits(card_no.expose()) || card_no.expose().len() > 32 {
                    return Err(Wrong::new("card_no", "银行卡号：1 到 32 位数字"));
                }
                own.insert("card_no", json!(card_no.expose()));
            }
            _ => {}
        }
        Ok(own)
    }

    /// What the answer of this channel must hold (004 §2, 000 §4.2.1).
    pub(in crate::gateway::beecloud) fn read(&self, body: &Body) -> Option<OnlineAnswer> {
        let text = |name| text::of(body, name);
        match self {
            OnlineChannel::WxApp => weixin_app(body),
            OnlineChannel::WxJsapi { .. } | OnlineChannel::BcWxJsapi { .. } => weixin_jsapi(body),
            OnlineChannel::WxNative
            | OnlineChannel::BcNative
            | OnlineChannel::BcAliQrcode
            | OnlineChannel::AliOfflineQrcode => text("code_url")
                .or_else(|| text("qr_code"))
                .map(OnlineAnswer::CodeUrl),
            OnlineChannel::AliApp | OnlineChannel::BcAliApp => {
                text("order_string").map(OnlineAnswer::OrderString)
            }
            OnlineChannel::UnApp => text("tn").map(OnlineAnswer::Tn),
            OnlineChannel::BdApp => text("orderInfo").map(OnlineAnswer::OrderInfo),
            // A page: a link where there is one, else a form that submits itself.
            _ => match text("url") {
                Some(url) => web_url("url", &url)
                    .is_ok()
                    .then_some(OnlineAnswer::Url(url)),
                None => text("html").map(OnlineAnswer::Html),
            },
        }
    }
}

impl Card {
    fn put_into(&self, own: &mut Params) -> Result<(), Wrong> {
        const KINDS: [&str; 16] = [
            "JUNNET",
            "SNDACARD",
            "SZX",
            "ZHENGTU",
            "QQCARD",
            "UNICOM",
            "JIUYOU",
            "YICHONGCARD",
            "NETEASE",
            "WANMEI",
            "SOHU",
            "TELECOM",
            "ZONGYOU",
            "TIANXIA",
            "TIANHONG",
            "THIRTYTWOCARD",
        ];
        length("cardno", self.number.expose(), 1, 64, "不能为空")?;
        length("cardpwd", self.password.expose(), 1, 64, "不能为空")?;
        if !KINDS.contains(&self.kind.as_str()) {
            return Err(Wrong::new("frqid", "不是文档里的点卡类型"));
        }
        own.insert("cardno", json!(self.number.expose()));
        own.insert("cardpwd", json!(self.password.expose()));
        own.insert("frqid", json!(self.kind));
        Ok(())
    }
}

fn checked(url: &str) -> Result<Value, Wrong> {
    return_url(url)?;
    Ok(json!(url))
}

fn optional_return(own: &mut Params, url: &Option<String>) -> Result<(), Wrong> {
    if let Some(url) = url {
        own.insert("return_url", checked(url)?);
    }
    Ok(())
}

/// What WX_APP hands to the wallet's SDK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeixinApp {
    /// 微信应用 APPID.
    pub app_id: String,
    /// The merchant at WeChat.
    pub partner_id: String,
    /// package
    pub package: String,
    /// nonce_str
    pub nonce_str: String,
    /// timestamp, as a text.
    pub timestamp: String,
    /// pay_sign
    pub pay_sign: String,
    /// prepay_id
    pub prepay_id: String,
}

/// What WX_JSAPI hands to the page inside WeChat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeixinJsapi {
    /// 微信应用 APPID.
    pub app_id: String,
    /// package
    pub package: String,
    /// nonce_str
    pub nonce_str: String,
    /// timestamp, as a text.
    pub timestamp: String,
    /// pay_sign
    pub pay_sign: String,
    /// MD5
    pub sign_type: String,
}

/// What the customer is to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnlineAnswer {
    /// To be shown as a QR.
    CodeUrl(String),
    /// A page, which can be shown as a QR.
    Url(String),
    /// Only a form that submits itself in a browser: a terminal can't use it.
    Html(String),
    /// For the Alipay SDK.
    OrderString(String),
    /// For the UnionPay SDK.
    Tn(String),
    /// For the Baidu SDK.
    OrderInfo(String),
    /// For the WeChat SDK.
    WeixinApp(WeixinApp),
    /// For a page inside WeChat.
    WeixinJsapi(WeixinJsapi),
}

/// A timestamp comes as a text or as a number.
fn stamp(body: &Body) -> Option<String> {
    match body.get("timestamp") {
        Value::Number(number) => Some(number.to_string()),
        other => text::as_text(other),
    }
}

fn weixin_app(body: &Body) -> Option<OnlineAnswer> {
    Some(OnlineAnswer::WeixinApp(WeixinApp {
        app_id: text::of(body, "app_id")?,
        partner_id: text::of(body, "partner_id")?,
        package: text::of(body, "package")?,
        nonce_str: text::of(body, "nonce_str")?,
        timestamp: stamp(body)?,
        pay_sign: text::of(body, "pay_sign")?,
        prepay_id: text::of(body, "prepay_id")?,
    }))
}

fn weixin_jsapi(body: &Body) -> Option<OnlineAnswer> {
    Some(OnlineAnswer::WeixinJsapi(WeixinJsapi {
        app_id: text::of(body, "app_id")?,
        package: text::of(body, "package")?,
        nonce_str: text::of(body, "nonce_str")?,
        timestamp: stamp(body)?,
        pay_sign: text::of(body, "pay_sign")?,
        sign_type: text::of(body, "sign_type")?,
    }))
}

/// An online bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineBill {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// total_fee.
    pub amount: Fen,
    /// 1 to 32 bytes in GBK.
    pub title: String,
    /// With its own fields.
    pub channel: OnlineChannel,
    /// Seconds, above 0; not for 京东.
    pub bill_timeout_s: Option<u32>,
    /// Where the gateway may call back.
    pub notify_url: Option<String>,
    /// At most 32 characters (the documents' smaller limit).
    pub buyer_id: Option<String>,
    /// Given back with the notice.
    pub optional: Map<String, Value>,
    /// product_map, ip.
    pub analysis: Map<String, Value>,
    /// No credit cards (WeChat).
    pub limit_credit: bool,
}

impl OnlineBill {
    pub(in crate::gateway::beecloud) fn params(&self) -> Result<Params, Wrong> {
        if self.amount.0 < 1 {
            return Err(Wrong::new("total_fee", "金额至少要 1 分"));
        }
        if !is_title(&self.title) {
            let rule = "标题按 GBK 要有 1 到 32 个字节（16 个汉字）";
            return Err(Wrong::new("title", rule));
        }
        let mut params = self.channel.own()?;
        params.insert("channel", json!(self.channel.name()));
        params.insert("bill_no", json!(self.bill_no.as_str()));
        params.insert("total_fee", json!(self.amount.0));
        params.insert("title", json!(self.title));
        if let Some(seconds) = self.bill_timeout_s {
            if seconds == 0 || !self.channel.takes_timeout() {
                return Err(Wrong::new("bill_timeout", "大于 0 的秒数；京东不支持"));
            }
            params.insert("bill_timeout", json!(seconds));
        }
        if let Some(url) = &self.notify_url {
            web_url("notify_url", url)?;
            params.insert("notify_url", json!(url));
        }
        if let Some(buyer) = &self.buyer_id {
            length("buyer_id", buyer, 1, 32, "1 到 32 个字符")?;
            params.insert("buyer_id", json!(buyer));
        }
        for (name, map) in [("optional", &self.optional), ("analysis", &self.analysis)] {
            if !map.is_empty() {
                params.insert(name, Value::Object(map.clone()));
            }
        }
        if self.limit_credit {
            params.insert("limit_credit", json!(true));
        }
        Ok(params)
    }
}

impl Signer<'_> {
    fn online(&self, bill: &OnlineBill) -> Result<Prepared, Wrong> {
        Ok(self.post(format!("{}/bill", self.place.base()), bill.params()?))
    }
}

impl Client {
    /// Starts an online payment, once on the wire (I7). An answer says only where the customer
    /// goes to pay: never that they did.
    pub async fn online_bill(
        &self,
        host: &Host,
        bill: &OnlineBill,
        at_ms: i64,
    ) -> Answer<Told<OnlineAnswer>> {
        let call = Call {
            prepared: self.signer(at_ms).online(bill),
            via: Via::Once,
            codes: Codes::Common,
        };
        let read = |body: &Body| {
            let named = body.get("bill_no").as_str();
            let ours = named.is_none_or(|no| no == bill.bill_no.as_str());
            bill.channel
                .read(body)
                .filter(|answer| ours && self.may_be_shown(answer))
        };
        self.call(host, call, None, read).await
    }

    /// It echoes no secret (I12).
    fn may_be_shown(&self, answer: &OnlineAnswer) -> bool {
        match answer {
            OnlineAnswer::CodeUrl(text)
            | OnlineAnswer::Url(text)
            | OnlineAnswer::Html(text)
            | OnlineAnswer::OrderString(text)
            | OnlineAnswer::Tn(text)
            | OnlineAnswer::OrderInfo(text) => self.innocent(text.clone(), None).is_some(),
            OnlineAnswer::WeixinApp(_) | OnlineAnswer::WeixinJsapi(_) => true,
        }
    }
}
