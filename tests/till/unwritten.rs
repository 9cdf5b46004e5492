//! The ledger stops taking writes at every step of a payment, and takes them again or the program
//! ends: the money's fate is found, pay is sent once, and an end is announced once (I2, I4, I7).

use crate::harness::{Shop, assert_proven};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{BillNo, State, Wallet};
use shouyin::till::{Command, Notice};

crate::rules! {
    a_lost_answer_is_found_when_the_disk_fails_at_any_step_and_comes_back,
    a_cancel_is_undone_when_the_disk_fails_at_any_step_and_comes_back,
    a_lost_answer_is_found_when_the_disk_fails_at_any_step_and_the_program_ends,
    a_cancel_is_undone_when_the_disk_fails_at_any_step_and_the_program_ends,
    a_till_with_nothing_to_do_does_nothing,
}

/// What happens to the bill.
#[derive(Debug, Clone, Copy)]
enum Story {
    /// The answer is lost and the customer has paid.
    PaidButLost,
    /// The cashier cancels.
    Cancelled,
}

/// Starts the story; from the `step`th change on nothing can be written.
fn until_step(shop: &mut Shop, story: Story, step: usize) -> BillNo {
    match story {
        Story::PaidButLost => shop.plan(Act::Pay, Network::LoseAnswer),
        Story::Cancelled => shop.plan(Act::Never, Network::Normal),
    }
    let bill_no = shop.charge(1000, Wallet::Alipay);
    if let Story::Cancelled = story {
        shop.send(Command::Cancel(bill_no.clone()));
    }
    let changes = |shop: &mut Shop| {
        let changed = |n: &&Notice| matches!(n, Notice::Changed(b) if b.bill_no == bill_no);
        shop.heard().iter().filter(changed).count()
    };
    while changes(shop) < step && !shop.bill(&bill_no).state.is_terminal() {
        std::thread::yield_now();
    }
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    bill_no
}

fn ends_as_the_gateway_says(shop: &mut Shop, bill_no: &BillNo) -> State {
    let bill = shop.until_terminal(bill_no);
    assert_proven(&bill);
    let truth = shop.truth(bill_no);
    assert_eq!(
        bill.state == State::Paid,
        truth.kept(),
        "{bill:#?} {truth:#?}"
    );
    assert!(!truth.payable_now);
    assert_eq!(shop.arrived(), 1);
    bill.state
}

fn the_disk_comes_back(story: Story) {
    for step in 1..=6 {
        let mut shop = Shop::open();
        let bill_no = until_step(&mut shop, story, step);
        shop.until("trouble, or nothing left to write", |s| {
            let over = s
                .latest
                .iter()
                .any(|b| b.bill_no == bill_no && b.look.is_none());
            (s.health.ledger.is_some() || over).then_some(())
        });
        shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
        let state = ends_as_the_gateway_says(&mut shop, &bill_no);
        shop.settle_commands();
        assert_eq!(shop.announced(&bill_no, state).len(), 1, "{story:?} {step}");
        shop.until("all is well", |s| s.health.ledger.is_none().then_some(()));
    }
}

fn the_program_ends(story: Story) {
    for step in 1..=6 {
        let mut shop = Shop::open();
        let bill_no = until_step(&mut shop, story, step);
        shop.until("trouble, or nothing left to write", |s| {
            let over = s
                .latest
                .iter()
                .any(|b| b.bill_no == bill_no && b.look.is_none());
            (s.health.ledger.is_some() || over).then_some(())
        });
        shop.stop();
        shop.start();
        ends_as_the_gateway_says(&mut shop, &bill_no);
    }
}

fn a_lost_answer_is_found_when_the_disk_fails_at_any_step_and_comes_back() {
    the_disk_comes_back(Story::PaidButLost);
}

fn a_cancel_is_undone_when_the_disk_fails_at_any_step_and_comes_back() {
    the_disk_comes_back(Story::Cancelled);
}

fn a_lost_answer_is_found_when_the_disk_fails_at_any_step_and_the_program_ends() {
    the_program_ends(Story::PaidButLost);
}

fn a_cancel_is_undone_when_the_disk_fails_at_any_step_and_the_program_ends() {
    the_program_ends(Story::Cancelled);
}

fn a_till_with_nothing_to_do_does_nothing() {
    let mut shop = Shop::open();
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_bill(&bill_no, "the row read", |b| {
        b.look.is_none() && b.state == State::Paid
    });
    shop.settle_commands();
    // What the sale still set off (a connection opened ahead, its last wake-up) may come late on a
    // busy machine; then there must be silence.
    let quiet = (0..8).any(|_| {
        let seq = shop.snapshot().seq;
        std::thread::sleep(std::time::Duration::from_millis(700));
        shop.snapshot().seq == seq
    });
    assert!(quiet, "it never rests");
    // A bill that is watched in rounds of seconds does not spin either.
    let bill_no = shop.charge_qr(2000, Wallet::Wechat);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_state(&bill_no, State::Watching);
    shop.settle_commands();
    let seq = shop.snapshot().seq;
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert!(shop.snapshot().seq - seq < 20);
}
