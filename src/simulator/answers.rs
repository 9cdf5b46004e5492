//! Answers as the gateway writes them: snake_case fields, and the camelCase twins that the real
//! one adds. In rows `optional` and `message_detail` are JSON *strings*.

use super::code::{Code, Refused};
use super::core::{Decided, Member, PayAnswer, RefundAnswer, RefundRow, Row};
use crate::domain::Wallet;
use serde_json::{Map, Value, json};

/// result_code, result_msg, err_detail, their twins, and the operation's own fields.
pub(super) fn envelope(result: Result<Map<String, Value>, Refused>) -> Value {
    let (code, detail, fields) = match result {
        Ok(fields) => (Code::Ok, String::new(), fields),
        Err(refused) => (refused.code, refused.detail, Map::new()),
    };
    let mut out = fields;
    out.insert("result_code".to_owned(), json!(code.number()));
    out.insert("resultCode".to_owned(), json!(code.number()));
    out.insert("result_msg".to_owned(), json!(code.msg()));
    out.insert("resultMsg".to_owned(), json!(code.msg()));
    out.insert(
        "errMsg".to_owned(),
        json!(format!("{}:{detail}", code.msg())),
    );
    out.insert("err_detail".to_owned(), json!(detail));
    Value::Object(out)
}

/// An answer of one field.
pub(super) fn one(key: &str, value: impl Into<Value>) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value.into())])
}

/// A pay answer.
pub(super) fn pay(answer: &PayAnswer) -> Map<String, Value> {
    let mut out = one("id", answer.id.clone());
    if let Some(paid) = answer.pay_result {
        out.insert("pay_result".to_owned(), json!(paid));
    }
    if let Some(url) = &answer.code_url {
        out.insert("code_url".to_owned(), json!(url));
    }
    if let Some(channel) = answer.channel_type {
        out.insert("channel_type".to_owned(), json!(channel.name()));
    }
    out.extend(answer.given.clone());
    out
}

/// `bills` and, as the real one adds, their count.
pub(super) fn bills(rows: &[Row]) -> Map<String, Value> {
    let mut out = one("count", rows.len());
    out.insert("bills".to_owned(), rows.iter().map(row).collect());
    out
}

/// One row.
pub(super) fn row(row: &Row) -> Value {
    let mut out = json!({
        "id": row.id,
        "bill_no": row.bill_no,
        "total_fee": row.total_fee,
        "trade_no": row.trade_no.as_deref().unwrap_or(""),
        "channel": row.channel,
        "sub_channel": row.sub_channel.name(),
        "title": row.title,
        "spay_result": row.paid,
        "create_time": row.create_time,
        "refund_result": row.refunded,
        "optional": row.optional,
    });
    let mut set = |key: &str, value: Option<Value>| {
        if let (Some(map), Some(value)) = (out.as_object_mut(), value) {
            map.insert(key.to_owned(), value);
        }
    };
    set("revert_result", row.reverted.map(Value::from));
    set("success_time", row.success_time.map(Value::from));
    set("bill_fee", row.bill_fee.map(|fee| json!(fee)));
    set("discount", row.bill_fee.map(|_| json!(row.discount)));
    set(
        "message_detail",
        row.with_detail.then(|| detail(row).into()),
    );
    out
}

/// What the wallet told the gateway, as JSON text; empty while nothing was paid.
fn detail(row: &Row) -> String {
    let Some(trade_no) = &row.trade_no else {
        return String::new();
    };
    let detail = match row.sub_channel.wallet() {
        Wallet::Wechat => json!({
            "return_code": "SUCCESS",
            "result_code": "SUCCESS",
            "out_trade_no": row.bill_no,
            "transaction_id": trade_no,
            "total_fee": row.total_fee.0.to_string(),
        }),
        Wallet::Alipay => json!({
            "trade_status": "TRADE_SUCCESS",
            "out_trade_no": row.bill_no,
            "trade_no": trade_no,
            "total_fee": row.total_fee.to_string(),
        }),
    };
    detail.to_string()
}

/// A refund answer.
pub(super) fn refund(answer: &RefundAnswer) -> Map<String, Value> {
    let mut out = one("id", answer.id.clone());
    if let Some(done) = answer.refund_result {
        out.insert("refund_result".to_owned(), json!(done));
    }
    out
}

/// An online refund's answer: its id, and Alipay's page.
pub(super) fn online_refund(answer: &RefundAnswer) -> Map<String, Value> {
    let mut out = one("id", answer.id.clone());
    if let Some(url) = &answer.url {
        out.insert("url".to_owned(), json!(url));
    }
    out
}

/// What became of pre-refunds.
pub(super) fn decided(decided: &Decided) -> Map<String, Value> {
    let mut out = Map::new();
    if let Some(rows) = &decided.result_map {
        out.insert("result_map".to_owned(), json!(rows));
    }
    if let Some(url) = &decided.url {
        out.insert("url".to_owned(), json!(url));
    }
    out
}

/// `users`: the documents name no shape; the number and when it came.
pub(super) fn members(members: &[Member]) -> Map<String, Value> {
    let row = |m: &Member| json!({"buyer_id": m.buyer_id, "create_time": m.created_at});
    one("users", members.iter().map(row).collect::<Vec<_>>())
}

/// `refunds` and, as the real one adds, their count.
pub(super) fn refunds(rows: &[RefundRow]) -> Map<String, Value> {
    let mut out = one("count", rows.len());
    out.insert("refunds".to_owned(), rows.iter().map(refund_row).collect());
    out
}

/// One refund's row.
pub(super) fn refund_row(row: &RefundRow) -> Value {
    let mut out = json!({
        "id": row.id,
        "bill_no": row.bill_no,
        "refund_no": row.refund_no,
        "total_fee": row.total_fee,
        "refund_fee": row.fee,
        "title": row.title,
        "channel": row.channel,
        "sub_channel": row.sub_channel.name(),
        "finish": row.finish,
        "create_time": row.create_time,
        "optional": row.optional,
    });
    let mut set = |key: &str, value: Option<Value>| {
        if let (Some(map), Some(value)) = (out.as_object_mut(), value) {
            map.insert(key.to_owned(), value);
        }
    };
    set("result", row.result.map(Value::from));
    set(
        "message_detail",
        row.with_detail.then(|| refund_detail(row).into()),
    );
    out
}

/// What the wallet told the gateway, as JSON text; empty while nothing went back.
fn refund_detail(row: &RefundRow) -> String {
    if row.result != Some(true) {
        return String::new();
    }
    let detail = match row.wallet {
        Wallet::Wechat => json!({
            "return_code": "SUCCESS",
            "result_code": "SUCCESS",
            "out_refund_no": row.refund_no,
            "refund_fee": row.fee.0.to_string(),
        }),
        Wallet::Alipay => json!({
            "fund_change": "Y",
            "out_request_no": row.refund_no,
            "refund_fee": row.fee.to_string(),
        }),
    };
    detail.to_string()
}
