//! The answer to pay gets lost (FATE: words, 2, 3, 12, 13).

use crate::harness::{Shop, assert_proven, is_lost, on_stage};
use shouyin::domain::practice::{Act, Network};
use shouyin::domain::{Proof, State, Wallet};
use shouyin::simulator::Transport;
use shouyin::till::service::Said;

crate::rules! {
    a_customer_who_pays_at_once_is_paid_and_announced_once_and_the_row_is_read,
    a_lost_answer_is_never_shown_as_failed,
    an_answer_that_can_not_be_read_is_lost_and_never_shown_as_failed,
    a_lost_answer_of_a_customer_who_never_pays_is_undone_and_verified,
    a_request_that_never_arrived_is_not_sent_only_after_guard_and_two_empty_rows,
    a_request_that_arrives_late_is_found_and_undone,
    nobody_listening_is_not_sent_and_the_same_code_may_come_again,
    a_wallets_final_word_is_closed_at_once_and_refused,
}

fn a_customer_who_pays_at_once_is_paid_and_announced_once_and_the_row_is_read() {
    let mut shop = Shop::open();
    let bill_no = shop.charge(1234, Wallet::Alipay);
    let bill = shop.until_bill(&bill_no, "paid and its row read", |b| {
        b.state == State::Paid && b.look.is_none()
    });
    assert_eq!(bill.proof, Some(Proof::Pay));
    assert!(!bill.late && bill.incident.is_none());
    assert!(shop.truth(&bill_no).kept());
    assert_eq!(shop.announced(&bill_no, State::Paid), [true]);
    let today = shop.until("today's sum", |s| (s.today.count == 1).then_some(s.today));
    assert_eq!(today.sum.0, 1234);
    assert_eq!(shop.till().pending(), 0);
}

fn a_lost_answer_is_never_shown_as_failed() {
    let networks = [
        Network::LoseAnswer,
        Network::BadGateway,
        Network::Html,
        Network::Truncate,
    ];
    for network in networks {
        let mut shop = Shop::open();
        shop.plan(Act::Pay, network);
        let bill_no = shop.charge(1000, Wallet::Wechat);
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(bill.state, State::Paid, "{network:?}");
        assert_eq!(bill.proof, Some(Proof::Status));
        assert!(is_lost(&bill));
        shop.never_said_unpaid(&bill_no);
        assert_eq!(shop.announced(&bill_no, State::Paid), [true]);
    }
}

fn an_answer_that_can_not_be_read_is_lost_and_never_shown_as_failed() {
    let answers = [
        Transport::Garbage,
        Transport::Huge { bytes: 64 << 20 },
        Transport::Slow { ms: 8_000 },
    ];
    for transport in answers {
        let mut shop = Shop::open();
        shop.plan_faults(Act::Pay, Network::Normal, |_| {});
        let plan = shouyin::simulator::Plan {
            network: Some(transport),
            ..Default::default()
        };
        shop.sim.core().plan(None, plan);
        let bill_no = shop.charge(1000, Wallet::Alipay);
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(bill.state, State::Paid, "{transport:?}");
        shop.never_said_unpaid(&bill_no);
    }
}

fn a_lost_answer_of_a_customer_who_never_pays_is_undone_and_verified() {
    let mut shop = Shop::open();
    shop.plan(Act::Never, Network::LoseAnswer);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let seen = shop.until("an unknown bill", |s| {
        on_stage(s).filter(|b| b.unanswered).cloned()
    });
    assert!(!seen.state.is_terminal());
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof, bill.returned),
        (State::Reverted, Some(Proof::Reverted), false)
    );
    assert!(shop.truth(&bill_no).reverted_at.is_some());
}

fn a_request_that_never_arrived_is_not_sent_only_after_guard_and_two_empty_rows() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut shop = Shop::open();
        shop.plan(Act::Pay, Network::LoseRequest);
        let bill_no = shop.charge(1000, wallet);
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(
            (bill.state, bill.proof),
            (State::NotSent, Some(Proof::UnknownAtGateway))
        );
        assert!(bill.guard_over);
        let took = bill.ended_ms.unwrap() - bill.sent.wall_ms;
        assert!(took >= 12_000, "guard and 10 s: {took} ms");
        assert!(!shop.truth(&bill_no).exists);
    }
}

fn a_request_that_arrives_late_is_found_and_undone() {
    let mut shop = Shop::open();
    let plan = shouyin::simulator::Plan {
        network: Some(Transport::ActLater { ms: 2_500 }),
        play: Some(shouyin::simulator::core::Play::Act(Act::Pay)),
        ..Default::default()
    };
    shop.sim.core().plan(None, plan);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    let bill = shop.until_terminal(&bill_no);
    assert_proven(&bill);
    let truth = shop.truth(&bill_no);
    assert_eq!(
        bill.state == State::Paid,
        truth.kept(),
        "{bill:#?} {truth:#?}"
    );
    assert!(truth.exists && !truth.payable_now);
}

fn nobody_listening_is_not_sent_and_the_same_code_may_come_again() {
    let mut shop = Shop::open();
    shop.stop();
    let face = shop.sim.face();
    let addr = shop.sim.addr();
    // Another port for the moment: nobody listens where the till asks.
    let elsewhere = shop
        .runtime
        .block_on(shouyin::simulator::Simulator::resume(
            "127.0.0.1:0".parse().unwrap(),
            face.clone(),
        ))
        .unwrap();
    drop(std::mem::replace(&mut shop.sim, elsewhere));
    shop.start();
    let text = shop.fresh_code(Wallet::Alipay);
    let bill_no = shop.staging(|s| s.scan(&text, Some(1000)));
    let bill = shop.until_terminal(&bill_no);
    assert_eq!(
        (bill.state, bill.proof),
        (State::NotSent, Some(Proof::Connect))
    );
    let back = shop
        .runtime
        .block_on(shouyin::simulator::Simulator::resume(addr, face))
        .unwrap();
    shop.sim = back;
    shop.until("the next attempt is allowed", |s| {
        on_stage(s).filter(|b| b.may_retry).map(|_| ())
    });
    shop.scan(&text, None);
    shop.until_said("a bounce within 3 s", |s| *s == Said::Bounce);
    let again = shop.scan_until_started(&text);
    let bill = shop.until_state(&again, State::Paid);
    assert_eq!(bill.sale, shop.bill(&bill_no).sale);
}

fn a_wallets_final_word_is_closed_at_once_and_refused() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut shop = Shop::open();
        shop.plan(Act::NoMoney, Network::Normal);
        let bill_no = shop.charge(1000, wallet);
        let bill = shop.until_terminal(&bill_no);
        assert_eq!(
            (bill.state, bill.proof),
            (State::Refused, Some(Proof::Refused))
        );
        let staged = shop.until("the refusal on the stage", |s| {
            on_stage(s).filter(|b| b.may_retry).cloned()
        });
        assert_eq!(staged.bill_no, bill_no);
        let text = shop.fresh_code(wallet);
        let again = shop.staging(|s| s.scan(&text, None));
        let next = shop.until_state(&again, State::Paid);
        assert_eq!((next.sale, next.amount), (bill.sale, bill.amount));
    }
}
