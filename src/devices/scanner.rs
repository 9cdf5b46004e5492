//! A serial scanner: opens its path, reads, frames, and comes back by itself.
//!
//! It must not work while nothing happens: a read blocks until bytes come, wakes twice a second
//! to see whether the path still names the same device, and reopens are tried twice a second.

use super::{DeviceError, DeviceState, Gone, ScanSink};
use crate::domain::config::ScannerSettings;
use crate::domain::scan::Framer;
use serialport::{ErrorKind, SerialPort};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two tries to open: well under the 2 s in which a scanner must be back.
const REOPEN: Duration = Duration::from_millis(500);
/// The longest read: how soon a vanished path and the end of the program are seen.
const IDLE_READ: Duration = Duration::from_millis(500);
/// The shortest read, so that a due time that has come is no busy loop.
const SHORT_READ: Duration = Duration::from_millis(5);
/// More than any code, less than a flood.
const READ_BYTES: usize = 512;

/// A running serial scanner. It ends within half a second when dropped.
#[derive(Debug)]
pub struct SerialScanner {
    /// Dropped first: that is what tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl SerialScanner {
    /// Starts the thread. A device that is not there is no error: it is awaited.
    pub fn start(
        settings: ScannerSettings,
        sink: Arc<dyn ScanSink>,
    ) -> Result<SerialScanner, DeviceError> {
        let (stop, stopped) = channel();
        let runner = Runner {
            settings,
            sink,
            stopped,
            started: Instant::now(),
            shown: None,
        };
        let thread = std::thread::Builder::new()
            .name("serial-scanner".to_owned())
            .spawn(move || runner.run())?;
        Ok(SerialScanner {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for SerialScanner {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // A sink that drops its scanner does so on the scanner's own thread.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

struct Runner {
    settings: ScannerSettings,
    sink: Arc<dyn ScanSink>,
    stopped: Receiver<()>,
    started: Instant,
    /// The state that was last told.
    shown: Option<DeviceState>,
}

impl Runner {
    fn run(mut self) {
        loop {
            let gone = match self.open() {
                Ok((port, opened)) => {
                    self.show(DeviceState::Ready);
                    match self.read(port, opened) {
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

    /// The port, and which device it is: the same before and after, so that a link that changed
    /// meanwhile is not taken for the device that was opened.
    fn open(&self) -> Result<(Box<dyn SerialPort>, Option<u64>), Gone> {
        let path = &self.settings.serial.clone().unwrap_or_default();
        let before = identity(path);
        let port = serialport::new(path, self.settings.baud)
            .timeout(IDLE_READ)
            .open()
            .map_err(|error| why(path, &error))?;
        if identity(path) != before {
            return Err(Gone::Unplugged(path.clone()));
        }
        Ok((port, before))
    }

    /// Reads until the device is gone; `None` when the program ends.
    fn read(&self, mut port: Box<dyn SerialPort>, opened: Option<u64>) -> Option<Gone> {
        let path = &self.settings.serial.clone().unwrap_or_default();
        let mut framer = Framer::new(self.settings.terminator);
        let mut buffer = zeroize::Zeroizing::new([0; READ_BYTES]);
        loop {
            if self.is_stopped(Duration::ZERO) {
                return None;
            }
            if let Err(error) = port.set_timeout(self.patience(&framer)) {
                return Some(why(path, &error));
            }
            let framed = match port.read(&mut buffer[..]) {
                // A device that says "ready" and gives nothing has been pulled out.
                Ok(0) => return Some(Gone::Unplugged(path.clone())),
                Ok(count) => {
                    let bytes = buffer.get(..count).unwrap_or_default();
                    framer.bytes(bytes, self.now_ms())
                }
                Err(error) if is_pause(&error) => {
                    if identity(path) != opened {
                        return Some(Gone::Unplugged(path.clone()));
                    }
                    framer.tick(self.now_ms())
                }
                Err(_) => return Some(Gone::Unplugged(path.clone())),
            };
            for framed in framed {
                self.sink.scanned(framed);
            }
        }
    }

    /// How long the next read may wait: until the framer needs to hear of silence.
    fn patience(&self, framer: &Framer) -> Duration {
        let Some(due_ms) = framer.due() else {
            return IDLE_READ;
        };
        let left_ms = due_ms.saturating_sub(self.now_ms());
        Duration::from_millis(u64::try_from(left_ms).unwrap_or(0)).clamp(SHORT_READ, IDLE_READ)
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}

/// Which device the path names now: a by-id link may point to another one, or to none.
#[cfg(unix)]
fn identity(path: &str) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|device| device.rdev())
}

/// Elsewhere a read from a vanished device fails, which is enough.
#[cfg(not(unix))]
fn identity(_path: &str) -> Option<u64> {
    None
}

fn why(path: &str, error: &serialport::Error) -> Gone {
    let path = path.to_owned();
    match error.kind {
        ErrorKind::Io(io::ErrorKind::NotFound) => Gone::Missing(path),
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => Gone::Forbidden(path),
        ErrorKind::NoDevice if std::path::Path::new(&path).exists() => Gone::Busy(path),
        ErrorKind::NoDevice => Gone::Missing(path),
        _ => Gone::Broken(path, error.description.clone()),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
