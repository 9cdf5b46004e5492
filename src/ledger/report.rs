//! What was taken in a shift or on a day, summed up from the tables. Every bill is in it by when
//! it first counted as paid, so that no two shifts and no two days share one.

use super::books::Books;
use super::error::LedgerError;
use super::read;
use super::tables::{OPEN, wallet_number, wallet_of};
use crate::domain::shift::{HourTally, ShiftReport, Tally};
use crate::domain::{Fen, Wallet};
use rusqlite::{Connection, Params, Row};
use std::collections::BTreeMap;

const AN_HOUR_MS: i64 = 3_600_000;

/// What a report is about.
pub(super) enum During {
    /// A shift.
    Shift(u32),
    /// From, to (exclusive), UTC ms.
    Time(i64, i64),
}

pub(super) const PAID_IN_SHIFT: &str =
    "SELECT amount, class, operator, counted_ms FROM bill WHERE counted_shift = ?1";
pub(super) const PAID_BETWEEN: &str = "SELECT amount, class, operator, counted_ms FROM bill
     WHERE counted_ms >= ?1 AND counted_ms < ?2";

pub(super) const REFUNDED_IN_SHIFT: &str =
    "SELECT count(*), coalesce(sum(fee), 0) FROM refund WHERE class = 3 AND shift = ?1";
pub(super) const REFUNDED_BETWEEN: &str = "SELECT count(*), coalesce(sum(fee), 0) FROM refund
     WHERE class = 3 AND ended_ms >= ?1 AND ended_ms < ?2";

pub(super) const REVERTED_IN_SHIFT: &str =
    "SELECT count(*), coalesce(sum(amount), 0) FROM bill WHERE class % 10 = 8 AND shift = ?1";
pub(super) const REVERTED_BETWEEN: &str = "SELECT count(*), coalesce(sum(amount), 0) FROM bill
     WHERE class % 10 = 8 AND ended_ms >= ?1 AND ended_ms < ?2";

pub(super) const UNDER_WAY: &str = "SELECT count(*), coalesce(sum(fee), 0) FROM refund
     WHERE attention = ?1 AND began = ?2 AND class <> 7";

/// Several statements: the caller sees to one moment.
pub(super) fn make(conn: &Connection, during: &During) -> Result<ShiftReport, LedgerError> {
    let mut sums = Sums::default();
    let (refunds, reverts) = match *during {
        During::Shift(no) => {
            sums.add_all(conn, PAID_IN_SHIFT, [no])?;
            let refunds = tally(conn, REFUNDED_IN_SHIFT, [no])?;
            (refunds, tally(conn, REVERTED_IN_SHIFT, [no])?)
        }
        During::Time(from, to) => {
            sums.add_all(conn, PAID_BETWEEN, [from, to])?;
            let refunds = tally(conn, REFUNDED_BETWEEN, [from, to])?;
            (refunds, tally(conn, REVERTED_BETWEEN, [from, to])?)
        }
    };
    Ok(ShiftReport {
        refunds,
        reverts,
        to_do: to_do(conn)?,
        ..sums.report()
    })
}

/// What the refunds that succeeded in a shift, and those under way that began in it, took.
pub(super) fn refunded_in_shift(conn: &Connection, no: u32) -> Result<Fen, LedgerError> {
    let done = tally(conn, REFUNDED_IN_SHIFT, [no])?;
    let under_way = tally(conn, UNDER_WAY, [OPEN, i64::from(no)])?;
    Ok(Fen(done.sum.0.saturating_add(under_way.sum.0)))
}

/// Bills and refunds that need somebody now.
fn to_do(conn: &Connection) -> Result<u32, LedgerError> {
    let books = Books::new(conn);
    let bills = [read::open_bills(conn)?, read::to_do(conn)?];
    let refunds = [books.open_refunds()?, books.refunds_to_do()?];
    let bills = bills.iter().flatten().filter(|b| b.needs_someone());
    let refunds = refunds.iter().flatten().filter(|r| r.needs_someone());
    Ok(u32::try_from(bills.count() + refunds.count()).unwrap_or(u32::MAX))
}

fn tally(conn: &Connection, sql: &str, params: impl Params) -> Result<Tally, LedgerError> {
    let tally = conn.prepare_cached(sql)?.query_row(params, |row| {
        Ok(Tally {
            count: row.get(0)?,
            sum: Fen(row.get(1)?),
        })
    })?;
    Ok(tally)
}

/// A wallet's place in a list: Alipay, WeChat, unknown.
type WalletOrder = (bool, i64);

fn order_of(wallet: Option<Wallet>) -> WalletOrder {
    (wallet.is_none(), wallet_number(wallet))
}

/// The paid bills so far.
#[derive(Default)]
struct Sums {
    paid: Tally,
    wallets: BTreeMap<WalletOrder, (Option<Wallet>, Tally)>,
    cashiers: BTreeMap<String, Tally>,
    hours: BTreeMap<(i64, WalletOrder), HourTally>,
}

impl Sums {
    fn add_all(
        &mut self,
        conn: &Connection,
        sql: &str,
        params: impl Params,
    ) -> Result<(), LedgerError> {
        let mut statement = conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            self.add(row)?;
        }
        Ok(())
    }

    fn add(&mut self, row: &Row<'_>) -> Result<(), LedgerError> {
        let amount = Fen(row.get(0)?);
        let wallet = wallet_of(row.get(1)?);
        let cashier = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let counted_ms: i64 = row.get(3)?;
        self.paid.add(amount);
        let by_wallet = self.wallets.entry(order_of(wallet));
        by_wallet
            .or_insert((wallet, Tally::default()))
            .1
            .add(amount);
        self.add_to_cashier(cashier, amount);
        self.add_to_hour(counted_ms, wallet, amount);
        Ok(())
    }

    fn add_to_cashier(&mut self, cashier: &str, amount: Fen) {
        match self.cashiers.get_mut(cashier) {
            Some(tally) => tally.add(amount),
            None => {
                let mut tally = Tally::default();
                tally.add(amount);
                self.cashiers.insert(cashier.to_owned(), tally);
            }
        }
    }

    fn add_to_hour(&mut self, at_ms: i64, wallet: Option<Wallet>, amount: Fen) {
        // Shanghai is whole hours from UTC, so its hours begin when UTC's do.
        let from_ms = at_ms.div_euclid(AN_HOUR_MS).saturating_mul(AN_HOUR_MS);
        let hour = self.hours.entry((from_ms, order_of(wallet)));
        let empty = HourTally {
            from_ms,
            wallet,
            tally: Tally::default(),
        };
        hour.or_insert(empty).tally.add(amount);
    }

    fn report(self) -> ShiftReport {
        ShiftReport {
            paid: self.paid,
            by_wallet: self.wallets.into_values().collect(),
            by_cashier: self.cashiers.into_iter().collect(),
            by_hour: self.hours.into_values().collect(),
            ..ShiftReport::default()
        }
    }
}
