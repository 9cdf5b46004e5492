//! The bytes of both command sets: ASCII, for poles have no Chinese.

use super::{PoleText, Says};
use crate::domain::Fen;
use crate::domain::config::PoleProtocol;

const ESC: u8 = 0x1b;
const CR: u8 = 0x0d;
const CLR: u8 = 0x0c;
/// Digits of a display that has only digits.
const DIGITS: usize = 8;
/// Characters of a line.
const LINE: usize = 20;

/// Before the first text after opening: ends a command that was cut off when the line broke, and
/// clears what nobody knows.
pub(super) const AFRESH: [u8; 2] = [CR, CLR];

/// What makes the display show this, whatever it shows now.
pub(super) fn bytes(protocol: PoleProtocol, text: PoleText) -> Vec<u8> {
    match protocol {
        PoleProtocol::Escpos => digits(text),
        PoleProtocol::Cd5220 => lines(text),
    }
}

/// `ESC s n`: which of the printed words is lit.
#[derive(Clone, Copy)]
enum Lamp {
    Dark = b'0' as isize,
    Total = b'2' as isize,
    Received = b'3' as isize,
}

fn digits(text: PoleText) -> Vec<u8> {
    let (number, lamp) = match text {
        PoleText::Blank | PoleText::Amount(_, Says::Cancelled) => (None, Lamp::Dark),
        PoleText::Amount(amount, says) => match says {
            Says::ShowCode | Says::Scan | Says::Confirm | Says::NotPaid | Says::Test => {
                (shortest(amount), Lamp::Total)
            }
            Says::Paid => (shortest(amount), Lamp::Received),
            // 合计 beside it would ask for money that may be there already.
            Says::Wait | Says::Cancelled => (shortest(amount), Lamp::Dark),
        },
    };
    let mut out = vec![ESC, b's', lamp as u8];
    match number {
        Some(number) => {
            out.extend([ESC, b'Q', b'A']);
            out.extend(number.bytes());
            out.push(CR);
        }
        None => out.push(CLR),
    }
    out
}

/// The number, where all of its digits fit: a part of it would be another amount.
fn shortest(amount: Fen) -> Option<String> {
    let text = amount.to_string();
    let digits = text.bytes().filter(|b| *b != b'.').count();
    (digits <= DIGITS).then_some(text)
}

fn lines(text: PoleText) -> Vec<u8> {
    let PoleText::Amount(amount, says) = text else {
        return vec![CLR];
    };
    let (upper, lower) = match says {
        Says::ShowCode => ("TOTAL", "SHOW PAYMENT CODE"),
        Says::Scan => ("TOTAL", "PLEASE SCAN"),
        Says::Confirm => ("TOTAL", "CONFIRM ON PHONE"),
        Says::Wait => ("AMOUNT", "PLEASE WAIT"),
        Says::Paid => ("AMOUNT", "PAID"),
        Says::NotPaid => ("TOTAL", "NOT PAID"),
        Says::Cancelled => ("AMOUNT", "CANCELLED"),
        Says::Test => ("TOTAL", "TEST"),
    };
    let amount = amount.to_string();
    let room = LINE.saturating_sub(upper.len());
    // Both lines are whole: nothing of an older text stays beside a shorter one.
    let mut out = line(b'A', &format!("{upper}{amount:>room$}"));
    out.extend(line(b'B', &format!("{lower:<LINE$}")));
    out
}

fn line(which: u8, text: &str) -> Vec<u8> {
    let mut out = vec![ESC, b'Q', which];
    out.extend(text.bytes().take(LINE));
    out.push(CR);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use PoleText::{Amount, Blank};

    fn sent(protocol: PoleProtocol, text: PoleText) -> String {
        bytes(protocol, text).escape_ascii().to_string()
    }

    #[test]
    fn a_number_and_its_lamp_byte_for_byte() {
        let table = [
            (Blank, r"\x1bs0\x0c"),
            (Amount(Fen(1234), Says::ShowCode), r"\x1bs2\x1bQA12.34\r"),
            (Amount(Fen(1234), Says::Scan), r"\x1bs2\x1bQA12.34\r"),
            (Amount(Fen(1234), Says::Confirm), r"\x1bs2\x1bQA12.34\r"),
            (Amount(Fen(1234), Says::Wait), r"\x1bs0\x1bQA12.34\r"),
            (Amount(Fen(1234), Says::Paid), r"\x1bs3\x1bQA12.34\r"),
            (Amount(Fen(1234), Says::NotPaid), r"\x1bs2\x1bQA12.34\r"),
            (Amount(Fen(1234), Says::Cancelled), r"\x1bs0\x0c"),
            (Amount(Fen(8888), Says::Test), r"\x1bs2\x1bQA88.88\r"),
            (Amount(Fen(1), Says::Paid), r"\x1bs3\x1bQA0.01\r"),
            (
                Amount(Fen(99_999_999), Says::Paid),
                r"\x1bs3\x1bQA999999.99\r",
            ),
            (Amount(Fen(100_000_000), Says::ShowCode), r"\x1bs2\x0c"),
        ];
        for (text, expected) in table {
            assert_eq!(sent(PoleProtocol::Escpos, text), expected);
        }
    }

    #[test]
    fn two_whole_lines_byte_for_byte() {
        let table = [
            (Blank, r"\x0c"),
            (
                Amount(Fen(1234), Says::ShowCode),
                r"\x1bQATOTAL          12.34\r\x1bQBSHOW PAYMENT CODE   \r",
            ),
            (
                Amount(Fen(1234), Says::Scan),
                r"\x1bQATOTAL          12.34\r\x1bQBPLEASE SCAN         \r",
            ),
            (
                Amount(Fen(1234), Says::Confirm),
                r"\x1bQATOTAL          12.34\r\x1bQBCONFIRM ON PHONE    \r",
            ),
            (
                Amount(Fen(1234), Says::Wait),
                r"\x1bQAAMOUNT         12.34\r\x1bQBPLEASE WAIT         \r",
            ),
            (
                Amount(Fen(5_000_000), Says::Paid),
                r"\x1bQAAMOUNT      50000.00\r\x1bQBPAID                \r",
            ),
            (
                Amount(Fen(1), Says::NotPaid),
                r"\x1bQATOTAL           0.01\r\x1bQBNOT PAID            \r",
            ),
            (
                Amount(Fen(1), Says::Cancelled),
                r"\x1bQAAMOUNT          0.01\r\x1bQBCANCELLED           \r",
            ),
            (
                Amount(Fen(8888), Says::Test),
                r"\x1bQATOTAL          88.88\r\x1bQBTEST                \r",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(sent(PoleProtocol::Cd5220, text), expected);
        }
    }

    #[test]
    fn a_line_is_never_longer_than_the_display() {
        for fen in [0, 1, 99_999_999_999, i64::MAX] {
            let text = Amount(Fen(fen), Says::ShowCode);
            let bytes = bytes(PoleProtocol::Cd5220, text);
            assert_eq!(bytes.len(), 2 * (3 + LINE + 1), "{fen}");
            assert!(bytes.is_ascii());
        }
    }
}
