//! The four ways to a printer, each as a [`Link`]: opened for a job or a look, closed after it.
//!
//! No call here takes long: one that would wait gives up after a moment and is made again by whoever
//! watches the time, so that a printer that takes nothing hangs nobody.

mod tcp;
#[cfg(unix)]
mod unix;

use super::Gone;
use super::worker::Site;
use crate::domain::config::Target;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// The longest that one call waits.
const SLICE: Duration = Duration::from_millis(200);

/// What a connection is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To see how it is; a file is not made.
    Look,
    /// To print.
    Job,
}

/// An open way to a printer.
pub(super) trait Link: Send {
    /// It may answer.
    fn hears(&self) -> bool;

    /// Hands over some of the bytes, as many as are taken at once. `WouldBlock`: none for a moment.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// After an error of the first `write` it is certain that it took nothing.
    fn fails_clean(&self) -> bool {
        true
    }

    /// What the printer says, waiting at most so long (and never much longer than [`SLICE`]);
    /// 0: nothing. `UnexpectedEof`: it closed its side.
    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize>;

    /// Has everything left the system's hands, as far as the system can say? Waits a moment.
    fn is_through(&mut self) -> io::Result<bool>;

    /// Says that nothing more comes. `true`: the other side will now close, or show within `wait`
    /// that it is not there any more.
    fn end(&mut self, _wait: Duration) -> io::Result<bool> {
        Ok(false)
    }

    /// The most bytes of one write.
    fn piece(&self) -> usize {
        4096
    }
}

/// Opens links, one at a time.
#[derive(Default)]
pub(super) struct Opener {
    dialler: tcp::Dialler,
}

impl Opener {
    pub fn open(&mut self, site: &Site, purpose: Purpose) -> Result<Box<dyn Link>, Gone> {
        match &site.target {
            Some(Target::Tcp { host, port }) => self.dialler.dial(host, *port, site),
            Some(Target::Serial { path, baud }) => serial(path, *baud),
            Some(Target::Device(path)) => device(path),
            Some(Target::File(path)) => file(path, purpose),
            None => {
                let text = site.text.clone();
                Err(Gone::Broken(text, "打印机的地址写错了，请检查设置".into()))
            }
        }
    }
}

#[cfg(unix)]
fn serial(path: &str, baud: u32) -> Result<Box<dyn Link>, Gone> {
    Ok(Box::new(unix::SerialLink::open(path, baud)?))
}

#[cfg(unix)]
fn device(path: &str) -> Result<Box<dyn Link>, Gone> {
    Ok(Box::new(unix::DeviceLink::open(path)?))
}

#[cfg(not(unix))]
fn serial(path: &str, _baud: u32) -> Result<Box<dyn Link>, Gone> {
    device(path)
}

/// Without a way to write that never blocks, a printer that hangs would hang its thread for ever.
#[cfg(not(unix))]
fn device(path: &str) -> Result<Box<dyn Link>, Gone> {
    let why = "这个系统上只能用网络打印机（tcp://）或文件（file:）";
    Err(Gone::Broken(path.to_owned(), why.to_owned()))
}

/// A plain file: everything is appended, nothing is ever cut off.
struct FileLink {
    file: File,
}

fn file(path: &str, purpose: Purpose) -> Result<Box<dyn Link>, Gone> {
    let broken = |why: &str| Gone::Broken(path.to_owned(), why.to_owned());
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(broken("这是文件夹，请写上文件名")),
        // A pipe would block, a device has other rules.
        Ok(found) if !found.is_file() => return Err(broken("这不是普通文件，请改用 device:")),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(no_file(path, &error)),
        Err(_) if purpose == Purpose::Look => {
            let folder = Path::new(path).parent();
            let there = folder.is_some_and(|f| f.as_os_str().is_empty() || f.is_dir());
            return match there {
                true => Ok(Box::new(Nowhere)),
                false => Err(broken("没有这个文件夹，请先建好")),
            };
        }
        Ok(_) | Err(_) => {}
    }
    let opened = OpenOptions::new()
        .append(true)
        .create(purpose == Purpose::Job)
        .open(path);
    let file = opened.map_err(|error| no_file(path, &error))?;
    Ok(Box::new(FileLink { file }))
}

fn no_file(path: &str, error: &io::Error) -> Gone {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件夹，请先建好".to_owned(),
        io::ErrorKind::PermissionDenied => "没有权限写这个文件，请检查权限".to_owned(),
        _ => error.to_string(),
    };
    Gone::Broken(path.to_owned(), why)
}

impl Link for FileLink {
    fn hears(&self) -> bool {
        false
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn read(&mut self, _buffer: &mut [u8], _wait: Duration) -> io::Result<usize> {
        Ok(0)
    }

    fn is_through(&mut self) -> io::Result<bool> {
        self.file.sync_all().map(|()| true)
    }

    /// In one piece: another till's slip never stands in the middle of this one.
    fn piece(&self) -> usize {
        usize::MAX
    }
}

/// A file that is made with the first job. Only looked at, never written to.
struct Nowhere;

impl Link for Nowhere {
    fn hears(&self) -> bool {
        false
    }

    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read(&mut self, _buffer: &mut [u8], _wait: Duration) -> io::Result<usize> {
        Ok(0)
    }

    fn is_through(&mut self) -> io::Result<bool> {
        Ok(true)
    }
}
