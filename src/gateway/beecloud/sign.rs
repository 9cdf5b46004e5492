//! app_sign (PROTOCOL 1): it proves who asks and when, it does not cover the body.

use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write;

/// `lowercase_hex(md5(app_id + timestamp + secret))`, timestamp in integer milliseconds.
pub(super) fn app_sign(app_id: &str, timestamp_ms: i64, secret: &SecretString) -> String {
    let mut hash = Md5::new();
    hash.update(app_id.as_bytes());
    hash.update(timestamp_ms.to_string().as_bytes());
    hash.update(secret.expose_secret().as_bytes());
    hex(&hash.finalize())
}

/// Lowercase hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn app_sign_is_the_published_vectors() {
        let file = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/vectors.json"
        ));
        let vectors: Vec<Value> = serde_json::from_str(file).unwrap();
        let mut seen = 0;
        for v in vectors.iter().filter(|v| v["type"] == "beecloud_app_sign") {
            let secret = SecretString::from(v["secret"].as_str().unwrap());
            let sign = app_sign(
                v["app_id"].as_str().unwrap(),
                v["timestamp"].as_i64().unwrap(),
                &secret,
            );
            assert_eq!(sign, v["app_sign"].as_str().unwrap());
            seen += 1;
        }
        assert_eq!(seen, 5);
    }
}
