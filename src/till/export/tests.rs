use super::table::{COLUMNS, Cell, Kind, bill, refund, text};
use super::*;
use crate::domain::bill::{Incident, IncidentKind};
use crate::domain::refund::{RefundAnswer, RefundChannel, RefundState};
use crate::domain::time::{Day, Stamp, parse_moment};
use crate::domain::{Bill, Channel, Fen, Host, Refund, SaleId, State};

fn stamp() -> Stamp {
    Stamp {
        wall_ms: parse_moment("2026-11-20T08:09:10+08:00").unwrap(),
        offset_ms: None,
    }
}

fn a_bill(note: &str) -> Bill {
    let mut bill = Bill::sent(
        BillNo::parse("2026112001000001K7Q2M4XD").unwrap(),
        SaleId("S1".into()),
        Fen(1_234_567),
        Channel::WxScan,
        Host("https://a".into()),
        stamp(),
    );
    bill.state = State::Paid;
    bill.note = note.into();
    bill.operator = "1001".into();
    bill.refunded = Fen(5);
    bill.incident = Some(Incident {
        kind: IncidentKind::PaidAfterAll,
        at_ms: 0,
    });
    bill
}

fn a_refund(reason: &str) -> Refund {
    Refund {
        refund_no: RefundNo::parse("2026112001000002K7Q2M4").unwrap(),
        bill_no: BillNo::parse("2026112001000001K7Q2M4XD").unwrap(),
        fee: Fen(5),
        paid: Fen(1_234_567),
        channel: RefundChannel::Wx,
        wallet: None,
        reason: reason.into(),
        operator: String::new(),
        approver: "2001".into(),
        params_hash: String::new(),
        state: RefundState::Succeeded,
        host: Host("https://a".into()),
        sent: stamp(),
        last_sent: stamp(),
        sends: 1,
        answer: RefundAnswer::Done,
        lost: false,
        seen: true,
        ended_ms: None,
        proof: None,
        look_ms: None,
        next_ms: None,
        incident: None,
        settled: None,
        pre: None,
    }
}

fn order(path: &Path, format: ExportFormat) -> ExportOrder {
    let day = Day::parse("2026-11-20").unwrap();
    ExportOrder {
        from: day,
        to: day,
        format,
        path: path.to_owned(),
    }
}

#[test]
fn what_a_spreadsheet_would_calculate_is_text() {
    for bad in [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠x",
    ] {
        assert_eq!(text(bad), Cell::Text(format!("'{bad}")), "{bad:?}");
    }
    for good in ["1001", "买=卖", "a-b", "'x", " x"] {
        assert_eq!(text(good), Cell::Text(good.to_owned()));
    }
    assert_eq!(text(""), Cell::Empty);
}

#[test]
fn csv_has_a_bom_crlf_quotes_and_plain_amounts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.csv");
    let file = File::create(&path).unwrap();
    let mut sheet: Box<dyn Sheet> = Box::new(csv::Csv::new(file).unwrap());
    sheet.line(&bill(&a_bill("a,\"b\"\n=c"))).unwrap();
    sheet.line(&refund(&a_refund("=cmd"))).unwrap();
    sheet.finish().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let expected = [
        &format!("\u{feff}{}", COLUMNS.join(",")),
        "bill,2026112001000001K7Q2M4XD,,2026-11-20 08:09:10,12345.67,,WX_SCAN,wechat,paid,,1001,,\
         \"a,\"\"b\"\"\n=c\",S1,false,0.05,,本机已证明未收款，网关后来又说已付款",
        "refund,2026112001000001K7Q2M4XD,2026112001000002K7Q2M4,2026-11-20 08:09:10,,0.05,WX,,\
         succeeded,,,2001,'=cmd,,,,,",
        "",
    ];
    assert_eq!(text, expected.join("\r\n"));
}

/// What stands in a file of an XLSX (a ZIP whose parts are deflated).
fn parts(path: &Path) -> Vec<(String, String)> {
    let bytes = std::fs::read(path).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|i| {
            let mut part = archive.by_index(i).unwrap();
            let mut text = String::new();
            std::io::Read::read_to_string(&mut part, &mut text).unwrap();
            (part.name().to_owned(), text)
        })
        .collect()
}

#[test]
fn xlsx_has_two_sheets_with_real_numbers_and_no_formula() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.xlsx");
    let file = File::create(&path).unwrap();
    let mut sheet: Box<dyn Sheet> = Box::new(xlsx::Xlsx::new(file, &path).unwrap());
    sheet.line(&bill(&a_bill("=HYPERLINK(\"x\")"))).unwrap();
    sheet.line(&refund(&a_refund("退货"))).unwrap();
    sheet.finish().unwrap();
    let parts = parts(&path);
    let part = |name: &str| {
        let found = parts.iter().find(|(n, _)| n == name);
        found.unwrap_or_else(|| panic!("no {name}")).1.clone()
    };
    let workbook = part("xl/workbook.xml");
    assert!(workbook.contains("name=\"bills\"") && workbook.contains("name=\"refunds\""));
    let bills = part("xl/worksheets/sheet1.xml");
    assert!(bills.contains("<v>12345.67</v>"), "{bills}");
    assert!(bills.contains("&apos;=HYPERLINK") || bills.contains("'=HYPERLINK"));
    assert!(part("xl/worksheets/sheet2.xml").contains("<v>0.05</v>"));
    let styles = part("xl/styles.xml");
    assert!(styles.contains("formatCode=\"0.00\""), "{styles}");
    assert!(parts.iter().all(|(_, text)| !text.contains("<f>")));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is left beside it");
}

#[test]
fn every_column_of_each_kind_exists_and_what_it_leaves_out_is_empty() {
    for (kind, line) in [
        (Kind::Bill, bill(&a_bill("x"))),
        (Kind::Refund, refund(&a_refund("x"))),
    ] {
        for (at, cell) in line.cells.iter().enumerate().skip(1) {
            let shown = kind.columns().contains(&at);
            assert!(shown || *cell == Cell::Empty, "{} of {kind:?}", COLUMNS[at]);
        }
    }
}

#[test]
fn a_ledger_that_was_never_written_gives_the_titles_and_the_wrong_days_give_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.csv");
    let ledger = dir.path().join("ledger.db");
    let wanted = order(&path, ExportFormat::Csv);
    let exported = write(&ledger, &wanted).unwrap();
    assert_eq!((exported.bills, exported.refunds), (0, 0));
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .ends_with("incident\r\n")
    );
    let backwards = ExportOrder {
        from: Day::parse("2026-11-21").unwrap(),
        ..wanted
    };
    assert!(matches!(write(&ledger, &backwards), Err(ExportError::Days)));
}

#[test]
fn where_it_fails_the_file_that_was_there_stays_and_no_part_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.csv");
    std::fs::write(&path, "before").unwrap();
    let ledger = dir.path().join("ledger.db");
    std::fs::write(
        &ledger,
        "this is no ledger, and longer than a header of one",
    )
    .unwrap();
    let error = write(&ledger, &order(&path, ExportFormat::Csv)).unwrap_err();
    assert_eq!(error.to_string().lines().count(), 1);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 2);
    let folder = order(dir.path(), ExportFormat::Csv);
    assert!(matches!(
        write(&ledger, &folder),
        Err(ExportError::NoFile(_))
    ));
}

#[test]
#[cfg(unix)]
fn a_link_or_a_device_is_no_place_for_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("kept.csv");
    std::fs::write(&target, "kept").unwrap();
    let link = elsewhere.path().join("link.csv");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let ledger = dir.path().join("ledger.db");
    let refused = write(&ledger, &order(&link, ExportFormat::Csv));
    assert!(matches!(refused, Err(ExportError::NoFile(_))));
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
    assert!(link.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn the_tills_own_files_are_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = dir.path().join("ledger.db");
    for own in ["ledger.db", "vault.json", "device.key"] {
        let path = dir.path().join(own);
        std::fs::write(&path, own).unwrap();
        let refused = write(&ledger, &order(&path, ExportFormat::Csv));
        assert!(matches!(refused, Err(ExportError::NoFile(_))), "{own}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), own);
    }
}
