//! The platform's notices (PROTOCOL 2; 000 §3): their fields in both spellings, and their
//! signature, compared in constant time.

use super::sign::hex;
use crate::domain::Fen;
use crate::gateway::notice::{Claim, Hook, HookKind, Noticed};
use crate::gateway::strict_json::read_object;
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// A number of theirs or ours: at most this many characters.
const NUMBER_CHARS: usize = 64;

/// Of MD5, in hexadecimal.
const SIGNATURE_CHARS: usize = 32;

/// What reads a notice.
pub(super) struct Secrets<'a> {
    pub app_id: &'a str,
    pub app: &'a SecretString,
    /// The older `sign` counts where `signature` is absent.
    pub legacy: bool,
}

/// Reads a notice. Its `signature` waits for master_secret; the older `sign` is checked here.
pub(super) fn read(body: &[u8], secrets: &Secrets<'_>) -> Noticed {
    let Some(fields) = read_object(body) else {
        return Noticed::Unreadable;
    };
    let Some((hook, signed)) = hook(&fields) else {
        return Noticed::Unreadable;
    };
    match field(&fields, "signature", "signature") {
        Ok(Some(Value::String(given))) if given.len() == SIGNATURE_CHARS => {
            let given = given.clone();
            Noticed::Unchecked(hook, Claim { signed, given })
        }
        Ok(None) if secrets.legacy => match legacy(&fields, secrets) {
            Some((given, ours)) if is_same(&given, &ours) => Noticed::Signed(hook),
            _ => Noticed::Forged,
        },
        _ => Noticed::Forged,
    }
}

/// The notice's matter, and the text between app_id and master_secret that is signed.
fn hook(fields: &Map<String, Value>) -> Option<(Hook, String)> {
    let text = |snake, camel| {
        let value = field(fields, snake, camel).ok()??;
        let text = value.as_str()?;
        (1..=NUMBER_CHARS)
            .contains(&text.chars().count())
            .then_some(text)
    };
    let number = text("transaction_id", "transactionId")?;
    let kind = text("transaction_type", "transactionType")?;
    let channel = text("channel_type", "channelType")?;
    let fee = field(fields, "transaction_fee", "transactionFee").ok()??;
    let fee = fee.as_i64().filter(|fee| *fee > 0)?;
    let signed = format!("{number}{kind}{channel}{fee}");
    let kind = match kind {
        "PAY" => HookKind::Pay,
        "REFUND" => HookKind::Refund,
        // TRANSFER: payouts are made by nobody here.
        _ => return None,
    };
    let hook = Hook {
        kind,
        number: number.to_owned(),
        fee: Fen(fee),
    };
    Some((hook, signed))
}

/// A field in either spelling; both may be there and must then say the same.
fn field<'a>(
    fields: &'a Map<String, Value>,
    snake: &str,
    camel: &str,
) -> Result<Option<&'a Value>, ()> {
    match (fields.get(snake), fields.get(camel)) {
        (Some(one), Some(other)) if one != other => Err(()),
        (one, other) => Ok(one.or(other)),
    }
}

/// `sign = md5(app_id + app_secret + timestamp)` of older versions: it covers neither number nor
/// amount.
fn legacy(fields: &Map<String, Value>, secrets: &Secrets<'_>) -> Option<(String, String)> {
    let given = fields.get("sign")?.as_str()?.to_owned();
    let timestamp = match fields.get("timestamp")? {
        Value::Number(number) => number.as_i64()?.to_string(),
        Value::String(text) if text.len() <= 20 => text.clone(),
        _ => return None,
    };
    let app = secrets.app.expose_secret();
    Some((given, digest(&[secrets.app_id, app, &timestamp])))
}

fn digest(parts: &[&str]) -> String {
    let mut md5 = Md5::new();
    parts.iter().for_each(|part| md5.update(part));
    hex(&md5.finalize())
}

/// Whether a notice's `signature` is the one that master_secret makes.
pub(super) fn is_signed(claim: &Claim, app_id: &str, master: &SecretString) -> bool {
    let ours = digest(&[app_id, &claim.signed, master.expose_secret()]);
    is_same(&claim.given, &ours)
}

/// In constant time.
fn is_same(given: &str, ours: &str) -> bool {
    given.as_bytes().ct_eq(ours.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const APP_ID: &str = "0950c062-5e41-44e3-8f52-f89d8cf2b6eb";

    fn read_json(body: &Value, master: bool, legacy: bool) -> Noticed {
        let (app, secret) = (
            SecretString::from("app-secret-demo"),
            SecretString::from("master-secret-demo"),
        );
        let secrets = Secrets {
            app_id: APP_ID,
            app: &app,
            legacy,
        };
        match read(body.to_string().as_bytes(), &secrets) {
            Noticed::Unchecked(hook, claim) if master => match is_signed(&claim, APP_ID, &secret) {
                true => Noticed::Signed(hook),
                false => Noticed::Forged,
            },
            other => other,
        }
    }

    /// The recorded vector's notice.
    fn notice() -> Value {
        json!({"transaction_id": "201506101035040000001", "transaction_type": "PAY",
               "channel_type": "WX", "transaction_fee": 1, "trade_success": true,
               "signature": "7fafd6c548dceecfe8a29e8086a294a4", "timestamp": 1_426_817_510_111_i64,
               "message_detail": {"a": 1}, "optional": {"b": "c"}})
    }

    fn hook() -> Hook {
        Hook {
            kind: HookKind::Pay,
            number: "201506101035040000001".to_owned(),
            fee: Fen(1),
        }
    }

    #[test]
    fn s000_3_3_1_the_signature_of_the_vector() {
        assert_eq!(read_json(&notice(), true, false), Noticed::Signed(hook()));
        let claim = Claim {
            signed: "201506101035040000001PAYWX1".to_owned(),
            given: "7fafd6c548dceecfe8a29e8086a294a4".to_owned(),
        };
        assert_eq!(
            read_json(&notice(), false, false),
            Noticed::Unchecked(hook(), claim)
        );
        for (name, value) in [
            ("transaction_id", json!("201506101035040000002")),
            ("transaction_fee", json!(2)),
            ("transaction_type", json!("REFUND")),
            ("channel_type", json!("ALI")),
            ("signature", json!("7FAFD6C548DCEECFE8A29E8086A294A4")),
            ("signature", json!("")),
            ("signature", json!(7)),
            ("signature", json!(null)),
        ] {
            let mut forged = notice();
            forged[name] = value.clone();
            assert_eq!(
                read_json(&forged, true, true),
                Noticed::Forged,
                "{name} {value}"
            );
        }
    }

    #[test]
    fn s000_3_4_both_spellings_of_every_key() {
        let mut camel = notice();
        for (snake, name) in [
            ("transaction_id", "transactionId"),
            ("transaction_type", "transactionType"),
            ("channel_type", "channelType"),
            ("transaction_fee", "transactionFee"),
        ] {
            let value = notice()[snake].clone();
            camel[name] = value;
        }
        assert_eq!(
            read_json(&camel, true, false),
            Noticed::Signed(hook()),
            "both"
        );
        let map = camel.as_object_mut().unwrap();
        map.retain(|name, _| !name.contains('_'));
        assert_eq!(
            read_json(&camel, true, false),
            Noticed::Signed(hook()),
            "camelCase alone"
        );
        let mut split = notice();
        split["transactionFee"] = json!(100);
        assert_eq!(
            read_json(&split, true, false),
            Noticed::Unreadable,
            "they differ"
        );
    }

    #[test]
    fn the_older_signature_counts_only_by_a_setting_and_alone() {
        let mut old = notice();
        old.as_object_mut().unwrap().remove("signature");
        let sign = digest(&[APP_ID, "app-secret-demo", "1426817510111"]);
        old["sign"] = json!(sign);
        assert_eq!(read_json(&old, true, true), Noticed::Signed(hook()));
        assert_eq!(
            read_json(&old, false, true),
            Noticed::Signed(hook()),
            "it needs no master"
        );
        assert_eq!(read_json(&old, true, false), Noticed::Forged);
        old["signature"] = json!("0".repeat(32));
        assert_eq!(
            read_json(&old, true, true),
            Noticed::Forged,
            "the newer one is there"
        );
    }

    #[test]
    fn what_is_no_notice_is_nothing() {
        for (name, value) in [
            ("transaction_type", json!("TRANSFER")),
            ("transaction_fee", json!(0)),
            ("transaction_fee", json!("1")),
            ("transaction_fee", json!(1.0)),
            ("transaction_id", json!("x".repeat(65))),
            ("transaction_id", json!(null)),
        ] {
            let mut other = notice();
            other[name] = value.clone();
            assert_eq!(
                read_json(&other, true, false),
                Noticed::Unreadable,
                "{name} {value}"
            );
        }
        let twice = r#"{"transaction_fee":1,"transaction_fee":100}"#;
        let app = SecretString::from("a");
        let secrets = Secrets {
            app_id: "a",
            app: &app,
            legacy: false,
        };
        assert_eq!(read(twice.as_bytes(), &secrets), Noticed::Unreadable);
    }

    proptest! {
        #[test]
        fn no_body_panics_or_is_signed_by_accident(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            signature in "[0-9a-f]{32}",
            id in ".{0,70}",
            fee in any::<i64>(),
        ) {
            let mut body = notice();
            body["signature"] = json!(signature);
            body["transaction_id"] = json!(id);
            body["transaction_fee"] = json!(fee);
            let said = read_json(&body, true, true);
            prop_assert!(!matches!(said, Noticed::Signed(_)));
            let app = SecretString::from("a");
            let secrets = Secrets { app_id: "a", app: &app, legacy: true };
            prop_assert!(!matches!(read(&bytes, &secrets), Noticed::Signed(_)));
        }
    }
}
