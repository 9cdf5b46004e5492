//! Search: right, by comparison with a naive filter, and never by reading the whole table.

use super::super::books as desk;
use super::*;
use crate::domain::Wallet;
use proptest::prelude::*;

const TAILS: [&str; 5] = ["A1B2C3D4", "a1b2c3d4", "99B2C3D4", "ZZZZZZZZ", "00000001"];

fn naive(bills: &[Bill], query: &Query) -> Vec<BillNo> {
    let mut found: Vec<(i64, usize)> = bills
        .iter()
        .enumerate()
        .filter(|(_, b)| {
            let number = b.bill_no.as_str().to_uppercase();
            query
                .tail
                .as_ref()
                .is_none_or(|t| number.ends_with(&t.to_uppercase()))
                && query.amount.is_none_or(|a| a == b.amount)
                && query.from_ms.is_none_or(|ms| b.sent.wall_ms >= ms)
                && query.to_ms.is_none_or(|ms| b.sent.wall_ms < ms)
                && (query.states.is_empty() || query.states.contains(&b.state))
                && (!query.refunded || b.refunded.0 > 0)
                && (query.wallet.is_none() || query.wallet == b.wallet())
                && query.operator.as_ref().is_none_or(|o| *o == b.operator)
        })
        .map(|(i, b)| (b.sent.wall_ms, i))
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    let place = |no: &BillNo| {
        let at = bills.iter().position(|b| b.bill_no == *no)?;
        Some((bills[at].sent.wall_ms, at))
    };
    let after = query.after.as_ref().map(place);
    found
        .into_iter()
        .filter(|found| after.is_none_or(|after| after.is_some_and(|after| *found < after)))
        .skip(query.skip as usize)
        .take(query.limit as usize)
        .map(|(_, i)| bills[i].bill_no.clone())
        .collect()
}

prop_compose! {
    fn some_bill()(
        tail in prop::sample::select(&TAILS[..]),
        amount in 1_i64..4,
        state in prop::sample::select(&State::ALL[..]),
        at in 0_i64..12,
        refunded in prop::bool::weighted(0.3),
        channel in prop::sample::select(&[Channel::AliScan, Channel::WxNative, Channel::Scan][..]),
        answered in prop::option::of(prop::sample::select(&[Channel::WxScan, Channel::AliScan][..])),
        operator in prop::sample::select(&["", "1001", "1002"][..]),
    ) -> Bill {
        let mut bill = in_state(0, state);
        bill.amount = Fen(amount);
        bill.sent = stamp(T0 + at);
        bill.refunded = Fen(i64::from(refunded));
        bill.channel = channel;
        bill.channel_type = answered;
        bill.operator = operator.to_owned();
        // Only the end matters here; the test numbers the beginning.
        bill.bill_no = BillNo::parse(tail).unwrap();
        bill
    }
}

fn some_tail() -> impl Strategy<Value = String> {
    let suffix = (prop::sample::select(&TAILS[..]), 0_usize..9)
        .prop_map(|(tail, n)| tail[tail.len() - n.min(tail.len())..].to_owned());
    prop_oneof![8 => suffix, 1 => "[a-zA-Z0-9%_~' ]{0,5}", 1 => Just("1".repeat(40))]
}

prop_compose! {
    fn some_query()(
        tail in prop::option::of(some_tail()),
        amount in prop::option::of(1_i64..4),
        from in prop::option::of(0_i64..12),
        to in prop::option::of(0_i64..13),
        states in prop::collection::vec(prop::sample::select(&State::ALL[..]), 0..4),
        refunded in prop::bool::weighted(0.2),
        wallet in prop::option::weighted(
            0.3,
            prop::sample::select(&[Wallet::Alipay, Wallet::Wechat][..]),
        ),
        operator in prop::option::weighted(
            0.3,
            prop::sample::select(&["", "1001", "1002", "1003"][..]),
        ),
        after in prop::option::of(0_usize..70),
        limit in 0_u32..20,
        skip in prop_oneof![3 => Just(0_u32), 1 => 0_u32..30, 1 => Just(u32::MAX)],
    ) -> (Option<usize>, Query) {
        let query = Query {
            tail,
            amount: amount.map(Fen),
            from_ms: from.map(|ms| T0 + ms),
            to_ms: to.map(|ms| T0 + ms),
            states,
            refunded,
            wallet,
            operator: operator.map(str::to_owned),
            after: None,
            limit,
            skip,
        };
        (after, query)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn search_finds_what_a_naive_filter_finds(
        mut bills in prop::collection::vec(some_bill(), 1..60),
        queries in prop::collection::vec(some_query(), 40),
    ) {
        for (i, bill) in bills.iter_mut().enumerate() {
            bill.bill_no = BillNo::parse(&format!("20261120{i:04}{}", bill.bill_no)).unwrap();
        }
        let mut room = Room::new();
        room.ledger
            .record_all(bills.iter().map(|b| (Happened::Started, None, b, T0)))
            .unwrap();
        let reader = Reader::open(&room.path()).unwrap();
        for (after, mut query) in queries {
            // Past the last there is none of that number: nothing comes after it.
            query.after = after.map(|i| bills.get(i).map_or(no(77), |b| b.bill_no.clone()));
            let found = room.ledger.search(&query).unwrap();
            let numbers: Vec<BillNo> = found.iter().map(|b| b.bill_no.clone()).collect();
            prop_assert_eq!(numbers, naive(&bills, &query), "{:?}", query);
            prop_assert_eq!(reader.search(&query).unwrap(), found);
        }
    }

    /// Page after page is the whole list, whatever is asked for.
    #[test]
    fn pages_are_the_whole_list_without_a_gap_or_a_repeat(
        mut bills in prop::collection::vec(some_bill(), 1..60),
        (_, query) in some_query(),
        a_page in 1_u32..9,
    ) {
        for (i, bill) in bills.iter_mut().enumerate() {
            bill.bill_no = BillNo::parse(&format!("20261120{i:04}{}", bill.bill_no)).unwrap();
        }
        let mut room = Room::new();
        room.ledger
            .record_all(bills.iter().map(|b| (Happened::Started, None, b, T0)))
            .unwrap();
        let all = Query { limit: 1_000, skip: 0, ..query };
        let mut paged = Vec::new();
        let mut page = Query { limit: a_page, ..all.clone() };
        loop {
            let found = room.ledger.search(&page).unwrap();
            page.after = found.last().map(|bill| bill.bill_no.clone());
            paged.extend(found.into_iter().map(|bill| bill.bill_no));
            if page.after.is_none() {
                break;
            }
        }
        prop_assert_eq!(paged, naive(&bills, &all));
    }
}

#[test]
fn a_bill_is_found_where_it_is_now_not_where_it_was() {
    let mut room = Room::filled();
    let find = |room: &Room, state| {
        let query = Query {
            states: vec![state],
            amount: Some(Fen(1234)),
            limit: 9,
            ..Query::default()
        };
        room.ledger.search(&query).unwrap().len()
    };
    assert_eq!((find(&room, State::Sent), find(&room, State::Paid)), (1, 3));
    room.pay(4);
    assert_eq!((find(&room, State::Sent), find(&room, State::Paid)), (0, 4));
}

#[test]
fn the_latest_are_the_newest() {
    let room = Room::filled();
    let latest = room.ledger.latest(2).unwrap();
    let numbers: Vec<BillNo> = latest.into_iter().map(|b| b.bill_no).collect();
    assert_eq!(numbers, [no(4), no(3)]);
}

/// What SQLite will do for this statement.
fn plan(conn: &Connection, sql: &str) -> String {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let free = statement.parameter_count();
    let nulls = vec![rusqlite::types::Null; free];
    let lines = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3));
    let lines: Vec<String> = lines.unwrap().collect::<Result<_, _>>().unwrap();
    lines.join("\n")
}

#[test]
fn no_statement_of_the_till_reads_a_whole_table_or_sorts_one() {
    let room = Room::filled();
    let mut wrong = Vec::new();
    for (sql, index) in [
        (search::NEWEST, "bill_by_sent"),
        (search::OF_CLASS, "bill_by_class"),
        (search::OF_AMOUNT, "bill_by_amount"),
        (search::OF_OPERATOR, "bill_by_operator"),
        (search::OF_TAIL, "bill_by_tail"),
        (read::BY_ATTENTION, "bill_by_attention"),
        (read::BY_SALE, "bill_by_sale"),
        (read::BY_CODE, "bill_by_code"),
        (read::TOTALS, "COVERING INDEX bill_by_net"),
        (read::STORY, "event_of_bill"),
        (desk::REFUNDS_OF, "refund_of_bill"),
        (desk::REFUNDS_BY_ATTENTION, "refund_by_attention"),
        (desk::REFUNDS_FROM, "refund_by_sent"),
        (desk::BILLS_FROM, "bill_by_sent"),
        (desk::SLIPS, "sqlite_autoindex_print_job_2"),
        (report::PAID_IN_SHIFT, "bill_by_counted_shift"),
        (report::PAID_BETWEEN, "bill_by_counted "),
        (
            report::REFUNDED_IN_SHIFT,
            "COVERING INDEX refund_by_succeeded_shift",
        ),
        (
            report::REFUNDED_BETWEEN,
            "COVERING INDEX refund_by_succeeded ",
        ),
        (report::REVERTED_IN_SHIFT, "INDEX bill_by_reverted_shift"),
        (report::REVERTED_BETWEEN, "INDEX bill_by_reverted "),
        (report::UNDER_WAY, "refund_by_attention"),
    ] {
        let plan = plan(&room.ledger.conn, sql);
        if !plan.contains(index) || plan.contains("SCAN") || plan.contains("TEMP B-TREE") {
            wrong.push(format!("{sql}\n{plan}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    // These go along an index that holds nothing but what they are about.
    for (sql, index) in [
        (read::BY_LOOK, "bill_by_look"),
        (desk::PRINT_JOBS_OPEN, "print_job_open"),
        (desk::LAST_ON_PAPER, "print_job_on_paper"),
    ] {
        let plan = plan(&room.ledger.conn, sql);
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
