//! The scanner that is read from its device.

use crate::devices::scanner::SerialScanner;
use crate::devices::{DeviceState, ScanSink};
use crate::domain::scan::Framed;
use crate::till::desk_calls::Reply;
use crate::till::engine::{Engine, Input};
use crate::till::service::{DeviceHealth, Said, ScanText};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

/// The scanner's thread, where one is set.
#[derive(Default)]
pub(in crate::till) struct Scanning {
    serial: Option<SerialScanner>,
}

impl Engine {
    /// A device never stops the till: without a thread for it, the keyboard wedge still works.
    pub(super) fn start_scanner(&mut self) {
        // The old one lets go of the port first.
        self.counter.scanning.serial = None;
        self.counter.scanner = None;
        if !self.counter.used.counter {
            return;
        }
        let Some(settings) = self.settings.scanner.clone() else {
            return;
        };
        let sink = Arc::new(Sink(Mutex::new(self.outbox.clone())));
        self.counter.scanning.serial = SerialScanner::start(settings, sink)
            .inspect_err(|error| tracing::error!(%error, "no scanner"))
            .ok();
    }

    pub(super) fn test_scanner(&mut self, reply: Reply<Result<(), Said>>) {
        let _ = reply.send(Err(Said::DeviceAway(String::new())));
    }
}

/// What the scanner reads goes to the engine's inbox.
struct Sink(Mutex<Sender<Input>>);

impl Sink {
    fn send(&self, input: Input) {
        if let Ok(outbox) = self.0.lock() {
            let _ = outbox.send(input);
        }
    }
}

impl ScanSink for Sink {
    fn scanned(&self, framed: Framed) {
        self.send(match framed {
            Framed::Scan(text) => Input::Scanned(ScanText::new(text.expose().to_owned())),
            Framed::Incomplete => Input::ScanBroken,
        });
    }

    fn state(&self, state: DeviceState) {
        self.send(Input::Scanner(match state {
            DeviceState::Ready => DeviceHealth::Ready,
            DeviceState::Gone(why) => DeviceHealth::Gone(why.to_string()),
        }));
    }
}
