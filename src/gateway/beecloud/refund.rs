//! Refunds and their status (FATE 20–22; PROTOCOL: refund, offline; refund status).
//!
//! A refund gives money away: it is signed with master_secret, sent at most once a call, and is
//! done only by a JSON `true`. Whatever can't be read as one of the documents' answers is lost,
//! which never says that no money went back.

use super::Client;
use super::answer::Body;
use super::request::{Params, Signer, canonical};
use super::sign::hex;
use super::validate::fits_id;
use crate::domain::RefundNo;
use crate::domain::gateway::{
    Answer, Host, Lost, RefundOutcome, RefundRequest, RefundStatusOutcome,
};
use crate::gateway::Invalid;
use crate::gateway::detail::{blot_codes, clean, one_line};
use crate::gateway::transport::{Exchange, Failure, Prepared, Via};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// refund_reason: the documents give no limit, the wallets behind do (WeChat's, 80, is the
/// shortest). Bytes in UTF-8.
const REASON_MAX_BYTES: usize = 80;

/// Says whether this refund may be sent, and otherwise the first field that forbids it. bill_no
/// and refund_no hold their rules by type; the reason is cut to what fits.
pub(super) fn check(request: &RefundRequest) -> Result<(), Invalid> {
    if request.fee.0 < 1 {
        return Err(Invalid::RefundFee);
    }
    if !fits_id(&request.operator_id) {
        return Err(Invalid::OperatorId);
    }
    if !fits_id(&request.store_id) {
        return Err(Invalid::StoreId);
    }
    Ok(())
}

/// The reason as it is sent: one plain line of at most 80 bytes, and never a payment code that
/// was scanned into its field (I12).
fn fit_reason(reason: &str) -> String {
    let line = blot_codes(&one_line(reason));
    let mut out = String::new();
    for c in line.trim().chars() {
        if out.len() + c.len_utf8() > REASON_MAX_BYTES {
            break;
        }
        out.push(c);
    }
    out.trim_end().to_owned()
}

/// Everything of a refund request but who asks.
fn params(request: &RefundRequest) -> Params {
    let mut params = Params::from([
        ("refund_no", json!(request.refund_no.as_str())),
        ("bill_no", json!(request.bill_no.as_str())),
        ("refund_fee", json!(request.fee.0)),
        ("channel", json!(request.channel.name())),
    ]);
    let texts = [
        ("refund_reason", Some(fit_reason(&request.reason))),
        ("operator_id", request.operator_id.clone()),
        ("store_id", request.store_id.clone()),
    ];
    for (name, text) in texts {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            params.insert(name, json!(text));
        }
    }
    params
}

/// SHA-256 (hex) of a refund request's parameters in canonical order, without secrets: what the
/// intent holds (I2).
pub fn refund_params_hash(request: &RefundRequest) -> String {
    hex(&Sha256::digest(canonical(params(request))))
}

impl Signer<'_> {
    /// POST /2/rest/offline/refund
    fn refund(&self, request: &RefundRequest) -> Prepared {
        self.post("/2/rest/offline/refund".to_owned(), params(request))
    }

    /// GET /2/rest/refund/status, WeChat's.
    fn refund_status(&self, refund_no: &RefundNo) -> Prepared {
        let params = Params::from([
            ("channel", json!("WX")),
            ("refund_no", json!(refund_no.as_str())),
        ]);
        self.get("/2/rest/refund/status", params)
    }
}

impl Client {
    pub(super) async fn send_refund(
        &self,
        host: &Host,
        request: &RefundRequest,
        master_secret: &SecretString,
        at_ms: i64,
    ) -> Answer<RefundOutcome> {
        let exchange = match check(request) {
            Err(invalid) => Exchange::unsent(invalid.to_string()),
            Ok(()) if master_secret.expose_secret().is_empty() => {
                Exchange::unsent("master_secret 是空的：请店长登录后再退款".to_owned())
            }
            Ok(()) => {
                let signer = Signer {
                    secret: master_secret,
                    ..self.signer(at_ms)
                };
                let prepared = signer.refund(request);
                self.send(host, Via::Once, prepared).await
            }
        };
        let outcome = match &exchange.body {
            Ok(body) => read(body, request, master_secret, &self.app_secret),
            Err(Failure::Unconnected { why, .. }) => {
                RefundOutcome::Unconnected { why: why.clone() }
            }
            Err(Failure::Lost(why)) => RefundOutcome::Lost(why.clone()),
        };
        exchange.answer(host, outcome)
    }

    pub(super) async fn ask_refund_status(
        &self,
        host: &Host,
        refund_no: &RefundNo,
        at_ms: i64,
    ) -> Answer<RefundStatusOutcome> {
        let prepared = self.signer(at_ms).refund_status(refund_no);
        let read = |body: &[u8]| read_status(body, refund_no, &self.app_secret);
        self.query(host, prepared, read, RefundStatusOutcome::NoAnswer)
            .await
    }
}

/// A refund's answer (FATE 21, 22).
fn read(
    body: &[u8],
    request: &RefundRequest,
    master_secret: &SecretString,
    app_secret: &SecretString,
) -> RefundOutcome {
    let body = match Body::read(body) {
        Ok(body) => body,
        Err(lost) => return RefundOutcome::Lost(lost),
    };
    let ours = may_be(&body, "refund_no", request.refund_no.as_str())
        && may_be(&body, "bill_no", request.bill_no.as_str());
    if !ours {
        return RefundOutcome::Lost(Lost::Incomplete);
    }
    let master = Some(master_secret.expose_secret());
    let detail = || clean(body.raw_detail(), master, app_secret);
    match (body.result_code, body.get("refund_result")) {
        (0, Value::Bool(true)) => RefundOutcome::Done,
        (0, _) => RefundOutcome::Processing,
        (code @ (1..=6 | 8 | 9 | 10 | 12), _) => RefundOutcome::Refused {
            code,
            detail: detail(),
        },
        (code, _) => RefundOutcome::Unclear {
            code,
            detail: detail(),
        },
    }
}

/// An answer to `/refund/status`.
fn read_status(body: &[u8], refund_no: &RefundNo, secret: &SecretString) -> RefundStatusOutcome {
    let body = match Body::read(body) {
        Ok(body) if may_be(&body, "refund_no", refund_no.as_str()) => body,
        Ok(_) => return RefundStatusOutcome::NoAnswer(Lost::Incomplete),
        Err(lost) => return RefundStatusOutcome::NoAnswer(lost),
    };
    match (body.result_code, body.get("refund_status").as_str()) {
        (0, Some("SUCCESS")) => RefundStatusOutcome::Success,
        (0, Some("PROCESSING")) => RefundStatusOutcome::Processing,
        (0, Some("FAIL")) => RefundStatusOutcome::Failed,
        (0, _) => RefundStatusOutcome::NoAnswer(Lost::Incomplete),
        (13, _) => RefundStatusOutcome::NoSuchRefund,
        (1, _) => RefundStatusOutcome::ClockOrKey,
        (code @ 2..=6, _) => RefundStatusOutcome::Alarm {
            code,
            detail: clean(body.raw_detail(), None, secret),
        },
        (code, _) => RefundStatusOutcome::NoAnswer(Lost::Code(code)),
    }
}

/// An answer that names a refund or a bill must name ours.
fn may_be(body: &Body, name: &str, ours: &str) -> bool {
    match body.get(name) {
        Value::Null => true,
        named => named.as_str() == Some(ours),
    }
}

#[cfg(test)]
#[path = "refund_tests.rs"]
mod tests;
