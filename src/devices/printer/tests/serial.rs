//! Serial printers, on pty pairs.

use super::fake::without_questions;
use super::*;
use serialport::{SerialPort, TTYPort};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// A printer at the other end of a serial line.
struct Line {
    name: String,
    heard: Arc<Mutex<Vec<u8>>>,
    answers: Arc<Mutex<[Option<u8>; 4]>>,
    off: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

const WELL: [Option<u8>; 4] = [Some(0x16), Some(0x12), Some(0x12), Some(0x12)];

impl Line {
    /// `reads`: it stops after so many bytes and is unplugged.
    fn plug(answers: [Option<u8>; 4], reads: usize) -> Line {
        let (mut printer, till) = TTYPort::pair().unwrap();
        let name = till.name().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers));
        let off = Arc::new(AtomicBool::new(false));
        let mut line = Line {
            name,
            heard: Arc::clone(&heard),
            answers: Arc::clone(&answers),
            off: Arc::clone(&off),
            thread: None,
        };
        printer.set_timeout(ms(10)).unwrap();
        line.thread = Some(std::thread::spawn(move || {
            let mut buffer = [0; 256];
            while !off.load(Ordering::SeqCst) && heard.lock().unwrap().len() < reads {
                match printer.read(&mut buffer) {
                    Ok(count) => {
                        let mut heard = heard.lock().unwrap();
                        let before = heard.len().saturating_sub(2);
                        heard.extend_from_slice(&buffer[..count]);
                        for three in heard[before..].windows(3) {
                            if let [0x10, 0x04, n @ 1..=4] = three
                                && let Some(answer) = answers.lock().unwrap()[usize::from(*n) - 1]
                            {
                                printer.write_all(&[answer]).unwrap();
                            }
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::TimedOut => {}
                    Err(_) => std::thread::sleep(ms(5)),
                }
            }
            drop(till);
        }));
        line
    }

    fn target(&self) -> String {
        format!("serial:{}?baud=115200", self.name)
    }

    fn printed(&self) -> Vec<u8> {
        without_questions(&self.heard.lock().unwrap())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.off.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_serial_printer_that_answers_prints_and_says_so() {
    let line = Line::plug(WELL, usize::MAX);
    let mut desk = Desk::start(&line.target());
    assert_eq!(desk.state(), PrinterState::Ready, "looked at by itself");
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert_eq!(line.printed(), SLIP);
    assert_eq!(check(&settings(&line.target())), PrinterState::Ready);
    line.answers.lock().unwrap()[3] = Some(0x72);
    assert_eq!(not_begun(desk.print(2, SLIP)), PrinterState::PaperOut);
    *line.answers.lock().unwrap() = WELL;
    desk.until_able();
    assert_eq!(line.printed(), SLIP, "not one byte of it");
}

#[test]
fn a_long_slip_over_a_serial_line_arrives_whole() {
    let line = Line::plug(WELL, usize::MAX);
    let mut desk = Desk::start(&line.target());
    let long: Vec<u8> = (0..60_000_u32).map(|n| b'!' + (n % 90) as u8).collect();
    assert_eq!(desk.print(1, &long), Ended::Printed);
    assert!(line.printed() == long);
}

#[test]
fn a_mute_serial_printer_prints() {
    let line = Line::plug([None; 4], usize::MAX);
    let mut desk = Desk::start(&line.target());
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    eventually("it arrives", || line.printed() == SLIP);
}

#[test]
fn a_device_file_that_answers_is_asked_like_a_serial_line() {
    let line = Line::plug(WELL, usize::MAX);
    let mut desk = Desk::start(&format!("device:{}", line.name));
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
    assert_eq!(line.printed(), SLIP);
    line.answers.lock().unwrap()[1] = Some(0x16);
    assert_eq!(not_begun(desk.print(2, SLIP)), PrinterState::CoverOpen);
}

#[test]
fn a_line_that_is_given_as_a_device_changes_no_byte() {
    use rustix::termios::{OptionalActions, OutputModes, tcgetattr, tcsetattr};
    let line = Line::plug([None; 4], usize::MAX);
    // As a line is before anybody sets it: a line feed becomes two bytes.
    let file = std::fs::File::open(&line.name).unwrap();
    let mut settings = tcgetattr(&file).unwrap();
    settings.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    tcsetattr(&file, OptionalActions::Now, &settings).unwrap();
    let mut desk = Desk::start(&format!("device:{}", line.name));
    let all: Vec<u8> = (0..=u8::MAX).collect();
    assert_eq!(desk.print(1, &all), Ended::Printed);
    eventually("it arrives", || line.printed().len() >= all.len());
    assert!(line.printed() == all);
}

#[test]
fn a_line_that_takes_nothing_is_doubtful_and_not_waited_for_for_ever() {
    for kind in ["serial", "device"] {
        // Nobody reads it.
        let (_printer, till) = TTYPort::pair().unwrap();
        let name = till.name().unwrap();
        let mut desk = Desk::start(&format!("{kind}:{name}"));
        let begun = Instant::now();
        let state = doubtful(desk.print(1, &vec![b'x'; 500_000]));
        assert!(matches!(state, PrinterState::Fault(_)), "{state:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn dropping_the_printer_ends_it_while_a_line_hangs() {
    let (_printer, till) = TTYPort::pair().unwrap();
    let name = till.name().unwrap();
    let times = Times {
        stall: Duration::from_secs(60),
        ..quick()
    };
    let desk = Desk::with(&format!("serial:{name}"), times);
    assert!(desk.printer.print(1, vec![b'x'; 500_000]));
    std::thread::sleep(ms(1000));
    let begun = Instant::now();
    assert!(desk.printer.close(PATIENCE));
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    let ended: Vec<Event> = desk.events.iter().collect();
    let is = |event: &&Event| matches!(event, Event::Ended(1, Ended::Doubtful(_)));
    assert_eq!(ended.iter().filter(is).count(), 1, "{ended:?}");
}

#[test]
fn a_line_that_is_pulled_out_in_the_middle_is_doubtful() {
    let line = Line::plug(WELL, 20_000);
    let mut desk = Desk::start(&line.target());
    doubtful(desk.print(1, &vec![b'x'; 300_000]));
    assert_eq!(desk.ends(1), 1);
}

#[test]
fn a_serial_printer_that_is_pulled_out_and_put_back_is_seen_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("usb-printer");
    let mut desk = Desk::start(&format!("serial:{}", link.display()));
    assert!(matches!(desk.state(), PrinterState::Gone(Gone::Missing(_))));
    for job in 1..=20 {
        assert!(is_gone(&not_begun(desk.print(job, SLIP))));
        let line = Line::plug(WELL, usize::MAX);
        std::os::unix::fs::symlink(&line.name, &link).unwrap();
        desk.until_able();
        assert_eq!(desk.print(job, SLIP), Ended::Printed);
        assert_eq!(line.printed(), SLIP);
        std::fs::remove_file(&link).unwrap();
        drop(line);
        let gone = desk.state();
        assert!(
            matches!(gone, PrinterState::Gone(Gone::Unplugged(_))),
            "{gone:?}"
        );
    }
}

#[test]
fn a_line_that_another_program_has_is_busy_and_comes_back() {
    let line = Line::plug(WELL, usize::MAX);
    let other = serialport::new(&line.name, 9600).open_native().unwrap();
    let mut desk = Desk::start(&line.target());
    let state = not_begun(desk.print(1, SLIP));
    assert!(
        matches!(state, PrinterState::Gone(Gone::Busy(_))),
        "{state:?}"
    );
    drop(other);
    desk.until_able();
    assert_eq!(desk.print(1, SLIP), Ended::Printed);
}

#[test]
fn what_is_no_serial_line_is_refused_with_a_reason() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let target = format!("serial:{}", file.path().display());
    let state = check(&settings(&target));
    assert!(state.to_string().contains("串口"), "{state}");
    let none = check(&settings("serial:/dev/no-such-line"));
    assert!(
        matches!(none, PrinterState::Gone(Gone::Missing(_))),
        "{none:?}"
    );
    assert!(!Path::new("/dev/no-such-line").exists());
}
