//! A serial scanner (also USB scanners that appear as a serial port).

use super::{Gone, Opened, Port, READ_BYTES, Read, ReadEnd, Source, open_path};
use crate::devices::is_pause;
use crate::domain::config::{ScannerSettings, Terminator};
use serialport::SerialPort;
use std::time::Duration;
use zeroize::Zeroizing;

/// A serial port by its path.
pub(super) struct Serial {
    path: String,
    baud: u32,
    terminator: Terminator,
}

impl Serial {
    pub fn new(settings: &ScannerSettings) -> Serial {
        Serial {
            path: settings.serial.clone().unwrap_or_default(),
            baud: settings.baud,
            terminator: settings.terminator,
        }
    }
}

impl Port for Serial {
    fn open(&self) -> Result<Opened, Gone> {
        open_path(&self.path, || {
            let port = serialport::new(&self.path, self.baud)
                .open()
                .map_err(|error| Gone::by_serial(&self.path, &error))?;
            Ok((Box::new(Line(port)), self.path.clone()))
        })
    }

    fn terminator(&self) -> Terminator {
        self.terminator
    }
}

struct Line(Box<dyn SerialPort>);

impl Source for Line {
    fn read(&mut self, wait: Duration, bytes: &mut Read) -> Result<bool, ReadEnd> {
        self.0.set_timeout(wait).map_err(|_| ReadEnd)?;
        let mut buffer = Zeroizing::new([0; READ_BYTES]);
        match self.0.read(&mut buffer[..]) {
            // A device that says "ready" and gives nothing has been pulled out.
            Ok(0) => Err(ReadEnd),
            Ok(count) => {
                bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
                Ok(true)
            }
            Err(error) if is_pause(&error) => Ok(false),
            Err(_) => Err(ReadEnd),
        }
    }
}
