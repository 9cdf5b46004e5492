//! `shouyin doctor`: a line a check, and each fault is named.

use crate::foreign::{APP_SECRET, Foreign, Op, Play};
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
        "tls",
        "clock",
        "gateway",
        "channel",
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
fn each_step_on_the_way_to_a_gateway_is_told_apart() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = closed.local_addr().unwrap();
    drop(closed);
    // Foreign speaks plain HTTP: to a TLS client it is something in between.
    let foreign = Foreign::start();
    let plain = foreign.url().replace("http:", "https:");
    for (url, name) in [
        ("https://no-such-host.invalid".to_owned(), "dns"),
        (format!("https://{dead}"), "gateway"),
        (plain, "tls"),
    ] {
        let shop = Shop::bare();
        shop.setup(&toml(&url, "")).exits(0);
        let done = well_formed(shop.run(&["doctor"]).exits(1));
        if done.out.contains("根证书") {
            return; // A machine without root certificates can't speak TLS at all.
        }
        let host = url.trim_start_matches("https://");
        let said = line(&done, "fail", name)
            .unwrap_or_else(|| panic!("no `fail {name}` in:\n{}", done.out));
        assert!(said.contains(host), "{said}");
        let fails = done.out.lines().filter(|l| l.starts_with("fail ")).count();
        assert_eq!(fails, 1, "one cause:\n{}", done.out);
        assert!(!done.out.contains(" channel "), "{}", done.out);
    }
    assert_eq!(foreign.world().calls.len(), 0);
}

#[test]
fn each_channel_that_is_not_opened_is_named() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| {
        let code = match call.fields["channel"].as_str() {
            Some("WX_SCAN") => 3,
            Some("WX_NATIVE") => 6,
            Some("ALI_OFFLINE_QRCODE") => 14,
            _ => return Play::honest(),
        };
        Play::say(
            200,
            &format!(r#"{{"result_code":{code},"result_msg":"CODE_{code}"}}"#),
        )
    });
    let done = well_formed(shop.run(&["doctor"]).exits(1));
    has(&done, "ok", "gateway");
    for (grade, channel, word) in [
        ("ok", "ALI_SCAN", "接受"),
        ("fail", "WX_SCAN", "CODE_3"),
        ("fail", "WX_NATIVE", "CODE_6"),
        ("warn", "ALI_OFFLINE_QRCODE", "CODE_14"),
    ] {
        let named = format!("{grade} channel {channel} ");
        let said = done.out.lines().find(|l| l.starts_with(&named));
        assert!(said.is_some_and(|l| l.contains(word)), "{}", done.out);
    }
    assert_eq!(foreign.world().ops(Op::Status), 4, "each is asked once");
    assert_eq!(foreign.world().ops(Op::Pay), 0);
    foreign.assert_treated_well();
}

#[test]
fn a_wrong_secret_is_said_once_and_not_for_each_channel() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().secret = "changed-at-the-gateway".to_owned();
    let done = well_formed(shop.run(&["doctor"]).exits(1));
    assert!(!done.out.contains(" channel "), "{}", done.out);
    assert_eq!(foreign.world().ops(Op::Status), 0);
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

#[test]
fn a_pole_display_is_there_or_a_warning() {
    let foreign = Foreign::start();
    for (target, grade) in [
        ("serial:/dev/serial/by-id/none?baud=9600", "warn"),
        ("device:/dev/null", "ok"),
        ("file:/nowhere/at/all/pole", "warn"),
    ] {
        let shop = Shop::bare();
        let text = format!(
            "{}\n[pole]\ntarget = \"{target}\"\n",
            toml(&foreign.url(), QUICK)
        );
        shop.setup(&text).exits(0);
        let done = well_formed(shop.run(&["doctor"]).exits(0));
        has(&done, grade, "pole");
    }
}
