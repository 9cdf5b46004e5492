//! Scan framing: how keystrokes ([`Wedge`]) and bytes ([`Framer`]) become scans. Pure: times
//! are handed in, on any one monotonic clock in milliseconds.
//!
//! It frames and folds; whether a text is a payment code is `AuthCode::parse`'s. Invariants: a
//! scan never changes the amount; what was seen to be cut or garbled is [`Keyed::Incomplete`]
//! and never a scan; memory is bounded and wiped; nothing here prints a code (I12).

mod serial;
mod text;
mod wedge;

pub use serial::{Framed, Framer};
pub use text::ScanString;
pub use wedge::{EndKey, Keyed, Wedge};

/// Silence that ends a burst, milliseconds (COUNTER: keys).
pub const SILENCE_MS: i64 = 120;
/// Characters of a scanner are at most this far apart, milliseconds (COUNTER: keys).
pub const APART_MS: i64 = 40;
/// So many characters in a row are no typing (COUNTER: keys).
pub const BURST_CHARS: usize = 4;
/// Fewer are no whole scan (COUNTER: keys; PROTOCOL: payment codes).
pub const SCAN_CHARS: usize = 10;
/// A burst is no longer than this, in bytes; what is longer is dropped whole.
pub const BURST_BYTES: usize = 4096;

#[cfg(test)]
mod tests;
