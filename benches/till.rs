//! The till from outside: scan to the first byte of the request, answer to snapshot, start with a
//! million bills, memory and work at rest.
//!
//! `cargo bench --bench till`. `SHOUYIN_BENCH_BILLS` sets how many bills the ledger holds. The
//! gateway is a few lines on loopback that answer pay with "paid" and note when the first byte of
//! each pay request came, so that nothing but the till's own work is measured.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs
)]

mod million;

use secrecy::SecretString;
use shouyin::domain::config::{ProvisionedStaff, Secrets, Settings};
use shouyin::domain::staff::{Role, Staff};
use shouyin::domain::{Fen, Host, State};
use shouyin::ledger::AuditKey;
use shouyin::till::open::{config_path, ledger_path};
use shouyin::till::service::{ScanText, Stage};
use shouyin::till::{Command, Opening, Service, Till};
use shouyin::vault::{DeviceKeyPlace, Vault};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SALES: u32 = 300;

/// total_fee by bill_no, as paid.
type Fees = Mutex<HashMap<String, i64>>;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let (host, first_bytes) = gateway();
    let key = provision(dir.path(), &host);
    let began = Instant::now();
    million::make(&ledger_path(dir.path()), key, million::bills());
    println!(
        "ledger: {} bills, made in {:?}",
        million::bills(),
        began.elapsed()
    );

    let mut starts = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let till = open(dir.path());
        assert!(
            till.snapshots().borrow().signed_in.is_some(),
            "ready for a scan"
        );
        starts.push(began.elapsed());
        drop(till);
    }
    report("start with these bills to ready for a scan", &mut starts);

    let till = open(dir.path());
    let (mut to_byte, mut to_snapshot) = sales(&till, &first_bytes);
    report(
        "scan to first request byte, durable record included",
        &mut to_byte,
    );
    report("answer written to snapshot delivered", &mut to_snapshot);

    at_rest(&till);
}

fn open(dir: &Path) -> Till {
    Till::open(Opening {
        dir: dir.to_owned(),
        wait: Duration::from_secs(5),
        practice: None,
        devices: shouyin::till::Devices::default(),
    })
    .unwrap()
}

fn provision(dir: &Path, host: &Host) -> AuditKey {
    let settings = Settings::practice(host.clone());
    std::fs::write(config_path(dir), settings.to_toml().unwrap()).unwrap();
    let secrets = Secrets {
        app_secret: SecretString::from("bench-app"),
        master_secret: None,
        test_secret: None,
    };
    let staff = Staff {
        id: "1001".to_owned(),
        name: "一号".to_owned(),
        role: Role::Cashier,
    };
    let staff = [ProvisionedStaff {
        staff,
        pin: SecretString::from("135790"),
    }];
    let vault = Vault::create(dir, secrets, &staff, DeviceKeyPlace::File).unwrap();
    AuditKey::new(vault.audit_key())
}

/// One sale after the other, each like a cashier's: amount, pause, scan.
fn sales(till: &Till, gateway: &Receiver<(Instant, Instant)>) -> (Vec<Duration>, Vec<Duration>) {
    let mut snapshots = till.snapshots();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut to_byte, mut to_snapshot) = (Vec::new(), Vec::new());
    for n in 0..SALES {
        let amount = Fen(1_000 + i64::from(n));
        till.send(Command::ConfirmAmount {
            amount,
            note: String::new(),
        });
        std::thread::sleep(Duration::from_millis(30));
        let code = format!(
            "28{:016}",
            u64::from(n) + u64::from(std::process::id()) * 1_000_000
        );
        let scanned = Instant::now();
        till.send(Command::Scan {
            text: ScanText::new(code),
            amount: Some(amount),
            note: String::new(),
        });
        let (first, answered) = gateway.recv_timeout(Duration::from_secs(10)).unwrap();
        to_byte.push(first.saturating_duration_since(scanned));
        runtime.block_on(async {
            let paid = |stage: &Stage| {
                matches!(stage, Stage::Bill(b) if b.state == State::Paid && b.amount == amount)
            };
            snapshots.wait_for(|s| paid(&s.stage)).await.unwrap();
        });
        to_snapshot.push(Instant::now().saturating_duration_since(answered));
        till.send(Command::ServeNext);
    }
    (to_byte, to_snapshot)
}

/// Memory of this process (till, ledger and client; no window), and what it does when nobody does
/// anything.
fn at_rest(till: &Till) {
    let mut snapshots = till.snapshots();
    let patience = Instant::now() + Duration::from_secs(30);
    while till.pending() > 0 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(100));
    }
    // Connections that were kept for the next question are closed after 5 s.
    std::thread::sleep(Duration::from_secs(8));
    snapshots.mark_unchanged();
    let before = switches();
    std::thread::sleep(Duration::from_secs(10));
    let woken = switches().saturating_sub(before);
    let told = snapshots.has_changed().unwrap();
    println!("10 s at rest: {woken} times woken (this measuring is 1 of them), snapshots: {told}");
    println!("resident: {} kB", status("VmRSS:"));
}

/// Voluntary context switches of all threads.
fn switches() -> u64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let one = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path.join("status")).unwrap_or_default();
        field(&text, "voluntary_ctxt_switches:")
    };
    tasks.flatten().map(|t| one(t.path())).sum()
}

fn status(name: &str) -> u64 {
    field(
        &std::fs::read_to_string("/proc/self/status").unwrap_or_default(),
        name,
    )
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|l| l.starts_with(name)).unwrap_or("");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

fn report(what: &str, all: &mut [Duration]) {
    all.sort_unstable();
    let at = |share: f64| all.get(((all.len() - 1) as f64 * share) as usize).unwrap();
    println!(
        "{what}: median {:?}, p99 {:?}, n = {}",
        at(0.5),
        at(0.99),
        all.len()
    );
}

/// Answers pay with "paid" and bills with the row; notes the pays.
fn gateway() -> (Host, Receiver<(Instant, Instant)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = Host(format!("http://{}", listener.local_addr().unwrap()));
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let fees = Arc::new(Fees::default());
        for stream in listener.incoming().flatten() {
            let (tell, fees) = (tell.clone(), Arc::clone(&fees));
            std::thread::spawn(move || serve(stream, &tell, &fees));
        }
    });
    (host, told)
}

fn serve(mut stream: TcpStream, tell: &Sender<(Instant, Instant)>, fees: &Fees) {
    stream.set_nodelay(true).unwrap();
    let mut held = Vec::new();
    loop {
        let mut buffer = [0u8; 8192];
        let mut first = None;
        let request = loop {
            if let Some(end) = whole(&held) {
                break held.drain(..end).collect::<Vec<u8>>();
            }
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(n) => {
                    first.get_or_insert_with(Instant::now);
                    held.extend_from_slice(&buffer[..n]);
                }
            }
        };
        let text = String::from_utf8_lossy(&request);
        let pay = text.starts_with("POST /2/rest/offline/bill HTTP");
        let body = match pay {
            true => paid(&text, fees),
            false => row(&text, fees),
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).unwrap();
        if pay {
            let _ = tell.send((first.unwrap_or_else(Instant::now), Instant::now()));
        }
    }
}

fn paid(request: &str, fees: &Fees) -> String {
    let body = request.split("\r\n\r\n").nth(1).unwrap_or("");
    let sent: serde_json::Value = serde_json::from_str(body).unwrap();
    let bill_no = sent["bill_no"].as_str().unwrap().to_owned();
    let fee = sent["total_fee"].as_i64().unwrap();
    fees.lock().unwrap().insert(bill_no, fee);
    r#"{"result_code":0,"result_msg":"OK","id":"1","pay_result":true}"#.to_owned()
}

/// The bill's row, so that the till's look at a paid bill ends.
fn row(request: &str, fees: &Fees) -> String {
    let para = request.split("bill_no%22%3A%22").nth(1);
    let bill_no = para.and_then(|p| p.split("%22").next()).unwrap_or("");
    let rows = match fees.lock().unwrap().get(bill_no) {
        Some(fee) => serde_json::json!([{ "bill_no": bill_no, "total_fee": fee,
            "spay_result": true, "revert_result": false, "refund_result": false }]),
        None => serde_json::json!([]),
    };
    serde_json::json!({ "result_code": 0, "result_msg": "OK", "bills": rows }).to_string()
}

/// The length of the first whole request.
fn whole(held: &[u8]) -> Option<usize> {
    let head = held.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(held.get(..head)?).to_ascii_lowercase();
    let length = text
        .split("content-length: ")
        .nth(1)
        .and_then(|t| t.split("\r\n").next());
    let length: usize = length.and_then(|n| n.parse().ok()).unwrap_or(0);
    (held.len() >= head + length).then_some(head + length)
}
