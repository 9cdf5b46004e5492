use super::*;
use crate::domain::bill::{Incident, IncidentKind, PayAnswer, Settlement};
use crate::domain::{BillNo, Channel, Fen, SaleId};
use crate::till::service::{NextStep, QrView};
use crate::ui::face::Face;

fn bill(state: State) -> BillView {
    BillView {
        bill_no: BillNo::parse("20261120010000010ABCDEFG").unwrap(),
        sale: SaleId("S1".to_owned()),
        amount: Fen(1234),
        channel: Channel::AliScan,
        link: false,
        wallet: None,
        note: String::new(),
        state,
        proof: None,
        returned: false,
        late: false,
        incident: None,
        settlement: None,
        pay: PayAnswer::Pending,
        unanswered: false,
        closing: None,
        sent_ms: 0,
        ended_ms: None,
        deadline_ms: None,
        countdown_ms: None,
        asked: 0,
        next_at_ms: None,
        next: NextStep::Nothing,
        payable_until_ms: None,
        look: None,
        qr: None,
        can_show_again: false,
        detail: None,
        unrecorded: false,
        may_retry: false,
        refunded: Fen(0),
        operator: String::new(),
        released: false,
    }
}

fn shown(bill: BillView) -> PoleText {
    text_for(&Stage::Bill(Box::new(bill)))
}

#[test]
fn what_a_customer_reads() {
    assert_eq!(text_for(&Stage::Idle), PoleText::Blank);
    let amount = Fen(500);
    let typed = text_for(&Stage::Amount { amount });
    assert_eq!(typed, PoleText::Amount(Fen(500), Says::ShowCode));
    let table = [
        (State::Sent, Says::Confirm),
        (State::Awaiting, Says::Confirm),
        (State::Closing, Says::Wait),
        (State::Watching, Says::Wait),
        (State::Unresolved, Says::Wait),
        (State::Paid, Says::Paid),
        (State::Refused, Says::NotPaid),
        (State::NotSent, Says::NotPaid),
        (State::Reverted, Says::Cancelled),
        (State::Expired, Says::Cancelled),
    ];
    for (state, says) in table {
        assert_eq!(
            shown(bill(state)),
            PoleText::Amount(Fen(1234), says),
            "{state:?}"
        );
    }
}

/// The window's own table decides what a bill looks like; the pole must say the same of each.
#[test]
fn it_says_what_the_customers_window_says() {
    let settled = |how| Settlement {
        how,
        by: "2001".to_owned(),
        reason: String::new(),
        at_ms: 0,
    };
    let qr = QrView {
        width: 1,
        modules: vec![true],
    };
    let hows = [Settled::Accepted, Settled::Refunded, Settled::Disputed];
    let settlements = hows.map(|how| Some(settled(how))).into_iter().chain([None]);
    let settlements: Vec<_> = settlements.collect();
    let mut seen = 0;
    for state in State::ALL {
        for bits in 0..16_u32 {
            for settlement in &settlements {
                let mut bill = bill(state);
                let flag = |bit: u32| bits & (1 << bit) != 0;
                bill.qr = flag(0).then(|| Arc::new(qr.clone()));
                bill.unanswered = flag(1);
                bill.unrecorded = flag(2);
                bill.incident = flag(3).then_some(Incident {
                    kind: IncidentKind::RowUnpaid,
                    at_ms: 0,
                });
                bill.settlement.clone_from(settlement);
                let expected = match Face::of(&bill) {
                    Face::ShowingQr => Says::Scan,
                    Face::Waiting => Says::Confirm,
                    Face::Paid => Says::Paid,
                    Face::Refused | Face::NotSent => Says::NotPaid,
                    Face::Reverted(_) | Face::Expired => Says::Cancelled,
                    Face::Cancelling
                    | Face::Unknown
                    | Face::Watching
                    | Face::Unrevertible
                    | Face::Incident
                    | Face::Disputed
                    | Face::Unrecorded => Says::Wait,
                };
                assert_eq!(says(&bill), expected, "{bill:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 10 * 16 * 4);
}
