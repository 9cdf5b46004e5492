//! What is no part of the gateway: the played customer, the played refunds, planted differences
//! and the truth, for people and tests outside.

use super::notify::{Change, is_heard, post};
use super::{Face, MAX_BODY, Shared, answer};
use crate::domain::BillNo;
use crate::domain::practice::{Act, Network, RefundAct};
use crate::simulator::core::{Kind, Planned};
use axum::body::to_bytes;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// `POST /_customer` (COUNTER: in practice mode).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instruction {
    bill_no: Option<BillNo>,
    act: Option<Act>,
    network: Option<Network>,
}

pub(super) async fn customer(State(face): Shared, request: Request) -> Response {
    told(request, |told: Instruction| {
        let now_ms = face.now_ms();
        let bill_no = told.bill_no.as_ref();
        let mut core = face.of(bill_no);
        let planned = core.play(now_ms, bill_no, told.act, told.network);
        Ok(json!({"ok": true, "applies_to": applies_to(planned)}))
    })
    .await
}

/// `POST /_refund`: the next refund, the next one of a bill, or one that is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundInstruction {
    bill_no: Option<BillNo>,
    refund_no: Option<String>,
    act: Option<RefundAct>,
    network: Option<Network>,
}

pub(super) async fn refund(State(face): Shared, request: Request) -> Response {
    told(request, |told| steer(&face, &told)).await
}

fn steer(face: &Face, told: &RefundInstruction) -> Result<Value, String> {
    let planned = match (&told.refund_no, told.act) {
        (None, act) => face
            .core()
            .play_refund(told.bill_no.as_ref(), act, told.network),
        (Some(_), None) => return Err("refund_no needs an act".to_owned()),
        (Some(_), Some(_)) if told.bill_no.is_some() || told.network.is_some() => {
            return Err(
                "a refund that is there takes an act, no bill_no and no network".to_owned(),
            );
        }
        (Some(refund_no), Some(act)) => {
            let now_ms = face.now_ms();
            let steered = face.core().steer_refund(now_ms, refund_no, act);
            steered.map_err(|error| error.to_string())?;
            Planned::Existing
        }
    };
    Ok(json!({"ok": true, "applies_to": applies_to(planned)}))
}

fn applies_to(planned: Planned) -> &'static str {
    match planned {
        Planned::Next => "next",
        Planned::Upcoming => "upcoming",
        Planned::Existing => "existing",
    }
}

/// `POST /_plant`: three differences (`{}`), or one of a kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planting {
    kind: Option<Kind>,
    bill_no: Option<BillNo>,
}

pub(super) async fn plant(State(face): Shared, request: Request) -> Response {
    told(request, |told: Planting| {
        let now_ms = face.now_ms();
        let Some(kind) = told.kind else {
            if told.bill_no.is_some() {
                return Err("bill_no needs a kind".to_owned());
            }
            let planted = face.core().plant_three(now_ms);
            return Ok(json!({"ok": true, "bill_no": planted}));
        };
        let planted = face.core().plant(now_ms, kind, told.bill_no.as_ref());
        let planted = planted.map_err(|error| error.to_string())?;
        let mut said = json!({"ok": true, "bill_no": [planted.bill_no]});
        if let (Some(refund_no), Some(map)) = (planted.refund_no, said.as_object_mut()) {
            map.insert("refund_no".to_owned(), json!([refund_no]));
        }
        Ok(said)
    })
    .await
}

/// `POST /_notify`: a notice of this bill now, as it is or changed; says what was answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notifying {
    bill_no: BillNo,
    change: Change,
    /// `None`: where the bill's notices go.
    url: Option<String>,
}

pub(super) async fn notify(State(face): Shared, request: Request) -> Response {
    let bytes = to_bytes(request.into_body(), MAX_BODY).await;
    let told = bytes
        .map_err(|_| "more than 64 KiB".to_owned())
        .and_then(|bytes| read(&bytes));
    let said = match told {
        Ok(told) => tell(&face, told).await,
        Err(why) => Err(why),
    };
    match said {
        Ok(said) => answer(StatusCode::OK, &said),
        Err(why) => answer(StatusCode::BAD_REQUEST, &json!({"ok": false, "error": why})),
    }
}

async fn tell(face: &Face, told: Notifying) -> Result<Value, String> {
    let now_ms = face.now_ms();
    let notice = {
        let mut core = face.core();
        let truth = core.truth(now_ms, &told.bill_no);
        let honest = matches!(told.change, Change::True | Change::Repeat);
        if !truth.exists {
            return Err("the gateway has no bill with this bill_no".to_owned());
        }
        if honest && truth.paid_at.is_none() {
            return Err("this bill is not paid: a true notice would be a lie".to_owned());
        }
        core.pay_notice(&told.bill_no, told.url)
    };
    let notice = notice.ok_or("nobody wants to be told: no notify_url, no --webhook, no url")?;
    let times = if told.change == Change::Repeat { 2 } else { 1 };
    let mut answers = Vec::new();
    for _ in 0..times {
        let body = face.written(&notice, told.change);
        let answered = post(&notice.url, &body).await?;
        let heard = is_heard(&notice, &answered);
        answers.push(json!({"status": answered.status, "body": answered.body, "heard": heard}));
    }
    Ok(json!({"ok": true, "answers": answers}))
}

/// Reads an instruction and does it. What can't be read or done is said in plain words.
async fn told<T: DeserializeOwned>(
    request: Request,
    obey: impl FnOnce(T) -> Result<Value, String>,
) -> Response {
    let bytes = to_bytes(request.into_body(), MAX_BODY).await;
    let said = bytes
        .map_err(|_| "more than 64 KiB".to_owned())
        .and_then(|bytes| read(&bytes))
        .and_then(obey);
    match said {
        Ok(said) => answer(StatusCode::OK, &said),
        Err(why) => answer(StatusCode::BAD_REQUEST, &json!({"ok": false, "error": why})),
    }
}

/// An instruction is an object; a list of its values in some order is none.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let plain = |error: serde_json::Error| error.to_string();
    match serde_json::from_slice(bytes).map_err(plain)? {
        Value::Object(_) => serde_json::from_slice(bytes).map_err(plain),
        _ => Err("not a JSON object".to_owned()),
    }
}

#[derive(Deserialize)]
pub(super) struct Which {
    bill_no: String,
}

/// `GET /_truth?bill_no=`: what really happened, for tests from outside.
pub(super) async fn truth(State(face): Shared, Query(which): Query<Which>) -> Response {
    let Some(bill_no) = BillNo::parse(&which.bill_no) else {
        let error = json!({"ok": false, "error": "not a bill_no"});
        return answer(StatusCode::BAD_REQUEST, &error);
    };
    let now_ms = face.now_ms();
    let mut core = face.of(Some(&bill_no));
    let truth = core.truth(now_ms, &bill_no);
    let refunds = core.refunds_of(&bill_no).map(|refund| {
        let status = refund.status(now_ms).name();
        json!({"refund_no": refund.refund_no, "refund_fee": refund.fee, "status": status})
    });
    let refunds: Vec<Value> = refunds.collect();
    let value = json!({
        "bill_no": bill_no,
        "exists": truth.exists,
        "amount": truth.amount,
        "channel": truth.channel,
        "paid_at": truth.paid_at,
        "reverted_at": truth.reverted_at,
        "returned": truth.returned,
        "refunded": truth.refunded,
        "refunding": truth.refunding,
        "refunds": refunds,
        "kept": truth.kept(),
        "payable_now": truth.payable_now,
        "pay_at": truth.pay_at,
        "expires_at": truth.expires_at,
    });
    answer(StatusCode::OK, &value)
}
