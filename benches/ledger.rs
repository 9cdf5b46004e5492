//! The ledger with a million bills: recording, searching, opening.
//!
//! `cargo bench --bench ledger`. `SHOUYIN_BENCH_BILLS` sets how many bills there are. The file is
//! made once in the temporary directory (`TMPDIR`), with the three events of a usual payment for
//! each bill, and is deleted at the end.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use divan::Bencher;
use shouyin::domain::bill::{Happened, PayAnswer, Proof, Qr};
use shouyin::domain::query::Query;
use shouyin::domain::time::Stamp;
use shouyin::domain::{Bill, BillNo, Channel, Fen, Host, SaleId, State};
use shouyin::ledger::{AuditKey, Ledger, Reader};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const T0: i64 = 1_700_000_000_000;
const A_MINUTE: i64 = 60_000;
const CHUNK: u32 = 5_000;

fn main() {
    let file = tempfile::tempdir().unwrap();
    DIR.set(file.path().join("ledger.db")).unwrap();
    let began = std::time::Instant::now();
    make(path(), bills());
    let size = path().metadata().unwrap().len() / 1_000_000;
    eprintln!(
        "{} bills, {size} MB, made in {:?}",
        bills(),
        began.elapsed()
    );
    divan::main();
}

static DIR: OnceLock<PathBuf> = OnceLock::new();

fn path() -> &'static Path {
    DIR.get().unwrap()
}

fn bills() -> u32 {
    let set = std::env::var("SHOUYIN_BENCH_BILLS").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

fn key() -> AuditKey {
    AuditKey::new(&[7; 32])
}

/// Spreads n over all 64 bits (splitmix64).
fn mixed(n: u32) -> u64 {
    let mut z = u64::from(n).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Eight characters of 0-9A-Z, the same for the same n.
fn random(n: u32) -> String {
    let digit = |i: u32| char::from_digit((mixed(n) >> (i * 6)) as u32 % 36, 36).unwrap();
    (0..8).map(|i| digit(i).to_ascii_uppercase()).collect()
}

fn a_bill(n: u32) -> Bill {
    Bill {
        bill_no: BillNo::parse(&format!("2026112001{:06}{}", n % 1_000_000, random(n))).unwrap(),
        sale: SaleId(format!("20261120-01-{n:07}")),
        // Every tenth costs the same: a search by that amount has the most to choose from.
        amount: Fen(if n.is_multiple_of(10) {
            1_000
        } else {
            (mixed(n) % 20_000) as i64 + 1
        }),
        channel: Channel::AliScan,
        title: "示例便利店".to_owned(),
        note: String::new(),
        operator: "1001".to_owned(),
        code_hash: Some(format!("{:032x}", u128::from(mixed(n)) << 7)),
        code_mask: Some("28…31".to_owned()),
        params_hash: "ab".repeat(32),
        bill_timeout_s: Some(361),
        another_by: None,
        state: State::Sent,
        host: Host("https://api.beecloud.cn".to_owned()),
        sent: Stamp {
            wall_ms: T0 + i64::from(n) * A_MINUTE,
            offset_ms: Some(-120),
        },
        ended_ms: None,
        pay: PayAnswer::Pending,
        channel_type: None,
        qr: Qr::None,
        row_seen: false,
        paid_seen: false,
        closing: None,
        reverts: None,
        not_revertible: false,
        guard_over: false,
        proof: None,
        returned: false,
        late: false,
        handed_over: false,
        trade_no: None,
        alarm: None,
        incident: None,
        look: None,
        next_ms: None,
        release: None,
        refunded: Fen::ZERO,
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

fn make(path: &Path, bills: u32) {
    let mut ledger = Ledger::open(path, key()).unwrap();
    for from in (0..bills).step_by(CHUNK as usize) {
        let chunk: Vec<(u32, Bill)> = (from..bills.min(from + CHUNK))
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
    }
}

/// One bill's intent, durable: an fsync is in it.
#[divan::bench(sample_count = 200)]
fn record(bencher: Bencher<'_, '_>) {
    let dir: TempDir = tempfile::tempdir_in(path().parent().unwrap()).unwrap();
    let mut ledger = Ledger::open(&dir.path().join("ledger.db"), key()).unwrap();
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        ledger
            .record(Happened::Started, None, &a_bill(n), T0)
            .unwrap();
    });
}

/// The same at the end of the large file.
#[divan::bench(sample_count = 200)]
fn record_after_a_million(bencher: Bencher<'_, '_>) {
    let mut ledger = Ledger::open(path(), key()).unwrap();
    let mut n = bills() + 1_000_000 * (1 + std::process::id() % 100);
    bencher.bench_local(|| {
        n += 1;
        ledger
            .record(Happened::Started, None, &a_bill(n), T0)
            .unwrap();
    });
}

/// From nothing to a ledger that can record, with what the till reads at its start.
#[divan::bench(sample_count = 50)]
fn open(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        let ledger = Ledger::open(path(), key()).unwrap();
        let open = ledger.open_bills().unwrap().len();
        (open, ledger.to_do().unwrap(), ledger.latest(12).unwrap())
    });
}

/// The searches a person makes, and the ones that are hardest to answer.
fn searches() -> Vec<(&'static str, Query)> {
    let n = bills() / 2;
    let tail = random(n);
    let middle = T0 + i64::from(n) * A_MINUTE;
    let all = Query {
        limit: 50,
        ..Query::default()
    };
    let ends = |n: usize| Query {
        tail: Some(tail[tail.len() - n..].to_owned()),
        ..all.clone()
    };
    let amount = Query {
        amount: Some(Fen(1_000)),
        ..all.clone()
    };
    let rare = vec![State::Unresolved, State::Refused, State::Expired];
    vec![
        ("newest", all.clone()),
        ("tail_3", ends(3)),
        ("tail_8", ends(8)),
        ("amount_common", amount.clone()),
        (
            "amount_and_rare_states",
            Query {
                states: rare.clone(),
                ..amount.clone()
            },
        ),
        (
            "amount_refunded_in_a_day",
            Query {
                refunded: true,
                from_ms: Some(middle),
                to_ms: Some(middle + 86_400_000),
                ..amount
            },
        ),
        (
            "rare_states_before",
            Query {
                states: rare.clone(),
                to_ms: Some(middle),
                ..all.clone()
            },
        ),
        (
            "tail_4_state_time",
            Query {
                states: vec![State::Paid],
                from_ms: Some(T0),
                ..ends(4)
            },
        ),
        (
            "page_20",
            Query {
                skip: 1_000,
                states: vec![State::Paid, State::Reverted],
                ..all
            },
        ),
    ]
}

const NAMES: [&str; 9] = [
    "newest",
    "tail_3",
    "tail_8",
    "amount_common",
    "amount_and_rare_states",
    "amount_refunded_in_a_day",
    "rare_states_before",
    "tail_4_state_time",
    "page_20",
];

#[divan::bench(args = NAMES)]
fn search(bencher: Bencher<'_, '_>, name: &str) {
    let reader = Reader::open(path()).unwrap();
    let (_, query) = searches().into_iter().find(|(n, _)| *n == name).unwrap();
    bencher.bench_local(|| reader.search(&query).unwrap());
}

/// The sum of one day.
#[divan::bench]
fn totals(bencher: Bencher<'_, '_>) {
    let reader = Reader::open(path()).unwrap();
    let from = T0 + i64::from(bills() / 2) * A_MINUTE;
    bencher.bench_local(|| reader.totals(from, from + 86_400_000).unwrap());
}

/// The whole of `audit verify`: minutes with a million bills, so only when asked for
/// (`cargo bench --bench ledger -- --include-ignored verify`).
#[divan::bench(ignore, sample_count = 1, sample_size = 1)]
fn verify() {
    shouyin::ledger::audit::verify(path(), &key()).unwrap();
}
