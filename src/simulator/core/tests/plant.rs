//! Planted differences change what the books say and nothing else.

use super::*;
use crate::domain::time::Day;
use crate::simulator::params::RefundParams;

/// A gateway with so many paid bills of today, one a minute, all older than a minute.
fn shop(bills: usize) -> Core {
    let mut core = core();
    for i in 0..bills {
        let mut params = params(&format!("2026112001{i:06}TILL"), Channel::AliScan);
        params.auth_code = Some(core.fresh_code(Wallet::Alipay));
        core.pay(T0 + i as i64 * 60_000, params);
    }
    core
}

fn listed(core: &mut Core, now_ms: i64) -> Vec<Row> {
    let query = Query {
        limit: 50,
        ..Query::default()
    };
    core.bills(now_ms, &query).delivered().unwrap().unwrap()
}

#[test]
fn three_differences_are_planted_into_todays_books() {
    let mut core = shop(4);
    let now = T0 + 600_000;
    let before = listed(&mut core, now);
    let planted = core.plant_three(now);
    let [added, gone, changed] = planted.try_into().unwrap();
    let after = listed(&mut core, now);
    let find = |rows: &[Row], no: &BillNo| rows.iter().find(|r| r.bill_no == *no).cloned();

    let today = Day::of(now);
    assert!(
        added
            .as_str()
            .starts_with(&format!("{}99", today.compact()))
    );
    assert_eq!(added.as_str().len(), 24);
    let row = find(&after, &added).unwrap();
    assert!(row.paid && find(&before, &added).is_none());
    assert_eq!(Day::of(row.create_time), today);
    assert!(core.truth(now, &added).kept());

    assert!(find(&before, &gone).is_some() && find(&after, &gone).is_none());
    let status = core.status(now, &gone, None).delivered().unwrap();
    assert_eq!(code_of(status), 8);
    let id = core.get(&gone).unwrap().id.clone();
    assert_eq!(code_of(core.bill(now, &id).delivered().unwrap()), 8);
    let one = core.bills(now, &Query::one(&gone)).delivered().unwrap();
    assert_eq!(one, Ok(vec![]));
    let refund = RefundParams::new("20261120001".to_owned(), gone.clone(), Fen(1));
    assert_eq!(code_of(core.refund(now, refund).delivered().unwrap()), 8);
    assert!(core.truth(now, &gone).kept(), "the money was taken");

    let (old, new) = (
        find(&before, &changed).unwrap(),
        find(&after, &changed).unwrap(),
    );
    assert_ne!(old.total_fee, new.total_fee);
    assert_eq!(new.bill_fee, None);
    assert_eq!(core.truth(now, &changed).amount, Fen(1234));

    // Nothing else differs, the list is in order, and the count is the list's.
    let touched = [&added, &gone, &changed];
    for row in before.iter().filter(|r| !touched.contains(&&r.bill_no)) {
        assert_eq!(find(&after, &row.bill_no).as_ref(), Some(row));
    }
    assert_eq!(after.len(), before.len());
    assert!(after.is_sorted_by_key(|r| -r.create_time));
    let count = core.count(now, &Query::default()).delivered();
    assert_eq!(count, Some(Ok(after.len())));
}

#[test]
fn fewer_are_planted_where_there_are_too_few_paid_bills() {
    for (bills, planted) in [(0, 1), (1, 2), (2, 3), (3, 3)] {
        let mut core = shop(bills);
        assert_eq!(core.plant_three(T0 + 600_000).len(), planted);
    }
    // A second time takes other bills, as long as there are some.
    let mut core = shop(3);
    let mut all = core.plant_three(T0 + 600_000);
    all.extend(core.plant_three(T0 + 600_000));
    assert_eq!(all.len(), 3 + 2);
    let unique: HashSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
    // Yesterday's bills stay as they are.
    let mut core = shop(3);
    assert_eq!(core.plant_three(T0 + 86_400_000).len(), 1);
}

#[test]
fn old_bills_without_refunds_are_taken_first() {
    let mut core = shop(3);
    let bills = core.bill_nos().to_vec();
    let refund = RefundParams::new("20261120001".to_owned(), bills[0].clone(), Fen(1));
    core.refund(T0 + 1_000, refund);
    // The last of them is only half a minute old.
    let now = T0 + 150_000;
    let mut take = |kind| core.plant(now, kind, None).unwrap().bill_no;
    assert_eq!(take(Kind::MissingThere), bills[1]);
    assert_eq!(take(Kind::Amount), bills[2]);
    assert_eq!(take(Kind::State), bills[0]);
    assert_eq!(
        core.plant(now, Kind::State, None),
        Err(PlantError::NoneLeft)
    );
}

#[test]
fn a_paid_bill_can_become_unpaid_in_the_books() {
    let mut core = shop(1);
    let now = T0 + 600_000;
    let bill_no = core.plant(now, Kind::State, None).unwrap().bill_no;
    let rows = listed(&mut core, now);
    assert_eq!((rows[0].paid, rows[0].success_time), (false, None));
    assert_eq!(rows[0].trade_no, None);
    assert_eq!(
        core.status(now, &bill_no, None).delivered(),
        Some(Ok(false))
    );
    let refund = RefundParams::new("20261120001".to_owned(), bill_no.clone(), Fen(1));
    assert_eq!(code_of(core.refund(now, refund).delivered().unwrap()), 9);
    assert!(core.truth(now, &bill_no).kept());
}

#[test]
fn a_refund_can_come_from_outside() {
    let mut core = shop(1);
    let now = T0 + 600_000;
    let planted = core.plant(now, Kind::Refund, None).unwrap();
    let refund_no = planted.refund_no.unwrap();
    assert!(refund_no.starts_with("2026112099"));
    let rows = core.refunds(now, &RefundQuery::of_bill(&planted.bill_no));
    let rows = rows.delivered().unwrap().unwrap();
    assert_eq!((rows.len(), &rows[0].refund_no), (1, &refund_no));
    assert_eq!((rows[0].finish, rows[0].result), (true, Some(true)));
    assert_eq!(rows[0].fee, Fen(617));
    assert!(listed(&mut core, now)[0].refunded);
    assert_eq!(core.truth(now, &planted.bill_no).refunded, Fen(617));
    let more = RefundParams::new("20261120001".to_owned(), planted.bill_no, Fen(618));
    assert_eq!(code_of(core.refund(now, more).delivered().unwrap()), 12);
}

#[test]
fn a_wechat_refund_from_outside_is_finished() {
    let mut core = core();
    pay(&mut core, Channel::WxScan, Act::Pay).unwrap();
    let planted = core.plant(T0 + 1_000, Kind::Refund, Some(&no(NO))).unwrap();
    let query = RefundQuery::one(planted.refund_no.as_deref().unwrap());
    let rows = core
        .refunds(T0 + 1_000, &query)
        .delivered()
        .unwrap()
        .unwrap();
    assert!(rows[0].finish && rows[0].result == Some(true));
}

#[test]
fn what_does_not_suit_is_said() {
    let mut core = shop(2);
    let now = T0 + 600_000;
    let bills = core.bill_nos().to_vec();
    let mut plant = |kind, bill_no: &BillNo| core.plant(now, kind, Some(bill_no)).err();
    assert_eq!(plant(Kind::MissingHere, &bills[0]), Some(PlantError::Taken));
    assert_eq!(plant(Kind::MissingHere, &no("20261120mine")), None);
    let nobody = no("20261120nobody");
    assert_eq!(plant(Kind::Amount, &nobody), Some(PlantError::NoSuchBill));
    assert_eq!(plant(Kind::Amount, &bills[0]), None);
    assert_eq!(plant(Kind::State, &bills[0]), Some(PlantError::Planted));
    assert_eq!(plant(Kind::Refund, &bills[0]), Some(PlantError::Planted));
    core.revert(now, &bills[1], None);
    let undone = core.plant(now, Kind::MissingThere, Some(&bills[1]));
    assert_eq!(undone, Err(PlantError::NotPaid));
    let mut core = shop(1);
    let bill_no = core.bill_nos()[0].clone();
    let all = RefundParams::new("20261120001".to_owned(), bill_no.clone(), Fen(1234));
    core.refund(now, all);
    let nothing = core.plant(now, Kind::Refund, Some(&bill_no));
    assert_eq!(nothing, Err(PlantError::NothingLeft));
}

#[test]
fn just_after_midnight_the_planted_bill_is_of_the_new_day() {
    let mut core = core();
    let midnight = Day::of(T0).end_ms();
    let planted = core.plant(midnight + 5, Kind::MissingHere, None).unwrap();
    let bill = core.get(&planted.bill_no).unwrap();
    assert_eq!(bill.created_at, midnight);
    assert!(planted.bill_no.as_str().starts_with("20261121"));
}
