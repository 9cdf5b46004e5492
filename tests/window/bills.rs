//! F5: filters, pages, a bill's whole story, the day's chart, the export.

use super::counter::*;
use super::looks::check_layout;
use super::sample;
use super::shift::{assert_asked, idle, manager, report, touch};
use iced::keyboard::Key;
use iced::keyboard::key::Named;
use shouyin::domain::bill::{Incident, IncidentKind, Settled, Settlement};
use shouyin::domain::config::Language;
use shouyin::domain::query::Query;
use shouyin::domain::refund::RefundState;
use shouyin::domain::time::Day;
use shouyin::domain::{Fen, RefundNo, Wallet};
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::screens::bills::{Edit, Message as Page};
use shouyin::ui::strings::Words;
use std::path::PathBuf;

/// A full page of bills, the newest first.
fn page_of_bills(from: u32) -> Vec<BillView> {
    let one = |i: u32| BillView {
        bill_no: sample::bill_no(from - i, "AAAA1111"),
        ..sample::latest()[0].clone()
    };
    (0..60).map(one).collect()
}

fn last_query(counter: &Counter) -> Query {
    counter
        .till
        .searched
        .lock()
        .unwrap()
        .last()
        .unwrap()
        .clone()
}

fn searches(counter: &Counter) -> u64 {
    counter.till.searched.lock().unwrap().len() as u64
}

/// The newest search is answered.
fn found(counter: &mut Counter, bills: Vec<BillView>) {
    let number = searches(counter);
    counter.tell(Message::Bills(Page::Found(number, Ok(bills))));
}

pub fn on_page(snapshot: Snapshot) -> Counter {
    let mut counter = Counter::new(snapshot);
    counter.press(Named::F5);
    found(&mut counter, sample::latest());
    counter.tell(Message::Bills(Page::Reported(1, Ok(Box::new(report())))));
    counter.till.desk.taken();
    counter
}

fn refund(state: RefundState) -> RefundView {
    RefundView {
        refund_no: RefundNo::parse("2026112001000003RRRR7777").unwrap(),
        bill_no: sample::bill_no(59, "Y6RC9G5H"),
        fee: Fen(3_000),
        wallet: Some(Wallet::Alipay),
        reason: "顾客退货".into(),
        operator: "2001".into(),
        approver: "2001".into(),
        state,
        proof: None,
        lost: false,
        sent_ms: sample::now() - 300_000,
        ended_ms: None,
        next_at_ms: None,
        asking: false,
        waits_for_manager: false,
        code: None,
        detail: None,
        unheard: false,
        incident: None,
        unrecorded: false,
        pre: None,
    }
}

/// The fourth bill is chosen and everything about it is read.
pub fn with_story(counter: &mut Counter, refunds: Vec<RefundView>) {
    for _ in 0..4 {
        counter.press(Named::ArrowDown);
    }
    let bill_no = sample::bill_no(59, "Y6RC9G5H");
    let story = Ok(sample::story(&bill_no));
    counter.tell(Message::Bills(Page::Read(bill_no.clone(), story)));
    counter.tell(Message::Bills(Page::Refunds(bill_no, Ok(refunds))));
}

#[test]
fn a_page_is_sixty_bills_and_pgdn_asks_for_what_comes_after_the_last() {
    let mut counter = on_page(idle());
    assert_eq!(last_query(&counter).limit, 60);
    assert_eq!(last_query(&counter).after, None);
    let asked = searches(&counter);
    counter.press(Named::PageDown);
    assert_eq!(searches(&counter), asked, "eight bills are the only page");

    let mut counter = on_page(idle());
    touch(&mut counter, "全部");
    found(&mut counter, page_of_bills(500));
    counter.press(Named::PageDown);
    assert_eq!(
        last_query(&counter).after,
        Some(sample::bill_no(441, "AAAA1111"))
    );
    let asked = searches(&counter);
    counter.press(Named::PageDown);
    assert_eq!(searches(&counter), asked, "not before the page is here");
    found(&mut counter, page_of_bills(440));
    assert!(counter.reads("第 2 页"));
    counter.press(Named::PageDown);
    let third = Some(sample::bill_no(381, "AAAA1111"));
    assert_eq!(last_query(&counter).after, third);
    found(&mut counter, sample::latest());
    counter.press(Named::PageUp);
    let second = Some(sample::bill_no(441, "AAAA1111"));
    assert_eq!(last_query(&counter).after, second);
    counter.press(Named::PageUp);
    assert_eq!(last_query(&counter).after, None);
    found(&mut counter, page_of_bills(500));
    assert!(counter.reads("第 1 页"));
}

#[test]
fn a_later_page_of_an_amount_is_of_that_amount() {
    let mut counter = on_page(idle());
    counter.typed("17");
    assert_eq!(last_query(&counter).tail.as_deref(), Some("17"));
    found(&mut counter, Vec::new());
    assert_eq!(last_query(&counter).amount, Some(Fen(1_700)));
    found(&mut counter, page_of_bills(500));
    counter.press(Named::PageDown);
    let query = last_query(&counter);
    assert_eq!((query.amount, query.tail), (Some(Fen(1_700)), None));
    assert!(query.after.is_some());
}

#[test]
fn pages_are_turned_by_touch_and_another_filter_begins_at_the_first() {
    let mut counter = on_page(idle());
    touch(&mut counter, "全部");
    found(&mut counter, page_of_bills(500));
    touch(&mut counter, "下一页");
    assert!(last_query(&counter).after.is_some());
    found(&mut counter, page_of_bills(440));
    touch(&mut counter, "上一页");
    assert_eq!(last_query(&counter).after, None);
    found(&mut counter, page_of_bills(500));
    touch(&mut counter, "下一页");
    touch(&mut counter, "已收款");
    assert_eq!(last_query(&counter).after, None, "another list");
}

#[test]
fn answers_of_stale_searches_are_dropped() {
    let mut counter = on_page(idle());
    let old = searches(&counter);
    touch(&mut counter, "全部");
    counter.tell(Message::Bills(Page::Found(old, Ok(page_of_bills(500)))));
    assert!(counter.reads("…62 P4WE1A2B"), "what was there stays");
    let failed = Err("磁盘".to_owned());
    counter.tell(Message::Bills(Page::Found(old, failed)));
    assert!(!counter.reads("查找失败：磁盘"));
    found(&mut counter, Vec::new());
    assert!(counter.reads("没有找到账单"));
}

#[test]
fn the_filters_by_touch() {
    let mut counter = on_page(idle());
    let today = Day::of(sample::now());
    assert_eq!(last_query(&counter).from_ms, Some(today.start_ms()));
    touch(&mut counter, "7 天");
    let week = today.start_ms() - 6 * 86_400_000;
    assert_eq!(last_query(&counter).from_ms, Some(week));
    touch(&mut counter, "全部");
    assert_eq!(last_query(&counter).from_ms, None);
    touch(&mut counter, "微信");
    assert_eq!(last_query(&counter).wallet, Some(Wallet::Wechat));
    touch(&mut counter, "已退款");
    assert!(last_query(&counter).refunded);
    touch(&mut counter, "已退款");
    assert!(!last_query(&counter).refunded, "off again");
    touch(&mut counter, "所有人");
    assert_eq!(last_query(&counter).operator.as_deref(), Some("1001"));
    counter.tell(Message::Bills(Page::Turn(false)));
    let query = last_query(&counter);
    assert_eq!(query.to_ms, Some(today.start_ms()), "yesterday");
    assert!(counter.reads("昨天"));
    assert_asked(
        &counter,
        &["day_report 2026-11-19"],
        "the chart follows the day",
    );
}

#[test]
fn the_filters_by_keys_alone() {
    let mut counter = on_page(idle());
    counter.press(Named::Tab);
    counter.press(Named::ArrowDown);
    let today = Day::of(sample::now()).start_ms();
    assert_eq!(last_query(&counter).from_ms, Some(today - 6 * 86_400_000));
    counter.press(Named::Tab);
    counter.press(Named::ArrowDown);
    let states = last_query(&counter).states;
    assert_eq!(states, [shouyin::domain::State::Paid]);
    counter.press(Named::Tab);
    counter.press(Named::ArrowDown);
    assert_eq!(last_query(&counter).wallet, Some(Wallet::Alipay));
    counter.press(Named::Tab);
    counter.press(Named::ArrowDown);
    assert_eq!(last_query(&counter).operator.as_deref(), Some("1001"));
    counter.press(Named::Enter);
    found(&mut counter, sample::latest());
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(&counter, &["AskNow("], "back in the list");
}

#[test]
fn a_bills_story_has_its_events_proof_refunds_and_settlement() {
    let mut counter = on_page(manager(idle()));
    with_story(&mut counter, vec![refund(RefundState::Unresolved)]);
    for text in [
        "记录并发出",
        "USERPAYING",
        "ALI_SCAN · ¥ 230.00 · 示例便利店 · bill_timeout 361 s · https://api.beecloud.cn",
        "凭据：状态查询",
        "结果未知",
        "¥ 30.00",
        "顾客退货 · 一号店长 批准",
        "退款（可退 ¥ 200.00）",
    ] {
        assert!(counter.reads(text), "{text}");
    }
    assert!(!counter.reads("退款失败"), "unknown is not failed");

    let mut bills = sample::latest();
    bills[3].incident = Some(Incident {
        kind: IncidentKind::RowUnpaid,
        at_ms: sample::now(),
    });
    bills[3].settlement = Some(Settlement {
        how: Settled::Disputed,
        by: "2001".into(),
        reason: "已致电".into(),
        at_ms: sample::now(),
    });
    found(&mut counter, bills);
    assert!(counter.reads("一号店长：与网关争议中 · 已致电"));
    touch(&mut counter, "处理矛盾");
    assert!(matches!(counter.app.screen(), Screen::Incident(_)));
}

#[test]
fn a_story_of_another_bill_is_not_shown() {
    let mut counter = on_page(idle());
    counter.press(Named::ArrowDown);
    let other = sample::bill_no(59, "Y6RC9G5H");
    let story = Ok(sample::story(&other));
    counter.tell(Message::Bills(Page::Read(other.clone(), story)));
    let refunds = Ok(vec![refund(RefundState::Succeeded)]);
    counter.tell(Message::Bills(Page::Refunds(other, refunds)));
    assert!(!counter.reads("USERPAYING"));
    assert!(!counter.reads("顾客退货 · 一号店长 批准"));
}

#[test]
fn a_chosen_bill_is_refunded_by_f6_or_tab_and_only_a_manager_sees_the_button() {
    let mut counter = on_page(manager(idle()));
    with_story(&mut counter, Vec::new());
    counter.press(Named::Tab);
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::Refund(_)), "Tab");
    let mut counter = on_page(manager(idle()));
    with_story(&mut counter, Vec::new());
    touch(&mut counter, "退款（可退 ¥ 200.00）");
    assert!(matches!(counter.app.screen(), Screen::Refund(_)), "touch");
    let mut counter = on_page(idle());
    with_story(&mut counter, Vec::new());
    assert!(!counter.reads("退款（可退 ¥ 200.00）"));
    touch(&mut counter, "打开");
    assert_sent(&counter, &["Open("], "onto the stage");
}

#[test]
fn without_a_chosen_bill_the_day_is_there_to_look_at() {
    let mut counter = on_page(idle());
    for text in ["今天 · 净收", "¥ 5,220.30", "31 笔", "¥ 2,678.10"] {
        assert!(counter.reads(text), "{text}");
    }
    let stale = Ok(Box::default());
    counter.tell(Message::Bills(Page::Turn(false)));
    counter.tell(Message::Bills(Page::Reported(1, stale)));
    assert!(!counter.reads("这一天没有收款"), "another day's answer");
    let empty = Ok(Box::default());
    counter.tell(Message::Bills(Page::Reported(2, empty)));
    assert!(counter.reads("这一天没有收款"));
}

#[test]
fn an_export_is_a_managers() {
    let mut counter = on_page(idle());
    touch(&mut counter, "导出");
    assert_eq!(counter.app.toast(), Some("这一步需要店长"));
    assert!(!counter.reads("导出账单与退款"));
}

#[test]
fn an_export_has_days_a_kind_and_a_path_by_keys_alone() {
    let mut counter = on_page(manager(idle()));
    counter.press(Named::Tab);
    while !counter.reads("导出账单与退款") {
        counter.press(Named::Tab);
        if counter.app.toast().is_some() {
            panic!("{:?}", counter.app.toast());
        }
        // The last zone before the list again.
        if at_export(&mut counter) {
            counter.press(Named::Enter);
        }
    }
    counter.press(Named::ArrowDown);
    counter.tell(Message::Bills(Page::Edit(Edit::Path("/tmp/a.csv".into()))));
    counter.press(Named::Enter);
    assert_asked(
        &counter,
        &["format: Csv, path: \"/tmp/a.csv\" }"],
        "the order",
    );
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "once");
    let exported = Exported {
        bills: 63,
        refunds: 2,
        path: PathBuf::from("/tmp/a.csv"),
    };
    counter.tell(Message::Bills(Page::Exported(1, Ok(exported))));
    assert!(counter.reads("已导出 63 笔账单、2 笔退款"));
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Bills(_)), "one step");
    counter.press(Named::Escape);
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

/// Enter would open the form now.
fn at_export(counter: &mut Counter) -> bool {
    let Screen::Bills(page) = counter.app.screen() else {
        return false;
    };
    format!("{page:?}").contains("zone: Export")
}

#[test]
fn an_export_by_touch_and_its_errors_in_one_line() {
    let mut counter = on_page(manager(idle()));
    touch(&mut counter, "导出");
    touch(&mut counter, "30 天");
    touch(&mut counter, "CSV");
    counter.tell(Message::Bills(Page::Enter));
    let asked = counter.till.desk.taken();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("format: Csv"), "{asked:?}");
    assert!(
        asked[0].contains("shouyin-2026-10-22-2026-11-20.csv"),
        "{asked:?}"
    );
    let refused = Err(Said::Text("不能写入 /x：没有权限".into()));
    counter.tell(Message::Bills(Page::Exported(1, refused)));
    assert_eq!(counter.app.toast(), Some("不能写入 /x：没有权限"));
    for (edit, line) in [
        (Edit::Path("  ".into()), "请写存到哪里"),
        (Edit::To("2026-01-01".into()), "开始的日子晚于结束的日子"),
        (Edit::From("11-20".into()), "日期要写成 2026-11-20"),
    ] {
        counter.tell(Message::Bills(Page::Edit(edit)));
        counter.tell(Message::Bills(Page::Enter));
        assert_eq!(counter.app.toast(), Some(line));
        assert_asked(&counter, &[], line);
    }
}

#[test]
fn a_scan_into_the_exports_path_does_not_stay_there() {
    let mut counter = on_page(manager(idle()));
    touch(&mut counter, "导出");
    let path = format!("/tmp/{ALIPAY_CODE}");
    counter.tell(Message::Bills(Page::Edit(Edit::Path(path))));
    for c in ALIPAY_CODE.chars() {
        let c = c.to_string();
        counter.raw(Key::Character(c.as_str().into()), Some(&c), true, false);
    }
    counter.scan(ALIPAY_CODE, true);
    counter.tell(Message::Bills(Page::Enter));
    let asked = counter.till.desk.taken();
    assert!(!format!("{asked:?}").contains(ALIPAY_CODE), "{asked:?}");
}

/// Every place of the page.
pub const PLACES: [&str; 6] = ["day", "story", "pages", "week", "export", "elsewhere"];

/// The page at one of its places, for a manager.
pub fn place(name: &str, language: Language) -> Counter {
    let w = Words::new(language);
    let mut snapshot = manager(idle());
    snapshot.shop.language = language;
    let mut counter = on_page(snapshot);
    match name {
        "story" => with_story(&mut counter, vec![refund(RefundState::Processing)]),
        "pages" => {
            found(&mut counter, page_of_bills(500));
            counter.press(Named::PageDown);
            found(&mut counter, page_of_bills(440));
        }
        "week" => {
            touch(&mut counter, w.days_week());
            found(&mut counter, sample::latest());
        }
        "export" => touch(&mut counter, w.export()),
        "elsewhere" => {
            counter.typed("zz9");
            found(&mut counter, Vec::new());
        }
        _ => {}
    }
    counter
}

#[test]
fn no_place_of_the_bills_overlaps_or_is_cut_off() {
    for language in both_languages() {
        for name in PLACES {
            let mut counter = place(name, language);
            for size in SIZES {
                let what = format!("{name} {language:?} {size:?}");
                check_layout(&counter.main_texts(size), size, &what, true);
            }
        }
    }
}
