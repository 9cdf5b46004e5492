//! 聚宝's signature (PROTOCOL 3; 003 §1.2, §1.4).

use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// Parameters by name.
pub(super) type Fields = BTreeMap<&'static str, Value>;

/// How the joined text is turned into bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// version = 2: UTF-8.
    Plain,
    /// Without it: each UTF-8 byte taken as Latin-1 and encoded again (PHP's `utf8_encode`).
    Double,
}

/// Signs a request (always version 2).
pub(super) fn sign(fields: &Fields, key: &SecretString) -> String {
    let pairs = fields.iter().map(|(name, value)| (*name, value));
    signature(pairs, key, Encoding::Plain)
}

/// The map's own `sign` is right, in either encoding. `None`: it carries none. A map that holds
/// `_sign` never is, and neither is one with a value that is neither text nor number.
pub(super) fn is_signed(map: &Map<String, Value>, key: &SecretString) -> Option<bool> {
    let given = map.get("sign")?;
    let Some(given) = given.as_str() else {
        return Some(false);
    };
    if map.contains_key("_sign") || !map.values().all(is_plain) {
        return Some(false);
    }
    let sorted: BTreeMap<&str, &Value> = map
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(name, _)| *name != "sign")
        .collect();
    let right = |encoding| {
        let ours = signature(sorted.iter().map(|(n, v)| (*n, *v)), key, encoding);
        bool::from(ours.as_bytes().ct_eq(given.as_bytes()))
    };
    Some(right(Encoding::Plain) || right(Encoding::Double))
}

fn is_plain(value: &Value) -> bool {
    matches!(
        value,
        Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_)
    )
}

/// Sorted keys; key + value without any separator; the key before and behind; MD5 in capitals.
fn signature<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a Value)>,
    key: &SecretString,
    encoding: Encoding,
) -> String {
    let mut joined = String::new();
    for (name, value) in pairs {
        joined.push_str(name);
        joined.push_str(&as_text(value));
    }
    if encoding == Encoding::Double {
        joined = joined.bytes().map(char::from).collect();
    }
    let mut md5 = Md5::new();
    md5.update(key.expose_secret());
    md5.update(joined);
    md5.update(key.expose_secret());
    let digest = md5.finalize();
    digest.iter().map(|b| format!("{b:02X}")).collect()
}

/// As PHP joins it: nothing for null and false, 1 for true.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(true) => "1".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key() -> SecretString {
        SecretString::from("685c6e3eca5c964b2b8240aa151cb75d")
    }

    fn example(body: &str) -> Fields {
        Fields::from([
            ("mch_id", json!("10502105689001")),
            ("pay_channel_id", json!("304")),
            ("total_fee", json!("10000")),
            ("out_trade_no", json!("2021020920221357790")),
            ("notify_url", json!("https://www.baidu.com")),
            ("body", json!(body)),
            ("attach", json!("11")),
            ("return_url", json!("https://www.baidu.com")),
        ])
    }

    fn as_map(fields: &Fields) -> Map<String, Value> {
        let pairs = fields.iter();
        pairs.map(|(n, v)| ((*n).to_owned(), v.clone())).collect()
    }

    /// 003 §1.2's worked example, and those of PHP's own `makeSign`.
    #[test]
    fn the_vectors() {
        assert_eq!(
            sign(&example("abc"), &key()),
            "FF35FA2EBFB0DD709C33D58A26EEABDE"
        );
        let mut second = example("测试");
        second.insert("version", json!(2));
        assert_eq!(sign(&second, &key()), "4FEF9AE49BCB4242FC72179684AFB24C");
        let mut first = as_map(&example("测试"));
        first.insert("sign".into(), json!("2DA33AF4841E512AB35477F206EC1BC6"));
        assert_eq!(is_signed(&first, &key()), Some(true), "double-encoded");
        let mut second = as_map(&second);
        second.insert("sign".into(), json!("4FEF9AE49BCB4242FC72179684AFB24C"));
        assert_eq!(is_signed(&second, &key()), Some(true));
    }

    #[test]
    fn a_signature_that_is_not_right_is_seen() {
        let mut map = as_map(&example("abc"));
        assert_eq!(is_signed(&map, &key()), None);
        map.insert("sign".into(), json!("FF35FA2EBFB0DD709C33D58A26EEABDE"));
        assert_eq!(is_signed(&map, &key()), Some(true));
        assert_eq!(is_signed(&map, &SecretString::from("other")), Some(false));
        for (name, value) in [
            ("_sign", json!("x")),
            ("attach", json!("12")),
            ("extra", json!("1")),
            ("attach", json!({"a": 1})),
            ("sign", json!("ff35fa2ebfb0dd709c33d58a26eeabde")),
            ("sign", json!(1)),
        ] {
            let mut changed = map.clone();
            changed.insert(name.into(), value.clone());
            assert_eq!(is_signed(&changed, &key()), Some(false), "{name} {value}");
        }
    }

    #[test]
    fn empty_values_are_joined_too() {
        let fields = Fields::from([("b", json!("")), ("a", json!(1))]);
        let by_hand = Fields::from([("a1b", json!(""))]);
        assert_eq!(sign(&fields, &key()), sign(&by_hand, &key()));
    }
}
