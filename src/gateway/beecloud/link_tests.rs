use super::*;
use crate::domain::Channel;
use crate::domain::gateway::{ListQuery, Listed, Probe, RowOutcome, StatusOutcome};
use crate::domain::{BillNo, Fen};
use crate::gateway::beecloud::samples::{
    bill_no, link_fields, pay_request, refund_request, settings,
};
use crate::gateway::beecloud::scripted_tests::{AT_MS, Reply, Server, head_and_body, ok};
use crate::gateway::beecloud::{Client, params_hash};
use crate::gateway::transport::Limits;
use crate::gateway::{Gateway, Invalid};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

/// A link of this channel, as the till asks for it.
fn link(channel: Channel) -> PayRequest {
    PayRequest {
        link: Some(link_fields()),
        bill_timeout_s: channel.takes_bill_timeout().then_some(900),
        ..pay_request(channel)
    }
}

async fn pay(channel: Channel, answer: Value) -> (PayOutcome, String, Value) {
    let server = Server::start(vec![ok(answer)]).await;
    let answer = server.client();
    let answer = answer.pay(&server.host(), &link(channel), AT_MS).await;
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = head_and_body(&requests[0]);
    let body = serde_json::from_str(body).unwrap();
    (answer.outcome, head[0].to_owned(), body)
}

fn code(code_url: &str) -> PayOutcome {
    PayOutcome::Code {
        code_url: code_url.to_owned(),
        gateway_no: None,
    }
}

#[tokio::test]
async fn each_channel_sends_what_the_documents_give_it_and_nothing_else() {
    let own = |channel| match channel {
        Channel::AliQrcode => json!({
            "return_url": "https://shop.example/done", "qr_pay_mode": "3"
        }),
        Channel::YeeWap => json!({"identity_id": "SHOP01"}),
        Channel::YeeWeb
        | Channel::BdWap
        | Channel::BdWeb
        | Channel::KuaiqianWap
        | Channel::KuaiqianWeb
        | Channel::WxNative
        | Channel::BcNative
        | Channel::BcAliQrcode => json!({}),
        _ => json!({"return_url": "https://shop.example/done"}),
    };
    for channel in Channel::linkable() {
        let (_, head, body) = pay(channel, json!({"result_code": 0})).await;
        assert_eq!(head, "POST /2/rest/bill HTTP/1.1", "{channel}");
        let mut expected = json!({
            "app_id": "0950c062-5e41-44e3-8f52-f89d8cf2b6eb",
            "timestamp": AT_MS,
            "app_sign": "fa47fd3cb0d13fe8b51aea3e350b6c55",
            "bill_no": bill_no().as_str(),
            "channel": channel.name(),
            "total_fee": 1234,
            "title": "示例便利店",
        });
        let fields = expected.as_object_mut().unwrap();
        if channel.takes_bill_timeout() {
            fields.insert("bill_timeout".into(), json!(900));
        }
        fields.extend(own(channel).as_object().unwrap().clone());
        assert_eq!(body, expected, "{channel}");
    }
}

#[tokio::test]
async fn a_page_is_a_code_and_a_form_alone_is_none() {
    let page = "https://pay.example/p/1?a=b";
    let both = json!({"result_code": 0, "id": "1", "url": page, "html": "<form/>"});
    let form = json!({"result_code": 0, "id": "1", "html": "<form/>"});
    for channel in Channel::LINKS {
        assert_eq!(pay(channel, both.clone()).await.0, code(page), "{channel}");
        assert_eq!(pay(channel, form.clone()).await.0, PayOutcome::OnlyForm);
    }
    let weixin = "weixin://wxpay/bizpayurl?pr=1";
    for channel in Channel::LINKS_BESIDE {
        let answer = json!({"result_code": 0, "code_url": weixin});
        assert_eq!(pay(channel, answer).await.0, code(weixin), "{channel}");
    }
}

#[tokio::test]
async fn everything_else_is_refused_or_lost_and_never_a_code() {
    let cases = [
        (json!({"result_code": 3, "err_detail": "no"}), None),
        (json!({"result_code": 0}), Some(Lost::Incomplete)),
        (json!({"result_code": 0, "url": ""}), Some(Lost::Incomplete)),
        (
            json!({"result_code": 0, "url": "javascript:alert(1)"}),
            Some(Lost::Incomplete),
        ),
        (json!({"result_code": 0, "url": 7}), Some(Lost::Incomplete)),
        (
            json!({"result_code": 0, "url": "https://x.example/?s=app-secret-demo"}),
            Some(Lost::Incomplete),
        ),
        (
            json!({"result_code": 0, "url": "https://x.example/", "bill_no": "20261120019999"}),
            Some(Lost::Incomplete),
        ),
        (
            json!({"result_code": 7, "err_detail": "NOTENOUGH"}),
            Some(Lost::Code(7)),
        ),
        (json!({"result_code": 17}), Some(Lost::Code(17))),
        (
            json!({"result_code": "0", "url": "https://x.example/"}),
            Some(Lost::Unreadable),
        ),
    ];
    for (answer, lost) in cases {
        let outcome = pay(Channel::AliWap, answer.clone()).await.0;
        match lost {
            Some(lost) => assert_eq!(outcome, PayOutcome::Lost(lost), "{answer}"),
            None => assert!(matches!(outcome, PayOutcome::Refused { code: 3, .. })),
        }
    }
}

#[tokio::test]
async fn what_a_channel_lacks_is_said_before_anything_is_sent() {
    let server = Server::start(Vec::new()).await;
    let client = server.client();
    let bare = |channel| PayRequest {
        link: Some(LinkFields::default()),
        ..link(channel)
    };
    let lacking =
        |field| move |e: &Invalid| matches!(e, Invalid::Field { field: f, .. } if *f == field);
    for channel in Channel::LINKS {
        let needs = channel.needs_return_url();
        let checked = client.check(&bare(channel));
        match channel {
            Channel::YeeWap => assert!(checked.is_err_and(|e| lacking("identity_id")(&e))),
            _ if needs => assert!(
                checked.is_err_and(|e| lacking("return_url")(&e)),
                "{channel}"
            ),
            _ => assert_eq!(checked, Ok(()), "{channel}"),
        }
    }
    // A link's channel without the fields of a link, a scan as a link, a 京东 bill with a timeout.
    let no_fields = PayRequest {
        link: None,
        ..link(Channel::AliWap)
    };
    assert!(client.check(&no_fields).is_err());
    assert!(
        client
            .check(&PayRequest {
                link: Some(link_fields()),
                ..pay_request(Channel::AliScan)
            })
            .is_err()
    );
    let timed = PayRequest {
        bill_timeout_s: Some(900),
        ..link(Channel::JdWap)
    };
    assert!(
        client
            .check(&timed)
            .is_err_and(|e| lacking("bill_timeout")(&e))
    );
    let answer = client.pay(&server.host(), &timed, AT_MS).await;
    assert!(matches!(answer.outcome, PayOutcome::Unconnected { .. }));
    assert_eq!(server.accepted(), 0);
}

#[test]
fn the_hash_of_the_intent_covers_what_the_link_alone_sends() {
    let base = link(Channel::AliWap);
    let other = PayRequest {
        link: Some(LinkFields {
            return_url: Some("https://shop.example/other".to_owned()),
            ..link_fields()
        }),
        ..base.clone()
    };
    assert_ne!(params_hash(&base), params_hash(&other));
    assert_eq!(params_hash(&base), params_hash(&base.clone()));
}

/// A client of the test environment.
fn sandbox(server: &Server) -> Client {
    let settings = crate::domain::config::GatewaySettings {
        sandbox: true,
        ..settings(&[&server.url])
    };
    let limits = Limits {
        connect: Duration::from_secs(10),
        request: Duration::from_secs(20),
    };
    Client::with_limits(&settings, limits, SecretString::from("test-secret-demo")).unwrap()
}

fn other_no() -> BillNo {
    BillNo::parse("20261120010000020ABCDEFG").unwrap()
}

#[tokio::test]
async fn the_test_environment_has_its_own_paths_and_its_own_secret() {
    let row = json!({"bill_no": bill_no().as_str(), "spay_result": true, "total_fee": 1234});
    let server = Server::start(vec![
        ok(json!({"result_code": 0, "url": "https://pay.example/1"})),
        ok(json!({"result_code": 0, "bills": [row], "count": 1})),
        ok(json!({"result_code": 0, "bills": []})),
        ok(json!({"result_code": 0, "count": 0})),
        ok(json!({"result_code": 0, "pay": row})),
        ok(json!({"result_code": 0, "bills": []})),
    ])
    .await;
    let (client, host, no) = (sandbox(&server), server.host(), bill_no());
    let paid = client.pay(&host, &link(Channel::AliWap), AT_MS).await;
    assert_eq!(paid.outcome, code("https://pay.example/1"));
    let row = client.row(&host, &no, AT_MS).await.outcome;
    assert!(matches!(row, RowOutcome::Row(row) if row.paid && row.total_fee == Fen(1234)));
    let query = ListQuery {
        limit: ListQuery::PAGE,
        ..ListQuery::default()
    };
    let page = client.bills(&host, &query, AT_MS).await.outcome;
    assert_eq!(page, Listed::Here(Vec::new()));
    let count = client.bills_count(&host, &query, AT_MS).await.outcome;
    assert_eq!(count, Listed::Here(0));
    client.bill_by_id(&host, "b1", &no, AT_MS).await;
    let probed = client.probe(&host, Some(Channel::AliScan), AT_MS).await;
    assert!(matches!(probed.outcome, Probe::Code { code: 0, .. }));
    let requests = server.requests();
    let starts = [
        "POST /2/rest/sandbox/bill HTTP",
        "GET /2/rest/sandbox/bills?para=",
        "GET /2/rest/sandbox/bills?para=",
        "GET /2/rest/sandbox/bills/count?para=",
        "GET /2/rest/sandbox/bill/b1?para=",
        "GET /2/rest/sandbox/bills?para=",
    ];
    for (request, start) in requests.iter().zip(starts) {
        assert!(request.starts_with(start), "{request}");
        // md5(app_id + timestamp + test_secret)
        assert!(
            request.contains("1e31f0c9020f7f5b2f0f3ed7eb45c597"),
            "{request}"
        );
    }
    assert_eq!(requests.len(), starts.len());
}

#[tokio::test]
async fn the_test_environment_never_touches_the_offline_api_nor_money() {
    let server = Server::start(Vec::<Reply>::new()).await;
    let (client, host) = (sandbox(&server), server.host());
    for channel in Channel::ALL {
        let request = pay_request(channel);
        assert_eq!(client.check(&request), Err(Invalid::Sandbox), "{channel}");
        let answer = client.pay(&host, &request, AT_MS).await;
        assert!(matches!(answer.outcome, PayOutcome::Unconnected { .. }));
    }
    let status = client.status(&host, &other_no(), None, AT_MS).await.outcome;
    assert!(matches!(status, StatusOutcome::NoAnswer(Lost::Unreachable)));
    client.revert(&host, &other_no(), None, AT_MS).await;
    assert!(!client.can_refund());
    let master = SecretString::from("master");
    client
        .refund(&host, &refund_request(), &master, AT_MS)
        .await;
    let query = ListQuery {
        limit: 10,
        ..ListQuery::default()
    };
    let refunds = client.refunds(&host, &query, AT_MS).await;
    assert!(matches!(refunds.outcome, Listed::NoAnswer(_)));
    assert_eq!(server.accepted(), 0, "no byte left");
}
