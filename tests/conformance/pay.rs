//! 004 §2 and 000 §4.2.1: every channel of `/2/rest/bill`; 004 §5, §6, §11: its rows.

use crate::client::{APP, MASTER, TEST, code, number, ok, set, shop, table};
use serde_json::{Value, json};

const BACK: &str = "https://shop.example/done";

/// Channel, its parent, what it alone requires, what it answers beside `id`.
fn channels() -> Vec<(&'static str, &'static str, Value, &'static [&'static str])> {
    let none = || json!({});
    let back = || json!({"return_url": BACK});
    let openid = || json!({"openid": "o3kKrjlROJ1qlDmFdlBQA95zxxx"});
    let qr = || json!({"return_url": BACK, "qr_pay_mode": "0"});
    let card = || json!({"cardno": "622269192199384", "cardpwd": "1234", "frqid": "SZX"});
    const APP_SET: &[&str] = &[
        "app_id",
        "partner_id",
        "package",
        "nonce_str",
        "timestamp",
        "pay_sign",
        "prepay_id",
    ];
    const JSAPI: &[&str] = &[
        "app_id",
        "package",
        "nonce_str",
        "timestamp",
        "pay_sign",
        "sign_type",
    ];
    vec![
        ("WX_APP", "WX", none(), APP_SET),
        ("WX_NATIVE", "WX", none(), &["code_url"]),
        ("WX_JSAPI", "WX", openid(), JSAPI),
        ("ALI_APP", "ALI", none(), &["order_string"]),
        ("ALI_WEB", "ALI", back(), &["html", "url"]),
        ("ALI_QRCODE", "ALI", qr(), &["html", "url"]),
        ("ALI_WAP", "ALI", none(), &["html", "url"]),
        ("ALI_OFFLINE_QRCODE", "ALI", none(), &["qr_code"]),
        ("UN_APP", "UN", none(), &["tn"]),
        ("UN_WEB", "UN", back(), &["html"]),
        ("UN_WAP", "UN", none(), &["html"]),
        ("JD_WAP", "JD", back(), &["html"]),
        ("JD_WEB", "JD", back(), &["html"]),
        ("YEE_WAP", "YEE", json!({"identity_id": "u1"}), &["url"]),
        ("YEE_WEB", "YEE", none(), &["url"]),
        ("YEE_NOBANKCARD", "YEE", card(), &[]),
        ("KUAIQIAN_WAP", "KUAIQIAN", none(), &["html"]),
        ("KUAIQIAN_WEB", "KUAIQIAN", none(), &["html"]),
        ("BD_APP", "BD", none(), &["orderInfo"]),
        ("BD_WEB", "BD", none(), &["url"]),
        ("BD_WAP", "BD", none(), &["url"]),
        ("PAYPAL_SANDBOX", "PAYPAL", none(), &["url"]),
        ("PAYPAL_LIVE", "PAYPAL", none(), &["url"]),
        ("BC_GATEWAY", "BC", none(), &["html"]),
        (
            "BC_EXPRESS",
            "BC",
            json!({"card_no": "6222691921993848888"}),
            &["html"],
        ),
        ("BC_NATIVE", "BC", none(), &["code_url"]),
        ("BC_WX_WAP", "BC", none(), &["url"]),
        ("BC_WX_JSAPI", "BC", openid(), JSAPI),
        ("BC_ALI_QRCODE", "BC", none(), &["code_url"]),
        ("BC_ALI_APP", "BC", none(), &["order_string"]),
        ("BC_ALI_WEB", "BC", none(), &["html", "url"]),
        ("BC_ALI_WAP", "BC", none(), &["html", "url"]),
    ]
}

fn bill(channel: &str, own: &Value) -> Value {
    let mut body = json!({"channel": channel, "total_fee": 100, "bill_no": number(),
                          "title": "白开水"});
    set(&mut body, own);
    body
}

#[test]
fn section_4_2_1_every_channel_requires_and_answers_its_own_fields() {
    let shop = shop();
    let pay = |body: &Value| shop.post(APP, "/2/rest/bill", body);
    for (channel, _, own, gives) in channels() {
        let answer = pay(&bill(channel, &own));
        ok(&answer);
        assert!(!answer["id"].as_str().unwrap().is_empty());
        for field in gives {
            let text = answer[*field].as_str();
            assert!(
                text.is_some_and(|t| !t.is_empty()),
                "{channel} {field}: {answer}"
            );
        }
        // Nothing beside what its row of the documents promises.
        let common = [
            "id",
            "result_code",
            "result_msg",
            "err_detail",
            "resultCode",
            "resultMsg",
            "errMsg",
        ];
        for key in answer.as_object().unwrap().keys() {
            let key = key.as_str();
            assert!(
                common.contains(&key) || gives.contains(&key),
                "{channel}: {key}"
            );
        }
        if gives.contains(&"timestamp") {
            assert_eq!(
                answer["timestamp"].as_str().unwrap().len(),
                13,
                "milliseconds"
            );
        }
        if gives.contains(&"sign_type") {
            assert_eq!(answer["sign_type"], "MD5");
        }
        // Each required field is missed by name (4), and refused where it is no text (5).
        for key in own.as_object().unwrap().keys() {
            let mut without = bill(channel, &own);
            set(&mut without, &json!({key.as_str(): Value::Null}));
            let answer = pay(&without);
            assert_eq!(code(&answer), 4, "{channel} without {key}");
            assert!(
                answer["err_detail"]
                    .as_str()
                    .unwrap()
                    .contains(key.as_str())
            );
            let mut wrong = bill(channel, &own);
            set(&mut wrong, &json!({key.as_str(): 7}));
            assert_eq!(code(&pay(&wrong)), 5, "{channel} with a wrong {key}");
        }
    }
}

#[test]
fn section_4_2_1_fields_are_checked_as_the_tables_say() {
    let shop = shop();
    let with = |channel: &'static str, own: Value| {
        let shop = &shop;
        move |change: &Value| {
            let mut body = bill(channel, &own);
            set(&mut body, change);
            shop.post(APP, "/2/rest/bill", &body)
        }
    };
    table(
        &[
            (json!({"channel": "ALI_SCAN"}), 3),
            (json!({"channel": "JUBAO_ALI_WAP"}), 3),
            (json!({"channel": "ALI"}), 3),
            (json!({"return_url": "https://a.example/?x"}), 5),
            (json!({"return_url": "https://a.example/#x"}), 5),
            (json!({"return_url": "shop.example"}), 5),
            (json!({"show_url": "http://juhe.cn"}), 0),
            (json!({"show_url": "juhe.cn"}), 5),
            (json!({"notify_url": "http://juhe.cn/n.jsp"}), 0),
            (json!({"notify_url": "juhe.cn"}), 5),
            (json!({"buyer_id": "x".repeat(64)}), 0),
            (json!({"buyer_id": "x".repeat(65)}), 5),
            (json!({"optional": {"key1": "value1"}}), 0),
            (json!({"optional": "{}"}), 5),
            (
                json!({"analysis": {"product_map": {"a": 1000}, "ip": "1.2.3.4"}}),
                0,
            ),
            (json!({"analysis": {"product_map": {"a": "1000"}}}), 5),
            (json!({"analysis": []}), 5),
            (json!({"limit_credit": true}), 0),
            (json!({"limit_credit": "true"}), 5),
            (json!({"bill_timeout": 361}), 0),
            (json!({"bill_timeout": 0}), 5),
            (json!({"total_fee": "1"}), 5),
            (json!({"auth_code": "283024351597694002"}), 5),
        ],
        with("ALI_WEB", json!({"return_url": BACK})),
    );
    let qr = json!({"return_url": BACK, "qr_pay_mode": "1"});
    table(
        &[
            (json!({"qr_pay_mode": "3"}), 0),
            (json!({"qr_pay_mode": "2"}), 5),
        ],
        with("ALI_QRCODE", qr),
    );
    table(
        &[(json!({"use_app": false}), 0), (json!({"use_app": 1}), 5)],
        with("ALI_WAP", json!({})),
    );
    // 京东(JD)不支持该参数。
    table(
        &[(json!({"bill_timeout": 361}), 5)],
        with("JD_WEB", json!({"return_url": BACK})),
    );
    table(
        &[
            (json!({"identity_id": "a".repeat(50)}), 0),
            (json!({"identity_id": "a".repeat(51)}), 5),
            (json!({"identity_id": "a b"}), 5),
        ],
        with("YEE_WAP", json!({})),
    );
    let card = json!({"cardno": "1", "cardpwd": "1", "frqid": "QQCARD"});
    table(
        &[(json!({"frqid": "OTHER"}), 5)],
        with("YEE_NOBANKCARD", card),
    );
    table(
        &[(json!({"card_no": "622x"}), 5)],
        with("BC_EXPRESS", json!({})),
    );
}

#[test]
fn section_2_codes_of_the_signature_and_of_a_number_that_is_taken() {
    let shop = shop();
    let body = bill("WX_APP", &json!({}));
    assert_eq!(code(&shop.post(MASTER, "/2/rest/bill", &body)), 1);
    assert_eq!(code(&shop.post(TEST, "/2/rest/bill", &body)), 1);
    ok(&shop.post(APP, "/2/rest/bill", &body));
    assert_eq!(code(&shop.post(APP, "/2/rest/bill", &body)), 17);
}

#[test]
fn sections_4_4_1_4_4_2_and_4_4_7_every_channel_is_listed_counted_and_found() {
    let shop = shop();
    for (channel, parent, own, _) in channels() {
        let mut own = own;
        set(
            &mut own,
            &json!({"optional": {"a": "b"}, "buyer_id": "13800000000"}),
        );
        let bill_no = shop.paid(channel, &own);
        for word in [parent, channel] {
            let query = json!({"channel": word, "bill_no": bill_no, "need_detail": true});
            let listed = shop.get(APP, "/2/rest/bills", &query);
            ok(&listed);
            let row = &listed["bills"][0];
            assert_eq!(row["channel"], parent, "{listed}");
            assert_eq!(row["sub_channel"], channel);
            assert_eq!(row["optional"], r#"{"a":"b"}"#, "JSON in a text");
            assert!(row["message_detail"].is_string() && row["trade_no"].is_string());
            assert!(row["create_time"].is_i64() && row["success_time"].is_i64());
            assert_eq!(
                (&row["revert_result"], &row["refund_result"]),
                (&json!(false), &json!(false))
            );
            assert!(
                !listed.to_string().contains("13800000000"),
                "buyer_id is shown nowhere"
            );
            let counted = shop.get(APP, "/2/rest/bills/count", &query);
            assert_eq!(counted["count"], 1);
            let id = row["id"].as_str().unwrap();
            let one = shop.get(APP, &format!("/2/rest/bill/{id}"), &json!({}));
            assert_eq!(one["pay"]["bill_no"], bill_no);
        }
        let other = if parent == "WX" { "ALI" } else { "WX" };
        let query = json!({"channel": other, "bill_no": bill_no});
        assert_eq!(shop.get(APP, "/2/rest/bills/count", &query)["count"], 0);
    }
    let all = shop.get(APP, "/2/rest/bills/count", &json!({"spay_result": true}));
    assert_eq!(all["count"], channels().len());
    let unknown = shop.get(APP, "/2/rest/bills", &json!({"channel": "NOPE"}));
    assert_eq!(code(&unknown), 3);
}

#[test]
fn section_1_1_2_the_sandbox_takes_test_secret_alone_and_has_its_own_bills() {
    let shop = shop();
    let body = bill("ALI_WAP", &json!({}));
    for secret in [APP, MASTER] {
        assert_eq!(code(&shop.post(secret, "/2/rest/sandbox/bill", &body)), 1);
    }
    let made = shop.post(TEST, "/2/rest/sandbox/bill", &body);
    ok(&made);
    let one = json!({"bill_no": body["bill_no"]});
    let rows = shop.get(TEST, "/2/rest/sandbox/bills", &one);
    assert_eq!(rows["bills"][0]["spay_result"], true);
    assert_eq!(
        shop.get(TEST, "/2/rest/sandbox/bills/count", &one)["count"],
        1
    );
    let path = format!("/2/rest/sandbox/bill/{}", made["id"].as_str().unwrap());
    assert_eq!(
        shop.get(TEST, &path, &json!({}))["pay"]["bill_no"],
        body["bill_no"]
    );
    // No real money: the real books know nothing of it, and the offline API has no sandbox.
    assert_eq!(shop.get(APP, "/2/rest/bills/count", &one)["count"], 0);
    let offline = shop.send("POST", "/2/rest/sandbox/offline/bill", &body);
    assert_ne!(code(&offline), 0);
}
