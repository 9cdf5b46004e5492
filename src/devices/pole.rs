//! The pole display: a small text for the customer, on a serial line, a device file or a file.
//!
//! Whoever has something to show never waits: the newest text replaces the one that was not sent
//! yet, each write is bounded, and after the display was unplugged the current text comes again.
//! The thread sleeps until there is another text, and looks twice a second whether the path still
//! names the same device.

mod port;
mod wire;

use super::{DeviceError, DeviceState, Gone};
use crate::domain::Fen;
use crate::domain::config::PoleSettings;
use port::Port;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use port::look_for;

/// Between two tries to open.
const REOPEN: Duration = Duration::from_millis(500);
/// How often an idle thread looks whether the device is still there.
const IDLE: Duration = Duration::from_millis(500);
/// The longest write: 50 bytes at 300 baud take 1.7 s.
const WRITE: Duration = Duration::from_secs(3);
/// How long a try-out stays.
const TRIED: Duration = Duration::from_secs(3);
/// What a try-out shows.
const TRIED_AMOUNT: Fen = Fen(8_888);

/// What a pole display shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PoleText {
    /// Nothing.
    #[default]
    Blank,
    /// An amount, and what is said about it.
    Amount(Fen, Says),
}

/// What is said about an amount: one line where the display has letters, a lamp where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// To pay: the customer shows a payment code.
    ShowCode,
    /// To pay: the customer scans the code on the screen.
    Scan,
    /// The customer confirms on the phone.
    Confirm,
    /// Nothing to do for the customer; above all, not to pay again.
    Wait,
    /// It is paid.
    Paid,
    /// It was not paid, and is still due.
    NotPaid,
    /// It is not due any more.
    Cancelled,
    /// A try-out.
    Test,
}

/// Whoever wants to know how the display is. Called from its own thread: it must not block.
pub trait PoleSink: Send + Sync {
    /// The display's state changed.
    fn state(&self, state: DeviceState);
}

/// Told once: whether a try-out was sent. Called from the display's thread: it must not block.
pub type Tried = Box<dyn FnOnce(Result<(), Gone>) + Send>;

/// A running pole display. Dropped, it ends by itself and clears the display: nobody waits for a
/// line that may hang.
#[derive(Debug)]
pub struct Pole {
    shared: Arc<Shared>,
}

impl Pole {
    /// Starts the thread. A display that is not there is no error: it is awaited.
    ///
    /// # Errors
    ///
    /// The system gave no thread.
    pub fn start(settings: PoleSettings, sink: Arc<dyn PoleSink>) -> Result<Pole, DeviceError> {
        let shared = Arc::new(Shared::default());
        let runner = Runner {
            settings,
            sink,
            shared: Arc::clone(&shared),
            told: None,
            tried: None,
        };
        std::thread::Builder::new()
            .name("pole".to_owned())
            .spawn(move || runner.run())?;
        Ok(Pole { shared })
    }

    /// Shows this from now on. Never waits for the display.
    pub fn show(&self, text: PoleText) {
        self.shared.change(|wish| wish.text = text);
    }

    /// Shows 88.88 for 3 s, then the current text again. One that was asked for before and not
    /// begun is told that the display is busy.
    pub fn try_out(&self, tried: Tried) {
        let mut before = None;
        self.shared
            .change(|wish| before = wish.tried.replace(tried));
        if let Some(before) = before {
            before(Err(Gone::Busy("客显".to_owned())));
        }
    }
}

impl Drop for Pole {
    fn drop(&mut self) {
        self.shared.change(|wish| wish.stop = true);
    }
}

/// What is wished for; only the newest counts.
#[derive(Default)]
struct Wish {
    text: PoleText,
    tried: Option<Tried>,
    stop: bool,
}

#[derive(Default)]
struct Shared {
    wish: Mutex<Wish>,
    changed: Condvar,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared(…)")
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Wish)) {
        change(&mut self.lock());
        self.changed.notify_one();
    }

    /// Waits until there is something to do, at most so long.
    fn wait(&self, at_most: Duration, is_idle: impl Fn(&Wish) -> bool) -> MutexGuard<'_, Wish> {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), at_most, |wish| !wish.stop && is_idle(wish));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

struct Runner {
    settings: PoleSettings,
    sink: Arc<dyn PoleSink>,
    shared: Arc<Shared>,
    /// The state that was last told.
    told: Option<DeviceState>,
    /// Until when a try-out stays.
    tried: Option<Instant>,
}

impl Runner {
    fn run(mut self) {
        loop {
            let gone = match Port::open(&self.settings.target) {
                Ok(port) => match self.serve(port) {
                    Some(gone) => gone,
                    None => return,
                },
                Err(gone) => gone,
            };
            // Whoever tries it out is told now, and not when somebody has plugged it in.
            if let Some(tried) = self.shared.lock().tried.take() {
                tried(Err(gone.clone()));
            }
            self.tell(DeviceState::Gone(gone));
            if self.shared.wait(REOPEN, |_| true).stop {
                return;
            }
        }
    }

    fn tell(&mut self, state: DeviceState) {
        // Unplugged says more than the Missing that every try to open it again finds.
        let same = match (&self.told, &state) {
            (Some(DeviceState::Gone(Gone::Unplugged(_))), DeviceState::Gone(Gone::Missing(_))) => {
                true
            }
            (Some(told), state) => told == state,
            (None, _) => false,
        };
        if !same {
            self.told = Some(state.clone());
            self.sink.state(state);
        }
    }

    /// Shows the newest text until the display is gone; `None` when it is not wanted any more.
    fn serve(&mut self, mut port: Port) -> Option<Gone> {
        // What a display shows that was just plugged in, nobody knows.
        let mut shown = None;
        loop {
            let (text, tried) = match self.next(shown) {
                Next::Stop => {
                    // The last customer's amount does not stay behind.
                    let _ =
                        port.write(&wire::bytes(self.settings.protocol, PoleText::Blank), WRITE);
                    return None;
                }
                Next::Show(text, tried) => (text, tried),
            };
            if shown == Some(text) && tried.is_none() {
                if !port.is_there() {
                    return Some(port.unplugged());
                }
                continue;
            }
            let mut bytes = wire::bytes(self.settings.protocol, text);
            if shown.is_none() {
                bytes.splice(0..0, wire::AFRESH);
            }
            let written = port.write(&bytes, WRITE);
            if let Some(tried) = tried {
                tried(written.clone());
            }
            if let Err(gone) = written {
                return Some(gone);
            }
            shown = Some(text);
            self.tell(DeviceState::Ready);
        }
    }

    /// Waits for the next text, or for the time to look after the device.
    fn next(&mut self, shown: Option<PoleText>) -> Next {
        let trying = self.tried;
        let left = trying.map(|until| until.saturating_duration_since(Instant::now()));
        let at_most = left.map_or(IDLE, |left| left.min(IDLE));
        let is_idle = |wish: &Wish| {
            wish.tried.is_none()
                && shown.is_some()
                && (trying.is_some() || shown == Some(wish.text))
        };
        let mut wish = self.shared.wait(at_most, is_idle);
        if wish.stop {
            return Next::Stop;
        }
        let (text, tried) = (wish.text, wish.tried.take());
        drop(wish);
        let now = Instant::now();
        if tried.is_some() {
            self.tried = Some(now + TRIED);
        }
        self.tried = self.tried.filter(|until| *until > now);
        match self.tried {
            Some(_) => Next::Show(PoleText::Amount(TRIED_AMOUNT, Says::Test), tried),
            None => Next::Show(text, tried),
        }
    }
}

enum Next {
    Stop,
    Show(PoleText, Option<Tried>),
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
