//! The connection test tells apart each step on the way to a gateway.

use super::*;
use crate::gateway::Gateway;
use crate::gateway::beecloud::samples::settings;
use crate::gateway::beecloud::scripted_tests::{AT_MS, Reply, Server, client_within, http, ok};
use crate::gateway::transport::Limits;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::Read;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// `None` on a machine without root certificates.
fn tls_client(url: &str) -> Option<Client> {
    let limits = Limits {
        connect: Duration::from_secs(5),
        request: Duration::from_secs(10),
    };
    Client::with_limits(&settings(&[url]), limits, SecretString::from("s")).ok()
}

async fn probe_tls(url: &str) -> Option<Probe> {
    let answer = tls_client(url)?
        .probe(&Host(url.to_owned()), None, AT_MS)
        .await;
    assert_eq!((answer.date_ms, answer.took_ms), (None, 0));
    Some(answer.outcome)
}

/// One probe of a server that says this; also what was asked.
async fn probe(reply: Reply, channel: Option<Channel>) -> (Answer<Probe>, Vec<String>) {
    let server = Server::start(vec![reply]).await;
    let answer = server.client().probe(&server.host(), channel, AT_MS).await;
    (answer, server.requests())
}

fn code(code: i64, detail: &str) -> Probe {
    let detail = detail.to_owned();
    Probe::Code { code, detail }
}

#[tokio::test]
async fn a_name_without_an_address_is_dns() {
    let Some(outcome) = probe_tls("https://no-such-host.invalid").await else {
        return;
    };
    let Probe::Dns(why) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(why.contains("no-such-host.invalid 域名解析失败"), "{why}");
}

#[tokio::test]
async fn a_closed_port_is_connect_with_and_without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{at}");
    let client = client_within(Duration::from_secs(20), &[&url]);
    let answer = client.probe(&Host(url.clone()), None, AT_MS).await;
    let Probe::Connect(why) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert!(why.contains(&url) && why.contains("连接失败"), "{why}");
    if let Some(outcome) = probe_tls(&format!("https://{at}")).await {
        assert!(matches!(outcome, Probe::Connect(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 plain\r\n\r\n").await;
        }
    });
    if let Some(outcome) = probe_tls(&url).await {
        let Probe::Tls(why) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(why.contains("加密连接失败"), "{why}");
    }
    server.abort();
}

/// A TLS server on loopback with a certificate that nobody trusts; it takes one connection.
fn untrusted_server() -> (String, std::thread::JoinHandle<bool>) {
    let pem = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/self_signed.pem"
    ));
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(pem).unwrap()],
            PrivateKeyDer::from_pem_slice(pem).unwrap(),
        )
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut session = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut byte = [0];
        let read = rustls::Stream::new(&mut session, &mut stream).read(&mut byte);
        read.is_ok_and(|n| n > 0)
    });
    (url, server)
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_tls_and_nothing_is_sent() {
    // Making a client installs the TLS implementation that the server needs as well.
    if tls_client("https://127.0.0.1").is_none() {
        return;
    }
    let (url, server) = untrusted_server();
    let outcome = probe_tls(&url).await.unwrap();
    let Probe::Tls(why) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(why.contains("证书不可信"), "{why}");
    assert!(!server.join().unwrap(), "no byte of a request came");
}

#[tokio::test]
async fn a_handshake_that_hangs_is_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let limits = Limits {
        connect: Duration::from_millis(500),
        request: Duration::from_secs(10),
    };
    let secret = SecretString::from("s");
    let Ok(client) = Client::with_limits(&settings(&[&url]), limits, secret) else {
        return;
    };
    let answer = client.probe(&Host(url), None, AT_MS).await;
    let Probe::Tls(why) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert!(why.contains("连接超时"), "{why}");
}

#[tokio::test]
async fn every_code_is_told_with_its_words_and_the_date() {
    for n in (-1..=18).filter(|n| *n != 0) {
        for channel in [None, Some(Channel::WxScan), Some(Channel::BcNative)] {
            let body = json!({"result_code": n, "result_msg": "M", "err_detail": "d\nd"});
            let (answer, _) = probe(ok(body), channel).await;
            assert_eq!(answer.outcome, code(n, "d d"), "{n} {channel:?}");
            assert_eq!(answer.date_ms, Some(1_795_147_200_000));
        }
    }
    let echo = json!({"result_code": 1, "result_msg": "app-secret-demo"});
    let (answer, _) = probe(ok(echo), None).await;
    assert_eq!(answer.outcome, code(1, "…"));
}

#[tokio::test]
async fn it_asks_the_status_where_there_is_one_and_else_the_row() {
    let status = || ok(json!({"result_code": 0, "result_msg": "OK", "pay_result": false}));
    let rows = || ok(json!({"result_code": 0, "result_msg": "OK", "bills": []}));
    for channel in Channel::ALL {
        let reply = if channel.has_status() {
            status()
        } else {
            rows()
        };
        let (answer, requests) = probe(reply, Some(channel)).await;
        assert_eq!(answer.outcome, code(0, "OK"), "{channel}");
        let asked = &requests[0];
        let path = match channel.has_status() {
            true => "POST /2/rest/offline/bill/status ",
            false => "GET /2/rest/bills?para=",
        };
        assert!(asked.starts_with(path), "{asked}");
        let named = asked.contains(channel.name());
        assert_eq!(named, !channel.is_unified(), "{asked}");
        assert!(asked.contains(NOBODYS), "{asked}");
    }
    let (answer, requests) = probe(rows(), None).await;
    assert_eq!(answer.outcome, code(0, "OK"));
    assert!(requests[0].starts_with("GET /2/rest/bills?para="));
    assert!(!requests[0].contains("channel"));
}

#[tokio::test]
async fn what_is_no_gateway_gave_no_answer() {
    let cases = [
        (
            Reply::Bytes(http(200, "<html>portal</html>")),
            Lost::Unreadable,
        ),
        (Reply::Bytes(http(302, "")), Lost::Http(302)),
        (Reply::Bytes(http(502, "{}")), Lost::Http(502)),
        (Reply::BytesThenClose(Vec::new()), Lost::Broken),
        (ok(json!({"result_code": "0"})), Lost::Unreadable),
        (ok(json!({"result_code": 0})), Lost::Incomplete),
        (
            ok(json!({"result_code": 0, "pay_result": true})),
            Lost::Incomplete,
        ),
    ];
    for (reply, lost) in cases {
        let (answer, requests) = probe(reply, None).await;
        assert_eq!(answer.outcome, Probe::NoAnswer(lost));
        assert_eq!(requests.len(), 1, "asked once");
    }
    let no_bool = json!({"result_code": 0, "pay_result": "false", "bills": []});
    let (answer, _) = probe(ok(no_bool), Some(Channel::AliScan)).await;
    assert_eq!(answer.outcome, Probe::NoAnswer(Lost::Incomplete));
}

#[tokio::test]
async fn a_host_that_is_not_configured_is_not_asked() {
    let server = Server::start(Vec::new()).await;
    let other = Host("http://127.0.0.1:1".to_owned());
    let answer = server.client().probe(&other, None, AT_MS).await;
    let Probe::Connect(why) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert!(why.contains("不在设置里"), "{why}");
    assert_eq!(server.accepted(), 0);
}
