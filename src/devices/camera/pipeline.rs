//! One picture, several attempts: which reader looks at which view of it, until a payment code is
//! read or the time is up.
//!
//! Invariant: never a wrong read. A QR corrects its own errors and says nothing where it can't;
//! Code 128 needs lines that agree ([`super::bars`]); two readers that differ, or two payment
//! codes at once, are nothing.

use super::bars;
use super::budget::Budget;
use super::code::{Found, Symbology};
use super::grey::Grey;
use super::qr;
use std::cell::OnceCell;
use std::time::Duration;

/// A version of the picture. All begin with the contrast stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Whole,
    /// Without thin light lines, and each neighbourhood's contrast stretched by itself: cracks
    /// and glare.
    Closed,
    /// The same without thin dark lines.
    Opened,
    Half,
    HalfLevelled,
    /// Without specks.
    HalfMedian,
    HalfClosed,
    HalfOpened,
    Quarter,
}

const VIEWS: usize = 9;

impl View {
    /// So many pixels of the frame are one of the view, in each direction.
    fn scale(self) -> f32 {
        match self {
            View::Whole | View::Closed | View::Opened => 1.0,
            View::Quarter => 4.0,
            _ => 2.0,
        }
    }
}

/// How a view is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Rxing,
    Rqrr,
    Bars,
    /// Bars with blur taken back.
    SharpBars,
    /// The same through cracks and noise.
    ThickBars,
}

/// View, look, and what it takes for 640×480, in tenths of a millisecond: the views it may have
/// to make included.
type Attempt = (View, Look, u64);

/// In the order that reads most in the least time (`benches/camera.rs`). The last one is for
/// pictures, which have time: rqrr takes 8 ms for most of them and 200 for some, and reads next
/// to nothing that the others don't.
const ATTEMPTS: [Attempt; 13] = [
    (View::HalfLevelled, Look::Rxing, 18),
    (View::Whole, Look::Rxing, 13),
    (View::Half, Look::SharpBars, 20),
    (View::HalfMedian, Look::Rxing, 9),
    (View::Whole, Look::Bars, 50),
    (View::Closed, Look::Rxing, 55),
    (View::Quarter, Look::Rxing, 3),
    (View::HalfClosed, Look::Rxing, 14),
    (View::HalfOpened, Look::Rxing, 14),
    (View::Whole, Look::SharpBars, 95),
    (View::Opened, Look::Rxing, 60),
    (View::Whole, Look::ThickBars, 130),
    (View::Whole, Look::Rqrr, 600),
];
/// The pixels those costs are for.
const PIXELS: usize = 640 * 480;
/// What rqrr takes for a QR alone.
const SECOND: u64 = 30;

/// What the picture says; nothing where that is not sure.
pub fn read(frame: &Grey, budget: &mut Budget<'_>) -> Option<Found> {
    let views = Views::of(frame);
    let cost = |tenths: u64| {
        let pixels = frame.light().len().div_ceil(PIXELS);
        Duration::from_micros(tenths * 100).saturating_mul(u32::try_from(pixels).unwrap_or(1))
    };
    let mut found: Vec<Found> = Vec::new();
    for (view, look, tenths) in ATTEMPTS {
        if !budget.begin(cost(tenths)) {
            continue;
        }
        found.extend(views.look(view, look));
        let Some(paid) = found.iter().find(|f| f.text.is_payment()) else {
            continue;
        };
        if paid.symbology == Symbology::Qr && look != Look::Rqrr && budget.begin(cost(SECOND)) {
            let second = views.second_opinion(view, paid);
            found.extend(second);
        }
        break;
    }
    judged(found)
}

/// A payment code goes before any other text; two different ones are none.
fn judged(found: Vec<Found>) -> Option<Found> {
    let (payments, others): (Vec<Found>, Vec<Found>) =
        found.into_iter().partition(|f| f.text.is_payment());
    let mut candidates = if payments.is_empty() {
        others
    } else {
        payments
    };
    let same = candidates.windows(2).all(|pair| match pair {
        [a, b] => a.text == b.text,
        _ => true,
    });
    (same && !candidates.is_empty()).then(|| candidates.swap_remove(0))
}

/// Each view is made when it is first looked at.
struct Views {
    made: [OnceCell<Option<Grey>>; VIEWS],
    directions: OnceCell<Vec<f32>>,
}

impl Views {
    fn of(frame: &Grey) -> Views {
        let views = Views {
            made: [const { OnceCell::new() }; VIEWS],
            directions: OnceCell::new(),
        };
        if let Some(whole) = views.made.first() {
            let _ = whole.set(Some(frame.stretched()));
        }
        views
    }

    /// `None` where the picture is too small for it.
    fn get(&self, view: View) -> Option<&Grey> {
        let cell = self.made.get(view as usize)?;
        let whole = || self.get(View::Whole);
        let half = || self.get(View::Half);
        cell.get_or_init(|| match view {
            View::Whole => None,
            View::Closed => whole().map(|grey| grey.closed().levelled()),
            View::Opened => whole().map(|grey| grey.opened().levelled()),
            View::Half => whole().and_then(Grey::halved),
            View::HalfLevelled => half().map(Grey::levelled),
            View::HalfMedian => half().map(Grey::median),
            View::HalfClosed => half().map(Grey::closed),
            View::HalfOpened => half().map(Grey::opened),
            View::Quarter => half().and_then(Grey::halved),
        })
        .as_ref()
    }

    fn look(&self, view: View, look: Look) -> Vec<Found> {
        let Some(grey) = self.get(view) else {
            return Vec::new();
        };
        let found = match look {
            Look::Rxing => qr::rxing(grey),
            Look::Rqrr => qr::rqrr(grey),
            Look::Bars => self.bars(grey, 0.0, false),
            // Half the pixels have lost half the blur.
            Look::SharpBars => self.bars(grey, 2.0 / view.scale(), false),
            Look::ThickBars => self.bars(grey, 1.0, true),
        };
        found.into_iter().map(|f| f.scaled(view.scale())).collect()
    }

    /// What rqrr reads where a QR was found: only there, since the rest may cost it much time.
    fn second_opinion(&self, view: View, found: &Found) -> Vec<Found> {
        let xs = found.corners.map(|c| c.x / view.scale());
        let ys = found.corners.map(|c| c.y / view.scale());
        let ends = |of: [f32; 4]| {
            let low = of.into_iter().fold(f32::INFINITY, f32::min);
            let high = of.into_iter().fold(f32::NEG_INFINITY, f32::max);
            // A quiet zone, and corners are not exact.
            let room = (high - low) / 5.0;
            (low - room, high + room)
        };
        let ((left, right), (top, bottom)) = (ends(xs), ends(ys));
        let part = self
            .get(view)
            .and_then(|grey| grey.part((left, top), (right, bottom)));
        part.map(|part| qr::rqrr(&part)).unwrap_or_default()
    }

    fn bars(&self, grey: &Grey, sharpen: f32, thick: bool) -> Vec<Found> {
        let directions = self.directions.get_or_init(|| {
            let half = self.get(View::Half).or(self.get(View::Whole));
            half.map(bars::directions).unwrap_or_default()
        });
        directions
            .iter()
            .flat_map(|degrees| {
                let way = bars::Way {
                    degrees: *degrees,
                    sharpen,
                    thick,
                };
                bars::read(grey, way)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
