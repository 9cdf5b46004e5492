//! What the camera's pipeline reads of drawn phones, and how long it takes, beside rqrr alone.
//!
//! `cargo bench --bench camera`. Each kind is drawn from fixed seeds (`benches/pictures`), 60
//! frames of 640×480 each, `SHOUYIN_BENCH_FRAMES` for more. Both readers get the same frames. The
//! times are those of the thread on the processor where the system tells them (Linux: to about
//! 4 ms, so the means say more than single frames), and the budget of 50 ms runs on the same
//! clock: other work on the machine changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs
)]

mod pictures;

use pictures::{Kind, Picture, picture};
use shouyin::devices::camera::{Budget, FRAME, Grey, read};
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// What one reader did with the frames of one kind.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    took: Vec<Duration>,
}

impl Score {
    fn add(&mut self, picture: &Picture, read: impl FnOnce() -> Option<String>) {
        let began = processor_time();
        let text = read();
        self.took.push(processor_time() - began);
        match text {
            Some(text) if text == picture.code => self.right += 1,
            Some(_) => self.wrong += 1,
            None => {}
        }
    }

    fn print(&mut self) -> String {
        self.took.sort();
        let at = |share: usize| {
            let n = (self.took.len() - 1) * share / 100;
            self.took[n].as_secs_f64() * 1000.0
        };
        let sum: Duration = self.took.iter().sum();
        format!(
            "{:6.1} % {:5} {:6.1} {:6.1} {:6.1}",
            100.0 * self.right as f64 / self.took.len() as f64,
            self.wrong,
            sum.as_secs_f64() * 1000.0 / self.took.len() as f64,
            at(95),
            at(100),
        )
    }

    fn join(&mut self, other: Score) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.took.extend(other.took);
    }
}

fn main() {
    let frames = std::env::var("SHOUYIN_BENCH_FRAMES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(60);
    // rqrr's panics are counted as nothing read, not printed.
    std::panic::set_hook(Box::new(|_| {}));
    println!("{frames} frames each; wrong reads; milliseconds: mean, 95 of 100, longest");
    println!("{:9} {:^36} | {:^36}", "", "pipeline", "rqrr alone");
    let (mut ours, mut theirs) = (Score::default(), Score::default());
    for kind in Kind::READABLE {
        let (one, other) = scores(kind, frames);
        print_row(kind.name(), one, other, Some((&mut ours, &mut theirs)));
    }
    print_row("all", ours, theirs, None);
    let (one, other) = scores(Kind::Decoy, frames);
    print_row("no code", one, other, None);
}

fn print_row(name: &str, mut one: Score, mut other: Score, all: Option<(&mut Score, &mut Score)>) {
    println!("{name:9} {:>36} | {:>36}", one.print(), other.print());
    if let Some((ours, theirs)) = all {
        ours.join(one);
        theirs.join(other);
    }
}

fn scores(kind: Kind, frames: u64) -> (Score, Score) {
    let (mut one, mut other) = (Score::default(), Score::default());
    for seed in 0..frames {
        let picture = picture(kind, seed);
        let grey = Grey::new(picture.width, picture.height, picture.grey.clone()).unwrap();
        one.add(&picture, || pipeline(&grey));
        other.add(&picture, || rqrr_alone(&grey));
    }
    (one, other)
}

fn pipeline(grey: &Grey) -> Option<String> {
    let mut budget = Budget::new(FRAME, &processor_time);
    read(grey, &mut budget).map(|found| found.text.expose().to_owned())
}

fn rqrr_alone(grey: &Grey) -> Option<String> {
    let read = || {
        let level = |x, y| grey.light()[y * grey.width() + x];
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(grey.width(), grey.height(), level);
        let grids = picture.detect_grids();
        grids.iter().find_map(|grid| grid.decode().ok())
    };
    catch_unwind(read).ok().flatten().map(|(_, text)| text)
}

/// This thread's time on the processor; else the wall clock's.
fn processor_time() -> Duration {
    thread_local!(static START: Instant = Instant::now());
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|stat| stat.split(' ').next()?.parse().ok())
        .map_or_else(|| START.with(Instant::elapsed), Duration::from_nanos)
}
