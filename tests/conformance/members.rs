//! 000 §4.5: members.

use crate::client::{APP, MASTER, code, md5, now_ms, number, ok, set, shop, table};
use serde_json::{Value, json};

#[test]
fn sections_4_5_1_to_4_5_3_members_are_registered_imported_and_listed() {
    let shop = shop();
    let user = |fields: &Value| shop.post(APP, "/2/rest/user", fields);
    table(
        &[
            (json!({"buyer_id": "umwxkieI23Um"}), 0),
            (json!({"buyer_id": "umwxkieI23Um"}), 0),
            (json!({"buyer_id": "x".repeat(32)}), 0),
            (json!({"buyer_id": "x".repeat(33)}), 5),
            (json!({"buyer_id": ""}), 4),
            (json!({}), 4),
            (json!({"buyer_id": 1}), 5),
        ],
        user,
    );
    let import = |change: &Value| {
        let mut body = json!({"email": "test@juhe.cn", "buyer_ids": ["a@b.cn", "13800000000"]});
        set(&mut body, change);
        shop.post(APP, "/2/rest/users", &body)
    };
    table(
        &[
            (json!({}), 0),
            (json!({"email": null}), 4),
            (json!({"email": "test"}), 5),
            (json!({"buyer_ids": null}), 4),
            (json!({"buyer_ids": []}), 5),
            (json!({"buyer_ids": ["x".repeat(33)]}), 5),
            (json!({"buyer_ids": [7]}), 5),
        ],
        import,
    );
    let names = |fields: Value| {
        let listed = shop.get(APP, "/2/rest/users", &fields);
        ok(&listed);
        let users = listed["users"].as_array().unwrap().clone();
        users
            .iter()
            .map(|u| u["buyer_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(json!({})).len(), 4, "everyone once");
    assert_eq!(
        names(json!({"email": "test@juhe.cn"})),
        ["a@b.cn", "13800000000"]
    );
    assert_eq!(names(json!({"email": "no@juhe.cn"})).len(), 0);
    assert_eq!(
        names(json!({"start_time": now_ms() - 60_000, "end_time": now_ms()})).len(),
        4
    );
    assert_eq!(names(json!({"start_time": now_ms() + 60_000})).len(), 0);
    assert_eq!(names(json!({"end_time": now_ms() - 60_000})).len(), 0);
}

#[test]
fn section_4_5_4_only_the_bills_that_failed_come_back() {
    let shop = shop();
    let (mine, unknown) = (shop.paid("WX_APP", &json!({})), number());
    let put = |info: Value| shop.put(APP, "/2/rest/history_bills", &json!({"bill_info": info}));
    let part = put(json!({"aaa@bb.com": [mine, unknown], "xxx@bb.com": ["x"]}));
    ok(&part);
    assert_eq!(
        part["failed_bills"],
        json!({"aaa@bb.com": [unknown], "xxx@bb.com": ["x"]})
    );
    let whole = put(json!({"x".repeat(64): [mine]}));
    ok(&whole);
    assert_eq!(whole.get("failed_bills"), None);
    for (info, expected) in [
        (json!({"x".repeat(65): [mine]}), 5),
        (json!({"": [mine]}), 5),
        (json!({"a": mine}), 5),
        (json!({"a": [1]}), 5),
        (json!({}), 5),
        (json!([]), 5),
        (Value::Null, 4),
    ] {
        assert_eq!(code(&put(info.clone())), expected, "{info}");
    }
}

#[test]
fn section_4_5_the_timestamp_is_a_text_or_a_number() {
    let shop = shop();
    let stamp = now_ms();
    let sign = md5(&format!("practice{stamp}{APP}"));
    let send = |stamp: Value| {
        let body =
            json!({"app_id": "practice", "timestamp": stamp, "app_sign": sign, "buyer_id": "a"});
        code(&shop.send("POST", "/2/rest/user", &body))
    };
    assert_eq!(send(json!(stamp.to_string())), 0);
    assert_eq!(send(json!(stamp)), 0);
    assert_eq!(send(json!(format!(" {stamp}"))), 5);
    assert_eq!(send(json!((stamp - 3_600_000).to_string())), 1);
    assert_eq!(
        code(&shop.post(MASTER, "/2/rest/user", &json!({"buyer_id": "a"}))),
        1
    );
    // Everywhere else the documents say Long.
    let body = json!({"app_id": "practice", "timestamp": stamp.to_string(), "app_sign": sign});
    assert_eq!(code(&shop.send("POST", "/2/auth", &body)), 5);
}
