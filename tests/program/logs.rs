//! DIR/log: what a support person needs, for two weeks.

use crate::foreign::{Foreign, Op, Play};
use crate::shop::{QUICK, Shop, ali_code, files};

#[test]
fn the_log_says_what_became_of_a_bill_and_why_an_answer_did_not_count() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    foreign.world().script(|call| match call.op {
        Op::Pay => Play::act_and_say(502, "<html>"),
        _ => Play::honest(),
    });
    let done = shop.pay("1.00", &ali_code(), &[]).exits(0).silent();
    let no = done.last()["bill_no"].as_str().unwrap().to_owned();
    let logs = files(&shop.dir.join("log"));
    assert_eq!(logs.len(), 1, "{logs:?}");
    let text = std::fs::read_to_string(&logs[0]).unwrap();
    let has = |parts: &[&str]| text.lines().any(|l| parts.iter().all(|p| l.contains(p)));
    assert!(
        has(&[&no, "sent"]) && has(&[&no, "awaiting"]) && has(&[&no, "paid"]),
        "{text}"
    );
    assert!(
        has(&[&no, "502"]),
        "the pay answer was lost, and why: {text}"
    );
    assert!(
        has(&["/2/rest/offline/bill", "502", &foreign.url()]),
        "{text}"
    );
    assert!(
        !text.contains("app_sign") && !text.contains("<html>"),
        "{text}"
    );
}

#[test]
fn two_weeks_of_logs_are_kept() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let dir = shop.dir.join("log");
    std::fs::create_dir_all(&dir).unwrap();
    for day in 1..=30 {
        std::fs::write(dir.join(format!("shouyin.2026-01-{day:02}.log")), "x").unwrap();
    }
    shop.pay("1.00", &ali_code(), &[]).exits(0).silent();
    let kept = files(&dir).len();
    assert!((2..=15).contains(&kept), "{kept} files are kept");
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    std::fs::write(shop.dir.join("log"), "a file where the folder should be").unwrap();
    shop.pay("1.00", &ali_code(), &[]).exits(0).silent();
}
