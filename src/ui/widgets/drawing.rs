//! What is drawn on a canvas: icons (the embedded fonts have none), the countdown ring, QR codes.

use crate::till::service::QrView;
use iced::widget::canvas::{self, Frame, Geometry, LineCap, LineJoin, Path, Stroke};
use iced::{Color, Element, Point, Radians, Rectangle, Renderer, Size, Theme, Vector, mouse};
use std::cell::RefCell;
use std::f32::consts::{FRAC_PI_2, PI, TAU};
use std::sync::Arc;

/// A shape that stands for a state, so that colour never stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Paid.
    Check,
    /// Refused, not sent.
    Cross,
    /// Cancelling, reverted, expired.
    Back,
    /// Unknown.
    Question,
    /// Incident, unrecorded.
    Warning,
    /// Waiting.
    Clock,
    /// Watching.
    Eye,
    /// The Backspace key.
    Erase,
    /// A device's lamp.
    Dot,
    /// A step that has not come yet.
    Ring,
    /// The one before.
    Left,
    /// The one after.
    Right,
}

struct Drawn {
    icon: Icon,
    color: Color,
}

/// An icon in a square of this side.
pub fn icon<'a, M: 'a>(icon: Icon, side: f32, color: Color) -> Element<'a, M> {
    canvas::Canvas::new(Drawn { icon, color })
        .width(side)
        .height(side)
        .into()
}

fn polyline(points: &[(f32, f32)], side: f32) -> Path {
    Path::new(|b| {
        for (i, (x, y)) in points.iter().enumerate() {
            let p = Point::new(x * side, y * side);
            if i == 0 { b.move_to(p) } else { b.line_to(p) }
        }
    })
}

fn arc((x, y, r, from, to): (f32, f32, f32, f32, f32), side: f32) -> Path {
    Path::new(|b| {
        b.arc(canvas::path::Arc {
            center: Point::new(x * side, y * side),
            radius: r * side,
            start_angle: Radians(from),
            end_angle: Radians(to),
        });
    })
}

/// Lines through these points, in a unit square.
type Lines = &'static [&'static [(f32, f32)]];
/// Center, radius, start and end angle.
type Arcs = &'static [(f32, f32, f32, f32, f32)];
/// Center and radius.
type Dots = &'static [(f32, f32, f32)];

/// An eye's outline.
const LIDS: &[(f32, f32)] = &[
    (0.06, 0.5),
    (0.26, 0.3),
    (0.5, 0.22),
    (0.74, 0.3),
    (0.94, 0.5),
    (0.74, 0.7),
    (0.5, 0.78),
    (0.26, 0.7),
    (0.06, 0.5),
];
/// The outline of the Backspace key's sign; the first side is drawn twice to close the corner.
const ERASER: &[(f32, f32)] = &[
    (0.34, 0.22),
    (0.94, 0.22),
    (0.94, 0.78),
    (0.34, 0.78),
    (0.06, 0.5),
    (0.34, 0.22),
    (0.6, 0.22),
];
/// A warning's triangle, closed in the same way.
const TRIANGLE: &[(f32, f32)] = &[
    (0.5, 0.12),
    (0.92, 0.86),
    (0.08, 0.86),
    (0.5, 0.12),
    (0.92, 0.86),
];

impl Icon {
    /// What is stroked and what is filled.
    fn parts(self) -> (Lines, Arcs, Dots) {
        match self {
            Icon::Check => (&[&[(0.14, 0.55), (0.4, 0.82), (0.88, 0.2)]], &[], &[]),
            Icon::Cross => (
                &[&[(0.2, 0.2), (0.8, 0.8)], &[(0.8, 0.2), (0.2, 0.8)]],
                &[],
                &[],
            ),
            Icon::Back => (
                &[
                    &[(0.34, 0.2), (0.12, 0.42), (0.34, 0.64)],
                    &[(0.14, 0.42), (0.66, 0.42)],
                    &[(0.66, 0.82), (0.44, 0.82)],
                ],
                &[(0.66, 0.62, 0.2, -FRAC_PI_2, FRAC_PI_2)],
                &[],
            ),
            Icon::Question => (
                &[&[(0.69, 0.455), (0.5, 0.6), (0.5, 0.68)]],
                &[(0.5, 0.34, 0.22, -PI, 0.55)],
                &[(0.5, 0.87, 0.065)],
            ),
            Icon::Warning => (
                &[TRIANGLE, &[(0.5, 0.4), (0.5, 0.6)]],
                &[],
                &[(0.5, 0.73, 0.05)],
            ),
            Icon::Clock => (
                &[&[(0.5, 0.28), (0.5, 0.52), (0.66, 0.6)]],
                &[(0.5, 0.5, 0.38, 0.0, TAU)],
                &[],
            ),
            Icon::Eye => (&[LIDS], &[(0.5, 0.5, 0.14, 0.0, TAU)], &[]),
            Icon::Erase => (
                &[
                    ERASER,
                    &[(0.5, 0.4), (0.72, 0.6)],
                    &[(0.72, 0.4), (0.5, 0.6)],
                ],
                &[],
                &[],
            ),
            Icon::Dot => (&[], &[], &[(0.5, 0.5, 0.45)]),
            Icon::Ring => (&[], &[(0.5, 0.5, 0.4, 0.0, TAU)], &[]),
            Icon::Left => (&[&[(0.62, 0.2), (0.34, 0.5), (0.62, 0.8)]], &[], &[]),
            Icon::Right => (&[&[(0.38, 0.2), (0.66, 0.5), (0.38, 0.8)]], &[], &[]),
        }
    }

    fn weight(self) -> f32 {
        match self {
            Icon::Check | Icon::Cross | Icon::Question => 0.13,
            Icon::Back => 0.11,
            Icon::Erase | Icon::Ring => 0.07,
            _ => 0.09,
        }
    }
}

impl<M> canvas::Program<M> for Drawn {
    type State = ();

    fn draw(
        &self,
        (): &(),
        renderer: &Renderer,
        _theme: &Theme,
        bounds: Rectangle,
        _cursor: mouse::Cursor,
    ) -> Vec<Geometry> {
        let mut frame = Frame::new(renderer, bounds.size());
        let side = bounds.width.min(bounds.height);
        let (lines, arcs, dots) = self.icon.parts();
        let stroke = Stroke::default()
            .with_color(self.color)
            .with_width((self.icon.weight() * side).max(1.5))
            .with_line_cap(LineCap::Round)
            .with_line_join(LineJoin::Round);
        for points in lines {
            frame.stroke(&polyline(points, side), stroke);
        }
        for part in arcs {
            frame.stroke(&arc(*part, side), stroke);
        }
        for (x, y, radius) in dots {
            let center = Point::new(x * side, y * side);
            frame.fill(&Path::circle(center, radius * side), self.color);
        }
        vec![frame.into_geometry()]
    }
}

struct Countdown {
    left: f32,
    color: Color,
    track: Color,
}

/// A ring of which `left` (0 to 1) is still there, from twelve o'clock.
pub fn ring<'a, M: 'a>(left: f32, side: f32, color: Color, track: Color) -> Element<'a, M> {
    canvas::Canvas::new(Countdown {
        left: left.clamp(0.0, 1.0),
        color,
        track,
    })
    .width(side)
    .height(side)
    .into()
}

impl<M> canvas::Program<M> for Countdown {
    type State = ();

    fn draw(
        &self,
        (): &(),
        renderer: &Renderer,
        _theme: &Theme,
        bounds: Rectangle,
        _cursor: mouse::Cursor,
    ) -> Vec<Geometry> {
        let mut frame = Frame::new(renderer, bounds.size());
        let width = (bounds.width * 0.08).max(4.0);
        let stroke = |color| Stroke::default().with_color(color).with_width(width);
        let radius = (bounds.width - width) / 2.0;
        frame.stroke(&Path::circle(frame.center(), radius), stroke(self.track));
        if self.left > 0.0 {
            let center = frame.center();
            let path = Path::new(|b| {
                b.arc(canvas::path::Arc {
                    center,
                    radius,
                    start_angle: Radians(-FRAC_PI_2),
                    end_angle: Radians(-FRAC_PI_2 + TAU * self.left),
                });
            });
            frame.stroke(&path, stroke(self.color));
        }
        vec![frame.into_geometry()]
    }
}

/// Modules of white that a reader needs around a code (ISO 18004).
const QUIET_ZONE: usize = 4;

struct Qr {
    code: Arc<QrView>,
    light: Color,
    dark: Color,
}

/// A QR with its quiet zone. Modules are whole pixels, so that every edge is sharp.
pub fn qr<'a, M: 'a>(code: Arc<QrView>, side: f32, light: Color, dark: Color) -> Element<'a, M> {
    canvas::Canvas::new(Qr { code, light, dark })
        .width(side)
        .height(side)
        .into()
}

/// The drawn code, kept while it is the same one.
#[derive(Default)]
struct QrDrawn {
    code: RefCell<Option<Arc<QrView>>>,
    cache: canvas::Cache,
}

impl Qr {
    fn fill(&self, frame: &mut Frame, bounds: Rectangle) {
        frame.fill_rectangle(Point::ORIGIN, bounds.size(), self.light);
        let across = self.code.width + 2 * QUIET_ZONE;
        let exact = bounds.width / across as f32;
        let module = if exact >= 2.0 { exact.floor() } else { exact };
        // The canvas may stand on a fraction of a pixel: the first module is put on a whole one.
        let start = |at: f32, room: f32| {
            let lead = (room - module * self.code.width as f32) / 2.0;
            (at + lead).round() - at
        };
        let origin = Vector::new(
            start(bounds.x, bounds.width),
            start(bounds.y, bounds.height),
        );
        for run in dark_runs(&self.code) {
            let at = Point::new(run.x as f32 * module, run.y as f32 * module) + origin;
            let size = Size::new(run.length as f32 * module, module);
            frame.fill_rectangle(at, size, self.dark);
        }
    }
}

impl<M> canvas::Program<M> for Qr {
    type State = QrDrawn;

    fn draw(
        &self,
        drawn: &QrDrawn,
        renderer: &Renderer,
        _theme: &Theme,
        bounds: Rectangle,
        _cursor: mouse::Cursor,
    ) -> Vec<Geometry> {
        let same = drawn.code.borrow().as_ref() == Some(&self.code);
        if !same {
            drawn.cache.clear();
            *drawn.code.borrow_mut() = Some(Arc::clone(&self.code));
        }
        let geometry = drawn.cache.draw(renderer, bounds.size(), |frame| {
            self.fill(frame, bounds);
        });
        vec![geometry]
    }
}

struct Run {
    x: usize,
    y: usize,
    length: usize,
}

/// Dark modules that follow each other in a row are one rectangle: fewer to draw, no seams.
fn dark_runs(code: &QrView) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (y, row) in code.modules.chunks(code.width.max(1)).enumerate() {
        let mut x = 0;
        for part in row.chunk_by(|a, b| a == b) {
            if part.first() == Some(&true) {
                runs.push(Run {
                    x,
                    y,
                    length: part.len(),
                });
            }
            x += part.len();
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_hold_exactly_the_dark_modules() {
        let code = QrView {
            width: 3,
            modules: vec![true, true, false, false, false, false, true, false, true],
        };
        let runs: Vec<_> = dark_runs(&code)
            .iter()
            .map(|r| (r.x, r.y, r.length))
            .collect();
        assert_eq!(runs, [(0, 0, 2), (0, 2, 1), (2, 2, 1)]);
    }
}
