//! Time as the rules use it. Nobody here reads a clock: `Now` is handed in.

use serde::{Deserialize, Serialize};

/// One reading of the clocks, taken by the till and handed to pure code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a monotonic clock with an arbitrary zero. Timers use it.
    pub mono_ms: i64,
    /// The local wall clock, UTC milliseconds.
    pub wall_ms: i64,
    /// What must be added to the wall clock to get gateway time, learned from the
    /// `Date` of trusted answers; `None` while no answer carried one.
    pub offset_ms: Option<i64>,
}

impl Now {
    /// Gateway time (FATE: words), UTC milliseconds: it signs and measures guard and expiry.
    pub fn gateway_ms(&self) -> i64 {
        self.wall_ms.saturating_add(self.offset_ms.unwrap_or(0))
    }

    /// This moment as it is kept in a bill.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            wall_ms: self.wall_ms,
            offset_ms: self.offset_ms,
        }
    }
}

/// A moment that outlives the process: the wall clock, and the gateway offset where it was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The local wall clock, UTC milliseconds.
    pub wall_ms: i64,
    /// The gateway offset known at that moment, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
}

impl Stamp {
    /// Gateway time of the stamp, UTC milliseconds. A stamp taken before any offset was known
    /// is corrected by the one known now.
    pub fn gateway_ms(&self, now: &Now) -> i64 {
        let offset = self.offset_ms.or(now.offset_ms).unwrap_or(0);
        self.wall_ms.saturating_add(offset)
    }
}

/// Asia/Shanghai is UTC+8 without daylight saving since 1991; no time zone file is needed.
const SHANGHAI_OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A calendar day in Asia/Shanghai, printed as YYYY-MM-DD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day in Shanghai that holds this UTC millisecond.
    pub fn of(utc_ms: i64) -> Day {
        Day(utc_ms.saturating_add(SHANGHAI_OFFSET_MS).div_euclid(DAY_MS))
    }

    /// Reads YYYY-MM-DD.
    pub fn parse(text: &str) -> Option<Day> {
        let date: jiff::civil::Date = (text.len() == 10).then(|| text.parse().ok())??;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Day(midnight
            .timestamp()
            .as_millisecond()
            .div_euclid(DAY_MS)))
    }

    /// The first UTC millisecond of the day.
    pub fn start_ms(self) -> i64 {
        self.0
            .saturating_mul(DAY_MS)
            .saturating_sub(SHANGHAI_OFFSET_MS)
    }

    /// The first UTC millisecond of the day after.
    pub fn end_ms(self) -> i64 {
        self.start_ms().saturating_add(DAY_MS)
    }

    /// YYYYMMDD, as bill_no and refund_no begin.
    pub fn compact(self) -> String {
        shanghai(self.start_ms()).strftime("%Y%m%d").to_string()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", shanghai(self.start_ms()).strftime("%Y-%m-%d"))
    }
}

/// A UTC millisecond as civil time in Shanghai.
pub fn shanghai(utc_ms: i64) -> jiff::civil::DateTime {
    jiff::Timestamp::from_millisecond(utc_ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .datetime()
}

/// HH:MM in Shanghai.
pub fn clock_hm(utc_ms: i64) -> String {
    shanghai(utc_ms).strftime("%H:%M").to_string()
}

/// HH:MM:SS in Shanghai.
pub fn clock_hms(utc_ms: i64) -> String {
    shanghai(utc_ms).strftime("%H:%M:%S").to_string()
}

/// Reads T of the commands: RFC 3339 or a day in Shanghai (its first millisecond).
pub fn parse_moment(text: &str) -> Option<i64> {
    if let Some(day) = Day::parse(text) {
        return Some(day.start_ms());
    }
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(|t| t.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shanghais() {
        // 2026-11-19T16:00:00Z is the first moment of the 20th in Shanghai.
        let ms = parse_moment("2026-11-19T16:00:00Z").unwrap();
        assert_eq!(Day::of(ms).to_string(), "2026-11-20");
        assert_eq!(Day::of(ms - 1).to_string(), "2026-11-19");
        assert_eq!(Day::of(ms).start_ms(), ms);
        assert_eq!(Day::of(ms).compact(), "20261120");
        assert_eq!(Day::parse("2026-11-20"), Some(Day::of(ms)));
        assert_eq!(Day::parse("2026-11-20").unwrap().end_ms() - ms, 86_400_000);
        assert_eq!(clock_hms(ms), "00:00:00");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["2026-13-01", "20261120", "2026-1-2", "", "today"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert_eq!(parse_moment("yesterday"), None);
    }

    #[test]
    fn a_stamp_without_an_offset_takes_the_one_learned_later() {
        let early = Now {
            mono_ms: 0,
            wall_ms: 1_000_000,
            offset_ms: None,
        }
        .stamp();
        let later = Now {
            mono_ms: 5,
            wall_ms: 1_000_005,
            offset_ms: Some(-3_600_000),
        };
        assert_eq!(early.gateway_ms(&later), 1_000_000 - 3_600_000);
    }
}
