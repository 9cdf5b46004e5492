//! What the tests of refunds share.

use crate::harness::{PATIENCE, Shop, pin};
use shouyin::domain::practice::{Act, Network, RefundAct};
use shouyin::domain::refund::RefundState;
use shouyin::domain::{BillNo, Fen, Refund, RefundNo, State, Wallet};
use shouyin::till::Service;
use shouyin::till::service::{Desk, Ordered, RefundOrder, RefundView, Refundable, Said};
use std::time::Instant;

/// A desk with a manager signed in.
pub fn desk() -> Shop {
    let mut shop = Shop::desk(|_| {});
    shop.sign_in("2001");
    shop
}

/// A bill that was paid, and whose row was read.
pub fn paid(shop: &mut Shop, fen: i64, wallet: Wallet) -> BillNo {
    shop.plan(Act::Pay, Network::Normal);
    let bill_no = shop.charge(fen, wallet);
    shop.until_bill(&bill_no, "paid, and its row read", |b| {
        b.state == State::Paid && b.look.is_none()
    });
    bill_no
}

/// What becomes of the next refunds.
pub fn plan(shop: &Shop, act: RefundAct, network: Network) {
    shop.sim.customer().plan_refund(act, network);
}

pub fn an_order(bill_no: &BillNo, fen: i64, approver: &str) -> RefundOrder {
    RefundOrder {
        bill_no: bill_no.clone(),
        fee: Fen(fen),
        reason: "买错了".to_owned(),
        approver: approver.to_owned(),
        pin: pin(&approver.repeat(2)),
    }
}

/// Orders a refund, approved by this manager.
pub fn order_by(shop: &Shop, bill_no: &BillNo, fen: i64, approver: &str) -> Ordered {
    let ordered = shop.till().refund(an_order(bill_no, fen, approver));
    shop.runtime.block_on(ordered)
}

/// Orders a refund, approved by who is signed in.
pub fn order(shop: &Shop, bill_no: &BillNo, fen: i64) -> Ordered {
    order_by(shop, bill_no, fen, "2001")
}

pub fn refundable(shop: &Shop, bill_no: &BillNo) -> Result<Refundable, Said> {
    shop.runtime
        .block_on(shop.till().refundable(bill_no.clone()))
}

/// This ledger's refunds of a bill.
pub fn refunds_of(shop: &Shop, bill_no: &BillNo) -> Vec<RefundView> {
    let refunds = shop.till().refunds_of(bill_no.clone());
    shop.runtime.block_on(refunds).unwrap()
}

/// The refund as it is in the file.
pub fn refund(shop: &Shop, no: &RefundNo) -> Refund {
    shop.till().refund_in_ledger(no).unwrap().expect("a refund")
}

/// Waits until the ledger's refund is so.
pub fn until_refund(
    shop: &mut Shop,
    no: &RefundNo,
    what: &str,
    fits: impl Fn(&Refund) -> bool,
) -> Refund {
    let end = Instant::now() + PATIENCE;
    let mut snapshots = shop.till().snapshots();
    loop {
        snapshots.borrow_and_update();
        let now = refund(shop, no);
        if fits(&now) {
            shop.settle_commands();
            return now;
        }
        let left = end.saturating_duration_since(Instant::now());
        let changed = async { tokio::time::timeout(left, snapshots.changed()).await };
        if shop.runtime.block_on(changed).is_err() {
            panic!("waited in vain for {what}: {now:#?}");
        }
    }
}

pub fn until_state(shop: &mut Shop, no: &RefundNo, state: RefundState) -> Refund {
    until_refund(shop, no, state.name(), |r| r.state == state)
}

/// What really went back, or still may, and how many refunds the gateway has of this bill.
pub fn taken(shop: &Shop, bill_no: &BillNo) -> (i64, usize) {
    let now_ms = shop.sim.face().now_ms();
    let core = shop.sim.core();
    let of_bill = |r: &&shouyin::simulator::Refund| r.bill_no == *bill_no && r.takes(now_ms);
    let refunds: Vec<_> = core.all_refunds().iter().filter(of_bill).collect();
    (refunds.iter().map(|r| r.fee.0).sum(), refunds.len())
}

/// What this ledger's bill says went back.
pub fn refunded(shop: &Shop, bill_no: &BillNo) -> i64 {
    shop.bill(bill_no).refunded.0
}
