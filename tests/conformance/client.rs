//! A client written from the documents: a plain socket, MD5, JSON.

use md5::{Digest, Md5};
use serde_json::{Value, json};
use shouyin::domain::practice::Act;
use shouyin::simulator::{Options, Running, Simulator};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const APP: &str = "practice-app";
pub const MASTER: &str = "practice-master";
pub const TEST: &str = "practice-test";

/// A gateway and a client of its own.
pub struct Shop {
    pub gateway: Running,
    pub runtime: tokio::runtime::Runtime,
}

/// A gateway that pays at once and refunds at once.
pub fn shop() -> Shop {
    shop_with(Options {
        delay_factor: 0.0,
        act: Act::Pay,
        ..Options::default()
    })
}

pub fn shop_with(options: Options) -> Shop {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let gateway = runtime.block_on(Simulator::start(listen, options)).unwrap();
    Shop { gateway, runtime }
}

pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

pub fn md5(text: &str) -> String {
    Md5::digest(text)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// A bill_no that was not used before.
pub fn number() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("C{:015}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A refund_no of today in Shanghai.
pub fn refund_number() -> String {
    let today = jiff::tz::offset(8).to_datetime(jiff::Timestamp::now());
    format!("{}{}", today.strftime("%Y%m%d"), number())
}

/// `fields` with app_id, timestamp and app_sign; null removes a field.
pub fn signed(secret: &str, fields: &Value) -> Value {
    let timestamp = now_ms();
    let sign = md5(&format!("practice{timestamp}{secret}"));
    let mut out = json!({"app_id": "practice", "timestamp": timestamp, "app_sign": sign});
    set(&mut out, fields);
    out
}

pub fn set(body: &mut Value, fields: &Value) {
    for (key, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => body.as_object_mut().unwrap().remove(key),
            value => body
                .as_object_mut()
                .unwrap()
                .insert(key.clone(), value.clone()),
        };
    }
}

/// `%XX` for everything that is not plain; a space as `+` where `plus` says so.
pub fn encoded(text: &str, plus: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' if plus => out.push('+'),
            b if b.is_ascii_alphanumeric() => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

impl Shop {
    /// One request over a socket of its own; the body of the answer.
    pub fn raw(&self, head: &str, body: &str) -> String {
        exchange(self.gateway.addr(), head, body)
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let head =
            format!("{method} {path} HTTP/1.1\r\nContent-Type: application/json; charset=utf-8");
        serde_json::from_str(&self.raw(&head, &body.to_string())).unwrap()
    }

    pub fn post(&self, secret: &str, path: &str, fields: &Value) -> Value {
        self.send("POST", path, &signed(secret, fields))
    }

    pub fn put(&self, secret: &str, path: &str, fields: &Value) -> Value {
        self.send("PUT", path, &signed(secret, fields))
    }

    pub fn get(&self, secret: &str, path: &str, fields: &Value) -> Value {
        let para = encoded(&signed(secret, fields).to_string(), false);
        let head = format!("GET {path}?para={para} HTTP/1.1");
        serde_json::from_str(&self.raw(&head, "")).unwrap()
    }

    /// A paid bill of this channel with these own fields; its bill_no.
    pub fn paid(&self, channel: &str, own: &Value) -> String {
        let bill_no = number();
        let mut body = json!({"channel": channel, "total_fee": 100, "bill_no": bill_no,
                              "title": "白开水"});
        set(&mut body, own);
        ok(&self.post(APP, "/2/rest/bill", &body));
        let rows = self.get(APP, "/2/rest/bills", &json!({"bill_no": bill_no}));
        assert_eq!(rows["bills"][0]["spay_result"], true, "{rows}");
        bill_no
    }
}

pub fn exchange(addr: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let length = body.len();
    let request = format!(
        "{head}\r\nHost: {addr}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// result_code, with all that every answer carries.
#[track_caller]
pub fn code(answer: &Value) -> i64 {
    const MSG: [&str; 18] = [
        "OK",
        "APP_INVALID",
        "PAY_FACTOR_NOT_SET",
        "CHANNEL_INVALID",
        "MISS_PARAM",
        "PARAM_INVALID",
        "CERT_FILE_ERROR",
        "CHANNEL_ERROR",
        "NO_SUCH_BILL",
        "BILL_UNSUCCESS",
        "REFUND_EXCEED_TIME",
        "ALREADY_REFUNDING",
        "REFUND_AMOUNT_TOO_LARGE",
        "NO_SUCH_REFUND",
        "RUNTIME_ERROR",
        "NETWORK_ERROR",
        "PREREFUND_DUPLICATE",
        "BILL_NO_DUPLICATE",
    ];
    let code = answer["result_code"].as_i64().unwrap();
    let msg = MSG[usize::try_from(code).unwrap()];
    assert_eq!(answer["result_msg"], msg, "{answer}");
    assert_eq!(
        answer["err_detail"].as_str().unwrap().is_empty(),
        code == 0,
        "{answer}"
    );
    code
}

#[track_caller]
pub fn ok(answer: &Value) {
    assert_eq!(code(answer), 0, "{answer}");
}

/// Runs a table: the field changes of a good request, and the code each must have.
#[track_caller]
pub fn table(cases: &[(Value, i64)], send: impl Fn(&Value) -> Value) {
    for (change, expected) in cases {
        let answer = send(change);
        assert_eq!(code(&answer), *expected, "{change} {answer}");
    }
}

/// Asks until it is so, at most 5 s.
#[track_caller]
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(5);
    while !so() {
        assert!(std::time::Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
