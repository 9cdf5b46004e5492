//! Members (000 §4.5): registered, imported, listed, and joined to older bills.

use super::text::{as_text, length};
use super::{Call, Codes, Told, Wrong};
use crate::domain::BillNo;
use crate::domain::gateway::{Answer, Host};
use crate::gateway::beecloud::Client;
use crate::gateway::beecloud::answer::Body;
use crate::gateway::beecloud::request::{Params, Signer};
use crate::gateway::detail::{is_plain, one_line};
use crate::gateway::transport::{Prepared, Via};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A buyer_id: the documents say 32 here and 64 there; 32 fits both.
const BUYER_CHARS: usize = 32;
/// Members or bills of one request.
const MOST: usize = 1000;
/// Members of one answer.
const MOST_LISTED: usize = 100_000;

/// A buyer_id as it may be sent: plain, trimmed, 1 to 32 characters.
///
/// # Errors
/// Where nothing is left, or it is too long.
pub fn fit_buyer_id(text: &str) -> Result<String, Wrong> {
    let line = one_line(text);
    let id = line.trim();
    length("buyer_id", id, 1, BUYER_CHARS, "1 到 32 个字符")?;
    match id.chars().all(is_plain) {
        true => Ok(id.to_owned()),
        false => Err(Wrong::new("buyer_id", "不能有看不见的字符")),
    }
}

/// A member as the gateway lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The merchant's own number for them.
    pub buyer_id: String,
    /// create_time, UTC ms, where present.
    pub created_ms: Option<i64>,
}

/// Which members are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberQuery {
    /// Of this account; without: those registered with this app_id.
    pub email: Option<String>,
    /// Created after, UTC ms.
    pub from_ms: Option<i64>,
    /// Created before, UTC ms.
    pub to_ms: Option<i64>,
}

/// Bills of each buyer_id.
pub type HistoryBills = BTreeMap<String, Vec<String>>;

impl Signer<'_> {
    fn register(&self, buyer_id: &str) -> Result<Prepared, Wrong> {
        let buyer_id = fit_buyer_id(buyer_id)?;
        let params = Params::from([("buyer_id", json!(buyer_id))]);
        Ok(self.post("/2/rest/user".to_owned(), params))
    }

    fn import(&self, email: &str, buyer_ids: &[String]) -> Result<Prepared, Wrong> {
        if !email.contains('@') || email.chars().count() > 128 {
            return Err(Wrong::new("email", "平台账号的邮箱"));
        }
        if buyer_ids.is_empty() || buyer_ids.len() > MOST {
            return Err(Wrong::new("buyer_ids", "一次 1 到 1000 个"));
        }
        let ids: Vec<String> = buyer_ids
            .iter()
            .map(|id| fit_buyer_id(id))
            .collect::<Result<_, _>>()?;
        let params = Params::from([("email", json!(email)), ("buyer_ids", json!(ids))]);
        Ok(self.post("/2/rest/users".to_owned(), params))
    }

    fn members(&self, query: &MemberQuery) -> Prepared {
        let params = [
            ("email", query.email.as_ref().map(|email| json!(email))),
            ("start_time", query.from_ms.map(|ms| json!(ms))),
            ("end_time", query.to_ms.map(|ms| json!(ms))),
        ];
        let params = params.into_iter().filter_map(|(name, v)| Some((name, v?)));
        self.get("/2/rest/users", params.collect())
    }

    fn history(&self, bills: &HistoryBills) -> Result<Prepared, Wrong> {
        let count: usize = bills.values().map(Vec::len).sum();
        if count == 0 || count > MOST {
            return Err(Wrong::new("bill_info", "一次 1 到 1000 张账单"));
        }
        let mut info = serde_json::Map::new();
        for (buyer, numbers) in bills {
            if !numbers.iter().all(|no| BillNo::parse(no).is_some()) {
                return Err(Wrong::new("bill_info", "账单号要有 8 到 32 位数字或字母"));
            }
            info.insert(fit_buyer_id(buyer)?, json!(numbers));
        }
        let params = Params::from([("bill_info", Value::Object(info))]);
        Ok(self.put("/2/rest/history_bills".to_owned(), params))
    }
}

impl Client {
    /// Registers one member. Safe to repeat.
    pub async fn register_member(
        &self,
        host: &Host,
        buyer_id: &str,
        at_ms: i64,
    ) -> Answer<Told<()>> {
        let prepared = self.signer(at_ms).register(buyer_id);
        self.member_call(host, prepared, |_| Some(())).await
    }

    /// Registers up to 1,000 members of the account with this email.
    pub async fn import_members(
        &self,
        host: &Host,
        email: &str,
        buyer_ids: &[String],
        at_ms: i64,
    ) -> Answer<Told<()>> {
        let prepared = self.signer(at_ms).import(email, buyer_ids);
        self.member_call(host, prepared, |_| Some(())).await
    }

    /// The members that were registered.
    pub async fn members(
        &self,
        host: &Host,
        query: &MemberQuery,
        at_ms: i64,
    ) -> Answer<Told<Vec<Member>>> {
        let prepared = Ok(self.signer(at_ms).members(query));
        self.member_call(host, prepared, read_members).await
    }

    /// Joins older bills to members; gives those that failed, which alone are to be sent again.
    pub async fn complete_history(
        &self,
        host: &Host,
        bills: &HistoryBills,
        at_ms: i64,
    ) -> Answer<Told<HistoryBills>> {
        let prepared = self.signer(at_ms).history(bills);
        let read = |body: &Body| read_failed(body, bills);
        self.member_call(host, prepared, read).await
    }

    async fn member_call<T>(
        &self,
        host: &Host,
        prepared: Result<Prepared, Wrong>,
        read: impl FnOnce(&Body) -> Option<T>,
    ) -> Answer<Told<T>> {
        let call = Call {
            prepared,
            via: Via::Query,
            codes: Codes::Common,
        };
        self.call(host, call, None, read).await
    }
}

/// `users`: each a text, or a map with buyer_id (the documents name no shape).
fn read_members(body: &Body) -> Option<Vec<Member>> {
    let users = body.get("users").as_array()?;
    if users.len() > MOST_LISTED {
        return None;
    }
    users.iter().map(read_member).collect()
}

fn read_member(user: &Value) -> Option<Member> {
    let id = match user {
        Value::String(_) => as_text(user)?,
        other => as_text(other.get("buyer_id")?)?,
    };
    Some(Member {
        buyer_id: fit_buyer_id(&id).ok()?,
        created_ms: user.get("create_time").and_then(Value::as_i64),
    })
}

/// `failed_bills`: only what was sent can have failed.
fn read_failed(body: &Body, sent: &HistoryBills) -> Option<HistoryBills> {
    let failed = match body.get("failed_bills") {
        Value::Null => return Some(HistoryBills::new()),
        Value::Object(failed) => failed,
        _ => return None,
    };
    let mut out = HistoryBills::new();
    for (buyer, numbers) in failed {
        let ours = sent.iter().find(|(id, _)| id.trim() == buyer)?;
        let numbers: Vec<String> = numbers
            .as_array()?
            .iter()
            .map(|no| no.as_str().map(str::to_owned))
            .collect::<Option<_>>()?;
        if !numbers.iter().all(|no| ours.1.contains(no)) {
            return None;
        }
        if !numbers.is_empty() {
            out.insert(ours.0.clone(), numbers);
        }
    }
    Some(out)
}
