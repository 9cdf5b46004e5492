//! What waits to be said: in order, and not much of it.

use super::{Announcement, Done, NoSound};
use std::collections::VecDeque;

/// Announcements that wait while another is played: half a minute of speech. Beyond that the
/// oldest is out of date, and the screen has said it long ago.
pub const MOST: usize = 4;

/// One thing to be said.
pub struct Job {
    pub announcement: Announcement,
    /// 0 to 100.
    pub volume: u32,
    /// Whoever tries the sound out waits for this.
    pub done: Option<Done>,
}

impl Job {
    /// Tells whoever waits for it.
    pub fn end(self, result: Result<(), NoSound>) {
        if let Some(done) = self.done {
            done(result);
        }
    }
}

/// In the order in which it came.
#[derive(Default)]
pub struct Queue(VecDeque<Job>);

impl Queue {
    /// Gives back what has to go: the oldest mere sound, or else the oldest of all.
    pub fn push(&mut self, job: Job) -> Option<Job> {
        self.0.push_back(job);
        if self.0.len() <= MOST {
            return None;
        }
        let mute = |job: &Job| job.announcement.speech.is_none() && job.done.is_none();
        let oldest_sound = self.0.iter().position(mute).unwrap_or(0);
        self.0.remove(oldest_sound)
    }

    pub fn pop(&mut self) -> Option<Job> {
        self.0.pop_front()
    }
}
