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
    /// Each neighbourhood's contrast stretched by itself: glare.
    Levelled,
    /// Without thin dark lines.
    Opened,
    Half,
    HalfLevelled,
    /// Half, without specks.
    HalfMedian,
    /// Half, without thin light lines: cracks.
    HalfClosed,
    Quarter,
}

const VIEWS: usize = 8;

impl View {
    /// So many pixels of the frame are one of the view, in each direction.
    fn scale(self) -> f32 {
        match self {
            View::Whole | View::Levelled | View::Opened => 1.0,
            View::Half | View::HalfLevelled | View::HalfMedian | View::HalfClosed => 2.0,
            View::Quarter => 4.0,
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

/// In the order that reads most in the least time (`benches/camera.rs`).
const ATTEMPTS: [Attempt; 12] = [
    (View::HalfLevelled, Look::Rxing, 18),
    (View::Whole, Look::Rxing, 13),
    (View::Half, Look::SharpBars, 20),
    (View::HalfMedian, Look::Rxing, 9),
    (View::Whole, Look::Bars, 55),
    (View::Levelled, Look::Rxing, 35),
    (View::Quarter, Look::Rxing, 3),
    (View::HalfClosed, Look::Rxing, 14),
    (View::Whole, Look::SharpBars, 95),
    (View::Opened, Look::Rxing, 35),
    (View::Levelled, Look::Rqrr, 100),
    (View::Whole, Look::ThickBars, 110),
];
/// The pixels those costs are for.
const PIXELS: usize = 640 * 480;
/// A second opinion on a QR.
const SECOND: u64 = 100;

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
            found.extend(views.look(view, Look::Rqrr));
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
        cell.get_or_init(|| match view {
            View::Whole => None,
            View::Levelled => self.get(View::Whole).map(Grey::levelled),
            View::Opened => self.get(View::Whole).map(Grey::opened),
            View::Half => self.get(View::Whole).and_then(Grey::halved),
            View::HalfLevelled => self.get(View::Half).map(Grey::levelled),
            View::HalfMedian => self.get(View::Half).map(Grey::median),
            View::HalfClosed => self.get(View::Half).map(Grey::closed),
            View::Quarter => self.get(View::Half).and_then(Grey::halved),
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
