//! What was read, and where it stands in the picture.

use std::fmt;
use zeroize::Zeroizing;

/// The text of a code. It may be a payment code, so it is wiped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeText(Zeroizing<String>);

impl CodeText {
    pub(super) fn new(text: Zeroizing<String>) -> CodeText {
        CodeText(text)
    }

    /// The whole text, as it stands in the code.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Could a customer pay with it? 16 to 24 digits (PROTOCOL: payment codes).
    pub(super) fn is_payment(&self) -> bool {
        (16..=24).contains(&self.0.len()) && self.0.bytes().all(|b| b.is_ascii_digit())
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText(…)")
    }
}

/// Which kind of code it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbology {
    /// A QR code.
    Qr,
    /// Bars.
    Code128,
}

/// A corner of a code, in pixels of the picture, from its left upper corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corner {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// A code that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it says.
    pub text: CodeText,
    /// What it was.
    pub symbology: Symbology,
    /// Its outline: four corners, around.
    pub corners: [Corner; 4],
}

impl Found {
    /// The same in a picture so many times as large.
    pub(super) fn scaled(mut self, by: f32) -> Found {
        for corner in &mut self.corners {
            corner.x *= by;
            corner.y *= by;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_never_prints() {
        let found = Found {
            text: CodeText::new(Zeroizing::new("134567890123456789".to_owned())),
            symbology: Symbology::Qr,
            corners: [Corner { x: 0.0, y: 0.0 }; 4],
        };
        assert!(found.text.is_payment());
        let printed = format!("{found:#?}");
        assert!(!printed.contains("3456") && printed.contains("CodeText(…)"));
    }
}
