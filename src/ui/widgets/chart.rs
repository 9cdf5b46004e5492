//! Stacked bars on a canvas, one for each hour. It knows numbers and colours, and nothing about
//! payments. What it shows stands beside it in words: a chart is for looking, not for reading.

use crate::ui::theme;
use iced::widget::canvas::{self, Frame, Geometry};
use iced::widget::text;
use iced::{Color, Element, Fill, Point, Rectangle, Renderer, Size, Theme, alignment, mouse};

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Under it.
    pub name: String,
    /// Its parts from the bottom, each at least 0.
    pub parts: Vec<(f32, Color)>,
}

impl Bar {
    fn sum(&self) -> f32 {
        self.parts.iter().map(|(value, _)| value).sum()
    }
}

/// Colours and type of a chart.
#[derive(Debug, Clone, Copy)]
pub struct Ink {
    /// The number on the tallest bar.
    pub text: Color,
    /// The names under the bars.
    pub quiet: Color,
    /// The line they stand on.
    pub line: Color,
    /// Type size, pixels.
    pub size: f32,
}

struct Bars {
    bars: Vec<Bar>,
    tallest: String,
    ink: Ink,
}

/// Bars over the whole width; `tallest` is written over the tallest one.
pub fn bars<'a, M: 'a>(bars: Vec<Bar>, tallest: String, height: f32, ink: Ink) -> Element<'a, M> {
    canvas::Canvas::new(Bars { bars, tallest, ink })
        .width(Fill)
        .height(height)
        .into()
}

/// The most of a slot that its bar takes.
const FILLED: f32 = 0.66;
/// No bar is wider, as a multiple of the type size.
const WIDEST: f32 = 2.0;
/// Room for one line of text, as a multiple of its size.
const LINE: f32 = 1.5;
/// Names are at least this far apart, as a multiple of the type size.
const APART: f32 = 2.4;

/// Where things stand.
struct Plan {
    slot: f32,
    bar: f32,
    floor: f32,
    high: f32,
}

impl Plan {
    fn of(count: usize, size: Size, text: f32) -> Plan {
        let slot = size.width / count.max(1) as f32;
        let floor = (size.height - text * LINE).round();
        Plan {
            slot,
            bar: (slot * FILLED).min(text * WIDEST).round().max(1.0),
            floor,
            high: (floor - text * LINE).max(1.0),
        }
    }

    fn middle(&self, index: usize) -> f32 {
        (index as f32 + 0.5) * self.slot
    }
}

/// A name is written under every how many bars.
fn every(slot: f32, text: f32) -> usize {
    [1, 2, 3, 4, 6, 12, 24, 48]
        .into_iter()
        .find(|n| *n as f32 * slot >= text * APART)
        .unwrap_or(96)
}

impl Bars {
    fn most(&self) -> Option<(usize, f32)> {
        let sums = self.bars.iter().map(Bar::sum).enumerate();
        sums.filter(|(_, sum)| *sum > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn word(&self, content: String, at: Point, color: Color, top: bool) -> canvas::Text {
        canvas::Text {
            content,
            position: at,
            color,
            size: self.ink.size.into(),
            font: theme::REGULAR,
            align_x: text::Alignment::Center,
            align_y: if top {
                alignment::Vertical::Bottom
            } else {
                alignment::Vertical::Top
            },
            shaping: text::Shaping::Advanced,
            ..canvas::Text::default()
        }
    }

    fn stack(&self, frame: &mut Frame, plan: &Plan, index: usize, bar: &Bar, most: f32) {
        let x = (plan.middle(index) - plan.bar / 2.0).round();
        let mut from = 0.0;
        for (value, color) in &bar.parts {
            let to = from + value;
            // Both edges are rounded from the sum: the parts meet without a seam.
            let low = (plan.floor - from / most * plan.high).round();
            let high = (plan.floor - to / most * plan.high).round();
            if low > high {
                let size = Size::new(plan.bar, low - high);
                frame.fill_rectangle(Point::new(x, high), size, *color);
            }
            from = to;
        }
    }
}

impl<M> canvas::Program<M> for Bars {
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
        let plan = Plan::of(self.bars.len(), bounds.size(), self.ink.size);
        let line = Size::new(bounds.width, 1.0);
        frame.fill_rectangle(Point::new(0.0, plan.floor), line, self.ink.line);
        let step = every(plan.slot, self.ink.size);
        let below = plan.floor + self.ink.size * 0.25;
        for (i, bar) in self.bars.iter().enumerate().step_by(step) {
            let at = Point::new(plan.middle(i), below);
            frame.fill_text(self.word(bar.name.clone(), at, self.ink.quiet, false));
        }
        if let Some((index, most)) = self.most() {
            for (i, bar) in self.bars.iter().enumerate() {
                self.stack(&mut frame, &plan, i, bar, most);
            }
            let half = super::ems(&self.tallest) * self.ink.size / 2.0;
            let last = (bounds.width - half).max(half);
            let x = plan.middle(index).clamp(half, last);
            let at = Point::new(x, plan.floor - plan.high - 2.0);
            frame.fill_text(self.word(self.tallest.clone(), at, self.ink.text, true));
        }
        vec![frame.into_geometry()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_under_the_bars_never_touch() {
        for (slot, n) in [(60.0, 1), (30.0, 2), (14.0, 3), (2.0, 24), (0.1, 96)] {
            assert_eq!(every(slot, 16.0), n, "{slot}");
        }
    }

    #[test]
    fn the_tallest_bar_is_the_largest_sum_and_an_empty_chart_has_none() {
        let bar = |values: &[f32]| Bar {
            name: String::new(),
            parts: values.iter().map(|v| (*v, Color::BLACK)).collect(),
        };
        let ink = Ink {
            text: Color::BLACK,
            quiet: Color::BLACK,
            line: Color::BLACK,
            size: 16.0,
        };
        let chart = |bars| Bars {
            bars,
            tallest: String::new(),
            ink,
        };
        let some = chart(vec![bar(&[3.0, 1.0]), bar(&[2.0, 4.0]), bar(&[5.0])]);
        assert_eq!(some.most(), Some((1, 6.0)));
        assert_eq!(chart(vec![bar(&[0.0]), bar(&[])]).most(), None);
    }
}
