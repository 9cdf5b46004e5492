//! `shouyin`: the terminal itself. Closing the window ends the program; whatever is open then is
//! taken up by the next start.

use super::{Exit, Failure, Home, Outcome, practice, runtime};
use crate::till::{Opening, Till};
use crate::ui;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn run(home: &Home, wait: Duration) -> Outcome {
    if !has_display() {
        return Err(Failure::wrong(
            "没有显示器（DISPLAY 和 WAYLAND_DISPLAY 都没有设置），开不了窗口",
        ));
    }
    let runtime = runtime()?;
    let simulator = match home.is_live() {
        true => None,
        false => Some(practice::start(home, &runtime)?),
    };
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

#[cfg(all(unix, not(target_os = "macos")))]
fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn has_display() -> bool {
    true
}
