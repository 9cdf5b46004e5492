//! A network printer: a connection a job.
//!
//! Names are looked up and connections made on a thread of their own, since neither can be
//! interrupted; one that was given up ends by itself, and its connection is closed unused.

use super::{Link, SLICE};
use crate::devices::Gone;
use crate::devices::printer::worker::Site;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 4;
/// The system holds back about twice so many bytes at most: what a printer has not taken is then
/// seen in time, while the job is still being written.
#[cfg(target_os = "linux")]
const SEND_BUFFER: usize = 8192;

/// Makes connections, one at a time.
#[derive(Default)]
pub(super) struct Dialler {
    /// The last try, which may still hang in a look-up.
    trying: Option<JoinHandle<()>>,
}

impl Dialler {
    pub fn dial(&mut self, host: &str, port: u16, site: &Site) -> Result<Box<dyn Link>, Gone> {
        let name = site.name();
        let broken = |why: &str| Gone::Broken(name.clone(), why.to_owned());
        let silent = || broken("没有应答，请检查打印机的电源和网线");
        let deadline = Instant::now() + site.times.dial;
        while self.trying.as_ref().is_some_and(|t| !t.is_finished()) {
            if site.stop.is_over(deadline) {
                return Err(silent());
            }
            std::thread::sleep(SLICE / 10);
        }
        let (found, finding) = sync_channel(1);
        let host = host.to_owned();
        let try_it = move || {
            let _ = found.send(connect(&host, port, deadline));
        };
        let thread = std::thread::Builder::new().name("printer-dial".to_owned());
        let thread = thread.spawn(try_it);
        self.trying = Some(thread.map_err(|error| broken(&error.to_string()))?);
        loop {
            match finding.recv_timeout(SLICE / 4) {
                Ok(Ok(stream)) => {
                    let link = TcpLink::new(stream).map_err(|e| broken(&e.to_string()))?;
                    return Ok(Box::new(link));
                }
                Ok(Err(Refusal::Unknown)) => {
                    return Err(broken("找不到这个地址，请检查设置里的主机名"));
                }
                Ok(Err(Refusal::Refused(error))) => return Err(broken(&why(&error))),
                Err(RecvTimeoutError::Timeout) if !site.stop.is_over(deadline) => {}
                Err(_) => return Err(silent()),
            }
        }
    }
}

/// Why there is no connection.
enum Refusal {
    /// The name leads nowhere.
    Unknown,
    /// No address of it took it.
    Refused(io::Error),
}

fn connect(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, Refusal> {
    let addresses = (host, port).to_socket_addrs();
    let addresses = addresses.map_err(|_| Refusal::Unknown)?;
    let mut last = Refusal::Unknown;
    for address in addresses.take(MOST_ADDRESSES) {
        let left = deadline.saturating_duration_since(Instant::now());
        // The system takes no wait of zero.
        let left = left.max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            // A port of this machine that nobody listens on can, by chance, meet itself.
            Ok(stream) if stream.local_addr().ok() == Some(address) => {
                last = Refusal::Refused(io::ErrorKind::ConnectionRefused.into());
            }
            Ok(stream) => return Ok(stream),
            Err(error) => last = Refusal::Refused(error),
        }
    }
    Err(last)
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "没有接受连接，可能没开机或正被别的收银机使用".to_owned()
        }
        io::ErrorKind::TimedOut
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable => "没有应答，请检查打印机的电源和网线".to_owned(),
        _ => error.to_string(),
    }
}

struct TcpLink {
    stream: TcpStream,
}

impl TcpLink {
    fn new(stream: TcpStream) -> io::Result<TcpLink> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(SLICE))?;
        #[cfg(target_os = "linux")]
        socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER)?;
        Ok(TcpLink { stream })
    }
}

impl Link for TcpLink {
    fn hears(&self) -> bool {
        true
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn read(&mut self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        let wait = wait.clamp(Duration::from_millis(1), SLICE);
        self.stream.set_read_timeout(Some(wait))?;
        match self.stream.read(buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => Ok(count),
            Err(error) if is_pause(&error) => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn is_through(&mut self) -> io::Result<bool> {
        Ok(true)
    }

    /// A mute printer can't say that it took the last bytes, but its network can: what stays
    /// without acknowledgement ends the connection with an error before `wait` is over.
    fn end(&mut self, wait: Duration) -> io::Result<bool> {
        #[cfg(target_os = "linux")]
        socket2::SockRef::from(&self.stream).set_tcp_user_timeout(Some(wait * 3 / 5))?;
        let _ = wait;
        self.stream.shutdown(Shutdown::Write)?;
        Ok(true)
    }
}

/// Nothing came within the wait. (A connection that timed out is another error.)
fn is_pause(error: &io::Error) -> bool {
    let kind = error.kind();
    let waited = io::ErrorKind::WouldBlock;
    kind == waited
        || kind == io::ErrorKind::Interrupted
        || (cfg!(windows) && kind == io::ErrorKind::TimedOut)
}
