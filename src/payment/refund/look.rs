//! Looking again at ended refunds: the row of a success (I9), and what a proof of the contrary
//! could have missed. What is found is an incident beside the refund; the state stays (I8).

use super::case::RefundCase;
use crate::domain::Now;
use crate::domain::gateway::RefundRow;
use crate::domain::refund::{RefundIncident, RefundIncidentKind, RefundProof, RefundState};
use crate::payment::policy::{LOOK_AGAIN, LOOK_EXPIRED, ROUND_LATER, ROUND_LONGEST};

/// I9: the row of a success is read within 30 s, and again for 5 minutes while it lags, ms.
const CONFIRM_AT: [i64; 8] = [
    2_000, 5_000, 10_000, 20_000, 29_000, 60_000, 120_000, 300_000,
];
/// Proven not to be there, or refused: could the gateway have lied?
const NOT_SENT_AT: [i64; 2] = [LOOK_AGAIN, LOOK_EXPIRED];
const REFUSED_AT: [i64; 1] = [LOOK_AGAIN];
/// A look that nobody answers is left to reconciliation after this, ms.
const SILENT_LIMIT: i64 = 86_400_000;

impl RefundCase {
    /// When a refund that ended this way is looked at, ms after its end. A wallet's own word that
    /// it failed needs none: the balance counts what the gateway has.
    fn looks(&self) -> &'static [i64] {
        match (self.refund.state, self.refund.proof) {
            (RefundState::Succeeded, Some(RefundProof::Row)) => &[],
            (RefundState::Succeeded, _) if self.run.matched => &[],
            (RefundState::Succeeded, _) => &CONFIRM_AT,
            (RefundState::NotSent, Some(RefundProof::UnknownAtGateway)) => &NOT_SENT_AT,
            (RefundState::Refused, _) => &REFUSED_AT,
            // The gateway took a no: did somebody else's yes come before it?
            (RefundState::Denied, Some(RefundProof::Denied)) if self.is_elsewheres() => &REFUSED_AT,
            _ => &[],
        }
    }

    /// The refund has just ended: its first look.
    pub(super) fn start_looking(&mut self, now: &Now) {
        self.run.queue.clear();
        (self.run.heard, self.run.confirmed) = (false, false);
        self.run.interval = ROUND_LONGEST;
        let first = self.looks().first().copied();
        self.look_at(first, now);
    }

    /// Due so long after the end; `None`: never.
    fn look_at(&mut self, after_end: Option<i64>, now: &Now) {
        let due = after_end.map(|ms| self.run.ended.saturating_add(ms));
        self.run.round_at = due.unwrap_or(i64::MAX);
        self.run.look_due = self.run.round_at;
        self.refund.look_ms = due.map(|due| {
            let wait = due.saturating_sub(now.mono_ms).max(0);
            now.wall_ms.saturating_add(wait)
        });
    }

    /// A due look from the file. A wall clock that was set can't put it off for ever.
    pub(super) fn resume_looking(&mut self, now: &Now) {
        self.run.interval = ROUND_LONGEST;
        self.run.round_at = match self.refund.look_ms {
            Some(look_ms) => {
                let wait = look_ms.saturating_sub(now.wall_ms).clamp(0, LOOK_EXPIRED);
                now.mono_ms.saturating_add(wait)
            }
            None => i64::MAX,
        };
        self.run.look_due = self.run.round_at;
    }

    /// Someone asks now: it can only find a contradiction. A look that is due later stays due.
    pub(super) fn look_now(&mut self, now: &Now) {
        if self.refund.look_ms.is_none() {
            self.refund.look_ms = Some(now.wall_ms);
            self.run.look_due = now.mono_ms;
        }
        self.run.round_at = self.run.round_at.min(now.mono_ms);
    }

    /// The row of an ended refund that is about this number, bill and fee.
    pub(super) fn compare(&mut self, row: &RefundRow, now: &Now) {
        let said = row.result.filter(|_| row.finish);
        self.run.heard = true;
        let contradicts = match self.refund.state {
            RefundState::Succeeded => said == Some(false),
            RefundState::Failed => said == Some(true),
            // What was denied there may stand in the list for ever.
            RefundState::Denied if self.is_elsewheres() => said == Some(true),
            // Not there, or refused: any row that takes money says otherwise.
            _ => row.takes_balance(),
        };
        if contradicts {
            self.contradicted(now);
        }
        self.run.confirmed |= contradicts || said.is_some();
    }

    /// A round of looking is over: when is the next?
    pub(super) fn finish_look(&mut self, now: &Now) {
        let heard = std::mem::take(&mut self.run.heard);
        let done = std::mem::take(&mut self.run.confirmed);
        let due = now.mono_ms >= self.run.look_due;
        if self.refund.look_ms.is_none() || done {
            return self.look_at(None, now);
        }
        if !due {
            self.run.round_at = self.run.look_due;
            return;
        }
        let age = now.mono_ms.saturating_sub(self.run.ended);
        let next = self.looks().iter().copied().find(|at| *at > age);
        let success = self.refund.state == RefundState::Succeeded;
        match next {
            // The same look, while the row lags: it is due until it is given up.
            Some(at) if success => self.run.round_at = self.run.ended.saturating_add(at),
            _ if heard || success || self.looks().is_empty() => self.look_at(next, now),
            _ if age >= SILENT_LIMIT => self.look_at(None, now),
            _ => {
                self.run.round_at = now.mono_ms.saturating_add(self.run.interval);
                self.run.interval = (self.run.interval * 2).min(ROUND_LATER);
            }
        }
    }

    /// Opens an incident beside the refund, unless one is open (the first contradiction stands).
    /// One that a manager settled gives way to a new kind, which wants a word of its own; so does
    /// code 9 at once, which says less than a witness of the refund itself.
    pub(super) fn open_incident(&mut self, kind: RefundIncidentKind, now: &Now) {
        let settled = self.refund.settled.is_some();
        let free = match &self.refund.incident {
            Some(known) => {
                let weak = known.kind == RefundIncidentKind::BillUnpaidThere;
                known.kind != kind && (settled || weak)
            }
            None => true,
        };
        if free {
            self.refund.settled = None;
            self.refund.incident = Some(RefundIncident {
                kind,
                at_ms: now.wall_ms,
            });
        }
    }
}
