//! The commands' calls: arguments, directories, locks, filters, exit codes and error lines.

use crate::foreign::{Customer, Foreign, Play};
use crate::shop::{
    PATIENT, QUICK, Running, Shop, Simulator, ali_code, run, shouyin, signal, wx_code,
};
use serde_json::Value;
use std::time::Duration;

#[test]
fn a_wrong_call_is_one_line_and_exit_2() {
    let cases: &[(&[&str], &str)] = &[
        (&["pey"], "pey"),
        (&["pay"], "--amount"),
        (&["pay", "--amount", "1.00"], "--code-from"),
        (&["pay", "--amount", "1.00", "--qr", "paypal"], "--qr"),
        (
            &["pay", "--amount", "1.00", "--qr", "ali", "--code-from", "-"],
            "--",
        ),
        (
            &["pay", "--amount", "1.00", "--code-from", "file"],
            "--code-from",
        ),
        (&["pay", "--amount", "0", "--qr", "ali"], "--amount"),
        (&["pay", "--amount", "-1", "--qr", "ali"], "-1"),
        (&["pay", "--amount", "1.234", "--qr", "ali"], "--amount"),
        (&["pay", "--amount", "1,000", "--qr", "ali"], "--amount"),
        (
            &["pay", "--amount", "1.00", "--qr", "ali", "--sale", ""],
            "--sale",
        ),
        (
            &["pay", "--amount", "1.00", "--qr", "ali", "--wait", "soon"],
            "--wait",
        ),
        (&["bills", "--state", "lost"], "--state"),
        (&["bills", "--since", "yesterday"], "--since"),
        (&["bills", "--since", "2026-02-30"], "--since"),
        (&["bills", "--bill-no", "!!"], "--bill-no"),
        (&["settle", "--for", "ever"], "--for"),
        (&["audit", "mend"], "mend"),
        (&["audit"], "audit"),
        (&["simulator"], "--listen"),
        (&["simulator", "--listen", "nowhere"], "--listen"),
        (
            &["simulator", "--listen", "127.0.0.1:0", "--customer", "rich"],
            "--customer",
        ),
        (&["doctor", "--now"], "--now"),
        (&["bills", "--data-dir", ""], "--data-dir"),
    ];
    let temp = tempfile::tempdir().unwrap();
    for (args, part) in cases {
        let mut command = shouyin(args);
        command.env("SHOUYIN_DATA_DIR", temp.path().join("none"));
        let done = Running::start(command, Some("281234567890123456\n")).wait();
        let done = done.exits(2).says(&[part]);
        assert_eq!(done.out, "", "{args:?}");
    }
    assert!(!temp.path().join("none").exists());
}

#[test]
fn a_code_in_the_wrong_place_is_not_echoed() {
    let code = ali_code();
    for args in [
        vec!["pay", "--amount", "1.00", code.as_str()],
        vec!["pay", "--amount", code.as_str(), "--qr", "ali"],
        vec!["pay", "--amount", "1.00", "--code-from", code.as_str()],
        vec!["pay", "--amount", "1.00", "--qr", code.as_str()],
        vec![code.as_str()],
    ] {
        let done = run(&args).exits(2).says(&[]);
        assert!(!done.err.contains(&code), "{}", done.err);
    }
}

#[test]
fn help_and_version_are_printed_whole() {
    for args in [
        &["--help"][..],
        &["pay", "--help"],
        &["audit", "--help"],
        &["--version"],
    ] {
        let done = run(args).exits(0).silent();
        assert!(!done.out.trim().is_empty());
    }
    assert!(run(&["--help"]).out.contains("simulator"));
}

#[test]
fn without_config_pay_and_settle_do_not_fall_back_to_practice() {
    let shop = Shop::bare();
    for args in [&["pay", "--amount", "1.00", "--qr", "ali"][..], &["settle"]] {
        shop.run(args)
            .exits(2)
            .says(&["shouyin setup", "--practice"]);
    }
    // Before it waits for a code.
    let mut command = shop.command(&["pay", "--amount", "1.00", "--code-from", "-"]);
    command.stdin(std::process::Stdio::piped());
    shop.finish(Running::start(command, None)).exits(2);
    assert!(!shop.dir.exists(), "nothing is made");
    // Reading needs nothing.
    let done = shop.run(&["bills", "--json"]).exits(0).silent();
    assert_eq!(done.out, "");
    shop.run(&["audit", "verify"]).exits(0).silent();
    shop.run(&["doctor"]).exits(0).silent();
    assert!(!shop.dir.exists(), "nothing is made");
}

#[test]
fn without_a_display_the_terminal_is_one_line_and_exit_2() {
    let shop = Shop::bare();
    shop.run(&[]).exits(2).says(&[]);
}

#[test]
fn the_directory_comes_before_or_after_the_command_or_from_the_environment() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let no = shop.pay("5.00", &ali_code(), &[]).exits(0).last()["bill_no"].to_string();
    let dir = shop.dir();
    for args in [
        &["--data-dir", dir, "bills", "--json"][..],
        &["bills", "--data-dir", dir, "--json"],
        &["bills", "--json", "--data-dir", dir],
    ] {
        assert!(run(args).exits(0).silent().out.contains(&no), "{args:?}");
    }
    let mut command = shouyin(&["bills", "--json"]);
    command.env("SHOUYIN_DATA_DIR", dir);
    assert!(
        Running::start(command, None)
            .wait()
            .exits(0)
            .out
            .contains(&no)
    );
    // The argument wins; practice is another folder.
    let mut command = shouyin(&["bills", "--json", "--data-dir", "elsewhere"]);
    command
        .env("SHOUYIN_DATA_DIR", dir)
        .current_dir(shop.temp.path());
    assert_eq!(Running::start(command, None).wait().exits(0).out, "");
    for args in [
        &["--practice", "bills", "--json"][..],
        &["bills", "--json", "--practice"],
    ] {
        assert_eq!(shop.run(args).exits(0).silent().out, "");
    }
    // A relative directory.
    let mut command = shouyin(&["bills", "--json", "--data-dir", "data"]);
    command.current_dir(shop.temp.path());
    assert!(
        Running::start(command, None)
            .wait()
            .exits(0)
            .out
            .contains(&no)
    );
}

#[test]
fn one_till_a_directory_and_reading_never_waits() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    let shop = Shop::new(&foreign, PATIENT);
    let first = shop.paying("8.00", &ali_code(), &[]);
    first.until("\"awaiting\"");
    let calls = foreign.world().ops(crate::foreign::Op::Pay);
    shop.pay("9.00", &ali_code(), &[])
        .exits(4)
        .says(&["--wait", shop.dir()]);
    shop.run(&["settle", "--for", "1"])
        .exits(4)
        .says(&["--wait"]);
    assert_eq!(foreign.world().ops(crate::foreign::Op::Pay), calls);
    // Reading goes on beside it.
    assert_eq!(shop.bills()[0]["state"], "awaiting");
    shop.assert_chain();
    let doctor = shop.run(&["doctor"]).exits(0).silent();
    assert!(doctor.out.contains("ok ledger"), "{}", doctor.out);
    // One that waits gets its turn.
    let second = shop.paying("9.00", &ali_code(), &["--wait", "60"]);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(second.out(), "");
    foreign.world().customer = Customer::AtOnce;
    signal(first.pid(), "TERM");
    assert_eq!(shop.finish(first).exits(1).last()["state"], "reverted");
    assert_eq!(shop.finish(second).exits(0).last()["state"], "paid");
}

#[test]
fn bills_prints_what_the_documents_name_and_filters() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    shop.pay("1.00", &ali_code(), &["--sale", "A-1"]).exits(0);
    foreign
        .world()
        .script(|_| Play::say(200, r#"{"result_code":4,"result_msg":"MISS_PARAM"}"#));
    shop.pay("2.00", &wx_code(), &["--sale", "A-2"]).exits(1);
    foreign.world().honest();
    foreign.world().customer = Customer::Never;
    shop.pay("3.00", &ali_code(), &["--sale", "A-3"]).exits(1);
    let bills = shop.bills();
    let names = [
        "amount",
        "bill_no",
        "channel",
        "created_at",
        "ended_at",
        "incident",
        "next_at",
        "proof",
        "refunded",
        "returned",
        "sale",
        "state",
    ];
    for bill in &bills {
        let mut keys: Vec<&str> = bill
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, names);
        assert!(bill["created_at"].as_i64().unwrap() > 1_700_000_000_000);
        assert!(bill["ended_at"].as_i64().unwrap() >= bill["created_at"].as_i64().unwrap());
        assert_eq!(
            (&bill["returned"], &bill["refunded"]),
            (&Value::from(false), &Value::from(0))
        );
        assert!(
            bill["incident"].is_null() && bill["next_at"].is_null(),
            "{bill}"
        );
    }
    let rows: Vec<_> = bills
        .iter()
        .map(|b| ["sale", "channel", "state", "proof"].map(|k| b[k].as_str().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [
            ["A-1", "ALI_SCAN", "paid", "pay"],
            ["A-2", "WX_SCAN", "refused", "refused"],
            ["A-3", "ALI_SCAN", "reverted", "reverted"],
        ],
        "oldest first"
    );
    let amounts: Vec<_> = bills
        .iter()
        .map(|b| b["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(amounts, [100, 200, 300]);

    let count = |args: &[&str]| {
        let args = [&["bills", "--json"], args].concat();
        shop.run(&args).exits(0).silent().json().len()
    };
    assert_eq!(count(&["--state", "paid"]), 1);
    assert_eq!(count(&["--state", "awaiting"]), 0);
    assert_eq!(count(&["--since", "2020-01-01"]), 3);
    assert_eq!(
        count(&["--since", "2020-01-01T00:00:00+08:00", "--state", "refused"]),
        1
    );
    assert_eq!(count(&["--since", "2999-01-01"]), 0);
    let no = bills[1]["bill_no"].as_str().unwrap();
    assert_eq!(count(&["--bill-no", no]), 1);
    assert_eq!(count(&["--bill-no", no, "--state", "paid"]), 0);
    assert_eq!(count(&["--bill-no", "20990101010000000000"]), 0);

    let plain = shop.run(&["bills"]).exits(0).silent().out;
    assert_eq!(plain.lines().count(), 3);
    let second = plain.lines().nth(1).unwrap();
    for part in [no, "2.00", "WX_SCAN", "refused"] {
        assert!(second.contains(part), "{second}");
    }
}

#[test]
fn a_closed_pipe_ends_bills_quietly() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    shop.pay("1.00", &ali_code(), &[]).exits(0);
    let mut sh = std::process::Command::new("sh");
    let line = format!(
        "'{}' bills --json --data-dir '{}' | true",
        crate::shop::BIN,
        shop.dir()
    );
    sh.args(["-c", &line]);
    Running::start(sh, None).wait().exits(0).silent();
}

#[test]
fn the_simulator_says_where_it_is_and_ends_with_a_signal() {
    for name in ["INT", "TERM"] {
        let running = Running::start(shouyin(&["simulator", "--listen", "127.0.0.1:0"]), None);
        let line = running.until("\n");
        let port = line.trim().strip_prefix("http://127.0.0.1:").unwrap();
        assert!(port.parse::<u16>().unwrap() > 0);
        signal(running.pid(), name);
        running.wait().exits(0).silent();
    }
    run(&["simulator", "--listen", "0.0.0.0:0"])
        .exits(1)
        .says(&["127.0.0.1"]);
}

#[test]
fn against_the_simulator_a_sale_is_paid_refused_and_shown_as_a_qr() {
    let simulator = Simulator::start(&[]);
    let shop = Shop::bare();
    shop.setup(&crate::shop::toml(&simulator.url, PATIENT))
        .exits(0);
    let paid = shop.pay("12.34", &ali_code(), &[]).exits(0).silent();
    assert_eq!(paid.states(), ["sent", "paid"]);
    let paid = shop.pay("12.34", &wx_code(), &[]).exits(0).silent();
    assert_eq!(paid.last()["channel"], "WX_SCAN");
    let qr = shop
        .run(&["pay", "--amount", "3.00", "--qr", "wx", "--json"])
        .exits(0)
        .silent();
    assert_eq!(qr.states(), ["sent", "awaiting", "paid"]);
    assert!(qr.json()[1]["code_url"].as_str().unwrap().len() > 5);
    drop(simulator);
    let poor = Simulator::start(&["--customer", "no-money"]);
    shop.setup(&crate::shop::toml(&poor.url, QUICK)).exits(0);
    let refused = shop
        .pay("5.00", &ali_code(), &[])
        .exits(1)
        .says(&["未扣款"]);
    assert_eq!(refused.last()["state"], "refused");
    shop.assert_chain();
}
