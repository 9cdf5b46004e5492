//! Incidents: both witnesses side by side, and a manager's word about them, with PIN and reason.
//! Nothing here makes a bill paid: what is accepted, or ended by hand, rests on the gateway's row
//! read at that moment, and is the pure room's decision (FATE 11, I8).

use super::desk::reason_of;
use super::desk_calls::Reply;
use super::engine::Engine;
use super::refund::Found;
use super::service::{Choice, Said, SettleOrder, SettledAs, Witness, Witnesses};
use crate::domain::bill::{Incident, IncidentKind, Settled};
use crate::domain::gateway::{Row, RowOutcome};
use crate::domain::{Bill, BillNo, Fen, State};
use crate::payment::Event;
use crate::vault::{Deed, may};

/// A manager waits for the row that ends a bill.
pub(super) struct Settling {
    bill_no: BillNo,
    reply: Reply<Result<SettledAs, Said>>,
}

impl Engine {
    /// The ledger's bill and the gateway's row, read now, and what can be decided on them.
    pub(super) fn witnesses(&mut self, bill_no: BillNo, reply: Reply<Result<Witnesses, Said>>) {
        if let Err(said) = self.is_contradicted(&bill_no) {
            let _ = reply.send(Err(said));
            return;
        }
        let asked = bill_no.clone();
        self.read_gateway(&asked, false, move |engine, found| {
            let _ = reply.send(engine.side_by_side(&bill_no, found));
        });
    }

    fn is_contradicted(&mut self, bill_no: &BillNo) -> Result<(), Said> {
        self.allowed(Deed::SeeBills)?;
        let there = self.fetch(bill_no);
        let bill = self.bill_here(bill_no).filter(|_| there);
        match bill.is_some_and(|b| b.needs_someone()) {
            true => Ok(()),
            false => Err(Said::NothingToSettle),
        }
    }

    fn side_by_side(&mut self, bill_no: &BillNo, found: Option<Found>) -> Result<Witnesses, Said> {
        let there = self.fetch(bill_no);
        let here = self.bill_here(bill_no).filter(|_| there);
        let here = Box::new(here.cloned().ok_or(Said::NothingToSettle)?);
        let host = found.as_ref().map(|f| f.host.clone());
        let there = match found.map(|f| f.row) {
            None | Some(RowOutcome::NoAnswer(_)) => Witness::Silent,
            Some(RowOutcome::Empty) => Witness::Empty,
            Some(RowOutcome::Many(count)) => Witness::Many(count),
            Some(RowOutcome::Row(row)) => Witness::Row(Box::new(row)),
        };
        let choices = match self.waits_for_manager(bill_no) {
            true => by_row(&there),
            false => self.choices(&here, &there)?,
        };
        Ok(Witnesses {
            not_before_ms: self.not_before_ms(&here),
            at_ms: self.clock.now().wall_ms,
            host: host.unwrap_or_else(|| here.host.clone()),
            there,
            choices,
            here,
        })
    }

    /// What can be decided about a contradiction beside a terminal bill.
    fn choices(&self, here: &Bill, there: &Witness) -> Result<Vec<Choice>, Said> {
        let contradicted = here.incident.is_some() && here.settlement.is_none();
        let late = here.state == State::Paid && here.late && !here.handed_over;
        let mut choices = Vec::new();
        if !here.state.is_terminal() {
            return Ok(choices);
        }
        let row = match there {
            Witness::Row(row) => Some(&**row),
            _ => None,
        };
        let taken = self.taken_by_refunds(&here.bill_no)?;
        let money_is_there = |r: &Row| r.paid && r.reverted != Some(true);
        let left = |r: &Row| taken < here.amount.max(r.total_fee);
        if self.can_refund() && row.is_some_and(|r| money_is_there(r) && left(r)) {
            choices.push(Choice::Refund);
        }
        if contradicted && row.is_some_and(|r| acceptable(here, r)) {
            choices.push(Choice::Accept);
        }
        if contradicted {
            choices.push(Choice::Dispute);
        }
        if !contradicted && !late {
            choices.clear();
        }
        Ok(choices)
    }

    fn taken_by_refunds(&self, bill_no: &BillNo) -> Result<Fen, Said> {
        let refunds = self.refunds_now(bill_no)?;
        let taking = refunds.iter().filter(|r| r.state.takes_balance());
        Ok(Fen(taking.map(|r| r.fee.0).sum()))
    }

    /// Settles it, by a manager's PIN.
    pub(super) fn settle(&mut self, order: SettleOrder, reply: Reply<Result<SettledAs, Said>>) {
        let (by, reason) = match self.settled_by(&order) {
            Ok(word) => word,
            Err(said) => {
                let _ = reply.send(Err(said));
                return;
            }
        };
        let SettleOrder {
            bill_no, choice, ..
        } = order;
        match choice {
            Choice::EndByRow => self.end_by_row(bill_no, by, reason, reply),
            Choice::Accept if !self.has_open_incident(&bill_no) => {
                let _ = reply.send(Err(Said::NothingToSettle));
            }
            Choice::Accept => {
                let asked = bill_no.clone();
                self.read_gateway(&asked, false, move |engine, found| {
                    let _ = reply.send(engine.accept(&bill_no, found, by, reason));
                });
            }
            Choice::Dispute => {
                let result = self.settled(&bill_no, Settled::Disputed, by, reason);
                let _ = reply.send(result);
            }
            // A refund is ordered, with its own PIN; its success settles the rest.
            Choice::Refund => {
                let _ = reply.send(Err(Said::NothingToSettle));
            }
        }
    }

    /// The manager whose PIN the order carries, and their reason.
    fn settled_by(&mut self, order: &SettleOrder) -> Result<(String, String), Said> {
        let reason = reason_of(&order.reason)?;
        self.ledger_writes()?;
        let manager = self.who_has_pin(&order.id, &order.pin, "settle_refused")?;
        if !may(manager.staff.role, Deed::EndByHand) {
            return Err(Said::ManagerNeeded);
        }
        match self.fetch(&order.bill_no) {
            true => Ok((manager.staff.id, reason)),
            false => Err(Said::NothingToSettle),
        }
    }

    /// FATE 11: the machine reads the row and ends the bill if that proves anything.
    fn end_by_row(
        &mut self,
        bill_no: BillNo,
        by: String,
        reason: String,
        reply: Reply<Result<SettledAs, Said>>,
    ) {
        if !self.waits_for_manager(&bill_no) {
            let _ = reply.send(Err(Said::NothingToSettle));
            return;
        }
        let until_ms = self.bill_here(&bill_no).and_then(|b| self.not_before_ms(b));
        if let Some(until_ms) = until_ms {
            let _ = reply.send(Err(Said::TooEarly { until_ms }));
            return;
        }
        let settling = Settling {
            bill_no: bill_no.clone(),
            reply,
        };
        self.settling.push(settling);
        self.step(&bill_no, Event::SettleAsked { by, reason });
    }

    /// The row that a manager waited for has come, or did not: says what became of it.
    pub(super) fn row_settled(&mut self, bill_no: &BillNo, row_was_heard: bool) {
        let waiting = std::mem::take(&mut self.settling);
        let (ours, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|s| s.bill_no == *bill_no);
        self.settling = others;
        for settling in ours {
            let _ = settling.reply.send(self.ended_as(bill_no, row_was_heard));
        }
    }

    fn ended_as(&self, bill_no: &BillNo, row_was_heard: bool) -> Result<SettledAs, Said> {
        let ended = self.bill_here(bill_no).map(|b| b.state);
        let written = || self.ledger.bill(bill_no).ok().flatten().map(|b| b.state);
        match ended.or_else(written) {
            Some(state) if state.is_terminal() => {
                self.unless_unwritten(bill_no)?;
                Ok(SettledAs::Ended(state))
            }
            _ if row_was_heard => Err(Said::NotProven),
            _ => Err(Said::GatewaySilent),
        }
    }

    /// Accepted as paid, on the row read at this moment and on nothing else.
    fn accept(
        &mut self,
        bill_no: &BillNo,
        found: Option<Found>,
        by: String,
        reason: String,
    ) -> Result<SettledAs, Said> {
        let row = match found.map(|f| f.row) {
            None | Some(RowOutcome::NoAnswer(_)) => return Err(Said::GatewaySilent),
            Some(RowOutcome::Row(row)) => row,
            Some(RowOutcome::Empty | RowOutcome::Many(_)) => return Err(Said::NotProven),
        };
        let there = self.fetch(bill_no);
        let bill = self.bill_here(bill_no).filter(|_| there);
        if !bill.is_some_and(|bill| acceptable(bill, &row)) {
            return Err(Said::NotProven);
        }
        self.settled(bill_no, Settled::Accepted, by, reason)
    }

    fn settled(
        &mut self,
        bill_no: &BillNo,
        how: Settled,
        by: String,
        reason: String,
    ) -> Result<SettledAs, Said> {
        if !self.has_open_incident(bill_no) {
            return Err(Said::NothingToSettle);
        }
        self.step(bill_no, Event::IncidentSettled { how, by, reason });
        self.unless_unwritten(bill_no)?;
        Ok(SettledAs::Recorded(how))
    }

    /// A terminal bill with a contradiction that nobody settled yet.
    fn has_open_incident(&self, bill_no: &BillNo) -> bool {
        let open = |b: &Bill| b.incident.is_some() && b.settlement.is_none();
        let bill = self.bill_here(bill_no);
        bill.is_some_and(|b| b.state.is_terminal() && open(b))
    }

    fn unless_unwritten(&self, bill_no: &BillNo) -> Result<(), Said> {
        match &self.ledger_down {
            Some(why) if self.is_unwritten(bill_no) => Err(Said::LedgerDown(why.clone())),
            _ => Ok(()),
        }
    }

    fn bill_here(&self, bill_no: &BillNo) -> Option<&Bill> {
        self.cases.get(bill_no).map(|h| &h.case.bill)
    }

    fn waits_for_manager(&self, bill_no: &BillNo) -> bool {
        let held = self.cases.get(bill_no);
        held.is_some_and(|h| h.case.waits_for_manager())
    }

    /// FATE 11: one guard after the last revert, UTC ms; `None` where that is over.
    fn not_before_ms(&self, bill: &Bill) -> Option<i64> {
        let last = bill
            .reverts
            .as_ref()
            .filter(|_| !bill.state.is_terminal())?;
        let until_ms = last.last.wall_ms.saturating_add(self.policy.guard);
        (until_ms > self.clock.now().wall_ms).then_some(until_ms)
    }
}

/// A contradicted claim is ended by a row that says where the money is.
fn by_row(there: &Witness) -> Vec<Choice> {
    match there {
        Witness::Row(row) if row.paid || row.reverted == Some(true) => vec![Choice::EndByRow],
        _ => Vec::new(),
    }
}

/// The money is there and stays: paid, not reverted (said in so many words, once a revert was sent),
/// not refunded, and the amount is right, or known to be the contradiction.
fn acceptable(bill: &Bill, row: &Row) -> bool {
    let amount_is_it =
        |i: &Incident| matches!(i.kind, IncidentKind::Amount { there } if there == row.total_fee);
    let amount =
        row.amount_matches(bill.amount) || bill.incident.as_ref().is_some_and(amount_is_it);
    let stays = match bill.reverts {
        Some(_) => row.reverted == Some(false),
        None => row.reverted != Some(true),
    };
    row.paid && stays && row.refunded != Some(true) && amount
}
