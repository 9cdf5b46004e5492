//! 000 §3 and 003 回调: the gateway's own notices, their signature and their repetition.

use crate::client::{
    APP, MASTER, Shop, md5, number, ok, refund_number, set, shop, shop_with, until,
};
use serde_json::{Map, Value, json};
use shouyin::domain::practice::Act;
use shouyin::simulator::Options;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A merchant's listener: keeps what came, answers what it is told to.
struct Ear {
    url: String,
    heard: Arc<Mutex<Vec<Value>>>,
    says: Arc<Mutex<Vec<&'static str>>>,
}

impl Ear {
    /// Says these one after the other, the last one for ever.
    fn saying(says: &[&'static str]) -> Ear {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?a=1", listener.local_addr().unwrap());
        let ear = Ear {
            url,
            heard: Arc::default(),
            says: Arc::new(Mutex::new(says.iter().rev().copied().collect())),
        };
        let (heard, says) = (ear.heard.clone(), ear.says.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut length, mut kind, mut line) = (0, String::new(), String::new());
                while reader.read_line(&mut line).unwrap() > 2 {
                    let lower = line.to_ascii_lowercase();
                    if let Some(n) = lower.strip_prefix("content-length:") {
                        length = n.trim().parse().unwrap();
                    }
                    if let Some(k) = lower.strip_prefix("content-type:") {
                        kind = k.trim().to_owned();
                    }
                    line.clear();
                }
                assert_eq!(kind, "application/json");
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                heard
                    .lock()
                    .unwrap()
                    .push(serde_json::from_slice(&body).unwrap());
                let mut says = says.lock().unwrap();
                let word = if says.len() > 1 {
                    says.pop().unwrap()
                } else {
                    says[0]
                };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{word}",
                    word.len()
                );
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        ear
    }

    fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }

    #[track_caller]
    fn until(&self, count: usize) -> Vec<Value> {
        until(&format!("{count} notices"), || self.heard().len() >= count);
        self.heard()
    }
}

/// 3.3.1
fn is_signed(notice: &Value) -> bool {
    let text = |key: &str| notice[key].as_str().unwrap().to_owned();
    let fee = &notice["transaction_fee"];
    let joined = format!(
        "practice{}{}{}{fee}{MASTER}",
        text("transaction_id"),
        text("transaction_type"),
        text("channel_type")
    );
    text("signature") == md5(&joined)
}

fn pay(shop: &Shop, channel: &str, more: &Value) -> String {
    let bill_no = number();
    let mut body = json!({"channel": channel, "total_fee": 100, "bill_no": bill_no, "title": "t",
                          "optional": {"agent_id": "Alice"}});
    set(&mut body, more);
    ok(&shop.post(APP, "/2/rest/bill", &body));
    bill_no
}

#[test]
fn sections_3_3_1_and_3_4_1_a_payment_is_told_once_it_is_taken() {
    let shop = shop();
    let ear = Ear::saying(&["success"]);
    for (channel, parent) in [("WX_NATIVE", "WX"), ("UN_APP", "UN"), ("BC_WX_WAP", "BC")] {
        let before = ear.heard().len();
        let bill_no = pay(&shop, channel, &json!({"notify_url": ear.url}));
        let notice = ear.until(before + 1).pop().unwrap();
        assert!(is_signed(&notice), "{notice}");
        for (snake, camel, value) in [
            ("transaction_id", "transactionId", json!(bill_no)),
            ("transaction_type", "transactionType", json!("PAY")),
            ("transaction_fee", "transactionFee", json!(100)),
            ("channel_type", "channelType", json!(parent)),
            ("sub_channel_type", "subChannelType", json!(channel)),
            ("trade_success", "tradeSuccess", json!(true)),
        ] {
            assert_eq!(
                (&notice[snake], &notice[camel]),
                (&value, &value),
                "{snake}"
            );
        }
        assert!(notice["timestamp"].is_i64());
        assert!(notice["message_detail"].is_object() && notice["messageDetail"].is_object());
        assert_eq!(notice["optional"], json!({"agent_id": "Alice"}));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(ear.heard().len(), 3, "taken is taken");
}

#[test]
fn section_3_2_it_comes_again_until_the_answer_is_literally_success() {
    // 2, 4, 8 and 16 s become 20, 40, 80 and 160 ms.
    let shop = shop_with(Options {
        delay_factor: 0.01,
        ..Options::default()
    });
    let ear = Ear::saying(&["", "SUCCESS", "{\"success\":true}", "successful", "success"]);
    pay(&shop, "WX_NATIVE", &json!({"notify_url": ear.url}));
    let notices = ear.until(5);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!(ear.heard().len(), 5);
    assert!(notices.iter().all(is_signed));
}

#[test]
fn refunds_and_payouts_are_told_where_the_console_says() {
    let ear = Ear::saying(&["success"]);
    let shop = shop_with(Options {
        delay_factor: 0.0,
        webhook: Some(ear.url.clone()),
        ..Options::default()
    });
    let bill_no = pay(&shop, "ALI_APP", &json!({}));
    assert_eq!(ear.until(1)[0]["transaction_id"], bill_no);
    let refund_no = refund_number();
    ok(&shop.post(
        MASTER,
        "/2/rest/refund",
        &json!({"refund_no": refund_no, "bill_no": bill_no, "refund_fee": 40}),
    ));
    let told = ear.until(2).pop().unwrap();
    assert!(is_signed(&told));
    assert_eq!(
        (
            &told["transaction_type"],
            &told["transaction_id"],
            &told["transaction_fee"]
        ),
        (&json!("REFUND"), &json!(refund_no), &json!(40))
    );
    let transfer_no = number();
    ok(&shop.post(
        MASTER,
        "/2/rest/transfers",
        &json!({"channel": "ALI_TRANSFER",
        "transfer_no": transfer_no, "total_fee": 7, "desc": "d", "channel_user_id": "a@b.cn",
        "channel_user_name": "n", "account_name": "c"}),
    ));
    let told = ear.until(3).pop().unwrap();
    assert!(is_signed(&told));
    assert_eq!(
        (
            &told["transaction_type"],
            &told["sub_channel_type"],
            &told["transaction_id"]
        ),
        (
            &json!("TRANSFER"),
            &json!("ALI_TRANSFER"),
            &json!(transfer_no)
        )
    );
}

#[test]
fn what_is_not_paid_is_not_told() {
    let shop = shop_with(Options {
        act: Act::Never,
        ..Options::default()
    });
    let ear = Ear::saying(&["success"]);
    let bill_no = pay(&shop, "WX_NATIVE", &json!({"notify_url": ear.url}));
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(ear.heard().is_empty());
    // The customer pays after all.
    ok_said(
        &shop,
        "/_customer",
        &json!({"bill_no": bill_no, "act": "at-once"}),
    );
    assert_eq!(ear.until(1)[0]["transaction_id"], bill_no);
}

fn ok_said(shop: &Shop, path: &str, body: &Value) -> Value {
    let said = shop.send("POST", path, body);
    assert_eq!(said["ok"], true, "{said}");
    said
}

#[test]
fn a_forged_a_wrong_a_repeated_and_a_true_notice_are_sent_when_told() {
    let shop = shop_with(Options {
        act: Act::Never,
        ..Options::default()
    });
    let ear = Ear::saying(&["success"]);
    let bill_no = pay(&shop, "WX_NATIVE", &json!({}));
    let tell = |change: &str| {
        shop.send(
            "POST",
            "/_notify",
            &json!({"bill_no": bill_no, "change": change, "url": ear.url}),
        )
    };
    assert_eq!(tell("true")["ok"], false, "it is not paid");
    assert_eq!(tell("lie")["ok"], false);
    assert_eq!(
        tell("forged")["answers"][0],
        json!({"status": 200, "body": "success", "heard": true})
    );
    let forged = ear.until(1).pop().unwrap();
    assert!(!is_signed(&forged) && forged["transaction_fee"] == 100);
    tell("amount");
    let wrong = ear.until(2).pop().unwrap();
    assert!(is_signed(&wrong) && wrong["transaction_fee"] == 101);
    ok_said(
        &shop,
        "/_customer",
        &json!({"bill_no": bill_no, "act": "at-once"}),
    );
    tell("true");
    assert_eq!(tell("repeat")["answers"].as_array().unwrap().len(), 2);
    let all = ear.until(5);
    assert!(
        all[2..]
            .iter()
            .all(|n| is_signed(n) && n["transaction_fee"] == 100)
    );
    let far = json!({"bill_no": bill_no, "change": "true", "url": "http://192.0.2.1/"});
    assert_eq!(
        shop.send("POST", "/_notify", &far)["ok"],
        false,
        "loopback alone"
    );
    assert_eq!(
        shop.send(
            "POST",
            "/_notify",
            &json!({"bill_no": bill_no, "change": "true"})
        )["ok"],
        false
    );
}

/// 003 §1.4 with version 2 missing, as its callback has none: each byte taken for Latin-1.
fn jubao_sign(fields: &Map<String, Value>) -> String {
    let mut keys: Vec<_> = fields.keys().filter(|k| *k != "sign").collect();
    keys.sort();
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let joined: String = keys
        .iter()
        .map(|k| format!("{k}{}", text(&fields[*k])))
        .collect();
    let joined: String = joined.bytes().map(char::from).collect();
    md5(&format!("{APP}{joined}{APP}")).to_uppercase()
}

#[test]
fn jubaos_callback_comes_until_its_own_word() {
    let shop = shop_with(Options {
        delay_factor: 0.01,
        ..Options::default()
    });
    let ear = Ear::saying(&["success", "SUCCESS"]);
    let bill_no = number();
    let mut order = json!({"mch_id": "practice", "pay_channel_id": 101, "total_fee": 1234,
                           "out_trade_no": bill_no, "notify_url": ear.url});
    order["sign"] = json!(jubao_sign(order.as_object().unwrap()));
    let made = shop.send("POST", "/index.php?_m=pay_gateway&_a=apply_pay", &order);
    assert_eq!(made["ret"], 0, "{made}");
    let told = ear.until(2);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(ear.heard().len(), 2);
    for notice in told {
        let fields = notice.as_object().unwrap();
        assert_eq!(fields["sign"], jubao_sign(fields));
        assert_eq!(
            (&fields["out_trade_no"], &fields["total_fee"]),
            (&json!(bill_no), &json!(1234))
        );
        for key in [
            "bank_type",
            "cash_fee",
            "cash_fee_type",
            "fee_type",
            "transaction_id",
            "time_end",
            "trade_type",
            "appid",
            "nonce_str",
        ] {
            assert!(fields.contains_key(key), "{key}");
        }
        assert_eq!(fields["time_end"].as_str().unwrap().len(), 14);
    }
}
