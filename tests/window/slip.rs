//! Slips on the screen, the print queue, the devices' lamps; by keys alone and by touch alone.

use super::counter::*;
use super::looks::check_layout;
use super::sample;
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use shouyin::domain::config::Language;
use shouyin::domain::print::{JobState, PrintJob, Printed};
use shouyin::domain::refund::RefundState;
use shouyin::till::service::*;
use shouyin::ui::app::{KeyPress, Message, Screen};
use shouyin::ui::screens::slip::Message as Slip;
use std::sync::Arc;

/// A picture with some black in every row.
fn picture(height: usize) -> SlipPicture {
    SlipPicture {
        width: 384,
        height,
        dots: (0..384 * height).map(|i| i % 7 == 0).collect(),
    }
}

fn with_printer(mut snapshot: Snapshot) -> Snapshot {
    snapshot.print.there = true;
    snapshot.print.can_again = true;
    snapshot.health.printer = Some(DeviceHealth::Ready);
    snapshot
}

fn job(no: u64, what: Printed, state: JobState) -> PrintJob {
    PrintJob {
        no,
        what,
        again: no == 3,
        by: if no == 3 {
            "1001".into()
        } else {
            String::new()
        },
        made_ms: sample::now() - 120_000,
        state,
        at_ms: sample::now() - 60_000,
    }
}

/// One that may be half printed, and three that wait; no paper.
fn stuck(snapshot: Snapshot) -> Snapshot {
    let mut snapshot = with_printer(snapshot);
    let refund = super::desk_sample::refund(RefundState::Succeeded);
    let of_refund = Printed::Refund(refund.refund_no.clone());
    snapshot.desk.refunds = vec![refund];
    snapshot.health.printer = Some(DeviceHealth::Gone(
        "打印机缺纸，请装纸，之后会自动继续".into(),
    ));
    let sale = |serial, random| Printed::Sale(sample::bill_no(serial, random));
    snapshot.print.jobs = vec![
        job(1, sale(62, "P4WE1A2B"), JobState::Doubtful),
        job(2, sale(60, "B2NM5E4F"), JobState::Waiting),
        job(3, of_refund, JobState::Waiting),
        job(4, Printed::Shift(12), JobState::Waiting),
    ];
    snapshot
}

fn idle() -> Snapshot {
    sample::snapshot(Stage::Idle)
}

fn paid() -> Snapshot {
    sample::on_stage(sample::face("paid"))
}

fn update(counter: &mut Counter, change: impl FnOnce(&mut Snapshot)) {
    counter.snapshot.seq += 1;
    change(&mut counter.snapshot);
    counter.tell(Message::Snapshot(Arc::new(counter.snapshot.clone())));
}

fn control_p(counter: &mut Counter, repeat: bool) {
    counter.pass(100);
    counter.tell(Message::Key(KeyPress {
        window: counter.app.main_window(),
        key: Key::Character("p".into()),
        text: None,
        command: true,
        control: true,
        shift: false,
        repeat,
        captured: false,
        at_ms: 0,
    }));
}

fn drawn(counter: &mut Counter, picture: Result<SlipPicture, Said>) {
    let Screen::Slip(page, _) = counter.app.screen() else {
        panic!("no slip is open");
    };
    let what = page.what().clone();
    counter.tell(Message::Slip(Slip::Drawn(what, picture)));
}

#[test]
fn ctrl_p_prints_the_last_slip_again_once_however_long_it_is_held() {
    let mut counter = Counter::new(with_printer(paid()));
    control_p(&mut counter, false);
    control_p(&mut counter, true);
    control_p(&mut counter, true);
    assert_sent(&counter, &["PrintLast"], "held");
    assert_eq!(
        counter.app.toast(),
        Some("上一张小票已加入打印队列，标“重打”")
    );
    let mut counter = Counter::new(paid());
    control_p(&mut counter, false);
    assert_eq!(
        counter.app.toast(),
        Some("没有设置打印机：店长在 F10 打印页设置")
    );
}

#[test]
fn a_paid_stage_shows_its_slip_by_touch_and_prints_it_once() {
    let mut counter = Counter::new(with_printer(paid()));
    counter.touch("小票");
    assert_eq!(
        counter.till.desk.taken(),
        ["slip Sale(BillNo(\"2026112001000063K7Q2M4XD\"))"]
    );
    assert!(counter.reads("正在生成小票…"));
    drawn(&mut counter, Ok(picture(900)));
    assert!(counter.reads("收款小票") && !counter.reads("正在生成小票…"));
    assert_sent(&counter, &[], "looking prints nothing");
    counter.touch("打印");
    assert_sent(
        &counter,
        &["Print(Sale(BillNo(\"2026112001000063K7Q2M4XD\")))"],
        "once",
    );
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert_eq!(counter.app.toast(), Some("小票已加入打印队列"));
}

#[test]
fn without_a_printer_a_slip_is_looked_at_and_nothing_is_sent() {
    let mut counter = bill_with_story(idle());
    tab_to(&mut counter, "小票");
    counter.press(Named::Enter);
    drawn(&mut counter, Ok(picture(300)));
    assert!(counter.reads("没有设置打印机：店长在 F10 打印页设置"));
    counter.press(Named::Enter);
    control_p(&mut counter, false);
    assert_sent(&counter, &[], "no printer");
    assert!(matches!(counter.app.screen(), Screen::Slip(..)));
}

fn bill_with_story(snapshot: Snapshot) -> Counter {
    let mut counter = super::bills::on_page(snapshot);
    let refund = super::desk_sample::refund(RefundState::Succeeded);
    let mut failed = super::desk_sample::refund(RefundState::Failed);
    failed.reason = "没有退成".into();
    super::bills::with_story(&mut counter, vec![failed, refund]);
    counter.sent();
    counter.till.desk.taken();
    counter
}

/// Tabs until Enter does this: at most once around.
fn tab_to(counter: &mut Counter, slip: &str) {
    let times = if slip == "小票" { 2 } else { 3 };
    for _ in 0..times {
        counter.press(Named::Tab);
    }
}

#[test]
fn a_bill_and_its_refund_show_their_slips_by_keys_and_esc_comes_back() {
    let mut counter = bill_with_story(with_printer(idle()));
    tab_to(&mut counter, "小票");
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert_eq!(asked, ["slip Sale(BillNo(\"2026112001000059Y6RC9G5H\"))"]);
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Bills(_)), "back");
    assert!(counter.reads("金额相符"), "with its story");
    counter.press(Named::Tab);
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert_eq!(
        asked,
        ["slip Refund(RefundNo(\"2026112001000007Q2M4XDK7\"))"]
    );
    drawn(&mut counter, Ok(picture(500)));
    counter.press(Named::Enter);
    counter.press(Named::Escape);
    assert_sent(&counter, &["Print(Refund(RefundNo("], "once");
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn only_what_was_paid_has_a_slip() {
    let mut counter = super::bills::on_page(with_printer(idle()));
    counter.press(Named::ArrowDown);
    assert!(counter.reads("小票"), "paid");
    counter.press(Named::ArrowDown);
    assert!(!counter.reads("小票"), "reverted");
}

#[test]
fn what_came_while_a_slip_was_looked_at_is_there_after_it() {
    use shouyin::ui::screens::bills::Message as Bills;
    let mut counter = bill_with_story(with_printer(idle()));
    tab_to(&mut counter, "小票");
    counter.press(Named::Enter);
    let number = counter.till.searched.lock().unwrap().len() as u64;
    update(&mut counter, |snapshot| snapshot.latest.truncate(3));
    let searched = counter.till.searched.lock().unwrap().len() as u64;
    assert_eq!(searched, number + 1, "the list below is asked for again");
    counter.tell(Message::Bills(Bills::Found(searched, Ok(Vec::new()))));
    counter.press(Named::Escape);
    assert!(counter.reads("没有找到账单"));
}

#[test]
fn a_slip_of_something_else_is_not_shown_as_this_one() {
    let mut counter = Counter::new(with_printer(paid()));
    counter.touch("小票");
    let other = Printed::Sale(sample::bill_no(1, "AAAA1111"));
    counter.tell(Message::Slip(Slip::Drawn(other, Ok(picture(10)))));
    assert!(counter.reads("正在生成小票…"));
    drawn(&mut counter, Err(Said::NoSlip));
    assert!(counter.reads("这一笔没有小票"));
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "nothing to print");
}

#[test]
fn a_scan_and_a_digit_on_a_slip_are_the_next_sale() {
    let mut counter = Counter::new(with_printer(paid()));
    counter.touch("小票");
    counter.typed("5");
    assert!(matches!(counter.app.screen(), Screen::Sale));
    assert_eq!(counter.app.typed(), "5");
    counter.sent();
    counter.tell(Message::Slip(Slip::Open(Printed::Shift(1))));
    counter.scan(ALIPAY_CODE, false);
    assert_sent(&counter, &["Scan"], "charged as from the sale screen");
}

#[test]
fn a_refunds_outcome_and_a_closed_shift_show_their_slips() {
    let mut snapshot = super::desk_sample::managed(with_printer(idle()));
    let refund = super::desk_sample::refund(RefundState::Succeeded);
    let no = refund.refund_no.clone();
    snapshot.desk.refunds = vec![refund];
    let mut counter = Counter::new(snapshot);
    counter.tell(Message::ShowRefund(no));
    counter.pass(1_000);
    counter.press(Named::Tab);
    counter.press(Named::Enter);
    let asked = counter.till.desk.taken();
    assert!(
        asked.iter().any(|a| a.starts_with("slip Refund(")),
        "{asked:?}"
    );
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Refund(_)));
}

#[test]
fn a_closed_shifts_slip_is_printed_by_a_cashier_and_by_a_manager() {
    for manager in [false, true] {
        let snapshot = with_printer(idle());
        let snapshot = if manager {
            sample::managing(snapshot)
        } else {
            snapshot
        };
        let mut counter = super::shift::at_a_slip(snapshot);
        if manager {
            counter.press(Named::Tab);
        }
        counter.press(Named::Enter);
        assert_eq!(counter.till.desk.taken(), ["slip Shift(12)"], "{manager}");
        counter.press(Named::Escape);
        assert!(matches!(counter.app.screen(), Screen::Shift(_)));
        assert!(counter.reads("第 12 班 · 班次小票"), "{manager}");
    }
}

#[test]
fn an_open_shift_shows_its_slip_by_touch() {
    let mut counter = super::shift::on_page(super::shift::with_shift(with_printer(idle())));
    counter.till.desk.taken();
    counter.touch("班次小票");
    assert_eq!(counter.till.desk.taken(), ["slip Shift(12)"]);
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Shift(_)));
}

#[test]
fn a_doubtful_slip_is_printed_again_only_by_a_person_and_once() {
    let mut counter = Counter::new(stuck(idle()));
    counter.press(Named::F7);
    assert!(counter.reads("1 张要确认 · 3 张等待"));
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::Queue(_)));
    assert_sent(&counter, &[], "the Enter that opened it decides nothing");
    counter.pass(400);
    counter.press(Named::Enter);
    counter.press(Named::Enter);
    assert_sent(&counter, &["PrintAgain(1)"], "once");
    update(&mut counter, |snapshot| {
        snapshot.print.jobs.remove(0);
    });
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "meant for the one that went");
    counter.pass(400);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "a waiting slip is not lost by Enter alone");
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert_sent(&counter, &["PrintDrop(3)"], "the chosen one");
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn a_printer_that_was_not_heard_yet_has_its_lamp_and_its_doubtful_slip() {
    let mut snapshot = stuck(idle());
    snapshot.health.printer = None;
    snapshot
        .print
        .jobs
        .retain(|job| job.state == JobState::Doubtful);
    let mut counter = Counter::new(snapshot.clone());
    assert!(counter.reads("打印机 · 1 张要确认"));
    snapshot.print.jobs.clear();
    let mut counter = Counter::new(snapshot.clone());
    counter.touch("打印机");
    assert!(counter.reads("打印机已设置，打第一张小票时检查"));
    snapshot.print.there = false;
    assert!(!Counter::new(snapshot).reads("打印机"));
}

#[test]
fn the_queue_is_worked_by_touch_from_the_printers_lamp() {
    let mut counter = Counter::new(stuck(idle()));
    counter.touch("打印机缺纸 · 1 张要确认 · 3 张等待");
    assert!(counter.reads("打印机缺纸，请装纸，之后会自动继续"));
    assert!(counter.reads("可能只打印了一半") && counter.reads("班次 12"));
    assert!(counter.reads("¥ 12.00"), "the sale's amount");
    assert!(counter.reads("¥ 50.00"), "the refund's");
    counter.touch("不打了");
    counter.touch("重打");
    assert_sent(&counter, &["PrintDrop(1)"], "one decision a slip");
}

#[test]
fn what_is_being_printed_allows_nothing_and_an_empty_queue_says_so() {
    let mut snapshot = with_printer(idle());
    let sale = Printed::Sale(sample::bill_no(62, "P4WE1A2B"));
    snapshot.print.jobs = vec![job(9, sale, JobState::Sending)];
    let mut counter = Counter::new(snapshot);
    counter.tell(Message::Queue(shouyin::ui::screens::queue::Message::Open));
    assert!(counter.reads("正在打印"));
    counter.pass(1_000);
    counter.press(Named::ArrowRight);
    counter.press(Named::Enter);
    assert_sent(&counter, &[], "nothing to decide");
    update(&mut counter, |snapshot| snapshot.print.jobs.clear());
    assert!(counter.reads("没有等待的小票"));
    counter.press(Named::Enter);
    counter.press(Named::ArrowDown);
    assert_sent(&counter, &[], "empty");
}

#[test]
fn slips_that_go_by_themselves_are_no_to_do() {
    let mut snapshot = stuck(idle());
    snapshot.health.printer = Some(DeviceHealth::Ready);
    snapshot.print.jobs.remove(0);
    let mut counter = Counter::new(snapshot);
    assert!(counter.reads("打印机"), "its lamp says nothing more");
    counter.press(Named::F7);
    assert!(!counter.reads("打印队列"));
}

/// A shop with everything, its name as long as allowed, and trouble.
fn everything(language: Language, trouble: bool) -> Snapshot {
    let mut snapshot = with_printer(paid());
    if trouble {
        snapshot = stuck(snapshot);
    }
    snapshot.shop.language = language;
    snapshot.shop.name = "示例连锁便利店（人民广场地铁站一号口旗舰店）".into();
    let gone = || Some(DeviceHealth::Gone("没有找到设备，请检查连接".into()));
    let health = &mut snapshot.health;
    health.camera = Some(DeviceHealth::Ready);
    health.sound = Some(DeviceHealth::Ready);
    health.pole = Some(DeviceHealth::Ready);
    health.gateway = GatewayHealth::Answered {
        latency_ms: 1_042,
        at_ms: sample::now() - 47 * 60_000,
    };
    if trouble {
        (health.scanner, health.pole) = (gone(), gone());
    }
    snapshot
}

#[test]
fn every_lamp_or_their_count_fits_beside_a_long_name() {
    for language in both_languages() {
        for trouble in [false, true] {
            let mut counter = Counter::new(everything(language, trouble));
            for size in SIZES {
                let what = format!("{language:?} {trouble} {size:?}");
                let texts = counter.main_texts(size);
                check_layout(&texts, size, &what, false);
                let bar: Vec<&str> = texts
                    .iter()
                    .filter(|(_, at, _)| at.y < 56.0 * 1.4)
                    .map(|(t, ..)| t.as_str())
                    .collect();
                let part = |word: &str| bar.iter().any(|t| t.contains(word));
                let zh = language == Language::Chinese;
                let slips = if zh { "1 张要确认" } else { "1 to check" };
                assert_eq!(part(slips), trouble, "{what}: {bar:?}");
                let all = part(if zh { "声音" } else { "Sound" });
                let counted = part("5/5") || part("2/5");
                assert!(all != counted, "{what}: {bar:?}");
            }
        }
    }
}

#[test]
fn a_touched_lamp_says_the_whole_reason() {
    let mut snapshot = sample::snapshot(Stage::Idle);
    snapshot.health.scanner = Some(DeviceHealth::Gone("没有找到设备，请检查连接".into()));
    let mut counter = Counter::new(snapshot);
    counter.touch("扫码枪未连接");
    assert_eq!(
        counter.app.toast(),
        Some("扫码枪：没有找到设备，请检查连接")
    );
    let mut counter = Counter::new(everything(Language::Chinese, true));
    counter.tell(Message::Lamp(None));
    let said = counter.app.toast().unwrap();
    assert!(
        said.contains("打印机缺纸，请装纸") && said.contains("客显："),
        "{said}"
    );
}

#[test]
fn slips_and_the_queue_fit_at_every_size_in_both_languages() {
    for language in both_languages() {
        let mut snapshot = stuck(paid());
        snapshot.shop.language = language;
        for size in SIZES {
            let mut counter = Counter::new(snapshot.clone());
            let what = |page: &str| format!("{page} {language:?} {size:?}");
            counter.press(Named::F7);
            check_layout(&counter.main_texts(size), size, &what("to do"), true);
            counter.tell(Message::Queue(shouyin::ui::screens::queue::Message::Open));
            check_layout(&counter.main_texts(size), size, &what("queue"), true);
            counter.tell(Message::Slip(Slip::Open(Printed::Shift(12))));
            check_layout(&counter.main_texts(size), size, &what("asked"), true);
            for picture in [Ok(picture(2_400)), Err(Said::NoSlip)] {
                drawn(&mut counter, picture);
                check_layout(&counter.main_texts(size), size, &what("slip"), true);
            }
        }
        let mut counter = bill_with_story(snapshot);
        for size in SIZES {
            let what = format!("bill {language:?} {size:?}");
            check_layout(&counter.main_texts(size), size, &what, true);
        }
    }
}
