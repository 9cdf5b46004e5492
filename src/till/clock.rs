//! The till's clocks: one monotonic, one wall, and the gateway's as learned from its answers.

use crate::domain::Now;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Off by more than this is said on the screen (FATE: gateway time).
const BANNER_MS: i64 = 60_000;

/// Reads the clocks and keeps the gateway's offset.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    offset_ms: Option<i64>,
    /// For tests: time that passed without anybody waiting for it.
    skipped_ms: i64,
}

impl Default for Clock {
    fn default() -> Self {
        Clock {
            start: Instant::now(),
            offset_ms: None,
            skipped_ms: 0,
        }
    }
}

impl Clock {
    /// This moment.
    pub fn now(&self) -> Now {
        let mono = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
        Now {
            mono_ms: mono.saturating_add(self.skipped_ms),
            wall_ms: self.wall_ms(),
            offset_ms: self.offset_ms,
        }
    }

    /// Learns from an answer's `Date` and how long the request took.
    pub fn learn(&mut self, date_ms: i64, took_ms: i64) {
        self.offset_ms = Some(learned(self.offset_ms, date_ms, took_ms, self.wall_ms()));
    }

    fn wall_ms(&self) -> i64 {
        wall_ms().saturating_add(self.skipped_ms)
    }

    /// For tests: so much time passes at once, by both clocks. The gateway's stays what it was.
    pub fn skip(&mut self, ms: i64) {
        self.skipped_ms = self.skipped_ms.saturating_add(ms);
        self.offset_ms = self.offset_ms.map(|offset| offset.saturating_sub(ms));
    }

    /// Local clock minus gateway time in seconds, where that is over 60 s.
    pub fn banner_s(&self) -> Option<i64> {
        let offset = self.offset_ms?;
        (offset.abs() > BANNER_MS).then_some(-offset / 1000)
    }
}

/// `Date` has whole seconds and was written at some moment of the request, so an answer only says
/// between what the offset lies. What is known is kept unless this answer excludes it: an offset
/// that jumped with every answer would let gateway time run backwards.
fn learned(known_ms: Option<i64>, date_ms: i64, took_ms: i64, now_ms: i64) -> i64 {
    let least = date_ms.saturating_sub(now_ms);
    let most = least.saturating_add(999).saturating_add(took_ms.max(0));
    match known_ms {
        Some(known_ms) => known_ms.clamp(least, most),
        None => least.midpoint(most),
    }
}

/// The wall clock, UTC milliseconds.
pub fn wall_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_stays_within_what_every_answer_says_and_does_not_jump() {
        let first = learned(None, 10_000, 200, 10_700);
        assert_eq!(first, (-700 + 499) / 2);
        // The same clocks, a moment later: nothing new, so nothing moves.
        assert_eq!(learned(Some(first), 11_000, 200, 11_200), first);
        // An answer that excludes it moves it no further than it must.
        assert_eq!(learned(Some(first), 12_000, 0, 12_000), 0);
        assert_eq!(learned(Some(0), 3_612_000, 100, 12_050), 3_599_950);
        // A slow answer says little.
        assert_eq!(learned(Some(0), 12_000, 30_000, 40_000), 0);
    }
}
