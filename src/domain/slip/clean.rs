//! Text that a printer can be given: nothing in it is a command, and nothing in it turns the order
//! of what people read.

/// A part of a slip has at most so many characters: a note is short, and paper is not endless.
const LONGEST: usize = 500;

/// A text without control characters, without marks that turn or hide what follows, and no longer
/// than a part of a slip may be. Every kind of white space is one plain space.
pub fn clean(text: &str) -> String {
    let mut kept: String = text
        .chars()
        .filter_map(harmless)
        .take(LONGEST + 1)
        .collect();
    if let Some((cut, _)) = kept.char_indices().nth(LONGEST) {
        kept.truncate(cut);
        kept.push('…');
    }
    kept
}

/// The character as it is printed; `None`: left out.
fn harmless(c: char) -> Option<char> {
    match c {
        // Line ends and tabs part words; a printer would move its paper or its head.
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() || is_mark(c) => None,
        c if c.is_whitespace() && c != '\u{3000}' => Some(' '),
        // The yen sign that printers' Chinese fonts have is the wide one.
        '\u{a5}' => Some('￥'),
        c => Some(c),
    }
}

/// Characters without a picture of their own: they turn the direction of writing, join, or change
/// the one before.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_command_a_printer_or_turn_the_text_is_left_out() {
        for (text, kept) in [
            ("苹果\u{1b}@\u{1d}V\u{0}3 斤", "苹果@V3 斤"),
            ("\u{1b}p\u{0}\u{19}\u{fa}", "pú"),
            ("一\n二\t三\r\n四\u{2028}五", "一 二 三  四 五"),
            ("\u{10}\u{4}\u{1}\u{10}\u{14}\u{9b}31m", "31m"),
            ("退款\u{202e}00.001\u{202c}", "退款00.001"),
            ("\u{200b}a\u{feff}b\u{2066}c\u{fe0f}\u{7f}", "abc"),
            ("a\u{a0}b\u{2003}c\u{3000}d", "a b c\u{3000}d"),
            ("¥ 12", "￥ 12"),
        ] {
            assert_eq!(clean(text), kept, "{text:?}");
        }
    }

    #[test]
    fn no_text_is_endless() {
        let cut = clean(&"很".repeat(100_000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with("很…"));
        let whole = "很".repeat(LONGEST);
        assert_eq!(clean(&whole), whole);
    }
}
