//! What holds for every slip: any text, any power cut, any paper.

use crate::reader::{self, Item, annotated, bitmap, read, read_after_a_break, texts};
use crate::samples::{FONT, NUMBER, Sample, bill};
use crate::{Options, encode, job};
use proptest::prelude::*;
use shouyin::devices::camera::{Grey, Symbology, read_picture};
use shouyin::devices::slip::{Picture, SlipError, open_drawer, picture};
use shouyin::domain::config::{Language, PrinterChinese};
use shouyin::domain::print::{Align, Part, Slip};

const BOTH: [PrinterChinese; 2] = [PrinterChinese::Gb18030, PrinterChinese::Raster];

fn options(width_mm: u32, chinese: PrinterChinese) -> Options<'static> {
    Options {
        width_mm,
        chinese,
        cut: true,
        drawer: false,
        font: Some(&FONT),
    }
}

/// What a code in these dots says.
fn seen(width: usize, height: usize, dots: &[bool]) -> Option<(String, Symbology)> {
    // Paper is white around what is printed.
    let edge = 32;
    let wide = width + 2 * edge;
    let mut light = vec![255; wide * (height + 2 * edge)];
    for (i, _) in dots.iter().enumerate().filter(|(_, black)| **black) {
        light[(i / width + edge) * wide + edge + i % width] = 0;
    }
    let found = read_picture(&Grey::new(wide, height + 2 * edge, light)?)?;
    Some((found.text.expose().to_owned(), found.symbology))
}

fn only(part: Part) -> Slip {
    let line = Part::Text {
        text: "收款凭证".into(),
        align: Align::Centre,
        large: false,
        bold: false,
    };
    Slip {
        parts: vec![line.clone(), part, line],
    }
}

#[test]
fn bars_and_qr_of_picture_and_raster_really_read() {
    for mm in [58, 80] {
        let bars = if mm == 58 { "000059Y6RC9G5H" } else { NUMBER };
        for (part, text, kind) in [
            (Part::Bars(NUMBER.into()), bars, Symbology::Code128),
            (Part::Qr(NUMBER.into()), NUMBER, Symbology::Qr),
        ] {
            let slip = only(part);
            for chinese in BOTH {
                let options = options(mm, chinese);
                let Picture {
                    width,
                    height,
                    dots,
                } = picture(&slip, &options).unwrap();
                assert_eq!(width, if mm == 58 { 384 } else { 576 });
                assert_eq!(dots.len(), width * height);
                let read = seen(width, height, &dots);
                assert_eq!(read, Some((text.to_owned(), kind)), "{mm} {chinese:?}");
            }
            let bytes = encode(&slip, &options(mm, PrinterChinese::Raster)).unwrap();
            let items = read(&bytes, if mm == 58 { 32 } else { 48 }).unwrap();
            let (width, height, dots) = bitmap(&items);
            let read = seen(width, height, &dots);
            assert_eq!(read, Some((text.to_owned(), kind)), "{mm} raster");
        }
    }
}

#[test]
fn the_raster_job_is_the_picture() {
    let slip = Sample::new(Language::Chinese).sale();
    let options = options(58, PrinterChinese::Raster);
    let picture = picture(&slip, &options).unwrap();
    let items = read(&encode(&slip, &options).unwrap(), 32).unwrap();
    let (width, height, dots) = bitmap(&items);
    assert_eq!((width, height), (picture.width, picture.height));
    let differ = dots.iter().zip(&picture.dots).filter(|(a, b)| a != b);
    // Dots that would be a command have one more beside them.
    assert!(differ.count() < 8);
    let black = picture.dots.iter().filter(|black| **black).count();
    assert!(black * 40 > picture.dots.len(), "{black} black dots");
}

#[test]
fn a_sale_on_58_mm_says_everything() {
    let mut sample = Sample::new(Language::Chinese);
    let bytes = job(&sample.sale(), 58, PrinterChinese::Gb18030, true);
    let items = read(&bytes, 32).unwrap();
    assert!(matches!(
        items[..3],
        [Item::Zeros(128), Item::Reset, Item::Drawer { pin: 2, .. }]
    ));
    assert!(matches!(items.last(), Some(Item::Cut(0))));
    let text = texts(&items).join("\n");
    for line in [
        "示例便利店",
        "电话 010-00000000",
        "收款凭证",
        "￥1,234.56",
        "状态                      已收款",
        "付款方式                  支付宝",
        "收款时间     2026-11-20 14:22:33",
        "终端                          01",
        "收银员                      1001",
        "备注            两箱苹果，少一袋",
        "渠道                    ALI_SCAN",
        "付款码                    28…76",
        "单号    2026112001000059Y6RC9G5H",
        "谢谢惠顾 Thank you for shopping",
        "with us, see you soon",
    ] {
        assert!(
            text.lines().any(|l| l == line),
            "{line:?} is not in\n{text}"
        );
    }
    for mark in ["重打", "练习", "已退款"] {
        assert!(!text.contains(mark), "{mark}");
    }
    let told = annotated(&items);
    assert!(told.contains("bars    000059Y6RC9G5H as {C000059{BY6RC9G5H: 167 modules of 2"));
    assert!(told.contains("qr      2026112001000059Y6RC9G5H level M, modules of 6"));

    sample.again = true;
    sample.practice = true;
    sample.bill.refunded = shouyin::domain::Fen(500);
    let items = read(&job(&sample.sale(), 58, PrinterChinese::Gb18030, false), 32).unwrap();
    assert!(!items.iter().any(|i| matches!(i, Item::Drawer { .. })));
    let all = texts(&items);
    assert_eq!(all.first().unwrap(), "练习 · 没有真实扣款");
    assert_eq!(all.last().unwrap(), "练习 · 没有真实扣款");
    assert_eq!(all.iter().filter(|l| *l == "重打").count(), 2);
    assert!(
        all.iter()
            .any(|l| l.starts_with("已退款") && l.ends_with("￥5.00"))
    );
}

#[test]
fn a_hostile_note_is_text_and_hides_a_payment_code() {
    let mut sample = Sample::new(Language::Chinese);
    sample.bill.note =
        "\u{1b}p\u{0}\u{19}\u{fa}苹果\u{1d}V\u{0} 280123456789012345\u{202e}x".into();
    sample.bill.code_mask = Some("280123456789012345".into());
    let items = read(&job(&sample.sale(), 80, PrinterChinese::Gb18030, false), 48).unwrap();
    let text = texts(&items).join("\n");
    assert!(text.contains("pú苹果V …x"), "{text}");
    assert!(!text.contains("0123456789012345"));
    let acts = |i: &&Item| matches!(i, Item::Drawer { .. } | Item::Cut(_) | Item::Reset);
    assert_eq!(items.iter().filter(acts).count(), 2);
}

/// Power, paper or cable went at any byte of a job: the next job is printed whole.
#[test]
fn a_job_after_one_that_was_cut_off_anywhere_is_whole() {
    let second = Sample::new(Language::Chinese).sale();
    for chinese in BOTH {
        let first = job(&Sample::new(Language::English).refund(), 58, chinese, true);
        let next = job(&second, 58, chinese, false);
        let alone = read(&next, 32).unwrap();
        let alone = after_reset(&alone);
        // A picture's bands are alike: every byte of the first heads, and some of the rest.
        let cuts: Vec<usize> = match chinese {
            PrinterChinese::Gb18030 => (0..first.len()).collect(),
            PrinterChinese::Raster => (1_500..1_600)
                .chain(3_080..3_110)
                .chain((0..first.len()).step_by(997))
                .collect(),
        };
        for cut in cuts {
            let both = [&first[..cut], &next].concat();
            let items = read_after_a_break(&both, 32);
            let whole = after_reset(&items) == alone;
            assert!(whole, "cut at {cut} ({chinese:?}):\n{}", annotated(&items));
        }
    }
}

fn after_reset(items: &[Item]) -> &[Item] {
    let reset = items.iter().rposition(|i| *i == Item::Reset).unwrap();
    &items[reset..]
}

#[test]
fn the_drawer_alone_prints_nothing() {
    let items = read(&open_drawer(), 32).unwrap();
    let pulse = Item::Drawer {
        pin: 2,
        on_ms: 50,
        off_ms: 500,
    };
    assert_eq!(items, [pulse]);
}

#[test]
fn without_a_font_only_pictures_are_missing() {
    let slip = Sample::new(Language::Chinese).sale();
    for font in [None, Some(&b"no font"[..])] {
        let mut options = options(58, PrinterChinese::Gb18030);
        options.font = font;
        assert!(encode(&slip, &options).is_ok());
        assert_eq!(picture(&slip, &options), Err(SlipError::NoFont));
        options.chinese = PrinterChinese::Raster;
        assert_eq!(encode(&slip, &options), Err(SlipError::NoFont));
    }
}

#[test]
fn a_slip_is_never_endless() {
    let mut sample = Sample::new(Language::Chinese);
    sample.foot = vec!["很长".repeat(10_000); 5_000];
    let items = read(&job(&sample.sale(), 58, PrinterChinese::Gb18030, false), 32).unwrap();
    let all = texts(&items);
    assert!(all.len() <= 1_501, "{}", all.len());
    assert_eq!(all.last().unwrap(), "……");
}

#[test]
fn the_reader_finds_a_wrong_byte() {
    for wrong in [
        &b"\x1bZ"[..],
        b"\x1b\x1b",
        b"text",
        b"\x07\n",
        b"\xd6\xa7\n",
        b"\x1c&\xd6\x39\n",
        b"\x1c&\xd6\xa7\n",
        b"\x1d!\x11\x1c&\xd6\xa7\x1c.\n",
        b"\x1dV\x00",
        b"\x1dk\x49\x04{B1\x01",
        b"\x1dk\x49\x04{B12",
        b"\x1d(k\x03\x001Q0",
        b"\x1dv0\x00\x01\x00\x02\x00\xff",
        b"\x10\x04\x01",
        b"\x1bE\x01",
        b"012345678901234567890123456789012\n",
    ] {
        assert!(reader::read(wrong, 32).is_err(), "{wrong:02x?}");
    }
}

/// Any text, with what hurts drawn more often.
fn text() -> impl Strategy<Value = String> {
    let hurtful = proptest::sample::select(vec![
        '\u{0}', '\u{1b}', '\u{1c}', '\u{1d}', '\u{10}', '\u{4}', '\u{14}', '\n', '\r', '\u{7f}',
        '\u{9b}', '@', '{', '\u{202e}', '€', '😀', '支', '\u{e000}', ' ',
    ]);
    let one = prop_oneof![hurtful, any::<char>(), proptest::char::range(' ', '~')];
    proptest::collection::vec(one, 0..60).prop_map(|all| all.into_iter().collect())
}

fn hostile(all: &[String]) -> Sample {
    let mut sample = Sample::new(Language::Chinese);
    let [shop, head, foot, note, title, operator, mask, trade_no] = all else {
        panic!("{}", all.len());
    };
    sample.shop = shop.clone();
    sample.head = vec![head.clone()];
    sample.foot = vec![foot.clone()];
    sample.bill.note = note.clone();
    sample.bill.title = title.clone();
    sample.bill.operator = operator.clone();
    sample.bill.code_mask = Some(mask.clone());
    sample.bill.trade_no = Some(trade_no.clone());
    sample.refund.reason = note.clone();
    sample.refund.approver = title.clone();
    sample
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_text_commands_the_printer(
        all in proptest::collection::vec(text(), 8), mm in prop_oneof![Just(58), Just(80)]
    ) {
        let sample = hostile(&all);
        let columns = if mm == 80 { 48 } else { 32 };
        for slip in [sample.sale(), sample.refund(), sample.shift(), sample.test()] {
            let items = read(&job(&slip, mm, PrinterChinese::Gb18030, false), columns).unwrap();
            let count = |of: fn(&Item) -> bool| items.iter().filter(|i| of(i)).count();
            prop_assert_eq!(count(|i| matches!(i, Item::Reset)), 1);
            prop_assert_eq!(count(|i| matches!(i, Item::Cut(_))), 1);
            prop_assert_eq!(count(|i| matches!(i, Item::Feed(_))), 1);
            prop_assert_eq!(count(|i| matches!(i, Item::Zeros(_))), 1);
            prop_assert_eq!(count(|i| matches!(i, Item::Drawer { .. } | Item::Bitmap { .. })), 0);
            for text in texts(&items) {
                prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn no_text_breaks_a_picture(all in proptest::collection::vec(text(), 8)) {
        let slip = hostile(&all).sale();
        let items = read(&job(&slip, 80, PrinterChinese::Raster, false), 48).unwrap();
        let (width, height, dots) = bitmap(&items);
        prop_assert_eq!(width, 576);
        prop_assert_eq!(dots.len(), width * height);
    }
}

#[test]
fn a_bill_of_another_kind_of_number_fits_too() {
    let mut sample = Sample::new(Language::Chinese);
    for number in [
        "A".repeat(32),
        "20261120".into(),
        "2026112001162001Y6RC9G5H".into(),
    ] {
        sample.bill = bill();
        sample.bill.bill_no = shouyin::domain::BillNo::parse(&number).unwrap();
        for (mm, columns) in [(58, 32), (80, 48)] {
            for chinese in BOTH {
                let bytes = job(&sample.sale(), mm, chinese, false);
                assert!(read(&bytes, columns).is_ok(), "{number} {mm} {chinese:?}");
            }
        }
    }
}
