//! The scanner that is read from its device.

use crate::devices::scanner::Scanner;
use crate::devices::{DeviceState, ScanSink};
use crate::domain::scan::Framed;
use crate::till::desk_calls::Reply;
use crate::till::engine::{Engine, Input};
use crate::till::service::{DeviceHealth, Said, ScanText};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// So many scans may come at once, and one more each [`EACH`]: more than hands can do. What a
/// flooding scanner sends beyond that is dropped on its own thread.
const AT_ONCE: u32 = 8;
const EACH: Duration = Duration::from_millis(250);

const FLOODED: &str = "扫码枪不停地发送，多余的没有理会，请检查扫码枪";
const NOT_SET: &str = "没有设置要直接读取的扫码枪；键盘扫码枪不需要设置，扫一下就能试";
const STARTING: &str = "正在打开扫码枪，请过一会儿再试";

/// The scanner's thread, where one is set.
#[derive(Default)]
pub(in crate::till) struct Scanning {
    running: Option<Scanner>,
    /// Grows with each start: what the scanner before said of itself is not this one's.
    start: u64,
}

impl Engine {
    /// A device never stops the till: without a thread for it, the keyboard wedge still works.
    pub(super) fn start_scanner(&mut self) {
        let before = self.counter.scanning.running.take();
        self.counter.scanning.start += 1;
        self.counter.scanner = None;
        let set = self.settings.scanner.clone();
        let Some(settings) = set.filter(|_| self.counter.used.counter) else {
            if let Some(before) = before {
                before.leave();
            }
            return;
        };
        let sink = Arc::new(Sink {
            outbox: Mutex::new(self.outbox.clone()),
            start: self.counter.scanning.start,
            gate: Mutex::new(Gate::new(Instant::now())),
        });
        self.counter.scanning.running = Scanner::start(&settings, before, sink)
            .inspect_err(|error| tracing::error!(%error, "no scanner"))
            .ok();
    }

    /// The scanner of this start came or went.
    pub(in crate::till) fn scanner_is(&mut self, start: u64, health: DeviceHealth) {
        if start == self.counter.scanning.start {
            self.counter.scanner = Some(health);
        }
    }

    pub(super) fn test_scanner(&mut self, reply: Reply<Result<(), Said>>) {
        let away = |why: &str| Err(Said::DeviceAway(why.to_owned()));
        let _ = reply.send(match &self.counter.scanner {
            Some(DeviceHealth::Ready | DeviceHealth::Warn(_)) => Ok(()),
            Some(DeviceHealth::Gone(why)) => away(why),
            None if self.counter.scanning.running.is_some() => away(STARTING),
            None => away(NOT_SET),
        });
    }
}

/// What the scanner reads goes to the engine's inbox.
struct Sink {
    outbox: Mutex<Sender<Input>>,
    start: u64,
    gate: Mutex<Gate>,
}

impl Sink {
    fn send(&self, input: Input) {
        if let Ok(outbox) = self.outbox.lock() {
            let _ = outbox.send(input);
        }
    }
}

impl ScanSink for Sink {
    fn scanned(&self, framed: Framed) {
        let Ok(passed) = self.gate.lock().map(|mut gate| gate.pass(Instant::now())) else {
            return;
        };
        if let Some(health) = passed.news {
            self.send(Input::Scanner(self.start, health));
        }
        if passed.through {
            self.send(match framed {
                Framed::Scan(text) => Input::Scanned(ScanText::new(text.expose().to_owned())),
                Framed::Incomplete => Input::ScanBroken,
            });
        }
    }

    fn state(&self, state: DeviceState) {
        if let Ok(mut gate) = self.gate.lock() {
            gate.flooded = false;
        }
        let health = match state {
            DeviceState::Ready => DeviceHealth::Ready,
            DeviceState::Gone(why) => DeviceHealth::Gone(why.to_string()),
        };
        self.send(Input::Scanner(self.start, health));
    }
}

/// Lets through what hands can scan.
struct Gate {
    /// Scans that may still come now.
    left: u32,
    /// Since when the next one is earned.
    since: Instant,
    /// Something was dropped, and it has not been calm since.
    flooded: bool,
}

/// What becomes of one scan, and what is new about the scanner.
struct Passed {
    through: bool,
    news: Option<DeviceHealth>,
}

impl Gate {
    fn new(now: Instant) -> Gate {
        Gate {
            left: AT_ONCE,
            since: now,
            flooded: false,
        }
    }

    fn pass(&mut self, now: Instant) -> Passed {
        let waited = now.saturating_duration_since(self.since);
        let earned = u32::try_from(waited.as_millis() / EACH.as_millis()).unwrap_or(u32::MAX);
        if earned > 0 {
            self.left = self.left.saturating_add(earned).min(AT_ONCE);
            self.since = now;
        }
        let (was_flooded, calm) = (self.flooded, self.left == AT_ONCE);
        let through = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.flooded = !through || (was_flooded && !calm);
        let news = match (was_flooded, self.flooded) {
            (false, true) => Some(DeviceHealth::Warn(FLOODED.to_owned())),
            (true, false) => Some(DeviceHealth::Ready),
            _ => None,
        };
        Passed { through, news }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_gets_no_further_than_hands_could_scan() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        let mut through = 0;
        let mut news = Vec::new();
        // Ten seconds of 5,000 scans a second.
        for at in 0..50_000u64 {
            let passed = gate.pass(start + Duration::from_micros(at * 200));
            through += u32::from(passed.through);
            news.extend(passed.news);
        }
        assert!((40..=48).contains(&through), "{through}");
        assert_eq!(news, [DeviceHealth::Warn(FLOODED.to_owned())], "said once");
        let later = gate.pass(start + Duration::from_secs(20));
        assert!(later.through);
        assert_eq!(later.news, Some(DeviceHealth::Ready), "it has calmed down");
    }

    #[test]
    fn nothing_that_hands_scan_is_dropped() {
        let start = Instant::now();
        let mut gate = Gate::new(start);
        let mut at = start;
        for round in 0..200u64 {
            let passed = gate.pass(at);
            assert!(passed.through && passed.news.is_none(), "{round}");
            // Three quick ones, then a breath.
            at += Duration::from_millis(if round % 3 == 2 { 600 } else { 120 });
        }
    }

    #[test]
    fn a_state_carries_the_start_it_belongs_to() {
        let (outbox, inbox) = std::sync::mpsc::channel();
        let sink = Sink {
            outbox: Mutex::new(outbox),
            start: 7,
            gate: Mutex::new(Gate::new(Instant::now())),
        };
        sink.state(DeviceState::Ready);
        let Ok(Input::Scanner(7, DeviceHealth::Ready)) = inbox.try_recv() else {
            panic!("the state carries its start");
        };
    }
}
