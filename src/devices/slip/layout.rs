//! A slip as rows of a paper: lines that fit its columns, and codes that fit its dots.

use super::code128::Code128;
use crate::domain::print::{Align, Part, Slip};
use crate::domain::slip::clean;

/// A slip has at most so many rows (five metres of paper); what comes after them is left out, and
/// the last row says so.
const MOST_ROWS: usize = 1_500;
/// A code carries at most so many characters: more than any bill_no, and few enough that what an
/// interrupted code leaves open is known ([`super::encode`]).
const MOST_CODED: usize = 48;
/// Dots of one module of the bars: 0.25 mm, what every scanner reads.
pub(super) const BAR_DOTS: usize = 2;
/// Characters of a number's end that narrow bars carry.
const BARS_CHARS: usize = 14;
/// Dots of one module of a QR, where the paper is wide enough.
const QR_DOTS: usize = 6;
/// White modules around a QR.
pub(super) const QR_QUIET: usize = 4;

/// A paper's width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paper {
    /// Of 12 dots.
    pub columns: usize,
    /// That can be printed on.
    pub dots: usize,
}

impl Paper {
    pub fn of(width_mm: u32) -> Paper {
        let columns = if width_mm >= 80 { 48 } else { 32 };
        Paper {
            columns,
            dots: columns * 12,
        }
    }
}

/// A row of the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    Line(Line),
    Bars(Code128),
    Qr(Qr),
}

/// A line of text, no wider than the paper.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line {
    pub text: String,
    pub align: Align,
    /// Twice as wide.
    pub wide: bool,
    /// Twice as high.
    pub high: bool,
    pub bold: bool,
}

/// A QR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qr {
    pub text: String,
    /// Modules of a side.
    pub modules: usize,
    /// Row by row, true is black.
    pub black: Vec<bool>,
    /// Dots of a module.
    pub dots: usize,
}

/// The slip on this paper.
pub(super) fn rows(slip: &Slip, paper: Paper) -> Vec<Row> {
    let mut rows = Vec::new();
    for part in &slip.parts {
        part_rows(part, paper, &mut rows);
        if rows.len() > MOST_ROWS {
            rows.truncate(MOST_ROWS);
            rows.push(Row::Line(centred("……".to_owned())));
            break;
        }
    }
    rows
}

fn part_rows(part: &Part, paper: Paper, rows: &mut Vec<Row>) {
    match part {
        Part::Text {
            text,
            align,
            large,
            bold,
        } => {
            let columns = if *large {
                paper.columns / 2
            } else {
                paper.columns
            };
            rows.extend(wrap(&clean(text), columns).into_iter().map(|text| {
                Row::Line(Line {
                    text,
                    align: *align,
                    wide: *large,
                    high: *large,
                    bold: *bold,
                })
            }));
        }
        Part::Pair { name, value, bold } => {
            for text in pair(&clean(name), &clean(value), paper.columns) {
                rows.push(Row::Line(Line {
                    text,
                    high: *bold,
                    bold: *bold,
                    ..Line::default()
                }));
            }
        }
        Part::Rule => rows.push(Row::Line(Line {
            text: "-".repeat(paper.columns),
            ..Line::default()
        })),
        Part::Gap => rows.push(Row::Line(Line::default())),
        Part::Bars(text) => rows.push(bars(text, paper)),
        Part::Qr(text) => rows.push(qr(text, paper)),
    }
}

fn centred(text: String) -> Line {
    Line {
        text,
        align: Align::Centre,
        ..Line::default()
    }
}

/// A number as Code 128: whole where the paper is wide enough, else its last fourteen characters,
/// else as text.
///
/// A symbol is 11 modules of 2 dots; start, check and stop add 35. A bill_no of a till with two
/// digits is 8 pairs of digits (date, till, serial), a change of the set and 8 random characters:
/// 17 · 11 + 35 = 222 modules, 444 dots. 80 mm paper has 576, 58 mm paper 384: there the number's
/// last fourteen characters, serial and random, are 3 pairs, a change and 8 characters, 12 · 11 + 35
/// = 167 modules, 334 dots, with more than the 10 white modules that a scanner wants left and right.
/// (The paper's margin of 4 or 5 mm, 16 modules or more, is white as well where bars are wider.)
/// Thinner bars would fit and be read by few scanners. What is left out (the day and the till) is no
/// loss: the serial is used once in a till's life, and the search takes the end of a number. The
/// whole number is in the QR.
fn bars(text: &str, paper: Paper) -> Row {
    let end = text.len().saturating_sub(BARS_CHARS);
    let fits = |text: &str| {
        let bars = Code128::new(text).filter(|_| text.len() <= MOST_CODED)?;
        (bars.modules() * BAR_DOTS <= paper.dots).then_some(bars)
    };
    match fits(text).or_else(|| fits(text.get(end..)?)) {
        Some(bars) => Row::Bars(bars),
        None => Row::Line(centred(fitting(text, paper.columns))),
    }
}

/// A text as QR of level M; as text where no QR that fits can carry it.
fn qr(text: &str, paper: Paper) -> Row {
    let short = text.len() <= MOST_CODED && !text.chars().any(char::is_control);
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).ok();
    let Some(code) = code.filter(|_| short) else {
        return Row::Line(centred(fitting(text, paper.columns)));
    };
    let modules = code.width();
    let black = code.to_colors().into_iter();
    Row::Qr(Qr {
        text: text.to_owned(),
        modules,
        black: black.map(|c| c == qrcode::Color::Dark).collect(),
        dots: (paper.dots / (modules + 2 * QR_QUIET)).min(QR_DOTS),
    })
}

/// The beginning of a text, one line of it.
fn fitting(text: &str, columns: usize) -> String {
    wrap(&clean(text), columns)
        .into_iter()
        .next()
        .unwrap_or_default()
}

/// `name` at the left and `value` at the right; below each other where one line is too short.
fn pair(name: &str, value: &str, columns: usize) -> Vec<String> {
    if width(name) + width(value) < columns {
        let gap = " ".repeat(columns - width(name) - width(value));
        return vec![format!("{name}{gap}{value}")];
    }
    let mut lines = wrap(name, columns);
    for line in wrap(value.trim(), columns) {
        let before = " ".repeat(columns - width(&line));
        lines.push(format!("{before}{line}"));
    }
    lines
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// ASCII is one column. All the rest comes from the printer's Chinese font, Greek, accents and signs
/// too, and is two.
pub(super) fn columns_of(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

/// Never empty; no line is wider than `columns`. Nothing is left out but the space at a break. A
/// word of ASCII moves to the next line whole where it fits there.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for c in text.chars() {
        if width(&line) + columns_of(c) > columns {
            let next = match c {
                ' ' => String::new(),
                c if c.is_ascii() => cut_word(&mut line),
                _ => String::new(),
            };
            lines.push(std::mem::replace(&mut line, next));
            if c == ' ' {
                continue;
            }
        }
        line.push(c);
    }
    lines.push(line);
    lines
}

/// Takes the unfinished word from the end of a line, and the space before it; nothing where the line
/// has no space within, or only at its beginning.
fn cut_word(line: &mut String) -> String {
    let Some(space) = line.rfind(' ') else {
        return String::new();
    };
    let word = line.split_off(space + 1);
    let goes = word.is_ascii() && !line.trim().is_empty();
    if !goes {
        line.push_str(&word);
        return String::new();
    }
    line.pop();
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_between_words_and_never_runs_over_the_paper() {
        for (text, columns, lines) in [
            ("", 8, vec![""]),
            ("thank you very much", 10, vec!["thank you", "very much"]),
            ("thank you", 8, vec!["thank", "you"]),
            ("一二三四五", 8, vec!["一二三四", "五"]),
            ("ab一二三", 7, vec!["ab一二", "三"]),
            ("0123456789abcdef", 10, vec!["0123456789", "abcdef"]),
            ("  0123456789", 8, vec!["  012345", "6789"]),
            ("一 abcdefghijk", 10, vec!["一", "abcdefghij", "k"]),
            ("exactly8 x", 8, vec!["exactly8", "x"]),
        ] {
            assert_eq!(wrap(text, columns), lines, "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit_beside_its_name_stands_below_it() {
        assert_eq!(pair("单号", "12", 8), ["单号  12"]);
        assert_eq!(pair("单号", "1234", 8), ["单号", "    1234"]);
        assert_eq!(pair("", "12", 8), ["      12"]);
    }

    #[test]
    fn bars_carry_the_whole_number_or_its_end_and_fit_the_paper() {
        let coded = |text: &str, mm: u32| match bars(text, Paper::of(mm)) {
            Row::Bars(bars) => {
                assert!(bars.modules() * BAR_DOTS <= Paper::of(mm).dots);
                bars.text().to_owned()
            }
            other => format!("{other:?}"),
        };
        let number = "2026112001000059Y6RC9G5H";
        assert_eq!(coded(number, 80), number);
        assert_eq!(coded(number, 58), "000059Y6RC9G5H");
        let long = "20261120A01B000059Y6RC9G5H";
        assert_eq!(coded(long, 80), long);
        assert_eq!(coded(long, 58), "000059Y6RC9G5H");
        assert_eq!(coded("20261120", 58), "20261120");
        // A serial that would open the drawer as raw pairs (DLE DC4 1) is written otherwise.
        assert_eq!(coded("2026112001162001Y6RC9G5H", 58), "162001Y6RC9G5H");
        assert!(coded(&"x".repeat(49), 80).starts_with("xxx"));
        assert!(coded("单号", 80).starts_with("Line"));
    }
}
