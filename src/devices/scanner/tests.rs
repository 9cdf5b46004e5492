use super::*;
use crate::domain::config::Terminator;
use crate::domain::scan::Framed;
use serialport::TTYPort;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

const CODE: &str = "134567890123456789";
/// Longer than a scanner may take to be back.
const PATIENCE: Duration = Duration::from_secs(5);

struct Sink(mpsc::Sender<String>);

impl ScanSink for Sink {
    fn scanned(&self, framed: Framed) {
        let _ = self.0.send(match framed {
            Framed::Scan(text) => text.expose().to_owned(),
            Framed::Incomplete => "incomplete".to_owned(),
        });
    }

    fn state(&self, state: DeviceState) {
        let _ = self.0.send(match state {
            DeviceState::Ready => "ready".to_owned(),
            DeviceState::Gone(Gone::Missing(_)) => "missing".to_owned(),
            DeviceState::Gone(Gone::Unplugged(_)) => "unplugged".to_owned(),
            DeviceState::Gone(other) => other.to_string(),
        });
    }
}

/// A scanner that is plugged in: its end of a pty, and the name of the till's end.
fn plug() -> (TTYPort, String) {
    let (scanner, till) = TTYPort::pair().unwrap();
    let name = till.name().unwrap();
    (scanner, name)
}

fn start(path: &Path) -> (SerialScanner, mpsc::Receiver<String>) {
    let settings = ScannerSettings {
        serial: Some(path.to_str().unwrap().to_owned()),
        evdev: None,
        hid: None,
        baud: 9600,
        terminator: Terminator::Auto,
    };
    let (sender, heard) = mpsc::channel();
    let scanner = SerialScanner::start(settings, Arc::new(Sink(sender))).unwrap();
    (scanner, heard)
}

fn link(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("usb-scanner")
}

fn next(heard: &mpsc::Receiver<String>) -> String {
    heard.recv_timeout(PATIENCE).unwrap()
}

#[test]
fn a_scanner_that_is_there_is_read() {
    let (mut scanner, name) = plug();
    let (_running, heard) = start(Path::new(&name));
    assert_eq!(next(&heard), "ready");
    scanner.write_all(&CODE.as_bytes()[..7]).unwrap();
    scanner.write_all(&CODE.as_bytes()[7..]).unwrap();
    scanner.write_all(b"\r\n").unwrap();
    assert_eq!(next(&heard), CODE);
    scanner.write_all(CODE.as_bytes()).unwrap();
    assert_eq!(next(&heard), CODE, "ended by silence");
    scanner.write_all(b"1345\r").unwrap();
    assert_eq!(next(&heard), "incomplete");
}

#[test]
fn a_scanner_comes_back_by_itself_each_time_it_is_plugged_in() {
    let dir = tempfile::tempdir().unwrap();
    let by_id = link(&dir);
    let (_running, heard) = start(&by_id);
    assert_eq!(next(&heard), "missing");
    for round in 0..20 {
        let (mut scanner, name) = plug();
        let plugged = Instant::now();
        std::os::unix::fs::symlink(&name, &by_id).unwrap();
        assert_eq!(next(&heard), "ready", "round {round}");
        assert!(plugged.elapsed() < Duration::from_secs(2), "round {round}");
        let code = format!("{CODE}\r");
        scanner.write_all(code.as_bytes()).unwrap();
        assert_eq!(next(&heard), CODE, "round {round}");
        std::fs::remove_file(&by_id).unwrap();
        drop(scanner);
        assert_eq!(next(&heard), "unplugged", "round {round}");
    }
    assert!(heard.try_recv().is_err(), "each change is told once");
}

#[test]
fn a_link_that_names_another_device_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let by_id = link(&dir);
    let (_old, old_name) = plug();
    std::os::unix::fs::symlink(&old_name, &by_id).unwrap();
    let (_running, heard) = start(&by_id);
    assert_eq!(next(&heard), "ready");
    let (mut new, new_name) = plug();
    std::fs::remove_file(&by_id).unwrap();
    std::os::unix::fs::symlink(&new_name, &by_id).unwrap();
    assert_eq!(next(&heard), "unplugged", "the old one never hung up");
    assert_eq!(next(&heard), "ready");
    new.write_all(format!("{CODE}\n").as_bytes()).unwrap();
    assert_eq!(next(&heard), CODE);
}

#[test]
fn what_is_no_serial_device_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = link(&dir);
    std::fs::write(&file, "x").unwrap();
    let (_running, heard) = start(&file);
    let line = next(&heard);
    assert!(line.contains("无法使用") && !line.contains('\n'), "{line}");
}

#[test]
fn it_ends_promptly_when_dropped() {
    let (_scanner, name) = plug();
    let (running, heard) = start(Path::new(&name));
    assert_eq!(next(&heard), "ready");
    let asked = Instant::now();
    drop(running);
    assert!(asked.elapsed() < Duration::from_secs(1));
    let (running, heard) = start(Path::new("/nowhere/usb-scanner"));
    assert_eq!(next(&heard), "missing");
    let asked = Instant::now();
    drop(running);
    assert!(asked.elapsed() < Duration::from_secs(1));
}
