//! The lists: their conditions, pages and counts, and how they can be wrong.

use super::refund::{R1, paid, refund, request, row};
use super::*;
use crate::domain::practice::RefundAct;
use crate::simulator::faults::{RefundRowFault, RefundStatusFault};
use crate::simulator::params::RefundParams;
use crate::simulator::refund::RefundStatus;

fn rows(core: &mut Core, ms: i64, query: &RefundQuery) -> Result<Vec<RefundRow>, Refused> {
    core.refunds(T0 + ms, query).delivered().unwrap()
}

/// 120 paid bills, each refunded once; several in the same millisecond.
fn busy() -> Core {
    let mut core = core();
    for i in 0..120i64 {
        let channel = [Channel::AliScan, Channel::WxScan, Channel::BcWxScan][(i % 3) as usize];
        let mut params = params(&format!("20261120{i:04}"), channel);
        params.auth_code = Some(core.fresh_code(channel.wallet().unwrap()));
        let bill_no = params.bill_no.clone();
        core.pay(T0 + i / 4, params);
        let refund_no = format!("20261120{:04}", i + 1);
        let params = RefundParams::new(refund_no, bill_no, Fen(1 + i));
        let answer = core.refund(T0 + 1_000 + i / 4, params);
        assert!(answer.delivered().unwrap().is_ok());
    }
    core
}

#[test]
fn pages_hold_every_row_once_and_the_count_is_theirs() {
    let mut core = busy();
    for query in [
        RefundQuery::default(),
        RefundQuery {
            channel: Some("WX".into()),
            ..RefundQuery::default()
        },
        RefundQuery {
            channel: Some("BC_WX_SCAN".into()),
            ..RefundQuery::default()
        },
        RefundQuery {
            start_time: Some(T0 + 1_003),
            end_time: Some(T0 + 1_025),
            need_approval: Some(false),
            ..RefundQuery::default()
        },
        RefundQuery {
            need_approval: Some(true),
            ..RefundQuery::default()
        },
    ] {
        let count = core.refund_count(T0 + 9_000, &query).delivered();
        let count = count.unwrap().unwrap();
        let mut all = Vec::new();
        for page in 0..4 {
            let query = RefundQuery {
                skip: page * 50,
                limit: 50,
                ..query.clone()
            };
            all.extend(rows(&mut core, 9_000, &query).unwrap());
        }
        assert_eq!(all.len(), count, "{query:?}");
        assert!(all.is_sorted_by_key(|r| -r.create_time), "newest first");
        let unique: HashSet<_> = all.iter().map(|r| r.refund_no.clone()).collect();
        assert_eq!(unique.len(), count);
        let expected = match (&query.channel, query.start_time, query.need_approval) {
            (_, _, Some(true)) => 0,
            (Some(_), _, _) => 40,
            (None, Some(_), _) => 23 * 4,
            (None, None, _) => 120,
        };
        assert_eq!(count, expected, "{query:?}");
    }
    let ten = rows(&mut core, 9_000, &RefundQuery::default()).unwrap();
    assert_eq!(ten.len(), 10, "limit is 10 by default");
}

#[test]
fn bills_are_paged_and_counted_as_consistently() {
    let mut core = busy();
    for spay_result in [None, Some(true), Some(false)] {
        let query = Query {
            spay_result,
            ..Query::default()
        };
        let count = core.count(T0 + 9_000, &query).delivered();
        let mut all = Vec::new();
        for page in 0..4 {
            let query = Query {
                skip: page * 50,
                limit: 50,
                ..query.clone()
            };
            let rows = core.bills(T0 + 9_000, &query).delivered();
            all.extend(rows.unwrap().unwrap().into_iter().map(|r| r.bill_no));
        }
        let unique: HashSet<_> = all.iter().collect();
        let expected = if spay_result == Some(false) { 0 } else { 120 };
        assert_eq!((all.len(), unique.len()), (expected, expected));
        assert_eq!(count, Some(Ok(expected)));
    }
    // Alipay's and BC's refunds end by themselves, WeChat's once they were asked for.
    let refunded = Query {
        refund_result: Some(true),
        ..Query::default()
    };
    let count = |core: &mut Core| core.count(T0 + 9_000, &refunded).delivered();
    assert_eq!(count(&mut core), Some(Ok(80)));
    let wechat = core.refund_status(T0 + 9_000, "202611200002", "WX");
    assert_eq!(wechat.delivered(), Some(Ok(RefundStatus::Success)));
    assert_eq!(count(&mut core), Some(Ok(81)));
}

#[test]
fn a_refund_is_found_by_number_by_bill_and_by_id() {
    let mut core = paid(Channel::AliScan);
    assert_eq!(rows(&mut core, 0, &RefundQuery::one(R1)), Ok(vec![]));
    let answer = refund(&mut core, 0, R1, 100).unwrap();
    let found = row(&mut core, 1, R1);
    assert_eq!(found.id, answer.id);
    assert_eq!((found.fee, found.total_fee), (Fen(100), Fen(1234)));
    assert_eq!(found.bill_no, no(NO));
    let of_bill = rows(&mut core, 1, &RefundQuery::of_bill(&no(NO)));
    assert_eq!(of_bill, Ok(vec![found.clone()]));
    let other = RefundQuery {
        bill_no: Some(no("20261120OTHER")),
        ..RefundQuery::one(R1)
    };
    assert_eq!(rows(&mut core, 1, &other), Ok(vec![]), "且");
    let by_id = core.refund_by_id(T0 + 1, &answer.id).delivered().unwrap();
    assert_eq!(by_id.unwrap().refund_no, R1);
    let nobody = core.refund_by_id(T0 + 1, "nobody").delivered().unwrap();
    assert_eq!(code_of(nobody), 13);
}

#[test]
fn refund_rows_can_lag_be_silent_or_wrong() {
    let mut core = paid(Channel::AliScan);
    core.plan_refunds(RefundAct::Pending, Network::Normal);
    core.refund(T0, request(R1, 100));
    let query = RefundQuery::one(R1);
    core.faults.refund.row_lag_ms = 2_000;
    assert_eq!(rows(&mut core, 1_999, &query), Ok(vec![]));
    assert_eq!(
        core.refund_count(T0 + 1_999, &query).delivered(),
        Some(Ok(0))
    );
    assert!(!row(&mut core, 7_999, R1).finish);
    let seen = row(&mut core, 8_000, R1);
    assert_eq!((seen.finish, seen.result), (true, Some(true)));
    core.faults.refund.row_fee = Some(Fen(7));
    assert_eq!(row(&mut core, 8_000, R1).fee, Fen(7));
    for (fault, expected) in [
        (RefundRowFault::Silent, Ok(0)),
        (RefundRowFault::Twice, Ok(2)),
        (RefundRowFault::Fails(Code::RuntimeError), Err(14)),
    ] {
        core.faults.refund.row = fault;
        let seen = rows(&mut core, 8_000, &query);
        let seen = seen.map(|rows| rows.len()).map_err(|r| r.code.number());
        assert_eq!(seen, expected);
    }
    core.faults.refund.row = RefundRowFault::AnotherBill;
    assert_ne!(row(&mut core, 8_000, R1).bill_no, no(NO));
    core.faults.refund.row = RefundRowFault::WithoutResult;
    let seen = row(&mut core, 8_000, R1);
    assert_eq!((seen.finish, seen.result), (true, None));
    core.faults.refund.look_transport = Transport::LoseRequest;
    assert_eq!(core.refunds(T0 + 8_000, &query).delivered(), None);
    assert_eq!(
        core.truth(T0 + 8_000, &no(NO)).refunded,
        Fen(100),
        "the truth"
    );
}

#[test]
fn a_bills_own_faults_are_its_refunds_too() {
    let mut core = paid(Channel::AliScan);
    refund(&mut core, 0, R1, 100).unwrap();
    let mut faults = Faults::default();
    faults.refund.row = RefundRowFault::Silent;
    core.get_mut(&no(NO)).unwrap().faults = Some(faults);
    for query in [RefundQuery::one(R1), RefundQuery::default()] {
        assert_eq!(rows(&mut core, 0, &query), Ok(vec![]));
    }
}

#[test]
fn refund_status_can_lie_and_err() {
    for (fault, expected) in [
        (
            RefundStatusFault::Says(RefundStatus::Success),
            Ok("SUCCESS"),
        ),
        (
            RefundStatusFault::Says(RefundStatus::Processing),
            Ok("PROCESSING"),
        ),
        (RefundStatusFault::Says(RefundStatus::Fail), Ok("FAIL")),
        (RefundStatusFault::Fails(Code::NoSuchRefund), Err(13)),
        (RefundStatusFault::Fails(Code::RuntimeError), Err(14)),
    ] {
        let mut core = paid(Channel::WxScan);
        core.plan_refunds(RefundAct::Never, Network::Normal);
        refund(&mut core, 0, R1, 100).unwrap();
        core.faults.refund.status = fault;
        let answer = core
            .refund_status(T0 + 9_000, R1, "WX")
            .delivered()
            .unwrap();
        let answer = answer.map(RefundStatus::name).map_err(|r| r.code.number());
        assert_eq!(answer, expected);
        assert_eq!(core.truth(T0 + 9_000, &no(NO)).refunding, Fen(100));
    }
    let mut core = paid(Channel::WxScan);
    core.faults.refund.look_transport = Transport::LoseAnswer;
    refund(&mut core, 0, R1, 100).unwrap();
    assert_eq!(core.refund_status(T0, R1, "WX").delivered(), None);
}
