//! Differences planted into the gateway's books, for reconciliation to find.
//!
//! Invariant: only what the books say changes; what really happened ([`Core::truth`]) does not,
//! but for a bill and a refund that come from outside.

use super::super::bill::{Bill, Plant};
use super::super::params::RefundParams;
use super::Core;
use crate::domain::practice::RefundAct;
use crate::domain::time::Day;
use crate::domain::{BillNo, Channel, Fen, Wallet};
use serde::Deserialize;

/// Younger bills may still be looked at by their till.
const SETTLED_MS: i64 = 60_000;
const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What differs: the words of `reconcile --json`, as a till sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A paid bill that no till has.
    MissingHere,
    /// A paid bill that is gone from every list, row and status.
    MissingThere,
    /// A paid bill with another total_fee.
    Amount,
    /// A paid bill that is not paid.
    State,
    /// A refund that no till made.
    Refund,
}

/// What was planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// The bill, also of a refund.
    pub bill_no: BillNo,
    /// Where it is about a refund.
    pub refund_no: Option<String>,
}

/// Why nothing was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlantError {
    /// The number of a bill to come.
    #[error("this bill_no is there already: missing_here needs one that is not")]
    Taken,
    /// The number of a bill that should be there.
    #[error("the gateway has no bill with this bill_no")]
    NoSuchBill,
    /// Not paid, or undone.
    #[error("this bill is not paid: only a paid bill can differ")]
    NotPaid,
    /// One a bill.
    #[error("this bill differs already")]
    Planted,
    /// All of it was refunded.
    #[error("nothing of this bill is left to refund")]
    NothingLeft,
    /// Pay one first.
    #[error("no paid bill of today is left to change: take a payment first")]
    NoneLeft,
}

impl Core {
    /// Plants three differences into today's books: a paid bill that no till has, one that is
    /// gone, one with another amount. Fewer where there are too few paid bills.
    pub fn plant_three(&mut self, now_ms: i64) -> Vec<BillNo> {
        let kinds = [Kind::MissingHere, Kind::MissingThere, Kind::Amount];
        let planted = kinds.map(|kind| self.plant(now_ms, kind, None));
        let planted = planted.into_iter().filter_map(Result::ok);
        planted.map(|p| p.bill_no).collect()
    }

    /// Plants one difference, at this bill or at one that suits: paid today, best more than a
    /// minute ago and without refunds.
    ///
    /// Errors: the bill does not suit, or none does.
    pub fn plant(
        &mut self,
        now_ms: i64,
        kind: Kind,
        bill_no: Option<&BillNo>,
    ) -> Result<Planted, PlantError> {
        self.advance(now_ms);
        let plant = match kind {
            Kind::MissingHere => return self.add_bill(now_ms, bill_no),
            Kind::Refund => return self.add_refund(now_ms, bill_no),
            Kind::MissingThere => |_: &Bill| Plant::Hidden,
            Kind::Amount => {
                |bill: &Bill| Plant::Amount(Fen(bill.total_fee().0.saturating_add(100)))
            }
            Kind::State => |_: &Bill| Plant::Unpaid,
        };
        let bill_no = self.suiting(now_ms, bill_no, false)?;
        if let Some(bill) = self.bills.get_mut(&bill_no) {
            bill.plant = Some(plant(bill));
        }
        Ok(Planted {
            bill_no,
            refund_no: None,
        })
    }

    fn suiting(
        &mut self,
        now_ms: i64,
        bill_no: Option<&BillNo>,
        to_refund: bool,
    ) -> Result<BillNo, PlantError> {
        for bill in self.bills.values_mut() {
            bill.settle(now_ms);
        }
        if let Some(no) = bill_no {
            let bill = self.bills.get(no).ok_or(PlantError::NoSuchBill)?;
            self.suits(now_ms, bill, to_refund)?;
            return Ok(no.clone());
        }
        let today = Day::of(now_ms);
        let bills = self.order.iter().filter_map(|no| self.bills.get(no));
        let best = bills
            .filter(|bill| Day::of(bill.created_at) == today)
            .filter(|bill| self.suits(now_ms, bill, to_refund).is_ok())
            // The oldest of the best.
            .min_by_key(|bill| {
                let refunded = self.refunds.of_bill(&bill.bill_no).next().is_some();
                let young = now_ms.saturating_sub(bill.created_at) < SETTLED_MS;
                (refunded, young)
            });
        let best = best.ok_or(PlantError::NoneLeft)?;
        Ok(best.bill_no.clone())
    }

    fn suits(&self, now_ms: i64, bill: &Bill, to_refund: bool) -> Result<(), PlantError> {
        if bill.plant.is_some() {
            return Err(PlantError::Planted);
        }
        if !bill.is_paid() || bill.revert_at.is_some() {
            return Err(PlantError::NotPaid);
        }
        if to_refund && self.left(now_ms, bill) <= Fen::ZERO {
            return Err(PlantError::NothingLeft);
        }
        Ok(())
    }

    /// A paid bill of today that no till has.
    fn add_bill(&mut self, now_ms: i64, bill_no: Option<&BillNo>) -> Result<Planted, PlantError> {
        let created_at = now_ms
            .saturating_sub(SETTLED_MS)
            .max(Day::of(now_ms).start_ms());
        let bill_no = match bill_no {
            Some(no) => no.clone(),
            None => BillNo::parse(&self.foreign_no(now_ms)).ok_or(PlantError::Taken)?,
        };
        if self.bills.contains_key(&bill_no) {
            return Err(PlantError::Taken);
        }
        let (channel, wallet) = match self.rng.next() % 2 {
            0 => (Channel::AliScan, Wallet::Alipay),
            _ => (Channel::WxScan, Wallet::Wechat),
        };
        let amount = 100 + (self.rng.next() % 9_900) as i64;
        let bill = Bill {
            bill_no: bill_no.clone(),
            id: self.rng.uuid(),
            asked: channel.into(),
            channel: channel.into(),
            wallet,
            fee: Fen(amount),
            discount: Fen::ZERO,
            title: "practice".to_owned(),
            optional: String::new(),
            created_at,
            expires_at: created_at.saturating_add(361_000),
            pay_at: None,
            paid_at: Some(created_at),
            revert_at: None,
            reverted_at: None,
            refused: false,
            trade_no: self.trade_no(created_at, wallet),
            code_url: None,
            notify_url: None,
            buyer_id: None,
            plant: Some(Plant::Added),
            faults: None,
        };
        let older = |no: &BillNo| {
            self.bills
                .get(no)
                .is_none_or(|b| b.created_at <= created_at)
        };
        let place = self.order.partition_point(older);
        self.order.insert(place, bill_no.clone());
        self.ids.insert(bill.id.clone(), bill_no.clone());
        self.bills.insert(bill_no.clone(), bill);
        Ok(Planted {
            bill_no,
            refund_no: None,
        })
    }

    /// A successful refund that no till made, of half of what is left.
    fn add_refund(&mut self, now_ms: i64, bill_no: Option<&BillNo>) -> Result<Planted, PlantError> {
        let bill_no = self.suiting(now_ms, bill_no, true)?;
        let bill = self.bills.get(&bill_no).ok_or(PlantError::NoSuchBill)?;
        let bill = bill.clone();
        let half = self.left(now_ms, &bill).0 / 2;
        let refund_no = self.foreign_no(now_ms);
        let params = RefundParams::new(refund_no.clone(), bill_no.clone(), Fen(half.max(1)));
        let mut refund = self.new_refund(now_ms, params, &bill, RefundAct::AtOnce);
        refund.finish_at = Some(now_ms);
        refund.told_at = Some(now_ms);
        self.refunds.push(refund);
        Ok(Planted {
            bill_no,
            refund_no: Some(refund_no),
        })
    }

    /// A number of today as a till 99 would draw it.
    fn foreign_no(&mut self, now_ms: i64) -> String {
        let day = Day::of(now_ms).compact();
        let (serial, random) = (self.rng.digits(6), self.rng.text(LETTERS, 8));
        format!("{day}99{serial}{random}")
    }
}
