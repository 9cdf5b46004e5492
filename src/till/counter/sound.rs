//! Voice and sounds: what is said when a bill ends.
//!
//! Invariant: 到账 is said only for a bill whose success is recorded (I4), whose money was not given
//! back and which nothing contradicts; and once.

use crate::devices::sound::{Announcement, Machine, NoSound, SoundSink, Speaker, Speech, Tone};
use crate::domain::{BillNo, Fen, State, Wallet};
use crate::till::desk_calls::Reply;
use crate::till::engine::{Engine, Input};
use crate::till::service::{BillView, DeviceHealth, Said};
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

/// Bills that were spoken: an end is announced once, and again only beside a contradiction, which
/// is not spoken. So this is a second lock, and the latest are enough.
const MOST_SPOKEN: usize = 256;
/// What the test says.
const TESTED: Fen = Fen(12);

static MACHINE: Machine = Machine;

/// The speaker's thread.
#[derive(Default)]
pub(in crate::till) struct Speaking {
    speaker: Option<Speaker>,
    /// There is something to play on.
    there: bool,
    spoken: VecDeque<BillNo>,
}

impl Speaking {
    /// For the top bar: nothing where it is off or where there is no sound, which is no fault.
    pub fn health(&self) -> Option<DeviceHealth> {
        (self.speaker.is_some() && self.there).then_some(DeviceHealth::Ready)
    }
}

impl Engine {
    /// Volume, language and which sounds there are is read when something is said; here it is only
    /// whether anything ever is.
    pub(super) fn start_sound(&mut self) {
        let settings = &self.settings.sound;
        let speaking = &mut self.counter.speaking;
        if !self.counter.used.counter || !(settings.sounds || settings.voice) {
            speaking.speaker = None;
            speaking.there = false;
            return;
        }
        if speaking.speaker.is_some() {
            return;
        }
        let output = self.counter.used.sound.unwrap_or(&MACHINE);
        let sink = Arc::new(Sink(Mutex::new(self.outbox.clone())));
        speaking.speaker = Speaker::start(output, sink)
            .inspect_err(|error| tracing::error!(%error, "no sound"))
            .ok();
    }

    /// Only a confirmed, recorded success is spoken.
    pub(super) fn speak(&mut self, bill: &BillView, on_stage: bool) {
        let settings = self.settings.sound;
        let Some(tone) = tone(bill, on_stage) else {
            return;
        };
        let speaks = matches!(tone, Tone::Paid | Tone::PaidBefore)
            && !self.counter.speaking.spoken.contains(&bill.bill_no);
        let announcement = Announcement {
            tones: Vec::from_iter(settings.sounds.then_some(tone)),
            speech: (settings.voice && speaks).then_some(Speech {
                language: self.settings.shop.language,
                before: !on_stage,
                wallet: bill.wallet,
                amount: bill.amount,
            }),
        };
        if speaks {
            self.counter.speaking.remember(&bill.bill_no);
        }
        let audible = announcement != Announcement::default() && settings.volume > 0;
        if let Some(speaker) = self.counter.speaking.speaker.as_ref().filter(|_| audible) {
            speaker.say(announcement, settings.volume);
        }
    }

    /// Every sound, and a success that nobody can mistake for one of today's.
    pub(super) fn test_sound(&mut self, reply: Reply<Result<(), Said>>) {
        let settings = self.settings.sound;
        let Some(speaker) = &self.counter.speaking.speaker else {
            let _ = reply.send(Err(away("声音和语音都已关闭，请先打开")));
            return;
        };
        if settings.volume == 0 {
            let _ = reply.send(Err(away("音量为 0，请先调大")));
            return;
        }
        let announcement = Announcement {
            tones: match settings.sounds {
                true => Tone::ALL.to_vec(),
                false => Vec::new(),
            },
            speech: settings.voice.then_some(Speech {
                language: self.settings.shop.language,
                before: false,
                wallet: Some(Wallet::Alipay),
                amount: TESTED,
            }),
        };
        let done = move |played: Result<(), NoSound>| {
            let _ = reply.send(played.map_err(|why| away(&why.to_string())));
        };
        speaker.test(announcement, settings.volume, Box::new(done));
    }
}

impl Speaking {
    fn remember(&mut self, bill_no: &BillNo) {
        if self.spoken.len() >= MOST_SPOKEN {
            self.spoken.pop_front();
        }
        self.spoken.push_back(bill_no.clone());
    }
}

fn away(why: &str) -> Said {
    Said::DeviceAway(why.to_owned())
}

/// How it ended, as a sound. Only the two of Paid may be followed by the voice.
fn tone(bill: &BillView, on_stage: bool) -> Option<Tone> {
    if bill.unrecorded || bill.incident.is_some() {
        return Some(Tone::Unknown);
    }
    match bill.state {
        State::Paid if bill.returned => Some(Tone::Undone),
        State::Paid if on_stage => Some(Tone::Paid),
        State::Paid => Some(Tone::PaidBefore),
        State::Refused | State::NotSent => Some(Tone::Refused),
        // Nothing more will come of these; they are no failure that anybody has to act on.
        State::Reverted | State::Expired => Some(Tone::Undone),
        // Watched: it may still be paid.
        State::Unresolved | State::Watching => Some(Tone::Unknown),
        State::Sent | State::Awaiting | State::Closing => None,
    }
}

/// Whether there is sound goes to the engine's thread.
struct Sink(Mutex<Sender<Input>>);

impl SoundSink for Sink {
    fn sound(&self, there: bool) {
        let visit = move |engine: &mut Engine| engine.counter.speaking.there = there;
        if let Ok(outbox) = self.0.lock() {
            let _ = outbox.send(Input::Visit(Box::new(visit)));
        }
    }
}
