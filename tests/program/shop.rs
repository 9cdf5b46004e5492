//! A shop in a temporary directory, provisioned as COUNTER says, and the running program. Every
//! process is killed by its id when its guard is dropped, also on a panic.

use crate::foreign::{APP_ID, APP_SECRET, Foreign};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub const BIN: &str = env!("CARGO_BIN_EXE_shouyin");
pub const MASTER_SECRET: &str = "master-secret-5be8a2f4c6";
pub const PIN: &str = "13579024";
pub const MANAGER_PIN: &str = "97531086";
/// No command of these tests takes longer.
pub const LONG: Duration = Duration::from_secs(100);

/// Times that make a payment's whole life fit into seconds (free on loopback).
pub const QUICK: &str = "\
barcode_deadline_s = 1
qr_deadline_s = 1
first_status_ms = 200
status_interval_ms = 300
earliest_revert_s = 1
guard_s = 1
bill_timeout_s = 361
expiry_margin_s = 1
witness_wait_s = 1
connect_timeout_s = 2
request_timeout_s = 2
";

/// The same, but the customer has time.
pub const PATIENT: &str = "\
barcode_deadline_s = 30
qr_deadline_s = 30
first_status_ms = 200
status_interval_ms = 300
earliest_revert_s = 1
guard_s = 1
expiry_margin_s = 1
witness_wait_s = 1
connect_timeout_s = 2
request_timeout_s = 2
";

/// A fresh Alipay code.
pub fn ali_code() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let salt = u64::from(std::process::id()) * 1_000_003;
    format!(
        "28{:016}",
        (salt + NEXT.fetch_add(1, Ordering::Relaxed) * 7_919) % 10_u64.pow(16)
    )
}

/// A fresh WeChat code.
pub fn wx_code() -> String {
    ali_code().replacen("28", "13", 1)
}

/// How a process ended.
#[derive(Debug, Clone)]
pub struct Done {
    /// `None`: by a signal.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Done {
    #[track_caller]
    pub fn exits(self, code: i32) -> Done {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.out,
            self.err
        );
        self
    }

    /// Standard error is one line that holds each of `parts`.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Done {
        assert_eq!(
            self.err.lines().count(),
            1,
            "one line on stderr, not:\n{}",
            self.err
        );
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        }
        self
    }

    #[track_caller]
    pub fn silent(self) -> Done {
        assert_eq!(self.err, "");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}")))
            .collect()
    }

    #[track_caller]
    pub fn states(&self) -> Vec<String> {
        self.json()
            .iter()
            .map(|l| l["state"].as_str().unwrap().to_owned())
            .collect()
    }

    #[track_caller]
    pub fn last(&self) -> Value {
        self.json()
            .pop()
            .unwrap_or_else(|| panic!("nothing printed; stderr: {}", self.err))
    }
}

/// A running process, killed when dropped.
pub struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Running {
    pub fn start(mut command: Command, input: Option<&str>) -> Running {
        let stdin = if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
            let _ = stdin.write_all(text.as_bytes());
        }
        let (out, err) = (Arc::default(), Arc::default());
        let readers = vec![
            collect(child.stdout.take().unwrap(), Arc::clone(&out)),
            collect(child.stderr.take().unwrap(), Arc::clone(&err)),
        ];
        Running {
            child,
            out,
            err,
            readers,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    /// Waits until standard output holds this.
    #[track_caller]
    pub fn until(&self, text: &str) -> String {
        let until = Instant::now() + LONG;
        loop {
            let out = self.out();
            if out.contains(text) {
                return out;
            }
            assert!(
                Instant::now() < until,
                "{text:?} never came:\n{out}\n{}",
                self.err.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    pub fn wait(mut self) -> Done {
        let until = Instant::now() + LONG;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < until,
                "it does not end:\n{}\n{}",
                self.out(),
                self.err.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        let (out, err) = (self.out(), self.err.lock().unwrap().clone());
        Done {
            code: status.code(),
            out,
            err,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(
    from: impl Read + Send + 'static,
    into: Arc<Mutex<String>>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            into.lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}

/// `kill -NAME pid`.
pub fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid.to_string())
        .status();
}

/// The program with nothing of this machine's in its environment.
pub fn shouyin(args: &[&str]) -> Command {
    let mut command = Command::new(BIN);
    command
        .args(args)
        .env_remove("SHOUYIN_DATA_DIR")
        .env_remove("DISPLAY");
    command.env_remove("WAYLAND_DISPLAY");
    command
}

#[track_caller]
pub fn run(args: &[&str]) -> Done {
    Running::start(shouyin(args), None).wait()
}

/// A provisioned data directory.
pub struct Shop {
    pub temp: tempfile::TempDir,
    pub dir: PathBuf,
    /// Everything its processes printed.
    pub said: Mutex<String>,
}

pub fn toml(host: &str, times: &str) -> String {
    format!(
        r#"[shop]
name = "示例便利店"
till = "01"
[gateway]
provider = "beecloud"
servers = ["{host}"]
app_id = "{APP_ID}"
app_secret = "{APP_SECRET}"
master_secret = "{MASTER_SECRET}"
channels = ["ALI_SCAN", "WX_SCAN", "ALI_OFFLINE_QRCODE", "WX_NATIVE"]
[payment]
{times}
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
"#
    )
}

impl Shop {
    pub fn bare() -> Shop {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("data");
        Shop {
            temp,
            dir,
            said: Mutex::default(),
        }
    }

    #[track_caller]
    pub fn new(foreign: &Foreign, times: &str) -> Shop {
        let shop = Shop::bare();
        shop.setup(&toml(&foreign.url(), times)).exits(0).silent();
        shop
    }

    #[track_caller]
    pub fn setup(&self, toml: &str) -> Done {
        self.run_with(&["setup", "--from", "-"], toml)
    }

    pub fn dir(&self) -> &str {
        self.dir.to_str().unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = shouyin(args);
        command.args(["--data-dir", self.dir()]);
        command
    }

    pub fn start(&self, args: &[&str], input: Option<&str>) -> Running {
        Running::start(self.command(args), input)
    }

    #[track_caller]
    pub fn finish(&self, running: Running) -> Done {
        let done = running.wait();
        let mut said = self.said.lock().unwrap();
        said.push_str(&done.out);
        said.push_str(&done.err);
        done
    }

    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Done {
        self.finish(self.start(args, None))
    }

    #[track_caller]
    pub fn run_with(&self, args: &[&str], input: &str) -> Done {
        self.finish(self.start(args, Some(input)))
    }

    /// Starts `pay --json` with a code.
    pub fn paying(&self, amount: &str, code: &str, more: &[&str]) -> Running {
        let args = [
            &["pay", "--amount", amount, "--code-from", "-", "--json"],
            more,
        ]
        .concat();
        self.start(&args, Some(&format!("{code}\n")))
    }

    #[track_caller]
    pub fn pay(&self, amount: &str, code: &str, more: &[&str]) -> Done {
        self.finish(self.paying(amount, code, more))
    }

    #[track_caller]
    pub fn bills(&self) -> Vec<Value> {
        self.run(&["bills", "--json"]).exits(0).silent().json()
    }

    #[track_caller]
    pub fn bill(&self, bill_no: &str) -> Value {
        let done = self
            .run(&["bills", "--json", "--bill-no", bill_no])
            .exits(0);
        done.last()
    }

    #[track_caller]
    pub fn settle(&self) -> Done {
        self.run(&["settle", "--for", "90"])
    }

    /// The chain holds, whatever happened.
    #[track_caller]
    pub fn assert_chain(&self) {
        self.run(&["audit", "verify"]).exits(0).silent();
    }
}

/// Every file under a directory.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// `shouyin simulator` as a process of its own.
pub struct Simulator {
    pub url: String,
    _running: Running,
}

impl Simulator {
    #[track_caller]
    pub fn start(more: &[&str]) -> Simulator {
        let args = [
            &["simulator", "--listen", "127.0.0.1:0", "--app-id", APP_ID],
            &["--app-secret", APP_SECRET, "--master-secret", MASTER_SECRET][..],
            more,
        ]
        .concat();
        let running = Running::start(shouyin(&args), None);
        let url = running.until("\n").lines().next().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Simulator {
            url,
            _running: running,
        }
    }
}
