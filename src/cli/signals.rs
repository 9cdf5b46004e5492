//! SIGINT, SIGTERM and the signal of a file that may not grow. They are caught from the moment a
//! command begins its work, so that none falls into the gap before it listens.

use super::Failure;
use tokio::runtime::Runtime;

/// SIGINT and SIGTERM, caught since this was made.
pub(super) struct Interrupt {
    #[cfg(unix)]
    int: tokio::signal::unix::Signal,
    #[cfg(unix)]
    term: tokio::signal::unix::Signal,
}

impl Interrupt {
    /// Catches both from now on.
    #[cfg(unix)]
    pub fn catch(runtime: &Runtime) -> Result<Interrupt, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let _inside = runtime.enter();
        let failed = |e| Failure::no(format!("接收不了系统信号：{e}"));
        let int = signal(SignalKind::interrupt()).map_err(failed)?;
        let term = signal(SignalKind::terminate()).map_err(failed)?;
        Ok(Interrupt { int, term })
    }

    /// Ctrl-C is all there is.
    #[cfg(not(unix))]
    pub fn catch(_: &Runtime) -> Result<Interrupt, Failure> {
        Ok(Interrupt {})
    }

    /// One of them came.
    #[cfg(unix)]
    pub async fn came(&mut self) {
        tokio::select! {
            _ = self.int.recv() => {}
            _ = self.term.recv() => {}
        }
    }

    /// Ctrl-C came.
    #[cfg(not(unix))]
    pub async fn came(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Where files may not grow (ulimit -f) a write shall fail like on a full disk, and not end the
/// process in the middle of a payment.
pub(super) fn survive_file_limits() {
    #[cfg(target_os = "linux")]
    {
        use tokio::signal::unix::{SignalKind, signal};
        /// SIGXFSZ.
        const FILE_TOO_LARGE: i32 = 25;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        if let Ok(runtime) = runtime {
            let _inside = runtime.enter();
            // Once caught it stays caught for the life of the process; nobody has to listen.
            let _ = signal(SignalKind::from_raw(FILE_TOO_LARGE));
        }
    }
}
