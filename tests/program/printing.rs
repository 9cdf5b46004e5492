//! Receipts as a new user gets them: a till provisioned with a network printer, `pay`, and what
//! arrived at the printer read by a reader that shares nothing with the program. Then the printer
//! is pulled, breaks, hangs, and the program is killed: what is printed is each slip once.

use crate::paper::{Mode, Paper};
use crate::reader::{self, Item};
use crate::shop::{Done, MANAGER_PIN, PATIENT, Shop, Simulator, ali_code, signal, toml};
use shouyin::domain::print::{JobState, PrintJob, Printed};
use shouyin::ledger::Reader;
use std::time::{Duration, Instant};

/// A shop whose gateway is the simulator and whose printer is on loopback.
fn shop(simulator: &Simulator, paper: &Paper) -> Shop {
    let shop = Shop::bare();
    let toml = format!(
        "{}\n[printer]\ntarget = \"{}\"\nwidth_mm = 58\n",
        toml(&simulator.url, PATIENT),
        paper.target()
    );
    shop.setup(&toml).exits(0).silent();
    shop
}

/// Pays; gives the bill.
#[track_caller]
fn pay(shop: &Shop, amount: &str) -> String {
    let done = shop.pay(amount, &ali_code(), &[]).exits(0).silent();
    assert_eq!(done.states(), ["sent", "paid"]);
    number_of(&done)
}

fn number_of(done: &Done) -> String {
    done.last()["bill_no"].as_str().unwrap().to_owned()
}

/// What waits, is being sent, or is doubtful.
fn queue(shop: &Shop) -> Vec<PrintJob> {
    let reader = Reader::open(&shop.dir.join("ledger.db")).unwrap();
    reader.books().print_jobs_open().unwrap()
}

/// The slips that arrived, whole: their lines, and the number in bars and QR.
#[track_caller]
fn slips(paper: &Paper) -> Vec<(Vec<String>, String)> {
    let jobs = paper.jobs();
    jobs.iter()
        .map(|bytes| {
            let items = reader::read(bytes, 32).unwrap();
            let bars = items.iter().find_map(|item| match item {
                Item::Bars { text, .. } => Some(text.clone()),
                _ => None,
            });
            let qr = items.iter().find_map(|item| match item {
                Item::Qr { text, .. } => Some(text.clone()),
                _ => None,
            });
            // Narrow paper has room for the number's end only.
            let (bars, qr) = (bars.unwrap_or_default(), qr.unwrap_or_default());
            assert!(qr.ends_with(&bars), "{qr:?} {bars:?}");
            (reader::texts(&items), qr)
        })
        .collect()
}

/// Exactly these bills' slips arrived, in this order.
#[track_caller]
fn assert_printed(paper: &Paper, bills: &[&String]) {
    let numbers: Vec<String> = slips(paper).into_iter().map(|(_, no)| no).collect();
    assert_eq!(numbers.iter().collect::<Vec<_>>(), bills);
}

#[test]
fn a_pulled_printer_gets_exactly_the_missing_slip_when_it_is_back() {
    let simulator = Simulator::start(&["--customer", "at-once"]);
    let mut paper = Paper::new(Mode::Works);
    let shop = shop(&simulator, &paper);
    let first = pay(&shop, "12.34");
    assert_printed(&paper, &[&first]);
    let (lines, _) = slips(&paper).remove(0);
    let text = lines.join("\n");
    for part in ["示例便利店", "12.34", "支付宝"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains("重打"), "{text}");
    // Pulled: paying is as before, and not slow.
    paper.off();
    let began = Instant::now();
    let second = pay(&shop, "5.00");
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(queue(&shop).len(), 1);
    // Back: exactly the missing one, once.
    paper.on();
    shop.settle().exits(0).silent();
    assert_printed(&paper, &[&first, &second]);
    assert_eq!(queue(&shop), []);
    shop.settle().exits(0).silent();
    assert_printed(&paper, &[&first, &second]);
    // Or the next payment brings it, before its own.
    paper.off();
    let third = pay(&shop, "6.00");
    paper.on();
    let fourth = pay(&shop, "7.00");
    shop.settle().exits(0);
    assert_printed(&paper, &[&first, &second, &third, &fourth]);
    shop.assert_chain();
}

#[test]
fn a_refund_has_its_slip() {
    let simulator = Simulator::start(&["--customer", "at-once"]);
    let paper = Paper::new(Mode::Works);
    let shop = shop(&simulator, &paper);
    let bill_no = pay(&shop, "10.00");
    let args = [
        "refund",
        "--bill-no",
        &bill_no,
        "--amount",
        "4.00",
        "--approver",
        "2001",
        "--json",
    ];
    let done = shop.run_with(&args, &format!("{MANAGER_PIN}\n")).exits(0);
    assert_eq!(done.last()["state"], "succeeded");
    let slips = slips(&paper);
    assert_eq!(slips.len(), 2);
    let text = slips[1].0.join("\n");
    assert!(text.contains("退款") && text.contains("4.00"), "{text}");
    let refund_no = done.last()["refund_no"].as_str().unwrap().to_owned();
    assert!(text.contains(&refund_no[refund_no.len() - 6..]), "{text}");
}

#[test]
fn killed_while_a_slip_is_printed_it_is_never_printed_by_itself_again() {
    let simulator = Simulator::start(&["--customer", "at-once"]);
    let paper = Paper::new(Mode::Hangs);
    let shop = shop(&simulator, &paper);
    let running = shop.paying("9.00", &ali_code(), &[]);
    let out = running.until("\"paid\"");
    assert!(out.contains("\"sent\""));
    let until = Instant::now() + Duration::from_secs(60);
    let is_sending = |jobs: &[PrintJob]| jobs.iter().any(|j| j.state == JobState::Sending);
    while !is_sending(&queue(&shop)) {
        assert!(Instant::now() < until, "it was never sent");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(running.pid(), "KILL");
    let done = shop.finish(running);
    assert_eq!(done.code, None, "killed: {done:?}");
    paper.mode(Mode::Works);
    shop.settle().exits(0).silent();
    let next = pay(&shop, "8.00");
    let jobs = queue(&shop);
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    assert_eq!(jobs[0].state, JobState::Doubtful);
    // At most once the doubtful one (its bytes may have arrived), and then only the next.
    let count = |part: &str| {
        let jobs = paper.jobs();
        let holds = |job: &&Vec<u8>| job.windows(part.len()).any(|w| w == part.as_bytes());
        jobs.iter().filter(holds).count()
    };
    let Printed::Sale(killed) = &jobs[0].what else {
        panic!("{jobs:?}");
    };
    assert_eq!(count(&next), 1);
    assert!(
        count(killed.as_str()) <= 1,
        "the doubtful one was printed again"
    );
    shop.assert_chain();
}

#[test]
fn a_printer_that_hangs_or_breaks_changes_no_exit_code_and_ends_in_time() {
    let simulator = Simulator::start(&["--customer", "at-once"]);
    for mode in [Mode::Hangs, Mode::Breaks(30), Mode::PaperOut] {
        let paper = Paper::new(mode);
        let shop = shop(&simulator, &paper);
        let began = Instant::now();
        pay(&shop, "3.00");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(15), "{mode:?} {took:?}");
        let jobs = queue(&shop);
        assert_eq!(jobs.len(), 1, "{mode:?} {jobs:?}");
        let expected = match mode {
            Mode::PaperOut => JobState::Waiting,
            _ => JobState::Doubtful,
        };
        assert_eq!(jobs[0].state, expected, "{mode:?}");
        shop.assert_chain();
    }
}
