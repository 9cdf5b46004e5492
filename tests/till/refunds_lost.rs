//! Refunds whose answer got lost, whose program ended, or whose disk failed (FATE 20, 21, I2, I4,
//! I6, I7).

use crate::harness::Shop;
use crate::refunding::{
    an_order, desk, order, order_by, paid, plan, refund, refundable, refunded, refunds_of, taken,
    until_refund, until_state,
};
use crate::scripted::{Asked, Script, row};
use shouyin::domain::gateway::{Listed, Lost, RefundOutcome, RefundRow, RowOutcome};
use shouyin::domain::practice::{Network, RefundAct};
use shouyin::domain::refund::{Blocked, RefundProof, RefundState};
use shouyin::domain::time::Day;
use shouyin::domain::{BillNo, Fen, RefundNo, State, Wallet};
use shouyin::till::service::{Desk, RefundView, Said};
use shouyin::till::{Command, Notice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

crate::rules! {
    a_lost_refund_is_found_again_and_counted_once,
    a_refund_that_never_arrived_is_sent_again_with_its_number_while_a_manager_is_signed_in,
    a_refund_that_waits_for_a_manager_is_sent_again_when_one_signs_in,
    a_refund_that_nobody_has_is_not_sent_after_ten_minutes_and_two_empty_rounds,
    the_next_refund_waits_for_a_lost_one,
    the_approvers_secret_is_gone_when_the_manager_locks,
    what_the_gateway_answers_does_not_keep_the_till_from_locking_by_itself,
    a_silent_host_is_passed_over_and_all_silent_sends_nothing,
    a_refund_goes_to_the_host_that_spoke_for_its_bill_and_to_no_other,
    what_other_tills_refunded_counts_and_what_is_not_read_whole_sends_nothing,
    a_refund_no_is_dated_by_the_gateways_clock,
    whoever_took_over_while_it_was_prepared_refunds_nothing,
    a_program_that_ends_at_any_step_refunds_once,
    a_program_that_ends_at_any_step_of_a_lost_refund_refunds_once,
    a_disk_that_fails_at_any_step_refunds_once_and_says_so_once,
    a_success_stays_counted_once_over_restarts_and_questions,
}

const A: &str = "http://127.0.0.1:1";
const B: &str = "http://127.0.0.1:2";

/// A till with a scripted gateway, a manager signed in, and a paid bill of ¥ 10.
fn scripted(script: Script) -> (Shop, Arc<Script>, BillNo) {
    let mut shop = Shop::desk(|s| {
        s.gateway.servers = [A, B].map(|h| shouyin::domain::Host(h.to_owned())).to_vec();
    });
    shop.stop();
    let script = script.shared();
    shop.start_with(script.clone());
    shop.sign_in("2001");
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_bill(&bill_no, "paid", |b| {
        b.state == State::Paid && b.look.is_none()
    });
    (shop, script, bill_no)
}

fn paid_row() -> RowOutcome {
    row(true, false, 1000)
}

/// Every refund is lost, and the gateway has none.
fn swallowing() -> Script {
    Script::new(&[A, B])
        .row(|_| paid_row())
        .refund(|_| RefundOutcome::Lost(Lost::Timeout))
}

fn view(shop: &Shop, no: &RefundNo) -> RefundView {
    let snapshot = shop.snapshot();
    let ours = snapshot.desk.refunds.iter().find(|r| r.refund_no == *no);
    ours.expect("it is listed").clone()
}

fn a_lost_refund_is_found_again_and_counted_once() {
    for network in [Network::LoseAnswer, Network::BadGateway, Network::Truncate] {
        let mut shop = desk();
        let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
        plan(&shop, RefundAct::AtOnce, network);
        let no = order(&shop, &bill_no, 400).unwrap();
        let found = until_state(&mut shop, &no, RefundState::Succeeded);
        assert!(found.lost, "{network:?}");
        assert_eq!(found.proof, Some(RefundProof::Row));
        assert_eq!(found.sends, 1);
        assert_eq!(refunded(&shop, &bill_no), 400);
        assert_eq!(taken(&shop, &bill_no), (400, 1));
        let ended = |n: &&Notice| {
            matches!(n, Notice::RefundChanged(r) if r.refund_no == no && r.state.is_terminal()
                && r.state != RefundState::Succeeded)
        };
        assert_eq!(
            shop.heard().iter().filter(ended).count(),
            0,
            "never said failed"
        );
    }
}

fn looked_up(script: &Script, times: usize, shop: &mut Shop) {
    let before = script.count(Asked::Refunds);
    shop.until("look-ups", |_| {
        (script.count(Asked::Refunds) >= before + times).then_some(())
    });
}

fn a_refund_that_never_arrived_is_sent_again_with_its_number_while_a_manager_is_signed_in() {
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order(&shop, &bill_no, 400).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    looked_up(&script, 4, &mut shop);
    assert_eq!(script.refunds_sent().len(), 1, "not before a minute");
    shop.till().skip_time(61_000);
    until_refund(&mut shop, &no, "sent again", |r| r.sends == 2);
    shop.until("it left", |_| {
        (script.refunds_sent().len() == 2).then_some(())
    });
    let sent = script.refunds_sent();
    assert_eq!(sent[0], sent[1], "the same request, number and all (I7)");
}

fn a_refund_that_waits_for_a_manager_is_sent_again_when_one_signs_in() {
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order(&shop, &bill_no, 400).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    shop.sign_in("1001");
    looked_up(&script, 2, &mut shop);
    shop.till().skip_time(61_000);
    shop.until("it waits", |s| {
        let ours = s.desk.refunds.iter().find(|r| r.refund_no == no);
        ours.filter(|r| r.waits_for_manager).map(|_| ())
    });
    looked_up(&script, 2, &mut shop);
    assert_eq!(script.refunds_sent().len(), 1, "a cashier sends nothing");
    shop.sign_in("2002");
    until_refund(&mut shop, &no, "sent again", |r| r.sends == 2);
}

fn a_refund_that_nobody_has_is_not_sent_after_ten_minutes_and_two_empty_rounds() {
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order(&shop, &bill_no, 400).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    shop.send(Command::Lock);
    looked_up(&script, 4, &mut shop);
    shop.till().skip_time(300_000);
    looked_up(&script, 4, &mut shop);
    assert!(
        !refund(&shop, &no).state.is_terminal(),
        "not before ten minutes"
    );
    shop.until("on the to-do list", |s| {
        (s.desk.refunds_to_do == 1).then_some(())
    });
    shop.till().skip_time(301_000);
    let ended = until_state(&mut shop, &no, RefundState::NotSent);
    assert_eq!(ended.proof, Some(RefundProof::UnknownAtGateway));
    assert_eq!(script.refunds_sent().len(), 1);
    assert_eq!(refunded(&shop, &bill_no), 0);
}

fn the_next_refund_waits_for_a_lost_one() {
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order(&shop, &bill_no, 400).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    let blocked = Said::RefundBlocked(Blocked::InFlight(no.as_str().to_owned()));
    assert_eq!(order(&shop, &bill_no, 100), Err(blocked.clone()));
    assert_eq!(refundable(&shop, &bill_no).unwrap().balance, Err(blocked));
    assert_eq!(script.refunds_sent().len(), 1);
}

fn the_approvers_secret_is_gone_when_the_manager_locks() {
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order_by(&shop, &bill_no, 400, "2002").unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    shop.send(Command::Lock);
    looked_up(&script, 2, &mut shop);
    shop.till().skip_time(61_000);
    looked_up(&script, 3, &mut shop);
    // The last answer is on its way still.
    shop.until("it waits for a manager", |s| {
        let ours = s.desk.refunds.iter().find(|r| r.refund_no == no);
        ours.filter(|r| r.waits_for_manager).map(|_| ())
    });
    assert_eq!(script.refunds_sent().len(), 1);
}

fn what_the_gateway_answers_does_not_keep_the_till_from_locking_by_itself() {
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order(&shop, &bill_no, 400).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    assert_eq!(shop.snapshot().settings.lock.idle_min, 10);
    // Twelve minutes in which nobody is here and the refund is asked about.
    for _ in 0..3 {
        let asked = script.count(Asked::Refunds);
        shop.till().skip_time(4 * 60_000);
        looked_up(&script, asked + 1, &mut shop);
    }
    shop.until("locked", |s| s.signed_in.is_none().then_some(()));
    shop.until_said("by itself", |s| *s == Said::LockedByItself);
    // A person who calls is here.
    shop.sign_in("2001");
    shop.till().skip_time(6 * 60_000);
    let _ = refundable(&shop, &bill_no);
    shop.till().skip_time(6 * 60_000);
    shop.settle_commands();
    assert!(shop.snapshot().signed_in.is_some());
}

fn a_silent_host_is_passed_over_and_all_silent_sends_nothing() {
    let b_too = Arc::new(AtomicBool::new(false));
    let silent = Arc::clone(&b_too);
    let (shop, script, bill_no) = {
        let answered = Arc::new(AtomicBool::new(false));
        let first = Arc::clone(&answered);
        scripted(Script::new(&[A, B]).row(move |host| {
            let b_is_silent = silent.load(Ordering::SeqCst);
            // The payment's own row is answered by its host.
            if !first.swap(true, Ordering::SeqCst) {
                return paid_row();
            }
            match host.0.as_str() {
                A => RowOutcome::NoAnswer(Lost::Timeout),
                _ if b_is_silent => RowOutcome::NoAnswer(Lost::Timeout),
                _ => paid_row(),
            }
        }))
    };
    let left = refundable(&shop, &bill_no).unwrap().balance.unwrap();
    assert_eq!(left.refundable, Fen(1000), "the other host answers");
    b_too.store(true, Ordering::SeqCst);
    let silent = Said::RefundBlocked(Blocked::NoAnswer);
    assert_eq!(order(&shop, &bill_no, 100), Err(silent.clone()));
    assert_eq!(refundable(&shop, &bill_no).unwrap().balance, Err(silent));
    assert!(script.refunds_sent().is_empty());
}

fn a_refund_goes_to_the_host_that_spoke_for_its_bill_and_to_no_other() {
    let unconnected = |host: &shouyin::domain::Host| match host.0.as_str() {
        A => RefundOutcome::Unconnected {
            why: "refused".to_owned(),
        },
        _ => RefundOutcome::Done,
    };
    let script = Script::new(&[A, B]).row(|_| paid_row()).refund(unconnected);
    let (mut shop, script, bill_no) = scripted(script);
    let no = order(&shop, &bill_no, 100).unwrap();
    let unsent = until_state(&mut shop, &no, RefundState::NotSent);
    assert_eq!(unsent.proof, Some(RefundProof::Connect));
    assert_eq!(script.hosts_asked(Asked::Refund), [A]);
    // The next order asks the one that works how the bill stands, and goes to it.
    let next = order(&shop, &bill_no, 100).unwrap();
    let done = until_state(&mut shop, &next, RefundState::Succeeded);
    assert_eq!(done.host.0, B);
    assert_eq!(script.hosts_asked(Asked::Refund), [A, B]);
    let (mut shop, script, bill_no) = scripted(swallowing());
    let no = order(&shop, &bill_no, 100).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    assert_eq!(script.hosts_asked(Asked::Refund), [A]);
}

fn what_other_tills_refunded_counts_and_what_is_not_read_whole_sends_nothing() {
    let whole = Arc::new(AtomicBool::new(true));
    let is_whole = Arc::clone(&whole);
    let there = Arc::new(Mutex::new(Vec::new()));
    let rows = Arc::clone(&there);
    let script = Script::new(&[A]).row(|_| paid_row()).refunds(move |_| {
        match is_whole.load(Ordering::SeqCst) {
            true => Listed::Here(rows.lock().unwrap().clone()),
            false => Listed::NoAnswer(Lost::Unreadable),
        }
    });
    let (shop, script, bill_no) = scripted(script);
    there.lock().unwrap().push(RefundRow {
        refund_no: "20261120X1".to_owned(),
        bill_no: bill_no.as_str().to_owned(),
        fee: Fen(600),
        finish: true,
        result: Some(true),
        channel: None,
        create_time_ms: None,
    });
    let seen = refundable(&shop, &bill_no).unwrap();
    assert_eq!(seen.balance.unwrap().refundable, Fen(400));
    let elsewhere = [("20261120X1".to_owned(), Fen(600), "succeeded")];
    assert_eq!(seen.elsewhere, elsewhere);
    assert_eq!(
        order(&shop, &bill_no, 401),
        Err(Said::RefundTooMuch(Fen(400)))
    );
    whole.store(false, Ordering::SeqCst);
    let silent = Said::RefundBlocked(Blocked::NoAnswer);
    assert_eq!(order(&shop, &bill_no, 100), Err(silent));
    assert!(script.refunds_sent().is_empty());
}

fn a_refund_no_is_dated_by_the_gateways_clock() {
    let day_ms = 86_400_000;
    let script = Script::new(&[A, B]).row(|_| paid_row()).ahead(day_ms);
    let (shop, _, bill_no) = scripted(script);
    let no = order(&shop, &bill_no, 100).unwrap();
    let tomorrow = Day::of(shouyin::till::wall_ms() + day_ms);
    assert!(no.is_of(tomorrow), "{no}");
}

fn whoever_took_over_while_it_was_prepared_refunds_nothing() {
    let (shop, script, bill_no) = scripted(Script::new(&[A, B]).row(|_| {
        std::thread::sleep(std::time::Duration::from_millis(300));
        paid_row()
    }));
    let ordered = shop.till().refund(an_order(&bill_no, 100, "2001"));
    shop.send(Command::Lock);
    let ordered = shop.runtime.block_on(ordered);
    assert_eq!(ordered, Err(Said::Locked));
    assert!(script.refunds_sent().is_empty());
    assert!(refunds_of(&shop, &bill_no).is_empty());
}

/// Orders a refund and gives back when the `step`th change of it was told, or it ended; step 0: at
/// once.
fn until_step(shop: &mut Shop, bill_no: &BillNo, step: usize) {
    let ordered = shop.till().refund(an_order(bill_no, 400, "2001"));
    let ordered = shop.runtime.spawn(ordered);
    let told = |shop: &mut Shop| {
        let changes = shop.heard().iter().filter_map(|n| match n {
            Notice::RefundChanged(r) if r.bill_no == *bill_no => Some(r.state.is_terminal()),
            _ => None,
        });
        let changes: Vec<bool> = changes.collect();
        (changes.len(), changes.contains(&true))
    };
    loop {
        let (changes, over) = told(shop);
        if changes >= step || over || (ordered.is_finished() && changes == 0) {
            return;
        }
        std::thread::yield_now();
    }
}

/// Nothing is open any more, and this ledger says what the gateway says.
fn ends_as_the_gateway_says(shop: &mut Shop, bill_no: &BillNo) {
    let open = |r: &RefundView| !r.state.is_terminal();
    shop.until("nothing open", |s| {
        (!s.desk.refunds.iter().any(open) && s.health.ledger.is_none()).then_some(())
    });
    shop.settle_commands();
    let refunds = refunds_of(shop, bill_no);
    assert!(refunds.len() <= 1, "{refunds:#?}");
    let succeeded = refunds.iter().filter(|r| r.state == RefundState::Succeeded);
    let here: i64 = succeeded.map(|r| r.fee.0).sum();
    let (there, count) = taken(shop, bill_no);
    assert_eq!(
        (here, refunded(shop, bill_no)),
        (there, there),
        "{refunds:#?}"
    );
    assert!(count <= 1);
}

fn the_program_ends(network: Network) {
    for step in 0..=5 {
        let mut shop = desk();
        let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
        plan(&shop, RefundAct::Pending, network);
        until_step(&mut shop, &bill_no, step);
        shop.stop();
        shop.start();
        // A refund that was recorded and never left is not found either: it is sent again, or
        // proven not sent, once time has passed.
        shop.sign_in("2001");
        while refunds_of(&shop, &bill_no)
            .iter()
            .any(|r| !r.state.is_terminal() && taken(&shop, &bill_no).1 == 0)
        {
            shop.till().skip_time(61_000);
            shop.settle_commands();
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        ends_as_the_gateway_says(&mut shop, &bill_no);
    }
}

fn a_program_that_ends_at_any_step_refunds_once() {
    the_program_ends(Network::Normal);
}

fn a_program_that_ends_at_any_step_of_a_lost_refund_refunds_once() {
    the_program_ends(Network::LoseAnswer);
}

fn a_disk_that_fails_at_any_step_refunds_once_and_says_so_once() {
    for step in 1..=5 {
        let mut shop = desk();
        let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
        plan(&shop, RefundAct::AtOnce, Network::LoseAnswer);
        until_step(&mut shop, &bill_no, step);
        shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
        shop.until("trouble, or its end", |s| {
            let ended = |r: &RefundView| r.state.is_terminal();
            (s.health.ledger.is_some() || s.desk.refunds.iter().any(ended)).then_some(())
        });
        let unwritten = shop.snapshot().desk.refunds.iter().any(|r| r.unrecorded);
        let said =
            |n: &&Notice| matches!(n, Notice::Refund(r) if r.state == RefundState::Succeeded);
        if unwritten {
            assert_eq!(
                shop.heard().iter().filter(said).count(),
                0,
                "not before it is durable"
            );
        }
        shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
        ends_as_the_gateway_says(&mut shop, &bill_no);
        shop.until("all is well", |s| s.health.ledger.is_none().then_some(()));
        assert_eq!(shop.heard().iter().filter(said).count(), 1, "step {step}");
        assert_eq!(refunded(&shop, &bill_no), 400);
    }
}

fn a_success_stays_counted_once_over_restarts_and_questions() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = order(&shop, &bill_no, 400).unwrap();
    until_state(&mut shop, &no, RefundState::Succeeded);
    for _ in 0..3 {
        shop.stop();
        shop.start();
        shop.sign_in("2001");
        shop.till().ask_refund(no.clone());
        shop.send(Command::AskNow(bill_no.clone()));
        shop.settle_commands();
        until_refund(&mut shop, &no, "no look left", |r| r.look_ms.is_none());
    }
    assert_eq!(refunded(&shop, &bill_no), 400);
    let bill = shop.until_bill(&bill_no, "no look left", |b| b.look.is_none());
    assert!(
        bill.incident.is_none(),
        "a refund of ours explains its row: {bill:#?}"
    );
}
