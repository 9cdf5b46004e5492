//! The program ends at any moment and starts again (FATE: after a crash; 6, 16, 19).

use crate::harness::{Shop, assert_proven, is_listed};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{State, Wallet};
use shouyin::simulator::{RevertFault, Transport};
use shouyin::till::service::Said;
use shouyin::till::{Command, OpenError};

crate::rules! {
    a_second_till_on_the_same_directory_says_so_and_ends,
    what_is_open_is_listed_in_the_first_snapshot_and_ends_by_itself,
    a_pay_under_way_at_the_end_goes_on_as_lost,
    a_bill_being_closed_is_closed_after_a_restart,
    a_claimed_revert_is_verified_after_a_restart_and_again_after_the_next,
    a_watched_bill_is_watched_after_a_restart,
    a_code_that_was_used_is_recognised_after_a_restart,
    ended_bills_stay_as_they_are_after_a_restart_and_nothing_is_left_to_settle,
}

fn a_second_till_on_the_same_directory_says_so_and_ends() {
    let mut shop = Shop::open();
    assert!(matches!(shop.try_open(), Err(OpenError::Taken(_))));
    shop.stop();
    assert!(shop.try_open().is_ok());
}

fn what_is_open_is_listed_in_the_first_snapshot_and_ends_by_itself() {
    for act in [Act::Password, Act::Never] {
        let mut shop = Shop::open();
        shop.plan(act, Network::Normal);
        let bill_no = shop.charge(1000, Wallet::Alipay);
        shop.until_state(&bill_no, State::Awaiting);
        shop.stop();
        if act == Act::Password {
            shop.pay_now(&bill_no);
        }
        shop.start();
        let first = shop.snapshot();
        assert!(
            is_listed(&first.in_progress, &bill_no) || is_listed(&first.to_do, &bill_no),
            "{first:#?}"
        );
        // Nothing is waited for: the next customer pays meanwhile.
        let next = shop.charge(2000, Wallet::Wechat);
        shop.until_state(&next, State::Paid);
        let bill = shop.until_terminal(&bill_no);
        assert_proven(&bill);
        let truth = shop.truth(&bill_no);
        assert_eq!(bill.state == State::Paid, truth.kept());
        if bill.state == State::Paid {
            assert!(bill.late, "by recovery");
            assert_eq!(shop.announced(&bill_no, State::Paid), [false], "前一笔");
        }
    }
}

fn a_pay_under_way_at_the_end_goes_on_as_lost() {
    for network in [Network::LoseAnswer, Network::Slow, Network::LoseRequest] {
        let mut shop = Shop::open();
        shop.plan(Act::Pay, network);
        if network == Network::LoseRequest {
            // It hangs: nothing comes back before the program ends.
            let plan = shouyin::simulator::Plan {
                network: Some(Transport::ActLater { ms: 300 }),
                ..Default::default()
            };
            shop.sim.core().plan(None, plan);
        }
        let bill_no = shop.charge(1000, Wallet::Alipay);
        shop.stop();
        shop.start();
        let bill = shop.until_terminal(&bill_no);
        assert_proven(&bill);
        let truth = shop.truth(&bill_no);
        assert_eq!(bill.state == State::Paid, truth.kept(), "{bill:#?}");
        assert!(shop.arrived() <= 1, "sent at most once");
    }
}

fn a_bill_being_closed_is_closed_after_a_restart() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Never, Network::Normal, |f| {
        f.revert_transport = Transport::LoseRequest;
    });
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_bill(&bill_no, "a revert without an answer", |b| {
        b.reverts.is_some()
    });
    shop.stop();
    shop.faults(&bill_no, |f| f.revert_transport = Transport::Normal);
    shop.start();
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(bill.state, State::Reverted);
    assert!(shop.truth(&bill_no).reverted_at.is_some());
}

fn a_claimed_revert_is_verified_after_a_restart_and_again_after_the_next() {
    let mut shop = Shop::open();
    shop.plan_faults(Act::Never, Network::Normal, |f| {
        f.revert = RevertFault::ActsLater { ms: 4_000 };
    });
    let bill_no = shop.charge(1000, Wallet::Wechat);
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_bill(&bill_no, "a claim", |b| {
        b.reverts.is_some_and(|r| r.claimed)
    });
    for _ in 0..2 {
        shop.stop();
        shop.start();
        shop.until("it is listed", |s| {
            is_listed(&s.to_do, &bill_no).then_some(())
        });
    }
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(bill.state, State::Reverted);
}

fn a_watched_bill_is_watched_after_a_restart() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::Normal);
    let bill_no = shop.charge_qr(1000, Wallet::Wechat);
    shop.until_bill(&bill_no, "the code shown", |b| b.qr.was_shown());
    shop.send(Command::Cancel(bill_no.clone()));
    shop.until_state(&bill_no, State::Watching);
    shop.stop();
    shop.start();
    assert!(is_listed(&shop.snapshot().to_do, &bill_no));
    shop.pay_now(&bill_no);
    let bill = shop.until_terminal(&bill_no);
    assert!(bill.state == State::Paid && bill.late);
    shop.until("on the to-do list until handed over", |s| {
        s.to_do
            .iter()
            .find(|b| b.bill_no == bill_no && b.late)
            .map(|_| ())
    });
    shop.send(Command::HandedOver(bill_no.clone()));
    shop.until_said("recorded", |s| {
        *s == Said::HandedOverRecorded(bill_no.clone())
    });
    shop.until("off the list", |s| {
        (!is_listed(&s.to_do, &bill_no)).then_some(())
    });
    shop.stop();
    shop.start();
    assert!(!is_listed(&shop.snapshot().to_do, &bill_no));
}

fn a_code_that_was_used_is_recognised_after_a_restart() {
    for (act, end) in [(Act::Pay, State::Paid), (Act::Never, State::Reverted)] {
        let mut shop = Shop::open();
        shop.plan(act, Network::Normal);
        let text = shop.fresh_code(Wallet::Alipay);
        let bill_no = shop.staging(|s| s.scan(&text, Some(1000)));
        shop.until_state(&bill_no, end);
        shop.stop();
        shop.start();
        shop.scan(&text, Some(3000));
        shop.until_said("it was used", |s| *s == Said::CodeUsed(bill_no.clone()));
        assert_eq!(shop.arrived(), 1);
    }
}

fn ended_bills_stay_as_they_are_after_a_restart_and_nothing_is_left_to_settle() {
    let mut shop = Shop::open();
    let mut ended = Vec::new();
    for act in [Act::Pay, Act::NoMoney, Act::Never] {
        shop.plan(act, Network::Normal);
        let bill_no = shop.charge(1000 + ended.len() as i64, Wallet::Wechat);
        let bill = shop.until_bill(&bill_no, "an end without a look", |b| {
            b.state.is_terminal() && b.look.is_none()
        });
        ended.push(bill);
        shop.send(Command::ServeNext);
    }
    shop.stop();
    shop.start();
    assert_eq!(shop.till().pending(), 0);
    let first = shop.snapshot();
    assert_eq!((first.today.count, first.today.sum.0), (1, 1000));
    assert_eq!(first.latest.len(), 3);
    for bill in ended {
        assert_eq!(shop.bill(&bill.bill_no), bill);
    }
}
