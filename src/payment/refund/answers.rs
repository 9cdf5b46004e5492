//! What the gateway's answers mean, one method each: a send, a look-up, the status.

use super::case::{Ask, LookBy, RefundCase};
use super::step::Said;
use crate::domain::Now;
use crate::domain::gateway::{Answer, Host, Listed, RefundOutcome, RefundRow, RefundStatusOutcome};
use crate::domain::refund::{
    RefundAnswer, RefundChannel, RefundHappened, RefundIncidentKind, RefundProof, RefundState,
};
use crate::payment::Policy;

/// BILL_UNSUCCESS: the bill is not paid there (FATE 22).
const BILL_UNSUCCESS: i64 = 9;

impl RefundCase {
    pub(super) fn answered(
        &mut self,
        answer: Answer<RefundOutcome>,
        next_host: Option<Host>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        let waited = std::mem::take(&mut self.run.sending);
        if waited {
            self.run.absent.send_over(now.mono_ms);
        }
        if self.refund.state.is_terminal() {
            return self.late_answer(&answer.outcome, waited, now);
        }
        let first = waited && self.only_send_counts() && self.nothing_seen();
        match self.fitting(answer.outcome) {
            RefundOutcome::Done => self.taken(RefundAnswer::Done, now, policy),
            RefundOutcome::Processing => self.taken(RefundAnswer::Processing, now, policy),
            RefundOutcome::Approved { page } => self.approval_taken(page, now, policy),
            // Nobody waits for it any more: only that it was taken would be news.
            _ if !waited => RefundHappened::RefundAnswered.into(),
            RefundOutcome::Denied => self.denial_taken(now),
            RefundOutcome::NotApproved { detail } => self.not_approved(detail, first, now, policy),
            RefundOutcome::Refused { code, detail } if first && self.is_elsewheres() => {
                let said = format!("{code} {detail}");
                self.waits_again(RefundAnswer::Refused { code, detail }, said, now, policy)
            }
            RefundOutcome::Unconnected { why } if first && self.is_elsewheres() => {
                let said = why.clone();
                self.waits_again(RefundAnswer::Unconnected { why }, said, now, policy)
            }
            RefundOutcome::Refused { code, detail } if first => self.refused(code, detail, now),
            RefundOutcome::Unconnected { why } if first => self.unconnected(why, next_host, now),
            RefundOutcome::Unconnected { why } => self.resend_unconnected(why, now, policy),
            RefundOutcome::Refused { code, detail } => {
                let said = format!("{code} {detail}");
                self.note_unpaid_there(code, now);
                self.lost(RefundAnswer::Refused { code, detail }, said, now, policy)
            }
            RefundOutcome::Unclear { code, detail } => {
                let said = format!("{code} {detail}");
                self.lost(RefundAnswer::Unclear { code, detail }, said, now, policy)
            }
            RefundOutcome::Lost(why) => {
                let said = format!("{why:?}");
                self.lost(RefundAnswer::Lost { why }, said, now, policy)
            }
        }
    }

    /// FATE 21: a code is definite only while no send went unanswered. A pre-refund's earlier
    /// sends all ended as provably not taken, or `lost` says otherwise.
    fn only_send_counts(&self) -> bool {
        (self.refund.sends == 1 || self.is_elsewheres()) && !self.refund.lost
    }

    /// The gateway took it. Not WX: `true` is the end; its row is read within 30 s (I9).
    fn taken(&mut self, answer: RefundAnswer, now: &Now, policy: &Policy) -> Said {
        let done = answer == RefundAnswer::Done && self.refund.channel != RefundChannel::Wx;
        self.refund.answer = answer;
        self.refund.seen = true;
        if done {
            return self
                .end(RefundState::Succeeded, RefundProof::Answer, now)
                .into();
        }
        self.start_rounds(policy.first_status, now, policy);
        self.be_processing();
        RefundHappened::RefundProcessing.into()
    }

    fn be_processing(&mut self) {
        if !self.refund.state.is_terminal() {
            self.refund.state = RefundState::Processing;
        }
    }

    /// A refusing code as the answer to the first send: definite (FATE 21).
    fn refused(&mut self, code: i64, detail: String, now: &Now) -> Said {
        let said = Some(format!("{code} {detail}"));
        self.refund.answer = RefundAnswer::Refused { code, detail };
        self.note_unpaid_there(code, now);
        let what = self.end(RefundState::Refused, RefundProof::Refused, now);
        Said { what, detail: said }
    }

    /// Only bills that are held or read as paid are refunded: 9 contradicts that.
    fn note_unpaid_there(&mut self, code: i64, now: &Now) {
        if code == BILL_UNSUCCESS {
            self.open_incident(RefundIncidentKind::BillUnpaidThere, now);
        }
    }

    /// Nothing left: the next host, as long as the number's day lasts and it can be signed; else it
    /// was not sent.
    fn unconnected(&mut self, why: String, next_host: Option<Host>, now: &Now) -> Said {
        let may = self.run.can_send && self.is_on_its_day(now);
        let next = next_host.filter(|host| may && *host != self.refund.host);
        let detail = Some(why.clone());
        let what = match next {
            Some(host) => {
                // This is when it may have been sent: everything counts from now.
                self.refund.host = host;
                (self.refund.sent, self.refund.last_sent) = (now.stamp(), now.stamp());
                self.run.sent_mono = now.mono_ms;
                self.begin_send(now);
                RefundHappened::RefundNextHost
            }
            None => {
                self.refund.answer = RefundAnswer::Unconnected { why };
                self.end(RefundState::NotSent, RefundProof::Connect, now)
            }
        };
        Said { what, detail }
    }

    /// An earlier send may have arrived: that this one did not changes nothing.
    fn resend_unconnected(&mut self, why: String, now: &Now, policy: &Policy) -> Said {
        self.refund.answer = RefundAnswer::Unconnected { why: why.clone() };
        self.start_rounds(policy.first_status, now, policy);
        Said {
            what: RefundHappened::RefundAnswered,
            detail: Some(why),
        }
    }

    /// From now on only look-ups decide (FATE 21).
    pub(super) fn lost(
        &mut self,
        answer: RefundAnswer,
        said: String,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        self.refund.answer = answer;
        self.refund.lost = true;
        self.start_rounds(policy.first_status, now, policy);
        Said {
            what: RefundHappened::RefundLost,
            detail: Some(said),
        }
    }

    /// An answer beside a terminal refund changes nothing; it may contradict (I8).
    fn late_answer(&mut self, outcome: &RefundOutcome, waited: bool, now: &Now) -> Said {
        let wx = self.refund.channel == RefundChannel::Wx;
        match (self.refund.state, outcome) {
            (RefundState::Failed, RefundOutcome::Done) if !wx => self.succeeded_after_all(now),
            (
                RefundState::Refused | RefundState::NotSent | RefundState::Denied,
                RefundOutcome::Done | RefundOutcome::Processing | RefundOutcome::Approved { .. },
            ) => self.succeeded_after_all(now),
            (RefundState::Succeeded, RefundOutcome::Refused { .. })
                if waited && self.only_send_counts() =>
            {
                self.open_incident(RefundIncidentKind::FailedAfterAll, now);
            }
            _ => {}
        }
        RefundHappened::RefundAnswered.into()
    }

    pub(super) fn succeeded_after_all(&mut self, now: &Now) {
        self.open_incident(RefundIncidentKind::SucceededAfterAll, now);
    }

    pub(super) fn looked_up(
        &mut self,
        by: LookBy,
        answer: Answer<Listed<Vec<RefundRow>>>,
        now: &Now,
    ) -> Said {
        let asked = self.run.asking == Some(Ask::LookUp(by));
        if asked {
            self.run.asking = None;
        }
        let began = asked.then_some(self.run.asked_at);
        let rows = match answer.outcome {
            Listed::Here(rows) => rows,
            other => return self.not_looked_up(&other, asked),
        };
        let number = self.refund.refund_no.as_str();
        let ours: Vec<&RefundRow> = rows.iter().filter(|r| r.refund_no == number).collect();
        match ours.as_slice() {
            [] => self.not_listed(by, &rows, &answer.host, began, now).into(),
            [row] => self.row_found(row, now).into(),
            more => {
                let count = more.len();
                self.there_is_something();
                self.open_incident(RefundIncidentKind::Rows { count }, now);
                RefundHappened::RefundLookedUp.into()
            }
        }
    }

    /// 13 is a negative fact and no proof (FATE 22): it counts for nothing, as silence does. A look
    /// at an ended refund only asks whether something contradicts it: that it answers.
    fn not_looked_up(&mut self, answer: &Listed<Vec<RefundRow>>, asked: bool) -> Said {
        self.run.heard |= asked && matches!(answer, Listed::NoSuch);
        let wx = self.refund.channel == RefundChannel::Wx;
        let open = !self.refund.state.is_terminal();
        if wx && open && asked && !self.run.queue.contains(&Ask::Status) {
            // The status may know what the rows don't say.
            self.run.queue.push_back(Ask::Status);
        }
        RefundHappened::RefundLookedUp.into()
    }

    /// The number is taken there, by whatever: it is never sent again, and never *not sent*.
    fn there_is_something(&mut self) {
        self.run.heard = true;
        self.run.confirmed = true;
        self.run.absent.forget();
        if !self.refund.state.is_terminal() {
            self.refund.seen = true;
        }
    }

    /// The row with our number. It must be about this bill and this fee (FATE 22, I9).
    fn row_found(&mut self, row: &RefundRow, now: &Now) -> RefundHappened {
        if row.bill_no != self.refund.bill_no.as_str() || row.fee != self.refund.fee {
            let (bill_no, fee) = (row.bill_no.clone(), row.fee);
            self.there_is_something();
            self.open_incident(RefundIncidentKind::Mismatch { bill_no, fee }, now);
            return RefundHappened::RefundLookedUp;
        }
        let said = row.result.filter(|_| row.finish);
        if self.refund.state.is_terminal() {
            self.compare(row, now);
            return RefundHappened::RefundLookedUp;
        }
        self.there_is_something();
        (self.run.matched, self.run.row_said) = (true, said);
        match said {
            Some(false) if self.is_elsewheres() && !self.status_tells() => {
                return self.ended_there(now);
            }
            None if !self.status_tells() => return RefundHappened::RefundLookedUp,
            _ if self.refund.channel == RefundChannel::Wx => self.ask_status_too(),
            Some(true) => return self.end(RefundState::Succeeded, RefundProof::Row, now),
            Some(false) => return self.end(RefundState::Failed, RefundProof::Row, now),
            // Finished without a readable result proves nothing.
            None => {}
        }
        if self.refund.state == RefundState::Requested {
            return RefundHappened::RefundLookedUp;
        }
        let fresh = self.refund.state != RefundState::Processing;
        self.be_processing();
        match fresh {
            true => RefundHappened::RefundProcessing,
            false => RefundHappened::RefundLookedUp,
        }
    }

    fn ask_status_too(&mut self) {
        let asked = self.run.asking == Some(Ask::Status);
        if !asked && !self.run.queue.contains(&Ask::Status) {
            self.run.queue.push_back(Ask::Status);
        }
    }

    /// `/refund/status` ends WX alone, and nothing else (FATE 22).
    pub(super) fn status_answered(&mut self, outcome: &RefundStatusOutcome, now: &Now) -> Said {
        if self.run.asking == Some(Ask::Status) {
            self.run.asking = None;
        }
        if self.refund.channel != RefundChannel::Wx {
            return RefundHappened::RefundLookedUp.into();
        }
        if self.refund.state.is_terminal() {
            self.late_status(outcome, now);
            return RefundHappened::RefundLookedUp.into();
        }
        let (state, wrong) = match outcome {
            RefundStatusOutcome::Success => (RefundState::Succeeded, Some(false)),
            RefundStatusOutcome::Failed => (RefundState::Failed, Some(true)),
            _ if !self.status_tells() => return RefundHappened::RefundLookedUp.into(),
            RefundStatusOutcome::Processing => {
                self.refund.seen = true;
                self.run.absent.forget();
                self.be_processing();
                return RefundHappened::RefundLookedUp.into();
            }
            // 13 is no proof; a wrong clock and an alarm count for nothing.
            _ => return RefundHappened::RefundLookedUp.into(),
        };
        self.refund.seen = true;
        let what = self.end(state, RefundProof::Status, now);
        if self.run.row_said == wrong {
            self.contradicted(now);
        }
        what.into()
    }

    fn late_status(&mut self, outcome: &RefundStatusOutcome, now: &Now) {
        let contradicts = match (self.refund.state, outcome) {
            (RefundState::Succeeded, RefundStatusOutcome::Failed) => true,
            (RefundState::Failed, RefundStatusOutcome::Success) => true,
            (RefundState::Refused | RefundState::NotSent | RefundState::Denied, said) => matches!(
                said,
                RefundStatusOutcome::Success | RefundStatusOutcome::Processing
            ),
            _ => false,
        };
        if contradicts {
            self.contradicted(now);
        }
    }

    /// Something says the opposite of the terminal state.
    pub(super) fn contradicted(&mut self, now: &Now) {
        match self.refund.state {
            RefundState::Succeeded => self.open_incident(RefundIncidentKind::FailedAfterAll, now),
            _ => self.succeeded_after_all(now),
        }
    }
}
