//! A bill and its refunds: what went back is added up, and explains what the row says.

use super::driver::*;
use crate::domain::bill::{Happened, IncidentKind, Settled};
use crate::domain::gateway::{PayOutcome, RevertOutcome, RowOutcome, StatusOutcome};
use crate::domain::{Channel, Fen, State};
use crate::payment::{Action, Event, step};

fn paid_bill() -> Drive {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(paid_at_once());
    d
}

fn refunded(fee: i64) -> Event {
    Event::Refunded {
        fee: Fen(fee),
        by: "2001".into(),
        reason: "退货".into(),
    }
}

fn word(how: Settled) -> Event {
    Event::IncidentSettled {
        how,
        by: "2001".into(),
        reason: "r".into(),
    }
}

fn refunded_row() -> RowOutcome {
    let mut row = row(true, Some(false));
    row.refunded = Some(true);
    RowOutcome::Row(row)
}

/// Proven not charged, and paid after all.
fn contradicted() -> Drive {
    let mut d = Drive::start(Channel::WxScan);
    d.pay(PayOutcome::Unconnected { why: "x".into() });
    (d.status, d.row) = (StatusOutcome::Paid, paid());
    d.event(Event::Hinted);
    d.run_to(d.t() + 2_000);
    assert_eq!(d.incident(), Some(IncidentKind::PaidAfterAll));
    d
}

#[test]
fn refunds_add_up_and_the_state_stays() {
    let mut d = paid_bill();
    d.event(refunded(500));
    d.event(refunded(734));
    assert_eq!(d.case.bill.refunded, Fen(1234));
    assert_eq!(
        (d.state(), d.case.bill.settlement.clone()),
        (State::Paid, None)
    );
    d.event(refunded(i64::MAX));
    d.event(refunded(-5));
    assert_eq!(d.case.bill.refunded, Fen(i64::MAX), "neither over nor back");
}

#[test]
fn the_refund_is_a_line_of_the_bills_story() {
    let d = paid_bill();
    let (_, actions) = step(d.case, refunded(500), &d.now, &d.policy);
    let Some(Action::Record { what, detail, bill }) = actions.first() else {
        panic!("recorded: {actions:?}");
    };
    assert_eq!(
        (*what, detail.as_deref()),
        (Happened::Refunded, Some("5.00"))
    );
    assert_eq!(bill.refunded, Fen(500));
}

#[test]
fn an_incident_is_settled_by_refunding_everything() {
    let mut d = contradicted();
    d.event(refunded(1233));
    assert_eq!(d.case.bill.settlement, None);
    assert!(d.case.bill.needs_someone());
    d.event(refunded(1));
    let settled = d.case.bill.settlement.clone().unwrap();
    assert_eq!(
        (settled.how, settled.by.as_str()),
        (Settled::Refunded, "2001")
    );
    assert!(!d.case.bill.needs_someone());
    assert_eq!(d.state(), State::NotSent, "I8");
}

#[test]
fn an_incident_about_the_amount_is_settled_by_refunding_what_was_paid() {
    let mut d = paid_bill();
    let mut other = row(true, Some(false));
    other.total_fee = Fen(2000);
    d.row = RowOutcome::Row(other);
    d.run_to(5_000);
    assert_eq!(
        d.incident(),
        Some(IncidentKind::Amount { there: Fen(2000) })
    );
    d.event(refunded(1234));
    assert_eq!(d.case.bill.settlement, None, "7.66 are still here");
    d.event(refunded(766));
    assert!(d.case.bill.settlement.is_some());
}

#[test]
fn a_manager_settles_an_incident_once_and_only_where_there_is_one() {
    let mut d = contradicted();
    d.event(word(Settled::Disputed));
    assert!(!d.case.bill.needs_someone());
    d.event(word(Settled::Accepted));
    let how = d.case.bill.settlement.clone().map(|s| s.how);
    assert_eq!(how, Some(Settled::Disputed), "the first word stands");
    let mut d = paid_bill();
    d.event(word(Settled::Accepted));
    assert_eq!(d.case.bill.settlement, None);
}

#[test]
fn what_a_manager_accepted_counts_as_paid_and_stays_accepted() {
    let mut d = contradicted();
    assert!(!d.case.bill.counts_as_paid());
    d.event(word(Settled::Accepted));
    assert!(d.case.bill.counts_as_paid());
    d.row = RowOutcome::Many(2);
    d.event(Event::Hinted);
    d.run_to(d.t() + 5_000);
    assert!(d.case.bill.counts_as_paid());
}

#[test]
fn a_settled_incident_gives_way_to_another_kind_only() {
    let mut d = paid_bill();
    d.row = refunded_row();
    d.run_to(5_000);
    assert_eq!(d.incident(), Some(IncidentKind::GivenBack));
    d.event(word(Settled::Disputed));
    d.event(Event::Hinted);
    d.run_to(d.t() + 5_000);
    assert!(!d.case.bill.needs_someone(), "the same again is no news");
    let other = crate::domain::BillNo::parse("2026112001000002ABCD2345").unwrap();
    d.event(Event::OtherPaid { other });
    assert!(d.case.bill.needs_someone());
}

#[test]
fn a_row_that_our_own_refund_explains_is_no_incident() {
    // The check of the row after pay, and a live query of the bill later on.
    for ask_later in [false, true] {
        let mut d = paid_bill();
        if ask_later {
            d.row = paid();
            d.run_to(5_000);
            assert_eq!(d.case.bill.look, None);
        }
        d.event(refunded(500));
        d.row = refunded_row();
        d.event(Event::Hinted);
        d.run_to(d.t() + 10_000);
        assert_eq!((d.incident(), d.case.bill.look), (None, None));
    }
}

#[test]
fn a_refund_of_ours_that_is_under_way_explains_the_row_too() {
    let mut d = paid_bill();
    d.case.set_refunding(true);
    d.row = refunded_row();
    d.run_to(5_000);
    assert_eq!(d.incident(), None);
}

#[test]
fn a_row_that_no_refund_of_ours_explains_is_an_incident() {
    let mut d = paid_bill();
    d.row = refunded_row();
    d.run_to(5_000);
    assert_eq!(d.incident(), Some(IncidentKind::GivenBack));
    // A revert is never explained by a refund.
    let mut d = paid_bill();
    d.event(refunded(500));
    d.row = reverted();
    d.run_to(5_000);
    assert_eq!(d.incident(), Some(IncidentKind::GivenBack));
}

/// FATE 11 by its letter never ends this: a revert that was denied, and a bill that was paid and
/// then refunded by somebody else. A manager ends it on the row, and an incident says that only a
/// part may have gone back.
#[test]
fn fate_11_a_bill_refunded_elsewhere_while_it_was_closing_can_be_ended_by_a_manager() {
    let mut d = Drive::awaiting(Channel::WxScan);
    d.revert = RevertOutcome::NotDone;
    d.event(Event::CancelAsked);
    d.run_to(30_000);
    let mut there = row(true, Some(false));
    there.refunded = Some(true);
    d.row = RowOutcome::Row(there);
    d.status = StatusOutcome::Paid;
    d.run_to(400_000);
    assert_eq!(d.state(), State::Unresolved);
    assert!(d.case.waits_for_manager());
    let (by, reason) = ("2001".into(), "已核对".into());
    d.event(Event::SettleAsked { by, reason });
    d.run_to(d.t() + 2_000);
    let bill = &d.case.bill;
    assert_eq!((bill.state, bill.returned), (State::Reverted, true));
    let incident = bill.incident.as_ref().map(|i| &i.kind);
    assert!(matches!(incident, Some(IncidentKind::RefundedThere { .. })));
    assert!(bill.needs_someone());
}
