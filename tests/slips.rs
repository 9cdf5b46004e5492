//! The slips' bytes, as an independent reader of ESC/POS understands them: golden files byte for
//! byte, and rules for any text and any power cut.
//!
//! A golden file that should change is written anew with `SHOUYIN_GOLDEN=write`; without it, a
//! missing or differing one fails. Those over 60 kB are kept as their SHA-256.

// Helpers of tests may give up like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "escpos/reader.rs"]
mod reader;

#[path = "slips/rules.rs"]
mod rules;
#[path = "slips/samples.rs"]
mod samples;

use reader::{annotated, read};
use samples::{FONT, Sample};
use sha2::{Digest, Sha256};
use shouyin::devices::slip::{Options, encode};
use shouyin::domain::config::{Language, PrinterChinese};
use shouyin::domain::print::Slip;
use std::path::{Path, PathBuf};

/// Larger ones are kept as a hash.
const LARGEST: usize = 60_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/slips")
}

/// The job must be what the file says, byte for byte, and its annotation what the reader says.
fn golden(name: &str, bytes: &[u8], width_mm: u32) {
    let columns = if width_mm == 80 { 48 } else { 32 };
    let items = read(bytes, columns).unwrap_or_else(|why| panic!("{name}: {why}"));
    let hash: String = Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let told = format!(
        "{} bytes, sha256 {hash}\n{}",
        bytes.len(),
        annotated(&items)
    );
    let (bin, txt) = (
        folder().join(format!("{name}.bin")),
        folder().join(format!("{name}.txt")),
    );
    if std::env::var("SHOUYIN_GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::write(&txt, &told).unwrap();
        if bytes.len() <= LARGEST {
            std::fs::write(&bin, bytes).unwrap();
        }
        return;
    }
    let read =
        |path: &Path| std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let annotation = String::from_utf8(read(&txt)).unwrap();
    assert_eq!(annotation, told, "{name}");
    if bytes.len() <= LARGEST {
        assert!(read(&bin) == bytes, "{name}: the bytes differ");
    } else {
        assert!(!bin.exists(), "{name}.bin is too large to be kept");
    }
}

fn job(slip: &Slip, width_mm: u32, chinese: PrinterChinese, drawer: bool) -> Vec<u8> {
    let options = Options {
        width_mm,
        chinese,
        cut: true,
        drawer,
        font: Some(&FONT),
    };
    encode(slip, &options).unwrap()
}

#[test]
fn a_sales_slip() {
    for (language, word) in [(Language::Chinese, "zh"), (Language::English, "en")] {
        let slip = Sample::new(language).sale();
        for mm in [58, 80] {
            for (chinese, kind) in [
                (PrinterChinese::Gb18030, "gb18030"),
                (PrinterChinese::Raster, "raster"),
            ] {
                let bytes = job(&slip, mm, chinese, true);
                golden(&format!("sale-{mm}-{kind}-{word}"), &bytes, mm);
            }
        }
    }
}

#[test]
fn a_refunds_slip() {
    for (language, word) in [(Language::Chinese, "zh"), (Language::English, "en")] {
        let slip = Sample::new(language).refund();
        for mm in [58, 80] {
            let bytes = job(&slip, mm, PrinterChinese::Gb18030, false);
            golden(&format!("refund-{mm}-{word}"), &bytes, mm);
        }
    }
}

#[test]
fn a_shifts_slip() {
    for (language, word) in [(Language::Chinese, "zh"), (Language::English, "en")] {
        let slip = Sample::new(language).shift();
        for mm in [58, 80] {
            let bytes = job(&slip, mm, PrinterChinese::Gb18030, false);
            golden(&format!("shift-{mm}-{word}"), &bytes, mm);
        }
    }
}

#[test]
fn a_reprint_a_practice_slip_and_a_test_slip() {
    let mut sample = Sample::new(Language::Chinese);
    sample.again = true;
    let bytes = job(&sample.sale(), 58, PrinterChinese::Gb18030, false);
    golden("reprint-58", &bytes, 58);
    sample.practice = true;
    let bytes = job(&sample.sale(), 80, PrinterChinese::Gb18030, false);
    golden("reprint-practice-80", &bytes, 80);
    let sample = Sample::new(Language::Chinese);
    let bytes = job(&sample.test(), 58, PrinterChinese::Gb18030, false);
    golden("test-58", &bytes, 58);
}

#[test]
fn a_hostile_note() {
    let mut sample = Sample::new(Language::Chinese);
    sample.bill.note = "\u{1b}@\u{1b}p\u{0}\u{19}\u{fa}苹果\u{1d}V\u{0}\u{10}\u{14}\u{1}\u{0}\u{1}\n\u{202e}00.1\u{202c}😀𠮷\u{9b}2J 280123456789012345"
        .to_owned();
    sample.shop = "坏\u{7}店\u{1c}.".to_owned();
    let bytes = job(&sample.sale(), 58, PrinterChinese::Gb18030, false);
    golden("hostile-58", &bytes, 58);
}
