//! Slips on paper: the columns and dots of a slip, the bytes that a receipt printer (ESC/POS) takes
//! for it, and the same slip as a picture for the screen.
//!
//! Nothing here opens a device. Invariants: no text commands the printer, whatever people wrote (the
//! text's control characters never reach the bytes, and every Chinese character is exactly two
//! bytes); no byte sequence acts at once on a printer that is still busy (`DLE`); a job begins so
//! that what is left of a broken one before it is swallowed.
//!
//! # The paper
//!
//! 203 dots an inch are 8 dots a millimetre. 58 mm paper has 48 mm that can be printed on: 384 dots,
//! 32 columns of 12 dots; 80 mm paper 72 mm: 576 dots, 48 columns. A Chinese character is 24 dots
//! wide, two columns; so is everything that is not ASCII, because a printer takes it from its
//! Chinese font.

mod canvas;
mod code128;
mod encode;
mod layout;
mod pen;

pub use encode::{encode, open_drawer};

use crate::domain::config::{PrinterChinese, PrinterSettings};
use crate::domain::print::Slip;
use layout::Paper;

/// How a slip becomes bytes or a picture.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Paper, millimetres: 58 or 80. Anything below 80 is printed as for 58.
    pub width_mm: u32,
    /// How Chinese is printed.
    pub chinese: PrinterChinese,
    /// The paper is cut at the end. Printers without a cutter ignore it.
    pub cut: bool,
    /// The drawer opens before the first line is printed.
    pub drawer: bool,
    /// The TrueType font that pictures are drawn with; [`encode`] needs it for
    /// [`PrinterChinese::Raster`] only.
    pub font: Option<&'a [u8]>,
}

impl<'a> Options<'a> {
    /// As the settings say, with a cut. `drawer`: open it with this slip; it is for the caller to
    /// ask the settings whether there is one.
    pub fn new(settings: &PrinterSettings, drawer: bool, font: Option<&'a [u8]>) -> Options<'a> {
        Options {
            width_mm: settings.width_mm,
            chinese: settings.chinese,
            cut: true,
            drawer,
            font,
        }
    }
}

/// Why a slip can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlipError {
    /// A picture was asked for and there is no font to draw it with, or it can't be read.
    #[error("没有可用的字体，无法把小票画成图形，请把打印机的 chinese 改为 gb18030")]
    NoFont,
    /// A command could not be written. The reason.
    #[error("无法生成小票的打印指令：{0}")]
    Command(String),
}

/// A slip as a picture, as it comes out of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Dots: the paper's.
    pub width: usize,
    /// Dots.
    pub height: usize,
    /// Row by row, true is black.
    pub dots: Vec<bool>,
}

/// The slip's picture: the lines, bars and QR that [`encode`] prints with the same options, in the
/// font's shapes in place of the printer's own. Drawing takes a while: call it, and [`encode`] for a
/// raster printer, on a thread that no payment waits for.
///
/// # Errors
///
/// [`SlipError::NoFont`].
pub fn picture(slip: &Slip, options: &Options<'_>) -> Result<Picture, SlipError> {
    let paper = Paper::of(options.width_mm);
    let rows = layout::rows(slip, paper);
    canvas::draw(&rows, paper, options)
}
