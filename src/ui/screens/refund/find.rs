//! Finding the bill of a refund: today's paid bills, or those that a number or an amount names.
//! A whole number that this ledger doesn't have is asked at the gateway.
//!
//! Invariants: an answer counts only for the search that asked for it; Enter never opens a bill
//! of an earlier search; a scanned payment code is not kept.

use crate::domain::query::Query;
use crate::domain::time::Day;
use crate::domain::{AuthCode, BillNo, Fen, State as BillState};
use crate::till::service::BillView;
use crate::ui::app::Step;

/// Rows of a search.
const LIMIT: u32 = 40;
const SEARCH_CHARS: usize = 40;
/// So many characters are no bill's last digits any more, but a number.
const WHOLE_CHARS: usize = 12;

/// What is searched and found.
#[derive(Debug, Default)]
pub struct Find {
    search: String,
    /// Of the newest search.
    number: u64,
    as_amount: bool,
    searching: bool,
    /// Enter or a scan came: the only bill of the answer is opened.
    go: bool,
    found: Vec<BillView>,
    failed: Option<String>,
    /// The row; the one after the bills asks the gateway.
    chosen: Option<usize>,
    /// A payment code was scanned.
    was_code: bool,
}

/// What follows.
#[derive(Debug)]
pub enum Next {
    /// Nothing.
    None,
    /// Asks the ledger.
    Search(u64, Query),
    /// This bill is the one.
    Open(BillNo),
    /// Keeps the chosen row in sight.
    Follow(usize),
}

impl Find {
    /// Searches for what stands in the field.
    pub fn search(&mut self, now_ms: i64) -> Next {
        self.as_amount = false;
        self.chosen = None;
        self.go = false;
        self.ask(query(&self.search, now_ms))
    }

    fn ask(&mut self, query: Query) -> Next {
        self.number += 1;
        self.searching = true;
        Next::Search(self.number, query)
    }

    /// The field's text.
    pub fn typed(&mut self, text: &str, now_ms: i64) -> Next {
        self.search = text.chars().take(SEARCH_CHARS).collect();
        self.was_code = false;
        self.search(now_ms)
    }

    /// A character, where the field has no focus.
    pub fn push(&mut self, c: char, now_ms: i64) -> Next {
        let text = format!("{}{c}", self.search);
        self.typed(&text, now_ms)
    }

    /// Takes one away.
    pub fn backspace(&mut self, now_ms: i64) -> Next {
        let mut text = std::mem::take(&mut self.search);
        text.pop();
        self.typed(&text, now_ms)
    }

    /// A scan is the text; its bill is opened as soon as it is found. A payment code scanned by
    /// mistake is no number: it is neither kept nor asked about.
    pub fn scanned(&mut self, text: &str, now_ms: i64) -> Next {
        if AuthCode::parse(text).is_ok() {
            let next = self.typed("", now_ms);
            self.was_code = true;
            return next;
        }
        let next = self.typed(text, now_ms);
        self.go = true;
        next
    }

    /// The answer to a search.
    pub fn found(
        &mut self,
        number: u64,
        found: Result<Vec<BillView>, String>,
        now_ms: i64,
    ) -> Next {
        if number != self.number {
            return Next::None;
        }
        self.searching = false;
        self.failed = None;
        match found {
            Ok(bills) => self.found = bills,
            Err(why) => {
                self.found.clear();
                self.failed = Some(why);
            }
        }
        if self.found.is_empty()
            && self.failed.is_none()
            && let Some(query) = self.again_as_amount(now_ms)
        {
            return self.ask(query);
        }
        match std::mem::take(&mut self.go) {
            true => self.enter(),
            false => Next::None,
        }
    }

    /// `17` ends no bill's number: then it is ¥ 17.00.
    fn again_as_amount(&mut self, now_ms: i64) -> Option<Query> {
        let mut query = query(&self.search, now_ms);
        let digits = query.tail.take()?;
        if self.as_amount || !digits.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        query.amount = Some(Fen::parse_yuan(&digits).ok()?);
        query.states = vec![BillState::Paid];
        self.as_amount = true;
        Some(query)
    }

    /// Opens the chosen bill, or the only one; a number that is not here goes to the gateway.
    pub fn enter(&mut self) -> Next {
        if self.searching {
            self.go = true;
            return Next::None;
        }
        let only = (self.rows() == 1).then_some(0);
        match self.chosen.or(only) {
            Some(row) => self.open(row),
            None => self.step(Step::Down),
        }
    }

    fn open(&self, row: usize) -> Next {
        let here = self.found.get(row).map(|bill| bill.bill_no.clone());
        here.or_else(|| self.elsewhere())
            .map_or(Next::None, Next::Open)
    }

    /// Arrows.
    pub fn step(&mut self, step: Step) -> Next {
        let last = self.rows().saturating_sub(1);
        let to = match (self.chosen, step) {
            (_, Step::Left | Step::Right) => return Next::None,
            (_, _) if self.rows() == 0 => return Next::None,
            (Some(at), Step::Up) => at.saturating_sub(1),
            (Some(at), Step::Down) => (at + 1).min(last),
            (None, _) => 0,
        };
        self.chosen = Some(to);
        Next::Follow(to)
    }

    fn rows(&self) -> usize {
        self.found.len() + usize::from(self.elsewhere().is_some())
    }

    /// A whole number that nothing here ends with.
    pub fn elsewhere(&self) -> Option<BillNo> {
        let asked = !self.searching && self.found.is_empty() && self.failed.is_none();
        let text: String = self.search.chars().filter(|c| !c.is_whitespace()).collect();
        let whole = asked && text.len() >= WHOLE_CHARS;
        whole.then(|| BillNo::parse(&text)).flatten()
    }

    /// The field's text.
    pub fn text(&self) -> &str {
        &self.search
    }

    /// The bills.
    pub fn bills(&self) -> &[BillView] {
        &self.found
    }

    /// The chosen row.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// It is being asked.
    pub fn is_searching(&self) -> bool {
        self.searching
    }

    /// Why the ledger could not be read.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// A payment code was scanned instead of a number.
    pub fn was_code(&self) -> bool {
        self.was_code
    }
}

/// Nothing: today's paid bills. `12.30`: an amount. Anything else: the end of a number, in any
/// state, so that a bill that can't be refunded says why.
fn query(text: &str, now_ms: i64) -> Query {
    let mut query = Query {
        limit: LIMIT,
        ..Query::default()
    };
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.trim_start_matches(['…', '¥', '￥']);
    if text.is_empty() {
        query.from_ms = Some(Day::of(now_ms).start_ms());
        query.states = vec![BillState::Paid];
    } else if text.contains('.') {
        query.amount = Fen::parse_yuan(text).ok();
        query.states = vec![BillState::Paid];
    } else {
        query.tail = Some(text.to_ascii_uppercase());
        if text.len() < WHOLE_CHARS {
            query.states = vec![BillState::Paid];
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_todays_paid_bills_and_a_whole_number_any_state() {
        let now = crate::domain::time::parse_moment("2026-11-20T06:00:00Z").unwrap();
        let today = query("", now);
        assert_eq!(today.from_ms, Some(Day::of(now).start_ms()));
        assert_eq!(today.states, [BillState::Paid]);
        assert_eq!(query("12.5", now).amount, Some(Fen(1250)));
        let whole = query("20261120 01 000059 Y6RC9G5H", now);
        assert_eq!(whole.tail.as_deref(), Some("2026112001000059Y6RC9G5H"));
        assert!(whole.states.is_empty());
    }

    #[test]
    fn enter_never_opens_a_bill_of_an_earlier_search() {
        let mut find = Find::default();
        find.search(0);
        find.typed("2026112001000059Y6RC9G5H", 0);
        assert!(matches!(find.enter(), Next::None), "still searching");
        assert!(matches!(find.found(1, Ok(Vec::new()), 0), Next::None));
        let next = find.found(2, Ok(Vec::new()), 0);
        assert!(matches!(next, Next::Open(_)), "then the gateway: {next:?}");
    }

    #[test]
    fn a_scanned_payment_code_is_not_kept_as_a_number() {
        let mut find = Find::default();
        find.scanned("283024351597694002", 0);
        assert_eq!(find.text(), "");
        assert!(find.was_code() && find.elsewhere().is_none());
    }
}
