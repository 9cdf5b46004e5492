//! 日结对账: starting, progress, stopping, going on, and every kind of difference.

use super::counter::*;
use super::looks::check_layout;
use super::sample;
use super::shift::{assert_asked, closed_shift, idle, manager, touch};
use iced::keyboard::key::Named;
use shouyin::domain::Fen;
use shouyin::domain::reconcile::*;
use shouyin::domain::shift::Tally;
use shouyin::domain::time::Day;
use shouyin::till::service::*;
use shouyin::ui::app::{Message, Screen};
use shouyin::ui::screens::reconcile::Message as Page;
use std::sync::Arc;

fn tally(count: u32, sum: i64) -> Tally {
    Tally {
        count,
        sum: Fen(sum),
    }
}

fn side(amount: i64, state: &str) -> Option<Side> {
    Some(Side {
        amount: Fen(amount),
        state: state.into(),
    })
}

/// One of each kind.
pub fn differences() -> Vec<Difference> {
    let one = |kind, bill_no: &str, here, there| Difference {
        kind,
        bill_no: bill_no.into(),
        refund_no: None,
        here,
        there,
    };
    use DifferenceKind::*;
    vec![
        one(
            MissingHere,
            "2026112002000007QW3ER5TY",
            None,
            side(6_600, "paid"),
        ),
        one(
            MissingThere,
            "2026112001000062P4WE1A2B",
            side(1_200, "paid"),
            None,
        ),
        one(
            Amount,
            "2026112001000060B2NM5E4F",
            side(650, "paid"),
            side(640, "paid"),
        ),
        one(
            State,
            "2026112001000061H8QZ7C3D",
            side(8_800, "reverted"),
            side(8_800, "paid"),
        ),
        Difference {
            refund_no: Some("2026112001000003RRRR7777".into()),
            ..one(
                Refund,
                "2026112001000059Y6RC9G5H",
                side(3_000, "succeeded"),
                side(3_000, "processing"),
            )
        },
    ]
}

pub fn run(differences: Vec<Difference>) -> ReconcileView {
    let here = Sums {
        paid: tally(63, 530_030),
        refunds: tally(2, 8_000),
    };
    let there = if differences.is_empty() {
        here
    } else {
        Sums {
            paid: tally(63, 535_420),
            refunds: tally(1, 5_000),
        }
    };
    ReconcileView {
        run: Run {
            scope: Scope::day(Day::of(sample::now())),
            by: "2001".into(),
            began_ms: sample::now(),
            done_to_ms: sample::now(),
            finished: true,
            compared: 65,
            here,
            there,
            settled: vec![sample::bill_no(64, "UUUU4444")],
            elsewhere: tally(4, 22_000),
            differences,
        },
        permille: 1000,
        progress: ReconcileProgress::Finished,
    }
}

fn running() -> ReconcileView {
    let mut view = run(Vec::new());
    view.run.finished = false;
    view.run.compared = 1_234;
    view.permille = 420;
    view.progress = ReconcileProgress::Running;
    view
}

pub fn with(view: Option<ReconcileView>) -> Snapshot {
    let mut snapshot = manager(idle());
    snapshot.desk.reconcile = view.map(Arc::new);
    snapshot
}

pub fn on_page(snapshot: Snapshot) -> Counter {
    let mut counter = Counter::new(snapshot);
    counter.tell(Message::OpenReconcile);
    counter.till.desk.taken();
    counter
}

fn today() -> String {
    let day = Day::of(sample::now());
    format!("reconcile {} {}", day.start_ms(), day.end_ms())
}

#[test]
fn a_cashier_is_told_that_it_is_a_managers() {
    let mut counter = Counter::new(idle());
    counter.tell(Message::OpenReconcile);
    assert_eq!(counter.app.toast(), Some("这一步需要店长"));
    assert!(matches!(counter.app.screen(), Screen::Sale));
}

#[test]
fn enter_starts_today_and_the_arrows_choose_another_day() {
    let mut counter = on_page(with(None));
    assert!(counter.reads("今天 2026-11-20"));
    counter.press(Named::ArrowRight);
    assert!(counter.reads("今天 2026-11-20"), "never tomorrow");
    counter.press(Named::Enter);
    assert_asked(&counter, &[&today()], "today");
    counter.press(Named::Enter);
    assert_asked(&counter, &[], "once");
    counter.tell(Message::Reconcile(Page::Started(Ok(()))));
    counter.press(Named::ArrowLeft);
    assert!(counter.reads("2026-11-19"));
    counter.press(Named::Enter);
    let day = Day::parse("2026-11-19").unwrap();
    let expected = format!("reconcile {} {}", day.start_ms(), day.end_ms());
    assert_asked(&counter, &[&expected], "yesterday");
}

#[test]
fn a_shift_is_chosen_instead_of_a_day_by_keys_or_touch() {
    let listed = || Ok(vec![closed_shift(11, false), closed_shift(10, false)]);
    let expected = {
        let shift = closed_shift(10, false);
        let end = shift.closed.unwrap().at_ms;
        format!("reconcile {} {end}", shift.opened_ms)
    };
    let mut counter = on_page(with(None));
    counter.tell(Message::Reconcile(Page::Listed(listed())));
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert!(counter.reads("第 10 班 · 08:02–14:30"));
    counter.press(Named::Enter);
    assert_asked(&counter, &[&expected], "keys");
    let mut counter = on_page(with(None));
    counter.tell(Message::Reconcile(Page::Listed(listed())));
    touch(&mut counter, "第 10 班");
    touch(&mut counter, "开始对账");
    assert_asked(&counter, &[&expected], "touch");
    counter.press(Named::ArrowRight);
    assert!(counter.reads("今天 2026-11-20"), "its day again");
}

#[test]
fn it_is_started_and_stopped_by_touch_alone() {
    let mut counter = on_page(with(None));
    touch(&mut counter, "开始对账");
    assert_asked(&counter, &[&today()], "start");
    counter.tell(Message::Reconcile(Page::Started(Ok(()))));
    counter.snapshot.desk.reconcile = Some(Arc::new(running()));
    counter.show(Stage::Idle);
    assert!(counter.reads("正在核对"));
    assert!(counter.reads("已核对 1234 笔 · 42%"));
    touch(&mut counter, "取消");
    assert_asked(&counter, &["cancel_reconcile"], "stop");
}

#[test]
fn a_running_one_is_stopped_by_enter_and_goes_on_where_it_was() {
    let mut counter = on_page(with(Some(running())));
    counter.press(Named::Enter);
    assert_asked(&counter, &["cancel_reconcile"], "Enter");
    let mut stopped = running();
    stopped.progress = ReconcileProgress::Stopped(Said::GatewaySilent);
    counter.snapshot.desk.reconcile = Some(Arc::new(stopped));
    counter.show(Stage::Idle);
    assert!(counter.reads("中断了：网关没有回答，可以从这里继续"));
    assert!(!counter.reads("对上了"), "half of it proves nothing");
    assert!(counter.reads("继续"));
    counter.press(Named::Enter);
    assert_asked(&counter, &[&today()], "goes on");
}

#[test]
fn what_the_till_refuses_is_said() {
    let mut counter = on_page(with(None));
    counter.press(Named::Enter);
    let refused = Err(Said::ReconcileRunning);
    counter.tell(Message::Reconcile(Page::Started(refused)));
    assert_eq!(counter.app.toast(), Some("对账正在进行"));
}

#[test]
fn without_a_difference_it_is_calm_and_says_so() {
    let mut counter = on_page(with(Some(run(Vec::new()))));
    for text in [
        "对上了",
        "本机与网关一笔不差",
        "按网关结清了 1 笔未知账单",
        "另有 4 笔 ¥ 220.00 属于本店其他收银机",
    ] {
        assert!(counter.reads(text), "{text}");
    }
}

#[test]
fn every_difference_is_listed_with_what_to_do_about_it() {
    let mut counter = on_page(with(Some(run(differences()))));
    assert!(!counter.reads("对上了"));
    assert!(counter.reads("5 处差异"));
    let w = shouyin::ui::strings::Words::new(shouyin::domain::config::Language::Chinese);
    for kind in DifferenceKind::ALL {
        assert!(counter.reads(w.difference_kind(kind)), "{kind:?}");
        assert!(counter.reads(w.difference_fix(kind)), "{kind:?}");
    }
    assert!(counter.reads("本机 没有  ·  网关 ¥ 66.00 已收款"));
    assert!(counter.reads("-53.90"), "the sums' difference");
}

#[test]
fn enter_on_a_difference_opens_its_bill_or_its_refund() {
    let mut counter = on_page(with(Some(run(differences()))));
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert!(
        matches!(counter.app.screen(), Screen::Refund(_)),
        "only the gateway has it"
    );
    let mut counter = on_page(with(Some(run(differences()))));
    counter.press(Named::ArrowDown);
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::Bills(_)));
    let searched = counter.till.searched.lock().unwrap();
    let query = searched.last().unwrap();
    assert_eq!(query.tail.as_deref(), Some("2026112001000062P4WE1A2B"));
    assert_eq!(query.from_ms, None, "of whatever day");
}

#[test]
fn a_number_that_is_none_opens_nothing_and_says_so() {
    let mut found = differences();
    found.truncate(1);
    found[0].bill_no = "x-1".into();
    let mut counter = on_page(with(Some(run(found))));
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert!(matches!(counter.app.screen(), Screen::Reconcile(_)));
    assert!(counter.app.toast().is_some_and(|t| t.contains("商户平台")));
}

#[test]
fn in_practice_three_differences_are_planted_and_named() {
    let mut snapshot = sample::practising(with(None));
    let mut counter = on_page(snapshot.clone());
    counter.press(Named::ArrowDown);
    counter.press(Named::Enter);
    assert_sent(&counter, &["PracticePlant"], "keys");
    touch(&mut counter, "放入三处差异");
    assert_sent(&counter, &["PracticePlant"], "touch");
    snapshot.seq += 5;
    if let Some(practice) = &mut snapshot.practice {
        practice.planted = vec!["2026112002000007QW3ER5TY".into()];
    }
    counter.tell(Message::Snapshot(Arc::new(snapshot)));
    assert!(counter.reads("…07QW3ER5TY"));
    assert!(!on_page(with(None)).reads("放入三处差异"));
}

pub fn places() -> Vec<(&'static str, Snapshot)> {
    let mut stopped = running();
    stopped.progress = ReconcileProgress::Stopped(Said::GatewaySilent);
    let mut planted = sample::practising(with(Some(run(differences()[..3].to_vec()))));
    if let Some(practice) = &mut planted.practice {
        let all = differences();
        practice.planted = all[..3].iter().map(|d| d.bill_no.clone()).collect();
    }
    vec![
        ("before", with(None)),
        ("running", with(Some(running()))),
        ("stopped", with(Some(stopped))),
        ("matched", with(Some(run(Vec::new())))),
        ("differences", with(Some(run(differences())))),
        ("planted", planted),
    ]
}

#[test]
fn no_place_of_the_reconciliation_overlaps_or_is_cut_off() {
    for language in both_languages() {
        for (name, mut snapshot) in places() {
            snapshot.shop.language = language;
            let mut counter = on_page(snapshot);
            let shifts = vec![closed_shift(11, false), closed_shift(10, false)];
            counter.tell(Message::Reconcile(Page::Listed(Ok(shifts))));
            if name == "differences" {
                for _ in 0..3 {
                    counter.press(Named::ArrowDown);
                }
            }
            for size in SIZES {
                let what = format!("{name} {language:?} {size:?}");
                check_layout(&counter.main_texts(size), size, &what, true);
            }
        }
    }
}
