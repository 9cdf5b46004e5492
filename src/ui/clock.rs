//! The window's clock, so that tests can hand in their own. It only measures how long something
//! is shown and how keys follow each other; no rule about money depends on it.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Where the window reads the time.
pub trait Clock: Send + Sync {
    /// Milliseconds of a monotonic clock with an arbitrary zero.
    fn mono_ms(&self) -> i64;
    /// UTC milliseconds of the wall clock: the clock of the snapshots.
    fn wall_ms(&self) -> i64;
}

/// The system's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn mono_ms(&self) -> i64 {
        mono_ms()
    }

    fn wall_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Milliseconds since the first call in this process.
pub fn mono_ms() -> i64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let start = START.get_or_init(Instant::now);
    i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX)
}
