//! Pictures of phones as a counter's camera sees them, drawn from a seed: a wallet's payment page
//! with its Code 128 and QR, seen through a lens. Nothing is stored; the same seed draws the same
//! picture. The encoder of Code 128 is written apart from any decoder.

// Every target that draws uses its part.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod code128;
mod lens;
mod rng;
mod screen;

pub use rng::Rng;

/// What is hard about a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Small,
    Blurred,
    Dim,
    Glaring,
    Tilted,
    Noisy,
    Moire,
    Cracked,
    /// No code at all: text, chequers, bars that are none.
    Decoy,
}

impl Kind {
    /// Those that carry a code.
    pub const READABLE: [Kind; 9] = [
        Kind::Plain,
        Kind::Small,
        Kind::Blurred,
        Kind::Dim,
        Kind::Glaring,
        Kind::Tilted,
        Kind::Noisy,
        Kind::Moire,
        Kind::Cracked,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain",
            Kind::Small => "small",
            Kind::Blurred => "blurred",
            Kind::Dim => "dim",
            Kind::Glaring => "glaring",
            Kind::Tilted => "tilted",
            Kind::Noisy => "noisy",
            Kind::Moire => "moire",
            Kind::Cracked => "cracked",
            Kind::Decoy => "decoy",
        }
    }
}

/// What the wallet shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The payment page: Code 128, its digits, the QR below.
    Both,
    /// The QR was touched and fills the width.
    Qr,
    /// The Code 128 was touched and fills the screen lengthwise.
    Bars,
}

/// One frame and what is in it.
pub struct Picture {
    pub kind: Kind,
    pub layout: Layout,
    /// The 18 digits; empty where there is no code.
    pub code: String,
    pub width: usize,
    pub height: usize,
    pub grey: Vec<u8>,
}

/// A 640×480 frame.
pub fn picture(kind: Kind, seed: u64) -> Picture {
    let mut rng = Rng::new(seed.wrapping_mul(31).wrapping_add(kind as u64));
    let layout = match rng.below(10) {
        0 | 1 => Layout::Qr,
        2 => Layout::Bars,
        _ => Layout::Both,
    };
    let code = payment_code(&mut rng);
    let screen = match kind {
        Kind::Decoy => screen::decoy(&mut rng),
        _ => screen::wallet(&code, layout, &mut rng),
    };
    let screen = match kind {
        Kind::Cracked => screen::crack(screen, &mut rng),
        _ => screen,
    };
    let lens = lens::Lens::of(kind, layout, &mut rng);
    Picture {
        kind,
        layout,
        code: if kind == Kind::Decoy {
            String::new()
        } else {
            code
        },
        width: lens::WIDTH,
        height: lens::HEIGHT,
        grey: lens.look(&screen, &mut rng),
    }
}

/// 18 digits with a prefix of either wallet.
fn payment_code(rng: &mut Rng) -> String {
    let prefix = if rng.below(2) == 0 {
        10 + rng.below(6)
    } else {
        25 + rng.below(6)
    };
    let mut code = prefix.to_string();
    for _ in 0..16 {
        code.push_str(&rng.below(10).to_string());
    }
    code
}
