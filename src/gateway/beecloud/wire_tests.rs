//! The client against a server that says exactly the bytes it is told to: what is sent, how often,
//! and what every kind of broken answer becomes.

use super::samples::{bill_no, pay_request, settings};
use super::scripted_tests::{
    AT_MS, Reply, Server, client_of, client_within, head_and_body, http, ok, read_request,
};
use super::*;
use crate::domain::Fen;
use crate::domain::gateway::Row;
use crate::gateway::transport::Limits;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

fn paid() -> Reply {
    ok(json!({"result_code": 0, "result_msg": "OK", "id": "b1", "pay_result": true}))
}

/// One pay; where the server stalls, the whole request has 600 ms.
async fn pay_once(reply: Reply) -> (Server, Answer<PayOutcome>) {
    let request_time = match reply {
        Reply::Stall(_) => Duration::from_millis(600),
        _ => Duration::from_secs(20),
    };
    let server = Server::start(vec![reply]).await;
    let client = client_within(request_time, &[&server.url]);
    let request = pay_request(Channel::AliScan);
    let answer = client.pay(&server.host(), &request, AT_MS).await;
    (server, answer)
}

#[tokio::test]
async fn pay_sends_the_documents_bytes_and_reads_the_date() {
    let (server, answer) = pay_once(paid()).await;
    assert_eq!(answer.outcome, PayOutcome::Paid { channel_type: None });
    assert_eq!(answer.host, server.host());
    assert_eq!(answer.date_ms, Some(1_795_147_200_000));
    let requests = server.requests();
    let (head, body) = head_and_body(&requests[0]);
    assert_eq!(head[0], "POST /2/rest/offline/bill HTTP/1.1");
    assert!(head.contains(&"content-type: application/json"), "{head:?}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["app_sign"], "fa47fd3cb0d13fe8b51aea3e350b6c55");
    assert_eq!(body["timestamp"], AT_MS);
    assert_eq!(body["total_fee"], 1234);
    assert_eq!(body["auth_code"], "281234567890123456");
    assert_eq!(body["bill_timeout"], 361);
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_base_url_may_name_localhost_and_have_a_path() {
    let server = Server::start(vec![paid()]).await;
    let url = format!("{}/gw/", server.url.replace("127.0.0.1", "localhost"));
    let request = pay_request(Channel::AliScan);
    client_of(&[&url])
        .pay(&Host(url.clone()), &request, AT_MS)
        .await;
    assert!(server.requests()[0].starts_with("POST /gw/2/rest/offline/bill HTTP/1.1\r\n"));
}

#[tokio::test]
async fn queries_send_the_documents_bytes() {
    let row = json!({"bill_no": bill_no().as_str(), "spay_result": false, "total_fee": 1234});
    let server = Server::start(vec![
        ok(json!({"result_code": 0, "pay_result": false})),
        ok(json!({"result_code": 0, "revert_status": true})),
        ok(json!({"result_code": 0, "bills": [row], "count": 1})),
        ok(json!({"result_code": 0, "pay": row})),
    ])
    .await;
    let (client, host, no) = (server.client(), server.host(), bill_no());
    let status = client
        .status(&host, &no, Some(Channel::AliScan), AT_MS)
        .await;
    assert_eq!(status.outcome, StatusOutcome::NotPaid);
    let revert = client.revert(&host, &no, None, AT_MS).await;
    assert_eq!(revert.outcome, RevertOutcome::Claimed);
    let rows = [
        client.row(&host, &no, AT_MS).await.outcome,
        client.bill_by_id(&host, "b1-x", &no, AT_MS).await.outcome,
    ];
    for row in rows {
        assert!(matches!(
            row,
            RowOutcome::Row(Row {
                paid: false,
                total_fee: Fen(1234),
                ..
            })
        ));
    }
    let requests = server.requests();
    let firsts: Vec<&str> = requests.iter().map(|r| r.lines().next().unwrap()).collect();
    assert_eq!(firsts[0], "POST /2/rest/offline/bill/status HTTP/1.1");
    assert_eq!(
        firsts[1],
        format!("POST /2/rest/offline/bill/{no} HTTP/1.1")
    );
    assert_eq!(
        firsts[2],
        "GET /2/rest/bills?para=%7B%22app_id%22%3A%220950c062-5e41-44e3-8f52-f89d8cf2b6eb%22%2C\
         %22app_sign%22%3A%22fa47fd3cb0d13fe8b51aea3e350b6c55%22%2C\
         %22bill_no%22%3A%2220261120010000010ABCDEFG%22%2C%22timestamp%22%3A1795176659632%7D HTTP/1.1"
    );
    assert!(firsts[3].starts_with("GET /2/rest/bill/b1-x?para=%7B%22app_id%22"));
    let (_, body) = head_and_body(&requests[1]);
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&body["method"], body.get("channel")),
        (&json!("REVERT"), None)
    );
    assert_eq!(server.accepted(), 1, "queries keep their connection");
}

#[tokio::test]
async fn an_answer_that_is_no_answer_is_lost_and_its_date_still_counts() {
    let with_date = Some(1_795_147_200_000);
    let bytes = |text: &str| Reply::BytesThenClose(text.as_bytes().to_vec());
    let long =
        "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"result_code\":0,\"pay_result\":true}";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let html = http(200, "<html>not found</html>");
    let mistyped = json!({"result_code": "0", "pay_result": true});
    let untyped = json!({"result_code": 0, "pay_result": "true"});
    let cases = [
        (
            "502",
            Reply::Bytes(http(502, "bad gateway")),
            Lost::Http(502),
            with_date,
        ),
        ("302", Reply::Bytes(redirect()), Lost::Http(302), None),
        (
            "204",
            bytes("HTTP/1.1 204 No Content\r\n\r\n"),
            Lost::Http(204),
            None,
        ),
        ("html", Reply::Bytes(html), Lost::Unreadable, with_date),
        ("mistyped", ok(mistyped), Lost::Unreadable, with_date),
        ("untyped", ok(untyped), Lost::Incomplete, with_date),
        ("truncated", bytes(long), Lost::Unreadable, None),
        (
            "chunked garbage",
            bytes(&format!("{chunked}zz\r\nhello")),
            Lost::Unreadable,
            None,
        ),
        (
            "chunked cut",
            bytes(&format!("{chunked}40\r\n{{\"result")),
            Lost::Unreadable,
            None,
        ),
        (
            "no http",
            bytes("SSH-2.0-OpenSSH_9.6\r\n"),
            Lost::Unreadable,
            None,
        ),
        ("closed", bytes(""), Lost::Broken, None),
        ("half a head", bytes("HTTP/1.1 200 O"), Lost::Broken, None),
        ("silence", Reply::Stall(Vec::new()), Lost::Timeout, None),
        (
            "slow body",
            Reply::Stall(http(200, "")[..60].to_vec()),
            Lost::Timeout,
            None,
        ),
    ];
    for (name, reply, lost, date_ms) in cases {
        let (server, answer) = pay_once(reply).await;
        assert_eq!(answer.outcome, PayOutcome::Lost(lost), "{name}");
        assert_eq!(answer.date_ms, date_ms, "{name}");
        assert_eq!(server.requests().len(), 1, "{name}: sent once");
    }
}

fn redirect() -> Vec<u8> {
    b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_vec()
}

#[tokio::test]
async fn the_deadline_holds_for_the_whole_body() {
    let head =
        "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 04:00:00 GMT\r\nContent-Length: 40\r\n\r\n{";
    let (_server, answer) = pay_once(Reply::Stall(head.as_bytes().to_vec())).await;
    assert_eq!(answer.outcome, PayOutcome::Lost(Lost::Timeout));
    assert_eq!(answer.date_ms, Some(1_795_147_200_000));
    assert!(
        (500..15_000).contains(&answer.took_ms),
        "{}",
        answer.took_ms
    );
}

#[tokio::test]
async fn a_body_is_never_read_past_one_mebibyte() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let (server, answer) = pay_once(Reply::Endless(head)).await;
        assert_eq!(answer.outcome, PayOutcome::Lost(Lost::Unreadable));
        let sent = server.sent.load(Ordering::SeqCst);
        assert!(sent < 32 * 1024 * 1024, "{sent} bytes before it stopped");
    }
    let mut fits = json!({"result_code": 0, "pay_result": true}).to_string();
    fits.push_str(&" ".repeat(1024 * 1024 - fits.len()));
    let (_server, answer) = pay_once(Reply::Bytes(http(200, &fits))).await;
    assert_eq!(answer.outcome, PayOutcome::Paid { channel_type: None });
    fits.push(' ');
    let (_server, answer) = pay_once(Reply::Bytes(http(200, &fits))).await;
    assert_eq!(answer.outcome, PayOutcome::Lost(Lost::Unreadable));
}

#[tokio::test]
async fn a_refused_connection_is_unconnected_and_says_why() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (client, host) = (client_of(&[&url]), Host(url.clone()));
    let answer = client
        .pay(&host, &pay_request(Channel::AliScan), AT_MS)
        .await;
    let PayOutcome::Unconnected { why } = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert!(why.contains(&url) && why.contains("连接失败"), "{why}");
    assert_eq!(answer.took_ms, 0, "nothing was sent");
    let status = client.status(&host, &bill_no(), None, AT_MS).await;
    assert_eq!(status.outcome, StatusOutcome::NoAnswer(Lost::Unreachable));
}

/// `None` on a machine without root certificates.
fn tls_client(url: &str) -> Option<Client> {
    let limits = Limits {
        connect: Duration::from_millis(300),
        request: Duration::from_secs(5),
    };
    Client::with_limits(&settings(&[url]), limits, SecretString::from("s")).ok()
}

#[tokio::test]
async fn a_failed_or_hanging_tls_handshake_is_unconnected() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let Some(client) = tls_client(&url) else {
        return;
    };
    let server = tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        first
            .write_all(b"HTTP/1.1 400 plain\r\n\r\n")
            .await
            .unwrap();
        let (second, _) = listener.accept().await.unwrap();
        (first, second)
    });
    let host = Host(url);
    for expected in ["连接失败", "连接超时"] {
        let answer = client
            .pay(&host, &pay_request(Channel::AliScan), AT_MS)
            .await;
        let PayOutcome::Unconnected { why } = answer.outcome else {
            panic!("{:?}", answer.outcome)
        };
        assert!(why.contains(expected), "{why}");
    }
    server.await.unwrap();
}

#[tokio::test]
async fn pay_never_uses_a_kept_connection() {
    let server = Server::start(vec![paid(), paid()]).await;
    let client = server.client();
    for _ in 0..2 {
        client
            .pay(&server.host(), &pay_request(Channel::AliScan), AT_MS)
            .await;
    }
    assert_eq!((server.accepted(), server.requests().len()), (2, 2));
}

#[tokio::test]
async fn a_connection_that_breaks_under_pay_is_not_tried_again() {
    let close = || Reply::BytesThenClose(Vec::new());
    let server = Server::start(vec![close(), close()]).await;
    let (client, host) = (server.client(), server.host());
    let request = pay_request(Channel::AliScan);
    let answer = client.pay(&host, &request, AT_MS).await;
    assert_eq!(answer.outcome, PayOutcome::Lost(Lost::Broken));
    assert_eq!(
        (server.accepted(), server.requests().len()),
        (1, 1),
        "new connection"
    );
    client.warm(&host).await;
    let answer = client.pay(&host, &request, AT_MS).await;
    assert_eq!(answer.outcome, PayOutcome::Lost(Lost::Broken));
    assert_eq!(
        (server.accepted(), server.requests().len()),
        (2, 2),
        "connection opened ahead"
    );
}

#[tokio::test]
async fn a_query_that_was_written_on_a_kept_connection_is_not_tried_again() {
    let not_paid = || ok(json!({"result_code": 0, "pay_result": false}));
    let close = Reply::BytesThenClose(Vec::new());
    let server = Server::start(vec![not_paid(), close, not_paid()]).await;
    let (client, host, no) = (server.client(), server.host(), bill_no());
    let first = client.status(&host, &no, None, AT_MS).await;
    assert_eq!(first.outcome, StatusOutcome::NotPaid);
    let second = client.status(&host, &no, None, AT_MS).await;
    assert_eq!(second.outcome, StatusOutcome::NoAnswer(Lost::Broken));
    assert_eq!((server.accepted(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_connection_opened_ahead_serves_one_pay_and_carries_nothing_before() {
    let server = Server::start(vec![paid(), paid()]).await;
    let (client, host) = (server.client(), server.host());
    client.warm(&host).await;
    client.warm(&host).await;
    let request = pay_request(Channel::AliScan);
    let answer = client.pay(&host, &request, AT_MS).await;
    assert_eq!(answer.outcome, PayOutcome::Paid { channel_type: None });
    assert_eq!(
        (server.accepted(), server.requests().len()),
        (1, 1),
        "the one opened ahead"
    );
    client.pay(&host, &request, AT_MS).await;
    assert_eq!(
        (server.accepted(), server.requests().len()),
        (2, 2),
        "then a new one"
    );
}

#[tokio::test]
async fn a_connection_opened_ahead_that_was_closed_costs_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (client, host) = (client_of(&[&url]), Host(url));
    client.warm(&host).await;
    let (ahead, _) = listener.accept().await.unwrap();
    drop(ahead);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream
            .write_all(&http(200, r#"{"result_code":0,"pay_result":false}"#))
            .await
            .unwrap();
        stream
    });
    // The reactor of this thread learns of the close before the request is made.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let answer = client
        .pay(&host, &pay_request(Channel::AliScan), AT_MS)
        .await;
    assert_eq!(answer.outcome, PayOutcome::Waiting { channel_type: None });
    server.await.unwrap();
}

#[tokio::test]
async fn what_must_not_be_sent_is_not() {
    let server = Server::start(Vec::new()).await;
    let (client, host) = (server.client(), server.host());
    let request = PayRequest {
        amount: Fen(0),
        ..pay_request(Channel::AliScan)
    };
    assert_eq!(client.check(&request), Err(Invalid::Amount));
    let answer = client.pay(&host, &request, AT_MS).await;
    let PayOutcome::Unconnected { why } = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert!(why.starts_with("total_fee"), "{why}");
    let elsewhere = Host("http://127.0.0.1:1".to_owned());
    let answer = client
        .pay(&elsewhere, &pay_request(Channel::AliScan), AT_MS)
        .await;
    assert!(matches!(answer.outcome, PayOutcome::Unconnected { .. }));
    let answer = client
        .bill_by_id(&host, "../refunds", &bill_no(), AT_MS)
        .await;
    assert_eq!(answer.outcome, RowOutcome::NoAnswer(Lost::Incomplete));
    assert_eq!(server.accepted(), 0);
}

#[test]
fn settings_that_cannot_work_are_refused_in_plain_words() {
    let make = |urls: &[&str], app_id: &str, provider, secret: &str| {
        let settings = GatewaySettings {
            app_id: app_id.to_owned(),
            provider,
            ..settings(urls)
        };
        Client::new(&settings, &Timing::default(), SecretString::from(secret)).err()
    };
    let url = "http://127.0.0.1:9";
    let juhepay = Provider::Juhepay;
    assert_eq!(make(&[url], "a", juhepay, "s"), None, "the same protocol");
    assert_eq!(make(&[], "a", juhepay, "s"), Some(GatewayError::NoHost));
    assert_eq!(make(&[url], "", juhepay, "s"), Some(GatewayError::NoAppId));
    assert_eq!(make(&[url], "a", juhepay, ""), Some(GatewayError::NoSecret));
    assert_eq!(
        make(&[url], "a", Provider::Jubao, "s"),
        Some(GatewayError::OtherProvider)
    );
    let plain = "http://api.beecloud.cn";
    let error = GatewayError::PlainHttp(plain.to_owned());
    assert_eq!(make(&[url, plain], "a", juhepay, "s"), Some(error));
    let client = client_of(&[url]);
    assert!(!format!("{client:?}").contains("app-secret"));
}
