//! Reading and checking requests as the documents demand. Missing is 4, a wrong type or range 5,
//! a channel that is unknown or belongs elsewhere 3, a wrong signature or an old timestamp 1.
//!
//! Invariant: a refusal names the field and never repeats a value, so no secret and no payment
//! code can leak through an answer or a log.

mod members;
mod online;
mod payout;
mod prerefund;
mod refund;

pub use self::payout::WalletPath;
pub use self::refund::RefundParams;

use super::channel::{Parent, Sub};
use super::code::{Code, Refused};
use super::core::{Merchant, Query};
use super::sign;
use crate::domain::{AuthCode, BillNo, Channel, Fen};
use serde_json::{Map, Value};

/// A timestamp further from gateway time than this is stale (PROTOCOL: result code 1).
pub const TIMESTAMP_WINDOW_MS: i64 = 5 * 60_000;
/// The documents' Integer.
const MAX_INTEGER: i64 = i32::MAX as i64;

/// A checked pay request.
#[derive(Debug, Clone)]
pub struct PayParams {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// As asked.
    pub channel: Sub,
    /// total_fee (分), at least 1.
    pub total_fee: Fen,
    /// 1 to 32 bytes in GBK.
    pub title: String,
    /// Scan channels.
    pub auth_code: Option<AuthCode>,
    /// Seconds.
    pub bill_timeout_s: Option<i64>,
    /// `optional` as JSON text; empty where there is none.
    pub optional: String,
    /// Where the merchant wants to be told.
    pub notify_url: Option<String>,
    /// The merchant's own number of the customer.
    pub buyer_id: Option<String>,
}

impl PayParams {
    /// What every pay carries; the rest as if left out.
    pub fn new(bill_no: BillNo, channel: impl Into<Sub>, total_fee: Fen) -> PayParams {
        PayParams {
            bill_no,
            channel: channel.into(),
            total_fee,
            title: "practice".to_owned(),
            auth_code: None,
            bill_timeout_s: None,
            optional: String::new(),
            notify_url: None,
            buyer_id: None,
        }
    }
}

/// Which of the two pay endpoints was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/2/rest/offline/bill`
    Offline,
    /// `/2/rest/bill`
    Online,
}

/// The fields of a request.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The request must be a JSON object.
    pub fn of(request: &'a Value) -> Result<Fields<'a>, Refused> {
        let map = request.as_object();
        map.map(Fields)
            .ok_or_else(|| Refused::new(Code::ParamInvalid, "请求不是JSON对象"))
    }

    fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|v| !v.is_null())
    }

    fn read<T>(
        self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| invalid(key)),
        }
    }

    fn text(self, key: &str) -> Result<Option<&'a str>, Refused> {
        self.read(key, Value::as_str)
    }

    fn required_text(self, key: &str) -> Result<&'a str, Refused> {
        let text = self.text(key)?;
        text.filter(|t| !t.is_empty()).ok_or_else(|| missing(key))
    }

    /// An integer, and neither a string nor a float nor a bool.
    fn integer(self, key: &str) -> Result<Option<i64>, Refused> {
        self.read(key, Value::as_i64)
    }

    fn integer_in(self, key: &str, min: i64, max: i64) -> Result<Option<i64>, Refused> {
        match self.integer(key)? {
            Some(n) if !(min..=max).contains(&n) => Err(invalid(key)),
            n => Ok(n),
        }
    }

    fn boolean(self, key: &str) -> Result<Option<bool>, Refused> {
        self.read(key, Value::as_bool)
    }

    fn object(self, key: &str) -> Result<Option<&'a Map<String, Value>>, Refused> {
        self.read(key, Value::as_object)
    }

    fn short_text(self, key: &str, max_chars: usize) -> Result<Option<&'a str>, Refused> {
        match self.text(key)? {
            Some(text) if text.chars().count() > max_chars => Err(invalid(key)),
            text => Ok(text),
        }
    }

    /// bill_no as far as it can be read: network faults come before any check.
    pub fn peek_bill_no(self) -> Option<BillNo> {
        self.get("bill_no")?.as_str().and_then(BillNo::parse)
    }

    /// app_id, timestamp and app_sign, signed with app_secret.
    pub fn authorise(self, merchant: &Merchant, now_ms: i64) -> Result<(), Refused> {
        self.signed(merchant, &merchant.app_secret, now_ms)
    }

    /// app_id, timestamp and app_sign, signed with master_secret: refunds.
    pub fn authorise_refund(self, merchant: &Merchant, now_ms: i64) -> Result<(), Refused> {
        self.signed(merchant, &merchant.master_secret, now_ms)
    }

    fn signed(self, merchant: &Merchant, secret: &str, now_ms: i64) -> Result<(), Refused> {
        let app_id = self.required_text("app_id")?;
        let timestamp_ms = self.integer("timestamp")?;
        let timestamp_ms = timestamp_ms.ok_or_else(|| missing("timestamp"))?;
        let given = self.required_text("app_sign")?;
        if app_id != merchant.app_id {
            return Err(Refused::new(Code::AppInvalid, "app_id不存在"));
        }
        if timestamp_ms.abs_diff(now_ms) > TIMESTAMP_WINDOW_MS.unsigned_abs() {
            return Err(Refused::new(Code::AppInvalid, "timestamp已过期"));
        }
        if !sign::is_valid(given, app_id, timestamp_ms, secret) {
            return Err(Refused::new(Code::AppInvalid, "app_sign不正确"));
        }
        Ok(())
    }

    /// The pay request (PROTOCOL: pay; validation before sending).
    pub fn pay(self, endpoint: Endpoint) -> Result<PayParams, Refused> {
        let channel = self.required_text("channel")?;
        let fee = self.integer_in("total_fee", 1, MAX_INTEGER)?;
        let fee = fee.ok_or_else(|| missing("total_fee"))?;
        let bill_no = bill_no(self.required_text("bill_no")?)?;
        let title = self.required_text("title")?;
        let channel = Sub::parse(channel).ok_or_else(bad_channel)?;
        if !taken_at(channel, endpoint) {
            return Err(bad_channel());
        }
        check_title(title)?;
        self.check_extras()?;
        self.check_own(channel)?;
        Ok(PayParams {
            bill_no,
            channel,
            total_fee: Fen(fee),
            title: title.to_owned(),
            auth_code: self.auth_code(channel)?,
            bill_timeout_s: self.integer_in("bill_timeout", 1, MAX_INTEGER)?,
            optional: self.optional()?,
            notify_url: self.notify_url()?,
            buyer_id: self.text("buyer_id")?.map(str::to_owned),
        })
    }

    /// The status request: bill_no, channel?
    pub fn status(self) -> Result<(BillNo, Option<Channel>), Refused> {
        let bill_no = bill_no(self.required_text("bill_no")?)?;
        Ok((bill_no, self.channel()?))
    }

    /// The revert request: method = REVERT, channel?
    pub fn revert(self) -> Result<Option<Channel>, Refused> {
        if self.required_text("method")? != "REVERT" {
            return Err(invalid("method"));
        }
        self.channel()
    }

    /// The conditions of `/bills` and `/bills/count`.
    pub fn query(self) -> Result<Query, Refused> {
        let channel = self.query_channel()?;
        let (skip, limit) = page(self)?;
        Ok(Query {
            bill_no: self.text("bill_no")?.map(bill_no).transpose()?,
            channel,
            spay_result: self.boolean("spay_result")?,
            refund_result: self.boolean("refund_result")?,
            need_detail: self.boolean("need_detail")?.unwrap_or(false),
            start_time: self.integer_in("start_time", 0, i64::MAX)?,
            end_time: self.integer_in("end_time", 0, i64::MAX)?,
            skip,
            limit,
        })
    }

    fn channel(self) -> Result<Option<Channel>, Refused> {
        let name = self.text("channel")?;
        name.map(|name| Channel::parse(name).ok_or_else(bad_channel))
            .transpose()
    }

    fn auth_code(self, channel: Sub) -> Result<Option<AuthCode>, Refused> {
        let text = self.text("auth_code")?.filter(|t| !t.is_empty());
        match text {
            None if channel.is_scan() => Err(missing("auth_code")),
            None => Ok(None),
            // A payment authorisation does not belong into a request for a QR.
            Some(_) if !channel.is_scan() => Err(invalid("auth_code")),
            Some(text) => {
                let code = AuthCode::parse(text).map_err(|_| invalid("auth_code"))?;
                Ok(Some(code))
            }
        }
    }

    /// The optional fields that are checked and not kept.
    fn check_extras(self) -> Result<(), Refused> {
        self.check_analysis()?;
        self.boolean("limit_credit")?;
        self.short_text("store_id", 32)?;
        self.short_text("terminal_id", 32)?;
        self.short_text("buyer_id", 64)?;
        self.text("operator_id")?;
        Ok(())
    }

    /// `optional` as JSON text; empty where there is none.
    fn optional(self) -> Result<String, Refused> {
        let optional = self.object("optional")?;
        let text = optional.map(|map| Value::Object(map.clone()).to_string());
        Ok(text.unwrap_or_default())
    }

    fn notify_url(self) -> Result<Option<String>, Refused> {
        let url = self.text("notify_url")?;
        match url {
            Some(url) if !is_web(url) => Err(invalid("notify_url")),
            url => Ok(url.map(str::to_owned)),
        }
    }
}

/// skip (0) and limit (10, at most 50).
fn page(fields: Fields<'_>) -> Result<(usize, usize), Refused> {
    let skip = fields.integer_in("skip", 0, MAX_INTEGER)?;
    let limit = fields.integer_in("limit", 1, 50)?;
    let number = |n: Option<i64>, or| n.and_then(|n| usize::try_from(n).ok()).unwrap_or(or);
    Ok((number(skip, 0), number(limit, 10)))
}

/// bill_no must be 8 to 32 digits and letters.
pub fn bill_no(text: &str) -> Result<BillNo, Refused> {
    BillNo::parse(text).ok_or_else(|| invalid("bill_no"))
}

/// Words of the documents' query channels that are neither a parent nor a channel of a bill.
const ONLY_ASKED: [&str; 1] = ["BC_APP"];

/// A channel of a query: a parent, a channel, or a word that only queries know.
fn is_query_channel(name: &str) -> bool {
    Parent::parse(name).is_some()
        || Sub::parse(name).is_some_and(|sub| !sub.is_jubao())
        || ONLY_ASKED.contains(&name)
}

/// PROTOCOL, channels at a counter: WX_NATIVE (and by 004 §2 ALI_OFFLINE_QRCODE) at both
/// endpoints, the others at one.
fn taken_at(channel: Sub, endpoint: Endpoint) -> bool {
    let online = endpoint == Endpoint::Online;
    match channel {
        Sub::Online(_) => online,
        Sub::Counter(Channel::WxNative | Channel::AliOfflineQrcode) => true,
        // 聚宝's have a face of their own.
        Sub::Counter(counter) => online == counter.pays_online() && !counter.is_jubao(),
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// 1 to 32 bytes in GBK (16 汉字); what GBK can't say is not allowed.
fn check_title(title: &str) -> Result<(), Refused> {
    let (bytes, _, unmappable) = encoding_rs::GBK.encode(title);
    if unmappable || bytes.len() > 32 {
        return Err(invalid("title"));
    }
    Ok(())
}

fn missing(key: &str) -> Refused {
    Refused::new(Code::MissParam, format!("缺少必填参数{key}"))
}

/// 5, naming the field.
pub(super) fn invalid(key: &str) -> Refused {
    Refused::new(Code::ParamInvalid, format!("参数{key}不合法"))
}

fn bad_channel() -> Refused {
    Refused::new(Code::ChannelInvalid, "channel参数不合法")
}
