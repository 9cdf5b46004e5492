//! Pre-refunds (`[refund] need_approval`): a cashier asks, a manager decides, one or many; and
//! those that were made elsewhere and wait at the gateway.

use crate::harness::{Shop, pin};
use crate::refunding::{
    order, paid, plan, refund, refundable, refunded, refunds_of, taken, until_refund, until_state,
};
use crate::scripted::{Asked, Script, row};
use shouyin::domain::gateway::{
    ListQuery, Listed, Lost, PreRefundRow, RefundOutcome, RefundRow, RowOutcome,
};
use shouyin::domain::practice::{Network, RefundAct};
use shouyin::domain::refund::{Blocked, OverLimit, RefundHappened, RefundProof, RefundState};
use shouyin::domain::{BillNo, Fen, RefundNo, Wallet};
use shouyin::simulator::core::Kind;
use shouyin::simulator::params::{Endpoint, RefundParams};
use shouyin::till::service::{
    DecideOrder, Decided, Desk, Ordered, RefundAsk, Request, Said, Waiting,
};
use std::sync::{Arc, Mutex};

crate::rules! {
    a_cashiers_request_waits_and_a_managers_yes_refunds_it,
    a_denied_request_never_reaches_the_gateway_and_frees_the_bill,
    a_manager_denies_one_and_approves_two,
    without_the_setting_a_cashier_asks_for_nothing,
    who_is_no_manager_decides_nothing,
    above_a_limit_two_managers_agree,
    a_request_survives_a_restart_and_settle_does_not_wait_for_it,
    a_request_that_was_overtaken_by_another_refund_is_not_sent,
    a_lost_answer_after_a_yes_is_looked_up_as_every_refund_is,
    many_words_go_in_one_request_and_each_row_has_its_own_end,
    a_lost_approval_is_unknown_over_a_restart_and_sent_once,
    a_no_there_carries_its_reason_and_ends_it,
    what_has_its_result_there_already_gets_no_word,
    a_request_of_yesterday_goes_on_by_a_number_of_today,
    the_gateways_own_pre_refunds_are_listed_one_denied_and_two_approved_over_http,
    a_gateway_that_does_not_answer_lists_nothing_and_sends_nothing,
}

fn asking_shop() -> Shop {
    let mut shop = Shop::desk(|s| s.refund.need_approval = true);
    shop.sign_in("1001");
    shop
}

fn ask(shop: &Shop, bill_no: &BillNo, fen: i64) -> Ordered {
    let asked = shop.till().request_refund(RefundAsk {
        bill_no: bill_no.clone(),
        fee: Fen(fen),
        reason: "顾客退货".to_owned(),
    });
    shop.runtime.block_on(asked)
}

fn decide_by(
    shop: &Shop,
    requests: Vec<Request>,
    agree: bool,
    approver: &str,
) -> Result<Vec<Decided>, Said> {
    let decided = shop.till().decide_refunds(DecideOrder {
        requests,
        agree,
        approver: approver.to_owned(),
        pin: pin(&approver.repeat(2)),
        reason: "情况属实".to_owned(),
    });
    shop.runtime.block_on(decided)
}

fn decide(shop: &Shop, requests: Vec<Request>, agree: bool) -> Vec<Decided> {
    decide_by(shop, requests, agree, "2001").unwrap()
}

fn here(no: &RefundNo) -> Request {
    Request::Here(no.clone())
}

/// The only one, by the number it goes on with.
fn only(decided: Vec<Decided>) -> Result<RefundNo, Said> {
    assert_eq!(decided.len(), 1);
    decided.into_iter().next().unwrap().result
}

fn a_cashiers_request_waits_and_a_managers_yes_refunds_it() {
    let mut shop = asking_shop();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    assert!(
        refundable(&shop, &bill_no).is_ok(),
        "the form opens for a cashier"
    );
    assert_eq!(
        order(&shop, &bill_no, 100),
        Err(Said::NotAllowed),
        "no direct refund"
    );
    let no = ask(&shop, &bill_no, 300).unwrap();
    let waiting = refund(&shop, &no);
    assert_eq!(waiting.state, RefundState::Requested);
    assert_eq!(
        (waiting.operator.as_str(), waiting.approver.as_str()),
        ("1001", "")
    );
    assert_eq!(taken(&shop, &bill_no), (0, 0), "nothing was sent");
    shop.until("待处理", |s| (s.desk.refunds_to_do == 1).then_some(()));
    let again = Err(Said::RefundBlocked(Blocked::Requested(no.to_string())));
    assert_eq!(ask(&shop, &bill_no, 100), again, "one open a bill");
    shop.sign_in("2001");
    assert_eq!(
        order(&shop, &bill_no, 100),
        again,
        "it takes the balance (I6)"
    );
    assert_eq!(only(decide(&shop, vec![here(&no)], true)), Ok(no.clone()));
    let ended = until_state(&mut shop, &no, RefundState::Succeeded);
    assert_eq!(
        (ended.operator.as_str(), ended.approver.as_str()),
        ("1001", "2001")
    );
    let word = ended.pre.unwrap().word.unwrap();
    assert!(word.agree && word.by == "2001" && word.reason == "情况属实");
    assert_eq!(refunded(&shop, &bill_no), 300);
    assert_eq!(taken(&shop, &bill_no), (300, 1));
    let twice = only(decide(&shop, vec![here(&no)], true));
    assert_eq!(twice, Err(Said::PreRefundGone));
    assert_eq!(taken(&shop, &bill_no), (300, 1));
    let story = shop.runtime.block_on(shop.till().refund_story(no)).unwrap();
    let what: Vec<RefundHappened> = story.iter().map(|l| l.what).collect();
    assert_eq!(
        what[..2],
        [
            RefundHappened::RefundRequested,
            RefundHappened::RefundApproved
        ]
    );
}

fn a_denied_request_never_reaches_the_gateway_and_frees_the_bill() {
    let mut shop = asking_shop();
    let bill_no = paid(&mut shop, 1000, Wallet::Wechat);
    let no = ask(&shop, &bill_no, 1000).unwrap();
    shop.sign_in("2001");
    assert_eq!(only(decide(&shop, vec![here(&no)], false)), Ok(no.clone()));
    let denied = refund(&shop, &no);
    assert_eq!(
        (denied.state, denied.proof),
        (RefundState::Denied, Some(RefundProof::Denied))
    );
    assert_eq!(taken(&shop, &bill_no), (0, 0));
    shop.until("nothing to do", |s| {
        (s.desk.refunds_to_do == 0).then_some(())
    });
    let left = refundable(&shop, &bill_no).unwrap().balance.unwrap();
    assert_eq!(left.refundable, Fen(1000));
    shop.sign_in("1001");
    assert!(
        ask(&shop, &bill_no, 1000).is_ok(),
        "it may be asked for again"
    );
}

fn a_manager_denies_one_and_approves_two() {
    let mut shop = asking_shop();
    let bills: Vec<BillNo> = (0..3)
        .map(|n| paid(&mut shop, 1000 + n, Wallet::Alipay))
        .collect();
    let asked: Vec<RefundNo> = bills.iter().map(|b| ask(&shop, b, 500).unwrap()).collect();
    shop.sign_in("2001");
    only(decide(&shop, vec![here(&asked[1])], false)).unwrap();
    let two = decide(&shop, vec![here(&asked[0]), here(&asked[2])], true);
    assert!(two.iter().all(|d| d.result.is_ok()), "{two:?}");
    for (n, state) in [
        (0, RefundState::Succeeded),
        (1, RefundState::Denied),
        (2, RefundState::Succeeded),
    ] {
        until_state(&mut shop, &asked[n], state);
    }
    let back: Vec<i64> = bills.iter().map(|b| taken(&shop, b).0).collect();
    assert_eq!(back, [500, 0, 500]);
}

fn without_the_setting_a_cashier_asks_for_nothing() {
    let mut shop = Shop::desk(|_| {});
    shop.sign_in("1001");
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    assert_eq!(ask(&shop, &bill_no, 100), Err(Said::NotAllowed));
    assert_eq!(refundable(&shop, &bill_no).err(), Some(Said::NotAllowed));
    assert!(refunds_of(&shop, &bill_no).is_empty());
}

fn who_is_no_manager_decides_nothing() {
    let mut shop = asking_shop();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = ask(&shop, &bill_no, 300).unwrap();
    let cashier = decide_by(&shop, vec![here(&no)], true, "2001");
    assert_eq!(
        cashier,
        Err(Said::NotAllowed),
        "a manager stands at the till"
    );
    shop.sign_in("2001");
    assert_eq!(
        decide_by(&shop, vec![here(&no)], true, "1001"),
        Err(Said::ManagerNeeded)
    );
    let wrong = shop.till().decide_refunds(DecideOrder {
        requests: vec![here(&no)],
        agree: true,
        approver: "2001".to_owned(),
        pin: pin("000000"),
        reason: "x".to_owned(),
    });
    let wrong = shop.runtime.block_on(wrong);
    assert!(matches!(wrong, Err(Said::WrongPin { .. })), "{wrong:?}");
    assert_eq!(
        decide_by(&shop, Vec::new(), true, "2001"),
        Err(Said::RefundIncomplete)
    );
    assert_eq!(refund(&shop, &no).state, RefundState::Requested);
    assert_eq!(taken(&shop, &bill_no), (0, 0));
}

fn above_a_limit_two_managers_agree() {
    let mut shop = Shop::desk(|s| {
        s.refund.need_approval = true;
        s.refund.max_per_refund = Some(Fen(200));
    });
    shop.sign_in("1001");
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = ask(&shop, &bill_no, 300).unwrap();
    shop.sign_in("2001");
    let alone = only(decide(&shop, vec![here(&no)], true));
    assert_eq!(
        alone,
        Err(Said::SecondManager(OverLimit::PerRefund(Fen(200))))
    );
    assert_eq!(refund(&shop, &no).state, RefundState::Requested);
    let both = decide_by(&shop, vec![here(&no)], true, "2002").unwrap();
    assert_eq!(only(both), Ok(no.clone()));
    let ended = until_state(&mut shop, &no, RefundState::Succeeded);
    let word = ended.pre.unwrap().word.unwrap();
    assert_eq!(
        (word.by.as_str(), word.signed_in.as_str()),
        ("2002", "2001")
    );
}

fn a_request_survives_a_restart_and_settle_does_not_wait_for_it() {
    let mut shop = asking_shop();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = ask(&shop, &bill_no, 300).unwrap();
    shop.stop();
    shop.start();
    shop.until("listed", |s| {
        let ours = s.desk.refunds.iter().find(|r| r.refund_no == no);
        ours.filter(|r| r.state == RefundState::Requested)
            .map(|_| ())
    });
    assert_eq!(shop.till().pending(), 0, "only a person moves it");
    shop.sign_in("2001");
    assert_eq!(only(decide(&shop, vec![here(&no)], true)), Ok(no.clone()));
    until_state(&mut shop, &no, RefundState::Succeeded);
    assert_eq!(taken(&shop, &bill_no), (300, 1));
}

fn a_request_that_was_overtaken_by_another_refund_is_not_sent() {
    let mut shop = asking_shop();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = ask(&shop, &bill_no, 1000).unwrap();
    // Another program refunds some of it meanwhile.
    let now_ms = shop.sim.face().now_ms();
    let planted = shop.sim.core().plant(now_ms, Kind::Refund, Some(&bill_no));
    assert!(planted.is_ok());
    let before = taken(&shop, &bill_no);
    shop.sign_in("2001");
    let said = only(decide(&shop, vec![here(&no)], true));
    let less = Said::RefundTooMuch(Fen(1000 - before.0));
    let none = Said::RefundBlocked(Blocked::NothingLeft);
    assert!(said == Err(less) || said == Err(none), "{said:?}");
    assert_eq!(
        refund(&shop, &no).state,
        RefundState::Requested,
        "it waits on"
    );
    assert_eq!(taken(&shop, &bill_no), before);
}

fn a_lost_answer_after_a_yes_is_looked_up_as_every_refund_is() {
    let mut shop = asking_shop();
    let bill_no = paid(&mut shop, 1000, Wallet::Alipay);
    let no = ask(&shop, &bill_no, 400).unwrap();
    shop.sign_in("2001");
    plan(&shop, RefundAct::AtOnce, Network::LoseAnswer);
    only(decide(&shop, vec![here(&no)], true)).unwrap();
    let ended = until_state(&mut shop, &no, RefundState::Succeeded);
    assert!(ended.lost && ended.sends == 1);
    assert_eq!(taken(&shop, &bill_no), (400, 1));
}

// Made elsewhere, at a scripted gateway.

const A: &str = "http://127.0.0.1:1";

/// What the gateway holds: `/refunds`, with the ids of those that wait.
type There = Arc<Mutex<Vec<PreRefundRow>>>;

fn pre(n: u32, fen: i64) -> PreRefundRow {
    PreRefundRow {
        id: format!("id-{n}"),
        channel: "ALI".to_owned(),
        row: RefundRow {
            refund_no: format!("2026112099{n:06}"),
            bill_no: format!("2026112099000000BILL{n}"),
            fee: Fen(fen),
            finish: false,
            result: None,
            channel: Some(shouyin::domain::refund::RefundChannel::Ali),
            create_time_ms: Some(shouyin::till::wall_ms()),
        },
    }
}

fn world(rows: Vec<PreRefundRow>) -> (There, Script) {
    let there: There = Arc::new(Mutex::new(rows));
    let (all, waits) = (Arc::clone(&there), Arc::clone(&there));
    let script = Script::new(&[A])
        .row(|_| paid_row())
        .refunds_by(move |query| {
            let fits = |row: &RefundRow| fits(query, row);
            let rows = all.lock().unwrap();
            let rows = rows.iter().map(|r| r.row.clone()).filter(fits);
            Listed::Here(rows.collect())
        })
        .waiting(move |_| Listed::Here(waits.lock().unwrap().clone()));
    (there, script)
}

fn paid_row() -> RowOutcome {
    row(true, false, 1000)
}

fn fits(query: &ListQuery, row: &RefundRow) -> bool {
    let bill = query.bill_no.as_ref().is_none_or(|no| *no == row.bill_no);
    let number = query.refund_no.as_ref();
    bill && number.is_none_or(|no| no.as_str() == row.refund_no)
}

fn scripted(script: Script) -> (Shop, Arc<Script>) {
    let mut shop = Shop::desk(|s| {
        s.gateway.servers = vec![shouyin::domain::Host(A.to_owned())];
    });
    shop.stop();
    let script = script.shared();
    shop.start_with(script.clone());
    shop.sign_in("2001");
    (shop, script)
}

fn waiting(shop: &Shop) -> Result<Waiting, Said> {
    shop.runtime.block_on(shop.till().waiting_refunds())
}

fn finish(there: &There, at: usize, result: bool) {
    let row = &mut there.lock().unwrap()[at].row;
    (row.finish, row.result) = (true, Some(result));
}

fn all_of(shop: &Shop) -> Vec<Request> {
    let rows = waiting(shop).unwrap().rows;
    rows.into_iter().map(Request::There).collect()
}

fn many_words_go_in_one_request_and_each_row_has_its_own_end() {
    let (there, script) = world(vec![pre(1, 300), pre(2, 400), pre(3, 500)]);
    let script = script.approve(|_, id| match id {
        "id-1" => RefundOutcome::Approved {
            page: Some("https://pay.example/type-it".to_owned()),
        },
        "id-2" => RefundOutcome::NotApproved {
            detail: "余额不足".to_owned(),
        },
        _ => RefundOutcome::Lost(Lost::Incomplete),
    });
    let (mut shop, script) = scripted(script);
    let all = all_of(&shop);
    assert_eq!(all.len(), 3);
    let decided = decide(&shop, all, true);
    let nos: Vec<RefundNo> = decided.into_iter().map(|d| d.result.unwrap()).collect();
    let ok = until_state(&mut shop, &nos[0], RefundState::Processing);
    assert_eq!(
        ok.pre.unwrap().page.as_deref(),
        Some("https://pay.example/type-it")
    );
    let words = until_refund(&mut shop, &nos[1], "waits again", |r| {
        r.state == RefundState::Requested
    });
    assert_eq!(words.detail().as_deref(), Some("余额不足"));
    until_refund(&mut shop, &nos[2], "unknown", |r| r.is_unknown());
    let sent = script.words_sent();
    assert_eq!(sent.len(), 1, "one request a channel");
    assert_eq!(sent[0].ids, ["id-1", "id-2", "id-3"]);
    assert!(sent[0].agree);
    assert!(waiting(&shop).unwrap().rows.is_empty(), "held here now");
    finish(&there, 0, true);
    finish(&there, 1, false);
    finish(&there, 2, true);
    until_state(&mut shop, &nos[0], RefundState::Succeeded);
    until_state(&mut shop, &nos[1], RefundState::Failed);
    let third = until_state(&mut shop, &nos[2], RefundState::Succeeded);
    assert_eq!(third.proof, Some(RefundProof::Row));
    assert_eq!(script.count(Asked::Approve), 1, "sent once");
    assert_eq!(script.count(Asked::Refund), 0);
}

fn a_lost_approval_is_unknown_over_a_restart_and_sent_once() {
    let (there, script) = world(vec![pre(1, 300)]);
    let script = script.approve(|_, _| RefundOutcome::Lost(Lost::Timeout));
    let (mut shop, first) = scripted(script);
    let no = only(decide(&shop, all_of(&shop), true)).unwrap();
    until_refund(&mut shop, &no, "lost", |r| r.lost);
    let row = there.lock().unwrap()[0].clone();
    let soon = only(decide(&shop, vec![Request::There(row)], true));
    assert_eq!(
        soon,
        Err(Said::PreRefundGone),
        "looked at before it is said again"
    );
    shop.stop();
    let (all, again) = (Arc::clone(&there), Script::new(&[A]).row(|_| paid_row()));
    let again = again.refunds_by(move |query| {
        let rows = all.lock().unwrap();
        let rows = rows.iter().map(|r| r.row.clone());
        Listed::Here(rows.filter(|row| fits(query, row)).collect())
    });
    let second = again.shared();
    shop.start_with(second.clone());
    shop.sign_in("2001");
    shop.until("looked up", |_| {
        (second.count(Asked::Refunds) >= 3).then_some(())
    });
    let known = refund(&shop, &no);
    assert!(known.is_unknown() && known.needs_someone(), "{known:?}");
    finish(&there, 0, true);
    shop.till().ask_refund(no.clone());
    until_state(&mut shop, &no, RefundState::Succeeded);
    assert_eq!(
        (first.count(Asked::Approve), second.count(Asked::Approve)),
        (1, 0)
    );
}

fn a_no_there_carries_its_reason_and_ends_it() {
    let (_, script) = world(vec![pre(1, 300), pre(2, 400)]);
    let (mut shop, script) = scripted(script.approve(|word, _| match word.agree {
        true => RefundOutcome::Approved { page: None },
        false => RefundOutcome::Denied,
    }));
    let mut all = all_of(&shop);
    let second = all.split_off(1);
    let no = only(decide(&shop, all, false)).unwrap();
    let denied = until_state(&mut shop, &no, RefundState::Denied);
    assert_eq!(denied.proof, Some(RefundProof::Denied));
    let yes = only(decide(&shop, second, true)).unwrap();
    until_state(&mut shop, &yes, RefundState::Processing);
    let sent = script.words_sent();
    assert_eq!(
        (sent[0].agree, sent[0].reason.as_str()),
        (false, "情况属实")
    );
    assert!(sent[1].agree && sent[1].ids == ["id-2"]);
}

fn what_has_its_result_there_already_gets_no_word() {
    let (there, script) = world(vec![pre(1, 300), pre(2, 2000)]);
    let (shop, script) = scripted(script);
    let all = all_of(&shop);
    finish(&there, 0, true);
    let decided = decide(&shop, all, true);
    assert_eq!(decided[0].result, Err(Said::PreRefundGone));
    assert_eq!(decided[1].result, Err(Said::RefundTooMuch(Fen(1000))), "I6");
    assert_eq!(script.count(Asked::Approve), 0);
}

fn a_gateway_that_does_not_answer_lists_nothing_and_sends_nothing() {
    let (_, script) = world(vec![pre(1, 300)]);
    let row = pre(1, 300);
    let script = script
        .waiting(|_| Listed::NoAnswer(Lost::Timeout))
        .row(|_| RowOutcome::NoAnswer(Lost::Timeout));
    let (shop, script) = scripted(script);
    let silent = Said::RefundBlocked(Blocked::NoAnswer);
    assert_eq!(waiting(&shop), Err(silent.clone()));
    let decided = only(decide(&shop, vec![Request::There(row)], true));
    assert_eq!(decided, Err(silent));
    assert_eq!(script.count(Asked::Approve), 0);
}

fn a_request_of_yesterday_goes_on_by_a_number_of_today() {
    let mut shop = Shop::desk(|s| {
        s.refund.need_approval = true;
        s.gateway.servers = vec![shouyin::domain::Host(A.to_owned())];
    });
    let open = |shop: &mut Shop, ahead_ms: i64| {
        shop.stop();
        let script = Script::new(&[A])
            .row(|_| paid_row())
            .ahead(ahead_ms)
            .shared();
        shop.start_with(script.clone());
        script
    };
    open(&mut shop, 0);
    shop.sign_in("1001");
    let bill_no = shop.charge(1000, Wallet::Alipay);
    shop.until_bill(&bill_no, "paid", |b| {
        b.look.is_none() && b.state.is_terminal()
    });
    let asked = ask(&shop, &bill_no, 300).unwrap();
    let script = open(&mut shop, 86_400_000);
    shop.sign_in("2001");
    let no = only(decide(&shop, vec![here(&asked)], true)).unwrap();
    assert_ne!(no, asked, "its day is over");
    let old = refund(&shop, &asked);
    assert_eq!(
        (old.state, old.proof),
        (RefundState::NotSent, Some(RefundProof::Renewed))
    );
    let new = until_state(&mut shop, &no, RefundState::Succeeded);
    assert_eq!((new.fee, new.operator.as_str()), (Fen(300), "1001"));
    let sent: Vec<RefundNo> = script
        .refunds_sent()
        .into_iter()
        .map(|r| r.refund_no)
        .collect();
    assert_eq!(sent, [no], "only the new one ever left");
    assert_eq!(refunded(&shop, &bill_no), 300);
}

/// Another program asks the gateway for a refund that needs approval.
fn ask_there(shop: &Shop, bill_no: &BillNo, n: u32, fen: i64) {
    let now_ms = shop.sim.face().now_ms();
    let day = shouyin::domain::time::Day::of(now_ms).compact();
    let mut params = RefundParams::new(format!("{day}99{n:06}"), bill_no.clone(), Fen(fen));
    (params.endpoint, params.need_approval) = (Endpoint::Online, true);
    let reply = shop.sim.core().refund(now_ms, params);
    assert!(matches!(reply.result, Some(Ok(_))), "{reply:?}");
}

fn the_gateways_own_pre_refunds_are_listed_one_denied_and_two_approved_over_http() {
    let mut shop = crate::refunding::desk();
    let wallets = [Wallet::Alipay, Wallet::Wechat, Wallet::Alipay];
    let bills = wallets.map(|wallet| paid(&mut shop, 1000, wallet));
    for (n, bill_no) in (1..).zip(&bills) {
        ask_there(&shop, bill_no, n, 400);
    }
    let mut all = all_of(&shop);
    all.sort_by_key(|request| request.number().to_owned());
    assert_eq!(all.len(), 3);
    let blocked = refundable(&shop, &bills[0]).unwrap().balance;
    assert!(
        matches!(blocked, Err(Said::RefundBlocked(Blocked::InFlight(_)))),
        "I6"
    );
    let denied = only(decide(&shop, vec![all.pop().unwrap()], false)).unwrap();
    until_state(&mut shop, &denied, RefundState::Denied);
    let approved = decide(&shop, all, true);
    for decided in approved {
        let no = decided.result.unwrap();
        let ended = until_state(&mut shop, &no, RefundState::Succeeded);
        let page = ended.pre.unwrap().page;
        assert_eq!(
            page.is_some(),
            ended.wallet == Some(Wallet::Alipay),
            "{page:?}"
        );
    }
    let back = bills
        .each_ref()
        .map(|bill_no| (taken(&shop, bill_no).0, refunded(&shop, bill_no)));
    assert_eq!(back, [(400, 400), (400, 400), (0, 0)]);
    assert!(waiting(&shop).unwrap().rows.is_empty());
}
