//! SplitMix64: the simulator's own numbers, the same for the same seed. Not for secrets.

/// A small seeded generator.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// `len` characters of `alphabet` (ASCII, not empty).
    pub(super) fn text(&mut self, alphabet: &[u8], len: usize) -> String {
        let size = alphabet.len().max(1) as u64;
        (0..len)
            .filter_map(|_| alphabet.get((self.next() % size) as usize))
            .map(|b| char::from(*b))
            .collect()
    }

    /// `len` decimal digits.
    pub(super) fn digits(&mut self, len: usize) -> String {
        self.text(b"0123456789", len)
    }

    /// An id shaped like the gateway's own (8-4-4-4-12 hex digits).
    pub(super) fn uuid(&mut self) -> String {
        let hex = b"0123456789abcdef";
        let parts: Vec<String> = [8, 4, 4, 4, 12]
            .into_iter()
            .map(|len| self.text(hex, len))
            .collect();
        parts.join("-")
    }
}
