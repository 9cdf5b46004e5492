//! `reconcile` and `export` with the real binary, against `shouyin simulator` as a process of its
//! own, where differences are planted over HTTP.

use crate::shop::{MASTER_SECRET, PATIENT, Shop, Simulator, ali_code, files, toml, wx_code};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Today in Shanghai, by the program's own clock.
fn today() -> String {
    shouyin::domain::time::Day::of(shouyin::till::wall_ms()).to_string()
}

fn post(simulator: &Simulator, path: &str, body: &Value) -> Value {
    let host = simulator.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).unwrap()
}

fn shop_at(simulator: &Simulator) -> Shop {
    let shop = Shop::bare();
    shop.setup(&toml(&simulator.url, PATIENT)).exits(0).silent();
    shop
}

fn reconcile(shop: &Shop, more: &[&str]) -> crate::shop::Done {
    let day = today();
    shop.run(&[&["reconcile", "--day", &day], more].concat())
}

#[test]
fn planted_differences_are_printed_one_a_line_and_nothing_else() {
    let simulator = Simulator::start(&[]);
    let shop = shop_at(&simulator);
    let mut numbers = Vec::new();
    for (amount, code) in [
        ("10.00", ali_code()),
        ("20.00", wx_code()),
        ("30.00", ali_code()),
    ] {
        let done = shop.pay(amount, &code, &[]).exits(0);
        numbers.push(done.last()["bill_no"].as_str().unwrap().to_owned());
    }
    let none = reconcile(&shop, &["--json"]).exits(0);
    assert_eq!(none.out, "");
    let none = none.says(&["收款 3 笔 60.00", "差异 0 处"]);
    assert!(!none.err.contains(MASTER_SECRET));
    let planted = post(&simulator, "/_plant", &json!({}));
    let planted: Vec<String> = serde_json::from_value(planted["bill_no"].clone()).unwrap();
    let kinds = ["missing_here", "missing_there", "amount"];
    let expected: BTreeSet<(&str, &str)> = kinds
        .into_iter()
        .zip(planted.iter().map(String::as_str))
        .collect();
    let done = reconcile(&shop, &["--json"]).exits(1).says(&["差异 3 处"]);
    let lines = done.json();
    let found: BTreeSet<(&str, &str)> = lines
        .iter()
        .map(|l| (l["kind"].as_str().unwrap(), l["bill_no"].as_str().unwrap()))
        .collect();
    assert_eq!((found, lines.len()), (expected, 3));
    for line in &lines {
        let keys: BTreeSet<&str> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            keys,
            BTreeSet::from(["kind", "bill_no", "refund_no", "here", "there"])
        );
        assert_eq!(line["refund_no"], Value::Null);
        let (here, there) = (&line["here"], &line["there"]);
        match line["kind"].as_str().unwrap() {
            "missing_here" => assert!(here.is_null() && there.as_str().unwrap().ends_with(" paid")),
            "missing_there" => assert_eq!((here, there), (&json!("10.00 paid"), &Value::Null)),
            _ => assert_eq!((here, there), (&json!("20.00 paid"), &json!("21.00 paid"))),
        }
    }
    let plain = reconcile(&shop, &[]).exits(1);
    let gone = format!("missing_there {} - 10.00 paid -", numbers[0]);
    assert!(plain.out.lines().any(|l| l == gone), "{}", plain.out);
    shop.assert_chain();
}

#[test]
fn a_planted_refund_and_state_are_found_too() {
    let simulator = Simulator::start(&[]);
    let shop = shop_at(&simulator);
    for amount in ["10.00", "20.00"] {
        shop.pay(amount, &ali_code(), &[]).exits(0);
    }
    let refund = post(&simulator, "/_plant", &json!({"kind": "refund"}));
    let state = post(&simulator, "/_plant", &json!({"kind": "state"}));
    let done = reconcile(&shop, &["--json"]).exits(1);
    let mut lines = done.json();
    lines.sort_by_key(|l| l["kind"].to_string());
    assert_eq!(lines.len(), 2, "{}", done.out);
    assert_eq!(lines[0]["kind"], "refund");
    assert_eq!(lines[0]["refund_no"], refund["refund_no"][0]);
    assert_eq!(lines[0]["bill_no"], refund["bill_no"][0]);
    assert_eq!(
        (&lines[1]["kind"], &lines[1]["bill_no"]),
        (&json!("state"), &state["bill_no"][0])
    );
    assert!(lines[1]["there"].as_str().unwrap().ends_with(" unpaid"));
}

#[test]
fn what_can_not_be_compared_is_not_known_and_wrong_calls_say_so() {
    let bare = Shop::bare();
    bare.run(&["reconcile", "--day", &today()])
        .exits(2)
        .says(&["setup"]);
    let simulator = Simulator::start(&[]);
    let shop = shop_at(&simulator);
    shop.pay("10.00", &ali_code(), &[]).exits(0);
    for day in ["2026-13-01", "today", "20261120"] {
        shop.run(&["reconcile", "--day", day])
            .exits(2)
            .says(&["--day"]);
    }
    let payer = shop.start(&["pay", "--amount", "1", "--qr", "ali", "--json"], None);
    payer.until("code_url");
    reconcile(&shop, &[]).exits(4).says(&["--wait"]);
    shop.finish(payer);
    drop(simulator);
    let done = reconcile(&shop, &["--json"]).exits(3);
    assert_eq!(done.out, "");
    done.says(&["没有对完"]);
}

#[test]
fn practice_is_reconciled_only_where_it_is_named() {
    let shop = Shop::bare();
    shop.pay("12.34", &ali_code(), &["--practice"]).exits(0);
    reconcile(&shop, &[]).exits(2).says(&["--practice"]);
    reconcile(&shop, &["--practice"])
        .exits(0)
        .says(&["收款 1 笔 12.34"]);
}

#[test]
fn export_writes_whole_files_of_both_kinds_and_reads_beside_a_till() {
    let simulator = Simulator::start(&[]);
    let shop = shop_at(&simulator);
    shop.pay("10.00", &ali_code(), &["--note", "=1+1"]).exits(0);
    let day = today();
    let csv = shop.temp.path().join("out.csv");
    let out = csv.to_str().unwrap();
    let args = |format: &'static str, out: &str| {
        let words = [
            "export", "--from", &day, "--to", &day, "--format", format, "--out", out,
        ];
        words.map(str::to_owned)
    };
    let run = |format, out: &str| {
        let args = args(format, out);
        shop.run(&args.each_ref().map(String::as_str))
    };
    std::fs::write(&csv, "before").unwrap();
    // A till that has the directory is not in the way.
    let payer = shop.start(&["pay", "--amount", "1", "--qr", "ali", "--json"], None);
    payer.until("code_url");
    let done = run("csv", out).exits(0).silent();
    assert!(done.out.starts_with("账单 2 笔，退款 0 笔"), "{}", done.out);
    shop.finish(payer);
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.starts_with("\u{feff}kind,bill_no,") && text.ends_with("\r\n"));
    assert!(
        text.contains(",10.00,") && text.contains(",'=1+1,"),
        "{text}"
    );
    let xlsx = shop.temp.path().join("out.xlsx");
    run("xlsx", xlsx.to_str().unwrap()).exits(0).silent();
    assert!(std::fs::read(&xlsx).unwrap().starts_with(b"PK"));
    run("pdf", out).exits(2).says(&["--format"]);
    run("csv", shop.dir()).exits(2).says(&["文件名"]);
    let nowhere = shop.temp.path().join("missing/out.csv");
    run("csv", nowhere.to_str().unwrap())
        .exits(1)
        .says(&["missing"]);
    let parts = files(shop.temp.path());
    let left = parts
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "part"));
    assert_eq!(left.count(), 0, "no part is left");
    let backwards = ["export", "--from", "2026-11-20", "--to", "2026-11-19"];
    shop.run(&[&backwards[..], &["--format", "csv", "--out", out]].concat())
        .exits(2)
        .says(&["日期"]);
}
