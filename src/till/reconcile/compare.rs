//! One part of the time: what is listed beside what is here. What looks different is asked about
//! by its number, and given time to settle by proof, before it is called a difference.

use super::lists::Window;
use super::worker::{Stop, Worker};
use crate::domain::bill::LookFor;
use crate::domain::gateway::{ListQuery, Listed, ListedBill, Lost, RefundRow, Row, RowOutcome};
use crate::domain::reconcile::Run;
use crate::domain::{Bill, BillNo, Refund};
use crate::payment::reconcile::{self, Finding};
use crate::till::clock::wall_ms;
use crate::till::engine::Engine;
use std::collections::HashSet;
use std::time::Duration;

/// What is hinted gets this long to settle (FATE's own distances are up to 10 s).
const SETTLE: Duration = Duration::from_secs(20);
/// How often is looked whether it has.
const LOOK: Duration = Duration::from_millis(250);
/// So many settle at once.
const AT_ONCE: usize = 25;
/// FATE 2: a row may lag behind a success for as long.
const ROW_LAG_MS: i64 = 5 * 60_000;

/// A bill here and its row there. One of them is there.
type BillPair = (Option<Bill>, Option<ListedBill>);
/// A refund here and its row there. One of them is there.
type RefundPair = (Option<Refund>, Option<RefundRow>);

/// What the gateway says of one number.
enum ByNumber {
    Empty,
    Row(Box<Row>),
    /// Several rows: an incident of the machine's; the listed one is compared.
    Many,
}

impl Worker {
    pub async fn compare_bills(
        &mut self,
        run: &mut Run,
        window: Window,
        rows: Vec<ListedBill>,
    ) -> Result<(), Stop> {
        let mut doubtful = Vec::new();
        for (here, there) in self.bill_pairs(window, rows).await? {
            let finding = reconcile::bill(here.as_ref(), there.as_ref(), &self.others);
            let unclear = matches!(finding, Finding::Differs(_) | Finding::Unsettled);
            match here {
                Some(here) if unclear => doubtful.push((here, there)),
                here => reconcile::count_bill(run, here.as_ref(), there.as_ref(), &finding),
            }
        }
        // Bounded: each is a bill of this part.
        while !doubtful.is_empty() {
            let rest = doubtful.split_off(doubtful.len().min(AT_ONCE));
            self.settle_bills(run, doubtful).await?;
            doubtful = rest;
        }
        Ok(())
    }

    /// Every row with the bill of its number, whenever that was sent; then the paid bills of this
    /// time that no row was listed for, asked for by number.
    async fn bill_pairs(
        &mut self,
        window: Window,
        rows: Vec<ListedBill>,
    ) -> Result<Vec<BillPair>, Stop> {
        let mut listed = HashSet::new();
        let mut pairs: Vec<BillPair> = Vec::with_capacity(rows.len());
        for row in rows {
            // A second row of one number stands for money that is not in this ledger.
            let here = match listed.insert(row.bill_no.clone()) {
                true => self.books.bill(&row.bill_no)?,
                false => None,
            };
            pairs.push((here, Some(row)));
        }
        for bill_no in self.index.bills(window.from_ms, window.to_ms) {
            if listed.contains(bill_no.as_str()) {
                continue;
            }
            let here = self.books.bill(bill_no.as_str())?;
            let Some(here) = here.filter(Bill::counts_as_paid) else {
                continue;
            };
            match self.by_number(&here).await? {
                ByNumber::Row(row) if is_of_another(window, row.create_time_ms) => {}
                ByNumber::Row(row) => pairs.push((Some(here), Some(listed_as(&bill_no, *row)))),
                ByNumber::Empty => pairs.push((Some(here), None)),
                ByNumber::Many => {}
            }
        }
        Ok(pairs)
    }

    async fn by_number(&mut self, bill: &Bill) -> Result<ByNumber, Stop> {
        let numbers = (bill.bill_no.clone(), bill.gateway_no.clone());
        let said = self.ask_about(
            Some(bill),
            move |to, host, at_ms| {
                let (no, theirs) = numbers.clone();
                Box::pin(async move {
                    let row = to.row_by_number(&host, &no, theirs.as_deref(), at_ms);
                    row.await
                })
            },
            |outcome| match outcome {
                RowOutcome::Empty => Ok(ByNumber::Empty),
                RowOutcome::Row(row) => Ok(ByNumber::Row(Box::new(row))),
                RowOutcome::Many(_) => Ok(ByNumber::Many),
                RowOutcome::NoAnswer(why) => Err(why),
            },
        );
        said.await
    }

    /// The machine is hinted; what it proves settles a local unknown. The rest is compared again,
    /// with the row as it is then.
    async fn settle_bills(
        &mut self,
        run: &mut Run,
        doubtful: Vec<(Bill, Option<ListedBill>)>,
    ) -> Result<(), Stop> {
        let hinted: Vec<BillNo> = doubtful.iter().map(|(b, _)| b.bill_no.clone()).collect();
        let bills = hinted.clone();
        self.engine(move |engine| engine.hint(&bills)).await?;
        let end = tokio::time::Instant::now() + SETTLE;
        while tokio::time::Instant::now() < end {
            tokio::time::sleep(LOOK).await;
            let bills = hinted.clone();
            if self.engine(move |engine| engine.have_ended(&bills)).await? {
                break;
            }
        }
        for (before, there) in doubtful {
            self.judge_bill(run, before, there).await?;
        }
        Ok(())
    }

    async fn judge_bill(
        &mut self,
        run: &mut Run,
        before: Bill,
        listed: Option<ListedBill>,
    ) -> Result<(), Stop> {
        let now = self.books.bill(before.bill_no.as_str())?;
        let here = now.unwrap_or_else(|| before.clone());
        let there = match self.by_number(&here).await? {
            ByNumber::Empty => None,
            ByNumber::Row(row) => Some(listed_as(&here.bill_no, *row)),
            ByNumber::Many => listed,
        };
        if !before.state.is_terminal() && here.state.is_terminal() {
            note_settled(run, &here.bill_no);
        }
        let mut finding = reconcile::bill(Some(&here), there.as_ref(), &self.others);
        if matches!(finding, Finding::Differs(_)) {
            if may_lag(&here) {
                finding = Finding::InProgress;
            } else if self.went_back_elsewhere(&here, there.as_ref()).await? {
                finding = Finding::Same;
            }
        }
        reconcile::count_bill(run, Some(&here), there.as_ref(), &finding);
        Ok(())
    }

    /// Not paid here, paid there, and given back wholly by refunds that were made elsewhere.
    async fn went_back_elsewhere(
        &mut self,
        here: &Bill,
        there: Option<&ListedBill>,
    ) -> Result<bool, Stop> {
        let refunded = there.filter(|t| t.row.refunded == Some(true));
        let Some(there) = refunded.filter(|_| !here.counts_as_paid()) else {
            return Ok(false);
        };
        let query = ListQuery {
            bill_no: Some(there.bill_no.clone()),
            limit: ListQuery::PAGE,
            ..ListQuery::default()
        };
        let rows = self.refund_rows(query).await?;
        Ok(reconcile::is_wholly_refunded(&there.row, &rows))
    }

    async fn refund_rows(&mut self, query: ListQuery) -> Result<Vec<RefundRow>, Stop> {
        let said = self.ask(
            move |to, host, at_ms| {
                let query = query.clone();
                Box::pin(async move { to.refunds(&host, &query, at_ms).await })
            },
            rows_or_none,
        );
        said.await
    }

    pub async fn compare_refunds(
        &mut self,
        run: &mut Run,
        window: Window,
        rows: Vec<RefundRow>,
    ) -> Result<(), Stop> {
        let mut doubtful = Vec::new();
        for (here, there) in self.refund_pairs(window, rows).await? {
            let finding = reconcile::refund(here.as_ref(), there.as_ref(), &self.others);
            let unclear = matches!(finding, Finding::Differs(_) | Finding::Unsettled);
            match here {
                Some(here) if unclear => doubtful.push((here, there)),
                here => reconcile::count_refund(run, here.as_ref(), there.as_ref(), &finding),
            }
        }
        while !doubtful.is_empty() {
            let rest = doubtful.split_off(doubtful.len().min(AT_ONCE));
            self.settle_refunds(run, doubtful).await?;
            doubtful = rest;
        }
        Ok(())
    }

    async fn refund_pairs(
        &mut self,
        window: Window,
        rows: Vec<RefundRow>,
    ) -> Result<Vec<RefundPair>, Stop> {
        let mut listed = HashSet::new();
        let mut pairs: Vec<RefundPair> = Vec::with_capacity(rows.len());
        for row in rows {
            let here = match listed.insert(row.refund_no.clone()) {
                true => self.books.refund(&row.refund_no)?,
                false => None,
            };
            pairs.push((here, Some(row)));
        }
        for refund_no in self.index.refunds(window.from_ms, window.to_ms) {
            let unlisted = !listed.contains(refund_no.as_str());
            let here = match unlisted {
                true => self.books.refund(refund_no.as_str())?,
                false => None,
            };
            let Some(here) = here else { continue };
            if !matches!(
                reconcile::refund(Some(&here), None, &[]),
                Finding::Differs(_)
            ) {
                continue;
            }
            match self.refund_by_number(&here).await? {
                Some(row) if is_of_another(window, row.create_time_ms) => {}
                there => pairs.push((Some(here), there)),
            }
        }
        Ok(pairs)
    }

    async fn refund_by_number(&mut self, refund: &Refund) -> Result<Option<RefundRow>, Stop> {
        let query = ListQuery {
            refund_no: Some(refund.refund_no.clone()),
            limit: ListQuery::PAGE,
            ..ListQuery::default()
        };
        let rows = self.refund_rows(query).await?;
        let ours = |row: &RefundRow| row.refund_no == refund.refund_no.as_str();
        Ok(rows.into_iter().find(ours))
    }

    async fn settle_refunds(
        &mut self,
        run: &mut Run,
        doubtful: Vec<(Refund, Option<RefundRow>)>,
    ) -> Result<(), Stop> {
        let hinted: Vec<Refund> = doubtful.iter().map(|(r, _)| r.clone()).collect();
        let numbers: Vec<_> = hinted.iter().map(|r| r.refund_no.clone()).collect();
        let hint = move |engine: &mut Engine| {
            for refund_no in &numbers {
                engine.hint_refund(refund_no);
            }
        };
        self.engine(hint).await?;
        let end = tokio::time::Instant::now() + SETTLE;
        while tokio::time::Instant::now() < end && self.any_open(&hinted)? {
            tokio::time::sleep(LOOK).await;
        }
        for (before, _) in doubtful {
            let now = self.books.refund(before.refund_no.as_str())?;
            let here = now.unwrap_or_else(|| before.clone());
            let there = self.refund_by_number(&here).await?;
            if !before.state.is_terminal() && here.state.is_terminal() {
                note_settled(run, &here.bill_no);
            }
            let finding = reconcile::refund(Some(&here), there.as_ref(), &self.others);
            reconcile::count_refund(run, Some(&here), there.as_ref(), &finding);
        }
        Ok(())
    }

    fn any_open(&self, refunds: &[Refund]) -> Result<bool, Stop> {
        for refund in refunds.iter().filter(|r| !r.state.is_terminal()) {
            let now = self.books.refund(refund.refund_no.as_str())?;
            if now.is_some_and(|r| !r.state.is_terminal()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Created in another part of the time, or on another day: it is compared there (midnight, and
/// clocks that differ by a second).
fn is_of_another(window: Window, created_ms: Option<i64>) -> bool {
    created_ms.is_some_and(|at| !(window.from_ms..window.to_ms).contains(&at))
}

/// Its row is still being waited for, and was not for long.
fn may_lag(here: &Bill) -> bool {
    let waits = here.look.is_some_and(|l| l.look_for == LookFor::PaidRow);
    let ended = here.ended_ms.unwrap_or(i64::MIN);
    waits && wall_ms().saturating_sub(ended) < ROW_LAG_MS
}

fn note_settled(run: &mut Run, bill_no: &BillNo) {
    if !run.settled.contains(bill_no) {
        run.settled.push(bill_no.clone());
    }
}

fn listed_as(bill_no: &BillNo, row: Row) -> ListedBill {
    ListedBill {
        bill_no: bill_no.as_str().to_owned(),
        row,
    }
}

fn rows_or_none(listed: Listed<Vec<RefundRow>>) -> Result<Vec<RefundRow>, Lost> {
    match listed {
        Listed::Here(rows) => Ok(rows),
        Listed::NoSuch => Ok(Vec::new()),
        Listed::NoAnswer(why) => Err(why),
    }
}
