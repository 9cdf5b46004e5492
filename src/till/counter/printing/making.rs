//! Slips made from the ledger as it is when they are needed, on a reader of its own: neither a
//! long report nor a drawn font keeps the engine's thread.

use crate::devices::slip::{self, Options, SlipError};
use crate::domain::config::{PrinterSettings, Settings};
use crate::domain::print::{PrintJob, Printed, Slip};
use crate::domain::slip::{SlipContext, refund_slip, sale_slip, shift_slip, test_slip};
use crate::ledger::{LedgerError, Reader};
use crate::till::service::SlipPicture;
use std::path::PathBuf;
use std::sync::Arc;

/// The drawer opens with a sale's first slip, and not when that comes later than this: nobody may
/// stand at it then.
const DRAWER_MS: i64 = 60_000;

/// Why there is no slip.
#[derive(Debug, thiserror::Error)]
pub(in crate::till) enum Unmade {
    /// It does not count as paid or refunded, or it is not in the ledger.
    #[error("没有可打印的小票")]
    NoSlip,
    /// The ledger can't be read now.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The slip can't be drawn with these settings.
    #[error(transparent)]
    Slip(#[from] SlipError),
}

/// All that a slip is made of.
pub(super) struct Making {
    pub ledger_path: PathBuf,
    pub settings: Arc<Settings>,
    pub practice: bool,
    pub font: Option<fn() -> &'static [u8]>,
    /// UTC ms.
    pub now_ms: i64,
}

impl Making {
    /// What the printer gets for this job.
    pub fn bytes(&self, job: &PrintJob, printer: &PrinterSettings) -> Result<Vec<u8>, Unmade> {
        let reader = Reader::open(&self.ledger_path)?;
        let slip = self.slip(&reader, &job.what, job.again)?;
        let is_first_sale = matches!(job.what, Printed::Sale(_)) && job.by.is_empty();
        let is_now = self.now_ms.saturating_sub(job.made_ms) < DRAWER_MS;
        let drawer = printer.drawer && is_first_sale && is_now && !job.again;
        let options = Options::new(printer, drawer, self.font.map(|font| font()));
        Ok(slip::encode(&slip, &options)?)
    }

    /// A test slip.
    pub fn test(&self, printer: &PrinterSettings) -> Result<Vec<u8>, Unmade> {
        let options = Options::new(printer, false, self.font.map(|font| font()));
        Ok(slip::encode(&test_slip(&self.context(false)), &options)?)
    }

    /// A slip as it would come out of the printer next.
    pub fn picture(
        &self,
        what: &Printed,
        printer: &PrinterSettings,
    ) -> Result<SlipPicture, Unmade> {
        let reader = Reader::open(&self.ledger_path)?;
        let again = reader.books().slips_of(what)?.on_paper;
        let slip = self.slip(&reader, what, again)?;
        let options = Options::new(printer, false, self.font.map(|font| font()));
        let picture = slip::picture(&slip, &options)?;
        Ok(SlipPicture {
            width: picture.width,
            height: picture.height,
            dots: picture.dots,
        })
    }

    fn slip(&self, reader: &Reader, what: &Printed, again: bool) -> Result<Slip, Unmade> {
        let context = self.context(again);
        let books = reader.books();
        let slip = match what {
            Printed::Sale(bill_no) => {
                let bill = reader.bill(bill_no)?;
                bill.and_then(|bill| sale_slip(&bill, &context))
            }
            Printed::Refund(refund_no) => match books.refund(refund_no)? {
                Some(refund) => {
                    let bill = reader.bill(&refund.bill_no)?;
                    refund_slip(&refund, bill.as_ref(), &context)
                }
                None => None,
            },
            Printed::Shift(no) => match books.shift(*no)? {
                Some(shift) => {
                    let report = match &shift.closed {
                        Some(closed) => closed.report.clone(),
                        None => books.shift_report(*no)?,
                    };
                    Some(shift_slip(&shift, &report, &context))
                }
                None => None,
            },
        };
        slip.ok_or(Unmade::NoSlip)
    }

    fn context(&self, again: bool) -> SlipContext<'_> {
        let printer = self.settings.printer.as_ref();
        SlipContext {
            shop: &self.settings.shop.name,
            till: &self.settings.shop.till,
            head: printer.map_or(&[], |p| &p.head),
            foot: printer.map_or(&[], |p| &p.foot),
            language: self.settings.shop.language,
            again,
            practice: self.practice,
            printed_ms: self.now_ms,
        }
    }
}
