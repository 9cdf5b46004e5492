//! `shouyin setup`: what it says, what it refuses, what it keeps.

use crate::foreign::{APP_SECRET, Customer, Foreign, Play};
use crate::shop::{
    MANAGER_PIN, MASTER_SECRET, PATIENT, PIN, QUICK, Shop, ali_code, files, run, signal, toml,
};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const HIDDEN: [&str; 4] = [APP_SECRET, MASTER_SECRET, PIN, MANAGER_PIN];

fn good() -> String {
    toml("http://127.0.0.1:9", QUICK)
}

#[test]
fn setup_says_what_it_did_and_leaves_no_secret() {
    let shop = Shop::bare();
    let file = shop.temp.path().join("till.toml");
    std::fs::write(&file, good()).unwrap();
    let done = shop
        .run(&["setup", "--from", file.to_str().unwrap()])
        .exits(0)
        .silent();
    for part in [
        "示例便利店",
        "01",
        shop.dir(),
        "http://127.0.0.1:9",
        "ALI_SCAN",
        "WX_NATIVE",
        "2",
    ] {
        assert!(done.out.contains(part), "{part} is not in:\n{}", done.out);
    }
    let names: Vec<String> = files(&shop.dir)
        .iter()
        .map(|f| {
            f.strip_prefix(&shop.dir)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    for name in [
        "config.toml",
        "ledger.db",
        "vault.json",
        "device.key",
        "lock",
    ] {
        assert!(
            names.contains(&name.to_owned()),
            "{name} is not in {names:?}"
        );
    }
    for file in files(&shop.dir) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for hidden in HIDDEN {
            assert!(!text.contains(hidden), "{hidden} in {}", file.display());
        }
    }
    let mode = |name: &str| {
        std::fs::metadata(shop.dir.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode(""), mode("device.key"), mode("vault.json")),
        (0o700, 0o600, 0o600)
    );
    shop.run(&["bills"]).exits(0).silent();
    shop.assert_chain();
}

#[test]
fn a_bad_file_is_one_line_that_names_the_key_and_echoes_no_secret() {
    let swap = |from: &str, to: &str| {
        let text = good().replacen(from, to, 1);
        assert_ne!(text, good(), "{from}");
        text
    };
    let secret = |key: &str| format!("{key} = \"{APP_SECRET}\"");
    let cases: Vec<(String, &str)> = vec![
        (swap("[shop]\n", "[shopp]\n"), "shopp"),
        (swap("till = \"01\"", "till = \"1\""), "shop.till"),
        (swap("till = \"01\"", "till = \"一号\""), "shop.till"),
        (swap("name = \"示例便利店\"", "name = \"\""), "shop.name"),
        (swap("name = \"示例便利店\"\n", ""), "shop.name"),
        (swap("till = \"01\"", "till = 1"), "shop.till"),
        (
            swap("till = \"01\"", "till = \"01\"\nlanguage = \"fr\""),
            "shop.language",
        ),
        (
            swap("provider = \"beecloud\"", "provider = \"beeclod\""),
            "gateway.provider",
        ),
        (
            swap("http://127.0.0.1:9", "http://pay.example.com"),
            "gateway.servers",
        ),
        (swap("http://127.0.0.1:9", "127.0.0.1:9"), "gateway.servers"),
        (
            swap("servers = [\"http://127.0.0.1:9\"]", "servers = []"),
            "gateway.servers",
        ),
        (swap(&secret("app_secret"), ""), "gateway.app_secret"),
        (
            swap(&secret("app_secret"), &secret("app_secert")),
            "gateway.app_secert",
        ),
        (
            swap(
                &secret("app_secret"),
                &format!("app_secret = [\"{APP_SECRET}\"]"),
            ),
            "gateway.app_secret",
        ),
        (
            swap(
                "[payment]\n",
                &format!("[payment]\n{}\n", secret("app_secret")),
            ),
            "payment.app_secret",
        ),
        (
            swap(
                "till = \"01\"",
                &format!("till = \"01\"\n{}", secret("secret")),
            ),
            "shop.secret",
        ),
        (
            swap("\"ALI_SCAN\", ", "\"ALI_SCANN\", "),
            "gateway.channels",
        ),
        (swap("\"WX_SCAN\"", "\"ALI_SCAN\""), "gateway.channels"),
        (swap("guard_s = 1", "guard_s = 0"), "payment.guard_s"),
        (swap("guard_s = 1", "guard_s = \"1\""), "payment.guard_s"),
        (
            swap("guard_s = 1", "guard_s = 1\nmax_amount = \"1.234\""),
            "payment.max_amount",
        ),
        (
            swap("http://127.0.0.1:9", "https://api.example.com"),
            "payment.",
        ),
        (
            swap(&format!("pin = \"{PIN}\""), "pin = \"12\""),
            "staff[1].pin",
        ),
        (
            swap(&format!("pin = \"{PIN}\""), &format!("pin = {PIN}")),
            "staff[1].pin",
        ),
        (
            swap(
                &format!("pin = \"{MANAGER_PIN}\""),
                &format!("pin = \"{MANAGER_PIN}x\""),
            ),
            "staff[2].pin",
        ),
        (swap("id = \"2001\"", "id = \"1001\""), "staff[2].id"),
        (
            swap("role = \"manager\"", "role = \"cashier\""),
            "gateway.master_secret",
        ),
        (
            swap("role = \"manager\"", "role = \"boss\""),
            "staff[2].role",
        ),
        (
            swap(
                &secret("app_secret"),
                &format!("app_secret = \"{APP_SECRET}"),
            ),
            "TOML",
        ),
        (
            swap(
                &secret("app_secret"),
                &format!("{0}\n{0}", secret("app_secret")),
            ),
            "TOML",
        ),
        (
            format!("{}\n[scanner]\nserial = 1\n", good()),
            "scanner.serial",
        ),
        (
            format!("{}\n[webhook]\nlisten = \"nowhere\"\n", good()),
            "webhook.listen",
        ),
        (
            format!("{}\n[printer]\ntarget = \"lpt1\"\n", good()),
            "printer.target",
        ),
        (String::new(), "[gateway]"),
        ("\u{0}\u{1}".to_owned(), "TOML"),
    ];
    for (text, key) in cases {
        let shop = Shop::bare();
        let done = shop.setup(&text).exits(2).says(&[key]);
        assert_eq!(done.out, "", "{key}");
        for hidden in HIDDEN {
            assert!(
                !done.err.contains(hidden),
                "{hidden} is echoed: {}",
                done.err
            );
        }
        assert!(
            !shop.dir.join("config.toml").exists(),
            "{key}: it made the till live"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_one_line() {
    let shop = Shop::bare();
    shop.run(&["setup", "--from", "/nowhere/till.toml"])
        .exits(2)
        .says(&["/nowhere/till.toml"]);
    let dir = shop.temp.path().to_str().unwrap().to_owned();
    shop.run(&["setup", "--from", &dir]).exits(2).says(&[&dir]);
    let binary = shop.temp.path().join("binary");
    std::fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    shop.run(&["setup", "--from", binary.to_str().unwrap()])
        .exits(2)
        .says(&["binary"]);
    shop.run(&["setup"]).exits(2).says(&["--from"]);
    shop.run(&["setup", "--from", "-"]).exits(2).says(&[]);
    run(&[
        "setup",
        "--from",
        "-",
        "--practice",
        "--data-dir",
        shop.dir(),
    ])
    .exits(2)
    .says(&["--practice"]);
    assert!(!shop.dir.exists());
}

#[test]
fn a_second_setup_replaces_secrets_and_staff_and_keeps_the_ledger() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let first = shop.pay("1.00", &ali_code(), &[]).exits(0).last();
    foreign.world().secret = "another-secret-77ab".to_owned();
    shop.pay("2.00", &ali_code(), &[]).exits(1);
    let again = toml(&foreign.url(), QUICK).replacen(APP_SECRET, "another-secret-77ab", 1);
    shop.setup(&again).exits(0).silent();
    shop.pay("3.00", &ali_code(), &[]).exits(0);
    let states: Vec<_> = shop.bills().iter().map(|b| b["state"].clone()).collect();
    assert_eq!(states, ["paid", "refused", "paid"]);
    assert_eq!(shop.bills()[0]["bill_no"], first["bill_no"]);
    shop.assert_chain();
}

#[test]
fn a_ledger_without_its_vault_is_not_given_another_one() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    shop.pay("1.00", &ali_code(), &[]).exits(0);
    let vault = shop.dir.join("vault.json");
    let kept = std::fs::read(&vault).unwrap();
    std::fs::remove_file(&vault).unwrap();
    shop.setup(&toml(&foreign.url(), QUICK))
        .exits(1)
        .says(&["vault.json"]);
    assert!(!vault.exists());
    std::fs::write(&vault, kept).unwrap();
    shop.assert_chain();
}

#[test]
fn setup_is_refused_while_a_bill_is_open_and_while_a_till_runs() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Password(Duration::from_millis(1500));
    let shop = Shop::new(&foreign, PATIENT);
    let before = std::fs::read_to_string(shop.dir.join("config.toml")).unwrap();
    let running = shop.paying("1.00", &ali_code(), &[]);
    running.until("\"awaiting\"");
    let changed = toml(&foreign.url(), QUICK).replacen("till = \"01\"", "till = \"02\"", 1);
    shop.setup(&changed).exits(4).says(&["--wait"]);
    signal(running.pid(), "KILL");
    shop.finish(running);
    let no = shop.bills()[0]["bill_no"].as_str().unwrap().to_owned();
    shop.setup(&changed).exits(1).says(&[&no, "shouyin settle"]);
    assert_eq!(
        std::fs::read_to_string(shop.dir.join("config.toml")).unwrap(),
        before
    );
    shop.settle().exits(0);
    shop.setup(&changed).exits(0).silent();
    foreign.world().customer = Customer::AtOnce;
    let next = shop.pay("2.00", &ali_code(), &[]).exits(0).last();
    assert_eq!(&next["bill_no"].as_str().unwrap()[8..10], "02");
}

#[test]
fn without_any_answer_yet_setup_sends_nothing() {
    let foreign = Foreign::start();
    foreign.world().script(|_| Play::lose_request());
    let _shop = Shop::new(&foreign, QUICK);
    assert!(foreign.world().calls.is_empty());
}
