//! `shouyin settle`: runs the till without a window until nothing is open and nothing is due, and
//! prints what waits for the printer.

use super::signals::Interrupt;
use super::{Exit, Home, Outcome, print_line, running, runtime};
use crate::till::{Service, Till};
use std::time::Duration;

/// So long it prints what waits in the print queue.
const SLIPS: Duration = Duration::from_secs(60);

pub(super) fn run(home: &Home, seconds: Option<u64>, wait: Duration) -> Outcome {
    home.must_choose()?;
    let runtime = runtime()?;
    let mut interrupt = Interrupt::catch(&runtime)?;
    let mut running = running::open(home, &runtime, wait, false)?;
    running.listen();
    let limit = Duration::from_secs(seconds.unwrap_or(u64::MAX / 1_000_000));
    runtime.block_on(async {
        tokio::select! {
            () = async {
                settled(&running.till).await;
                running.till.printed(SLIPS).await;
            } => {}
            () = tokio::time::sleep(limit) => {}
            () = interrupt.came() => {}
        }
    });
    let left = running.till.pending();
    running.close(&runtime);
    print_line(&match left {
        0 => "没有未了结的账单".to_owned(),
        n => format!("还有 {n} 笔没有了结"),
    });
    Ok(if left == 0 { Exit::Done } else { Exit::Unknown })
}

async fn settled(till: &Till) {
    let mut snapshots = till.snapshots();
    while till.pending() > 0 {
        if snapshots.changed().await.is_err() {
            return;
        }
    }
}
