//! The commands without a window (COUNTER: commands). They drive the same till as the window.
//!
//! Every error is one line on standard error that says what and what to do. Exit codes: 0 done,
//! 1 the answer is no, 2 the call was wrong, 3 not known yet, 4 another one has the directory.

mod audit;
mod bills;
mod decode;
mod doctor;
mod export;
mod home;
pub mod logging;
mod pay;
mod practice;
mod reconcile;
mod refund;
mod running;
mod settle;
mod setup;
mod signals;
mod simulator;
mod window;

use crate::domain::auth_code::without_codes;
use clap::{Args, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

pub use home::Home;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done = 0,
    /// 1
    No = 1,
    /// 2
    Wrong = 2,
    /// 3
    Unknown = 3,
    /// 4
    Taken = 4,
}

/// Why a command could not be carried out: one line, and the exit code.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    line: String,
}

impl Failure {
    fn new(exit: Exit, line: impl std::fmt::Display) -> Failure {
        Failure {
            exit,
            line: one_line(&line.to_string()),
        }
    }

    fn wrong(line: impl std::fmt::Display) -> Failure {
        Failure::new(Exit::Wrong, line)
    }

    fn no(line: impl std::fmt::Display) -> Failure {
        Failure::new(Exit::No, line)
    }
}

impl From<crate::till::OpenError> for Failure {
    fn from(error: crate::till::OpenError) -> Self {
        let exit = match error {
            crate::till::OpenError::Taken(_) => Exit::Taken,
            _ => Exit::No,
        };
        Failure::new(exit, error)
    }
}

type Outcome = Result<Exit, Failure>;

/// Shouyin (收银): a counter payment terminal.
#[derive(Debug, Parser)]
#[command(name = "shouyin", version, about = "收银：支付宝、微信柜台收款终端")]
struct Cli {
    /// The data directory (else SHOUYIN_DATA_DIR, else the platform's).
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Practice mode: the built-in gateway and a played customer.
    #[arg(long, global = true)]
    practice: bool,
    /// Wait this many seconds for another shouyin that has the directory.
    #[arg(long, global = true, value_name = "S", default_value_t = 0)]
    wait: u64,
    #[command(subcommand)]
    command: Option<Cmd>,
}

#[derive(Debug, Subcommand)]
enum Cmd {
    /// Provisions the data directory from a TOML file.
    Setup(SetupArgs),
    /// Reads the ledger.
    Bills(BillsArgs),
    /// The practice gateway alone, until Ctrl-C.
    Simulator(SimulatorArgs),
    /// One sale without a window.
    Pay(PayArgs),
    /// Runs the till without a window until nothing is open.
    Settle(SettleArgs),
    /// A day against the gateway, one difference a line.
    Reconcile(ReconcileArgs),
    /// Writes bills and refunds into a file.
    Export(ExportArgs),
    /// One refund without a window; the approver's PIN is one line on standard input.
    Refund(RefundArgs),
    /// The audit chain.
    Audit {
        #[command(subcommand)]
        what: AuditCmd,
    },
    /// What the camera's pipeline reads in each picture: one line each, the text or nothing.
    Decode {
        /// PNG or JPEG.
        #[arg(required = true, value_name = "PICTURE")]
        pictures: Vec<PathBuf>,
    },
    /// Checks directory, ledger, clock, gateway and devices.
    Doctor,
}

#[derive(Debug, Subcommand)]
enum AuditCmd {
    /// Checks the chain; exit 1 and the first bad row where it breaks.
    Verify,
}

#[derive(Debug, Args)]
struct SetupArgs {
    /// The provisioning file; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    from: String,
    /// Keep the device key in the OS keyring instead of a file.
    #[arg(long)]
    keyring: bool,
}

#[derive(Debug, Args)]
struct BillsArgs {
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Only bills in this state.
    #[arg(long, value_name = "S")]
    state: Option<String>,
    /// Only bills since: RFC 3339, or a day (YYYY-MM-DD) in Shanghai.
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// Only this bill.
    #[arg(long, value_name = "N")]
    bill_no: Option<String>,
}

#[derive(Debug, Args)]
struct SimulatorArgs {
    /// 127.0.0.1:PORT; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: std::net::SocketAddr,
    /// The merchant's application.
    #[arg(long, default_value = "practice")]
    app_id: String,
    /// Signs payments.
    #[arg(long, default_value = "practice-app")]
    app_secret: String,
    /// Signs refunds.
    #[arg(long, default_value = "practice-master")]
    master_secret: String,
    /// Signs what goes to the sandbox's paths.
    #[arg(long, default_value = "practice-test")]
    test_secret: String,
    /// What customers do: at-once, password, late, never, no-money.
    #[arg(long, default_value = "at-once")]
    customer: String,
    /// https with a certificate made now; its SHA-256 is the second line.
    #[arg(long)]
    tls: bool,
    /// Writes the certificate (PEM, without its key) into this file.
    #[arg(long, value_name = "FILE", requires = "tls")]
    tls_cert: Option<PathBuf>,
    /// Where notices go that no request gave a notify_url for: http:// on loopback.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Multiplies the played delays and the times between notices, as in 0.1.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    delay_factor: f64,
}

#[derive(Debug, Args)]
struct PayArgs {
    /// Yuan, as in 12.34.
    #[arg(long)]
    amount: String,
    /// `-`: the payment code is one line on standard input.
    #[arg(
        long,
        value_name = "-",
        conflicts_with = "qr",
        allow_hyphen_values = true
    )]
    code_from: Option<String>,
    /// Show a QR: ali or wx.
    #[arg(long, value_name = "ali|wx")]
    qr: Option<String>,
    /// The caller's order number: an open or paid attempt of it is followed, nothing new is sent.
    #[arg(long, value_name = "ID")]
    sale: Option<String>,
    /// It is another customer than the one of the same amount whose bill has no result yet.
    #[arg(long)]
    another: bool,
    /// Becomes the title.
    #[arg(long, default_value = "")]
    note: String,
    /// One JSON object a state.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct SettleArgs {
    /// At most this many seconds; without it, as long as it takes.
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
}

#[derive(Debug, Args)]
struct ReconcileArgs {
    /// YYYY-MM-DD in Shanghai.
    #[arg(long, value_name = "D")]
    day: String,
    /// One JSON object a difference.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct RefundArgs {
    /// Whose money goes back.
    #[arg(long, value_name = "N")]
    bill_no: String,
    /// Yuan, as in 5.00.
    #[arg(long)]
    amount: String,
    /// The manager who approves it; their PIN comes on standard input.
    #[arg(long, value_name = "ID")]
    approver: String,
    /// Goes to the gateway too.
    #[arg(long, value_name = "T", default_value = "退款")]
    reason: String,
    /// One JSON object a state.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ExportArgs {
    /// The first day, YYYY-MM-DD in Shanghai.
    #[arg(long, value_name = "D")]
    from: String,
    /// The last day.
    #[arg(long, value_name = "D")]
    to: String,
    /// csv or xlsx.
    #[arg(long, value_name = "csv|xlsx")]
    format: String,
    /// An existing file is replaced whole or not at all.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs the program; `main` only calls this.
pub fn main() -> ExitCode {
    signals::survive_file_limits();
    let outcome = match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => usage(&error),
    };
    match outcome {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{}", failure.line);
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn run(cli: Cli) -> Outcome {
    let wait = std::time::Duration::from_secs(cli.wait);
    let home = Home::locate(cli.data_dir, cli.practice)?;
    match cli.command {
        None => window::run(&home, wait),
        Some(Cmd::Setup(args)) => setup::run(&home, &args.from, args.keyring, wait),
        Some(Cmd::Bills(args)) => bills::run(&home, &args),
        Some(Cmd::Simulator(args)) => simulator::run(&args),
        Some(Cmd::Pay(args)) => pay::run(&home, args, wait),
        Some(Cmd::Settle(args)) => settle::run(&home, args.seconds, wait),
        Some(Cmd::Reconcile(args)) => reconcile::run(&home, &args, wait),
        Some(Cmd::Export(args)) => export::run(&home, args),
        Some(Cmd::Refund(args)) => refund::run(&home, &args, wait),
        Some(Cmd::Audit {
            what: AuditCmd::Verify,
        }) => audit::run(&home),
        Some(Cmd::Decode { pictures }) => decode::run(&pictures),
        Some(Cmd::Doctor) => doctor::run(&home),
    }
}

/// `--help` and `--version` are printed whole; a wrong call is one line.
fn usage(error: &clap::Error) -> Outcome {
    use clap::error::ErrorKind;
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        print(&error.to_string());
        return Ok(Exit::Done);
    }
    let text = error.to_string();
    let first = text
        .lines()
        .next()
        .unwrap_or("")
        .trim_start_matches("error: ");
    let missing: Vec<&str> = match error.kind() {
        ErrorKind::MissingRequiredArgument => text
            .lines()
            .skip(1)
            .map(str::trim)
            .take_while(|l| !l.is_empty())
            .collect(),
        _ => Vec::new(),
    };
    // A payment code given in the wrong place must not come back in an error (I12).
    let line = without_codes(&format!("{first} {}", missing.join(" ")), "…");
    Err(Failure::wrong(format!(
        "{}（用法：shouyin --help）",
        line.trim()
    )))
}

/// Standard output; a closed pipe ends the printing, not the work.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Standard output, one line.
fn print_line(line: &str) {
    print(&format!("{line}\n"));
}

/// Standard error, one line.
fn warn_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", one_line(line));
}

fn one_line(text: &str) -> String {
    text.split(['\n', '\r'])
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A runtime for what a command itself waits for; the till has its own.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::no(format!("系统资源不够，启动不了：{e}")))
}
