//! A keyboard wedge read from its input device and taken for this program alone, so that focus,
//! input methods and Caps Lock can't touch what it scans (Linux).

use super::keys::Keys;
use super::{Gone, Opened, Port, READ_BYTES, Read, ReadEnd, Source, open_device, open_path};
use crate::devices::is_pause;
use evdev::KeyCode;
use evdev::raw_stream::RawDevice;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;
use std::io::Read as _;
use std::time::Duration;
use zeroize::Zeroizing;

/// A kernel's input event: its time (two longs), type, code, value.
const TIME_BYTES: usize = 2 * size_of::<usize>();
const EVENT_BYTES: usize = TIME_BYTES + 8;
/// One read: fewer characters than [`READ_BYTES`] has room for.
const EVENTS: usize = 64;
/// So often, so far apart, keys that are held are waited for before the device is taken.
const RELEASES: usize = 20;
const RELEASE: Duration = Duration::from_millis(10);

/// An input device by its path.
pub(super) struct Wedge {
    path: String,
}

impl Wedge {
    pub fn new(path: &str) -> Wedge {
        Wedge {
            path: path.to_owned(),
        }
    }

    fn take(&self) -> Result<(Box<dyn Source>, String), Gone> {
        let path = &self.path;
        let file = open_device(path, false)?;
        let copy = file
            .try_clone()
            .map_err(|error| Gone::by_io(path, &error))?;
        let broken = |why: &str| Gone::Broken(path.clone(), why.to_owned());
        let mut device = RawDevice::from_fd(copy.into()).map_err(|_| broken("不是输入设备"))?;
        let writes = |keys: &evdev::AttributeSetRef<KeyCode>| keys.contains(KeyCode::KEY_1);
        if !device.supported_keys().is_some_and(writes) {
            return Err(broken("不是键盘式扫码枪"));
        }
        // A key that is down when the device is taken would repeat for ever everywhere else.
        for _ in 0..RELEASES {
            if device
                .get_key_state()
                .is_ok_and(|keys| keys.iter().next().is_none())
            {
                break;
            }
            std::thread::sleep(RELEASE);
        }
        device.grab().map_err(|error| Gone::by_io(path, &error))?;
        let name = match device.name() {
            Some(name) => format!("{path} · {name}"),
            None => path.clone(),
        };
        let source = Events {
            file,
            keys: Keys::default(),
            _grab: Some(device),
        };
        Ok((Box::new(source), name))
    }
}

impl Port for Wedge {
    fn open(&self) -> Result<Opened, Gone> {
        open_path(&self.path, || self.take())
    }
}

/// An input device's stream of events.
struct Events {
    file: File,
    keys: Keys,
    /// The same file: dropped with it, which lets go of the device. Its own reading would keep
    /// what was scanned.
    _grab: Option<RawDevice>,
}

impl Source for Events {
    fn read(&mut self, wait: Duration, bytes: &mut Read) -> Result<bool, ReadEnd> {
        if !is_readable(&self.file, wait)? {
            return Ok(false);
        }
        let mut buffer = Zeroizing::new([0; EVENTS * EVENT_BYTES]);
        let count = match self.file.read(&mut buffer[..]) {
            Ok(0) => return Err(ReadEnd),
            Ok(count) => count,
            Err(error) if is_pause(&error) => return Ok(false),
            Err(_) => return Err(ReadEnd),
        };
        let events = buffer.get(..count).unwrap_or_default();
        for event in events.chunks_exact(EVENT_BYTES) {
            let Some((kind, code, value)) = parts(event) else {
                continue;
            };
            let mut utf8 = Zeroizing::new([0; 4]);
            if let Some(c) = self.keys.event(kind, code, value)
                && bytes.len() + utf8.len() <= READ_BYTES
            {
                bytes.extend_from_slice(c.encode_utf8(&mut utf8[..]).as_bytes());
            }
        }
        Ok(true)
    }
}

fn is_readable(file: &File, wait: Duration) -> Result<bool, ReadEnd> {
    let mut files = [PollFd::new(file, PollFlags::IN)];
    let wait = Timespec::try_from(wait).map_err(|_| ReadEnd)?;
    match poll(&mut files, Some(&wait)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(_) => Err(ReadEnd),
    }
}

fn parts(event: &[u8]) -> Option<(u16, u16, i32)> {
    let (_, event) = event.split_at_checked(TIME_BYTES)?;
    let (kind, event) = event.split_first_chunk()?;
    let (code, event) = event.split_first_chunk()?;
    let (value, _) = event.split_first_chunk()?;
    Some((
        u16::from_ne_bytes(*kind),
        u16::from_ne_bytes(*code),
        i32::from_ne_bytes(*value),
    ))
}

#[cfg(test)]
mod tests;
