//! A bill's title (COUNTER: title; PROTOCOL: 1–32 bytes in GBK).

use encoding_rs::GBK;

/// The gateway's limit, bytes in GBK.
const TITLE_GBK_BYTES: usize = 32;

/// The note, else the shop's name, cut to 32 GBK bytes between characters. What GBK lacks
/// becomes `?`, control characters become spaces.
pub fn title_for(note: &str, shop: &str) -> String {
    let note = note.trim();
    let source = if note.is_empty() { shop.trim() } else { note };
    let mut title = String::new();
    let mut left = TITLE_GBK_BYTES;
    let mut one = [0; 4];
    for c in source.chars() {
        let c = if c.is_control() { ' ' } else { c };
        let (bytes, _, lacking) = GBK.encode(c.encode_utf8(&mut one));
        let (c, len) = if lacking { ('?', 1) } else { (c, bytes.len()) };
        if len > left {
            break;
        }
        left -= len;
        title.push(c);
    }
    let title = title.trim();
    if title.is_empty() {
        "?".to_owned()
    } else {
        title.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::title_for;
    use encoding_rs::GBK;
    use proptest::prelude::*;

    #[test]
    fn a_title_is_the_note_else_the_shop() {
        assert_eq!(title_for("两瓶水", "示例便利店"), "两瓶水");
        assert_eq!(title_for("  ", "示例便利店"), "示例便利店");
        assert_eq!(title_for("a\nb\u{0}c", "店"), "a b c");
        assert_eq!(title_for("🍵茶", "店"), "?茶");
        assert_eq!(title_for("", ""), "?");
    }

    #[test]
    fn a_title_is_cut_between_characters() {
        let sixteen = "一二三四五六七八九十甲乙丙丁戊己";
        assert_eq!(title_for(&format!("{sixteen}庚"), ""), sixteen);
        assert_eq!(
            title_for(&format!("a{sixteen}"), ""),
            "a一二三四五六七八九十甲乙丙丁戊"
        );
    }

    proptest! {
        #[test]
        fn a_title_always_fits_the_gateway(note in ".{0,60}", shop in ".{0,60}") {
            let title = title_for(&note, &shop);
            let (bytes, _, lacking) = GBK.encode(&title);
            prop_assert!(!lacking);
            prop_assert!((1..=32).contains(&bytes.len()));
        }
    }
}
