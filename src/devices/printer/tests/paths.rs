//! Plain files and device files.

use super::*;
use std::path::Path;

fn file_target(path: &Path) -> String {
    format!("file:{}", path.display())
}

#[test]
fn a_file_is_appended_to_and_what_was_in_it_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("slips.bin");
    std::fs::write(&path, b"before").unwrap();
    let mut desk = Desk::start(&file_target(&path));
    assert_eq!(desk.print(1, b"one"), Ended::Printed);
    assert_eq!(desk.print(2, b"two"), Ended::Printed);
    assert_eq!(
        std::fs::read(&path).unwrap(),
        b"beforeonetwo",
        "no questions in it"
    );
}

#[test]
fn a_look_makes_no_file_and_the_first_job_does() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("slips.bin");
    assert_eq!(check(&settings(&file_target(&path))), PrinterState::Ready);
    let mut desk = Desk::start(&file_target(&path));
    assert_eq!(desk.state(), PrinterState::Ready);
    assert!(!path.exists());
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert_eq!(std::fs::read(&path).unwrap(), SLIP);
}

#[test]
fn a_folder_a_missing_folder_and_a_pipe_are_refused_as_files() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("not/there.bin");
    let device = Path::new("/dev/null");
    for path in [dir.path(), &missing, device] {
        let mut desk = Desk::start(&file_target(path));
        assert!(
            is_gone(&not_begun(desk.print(1, SLIP))),
            "{}",
            path.display()
        );
        assert!(is_gone(&check(&settings(&file_target(path)))));
    }
    std::fs::create_dir(dir.path().join("not")).unwrap();
    assert_eq!(
        check(&settings(&file_target(&missing))),
        PrinterState::Ready
    );
}

#[test]
fn a_file_that_may_not_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("slips.bin");
    std::fs::write(&path, b"").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    // Root may write everything.
    if std::fs::OpenOptions::new().append(true).open(&path).is_ok() {
        return;
    }
    let state = check(&settings(&file_target(&path)));
    assert!(state.to_string().contains("权限"), "{state}");
}

#[test]
fn a_device_that_is_not_there_is_missing_and_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lp0");
    let target = format!("device:{}", path.display());
    let mut desk = Desk::start(&target);
    let state = not_begun(desk.print(1, SLIP));
    assert!(
        matches!(state, PrinterState::Gone(Gone::Missing(_))),
        "{state:?}"
    );
    assert!(!path.exists(), "a device is never made");
    std::fs::write(&path, b"").unwrap();
    desk.until_able();
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert_eq!(std::fs::read(&path).unwrap(), SLIP);
}

#[test]
fn a_device_is_written_to_whether_or_not_it_can_be_read() {
    let mut desk = Desk::start("device:/dev/null");
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert!(is_gone(&check(&settings("device:/dev"))), "a folder");
}

/// So says a USB printer's driver that there is no paper.
#[test]
fn a_device_that_has_no_room_has_no_paper() {
    if Path::new("/dev/full").exists() {
        let mut desk = Desk::start("device:/dev/full");
        assert_eq!(not_begun(desk.print(1, SLIP)), PrinterState::PaperOut);
    }
}

#[test]
fn a_pipe_is_a_device_while_somebody_reads_it() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe");
    mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let mut desk = Desk::start(&format!("device:{}", path.display()));
    assert!(is_gone(&not_begun(desk.print(1, SLIP))), "nobody reads it");
    let reader = std::thread::spawn(move || std::fs::read(path).unwrap());
    desk.until_able();
    // The look that found it may have been all that the reader waited for.
    let ended = desk.print(1, SLIP);
    let read = reader.join().unwrap();
    match ended {
        Ended::Printed => assert_eq!(read, SLIP),
        other => {
            not_begun(other);
            assert!(read.is_empty());
        }
    }
}
