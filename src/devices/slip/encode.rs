//! A slip as ESC/POS.
//!
//! The crate `escpos` writes the commands it knows. Written here, and why: the Chinese mode (`FS`),
//! which it lacks; Code 128 (`GS k` 73), which it lacks; `ESC p`, which it sends without its two
//! times, so that the two bytes after it would be lost; `GS V 66`, whose place it gives to a full
//! cut after one dot; `GS v 0`, which it makes from picture files only.

use super::code128::Code128;
use super::layout::{BAR_DOTS, Line, Paper, Qr, Row, rows};
use super::{Options, SlipError, picture};
use crate::domain::config::PrinterChinese;
use crate::domain::print::{Align, Slip};
use encoding_rs::GB18030;
use escpos::driver::Driver;
use escpos::errors::PrinterError;
use escpos::printer::Printer;
use escpos::utils::{JustifyMode, Protocol, QRCodeCorrectionLevel, QRCodeModel, QRCodeOption};
use std::cell::RefCell;
use std::rc::Rc;

const DLE: u8 = 0x10;
/// What follows DLE in the commands that a printer obeys as they arrive, even inside another
/// command's data: EOT (answer), ENQ (go on after an error), DC4 (pulse, power off, clear).
const AT_ONCE: [u8; 3] = [0x04, 0x05, 0x14];
/// Chinese mode on and off; its characters' size.
const FS_AND: [u8; 2] = [0x1c, b'&'];
const FS_DOT: [u8; 2] = [0x1c, b'.'];
const FS_SIZE: [u8; 2] = [0x1c, b'!'];
const FS_WIDE: u8 = 0x04;
const FS_HIGH: u8 = 0x08;
/// Pin 2, 50 ms on, 500 ms off.
const DRAWER: [u8; 5] = [0x1b, b'p', 0, 25, 250];
/// Feeds to the knife and cuts, leaving a bridge.
const CUT: [u8; 4] = [0x1d, b'V', 66, 0];
/// Lines that bring the end over the edge where paper is torn off. A printer with a knife feeds to
/// it by itself, and only 80 mm printers commonly have one.
const FEED_58: u8 = 4;
const FEED_80: u8 = 1;
/// Dots of a bar's height: 10 mm.
pub(super) const BAR_HEIGHT: u8 = 80;
/// Rows of dots in one `GS v 0`: 1,536 bytes on 58 mm, 2,304 on 80 mm, less than the smallest buffer
/// of a printer on the market (4 KB).
const BAND: usize = 32;
/// Bytes of a `GS v 0` before its dots; it can be cut off in the middle of them.
const BAND_HEAD: usize = 8;
/// The longest data of a command here when no picture is printed: a QR's text, or bars with their
/// marks of sets, 48 characters each ([`super::layout`]).
const LONGEST_DATA: usize = 128;

/// The slip as a printer takes it, whole: one job.
///
/// A job before it may have been cut off anywhere (power, cable), and then the printer still waits
/// for the rest of a command. Zeros come first, as many as it can be waiting for: they complete any
/// command harmlessly and are ignored as text. Then `ESC @` drops what stands half in its line and
/// takes every setting back.
///
/// # Errors
///
/// [`SlipError::NoFont`] where a picture is to be printed without one.
pub fn encode(slip: &Slip, options: &Options<'_>) -> Result<Vec<u8>, SlipError> {
    let paper = Paper::of(options.width_mm);
    let mut out = Out::new();
    out.own(&vec![0; still_awaited(options.chinese, paper)])?;
    out.printer.init()?;
    if options.drawer {
        out.own(&DRAWER)?;
    }
    match options.chinese {
        PrinterChinese::Gb18030 => {
            for row in rows(slip, paper) {
                out.row(&row)?;
            }
            out.style(&Line::default())?;
        }
        PrinterChinese::Raster => out.dots(slip, options)?,
    }
    let feed = if paper.columns == 32 {
        FEED_58
    } else {
        FEED_80
    };
    out.printer.feeds(feed)?;
    if options.cut {
        out.own(&CUT)?;
    }
    out.done()
}

/// Opens the drawer and prints nothing.
pub fn open_drawer() -> Vec<u8> {
    DRAWER.to_vec()
}

/// Bytes that a job cut off by the same till can leave a printer waiting for.
fn still_awaited(chinese: PrinterChinese, paper: Paper) -> usize {
    match chinese {
        PrinterChinese::Gb18030 => LONGEST_DATA,
        PrinterChinese::Raster => BAND_HEAD + BAND * paper.dots / 8,
    }
}

/// A command is in these bytes that a printer obeys at once, wherever it stands.
pub(super) fn acts_at_once(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|two| is_at_once(two[0], two[1]))
}

fn is_at_once(first: u8, second: u8) -> bool {
    first == DLE && AT_ONCE.contains(&second)
}

impl From<PrinterError> for SlipError {
    fn from(error: PrinterError) -> SlipError {
        SlipError::Command(error.to_string())
    }
}

/// Where the crate writes: into memory.
#[derive(Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Driver for Collected {
    fn name(&self) -> String {
        "memory".to_owned()
    }
    fn write(&self, data: &[u8]) -> escpos::errors::Result<()> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(())
    }
    fn read(&self, _: &mut [u8]) -> escpos::errors::Result<usize> {
        Ok(0)
    }
    fn flush(&self) -> escpos::errors::Result<()> {
        Ok(())
    }
}

/// A job that is being written.
struct Out {
    printer: Printer<Collected>,
    collected: Collected,
    /// What the printer is set to; its text is nobody's.
    style: Line,
}

impl Out {
    fn new() -> Out {
        let collected = Collected::default();
        Out {
            printer: Printer::new(collected.clone(), Protocol::default(), None),
            collected,
            style: Line::default(),
        }
    }

    fn done(mut self) -> Result<Vec<u8>, SlipError> {
        self.printer.print()?;
        Ok(self.collected.0.take())
    }

    fn own(&mut self, bytes: &[u8]) -> Result<(), SlipError> {
        self.printer.custom(bytes)?;
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), SlipError> {
        match row {
            Row::Line(line) => {
                self.style(line)?;
                self.own(&chinese(&line.text))
            }
            Row::Bars(code) => self.bars(code),
            Row::Qr(code) => self.qr(code),
        }
    }

    /// Sends what differs from how the printer is set.
    fn style(&mut self, line: &Line) -> Result<(), SlipError> {
        let was = std::mem::take(&mut self.style);
        if line.align != was.align {
            self.printer.justify(match line.align {
                Align::Left => JustifyMode::LEFT,
                Align::Centre => JustifyMode::CENTER,
                Align::Right => JustifyMode::RIGHT,
            })?;
        }
        if line.bold != was.bold {
            self.printer.bold(line.bold)?;
        }
        if (line.wide, line.high) != (was.wide, was.high) {
            let times = |double| if double { 2 } else { 1 };
            self.printer.size(times(line.wide), times(line.high))?;
            // Some printers take GS ! for Chinese too, some only this; both say the same.
            let chinese = u8::from(line.wide) * FS_WIDE + u8::from(line.high) * FS_HIGH;
            self.own(&[FS_SIZE[0], FS_SIZE[1], chinese])?;
        }
        self.style = Line {
            text: String::new(),
            ..line.clone()
        };
        Ok(())
    }

    fn centred(&mut self) -> Result<(), SlipError> {
        self.style(&Line {
            align: Align::Centre,
            ..Line::default()
        })
    }

    fn bars(&mut self, code: &Code128) -> Result<(), SlipError> {
        self.centred()?;
        let data = code.data();
        let mut command = vec![0x1d, b'H', 2, 0x1d, b'f', 0];
        command.extend([0x1d, b'h', BAR_HEIGHT]);
        command.extend([0x1d, b'w'].into_iter().chain(u8::try_from(BAR_DOTS)));
        command.extend([0x1d, b'k', 73].into_iter().chain(u8::try_from(data.len())));
        command.extend(data);
        self.own(&command)
    }

    fn qr(&mut self, code: &Qr) -> Result<(), SlipError> {
        self.centred()?;
        let dots = u8::try_from(code.dots).unwrap_or(1);
        let level = QRCodeCorrectionLevel::M;
        let option = QRCodeOption::new(QRCodeModel::Model2, dots, level);
        self.printer.qrcode_option(&code.text, option)?;
        Ok(())
    }

    /// The whole slip as pictures, one below the other.
    fn dots(&mut self, slip: &Slip, options: &Options<'_>) -> Result<(), SlipError> {
        let picture = picture(slip, options)?;
        let across = picture.width.div_ceil(8);
        for band in picture.dots.chunks(picture.width * BAND) {
            let high = band.len() / picture.width;
            let mut command = vec![0x1d, b'v', b'0', 0];
            for size in [across, high] {
                command.extend(u16::try_from(size).unwrap_or(0).to_le_bytes());
            }
            let start = command.len();
            for row in band.chunks(picture.width) {
                command.extend(row.chunks(8).map(packed));
            }
            harmless(&mut command[start..]);
            self.own(&command)?;
        }
        Ok(())
    }
}

/// Eight dots, the first is the highest bit.
fn packed(dots: &[bool]) -> u8 {
    let bits = dots.iter().enumerate();
    bits.fold(0, |byte, (i, black)| byte | (u8::from(*black) << (7 - i)))
}

/// Dots that happen to be a command that acts at once get one dot more beside the one that DLE is:
/// nobody sees it. In bars and QR it never happens, as their modules are wider than one dot.
fn harmless(bytes: &mut [u8]) {
    for i in 1..bytes.len() {
        if is_at_once(bytes[i - 1], bytes[i]) {
            bytes[i - 1] |= 0x08;
        }
    }
}

/// A line with its end: ASCII as it is, all else in two bytes of the Chinese mode.
///
/// GB18030 has characters of four bytes; a printer that knows only the two-byte ones would take them
/// for other characters, digits among them, so they are printed as □.
fn chinese(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mixed = !text.is_ascii();
    if mixed {
        bytes.extend(FS_AND);
    }
    for c in text.chars() {
        match c {
            ' '..='~' => bytes.extend(u8::try_from(c)),
            c if c.is_ascii() => {}
            c => bytes.extend(two_bytes(c).unwrap_or(BOX)),
        }
    }
    if mixed {
        bytes.extend(FS_DOT);
    }
    bytes.push(b'\n');
    bytes
}

/// □ in GB 2312.
const BOX: [u8; 2] = [0xa1, 0xf5];

/// A character that is not ASCII as the printer's Chinese font has it. `None`: it has no place
/// there, or one that each maker fills differently (the user-defined areas).
pub(super) fn two_bytes(c: char) -> Option<[u8; 2]> {
    if c.is_ascii() || ('\u{e000}'..='\u{f8ff}').contains(&c) {
        return None;
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GB18030.encode(c.encode_utf8(&mut buffer));
    match (bytes.as_ref(), unmappable) {
        ([a @ 0x81..=0xfe, b @ (0x40..=0x7e | 0x80..=0xfe)], false) => Some([*a, *b]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_printer_has_no_two_bytes_for_is_a_box() {
        assert_eq!(two_bytes('支'), Some([0xd6, 0xa7]));
        assert_eq!(two_bytes('…'), Some([0xa1, 0xad]));
        assert_eq!(two_bytes('·'), Some([0xa1, 0xa4]));
        assert_eq!(two_bytes('￥'), Some([0xa3, 0xa4]));
        assert_eq!(two_bytes('□'), Some(BOX));
        for c in ['𠮷', 'ñ', '😀', '\u{e5e5}', '한', 'a'] {
            assert_eq!(two_bytes(c), None, "{c}");
        }
        assert_eq!(chinese("a支😀"), b"\x1c&a\xd6\xa7\xa1\xf5\x1c.\n");
        assert_eq!(chinese("ab\x1b\x07"), b"ab\n");
    }

    proptest! {
        #[test]
        fn every_character_is_one_byte_or_two(c in any::<char>()) {
            let bytes = chinese(&c.to_string());
            let body: &[u8] = match bytes.as_slice() {
                [0x1c, b'&', body @ .., 0x1c, b'.', b'\n'] | [body @ .., b'\n'] => body,
                other => other,
            };
            match body {
                [] => prop_assert!(c.is_ascii_control()),
                [one] => prop_assert!((0x20..0x7f).contains(one)),
                [a, b] => prop_assert!(*a >= 0x81 && *b >= 0x40 && *b != 0x7f),
                more => prop_assert!(false, "{:x?}", more),
            }
        }

        #[test]
        fn no_dots_act_at_once(mut bytes in proptest::collection::vec(
            prop_oneof![Just(0x10), Just(0x04), Just(0x05), Just(0x14), any::<u8>()], 0..64)
        ) {
            let were = bytes.clone();
            harmless(&mut bytes);
            prop_assert!(!acts_at_once(&bytes));
            // At most one dot more in a byte, none less.
            for (is, was) in bytes.iter().zip(&were) {
                prop_assert_eq!(is & was, *was);
                prop_assert!((is ^ was).count_ones() <= 1);
            }
        }
    }
}
