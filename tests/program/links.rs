//! Pay links as a script would use them, against a platform of a few lines that was written from
//! the documents and the official clients' paths, and shares nothing with the program.

use crate::foreign::{APP_ID, APP_SECRET};
use crate::shop::{MANAGER_PIN, MASTER_SECRET, PATIENT, PIN, Shop, ali_code};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const TEST_SECRET: &str = "test-secret-61c0d9";

/// What it saw: method and path, and the request's fields.
type Seen = Arc<Mutex<Vec<(String, Value)>>>;

/// Answers every bill with `bill` and pays it at its third row.
struct Platform {
    addr: SocketAddr,
    seen: Seen,
    stop: Arc<AtomicBool>,
}

impl Platform {
    fn start(bill: Value) -> Platform {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (seen, stop) = (Seen::default(), Arc::new(AtomicBool::new(false)));
        let (log, over) = (seen.clone(), stop.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Acquire) {
                    return;
                }
                let (log, bill) = (log.clone(), bill.clone());
                std::thread::spawn(move || serve(&stream, &log, &bill));
            }
        });
        Platform { addr, seen, stop }
    }

    fn paths(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let mut paths: Vec<String> = seen.iter().map(|(path, _)| path.clone()).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn pays(&self) -> Vec<Value> {
        let seen = self.seen.lock().unwrap();
        let pays = seen.iter().filter(|(path, _)| path.starts_with("POST"));
        pays.map(|(_, fields)| fields.clone()).collect()
    }

    /// Every request was signed by this secret.
    fn assert_signed_by(&self, secret: &str) {
        for (path, fields) in self.seen.lock().unwrap().iter() {
            let text = format!("{APP_ID}{}{secret}", fields["timestamp"]);
            let sign = Md5::digest(text);
            let sign: String = sign.iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(fields["app_sign"], sign, "{path}");
        }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.addr);
    }
}

fn serve(stream: &TcpStream, seen: &Seen, bill: &Value) {
    let mut reader = BufReader::new(stream);
    while let Some((path, fields)) = read(&mut reader) {
        let body = {
            let mut seen = seen.lock().unwrap();
            seen.push((path.clone(), fields.clone()));
            answer(&path, &fields, &seen, bill).to_string()
        };
        let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
        let head = format!(
            "HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-length: {}",
            body.len()
        );
        let mut out = stream;
        if out
            .write_all(format!("{head}\r\n\r\n{body}").as_bytes())
            .is_err()
        {
            return;
        }
    }
}

fn answer(path: &str, fields: &Value, seen: &[(String, Value)], bill: &Value) -> Value {
    if path.starts_with("POST") {
        return bill.clone();
    }
    if path == "GET /2/rest/refunds" {
        return json!({"result_code": 0, "result_msg": "OK", "count": 0, "refunds": []});
    }
    let pay = seen
        .iter()
        .find(|(path, pay)| path.starts_with("POST") && pay["bill_no"] == fields["bill_no"]);
    let rows = seen
        .iter()
        .filter(|(path, row)| path.starts_with("GET") && row["bill_no"] == fields["bill_no"]);
    let row = pay.map(|(_, pay)| {
        json!({
            "bill_no": pay["bill_no"], "total_fee": pay["total_fee"], "channel": "WX",
            "sub_channel": pay["channel"], "spay_result": rows.count() >= 3,
            "revert_result": false, "refund_result": false,
        })
    });
    let rows: Vec<Value> = row.into_iter().collect();
    json!({"result_code": 0, "result_msg": "OK", "count": rows.len(), "bills": rows})
}

fn read(reader: &mut impl BufRead) -> Option<(String, Value)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let target = line.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = format!("{} {path}", line.split(' ').next()?);
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().to_lowercase().split_once(": ") {
            Some(("content-length", number)) => length = number.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if let Some(para) = query.strip_prefix("para=") {
        body = decode(para);
    }
    Some((path, serde_json::from_slice(&body).ok()?))
}

fn decode(para: &str) -> Vec<u8> {
    let mut bytes = para.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let two: Vec<u8> = bytes.by_ref().take(2).collect();
                u8::from_str_radix(std::str::from_utf8(&two).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    out
}

fn toml(platform: &Platform, gateway: &str) -> String {
    format!(
        r#"[shop]
name = "示例便利店"
till = "01"
[gateway]
provider = "beecloud"
servers = ["http://{}"]
app_id = "{APP_ID}"
app_secret = "{APP_SECRET}"
master_secret = "{MASTER_SECRET}"
channels = ["ALI_SCAN", "WX_SCAN", "ALI_OFFLINE_QRCODE", "WX_NATIVE"]
links = ["BC_WX_WAP", "ALI_WEB", "UN_WAP"]
{gateway}
[links]
return_url = "https://shop.example/done"
[payment]
link_deadline_s = 400
{PATIENT}
[[staff]]
id = "1001"
name = "一号收银员"
role = "cashier"
pin = "{PIN}"
[[staff]]
id = "2001"
name = "一号店长"
role = "manager"
pin = "{MANAGER_PIN}"
"#,
        platform.addr
    )
}

fn shop(platform: &Platform, gateway: &str) -> Shop {
    let shop = Shop::bare();
    shop.setup(&toml(platform, gateway)).exits(0).silent();
    shop
}

fn page() -> Value {
    json!({
        "result_code": 0, "result_msg": "OK", "id": "1", "resultCode": 0,
        "url": "https://pay.example/p/1?t=2", "html": "<form></form>",
    })
}

fn pay_args(channel: &str) -> [&str; 6] {
    ["pay", "--amount", "12.34", "--link", channel, "--json"]
}

#[test]
fn a_link_is_printed_and_followed_by_its_row_to_its_end() {
    let platform = Platform::start(page());
    let shop = shop(&platform, "");
    for channel in ["BC_WX_WAP", "ALI_WEB"] {
        let done = shop.run(&pay_args(channel)).exits(0).silent();
        assert_eq!(done.states(), ["sent", "awaiting", "paid"]);
        let awaiting = &done.json()[1];
        assert_eq!(awaiting["code_url"], "https://pay.example/p/1?t=2");
        assert_eq!(awaiting["channel"], channel);
        assert_eq!(done.last()["proof"], "row");
    }
    let pays = platform.pays();
    assert_eq!(pays.len(), 2);
    assert_eq!(pays[0]["bill_timeout"], 400, "as long as it is shown");
    assert_eq!(pays[1]["return_url"], "https://shop.example/done");
    // Neither status nor revert.
    assert_eq!(platform.paths(), ["GET /2/rest/bills", "POST /2/rest/bill"]);
    platform.assert_signed_by(APP_SECRET);
    shop.run(&["audit", "verify"]).exits(0);
    // Its refund is for the gateway's console, and nothing is sent.
    let bill_no = shop.bills().pop().unwrap()["bill_no"].clone();
    let refund = [
        "refund",
        "--bill-no",
        bill_no.as_str().unwrap(),
        "--amount",
        "1.00",
    ];
    let refund = [&refund[..], &["--approver", "2001"]].concat();
    let said = shop.run_with(&refund, MANAGER_PIN);
    said.exits(1).says(&["商户后台"]);
    assert_eq!(platform.pays().len(), 2);
}

#[test]
fn a_form_alone_is_said_in_plain_words_and_never_called_refused() {
    let platform = Platform::start(json!({"result_code": 0, "html": "<form></form>"}));
    let shop = shop(&platform, "");
    let done = shop.run(&pay_args("UN_WAP")).exits(3);
    let done = done.says(&["UN_WAP", "只返回网页表单，不能做成二维码"]);
    assert_eq!(done.last()["state"], "watching");
    assert!(!done.out.contains("code_url"));
}

#[test]
fn what_is_wrong_with_the_call_is_said_and_nothing_is_sent() {
    let platform = Platform::start(page());
    let shop = shop(&platform, "");
    shop.run(&pay_args("BD_WAP"))
        .exits(2)
        .says(&["BD_WAP", "gateway.links"]);
    shop.run(&pay_args("ALI_SCAN"))
        .exits(2)
        .says(&["--link", "ALI_WAP"]);
    let both = [&pay_args("BC_WX_WAP")[..], &["--qr", "ali"]].concat();
    shop.run(&both).exits(2).says(&["--link"]);
    assert!(platform.pays().is_empty());
}

#[test]
fn the_test_environment_takes_links_alone_by_its_own_path_and_secret() {
    let platform = Platform::start(page());
    let sandbox = format!("sandbox = true\ntest_secret = \"{TEST_SECRET}\"");
    let shop = shop(&platform, &sandbox);
    shop.run(&pay_args("BC_WX_WAP")).exits(0).silent();
    let paths = ["GET /2/rest/sandbox/bills", "POST /2/rest/sandbox/bill"];
    assert_eq!(platform.paths(), paths);
    platform.assert_signed_by(TEST_SECRET);
    // The offline API has no test environment: nothing goes there.
    let scan = ["pay", "--amount", "1.00", "--code-from", "-"];
    shop.run_with(&scan, &ali_code())
        .exits(2)
        .says(&["sandbox"]);
    let qr = ["pay", "--amount", "1.00", "--qr", "ali"];
    shop.run(&qr).exits(2).says(&["sandbox"]);
    assert_eq!(platform.paths(), paths);
    // Test payments and real ones never share a ledger.
    shop.setup(&toml(&platform, ""))
        .exits(1)
        .says(&["--data-dir"]);
    shop.setup(&toml(&platform, &sandbox)).exits(0).silent();
    let config = std::fs::read_to_string(shop.dir.join("config.toml")).unwrap();
    assert!(!config.contains(TEST_SECRET));
}
