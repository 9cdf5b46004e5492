//! The snapshot: everything a screen shows, at one moment.

use super::engine::{Engine, Held, OnStage};
use super::service::{BillView, DeskView, Health, Practice, ShopView, Snapshot, Stage, Totals};
use super::view::{Extra, of_bill, of_case};
use crate::domain::bill::Qr;
use crate::domain::query::Query;
use crate::domain::time::Day;
use crate::domain::{Bill, BillNo, Now, State, Wallet};
use std::sync::Arc;

/// Lines of 最近.
const LATEST: u32 = 12;

impl Engine {
    /// Tells every client how things stand.
    pub(super) fn publish(&mut self) {
        self.refresh();
        self.keep_camera();
        let left = self.cases.values().filter(|h| {
            !h.case.bill.state.is_terminal() || h.case.bill.look.is_some() || h.unrecorded()
        });
        let left = left.count() + self.refunds.open();
        self.pending
            .store(left, std::sync::atomic::Ordering::Release);
        self.seq += 1;
        let snapshot = self.snapshot();
        self.show_on_pole(&snapshot);
        self.snapshots.send_replace(Arc::new(snapshot));
    }

    /// Reads again what only the ledger knows, where it changed or the day did.
    fn refresh(&mut self) {
        let day = Day::of(self.clock.now().gateway_ms());
        if !self.stale && self.totals_day == Some(day) {
            return;
        }
        let ended = Query {
            states: State::ALL.into_iter().filter(|s| s.is_terminal()).collect(),
            limit: LATEST,
            ..Query::default()
        };
        if let Ok(latest) = self.ledger.search(&ended) {
            self.latest = latest;
        }
        if let Ok(totals) = self.ledger.totals(day.start_ms(), day.end_ms()) {
            self.totals = totals;
        }
        self.totals_day = Some(day);
        self.stale = false;
    }

    /// When today's sum begins anew, monotonic ms.
    pub(super) fn midnight(&self, now: &Now) -> Option<i64> {
        let left = self.totals_day?.end_ms() - now.gateway_ms();
        (left > 0).then_some(now.mono_ms + left)
    }

    fn snapshot(&self) -> Snapshot {
        let now = self.clock.now();
        let staged = match &self.stage {
            OnStage::Bill(no) => Some(no),
            _ => None,
        };
        let mut in_progress = Vec::new();
        let mut to_do = Vec::new();
        for (bill_no, held) in &self.cases {
            if held.case.bill.needs_someone() || held.unrecorded() {
                to_do.push(self.view_of(held, &now));
            } else if !held.case.bill.state.is_terminal() && Some(bill_no) != staged {
                in_progress.push(self.view_of(held, &now));
            }
        }
        in_progress.sort_by_key(|b| b.sent_ms);
        // What is unknown comes before what only waits to be handed over.
        to_do.sort_by_key(|b| (b.late && b.incident.is_none(), b.sent_ms));
        Snapshot {
            seq: self.seq,
            at_ms: now.wall_ms,
            shop: self.shop_view(),
            signed_in: self.signed_in.clone(),
            staff: self.vault.staff(),
            health: self.health(),
            stage: self.stage_view(&now),
            in_progress,
            to_do,
            latest: self.latest.iter().map(of_bill).collect(),
            today: Totals {
                count: self.totals.0,
                sum: self.totals.1,
            },
            question: self.question_view(),
            practice: self.practice_view(),
            desk: self.desk_view(&now),
            print: self.print_view(),
            settings: Arc::clone(&self.settings),
        }
    }

    fn desk_view(&self, now: &Now) -> DeskView {
        DeskView {
            shift: self.shift.clone(),
            reconcile: self.reconciling.as_ref().map(|r| Arc::clone(&r.view)),
            refunds: self.refund_views(now),
            people: self.people(),
            can_refund: self.can_refund(),
            refunds_to_do: u32::try_from(self.refunds.to_do()).unwrap_or(u32::MAX),
        }
    }

    fn shop_view(&self) -> ShopView {
        let shop = &self.settings.shop;
        ShopView {
            name: shop.name.clone(),
            till: shop.till.clone(),
            language: shop.language,
            practice: self.practice_mode,
            qr_alipay: self.settings.qr_channel(Wallet::Alipay).is_some(),
            qr_wechat: self.settings.qr_channel(Wallet::Wechat).is_some(),
            links: self.settings.gateway.links.clone(),
            sandbox: self.settings.gateway.sandbox,
            max_amount: self.settings.payment.max_amount,
        }
    }

    fn health(&self) -> Health {
        let alarm = self.cases.values().find_map(|h| h.case.bill.alarm.as_ref());
        Health {
            gateway: self.gateway_health,
            scanner: self.counter.scanner.clone(),
            camera: self.camera_health(),
            printer: self.printer_health(),
            sound: self.counter.speaking.health(),
            pole: self.counter.pole.health.clone(),
            ledger: self.ledger_down.clone(),
            clock_off_s: self.clock.banner_s(),
            webhook: self.no_webhook.clone(),
            alarm: alarm.map(|a| format!("{} {}", a.code, a.detail)),
        }
    }

    fn stage_view(&self, now: &Now) -> Stage {
        match &self.stage {
            OnStage::Idle => Stage::Idle,
            OnStage::Amount { amount, .. } => Stage::Amount { amount: *amount },
            OnStage::Bill(no) => match self.cases.get(no) {
                Some(held) => Stage::Bill(Box::new(self.view_of(held, now))),
                None => Stage::Idle,
            },
        }
    }

    fn practice_view(&self) -> Option<Practice> {
        let practising = self.practising.as_ref()?;
        Some(Practice {
            wallet: practising.wallet,
            code: practising.code.expose().to_owned(),
            code_qr: Arc::clone(&practising.code_qr),
            act: practising.act,
            network: practising.network,
            refund_act: practising.refund_act,
            refund_network: practising.refund_network,
            planted: practising.planted.clone(),
        })
    }

    fn view_of(&self, held: &Held, now: &Now) -> BillView {
        let bill = &held.case.bill;
        let staged = self.stage == OnStage::Bill(bill.bill_no.clone());
        let extra = Extra {
            qr: held.qr.clone().filter(|_| staged && is_drawn(bill, now)),
            unrecorded: held.unrecorded(),
            may_retry: staged && self.may_retry_stage(),
        };
        of_case(&held.case, &extra, now, &self.policy)
    }

    /// A bill as clients see it, from memory or the ledger.
    pub(super) fn view(&self, bill_no: &BillNo) -> Option<BillView> {
        let now = self.clock.now();
        match self.cases.get(bill_no) {
            Some(held) => Some(self.view_of(held, &now)),
            None => self
                .ledger
                .bill(bill_no)
                .ok()
                .flatten()
                .as_ref()
                .map(of_bill),
        }
    }
}

/// A code is on the screen only while it may be paid: recorded as shown, its time not over, and
/// nothing being undone.
pub(super) fn is_drawn(bill: &Bill, now: &Now) -> bool {
    let open = matches!(bill.state, State::Awaiting | State::Watching);
    let live = matches!(&bill.qr, Qr::Shown { until_ms, .. } if now.gateway_ms() < *until_ms);
    open && live
}
