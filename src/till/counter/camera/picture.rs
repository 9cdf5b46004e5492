//! A picture file that a person handed over, read as the camera reads.

use crate::devices::camera::{open_picture, read_picture};
use crate::domain::config::Terminator;
use crate::domain::scan::{Framed, Framer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What it says, as a scanner would have sent it; `None` where no code is in it.
///
/// # Errors
///
/// One plain line where it can't be read.
pub(super) fn read(path: &Path) -> Result<Option<Framed>, String> {
    let read = AssertUnwindSafe(|| look(path));
    catch_unwind(read).unwrap_or_else(|_| Err("这张图片无法识别，请换一张".to_owned()))
}

fn look(path: &Path) -> Result<Option<Framed>, String> {
    // A pipe or a device would be waited for.
    let is_file = std::fs::metadata(path).is_ok_and(|about| about.is_file());
    if !is_file {
        return Err("拖入的不是图片文件，请拖入 PNG 或 JPEG 图片".to_owned());
    }
    let picture = open_picture(path).map_err(|error| format!("{error}，请换一张图片"))?;
    Ok(read_picture(&picture).and_then(|found| framed(found.text.expose())))
}

/// The same judgement as for a scanner's bytes. Several lines are no scan.
fn framed(text: &str) -> Option<Framed> {
    let mut framer = Framer::new(Terminator::Auto);
    let mut framed = framer.bytes(text.as_bytes(), 0);
    framed.extend(framer.bytes(b"\r", 0));
    match framed.len() {
        0 | 1 => framed.pop(),
        _ => Some(Framed::Incomplete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pictures_text_is_judged_as_a_scanners() {
        let scan = |text| match framed(text) {
            Some(Framed::Scan(scan)) => Some(scan.expose().to_owned()),
            _ => None,
        };
        assert_eq!(
            scan(" 134567890123456789\n").as_deref(),
            Some("134567890123456789")
        );
        assert_eq!(
            scan("2026112001000063K7Q2M4XD").as_deref(),
            Some("2026112001000063K7Q2M4XD")
        );
        assert_eq!(framed("123"), Some(Framed::Incomplete));
        assert_eq!(
            framed("BEGIN:VCARD\nFN:somebody\nEND:VCARD"),
            Some(Framed::Incomplete)
        );
        assert_eq!(framed(" \n"), None);
    }

    #[test]
    fn what_is_no_picture_is_one_plain_line() {
        let dir = tempfile::tempdir().unwrap();
        let text = dir.path().join("note.png");
        std::fs::write(&text, "no picture").unwrap();
        for path in [dir.path(), &text, &dir.path().join("nothing.png")] {
            let line = read(path).unwrap_err();
            assert!(line.contains("图片") && !line.contains('\n'), "{line}");
        }
    }
}
