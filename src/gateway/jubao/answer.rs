//! Reads 聚宝's answers and callbacks. The envelope is `ret`/`msg`/`data`; the document's other
//! one, with `code`, is never taken for it (there 200 is success and 0 an error).

use super::sign::is_signed;
use crate::domain::Fen;
use crate::domain::bill::BillNo;
use crate::domain::gateway::{Lost, PayOutcome, PayRequest, Probe, Row, RowOutcome};
use crate::gateway::detail::{clean, holds, is_plain};
use crate::gateway::notice::{Hook, HookKind, Noticed};
use crate::gateway::strict_json::read_object;
use secrecy::SecretString;
use serde_json::{Map, Value};

/// Numbers of theirs: at most this many characters.
const NUMBER_CHARS: usize = 64;

/// An answer in the envelope.
struct Envelope {
    ret: i64,
    fields: Map<String, Value>,
}

impl Envelope {
    /// Strict JSON with an integer `ret` and without `code`; a signature that is there is right.
    fn read(body: &[u8], key: &SecretString) -> Result<Envelope, Lost> {
        let fields = read_object(body).ok_or(Lost::Unreadable)?;
        let ret = fields.get("ret").and_then(Value::as_i64);
        let ret = ret.filter(|_| !fields.contains_key("code"));
        let ret = ret.ok_or(Lost::Unreadable)?;
        let data = fields.get("data").and_then(Value::as_object);
        if data.and_then(|data| is_signed(data, key)) == Some(false) {
            return Err(Lost::Incomplete);
        }
        Ok(Envelope { ret, fields })
    }

    fn data(&self) -> Option<&Map<String, Value>> {
        self.fields.get("data")?.as_object()
    }

    fn detail(&self, key: &SecretString) -> String {
        let msg = self.fields.get("msg").and_then(Value::as_str);
        clean(msg.unwrap_or(""), None, key)
    }
}

/// `ret` of a request that cannot have made an order: its form, its signature, its merchant.
/// Every other one is unknown: the document gives `ret` no table of its own.
fn refuses(ret: i64) -> bool {
    matches!(
        ret,
        4001..=4004 | 4007 | 40109 | 40110 | 490_001 | 491_001..=491_003 | 492_001
    )
}

/// 订单不存在, 数据不存在.
fn has_none(ret: i64) -> bool {
    matches!(ret, 40102 | 492_002)
}

/// apply_pay's answer.
pub(super) fn pay(body: &[u8], request: &PayRequest, key: &SecretString) -> PayOutcome {
    let envelope = match Envelope::read(body, key) {
        Ok(envelope) => envelope,
        Err(lost) => return PayOutcome::Lost(lost),
    };
    match envelope.ret {
        0 => accepted(&envelope, request, key),
        code if refuses(code) => PayOutcome::Refused {
            code,
            detail: envelope.detail(key),
        },
        code => PayOutcome::Lost(Lost::Code(code)),
    }
}

fn accepted(envelope: &Envelope, request: &PayRequest, key: &SecretString) -> PayOutcome {
    let incomplete = PayOutcome::Lost(Lost::Incomplete);
    let Some(data) = envelope.data() else {
        return incomplete;
    };
    // An answer that names another order, or another amount, is not about ours (I9).
    let ours = is_ours(data, &request.bill_no, false)
        && amount(data, "total_fee").is_none_or(|fee| fee == request.amount);
    let code_url = text(data, "code_url").or_else(|| text(data, "qrcode"));
    let code_url = code_url.filter(|url| ours && is_page(url) && !holds(url, key));
    // A page whose order can't be asked about must not be paid: the query knows order_sn alone.
    match code_url.zip(number(data, "order_sn", key)) {
        Some((code_url, order_sn)) => PayOutcome::Code {
            code_url,
            gateway_no: Some(order_sn),
        },
        None => incomplete,
    }
}

/// Nothing but a link is ever shown as a QR.
fn is_page(url: &str) -> bool {
    ["http://", "https://", "weixin://", "alipays://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

/// A query's answer.
pub(super) fn query(body: &[u8], bill_no: &BillNo, key: &SecretString) -> RowOutcome {
    let envelope = match Envelope::read(body, key) {
        Ok(envelope) => envelope,
        Err(lost) => return RowOutcome::NoAnswer(lost),
    };
    let incomplete = RowOutcome::NoAnswer(Lost::Incomplete);
    match (envelope.ret, envelope.data()) {
        (0, Some(data)) => match row(data, bill_no, key) {
            Some(row) => RowOutcome::Row(row),
            None => incomplete,
        },
        (0, None) => incomplete,
        (code, _) if has_none(code) => RowOutcome::Empty,
        (code, _) => RowOutcome::NoAnswer(Lost::Code(code)),
    }
}

/// Our own number, the amount, and one of the four states.
fn row(data: &Map<String, Value>, bill_no: &BillNo, key: &SecretString) -> Option<Row> {
    if !is_ours(data, bill_no, true) {
        return None;
    }
    let status = whole(data.get("status")?)?;
    if !(1..=4).contains(&status) {
        return None;
    }
    Some(Row {
        paid: matches!(status, 2 | 3),
        // There is no revert.
        reverted: Some(false),
        refunded: Some(status == 3),
        total_fee: amount(data, "total_fee")?,
        bill_fee: None,
        discount: Fen::ZERO,
        trade_no: number(data, "transaction_id", key),
        sub_channel: None,
        id: number(data, "order_sn", key),
        create_time_ms: None,
    })
}

/// out_trade_no is ours; where it must be there, it is.
fn is_ours(data: &Map<String, Value>, bill_no: &BillNo, must: bool) -> bool {
    match data.get("out_trade_no") {
        None | Some(Value::Null) => !must,
        Some(named) => named.as_str() == Some(bill_no.as_str()),
    }
}

/// What a question about an order that nobody has was answered with.
pub(super) fn probe(body: &[u8], key: &SecretString) -> Probe {
    match Envelope::read(body, key) {
        // As BeeCloud's "no such bill": the host understood.
        Ok(envelope) if has_none(envelope.ret) => Probe::Code {
            code: 8,
            detail: envelope.detail(key),
        },
        // 无效AppId, 签名错误: as APP_INVALID.
        Ok(envelope) if matches!(envelope.ret, 4002 | 4004) => Probe::Code {
            code: 1,
            detail: envelope.detail(key),
        },
        Ok(envelope) => Probe::Code {
            code: envelope.ret,
            detail: envelope.detail(key),
        },
        Err(lost) => Probe::NoAnswer(lost),
    }
}

/// 聚宝's callback (003, 回调): a paid order. Strict JSON, a right signature, our number and an
/// amount.
pub(super) fn notice(body: &[u8], key: &SecretString) -> Noticed {
    let Some(fields) = read_object(body) else {
        return Noticed::Unreadable;
    };
    let hook = number(&fields, "out_trade_no", key).zip(amount(&fields, "total_fee"));
    match (hook, is_signed(&fields, key)) {
        (None, _) => Noticed::Unreadable,
        (Some((number, fee)), Some(true)) => Noticed::Signed(Hook {
            kind: HookKind::Pay,
            number,
            fee,
        }),
        (Some(_), _) => Noticed::Forged,
    }
}

/// 分: a whole number, as a number or as a text.
fn amount(data: &Map<String, Value>, name: &str) -> Option<Fen> {
    whole(data.get(name)?).filter(|fee| *fee >= 0).map(Fen)
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => {
            let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| text.parse().ok())?
        }
        _ => None,
    }
}

fn text(data: &Map<String, Value>, name: &str) -> Option<String> {
    let text = data.get(name)?.as_str()?;
    (1..=4096).contains(&text.len()).then(|| text.to_owned())
}

/// A number as it stands there, where it is short, can be shown, and holds no secret (I12).
fn number(data: &Map<String, Value>, name: &str, key: &SecretString) -> Option<String> {
    let text = text(data, name)?;
    let good =
        text.chars().count() <= NUMBER_CHARS && text.chars().all(is_plain) && !holds(&text, key);
    good.then_some(text)
}
