//! What a client that someone else wrote may do: either encoding of `para`, unknown keys, a
//! signature in either case, secrets where they don't belong, TLS. And the recorded signatures.

use crate::client::{APP, code, encoded, md5, number, ok, shop, shop_with, signed};
use serde_json::{Value, json};
use shouyin::simulator::Options;
use std::sync::Arc;

#[test]
fn para_is_read_with_plus_and_with_percent_20() {
    let shop = shop();
    let para = signed(APP, &json!({"note": "two words + more", "limit": 1})).to_string();
    let spaced = para.replace(',', ", ");
    for plus in [true, false] {
        let text = encoded(&spaced, plus);
        assert_eq!(text.contains('+'), plus);
        let answer = shop.raw(&format!("GET /2/rest/bills?para={text} HTTP/1.1"), "");
        ok(&serde_json::from_str(&answer).unwrap());
    }
}

#[test]
fn signatures_count_in_either_case_and_unknown_keys_are_ignored() {
    let shop = shop();
    let mut body = signed(
        APP,
        &json!({"channel": "UN_APP", "total_fee": 1, "bill_no": number(),
        "title": "t", "nonsense": {"a": [1]}, "billNo": "x"}),
    );
    body["app_sign"] = json!(body["app_sign"].as_str().unwrap().to_uppercase());
    ok(&shop.send("POST", "/2/rest/bill", &body));
}

#[test]
fn secrets_of_a_sloppy_client_are_neither_repeated_nor_kept() {
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join("gateway.json");
    let shop = shop_with(Options {
        memory: Some(memory.clone()),
        ..Options::default()
    });
    let hidden = [
        "practice-app",
        "practice-master",
        "6222691921993848888",
        "11010519491231002X",
        "o3kKrjlROJ1qlDmFdlBQA95zxxx",
        "13800000000",
        "prepaid-password",
    ];
    let sloppy = json!({"app_secret": "practice-app", "master_secret": "practice-master"});
    let mut said = String::new();
    let calls = [
        (
            "/2/rest/bill",
            json!({"channel": "BC_EXPRESS", "total_fee": 1, "bill_no": number(),
            "title": "t", "card_no": "6222691921993848888", "buyer_id": "13800000000"}),
        ),
        (
            "/2/rest/bill",
            json!({"channel": "WX_JSAPI", "total_fee": 1, "bill_no": number(),
            "title": "t", "openid": "o3kKrjlROJ1qlDmFdlBQA95zxxx"}),
        ),
        (
            "/2/rest/bill",
            json!({"channel": "YEE_NOBANKCARD", "total_fee": 1, "bill_no": number(),
            "title": "t", "cardno": "6222691921993848888", "cardpwd": "prepaid-password",
            "frqid": "SZX"}),
        ),
        (
            "/2/auth",
            json!({"name": "某人", "id_no": "11010519491231002X",
            "card_no": "6222691921993848888", "mobile": "13800000000"}),
        ),
        ("/2/rest/user", json!({"buyer_id": "13800000000"})),
        (
            "/2/rest/bill",
            json!({"channel": "UN_APP", "total_fee": "practice-app"}),
        ),
    ];
    for (path, fields) in calls {
        let mut body = signed(APP, &fields);
        crate::client::set(&mut body, &sloppy);
        said += &shop.send("POST", path, &body).to_string();
    }
    said += &std::fs::read_to_string(memory).unwrap();
    for secret in hidden {
        assert!(!said.contains(secret), "{secret}");
    }
}

#[test]
fn the_recorded_signatures_are_taken() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../data/vectors.json")).unwrap();
    let mut seen = 0;
    for vector in vectors.iter().filter(|v| v["type"] == "beecloud_app_sign") {
        let text = |key: &str| vector[key].as_str().unwrap().to_owned();
        let stamp = vector["timestamp"].as_i64().unwrap();
        assert_eq!(
            md5(&format!("{}{stamp}{}", text("app_id"), text("secret"))),
            text("app_sign")
        );
        // The gateway's clock is put to that moment, and the secret to its place.
        let (mut options, place) = (Options::default(), text("secret_kind"));
        options.merchant.app_id = text("app_id");
        options.clock_offset_ms = stamp - crate::client::now_ms();
        let (method, path) = match place.as_str() {
            "app" => {
                options.merchant.app_secret = text("secret");
                ("POST", "/2/rest/user")
            }
            "master" => {
                options.merchant.master_secret = text("secret");
                ("POST", "/2/rest/refund")
            }
            _ => {
                options.merchant.test_secret = text("secret");
                ("POST", "/2/rest/sandbox/bill")
            }
        };
        let shop = shop_with(options);
        let mut body = json!({"app_id": text("app_id"), "timestamp": stamp,
                              "app_sign": text("app_sign")});
        // Signed rightly, so that what is missed next is a parameter.
        assert_eq!(code(&shop.send(method, path, &body)), 4, "{place}");
        body["timestamp"] = json!(stamp + 1);
        assert_eq!(code(&shop.send(method, path, &body)), 1, "{place}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

/// A client that trusts this certificate and nothing else.
fn over_tls(
    addr: std::net::SocketAddr,
    pem: &str,
    name: &str,
    request: &str,
) -> std::io::Result<String> {
    use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
    use std::io::{Read, Write};
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = std::net::TcpStream::connect(addr)?;
    socket.set_read_timeout(Some(std::time::Duration::from_secs(5)))?;
    let mut stream = rustls::StreamOwned::new(session, socket);
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // The server may close without a goodbye.
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(String::from_utf8(answer).unwrap()),
    }
}

#[test]
fn tls_is_trusted_by_its_own_certificate_and_by_no_other() {
    let shop = shop_with(Options {
        tls: true,
        ..Options::default()
    });
    let (addr, certificate) = (
        shop.gateway.addr(),
        shop.gateway.certificate().unwrap().clone(),
    );
    assert!(shop.gateway.base_url().starts_with("https://127.0.0.1:"));
    assert_eq!(certificate.sha256.len(), 64);
    assert!(!certificate.pem.contains("PRIVATE"));
    // A connection that never says anything holds up nobody.
    let _silent = std::net::TcpStream::connect(addr).unwrap();
    let para = encoded(&signed(APP, &json!({})).to_string(), false);
    let request =
        format!("GET /2/rest/bills?para={para} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for name in ["127.0.0.1", "localhost"] {
        let answer = over_tls(addr, &certificate.pem, name, &request).unwrap();
        ok(&serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap());
    }
    let other = shop_with(Options {
        tls: true,
        ..Options::default()
    });
    let other = other.gateway.certificate().unwrap();
    assert_ne!(other.sha256, certificate.sha256, "made at each start");
    assert!(over_tls(addr, &other.pem, "127.0.0.1", &request).is_err());
    assert!(over_tls(addr, &certificate.pem, "shop.example", &request).is_err());
}
