//! Refunds of online payments, pre-refunds that wait for approval, and their approval
//! (PROTOCOL: refund / pre-refund, online; approve pre-refunds; one refund).

use super::text::{self, web_url};
use super::{Call, Codes, Told, Wrong};
use crate::domain::gateway::{Answer, Host, RefundRow};
use crate::domain::{BillNo, Fen, RefundNo};
use crate::gateway::beecloud::Client;
use crate::gateway::beecloud::answer::Body;
use crate::gateway::beecloud::lists::refund_row;
use crate::gateway::beecloud::request::{Params, Signer};
use crate::gateway::detail::{blot_codes, clean, one_line};
use crate::gateway::transport::{Prepared, Via};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Ids of one approval.
const MOST: usize = 100;

/// A refund of an online payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineRefund {
    /// Dated today in Shanghai.
    pub refund_no: RefundNo,
    /// Whose money goes back.
    pub bill_no: BillNo,
    /// refund_fee.
    pub fee: Fen,
    /// WX, ALI, UN, …; `None`: the gateway finds it.
    pub channel: Option<String>,
    /// need_approval: only recorded there until it is approved.
    pub need_approval: bool,
    /// Where the gateway may call back.
    pub notify_url: Option<String>,
    /// refund_account: 1 of the available balance, 0 (the default) of what is not settled yet.
    pub from_balance: bool,
    /// Given back with the notice.
    pub optional: Map<String, Value>,
}

/// It was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineRefunded {
    /// The gateway's id: approval names it.
    pub id: String,
    /// Alipay: the page where the merchant types the password; without it nothing goes back.
    pub url: Option<String>,
}

/// The word about pre-refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They are refunded now.
    Agree,
    /// They are not.
    Deny {
        /// deny_reason.
        reason: String,
    },
}

/// Approval or denial of pre-refunds of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// WX, ALI, UN, …
    pub channel: String,
    /// The gateway's ids, not refund_no; 1 to 100.
    pub ids: Vec<String>,
    /// The word.
    pub verdict: Verdict,
}

/// What became of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// result_map row by row: `Ok` where the text is literally "OK", else the gateway's words,
    /// cleaned; `None` for an id that the answer does not name: nothing is known about it. A
    /// denial has no rows in its answer: all of them are `Ok`.
    pub rows: BTreeMap<String, Option<Result<(), String>>>,
    /// Alipay: the page where the merchant types the password.
    pub url: Option<String>,
}

/// One refund by the gateway's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundDetail {
    /// The gateway's id.
    pub id: String,
    /// As a list has it.
    pub row: RefundRow,
}

impl OnlineRefund {
    fn params(&self) -> Result<Params, Wrong> {
        if self.fee.0 < 1 {
            return Err(Wrong::new("refund_fee", "退款金额至少要 1 分"));
        }
        let mut params = Params::from([
            ("refund_no", json!(self.refund_no.as_str())),
            ("bill_no", json!(self.bill_no.as_str())),
            ("refund_fee", json!(self.fee.0)),
        ]);
        if let Some(channel) = &self.channel {
            is_channel(channel)?;
            params.insert("channel", json!(channel));
        }
        if self.need_approval {
            params.insert("need_approval", json!(true));
        }
        if let Some(url) = &self.notify_url {
            web_url("notify_url", url)?;
            params.insert("notify_url", json!(url));
        }
        if self.from_balance {
            params.insert("refund_account", json!(1));
        }
        if !self.optional.is_empty() {
            params.insert("optional", Value::Object(self.optional.clone()));
        }
        Ok(params)
    }
}

/// 004 §3, §4, and BC (PROTOCOL).
fn is_channel(channel: &str) -> Result<(), Wrong> {
    const KNOWN: [&str; 8] = ["WX", "ALI", "UN", "KUAIQIAN", "BD", "JD", "YEE", "BC"];
    match KNOWN.contains(&channel) {
        true => Ok(()),
        false => Err(Wrong::new(
            "channel",
            "WX、ALI、UN、KUAIQIAN、BD、JD、YEE、BC",
        )),
    }
}

fn is_id(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=64).contains(&id.len()) && id.bytes().all(plain)
}

impl Approval {
    fn params(&self) -> Result<Params, Wrong> {
        is_channel(&self.channel)?;
        let good = !self.ids.is_empty() && self.ids.len() <= MOST;
        if !good || !self.ids.iter().all(|id| is_id(id)) {
            return Err(Wrong::new("ids", "1 到 100 个退款记录的 id"));
        }
        let mut params = Params::from([
            ("channel", json!(self.channel)),
            ("ids", json!(self.ids)),
            ("agree", json!(self.verdict == Verdict::Agree)),
        ]);
        if let Verdict::Deny { reason } = &self.verdict {
            let reason: String = blot_codes(&one_line(reason))
                .trim()
                .chars()
                .take(80)
                .collect();
            if !reason.is_empty() {
                params.insert("deny_reason", json!(reason));
            }
        }
        Ok(params)
    }
}

impl Signer<'_> {
    fn online_refund(&self, refund: &OnlineRefund) -> Result<Prepared, Wrong> {
        Ok(self.post("/2/rest/refund".to_owned(), refund.params()?))
    }

    fn approval(&self, approval: &Approval) -> Result<Prepared, Wrong> {
        Ok(self.put("/2/rest/refund".to_owned(), approval.params()?))
    }

    fn one_refund(&self, id: &str) -> Result<Prepared, Wrong> {
        match is_id(id) {
            true => Ok(self.get(&format!("/2/rest/refund/{id}"), Params::new())),
            false => Err(Wrong::new("id", "退款记录的 id")),
        }
    }
}

impl Client {
    /// Sends a refund or pre-refund of an online payment, once on the wire.
    pub async fn online_refund(
        &self,
        host: &Host,
        refund: &OnlineRefund,
        master_secret: &SecretString,
        at_ms: i64,
    ) -> Answer<Told<OnlineRefunded>> {
        let call = Call {
            prepared: self.by_master(master_secret, at_ms).online_refund(refund),
            via: Via::Once,
            codes: Codes::Refund,
        };
        let read = |body: &Body| {
            let id = text::of(body, "id").filter(|id| is_id(id))?;
            let url = self.page(body, master_secret);
            Some(OnlineRefunded { id, url })
        };
        self.call(host, call, Some(master_secret), read).await
    }

    /// Approves or denies pre-refunds, once on the wire.
    pub async fn approve(
        &self,
        host: &Host,
        approval: &Approval,
        master_secret: &SecretString,
        at_ms: i64,
    ) -> Answer<Told<Approved>> {
        let call = Call {
            prepared: self.by_master(master_secret, at_ms).approval(approval),
            via: Via::Once,
            codes: Codes::Refund,
        };
        let read = |body: &Body| {
            let url = self.page(body, master_secret);
            let rows = self.rows(body, approval, master_secret)?;
            Some(Approved { rows, url })
        };
        self.call(host, call, Some(master_secret), read).await
    }

    /// One refund by the gateway's id.
    pub async fn refund_by_id(
        &self,
        host: &Host,
        id: &str,
        at_ms: i64,
    ) -> Answer<Told<RefundDetail>> {
        let call = Call {
            prepared: self.signer(at_ms).one_refund(id),
            via: Via::Query,
            codes: Codes::Common,
        };
        let read = |body: &Body| {
            let refund = body.get("refund");
            // The answer must speak of the one that was asked for.
            let named = refund.get("id").and_then(Value::as_str);
            let row = refund_row(refund, &self.app_secret)?;
            named.is_none_or(|named| named == id).then(|| RefundDetail {
                id: id.to_owned(),
                row,
            })
        };
        self.call(host, call, None, read).await
    }

    fn page(&self, body: &Body, master_secret: &SecretString) -> Option<String> {
        text::of(body, "url")
            .filter(|url| web_url("url", url).is_ok())
            .and_then(|url| self.innocent(url, Some(master_secret)))
    }

    fn rows(
        &self,
        body: &Body,
        approval: &Approval,
        master_secret: &SecretString,
    ) -> Option<BTreeMap<String, Option<Result<(), String>>>> {
        let ids = approval.ids.iter();
        if approval.verdict != Verdict::Agree {
            return Some(ids.map(|id| (id.clone(), Some(Ok(())))).collect());
        }
        let map = body.get("result_map").as_object()?;
        let row = |id: &String| {
            let said = map.get(id).and_then(Value::as_str)?;
            Some(match said {
                "OK" => Ok(()),
                other => {
                    let master = Some(master_secret.expose_secret());
                    Err(clean(other, master, &self.app_secret))
                }
            })
        };
        Some(ids.map(|id| (id.clone(), row(id))).collect())
    }
}

#[cfg(test)]
impl Client {
    pub(super) fn rows_for_test(
        &self,
        body: &Body,
        approval: &Approval,
        master_secret: &SecretString,
    ) -> Option<BTreeMap<String, Option<Result<(), String>>>> {
        self.rows(body, approval, master_secret)
    }
}
