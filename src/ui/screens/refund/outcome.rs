//! What became of one refund: it follows the till's refund of this number to its end, and
//! offers what can be done.
//!
//! Invariant: without a proof nothing here says that the money did not go back.

use crate::domain::query::RefundLine;
use crate::domain::{BillNo, Fen, RefundNo};
use crate::till::qr;
use crate::till::service::{QrView, RefundView, Snapshot};
use crate::ui::app::SETTLE_MS;
use crate::ui::face::RefundFace;
use crate::ui::screens::approval::turned;
use std::sync::Arc;

/// One refund on the page.
#[derive(Debug)]
pub struct Outcome {
    refund_no: RefundNo,
    bill_no: BillNo,
    fee: Fen,
    /// What was refundable before it, where it was ordered here.
    before: Option<Fen>,
    last: Option<RefundView>,
    story: Vec<RefundLine>,
    chosen: usize,
    /// It was asked for, and nothing was sent.
    asked: bool,
    /// Alipay's page as a code.
    page_code: Option<Arc<QrView>>,
    /// Since when it looks as it does, UTC ms.
    since_ms: i64,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Do {
    /// Asks the gateway now.
    Ask,
    /// Back to the sale.
    Finish,
    /// Another refund of the same bill.
    Again,
    /// The to-do list, where a contradiction is settled.
    ToDo,
    /// Shows its slip.
    Slip,
}

impl Outcome {
    /// Just ordered.
    pub fn ordered(
        refund_no: RefundNo,
        bill_no: BillNo,
        fee: Fen,
        before: Fen,
        now_ms: i64,
    ) -> Self {
        Outcome {
            refund_no,
            bill_no,
            fee,
            before: Some(before),
            last: None,
            story: Vec::new(),
            chosen: 0,
            asked: false,
            page_code: None,
            since_ms: now_ms,
        }
    }

    /// One that is open already.
    pub fn of(refund: &RefundView, now_ms: i64) -> Self {
        let mut outcome = Outcome {
            refund_no: refund.refund_no.clone(),
            bill_no: refund.bill_no.clone(),
            fee: refund.fee,
            before: None,
            last: None,
            story: Vec::new(),
            chosen: 0,
            asked: false,
            page_code: None,
            since_ms: now_ms,
        };
        outcome.take(refund, now_ms);
        outcome
    }

    /// Only asked for: a manager decides.
    pub fn only_asked(mut self) -> Self {
        self.asked = true;
        self
    }

    /// The page where the merchant types the password.
    pub fn page(&self) -> Option<&str> {
        let open = self.last.as_ref().filter(|r| !r.state.is_terminal());
        open.and_then(|r| r.pre.as_ref())
            .and_then(|pre| pre.page.as_deref())
    }

    /// The same as a code, where it is short enough.
    pub fn page_code(&self) -> Option<Arc<QrView>> {
        self.page_code.clone()
    }

    /// A new snapshot; true where the refund is another than before. One that ended is told by
    /// the till only for a while: what was seen last stays.
    pub fn keep_to(&mut self, snapshot: &Snapshot, now_ms: i64) -> bool {
        let found = snapshot
            .desk
            .refunds
            .iter()
            .find(|r| r.refund_no == self.refund_no);
        match found {
            Some(refund) => self.take(refund, now_ms),
            None => false,
        }
    }

    /// The till's list has lost sight of it before its end was seen.
    pub fn is_lost_from(&self, snapshot: &Snapshot) -> bool {
        let open = self.last.as_ref().is_none_or(|r| !r.state.is_terminal());
        let listed = |r: &RefundView| r.refund_no == self.refund_no;
        open && !snapshot.desk.refunds.iter().any(listed)
    }

    /// What is known of it now.
    pub fn take(&mut self, refund: &RefundView, now_ms: i64) -> bool {
        if refund.refund_no != self.refund_no || self.last.as_ref() == Some(refund) {
            return false;
        }
        if Some(RefundFace::of(refund)) != self.last.as_ref().map(RefundFace::of) {
            self.chosen = 0;
            self.since_ms = now_ms;
        }
        self.last = Some(refund.clone());
        if self.page_code.is_none() {
            self.page_code = self.page().and_then(qr::encode).map(Arc::new);
        }
        true
    }

    /// Its story.
    pub fn tell(&mut self, story: Vec<RefundLine>) {
        self.story = story;
    }

    /// Enter right after a change was meant for what stood there before.
    pub fn is_settled(&self, now_ms: i64) -> bool {
        !(0..SETTLE_MS).contains(&now_ms.saturating_sub(self.since_ms))
    }

    /// How it looks: until the till has said more, it is on its way.
    pub fn face(&self) -> RefundFace {
        let first = match self.asked {
            true => RefundFace::Requested,
            false => RefundFace::Sent,
        };
        self.last.as_ref().map_or(first, RefundFace::of)
    }

    /// What can be done, the first by Enter.
    pub fn actions(&self) -> Vec<Do> {
        let more = match self.face() {
            RefundFace::Refunded => self.left().is_some_and(|left| left > Fen::ZERO),
            RefundFace::Failed | RefundFace::NotRefunded => true,
            _ => false,
        };
        match self.face() {
            RefundFace::Unknown | RefundFace::Unrecorded => vec![Do::Ask, Do::Finish],
            RefundFace::Sent | RefundFace::Processing => vec![Do::Finish, Do::Ask],
            RefundFace::Incident => vec![Do::ToDo, Do::Ask, Do::Finish],
            RefundFace::Refunded if more => vec![Do::Finish, Do::Again, Do::Slip],
            RefundFace::Refunded => vec![Do::Finish, Do::Slip],
            _ if more => vec![Do::Finish, Do::Again],
            _ => vec![Do::Finish],
        }
    }

    /// The action that Enter does.
    pub fn action(&self) -> Do {
        let all = self.actions();
        all.get(self.chosen).copied().unwrap_or(Do::Finish)
    }

    /// The next action, or the one before.
    pub fn turn(&mut self, back: bool) {
        self.chosen = turned(Some(self.chosen), self.actions().len(), back);
    }

    /// What is left of the bill once it has gone back.
    pub fn left(&self) -> Option<Fen> {
        self.before
            .map(|before| Fen(before.0.saturating_sub(self.fee.0).max(0)))
    }

    /// Its number.
    pub fn refund_no(&self) -> &RefundNo {
        &self.refund_no
    }

    /// The bill's.
    pub fn bill_no(&self) -> &BillNo {
        &self.bill_no
    }

    /// What goes back.
    pub fn fee(&self) -> Fen {
        self.fee
    }

    /// What was seen last.
    pub fn last(&self) -> Option<&RefundView> {
        self.last.as_ref()
    }

    /// Its story.
    pub fn story(&self) -> &[RefundLine] {
        &self.story
    }
}
