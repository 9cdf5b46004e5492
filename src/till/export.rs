//! Bills and refunds of some days in a file for other programs: CSV or XLSX, read from the ledger
//! chunk by chunk beside the running till, so that a million rows need no memory.
//!
//! The file is whole or not there: it is written beside its place and put there at the end. No
//! cell is a formula.

mod csv;
mod table;
mod xlsx;

use super::engine::Engine;
use super::service::{ExportFormat, ExportOrder, Exported, Said};
use crate::domain::{BillNo, RefundNo};
use crate::ledger::{LedgerError, Reader};
use crate::vault::Deed;
use std::fs::File;
use std::path::{Path, PathBuf};
use table::Line;

/// So many rows are read at once.
const CHUNK: u32 = 500;

/// Why nothing was exported: one line that says what and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The days are the wrong way round.
    #[error("日期不对：开始的一天要在结束的一天之前")]
    Days,
    /// No file name, a folder, or one of the till's own files.
    #[error("导出不了到 {0}：请写一个文件名")]
    NoFile(PathBuf),
    /// The file.
    #[error("写不了 {path}：{why}，请检查文件夹和磁盘空间")]
    File {
        /// Which.
        path: PathBuf,
        /// One line.
        why: String,
    },
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A file of some format that is being written, line after line.
trait Sheet {
    /// Bills first, then refunds.
    fn line(&mut self, line: &Line) -> Result<(), String>;
    /// Everything is on the disk.
    fn finish(self: Box<Self>) -> Result<(), String>;
}

impl Engine {
    /// Whether who is signed in may; that it was done stands in the ledger.
    pub(super) fn may_export(&mut self, order: &ExportOrder) -> Result<(), Said> {
        let staff = self.allowed(Deed::Export)?;
        let (from, to) = (order.from.to_string(), order.to.to_string());
        let detail = serde_json::json!({ "id": staff.id, "from": from, "to": to });
        let _ = self.note("exported", &detail.to_string());
        Ok(())
    }
}

/// Writes the file. A ledger that was never written has no rows.
///
/// # Errors
///
/// Whatever stood at that place still stands there then.
pub fn write(ledger: &Path, order: &ExportOrder) -> Result<Exported, ExportError> {
    if order.from > order.to {
        return Err(ExportError::Days);
    }
    // A device or a link in its place would be replaced by the file.
    let there = std::fs::symlink_metadata(&order.path);
    let other = there.is_ok_and(|there| !there.is_file());
    if other || is_the_tills_own(ledger, &order.path) {
        return Err(ExportError::NoFile(order.path.clone()));
    }
    let part = part_of(&order.path)?;
    let written = write_part(ledger, order, &part).and_then(|exported| {
        std::fs::rename(&part, &order.path).map_err(|why| file_error(&order.path, why))?;
        Ok(exported)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    written
}

fn write_part(ledger: &Path, order: &ExportOrder, part: &Path) -> Result<Exported, ExportError> {
    let reader = match Reader::open(ledger) {
        Ok(reader) => Some(reader),
        Err(LedgerError::Missing) => None,
        Err(error) => return Err(error.into()),
    };
    let file = File::create(part).map_err(|why| file_error(part, why))?;
    let wrong = |why| file_error(&order.path, why);
    let mut sheet: Box<dyn Sheet> = match order.format {
        ExportFormat::Csv => Box::new(csv::Csv::new(file).map_err(wrong)?),
        ExportFormat::Xlsx => Box::new(xlsx::Xlsx::new(file, part).map_err(wrong)?),
    };
    let mut exported = Exported {
        bills: 0,
        refunds: 0,
        path: order.path.clone(),
    };
    if let Some(reader) = &reader {
        exported.bills = write_bills(reader, order, sheet.as_mut())?;
        exported.refunds = write_refunds(reader, order, sheet.as_mut())?;
    }
    sheet.finish().map_err(wrong)?;
    Ok(exported)
}

fn write_bills(
    reader: &Reader,
    order: &ExportOrder,
    sheet: &mut dyn Sheet,
) -> Result<u64, ExportError> {
    let (from, to) = (order.from.start_ms(), order.to.end_ms());
    let mut after: Option<BillNo> = None;
    let mut count = 0;
    // Ends: every chunk moves `after` on.
    loop {
        let books = reader.books();
        let chunk = books.bills_between(from, to, after.as_ref(), CHUNK)?;
        for bill in &chunk {
            put(sheet, &table::bill(bill), order)?;
            count += 1;
        }
        match chunk.into_iter().next_back() {
            Some(last) => after = Some(last.bill_no),
            None => return Ok(count),
        }
    }
}

fn write_refunds(
    reader: &Reader,
    order: &ExportOrder,
    sheet: &mut dyn Sheet,
) -> Result<u64, ExportError> {
    let (from, to) = (order.from.start_ms(), order.to.end_ms());
    let mut after: Option<RefundNo> = None;
    let mut count = 0;
    loop {
        let books = reader.books();
        let chunk = books.refunds_between(from, to, after.as_ref(), CHUNK)?;
        for refund in &chunk {
            put(sheet, &table::refund(refund), order)?;
            count += 1;
        }
        match chunk.into_iter().next_back() {
            Some(last) => after = Some(last.refund_no),
            None => return Ok(count),
        }
    }
}

fn put(sheet: &mut dyn Sheet, line: &Line, order: &ExportOrder) -> Result<(), ExportError> {
    sheet.line(line).map_err(|why| file_error(&order.path, why))
}

/// A file beside the ledger that is no earlier export: the ledger itself, the settings, the keys.
fn is_the_tills_own(ledger: &Path, path: &Path) -> bool {
    let folder = |path: &Path| {
        let whole = std::path::absolute(path).ok()?;
        whole.parent()?.canonicalize().ok()
    };
    let kind = path.extension().and_then(|kind| kind.to_str());
    let export = matches!(kind, Some("csv" | "xlsx"));
    let home = folder(ledger);
    !export && home.is_some() && folder(path) == home
}

/// `FILE.part`, in the same folder.
fn part_of(path: &Path) -> Result<PathBuf, ExportError> {
    let no_file = || ExportError::NoFile(path.to_owned());
    let mut name = path.file_name().ok_or_else(no_file)?.to_owned();
    if path.is_dir() {
        return Err(no_file());
    }
    name.push(".part");
    Ok(path.with_file_name(name))
}

fn file_error(path: &Path, why: impl std::fmt::Display) -> ExportError {
    ExportError::File {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests;
