//! Asking the gateway how a bill and its refunds stand, off the engine's thread: one request at a
//! time, all of it from one host, the next host where that one is silent.

use super::super::engine::{Engine, Input};
use super::super::requests::is_silence;
use crate::domain::gateway::{
    Answer, ListQuery, Listed, Lost, RefundRow, RefundStatusOutcome, RowOutcome,
};
use crate::domain::refund::RefundChannel;
use crate::domain::{BillNo, Host, Now, RefundNo};
use crate::gateway::Gateway;
use std::sync::Arc;
use std::time::Instant;

/// A bill with more pages of refunds is not read to its end, which is no answer.
const MOST_PAGES: u32 = 40;
/// So many unfinished refunds of one bill are asked about at once; one at a time is the rule.
const MOST_STATUSES: usize = 5;

/// What one host said about a bill.
#[derive(Clone)]
pub(in crate::till) struct Found {
    pub row: RowOutcome,
    /// Every row of `/refunds?bill_no`; empty where they were not asked for.
    pub refunds: Vec<RefundRow>,
    pub host: Host,
}

/// What was found, and what every answer says about host and clock.
#[derive(Default)]
struct Reading {
    found: Option<Found>,
    heard: Vec<(Answer<()>, bool)>,
}

/// Gateway time beside the engine's thread: it signs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    began: Instant,
    began_ms: i64,
    known: bool,
}

impl Time {
    pub fn of(now: &Now) -> Time {
        Time {
            began: Instant::now(),
            began_ms: now.gateway_ms(),
            known: now.offset_ms.is_some(),
        }
    }

    fn since_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    pub fn now_ms(&self) -> i64 {
        self.began_ms.saturating_add(self.since_ms())
    }

    fn learn(&mut self, date_ms: i64) {
        if !self.known {
            self.began_ms = date_ms.saturating_sub(self.since_ms());
            self.known = true;
        }
    }
}

struct Asker {
    gateway: Arc<dyn Gateway>,
    bill_no: BillNo,
    time: Time,
    with_refunds: bool,
    /// Open refunds of this ledger: their own machine asks for their status.
    open_here: Vec<RefundNo>,
    heard: Vec<(Answer<()>, bool)>,
}

impl Engine {
    /// Reads a bill's row, and its refunds where wanted, and goes on with `then` on the engine's
    /// thread. `None`: no host gave a usable answer.
    pub(in crate::till) fn read_gateway(
        &self,
        bill_no: &BillNo,
        with_refunds: bool,
        then: impl FnOnce(&mut Engine, Option<Found>) + Send + 'static,
    ) {
        let now = self.clock.now();
        let held = self.cases.get(bill_no).map(|h| h.case.bill.host.clone());
        let written = || self.ledger.bill(bill_no).ok().flatten().map(|b| b.host);
        let first = held.or_else(written);
        let hosts = self.hosts.in_order(first.as_ref(), &now);
        let here = self.refunds_now(bill_no).unwrap_or_default();
        let open = here.into_iter().filter(|r| !r.state.is_terminal());
        let asker = Asker {
            gateway: Arc::clone(&self.gateway),
            bill_no: bill_no.clone(),
            time: Time::of(&now),
            with_refunds,
            open_here: open.map(|r| r.refund_no).collect(),
            heard: Vec::new(),
        };
        let outbox = self.outbox.clone();
        let reading = self.runtime.spawn(asker.read(hosts));
        self.runtime.spawn(async move {
            // A panic in a client is no answer, so that nothing waits for ever.
            let reading = reading.await.unwrap_or_default();
            let _ = outbox.send(Input::Visit(Box::new(move |engine| {
                for (answer, heard) in &reading.heard {
                    engine.heard(answer, *heard);
                }
                then(engine, reading.found);
            })));
        });
    }
}

impl Asker {
    async fn read(mut self, hosts: Vec<Host>) -> Reading {
        let mut found = None;
        for host in hosts {
            found = self.from(&host).await;
            if found.is_some() {
                break;
            }
        }
        Reading {
            found,
            heard: self.heard,
        }
    }

    /// Row and refunds of one host: together they are one witness.
    async fn from(&mut self, host: &Host) -> Option<Found> {
        let row = self.row(host).await?;
        let refunds = match self.with_refunds {
            true => self.refunds(host).await?,
            false => Vec::new(),
        };
        let host = host.clone();
        Some(Found { row, refunds, host })
    }

    async fn row(&mut self, host: &Host) -> Option<RowOutcome> {
        let knew_time = self.time.known;
        let mut answer = self
            .gateway
            .row(host, &self.bill_no, self.time.now_ms())
            .await;
        self.hear(&answer, row_was_heard(&answer.outcome));
        let unsigned = RowOutcome::NoAnswer(Lost::Code(1));
        if answer.outcome == unsigned && !knew_time && self.time.known {
            // It was signed before any answer had told the gateway's time.
            answer = self
                .gateway
                .row(host, &self.bill_no, self.time.now_ms())
                .await;
            self.hear(&answer, row_was_heard(&answer.outcome));
        }
        match answer.outcome {
            RowOutcome::NoAnswer(_) => None,
            row => Some(row),
        }
    }

    /// The bill's refunds. One of WeChat that was made elsewhere and that nobody follows any more
    /// stays unfinished in the list until its status is asked (PROTOCOL: refund status; FATE 22).
    async fn refunds(&mut self, host: &Host) -> Option<Vec<RefundRow>> {
        let rows = self.listed(host).await?;
        let waiting: Vec<RefundNo> = rows
            .iter()
            .filter_map(|r| self.waits_for_status(r))
            .collect();
        if waiting.is_empty() {
            return Some(rows);
        }
        for refund_no in waiting.iter().take(MOST_STATUSES) {
            let at_ms = self.time.now_ms();
            let answer = self.gateway.refund_status(host, refund_no, at_ms).await;
            self.hear(&answer, status_was_heard(&answer.outcome));
        }
        // The list alone says what counts; a silent one leaves what it said before.
        Some(self.listed(host).await.unwrap_or(rows))
    }

    fn waits_for_status(&self, row: &RefundRow) -> Option<RefundNo> {
        let waits = !row.finish && row.channel == Some(RefundChannel::Wx);
        let refund_no = RefundNo::parse(&row.refund_no).filter(|_| waits)?;
        (!self.open_here.contains(&refund_no)).then_some(refund_no)
    }

    async fn listed(&mut self, host: &Host) -> Option<Vec<RefundRow>> {
        let query = ListQuery {
            bill_no: Some(self.bill_no.as_str().to_owned()),
            ..ListQuery::default()
        };
        let answer = every_refund(&*self.gateway, host, query, self.time).await;
        self.hear(&answer, list_was_heard(&answer.outcome));
        match answer.outcome {
            Listed::Here(rows) => Some(rows),
            Listed::NoSuch => Some(Vec::new()),
            Listed::NoAnswer(_) => None,
        }
    }

    fn hear<T>(&mut self, answer: &Answer<T>, heard: bool) {
        if let Some(date_ms) = answer.date_ms {
            self.time.learn(date_ms);
        }
        let answer = Answer {
            outcome: (),
            host: answer.host.clone(),
            date_ms: answer.date_ms,
            took_ms: answer.took_ms,
        };
        self.heard.push((answer, heard));
    }
}

/// Every row of `/refunds` that fits. A gateway's own pages may be shorter than what was asked
/// for, and a row that is missed would be refunded twice: only an empty page is the end.
pub(super) async fn every_refund(
    gateway: &dyn Gateway,
    host: &Host,
    mut query: ListQuery,
    time: Time,
) -> Answer<Listed<Vec<RefundRow>>> {
    query.limit = ListQuery::PAGE;
    let mut rows: Vec<RefundRow> = Vec::new();
    let mut page = 0;
    loop {
        let mut answer = gateway.refunds(host, &query, time.now_ms()).await;
        page += 1;
        let Listed::Here(more) = &answer.outcome else {
            if answer.outcome == Listed::NoSuch && page > 1 {
                answer.outcome = Listed::Here(rows);
            }
            return answer;
        };
        if more.is_empty() {
            answer.outcome = Listed::Here(rows);
            return answer;
        }
        if page == MOST_PAGES {
            answer.outcome = Listed::NoAnswer(Lost::Incomplete);
            return answer;
        }
        query.skip = query
            .skip
            .saturating_add(u32::try_from(more.len()).unwrap_or(ListQuery::PAGE));
        // A row that moved to the next page while others came in is the same row.
        let new: Vec<RefundRow> = more.iter().filter(|r| !rows.contains(r)).cloned().collect();
        rows.extend(new);
    }
}

/// The host said something that a gateway says.
pub(super) fn row_was_heard(row: &RowOutcome) -> bool {
    !matches!(row, RowOutcome::NoAnswer(why) if is_silence(why))
}

/// The host said something that a gateway says.
pub(super) fn list_was_heard<T>(list: &Listed<T>) -> bool {
    !matches!(list, Listed::NoAnswer(why) if is_silence(why))
}

/// The host said something that a gateway says.
pub(super) fn status_was_heard(status: &RefundStatusOutcome) -> bool {
    !matches!(status, RefundStatusOutcome::NoAnswer(why) if is_silence(why))
}
