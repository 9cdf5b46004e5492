//! The thread, with outputs that play nothing: order, bounds, failures.

use super::super::queue::MOST;
use super::super::render;
use super::super::speaker::Patience;
use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Nothing that is waited for takes longer, on however busy a machine.
const LONG: Duration = Duration::from_secs(30);
const QUICK: Patience = Patience {
    grace: Duration::from_millis(100),
    again: Duration::from_millis(400),
};

/// What the output does with a sound.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Play,
    /// Plays it when the test says so.
    Wait,
    Fail,
    Panic,
    /// Until it is cancelled.
    Hang,
}

struct Fake {
    does: Mutex<Does>,
    played: Mutex<Sender<(Pcm, Instant)>>,
    go_on: Mutex<Receiver<()>>,
    cancelled: AtomicUsize,
}

struct Told(Mutex<Sender<bool>>);

impl SoundSink for Told {
    fn sound(&self, there: bool) {
        let _ = self.0.lock().unwrap().send(there);
    }
}

impl Output for Fake {
    fn is_there(&self) -> bool {
        *self.does.lock().unwrap() != Does::Fail
    }

    fn play(&self, pcm: &Pcm, cancel: &AtomicBool) -> Result<(), NoSound> {
        let now = Instant::now();
        let does = *self.does.lock().unwrap();
        let _ = self.played.lock().unwrap().send((pcm.clone(), now));
        match does {
            Does::Play => {}
            Does::Wait => {
                let _ = self.go_on.lock().unwrap().recv();
            }
            Does::Fail => return Err(NoSound::Nothing),
            Does::Panic => panic!("a sound library's bug"),
            Does::Hang => {
                while !cancel.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                self.cancelled.fetch_add(1, Ordering::SeqCst);
                // Even then it takes its time.
                let _ = self.go_on.lock().unwrap().recv();
            }
        }
        Ok(())
    }
}

struct Bench {
    speaker: Option<Speaker>,
    fake: &'static Fake,
    played: Receiver<(Pcm, Instant)>,
    go_on: Sender<()>,
    told: Receiver<bool>,
}

impl Bench {
    fn new(does: Does) -> Bench {
        let (played, is_played) = channel();
        let (go_on, goes_on) = channel();
        let (told, is_told) = channel();
        let fake: &'static Fake = Box::leak(Box::new(Fake {
            does: Mutex::new(does),
            played: Mutex::new(played),
            go_on: Mutex::new(goes_on),
            cancelled: AtomicUsize::new(0),
        }));
        let sink = Arc::new(Told(Mutex::new(told)));
        Bench {
            speaker: Some(Speaker::start_with(fake, sink, QUICK).unwrap()),
            fake,
            played: is_played,
            go_on,
            told: is_told,
        }
    }

    fn say(&self, announcement: &Announcement) {
        let speaker = self.speaker.as_ref().unwrap();
        speaker.say(announcement.clone(), 80);
    }

    fn test(&self) -> Receiver<Result<(), NoSound>> {
        let (done, is_done) = channel();
        let done = Box::new(move |result| done.send(result).unwrap());
        let speaker = self.speaker.as_ref().unwrap();
        speaker.test(paid(12), 80, done);
        is_done
    }

    fn does(&self, does: Does) {
        *self.fake.does.lock().unwrap() = does;
    }

    fn next(&self) -> Pcm {
        self.played.recv_timeout(LONG).unwrap().0
    }

    fn until_cancelled(&self) {
        let end = Instant::now() + LONG;
        while self.fake.cancelled.load(Ordering::SeqCst) == 0 {
            assert!(Instant::now() < end, "never cancelled");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn nothing_more(&self) {
        let more = self.played.recv_timeout(Duration::from_millis(150));
        assert!(more.is_err(), "it went on");
    }
}

fn paid(fen: i64) -> Announcement {
    Announcement {
        tones: vec![Tone::Paid],
        speech: Some(speech(fen, Language::Chinese)),
    }
}

fn mere(tone: Tone) -> Announcement {
    Announcement {
        tones: vec![tone],
        speech: None,
    }
}

fn pcm(announcement: &Announcement) -> Pcm {
    render(announcement, 80)
}

#[test]
fn it_starts_within_half_a_second() {
    let bench = Bench::new(Does::Play);
    for fen in [1234, 9_999_999, 10_500] {
        let asked = Instant::now();
        bench.say(&paid(fen));
        let (heard, at) = bench.played.recv_timeout(LONG).unwrap();
        assert_eq!(heard, pcm(&paid(fen)));
        let took = at.duration_since(asked);
        assert!(took < Duration::from_millis(500), "{took:?}");
    }
    assert_eq!(bench.told.recv_timeout(LONG), Ok(true));
}

#[test]
fn three_payments_in_two_seconds_are_each_said_and_in_order() {
    let bench = Bench::new(Does::Wait);
    for fen in [100, 200, 300] {
        bench.say(&paid(fen));
    }
    for fen in [100, 200, 300] {
        assert_eq!(bench.next(), pcm(&paid(fen)));
        bench.go_on.send(()).unwrap();
    }
    bench.nothing_more();
}

#[test]
fn of_too_many_the_mere_sounds_go_first_and_then_the_oldest() {
    let bench = Bench::new(Does::Wait);
    bench.say(&paid(1));
    assert_eq!(bench.next(), pcm(&paid(1)));
    // While that is being said.
    bench.say(&paid(2));
    bench.say(&mere(Tone::Refused));
    for fen in 3..=6 {
        bench.say(&paid(fen));
    }
    assert_eq!(MOST, 4);
    for fen in 3..=6 {
        bench.go_on.send(()).unwrap();
        assert_eq!(bench.next(), pcm(&paid(fen)));
    }
    bench.go_on.send(()).unwrap();
    bench.nothing_more();
}

#[test]
fn asking_never_waits_however_long_something_plays() {
    let bench = Bench::new(Does::Wait);
    bench.say(&paid(1));
    bench.next();
    let began = Instant::now();
    for fen in 0..1000 {
        bench.say(&paid(fen));
    }
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[test]
fn an_output_that_hangs_is_given_up_and_nothing_is_played_beside_it() {
    let bench = Bench::new(Does::Hang);
    assert_eq!(bench.told.recv_timeout(LONG), Ok(true));
    bench.say(&mere(Tone::Paid));
    bench.next();
    assert_eq!(bench.told.recv_timeout(LONG), Ok(false), "given up");
    bench.until_cancelled();
    bench.does(Does::Play);
    let tested = bench.test().recv_timeout(LONG).unwrap();
    assert_eq!(tested, Err(NoSound::Hangs));
    bench.nothing_more();
    // It has ended at last.
    bench.go_on.send(()).unwrap();
    let end = Instant::now() + LONG;
    while bench.test().recv_timeout(LONG).unwrap().is_err() {
        assert!(Instant::now() < end);
    }
    assert_eq!(bench.told.recv_timeout(LONG), Ok(true));
}

#[test]
fn a_bug_in_an_output_ends_one_sound_only() {
    let bench = Bench::new(Does::Panic);
    let tested = bench.test().recv_timeout(LONG).unwrap();
    assert!(matches!(tested, Err(NoSound::Failed(_))), "{tested:?}");
    bench.does(Does::Play);
    assert_eq!(bench.test().recv_timeout(LONG).unwrap(), Ok(()));
}

#[test]
fn without_a_sound_server_it_is_silent_and_comes_back_with_it() {
    let bench = Bench::new(Does::Fail);
    assert_eq!(bench.told.recv_timeout(LONG), Ok(false));
    bench.say(&paid(1));
    bench.next();
    // Not tried again for every announcement, and what was not said is not said later.
    bench.say(&paid(2));
    bench.say(&paid(3));
    bench.nothing_more();
    bench.does(Does::Play);
    std::thread::sleep(QUICK.again);
    bench.say(&paid(4));
    assert_eq!(bench.next(), pcm(&paid(4)));
    assert_eq!(bench.told.recv_timeout(LONG), Ok(true));
    // Nothing is tried while nothing is to be said.
    bench.nothing_more();
}

#[test]
fn a_test_says_what_is_wrong_at_once() {
    let bench = Bench::new(Does::Fail);
    for _ in 0..2 {
        let tested = bench.test().recv_timeout(LONG).unwrap();
        assert_eq!(tested, Err(NoSound::Nothing));
    }
    bench.does(Does::Play);
    assert_eq!(bench.test().recv_timeout(LONG).unwrap(), Ok(()));
}

#[test]
fn the_end_of_the_program_ends_what_is_played_and_waits_for_nothing() {
    let mut bench = Bench::new(Does::Hang);
    bench.say(&paid(9_999_999));
    bench.next();
    let began = Instant::now();
    bench.speaker = None;
    assert!(began.elapsed() < Duration::from_millis(500));
    bench.until_cancelled();
}
