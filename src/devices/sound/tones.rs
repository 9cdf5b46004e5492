//! The short sounds, made of sines. They differ in how many notes they have and where those go,
//! not only in pitch, so that nobody needs a good ear.

use super::RATE;
use std::f32::consts::TAU;

/// A short sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Paid: two notes up.
    Paid,
    /// Paid, but not what people are looking at: twice two lower notes up.
    PaidBefore,
    /// Refused or never sent, so not paid: two notes down, the last one long.
    Refused,
    /// Nobody knows yet, or it contradicts itself: three times the same note.
    Unknown,
    /// Undone or expired: one soft low note.
    Undone,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Tone; 5] = [
        Tone::Paid,
        Tone::PaidBefore,
        Tone::Refused,
        Tone::Unknown,
        Tone::Undone,
    ];

    fn notes(self) -> &'static [Note] {
        match self {
            Tone::Paid => &PAID,
            Tone::PaidBefore => &PAID_BEFORE,
            Tone::Refused => &REFUSED,
            Tone::Unknown => &UNKNOWN,
            Tone::Undone => &UNDONE,
        }
    }

    /// Between -1 and 1, at [`RATE`]; begins and ends at silence.
    pub fn samples(self) -> Vec<f32> {
        self.notes()
            .iter()
            .flat_map(|note| note.samples())
            .collect()
    }
}

/// A note, or a rest.
struct Note {
    hz: f32,
    ms: u32,
    /// The highest sample.
    level: f32,
}

const fn note(hz: f32, ms: u32, level: f32) -> Note {
    Note { hz, ms, level }
}

const fn rest(ms: u32) -> Note {
    note(0.0, ms, 0.0)
}

const PAID: [Note; 2] = [note(784.0, 110, 0.5), note(1047.0, 260, 0.5)];
const PAID_BEFORE: [Note; 5] = [
    note(523.0, 90, 0.4),
    note(659.0, 120, 0.4),
    rest(70),
    note(523.0, 90, 0.4),
    note(659.0, 180, 0.4),
];
const REFUSED: [Note; 2] = [note(440.0, 170, 0.55), note(294.0, 380, 0.55)];
const UNKNOWN: [Note; 5] = [
    note(622.0, 110, 0.5),
    rest(90),
    note(622.0, 110, 0.5),
    rest(90),
    note(622.0, 160, 0.5),
];
const UNDONE: [Note; 1] = [note(349.0, 240, 0.3)];

/// Rise and fall of a note: shorter would click.
const RISE: f32 = 0.006;
const FALL: f32 = 0.025;
/// The note and its first overtones: small speakers play those where they can't play the note.
const PARTIALS: [(f32, f32); 3] = [(1.0, 0.7), (2.0, 0.2), (3.0, 0.1)];

impl Note {
    fn samples(&self) -> impl Iterator<Item = f32> + '_ {
        let count = self.ms * RATE / 1000;
        let length = self.ms as f32 / 1000.0;
        (0..count).map(move |i| {
            let at = i as f32 / RATE as f32;
            let wave: f32 = PARTIALS
                .iter()
                .map(|(times, share)| share * (TAU * self.hz * times * at).sin())
                .sum();
            let rise = (at / RISE).min(1.0);
            let fall = ((length - at) / FALL).clamp(0.0, 1.0);
            // It fades a little, as a bell does.
            let bell = 1.0 - 0.4 * at / length;
            self.level * wave * rise * fall * bell
        })
    }
}
