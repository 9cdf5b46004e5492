//! `shouyin`: the terminal itself. Closing the window ends the program; whatever is open then is
//! taken up by the next start.

use super::{Exit, Failure, Home, Outcome, logging, practice, runtime};
use crate::till::{Opening, Till};
use crate::ui;
use std::sync::Arc;
use std::time::Duration;

const NO_DISPLAY: &str =
    "没有可用的显示器，开不了窗口：请在桌面里启动，或检查 DISPLAY、WAYLAND_DISPLAY";

pub(super) fn run(home: &Home, wait: Duration) -> Outcome {
    if !ui::has_display() {
        return Err(Failure::wrong(NO_DISPLAY));
    }
    let runtime = runtime()?;
    let simulator = match home.is_live() {
        true => None,
        false => Some(practice::start(home, &runtime, wait)?),
    };
    logging::start(&home.reading_dir());
    let till = Till::open(Opening {
        dir: home.reading_dir(),
        wait,
        practice: simulator.as_ref().map(crate::simulator::Running::customer),
        devices: true,
    })?;
    let shown = ui::run(Arc::new(till), ui::Options::fitting());
    shown.map_err(|e| Failure::wrong(format!("开不了窗口：{e}")))?;
    drop(simulator);
    Ok(Exit::Done)
}
