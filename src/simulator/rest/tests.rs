use super::*;
use crate::domain::practice::Act;
use crate::simulator::core::Merchant;
use crate::simulator::sign::app_sign;
use serde_json::json;

mod refund;

const T0: i64 = 1_795_176_659_632;
const NO: &str = "2026112001000001ABCDEFGH";

fn core() -> Core {
    Core::new(Merchant::default(), 7)
}

/// `fields`, signed at `timestamp`.
fn signed(timestamp: i64, fields: Value) -> Value {
    signed_with("practice-app", timestamp, fields)
}

fn signed_with(secret: &str, timestamp: i64, fields: Value) -> Value {
    let mut request = json!({
        "app_id": "practice",
        "timestamp": timestamp,
        "app_sign": app_sign("practice", timestamp, secret),
    });
    merge(&mut request, fields);
    request
}

/// Sets fields; null removes one.
fn merge(request: &mut Value, fields: Value) {
    let map = request.as_object_mut().unwrap();
    for (key, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => map.remove(key),
            value => map.insert(key.clone(), value.clone()),
        };
    }
}

fn scan() -> Value {
    signed(
        T0,
        json!({
            "channel": "ALI_SCAN",
            "total_fee": 1,
            "bill_no": NO,
            "title": "白开水",
            "auth_code": "283024351597694002",
            "bill_timeout": 361,
        }),
    )
}

fn native() -> Value {
    let mut request = scan();
    merge(
        &mut request,
        json!({"channel": "WX_NATIVE", "auth_code": null}),
    );
    request
}

fn code_of(reply: Answer) -> i64 {
    let value = render(reply.delivered().unwrap());
    assert_eq!(value["result_code"], value["resultCode"]);
    value["result_code"].as_i64().unwrap()
}

fn pay_code(base: Value, change: Value) -> i64 {
    let mut request = base;
    merge(&mut request, change);
    code_of(pay(&mut core(), T0, Endpoint::Offline, &request))
}

#[test]
fn every_pay_parameter_is_checked_as_the_documents_say() {
    for (change, code) in [
        (json!({}), 0),
        (json!({"unknown_key": {"ignored": [1]}}), 0),
        // signature
        (json!({"app_id": null}), 4),
        (json!({"app_id": ""}), 4),
        (json!({"app_id": 1}), 5),
        (json!({"app_id": "nobody"}), 1),
        (json!({"timestamp": null}), 4),
        (json!({"timestamp": "1795176659632"}), 5),
        (json!({"timestamp": 1.5}), 5),
        (json!({"timestamp": T0 / 1000}), 1),
        (json!({"timestamp": T0 + 1}), 1),
        (json!({"app_sign": null}), 4),
        (json!({"app_sign": 7}), 5),
        (json!({"app_sign": "b927899dda6f9a04afc57f21ddf69d69"}), 1),
        // channel
        (json!({"channel": null}), 4),
        (json!({"channel": 1}), 5),
        (json!({"channel": "ali_scan"}), 3),
        (json!({"channel": "ALI_WEB"}), 3),
        (json!({"channel": "BC_ALI_QRCODE"}), 3),
        // total_fee
        (json!({"total_fee": null}), 4),
        (json!({"total_fee": 0}), 5),
        (json!({"total_fee": -1}), 5),
        (json!({"total_fee": "1"}), 5),
        (json!({"total_fee": 1.0}), 5),
        (json!({"total_fee": true}), 5),
        (json!({"total_fee": 2_147_483_647}), 0),
        (json!({"total_fee": 2_147_483_648_i64}), 5),
        // bill_no
        (json!({"bill_no": null}), 4),
        (json!({"bill_no": ""}), 4),
        (json!({"bill_no": 20_261_120}), 5),
        (json!({"bill_no": "1234567"}), 5),
        (json!({"bill_no": "12345678"}), 0),
        (json!({"bill_no": "A".repeat(32)}), 0),
        (json!({"bill_no": "A".repeat(33)}), 5),
        (json!({"bill_no": "2026-1120"}), 5),
        (json!({"bill_no": "20261120中"}), 5),
        // title
        (json!({"title": null}), 4),
        (json!({"title": ""}), 4),
        (json!({"title": 5}), 5),
        (json!({"title": "汉".repeat(16)}), 0),
        (json!({"title": format!("{}a", "汉".repeat(16))}), 5),
        (json!({"title": "a".repeat(32)}), 0),
        (json!({"title": "a".repeat(33)}), 5),
        (json!({"title": "🍜"}), 5),
        // auth_code
        (json!({"auth_code": null}), 4),
        (json!({"auth_code": ""}), 4),
        (json!({"auth_code": 283_024_351_597_694_002_i64}), 5),
        (json!({"auth_code": "123456789"}), 5),
        (json!({"auth_code": "2".repeat(33)}), 5),
        (json!({"auth_code": "28302435159769400x"}), 5),
        (json!({"auth_code": "23891113455872"}), 0),
        // the rest
        (json!({"bill_timeout": null}), 0),
        (json!({"bill_timeout": 1}), 0),
        (json!({"bill_timeout": 0}), 5),
        (json!({"bill_timeout": -361}), 5),
        (json!({"bill_timeout": "361"}), 5),
        (json!({"notify_url": "https://example.com/n"}), 0),
        (json!({"notify_url": "http://example.com/n"}), 0),
        (json!({"notify_url": "ftp://example.com"}), 5),
        (json!({"notify_url": ""}), 5),
        (json!({"notify_url": 1}), 5),
        (json!({"optional": {"key1": "value1"}}), 0),
        (json!({"optional": "{}"}), 5),
        (json!({"optional": []}), 5),
        (json!({"analysis": {"os_name": "Linux"}}), 0),
        (json!({"analysis": "Linux"}), 5),
        (json!({"store_id": "SH_001", "terminal_id": "NJ_T_001"}), 0),
        (json!({"store_id": "S".repeat(33)}), 5),
        (json!({"terminal_id": "T".repeat(33)}), 5),
        (json!({"store_id": 1}), 5),
        (json!({"buyer_id": "b".repeat(65)}), 5),
        (json!({"operator_id": 1001}), 5),
    ] {
        assert_eq!(pay_code(scan(), change.clone()), code, "{change}");
    }
}

#[test]
fn a_channel_is_taken_only_at_its_endpoint() {
    use Endpoint::{Offline, Online};
    for (channel, offline, online) in [
        ("ALI_SCAN", 0, 3),
        ("WX_SCAN", 0, 3),
        ("BC_ALI_SCAN", 0, 3),
        ("BC_WX_SCAN", 0, 3),
        ("SCAN", 0, 3),
        ("BC_SCAN", 0, 3),
        ("ALI_OFFLINE_QRCODE", 0, 0),
        ("WX_NATIVE", 0, 0),
        ("BC_ALI_QRCODE", 3, 0),
        ("BC_NATIVE", 3, 0),
    ] {
        for (endpoint, expected) in [(Offline, offline), (Online, online)] {
            let code = match channel {
                "WX_SCAN" | "BC_WX_SCAN" => json!("134567890123456789"),
                c if c.ends_with("SCAN") => json!("283024351597694002"),
                _ => Value::Null,
            };
            let mut request = scan();
            merge(&mut request, json!({"channel": channel, "auth_code": code}));
            let code = code_of(pay(&mut core(), T0, endpoint, &request));
            assert_eq!(code, expected, "{channel} {endpoint:?}");
        }
    }
}

#[test]
fn a_payment_code_has_no_place_in_a_request_for_a_qr() {
    assert_eq!(pay_code(native(), json!({})), 0);
    let change = json!({"auth_code": "283024351597694002"});
    assert_eq!(pay_code(native(), change), 5);
}

#[test]
fn timestamps_may_be_five_minutes_off_in_both_directions() {
    for (off_ms, code) in [(300_000, 0), (-300_000, 0), (300_001, 1), (-300_001, 1)] {
        let request = signed(T0 + off_ms, json!({}));
        assert_eq!(code_of(bills(&mut core(), T0, &request)), code, "{off_ms}");
    }
    let huge = signed(i64::MIN, json!({}));
    assert_eq!(code_of(bills(&mut core(), T0, &huge)), 1);
}

#[test]
fn signatures_are_accepted_in_either_case_and_only_with_app_secret() {
    let mut upper = scan();
    let sign = upper["app_sign"].as_str().unwrap().to_uppercase();
    merge(&mut upper, json!({"app_sign": sign}));
    assert_eq!(pay_code(upper, json!({})), 0);
    let master = app_sign("practice", T0, "practice-master");
    assert_eq!(pay_code(scan(), json!({"app_sign": master})), 1);
}

#[test]
fn every_operation_checks_the_signature() {
    let request = signed(
        T0,
        json!({"bill_no": NO, "method": "REVERT", "app_sign": "0"}),
    );
    let core = &mut core();
    assert_eq!(code_of(pay(core, T0, Endpoint::Online, &request)), 1);
    assert_eq!(code_of(status(core, T0, &request)), 1);
    assert_eq!(code_of(revert(core, T0, NO, &request)), 1);
    assert_eq!(code_of(bills(core, T0, &request)), 1);
    assert_eq!(code_of(count(core, T0, &request)), 1);
    assert_eq!(code_of(bill(core, T0, "id", &request)), 1);
    for no_object in [json!([]), json!("x"), json!(1), Value::Null] {
        assert_eq!(code_of(status(core, T0, &no_object)), 5);
    }
}

#[test]
fn status_and_revert_check_their_parameters() {
    let mut core = core();
    core.default_act = Act::Never;
    pay(&mut core, T0, Endpoint::Offline, &scan());
    for (change, code) in [
        (json!({}), 0),
        (json!({"channel": "ALI_SCAN"}), 0),
        (json!({"channel": "WX_SCAN"}), 3),
        (json!({"channel": "SCAN"}), 3),
        (json!({"channel": "BC_NATIVE"}), 3),
        (json!({"channel": "ALI"}), 3),
        (json!({"channel": 7}), 5),
        (json!({"bill_no": null}), 4),
        (json!({"bill_no": "short"}), 5),
        (json!({"bill_no": "20261120nobody"}), 8),
    ] {
        let mut request = signed(T0, json!({"bill_no": NO}));
        merge(&mut request, change.clone());
        assert_eq!(code_of(status(&mut core, T0, &request)), code, "{change}");
    }
    for (bill_no, change, code) in [
        (NO, json!({"method": null}), 4),
        (NO, json!({"method": "revert"}), 5),
        (NO, json!({"method": "DELETE"}), 5),
        (NO, json!({"method": 1}), 5),
        (NO, json!({"channel": "WX_SCAN"}), 3),
        (NO, json!({"channel": "nonsense"}), 3),
        ("short", json!({}), 5),
        ("20261120nobody", json!({}), 8),
        ("20261120nobody", json!({"channel": "WX_SCAN"}), 8),
        ("20261120nobody", json!({"channel": "ALI_SCAN"}), 0),
        (NO, json!({"channel": "ALI_SCAN"}), 0),
    ] {
        let mut request = signed(T0, json!({"method": "REVERT"}));
        merge(&mut request, change.clone());
        let answer = revert(&mut core, T0, bill_no, &request);
        assert_eq!(code_of(answer), code, "{bill_no} {change}");
    }
}

#[test]
fn queries_check_their_parameters() {
    for (change, code) in [
        (json!({}), 0),
        (json!({"channel": "WX"}), 0),
        (json!({"channel": "BC_NATIVE"}), 0),
        (json!({"channel": "wx"}), 3),
        (json!({"channel": 1}), 5),
        (json!({"bill_no": "short"}), 5),
        (json!({"bill_no": ""}), 5),
        (json!({"spay_result": "true"}), 5),
        (json!({"refund_result": 1}), 5),
        (json!({"need_detail": "yes"}), 5),
        (json!({"start_time": "1"}), 5),
        (json!({"end_time": -1}), 5),
        (json!({"skip": -1}), 5),
        (json!({"limit": 50}), 0),
        (json!({"limit": 51}), 5),
        (json!({"limit": 0}), 5),
        (json!({"limit": 1.5}), 5),
    ] {
        let request = signed(T0, change.clone());
        assert_eq!(code_of(bills(&mut core(), T0, &request)), code, "{change}");
        assert_eq!(code_of(count(&mut core(), T0, &request)), code, "{change}");
    }
}

#[test]
fn answers_carry_the_documents_fields() {
    let mut core = core();
    let mut request = scan();
    merge(
        &mut request,
        json!({"optional": {"till": "01"}, "channel": "SCAN"}),
    );
    let paid = pay(&mut core, T0, Endpoint::Offline, &request);
    let paid = render(paid.delivered().unwrap());
    assert_eq!(paid["result_msg"], "OK");
    assert_eq!(paid["err_detail"], "");
    assert_eq!(paid["errMsg"], "OK:");
    assert_eq!(paid["pay_result"], true);
    assert_eq!(paid["channel_type"], "ALI_SCAN");

    let query = signed(T0, json!({"bill_no": NO, "need_detail": true}));
    let answer = render(bills(&mut core, T0, &query).delivered().unwrap());
    let row = &answer["bills"][0];
    assert_eq!(row["bill_no"], NO);
    assert_eq!(row["id"], paid["id"]);
    assert_eq!(row["total_fee"], 1);
    assert_eq!(row["channel"], "ALI");
    assert_eq!(row["sub_channel"], "ALI_SCAN");
    assert_eq!(row["spay_result"], true);
    assert_eq!(row["revert_result"], false);
    assert_eq!(row["refund_result"], false);
    assert_eq!(
        (&row["create_time"], &row["success_time"]),
        (&json!(T0), &json!(T0))
    );
    assert_eq!(row["optional"], r#"{"till":"01"}"#, "a JSON string");
    let detail: Value = serde_json::from_str(row["message_detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["trade_no"], row["trade_no"]);

    let one = bill(
        &mut core,
        T0,
        paid["id"].as_str().unwrap(),
        &signed(T0, json!({})),
    );
    assert_eq!(render(one.delivered().unwrap())["pay"], *row);
    let counted = count(&mut core, T0, &query).delivered().unwrap();
    assert_eq!(render(counted)["count"], 1);
    let request = signed(T0, json!({"method": "REVERT"}));
    let reverted = revert(&mut core, T0, NO, &request).delivered().unwrap();
    assert_eq!(render(reverted)["revert_status"], true);
    let request = signed(T0, json!({"bill_no": NO}));
    let asked = render(status(&mut core, T0, &request).delivered().unwrap());
    assert_eq!(asked["pay_result"], false);
}

#[test]
fn qrs_look_like_the_wallets_own() {
    for (channel, endpoint, start) in [
        (
            "ALI_OFFLINE_QRCODE",
            Endpoint::Offline,
            "https://qr.alipay.com/bax",
        ),
        (
            "BC_ALI_QRCODE",
            Endpoint::Online,
            "https://qr.alipay.com/bax",
        ),
        (
            "WX_NATIVE",
            Endpoint::Offline,
            "weixin://wxpay/bizpayurl?pr=",
        ),
        (
            "BC_NATIVE",
            Endpoint::Online,
            "weixin://wxpay/bizpayurl?pr=",
        ),
    ] {
        let mut request = native();
        merge(&mut request, json!({"channel": channel}));
        let answer = pay(&mut core(), T0, endpoint, &request)
            .delivered()
            .unwrap();
        let answer = render(answer);
        assert!(answer["code_url"].as_str().unwrap().starts_with(start));
        assert_eq!(answer.get("pay_result"), None);
    }
}

#[test]
fn refusals_never_repeat_a_secret_or_a_payment_code() {
    let secret = "practice-app";
    let code = "28302435159769400x";
    for change in [
        json!({"auth_code": code}),
        json!({"app_sign": secret}),
        json!({"app_id": secret}),
        json!({"notify_url": code}),
    ] {
        let mut request = scan();
        merge(&mut request, change);
        let answer = pay(&mut core(), T0, Endpoint::Offline, &request);
        let text = render(answer.delivered().unwrap()).to_string();
        assert!(!text.contains(secret) && !text.contains(code), "{text}");
    }
}

#[test]
fn para_takes_both_spellings_of_a_space_and_nothing_broken() {
    for query in [
        "para=%7B%22a%22%3A%22b+c%22%7D",
        "para=%7b%22a%22%3a%22b%20c%22%7d",
        "x=1&para={%22a%22:%22b%20c%22}&y",
    ] {
        assert_eq!(para(Some(query)), Ok(json!({"a": "b c"})), "{query}");
    }
    for (query, code) in [
        (None, Code::MissParam),
        (Some(""), Code::MissParam),
        (Some("para="), Code::MissParam),
        (Some("parameter={}"), Code::MissParam),
        (Some("para=%7"), Code::ParamInvalid),
        (Some("para=%zz"), Code::ParamInvalid),
        (Some("para=%FF"), Code::ParamInvalid),
        (Some("para={"), Code::ParamInvalid),
        (Some("para={}&para={}"), Code::ParamInvalid),
    ] {
        assert_eq!(para(query).unwrap_err().code, code, "{query:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_request_brings_the_gateway_down(
        query in ".{0,200}",
        key in "app_id|timestamp|channel|bill_no|total_fee|title|auth_code|bill_timeout|limit",
        text in ".{0,40}",
        number in proptest::num::i64::ANY,
    ) {
        let _ = para(Some(&query));
        let _ = para(Some(&format!("para={query}")));
        let mut core = core();
        for value in [json!(text), json!(number), json!(number as f64), json!([text])] {
            let mut request = scan();
            merge(&mut request, json!({ key.clone(): value }));
            let text = render(pay(&mut core, T0, Endpoint::Offline, &request).delivered().unwrap());
            assert!(text["result_code"].is_i64());
            let _ = bills(&mut core, T0, &request);
            let _ = revert(&mut core, T0, &text.to_string(), &request);
        }
    }
}
