//! The refund's form: how much, why, and a manager's word. Enter goes through it in order, and
//! sends it from the PIN.
//!
//! Invariants: an order is sent once; another approver begins with an empty PIN; while an order
//! is under way nothing changes; never more than can be refunded is typed.

use super::super::approval::{Approval, managers, turned, without_codes, without_scan};
use crate::domain::Fen;
use crate::domain::bill::IncidentKind;
use crate::domain::staff::Role;
use crate::till::service::{BalanceView, Pin, RefundOrder, Refundable, Said, Snapshot};
use crate::ui::digits::{Digits, Refused};
use crate::ui::strings::Words;

const REASON_CHARS: usize = 40;

/// The form of one bill.
#[derive(Debug)]
pub struct Form {
    bill: Box<Refundable>,
    balance: BalanceView,
    amount: Digits,
    /// The amount was filled in whole: the next digit begins anew.
    filled: bool,
    reason: Reason,
    other: String,
    approval: Approval,
    field: Field,
    sending: Option<u64>,
    line: Option<Line>,
    /// A cashier asks: nobody approves yet, and no PIN is needed.
    asks: bool,
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// 顾客退货
    Goods,
    /// 多收
    Over,
    /// 重复付款
    Twice,
    /// 商品问题
    Faulty,
    /// 其他…, with text.
    Other,
}

impl Reason {
    /// Every reason, as shown.
    pub const ALL: [Reason; 5] = [
        Reason::Goods,
        Reason::Over,
        Reason::Twice,
        Reason::Faulty,
        Reason::Other,
    ];

    /// In words.
    pub fn word(self, w: Words) -> &'static str {
        match self {
            Reason::Goods => w.refund_reason_goods(),
            Reason::Over => w.refund_reason_over(),
            Reason::Twice => w.refund_reason_twice(),
            Reason::Faulty => w.refund_reason_faulty(),
            Reason::Other => w.refund_reason_other(),
        }
    }
}

/// Which part has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// How much.
    Amount,
    /// Why.
    Reason,
    /// The text of another reason.
    Other,
    /// Who approves.
    Approver,
    /// Their PIN.
    Pin,
}

/// The one line above the button.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// The till said it; nothing was sent.
    Said(Said),
    /// No PIN was typed.
    PinMissing,
    /// Above this amount another manager must approve.
    Second(Fen),
    /// The same, and there is no other manager.
    NoSecond,
}

/// Who is signed in may only ask.
fn asks(snapshot: &Snapshot) -> bool {
    let role = snapshot.signed_in.as_ref().map(|staff| staff.role);
    role != Some(Role::Manager)
}

impl Form {
    /// For this bill. What must go back whole is filled in: a contradiction, a late payment.
    pub fn new(bill: Box<Refundable>, balance: BalanceView, snapshot: &Snapshot) -> Form {
        let here = bill.here.as_deref();
        let incident = here.and_then(|b| b.incident.as_ref().map(|i| &i.kind));
        let twice = matches!(incident, Some(IncidentKind::PaidTwice { .. }));
        let whole = incident.is_some() || here.is_some_and(|b| b.late);
        let mut form = Form {
            balance,
            amount: Digits::default(),
            filled: false,
            reason: match twice {
                true => Reason::Twice,
                false => Reason::Goods,
            },
            other: String::new(),
            approval: Approval::new(snapshot),
            field: Field::Amount,
            sending: None,
            line: None,
            asks: asks(snapshot),
            bill,
        };
        if whole {
            form.fill(snapshot);
        }
        form
    }

    /// 全部.
    pub fn fill(&mut self, snapshot: &Snapshot) {
        if self.is_sending() || self.balance.refundable == Fen::ZERO {
            return;
        }
        self.amount.fill(self.balance.refundable);
        self.filled = true;
        self.field = Field::Amount;
        self.amount_changed(snapshot);
    }

    /// A character for the field that has the keys.
    pub fn character(&mut self, c: char, snapshot: &Snapshot) {
        if self.is_sending() {
            return;
        }
        match self.field {
            Field::Amount if c.eq_ignore_ascii_case(&'a') || c == '*' => self.fill(snapshot),
            Field::Amount => self.digit(c, snapshot),
            Field::Pin => {
                self.line = None;
                self.approval.digit(c);
            }
            Field::Reason | Field::Other | Field::Approver => {}
        }
    }

    /// A key of the keypad: where the keys are a choice's, it is the amount's or the PIN's.
    pub fn pad(&mut self, c: char, snapshot: &Snapshot) {
        if matches!(self.field, Field::Reason | Field::Approver | Field::Other) {
            self.field = self.after_choice();
        }
        self.character(c, snapshot);
    }

    /// Where the keys go after a choice was touched.
    pub fn after_choice(&self) -> Field {
        match self.amount.amount() {
            Some(_) if self.asks => Field::Reason,
            Some(_) => Field::Pin,
            None => Field::Amount,
        }
    }

    fn digit(&mut self, c: char, snapshot: &Snapshot) {
        let mut next = match self.filled {
            true => Digits::default(),
            false => self.amount.clone(),
        };
        match next.push(c, self.balance.refundable) {
            Ok(()) => {
                self.amount = next;
                self.filled = false;
                self.amount_changed(snapshot);
            }
            Err(Refused::TooLarge(max)) => self.line = Some(Line::Said(Said::RefundTooMuch(max))),
            Err(Refused::Ignored) => {}
        }
    }

    /// Takes one away.
    pub fn backspace(&mut self, snapshot: &Snapshot) {
        match self.field {
            _ if self.is_sending() => {}
            Field::Amount if self.filled => {
                self.amount.clear();
                self.filled = false;
                self.amount_changed(snapshot);
            }
            Field::Amount => {
                self.amount.backspace();
                self.amount_changed(snapshot);
            }
            Field::Pin => self.approval.backspace(),
            Field::Reason | Field::Other | Field::Approver => {}
        }
    }

    /// Above what a manager may do alone, the other one is proposed.
    fn amount_changed(&mut self, snapshot: &Snapshot) {
        self.line = None;
        if self.asks {
            return;
        }
        if let (Some(max), true) = (self.second_above(), self.approver_is_me(snapshot)) {
            let me = snapshot.signed_in.as_ref().map(|s| s.id.as_str());
            let other = managers(snapshot)
                .into_iter()
                .find(|staff| Some(staff.id.as_str()) != me);
            self.line = Some(match other {
                Some(other) => {
                    self.approval.choose(&other.id);
                    Line::Second(max)
                }
                None => Line::NoSecond,
            });
        }
    }

    /// This amount needs another manager: above how much.
    pub fn second_above(&self) -> Option<Fen> {
        let fee = self.amount.amount()?;
        self.balance.alone_up_to.filter(|max| fee > *max)
    }

    fn approver_is_me(&self, snapshot: &Snapshot) -> bool {
        let me = snapshot.signed_in.as_ref().map(|s| s.id.as_str());
        self.approval.manager() == me
    }

    /// A reason was touched, or chosen by the arrows.
    pub fn choose_reason(&mut self, reason: Reason) {
        if !self.is_sending() {
            self.reason = reason;
            self.line = None;
        }
    }

    /// The text of another reason. What looks like a payment code is not kept.
    pub fn write_other(&mut self, text: &str) {
        if !self.is_sending() {
            self.other = without_codes(text).chars().take(REASON_CHARS).collect();
            self.field = Field::Other;
        }
    }

    /// A scan ran into the text: it is taken out again.
    pub fn drop_scan(&mut self, scanned: &str) {
        self.other = without_scan(&self.other, scanned);
    }

    /// Another approver: the PIN is emptied.
    pub fn choose_approver(&mut self, id: &str) {
        if !self.is_sending() {
            self.approval.choose(id);
            self.line = None;
        }
    }

    /// A field was touched.
    pub fn focus(&mut self, field: Field) {
        self.field = field;
    }

    /// The fields in the order of Enter and Tab.
    fn fields(&self, snapshot: &Snapshot) -> Vec<Field> {
        let mut all = vec![Field::Amount, Field::Reason];
        if self.reason == Reason::Other {
            all.push(Field::Other);
        }
        if self.asks {
            return all;
        }
        if managers(snapshot).len() > 1 {
            all.push(Field::Approver);
        }
        all.push(Field::Pin);
        all
    }

    /// Enter sends it from here.
    fn is_last(&self, snapshot: &Snapshot) -> bool {
        self.fields(snapshot).last() == Some(&self.field)
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
        match self.field {
            Field::Reason => {
                let at = Reason::ALL.iter().position(|r| *r == self.reason);
                let to = Reason::ALL.get(turned(at, Reason::ALL.len(), back));
                self.choose_reason(to.copied().unwrap_or(Reason::Goods));
            }
            Field::Approver if !self.is_sending() => {
                self.line = None;
                self.approval.step(snapshot, back);
            }
            _ => {}
        }
    }

    /// Enter: this field is done; from the PIN the order goes out.
    pub fn enter(&mut self, number: u64, snapshot: &Snapshot) -> Option<RefundOrder> {
        match self.field {
            _ if self.is_last(snapshot) => self.submit(number, snapshot),
            Field::Amount if self.amount.amount().is_none() => {
                self.line = Some(Line::Said(Said::RefundIncomplete));
                None
            }
            _ => {
                self.tab(false, snapshot);
                None
            }
        }
    }

    /// The order, where everything is there; else the first field that lacks something.
    pub fn submit(&mut self, number: u64, snapshot: &Snapshot) -> Option<RefundOrder> {
        if self.is_sending() {
            return None;
        }
        let reason = self.reason_text(Words::new(snapshot.shop.language));
        let Some(fee) = self.amount.amount() else {
            return self.lacks(Field::Amount, Line::Said(Said::RefundIncomplete));
        };
        if reason.is_empty() {
            return self.lacks(Field::Other, Line::Said(Said::ReasonMissing));
        }
        if self.asks {
            self.sending = Some(number);
            self.line = None;
            return Some(RefundOrder {
                bill_no: self.bill.bill_no.clone(),
                fee,
                reason,
                approver: String::new(),
                pin: Pin::new(String::new()),
            });
        }
        if let (Some(max), true) = (self.second_above(), self.approver_is_me(snapshot)) {
            let line = match managers(snapshot).len() {
                0 | 1 => Line::NoSecond,
                _ => Line::Second(max),
            };
            return self.lacks(Field::Approver, line);
        }
        let Some((approver, pin)) = self.approval.take() else {
            return self.lacks(Field::Pin, Line::PinMissing);
        };
        self.sending = Some(number);
        self.line = None;
        Some(RefundOrder {
            bill_no: self.bill.bill_no.clone(),
            fee,
            reason,
            approver,
            pin,
        })
    }

    fn lacks(&mut self, field: Field, line: Line) -> Option<RefundOrder> {
        self.field = field;
        self.line = Some(line);
        None
    }

    fn reason_text(&self, w: Words) -> String {
        match self.reason {
            Reason::Other => self.other.trim().to_owned(),
            reason => reason.word(w).to_owned(),
        }
    }

    /// The order was refused, and nothing was sent: the form is kept, the PIN is not.
    pub fn refused(&mut self, said: Said) {
        self.sending = None;
        self.approval.forget_pin();
        self.field = match said {
            Said::SecondManager(_) => Field::Approver,
            Said::RefundTooMuch(_) | Said::RefundIncomplete => Field::Amount,
            _ if self.asks => Field::Amount,
            _ => Field::Pin,
        };
        self.line = Some(Line::Said(said));
    }

    /// Managers may have come or gone.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        self.approval.keep_to(snapshot);
    }

    /// The number of the order that is under way.
    pub fn sending(&self) -> Option<u64> {
        self.sending
    }

    /// It asks for a refund that a manager decides.
    pub fn asks(&self) -> bool {
        self.asks
    }

    /// An order is under way.
    pub fn is_sending(&self) -> bool {
        self.sending.is_some()
    }

    /// The bill.
    pub fn bill(&self) -> &Refundable {
        &self.bill
    }

    /// What was paid and what is left.
    pub fn balance(&self) -> &BalanceView {
        &self.balance
    }

    /// As typed.
    pub fn amount(&self) -> &Digits {
        &self.amount
    }

    /// The chosen reason.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The text of another reason.
    pub fn other(&self) -> &str {
        &self.other
    }

    /// Who approves.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// Which part has the keys.
    pub fn field(&self) -> Field {
        self.field
    }

    /// What stands above the button.
    pub fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }
}
