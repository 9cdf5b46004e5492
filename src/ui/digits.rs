//! The amount as it is typed. Pure: it knows what may be typed next and nothing about payments.
//!
//! Invariant: the text is always empty or the beginning of an amount in yuan with at most two
//! decimals that is not above the till's largest amount.

use crate::domain::Fen;

/// Typed digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digits(String);

/// Why a key changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The amount would be above this.
    TooLarge(Fen),
    /// A third decimal, a second point: nothing is said about it.
    Ignored,
}

impl Digits {
    /// As typed.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The amount, where it is one above zero.
    pub fn amount(&self) -> Option<Fen> {
        Fen::parse_yuan(&self.0).ok()
    }

    /// A digit or a point.
    pub fn push(&mut self, c: char, max: Fen) -> Result<(), Refused> {
        let mut next = self.0.clone();
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
        match Fen::parse_yuan(&next) {
            Ok(amount) if amount > max => Err(Refused::TooLarge(max)),
            Err(crate::domain::money::AmountError::TooLarge) => Err(Refused::TooLarge(max)),
            _ => {
                self.0 = next;
                Ok(())
            }
        }
    }

    /// This amount, as it would be typed.
    pub fn fill(&mut self, amount: Fen) {
        self.0 = amount.to_string();
    }

    /// Takes the last character away; false where there was none.
    pub fn backspace(&mut self) -> bool {
        let had = self.0.pop().is_some();
        if self.0 == "0" {
            self.0.clear();
        }
        had
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
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
    fn no_amount_above_the_largest_is_typed() {
        let mut digits = Digits::default();
        for c in "50000".chars() {
            assert_eq!(digits.push(c, Fen(5_000_000)), Ok(()));
        }
        assert_eq!(
            digits.push('0', Fen(5_000_000)),
            Err(Refused::TooLarge(Fen(5_000_000)))
        );
        assert_eq!(digits.amount(), Some(Fen(5_000_000)));
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
