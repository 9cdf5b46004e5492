//! Code 128: which sets a text is written in, its modules, and the same text as `GS k 73` wants it.
//!
//! The crate `escpos` has the old barcodes only (`GS k` function A), so the command is written here.

/// A bar code of letters, digits and signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code128 {
    text: String,
    pieces: Vec<Piece>,
}

/// A run of characters in one set.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// One character a symbol.
    B(Vec<u8>),
    /// Two digits a symbol: 0 to 99.
    C(Vec<u8>),
}

/// The widths of bars and gaps, by the symbol's value; the last is stop.
const PATTERNS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const START_B: u8 = 104;
const START_C: u8 = 105;
const TO_C: u8 = 99;
const TO_B: u8 = 100;
const STOP: u8 = 106;
/// Modules of a symbol, and of stop.
const SYMBOL: usize = 11;
const STOP_MODULES: usize = 13;

impl Code128 {
    /// The shortest way to write this text. `None` for a text that is empty or not printable ASCII.
    pub fn new(text: &str) -> Option<Code128> {
        if text.is_empty() || !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return None;
        }
        let mut code = Code128 {
            text: text.to_owned(),
            pieces: shortest(text.as_bytes()),
        };
        // Raw pairs of digits can be what a printer obeys at once, even inside another command's
        // data: pulse the drawer, answer, go on after an error.
        if super::encode::acts_at_once(&code.data()) {
            code.pieces = vec![Piece::B(text.bytes().collect())];
        }
        Some(code)
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its width without the white around it.
    pub fn modules(&self) -> usize {
        self.values().len() * SYMBOL + STOP_MODULES
    }

    /// `d1 … dn` of `GS k 73 n`: each set named, pairs as raw bytes.
    pub fn data(&self) -> Vec<u8> {
        let mut data = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::B(characters) => {
                    data.extend(b"{B");
                    for c in characters {
                        // The mark of a set stands for itself when it is doubled.
                        data.extend(std::iter::repeat_n(*c, 1 + usize::from(*c == b'{')));
                    }
                }
                Piece::C(pairs) => {
                    data.extend(b"{C");
                    data.extend(pairs);
                }
            }
        }
        data
    }

    /// The modules from left to right, true is black.
    pub fn bars(&self) -> Vec<bool> {
        let mut bars = Vec::with_capacity(self.modules());
        for value in self.values().into_iter().chain([STOP]) {
            let widths = PATTERNS
                .get(usize::from(value))
                .copied()
                .unwrap_or_default();
            for (i, width) in widths.bytes().enumerate() {
                let width = usize::from(width - b'0');
                bars.extend(std::iter::repeat_n(i.is_multiple_of(2), width));
            }
        }
        bars
    }

    /// Start, the symbols, and the check.
    fn values(&self) -> Vec<u8> {
        let mut values = Vec::new();
        for piece in &self.pieces {
            let first = values.is_empty();
            match piece {
                Piece::B(characters) => {
                    values.push(if first { START_B } else { TO_B });
                    values.extend(characters.iter().map(|c| c - 0x20));
                }
                Piece::C(pairs) => {
                    values.push(if first { START_C } else { TO_C });
                    values.extend(pairs);
                }
            }
        }
        // Start weighs 1, as the first symbol does.
        let weighed = values.iter().enumerate();
        let sum: usize = weighed.map(|(i, v)| i.max(1) * usize::from(*v)).sum();
        values.extend(u8::try_from(sum % 103));
        values
    }
}

/// The sets with the fewest symbols: from the end, what each set still costs at each character.
fn shortest(text: &[u8]) -> Vec<Piece> {
    let pair_at = |i: usize| match text.get(i..i + 2) {
        Some([a, b]) if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some((a - b'0') * 10 + (b - b'0'))
        }
        _ => None,
    };
    // (symbols left in B, symbols left in C); C can stand only where a pair begins.
    const NEVER: usize = usize::MAX / 4;
    let mut left = vec![(0, 0); text.len() + 2];
    for i in (0..text.len()).rev() {
        let (b_next, c_next) = left[i + 1];
        let in_b = 1 + b_next.min(1 + c_next);
        let in_c = pair_at(i).map_or(NEVER, |_| {
            let (b, c) = left[i + 2];
            1 + c.min(1 + b)
        });
        left[i] = (in_b, in_c);
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut i = 0;
    while i < text.len() {
        let (in_b, in_c) = left[i];
        let was_c = matches!(pieces.last(), Some(Piece::C(_)));
        let was_b = matches!(pieces.last(), Some(Piece::B(_)));
        let takes_c = in_c + usize::from(was_b) < in_b + usize::from(was_c);
        match (takes_c.then(|| pair_at(i)).flatten(), pieces.last_mut()) {
            (Some(pair), Some(Piece::C(pairs))) => pairs.push(pair),
            (Some(pair), _) => pieces.push(Piece::C(vec![pair])),
            (None, Some(Piece::B(characters))) => characters.push(text[i]),
            (None, _) => pieces.push(Piece::B(vec![text[i]])),
        }
        i += if takes_c { 2 } else { 1 };
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rxing::DecodeHints;
    use rxing::common::BitArray;
    use rxing::oned::{Code128Reader, OneDReader};

    /// What a reader that is not ours makes of the bars.
    fn read(code: &Code128) -> Option<String> {
        let bars = code.bars();
        let mut bits = BitArray::with_size(bars.len() + 40);
        for (i, _) in bars.iter().enumerate().filter(|(_, black)| **black) {
            bits.set(i + 20);
        }
        let read = Code128Reader.decode_row(0, &bits, &DecodeHints::default());
        Some(read.ok()?.getText().to_owned())
    }

    #[test]
    fn the_paper_arithmetic_holds() {
        for (text, modules) in [
            ("2026112001000059Y6RC9G5H", 222),
            ("000059Y6RC9G5H", 167),
            ("ABCDEFGHJKLMNP", 16 * 11 + 13),
        ] {
            let code = Code128::new(text).unwrap();
            assert_eq!(code.modules(), modules, "{text}");
            assert_eq!(code.bars().len(), modules, "{text}");
        }
    }

    #[test]
    fn sets_are_named_and_pairs_are_raw() {
        let code = Code128::new("000059Y6").unwrap();
        assert_eq!(code.data(), b"{C\x00\x00\x3b{BY6");
        let code = Code128::new("a{b").unwrap();
        assert_eq!(code.data(), b"{Ba{{b");
        // DLE DC4 SOH as pairs would open the drawer.
        let code = Code128::new("162001").unwrap();
        assert_eq!(code.data(), b"{B162001");
        assert_eq!(Code128::new(""), None);
        assert_eq!(Code128::new("单"), None);
        assert_eq!(Code128::new("a\x1b"), None);
    }

    #[test]
    fn every_symbol_reads_back() {
        let all: Vec<u8> = (0x20..0x7f).collect();
        for part in all.chunks(12) {
            let text = format!("A{}z", String::from_utf8_lossy(part));
            let code = Code128::new(&text).unwrap();
            assert_eq!(read(&code), Some(text));
        }
        let pairs: Vec<String> = (0..100).map(|n| format!("{n:02}")).collect();
        for part in pairs.chunks(10) {
            let text = part.concat();
            let code = Code128::new(&text).unwrap();
            assert_eq!(read(&code), Some(text));
        }
    }

    proptest! {
        #[test]
        fn any_number_reads_back(text in "[0-9A-Z]{8,26}") {
            let code = Code128::new(&text).unwrap();
            prop_assert_eq!(read(&code), Some(text));
        }
    }
}
