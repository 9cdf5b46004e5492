//! The gateway's notices (PROTOCOL 2): one only makes the till ask sooner, and `success` is said
//! when the ledger has it.

use crate::harness::{PATIENCE, Shop, on_stage};
use crate::refunding::{order, paid, plan, refund};
use crate::scripted::{Asked, Script, row};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use shouyin::domain::bill::IncidentKind;
use shouyin::domain::config::{Settings, WebhookSettings};
use shouyin::domain::gateway::{Lost, PayOutcome, RevertOutcome, RowOutcome, StatusOutcome};
use shouyin::domain::practice::{Act, Network, RefundAct};
use shouyin::domain::reconcile::Scope;
use shouyin::domain::refund::RefundState;
use shouyin::domain::time::Day;
use shouyin::domain::{BillNo, Proof, State, Wallet};
use shouyin::till::hook::Heard;
use shouyin::till::service::{Desk, ReconcileProgress};
use shouyin::till::{Command, Notice};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

crate::rules! {
    a_true_notice_makes_it_ask_and_success_waits_for_the_ledger,
    a_notice_about_a_watched_or_unresolved_bill_makes_it_ask,
    what_is_forged_wrong_or_unknown_is_refused_and_nothing_is_asked,
    a_repeated_notice_is_done_at_once_without_asking,
    while_master_secret_is_sealed_a_notice_is_a_hint_asked_about_once_a_second,
    the_older_signature_counts_only_by_its_setting_and_without_the_newer_one,
    a_refunds_notice_makes_it_ask_and_waits_for_the_ledger,
    a_notice_that_lies_changes_nothing,
    a_notice_about_an_ended_bill_finds_the_contradiction_or_nothing,
    success_is_not_said_before_it_can_be_written,
    a_notice_may_come_before_the_pay_answer,
    notices_and_a_reconciliation_at_once_both_come_to_their_end,
    without_money_in_the_ledger_an_old_contradiction_is_no_success,
}

/// Asked once, and then not for a minute: only a notice makes the till ask.
fn sleepy(settings: &mut Settings) {
    let timing = &mut settings.payment.timing;
    timing.first_status_ms = 50;
    timing.status_interval_ms = 60_000;
    timing.barcode_deadline_s = 100;
    timing.qr_deadline_s = 100;
    timing.bill_timeout_s = 361;
}

fn legacy(settings: &mut Settings) {
    sleepy(settings);
    settings.webhook = Some(WebhookSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        legacy_sign: true,
    });
}

fn hex_md5(text: &str) -> String {
    let digest = Md5::digest(text);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// A notice as the documents have it, rightly signed.
pub fn notice(kind: &str, number: &str, fee: i64) -> Value {
    let signed = format!("practice{number}{kind}ALI{fee}practice-master");
    json!({
        "signature": hex_md5(&signed), "timestamp": 1_426_817_510_111_i64,
        "channel_type": "ALI", "channelType": "ALI",
        "sub_channel_type": "ALI_SCAN", "subChannelType": "ALI_SCAN",
        "transaction_type": kind, "transactionType": kind,
        "transaction_id": number, "transactionId": number,
        "transaction_fee": fee, "transactionFee": fee,
        "trade_success": true, "tradeSuccess": true,
        "message_detail": {"bc_appid": "practice"}, "optional": {}
    })
}

fn with(mut notice: Value, key: &str, value: Value) -> Value {
    notice[key] = value;
    notice
}

fn without(mut notice: Value, key: &str) -> Value {
    notice.as_object_mut().unwrap().remove(key);
    notice
}

/// Whatever is signed, wrongly.
pub fn forged(number: &str, fee: i64) -> Value {
    with(
        notice("PAY", number, fee),
        "signature",
        json!("0".repeat(32)),
    )
}

/// Only `sign`, as older versions send it.
fn older(number: &str, fee: i64) -> Value {
    let sign = hex_md5("practicepractice-app1426817510111");
    with(
        without(notice("PAY", number, fee), "signature"),
        "sign",
        json!(sign),
    )
}

fn hearing(shop: &Shop, notice: &Value) -> JoinHandle<Heard> {
    let heard = shop.till().hear(notice.to_string().into_bytes());
    shop.runtime.spawn(heard)
}

pub fn hear(shop: &Shop, notice: &Value) -> Heard {
    let heard = hearing(shop, notice);
    shop.runtime.block_on(heard).unwrap()
}

const DONE: Heard = Heard::Done("success");

/// A till whose gateway says what a switch tells it: paid, or not.
fn switched(script: Script, change: impl FnOnce(&mut Settings)) -> (Shop, Arc<Script>) {
    let mut shop = Shop::desk(change);
    shop.stop();
    let script = script.shared();
    shop.start_with(script.clone());
    shop.sign_in("2001");
    (shop, script)
}

fn switch() -> (Arc<AtomicBool>, impl Fn() -> bool + Clone + Send) {
    let paid = Arc::new(AtomicBool::new(false));
    let reads = Arc::clone(&paid);
    (paid, move || reads.load(Ordering::SeqCst))
}

/// The customer is to confirm; from the switch on the money is there.
fn waiting() -> (Arc<AtomicBool>, Script) {
    let (paid, is_paid) = switch();
    let rows = is_paid.clone();
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Waiting { channel_type: None })
        .status(move |_| match is_paid() {
            true => StatusOutcome::Paid,
            false => StatusOutcome::NotPaid,
        })
        .row(move |_| row(rows(), false, 1000));
    (paid, script)
}

fn questions(script: &Script) -> usize {
    script.count(Asked::Status) + script.count(Asked::Row)
}

/// A bill of ¥ 10 that was asked about once and waits.
fn awaiting(shop: &mut Shop, script: &Script) -> BillNo {
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    let end = Instant::now() + PATIENCE;
    while script.count(Asked::Status) == 0 {
        assert!(Instant::now() < end, "never asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    shop.settle_commands();
    bill_no
}

fn a_true_notice_makes_it_ask_and_success_waits_for_the_ledger() {
    // Over real HTTP, in each of the two spellings and in both.
    for spelling in ["both", "snake", "camel"] {
        let mut shop = Shop::desk(sleepy);
        shop.sign_in("2001");
        shop.plan(Act::Never, Network::Normal);
        let bill_no = shop.charge(1000, Wallet::Alipay);
        shop.until_state(&bill_no, State::Awaiting);
        std::thread::sleep(Duration::from_millis(300));
        shop.pay_now(&bill_no);
        let mut true_one = notice("PAY", bill_no.as_str(), 1000);
        true_one.as_object_mut().unwrap().retain(|key, _| {
            let camel = key.chars().any(char::is_uppercase);
            let snake = key.contains('_');
            match spelling {
                "snake" => !camel,
                "camel" => !snake,
                _ => true,
            }
        });
        let began = Instant::now();
        assert_eq!(hear(&shop, &true_one), DONE, "{spelling}");
        let bill = shop.bill(&bill_no);
        assert_eq!(bill.state, State::Paid, "it is in the file by then");
        assert_eq!(bill.proof, Some(Proof::Status), "by the gateway's own word");
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "sooner than it would have asked"
        );
        shop.until_state(&bill_no, State::Paid);
        assert_eq!(shop.announced(&bill_no, State::Paid), [true]);
    }
}

fn a_notice_about_a_watched_or_unresolved_bill_makes_it_ask() {
    let mut shop = Shop::desk(sleepy);
    shop.sign_in("2001");
    shop.plan(Act::Never, Network::Normal);
    let watched = shop.charge_qr(1000, Wallet::Wechat);
    shop.until_state(&watched, State::Awaiting);
    shop.send(Command::Cancel(watched.clone()));
    shop.until_state(&watched, State::Watching);
    shop.pay_now(&watched);
    assert_eq!(hear(&shop, &notice("PAY", watched.as_str(), 1000)), DONE);
    let bill = shop.bill(&watched);
    assert!(bill.state == State::Paid && bill.late, "{bill:#?}");

    let (paid, is_paid) = switch();
    let rows = is_paid.clone();
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Lost(Lost::Timeout))
        .status(move |_| match is_paid() {
            true => StatusOutcome::Paid,
            false => StatusOutcome::NoAnswer(Lost::Timeout),
        })
        .row(move |_| match rows() {
            true => row(true, false, 1000),
            false => RowOutcome::NoAnswer(Lost::Timeout),
        });
    let (mut shop, _) = switched(script, |s| s.payment.timing.barcode_deadline_s = 1);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Closing);
    shop.till().skip_time(3_700_000);
    shop.until_state(&bill_no, State::Unresolved);
    paid.store(true, Ordering::SeqCst);
    assert_eq!(hear(&shop, &notice("PAY", bill_no.as_str(), 1000)), DONE);
    assert_eq!(shop.bill(&bill_no).state, State::Paid);
}

fn what_is_forged_wrong_or_unknown_is_refused_and_nothing_is_asked() {
    let (money, script) = waiting();
    let (mut shop, script) = switched(script, sleepy);
    let bill_no = awaiting(&mut shop, &script);
    money.store(true, Ordering::SeqCst);
    let before = questions(&script);
    let number = bill_no.as_str();
    let true_one = || notice("PAY", number, 1000);
    let mut other = number.to_owned();
    other.replace_range(
        number.len() - 1..,
        if number.ends_with('A') { "B" } else { "A" },
    );
    let wrong = [
        ("forged", forged(number, 1000)),
        ("unsigned", without(true_one(), "signature")),
        ("short", with(true_one(), "signature", json!("0"))),
        ("another amount, rightly signed", notice("PAY", number, 999)),
        ("an unknown number", notice("PAY", &other, 1000)),
        ("no number of ours", notice("PAY", "../etc", 1000)),
        ("a refund of that number", notice("REFUND", number, 1000)),
        ("a payout", notice("TRANSFER", number, 1000)),
        (
            "spellings that differ",
            with(true_one(), "transactionFee", json!(1)),
        ),
        ("an amount as text", {
            let text = with(true_one(), "transaction_fee", json!("1000"));
            with(text, "transactionFee", json!("1000"))
        }),
        (
            "the older signature without its setting",
            older(number, 1000),
        ),
        ("no notice", json!([1, 2, 3])),
    ];
    for (what, notice) in wrong {
        assert_eq!(hear(&shop, &notice), Heard::Refused, "{what}");
    }
    let bodies: [&[u8]; 4] = [b"", b"{", b"null", &[0xff; 1000]];
    for body in bodies {
        let heard = shop.till().hear(body.to_vec());
        assert_eq!(shop.runtime.block_on(heard), Heard::Refused);
    }
    assert_eq!(questions(&script), before, "nothing was asked");
    assert_eq!(shop.bill(&bill_no).state, State::Awaiting);
    assert_eq!(hear(&shop, &true_one()), DONE, "the true one counts");
    assert!(questions(&script) > before);
}

fn a_repeated_notice_is_done_at_once_without_asking() {
    let (money, script) = waiting();
    let (mut shop, script) = switched(script, sleepy);
    let bill_no = awaiting(&mut shop, &script);
    money.store(true, Ordering::SeqCst);
    let true_one = notice("PAY", bill_no.as_str(), 1000);
    // Duplicates at once, too.
    let both = [hearing(&shop, &true_one), hearing(&shop, &true_one)];
    for one in both {
        assert_eq!(shop.runtime.block_on(one).unwrap(), DONE);
    }
    shop.until_bill(&bill_no, "its row read", |b| b.look.is_none());
    let before = questions(&script);
    for _ in 0..20 {
        assert_eq!(hear(&shop, &true_one), DONE);
    }
    assert_eq!(hear(&shop, &forged(bill_no.as_str(), 1000)), Heard::Refused);
    assert_eq!(questions(&script), before);
    shop.stop();
    shop.start_with(script.clone());
    assert_eq!(hear(&shop, &true_one), DONE, "after a restart, signed out");
    assert_eq!(questions(&script), before);
    assert_eq!(shop.announced(&bill_no, State::Paid), [false; 0]);
}

fn while_master_secret_is_sealed_a_notice_is_a_hint_asked_about_once_a_second() {
    for locked in [false, true] {
        let (money, script) = waiting();
        let (mut shop, script) = switched(script, sleepy);
        let bill_no = awaiting(&mut shop, &script);
        match locked {
            true => shop.send(Command::Lock),
            false => shop.sign_in("1001"),
        }
        shop.settle_commands();
        // It can't be told from a true one.
        let hint = forged(bill_no.as_str(), 1000);
        let before = script.count(Asked::Status);
        let began = Instant::now();
        let mut waiting = Vec::new();
        while began.elapsed() < Duration::from_millis(2_500) {
            waiting.push(hearing(&shop, &hint));
            std::thread::sleep(Duration::from_millis(50));
        }
        let most = usize::try_from(began.elapsed().as_secs()).unwrap() + 1;
        let asked = script.count(Asked::Status) - before;
        assert!(
            (1..=most).contains(&asked),
            "{asked} in {:?}",
            began.elapsed()
        );
        assert_eq!(
            shop.bill(&bill_no).state,
            State::Awaiting,
            "a hint proves nothing"
        );
        // Another number, another amount: not even a hint.
        assert_eq!(hear(&shop, &forged(bill_no.as_str(), 999)), Heard::Refused);
        money.store(true, Ordering::SeqCst);
        let mut done = 0;
        for one in waiting {
            match shop.runtime.block_on(one).unwrap() {
                DONE => done += 1,
                // Too many waited for the same already, or too long ago.
                Heard::NotYet => {}
                other => panic!("{other:?}"),
            }
        }
        // It comes again, as the gateway does.
        assert_eq!(hear(&shop, &hint), DONE, "{done} before");
        assert_eq!(shop.bill(&bill_no).state, State::Paid);
    }
}

fn the_older_signature_counts_only_by_its_setting_and_without_the_newer_one() {
    let (money, script) = waiting();
    let (mut shop, script) = switched(script, legacy);
    let bill_no = awaiting(&mut shop, &script);
    money.store(true, Ordering::SeqCst);
    let before = questions(&script);
    let old = || older(bill_no.as_str(), 1000);
    let refused = [
        with(old(), "signature", json!("0".repeat(32))),
        with(old(), "sign", json!("0".repeat(32))),
        with(old(), "timestamp", json!(1)),
        without(old(), "sign"),
        older(bill_no.as_str(), 1),
    ];
    for one in refused {
        assert_eq!(hear(&shop, &one), Heard::Refused, "{one}");
    }
    assert_eq!(questions(&script), before);
    // It needs no master_secret.
    shop.send(Command::Lock);
    assert_eq!(hear(&shop, &old()), DONE);
    assert_eq!(shop.bill(&bill_no).state, State::Paid);
}

fn a_refunds_notice_makes_it_ask_and_waits_for_the_ledger() {
    let mut shop = Shop::desk(|_| {});
    shop.sign_in("2001");
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    plan(&shop, RefundAct::Never, Network::Normal);
    let no = order(&shop, &bill_no, 400).unwrap();
    let number = no.as_str();
    let lie = hear(&shop, &notice("REFUND", number, 400));
    assert_eq!(lie, Heard::NotYet, "the gateway still works on it");
    assert_eq!(hear(&shop, &notice("REFUND", number, 401)), Heard::Refused);
    let forged = with(
        notice("REFUND", number, 400),
        "signature",
        json!("1".repeat(32)),
    );
    assert_eq!(hear(&shop, &forged), Heard::Refused);
    let now_ms = shop.sim.face().now_ms();
    let steered = shop
        .sim
        .core()
        .steer_refund(now_ms, number, RefundAct::AtOnce);
    steered.unwrap();
    // With master_secret sealed it is a hint, and that is enough.
    shop.sign_in("1001");
    assert_eq!(hear(&shop, &forged), DONE);
    assert_eq!(refund(&shop, &no).state, RefundState::Succeeded);
    assert_eq!(shop.bill(&bill_no).refunded.0, 400, "in the same record");
    shop.sign_in("2001");
    assert_eq!(hear(&shop, &notice("REFUND", number, 400)), DONE, "again");
    assert_eq!(hear(&shop, &forged), Heard::Refused, "it can be told now");
    // The bill's own number is no refund's.
    assert_eq!(
        hear(&shop, &notice("REFUND", bill_no.as_str(), 1000)),
        Heard::Refused
    );
}

fn a_notice_that_lies_changes_nothing() {
    let (_money, script) = waiting();
    let (mut shop, script) = switched(script, sleepy);
    let bill_no = awaiting(&mut shop, &script);
    let before = (shop.bill(&bill_no), questions(&script));
    assert_eq!(
        hear(&shop, &notice("PAY", bill_no.as_str(), 1000)),
        Heard::NotYet
    );
    let after = shop.bill(&bill_no);
    assert_eq!(after.state, State::Awaiting);
    assert_eq!(after.proof, None);
    assert!(!after.paid_seen && after.incident.is_none());
    assert!(questions(&script) > before.1, "it was asked about");
    assert_eq!(shop.snapshot().today.count, 0);
}

/// Ends a bill in this state; from the switch on its row says paid.
fn ended(state: State) -> (Shop, Arc<AtomicBool>, BillNo) {
    let (paid, is_paid) = switch();
    let rows = is_paid.clone();
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(move |_| match state {
            State::NotSent => PayOutcome::Unconnected {
                why: "no route".to_owned(),
            },
            State::Expired => PayOutcome::Code {
                code_url: "weixin://wxpay/bizpayurl?pr=1".to_owned(),
                gateway_no: None,
            },
            _ => PayOutcome::Waiting { channel_type: None },
        })
        .status(move |_| match is_paid() {
            true => StatusOutcome::Paid,
            false => StatusOutcome::NotPaid,
        })
        .revert(|_| RevertOutcome::Claimed)
        .row(move |_| match (rows(), state) {
            (true, _) => row(true, false, 1000),
            (false, State::Reverted) => row(false, true, 1000),
            (false, State::NotSent) => RowOutcome::Empty,
            (false, _) => row(false, false, 1000),
        });
    let (mut shop, _) = switched(script, |s| s.payment.timing.bill_timeout_s = 2);
    let bill_no = match state {
        State::Expired => shop.charge_qr(1000, Wallet::Wechat),
        _ => shop.charge(1000, Wallet::Alipay),
    };
    if state != State::NotSent {
        shop.until_state(&bill_no, State::Awaiting);
        shop.send(Command::Cancel(bill_no.clone()));
    }
    if state == State::Expired {
        shop.until_state(&bill_no, State::Watching);
        let end = Instant::now() + PATIENCE;
        while !shop.bill(&bill_no).state.is_terminal() {
            assert!(Instant::now() < end, "it never expires");
            shop.till().skip_time(31_000);
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    shop.until_state(&bill_no, state);
    shop.send(Command::ServeNext);
    shop.settle_commands();
    (shop, paid, bill_no)
}

fn a_notice_about_an_ended_bill_finds_the_contradiction_or_nothing() {
    for state in [State::Reverted, State::NotSent, State::Expired] {
        let (mut shop, paid, bill_no) = ended(state);
        let true_one = notice("PAY", bill_no.as_str(), 1000);
        assert_eq!(
            hear(&shop, &true_one),
            Heard::NotYet,
            "{state:?}: the gateway says unpaid"
        );
        let bill = shop.bill(&bill_no);
        assert!(bill.state == state && bill.incident.is_none(), "{bill:#?}");
        paid.store(true, Ordering::SeqCst);
        assert_eq!(hear(&shop, &true_one), DONE, "{state:?}");
        let bill = shop.bill(&bill_no);
        assert_eq!(bill.state, state, "I8: the state stays");
        let incident = bill.incident.expect("beside it").kind;
        assert_eq!(incident, IncidentKind::PaidAfterAll);
        assert_eq!(hear(&shop, &true_one), DONE, "again");
        shop.until("on the to-do list", |s| {
            crate::harness::is_listed(&s.to_do, &bill_no).then_some(())
        });
    }
}

/// A row of another amount stands beside a bill that was reverted: that is no word about money.
fn without_money_in_the_ledger_an_old_contradiction_is_no_success() {
    let rows = Arc::new(AtomicBool::new(false));
    let many = Arc::clone(&rows);
    let script = Script::new(&["http://127.0.0.1:1"])
        .pay(|_| PayOutcome::Waiting { channel_type: None })
        .status(|_| StatusOutcome::NotPaid)
        .revert(|_| RevertOutcome::Claimed)
        .row(move |_| match many.load(Ordering::SeqCst) {
            true => RowOutcome::Many(2),
            false => row(false, true, 1000),
        });
    let (mut shop, _) = switched(script, |_| {});
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_state(&bill_no, State::Reverted);
    rows.store(true, Ordering::SeqCst);
    assert_eq!(
        hear(&shop, &notice("PAY", bill_no.as_str(), 1000)),
        Heard::NotYet
    );
    let bill = shop.bill(&bill_no);
    assert!(bill.state == State::Reverted && !bill.counts_as_paid());
}

fn success_is_not_said_before_it_can_be_written() {
    let (money, script) = waiting();
    let (mut shop, script) = switched(script, sleepy);
    let bill_no = awaiting(&mut shop, &script);
    let true_one = notice("PAY", bill_no.as_str(), 1000);
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    shop.settle_commands();
    money.store(true, Ordering::SeqCst);
    let heard = hearing(&shop, &true_one);
    shop.until("网关已收款 · 本机未能记录", |s| {
        let staged = on_stage(s).filter(|b| b.unrecorded && b.state == State::Paid);
        staged.map(|_| ())
    });
    let unwritten = |n: &Notice| matches!(n, Notice::Unwritten(b) if b.state == State::Paid);
    assert!(shop.heard().iter().any(unwritten));
    assert_eq!(shop.bill(&bill_no).state, State::Awaiting, "the file");
    assert!(!heard.is_finished());
    assert_eq!(shop.runtime.block_on(heard).unwrap(), Heard::NotYet);
    // The gateway calls again, and meanwhile the disk has room.
    let again = hearing(&shop, &true_one);
    shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
    assert_eq!(shop.runtime.block_on(again).unwrap(), DONE);
    assert_eq!(shop.bill(&bill_no).state, State::Paid);
}

fn a_notice_may_come_before_the_pay_answer() {
    let (money, script) = waiting();
    let (mut shop, script) = switched(script.holding_pay(), sleepy);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.settle_commands();
    assert_eq!(shop.bill(&bill_no).state, State::Sent);
    money.store(true, Ordering::SeqCst);
    assert_eq!(hear(&shop, &notice("PAY", bill_no.as_str(), 1000)), DONE);
    assert_eq!(shop.bill(&bill_no).state, State::Paid);
    script.answer_pay();
    shop.until_bill(&bill_no, "its row read", |b| b.look.is_none());
    let bill = shop.bill(&bill_no);
    assert!(bill.state == State::Paid && bill.incident.is_none());
    assert_eq!(shop.announced(&bill_no, State::Paid).len(), 1);
    assert_eq!(script.count(Asked::Pay), 1);
}

fn notices_and_a_reconciliation_at_once_both_come_to_their_end() {
    let mut shop = Shop::desk(sleepy);
    shop.sign_in("2001");
    let mut bills = Vec::new();
    for n in 0..4 {
        shop.plan(Act::Never, Network::Normal);
        shop.send(Command::ServeNext);
        let bill_no = shop.charge(1000 + n, Wallet::Alipay);
        shop.until_state(&bill_no, State::Awaiting);
        bills.push((bill_no, 1000 + n));
    }
    let day = Day::of(shop.sim.face().now_ms());
    let scope = Scope {
        from_ms: day.start_ms(),
        to_ms: day.end_ms(),
        shift: None,
    };
    let started = shop.till().reconcile(scope);
    shop.runtime.block_on(started).unwrap();
    bills.iter().for_each(|(no, _)| shop.pay_now(no));
    let heard: Vec<_> = bills
        .iter()
        .map(|(no, fee)| hearing(&shop, &notice("PAY", no.as_str(), *fee)))
        .collect();
    for one in heard {
        assert_eq!(shop.runtime.block_on(one).unwrap(), DONE);
    }
    let view = shop.until("the reconciliation's end", |s| {
        let view = s.desk.reconcile.clone();
        view.filter(|v| v.progress != ReconcileProgress::Running)
    });
    assert_eq!(view.progress, ReconcileProgress::Finished);
    assert!(
        bills
            .iter()
            .all(|(no, _)| shop.bill(no).state == State::Paid)
    );
}
