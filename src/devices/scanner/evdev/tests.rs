use super::super::Runner;
use super::super::tests::{CODE, Sink, next};
use super::*;
use crate::devices::keeper::{Keeper, REOPEN};
use std::io::{self, Write};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Hands out streams of events that a test writes, as if a device had been taken.
struct Pipes(Mutex<mpsc::Receiver<File>>);

impl Port for Pipes {
    fn open(&self) -> Result<Opened, Gone> {
        let path = "/dev/null";
        open_path(path, || {
            let file = self.0.lock().unwrap().try_recv();
            let file = file.map_err(|_| Gone::Missing(path.to_owned()))?;
            let source = Events {
                file,
                keys: Keys::default(),
                _grab: None,
            };
            Ok((Box::new(source) as Box<dyn Source>, path.to_owned()))
        })
    }
}

fn event(kind: u16, code: u16, value: i32) -> Vec<u8> {
    let mut event = vec![0x55; TIME_BYTES];
    event.extend(kind.to_ne_bytes());
    event.extend(code.to_ne_bytes());
    event.extend(value.to_ne_bytes());
    event
}

/// A scanner types digits and Enter: pressed, let go, with scan codes and reports between.
fn typed(text: &str) -> Vec<u8> {
    let mut events = Vec::new();
    for c in text.chars() {
        let code = match c {
            '⏎' => KeyCode::KEY_ENTER.code(),
            '0' => KeyCode::KEY_0.code(),
            c => 1 + u16::try_from(c.to_digit(10).unwrap()).unwrap(),
        };
        for (kind, code, value) in [
            (4, 4, 0x7001e),
            (1, code, 1),
            (0, 0, 0),
            (1, code, 0),
            (0, 0, 0),
        ] {
            events.extend(event(kind, code, value));
        }
    }
    events
}

fn run() -> (Keeper, mpsc::Sender<File>, mpsc::Receiver<String>) {
    let (plug, files) = mpsc::channel();
    let (sender, heard) = mpsc::channel();
    let runner = Runner {
        port: Box::new(Pipes(Mutex::new(files))),
        sink: Arc::new(Sink(sender)),
        started: Instant::now(),
    };
    let keeper = Keeper::start("wedge", Duration::from_millis(5), None, runner).unwrap();
    (keeper, plug, heard)
}

fn pipe() -> (File, std::io::PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    (File::from(std::os::fd::OwnedFd::from(reader)), writer)
}

#[test]
fn what_a_wedge_types_is_framed_like_every_scan() {
    let (_keeper, plug, heard) = run();
    assert_eq!(next(&heard), "missing");
    let (file, mut keys) = pipe();
    plug.send(file).unwrap();
    assert_eq!(next(&heard), "ready");
    keys.write_all(&typed(&format!("{CODE}⏎"))).unwrap();
    assert_eq!(next(&heard), CODE);
    keys.write_all(&typed(CODE)).unwrap();
    assert_eq!(next(&heard), CODE, "ended by silence");
    keys.write_all(&typed("1345⏎")).unwrap();
    assert_eq!(next(&heard), "incomplete");
    // Events were lost inside: no digit may be missing from what looks whole.
    keys.write_all(&typed(&CODE[..9])).unwrap();
    keys.write_all(&[event(0, 3, 0), event(0, 0, 0)].concat())
        .unwrap();
    keys.write_all(&typed(&format!("{}⏎", &CODE[8..]))).unwrap();
    // Said once for a run of garbage; silence ends the run.
    let (file, mut again) = pipe();
    plug.send(file).unwrap();
    drop(keys);
    assert_eq!(next(&heard), "unplugged");
    assert_eq!(next(&heard), "ready");
    again.write_all(&typed(&format!("{CODE}⏎"))).unwrap();
    assert_eq!(next(&heard), CODE);
}

#[test]
fn a_silent_wedge_is_let_go_promptly() {
    let (keeper, plug, heard) = run();
    let (file, _keys) = pipe();
    plug.send(file).unwrap();
    while next(&heard) != "ready" {}
    let asked = Instant::now();
    drop(keeper);
    assert!(asked.elapsed() < 2 * REOPEN);
}

#[test]
fn what_is_no_wedge_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kbd");
    std::fs::write(&file, "x").unwrap();
    let open = |path: &str| Wedge::new(path).open().map(|opened| opened.name);
    for (path, word) in [
        ("/nowhere/event3", "没有找到"),
        (file.to_str().unwrap(), "不是设备文件"),
        ("/dev/null", "不是输入设备"),
    ] {
        let line = open(path).unwrap_err().to_string();
        assert!(
            line.contains(word) && !line.contains('\n'),
            "{path}: {line}"
        );
    }
    // Where another program has it, the kernel says EBUSY to the grab.
    let busy = io::Error::from_raw_os_error(16);
    assert_eq!(
        Gone::by_io("/dev/input/event3", &busy),
        Gone::Busy("/dev/input/event3".into())
    );
    let forbidden = io::Error::from(io::ErrorKind::PermissionDenied);
    let line = Gone::by_io("/dev/input/event3", &forbidden).to_string();
    assert!(line.contains("input 组"), "{line}");
}
