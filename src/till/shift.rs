//! Shifts: opened with a float, handed over, closed. A sale never needs an open one: the first
//! sale or refund opens it, in the same transaction as its own record.
//!
//! What can't be written changes nothing. What a closed shift says never changes afterwards.

use super::desk::reason_of;
use super::engine::Engine;
use super::service::{Pin, Said, ShiftAct};
use crate::domain::bill::Proof;
use crate::domain::query::Query;
use crate::domain::shift::{CashMove, Closed, Exception, Hand, Shift, ShiftHappened};
use crate::domain::staff::Staff;
use crate::domain::{Bill, BillNo, Fen, State};
use crate::ledger::{Entry, LedgerError};
use crate::payment::Event;
use crate::vault::{Deed, may};
use std::sync::Arc;

/// FATE 10, 13, 14: so many ended bills are looked at again when a shift closes; more are left to
/// reconciliation, which sees every row.
const MOST_LOOKS: usize = 64;
/// So many ended bills are gone through for them.
const LOOK_THROUGH: u32 = 1_000;
/// A bill may have been sent this long before the shift in which it ended.
const EARLIER_MS: i64 = 86_400_000;

impl Engine {
    /// Does it for who is signed in; gives the shift as it is afterwards.
    pub(super) fn shift_act(&mut self, act: ShiftAct) -> Result<Shift, Said> {
        let deed = match act {
            ShiftAct::Close { .. } => Deed::CloseShift,
            _ => Deed::Shift,
        };
        let staff = self.allowed(deed)?;
        match act {
            ShiftAct::Open { float } => self.open_shift(&staff, float),
            ShiftAct::HandOver { to, pin, counted } => {
                self.hand_shift_over(&staff, &to, &pin, counted)
            }
            ShiftAct::Cash { amount, reason } => self.move_cash(&staff, amount, reason),
            ShiftAct::Close { counted, exception } => self.close_shift(&staff, counted, exception),
        }
    }

    fn open_shift(&mut self, staff: &Staff, float: Fen) -> Result<Shift, Said> {
        if self.shift.is_some() {
            return Err(Said::ShiftOpen);
        }
        check_cash(float)?;
        let shift = self.new_shift(&staff.id, float).map_err(ledger_down)?;
        self.keep_shift(ShiftHappened::ShiftOpened, shift, None)
    }

    fn new_shift(&self, by: &str, float: Fen) -> Result<Shift, LedgerError> {
        let last = self.ledger.books().shifts(1)?;
        Ok(Shift {
            no: last.first().map_or(0, |s| s.no).saturating_add(1),
            opened_ms: self.clock.now().wall_ms,
            opened_by: by.to_owned(),
            float,
            holder: by.to_owned(),
            hands: Vec::new(),
            cash: Vec::new(),
            closed: None,
        })
    }

    /// Writes what a sale or a refund begins with. Where no shift is open it is opened with it,
    /// without a float, by whoever is signed in: both are written, or neither. What is wrong with
    /// the shift alone stops no sale.
    pub(super) fn write_in_shift(&mut self, entries: &[Entry<'_>]) -> Result<(), LedgerError> {
        self.stale = true;
        let at_ms = self.clock.now().wall_ms;
        let by = self.signed_in.as_ref().map(|s| s.id.clone());
        let mut new = match &self.shift {
            Some(_) => None,
            None => self.new_shift(&by.unwrap_or_default(), Fen::ZERO).ok(),
        };
        if let (Some(shift), Some(began_ms)) = (&mut new, began_ms(entries)) {
            // What opens it is of its time: its reconciliation must not begin a moment later.
            shift.opened_ms = shift.opened_ms.min(began_ms);
        }
        let opens = new.as_ref();
        let opens = opens.map(|s| Entry::Shift(ShiftHappened::ShiftOpened, s));
        let both: Vec<Entry<'_>> = opens.into_iter().chain(entries.iter().copied()).collect();
        let mut result = self.ledger.write(&both, at_ms);
        match (&result, new) {
            (Ok(()), Some(shift)) => self.shift = Some(Arc::new(shift)),
            (Err(LedgerError::ShiftOpen { .. } | LedgerError::ShiftNumber { .. }), Some(_)) => {
                self.shift = self.ledger.books().open_shift()?.map(Arc::new);
                result = self.ledger.write(entries, at_ms);
            }
            _ => {}
        }
        self.judge_write(&result);
        result
    }

    /// The next one proves to be there by PIN, and is signed in by it.
    fn hand_shift_over(
        &mut self,
        staff: &Staff,
        to: &str,
        pin: &Pin,
        counted: Fen,
    ) -> Result<Shift, Said> {
        let mut shift = self.the_shift()?;
        check_cash(counted)?;
        let now = self.clock.now();
        let next = self.who_has_pin(to, pin, "sign_in_refused")?;
        shift.hands.push(Hand {
            at_ms: now.wall_ms,
            from: staff.id.clone(),
            to: next.staff.id.clone(),
            counted,
        });
        shift.holder.clone_from(&next.staff.id);
        let note = serde_json::json!({ "id": next.staff.id }).to_string();
        let note = Entry::Note("signed_in", &note);
        let shift = self.keep_shift(ShiftHappened::ShiftHandedOver, shift, Some(note))?;
        self.signs_in(next);
        Ok(shift)
    }

    fn move_cash(&mut self, staff: &Staff, amount: Fen, reason: String) -> Result<Shift, Said> {
        let mut shift = self.the_shift()?;
        if amount == Fen::ZERO {
            return Err(Said::Text("请填写金额".to_owned()));
        }
        check_cash(Fen(amount.0.saturating_abs()))?;
        let reason = reason_of(&reason)?;
        shift.cash.push(CashMove {
            at_ms: self.clock.now().wall_ms,
            by: staff.id.clone(),
            amount,
            reason,
        });
        self.keep_shift(ShiftHappened::ShiftCashMoved, shift, None)
    }

    fn close_shift(
        &mut self,
        staff: &Staff,
        counted: Fen,
        exception: Option<(String, Pin, String)>,
    ) -> Result<Shift, Said> {
        let mut shift = self.the_shift()?;
        check_cash(counted)?;
        if let Some(why) = &self.ledger_down {
            // What ended and can't be written yet would be missing in the report for ever.
            return Err(Said::LedgerDown(why.clone()));
        }
        let open = self.open_to_dos();
        let exception = match open {
            0 => None,
            open => Some(self.sign_exception(exception, open)?),
        };
        self.look_at_shift_close(shift.opened_ms)
            .map_err(ledger_down)?;
        let mut report = self
            .ledger
            .books()
            .shift_report(shift.no)
            .map_err(ledger_down)?;
        report.to_do = open;
        let head = self.ledger.head().map_err(ledger_down)?;
        shift.closed = Some(Closed {
            at_ms: self.clock.now().wall_ms,
            by: staff.id.clone(),
            counted,
            exception,
            report,
            head_count: head.count,
            head: hex(&head.last),
        });
        let shift = self.keep_shift(ShiftHappened::ShiftClosed, shift, None)?;
        self.print_shift(shift.no);
        Ok(shift)
    }

    /// Bills and refunds that stand on the to-do list.
    fn open_to_dos(&self) -> u32 {
        let bills = self.cases.values();
        let bills = bills.filter(|h| h.case.bill.needs_someone() || h.unrecorded());
        u32::try_from(bills.count() + self.refunds.to_do()).unwrap_or(u32::MAX)
    }

    fn sign_exception(
        &mut self,
        exception: Option<(String, Pin, String)>,
        open: u32,
    ) -> Result<Exception, Said> {
        let (id, pin, reason) = exception.ok_or(Said::ToDosOpen(open))?;
        let reason = reason_of(&reason)?;
        let manager = self.who_has_pin(&id, &pin, "signature_refused")?.staff;
        match may(manager.role, Deed::SignException) {
            true => Ok(Exception {
                by: manager.id,
                reason,
                open,
            }),
            false => Err(Said::ManagerNeeded),
        }
    }

    /// FATE 10, 13, 14: a proof that could be wrong is looked at once more. Closing waits for none
    /// of it; what contradicts is an incident of the next shift.
    fn look_at_shift_close(&mut self, opened_ms: i64) -> Result<(), LedgerError> {
        let query = Query {
            states: vec![State::Reverted, State::Expired, State::Refused],
            from_ms: Some(opened_ms.saturating_sub(EARLIER_MS)),
            limit: LOOK_THROUGH,
            ..Query::default()
        };
        let ended = self.ledger.search(&query)?;
        let fitting = ended.iter().filter(|b| is_looked_at(b, opened_ms));
        let bills: Vec<BillNo> = fitting
            .map(|b| b.bill_no.clone())
            .take(MOST_LOOKS)
            .collect();
        for bill_no in bills {
            if self.fetch(&bill_no) {
                self.step(&bill_no, Event::Hinted);
            }
        }
        Ok(())
    }

    fn the_shift(&self) -> Result<Shift, Said> {
        let shift = self.shift.as_ref().ok_or(Said::NoShift)?;
        Ok(Shift::clone(shift))
    }

    /// Durable, or nothing changed.
    fn keep_shift(
        &mut self,
        what: ShiftHappened,
        shift: Shift,
        note: Option<Entry<'_>>,
    ) -> Result<Shift, Said> {
        let at_ms = self.clock.now().wall_ms;
        let entries: Vec<Entry<'_>> = [Entry::Shift(what, &shift)]
            .into_iter()
            .chain(note)
            .collect();
        let result = self.ledger.write(&entries, at_ms);
        self.judge_write(&result);
        result.map_err(ledger_down)?;
        let open = shift.closed.is_none();
        self.shift = open.then(|| Arc::new(shift.clone()));
        Ok(shift)
    }
}

/// When the first of these was sent.
fn began_ms(entries: &[Entry<'_>]) -> Option<i64> {
    let sent = entries.iter().filter_map(|entry| match entry {
        Entry::Bill(_, _, bill) => Some(bill.sent.wall_ms),
        Entry::Refund(_, _, refund) => Some(refund.sent.wall_ms),
        Entry::Shift(..) | Entry::Run(_) | Entry::Print(_) | Entry::Note(..) => None,
    });
    sent.min()
}

/// Its proof could be wrong, and it ended since then.
fn is_looked_at(bill: &Bill, since_ms: i64) -> bool {
    let doubtful = match bill.state {
        State::Reverted => bill.proof == Some(Proof::NoWitness),
        State::Refused => bill.reverts.is_some(),
        state => state == State::Expired,
    };
    doubtful && bill.ended_ms.is_some_and(|at| at >= since_ms)
}

fn check_cash(amount: Fen) -> Result<(), Said> {
    if amount > Fen::LIMIT {
        return Err(Said::AmountTooLarge(Fen::LIMIT));
    }
    match amount >= Fen::ZERO {
        true => Ok(()),
        false => Err(Said::Text("清点的现金不能是负数".to_owned())),
    }
}

pub(super) fn ledger_down(error: LedgerError) -> Said {
    Said::LedgerDown(error.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
