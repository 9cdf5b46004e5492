//! `shouyin`: the terminal itself. Closing the window ends the program; whatever is open then is
//! taken up by the next start.

use super::{Exit, Failure, Home, Outcome, running, runtime};
use crate::till::Service;
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
    let mut running = running::open(home, &runtime, wait, true)?;
    running.listen();
    let shown = ui::run(
        Arc::clone(&running.till) as Arc<dyn Service>,
        ui::Options::fitting(),
    );
    running.close(&runtime);
    shown.map_err(|e| Failure::wrong(format!("开不了窗口：{e}")))?;
    Ok(Exit::Done)
}
