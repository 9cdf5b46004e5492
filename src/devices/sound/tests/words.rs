//! Every class of amount in a table, and every amount read back by readers that know nothing of
//! how the words were made.

use super::super::clips::clips;
use super::super::words;
use super::*;
use std::collections::BTreeSet;

fn chinese(fen: i64) -> String {
    words(&speech(fen, Language::Chinese)).concat()
}

fn english(fen: i64) -> String {
    words(&speech(fen, Language::English)).join(" ")
}

#[test]
fn every_class_of_amount_is_read_as_people_read_it() {
    for (fen, zh, en) in [
        (1, "一分", "one fen"),
        (2, "二分", "two fen"),
        (5, "五分", "five fen"),
        (10, "一角", "ten fen"),
        (12, "一角二分", "twelve fen"),
        (20, "二角", "twenty fen"),
        (22, "二角二分", "twenty two fen"),
        (99, "九角九分", "ninety nine fen"),
        (100, "一元", "one yuan"),
        (101, "一元零一分", "one yuan one fen"),
        (105, "一元零五分", "one yuan five fen"),
        (110, "一元一角", "one yuan ten fen"),
        (200, "两元", "two yuan"),
        (202, "两元零二分", "two yuan two fen"),
        (222, "两元二角二分", "two yuan twenty two fen"),
        (999, "九元九角九分", "nine yuan ninety nine fen"),
        (1000, "十元", "ten yuan"),
        (1005, "十元零五分", "ten yuan five fen"),
        (1050, "十元五角", "ten yuan fifty fen"),
        (1100, "十一元", "eleven yuan"),
        (1200, "十二元", "twelve yuan"),
        (1234, "十二元三角四分", "twelve yuan thirty four fen"),
        (1900, "十九元", "nineteen yuan"),
        (2000, "二十元", "twenty yuan"),
        (2100, "二十一元", "twenty one yuan"),
        (2200, "二十二元", "twenty two yuan"),
        (9990, "九十九元九角", "ninety nine yuan ninety fen"),
        (10_000, "一百元", "one hundred yuan"),
        (10_001, "一百元零一分", "one hundred yuan one fen"),
        (10_200, "一百零二元", "one hundred and two yuan"),
        (10_500, "一百零五元", "one hundred and five yuan"),
        (11_000, "一百一十元", "one hundred and ten yuan"),
        (11_200, "一百一十二元", "one hundred and twelve yuan"),
        (20_000, "二百元", "two hundred yuan"),
        (22_200, "二百二十二元", "two hundred and twenty two yuan"),
        (100_000, "一千元", "one thousand yuan"),
        (100_100, "一千零一元", "one thousand and one yuan"),
        (101_000, "一千零一十元", "one thousand and ten yuan"),
        (110_000, "一千一百元", "one thousand one hundred yuan"),
        (200_000, "两千元", "two thousand yuan"),
        (200_200, "两千零二元", "two thousand and two yuan"),
        (
            222_222,
            "两千二百二十二元二角二分",
            "two thousand two hundred and twenty two yuan twenty two fen",
        ),
        (1_000_000, "一万元", "ten thousand yuan"),
        (1_000_001, "一万元零一分", "ten thousand yuan one fen"),
        (1_000_100, "一万零一元", "ten thousand and one yuan"),
        (1_000_200, "一万零二元", "ten thousand and two yuan"),
        (
            1_001_050,
            "一万零一十元五角",
            "ten thousand and ten yuan fifty fen",
        ),
        (1_010_000, "一万零一百元", "ten thousand one hundred yuan"),
        (1_100_000, "一万一千元", "eleven thousand yuan"),
        (1_200_000, "一万两千元", "twelve thousand yuan"),
        (2_000_000, "两万元", "twenty thousand yuan"),
        (2_000_200, "两万零二元", "twenty thousand and two yuan"),
        (
            9_999_999,
            "九万九千九百九十九元九角九分",
            "ninety nine thousand nine hundred and ninety nine yuan ninety nine fen",
        ),
        (10_000_000, "十万元", "one hundred thousand yuan"),
        (
            10_050_000,
            "十万零五百元",
            "one hundred thousand five hundred yuan",
        ),
        (
            12_000_000,
            "十二万元",
            "one hundred and twenty thousand yuan",
        ),
        (
            99_999_999,
            "九十九万九千九百九十九元九角九分",
            "nine hundred and ninety nine thousand nine hundred and ninety nine yuan ninety nine fen",
        ),
        (100_000_005, "一百万元零五分", "one million yuan five fen"),
        (100_000_500, "一百万零五元", "one million and five yuan"),
        (1_000_000_000, "一千万元", "ten million yuan"),
    ] {
        assert_eq!(chinese(fen), format!("支付宝到账{zh}"), "{fen}");
        assert_eq!(english(fen), format!("Alipay received {en}"), "{fen}");
    }
}

#[test]
fn the_wallet_comes_first_and_the_one_before_is_said_so() {
    let say = |before, wallet, language| {
        let speech = Speech {
            before,
            wallet,
            ..speech(10_500, language)
        };
        words(&speech).join("|")
    };
    let zh = Language::Chinese;
    let en = Language::English;
    let wechat = Some(Wallet::Wechat);
    assert_eq!(say(false, wechat, zh), "微信到账|一百|零|五元");
    assert_eq!(say(true, wechat, zh), "前一笔|微信到账|一百|零|五元");
    assert_eq!(say(false, None, zh), "收款到账|一百|零|五元");
    assert!(say(true, wechat, en).starts_with("the one before|WeChat received|one|hundred"));
    assert!(say(false, None, en).starts_with("payment received|one|hundred"));
}

#[test]
fn what_is_no_amount_or_more_than_any_till_takes_is_not_read_out() {
    for fen in [0, -1, i64::MIN, i64::MAX, 10_000_000_000] {
        assert_eq!(chinese(fen), "支付宝到账", "{fen}");
        assert_eq!(english(fen), "Alipay received", "{fen}");
    }
    assert!(chinese(9_999_999_999).ends_with("九元九角九分"));
    // What a till may take at all is well below.
    assert!(chinese(Fen::LIMIT.0).ends_with("元"));
}

/// Every amount up to 1,000.00, every whole yuan up to 99,999 with cents of each kind in turn, and
/// amounts all over up to ten million.
fn amounts() -> impl Iterator<Item = i64> {
    let cents = [0, 1, 10, 20, 22, 99, 5];
    let yuan = (1000..=99_999_i64).zip(cents.into_iter().cycle());
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let random = (0..30_000).map(move |i| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let most = [10_000_000, 100_000_000, 1_000_000_000][i % 3];
        1 + i64::try_from(seed % most).unwrap()
    });
    (1..=100_000)
        .chain(yuan.map(|(yuan, cents)| yuan * 100 + cents))
        .chain(random)
}

/// A reader of spoken Chinese amounts, character by character.
fn read_chinese(text: &str) -> Option<i64> {
    let (mut fen, mut wan, mut part, mut digit) = (0_i64, 0_i64, 0_i64, None::<i64>);
    for c in text.chars() {
        let one = "零一二三四五六七八九".chars().position(|d| d == c);
        let one = one.or((c == '两').then_some(2));
        if let Some(one) = one {
            match digit {
                Some(0) | None => digit = Some(i64::try_from(one).unwrap()),
                Some(_) => return None,
            }
            continue;
        }
        let given = digit.take();
        match c {
            '千' => part += given? * 1000,
            '百' => part += given? * 100,
            '十' => part += given.unwrap_or(1) * 10,
            '万' => {
                wan = (part + given.unwrap_or(0)) * 10_000;
                part = 0;
            }
            '元' => {
                fen += (wan + part + given.unwrap_or(0)) * 100;
                (wan, part) = (0, 0);
            }
            '角' => fen += given? * 10,
            '分' => fen += given?,
            _ => return None,
        }
    }
    (digit.is_none() && wan == 0 && part == 0).then_some(fen)
}

/// A reader of spoken English amounts, word by word.
fn read_english(text: &str) -> Option<i64> {
    const WORDS: &str = "zero one two three four five six seven eight nine ten eleven twelve \
        thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
    const TENS: &str = "- - twenty thirty forty fifty sixty seventy eighty ninety";
    let position = |list: &str, word| list.split_whitespace().position(|w| w == word);
    let (mut fen, mut whole, mut part) = (0, 0, 0);
    for word in text.split(' ') {
        match word {
            "and" => {}
            "hundred" => part *= 100,
            "thousand" => (whole, part) = (whole + part * 1000, 0),
            "million" => (whole, part) = (whole + part * 1_000_000, 0),
            "yuan" => (fen, whole, part) = ((whole + part) * 100, 0, 0),
            "fen" => (fen, part) = (fen + part, 0),
            _ => match position(WORDS, word) {
                Some(small) => part += i64::try_from(small).unwrap(),
                None => part += i64::try_from(position(TENS, word)?).unwrap() * 10,
            },
        }
    }
    (whole == 0 && part == 0).then_some(fen)
}

/// What nobody says: zeros that are said twice, at an end or before a unit, and 两 out of its place.
const WRONG: [&str; 12] = [
    "零零",
    "零元",
    "零万",
    "零角",
    "账零",
    "账一十",
    "十两",
    "百两",
    "两百",
    "两十",
    "两角",
    "两分",
];

#[test]
fn every_amount_is_read_back_as_itself_and_said_as_people_say_it() {
    let mut count = 0;
    for fen in amounts() {
        let zh = chinese(fen);
        assert_eq!(read_chinese(&zh["支付宝到账".len()..]), Some(fen), "{zh}");
        let wrong = WRONG.iter().find(|wrong| zh.contains(**wrong));
        assert!(wrong.is_none() && !zh.ends_with('零'), "{zh}");
        count += 1;
    }
    assert!(count > 200_000);
}

#[test]
fn every_amount_is_read_back_as_itself_in_english() {
    for fen in amounts() {
        let en = english(fen);
        let read = read_english(&en["Alipay received ".len()..]);
        assert_eq!(read, Some(fen), "{en}");
    }
}

#[test]
fn there_is_a_clip_for_every_word_and_no_clip_is_idle() {
    for language in [Language::Chinese, Language::English] {
        let mut said: BTreeSet<&str> = BTreeSet::new();
        for fen in amounts().step_by(7) {
            said.extend(words(&speech(fen, language)));
        }
        for wallet in [None, Some(Wallet::Wechat)] {
            let speech = Speech {
                before: true,
                wallet,
                ..speech(1, language)
            };
            said.extend(words(&speech));
        }
        let there: BTreeSet<&str> = clips(language).names().collect();
        assert_eq!(said, there, "{language:?}");
    }
}
