//! A keyboard wedge's key events as text: the US layout that scanners send, whatever the layout,
//! the input method, Caps Lock or Num Lock of the desktop may be. Pure.

/// Event types and codes of the kernel's input interface.
const EV_SYN: u16 = 0;
const EV_KEY: u16 = 1;
const SYN_REPORT: u16 = 0;
const SYN_DROPPED: u16 = 3;
const PRESSED: i32 = 1;

/// Consecutive key codes: the first, what they write, what they write with Shift.
const ROWS: [(u16, &str, &str); 9] = [
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (15, "\t", "\t"),
    (28, "\r", "\r"),
    (101, "\n", "\n"),
    (KEYPAD, "789-456+1230.", "789-456+1230."),
];
const KEYPAD: u16 = 71;
/// The rest of the keypad.
const LONE: [(u16, char); 5] = [(55, '*'), (96, '\r'), (98, '/'), (117, '='), (121, ',')];
/// Keys that other layouts have and the US layout does not: what they write can't be told.
const FOREIGN: [u16; 3] = [86, 89, 124];

const SHIFTS: [u16; 2] = [42, 54];
const CTRLS: [u16; 2] = [29, 97];
const ALTS: [u16; 2] = [56, 100];
const METAS: [u16; 2] = [125, 126];

/// Stands where a character was lost or can't be told: what holds it is no whole scan.
pub(super) const LOST: char = char::REPLACEMENT_CHARACTER;

/// The keys that are held, and what was begun with them.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// A bit for each modifier.
    held: u8,
    /// Alt and digits of the keypad: a character by its number.
    by_number: Option<u32>,
    /// The kernel lost events: everything until the next report is stale.
    dropping: bool,
}

impl Keys {
    /// One event; what it writes, where it writes something. Repeats write nothing: a scanner
    /// holds no key down.
    pub fn event(&mut self, kind: u16, code: u16, value: i32) -> Option<char> {
        match (kind, code) {
            (EV_SYN, SYN_DROPPED) => self.dropping = true,
            (EV_SYN, SYN_REPORT) if self.dropping => {
                *self = Keys::default();
                return Some(LOST);
            }
            (EV_KEY, _) if !self.dropping => return self.key(code, value),
            _ => {}
        }
        None
    }

    fn key(&mut self, code: u16, value: i32) -> Option<char> {
        if let Some(bit) = modifier(code) {
            let had_alt = self.holds(ALTS);
            match value {
                PRESSED => self.held |= bit,
                0 => self.held &= !bit,
                _ => {}
            }
            let let_go = had_alt && !self.holds(ALTS);
            return self.by_number.take_if(|_| let_go).map(numbered);
        }
        if value != PRESSED {
            return None;
        }
        let plain = written(code, false)?;
        if self.holds(ALTS) && code >= KEYPAD && plain.is_ascii_digit() {
            let digit = plain.to_digit(10).unwrap_or(0);
            let so_far = self.by_number.unwrap_or(0);
            self.by_number = Some(so_far.saturating_mul(10).saturating_add(digit));
            return None;
        }
        if self.holds(ALTS) || self.holds(METAS) {
            return Some(LOST);
        }
        if self.holds(CTRLS) {
            return Some(control(plain));
        }
        written(code, self.holds(SHIFTS))
    }

    fn holds(&self, either: [u16; 2]) -> bool {
        let bits = either.into_iter().filter_map(modifier);
        bits.into_iter().any(|bit| self.held & bit != 0)
    }
}

fn modifier(code: u16) -> Option<u8> {
    let all = [SHIFTS, CTRLS, ALTS, METAS];
    let index = all.as_flattened().iter().position(|one| *one == code)?;
    1u8.checked_shl(u32::try_from(index).ok()?)
}

fn written(code: u16, shift: bool) -> Option<char> {
    if FOREIGN.contains(&code) {
        return Some(LOST);
    }
    if let Some((_, c)) = LONE.iter().find(|(lone, _)| *lone == code) {
        return Some(*c);
    }
    ROWS.iter().find_map(|(first, plain, shifted)| {
        let index = usize::from(code.checked_sub(*first)?);
        let row = if shift { shifted } else { plain };
        row.as_bytes().get(index).copied().map(char::from)
    })
}

/// Ctrl and a letter: how wedges send control characters (Ctrl+M is CR).
fn control(c: char) -> char {
    match c.to_ascii_uppercase() {
        c @ '@'..='_' => char::from_u32(u32::from(c) & 0x1f).unwrap_or(LOST),
        _ => LOST,
    }
}

fn numbered(number: u32) -> char {
    char::from_u32(number)
        .filter(|c| c.is_ascii() && *c != '\0')
        .unwrap_or(LOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Plays `+code` (press), `-code` (release), `*code` (repeat), `=code` (press and release),
    /// `sync`, `drop`.
    fn play(events: &str) -> String {
        let mut keys = Keys::default();
        let mut out = String::new();
        for event in events.split_whitespace() {
            let mut take = |kind, code, value| out.extend(keys.event(kind, code, value));
            match event.split_at(1) {
                ("s", _) => take(EV_SYN, SYN_REPORT, 0),
                ("d", _) => take(EV_SYN, SYN_DROPPED, 0),
                (act, code) => {
                    let code = code.parse().unwrap();
                    match act {
                        "+" => take(EV_KEY, code, 1),
                        "-" => take(EV_KEY, code, 0),
                        "*" => take(EV_KEY, code, 2),
                        _ => {
                            take(EV_KEY, code, 1);
                            take(EV_SYN, SYN_REPORT, 0);
                            take(EV_KEY, code, 0);
                            take(EV_SYN, SYN_REPORT, 0);
                        }
                    }
                }
            }
        }
        out
    }

    #[test]
    fn keys_write_what_the_us_layout_says() {
        for (events, text) in [
            ("=2 =4 =5 =6 =7 =8 =9 =10 =11 =3 =28", "1345678902\r"),
            ("=30 =48 =46", "abc"),
            ("+42 =30 -42 =48", "Ab"),
            ("+54 =2 =12 =26 =40 =41 =43 =51 =53 -54", "!_{\"~|<?"),
            ("+42 +54 -42 =30 -54 =30", "Aa"),
            ("=71 =72 =73 =75 =76 =77 =79 =80 =81 =82 =83", "7894561230."),
            ("=55 =74 =78 =98 =117 =121", "*-+/=,"),
            ("=96 =15 =101 =57", "\r\t\n "),
            ("+54 =79 =28 -54", "1\r"),
        ] {
            assert_eq!(play(events), text, "{events}");
        }
    }

    #[test]
    fn locks_repeats_and_keys_without_a_character_write_nothing() {
        assert_eq!(play("=58 =30 =58"), "a", "Caps Lock");
        assert_eq!(play("=69 =79"), "1", "Num Lock");
        assert_eq!(play("+2 *2 *2 *2 -2"), "1");
        assert_eq!(play("=1 =14 =59 =88 =103 =113 =240 =700"), "");
    }

    #[test]
    fn control_characters_and_numbers_are_understood() {
        assert_eq!(play("+29 =50 -29"), "\r", "Ctrl+M");
        assert_eq!(play("+97 =27 -97 =2"), "\u{1d}1", "Ctrl+]: GS");
        assert_eq!(play("+56 =82 =75 =73 -56"), "1", "Alt 049");
        assert_eq!(play("+100 =79 =80 =80 -100 =2"), "z1", "Alt 122");
        assert_eq!(play("+56 -56 =2"), "1");
    }

    #[test]
    fn what_cant_be_told_spoils_the_scan() {
        for (events, text) in [
            ("=86", "?"),
            ("+56 =30 -56", "?"),
            ("+125 =2 -125 =2", "?1"),
            ("+29 =2 -29", "?"),
            ("+56 =80 =79 =73 =73 =73 =73 =73 =73 =73 =73 =73 -56", "?"),
            // Events were lost; a Shift that was let go meanwhile is not held for ever.
            ("=2 +42 drop +3 -3 -42 sync =4 =5", "1?34"),
        ] {
            assert_eq!(play(events).replace(LOST, "?"), text, "{events}");
        }
    }

    proptest! {
        #[test]
        fn any_event_is_taken(events: Vec<(u16, u16, i32)>) {
            let mut keys = Keys::default();
            for (kind, code, value) in events {
                let _ = keys.event(kind % 3, code % 300, value % 3);
                let _ = keys.event(kind, code, value);
            }
        }
    }
}
