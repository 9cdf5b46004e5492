//! XLSX: bills and refunds on sheets of their own, amounts as numbers, everything else as text.
//! Rows go to a file beside the target at once, so that no sheet is held in memory.

use super::Sheet;
use super::table::{COLUMNS, Cell, Kind, Line};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// A sheet holds no more rows, its title included.
const MOST_ROWS: u32 = 1_048_576;
/// A cell holds no more characters (32,767, and fewer where some count twice).
const LONGEST: usize = 16_000;

/// See the module.
pub(super) struct Xlsx {
    workbook: Workbook,
    file: File,
    yuan: Format,
    /// The sheet of each kind that is being filled.
    at: Vec<At>,
}

/// Where the next line of a kind goes.
struct At {
    kind: Kind,
    sheet: usize,
    row: u32,
}

impl Xlsx {
    pub fn new(file: File, part: &Path) -> Result<Xlsx, String> {
        let mut workbook = Workbook::new();
        if let Some(folder) = part.parent().filter(|f| !f.as_os_str().is_empty()) {
            workbook.set_tempdir(folder).map_err(|e| e.to_string())?;
        }
        let mut xlsx = Xlsx {
            workbook,
            file,
            yuan: Format::new().set_num_format("0.00"),
            at: Vec::new(),
        };
        for kind in [Kind::Bill, Kind::Refund] {
            let at = xlsx.sheet(kind, 1).map_err(|e| e.to_string())?;
            xlsx.at.push(at);
        }
        Ok(xlsx)
    }

    /// A sheet with its title row.
    fn sheet(&mut self, kind: Kind, number: usize) -> Result<At, XlsxError> {
        let sheet = self.workbook.worksheets().len();
        let worksheet = self.workbook.add_worksheet_with_constant_memory();
        worksheet.set_name(match number {
            1 => format!("{}s", kind.name()),
            number => format!("{}s {number}", kind.name()),
        })?;
        worksheet.set_freeze_panes(1, 0)?;
        for (column, title) in (0_u16..).zip(kind.columns().iter().filter_map(|c| COLUMNS.get(*c)))
        {
            worksheet.set_column_width(column, 16)?;
            worksheet.write_string(0, column, *title)?;
        }
        Ok(At {
            kind,
            sheet,
            row: 1,
        })
    }

    fn put(&mut self, line: &Line) -> Result<(), XlsxError> {
        let full = self
            .at
            .iter()
            .position(|at| at.kind == line.kind && at.row >= MOST_ROWS);
        if let Some(full) = full {
            let number = self.workbook.worksheets().len();
            let next = self.sheet(line.kind, number)?;
            self.at.insert(full, next);
        }
        let Some(at) = self.at.iter_mut().find(|at| at.kind == line.kind) else {
            return Ok(());
        };
        let row = at.row;
        at.row += 1;
        let sheet = self.workbook.worksheet_from_index(at.sheet)?;
        put_line(sheet, row, line, &self.yuan)
    }
}

fn put_line(sheet: &mut Worksheet, row: u32, line: &Line, yuan: &Format) -> Result<(), XlsxError> {
    let cells = line.kind.columns().iter();
    for (column, cell) in (0_u16..).zip(cells.filter_map(|c| line.cells.get(*c))) {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                let text: String = text.chars().take(LONGEST).collect();
                sheet.write_string(row, column, text)?;
            }
            Cell::Yuan(amount) => {
                // Exact: a double holds every 分 up to 90 万亿.
                let number = amount.0 as f64 / 100.0;
                sheet.write_number_with_format(row, column, number, yuan)?;
            }
        }
    }
    Ok(())
}

impl Sheet for Xlsx {
    fn line(&mut self, line: &Line) -> Result<(), String> {
        self.put(line).map_err(|e| e.to_string())
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        let mut out = BufWriter::new(&self.file);
        self.workbook
            .save_to_writer(&mut out)
            .map_err(|e| e.to_string())?;
        out.flush().map_err(|e| e.to_string())?;
        drop(out);
        self.file.sync_all().map_err(|e| e.to_string())
    }
}
