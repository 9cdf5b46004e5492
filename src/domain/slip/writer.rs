//! Writes a slip's parts, each text cleaned, between the marks that every slip carries.

use super::{SlipContext, clean, words::Words};
use crate::domain::print::{Align, Part, Slip};
use crate::domain::time::shanghai;

/// Characters at a number's end that a narrow paper's bars carry: serial and random of a bill_no
/// (`devices::slip` has the paper's arithmetic).
const BARS_CHARS: usize = 14;

/// A slip that is being written.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    context: SlipContext<'a>,
    words: Words,
    parts: Vec<Part>,
}

impl<'a> Writer<'a> {
    pub fn new(context: SlipContext<'a>) -> Writer<'a> {
        Writer {
            context,
            words: Words(context.language),
            parts: Vec::new(),
        }
    }

    pub fn done(self) -> Slip {
        Slip { parts: self.parts }
    }

    /// The marks, and the shop.
    pub fn begin(&mut self) {
        self.practice();
        self.again();
        self.large(self.context.shop);
    }

    /// The shop's own lines under its name.
    pub fn head(&mut self) {
        for line in self.context.head {
            self.centred(line);
        }
    }

    /// The shop's own lines at the end.
    pub fn foot(&mut self) {
        for line in self.context.foot {
            self.centred(line);
        }
    }

    /// The marks once more: a slip that is torn in the middle still says what it is.
    pub fn end(&mut self) {
        self.again();
        self.practice();
    }

    fn practice(&mut self) {
        if self.context.practice {
            let mark = "练习 · 没有真实扣款";
            self.strong(self.words.of(mark, "PRACTICE - no money was taken"));
        }
    }

    fn again(&mut self) {
        if self.context.again {
            self.large(self.words.of("重打", "REPRINT"));
        }
    }

    /// When this paper was printed.
    pub fn printed(&mut self) {
        self.moment(
            self.words.of("打印时间", "Printed"),
            self.context.printed_ms,
        );
    }

    /// A time in Shanghai, to the second.
    pub fn moment(&mut self, what: &str, at_ms: i64) {
        let at = shanghai(at_ms).strftime("%Y-%m-%d %H:%M:%S").to_string();
        self.pair(what, &at);
    }

    pub fn large(&mut self, text: &str) {
        self.text(text, Align::Centre, true, true);
    }

    pub fn strong(&mut self, text: &str) {
        self.text(text, Align::Centre, false, true);
    }

    pub fn centred(&mut self, text: &str) {
        self.text(text, Align::Centre, false, false);
    }

    pub fn left(&mut self, text: &str) {
        self.text(text, Align::Left, false, false);
    }

    pub fn left_strong(&mut self, text: &str) {
        self.text(text, Align::Left, false, true);
    }

    fn text(&mut self, text: &str, align: Align, large: bool, bold: bool) {
        let text = clean(text);
        self.parts.push(Part::Text {
            text,
            align,
            large,
            bold,
        });
    }

    pub fn pair(&mut self, name: &str, value: &str) {
        self.push_pair(name, value, false);
    }

    pub fn pair_strong(&mut self, name: &str, value: &str) {
        self.push_pair(name, value, true);
    }

    fn push_pair(&mut self, name: &str, value: &str, bold: bool) {
        self.parts.push(Part::Pair {
            name: clean(name),
            value: clean(value),
            bold,
        });
    }

    pub fn rule(&mut self) {
        self.parts.push(Part::Rule);
    }

    pub fn gap(&mut self) {
        self.parts.push(Part::Gap);
    }

    /// A number as bars and as QR, so that a scanner finds its bill again. One that could be taken
    /// for a customer's payment code, digits alone (one in 28,000 by chance), stands on the slip as
    /// text only: scanned at the wrong moment, it would be sent as a payment.
    pub fn codes(&mut self, number: &str) {
        let has_letter = |text: &str| text.bytes().any(|b| b.is_ascii_alphabetic());
        let end = number.len().saturating_sub(BARS_CHARS);
        if number.get(end..).is_some_and(has_letter) {
            self.gap();
            self.parts.push(Part::Bars(number.to_owned()));
            self.gap();
            self.parts.push(Part::Qr(number.to_owned()));
        } else if has_letter(number) {
            self.gap();
            self.parts.push(Part::Qr(number.to_owned()));
        }
    }
}
