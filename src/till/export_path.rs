//! Where an export is proposed to be written: the user's documents folder, else their home.

use super::service::ExportFormat;
use crate::domain::time::Day;
use std::path::PathBuf;

/// `shouyin-2026-11-20.xlsx` in the documents folder; with both days where they differ. Without
/// a home directory the name alone, which the working directory resolves.
pub fn default_export_path(from: Day, to: Day, format: ExportFormat) -> PathBuf {
    let dir = directories::UserDirs::new().map(|user| {
        user.document_dir()
            .unwrap_or_else(|| user.home_dir())
            .to_owned()
    });
    dir.unwrap_or_default().join(export_name(from, to, format))
}

fn export_name(from: Day, to: Day, format: ExportFormat) -> String {
    let kind = match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Xlsx => "xlsx",
    };
    if from == to {
        format!("shouyin-{from}.{kind}")
    } else {
        format!("shouyin-{from}-{to}.{kind}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_named_after_its_days_and_kind() {
        let day = |text| Day::parse(text).unwrap();
        let (first, last) = (day("2026-11-14"), day("2026-11-20"));
        assert_eq!(
            export_name(last, last, ExportFormat::Csv),
            "shouyin-2026-11-20.csv"
        );
        assert_eq!(
            export_name(first, last, ExportFormat::Xlsx),
            "shouyin-2026-11-14-2026-11-20.xlsx"
        );
        let path = default_export_path(last, last, ExportFormat::Csv);
        assert!(path.ends_with("shouyin-2026-11-20.csv"));
    }
}
