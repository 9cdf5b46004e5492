//! `app_sign` as the documents define it: `md5(app_id + timestamp + secret)`, 32 hex digits,
//! upper or lower case. Only digests are compared, in constant time; nothing here is logged.

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// The lower-case `app_sign`; `timestamp_ms` as it stands in the request.
pub fn app_sign(app_id: &str, timestamp_ms: i64, secret: &str) -> String {
    let mut hash = Md5::new();
    hash.update(app_id);
    hash.update(timestamp_ms.to_string());
    hash.update(secret);
    hex(&hash.finalize())
}

/// A notice's `signature` and its like: the lower-case MD5 of the parts, one after the other.
pub(super) fn joined(parts: &[&str]) -> String {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hex(&hash.finalize())
}

/// Whether `given` is the signature, in either case (不区分大小写).
pub fn is_valid(given: &str, app_id: &str, timestamp_ms: i64, secret: &str) -> bool {
    let expected = app_sign(app_id, timestamp_ms, secret);
    let given = given.to_ascii_lowercase();
    bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}

/// A payment code's digest: all that is kept to notice a second use.
pub(super) fn digest(text: &str) -> [u8; 16] {
    Md5::digest(text).into()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS[usize::from(nibble)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_the_recorded_ones() {
        let vectors: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../tests/data/vectors.json")).unwrap();
        let signs: Vec<_> = vectors
            .iter()
            .filter(|v| v["type"] == "beecloud_app_sign")
            .collect();
        assert!(signs.len() >= 5);
        for v in signs {
            let (app_id, secret) = (v["app_id"].as_str().unwrap(), v["secret"].as_str().unwrap());
            let timestamp = v["timestamp"].as_i64().unwrap();
            let expected = v["app_sign"].as_str().unwrap();
            assert_eq!(app_sign(app_id, timestamp, secret), expected);
            assert!(is_valid(
                &expected.to_uppercase(),
                app_id,
                timestamp,
                secret
            ));
            assert!(!is_valid(expected, app_id, timestamp + 1, secret));
            assert!(!is_valid(&expected[..31], app_id, timestamp, secret));
            assert!(!is_valid("", app_id, timestamp, secret));
        }
    }
}
