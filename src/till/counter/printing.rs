//! The print queue: durable, apart from payments, and never printing twice by itself.

mod queue;

use crate::domain::print::Printed;
use crate::till::desk_calls::Reply;
use crate::till::engine::Engine;
use crate::till::service::{BillView, PrintView, RefundView, Said, SlipPicture};

/// The printer and its queue.
#[derive(Default)]
pub(in crate::till) struct Printing {}

impl Engine {
    pub(super) fn start_printer(&mut self) {}

    pub(super) fn print_sale(&mut self, _bill: &BillView) {}

    pub(super) fn print_refund(&mut self, _refund: &RefundView) {}

    /// Prints a slip that a person asked for.
    pub(in crate::till) fn print(&mut self, _what: Printed) {}

    /// Ctrl+P.
    pub(in crate::till) fn print_last(&mut self) {}

    /// A doubtful slip again.
    pub(in crate::till) fn print_again(&mut self, _no: u64) {}

    /// Lets a slip go.
    pub(in crate::till) fn print_drop(&mut self, _no: u64) {}

    pub(in crate::till) fn print_view(&self) -> PrintView {
        PrintView::default()
    }

    pub(super) fn test_printer(&mut self, reply: Reply<Result<(), Said>>) {
        let _ = reply.send(Err(Said::DeviceAway(String::new())));
    }

    pub(super) fn test_drawer(&mut self, reply: Reply<Result<(), Said>>) {
        let _ = reply.send(Err(Said::DeviceAway(String::new())));
    }

    /// A slip as it would be printed.
    pub(in crate::till) fn slip_picture(
        &mut self,
        _what: &Printed,
        reply: Reply<Result<SlipPicture, Said>>,
    ) {
        let _ = reply.send(Err(Said::NoSlip));
    }
}
