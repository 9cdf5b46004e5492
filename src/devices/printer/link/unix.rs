//! Serial lines and device files. Both are opened so that no call on them blocks.

use super::{Link, SLICE};
use crate::devices::Gone;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use serialport::{ClearBuffer, ErrorKind, SerialPort, TTYPort};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::time::{Duration, Instant};

/// Between two looks at something that can't be waited for.
const NAP: Duration = Duration::from_millis(20);

/// Flags of an open that never blocks and never makes the port this program's terminal.
fn flags() -> i32 {
    // The bits are the system's own; they fit.
    i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or(0)
}

/// Waits for one of the events, at most so long.
fn wait_for(file: &File, events: PollFlags, wait: Duration) -> io::Result<bool> {
    let limit = Timespec::try_from(wait).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut fds = [PollFd::new(file, events)];
    match poll(&mut fds, Some(&limit)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => Ok(false),
        Ok(_) => {
            let [fd] = &fds;
            // Data that is still there goes before the hang-up that follows it.
            if fd.revents().intersects(events) {
                return Ok(true);
            }
            Err(io::ErrorKind::BrokenPipe.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn write_some(mut file: &File, bytes: &[u8]) -> io::Result<usize> {
    match file.write(bytes) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            if !wait_for(file, PollFlags::OUT, SLICE)? {
                return Err(error);
            }
            file.write(bytes)
        }
        other => other,
    }
}

/// A serial line: eight bits, no parity, no flow control. It is opened for a job and closed after it,
/// so DTR rises and falls with each.
pub(super) struct SerialLink {
    /// Holds the line's settings and its lock.
    port: TTYPort,
    /// The same line, opened without blocking: serialport's own writes block.
    file: File,
}

impl SerialLink {
    pub fn open(path: &str, baud: u32) -> Result<SerialLink, Gone> {
        // Not exclusive until it is open twice.
        let builder = serialport::new(path, baud).timeout(SLICE).exclusive(false);
        let mut port = TTYPort::open(&builder).map_err(|error| no_port(path, &error))?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags())
            .open(path)
            .map_err(|error| no_device(path, &error))?;
        port.set_exclusive(true)
            .map_err(|error| no_port(path, &error))?;
        Ok(SerialLink { port, file })
    }
}

impl Link for SerialLink {
    fn hears(&self) -> bool {
        true
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_some(&self.file, bytes)
    }

    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        if !wait_for(&self.file, PollFlags::IN, wait.min(SLICE))? {
            return Ok(0);
        }
        match self.file.read(buffer) {
            // Ready, and nothing there: hung up.
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            other => other,
        }
    }

    fn is_through(&mut self) -> io::Result<bool> {
        if self.port.bytes_to_write()? == 0 {
            return Ok(true);
        }
        std::thread::sleep(NAP);
        Ok(false)
    }

    /// Small, so that what hangs is seen soon.
    fn piece(&self) -> usize {
        256
    }
}

impl Drop for SerialLink {
    /// Bytes that the line did not take must not come out later, and closing would wait for them.
    fn drop(&mut self) {
        if self.port.bytes_to_write().is_ok_and(|left| left > 0) {
            let _ = self.port.clear(ClearBuffer::Output);
        }
    }
}

fn no_port(path: &str, error: &serialport::Error) -> Gone {
    let there = std::path::Path::new(path).exists();
    match error.kind {
        ErrorKind::Io(kind) => no_device(path, &kind.into()),
        ErrorKind::NoDevice if there => Gone::Busy(path.to_owned()),
        ErrorKind::NoDevice => Gone::Missing(path.to_owned()),
        _ => Gone::Broken(path.to_owned(), "这不是可用的串口，请检查设置".to_owned()),
    }
}

/// A device file such as `/dev/usb/lp0`; a pipe and a plain file that exists will do.
pub(super) struct DeviceLink {
    path: String,
    file: File,
    /// A character device that could be opened for reading too.
    hears: bool,
    /// A plain file, which keeps what it has.
    plain: bool,
}

impl DeviceLink {
    pub fn open(path: &str) -> Result<DeviceLink, Gone> {
        let broken = |why: &str| Gone::Broken(path.to_owned(), why.to_owned());
        let kind = std::fs::metadata(path)
            .map_err(|error| no_device(path, &error))?
            .file_type();
        // Writing to a disk would destroy it.
        if kind.is_block_device() || kind.is_dir() {
            return Err(broken("这不是打印机，请检查设置"));
        }
        let open = |reads: bool| {
            OpenOptions::new()
                .read(reads)
                .write(true)
                .append(kind.is_file())
                .custom_flags(flags())
                .open(path)
        };
        // A pipe that is read would give back what was written.
        let both = match kind.is_char_device() {
            true => open(true).ok(),
            false => None,
        };
        let hears = both.is_some();
        let file = match both {
            Some(file) => file,
            None => open(false).map_err(|error| no_device(path, &error))?,
        };
        // A line keeps its speed, and must not make two bytes of a line feed.
        if let Ok(mut settings) = tcgetattr(&file) {
            settings.make_raw();
            let set = tcsetattr(&file, OptionalActions::Now, &settings);
            set.map_err(|error| no_device(path, &error.into()))?;
        }
        Ok(DeviceLink {
            path: path.to_owned(),
            file,
            hears,
            plain: kind.is_file(),
        })
    }
}

impl Link for DeviceLink {
    fn hears(&self) -> bool {
        self.hears
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_some(&self.file, bytes)
    }

    /// A USB printer's driver reports the failure of a transfer that had begun.
    fn fails_clean(&self) -> bool {
        false
    }

    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        let until = Instant::now() + wait.min(SLICE);
        loop {
            match self.file.read(buffer) {
                // Some printers send empty transfers all the time.
                Ok(0) => {}
                Ok(count) => return Ok(count),
                Err(error) if is_gone(&error) => return Err(error),
                // Nothing yet, or a driver that can't read at all.
                Err(_) => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let there = std::fs::metadata(&self.path).is_ok();
                return match there {
                    true => Ok(0),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    /// A USB printer's last transfer is cancelled when its file is closed before it has ended; that
    /// it can be written to again says that it has.
    fn is_through(&mut self) -> io::Result<bool> {
        if self.plain {
            return self.file.sync_all().map(|()| true);
        }
        wait_for(&self.file, PollFlags::OUT, SLICE)
    }
}

fn is_gone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let gone = [Errno::NODEV, Errno::NXIO, Errno::IO];
    Errno::from_io_error(error).is_some_and(|errno| gone.contains(&errno))
}

fn no_device(path: &str, error: &io::Error) -> Gone {
    use rustix::io::Errno;
    let path = path.to_owned();
    match Errno::from_io_error(error) {
        Some(Errno::NODEV | Errno::NXIO) => return Gone::Missing(path),
        Some(Errno::BUSY) => return Gone::Busy(path),
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::NotFound => Gone::Missing(path),
        io::ErrorKind::ResourceBusy => Gone::Busy(path),
        io::ErrorKind::PermissionDenied if path.starts_with("/dev/usb/") => {
            Gone::Broken(path, "没有权限打开，请把当前用户加入 lp 组".to_owned())
        }
        io::ErrorKind::PermissionDenied => Gone::Forbidden(path),
        _ => Gone::Broken(path, error.to_string()),
    }
}
