//! `[webhook]` with the real binary: `settle` listens, a notice makes it ask, and nothing of it
//! keeps a command from ending.

use crate::shop::{PATIENT, QUICK, Shop, Simulator, toml};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// A port that nobody has, as far as that can be known.
fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

fn listening(url: &str, times: &str, addr: SocketAddr) -> String {
    format!("{}[webhook]\nlisten = \"{addr}\"\n", toml(url, times))
}

/// The status line and the body, once somebody listens there.
pub fn post(addr: SocketAddr, path: &str, body: &Value) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    let mut stream = loop {
        match TcpStream::connect(addr) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > end => panic!("nobody listens: {error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let body = body.to_string();
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n");
    let request =
        format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said);
    said
}

/// A notice as the gateway sends it; nobody is signed in who could check it.
fn notice(bill_no: &str, fee: i64) -> Value {
    json!({"signature": "0123456789abcdef0123456789abcdef", "timestamp": 1, "channel_type": "WX",
           "sub_channel_type": "WX_NATIVE", "transaction_type": "PAY", "transaction_id": bill_no,
           "transaction_fee": fee, "trade_success": true, "message_detail": {}, "optional": {}})
}

#[test]
fn settle_listens_and_a_notice_is_answered_success_once_the_ledger_has_it() {
    let simulator = Simulator::start(&["--customer", "never"]);
    let gateway: SocketAddr = simulator.url.trim_start_matches("http://").parse().unwrap();
    let addr = free_port();
    let shop = Shop::bare();
    shop.setup(&listening(&simulator.url, QUICK, addr))
        .exits(0)
        .silent();
    // A WeChat QR can't be reverted: it stays on the list.
    let shown = shop.run(&["pay", "--amount", "12.34", "--qr", "wx", "--json"]);
    let watched = shown.exits(3).last();
    assert_eq!(watched["state"], "watching", "{watched}");
    let bill_no = watched["bill_no"].as_str().unwrap();
    let settling = shop.start(&["settle", "--for", "90"], None);
    let refused = [
        notice(bill_no, 1233),
        notice("20261120010000010ABCDEFG", 1234),
        json!({"transaction_id": bill_no}),
    ];
    for wrong in refused {
        let said = post(addr, "/", &wrong);
        assert!(said.contains(" 400 ") && said.ends_with("fail"), "{said}");
    }
    let paid = json!({"bill_no": bill_no, "act": "pay"});
    assert!(post(gateway, "/_customer", &paid).contains(" 200 "));
    // It comes again until it is told success, as the gateway's would.
    let end = Instant::now() + Duration::from_secs(60);
    while !post(addr, "/webhook", &notice(bill_no, 1234)).ends_with("\r\n\r\nsuccess") {
        assert!(Instant::now() < end, "never told success");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(shop.bill(bill_no)["state"], "paid", "in the file by then");
    shop.finish(settling).exits(0).silent();
    assert!(TcpStream::connect(addr).is_err(), "it ended with the till");
    shop.assert_chain();
}

#[test]
fn settle_without_a_time_ends_when_nothing_is_open_although_it_listens() {
    let simulator = Simulator::start(&[]);
    let shop = Shop::bare();
    let addr = free_port();
    shop.setup(&listening(&simulator.url, PATIENT, addr))
        .exits(0);
    shop.run(&["settle"]).exits(0).silent();
}

#[test]
fn a_port_that_is_taken_is_one_line_and_everything_else_works() {
    let simulator = Simulator::start(&[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let shop = Shop::bare();
    shop.setup(&listening(&simulator.url, PATIENT, addr))
        .exits(0);
    let settled = shop.run(&["settle"]).exits(0);
    settled.says(&["webhook.listen", &addr.to_string()]);
    shop.pay("1.00", &crate::shop::ali_code(), &[])
        .exits(0)
        .silent();
}
