//! What people and the process itself do to a bill: cancel, show, release, settle, start again.

use super::case::Case;
use super::facts::Kind;
use super::policy::{Policy, SHOW_AGAIN};
use super::step::Said;
use crate::domain::bill::{
    CloseReason, Happened, IncidentKind, Look, LookFor, PayAnswer, Proof, Qr, Release, Settled,
    Settlement,
};
use crate::domain::gateway::Lost;
use crate::domain::{Bill, Fen, Now, State};

impl Case {
    pub(super) fn cancel(&mut self, now: &Now) -> Said {
        if !matches!(self.bill.state, State::Sent | State::Awaiting) {
            return Happened::CancelAsked.into();
        }
        let why = match self.bill.channel.is_qr() && !self.bill.qr.was_shown() {
            true => CloseReason::Unshowable,
            false => CloseReason::Cancelled,
        };
        self.begin_closing(why, now);
        Happened::CancelAsked.into()
    }

    pub(super) fn qr_shown(&mut self, now: &Now, policy: &Policy) -> Said {
        if let (State::Awaiting, Qr::Ready { code_url }) = (self.bill.state, self.bill.qr.clone()) {
            let sent = self.bill.sent.gateway_ms(now);
            let until_ms = sent.saturating_add(policy.waited(&self.bill));
            self.bill.qr = Qr::Shown {
                code_url,
                since: now.stamp(),
                until_ms,
            };
        }
        Happened::QrShown.into()
    }

    pub(super) fn qr_unshowable(&mut self, now: &Now) -> Said {
        let drawn = self.bill.channel.is_scan() || self.bill.qr.was_shown();
        if self.bill.state == State::Awaiting && !drawn {
            self.begin_closing(CloseReason::Unshowable, now);
        }
        Happened::QrUnshown.into()
    }

    /// 再次显示: the code goes on the screen once more, for what remains of its time.
    pub(super) fn qr_shown_again(&mut self, now: &Now, policy: &Policy) -> Said {
        let open = matches!(self.bill.state, State::Awaiting | State::Watching);
        if open && can_show_again(&self.bill, now, policy) {
            let until = now.gateway_ms() + SHOW_AGAIN;
            if let Qr::Shown { until_ms, .. } = &mut self.bill.qr {
                *until_ms = (*until_ms).max(until);
            }
        }
        Happened::QrShown.into()
    }

    pub(super) fn hinted(&mut self, now: &Now) -> Said {
        if self.bill.state.is_terminal() && self.bill.look.is_none() {
            // A live query of an ended bill: it can only find a contradiction.
            let look_for = LookFor::Contradiction;
            self.bill.look = Some(Look {
                look_for,
                due_ms: now.wall_ms,
            });
            self.run.marks.look_due = now.mono_ms;
        }
        let awaits_code = self.bill.state == State::Sent && self.bill.channel.is_qr();
        if self.run.asking.is_none() && self.run.queue.is_empty() && !awaits_code {
            self.run.round_at = now.mono_ms;
        }
        self.run.interval = super::policy::ROUND_FIRST;
        Happened::Asked.into()
    }

    pub(super) fn restarted(&mut self, now: &Now, policy: &Policy) -> Said {
        if self.bill.state.is_terminal() {
            self.start_looking(now);
            return Happened::Restarted.into();
        }
        if self.bill.pay == PayAnswer::Pending {
            return self.pay_lost_by_restart(now, policy);
        }
        if matches!(self.bill.qr, Qr::Ready { .. }) {
            // Recorded but never drawn: nobody can have seen it.
            self.begin_closing(CloseReason::Unshowable, now);
        }
        self.run.round_at = now.mono_ms;
        Happened::Restarted.into()
    }

    fn pay_lost_by_restart(&mut self, now: &Now, policy: &Policy) -> Said {
        let mut said = self.pay_lost(Lost::Restarted, now, policy);
        self.run.round_at = now.mono_ms;
        said.what = Happened::Restarted;
        said
    }

    pub(super) fn released(&mut self, by: String, reason: String, now: &Now) -> Said {
        if matches!(self.bill.state, State::Watching | State::Unresolved) {
            self.bill.release = Some(Release {
                by,
                reason,
                at_ms: now.wall_ms,
            });
        }
        Happened::Released.into()
    }

    /// FATE 11: a manager ends it on the row read at this moment, a guard after the last revert.
    pub(super) fn settle_on(&mut self, kind: Kind, now: &Now, policy: &Policy) -> Option<Said> {
        self.bill.reverts.filter(|_| kind.is_row())?;
        let (by, reason) = self.run.settle.take()?;
        if now.mono_ms - self.run.marks.last_revert < policy.guard {
            return None;
        }
        let detail = Some(format!("{by}: {reason}"));
        match kind {
            Kind::RowPaid | Kind::RowPaidMute => {
                self.end(State::Paid, Proof::Row, false, now, policy);
                self.open_incident(IncidentKind::ClaimContradicted { by, reason }, now);
            }
            Kind::RowReverted => {
                self.end(State::Reverted, Proof::Reverted, true, now, policy);
            }
            Kind::RowRefunded => {
                self.end(State::Reverted, Proof::Reverted, true, now, policy);
                // The row does not say how much: a part may still be here, and nobody counts it.
                self.open_incident(IncidentKind::RefundedThere { by, reason }, now);
            }
            _ => return None,
        }
        let what = Happened::Settled;
        Some(Said { what, detail })
    }

    /// Money went back by a refund of ours. Once it is everything, nothing is left to decide about
    /// a contradiction.
    pub(super) fn refunded(&mut self, fee: Fen, by: String, reason: String, now: &Now) -> Said {
        let sum = self.bill.refunded.0.saturating_add(fee.0.max(0));
        self.bill.refunded = Fen(sum);
        let whole = match self.bill.incident.as_ref().map(|i| &i.kind) {
            Some(IncidentKind::Amount { there }) => there.0,
            _ => self.bill.amount.0,
        };
        if sum >= whole {
            self.settle_incident(Settled::Refunded, by, reason, now);
        }
        Said {
            what: Happened::Refunded,
            detail: Some(fee.to_string()),
        }
    }

    /// A manager's word about the contradiction (I8: the state stays).
    pub(super) fn incident_settled(
        &mut self,
        how: Settled,
        by: String,
        reason: String,
        now: &Now,
    ) -> Said {
        let detail = Some(format!("{by}: {reason}"));
        self.settle_incident(how, by, reason, now);
        let what = Happened::Settled;
        Said { what, detail }
    }

    fn settle_incident(&mut self, how: Settled, by: String, reason: String, now: &Now) {
        if self.bill.incident.is_some() && self.bill.settlement.is_none() {
            self.bill.settlement = Some(Settlement {
                how,
                by,
                reason,
                at_ms: now.wall_ms,
            });
        }
    }

    /// Only a manager can end this bill unless a row says reverted (FATE 11). Its rules leave one
    /// more that nothing would ever end: reverts without a claim, and a row that was refunded by
    /// somebody else.
    pub fn waits_for_manager(&self) -> bool {
        let Some(reverts) = self.bill.reverts.filter(|_| self.bill.paid_seen) else {
            return false;
        };
        let refunded = self.run.facts.latest_row() == Some(Kind::RowRefunded);
        match self.bill.state {
            State::Unresolved => reverts.claimed || refunded,
            State::Watching => refunded,
            _ => false,
        }
    }

    /// 再次显示 is possible now.
    pub fn can_show_again(&self, now: &Now, policy: &Policy) -> bool {
        matches!(self.bill.state, State::Awaiting | State::Watching)
            && self.bill.release.is_none()
            && can_show_again(&self.bill, now, policy)
    }

    /// Until when a watched bill may still be paid, UTC ms by the wall clock.
    pub fn payable_until_ms(&self, now: &Now, policy: &Policy) -> i64 {
        let gateway = super::proof::expiry_ms(&self.bill, now, policy);
        let left = gateway.saturating_sub(now.gateway_ms());
        now.wall_ms.saturating_add(left)
    }
}

/// FATE 17: while 90 s of the code remain.
fn can_show_again(bill: &Bill, now: &Now, policy: &Policy) -> bool {
    let Qr::Shown {
        since, until_ms, ..
    } = &bill.qr
    else {
        return false;
    };
    let life_ends = match bill.state {
        State::Awaiting => *until_ms,
        // Watching: the wallet's own time, from the moment it was first on the screen.
        _ => since.gateway_ms(now).saturating_add(policy.payable(bill)),
    };
    life_ends.saturating_sub(now.gateway_ms()) >= SHOW_AGAIN
}
