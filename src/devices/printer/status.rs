//! What a printer says of itself: the answers to `DLE EOT n` (ESC/POS). Pure.
//!
//! Each answer is one byte whose bits 0, 1, 4 and 7 are fixed, so that it is told from XON, XOFF
//! and from the first byte of an automatic status. Nothing here trusts a printer: any byte is read.

use super::PrinterState;

/// The questions that are asked: `DLE EOT n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// n = 1: is it online?
    Printer,
    /// n = 2: why is it offline?
    Offline,
    /// n = 3: which error?
    Error,
    /// n = 4: the roll.
    Paper,
}

impl Question {
    /// Its command.
    pub fn bytes(self) -> [u8; 3] {
        let n = match self {
            Question::Printer => 1,
            Question::Offline => 2,
            Question::Error => 3,
            Question::Paper => 4,
        };
        [0x10, 0x04, n]
    }
}

/// Could this byte be an answer? Bits 0 and 7 are 0, bits 1 and 4 are 1.
pub(super) fn is_answer(byte: u8) -> bool {
    byte & 0b1001_0011 == 0b0001_0010
}

/// What was answered; a question without an answer says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub printer: u8,
    pub offline: u8,
    pub error: u8,
    pub paper: u8,
}

/// What the answers mean for a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Online, with paper.
    Well(PrinterState),
    /// It says what is wrong.
    Ill(PrinterState),
    /// It doesn't print now, or doesn't answer, and doesn't say why: that may pass by itself.
    Unclear(PrinterState),
}

impl Verdict {
    pub fn into_state(self) -> PrinterState {
        match self {
            Verdict::Well(state) | Verdict::Ill(state) | Verdict::Unclear(state) => state,
        }
    }
}

impl Answers {
    /// n = 2 says that an error is why it stopped: which one is worth asking.
    pub fn has_error(self) -> bool {
        self.offline & 0x40 != 0
    }

    /// Reads the bits. An open cover goes before missing paper: most printers see none while it
    /// is open.
    pub fn verdict(self) -> Verdict {
        let fault = |text: &str| PrinterState::Fault(text.to_owned());
        if self.offline & 0x04 != 0 {
            return Verdict::Ill(PrinterState::CoverOpen);
        }
        // n = 2 bit 5: stopped for want of paper. n = 4 bits 5 and 6: the roll's end.
        if self.offline & 0x20 != 0 || self.paper & 0x60 != 0 {
            return Verdict::Ill(PrinterState::PaperOut);
        }
        if self.has_error() {
            // n = 3 bit 3: cutter; bit 5: can't recover; bit 6: recovers by itself (a hot head).
            let text = match self.error {
                error if error & 0x08 != 0 => "打印机切刀卡住了，请关机清理后再开",
                error if error & 0x20 != 0 => "打印机出现故障，请关机后再开，仍不行请报修",
                error if error & 0x40 != 0 => "打印头过热，稍等会自动恢复",
                _ => "打印机报错，请检查后关机再开",
            };
            return Verdict::Ill(fault(text));
        }
        // n = 1 bit 3 without a reason (a button, a switch); n = 2 bit 3: the feed button is held.
        if self.printer & 0x08 != 0 || self.offline & 0x08 != 0 {
            return Verdict::Unclear(fault("打印机处于脱机状态，请按联机键或关机再开"));
        }
        if self.paper & 0x0c != 0 {
            return Verdict::Well(PrinterState::PaperLow);
        }
        Verdict::Well(PrinterState::Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: u8 = 0x12;

    #[test]
    fn an_answer_has_its_four_fixed_bits_and_no_other_byte_is_taken_for_one() {
        for byte in 0..=u8::MAX {
            let fixed = [(0, false), (1, true), (4, true), (7, false)];
            let good = fixed
                .iter()
                .all(|(bit, set)| (byte >> bit & 1 == 1) == *set);
            assert_eq!(is_answer(byte), good, "{byte:#04x}");
        }
        for other in [0x11, 0x13, 0x00, 0xff, 0x10, 0x04, 0x0f] {
            assert!(!is_answer(other), "{other:#04x}");
        }
    }

    /// Every byte in every answer: no panic, and what the documents say of each bit.
    #[test]
    fn all_values_of_all_four_answers_mean_what_is_documented() {
        let calm = Answers {
            printer: CALM,
            offline: CALM,
            error: CALM,
            paper: CALM,
        };
        assert_eq!(calm.verdict(), Verdict::Well(PrinterState::Ready));
        for byte in 0..=u8::MAX {
            let bit = |n: u8| byte >> n & 1 == 1;
            let printer = Answers {
                printer: byte,
                ..calm
            }
            .verdict();
            assert_eq!(
                matches!(printer, Verdict::Unclear(_)),
                bit(3),
                "1: {byte:#04x}"
            );
            assert_eq!(
                matches!(printer, Verdict::Well(_)),
                !bit(3),
                "1: {byte:#04x}"
            );

            let offline = Answers {
                offline: byte,
                ..calm
            }
            .verdict();
            let expected = match () {
                () if bit(2) => "cover",
                () if bit(5) => "paper",
                () if bit(6) => "error",
                () if bit(3) => "unclear",
                () => "well",
            };
            let said = match offline {
                Verdict::Ill(PrinterState::CoverOpen) => "cover",
                Verdict::Ill(PrinterState::PaperOut) => "paper",
                Verdict::Ill(PrinterState::Fault(_)) => "error",
                Verdict::Unclear(_) => "unclear",
                Verdict::Well(PrinterState::Ready) => "well",
                other => panic!("{byte:#04x}: {other:?}"),
            };
            assert_eq!(said, expected, "2: {byte:#04x}");

            // Alone it means nothing; with n = 2's error bit it says which.
            let error = Answers {
                error: byte,
                ..calm
            }
            .verdict();
            assert_eq!(error, Verdict::Well(PrinterState::Ready), "3: {byte:#04x}");
            let failed = Answers {
                offline: CALM | 0x40,
                error: byte,
                ..calm
            }
            .verdict();
            let Verdict::Ill(PrinterState::Fault(text)) = failed else {
                panic!("3: {byte:#04x}: {failed:?}");
            };
            let word = match () {
                () if bit(3) => "切刀",
                () if bit(5) => "报修",
                () if bit(6) => "过热",
                () => "报错",
            };
            assert!(text.contains(word), "3: {byte:#04x}: {text}");

            let paper = Answers {
                paper: byte,
                ..calm
            }
            .verdict();
            let expected = match () {
                () if bit(5) || bit(6) => Verdict::Ill(PrinterState::PaperOut),
                () if bit(2) || bit(3) => Verdict::Well(PrinterState::PaperLow),
                () => Verdict::Well(PrinterState::Ready),
            };
            assert_eq!(paper, expected, "4: {byte:#04x}");
        }
    }

    #[test]
    fn a_question_that_was_not_answered_says_nothing() {
        assert_eq!(
            Answers::default().verdict(),
            Verdict::Well(PrinterState::Ready)
        );
    }

    #[test]
    fn the_questions_are_dle_eot_one_to_four() {
        let all = [
            Question::Printer,
            Question::Offline,
            Question::Error,
            Question::Paper,
        ];
        for (n, question) in (1..).zip(all) {
            assert_eq!(question.bytes(), [0x10, 0x04, n]);
        }
    }
}
