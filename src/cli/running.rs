//! A running till as the commands and the window use it: with its practice gateway where it
//! practises, and its log.

use super::{Failure, Home, logging, practice};
use crate::simulator;
use crate::till::{Opening, Service, Till};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// A till, and what runs beside it.
pub(super) struct Running {
    pub till: Arc<Till>,
    log: JoinHandle<()>,
    _simulator: Option<simulator::Running>,
}

/// Opens the till of `home`; practice mode starts its gateway first. `devices`: use the scanner.
pub(super) fn open(
    home: &Home,
    runtime: &Runtime,
    wait: Duration,
    devices: bool,
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
        devices,
    })?;
    Ok(Running {
        log: runtime.spawn(logging::follow(till.notices())),
        till: Arc::new(till),
        _simulator: simulator,
    })
}

impl Running {
    /// Stops the till and waits for the last lines of its log.
    pub fn close(self, runtime: &Runtime) {
        drop(self.till);
        logging::finish(runtime, self.log);
    }
}
