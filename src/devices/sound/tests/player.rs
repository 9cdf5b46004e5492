//! Players that are shells: what they are given, and what happens to those that fail or hang.
#![cfg(unix)]

use super::super::player::{Player, has_card, play};
use super::super::render;
use super::*;
use std::path::{Path, PathBuf};
use std::time::Instant;

const GRACE: Duration = Duration::from_millis(300);

fn shell(script: &'static [&'static str; 2]) -> Player {
    Player {
        program: PathBuf::from("/bin/sh"),
        args: script,
    }
}

/// Keeps a copy of what it was given.
const COPIES: &[&str; 2] = &["-c", "cp \"$0\" \"$(dirname \"$0\")/heard\""];
const FAILS: &[&str; 2] = &["-c", "exit 1"];
const HANGS: &[&str; 2] = &["-c", "exec sleep 600"];

fn sound() -> Pcm {
    let tones = vec![Tone::Undone];
    let speech = None;
    render(&Announcement { tones, speech }, 100)
}

fn play_on(dir: &Path, players: &[Player]) -> Result<(), NoSound> {
    play(players, dir, &sound(), GRACE, &AtomicBool::new(false))
}

fn left(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap();
    names
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_player_is_given_a_wav_that_is_wiped_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(play_on(dir.path(), &[shell(COPIES)]), Ok(()));
    assert_eq!(left(dir.path()), ["heard"]);
    let heard = std::fs::read(dir.path().join("heard")).unwrap();
    assert_eq!(
        (&heard[..4], &heard[8..16]),
        (&b"RIFF"[..], &b"WAVEfmt "[..])
    );
    let number = |at: usize| u32::from_le_bytes(heard[at..at + 4].try_into().unwrap());
    assert_eq!(number(4) as usize, heard.len() - 8);
    assert_eq!(number(24), RATE);
    assert_eq!(number(40) as usize, heard.len() - 44);
    let samples: Vec<i16> = heard[44..]
        .chunks(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]))
        .collect();
    assert_eq!(Pcm(samples), sound());
}

#[test]
fn the_next_player_is_used_where_one_gives_up_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Player {
        program: dir.path().join("no-player"),
        args: &[],
    };
    let players = [missing, shell(FAILS), shell(COPIES)];
    assert_eq!(play_on(dir.path(), &players), Ok(()));
    assert_eq!(left(dir.path()), ["heard"]);
    let failed = play_on(dir.path(), &[shell(FAILS)]);
    assert!(matches!(failed, Err(NoSound::Failed(_))), "{failed:?}");
    assert_eq!(play_on(dir.path(), &[]), Err(NoSound::Nothing));
}

#[test]
fn a_player_that_hangs_is_killed_and_no_other_says_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let players = [shell(HANGS), shell(COPIES)];
    assert_eq!(play_on(dir.path(), &players), Err(NoSound::Hangs));
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(left(dir.path()).is_empty(), "wiped, and not said twice");
}

#[test]
fn a_player_is_ended_with_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let cancel = AtomicBool::new(true);
    let players = [shell(HANGS)];
    let forever = Duration::from_secs(600);
    assert_eq!(
        play(&players, dir.path(), &sound(), forever, &cancel),
        Ok(())
    );
    assert!(left(dir.path()).is_empty());
}

#[test]
fn a_machine_without_a_sound_card_has_nothing_for_aplay() {
    let card = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      at 0xf7";
    assert!(has_card(card));
    assert!(!has_card("--- no soundcards ---\n"));
    assert!(!has_card(""));
}
