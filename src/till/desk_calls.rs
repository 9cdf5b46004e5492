//! The manager's desk as clients call it: each call becomes one visit to the engine's thread, or
//! one reading of the ledger beside it.

use super::engine::{Engine, Input};
use super::export;
use super::open::Till;
use super::refund::By;
use super::service::*;
use crate::domain::print::Printed;
use crate::domain::query::RefundLine;
use crate::domain::reconcile::Scope;
use crate::domain::shift::{Shift, ShiftReport};
use crate::domain::time::Day;
use crate::domain::{BillNo, RefundNo};
use crate::ledger::{Books, LedgerError};
use tokio::sync::oneshot;

/// Where the engine puts its answer; dropping it says that the till has stopped.
pub(super) type Reply<T> = oneshot::Sender<T>;

/// `None`: the open one, or the last. A closed one says what it said when it was closed.
fn shift_and_report(
    books: Books<'_>,
    no: Option<u32>,
) -> Result<Option<(Shift, ShiftReport)>, LedgerError> {
    let shift = match no {
        Some(no) => books.shift(no)?,
        None => match books.open_shift()? {
            Some(open) => Some(open),
            None => books.shifts(1)?.into_iter().next(),
        },
    };
    let Some(shift) = shift else { return Ok(None) };
    let report = match &shift.closed {
        Some(closed) => closed.report.clone(),
        None => books.shift_report(shift.no)?,
    };
    Ok(Some((shift, report)))
}

impl Till {
    /// `shouyin refund`: the approver's PIN is all there is, nobody is signed in. Ends as
    /// [`Desk::refund`] does.
    pub fn refund_by_command(&self, order: RefundOrder) -> BoxFuture<'static, Ordered> {
        self.visit(move |engine, reply| engine.order_refund(order, By::Command, reply))
    }

    /// Visits the engine; it answers now, or when a request came back.
    fn visit<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Engine, Reply<Result<T, Said>>) + Send + 'static,
    ) -> BoxFuture<'static, Result<T, Said>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.tell(move |engine| act(engine, reply));
        Box::pin(async move {
            match sent {
                true => answer.await.unwrap_or_else(|_| Err(Said::Stopped)),
                false => Err(Said::Stopped),
            }
        })
    }

    /// A person calls: the till does not lock by itself yet.
    fn tell(&self, act: impl FnOnce(&mut Engine) + Send + 'static) -> bool {
        let call = move |engine: &mut Engine| {
            engine.active();
            act(engine);
        };
        self.outbox().send(Input::Visit(Box::new(call))).is_ok()
    }
}

impl Till {
    /// `shouyin reconcile`: as [`Desk::reconcile`], for whoever owns the directory. Nobody signs in
    /// for it: it only reads, and settles by proof.
    pub fn reconcile_as_owner(&self, scope: Scope) -> BoxFuture<'static, Result<(), Said>> {
        self.visit(move |engine, reply| {
            let _ = reply.send(engine.begin_reconcile(scope, String::new()));
        })
    }

    /// Stops what [`Till::reconcile_as_owner`] started.
    pub fn cancel_reconcile_as_owner(&self) {
        self.tell(Engine::cancel_reconcile);
    }
}

impl Desk for Till {
    fn refundable(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Refundable, Said>> {
        self.visit(move |engine, reply| engine.refundable(bill_no, reply))
    }

    fn refund(&self, order: RefundOrder) -> BoxFuture<'static, Ordered> {
        self.visit(move |engine, reply| engine.order_refund(order, By::Window, reply))
    }

    fn request_refund(&self, ask: RefundAsk) -> BoxFuture<'static, Ordered> {
        self.visit(move |engine, reply| engine.request_refund(ask, reply))
    }

    fn waiting_refunds(&self) -> BoxFuture<'static, Result<Waiting, Said>> {
        self.visit(move |engine, reply| engine.waiting_refunds(reply))
    }

    fn decide_refunds(&self, order: DecideOrder) -> BoxFuture<'static, Result<Vec<Decided>, Said>> {
        self.visit(move |engine, reply| engine.decide_refunds(order, reply))
    }

    fn refunds_of(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Vec<RefundView>, String>> {
        self.read(move |reader| {
            let refunds = reader.books().refunds_of(&bill_no)?;
            Ok(refunds.iter().map(refund_view).collect())
        })
    }

    fn refund_story(&self, no: RefundNo) -> BoxFuture<'static, Result<Vec<RefundLine>, String>> {
        self.read(move |reader| reader.books().refund_story(&no))
    }

    fn ask_refund(&self, refund_no: RefundNo) {
        self.tell(move |engine| engine.ask_refund_now(&refund_no));
    }

    fn settle_refund(
        &self,
        no: RefundNo,
        id: String,
        pin: Pin,
        reason: String,
    ) -> BoxFuture<'static, Result<(), Said>> {
        self.visit(move |engine, reply| {
            let _ = reply.send(engine.settle_refund(&no, &id, &pin, reason));
        })
    }

    fn witnesses(&self, bill_no: BillNo) -> BoxFuture<'static, Result<Witnesses, Said>> {
        self.visit(move |engine, reply| engine.witnesses(bill_no, reply))
    }

    fn settle(&self, order: SettleOrder) -> BoxFuture<'static, Result<SettledAs, Said>> {
        self.visit(move |engine, reply| engine.settle(order, reply))
    }

    fn shift(&self, act: ShiftAct) -> BoxFuture<'static, Result<Shift, Said>> {
        self.visit(move |engine, reply| {
            let _ = reply.send(engine.shift_act(act));
        })
    }

    fn shift_report(
        &self,
        no: Option<u32>,
    ) -> BoxFuture<'static, Result<Option<(Shift, ShiftReport)>, String>> {
        self.read(move |reader| shift_and_report(reader.books(), no))
    }

    fn shifts(&self, most: u32) -> BoxFuture<'static, Result<Vec<Shift>, String>> {
        self.read(move |reader| reader.books().shifts(most))
    }

    fn day_report(&self, day: Day) -> BoxFuture<'static, Result<ShiftReport, String>> {
        self.read(move |reader| {
            let books = reader.books();
            books.report_between(day.start_ms(), day.end_ms())
        })
    }

    fn reconcile(&self, scope: Scope) -> BoxFuture<'static, Result<(), Said>> {
        self.visit(move |engine, reply| {
            let _ = reply.send(engine.start_reconcile(scope));
        })
    }

    fn cancel_reconcile(&self) {
        self.tell(Engine::stop_reconcile);
    }

    fn export(&self, order: ExportOrder) -> BoxFuture<'static, Result<Exported, Said>> {
        let checked = order.clone();
        let may = self.visit(move |engine, reply| {
            let _ = reply.send(engine.may_export(&checked));
        });
        let path = self.ledger_path().to_owned();
        Box::pin(async move {
            may.await?;
            let write = move || export::write(&path, &order);
            match tokio::task::spawn_blocking(write).await {
                Ok(written) => written.map_err(|error| Said::Text(error.to_string())),
                Err(_) => Err(Said::Stopped),
            }
        })
    }

    fn change_staff(&self, change: StaffChange) -> BoxFuture<'static, Result<(), Said>> {
        self.visit(move |engine, reply| {
            let _ = reply.send(engine.change_staff(change));
        })
    }

    fn change_settings(&self, changes: Vec<SettingChange>) -> BoxFuture<'static, Result<(), Said>> {
        self.visit(move |engine, reply| {
            let _ = reply.send(engine.change_settings(&changes));
        })
    }

    fn slip(&self, what: Printed) -> BoxFuture<'static, Result<SlipPicture, Said>> {
        self.visit(move |engine, reply| engine.slip_picture(&what, reply))
    }

    fn test_device(&self, device: TestedDevice) -> BoxFuture<'static, Result<(), Said>> {
        self.visit(move |engine, reply| engine.test_device(device, reply))
    }

    fn test_connection(&self) -> BoxFuture<'static, Result<Vec<Check>, Said>> {
        self.visit(move |engine, reply| engine.test_connection(reply))
    }
}
