//! The foreign gateway's refunds, from the documents alone: signed with master_secret, dated
//! today, never more than was paid, each number once.

use super::{APP_ID, Call, World, code, now_ms, ok};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use shouyin::domain::time::Day;

/// What becomes of the next refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wallet {
    AtOnce,
    /// Finished when it was looked up so often.
    AfterLooks(u32),
    Never,
    Fails,
}

/// A refund in this gateway's own ledger.
#[derive(Debug, Clone)]
pub struct Back {
    pub refund_no: String,
    pub bill_no: String,
    pub fee: i64,
    pub finish: bool,
    pub result: bool,
    pub sends: u32,
    looks: u32,
    wallet: Wallet,
}

impl Back {
    /// It took the money, or still may.
    pub fn takes(&self) -> bool {
        !self.finish || self.result
    }

    fn look(&mut self) {
        self.looks += 1;
        if let Wallet::AfterLooks(most) = self.wallet
            && self.looks >= most
        {
            self.finish = true;
            self.result = true;
        }
    }
}

impl World {
    /// What went back of this bill, or still may.
    pub fn taken(&self, bill_no: &str) -> i64 {
        let of_bill = self.backs.iter().filter(|b| b.bill_no == bill_no);
        of_bill.filter(|b| b.takes()).map(|b| b.fee).sum()
    }

    fn signed_by_master(&mut self, fields: &Value) -> bool {
        let Some(timestamp) = fields["timestamp"].as_i64() else {
            return false;
        };
        let text = format!("{APP_ID}{timestamp}{}", self.master);
        let digest = Md5::digest(text.as_bytes());
        let sign: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        fields["app_sign"] == sign.as_str() && fields["app_id"] == APP_ID
    }

    /// POST /2/rest/offline/refund
    pub(super) fn refund(&mut self, call: &Call) -> Value {
        let f = &call.fields;
        if !self.signed_by_master(f) {
            return code(1, "APP_INVALID", "app_sign");
        }
        let number = f["refund_no"].as_str().unwrap_or("").to_owned();
        let fee = f["refund_fee"].as_i64().unwrap_or(0);
        let today = Day::of(now_ms() + self.clock_off_ms).compact();
        let rest = number.strip_prefix(&today).unwrap_or("");
        let dated = (3..=24).contains(&rest.len()) && rest != "000";
        if !dated || !number.bytes().all(|b| b.is_ascii_alphanumeric()) || fee < 1 {
            self.wrongs.push(format!("refund with bad fields: {f}"));
            return code(5, "PARAM_INVALID", "refund_no");
        }
        let Some(there) = self.bills.get(&call.bill_no) else {
            return code(8, "NO_SUCH_BILL", "");
        };
        if !there.holds_money() {
            return code(9, "BILL_UNSUCCESS", "");
        }
        let paid = there.total_fee;
        if let Some(known) = self.backs.iter_mut().find(|b| b.refund_no == number) {
            known.sends += 1;
            if (known.bill_no.as_str(), known.fee) != (call.bill_no.as_str(), fee) {
                self.wrongs.push(format!("one number, two refunds: {f}"));
            }
            return ok(json!({ "id": "r1", "refund_result": known.finish && known.result }));
        }
        let open = self
            .backs
            .iter()
            .any(|b| b.bill_no == call.bill_no && !b.finish);
        if open {
            self.wrongs.push(format!("two refunds in flight: {f}"));
            return code(11, "ALREADY_REFUNDING", "");
        }
        if self.taken(&call.bill_no) + fee > paid {
            return code(12, "REFUND_AMOUNT_TOO_LARGE", "");
        }
        let wallet = self.wallet;
        self.backs.push(Back {
            refund_no: number,
            bill_no: call.bill_no.clone(),
            fee,
            finish: matches!(wallet, Wallet::AtOnce | Wallet::Fails),
            result: wallet == Wallet::AtOnce,
            sends: 1,
            looks: 0,
            wallet,
        });
        ok(json!({ "id": "r1", "refund_result": wallet == Wallet::AtOnce }))
    }

    /// GET /2/rest/refunds
    pub(super) fn refunds(&mut self, call: &Call) -> Value {
        let f = &call.fields;
        let fits = |b: &Back| {
            let number = f["refund_no"].as_str().is_none_or(|no| no == b.refund_no);
            let bill = f["bill_no"].as_str().is_none_or(|no| no == b.bill_no);
            number && bill
        };
        let skip = f["skip"].as_u64().unwrap_or(0) as usize;
        let limit = f["limit"].as_u64().unwrap_or(10).min(50) as usize;
        let mut rows = Vec::new();
        for back in self.backs.iter_mut().filter(|b| fits(b)) {
            back.look();
            rows.push(json!({
                "id": "r1", "refund_no": back.refund_no, "bill_no": back.bill_no,
                "refund_fee": back.fee, "finish": back.finish, "result": back.result,
                "channel": "ALI", "create_time": now_ms(), "title": "t", "optional": "{}",
            }));
        }
        let rows: Vec<Value> = rows.into_iter().skip(skip).take(limit).collect();
        ok(json!({ "count": rows.len(), "refunds": rows }))
    }
}
