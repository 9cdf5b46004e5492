use super::*;

mod faults;
mod plant;
mod refund;
mod refund_rows;

const T0: i64 = 1_795_176_659_632;
const NO: &str = "2026112001000001ABCDEFGH";

fn no(text: &str) -> BillNo {
    BillNo::parse(text).unwrap()
}

fn core() -> Core {
    Core::new(Merchant::default(), 7)
}

fn code(text: &str) -> Option<AuthCode> {
    Some(AuthCode::parse(text).unwrap())
}

fn params(bill_no: &str, channel: Channel) -> PayParams {
    let auth_code = match channel {
        Channel::WxScan | Channel::BcWxScan => code("134567890123456789"),
        c if c.is_scan() => code("283024351597694002"),
        _ => None,
    };
    PayParams {
        auth_code,
        bill_timeout_s: Some(361),
        ..PayParams::new(no(bill_no), channel, Fen(1234))
    }
}

fn pay(core: &mut Core, channel: Channel, act: Act) -> Result<PayAnswer, Refused> {
    core.default_act = act;
    core.pay(T0, params(NO, channel)).delivered().unwrap()
}

fn status(core: &mut Core, ms: i64) -> Result<bool, Refused> {
    core.status(T0 + ms, &no(NO), None).delivered().unwrap()
}

fn revert(core: &mut Core, ms: i64) -> Result<bool, Refused> {
    core.revert(T0 + ms, &no(NO), None).delivered().unwrap()
}

fn row(core: &mut Core, ms: i64) -> Row {
    let rows = core.bills(T0 + ms, &Query::one(&no(NO))).delivered();
    let rows = rows.unwrap().unwrap();
    assert_eq!(rows.len(), 1);
    rows.into_iter().next().unwrap()
}

fn code_of<T: std::fmt::Debug>(result: Result<T, Refused>) -> i64 {
    result.unwrap_err().code.number()
}

#[test]
fn customers_pay_when_their_act_says() {
    use Channel::{AliOfflineQrcode, AliScan, WxNative, WxScan};
    for (channel, act, paid_after) in [
        (AliScan, Act::Pay, Some(0)),
        (WxScan, Act::Pay, Some(0)),
        (AliScan, Act::Password, Some(6_000)),
        (WxScan, Act::Late, Some(55_000)),
        (AliScan, Act::Never, None),
        (AliOfflineQrcode, Act::Pay, Some(3_000)),
        (WxNative, Act::Pay, Some(3_000)),
        (AliOfflineQrcode, Act::Password, Some(6_000)),
        (WxNative, Act::Late, Some(170_000)),
        (AliOfflineQrcode, Act::Never, None),
        (AliOfflineQrcode, Act::NoMoney, None),
    ] {
        let mut core = core();
        let answer = pay(&mut core, channel, act).unwrap();
        assert_eq!(answer.code_url.is_some(), channel.is_qr());
        let at_once = channel.is_scan().then_some(paid_after == Some(0));
        assert_eq!(answer.pay_result, at_once, "{channel} {act:?}");
        if let Some(ms) = paid_after {
            assert!(ms == 0 || status(&mut core, ms - 1) == Ok(false));
            assert_eq!(status(&mut core, ms), Ok(true));
        } else {
            assert_eq!(status(&mut core, 400_000), Ok(false));
        }
        let truth = core.truth(T0 + 400_000, &no(NO));
        assert_eq!(truth.paid_at, paid_after.map(|ms| T0 + ms));
        assert_eq!(truth.kept(), paid_after.is_some());
    }
}

#[test]
fn delays_can_be_scaled() {
    let mut core = core();
    core.delay_factor = 0.01;
    pay(&mut core, Channel::AliScan, Act::Late).unwrap();
    assert_eq!(status(&mut core, 549), Ok(false));
    assert_eq!(status(&mut core, 550), Ok(true));
}

#[test]
fn a_customer_without_money_is_refused_in_the_wallets_words() {
    for (channel, words) in [
        (Channel::WxScan, "NOTENOUGH"),
        (Channel::AliScan, "ACQ.BUYER_BALANCE_NOT_ENOUGH"),
    ] {
        let mut core = core();
        let refused = pay(&mut core, channel, Act::NoMoney).unwrap_err();
        assert_eq!(refused.code, Code::ChannelError);
        assert!(refused.detail.contains(words) && refused.detail.contains("余额不足"));
        assert_eq!(status(&mut core, 1_000), Ok(false));
        assert!(!core.truth(T0, &no(NO)).payable_now);
        assert!(!row(&mut core, 1_000).paid);
        assert_eq!(revert(&mut core, 2_000), Ok(true));
        // Nothing was taken: the same code may pay another bill.
        core.default_act = Act::Pay;
        let next = core.pay(T0, params("20261120NEXT", channel)).delivered();
        assert_eq!(next.unwrap().unwrap().pay_result, Some(true));
    }
}

#[test]
fn a_payment_code_is_taken_once() {
    for channel in [Channel::AliScan, Channel::WxScan] {
        let mut core = core();
        pay(&mut core, channel, Act::Pay).unwrap();
        let second = core.pay(T0, params("20261120SECOND", channel)).delivered();
        let refused = second.unwrap().unwrap_err();
        assert_eq!(refused.code, Code::ChannelError);
        assert!(refused.detail.contains("AUTH_CODE_INVALID"));
        assert_eq!(core.truth(T0, &no("20261120SECOND")).paid_at, None);
    }
}

#[test]
fn the_other_wallets_code_is_refused_by_the_wallet() {
    for (channel, text) in [
        (Channel::AliScan, "134567890123456789"),
        (Channel::WxScan, "283024351597694002"),
        (Channel::Scan, "6212345678901234567"),
    ] {
        let mut core = core();
        let mut params = params(NO, channel);
        params.auth_code = code(text);
        let refused = core.pay(T0, params).delivered().unwrap().unwrap_err();
        assert_eq!(refused.code, Code::ChannelError);
        assert!(refused.detail.contains("AUTH_CODE_INVALID"), "{channel}");
    }
}

#[test]
fn one_code_for_both_wallets_is_resolved_by_its_prefix() {
    for (asked, text, became) in [
        (Channel::Scan, "283024351597694002", Channel::AliScan),
        (Channel::Scan, "134567890123456789", Channel::WxScan),
        (Channel::Scan, "23891113455872", Channel::AliScan),
        (Channel::BcScan, "283024351597694002", Channel::BcAliScan),
        (Channel::BcScan, "134567890123456789", Channel::BcWxScan),
    ] {
        let mut core = core();
        let mut params = params(NO, asked);
        params.auth_code = code(text);
        let answer = core.pay(T0, params).delivered().unwrap().unwrap();
        assert_eq!(answer.channel_type, Some(became));
        assert_eq!(answer.pay_result, Some(true));
        assert_eq!(row(&mut core, 0).sub_channel, became);
        let by = |core: &mut Core, c| core.status(T0, &no(NO), Some(c)).delivered().unwrap();
        assert_eq!(by(&mut core, became), Ok(true));
        assert_eq!(code_of(by(&mut core, asked)), 3, "status by {asked}");
    }
}

#[test]
fn a_bill_no_is_taken_once_for_ever() {
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Never).unwrap();
    revert(&mut core, 10).unwrap();
    assert_eq!(code_of(pay(&mut core, Channel::WxNative, Act::Pay)), 17);
    assert_eq!(core.bill_nos().len(), 1);
}

#[test]
fn an_unpaid_bill_that_is_reverted_can_never_be_paid() {
    for channel in [Channel::AliScan, Channel::WxScan, Channel::AliOfflineQrcode] {
        let mut core = core();
        pay(&mut core, channel, Act::Password).unwrap();
        assert_eq!(revert(&mut core, 5_000), Ok(true));
        assert_eq!(status(&mut core, 10_000), Ok(false));
        let row = row(&mut core, 10_000);
        assert_eq!((row.paid, row.reverted), (false, Some(true)));
        core.play(T0 + 11_000, Some(&no(NO)), Some(Act::Pay), None);
        let truth = core.truth(T0 + 12_000, &no(NO));
        assert_eq!((truth.paid_at, truth.payable_now), (None, false));
        assert_eq!(revert(&mut core, 13_000), Ok(true), "idempotent");
    }
}

#[test]
fn a_paid_bill_that_is_reverted_gives_the_money_back() {
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Password).unwrap();
    assert_eq!(revert(&mut core, 6_000), Ok(true));
    assert_eq!(status(&mut core, 6_001), Ok(false));
    let row = row(&mut core, 7_000);
    assert_eq!((row.paid, row.reverted), (true, Some(true)));
    let truth = core.truth(T0 + 7_000, &no(NO));
    assert!(truth.returned && !truth.kept());
}

#[test]
fn what_has_no_revert_answers_channel_invalid() {
    for channel in [Channel::WxNative, Channel::BcAliQrcode, Channel::BcNative] {
        let mut core = core();
        pay(&mut core, channel, Act::Pay).unwrap();
        assert_eq!(code_of(revert(&mut core, 0)), 3, "{channel}");
        let named = core.revert(T0, &no(NO), Some(channel)).delivered().unwrap();
        assert_eq!(code_of(named), 3);
        assert!(core.truth(T0 + 3_000, &no(NO)).kept());
        assert_eq!(status(&mut core, 3_000).is_ok(), channel.has_status());
        assert!(row(&mut core, 3_000).paid);
    }
}

#[test]
fn a_channel_that_is_not_the_bills_is_refused() {
    let mut core = core();
    pay(&mut core, Channel::AliScan, Act::Never).unwrap();
    for channel in [Channel::WxScan, Channel::AliOfflineQrcode, Channel::Scan] {
        let status = core.status(T0, &no(NO), Some(channel)).delivered().unwrap();
        assert_eq!(code_of(status), 3);
        let revert = core.revert(T0, &no(NO), Some(channel)).delivered().unwrap();
        assert_eq!(code_of(revert), 3);
    }
    assert_eq!(core.truth(T0, &no(NO)).reverted_at, None);
}

#[test]
fn an_unknown_bill_is_8_and_alipays_cancel_of_it_is_true() {
    let mut core = core();
    let mut revert = |channel| core.revert(T0, &no(NO), channel).delivered().unwrap();
    assert_eq!(revert(Some(Channel::AliScan)), Ok(true));
    assert_eq!(revert(Some(Channel::AliOfflineQrcode)), Ok(true));
    assert_eq!(code_of(revert(Some(Channel::WxScan))), 8);
    assert_eq!(code_of(revert(Some(Channel::BcAliScan))), 8);
    assert_eq!(code_of(revert(None)), 8);
    assert_eq!(code_of(status(&mut core, 0)), 8);
    assert_eq!(core.truth(T0, &no(NO)), Truth::UNKNOWN);
    let rows = core.bills(T0, &Query::one(&no(NO))).delivered().unwrap();
    assert_eq!(rows, Ok(vec![]));
    // The claim proved nothing: the bill can still come and be paid.
    assert!(pay(&mut core, Channel::AliScan, Act::Pay).is_ok());
    assert!(core.truth(T0, &no(NO)).kept());
}

#[test]
fn nothing_is_payable_after_bill_timeout() {
    for (plan, paid) in [(360_999, true), (361_000, false)] {
        let mut core = core();
        let at = Play::At(T0 + plan);
        let plan = Plan {
            play: Some(at),
            ..Plan::default()
        };
        core.plan(Some(&no(NO)), plan);
        pay(&mut core, Channel::WxNative, Act::Never).unwrap();
        assert!(core.truth(T0 + 360_998, &no(NO)).payable_now);
        assert_eq!(core.truth(T0 + 500_000, &no(NO)).kept(), paid);
        assert!(!core.truth(T0 + 500_000, &no(NO)).payable_now);
    }
}

#[test]
fn without_bill_timeout_the_wallets_own_life_counts() {
    for (channel, days) in [(Channel::WxNative, 1), (Channel::AliOfflineQrcode, 15)] {
        let mut core = core();
        core.default_act = Act::Never;
        let mut params = params(NO, channel);
        params.bill_timeout_s = None;
        core.pay(T0, params);
        let expires = core.truth(T0, &no(NO)).expires_at;
        assert_eq!(expires, Some(T0 + days * 86_400_000));
    }
}

#[test]
fn wallets_undo_only_for_a_while_and_wechat_only_with_a_certificate() {
    const HOUR: i64 = 3_600_000;
    for (channel, hours, expected) in [
        (Channel::AliScan, 24, Ok(true)),
        (Channel::AliScan, 25, Err("TRADE_CANCEL_TIME_OUT")),
        (Channel::WxScan, 7 * 24, Ok(true)),
        (Channel::WxScan, 7 * 24 + 1, Err("REVERSE_EXPIRE")),
    ] {
        let mut core = core();
        pay(&mut core, channel, Act::Pay).unwrap();
        let answer = revert(&mut core, hours * HOUR);
        assert_eq!(answer.is_ok(), expected.is_ok(), "{channel} {hours}");
        if let (Err(refused), Err(words)) = (answer, expected) {
            assert_eq!(refused.code, Code::ChannelError);
            assert!(refused.detail.contains(words));
            assert!(core.truth(T0, &no(NO)).kept());
        }
    }
    let mut core = core();
    core.wechat_certificate = false;
    pay(&mut core, Channel::WxScan, Act::Pay).unwrap();
    assert_eq!(code_of(revert(&mut core, 1)), 6);
    assert!(core.truth(T0 + 1, &no(NO)).kept());
}

#[test]
fn a_customer_can_be_told_what_to_do_with_a_bill_that_is_there() {
    let mut core = core();
    let bill_no = no(NO);
    pay(&mut core, Channel::AliOfflineQrcode, Act::Never).unwrap();
    let planned = core.play(T0 + 9_000, Some(&bill_no), Some(Act::Password), None);
    assert_eq!(planned, Planned::Existing);
    assert_eq!(core.truth(T0 + 9_000, &bill_no).pay_at, Some(T0 + 15_000));
    core.play(T0 + 10_000, Some(&bill_no), Some(Act::Never), None);
    assert_eq!(status(&mut core, 20_000), Ok(false));
    core.play(T0 + 20_000, Some(&bill_no), Some(Act::Pay), None);
    assert_eq!(status(&mut core, 20_000), Ok(true), "at once");
}

#[test]
fn a_plan_is_for_one_bill() {
    let mut core = core();
    let planned = core.play(T0, None, Some(Act::NoMoney), Some(Network::LoseAnswer));
    assert_eq!(planned, Planned::Next);
    let named = no("20261120NAMED");
    let planned = core.play(T0, Some(&named), Some(Act::Never), None);
    assert_eq!(planned, Planned::Upcoming);
    let answer = core.pay(T0, params(named.as_str(), Channel::AliScan));
    assert_eq!(answer.delivered().unwrap().unwrap().pay_result, Some(false));
    let lost = core.pay(T0, params(NO, Channel::WxScan));
    assert_eq!(lost.transport, Transport::LoseAnswer);
    assert_eq!(lost.delivered(), None);
    assert!(core.get(&no(NO)).unwrap().refused);
    let fresh = core.fresh_code(Wallet::Wechat);
    let mut normal = params("20261120THIRD", Channel::WxScan);
    normal.auth_code = Some(fresh);
    let answer = core.pay(T0, normal).delivered().unwrap().unwrap();
    assert_eq!(answer.pay_result, Some(true));
}

#[test]
fn what_is_told_in_two_calls_holds_together() {
    let mut core = core();
    core.play(T0, None, Some(Act::NoMoney), None);
    core.play(T0, None, None, Some(Network::BadGateway));
    let reply = core.pay(T0, params(NO, Channel::AliScan));
    assert_eq!(reply.transport, Transport::BadGateway);
    assert!(core.get(&no(NO)).unwrap().refused);
}

#[test]
fn queries_hold_all_their_conditions() {
    let mut core = core();
    for (i, channel) in Channel::ALL.into_iter().enumerate() {
        let mut params = params(&format!("20261120{i:04}"), channel);
        if channel.is_scan() {
            params.auth_code = Some(core.fresh_code(channel.wallet().unwrap_or(Wallet::Wechat)));
        }
        core.pay(T0 + i as i64, params);
    }
    for (query, expected) in [
        (Query::default(), 10),
        (
            Query {
                skip: 8,
                ..Query::default()
            },
            2,
        ),
        (
            Query {
                limit: 3,
                ..Query::default()
            },
            3,
        ),
        (
            Query {
                channel: Some("WX".into()),
                ..Query::default()
            },
            3,
        ),
        (
            Query {
                channel: Some("BC".into()),
                ..Query::default()
            },
            5,
        ),
        (
            Query {
                channel: Some("WX_SCAN".into()),
                ..Query::default()
            },
            2,
        ),
        (
            Query {
                spay_result: Some(true),
                ..Query::default()
            },
            6,
        ),
        (
            Query {
                refund_result: Some(true),
                ..Query::default()
            },
            0,
        ),
        (
            Query {
                start_time: Some(T0 + 2),
                end_time: Some(T0 + 4),
                ..Query::default()
            },
            3,
        ),
    ] {
        let rows = core.bills(T0 + 100, &query).delivered().unwrap().unwrap();
        assert_eq!(rows.len(), expected, "{query:?}");
        assert!(rows.is_sorted_by_key(|r| -r.create_time), "newest first");
        let all = Query {
            skip: 0,
            limit: 50,
            ..query
        };
        let count = core.count(T0 + 100, &all).delivered().unwrap().unwrap();
        assert!(count >= expected);
    }
    let id = core.get(&no("202611200003")).unwrap().id.clone();
    let one = core.bill(T0 + 100, &id).delivered().unwrap().unwrap();
    assert_eq!(one.bill_no, no("202611200003"));
    assert_eq!(code_of(core.bill(T0, "nobody").delivered().unwrap()), 8);
}

#[test]
fn fresh_codes_are_valid_and_differ() {
    let mut core = core();
    let mut seen = HashSet::new();
    for _ in 0..200 {
        for wallet in [Wallet::Alipay, Wallet::Wechat] {
            let code = core.fresh_code(wallet);
            assert_eq!(code.kind().wallet(), Some(wallet));
            assert_eq!(code.expose().len(), 18);
            assert!(seen.insert(code.expose().to_owned()));
        }
    }
}

#[test]
fn secrets_are_not_printed() {
    let text = format!("{:?}", core());
    assert!(!text.contains("practice-app") && !text.contains("practice-master"));
}

/// One random day, as text.
fn day(seed: u64) -> String {
    let mut core = Core::new(Merchant::default(), seed);
    let mut rng = Rng::new(seed);
    let mut log = String::new();
    let mut now_ms = T0;
    let transports = [
        Transport::Normal,
        Transport::LoseAnswer,
        Transport::LoseRequest,
        Transport::ActLater { ms: 4_000 },
    ];
    for _ in 0..300 {
        now_ms += (rng.next() % 3_000) as i64;
        let mut pick = |n: usize| (rng.next() % n as u64) as usize;
        let bill_no = no(&format!("20261120{:02}", pick(20)));
        let acts = [Act::Pay, Act::Password, Act::Late, Act::Never, Act::NoMoney];
        core.default_act = acts[pick(5)];
        core.faults.pay_transport = transports[pick(4)];
        core.faults.revert_transport = transports[pick(4)];
        let line = match pick(4) {
            0 => {
                let channel = Channel::ALL[pick(10)];
                let mut params = params(bill_no.as_str(), channel);
                params.auth_code = Some(core.fresh_code(Wallet::Alipay));
                format!("{:?}", core.pay(now_ms, params))
            }
            1 => format!("{:?}", core.status(now_ms, &bill_no, None)),
            2 => format!("{:?}", core.revert(now_ms, &bill_no, None)),
            _ => format!("{:?}", core.bills(now_ms, &Query::one(&bill_no))),
        };
        log.push_str(&line);
        for bill_no in core.bill_nos().to_vec() {
            let truth = core.truth(now_ms, &bill_no);
            let bill = core.get(&bill_no).unwrap();
            log.push_str(&format!("{truth:?}"));
            // Money is taken only while the bill is payable, and a revert always gives it back.
            if let Some(at) = truth.paid_at {
                assert!((bill.created_at..bill.expires_at).contains(&at) && !bill.refused);
                assert!(truth.reverted_at.is_none_or(|reverted| reverted >= at));
                assert_eq!(truth.returned, truth.reverted_at.is_some());
                assert!(!truth.payable_now);
            }
            assert!(truth.reverted_at.is_none() || !truth.payable_now);
        }
    }
    log
}

#[test]
fn equal_seeds_give_equal_days_and_the_ledger_keeps_its_invariants() {
    for seed in 0..20 {
        assert_eq!(day(seed), day(seed), "seed {seed}");
    }
    assert_ne!(day(1), day(2));
}
