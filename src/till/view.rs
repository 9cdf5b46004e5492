//! How a bill looks to the till's clients.

use super::service::{BillView, NextStep, QrView};
use crate::domain::bill::PayAnswer;
use crate::domain::{Bill, Now, State};
use crate::payment::{Case, Policy};
use std::sync::Arc;

/// What only the engine knows about a bill in its hands.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// The code, read back, while it may be drawn.
    pub qr: Option<Arc<QrView>>,
    /// Its end could not be written.
    pub unrecorded: bool,
    /// The next attempt of its sale is allowed.
    pub may_retry: bool,
}

/// A bill from the ledger that nobody works on.
pub fn of_bill(bill: &Bill) -> BillView {
    BillView {
        bill_no: bill.bill_no.clone(),
        sale: bill.sale.clone(),
        amount: bill.amount,
        channel: bill.channel,
        link: bill.link,
        wallet: bill.wallet(),
        note: bill.note.clone(),
        state: bill.state,
        proof: bill.proof,
        returned: bill.returned,
        late: bill.late && !bill.handed_over,
        incident: bill.incident.clone(),
        settlement: bill.settlement.clone(),
        pay: bill.pay.clone(),
        unanswered: bill.is_unanswered_open(),
        closing: bill.closing.map(|c| c.why),
        sent_ms: bill.sent.wall_ms,
        ended_ms: bill.ended_ms,
        deadline_ms: None,
        countdown_ms: None,
        asked: 0,
        next_at_ms: bill.next_ms,
        next: NextStep::Nothing,
        payable_until_ms: None,
        look: bill.look.map(|l| l.look_for),
        qr: None,
        can_show_again: false,
        detail: detail(bill),
        unrecorded: false,
        may_retry: false,
        refunded: bill.refunded,
        operator: bill.operator.clone(),
        released: bill.release.is_some(),
    }
}

/// A bill in the engine's hands.
pub fn of_case(case: &Case, extra: &Extra, now: &Now, policy: &Policy) -> BillView {
    let bill = &case.bill;
    let mut view = of_bill(bill);
    let waiting = matches!(bill.state, State::Sent | State::Awaiting);
    if waiting {
        let deadline = case.deadline_ms(policy);
        view.deadline_ms = Some(deadline);
        view.countdown_ms = Some(deadline - bill.sent.wall_ms);
    }
    view.asked = case.asked();
    view.next = next_step(case);
    view.next_at_ms = match bill.state.is_terminal() {
        true => bill.look.map(|l| l.due_ms),
        false => case
            .next_round(policy)
            .map(|at| now.wall_ms + (at - now.mono_ms).max(0)),
    };
    if bill.state == State::Watching {
        view.payable_until_ms = Some(case.payable_until_ms(now, policy));
    }
    view.qr = extra.qr.clone();
    view.can_show_again = view.qr.is_none() && case.can_show_again(now, policy);
    view.unrecorded = extra.unrecorded;
    view.may_retry = extra.may_retry;
    view
}

fn next_step(case: &Case) -> NextStep {
    if case.bill.state.is_terminal() {
        return NextStep::Nothing;
    }
    if case.is_asking() {
        return NextStep::Asking;
    }
    match case.bill.state {
        _ if case.waits_for_manager() => NextStep::Manager,
        State::Watching => NextStep::Expire,
        State::Closing if case.bill.reverts.is_none() => NextStep::Revert,
        State::Closing | State::Unresolved if case.bill.reverts.is_some() => NextStep::Verify,
        _ => NextStep::Ask,
    }
}

/// The gateway's own words beside a bill, cleaned already.
fn detail(bill: &Bill) -> Option<String> {
    match &bill.pay {
        PayAnswer::Refused { code, detail } => Some(format!("{code} {detail}")),
        PayAnswer::Final { detail, .. } => Some(detail.clone()),
        PayAnswer::Unconnected { why } => Some(why.clone()),
        _ => bill
            .alarm
            .as_ref()
            .map(|a| format!("{} {}", a.code, a.detail)),
    }
}
