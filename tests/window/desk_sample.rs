//! The manager's desk as the tests see it: refunds, a bill that can be refunded, both witnesses.

use super::sample;
use shouyin::domain::bill::{Incident, IncidentKind, RevertAnswer, Reverts};
use shouyin::domain::gateway::Row;
use shouyin::domain::query::RefundLine;
use shouyin::domain::refund::{
    RefundChannel, RefundHappened, RefundIncident, RefundIncidentKind, RefundProof, RefundState,
};
use shouyin::domain::staff::{Role, Staff};
use shouyin::domain::time::Stamp;
use shouyin::domain::{Bill, BillNo, Channel, Fen, Host, Proof, Refund, RefundNo, State, Wallet};
use shouyin::till::service::*;

pub fn second_manager() -> Staff {
    Staff {
        id: "2002".into(),
        name: "二号店长".into(),
        role: Role::Manager,
    }
}

/// A manager stands at a till that can refund.
pub fn managed(mut snapshot: Snapshot) -> Snapshot {
    snapshot.signed_in = sample::staff().into_iter().nth(1);
    snapshot.desk.can_refund = true;
    snapshot
}

/// The same, with another manager.
pub fn two_managers(snapshot: Snapshot) -> Snapshot {
    let mut snapshot = managed(snapshot);
    snapshot.staff.push(second_manager());
    snapshot
}

pub fn bill_no() -> BillNo {
    sample::bill_no(59, "Y6RC9G5H")
}

pub fn refund_no() -> RefundNo {
    RefundNo::parse("2026112001000007Q2M4XDK7").unwrap()
}

/// ¥ 50.00 of the bill, on its way.
pub fn refund(state: RefundState) -> RefundView {
    RefundView {
        refund_no: refund_no(),
        bill_no: bill_no(),
        fee: Fen(5_000),
        wallet: Some(Wallet::Alipay),
        reason: "顾客退货".into(),
        operator: "2001".into(),
        approver: "2001".into(),
        state,
        proof: None,
        lost: false,
        sent_ms: sample::now() - 30_000,
        ended_ms: state.is_terminal().then(|| sample::now() - 5_000),
        next_at_ms: (!state.is_terminal()).then(|| sample::now() + 12_000),
        asking: false,
        waits_for_manager: false,
        code: None,
        detail: None,
        unheard: false,
        incident: None,
        unrecorded: false,
        pre: None,
    }
}

/// Every face of a refund, by name.
pub fn faces() -> Vec<(&'static str, RefundView)> {
    let coded = |state, code, detail: &str| RefundView {
        code: Some(code),
        detail: Some(format!("{code} {detail}")),
        ..refund(state)
    };
    let lost = |state| RefundView {
        lost: true,
        ..refund(state)
    };
    let not = |proof, view| RefundView {
        proof: Some(proof),
        ..view
    };
    vec![
        ("sent", refund(RefundState::Sent)),
        ("processing", refund(RefundState::Processing)),
        ("sent_lost", lost(RefundState::Sent)),
        ("unknown", lost(RefundState::Unresolved)),
        (
            "unknown_code",
            coded(RefundState::Unresolved, 7, "NOTENOUGH 余额不足"),
        ),
        (
            "waits",
            RefundView {
                waits_for_manager: true,
                next_at_ms: None,
                ..lost(RefundState::Unresolved)
            },
        ),
        ("refunded", refund(RefundState::Succeeded)),
        ("failed", not(RefundProof::Row, refund(RefundState::Failed))),
        (
            "refused",
            not(
                RefundProof::Refused,
                coded(RefundState::Refused, 10, "REFUND_EXCEED_TIME"),
            ),
        ),
        (
            "not_sent",
            not(RefundProof::Connect, refund(RefundState::NotSent)),
        ),
        (
            "unknown_there",
            not(RefundProof::UnknownAtGateway, lost(RefundState::NotSent)),
        ),
        (
            "incident",
            RefundView {
                incident: Some(RefundIncident {
                    kind: RefundIncidentKind::FailedAfterAll,
                    at_ms: sample::now(),
                }),
                ..refund(RefundState::Succeeded)
            },
        ),
    ]
}

pub fn face(name: &str) -> RefundView {
    let found = faces().into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("no refund {name}")).1
}

/// Sent, without an answer, looked up.
pub fn story() -> Vec<RefundLine> {
    let kept = |ago_ms: i64| Stamp {
        wall_ms: sample::now() - ago_ms,
        offset_ms: None,
    };
    let line = |ago_ms: i64, what, detail: Option<&str>| RefundLine {
        at_ms: sample::now() - ago_ms,
        what,
        detail: detail.map(str::to_owned),
        refund: Refund {
            refund_no: refund_no(),
            bill_no: bill_no(),
            fee: Fen(5_000),
            paid: Fen(23_000),
            channel: RefundChannel::Ali,
            wallet: Some(Wallet::Alipay),
            reason: "顾客退货".into(),
            operator: "2001".into(),
            approver: "2001".into(),
            params_hash: String::new(),
            state: RefundState::Sent,
            host: Host("https://api.beecloud.cn".into()),
            sent: kept(30_000),
            last_sent: kept(30_000),
            sends: 1,
            answer: Default::default(),
            lost: false,
            seen: false,
            ended_ms: None,
            proof: None,
            look_ms: None,
            next_ms: None,
            incident: None,
            settled: None,
            pre: None,
        },
    };
    vec![
        line(30_000, RefundHappened::RefundStarted, None),
        line(20_000, RefundHappened::RefundLost, Some("30 s")),
        line(18_000, RefundHappened::RefundLookedUp, None),
    ]
}

/// ¥ 230.00 were paid, ¥ 30.00 went back, ¥ 200.00 are left.
pub fn refundable() -> Refundable {
    let here = sample::latest()
        .into_iter()
        .find(|b| b.bill_no == bill_no())
        .unwrap();
    Refundable {
        bill_no: bill_no(),
        wallet: here.wallet,
        channel: Some(here.channel),
        created_ms: Some(here.sent_ms),
        here: Some(Box::new(here)),
        balance: Ok(BalanceView {
            paid: Fen(23_000),
            refunded: Fen(3_000),
            unfinished: Fen(0),
            refundable: Fen(20_000),
            alone_up_to: None,
        }),
        refunds: vec![RefundView {
            refund_no: RefundNo::parse("2026112001000003AAAABBBB").unwrap(),
            fee: Fen(3_000),
            ..refund(RefundState::Succeeded)
        }],
        elsewhere: Vec::new(),
    }
}

/// The same, above ¥ 100.00 only with another manager.
pub fn limited() -> Refundable {
    let mut bill = refundable();
    if let Ok(balance) = &mut bill.balance {
        balance.alone_up_to = Some(Fen(10_000));
    }
    bill
}

/// A bill that is paid here and given back at the gateway.
pub fn witnesses(choices: Vec<Choice>) -> Witnesses {
    let stamp = |ago_ms: i64| Stamp {
        wall_ms: sample::now() - ago_ms,
        offset_ms: None,
    };
    let bill = Bill {
        state: State::Paid,
        proof: Some(Proof::Status),
        ended_ms: Some(sample::now() - 500_000),
        incident: Some(Incident {
            kind: IncidentKind::GivenBack,
            at_ms: sample::now() - 60_000,
        }),
        reverts: Some(Reverts {
            count: 2,
            first: stamp(560_000),
            last: stamp(550_000),
            counts: true,
            void: false,
            answer: RevertAnswer::Denied,
            claimed: false,
            unspent: None,
        }),
        ..Bill::sent(
            bill_no(),
            shouyin::domain::SaleId("S59".into()),
            Fen(23_000),
            Channel::AliScan,
            Host("https://api.beecloud.cn".into()),
            stamp(600_000),
        )
    };
    Witnesses {
        here: Box::new(bill),
        there: Witness::Row(Box::new(Row {
            paid: true,
            reverted: Some(true),
            refunded: None,
            total_fee: Fen(23_000),
            bill_fee: None,
            discount: Fen(0),
            trade_no: Some("2026112022001400001234567890".into()),
            sub_channel: None,
            id: None,
            create_time_ms: Some(sample::now() - 599_000),
        })),
        host: Host("https://api.beecloud.cn".into()),
        at_ms: sample::now(),
        not_before_ms: None,
        choices,
    }
}

/// Its bill on the to-do list.
pub fn contradicted() -> BillView {
    BillView {
        bill_no: bill_no(),
        amount: Fen(23_000),
        incident: Some(Incident {
            kind: IncidentKind::GivenBack,
            at_ms: sample::now() - 60_000,
        }),
        ..sample::ended(State::Paid, Proof::Status)
    }
}
