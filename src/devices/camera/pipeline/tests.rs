use super::*;
use crate::devices::camera::{CodeText, Corner};
use std::cell::Cell;
use zeroize::Zeroizing;

const CODE: &str = "134567890123456789";
const OTHER: &str = "281234567890123456";

fn found(text: &str) -> Found {
    Found {
        text: CodeText::new(Zeroizing::new(text.to_owned())),
        symbology: Symbology::Qr,
        corners: [Corner { x: 0.0, y: 0.0 }; 4],
    }
}

fn judgement(texts: &[&str]) -> Option<String> {
    let found = texts.iter().map(|t| found(t)).collect();
    judged(found).map(|f| f.text.expose().to_owned())
}

/// A QR of `scale` pixels a module.
fn qr(text: &str, scale: usize) -> Grey {
    let code = qrcode::QrCode::new(text).unwrap();
    let side = (code.width() + 8) * scale;
    let light = (0..side * side).map(|n| {
        let (x, y) = ((n % side) / scale, (n / side) / scale);
        let inside = (4..code.width() + 4).contains(&x) && (4..code.width() + 4).contains(&y);
        let dark = inside && code[(x - 4, y - 4)] == qrcode::Color::Dark;
        if dark { 20 } else { 230 }
    });
    Grey::new(side, side, light.collect()).unwrap()
}

/// Side by side.
fn beside(left: &Grey, right: &Grey) -> Grey {
    let width = left.width() + right.width();
    let mut light = Vec::new();
    for y in 0..left.height() {
        light.extend_from_slice(left.row(y));
        light.extend_from_slice(right.row(y));
    }
    Grey::new(width, left.height(), light).unwrap()
}

fn patient(picture: &Grey) -> Option<Found> {
    read(
        picture,
        &mut Budget::new(Duration::from_secs(1), &|| Duration::ZERO),
    )
}

#[test]
fn two_payment_codes_are_none() {
    assert_eq!(judgement(&[CODE, CODE]).as_deref(), Some(CODE));
    assert_eq!(judgement(&[CODE, OTHER]), None);
    assert_eq!(judgement(&[CODE, OTHER, CODE]), None);
    assert_eq!(judgement(&[]), None);
}

#[test]
fn a_payment_code_goes_before_any_other_text() {
    let sign = "https://example.com/menu";
    assert_eq!(judgement(&[sign, CODE]).as_deref(), Some(CODE));
    assert_eq!(judgement(&[sign, sign]).as_deref(), Some(sign));
    assert_eq!(judgement(&[sign, "https://example.com/wifi"]), None);
}

#[test]
fn a_qr_is_read_as_it_is_with_its_corners() {
    for text in [
        CODE,
        "https://qr.alipay.com/bax03206ug0kulveltqc80a8",
        "付款 12.34",
    ] {
        let picture = qr(text, 6);
        let found = patient(&picture).unwrap();
        assert_eq!(found.text.expose(), text);
        assert_eq!(found.symbology, Symbology::Qr);
        let far = picture.width() as f32 - 4.0 * 6.0;
        for (corner, (x, y)) in
            found
                .corners
                .iter()
                .zip([(24.0, 24.0), (far, 24.0), (far, far), (24.0, far)])
        {
            assert!((corner.x - x).abs() < 8.0, "{corner:?} is not {x}, {y}");
            assert!((corner.y - y).abs() < 8.0, "{corner:?} is not {x}, {y}");
        }
    }
}

#[test]
fn two_phones_in_one_picture_are_none() {
    let (one, two) = (qr(CODE, 5), qr(OTHER, 5));
    assert!(patient(&beside(&one, &qr(CODE, 5))).is_some());
    assert!(patient(&beside(&one, &two)).is_none());
}

#[test]
fn no_time_reads_nothing_and_time_is_kept() {
    let picture = qr(CODE, 4);
    let clock = || Duration::ZERO;
    assert!(read(&picture, &mut Budget::new(Duration::ZERO, &clock)).is_none());
    // Each look at the clock is 20 ms later: after the third there is no time for anything.
    let now = Cell::new(0);
    let looks = Cell::new(0);
    let clock = || {
        looks.set(looks.get() + 1);
        now.set(now.get() + 20);
        Duration::from_millis(now.get())
    };
    let blank = Grey::new(640, 480, vec![128; 640 * 480]).unwrap();
    assert!(read(&blank, &mut Budget::new(Duration::from_millis(50), &clock)).is_none());
    assert_eq!(
        looks.get(),
        ATTEMPTS.len() + 1,
        "all are asked for, few begun"
    );
}

#[test]
fn pictures_too_small_for_anything_read_nothing() {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (17, 5)] {
        let picture = Grey::new(width, height, vec![9; width * height]).unwrap();
        assert!(patient(&picture).is_none(), "{width}×{height}");
    }
}
