//! Code 128: lines are laid across the picture in several directions, each is cut into bars where
//! the light crosses a threshold of its neighbourhood, and rxing reads the bars.
//!
//! One line has only a checksum of one in 103, which is no proof. So several lines must read the
//! same, none may read anything else, and a number must be long enough to be a payment code.

use super::code::{CodeText, Corner, Found, Symbology};
use super::grey::Grey;
use super::qr::contained;
use rxing::DecodeHints;
use rxing::common::BitArray;
use rxing::oned::{Code128Reader, OneDReader};
use std::f32::consts::PI;
use zeroize::Zeroizing;

/// Pixels between lines; thick ones see over more.
const APART: f32 = 6.0;
/// Lines that must agree on a payment code.
const AGREE: usize = 3;
/// Lines that must agree on any other text.
const AGREE_OTHER: usize = 4;
/// Shorter texts are no numbers of ours (PROTOCOL: bill_no) and easily read from noise.
const SHORTEST: usize = 8;
/// A payment code has at least 16 digits: eleven symbols of six edges.
const FEWEST_EDGES: usize = 60;
/// Bits for one pixel along the line.
const FINE: f32 = 4.0;
/// Pixels whose darkest and lightest decide what is dark between them.
const BLOCK: usize = 10;
/// Levels; flatter is one surface.
const FLAT: f32 = 14.0;

/// Directions are told apart to two degrees.
const BINS: usize = 90;
/// Two directions are at least ten degrees apart.
const BINS_APART: usize = 5;
/// So many are tried at most.
const DIRECTIONS: usize = 3;
/// Square of a change of light that is only noise.
const WEAK: f32 = 400.0;

/// A threshold under which nothing is.
const BLACKER: f32 = -256.0;

/// One line across the picture.
struct Line {
    from: Corner,
    step: (f32, f32),
    pixels: usize,
}

/// A line that read something.
struct Hit {
    text: Zeroizing<String>,
    from: Corner,
    to: Corner,
}

/// How lines are laid and looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Way {
    /// From the picture's rows.
    pub(super) degrees: f32,
    /// How much neighbours are taken off each pixel.
    pub(super) sharpen: f32,
    /// Each pixel is the middle one of several along the bar.
    pub(super) thick: bool,
}

/// What the lines of one direction agree on.
pub(super) fn read(grey: &Grey, way: Way) -> Vec<Found> {
    contained(|| agreed(&hits(grey, way)).into_iter().collect())
}

fn hits(grey: &Grey, way: Way) -> Vec<Hit> {
    let mut light = Vec::new();
    let apart = if way.thick { 2.0 * APART } else { APART };
    lines(grey, way.degrees, apart)
        .iter()
        .filter_map(|line| {
            light.clear();
            if way.thick {
                line.sample_thick(grey, &mut light);
            } else {
                line.sample(grey, &mut light);
            }
            if way.sharpen > 0.0 {
                sharpened(&mut light, way.sharpen);
            }
            let edges = edges(&light);
            if edges.len() < FEWEST_EDGES {
                return None;
            }
            line.read(bits(&edges, light.len()))
        })
        .collect()
}

/// The directions in which light changes most, in degrees from the picture's rows, strongest
/// first: across the bars of a Code 128 is one of them.
pub(super) fn directions(grey: &Grey) -> Vec<f32> {
    let mut weights = [0.0f32; BINS];
    for y in (1..grey.height().saturating_sub(1)).step_by(2) {
        let (above, row, below) = (grey.row(y - 1), grey.row(y), grey.row(y + 1));
        for ((up, down), around) in above.iter().zip(below).skip(1).zip(row.windows(3)) {
            let &[left, _, right] = around else { continue };
            let dx = f32::from(right) - f32::from(left);
            let dy = f32::from(*down) - f32::from(*up);
            let strength = dx * dx + dy * dy;
            if strength < WEAK {
                continue;
            }
            let turn = (dy.atan2(dx) / PI + 1.0) * BINS as f32;
            if let Some(weight) = weights.get_mut(turn as usize % BINS) {
                *weight += strength.sqrt();
            }
        }
    }
    peaks(&weights)
}

/// The highest bins that stand apart.
fn peaks(weights: &[f32; BINS]) -> Vec<f32> {
    let near = |n: usize, by: usize| weights.get((n + by) % BINS).copied().unwrap_or(0.0);
    let smooth = |n: usize| near(n, BINS - 1) + 2.0 * near(n, 0) + near(n, 1);
    let mut bins: Vec<(usize, f32)> = (0..BINS).map(|n| (n, smooth(n))).collect();
    bins.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
    let mut chosen: Vec<usize> = Vec::new();
    for (bin, weight) in bins {
        let apart = |other: &usize| {
            let far = bin.abs_diff(*other);
            far.min(BINS - far) >= BINS_APART
        };
        if weight > 0.0 && chosen.len() < DIRECTIONS && chosen.iter().all(apart) {
            chosen.push(bin);
        }
    }
    let degrees = |bin: usize| (bin as f32 + 0.5) * 180.0 / BINS as f32;
    chosen.into_iter().map(degrees).collect()
}

/// Parallel lines over the whole picture.
fn lines(grey: &Grey, degrees: f32, apart: f32) -> Vec<Line> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (grey.width() as f32 - 1.0, grey.height() as f32 - 1.0);
    let reach = (width * sin.abs() + height * cos.abs()) / 2.0;
    let count = (reach / apart) as i32;
    (-count..=count)
        .filter_map(|n| {
            let off = n as f32 * apart;
            let middle = (width / 2.0 - sin * off, height / 2.0 + cos * off);
            Line::through(middle, (cos, sin), (width, height))
        })
        .collect()
}

impl Line {
    /// The part that lies in the picture.
    fn through(middle: (f32, f32), step: (f32, f32), size: (f32, f32)) -> Option<Line> {
        let (low_x, high_x) = span(middle.0, step.0, size.0);
        let (low_y, high_y) = span(middle.1, step.1, size.1);
        let (low, high) = (low_x.max(low_y), high_x.min(high_y));
        let pixels = (high - low).max(0.0) as usize;
        (pixels > FEWEST_EDGES).then_some(Line {
            from: Corner {
                x: middle.0 + step.0 * low,
                y: middle.1 + step.1 * low,
            },
            step,
            pixels,
        })
    }

    fn at(&self, pixels: f32) -> Corner {
        Corner {
            x: self.from.x + self.step.0 * pixels,
            y: self.from.y + self.step.1 * pixels,
        }
    }

    /// The middle of five along the bar: a crack or a speck is not seen.
    fn sample_thick(&self, grey: &Grey, light: &mut Vec<f32>) {
        light.extend((0..self.pixels).map(|n| {
            let at = self.at(n as f32);
            let mut along = [-8.0, -4.0, 0.0, 4.0, 8.0]
                .map(|off| grey.between(at.x - self.step.1 * off, at.y + self.step.0 * off));
            along.sort_unstable_by(f32::total_cmp);
            along[2]
        }));
    }

    fn sample(&self, grey: &Grey, light: &mut Vec<f32>) {
        light.extend((0..self.pixels).map(|n| {
            let at = self.at(n as f32);
            grey.between(at.x, at.y)
        }));
    }

    /// Forwards, then backwards: phones are held upside down too.
    fn read(&self, mut bits: BitArray) -> Option<Hit> {
        let size = bits.get_size() as f32;
        let hints = DecodeHints::default();
        for back in [false, true] {
            if back {
                bits.reverse();
            }
            let Ok(code) = Code128Reader.decode_row(0, &bits, &hints) else {
                continue;
            };
            let &[from, to, ..] = code.getPoints() else {
                continue;
            };
            let at = |x: f32| self.at(if back { size - x } else { x } / FINE);
            return Some(Hit {
                text: Zeroizing::new(code.getText().to_owned()),
                from: at(from.x),
                to: at(to.x),
            });
        }
        None
    }
}

/// From where to where a line stays between 0 and `size` on one axis.
fn span(middle: f32, step: f32, size: f32) -> (f32, f32) {
    if step.abs() < 1e-3 {
        return (f32::NEG_INFINITY, f32::INFINITY);
    }
    let (a, b) = (-middle / step, (size - middle) / step);
    (a.min(b), a.max(b))
}

/// Narrow bars that blur has filled come back.
fn sharpened(light: &mut [f32], by: f32) {
    let before = light.to_vec();
    for (new, around) in light.iter_mut().skip(1).zip(before.windows(3)) {
        if let &[left, here, right] = around {
            *new = here + by * (2.0 * here - left - right);
        }
    }
}

/// Where the light crosses the middle between the darkest and the lightest nearby; the first
/// crossing is from light to dark. Positions are between pixels.
fn edges(light: &[f32]) -> Vec<f32> {
    let middles = thresholds(light);
    let mut edges = Vec::new();
    let mut dark = false;
    let mut before: Option<f32> = None;
    for (n, level) in light.iter().enumerate() {
        let Some(over) = middles.get(n / BLOCK).map(|middle| level - middle) else {
            break;
        };
        if (over < 0.0) != dark {
            dark = !dark;
            let last = before.unwrap_or(over);
            let part = if last == over {
                0.0
            } else {
                last / (last - over)
            };
            edges.push(n as f32 - 1.0 + part.clamp(0.0, 1.0));
        }
        before = Some(over);
    }
    edges
}

/// For each block of pixels; on flat ground nothing is dark.
fn thresholds(light: &[f32]) -> Vec<f32> {
    let range = |block: &[f32]| {
        let low = block.iter().copied().fold(f32::INFINITY, f32::min);
        let high = block.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        (low, high)
    };
    let ranges: Vec<(f32, f32)> = light.chunks(BLOCK).map(range).collect();
    (0..ranges.len())
        .map(|n| {
            let near = ranges.get(n.saturating_sub(1)..(n + 2).min(ranges.len()));
            let near = near.unwrap_or_default();
            let low = near.iter().map(|r| r.0).fold(f32::INFINITY, f32::min);
            let high = near.iter().map(|r| r.1).fold(f32::NEG_INFINITY, f32::max);
            if high - low < FLAT {
                BLACKER
            } else {
                (low + high) / 2.0
            }
        })
        .collect()
}

/// The bars as rxing takes them.
fn bits(edges: &[f32], pixels: usize) -> BitArray {
    let size = (pixels as f32 * FINE) as usize;
    let mut bits = BitArray::with_size(size);
    for bar in edges.chunks(2) {
        let fine = |edge: f32| ((edge + 0.5).max(0.0) * FINE) as usize;
        let (start, end) = match *bar {
            [start, end] => (fine(start), fine(end).min(size)),
            [start] => (fine(start), size),
            _ => continue,
        };
        // One by one: rxing's own range overflows where one ends with a word.
        (start..end).for_each(|bit| bits.set(bit));
    }
    bits
}

/// The one text that enough lines read and none contradicts.
fn agreed(hits: &[Hit]) -> Option<Found> {
    let first = hits.first()?;
    let last = hits.last()?;
    if hits.iter().any(|hit| *hit.text != *first.text) {
        return None;
    }
    let text = CodeText::new(first.text.clone());
    let enough = if text.is_payment() {
        AGREE
    } else if is_number(text.expose()) {
        AGREE_OTHER
    } else {
        return None;
    };
    (hits.len() >= enough).then_some(Found {
        text,
        symbology: Symbology::Code128,
        corners: [first.from, first.to, last.to, last.from],
    })
}

/// A bill's or another number of letters and digits: digits alone that are no payment code are
/// taken for a broken one.
fn is_number(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    let letters = text.bytes().any(|b| !b.is_ascii_digit());
    plain && letters && text.len() >= SHORTEST
}
