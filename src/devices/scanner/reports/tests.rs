use super::*;
use proptest::prelude::*;

const CODE: &str = "134567890123456789";

/// As HID-POS scanners describe themselves: report 2 with a length, the AIM identifier, 56 bytes,
/// two bytes of the maker's, and the bit that says that more comes.
const POS: &[u8] = &[
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // a scanner
    0x09, 0x12, 0xa1, 0x02, 0x85, 0x02, // scanned data, report 2
    0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, // bytes
    0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // length
    0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x95, 0x03, 0x81, 0x02, // AIM
    0x09, 0xfe, 0x95, 0x38, 0x82, 0x02, 0x01, // data, buffered bytes
    0x06, 0x66, 0xff, 0x09, 0x04, 0x09, 0x00, 0x95, 0x02, 0x81, 0x02, // the maker's
    0x05, 0x8c, 0x09, 0xff, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02, // more comes
    0x75, 0x07, 0x81, 0x03, 0xc0, // filling
    0x09, 0x14, 0xa1, 0x02, 0x85, 0x04, 0x75, 0x08, 0x95, 0x01, 0x91, 0x02, 0xc0, 0xc0,
];

/// All in one field list, no length, no report id, preceded by another report's push and pop.
const PLAIN: &[u8] = &[
    0x06, 0x8c, 0x00, 0x0a, 0x02, 0x00, 0xa1, 0x01, //
    0xfe, 0x02, 0x99, 0x01, 0x02, // a long item, skipped
    0xa4, 0x75, 0x10, 0xb4, 0x75, 0x08, 0x95, 0x0a, //
    0x1b, 0xfb, 0x00, 0x8c, 0x00, 0x2b, 0xfe, 0x00, 0x8c, 0x00, // FB to FE with their page
    0x81, 0x02, 0xc0,
];

/// A keyboard.
const KEYBOARD: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01,
    0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x95, 0x06, 0x75, 0x08, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00,
    0xc0,
];

fn report(text: &str, more: bool) -> Vec<u8> {
    let mut report = vec![0; 64];
    report[0] = 2;
    report[1] = u8::try_from(text.len()).unwrap();
    report[2..5].copy_from_slice(b"]Q0");
    report[5..5 + text.len()].copy_from_slice(text.as_bytes());
    report[63] = u8::from(more);
    report
}

/// What a report says: the text, and `…` where more comes.
fn said(reports: Reports, report: &[u8]) -> Option<String> {
    let piece = reports.read(report)?;
    let end = if piece.last { "" } else { "…" };
    Some(format!("{}{end}", String::from_utf8_lossy(piece.data)))
}

#[test]
fn a_descriptor_says_where_the_code_is() {
    let Reports(layout) = Reports::new(POS).unwrap();
    let usual = Layout {
        id: Some(2),
        usual: false,
        ..USUAL
    };
    assert_eq!(layout, usual);
    let Reports(layout) = Reports::new(PLAIN).unwrap();
    let plain = Layout {
        id: None,
        length: None,
        data: (3, 7),
        continued: None,
        usual: false,
    };
    assert_eq!(layout, plain);
}

#[test]
fn a_code_is_read_from_its_report_with_or_without_a_descriptor() {
    for descriptor in [POS, &[], &POS[..6]] {
        let reports = Reports::new(descriptor).unwrap();
        let read = |bytes: &[u8]| said(reports, bytes);
        assert_eq!(read(&report(CODE, false)).unwrap(), CODE);
        assert_eq!(read(&report(CODE, true)).unwrap(), format!("{CODE}…"));
        assert_eq!(read(&report("", false)), None, "empty");
        let mut other = report(CODE, false);
        other[0] = 4;
        other[2] = b'x';
        assert_eq!(read(&other), None, "about something else");
        assert_eq!(read(&report(CODE, false)[..10]).unwrap(), &CODE[..5], "cut");
    }
    let reports = Reports::new(PLAIN).unwrap();
    assert_eq!(said(reports, b"]Q0134567\0").unwrap(), "134567");
    assert_eq!(said(reports, b"]Q01345678").unwrap(), "1345678…", "full");
    assert_eq!(said(reports, &[0; 10]), None);
}

#[test]
fn a_length_longer_than_the_report_takes_what_is_there() {
    let reports = Reports::new(POS).unwrap();
    let mut long = report(CODE, false);
    long[1] = 255;
    assert_eq!(reports.read(&long).unwrap().data.len(), 56);
    assert_eq!(reports.read(&[2, 255]), None);
    assert_eq!(reports.read(&[2]), None);
    assert_eq!(reports.read(&[]), None);
}

#[test]
fn a_length_of_another_report_is_not_taken() {
    // Report 1 has a byte count and no data; report 2 has data behind its own byte count.
    let two = [
        0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x75, 0x08, 0x95, 0x02, //
        0x85, 0x01, 0x0b, 0x3b, 0x00, 0x01, 0x00, 0x81, 0x02, //
        0x85, 0x02, 0x0b, 0x00, 0x00, 0x01, 0x00, 0x0b, 0x3b, 0x00, 0x01, 0x00, 0x81, 0x02, //
        0x95, 0x14, 0x09, 0xfe, 0x81, 0x02, 0xc0,
    ];
    let Reports(layout) = Reports::new(&two).unwrap();
    assert_eq!((layout.id, layout.length), (Some(2), Some(2)));
    assert_eq!(layout.data, (3, 20));
}

#[test]
fn a_keyboard_is_no_hid_pos_scanner() {
    assert_eq!(Reports::new(KEYBOARD), None);
    assert_eq!(Reports::new(&[0xff; 40]), None);
}

proptest! {
    #[test]
    fn any_descriptor_and_any_report_is_taken(
        descriptor in proptest::collection::vec(any::<u8>(), 0..300),
        report in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        if let Some(reports) = Reports::new(&descriptor) {
            let _ = reports.read(&report);
        }
    }

    #[test]
    fn a_broken_descriptor_reads_no_further_than_the_report(
        flips in proptest::collection::vec((0..POS.len(), any::<u8>()), 0..6),
        report in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut descriptor = POS.to_vec();
        for (at, byte) in flips {
            descriptor[at] = byte;
        }
        if let Some(piece) = Reports::new(&descriptor).as_ref().and_then(|r| r.read(&report)) {
            prop_assert!(piece.data.len() <= report.len());
        }
    }
}
