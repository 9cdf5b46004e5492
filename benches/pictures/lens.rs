//! The camera: where the phone is held, the lens, the light and the sensor.

use super::screen::{self, Screen};
use super::{Kind, Layout, Rng};

pub const WIDTH: usize = 640;
pub const HEIGHT: usize = 480;

/// How one frame is seen.
pub struct Lens {
    /// Width of the phone in the frame, pixels.
    phone: f32,
    /// Radians, in the picture's plane.
    turn: f32,
    /// Radians, out of it: about the phone's x and y axis.
    lean: (f32, f32),
    /// Offset of the codes' middle from the frame's, pixels.
    offset: (f32, f32),
    /// Deviation of the blur, pixels.
    blur: f32,
    /// Length and direction of a shaking hand, pixels and radians.
    shake: (f32, f32),
    /// Light that arrives, 1 is full; the darkest black.
    gain: f32,
    black: f32,
    noise: f32,
    /// Share of dead pixels.
    specks: f32,
    glares: Vec<Glare>,
    moire: Option<Moire>,
}

/// A lamp on the glass.
struct Glare {
    at: (f32, f32),
    radii: (f32, f32),
    turn: f32,
    light: f32,
}

/// The screen's own grid against the sensor's, and the rolling of its refresh.
struct Moire {
    /// Texels between the grid's lines.
    pitch: f32,
    depth: f32,
    band: f32,
    band_rows: f32,
    phase: f32,
}

impl Lens {
    pub fn of(kind: Kind, layout: Layout, rng: &mut Rng) -> Lens {
        // Codes that lie along the phone need it whole in the frame.
        let lying = layout == Layout::Bars;
        let phone = if lying {
            rng.between(220.0, 280.0)
        } else {
            rng.between(260.0, 400.0)
        };
        let degrees = std::f32::consts::PI / 180.0;
        // A bar code that was touched is shown along the phone, so it is held lying down.
        let held = if lying { 90.0 * degrees } else { 0.0 };
        let mut lens = Lens {
            phone,
            turn: held + rng.between(-6.0, 6.0) * degrees,
            lean: (
                rng.between(-8.0, 8.0) * degrees,
                rng.between(-8.0, 8.0) * degrees,
            ),
            offset: (rng.between(-30.0, 30.0), rng.between(-25.0, 25.0)),
            blur: rng.between(0.4, 0.8),
            shake: (0.0, 0.0),
            gain: rng.between(0.75, 1.0),
            black: rng.between(4.0, 20.0),
            noise: rng.between(1.0, 3.0),
            specks: 0.0,
            glares: Vec::new(),
            moire: None,
        };
        lens.harden(kind, lying, rng);
        lens
    }

    fn harden(&mut self, kind: Kind, lying: bool, rng: &mut Rng) {
        let degrees = std::f32::consts::PI / 180.0;
        match kind {
            Kind::Plain | Kind::Decoy | Kind::Cracked => {}
            Kind::Small if lying => self.phone = rng.between(130.0, 180.0),
            Kind::Small => self.phone = rng.between(115.0, 180.0),
            Kind::Blurred if rng.below(2) == 0 => self.blur = rng.between(1.4, 2.5),
            Kind::Blurred => {
                let way = rng.between(0.0, std::f32::consts::PI);
                self.shake = (rng.between(4.0, 8.0), way);
            }
            Kind::Dim => {
                self.gain = rng.between(0.10, 0.22);
                self.noise = rng.between(2.0, 4.0);
            }
            Kind::Glaring => {
                self.black = rng.between(20.0, 60.0);
                self.gain = rng.between(0.6, 0.75);
                for _ in 0..1 + rng.below(2) {
                    self.glares.push(Glare::drawn(rng));
                }
            }
            Kind::Tilted => {
                self.turn += rng.between(-180.0, 180.0) * degrees;
                self.lean = (
                    rng.between(-40.0, 40.0) * degrees,
                    rng.between(-40.0, 40.0) * degrees,
                );
                self.phone = self.phone.min(330.0);
            }
            Kind::Noisy => {
                self.noise = rng.between(18.0, 30.0);
                self.specks = rng.between(0.002, 0.012);
            }
            Kind::Moire => {
                self.moire = Some(Moire {
                    pitch: rng.between(2.0, 5.0),
                    depth: rng.between(0.3, 0.6),
                    band: rng.between(0.1, 0.4),
                    band_rows: rng.between(30.0, 160.0),
                    phase: rng.between(0.0, 6.0),
                });
            }
        }
    }

    /// The frame.
    pub fn look(&self, screen: &Screen, rng: &mut Rng) -> Vec<u8> {
        let mut light = self.project(screen);
        if self.shake.0 > 0.0 {
            light = shaken(&light, self.shake);
        }
        blur(&mut light, self.blur);
        self.expose(&light, rng)
    }

    /// Each pixel's light, from nine rays.
    fn project(&self, screen: &Screen) -> Vec<f32> {
        const SUB: [f32; 3] = [-1.0 / 3.0, 0.0, 1.0 / 3.0];
        let mut out = Vec::with_capacity(WIDTH * HEIGHT);
        let sight = self.sight(screen.centre);
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let mut sum = 0.0;
                for dy in SUB {
                    for dx in SUB {
                        sum += self.ray(screen, &sight, x as f32 + dx, y as f32 + dy);
                    }
                }
                out.push(sum / 9.0);
            }
        }
        out
    }

    fn ray(&self, screen: &Screen, sight: &Sight, x: f32, y: f32) -> f32 {
        let Some((u, v)) = sight.texel(x, y) else {
            return table(x, y);
        };
        let inside = u >= 0.0 && v >= 0.0 && u < screen::WIDTH as f32 && v < screen::HEIGHT as f32;
        if !inside {
            return table(x, y);
        }
        let light = f32::from(screen.texels[v as usize * screen::WIDTH + u as usize]);
        let Some(moire) = &self.moire else {
            return light;
        };
        let wave = std::f32::consts::TAU / moire.pitch;
        // The middle ray only: averaging all nine would smooth the grid away.
        let (gx, gy) = sight.texel(x.round(), y.round()).unwrap_or((u, v));
        let grid = (gx * wave).cos() * 0.5 + (gy * wave).cos() * 0.5;
        light * (1.0 - moire.depth * (0.5 + 0.5 * grid))
    }

    /// The plane of the phone as it is seen.
    fn sight(&self, centre: (f32, f32)) -> Sight {
        let scale = self.phone / screen::WIDTH as f32;
        let (sin, cos) = self.turn.sin_cos();
        let (sx, cx) = self.lean.0.sin_cos();
        let (sy, cy) = self.lean.1.sin_cos();
        // Axes of the phone in space: first leant about x, then about y, then turned.
        let axis_u = turned((cy, 0.0, -sy), sin, cos);
        let axis_v = turned((sy * sx, cx, cy * sx), sin, cos);
        Sight {
            centre,
            scale,
            axis_u,
            axis_v,
            offset: (
                WIDTH as f32 / 2.0 + self.offset.0,
                HEIGHT as f32 / 2.0 + self.offset.1,
            ),
        }
    }

    fn expose(&self, light: &[f32], rng: &mut Rng) -> Vec<u8> {
        let mut out = Vec::with_capacity(light.len());
        for (n, light) in light.iter().enumerate() {
            let (x, y) = ((n % WIDTH) as f32, (n / WIDTH) as f32);
            let mut value = self.black * self.gain + light * self.gain;
            for glare in &self.glares {
                value += glare.at(x, y);
            }
            if let Some(moire) = &self.moire {
                let wave = (y / moire.band_rows * std::f32::consts::TAU + moire.phase).sin();
                value *= 1.0 - moire.band * (0.5 + 0.5 * wave);
            }
            value += rng.normal() * self.noise;
            if self.specks > 0.0 && rng.unit() < self.specks {
                value = if rng.below(2) == 0 { 0.0 } else { 255.0 };
            }
            out.push(value.clamp(0.0, 255.0) as u8);
        }
        out
    }
}

impl Glare {
    /// A window or a lamp: somewhere over the codes, harder inside than at its rim.
    fn drawn(rng: &mut Rng) -> Glare {
        Glare {
            at: (rng.between(180.0, 460.0), rng.between(80.0, 400.0)),
            radii: (rng.between(25.0, 90.0), rng.between(20.0, 60.0)),
            turn: rng.between(0.0, 3.0),
            light: rng.between(120.0, 400.0),
        }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let (sin, cos) = self.turn.sin_cos();
        let (dx, dy) = (x - self.at.0, y - self.at.1);
        let u = (dx * cos + dy * sin) / self.radii.0;
        let v = (dy * cos - dx * sin) / self.radii.1;
        self.light * (-(u * u + v * v) * 1.5).exp()
    }
}

/// Rays to texels.
struct Sight {
    centre: (f32, f32),
    scale: f32,
    axis_u: (f32, f32, f32),
    axis_v: (f32, f32, f32),
    offset: (f32, f32),
}

impl Sight {
    /// The eye is 900 pixels away: solves eye + t·ray = u·axis_u + v·axis_v.
    fn texel(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        const EYE: f32 = 900.0;
        let (px, py) = (x - self.offset.0, y - self.offset.1);
        let (a, b) = (self.axis_u, self.axis_v);
        // Projected: px = X·EYE/(EYE+Z), so u(a.x·EYE − px·a.z) + v(b.x·EYE − px·b.z) = px·EYE.
        let m = (a.0 * EYE - px * a.2, b.0 * EYE - px * b.2);
        let n = (a.1 * EYE - py * a.2, b.1 * EYE - py * b.2);
        let det = m.0 * n.1 - m.1 * n.0;
        if det.abs() < 1.0 {
            return None;
        }
        let u = (px * EYE * n.1 - m.1 * py * EYE) / det;
        let v = (m.0 * py * EYE - px * EYE * n.0) / det;
        Some((
            u / self.scale + self.centre.0,
            v / self.scale + self.centre.1,
        ))
    }
}

fn turned(v: (f32, f32, f32), sin: f32, cos: f32) -> (f32, f32, f32) {
    (v.0 * cos - v.1 * sin, v.0 * sin + v.1 * cos, v.2)
}

/// A counter's top with a grain.
fn table(x: f32, y: f32) -> f32 {
    70.0 + 12.0 * (x * 0.05 + (y * 0.31).sin()).sin() + 8.0 * (y * 0.7).sin()
}

/// Averages along the way of the hand.
fn shaken(light: &[f32], (length, way): (f32, f32)) -> Vec<f32> {
    let steps = (length * 2.0) as i32;
    let (sin, cos) = way.sin_cos();
    let mut out = Vec::with_capacity(light.len());
    for y in 0..HEIGHT as i32 {
        for x in 0..WIDTH as i32 {
            let mut sum = 0.0;
            for step in 0..=steps {
                let far = (step as f32 / steps as f32 - 0.5) * length;
                let at_x = (x as f32 + far * cos)
                    .round()
                    .clamp(0.0, WIDTH as f32 - 1.0);
                let at_y = (y as f32 + far * sin)
                    .round()
                    .clamp(0.0, HEIGHT as f32 - 1.0);
                sum += light[at_y as usize * WIDTH + at_x as usize];
            }
            out.push(sum / (steps + 1) as f32);
        }
    }
    out
}

/// A Gaussian, rows then columns.
fn blur(light: &mut [f32], sigma: f32) {
    let radius = (sigma * 3.0).ceil() as i32;
    let kernel: Vec<f32> = (-radius..=radius)
        .map(|d| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp())
        .collect();
    let total: f32 = kernel.iter().sum();
    let pass = |from: &[f32], step_x: i32, step_y: i32| -> Vec<f32> {
        let mut out = Vec::with_capacity(from.len());
        for y in 0..HEIGHT as i32 {
            for x in 0..WIDTH as i32 {
                let mut sum = 0.0;
                for (i, weight) in kernel.iter().enumerate() {
                    let d = i as i32 - radius;
                    let at_x = (x + d * step_x).clamp(0, WIDTH as i32 - 1);
                    let at_y = (y + d * step_y).clamp(0, HEIGHT as i32 - 1);
                    sum += weight * from[at_y as usize * WIDTH + at_x as usize];
                }
                out.push(sum / total);
            }
        }
        out
    };
    let rows = pass(light, 1, 0);
    light.copy_from_slice(&pass(&rows, 0, 1));
}
