//! The recorded clips: one packed file a language, inside the program. `assets/sounds` has the
//! recipe they were made by and their format.

use crate::domain::config::Language;
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::OnceLock;

const CHINESE: &[u8] = include_bytes!("../../../assets/sounds/zh.clips.gz");
const ENGLISH: &[u8] = include_bytes!("../../../assets/sounds/en.clips.gz");
/// More than either file unpacks to.
const MOST_BYTES: u64 = 1 << 20;

/// The clips of a language, still as ADPCM.
#[derive(Debug, Default)]
pub struct Clips(BTreeMap<String, Clip>);

#[derive(Debug)]
struct Clip {
    samples: usize,
    adpcm: Vec<u8>,
}

/// A language's clips, unpacked once.
pub fn clips(language: Language) -> &'static Clips {
    static OF_CHINESE: OnceLock<Clips> = OnceLock::new();
    static OF_ENGLISH: OnceLock<Clips> = OnceLock::new();
    match language {
        Language::Chinese => OF_CHINESE.get_or_init(|| Clips::unpack(CHINESE)),
        Language::English => OF_ENGLISH.get_or_init(|| Clips::unpack(ENGLISH)),
    }
}

impl Clips {
    /// What can't be read is not there; the file is part of the program, and a test reads it whole.
    fn unpack(packed: &[u8]) -> Clips {
        let mut bytes = Vec::new();
        let read = GzDecoder::new(packed)
            .take(MOST_BYTES)
            .read_to_end(&mut bytes);
        let parsed = read.ok().and_then(|_| parse(&bytes));
        parsed.map(Clips).unwrap_or_default()
    }

    /// The samples of a clip.
    pub fn samples(&self, name: &str) -> Option<Vec<i16>> {
        let clip = self.0.get(name)?;
        Some(decode(&clip.adpcm, clip.samples))
    }

    /// Every clip's name.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn parse(bytes: &[u8]) -> Option<BTreeMap<String, Clip>> {
    let (count, mut rest) = bytes.strip_prefix(b"CLIP1\n")?.split_first_chunk()?;
    let mut clips = BTreeMap::new();
    for _ in 0..u16::from_le_bytes(*count) {
        let (length, after) = rest.split_first()?;
        let (name, after) = after.split_at_checked(usize::from(*length))?;
        let (samples, after) = after.split_first_chunk()?;
        let samples = usize::try_from(u32::from_le_bytes(*samples)).ok()?;
        let (adpcm, after) = after.split_at_checked(samples.div_ceil(2))?;
        let name = String::from_utf8(name.to_vec()).ok()?;
        let adpcm = adpcm.to_vec();
        clips.insert(name, Clip { samples, adpcm });
        rest = after;
    }
    rest.is_empty().then_some(clips)
}

/// How the step index follows each nibble (IMA ADPCM).
const INDEX: [i32; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];
const STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

/// IMA ADPCM, low nibble first, from predictor 0 and step index 0.
fn decode(adpcm: &[u8], samples: usize) -> Vec<i16> {
    let mut predictor = 0_i32;
    let mut index = 0_usize;
    let nibbles = adpcm.iter().flat_map(|byte| [byte & 15, byte >> 4]);
    let one = |nibble: u8| {
        let step = STEPS.get(index).copied().unwrap_or(7);
        let part = |bit: u8, part: i32| if nibble & bit == 0 { 0 } else { part };
        let change = (step >> 3) + part(4, step) + part(2, step >> 1) + part(1, step >> 2);
        let change = if nibble & 8 == 0 { change } else { -change };
        predictor = (predictor + change).clamp(i32::from(i16::MIN), i32::from(i16::MAX));
        let by = INDEX.get(usize::from(nibble & 7)).copied().unwrap_or(0);
        index = index
            .saturating_add_signed(by as isize)
            .min(STEPS.len() - 1);
        i16::try_from(predictor).unwrap_or(0)
    };
    nibbles.take(samples).map(one).collect()
}
