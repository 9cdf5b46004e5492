//! The two fonts, embedded packed: they would be two fifths of the program otherwise. Unpacking
//! them takes some hundredths of a second, once.

use flate2::read::GzDecoder;
use std::io::Read;
use std::sync::OnceLock;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.ttf.gz");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.ttf.gz");

/// Weight 400, all of GBK: names, notes, what gateways say.
pub fn regular_ttf() -> &'static [u8] {
    static FONT: OnceLock<Vec<u8>> = OnceLock::new();
    FONT.get_or_init(|| unpacked(REGULAR))
}

/// Weight 700, GB 2312 and the screens' own words.
pub fn bold_ttf() -> &'static [u8] {
    static FONT: OnceLock<Vec<u8>> = OnceLock::new();
    FONT.get_or_init(|| unpacked(BOLD))
}

/// What was packed with the program can be unpacked; should it ever not be, the window falls back
/// to the system's fonts.
fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut font = Vec::new();
    if let Err(error) = GzDecoder::new(packed).read_to_end(&mut font) {
        tracing::error!(%error, "an embedded font can't be unpacked");
    }
    font
}
