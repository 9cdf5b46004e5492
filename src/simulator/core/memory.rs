//! What a practice gateway keeps over a restart, so that a bill that was open when the program
//! stopped is still known when it starts again. Plans and faults are forgotten.

use super::Core;
use crate::simulator::{Bill, Refund};
use serde::{Deserialize, Serialize};

/// More bills, and more refunds, than a day of practice; older ones are forgotten.
const KEPT: usize = 500;

/// The gateway's ledger as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    bills: Vec<Bill>,
    /// Hashes of the payment codes that were used.
    used_codes: Vec<[u8; 16]>,
    /// Not in the files of earlier versions.
    #[serde(default)]
    refunds: Vec<Refund>,
}

impl Core {
    /// What is kept.
    pub fn memory(&self) -> Memory {
        let from = self.order.len().saturating_sub(KEPT);
        let kept = self.order.iter().skip(from);
        let refunds = self.refunds.all();
        let young = refunds.len().saturating_sub(KEPT);
        Memory {
            bills: kept.filter_map(|no| self.bills.get(no).cloned()).collect(),
            used_codes: self.used_codes.iter().copied().collect(),
            refunds: refunds.iter().skip(young).cloned().collect(),
        }
    }

    /// Takes up what was kept. Bills and refunds that are here already stay as they are.
    pub fn remember(&mut self, memory: Memory) {
        for bill in memory.bills.into_iter().take(KEPT) {
            let bill_no = bill.bill_no.clone();
            if !self.bills.contains_key(&bill_no) {
                self.ids.insert(bill.id.clone(), bill_no.clone());
                self.order.push(bill_no.clone());
                self.bills.insert(bill_no, bill);
            }
        }
        self.used_codes.extend(memory.used_codes);
        for refund in memory.refunds.into_iter().take(KEPT) {
            if self.refunds.by_id(&refund.id).is_none() {
                self.refunds.push(refund);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Day;
    use crate::domain::{AuthCode, BillNo, Channel, Fen};
    use crate::simulator::Merchant;
    use crate::simulator::core::{Query, RefundQuery};
    use crate::simulator::params::{PayParams, RefundParams};

    const T0: i64 = 1_795_176_659_632;

    #[test]
    fn a_gateway_that_comes_back_knows_its_bills_and_used_codes() {
        let bill_no = BillNo::parse("2026112001000001ABCDEFGH").unwrap();
        let mut before = Core::new(Merchant::default(), 1);
        before.default_act = crate::domain::practice::Act::Password;
        let mut params = PayParams::new(bill_no.clone(), Channel::AliScan, Fen(100));
        params.auth_code = AuthCode::parse("283012345678901234").ok();
        assert!(before.pay(0, params.clone()).delivered().unwrap().is_ok());

        let kept = serde_json::to_vec(&before.memory()).unwrap();
        let mut after = Core::new(Merchant::default(), 2);
        after.remember(serde_json::from_slice(&kept).unwrap());
        let status = |core: &mut Core| core.status(60_000, &bill_no, None).delivered();
        assert_eq!(status(&mut after), status(&mut before));
        assert_eq!(
            after.truth(60_000, &bill_no),
            before.truth(60_000, &bill_no)
        );
        params.bill_no = BillNo::parse("2026112001000002ABCDEFGH").unwrap();
        assert!(
            after.pay(61_000, params).delivered().unwrap().is_err(),
            "the code is used"
        );
    }

    #[test]
    fn refunds_and_planted_differences_are_kept_too() {
        let bill_no = BillNo::parse("2026112001000001ABCDEFGH").unwrap();
        let mut before = Core::new(Merchant::default(), 1);
        let mut params = PayParams::new(bill_no.clone(), Channel::WxScan, Fen(100));
        params.auth_code = AuthCode::parse("133012345678901234").ok();
        assert!(before.pay(T0, params).delivered().unwrap().is_ok());
        let refund_no = format!("{}001", Day::of(T0).compact());
        let part = RefundParams::new(refund_no.clone(), bill_no.clone(), Fen(40));
        assert!(before.refund(T0, part).delivered().unwrap().is_ok());
        before.plant_three(T0 + 100_000);

        let kept = serde_json::to_vec(&before.memory()).unwrap();
        let mut after = Core::new(Merchant::default(), 2);
        for _ in 0..2 {
            after.remember(serde_json::from_slice(&kept).unwrap());
        }
        let now_ms = T0 + 200_000;
        let bills = |core: &mut Core| core.bills(now_ms, &Query::default());
        assert_eq!(bills(&mut after), bills(&mut before));
        let refunds = |core: &mut Core| core.refunds(now_ms, &RefundQuery::default());
        assert_eq!(refunds(&mut after), refunds(&mut before));
        assert_eq!(refunds(&mut after).delivered().unwrap().unwrap().len(), 1);
        let status = |core: &mut Core| core.refund_status(now_ms, &refund_no, "WX");
        assert_eq!(status(&mut after), status(&mut before));
        assert_eq!(
            after.truth(now_ms, &bill_no),
            before.truth(now_ms, &bill_no)
        );
    }

    #[test]
    fn a_file_of_before_there_were_refunds_is_read() {
        let old = r#"{"bills":[{"bill_no":"2026112001000001ABCDEFGH",
            "id":"5f1c","asked":"SCAN","channel":"ALI_SCAN","wallet":"alipay","fee":100,
            "discount":0,"title":"practice","optional":"","created_at":1000,
            "expires_at":362000,"pay_at":null,"paid_at":1000,"revert_at":null,
            "reverted_at":null,"refused":false,"refunded":0,"trade_no":"2026112000",
            "code_url":null}],"used_codes":[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]]}"#;
        let memory: Memory = serde_json::from_str(old).unwrap();
        let mut core = Core::new(Merchant::default(), 1);
        core.remember(memory);
        let bill_no = BillNo::parse("2026112001000001ABCDEFGH").unwrap();
        let truth = core.truth(2_000, &bill_no);
        assert!(truth.kept());
        assert_eq!((truth.refunded, truth.amount), (Fen::ZERO, Fen(100)));
        let rows = core.refunds(2_000, &RefundQuery::default()).delivered();
        assert_eq!(rows, Some(Ok(vec![])));
    }
}
