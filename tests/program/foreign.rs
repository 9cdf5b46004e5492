//! A gateway that shares nothing with the program: written from the documents alone, over a plain
//! `TcpListener`, with its own ledger. It checks every signature, keeps what it saw, and plays
//! whatever a test scripts for a request: answer, close, hang, garbage, or kill the caller first.

mod refunds;

pub use refunds::{Back, Wallet};

use crate::shop::MASTER_SECRET;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub const APP_ID: &str = "0950c062-5e41-44e3-8f52-f89d8cf2b6eb";
pub const APP_SECRET: &str = "app-secret-9f3a77c1d0";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Pay,
    Status,
    Revert,
    Bills,
    Refund,
    Refunds,
}

/// One request, as the script sees it.
#[derive(Debug, Clone)]
pub struct Call {
    pub op: Op,
    pub bill_no: String,
    /// 1-based, since the last `reset`.
    pub nth: usize,
    pub fields: Value,
}

/// What is done with one request, in this order.
#[derive(Debug, Clone)]
pub struct Play {
    pub kill_before: bool,
    pub act: bool,
    pub kill_after: bool,
    pub send: Send,
}

#[derive(Debug, Clone)]
pub enum Send {
    Answer,
    AnswerThenKill,
    Close,
    /// The honest answer, so much later.
    Late(Duration),
    Hang(Duration),
    Body(u16, String),
    /// Promises more than it sends, then closes.
    Truncated,
}

impl Play {
    pub fn honest() -> Play {
        Play {
            kill_before: false,
            act: true,
            kill_after: false,
            send: Send::Answer,
        }
    }
    pub fn lose_request() -> Play {
        Play {
            act: false,
            send: Send::Close,
            ..Play::honest()
        }
    }
    pub fn lose_answer() -> Play {
        Play {
            send: Send::Close,
            ..Play::honest()
        }
    }
    pub fn say(status: u16, body: &str) -> Play {
        Play {
            act: false,
            send: Send::Body(status, body.to_owned()),
            ..Play::honest()
        }
    }
    pub fn act_and_say(status: u16, body: &str) -> Play {
        Play {
            send: Send::Body(status, body.to_owned()),
            ..Play::honest()
        }
    }
}

/// What a customer does with a bill.
#[derive(Debug, Clone, Copy)]
pub enum Customer {
    AtOnce,
    /// Pays just before this status request is answered.
    AtStatus(u32),
    /// Types a password for so long.
    Password(Duration),
    /// Pays between the last status and the revert.
    AtRevert,
    Never,
    NoMoney,
}

/// A bill in this gateway's own ledger.
#[derive(Debug, Clone)]
pub struct There {
    pub channel: String,
    pub total_fee: i64,
    pub paid: bool,
    pub reverted: bool,
    pub pays: u32,
    statuses: u32,
    customer: Customer,
    began: Instant,
}

impl There {
    /// The merchant has the money.
    pub fn holds_money(&self) -> bool {
        self.paid && !self.reverted
    }
}

type Script = Box<dyn FnMut(&Call) -> Play + std::marker::Send>;

pub struct World {
    pub bills: BTreeMap<String, There>,
    pub calls: Vec<Call>,
    /// What no client may do.
    pub wrongs: Vec<String>,
    pub customer: Customer,
    pub clock_off_ms: i64,
    pub secret: String,
    /// Signs refunds.
    pub master: String,
    /// Its refunds, oldest first.
    pub backs: Vec<Back>,
    /// What becomes of the next refund.
    pub wallet: Wallet,
    /// WeChat without a certificate: every revert is answered 6.
    pub no_certificate: bool,
    /// Hand rows of bills that nobody ever paid (they only ask the time) to the script as well.
    pub all_to_script: bool,
    since_reset: usize,
    script: Script,
    victim: Option<u32>,
}

impl World {
    pub fn script(&mut self, script: impl FnMut(&Call) -> Play + std::marker::Send + 'static) {
        self.script = Box::new(script);
        self.since_reset = 0;
    }
    pub fn honest(&mut self) {
        self.script(|_| Play::honest());
    }
    pub fn ops(&self, op: Op) -> usize {
        self.calls.iter().filter(|c| c.op == op).count()
    }
}

pub struct Foreign {
    addr: SocketAddr,
    world: Arc<Mutex<World>>,
    lines: Arc<Mutex<Vec<TcpStream>>>,
    stop: Arc<AtomicBool>,
}

impl Foreign {
    pub fn start() -> Foreign {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let world = Arc::new(Mutex::new(World {
            bills: BTreeMap::new(),
            calls: Vec::new(),
            wrongs: Vec::new(),
            customer: Customer::AtOnce,
            clock_off_ms: 0,
            secret: APP_SECRET.to_owned(),
            master: MASTER_SECRET.to_owned(),
            backs: Vec::new(),
            wallet: Wallet::AtOnce,
            no_certificate: false,
            all_to_script: false,
            since_reset: 0,
            script: Box::new(|_| Play::honest()),
            victim: None,
        }));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let foreign = Foreign {
            addr,
            world: world.clone(),
            lines: lines.clone(),
            stop: stop.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                if stop.load(Ordering::Acquire) {
                    return;
                }
                let _ = stream.set_read_timeout(Some(Duration::from_secs(120)));
                let _ = stream.set_nodelay(true);
                lines.lock().unwrap().push(stream.try_clone().unwrap());
                let world = world.clone();
                std::thread::spawn(move || serve(stream, &world));
            }
        });
        foreign
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        match self.world.lock() {
            Ok(world) => world,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Whom `kill` kills.
    pub fn victim(&self, pid: Option<u32>) {
        self.world().victim = pid;
    }

    pub fn bill(&self, bill_no: &str) -> Option<There> {
        let mut world = self.world();
        let there = world.bills.get_mut(bill_no)?;
        there.customer_moves();
        Some(there.clone())
    }

    /// Nothing was ever done that no client may do.
    pub fn assert_treated_well(&self) {
        let world = self.world();
        assert!(
            world.wrongs.is_empty(),
            "the gateway complains: {:#?}",
            world.wrongs
        );
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.addr);
        if let Ok(lines) = self.lines.lock() {
            for line in lines.iter() {
                let _ = line.shutdown(std::net::Shutdown::Both);
            }
        }
    }
}

struct Asked {
    method: String,
    path: String,
    query: String,
    body: Vec<u8>,
}

fn serve(stream: TcpStream, world: &Mutex<World>) {
    let Ok(copy) = stream.try_clone() else { return };
    let mut reader = BufReader::new(copy);
    let mut stream = stream;
    while let Some(asked) = read_request(&mut reader) {
        if !answer(&asked, &mut stream, world) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).ok()? == 0 {
            return None;
        }
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Asked {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        body,
    })
}

/// False: the connection ends.
fn answer(asked: &Asked, stream: &mut TcpStream, world: &Mutex<World>) -> bool {
    let lock = || {
        world
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let (play, call) = {
        let mut world = lock();
        let Some(mut call) = read_call(asked) else {
            let wrong = format!("not in the documents: {} {}", asked.method, asked.path);
            world.wrongs.push(wrong);
            return send(stream, 404, "{}", 0);
        };
        let known = world
            .calls
            .iter()
            .any(|c| c.op == Op::Pay && c.bill_no == call.bill_no);
        if call.op == Op::Bills && !known && !world.all_to_script {
            let body = world.act(&call).to_string();
            let off = world.clock_off_ms;
            drop(world);
            return send(stream, 200, &body, off);
        }
        world.since_reset += 1;
        call.nth = world.since_reset;
        world.calls.push(call.clone());
        ((world.script)(&call), call)
    };
    if play.kill_before {
        kill_victim(world);
    }
    let body = match play.act {
        true => lock().act(&call).to_string(),
        false => "{}".to_owned(),
    };
    if play.kill_after {
        kill_victim(world);
    }
    let off = lock().clock_off_ms;
    match play.send {
        Send::Answer => send(stream, 200, &body, off),
        Send::AnswerThenKill => {
            let _ = send(stream, 200, &body, off);
            kill_victim(world);
            false
        }
        Send::Close => false,
        Send::Late(time) => {
            std::thread::sleep(time);
            send(stream, 200, &body, off)
        }
        Send::Hang(time) => {
            std::thread::sleep(time);
            false
        }
        Send::Body(status, body) => send(stream, status, &body, off),
        Send::Truncated => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n{\"result_code\":0,";
            let _ = stream.write_all(head.as_bytes());
            false
        }
    }
}

fn send(stream: &mut TcpStream, status: u16, body: &str, off_ms: i64) -> bool {
    let date = jiff::Timestamp::from_millisecond(now_ms() + off_ms).unwrap();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let text = format!(
        "HTTP/1.1 {status} X\r\ndate: {date}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).is_ok()
}

/// SIGKILL, and not a step further until it is dead.
fn kill_victim(world: &Mutex<World>) {
    let until = Instant::now() + Duration::from_secs(10);
    let pid = loop {
        let victim = world
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .victim;
        match victim {
            Some(pid) => break pid,
            None if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            None => return,
        }
    };
    crate::shop::signal(pid, "KILL");
    while Instant::now() < until {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(')').next().unwrap_or("").trim().chars().next();
        if matches!(state, None | Some('Z' | 'X')) {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn now_ms() -> i64 {
    i64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    )
    .unwrap()
}

fn read_call(asked: &Asked) -> Option<Call> {
    let post = asked.method == "POST";
    let get = asked.method == "GET";
    let fields: Value = if post {
        serde_json::from_slice(&asked.body).ok()?
    } else {
        let para = asked.query.strip_prefix("para=")?;
        serde_json::from_str(&url_decode(para)).ok()?
    };
    let bill_no = fields["bill_no"].as_str().unwrap_or("").to_owned();
    let call = |op, bill_no| {
        Some(Call {
            op,
            bill_no,
            nth: 0,
            fields: fields.clone(),
        })
    };
    match asked.path.as_str() {
        "/2/rest/offline/bill" | "/2/rest/bill" if post => call(Op::Pay, bill_no),
        "/2/rest/offline/bill/status" if post => call(Op::Status, bill_no),
        "/2/rest/bills" if get => call(Op::Bills, bill_no),
        "/2/rest/offline/refund" if post => call(Op::Refund, bill_no),
        "/2/rest/refunds" if get => call(Op::Refunds, bill_no),
        path if post && fields["method"] == "REVERT" => call(
            Op::Revert,
            path.strip_prefix("/2/rest/offline/bill/")?.to_owned(),
        ),
        _ => None,
    }
}

fn url_decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap_or(b'0'), bytes.next().unwrap_or(b'0')];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap_or("0"), 16).unwrap_or(b'?')
            }
            b => b,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl There {
    fn customer_moves(&mut self) {
        if let Customer::Password(time) = self.customer
            && self.began.elapsed() >= time
            && !self.reverted
        {
            self.paid = true;
        }
    }
}

fn code(result_code: i64, msg: &str, detail: &str) -> Value {
    json!({
        "result_code": result_code, "result_msg": msg, "err_detail": detail,
        "resultCode": result_code, "errMsg": msg,
    })
}

fn ok(more: Value) -> Value {
    let mut body = code(0, "OK", "");
    let fields: &mut Map<String, Value> = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    body
}

impl World {
    fn act(&mut self, call: &Call) -> Value {
        if call.op == Op::Refund {
            return self.refund(call);
        }
        if let Some(refusal) = self.check_sign(&call.fields) {
            return refusal;
        }
        match call.op {
            Op::Refund => self.refund(call),
            Op::Refunds => self.refunds(call),
            Op::Pay => self.pay(call),
            Op::Status => self.status(call),
            Op::Revert => self.revert(call),
            Op::Bills => self.rows(call),
        }
    }

    fn check_sign(&mut self, fields: &Value) -> Option<Value> {
        let refusal = || Some(code(1, "APP_INVALID", "app_sign"));
        let Some(timestamp) = fields["timestamp"].as_i64() else {
            self.wrongs.push("timestamp is no integer".to_owned());
            return refusal();
        };
        if fields["app_id"] != APP_ID {
            return refusal();
        }
        let text = format!("{APP_ID}{timestamp}{}", self.secret);
        let sign: String = Md5::digest(text.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let stale = (timestamp - now_ms() - self.clock_off_ms).abs() > 300_000;
        if fields["app_sign"] != sign.as_str() || stale {
            return refusal();
        }
        None
    }

    fn pay(&mut self, call: &Call) -> Value {
        let f = &call.fields;
        let number = !call.bill_no.is_empty()
            && (8..=32).contains(&call.bill_no.len())
            && call.bill_no.bytes().all(|b| b.is_ascii_alphanumeric());
        let channel = f["channel"].as_str().unwrap_or("").to_owned();
        let scan = channel.ends_with("SCAN");
        let fee = f["total_fee"].as_i64().unwrap_or(0);
        let title = f["title"].as_str().unwrap_or("");
        if !number || fee < 1 || title.is_empty() || scan != f["auth_code"].is_string() {
            self.wrongs.push(format!("pay with bad fields: {f}"));
            return code(5, "PARAM_INVALID", "");
        }
        if f["bill_timeout"].as_i64().is_none() {
            self.wrongs.push("pay without bill_timeout".to_owned());
        }
        if let Some(there) = self.bills.get_mut(&call.bill_no) {
            there.pays += 1;
            self.wrongs.push(format!("two pays of {}", call.bill_no));
            return code(17, "BILL_NO_DUPLICATE", "");
        }
        let customer = self.customer;
        let there = There {
            channel: channel.clone(),
            total_fee: fee,
            paid: matches!(customer, Customer::AtOnce) && scan,
            reverted: false,
            pays: 1,
            statuses: 0,
            customer,
            began: Instant::now(),
        };
        let paid = there.paid;
        self.bills.insert(call.bill_no.clone(), there);
        match customer {
            Customer::NoMoney => code(7, "CHANNEL_ERROR", "NOTENOUGH 余额不足"),
            _ if scan => ok(json!({ "id": "f1", "pay_result": paid })),
            _ => ok(json!({
                "id": "f1", "code_url": format!("https://qr.example/{}", call.bill_no),
            })),
        }
    }

    fn status(&mut self, call: &Call) -> Value {
        let Some(there) = self.bills.get_mut(&call.bill_no) else {
            return code(8, "NO_SUCH_BILL", "");
        };
        there.statuses += 1;
        there.customer_moves();
        let due = match there.customer {
            Customer::AtOnce => !there.reverted,
            Customer::AtStatus(n) => there.statuses >= n && !there.reverted,
            _ => false,
        };
        there.paid |= due;
        ok(json!({ "pay_result": there.holds_money() }))
    }

    fn revert(&mut self, call: &Call) -> Value {
        if self.no_certificate {
            return code(6, "CERT_FILE_ERROR", "");
        }
        let Some(there) = self.bills.get_mut(&call.bill_no) else {
            return code(8, "NO_SUCH_BILL", "");
        };
        there.customer_moves();
        if there.channel.starts_with("WX_NATIVE") {
            self.wrongs.push("revert of WX_NATIVE".to_owned());
            return code(5, "PARAM_INVALID", "");
        }
        there.paid |= matches!(there.customer, Customer::AtRevert);
        there.reverted = true;
        ok(json!({ "revert_status": true }))
    }

    fn rows(&mut self, call: &Call) -> Value {
        let backs = self.backs.iter().filter(|b| b.finish && b.result);
        let refunded: Vec<String> = backs.map(|b| b.bill_no.clone()).collect();
        let rows: Vec<Value> = self
            .bills
            .iter_mut()
            .filter(|(no, _)| **no == call.bill_no)
            .map(|(no, there)| {
                there.customer_moves();
                json!({
                    "id": "f1", "bill_no": no, "total_fee": there.total_fee,
                    "spay_result": there.paid, "revert_result": there.reverted,
                    "refund_result": refunded.contains(no), "channel": &there.channel[..2],
                    "sub_channel": there.channel, "title": "t", "optional": "{}",
                    "message_detail": "{}", "create_time": now_ms(), "trade_no": "2026112022001",
                })
            })
            .collect();
        ok(json!({ "count": rows.len(), "bills": rows }))
    }
}
