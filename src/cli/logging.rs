//! The log a support person reads: DIR/log, one file a day, two weeks of them.
//!
//! It says what became of each bill and each refund and why an answer did not count. It never holds
//! a secret, a PIN or a payment code (I12): only this program's own lines get in, since a library's
//! may quote a whole request. A log that can't be written stops nothing.

use crate::domain::{Bill, Proof, Refund};
use crate::till::Notice;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// How many files are kept.
const FILES: usize = 14;
/// Only this program's lines: what became of bills, and each request with its host, path, time
/// and failure. Bodies and queries are in none of them.
const WHAT: &str = "off,shouyin=info,shouyin::gateway::transport=debug";
/// The last lines of a till that has stopped come at once.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Starts logging into `dir`/log. A second call in the same process changes nothing.
pub fn start(dir: &Path) {
    let log = dir.join("log");
    // The appender complains on standard error about a folder that is not there.
    if std::fs::create_dir_all(&log).is_err() {
        return;
    }
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("shouyin")
        .filename_suffix("log")
        .max_log_files(FILES)
        .build(log);
    let Ok(appender) = appender else { return };
    let started = tracing_subscriber::fmt()
        .with_writer(std::sync::Mutex::new(appender))
        .with_ansi(false)
        .with_env_filter(EnvFilter::new(WHAT))
        // A full disk must not write lines of its own onto standard error.
        .log_internal_errors(false)
        .try_init();
    if started.is_ok() {
        note_panics();
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            pid = std::process::id(),
            "started"
        );
    }
}

/// Writes every change of every bill and refund, until the till is gone. For each client of a till:
/// spawn it with the till's notices.
pub async fn follow(mut notices: Receiver<Notice>) {
    loop {
        match notices.recv().await {
            Ok(Notice::Changed(bill)) => note(&bill, true),
            Ok(Notice::Unwritten(bill)) => note(&bill, false),
            Ok(Notice::RefundChanged(refund)) => note_refund(&refund),
            Ok(_) => {}
            Err(RecvError::Lagged(lines)) => tracing::warn!(lines, "changes are not in this log"),
            Err(RecvError::Closed) => return,
        }
    }
}

/// Waits for the last lines of a till that was dropped.
pub(super) fn finish(runtime: &Runtime, log: JoinHandle<()>) {
    let _ = runtime.block_on(async { tokio::time::timeout(LAST_LINES, log).await });
}

fn note(bill: &Bill, recorded: bool) {
    let proof = bill.proof.map(Proof::name);
    let incident = bill.incident.as_ref().map(|i| i.kind.to_string());
    let alarm = bill
        .alarm
        .as_ref()
        .map(|a| format!("{} {}", a.code, a.detail));
    tracing::info!(
        bill_no = %bill.bill_no,
        amount = %bill.amount,
        channel = bill.channel.name(),
        state = bill.state.name(),
        proof,
        pay = ?bill.pay,
        reverts = bill.reverts.map(|r| r.count),
        incident,
        alarm,
        recorded,
        "bill"
    );
}

fn note_refund(refund: &Refund) {
    tracing::info!(
        refund_no = %refund.refund_no,
        bill_no = %refund.bill_no,
        fee = %refund.fee,
        channel = refund.channel.name(),
        state = refund.state.name(),
        proof = refund.proof.map(|p| p.name()),
        answer = ?refund.answer,
        sends = refund.sends,
        approver = refund.approver,
        incident = refund.incident.as_ref().map(|i| i.kind.to_string()),
        "refund"
    );
}

/// Where a panic was, never its words: they may quote anything, a code that a picture's reader
/// stumbled over as well (I12). Standard error is often kept in a file too.
fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        let at = at.unwrap_or_default();
        tracing::error!(at, "panicked");
        let _ = writeln!(std::io::stderr(), "panicked at {at}");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panics_words_are_nowhere() {
        const CHILD: &str = "SHOUYIN_TEST_PANICS";
        const CODE: &str = "134567890123456789";
        let name = "cli::logging::tests::a_panics_words_are_nowhere";
        if let Some(dir) = std::env::var_os(CHILD) {
            start(Path::new(&dir));
            let _ = std::panic::catch_unwind(|| std::panic::panic_any(format!("read {CODE}")));
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env(CHILD, dir.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&child.stderr).into_owned();
        let files = std::fs::read_dir(dir.path().join("log")).unwrap();
        let logged: String = files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        for text in [told, logged] {
            assert!(
                text.contains("panicked") && text.contains("logging.rs"),
                "{text}"
            );
            assert!(!text.contains(CODE), "{text}");
        }
    }
}
