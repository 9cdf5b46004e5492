//! I1 and FATE 6, 17, 18: whether a sale's next attempt, or a code, may go.

use super::driver::*;
use crate::domain::bill::{Incident, IncidentKind, PayAnswer, Qr, Release};
use crate::domain::gateway::Lost;
use crate::domain::{Bill, Channel, State};
use crate::payment::sale::{asks_about, code_may_return, may_attempt};

fn bill(channel: Channel, state: State) -> Bill {
    let mut bill = Drive::start(channel).durable;
    bill.state = state;
    bill
}

fn released(mut bill: Bill) -> Bill {
    bill.release = Some(Release {
        by: "2001".into(),
        reason: "现金".into(),
        at_ms: 0,
    });
    bill
}

#[test]
fn fate_06_a_code_may_return_only_after_refused_and_not_sent() {
    for state in State::ALL {
        let free = matches!(state, State::Refused | State::NotSent);
        assert_eq!(
            code_may_return(&bill(Channel::WxScan, state)),
            free,
            "{state:?}"
        );
    }
}

#[test]
fn fate_18_the_next_attempt_waits_until_earlier_ones_are_terminal_and_unpaid() {
    assert_eq!(may_attempt([]), Ok(()));
    for state in State::ALL {
        let free = state.is_terminal() && state != State::Paid;
        let one = bill(Channel::WxScan, state);
        assert_eq!(may_attempt([&one]).is_ok(), free, "{state:?}");
        let refused = bill(Channel::WxScan, State::Refused);
        let locked = may_attempt([&refused, &one]);
        assert_eq!(locked.is_ok(), free);
        if let Err(locked) = locked {
            assert_eq!(locked.by, one.bill_no);
        }
    }
}

#[test]
fn fate_18_a_release_frees_watching_and_unresolved_and_nothing_else() {
    for state in State::ALL {
        let open = matches!(state, State::Watching | State::Unresolved);
        let unpaid = state.is_terminal() && state != State::Paid;
        let one = released(bill(Channel::WxScan, state));
        assert_eq!(may_attempt([&one]).is_ok(), open || unpaid, "{state:?}");
    }
}

#[test]
fn fate_18_an_unpaid_bill_that_was_paid_after_all_locks() {
    let mut one = bill(Channel::WxScan, State::Expired);
    one.incident = Some(Incident {
        kind: IncidentKind::PaidAfterAll,
        at_ms: 0,
    });
    assert!(may_attempt([&one]).is_err());
    assert!(may_attempt([&released(one)]).is_err());
}

#[test]
fn fate_17_a_qr_that_was_never_drawn_does_not_lock_unless_it_was_paid() {
    for state in [State::Closing, State::Watching, State::Unresolved] {
        let mut one = bill(Channel::WxNative, state);
        one.qr = Qr::Unshown;
        assert_eq!(may_attempt([&one]), Ok(()));
        one.paid_seen = true;
        assert!(may_attempt([&one]).is_err());
    }
    let mut one = bill(Channel::WxNative, State::Paid);
    one.qr = Qr::Unshown;
    assert!(may_attempt([&one]).is_err());
    for qr in [
        Qr::None,
        Qr::Ready {
            code_url: "u".into(),
        },
    ] {
        let mut one = bill(Channel::WxNative, State::Awaiting);
        one.qr = qr;
        assert!(may_attempt([&one]).is_err(), "it may still be drawn");
    }
    let mut scan = bill(Channel::WxScan, State::Closing);
    scan.qr = Qr::Unshown;
    assert!(may_attempt([&scan]).is_err(), "not a QR");
}

#[test]
fn the_same_amount_question_is_asked_about_what_has_no_result() {
    for state in State::ALL {
        let asks = matches!(state, State::Closing | State::Watching | State::Unresolved);
        let one = bill(Channel::WxScan, state);
        assert_eq!(asks_about(&one), asks, "{state:?}");
        assert_eq!(asks_about(&released(one)), asks, "{state:?} released");
    }
    let mut lost = bill(Channel::WxScan, State::Awaiting);
    assert!(!asks_about(&lost), "never a plain waiting one");
    lost.pay = PayAnswer::Lost { why: Lost::Timeout };
    assert!(asks_about(&lost), "without an answer");
}

#[test]
fn fate_17_a_qr_that_was_never_drawn_does_not_ask() {
    let mut one = bill(Channel::WxNative, State::Watching);
    assert!(asks_about(&one));
    one.qr = Qr::Unshown;
    assert!(!asks_about(&one));
}
