//! Which bills are listed: days, state, wallet, cashier, and what the search's text means. Pure.

use crate::domain::query::Query;
use crate::domain::staff::Staff;
use crate::domain::time::Day;
use crate::domain::{Fen, State as BillState, Wallet};
use crate::till::service::BillView;
use crate::ui::face::Face;

/// Rows of a page.
pub const PAGE_ROWS: u32 = 60;
/// So many characters are no tail that was typed but a number that was scanned: it is unique, so
/// the days don't matter.
const WHOLE_NUMBER: usize = 16;
const WEEK: i64 = 7;
const DAY_MS: i64 = 86_400_000;

/// Which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Days {
    /// 今天
    #[default]
    Today,
    /// One other day.
    On(Day),
    /// 7 天, today among them.
    Week,
    /// 全部
    All,
}

/// Which states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Any.
    #[default]
    Any,
    /// 已收款
    Paid,
    /// 未知: open and not known.
    Unknown,
    /// 已退款
    Refunded,
}

/// Every filter together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    /// Which days.
    pub days: Days,
    /// Which states.
    pub sort: Sort,
    /// Of this wallet.
    pub wallet: Option<Wallet>,
    /// Taken by this staff id.
    pub operator: Option<String>,
}

impl Days {
    /// The one day, where it is one; else today.
    pub fn day(self, now_ms: i64) -> Day {
        match self {
            Days::On(day) => day,
            _ => Day::of(now_ms),
        }
    }

    /// More than one day: a row then says which.
    pub fn is_many(self) -> bool {
        matches!(self, Days::Week | Days::All)
    }

    /// The day before or after; never after today.
    pub fn turned(self, later: bool, now_ms: i64) -> Days {
        let (day, today) = (self.day(now_ms), Day::of(now_ms));
        let to = if later {
            Day::of(day.end_ms())
        } else {
            Day::of(day.start_ms().saturating_sub(1))
        };
        if to >= today {
            Days::Today
        } else {
            Days::On(to)
        }
    }

    /// Up and down go through the pills.
    pub fn stepped(self, down: bool) -> Days {
        let all = [Days::Today, Days::Week, Days::All];
        let at = all.iter().position(|one| *one == self).unwrap_or(0);
        ring(&all, at, down)
    }

    fn bounds(self, now_ms: i64) -> (Option<i64>, Option<i64>) {
        let today = Day::of(now_ms).start_ms();
        match self {
            Days::Today => (Some(today), None),
            Days::On(day) => (Some(day.start_ms()), Some(day.end_ms())),
            Days::Week => (Some(today.saturating_sub((WEEK - 1) * DAY_MS)), None),
            Days::All => (None, None),
        }
    }
}

impl Sort {
    /// Up and down go through the pills.
    pub fn stepped(self, down: bool) -> Sort {
        let all = [Sort::Any, Sort::Paid, Sort::Unknown, Sort::Refunded];
        let at = all.iter().position(|one| *one == self).unwrap_or(0);
        ring(&all, at, down)
    }

    /// What the ledger can't tell apart: of the open bills, only the unanswered are unknown.
    pub fn holds(self, bill: &BillView) -> bool {
        self != Sort::Unknown || !Face::of(bill).is_waiting()
    }

    fn states(self) -> Vec<BillState> {
        match self {
            Sort::Any | Sort::Refunded => Vec::new(),
            Sort::Paid => vec![BillState::Paid],
            Sort::Unknown => vec![
                BillState::Sent,
                BillState::Awaiting,
                BillState::Closing,
                BillState::Watching,
                BillState::Unresolved,
            ],
        }
    }
}

impl Filters {
    /// The next wallet.
    pub fn step_wallet(&mut self, down: bool) {
        let all = [None, Some(Wallet::Alipay), Some(Wallet::Wechat)];
        let at = all.iter().position(|one| *one == self.wallet).unwrap_or(0);
        self.wallet = ring(&all, at, down);
    }

    /// The next cashier.
    pub fn step_operator(&mut self, staff: &[Staff], down: bool) {
        let ids = staff.iter().map(|one| Some(one.id.clone()));
        let all: Vec<Option<String>> = std::iter::once(None).chain(ids).collect();
        let at = all.iter().position(|one| *one == self.operator);
        self.operator = ring(&all, at.unwrap_or(0), down);
    }

    /// The search that these and a text ask for: `12.30` is an amount, `14:22` a minute of the
    /// day, `2026-11-20` a day, anything else the end of a number.
    pub fn query(&self, text: &str, now_ms: i64) -> Query {
        let (from_ms, to_ms) = self.days.bounds(now_ms);
        let mut query = Query {
            from_ms,
            to_ms,
            states: self.sort.states(),
            refunded: self.sort == Sort::Refunded,
            wallet: self.wallet,
            operator: self.operator.clone(),
            limit: PAGE_ROWS,
            ..Query::default()
        };
        let text = text.trim().trim_start_matches(['…', '¥', '￥']).trim();
        if let Some(minute) = minute_of(text, self.days.day(now_ms)) {
            query.from_ms = Some(minute);
            query.to_ms = Some(minute.saturating_add(60_000));
        } else if let Some(day) = Day::parse(text) {
            query.from_ms = Some(day.start_ms());
            query.to_ms = Some(day.end_ms());
        } else if text.contains('.') {
            query.amount = Fen::parse_yuan(text).ok();
        } else if !text.is_empty() {
            let tail: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            if tail.len() >= WHOLE_NUMBER {
                (query.from_ms, query.to_ms) = (None, None);
            }
            query.tail = Some(tail.to_ascii_uppercase());
        }
        query
    }
}

/// The same search for an amount instead of the end of a number.
pub fn as_amount(query: &Query) -> Option<Query> {
    let digits = query.tail.as_ref()?;
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    Some(Query {
        tail: None,
        amount: Some(Fen::parse_yuan(digits).ok()?),
        ..query.clone()
    })
}

fn ring<T: Clone + Default>(all: &[T], at: usize, down: bool) -> T {
    let len = all.len().max(1);
    let to = if down { at + 1 } else { at + len - 1 };
    all.get(to % len).cloned().unwrap_or_default()
}

fn minute_of(text: &str, day: Day) -> Option<i64> {
    let (hour, minute) = text.split_once([':', '：'])?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute);
    fits.then(|| day.start_ms() + (hour * 60 + minute) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{clock_hms, parse_moment};

    fn now() -> i64 {
        parse_moment("2026-11-20T06:00:00Z").unwrap()
    }

    #[test]
    fn what_is_typed_is_an_amount_a_time_a_day_or_the_end_of_a_number() {
        let filters = Filters {
            days: Days::All,
            ..Filters::default()
        };
        let q = |text| filters.query(text, now());
        assert_eq!(q("12.30").amount, Some(Fen(1230)));
        assert_eq!(q("¥ 5.").amount, Some(Fen(500)));
        assert_eq!(q("y6rc").tail.as_deref(), Some("Y6RC"));
        assert_eq!(q("000059 Y6RC").tail.as_deref(), Some("000059Y6RC"));
        let minute = q("14:22");
        assert_eq!(clock_hms(minute.from_ms.unwrap()), "14:22:00");
        assert_eq!(q("2026-11-19").to_ms, Some(Day::of(now()).start_ms()));
        assert_eq!(q("25:00").tail.as_deref(), Some("25:00"));
    }

    #[test]
    fn a_whole_number_is_found_on_every_day() {
        let q = Filters::default().query("2026111901000059Y6RC9G5H", now());
        assert_eq!((q.from_ms, q.to_ms), (None, None));
        assert!(Filters::default().query("Y6RC", now()).from_ms.is_some());
    }

    #[test]
    fn days_are_shanghais_and_never_after_today() {
        let today = Day::of(now());
        let yesterday = Days::Today.turned(false, now());
        assert_eq!(
            yesterday.bounds(now()),
            (Some(today.start_ms() - DAY_MS), Some(today.start_ms()))
        );
        assert_eq!(yesterday.turned(true, now()), Days::Today);
        assert_eq!(Days::Today.turned(true, now()), Days::Today);
        let (from, to) = Days::Week.bounds(now());
        assert_eq!((from, to), (Some(today.start_ms() - 6 * DAY_MS), None));
        assert_eq!(Days::All.bounds(now()), (None, None));
    }
}
