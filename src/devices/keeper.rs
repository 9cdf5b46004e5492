//! A device's own thread: opens the device, works with it, and opens it again after it went away.
//!
//! Invariants: whoever holds the [`Keeper`] never waits for the device, except where it is dropped;
//! each state is told once.

use super::{DeviceError, DeviceState, Gone};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two tries to open: well under the 2 s in which a device must be back.
pub const REOPEN: Duration = Duration::from_millis(500);

/// A device as its thread sees it. All of it is called on that thread.
pub trait Kept: Send + 'static {
    /// The device while it is open.
    type Open;
    /// Opens it, or says why not. Must come back within half a second.
    fn open(&mut self) -> Result<Self::Open, Gone>;
    /// Works with it until it is gone; `None` soon (half a second) after `stop` was asked for.
    fn work(&mut self, open: Self::Open, stop: &Stop) -> Option<Gone>;
    /// Its state changed. Must not block.
    fn state(&mut self, state: DeviceState);
}

/// The running thread. Dropped, it ends the thread and waits for that, at most about half a second.
#[derive(Debug)]
pub struct Keeper {
    /// Dropped first: that is what tells the thread to end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread; `name` is the thread's. A device that is not there is no error: it is
    /// awaited, and looked for each `reopen`. The new thread first waits for the end of the one
    /// `before`, which may have the same device.
    ///
    /// # Errors
    ///
    /// The system gave no thread.
    pub fn start(
        name: &str,
        reopen: Duration,
        before: Option<Keeper>,
        device: impl Kept,
    ) -> Result<Keeper, DeviceError> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                drop(before);
                keep(device, &Stop(stopped), reopen);
            })?;
        Ok(Keeper {
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Ends the thread without waiting for it.
    pub fn leave(mut self) {
        self.thread = None;
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else {
            return;
        };
        // A sink that drops its device does so on the device's own thread.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

/// Tells a device's thread that nobody wants it any more.
#[derive(Debug)]
pub struct Stop(Receiver<()>);

impl Stop {
    /// The thread should end now.
    pub fn asked(&self) -> bool {
        self.within(Duration::ZERO)
    }

    /// Waits so long at most; true as soon as the thread should end.
    pub fn within(&self, wait: Duration) -> bool {
        self.0.recv_timeout(wait) != Err(RecvTimeoutError::Timeout)
    }
}

fn keep(mut device: impl Kept, stop: &Stop, reopen: Duration) {
    let mut shown = None;
    while !stop.asked() {
        let gone = match device.open() {
            Ok(open) => {
                show(&mut device, &mut shown, DeviceState::Ready);
                match device.work(open, stop) {
                    Some(gone) => gone,
                    None => return,
                }
            }
            Err(gone) => gone,
        };
        show(&mut device, &mut shown, DeviceState::Gone(gone));
        if stop.within(reopen) {
            return;
        }
    }
}

fn show(device: &mut impl Kept, shown: &mut Option<DeviceState>, state: DeviceState) {
    if state.is_news(shown.as_ref()) {
        *shown = Some(state.clone());
        device.state(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Instant;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// Opens as it is told to, and is gone at once or stays until stopped.
    struct Played {
        opens: Vec<Result<Option<Gone>, Gone>>,
        told: mpsc::Sender<DeviceState>,
    }

    impl Kept for Played {
        type Open = Option<Gone>;

        fn open(&mut self) -> Result<Option<Gone>, Gone> {
            self.opens.pop().unwrap_or(Err(missing()))
        }

        fn work(&mut self, open: Option<Gone>, stop: &Stop) -> Option<Gone> {
            if open.is_none() {
                assert!(stop.within(PATIENCE));
            }
            open
        }

        fn state(&mut self, state: DeviceState) {
            let _ = self.told.send(state);
        }
    }

    fn missing() -> Gone {
        Gone::Missing("/dev/x".into())
    }

    fn unplugged() -> Gone {
        Gone::Unplugged("/dev/x".into())
    }

    fn play(mut opens: Vec<Result<Option<Gone>, Gone>>) -> (Keeper, mpsc::Receiver<DeviceState>) {
        opens.reverse();
        let (told, heard) = mpsc::channel();
        let quick = Duration::from_millis(1);
        let keeper = Keeper::start("played", quick, None, Played { opens, told }).unwrap();
        (keeper, heard)
    }

    #[test]
    fn each_state_is_told_once_and_unplugged_stays() {
        let busy = Gone::Busy("/dev/x".into());
        let (keeper, heard) = play(vec![
            Err(missing()),
            Err(missing()),
            Ok(Some(unplugged())),
            Err(missing()),
            Err(busy.clone()),
            Err(busy.clone()),
            Ok(None),
        ]);
        let next = || heard.recv_timeout(PATIENCE).unwrap();
        assert_eq!(next(), DeviceState::Gone(missing()));
        assert_eq!(next(), DeviceState::Ready);
        assert_eq!(next(), DeviceState::Gone(unplugged()));
        assert_eq!(next(), DeviceState::Gone(busy));
        assert_eq!(next(), DeviceState::Ready);
        drop(keeper);
        assert!(heard.recv().is_err(), "the end is no state");
    }

    #[test]
    fn the_next_thread_waits_for_the_one_before_and_nobody_else_does() {
        const SLOW: Duration = Duration::from_secs(2);
        struct Slow(mpsc::Sender<&'static str>, &'static str);
        impl Kept for Slow {
            type Open = ();
            fn open(&mut self) -> Result<(), Gone> {
                let _ = self.0.send(self.1);
                Ok(())
            }
            fn work(&mut self, _: (), stop: &Stop) -> Option<Gone> {
                assert!(stop.within(PATIENCE));
                std::thread::sleep(SLOW);
                let _ = self.0.send("ended");
                None
            }
            fn state(&mut self, _: DeviceState) {}
        }
        let (told, heard) = mpsc::channel();
        let next = || heard.recv_timeout(PATIENCE).unwrap();
        let first = Keeper::start("first", REOPEN, None, Slow(told.clone(), "first")).unwrap();
        assert_eq!(next(), "first");
        let asked = Instant::now();
        let second = Keeper::start("second", REOPEN, Some(first), Slow(told, "second")).unwrap();
        assert!(asked.elapsed() < SLOW, "it waited");
        assert_eq!((next(), next()), ("ended", "second"));
        let asked = Instant::now();
        second.leave();
        assert!(asked.elapsed() < SLOW, "it waited");
        assert_eq!(next(), "ended");
    }
}
