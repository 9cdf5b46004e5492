//! An announcement as samples.

use super::clips::clips;
use super::{Announcement, Pcm, RATE, words};

/// Between two tones, and between a tone and the voice.
const AFTER_TONE_MS: u32 = 120;
/// Between a phrase and what follows it. Numbers follow each other without a gap.
const AFTER_PHRASE_MS: u32 = 60;

/// The samples of an announcement, at a volume of 0 to 100. Loudness as ears hear it: half the
/// volume sounds about half as loud.
pub fn render(announcement: &Announcement, volume: u32) -> Pcm {
    let mut samples: Vec<f32> = Vec::new();
    for tone in &announcement.tones {
        pause(&mut samples, AFTER_TONE_MS);
        samples.extend(tone.samples());
    }
    if let Some(speech) = &announcement.speech {
        pause(&mut samples, AFTER_TONE_MS);
        let clips = clips(speech.language);
        for word in words(speech) {
            let clip = clips.samples(word).unwrap_or_default();
            samples.extend(clip.into_iter().map(|s| f32::from(s) / 32768.0));
            if is_phrase(word) {
                pause(&mut samples, AFTER_PHRASE_MS);
            }
        }
    }
    let part = volume.min(100) as f32 / 100.0;
    let gain = part * part;
    let limit = f32::from(i16::MAX);
    let loud = |s: f32| (s * gain * limit).clamp(-limit, limit) as i16;
    Pcm(samples.into_iter().map(loud).collect())
}

/// Nothing before the first sound: it starts at once.
fn pause(samples: &mut Vec<f32>, ms: u32) {
    if !samples.is_empty() {
        let count = (ms * RATE / 1000) as usize;
        samples.resize(samples.len() + count, 0.0);
    }
}

fn is_phrase(word: &str) -> bool {
    word == "前一笔" || word.ends_with("到账") || word.contains(' ')
}
