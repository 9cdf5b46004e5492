//! The manager's desk of a till that is not there: canned answers, and a record of what was asked.

use crate::sample::FakeTill;
use shouyin::domain::print::Printed;
use shouyin::domain::query::RefundLine;
use shouyin::domain::reconcile::Scope;
use shouyin::domain::shift::{Shift, ShiftReport};
use shouyin::domain::time::Day;
use shouyin::domain::{BillNo, RefundNo};
use shouyin::till::service::*;
use std::sync::Mutex;

/// What the desk answers. `Debug` of what it was asked goes to `asked`; no PIN is in it.
#[derive(Debug, Default)]
pub struct Answers {
    pub asked: Mutex<Vec<String>>,
    pub refundable: Mutex<Option<Result<Refundable, Said>>>,
    pub refund: Mutex<Option<Ordered>>,
    pub refunds: Mutex<Vec<RefundView>>,
    pub witnesses: Mutex<Option<Result<Witnesses, Said>>>,
    pub settled: Mutex<Option<Result<SettledAs, Said>>>,
    pub shift: Mutex<Option<Result<Shift, Said>>>,
    pub report: Mutex<Option<(Shift, ShiftReport)>>,
    pub shifts: Mutex<Vec<Shift>>,
    pub day: Mutex<ShiftReport>,
    pub done: Mutex<Option<Result<(), Said>>>,
    pub exported: Mutex<Option<Result<Exported, Said>>>,
    pub checks: Mutex<Vec<Check>>,
    pub waiting: Mutex<Option<Result<Waiting, Said>>>,
    pub decided: Mutex<Option<Result<Vec<Decided>, Said>>>,
    pub slip: Mutex<Option<Result<SlipPicture, Said>>>,
}

impl Answers {
    fn ask(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    /// What was asked since the last call.
    pub fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn done(&self) -> Result<(), Said> {
        self.done.lock().unwrap().clone().unwrap_or(Ok(()))
    }
}

fn now<T: Send + 'static>(answer: T) -> BoxFuture<'static, T> {
    Box::pin(async move { answer })
}

fn missing<T>() -> Result<T, Said> {
    Err(Said::Text("the test has no answer for this".to_owned()))
}

impl Desk for FakeTill {
    fn refundable(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Refundable, Said>> {
        self.desk.ask(format!("refundable {bill_no}"));
        now(self
            .desk
            .refundable
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn refund(&self, order: RefundOrder) -> BoxFuture<'static, Ordered> {
        self.desk.ask(format!("{order:?}"));
        now(self
            .desk
            .refund
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn request_refund(&self, ask: RefundAsk) -> BoxFuture<'static, Ordered> {
        self.desk.ask(format!("{ask:?}"));
        now(self
            .desk
            .refund
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn waiting_refunds(&self) -> BoxFuture<'static, Result<Waiting, Said>> {
        self.desk.ask("waiting_refunds".to_owned());
        let waiting = self.desk.waiting.lock().unwrap().clone();
        now(waiting.unwrap_or(Ok(Waiting::default())))
    }
    fn decide_refunds(&self, order: DecideOrder) -> BoxFuture<'static, Result<Vec<Decided>, Said>> {
        self.desk.ask(format!("{order:?}"));
        now(self
            .desk
            .decided
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn refunds_of(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Vec<RefundView>, String>> {
        self.desk.ask(format!("refunds_of {bill_no}"));
        now(Ok(self.desk.refunds.lock().unwrap().clone()))
    }
    fn refund_story(&self, no: RefundNo) -> BoxFuture<'static, Result<Vec<RefundLine>, String>> {
        self.desk.ask(format!("refund_story {no}"));
        now(Ok(Vec::new()))
    }
    fn ask_refund(&self, refund_no: RefundNo) {
        self.desk.ask(format!("ask_refund {refund_no}"));
    }
    fn settle_refund(
        &self,
        no: RefundNo,
        id: String,
        pin: Pin,
        reason: String,
    ) -> BoxFuture<'static, Result<(), Said>> {
        self.desk
            .ask(format!("settle_refund {no} {id} {pin:?} {reason}"));
        now(self.desk.done())
    }
    fn witnesses(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Witnesses, Said>> {
        self.desk.ask(format!("witnesses {bill_no}"));
        now(self
            .desk
            .witnesses
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn settle(&self, order: SettleOrder) -> BoxFuture<'static, Result<SettledAs, Said>> {
        self.desk.ask(format!("{order:?}"));
        now(self
            .desk
            .settled
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn shift(&self, act: ShiftAct) -> BoxFuture<'static, Result<Shift, Said>> {
        self.desk.ask(format!("{act:?}"));
        now(self
            .desk
            .shift
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn shift_report(
        &self,
        no: Option<u32>,
    ) -> BoxFuture<'static, Result<Option<(Shift, ShiftReport)>, String>> {
        self.desk.ask(format!("shift_report {no:?}"));
        now(Ok(self.desk.report.lock().unwrap().clone()))
    }
    fn shifts(&self, most: u32) -> BoxFuture<'static, Result<Vec<Shift>, String>> {
        self.desk.ask(format!("shifts {most}"));
        now(Ok(self.desk.shifts.lock().unwrap().clone()))
    }
    fn day_report(&self, day: Day) -> BoxFuture<'static, Result<ShiftReport, String>> {
        self.desk.ask(format!("day_report {day}"));
        now(Ok(self.desk.day.lock().unwrap().clone()))
    }
    fn reconcile(&self, scope: Scope) -> BoxFuture<'static, Result<(), Said>> {
        self.desk
            .ask(format!("reconcile {} {}", scope.from_ms, scope.to_ms));
        now(self.desk.done())
    }
    fn cancel_reconcile(&self) {
        self.desk.ask("cancel_reconcile".to_owned());
    }
    fn export(&self, order: ExportOrder) -> BoxFuture<'static, Result<Exported, Said>> {
        self.desk.ask(format!("{order:?}"));
        now(self
            .desk
            .exported
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn change_staff(&self, change: StaffChange) -> BoxFuture<'static, Result<(), Said>> {
        self.desk.ask(format!("{change:?}"));
        now(self.desk.done())
    }
    fn change_settings(&self, changes: Vec<SettingChange>) -> BoxFuture<'static, Result<(), Said>> {
        self.desk.ask(format!("{changes:?}"));
        now(self.desk.done())
    }
    fn slip(&self, what: Printed) -> BoxFuture<'static, Result<SlipPicture, Said>> {
        self.desk.ask(format!("slip {what:?}"));
        now(self
            .desk
            .slip
            .lock()
            .unwrap()
            .clone()
            .unwrap_or_else(missing))
    }
    fn test_device(&self, device: TestedDevice) -> BoxFuture<'static, Result<(), Said>> {
        self.desk.ask(format!("test_device {device:?}"));
        now(self.desk.done())
    }
    fn test_connection(&self) -> BoxFuture<'static, Result<Vec<Check>, Said>> {
        self.desk.ask("test_connection".to_owned());
        now(Ok(self.desk.checks.lock().unwrap().clone()))
    }
}
