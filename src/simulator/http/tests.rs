use super::*;
use crate::domain::practice::{Act, Customer, Network};
use crate::domain::{BillNo, Channel, Wallet};
use crate::simulator::sign::app_sign;
use crate::simulator::{Options, Running, Simulator, SimulatorError};
use serde_json::json;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

mod refund;

/// An answer as it came over the wire, read until the connection closed.
#[derive(Debug)]
struct Heard {
    status: u16,
    head: String,
    body: String,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends raw bytes; `None`: the connection closed without a word.
async fn raw_request(addr: SocketAddr, request: String) -> Option<Heard> {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset after the first bytes is as good as an end.
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().unwrap();
    Some(Heard {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

async fn post_as(gateway: &Running, path: &str, kind: &str, body: String) -> Option<Heard> {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    raw_request(gateway.addr(), request).await
}

async fn post(gateway: &Running, path: &str, body: Value) -> Option<Heard> {
    post_as(gateway, path, "application/json", body.to_string()).await
}

async fn fetch(gateway: &Running, path: &str) -> Heard {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    raw_request(gateway.addr(), request).await.unwrap()
}

fn signed(gateway: &Running, fields: Value) -> Value {
    signed_with(gateway, fields, "practice-app")
}

fn signed_with(gateway: &Running, mut fields: Value, secret: &str) -> Value {
    let timestamp = gateway.face().now_ms();
    let map = fields.as_object_mut().unwrap();
    map.insert("app_id".into(), json!("practice"));
    map.insert("timestamp".into(), json!(timestamp));
    let sign = app_sign("practice", timestamp, secret);
    map.insert("app_sign".into(), json!(sign));
    fields
}

fn scan(gateway: &Running, bill_no: &str) -> Value {
    let code = gateway.fresh_code(Wallet::Alipay);
    signed(
        gateway,
        json!({"channel": "ALI_SCAN", "total_fee": 1234, "bill_no": bill_no,
               "title": "practice", "auth_code": code.expose()}),
    )
}

/// A GET's path with `para`, every byte but letters and digits encoded.
fn para(path: &str, fields: &Value) -> String {
    let encoded: String = fields
        .to_string()
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    format!("{path}?para={encoded}")
}

async fn start() -> Running {
    let options = Options {
        delay_factor: 0.01,
        ..Options::default()
    };
    let any = "127.0.0.1:0".parse().unwrap();
    Simulator::start(any, options).await.unwrap()
}

const PAY: &str = "/2/rest/offline/bill";
const NO: &str = "2026112001000001ABCDEFGH";

async fn truth_of(gateway: &Running, bill_no: &str) -> Value {
    fetch(gateway, &format!("/_truth?bill_no={bill_no}"))
        .await
        .json()
}

#[tokio::test]
async fn a_bill_is_paid_asked_listed_and_reverted_over_http() {
    let gateway = start().await;
    let paid = post(&gateway, PAY, scan(&gateway, NO)).await.unwrap();
    assert_eq!(paid.status, 200);
    assert_eq!(paid.json()["pay_result"], true);
    let asked = signed(&gateway, json!({"bill_no": NO, "channel": "ALI_SCAN"}));
    let status = post(&gateway, "/2/rest/offline/bill/status", asked).await;
    assert_eq!(status.unwrap().json()["pay_result"], true);
    let fields = signed(&gateway, json!({"bill_no": NO, "note": "a b+c"}));
    let rows = fetch(&gateway, &para("/2/rest/bills", &fields))
        .await
        .json();
    assert_eq!(rows["bills"][0]["spay_result"], true);
    let count = fetch(&gateway, &para("/2/rest/bills/count", &fields)).await;
    assert_eq!(count.json()["count"], 1);
    let id = rows["bills"][0]["id"].as_str().unwrap();
    let one = fetch(&gateway, &para(&format!("/2/rest/bill/{id}"), &fields)).await;
    assert_eq!(one.json()["pay"]["bill_no"], NO);
    let method = signed(&gateway, json!({"method": "REVERT"}));
    let reverted = post(&gateway, &format!("/2/rest/offline/bill/{NO}"), method).await;
    assert_eq!(reverted.unwrap().json()["revert_status"], true);
    let truth = truth_of(&gateway, NO).await;
    assert_eq!(truth["returned"], true);
    assert_eq!(truth["kept"], false);
}

#[tokio::test]
async fn each_network_fault_comes_over_the_wire_as_named() {
    let gateway = start().await;
    for (network, exists) in [
        ("normal", true),
        ("lose-request", false),
        ("lose-answer", true),
        ("slow", true),
        ("502", true),
        ("html", true),
        ("truncate", true),
    ] {
        let bill_no = format!("20261120{}", network.replace('-', ""));
        let told = json!({"bill_no": bill_no, "network": network});
        let told = post(&gateway, "/_customer", told).await.unwrap();
        assert_eq!(told.json()["applies_to"], "upcoming");
        let heard = post(&gateway, PAY, scan(&gateway, &bill_no)).await;
        match (network, heard) {
            ("lose-request" | "lose-answer", heard) => assert!(heard.is_none(), "{network}"),
            ("normal" | "slow", Some(heard)) => assert_eq!(heard.json()["result_code"], 0),
            ("502", Some(heard)) => assert_eq!(heard.status, 502),
            ("html", Some(heard)) => assert!(heard.body.starts_with("<html>")),
            ("truncate", Some(heard)) => {
                let promised: usize = heard.header("content-length").unwrap().parse().unwrap();
                assert!(heard.status == 200 && heard.body.len() < promised);
                assert!(!heard.body.is_empty());
            }
            (network, heard) => panic!("{network}: {heard:?}"),
        }
        let truth = truth_of(&gateway, &bill_no).await;
        assert_eq!(truth["exists"], exists, "{network}");
        assert_eq!(truth["kept"], exists, "{network}");
    }
}

#[tokio::test]
async fn a_fault_ends_with_its_bill_and_the_connection_of_others_lives_on() {
    let gateway = start().await;
    gateway.plan(None, Act::Pay, Network::LoseRequest);
    let lost = post(&gateway, PAY, scan(&gateway, NO)).await;
    assert!(lost.is_none());
    let next = post(&gateway, PAY, scan(&gateway, "20261120NEXT")).await;
    assert_eq!(next.unwrap().json()["pay_result"], true);
}

#[tokio::test]
async fn the_customer_can_be_played_from_outside() {
    let gateway = start().await;
    for (told, detail) in [
        (json!({"act": "no-money"}), "余额不足"),
        (json!({"act": "no-money", "network": "normal"}), "余额不足"),
    ] {
        let bill_no = format!("20261120{}", told.to_string().len());
        let heard = post(&gateway, "/_customer", told).await.unwrap();
        assert_eq!(heard.json()["applies_to"], "next");
        let heard = post(&gateway, PAY, scan(&gateway, &bill_no)).await.unwrap();
        assert_eq!(heard.json()["result_code"], 7);
        assert!(
            heard.json()["err_detail"]
                .as_str()
                .unwrap()
                .contains(detail)
        );
    }
    gateway.plan(None, Act::Never, Network::Normal);
    let waiting = post(&gateway, PAY, scan(&gateway, NO)).await.unwrap();
    assert_eq!(waiting.json()["pay_result"], false);
    let told = json!({"bill_no": NO, "act": "at-once"});
    let told = post(&gateway, "/_customer", told).await.unwrap();
    assert_eq!(told.json()["applies_to"], "existing");
    assert_eq!(truth_of(&gateway, NO).await["kept"], true);
    for wrong in [
        json!({"act": "steal"}),
        json!({"bill": NO}),
        json!({"bill_no": "x"}),
        json!([]),
    ] {
        let heard = post(&gateway, "/_customer", wrong).await.unwrap();
        assert_eq!(heard.status, 400);
    }
}

#[tokio::test]
async fn the_date_is_the_gateways_and_so_is_the_timestamp_window() {
    let gateway = start().await;
    gateway.face().set_clock_offset_ms(3_600_000);
    let paid = post(&gateway, PAY, scan(&gateway, NO)).await.unwrap();
    assert_eq!(paid.json()["result_code"], 0);
    let date = httpdate::parse_http_date(paid.header("date").unwrap()).unwrap();
    let ahead = date.duration_since(SystemTime::now()).unwrap();
    assert!((3_590..=3_600).contains(&ahead.as_secs()), "{ahead:?}");
    assert_eq!(paid.head.matches("date:").count(), 1);
    let request = scan(&gateway, "20261120LATE");
    gateway.face().set_clock_offset_ms(0);
    let stale = post(&gateway, PAY, request).await.unwrap();
    assert_eq!(stale.json()["result_code"], 1);
}

#[tokio::test]
async fn what_is_no_request_gets_an_answer_in_json() {
    let gateway = start().await;
    let nowhere = fetch(&gateway, "/2/rest/nothing").await;
    assert_eq!(
        (nowhere.status, &nowhere.json()["result_code"]),
        (404, &json!(5))
    );
    assert!(nowhere.header("date").is_some());
    let wrong = fetch(&gateway, PAY).await;
    assert_eq!(
        (wrong.status, &wrong.json()["result_code"]),
        (405, &json!(5))
    );
    let body = "x".repeat(MAX_BODY + 1);
    let large = post_as(&gateway, PAY, "application/json", body).await;
    assert!(large.is_none_or(|heard| heard.status == 413));
    let form = post_as(&gateway, PAY, "text/plain", "{}".into())
        .await
        .unwrap();
    assert_eq!(form.status, 415);
    let broken = post_as(&gateway, PAY, "application/json; charset=utf-8", "{".into()).await;
    assert_eq!(broken.unwrap().json()["result_code"], 5);
    assert_eq!(
        fetch(&gateway, "/2/rest/bills").await.json()["result_code"],
        4
    );
    assert_eq!(fetch(&gateway, "/_truth?bill_no=x").await.status, 400);
}

#[tokio::test]
async fn faults_of_the_ledger_come_over_http_too() {
    let gateway = start().await;
    gateway.core().faults.status_transport = Transport::Garbage;
    gateway.core().faults.witness_transport = Transport::Huge { bytes: 2 << 20 };
    post(&gateway, PAY, scan(&gateway, NO)).await.unwrap();
    let asked = signed(&gateway, json!({"bill_no": NO}));
    let status = post(&gateway, "/2/rest/offline/bill/status", asked.clone()).await;
    assert!(serde_json::from_str::<Value>(&status.unwrap().body).is_err());
    let rows = fetch(&gateway, &para("/2/rest/bills", &asked)).await;
    assert!(rows.body.len() > 2 << 20);
}

#[tokio::test]
async fn it_listens_only_on_loopback_and_says_when_it_cannot() {
    let open = "0.0.0.0:0".parse().unwrap();
    let refused = Simulator::start(open, Options::default()).await;
    assert!(matches!(refused, Err(SimulatorError::NotLoopback(_))));
    let gateway = start().await;
    let taken = Simulator::start(gateway.addr(), Options::default()).await;
    assert!(matches!(taken, Err(SimulatorError::Listen { .. })));
}

#[tokio::test]
async fn a_dropped_gateway_stops_and_its_ledger_can_go_on() {
    let gateway = start().await;
    post(&gateway, PAY, scan(&gateway, NO)).await.unwrap();
    let (addr, face) = (gateway.addr(), gateway.face());
    drop(gateway);
    // Dropping only asks; each turn lets the server's task run.
    for _ in 0..1_000 {
        if TcpStream::connect(addr).await.is_err() {
            break;
        }
    }
    assert!(TcpStream::connect(addr).await.is_err());
    let again = Simulator::resume(addr, face).await.unwrap();
    assert_eq!(truth_of(&again, NO).await["kept"], true);
    let channel = again
        .core()
        .get(&BillNo::parse(NO).unwrap())
        .map(|b| b.channel);
    assert_eq!(channel, Some(Channel::AliScan.into()));
}
