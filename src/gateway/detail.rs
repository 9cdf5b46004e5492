//! Cleans the gateway's own words for screen, log and ledger (I12): what a gateway echoes may
//! hold the payment code or a secret, and may be anything else.

use crate::domain::AuthCode;
use secrecy::{ExposeSecret, SecretString};

/// At most this many characters of err_detail are kept.
const MAX_CHARS: usize = 200;

/// A shorter secret would blot out ordinary words; no gateway issues one.
const MIN_SECRET: usize = 4;

/// Removes control and invisible characters, then blots out the secrets (`other`: a pay's payment
/// code, a refund's master_secret), then cuts: in this order, so that neither a hidden character
/// nor the cut lets a part of them through.
pub(super) fn clean(text: &str, other: Option<&str>, secret: &SecretString) -> String {
    let mut out = one_line(text);
    for hidden in [other, Some(secret.expose_secret())].into_iter().flatten() {
        if hidden.len() >= MIN_SECRET {
            out = out.replace(hidden, "…");
        }
    }
    blot_codes(&out).trim().chars().take(MAX_CHARS).collect()
}

/// The secret can be read in it.
pub(super) fn holds(text: &str, secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    secret.len() >= MIN_SECRET && text.contains(secret)
}

/// Without control and invisible characters; every white space is a space.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| is_plain(*c))
        .collect()
}

/// Can be seen, and hides or turns around nothing.
pub(super) fn is_plain(c: char) -> bool {
    !c.is_control() && !is_invisible(c)
}

/// Blots out every number that has the shape of a WeChat or Alipay payment code: status, revert
/// and rows are asked without knowing the code, so only its shape can tell it.
pub(super) fn blot_codes(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, digits_on) = rest.split_at(start);
        let end = digits_on.find(|c| !is_digit(c)).unwrap_or(digits_on.len());
        let (digits, after) = digits_on.split_at(end);
        out.push_str(before);
        out.push_str(if is_code(digits) { "…" } else { digits });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text is a wallet's payment code.
pub(super) fn is_code(text: &str) -> bool {
    AuthCode::parse(text).is_ok_and(|code| code.kind().wallet().is_some())
}

/// Zero-width and direction-changing characters: they hide text or turn an amount around.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean_it(text: &str) -> String {
        let secret = SecretString::from("app-secret-demo");
        clean(text, Some("134567890123456789"), &secret)
    }

    #[test]
    fn an_echoed_code_or_secret_is_blotted_out() {
        assert_eq!(
            clean_it("auth_code=134567890123456789 key=app-secret-demo!"),
            "auth_code=… key=…!"
        );
        assert_eq!(clean_it("13456789\u{0}0123\u{200b}456789"), "…");
        let padded = format!("{}134567890123456789", "x".repeat(190));
        assert!(!clean_it(&padded).contains("1345"), "not cut before");
    }

    #[test]
    fn a_code_is_blotted_out_by_its_shape_where_nobody_knows_it() {
        let secret = SecretString::from("app-secret-demo");
        let clean_it = |text: &str| clean(text, None, &secret);
        assert_eq!(
            clean_it("code 281234567890123456, 134567890123456789."),
            "code …, …."
        );
        let numbers =
            "2026112022001401234567890123 20261120010000010ABCDEFG 12345 1395412345678901";
        assert_eq!(
            clean_it(numbers),
            numbers,
            "numbers of bills and trades stay"
        );
    }

    #[test]
    fn what_is_shown_is_one_short_plain_line() {
        assert_eq!(
            clean_it("  余额不足\r\n\t请换卡\u{7}\u{202e} "),
            "余额不足   请换卡"
        );
        assert_eq!(clean_it(&"长".repeat(5000)).chars().count(), 200);
    }
}
