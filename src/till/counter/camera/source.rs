//! Which camera the settings name, and that it is opened only after the one before let go of it.

use crate::devices::Gone;
use crate::devices::camera::{Folder, Frames, Grey};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long one try waits for the camera before.
const WAIT: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A till has one camera at a time: set while a thread has it open.
pub(super) type Device = Arc<AtomicBool>;

/// What `[camera] source` says. Nothing is opened yet.
pub(super) fn open(source: &str, device: &Device) -> Box<dyn Frames> {
    Box::new(Alone {
        frames: Some(named(source)),
        device: Arc::clone(device),
        mine: false,
    })
}

fn named(source: &str) -> Box<dyn Frames> {
    match source.strip_prefix("folder:") {
        Some(folder) => Box::new(Folder::new(PathBuf::from(folder))),
        None => video(source),
    }
}

#[cfg(target_os = "linux")]
fn video(source: &str) -> Box<dyn Frames> {
    let path = (source != "auto").then(|| PathBuf::from(source));
    Box::new(crate::devices::camera::Video::new(path))
}

#[cfg(not(target_os = "linux"))]
fn video(_source: &str) -> Box<dyn Frames> {
    Box::new(Nowhere)
}

/// No camera is read on this system so far; a folder of pictures is.
#[cfg(not(target_os = "linux"))]
struct Nowhere;

#[cfg(not(target_os = "linux"))]
impl Frames for Nowhere {
    fn open(&mut self) -> Result<(), Gone> {
        let why = "这个系统上还不能用，请用扫码枪".to_owned();
        Err(Gone::Broken("摄像头".to_owned(), why))
    }

    fn next(&mut self) -> Result<Option<Grey>, Gone> {
        self.open().map(|()| None)
    }
}

/// Waits, on the camera's own thread, until the camera before has let go: turned off and on again
/// quickly, it would else be busy with itself. One that hangs in its driver keeps it, and that is
/// said instead of opening it twice.
struct Alone {
    frames: Option<Box<dyn Frames>>,
    device: Device,
    mine: bool,
}

impl Alone {
    fn take(&mut self) -> bool {
        let tries = WAIT.as_millis() / LOOK_AGAIN.as_millis();
        for _ in 0..tries {
            self.mine = self.mine || !self.device.swap(true, Ordering::AcqRel);
            if self.mine {
                return true;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        false
    }
}

impl Frames for Alone {
    fn open(&mut self) -> Result<(), Gone> {
        let stuck = || Gone::Broken("摄像头".to_owned(), "上一次还没有停下来".to_owned());
        if !self.take() {
            return Err(stuck());
        }
        self.frames
            .as_mut()
            .map_or_else(|| Err(stuck()), |f| f.open())
    }

    fn next(&mut self) -> Result<Option<Grey>, Gone> {
        self.frames.as_mut().map_or(Ok(None), |f| f.next())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        drop(self.frames.take());
        if self.mine {
            self.device.store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_is_opened_only_after_the_one_before_let_go() {
        let dir = tempfile::tempdir().unwrap();
        let source = format!("folder:{}", dir.path().display());
        let device = Device::default();
        let mut one = open(&source, &device);
        assert_eq!(one.open(), Ok(()));
        assert_eq!(one.open(), Ok(()), "its own is no other");
        let mut two = open(&source, &device);
        assert!(matches!(two.open(), Err(Gone::Broken(_, _))));
        let waiting = std::thread::spawn(move || two.open());
        drop(one);
        assert_eq!(waiting.join().unwrap(), Ok(()));
    }
}
