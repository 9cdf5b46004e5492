//! Looking again at terminal bills (FATE 16): a contradiction found is an incident beside the
//! bill; the state stays (I8).

use super::case::Case;
use super::facts::Kind;
use super::policy::{
    LOOK_AGAIN, LOOK_EXPIRED, Policy, ROUND_FIRST, ROUND_LATER, ROUND_LONGEST, ROW_CHECK_AT,
    ROW_CHECK_LIMIT, ROW_UNPAID_LIMIT,
};
use crate::domain::bill::{Incident, IncidentKind, Look, LookFor, Proof, Settled};
use crate::domain::{Fen, Now, State};

/// What the endpoints said in this round of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub status: Option<Kind>,
    pub row: Option<Kind>,
}

impl Case {
    /// The look that a bill is due when it ends this way (FATE 2, 10, 11, 13, 14).
    pub(super) fn look_after(&self, now: &Now, policy: &Policy) -> Option<Look> {
        let due = |look_for, ms: i64| {
            Some(Look {
                look_for,
                due_ms: now.wall_ms + ms,
            })
        };
        let reverted = self.bill.reverts.is_some();
        match (self.bill.state, self.bill.proof) {
            (State::Paid, Some(Proof::Pay | Proof::Status)) if !reverted => {
                due(LookFor::PaidRow, ROW_CHECK_AT[0])
            }
            (State::Paid, _) if reverted => due(LookFor::Contradiction, LOOK_AGAIN),
            (State::Reverted, Some(Proof::NoWitness)) => due(LookFor::Contradiction, LOOK_AGAIN),
            (State::Refused, _) if reverted => {
                let age = now.mono_ms - self.run.sent_mono;
                let guard_left = policy.guard - age;
                due(
                    LookFor::Contradiction,
                    guard_left.max(0) + super::policy::DATE_GRAIN,
                )
            }
            (State::Expired, _) => due(LookFor::Contradiction, LOOK_EXPIRED),
            _ => None,
        }
    }

    /// Sets the clock of a due look, at its end or when it is taken up after a restart.
    pub(super) fn start_looking(&mut self, now: &Now) {
        self.run.queue.clear();
        self.run.interval = ROUND_FIRST;
        self.run.round_at = match self.bill.look {
            Some(look) => {
                let wait = look.due_ms.saturating_sub(now.wall_ms).max(0);
                self.run.marks.look_due = now.mono_ms.saturating_add(wait);
                self.run.marks.look_due
            }
            None => i64::MAX,
        };
    }

    /// A round of looking is over. Gives an incident or the end of the look as a change of the bill.
    pub(super) fn finish_look(&mut self, now: &Now) {
        let Some(look) = self.bill.look else { return };
        let found = self.run.look;
        let before = self.bill.incident.is_some();
        let done = match (self.bill.state, look.look_for) {
            (State::Paid, LookFor::PaidRow) => self.check_paid_row(found, now),
            (State::Paid, LookFor::Contradiction) => self.check_paid_stays(found, now),
            _ => self.check_unpaid_stays(found, now),
        };
        // Somebody asked before the time: that answers them, and the look stays due.
        let due = now.mono_ms >= self.run.marks.look_due;
        let contradicted = !before && self.bill.incident.is_some();
        if done && (due || contradicted) {
            self.bill.look = None;
        }
    }

    /// FATE 2: the row must say paid, with this amount, within 5 minutes.
    fn check_paid_row(&mut self, found: Found, now: &Now) -> bool {
        let age = now.mono_ms - self.run.marks.ended;
        match found.row {
            Some(Kind::RowPaid) => true,
            Some(Kind::RowRefunded) if self.is_refunded_here() => true,
            Some(Kind::RowReverted | Kind::RowRefunded) => {
                self.open_incident(IncidentKind::GivenBack, now);
                true
            }
            Some(Kind::RowUnpaid | Kind::RowEmpty) if age >= ROW_UNPAID_LIMIT => {
                self.open_incident(IncidentKind::RowUnpaid, now);
                true
            }
            // Silence contradicts nothing; reconciliation goes on where this gives up.
            _ => age >= ROW_CHECK_LIMIT,
        }
    }

    /// FATE 11: paid with reverts spent; the money must still be there. By now the row must know
    /// (I9: a status carries neither number nor amount).
    fn check_paid_stays(&mut self, found: Found, now: &Now) -> bool {
        let age = now.mono_ms - self.run.marks.ended;
        let contradiction = match (found.row, found.status) {
            (Some(Kind::RowPaid), _) => return true,
            (Some(Kind::RowRefunded), _) if self.is_refunded_here() => return true,
            (Some(Kind::RowReverted | Kind::RowRefunded), _) => IncidentKind::GivenBack,
            (Some(Kind::RowUnpaid | Kind::RowEmpty), _) | (_, Some(Kind::StatusNot)) => {
                IncidentKind::RowUnpaid
            }
            (Some(_), status) => return status.is_some(),
            // Silence contradicts nothing; reconciliation goes on where this gives up.
            (None, _) => return age >= ROW_CHECK_LIMIT,
        };
        self.open_incident(contradiction, now);
        true
    }

    /// A refund of ours explains a row that says refunded: it went through, or is on its way.
    fn is_refunded_here(&self) -> bool {
        self.bill.refunded > Fen::ZERO || self.run.refunding
    }

    /// FATE 10, 13, 14: proven not charged; a paid fact now is an incident.
    fn check_unpaid_stays(&mut self, found: Found, now: &Now) -> bool {
        match (found.row, found.status) {
            (Some(Kind::RowReverted), _) => true,
            (Some(row), _) if row.is_paid() => {
                self.open_incident(IncidentKind::PaidAfterAll, now);
                true
            }
            (_, Some(Kind::StatusPaid)) => {
                self.open_incident(IncidentKind::PaidAfterAll, now);
                true
            }
            (None, None) => false,
            _ => true,
        }
    }

    /// Opens an incident beside the bill, unless one is open (the first contradiction stands). One
    /// that a manager settled gives way to a new kind, which wants a word of its own; but what was
    /// accepted as paid stays so.
    pub(super) fn open_incident(&mut self, kind: IncidentKind, now: &Now) {
        let paid = self.bill.state == State::Paid;
        let settled = match &self.bill.settlement {
            Some(word) => paid || word.how != Settled::Accepted,
            None => false,
        };
        let free = match &self.bill.incident {
            Some(known) => settled && known.kind != kind,
            None => true,
        };
        if free {
            self.bill.settlement = None;
            self.bill.incident = Some(Incident {
                kind,
                at_ms: now.wall_ms,
            });
        }
    }

    /// When the look is tried again.
    pub(super) fn schedule_look(&mut self, now: &Now) {
        let Some(look) = self.bill.look else {
            self.run.round_at = i64::MAX;
            return;
        };
        let age = now.mono_ms - self.run.marks.ended;
        if now.mono_ms < self.run.marks.look_due {
            // The round that ended a bill, or a question before the time, is not the look.
            self.run.round_at = self.run.marks.look_due;
            return;
        }
        let early = ROW_CHECK_AT.iter().find(|at| **at > age).map(|at| at - age);
        let wait = match (look.look_for, early) {
            (LookFor::PaidRow, Some(wait)) => wait,
            (LookFor::PaidRow, None) if age < ROW_UNPAID_LIMIT => {
                (ROW_UNPAID_LIMIT - age).min(ROUND_LONGEST / 2)
            }
            _ => {
                let wait = self.run.interval;
                self.run.interval = (wait * 2).min(ROUND_LATER);
                wait
            }
        };
        self.run.round_at = now.mono_ms + wait;
    }
}
