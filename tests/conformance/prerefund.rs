//! 004 §3, §4, §7 to §10 and 000 §4.3.1: refunds of online bills and pre-refunds.

use crate::client::{APP, MASTER, Shop, code, number, ok, refund_number, set, shop, table, until};
use serde_json::{Value, json};

fn refund(shop: &Shop, bill_no: &str, more: &Value) -> Value {
    let mut body = json!({"refund_no": refund_number(), "bill_no": bill_no, "refund_fee": 40});
    set(&mut body, more);
    shop.post(MASTER, "/2/rest/refund", &body)
}

fn pre(shop: &Shop, bill_no: &str) -> String {
    let answer = refund(shop, bill_no, &json!({"need_approval": true}));
    ok(&answer);
    assert_eq!(answer.get("url"), None, "nothing to confirm yet");
    answer["id"].as_str().unwrap().to_owned()
}

fn row(shop: &Shop, id: &str) -> Value {
    let one = shop.get(APP, &format!("/2/rest/refund/{id}"), &json!({}));
    ok(&one);
    one["refund"].clone()
}

#[test]
fn section_3_a_refund_of_each_parent() {
    let shop = shop();
    for (channel, parent, own, by_status) in [
        ("WX_APP", "WX", json!({}), true),
        ("ALI_APP", "ALI", json!({}), false),
        ("UN_APP", "UN", json!({}), false),
        (
            "JD_WEB",
            "JD",
            json!({"return_url": "http://a.example"}),
            false,
        ),
        ("YEE_WEB", "YEE", json!({}), true),
        ("KUAIQIAN_WEB", "KUAIQIAN", json!({}), true),
        ("BD_APP", "BD", json!({}), true),
        ("BC_WX_WAP", "BC", json!({}), false),
    ] {
        let bill_no = shop.paid(channel, &own);
        let wrong = refund(
            &shop,
            &bill_no,
            &json!({"channel": if parent == "WX" { "ALI" } else { "WX" }}),
        );
        assert_eq!(code(&wrong), 3, "another channel than its bill's");
        let answer = refund(&shop, &bill_no, &json!({"channel": parent}));
        ok(&answer);
        assert_eq!(answer.get("url").is_some(), parent == "ALI", "{answer}");
        assert_eq!(
            answer.get("refund_result"),
            None,
            "only the offline refund has it"
        );
        let id = answer["id"].as_str().unwrap();
        let first = row(&shop, id);
        assert_eq!(
            (&first["channel"], &first["sub_channel"]),
            (&json!(parent), &json!(channel))
        );
        // 004 §9: WX, YEE, KUAIQIAN and BD are known when somebody asks; the others by themselves.
        let query = json!({"channel": parent, "refund_no": first["refund_no"]});
        let status = shop.get(APP, "/2/rest/refund/status", &query);
        if by_status {
            assert_eq!(first["finish"], false);
            assert_eq!(status["refund_status"], "SUCCESS");
        } else {
            assert_eq!(code(&status), 3);
        }
        let end = row(&shop, id);
        assert_eq!(
            (&end["finish"], &end["result"]),
            (&json!(true), &json!(true)),
            "{parent}"
        );
        assert_eq!(
            (&end["refund_fee"], &end["total_fee"]),
            (&json!(40), &json!(100))
        );
    }
    let paypal = shop.paid("PAYPAL_LIVE", &json!({}));
    assert_eq!(
        code(&refund(&shop, &paypal, &json!({}))),
        3,
        "no refund is documented"
    );
}

#[test]
fn section_3_codes() {
    let shop = shop();
    let bill_no = shop.paid("UN_APP", &json!({}));
    table(
        &[
            (json!({"refund_no": null}), 4),
            (json!({"refund_no": "20200101001"}), 5),
            (json!({"bill_no": null}), 4),
            (json!({"bill_no": number()}), 8),
            (json!({"refund_fee": 0}), 5),
            (json!({"refund_fee": "1"}), 5),
            (json!({"refund_fee": 101}), 12),
            (json!({"channel": "NOPE"}), 3),
            (json!({"need_approval": "true"}), 5),
            (json!({"notify_url": "x"}), 5),
            (json!({"refund_account": 2}), 5),
            (json!({"optional": 1}), 5),
        ],
        |change| refund(&shop, &bill_no, change),
    );
    let body = json!({"refund_no": refund_number(), "bill_no": bill_no, "refund_fee": 1});
    assert_eq!(
        code(&shop.post(APP, "/2/rest/refund", &body)),
        1,
        "master_secret alone"
    );
}

#[test]
fn section_4_one_is_denied_two_are_agreed_and_every_other_row_says_why() {
    let shop = shop();
    let bills: Vec<String> = (0..3)
        .map(|_| shop.paid("ALI_WEB", &json!({"return_url": "http://a.example"})))
        .collect();
    let ids: Vec<String> = bills.iter().map(|no| pre(&shop, no)).collect();
    let twice = refund(
        &shop,
        &bills[0],
        &json!({"need_approval": true, "refund_fee": 1}),
    );
    assert_eq!(code(&twice), 16, "PREREFUND_DUPLICATE");
    assert_eq!(
        code(&refund(&shop, &bills[0], &json!({"refund_fee": 1}))),
        11
    );

    // They wait: nothing moved, and the filter of 004 §7 and §8 finds them.
    let waiting = |yes: bool| {
        let query = json!({"need_approval": yes});
        let listed = shop.get(APP, "/2/rest/refunds", &query);
        let counted = shop.get(APP, "/2/rest/refunds/count", &query);
        assert_eq!(
            listed["refunds"].as_array().unwrap().len(),
            counted["count"]
        );
        counted["count"].as_i64().unwrap()
    };
    assert_eq!((waiting(true), waiting(false)), (3, 0));
    assert_eq!(row(&shop, &ids[0])["finish"], false);

    let wx = shop.paid("WX_APP", &json!({}));
    let foreign = pre(&shop, &wx);
    let direct = refund(&shop, &shop.paid("ALI_APP", &json!({})), &json!({}));
    let decide = |fields: Value| shop.put(MASTER, "/2/rest/refund", &fields);
    let denied = decide(
        json!({"channel": "ALI", "ids": [ids[0]], "agree": false, "deny_reason": "审核不通过"}),
    );
    ok(&denied);
    assert_eq!(denied.get("result_map"), None, "only where agree is true");
    let all = json!({"channel": "ALI", "agree": true,
        "ids": [ids[0], ids[1], format!("  {}", ids[2]), foreign, direct["id"], "nobody"]});
    let agreed = decide(all);
    ok(&agreed);
    let map = &agreed["result_map"];
    assert_eq!(map[&ids[1]], "OK");
    assert_eq!(map[&format!("  {}", ids[2])], "OK", "as it was sent");
    for id in [&ids[0], &foreign, direct["id"].as_str().unwrap(), "nobody"] {
        let text = map[id].as_str().unwrap();
        assert!(text != "OK" && !text.is_empty(), "{id}");
    }
    assert!(agreed["url"].as_str().unwrap().starts_with("https://"));

    until("the agreed ones are refunded", || {
        row(&shop, &ids[1])["result"] == true
    });
    let no = row(&shop, &ids[0]);
    assert_eq!(
        (&no["finish"], &no["result"]),
        (&json!(true), &json!(false))
    );
    ok(&refund(&shop, &bills[0], &json!({"refund_fee": 100}))); // all of it is free again
    assert_eq!(
        code(&refund(&shop, &bills[1], &json!({"refund_fee": 61}))),
        12
    );
    assert_eq!(waiting(true), 1, "WeChat's still waits");
}

#[test]
fn section_4_fields_and_a_denial_is_for_all_or_none() {
    let shop = shop();
    let id = pre(&shop, &shop.paid("UN_APP", &json!({})));
    table(
        &[
            (json!({"channel": null}), 4),
            (json!({"channel": "PAYPAL"}), 3),
            (json!({"ids": null}), 4),
            (json!({"ids": []}), 4),
            (json!({"ids": [1]}), 5),
            (json!({"ids": "x"}), 5),
            (json!({"agree": null}), 4),
            (json!({"agree": "true"}), 5),
            (json!({"deny_reason": 1}), 5),
            (json!({"ids": [id, "nobody"]}), 13),
            (json!({"channel": "BD"}), 3),
        ],
        |change| {
            let mut body = json!({"channel": "UN", "ids": [id], "agree": false});
            set(&mut body, change);
            shop.put(MASTER, "/2/rest/refund", &body)
        },
    );
    assert_eq!(row(&shop, &id)["finish"], false, "nothing was denied");
    let body = json!({"channel": "UN", "ids": [id], "agree": false});
    assert_eq!(code(&shop.put(APP, "/2/rest/refund", &body)), 1);
    ok(&shop.put(MASTER, "/2/rest/refund", &body));
    assert_eq!(
        code(&shop.put(MASTER, "/2/rest/refund", &body)),
        5,
        "decided once"
    );
}
