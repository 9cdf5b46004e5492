//! Several hosts (FATE 1, fact; PROTOCOL: time and transport).

use crate::harness::Shop;
use crate::scripted::{Asked, Script};
use shouyin::domain::gateway::{Host, Lost, PayOutcome, RowOutcome, StatusOutcome};
use shouyin::domain::{Proof, State, Wallet};
use std::sync::Arc;

crate::rules! {
    pay_goes_to_the_next_host_only_while_nothing_was_sent,
    a_pay_that_may_have_been_sent_never_goes_to_another_host,
    where_no_host_can_be_reached_nothing_was_sent,
    while_its_host_is_silent_status_and_row_are_asked_elsewhere_too_and_a_success_counts,
    another_hosts_denial_is_no_fact_while_the_pay_host_is_not_long_dead,
}

const A: &str = "http://127.0.0.1:1";
const B: &str = "http://127.0.0.1:2";

fn shop(script: Script) -> (Shop, Arc<Script>) {
    let servers = vec![Host(A.to_owned()), Host(B.to_owned())];
    let mut shop = Shop::with(|s| s.gateway.servers = servers);
    shop.stop();
    let script = script.shared();
    shop.start_with(script.clone());
    (shop, script)
}

fn unconnected() -> PayOutcome {
    PayOutcome::Unconnected {
        why: "refused".to_owned(),
    }
}

fn pay_goes_to_the_next_host_only_while_nothing_was_sent() {
    let (mut shop, script) = shop(Script::new(&[A, B]).pay(|host| match host.0.as_str() {
        A => unconnected(),
        _ => PayOutcome::Paid { channel_type: None },
    }));
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert_eq!(script.hosts_asked(Asked::Pay), [A, B]);
    assert_eq!(bill.host.0, B, "the one that holds it");
    // The next payment passes the dead one over.
    shop.charge(2000, Wallet::Alipay);
    shop.until("another pay", |_| {
        (script.count(Asked::Pay) == 3).then_some(())
    });
    assert_eq!(script.hosts_asked(Asked::Pay)[2], B);
}

fn a_pay_that_may_have_been_sent_never_goes_to_another_host() {
    let (mut shop, script) = shop(
        Script::new(&[A, B])
            .pay(|_| PayOutcome::Lost(Lost::Timeout))
            .status(|_| StatusOutcome::Paid),
    );
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Paid);
    assert_eq!(script.hosts_asked(Asked::Pay), [A]);
}

fn where_no_host_can_be_reached_nothing_was_sent() {
    let (mut shop, script) = shop(Script::new(&[A, B]).pay(|_| unconnected()));
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_state(&bill_no, State::NotSent);
    assert_eq!(bill.proof, Some(Proof::Connect));
    assert_eq!(script.hosts_asked(Asked::Pay), [A, B]);
}

fn while_its_host_is_silent_status_and_row_are_asked_elsewhere_too_and_a_success_counts() {
    let (mut shop, script) = shop(
        Script::new(&[A, B])
            .pay(|_| PayOutcome::Lost(Lost::Timeout))
            .status(|host| match host.0.as_str() {
                A => StatusOutcome::NoAnswer(Lost::Timeout),
                _ => StatusOutcome::Paid,
            })
            .row(|_| RowOutcome::NoAnswer(Lost::Timeout)),
    );
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert_eq!(bill.proof, Some(Proof::Status));
    let status = script.hosts_asked(Asked::Status);
    assert!(status.contains(&B.to_owned()), "{status:?}");
}

fn another_hosts_denial_is_no_fact_while_the_pay_host_is_not_long_dead() {
    let (mut shop, script) = shop(
        Script::new(&[A, B])
            .pay(|_| PayOutcome::Lost(Lost::Timeout))
            .status(|host| match host.0.as_str() {
                A => StatusOutcome::NoAnswer(Lost::Timeout),
                _ => StatusOutcome::NoSuchBill,
            })
            .row(|host| match host.0.as_str() {
                A => RowOutcome::NoAnswer(Lost::Timeout),
                _ => RowOutcome::Empty,
            }),
    );
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_state(&bill_no, State::Closing);
    shop.until("both hosts asked both questions often", |_| {
        let often = |what| {
            let asked = script.hosts_asked(what);
            [A, B]
                .iter()
                .all(|h| asked.iter().filter(|x| x == h).count() >= 5)
        };
        (often(Asked::Status) && often(Asked::Row)).then_some(())
    });
    assert_eq!(
        script.count(Asked::Revert),
        0,
        "FATE 7: no typed not-paid fact"
    );
    assert!(!shop.bill(&bill_no).state.is_terminal());
}
