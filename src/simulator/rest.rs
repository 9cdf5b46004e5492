//! The operations as JSON in and JSON out: what the HTTP face carries, without HTTP.
//!
//! Order of the checks: signature, then parameters, then the bill.

mod members;
mod payout;
mod refund;

pub use self::members::{history_bills, user, users, users_listed};
pub use self::payout::{banks, bc_transfer, identity, transfer};
pub use self::refund::{
    decide, online_refund, refund, refund_by_id, refund_count, refund_status, refunds,
};

use super::answers;
use super::code::{Code, Refused};
use super::core::Core;
use super::faults::Reply;
use super::params::{self, Endpoint, Fields};
use serde_json::{Map, Value};

/// An operation's answer: the fields beside result_code, result_msg and err_detail.
pub type Answer = Reply<Map<String, Value>>;

/// `POST /2/rest/offline/bill` and `POST /2/rest/bill`.
pub fn pay(core: &mut Core, now_ms: i64, endpoint: Endpoint, request: &Value) -> Answer {
    let fields = Fields::of(request);
    let peeked = fields.as_ref().ok().and_then(|f| f.peek_bill_no());
    let params = fields.and_then(|fields| {
        fields.authorise(&core.merchant, now_ms)?;
        fields.pay(endpoint)
    });
    core.pay_checked(now_ms, peeked.as_ref(), params)
        .map(|paid| {
            let mut answer = answers::pay(&paid);
            let qr_code =
                request["channel"] == "ALI_OFFLINE_QRCODE" && endpoint == Endpoint::Online;
            // 004 §2 alone calls it so.
            if qr_code && let Some(url) = answer.remove("code_url") {
                answer.insert("qr_code".to_owned(), url);
            }
            answer
        })
}

/// `POST /2/rest/offline/bill/status`.
pub fn status(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let params = authorised(core, now_ms, request).and_then(Fields::status);
    match params {
        Err(refused) => Reply::normal(Err(refused)),
        Ok((bill_no, channel)) => core
            .status(now_ms, &bill_no, channel)
            .map(|paid| answers::one("pay_result", paid)),
    }
}

/// `POST /2/rest/offline/bill/{bill_no}`.
pub fn revert(core: &mut Core, now_ms: i64, bill_no: &str, request: &Value) -> Answer {
    let params = authorised(core, now_ms, request).and_then(|fields| {
        let bill_no = params::bill_no(bill_no)?;
        Ok((bill_no, fields.revert()?))
    });
    match params {
        Err(refused) => Reply::normal(Err(refused)),
        Ok((bill_no, channel)) => core
            .revert(now_ms, &bill_no, channel)
            .map(|done| answers::one("revert_status", done)),
    }
}

/// `GET /2/rest/bills`.
pub fn bills(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    match authorised(core, now_ms, request).and_then(Fields::query) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(query) => core.bills(now_ms, &query).map(|rows| answers::bills(&rows)),
    }
}

/// `GET /2/rest/bills/count`.
pub fn count(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    match authorised(core, now_ms, request).and_then(Fields::query) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(query) => core
            .count(now_ms, &query)
            .map(|count| answers::one("count", count)),
    }
}

/// `GET /2/rest/bill/{id}`.
pub fn bill(core: &mut Core, now_ms: i64, id: &str, request: &Value) -> Answer {
    match authorised(core, now_ms, request) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(_) => core
            .bill(now_ms, id)
            .map(|row| answers::one("pay", answers::row(&row))),
    }
}

/// The JSON that goes over the wire.
pub fn render(result: Result<Map<String, Value>, Refused>) -> Value {
    answers::envelope(result)
}

/// `para` of a GET request's raw query: URL-encoded JSON, `+` and `%20` both a space.
pub fn para(raw_query: Option<&str>) -> Result<Value, Refused> {
    let pairs = raw_query.unwrap_or("").split('&');
    let mut found = pairs.filter_map(|pair| pair.strip_prefix("para="));
    let text = found
        .next()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Refused::new(Code::MissParam, "缺少必填参数para"))?;
    let invalid = || Refused::new(Code::ParamInvalid, "参数para不合法");
    if found.next().is_some() {
        return Err(invalid());
    }
    let decoded = url_decode(text).ok_or_else(invalid)?;
    serde_json::from_slice(&decoded).map_err(|_| invalid())
}

fn authorised<'a>(core: &Core, now_ms: i64, request: &'a Value) -> Result<Fields<'a>, Refused> {
    let fields = Fields::of(request)?;
    fields.authorise(&core.merchant, now_ms)?;
    Ok(fields)
}

/// `None`: a `%` without two hex digits.
fn url_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests;
