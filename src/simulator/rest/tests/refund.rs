//! Refund requests and queries, field by field.

use super::*;
use crate::domain::practice::{Network, RefundAct};

const R1: &str = "2026112001000001R1";

/// A gateway with one paid Alipay bill of 12.34.
fn paid() -> Core {
    let mut core = core();
    let mut request = scan();
    merge(&mut request, json!({"total_fee": 1234}));
    assert_eq!(code_of(pay(&mut core, T0, Endpoint::Offline, &request)), 0);
    core
}

/// One with a paid WeChat bill of 0.01.
fn paid_by_wechat() -> Core {
    let mut core = core();
    let mut request = scan();
    let wechat = json!({"channel": "WX_SCAN", "auth_code": "134567890123456789"});
    merge(&mut request, wechat);
    assert_eq!(code_of(pay(&mut core, T0, Endpoint::Offline, &request)), 0);
    core
}

fn part() -> Value {
    let fields = json!({"refund_no": R1, "bill_no": NO, "refund_fee": 1});
    signed_with("practice-master", T0, fields)
}

#[test]
fn every_refund_parameter_is_checked_as_the_documents_say() {
    for (change, code) in [
        (json!({}), 0),
        (json!({"unknown_key": {"ignored": [1]}}), 0),
        // signature
        (json!({"app_id": null}), 4),
        (json!({"app_id": 1}), 5),
        (json!({"app_id": "nobody"}), 1),
        (json!({"timestamp": null}), 4),
        (json!({"timestamp": "1795176659632"}), 5),
        (json!({"timestamp": T0 + 1}), 1),
        (json!({"app_sign": null}), 4),
        (json!({"app_sign": "b927899dda6f9a04afc57f21ddf69d69"}), 1),
        (
            json!({"app_sign": app_sign("practice", T0, "practice-app")}),
            1,
        ),
        // refund_no
        (json!({"refund_no": null}), 4),
        (json!({"refund_no": ""}), 4),
        (json!({"refund_no": 20_261_120_001_i64}), 5),
        (json!({"refund_no": "20261120001"}), 0),
        (json!({"refund_no": "20261120abc"}), 0),
        (json!({"refund_no": "20261120000"}), 5),
        (json!({"refund_no": "202611200000"}), 0),
        (json!({"refund_no": "2026112001"}), 5),
        (
            json!({"refund_no": format!("20261120{}", "A".repeat(24))}),
            0,
        ),
        (
            json!({"refund_no": format!("20261120{}", "A".repeat(25))}),
            5,
        ),
        (json!({"refund_no": "20261119001"}), 5),
        (json!({"refund_no": "20261121001"}), 5),
        (json!({"refund_no": "20261120-01"}), 5),
        (json!({"refund_no": "2026112X001"}), 5),
        (json!({"refund_no": "2026112中001"}), 5),
        (json!({"refund_no": "20261120退款单"}), 5),
        // bill_no
        (json!({"bill_no": null}), 4),
        (json!({"bill_no": "short"}), 5),
        (json!({"bill_no": 20_261_120}), 5),
        (json!({"bill_no": "20261120nobody"}), 8),
        // refund_fee
        (json!({"refund_fee": null}), 4),
        (json!({"refund_fee": 0}), 5),
        (json!({"refund_fee": -1}), 5),
        (json!({"refund_fee": "1"}), 5),
        (json!({"refund_fee": 1.0}), 5),
        (json!({"refund_fee": true}), 5),
        (json!({"refund_fee": 1234}), 0),
        (json!({"refund_fee": 1235}), 12),
        (json!({"refund_fee": 2_147_483_647}), 12),
        (json!({"refund_fee": 2_147_483_648_i64}), 5),
        // channel
        (json!({"channel": "ALI"}), 0),
        (json!({"channel": "WX"}), 3),
        (json!({"channel": "BC"}), 3),
        (json!({"channel": "UN"}), 3),
        (json!({"channel": "ali"}), 3),
        (json!({"channel": "ALI_SCAN"}), 3),
        (json!({"channel": ""}), 3),
        (json!({"channel": 1}), 5),
        // the rest
        (
            json!({"refund_reason": "正常退款", "operator_id": "OP001"}),
            0,
        ),
        (json!({"refund_reason": 1}), 5),
        (json!({"operator_id": 1001}), 5),
        (json!({"store_id": "NJ_S_001"}), 0),
        (json!({"store_id": "S".repeat(33)}), 5),
        (json!({"store_id": 1}), 5),
        (json!({"optional": {"key1": "value1"}}), 0),
        (json!({"optional": "{}"}), 5),
        (json!({"refund_account": 0}), 0),
        (json!({"refund_account": 1}), 0),
        (json!({"refund_account": 2}), 5),
        (json!({"refund_account": "1"}), 5),
    ] {
        let (mut core, mut request) = (paid(), part());
        merge(&mut request, change.clone());
        let code_said = code_of(refund(&mut core, T0, &request));
        assert_eq!(code_said, code, "{change}");
        assert_eq!(core.all_refunds().is_empty(), code != 0, "{change}");
    }
    for no_object in [json!([]), json!("x"), Value::Null] {
        assert_eq!(code_of(refund(&mut paid(), T0, &no_object)), 5);
    }
}

#[test]
fn only_a_refund_is_signed_with_master_secret() {
    let fields = json!({"refund_no": R1, "channel": "WX"});
    let by_app = signed(T0, fields.clone());
    let by_master = signed_with("practice-master", T0, fields);
    let mut core = paid_by_wechat();
    assert_eq!(code_of(refund(&mut core, T0, &part())), 0);
    for (request, code) in [(by_app, 0), (by_master, 1)] {
        assert_eq!(code_of(refunds(&mut core, T0, &request)), code);
        assert_eq!(code_of(refund_count(&mut core, T0, &request)), code);
        assert_eq!(code_of(refund_status(&mut core, T0, &request)), code);
        let id = core.all_refunds()[0].id.clone();
        assert_eq!(code_of(refund_by_id(&mut core, T0, &id, &request)), code);
        assert_eq!(code_of(bills(&mut core, T0, &request)), code);
    }
    let mut upper = part();
    let sign = upper["app_sign"].as_str().unwrap().to_uppercase();
    merge(&mut upper, json!({"app_sign": sign}));
    assert_eq!(code_of(refund(&mut paid(), T0, &upper)), 0);
    for off_ms in [300_001, -300_001] {
        assert_eq!(code_of(refund(&mut paid(), T0 + off_ms, &part())), 1);
    }
}

#[test]
fn refund_queries_check_their_parameters() {
    for (change, code) in [
        (json!({}), 0),
        (json!({"channel": "WX"}), 0),
        (json!({"channel": "BC_ALI_SCAN"}), 0),
        (json!({"channel": "wx"}), 3),
        (json!({"channel": 1}), 5),
        (json!({"bill_no": "short"}), 5),
        (json!({"refund_no": "short"}), 5),
        (json!({"refund_no": 1}), 5),
        (json!({"refund_no": "20250101001"}), 0),
        (json!({"need_approval": "true"}), 5),
        (json!({"need_approval": true}), 0),
        (json!({"need_detail": 1}), 5),
        (json!({"start_time": "1"}), 5),
        (json!({"end_time": -1}), 5),
        (json!({"skip": -1}), 5),
        (json!({"limit": 50}), 0),
        (json!({"limit": 51}), 5),
        (json!({"limit": 0}), 5),
    ] {
        let request = signed(T0, change.clone());
        assert_eq!(
            code_of(refunds(&mut core(), T0, &request)),
            code,
            "{change}"
        );
        let count = refund_count(&mut core(), T0, &request);
        assert_eq!(code_of(count), code, "{change}");
    }
}

#[test]
fn refund_status_checks_its_parameters() {
    let mut core = paid_by_wechat();
    assert_eq!(code_of(refund(&mut core, T0, &part())), 0);
    for (change, code) in [
        (json!({}), 0),
        (json!({"channel": null}), 4),
        (json!({"channel": ""}), 4),
        (json!({"channel": 1}), 5),
        (json!({"channel": "ALI"}), 3),
        (json!({"channel": "BC"}), 3),
        (json!({"channel": "WX_SCAN"}), 3),
        (json!({"channel": "YEE"}), 3),
        (json!({"channel": "KUAIQIAN"}), 3),
        (json!({"channel": "BD"}), 3),
        (json!({"refund_no": null}), 4),
        (json!({"refund_no": 1}), 5),
        (json!({"refund_no": "short"}), 5),
        (json!({"refund_no": "20261120nobody"}), 13),
        (json!({"refund_no": "20261120nobody", "channel": "BD"}), 13),
    ] {
        let mut request = signed(T0, json!({"refund_no": R1, "channel": "WX"}));
        merge(&mut request, change.clone());
        let answer = refund_status(&mut core, T0, &request);
        assert_eq!(code_of(answer), code, "{change}");
    }
    let nobody = refund_by_id(&mut core, T0, "nobody", &signed(T0, json!({})));
    assert_eq!(code_of(nobody), 13);
}

#[test]
fn refund_answers_carry_the_documents_fields() {
    let mut core = paid();
    let mut request = part();
    merge(
        &mut request,
        json!({"optional": {"shift": 7}, "refund_fee": 100}),
    );
    let answer = render(refund(&mut core, T0, &request).delivered().unwrap());
    assert_eq!(answer["result_msg"], "OK");
    assert_eq!(answer["refund_result"], true);

    let query = signed(T0, json!({"refund_no": R1, "need_detail": true}));
    let list = render(refunds(&mut core, T0, &query).delivered().unwrap());
    assert_eq!(list["count"], 1);
    let row = &list["refunds"][0];
    for (key, value) in [
        ("id", answer["id"].clone()),
        ("bill_no", json!(NO)),
        ("refund_no", json!(R1)),
        ("total_fee", json!(1234)),
        ("refund_fee", json!(100)),
        ("title", json!("白开水")),
        ("channel", json!("ALI")),
        ("sub_channel", json!("ALI_SCAN")),
        ("finish", json!(true)),
        ("result", json!(true)),
        ("optional", json!(r#"{"shift":7}"#)),
        ("create_time", json!(T0)),
    ] {
        assert_eq!(row[key], value, "{key}");
    }
    let detail: Value = serde_json::from_str(row["message_detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail["out_request_no"], R1);
    let plain = signed(T0, json!({}));
    let list = render(refunds(&mut core, T0, &plain).delivered().unwrap());
    assert_eq!(list["refunds"][0].get("message_detail"), None);

    let id = answer["id"].as_str().unwrap();
    let one = refund_by_id(&mut core, T0, id, &plain).delivered().unwrap();
    assert_eq!(render(one)["refund"], *row);
    let count = refund_count(&mut core, T0, &query).delivered().unwrap();
    assert_eq!(render(count)["count"], 1);
    let bill = signed(T0, json!({"bill_no": NO, "refund_result": true}));
    let listed = render(bills(&mut core, T0, &bill).delivered().unwrap());
    assert_eq!(listed["bills"][0]["refund_result"], true);
    assert_eq!(listed["bills"][0]["spay_result"], true);
}

#[test]
fn a_wechat_refund_is_taken_first_and_told_by_its_status() {
    let mut core = paid_by_wechat();
    let answer = render(refund(&mut core, T0, &part()).delivered().unwrap());
    assert_eq!(
        (&answer["result_code"], &answer["refund_result"]),
        (&json!(0), &json!(false))
    );
    let fields = json!({"refund_no": R1, "channel": "WX"});
    for (ms, word) in [(0, "PROCESSING"), (2_000, "SUCCESS")] {
        let asked = signed(T0 + ms, fields.clone());
        let status = refund_status(&mut core, T0 + ms, &asked)
            .delivered()
            .unwrap();
        assert_eq!(render(status)["refund_status"], word);
    }
    let mut core = paid_by_wechat();
    core.plan_refunds(RefundAct::Fail, Network::Normal);
    refund(&mut core, T0, &part());
    let asked = signed(T0 + 3_000, fields);
    let status = refund_status(&mut core, T0 + 3_000, &asked).delivered();
    assert_eq!(render(status.unwrap())["refund_status"], "FAIL");
}

#[test]
fn refusals_of_refunds_never_repeat_a_secret() {
    let secret = "practice-master";
    for change in [
        json!({"app_sign": secret}),
        json!({"app_id": secret}),
        json!({"refund_no": secret}),
        json!({"channel": secret}),
    ] {
        let mut request = part();
        merge(&mut request, change);
        let answer = refund(&mut paid(), T0, &request).delivered().unwrap();
        let text = render(answer).to_string();
        assert!(!text.contains(secret), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_refund_request_brings_the_gateway_down(
        key in "refund_no|bill_no|refund_fee|channel|refund_account|optional|limit|skip",
        text in ".{0,40}",
        number in proptest::num::i64::ANY,
    ) {
        let mut core = paid();
        for value in [json!(text), json!(number), json!(number as f64), json!([text])] {
            let mut request = part();
            merge(&mut request, json!({ key.clone(): value.clone() }));
            let answer = render(refund(&mut core, T0, &request).delivered().unwrap());
            assert!(answer["result_code"].is_i64());
            let request = signed(T0, json!({ key.clone(): value }));
            let _ = refunds(&mut core, T0, &request);
            let _ = refund_count(&mut core, T0, &request);
            let _ = refund_status(&mut core, T0, &request);
        }
    }
}
