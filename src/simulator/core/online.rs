//! What `/2/rest/bill` gives a customer's app or page (004 §2, 000 §4.2.1). Every link leads to a
//! name that is reserved for going nowhere: the played customer pays.

use super::super::bill::Bill;
use super::super::channel::{Gives, Sub};
use super::super::rng::Rng;
use serde_json::{Map, Value, json};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// The channel's own fields.
pub(super) fn given(rng: &mut Rng, bill: &Bill) -> Map<String, Value> {
    let Sub::Online(online) = bill.channel else {
        return Map::new();
    };
    let url = format!("https://pay.practice.invalid/{}", bill.id);
    let html = format!(
        "<form id=\"pay\" action=\"{url}\" method=\"post\"></form>\
         <script>document.getElementById('pay').submit();</script>"
    );
    let fields = match online.gives() {
        Gives::Nothing => json!({}),
        Gives::WeixinApp => json!({
            "app_id": "wxpractice00000001",
            "partner_id": "1200000001",
            "package": "Sign=WXPay",
            "nonce_str": rng.text(HEX, 32),
            "timestamp": bill.created_at.to_string(),
            "pay_sign": rng.text(HEX, 32),
            "prepay_id": format!("wx{}", rng.digits(32)),
        }),
        Gives::WeixinJsapi => json!({
            "app_id": "wxpractice00000001",
            "package": format!("prepay_id=wx{}", rng.digits(32)),
            "nonce_str": rng.text(HEX, 32),
            "timestamp": bill.created_at.to_string(),
            "pay_sign": rng.text(HEX, 32),
            "sign_type": "MD5",
        }),
        Gives::OrderString => json!({"order_string": format!(
            "out_trade_no=\"{}\"&total_fee=\"{}\"&sign_type=\"RSA\"&sign=\"{}\"",
            bill.bill_no, bill.fee, rng.text(HEX, 64),
        )}),
        Gives::Tn => json!({"tn": rng.digits(21)}),
        Gives::OrderInfo => json!({"orderInfo": format!(
            "order_no={}&total_amount={}&sign={}",
            bill.bill_no, bill.fee.0, rng.text(HEX, 32),
        )}),
        Gives::Url => json!({"url": url}),
        Gives::Html => json!({"html": html}),
        Gives::HtmlAndUrl => json!({"html": html, "url": url}),
    };
    match fields {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Where the merchant types Alipay's password for refunds and payouts.
pub(super) fn merchant_page(id: &str) -> String {
    format!("https://merchant.practice.invalid/{id}")
}
