//! `shouyin export`: bills and refunds of some days in a file. It only reads the ledger, beside a
//! running till if there is one.

use super::{Exit, ExportArgs, Failure, Home, Outcome, print_line};
use crate::domain::time::Day;
use crate::till::export::{self, ExportError};
use crate::till::open::ledger_path;
use crate::till::service::{ExportFormat, ExportOrder};

pub(super) fn run(home: &Home, args: ExportArgs) -> Outcome {
    let order = ExportOrder {
        from: day("--from", &args.from)?,
        to: day("--to", &args.to)?,
        format: match args.format.as_str() {
            "csv" => ExportFormat::Csv,
            "xlsx" => ExportFormat::Xlsx,
            _ => return Err(Failure::wrong("--format 要是 csv 或 xlsx")),
        },
        path: args.out,
    };
    let ledger = ledger_path(&home.reading_dir());
    let exported = export::write(&ledger, &order).map_err(|error| match error {
        ExportError::Days | ExportError::NoFile(_) => Failure::wrong(error),
        error => Failure::no(error),
    })?;
    print_line(&format!(
        "账单 {} 笔，退款 {} 笔：{}",
        exported.bills,
        exported.refunds,
        exported.path.display()
    ));
    Ok(Exit::Done)
}

/// A day as every command takes it.
pub(super) fn day(option: &str, text: &str) -> Result<Day, Failure> {
    let wrong = || Failure::wrong(format!("{option} 要写成 2026-11-20"));
    Day::parse(text).ok_or_else(wrong)
}
