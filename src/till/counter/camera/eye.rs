//! What the camera's own thread does with each frame: a smaller one for the preview, and a word
//! to the engine when a code comes into sight. It never blocks.

use crate::devices::DeviceState;
use crate::devices::camera::{CameraSink, Found, Grey};
use crate::domain::AuthCode;
use crate::domain::auth_code::CodeKind;
use crate::till::engine::{Engine, Input};
use crate::till::service::{CameraView, ScanText};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A code that was out of sight for this long has come anew.
const AWAY: Duration = Duration::from_secs(2);
/// Codes that are remembered; a camera sees a few phones at most.
const MOST_SEEN: usize = 8;
/// Between two frames of the preview: fifteen a second.
const PREVIEW: Duration = Duration::from_millis(66);
/// The preview's longer side, pixels.
const LONGEST: usize = 640;
/// The digits before the serial of a bill_no: YYYYMMDD.
const DATE_DIGITS: usize = 8;

/// What a text that a camera saw can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A payment code whose prefix names its wallet.
    Payment,
    /// As long as a payment code, and the prefix names none.
    Digits,
    /// A bill's number as this program makes them: date, till, serial, random.
    Number,
}

impl Kind {
    /// `None`: a poster's address, a parcel's label, whatever else has a code.
    pub(super) fn of(text: &str) -> Option<Kind> {
        if is_bill_no(text) {
            return Some(Kind::Number);
        }
        let code = AuthCode::parse(text).ok()?;
        match code.kind() {
            CodeKind::Alipay | CodeKind::Wechat | CodeKind::UnionPay => Some(Kind::Payment),
            CodeKind::Unknown => (16..=24).contains(&text.len()).then_some(Kind::Digits),
        }
    }
}

/// date + till of 2 to 4 + serial of 6 + random of 8 (COUNTER), and a letter among them: digits
/// alone are rather a payment code.
fn is_bill_no(text: &str) -> bool {
    let date = text.get(..DATE_DIGITS).unwrap_or("");
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let letter = text.bytes().any(|b| b.is_ascii_uppercase());
    let dated = date.starts_with("20") && date.bytes().all(|b| b.is_ascii_digit());
    (24..=26).contains(&text.len()) && plain && letter && dated
}

/// What outlives a camera that is turned off: which codes were just in sight (as hashes under a
/// key that only this process has), and how many frames were shown.
#[derive(Default)]
pub(super) struct Memory {
    key: RandomState,
    seen: Mutex<Presence>,
    shown: AtomicU64,
}

impl Memory {
    /// What is in sight now counts as new.
    pub(super) fn forget(&self) {
        if let Ok(mut seen) = self.seen.lock() {
            seen.codes.clear();
        }
    }

    fn is_new(&self, text: &str, now: Instant) -> bool {
        let code = self.key.hash_one(text);
        let seen = self.seen.lock();
        seen.is_ok_and(|mut seen| seen.is_new(code, now))
    }
}

/// The codes in sight, and when each was seen last. Each is remembered by itself: two phones before
/// the camera, found in turns, are two scans and not two a second.
#[derive(Default)]
struct Presence {
    codes: Vec<(u64, Instant)>,
}

impl Presence {
    fn is_new(&mut self, code: u64, now: Instant) -> bool {
        self.codes
            .retain(|(_, last)| now.saturating_duration_since(*last) < AWAY);
        if let Some((_, last)) = self.codes.iter_mut().find(|(seen, _)| *seen == code) {
            *last = now;
            return false;
        }
        // More phones than anybody holds: rather no scan than one that nobody meant.
        let room = self.codes.len() < MOST_SEEN;
        if room {
            self.codes.push((code, now));
        }
        room
    }
}

/// The sink of one camera, from when it is turned on until it is turned off.
pub(super) struct Eye {
    pub(super) turn: u64,
    /// Somebody waits for the next frame.
    pub(super) asked: AtomicBool,
    view: watch::Sender<Option<Arc<CameraView>>>,
    outbox: Mutex<Sender<Input>>,
    memory: Arc<Memory>,
    open: AtomicBool,
    previewed: Mutex<Option<Instant>>,
}

impl Eye {
    pub(super) fn new(
        turn: u64,
        view: watch::Sender<Option<Arc<CameraView>>>,
        outbox: Sender<Input>,
        memory: Arc<Memory>,
    ) -> Eye {
        Eye {
            turn,
            asked: AtomicBool::new(false),
            view,
            outbox: Mutex::new(outbox),
            memory,
            open: AtomicBool::new(true),
            previewed: Mutex::new(None),
        }
    }

    /// The camera was turned off: its thread may take a moment longer, and shows nothing more.
    pub(super) fn close(&self) {
        self.open.store(false, Ordering::Release);
    }

    fn tell(&self, act: impl FnOnce(&mut Engine) + Send + 'static) {
        if let Ok(outbox) = self.outbox.lock() {
            let _ = outbox.send(Input::Visit(Box::new(act)));
        }
    }

    /// A new code is always shown with the frame it was found in.
    fn is_due(&self, new: bool, now: Instant) -> bool {
        let Ok(mut last) = self.previewed.lock() else {
            return false;
        };
        let waited = |at: Instant| now.saturating_duration_since(at) >= PREVIEW;
        let due = new || last.is_none_or(waited);
        if due {
            *last = Some(now);
        }
        due
    }

    fn show(&self, frame: &Grey, found: Option<&Found>) {
        let small = frame.fitted(LONGEST);
        let by = small.width() as f32 / frame.width() as f32;
        let corner = |found: &Found| found.corners.map(|corner| (corner.x * by, corner.y * by));
        let view = CameraView {
            seq: self.memory.shown.fetch_add(1, Ordering::Relaxed) + 1,
            width: small.width(),
            height: small.height(),
            light: small.light().to_vec(),
            code: found.map(corner),
        };
        // Decided under the channel's own lock: after `close` and the `None` that follows it,
        // nothing is shown any more.
        self.view.send_if_modified(|shown| {
            let open = self.open.load(Ordering::Acquire);
            if open {
                *shown = Some(Arc::new(view));
            }
            open
        });
    }
}

impl CameraSink for Eye {
    fn frame(&self, frame: Grey, found: Option<Found>) {
        let now = Instant::now();
        let turn = self.turn;
        let known = found.and_then(|found| Some((Kind::of(found.text.expose())?, found)));
        let new = known
            .as_ref()
            .is_some_and(|(_, found)| self.memory.is_new(found.text.expose(), now));
        if self.is_due(new, now) {
            self.show(&frame, known.as_ref().map(|(_, found)| found));
        }
        if self.asked.swap(false, Ordering::AcqRel) {
            self.tell(move |engine| engine.camera_showed(turn));
        }
        if let Some((kind, found)) = known.filter(|_| new) {
            let text = ScanText::new(found.text.expose().to_owned());
            self.tell(move |engine| engine.camera_found(turn, kind, text));
        }
    }

    fn state(&self, state: DeviceState) {
        let turn = self.turn;
        self.tell(move |engine| engine.camera_is(turn, state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posters_and_parcels_are_nothing() {
        let table = [
            ("134567890123456789", Some(Kind::Payment)),
            ("286612345678901234", Some(Kind::Payment)),
            ("6212345678901234567", Some(Kind::Payment)),
            ("0167890123456789012", Some(Kind::Digits)),
            ("2026112001000063K7Q2M4XD", Some(Kind::Number)),
            ("20261120T01A000063K7Q2M4XD", Some(Kind::Number)),
            ("https://qr.alipay.com/bax00000000000000demo", None),
            ("wxp://f2f0abcdefghijklmnopqrstuvwxyz", None),
            ("SF1234567890123", None),
            ("772233445566778", None),
            ("2026112022001400000000000000", None),
            ("13456789012345678", None),
            ("6901234567892", None),
            ("WIFI:S:shop;T:WPA;P:secret;;", None),
        ];
        for (text, kind) in table {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }

    #[test]
    fn a_code_that_stays_in_sight_is_one_scan() {
        let mut presence = Presence::default();
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut seen = |code, ms| presence.is_new(code, at(ms));
        assert!(seen(1, 0));
        for frame in 1..600 {
            assert!(!seen(1, frame * 33), "frame {frame}");
        }
        // Out of sight for less than two seconds: a hand that shakes.
        assert!(!seen(1, 600 * 33 + 1_900));
        assert!(seen(1, 600 * 33 + 1_900 + 2_000));
    }

    #[test]
    fn two_codes_in_turns_are_two_scans() {
        let mut presence = Presence::default();
        let start = Instant::now();
        let mut scans = 0;
        for frame in 0..300u32 {
            let now = start + Duration::from_millis(33) * frame;
            scans += u32::from(presence.is_new(u64::from(frame % 2), now));
        }
        assert_eq!(scans, 2);
        let many = (10..100u64).filter(|code| presence.is_new(*code, start + AWAY * 10));
        assert_eq!(many.count(), MOST_SEEN);
    }

    #[test]
    fn what_is_asked_for_by_hand_is_read_again() {
        let memory = Memory::default();
        let now = Instant::now();
        assert!(memory.is_new("134567890123456789", now));
        assert!(!memory.is_new("134567890123456789", now));
        memory.forget();
        assert!(memory.is_new("134567890123456789", now));
    }
}
