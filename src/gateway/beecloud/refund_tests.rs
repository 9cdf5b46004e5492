//! What a refund sends, to the byte; every code of its answers; and answers that lie.

use super::*;
use crate::domain::Fen;
use crate::domain::refund::RefundChannel;
use crate::gateway::Gateway;
use crate::gateway::beecloud::samples::{bill_no, refund_no, refund_request};
use crate::gateway::beecloud::scripted_tests::{
    AT_MS, Reply, Server, client_within, head_and_body, http, ok,
};
use proptest::prelude::*;
use std::time::Duration;

/// The vector that the documents' formula gives for master_secret.
const MASTER_AT_MS: i64 = 1_795_176_659_664;

fn app() -> SecretString {
    SecretString::from("app-secret-demo")
}

fn master() -> SecretString {
    SecretString::from("master-secret-demo")
}

fn read_json(body: &Value) -> RefundOutcome {
    read(
        body.to_string().as_bytes(),
        &refund_request(),
        &master(),
        &app(),
    )
}

fn read_status_json(body: &Value) -> RefundStatusOutcome {
    read_status(body.to_string().as_bytes(), &refund_no(), &app())
}

const CODES: std::ops::RangeInclusive<i64> = -1..=18;

#[tokio::test]
async fn a_refund_sends_the_documents_bytes_signed_with_master_secret() {
    let server = Server::start(vec![ok(json!({"result_code": 0, "refund_result": true}))]).await;
    let (client, host) = (server.client(), server.host());
    let answer = client
        .refund(&host, &refund_request(), &master(), MASTER_AT_MS)
        .await;
    assert_eq!(answer.outcome, RefundOutcome::Done);
    assert_eq!(answer.date_ms, Some(1_795_147_200_000));
    assert_eq!(answer.host, host);
    let requests = server.requests();
    let (head, body) = head_and_body(&requests[0]);
    assert_eq!(head[0], "POST /2/rest/offline/refund HTTP/1.1");
    assert!(head.contains(&"content-type: application/json"), "{head:?}");
    assert_eq!(
        body,
        "{\"app_id\":\"0950c062-5e41-44e3-8f52-f89d8cf2b6eb\",\
         \"app_sign\":\"c591b178997fbc5a7a5c831e6e83593d\",\
         \"bill_no\":\"20261120010000010ABCDEFG\",\"channel\":\"ALI\",\"operator_id\":\"9001\",\
         \"refund_fee\":234,\"refund_no\":\"2026112001000063K7Q2M4XD\",\
         \"refund_reason\":\"少了一份\",\"store_id\":\"SH_001\",\"timestamp\":1795176659664}"
    );
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_refund_status_is_asked_by_get_for_wechat_and_with_app_secret() {
    let body = json!({"result_code": 0, "refund_status": "PROCESSING"});
    let server = Server::start(vec![ok(body)]).await;
    let answer = server
        .client()
        .refund_status(&server.host(), &refund_no(), AT_MS)
        .await;
    assert_eq!(answer.outcome, RefundStatusOutcome::Processing);
    assert_eq!(
        server.requests()[0].lines().next().unwrap(),
        "GET /2/rest/refund/status?para=%7B%22app_id%22%3A%220950c062-5e41-44e3-8f52-f89d8cf2b6eb\
         %22%2C%22app_sign%22%3A%22fa47fd3cb0d13fe8b51aea3e350b6c55%22%2C%22channel%22%3A%22WX%22\
         %2C%22refund_no%22%3A%222026112001000063K7Q2M4XD%22%2C%22timestamp%22%3A1795176659632%7D \
         HTTP/1.1"
    );
}

/// One refund; where the server stalls, the whole request has 600 ms.
async fn refund_once(reply: Reply) -> (Server, Answer<RefundOutcome>) {
    let limit = match reply {
        Reply::Stall(_) => Duration::from_millis(600),
        _ => Duration::from_secs(20),
    };
    let server = Server::start(vec![reply]).await;
    let client = client_within(limit, &[&server.url]);
    let answer = client
        .refund(&server.host(), &refund_request(), &master(), AT_MS)
        .await;
    (server, answer)
}

#[tokio::test]
async fn everything_after_the_first_byte_is_lost_and_sent_once() {
    let done = json!({"result_code": 0, "refund_result": true}).to_string();
    let bytes = |text: &str| Reply::BytesThenClose(text.as_bytes().to_vec());
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{done}");
    let cases = [
        ("500", Reply::Bytes(http(500, &done)), Lost::Http(500)),
        ("302", Reply::Bytes(http(302, &done)), Lost::Http(302)),
        ("html", Reply::Bytes(http(200, "<p>")), Lost::Unreadable),
        ("cut", bytes(&cut), Lost::Unreadable),
        ("closed", bytes(""), Lost::Broken),
        ("half a head", bytes("HTTP/1.1 200 O"), Lost::Broken),
        ("silence", Reply::Stall(Vec::new()), Lost::Timeout),
        (
            "endless",
            Reply::Endless("HTTP/1.1 200 OK\r\n\r\n"),
            Lost::Unreadable,
        ),
    ];
    for (name, reply, lost) in cases {
        let (server, answer) = refund_once(reply).await;
        assert_eq!(answer.outcome, RefundOutcome::Lost(lost), "{name}");
        assert_eq!(server.requests().len(), 1, "{name}: sent once");
    }
    let mut huge = done.clone();
    huge.push_str(&" ".repeat(1024 * 1024 + 1 - done.len()));
    let (_server, answer) = refund_once(Reply::Bytes(http(200, &huge))).await;
    assert_eq!(answer.outcome, RefundOutcome::Lost(Lost::Unreadable));
}

#[tokio::test]
async fn a_refund_uses_no_kept_connection() {
    let done = || ok(json!({"result_code": 0, "refund_result": true}));
    let server = Server::start(vec![done(), done()]).await;
    let client = server.client();
    for _ in 0..2 {
        client
            .refund(&server.host(), &refund_request(), &master(), AT_MS)
            .await;
    }
    assert_eq!((server.accepted(), server.requests().len()), (2, 2));
}

#[tokio::test]
async fn what_must_not_be_sent_ends_as_unconnected() {
    let server = Server::start(Vec::new()).await;
    let (client, host) = (server.client(), server.host());
    let too_little = RefundRequest {
        fee: Fen(0),
        ..refund_request()
    };
    let empty = SecretString::from("");
    let elsewhere = Host("http://127.0.0.1:1".to_owned());
    let cases = [
        (&host, &too_little, &master(), "refund_fee"),
        (&host, &refund_request(), &empty, "master_secret"),
        (&elsewhere, &refund_request(), &master(), "不在设置里"),
    ];
    for (host, request, secret, word) in cases {
        let answer = client.refund(host, request, secret, AT_MS).await;
        let RefundOutcome::Unconnected { why } = answer.outcome else {
            panic!("{:?}", answer.outcome)
        };
        assert!(why.contains(word), "{why}");
    }
    assert_eq!(server.accepted(), 0);
    assert!(client.can_refund());
}

#[tokio::test]
async fn a_closed_port_is_unconnected() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let client = client_within(Duration::from_secs(20), &[&url]);
    let answer = client
        .refund(&Host(url), &refund_request(), &master(), AT_MS)
        .await;
    assert!(
        matches!(answer.outcome, RefundOutcome::Unconnected { .. }),
        "{:?}",
        answer.outcome
    );
}

#[test]
fn every_rule_before_sending_names_its_field() {
    assert_eq!(check(&refund_request()), Ok(()));
    let long = || Some("x".repeat(33));
    let cases = [
        (
            RefundRequest {
                fee: Fen(0),
                ..refund_request()
            },
            Invalid::RefundFee,
        ),
        (
            RefundRequest {
                fee: Fen(-1),
                ..refund_request()
            },
            Invalid::RefundFee,
        ),
        (
            RefundRequest {
                operator_id: long(),
                ..refund_request()
            },
            Invalid::OperatorId,
        ),
        (
            RefundRequest {
                store_id: long(),
                ..refund_request()
            },
            Invalid::StoreId,
        ),
    ];
    for (request, invalid) in cases {
        assert_eq!(check(&request), Err(invalid), "{request:?}");
    }
    let exact = RefundRequest {
        operator_id: Some("店".repeat(32)),
        ..refund_request()
    };
    assert_eq!(check(&exact), Ok(()));
}

#[test]
fn a_reason_is_one_short_plain_line_without_a_payment_code() {
    assert_eq!(fit_reason("  少了\r\n一份\u{202e} "), "少了  一份");
    assert_eq!(fit_reason(&"退".repeat(100)), "退".repeat(26));
    assert_eq!(fit_reason("码 281234567890123456"), "码 …");
    assert_eq!(fit_reason(" \n\u{0} "), "");
    let silent = RefundRequest {
        reason: "\u{0}".to_owned(),
        operator_id: Some(String::new()),
        store_id: None,
        ..refund_request()
    };
    let names: Vec<&str> = params(&silent).into_keys().collect();
    assert_eq!(names, ["bill_no", "channel", "refund_fee", "refund_no"]);
}

#[test]
fn the_hash_knows_every_parameter() {
    let base = refund_request();
    let hash = refund_params_hash(&base);
    assert_eq!(hash.len(), 64);
    assert_eq!(hash, refund_params_hash(&base.clone()));
    let others = [
        RefundRequest {
            refund_no: RefundNo::parse("2026112001000063K7Q2M4XE").unwrap(),
            ..base.clone()
        },
        RefundRequest {
            fee: Fen(235),
            ..base.clone()
        },
        RefundRequest {
            channel: RefundChannel::Wx,
            ..base.clone()
        },
        RefundRequest {
            reason: "退货".to_owned(),
            ..base.clone()
        },
        RefundRequest {
            operator_id: None,
            ..base.clone()
        },
        RefundRequest {
            store_id: None,
            ..base.clone()
        },
    ];
    for other in others {
        assert_ne!(hash, refund_params_hash(&other), "{other:?}");
    }
}

#[test]
fn every_refund_code_has_its_meaning() {
    for code in CODES.filter(|c| *c != 0) {
        let body = json!({"result_code": code, "refund_result": true, "err_detail": "d"});
        let detail = "d".to_owned();
        let expected = match code {
            1..=6 | 8 | 9 | 10 | 12 => RefundOutcome::Refused { code, detail },
            _ => RefundOutcome::Unclear { code, detail },
        };
        assert_eq!(read_json(&body), expected, "{code}");
    }
    let body = json!({"result_code": 12, "result_msg": "REFUND_AMOUNT_TOO_LARGE"});
    let detail = "REFUND_AMOUNT_TOO_LARGE".to_owned();
    assert_eq!(
        read_json(&body),
        RefundOutcome::Refused { code: 12, detail }
    );
}

#[test]
fn a_refund_is_done_by_a_boolean_true_alone() {
    let read = |value: Value| read_json(&json!({"result_code": 0, "refund_result": value}));
    assert_eq!(read(json!(true)), RefundOutcome::Done);
    for other in [
        json!(false),
        json!(null),
        json!("true"),
        json!(1),
        json!([true]),
    ] {
        assert_eq!(read(other), RefundOutcome::Processing);
    }
    for twin in ["refundResult", "result", "pay_result"] {
        let body = json!({"result_code": 0, twin: true});
        assert_eq!(read_json(&body), RefundOutcome::Processing, "{twin}");
    }
}

#[test]
fn an_answer_that_names_another_refund_or_bill_is_not_ours() {
    let done = json!({"result_code": 0, "refund_result": true, "refund_status": "SUCCESS"});
    for (name, value) in [
        ("refund_no", json!("2026112001000064AAAAAAAA")),
        ("refund_no", json!(1)),
        ("bill_no", json!("OTHER12345")),
        ("bill_no", json!("")),
    ] {
        let mut body = done.clone();
        body[name] = value;
        assert_eq!(read_json(&body), RefundOutcome::Lost(Lost::Incomplete));
    }
    let mut ours = done.clone();
    ours["refund_no"] = json!(refund_no().as_str());
    ours["bill_no"] = json!(bill_no().as_str());
    assert_eq!(read_json(&ours), RefundOutcome::Done);
    assert_eq!(read_status_json(&ours), RefundStatusOutcome::Success);
    ours["refund_no"] = json!("2026112001000064AAAAAAAA");
    let lost = RefundStatusOutcome::NoAnswer(Lost::Incomplete);
    assert_eq!(read_status_json(&ours), lost);
}

#[test]
fn an_echoed_secret_is_not_kept() {
    let body = json!({
        "result_code": 1,
        "err_detail": "sign of master-secret-demo or app-secret-demo, 281234567890123456",
    });
    let RefundOutcome::Refused { detail, .. } = read_json(&body) else {
        panic!("not refused")
    };
    assert_eq!(detail, "sign of … or …, …");
}

#[test]
fn every_refund_status_has_its_meaning() {
    for code in CODES.filter(|c| *c != 0) {
        let body = json!({"result_code": code, "refund_status": "SUCCESS", "err_detail": "d"});
        let expected = match code {
            13 => RefundStatusOutcome::NoSuchRefund,
            1 => RefundStatusOutcome::ClockOrKey,
            2..=6 => RefundStatusOutcome::Alarm {
                code,
                detail: "d".to_owned(),
            },
            _ => RefundStatusOutcome::NoAnswer(Lost::Code(code)),
        };
        assert_eq!(read_status_json(&body), expected, "{code}");
    }
    let read = |value: Value| read_status_json(&json!({"result_code": 0, "refund_status": value}));
    assert_eq!(read(json!("SUCCESS")), RefundStatusOutcome::Success);
    assert_eq!(read(json!("PROCESSING")), RefundStatusOutcome::Processing);
    assert_eq!(read(json!("FAIL")), RefundStatusOutcome::Failed);
    for wrong in [
        json!("success"),
        json!("FAILED"),
        json!("NOTSURE"),
        json!(""),
        json!(true),
        json!(null),
        json!(["SUCCESS"]),
    ] {
        let lost = RefundStatusOutcome::NoAnswer(Lost::Incomplete);
        assert_eq!(read(wrong), lost);
    }
}

#[test]
fn what_is_not_the_expected_json_is_unreadable() {
    let bodies: [&[u8]; 10] = [
        b"",
        b"<html>502</html>",
        b"{\"result_code\":0,\"refund_result\":true",
        b"{\"result_code\":\"0\",\"refund_result\":true}",
        b"{\"result_code\":0.0,\"refund_result\":true}",
        b"{\"resultCode\":0,\"refund_result\":true}",
        b"[{\"result_code\":0,\"refund_result\":true}]",
        b"{\"result_code\":0,\"refund_result\":false,\"refund_result\":true}",
        b"{\"result_code\":5,\"result_code\":0,\"refund_result\":true}",
        b"{\"result_code\":0,\"refund_result\":true,\"x\":\"\xff\"}",
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(body);
        let outcome = read(body, &refund_request(), &master(), &app());
        assert_eq!(outcome, RefundOutcome::Lost(Lost::Unreadable), "{text}");
        let outcome = read_status(body, &refund_no(), &app());
        let lost = RefundStatusOutcome::NoAnswer(Lost::Unreadable);
        assert_eq!(outcome, lost, "{text}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-2i64..20).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(true|SUCCESS|FAIL|PROCESSING|2026112001000063K7Q2M4XD|[ -~]{0,12})".prop_map(Value::from),
        prop::collection::vec(any::<bool>(), 0..3).prop_map(Value::from),
    ]
}

fn any_answer() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "result_code",
        "refund_result",
        "refundResult",
        "refund_status",
        "refund_no",
        "bill_no",
        "err_detail",
    ]);
    let fields = prop::collection::btree_map(key.prop_map(str::to_owned), any_value(), 0..7);
    (fields, prop::option::weighted(0.8, -1i64..18)).prop_map(|(fields, code)| {
        let mut body: Value = fields.into_iter().collect();
        if let Some(code) = code {
            body["result_code"] = json!(code);
        }
        body
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_refund_succeeds_or_fails_only_by_the_exact_words(body in any_answer()) {
        let code = body["result_code"].as_i64();
        match read_json(&body) {
            RefundOutcome::Done => {
                prop_assert!(code == Some(0) && body["refund_result"] == json!(true));
            }
            RefundOutcome::Processing => prop_assert!(code == Some(0)),
            RefundOutcome::Refused { code: said, .. } => {
                prop_assert!([1, 2, 3, 4, 5, 6, 8, 9, 10, 12].contains(&said));
                prop_assert!(code == Some(said));
            }
            _ => {}
        }
        match read_status_json(&body) {
            RefundStatusOutcome::Success => {
                prop_assert!(code == Some(0) && body["refund_status"] == json!("SUCCESS"));
            }
            RefundStatusOutcome::Failed => {
                prop_assert!(code == Some(0) && body["refund_status"] == json!("FAIL"));
            }
            RefundStatusOutcome::NoSuchRefund => prop_assert!(code == Some(13)),
            _ => {}
        }
    }

    #[test]
    fn arbitrary_bytes_prove_nothing(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let outcome = read(&body, &refund_request(), &master(), &app());
        prop_assert_eq!(outcome, RefundOutcome::Lost(Lost::Unreadable));
        let outcome = read_status(&body, &refund_no(), &app());
        prop_assert_eq!(outcome, RefundStatusOutcome::NoAnswer(Lost::Unreadable));
    }

    #[test]
    fn any_reason_is_fitted(reason in ".{0,200}") {
        let fitted = fit_reason(&reason);
        prop_assert!(fitted.len() <= REASON_MAX_BYTES);
        prop_assert!(!fitted.chars().any(char::is_control));
    }
}
