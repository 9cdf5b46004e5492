//! The task: part after part of the time, each read, compared, settled and recorded. It holds no
//! state that its end would lose: the run is in the ledger after every part.

use super::books::{Books, Index};
use super::lists::{Bills, Refunds, Window};
use crate::domain::gateway::{Answer, Lost};
use crate::domain::reconcile::Run;
use crate::domain::{Bill, Host};
use crate::gateway::Gateway;
use crate::ledger::{LedgerError, Reader};
use crate::till::engine::{Engine, Input};
use crate::till::requests::is_silence;
use crate::till::service::{BoxFuture, ReconcileProgress, Said};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::oneshot;

/// A question that got no usable answer is asked again after so long; then nothing is known.
const AGAIN: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(3),
];
/// Gateway time is known to so much: what was made just now is still compared.
const CLOCK_GRAIN_MS: i64 = 2_000;
/// The bar moves in steps of so many permille.
const STEP: u32 = 5;
/// So many differences are listed one by one; with more, the books are not of the same shop.
const MOST_DIFFERENCES: usize = 1_000;

/// Why it ends before its end.
pub(super) enum Stop {
    /// A person can be told.
    Said(Said),
    /// Nobody listens any more: cancelled, or the till has stopped.
    Gone,
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Self {
        Stop::Said(Said::Text(error.to_string()))
    }
}

pub(super) struct Worker {
    id: u64,
    gateway: Arc<dyn Gateway>,
    outbox: Sender<Input>,
    pub books: Books,
    /// The merchant's other tills.
    pub others: Vec<String>,
    /// As recorded.
    run: Run,
    /// Compared until here: the end, or now.
    pub until_ms: i64,
    pub index: Index,
    /// Rows that were compared in this process.
    pub seen: HashSet<String>,
    permille: u32,
}

impl Worker {
    pub fn new(id: u64, engine: &Engine, reader: Reader, run: Run) -> Worker {
        Worker {
            id,
            gateway: Arc::clone(&engine.gateway),
            outbox: engine.outbox.clone(),
            books: Books::new(reader),
            others: engine.settings.shop.other_tills.clone(),
            until_ms: run.scope.to_ms,
            run,
            index: Index::default(),
            seen: HashSet::new(),
            permille: 0,
        }
    }

    /// `None`: nobody listens any more.
    pub async fn work(mut self) -> Option<ReconcileProgress> {
        match self.compare_all().await {
            Ok(()) => Some(ReconcileProgress::Finished),
            Err(Stop::Said(said)) => Some(ReconcileProgress::Stopped(said)),
            Err(Stop::Gone) => None,
        }
    }

    async fn compare_all(&mut self) -> Result<(), Stop> {
        self.begin().await?;
        // Ends: every part is longer than nothing.
        while self.run.done_to_ms < self.until_ms {
            let (window, bills, refunds) = self.next_window(self.run.done_to_ms).await?;
            let mut run = self.run.clone();
            let rows = self.read::<Bills>(window, bills).await?;
            self.compare_bills(&mut run, window, rows).await?;
            let rows = self.read::<Refunds>(window, refunds).await?;
            self.compare_refunds(&mut run, window, rows).await?;
            run.done_to_ms = window.to_ms;
            self.keep(run).await?;
            self.moved(window, 1, 1);
        }
        let mut run = self.run.clone();
        run.finished = true;
        self.keep(run).await
    }

    /// The first answer tells the gateway's clock (to a second); what lies after now is not
    /// compared.
    async fn begin(&mut self) -> Result<(), Stop> {
        let (from_ms, to_ms) = (self.run.scope.from_ms, self.run.scope.to_ms);
        self.count::<Bills>(Window { from_ms, to_ms }).await?;
        let now = self.engine(|engine| engine.clock.now()).await?;
        self.until_ms = to_ms.min(now.gateway_ms().saturating_add(CLOCK_GRAIN_MS));
        let read = || self.books.index(from_ms, self.until_ms, &now);
        self.index = tokio::task::block_in_place(read)?;
        Ok(())
    }

    async fn keep(&mut self, run: Run) -> Result<(), Stop> {
        if run.differences.len() > MOST_DIFFERENCES {
            return Err(Stop::Said(Said::Text(
                "差异太多：请检查网关的应用编号和 [shop] other_tills".to_owned(),
            )));
        }
        let kept = run.clone();
        let recorded = self.engine(move |engine| engine.keep_run(kept)).await?;
        recorded.map_err(Stop::Said)?;
        self.run = run;
        Ok(())
    }

    /// Asks the till something on its own thread.
    pub async fn engine<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, Stop> {
        let (reply, answer) = oneshot::channel();
        self.tell(move |engine| {
            let _ = reply.send(ask(engine));
        })?;
        answer.await.map_err(|_| Stop::Gone)
    }

    /// What a stopped one says is not listened to.
    fn tell(&self, act: impl FnOnce(&mut Engine) + Send + 'static) -> Result<(), Stop> {
        let id = self.id;
        let visit = move |engine: &mut Engine| {
            if engine.reconciles(id) {
                act(engine);
            }
        };
        let sent = self.outbox.send(Input::Visit(Box::new(visit)));
        sent.map_err(|_| Stop::Gone)
    }

    /// Asks a host that answers.
    pub async fn ask<T: Send, U>(
        &mut self,
        request: impl Fn(Arc<dyn Gateway>, Host, i64) -> BoxFuture<'static, Answer<T>> + Send,
        read: impl Fn(T) -> Result<U, Lost> + Send,
    ) -> Result<U, Stop> {
        self.ask_about(None, request, read).await
    }

    /// Asks the host that has this bill, so that what it denies counts (FATE: fact); without a
    /// bill, one that answers.
    pub async fn ask_about<T: Send, U>(
        &mut self,
        bill: Option<&Bill>,
        request: impl Fn(Arc<dyn Gateway>, Host, i64) -> BoxFuture<'static, Answer<T>> + Send,
        read: impl Fn(T) -> Result<U, Lost> + Send,
    ) -> Result<U, Stop> {
        for wait in AGAIN {
            tokio::time::sleep(wait).await;
            let about = bill.cloned();
            let picked = self.engine(move |engine| pick(engine, about.as_ref()));
            let (host, at_ms) = picked
                .await?
                .ok_or_else(|| Stop::Said(Said::Refused("设置里没有网关地址".to_owned())))?;
            let answer = request(Arc::clone(&self.gateway), host, at_ms).await;
            let said = Answer {
                outcome: (),
                host: answer.host,
                date_ms: answer.date_ms,
                took_ms: answer.took_ms,
            };
            let read = read(answer.outcome);
            let heard = read.as_ref().err().is_none_or(|why| !is_silence(why));
            self.tell(move |engine| engine.heard(&said, heard))?;
            if let Ok(read) = read {
                return Ok(read);
            }
        }
        Err(Stop::Said(Said::GatewaySilent))
    }

    /// Shows how far it is: `done` of `all` of this part.
    pub fn moved(&mut self, window: Window, done: u32, all: u32) {
        let from = self.run.scope.from_ms;
        let share = i64::from(done.min(all)) * (window.to_ms - window.from_ms);
        let compared = window.from_ms - from + share / i64::from(all.max(1));
        let whole = (self.until_ms - from).max(1);
        let permille = u32::try_from(compared.saturating_mul(1_000) / whole).unwrap_or(0);
        if permille >= self.permille + STEP {
            self.permille = permille.min(999);
            let permille = self.permille;
            let _ = self.tell(move |engine| engine.reconcile_moved(permille));
        }
    }
}

fn pick(engine: &Engine, about: Option<&Bill>) -> Option<(Host, i64)> {
    let now = engine.clock.now();
    let host = match about {
        Some(bill) => Some(engine.hosts.for_question(bill, 0)),
        None => engine.hosts.for_pay(&now),
    };
    host.map(|host| (host, now.gateway_ms()))
}
