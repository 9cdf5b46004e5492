//! The log a support person reads: DIR/log, one file a day, two weeks of them.
//!
//! It says what became of each bill and why an answer did not count. It never holds a secret, a
//! PIN or a payment code (I12): only this program's own lines get in, since a library's may quote
//! a whole request. A log that can't be written stops nothing.

use std::path::Path;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// How many files are kept.
const FILES: usize = 14;
/// Only this program's lines, and only what a support person needs.
const WHAT: &str = "off,shouyin=info";

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

/// Where a panic was, never its words: they may quote anything.
fn note_panics() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, "panicked");
        shown(panic);
    }));
}
