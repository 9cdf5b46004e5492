//! A scanner that is read straight from its device: serial, a keyboard wedge taken for this program
//! alone (`evdev`), or HID-POS. All end in one framing, and all come back by themselves.
//!
//! Invariants: it does not work while nothing happens (a read blocks until something comes, and
//! wakes twice a second to see whether the path still names the same device); what was read is
//! wiped and never printed (I12).

#[cfg(target_os = "linux")]
mod evdev;
#[cfg(target_os = "linux")]
mod hid;
#[cfg(target_os = "linux")]
mod keys;
#[cfg(target_os = "linux")]
mod reports;
mod serial;

use super::keeper::{Keeper, Kept, REOPEN, Stop};
use super::{DeviceError, DeviceState, Gone, ScanSink, identity};
use crate::domain::config::{ScannerSettings, Terminator};
use crate::domain::scan::Framer;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::{Zeroize, Zeroizing};

/// The longest read: how soon a vanished path and the end of the program are seen.
const IDLE_READ: Duration = Duration::from_millis(500);
/// The shortest read, so that a due time that has come is no busy loop.
const SHORT_READ: Duration = Duration::from_millis(5);
/// More than any code, less than a flood.
const READ_BYTES: usize = 512;
/// After a full read: a device that floods leaves the processor to others.
const REST: Duration = Duration::from_millis(2);

/// A running scanner. It ends within about half a second when dropped.
#[derive(Debug)]
pub struct Scanner(Keeper);

impl Scanner {
    /// Starts the thread. A device that is not there is no error: it is awaited. The scanner
    /// `before` lets go of its device first; nobody but the new thread waits for that.
    ///
    /// # Errors
    ///
    /// The system gave no thread.
    pub fn start(
        settings: &ScannerSettings,
        before: Option<Scanner>,
        sink: Arc<dyn ScanSink>,
    ) -> Result<Scanner, DeviceError> {
        Scanner::start_with(settings, before, sink, REOPEN)
    }

    fn start_with(
        settings: &ScannerSettings,
        before: Option<Scanner>,
        sink: Arc<dyn ScanSink>,
        reopen: Duration,
    ) -> Result<Scanner, DeviceError> {
        let before = before.map(|Scanner(keeper)| keeper);
        let runner = Runner {
            port: port(settings),
            sink,
            started: Instant::now(),
        };
        Keeper::start("scanner", reopen, before, runner).map(Scanner)
    }

    /// Ends it without waiting for that.
    pub fn leave(self) {
        self.0.leave();
    }
}

/// Is the scanner there? Opens it once and lets it go; says which device it is.
///
/// # Errors
///
/// Why it can't be opened; [`Gone::Busy`] where a till reads it.
pub fn probe(settings: &ScannerSettings) -> Result<String, Gone> {
    port(settings).open().map(|opened| opened.name)
}

/// Which scanner the settings mean.
fn port(settings: &ScannerSettings) -> Box<dyn Port> {
    match (&settings.evdev, &settings.hid) {
        #[cfg(target_os = "linux")]
        (Some(path), _) => Box::new(evdev::Wedge::new(path)),
        #[cfg(target_os = "linux")]
        (None, Some(name)) => Box::new(hid::Pos::new(name)),
        #[cfg(not(target_os = "linux"))]
        (Some(name), _) | (None, Some(name)) => Box::new(OnlyLinux(name.clone())),
        (None, None) => Box::new(serial::Serial::new(settings)),
    }
}

/// A scanner that this system can't read.
#[cfg(not(target_os = "linux"))]
struct OnlyLinux(String);

#[cfg(not(target_os = "linux"))]
impl Port for OnlyLinux {
    fn open(&self) -> Result<Opened, Gone> {
        let why = "只有 Linux 能这样读扫码枪，请改用串口或键盘扫码枪";
        Err(Gone::Broken(self.0.clone(), why.to_owned()))
    }
}

/// A scanner that can be opened.
trait Port: Send {
    fn open(&self) -> Result<Opened, Gone>;

    /// What ends a code, where the scanner does not say so itself.
    fn terminator(&self) -> Terminator {
        Terminator::Auto
    }
}

/// A scanner that was opened.
struct Opened {
    source: Box<dyn Source>,
    path: String,
    identity: Option<u64>,
    /// What it is called, for people.
    name: String,
}

/// An open scanner.
trait Source {
    /// Waits at most so long and appends the text of what came; false where nothing came at all.
    fn read(&mut self, wait: Duration, bytes: &mut Read) -> Result<bool, ReadEnd>;
}

/// The device went away.
struct ReadEnd;

/// What was read, wiped; never more than it has room for, so that it never moves.
type Read = Zeroizing<Vec<u8>>;

/// Opens a path, and makes sure that it named the same device before and after, so that a link
/// that changed meanwhile is not taken for the device that was opened.
fn open_path(
    path: &str,
    open: impl FnOnce() -> Result<(Box<dyn Source>, String), Gone>,
) -> Result<Opened, Gone> {
    let before = identity(path);
    let (source, name) = open()?;
    if identity(path) != before {
        return Err(Gone::Unplugged(path.to_owned()));
    }
    Ok(Opened {
        source,
        path: path.to_owned(),
        identity: before,
        name,
    })
}

struct Runner {
    port: Box<dyn Port>,
    sink: Arc<dyn ScanSink>,
    started: Instant,
}

impl Kept for Runner {
    type Open = Opened;

    fn open(&mut self) -> Result<Opened, Gone> {
        self.port.open()
    }

    fn work(&mut self, mut open: Opened, stop: &Stop) -> Option<Gone> {
        let mut framer = Framer::new(self.port.terminator());
        let mut bytes: Read = Zeroizing::new(Vec::with_capacity(READ_BYTES));
        let mut rest = Duration::ZERO;
        while !stop.within(rest) {
            bytes.zeroize();
            let framed = match open.source.read(self.patience(&framer), &mut bytes) {
                Ok(true) => framer.bytes(&bytes, self.came_ms(&framer)),
                Ok(false) if identity(&open.path) == open.identity => framer.tick(self.now_ms()),
                Ok(false) | Err(ReadEnd) => return Some(Gone::Unplugged(open.path)),
            };
            rest = if bytes.len() < READ_BYTES {
                Duration::ZERO
            } else {
                REST
            };
            for framed in framed {
                self.sink.scanned(framed);
            }
        }
        None
    }

    fn state(&mut self, state: DeviceState) {
        self.sink.state(state);
    }
}

impl Runner {
    /// How long the next read may wait: until the framer needs to hear of silence.
    fn patience(&self, framer: &Framer) -> Duration {
        let Some(due_ms) = framer.due() else {
            return IDLE_READ;
        };
        let left_ms = due_ms.saturating_sub(self.now_ms());
        Duration::from_millis(u64::try_from(left_ms).unwrap_or(0)).clamp(SHORT_READ, IDLE_READ)
    }

    /// When bytes came that were there before the wait for silence was over: silence that was
    /// only this thread's own slowness must not cut a scan in two.
    fn came_ms(&self, framer: &Framer) -> i64 {
        let now_ms = self.now_ms();
        framer.due().map_or(now_ms, |due_ms| now_ms.min(due_ms - 1))
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// Opens a device's file. Nothing else: a pipe could be waited for for ever, as could a line
/// without a carrier, which is why it is opened without waiting.
#[cfg(target_os = "linux")]
fn open_device(path: &str, write: bool) -> Result<std::fs::File, Gone> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
    let failed = |error: std::io::Error| Gone::by_io(path, &error);
    let file = std::fs::metadata(path).map_err(failed)?;
    if !file.file_type().is_char_device() {
        return Err(Gone::Broken(path.to_owned(), "不是设备文件".to_owned()));
    }
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or(0);
    let mut options = std::fs::File::options();
    let options = options.read(true).write(write).custom_flags(flags);
    options.open(path).map_err(failed)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
