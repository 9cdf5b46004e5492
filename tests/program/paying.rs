//! `shouyin pay` and `settle`, word by word of COUNTER, against a gateway that this program did
//! not write.

use crate::foreign::{Customer, Foreign, Op, Play, Send};
use crate::shop::{Done, PATIENT, QUICK, Shop, ali_code, signal, toml, wx_code};
use std::time::Duration;

fn code_answer(code: i64, detail: &str) -> Play {
    Play::say(
        200,
        &format!(r#"{{"result_code":{code},"result_msg":"X","err_detail":"{detail}"}}"#),
    )
}

#[test]
fn paid_prints_each_state_and_exits_0() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let done = shop
        .pay("12.34", &ali_code(), &["--note", "两瓶水"])
        .exits(0)
        .silent();
    assert_eq!(done.states(), ["sent", "paid"]);
    let paid = done.last();
    assert_eq!(
        (&paid["amount"], &paid["proof"]),
        (&1234.into(), &"pay".into())
    );
    assert!(paid.get("code_url").is_none());
    let no = paid["bill_no"].as_str().unwrap();
    assert_eq!(foreign.world().calls[0].fields["title"], "两瓶水");
    // I9: its row was read before the command ended.
    assert_eq!(
        (foreign.world().ops(Op::Bills), &shop.bill(no)["next_at"]),
        (1, &().into())
    );
    // Without --json: state bill_no amount.
    let args = ["pay", "--amount", "7", "--code-from", "-"];
    let done = shop
        .run_with(&args, &format!("{}\n", wx_code()))
        .exits(0)
        .silent();
    let last = shop.bills().pop().unwrap();
    let no = last["bill_no"].as_str().unwrap();
    assert_eq!(done.out, format!("sent {no} 7.00\npaid {no} 7.00\n"));
    foreign.assert_treated_well();
}

#[test]
fn a_password_is_waited_for() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::AtStatus(3);
    let shop = Shop::new(&foreign, PATIENT);
    let done = shop.pay("1.00", &ali_code(), &[]).exits(0).silent();
    assert_eq!(done.states(), ["sent", "awaiting", "paid"]);
    assert_eq!(done.last()["proof"], "status");
}

#[test]
fn refused_and_not_sent_say_why_and_exit_1() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|_| code_answer(5, "商户被冻结"));
    let done = shop
        .pay("1.00", &ali_code(), &[])
        .exits(1)
        .says(&["未扣款", "商户被冻结"]);
    assert_eq!(
        (done.states(), &done.last()["proof"]),
        (vec!["sent".into(), "refused".into()], &"refused".into())
    );
    foreign.world().honest();
    foreign.world().customer = Customer::NoMoney;
    let done = shop
        .pay("1.00", &ali_code(), &[])
        .exits(1)
        .says(&["未扣款", "余额不足"]);
    assert_eq!(done.states(), ["sent", "closing", "refused"]);
    drop(foreign);
    let done = shop
        .pay("1.00", &ali_code(), &[])
        .exits(1)
        .says(&["未扣款"]);
    assert_eq!(
        (done.states(), &done.last()["proof"]),
        (vec!["sent".into(), "not_sent".into()], &"connect".into())
    );
}

#[test]
fn pay_moves_to_the_next_host_while_nothing_was_sent() {
    let foreign = Foreign::start();
    let dead = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let servers = format!("http://{dead}\", \"{}", foreign.url());
    let shop = Shop::bare();
    shop.setup(&toml(&servers, QUICK)).exits(0);
    shop.pay("1.00", &ali_code(), &[]).exits(0);
    assert_eq!(foreign.world().ops(Op::Pay), 1);
    // Never once it may have arrived.
    foreign.world().script(|call| match call.op {
        Op::Pay => Play::lose_answer(),
        _ => Play::honest(),
    });
    shop.pay("2.00", &ali_code(), &[]).exits(0);
    assert_eq!(foreign.world().ops(Op::Pay), 2);
    foreign.assert_treated_well();
}

#[test]
fn a_qr_is_printed_with_its_code_once_it_may_be_shown() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::AtStatus(2);
    let shop = Shop::new(&foreign, PATIENT);
    for (wallet, channel) in [("ali", "ALI_OFFLINE_QRCODE"), ("wx", "WX_NATIVE")] {
        let done = shop
            .run(&["pay", "--amount", "1.00", "--qr", wallet, "--json"])
            .exits(0)
            .silent();
        assert_eq!(done.states(), ["sent", "awaiting", "paid"]);
        let awaiting = &done.json()[1];
        let no = awaiting["bill_no"].as_str().unwrap();
        assert_eq!(awaiting["code_url"], format!("https://qr.example/{no}"));
        assert_eq!(awaiting["channel"], channel);
    }
    let done = shop
        .run(&["pay", "--amount", "1.00", "--qr", "ali"])
        .exits(0);
    let states: Vec<_> = done
        .out
        .lines()
        .map(|l| l.split(' ').next().unwrap())
        .collect();
    assert_eq!(states, ["sent", "awaiting", "paid"]);
}

#[test]
fn a_signal_cancels_and_undoes() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    let shop = Shop::new(&foreign, PATIENT);
    for (name, amount) in [("INT", "1.00"), ("TERM", "2.00")] {
        let running = shop.paying(amount, &ali_code(), &[]);
        running.until("\"awaiting\"");
        signal(running.pid(), name);
        let done = shop.finish(running).exits(1);
        assert_eq!(done.states(), ["sent", "awaiting", "closing", "reverted"]);
        let no = done.last()["bill_no"].as_str().unwrap().to_owned();
        assert!(foreign.bill(&no).unwrap().reverted);
    }
    // A QR that was shown.
    let running = shop.start(&["pay", "--amount", "3.00", "--qr", "ali", "--json"], None);
    running.until("code_url");
    signal(running.pid(), "INT");
    assert_eq!(shop.finish(running).exits(1).last()["state"], "reverted");
    foreign.assert_treated_well();
}

#[test]
fn a_signal_while_the_answer_is_outstanding_undoes_it_too() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| match call.op {
        Op::Pay => Play {
            send: Send::Hang(Duration::from_secs(4)),
            ..Play::honest()
        },
        _ => Play::honest(),
    });
    foreign.world().customer = Customer::Never;
    let running = shop.paying("1.00", &ali_code(), &[]);
    running.until("\"sent\"");
    signal(running.pid(), "TERM");
    let done = shop.finish(running).exits(1);
    assert_eq!(done.last()["state"], "reverted");
    assert!(
        foreign
            .bill(done.last()["bill_no"].as_str().unwrap())
            .unwrap()
            .reverted
    );
}

#[test]
fn one_whom_nobody_pays_is_undone_at_its_deadline() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    let shop = Shop::new(&foreign, QUICK);
    let done = shop.pay("1.00", &ali_code(), &[]).exits(1);
    assert_eq!(done.states(), ["sent", "awaiting", "closing", "reverted"]);
    assert_eq!(done.last()["returned"], false);
}

fn one_that_cannot_be_reverted_is_watched_with_exit_3_until_it_has_expired() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    foreign.world().no_certificate = true;
    let shop = Shop::new(
        &foreign,
        &QUICK.replace("bill_timeout_s = 361", "bill_timeout_s = 2"),
    );
    let done = shop.pay("1.00", &ali_code(), &[]).exits(3);
    assert_eq!(done.last()["state"], "watching");
    // WX_NATIVE is never reverted at all.
    let running = shop.start(&["pay", "--amount", "2.00", "--qr", "wx", "--json"], None);
    running.until("code_url");
    signal(running.pid(), "INT");
    assert_eq!(shop.finish(running).exits(3).last()["state"], "watching");
    let one = shop.run(&["settle", "--for", "1"]).exits(3).silent();
    assert!(one.out.contains('2'), "{}", one.out);
    assert!(
        shop.bills().iter().all(|b| b["next_at"].is_i64()),
        "{:?}",
        shop.bills()
    );
    // Expired is looked at again two hours later (FATE 14, 16): settle has something left.
    let done = shop.run(&["settle", "--for", "40"]);
    let bills = shop.bills();
    assert!(
        bills
            .iter()
            .all(|b| b["state"] == "expired" && b["proof"] == "expired"),
        "{bills:?}"
    );
    assert!(bills.iter().all(|b| b["next_at"].is_i64()), "{bills:?}");
    done.exits(3);
    assert_eq!(
        foreign
            .world()
            .calls
            .iter()
            .filter(|c| c.op == Op::Revert && c.bill_no == bills[1]["bill_no"].as_str().unwrap())
            .count(),
        0
    );
}

#[test]
fn a_lost_answer_is_never_shown_as_failed() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let lost: Vec<Play> = vec![
        Play::lose_answer(),
        Play {
            send: Send::Truncated,
            ..Play::honest()
        },
        Play {
            send: Send::Hang(Duration::from_secs(3)),
            ..Play::honest()
        },
        Play::act_and_say(502, "<html>Bad Gateway</html>"),
        Play::act_and_say(200, "<html>login</html>"),
        Play::act_and_say(200, r#"{"result_code":"0","pay_result":true}"#),
        Play::act_and_say(200, r#"{"result_code":0,"pay_result":"true"}"#),
        Play::act_and_say(200, r#"{"result_code":0,"pay_result":1}"#),
        Play::act_and_say(200, r#"{"result_code":0}"#),
        Play::act_and_say(200, r#"{"result_code":14,"result_msg":"RUNTIME_ERROR"}"#),
        Play::act_and_say(200, r#"{"result_code":7,"err_detail":"SYSTEMERROR"}"#),
        Play::act_and_say(
            200,
            r#"{"result_code":17,"result_msg":"BILL_NO_DUPLICATE"}"#,
        ),
        Play::act_and_say(
            200,
            r#"{"result_code":4,"result_code":0,"pay_result":true}"#,
        ),
        Play::act_and_say(302, ""),
        Play::act_and_say(
            200,
            &format!("{}{{\"result_code\":0}}", " ".repeat(3_000_000)),
        ),
    ];
    for (n, play) in lost.into_iter().enumerate() {
        let said: String = format!("{play:?}").chars().take(200).collect();
        foreign.world().script(move |call| match call.op {
            Op::Pay => play.clone(),
            _ => Play::honest(),
        });
        let done = shop.pay(&format!("{}.10", n + 1), &ali_code(), &[]);
        assert_eq!(done.code, Some(0), "{said}: {done:?}");
        assert_eq!(
            (
                done.states().last().unwrap().as_str(),
                &done.last()["proof"]
            ),
            ("paid", &"status".into()),
            "{said}"
        );
    }
    foreign.assert_treated_well();
}

fn a_lost_request_is_not_sent_only_once_it_is_proven() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| match call.op {
        Op::Pay => Play::lose_request(),
        _ => Play::honest(),
    });
    let done = shop
        .pay("1.00", &ali_code(), &[])
        .exits(1)
        .says(&["未扣款"]);
    assert_eq!(done.last()["proof"], "unknown_at_gateway");
    // FATE 12: two empty lists 10 s apart, after guard end.
    let lasted =
        done.last()["ended_at"].as_i64().unwrap() - done.last()["created_at"].as_i64().unwrap();
    assert!(lasted >= 11_000, "{lasted}");
}

fn a_silent_gateway_ends_as_unresolved_with_exit_3_and_settle_goes_on() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| match call.op {
        Op::Pay => Play::lose_answer(),
        _ => Play::lose_request(),
    });
    let done = shop.pay("1.00", &ali_code(), &["--sale", "S-1"]).exits(3);
    assert_eq!(done.states(), ["sent", "awaiting", "closing", "unresolved"]);
    shop.run(&["settle", "--for", "1"]).exits(3).silent();
    assert_eq!(shop.bills()[0]["state"], "unresolved");
    assert!(shop.bills()[0]["next_at"].is_i64());
    // Another sale of the same amount asks first; the same sale follows the bill.
    shop.pay("1.00", &ali_code(), &[])
        .exits(2)
        .says(&["--another"]);
    foreign.world().honest();
    shop.settle().exits(0).silent();
    assert_eq!(shop.bills()[0]["state"], "paid");
    assert_eq!(foreign.world().ops(Op::Pay), 1);
}

#[test]
fn a_sale_that_is_paid_or_open_is_followed_and_never_paid_twice() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, PATIENT);
    let first = shop
        .pay("4.00", &ali_code(), &["--sale", "ORDER-1"])
        .exits(0)
        .last();
    let again = shop
        .pay("4.00", &ali_code(), &["--sale", "ORDER-1"])
        .exits(0)
        .silent();
    assert_eq!(again.states(), ["paid"]);
    assert_eq!(again.last()["bill_no"], first["bill_no"]);
    assert_eq!(foreign.world().ops(Op::Pay), 1);
    // Killed while it waits, and called again: the same bill, one pay.
    foreign.world().customer = Customer::Password(Duration::from_millis(1200));
    let running = shop.paying("5.00", &ali_code(), &["--sale", "ORDER-2"]);
    running.until("\"awaiting\"");
    signal(running.pid(), "KILL");
    let killed = shop.finish(running).last();
    let done = shop
        .pay("5.00", &ali_code(), &["--sale", "ORDER-2"])
        .exits(0)
        .silent();
    assert_eq!(done.last()["bill_no"], killed["bill_no"]);
    assert_eq!(done.states().last().unwrap(), "paid");
    // Two at a time: the second waits for the directory and then follows.
    let running = shop.paying("6.00", &ali_code(), &["--sale", "ORDER-3"]);
    running.until("\"sent\"");
    let second = shop
        .pay("6.00", &ali_code(), &["--sale", "ORDER-3", "--wait", "30"])
        .exits(0);
    assert_eq!(
        shop.finish(running).exits(0).last()["bill_no"],
        second.last()["bill_no"]
    );
    assert_eq!(foreign.world().ops(Op::Pay), 3);
    foreign.assert_treated_well();
}

#[test]
fn after_refused_not_sent_and_reverted_a_sale_gets_its_next_attempt() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let sale = ["--sale", "ORDER-9"];
    let code = ali_code();
    foreign
        .world()
        .script(|_| code_answer(3, "CHANNEL_INVALID"));
    let one = shop.pay("1.00", &code, &sale).exits(1).last();
    foreign.world().honest();
    foreign.world().customer = Customer::Never;
    // FATE 6: after Refused the same code may come again.
    let two = shop.pay("1.00", &code, &sale).exits(1).last();
    assert_eq!(two["state"], "reverted");
    // … and after Reverted never.
    shop.pay("1.00", &code, &sale)
        .exits(2)
        .says(&[two["bill_no"].as_str().unwrap()]);
    foreign.world().customer = Customer::AtOnce;
    let three = shop.pay("1.00", &ali_code(), &sale).exits(0).last();
    let bills = shop.bills();
    assert!(bills.iter().all(|b| b["sale"] == "ORDER-9"));
    assert_eq!(bills.len(), 3);
    assert_ne!(one["bill_no"], three["bill_no"]);
    shop.pay("2.00", &code, &[])
        .exits(2)
        .says(&[two["bill_no"].as_str().unwrap()]);
    assert_eq!(foreign.world().ops(Op::Pay), 3);
}

#[test]
fn the_same_amount_beside_an_unknown_bill_asks_first() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, PATIENT);
    foreign.world().script(|_| Play {
        kill_before: true,
        send: Send::Close,
        ..Play::honest()
    });
    let running = shop.paying("9.90", &ali_code(), &[]);
    foreign.victim(Some(running.pid()));
    assert_eq!(shop.finish(running).code, None);
    let open = shop.bills()[0]["bill_no"].as_str().unwrap().to_owned();
    // Everything stays unknown meanwhile.
    foreign.world().script(|call| match call.op {
        Op::Pay => Play::honest(),
        _ => Play::lose_request(),
    });
    let pays = foreign.world().ops(Op::Pay);
    shop.pay("9.90", &ali_code(), &[])
        .exits(2)
        .says(&[&open, "--another"]);
    assert_eq!(foreign.world().ops(Op::Pay), pays, "nothing was sent");
    shop.pay("9.91", &ali_code(), &[]).exits(0);
    shop.pay("9.90", &ali_code(), &["--another"]).exits(0);
    foreign.world().honest();
    shop.settle().exits(0);
    assert!(shop.bills().iter().all(|b| b["state"] == "paid"));
}

#[test]
fn a_code_that_is_none_is_refused_and_nothing_is_sent() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    for code in [
        "",
        " ",
        "28",
        "281234567890123",
        "2812345678901234a6",
        "1312345678901234567",
        "621234567890123456789",
        "6212345678901234567",
        "１３１２３４５６７８９０１２３４５６",
        "99123456789012345678",
        "281234567890123456\u{0}",
        "-1",
    ] {
        let done = shop.pay("1.00", code, &[]);
        let valid_once_cleaned = done.code == Some(0);
        assert!(!valid_once_cleaned, "{code:?}");
        let done = done.exits(2).says(&[]);
        assert!(
            code.trim().len() < 10 || !done.err.contains(code.trim()),
            "{}",
            done.err
        );
    }
    shop.pay("50000.01", &ali_code(), &[])
        .exits(2)
        .says(&["50000.00"]);
    assert!(foreign.world().calls.is_empty());
    assert!(shop.bills().is_empty());
}

#[test]
fn a_row_that_contradicts_is_an_incident_beside_paid() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| match call.op {
        Op::Bills => Play::act_and_say(
            200,
            &format!(
                r#"{{"result_code":0,"count":1,"bills":[{{"bill_no":"{}","total_fee":99,"spay_result":true,"revert_result":false,"refund_result":false}}]}}"#,
                call.bill_no
            ),
        ),
        _ => Play::honest(),
    });
    let done = shop.pay("1.00", &ali_code(), &[]).exits(0).says(&["0.99"]);
    assert_eq!(done.last()["state"], "paid");
    assert!(done.last()["incident"].is_string());
    assert!(
        shop.bills()[0]["incident"]
            .as_str()
            .unwrap()
            .contains("0.99")
    );
}

#[test]
fn settle_with_nothing_to_do_ends_at_once() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    shop.run(&["settle"]).exits(0).silent();
    assert!(foreign.world().calls.is_empty());
    foreign.world().customer = Customer::Never;
    // A signal ends settle; what is open stays open.
    foreign.world().script(|_| Play {
        kill_before: true,
        send: Send::Close,
        ..Play::honest()
    });
    let running = shop.paying("1.00", &ali_code(), &[]);
    foreign.victim(Some(running.pid()));
    shop.finish(running);
    foreign.world().script(|_| Play::lose_request());
    let running = shop.start(&["settle"], None);
    for _ in 0..3_000 {
        if foreign.world().calls.len() >= 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    signal(running.pid(), "TERM");
    let done: Done = shop.finish(running).exits(3).silent();
    assert!(done.out.contains('1'));
}

#[test]
fn with_the_clock_an_hour_off_work_goes_on_by_the_gateways_time() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    for (off_ms, amount) in [(3_600_000, "1.00"), (-3_600_000, "2.00")] {
        foreign.world().clock_off_ms = off_ms;
        let done = shop.pay(amount, &ali_code(), &[]).exits(0).silent();
        assert_eq!(done.states(), ["sent", "paid"]);
    }
    foreign.assert_treated_well();
    foreign.world().secret = "other".to_owned();
    foreign.world().clock_off_ms = 0;
    let done = shop
        .pay("3.00", &ali_code(), &[])
        .exits(1)
        .says(&["未扣款", "doctor"]);
    assert_eq!(done.states(), ["sent", "refused"]);
}

#[test]
fn killed_with_the_clock_an_hour_off_settle_still_finds_the_money() {
    let foreign = Foreign::start();
    foreign.world().clock_off_ms = 3_600_000;
    foreign.world().customer = Customer::Password(Duration::from_millis(1200));
    let shop = Shop::new(&foreign, PATIENT);
    let running = shop.paying("1.00", &ali_code(), &[]);
    running.until("\"awaiting\"");
    signal(running.pid(), "KILL");
    shop.finish(running);
    shop.settle().exits(0).silent();
    assert_eq!(shop.bills().pop().unwrap()["state"], "paid");
    foreign.assert_treated_well();
}

#[test]
fn the_same_order_from_many_callers_at_once_is_paid_once() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::AtStatus(2);
    let shop = Shop::new(&foreign, PATIENT);
    let more = ["--sale", "ORDER-1", "--wait", "60"];
    let callers: Vec<_> = (0..5)
        .map(|_| shop.paying("3.00", &ali_code(), &more))
        .collect();
    let ends: Vec<Done> = callers
        .into_iter()
        .map(|c| shop.finish(c).exits(0))
        .collect();
    let numbers: std::collections::BTreeSet<String> = ends
        .iter()
        .map(|d| d.last()["bill_no"].to_string())
        .collect();
    assert_eq!((numbers.len(), foreign.world().ops(Op::Pay)), (1, 1));
    // Without an order number each is a sale of its own, and only one has the directory.
    let callers: Vec<_> = (0..5)
        .map(|n| shop.paying(&format!("{n}.11"), &ali_code(), &[]))
        .collect();
    let ends: Vec<Done> = callers.into_iter().map(|c| shop.finish(c)).collect();
    let paid = ends.iter().filter(|d| d.code == Some(0)).count();
    assert!(
        ends.iter().all(|d| matches!(d.code, Some(0 | 4))),
        "{ends:?}"
    );
    assert_eq!(foreign.world().ops(Op::Pay), 1 + paid);
}

#[test]
fn a_qr_that_cannot_be_shown_is_undone() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    let shop = Shop::new(&foreign, QUICK);
    let args = ["pay", "--amount", "1.00", "--qr", "ali", "--json"];
    let long = format!(r#"{{"result_code":0,"code_url":"{}"}}"#, "x".repeat(5000));
    for body in [
        long.as_str(),
        r#"{"result_code":0,"code_url":""}"#,
        r#"{"result_code":0}"#,
    ] {
        let body = body.to_owned();
        foreign.world().script(move |call| match call.op {
            Op::Pay => Play::act_and_say(200, &body),
            _ => Play::honest(),
        });
        let done = shop.run(&args).exits(1);
        assert_eq!(done.last()["state"], "reverted");
        assert!(!done.out.contains("code_url"), "{}", done.out);
    }
    // One that comes after the cancel (FATE 8).
    foreign.world().script(|call| match call.op {
        Op::Pay => Play {
            send: Send::Late(Duration::from_millis(1200)),
            ..Play::honest()
        },
        _ => Play::honest(),
    });
    let running = shop.start(&args, None);
    running.until("\"sent\"");
    signal(running.pid(), "TERM");
    let done = shop.finish(running).exits(1);
    assert_eq!(done.last()["state"], "reverted");
    assert!(!done.out.contains("code_url"), "{}", done.out);
    foreign.assert_treated_well();
}

#[test]
fn one_who_pays_just_before_the_revert_gets_it_back() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::AtRevert;
    let shop = Shop::new(&foreign, QUICK);
    let done = shop.pay("1.00", &ali_code(), &[]).exits(1);
    assert_eq!(done.last()["state"], "reverted");
    assert_eq!(done.last()["returned"], true);
    assert!(
        foreign
            .bill(done.last()["bill_no"].as_str().unwrap())
            .unwrap()
            .paid
    );
}

fn without_a_witness_reverted_is_looked_at_again() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| match call.op {
        Op::Bills => Play::say(200, r#"{"result_code":0,"bills":[],"count":0}"#),
        _ => Play::honest(),
    });
    let done = shop.pay("1.00", &ali_code(), &[]).exits(1);
    assert_eq!(done.last()["proof"], "no_witness");
    let due = shop.bills()[0]["next_at"].as_i64().unwrap();
    assert!(due - done.last()["ended_at"].as_i64().unwrap() >= 590_000);
    shop.run(&["settle", "--for", "1"]).exits(3).silent();
}

/// These wait for proofs that stand 10 to 60 s apart: all at the same time. A failure is named by
/// its thread.
#[test]
fn slow_ends_each_keep_their_rule() {
    let rules: [(&str, fn()); 4] = [
        (
            "one_that_cannot_be_reverted_is_watched_with_exit_3_until_it_has_expired",
            one_that_cannot_be_reverted_is_watched_with_exit_3_until_it_has_expired,
        ),
        (
            "a_lost_request_is_not_sent_only_once_it_is_proven",
            a_lost_request_is_not_sent_only_once_it_is_proven,
        ),
        (
            "a_silent_gateway_ends_as_unresolved_with_exit_3_and_settle_goes_on",
            a_silent_gateway_ends_as_unresolved_with_exit_3_and_settle_goes_on,
        ),
        (
            "without_a_witness_reverted_is_looked_at_again",
            without_a_witness_reverted_is_looked_at_again,
        ),
    ];
    let running: Vec<_> = rules
        .into_iter()
        .map(|(name, rule)| {
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(rule)
                .unwrap()
        })
        .collect();
    for rule in running {
        if let Err(panic) = rule.join() {
            std::panic::resume_unwind(panic);
        }
    }
}
