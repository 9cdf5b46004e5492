//! How long one picture may be tried. The clock is handed in, so that tests decide what time it is.

use std::time::{Duration, Instant};

/// For one camera frame of 640×480.
pub const FRAME: Duration = Duration::from_millis(50);
/// For one picture that a person hands over and waits for.
pub const PICTURE: Duration = Duration::from_secs(2);

/// Time left for one picture. An attempt can't be cut off, so one that would not fit is not
/// begun; how much slower this machine is than the one the costs were taken on is seen on the way.
pub struct Budget<'a> {
    clock: &'a dyn Fn() -> Duration,
    start: Duration,
    limit: Duration,
    /// What was begun so far should have taken.
    planned: Duration,
}

impl<'a> Budget<'a> {
    /// From now. `clock` is any one that never goes back.
    pub fn new(limit: Duration, clock: &'a dyn Fn() -> Duration) -> Budget<'a> {
        Budget {
            start: clock(),
            clock,
            limit,
            planned: Duration::ZERO,
        }
    }

    /// May an attempt of this cost be begun?
    pub(super) fn begin(&mut self, cost: Duration) -> bool {
        let spent = (self.clock)().saturating_sub(self.start);
        let pace = if self.planned.is_zero() {
            1.0
        } else {
            // A clock that stood still for long must not overflow the product.
            spent.div_duration_f32(self.planned).clamp(1.0, 1000.0)
        };
        let fits = spent.saturating_add(cost.mul_f32(pace)) < self.limit;
        if fits {
            self.planned = self.planned.saturating_add(cost);
        }
        fits
    }
}

/// The system's clock.
pub fn system_clock() -> impl Fn() -> Duration {
    let started = Instant::now();
    move || started.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn what_would_not_fit_is_not_begun() {
        let now = Cell::new(MS(7));
        let clock = || now.get();
        let mut budget = Budget::new(MS(50), &clock);
        assert!(budget.begin(MS(10)));
        now.set(MS(17));
        assert!(budget.begin(MS(30)));
        now.set(MS(47));
        assert!(!budget.begin(MS(10)));
        assert!(budget.begin(MS(9)), "a shorter one still fits");
    }

    #[test]
    fn a_slow_machine_begins_less() {
        let now = Cell::new(MS(0));
        let clock = || now.get();
        let mut budget = Budget::new(MS(50), &clock);
        assert!(budget.begin(MS(5)));
        now.set(MS(20));
        assert!(!budget.begin(MS(8)), "it would take 32");
        assert!(budget.begin(MS(7)));
    }

    #[test]
    fn no_time_at_all_begins_nothing() {
        let clock = || MS(0);
        assert!(!Budget::new(MS(0), &clock).begin(MS(1)));
    }
}
