//! The print queue with a printer that works, is away, breaks, or hangs: one slip for each paid
//! bill by itself, never two, none forgotten, and payments that know nothing of it.

use crate::harness::Shop;
use crate::paper::{Mode, Paper};
use crate::refunding::{order, until_state};
use shouyin::domain::config::{PrinterSettings, Settings};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::print::{JobState, PrintJob, Printed};
use shouyin::domain::refund::RefundState;
use shouyin::domain::{BillNo, Fen, State, Wallet};
use shouyin::till::service::{Desk, DeviceHealth, Said, SettingChange, ShiftAct, TestedDevice};
use shouyin::till::{Command, Devices, Notice};
use std::time::{Duration, Instant};

crate::rules! {
    a_paid_bill_gets_exactly_one_slip_also_after_a_restart,
    a_printer_that_is_away_gets_exactly_the_missing_slips_in_order,
    without_paper_the_slip_waits_and_nothing_is_doubtful,
    a_slip_that_was_lost_midway_waits_for_a_person_and_is_marked,
    what_waits_at_the_end_is_printed_by_the_next_start,
    what_cannot_be_recorded_is_not_printed_and_then_is_once,
    a_printer_that_hangs_for_ever_delays_no_payment,
    the_settings_change_while_slips_wait,
    people_print_what_there_is_and_are_told_what_there_is_not,
    a_refund_and_a_closed_shift_have_their_slips,
    the_drawer_opens_with_a_sale_and_not_with_a_reprint,
    without_auto_nothing_prints_by_itself,
    slips_of_customers_who_left_hours_ago_are_let_go,
    a_manager_tries_the_printer_and_a_slip_is_shown_before_it_is_printed,
}

fn printer(target: String) -> PrinterSettings {
    let settings = Settings::parse(&format!(
        "{}\n[printer]\ntarget = \"{target}\"\n",
        Settings::practice(shouyin::domain::Host("http://127.0.0.1:9".to_owned()))
            .to_toml()
            .unwrap()
    ));
    settings.unwrap().printer.unwrap()
}

/// A shop whose printer this is.
fn shop(paper: &Paper) -> Shop {
    shop_with(paper, |_| {})
}

fn shop_with(paper: &Paper, change: impl FnOnce(&mut PrinterSettings)) -> Shop {
    let mut printer = printer(paper.target());
    change(&mut printer);
    prints(Shop::with(|settings| settings.printer = Some(printer)))
}

/// The same shop, with the printer in use.
fn prints(mut shop: Shop) -> Shop {
    shop.stop();
    shop.devices = Devices {
        printer: true,
        font: Some(shouyin::ui::fonts::regular_ttf),
        ..Devices::default()
    };
    shop.start();
    shop
}

fn paid(shop: &mut Shop, fen: i64) -> BillNo {
    let bill_no = shop.charge(fen, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    bill_no
}

/// Waits until the queue is so.
fn until_queue(shop: &mut Shop, what: &str, fits: impl Fn(&[PrintJob]) -> bool) -> Vec<PrintJob> {
    shop.until(what, |s| fits(&s.print.jobs).then(|| s.print.jobs.clone()))
}

fn until_empty(shop: &mut Shop) {
    shop.settle_commands();
    until_queue(shop, "an empty queue", <[PrintJob]>::is_empty);
}

fn in_state(jobs: &[PrintJob], state: JobState) -> usize {
    jobs.iter().filter(|job| job.state == state).count()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

/// 重打 in GB18030.
const AGAIN: &[u8] = &[0xd6, 0xd8, 0xb4, 0xf2];

/// What came, as which bill and whether marked.
#[track_caller]
fn assert_came(paper: &Paper, expected: &[(&BillNo, bool)]) {
    let jobs = paper.jobs();
    assert_eq!(jobs.len(), expected.len());
    for (job, (bill_no, again)) in jobs.iter().zip(expected) {
        assert!(holds(job, bill_no.as_str().as_bytes()), "{bill_no}");
        assert_eq!(holds(job, AGAIN), *again, "{bill_no}");
    }
}

fn a_paid_bill_gets_exactly_one_slip_also_after_a_restart() {
    let paper = Paper::new(Mode::Works);
    let mut shop = shop(&paper);
    assert!(shop.snapshot().print.there && !shop.snapshot().print.can_again);
    let bill_no = paid(&mut shop, 1_000);
    until_empty(&mut shop);
    assert_came(&paper, &[(&bill_no, false)]);
    assert!(shop.snapshot().print.can_again);
    assert_eq!(shop.snapshot().health.printer, Some(DeviceHealth::Ready));
    shop.send(Command::AskNow(bill_no.clone()));
    shop.stop();
    shop.start();
    shop.send(Command::AskNow(bill_no.clone()));
    // What did not end as paid has none.
    shop.plan(Act::NoMoney, Network::Normal);
    let refused = shop.charge(2_000, Wallet::Alipay);
    shop.until_terminal(&refused);
    let second = paid(&mut shop, 3_000);
    until_empty(&mut shop);
    assert_came(&paper, &[(&bill_no, false), (&second, false)]);
}

fn a_printer_that_is_away_gets_exactly_the_missing_slips_in_order() {
    let mut paper = Paper::new(Mode::Works);
    let mut shop = shop(&paper);
    let first = paid(&mut shop, 1_000);
    until_empty(&mut shop);
    paper.off();
    let second = paid(&mut shop, 2_000);
    let third = paid(&mut shop, 3_000);
    until_queue(&mut shop, "two slips that wait", |jobs| {
        in_state(jobs, JobState::Waiting) == 2
    });
    shop.until("the printer is away", |s| {
        matches!(s.health.printer, Some(DeviceHealth::Gone(_))).then_some(())
    });
    // A newer slip than the last one waits: that is what Ctrl+P means.
    shop.send(Command::PrintLast);
    shop.until_said("it waits", |said| *said == Said::SlipWaits);
    paper.on();
    until_empty(&mut shop);
    assert_came(
        &paper,
        &[(&first, false), (&second, false), (&third, false)],
    );
}

fn without_paper_the_slip_waits_and_nothing_is_doubtful() {
    let paper = Paper::new(Mode::PaperOut);
    let mut shop = shop(&paper);
    let bill_no = paid(&mut shop, 1_000);
    shop.until("no paper", |s| {
        matches!(&s.health.printer, Some(DeviceHealth::Gone(why)) if why.contains('纸'))
            .then_some(())
    });
    until_queue(&mut shop, "it waits", |jobs| {
        in_state(jobs, JobState::Waiting) == 1
    });
    assert_eq!(paper.jobs().len(), 0, "not a byte of it was sent");
    paper.mode(Mode::Works);
    until_empty(&mut shop);
    assert_came(&paper, &[(&bill_no, false)]);
}

fn a_slip_that_was_lost_midway_waits_for_a_person_and_is_marked() {
    let paper = Paper::new(Mode::Breaks(20));
    let mut shop = shop(&paper);
    let first = paid(&mut shop, 1_000);
    let doubtful = until_queue(&mut shop, "a doubtful slip", |jobs| {
        in_state(jobs, JobState::Doubtful) == 1
    });
    let no = doubtful[0].no;
    shop.until_said("it is doubtful", |said| *said == Said::SlipDoubtful(no));
    paper.mode(Mode::Works);
    let second = paid(&mut shop, 2_000);
    until_queue(&mut shop, "the second slip", |jobs| jobs.len() == 1);
    shop.settle_commands();
    // By itself it is never printed again, not even by the next start.
    shop.stop();
    shop.start();
    let third = paid(&mut shop, 3_000);
    until_queue(&mut shop, "the third slip", |jobs| jobs.len() == 1);
    assert_eq!(paper.jobs().len(), 3);
    shop.send(Command::PrintAgain(no));
    until_empty(&mut shop);
    let jobs = paper.jobs();
    assert_eq!(jobs.len(), 4);
    let expected = [(&second, false), (&third, false), (&first, true)];
    for (job, (bill_no, again)) in jobs[1..].iter().zip(expected) {
        assert!(holds(job, bill_no.as_str().as_bytes()));
        assert_eq!(holds(job, AGAIN), again);
    }
    shop.send(Command::PrintAgain(no));
    shop.until_said("it is over", |said| *said == Said::NothingPrinted);
}

fn what_waits_at_the_end_is_printed_by_the_next_start() {
    let mut paper = Paper::new(Mode::Works);
    paper.off();
    let mut shop = shop(&paper);
    let bill_no = paid(&mut shop, 1_000);
    until_queue(&mut shop, "it waits", |jobs| {
        in_state(jobs, JobState::Waiting) == 1
    });
    shop.stop();
    paper.on();
    shop.start();
    until_empty(&mut shop);
    assert_came(&paper, &[(&bill_no, false)]);
}

fn what_cannot_be_recorded_is_not_printed_and_then_is_once() {
    let paper = Paper::new(Mode::Works);
    let mut shop = shop(&paper);
    let bill_no = shop.charge_qr(1_000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Awaiting);
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    shop.pay_now(&bill_no);
    shop.until("it is paid and not recorded", |s| {
        s.to_do.iter().any(|b| b.unrecorded).then_some(())
    });
    shop.send(Command::Print(Printed::Sale(bill_no.clone())));
    shop.until_said("it has no slip", |said| *said == Said::NoSlip);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(paper.jobs().len(), 0);
    shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
    shop.until_state(&bill_no, State::Paid);
    until_empty(&mut shop);
    shop.until("one slip", |s| s.print.can_again.then_some(()));
    assert_came(&paper, &[(&bill_no, false)]);
}

fn a_printer_that_hangs_for_ever_delays_no_payment() {
    let paper = Paper::new(Mode::Hangs);
    let mut shop = shop(&paper);
    let mut took = Vec::new();
    for n in 1..=6 {
        let began = Instant::now();
        paid(&mut shop, 1_000 + n);
        took.push(began.elapsed());
    }
    // The first slip hangs in the printer all the while.
    let jobs = shop.snapshot().print.jobs.clone();
    assert_eq!(in_state(&jobs, JobState::Waiting), 5, "{jobs:?}");
    assert!(
        took.iter().all(|took| *took < Duration::from_secs(5)),
        "{took:?}"
    );
    let began = Instant::now();
    shop.stop();
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "the end is bounded"
    );
    paper.mode(Mode::Works);
    shop.start();
    let jobs = until_queue(&mut shop, "the five that waited are out", |jobs| {
        jobs.len() == 1
    });
    assert_eq!(in_state(&jobs, JobState::Doubtful), 1, "{jobs:?}");
    assert_eq!(paper.jobs().len(), 6);
}

fn set(shop: &Shop, key: &str, value: &str) -> Result<(), Said> {
    let change = SettingChange {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let changed = shop.till().change_settings(vec![change]);
    shop.runtime.block_on(changed)
}

fn the_settings_change_while_slips_wait() {
    let mut old = Paper::new(Mode::Works);
    old.off();
    let new = Paper::new(Mode::Works);
    let target = printer(old.target());
    let mut shop = prints(Shop::desk(|settings| settings.printer = Some(target)));
    shop.sign_in("2001");
    let first = paid(&mut shop, 1_000);
    until_queue(&mut shop, "it waits", |jobs| {
        in_state(jobs, JobState::Waiting) == 1
    });
    // Without a printer it stays, and nothing more is made.
    set(&shop, "printer.target", "").unwrap();
    shop.until("no printer", |s| (!s.print.there).then_some(()));
    assert_eq!(shop.snapshot().print.jobs.len(), 1);
    assert_eq!(shop.snapshot().health.printer, None);
    let second = paid(&mut shop, 2_000);
    shop.send(Command::Print(Printed::Sale(second.clone())));
    shop.until_said("no printer", |said| *said == Said::NoPrinter);
    // What waited goes to the new one.
    set(&shop, "printer.target", &new.target()).unwrap();
    until_empty(&mut shop);
    assert_came(&new, &[(&first, false)]);
    assert_eq!(old.jobs().len(), 0);
    shop.send(Command::Print(Printed::Sale(second.clone())));
    until_empty(&mut shop);
    assert_came(&new, &[(&first, false), (&second, false)]);
}

fn people_print_what_there_is_and_are_told_what_there_is_not() {
    let mut paper = Paper::new(Mode::Works);
    let mut shop = shop(&paper);
    shop.send(Command::PrintLast);
    shop.until_said("nothing yet", |said| *said == Said::NothingPrinted);
    shop.plan(Act::NoMoney, Network::Normal);
    let refused = shop.charge(1_000, Wallet::Alipay);
    shop.until_terminal(&refused);
    shop.send(Command::Print(Printed::Sale(refused)));
    shop.until_said("not paid", |said| *said == Said::NoSlip);
    shop.send(Command::Print(Printed::Shift(9)));
    shop.until_said("no such shift", |said| *said == Said::NoSlip);
    let bill_no = paid(&mut shop, 2_000);
    until_empty(&mut shop);
    shop.send(Command::PrintLast);
    until_empty(&mut shop);
    shop.send(Command::Print(Printed::Sale(bill_no.clone())));
    until_empty(&mut shop);
    assert_came(
        &paper,
        &[(&bill_no, false), (&bill_no, true), (&bill_no, true)],
    );
    paper.off();
    shop.send(Command::PrintLast);
    // The device says that it is away before it says that the job was not begun.
    let waits = shop.until("it waits, the printer is away", |s| {
        let away = matches!(s.health.printer, Some(DeviceHealth::Gone(_)));
        let waits = in_state(&s.print.jobs, JobState::Waiting) == 1;
        (away && waits).then(|| s.print.jobs.clone())
    });
    assert_eq!((waits[0].by.as_str(), waits[0].again), ("1001", true));
    // Asked for twice, it waits once.
    shop.send(Command::Print(Printed::Sale(bill_no)));
    shop.until_said("it waits", |said| *said == Said::SlipWaits);
    assert_eq!(shop.snapshot().print.jobs.len(), 1);
    shop.send(Command::PrintDrop(waits[0].no));
    until_empty(&mut shop);
    shop.send(Command::Lock);
    shop.send(Command::PrintLast);
    shop.until_said("locked", |said| *said == Said::Locked);
}

fn a_refund_and_a_closed_shift_have_their_slips() {
    let paper = Paper::new(Mode::Works);
    let target = printer(paper.target());
    let mut shop = prints(Shop::desk(|settings| settings.printer = Some(target)));
    shop.sign_in("2001");
    let bill_no = paid(&mut shop, 1_000);
    let refund_no = order(&shop, &bill_no, 400).unwrap();
    until_state(&mut shop, &refund_no, RefundState::Succeeded);
    until_empty(&mut shop);
    let close = ShiftAct::Close {
        counted: Fen(0),
        exception: None,
    };
    let closed = shop.till().shift(close);
    let shift = shop.runtime.block_on(closed).unwrap();
    until_empty(&mut shop);
    let jobs = paper.jobs();
    assert_eq!(jobs.len(), 3);
    assert!(holds(&jobs[1], refund_no.as_str().as_bytes()));
    // 交班 in GB18030.
    assert!(holds(&jobs[2], &[0xbd, 0xbb, 0xb0, 0xe0]));
    // All three again, marked.
    for what in [
        Printed::Sale(bill_no),
        Printed::Refund(refund_no),
        Printed::Shift(shift.no),
    ] {
        shop.send(Command::Print(what));
        until_empty(&mut shop);
    }
    let jobs = paper.jobs();
    assert_eq!(jobs.len(), 6);
    assert!(jobs[..3].iter().all(|job| !holds(job, AGAIN)));
    assert!(jobs[3..].iter().all(|job| holds(job, AGAIN)));
}

fn the_drawer_opens_with_a_sale_and_not_with_a_reprint() {
    let paper = Paper::new(Mode::Works);
    let mut shop = shop_with(&paper, |printer| printer.drawer = true);
    paid(&mut shop, 1_000);
    until_empty(&mut shop);
    shop.send(Command::PrintLast);
    until_empty(&mut shop);
    let opens: Vec<bool> = paper
        .jobs()
        .iter()
        .map(|job| holds(job, &[0x1b, b'p', 0]))
        .collect();
    assert_eq!(opens, [true, false]);
}

fn without_auto_nothing_prints_by_itself() {
    let paper = Paper::new(Mode::Works);
    let mut shop = shop_with(&paper, |printer| printer.auto = false);
    let bill_no = paid(&mut shop, 1_000);
    until_empty(&mut shop);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(paper.jobs().len(), 0);
    shop.send(Command::Print(Printed::Sale(bill_no.clone())));
    until_empty(&mut shop);
    assert_came(&paper, &[(&bill_no, false)]);
}

fn slips_of_customers_who_left_hours_ago_are_let_go() {
    let mut paper = Paper::new(Mode::Works);
    paper.off();
    let mut shop = shop(&paper);
    let old = paid(&mut shop, 1_000);
    until_queue(&mut shop, "it waits", |jobs| {
        in_state(jobs, JobState::Waiting) == 1
    });
    shop.till().skip_time(3 * 3_600_000);
    let young = paid(&mut shop, 2_000);
    until_queue(&mut shop, "the young one", |jobs| {
        jobs.len() == 1 && jobs[0].what == Printed::Sale(young.clone())
    });
    paper.on();
    until_empty(&mut shop);
    assert_came(&paper, &[(&young, false)]);
    // It was never printed, so that a person's is no 重打.
    shop.send(Command::Print(Printed::Sale(old.clone())));
    until_empty(&mut shop);
    assert_came(&paper, &[(&young, false), (&old, false)]);
}

fn a_manager_tries_the_printer_and_a_slip_is_shown_before_it_is_printed() {
    let mut paper = Paper::new(Mode::Works);
    let target = printer(paper.target());
    let mut shop = prints(Shop::desk(|settings| settings.printer = Some(target)));
    let tried = |shop: &Shop, device| {
        let tried = shop.till().test_device(device);
        shop.runtime.block_on(tried)
    };
    let shown = |shop: &Shop, bill_no: &BillNo| {
        let shown = shop.till().slip(Printed::Sale(bill_no.clone()));
        shop.runtime.block_on(shown)
    };
    assert_eq!(tried(&shop, TestedDevice::Printer), Err(Said::Locked));
    shop.sign_in("2001");
    assert_eq!(tried(&shop, TestedDevice::Printer), Ok(()));
    assert_eq!(tried(&shop, TestedDevice::Drawer), Ok(()));
    let jobs = paper.jobs();
    assert_eq!(jobs.len(), 2);
    assert!(holds(&jobs[1], &[0x1b, b'p', 0]));
    assert_eq!(shop.snapshot().print.jobs, [], "beside the queue");
    let bill_no = paid(&mut shop, 1_000);
    until_empty(&mut shop);
    let picture = shown(&shop, &bill_no).unwrap();
    assert_eq!(picture.dots.len(), picture.width * picture.height);
    assert!(picture.width == 384 && picture.height > 300);
    assert!(picture.dots.iter().any(|dot| *dot));
    let nobody = BillNo::parse("2026112001999999ABCD0001").unwrap();
    assert_eq!(shown(&shop, &nobody), Err(Said::NoSlip));
    paper.off();
    let away = tried(&shop, TestedDevice::Printer);
    assert!(matches!(away, Err(Said::DeviceAway(_))), "{away:?}");
    let said = |n: &&Notice| matches!(n, Notice::Said(Said::SlipDoubtful(_)));
    assert_eq!(shop.heard().iter().filter(said).count(), 0);
}
