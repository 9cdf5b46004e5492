use super::qr::contained;
use super::*;
use crate::devices::{DeviceState, Gone};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const CODE: &str = "134567890123456789";
/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// 16×8 pixels, dark at the left, light at the right.
const JPEG: &[u8] = b"\xff\xd8\xff\xdb\x00\x43\x00\x0d\x09\x0a\x0b\x0a\x08\x0d\x0b\x0a\x0b\x0e\
\x0e\x0d\x0f\x13\x20\x15\x13\x12\x12\x13\x27\x1c\x1e\x17\x20\x2e\x29\x31\x30\x2e\x29\x2d\x2c\x33\
\x3a\x4a\x3e\x33\x36\x46\x37\x2c\x2d\x40\x57\x41\x46\x4c\x4e\x52\x53\x52\x32\x3e\x5a\x61\x5a\x50\
\x60\x4a\x51\x52\x4f\xff\xc0\x00\x0b\x08\x00\x08\x00\x10\x01\x01\x11\x00\xff\xc4\x00\x15\x00\x01\
\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x07\xff\xc4\x00\x14\x10\x01\x00\
\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xda\x00\x08\x01\x01\x00\x00\x3f\
\x00\x06\xba\xbf\xff\xd9";

/// The light of a QR of six pixels a module, and its side.
fn qr(text: &str) -> (Vec<u8>, usize) {
    let code = qrcode::QrCode::new(text).unwrap();
    let side = (code.width() + 8) * 6;
    let dark = |n: usize| {
        let (x, y) = (
            (n % side / 6).checked_sub(4)?,
            (n / side / 6).checked_sub(4)?,
        );
        (x < code.width() && y < code.width()).then(|| code[(x, y)] == qrcode::Color::Dark)
    };
    let light = (0..side * side).map(|n| if dark(n) == Some(true) { 0 } else { 255 });
    (light.collect(), side)
}

fn png_bytes(colour: png::ColorType, side: usize, levels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let side = u32::try_from(side).unwrap();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(levels).unwrap();
    writer.finish().unwrap();
    bytes
}

fn code_png(text: &str) -> Vec<u8> {
    let (light, side) = qr(text);
    png_bytes(png::ColorType::Grayscale, side, &light)
}

#[derive(Debug, PartialEq)]
enum Heard {
    State(DeviceState),
    Frame(Option<String>),
}

struct Sink(Sender<Heard>);

impl CameraSink for Sink {
    fn frame(&self, frame: Grey, found: Option<Found>) {
        assert!(frame.width() > 0);
        let text = found.map(|f| f.text.expose().to_owned());
        let _ = self.0.send(Heard::Frame(text));
    }

    fn state(&self, state: DeviceState) {
        let _ = self.0.send(Heard::State(state));
    }
}

fn watch(folder: &Path) -> (Camera, Receiver<Heard>) {
    let (sender, heard) = channel();
    let frames = Box::new(Folder::new(folder.to_owned()));
    (
        Camera::start(frames, Arc::new(Sink(sender))).unwrap(),
        heard,
    )
}

fn next(heard: &Receiver<Heard>) -> Heard {
    heard.recv_timeout(PATIENCE).unwrap()
}

#[test]
fn a_folder_stands_for_a_camera_and_comes_back_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("frames");
    let (_camera, heard) = watch(&folder);
    let missing = Gone::Missing(folder.display().to_string());
    assert_eq!(next(&heard), Heard::State(DeviceState::Gone(missing)));
    for _ in 0..3 {
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(next(&heard), Heard::State(DeviceState::Ready));
        std::fs::write(folder.join("1.png"), code_png(CODE)).unwrap();
        assert_eq!(next(&heard), Heard::Frame(Some(CODE.to_owned())));
        std::fs::write(folder.join("2.png"), "no picture").unwrap();
        std::fs::write(folder.join("3.jpg"), JPEG).unwrap();
        assert_eq!(next(&heard), Heard::Frame(None));
        std::fs::remove_dir_all(&folder).unwrap();
        let unplugged = Gone::Unplugged(folder.display().to_string());
        assert_eq!(next(&heard), Heard::State(DeviceState::Gone(unplugged)));
    }
    assert!(
        heard.try_recv().is_err(),
        "each picture and change is told once"
    );
}

#[test]
fn a_camera_ends_when_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (camera, heard) = watch(dir.path());
    assert_eq!(next(&heard), Heard::State(DeviceState::Ready));
    let asked = Instant::now();
    drop(camera);
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert!(heard.recv().is_err(), "its thread and sink are gone");
}

/// A driver's library that panics, then works.
struct Flaky(u32);

impl Frames for Flaky {
    fn open(&mut self) -> Result<(), Gone> {
        self.0 += 1;
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Grey>, Gone> {
        assert!(self.0 > 1, "a driver that gives up");
        let (light, side) = qr(CODE);
        Ok(Grey::new(side, side, light))
    }
}

#[test]
fn a_driver_that_panics_is_opened_anew() {
    let (sender, heard) = channel();
    let _camera = Camera::start(Box::new(Flaky(0)), Arc::new(Sink(sender))).unwrap();
    assert_eq!(next(&heard), Heard::State(DeviceState::Ready));
    assert!(matches!(
        next(&heard),
        Heard::State(DeviceState::Gone(Gone::Broken(_, _)))
    ));
    assert_eq!(next(&heard), Heard::State(DeviceState::Ready));
    assert_eq!(next(&heard), Heard::Frame(Some(CODE.to_owned())));
}

#[test]
fn a_reader_that_panics_reads_nothing() {
    assert!(contained(|| panic!("an odd photograph")).is_empty());
    let (light, side) = qr(CODE);
    let picture = Grey::new(side, side, light).unwrap();
    assert!(read_picture(&picture).is_some(), "and the next one is read");
}

#[test]
fn pngs_of_every_colour_are_read() {
    let (light, side) = qr(CODE);
    let each = |channels: fn(u8) -> Vec<u8>| light.iter().flat_map(|l| channels(*l)).collect();
    let forms: [(png::ColorType, Vec<u8>); 4] = [
        (png::ColorType::Grayscale, light.clone()),
        (png::ColorType::GrayscaleAlpha, each(|l| vec![0, 255 - l])),
        (png::ColorType::Rgb, each(|l| vec![l, l, l])),
        (png::ColorType::Rgba, each(|l| vec![l, l, l, 255])),
    ];
    for (colour, levels) in forms {
        let picture = parse_picture(&png_bytes(colour, side, &levels)).unwrap();
        let found = read_picture(&picture).unwrap();
        assert_eq!(found.text.expose(), CODE, "{colour:?}");
    }
}

#[test]
fn a_jpeg_is_grey() {
    let picture = parse_picture(JPEG).unwrap();
    assert_eq!((picture.width(), picture.height()), (16, 8));
    assert!(
        picture.light()[0].abs_diff(30) < 12,
        "{}",
        picture.light()[0]
    );
    assert!(
        picture.light()[15].abs_diff(220) < 12,
        "{}",
        picture.light()[15]
    );
}

#[test]
fn what_is_no_picture_is_an_error() {
    let png = code_png(CODE);
    let cut = &png[..png.len() / 2];
    for bytes in [
        &b""[..],
        b"GIF89a",
        b"\x89PNG",
        b"\xff\xd8\xff",
        cut,
        &JPEG[..90],
    ] {
        assert!(matches!(
            parse_picture(bytes),
            Err(PictureError::NotAPicture)
        ));
    }
    let nowhere = open_picture(Path::new("/nowhere/picture.png"));
    assert!(matches!(nowhere, Err(PictureError::Unreadable(_))));
    // A header that promises 4 gigapixels.
    let mut huge = code_png(CODE);
    huge.truncate(33);
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    assert!(parse_picture(&huge).is_err());
}

#[test]
fn a_large_photograph_is_read_with_its_own_corners() {
    let (light, side) = qr(CODE);
    let by = 13;
    let large: Vec<u8> = (0..side * side * by * by)
        .map(|n| light[n / (side * by) / by * side + n % (side * by) / by])
        .collect();
    let picture = Grey::new(side * by, side * by, large).unwrap();
    assert!(picture.width() > LONGEST);
    let found = read_picture(&picture).unwrap();
    let near = 4.0 * 6.0 * by as f32;
    assert!(
        (found.corners[0].x - near).abs() < 78.0,
        "{:?}",
        found.corners
    );
}
