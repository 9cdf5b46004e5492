//! A manager's word: why, who, the PIN; once for all that were chosen.
//!
//! Invariants: an order is sent once; another manager begins with an empty PIN.

use crate::domain::Fen;
use crate::till::service::{DecideOrder, Request, Said, Snapshot};
use crate::ui::screens::approval::{Approval, managers, turned, without_codes, without_scan};
use crate::ui::strings::Words;

const REASON_CHARS: usize = 40;

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// 情况属实
    Verified,
    /// 已使用，不能退
    Used,
    /// 不是本店的商品
    NotOurs,
    /// 其他…, with text.
    Other,
}

impl Reason {
    /// Those that fit a yes, or a no.
    pub fn all(agree: bool) -> &'static [Reason] {
        match agree {
            true => &[Reason::Verified, Reason::Other],
            false => &[Reason::Used, Reason::NotOurs, Reason::Other],
        }
    }

    /// In words.
    pub fn word(self, w: Words) -> &'static str {
        match self {
            Reason::Verified => w.pre_reason_ok(),
            Reason::Used => w.pre_reason_used(),
            Reason::NotOurs => w.pre_reason_not_ours(),
            Reason::Other => w.refund_reason_other(),
        }
    }
}

/// Which part has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Why.
    Reason,
    /// The text of another reason.
    Other,
    /// Who.
    Approver,
    /// Their PIN.
    Pin,
}

/// What is typed.
#[derive(Debug)]
pub struct Form {
    requests: Vec<Request>,
    sum: Fen,
    agree: bool,
    reason: Reason,
    other: String,
    approval: Approval,
    field: Field,
    sending: Option<u64>,
    line: Option<Said>,
    /// No PIN was typed.
    pin_missing: bool,
}

impl Form {
    /// About these, which come to so much.
    pub fn new(requests: Vec<Request>, sum: Fen, agree: bool, snapshot: &Snapshot) -> Form {
        let first = Reason::all(agree).first();
        Form {
            requests,
            sum,
            agree,
            reason: first.copied().unwrap_or(Reason::Other),
            other: String::new(),
            approval: Approval::new(snapshot),
            field: Field::Pin,
            sending: None,
            line: None,
            pin_missing: false,
        }
    }

    fn forget_line(&mut self) {
        (self.line, self.pin_missing) = (None, false);
    }

    /// A character for the field that has the keys.
    pub fn character(&mut self, c: char) {
        if self.sending.is_none() && self.field == Field::Pin {
            self.forget_line();
            self.approval.digit(c);
        }
    }

    /// A key of the keypad: it is the PIN's.
    pub fn pad(&mut self, c: char) {
        self.field = Field::Pin;
        self.character(c);
    }

    /// Takes one away.
    pub fn backspace(&mut self) {
        if self.sending.is_none() && self.field == Field::Pin {
            self.approval.backspace();
        }
    }

    /// A reason was touched, or chosen by the arrows.
    pub fn choose_reason(&mut self, reason: Reason) {
        if self.sending.is_none() {
            self.forget_line();
            self.reason = reason;
            self.field = match reason {
                Reason::Other => Field::Other,
                _ => Field::Pin,
            };
        }
    }

    /// The text of another reason. What looks like a payment code is not kept.
    pub fn write_other(&mut self, text: &str) {
        if self.sending.is_none() {
            self.other = without_codes(text).chars().take(REASON_CHARS).collect();
            self.field = Field::Other;
        }
    }

    /// A scan ran into the text.
    pub fn drop_scan(&mut self, scanned: &str) {
        self.other = without_scan(&self.other, scanned);
    }

    /// Another manager: the PIN is emptied.
    pub fn choose_approver(&mut self, id: &str) {
        if self.sending.is_none() {
            self.forget_line();
            self.approval.choose(id);
            self.field = Field::Pin;
        }
    }

    /// A field was touched.
    pub fn focus(&mut self, field: Field) {
        self.field = field;
    }

    fn fields(&self, snapshot: &Snapshot) -> Vec<Field> {
        let mut all = vec![Field::Reason];
        if self.reason == Reason::Other {
            all.push(Field::Other);
        }
        if managers(snapshot).len() > 1 {
            all.push(Field::Approver);
        }
        all.push(Field::Pin);
        all
    }

    /// Tab: the next field, or the one before.
    pub fn tab(&mut self, back: bool, snapshot: &Snapshot) {
        let all = self.fields(snapshot);
        let at = all.iter().position(|field| *field == self.field);
        if let Some(to) = all.get(turned(at, all.len(), back)) {
            self.field = *to;
        }
    }

    /// Left and right: the choice of this row.
    pub fn turn(&mut self, back: bool, snapshot: &Snapshot) {
        if self.sending.is_some() {
            return;
        }
        match self.field {
            Field::Reason => {
                let all = Reason::all(self.agree);
                let at = all.iter().position(|reason| *reason == self.reason);
                if let Some(to) = all.get(turned(at, all.len(), back)) {
                    self.reason = *to;
                }
            }
            Field::Approver => self.approval.step(snapshot, back),
            Field::Other | Field::Pin => {}
        }
    }

    /// Enter: this field is done; from the PIN the order goes out.
    pub fn enter(&mut self, number: u64, snapshot: &Snapshot) -> Option<DecideOrder> {
        match self.field {
            Field::Pin => self.submit(number, snapshot),
            _ => {
                self.tab(false, snapshot);
                None
            }
        }
    }

    /// The order, where everything is there; else the first field that lacks something.
    pub fn submit(&mut self, number: u64, snapshot: &Snapshot) -> Option<DecideOrder> {
        if self.sending.is_some() {
            return None;
        }
        let w = Words::new(snapshot.shop.language);
        let reason = match self.reason {
            Reason::Other => self.other.trim().to_owned(),
            reason => reason.word(w).to_owned(),
        };
        if reason.is_empty() {
            (self.field, self.line) = (Field::Other, Some(Said::ReasonMissing));
            return None;
        }
        let Some((approver, pin)) = self.approval.take() else {
            (self.field, self.pin_missing) = (Field::Pin, true);
            return None;
        };
        self.forget_line();
        self.sending = Some(number);
        Some(DecideOrder {
            requests: self.requests.clone(),
            agree: self.agree,
            approver,
            pin,
            reason,
        })
    }

    /// Nothing was decided: the form is kept, the PIN is not.
    pub fn refused(&mut self, said: Said) {
        self.sending = None;
        self.approval.forget_pin();
        self.field = Field::Pin;
        self.line = Some(said);
    }

    /// Managers may have come or gone.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        self.approval.keep_to(snapshot);
    }

    /// The number of the order that is under way.
    pub fn sending(&self) -> Option<u64> {
        self.sending
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.requests.len()
    }

    /// What they come to.
    pub fn sum(&self) -> Fen {
        self.sum
    }

    /// Money goes back.
    pub fn agree(&self) -> bool {
        self.agree
    }

    /// The chosen reason.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The text of another reason.
    pub fn other(&self) -> &str {
        &self.other
    }

    /// Who decides.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// Which part has the keys.
    pub fn field(&self) -> Field {
        self.field
    }

    /// What stands beside the button.
    pub fn line(&self, w: Words) -> Option<String> {
        match (&self.line, self.pin_missing) {
            (Some(said), _) => Some(w.said(said)),
            (None, true) => Some(w.refund_pin_missing().to_owned()),
            (None, false) => None,
        }
    }
}
