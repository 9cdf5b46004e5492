//! No secret, no PIN and no whole payment code in anything the program writes or prints (I12).

use crate::foreign::{APP_SECRET, Customer, Foreign, Op, Play};
use crate::shop::{
    Done, MANAGER_PIN, MASTER_SECRET, PATIENT, PIN, QUICK, Shop, ali_code, files, signal, toml,
    wx_code,
};
use serde_json::json;
use std::cell::RefCell;
use std::time::Duration;

struct Watched {
    shop: Shop,
    foreign: Foreign,
    hidden: RefCell<Vec<String>>,
}

impl Watched {
    fn new(times: &str) -> Watched {
        let foreign = Foreign::start();
        let shop = Shop::new(&foreign, times);
        let hidden = [APP_SECRET, MASTER_SECRET, PIN, MANAGER_PIN]
            .map(str::to_owned)
            .to_vec();
        Watched {
            shop,
            foreign,
            hidden: RefCell::new(hidden),
        }
    }

    fn code(&self, code: String) -> String {
        self.hidden.borrow_mut().push(code.clone());
        code
    }

    fn pay(&self, amount: &str) -> Done {
        let code = self.code(ali_code());
        self.shop.pay(amount, &code, &[])
    }

    /// The gateway answers `op` with what `body` makes of (bill_no, code), acting first.
    fn echo(&self, op: Op, code: &str, body: fn(&str, &str) -> serde_json::Value) {
        let code = code.to_owned();
        self.foreign
            .world()
            .script(move |call| match (call.op == op, call.op) {
                (true, _) => Play::act_and_say(200, &body(&call.bill_no, &code).to_string()),
                // The row is read while the bill is open only where pay and status say nothing.
                (_, Op::Pay | Op::Status) if op == Op::Bills => Play::lose_answer(),
                _ => Play::honest(),
            });
    }

    #[track_caller]
    fn assert_hidden(&self) {
        let said = self.shop.said.lock().unwrap().clone();
        let mut places = vec![("what it printed".to_owned(), said.into_bytes())];
        for file in files(self.shop.temp.path()) {
            places.push((file.display().to_string(), std::fs::read(&file).unwrap()));
        }
        assert!(
            places.iter().any(|(name, _)| name.contains("/log/")),
            "no log was searched"
        );
        for (name, bytes) in &places {
            let text = String::from_utf8_lossy(bytes);
            for hidden in self.hidden.borrow().iter() {
                let at = text.find(hidden.as_str());
                let around = at.map(|at| {
                    text[..at]
                        .chars()
                        .rev()
                        .take(200)
                        .collect::<Vec<_>>()
                        .iter()
                        .rev()
                        .collect::<String>()
                });
                assert!(
                    around.is_none(),
                    "{hidden} is in {name}, after …{}",
                    around.unwrap()
                );
            }
        }
    }
}

#[test]
fn ordinary_days_leave_none() {
    let watched = Watched::new(QUICK);
    watched.pay("1.00").exits(0);
    watched.foreign.world().customer = Customer::NoMoney;
    watched.pay("2.00").exits(1);
    watched.foreign.world().customer = Customer::AtOnce;
    watched.foreign.world().script(|call| match call.op {
        Op::Pay => Play::lose_answer(),
        _ => Play::honest(),
    });
    watched.pay("3.00").exits(0);
    // Codes that are none.
    for code in [
        "2812345678901",
        "2812345678901234567890123456",
        "99887766554433221100",
    ] {
        let code = watched.code(code.to_owned());
        watched.shop.pay("4.00", &code, &[]).exits(2);
    }
    let code = watched.code(wx_code());
    let args = ["pay", "--amount", "4.00", code.as_str(), "--qr", "ali"];
    watched.shop.run(&args).exits(2);
    // A second setup, and bad ones.
    watched
        .shop
        .setup(&toml(&watched.foreign.url(), PATIENT))
        .exits(0);
    let bad = toml(&watched.foreign.url(), QUICK).replace("app_secret", "app_secert");
    watched.shop.setup(&bad).exits(2);
    watched
        .shop
        .setup(&toml(&watched.foreign.url(), QUICK).replace('"', ""))
        .exits(2);
    watched.shop.run(&["doctor"]).exits(0);
    watched.shop.run(&["bills"]).exits(0);
    watched.assert_hidden();
}

#[test]
fn killed_tills_leave_none() {
    let watched = Watched::new(PATIENT);
    watched.foreign.world().customer = Customer::Password(Duration::from_millis(600));
    for turn in 0..3 {
        let code = watched.code(ali_code());
        let running = watched.shop.paying(&format!("{turn}.50"), &code, &[]);
        running.until(if turn == 0 {
            "\"sent\""
        } else {
            "\"awaiting\""
        });
        signal(running.pid(), if turn == 2 { "ABRT" } else { "KILL" });
        watched.shop.finish(running);
        watched.assert_hidden();
    }
    watched.shop.settle().exits(0);
    watched.assert_hidden();
}

#[test]
fn what_a_wrong_gateway_echoes_is_not_kept() {
    let watched = Watched::new(QUICK);
    type Echo = fn(&str, &str) -> serde_json::Value;
    let echoes: [(Op, Echo); 8] = [
        (Op::Status, |_, code| {
            json!({"result_code": 0, "pay_result": "true", "errMsg": code,
            "err_detail": APP_SECRET})
        }),
        (Op::Pay, |_, code| {
            json!({"result_code": 5, "result_msg": "PARAM_INVALID",
            "err_detail": format!("bad auth_code {code} signed with {APP_SECRET}")})
        }),
        (Op::Pay, |_, code| {
            json!({"result_code": 7,
            "err_detail": format!("AUTH_CODE_INVALID {code} {APP_SECRET}")})
        }),
        (
            Op::Pay,
            |_, code| json!({"result_code": 14, "result_msg": code, "err_detail": APP_SECRET}),
        ),
        (Op::Pay, |no, code| {
            json!({"result_code": 0, "pay_result": true, "id": code,
            "bill_no": no, "channel_type": code, "trade_no": APP_SECRET})
        }),
        (Op::Bills, |no, code| {
            json!({"result_code": 0, "count": 1, "bills": [{"bill_no": no,
            "total_fee": 100, "spay_result": true, "revert_result": false, "trade_no": code,
            "id": code, "title": code, "optional": code, "message_detail": APP_SECRET}]})
        }),
        (Op::Bills, |no, _| {
            json!({"result_code": 0, "count": 1, "bills": [{"bill_no": no,
            "total_fee": 100, "spay_result": true, "revert_result": false,
            "trade_no": APP_SECRET, "sub_channel": APP_SECRET}]})
        }),
        (Op::Status, |_, code| {
            json!({"result_code": 4,
            "err_detail": format!("{code} {APP_SECRET}")})
        }),
    ];
    for (n, (op, body)) in echoes.into_iter().enumerate() {
        let code = watched.code(ali_code());
        watched.echo(op, &code, body);
        watched.foreign.world().customer = match op {
            Op::Status => Customer::Never,
            _ => Customer::AtOnce,
        };
        let done = watched.shop.pay("1.00", &code, &["--another"]);
        assert!(matches!(done.code, Some(0 | 1 | 3)), "echo {n}: {done:?}");
        watched.assert_hidden();
    }
}

#[test]
fn a_qr_that_holds_the_secret_is_not_shown() {
    let watched = Watched::new(QUICK);
    watched.echo(Op::Pay, "", |_, _| {
        json!({"result_code": 0, "code_url": format!("https://qr.example/?key={APP_SECRET}")})
    });
    watched.foreign.world().customer = Customer::Never;
    let done = watched
        .shop
        .run(&["pay", "--amount", "1.00", "--qr", "ali", "--json"])
        .exits(1);
    assert!(
        done.json().iter().all(|l| l.get("code_url").is_none()),
        "{done:?}"
    );
    watched.assert_hidden();
}

#[test]
fn a_refused_revert_that_echoes_the_secret_leaves_none() {
    let watched = Watched::new(QUICK);
    watched.foreign.world().customer = Customer::Never;
    watched.echo(Op::Revert, "", |_, _| {
        json!({"result_code": 6, "result_msg": "CERT_FILE_ERROR", "err_detail": format!("cert of {APP_SECRET}")})
    });
    watched.pay("1.00").exits(3);
    watched.shop.run(&["bills", "--json"]).exits(0);
    watched.assert_hidden();
}
