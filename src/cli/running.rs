//! A running till as the commands and the window use it: with its practice gateway where it
//! practises, and its log.

use super::{Failure, Home, logging, practice};
use crate::simulator;
use crate::till::{Devices, Opening, Service, Till};
use crate::webhook::Webhook;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// A till, and what runs beside it.
pub(super) struct Running {
    pub till: Arc<Till>,
    log: JoinHandle<()>,
    webhook: Option<Webhook>,
    window: bool,
    _simulator: Option<simulator::Running>,
}

/// A command waits so long for the slips that the printer can still print (the one that is being
/// printed then has a moment more). What is not printed stays in the queue for the next program.
const SLIPS: Duration = Duration::from_secs(2);

/// Opens the till of `home`; practice mode starts its gateway first. `window`: with every device;
/// commands use the printer alone.
pub(super) fn open(
    home: &Home,
    runtime: &Runtime,
    wait: Duration,
    window: bool,
) -> Result<Running, Failure> {
    let simulator = match home.is_live() {
        true => None,
        false => Some(practice::start(home, runtime, wait)?),
    };
    logging::start(&home.reading_dir());
    let till = Till::open(Opening {
        dir: home.reading_dir(),
        wait,
        practice: simulator.as_ref().map(simulator::Running::customer),
        devices: Devices {
            counter: window,
            printer: true,
            font: Some(crate::ui::fonts::regular_ttf),
            sound: None,
        },
    })?;
    Ok(Running {
        log: runtime.spawn(logging::follow(till.notices())),
        till: Arc::new(till),
        webhook: None,
        window,
        _simulator: simulator,
    })
}

impl Running {
    /// Listens for the gateway's notices, where that is set. Without it everything works, only
    /// later: an address that can't be had is said and stops nothing.
    pub fn listen(&mut self) {
        let Some(webhook) = &self.till.settings().webhook else {
            return;
        };
        match Webhook::start(webhook.listen, Arc::clone(&self.till)) {
            Ok(webhook) => self.webhook = Some(webhook),
            Err(error) => super::warn_line(&error.to_string()),
        }
    }

    /// Stops the till and waits for the last slips of a command and the last lines of the log.
    pub fn close(self, runtime: &Runtime) {
        drop(self.webhook);
        if !self.window {
            runtime.block_on(self.till.printed(SLIPS));
        }
        drop(self.till);
        logging::finish(runtime, self.log);
    }
}
