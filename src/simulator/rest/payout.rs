//! Payouts and the identity check as JSON in and JSON out (000 §1.5, §1.6).

use super::{Answer, authorised};
use crate::simulator::answers;
use crate::simulator::code::Refused;
use crate::simulator::core::{Core, PAYOUT_BANKS, Payout, checks_out};
use crate::simulator::faults::Reply;
use crate::simulator::params::{Fields, WalletPath};
use serde_json::{Map, Value, json};

fn by_master<'a>(core: &Core, now_ms: i64, request: &'a Value) -> Result<Fields<'a>, Refused> {
    let fields = Fields::of(request)?;
    fields.authorise_refund(&core.merchant, now_ms)?;
    Ok(fields)
}

/// `POST /2/rest/bc_transfer`.
pub fn bc_transfer(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let payout = by_master(core, now_ms, request).and_then(Fields::bank_payout);
    let taken = payout.and_then(|payout| core.pay_out(now_ms, payout));
    Reply::normal(taken.map(|taken| answers::one("id", taken.id)))
}

/// `POST /2/rest/transfer` and `/2/rest/transfers`. Alipay's answers with the page where the
/// merchant types the password; WeChat's with nothing but the result.
pub fn transfer(core: &mut Core, now_ms: i64, path: WalletPath, request: &Value) -> Answer {
    let fields = by_master(core, now_ms, request);
    let payout = fields.and_then(|fields| fields.wallet_payout(path));
    let taken = payout.and_then(|payout: Payout| core.pay_out(now_ms, payout));
    Reply::normal(taken.map(|taken| match taken.url {
        Some(url) => answers::one("url", url),
        None => Map::new(),
    }))
}

/// `GET /2/rest/bc_transfer/banks`.
pub fn banks(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let kind = authorised(core, now_ms, request).and_then(Fields::bank_kind);
    Reply::normal(kind.map(|_| answers::one("bank_list", json!(PAYOUT_BANKS))))
}

/// `POST /2/auth`.
pub fn identity(core: &mut Core, now_ms: i64, request: &Value) -> Answer {
    let identity = authorised(core, now_ms, request).and_then(Fields::identity);
    Reply::normal(identity.map(|identity| {
        let fits = checks_out(&identity);
        let mut answer = answers::one("auth_result", fits);
        let msg = if fits {
            "认证成功"
        } else {
            "认证信息不匹配"
        };
        answer.insert("auth_msg".to_owned(), json!(msg));
        answer
    }))
}
