//! The camera's line: is it there, and may this user read it. Nothing is switched on for it.

use super::Report;
use crate::devices::Gone;
use crate::domain::config::CameraSettings;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Only where one is named, or a video device is there.
pub(super) fn check(report: &mut Report, settings: &CameraSettings) {
    match look(&settings.source, Path::new("/dev")) {
        None => {}
        Some(Ok(line)) => report.line("ok", "camera", line),
        Some(Err(gone)) => report.line("warn", "camera", gone),
    }
}

/// `auto` looks into `devices`; `None`: there is nothing to say.
fn look(source: &str, devices: &Path) -> Option<Result<String, Gone>> {
    if source == "auto" {
        let found = video(devices);
        let opened: Vec<_> = found.iter().map(|path| openable(path)).collect();
        // The first that can be used; else why the first can't.
        let best = opened.iter().find(|one| one.is_ok()).or(opened.first());
        return best.cloned();
    }
    Some(match source.strip_prefix("folder:") {
        Some(folder) => match std::fs::read_dir(folder) {
            Ok(_) => Ok(format!("{folder}（文件夹代替摄像头）")),
            Err(error) => Err(gone(Path::new(folder), &error)),
        },
        None => openable(Path::new(source)),
    })
}

fn video(devices: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(devices).into_iter().flatten().flatten();
    let numbered = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name.and_then(|name| name.strip_prefix("video"));
        number.is_some_and(|n| n.parse::<u32>().is_ok())
    };
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(numbered).collect();
    found.sort();
    found
}

fn openable(path: &Path) -> Result<String, Gone> {
    let opened = std::fs::File::options().read(true).write(true).open(path);
    match opened {
        Ok(_) => Ok(path.display().to_string()),
        Err(error) => Err(gone(path, &error)),
    }
}

fn gone(path: &Path, error: &std::io::Error) -> Gone {
    let path = path.display().to_string();
    match error.kind() {
        ErrorKind::NotFound => Gone::Missing(path),
        ErrorKind::PermissionDenied => Gone::Forbidden(path),
        ErrorKind::ResourceBusy => Gone::Busy(path),
        _ => Gone::Broken(path, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_camera_nothing_is_said_and_a_named_one_always_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).display().to_string();
        assert_eq!(look("auto", dir.path()), None);
        assert_eq!(
            look(&at("video0"), dir.path()),
            Some(Err(Gone::Missing(at("video0"))))
        );
        let folder = format!("folder:{}", at("pictures"));
        assert_eq!(
            look(&folder, dir.path()),
            Some(Err(Gone::Missing(at("pictures"))))
        );
        std::fs::create_dir(at("pictures")).unwrap();
        assert!(matches!(look(&folder, dir.path()), Some(Ok(_))));
        std::fs::write(at("video0"), "").unwrap();
        std::fs::write(at("videos"), "").unwrap();
        assert_eq!(look("auto", dir.path()), Some(Ok(at("video0"))));
    }
}
