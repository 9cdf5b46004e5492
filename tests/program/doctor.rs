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

/// What doctor says about this `[scanner]`.
fn scanner_line(grade: &str, setting: &str) -> String {
    let foreign = Foreign::start();
    let shop = Shop::bare();
    let text = format!("{}\n[scanner]\n{setting}\n", toml(&foreign.url(), QUICK));
    shop.setup(&text).exits(0);
    let done = well_formed(shop.run(&["doctor"]).exits(0));
    has(&done, grade, "scanner");
    let line = done.out.lines().find(|l| l.contains(" scanner "));
    line.unwrap().to_owned()
}

#[test]
fn a_scanner_that_is_not_there_is_a_warning() {
    for setting in [
        "serial = \"/dev/serial/by-id/none\"",
        "evdev = \"/dev/input/by-id/none\"",
        "evdev = \"/dev/null\"",
        "hid = \"fffe:fffe\"",
    ] {
        scanner_line("warn", setting);
    }
}

#[cfg(unix)]
#[test]
fn a_scanner_is_opened_and_let_go_and_one_that_a_till_has_is_in_use() {
    use serialport::SerialPort;
    let (_scanner, till) = serialport::TTYPort::pair().unwrap();
    let path = till.name().unwrap();
    drop(till);
    let setting = format!("serial = \"{path}\"");
    let line = scanner_line("ok", &setting);
    assert!(line.ends_with(&path), "{line}");
    let _till = serialport::new(&path, 9600).open().unwrap();
    let line = scanner_line("ok", &setting);
    assert!(line.contains("正在使用"), "{line}");
}

/// A printer on loopback that gives each question of the connection this answer.
fn printer(answers: &'static [u8]) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let target = format!("tcp://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut question = [0; 3];
        for answer in answers {
            stream.read_exact(&mut question).unwrap();
            stream.write_all(&[*answer]).unwrap();
        }
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty(), "a look prints nothing: {rest:?}");
    });
    target
}

#[test]
fn the_printers_line_says_how_it_is() {
    let foreign = Foreign::start();
    let shop = Shop::bare();
    let file = format!("file:{}", shop.dir.join("slips.bin").display());
    let rows = [
        (printer(&[0x16, 0x12, 0x12]), "ok", "可以打印"),
        (printer(&[0x16, 0x12, 0x1e]), "ok", "快用完"),
        (printer(&[0x1e, 0x32, 0x72]), "warn", "缺纸"),
        (printer(&[0x1e, 0x16, 0x12]), "warn", "盖子"),
        (file, "ok", "可以打印"),
        ("device:/dev/usb/no-such-lp".to_owned(), "warn", "没有找到"),
        ("serial:/dev/no-such-line".to_owned(), "warn", "没有找到"),
        ("tcp://127.0.0.1:1".to_owned(), "warn", "没有接受连接"),
    ];
    for (target, grade, word) in rows {
        let text = format!(
            "{}\n[printer]\ntarget = \"{target}\"\n",
            toml(&foreign.url(), QUICK)
        );
        shop.setup(&text).exits(0);
        let done = well_formed(shop.run(&["doctor"]).exits(0));
        let said = line(&done, grade, "printer");
        assert!(
            said.is_some_and(|said| said.contains(&target) && said.contains(word)),
            "{target}: {}",
            done.out
        );
    }
    assert!(!shop.dir.join("slips.bin").exists(), "a look makes no file");
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
