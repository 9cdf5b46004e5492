//! `shouyin decode`: a line for each picture, what is no picture on standard error.

use crate::shop::run;
use std::path::Path;

/// A QR as a PNG of four pixels a module.
fn write_qr(path: &Path, text: &str) {
    let code = qrcode::QrCode::new(text).unwrap();
    let side = (code.width() + 8) * 4;
    let light: Vec<u8> = (0..side * side)
        .map(|n| {
            let (x, y) = (n % side / 4, n / side / 4);
            let inside = |at: usize| (4..code.width() + 4).contains(&at);
            let dark = inside(x) && inside(y) && code[(x - 4, y - 4)] == qrcode::Color::Dark;
            if dark { 30 } else { 220 }
        })
        .collect();
    let file = std::fs::File::create(path).unwrap();
    let side = u32::try_from(side).unwrap();
    let mut encoder = png::Encoder::new(file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&light).unwrap();
}

#[test]
fn each_picture_is_one_line_and_what_is_none_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let code = "281234567890123456";
    write_qr(Path::new(&path("code.png")), code);
    write_qr(
        Path::new(&path("link.png")),
        "https://qr.alipay.com/bax03206ug0kul",
    );
    write_qr(Path::new(&path("lines.png")), "one\ntwo");
    let blank = Path::new(&path("blank.png")).to_owned();
    let file = std::fs::File::create(blank).unwrap();
    let mut encoder = png::Encoder::new(file, 32, 32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[200; 32 * 32]).unwrap();
    drop(writer);

    let names = ["code.png", "blank.png", "lines.png", "link.png"].map(path);
    let args: Vec<&str> = [&["decode"], &names.each_ref().map(String::as_str)[..]].concat();
    let done = run(&args).exits(0).silent();
    let expected = format!("{code}\n\none two\nhttps://qr.alipay.com/bax03206ug0kul\n");
    assert_eq!(done.out, expected);

    std::fs::write(path("text.png"), "no picture").unwrap();
    let (missing, text) = (path("missing.png"), path("text.png"));
    let done = run(&["decode", &missing, &text, &names[0]]).exits(1);
    assert_eq!(
        done.out,
        format!("{code}\n"),
        "the others are read all the same"
    );
    let lines: Vec<&str> = done.err.lines().collect();
    assert_eq!(lines.len(), 2, "{}", done.err);
    assert!(lines[0].contains("missing.png") && lines[1].contains("text.png"));

    run(&["decode"]).exits(2).says(&["PICTURE"]);
}
