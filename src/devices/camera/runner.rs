//! The camera's own thread: takes the newest frame, reads it, hands both on, and comes back by
//! itself after the camera was unplugged.

use super::budget::{Budget, FRAME, system_clock};
use super::code::Found;
use super::frames::Frames;
use super::grey::Grey;
use super::pipeline;
use super::qr::contained;
use crate::devices::keeper::{Keeper, Kept, REOPEN, Stop};
use crate::devices::{DeviceError, DeviceState, Gone};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// Frames are read at this size; a camera that gives more is halved.
const LONGEST: usize = 1024;

/// Whoever wants what the camera sees. Called from the camera's own thread: it must not block.
pub trait CameraSink: Send + Sync {
    /// A frame for the preview, and the code in it with its corners in the frame's pixels. The
    /// same code comes again with each frame that shows it.
    fn frame(&self, frame: Grey, found: Option<Found>);
    /// The camera's state changed.
    fn state(&self, state: DeviceState);
}

/// A running camera. It ends within a frame's time when dropped.
#[derive(Debug)]
pub struct Camera {
    _keeper: Keeper,
}

impl Camera {
    /// Starts the thread. A camera that is not there is no error: it is awaited.
    pub fn start(
        frames: Box<dyn Frames>,
        sink: Arc<dyn CameraSink>,
    ) -> Result<Camera, DeviceError> {
        let runner = Runner { frames, sink };
        let _keeper = Keeper::start("camera", REOPEN, None, runner)?;
        Ok(Camera { _keeper })
    }
}

struct Runner {
    frames: Box<dyn Frames>,
    sink: Arc<dyn CameraSink>,
}

impl Kept for Runner {
    type Open = ();

    fn open(&mut self) -> Result<(), Gone> {
        guarded(|| self.frames.open())
    }

    fn work(&mut self, (): (), stop: &Stop) -> Option<Gone> {
        let clock = system_clock();
        let mut rest = Duration::ZERO;
        while !stop.within(std::mem::take(&mut rest)) {
            match guarded(|| self.frames.next()) {
                Ok(Some(frame)) => {
                    let frame = frame.fitted(LONGEST).into_owned();
                    let begun = clock();
                    let found = contained(|| {
                        let found = pipeline::read(&frame, &mut Budget::new(FRAME, &clock));
                        found.into_iter().collect()
                    });
                    let found = found.into_iter().next();
                    // A frame without a code takes the whole budget: half of the time is the
                    // payments', on a machine with few cores.
                    rest = clock().saturating_sub(begun).min(FRAME);
                    self.sink.frame(frame, found);
                }
                Ok(None) => {}
                Err(gone) => return Some(gone),
            }
        }
        None
    }

    fn state(&mut self, state: DeviceState) {
        self.sink.state(state);
    }
}

/// A driver's library that gives up is a broken camera, which is opened anew, not a lost thread.
fn guarded<T>(call: impl FnOnce() -> Result<T, Gone>) -> Result<T, Gone> {
    let broken = || Gone::Broken("摄像头".to_owned(), "驱动出错".to_owned());
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(broken()))
}
