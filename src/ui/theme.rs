//! Roles instead of colours: what the screens say is "quiet text" or "unknown", never a number.
//! Two palettes (light, dark) fill the same roles.
//!
//! Invariant: text on a tone, and a tone's `ink` on a surface, are at least 4.5 : 1 (tested).

use super::strings::Words;
use iced::font::Weight;
use iced::{Color, Font, Size, color};

/// The family of both embedded files, exactly as their name tables say.
pub const FAMILY: &str = "Noto Sans SC";
/// 400.
pub const REGULAR: Font = Font::with_name(FAMILY);
/// 700.
pub const BOLD: Font = Font {
    weight: Weight::Bold,
    ..REGULAR
};

/// Bold where the bold file has every character of this dynamic text, else regular: a missing
/// glyph would come from another family, or be an empty box.
pub fn bold_for(text: &str) -> Font {
    let (gbk, _, lossy) = encoding_rs::GBK.encode(text);
    let mut bytes = gbk.iter().copied();
    let mut covered = !lossy;
    while let Some(lead) = bytes.next() {
        if lead.is_ascii() {
            continue;
        }
        let trail = bytes.next().unwrap_or(0);
        covered &= matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xF7) && trail >= 0xA1;
    }
    if covered { BOLD } else { REGULAR }
}

/// A state's colours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tone {
    /// Fills the stage; white text stands on it.
    pub fill: Color,
    /// The same meaning as text on a surface.
    pub ink: Color,
}

/// Every role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Behind the cards.
    pub ground: Color,
    /// Cards, bars.
    pub surface: Color,
    /// Hairlines and borders.
    pub line: Color,
    /// Keys and quiet buttons on a surface.
    pub key: Color,
    /// The same under a finger.
    pub key_pressed: Color,
    /// The chosen row of a list.
    pub chosen: Color,
    /// Text.
    pub text: Color,
    /// Labels, hints.
    pub quiet: Color,
    /// A chosen pill.
    pub pill: Color,
    /// Text on a chosen pill.
    pub on_pill: Color,
    /// Text on a tone's fill.
    pub on_tone: Color,
    /// Labels on a tone's fill.
    pub on_tone_quiet: Color,
    /// Waiting, and the primary action.
    pub waiting: Tone,
    /// Paid.
    pub paid: Tone,
    /// Cancelling, and devices that are away.
    pub cancelling: Tone,
    /// Refused, dangerous.
    pub refused: Tone,
    /// Reverted, expired.
    pub undone: Tone,
    /// Unknown, watching, incident.
    pub unknown: Tone,
    /// The practice strip.
    pub practice: Color,
    /// Text on the practice strip.
    pub on_practice: Color,
    /// 支付宝.
    pub alipay: Tone,
    /// 微信.
    pub wechat: Tone,
    /// Under an overlay.
    pub veil: Color,
    /// A QR's ground, in every theme.
    pub qr_light: Color,
    /// A QR's modules, in every theme.
    pub qr_dark: Color,
}

const fn tone(fill: Color) -> Tone {
    Tone { fill, ink: fill }
}

/// By day.
pub const LIGHT: Palette = Palette {
    ground: color!(0xF3F5F8),
    surface: color!(0xFFFFFF),
    line: color!(0xE1E6EC),
    key: color!(0xF3F5F8),
    key_pressed: color!(0xE1E6EC),
    chosen: color!(0xE8F0FE),
    text: color!(0x14202B),
    quiet: color!(0x5A6877),
    pill: color!(0x14202B),
    on_pill: color!(0xFFFFFF),
    on_tone: color!(0xFFFFFF),
    on_tone_quiet: color!(0xFFFFFF, 0.78),
    waiting: tone(color!(0x1D5BD6)),
    paid: tone(color!(0x0A8048)),
    cancelling: tone(color!(0xA85800)),
    refused: tone(color!(0xC22A2A)),
    undone: tone(color!(0x53616E)),
    unknown: tone(color!(0x6A2BD0)),
    practice: color!(0xF5B301),
    on_practice: color!(0x3A2A00),
    alipay: Tone {
        fill: color!(0x1677FF),
        ink: color!(0x1677FF),
    },
    wechat: Tone {
        fill: color!(0x0A9F4C),
        ink: color!(0x0A8048),
    },
    veil: color!(0x14202B, 0.45),
    qr_light: color!(0xFFFFFF),
    qr_dark: color!(0x000000),
};

/// By night: the same roles.
pub const DARK: Palette = Palette {
    ground: color!(0x0E141A),
    surface: color!(0x17202A),
    line: color!(0x2C3947),
    key: color!(0x212D39),
    key_pressed: color!(0x2E3C4B),
    chosen: color!(0x1F3350),
    text: color!(0xEEF2F6),
    quiet: color!(0x9DABB9),
    pill: color!(0xEEF2F6),
    on_pill: color!(0x14202B),
    waiting: Tone {
        fill: color!(0x1D5BD6),
        ink: color!(0x7FAEFF),
    },
    paid: Tone {
        fill: color!(0x0A8048),
        ink: color!(0x4CCB8C),
    },
    cancelling: Tone {
        fill: color!(0xA85800),
        ink: color!(0xF0A35A),
    },
    refused: Tone {
        fill: color!(0xC22A2A),
        ink: color!(0xFF8A8A),
    },
    undone: Tone {
        fill: color!(0x53616E),
        ink: color!(0xA9B6C2),
    },
    unknown: Tone {
        fill: color!(0x6A2BD0),
        ink: color!(0xBFA0FF),
    },
    alipay: Tone {
        fill: color!(0x1677FF),
        ink: color!(0x7FAEFF),
    },
    wechat: Tone {
        fill: color!(0x0A9F4C),
        ink: color!(0x4CCB8C),
    },
    veil: color!(0x000000, 0.6),
    ..LIGHT
};

/// What a view needs to know to look right: colours, words and the window's size.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Colours by role.
    pub colors: &'static Palette,
    /// The language.
    pub words: Words,
    /// Everything is multiplied by this (1 up to 1366×768).
    pub scale: f32,
    /// The window's width.
    pub width: f32,
    /// Under 1200 wide: a narrower rail, no key hints in the key bar.
    pub narrow: bool,
    /// Under 700 high: less air.
    pub low: bool,
}

/// Type and space.
impl Look {
    /// For a window of this size.
    pub fn new(colors: &'static Palette, words: Words, size: Size) -> Look {
        let fit = (size.width / 1366.0).min(size.height / 768.0);
        let scale = (1.0 + (fit - 1.0) * 0.75).clamp(1.0, 2.5);
        Look {
            colors,
            words,
            scale,
            width: size.width,
            narrow: size.width < 1200.0,
            low: size.height < 700.0,
        }
    }

    /// A length of the design, in this window's pixels.
    pub fn px(&self, design: f32) -> f32 {
        (design * self.scale).round()
    }

    /// Key hints only.
    pub fn hint(&self) -> f32 {
        self.px(14.0)
    }

    /// Text.
    pub fn body(&self) -> f32 {
        self.px(16.0)
    }

    /// Labels of the stage, buttons.
    pub fn label(&self) -> f32 {
        self.px(20.0)
    }

    /// The sentence.
    pub fn sentence(&self) -> f32 {
        self.px(if self.narrow { 24.0 } else { 28.0 })
    }

    /// The word of a state.
    pub fn word(&self) -> f32 {
        self.px(if self.narrow { 48.0 } else { 56.0 })
    }

    /// The amount.
    pub fn amount(&self) -> f32 {
        self.px(if self.narrow || self.low { 80.0 } else { 112.0 })
    }

    /// The rail's width.
    pub fn rail(&self) -> f32 {
        self.px(if self.narrow { 300.0 } else { 372.0 })
    }

    /// What a text may be wide on the stage.
    pub fn stage_inner(&self) -> f32 {
        self.width - self.rail() - self.px(48.0) - 2.0 * self.px(40.0)
    }

    /// Space inside a card.
    pub fn card(&self) -> f32 {
        self.px(if self.narrow { 24.0 } else { 32.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(c: Color) -> f32 {
        let f = |v: f32| {
            if v <= 0.03928 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b)
    }

    fn contrast(a: Color, b: Color) -> f32 {
        let (x, y) = (luminance(a), luminance(b));
        (x.max(y) + 0.05) / (x.min(y) + 0.05)
    }

    fn over(top: Color, under: Color) -> Color {
        let mix = |t: f32, u: f32| t * top.a + u * (1.0 - top.a);
        Color::from_rgb(
            mix(top.r, under.r),
            mix(top.g, under.g),
            mix(top.b, under.b),
        )
    }

    #[test]
    fn text_on_and_in_every_state_colour_meets_aa() {
        for p in [&LIGHT, &DARK] {
            let tones = [
                p.waiting,
                p.paid,
                p.cancelling,
                p.refused,
                p.undone,
                p.unknown,
            ];
            for t in tones {
                assert!(contrast(p.on_tone, t.fill) >= 4.5, "{t:?}");
                assert!(contrast(t.ink, p.surface) >= 4.5, "{t:?}");
                // Labels on a tone are never smaller than 20 px, most are larger.
                assert!(
                    contrast(over(p.on_tone_quiet, t.fill), t.fill) >= 3.0,
                    "{t:?}"
                );
            }
            assert!(contrast(p.text, p.surface) >= 4.5);
            assert!(contrast(p.quiet, p.surface) >= 4.5);
            assert!(contrast(p.quiet, p.key) >= 4.5);
            assert!(contrast(p.on_pill, p.pill) >= 4.5);
            assert!(contrast(p.on_practice, p.practice) >= 4.5);
        }
    }

    #[test]
    fn a_name_outside_gb2312_is_not_set_in_bold() {
        assert_eq!(bold_for("示例便利店 A1，·"), BOLD);
        assert_eq!(bold_for("喆喆超市"), REGULAR, "GBK only");
        assert_eq!(bold_for("カフェ"), REGULAR);
    }

    #[test]
    fn the_design_scales_up_and_never_below_one() {
        let w = Words::new(crate::domain::config::Language::Chinese);
        let look = |x, y| Look::new(&LIGHT, w, Size::new(x, y));
        assert_eq!(look(1366.0, 768.0).scale, 1.0);
        assert_eq!(look(1024.0, 768.0).scale, 1.0);
        assert!(look(1024.0, 768.0).narrow);
        assert!(look(1920.0, 1080.0).scale > 1.25);
    }
}
