//! Reads answer bodies: strict about what counts, deaf to everything else.
//!
//! No answer is taken for success by accident: `pay_result`, `spay_result` and `revert_status`
//! count only as JSON booleans, `result_code` only as an integer, a key that comes twice makes
//! the whole answer unreadable, and no second spelling is read (answers carry camelCase twins).

use super::refusal::{Verdict, is_not_revertible, read_pay};
use crate::domain::gateway::{
    Lost, PayOutcome, PayRequest, RevertOutcome, Row, RowOutcome, StatusOutcome,
};
use crate::domain::{BillNo, Channel, Fen};
use crate::gateway::detail::{clean, is_code};
use crate::gateway::strict_json::read_object;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

/// An answer: its result_code, and the rest to be looked at by who needs it.
pub(super) struct Body {
    pub result_code: i64,
    fields: Map<String, Value>,
}

impl Body {
    /// Strict JSON with an integer result_code, or Unreadable.
    pub fn read(body: &[u8]) -> Result<Body, Lost> {
        let fields = read_object(body).ok_or(Lost::Unreadable)?;
        let code = fields.get("result_code").and_then(Value::as_i64);
        let result_code = code.ok_or(Lost::Unreadable)?;
        Ok(Body {
            result_code,
            fields,
        })
    }

    /// A field of the documents; null where it is missing.
    pub fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// An answer that names a bill must name ours.
    fn is_of(&self, bill_no: &BillNo) -> bool {
        let named = self.get("bill_no").as_str();
        named.is_none_or(|no| no == bill_no.as_str())
    }

    /// Only err_detail speaks for the wallet.
    fn err_detail(&self) -> &str {
        self.get("err_detail").as_str().unwrap_or("").trim()
    }

    /// For display: err_detail, else result_msg.
    pub fn raw_detail(&self) -> &str {
        match self.err_detail() {
            "" => self.get("result_msg").as_str().unwrap_or(""),
            detail => detail,
        }
    }
}

/// A pay answer (FATE 1, 13; PROTOCOL: pay).
pub(super) fn pay(body: &[u8], request: &PayRequest, secret: &SecretString) -> PayOutcome {
    let body = match Body::read(body) {
        Ok(body) => body,
        Err(lost) => return PayOutcome::Lost(lost),
    };
    if !body.is_of(&request.bill_no) {
        return PayOutcome::Lost(Lost::Incomplete);
    }
    let code = request.auth_code.as_ref().map(|c| c.expose());
    let detail = || clean(body.raw_detail(), code, secret);
    match body.result_code {
        0 if request.link.is_some() => {
            without_secret(super::link::accepted(&body, request), secret)
        }
        0 => without_secret(accepted(&body, request.channel), secret),
        code @ 1..=6 => PayOutcome::Refused {
            code,
            detail: detail(),
        },
        7 if request.channel.is_scan() => match read_pay(body.err_detail()) {
            Verdict::Paying => PayOutcome::Waiting {
                channel_type: channel_type(&body, request.channel),
            },
            Verdict::Final(reason) => PayOutcome::FinalRefusal {
                reason,
                detail: detail(),
            },
            Verdict::Unknown => PayOutcome::Lost(Lost::Code(7)),
        },
        code => PayOutcome::Lost(Lost::Code(code)),
    }
}

/// result_code 0: what this channel needs, or Incomplete.
fn accepted(body: &Body, channel: Channel) -> PayOutcome {
    if channel.is_qr() {
        return match text(body.get("code_url")).or_else(|| text(body.get("qr_code"))) {
            Some(code_url) => PayOutcome::Code {
                code_url,
                gateway_no: None,
            },
            None => PayOutcome::Lost(Lost::Incomplete),
        };
    }
    let channel_type = channel_type(body, channel);
    match body.get("pay_result") {
        Value::Bool(true) => PayOutcome::Paid { channel_type },
        Value::Bool(false) => PayOutcome::Waiting { channel_type },
        // SCAN and BC_SCAN may answer with channel_type alone (PROTOCOL: pay, offline).
        Value::Null if channel_type.is_some() => PayOutcome::Waiting { channel_type },
        _ => PayOutcome::Lost(Lost::Incomplete),
    }
}

/// A code_url is kept and shown: one that holds our own secret is none (I12).
fn without_secret(outcome: PayOutcome, secret: &SecretString) -> PayOutcome {
    match outcome {
        PayOutcome::Code { code_url, .. } if code_url.contains(secret.expose_secret()) => {
            PayOutcome::Lost(Lost::Incomplete)
        }
        outcome => outcome,
    }
}

/// A row whose numbers echo our own secret goes without them (I12).
pub(super) fn row_without_secret(outcome: RowOutcome, secret: &SecretString) -> RowOutcome {
    match outcome {
        RowOutcome::Row(row) => RowOutcome::Row(innocent_row(row, secret)),
        outcome => outcome,
    }
}

/// The row without numbers that echo our own secret (I12).
pub(super) fn innocent_row(row: Row, secret: &SecretString) -> Row {
    let innocent = |text: &String| !text.contains(secret.expose_secret());
    Row {
        trade_no: row.trade_no.filter(innocent),
        id: row.id.filter(innocent),
        ..row
    }
}

/// What SCAN and BC_SCAN turned out to be: only for them, and only a scan channel.
fn channel_type(body: &Body, channel: Channel) -> Option<Channel> {
    let named = Channel::parse(body.get("channel_type").as_str()?)?;
    (channel.is_unified() && named.is_scan() && !named.is_unified()).then_some(named)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
}

/// A status answer (FATE: answers to status).
pub(super) fn status(body: &[u8], bill_no: &BillNo, secret: &SecretString) -> StatusOutcome {
    let body = match Body::read(body) {
        Ok(body) if body.is_of(bill_no) => body,
        Ok(_) => return StatusOutcome::NoAnswer(Lost::Incomplete),
        Err(lost) => return StatusOutcome::NoAnswer(lost),
    };
    match (body.result_code, body.get("pay_result")) {
        (0, Value::Bool(true)) => StatusOutcome::Paid,
        (0, Value::Bool(false)) => StatusOutcome::NotPaid,
        (0, _) => StatusOutcome::NoAnswer(Lost::Incomplete),
        (8, _) => StatusOutcome::NoSuchBill,
        (1, _) => StatusOutcome::ClockOrKey,
        (3 | 5, _) => StatusOutcome::ChannelRefused,
        (code @ (2 | 4 | 6), _) => StatusOutcome::Alarm {
            code,
            detail: clean(body.raw_detail(), None, secret),
        },
        (code, _) => StatusOutcome::NoAnswer(Lost::Code(code)),
    }
}

/// A revert answer (FATE 9).
pub(super) fn revert(body: &[u8], bill_no: &BillNo, secret: &SecretString) -> RevertOutcome {
    let body = match Body::read(body) {
        Ok(body) if body.is_of(bill_no) => body,
        Ok(_) => return RevertOutcome::NoAnswer(Lost::Incomplete),
        Err(lost) => return RevertOutcome::NoAnswer(lost),
    };
    let not_revertible = |code| RevertOutcome::NotRevertible {
        code,
        detail: clean(body.raw_detail(), None, secret),
    };
    match (body.result_code, body.get("revert_status")) {
        (0, Value::Bool(true)) => RevertOutcome::Claimed,
        (0, Value::Bool(false)) | (9, _) => RevertOutcome::NotDone,
        (0, _) => RevertOutcome::NoAnswer(Lost::Incomplete),
        (8, _) => RevertOutcome::NoSuchBill,
        (3 | 5, _) => RevertOutcome::ChannelRefused,
        (code @ (2 | 6 | 10), _) => not_revertible(code),
        (7, _) if is_not_revertible(body.err_detail()) => not_revertible(7),
        (1, _) => RevertOutcome::ClockOrKey,
        (11, _) => RevertOutcome::AlreadyRefunding,
        (code, _) => RevertOutcome::NoAnswer(Lost::Code(code)),
    }
}

/// An answer to `GET /bills?bill_no`. Empty only if well-formed and really empty: rows of other
/// bills prove that the filter was not applied, not that ours is missing.
pub(super) fn bills(body: &[u8], bill_no: &BillNo) -> RowOutcome {
    let body = match success(body) {
        Ok(body) => body,
        Err(lost) => return RowOutcome::NoAnswer(lost),
    };
    let Some(rows) = body.get("bills").as_array() else {
        return RowOutcome::NoAnswer(Lost::Incomplete);
    };
    let ours: Vec<&Value> = rows.iter().filter(|r| is_row_of(r, bill_no)).collect();
    match ours.as_slice() {
        [] if rows.is_empty() => RowOutcome::Empty,
        [] => RowOutcome::NoAnswer(Lost::Incomplete),
        [row] => read_row(row),
        many => RowOutcome::Many(many.len()),
    }
}

/// An answer to `GET /bill/{id}`.
pub(super) fn bill(body: &[u8], bill_no: &BillNo) -> RowOutcome {
    match success(body) {
        Ok(body) if is_row_of(body.get("pay"), bill_no) => read_row(body.get("pay")),
        Ok(_) => RowOutcome::NoAnswer(Lost::Incomplete),
        Err(lost) => RowOutcome::NoAnswer(lost),
    }
}

fn success(body: &[u8]) -> Result<Body, Lost> {
    let body = Body::read(body)?;
    match body.result_code {
        0 => Ok(body),
        code => Err(Lost::Code(code)),
    }
}

fn is_row_of(row: &Value, bill_no: &BillNo) -> bool {
    row.get("bill_no").and_then(Value::as_str) == Some(bill_no.as_str())
}

fn read_row(row: &Value) -> RowOutcome {
    match row_of(row) {
        Some(row) => RowOutcome::Row(row),
        None => RowOutcome::NoAnswer(Lost::Unreadable),
    }
}

/// What the row must have (spay_result, total_fee) is strict. What it may have counts as absent
/// where its type is wrong: the amount check then has to hold without it.
pub(super) fn row_of(row: &Value) -> Option<Row> {
    let fee = |name: &str| {
        row.get(name)
            .and_then(Value::as_i64)
            .filter(|n| *n >= 0)
            .map(Fen)
    };
    let flag = |name: &str| row.get(name).and_then(Value::as_bool);
    let short = |name: &str| row.get(name).and_then(text).filter(|t| is_short_plain(t));
    Some(Row {
        paid: flag("spay_result")?,
        reverted: flag("revert_result"),
        refunded: flag("refund_result"),
        total_fee: fee("total_fee")?,
        bill_fee: fee("bill_fee"),
        discount: fee("discount").unwrap_or_default(),
        trade_no: short("trade_no"),
        sub_channel: short("sub_channel").and_then(|name| Channel::parse(&name)),
        id: short("id"),
        create_time_ms: row.get("create_time").and_then(Value::as_i64),
    })
}

/// Numbers and ids that are kept and shown: printable ASCII, at most 64 characters, and never a
/// payment code that came back (I12).
fn is_short_plain(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|b| b.is_ascii_graphic()) && !is_code(text)
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
