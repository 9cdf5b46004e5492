//! Practice mode from the command line: its own folder, and one till at a time there too.

use crate::shop::{Shop, ali_code, signal, wx_code};

#[test]
fn practice_sells_in_its_own_folder() {
    let shop = Shop::bare();
    let done = shop
        .pay("12.34", &ali_code(), &["--practice"])
        .exits(0)
        .silent();
    assert_eq!(done.states(), ["sent", "paid"]);
    let qr = shop.run(&["--practice", "pay", "--amount", "1", "--qr", "wx", "--json"]);
    assert_eq!(qr.exits(0).silent().states(), ["sent", "awaiting", "paid"]);
    assert!(shop.dir.join("practice/ledger.db").exists());
    assert!(!shop.dir.join("config.toml").exists() && !shop.dir.join("ledger.db").exists());
    // Without config.toml the reading commands look there.
    assert_eq!(shop.bills().len(), 2);
    shop.assert_chain();
    shop.run(&["settle", "--practice"]).exits(0).silent();
    shop.run(&["doctor"]).exits(0).silent();
}

#[test]
fn a_second_practice_till_leaves_the_first_ones_settings_alone() {
    let shop = Shop::bare();
    let first = shop.start(
        &["--practice", "pay", "--amount", "1", "--qr", "wx", "--json"],
        None,
    );
    first.until("code_url");
    let config = || std::fs::read_to_string(shop.dir.join("practice/config.toml")).unwrap();
    let before = config();
    shop.pay("2.00", &wx_code(), &["--practice"])
        .exits(4)
        .says(&["--wait"]);
    shop.run(&["settle", "--practice"])
        .exits(4)
        .says(&["--wait"]);
    assert_eq!(config(), before);
    let third = shop
        .pay("3.00", &wx_code(), &["--practice", "--wait", "60"])
        .exits(0);
    assert_eq!(third.last()["state"], "paid");
    shop.finish(first).exits(0);
}

#[test]
fn practice_killed_and_started_again_settles() {
    let shop = Shop::bare();
    let running = shop.start(
        &[
            "--practice",
            "pay",
            "--amount",
            "1",
            "--qr",
            "ali",
            "--json",
        ],
        None,
    );
    running.until("code_url");
    signal(running.pid(), "KILL");
    shop.finish(running);
    assert_eq!(shop.bills()[0]["state"], "awaiting");
    // Its gateway went with it; whatever the new one says, nothing is lost.
    let done = shop.run(&["settle", "--practice", "--for", "1"]);
    assert!(matches!(done.code, Some(0 | 3)), "{done:?}");
    assert_eq!(shop.bills().len(), 1);
}
