//! 聚宝 as a shop would use it: provisioned, a QR paid to its end, and what it can't do said.

use crate::foreign::{APP_ID, APP_SECRET};
use crate::shop::{MANAGER_PIN, PATIENT, PIN, Shop, Simulator, ali_code};

fn toml(url: &str) -> String {
    format!(
        r#"[shop]
name = "示例便利店"
till = "01"
[gateway]
provider = "jubao"
servers = ["{url}"]
mch_id = "{APP_ID}"
key = "{APP_SECRET}"
order_valid_min = 30
[payment]
{PATIENT}
[[staff]]
id = "1001"
name = "一号收银员"
role = "cashier"
pin = "{PIN}"
[[staff]]
id = "2001"
name = "一号店长"
role = "manager"
pin = "{MANAGER_PIN}"
"#
    )
}

#[test]
fn a_page_is_shown_as_a_qr_and_paid_to_its_end() {
    let simulator = Simulator::start(&[]);
    let shop = Shop::bare();
    shop.setup(&toml(&simulator.url)).exits(0).silent();
    for (wallet, channel) in [("ali", "JUBAO_ALI_WAP"), ("wx", "JUBAO_WX_H5")] {
        let done = shop
            .run(&["pay", "--amount", "12.34", "--qr", wallet, "--json"])
            .exits(0);
        let last = done.last();
        assert_eq!(last["state"], "paid", "{last}");
        assert_eq!(last["channel"], channel);
        assert_eq!(last["amount"], 1234);
        assert_eq!(
            last["proof"], "row",
            "the query's answer, with number and amount"
        );
        let shown = done.json();
        let shown = shown.iter().find_map(|line| line["code_url"].as_str());
        assert!(shown.unwrap().contains("://"));
    }
    // Its secret is nowhere, and its configuration reads back.
    let config = std::fs::read_to_string(shop.dir.join("config.toml")).unwrap();
    assert!(config.contains("mch_id") && !config.contains(APP_SECRET));
    shop.run(&["audit", "verify"]).exits(0);
}

#[test]
fn what_it_cannot_do_is_said_in_one_line() {
    let simulator = Simulator::start(&[]);
    let shop = Shop::bare();
    shop.setup(&toml(&simulator.url)).exits(0).silent();
    let code = ali_code();
    let scan = shop.run_with(&["pay", "--amount", "1.00", "--code-from", "-"], &code);
    scan.exits(2).says(&["聚宝", "--qr"]);
    let paid = shop
        .run(&["pay", "--amount", "1.00", "--qr", "ali", "--json"])
        .exits(0);
    let bill_no = paid.last()["bill_no"].as_str().unwrap().to_owned();
    let args = [
        "refund",
        "--bill-no",
        &bill_no,
        "--amount",
        "1.00",
        "--approver",
        "2001",
    ];
    let refund = shop.run_with(&args, MANAGER_PIN);
    refund.exits(1).says(&["聚宝", "商户后台"]);
    let today = paid.last()["created_at"].as_i64().unwrap();
    let day = shouyin::domain::time::Day::of(today).to_string();
    let compared = shop.run(&["reconcile", "--day", &day]);
    compared.exits(3).says(&["聚宝", "对账"]);
    // What it has no call for is no fault of the till.
    let doctor = shop.run(&["doctor"]).exits(0);
    assert!(doctor.out.contains("JUBAO_ALI_WAP"), "{}", doctor.out);
    assert!(!doctor.out.contains("fail "), "{}", doctor.out);
}

#[test]
fn practice_mode_runs_on_it() {
    let shop = Shop::bare();
    let first = shop.run(&[
        "pay",
        "--practice",
        "--amount",
        "1.00",
        "--qr",
        "ali",
        "--json",
    ]);
    assert_eq!(first.exits(0).last()["channel"], "ALI_OFFLINE_QRCODE");
    let path = shop.dir.join("practice/config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let changed: Vec<&str> = config
        .lines()
        .map(|line| match line {
            line if line.starts_with("provider") => "provider = \"jubao\"",
            line if line.starts_with("app_id") => "mch_id = \"practice\"\norder_valid_min = 30",
            line => line,
        })
        .collect();
    let mut changed = changed.join("\n");
    for list in ["channels = [", "links = ["] {
        let from = changed.find(list).unwrap();
        let to = from + changed[from..].find(']').unwrap() + 1;
        changed.replace_range(from..to, "");
    }
    std::fs::write(&path, changed).unwrap();
    for (wallet, channel) in [("ali", "JUBAO_ALI_WAP"), ("wx", "JUBAO_WX_H5")] {
        let args = ["pay", "--practice", "--amount", "2.00", "--qr", wallet];
        let paid = shop.run(&[&args[..], &["--json"]].concat());
        let paid = paid.exits(0).silent();
        assert_eq!(paid.states(), ["sent", "awaiting", "paid"]);
        assert_eq!(paid.last()["channel"], channel);
    }
    let config = std::fs::read_to_string(&path).unwrap();
    assert!(
        config.contains("jubao") && config.contains("order_valid_min"),
        "{config}"
    );
    shop.run(&["settle", "--practice"]).exits(0).silent();
    shop.assert_chain();
}

#[test]
fn a_practice_configuration_that_cannot_be_read_is_put_aside_and_said() {
    let shop = Shop::bare();
    let args = ["pay", "--practice", "--amount", "1.00", "--qr", "ali"];
    shop.run(&args).exits(0).silent();
    let path = shop.dir.join("practice/config.toml");
    std::fs::write(&path, "provider = ").unwrap();
    shop.run(&args).exits(0).says(&["config.toml.bad"]);
    let kept = std::fs::read_to_string(shop.dir.join("practice/config.toml.bad")).unwrap();
    assert_eq!(kept, "provider = ");
    shop.run(&args).exits(0).silent();
}
