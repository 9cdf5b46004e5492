//! `shouyin doctor`: a line a check, and each fault is named.

use crate::foreign::{APP_SECRET, Foreign, Play};
use crate::shop::{Done, QUICK, Shop, ali_code, toml};

/// The first line of this grade and name.
fn line<'a>(done: &'a Done, grade: &str, name: &str) -> Option<&'a str> {
    done.out
        .lines()
        .find(|l| l.starts_with(&format!("{grade} {name} ")))
}

#[track_caller]
fn has(done: &Done, grade: &str, name: &str) {
    assert!(
        line(done, grade, name).is_some(),
        "no `{grade} {name}` in:\n{}",
        done.out
    );
}

#[track_caller]
fn well_formed(done: Done) -> Done {
    for line in done.out.lines() {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        assert!(
            matches!(words[..], ["ok" | "warn" | "fail", _, _]),
            "{line}"
        );
    }
    assert!(!done.out.contains(APP_SECRET));
    done.silent()
}

#[test]
fn a_healthy_till_is_ok_in_every_line() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let done = well_formed(shop.run(&["doctor"]).exits(0));
    for name in [
        "directory",
        "ledger",
        "settings",
        "secrets",
        "dns",
        "clock",
        "gateway",
        "scanner",
    ] {
        has(&done, "ok", name);
    }
    assert_eq!(
        done.out.lines().filter(|l| !l.starts_with("ok ")).count(),
        0,
        "{}",
        done.out
    );
    foreign.assert_treated_well();
}

#[test]
fn a_wrong_secret_fails_at_the_gateway() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().secret = "changed-at-the-gateway".to_owned();
    let done = well_formed(shop.run(&["doctor"]).exits(1));
    has(&done, "fail", "gateway");
    has(&done, "ok", "clock");
    assert!(
        line(&done, "fail", "gateway")
            .unwrap()
            .contains("app_secret")
    );
}

#[test]
fn a_dead_host_fails_and_the_other_is_still_asked() {
    let foreign = Foreign::start();
    let dead = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let shop = Shop::bare();
    shop.setup(&toml(
        &format!("http://{dead}\", \"{}", foreign.url()),
        QUICK,
    ))
    .exits(0);
    let done = well_formed(shop.run(&["doctor"]).exits(1));
    assert!(
        line(&done, "fail", "gateway")
            .unwrap()
            .contains(&dead.to_string())
    );
    assert!(
        line(&done, "ok", "gateway")
            .unwrap()
            .contains(&foreign.url())
    );
}

#[test]
fn a_clock_an_hour_off_fails_as_the_clock_and_not_as_the_secret() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    for off_ms in [3_600_000, -3_600_000] {
        foreign.world().clock_off_ms = off_ms;
        let done = well_formed(shop.run(&["doctor"]).exits(1));
        has(&done, "fail", "clock");
        has(&done, "ok", "gateway");
        let said = line(&done, "fail", "clock").unwrap();
        assert!(said.contains("36") || said.contains("35"), "{said}");
    }
}

#[test]
fn what_is_no_gateway_fails() {
    let foreign = Foreign::start();
    foreign.world().all_to_script = true;
    let shop = Shop::new(&foreign, QUICK);
    for play in [
        Play::say(200, "<html>portal</html>"),
        Play::say(502, "bad gateway"),
        Play::say(200, r#"{"result_code":14,"result_msg":"RUNTIME_ERROR"}"#),
        Play::lose_request(),
    ] {
        foreign.world().script(move |_| play.clone());
        has(
            &well_formed(shop.run(&["doctor"]).exits(1)),
            "fail",
            "gateway",
        );
    }
}

#[test]
fn broken_files_are_named() {
    let foreign = Foreign::start();
    let broken = |break_it: &dyn Fn(&Shop)| {
        let shop = Shop::new(&foreign, QUICK);
        shop.pay("1.00", &ali_code(), &[]).exits(0);
        break_it(&shop);
        well_formed(shop.run(&["doctor"]).exits(1))
    };
    let write = |name: &'static str, text: &'static str| {
        move |shop: &Shop| std::fs::write(shop.dir.join(name), text).unwrap()
    };
    has(
        &broken(&write("config.toml", "nonsense")),
        "fail",
        "settings",
    );
    has(&broken(&write("vault.json", "{}")), "fail", "secrets");
    has(
        &broken(&write("ledger.db", "this is not a ledger, not at all")),
        "fail",
        "ledger",
    );
    let no_key = |shop: &Shop| std::fs::remove_file(shop.dir.join("device.key")).unwrap();
    has(&broken(&no_key), "fail", "secrets");
}

#[test]
fn a_scanner_that_is_not_there_is_a_warning() {
    let foreign = Foreign::start();
    let shop = Shop::bare();
    let text = format!(
        "{}\n[scanner]\nserial = \"/dev/serial/by-id/none\"\n",
        toml(&foreign.url(), QUICK)
    );
    shop.setup(&text).exits(0);
    has(
        &well_formed(shop.run(&["doctor"]).exits(0)),
        "warn",
        "scanner",
    );
}
