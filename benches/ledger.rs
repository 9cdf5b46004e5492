//! The ledger with a million bills: recording, searching, opening.
//!
//! `cargo bench --bench ledger`. `SHOUYIN_BENCH_BILLS` sets how many bills there are. The file is
//! made once in the temporary directory (`TMPDIR`), with the three events of a usual payment for
//! each bill, and is deleted at the end.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod million;

use divan::Bencher;

use million::{A_MINUTE, A_SHIFT, T0, a_bill, bills, random};
use shouyin::domain::bill::Happened;
use shouyin::domain::query::Query;
use shouyin::domain::{Fen, State, Wallet};
use shouyin::ledger::{AuditKey, Ledger, Reader};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

fn main() {
    let file = tempfile::tempdir().unwrap();
    DIR.set(file.path().join("ledger.db")).unwrap();
    let began = std::time::Instant::now();
    million::make(path(), key(), bills());
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

fn key() -> AuditKey {
    AuditKey::new(&[7; 32])
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
                ..all.clone()
            },
        ),
        (
            "page_10000",
            Query {
                after: Some(a_bill(n).bill_no),
                ..all.clone()
            },
        ),
        (
            "page_10000_of_a_cashier",
            Query {
                after: Some(a_bill(n).bill_no),
                operator: Some("1001".to_owned()),
                wallet: Some(Wallet::Alipay),
                states: rare,
                ..all
            },
        ),
    ]
}

const NAMES: [&str; 11] = [
    "newest",
    "tail_3",
    "tail_8",
    "amount_common",
    "amount_and_rare_states",
    "amount_refunded_in_a_day",
    "rare_states_before",
    "tail_4_state_time",
    "page_20",
    "page_10000",
    "page_10000_of_a_cashier",
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

/// What was taken in one shift of 2,000 bills.
#[divan::bench]
fn shift_report(bencher: Bencher<'_, '_>) {
    let reader = Reader::open(path()).unwrap();
    let no = (bills() / A_SHIFT / 2).max(1);
    bencher.bench_local(|| reader.books().shift_report(no).unwrap());
}

/// The whole of `audit verify`: minutes with a million bills, so only when asked for
/// (`cargo bench --bench ledger -- --include-ignored verify`).
#[divan::bench(ignore, sample_count = 1, sample_size = 1)]
fn verify() {
    shouyin::ledger::audit::verify(path(), &key()).unwrap();
}
