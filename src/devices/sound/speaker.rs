//! The speaker's thread: takes what is to be said in order, and lets one output after the other
//! play it. It sleeps while there is nothing to say: a sound server that went away is looked for
//! when there is something to say again.

use super::queue::{Job, Queue};
use super::{Announcement, NoSound, Output, Pcm, SoundSink, render};
use crate::devices::DeviceError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For an output, beyond the sound's own length.
    pub grace: Duration,
    /// After an output failed, it is left alone for this long.
    pub again: Duration,
}

/// Longer than the outputs' own, which know better what to end.
const USUAL: Patience = Patience {
    grace: Duration::from_secs(6),
    again: Duration::from_secs(3),
};

/// Told once when what it belongs to was played, or why not. Called from the speaker's thread.
pub type Done = Box<dyn FnOnce(Result<(), NoSound>) + Send>;

/// A running speaker. Dropping it ends what is being played, and waits for nothing.
pub struct Speaker {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Speaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Speaker")
    }
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    woken: Condvar,
    stop: AtomicBool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole after every line that touches it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits for the next; `None` is the end.
    fn next(&self) -> Option<Job> {
        let mut queue = self.queue();
        loop {
            if self.is_stopped() {
                return None;
            }
            if let Some(job) = queue.pop() {
                return Some(job);
            }
            queue = self
                .woken
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Speaker {
    /// Starts the thread. That there is nothing to play on is no error.
    pub fn start(
        output: &'static dyn Output,
        sink: Arc<dyn SoundSink>,
    ) -> Result<Speaker, DeviceError> {
        Speaker::start_with(output, sink, USUAL)
    }

    /// With other times.
    pub(super) fn start_with(
        output: &'static dyn Output,
        sink: Arc<dyn SoundSink>,
        patience: Patience,
    ) -> Result<Speaker, DeviceError> {
        let shared = Arc::new(Shared::default());
        let runner = Runner {
            shared: Arc::clone(&shared),
            output,
            sink,
            patience,
            told: None,
            failed: None,
            hanging: None,
        };
        std::thread::Builder::new()
            .name("speaker".to_owned())
            .spawn(move || runner.run())?;
        Ok(Speaker { shared })
    }

    /// Says this when everything before it was said. Never waits. Volume is 0 to 100.
    pub fn say(&self, announcement: Announcement, volume: u32) {
        self.put(Job {
            announcement,
            volume,
            done: None,
        });
    }

    /// Says this and tells `done` how it went.
    pub fn test(&self, announcement: Announcement, volume: u32, done: Done) {
        self.put(Job {
            announcement,
            volume,
            done: Some(done),
        });
    }

    fn put(&self, job: Job) {
        let dropped = self.shared.queue().push(job);
        self.shared.woken.notify_one();
        if let Some(dropped) = dropped {
            dropped.end(Err(NoSound::Dropped));
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        // Under the lock: the thread is either before its look at `stop`, or waits already.
        let queue = self.shared.queue();
        self.shared.stop.store(true, Ordering::Release);
        drop(queue);
        self.shared.woken.notify_all();
    }
}

struct Runner {
    shared: Arc<Shared>,
    output: &'static dyn Output,
    sink: Arc<dyn SoundSink>,
    patience: Patience,
    /// What the sink was last told.
    told: Option<bool>,
    /// When an output last failed.
    failed: Option<Instant>,
    /// An output that did not come back: nothing else is played until it does.
    hanging: Option<Receiver<Result<(), NoSound>>>,
}

impl Runner {
    fn run(mut self) {
        self.tell(self.output.is_there());
        while let Some(job) = self.shared.next() {
            let result = self.play(&job);
            if let Some(heard) = heard(&result) {
                self.tell(heard);
            }
            job.end(result);
        }
    }

    fn tell(&mut self, there: bool) {
        if self.told != Some(there) {
            self.told = Some(there);
            self.sink.sound(there);
            tracing::debug!(there, "sound");
        }
    }

    fn play(&mut self, job: &Job) -> Result<(), NoSound> {
        if let Some(hanging) = &self.hanging {
            if hanging.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                return Err(NoSound::Hangs);
            }
            self.hanging = None;
        }
        // A person who tries it out gets an answer about now.
        let lately = self
            .failed
            .is_some_and(|at| at.elapsed() < self.patience.again);
        if lately && job.done.is_none() {
            return Err(NoSound::Nothing);
        }
        let pcm = render(&job.announcement, job.volume);
        let result = self.play_elsewhere(pcm);
        self.failed = result.is_err().then(Instant::now);
        result
    }

    /// On a thread of its own: whatever a sound server or a player does, this one goes on.
    fn play_elsewhere(&mut self, pcm: Pcm) -> Result<(), NoSound> {
        let (ended, end) = channel();
        let wait = pcm.length() + self.patience.grace;
        let given_up = Arc::new(AtomicBool::new(false));
        let cancel = Arc::clone(&given_up);
        let output = self.output;
        std::thread::Builder::new()
            .name("sound".to_owned())
            .spawn(move || {
                let _ = ended.send(output.play(&pcm, &cancel));
            })
            .map_err(|error| NoSound::Failed(error.to_string()))?;
        let until = Instant::now() + wait;
        loop {
            // Woken now and then only while something plays, to see whether the program ends.
            let left = until.saturating_duration_since(Instant::now());
            match end.recv_timeout(left.min(Duration::from_millis(100))) {
                Ok(result) => return result,
                // It panicked; its thread is gone.
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(NoSound::Failed("内部错误".to_owned()));
                }
                Err(RecvTimeoutError::Timeout) if self.shared.is_stopped() => {
                    given_up.store(true, Ordering::Release);
                    return Ok(());
                }
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    given_up.store(true, Ordering::Release);
                    self.hanging = Some(end);
                    return Err(NoSound::Hangs);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// What a result says about whether there is sound; nothing, where it was not even tried.
fn heard(result: &Result<(), NoSound>) -> Option<bool> {
    match result {
        Ok(()) => Some(true),
        Err(NoSound::Dropped) => None,
        Err(_) => Some(false),
    }
}
