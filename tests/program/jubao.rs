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
    assert_ne!(scan.code, Some(0));
    assert_eq!(scan.err.lines().count(), 1, "{}", scan.err);
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
    assert_ne!(refund.code, Some(0));
    assert_eq!(refund.err.lines().count(), 1, "{}", refund.err);
}
