//! What the lists send, and that a page with one row that can't be read is never a page.

use super::*;
use crate::domain::RefundNo;
use crate::domain::gateway::Row;
use crate::gateway::Gateway;
use crate::gateway::beecloud::samples::{bill_no, refund_no};
use crate::gateway::beecloud::scripted_tests::{AT_MS, Reply, Server, http, ok};
use proptest::prelude::*;

fn secret() -> SecretString {
    SecretString::from("app-secret-demo")
}

fn all() -> ListQuery {
    ListQuery {
        limit: 50,
        ..ListQuery::default()
    }
}

fn of_bill() -> ListQuery {
    ListQuery {
        bill_no: Some(bill_no().as_str().to_owned()),
        ..all()
    }
}

fn read_bills(body: &Value, query: &ListQuery) -> Listed<Vec<ListedBill>> {
    let row = |row: &Value| read_bill(row, &secret());
    read_page(body.to_string().as_bytes(), List::Bills, query, row)
}

fn read_refunds(body: &Value, query: &ListQuery) -> Listed<Vec<RefundRow>> {
    let row = |row: &Value| refund_row(row, &secret());
    read_page(body.to_string().as_bytes(), List::Refunds, query, row)
}

fn a_bill(no: &str) -> Value {
    json!({
        "id": "b1", "bill_no": no, "total_fee": 1234, "trade_no": "4200001", "channel": "WX",
        "sub_channel": "WX_SCAN", "title": "t", "spay_result": true, "revert_result": false,
        "refund_result": false, "create_time": AT_MS, "optional": "{}", "billNo": "twin",
    })
}

fn a_refund(no: &str) -> Value {
    json!({
        "id": "r1", "bill_no": bill_no().as_str(), "refund_no": no, "total_fee": 1234,
        "refund_fee": 234, "title": "t", "channel": "ALI", "sub_channel": "ALI_SCAN",
        "finish": true, "result": true, "create_time": AT_MS, "refundFee": 1,
    })
}

fn bills(rows: Vec<Value>) -> Value {
    json!({"result_code": 0, "bills": rows, "count": 1})
}

fn refunds(rows: Vec<Value>) -> Value {
    json!({"result_code": 0, "refunds": rows})
}

fn para(request: &str) -> (String, Value) {
    let target = request.split(' ').nth(1).unwrap();
    let (path, query) = target.split_once("?para=").unwrap();
    let mut bytes = Vec::new();
    let mut rest = query.bytes();
    while let Some(b) = rest.next() {
        bytes.push(match b {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            b => b,
        });
    }
    (path.to_owned(), serde_json::from_slice(&bytes).unwrap())
}

/// What every request carries.
fn signed(mut fields: Value) -> Value {
    fields["app_id"] = json!("0950c062-5e41-44e3-8f52-f89d8cf2b6eb");
    fields["app_sign"] = json!("fa47fd3cb0d13fe8b51aea3e350b6c55");
    fields["timestamp"] = json!(AT_MS);
    fields
}

#[tokio::test]
async fn lists_and_counts_send_the_documents_fields() {
    let server = Server::start(vec![
        ok(bills(vec![a_bill("X+1 汉")])),
        ok(refunds(vec![a_refund(refund_no().as_str())])),
        ok(json!({"result_code": 0, "count": 7})),
        ok(json!({"result_code": 0, "count": 0})),
    ])
    .await;
    let (client, host) = (server.client(), server.host());
    let query = ListQuery {
        bill_no: Some("X+1 汉".to_owned()),
        refund_no: None,
        from_ms: Some(1_795_104_000_000),
        to_ms: Some(1_795_190_399_999),
        skip: 100,
        limit: 50,
    };
    let page = client.bills(&host, &query, AT_MS).await;
    assert_eq!(page.date_ms, Some(1_795_147_200_000));
    let Listed::Here(rows) = page.outcome else {
        panic!("{:?}", page.outcome)
    };
    assert_eq!(rows[0].bill_no, "X+1 汉");
    let one = ListQuery {
        refund_no: Some(refund_no()),
        limit: 10,
        ..ListQuery::default()
    };
    let page = client.refunds(&host, &one, AT_MS).await;
    assert!(matches!(page.outcome, Listed::Here(rows) if rows.len() == 1));
    let count = client.bills_count(&host, &query, AT_MS).await;
    assert_eq!(count.outcome, Listed::Here(7));
    let count = client.refunds_count(&host, &one, AT_MS).await;
    assert_eq!(count.outcome, Listed::Here(0));

    let sent: Vec<(String, Value)> = server.requests().iter().map(|r| para(r)).collect();
    let times = json!({
        "bill_no": "X+1 汉", "start_time": 1_795_104_000_000_i64,
        "end_time": 1_795_190_399_999_i64,
    });
    let mut paged = times.clone();
    paged["skip"] = json!(100);
    paged["limit"] = json!(50);
    let number = json!({"refund_no": refund_no().as_str()});
    let mut first = number.clone();
    first["skip"] = json!(0);
    first["limit"] = json!(10);
    let expected = [
        ("/2/rest/bills", paged),
        ("/2/rest/refunds", first),
        ("/2/rest/bills/count", times),
        ("/2/rest/refunds/count", number),
    ];
    for ((path, fields), (wanted, values)) in sent.into_iter().zip(expected) {
        assert_eq!((path.as_str(), fields), (wanted, signed(values)));
    }
    assert!(server.requests().iter().all(|r| r.starts_with("GET ")));
    assert_eq!(server.accepted(), 1, "queries keep their connection");
}

#[tokio::test]
async fn a_limit_that_the_gateway_does_not_know_is_not_sent() {
    let server = Server::start(Vec::new()).await;
    let (client, host) = (server.client(), server.host());
    for limit in [0, 51, u32::MAX] {
        let query = ListQuery {
            limit,
            ..ListQuery::default()
        };
        let lost = Lost::Incomplete;
        let page = client.bills(&host, &query, AT_MS).await;
        assert_eq!(page.outcome, Listed::NoAnswer(lost.clone()), "{limit}");
        let page = client.refunds(&host, &query, AT_MS).await;
        assert_eq!(page.outcome, Listed::NoAnswer(lost), "{limit}");
    }
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn a_list_without_an_answer_is_no_empty_one() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"result_code\":0,\"refunds\":[]}";
    let cases = [
        (Reply::Bytes(http(502, "{}")), Lost::Http(502)),
        (Reply::Bytes(http(200, "<html>")), Lost::Unreadable),
        (Reply::BytesThenClose(cut.to_vec()), Lost::Unreadable),
        (Reply::BytesThenClose(Vec::new()), Lost::Broken),
    ];
    for (reply, lost) in cases {
        let server = Server::start(vec![reply]).await;
        let page = server.client().refunds(&server.host(), &all(), AT_MS).await;
        assert_eq!(page.outcome, Listed::NoAnswer(lost));
    }
}

#[test]
fn rows_are_read_whole() {
    let Listed::Here(rows) = read_bills(&bills(vec![a_bill("A1"), a_bill("另一个")]), &all())
    else {
        panic!("no page")
    };
    assert_eq!((rows[0].bill_no.as_str(), rows.len()), ("A1", 2));
    assert!(matches!(
        rows[1].row,
        Row {
            paid: true,
            reverted: Some(false),
            total_fee: Fen(1234),
            create_time_ms: Some(AT_MS),
            ..
        }
    ));
    let Listed::Here(rows) = read_refunds(&refunds(vec![a_refund("r-1")]), &all()) else {
        panic!("no page")
    };
    assert_eq!(
        rows,
        [RefundRow {
            refund_no: "r-1".to_owned(),
            bill_no: bill_no().as_str().to_owned(),
            fee: Fen(234),
            finish: true,
            result: Some(true),
            channel: Some(RefundChannel::Ali),
            create_time_ms: Some(AT_MS),
        }]
    );
    assert_eq!(
        read_refunds(&refunds(Vec::new()), &all()),
        Listed::Here(Vec::new())
    );
}

#[test]
fn one_broken_row_makes_the_whole_page_no_answer() {
    let wrongs = [json!(null), json!("1"), json!(1.5), json!(-1), json!({})];
    for field in ["bill_no", "spay_result", "total_fee"] {
        for wrong in &wrongs {
            let mut broken = a_bill("B2");
            broken[field] = wrong.clone();
            if field == "bill_no" && wrong.is_string() {
                continue;
            }
            let page = bills(vec![a_bill("B1"), broken, a_bill("B3")]);
            let lost = Listed::NoAnswer(Lost::Unreadable);
            assert_eq!(read_bills(&page, &all()), lost, "{field} {wrong}");
        }
    }
    for field in ["bill_no", "refund_no", "refund_fee", "finish"] {
        for wrong in &wrongs {
            let mut broken = a_refund("r2");
            broken[field] = wrong.clone();
            if field.ends_with("_no") && wrong.is_string() {
                continue;
            }
            let page = refunds(vec![a_refund("r1"), broken]);
            let lost = Listed::NoAnswer(Lost::Unreadable);
            assert_eq!(read_refunds(&page, &all()), lost, "{field} {wrong}");
        }
    }
    for junk in [json!(null), json!("row"), json!([]), json!({})] {
        let page = refunds(vec![a_refund("r1"), junk.clone()]);
        let lost = Listed::NoAnswer(Lost::Unreadable);
        assert_eq!(read_refunds(&page, &all()), lost, "{junk}");
        let page = bills(vec![junk.clone()]);
        assert_eq!(
            read_bills(&page, &all()),
            Listed::NoAnswer(Lost::Unreadable)
        );
    }
}

#[test]
fn a_result_that_is_no_boolean_says_nothing() {
    for wrong in [json!("true"), json!(1), json!(null)] {
        let mut row = a_refund("r1");
        row["result"] = wrong;
        let Listed::Here(rows) = read_refunds(&refunds(vec![row]), &all()) else {
            panic!("no page")
        };
        assert_eq!(rows[0].result, None);
        assert!(rows[0].takes_balance());
    }
}

#[test]
fn a_number_is_short_plain_and_no_secret() {
    let lost = Listed::NoAnswer(Lost::Unreadable);
    let long = "x".repeat(65);
    for no in ["", "a\nb", "a\u{202e}b", "app-secret-demo", &long] {
        assert_eq!(read_bills(&bills(vec![a_bill(no)]), &all()), lost, "{no:?}");
        let page = refunds(vec![a_refund(no)]);
        assert_eq!(
            read_refunds(&page, &all()),
            Listed::NoAnswer(Lost::Unreadable)
        );
    }
    for no in ["1", "店-1/2", &"x".repeat(64), "281234567890123456"] {
        let page = read_bills(&bills(vec![a_bill(no)]), &all());
        assert!(matches!(page, Listed::Here(_)), "{no}");
    }
    let mut echo = a_bill("B1");
    echo["trade_no"] = json!("app-secret-demo");
    let Listed::Here(rows) = read_bills(&bills(vec![echo]), &all()) else {
        panic!("no page")
    };
    assert_eq!(rows[0].row.trade_no, None);
}

#[test]
fn a_page_is_no_larger_than_asked_and_of_what_was_asked() {
    let incomplete = || Listed::NoAnswer(Lost::Incomplete);
    let no = bill_no();
    let two = ListQuery { limit: 2, ..all() };
    let page = |n: usize| bills((0..n).map(|i| a_bill(&format!("B{i}"))).collect());
    assert!(matches!(read_bills(&page(2), &two), Listed::Here(_)));
    assert_eq!(read_bills(&page(3), &two), incomplete());
    let own = bills(vec![a_bill(no.as_str())]);
    assert!(matches!(read_bills(&own, &of_bill()), Listed::Here(_)));
    let mixed = bills(vec![a_bill(no.as_str()), a_bill("OTHER12345")]);
    assert_eq!(read_bills(&mixed, &of_bill()), incomplete());
    let of_refund = ListQuery {
        refund_no: RefundNo::parse("20261120abc"),
        ..all()
    };
    let page = refunds(vec![a_refund("20261120abc")]);
    assert!(matches!(read_refunds(&page, &of_refund), Listed::Here(_)));
    let page = refunds(vec![a_refund("20261120ABC")]);
    assert_eq!(
        read_refunds(&page, &of_refund),
        Listed::NoAnswer(Lost::Incomplete)
    );
    let other_bill = ListQuery {
        bill_no: Some("OTHER12345".to_owned()),
        ..all()
    };
    let page = refunds(vec![a_refund("r1")]);
    assert_eq!(
        read_refunds(&page, &other_bill),
        Listed::NoAnswer(Lost::Incomplete)
    );
}

#[test]
fn an_answer_without_its_list_is_incomplete() {
    for body in [
        json!({"result_code": 0}),
        json!({"result_code": 0, "bills": null, "refunds": {}}),
        json!({"result_code": 0, "bills": {}, "refunds": "[]"}),
    ] {
        let lost = Lost::Incomplete;
        assert_eq!(read_bills(&body, &all()), Listed::NoAnswer(lost.clone()));
        assert_eq!(read_refunds(&body, &all()), Listed::NoAnswer(lost));
    }
    let twice = br#"{"result_code":0,"refunds":[],"refunds":[]}"#;
    let row = |row: &Value| refund_row(row, &secret());
    assert_eq!(
        read_page(twice, List::Refunds, &all(), row),
        Listed::NoAnswer(Lost::Unreadable)
    );
}

#[test]
fn every_code_of_a_list_has_its_meaning() {
    for code in (-1..=18).filter(|c| *c != 0) {
        let body = json!({
            "result_code": code, "bills": [], "refunds": [], "count": 0,
        });
        let count = read_count(body.to_string().as_bytes());
        if matches!(code, 8 | 13) {
            assert_eq!(read_bills(&body, &all()), Listed::NoSuch, "{code}");
            assert_eq!(read_refunds(&body, &all()), Listed::NoSuch, "{code}");
            assert_eq!(count, Listed::NoSuch, "{code}");
        } else {
            let lost = Lost::Code(code);
            assert_eq!(read_bills(&body, &all()), Listed::NoAnswer(lost.clone()));
            assert_eq!(read_refunds(&body, &all()), Listed::NoAnswer(lost.clone()));
            assert_eq!(count, Listed::NoAnswer(lost), "{code}");
        }
    }
}

#[test]
fn a_count_is_a_whole_number_within_reason() {
    let read = |count: Value| {
        let body = json!({"result_code": 0, "count": count});
        read_count(body.to_string().as_bytes())
    };
    assert_eq!(read(json!(0)), Listed::Here(0));
    assert_eq!(read(json!(5000)), Listed::Here(5000));
    assert_eq!(read(json!(100_000_000)), Listed::Here(100_000_000));
    for wrong in [
        json!(-1),
        json!(1.0),
        json!("7"),
        json!(true),
        json!([7]),
        json!(100_000_001),
        json!(u64::MAX),
    ] {
        assert_eq!(
            read(wrong.clone()),
            Listed::NoAnswer(Lost::Unreadable),
            "{wrong}"
        );
    }
    assert_eq!(read(json!(null)), Listed::NoAnswer(Lost::Incomplete));
    assert_eq!(
        read_count(b"{\"result_code\":0,\"Count\":1}"),
        Listed::NoAnswer(Lost::Incomplete)
    );
}

fn any_row() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        4 => Just(json!(true)),
        4 => (-1i64..5000).prop_map(Value::from),
        4 => "(20261120010000010ABCDEFG|r1|ALI|WX|[ -~]{0,8})".prop_map(Value::from),
        1 => Just(json!(null)),
        1 => any::<f64>().prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "bill_no",
        "refund_no",
        "finish",
        "refund_fee",
        "result",
    ]);
    let changes = prop::collection::btree_map(key, value, 0..2);
    changes.prop_map(|changes| {
        let mut row = a_refund("r1");
        for (key, value) in changes {
            row[key] = value;
        }
        row
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_page_that_is_here_has_every_row(
        rows in prop::collection::vec(any_row(), 0..6),
        limit in 1u32..6,
        one_bill in any::<bool>(),
    ) {
        let base = if one_bill { of_bill() } else { all() };
        let query = ListQuery { limit, ..base };
        if let Listed::Here(page) = read_refunds(&refunds(rows.clone()), &query) {
            prop_assert_eq!(page.len(), rows.len());
            prop_assert!(page.len() <= limit as usize);
            for (read, row) in page.iter().zip(&rows) {
                prop_assert_eq!(&json!(read.fee.0), &row["refund_fee"]);
                prop_assert_eq!(&json!(read.refund_no), &row["refund_no"]);
                prop_assert_eq!(&json!(read.finish), &row["finish"]);
                prop_assert!(!one_bill || read.bill_no == bill_no().as_str());
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_no_list(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let row = |row: &Value| refund_row(row, &secret());
        let lost = Listed::NoAnswer(Lost::Unreadable);
        prop_assert_eq!(read_page(&body, List::Refunds, &all(), row), lost);
        prop_assert_eq!(read_count(&body), Listed::NoAnswer(Lost::Unreadable));
    }
}
