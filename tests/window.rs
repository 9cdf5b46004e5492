//! The window, driven as a person drives it, on a till that records what it is asked.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "window/sample.rs"]
mod sample;

use iced::keyboard::Key;
use iced::keyboard::key::Named;
use iced::{Rectangle, Size, window};
use iced_test::selector::Candidate;
use iced_test::simulator::Simulator;
use sample::FakeTill;
use shouyin::domain::config::Language;
use shouyin::domain::{Fen, Wallet};
use shouyin::till::service::*;
use shouyin::ui::app::{App, Function, KeyPress, Message, Screen};
use shouyin::ui::clock::Clock;
use shouyin::ui::face::Face;
use shouyin::ui::strings::Words;
use shouyin::ui::{Options, settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const SIZES: [(f32, f32); 3] = [(1024.0, 768.0), (1366.0, 768.0), (1920.0, 1080.0)];
const ALIPAY_CODE: &str = "283024351597694002";

struct Hand(AtomicI64);

impl Clock for Hand {
    fn mono_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    fn wall_ms(&self) -> i64 {
        sample::now() + self.mono_ms() - 1_000_000
    }
}

/// The window, its till and its clock.
struct Counter {
    app: App,
    till: Arc<FakeTill>,
    clock: Arc<Hand>,
    snapshot: Snapshot,
}

impl Counter {
    fn new(snapshot: Snapshot) -> Counter {
        let till = FakeTill::new(snapshot.clone());
        let clock = Arc::new(Hand(AtomicI64::new(1_000_000)));
        let (app, _) = App::new(till.clone(), clock.clone(), Options::default());
        Counter {
            app,
            till,
            clock,
            snapshot,
        }
    }

    fn on(face: &str) -> Counter {
        Counter::new(sample::on_stage(sample::face(face)))
    }

    fn idle() -> Counter {
        Counter::new(sample::snapshot(Stage::Idle))
    }

    fn tell(&mut self, message: Message) {
        let _ = self.app.update(message);
    }

    fn pass(&mut self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
        self.tell(Message::Woke);
    }

    /// The till shows something else.
    fn show(&mut self, stage: Stage) {
        self.snapshot.seq += 1;
        self.snapshot.stage = stage;
        self.tell(Message::Snapshot(Arc::new(self.snapshot.clone())));
    }

    fn raw(&mut self, key: Key, text: Option<&str>, captured: bool, repeat: bool) {
        self.tell(Message::Key(KeyPress {
            window: self.app.main_window(),
            key,
            text: text.map(str::to_owned),
            command: false,
            control: false,
            shift: false,
            repeat,
            captured,
            at_ms: self.clock.mono_ms(),
        }));
    }

    /// A person's keys: 100 ms apart.
    fn press(&mut self, named: Named) {
        self.pass(100);
        self.raw(Key::Named(named), None, false, false);
    }

    fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.pass(100);
            let c = c.to_string();
            self.raw(Key::Character(c.as_str().into()), Some(&c), false, false);
            self.pass(60);
        }
    }

    /// A scanner's keys: 5 ms apart, then Enter.
    fn scan(&mut self, text: &str, captured: bool) {
        self.pass(200);
        for c in text.chars() {
            self.clock.0.fetch_add(5, Ordering::Relaxed);
            let c = c.to_string();
            self.raw(Key::Character(c.as_str().into()), Some(&c), captured, false);
        }
        self.clock.0.fetch_add(5, Ordering::Relaxed);
        self.raw(Key::Named(Named::Enter), None, captured, false);
        self.pass(200);
    }

    fn sent(&self) -> Vec<String> {
        self.till.sent()
    }

    fn texts(&self, window: window::Id, size: Size) -> Vec<(String, Rectangle, Option<Rectangle>)> {
        let mut found = Vec::new();
        let mut ui = Simulator::with_size(settings(), size, self.app.view(window));
        let _ = ui.find(|candidate: Candidate<'_>| {
            if let Candidate::Text {
                bounds,
                visible_bounds,
                content,
                ..
            } = candidate
            {
                found.push((content.to_owned(), bounds, visible_bounds));
            }
            None::<()>
        });
        found
    }

    fn main_texts(
        &mut self,
        (width, height): (f32, f32),
    ) -> Vec<(String, Rectangle, Option<Rectangle>)> {
        let size = Size::new(width, height);
        let main = self.app.main_window();
        self.tell(Message::Sized(main, size));
        self.texts(main, size)
    }

    fn reads(&mut self, text: &str) -> bool {
        self.main_texts(SIZES[1]).iter().any(|(t, ..)| t == text)
    }
}

fn both_languages() -> [Language; 2] {
    [Language::Chinese, Language::English]
}

fn assert_sent(counter: &Counter, expected: &[&str], what: &str) {
    let sent = counter.sent();
    assert_eq!(sent.len(), expected.len(), "{what}: {sent:?}");
    for (one, part) in sent.iter().zip(expected) {
        assert!(one.contains(part), "{what}: {one} should be {part}");
    }
}

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

fn check_layout(
    texts: &[(String, Rectangle, Option<Rectangle>)],
    (width, height): (f32, f32),
    what: &str,
    may_scroll: bool,
) {
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
    for (i, (a, at, seen)) in texts.iter().enumerate() {
        for (b, other, _) in texts.iter().skip(i + 1) {
            if seen.is_none() || a.is_empty() || b.is_empty() {
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
    let ems: f32 = text
        .chars()
        .map(|c| match c {
            '0'..='9' | 'A'..='Z' | '¥' => 0.53,
            ' ' | '.' | ',' | ':' | 'i' | 'l' | 't' | 'f' | 'r' | 'j' | '/' | '\'' => 0.22,
            c if c.is_ascii() => 0.47,
            _ => 0.95,
        })
        .sum();
    ems * size
}

#[test]
fn what_a_key_does_depends_on_the_stage() {
    use Named::{Enter, Escape, F2, F3, F7};
    let none: &[&str] = &[];
    let table: &[(&str, Named, &[&str])] = &[
        ("waiting", Enter, &["ServeNext"]),
        ("waiting", Escape, &["Cancel("]),
        ("pending", Escape, &["Cancel("]),
        ("qr", Enter, &["ServeNext"]),
        ("qr", Escape, &["Cancel("]),
        ("cancelling", Enter, &["ServeNext"]),
        ("cancelling", Escape, none),
        ("paid", Enter, &["ServeNext"]),
        ("paid", Escape, none),
        ("paid", F7, none),
        ("refused", Enter, &["ServeNext"]),
        ("refused", Escape, &["ServeNext"]),
        ("refused", F2, &["ShowQr { wallet: Alipay, amount: None"]),
        ("not_sent", F3, &["ShowQr { wallet: Wechat, amount: None"]),
        ("not_sent", Escape, &["ServeNext"]),
        ("reverted", Enter, &["ServeNext"]),
        ("expired", Enter, &["ServeNext"]),
        ("unanswered", Enter, &["ServeNext"]),
        ("unanswered", Escape, &["Cancel("]),
        ("unanswered_closing", Enter, &["ServeNext"]),
        ("unanswered_closing", Escape, none),
        ("unresolved", Enter, &["AskNow("]),
        ("unresolved", Escape, none),
        ("unresolved", F7, &["ServeNext"]),
        ("incident", Enter, &["AskNow("]),
        ("incident", F7, &["ServeNext"]),
        ("watching", Enter, &["ServeNext"]),
        ("watching", F3, &["ShowAgain("]),
        ("watching", F2, &["ShowQr { wallet: Alipay"]),
        ("unrecorded", Enter, &["ServeNext"]),
    ];
    for (face, key, expected) in table {
        let mut counter = Counter::on(face);
        counter.pass(500);
        counter.press(*key);
        assert_sent(&counter, expected, &format!("{face} {key:?}"));
    }
}

#[test]
fn a_digit_begins_the_next_sale_and_is_written() {
    let moves_on = [
        "paid",
        "late",
        "refused",
        "not_sent",
        "reverted",
        "expired",
        "unresolved",
        "unanswered",
        "incident",
        "unrecorded",
        "watching",
    ];
    for (name, _) in sample::faces() {
        let mut counter = Counter::on(name);
        counter.typed("1");
        let expected: &[&str] = if moves_on.contains(&name)
            || name == "unanswered_closing"
            || name.starts_with("return")
            || name == "no_witness"
        {
            &["ServeNext"]
        } else {
            &[]
        };
        assert_sent(&counter, expected, name);
        counter.typed("2");
        assert_sent(&counter, &[], name);
        assert_eq!(counter.app.typed(), "12", "{name}");
    }
}

#[test]
fn enter_confirms_an_amount_and_any_change_takes_it_back() {
    let mut counter = Counter::idle();
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "nothing typed");
    counter.typed("12.345");
    assert_eq!(counter.app.typed(), "12.34");
    counter.press(Named::Enter);
    assert_sent(
        &counter,
        &["ConfirmAmount { amount: Fen(1234), note: \"\" }"],
        "Enter",
    );
    counter.show(Stage::Amount { amount: Fen(1234) });
    assert!(counter.reads("请扫描顾客付款码"));
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "Enter again");
    counter.press(Named::Backspace);
    assert_sent(&counter, &["ClearAmount"], "Backspace");
    assert_eq!(counter.app.typed(), "12.3");
    counter.show(Stage::Idle);
    counter.press(Named::Escape);
    assert_eq!(counter.app.typed(), "");
}

#[test]
fn no_amount_above_the_largest_is_taken_and_the_line_says_so() {
    let mut counter = Counter::idle();
    counter.typed("500001");
    assert_eq!(counter.app.typed(), "50000");
    assert_eq!(
        counter.app.toast(),
        Some("单笔最多 ¥ 50,000.00，请检查金额")
    );
    counter.pass(6_001);
    assert_eq!(counter.app.toast(), None, "it fades after 6 s");
}

#[test]
fn enter_is_ignored_for_400_ms_after_the_stage_changes() {
    let mut counter = Counter::on("waiting");
    counter.pass(1_000);
    counter.show(Stage::Bill(Box::new(sample::face("paid"))));
    counter.pass(300);
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert_sent(&counter, &[], "a stray Enter");
    counter.pass(101);
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert_sent(&counter, &["ServeNext"], "an Enter that was meant");
    counter.pass(1_000);
    counter.raw(Key::Named(Named::Enter), None, false, true);
    assert_sent(&counter, &[], "a held key");
}

#[test]
fn a_script_may_type_the_next_amount_right_over_a_result() {
    let mut counter = Counter::on("paid");
    counter.typed("5");
    assert_sent(&counter, &["ServeNext"], "digit");
    counter.show(Stage::Idle);
    counter.raw(Key::Named(Named::Enter), None, false, false);
    assert_sent(&counter, &["ConfirmAmount { amount: Fen(500)"], "Enter");
}

#[test]
fn reverted_and_expired_go_away_by_themselves_and_paid_does_not() {
    for (face, goes) in [
        ("reverted", true),
        ("returned", true),
        ("no_witness", true),
        ("expired", true),
        ("paid", false),
        ("refused", false),
        ("unresolved", false),
        ("incident", false),
    ] {
        let mut counter = Counter::on("waiting");
        counter.pass(100);
        counter.show(Stage::Bill(Box::new(sample::face(face))));
        counter.pass(4_900);
        assert_sent(&counter, &[], face);
        counter.pass(200);
        assert_sent(&counter, if goes { &["ServeNext"] } else { &[] }, face);
        counter.pass(5_000);
        assert_sent(&counter, &[], "only once");
    }
}

#[test]
fn a_scan_is_the_payment_and_never_changes_amount_or_note() {
    let mut counter = Counter::idle();
    counter.typed("12.5");
    counter.scan(ALIPAY_CODE, false);
    assert_eq!(counter.app.typed(), "12.5");
    assert_sent(
        &counter,
        &["Scan { text: ScanText(…), amount: Some(Fen(1250))"],
        "scan",
    );
    counter.scan("2830", false);
    assert_eq!(counter.app.typed(), "12.5");
    assert_sent(&counter, &[], "a broken scan");
    assert_eq!(
        counter.app.toast(),
        Some("扫码不完整，没有发出，请重新扫描")
    );
}

#[test]
fn a_note_keeps_its_text_when_a_scan_goes_into_its_field() {
    let mut counter = Counter::idle();
    counter.typed("12.5");
    let change = |text: &str| {
        Message::Sale(shouyin::ui::screens::sale::Message::NoteChanged(
            text.into(),
        ))
    };
    counter.tell(change("水"));
    let mut text = "水".to_owned();
    for c in ALIPAY_CODE.chars() {
        text.push(c);
        counter.tell(change(&text));
    }
    counter.scan(ALIPAY_CODE, true);
    assert_eq!(counter.app.note(), "水");
    assert_eq!(counter.app.typed(), "12.5");
    assert_sent(&counter, &["amount: Some(Fen(1250)), note: \"水\""], "scan");
}

#[test]
fn digits_stay_until_their_bill_is_on_the_stage() {
    let mut counter = Counter::idle();
    counter.typed("128.50");
    counter.scan(ALIPAY_CODE, false);
    assert_eq!(counter.app.typed(), "128.50");
    counter.tell(Message::Noticed(Notice::Said(Said::NoChannelForCode)));
    assert_eq!(
        counter.app.typed(),
        "128.50",
        "refused by the till: still there"
    );
    counter.press(Named::F3);
    counter.show(Stage::Bill(Box::new(sample::face("waiting"))));
    assert_eq!(counter.app.typed(), "", "its bill is on the stage");
}

#[test]
fn only_1_and_2_or_a_touch_answer_the_same_amount_question() {
    let mut counter = Counter::new(sample::asking(sample::snapshot(Stage::Idle)));
    counter.pass(500);
    counter.press(Named::Enter);
    counter.press(Named::Escape);
    counter.scan(ALIPAY_CODE, false);
    counter.scan("1111222233", false);
    counter.typed("35");
    counter.press(Named::F2);
    counter.press(Named::F7);
    assert_sent(&counter, &[], "no answer");
    counter.typed("1");
    assert_sent(&counter, &["AnswerQuestion { another: true }"], "1");
    counter.typed("2");
    assert_sent(&counter, &["AnswerQuestion { another: false }"], "2");
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    for (word, answer) in [("另一位", "true"), ("同一位", "false")] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
        assert_sent(&counter, &[answer], word);
    }
}

#[test]
fn a_locked_window_takes_an_id_and_a_pin_and_drops_scans() {
    let locked = Snapshot {
        signed_in: None,
        ..sample::snapshot(Stage::Idle)
    };
    let mut counter = Counter::new(locked);
    counter.scan(ALIPAY_CODE, false);
    for key in [Named::F2, Named::F5, Named::F7, Named::F10] {
        counter.press(key);
    }
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert!(counter.reads("登录收银台"));
    counter.typed("1001");
    counter.press(Named::Enter);
    counter.scan(ALIPAY_CODE, false);
    counter.typed("135790");
    counter.press(Named::Enter);
    assert_sent(&counter, &["SignIn { id: \"1001\", pin: Pin(…) }"], "keys");
    assert!(!counter.reads("135790"), "a PIN is never drawn");
    counter.tell(Message::Noticed(Notice::Said(Said::WrongPin { left: 3 })));
    assert_eq!(counter.app.toast(), Some("工号或 PIN 不对，还可以试 3 次"));
}

#[test]
fn signing_in_works_by_touch_alone() {
    let locked = Snapshot {
        signed_in: None,
        ..sample::snapshot(Stage::Idle)
    };
    let mut counter = Counter::new(locked);
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    for word in ["一号收银员 1001", "1", "3", "5", "7", "登录"] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
    }
    assert_sent(&counter, &["SignIn { id: \"1001\""], "touch");
}

#[test]
fn a_sale_works_by_touch_alone() {
    let mut counter = Counter::idle();
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    for word in ["3", "6", ".", "5", "确认", "微信码"] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
    }
    assert_sent(
        &counter,
        &[
            "ConfirmAmount { amount: Fen(3650)",
            "ShowQr { wallet: Wechat, amount: Some(Fen(3650))",
        ],
        "touch",
    );
}

#[test]
fn f7_and_enter_open_a_bill_and_a_manager_releases_one() {
    let mut counter = Counter::new(sample::busy(sample::snapshot(Stage::Idle)));
    counter.press(Named::F7);
    counter.press(Named::Enter);
    assert_sent(&counter, &["Open("], "Enter opens");
    counter.press(Named::F7);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert_sent(&counter, &["AskNow("], "the second action asks");
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "an empty form is not sent");
    counter.scan(ALIPAY_CODE, false);
    counter.typed("000000");
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(
        &counter,
        &["id: \"2001\", pin: Pin(…), reason: \"顾客已改付现金\""],
        "form",
    );
    counter.press(Named::Escape);
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert_sent(&counter, &["HandedOver("], "已交货 of the late one");
    counter.typed("4");
    assert!(
        matches!(counter.app.screen(), Screen::Sale),
        "a digit goes to the amount"
    );
    assert_eq!(counter.app.typed(), "4");
}

#[test]
fn keys_of_later_versions_say_so_and_open_nothing() {
    for function in [Function::Camera, Function::Refund, Function::Shift] {
        let mut counter = Counter::idle();
        counter.tell(Message::Function(function));
        assert!(
            counter
                .app
                .toast()
                .is_some_and(|t| t.contains("这一版还没有"))
        );
        assert!(matches!(counter.app.screen(), Screen::Sale));
        assert_sent(&counter, &[], "nothing");
    }
}

#[test]
fn every_page_opens_by_its_key_and_closes_by_esc() {
    let pages = [
        (Named::F1, "按键"),
        (Named::F5, "选一笔账单看经过"),
        (Named::F7, "进行中与待处理"),
        (Named::F10, "设置（只读）"),
    ];
    for (key, text) in pages {
        let mut counter = Counter::idle();
        counter.press(key);
        assert!(counter.reads(text), "{text}");
        counter.press(Named::Escape);
        assert!(matches!(counter.app.screen(), Screen::Sale));
        assert_sent(&counter, &[], text);
    }
}

#[test]
fn the_live_query_of_a_chosen_bill_is_enter() {
    let mut counter = Counter::idle();
    counter.press(Named::F5);
    let found = Ok(sample::latest());
    counter.tell(Message::Bills(shouyin::ui::screens::bills::Message::Found(
        1, found,
    )));
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(
        &counter,
        &["AskNow(BillNo(\"2026112001000061H8QZ7C3D\"))"],
        "Enter",
    );
    counter.scan("2026112001000060B2NM5E4F", false);
    assert_sent(&counter, &[], "a scan in a search is its text");
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
fn a_bill_that_ends_off_the_stage_is_said_as_the_previous_one() {
    let mut counter = Counter::idle();
    counter.tell(Message::Noticed(Notice::Fate {
        bill: Box::new(sample::face("paid")),
        on_stage: false,
    }));
    assert_eq!(counter.app.toast(), Some("前一笔：已收款 ¥ 128.50"));
    assert!(
        counter.reads("请输入金额"),
        "the stage is not coloured by it"
    );
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
fn practice_cannot_be_missed_and_its_panel_speaks_to_the_customer() {
    let mut counter = Counter::new(sample::practising(sample::snapshot(Stage::Idle)));
    assert!(counter.reads("练习模式 · 没有真实扣款"));
    counter.typed("36");
    let main = counter.app.main_window();
    let size = Size::new(1366.0, 768.0);
    for word in ["微信", "输入密码", "丢失回答", "扫这个码"] {
        let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
        ui.click(word).unwrap();
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().for_each(|m| counter.tell(m));
    }
    assert_sent(
        &counter,
        &[
            "PracticeCode(Wechat)",
            "Practice { act: Password, network: Normal }",
            "Practice { act: Pay, network: LoseAnswer }",
            "PracticeScan { amount: Some(Fen(3600))",
        ],
        "panel",
    );
    assert!(!Counter::idle().reads("练习模式 · 没有真实扣款"));
}

#[test]
fn both_fonts_have_every_character_of_the_screens() {
    let bold = charset(shouyin::ui::theme::BOLD_TTF);
    let regular = charset(shouyin::ui::theme::REGULAR_TTF);
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
