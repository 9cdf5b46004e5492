//! What each channel of `/2/rest/bill` alone requires (004 §2, 000 §4.2.1). What is about a person
//! or a card is checked and dropped.

use super::{Fields, invalid, is_web};
use crate::simulator::channel::{Needs, Online, Sub};
use crate::simulator::code::Refused;

/// frqid of YEE_NOBANKCARD.
const CARDS: [&str; 16] = [
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

impl Fields<'_> {
    /// The channel's own fields: required ones are there, and all are as the documents say.
    pub(super) fn check_own(self, channel: Sub) -> Result<(), Refused> {
        let Sub::Online(online) = channel else {
            return self.return_url(false);
        };
        match online.needs() {
            Needs::Nothing => self.return_url(false)?,
            Needs::ReturnUrl => self.return_url(true)?,
            Needs::QrPayMode => {
                self.return_url(true)?;
                if !["0", "1", "3"].contains(&self.required_text("qr_pay_mode")?) {
                    return Err(invalid("qr_pay_mode"));
                }
            }
            Needs::Openid => {
                self.required_text("openid")?;
            }
            Needs::IdentityId => {
                let id = self.required_text("identity_id")?;
                if id.len() > 50 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    return Err(invalid("identity_id"));
                }
            }
            Needs::Card => {
                self.required_text("cardno")?;
                self.required_text("cardpwd")?;
                if !CARDS.contains(&self.required_text("frqid")?) {
                    return Err(invalid("frqid"));
                }
            }
            Needs::CardNo => {
                if !is_digits(self.required_text("card_no")?, 1, 32) {
                    return Err(invalid("card_no"));
                }
            }
        }
        self.check_chosen(online)
    }

    /// What a channel may be given besides.
    fn check_chosen(self, online: Online) -> Result<(), Refused> {
        match online {
            Online::AliWeb if !is_web(self.text("show_url")?.unwrap_or("http://")) => {
                Err(invalid("show_url"))
            }
            Online::AliWap => self.boolean("use_app").map(drop),
            // 京东(JD)不支持该参数。
            Online::JdWap | Online::JdWeb if self.get("bill_timeout").is_some() => {
                Err(invalid("bill_timeout"))
            }
            _ => Ok(()),
        }
    }

    /// 中间请勿有#,?等字符
    fn return_url(self, required: bool) -> Result<(), Refused> {
        let url = match required {
            true => self.required_text("return_url")?,
            false => self.text("return_url")?.unwrap_or("http://"),
        };
        match is_web(url) && !url.contains(['#', '?']) {
            true => Ok(()),
            false => Err(invalid("return_url")),
        }
    }

    /// product_map (分 by name) and ip (000 §4.5.5); other keys are the merchant's own.
    pub(super) fn check_analysis(self) -> Result<(), Refused> {
        let Some(analysis) = self.object("analysis")? else {
            return Ok(());
        };
        let inner = Fields(analysis);
        let wrong = |_| invalid("analysis");
        inner.text("ip").map_err(wrong)?;
        let products = inner.object("product_map").map_err(wrong)?;
        let whole = products.is_none_or(|map| map.values().all(|v| v.as_i64().is_some()));
        whole.then_some(()).ok_or_else(|| invalid("analysis"))
    }
}

/// Digits alone, so many of them.
pub(super) fn is_digits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
