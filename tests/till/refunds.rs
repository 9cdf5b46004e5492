//! Refunds over real HTTP against the simulator: who may, how much, once, and written with the
//! bill (FATE 20, 22, I4, I6).

use crate::harness::{Shop, is_listed, pin};
use crate::refunding::{
    an_order, desk, order, order_by, paid, plan, refund, refundable, refunded, refunds_of, taken,
    until_refund, until_state,
};
use shouyin::domain::practice::{Act, Network, RefundAct};
use shouyin::domain::refund::{Blocked, OverLimit, RefundProof, RefundState};
use shouyin::domain::time::Day;
use shouyin::domain::{Fen, Host, RefundNo, State, Wallet};
use shouyin::till::service::{Desk, RefundOrder, Said};
use shouyin::till::{Command, Notice};

crate::rules! {
    a_part_then_the_rest_is_refunded_and_a_third_is_refused,
    a_refund_is_told_only_after_it_is_durable_and_its_bill_with_it,
    who_is_no_manager_refunds_nothing_and_nothing_is_sent,
    a_pin_that_is_wrong_or_a_cashiers_approves_nothing,
    an_order_that_is_not_whole_is_refused,
    above_a_limit_another_manager_must_approve,
    without_a_master_secret_nothing_is_offered,
    a_bill_of_another_till_is_fetched_and_refunded_the_same_way,
    a_wechat_refund_that_nobody_follows_any_more_is_asked_about_before_it_blocks,
    a_bill_that_nobody_has_is_said_so,
    two_orders_at_once_send_one,
    two_tills_in_a_race_never_refund_more_than_was_paid,
    a_refund_that_is_processing_ends_after_a_restart_and_blocks_the_next_meanwhile,
    a_refund_that_the_wallet_failed_leaves_the_money_refundable,
    no_money_at_the_merchant_is_looked_up_and_never_called_done,
    a_refused_refund_changes_nothing_and_the_next_may_go,
    a_late_payment_that_was_refunded_whole_leaves_the_to_do_list,
    a_full_disk_sends_no_refund,
    settle_waits_for_an_open_refund,
}

fn a_part_then_the_rest_is_refunded_and_a_third_is_refused() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let before = refundable(&shop, &bill_no).unwrap().balance.unwrap();
    assert_eq!((before.paid, before.refundable), (Fen(1000), Fen(1000)));
    let first = order(&shop, &bill_no, 300).unwrap();
    let ended = until_state(&mut shop, &first, RefundState::Succeeded);
    assert_eq!(ended.proof, Some(RefundProof::Answer));
    assert!(ended.refund_no.is_of(Day::of(shop.sim.face().now_ms())));
    assert_eq!(
        (ended.operator.as_str(), ended.approver.as_str()),
        ("2001", "2001")
    );
    assert_eq!(refunded(&shop, &bill_no), 300);
    let left = refundable(&shop, &bill_no).unwrap();
    assert_eq!(left.balance.unwrap().refundable, Fen(700));
    assert_eq!(left.refunds.len(), 1);
    assert!(left.elsewhere.is_empty(), "it is this ledger's own");
    assert_eq!(
        order(&shop, &bill_no, 701),
        Err(Said::RefundTooMuch(Fen(700)))
    );
    let second = order(&shop, &bill_no, 700).unwrap();
    until_state(&mut shop, &second, RefundState::Succeeded);
    let third = order(&shop, &bill_no, 1);
    assert_eq!(third, Err(Said::RefundBlocked(Blocked::NothingLeft)));
    assert_eq!(refunded(&shop, &bill_no), 1000);
    assert_eq!(taken(&shop, &bill_no), (1000, 2));
    assert!(shop.bill(&bill_no).incident.is_none());
    let today = shop.snapshot().today;
    assert_eq!(today.sum, Fen(0), "what went back is no income");
}

fn a_refund_is_told_only_after_it_is_durable_and_its_bill_with_it() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = order(&shop, &bill_no, 400).unwrap();
    until_state(&mut shop, &no, RefundState::Succeeded);
    let heard = shop.heard();
    let states: Vec<RefundState> = heard
        .iter()
        .filter_map(|n| match n {
            Notice::RefundChanged(r) if r.refund_no == no => Some(r.state),
            _ => None,
        })
        .collect();
    assert_eq!(states.first(), Some(&RefundState::Sent));
    assert!(states.contains(&RefundState::Succeeded));
    let ends = heard.iter().filter(|n| {
        matches!(n, Notice::Refund(r) if r.refund_no == no && r.state == RefundState::Succeeded)
    });
    assert_eq!(ends.count(), 1, "announced once");
    let bill_told = heard
        .iter()
        .any(|n| matches!(n, Notice::Changed(b) if b.bill_no == bill_no && b.refunded == Fen(400)));
    assert!(bill_told);
    let story = shop.till().refund_story(no);
    let story = shop.runtime.block_on(story).unwrap();
    assert_eq!(
        story.first().map(|l| l.refund.state),
        Some(RefundState::Sent)
    );
}

fn who_is_no_manager_refunds_nothing_and_nothing_is_sent() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    shop.sign_in("1001");
    assert_eq!(order(&shop, &bill_no, 100), Err(Said::NotAllowed));
    assert_eq!(refundable(&shop, &bill_no).err(), Some(Said::NotAllowed));
    shop.send(Command::Lock);
    assert_eq!(order(&shop, &bill_no, 100), Err(Said::Locked));
    assert_eq!(refundable(&shop, &bill_no).err(), Some(Said::Locked));
    assert_eq!(taken(&shop, &bill_no), (0, 0));
    assert!(refunds_of(&shop, &bill_no).is_empty());
}

fn a_pin_that_is_wrong_or_a_cashiers_approves_nothing() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    assert_eq!(
        order_by(&shop, &bill_no, 100, "1001"),
        Err(Said::ManagerNeeded)
    );
    let wrong = RefundOrder {
        pin: pin("0000"),
        ..an_order(&bill_no, 100, "2001")
    };
    let refused = shop.runtime.block_on(shop.till().refund(wrong));
    assert!(matches!(refused, Err(Said::WrongPin { .. })), "{refused:?}");
    assert_eq!(taken(&shop, &bill_no), (0, 0));
}

fn an_order_that_is_not_whole_is_refused() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    assert_eq!(order(&shop, &bill_no, 0), Err(Said::RefundIncomplete));
    let blank = RefundOrder {
        reason: "  ".to_owned(),
        ..an_order(&bill_no, 100, "2001")
    };
    let refused = shop.runtime.block_on(shop.till().refund(blank));
    assert_eq!(refused, Err(Said::RefundIncomplete));
    assert_eq!(taken(&shop, &bill_no), (0, 0));
}

fn above_a_limit_another_manager_must_approve() {
    let mut shop = Shop::desk(|s| {
        s.refund.max_per_refund = Some(Fen(500));
        s.refund.max_per_shift = Some(Fen(800));
    });
    shop.sign_in("2001");
    let bill_no = paid(&mut shop, 2000, Wallet::Alipay);
    let balance = refundable(&shop, &bill_no).unwrap().balance.unwrap();
    assert_eq!(balance.alone_up_to, Some(Fen(500)));
    let over = Said::SecondManager(OverLimit::PerRefund(Fen(500)));
    assert_eq!(order(&shop, &bill_no, 501), Err(over));
    assert_eq!(taken(&shop, &bill_no), (0, 0));
    let no = order_by(&shop, &bill_no, 501, "2002").unwrap();
    let done = until_state(&mut shop, &no, RefundState::Succeeded);
    assert_eq!(
        (done.operator.as_str(), done.approver.as_str()),
        ("2001", "2002")
    );
    let other = paid(&mut shop, 1000, Wallet::Alipay);
    let over = Said::SecondManager(OverLimit::PerShift(Fen(800)));
    assert_eq!(
        order(&shop, &other, 400),
        Err(over),
        "501 of this shift went back"
    );
    assert!(order(&shop, &other, 200).is_ok());
}

fn without_a_master_secret_nothing_is_offered() {
    let mut shop = Shop::build(|_| {}, true, Default::default());
    shop.sign_in("2001");
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    assert!(!shop.snapshot().desk.can_refund);
    assert_eq!(order(&shop, &bill_no, 100), Err(Said::NoMasterSecret));
    assert_eq!(
        refundable(&shop, &bill_no).err(),
        Some(Said::NoMasterSecret)
    );
}

/// Another till of the same merchant.
fn another_till(first: &Shop) -> Shop {
    let url = first.sim.base_url();
    let mut shop = Shop::desk(|s| {
        s.gateway.servers = vec![Host(url)];
        s.shop.till = "02".to_owned();
    });
    shop.sign_in("2001");
    shop
}

fn a_bill_of_another_till_is_fetched_and_refunded_the_same_way() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut first = desk();
        let bill_no = paid(&mut first, 1000, wallet);
        let mut second = another_till(&first);
        let there = refundable(&second, &bill_no).unwrap();
        assert!(there.here.is_none());
        assert_eq!(there.wallet, Some(wallet));
        assert_eq!(there.balance.unwrap().refundable, Fen(1000));
        let no = order(&second, &bill_no, 600).unwrap();
        until_state(&mut second, &no, RefundState::Succeeded);
        assert_eq!(taken(&first, &bill_no), (600, 1));
        // The till that took the payment sees it as made elsewhere.
        let seen = refundable(&first, &bill_no).unwrap();
        assert_eq!(seen.elsewhere.len(), 1);
        assert_eq!(seen.balance.unwrap().refundable, Fen(400));
    }
}

fn a_wechat_refund_that_nobody_follows_any_more_is_asked_about_before_it_blocks() {
    let mut first = desk();
    let bill_no = paid(&mut first, 1000, Wallet::Wechat);
    plan(&first, RefundAct::Never, Network::Normal);
    let no = order(&first, &bill_no, 600).unwrap();
    until_state(&mut first, &no, RefundState::Processing);
    // Its disk is lost.
    first.stop();
    let mut second = another_till(&first);
    let in_flight = Said::RefundBlocked(Blocked::InFlight(no.as_str().to_owned()));
    let blocked = refundable(&second, &bill_no).unwrap().balance;
    assert_eq!(blocked, Err(in_flight.clone()), "it is still processing");
    assert_eq!(order(&second, &bill_no, 400), Err(in_flight));
    finish_at_once(&first, &no);
    plan(&first, RefundAct::AtOnce, Network::Normal);
    let balance = refundable(&second, &bill_no).unwrap().balance.unwrap();
    assert_eq!((balance.refunded, balance.refundable), (Fen(600), Fen(400)));
    let rest = order(&second, &bill_no, 400).unwrap();
    until_state(&mut second, &rest, RefundState::Succeeded);
    assert_eq!(taken(&first, &bill_no), (1000, 2));
}

/// The wallet finishes this refund; `/refunds` does not say so until its status is asked.
fn finish_at_once(shop: &Shop, no: &RefundNo) {
    let now_ms = shop.sim.face().now_ms();
    let mut core = shop.sim.core();
    let long_ago = now_ms - 60_000;
    core.steer_refund(long_ago, no.as_str(), RefundAct::AtOnce)
        .unwrap();
    let refund = core
        .all_refunds()
        .iter()
        .find(|r| r.refund_no == no.as_str());
    assert_eq!(refund.unwrap().known(now_ms, true), None);
}

fn a_bill_that_nobody_has_is_said_so() {
    let shop = desk();
    let nobodys = shouyin::domain::BillNo::parse("2026010101000001ABCDEFGH").unwrap();
    let said = refundable(&shop, &nobodys).unwrap().balance;
    assert_eq!(said, Err(Said::RefundBlocked(Blocked::NoSuchBill)));
    let refused = order(&shop, &nobodys, 100);
    assert_eq!(refused, Err(Said::RefundBlocked(Blocked::NoSuchBill)));
}

fn two_orders_at_once_send_one() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    plan(&shop, RefundAct::Pending, Network::Normal);
    let one = shop.till().refund(an_order(&bill_no, 100, "2001"));
    let two = shop.till().refund(an_order(&bill_no, 100, "2001"));
    let both = shop.runtime.block_on(async { tokio::join!(one, two) });
    let in_flight =
        |o: &Result<_, Said>| matches!(o, Err(Said::RefundBlocked(Blocked::InFlight(_))));
    assert!(both.0.is_ok(), "{both:?}");
    assert!(in_flight(&both.1), "{both:?}");
    until_state(&mut shop, &both.0.unwrap(), RefundState::Processing);
    assert_eq!(taken(&shop, &bill_no), (100, 1));
}

fn two_tills_in_a_race_never_refund_more_than_was_paid() {
    for _ in 0..4 {
        let mut first = desk();
        let bill_no = paid(&mut first, 1000, Wallet::Alipay);
        let mut second = another_till(&first);
        plan(&first, RefundAct::AtOnce, Network::Normal);
        let one = first.till().refund(an_order(&bill_no, 700, "2001"));
        let two = second.till().refund(an_order(&bill_no, 700, "2001"));
        let (one, two) = first.runtime.block_on(async { tokio::join!(one, two) });
        let mut succeeded = 0;
        for (shop, ordered) in [(&mut first, one), (&mut second, two)] {
            let Ok(no) = ordered else { continue };
            let ended = until_refund(shop, &no, "an end", |r| r.state.is_terminal());
            succeeded += i64::from(ended.state == RefundState::Succeeded);
        }
        assert_eq!(succeeded, 1);
        assert_eq!(taken(&first, &bill_no).0, 700);
    }
}

fn a_refund_that_is_processing_ends_after_a_restart_and_blocks_the_next_meanwhile() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut shop = desk();
        let bill_no = paid(&mut shop, 1000, wallet);
        plan(&shop, RefundAct::Pending, Network::Normal);
        let no = order(&shop, &bill_no, 300).unwrap();
        until_state(&mut shop, &no, RefundState::Processing);
        let next = order(&shop, &bill_no, 100);
        let in_flight = Blocked::InFlight(no.as_str().to_owned());
        assert_eq!(next, Err(Said::RefundBlocked(in_flight)));
        shop.stop();
        shop.start();
        let listed = shop.snapshot().desk.refunds.clone();
        assert!(listed.iter().any(|r| r.refund_no == no), "before any sale");
        let ended = until_state(&mut shop, &no, RefundState::Succeeded);
        let proof = match wallet {
            Wallet::Alipay => RefundProof::Row,
            Wallet::Wechat => RefundProof::Status,
        };
        assert_eq!(ended.proof, Some(proof));
        assert_eq!(refunded(&shop, &bill_no), 300);
        assert_eq!(taken(&shop, &bill_no), (300, 1));
    }
}

fn a_refund_that_the_wallet_failed_leaves_the_money_refundable() {
    for wallet in [Wallet::Alipay, Wallet::Wechat] {
        let mut shop = desk();
        let bill_no = paid(&mut shop, 1000, wallet);
        plan(&shop, RefundAct::Fail, Network::Normal);
        let no = order(&shop, &bill_no, 1000).unwrap();
        until_state(&mut shop, &no, RefundState::Failed);
        assert_eq!(refunded(&shop, &bill_no), 0);
        plan(&shop, RefundAct::AtOnce, Network::Normal);
        let again = order(&shop, &bill_no, 1000).unwrap();
        assert_ne!(again, no);
        until_state(&mut shop, &again, RefundState::Succeeded);
        assert_eq!(taken(&shop, &bill_no), (1000, 1));
    }
}

fn no_money_at_the_merchant_is_looked_up_and_never_called_done() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    plan(&shop, RefundAct::NoFunds, Network::Normal);
    let no = order(&shop, &bill_no, 1000).unwrap();
    let open = until_refund(&mut shop, &no, "a 7", |r| r.lost);
    assert!(!open.state.is_terminal());
    let view = shop.until("its words", |s| {
        let ours = s.desk.refunds.iter().find(|r| r.refund_no == no);
        ours.filter(|r| r.code == Some(7)).cloned()
    });
    assert!(view.detail.is_some());
    assert_eq!(refunded(&shop, &bill_no), 0);
}

fn a_refused_refund_changes_nothing_and_the_next_may_go() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let code = shouyin::simulator::Code::ParamInvalid;
    shop.faults(&bill_no, |f| f.refund.fails = Some(code));
    let no = order(&shop, &bill_no, 1000).unwrap();
    let ended = until_refund(&mut shop, &no, "an end", |r| r.state.is_terminal());
    assert_eq!(ended.proof, Some(RefundProof::Refused));
    assert_eq!(refunded(&shop, &bill_no), 0);
}

fn a_late_payment_that_was_refunded_whole_leaves_the_to_do_list() {
    let mut shop = desk();
    shop.plan(Act::Password, Network::Normal);
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.send(Command::ServeNext);
    shop.pay_now(&bill_no);
    let bill = shop.until_state(&bill_no, State::Paid);
    assert!(bill.late);
    shop.until("on the list", |s| {
        is_listed(&s.to_do, &bill_no).then_some(())
    });
    let part = order(&shop, &bill_no, 400).unwrap();
    until_state(&mut shop, &part, RefundState::Succeeded);
    assert!(
        is_listed(&shop.snapshot().to_do, &bill_no),
        "the rest is there"
    );
    let rest = order(&shop, &bill_no, 600).unwrap();
    until_state(&mut shop, &rest, RefundState::Succeeded);
    shop.until("off the list", |s| {
        (!is_listed(&s.to_do, &bill_no)).then_some(())
    });
    shop.stop();
    shop.start();
    assert!(!is_listed(&shop.snapshot().to_do, &bill_no));
}

fn a_full_disk_sends_no_refund() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    shop.with_ledger(|ledger| ledger.refuse_writes(true).unwrap());
    shop.settle_commands();
    let refused = order(&shop, &bill_no, 100);
    assert!(matches!(refused, Err(Said::LedgerDown(_))), "{refused:?}");
    assert_eq!(taken(&shop, &bill_no), (0, 0));
    shop.with_ledger(|ledger| ledger.refuse_writes(false).unwrap());
    shop.settle_commands();
    shop.until("the ledger is well", |s| {
        s.health.ledger.is_none().then_some(())
    });
    let no = order(&shop, &bill_no, 100).unwrap();
    until_state(&mut shop, &no, RefundState::Succeeded);
    assert_eq!(refund(&shop, &no).fee, Fen(100));
}

fn settle_waits_for_an_open_refund() {
    let mut shop = desk();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    plan(&shop, RefundAct::Never, Network::Normal);
    let no = order(&shop, &bill_no, 100).unwrap();
    until_state(&mut shop, &no, RefundState::Processing);
    assert_eq!(shop.till().pending(), 1);
}
