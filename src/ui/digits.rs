//! The amount as it is typed. Pure: it knows what may be typed next and nothing about payments.
//!
//! Invariant: the text is always empty or the beginning of an amount in yuan with at most two
//! decimals. One above the till's largest amount is shown as it was typed and is no amount: were the
//! digits that make it too large left out, a smaller one would be charged.

use crate::domain::Fen;
use crate::domain::money::AmountError;

/// Typed digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digits {
    text: String,
    /// The till's largest amount, where what is typed is above it.
    above: Option<Fen>,
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The amount is above this now: it can't be charged.
    TooLarge(Fen),
    /// A third decimal, a second point: nothing is said about it.
    Ignored,
}

impl Digits {
    /// As typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The amount, where it is one above zero and the till takes it.
    pub fn amount(&self) -> Option<Fen> {
        let whole = self.above.is_none();
        whole.then(|| Fen::parse_yuan(&self.text).ok())?
    }

    /// The till's largest amount, where what is typed is above it.
    pub fn above(&self) -> Option<Fen> {
        self.above
    }

    /// A digit or a point.
    pub fn push(&mut self, c: char, max: Fen) -> Result<(), Refused> {
        let mut next = self.text.clone();
        match c {
            '.' | '。' | ',' | '，' if !next.contains('.') => {
                if next.is_empty() {
                    next.push('0');
                }
                next.push('.');
            }
            '0'..='9' => {
                if next == "0" {
                    next.clear();
                }
                next.push(c);
            }
            _ => return Err(Refused::Ignored),
        }
        if next
            .split_once('.')
            .is_some_and(|(_, decimals)| decimals.len() > 2)
        {
            return Err(Refused::Ignored);
        }
        let amount = Fen::parse_yuan(&next);
        let unreadable = amount == Err(AmountError::TooLarge);
        if !unreadable {
            self.text = next;
        }
        self.above = (unreadable || amount.is_ok_and(|amount| amount > max)).then_some(max);
        self.above.map_or(Ok(()), |max| Err(Refused::TooLarge(max)))
    }

    /// This amount, as it would be typed.
    pub fn fill(&mut self, amount: Fen) {
        self.text = amount.to_string();
        self.above = None;
    }

    /// Takes the last character away; false where there was none.
    pub fn backspace(&mut self) -> bool {
        let had = self.text.pop().is_some();
        if self.text == "0" {
            self.text.clear();
        }
        let max = self.above.take();
        let still = |max: &Fen| Fen::parse_yuan(&self.text).is_ok_and(|amount| amount > *max);
        self.above = max.filter(still);
        had
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.above = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> String {
        let mut digits = Digits::default();
        for c in keys.chars() {
            let _ = digits.push(c, Fen(5_000_000));
        }
        digits.text().to_owned()
    }

    #[test]
    fn an_amount_has_at_most_two_decimals_and_one_point() {
        for (keys, text) in [
            ("12.345", "12.34"),
            ("1..5", "1.5"),
            (".5", "0.5"),
            ("007", "7"),
            ("0.05", "0.05"),
            ("12a", "12"),
        ] {
            assert_eq!(typed(keys), text, "{keys}");
        }
    }

    #[test]
    fn an_amount_above_the_largest_is_no_smaller_one() {
        let max = Fen(10_000);
        for keys in ["1200", "100.01", "68000", "99999999999"] {
            let mut digits = Digits::default();
            let last = keys.chars().map(|c| digits.push(c, max)).last();
            assert_eq!(last, Some(Err(Refused::TooLarge(max))), "{keys}");
            assert_eq!(
                (digits.amount(), digits.above()),
                (None, Some(max)),
                "{keys}"
            );
        }
        let mut digits = Digits::default();
        for c in "1200".chars() {
            let _ = digits.push(c, max);
        }
        assert_eq!(digits.text(), "1200");
        assert!(digits.backspace());
        assert_eq!(
            (digits.amount(), digits.above()),
            (None, Some(max)),
            "120 is above 100"
        );
        assert!(digits.backspace());
        assert_eq!((digits.amount(), digits.above()), (Some(Fen(1_200)), None));
    }

    #[test]
    fn backspace_takes_one_away() {
        let mut digits = Digits::default();
        for c in ".5".chars() {
            assert_eq!(digits.push(c, Fen(5_000_000)), Ok(()));
        }
        assert!(digits.backspace());
        assert_eq!(digits.text(), "0.");
        assert!(digits.backspace());
        assert_eq!(digits.text(), "", "a zero of our own goes with its point");
        assert!(!digits.backspace());
    }
}
