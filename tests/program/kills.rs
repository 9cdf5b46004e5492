//! `kill -9` of the real program between every two steps of a payment, and at random moments.
//! After each, `settle` must bring its ledger to what the gateway's own ledger says.

use crate::foreign::{Customer, Foreign, Play, Send};
use crate::shop::{Done, PATIENT, QUICK, Shop, ali_code, signal};
use std::time::Duration;

/// Where in the handling of the k-th request the program dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// The request got lost with it.
    BeforeLost,
    /// The gateway acts on the request, nobody hears the answer.
    BeforeActed,
    /// The answer is on its way.
    AfterAnswer,
}

impl Death {
    const ALL: [Death; 3] = [Death::BeforeLost, Death::BeforeActed, Death::AfterAnswer];

    fn play(self) -> Play {
        let honest = Play::honest();
        match self {
            Death::BeforeLost => Play {
                kill_before: true,
                act: false,
                send: Send::Close,
                ..honest
            },
            Death::BeforeActed => Play {
                kill_before: true,
                send: Send::Close,
                ..honest
            },
            Death::AfterAnswer => Play {
                send: Send::AnswerThenKill,
                ..honest
            },
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum How {
    Code,
    Qr,
}

/// More requests than any of these payments makes.
const MOST: usize = 30;

fn pay(shop: &Shop, foreign: &Foreign, how: How, amount: &str) -> Done {
    foreign.victim(None);
    let running = match how {
        How::Code => shop.paying(amount, &ali_code(), &[]),
        How::Qr => shop.start(&["pay", "--amount", amount, "--qr", "ali", "--json"], None),
    };
    foreign.victim(Some(running.pid()));
    shop.finish(running)
}

/// What the two ledgers must agree on. Open bills are allowed only before `settle`.
#[track_caller]
fn assert_agreement(shop: &Shop, foreign: &Foreign, settled: bool, when: &str) {
    for bill in shop.bills() {
        let (no, state) = (
            bill["bill_no"].as_str().unwrap(),
            bill["state"].as_str().unwrap(),
        );
        let there = foreign.bill(no);
        let held = there.as_ref().is_some_and(|t| t.holds_money());
        let context = format!("{when}\nhere: {bill}\nthere: {there:?}");
        match state {
            "paid" => assert!(held, "paid here, no money there: {context}"),
            "reverted" => {
                let there = there.expect("reverted here, unknown there");
                assert!(there.reverted && !held, "reverted only here: {context}");
                assert_eq!(
                    bill["returned"], there.paid,
                    "returned is what was paid: {context}"
                );
            }
            "refused" | "not_sent" | "expired" => {
                assert!(
                    !held,
                    "shown as not charged, and the money is there: {context}"
                );
            }
            open => assert!(!settled, "still {open}: {context}"),
        }
        assert!(
            bill["incident"].is_null(),
            "an incident out of nothing: {context}"
        );
    }
    foreign.assert_treated_well();
    shop.assert_chain();
}

fn kill_at_every_request(death: Death, how: How, customer: Customer) {
    let foreign = Foreign::start();
    foreign.world().customer = customer;
    let shop = Shop::new(&foreign, QUICK);
    for k in 1..=MOST {
        let when = format!("killed {death:?} of request {k}, {how:?}, {customer:?}");
        foreign.world().script(move |call| {
            if call.nth == k {
                death.play()
            } else {
                Play::honest()
            }
        });
        let done = pay(&shop, &foreign, how, &format!("{k}.00"));
        foreign.world().honest();
        if done.code.is_some() && k == 1 {
            panic!("the first request never came: {done:?}");
        }
        assert_agreement(&shop, &foreign, false, &when);
        if foreign.world().calls.len() < k {
            // It ended by itself before its k-th request: nothing is left to kill.
            assert!(done.code.is_some(), "{when}: {done:?}");
        }
        let settled = shop.settle();
        assert!(matches!(settled.code, Some(0)), "{when}: {settled:?}");
        assert_agreement(&shop, &foreign, true, &when);
        if done.code.is_some() {
            assert!(k > 2, "{when}: it was killed twice at least");
            return;
        }
    }
    panic!("{how:?} {customer:?} never ended within {MOST} requests");
}

/// All of these at the same time: they mostly wait.
fn at_once(jobs: Vec<(Death, How, Customer)>) {
    std::thread::scope(|scope| {
        let running: Vec<_> = jobs
            .into_iter()
            .map(|(death, how, customer)| {
                scope.spawn(move || kill_at_every_request(death, how, customer))
            })
            .collect();
        for job in running {
            if let Err(panic) = job.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

#[test]
fn killed_at_any_request_settle_finds_what_the_gateway_knows() {
    let mut jobs = Vec::new();
    for death in Death::ALL {
        jobs.push((death, How::Code, Customer::AtOnce));
        jobs.push((death, How::Code, Customer::AtStatus(2)));
        jobs.push((death, How::Code, Customer::Never));
        jobs.push((death, How::Code, Customer::NoMoney));
        jobs.push((death, How::Qr, Customer::AtStatus(3)));
    }
    at_once(jobs);
}

#[test]
fn killed_at_random_moments_settle_finds_what_the_gateway_knows() {
    const SEED: u64 = 20_261_120;
    let customers = [Customer::AtStatus(2), Customer::Never, Customer::AtOnce];
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..3_u64)
            .map(|lane| scope.spawn(move || kill_at_random(SEED + lane, &customers, 5)))
            .collect();
        for job in jobs {
            if let Err(panic) = job.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

fn kill_at_random(seed: u64, customers: &[Customer], times: usize) {
    let foreign = Foreign::start();
    let shop = Shop::new(&foreign, QUICK);
    let mut random = seed;
    for turn in 0..times {
        let customer = customers[turn % customers.len()];
        foreign.world().customer = customer;
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let after = Duration::from_millis((random >> 33) % 2_500);
        let running = shop.paying(&format!("{}.50", turn + 1), &ali_code(), &[]);
        std::thread::sleep(after);
        signal(running.pid(), "KILL");
        let done = shop.finish(running);
        let when =
            format!("seed {seed}, turn {turn}, {customer:?}, killed after {after:?}: {done:?}");
        assert_agreement(&shop, &foreign, false, &when);
        assert_eq!(shop.settle().code, Some(0), "{when}");
        assert_agreement(&shop, &foreign, true, &when);
    }
}

#[test]
fn killed_while_the_customer_types_the_password_settle_ends_as_paid() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Password(Duration::from_millis(1500));
    let shop = Shop::new(&foreign, PATIENT);
    let running = shop.paying("12.34", &ali_code(), &[]);
    running.until("\"awaiting\"");
    signal(running.pid(), "KILL");
    let done = shop.finish(running);
    assert_eq!(done.code, None);
    assert_eq!(shop.bills()[0]["state"], "awaiting");
    shop.settle().exits(0).silent();
    let bill = &shop.bills()[0];
    assert_eq!(
        (bill["state"].as_str(), bill["amount"].as_i64()),
        (Some("paid"), Some(1234))
    );
    assert_agreement(&shop, &foreign, true, "password");
    assert_eq!(foreign.world().ops(crate::foreign::Op::Pay), 1);
}

#[test]
fn settle_killed_at_any_request_loses_nothing() {
    let foreign = Foreign::start();
    foreign.world().customer = Customer::Never;
    let shop = Shop::new(&foreign, QUICK);
    // A pay whose answer is lost with its process …
    foreign.world().script(|_| Death::BeforeActed.play());
    assert_eq!(pay(&shop, &foreign, How::Code, "3.00").code, None);
    // … and settle killed again and again on its way to the end.
    for k in 1..=MOST {
        foreign.world().script(move |call| {
            if call.nth == k {
                Death::BeforeActed.play()
            } else {
                Play::honest()
            }
        });
        foreign.victim(None);
        let running = shop.start(&["settle", "--for", "60"], None);
        foreign.victim(Some(running.pid()));
        let done = shop.finish(running);
        assert_agreement(
            &shop,
            &foreign,
            done.code.is_some(),
            &format!("settle killed at {k}"),
        );
        if let Some(code) = done.code {
            assert_eq!(code, 0, "{done:?}");
            return;
        }
    }
    panic!("settle never ended");
}
