//! What people press (COUNTER; FATE 6, 18, 19; I1).

use crate::harness::{Shop, is_listed, on_stage, pin};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{Fen, SaleId, State, Wallet};
use shouyin::simulator::Options;
use shouyin::till::service::{Said, ScanText, Stage};
use shouyin::till::{Command, How, Notice, PayOrder, PayRefused};

crate::rules! {
    a_practice_code_that_a_scanner_read_is_replaced,
    a_double_enter_confirms_once_and_the_scan_after_it_is_that_sale,
    a_double_scan_is_sent_once,
    a_bounce_after_a_refusal_is_not_the_next_attempt,
    a_scan_while_waiting_sends_nothing,
    what_is_no_payment_code_says_so_and_nothing_is_sent,
    a_scan_without_an_amount_says_so_and_the_same_code_serves_at_once_when_there_is_one,
    a_bill_that_ends_off_the_stage_is_announced_as_the_one_before_and_stays_to_do,
    a_bill_opened_from_the_rail_stands_on_the_stage_alone,
    signing_out_leaves_payments_going_and_stops_new_ones,
    the_same_amount_asks_and_no_scan_answers_it,
    the_same_customer_is_shown_the_bill_that_has_no_result,
    another_customer_keeps_the_sale_that_asked,
    a_question_does_not_outlive_a_payment_of_another_amount,
    only_a_manager_with_a_reason_releases_a_lock_and_then_the_sale_goes_on,
    after_a_release_the_same_amount_still_asks_and_the_same_customer_pays_the_same_sale,
    an_order_of_a_sale_that_is_open_or_paid_follows_that_bill_and_sends_nothing,
    an_order_of_the_same_amount_is_refused_unless_it_says_another,
    the_played_customer_does_what_the_panel_wishes_and_what_is_asked_from_outside,
    the_latest_are_the_newest_that_ended_and_today_counts_what_was_kept,
}

fn confirm(shop: &Shop, fen: i64) {
    let (amount, note) = (Fen(fen), String::new());
    shop.send(Command::ConfirmAmount { amount, note });
}

fn order(shop: &Shop, fen: i64, sale: &str) -> PayOrder {
    PayOrder {
        amount: Fen(fen),
        how: How::Code(shop.fresh_code(Wallet::Alipay)),
        sale: Some(SaleId(sale.to_owned())),
        another: false,
        note: String::new(),
    }
}

/// A bill that has no result for a while: cancelled, and its revert is denied.
fn closing(shop: &mut Shop, fen: i64) -> shouyin::domain::BillNo {
    shop.plan_faults(Act::Never, Network::Normal, |f| {
        f.revert = shouyin::simulator::RevertFault::DeniesOnly;
    });
    let bill_no = shop.charge(fen, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_state(&bill_no, State::Closing);
    bill_no
}

fn a_double_enter_confirms_once_and_the_scan_after_it_is_that_sale() {
    let mut shop = Shop::open();
    confirm(&shop, 1000);
    confirm(&shop, 1000);
    let amount = shop.until("the amount", |s| match s.stage {
        Stage::Amount { amount } => Some(amount),
        _ => None,
    });
    assert_eq!(amount, Fen(1000));
    assert_eq!(shop.arrived(), 0);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    assert_eq!(shop.arrived(), 1);
}

fn a_double_scan_is_sent_once() {
    for act in [Act::Pay, Act::Never, Act::NoMoney] {
        let mut shop = Shop::open();
        shop.plan(act, Network::Normal);
        let text = shop.fresh_code(Wallet::Alipay);
        shop.staging(|s| {
            s.scan(&text, Some(1000));
            s.scan(&text, Some(1000));
            s.scan(&text, Some(1000));
        });
        for _ in 0..2 {
            shop.until_said("a bounce or a busy stage", |s| {
                matches!(s, Said::Bounce | Said::StageBusy | Said::CodeUsed(_))
            });
        }
        assert_eq!(shop.arrived().max(1), 1, "{act:?}");
    }
}

fn a_bounce_after_a_refusal_is_not_the_next_attempt() {
    let mut shop = Shop::open();
    shop.plan(Act::NoMoney, Network::Normal);
    let text = shop.fresh_code(Wallet::Wechat);
    let bill_no = shop.staging(|s| s.scan(&text, Some(1000)));
    let ended = shop.until_terminal(&bill_no);
    let took = ended.ended_ms.unwrap() - ended.sent.wall_ms;
    shop.scan(&text, None);
    if took < 2_500 {
        shop.until_said("a bounce", |s| *s == Said::Bounce);
        assert_eq!(shop.arrived(), 1);
    }
}

fn a_scan_while_waiting_sends_nothing() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    let other = shop.fresh_code(Wallet::Wechat);
    shop.scan(&other, Some(2000));
    shop.until_said("the stage is busy", |s| *s == Said::StageBusy);
    shop.scan(&other, None);
    shop.until_said("the stage is busy", |s| *s == Said::StageBusy);
    shop.show_qr(Wallet::Wechat, None);
    shop.until_said("the stage is busy", |s| *s == Said::StageBusy);
    assert_eq!(shop.arrived(), 1);
}

fn what_is_no_payment_code_says_so_and_nothing_is_sent() {
    let mut shop = Shop::open();
    let cases = [
        ("13456789012345678", Said::ScanIncomplete),
        ("123", Said::ScanIncomplete),
        ("https://example.com/x", Said::NotAPaymentCode),
        ("6212345678901234567", Said::UnionPay),
        ("23891113455872", Said::NoChannelForCode),
    ];
    for (text, said) in cases {
        shop.scan(&ScanText::new(text.to_owned()), Some(1000));
        shop.until_said(text, |s| *s == said);
    }
    shop.scan(&shop.fresh_code(Wallet::Alipay), Some(99_999_999_999));
    shop.until_said("too much", |s| matches!(s, Said::AmountTooLarge(_)));
    assert_eq!(shop.arrived(), 0);
    assert_eq!(shop.snapshot().stage, Stage::Idle);
}

fn a_scan_without_an_amount_says_so_and_the_same_code_serves_at_once_when_there_is_one() {
    let mut shop = Shop::open();
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, None);
    shop.until_said("no amount", |s| *s == Said::AmountMissing);
    let bill_no = shop.staging(|s| s.scan(&text, Some(1000)));
    shop.until_state(&bill_no, State::Paid);
}

fn a_bill_that_ends_off_the_stage_is_announced_as_the_one_before_and_stays_to_do() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::ServeNext);
    shop.until("in progress", |s| {
        is_listed(&s.in_progress, &bill_no).then_some(())
    });
    let next = shop.charge(2000, Wallet::Wechat);
    shop.until_state(&next, State::Paid);
    shop.pay_now(&bill_no);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert!(bill.late);
    shop.until("to do", |s| is_listed(&s.to_do, &bill_no).then_some(()));
    assert_eq!(on_stage(&shop.snapshot()).map(|b| &b.bill_no), Some(&next));
    assert_eq!(shop.announced(&bill_no, State::Paid), [false]);
    assert_eq!(shop.announced(&next, State::Paid), [true]);
}

fn a_bill_opened_from_the_rail_stands_on_the_stage_alone() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.send(Command::ServeNext);
    shop.until("the rail", |s| {
        is_listed(&s.in_progress, &bill_no).then_some(())
    });
    shop.send(Command::Open(bill_no.clone()));
    shop.until("the stage", |s| {
        let staged = on_stage(s)?.bill_no == bill_no;
        (staged && !is_listed(&s.in_progress, &bill_no)).then_some(())
    });
    shop.pay_now(&bill_no);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert!(!bill.late);
    assert_eq!(shop.announced(&bill_no, State::Paid), [true]);
}

fn signing_out_leaves_payments_going_and_stops_new_ones() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::Lock);
    shop.until("locked", |s| s.signed_in.is_none().then_some(()));
    let text = shop.fresh_code(Wallet::Wechat);
    shop.scan(&text, Some(2000));
    shop.until_said("locked", |s| *s == Said::Locked);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_said("locked", |s| *s == Said::Locked);
    shop.pay_now(&bill_no);
    shop.until_state(&bill_no, State::Paid);
    let (id, pin) = ("1001".to_owned(), pin("10011001"));
    shop.send(Command::SignIn { id, pin });
    shop.until("signed in", |s| s.signed_in.clone());
    assert_eq!(shop.arrived(), 1);
}

fn the_same_amount_asks_and_no_scan_answers_it() {
    let mut shop = Shop::open();
    let open = closing(&mut shop, 1000);
    shop.send(Command::ServeNext);
    let text = shop.fresh_code(Wallet::Wechat);
    shop.scan(&text, Some(1000));
    let question = shop.until("the question", |s| s.question.clone());
    assert_eq!(
        (question.open.bill_no, question.amount),
        (open.clone(), Fen(1000))
    );
    confirm(&shop, 1000);
    let other = shop.fresh_code(Wallet::Wechat);
    shop.scan(&other, Some(1000));
    shop.settle_commands();
    assert!(shop.snapshot().question.is_some());
    assert_eq!(shop.arrived(), 1);
    // 1: another customer; the code that was held is charged, and who said so is kept.
    let bill_no = shop.staging(|s| s.send(Command::AnswerQuestion { another: true }));
    let bill = shop.until_state(&bill_no, State::Paid);
    assert_eq!(bill.another_by.as_deref(), Some("1001"));
    assert_ne!(bill.sale, shop.bill(&open).sale);
}

fn the_same_customer_is_shown_the_bill_that_has_no_result() {
    let mut shop = Shop::open();
    let open = closing(&mut shop, 1000);
    shop.send(Command::ServeNext);
    shop.show_qr(Wallet::Alipay, Some(1000));
    shop.until("the question", |s| s.question.clone());
    shop.send(Command::AnswerQuestion { another: false });
    shop.until("that bill", |s| {
        (on_stage(s)?.bill_no == open && s.question.is_none()).then_some(())
    });
    assert_eq!(shop.arrived(), 1);
}

fn another_customer_keeps_the_sale_that_asked() {
    let mut shop = Shop::open();
    closing(&mut shop, 1000);
    shop.send(Command::ServeNext);
    // A sale whose first attempt was refused before the question came up.
    shop.plan(Act::NoMoney, Network::Normal);
    let mut first = order(&shop, 1000, "order-9");
    first.another = true;
    let refused = shop.runtime.block_on(shop.till().order(first)).unwrap();
    shop.until_state(&refused, State::Refused);
    let answered = shop.bill(&refused);
    assert_eq!(answered.another_by.as_deref(), Some("--another"));
    shop.send(Command::Open(refused.clone()));
    shop.until("it on the stage", |s| {
        on_stage(s).filter(|b| b.may_retry).map(|_| ())
    });
    // It was answered for this sale already: its next attempt does not ask again.
    let text = shop.fresh_code(Wallet::Wechat);
    let again = shop.staging(|s| s.scan(&text, None));
    let bill = shop.until_state(&again, State::Paid);
    assert_eq!(bill.sale, answered.sale);
}

fn a_question_does_not_outlive_a_payment_of_another_amount() {
    let mut shop = Shop::open();
    closing(&mut shop, 1000);
    shop.send(Command::ServeNext);
    confirm(&shop, 1000);
    shop.until("the question", |s| s.question.clone());
    let bill_no = shop.charge(2000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    assert_eq!(shop.snapshot().question, None);
}

fn only_a_manager_with_a_reason_releases_a_lock_and_then_the_sale_goes_on() {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    shop.plan_faults(Act::Never, Network::Normal, |f| {
        f.revert = shouyin::simulator::RevertFault::Fails(shouyin::simulator::Code::CertFileError);
    });
    let bill_no = shop.charge(1000, Wallet::Wechat);
    shop.until_state(&bill_no, State::Awaiting);
    let release = |id: &str, typed: &str, reason: &str| Command::Release {
        bill_no: bill_no.clone(),
        id: id.to_owned(),
        pin: pin(typed),
        reason: reason.to_owned(),
    };
    shop.send(release("2001", "20012001", "too early"));
    shop.until_said("nothing to release", |s| matches!(s, Said::Text(_)));
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_state(&bill_no, State::Watching);
    shop.send(release("2001", "999999", "顾客已离开"));
    shop.until_said("a wrong PIN", |s| matches!(s, Said::WrongPin { .. }));
    shop.send(release("1001", "10011001", "顾客已离开"));
    shop.until_said("no manager", |s| *s == Said::ManagerNeeded);
    shop.send(release("2001", "20012001", "  "));
    shop.until_said("no reason", |s| *s == Said::ReasonMissing);
    assert!(shop.bill(&bill_no).release.is_none());
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, None);
    shop.until_said("locked", |s| {
        matches!(s, Said::StageBusy | Said::SaleLocked(_))
    });
    shop.send(release("2001", "20012001", "顾客已离开"));
    shop.until_said("released", |s| *s == Said::Released(bill_no.clone()));
    shop.until("the next attempt is allowed", |s| {
        on_stage(s).filter(|b| b.may_retry).map(|_| ())
    });
    let again = shop.staging(|s| s.scan(&text, None));
    let paid = shop.until_state(&again, State::Paid);
    assert_eq!(paid.sale, shop.bill(&bill_no).sale);
    // The released one is paid after all: an incident, not silence (I1).
    shop.pay_now(&bill_no);
    let late = shop.until_state(&bill_no, State::Paid);
    let late = shop.until_bill(&late.bill_no, "an incident", |b| b.incident.is_some());
    let kind = late.incident.map(|i| i.kind);
    let other = again.clone();
    assert_eq!(
        kind,
        Some(shouyin::domain::bill::IncidentKind::PaidTwice { other })
    );
    // One record says both: no crash can leave a second payment without its incident.
    let heard = shop.heard().to_vec();
    let paid = heard.iter().filter_map(|notice| match notice {
        Notice::Changed(bill) if bill.bill_no == bill_no && bill.state == State::Paid => Some(bill),
        _ => None,
    });
    assert!(paid.clone().count() > 0);
    assert!(paid.clone().all(|bill| bill.incident.is_some()));
}

fn after_a_release_the_same_amount_still_asks_and_the_same_customer_pays_the_same_sale() {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    shop.plan_faults(Act::Never, Network::Normal, |f| {
        f.revert = shouyin::simulator::RevertFault::Fails(shouyin::simulator::Code::CertFileError);
    });
    let first = shop.charge(1000, Wallet::Wechat);
    shop.until_state(&first, State::Awaiting);
    shop.send(Command::Cancel(first.clone()));
    shop.until_state(&first, State::Watching);
    shop.send(Command::Release {
        bill_no: first.clone(),
        id: "2001".to_owned(),
        pin: pin("20012001"),
        reason: "顾客已离开".to_owned(),
    });
    shop.until_said("released", |s| *s == Said::Released(first.clone()));
    shop.send(Command::ServeNext);
    // As anybody would: the amount again, and the new code.
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, Some(1000));
    shop.until("the question", |s| s.question.as_ref().map(|_| ()));
    let again = shop.staging(|s| s.send(Command::AnswerQuestion { another: false }));
    let paid = shop.until_state(&again, State::Paid);
    assert_eq!(
        paid.sale,
        shop.bill(&first).sale,
        "the next attempt of that sale"
    );
    shop.pay_now(&first);
    let late = shop.until_bill(&first, "an incident", |b| b.incident.is_some());
    assert_eq!(late.state, State::Paid);
}

fn an_order_of_a_sale_that_is_open_or_paid_follows_that_bill_and_sends_nothing() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let first = order(&shop, 1000, "order-1");
    let bill_no = shop.runtime.block_on(shop.till().order(first)).unwrap();
    let again = order(&shop, 1000, "order-1");
    let followed = shop.runtime.block_on(shop.till().order(again)).unwrap();
    assert_eq!(followed, bill_no);
    shop.until_state(&bill_no, State::Awaiting);
    shop.pay_now(&bill_no);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert!(!bill.late, "its caller stands before it");
    let again = order(&shop, 1000, "order-1");
    let followed = shop.runtime.block_on(shop.till().order(again)).unwrap();
    assert_eq!(followed, bill_no);
    assert_eq!(shop.arrived(), 1);
    // After one that failed, the same sale is charged anew.
    shop.plan(Act::NoMoney, Network::Normal);
    let failing = order(&shop, 2000, "order-2");
    let failed = shop.runtime.block_on(shop.till().order(failing)).unwrap();
    shop.until_state(&failed, State::Refused);
    let next = order(&shop, 2000, "order-2");
    let next = shop.runtime.block_on(shop.till().order(next)).unwrap();
    assert_ne!(next, failed);
    shop.until_state(&next, State::Paid);
}

fn an_order_of_the_same_amount_is_refused_unless_it_says_another() {
    let mut shop = Shop::open();
    let open = closing(&mut shop, 1000);
    let same = order(&shop, 1000, "order-1");
    let refused = shop.runtime.block_on(shop.till().order(same)).unwrap_err();
    assert_eq!(refused, PayRefused::SameAmount(open));
    let mut another = order(&shop, 1000, "order-1");
    another.another = true;
    let bill_no = shop.runtime.block_on(shop.till().order(another)).unwrap();
    let bill = shop.until_state(&bill_no, State::Paid);
    assert_eq!(bill.another_by.as_deref(), Some("--another"));
}

fn the_played_customer_does_what_the_panel_wishes_and_what_is_asked_from_outside() {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    // From outside, for the next bill.
    shop.plan(Act::NoMoney, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Refused);
    // By the panel.
    let (act, network) = (Act::Never, Network::LoseAnswer);
    shop.send(Command::Practice { act, network });
    let bill_no = shop.charge(2000, Wallet::Alipay);
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(bill.state, State::Reverted);
    assert!(crate::harness::is_lost(&bill));
    // A wish for a bill that never started does not reach the next one.
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    let text = shop.fresh_code(Wallet::Alipay);
    shop.scan(&text, Some(3000));
    shop.until_said("not started", |s| matches!(s, Said::LedgerDown(_)));
    shop.until("the trouble", |s| s.health.ledger.clone());
    shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
    shop.until("the ledger is well", |s| {
        s.health.ledger.is_none().then_some(())
    });
    let (act, network) = (Act::Pay, Network::Normal);
    shop.send(Command::Practice { act, network });
    let bill_no = shop.charge(3000, Wallet::Alipay);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert!(!crate::harness::is_lost(&bill));
}

fn the_latest_are_the_newest_that_ended_and_today_counts_what_was_kept() {
    let mut shop = Shop::with(|s| s.payment.timing.barcode_deadline_s = 60);
    let mut paid = Vec::new();
    for i in 0..14 {
        let bill_no = shop.charge(100 + i, Wallet::Alipay);
        shop.until_state(&bill_no, State::Paid);
        paid.push(bill_no);
    }
    // Bills in progress take nobody's place.
    for i in 0..3 {
        shop.plan(Act::Never, Network::Normal);
        let bill_no = shop.charge(900 + i, Wallet::Alipay);
        shop.until_state(&bill_no, State::Awaiting);
        shop.send(Command::ServeNext);
    }
    paid.reverse();
    let latest = shop.until("twelve", |s| {
        (s.in_progress.len() == 3).then(|| s.latest.clone())
    });
    let latest: Vec<_> = latest.into_iter().map(|b| b.bill_no).collect();
    assert_eq!(latest, paid[..12]);
    let sum: i64 = (100..114).sum();
    let today = shop.snapshot().today;
    assert_eq!((today.count, today.sum.0), (14, sum));
}

fn a_practice_code_that_a_scanner_read_is_replaced() {
    let mut shop = Shop::build(|_| {}, true, Options::default());
    let code = shop.snapshot().practice.as_ref().unwrap().code.clone();
    let text = ScanText::new(code.clone());
    shop.staging(|s| s.scan(&text, Some(500)));
    shop.until("another code in the panel", |s| {
        s.practice.as_ref().filter(|p| p.code != code).map(|_| ())
    });
}
