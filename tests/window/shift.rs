//! F8: opening, handing over, cash, closing, the slip; by keys alone and by touch alone.

use super::counter::*;
use super::looks::check_layout;
use super::sample;
use iced::Size;
use iced::keyboard::key::Named;
use iced_test::simulator::Simulator;
use shouyin::domain::shift::{
    CashMove, Closed, Exception, Hand, HourTally, Shift, ShiftReport, Tally,
};
use shouyin::domain::staff::{Role, Staff};
use shouyin::domain::time::{Day, parse_moment};
use shouyin::domain::{Fen, Wallet};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::screens::shift::Message as Page;
use shouyin::ui::settings;
use std::sync::Arc;

fn at(clock: &str) -> i64 {
    parse_moment(&format!("2026-11-20T{clock}:00+08:00")).unwrap()
}

fn tally(count: u32, sum: i64) -> Tally {
    Tally {
        count,
        sum: Fen(sum),
    }
}

/// A morning: 63 bills, two wallets, one that never said which.
pub fn report() -> ShiftReport {
    let hours = [
        (8, 4, 21_050, 12_300),
        (9, 7, 44_800, 31_260),
        (10, 9, 38_200, 52_900),
        (11, 12, 61_340, 40_080),
        (12, 14, 70_120, 83_460),
        (13, 10, 22_900, 35_570),
        (14, 3, 9_400, 6_650),
    ];
    let hour = |(hour, count, ali, wx): (i64, u32, i64, i64)| {
        let one = |wallet, sum| HourTally {
            from_ms: at("00:00") + hour * 3_600_000,
            wallet: Some(wallet),
            tally: tally(count / 2 + 1, sum),
        };
        [one(Wallet::Alipay, ali), one(Wallet::Wechat, wx)]
    };
    ShiftReport {
        paid: tally(63, 530_030),
        by_wallet: vec![
            (Some(Wallet::Alipay), tally(31, 267_810)),
            (Some(Wallet::Wechat), tally(32, 262_220)),
        ],
        by_cashier: vec![
            ("1001".into(), tally(60, 511_900)),
            ("2001".into(), tally(3, 18_130)),
        ],
        by_hour: hours.into_iter().flat_map(hour).collect(),
        refunds: tally(2, 8_000),
        reverts: tally(1, 8_800),
        to_do: 0,
    }
}

pub fn open_shift() -> Shift {
    Shift {
        no: 12,
        opened_ms: at("08:02"),
        opened_by: "1001".into(),
        float: Fen(20_000),
        holder: "1001".into(),
        hands: Vec::new(),
        cash: vec![
            CashMove {
                at_ms: at("11:00"),
                by: "1001".into(),
                amount: Fen(5_000),
                reason: "补零钱".into(),
            },
            CashMove {
                at_ms: at("12:30"),
                by: "1001".into(),
                amount: Fen(-2_500),
                reason: "采购".into(),
            },
        ],
        closed: None,
    }
}

pub fn closed_shift(no: u32, signed: bool) -> Shift {
    Shift {
        no,
        hands: vec![Hand {
            at_ms: at("12:00"),
            from: "1001".into(),
            to: "2001".into(),
            counted: Fen(22_500),
        }],
        closed: Some(Closed {
            at_ms: at("14:30"),
            by: "2001".into(),
            counted: Fen(22_000),
            exception: signed.then(|| Exception {
                by: "2001".into(),
                reason: "已知情，继续跟进".into(),
                open: 2,
            }),
            report: ShiftReport {
                to_do: if signed { 2 } else { 0 },
                ..report()
            },
            head_count: 812,
            head: "3f9a5c0d7be1426688fd01a9c35e77b2904d6ce8f1aa37500b6d9e21c48f7035".into(),
        }),
        ..open_shift()
    }
}

/// A second cashier, so that there is somebody to hand over to.
pub fn staffed(mut snapshot: Snapshot) -> Snapshot {
    snapshot.staff.insert(
        1,
        Staff {
            id: "1002".into(),
            name: "二号收银员".into(),
            role: Role::Cashier,
        },
    );
    snapshot
}

pub fn manager(mut snapshot: Snapshot) -> Snapshot {
    let manager = snapshot.staff.iter().find(|s| s.role == Role::Manager);
    snapshot.signed_in = manager.cloned();
    snapshot.desk.can_refund = true;
    snapshot
}

pub fn with_shift(mut snapshot: Snapshot) -> Snapshot {
    snapshot.desk.shift = Some(Arc::new(open_shift()));
    staffed(snapshot)
}

/// F8, with everything answered.
pub fn on_page(snapshot: Snapshot) -> Counter {
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F8);
    let open = counter.snapshot.desk.shift.as_deref().cloned();
    counter.tell(Message::Shift(Page::Reported(Ok(
        open.map(|shift| Box::new((shift, report())))
    ))));
    let earlier = vec![closed_shift(11, false), closed_shift(10, true)];
    counter.tell(Message::Shift(Page::Listed(Ok(earlier))));
    counter.till.desk.taken();
    counter
}

pub fn idle() -> Snapshot {
    sample::snapshot(Stage::Idle)
}

/// Presses what says this, and does what follows.
pub fn touch(counter: &mut Counter, word: &str) {
    let size = Size::new(1366.0, 768.0);
    let main = counter.app.main_window();
    let mut ui = Simulator::with_size(settings(), size, counter.app.view(main));
    ui.click(word).unwrap_or_else(|e| panic!("{word}: {e:?}"));
    let messages: Vec<Message> = ui.into_messages().collect();
    messages.into_iter().for_each(|m| counter.tell(m));
}

pub fn assert_asked(counter: &Counter, expected: &[&str], what: &str) {
    let asked = counter.till.desk.taken();
    assert_eq!(asked.len(), expected.len(), "{what}: {asked:?}");
    for (one, part) in asked.iter().zip(expected) {
        assert!(one.contains(part), "{what}: {one} should be {part}");
    }
}

/// The newest act is answered.
fn done(counter: &mut Counter, done: Result<Shift, Said>) {
    let Screen::Shift(page) = counter.app.screen() else {
        panic!("{:?}", counter.app.screen());
    };
    let number = page.number();
    answer(counter, number, done);
}

fn answer(counter: &mut Counter, number: u64, done: Result<Shift, Said>) {
    let done = done.map(Box::new);
    counter.tell(Message::Shift(Page::Done(number, done)));
}

#[test]
fn without_a_shift_f8_opens_one_with_the_float_that_is_typed() {
    let mut counter = on_page(idle());
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "nothing typed");
    assert_eq!(counter.app.toast(), Some("请输入金额；没有就输入 0"));
    counter.typed("200");
    counter.press(Named::Enter);
    assert_asked(&counter, &["Open { float: Fen(20000) }"], "keys");
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "an act is sent once");
    done(&mut counter, Ok(open_shift()));
    assert_eq!(counter.app.toast(), Some("第 12 班已开"));
}

#[test]
fn a_float_of_nothing_is_typed_as_zero() {
    let mut counter = on_page(idle());
    counter.typed("0");
    counter.press(Named::Enter);
    assert_asked(&counter, &["Open { float: Fen(0) }"], "0");
}

#[test]
fn opening_works_by_touch_alone() {
    let mut counter = on_page(idle());
    for word in ["1", "5", "0", ".", "5", "开班"] {
        touch(&mut counter, word);
    }
    assert_asked(&counter, &["Open { float: Fen(15050) }"], "touch");
}

#[test]
fn cash_and_closing_work_by_touch_alone() {
    let mut counter = on_page(with_shift(idle()));
    for word in ["现金存入", "3", "0", "补零钱", "现金存入"] {
        touch(&mut counter, word);
    }
    assert_asked(&counter, &["Cash { amount: Fen(3000)"], "cash");
    let mut counter = on_page(with_shift(idle()));
    for word in ["交班", "2", "1", "5", "交班"] {
        touch(&mut counter, word);
    }
    assert_asked(&counter, &["Close { counted: Fen(21500)"], "closing");
}

#[test]
fn the_open_shift_shows_what_was_taken_and_asks_again_when_that_changes() {
    let mut counter = on_page(with_shift(idle()));
    for text in [
        "第 12 班",
        "08:02 开班 · 当班 一号收银员 · 备用金 ¥ 200.00",
        "¥ 5,220.30",
        "¥ 5,300.30",
        "¥ 225.00",
    ] {
        assert!(counter.reads(text), "{text}");
    }
    counter.show(Stage::Idle);
    assert_asked(&counter, &[], "nothing changed");
    counter.snapshot.today.count += 1;
    counter.show(Stage::Idle);
    assert_asked(&counter, &["shift_report None"], "another bill");
    counter.snapshot.today.count += 1;
    counter.show(Stage::Idle);
    assert_asked(&counter, &[], "one question at a time");
    counter.tell(Message::Shift(Page::Reported(Err("磁盘".into()))));
    assert_asked(&counter, &["shift_report None"], "and one more after it");
    assert!(counter.reads("统计失败：磁盘"));
}

#[test]
fn a_shift_is_handed_over_by_keys_alone() {
    let mut counter = on_page(with_shift(idle()));
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    counter.press(Named::ArrowDown);
    counter.press(Named::Tab);
    counter.typed("225");
    counter.press(Named::Tab);
    counter.scan(ALIPAY_CODE, false);
    counter.typed("246810");
    assert!(!counter.reads("246810"), "a PIN is never drawn");
    counter.press(Named::Enter);
    assert_asked(
        &counter,
        &["HandOver { to: \"1002\", pin: Pin(…), counted: Fen(22500) }"],
        "keys",
    );
    let handed = Shift {
        holder: "1002".into(),
        ..open_shift()
    };
    done(&mut counter, Ok(handed));
    assert_eq!(counter.app.toast(), Some("已交接给 二号收银员"));
}

#[test]
fn a_shift_is_handed_over_by_touch_alone() {
    let mut counter = on_page(with_shift(idle()));
    touch(&mut counter, "交接");
    touch(&mut counter, "二号收银员 1002");
    for key in ["2", "1", "0"] {
        touch(&mut counter, key);
    }
    counter.tell(Message::Shift(Page::Focus(
        shouyin::ui::screens::shift::Field::Pin,
    )));
    for key in ["1", "2", "3", "4"] {
        touch(&mut counter, key);
    }
    assert!(counter.reads("少 ¥ 15.00"));
    touch(&mut counter, "交接");
    assert_asked(&counter, &["HandOver { to: \"1002\""], "touch");
}

#[test]
fn a_refused_act_says_why_keeps_what_was_counted_and_forgets_the_pin() {
    let mut counter = on_page(with_shift(idle()));
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    counter.press(Named::ArrowDown);
    counter.typed("225");
    counter.press(Named::Tab);
    counter.typed("1111");
    counter.press(Named::Enter);
    assert_asked(&counter, &["HandOver"], "first");
    done(&mut counter, Err(Said::WrongPin { left: 3 }));
    assert_eq!(counter.app.toast(), Some("工号或 PIN 不对，还可以试 3 次"));
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "the PIN must be typed anew");
    counter.typed("2222");
    counter.press(Named::Enter);
    assert_asked(&counter, &["counted: Fen(22500)"], "the count stayed");
}

#[test]
fn cash_in_and_out_have_an_amount_and_a_reason() {
    for (downs, sign, reason) in [(2, "", "补零钱"), (3, "-", "交存银行")] {
        let mut counter = on_page(with_shift(idle()));
        for _ in 0..downs {
            counter.press(Named::ArrowDown);
        }
        counter.press(Named::Enter);
        counter.press(Named::Enter);
        assert_eq!(counter.app.toast(), Some("请输入金额"));
        counter.typed("30");
        counter.press(Named::Enter);
        assert_asked(&counter, &[], "no reason yet");
        counter.press(Named::ArrowDown);
        counter.press(Named::Enter);
        let expected = format!("Cash {{ amount: Fen({sign}3000), reason: \"{reason}\" }}");
        assert_asked(&counter, &[&expected], reason);
    }
}

#[test]
fn a_payment_code_scanned_into_the_reason_does_not_stay_there() {
    let mut counter = on_page(with_shift(idle()));
    touch(&mut counter, "现金取出");
    counter.typed("30");
    let text = format!("买水{ALIPAY_CODE}");
    counter.tell(Message::Shift(Page::Reason(text)));
    counter.scan(ALIPAY_CODE, true);
    counter.tell(Message::Shift(Page::Submit));
    assert_asked(&counter, &["reason: \"买水\""], "the scan is gone");
}

#[test]
fn closing_shows_how_far_the_count_is_from_what_must_be_there() {
    for (typed, line) in [
        ("225", "相符"),
        ("230", "多 ¥ 5.00"),
        ("224.5", "少 ¥ 0.50"),
    ] {
        let mut counter = on_page(with_shift(idle()));
        touch(&mut counter, "交班");
        counter.typed(typed);
        assert!(counter.reads("应有 ¥ 225.00"));
        assert!(counter.reads(line), "{line}");
        counter.press(Named::Enter);
        assert_asked(&counter, &["exception: None"], line);
    }
}

#[test]
fn closing_with_open_to_dos_asks_for_the_managers_exception() {
    let mut counter = on_page(with_shift(sample::busy(idle())));
    touch(&mut counter, "交班");
    let line = "还有 3 笔待处理。要现在交班，需要店长签字；这些账单会继续跟进。";
    assert!(counter.reads(line));
    counter.typed("225");
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "no PIN yet");
    counter.scan(ALIPAY_CODE, false);
    counter.typed("000000");
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "no reason yet");
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_asked(
        &counter,
        &["exception: Some((\"2001\", Pin(…), \"已知情，继续跟进\"))"],
        "signed",
    );
}

#[test]
fn a_till_that_knows_of_more_to_dos_has_the_last_word() {
    let mut counter = on_page(with_shift(idle()));
    touch(&mut counter, "交班");
    counter.typed("225");
    counter.press(Named::Enter);
    assert_asked(&counter, &["exception: None"], "none were seen here");
    done(&mut counter, Err(Said::ToDosOpen(2)));
    assert_eq!(
        counter.app.toast(),
        Some("还有 2 笔待处理，需要店长签字才能交班")
    );
    assert!(counter.reads("还有 2 笔待处理。要现在交班，需要店长签字；这些账单会继续跟进。"));
}

/// The slip of shift 12, which was closed just now.
pub fn at_a_slip(snapshot: Snapshot) -> Counter {
    let mut counter = on_page(with_shift(snapshot));
    touch(&mut counter, "交班");
    counter.typed("220");
    counter.press(Named::Enter);
    done(&mut counter, Ok(closed_shift(12, false)));
    counter.snapshot.desk.shift = None;
    counter.show(Stage::Idle);
    counter.till.desk.taken();
    counter
}

#[test]
fn a_closed_shift_is_its_slip_with_the_audit_chains_head() {
    let mut counter = on_page(manager(with_shift(idle())));
    touch(&mut counter, "交班");
    counter.typed("220");
    counter.press(Named::Enter);
    counter.till.desk.taken();
    done(&mut counter, Ok(closed_shift(12, true)));
    counter.snapshot.desk.shift = None;
    counter.show(Stage::Idle);
    for text in [
        "第 12 班 · 班次小票",
        "¥ 5,220.30",
        "-5.00",
        "已知情，继续跟进",
        "审计链 · 第 812 条",
        "3f9a5c0d7be14266 88fd01a9c35e77b2",
    ] {
        assert!(counter.reads(text), "{text}");
    }
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Shift(_)), "one step");
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn an_earlier_shift_is_looked_at_and_reconciled_by_a_manager_only() {
    let mut counter = on_page(manager(with_shift(idle())));
    for _ in 0..7 {
        counter.press(Named::ArrowDown);
    }
    counter.press(Named::Enter);
    assert!(counter.reads("第 11 班 · 班次小票"));
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::Reconcile(_)));
    assert!(counter.reads("第 11 班 · 08:02–14:30"));

    let mut counter = on_page(with_shift(idle()));
    for _ in 0..6 {
        counter.press(Named::ArrowDown);
    }
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert!(!counter.reads("与网关对账"));
    assert!(matches!(counter.app.screen(), Screen::Slip(..)), "printed");
}

#[test]
fn what_was_not_done_is_said_wherever_the_person_is_by_then() {
    let mut counter = on_page(with_shift(idle()));
    touch(&mut counter, "交班");
    counter.typed("225");
    counter.press(Named::Enter);
    counter.press(Named::F5);
    answer(&mut counter, 1, Err(Said::LedgerDown("磁盘已满".into())));
    assert!(counter.app.toast().is_some_and(|t| t.contains("磁盘已满")));
}

#[test]
fn an_answer_to_a_page_that_was_left_is_not_the_new_ones() {
    let mut counter = on_page(idle());
    counter.typed("200");
    counter.press(Named::Enter);
    let Screen::Shift(page) = counter.app.screen() else {
        panic!("{:?}", counter.app.screen());
    };
    let first = page.number();
    counter.press(Named::Escape);
    counter.press(Named::F8);
    counter.typed("300");
    counter.press(Named::Enter);
    counter.till.desk.taken();
    answer(&mut counter, first, Ok(open_shift()));
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "the second is still awaited");
    assert_eq!(counter.app.toast(), None);
}

/// Every place of the page.
pub fn places(snapshot: &Snapshot) -> Vec<(&'static str, Counter)> {
    let touched = |word: &str, typed: &str, from: Snapshot| {
        let mut counter = on_page(from);
        counter.press(Named::ArrowDown);
        let downs = ["hand", "in", "out", "close"];
        let at = downs.iter().position(|one| *one == word).unwrap();
        for _ in 0..at {
            counter.press(Named::ArrowDown);
        }
        counter.press(Named::Enter);
        counter.typed(typed);
        counter
    };
    let open = with_shift(manager(snapshot.clone()));
    let mut slip = on_page(open.clone());
    for _ in 0..7 {
        slip.press(Named::ArrowDown);
    }
    slip.press(Named::Enter);
    let mut taken = on_page(open.clone());
    taken.press(Named::ArrowDown);
    vec![
        ("opening", on_page(snapshot.clone())),
        ("overview", taken),
        ("handing", touched("hand", "1", open.clone())),
        ("cash", touched("out", "30", open.clone())),
        ("closing", touched("close", "220", open.clone())),
        ("signing", touched("close", "220", sample::busy(open))),
        ("slip", slip),
    ]
}

#[test]
fn no_place_of_the_shift_overlaps_or_is_cut_off() {
    for language in both_languages() {
        let mut snapshot = idle();
        snapshot.shop.language = language;
        for (name, mut counter) in places(&snapshot) {
            for size in SIZES {
                let what = format!("{name} {language:?} {size:?}");
                check_layout(&counter.main_texts(size), size, &what, true);
            }
        }
    }
}

#[test]
fn a_day_is_named_in_the_time_of_an_older_shift() {
    let mut snapshot = with_shift(idle());
    let mut shift = open_shift();
    shift.opened_ms -= 86_400_000;
    assert_ne!(Day::of(shift.opened_ms), Day::of(sample::now()));
    snapshot.desk.shift = Some(Arc::new(shift));
    let mut counter = on_page(snapshot);
    assert!(counter.reads("11-19 08:02 开班 · 当班 一号收银员 · 备用金 ¥ 200.00"));
}
