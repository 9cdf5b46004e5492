//! A printer on loopback, well behaved or not.

use super::*;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// How it behaves.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// The answers to `DLE EOT` 1 to 4; `None`: it doesn't answer that one.
    pub answers: [Option<u8>; 4],
    /// Before each answer.
    pub delay: Duration,
    /// The answers once so many bytes of a job came.
    pub after: Option<(usize, [Option<u8>; 4])>,
    /// Before each answer once a job came.
    pub delay_after: Duration,
    /// Breaks the connection once so many bytes of a job came.
    pub reset_after: Option<usize>,
    /// Accepts, and reads nothing.
    pub never_reads: bool,
    /// Closes as soon as it has accepted.
    pub closes_at_once: bool,
    /// Stays open when the other side has ended.
    pub stays_open: bool,
    /// Stops listening after the first connection.
    pub once: bool,
    /// Gives back every byte.
    pub echoes: bool,
    /// Says this when it has accepted.
    pub greets: &'static [u8],
}

pub const WELL: [Option<u8>; 4] = [Some(0x16), Some(0x12), Some(0x12), Some(0x12)];

impl Default for Manner {
    fn default() -> Manner {
        Manner {
            answers: WELL,
            delay: Duration::ZERO,
            after: None,
            delay_after: Duration::ZERO,
            reset_after: None,
            never_reads: false,
            closes_at_once: false,
            stays_open: false,
            once: false,
            echoes: false,
            greets: b"",
        }
    }
}

impl Manner {
    pub fn mute() -> Manner {
        Manner {
            answers: [None; 4],
            ..Manner::default()
        }
    }

    /// It says something else to one question.
    pub fn saying(n: usize, answer: u8) -> Manner {
        let mut manner = Manner::default();
        manner.answers[n - 1] = Some(answer);
        manner
    }
}

#[derive(Default)]
struct Shared {
    manner: Mutex<Manner>,
    /// What came on each connection, questions included.
    heard: Mutex<Vec<Vec<u8>>>,
    /// Connections that ended.
    ended: Mutex<usize>,
    off: AtomicBool,
}

pub struct Fake {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    pub fn on(manner: Manner) -> Fake {
        Fake::at(SocketAddr::from(([127, 0, 0, 1], 0)), manner)
    }

    /// On an address that was used before.
    pub fn at(address: SocketAddr, manner: Manner) -> Fake {
        let mut bound = TcpListener::bind(address);
        eventually("the address is free", || {
            if bound.is_err() {
                bound = TcpListener::bind(address);
            }
            bound.is_ok()
        });
        Fake::listening(bound.unwrap(), manner)
    }

    pub fn listening(listener: TcpListener, manner: Manner) -> Fake {
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            ..Shared::default()
        });
        let its = Arc::clone(&shared);
        let thread = std::thread::spawn(move || its.listen(listener));
        Fake {
            address,
            shared,
            thread: Some(thread),
        }
    }

    pub fn target(&self) -> String {
        format!("tcp://{}", self.address)
    }

    pub fn behave(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    /// What came on each connection, questions included.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.shared.heard.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.shared.heard.lock().unwrap().len()
    }

    /// The slips: what came without questions, of the connections that brought any.
    pub fn slips(&self) -> Vec<Vec<u8>> {
        let slips = self
            .heard()
            .into_iter()
            .map(|bytes| without_questions(&bytes));
        slips.filter(|slip| !slip.is_empty()).collect()
    }

    /// Every connection has ended.
    pub fn is_alone(&self) -> bool {
        *self.shared.ended.lock().unwrap() == self.connections()
    }

    /// Power off: nobody listens, and what was open breaks.
    pub fn off(mut self) -> SocketAddr {
        self.end();
        self.address
    }

    fn end(&mut self) {
        self.shared.off.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.end();
    }
}

pub fn without_questions(mut bytes: &[u8]) -> Vec<u8> {
    let mut left = Vec::new();
    while let Some((first, rest)) = bytes.split_first() {
        if let [0x10, 0x04, 1..=4, rest @ ..] = bytes {
            bytes = rest;
        } else {
            left.push(*first);
            bytes = rest;
        }
    }
    left
}

/// Closes with a reset, as a printer does that loses its power and gets it back.
fn reset(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    socket.set_linger(Some(Duration::ZERO)).unwrap();
}

impl Shared {
    fn listen(self: Arc<Shared>, listener: TcpListener) {
        let mut open = Vec::new();
        while !self.off.load(Ordering::SeqCst) {
            match listener.accept() {
                Ok((stream, _)) => {
                    let manner = *self.manner.lock().unwrap();
                    let at = {
                        let mut heard = self.heard.lock().unwrap();
                        heard.push(Vec::new());
                        heard.len() - 1
                    };
                    let its = Arc::clone(&self);
                    let serve = move || {
                        its.serve(stream, at, manner);
                        *its.ended.lock().unwrap() += 1;
                    };
                    open.push(std::thread::spawn(serve));
                    if manner.once {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(error) => panic!("{error}"),
            }
        }
        drop(listener);
        for thread in open {
            thread.join().unwrap();
        }
    }

    fn is_off(&self) -> bool {
        self.off.load(Ordering::SeqCst)
    }

    fn serve(&self, mut stream: TcpStream, at: usize, manner: Manner) {
        stream.set_nonblocking(false).unwrap();
        if manner.closes_at_once {
            return;
        }
        let _ = stream.write_all(manner.greets);
        stream
            .set_read_timeout(Some(Duration::from_millis(5)))
            .unwrap();
        let mut buffer = [0; 1024];
        let mut answered = 0;
        loop {
            if self.is_off() {
                return reset(&stream);
            }
            if manner.never_reads {
                std::thread::sleep(Duration::from_millis(5));
                continue;
            }
            match stream.read(&mut buffer) {
                Ok(0) if manner.stays_open => std::thread::sleep(Duration::from_millis(5)),
                Ok(0) => return,
                Ok(count) => {
                    let all = {
                        let mut heard = self.heard.lock().unwrap();
                        heard[at].extend_from_slice(&buffer[..count]);
                        heard[at].clone()
                    };
                    let job = without_questions(&all);
                    if manner.echoes {
                        let _ = stream.write_all(&buffer[..count]);
                    }
                    if manner.reset_after.is_some_and(|limit| job.len() >= limit) {
                        return reset(&stream);
                    }
                    answered = self.answer(&mut stream, &all, answered, job.len());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// Answers the questions that were not answered yet.
    fn answer(&self, stream: &mut TcpStream, all: &[u8], answered: usize, job: usize) -> usize {
        let asked: Vec<u8> = all
            .windows(3)
            .filter(|three| three[..2] == [0x10, 0x04])
            .map(|three| three[2])
            .collect();
        for n in asked.iter().skip(answered) {
            let manner = *self.manner.lock().unwrap();
            let after = manner.after.filter(|(limit, _)| job >= *limit);
            let answers = after.map_or(manner.answers, |(_, answers)| answers);
            let delay = if job > 0 {
                manner.delay_after
            } else {
                Duration::ZERO
            };
            std::thread::sleep(manner.delay + delay);
            if let Some(Some(answer)) = answers.get(usize::from(*n) - 1) {
                let _ = stream.write_all(&[*answer]);
            }
        }
        asked.len()
    }
}
