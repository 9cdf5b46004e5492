//! 000 §1.5 and §1.6: payouts and the identity check.

use crate::client::{APP, MASTER, code, number, ok, set, shop, table};
use serde_json::{Value, json};

#[test]
fn section_1_5_2_to_a_bank_card() {
    let shop = shop();
    let send = |change: &Value| {
        let mut body = json!({"total_fee": 1, "bill_no": number(), "title": "白开水",
            "trade_source": "OUT_PC", "bank_fullname": "中国银行", "card_type": "DE",
            "account_type": "P", "account_no": "6222691921993848888", "account_name": "某人"});
        set(&mut body, change);
        shop.post(MASTER, "/2/rest/bc_transfer", &body)
    };
    let good = send(&json!({"mobile": "13888888888", "optional": {"a": "b"}}));
    ok(&good);
    assert!(good["id"].is_string());
    let taken = number();
    table(
        &[
            (json!({"bill_no": taken}), 0),
            (json!({"bill_no": taken}), 17),
            (json!({"mobile": ""}), 0),
            (json!({"mobile": "138"}), 5),
            (json!({"trade_source": "OUT_APP"}), 5),
            (json!({"bank_fullname": "中行"}), 5),
            (json!({"card_type": "XX"}), 5),
            (json!({"account_type": "X"}), 5),
            (json!({"account_no": "x"}), 5),
            (json!({"total_fee": 0}), 5),
            (json!({"title": "汉".repeat(17)}), 5),
            (json!({"optional": []}), 5),
        ],
        send,
    );
    for key in [
        "total_fee",
        "bill_no",
        "title",
        "trade_source",
        "bank_fullname",
        "card_type",
        "account_type",
        "account_no",
        "account_name",
    ] {
        assert_eq!(code(&send(&json!({key: null}))), 4, "{key}");
    }
    let body = json!({});
    assert_eq!(code(&shop.post(APP, "/2/rest/bc_transfer", &body)), 1);
    let banks = |kind: Value| shop.get(APP, "/2/rest/bc_transfer/banks", &json!({"type": kind}));
    for kind in ["P_DE", "P_CR", "C"] {
        let listed = banks(json!(kind));
        ok(&listed);
        assert!(
            listed["bank_list"]
                .as_array()
                .unwrap()
                .contains(&json!("中国银行"))
        );
    }
    assert_eq!(code(&banks(json!("D"))), 5);
    assert_eq!(code(&banks(Value::Null)), 4);
}

#[test]
fn sections_1_5_3_and_1_5_4_to_a_wallet() {
    let shop = shop();
    let ali = |change: &Value| {
        let mut body = json!({"channel": "ALI_TRANSFER", "transfer_no": number(), "total_fee": 1,
            "desc": "赔偿", "channel_user_id": "someone@126.com", "channel_user_name": "某人",
            "account_name": "某公司"});
        set(&mut body, change);
        shop.post(MASTER, "/2/rest/transfers", &body)
    };
    let good = ali(&json!({}));
    ok(&good);
    assert!(good["url"].as_str().unwrap().starts_with("https://"));
    table(
        &[
            (json!({"transfer_no": "a".repeat(10)}), 5),
            (json!({"transfer_no": "a".repeat(33)}), 5),
            (
                json!({"channel": "WX_TRANSFER", "transfer_no": "8372839123", "total_fee": 100}),
                3,
            ),
            (json!({"channel": "NOPE"}), 3),
        ],
        ali,
    );
    for key in [
        "channel",
        "transfer_no",
        "total_fee",
        "desc",
        "channel_user_id",
        "channel_user_name",
        "account_name",
    ] {
        assert_eq!(code(&ali(&json!({key: null}))), 4, "{key}");
    }
    let wx = |change: &Value| {
        let mut body = json!({"channel": "WX_TRANSFER", "transfer_no": "8372839123",
            "total_fee": 100, "desc": "赔偿", "channel_user_id": "xx_sji"});
        set(&mut body, change);
        shop.post(MASTER, "/2/rest/transfer", &body)
    };
    table(
        &[
            (json!({"total_fee": 99}), 5),
            (json!({"transfer_no": "837283912"}), 5),
            (json!({"transfer_no": "a372839123"}), 5),
            (json!({}), 0),
            (json!({}), 17),
        ],
        wx,
    );
}

#[test]
fn section_1_6_2_two_three_and_four_factors() {
    let shop = shop();
    let ask = |change: &Value| {
        let mut body = json!({"name": "某人", "id_no": "11010519491231002X"});
        set(&mut body, change);
        shop.post(APP, "/2/auth", &body)
    };
    for (change, fits) in [
        (json!({}), true),
        (json!({"id_no": "110105194912310021"}), false),
        (json!({"card_no": "4111111111111111"}), true),
        (json!({"card_no": "4111111111111112"}), false),
        (
            json!({"card_no": "4111111111111111", "mobile": "13761231321"}),
            true,
        ),
    ] {
        let answer = ask(&change);
        ok(&answer);
        assert_eq!(answer["auth_result"], fits, "{change}");
        assert!(answer["auth_msg"].is_string());
        assert!(
            !answer.to_string().contains("110105"),
            "nothing is repeated"
        );
    }
    table(
        &[
            (json!({"name": null}), 4),
            (json!({"id_no": null}), 4),
            (json!({"id_no": "1"}), 5),
            (json!({"id_no": "1101051949123100汉"}), 5),
            (json!({"card_no": "x"}), 5),
            (json!({"mobile": "13761231321"}), 4),
            (json!({"mobile": "1"}), 5),
        ],
        ask,
    );
}
