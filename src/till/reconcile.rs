//! Reconciliation (日结对账) against the gateway's lists and counts: the engine's side of it. The
//! asking and comparing is a task of its own on the till's runtime; what it finds is recorded here
//! after every part of the time, so that an interrupted one goes on where it was.

mod books;
mod compare;
mod lists;
mod worker;

use super::engine::{Engine, Input};
use super::service::{ReconcileProgress, ReconcileView, Said};
use super::shift::ledger_down;
use crate::domain::BillNo;
use crate::domain::reconcile::{Run, Scope};
use crate::ledger::{Entry, LedgerError, Reader};
use crate::payment::Event;
use crate::vault::Deed;
use std::sync::Arc;
use tokio::task::{AbortHandle, JoinHandle};
use worker::Worker;

/// An interrupted run is gone on with for so long; then what it compared is compared again.
const RESUME_MS: i64 = 30 * 60_000;

/// No longer time is compared at once: a shift that nobody closes is no reason to ask for years.
const LONGEST_MS: i64 = 31 * 86_400_000;

/// The running or last reconciliation of this process.
pub(super) struct Reconciling {
    /// Which one: what a stopped one still says is not listened to.
    id: u64,
    pub view: Arc<ReconcileView>,
    task: Option<AbortHandle>,
}

impl Reconciling {
    fn is_running(&self) -> bool {
        self.view.progress == ReconcileProgress::Running
    }

    fn change(&mut self, change: impl FnOnce(&mut ReconcileView)) {
        let mut view = ReconcileView::clone(&self.view);
        change(&mut view);
        self.view = Arc::new(view);
    }
}

impl Drop for Reconciling {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Engine {
    /// For who is signed in.
    pub(super) fn start_reconcile(&mut self, scope: Scope) -> Result<(), Said> {
        let staff = self.allowed(Deed::Reconcile)?;
        self.begin_reconcile(scope, staff.id)
    }

    /// Starts it, or goes on with an interrupted one of the same time, if that is not so old that
    /// both books may have changed since. `by` is empty for the
    /// command line: whoever owns the directory may, since it only reads and settles by proof.
    pub(super) fn begin_reconcile(&mut self, scope: Scope, by: String) -> Result<(), Said> {
        let before = self.reconciling.as_ref();
        if before.is_some_and(Reconciling::is_running) {
            return Err(Said::ReconcileRunning);
        }
        self.check_scope(scope)?;
        let id = before.map_or(0, |r| r.id.wrapping_add(1));
        let kept = self.ledger.books().run(&scope).map_err(unreadable)?;
        let now_ms = self.clock.now().wall_ms;
        let fresh = |run: &Run| (0..RESUME_MS).contains(&now_ms.saturating_sub(run.began_ms));
        let run = match kept.filter(|run| !run.finished && fresh(run)) {
            Some(run) => Run { by, ..run },
            None => Run::new(scope, by, now_ms),
        };
        let reader = Reader::open(&self.ledger_path).map_err(unreadable)?;
        let worker = Worker::new(id, self, reader, run.clone());
        let task = self.runtime.spawn(worker.work());
        let view = ReconcileView {
            permille: 0,
            progress: ReconcileProgress::Running,
            run,
        };
        self.reconciling = Some(Reconciling {
            id,
            view: Arc::new(view),
            task: Some(task.abort_handle()),
        });
        self.await_end(id, task);
        // Who is told that it runs must not see the end of the one before.
        self.publish();
        Ok(())
    }

    fn check_scope(&self, scope: Scope) -> Result<(), Said> {
        if !self.gateway.can_refund() {
            return Err(Said::ListsNotOffered);
        }
        let length = scope.to_ms.saturating_sub(scope.from_ms);
        match length {
            ..=0 => Err(Said::Text("对账的时间不对：结束要在开始之后".to_owned())),
            length if length > LONGEST_MS => Err(Said::Text(
                "时间太长：一次最多对 31 天，请按天对账".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// A task that panics has ended too: nothing stays "running" for ever.
    fn await_end(&self, id: u64, task: JoinHandle<Option<ReconcileProgress>>) {
        let outbox = self.outbox.clone();
        self.runtime.spawn(async move {
            let ended = match task.await {
                Ok(Some(ended)) => ended,
                Ok(None) => return,
                Err(error) if error.is_cancelled() => return,
                Err(_) => ReconcileProgress::Stopped(Said::Text("对账程序出错，请再试".to_owned())),
            };
            let end = move |engine: &mut Engine| engine.end_reconcile(id, ended);
            let _ = outbox.send(Input::Visit(Box::new(end)));
        });
    }

    fn end_reconcile(&mut self, id: u64, ended: ReconcileProgress) {
        let running = self.reconciling.as_mut().filter(|r| r.id == id);
        if let Some(running) = running.filter(|r| r.is_running()) {
            running.change(|view| {
                if ended == ReconcileProgress::Finished {
                    view.permille = 1_000;
                }
                view.progress = ended;
            });
        }
    }

    /// For who is signed in: who may start it may stop it.
    pub(super) fn stop_reconcile(&mut self) {
        match self.allowed(Deed::Reconcile) {
            Ok(_) => self.cancel_reconcile(),
            Err(said) => self.say(said),
        }
    }

    /// Stops at once; what was compared is kept.
    pub(super) fn cancel_reconcile(&mut self) {
        if let Some(running) = self.reconciling.as_mut().filter(|r| r.is_running()) {
            if let Some(task) = running.task.take() {
                task.abort();
            }
            running.change(|view| view.progress = ReconcileProgress::Cancelled);
        }
    }

    /// This one is still wanted.
    fn reconciles(&self, id: u64) -> bool {
        let running = self.reconciling.as_ref();
        running.is_some_and(|r| r.id == id && r.is_running())
    }

    fn reconcile_moved(&mut self, permille: u32) {
        if let Some(running) = &mut self.reconciling {
            running.change(|view| view.permille = permille);
        }
    }

    /// Durable, or it stops: what can't be recorded is not gone on from.
    fn keep_run(&mut self, run: Run) -> Result<(), Said> {
        let news = self.reconciling.as_ref().is_none_or(|r| {
            let moved = Run {
                done_to_ms: run.done_to_ms,
                ..r.view.run.clone()
            };
            moved != run
        });
        // Hours without a bill are no news.
        if news {
            let at_ms = self.clock.now().wall_ms;
            let result = self.ledger.write(&[Entry::Run(&run)], at_ms);
            self.judge_write(&result);
            result.map_err(ledger_down)?;
        }
        if let Some(running) = &mut self.reconciling {
            running.change(|view| view.run = run);
        }
        Ok(())
    }

    /// Asks the gateway about these bills now.
    pub(super) fn hint(&mut self, bills: &[BillNo]) {
        for bill_no in bills {
            if self.fetch(bill_no) {
                self.step(bill_no, Event::Hinted);
            }
        }
    }

    /// None of these is open or being asked about.
    fn have_ended(&self, bills: &[BillNo]) -> bool {
        let held = bills.iter().filter_map(|no| self.cases.get(no));
        held.into_iter()
            .all(|h| h.case.bill.state.is_terminal() && !h.case.is_asking())
    }
}

fn unreadable(error: LedgerError) -> Said {
    Said::Text(error.to_string())
}
