//! QR codes: encoded with `qrcode`, and read back with `rqrr` before anybody sees them. One that
//! does not read back as exactly the same text is not shown.

use super::service::QrView;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels a module while reading back; the quiet zone is four modules.
const SCALE: usize = 4;
const QUIET: usize = 4;
/// A code_url longer than this is no payment link.
const LONGEST: usize = 2000;
/// A longer one is drawn with less redundancy: its modules would be too small for a phone.
const LONG: usize = 400;

/// Encodes a text and reads it back. `None`: it can't be shown.
pub fn encode(text: &str) -> Option<QrView> {
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let level = match text.len() > LONG {
        true => EcLevel::L,
        false => EcLevel::M,
    };
    let code = QrCode::with_error_correction_level(text.as_bytes(), level).ok()?;
    let view = QrView {
        width: code.width(),
        modules: code
            .to_colors()
            .into_iter()
            .map(|c| c == Color::Dark)
            .collect(),
    };
    (read_back(&view).as_deref() == Some(text)).then_some(view)
}

/// What a camera would read from these modules. rqrr can panic on odd pictures; a panic is a no.
pub fn read_back(view: &QrView) -> Option<String> {
    let side = (view.width + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let (x, y) = (
            (x / SCALE).checked_sub(QUIET)?,
            (y / SCALE).checked_sub(QUIET)?,
        );
        (x < view.width).then(|| view.modules.get(y * view.width + x).copied())?
    };
    let grey = |x, y| {
        if dark(x, y).unwrap_or(false) {
            0u8
        } else {
            255
        }
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, grey);
        let grids = picture.detect_grids();
        grids
            .into_iter()
            .find_map(|g| g.decode().ok())
            .map(|(_, text)| text)
    }))
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_back() {
        for text in [
            "https://qr.alipay.com/bax03206ug0kulveltqc80a8",
            "weixin://wxpay/bizpayurl?pr=4f5H0xO",
            "283012345678901234",
            "https://example.com/付款?金额=12.34",
        ] {
            let view = encode(text).unwrap();
            assert_eq!(view.modules.len(), view.width * view.width);
            assert_eq!(read_back(&view).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_long_payment_page_reads_back() {
        let page = format!(
            "https://openapi.example/gateway.do?sign={}",
            "a1%2F".repeat(380)
        );
        let view = encode(&page).unwrap();
        assert_eq!(read_back(&view).as_deref(), Some(page.as_str()));
    }

    #[test]
    fn a_code_that_does_not_read_back_is_not_shown() {
        assert_eq!(encode(""), None);
        assert_eq!(encode(&"x".repeat(2001)), None);
        let mut view = encode("https://qr.alipay.com/bax1").unwrap();
        for module in view.modules.iter_mut().skip(40).step_by(3) {
            *module = !*module;
        }
        assert_ne!(
            read_back(&view).as_deref(),
            Some("https://qr.alipay.com/bax1")
        );
    }
}
