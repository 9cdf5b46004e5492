//! The devices at the counter: which of them this till uses, and how they are. Each has a file of
//! its own here, between the engine and `devices`.
//!
//! Invariant: a dead printer, an absent sound card or a flooding scanner never changes, delays or
//! loses a payment: nothing here waits for a device on the engine's thread.

mod camera;
mod pole;
mod printing;
mod scanner;
mod sound;

pub(super) use printing::FromPrinter;

use super::desk_calls::Reply;
use super::engine::Engine;
use super::open::write_settings;
use super::service::{BillView, DeviceHealth, RefundView, Said, TestedDevice};
use crate::devices::sound::Output;
use crate::domain::config::Settings;
use crate::vault::Deed;
use std::fmt;
use std::sync::Arc;

/// Which devices a till uses: the window all of them, commands only the printer, some none.
#[derive(Clone, Copy, Default)]
pub struct Devices {
    /// Scanner, camera, sound, pole display.
    pub counter: bool,
    /// The receipt printer and its queue.
    pub printer: bool,
    /// The font that slips are drawn with; `None`: no pictures of slips.
    pub font: Option<fn() -> &'static [u8]>,
    /// What voice and sounds are played on; `None`: this machine's sound.
    pub sound: Option<&'static dyn Output>,
}

impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Devices")
            .field("counter", &self.counter)
            .field("printer", &self.printer)
            .finish_non_exhaustive()
    }
}

/// The devices in the engine's hands.
#[derive(Default)]
pub(super) struct Counter {
    pub used: Devices,
    /// How the scanner is.
    pub scanner: Option<DeviceHealth>,
    pub scanning: scanner::Scanning,
    pub watching: camera::Watching,
    pub printing: printing::Printing,
    pub speaking: sound::Speaking,
    pub pole: pole::Pole,
}

impl Counter {
    pub fn new(used: Devices) -> Counter {
        Counter {
            used,
            ..Counter::default()
        }
    }
}

impl Engine {
    /// Starts what is set, once, before the first snapshot.
    pub(super) fn start_devices(&mut self) {
        self.start_scanner();
        self.start_camera();
        self.start_printer();
        self.start_sound();
        self.start_pole();
    }

    /// The settings were changed from these: only what changed is started anew.
    pub(super) fn restart_devices(&mut self, old: &Settings) {
        let new = Arc::clone(&self.settings);
        if new.scanner != old.scanner {
            self.start_scanner();
        }
        if new.camera != old.camera {
            self.start_camera();
        }
        if new.printer != old.printer {
            self.start_printer();
        }
        if new.sound != old.sound {
            self.start_sound();
        }
        if new.pole != old.pole {
            self.start_pole();
        }
    }

    /// A person moved the customer's window: it opens there from now on. Recorded and written as
    /// every change of the settings is, and needs no manager: whoever drags a window may. Where it
    /// can't be kept, the window opens at its old place next time, which is no reason to say
    /// anything to somebody with a queue.
    pub(super) fn customer_at(&mut self, x: i32, y: i32) {
        if self.settings.customer.at == Some((x, y)) {
            return;
        }
        if let Err(error) = self.keep_customer_at(format!("{x},{y}")) {
            tracing::warn!(%error, "the customer's window's place is not kept");
        }
    }

    fn keep_customer_at(&mut self, at: String) -> Result<(), Box<dyn std::error::Error>> {
        let by = self.signed_in.as_ref().map(|staff| staff.id.as_str());
        let detail = serde_json::json!({ "by": by, "at": at }).to_string();
        let new = self
            .settings
            .with_changes(&[("customer.at".to_owned(), at)])?;
        self.note("customer_window_moved", &detail)?;
        if let Err(error) = write_settings(&self.dir, &new) {
            let _ = self.note("settings_not_changed", "{}");
            return Err(error.into());
        }
        self.settings = Arc::new(new);
        Ok(())
    }

    /// A bill's end was recorded and is announced (I4). Called after the notice was sent.
    pub(super) fn devices_hear(&mut self, bill: &BillView, on_stage: bool) {
        self.speak(bill, on_stage);
        self.print_sale(bill);
    }

    /// A refund's end was recorded and is announced.
    pub(super) fn devices_hear_refund(&mut self, refund: &RefundView) {
        self.print_refund(refund);
    }

    /// A manager tries a device. Each device answers when it has done so, or can't.
    pub(super) fn test_device(&mut self, device: TestedDevice, reply: Reply<Result<(), Said>>) {
        if let Err(said) = self.allowed(Deed::Settings) {
            let _ = reply.send(Err(said));
            return;
        }
        match device {
            TestedDevice::Printer => self.test_printer(reply),
            TestedDevice::Drawer => self.test_drawer(reply),
            TestedDevice::Sound => self.test_sound(reply),
            TestedDevice::Camera => self.test_camera(reply),
            TestedDevice::Pole => self.test_pole(reply),
            TestedDevice::Scanner => self.test_scanner(reply),
        }
    }
}
