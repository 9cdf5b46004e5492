//! What goes over the wire: paths, bodies, `para`, and the hash of a bill's parameters (I2).

use super::sign::{app_sign, hex};
use crate::domain::gateway::PayRequest;
use crate::domain::{BillNo, Channel};
use crate::gateway::transport::Prepared;
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Parameters by name: sorted, so that the same request always has the same bytes.
pub(super) type Params = BTreeMap<&'static str, Value>;

/// Who asks.
pub(super) struct Signer<'a> {
    pub app_id: &'a str,
    /// app_secret; for a refund master_secret.
    pub secret: &'a SecretString,
    /// Gateway time, UTC ms.
    pub at_ms: i64,
    /// Where online bills and their rows are.
    pub place: Place,
}

/// The platform proper, or its test environment. The documents name no path for the latter; the
/// official clients do, for online bills and their lists alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Live,
    Sandbox,
}

impl Place {
    /// What all its paths begin with.
    pub fn base(self) -> &'static str {
        match self {
            Place::Live => "/2/rest",
            Place::Sandbox => "/2/rest/sandbox",
        }
    }
}

impl Signer<'_> {
    fn sign(&self, mut params: Params) -> Vec<u8> {
        let sign = app_sign(self.app_id, self.at_ms, self.secret);
        params.insert("app_id", json!(self.app_id));
        params.insert("timestamp", json!(self.at_ms));
        params.insert("app_sign", json!(sign));
        canonical(params)
    }

    /// A signed POST.
    pub fn post(&self, path: String, params: Params) -> Prepared {
        let body = self.sign(params);
        Prepared::Post { path, body }
    }

    /// A signed PUT.
    pub fn put(&self, path: String, params: Params) -> Prepared {
        let body = self.sign(params);
        Prepared::Put { path, body }
    }

    /// A signed GET.
    pub fn get(&self, path: &str, params: Params) -> Prepared {
        let para = percent_encode(&self.sign(params));
        Prepared::Get {
            path: format!("{path}?para={para}"),
        }
    }

    /// POST /2/rest/offline/bill, or /2/rest/bill for the BC QR channels. Pay links go by
    /// [`super::link`].
    pub fn pay(&self, request: &PayRequest) -> Prepared {
        let mut params = pay_params(request);
        if let Some(code) = &request.auth_code {
            params.insert("auth_code", json!(code.expose()));
        }
        let path = match request.channel.pays_online() {
            true => "/2/rest/bill",
            false => "/2/rest/offline/bill",
        };
        self.post(path.to_owned(), params)
    }

    /// POST /2/rest/offline/bill/status
    pub fn status(&self, bill_no: &BillNo, channel: Option<Channel>) -> Prepared {
        let mut params = with_channel(channel);
        params.insert("bill_no", json!(bill_no.as_str()));
        self.post("/2/rest/offline/bill/status".to_owned(), params)
    }

    /// POST /2/rest/offline/bill/{bill_no}
    pub fn revert(&self, bill_no: &BillNo, channel: Option<Channel>) -> Prepared {
        let mut params = with_channel(channel);
        params.insert("method", json!("REVERT"));
        self.post(format!("/2/rest/offline/bill/{bill_no}"), params)
    }

    /// GET /2/rest/bills
    pub fn bills(&self, bill_no: &BillNo) -> Prepared {
        self.get(
            &format!("{}/bills", self.place.base()),
            Params::from([("bill_no", json!(bill_no.as_str()))]),
        )
    }

    /// GET /2/rest/bill/{id}. `None` where the id could lead to another path.
    pub fn bill(&self, id: &str) -> Option<Prepared> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let ok = (1..=64).contains(&id.len()) && id.bytes().all(plain);
        ok.then(|| self.get(&format!("{}/bill/{id}", self.place.base()), Params::new()))
    }
}

fn with_channel(channel: Option<Channel>) -> Params {
    channel
        .map(|c| ("channel", json!(c.name())))
        .into_iter()
        .collect()
}

/// Everything of a pay request but who asks and the payment code.
fn pay_params(request: &PayRequest) -> Params {
    let mut params = Params::from([
        ("bill_no", json!(request.bill_no.as_str())),
        ("channel", json!(request.channel.name())),
        ("title", json!(request.title)),
        ("total_fee", json!(request.amount.0)),
    ]);
    if let Some(seconds) = request.bill_timeout_s {
        params.insert("bill_timeout", json!(seconds));
    }
    let mut text = |name, value: &Option<String>| {
        if let Some(value) = value.as_ref().filter(|v| !v.is_empty()) {
            params.insert(name, json!(value));
        }
    };
    text("notify_url", &request.notify_url);
    text("operator_id", &request.operator_id);
    if request.channel == Channel::AliScan {
        text("store_id", &request.store_id);
        text("terminal_id", &request.terminal_id);
    }
    params
}

/// SHA-256 (hex) of a pay request's parameters in canonical order, without secrets and without
/// the payment code: what the intent holds (I2).
pub fn params_hash(request: &PayRequest) -> String {
    let link = super::link::params(request).ok().flatten();
    let params = link.unwrap_or_else(|| pay_params(request));
    hex(&Sha256::digest(canonical(params)))
}

/// JSON with sorted keys. Written by hand over the sorted map, since serde_json's own order
/// depends on a feature that any other crate may switch on.
pub(super) fn canonical(params: Params) -> Vec<u8> {
    let fields: Vec<String> = params
        .into_iter()
        .map(|(name, value)| format!("{}:{value}", Value::from(name)))
        .collect();
    format!("{{{}}}", fields.join(",")).into_bytes()
}

/// Percent-encodes all but RFC 3986's unreserved bytes: a space is %20, which no server reads
/// as anything else.
fn percent_encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, &b| {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AuthCode, Fen};
    use crate::gateway::beecloud::samples::{bill_no, pay_request, qr_request};

    fn signer(secret: &SecretString) -> Signer<'_> {
        Signer {
            app_id: "0950c062-5e41-44e3-8f52-f89d8cf2b6eb",
            secret,
            at_ms: 1_795_176_659_632,
            place: Place::Live,
        }
    }

    fn post(prepared: Prepared) -> (String, Value) {
        match prepared {
            Prepared::Post { path, body } => (path, serde_json::from_slice(&body).unwrap()),
            Prepared::Put { path, .. } | Prepared::Get { path } => panic!("no POST: {path}"),
        }
    }

    #[test]
    fn a_scan_carries_what_the_documents_name() {
        let secret = SecretString::from("app-secret-demo");
        let request = PayRequest {
            notify_url: Some("https://shop.example/hook".into()),
            store_id: Some("SH_001".into()),
            terminal_id: Some("T1".into()),
            operator_id: Some("1001".into()),
            ..pay_request(Channel::AliScan)
        };
        let (path, body) = post(signer(&secret).pay(&request));
        assert_eq!(path, "/2/rest/offline/bill");
        assert_eq!(
            body,
            json!({
                "app_id": "0950c062-5e41-44e3-8f52-f89d8cf2b6eb",
                "timestamp": 1_795_176_659_632_i64,
                "app_sign": "fa47fd3cb0d13fe8b51aea3e350b6c55",
                "bill_no": "20261120010000010ABCDEFG",
                "channel": "ALI_SCAN",
                "total_fee": 1234,
                "title": "示例便利店",
                "auth_code": "281234567890123456",
                "bill_timeout": 361,
                "notify_url": "https://shop.example/hook",
                "store_id": "SH_001",
                "terminal_id": "T1",
                "operator_id": "1001",
            })
        );
    }

    #[test]
    fn store_and_terminal_go_with_ali_scan_alone() {
        let secret = SecretString::from("s");
        for channel in Channel::ALL {
            let request = PayRequest {
                channel,
                store_id: Some("SH_001".into()),
                terminal_id: Some("T1".into()),
                bill_timeout_s: None,
                ..pay_request(channel)
            };
            let (path, body) = post(signer(&secret).pay(&request));
            assert_eq!(body.get("store_id").is_some(), channel == Channel::AliScan);
            assert_eq!(
                body.get("terminal_id").is_some(),
                channel == Channel::AliScan
            );
            assert_eq!(body.get("bill_timeout"), None, "its switch is off");
            assert_eq!(path == "/2/rest/bill", channel.pays_online(), "{channel}");
        }
    }

    #[test]
    fn status_and_revert_name_the_channel_only_where_known() {
        let secret = SecretString::from("s");
        let no = bill_no();
        let (path, body) = post(signer(&secret).status(&no, Some(Channel::WxScan)));
        assert_eq!(path, "/2/rest/offline/bill/status");
        assert_eq!(body["bill_no"], no.as_str());
        assert_eq!(body["channel"], "WX_SCAN");
        let (_, body) = post(signer(&secret).status(&no, None));
        assert_eq!(body.get("channel"), None);
        let (path, body) = post(signer(&secret).revert(&no, None));
        assert_eq!(path, format!("/2/rest/offline/bill/{no}"));
        assert_eq!(body["method"], "REVERT");
        assert_eq!(body.get("channel"), None);
    }

    #[test]
    fn an_id_never_leads_to_another_path() {
        let secret = SecretString::from("s");
        for id in ["", ".", "..", "a/b", "a?b", "a%2f", "é", &"x".repeat(65)] {
            assert!(signer(&secret).bill(id).is_none(), "{id}");
        }
        let bill = signer(&secret).bill("b1f7-c2_3").unwrap();
        assert_eq!(bill.path(), "/2/rest/bill/b1f7-c2_3", "what a log may hold");
    }

    #[test]
    fn para_is_encoded_json() {
        assert_eq!(
            percent_encode(br#"{"a b":"+"}"#),
            "%7B%22a%20b%22%3A%22%2B%22%7D"
        );
        assert_eq!(percent_encode("汉".as_bytes()), "%E6%B1%89");
    }

    #[test]
    fn the_hash_knows_every_parameter_but_the_code() {
        let base = qr_request(Channel::AliOfflineQrcode);
        let hash = params_hash(&base);
        assert_eq!(hash.len(), 64);
        assert_eq!(hash, params_hash(&base.clone()));
        assert_ne!(
            hash,
            params_hash(&PayRequest {
                amount: Fen(1235),
                ..base.clone()
            })
        );
        assert_ne!(
            hash,
            params_hash(&PayRequest {
                title: "b".into(),
                ..base.clone()
            })
        );
        assert_ne!(
            hash,
            params_hash(&PayRequest {
                bill_timeout_s: None,
                ..base
            })
        );
        let scan = pay_request(Channel::WxScan);
        let other = AuthCode::parse("134567890123456789").ok();
        assert_eq!(
            params_hash(&scan),
            params_hash(&PayRequest {
                auth_code: other,
                ..scan.clone()
            })
        );
    }
}
