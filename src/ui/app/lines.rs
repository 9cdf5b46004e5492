//! One plain line that says what happened, and goes.

use super::App;

/// How long a line stays, ms.
pub const TOAST_MS: i64 = 6_000;
/// A passing line is shown for at least this long, ms: the change of the stage that came with it
/// does not take it away.
const PASSING_MS: i64 = 500;

/// One plain line that fades.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Since when, monotonic ms.
    pub since_ms: i64,
    /// Until when, monotonic ms.
    pub until_ms: i64,
    /// About what a person just did: it goes when they go on. A result off the stage stays.
    pub passing: bool,
}

impl App {
    /// About what a person just did.
    pub(super) fn say(&mut self, text: String) {
        self.announce(text, true);
    }

    /// A line that stays its time, unless it is passing.
    pub(super) fn announce(&mut self, text: String, passing: bool) {
        self.toast = Some(Toast {
            text,
            since_ms: self.now_mono_ms,
            until_ms: self.now_mono_ms.saturating_add(TOAST_MS),
            passing,
        });
    }

    /// The person went on: what was said about the last try would now be read as about this one.
    pub(super) fn went_on(&mut self) {
        let now = self.now_mono_ms;
        let passed = |t: &Toast| t.passing && now.saturating_sub(t.since_ms) >= PASSING_MS;
        if self.toast.as_ref().is_some_and(passed) {
            self.toast = None;
        }
    }
}
