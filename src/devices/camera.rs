//! The camera: finds the QR and Code 128 of a payment code in grey pictures, live or from files.
//!
//! [`read`] is the one pipeline, for the live camera ([`Camera`]), for a picture that a person
//! hands over ([`read_picture`]) and for `shouyin decode`. Invariants: never a wrong read, rather
//! none; what was read is wiped and never printed (I12); the readers, which are foreign code that
//! was seen to panic on a photograph, run on the camera's own thread with panics contained, never
//! on one that a payment needs.

mod bars;
mod budget;
mod code;
mod frames;
mod grey;
#[cfg(target_os = "linux")]
mod live;
mod picture;
mod pipeline;
mod qr;
mod runner;

pub use budget::{Budget, FRAME, PICTURE, system_clock};
pub use code::{CodeText, Corner, Found, Symbology};
pub use frames::{Folder, Frames};
pub use grey::Grey;
#[cfg(target_os = "linux")]
pub use live::Video;
pub use picture::{PictureError, open_picture, parse_picture};
pub use pipeline::read;
pub use runner::{Camera, CameraSink};

/// Longer sides gain nothing: a code that fills a tenth of such a picture is still read.
const LONGEST: usize = 2048;

/// What a picture of any size says, within [`PICTURE`]; the corners are in its own pixels. Takes
/// that long at worst: call it on a thread that nothing waits for.
pub fn read_picture(picture: &Grey) -> Option<Found> {
    let clock = system_clock();
    let mut budget = Budget::new(PICTURE, &clock);
    let fitted = picture.fitted(LONGEST);
    let by = picture.width() as f32 / fitted.width() as f32;
    read(&fitted, &mut budget).map(|found| found.scaled(by))
}

#[cfg(test)]
mod tests;
