//! The till's clocks: one monotonic, one wall, and the gateway's as learned from its answers.

use crate::domain::Now;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// An answer that took longer than this says too little about the clock to correct a known offset.
const PROMPT_MS: i64 = 5_000;
/// Off by more than this is said on the screen (FATE: gateway time).
const BANNER_MS: i64 = 60_000;

/// Reads the clocks and keeps the gateway's offset.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    offset_ms: Option<i64>,
}

impl Default for Clock {
    fn default() -> Self {
        Clock {
            start: Instant::now(),
            offset_ms: None,
        }
    }
}

impl Clock {
    /// This moment.
    pub fn now(&self) -> Now {
        let mono = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
        Now {
            mono_ms: mono,
            wall_ms: wall_ms(),
            offset_ms: self.offset_ms,
        }
    }

    /// Learns from an answer's `Date` (whole seconds, so its middle is taken) and how long the
    /// request took.
    pub fn learn(&mut self, date_ms: i64, took_ms: i64) {
        let now = wall_ms();
        let offset = date_ms
            .saturating_add(500)
            .saturating_sub(now.saturating_sub(took_ms / 2));
        if self.offset_ms.is_none() || took_ms < PROMPT_MS {
            self.offset_ms = Some(offset);
        }
    }

    /// Local clock minus gateway time in seconds, where that is over 60 s.
    pub fn banner_s(&self) -> Option<i64> {
        let offset = self.offset_ms?;
        (offset.abs() > BANNER_MS).then_some(-offset / 1000)
    }
}

/// The wall clock, UTC milliseconds.
pub fn wall_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
