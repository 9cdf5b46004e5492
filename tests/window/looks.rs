//! What can be read, in which words, and that nothing overlaps, is cut off or has no glyph.

use super::counter::*;
use super::sample;
use iced::Size;
use iced::keyboard::key::Named;
use shouyin::domain::config::Language;
use shouyin::domain::refund::{Blocked, OverLimit};
use shouyin::domain::{Channel, Fen, Wallet};
use shouyin::till::service::*;
use shouyin::ui::app::Message;
use shouyin::ui::clock::Clock;
use shouyin::ui::face::Face;
use shouyin::ui::strings::Words;
use std::sync::Arc;

#[test]
fn every_state_says_its_word_and_its_sentence_in_both_languages_at_every_size() {
    for (name, bill) in sample::faces() {
        for language in both_languages() {
            let w = Words::new(language);
            let face = Face::of(&bill);
            let mut snapshot = sample::on_stage(bill.clone());
            snapshot.shop.language = language;
            let mut counter = Counter::new(snapshot);
            for size in SIZES {
                let texts = counter.main_texts(size);
                let reads = |text: &str| texts.iter().any(|(t, ..)| t == text);
                assert!(reads(w.word(face)), "{name} {language:?} {size:?}: word");
                let sentence = w.sentence(face, &bill);
                assert!(reads(&sentence), "{name} {language:?} {size:?}: {sentence}");
            }
        }
    }
}

#[test]
fn the_words_are_the_tables() {
    let w = Words::new(Language::Chinese);
    let table = [
        ("paid", "已收款"),
        ("waiting", "等待顾客付款"),
        ("cancelling", "正在撤销"),
        ("refused", "未扣款"),
        ("not_sent", "未扣款"),
        ("reverted", "已撤销 · 未扣款"),
        ("returned", "已撤销 · 款已原路退回"),
        ("no_witness", "已撤销；若已付款会原路退回"),
        ("unresolved", "结果未知"),
        ("unanswered", "结果未知"),
        ("unanswered_closing", "结果未知"),
        ("watching", "二维码已收起"),
        ("incident", "需要店长处理"),
        ("unrecorded", "网关已收款 · 本机未能记录"),
    ];
    for (name, word) in table {
        let bill = sample::face(name);
        assert_eq!(w.word(Face::of(&bill)), word, "{name}");
    }
    let unknown = sample::face("unresolved");
    let sentence = w.sentence(Face::of(&unknown), &unknown);
    assert_eq!(sentence, "请勿交货，请勿再次收款");
    let closing = sample::face("cancelling");
    assert_eq!(w.sentence(Face::of(&closing), &closing), "请勿再次收款");
}

#[test]
fn without_a_proof_nothing_says_not_charged() {
    for (name, bill) in sample::faces() {
        let proven = matches!(name, "refused" | "not_sent" | "reverted" | "expired");
        let mut counter = Counter::on(name);
        let texts = counter.main_texts(SIZES[1]);
        let w = Words::new(Language::Chinese);
        let said = w.word(Face::of(&bill)).contains("未扣款")
            || w.sentence(Face::of(&bill), &bill).contains("未扣款");
        assert_eq!(said, proven, "{name}");
        assert!(!texts.is_empty());
    }
}

#[test]
fn nothing_overlaps_or_is_cut_off() {
    let mut scenes: Vec<String> = sample::faces()
        .iter()
        .map(|(n, _)| (*n).to_owned())
        .collect();
    scenes.extend(["idle", "amount", "busy", "lock", "trouble", "practice"].map(str::to_owned));
    for name in scenes {
        for language in both_languages() {
            let mut snapshot = sample::scene(&name).unwrap();
            snapshot.shop.language = language;
            let mut counter = Counter::new(snapshot);
            for size in SIZES {
                let what = format!("{name} {language:?} {size:?}");
                check_layout(&counter.main_texts(size), size, &what, name == "practice");
            }
        }
    }
}

/// Whatever is open beside it, the whole panel can be touched without scrolling.
#[test]
fn the_practice_panel_fits_beside_what_is_open() {
    let both = sample::scene("practice_busy").unwrap();
    let mut one = both.clone();
    one.in_progress.clear();
    let scenes = [
        ("none open", sample::scene("practice").unwrap()),
        ("one card", one),
        ("two cards", both),
    ];
    for (name, snapshot) in scenes {
        for language in both_languages() {
            let mut snapshot = snapshot.clone();
            snapshot.shop.language = language;
            let w = Words::new(language);
            let mut counter = Counter::new(snapshot);
            for size in SIZES {
                let what = format!("{name} {language:?} {size:?}");
                let texts = counter.main_texts(size);
                check_layout(&texts, size, &what, false);
                let pill = w.network(shouyin::domain::practice::Network::Truncate);
                let last = texts.iter().find(|(t, ..)| t == pill);
                let (_, at, seen) = last.expect("the last pill");
                let whole = seen.is_some_and(|s| (s.height - at.height).abs() < 0.5);
                assert!(whole, "{what}: {seen:?} of {at:?}");
                let sum = texts
                    .iter()
                    .find(|(t, ..)| t.contains(&w.today_count(9)[..3]));
                let (_, sum, _) = sum.expect("today's sum");
                // Half a pill, the panel's edge, the gap, and the card's own air.
                assert!(at.y + at.height + 20.0 < sum.y, "{what}: {at:?} {sum:?}");
                let reads = |text: &str| texts.iter().any(|(t, ..)| t == text);
                assert!(reads(w.scan_this()) && reads(w.alipay()), "{what}");
            }
        }
    }
}

#[test]
fn no_page_overlaps_or_is_cut_off() {
    let pages: [(&str, &[Named]); 6] = [
        ("bills", &[Named::F5]),
        ("to do", &[Named::F7, Named::ArrowDown]),
        (
            "release",
            &[
                Named::F7,
                Named::ArrowRight,
                Named::ArrowRight,
                Named::Enter,
            ],
        ),
        ("keys", &[Named::F1]),
        ("settings", &[Named::F10]),
        ("question", &[]),
    ];
    for (name, keys) in pages {
        for language in both_languages() {
            let mut snapshot = sample::busy(sample::snapshot(Stage::Idle));
            if name == "question" {
                snapshot = sample::asking(sample::on_stage(sample::face("waiting")));
            }
            snapshot.shop.language = language;
            if name == "settings" {
                snapshot = sample::managing(snapshot);
            }
            let mut counter = Counter::new(snapshot);
            keys.iter().for_each(|key| counter.press(*key));
            if name == "bills" {
                use shouyin::ui::screens::bills::Message as Bills;
                counter.tell(Message::Bills(Bills::Found(1, Ok(sample::latest()))));
                counter.press(Named::ArrowDown);
            }
            for size in SIZES {
                let texts = counter.main_texts(size);
                let what = format!("{name} {language:?} {size:?}");
                // The question lies over the sale: only its own card is looked at.
                let title = Words::new(language).question_title();
                let card = texts.iter().position(|(t, ..)| t == title);
                assert_eq!(card.is_some(), name == "question", "{what}");
                check_layout(&texts[card.unwrap_or(0)..], size, &what, true);
            }
        }
    }
}

/// Nothing lies outside, is cut off, or lies on something else.
pub fn check_layout(texts: &[Placed], (width, height): (f32, f32), what: &str, may_scroll: bool) {
    for (text, bounds, visible) in texts {
        if may_scroll && visible.is_none() {
            continue;
        }
        assert!(
            bounds.x >= -0.5 && bounds.x + bounds.width <= width + 0.5,
            "{what}: {text} {bounds:?}"
        );
        assert!(
            bounds.y >= -0.5 && bounds.y + bounds.height <= height + 0.5,
            "{what}: {text} {bounds:?}"
        );
        // Only the list of the latest may end in the middle of a row.
        let seen = visible.map_or(0.0, |v| v.width);
        assert!(
            visible.is_none() || seen + 1.0 >= bounds.width,
            "{what}: {text} is cut off: {seen} of {}",
            bounds.width
        );
    }
    for (text, bounds, visible) in texts {
        let needs = least_width(text, bounds.height);
        assert!(
            visible.is_none() || bounds.width + 1.0 >= needs,
            "{what}: {text} needs {needs} and has {}",
            bounds.width
        );
    }
    for (i, (a, _, seen)) in texts.iter().enumerate() {
        for (b, _, other) in texts.iter().skip(i + 1) {
            // What a list hides lies on nothing.
            let (Some(at), Some(other)) = (seen, other) else {
                continue;
            };
            if a.is_empty() || b.is_empty() {
                continue;
            }
            let shared = at.intersection(other);
            let overlap = shared.is_some_and(|s| s.width > 1.5 && s.height > 6.0);
            assert!(!overlap, "{what}: {a} {at:?} lies on {b} {other:?}");
        }
    }
}

/// What one line of this text needs at least, where its height tells the type size: a text that
/// may not wrap is given less room than it draws in, and nothing else shows that.
fn least_width(text: &str, height: f32) -> f32 {
    let Some(size) = [14.0, 16.0, 20.0]
        .into_iter()
        .find(|s| (s * 1.3 - height).abs() < 0.2)
    else {
        return 0.0;
    };
    let ems: f32 =
        text.chars()
            .map(|c| match c {
                '0'..='9' | 'A'..='Z' | '¥' => 0.53,
                ' ' | '.' | ',' | ':' | 'i' | 'l' | 't' | 'f' | 'r' | 'j' | '/' | '-' | '_'
                | '\'' => 0.22,
                c if c.is_ascii() => 0.47,
                _ => 0.95,
            })
            .sum();
    ems * size
}

#[test]
fn every_line_of_the_till_has_words_in_both_languages() {
    let bill = sample::bill_no(1, "AAAA1111");
    let all = [
        Said::AmountMissing,
        Said::AmountTooLarge(Fen(1)),
        Said::ScanIncomplete,
        Said::NotAPaymentCode,
        Said::UnionPay,
        Said::NoChannelForCode,
        Said::NoQrChannel(Wallet::Alipay),
        Said::NoLinkChannel(Channel::AliWap),
        Said::LinkOnlyForm,
        Said::LinkRefund,
        Said::CodeUsed(bill.clone()),
        Said::Bounce,
        Said::StageBusy,
        Said::SaleLocked(bill.clone()),
        Said::LedgerDown("full".into()),
        Said::Locked,
        Said::WrongPin { left: 2 },
        Said::PinLocked { until_ms: 0 },
        Said::NotAllowed,
        Said::ManagerNeeded,
        Said::QrUnshowable,
        Said::Released(bill.clone()),
        Said::HandedOverRecorded(bill),
        Said::RefundBlocked(Blocked::InFlight("2026112001000007Q2M4XDK7".into())),
        Said::RefundTooMuch(Fen(1)),
        Said::RefundIncomplete,
        Said::SecondManager(OverLimit::PerShift(Fen(1))),
        Said::NoMasterSecret,
        Said::RefundsNotOffered,
        Said::ListsNotOffered,
        Said::CodesNotOffered,
        Said::ReasonMissing,
        Said::GatewaySilent,
        Said::NotProven,
        Said::TooEarly { until_ms: 0 },
        Said::NothingToSettle,
        Said::ShiftOpen,
        Said::NoShift,
        Said::ToDosOpen(1),
        Said::ReconcileRunning,
        Said::LastManager,
        Said::LockedByItself,
    ];
    for said in all {
        let zh = Words::new(Language::Chinese).said(&said);
        let en = Words::new(Language::English).said(&said);
        assert!(
            !zh.is_ascii() && en.replace(['…', '¥'], "").is_ascii(),
            "{said:?}"
        );
    }
}

#[test]
fn the_customers_window_shows_nothing_of_another_customer() {
    let mut snapshot = sample::busy(sample::snapshot(Stage::Idle));
    let mut settings = (*snapshot.settings).clone();
    settings.customer.window = shouyin::domain::config::CustomerWindow::On;
    snapshot.settings = Arc::new(settings);
    let mut counter = Counter::new(snapshot);
    let customer = counter.app.customer_window().unwrap();
    let size = Size::new(1024.0, 600.0);
    let texts = |c: &Counter| -> Vec<String> {
        c.texts(customer, size)
            .into_iter()
            .map(|(t, ..)| t)
            .collect()
    };
    assert_eq!(texts(&counter), ["示例便利店", "欢迎光临"]);
    counter.show(Stage::Amount { amount: Fen(1250) });
    assert_eq!(texts(&counter), ["应付", "¥", "12.50", "请出示付款码"]);
    for (name, bill) in sample::faces() {
        counter.show(Stage::Bill(Box::new(bill)));
        let shown = texts(&counter);
        assert!(
            shown.iter().any(|t| t.contains("128.50")),
            "{name}: {shown:?}"
        );
        let other =
            |t: &String| t.contains("36.00") || t.contains("网关") || t.contains("结果未知");
        assert!(!shown.iter().any(other), "{name}: {shown:?}");
        check_layout(&counter.texts(customer, size), (1024.0, 600.0), name, false);
    }
}

#[test]
fn both_fonts_have_every_character_of_the_screens() {
    let bold = charset(shouyin::ui::fonts::bold_ttf());
    let regular = charset(shouyin::ui::fonts::regular_ttf());
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/ui/strings");
    let mut files = vec![format!("{root}.rs")];
    for entry in std::fs::read_dir(root).unwrap() {
        files.push(entry.unwrap().path().display().to_string());
    }
    assert!(files.len() >= 4, "the strings are there");
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for c in source.chars().filter(|c| !c.is_control()) {
            assert!(bold.contains(&u32::from(c)), "bold has no {c}");
            assert!(regular.contains(&u32::from(c)), "regular has no {c}");
        }
    }
}

/// The characters of a font file: its cmap tables of format 4 and 12.
fn charset(font: &[u8]) -> std::collections::HashSet<u32> {
    let u16_at = |at: usize| u32::from(u16::from_be_bytes([font[at], font[at + 1]]));
    let u32_at = |at: usize| (u16_at(at) << 16) | u16_at(at + 2);
    let tables = u16_at(4) as usize;
    let cmap = (0..tables)
        .map(|i| 12 + 16 * i)
        .find(|at| &font[*at..*at + 4] == b"cmap")
        .map(|at| u32_at(at + 8) as usize)
        .unwrap();
    let mut chars = std::collections::HashSet::new();
    for i in 0..u16_at(cmap + 2) as usize {
        let sub = cmap + u32_at(cmap + 8 + 8 * i) as usize;
        match u16_at(sub) {
            4 => {
                let segments = u16_at(sub + 6) as usize;
                for s in (0..segments).step_by(2) {
                    let (end, start) = (u16_at(sub + 14 + s), u16_at(sub + 16 + segments + s));
                    chars.extend((start..=end).filter(|c| *c != 0xffff));
                }
            }
            12 => {
                for g in 0..u32_at(sub + 12) as usize {
                    let at = sub + 16 + 12 * g;
                    chars.extend(u32_at(at)..=u32_at(at + 4));
                }
            }
            _ => {}
        }
    }
    chars
}

#[test]
fn nothing_runs_while_idle_and_seconds_only_while_something_counts() {
    let mut counter = Counter::idle();
    counter.pass(1_234);
    let to_wake = |c: &Counter| c.app.next_wake_ms().unwrap() - c.clock.mono_ms();
    assert!(to_wake(&counter) > 50_000, "only the clock's minute");
    counter.show(Stage::Bill(Box::new(sample::face("waiting"))));
    assert!(to_wake(&counter) <= 1_000, "the countdown");
    counter.show(Stage::Bill(Box::new(sample::face("watching"))));
    assert!(to_wake(&counter) > 1_000, "400 s away is shown as a time");
}

#[test]
fn a_replaced_page_is_painted_whole_and_a_typed_digit_is_not() {
    let mut counter = Counter::idle();
    let ground = |c: &Counter| c.app.style(&c.app.theme()).background_color;
    counter.typed("1");
    let typed = ground(&counter);
    counter.typed("2");
    counter.pass(1_000);
    assert_eq!(ground(&counter), typed, "in place");
    counter.press(Named::F1);
    assert_ne!(ground(&counter), typed, "another page");
    let page = ground(&counter);
    counter.press(Named::Escape);
    counter.show(Stage::Bill(Box::new(sample::face("paid"))));
    assert_ne!(ground(&counter), page, "another stage");
}
