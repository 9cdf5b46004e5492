//! QR codes, by two readers that share nothing.
//!
//! rqrr 0.11 was seen to panic on a real photograph, and neither reader was written for hostile
//! pictures, so a panic in them is contained here and means "nothing read". They hold no state
//! that a half-done call could spoil: each call builds its own.

use super::code::{CodeText, Corner, Found, Symbology};
use super::grey::Grey;
use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader;
use rxing::qrcode::cpp_port::QrReader;
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, Point};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use zeroize::Zeroizing;

/// A QR holds at most 7,089 characters.
const LONGEST: usize = 8192;

/// Every code that rqrr reads.
pub(super) fn rqrr(grey: &Grey) -> Vec<Found> {
    contained(|| {
        let width = grey.width();
        let light = grey.light();
        let level = |x, y| light.get(y * width + x).copied().unwrap_or(0);
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, grey.height(), level);
        picture
            .detect_grids()
            .into_iter()
            .filter_map(|grid| {
                let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
                grid.decode_to(&mut *bytes).ok()?;
                let corners = grid.bounds.map(|p| Corner {
                    x: p.x as f32,
                    y: p.y as f32,
                });
                found(std::str::from_utf8(&bytes).ok()?, corners)
            })
            .collect()
    })
}

/// Every code that rxing reads.
pub(super) fn rxing(grey: &Grey) -> Vec<Found> {
    contained(|| {
        let (Ok(width), Ok(height)) = (u32::try_from(grey.width()), u32::try_from(grey.height()))
        else {
            return Vec::new();
        };
        let Ok(source) = Luma8Source::new_with_slice(grey.light(), width, height) else {
            return Vec::new();
        };
        let mut picture = BinaryBitmap::new(HybridBinarizer::new(source));
        let hints = DecodeHints {
            PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
            TryHarder: Some(true),
            ..DecodeHints::default()
        };
        let read = QrReader.decode_multiple_with_hints(&mut picture, &hints);
        let read = read.unwrap_or_default();
        read.iter()
            .filter_map(|code| found(code.getText(), corners(code.getPoints())?))
            .collect()
    })
}

fn found(text: &str, corners: [Corner; 4]) -> Option<Found> {
    (!text.is_empty()).then(|| Found {
        text: CodeText::new(Zeroizing::new(text.to_owned())),
        symbology: Symbology::Qr,
        corners: around(corners),
    })
}

/// The readers begin at different corners and go different ways: by their angle from the middle,
/// an upright code's are left upper, right upper, right lower, left lower.
fn around(mut corners: [Corner; 4]) -> [Corner; 4] {
    let middle = |of: fn(&Corner) -> f32| corners.iter().map(of).sum::<f32>() / 4.0;
    let (x, y) = (middle(|c| c.x), middle(|c| c.y));
    let angle = |c: &Corner| (c.y - y).atan2(c.x - x);
    corners.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    corners
}

fn corners(points: &[Point]) -> Option<[Corner; 4]> {
    let corner = |p: &Point| Corner { x: p.x, y: p.y };
    match points {
        [a, b, c, d, ..] => Some([corner(a), corner(b), corner(c), corner(d)]),
        _ => None,
    }
}

/// What a foreign reader read; nothing where it panicked.
pub(super) fn contained(read: impl FnOnce() -> Vec<Found>) -> Vec<Found> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
}
