//! Picture files: PNG and JPEG, told apart by their first bytes, never by their names.

use super::grey::Grey;
use png::{ColorType, Transformations};
use std::fs::File;
use std::io::{Cursor, Read};
use std::panic::catch_unwind;
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// No picture of a phone is larger, in bytes of the file.
const FILE_BYTES: u64 = 64 << 20;
/// Nor in pixels: 100 megapixels.
const PIXELS: usize = 100_000_000;
/// In one direction.
const SIDE: usize = 16_384;

/// Why a file gives no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It can't be read.
    #[error("读不了这个文件：{0}")]
    Unreadable(#[from] std::io::Error),
    /// Neither PNG nor JPEG, or damaged.
    #[error("不是 PNG 或 JPEG 图片，或图片已损坏")]
    NotAPicture,
    /// Larger than any photograph.
    #[error("图片太大")]
    TooLarge,
}

/// Reads a picture file.
pub fn open_picture(path: &Path) -> Result<Grey, PictureError> {
    // A pipe that nobody writes into would be waited for.
    if !std::fs::metadata(path)?.is_file() {
        return Err(PictureError::NotAPicture);
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(PictureError::TooLarge);
    }
    parse_picture(&bytes)
}

/// Reads a picture from a file's bytes. A decoder that gives up on hostile bytes gives up here.
pub fn parse_picture(bytes: &[u8]) -> Result<Grey, PictureError> {
    let read = || match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [0xff, 0xd8, ..] => jpeg(bytes),
        _ => Err(PictureError::NotAPicture),
    };
    catch_unwind(read).unwrap_or(Err(PictureError::NotAPicture))
}

fn png(bytes: &[u8]) -> Result<Grey, PictureError> {
    let limits = png::Limits {
        bytes: PIXELS.saturating_mul(4),
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|_| PictureError::NotAPicture)?;
    let (width, height) = sides(reader.info().width, reader.info().height)?;
    let size = reader.output_buffer_size().ok_or(PictureError::TooLarge)?;
    let mut levels = vec![0; size];
    let frame = reader
        .next_frame(&mut levels)
        .map_err(|_| PictureError::NotAPicture)?;
    levels.truncate(frame.buffer_size());
    let light = match frame.color_type {
        ColorType::Grayscale => levels,
        ColorType::GrayscaleAlpha => on_white(&levels, 2, |p| p.first().copied().unwrap_or(0)),
        ColorType::Rgb => levels.chunks_exact(3).map(luma).collect(),
        ColorType::Rgba => on_white(&levels, 4, luma),
        ColorType::Indexed => return Err(PictureError::NotAPicture),
    };
    Grey::new(width, height, light).ok_or(PictureError::NotAPicture)
}

/// A camera's or a file's JPEG as grey.
pub(super) fn jpeg(bytes: &[u8]) -> Result<Grey, PictureError> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .set_max_width(SIDE)
        .set_max_height(SIDE);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder
        .decode_headers()
        .map_err(|_| PictureError::NotAPicture)?;
    let info = decoder.info().ok_or(PictureError::NotAPicture)?;
    let (width, height) = sides(u32::from(info.width), u32::from(info.height))?;
    let light = decoder.decode().map_err(|_| PictureError::NotAPicture)?;
    Grey::new(width, height, light).ok_or(PictureError::NotAPicture)
}

fn sides(width: u32, height: u32) -> Result<(usize, usize), PictureError> {
    let side = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
    let (width, height) = (side(width), side(height));
    let fits = width <= SIDE && height <= SIDE && width.saturating_mul(height) <= PIXELS;
    fits.then_some((width, height))
        .ok_or(PictureError::TooLarge)
}

/// Rec. 601, as cameras weigh colours.
fn luma(pixel: &[u8]) -> u8 {
    let weighed: u32 = pixel
        .iter()
        .zip([77, 150, 29])
        .map(|(level, weight)| u32::from(*level) * weight)
        .sum();
    u8::try_from(weighed >> 8).unwrap_or(u8::MAX)
}

/// What is transparent is paper.
fn on_white(levels: &[u8], channels: usize, grey: impl Fn(&[u8]) -> u8) -> Vec<u8> {
    levels
        .chunks_exact(channels)
        .map(|pixel| {
            let alpha = pixel.last().copied().map_or(255, u32::from);
            let level = u32::from(grey(pixel)) * alpha + 255 * (255 - alpha);
            u8::try_from(level / 255).unwrap_or(u8::MAX)
        })
        .collect()
}
