//! The text of a scan: folded, trimmed, wiped.

use super::SCAN_CHARS;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// What a scanner read. It may be a payment code, so it is wiped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanString(Zeroizing<String>);

impl ScanString {
    /// The whole text, for whoever decides what it is.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ScanString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScanString(…)")
    }
}

/// What a finished frame is.
pub(super) enum Frame {
    /// Nothing but blanks and framing characters.
    Empty,
    /// Too short, or garbled inside.
    Incomplete,
    /// A scan.
    Scan(ScanString),
}

/// The one judgement that both framings end in: full-width characters are folded, blanks and
/// framing characters (STX, ETX, NUL …) trimmed at both ends. One inside means that something
/// was lost there, and a code with a digit missing may still look whole.
pub(super) fn classify(raw: &str) -> Frame {
    // Folding only makes characters shorter, so the buffer never moves and leaves no copy.
    let mut folded = Zeroizing::new(String::with_capacity(raw.len()));
    folded.extend(raw.chars().map(fold));
    let edge = |c: char| c.is_control() || c.is_whitespace() || c == '\u{feff}';
    let text = folded.trim_matches(edge);
    if text.is_empty() {
        return Frame::Empty;
    }
    let garbled = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
    if text.chars().any(garbled) || text.chars().count() < SCAN_CHARS {
        return Frame::Incomplete;
    }
    Frame::Scan(ScanString(Zeroizing::new(text.to_owned())))
}

/// Full-width forms (！ to ～, and the wide blank) become ASCII: an input method may be on, or
/// the scanner set to another keyboard.
pub(super) fn fold(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c).saturating_sub(0xfee0)).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A bounded buffer that is wiped and never moves.
pub(super) struct Buffer<T: Zeroize> {
    items: Zeroizing<Vec<T>>,
    most: usize,
}

impl<T: Zeroize> Buffer<T> {
    pub(super) fn new(most: usize) -> Self {
        let items = Zeroizing::new(Vec::with_capacity(most));
        Buffer { items, most }
    }

    /// False where it is full: nothing was added.
    pub(super) fn push(&mut self, item: T) -> bool {
        let room = self.items.len() < self.most;
        if room {
            self.items.push(item);
        }
        room
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// Drops the oldest; what is behind the rest is wiped.
    pub(super) fn drop_first(&mut self, count: usize) {
        let kept = self.items.len().saturating_sub(count);
        let count = self.items.len() - kept;
        self.items.rotate_left(count);
        if let Some(gone) = self.items.get_mut(kept..) {
            gone.iter_mut().for_each(Zeroize::zeroize);
        }
        self.items.truncate(kept);
    }

    /// Wipes and empties; the room stays.
    pub(super) fn clear(&mut self) {
        self.items.zeroize();
    }
}
