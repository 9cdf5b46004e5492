//! The gateway's side: `/bills` and `/refunds` with their counts, in parts of the time that are
//! small enough, and never a part of a part: what was counted must have been read.

use super::worker::{Stop, Worker};
use crate::domain::Host;
use crate::domain::gateway::{Answer, ListQuery, Listed, ListedBill, Lost, RefundRow};
use crate::gateway::Gateway;
use crate::till::service::{BoxFuture, Said};
use std::collections::HashSet;
use std::sync::Arc;

/// A part of the time is at most so long.
const LONGEST_MS: i64 = 3_600_000;
/// A part with more rows is halved.
const MOST_ROWS: u32 = 2_000;
/// An hour halved so often is under a second.
const HALVINGS: u32 = 12;
/// More rows in a second are no books.
const ABSURD: u32 = 50_000;
/// So often a part is read whose rows are not as many as counted.
const READINGS: u32 = 3;

/// A part of the time, gateway time, UTC ms: from inclusive, to exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Window {
    /// Whether the gateway takes its end_time in or not, nobody says: both ends are asked for.
    fn query(self, skip: u32) -> ListQuery {
        ListQuery {
            from_ms: Some(self.from_ms),
            to_ms: Some(self.to_ms),
            skip,
            limit: ListQuery::PAGE,
            ..ListQuery::default()
        }
    }
}

/// One of the two lists.
pub(super) trait Listing {
    type Row: Send + 'static;
    fn count(to: Arc<dyn Gateway>, host: Host, query: ListQuery, at_ms: i64) -> Asked<u32>;
    fn page(
        to: Arc<dyn Gateway>,
        host: Host,
        query: ListQuery,
        at_ms: i64,
    ) -> Asked<Vec<Self::Row>>;
    /// The same row has the same key.
    fn key(row: &Self::Row) -> String;
    fn created_ms(row: &Self::Row) -> Option<i64>;
}

pub(super) type Asked<T> = BoxFuture<'static, Answer<Listed<T>>>;

/// `/bills`.
pub(super) struct Bills;
/// `/refunds`.
pub(super) struct Refunds;

impl Listing for Bills {
    type Row = ListedBill;

    fn count(to: Arc<dyn Gateway>, host: Host, query: ListQuery, at_ms: i64) -> Asked<u32> {
        Box::pin(async move { to.bills_count(&host, &query, at_ms).await })
    }

    fn page(
        to: Arc<dyn Gateway>,
        host: Host,
        query: ListQuery,
        at_ms: i64,
    ) -> Asked<Vec<ListedBill>> {
        Box::pin(async move { to.bills(&host, &query, at_ms).await })
    }

    fn key(row: &ListedBill) -> String {
        let id = row.row.id.as_deref().unwrap_or_default();
        format!("{} {id}", row.bill_no)
    }

    fn created_ms(row: &ListedBill) -> Option<i64> {
        row.row.create_time_ms
    }
}

impl Listing for Refunds {
    type Row = RefundRow;

    fn count(to: Arc<dyn Gateway>, host: Host, query: ListQuery, at_ms: i64) -> Asked<u32> {
        Box::pin(async move { to.refunds_count(&host, &query, at_ms).await })
    }

    fn page(
        to: Arc<dyn Gateway>,
        host: Host,
        query: ListQuery,
        at_ms: i64,
    ) -> Asked<Vec<RefundRow>> {
        Box::pin(async move { to.refunds(&host, &query, at_ms).await })
    }

    fn key(row: &RefundRow) -> String {
        format!("{} {}", row.refund_no, row.bill_no)
    }

    fn created_ms(row: &RefundRow) -> Option<i64> {
        row.create_time_ms
    }
}

/// 8 and 13 say that there is none.
fn here<T: Default>(listed: Listed<T>) -> Result<T, Lost> {
    match listed {
        Listed::Here(rows) => Ok(rows),
        Listed::NoSuch => Ok(T::default()),
        Listed::NoAnswer(why) => Err(why),
    }
}

impl Worker {
    /// The next part: an hour, or as much of one as holds few enough rows.
    pub async fn next_window(&mut self, from_ms: i64) -> Result<(Window, u32, u32), Stop> {
        let mut window = Window {
            from_ms,
            to_ms: from_ms.saturating_add(LONGEST_MS).min(self.until_ms),
        };
        for _ in 0..=HALVINGS {
            let bills = self.count::<Bills>(window).await?;
            let refunds = self.count::<Refunds>(window).await?;
            let length = window.to_ms - window.from_ms;
            if bills.max(refunds) <= MOST_ROWS || length <= 1 {
                return Ok((window, bills, refunds));
            }
            window.to_ms = window.from_ms + length / 2;
        }
        let bills = self.count::<Bills>(window).await?;
        let refunds = self.count::<Refunds>(window).await?;
        match bills.max(refunds) <= ABSURD {
            true => Ok((window, bills, refunds)),
            false => Err(Stop::Said(Said::Text(
                "网关的账单多得不合理，请联系网关".to_owned(),
            ))),
        }
    }

    pub async fn count<L: Listing>(&mut self, window: Window) -> Result<u32, Stop> {
        self.ask(
            |to, host, at_ms| L::count(to, host, window.query(0), at_ms),
            here,
        )
        .await
    }

    /// Every row of this part, each once: as many as were counted.
    pub async fn read<L: Listing>(
        &mut self,
        window: Window,
        mut counted: u32,
    ) -> Result<Vec<L::Row>, Stop> {
        for reading in 0..READINGS {
            if reading > 0 {
                counted = self.count::<L>(window).await?;
            }
            let rows = self.pages::<L>(window, counted).await?;
            if u32::try_from(rows.len()) == Ok(counted) {
                return Ok(self.new_ones::<L>(window, rows));
            }
        }
        Err(Stop::Said(Said::Text(
            "网关给的笔数和明细对不上，请过一会儿再对账".to_owned(),
        )))
    }

    /// Until a page is not full: a list that is longer than its count is seen too.
    async fn pages<L: Listing>(
        &mut self,
        window: Window,
        counted: u32,
    ) -> Result<Vec<L::Row>, Stop> {
        let mut rows = Vec::new();
        let mut keys = HashSet::new();
        let mut skip = 0_u32;
        while skip <= counted {
            let page = self
                .ask(
                    |to, host, at_ms| L::page(to, host, window.query(skip), at_ms),
                    here,
                )
                .await?;
            let full = page.len() >= ListQuery::PAGE as usize;
            rows.extend(page.into_iter().filter(|row| keys.insert(L::key(row))));
            if !full {
                break;
            }
            skip = skip.saturating_add(ListQuery::PAGE);
            self.moved(window, skip, counted);
        }
        Ok(rows)
    }

    /// What is created at the very end belongs to the next part, and no row is compared twice.
    fn new_ones<L: Listing>(&mut self, window: Window, rows: Vec<L::Row>) -> Vec<L::Row> {
        let in_it = |row: &L::Row| L::created_ms(row) != Some(window.to_ms);
        let rows = rows.into_iter().filter(in_it);
        rows.filter(|row| self.seen.insert(L::key(row))).collect()
    }
}
