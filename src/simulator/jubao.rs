//! 聚宝's face on the same ledger, from 003 and PROTOCOL 3: apply_pay and query, their envelope
//! and signature. Written from the documents, not from the client.
//!
//! The merchant's app_id is the mch_id, its app_secret the key. Whatever the request is missing,
//! `ret` says with a number of 003 §1.6; 0 is success in this envelope.

use super::code::{Code, Refused};
use super::core::Core;
use super::faults::Reply;
use super::params::PayParams;
use crate::domain::{BillNo, Channel, Fen};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

/// attach: at most this many characters.
const ATTACH_CHARS: usize = 128;
/// The documents' Integer.
const MAX_INTEGER: i64 = i32::MAX as i64;

/// A request that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
struct No {
    ret: i64,
    msg: String,
}

fn no(ret: i64, msg: impl Into<String>) -> No {
    No {
        ret,
        msg: msg.into(),
    }
}

/// What goes over the wire; `None` where the request or its answer is lost.
pub struct Said {
    /// The envelope.
    pub value: Option<Value>,
    /// What the network does to it.
    pub transport: super::faults::Transport,
}

/// `POST /index.php?_m=pay_gateway&_a=apply_pay`.
pub fn apply_pay(core: &mut Core, now_ms: i64, request: &Value) -> Said {
    let params = authorised(core, request).and_then(pay_params);
    let bill_no = params.as_ref().ok().map(|p| p.bill_no.clone());
    // A network fault comes before any check; a refusal of ours waits beside it.
    let (params, refusal) = match params {
        Ok(params) => (Ok(params), None),
        Err(no) => (Err(Refused::new(Code::ParamInvalid, "")), Some(no)),
    };
    let fee = params.as_ref().map_or(Fen::ZERO, |p| p.total_fee);
    let number = bill_no.clone();
    let reply = core.pay_checked(now_ms, bill_no.as_ref(), params);
    said(core, reply, refusal, move |paid| {
        let mut data = Map::new();
        let number = number.map(|no| no.to_string()).unwrap_or_default();
        data.insert("out_trade_no".into(), json!(number));
        data.insert("order_sn".into(), json!(order_sn(&paid.id)));
        data.insert("total_fee".into(), json!(fee.0));
        data.insert("code_url".into(), json!(paid.code_url.unwrap_or_default()));
        data
    })
}

/// `POST /index.php?_m=payment&_a=query`.
pub fn query(core: &mut Core, now_ms: i64, request: &Value) -> Said {
    let asked = authorised(core, request).and_then(|fields| {
        let sn = required(fields, "order_sn")?;
        let bill = core.bill_nos().iter().filter_map(|no| core.get(no));
        let mut jubao = bill.filter(|bill| bill.asked.is_jubao());
        let found = jubao.find(|bill| order_sn(&bill.id) == sn);
        found
            .map(|bill| (bill.id.clone(), bill.expires_at))
            .ok_or_else(|| no(40_102, "订单不存在"))
    });
    let (id, expires_at) = match asked {
        Ok(found) => found,
        Err(no) => {
            let reply: Reply<()> = Reply::normal(Err(Refused::new(Code::NoSuchBill, "")));
            return said(core, reply, Some(no), |()| Map::new());
        }
    };
    let reply = core.bill(now_ms, &id);
    said(core, reply, None, move |row| {
        // 1 unpaid, 2 paid, 3 refunded, 4 closed.
        let status = match (row.paid, row.refunded) {
            (true, true) => 3,
            (true, false) => 2,
            (false, _) if now_ms >= expires_at => 4,
            (false, _) => 1,
        };
        let mut data = Map::new();
        data.insert("order_sn".into(), json!(order_sn(&id)));
        data.insert("out_trade_no".into(), json!(row.bill_no.as_str()));
        data.insert("total_fee".into(), json!(row.total_fee.0));
        data.insert(
            "cash_fee".into(),
            json!(if row.paid { row.total_fee.0 } else { 0 }),
        );
        data.insert("status".into(), json!(status));
        data.insert("finish_time".into(), json!(0));
        data.insert("attach".into(), json!(""));
        data
    })
}

/// 聚宝's own number of an order.
fn order_sn(id: &str) -> String {
    let plain = id.chars().filter(char::is_ascii_alphanumeric);
    format!("11{}", plain.collect::<String>())
}

fn said<T>(
    core: &Core,
    reply: Reply<T>,
    refusal: Option<No>,
    data: impl FnOnce(T) -> Map<String, Value>,
) -> Said {
    let transport = reply.transport;
    let value = reply.result.map(|result| match (refusal, result) {
        (Some(no), _) => json!({ "ret": no.ret, "msg": no.msg }),
        (None, Err(refused)) => {
            let no = as_ret(&refused);
            json!({ "ret": no.ret, "msg": no.msg })
        }
        (None, Ok(done)) => {
            let mut data = data(done);
            let sign = sign(&data, &core.merchant.app_secret);
            data.insert("sign".into(), json!(sign));
            json!({ "ret": 0, "msg": "success", "data": data })
        }
    });
    Said { value, transport }
}

fn as_ret(refused: &Refused) -> No {
    match refused.code {
        Code::BillNoDuplicate => no(40_106, "订单号重复"),
        Code::NoSuchBill => no(40_102, "订单不存在"),
        Code::RuntimeError => no(40_400, "系统繁忙，稍后重试"),
        _ => no(40_500, refused.detail.clone()),
    }
}

fn authorised<'a>(core: &Core, request: &'a Value) -> Result<&'a Map<String, Value>, No> {
    let fields = request
        .as_object()
        .ok_or_else(|| no(4001, "请求数据格式错误"))?;
    let merchant = &core.merchant;
    if required(fields, "mch_id")? != merchant.app_id {
        return Err(no(4002, "无效AppId"));
    }
    let given = required(fields, "sign")?;
    if fields.contains_key("_sign") {
        return Err(no(4004, "签名错误"));
    }
    let mut signed = fields.clone();
    signed.remove("sign");
    let expected = sign(&signed, &merchant.app_secret);
    match bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        true => Ok(fields),
        false => Err(no(4004, "签名错误")),
    }
}

fn pay_params(fields: &Map<String, Value>) -> Result<PayParams, No> {
    let channel = match whole(fields, "pay_channel_id")? {
        Some(101) => Channel::JubaoAliWap,
        Some(201) => Channel::JubaoWxH5,
        Some(_) => return Err(no(492_001, "pay_channel_id")),
        None => return Err(no(4003, "pay_channel_id")),
    };
    let fee = whole(fields, "total_fee")?.ok_or_else(|| no(4003, "total_fee"))?;
    if !(1..=MAX_INTEGER).contains(&fee) {
        return Err(no(492_001, "total_fee"));
    }
    // The terminal always names its own number; one without would have to be given one here.
    let number = required(fields, "out_trade_no")?;
    let bill_no = BillNo::parse(number).ok_or_else(|| no(492_001, "out_trade_no"))?;
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or("");
    if text("attach").chars().count() > ATTACH_CHARS {
        return Err(no(491_002, "attach"));
    }
    let url = text("notify_url");
    if !url.is_empty() && !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(no(492_001, "notify_url"));
    }
    let mut params = PayParams::new(bill_no, channel, Fen(fee));
    params.title = text("body").to_owned();
    params.notify_url = (!url.is_empty()).then(|| url.to_owned());
    Ok(params)
}

fn required<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<&'a str, No> {
    let text = fields.get(key).and_then(Value::as_str);
    text.filter(|t| !t.is_empty())
        .ok_or_else(|| no(4003, format!("缺少参数{key}")))
}

/// An Int, also as a text (003 shows both).
fn whole(fields: &Map<String, Value>, key: &str) -> Result<Option<i64>, No> {
    let wrong = || no(492_001, key.to_owned());
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(n)) => n.as_i64().map(Some).ok_or_else(wrong),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    }
}

/// 003 §1.4, `makeSign`: sorted, key and value joined, the key before and behind.
pub(super) fn sign(fields: &Map<String, Value>, key: &str) -> String {
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort();
    let mut joined = String::new();
    for name in names {
        joined.push_str(name);
        match fields.get(name) {
            Some(Value::String(text)) => joined.push_str(text),
            Some(Value::Number(number)) => joined.push_str(&number.to_string()),
            Some(Value::Bool(true)) => joined.push('1'),
            _ => {}
        }
    }
    let version = fields.get("version");
    let second = version.is_some_and(|v| *v == json!("2") || *v == json!(2));
    if !second {
        // PHP's utf8_encode takes each byte for a Latin-1 character.
        joined = joined.bytes().map(char::from).collect();
    }
    let digest = Md5::digest(format!("{key}{joined}{key}"));
    digest.iter().map(|b| format!("{b:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Merchant;

    fn core() -> Core {
        Core::new(Merchant::default(), 7)
    }

    fn signed(mut request: Value) -> Value {
        let map = request.as_object_mut().unwrap();
        let sign = sign(map, "practice-app");
        map.insert("sign".into(), json!(sign));
        request
    }

    fn order(number: &str) -> Value {
        json!({"mch_id": "practice", "pay_channel_id": 101, "total_fee": 1234,
               "out_trade_no": number, "body": "早餐", "version": "2"})
    }

    const NUMBER: &str = "20261120010000010ABCDEFG";

    #[test]
    fn the_published_signature() {
        let vectors: Vec<Value> =
            serde_json::from_str(include_str!("../../tests/data/vectors.json")).unwrap();
        let ours = vectors.iter().filter(|v| v["type"] == "jubao_sign");
        let mut count = 0;
        for vector in ours.filter(|v| v["sign"].is_string()) {
            let params = vector["params"].as_object().unwrap();
            assert_eq!(
                sign(params, vector["key"].as_str().unwrap()),
                vector["sign"]
            );
            count += 1;
        }
        assert_eq!(count, 3);
    }

    #[test]
    fn an_order_is_made_paid_and_asked_about() {
        let mut core = core();
        let made = apply_pay(&mut core, 1_000, &signed(order(NUMBER)))
            .value
            .unwrap();
        assert_eq!(made["ret"], 0);
        assert_eq!(made["data"]["out_trade_no"], NUMBER);
        assert!(made["data"]["code_url"].as_str().unwrap().contains("://"));
        let sn = made["data"]["order_sn"].clone();
        let ask = signed(json!({"mch_id": "practice", "order_sn": sn}));
        let bill_no = BillNo::parse(NUMBER).unwrap();
        core.get_mut(&bill_no).unwrap().pay_at = None;
        let row = query(&mut core, 2_000, &ask).value.unwrap();
        assert_eq!(
            (&row["ret"], &row["data"]["status"]),
            (&json!(0), &json!(1))
        );
        core.get_mut(&bill_no).unwrap().pay_at = Some(3_000);
        let row = query(&mut core, 4_000, &ask).value.unwrap();
        assert_eq!(row["data"]["status"], 2);
        assert_eq!(row["data"]["total_fee"], 1234);
        let data = row["data"].as_object().unwrap();
        let mut plain = data.clone();
        plain.remove("sign");
        assert_eq!(
            data["sign"],
            sign(&plain, "practice-app"),
            "answers are signed too"
        );
    }

    #[test]
    fn every_wrong_request_has_its_number() {
        let change = |key: &str, value: Value| {
            let mut order = order(NUMBER);
            order[key] = value;
            signed(order)
        };
        let cases = [
            (4001, json!([])),
            (4003, json!({"mch_id": ""})),
            (4002, change("mch_id", json!("other"))),
            (
                4004,
                order(NUMBER)
                    .as_object()
                    .map(|o| {
                        let mut o = o.clone();
                        o.insert("sign".into(), json!("0"));
                        Value::Object(o)
                    })
                    .unwrap(),
            ),
            (4004, change("_sign", json!("x"))),
            (492_001, change("pay_channel_id", json!(304))),
            (4003, change("pay_channel_id", Value::Null)),
            (492_001, change("total_fee", json!(0))),
            (492_001, change("total_fee", json!("1.5"))),
            (492_001, change("out_trade_no", json!("a b"))),
            (491_002, change("attach", json!("x".repeat(129)))),
            (492_001, change("notify_url", json!("ftp://a"))),
        ];
        for (ret, request) in cases {
            let mut core = core();
            let said = apply_pay(&mut core, 1_000, &request).value.unwrap();
            assert_eq!(said["ret"], ret, "{request}");
            assert!(core.bill_nos().is_empty());
        }
        let mut core = core();
        assert_eq!(
            apply_pay(&mut core, 1, &signed(order(NUMBER)))
                .value
                .unwrap()["ret"],
            0
        );
        let again = apply_pay(&mut core, 2, &signed(order(NUMBER)))
            .value
            .unwrap();
        assert_eq!(again["ret"], 40_106);
        let unknown = signed(json!({"mch_id": "practice", "order_sn": NUMBER}));
        assert_eq!(query(&mut core, 3, &unknown).value.unwrap()["ret"], 40_102);
    }
}
