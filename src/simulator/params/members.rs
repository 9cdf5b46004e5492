//! Members (000 §4.5). The longer of the documents' two limits (64) holds for bill_info alone.

use super::{Fields, TIMESTAMP_WINDOW_MS, invalid, missing};
use crate::simulator::code::{Code, Refused};
use crate::simulator::core::{History, MemberQuery, Merchant};
use crate::simulator::sign;
use serde_json::Value;
use std::collections::BTreeMap;

const BUYER_CHARS: usize = 32;
const BUYER_CHARS_IN_BILLS: usize = 64;
/// Members or bills of one request: the documents name no limit.
const MAX_AT_ONCE: usize = 10_000;

impl Fields<'_> {
    /// Like [`Fields::authorise`], with the timestamp as 4.5 writes it (String) or as every other
    /// section does (Long).
    pub fn authorise_member(self, merchant: &Merchant, now_ms: i64) -> Result<(), Refused> {
        let Some(Value::String(text)) = self.get("timestamp") else {
            return self.authorise(merchant, now_ms);
        };
        let timestamp_ms: i64 = text.parse().map_err(|_| invalid("timestamp"))?;
        if timestamp_ms.to_string() != *text {
            return Err(invalid("timestamp"));
        }
        let (app_id, given) = (
            self.required_text("app_id")?,
            self.required_text("app_sign")?,
        );
        let fresh = timestamp_ms.abs_diff(now_ms) <= TIMESTAMP_WINDOW_MS.unsigned_abs();
        let signed = sign::is_valid(given, app_id, timestamp_ms, &merchant.app_secret);
        match app_id == merchant.app_id && fresh && signed {
            true => Ok(()),
            false => Err(Refused::new(Code::AppInvalid, "app_id或app_sign不正确")),
        }
    }

    /// `POST /2/rest/user`.
    pub fn member(self) -> Result<String, Refused> {
        let id = self.required_text("buyer_id")?;
        fits(id, BUYER_CHARS)
            .then(|| id.to_owned())
            .ok_or_else(|| invalid("buyer_id"))
    }

    /// `POST /2/rest/users`: email and ids.
    pub fn members(self) -> Result<(String, Vec<String>), Refused> {
        let email = self.email()?.ok_or_else(|| missing("email"))?;
        let ids = self.read("buyer_ids", Value::as_array)?;
        let ids = ids.ok_or_else(|| missing("buyer_ids"))?;
        let ids = texts(ids).filter(|ids| ids.iter().all(|id| fits(id, BUYER_CHARS)));
        let ids = ids.ok_or_else(|| invalid("buyer_ids"))?;
        Ok((email, ids))
    }

    /// `GET /2/rest/users`.
    pub fn member_query(self) -> Result<MemberQuery, Refused> {
        Ok(MemberQuery {
            email: self.email()?,
            start_time: self.integer_in("start_time", 0, i64::MAX)?,
            end_time: self.integer_in("end_time", 0, i64::MAX)?,
        })
    }

    /// `PUT /2/rest/history_bills`.
    pub fn history(self) -> Result<History, Refused> {
        let info = self.object("bill_info")?;
        let info = info.ok_or_else(|| missing("bill_info"))?;
        let mut out = BTreeMap::new();
        let mut count = 0;
        for (buyer, bills) in info {
            let bills = bills.as_array().and_then(|bills| texts(bills));
            let bills = bills.filter(|_| fits(buyer, BUYER_CHARS_IN_BILLS));
            let bills = bills.ok_or_else(|| invalid("bill_info"))?;
            count += bills.len();
            out.insert(buyer.clone(), bills);
        }
        match (1..=MAX_AT_ONCE).contains(&count) {
            true => Ok(out),
            false => Err(invalid("bill_info")),
        }
    }

    fn email(self) -> Result<Option<String>, Refused> {
        match self.text("email")? {
            Some(email) if !email.contains('@') => Err(invalid("email")),
            email => Ok(email.map(str::to_owned)),
        }
    }
}

fn fits(id: &str, max_chars: usize) -> bool {
    (1..=max_chars).contains(&id.chars().count())
}

fn texts(values: &[Value]) -> Option<Vec<String>> {
    let texts = values.iter().map(|v| v.as_str().map(str::to_owned));
    texts
        .collect::<Option<Vec<_>>>()
        .filter(|texts| (1..=MAX_AT_ONCE).contains(&texts.len()))
}
