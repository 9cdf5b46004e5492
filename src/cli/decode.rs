//! `shouyin decode`: what the camera's pipeline reads in each picture.

use super::{Exit, Outcome, print_line, warn_line};
use crate::devices::camera;
use std::path::{Path, PathBuf};

/// One line for each picture: its text, or nothing. All are tried before an error counts.
pub(super) fn run(pictures: &[PathBuf]) -> Outcome {
    let mut exit = Exit::Done;
    for path in pictures {
        match read(path) {
            Ok(line) => print_line(&line),
            Err(error) => {
                warn_line(&format!("{}：{error}", path.display()));
                exit = Exit::No;
            }
        }
    }
    Ok(exit)
}

fn read(path: &Path) -> Result<String, camera::PictureError> {
    let picture = camera::open_picture(path)?;
    let found = camera::read_picture(&picture);
    Ok(found.map_or_else(String::new, |found| printable(found.text.expose())))
}

/// One line that can't steer a terminal, whatever a stranger put into a code.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_code_is_one_line_that_steers_nothing() {
        assert_eq!(printable("a\nb\u{1b}[2Jc 付款"), "a b [2Jc 付款");
    }
}
