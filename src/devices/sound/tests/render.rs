//! What it sounds like, as far as numbers tell: loudness, clicks, silence, pitch.

use super::super::clips::clips;
use super::super::{render, words};
use super::*;

fn tone(tone: Tone, volume: u32) -> Vec<i16> {
    let announcement = Announcement {
        tones: vec![tone],
        speech: None,
    };
    render(&announcement, volume).0
}

fn spoken(speech: Speech, volume: u32) -> Vec<i16> {
    let announcement = Announcement {
        tones: Vec::new(),
        speech: Some(speech),
    };
    render(&announcement, volume).0
}

fn peak(samples: &[i16]) -> i32 {
    samples.iter().map(|s| i32::from(*s).abs()).max().unwrap()
}

fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}

fn biggest_jump(samples: &[i16]) -> i32 {
    let pairs = samples.windows(2);
    pairs
        .map(|w| (i32::from(w[1]) - i32::from(w[0])).abs())
        .max()
        .unwrap()
}

/// Two pitches of one note.
fn same(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 0.03
}

/// The pitch of a part in Hz by its upward crossings of zero; `None` where it is quiet.
fn pitch(part: &[i16]) -> Option<f64> {
    let ups = part.windows(2).enumerate();
    let ups = ups.filter(|(_, w)| w[0] < 0 && w[1] >= 0).map(|(at, _)| at);
    let ups: Vec<usize> = ups.collect();
    let (first, last) = (ups.first()?, ups.last()?);
    let loud = loudness(part) > 1500.0 && last > first;
    loud.then(|| (ups.len() - 1) as f64 * f64::from(RATE) / (last - first) as f64)
}

/// The pitch of each note that is heard: loud, and the same for 40 ms; silence or another pitch
/// begins a new note.
fn notes(samples: &[i16]) -> Vec<f64> {
    let pitches: Vec<Option<f64>> = samples.chunks(RATE as usize / 50).map(pitch).collect();
    let mut notes = Vec::new();
    let mut sounds = None;
    for pair in pitches.windows(2) {
        match pair[0] {
            None => sounds = None,
            Some(now) if !pair[1].is_some_and(|next| same(now, next)) => {}
            Some(now) if sounds.is_some_and(|sounds| same(now, sounds)) => {}
            Some(now) => {
                sounds = Some(now);
                notes.push(now);
            }
        }
    }
    notes
}

#[test]
fn every_end_has_its_own_number_of_notes_or_its_own_direction() {
    let heard: Vec<Vec<f64>> = Tone::ALL.iter().map(|t| notes(&tone(*t, 100))).collect();
    let [paid, before, refused, unknown, undone] = heard.try_into().unwrap();
    assert!(paid.len() == 2 && paid[0] < paid[1], "up: {paid:?}");
    assert_eq!(before.len(), 4, "twice up: {before:?}");
    assert!(
        before[0] < before[1] && before[1] < paid[0],
        "lower: {before:?}"
    );
    assert!(
        refused.len() == 2 && refused[0] > refused[1],
        "down: {refused:?}"
    );
    assert!(refused[0] < paid[0], "lower: {refused:?}");
    assert_eq!(unknown.len(), 3, "three: {unknown:?}");
    assert!(unknown.iter().all(|n| same(*n, unknown[0])), "{unknown:?}");
    assert_eq!(undone.len(), 1, "one: {undone:?}");
}

#[test]
fn tones_are_plain_and_neither_clip_nor_click_at_full_volume() {
    for one in Tone::ALL {
        let samples = tone(one, 100);
        assert!(peak(&samples) > 6_000, "{one:?} is heard");
        assert!(peak(&samples) < 24_000, "{one:?} has room");
        assert!(samples[0] == 0 && samples[samples.len() - 1].abs() < 50);
        // A square edge would jump by twice the peak.
        assert!(biggest_jump(&samples) < peak(&samples), "{one:?}");
        let ms = samples.len() * 1000 / RATE as usize;
        assert!((200..700).contains(&ms), "{one:?} {ms} ms");
    }
}

#[test]
fn volume_goes_from_silence_to_full_and_never_beyond() {
    assert_eq!(peak(&tone(Tone::Paid, 0)), 0);
    let peaks: Vec<i32> = (1..=10).map(|v| peak(&tone(Tone::Paid, v * 10))).collect();
    assert!(peaks.windows(2).all(|w| w[0] < w[1]), "{peaks:?}");
    assert_eq!(tone(Tone::Paid, 1000), tone(Tone::Paid, 100));
}

#[test]
fn clips_are_of_one_loudness_without_clipping_clicks_or_silence_around_them() {
    for language in [Language::Chinese, Language::English] {
        let clips = clips(language);
        for name in clips.names() {
            let samples = clips.samples(name).unwrap();
            let ms = samples.len() * 1000 / RATE as usize;
            assert!((180..1300).contains(&ms), "{name} {ms} ms");
            assert!(peak(&samples) < 32_000, "{name} {}", peak(&samples));
            // The louder half of its windows, as ears judge loudness.
            let mut windows: Vec<f64> = samples.chunks(320).map(loudness).collect();
            windows.sort_by(f64::total_cmp);
            let loud = windows.split_off(windows.len() / 2);
            let mean = loud.iter().sum::<f64>() / loud.len() as f64;
            assert!((3_300.0..7_500.0).contains(&mean), "{name} {mean}");
            let (first, last) = (samples[0], samples[samples.len() - 1]);
            assert!(
                first.abs() < 200 && last.abs() < 400,
                "{name} {first} {last}"
            );
            let begins = samples.chunks(80).position(|c| loudness(c) > 150.0);
            assert!(begins.unwrap() * 5 < 80, "{name} begins late");
        }
    }
}

#[test]
fn a_sentence_starts_at_once_is_all_there_and_does_not_clip() {
    for language in [Language::Chinese, Language::English] {
        for fen in [1, 1234, 10_500, 1_001_050, 9_999_999] {
            let speech = speech(fen, language);
            let samples = spoken(speech, 100);
            assert!(peak(&samples) < 32_700);
            let of_clips: usize = words(&speech)
                .iter()
                .map(|w| clips(language).samples(w).unwrap().len())
                .sum();
            assert!(samples.len() >= of_clips);
            assert!(samples.len() < of_clips + RATE as usize / 5);
            let begins = samples.chunks(80).position(|c| loudness(c) > 150.0);
            assert!(begins.unwrap() * 5 < 50);
        }
    }
}

#[test]
fn the_tone_comes_before_the_voice_and_either_may_be_off() {
    let speech = speech(1234, Language::Chinese);
    let both = Announcement {
        tones: vec![Tone::Paid],
        speech: Some(speech),
    };
    let both = render(&both, 100).0;
    let (tone, voice) = (tone(Tone::Paid, 100), spoken(speech, 100));
    assert!(both.starts_with(&tone) && both.ends_with(&voice));
    assert!(both.len() < tone.len() + voice.len() + RATE as usize / 4);
    assert!(render(&Announcement::default(), 100).0.is_empty());
}

#[test]
fn the_usual_sentence_is_short() {
    let length = |fen, language| Pcm(spoken(speech(fen, language), 100)).length();
    assert!(length(1234, Language::Chinese) < Duration::from_secs(4));
    assert!(length(1234, Language::English) < Duration::from_secs(4));
    assert!(length(9_999_999, Language::Chinese) < Duration::from_secs(8));
}
