//! The devices at the counter as clients see them: the print queue, slips as pictures, what the
//! camera sees, and what can be tried out.

use crate::domain::print::PrintJob;

/// The print queue as screens show it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PrintView {
    /// A printer is set.
    pub there: bool,
    /// What waits, is being sent, or is doubtful; oldest first.
    pub jobs: Vec<PrintJob>,
    /// There is a last slip: Ctrl+P prints it again.
    pub can_again: bool,
}

/// A slip as a picture, one bit a dot, as it comes out of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipPicture {
    /// Dots.
    pub width: usize,
    /// Dots.
    pub height: usize,
    /// Row by row, true is black.
    pub dots: Vec<bool>,
}

/// A frame of the camera for the preview. It may show a payment code, so it is never kept, and
/// `Debug` says only how large it is.
#[derive(Clone, PartialEq)]
pub struct CameraView {
    /// Grows by one with each frame.
    pub seq: u64,
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// Row by row, 0 is black.
    pub light: Vec<u8>,
    /// The corners of the code that was found in it, in its pixels.
    pub code: Option<[(f32, f32); 4]>,
}

impl std::fmt::Debug for CameraView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CameraView({} × {})", self.width, self.height)
    }
}

/// A device that can be tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestedDevice {
    /// Prints a test slip at once, beside the queue.
    Printer,
    /// Opens the drawer.
    Drawer,
    /// Says 支付宝到账一角二分 (and the sounds before it).
    Sound,
    /// Waits for one frame.
    Camera,
    /// Shows 88.88.
    Pole,
    /// Is the scanner's device there? (What it reads is tried by scanning.)
    Scanner,
}
