//! Every code of every operation, every type a field can come in, and arbitrary answers.

use super::*;
use crate::domain::gateway::Refusal;
use crate::gateway::beecloud::samples::{bill_no, pay_request};
use proptest::prelude::*;
use serde_json::json;

fn secret() -> SecretString {
    SecretString::from("app-secret-demo")
}

fn read_pay_json(channel: Channel, body: &Value) -> PayOutcome {
    pay(
        body.to_string().as_bytes(),
        &pay_request(channel),
        &secret(),
    )
}

fn read_status(body: &Value) -> StatusOutcome {
    status(body.to_string().as_bytes(), &bill_no(), &secret())
}

fn read_revert(body: &Value) -> RevertOutcome {
    revert(body.to_string().as_bytes(), &bill_no(), &secret())
}

fn read_bills(body: &Value) -> RowOutcome {
    bills(body.to_string().as_bytes(), &bill_no())
}

const CODES: std::ops::RangeInclusive<i64> = -1..=18;

#[test]
fn only_codes_1_to_6_refuse_a_pay() {
    for channel in Channel::ALL {
        for code in CODES.filter(|c| *c != 0) {
            let body = json!({"result_code": code, "result_msg": "X", "err_detail": "wrong"});
            let expected = match code {
                1..=6 => PayOutcome::Refused {
                    code,
                    detail: "wrong".to_owned(),
                },
                _ => PayOutcome::Lost(Lost::Code(code)),
            };
            assert_eq!(read_pay_json(channel, &body), expected, "{channel} {code}");
        }
    }
}

#[test]
fn a_refusal_without_err_detail_says_result_msg() {
    let body = json!({"result_code": 6, "result_msg": "CERT_FILE_ERROR", "err_detail": " "});
    let detail = "CERT_FILE_ERROR".to_owned();
    assert_eq!(
        read_pay_json(Channel::WxScan, &body),
        PayOutcome::Refused { code: 6, detail }
    );
}

#[test]
fn an_echoed_payment_code_is_not_kept() {
    let body = json!({"result_code": 5, "err_detail": "auth_code 281234567890123456 invalid"});
    let outcome = format!("{:?}", read_pay_json(Channel::AliScan, &body));
    assert!(outcome.contains("auth_code … invalid"), "{outcome}");
    let body = json!({"result_code": 7, "err_detail": "NOTENOUGH 281234567890123456"});
    let outcome = format!("{:?}", read_pay_json(Channel::AliScan, &body));
    assert!(
        outcome.contains("FinalRefusal") && !outcome.contains("2812"),
        "{outcome}"
    );
}

#[test]
fn a_7_is_read_by_its_detail_and_only_on_scan_channels() {
    for channel in Channel::ALL {
        let read = |detail: &str| {
            let body =
                json!({"result_code": 7, "result_msg": "CHANNEL_ERROR", "err_detail": detail});
            read_pay_json(channel, &body)
        };
        let lost = PayOutcome::Lost(Lost::Code(7));
        if channel.is_qr() {
            assert_eq!(read("NOTENOUGH"), lost);
            assert_eq!(read("USERPAYING"), lost);
            continue;
        }
        let detail = "NOTENOUGH".to_owned();
        let reason = Refusal::NotEnough;
        assert_eq!(
            read("NOTENOUGH"),
            PayOutcome::FinalRefusal { reason, detail }
        );
        assert_eq!(
            read("USERPAYING"),
            PayOutcome::Waiting { channel_type: None }
        );
        assert_eq!(read("SYSTEMERROR"), lost);
        assert_eq!(read(""), lost);
    }
    let in_msg = json!({"result_code": 7, "result_msg": "NOTENOUGH"});
    assert_eq!(
        read_pay_json(Channel::WxScan, &in_msg),
        PayOutcome::Lost(Lost::Code(7))
    );
}

#[test]
fn a_scan_is_paid_by_a_boolean_true_alone() {
    for channel in Channel::ALL.into_iter().filter(|c| c.is_scan()) {
        let read =
            |value: Value| read_pay_json(channel, &json!({"result_code": 0, "pay_result": value}));
        assert_eq!(read(json!(true)), PayOutcome::Paid { channel_type: None });
        assert_eq!(
            read(json!(false)),
            PayOutcome::Waiting { channel_type: None }
        );
        for wrong in [
            json!("true"),
            json!(1),
            json!(null),
            json!([true]),
            json!({"a": true}),
        ] {
            assert_eq!(read(wrong), PayOutcome::Lost(Lost::Incomplete));
        }
        for twin in ["payResult", "PAY_RESULT", "spay_result", "success"] {
            let body = json!({"result_code": 0, twin: true});
            assert_eq!(
                read_pay_json(channel, &body),
                PayOutcome::Lost(Lost::Incomplete)
            );
        }
    }
}

#[test]
fn a_unified_channel_may_answer_with_its_channel_type_alone() {
    let read = |channel, mut body: Value| {
        body["result_code"] = json!(0);
        read_pay_json(channel, &body)
    };
    let named = Some(Channel::WxScan);
    let scan = Channel::Scan;
    assert_eq!(
        read(scan, json!({"channel_type": "WX_SCAN"})),
        PayOutcome::Waiting {
            channel_type: named
        }
    );
    assert_eq!(
        read(scan, json!({"channel_type": "WX_SCAN", "pay_result": true})),
        PayOutcome::Paid {
            channel_type: named
        }
    );
    let lost = PayOutcome::Lost(Lost::Incomplete);
    assert_eq!(
        read(
            scan,
            json!({"channel_type": "WX_SCAN", "pay_result": "true"})
        ),
        lost
    );
    for wrong in ["WX_NATIVE", "SCAN", "wx_scan", ""] {
        assert_eq!(read(scan, json!({"channel_type": wrong})), lost, "{wrong}");
    }
    let other = json!({"channel_type": "WX_SCAN", "pay_result": true});
    assert_eq!(
        read(Channel::AliScan, other),
        PayOutcome::Paid { channel_type: None }
    );
    assert_eq!(
        read(Channel::AliScan, json!({"channel_type": "ALI_SCAN"})),
        lost
    );
}

#[test]
fn a_qr_needs_its_content() {
    for channel in Channel::ALL.into_iter().filter(|c| c.is_qr()) {
        let read = |mut body: Value| {
            body["result_code"] = json!(0);
            read_pay_json(channel, &body)
        };
        let code = |url: &str| PayOutcome::Code {
            code_url: url.to_owned(),
            gateway_no: None,
        };
        assert_eq!(read(json!({"code_url": "weixin://a"})), code("weixin://a"));
        assert_eq!(read(json!({"qr_code": "https://b"})), code("https://b"));
        assert_eq!(read(json!({"code_url": "a", "qr_code": "b"})), code("a"));
        for wrong in [
            json!({}),
            json!({"code_url": ""}),
            json!({"code_url": 5}),
            json!({"codeUrl": "a"}),
            json!({"pay_result": true}),
        ] {
            assert_eq!(read(wrong), PayOutcome::Lost(Lost::Incomplete), "{channel}");
        }
    }
}

#[test]
fn camel_case_twins_confuse_nothing() {
    let twins = json!({
        "resultCode": 5, "result_code": 0, "resultMsg": "X", "errMsg": "OK:", "errDetail": "Y",
        "payResult": true, "pay_result": false, "count": 3,
    });
    assert_eq!(
        read_pay_json(Channel::AliScan, &twins),
        PayOutcome::Waiting { channel_type: None }
    );
    assert_eq!(read_status(&twins), StatusOutcome::NotPaid);
    let only_twin = json!({"resultCode": 0, "pay_result": true});
    assert_eq!(
        read_status(&only_twin),
        StatusOutcome::NoAnswer(Lost::Unreadable)
    );
}

#[test]
fn what_is_not_the_expected_json_is_unreadable() {
    let bodies: [&[u8]; 15] = [
        b"[0,null,null,null,true]",
        b"",
        b"<html>502</html>",
        b"{\"result_code\":0,\"pay_result\":true",
        b"{\"result_code\":0,\"pay_result\":true}}",
        b"{\"result_code\":\"0\",\"pay_result\":true}",
        b"{\"result_code\":0.0,\"pay_result\":true}",
        b"{\"result_code\":false,\"pay_result\":true}",
        b"{\"result_code\":null,\"pay_result\":true}",
        b"{\"result_code\":18446744073709551616,\"pay_result\":true}",
        b"{\"pay_result\":true}",
        b"[{\"result_code\":0,\"pay_result\":true}]",
        b"true",
        b"{\"result_code\":0,\"pay_result\":false,\"pay_result\":true}",
        b"{\"result_code\":0,\"pay_result\":true,\"x\":\"\xff\"}",
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(body);
        let lost = Lost::Unreadable;
        let request = pay_request(Channel::AliScan);
        assert_eq!(
            pay(body, &request, &secret()),
            PayOutcome::Lost(lost.clone()),
            "{text}"
        );
        assert_eq!(
            status(body, &bill_no(), &secret()),
            StatusOutcome::NoAnswer(lost.clone())
        );
        assert_eq!(
            revert(body, &bill_no(), &secret()),
            RevertOutcome::NoAnswer(lost.clone())
        );
        assert_eq!(
            bills(body, &bill_no()),
            RowOutcome::NoAnswer(lost),
            "{text}"
        );
    }
}

#[test]
fn an_answer_that_names_another_bill_is_not_ours() {
    let other = json!({"result_code": 0, "pay_result": true, "revert_status": true, "bill_no": "OTHER12345"});
    let lost = Lost::Incomplete;
    assert_eq!(
        read_pay_json(Channel::AliScan, &other),
        PayOutcome::Lost(lost.clone())
    );
    assert_eq!(read_status(&other), StatusOutcome::NoAnswer(lost.clone()));
    assert_eq!(read_revert(&other), RevertOutcome::NoAnswer(lost));
    let ours = json!({"result_code": 0, "pay_result": true, "bill_no": bill_no().as_str()});
    assert_eq!(read_status(&ours), StatusOutcome::Paid);
}

#[test]
fn every_status_code_has_its_meaning() {
    for code in CODES.filter(|c| *c != 0) {
        let body = json!({"result_code": code, "pay_result": true, "err_detail": "d"});
        let expected = match code {
            8 => StatusOutcome::NoSuchBill,
            1 => StatusOutcome::ClockOrKey,
            3 | 5 => StatusOutcome::ChannelRefused,
            2 | 4 | 6 => StatusOutcome::Alarm {
                code,
                detail: "d".to_owned(),
            },
            _ => StatusOutcome::NoAnswer(Lost::Code(code)),
        };
        assert_eq!(read_status(&body), expected, "{code}");
    }
    let ok = |value: Value| read_status(&json!({"result_code": 0, "pay_result": value}));
    assert_eq!(ok(json!(true)), StatusOutcome::Paid);
    assert_eq!(ok(json!(false)), StatusOutcome::NotPaid);
    for wrong in [
        json!("true"),
        json!(1),
        json!(null),
        json!("false"),
        json!(0),
    ] {
        assert_eq!(ok(wrong), StatusOutcome::NoAnswer(Lost::Incomplete));
    }
}

#[test]
fn every_revert_code_has_its_meaning() {
    for code in CODES.filter(|c| *c != 0) {
        let body = json!({"result_code": code, "revert_status": true, "err_detail": "d"});
        let expected = match code {
            9 => RevertOutcome::NotDone,
            8 => RevertOutcome::NoSuchBill,
            3 | 5 => RevertOutcome::ChannelRefused,
            2 | 6 | 10 => RevertOutcome::NotRevertible {
                code,
                detail: "d".to_owned(),
            },
            1 => RevertOutcome::ClockOrKey,
            11 => RevertOutcome::AlreadyRefunding,
            _ => RevertOutcome::NoAnswer(Lost::Code(code)),
        };
        assert_eq!(read_revert(&body), expected, "{code}");
    }
    let seven = |detail: &str| read_revert(&json!({"result_code": 7, "err_detail": detail}));
    for detail in ["TRADE_CANCEL_TIME_OUT", "ACQ.SELLER_BALANCE_NOT_ENOUGH"] {
        let detail = detail.to_owned();
        assert_eq!(
            seven(&detail),
            RevertOutcome::NotRevertible {
                code: 7,
                detail: detail.clone()
            }
        );
    }
    assert_eq!(seven("SYSTEMERROR"), RevertOutcome::NoAnswer(Lost::Code(7)));
    let ok = |value: Value| read_revert(&json!({"result_code": 0, "revert_status": value}));
    assert_eq!(ok(json!(true)), RevertOutcome::Claimed);
    assert_eq!(ok(json!(false)), RevertOutcome::NotDone);
    for wrong in [json!("true"), json!(1), json!(null)] {
        assert_eq!(ok(wrong), RevertOutcome::NoAnswer(Lost::Incomplete));
    }
}

fn a_row() -> Value {
    json!({
        "id": "b1f7-22", "bill_no": bill_no().as_str(), "total_fee": 1230, "bill_fee": 1234,
        "discount": 4, "trade_no": "4200001", "channel": "WX", "sub_channel": "WX_SCAN",
        "title": "t", "spay_result": true, "revert_result": false, "refund_result": false,
        "create_time": 1_795_176_659_632_i64, "optional": "{\"a\":\"b\"}",
        "spayResult": false, "totalFee": 1,
    })
}

fn one(row: Value) -> RowOutcome {
    read_bills(&json!({"result_code": 0, "bills": [row], "count": 1}))
}

fn with(name: &str, value: Value) -> RowOutcome {
    let mut row = a_row();
    row[name] = value;
    one(row)
}

#[test]
fn a_row_is_read_whole() {
    let RowOutcome::Row(row) = one(a_row()) else {
        panic!("no row")
    };
    assert_eq!(
        row,
        Row {
            paid: true,
            reverted: Some(false),
            refunded: Some(false),
            total_fee: Fen(1230),
            bill_fee: Some(Fen(1234)),
            discount: Fen(4),
            trade_no: Some("4200001".to_owned()),
            sub_channel: Some(Channel::WxScan),
            id: Some("b1f7-22".to_owned()),
            create_time_ms: Some(1_795_176_659_632),
        }
    );
    assert!(row.amount_matches(Fen(1234)));
}

#[test]
fn a_row_whose_money_or_fate_is_mistyped_is_unreadable() {
    let unreadable = RowOutcome::NoAnswer(Lost::Unreadable);
    for wrong in [json!("true"), json!(1), json!(null)] {
        assert_eq!(with("spay_result", wrong), unreadable);
    }
    for wrong in [
        json!("1234"),
        json!(12.34),
        json!(1234.0),
        json!(null),
        json!(-1),
        json!(true),
    ] {
        assert_eq!(with("total_fee", wrong), unreadable);
    }
}

#[test]
fn a_row_without_the_revert_field_does_not_witness() {
    for wrong in [json!("true"), json!(1), json!(null)] {
        for name in ["revert_result", "refund_result"] {
            let RowOutcome::Row(row) = with(name, wrong.clone()) else {
                panic!("no row")
            };
            let field = if name == "revert_result" {
                row.reverted
            } else {
                row.refunded
            };
            assert_eq!(field, None);
        }
    }
    let RowOutcome::Row(row) = with("discount", json!("4")) else {
        panic!("no row")
    };
    assert_eq!(row.discount, Fen(0));
    let RowOutcome::Row(row) = with("trade_no", json!("a\u{202e}b")) else {
        panic!("no row")
    };
    assert_eq!(row.trade_no, None);
}

#[test]
fn another_bills_row_never_stands_for_ours() {
    let read = |rows: Value| read_bills(&json!({"result_code": 0, "bills": rows}));
    let mut other = a_row();
    other["bill_no"] = json!("20261120010000020HIJKLMN");
    let incomplete = RowOutcome::NoAnswer(Lost::Incomplete);
    assert_eq!(read(json!([])), RowOutcome::Empty);
    assert_eq!(read(json!([other])), incomplete);
    assert_eq!(read(json!([{}])), incomplete);
    assert_eq!(read(json!(["x", null])), incomplete);
    assert_eq!(read(json!({})), incomplete);
    assert_eq!(read(json!(null)), incomplete);
    assert_eq!(read(json!([other, a_row()])), one(a_row()));
    assert_eq!(read(json!([a_row(), a_row()])), RowOutcome::Many(2));
    assert_eq!(read_bills(&json!({"result_code": 0})), incomplete);
    let twice = br#"{"result_code":0,"bills":[{"bill_no":"20261120010000010ABCDEFG",
        "total_fee":1,"spay_result":false,"spay_result":true}]}"#;
    let unreadable = RowOutcome::NoAnswer(Lost::Unreadable);
    assert_eq!(bills(twice, &bill_no()), unreadable);
}

#[test]
fn a_failed_row_query_is_no_empty_one() {
    for code in CODES.filter(|c| *c != 0) {
        let body = json!({"result_code": code, "bills": []});
        assert_eq!(read_bills(&body), RowOutcome::NoAnswer(Lost::Code(code)));
    }
}

#[test]
fn one_bill_by_id_must_be_ours() {
    let read = |body: Value| bill(body.to_string().as_bytes(), &bill_no());
    assert_eq!(
        read(json!({"result_code": 0, "pay": a_row()})),
        one(a_row())
    );
    let mut other = a_row();
    other["bill_no"] = json!("20261120010000020HIJKLMN");
    let incomplete = RowOutcome::NoAnswer(Lost::Incomplete);
    assert_eq!(read(json!({"result_code": 0, "pay": other})), incomplete);
    assert_eq!(read(json!({"result_code": 0})), incomplete);
    assert_eq!(
        read(json!({"result_code": 8})),
        RowOutcome::NoAnswer(Lost::Code(8))
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-2i64..20).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(true|false|0|1|WX_SCAN|ALI_SCAN|NOTENOUGH|余额不足|20261120010000010ABCDEFG|[ -~]{0,12})"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(any_key(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "result_code",
        "resultCode",
        "err_detail",
        "bill_no",
        "pay_result",
        "payResult",
        "channel_type",
        "code_url",
        "qr_code",
        "revert_status",
        "revertStatus",
        "bills",
        "pay",
        "spay_result",
        "total_fee",
    ])
    .prop_map(str::to_owned)
}

/// An object whose result_code is often a right one.
fn any_answer() -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map(any_key(), any_value(), 0..8);
    (fields, prop::option::weighted(0.8, -1i64..18)).prop_map(|(fields, code)| {
        let mut body: Value = fields.into_iter().collect();
        if let Some(code) = code {
            body["result_code"] = json!(code);
        }
        body
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn success_needs_the_exact_typed_true(body in any_answer(), channel in prop::sample::select(&Channel::ALL[..])) {
        let ok = body["result_code"] == json!(0);
        let outcome = read_pay_json(channel, &body);
        if matches!(outcome, PayOutcome::Paid { .. }) {
            prop_assert!(ok && body["pay_result"] == json!(true) && channel.is_scan());
        }
        if matches!(outcome, PayOutcome::Code { .. }) {
            prop_assert!(ok && channel.is_qr());
        }
        if matches!(outcome, PayOutcome::Refused { .. }) {
            let code = body["result_code"].as_i64();
            prop_assert!(code.is_some_and(|c| (1..=6).contains(&c)));
        }
        if read_status(&body) == StatusOutcome::Paid {
            prop_assert!(ok && body["pay_result"] == json!(true));
        }
        if read_revert(&body) == RevertOutcome::Claimed {
            prop_assert!(ok && body["revert_status"] == json!(true));
        }
        if read_bills(&body) == RowOutcome::Empty {
            prop_assert!(ok && body["bills"] == json!([]));
        }
    }

    #[test]
    fn arbitrary_bytes_prove_nothing(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let request = pay_request(Channel::AliScan);
        prop_assert_eq!(pay(&body, &request, &secret()), PayOutcome::Lost(Lost::Unreadable));
        prop_assert_eq!(bills(&body, &bill_no()), RowOutcome::NoAnswer(Lost::Unreadable));
    }

    #[test]
    fn any_detail_is_read_without_a_panic_and_shown_short(detail in ".{0,400}") {
        let body = json!({"result_code": 5, "err_detail": detail});
        if let PayOutcome::Refused { detail, .. } = read_pay_json(Channel::AliScan, &body) {
            prop_assert!(detail.chars().count() <= 200);
            prop_assert!(!detail.chars().any(char::is_control));
        }
        let _ = read_pay_json(Channel::AliScan, &json!({"result_code": 7, "err_detail": detail}));
    }
}
