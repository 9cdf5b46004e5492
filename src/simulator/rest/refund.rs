//! Refunds as JSON in and JSON out. Refunds and approvals are signed with master_secret.

use super::{Answer, authorised};
use crate::simulator::answers;
use crate::simulator::core::Core;
use crate::simulator::faults::Reply;
use crate::simulator::params::{Endpoint, Fields};
use serde_json::Value;

/// `POST /2/rest/offline/refund`.
pub fn refund(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let fields = Fields::of(request);
    let peeked = fields.as_ref().ok().and_then(|f| f.peek_bill_no());
    let params = fields.and_then(|fields| {
        fields.authorise_refund(&core.merchant, now_ms)?;
        fields.refund(Endpoint::Offline)
    });
    core.refund_checked(now_ms, peeked.as_ref(), params)
        .map(|taken| answers::refund(&taken))
}

/// `POST /2/rest/refund`: refunds of online bills, and pre-refunds.
pub fn online_refund(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let fields = Fields::of(request);
    let peeked = fields.as_ref().ok().and_then(|f| f.peek_bill_no());
    let params = fields.and_then(|fields| {
        fields.authorise_refund(&core.merchant, now_ms)?;
        fields.refund(Endpoint::Online)
    });
    core.refund_checked(now_ms, peeked.as_ref(), params)
        .map(|taken| answers::online_refund(&taken))
}

/// `PUT /2/rest/refund`: the word about pre-refunds.
pub fn decide(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let decision = Fields::of(request).and_then(|fields| {
        fields.authorise_refund(&core.merchant, now_ms)?;
        fields.decision()
    });
    match decision {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(decision) => core
            .decide(now_ms, &decision)
            .map(|decided| answers::decided(&decided)),
    }
}

/// `GET /2/rest/refunds`.
pub fn refunds(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    match authorised(core, now_ms, request).and_then(Fields::refund_query) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(query) => core
            .refunds(now_ms, &query)
            .map(|rows| answers::refunds(&rows)),
    }
}

/// `GET /2/rest/refunds/count`.
pub fn refund_count(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    match authorised(core, now_ms, request).and_then(Fields::refund_query) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(query) => core
            .refund_count(now_ms, &query)
            .map(|count| answers::one("count", count)),
    }
}

/// `GET /2/rest/refund/{id}`.
pub fn refund_by_id(core: &mut Core, now_ms: i64, id: &str, request: &Value) -> Answer {
    match authorised(core, now_ms, request) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok(_) => core
            .refund_by_id(now_ms, id)
            .map(|row| answers::one("refund", answers::refund_row(&row))),
    }
}

/// `GET /2/rest/refund/status`.
pub fn refund_status(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    match authorised(core, now_ms, request).and_then(Fields::refund_status) {
        Err(refused) => Reply::normal(Err(refused)),
        Ok((refund_no, channel)) => core
            .refund_status(now_ms, &refund_no, channel)
            .map(|status| answers::one("refund_status", status.name())),
    }
}
