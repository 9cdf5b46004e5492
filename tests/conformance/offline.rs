//! 002 and 000 §4.2.2, §4.3.3, §4.4.8: the counter's own calls. 003: 聚宝's envelope.

use crate::client::{APP, MASTER, code, number, ok, refund_number, set, shop, shop_with, table};
use serde_json::{Value, json};
use shouyin::domain::practice::Act;
use shouyin::simulator::Options;

const ALI: &str = "283024351597694002";
const WX: &str = "134567890123456789";

fn order(channel: &str, auth_code: Option<&str>) -> Value {
    json!({"channel": channel, "total_fee": 100, "bill_no": number(), "title": "白开水",
           "auth_code": auth_code, "bill_timeout": 361})
}

#[test]
fn section_4_2_2_every_channel_answers_its_own_fields() {
    for (channel, auth_code, fields) in [
        ("ALI_SCAN", Some(ALI), &["pay_result"][..]),
        ("WX_SCAN", Some(WX), &["pay_result"]),
        ("BC_ALI_SCAN", Some(ALI), &["pay_result"]),
        ("BC_WX_SCAN", Some(WX), &["pay_result"]),
        ("SCAN", Some(WX), &["pay_result", "channel_type"]),
        ("BC_SCAN", Some(ALI), &["pay_result", "channel_type"]),
        ("WX_NATIVE", None, &["code_url"]),
        ("ALI_OFFLINE_QRCODE", None, &["code_url"]),
    ] {
        let shop = shop();
        let pay = |body: &Value| shop.post(APP, "/2/rest/offline/bill", body);
        let body = order(channel, auth_code);
        let answer = pay(&body);
        ok(&answer);
        for field in ["pay_result", "code_url", "channel_type"] {
            let there = answer.get(field).is_some();
            assert_eq!(there, fields.contains(&field), "{channel} {field}");
        }
        assert_eq!(code(&pay(&body)), 17, "一个订单号");
        if auth_code.is_some() {
            assert_eq!(code(&pay(&order(channel, None))), 4, "auth_code 必填");
        }
    }
}

#[test]
fn section_4_4_8_and_revert_say_what_the_tables_say() {
    let shop = shop_with(Options {
        act: Act::Never,
        ..Options::default()
    });
    let body = order("ALI_SCAN", Some(ALI));
    let paid = shop.post(APP, "/2/rest/offline/bill", &body);
    assert_eq!(paid["pay_result"], false, "等待用户输入密码");
    let bill_no = body["bill_no"].as_str().unwrap();
    let status = |change: &Value| {
        let mut fields = json!({"bill_no": bill_no, "channel": "ALI_SCAN"});
        set(&mut fields, change);
        shop.post(APP, "/2/rest/offline/bill/status", &fields)
    };
    assert_eq!(status(&json!({}))["pay_result"], false);
    table(
        &[
            (json!({"channel": null}), 0),
            (json!({"channel": "WX_SCAN"}), 3),
            (json!({"channel": "SCAN"}), 3),
            (json!({"bill_no": null}), 4),
            (json!({"bill_no": number()}), 8),
        ],
        status,
    );
    let path = format!("/2/rest/offline/bill/{bill_no}");
    let revert = |fields: &Value| shop.post(APP, &path, fields);
    table(
        &[
            (json!({"channel": "ALI_SCAN"}), 4),
            (json!({"method": "DELETE"}), 5),
            (json!({"method": "REVERT", "channel": "WX_NATIVE"}), 3),
        ],
        revert,
    );
    let done = revert(&json!({"method": "REVERT", "channel": "ALI_SCAN"}));
    ok(&done);
    assert_eq!(done["revert_status"], true);
    let rows = shop.get(APP, "/2/rest/bills", &json!({"bill_no": bill_no}));
    assert_eq!(rows["bills"][0]["revert_result"], true);
}

#[test]
fn section_4_3_3_refunds_at_the_counter() {
    let shop = shop();
    let body = order("ALI_SCAN", Some(ALI));
    ok(&shop.post(APP, "/2/rest/offline/bill", &body));
    let refund = |change: &Value| {
        let mut fields = json!({"refund_no": refund_number(), "bill_no": body["bill_no"],
                                "refund_fee": 40});
        set(&mut fields, change);
        shop.post(MASTER, "/2/rest/offline/refund", &fields)
    };
    table(
        &[
            (json!({"channel": "UN"}), 3),
            (json!({"channel": "WX"}), 3),
            (json!({"refund_fee": 101}), 12),
            (json!({"refund_account": 2}), 5),
            (json!({"refund_no": "20200101123"}), 5),
            (json!({"bill_no": number()}), 8),
        ],
        refund,
    );
    let done = refund(
        &json!({"channel": "ALI", "refund_reason": "退货", "operator_id": "OP001",
                              "store_id": "NJ_S_001", "refund_account": 1}),
    );
    ok(&done);
    assert_eq!(done["refund_result"], true);
    assert_eq!(done.get("url"), None, "only the online refund has a page");
    // An online bill of 银联 is no counter's.
    let online = shop.paid("UN_APP", &json!({}));
    assert_eq!(code(&refund(&json!({"bill_no": online}))), 3);
}

#[test]
fn document_003_its_envelope_is_another_one() {
    let shop = shop();
    let pay = "/index.php?_m=pay_gateway&_a=apply_pay";
    for (body, ret) in [
        (json!([]), 4001),
        (json!({}), 4003),
        (json!({"mch_id": "nobody", "sign": "0"}), 4002),
        (json!({"mch_id": "practice", "sign": "0"}), 4004),
    ] {
        let said = shop.send("POST", pay, &body);
        assert_eq!(said["ret"], ret, "{said}");
        assert_eq!(said.get("result_code"), None);
    }
    let said = shop.send("POST", "/index.php?_m=pay_gateway&_a=refund", &json!({}));
    assert_eq!(said["ret"], 404, "not documented, not there");
}
