//! Refunds, the played refunds and planted differences over real HTTP.

use super::*;
use crate::domain::practice::RefundAct;
use crate::domain::time::Day;
use crate::simulator::core::{Query, RefundQuery};

const REFUND: &str = "/2/rest/offline/refund";

/// A refund_no of the gateway's today.
fn number(gateway: &Running, serial: &str) -> String {
    let today = Day::of(gateway.face().now_ms());
    format!("{}{serial}", today.compact())
}

fn part(gateway: &Running, refund_no: &str, fee: i64) -> Value {
    let fields = json!({"refund_no": refund_no, "bill_no": NO, "refund_fee": fee,
                        "channel": "ALI", "refund_reason": "不要了"});
    signed_with(gateway, fields, "practice-master")
}

async fn paid() -> Running {
    let gateway = start().await;
    let heard = post(&gateway, PAY, scan(&gateway, NO)).await.unwrap();
    assert_eq!(heard.json()["pay_result"], true);
    gateway
}

async fn tell(gateway: &Running, path: &str, told: Value) -> (u16, Value) {
    let heard = post(gateway, path, told).await.unwrap();
    (heard.status, heard.json())
}

/// A GET's path with `para` as forms encode it: `+` for a space.
fn para_as_form(path: &str, fields: &Value) -> String {
    para(path, fields).replace("%20", "+")
}

#[tokio::test]
async fn a_bill_is_refunded_listed_counted_and_asked_over_http() {
    let gateway = paid().await;
    let (r1, r2) = (number(&gateway, "001"), number(&gateway, "002"));
    let answer = post(&gateway, REFUND, part(&gateway, &r1, 1_000)).await;
    assert_eq!(answer.unwrap().json()["refund_result"], true);
    let wrong = signed(
        &gateway,
        json!({"refund_no": r2, "bill_no": NO, "refund_fee": 1}),
    );
    let wrong = post(&gateway, REFUND, wrong).await.unwrap().json();
    assert_eq!(wrong["result_code"], 1, "signed with app_secret");
    let over = post(&gateway, REFUND, part(&gateway, &r2, 235)).await;
    assert_eq!(over.unwrap().json()["result_code"], 12);
    post(&gateway, REFUND, part(&gateway, &r2, 234))
        .await
        .unwrap();

    let fields = json!({"bill_no": NO, "need_detail": true, "note": "a b"});
    let fields = signed(&gateway, fields);
    for encode in [para, para_as_form] {
        let list = fetch(&gateway, &encode("/2/rest/refunds", &fields)).await;
        let list = list.json();
        assert_eq!(list["refunds"].as_array().unwrap().len(), 2);
        assert_eq!(list["refunds"][0]["refund_no"], json!(r2), "newest first");
        let count = fetch(&gateway, &encode("/2/rest/refunds/count", &fields)).await;
        assert_eq!(count.json()["count"], 2);
        let id = list["refunds"][1]["id"].as_str().unwrap();
        let path = format!("/2/rest/refund/{id}");
        let one = fetch(&gateway, &encode(&path, &fields)).await;
        assert_eq!(one.json()["refund"]["refund_fee"], 1_000);
        let asked = json!({"refund_no": r1, "channel": "WX", "note": "a b"});
        let asked = signed(&gateway, asked);
        let status = fetch(&gateway, &encode("/2/rest/refund/status", &asked)).await;
        assert_eq!(status.json()["result_code"], 3, "not a WeChat refund");
        let rows = fetch(&gateway, &encode("/2/rest/bills", &fields))
            .await
            .json();
        assert_eq!(rows["bills"][0]["refund_result"], true);
    }
    let truth = truth_of(&gateway, NO).await;
    assert_eq!(
        (&truth["refunded"], &truth["kept"]),
        (&json!(1234), &json!(false))
    );
    assert_eq!(
        (&truth["refunding"], &truth["returned"]),
        (&json!(0), &json!(true))
    );
}

#[tokio::test]
async fn a_wechat_refund_is_followed_by_its_status_over_http() {
    let gateway = start().await;
    let code = gateway.fresh_code(Wallet::Wechat);
    let bill = json!({"channel": "WX_SCAN", "total_fee": 100, "bill_no": NO,
                      "title": "practice", "auth_code": code.expose()});
    post(&gateway, PAY, signed(&gateway, bill)).await.unwrap();
    let refund_no = number(&gateway, "001");
    let fields = json!({"refund_no": refund_no, "bill_no": NO, "refund_fee": 100});
    let (_, told) = tell(&gateway, "/_refund", json!({"act": "never"})).await;
    assert_eq!(told["applies_to"], "next");
    let request = signed_with(&gateway, fields, "practice-master");
    let answer = post(&gateway, REFUND, request).await.unwrap().json();
    assert_eq!(
        (&answer["result_code"], &answer["refund_result"]),
        (&json!(0), &json!(false))
    );
    let asked = signed(&gateway, json!({"refund_no": refund_no, "channel": "WX"}));
    let status = para("/2/rest/refund/status", &asked);
    assert_eq!(
        fetch(&gateway, &status).await.json()["refund_status"],
        "PROCESSING"
    );
    let truth = truth_of(&gateway, NO).await;
    assert_eq!(truth["refunding"], 100);
    let one = json!([{"refund_no": refund_no, "refund_fee": 100, "status": "PROCESSING"}]);
    assert_eq!(truth["refunds"], one);
    let told = json!({"refund_no": refund_no, "act": "fail"});
    assert_eq!(
        tell(&gateway, "/_refund", told).await.1["applies_to"],
        "existing"
    );
    // Failing takes 30 ms of gateway time here; the clock is set instead of waiting.
    gateway.face().set_clock_offset_ms(1_000);
    assert_eq!(
        fetch(&gateway, &status).await.json()["refund_status"],
        "FAIL"
    );
    assert_eq!(truth_of(&gateway, NO).await["refunding"], 0);
}

#[tokio::test]
async fn each_network_fault_of_a_refund_comes_over_the_wire_as_named() {
    let gateway = paid().await;
    let networks = [
        "normal",
        "lose-request",
        "lose-answer",
        "slow",
        "502",
        "html",
        "truncate",
    ];
    let mut given = 0;
    for (i, network) in networks.into_iter().enumerate() {
        let told = json!({"bill_no": NO, "network": network});
        let (_, told) = tell(&gateway, "/_refund", told).await;
        assert_eq!(told["applies_to"], "upcoming");
        let refund_no = number(&gateway, &format!("00{}", i + 1));
        let heard = post(&gateway, REFUND, part(&gateway, &refund_no, 10)).await;
        match (network, heard) {
            ("lose-request" | "lose-answer", heard) => assert!(heard.is_none(), "{network}"),
            ("normal" | "slow", Some(heard)) => assert_eq!(heard.json()["refund_result"], true),
            ("502", Some(heard)) => assert_eq!(heard.status, 502),
            ("html", Some(heard)) => assert!(heard.body.starts_with("<html>")),
            ("truncate", Some(heard)) => {
                let promised: usize = heard.header("content-length").unwrap().parse().unwrap();
                assert!(heard.body.len() < promised);
            }
            (network, heard) => panic!("{network}: {heard:?}"),
        }
        given += if network == "lose-request" { 0 } else { 10 };
        assert_eq!(truth_of(&gateway, NO).await["refunded"], given, "{network}");
    }
}

#[tokio::test]
async fn the_panels_refund_plan_holds_until_it_is_changed() {
    let gateway = paid().await;
    gateway
        .customer()
        .plan_refund(RefundAct::NoFunds, Network::Normal);
    for serial in ["001", "002"] {
        let request = part(&gateway, &number(&gateway, serial), 1);
        let answer = post(&gateway, REFUND, request).await.unwrap().json();
        assert_eq!(answer["result_code"], 7);
        assert!(
            answer["err_detail"]
                .as_str()
                .unwrap()
                .contains("商户余额不足")
        );
    }
    gateway.plan_refund(RefundAct::AtOnce, Network::Normal);
    let request = part(&gateway, &number(&gateway, "001"), 1);
    let answer = post(&gateway, REFUND, request).await.unwrap().json();
    assert_eq!(answer["refund_result"], true);
}

#[tokio::test]
async fn differences_can_be_planted_by_the_panel_and_from_outside() {
    let gateway = paid().await;
    for serial in 0..6 {
        let bill_no = format!("20261120MORE{serial}");
        post(&gateway, PAY, scan(&gateway, &bill_no)).await.unwrap();
    }
    let planted = gateway.customer().plant_differences();
    assert_eq!(planted.len(), 3);
    let (status, said) = tell(&gateway, "/_plant", json!({})).await;
    assert_eq!(
        (status, said["bill_no"].as_array().unwrap().len()),
        (200, 3)
    );
    for (kind, refunds) in [
        ("missing_here", false),
        ("missing_there", false),
        ("amount", false),
        ("state", false),
        ("refund", true),
    ] {
        let (status, said) = tell(&gateway, "/_plant", json!({"kind": kind})).await;
        // Seven were paid: two each time were changed, and the last kind finds none left.
        if kind == "refund" {
            assert_eq!((status, &said["ok"]), (400, &json!(false)));
            post(&gateway, PAY, scan(&gateway, "20261120LAST"))
                .await
                .unwrap();
            let told = json!({"kind": kind, "bill_no": "20261120LAST"});
            let (status, said) = tell(&gateway, "/_plant", told).await;
            assert_eq!((status, &said["bill_no"][0]), (200, &json!("20261120LAST")));
            assert_eq!(said.get("refund_no").is_some(), refunds);
            continue;
        }
        assert_eq!(
            (status, said["bill_no"].as_array().unwrap().len()),
            (200, 1),
            "{kind}"
        );
        assert_eq!(said.get("refund_no").is_some(), refunds);
    }
}

#[tokio::test]
async fn instructions_that_make_no_sense_are_answered_in_plain_words() {
    let gateway = paid().await;
    for (path, told, words) in [
        ("/_refund", json!({"act": "steal"}), "unknown variant"),
        ("/_refund", json!({"action": "never"}), "unknown field"),
        ("/_refund", json!({"bill_no": "x"}), "not a bill_no"),
        (
            "/_refund",
            json!({"refund_no": "20261120001"}),
            "needs an act",
        ),
        (
            "/_refund",
            json!({"refund_no": "20261120001", "act": "fail"}),
            "no refund with this refund_no",
        ),
        (
            "/_refund",
            json!({"refund_no": "20261120001", "act": "fail", "network": "slow"}),
            "no network",
        ),
        (
            "/_refund",
            json!([NO, null, "never", null]),
            "not a JSON object",
        ),
        ("/_plant", json!([null, null]), "not a JSON object"),
        ("/_plant", json!({"kind": "money"}), "unknown variant"),
        ("/_plant", json!({"bill_no": NO}), "needs a kind"),
        ("/_plant", json!({"kinds": []}), "unknown field"),
        (
            "/_plant",
            json!({"kind": "missing_here", "bill_no": NO}),
            "there already",
        ),
        (
            "/_plant",
            json!({"kind": "amount", "bill_no": "20261120nobody"}),
            "no bill with this bill_no",
        ),
    ] {
        let (status, said) = tell(&gateway, path, told.clone()).await;
        assert_eq!((status, &said["ok"]), (400, &json!(false)), "{told}");
        let error = said["error"].as_str().unwrap();
        assert!(error.contains(words), "{told}: {error}");
    }
    let broken = post_as(&gateway, "/_plant", "application/json", "{".into()).await;
    assert_eq!(broken.unwrap().status, 400);
    assert_eq!(fetch(&gateway, "/_plant").await.status, 405);
}

#[tokio::test]
async fn more_than_a_hundred_rows_are_paged_over_http() {
    let gateway = paid().await;
    for i in 0..120 {
        let refund_no = number(&gateway, &format!("{:03}", i + 1));
        let answer = post(&gateway, REFUND, part(&gateway, &refund_no, 1)).await;
        assert_eq!(answer.unwrap().json()["result_code"], 0);
    }
    let mut seen = Vec::new();
    for page in 0..4 {
        let fields = signed(&gateway, json!({"skip": page * 50, "limit": 50}));
        let list = fetch(&gateway, &para("/2/rest/refunds", &fields))
            .await
            .json();
        let rows = list["refunds"].as_array().unwrap().clone();
        seen.extend(rows.into_iter().map(|r| r["refund_no"].to_string()));
    }
    let count = para("/2/rest/refunds/count", &signed(&gateway, json!({})));
    assert_eq!(fetch(&gateway, &count).await.json()["count"], 120);
    assert_eq!(seen.len(), 120);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, each once");
}

#[tokio::test]
async fn a_gateway_that_starts_again_has_its_refunds_and_plants() {
    let dir = tempfile::tempdir().unwrap();
    let options = || Options {
        memory: Some(dir.path().join("gateway.json")),
        ..Options::default()
    };
    let any = "127.0.0.1:0".parse().unwrap();
    let first = Simulator::start(any, options()).await.unwrap();
    post(&first, PAY, scan(&first, NO)).await.unwrap();
    let refund_no = number(&first, "001");
    post(&first, REFUND, part(&first, &refund_no, 100))
        .await
        .unwrap();
    // The last that happens; no request follows that would keep it.
    let planted = first.plant_differences();
    let now_ms = first.face().now_ms();
    let bills = |gateway: &Running| gateway.core().bills(now_ms, &Query::default());
    let refunds = |gateway: &Running| gateway.core().refunds(now_ms, &RefundQuery::default());
    let before = (bills(&first), refunds(&first));
    drop(first);
    let again = Simulator::start(any, options()).await.unwrap();
    assert_eq!(planted.len(), 2);
    assert_eq!((bills(&again), refunds(&again)), before);
    assert_eq!(before.1.delivered().unwrap().unwrap().len(), 1);
    assert_eq!(truth_of(&again, NO).await["refunded"], 100);
}
