//! `shouyin refund` from outside: the real binary against a gateway that shares nothing with it
//! (COUNTER: commands; FATE 20 to 22).

use crate::foreign::{Foreign, Op, Play, Send, Wallet};
use crate::shop::{
    Done, MANAGER_PIN, MASTER_SECRET, PATIENT, PIN, QUICK, Shop, ali_code, signal, toml,
};
use std::time::{Duration, Instant};

/// A shop with a bill of ¥ 10 that was paid by Alipay.
fn paid(foreign: &Foreign) -> (Shop, String) {
    let shop = Shop::new(foreign, PATIENT);
    let bill_no = pay(&shop);
    (shop, bill_no)
}

fn pay(shop: &Shop) -> String {
    let paid = shop.pay("10.00", &ali_code(), &[]).exits(0);
    paid.last()["bill_no"].as_str().unwrap().to_owned()
}

fn args<'a>(bill_no: &'a str, amount: &'a str, approver: &'a str) -> [&'a str; 8] {
    [
        "refund",
        "--bill-no",
        bill_no,
        "--amount",
        amount,
        "--approver",
        approver,
        "--json",
    ]
}

/// The manager's refund.
fn refund(shop: &Shop, bill_no: &str, amount: &str) -> Done {
    let pin = format!("{MANAGER_PIN}\n");
    shop.run_with(&args(bill_no, amount, "2001"), &pin)
}

#[track_caller]
fn assert_treated_well(shop: &Shop, foreign: &Foreign) {
    foreign.assert_treated_well();
    shop.assert_chain();
    let said = shop.said.lock().unwrap();
    for secret in [MANAGER_PIN, MASTER_SECRET] {
        assert!(!said.contains(secret), "a secret was printed");
    }
    for file in crate::shop::files(&shop.dir) {
        let bytes = std::fs::read(&file).unwrap();
        let holds = |secret: &str| bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
        assert!(!holds(MANAGER_PIN) && !holds(MASTER_SECRET), "{file:?}");
    }
}

#[test]
fn a_part_then_the_rest_is_refunded_and_a_third_is_refused_with_exit_1() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    let first = refund(&shop, &bill_no, "4.00").exits(0).silent();
    assert_eq!(first.states(), ["sent", "succeeded"]);
    let last = first.last();
    assert_eq!(last["bill_no"], bill_no.as_str());
    assert_eq!(
        (last["refund_fee"].as_i64(), last["proof"].as_str()),
        (Some(400), Some("answer"))
    );
    assert!(last["refund_no"].as_str().unwrap().len() >= 11);
    assert_eq!(shop.bill(&bill_no)["refunded"], 400);
    refund(&shop, &bill_no, "6.01").exits(1).says(&["6.00"]);
    refund(&shop, &bill_no, "6.00").exits(0);
    refund(&shop, &bill_no, "0.01")
        .exits(1)
        .says(&["没有退款", "已经全部退完"]);
    let bill = shop.bill(&bill_no);
    assert_eq!(
        (bill["refunded"].as_i64(), bill["state"].as_str()),
        (Some(1000), Some("paid"))
    );
    assert!(bill["incident"].is_null(), "{bill}");
    assert_eq!(foreign.world().taken(&bill_no), 1000);
    assert_treated_well(&shop, &foreign);
}

#[test]
fn without_json_each_state_is_a_line() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    let plain = &args(&bill_no, "4.00", "2001")[..7];
    let done = shop.run_with(plain, &format!("{MANAGER_PIN}\n")).exits(0);
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", done.out);
    let words: Vec<&str> = lines[1].split(' ').collect();
    assert_eq!((words[0], words[2]), ("succeeded", "4.00"));
}

#[test]
fn only_a_managers_right_pin_refunds() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    let cashier = shop.run_with(&args(&bill_no, "1.00", "1001"), &format!("{PIN}\n"));
    cashier.exits(1).says(&["没有退款", "店长"]);
    let wrong = shop.run_with(&args(&bill_no, "1.00", "2001"), "0000\n");
    wrong.exits(1).says(&["没有退款", "密码不对"]);
    let nobody = shop.run_with(&args(&bill_no, "1.00", "9999"), "0000\n");
    nobody.exits(1).says(&["没有退款"]);
    assert_eq!(foreign.world().ops(Op::Refund), 0);
    assert_eq!(foreign.world().taken(&bill_no), 0);
}

#[test]
fn a_wrong_call_is_exit_2_and_opens_nothing() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    let pin = format!("{MANAGER_PIN}\n");
    for amount in ["0", "-1", "1.234", "x"] {
        let amount = format!("--amount={amount}");
        let call = [
            "refund",
            "--bill-no",
            &bill_no,
            &amount,
            "--approver",
            "2001",
        ];
        shop.run_with(&call, &pin).exits(2);
    }
    shop.run_with(&args("12", "1.00", "2001"), &pin)
        .exits(2)
        .says(&["--bill-no"]);
    shop.run_with(&args(&bill_no, "1.00", "2001"), "")
        .exits(2)
        .says(&["密码"]);
    let blank = [&args(&bill_no, "1.00", "2001")[..], &["--reason", " "]].concat();
    shop.run_with(&blank, &pin).exits(2).says(&["--reason"]);
    let bare = Shop::bare();
    let call = args(&bill_no, "1.00", "2001");
    bare.run_with(&call, &pin).exits(2).says(&["--practice"]);
    assert_eq!(foreign.world().ops(Op::Refund), 0);
}

#[test]
fn above_a_limit_the_command_refuses_and_names_the_window() {
    let foreign = Foreign::start();
    let shop = Shop::bare();
    let limits = "[refund]\nmax_per_refund = \"5.00\"\n[[staff]]";
    let limited = toml(&foreign.url(), PATIENT).replacen("[[staff]]", limits, 1);
    shop.setup(&limited).exits(0);
    let bill_no = pay(&shop);
    refund(&shop, &bill_no, "5.01")
        .exits(1)
        .says(&["5.00", "窗口"]);
    assert_eq!(foreign.world().ops(Op::Refund), 0);
    refund(&shop, &bill_no, "5.00").exits(0);
}

#[test]
fn a_bill_of_another_till_is_refunded_and_one_that_nobody_has_is_not() {
    let foreign = Foreign::start();
    let (_first, bill_no) = paid(&foreign);
    let second = Shop::bare();
    let other = toml(&foreign.url(), PATIENT).replace("till = \"01\"", "till = \"02\"");
    second.setup(&other).exits(0);
    let done = refund(&second, &bill_no, "10.00").exits(0);
    assert_eq!(done.last()["state"], "succeeded");
    let nobodys = refund(&second, "2026010101000001ABCDEFGH", "1.00");
    nobodys.exits(1).says(&["没有这张账单"]);
    assert_treated_well(&second, &foreign);
}

#[test]
fn a_lost_answer_is_found_again() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    foreign.world().script(|call| match call.op {
        Op::Refund => Play::lose_answer(),
        _ => Play::honest(),
    });
    let done = refund(&shop, &bill_no, "4.00").exits(0);
    assert_eq!(done.last()["proof"], "row");
    assert_eq!(shop.bill(&bill_no)["refunded"], 400);
    assert_eq!(foreign.world().ops(Op::Refund), 1, "sent once");
    assert_treated_well(&shop, &foreign);
}

#[test]
fn a_refused_refund_is_exit_1_and_says_why() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    let body = r#"{"result_code":5,"result_msg":"PARAM_INVALID","err_detail":"refund_no"}"#;
    foreign.world().script(move |call| match call.op {
        Op::Refund => Play::say(200, body),
        _ => Play::honest(),
    });
    let done = refund(&shop, &bill_no, "4.00")
        .exits(1)
        .says(&["没有退款", "5"]);
    assert_eq!(done.states(), ["sent", "refused"]);
    assert_eq!(done.last()["proof"], "refused");
    foreign.world().honest();
    foreign.world().wallet = Wallet::Fails;
    let done = refund(&shop, &bill_no, "4.00").exits(1);
    assert_eq!(done.states().last().map(String::as_str), Some("failed"));
    assert_eq!(shop.bill(&bill_no)["refunded"], 0);
}

#[test]
fn what_is_processing_is_exit_3_and_settle_goes_on_with_it() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    foreign.world().wallet = Wallet::Never;
    let done = refund(&shop, &bill_no, "4.00")
        .exits(3)
        .says(&["请勿再退", "settle"]);
    assert_eq!(done.last()["state"], "processing");
    assert!(done.last()["next_at"].is_i64());
    refund(&shop, &bill_no, "1.00")
        .exits(1)
        .says(&["还没有结果"]);
    for back in &mut foreign.world().backs {
        (back.finish, back.result) = (true, true);
    }
    shop.settle().exits(0);
    assert_eq!(shop.bill(&bill_no)["refunded"], 400);
    assert_treated_well(&shop, &foreign);
}

#[test]
fn a_gateway_that_says_nothing_refunds_nothing() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    foreign.world().script(|call| match call.op {
        Op::Refunds => Play::say(502, "<html>"),
        _ => Play::honest(),
    });
    refund(&shop, &bill_no, "4.00")
        .exits(1)
        .says(&["没有退款", "没有回答"]);
    assert_eq!(foreign.world().ops(Op::Refund), 0);
}

#[test]
fn an_interrupt_says_that_nothing_can_be_undone_and_exits_3() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    foreign.world().script(|call| match call.op {
        Op::Refund => Play {
            send: Send::Hang(Duration::from_secs(30)),
            ..Play::honest()
        },
        _ => Play::honest(),
    });
    let call = args(&bill_no, "4.00", "2001");
    let running = shop.start(&call, Some(&format!("{MANAGER_PIN}\n")));
    running.until("sent");
    signal(running.pid(), "INT");
    let done = shop.finish(running);
    done.exits(3).says(&["不能撤回"]);
    foreign.world().honest();
    shop.settle().exits(0);
    let taken = foreign.world().taken(&bill_no);
    assert_eq!(shop.bill(&bill_no)["refunded"].as_i64(), Some(taken));
}

#[test]
fn a_running_till_keeps_the_directory() {
    let foreign = Foreign::start();
    let (shop, bill_no) = paid(&foreign);
    foreign.world().script(|call| match call.op {
        Op::Refund => Play {
            send: Send::Late(Duration::from_secs(1)),
            ..Play::honest()
        },
        _ => Play::honest(),
    });
    let call = args(&bill_no, "4.00", "2001");
    let first = shop.start(&call, Some(&format!("{MANAGER_PIN}\n")));
    first.until("sent");
    refund(&shop, &bill_no, "4.00").exits(4);
    let call = [&call[..], &["--wait", "60"]].concat();
    let waits = shop.run_with(&call, &format!("{MANAGER_PIN}\n"));
    shop.finish(first).exits(0);
    waits.exits(0);
    assert_eq!(foreign.world().taken(&bill_no), 800);
    assert_treated_well(&shop, &foreign);
}

/// More requests than any of these refunds makes.
const MOST: usize = 14;

/// What the gateway gave back once the request that killed the program is dealt with: it may act
/// a moment after the program's death.
fn taken_in_the_end(foreign: &Foreign, bill_no: &str, k: usize, acts: bool) -> i64 {
    let last = |c: &&crate::foreign::Call| c.nth == k;
    let op = foreign.world().calls.iter().rfind(last).map(|c| c.op);
    let until = Instant::now() + crate::shop::LONG;
    while acts && op == Some(Op::Refund) && foreign.world().taken(bill_no) == 0 {
        assert!(Instant::now() < until, "the gateway never acted");
        std::thread::sleep(Duration::from_millis(5));
    }
    foreign.world().taken(bill_no)
}

/// The program dies at the k-th request of a refund; afterwards `settle` brings its ledger to what
/// the gateway's says, and the gateway never gave back more than once.
fn killed_at_every_request(play: impl Fn() -> Play, wallet: Wallet) {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    for k in 1..=MOST {
        foreign.victim(None);
        foreign.world().honest();
        let bill_no = pay(&shop);
        let doomed = play();
        let acts = doomed.act;
        foreign.world().wallet = wallet;
        foreign.world().script(move |call| match call.nth == k {
            true => doomed.clone(),
            false => Play::honest(),
        });
        let call = args(&bill_no, "4.00", "2001");
        let running = shop.start(&call, Some(&format!("{MANAGER_PIN}\n")));
        foreign.victim(Some(running.pid()));
        let done = shop.finish(running);
        foreign.victim(None);
        foreign.world().honest();
        if done.code.is_some() {
            assert!(k > 3, "row, refunds and refund come first: {done:?}");
            break;
        }
        let taken = taken_in_the_end(&foreign, &bill_no, k, acts);
        // What never arrived is looked for as long as FATE 21 says; what did is found at once.
        let settled = shop.run(&["settle", "--for", if taken > 0 { "60" } else { "3" }]);
        let here = shop.bill(&bill_no)["refunded"].as_i64();
        assert_eq!(here, Some(taken), "killed at request {k}: {settled:?}");
        assert!(taken == 0 || taken == 400);
        assert_treated_well(&shop, &foreign);
    }
}

#[test]
fn killed_between_every_two_requests_a_refund_goes_out_once() {
    killed_at_every_request(
        || Play {
            kill_before: true,
            send: Send::Close,
            ..Play::honest()
        },
        Wallet::AfterLooks(4),
    );
}

#[test]
fn killed_after_every_answer_a_refund_goes_out_once() {
    killed_at_every_request(
        || Play {
            send: Send::AnswerThenKill,
            ..Play::honest()
        },
        Wallet::AtOnce,
    );
}

#[test]
fn killed_before_it_arrived_a_refund_is_never_called_done() {
    killed_at_every_request(
        || Play {
            kill_before: true,
            act: false,
            send: Send::Close,
            ..Play::honest()
        },
        Wallet::AtOnce,
    );
}
