//! Grey pictures and what is done to them before reading: contrast stretch, a 3×3 median, half
//! the scale.

use std::borrow::Cow;
use std::fmt;
use zeroize::Zeroize;

/// Grey levels, row by row, 0 is black. It may show a payment code: it is wiped, and `Debug`
/// prints only its size.
#[derive(Clone, PartialEq, Eq)]
pub struct Grey {
    width: usize,
    height: usize,
    light: Vec<u8>,
}

/// More pixels in one direction are no frame; they also overflow what readers count with.
const LONGEST: usize = 16_384;
/// Pixels of a neighbourhood whose contrast is stretched by itself.
const TILE: usize = 8;
/// Flatter ground than this is not stretched to black and white.
const FLAT: u16 = 40;
/// This share of the pixels may be darker than black and lighter than white after stretching.
const CUT: usize = 100;

impl Grey {
    /// `None` where the sides don't fit the number of pixels, or are zero or absurd.
    pub fn new(width: usize, height: usize, light: Vec<u8>) -> Option<Grey> {
        let sane = (1..=LONGEST).contains(&width) && (1..=LONGEST).contains(&height);
        (sane && width * height == light.len()).then_some(Grey {
            width,
            height,
            light,
        })
    }

    /// Pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All levels, row by row.
    pub fn light(&self) -> &[u8] {
        &self.light
    }

    /// One row; empty below the last.
    pub(super) fn row(&self, y: usize) -> &[u8] {
        let start = y * self.width;
        self.light
            .get(start..start + self.width)
            .unwrap_or_default()
    }

    /// The level between four pixels; outside, of the nearest.
    pub(super) fn between(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, self.width as f32 - 1.0);
        let y = y.clamp(0.0, self.height as f32 - 1.0);
        let (left, top) = (x as usize, y as usize);
        let right = usize::from(left + 1 < self.width);
        let down = if top + 1 < self.height { self.width } else { 0 };
        let start = top * self.width + left;
        let level = |at: usize| self.light.get(at).copied().map_or(0.0, f32::from);
        let (part, drop) = (x - left as f32, y - top as f32);
        let above = level(start) + (level(start + right) - level(start)) * part;
        let under = start + down;
        let below = level(under) + (level(under + right) - level(under)) * part;
        above + (below - above) * drop
    }

    /// The darkest and the lightest hundredth become black and white.
    pub(super) fn stretched(&self) -> Grey {
        let mut counts = [0usize; 256];
        for &level in &self.light {
            if let Some(count) = counts.get_mut(usize::from(level)) {
                *count += 1;
            }
        }
        let cut = self.light.len() / CUT;
        let low = nth(counts.iter(), cut);
        let high = 255 - nth(counts.iter().rev(), cut);
        let range = high.saturating_sub(low).max(1);
        let mut table = [0u8; 256];
        for (level, new) in table.iter_mut().enumerate() {
            let risen = level.saturating_sub(low).min(range) * 255 / range;
            *new = u8::try_from(risen).unwrap_or(u8::MAX);
        }
        self.each(|level| table.get(usize::from(level)).copied().unwrap_or(level))
    }

    fn each(&self, new: impl Fn(u8) -> u8) -> Grey {
        Grey {
            width: self.width,
            height: self.height,
            light: self.light.iter().map(|level| new(*level)).collect(),
        }
    }

    /// Each pixel becomes the middle one of its nine neighbours: specks go, edges stay.
    pub(super) fn median(&self) -> Grey {
        let mut light = Vec::with_capacity(self.light.len());
        for y in 0..self.height {
            let above = self.row(y.saturating_sub(1));
            let below = self.row((y + 1).min(self.height - 1));
            median_row(above, self.row(y), below, &mut light);
        }
        Grey {
            width: self.width,
            height: self.height,
            light,
        }
    }

    /// The darkest (or the lightest) of each pixel's nine.
    fn extreme(&self, pick: fn(u8, u8) -> u8) -> Grey {
        let mut light = Vec::with_capacity(self.light.len());
        for y in 0..self.height {
            let above = self.row(y.saturating_sub(1));
            let below = self.row((y + 1).min(self.height - 1));
            let columns: Vec<u8> = above
                .iter()
                .zip(self.row(y))
                .zip(below)
                .map(|((a, b), c)| pick(pick(*a, *b), *c))
                .collect();
            let ends = columns.first().into_iter().chain(&columns);
            let after = columns.iter().skip(1).chain(columns.last());
            let row = ends.zip(&columns).zip(after);
            light.extend(row.map(|((a, b), c)| pick(pick(*a, *b), *c)));
        }
        Grey {
            width: self.width,
            height: self.height,
            light,
        }
    }

    /// Thin light lines go: cracks in the dark.
    pub(super) fn closed(&self) -> Grey {
        self.extreme(u8::min).extreme(u8::max)
    }

    /// Thin dark lines go.
    pub(super) fn opened(&self) -> Grey {
        self.extreme(u8::max).extreme(u8::min)
    }

    /// The contrast of each neighbourhood stretched by itself: what a lamp has washed out comes
    /// back, unless it is quite white.
    pub(super) fn levelled(&self) -> Grey {
        let (across, down) = (self.width.div_ceil(TILE), self.height.div_ceil(TILE));
        let ranges = spread(&self.tiles(across, down), across, down);
        let mut light = Vec::with_capacity(self.light.len());
        for y in 0..self.height {
            let row = self.row(y);
            for (x, level) in row.iter().enumerate() {
                let (low, high) = ranges
                    .get(y / TILE * across + x / TILE)
                    .copied()
                    .unwrap_or((0, 255));
                let range = u16::from(high.saturating_sub(low)).max(FLAT);
                let risen = u16::from(level.saturating_sub(low)).min(range) * 255 / range;
                light.push(u8::try_from(risen).unwrap_or(u8::MAX));
            }
        }
        Grey {
            width: self.width,
            height: self.height,
            light,
        }
    }

    /// The darkest and the lightest of each tile.
    fn tiles(&self, across: usize, down: usize) -> Vec<(u8, u8)> {
        let mut ranges = vec![(u8::MAX, u8::MIN); across * down];
        for y in 0..self.height {
            for (n, part) in self.row(y).chunks(TILE).enumerate() {
                if let Some((low, high)) = ranges.get_mut(y / TILE * across + n) {
                    *low = part.iter().copied().fold(*low, u8::min);
                    *high = part.iter().copied().fold(*high, u8::max);
                }
            }
        }
        ranges
    }

    /// Half the width and height: four pixels become their mean. `None` where nothing is left.
    pub(super) fn halved(&self) -> Option<Grey> {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut light = Vec::with_capacity(width * height);
        for y in 0..height {
            let pairs = self.row(2 * y).chunks_exact(2);
            let below = self.row(2 * y + 1).chunks_exact(2);
            light.extend(pairs.zip(below).map(|(a, b)| mean(a, b)));
        }
        Grey::new(width, height, light)
    }

    /// The part between two corners, as far as it is in the picture.
    pub(super) fn part(&self, from: (f32, f32), to: (f32, f32)) -> Option<Grey> {
        let across = from.0.max(0.0) as usize..(to.0.max(0.0) as usize).min(self.width);
        let down = from.1.max(0.0) as usize..(to.1.max(0.0) as usize).min(self.height);
        let mut light = Vec::with_capacity(across.len() * down.len());
        for y in down.clone() {
            light.extend_from_slice(self.row(y).get(across.clone())?);
        }
        Grey::new(across.len(), down.len(), light)
    }

    /// Halved until neither side is longer than this.
    pub fn fitted(&self, longest: usize) -> Cow<'_, Grey> {
        let mut fitted = Cow::Borrowed(self);
        while fitted.width.max(fitted.height) > longest {
            let Some(half) = fitted.halved() else { break };
            fitted = Cow::Owned(half);
        }
        fitted
    }
}

impl Drop for Grey {
    fn drop(&mut self) {
        self.light.zeroize();
    }
}

impl fmt::Debug for Grey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grey({}×{})", self.width, self.height)
    }
}

/// Each tile's range with those of its neighbours.
fn spread(tiles: &[(u8, u8)], across: usize, down: usize) -> Vec<(u8, u8)> {
    let near = |n: usize, end: usize| n.saturating_sub(1)..(n + 2).min(end);
    (0..tiles.len())
        .map(|n| {
            near(n / across, down)
                .flat_map(|y| near(n % across, across).map(move |x| y * across + x))
                .filter_map(|at| tiles.get(at))
                .fold((u8::MAX, u8::MIN), |(low, high), tile| {
                    (low.min(tile.0), high.max(tile.1))
                })
        })
        .collect()
}

/// How many steps until more than `cut` were counted.
fn nth<'a>(counts: impl Iterator<Item = &'a usize>, cut: usize) -> usize {
    let mut seen = 0;
    counts
        .take_while(|count| {
            seen += **count;
            seen <= cut
        })
        .count()
        .min(255)
}

fn mean(above: &[u8], below: &[u8]) -> u8 {
    let sum: u16 = above.iter().chain(below).map(|l| u16::from(*l)).sum();
    u8::try_from(sum / 4).unwrap_or(u8::MAX)
}

/// The median of nine is the median of: the largest of the columns' smallest, the median of
/// their medians, the smallest of their largest. Columns are sorted once and used three times.
fn median_row(above: &[u8], row: &[u8], below: &[u8], out: &mut Vec<u8>) {
    let mut columns = above
        .iter()
        .zip(row)
        .zip(below)
        .map(|((a, b), c)| sorted(*a, *b, *c));
    let Some(mut here) = columns.next() else {
        return;
    };
    let mut left = here;
    for right in columns.chain([sorted_end(above, row, below)]) {
        out.push(middle(left, here, right));
        left = here;
        here = right;
    }
}

/// The last column once more, as its own right neighbour.
fn sorted_end(above: &[u8], row: &[u8], below: &[u8]) -> (u8, u8, u8) {
    let last = |row: &[u8]| row.last().copied().unwrap_or(0);
    sorted(last(above), last(row), last(below))
}

fn sorted(a: u8, b: u8, c: u8) -> (u8, u8, u8) {
    let (low, high) = (a.min(b), a.max(b));
    (low.min(c), low.max(high.min(c)), high.max(c))
}

fn middle(left: (u8, u8, u8), here: (u8, u8, u8), right: (u8, u8, u8)) -> u8 {
    let lows = left.0.max(here.0).max(right.0);
    let middles = sorted(left.1, here.1, right.1).1;
    let highs = left.2.min(here.2).min(right.2);
    sorted(lows, middles, highs).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, light: &[u8]) -> Grey {
        Grey::new(width, light.len() / width, light.to_vec()).unwrap()
    }

    #[test]
    fn sides_that_do_not_fit_are_no_picture() {
        assert!(Grey::new(2, 2, vec![0; 3]).is_none());
        assert!(Grey::new(0, 0, vec![]).is_none());
        assert!(Grey::new(LONGEST + 1, 1, vec![0; LONGEST + 1]).is_none());
    }

    #[test]
    fn stretching_reaches_black_and_white_and_keeps_the_order() {
        let mut light = vec![60; 200];
        light.extend(vec![80; 200]);
        light.extend(vec![100; 200]);
        let stretched = grey(20, &light).stretched();
        assert_eq!(stretched.light()[0], 0);
        assert_eq!(stretched.light()[599], 255);
        assert_eq!(stretched.light()[300], 127);
        let flat = grey(3, &[7; 9]).stretched();
        assert!(flat.light().iter().all(|l| *l == flat.light()[0]));
    }

    #[test]
    fn the_median_is_the_fifth_of_nine() {
        let mut light = vec![3, 200, 90, 14, 0, 77, 255, 60, 8];
        let got = grey(3, &light).median().light()[4];
        light.sort_unstable();
        assert_eq!(got, light[4]);
        let mut speck = vec![100; 25];
        speck[12] = 255;
        speck[0] = 0;
        assert_eq!(grey(5, &speck).median().light(), [100; 25]);
    }

    #[test]
    fn a_part_ends_where_the_picture_does() {
        let picture = grey(3, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(
            picture.part((1.0, 1.0), (9.0, 2.0)).unwrap().light(),
            [5, 6]
        );
        assert_eq!(picture.part((-5.0, -5.0), (9.0, 9.0)).unwrap(), picture);
        assert!(picture.part((2.0, 2.0), (1.0, 1.0)).is_none());
        assert!(picture.part((5.0, 0.0), (9.0, 3.0)).is_none());
    }

    #[test]
    fn washed_out_contrast_comes_back() {
        // Dark and light columns under light that grows from left to right.
        let light: Vec<u8> = (0..64 * 64)
            .map(|n| if n / 4 % 2 == 0 { 20 } else { 90 } + (n % 64) as u8 * 2)
            .collect();
        let levelled = grey(64, &light).levelled();
        for x in 0..64 {
            let level = levelled.light()[32 * 64 + x];
            assert_eq!(level < 128, x / 4 % 2 == 0, "column {x}: {level}");
        }
        let flat = grey(64, &[100; 64 * 64]).levelled();
        assert!(
            flat.light().iter().all(|l| *l == 0),
            "flat ground stays flat"
        );
    }

    #[test]
    fn thin_lines_go_and_thick_ones_stay() {
        let column = |dark: &[usize]| -> Vec<u8> {
            (0..81)
                .map(|n| if dark.contains(&(n % 9)) { 0 } else { 255 })
                .collect()
        };
        let thin = grey(9, &column(&[4]));
        assert!(thin.opened().light().iter().all(|l| *l == 255));
        assert_eq!(thin.closed().light(), thin.light());
        let thick = grey(9, &column(&[3, 4, 5]));
        assert_eq!(thick.opened().light(), thick.light());
        let crack = grey(9, &column(&[1, 2, 3, 5, 6, 7]));
        assert_eq!(crack.closed().light()[40], 0);
    }

    #[test]
    fn between_pixels_is_between_their_levels() {
        let picture = grey(2, &[0, 100, 200, 100]);
        assert_eq!(picture.between(0.5, 0.0), 50.0);
        assert_eq!(picture.between(0.5, 0.5), 100.0);
        assert_eq!(picture.between(0.0, 0.25), 50.0);
        assert_eq!(picture.between(-3.0, 9.0), 200.0, "the nearest one");
    }

    #[test]
    fn half_the_scale_is_the_mean_of_four() {
        let half = grey(5, &[0, 4, 9, 9, 1, 8, 8, 9, 9, 1]).halved().unwrap();
        assert_eq!((half.width(), half.height()), (2, 1));
        assert_eq!(half.light(), [5, 9]);
        assert!(grey(5, &[1; 5]).halved().is_none());
        let large = grey(64, &[1; 64 * 64]);
        assert_eq!(large.fitted(20).width(), 16);
        assert_eq!(large.fitted(64).width(), 64);
    }

    #[test]
    fn a_picture_never_prints_what_it_shows() {
        assert_eq!(format!("{:?}", grey(3, &[1; 9])), "Grey(3×3)");
    }
}
