//! Pre-refunds: a refund that waits for a manager's word. One that was asked for here exists only
//! here until somebody agrees, and is then sent as every refund is. One that was made elsewhere is
//! a row of the gateway already: a word about it is recorded, sent once, and only its row tells
//! what became of it (FATE 21: an approval gives money away, so an unanswered one is unknown).

use super::case::{NewRefund, RefundCase, Run};
use super::plan::BESIDE_SEND;
use super::step::Said;
use super::{Action, absent};
use crate::domain::gateway::{Lost, RefundOutcome};
use crate::domain::refund::{
    ManagersWord, PreRefund, RefundAnswer, RefundHappened, RefundProof, RefundState,
};
use crate::domain::{Fen, Host, Now, RefundNo};
use crate::payment::Policy;

/// A manager's word, and what the gateway said just before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The word.
    pub word: ManagersWord,
    /// The host that just said how everything stands: the word goes there.
    pub host: Host,
    /// What the bill was paid (I6).
    pub paid: Fen,
    /// I2.
    pub params_hash: String,
}

impl RefundCase {
    /// A cashier asks for it. Nothing is sent; only a manager's word moves it.
    pub fn request(new: NewRefund, pre: PreRefund, now: &Now) -> (RefundCase, Vec<Action>) {
        let mut refund = new.recorded_as_sent(now);
        refund.state = RefundState::Requested;
        refund.sends = 0;
        refund.pre = Some(pre);
        let run = Run::new(now.mono_ms, now);
        let mut case = RefundCase { refund, run };
        let actions = case.begin(RefundHappened::RefundRequested, now);
        (case, actions)
    }

    /// Begins with a manager's word: about a pre-refund that was made elsewhere, or about a request
    /// whose number's day is over and that goes on by this new one. Recorded before it is sent.
    pub fn with_word(new: NewRefund, pre: PreRefund, now: &Now) -> (RefundCase, Vec<Action>) {
        let mut refund = new.recorded_as_sent(now);
        refund.pre = Some(pre);
        let mut run = Run::new(now.mono_ms, now);
        (run.sending, run.send, run.can_send) = (true, true, true);
        run.round_at = now.mono_ms.saturating_add(BESIDE_SEND);
        let mut case = RefundCase { refund, run };
        case.run.on_its_day = case.is_on_its_day(now);
        let what = case.word_sent();
        let actions = case.begin(what, now);
        (case, actions)
    }

    /// Whether a word may be given now. One that went unanswered may be repeated, never turned
    /// around, after its row was asked for once more.
    pub fn takes_word(&self, agree: bool, now: &Now) -> bool {
        match self.refund.state {
            RefundState::Requested => !self.run.sending,
            RefundState::Sent | RefundState::Unresolved => {
                let over = now.gateway_ms().saturating_sub(self.last_sent_ms(now));
                let repeats = self.refund.is_denial() != agree;
                let waited = over >= absent::RESEND_APART && !self.run.sending;
                self.is_elsewheres() && self.refund.lost && repeats && waited
            }
            _ => false,
        }
    }

    /// FATE 20: its number can't be sent any more, and was never sent.
    pub fn must_be_renewed(&self, now: &Now) -> bool {
        self.waits_here() && !self.is_on_its_day(now)
    }

    fn last_sent_ms(&self, now: &Now) -> i64 {
        self.refund.last_sent.gateway_ms(now)
    }

    /// It waits for a word, and the gateway knows nothing of it.
    pub(super) fn waits_here(&self) -> bool {
        self.refund.state == RefundState::Requested && !self.is_elsewheres()
    }

    /// It was made elsewhere.
    pub(super) fn is_elsewheres(&self) -> bool {
        self.refund.there().is_some()
    }

    /// The row of a pre-refund stands there from the beginning: it says that something was taken
    /// only after the gateway has said so.
    pub(super) fn nothing_seen(&self) -> bool {
        self.is_elsewheres() || !self.refund.seen
    }

    /// What a list or a status says of an unfinished one is about the wallet, and not about a
    /// manager's word that nobody has answered.
    pub(super) fn status_tells(&self) -> bool {
        let taken = self.refund.answer == RefundAnswer::WordTaken && !self.refund.is_denial();
        !self.is_elsewheres() || taken || self.run.row_said == Some(true)
    }

    fn word_sent(&self) -> RefundHappened {
        match self.refund.is_denial() {
            true => RefundHappened::RefundDenialSent,
            false => RefundHappened::RefundApproved,
        }
    }

    pub(super) fn decided(&mut self, decision: Decision, now: &Now) -> Said {
        let agree = decision.word.agree;
        if !self.takes_word(agree, now) {
            return RefundHappened::RefundLookedUp.into();
        }
        let detail = Some(format!("{}: {}", decision.word.by, decision.word.reason));
        if self.waits_here() && !agree {
            self.keep_word(decision.word);
            let what = self.end(RefundState::Denied, RefundProof::Denied, now);
            return Said { what, detail };
        }
        if !self.run.can_send || self.must_be_renewed(now) {
            return RefundHappened::RefundLookedUp.into();
        }
        self.refund.approver.clone_from(&decision.word.by);
        self.keep_word(decision.word);
        (self.refund.host, self.refund.paid) = (decision.host, decision.paid);
        self.refund.params_hash = decision.params_hash;
        (self.refund.sent, self.refund.last_sent) = (now.stamp(), now.stamp());
        self.run.sent_mono = now.mono_ms;
        self.refund.sends = self.refund.sends.saturating_add(1);
        self.refund.answer = RefundAnswer::Pending;
        self.refund.state = RefundState::Sent;
        self.begin_send(now);
        let what = self.word_sent();
        Said { what, detail }
    }

    fn keep_word(&mut self, word: ManagersWord) {
        if let Some(pre) = &mut self.refund.pre {
            pre.word = Some(word);
        }
    }

    pub(super) fn renewed(&mut self, by: &RefundNo, now: &Now) -> Said {
        if !self.waits_here() {
            return RefundHappened::RefundLookedUp.into();
        }
        self.end(RefundState::NotSent, RefundProof::Renewed, now);
        Said {
            what: RefundHappened::RefundRenewed,
            detail: Some(by.as_str().to_owned()),
        }
    }

    /// What answers a refund says nothing about a word, and the other way round; nor does a yes
    /// about a no.
    pub(super) fn fitting(&self, outcome: RefundOutcome) -> RefundOutcome {
        use RefundOutcome::{Approved, Denied, Done, NotApproved, Processing};
        let fits = match &outcome {
            Done | Processing => !self.is_elsewheres(),
            Approved { .. } => self.is_elsewheres() && !self.refund.is_denial(),
            Denied => self.is_elsewheres() && self.refund.is_denial(),
            NotApproved { .. } => self.is_elsewheres(),
            _ => true,
        };
        match fits {
            true => outcome,
            false => RefundOutcome::Lost(Lost::Incomplete),
        }
    }

    /// OK: from now on its row tells.
    pub(super) fn approval_taken(
        &mut self,
        page: Option<String>,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        self.refund.answer = RefundAnswer::WordTaken;
        self.refund.seen = true;
        if let Some(pre) = &mut self.refund.pre
            && page.is_some()
        {
            pre.page = page;
        }
        self.refund.state = RefundState::Processing;
        self.start_rounds(policy.first_status, now, policy);
        RefundHappened::RefundProcessing.into()
    }

    /// The gateway took the no.
    pub(super) fn denial_taken(&mut self, now: &Now) -> Said {
        self.refund.answer = RefundAnswer::WordTaken;
        self.end(RefundState::Denied, RefundProof::Denied, now)
            .into()
    }

    /// The gateway's own words instead of OK.
    pub(super) fn not_approved(
        &mut self,
        detail: String,
        first: bool,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        let said = detail.clone();
        let answer = RefundAnswer::NotApproved { detail };
        match first {
            true => self.waits_again(answer, said, now, policy),
            false => self.lost(answer, said, now, policy),
        }
    }

    /// The word was not taken: it waits for one as before. Its row is looked at meanwhile, since
    /// somebody else may decide.
    pub(super) fn waits_again(
        &mut self,
        answer: RefundAnswer,
        said: String,
        now: &Now,
        policy: &Policy,
    ) -> Said {
        self.refund.answer = answer;
        self.refund.state = RefundState::Requested;
        self.start_rounds(policy.first_status, now, policy);
        Said {
            what: RefundHappened::RefundWaitsAgain,
            detail: Some(said),
        }
    }

    /// Its row is finished, and no money went back: denied, by whomever, or failed after a yes that
    /// was, or may have been, taken.
    pub(super) fn ended_there(&mut self, now: &Now) -> RefundHappened {
        let never_taken = matches!(
            self.refund.answer,
            RefundAnswer::Refused { .. } | RefundAnswer::Unconnected { .. }
        );
        let never_taken = never_taken && !self.refund.lost;
        match never_taken || self.refund.is_denial() {
            true => self.end(RefundState::Denied, RefundProof::Row, now),
            false => self.end(RefundState::Failed, RefundProof::Row, now),
        }
    }
}
