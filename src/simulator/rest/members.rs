//! Members as JSON in and JSON out (000 §4.5).

use super::Answer;
use crate::simulator::answers;
use crate::simulator::code::Refused;
use crate::simulator::core::Core;
use crate::simulator::faults::Reply;
use crate::simulator::params::Fields;
use serde_json::{Map, Value, json};

fn authorised<'a>(core: &Core, now_ms: i64, request: &'a Value) -> Result<Fields<'a>, Refused> {
    let fields = Fields::of(request)?;
    fields.authorise_member(&core.merchant, now_ms)?;
    Ok(fields)
}

/// `POST /2/rest/user`.
pub fn user(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let member = authorised(core, now_ms, request).and_then(Fields::member);
    let done = member.and_then(|id| core.register(now_ms, None, vec![id]));
    Reply::normal(done.map(|()| Map::new()))
}

/// `POST /2/rest/users`.
pub fn users(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let members = authorised(core, now_ms, request).and_then(Fields::members);
    let done = members.and_then(|(email, ids)| core.register(now_ms, Some(&email), ids));
    Reply::normal(done.map(|()| Map::new()))
}

/// `GET /2/rest/users`.
pub fn users_listed(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let query = authorised(core, now_ms, request).and_then(Fields::member_query);
    Reply::normal(query.map(|query| answers::members(&core.members(&query))))
}

/// `PUT /2/rest/history_bills`: `failed_bills` only where some failed.
pub fn history_bills(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let history = authorised(core, now_ms, request).and_then(Fields::history);
    let failed = history.map(|history| core.complete(history));
    Reply::normal(failed.map(|failed| match failed.is_empty() {
        true => Map::new(),
        false => answers::one("failed_bills", json!(failed)),
    }))
}
