//! Where frames come from: a camera, or a folder of pictures that stands for one.

use super::grey::Grey;
use super::picture;
use crate::devices::Gone;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a call may wait for a frame: how soon the end of the program is seen.
pub(super) const WAIT: Duration = Duration::from_millis(200);
/// A folder is not as quick as a camera.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// More names than this are not remembered; a folder for pictures that pass has few.
const MOST_NAMES: usize = 10_000;

/// A source of frames. All calls come from the camera's own thread, which may wait.
pub trait Frames: Send {
    /// Opens the source; also after it was gone.
    fn open(&mut self) -> Result<(), Gone>;
    /// The newest frame, older ones are dropped; `None` where none came in a fifth of a second.
    fn next(&mut self) -> Result<Option<Grey>, Gone>;
}

/// A folder as a camera: each picture in it is one frame, by name, those that come later too.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    seen: BTreeSet<PathBuf>,
    open: bool,
}

impl Folder {
    /// Reads nothing yet.
    pub fn new(path: PathBuf) -> Folder {
        Folder {
            path,
            seen: BTreeSet::new(),
            open: false,
        }
    }

    fn gone(&self, error: &std::io::Error) -> Gone {
        let path = self.path.display().to_string();
        match error.kind() {
            ErrorKind::NotFound if self.open => Gone::Unplugged(path),
            ErrorKind::NotFound => Gone::Missing(path),
            ErrorKind::PermissionDenied => Gone::Forbidden(path),
            _ => Gone::Broken(path, error.to_string()),
        }
    }

    /// The first picture not seen so far. A file that is being written is no picture yet, so only
    /// one that could be read counts as seen.
    fn unseen(&mut self) -> std::io::Result<Option<Grey>> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(&self.path)?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| is_picture(path) && !self.seen.contains(path))
            .collect();
        names.sort();
        for name in names {
            let Ok(grey) = picture::open_picture(&name) else {
                continue;
            };
            if self.seen.len() < MOST_NAMES {
                self.seen.insert(name);
                return Ok(Some(grey));
            }
        }
        Ok(None)
    }
}

impl Frames for Folder {
    fn open(&mut self) -> Result<(), Gone> {
        self.open = false;
        std::fs::read_dir(&self.path).map_err(|e| self.gone(&e))?;
        self.seen.clear();
        self.open = true;
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Grey>, Gone> {
        let frame = self.unseen().map_err(|e| self.gone(&e))?;
        if frame.is_none() {
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(frame)
    }
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    ["png", "jpg", "jpeg"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}
