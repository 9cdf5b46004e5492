//! A camera on Linux (V4L2).

use super::frames::{Frames, WAIT};
use super::grey::Grey;
use super::picture;
use crate::devices::Gone;
use linuxvideo::format::{PixFormat, PixelFormat};
use linuxvideo::stream::ReadStream;
use linuxvideo::{BufType, CapabilityFlags, Device};
use std::io::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is asked for; the driver may give another size.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
/// Between two looks whether a frame is there.
const POLL: Duration = Duration::from_millis(5);
/// What is shown where no camera is named and none is found.
const ANY: &str = "/dev/video*";

/// A video device, by its path or the first that captures.
pub struct Video {
    path: Option<PathBuf>,
    stream: Option<Open>,
}

struct Open {
    name: String,
    stream: ReadStream,
    shape: Shape,
}

/// How the bytes of a frame lie.
struct Shape {
    format: PixelFormat,
    width: usize,
    height: usize,
    /// Bytes of a row.
    stride: usize,
}

impl Shape {
    fn of(format: &PixFormat) -> Option<Shape> {
        let side = |length: u32| usize::try_from(length).ok();
        Some(Shape {
            format: format.pixel_format(),
            width: side(format.width())?,
            height: side(format.height())?,
            stride: side(format.bytes_per_line())?,
        })
    }
}

impl Video {
    /// Opens nothing yet. Without a path, the first camera that is found.
    pub fn new(path: Option<PathBuf>) -> Video {
        Video { path, stream: None }
    }

    /// The configured path, or every video device, lowest number first.
    fn candidates(&self) -> Vec<PathBuf> {
        if let Some(path) = &self.path {
            return vec![path.clone()];
        }
        let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/dev")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let number = path.file_name()?.to_str()?.strip_prefix("video")?;
                Some((number.parse().ok()?, path))
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, path)| path).collect()
    }
}

impl Frames for Video {
    fn open(&mut self) -> Result<(), Gone> {
        self.stream = None;
        let mut gone = Gone::Missing(ANY.to_owned());
        for path in self.candidates() {
            match start(&path) {
                Ok(Some(open)) => {
                    self.stream = Some(open);
                    return Ok(());
                }
                // A device for metadata or output is passed over, unless it was asked for by name.
                Ok(None) if self.path.is_none() => {}
                Ok(None) => {
                    let why = "不是可用的摄像头".to_owned();
                    gone = Gone::Broken(path.display().to_string(), why);
                }
                Err(error) => gone = why(&path.display().to_string(), &error),
            }
        }
        Err(gone)
    }

    fn next(&mut self) -> Result<Option<Grey>, Gone> {
        let Some(open) = &mut self.stream else {
            return Err(Gone::Missing(ANY.to_owned()));
        };
        open.newest()
            .map_err(|_| Gone::Unplugged(open.name.clone()))
    }
}

/// `None` where it is no camera that gives a format that can be read.
fn start(path: &Path) -> Result<Option<Open>, Error> {
    let device = Device::open(path)?;
    let capabilities = device.capabilities()?.device_capabilities();
    if !capabilities.contains(CapabilityFlags::VIDEO_CAPTURE) {
        return Ok(None);
    }
    let offered: Vec<PixelFormat> = device
        .formats(BufType::VIDEO_CAPTURE)
        .filter_map(|format| format.ok().map(|f| f.pixel_format()))
        .collect();
    let known = [PixelFormat::YUYV, PixelFormat::MJPG, PixelFormat::JPEG];
    let Some(wanted) = known.into_iter().find(|format| offered.contains(format)) else {
        return Ok(None);
    };
    let capture = device.video_capture(PixFormat::new(WIDTH, HEIGHT, wanted))?;
    let Some(shape) = Shape::of(capture.format()).filter(|s| known.contains(&s.format)) else {
        return Ok(None);
    };
    Ok(Some(Open {
        name: path.display().to_string(),
        stream: capture.into_stream()?,
        shape,
    }))
}

impl Open {
    /// Takes what is there until nothing is left, so that a slow read never falls behind.
    fn newest(&mut self) -> Result<Option<Grey>, Error> {
        let asked = Instant::now();
        let mut newest = None;
        loop {
            if self.stream.will_block()? {
                if newest.is_some() || asked.elapsed() > WAIT {
                    return Ok(newest);
                }
                std::thread::sleep(POLL);
                continue;
            }
            let shape = &self.shape;
            let frame = self.stream.dequeue(|bytes| {
                let whole = !bytes.is_error();
                Ok(whole.then(|| grey(&bytes, shape)).flatten())
            })?;
            newest = frame.or(newest);
            // A driver that always has one more must not keep this from returning.
            if asked.elapsed() > WAIT {
                return Ok(newest);
            }
        }
    }
}

/// A damaged frame is none: the next one comes at once.
fn grey(bytes: &[u8], shape: &Shape) -> Option<Grey> {
    if shape.format == PixelFormat::YUYV {
        return yuyv(bytes, shape.width, shape.height, shape.stride);
    }
    picture::jpeg(&with_tables(bytes)).ok()
}

/// Every second byte is light; rows may be padded.
fn yuyv(bytes: &[u8], width: usize, height: usize, stride: usize) -> Option<Grey> {
    if stride < width.checked_mul(2)? {
        return None;
    }
    let mut light = Vec::with_capacity(width.checked_mul(height)?);
    for row in bytes.chunks(stride).take(height) {
        light.extend(row.iter().step_by(2).take(width));
    }
    Grey::new(width, height, light)
}

/// Many cameras leave out the Huffman tables, which are always the same. The decoder fills them in
/// for frames that carry the mark of Motion JPEG.
fn with_tables(jpeg: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b"\xff\xe0\x00\x10AVI1\0\0\0\0\0\0\0\0\0\0";
    let has_tables = jpeg.windows(2).any(|pair| pair == [0xff, 0xc4]);
    match jpeg.split_at_checked(2) {
        Some((start, rest)) if !has_tables => [start, MARK, rest].concat(),
        _ => jpeg.to_vec(),
    }
}

/// As any device; one that went away between its name and its opening is no fault of its own.
fn why(path: &str, error: &Error) -> Gone {
    /// ENXIO, ENODEV.
    const AWAY: [i32; 2] = [6, 19];
    match error.raw_os_error() {
        Some(error) if AWAY.contains(&error) => Gone::Missing(path.to_owned()),
        _ => Gone::by_io(path, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_light_of_a_yuyv_frame_is_every_second_byte() {
        let bytes = [1, 90, 2, 91, 0, 0, 3, 92, 4, 93, 0, 0];
        let grey = yuyv(&bytes, 2, 2, 6).unwrap();
        assert_eq!(grey.light(), [1, 2, 3, 4]);
        assert!(yuyv(&bytes[..7], 2, 2, 6).is_none(), "cut short");
        assert!(yuyv(&bytes, 4, 2, 6).is_none(), "rows that are too short");
    }

    #[test]
    fn tables_are_marked_as_missing_only_where_they_are() {
        let without = [0xff, 0xd8, 0xff, 0xdb, 0, 1];
        let marked = with_tables(&without);
        assert_eq!(marked.get(6..10), Some(&b"AVI1"[..]));
        assert_eq!(marked.get(20..), without.get(2..));
        let with = [0xff, 0xd8, 0xff, 0xc4, 0, 1];
        assert_eq!(with_tables(&with), with);
    }

    #[test]
    fn what_is_no_camera_is_said() {
        let mut none = Video::new(Some(PathBuf::from("/nowhere/video0")));
        assert!(matches!(none.open(), Err(Gone::Missing(_))));
        assert!(matches!(none.next(), Err(Gone::Missing(_))));
        let mut null = Video::new(Some(PathBuf::from("/dev/null")));
        assert!(matches!(null.open(), Err(Gone::Broken(_, _))));
        assert!(
            Gone::Forbidden("/dev/video0".into())
                .to_string()
                .contains("video 组")
        );
    }
}
