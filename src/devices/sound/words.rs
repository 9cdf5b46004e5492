//! What is said, as the names of clips, one after the other. Pure.
//!
//! Chinese: 二 is read 两 before 千, alone before 万 and alone before 元 (两元, 两千元, 两万元), and 二
//! everywhere else (十二元, 二百元, 二角). 零 is said once for zeros between digits, never at the end.
//! A digit is one clip with its unit (三百, 四角), which flows better than two.
//!
//! English says both units, so that "five" is never mistaken: twelve yuan five fen.

use super::Speech;
use crate::domain::config::Language;
use crate::domain::{Fen, Wallet};

/// Yuan above this are not read out, only that money came in. No till takes so much.
const MOST_YUAN: usize = 99_999_999;

/// A unit: the clip of it alone, and those of 1 to 9 with it.
struct Unit {
    alone: &'static str,
    with: [&'static str; 9],
}

macro_rules! unit {
    ($unit:literal, $two:literal) => {
        Unit {
            alone: $unit,
            with: [
                concat!("一", $unit),
                concat!($two, $unit),
                concat!("三", $unit),
                concat!("四", $unit),
                concat!("五", $unit),
                concat!("六", $unit),
                concat!("七", $unit),
                concat!("八", $unit),
                concat!("九", $unit),
            ],
        }
    };
}

const THOUSANDS: Unit = unit!("千", "两");
const HUNDREDS: Unit = unit!("百", "二");
const TENS: Unit = unit!("十", "二");
const WAN: Unit = unit!("万", "二");
const YUAN: Unit = unit!("元", "二");
const JIAO: Unit = unit!("角", "二");
const FEN: Unit = unit!("分", "二");

impl Unit {
    /// The clip of this digit with the unit; none for zero.
    fn of(&self, digit: usize) -> Option<&'static str> {
        digit.checked_sub(1).and_then(|i| self.with.get(i)).copied()
    }
}

/// The clips of a sentence, in order. Every one of them is in its language's file.
pub fn words(speech: &Speech) -> Vec<&'static str> {
    let mut said = Vec::new();
    match speech.language {
        Language::Chinese => {
            said.extend(speech.before.then_some("前一笔"));
            said.push(match speech.wallet {
                Some(Wallet::Alipay) => "支付宝到账",
                Some(Wallet::Wechat) => "微信到账",
                None => "收款到账",
            });
            said.extend(chinese(speech.amount));
        }
        Language::English => {
            said.extend(speech.before.then_some("the one before"));
            said.push(match speech.wallet {
                Some(Wallet::Alipay) => "Alipay received",
                Some(Wallet::Wechat) => "WeChat received",
                None => "payment received",
            });
            said.extend(english(speech.amount));
        }
    }
    said
}

/// Yuan and cents; `None` where there is nothing to read out.
fn parts(amount: Fen) -> Option<(usize, usize)> {
    let fen = usize::try_from(amount.0).ok().filter(|fen| *fen > 0)?;
    (fen / 100 <= MOST_YUAN).then_some((fen / 100, fen % 100))
}

fn chinese(amount: Fen) -> Vec<&'static str> {
    let Some((yuan, cents)) = parts(amount) else {
        return Vec::new();
    };
    let mut said = Vec::new();
    let (high, low) = (yuan / 10_000, yuan % 10_000);
    if high > 0 {
        section(high, &WAN, "两万", &mut said);
    }
    if low > 0 {
        section(low, &YUAN, "两元", &mut said);
    } else if high > 0 {
        said.push(YUAN.alone);
    }
    let (jiao, fen) = (cents / 10, cents % 10);
    said.extend(JIAO.of(jiao));
    if jiao == 0 && fen > 0 && yuan > 0 {
        said.push("零");
    }
    said.extend(FEN.of(fen));
    said
}

/// Four digits and their unit; `pair` is 2 where it stands quite alone.
fn section(number: usize, unit: &Unit, pair: &'static str, said: &mut Vec<&'static str>) {
    let digits = [
        (number / 1000, &THOUSANDS),
        (number / 100 % 10, &HUNDREDS),
        (number / 10 % 10, &TENS),
    ];
    let mut zeros = false;
    for (digit, place) in digits {
        let Some(clip) = place.of(digit) else {
            // Zeros count only behind a digit.
            zeros = !said.is_empty();
            continue;
        };
        if std::mem::take(&mut zeros) {
            said.push("零");
        }
        // Ten alone is 十; behind another digit it is 一十.
        let ten = said.is_empty() && clip == TENS.with[0];
        said.push(if ten { TENS.alone } else { clip });
    }
    match unit.of(number % 10) {
        None => said.push(unit.alone),
        Some(_) if number == 2 && said.is_empty() => said.push(pair),
        Some(clip) => {
            if zeros {
                said.push("零");
            }
            said.push(clip);
        }
    }
}

const SMALL: [&str; 20] = [
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TIMES_TEN: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

fn english(amount: Fen) -> Vec<&'static str> {
    let Some((yuan, cents)) = parts(amount) else {
        return Vec::new();
    };
    let mut said = Vec::new();
    for (number, unit) in [
        (yuan / 1_000_000, "million"),
        (yuan / 1000 % 1000, "thousand"),
        (yuan % 1000, ""),
    ] {
        hundreds(number, &mut said);
        said.extend((number > 0 && !unit.is_empty()).then_some(unit));
    }
    said.extend((yuan > 0).then_some("yuan"));
    if cents > 0 {
        tens(cents, &mut said);
        said.push("fen");
    }
    said
}

/// Below 1000; "and" stands before the tens wherever something bigger was said.
fn hundreds(number: usize, said: &mut Vec<&'static str>) {
    if number >= 100 {
        tens(number / 100, said);
        said.push("hundred");
    }
    if !number.is_multiple_of(100) {
        said.extend((!said.is_empty()).then_some("and"));
        tens(number % 100, said);
    }
}

/// Below 100.
fn tens(number: usize, said: &mut Vec<&'static str>) {
    let small = if number < 20 { number } else { number % 10 };
    let words = [TIMES_TEN.get(number / 10), SMALL.get(small)];
    said.extend(words.into_iter().flatten().filter(|word| !word.is_empty()));
}
