//! Keyboard-wedge scanners: telling a scan from typing by its pace (COUNTER: keys).

use super::text::{Buffer, Frame, ScanString, classify, fold};
use super::{APART_MS, BURST_BYTES, BURST_CHARS, SCAN_CHARS, SILENCE_MS};
use crate::domain::Fen;
use crate::domain::auth_code::{AuthCode, CodeKind};
use std::fmt;
use zeroize::Zeroizing;

/// A key that ends a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndKey {
    /// Enter, also on the keypad.
    Enter,
    /// Tab.
    Tab,
}

impl EndKey {
    fn keyed(self) -> Keyed {
        match self {
            EndKey::Enter => Keyed::Enter,
            EndKey::Tab => Keyed::Tab,
        }
    }
}

/// What the keys turned out to be. Debug prints no character: a PIN is typed too.
#[derive(Clone, PartialEq, Eq)]
pub enum Keyed {
    /// A person typed it.
    Typed(char),
    /// A person pressed Enter.
    Enter,
    /// A person pressed Tab.
    Tab,
    /// A scan of at least 10 characters.
    Scan(ScanString),
    /// 扫码不完整: a scanner's burst that is no whole scan. Nothing may be sent.
    Incomplete,
}

impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Keyed::Typed(_) => "Typed(…)",
            Keyed::Enter => "Enter",
            Keyed::Tab => "Tab",
            Keyed::Scan(_) => "Scan(…)",
            Keyed::Incomplete => "Incomplete",
        })
    }
}

/// Where the keys stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Nothing is held.
    Idle,
    /// One to three characters: typing or a scan's beginning.
    Unsure,
    /// Four or more: a scanner. Held until it ends.
    Burst,
    /// A burst that can't be a scan any more (too long, or a held key in it): dropped to its end.
    Spoilt,
}

/// Sorts keystrokes into typing and scans. One for a window; feed it every key in order.
pub struct Wedge {
    held: Buffer<char>,
    /// Where the keys at most 40 ms apart begin. What is held before them came up to 120 ms
    /// earlier: typed right before a scan, or a scan's own beginning before a slow frame.
    run_from: usize,
    pace: Pace,
    /// When the last key came.
    last_ms: i64,
    /// When a scan's terminator came: a second one right behind it (CR LF) belongs to it.
    ended_ms: Option<i64>,
    /// Keys are a PIN's.
    pin_asked: bool,
}

impl Default for Wedge {
    fn default() -> Self {
        Wedge::new()
    }
}

impl fmt::Debug for Wedge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wedge(…)")
    }
}

impl Wedge {
    /// Nothing is held.
    pub fn new() -> Self {
        Wedge {
            held: Buffer::new(BURST_BYTES / size_of::<char>()),
            run_from: 0,
            pace: Pace::Idle,
            last_ms: 0,
            ended_ms: None,
            pin_asked: false,
        }
    }

    /// Whether the next keys are a PIN's. Digits that were delivered late are typing there even
    /// where they are no amount (`0000`): a lost digit of a PIN can't be seen.
    pub fn expect_pin(&mut self, asked: bool) {
        self.pin_asked = asked;
    }

    /// A key that writes a character. `repeat`: the key is being held down, which no scanner does.
    pub fn character(&mut self, c: char, at_ms: i64, repeat: bool) -> Vec<Keyed> {
        match c {
            '\r' | '\n' => return self.end(EndKey::Enter, at_ms),
            '\t' => return self.end(EndKey::Tab, at_ms),
            _ => {}
        }
        let mut keyed = self.settle(at_ms);
        if self.pace == Pace::Unsure && at_ms.saturating_sub(self.last_ms) > APART_MS {
            self.type_older(&mut keyed);
            self.run_from = self.held.items().len();
        }
        self.last_ms = at_ms;
        match (self.pace, repeat) {
            (Pace::Idle | Pace::Unsure, true) => {
                self.type_out(&mut keyed);
                keyed.push(Keyed::Typed(fold(c)));
            }
            (Pace::Idle | Pace::Unsure, false) => {
                self.held.push(c);
                self.pace = match self.held.items().len() - self.run_from >= BURST_CHARS {
                    true => Pace::Burst,
                    false => Pace::Unsure,
                };
            }
            // Someone leans on a key while the scanner sends: no telling which are whose.
            (Pace::Burst, true) => self.spoil(),
            (Pace::Burst, false) => {
                if !self.held.push(c) {
                    self.spoil();
                }
            }
            (Pace::Spoilt, _) => {}
        }
        keyed
    }

    /// Enter or Tab.
    pub fn end(&mut self, key: EndKey, at_ms: i64) -> Vec<Keyed> {
        let mut keyed = self.settle(at_ms);
        self.last_ms = at_ms;
        let second = self.is_second_terminator(at_ms);
        match self.pace {
            Pace::Burst | Pace::Spoilt => {
                let spoilt = self.pace == Pace::Spoilt;
                self.finish(spoilt, &mut keyed);
                self.ended_ms = Some(at_ms);
            }
            Pace::Idle if second => {}
            Pace::Idle | Pace::Unsure => {
                self.type_out(&mut keyed);
                keyed.push(key.keyed());
            }
        }
        keyed
    }

    /// Any other key (Backspace, Esc, F2 …) is about to act: what was typed before it comes out
    /// first. A scan stays held.
    pub fn other(&mut self, at_ms: i64) -> Vec<Keyed> {
        let mut keyed = self.settle(at_ms);
        if self.pace == Pace::Unsure {
            self.type_out(&mut keyed);
        }
        keyed
    }

    /// When [`Wedge::tick`] is needed next; `None` while nothing is held.
    pub fn due(&self) -> Option<i64> {
        let wait_ms = match self.pace {
            Pace::Idle => return None,
            Pace::Unsure if self.run_from > 0 => APART_MS + 1,
            Pace::Unsure | Pace::Burst | Pace::Spoilt => SILENCE_MS,
        };
        Some(self.last_ms.saturating_add(wait_ms))
    }

    /// Time has passed: releases what has been silent long enough.
    pub fn tick(&mut self, at_ms: i64) -> Vec<Keyed> {
        self.settle(at_ms)
    }

    /// Releases what was held when so much time has passed. A clock that went backwards counts
    /// as no time; then this moment becomes the last, so that nothing is held for ever.
    fn settle(&mut self, at_ms: i64) -> Vec<Keyed> {
        let mut keyed = Vec::new();
        let silent_ms = at_ms.saturating_sub(self.last_ms);
        if silent_ms < 0 {
            self.last_ms = at_ms;
        }
        match self.pace {
            Pace::Unsure if silent_ms >= SILENCE_MS => self.type_out(&mut keyed),
            Pace::Unsure if silent_ms > APART_MS => self.type_older(&mut keyed),
            Pace::Burst if silent_ms >= SILENCE_MS => self.fall_silent(&mut keyed),
            Pace::Spoilt if silent_ms >= SILENCE_MS => self.finish(true, &mut keyed),
            _ => {}
        }
        keyed
    }

    /// A burst without Enter or Tab: an amount, or a PIN's digits where one is asked, is typing
    /// that was delivered late.
    fn fall_silent(&mut self, keyed: &mut Vec<Keyed>) {
        let text: Zeroizing<String> =
            Zeroizing::new(self.held.items().iter().copied().map(fold).collect());
        let typing = if self.pin_asked {
            text.chars().all(|c| c.is_ascii_digit())
        } else {
            Fen::parse_yuan(&text).is_ok()
        };
        if typing && text.chars().count() < SCAN_CHARS {
            self.type_out(keyed);
        } else {
            self.finish(false, keyed);
        }
    }

    fn type_out(&mut self, keyed: &mut Vec<Keyed>) {
        let typed = self.held.items().iter().map(|c| Keyed::Typed(fold(*c)));
        keyed.extend(typed);
        self.clear();
    }

    /// What is held from before the last 40 ms pause was typed.
    fn type_older(&mut self, keyed: &mut Vec<Keyed>) {
        let older = self.held.items().iter().take(self.run_from);
        keyed.extend(older.map(|c| Keyed::Typed(fold(*c))));
        self.held.drop_first(self.run_from);
        self.run_from = 0;
    }

    fn finish(&mut self, spoilt: bool, keyed: &mut Vec<Keyed>) {
        let text = |from: usize| -> Zeroizing<String> {
            Zeroizing::new(self.held.items().iter().skip(from).collect())
        };
        let (whole, alone) = (classify(&text(0)), classify(&text(self.run_from)));
        if self.run_from > 0 && !spoilt {
            match (is_wallets(&whole), is_wallets(&alone)) {
                (true, false) => {}
                (false, true) => {
                    self.type_older(keyed);
                    self.clear();
                    keyed.push(scan_of(alone));
                    return;
                }
                // No telling which keys are the scanner's: none is an amount, nothing is sent.
                _ => {
                    self.clear();
                    keyed.push(Keyed::Incomplete);
                    return;
                }
            }
        }
        self.clear();
        keyed.push(match spoilt {
            true => Keyed::Incomplete,
            false => scan_of(whole),
        });
    }

    fn spoil(&mut self) {
        self.held.clear();
        self.run_from = 0;
        self.pace = Pace::Spoilt;
    }

    fn clear(&mut self) {
        self.held.clear();
        self.run_from = 0;
        self.pace = Pace::Idle;
        self.ended_ms = None;
    }

    fn is_second_terminator(&mut self, at_ms: i64) -> bool {
        let since = self
            .ended_ms
            .take()
            .map(|ended| at_ms.saturating_sub(ended));
        since.is_some_and(|ms| (0..=APART_MS).contains(&ms))
    }
}

fn scan_of(frame: Frame) -> Keyed {
    match frame {
        Frame::Scan(scan) => Keyed::Scan(scan),
        Frame::Empty | Frame::Incomplete => Keyed::Incomplete,
    }
}

/// A payment code that prefix and length both know.
fn is_wallets(frame: &Frame) -> bool {
    match frame {
        Frame::Scan(scan) => {
            AuthCode::parse(scan.expose()).is_ok_and(|c| c.kind() != CodeKind::Unknown)
        }
        Frame::Empty | Frame::Incomplete => false,
    }
}
