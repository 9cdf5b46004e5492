//! What a phone shows: its body, status bar, title, and a wallet's payment page.

use super::{Layout, Rng, code128};
use qrcode::{Color, EcLevel, QrCode};

/// Two texels for each logical pixel of a 360×760 phone, with its body around.
pub const WIDTH: usize = 760;
pub const HEIGHT: usize = 1600;
const BODY: usize = 20;

/// Light of each texel, 0 to 255.
pub struct Screen {
    pub texels: Vec<u8>,
    /// Where the camera is aimed: the middle of the codes.
    pub centre: (f32, f32),
}

impl Screen {
    fn new(page: u8) -> Screen {
        let mut screen = Screen {
            texels: vec![12; WIDTH * HEIGHT],
            centre: (WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0),
        };
        screen.fill(BODY, BODY, WIDTH - 2 * BODY, HEIGHT - 2 * BODY, page);
        screen
    }

    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, light: u8) {
        for row in y..(y + height).min(HEIGHT) {
            let end = (x + width).min(WIDTH);
            self.texels[row * WIDTH + x.min(end)..row * WIDTH + end].fill(light);
        }
    }

    /// A line of characters that are none: blocks of 7×7 dots.
    fn words(&mut self, x: usize, y: usize, dot: usize, count: usize, light: u8, rng: &mut Rng) {
        for n in 0..count {
            for i in 0..49 {
                if rng.below(5) < 2 {
                    let left = x + n * dot * 8 + (i % 7) * dot;
                    self.fill(left, y + (i / 7) * dot, dot, dot, light);
                }
            }
        }
    }

    /// Digits in groups of four, as wallets write them.
    fn digits(&mut self, x: usize, y: usize, dot: usize, text: &str) {
        let mut left = x;
        for (n, digit) in text.bytes().enumerate() {
            let glyph = DIGITS[usize::from(digit - b'0')];
            for (row, bits) in glyph.iter().enumerate() {
                for column in 0..5 {
                    if bits >> (4 - column) & 1 == 1 {
                        self.fill(left + column * dot, y + row * dot, dot, dot, 40);
                    }
                }
            }
            left += if n % 4 == 3 { 9 * dot } else { 6 * dot };
        }
    }

    /// Bars along x.
    fn bars(&mut self, x: usize, y: usize, module: usize, height: usize, code: &str) {
        for (n, dark) in code128::modules(code).into_iter().enumerate() {
            if dark {
                self.fill(x + n * module, y, module, height, 10);
            }
        }
    }

    /// Bars along y: the phone is read lying down.
    fn bars_down(&mut self, x: usize, y: usize, module: usize, height: usize, code: &str) {
        for (n, dark) in code128::modules(code).into_iter().enumerate() {
            if dark {
                self.fill(x, y + n * module, height, module, 10);
            }
        }
    }

    /// The QR; half the wallets put a logo in its middle.
    fn qr(&mut self, x: usize, y: usize, side: usize, code: &str, rng: &mut Rng) {
        let logo = rng.below(2) == 0;
        let level = if logo { EcLevel::Q } else { EcLevel::M };
        let qr = QrCode::with_error_correction_level(code, level).unwrap();
        let module = side / qr.width();
        let margin = (side - module * qr.width()) / 2;
        for (n, colour) in qr.to_colors().into_iter().enumerate() {
            if colour == Color::Dark {
                let left = x + margin + n % qr.width() * module;
                let top = y + margin + n / qr.width() * module;
                self.fill(left, top, module, module, 10);
            }
        }
        if logo {
            let size = module * 4;
            let at = (side - size) / 2;
            self.fill(x + at, y + at, size, size, 250);
            let inner = size - module;
            let at = (side - inner) / 2;
            self.fill(x + at, y + at, inner, inner, 120);
        }
    }

    fn status_bar(&mut self, rng: &mut Rng) {
        self.words(60, 44, 3, 5, 250, rng);
        self.words(560, 44, 3, 4, 250, rng);
        self.fill(670, 46, 36, 18, 250);
    }
}

/// A payment page.
pub fn wallet(code: &str, layout: Layout, rng: &mut Rng) -> Screen {
    // Alipay's blue and WeChat's green, as grey.
    let page = if code.starts_with('1') { 120 } else { 95 };
    let mut screen = match layout {
        Layout::Both => both(code, page, rng),
        Layout::Qr => {
            let mut screen = Screen::new(245);
            screen.qr(100, 480, 560, code, rng);
            screen.centre = (380.0, 760.0);
            screen
        }
        Layout::Bars => {
            let mut screen = Screen::new(245);
            screen.bars_down(210, 232, 8, 300, code);
            screen.centre = (360.0, 768.0);
            screen
        }
    };
    screen.status_bar(rng);
    screen
}

fn both(code: &str, page: u8, rng: &mut Rng) -> Screen {
    let mut screen = Screen::new(page);
    screen.words(270, 110, 4, 7, 250, rng);
    screen.fill(50, 220, 660, 1080, 250);
    screen.words(90, 250, 3, 12, 90, rng);
    // 134 modules of 4 texels and ten modules of quiet zone at each side.
    screen.bars(112, 330, 4, 150, code);
    screen.digits(190, 500, 4, &code[..18]);
    screen.qr(200, 590, 360, code, rng);
    screen.words(220, 990, 4, 10, 130, rng);
    screen.fill(90, 1060, 580, 2, 220);
    screen.words(90, 1110, 4, 9, 60, rng);
    screen.words(90, 1200, 4, 14, 60, rng);
    screen.words(120, 1400, 4, 16, 230, rng);
    screen.centre = (380.0, 640.0);
    screen
}

/// What looks like codes and is none.
pub fn decoy(rng: &mut Rng) -> Screen {
    let mut screen = Screen::new(235);
    screen.status_bar(rng);
    for line in 0..8 {
        screen.words(60, 120 + line * 50, 4, 19, 40, rng);
    }
    // Bars of random widths, no code.
    let mut x = 90;
    while x < 660 {
        let bar = 3 + rng.below(14) as usize;
        screen.fill(x, 560, bar, 160, 15);
        x += bar + 3 + rng.below(14) as usize;
    }
    // Three finders around random modules: a QR that says nothing.
    let module = 14;
    for n in 0..625usize {
        if rng.below(2) == 0 {
            screen.fill(
                205 + n % 25 * module,
                800 + n / 25 * module,
                module,
                module,
                10,
            );
        }
    }
    for (column, row) in [(0, 0), (18, 0), (0, 18)] {
        let (x, y) = (205 + column * module, 800 + row * module);
        screen.fill(x, y, 8 * module, 8 * module, 240);
        screen.fill(x, y, 7 * module, 7 * module, 10);
        screen.fill(x + module, y + module, 5 * module, 5 * module, 240);
        screen.fill(x + 2 * module, y + 2 * module, 3 * module, 3 * module, 10);
    }
    for line in 0..6 {
        screen.words(60, 1220 + line * 50, 4, 19, 60, rng);
    }
    screen.centre = (380.0, 780.0);
    screen
}

/// Cracks from one blow: between them the glass shifts what is seen. A texel is 0.09 mm of a
/// phone 7 cm wide: cracks of 0.15 to 0.5 mm, shifts of up to 0.25 mm.
pub fn crack(screen: Screen, rng: &mut Rng) -> Screen {
    let blow = (rng.between(100.0, 660.0), rng.between(250.0, 1100.0));
    let count = 5 + rng.below(5) as usize;
    let mut angles: Vec<f32> = (0..count)
        .map(|_| rng.between(-std::f32::consts::PI, std::f32::consts::PI))
        .collect();
    angles.sort_by(f32::total_cmp);
    let shifts: Vec<(f32, f32)> = (0..=count)
        .map(|_| (rng.between(-2.8, 2.8), rng.between(-2.8, 2.8)))
        .collect();
    let mut out = Screen {
        texels: vec![0; WIDTH * HEIGHT],
        centre: screen.centre,
    };
    let width = rng.between(0.8, 2.8);
    let light = if rng.below(2) == 0 { 255 } else { 20 };
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (dx, dy) = (x as f32 - blow.0, y as f32 - blow.1);
            let far = dx.hypot(dy);
            // A crack is no ruler's line.
            let angle = dy.atan2(dx) + (far / 37.0).sin() * 0.04;
            let shard = angles.iter().filter(|a| **a < angle).count() % count;
            let near = angles
                .iter()
                .map(|a| (angle - a).abs() * far)
                .fold(f32::INFINITY, f32::min);
            let (sx, sy) = shifts[shard];
            let from_x = (x as f32 + sx).clamp(0.0, WIDTH as f32 - 1.0) as usize;
            let from_y = (y as f32 + sy).clamp(0.0, HEIGHT as f32 - 1.0) as usize;
            out.texels[y * WIDTH + x] = if near < width || far < 12.0 {
                light
            } else {
                screen.texels[from_y * WIDTH + from_x]
            };
        }
    }
    out
}

/// 5×7 dots, the leftmost in the highest of five bits.
const DIGITS: [[u8; 7]; 10] = [
    [14, 17, 19, 21, 25, 17, 14],
    [4, 12, 4, 4, 4, 4, 14],
    [14, 17, 1, 2, 4, 8, 31],
    [31, 2, 4, 2, 1, 17, 14],
    [2, 6, 10, 18, 31, 2, 2],
    [31, 16, 30, 1, 1, 17, 14],
    [6, 8, 16, 30, 17, 17, 14],
    [31, 1, 2, 4, 8, 8, 8],
    [14, 17, 17, 14, 17, 17, 14],
    [14, 17, 17, 15, 1, 2, 12],
];
