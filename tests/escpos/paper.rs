//! A network printer on loopback: it answers `DLE EOT`, keeps what it was sent, and fails as it is
//! told to. Included by tests with `#[path]`.

#![allow(dead_code, clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Works,
    /// It says so before anything is printed.
    PaperOut,
    /// It hangs up after so many bytes of a job.
    Breaks(usize),
    /// It takes everything and never says another word.
    Hangs,
}

/// What both its thread and the test hold.
struct Inside {
    mode: Mutex<Mode>,
    jobs: Mutex<Vec<Vec<u8>>>,
    off: AtomicBool,
}

/// The printer; its thread ends with it.
pub struct Paper {
    at: SocketAddr,
    inside: Arc<Inside>,
    thread: Option<JoinHandle<()>>,
}

impl Paper {
    pub fn new(mode: Mode) -> Paper {
        let inside = Arc::new(Inside {
            mode: Mutex::new(mode),
            jobs: Mutex::default(),
            off: AtomicBool::new(true),
        });
        let mut paper = Paper {
            at: "127.0.0.1:0".parse().unwrap(),
            inside,
            thread: None,
        };
        paper.on();
        paper
    }

    pub fn target(&self) -> String {
        format!("tcp://{}", self.at)
    }

    pub fn mode(&self, mode: Mode) {
        *self.inside.mode.lock().unwrap() = mode;
    }

    /// Everything that came, a connection each; connections that only asked how it is are not.
    pub fn jobs(&self) -> Vec<Vec<u8>> {
        self.inside.jobs.lock().unwrap().clone()
    }

    /// Switched off: nobody listens.
    pub fn off(&mut self) {
        self.inside.off.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub fn on(&mut self) {
        let listener = TcpListener::bind(self.at).unwrap();
        self.at = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        self.inside.off.store(false, Ordering::SeqCst);
        let inside = Arc::clone(&self.inside);
        self.thread = Some(std::thread::spawn(move || listen(&listener, &inside)));
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        self.off();
    }
}

fn listen(listener: &TcpListener, inside: &Inside) {
    while !inside.off.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((stream, _)) => serve(stream, inside),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// One connection, to its end.
fn serve(mut stream: TcpStream, inside: &Inside) {
    stream.set_nonblocking(false).unwrap();
    let wait = Some(Duration::from_millis(10));
    stream.set_read_timeout(wait).unwrap();
    let (mut came, mut chunk) = (Vec::new(), [0; 4096]);
    while !inside.off.load(Ordering::SeqCst) {
        let mode = *inside.mode.lock().unwrap();
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => came.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
        answer(&mut stream, &mut came, mode);
        if matches!(mode, Mode::Breaks(after) if came.len() > after) {
            break;
        }
    }
    if !came.is_empty() {
        inside.jobs.lock().unwrap().push(came);
    }
}

/// Takes the questions (`DLE EOT n`) out of what came, and answers them.
fn answer(stream: &mut TcpStream, came: &mut Vec<u8>, mode: Mode) {
    while let Some(at) = came
        .windows(3)
        .position(|w| w[..2] == [0x10, 0x04] && (1..=4).contains(&w[2]))
    {
        let n = came[at + 2];
        came.drain(at..at + 3);
        let out = mode == Mode::PaperOut;
        let byte = match (n, out) {
            (1, true) => 0x1a,
            (2, true) => 0x32,
            (4, true) => 0x72,
            _ => 0x12,
        };
        if mode == Mode::Hangs && !came.is_empty() {
            continue;
        }
        let _ = stream.write_all(&[byte]);
    }
}
