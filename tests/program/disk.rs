//! A full or read-only disk, for real: files that may not grow (`ulimit -f`), a directory that
//! can't be written. Nothing is sent that is not recorded; nothing is paid that is not written.

use crate::foreign::{Foreign, Op};
use crate::shop::{BIN, Done, QUICK, Running, Shop, ali_code};
use std::process::Command;

/// `pay` where no file may grow beyond so many blocks of 512 bytes.
fn pay_within(shop: &Shop, blocks: u32) -> Done {
    let script = format!(
        "ulimit -f {blocks}; exec '{BIN}' pay --amount 1.00 --code-from - --json --data-dir '{}'",
        shop.dir()
    );
    let mut command = Command::new("dash");
    if Command::new("dash").args(["-c", "true"]).status().is_err() {
        command = Command::new("sh");
    }
    command.args(["-c", &script]).env_remove("SHOUYIN_DATA_DIR");
    Running::start(command, Some(&format!("{}\n", ali_code()))).wait()
}

/// One till that fills up at this size. Says whether the payment was printed as paid.
fn fills_up_at(blocks: u32) -> bool {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let done = pay_within(&shop, blocks);
    let context = format!("{blocks} blocks: {done:?}");
    assert!(done.code.is_some(), "a signal ended it: {context}");
    assert!(!done.err.contains("panicked"), "{context}");
    let printed = done.states();
    let bills = shop.bills();
    let sent = foreign.world().ops(Op::Pay);
    assert_eq!(
        bills.len(),
        printed.len().min(1),
        "what is printed is recorded: {context}"
    );
    assert!(sent <= bills.len(), "sent without a record: {context}");
    let paid = printed.iter().any(|s| s == "paid");
    if paid {
        assert_eq!(
            (done.code, bills[0]["state"].as_str()),
            (Some(0), Some("paid")),
            "{context}"
        );
    } else if sent == 0 {
        assert_eq!(done.code, Some(1), "{context}");
        assert!(done.err.contains("磁盘"), "{context}");
    } else {
        assert_eq!(done.code, Some(3), "{context}");
        assert!(
            done.err.contains("本机未能记录") && done.err.contains("settle"),
            "{context}"
        );
    }
    // With room again everything comes right.
    shop.settle().exits(0).silent();
    for bill in shop.bills() {
        let there = foreign.bill(bill["bill_no"].as_str().unwrap());
        let held = there.is_some_and(|t| t.holds_money());
        assert_eq!(held, bill["state"] == "paid", "{bill} {context}");
    }
    foreign.assert_treated_well();
    shop.assert_chain();
    paid
}

#[test]
fn nothing_is_sent_unrecorded_and_nothing_unwritten_is_printed_as_paid() {
    let mut outcomes = Vec::new();
    let sizes: Vec<u32> = (0..26)
        .map(|n| n * 8)
        .chain([1, 3, 1_000, 10_000])
        .collect();
    // A few at a time: most of them wait for the disk.
    for batch in sizes.chunks(15) {
        std::thread::scope(|scope| {
            let running: Vec<_> = batch
                .iter()
                .map(|blocks| scope.spawn(move || fills_up_at(*blocks)))
                .collect();
            for job in running {
                match job.join() {
                    Ok(paid) => outcomes.push(paid),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }
    assert!(
        outcomes.contains(&true) && outcomes.contains(&false),
        "{outcomes:?}"
    );
}

#[test]
fn a_setup_that_does_not_fit_makes_nothing_live() {
    let foreign = Foreign::start();
    let toml = crate::shop::toml(&foreign.url(), QUICK);
    let mut failed = 0;
    for blocks in [0, 1, 2, 8, 64, 130, 200] {
        let shop = Shop::bare();
        let line = format!(
            "ulimit -f {blocks}; exec '{BIN}' setup --from - --data-dir '{}'",
            shop.dir()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]);
        let done = Running::start(command, Some(&toml)).wait();
        if done.code != Some(0) {
            failed += 1;
            done.exits(1).says(&[]);
            assert!(!shop.dir.join("config.toml").exists(), "{blocks}");
        }
        shop.setup(&toml).exits(0).silent();
        shop.pay("1.00", &ali_code(), &[]).exits(0);
    }
    assert!(failed > 0);
}

/// Gives everything to a user without rights and takes away writing. `None`: not possible here.
fn read_only(shop: &Shop) -> Option<Vec<&'static str>> {
    let root = std::fs::metadata("/proc/self")
        .ok()
        .is_some_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    let path = shop.temp.path();
    let quiet = |program: &str, args: &[&str]| {
        Command::new(program)
            .args(args)
            .arg(path)
            .status()
            .is_ok_and(|s| s.success())
    };
    if root {
        let can = Command::new("setpriv")
            .args([
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                BIN,
                "--version",
            ])
            .output()
            .is_ok_and(|o| o.status.success());
        if !can || !quiet("chown", &["-R", "65534:65534"]) || !quiet("chmod", &["-R", "a-w"]) {
            return None;
        }
        return Some(vec![
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ]);
    }
    quiet("chmod", &["-R", "a-w"]).then(Vec::new)
}

#[test]
fn in_a_read_only_directory_nothing_is_sent_and_one_line_says_so() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    shop.pay("1.00", &ali_code(), &[]).exits(0);
    let Some(prefix) = read_only(&shop) else {
        return;
    };
    let run = |args: &[&str], input: Option<&str>| {
        let words: Vec<&str> = prefix
            .iter()
            .copied()
            .chain([BIN])
            .chain(args.iter().copied())
            .collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(["--data-dir", shop.dir()]);
        Running::start(command, input).wait()
    };
    let sent = foreign.world().calls.len();
    let code = format!("{}\n", ali_code());
    let pay = ["pay", "--amount", "2.00", "--code-from", "-", "--json"];
    let done = run(&pay, Some(&code)).exits(1).says(&[]);
    assert_eq!((done.out.as_str(), foreign.world().calls.len()), ("", sent));
    run(&["settle", "--for", "1"], None).exits(1).says(&[]);
    let doctor = run(&["doctor"], None).exits(1);
    assert!(doctor.out.contains("fail directory"), "{}", doctor.out);
    let bills = run(&["bills", "--json"], None);
    assert!(
        bills.code == Some(0) || bills.err.lines().count() == 1,
        "{bills:?}"
    );
    let toml = crate::shop::toml(&foreign.url(), QUICK);
    run(&["setup", "--from", "-"], Some(&toml))
        .exits(1)
        .says(&[]);
    let _ = Command::new("chmod")
        .args(["-R", "u+w"])
        .arg(shop.temp.path())
        .status();
}
