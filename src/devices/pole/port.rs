//! Where the bytes go: a serial line, a device file or a plain file. Every write ends in time.

use super::Gone;
use serialport::{ErrorKind, SerialPort};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Where the target names no speed, bits per second.
const BAUD: u32 = 9_600;
/// A plain file starts anew above this: it is for looking at, and nobody empties it.
const FILE_BYTES: u64 = 64 * 1024;
/// Between two tries to write to a device that takes nothing.
const PAUSE: Duration = Duration::from_millis(20);

/// A target of the settings: `serial:PATH?baud=9600`, `device:PATH`, `file:PATH`.
enum Target<'a> {
    Serial(&'a str, u32),
    Device(&'a str),
    File(&'a str),
}

impl<'a> Target<'a> {
    fn of(target: &'a str) -> Target<'a> {
        match target.split_once(':') {
            Some(("serial", rest)) => {
                let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
                let baud = query.strip_prefix("baud=").and_then(|b| b.parse().ok());
                Target::Serial(path, baud.unwrap_or(BAUD))
            }
            Some(("device", path)) => Target::Device(path),
            Some(("file", path)) => Target::File(path),
            _ => Target::File(target),
        }
    }

    fn path(&self) -> &'a str {
        match self {
            Target::Serial(path, _) | Target::Device(path) | Target::File(path) => path,
        }
    }
}

/// Whether the target's device is there, without opening it: its path, or why not.
///
/// # Errors
///
/// [`Gone::Missing`].
pub fn look_for(target: &str) -> Result<String, Gone> {
    let target = Target::of(target);
    let path = Path::new(target.path());
    let there = match target {
        // It is made with the first text; its folder is not.
        Target::File(_) => path
            .parent()
            .is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir()),
        Target::Serial(..) | Target::Device(_) => path.exists(),
    };
    match there {
        true => Ok(target.path().to_owned()),
        false => Err(Gone::Missing(target.path().to_owned())),
    }
}

enum Line {
    Serial(Box<dyn SerialPort>),
    Device(File),
    File(File),
}

/// An open target.
pub(super) struct Port {
    path: String,
    line: Line,
    /// Which device it was when it was opened.
    opened: Option<u64>,
}

impl Port {
    /// Opens the target, never waiting for whoever is on its other side.
    pub(super) fn open(target: &str) -> Result<Port, Gone> {
        let target = Target::of(target);
        let path = target.path();
        let before = identity(path);
        let line = match target {
            Target::Serial(path, baud) => serialport::new(path, baud)
                .timeout(PAUSE)
                .open()
                .map(Line::Serial)
                .map_err(|error| why_serial(path, &error))?,
            Target::Device(path) => open_device(path)
                .map(Line::Device)
                .map_err(|error| why(path, &error))?,
            Target::File(path) => File::options()
                .append(true)
                .create(true)
                .open(path)
                .map(Line::File)
                .map_err(|error| why(path, &error))?,
        };
        let port = Port {
            path: path.to_owned(),
            // A file is made by opening it.
            opened: before.or_else(|| identity(path)),
            line,
        };
        // A link that changed meanwhile is not taken for the device that was opened.
        if port.is_there() {
            Ok(port)
        } else {
            Err(port.unplugged())
        }
    }

    /// The path still names what was opened.
    pub(super) fn is_there(&self) -> bool {
        identity(&self.path) == self.opened
    }

    pub(super) fn unplugged(&self) -> Gone {
        Gone::Unplugged(self.path.clone())
    }

    /// Writes all of it, at most so long.
    pub(super) fn write(&mut self, bytes: &[u8], at_most: Duration) -> Result<(), Gone> {
        if !self.is_there() {
            return Err(self.unplugged());
        }
        let until = Instant::now() + at_most;
        match self.try_write(bytes, until) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                let why = "客显没有接收数据，请检查连线和电源".to_owned();
                Err(Gone::Broken(self.path.clone(), why))
            }
            Err(error) if matches!(self.line, Line::File(_)) => Err(why(&self.path, &error)),
            Err(_) => Err(self.unplugged()),
        }
    }

    fn try_write(&mut self, bytes: &[u8], until: Instant) -> io::Result<()> {
        if let Line::File(file) = &mut self.line {
            if file.metadata()?.len() > FILE_BYTES {
                file.set_len(0)?;
            }
            return file.write_all(bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = match &mut self.line {
                // Byte by byte: a line that is ready takes one, and may block for more.
                Line::Serial(port) => port.write(rest.get(..1).unwrap_or_default()),
                Line::Device(file) | Line::File(file) => file.write(rest),
            };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) if is_pause(&error) => {
                    if Instant::now() >= until {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}

/// For writing only, and never waiting: neither now nor in a write.
#[cfg(unix)]
fn open_device(path: &str) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_device(path: &str) -> io::Result<File> {
    File::options().write(true).open(path)
}

/// Which device or file the path names now: a by-id link may point to another one, or to none.
#[cfg(unix)]
fn identity(path: &str) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some(match found.rdev() {
        0 => found.ino(),
        device => device,
    })
}

/// Elsewhere a write to a vanished device fails, which is enough.
#[cfg(not(unix))]
fn identity(_path: &str) -> Option<u64> {
    None
}

fn why_serial(path: &str, error: &serialport::Error) -> Gone {
    let path = path.to_owned();
    match error.kind {
        ErrorKind::Io(io::ErrorKind::NotFound) => Gone::Missing(path),
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => Gone::Forbidden(path),
        ErrorKind::NoDevice if Path::new(&path).exists() => Gone::Busy(path),
        ErrorKind::NoDevice => Gone::Missing(path),
        _ => Gone::Broken(path, error.description.clone()),
    }
}

fn why(path: &str, error: &io::Error) -> Gone {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => Gone::Missing(path),
        io::ErrorKind::PermissionDenied => Gone::Forbidden(path),
        io::ErrorKind::ResourceBusy => Gone::Busy(path),
        _ => Gone::Broken(path, error.to_string()),
    }
}
