//! A ledger with a million bills, as both benchmarks use it. `SHOUYIN_BENCH_BILLS` sets how many.

use shouyin::domain::bill::{Happened, Proof};
use shouyin::domain::shift::{Closed, Shift, ShiftHappened, ShiftReport};
use shouyin::domain::time::Stamp;
use shouyin::domain::{Bill, BillNo, Channel, Fen, Host, SaleId, State};
use shouyin::ledger::{AuditKey, Entry, Ledger};
use std::path::Path;

/// When the first of them was sent, UTC ms.
pub const T0: i64 = 1_700_000_000_000;
/// Between two of them, ms.
pub const A_MINUTE: i64 = 60_000;
/// So many bills are a shift.
pub const A_SHIFT: u32 = 2_000;

/// How many.
pub fn bills() -> u32 {
    let set = std::env::var("SHOUYIN_BENCH_BILLS").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

/// Spreads n over all 64 bits (splitmix64).
fn mixed(n: u32) -> u64 {
    let mut z = u64::from(n).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Eight characters of 0-9A-Z, the same for the same n.
pub fn random(n: u32) -> String {
    let digit = |i: u32| char::from_digit((mixed(n) >> (i * 6)) as u32 % 36, 36).unwrap();
    (0..8).map(|i| digit(i).to_ascii_uppercase()).collect()
}

/// Bill number n, just sent.
pub fn a_bill(n: u32) -> Bill {
    // Every tenth costs the same: a search by that amount has the most to choose from.
    let amount = match n.is_multiple_of(10) {
        true => 1_000,
        false => (mixed(n) % 20_000) as i64 + 1,
    };
    let number = format!("2026112001{:06}{}", n % 1_000_000, random(n));
    let sent = Stamp {
        wall_ms: T0 + i64::from(n) * A_MINUTE,
        offset_ms: Some(-120),
    };
    Bill {
        title: "示例便利店".to_owned(),
        operator: "1001".to_owned(),
        code_hash: Some(format!("{:032x}", u128::from(mixed(n)) << 7)),
        code_mask: Some("28…31".to_owned()),
        params_hash: "ab".repeat(32),
        bill_timeout_s: Some(361),
        ..Bill::sent(
            BillNo::parse(&number).unwrap(),
            SaleId(format!("20261120-01-{n:07}")),
            Fen(amount),
            Channel::AliScan,
            Host("https://api.beecloud.cn".to_owned()),
            sent,
        )
    }
}

/// The same bill when it has ended: mostly paid, rarely anything else.
fn ended(mut bill: Bill, n: u32) -> Bill {
    bill.state = match n % 1_000 {
        1 => State::Refused,
        2 => State::Reverted,
        3 if n.is_multiple_of(100_000) => State::Unresolved,
        _ => State::Paid,
    };
    bill.proof = Some(Proof::Pay);
    bill.paid_seen = bill.state == State::Paid;
    bill.refunded = Fen(i64::from(n.is_multiple_of(500)));
    bill.ended_ms = bill.state.is_terminal().then_some(bill.sent.wall_ms + 800);
    bill
}

/// Shift number n, and the same when it has ended.
fn shift(no: u32, at_ms: i64) -> [Shift; 2] {
    let open = Shift {
        no,
        opened_ms: at_ms,
        opened_by: "1001".to_owned(),
        float: Fen(20_000),
        holder: "1001".to_owned(),
        hands: Vec::new(),
        cash: Vec::new(),
        closed: None,
    };
    let closed = Closed {
        at_ms,
        by: "1001".to_owned(),
        counted: Fen(20_000),
        exception: None,
        report: ShiftReport::default(),
        head_count: 0,
        head: String::new(),
    };
    let over = Shift {
        closed: Some(closed),
        ..open.clone()
    };
    [open, over]
}

/// Writes them all, with the three events of a usual payment each, shift after shift.
pub fn make(path: &Path, key: AuditKey, bills: u32) {
    let mut ledger = Ledger::open(path, key).unwrap();
    for from in (0..bills).step_by(A_SHIFT as usize) {
        let at_ms = T0 + i64::from(from) * A_MINUTE;
        let [open, over] = shift(from / A_SHIFT + 1, at_ms);
        let opened = Entry::Shift(ShiftHappened::ShiftOpened, &open);
        ledger.write(&[opened], at_ms).unwrap();
        let chunk: Vec<(u32, Bill)> = (from..bills.min(from + A_SHIFT))
            .map(|n| (n, a_bill(n)))
            .collect();
        let ends: Vec<Bill> = chunk.iter().map(|(n, b)| ended(b.clone(), *n)).collect();
        let entries = chunk.iter().zip(&ends).flat_map(|((_, sent), end)| {
            let at = sent.sent.wall_ms;
            [
                (Happened::Started, None, sent, at),
                (Happened::Paid, Some("pay_result"), end, at + 800),
                (Happened::LookedAt, None, end, at + 1_500),
            ]
        });
        ledger.record_all(entries).unwrap();
        let closed = Entry::Shift(ShiftHappened::ShiftClosed, &over);
        ledger.write(&[closed], at_ms).unwrap();
    }
}
