use super::*;
use crate::domain::config::Terminator;
use crate::domain::scan::Framed;
use serialport::{SerialPort, TTYPort};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

pub(super) const CODE: &str = "134567890123456789";
/// Longer than a scanner may take to be back.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Sink(pub mpsc::Sender<String>);

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

fn start(path: &Path) -> (Scanner, mpsc::Receiver<String>) {
    start_with(path, REOPEN)
}

fn start_with(path: &Path, reopen: Duration) -> (Scanner, mpsc::Receiver<String>) {
    let (sender, heard) = mpsc::channel();
    let sink = Arc::new(Sink(sender));
    let scanner = Scanner::start_with(&settings(path), None, sink, reopen).unwrap();
    (scanner, heard)
}

fn settings(path: &Path) -> ScannerSettings {
    ScannerSettings {
        serial: Some(path.to_str().unwrap().to_owned()),
        evdev: None,
        hid: None,
        baud: 9600,
        terminator: Terminator::Auto,
    }
}

fn link(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("usb-scanner")
}

pub(super) fn next(heard: &mpsc::Receiver<String>) -> String {
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

/// A scanner is pulled out and plugged in again so often: the next scan works within 2 s each time.
fn cycles(count: usize, reopen: Duration) {
    let dir = tempfile::tempdir().unwrap();
    let by_id = link(&dir);
    let (_running, heard) = start_with(&by_id, reopen);
    assert_eq!(next(&heard), "missing");
    for round in 0..count {
        let (mut scanner, name) = plug();
        let plugged = Instant::now();
        std::os::unix::fs::symlink(&name, &by_id).unwrap();
        assert_eq!(next(&heard), "ready", "round {round}");
        let code = format!("{CODE}\r");
        scanner.write_all(code.as_bytes()).unwrap();
        assert_eq!(next(&heard), CODE, "round {round}");
        assert!(plugged.elapsed() < Duration::from_secs(2), "round {round}");
        std::fs::remove_file(&by_id).unwrap();
        drop(scanner);
        assert_eq!(next(&heard), "unplugged", "round {round}");
    }
    assert!(heard.try_recv().is_err(), "each change is told once");
}

#[test]
fn a_scanner_comes_back_by_itself_each_time_it_is_plugged_in() {
    cycles(20, REOPEN);
}

/// The same path as above with a short time between tries, so that 1,000 take seconds, not ten
/// minutes: nothing is lost, kept open or told twice over a long day of loose plugs.
#[test]
fn a_thousand_times_pulled_out_and_plugged_in_it_still_scans() {
    let open_files = || std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    let before = open_files();
    cycles(1_000, Duration::from_millis(3));
    // Other tests of this program open a few meanwhile.
    assert!(open_files() < before + 200, "no port stays open");
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

#[test]
fn another_setting_starts_after_the_scanner_before_let_go() {
    let (mut scanner, name) = plug();
    let (first, heard) = start(Path::new(&name));
    assert_eq!(next(&heard), "ready");
    let busy = probe(&settings(Path::new(&name)));
    assert_eq!(busy, Err(Gone::Busy(name.clone())), "a till reads it");
    let (sender, heard) = mpsc::channel();
    let sink = Arc::new(Sink(sender));
    let second = Scanner::start(&settings(Path::new(&name)), Some(first), sink).unwrap();
    assert_eq!(next(&heard), "ready", "and never busy");
    scanner.write_all(format!("{CODE}\r").as_bytes()).unwrap();
    assert_eq!(next(&heard), CODE);
    drop(second);
    assert_eq!(probe(&settings(Path::new(&name))), Ok(name));
}

/// A source that gives what it is handed, in reads of any size and delay.
struct Slow(Vec<(u64, &'static str)>);

impl Source for Slow {
    fn read(&mut self, wait: Duration, bytes: &mut Read) -> Result<bool, ReadEnd> {
        let Some((late_ms, text)) = self.0.pop() else {
            std::thread::sleep(wait);
            return Ok(false);
        };
        std::thread::sleep(Duration::from_millis(late_ms));
        bytes.extend_from_slice(text.as_bytes());
        Ok(true)
    }
}

#[test]
fn a_slow_machine_does_not_cut_a_scan_in_two() {
    struct Once(std::sync::Mutex<Option<Slow>>);
    impl Port for Once {
        fn open(&self) -> Result<Opened, Gone> {
            open_path("/dev/null", || {
                let source = self.0.lock().unwrap().take();
                let source = source.ok_or(Gone::Missing("/dev/null".to_owned()))?;
                Ok((Box::new(source) as Box<dyn Source>, String::new()))
            })
        }
    }
    let (sender, heard) = mpsc::channel();
    // The second half was there in time; this thread came to read it only 300 ms later.
    let source = Slow(vec![(300, &CODE[10..]), (0, &CODE[..10])]);
    let runner = Runner {
        port: Box::new(Once(std::sync::Mutex::new(Some(source)))),
        sink: Arc::new(Sink(sender)),
        started: Instant::now(),
    };
    let _keeper = Keeper::start("slow", REOPEN, None, runner).unwrap();
    assert_eq!(next(&heard), "ready");
    assert_eq!(next(&heard), CODE);
}

#[test]
fn a_flood_is_read_without_falling_behind_or_growing() {
    let (mut scanner, name) = plug();
    let (_running, heard) = start(Path::new(&name));
    assert_eq!(next(&heard), "ready");
    for _ in 0..200 {
        scanner
            .write_all(format!("{CODE}\r").repeat(20).as_bytes())
            .unwrap();
    }
    for _ in 0..4_000 {
        assert_eq!(next(&heard), CODE);
    }
}
