//! Draws single characters with the program's font, in a printer's cells: 12 by 24 dots for ASCII,
//! 24 by 24 for all else, twice that where a line is wide or high.

use super::SlipError;
use super::layout::columns_of;
use swash::FontRef;
use swash::scale::{Render, ScaleContext, Source};
use swash::zeno::{Format, Transform};

/// Dots of a column, and of a line's characters.
pub(super) const COLUMN: usize = 12;
pub(super) const HEIGHT: usize = 24;
/// The baseline in a cell: a Chinese font's box has 88 of 100 parts above it.
const ABOVE: f32 = 0.88;
/// From this darkness on (of 255) a dot is black: under one half, since thin strokes must not break.
const BLACK: u8 = 112;

/// A font that is drawn with.
pub(super) struct Pen<'a> {
    font: FontRef<'a>,
    context: ScaleContext,
}

impl<'a> Pen<'a> {
    pub fn new(font: Option<&'a [u8]>) -> Result<Pen<'a>, SlipError> {
        let font = font.and_then(|data| FontRef::from_index(data, 0));
        Ok(Pen {
            font: font.ok_or(SlipError::NoFont)?,
            context: ScaleContext::new(),
        })
    }

    /// Calls `dot` with each black dot of this character, from its cell's left upper corner; letters
    /// that hang below the cell may give dots under it. A character that the font lacks is a box.
    pub fn draw(&mut self, c: char, wide: usize, high: usize, dot: &mut dyn FnMut(i32, i32)) {
        if c.is_whitespace() {
            return;
        }
        let cell = (columns_of(c) * COLUMN * wide) as f32;
        let size = (HEIGHT * high) as f32;
        let glyph = self.font.charmap().map(c);
        if glyph == 0 {
            return missing(cell as i32, size as i32, dot);
        }
        let advance = self
            .font
            .glyph_metrics(&[])
            .scale(size)
            .advance_width(glyph);
        // Latin letters are wider than their cell in a Chinese font: they are drawn narrower.
        let across = (wide as f32 / high as f32).min(cell / advance.max(1.0));
        let mut scaler = self.context.builder(self.font).size(size).build();
        let image = Render::new(&[Source::Outline])
            .format(Format::Alpha)
            .transform(Some(Transform::scale(across, 1.0)))
            .render(&mut scaler, glyph);
        let Some(image) = image else { return };
        let left = ((cell - advance * across) / 2.0).round() as i32 + image.placement.left;
        let top = (size * ABOVE).round() as i32 - image.placement.top;
        let width = (image.placement.width as usize).max(1);
        for (y, row) in image.data.chunks(width).enumerate() {
            for (x, dark) in row.iter().enumerate() {
                if *dark >= BLACK {
                    dot(left + x as i32, top + y as i32);
                }
            }
        }
    }
}

/// □
fn missing(width: i32, height: i32, dot: &mut dyn FnMut(i32, i32)) {
    let (left, right) = (2, width - 3);
    let (top, bottom) = (3, height - 4);
    for x in left..=right {
        dot(x, top);
        dot(x, bottom);
    }
    for y in top..=bottom {
        dot(left, y);
        dot(right, y);
    }
}
