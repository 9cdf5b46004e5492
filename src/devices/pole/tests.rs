use super::*;
use crate::domain::config::PoleProtocol;
use serialport::{SerialPort, TTYPort};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// Longer than a display may take to be back.
const PATIENCE: Duration = Duration::from_secs(10);

struct Sink(mpsc::Sender<String>);

impl PoleSink for Sink {
    fn state(&self, state: DeviceState) {
        let _ = self.0.send(match state {
            DeviceState::Ready => "ready".to_owned(),
            DeviceState::Gone(Gone::Missing(_)) => "missing".to_owned(),
            DeviceState::Gone(Gone::Unplugged(_)) => "unplugged".to_owned(),
            DeviceState::Gone(other) => other.to_string(),
        });
    }
}

fn start(target: String) -> (Pole, mpsc::Receiver<String>) {
    let settings = PoleSettings {
        target,
        protocol: PoleProtocol::Escpos,
    };
    let (sender, heard) = mpsc::channel();
    let pole = Pole::start(settings, Arc::new(Sink(sender))).unwrap();
    (pole, heard)
}

fn next(heard: &mpsc::Receiver<String>) -> String {
    heard.recv_timeout(PATIENCE).unwrap()
}

/// A display that is plugged in: its end of a pty, and the name of the till's end.
fn plug() -> (TTYPort, String) {
    let (mut display, till) = TTYPort::pair().unwrap();
    display.set_timeout(Duration::from_millis(50)).unwrap();
    let name = till.name().unwrap();
    (display, name)
}

/// Reads until this is the end of all that came.
fn until(display: &mut TTYPort, end: &str) -> String {
    let started = Instant::now();
    let (mut all, mut part) = (Vec::new(), [0; 512]);
    loop {
        if let Ok(count) = display.read(&mut part) {
            all.extend_from_slice(&part[..count]);
        }
        let text = String::from_utf8_lossy(&all).into_owned();
        if text.ends_with(end) {
            return text;
        }
        assert!(started.elapsed() < PATIENCE, "{}", text.escape_debug());
    }
}

fn link(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("usb-pole")
}

fn due(fen: i64) -> PoleText {
    PoleText::Amount(Fen(fen), Says::ShowCode)
}

const DUE_12: &str = "\x1bs2\x1bQA12.34\r";

#[test]
fn a_text_arrives_on_a_line_and_goes_when_the_till_ends() {
    let (mut display, name) = plug();
    // A pty that nobody has open any more can't be read to its end.
    let _open = open_without_waiting(&name);
    let (pole, heard) = start(format!("serial:{name}?baud=19200"));
    assert_eq!(next(&heard), "ready");
    assert_eq!(until(&mut display, "s0\x0c"), "\r\x0c\x1bs0\x0c");
    pole.show(due(1234));
    assert_eq!(until(&mut display, DUE_12), DUE_12);
    drop(pole);
    assert_eq!(until(&mut display, "\x0c"), "\x1bs0\x0c");
}

#[test]
fn a_device_file_is_written_as_a_line_is() {
    let (mut display, name) = plug();
    let (pole, heard) = start(format!("device:{name}"));
    assert_eq!(next(&heard), "ready");
    pole.show(due(1234));
    until(&mut display, DUE_12);
}

#[test]
fn after_each_unplugging_the_current_text_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let by_id = link(&dir);
    let (pole, heard) = start(format!("serial:{}", by_id.display()));
    assert_eq!(next(&heard), "missing");
    for round in 0..10 {
        // One text is the same before and after, the other one changed while it was away.
        pole.show(due(1000 + round / 2));
        let (mut display, name) = plug();
        let plugged = Instant::now();
        std::os::unix::fs::symlink(&name, &by_id).unwrap();
        assert_eq!(next(&heard), "ready", "round {round}");
        assert!(plugged.elapsed() < Duration::from_secs(2), "round {round}");
        let number = Fen(1000 + round / 2);
        let text = until(&mut display, &format!("\x1bQA{number}\r"));
        assert!(text.starts_with("\r\x0c"), "{}", text.escape_debug());
        std::fs::remove_file(&by_id).unwrap();
        drop(display);
        assert_eq!(next(&heard), "unplugged", "round {round}");
    }
    assert!(heard.try_recv().is_err(), "each change is told once");
}

#[test]
fn a_line_that_takes_nothing_stops_nobody_and_the_newest_text_comes_when_it_does() {
    let (mut display, name) = plug();
    // Nobody reads, until nothing goes in any more.
    let mut stuffing = open_without_waiting(&name);
    for _ in 0..20 {
        // The kernel moves what was taken on by and by, and has room again.
        while std::io::Write::write(&mut stuffing, &[b'#'; 64]).is_ok() {}
        std::thread::sleep(Duration::from_millis(20));
    }
    let (pole, heard) = start(format!("serial:{name}"));
    let asked = Instant::now();
    for fen in 1..=1000 {
        pole.show(due(fen));
    }
    pole.show(due(1234));
    assert!(asked.elapsed() < Duration::from_millis(500), "it waited");
    let line = next(&heard);
    assert!(line.contains("没有接收") && !line.contains('\n'), "{line}");
    until(&mut display, DUE_12);
    assert_eq!(next(&heard), "ready");
    let asked = Instant::now();
    drop(pole);
    assert!(asked.elapsed() < Duration::from_millis(500), "it waited");
}

fn open_without_waiting(path: &str) -> std::fs::File {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    std::fs::File::from(open(path, flags, Mode::empty()).unwrap())
}

#[test]
fn a_thousand_quick_changes_end_with_the_last_text() {
    let (mut display, name) = plug();
    let (pole, heard) = start(format!("serial:{name}"));
    assert_eq!(next(&heard), "ready");
    for fen in 1..=1000 {
        pole.show(due(fen));
    }
    let text = until(&mut display, "\x1bQA10.00\r");
    let numbers: Vec<&str> = text.split("QA").skip(1).collect();
    let in_order = numbers.windows(2).all(|pair| {
        let fen = |text: &str| Fen::parse_yuan(text.split('\r').next().unwrap()).unwrap();
        fen(pair[0]) < fen(pair[1])
    });
    assert!(in_order, "no text comes after a newer one");
    // And it stays: nothing more is sent.
    std::thread::sleep(Duration::from_millis(700));
    assert!(display.read(&mut [0; 8]).is_err());
}

#[test]
fn a_try_out_shows_its_number_and_then_the_current_text() {
    let (mut display, name) = plug();
    let (pole, heard) = start(format!("serial:{name}"));
    assert_eq!(next(&heard), "ready");
    pole.show(due(500));
    until(&mut display, "5.00\r");
    let (sender, told) = mpsc::channel();
    let began = Instant::now();
    pole.try_out(Box::new(move |tried| sender.send(tried).unwrap()));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), Ok(()));
    assert_eq!(until(&mut display, "88.88\r"), "\x1bs2\x1bQA88.88\r");
    // What changes meanwhile comes after it.
    pole.show(due(1234));
    assert_eq!(until(&mut display, DUE_12), DUE_12);
    assert!(began.elapsed() >= TRIED);
}

#[test]
fn a_try_out_of_a_display_that_is_away_says_so() {
    let (pole, heard) = start("serial:/nowhere/usb-pole".to_owned());
    assert_eq!(next(&heard), "missing");
    let (sender, told) = mpsc::channel();
    pole.try_out(Box::new(move |tried| sender.send(tried).unwrap()));
    let gone = told.recv_timeout(PATIENCE).unwrap().unwrap_err();
    assert_eq!(gone, Gone::Missing("/nowhere/usb-pole".to_owned()));
    assert!(look_for("serial:/nowhere/usb-pole").is_err());
}

#[test]
fn a_plain_file_keeps_what_was_sent_and_does_not_grow_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pole");
    let target = format!("file:{}", file.display());
    assert_eq!(look_for(&target), Ok(file.display().to_string()));
    std::fs::write(&file, vec![b'#'; 70_000]).unwrap();
    let (pole, heard) = start(target);
    assert_eq!(next(&heard), "ready");
    pole.show(due(1234));
    let holds = |end: &str| {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.ends_with(end) && text.len() < 1_000
    };
    wait_until(|| holds(DUE_12));
    // Taken away, it is made anew, with the current text.
    std::fs::remove_file(&file).unwrap();
    wait_until(|| holds(DUE_12));
    drop(pole);
    wait_until(|| holds("\x0c"));
}

fn wait_until(done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_is_no_serial_device_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = link(&dir);
    std::fs::write(&file, "x").unwrap();
    let (_pole, heard) = start(format!("serial:{}", file.display()));
    let line = next(&heard);
    assert!(line.contains("无法使用") && !line.contains('\n'), "{line}");
    assert!(Path::new(&file).exists());
}
