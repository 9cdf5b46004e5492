//! What people do with the printer: a slip again, a doubtful one, the test slip, the picture of a
//! slip. The bill, the refund and the shift are the ledger's, and so is whether it was printed
//! before.

use super::making::Unmade;
use super::queue::Added;
use crate::devices::printer::Ended;
use crate::domain::print::{JobState, Printed};
use crate::domain::refund::RefundState;
use crate::ledger::LedgerError;
use crate::till::desk_calls::Reply;
use crate::till::engine::Engine;
use crate::till::service::{Said, SlipPicture};
use crate::till::shift::ledger_down;
use crate::vault::Deed;
use std::time::Duration;
use tokio::sync::oneshot;

/// A test slip ends within this, or it counts as failed.
const TEST: Duration = Duration::from_secs(30);

impl Engine {
    /// Prints a slip that a person asked for.
    pub(in crate::till) fn print(&mut self, what: Printed) {
        let asked = self.may_print_slips().and_then(|by| {
            match self.has_slip(&what).map_err(ledger_down)? {
                true => self.print_for(&what, &by),
                false => Err(Said::NoSlip),
            }
        });
        self.say_refused(asked);
    }

    /// Ctrl+P. While a newer slip than the last one waits, that one is meant.
    pub(in crate::till) fn print_last(&mut self) {
        let asked = self.may_print_slips().and_then(|by| {
            let last = self.ledger.books().last_print_job();
            let last = last.map_err(ledger_down)?;
            let newest = last.as_ref().map_or(0, |job| job.no);
            let mut open = self.counter.printing.queue.open().iter();
            if open.any(|job| job.state == JobState::Waiting && job.no > newest) {
                return Err(Said::SlipWaits);
            }
            let last = last.ok_or(Said::NothingPrinted)?;
            self.print_for(&last.what, &by)
        });
        self.say_refused(asked);
    }

    /// A doubtful slip again.
    pub(in crate::till) fn print_again(&mut self, no: u64) {
        let asked = self.may_print_slips().and_then(|by| {
            let job = self.counter.printing.queue.job(no).cloned();
            let job = job.ok_or(Said::NothingPrinted)?;
            match job.state {
                JobState::Doubtful => self.print_for(&job.what, &by),
                _ => Err(Said::SlipWaits),
            }
        });
        self.say_refused(asked);
    }

    /// Lets a slip go. One that the printer has can't be called back.
    pub(in crate::till) fn print_drop(&mut self, no: u64) {
        let asked = self.allowed(Deed::Reprint).and_then(|_| {
            let now_ms = self.clock.now().wall_ms;
            let queue = &mut self.counter.printing.queue;
            let let_go = queue.let_go(&mut self.ledger, no, now_ms);
            let_go.map(|_| ()).map_err(|error| self.not_printed(error))
        });
        self.say_refused(asked);
    }

    fn say_refused(&mut self, asked: Result<(), Said>) {
        if let Err(said) = asked {
            self.say(said);
        }
    }

    /// Who asks, where there is a printer to ask for.
    fn may_print_slips(&self) -> Result<String, Said> {
        let staff = self.allowed(Deed::Reprint)?;
        match self.counter.printing.target.is_some() {
            true => Ok(staff.id),
            false => Err(Said::NoPrinter),
        }
    }

    /// By what the ledger says: what could not be recorded is not printed (I4).
    fn has_slip(&self, what: &Printed) -> Result<bool, LedgerError> {
        let books = self.ledger.books();
        Ok(match what {
            Printed::Sale(bill_no) => {
                let bill = self.ledger.bill(bill_no)?;
                bill.is_some_and(|bill| bill.counts_as_paid())
            }
            Printed::Refund(refund_no) => {
                let refund = books.refund(refund_no)?;
                refund.is_some_and(|refund| refund.state == RefundState::Succeeded)
            }
            Printed::Shift(no) => books.shift(*no)?.is_some(),
        })
    }

    /// Puts it into the queue; says so where the printer is away.
    fn print_for(&mut self, what: &Printed, by: &str) -> Result<(), Said> {
        let now_ms = self.clock.now().wall_ms;
        let queue = &mut self.counter.printing.queue;
        let added = queue.add(&mut self.ledger, what, by, now_ms);
        let added = added.map_err(|error| self.not_printed(error))?;
        self.go_on_printing();
        let is_away = self.counter.printing.is_away();
        match added {
            Added::New | Added::Waits if is_away => Err(Said::SlipWaits),
            _ => Ok(()),
        }
    }

    fn not_printed(&mut self, error: LedgerError) -> Said {
        let said = match &error {
            LedgerError::PrintJob { .. } => Said::Text(error.to_string()),
            _ => Said::LedgerDown(error.to_string()),
        };
        self.print_not_written(error);
        said
    }

    /// Prints a test slip beside the queue.
    pub(in crate::till::counter) fn test_printer(&mut self, reply: Reply<Result<(), Said>>) {
        let Some(printer) = self.settings.printer.clone() else {
            let _ = reply.send(Err(Said::NoPrinter));
            return;
        };
        match self.slip_maker().test(&printer) {
            Ok(bytes) => self.try_device(reply, |device, said| device.raw(bytes, said)),
            Err(error) => {
                let _ = reply.send(Err(Said::Text(error.to_string())));
            }
        }
    }

    /// Opens the drawer.
    pub(in crate::till::counter) fn test_drawer(&mut self, reply: Reply<Result<(), Said>>) {
        self.try_device(reply, |device, said| device.pulse(said));
    }

    /// Answers when the device has said what became of it, or after [`TEST`].
    fn try_device(
        &self,
        reply: Reply<Result<(), Said>>,
        act: impl FnOnce(&super::Printer, Box<dyn FnOnce(Ended) + Send>),
    ) {
        let Some(device) = &self.counter.printing.device else {
            let _ = reply.send(Err(Said::NoPrinter));
            return;
        };
        let (said, ended) = oneshot::channel();
        act(
            device,
            Box::new(move |ended| {
                let _ = said.send(ended);
            }),
        );
        self.runtime.spawn(async move {
            let ended = tokio::time::timeout(TEST, ended).await;
            let _ = reply.send(match ended {
                Ok(Ok(Ended::Printed)) => Ok(()),
                Ok(Ok(Ended::NotBegun(why) | Ended::Doubtful(why))) => {
                    Err(Said::DeviceAway(why.to_string()))
                }
                _ => Err(Said::DeviceAway("打印机没有回答，请检查打印机".to_owned())),
            });
        });
    }

    /// A slip as it would be printed, drawn beside the engine's thread.
    pub(in crate::till) fn slip_picture(
        &mut self,
        what: &Printed,
        reply: Reply<Result<SlipPicture, Said>>,
    ) {
        if let Err(said) = self.allowed(Deed::SeeBills) {
            let _ = reply.send(Err(said));
            return;
        }
        let Some(printer) = self.settings.printer.clone() else {
            let _ = reply.send(Err(Said::NoPrinter));
            return;
        };
        let (maker, what) = (self.slip_maker(), what.clone());
        self.runtime.spawn_blocking(move || {
            let picture = maker.picture(&what, &printer);
            let _ = reply.send(picture.map_err(|error| match error {
                Unmade::NoSlip => Said::NoSlip,
                error => Said::Text(error.to_string()),
            }));
        });
    }
}
