//! The camera's own thread: takes the newest frame, reads it, hands both on, and comes back by
//! itself after the camera was unplugged.

use super::budget::{Budget, FRAME, system_clock};
use super::code::Found;
use super::frames::Frames;
use super::grey::Grey;
use super::pipeline;
use super::qr::contained;
use crate::devices::{DeviceError, DeviceState, Gone};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two tries to open.
const REOPEN: Duration = Duration::from_millis(500);
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
    /// Dropped first: that is what tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Camera {
    /// Starts the thread. A camera that is not there is no error: it is awaited.
    pub fn start(
        frames: Box<dyn Frames>,
        sink: Arc<dyn CameraSink>,
    ) -> Result<Camera, DeviceError> {
        let (stop, stopped) = channel();
        let runner = Runner {
            frames,
            sink,
            stopped,
            shown: None,
        };
        let thread = std::thread::Builder::new()
            .name("camera".to_owned())
            .spawn(move || runner.run())?;
        Ok(Camera {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // A sink that drops its camera does so on the camera's own thread.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

struct Runner {
    frames: Box<dyn Frames>,
    sink: Arc<dyn CameraSink>,
    stopped: Receiver<()>,
    /// The state that was last told.
    shown: Option<DeviceState>,
}

impl Runner {
    fn run(mut self) {
        loop {
            let gone = match guarded(|| self.frames.open()) {
                Ok(()) => {
                    self.show(DeviceState::Ready);
                    match self.watch() {
                        Some(gone) => gone,
                        None => return,
                    }
                }
                Err(gone) => gone,
            };
            self.show(DeviceState::Gone(gone));
            if self.is_stopped(REOPEN) {
                return;
            }
        }
    }

    /// Reads frames until the camera is gone; `None` when the program ends.
    fn watch(&mut self) -> Option<Gone> {
        let clock = system_clock();
        let mut rest = Duration::ZERO;
        while !self.is_stopped(std::mem::take(&mut rest)) {
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

    fn show(&mut self, state: DeviceState) {
        // Unplugged says more than the Missing that every try to open it again finds.
        let same = match (&self.shown, &state) {
            (Some(DeviceState::Gone(Gone::Unplugged(_))), DeviceState::Gone(Gone::Missing(_))) => {
                true
            }
            (Some(shown), state) => shown == state,
            (None, _) => false,
        };
        if !same {
            self.shown = Some(state.clone());
            self.sink.state(state);
        }
    }

    /// Waits for the end of the program, at most so long.
    fn is_stopped(&self, wait: Duration) -> bool {
        self.stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout)
    }
}

/// A driver's library that gives up is a broken camera, which is opened anew, not a lost thread.
fn guarded<T>(call: impl FnOnce() -> Result<T, Gone>) -> Result<T, Gone> {
    let broken = || Gone::Broken("摄像头".to_owned(), "驱动出错".to_owned());
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(broken()))
}
