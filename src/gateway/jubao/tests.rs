//! What goes over the wire, and every answer, also those that lie.

use super::*;
use crate::domain::Fen;
use crate::gateway::beecloud::samples::{bill_no, qr_request};
use crate::gateway::beecloud::scripted_tests::{AT_MS, Reply, Server, head_and_body, http, ok};
use crate::gateway::notice::{Hook, HookKind};
use proptest::prelude::*;
use serde_json::Map;

fn key() -> SecretString {
    SecretString::from("685c6e3eca5c964b2b8240aa151cb75d")
}

fn client_of(server: &Server) -> Client {
    let settings = GatewaySettings {
        provider: Provider::Jubao,
        app_id: "10502105689001".to_owned(),
        channels: Channel::JUBAO.to_vec(),
        ..crate::gateway::beecloud::samples::settings(&[&server.url])
    };
    Client::new(&settings, &Timing::default(), key()).unwrap()
}

fn request() -> PayRequest {
    PayRequest {
        bill_timeout_s: None,
        ..qr_request(Channel::JubaoAliWap)
    }
}

fn signed(data: Value) -> Value {
    let mut map = data.as_object().unwrap().clone();
    let fields: std::collections::BTreeMap<String, Value> =
        map.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
    let mut joined = String::new();
    for (name, value) in &fields {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        joined.push_str(&format!("{name}{text}"));
    }
    let secret = key();
    let secret = secret.expose_secret();
    let digest = <md5::Md5 as md5::Digest>::digest(format!("{secret}{joined}{secret}"));
    let sign: String = digest.iter().map(|b| format!("{b:02X}")).collect();
    map.insert("sign".into(), json!(sign));
    Value::Object(map)
}

fn made() -> Value {
    json!({"out_trade_no": bill_no().as_str(), "order_sn": "1120261120", "total_fee": 1234,
           "code_url": "https://pay.example/1"})
}

fn row(status: i64) -> Value {
    json!({"out_trade_no": bill_no().as_str(), "order_sn": "1120261120", "total_fee": 1234,
           "cash_fee": 1234, "status": status, "finish_time": 1, "attach": ""})
}

fn envelope(data: Value) -> Value {
    json!({"ret": 0, "msg": "success", "data": data})
}

#[tokio::test]
async fn apply_pay_sends_the_documents_fields_signed() {
    let server = Server::start(vec![ok(envelope(signed(made())))]).await;
    let client = client_of(&server);
    let pay = request();
    let answer = client.pay(&server.host(), &pay, AT_MS).await;
    let code = PayOutcome::Code {
        code_url: "https://pay.example/1".to_owned(),
        gateway_no: Some("1120261120".to_owned()),
    };
    assert_eq!(answer.outcome, code);
    assert_eq!(answer.date_ms, Some(1_795_147_200_000));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = head_and_body(&requests[0]);
    assert_eq!(
        head[0],
        "POST /index.php?_m=pay_gateway&_a=apply_pay HTTP/1.1"
    );
    let mut body: Value = serde_json::from_str(body).unwrap();
    let sign = body.as_object_mut().unwrap().remove("sign").unwrap();
    assert_eq!(
        body,
        json!({"mch_id": "10502105689001", "pay_channel_id": 101, "total_fee": 1234,
               "out_trade_no": bill_no().as_str(), "body": "示例便利店", "version": "2"})
    );
    assert_eq!(signed(body)["sign"], sign);
}

#[tokio::test]
async fn a_query_names_order_sn_or_our_number_where_there_is_none() {
    for (theirs, asked) in [
        (Some("1120261120"), "1120261120"),
        (None, bill_no().as_str()),
    ] {
        let server = Server::start(vec![ok(envelope(row(1)))]).await;
        let client = client_of(&server);
        client
            .row_by_number(&server.host(), &bill_no(), theirs, AT_MS)
            .await;
        let request = server.requests()[0].clone();
        let (head, body) = head_and_body(&request);
        assert_eq!(head[0], "POST /index.php?_m=payment&_a=query HTTP/1.1");
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["order_sn"], asked);
    }
}

fn read_pay(body: &Value) -> PayOutcome {
    answer::pay(body.to_string().as_bytes(), &request(), &key())
}

fn read_row(body: &Value) -> RowOutcome {
    answer::query(body.to_string().as_bytes(), &bill_no(), &key())
}

#[test]
fn only_a_link_with_our_number_and_amount_is_shown() {
    let with = |key: &str, value: Value| {
        let mut data = made();
        data[key] = value;
        read_pay(&envelope(data))
    };
    let incomplete = PayOutcome::Lost(Lost::Incomplete);
    assert!(matches!(
        read_pay(&envelope(made())),
        PayOutcome::Code { .. }
    ));
    assert!(matches!(
        with("code_url", json!("weixin://wxpay/bizpayurl?pr=1")),
        PayOutcome::Code { .. }
    ));
    let mut older = made();
    let url = older.as_object_mut().unwrap().remove("code_url").unwrap();
    older["qrcode"] = url;
    assert!(matches!(
        read_pay(&envelope(older)),
        PayOutcome::Code { .. }
    ));
    for (key, value) in [
        ("code_url", json!("")),
        ("code_url", json!("<form>")),
        (
            "code_url",
            json!("https://a/685c6e3eca5c964b2b8240aa151cb75d"),
        ),
        ("out_trade_no", json!("other")),
        // What can't be asked about later must not be shown.
        ("order_sn", json!("")),
        ("order_sn", json!(null)),
        ("order_sn", json!("x".repeat(65))),
        ("total_fee", json!(1235)),
        ("total_fee", json!("1235")),
    ] {
        assert_eq!(with(key, value.clone()), incomplete, "{key} {value}");
    }
    let mut forged = signed(made());
    forged["code_url"] = json!("https://evil.example");
    assert_eq!(read_pay(&envelope(forged)), incomplete);
}

#[test]
fn the_two_envelopes_are_never_merged() {
    let other = json!({"code": 200, "message": "success", "data": made()});
    assert_eq!(read_pay(&other), PayOutcome::Lost(Lost::Unreadable));
    let both = json!({"ret": 0, "code": 200, "data": made()});
    assert_eq!(read_pay(&both), PayOutcome::Lost(Lost::Unreadable));
    let zero = json!({"code": 0, "message": "通用错误", "data": row(2)});
    assert_eq!(read_row(&zero), RowOutcome::NoAnswer(Lost::Unreadable));
    for ret in [json!("0"), json!(0.0), json!(null), json!(true)] {
        let body = json!({"ret": ret, "data": row(2)});
        assert_eq!(read_row(&body), RowOutcome::NoAnswer(Lost::Unreadable));
    }
}

#[test]
fn a_refusal_is_only_what_cannot_have_made_an_order() {
    for ret in [
        4001, 4002, 4003, 4004, 4007, 40109, 40110, 490_001, 491_001, 491_003, 492_001,
    ] {
        let said = read_pay(&json!({"ret": ret, "msg": "签名错误"}));
        let detail = "签名错误".to_owned();
        assert_eq!(said, PayOutcome::Refused { code: ret, detail });
    }
    for ret in [
        1, 200, 201, 404, 4005, 4006, 40101, 40106, 40400, 40500, 40600, 492_004, 499_999,
    ] {
        let said = read_pay(&json!({"ret": ret, "msg": "订单号重复"}));
        assert_eq!(said, PayOutcome::Lost(Lost::Code(ret)));
    }
}

#[test]
fn the_four_states_of_an_order() {
    for (status, paid, refunded) in [
        (1, false, false),
        (2, true, false),
        (3, true, true),
        (4, false, false),
    ] {
        let RowOutcome::Row(row) = read_row(&envelope(signed(row(status)))) else {
            panic!("{status}");
        };
        assert_eq!((row.paid, row.refunded), (paid, Some(refunded)));
        assert_eq!(row.total_fee, Fen(1234));
        assert_eq!(row.reverted, Some(false));
    }
    let incomplete = RowOutcome::NoAnswer(Lost::Incomplete);
    for status in [json!(0), json!(5), json!("paid"), json!(true), json!(null)] {
        let mut data = row(2);
        data["status"] = status;
        assert_eq!(read_row(&envelope(data)), incomplete);
    }
    for (name, value) in [
        ("out_trade_no", json!(null)),
        ("out_trade_no", json!("20261120010000010ABCDEFH")),
        ("total_fee", json!(-1)),
        ("total_fee", json!("12.34")),
        ("sign", json!("00000000000000000000000000000000")),
    ] {
        let mut data = row(2);
        data[name] = value.clone();
        assert_eq!(read_row(&envelope(data)), incomplete, "{name} {value}");
    }
    for ret in [40102, 492_002] {
        assert_eq!(read_row(&json!({"ret": ret})), RowOutcome::Empty);
    }
    let code = RowOutcome::NoAnswer(Lost::Code(40500));
    assert_eq!(read_row(&json!({"ret": 40500, "data": row(2)})), code);
}

#[test]
fn a_callback_needs_its_signature() {
    let paid = json!({"out_trade_no": bill_no().as_str(), "total_fee": "1234", "cash_fee": "1234",
                      "transaction_id": "P1", "time_end": "20261120162714", "nonce_str": "n"});
    let read = |body: &Value| answer::notice(body.to_string().as_bytes(), &key());
    let hook = Hook {
        kind: HookKind::Pay,
        number: bill_no().to_string(),
        fee: Fen(1234),
    };
    assert_eq!(read(&signed(paid.clone())), Noticed::Signed(hook));
    assert_eq!(read(&paid), Noticed::Forged, "without a signature");
    assert_eq!(read(&json!({"a": 1})), Noticed::Unreadable);
    let mut forged = signed(paid);
    forged["total_fee"] = json!("1");
    assert_eq!(read(&forged), Noticed::Forged);
}

#[tokio::test]
async fn what_it_cannot_do_sends_nothing() {
    let server = Server::start(Vec::new()).await;
    let (client, host, no) = (client_of(&server), server.host(), bill_no());
    assert!(!client.can_refund());
    let status = client.status(&host, &no, None, AT_MS).await.outcome;
    assert_eq!(status, StatusOutcome::NoAnswer(Lost::Unreachable));
    let revert = client.revert(&host, &no, None, AT_MS).await.outcome;
    assert_eq!(revert, RevertOutcome::ChannelRefused);
    let scan = crate::gateway::beecloud::samples::pay_request(Channel::AliScan);
    let pay = client.pay(&host, &scan, AT_MS).await.outcome;
    assert!(matches!(pay, PayOutcome::Unconnected { .. }));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn whatever_is_lost_is_sent_once_and_is_never_success() {
    let cases = [
        (Reply::Bytes(http(500, "{}")), Lost::Http(500)),
        (Reply::Bytes(http(200, "<html>")), Lost::Unreadable),
        (Reply::BytesThenClose(Vec::new()), Lost::Broken),
    ];
    for (reply, lost) in cases {
        let server = Server::start(vec![reply]).await;
        let pay = request();
        let answer = client_of(&server).pay(&server.host(), &pay, AT_MS).await;
        assert_eq!(answer.outcome, PayOutcome::Lost(lost));
        assert_eq!(server.requests().len(), 1);
    }
}

proptest! {
    #[test]
    fn no_answer_panics_or_is_paid_by_accident(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        status in any::<i64>(),
        fee in any::<i64>(),
        text in ".{0,20}",
    ) {
        let _ = answer::pay(&bytes, &request(), &key());
        prop_assert!(!matches!(answer::query(&bytes, &bill_no(), &key()), RowOutcome::Row(_)));
        let data = json!({"out_trade_no": text, "total_fee": fee, "status": status});
        let said = read_row(&envelope(data));
        prop_assert!(!matches!(said, RowOutcome::Row(_)), "another number");
        prop_assert!(!matches!(answer::notice(&bytes, &key()), Noticed::Signed(_)));
        let mut map = Map::new();
        map.insert("code_url".into(), json!(text));
        let shown = matches!(read_pay(&envelope(Value::Object(map))), PayOutcome::Code { .. });
        prop_assert!(!shown || text.contains("://"));
    }
}
