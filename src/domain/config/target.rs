//! Where a printer or a pole display is reached: `printer.target`'s four shapes. Pure.

use super::check;
use std::fmt;

/// The port that network printers listen on where none is named.
const USUAL_PORT: u16 = 9100;
/// Bits per second where none are named.
const USUAL_BAUD: u32 = 9600;

/// Where a device is that only takes bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `tcp://HOST:PORT`; without a port 9100.
    Tcp {
        /// A name or an address; IPv6 without its brackets.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// `serial:PATH?baud=N`; without a speed 9600.
    Serial {
        /// Of the port.
        path: String,
        /// Bits per second.
        baud: u32,
    },
    /// `device:PATH`, such as `/dev/usb/lp0`.
    Device(String),
    /// `file:PATH`: what is sent is appended.
    File(String),
}

impl Target {
    /// Reads one of the four shapes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Target> {
        let path = |path: &str| (!path.is_empty()).then(|| path.to_owned());
        match text.split_once(':')? {
            ("tcp", rest) => {
                let (host, port) = check::host_and_port(rest.strip_prefix("//")?)?;
                let port = port.unwrap_or(USUAL_PORT);
                Some(Target::Tcp { host, port })
            }
            ("serial", rest) => {
                let (rest, baud) = match rest.split_once('?') {
                    Some((rest, query)) => (rest, query.strip_prefix("baud=")?.parse().ok()?),
                    None => (rest, USUAL_BAUD),
                };
                let path = path(rest)?;
                check::is_baud(i64::from(baud)).then_some(Target::Serial { path, baud })
            }
            ("device", rest) => path(rest).map(Target::Device),
            ("file", rest) => path(rest).map(Target::File),
            _ => None,
        }
    }

    /// The path of what is plugged into this machine; `None` for the network.
    pub fn path(&self) -> Option<&str> {
        match self {
            Target::Tcp { .. } => None,
            Target::Serial { path, .. } | Target::Device(path) | Target::File(path) => Some(path),
        }
    }

    /// A network address of this machine itself.
    pub fn is_loopback(&self) -> bool {
        matches!(self, Target::Tcp { host, .. } if check::is_loopback_name(host))
    }
}

/// How people know it: the address, or the path.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Target::Tcp { host, port } => write!(f, "{host}:{port}"),
            Target::Serial { path, .. } | Target::Device(path) | Target::File(path) => {
                f.write_str(path)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Option<Target> {
        let host = host.to_owned();
        Some(Target::Tcp { host, port })
    }

    fn serial(path: &str, baud: u32) -> Option<Target> {
        let path = path.to_owned();
        Some(Target::Serial { path, baud })
    }

    #[test]
    fn the_four_shapes_are_read() {
        let rows = [
            ("tcp://192.0.2.10:9100", tcp("192.0.2.10", 9100)),
            ("tcp://192.0.2.10", tcp("192.0.2.10", 9100)),
            ("tcp://kitchen.example:515", tcp("kitchen.example", 515)),
            ("tcp://[2001:db8::7]:9100", tcp("2001:db8::7", 9100)),
            ("serial:/dev/ttyS0?baud=19200", serial("/dev/ttyS0", 19_200)),
            ("serial:/dev/ttyS0", serial("/dev/ttyS0", 9600)),
            (
                "device:/dev/usb/lp0",
                Some(Target::Device("/dev/usb/lp0".into())),
            ),
            ("file:slips.bin", Some(Target::File("slips.bin".into()))),
            ("file:a b?c", Some(Target::File("a b?c".into()))),
        ];
        for (text, target) in rows {
            assert_eq!(Target::parse(text), target, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let rows = [
            "",
            "tcp",
            "tcp:",
            "tcp://",
            "tcp://:9100",
            "tcp:192.0.2.10:9100",
            "tcp://a:0",
            "tcp://a:65536",
            "tcp://a:9100/x",
            "tcp://a b:9100",
            "tcp://[::1",
            "http://a:9100",
            "serial:",
            "serial:?baud=9600",
            "serial:/dev/ttyS0?baud=",
            "serial:/dev/ttyS0?baud=x",
            "serial:/dev/ttyS0?baud=1",
            "serial:/dev/ttyS0?speed=9600",
            "device:",
            "file:",
            "/dev/usb/lp0",
            "192.0.2.10",
        ];
        for text in rows {
            assert_eq!(Target::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_shown_of_it_reads_like_an_address() {
        let rows = [
            ("tcp://192.0.2.10:9100", "192.0.2.10:9100"),
            ("tcp://[2001:db8::7]:9100", "[2001:db8::7]:9100"),
            ("serial:/dev/ttyS0?baud=19200", "/dev/ttyS0"),
        ];
        for (text, shown) in rows {
            assert_eq!(
                Target::parse(text).map(|t| t.to_string()).as_deref(),
                Some(shown)
            );
        }
        assert!(Target::parse("tcp://127.0.0.1:9100").is_some_and(|t| t.is_loopback()));
        assert!(Target::parse("tcp://192.0.2.1:9100").is_some_and(|t| !t.is_loopback()));
    }
}
