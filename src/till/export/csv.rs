//! CSV as spreadsheets of this country open it: UTF-8 with BOM, CRLF, quotes where needed. Bills
//! and refunds are in one list with a `kind` column.

use super::Sheet;
use super::table::{COLUMNS, Cell, Line};
use std::fs::File;
use std::io::Write;

/// See the module.
pub(super) struct Csv(csv::Writer<File>);

impl Csv {
    pub fn new(mut file: File) -> Result<Csv, String> {
        file.write_all("\u{feff}".as_bytes())
            .map_err(|why| why.to_string())?;
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(1 << 16)
            .from_writer(file);
        writer.write_record(COLUMNS).map_err(|e| e.to_string())?;
        Ok(Csv(writer))
    }
}

impl Sheet for Csv {
    fn line(&mut self, line: &Line) -> Result<(), String> {
        let cells = line.cells.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Yuan(amount) => amount.to_string(),
        });
        self.0.write_record(cells).map_err(|e| e.to_string())
    }

    fn finish(self: Box<Self>) -> Result<(), String> {
        let file = self.0.into_inner().map_err(|e| e.to_string())?;
        file.sync_all().map_err(|e| e.to_string())
    }
}
