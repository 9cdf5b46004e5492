//! What a practice gateway keeps over a restart, so that a bill that was open when the program
//! stopped is still known when it starts again. Plans and faults are forgotten.

use super::Core;
use crate::simulator::Bill;
use serde::{Deserialize, Serialize};

/// More bills than a day of practice; older ones are forgotten.
const KEPT: usize = 500;

/// The gateway's ledger as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    bills: Vec<Bill>,
    /// Hashes of the payment codes that were used.
    used_codes: Vec<[u8; 16]>,
}

impl Core {
    /// What is kept.
    pub fn memory(&self) -> Memory {
        let from = self.order.len().saturating_sub(KEPT);
        let kept = self.order.iter().skip(from);
        Memory {
            bills: kept.filter_map(|no| self.bills.get(no).cloned()).collect(),
            used_codes: self.used_codes.iter().copied().collect(),
        }
    }

    /// Takes up what was kept. Bills that are here already stay as they are.
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AuthCode, BillNo, Channel, Fen};
    use crate::simulator::Merchant;
    use crate::simulator::params::PayParams;

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
}
