//! What wakes the window: the till's channels, and one alarm for the next visible change.
//!
//! Invariant: no ticking. An alarm exists only while something on the screen counts, fades or
//! waits; the clock's own is once a minute.

use super::{App, FADE_MS, Message, Screen, StageKey};
use crate::till::service::{BillView, NextStep, Service, Stage};
use crate::ui::clock;
use crate::ui::face::Face;
use crate::ui::screens::sale;
use iced::futures::stream::{self, BoxStream, StreamExt};
use iced::{Subscription, Task};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60_000;

/// There is one till: its subscriptions are told apart by what they carry, not by which till.
pub(super) struct Till(pub(super) Arc<dyn Service>, pub(super) &'static str);

impl Hash for Till {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.1.hash(state);
    }
}

/// Every snapshot; one that was overtaken is skipped.
pub(super) fn snapshots(service: Arc<dyn Service>) -> Subscription<Message> {
    Subscription::run_with(Till(service, "snapshots"), |till| {
        let mut receiver = till.0.snapshots();
        // What came between building the window and listening is not missed.
        receiver.mark_changed();
        stream::unfold(receiver, |mut receiver| async move {
            receiver.changed().await.ok()?;
            let latest = receiver.borrow_and_update().clone();
            Some((Message::Snapshot(latest), receiver))
        })
    })
}

/// Every notice; losing some loses nothing.
pub(super) fn notices(service: Arc<dyn Service>) -> Subscription<Message> {
    Subscription::run_with(Till(service, "notices"), |till| {
        stream::unfold(till.0.notices(), |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(notice) => return Some((Message::Noticed(notice), receiver)),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        })
    })
}

/// `Woke`, once, at this monotonic ms.
pub(super) fn alarm(at_ms: i64) -> Subscription<Message> {
    Subscription::run_with(at_ms, |at_ms| {
        let at_ms = *at_ms;
        let once: BoxStream<'static, Message> = stream::once(async move {
            let wait_ms = at_ms.saturating_sub(clock::mono_ms()).max(1);
            tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())).await;
            Message::Woke
        })
        .boxed();
        once
    })
}

impl App {
    /// The next monotonic ms at which something on the screen changes by itself.
    pub fn next_wake_ms(&self) -> Option<i64> {
        let mut at = vec![self.wall(next_multiple(self.now_wall_ms, MINUTE_MS))];
        if self.counts() {
            at.push(self.wall(next_multiple(self.now_wall_ms, SECOND_MS)));
        }
        at.extend(self.toast.as_ref().map(|t| t.until_ms));
        at.extend(self.wedge.due());
        at.extend(self.windows.due_ms());
        at.extend(self.camera.due());
        at.extend(self.fade_at_ms());
        // Never the past: an alarm that was missed still rings.
        let next = self.now_mono_ms.saturating_add(1);
        at.into_iter().map(|ms| ms.max(next)).min()
    }

    /// A wall time on the monotonic clock.
    fn wall(&self, wall_ms: i64) -> i64 {
        self.now_mono_ms
            .saturating_add(wall_ms.saturating_sub(self.now_wall_ms))
    }

    /// Reverted and expired leave the stage by themselves.
    fn fade_at_ms(&self) -> Option<i64> {
        let StageKey::Bill(_, face) = &self.stage else {
            return None;
        };
        (face.fades() && !self.faded).then(|| self.stage_since_ms.saturating_add(FADE_MS))
    }

    /// Seconds are shown somewhere.
    fn counts(&self) -> bool {
        let snapshot = &self.snapshot;
        let on_stage = match &snapshot.stage {
            Stage::Bill(bill) => Some(bill.as_ref()),
            Stage::Idle | Stage::Amount { .. } => None,
        };
        let listed = snapshot.in_progress.iter().chain(&snapshot.to_do);
        let bills = listed.chain(on_stage).any(|bill| self.bill_counts(bill));
        let soon = |at: Option<i64>| at.is_some_and(|at| self.is_soon(at));
        let refunds = &snapshot.desk.refunds;
        let refunds = refunds.iter().any(|r| !r.asking && soon(r.next_at_ms));
        let incident = match &self.screen {
            Screen::Incident(page) => page.counts_until().is_some_and(|at| at > self.now_wall_ms),
            _ => false,
        };
        !self.is_locked() && (bills || refunds || incident)
    }

    /// Less than a minute away: it is shown in seconds.
    fn is_soon(&self, at_ms: i64) -> bool {
        (0..=MINUTE_MS).contains(&at_ms.saturating_sub(self.now_wall_ms))
    }

    fn bill_counts(&self, bill: &BillView) -> bool {
        let left = |at: i64| at.saturating_sub(self.now_wall_ms);
        let deadline =
            Face::of(bill).is_waiting() && bill.deadline_ms.is_some_and(|at| left(at) > 0);
        let soon = bill.next_at_ms.is_some_and(|at| self.is_soon(at));
        deadline || (soon && bill.next != NextStep::Nothing)
    }

    /// Does what has become due.
    pub(super) fn wake(&mut self) -> Task<Message> {
        let now = self.now_mono_ms;
        if self.toast.as_ref().is_some_and(|t| t.until_ms <= now) {
            self.toast = None;
        }
        let fade = if self.fade_at_ms().is_some_and(|at| at <= now) {
            self.faded = true;
            self.sale(sale::Message::ServeNext)
        } else {
            Task::none()
        };
        let keyed = self.wedge.tick(now);
        Task::batch([fade, self.keyed(keyed), self.wake_windows()])
    }
}

fn next_multiple(now_ms: i64, step_ms: i64) -> i64 {
    now_ms
        .div_euclid(step_ms)
        .saturating_add(1)
        .saturating_mul(step_ms)
}
