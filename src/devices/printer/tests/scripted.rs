//! One conversation over a link that does what a script says: what counts as begun.

use super::*;
use crate::devices::printer::link::Link;
use crate::devices::printer::talk::{Known, Talk};
use crate::devices::printer::worker::Site;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};

/// What each `write` gives; when they are used up, everything is taken.
#[derive(Default)]
struct Script {
    writes: VecDeque<io::Result<usize>>,
    /// When they are used up nothing is taken any more.
    blocks: bool,
    through: VecDeque<io::Result<bool>>,
    clean: bool,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Link for Script {
    fn hears(&self) -> bool {
        false
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = match self.writes.pop_front() {
            Some(scripted) => scripted?,
            None if self.blocks => return error(ErrorKind::WouldBlock),
            None => bytes.len(),
        };
        let count = count.min(bytes.len());
        self.taken
            .lock()
            .unwrap()
            .extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn fails_clean(&self) -> bool {
        self.clean
    }

    fn read(&mut self, _buffer: &mut [u8], _wait: Duration) -> io::Result<usize> {
        panic!("it does not hear")
    }

    fn is_through(&mut self) -> io::Result<bool> {
        self.through.pop_front().unwrap_or(Ok(true))
    }

    fn piece(&self) -> usize {
        8
    }
}

fn site() -> Site {
    Site {
        target: Target::parse("device:/dev/usb/lp0"),
        text: "device:/dev/usb/lp0".to_owned(),
        times: Times {
            stall: ms(50),
            ..quick()
        },
        stop: Stop::default(),
    }
}

fn run(script: Script) -> (Ended, Vec<u8>) {
    let taken = Arc::clone(&script.taken);
    let talk = Talk::new(Box::new(script));
    let (ended, _) = talk.job(SLIP, &mut Known::default(), &site());
    let taken = taken.lock().unwrap().clone();
    (ended, taken)
}

fn failing(writes: Vec<io::Result<usize>>, clean: bool) -> Script {
    Script {
        writes: writes.into(),
        clean,
        ..Script::default()
    }
}

fn error<T>(kind: ErrorKind) -> io::Result<T> {
    Err(kind.into())
}

#[test]
fn small_pieces_pauses_and_interruptions_are_no_end() {
    let writes = vec![
        Ok(1),
        error(ErrorKind::WouldBlock),
        error(ErrorKind::Interrupted),
        Ok(3),
        error(ErrorKind::WouldBlock),
    ];
    let mut script = failing(writes, true);
    script.through = vec![Ok(false), error(ErrorKind::Interrupted), Ok(true)].into();
    let (ended, taken) = run(script);
    assert_eq!(ended, Ended::Printed);
    assert_eq!(taken, SLIP, "each byte once, in its order");
}

#[test]
fn a_first_write_that_fails_took_nothing_where_that_is_certain() {
    let (ended, taken) = run(failing(vec![error(ErrorKind::BrokenPipe)], true));
    assert!(is_gone(&not_begun(ended)));
    assert!(taken.is_empty());
    let (ended, _) = run(failing(vec![error(ErrorKind::BrokenPipe)], false));
    doubtful(ended);
}

#[test]
fn after_one_byte_every_failure_is_doubtful() {
    for clean in [true, false] {
        let (ended, _) = run(failing(vec![Ok(1), error(ErrorKind::BrokenPipe)], clean));
        assert!(is_gone(&doubtful(ended)));
        let (ended, _) = run(failing(vec![Ok(1), Ok(0)], clean));
        doubtful(ended);
    }
}

#[test]
fn one_that_takes_nothing_at_all_has_not_begun_and_one_that_stops_is_doubtful() {
    for first in [None, Some(1)] {
        let script = Script {
            writes: first.map(Ok).into_iter().collect(),
            blocks: true,
            clean: true,
            ..Script::default()
        };
        let (ended, taken) = run(script);
        let state = match first {
            None => not_begun(ended),
            Some(_) => doubtful(ended),
        };
        assert!(matches!(state, PrinterState::Fault(_)), "{state:?}");
        assert_eq!(taken.len(), first.unwrap_or(0));
    }
}

#[test]
fn what_the_system_could_not_hand_on_is_doubtful() {
    let script = Script {
        through: vec![Ok(false), error(ErrorKind::StorageFull)].into(),
        clean: true,
        ..Script::default()
    };
    let (ended, taken) = run(script);
    assert_eq!(doubtful(ended), PrinterState::PaperOut);
    assert_eq!(taken, SLIP);
}
