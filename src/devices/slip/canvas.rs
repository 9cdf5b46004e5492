//! Draws a slip's rows into a picture.

use super::code128::Code128;
use super::encode::{BAR_HEIGHT, two_bytes};
use super::layout::{BAR_DOTS, Line, Paper, QR_QUIET, Qr, Row, columns_of, width};
use super::pen::{COLUMN, HEIGHT, Pen};
use super::{Options, Picture, SlipError};
use crate::domain::config::PrinterChinese;
use crate::domain::print::Align;

/// White under a line's characters: a printer's line is 30 dots high, its characters 24.
const LEADING: usize = 6;

/// The rows as a picture of the paper's width.
pub(super) fn draw(
    rows: &[Row],
    paper: Paper,
    options: &Options<'_>,
) -> Result<Picture, SlipError> {
    let mut pen = Pen::new(options.font)?;
    let mut canvas = Canvas {
        width: paper.dots,
        dots: Vec::new(),
    };
    for row in rows {
        match row {
            Row::Line(line) => canvas.line(line, &mut pen, options.chinese),
            Row::Bars(code) => canvas.bars(code, &mut pen),
            Row::Qr(code) => canvas.qr(code),
        }
    }
    Ok(Picture {
        width: canvas.width,
        height: canvas.dots.len() / canvas.width,
        dots: canvas.dots,
    })
}

struct Canvas {
    width: usize,
    dots: Vec<bool>,
}

impl Canvas {
    /// Paper below what is drawn; where it begins.
    fn feed(&mut self, height: usize) -> usize {
        let top = self.dots.len() / self.width;
        self.dots
            .resize(self.dots.len() + height * self.width, false);
        top
    }

    /// Makes one dot black; one beside the paper is left out.
    fn dot(&mut self, x: i32, y: i32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x < self.width
            && let Some(dot) = self.dots.get_mut(y * self.width + x)
        {
            *dot = true;
        }
    }

    fn line(&mut self, line: &Line, pen: &mut Pen<'_>, chinese: PrinterChinese) {
        let times = |double| if double { 2 } else { 1 };
        let (wide, high) = (times(line.wide), times(line.high));
        let top = self.feed(HEIGHT * high + LEADING) + LEADING / 2;
        let free = self.width.saturating_sub(width(&line.text) * COLUMN * wide);
        let mut x = match line.align {
            Align::Left => 0,
            Align::Centre => free / 2,
            Align::Right => free,
        };
        for c in line.text.chars() {
            let c = shown(c, chinese);
            let (left, above) = (x as i32, top as i32);
            pen.draw(c, wide, high, &mut |dx, dy| {
                self.dot(left + dx, above + dy);
                // A printer's bold is the same once more, one dot to the right.
                if line.bold {
                    self.dot(left + dx + 1, above + dy);
                }
            });
            x += columns_of(c) * COLUMN * wide;
        }
    }

    fn bars(&mut self, code: &Code128, pen: &mut Pen<'_>) {
        let bars = code.bars();
        let height = usize::from(BAR_HEIGHT);
        let top = self.feed(height + LEADING);
        let left = self.width.saturating_sub(bars.len() * BAR_DOTS) / 2;
        for (i, _) in bars.iter().enumerate().filter(|(_, black)| **black) {
            self.block(left + i * BAR_DOTS, top, BAR_DOTS, height);
        }
        let below = Line {
            text: code.text().to_owned(),
            align: Align::Centre,
            ..Line::default()
        };
        self.line(&below, pen, PrinterChinese::Raster);
    }

    fn qr(&mut self, code: &Qr) {
        let side = code.modules * code.dots;
        let quiet = QR_QUIET * code.dots;
        let top = self.feed(side + 2 * quiet) + quiet;
        let left = self.width.saturating_sub(side) / 2;
        for (i, _) in code.black.iter().enumerate().filter(|(_, black)| **black) {
            let (x, y) = (i % code.modules, i / code.modules);
            let (x, y) = (left + x * code.dots, top + y * code.dots);
            self.block(x, y, code.dots, code.dots);
        }
    }

    fn block(&mut self, left: usize, top: usize, width: usize, height: usize) {
        for y in top..top + height {
            for x in left..left + width {
                self.dot(x as i32, y as i32);
            }
        }
    }
}

/// The picture of a slip for a printer's own font shows the boxes that it prints.
fn shown(c: char, chinese: PrinterChinese) -> char {
    match chinese {
        PrinterChinese::Gb18030 if !c.is_ascii() && two_bytes(c).is_none() => '□',
        _ => c,
    }
}
