//! What each call sends, to the byte where it matters; what each answer must hold; and answers
//! that lie. The sections are those of the documents (000, 004).

use super::*;
use crate::domain::{BillNo, Fen};
use crate::gateway::beecloud::samples::{bill_no, refund_no};
use crate::gateway::beecloud::scripted_tests::{
    AT_MS, Reply, Server, client_within, head_and_body, http, ok,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The moment of the master_secret vector.
const MASTER_AT_MS: i64 = 1_795_176_659_664;

fn master() -> SecretString {
    SecretString::from("master-secret-demo")
}

fn client() -> Client {
    client_within(Duration::from_secs(1), &["http://127.0.0.1:9"])
}

/// The method, the path and the body (or `para`) of the only request.
fn only(server: &Server) -> (String, Value) {
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "sent once");
    let (head, body) = head_and_body(&requests[0]);
    let line = head[0].trim_end_matches(" HTTP/1.1");
    match line.split_once("?para=") {
        Some((path, para)) => (
            path.to_owned(),
            serde_json::from_str(&decoded(para)).unwrap(),
        ),
        None => (line.to_owned(), serde_json::from_str(body).unwrap()),
    }
}

fn decoded(para: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = para.bytes();
    while let Some(b) = rest.next() {
        if b == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            bytes.push(b);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn without_signature(mut body: Value) -> Value {
    let map = body.as_object_mut().unwrap();
    assert_eq!(
        map.remove("app_id").unwrap(),
        "0950c062-5e41-44e3-8f52-f89d8cf2b6eb"
    );
    assert!(map.remove("timestamp").unwrap().is_i64());
    let sign = map.remove("app_sign").unwrap();
    assert_eq!(sign.as_str().unwrap().len(), 32);
    body
}

fn online(channel: OnlineChannel) -> OnlineBill {
    OnlineBill {
        bill_no: bill_no(),
        amount: Fen(1234),
        title: "示例便利店".to_owned(),
        channel,
        bill_timeout_s: None,
        notify_url: None,
        buyer_id: None,
        optional: serde_json::Map::new(),
        analysis: serde_json::Map::new(),
        limit_credit: false,
    }
}

fn text(t: &str) -> String {
    t.to_owned()
}

/// Every channel of 004 §2 and 000 §4.2.1: its own fields, its answer, and what that is.
fn channels() -> Vec<(OnlineChannel, Value, Value, OnlineAnswer)> {
    use OnlineChannel as C;
    let back = || text("https://shop.example/done");
    let url = || json!({"url": "https://pay.example/1", "html": "<form>"});
    let page = || OnlineAnswer::Url(text("https://pay.example/1"));
    let form = || {
        (
            json!({"html": "<form>"}),
            OnlineAnswer::Html(text("<form>")),
        )
    };
    let code = || json!({"code_url": "weixin://wxpay/1"});
    let is_code = || OnlineAnswer::CodeUrl(text("weixin://wxpay/1"));
    let jsapi = || {
        json!({"app_id": "wx1", "package": "prepay_id=1", "nonce_str": "n",
               "timestamp": "1435890533866", "pay_sign": "s", "sign_type": "MD5"})
    };
    let is_jsapi = || {
        OnlineAnswer::WeixinJsapi(WeixinJsapi {
            app_id: text("wx1"),
            package: text("prepay_id=1"),
            nonce_str: text("n"),
            timestamp: text("1435890533866"),
            pay_sign: text("s"),
            sign_type: text("MD5"),
        })
    };
    let app = json!({"app_id": "wx1", "partner_id": "p", "package": "Sign=WXPay", "nonce_str": "n",
                     "timestamp": 1_435_890_533_866_i64, "pay_sign": "s", "prepay_id": "id"});
    let is_app = OnlineAnswer::WeixinApp(WeixinApp {
        app_id: text("wx1"),
        partner_id: text("p"),
        package: text("Sign=WXPay"),
        nonce_str: text("n"),
        timestamp: text("1435890533866"),
        pay_sign: text("s"),
        prepay_id: text("id"),
    });
    let order = || json!({"order_string": "a=b"});
    let is_order = || OnlineAnswer::OrderString(text("a=b"));
    let openid = || text("o-1");
    let card = Card {
        number: Private::new("123456789"),
        password: Private::new("987"),
        kind: text("QQCARD"),
    };
    vec![
        (C::WxApp, json!({}), app, is_app),
        (C::WxNative, json!({}), code(), is_code()),
        (
            C::WxJsapi { openid: openid() },
            json!({"openid": "o-1"}),
            jsapi(),
            is_jsapi(),
        ),
        (C::AliApp, json!({}), order(), is_order()),
        (
            C::AliWeb {
                return_url: back(),
                show_url: Some(text("http://shop.example/a")),
            },
            json!({"return_url": back(), "show_url": "http://shop.example/a"}),
            url(),
            page(),
        ),
        (
            C::AliQrcode {
                return_url: back(),
                qr_pay_mode: QrPayMode::Mini,
            },
            json!({"return_url": back(), "qr_pay_mode": "3"}),
            url(),
            page(),
        ),
        (
            C::AliWap {
                return_url: Some(back()),
                use_app: Some(true),
            },
            json!({"return_url": back(), "use_app": true}),
            url(),
            page(),
        ),
        (
            C::AliOfflineQrcode,
            json!({}),
            json!({"qr_code": "weixin://wxpay/1"}),
            is_code(),
        ),
        (
            C::UnApp,
            json!({}),
            json!({"tn": "201"}),
            OnlineAnswer::Tn(text("201")),
        ),
        (
            C::UnWeb { return_url: back() },
            json!({"return_url": back()}),
            form().0,
            form().1,
        ),
        (C::UnWap { return_url: None }, json!({}), form().0, form().1),
        (
            C::JdWap { return_url: back() },
            json!({"return_url": back()}),
            form().0,
            form().1,
        ),
        (
            C::JdWeb { return_url: back() },
            json!({"return_url": back()}),
            form().0,
            form().1,
        ),
        (
            C::YeeWap {
                identity_id: text("u1"),
            },
            json!({"identity_id": "u1"}),
            url(),
            page(),
        ),
        (C::YeeWeb, json!({}), url(), page()),
        (
            C::YeeNobankcard(card),
            json!({"cardno": "123456789", "cardpwd": "987", "frqid": "QQCARD"}),
            url(),
            page(),
        ),
        (C::KuaiqianWap, json!({}), form().0, form().1),
        (C::KuaiqianWeb, json!({}), form().0, form().1),
        (
            C::BdApp,
            json!({}),
            json!({"orderInfo": "x=y"}),
            OnlineAnswer::OrderInfo(text("x=y")),
        ),
        (C::BdWeb, json!({}), url(), page()),
        (C::BdWap, json!({}), url(), page()),
        (C::PaypalLive, json!({}), url(), page()),
        (C::PaypalSandbox, json!({}), url(), page()),
        (
            C::BcGateway {
                bank: Some(text("BOC")),
                return_url: None,
            },
            json!({"bank": "BOC"}),
            form().0,
            form().1,
        ),
        (
            C::BcExpress {
                card_no: Private::new("6222000000000000"),
            },
            json!({"card_no": "6222000000000000"}),
            form().0,
            form().1,
        ),
        (C::BcNative, json!({}), code(), is_code()),
        (C::BcWxWap { return_url: None }, json!({}), url(), page()),
        (
            C::BcWxJsapi { openid: openid() },
            json!({"openid": "o-1"}),
            jsapi(),
            is_jsapi(),
        ),
        (C::BcAliQrcode, json!({}), code(), is_code()),
        (C::BcAliApp, json!({}), order(), is_order()),
        (
            C::BcAliWeb {
                return_url: Some(back()),
            },
            json!({"return_url": back()}),
            url(),
            page(),
        ),
        (C::BcAliWap { return_url: None }, json!({}), url(), page()),
    ]
}

#[tokio::test]
async fn s004_2_every_online_channel_sends_its_fields_and_reads_its_answer() {
    for (channel, own, answer, is) in channels() {
        let name = channel.name();
        let mut said = answer.clone();
        said["result_code"] = json!(0);
        said["resultCode"] = json!(7);
        let server = Server::start(vec![ok(said)]).await;
        let bill = online(channel);
        let told = server
            .client()
            .online_bill(&server.host(), &bill, AT_MS)
            .await;
        assert_eq!(told.outcome, Told::Done(is), "{name}");
        let (line, body) = only(&server);
        assert_eq!(line, "POST /2/rest/bill", "{name}");
        let mut expected = json!({"channel": name, "bill_no": bill_no().as_str(),
                                  "total_fee": 1234, "title": "示例便利店"});
        for (key, value) in own.as_object().unwrap() {
            expected[key] = value.clone();
        }
        assert_eq!(without_signature(body), expected, "{name}");
    }
}

#[test]
fn s004_2_an_answer_that_lacks_one_field_is_no_answer() {
    let client = client();
    for (channel, _, answer, _) in channels() {
        let read = |answer: &Value| {
            let mut said = answer.clone();
            said["result_code"] = json!(0);
            let bytes = said.to_string();
            client.told(bytes.as_bytes(), Codes::Common, None, |body| {
                channel.read(body)
            })
        };
        assert!(matches!(read(&answer), Told::Done(_)), "{}", channel.name());
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        for key in &keys {
            for junk in [json!(null), json!(""), json!(1.5), json!({}), json!([1])] {
                let mut broken = answer.clone();
                broken[key.as_str()] = junk.clone();
                // A page without a link has a form still.
                let half_page = keys.len() == 2 && answer.get("html").is_some();
                let number = key.as_str() == "timestamp" && junk == json!(1.5);
                let whole = half_page || number;
                let told = read(&broken);
                assert_eq!(
                    matches!(told, Told::Done(_)),
                    whole,
                    "{} {key} {junk}: {told:?}",
                    channel.name()
                );
            }
        }
    }
}

#[tokio::test]
async fn s004_2_what_breaks_the_servers_rules_is_never_sent() {
    use OnlineChannel as C;
    let server = Server::start(Vec::new()).await;
    let (client, host) = (server.client(), server.host());
    let bad_url = |url: &str| C::UnWeb {
        return_url: text(url),
    };
    let card = |kind: &str, number: &str| {
        C::YeeNobankcard(Card {
            number: Private::new(number),
            password: Private::new("1"),
            kind: text(kind),
        })
    };
    let base = || online(C::WxNative);
    let cases = [
        (
            "total_fee",
            OnlineBill {
                amount: Fen(0),
                ..base()
            },
        ),
        (
            "title",
            OnlineBill {
                title: "汉".repeat(17),
                ..base()
            },
        ),
        (
            "title",
            OnlineBill {
                title: String::new(),
                ..base()
            },
        ),
        (
            "bill_timeout",
            OnlineBill {
                bill_timeout_s: Some(0),
                ..base()
            },
        ),
        (
            "bill_timeout",
            OnlineBill {
                bill_timeout_s: Some(361),
                ..online(C::JdWeb {
                    return_url: text("https://a.example"),
                })
            },
        ),
        (
            "notify_url",
            OnlineBill {
                notify_url: Some(text("ftp://a")),
                ..base()
            },
        ),
        (
            "buyer_id",
            OnlineBill {
                buyer_id: Some("x".repeat(33)),
                ..base()
            },
        ),
        ("return_url", online(bad_url("shop.example"))),
        ("return_url", online(bad_url("https://shop.example/?a=b"))),
        ("return_url", online(bad_url("https://shop.example/#a"))),
        (
            "openid",
            online(C::WxJsapi {
                openid: String::new(),
            }),
        ),
        (
            "identity_id",
            online(C::YeeWap {
                identity_id: "x".repeat(51),
            }),
        ),
        (
            "identity_id",
            online(C::YeeWap {
                identity_id: text("a b"),
            }),
        ),
        ("frqid", online(card("GOLD", "1"))),
        ("cardno", online(card("SZX", ""))),
        (
            "card_no",
            online(C::BcExpress {
                card_no: Private::new("12a"),
            }),
        ),
    ];
    for (field, bill) in cases {
        let told = client.online_bill(&host, &bill, AT_MS).await;
        let Told::Unsent { why } = told.outcome else {
            panic!("{field}: {:?}", told.outcome);
        };
        assert!(why.starts_with(field), "{field}: {why}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn s000_4_5_optional_analysis_and_buyer_are_sent_as_they_are() {
    let server = Server::start(vec![ok(
        json!({"result_code": 0, "code_url": "weixin://1"}),
    )])
    .await;
    let analysis = json!({"product_map": {"早餐": 1000, "牛奶": 234}, "ip": "192.0.2.1"});
    let bill = OnlineBill {
        bill_timeout_s: Some(361),
        notify_url: Some(text("https://shop.example/hook")),
        buyer_id: Some(text("13900000000")),
        optional: json!({"note": "两份"}).as_object().unwrap().clone(),
        analysis: analysis.as_object().unwrap().clone(),
        limit_credit: true,
        ..online(OnlineChannel::WxNative)
    };
    server
        .client()
        .online_bill(&server.host(), &bill, AT_MS)
        .await;
    let body = without_signature(only(&server).1);
    assert_eq!(body["analysis"], analysis);
    assert_eq!(body["optional"], json!({"note": "两份"}));
    assert_eq!(body["buyer_id"], "13900000000");
    assert_eq!(body["bill_timeout"], 361);
    assert_eq!(body["limit_credit"], true);
}

fn online_refund() -> OnlineRefund {
    OnlineRefund {
        refund_no: refund_no(),
        bill_no: bill_no(),
        fee: Fen(234),
        channel: Some(text("ALI")),
        need_approval: true,
        notify_url: None,
        from_balance: false,
        optional: serde_json::Map::new(),
    }
}

#[tokio::test]
async fn s004_3_a_pre_refund_is_signed_with_master_secret_and_names_its_id() {
    let server = Server::start(vec![ok(json!({"result_code": 0, "id": "d9690a6e-ae99"}))]).await;
    let told = server
        .client()
        .online_refund(&server.host(), &online_refund(), &master(), MASTER_AT_MS)
        .await;
    let done = OnlineRefunded {
        id: text("d9690a6e-ae99"),
        url: None,
    };
    assert_eq!(told.outcome, Told::Done(done));
    let (line, body) = only(&server);
    assert_eq!(line, "POST /2/rest/refund");
    assert_eq!(body["app_sign"], "c591b178997fbc5a7a5c831e6e83593d");
    assert_eq!(
        without_signature(body),
        json!({"refund_no": refund_no().as_str(), "bill_no": bill_no().as_str(),
               "refund_fee": 234, "channel": "ALI", "need_approval": true})
    );
}

#[tokio::test]
async fn s004_3_every_code_of_a_refund_is_told_apart() {
    for code in -1..=18 {
        let answer = json!({"result_code": code, "err_detail": "余额不足 master-secret-demo"});
        let server = Server::start(vec![ok(answer)]).await;
        let told = server
            .client()
            .online_refund(&server.host(), &online_refund(), &master(), AT_MS)
            .await;
        let detail = text("余额不足 …");
        let expected = match code {
            0 => Told::Lost(Lost::Incomplete),
            1..=6 | 8 | 9 | 10 | 12 => Told::Refused { code, detail },
            _ => Told::Unclear { code, detail },
        };
        assert_eq!(told.outcome, expected, "{code}");
    }
}

fn approval(verdict: Verdict) -> Approval {
    Approval {
        channel: text("WX"),
        ids: vec![text("a-1"), text("b-2"), text("c-3")],
        verdict,
    }
}

#[tokio::test]
async fn s004_4_an_approval_is_told_row_by_row() {
    let map = json!({"a-1": "OK", "b-2": "退款失败 master-secret-demo", "other": "OK"});
    let answer = json!({"result_code": 0, "result_map": map, "url": "https://ali.example/1"});
    let server = Server::start(vec![ok(answer)]).await;
    let told = server
        .client()
        .approve(&server.host(), &approval(Verdict::Agree), &master(), AT_MS)
        .await;
    let rows = BTreeMap::from([
        (text("a-1"), Some(Ok(()))),
        (text("b-2"), Some(Err(text("退款失败 …")))),
        (text("c-3"), None),
    ]);
    let url = Some(text("https://ali.example/1"));
    assert_eq!(told.outcome, Told::Done(Approved { rows, url }));
    let (line, body) = only(&server);
    assert_eq!(line, "PUT /2/rest/refund");
    assert_eq!(
        without_signature(body),
        json!({"channel": "WX", "ids": ["a-1", "b-2", "c-3"], "agree": true})
    );
}

#[tokio::test]
async fn s004_4_an_approval_without_its_map_is_unknown_and_a_denial_needs_none() {
    let bare = || ok(json!({"result_code": 0}));
    let server = Server::start(vec![bare()]).await;
    let told = server
        .client()
        .approve(&server.host(), &approval(Verdict::Agree), &master(), AT_MS)
        .await;
    assert_eq!(told.outcome, Told::Lost(Lost::Incomplete));
    let server = Server::start(vec![bare()]).await;
    let deny = Verdict::Deny {
        reason: text("票据不全\n281234567890123456"),
    };
    let told = server
        .client()
        .approve(&server.host(), &approval(deny), &master(), AT_MS)
        .await;
    assert!(matches!(told.outcome, Told::Done(Approved { ref rows, .. })
        if rows.len() == 3 && rows.values().all(|row| *row == Some(Ok(())))));
    let body = without_signature(only(&server).1);
    assert_eq!(body["agree"], false);
    assert_eq!(
        body["deny_reason"], "票据不全 …",
        "one line, and no payment code"
    );
}

#[tokio::test]
async fn s004_10_one_refund_must_be_the_one_that_was_asked_for() {
    let row = |id: &str| {
        json!({"id": id, "refund_no": "r1", "bill_no": "b1", "refund_fee": 1, "total_fee": 2,
               "finish": true, "result": true, "channel": "WX", "create_time": 5})
    };
    let said = |refund: Value| ok(json!({"result_code": 0, "refund": refund}));
    let server = Server::start(vec![said(row("x-1"))]).await;
    let told = server
        .client()
        .refund_by_id(&server.host(), "x-1", AT_MS)
        .await;
    assert!(matches!(told.outcome, Told::Done(ref d) if d.id == "x-1" && d.row.fee == Fen(1)));
    assert_eq!(only(&server).0, "GET /2/rest/refund/x-1");
    for refund in [row("x-2"), json!(null), json!({"id": "x-1"}), json!([])] {
        let server = Server::start(vec![said(refund)]).await;
        let told = server
            .client()
            .refund_by_id(&server.host(), "x-1", AT_MS)
            .await;
        assert_eq!(told.outcome, Told::Lost(Lost::Incomplete));
    }
    let server = Server::start(Vec::new()).await;
    let told = server
        .client()
        .refund_by_id(&server.host(), "../bills", AT_MS)
        .await;
    assert!(matches!(told.outcome, Told::Unsent { .. }));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn s000_4_5_members_are_registered_imported_and_listed() {
    let fine = || ok(json!({"result_code": 0, "result_msg": "OK"}));
    let server = Server::start(vec![fine()]).await;
    let told = server
        .client()
        .register_member(&server.host(), " 13900000000 ", AT_MS)
        .await;
    assert_eq!(told.outcome, Told::Done(()));
    let (line, body) = only(&server);
    assert_eq!(line, "POST /2/rest/user");
    assert_eq!(without_signature(body), json!({"buyer_id": "13900000000"}));

    let server = Server::start(vec![fine()]).await;
    let ids = [text("a"), text("b@c.example")];
    let told = server
        .client()
        .import_members(&server.host(), "shop@example.com", &ids, AT_MS)
        .await;
    assert_eq!(told.outcome, Told::Done(()));
    let (line, body) = only(&server);
    assert_eq!(line, "POST /2/rest/users");
    assert_eq!(
        without_signature(body),
        json!({"email": "shop@example.com", "buyer_ids": ["a", "b@c.example"]})
    );

    let users = json!(["a", {"buyer_id": "b", "create_time": 7, "email": "x"}]);
    let server = Server::start(vec![ok(json!({"result_code": 0, "users": users}))]).await;
    let query = MemberQuery {
        from_ms: Some(1),
        to_ms: Some(2),
        email: None,
    };
    let told = server.client().members(&server.host(), &query, AT_MS).await;
    let member = |id: &str, created_ms| Member {
        buyer_id: text(id),
        created_ms,
    };
    assert_eq!(
        told.outcome,
        Told::Done(vec![member("a", None), member("b", Some(7))])
    );
    let (line, body) = only(&server);
    assert_eq!(line, "GET /2/rest/users");
    assert_eq!(
        without_signature(body),
        json!({"start_time": 1, "end_time": 2})
    );
}

#[tokio::test]
async fn s000_4_5_4_only_what_failed_is_given_back() {
    let sent = HistoryBills::from([
        (text("a"), vec![text("20170302005")]),
        (text("b"), vec![text("20170302001"), text("20170302002")]),
    ]);
    let ask = async |failed: Value| {
        let server = Server::start(vec![ok(failed)]).await;
        let told = server
            .client()
            .complete_history(&server.host(), &sent, AT_MS)
            .await;
        (told.outcome, only(&server))
    };
    let (told, (line, body)) = ask(json!({"result_code": 0})).await;
    assert_eq!(told, Told::Done(HistoryBills::new()));
    assert_eq!(line, "PUT /2/rest/history_bills");
    assert_eq!(
        without_signature(body),
        json!({"bill_info": {"a": ["20170302005"], "b": ["20170302001", "20170302002"]}})
    );
    let failed = json!({"result_code": 0, "failed_bills": {"b": ["20170302002"], "a": []}});
    let left = HistoryBills::from([(text("b"), vec![text("20170302002")])]);
    assert_eq!(ask(failed).await.0, Told::Done(left));
    for foreign in [
        json!({"c": ["20170302005"]}),
        json!({"a": ["20170302001"]}),
        json!([1]),
    ] {
        let lie = json!({"result_code": 0, "failed_bills": foreign});
        assert_eq!(
            ask(lie).await.0,
            Told::Lost(Lost::Incomplete),
            "what was never sent"
        );
    }
}

#[tokio::test]
async fn s000_4_5_a_wrong_member_is_never_sent() {
    let server = Server::start(Vec::new()).await;
    let (client, host) = (server.client(), server.host());
    for id in ["", "  ", &"x".repeat(33), "\u{202e}"] {
        let told = client.register_member(&host, id, AT_MS).await;
        assert!(matches!(told.outcome, Told::Unsent { .. }), "{id:?}");
    }
    let told = client
        .import_members(&host, "no mail", &[text("a")], AT_MS)
        .await;
    assert!(matches!(told.outcome, Told::Unsent { .. }));
    let told = client
        .import_members(&host, "a@b.example", &[], AT_MS)
        .await;
    assert!(matches!(told.outcome, Told::Unsent { .. }));
    let bad = HistoryBills::from([(text("a"), vec![text("x/../y")])]);
    let told = client.complete_history(&host, &bad, AT_MS).await;
    assert!(matches!(told.outcome, Told::Unsent { .. }));
    assert!(server.requests().is_empty());
}

fn bank_payout() -> BankPayout {
    BankPayout {
        bill_no: bill_no(),
        amount: Fen(1),
        title: text("货款"),
        bank_fullname: text("中国银行"),
        card_type: CardType::Debit,
        account: PayoutAccount::Person,
        account_no: Private::new("6222000000000000000"),
        account_name: Private::new("某某"),
        mobile: None,
    }
}

#[tokio::test]
async fn s000_1_5_2_a_payout_to_a_bank_card() {
    let server = Server::start(vec![ok(json!({"result_code": 0, "id": "p-1"}))]).await;
    let told = server
        .client()
        .pay_out_to_bank(&server.host(), &bank_payout(), &master(), MASTER_AT_MS)
        .await;
    assert_eq!(told.outcome, Told::Done(text("p-1")));
    let (line, body) = only(&server);
    assert_eq!(line, "POST /2/rest/bc_transfer");
    assert_eq!(
        body["app_sign"], "c591b178997fbc5a7a5c831e6e83593d",
        "by master_secret"
    );
    assert_eq!(
        without_signature(body),
        json!({"bill_no": bill_no().as_str(), "total_fee": 1, "title": "货款",
               "trade_source": "OUT_PC", "bank_fullname": "中国银行", "card_type": "DE",
               "account_type": "P", "account_no": "6222000000000000000",
               "account_name": "某某"})
    );
    assert!(
        !format!("{:?}", bank_payout()).contains("6222"),
        "it doesn't print"
    );
}

#[tokio::test]
async fn s000_1_5_3_and_4_payouts_to_wallets() {
    let alipay = WalletPayout::Alipay {
        transfer_no: text("udjfiienx2334"),
        amount: Fen(100),
        reason: text("赔偿"),
        user_id: Private::new("someone@example.com"),
        user_name: Private::new("某某"),
        account_name: text("示例公司"),
    };
    let answer = json!({"result_code": 0, "url": "https://ali.example/confirm"});
    let server = Server::start(vec![ok(answer)]).await;
    let told = server
        .client()
        .pay_out_to_wallet(&server.host(), &alipay, &master(), AT_MS)
        .await;
    assert_eq!(
        told.outcome,
        Told::Done(Some(text("https://ali.example/confirm")))
    );
    let (line, body) = only(&server);
    assert_eq!(line, "POST /2/rest/transfers");
    assert_eq!(
        without_signature(body),
        json!({"channel": "ALI_TRANSFER", "transfer_no": "udjfiienx2334", "total_fee": 100,
               "desc": "赔偿", "channel_user_id": "someone@example.com",
               "channel_user_name": "某某", "account_name": "示例公司"})
    );
    let wechat = |no: &str, fee| WalletPayout::Wechat {
        transfer_no: text(no),
        amount: Fen(fee),
        reason: text("赔偿"),
        user_id: Private::new("openid-1"),
    };
    let server = Server::start(vec![ok(json!({"result_code": 0}))]).await;
    let told = server
        .client()
        .pay_out_to_wallet(&server.host(), &wechat("1000000000", 100), &master(), AT_MS)
        .await;
    assert_eq!(told.outcome, Told::Done(None));
    assert_eq!(only(&server).0, "POST /2/rest/transfer");
    let server = Server::start(Vec::new()).await;
    for (no, fee) in [("1000000000", 99), ("100000000", 100), ("100000000a", 100)] {
        let told = server
            .client()
            .pay_out_to_wallet(&server.host(), &wechat(no, fee), &master(), AT_MS)
            .await;
        assert!(matches!(told.outcome, Told::Unsent { .. }), "{no} {fee}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn s000_1_5_2_the_banks_are_listed() {
    let answer = json!({"result_code": 0, "bank_list": ["中国银行", "招商银行"]});
    let server = Server::start(vec![ok(answer)]).await;
    let told = server
        .client()
        .payout_banks(&server.host(), BankKind::PersonCredit, AT_MS)
        .await;
    assert_eq!(
        told.outcome,
        Told::Done(vec![text("中国银行"), text("招商银行")])
    );
    let (line, body) = only(&server);
    assert_eq!(line, "GET /2/rest/bc_transfer/banks");
    assert_eq!(without_signature(body), json!({"type": "P_CR"}));
}

fn identity() -> Identity {
    Identity {
        name: Private::new("某某"),
        id_no: Private::new("11010119900101001X"),
        card_no: Some(Private::new("6222000000000000")),
        mobile: Some(Private::new("13900000000")),
    }
}

#[tokio::test]
async fn s000_1_6_an_identity_is_a_yes_only_by_a_json_true() {
    let ask = async |answer: Value| {
        let server = Server::start(vec![ok(answer)]).await;
        let told = server
            .client()
            .check_identity(&server.host(), &identity(), AT_MS)
            .await;
        (told.outcome, only(&server))
    };
    let yes = json!({"result_code": 0, "auth_result": true, "auth_msg": "11010119900101001X 一致"});
    let (told, (line, body)) = ask(yes).await;
    let message = text("… 一致");
    assert_eq!(
        told,
        Told::Done(Checked {
            fits: true,
            message
        })
    );
    assert_eq!(line, "POST /2/auth");
    assert_eq!(
        without_signature(body),
        json!({"name": "某某", "id_no": "11010119900101001X",
               "card_no": "6222000000000000", "mobile": "13900000000"})
    );
    for no in [json!("true"), json!(1), json!(null)] {
        let (told, _) = ask(json!({"result_code": 0, "auth_result": no})).await;
        assert_eq!(told, Told::Lost(Lost::Incomplete));
    }
    let (told, _) = ask(json!({"result_code": 5, "err_detail": "bad 13900000000"})).await;
    assert_eq!(
        told,
        Told::Refused {
            code: 5,
            detail: text("bad …")
        }
    );
}

#[test]
fn s000_1_6_a_wrong_identity_is_refused_here() {
    let wrong = |field: &str, identity: Identity| {
        let prepared = client().signer(AT_MS).identity_for_test(&identity);
        assert_eq!(prepared.err().unwrap().field, field);
    };
    wrong(
        "name",
        Identity {
            name: Private::new(""),
            ..identity()
        },
    );
    wrong(
        "id_no",
        Identity {
            id_no: Private::new("1101011990010100XX"),
            ..identity()
        },
    );
    wrong(
        "card_no",
        Identity {
            card_no: Some(Private::new("12")),
            ..identity()
        },
    );
    wrong(
        "mobile",
        Identity {
            card_no: None,
            ..identity()
        },
    );
    assert_eq!(format!("{:?}", Private::new("13900000000")), "Private(…)");
}

#[tokio::test]
async fn whatever_is_lost_is_sent_once() {
    let cases = [
        (Reply::Bytes(http(500, "{}")), Lost::Http(500)),
        (Reply::Bytes(http(200, "<html>")), Lost::Unreadable),
        (Reply::BytesThenClose(Vec::new()), Lost::Broken),
        (
            Reply::Bytes(http(200, r#"{"result_code":0,"id":"a","id":"b"}"#)),
            Lost::Unreadable,
        ),
        (
            Reply::Bytes(http(200, r#"{"result_code":0,"id":"master-secret-demo"}"#)),
            Lost::Incomplete,
        ),
    ];
    for (reply, lost) in cases {
        let server = Server::start(vec![reply]).await;
        let told = server
            .client()
            .pay_out_to_bank(&server.host(), &bank_payout(), &master(), AT_MS)
            .await;
        assert_eq!(told.outcome, Told::Lost(lost));
        assert_eq!(server.requests().len(), 1);
    }
    let empty = SecretString::from("");
    let server = Server::start(Vec::new()).await;
    let told = server
        .client()
        .pay_out_to_bank(&server.host(), &bank_payout(), &empty, AT_MS)
        .await;
    assert!(
        matches!(told.outcome, Told::Unsent { .. }),
        "a sealed secret signs nothing"
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        Just(json!("OK")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_answer_of_any_kind_panics_or_is_success_by_accident(
        code in prop_oneof![Just(json!(0)), any_json()],
        names in proptest::collection::vec(prop_oneof![
            Just("id"), Just("url"), Just("html"), Just("code_url"), Just("users"),
            Just("failed_bills"), Just("result_map"), Just("auth_result"), Just("bank_list"),
            Just("refund"), Just("order_string"), Just("timestamp"), Just("package")], 0..5),
        values in proptest::collection::vec(any_json(), 5),
        noise in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut answer = json!({"result_code": code});
        for (name, value) in names.iter().zip(&values) {
            answer[*name] = value.clone();
        }
        let client = client();
        for bytes in [answer.to_string().into_bytes(), noise] {
            let is_zero = serde_json::from_slice::<Value>(&bytes)
                .is_ok_and(|v| v.get("result_code").and_then(Value::as_i64) == Some(0));
            for (channel, ..) in channels() {
                let told = client.told(&bytes, Codes::Common, None, |b| channel.read(b));
                prop_assert!(is_zero || !matches!(told, Told::Done(_)));
            }
            let told = client.told(&bytes, Codes::Refund, None, |b| {
                client.rows_for_test(b, &approval(Verdict::Agree), &master())
            });
            prop_assert!(is_zero || !matches!(told, Told::Done(_)));
        }
    }
}

#[test]
fn a_bill_no_is_one_of_the_documents() {
    assert!(BillNo::parse("20170302005").is_some());
}
