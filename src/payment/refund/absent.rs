//! Does the gateway really not have this refund (FATE 21)? What counts, and what it allows: to send
//! the same number again, or to call it not sent.

use super::case::{Ask, LookBy, RefundCase};
use crate::domain::Now;
use crate::domain::gateway::{Host, RefundRow, RowOutcome};
use crate::domain::refund::{RefundAnswer, RefundHappened, RefundProof, RefundState};
use crate::payment::policy::HOST_DEAD;

/// FATE 21: two empty look-ups by refund_no before a re-send, ms.
pub(super) const RESEND_APART: i64 = 60_000;
/// FATE 21: two empty rounds before *not sent*, ms.
pub(super) const ROUNDS_APART: i64 = 600_000;
/// It is sent at most so often without a person asking for more.
pub(super) const SENDS_BY_ITSELF: u32 = 3;

/// Empty look-ups since the last send was over. A send begins them anew, a row ends them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Absent {
    /// When the last send was over, monotonic ms; `None`: under way, or not known here.
    over_at: Option<i64>,
    /// When the host that received it last spoke, monotonic ms.
    heard_at: i64,
    /// When the first empty look-up by refund_no ended.
    first: Option<i64>,
    /// A second one followed far enough behind.
    twice: bool,
    /// This round's look-up by refund_no was empty.
    round_empty: bool,
    /// When the first round ended in which both look-ups were empty.
    first_round: Option<i64>,
    /// The second such round waits for the bill's row; whether other refunds explain that it says
    /// refunded.
    explained: Option<bool>,
}

impl Absent {
    /// A send begins: what was seen before it proves nothing any more.
    pub fn forget(&mut self) {
        *self = Absent::default();
    }

    /// The send is over: answered, given up, or its process is gone.
    pub fn send_over(&mut self, now: i64) {
        self.over_at = Some(now);
        self.heard_at = now;
    }

    /// Two empty look-ups by refund_no stand far enough apart.
    pub fn is_twice(&self) -> bool {
        self.twice
    }

    pub fn begin_round(&mut self) {
        self.round_empty = false;
        self.explained = None;
    }

    /// Whether an empty answer counts: asked after the send was over, and said by the host that
    /// received it, or by another once that one was silent for 10 minutes (FATE: fact).
    fn counts(&mut self, host: &Host, ours: &Host, began: i64, now: i64) -> bool {
        let from_ours = host == ours;
        if from_ours {
            self.heard_at = now;
        }
        let after = self.over_at.is_some_and(|over| began >= over);
        after && (from_ours || now.saturating_sub(self.heard_at) >= HOST_DEAD)
    }

    fn empty_by_number(&mut self, began: i64, now: i64) {
        self.round_empty = true;
        match self.first {
            Some(first) => self.twice |= began.saturating_sub(first) >= RESEND_APART,
            None => self.first = Some(now),
        }
    }

    /// Whether the look-up by bill_no is worth asking: for the first round, and for a second one
    /// that begins late enough.
    fn wants_bill_rows(&self, began: i64) -> bool {
        let late = |first| began.saturating_sub(first) >= ROUNDS_APART;
        self.round_empty && self.first_round.is_none_or(late)
    }

    /// Both were empty. True where only the bill's row is missing now.
    fn empty_by_bill(&mut self, began: i64, now: i64, explained: bool) -> bool {
        let Some(first) = self.first_round else {
            self.first_round = self.round_empty.then_some(now);
            return false;
        };
        let second = self.round_empty && began.saturating_sub(first) >= ROUNDS_APART;
        self.explained = second.then_some(explained);
        second
    }
}

impl RefundCase {
    /// A well-formed look-up without a row of ours. `began`: when it was asked, if it was asked for.
    pub(super) fn not_listed(
        &mut self,
        by: LookBy,
        rows: &[RefundRow],
        host: &Host,
        began: Option<i64>,
        now: &Now,
    ) -> RefundHappened {
        let ours = self.refund.host.clone();
        let asked_for = match by {
            LookBy::RefundNo => rows.is_empty(),
            LookBy::BillNo => rows
                .iter()
                .all(|r| r.bill_no == self.refund.bill_no.as_str()),
        };
        // Rows that were not asked for: who knows what was left out instead.
        let Some(began) = began.filter(|_| asked_for) else {
            return RefundHappened::RefundLookedUp;
        };
        self.run.heard = true;
        let counts = self.run.absent.counts(host, &ours, began, now.mono_ms);
        if !counts || !self.is_sought() || self.run.sending {
            return RefundHappened::RefundLookedUp;
        }
        match by {
            LookBy::RefundNo => self.empty_by_number(began, now),
            LookBy::BillNo => {
                let explained = rows.iter().any(|r| r.finish && r.result == Some(true));
                if self.run.absent.empty_by_bill(began, now.mono_ms, explained) {
                    self.run.queue.push_back(Ask::Bill);
                }
                RefundHappened::RefundLookedUp
            }
        }
    }

    fn empty_by_number(&mut self, began: i64, now: &Now) -> RefundHappened {
        self.run.absent.empty_by_number(began, now.mono_ms);
        if self.may_resend(now) {
            return self.resend(now);
        }
        let by_bill = Ask::LookUp(LookBy::BillNo);
        if self.run.absent.wants_bill_rows(began) && !self.run.queue.contains(&by_bill) {
            self.run.queue.push_back(by_bill);
        }
        RefundHappened::RefundLookedUp
    }

    /// FATE 21: right after an empty look-up that stands far enough behind an earlier one.
    fn may_resend(&self, now: &Now) -> bool {
        let wanted = self.resends_by_itself() || self.run.hinted;
        let can = self.run.can_send && self.is_on_its_day(now);
        // A word about a pre-refund is repeated by a person alone, never by itself.
        let can = can && !self.is_elsewheres();
        wanted && can && self.run.absent.is_twice()
    }

    /// A code was an answer: the same request would get the same one. Only a person may want that.
    pub(super) fn resends_by_itself(&self) -> bool {
        let silent = matches!(
            self.refund.answer,
            RefundAnswer::Pending | RefundAnswer::Lost { .. } | RefundAnswer::Unconnected { .. }
        );
        silent && self.refund.sends < SENDS_BY_ITSELF
    }

    /// The same number once more (I7), recorded first.
    fn resend(&mut self, now: &Now) -> RefundHappened {
        self.refund.sends = self.refund.sends.saturating_add(1);
        self.refund.last_sent = now.stamp();
        self.refund.answer = RefundAnswer::Pending;
        self.begin_send(now);
        RefundHappened::RefundSentAgain
    }

    /// The bill's row, for the second empty round: FATE 21's NotRefunded is complete, or is not.
    pub(super) fn bill_read(&mut self, outcome: &RowOutcome, now: &Now) -> RefundHappened {
        let asked = self.run.asking == Some(Ask::Bill);
        if asked {
            self.run.asking = None;
        }
        let explained = self.run.absent.explained.take().filter(|_| asked);
        let agrees = match (outcome, explained) {
            (RowOutcome::Row(row), Some(explained)) => row.refunded != Some(true) || explained,
            _ => false,
        };
        if agrees && self.is_sought() && !self.run.sending {
            return self.end(RefundState::NotSent, RefundProof::UnknownAtGateway, now);
        }
        RefundHappened::RefundLookedUp
    }
}
