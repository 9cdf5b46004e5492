//! Serial scanners: cutting a stream of bytes into scans.

use super::text::{Buffer, Frame, ScanString, classify, fold};
use super::{BURST_BYTES, SILENCE_MS};
use crate::domain::config::Terminator;
use encoding_rs::GB18030;
use std::fmt;
use zeroize::Zeroizing;

/// Where a terminator is set, a code without one is a broken scan; it is given up after this
/// much silence, milliseconds, so that it can't grow into the next one.
const CUT_SHORT_MS: i64 = 500;
/// Fewer bytes without any letter or digit are noise of the line (a plug, a wake-up) that nobody
/// needs to hear about.
const NOISE_BYTES: usize = 4;

/// What a serial scanner sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// A scan of at least 10 characters.
    Scan(ScanString),
    /// 扫码不完整: cut, garbled or endless. Said once for a run of garbage.
    Incomplete,
}

/// Cuts bytes into scans. One for an open port; a new one when it is opened again.
pub struct Framer {
    terminator: Terminator,
    held: Buffer<u8>,
    /// More came than any scan has: all is dropped until it ends.
    overrun: bool,
    /// Incomplete was said and nothing good or silent came since.
    grumbled: bool,
    last_ms: i64,
}

impl fmt::Debug for Framer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Framer({:?})", self.terminator)
    }
}

impl Framer {
    /// Nothing is held.
    pub fn new(terminator: Terminator) -> Self {
        Framer {
            terminator,
            held: Buffer::new(BURST_BYTES),
            overrun: false,
            grumbled: false,
            last_ms: 0,
        }
    }

    /// Bytes as they were read; where reads are split makes no difference.
    pub fn bytes(&mut self, bytes: &[u8], at_ms: i64) -> Vec<Framed> {
        let mut framed = self.tick(at_ms);
        if !bytes.is_empty() {
            self.last_ms = at_ms;
        }
        for byte in bytes {
            if self.ends_with(*byte) {
                self.finish(false, &mut framed);
            } else if !self.overrun && !self.held.push(*byte) {
                self.overrun = true;
                self.held.clear();
                self.grumble(&mut framed);
            }
        }
        framed
    }

    /// When [`Framer::tick`] is needed next; `None` while nothing is held.
    pub fn due(&self) -> Option<i64> {
        let waiting = self.overrun || self.grumbled || !self.held.items().is_empty();
        waiting.then(|| self.last_ms.saturating_add(self.silence_ms()))
    }

    /// Time has passed: silence ends what is held. A clock that went backwards counts as no time.
    pub fn tick(&mut self, at_ms: i64) -> Vec<Framed> {
        let mut framed = Vec::new();
        let silent_ms = at_ms.saturating_sub(self.last_ms);
        if silent_ms < 0 {
            self.last_ms = at_ms;
        }
        if self.due().is_some() && silent_ms >= self.silence_ms() {
            let cut_short = self.terminator != Terminator::Auto;
            self.finish(cut_short, &mut framed);
            self.grumbled = false;
        }
        framed
    }

    fn silence_ms(&self) -> i64 {
        match self.terminator {
            Terminator::Auto => SILENCE_MS,
            _ => CUT_SHORT_MS,
        }
    }

    fn ends_with(&self, byte: u8) -> bool {
        match self.terminator {
            Terminator::Auto => matches!(byte, b'\r' | b'\n' | b'\t'),
            Terminator::Cr => byte == b'\r',
            Terminator::Lf => byte == b'\n',
            Terminator::Crlf => byte == b'\n' && self.held.items().last() == Some(&b'\r'),
            Terminator::Tab => byte == b'\t',
        }
    }

    fn finish(&mut self, cut_short: bool, framed: &mut Vec<Framed>) {
        let overrun = std::mem::take(&mut self.overrun);
        let noise = is_noise(self.held.items());
        let frame = classify(&decode(self.held.items()));
        self.held.clear();
        match frame {
            // What follows an overrun is its tail.
            _ if overrun => {}
            Frame::Empty => {}
            Frame::Incomplete if noise => {}
            Frame::Scan(scan) if !cut_short => {
                self.grumbled = false;
                framed.push(Framed::Scan(scan));
            }
            Frame::Scan(_) | Frame::Incomplete => self.grumble(framed),
        }
    }

    fn grumble(&mut self, framed: &mut Vec<Framed>) {
        if !std::mem::replace(&mut self.grumbled, true) {
            framed.push(Framed::Incomplete);
        }
    }
}

fn is_noise(bytes: &[u8]) -> bool {
    bytes.len() < NOISE_BYTES && !bytes.iter().any(u8::is_ascii_alphanumeric)
}

/// UTF-8, else GB18030, of which only the full-width forms of ASCII are believed: any noise
/// reads as some Chinese. What is neither becomes U+FFFD, which is no part of a scan.
fn decode(bytes: &[u8]) -> Zeroizing<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Zeroizing::new(text.to_owned());
    }
    let (text, _) = GB18030.decode_without_bom_handling(bytes);
    let text = Zeroizing::new(text.into_owned());
    if text.chars().map(fold).all(|c| c.is_ascii()) {
        return text;
    }
    Zeroizing::new(char::REPLACEMENT_CHARACTER.to_string())
}
