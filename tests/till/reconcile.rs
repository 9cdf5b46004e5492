//! Reconciliation against the embedded gateway over HTTP, and against one of lists alone for what
//! takes thousands of bills, another day, or a gateway that lies (I10).

use crate::harness::{Shop, pin};
use crate::listing::{Asked, Listing, row};
use crate::refunding;
use shouyin::domain::bill::{Happened, PayAnswer};
use shouyin::domain::gateway::{Lost, RefundRow};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::reconcile::{Difference, DifferenceKind, Run, Scope};
use shouyin::domain::refund::{RefundAnswer, RefundChannel, RefundHappened, RefundState};
use shouyin::domain::time::{Day, Stamp};
use shouyin::domain::{
    Bill, BillNo, Channel, Fen, Host, Proof, Refund, RefundNo, SaleId, State, Wallet,
};
use shouyin::ledger::{AuditKey, Entry, Ledger, Reader};
use shouyin::simulator::Options;
use shouyin::till::Command;
use shouyin::till::open::ledger_path;
use shouyin::till::service::{Desk, ReconcileProgress, ReconcileView, Said, ShiftAct};
use shouyin::till::wall_ms;
use shouyin::vault::Vault;
use std::sync::Arc;
use std::sync::atomic::Ordering;

crate::rules! {
    planted_differences_are_found_exactly_and_none_where_there_is_none,
    a_cashier_may_not_and_whoever_owns_the_directory_may,
    five_thousand_bills_take_some_two_hundred_requests,
    an_hour_with_too_many_bills_is_read_in_parts,
    an_interrupted_one_goes_on_where_it_was,
    a_bill_of_midnight_is_no_difference_on_either_day,
    rows_that_are_not_as_many_as_counted_stop_it,
    it_is_stopped_at_once,
    who_may_not_reconcile_stops_none,
    what_the_gateway_has_settles_a_local_unknown,
    a_bill_in_progress_and_another_tills_are_no_difference,
    each_kind_is_found_by_its_number,
    refunds_of_both_books_agree_and_the_first_one_opens_a_shift,
    what_the_gateway_has_settles_a_lost_refund,
    a_refund_that_only_this_ledger_has_is_found,
    a_clock_that_is_hours_off_is_learned_before_anything_is_compared,
}

const HOUR: i64 = 3_600_000;

/// Long ago, so that nothing of it lags.
fn day() -> Day {
    Day::of(Day::of(wall_ms()).start_ms() - 48 * HOUR)
}

fn number(day: Day, till: &str, n: usize) -> String {
    format!("{}{till}{n:06}K7Q2M4XD", day.compact())
}

fn bill_at(n: usize, at_ms: i64, state: State) -> Bill {
    let mut bill = Bill::sent(
        BillNo::parse(&number(Day::of(at_ms), "01", n)).unwrap(),
        SaleId(format!("S{n}")),
        Fen(1_000),
        Channel::AliScan,
        Host("http://127.0.0.1:9".to_owned()),
        Stamp {
            wall_ms: at_ms,
            offset_ms: Some(0),
        },
    );
    bill.state = state;
    if state == State::Paid {
        bill.proof = Some(Proof::Pay);
        bill.row_seen = true;
    }
    if state.is_terminal() {
        bill.ended_ms = Some(at_ms + 1_000);
    }
    bill
}

/// A shop with a manager, whose ledger holds these bills, at a gateway of lists.
fn shop_with(bills: &[Bill], gateway: &Arc<Listing>) -> Shop {
    shop_with_refunds(bills, &[], gateway)
}

fn shop_with_refunds(bills: &[Bill], refunds: &[Refund], gateway: &Arc<Listing>) -> Shop {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    shop.stop();
    let vault = Vault::open(shop.dir.path()).unwrap();
    let path = ledger_path(shop.dir.path());
    let mut ledger = Ledger::open(&path, AuditKey::new(vault.audit_key())).unwrap();
    // What a host denies counts only where it received the pay.
    let host = Host(shop.sim.base_url());
    let sent_there = |bill: &Bill| Bill {
        host: host.clone(),
        ..bill.clone()
    };
    let bills: Vec<Bill> = bills.iter().map(sent_there).collect();
    let entries = bills
        .iter()
        .map(|b| (Happened::Paid, None, b, b.sent.wall_ms));
    ledger.record_all(entries).unwrap();
    for refund in refunds {
        let entry = Entry::Refund(RefundHappened::RefundLost, None, refund);
        ledger.write(&[entry], refund.sent.wall_ms).unwrap();
    }
    drop(ledger);
    shop.start_with(Arc::<Listing>::clone(gateway));
    as_manager(&mut shop);
    shop
}

fn as_manager(shop: &mut Shop) {
    shop.send(Command::SignIn {
        id: "2001".to_owned(),
        pin: pin("20012001"),
    });
    shop.until("the manager", |s| {
        let manager = s.signed_in.as_ref().is_some_and(|s| s.id == "2001");
        manager.then_some(())
    });
}

fn start(shop: &mut Shop, scope: Scope) -> Result<(), Said> {
    let started = shop.till().reconcile(scope);
    shop.runtime.block_on(started)
}

fn ended(shop: &mut Shop) -> Arc<ReconcileView> {
    shop.until("the end of the reconciliation", |s| {
        let view = s.desk.reconcile.clone();
        view.filter(|v| v.progress != ReconcileProgress::Running)
    })
}

fn reconciled(shop: &mut Shop, scope: Scope) -> Run {
    start(shop, scope).unwrap();
    let view = ended(shop);
    assert_eq!(view.progress, ReconcileProgress::Finished);
    assert_eq!(view.permille, 1_000);
    view.run.clone()
}

fn kinds(run: &Run) -> Vec<(DifferenceKind, String)> {
    let of = |d: &Difference| (d.kind, d.bill_no.clone());
    let mut kinds: Vec<_> = run.differences.iter().map(of).collect();
    kinds.sort();
    kinds
}

fn planted_differences_are_found_exactly_and_none_where_there_is_none() {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    for (fen, wallet) in [
        (1_100, Wallet::Alipay),
        (1_200, Wallet::Wechat),
        (1_300, Wallet::Alipay),
    ] {
        let bill_no = shop.charge(fen, wallet);
        shop.until_bill(&bill_no, "its row", |b| {
            b.state == State::Paid && b.look.is_none()
        });
        shop.send(Command::ServeNext);
    }
    // One that was never charged is in both books and no difference.
    shop.plan(Act::NoMoney, Network::Normal);
    let refused = shop.charge(1_400, Wallet::Alipay);
    shop.until_terminal(&refused);
    as_manager(&mut shop);
    let today = Scope::day(Day::of(wall_ms()));
    let run = reconciled(&mut shop, today);
    assert_eq!(kinds(&run), []);
    assert_eq!(run.here, run.there);
    assert_eq!((run.here.paid.count, run.here.paid.sum), (3, Fen(3_600)));
    shop.send(Command::PracticePlant);
    let planted = shop.until("the planted", |s| {
        let planted = s.practice.as_ref().map(|p| p.planted.clone());
        planted.filter(|p| p.len() == 3)
    });
    let run = reconciled(&mut shop, today);
    let mut expected: Vec<_> = [
        DifferenceKind::MissingHere,
        DifferenceKind::MissingThere,
        DifferenceKind::Amount,
    ]
    .into_iter()
    .zip(planted)
    .collect();
    expected.sort();
    assert_eq!(kinds(&run), expected, "a finished one begins anew");
    let reader = Reader::open(&ledger_path(shop.dir.path())).unwrap();
    assert_eq!(reader.books().run(&today).unwrap(), Some(run));
}

fn a_cashier_may_not_and_whoever_owns_the_directory_may() {
    let gateway = Listing::new();
    let mut shop = shop_with(&[], &gateway);
    let scope = Scope::day(day());
    shop.send(Command::SignIn {
        id: "1001".to_owned(),
        pin: pin("10011001"),
    });
    shop.settle_commands();
    assert_eq!(start(&mut shop, scope), Err(Said::NotAllowed));
    shop.send(Command::Lock);
    shop.settle_commands();
    assert_eq!(start(&mut shop, scope), Err(Said::Locked));
    assert_eq!(gateway.asked(), [], "nothing was asked");
    let started = shop.till().reconcile_as_owner(scope);
    shop.runtime.block_on(started).unwrap();
    assert_eq!(ended(&mut shop).progress, ReconcileProgress::Finished);
    let backwards = Scope {
        to_ms: scope.from_ms,
        ..scope
    };
    let wrong = shop.till().reconcile_as_owner(backwards);
    assert!(matches!(shop.runtime.block_on(wrong), Err(Said::Text(_))));
}

/// `count` paid bills in both books, spread over `hours` from 9 o'clock on.
fn paid(count: usize, hours: i64, gateway: &Listing) -> Vec<Bill> {
    let from = day().start_ms() + 9 * HOUR;
    let at = |n: usize| from + (hours * HOUR) * n as i64 / count as i64;
    let bills: Vec<Bill> = (0..count).map(|n| bill_at(n, at(n), State::Paid)).collect();
    let rows = bills
        .iter()
        .map(|b| row(b.bill_no.as_str(), true, b.sent.wall_ms + 200));
    gateway.bills().extend(rows);
    bills
}

fn five_thousand_bills_take_some_two_hundred_requests() {
    let gateway = Listing::new();
    let bills = paid(5_000, 10, &gateway);
    let mut shop = shop_with(&bills, &gateway);
    gateway.forget();
    let run = reconciled(&mut shop, Scope::day(day()));
    assert_eq!(run.differences, []);
    assert_eq!(run.here, run.there);
    assert_eq!((run.here.paid.count, run.compared), (5_000, 5_000));
    // A second of these would be 50 s of requests at 20 ms.
    let asked = gateway.asked();
    assert!(asked.len() < 250, "{}", asked.len());
    assert!(
        !asked.iter().any(|a| matches!(a, Asked::Row(_))),
        "none by its number"
    );
}

fn an_hour_with_too_many_bills_is_read_in_parts() {
    let gateway = Listing::new();
    let bills = paid(4_500, 1, &gateway);
    let mut shop = shop_with(&bills, &gateway);
    gateway.forget();
    let run = reconciled(&mut shop, Scope::day(day()));
    assert_eq!((run.differences.len(), run.there.paid.count), (0, 4_500));
    assert_eq!(run.here, run.there);
    let deepest = gateway.asked().into_iter().filter_map(|asked| match asked {
        Asked::Bills(query) => Some(query.skip),
        _ => None,
    });
    assert!(deepest.max().unwrap() <= 2_000);
}

fn an_interrupted_one_goes_on_where_it_was() {
    let gateway = Listing::new();
    let bills = paid(600, 6, &gateway);
    let mut shop = shop_with(&bills, &gateway);
    let scope = Scope::day(day());
    // Enough for some hours of the ten that are before noon.
    gateway.silent_after(60);
    start(&mut shop, scope).unwrap();
    let view = ended(&mut shop);
    assert_eq!(
        view.progress,
        ReconcileProgress::Stopped(Said::GatewaySilent)
    );
    let part = view.run.clone();
    assert!(!part.finished && part.here == part.there);
    assert!((1..600).contains(&part.here.paid.count), "{part:?}");
    // Also in another process.
    shop.stop();
    gateway.silent_after(usize::MAX);
    shop.start_with(Arc::<Listing>::clone(&gateway));
    as_manager(&mut shop);
    gateway.forget();
    let run = reconciled(&mut shop, scope);
    assert_eq!((run.here.paid.count, run.compared), (600, 600), "each once");
    assert_eq!(run.here, run.there);
    let pages = gateway.asked().into_iter().filter_map(|asked| match asked {
        Asked::Bills(query) => query.from_ms,
        _ => None,
    });
    assert_eq!(pages.min(), Some(part.done_to_ms), "nothing is read twice");
}

fn a_bill_of_midnight_is_no_difference_on_either_day() {
    let gateway = Listing::new();
    let midnight = day().start_ms();
    let bill = bill_at(1, midnight - 400, State::Paid);
    gateway
        .bills()
        .push(row(bill.bill_no.as_str(), true, midnight + 300));
    // At the very end, which an inclusive end_time gives to both days.
    let last = bill_at(2, midnight - 10, State::Paid);
    gateway
        .bills()
        .push(row(last.bill_no.as_str(), true, midnight));
    let mut shop = shop_with(&[bill, last], &gateway);
    let before = reconciled(&mut shop, Scope::day(Day::of(midnight - 1)));
    assert_eq!((before.differences.len(), before.here.paid.count), (0, 0));
    assert_eq!(before.here, before.there);
    let after = reconciled(&mut shop, Scope::day(day()));
    assert_eq!((after.differences.len(), after.here.paid.count), (0, 2));
    assert_eq!(after.here, after.there);
}

fn rows_that_are_not_as_many_as_counted_stop_it() {
    let gateway = Listing::new();
    let bills = paid(3, 1, &gateway);
    let mut shop = shop_with(&bills, &gateway);
    gateway.overcount.store(1, Ordering::SeqCst);
    start(&mut shop, Scope::day(day())).unwrap();
    let view = ended(&mut shop);
    assert!(
        matches!(&view.progress, ReconcileProgress::Stopped(Said::Text(_))),
        "{view:?}"
    );
    assert_eq!((view.run.compared, view.run.differences.len()), (0, 0));
}

fn it_is_stopped_at_once() {
    let gateway = Listing::new();
    let bills = paid(3, 1, &gateway);
    let mut shop = shop_with(&bills, &gateway);
    gateway.hanging.store(true, Ordering::SeqCst);
    let scope = Scope::day(day());
    start(&mut shop, scope).unwrap();
    assert_eq!(start(&mut shop, scope), Err(Said::ReconcileRunning));
    shop.till().cancel_reconcile();
    assert_eq!(ended(&mut shop).progress, ReconcileProgress::Cancelled);
    gateway.hanging.store(false, Ordering::SeqCst);
    assert_eq!(reconciled(&mut shop, scope).here.paid.count, 3);
}

fn who_may_not_reconcile_stops_none() {
    let gateway = Listing::new();
    let bills = paid(1, 1, &gateway);
    let mut shop = shop_with(&bills, &gateway);
    gateway.hanging.store(true, Ordering::SeqCst);
    start(&mut shop, Scope::day(day())).unwrap();
    shop.sign_in("1001");
    shop.till().cancel_reconcile();
    shop.until_said("a cashier", |s| *s == Said::NotAllowed);
    shop.send(Command::Lock);
    shop.till().cancel_reconcile();
    shop.until_said("nobody", |s| *s == Said::Locked);
    let view = shop.snapshot().desk.reconcile.clone().unwrap();
    assert_eq!(view.progress, ReconcileProgress::Running);
    shop.till().cancel_reconcile_as_owner();
    assert_eq!(ended(&mut shop).progress, ReconcileProgress::Cancelled);
}

fn what_the_gateway_has_settles_a_local_unknown() {
    let gateway = Listing::new();
    let at = day().start_ms() + 12 * HOUR;
    let mut unknown = bill_at(1, at, State::Unresolved);
    unknown.pay = PayAnswer::Lost { why: Lost::Timeout };
    gateway
        .bills()
        .push(row(unknown.bill_no.as_str(), true, at));
    // By its number nobody hears of it until the list is read.
    gateway.mute.store(true, Ordering::SeqCst);
    gateway.heard_from_page.store(true, Ordering::SeqCst);
    let mut shop = shop_with(std::slice::from_ref(&unknown), &gateway);
    gateway.mute.store(true, Ordering::SeqCst);
    let run = reconciled(&mut shop, Scope::day(day()));
    assert_eq!(run.settled, std::slice::from_ref(&unknown.bill_no));
    assert_eq!(run.differences, []);
    assert_eq!(shop.bill(&unknown.bill_no).state, State::Paid);
    assert_eq!((run.here.paid.count, run.there.paid.count), (1, 1));
}

fn a_bill_in_progress_and_another_tills_are_no_difference() {
    let gateway = Listing::new();
    let at = day().start_ms() + 12 * HOUR;
    let others = [number(day(), "02", 1), number(day(), "03", 2)];
    gateway
        .bills()
        .extend(others.iter().map(|no| row(no, true, at)));
    gateway.bills().push(row("UNPAID0000000001", false, at));
    let mut shop = Shop::build(
        |s| s.shop.other_tills = vec!["02".to_owned()],
        true,
        Options::default(),
    );
    shop.stop();
    shop.start_with(Arc::<Listing>::clone(&gateway));
    as_manager(&mut shop);
    let run = reconciled(&mut shop, Scope::day(day()));
    assert_eq!((run.elsewhere.count, run.elsewhere.sum), (1, Fen(1_000)));
    let strange = (DifferenceKind::MissingHere, others[1].clone());
    assert_eq!(
        kinds(&run),
        [strange],
        "a till that is not named is none of ours"
    );
}

fn each_kind_is_found_by_its_number() {
    let gateway = Listing::new();
    let bills = paid(6, 6, &gateway);
    let no = |n: usize| bills[n].bill_no.to_string();
    gateway.bills()[1].row.paid = false;
    gateway.bills()[2].row.total_fee = Fen(1_001);
    gateway.bills()[3].row.reverted = Some(true);
    gateway.bills().remove(4);
    let at = day().start_ms() + 12 * HOUR;
    gateway.bills().push(row("STRAY00000000001", true, at));
    let stray = RefundRow {
        refund_no: format!("{}ABCDEF", day().compact()),
        bill_no: no(5),
        fee: Fen(100),
        finish: true,
        result: Some(true),
        channel: None,
        create_time_ms: Some(at),
    };
    gateway.refunds().push(stray.clone());
    let mut shop = shop_with(&bills, &gateway);
    let run = reconciled(&mut shop, Scope::day(day()));
    let mut expected = vec![
        (DifferenceKind::State, no(1)),
        (DifferenceKind::Amount, no(2)),
        (DifferenceKind::State, no(3)),
        (DifferenceKind::MissingThere, no(4)),
        (DifferenceKind::MissingHere, "STRAY00000000001".to_owned()),
        (DifferenceKind::Refund, no(5)),
    ];
    expected.sort();
    assert_eq!(kinds(&run), expected);
    let refund = run
        .differences
        .iter()
        .find(|d| d.kind == DifferenceKind::Refund);
    let refund = refund.unwrap();
    assert_eq!(refund.refund_no.as_deref(), Some(stray.refund_no.as_str()));
    assert_eq!(refund.there.as_ref().unwrap().to_string(), "1.00 succeeded");
    // What contradicts a bill is on the to-do list, beside its state.
    let bill = shop.until_bill(&bills[1].bill_no, "an incident", |b| b.incident.is_some());
    assert_eq!(bill.state, State::Paid);
}

fn refunds_of_both_books_agree_and_the_first_one_opens_a_shift() {
    let mut shop = refunding::desk();
    let alipay = refunding::paid(&mut shop, 1_000, Wallet::Alipay);
    let wechat = refunding::paid(&mut shop, 2_000, Wallet::Wechat);
    let close = shop.till().shift(ShiftAct::Close {
        counted: Fen::ZERO,
        exception: None,
    });
    assert_eq!(shop.runtime.block_on(close).unwrap().no, 1);
    for (bill_no, fen) in [(alipay, 300), (wechat, 2_000)] {
        let no = refunding::order(&shop, &bill_no, fen).unwrap();
        refunding::until_state(&mut shop, &no, RefundState::Succeeded);
    }
    let shift = shop.snapshot().desk.shift.clone().unwrap();
    assert_eq!((shift.no, shift.opened_by.as_str()), (2, "2001"));
    let report = shop.till().shift_report(None);
    let (_, report) = shop.runtime.block_on(report).unwrap().unwrap();
    assert_eq!((report.paid.count, report.refunds.sum), (0, Fen(2_300)));
    let run = reconciled(&mut shop, Scope::day(Day::of(wall_ms())));
    assert_eq!(run.differences, []);
    assert_eq!(run.here, run.there);
    assert_eq!(
        (run.here.refunds.count, run.here.refunds.sum),
        (2, Fen(2_300))
    );
    assert_eq!(run.compared, 4);
    // The shift alone: the bills were the first one's.
    let run = reconciled(&mut shop, Scope::shift(&shift, wall_ms()));
    assert_eq!((run.differences.len(), run.here.paid.count), (0, 0));
    assert_eq!((run.scope.shift, run.there.refunds.count), (Some(2), 2));
}

/// A refund of 1.00 of this bill that nobody answered.
fn lost_refund(bill: &Bill) -> Refund {
    let at = bill.sent;
    let no = format!("{}01000009ABCDEFGH", Day::of(at.wall_ms).compact());
    Refund {
        refund_no: RefundNo::parse(&no).unwrap(),
        bill_no: bill.bill_no.clone(),
        fee: Fen(100),
        paid: bill.amount,
        channel: RefundChannel::Ali,
        wallet: Some(Wallet::Alipay),
        reason: "x".to_owned(),
        operator: "2001".to_owned(),
        approver: "2001".to_owned(),
        params_hash: String::new(),
        state: RefundState::Unresolved,
        host: bill.host.clone(),
        sent: at,
        last_sent: at,
        sends: 1,
        answer: RefundAnswer::Lost { why: Lost::Timeout },
        lost: true,
        seen: false,
        ended_ms: None,
        proof: None,
        look_ms: None,
        next_ms: None,
        incident: None,
        settled: None,
        pre: None,
    }
}

fn refund_row(refund: &Refund) -> RefundRow {
    RefundRow {
        refund_no: refund.refund_no.to_string(),
        bill_no: refund.bill_no.to_string(),
        fee: refund.fee,
        finish: true,
        result: Some(true),
        channel: Some(RefundChannel::Ali),
        create_time_ms: Some(refund.sent.wall_ms),
    }
}

fn what_the_gateway_has_settles_a_lost_refund() {
    let gateway = Listing::new();
    let bills = paid(1, 1, &gateway);
    let lost = lost_refund(&bills[0]);
    gateway.refunds().push(refund_row(&lost));
    gateway.mute.store(true, Ordering::SeqCst);
    gateway.heard_from_page.store(true, Ordering::SeqCst);
    let mut shop = shop_with_refunds(&bills, std::slice::from_ref(&lost), &gateway);
    let run = reconciled(&mut shop, Scope::day(day()));
    assert_eq!(run.settled, std::slice::from_ref(&lost.bill_no));
    assert_eq!(run.differences, []);
    let now = refunding::refund(&shop, &lost.refund_no);
    assert_eq!(now.state, RefundState::Succeeded);
    assert_eq!(run.here, run.there);
    assert_eq!(run.here.refunds.sum, Fen(100));
    assert_eq!(
        shop.bill(&lost.bill_no).refunded,
        Fen(100),
        "its bill with it"
    );
}

fn a_refund_that_only_this_ledger_has_is_found() {
    let gateway = Listing::new();
    let bills = paid(1, 1, &gateway);
    let done = Refund {
        state: RefundState::Succeeded,
        ended_ms: Some(bills[0].sent.wall_ms),
        lost: false,
        ..lost_refund(&bills[0])
    };
    let mut shop = shop_with_refunds(&bills, std::slice::from_ref(&done), &gateway);
    let run = reconciled(&mut shop, Scope::day(day()));
    assert_eq!(
        kinds(&run),
        [(DifferenceKind::Refund, done.bill_no.to_string())]
    );
    assert_eq!(
        run.differences[0].refund_no.as_deref(),
        Some(done.refund_no.as_str())
    );
    assert_eq!((run.here.refunds.count, run.there.refunds.count), (1, 0));
}

fn a_clock_that_is_hours_off_is_learned_before_anything_is_compared() {
    let options = Options {
        clock_offset_ms: -5 * HOUR,
        ..Options::default()
    };
    let mut shop = Shop::build(|_| {}, true, options);
    shop.send(Command::ClearAmount);
    shop.until("the gateway's clock", |s| s.health.clock_off_s);
    let bill_no = shop.charge(1_000, Wallet::Alipay);
    shop.until_bill(&bill_no, "its row", |b| {
        b.state == State::Paid && b.look.is_none()
    });
    // A new process knows nothing of the gateway's clock.
    shop.stop();
    shop.start();
    as_manager(&mut shop);
    let there = Day::of(shop.sim.face().now_ms());
    let run = reconciled(&mut shop, Scope::day(there));
    assert_eq!(run.differences, []);
    assert_eq!((run.here.paid.count, run.there.paid.count), (1, 1));
}
