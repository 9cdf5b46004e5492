//! Pages of `/bills` and `/refunds`, and how many there are (PROTOCOL: bills, count; refunds,
//! count).
//!
//! A page is here only if every one of its rows could be read and was asked for: the balance of a
//! bill (I6) and the day's differences (I10) are computed from it, so a row that is skipped would
//! be money that is given twice or never missed.

use super::Client;
use super::answer::{Body, innocent_row, row_of};
use super::request::{Params, Place, Signer};
use crate::domain::Fen;
use crate::domain::gateway::{Answer, Host, ListQuery, Listed, ListedBill, Lost, RefundRow};
use crate::domain::refund::RefundChannel;
use crate::gateway::detail::{holds, is_plain};
use crate::gateway::transport::{Exchange, Prepared};
use secrecy::SecretString;
use serde_json::{Value, json};

/// Numbers of foreign programs: at most this many characters (the gateway's own rule is 32).
const NUMBER_MAX_CHARS: usize = 64;

/// More rows than any merchant has: a count above it is no count.
const COUNT_MAX: u32 = 100_000_000;

/// Which of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Bills,
    Refunds,
}

impl List {
    /// What an answer calls its rows.
    fn field(self) -> &'static str {
        match self {
            List::Bills => "bills",
            List::Refunds => "refunds",
        }
    }

    /// The conditions of a query; refund_no is one of `/refunds` alone.
    fn conditions(self, query: &ListQuery) -> Params {
        let refund_no = query.refund_no.as_ref().filter(|_| self == List::Refunds);
        [
            ("bill_no", query.bill_no.as_ref().map(|no| json!(no))),
            ("refund_no", refund_no.map(|no| json!(no.as_str()))),
            ("start_time", query.from_ms.map(|ms| json!(ms))),
            ("end_time", query.to_ms.map(|ms| json!(ms))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The row has the numbers that were asked for: another one says that the gateway did not
    /// apply the condition, and so nothing about what is missing.
    fn is_asked(self, row: &Value, query: &ListQuery) -> bool {
        let is = |name: &str, asked: Option<&str>| {
            asked.is_none_or(|no| row.get(name).and_then(Value::as_str) == Some(no))
        };
        let refund_no = query.refund_no.as_ref().filter(|_| self == List::Refunds);
        is("bill_no", query.bill_no.as_deref()) && is("refund_no", refund_no.map(|no| no.as_str()))
    }
}

impl Signer<'_> {
    /// GET /2/rest/bills or /2/rest/refunds. skip and limit always go with it, since the
    /// gateway's own limit is 10.
    fn page(&self, list: List, query: &ListQuery) -> Prepared {
        let mut params = list.conditions(query);
        params.insert("skip", json!(query.skip));
        params.insert("limit", json!(query.limit));
        self.get(&self.path(list), params)
    }

    /// GET /2/rest/bills/count or /2/rest/refunds/count
    fn count(&self, list: List, query: &ListQuery) -> Prepared {
        self.get(
            &format!("{}/count", self.path(list)),
            list.conditions(query),
        )
    }

    /// The test environment lists bills; refunds it has none.
    fn path(&self, list: List) -> String {
        let place = match list {
            List::Bills => self.place,
            List::Refunds => Place::Live,
        };
        format!("{}/{}", place.base(), list.field())
    }
}

impl Client {
    pub(super) async fn list_bills(
        &self,
        host: &Host,
        query: &ListQuery,
        at_ms: i64,
    ) -> Answer<Listed<Vec<ListedBill>>> {
        self.list(host, List::Bills, query, at_ms, read_bill).await
    }

    pub(super) async fn list_refunds(
        &self,
        host: &Host,
        query: &ListQuery,
        at_ms: i64,
    ) -> Answer<Listed<Vec<RefundRow>>> {
        self.list(host, List::Refunds, query, at_ms, refund_row)
            .await
    }

    /// A limit that the gateway doesn't know ends as Incomplete and is not sent: cut to 50 in
    /// silence, a full page would look like the last one.
    async fn list<R>(
        &self,
        host: &Host,
        list: List,
        query: &ListQuery,
        at_ms: i64,
        read_row: fn(&Value, &SecretString) -> Option<R>,
    ) -> Answer<Listed<Vec<R>>> {
        if !(1..=ListQuery::PAGE).contains(&query.limit) {
            let unsent = Exchange::unsent(String::new());
            return unsent.answer(host, Listed::NoAnswer(Lost::Incomplete));
        }
        let prepared = self.signer(at_ms).page(list, query);
        let row = |row: &Value| read_row(row, &self.app_secret);
        let read = |body: &[u8]| read_page(body, list, query, row);
        self.query(host, prepared, read, Listed::NoAnswer).await
    }

    pub(super) async fn count(
        &self,
        host: &Host,
        list: List,
        query: &ListQuery,
        at_ms: i64,
    ) -> Answer<Listed<u32>> {
        let prepared = self.signer(at_ms).count(list, query);
        self.query(host, prepared, read_count, Listed::NoAnswer)
            .await
    }
}

fn success<T>(body: &[u8]) -> Result<Body, Listed<T>> {
    let body = Body::read(body).map_err(Listed::NoAnswer)?;
    match body.result_code {
        0 => Ok(body),
        8 | 13 => Err(Listed::NoSuch),
        code => Err(Listed::NoAnswer(Lost::Code(code))),
    }
}

fn read_page<R>(
    body: &[u8],
    list: List,
    query: &ListQuery,
    read_row: impl Fn(&Value) -> Option<R>,
) -> Listed<Vec<R>> {
    let body = match success(body) {
        Ok(body) => body,
        Err(said) => return said,
    };
    let Some(rows) = body.get(list.field()).as_array() else {
        return Listed::NoAnswer(Lost::Incomplete);
    };
    let fits = u32::try_from(rows.len()).is_ok_and(|n| n <= query.limit);
    if !fits || !rows.iter().all(|row| list.is_asked(row, query)) {
        return Listed::NoAnswer(Lost::Incomplete);
    }
    match rows.iter().map(read_row).collect() {
        Some(rows) => Listed::Here(rows),
        None => Listed::NoAnswer(Lost::Unreadable),
    }
}

fn read_count(body: &[u8]) -> Listed<u32> {
    let body = match success(body) {
        Ok(body) => body,
        Err(said) => return said,
    };
    let count = match body.get("count") {
        Value::Null => return Listed::NoAnswer(Lost::Incomplete),
        count => count.as_u64().and_then(|n| u32::try_from(n).ok()),
    };
    match count.filter(|n| *n <= COUNT_MAX) {
        Some(count) => Listed::Here(count),
        None => Listed::NoAnswer(Lost::Unreadable),
    }
}

fn read_bill(row: &Value, secret: &SecretString) -> Option<ListedBill> {
    Some(ListedBill {
        bill_no: number(row, "bill_no", secret)?,
        row: innocent_row(row_of(row)?, secret),
    })
}

/// What the row must have (its numbers, refund_fee, finish) is strict; result counts only as a
/// JSON boolean.
pub(super) fn refund_row(row: &Value, secret: &SecretString) -> Option<RefundRow> {
    let fee = row.get("refund_fee").and_then(Value::as_i64);
    let channel = row.get("channel").and_then(Value::as_str);
    Some(RefundRow {
        refund_no: number(row, "refund_no", secret)?,
        bill_no: number(row, "bill_no", secret)?,
        fee: Fen(fee.filter(|n| *n >= 0)?),
        finish: row.get("finish").and_then(Value::as_bool)?,
        result: row.get("result").and_then(Value::as_bool),
        channel: channel.and_then(RefundChannel::parse),
        create_time_ms: row.get("create_time").and_then(Value::as_i64),
    })
}

/// A number as it stands there, where it is short, can be shown, and holds no secret (I12).
fn number(row: &Value, name: &str, secret: &SecretString) -> Option<String> {
    let text = row.get(name).and_then(Value::as_str)?;
    let ok = (1..=NUMBER_MAX_CHARS).contains(&text.chars().count())
        && text.chars().all(is_plain)
        && !holds(text, secret);
    ok.then(|| text.to_owned())
}

#[cfg(test)]
#[path = "lists_tests.rs"]
mod tests;
