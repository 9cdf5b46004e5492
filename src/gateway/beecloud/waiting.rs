//! Pre-refunds that wait at the gateway, and a manager's word about them, as the till sees both
//! (PROTOCOL: refunds, need_approval; approve pre-refunds).

use super::Client;
use super::lists::refund_row;
use super::merchant::{Approval, Approved, Told, Verdict};
use super::request::{Params, Signer};
use crate::domain::gateway::{
    Answer, ApprovalRequest, Host, ListQuery, Listed, Lost, PreRefundRow, RefundOutcome,
};
use crate::gateway::beecloud::answer::Body;
use crate::gateway::detail::{holds, is_plain};
use crate::gateway::transport::Prepared;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The gateway's ids and channel words are short.
const MOST_CHARS: usize = 64;

impl Signer<'_> {
    /// GET /2/rest/refunds?need_approval=true
    fn waiting(&self, skip: u32) -> Prepared {
        let params = Params::from([
            ("need_approval", json!(true)),
            ("skip", json!(skip)),
            ("limit", json!(ListQuery::PAGE)),
        ]);
        self.get("/2/rest/refunds", params)
    }
}

impl Client {
    pub(super) async fn list_waiting(
        &self,
        host: &Host,
        skip: u32,
        at_ms: i64,
    ) -> Answer<Listed<Vec<PreRefundRow>>> {
        let prepared = self.signer(at_ms).waiting(skip);
        let read = |body: &[u8]| read_waiting(body, &self.app_secret);
        self.query(host, prepared, read, Listed::NoAnswer).await
    }

    /// One request; what came of it for each id.
    pub(super) async fn send_word(
        &self,
        host: &Host,
        request: &ApprovalRequest,
        master_secret: &SecretString,
        at_ms: i64,
    ) -> Answer<BTreeMap<String, RefundOutcome>> {
        let verdict = match request.agree {
            true => Verdict::Agree,
            false => Verdict::Deny {
                reason: request.reason.clone(),
            },
        };
        let approval = Approval {
            channel: request.channel.clone(),
            ids: request.ids.clone(),
            verdict,
        };
        let answer = self.approve(host, &approval, master_secret, at_ms).await;
        let outcome = |id: &String| (id.clone(), outcome_of(id, &answer.outcome, request.agree));
        Answer {
            outcome: request.ids.iter().map(outcome).collect(),
            host: answer.host,
            date_ms: answer.date_ms,
            took_ms: answer.took_ms,
        }
    }
}

/// What the answer says about this one. An answer that does not name it says nothing.
fn outcome_of(id: &str, told: &Told<Approved>, agree: bool) -> RefundOutcome {
    match told {
        Told::Done(approved) => match (approved.rows.get(id), agree) {
            (Some(Some(Ok(()))), true) => RefundOutcome::Approved {
                page: approved.url.clone(),
            },
            (Some(Some(Ok(()))), false) => RefundOutcome::Denied,
            (Some(Some(Err(detail))), _) => RefundOutcome::NotApproved {
                detail: detail.clone(),
            },
            (Some(None) | None, _) => RefundOutcome::Lost(Lost::Incomplete),
        },
        Told::Refused { code, detail } => RefundOutcome::Refused {
            code: *code,
            detail: detail.clone(),
        },
        Told::Unclear { code, detail } => RefundOutcome::Unclear {
            code: *code,
            detail: detail.clone(),
        },
        Told::Unsent { why } => RefundOutcome::Unconnected { why: why.clone() },
        Told::Lost(lost) => RefundOutcome::Lost(lost.clone()),
    }
}

/// Every row, or no answer: one that can't be read could be the one that somebody waits for.
fn read_waiting(body: &[u8], secret: &SecretString) -> Listed<Vec<PreRefundRow>> {
    let body = match Body::read(body) {
        Ok(body) => body,
        Err(lost) => return Listed::NoAnswer(lost),
    };
    match body.result_code {
        0 => {}
        8 | 13 => return Listed::NoSuch,
        code => return Listed::NoAnswer(Lost::Code(code)),
    }
    let Some(rows) = body.get("refunds").as_array() else {
        return Listed::NoAnswer(Lost::Incomplete);
    };
    if rows.len() > ListQuery::PAGE as usize {
        return Listed::NoAnswer(Lost::Incomplete);
    }
    match rows.iter().map(|row| waiting_row(row, secret)).collect() {
        Some(rows) => Listed::Here(rows),
        None => Listed::NoAnswer(Lost::Unreadable),
    }
}

fn waiting_row(row: &Value, secret: &SecretString) -> Option<PreRefundRow> {
    let text = |name: &str| {
        let text = row.get(name).and_then(Value::as_str)?;
        let short = (1..=MOST_CHARS).contains(&text.chars().count());
        let innocent = text.chars().all(is_plain) && !holds(text, secret);
        (short && innocent).then(|| text.to_owned())
    };
    // The condition was not applied: nothing here says what waits.
    if row.get("need_approval") == Some(&Value::Bool(false)) {
        return None;
    }
    Some(PreRefundRow {
        id: text("id")?,
        channel: text("channel")?,
        row: refund_row(row, secret)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(refunds: &Value) -> Listed<Vec<PreRefundRow>> {
        let body = json!({ "result_code": 0, "refunds": refunds }).to_string();
        read_waiting(body.as_bytes(), &SecretString::from("s3cret"))
    }

    fn row() -> Value {
        json!({
            "id": "d9690a6e-ae99", "refund_no": "20261120A1", "bill_no": "20261120000001",
            "refund_fee": 300, "channel": "WX", "finish": false, "result": false,
        })
    }

    #[test]
    fn a_waiting_row_carries_the_gateways_id_and_its_channel() {
        let Listed::Here(rows) = read(&json!([row()])) else {
            panic!("not read");
        };
        assert_eq!(rows[0].id, "d9690a6e-ae99");
        assert_eq!(
            (rows[0].channel.as_str(), rows[0].row.finish),
            ("WX", false)
        );
    }

    #[test]
    fn a_page_with_a_row_that_cant_be_read_or_was_not_asked_for_is_no_answer() {
        for (name, value) in [
            ("id", Value::Null),
            ("id", json!("x\u{202e}y")),
            ("id", json!("s3cret")),
            ("refund_fee", json!("300")),
            ("need_approval", json!(false)),
        ] {
            let mut bad = row();
            bad[name] = value;
            assert_eq!(
                read(&json!([row(), bad])),
                Listed::NoAnswer(Lost::Unreadable),
                "{name}"
            );
        }
        let many = Value::Array(vec![row(); 51]);
        assert_eq!(read(&many), Listed::NoAnswer(Lost::Incomplete));
        let none = read_waiting(br#"{"result_code":13}"#, &SecretString::from("s"));
        assert_eq!(none, Listed::NoSuch);
    }

    #[test]
    fn a_row_that_the_answer_does_not_name_is_unknown_and_never_ok() {
        let rows = BTreeMap::from([
            ("a".to_owned(), Some(Ok(()))),
            ("b".to_owned(), Some(Err("余额不足".to_owned()))),
            ("c".to_owned(), None),
        ]);
        let told = Told::Done(Approved { rows, url: None });
        let said = |id| outcome_of(id, &told, true);
        assert_eq!(said("a"), RefundOutcome::Approved { page: None });
        assert!(matches!(said("b"), RefundOutcome::NotApproved { .. }));
        for unnamed in ["c", "d"] {
            assert_eq!(said(unnamed), RefundOutcome::Lost(Lost::Incomplete));
        }
        assert_eq!(outcome_of("a", &told, false), RefundOutcome::Denied);
        let unclear = Told::Unclear {
            code: 7,
            detail: String::new(),
        };
        assert!(matches!(
            outcome_of("a", &unclear, true),
            RefundOutcome::Unclear { code: 7, .. }
        ));
    }
}
