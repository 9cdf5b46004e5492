//! The sale: typed digits, the note, and what keys mean for each state of the stage.
//!
//! Invariants: a scan never changes the digits or the note; Enter charges nothing; the digits are
//! forgotten only when their bill is on the stage or a person clears them; one typed amount is
//! charged once: until the till has answered, another scan of it is not sent.

use crate::domain::{BillNo, Channel, Fen, Wallet};
use crate::till::service::{BillView, Command, Said, ScanText, Snapshot, Stage};
use crate::ui::digits::{Digits, Refused};
use crate::ui::face::Face;
use std::collections::VecDeque;

/// Edits of the note that a scan may have to undo.
const NOTE_EDITS: usize = 64;
/// title is at most 32 GBK bytes; a note longer than this helps nobody.
const NOTE_CHARS: usize = 60;

/// What is typed.
#[derive(Debug, Default)]
pub struct State {
    digits: Digits,
    note: String,
    /// The note before each of the last edits, oldest first.
    note_before: VecDeque<String>,
    /// Digits that went out with a scan or a QR, until their bill is on the stage.
    charging: Option<Fen>,
    /// The till has not answered yet whether these are charged: a second code within these
    /// milliseconds would be a second payment of the same amount.
    asked: bool,
    /// A digit was typed since the stage changed, or made it change.
    typing: bool,
    /// A digit has asked this stage to go.
    moving_on: bool,
}

/// What can happen.
#[derive(Debug, Clone)]
pub enum Message {
    /// A digit or a point.
    Character(char),
    /// The key 00.
    DoubleZero,
    /// Takes one away.
    Backspace,
    /// 清空.
    Clear,
    /// By the keyboard: ignored right after the stage changed.
    Enter,
    /// 确认, by touch.
    Confirm,
    /// Esc.
    Escape,
    /// A payment code.
    Scan(ScanText),
    /// 扫这个码 of the practice panel.
    PracticeScan,
    /// F2, F3.
    ShowQr(Wallet),
    /// A pay link was chosen.
    ShowLink(Channel),
    /// The note field.
    NoteChanged(String),
    /// 先收下一位, 下一位.
    ServeNext,
    /// F7 on a stage that stays: it moves on.
    MoveOn,
    /// 取消收款.
    Cancel(BillNo),
    /// 立即核对.
    AskNow(BillNo),
    /// 再次显示.
    ShowAgain(BillNo),
    /// 已交货.
    HandedOver(BillNo),
}

/// What follows.
#[derive(Debug, Clone)]
pub enum Action {
    /// For the till.
    Send(Command),
    /// One plain line.
    Say(Said),
}

/// What the sale screen knows of the till.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The latest.
    pub snapshot: &'a Snapshot,
    /// The stage has stood for long enough for Enter.
    pub settled: bool,
}

impl Context<'_> {
    fn bill(&self) -> Option<&BillView> {
        match &self.snapshot.stage {
            Stage::Bill(bill) => Some(bill),
            Stage::Idle | Stage::Amount { .. } => None,
        }
    }
}

impl State {
    /// As typed.
    pub fn digits(&self) -> &Digits {
        &self.digits
    }

    /// As typed.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Forgets digits and note.
    pub fn clear(&mut self) {
        self.digits.clear();
        self.note.clear();
        self.note_before.clear();
        self.charging = None;
        self.asked = false;
    }

    /// The stage shows something else now; `new_bill`: another bill than before.
    pub fn stage_changed(&mut self, stage: &Stage, new_bill: bool) {
        self.typing = std::mem::take(&mut self.moving_on);
        if let Stage::Bill(bill) = stage
            && new_bill
        {
            self.asked = false;
            if self.charging == Some(bill.amount) {
                self.clear();
            }
        }
    }

    /// The till said why nothing was sent: the digits stay, and may be charged. They are forgotten
    /// still when a bill of theirs comes to the stage: what was said may have been about another
    /// scan.
    pub fn not_charged(&mut self) {
        self.asked = false;
    }

    /// The till said something; where it was not beside the sale, it said why nothing was sent.
    pub fn told(&mut self, said: &Said) {
        if !is_beside_the_sale(said) {
            self.not_charged();
        }
    }

    /// One message.
    pub fn update(&mut self, message: Message, context: Context<'_>) -> Vec<Action> {
        match message {
            Message::Character(c) => self.character(c, context),
            Message::DoubleZero => {
                let mut actions = self.character('0', context);
                actions.extend(self.character('0', context));
                actions
            }
            Message::Backspace if self.digits.backspace() => self.edited(context),
            Message::Backspace => Vec::new(),
            Message::Clear => self.clear_amount(context),
            // What can't be charged is neither confirmed nor, by a scan, taken for no amount at all.
            Message::Enter
            | Message::Confirm
            | Message::PracticeScan
            | Message::ShowQr(_)
            | Message::ShowLink(_)
            | Message::Scan(_)
                if self.digits.above().is_some() =>
            {
                if let Message::Scan(text) = &message {
                    self.forget_in_note(text.expose());
                }
                let max = self.digits.above().unwrap_or_default();
                vec![Action::Say(Said::AmountTooLarge(max))]
            }
            Message::Enter => self.enter(context),
            Message::Confirm => self.confirm(),
            Message::Escape => self.escape(context),
            Message::Scan(text) => self.scan(text),
            Message::PracticeScan => {
                self.charge(|amount, note| Command::PracticeScan { amount, note })
            }
            Message::ShowQr(wallet) => self.show_qr(wallet, context),
            Message::ShowLink(channel) => self.show_link(channel, context),
            Message::NoteChanged(note) => {
                self.edit_note(note);
                Vec::new()
            }
            Message::ServeNext => vec![Action::Send(Command::ServeNext)],
            Message::MoveOn => self.move_on(context),
            Message::Cancel(bill_no) => vec![Action::Send(Command::Cancel(bill_no))],
            Message::AskNow(bill_no) => vec![Action::Send(Command::AskNow(bill_no))],
            Message::ShowAgain(bill_no) => vec![Action::Send(Command::ShowAgain(bill_no))],
            Message::HandedOver(bill_no) => vec![Action::Send(Command::HandedOver(bill_no))],
        }
    }

    fn character(&mut self, c: char, context: Context<'_>) -> Vec<Action> {
        match self.digits.push(c, context.snapshot.shop.max_amount) {
            Ok(()) => {
                self.typing = true;
                let mut actions = self.edited(context);
                let goes = context
                    .bill()
                    .is_some_and(|bill| Face::of(bill).digit_moves_on());
                if goes && !self.moving_on {
                    self.moving_on = true;
                    actions.push(Action::Send(Command::ServeNext));
                }
                actions
            }
            Err(Refused::TooLarge(max)) => {
                self.typing = true;
                let mut actions = self.edited(context);
                actions.push(Action::Say(Said::AmountTooLarge(max)));
                actions
            }
            Err(Refused::Ignored) => Vec::new(),
        }
    }

    /// The digits are not what was confirmed or sent any more.
    fn edited(&mut self, context: Context<'_>) -> Vec<Action> {
        self.charging = None;
        self.asked = false;
        match context.snapshot.stage {
            Stage::Amount { .. } => vec![Action::Send(Command::ClearAmount)],
            _ => Vec::new(),
        }
    }

    fn clear_amount(&mut self, context: Context<'_>) -> Vec<Action> {
        self.clear();
        self.edited(context)
    }

    fn confirm(&self) -> Vec<Action> {
        let confirm = self.digits.amount().map(|amount| {
            let note = self.note.clone();
            Action::Send(Command::ConfirmAmount { amount, note })
        });
        confirm.into_iter().collect()
    }

    fn enter(&mut self, context: Context<'_>) -> Vec<Action> {
        // A digit since then shows that the person has seen the new stage.
        let aware = context.settled || (self.typing && context.bill().is_none());
        if !aware {
            return Vec::new();
        }
        let Some(bill) = context.bill() else {
            return match context.snapshot.stage {
                Stage::Amount { amount } if Some(amount) == self.digits.amount() => Vec::new(),
                _ => self.confirm(),
            };
        };
        vec![Action::Send(match enter_means(bill) {
            Enter::Ask => Command::AskNow(bill.bill_no.clone()),
            Enter::Next => Command::ServeNext,
        })]
    }

    fn escape(&mut self, context: Context<'_>) -> Vec<Action> {
        match context.bill() {
            Some(bill) if may_cancel(bill) => {
                vec![Action::Send(Command::Cancel(bill.bill_no.clone()))]
            }
            Some(bill) if Face::of(bill).keeps_amount() => vec![Action::Send(Command::ServeNext)],
            _ => self.clear_amount(context),
        }
    }

    fn move_on(&mut self, context: Context<'_>) -> Vec<Action> {
        let stays = context.bill().is_some_and(|bill| {
            matches!(
                Face::of(bill),
                Face::Unknown
                    | Face::Incident
                    | Face::Watching
                    | Face::Unrevertible
                    | Face::Unrecorded
            )
        });
        if stays {
            vec![Action::Send(Command::ServeNext)]
        } else {
            Vec::new()
        }
    }

    fn scan(&mut self, text: ScanText) -> Vec<Action> {
        self.forget_in_note(text.expose());
        self.charge(|amount, note| Command::Scan { text, amount, note })
    }

    fn show_qr(&mut self, wallet: Wallet, context: Context<'_>) -> Vec<Action> {
        // The same key on the same sale shows the same QR, while it lives (FATE 17).
        if let Some(bill) = context.bill()
            && bill.can_show_again
            && bill.wallet == Some(wallet)
            && !bill.link
            && self.digits.is_empty()
        {
            return vec![Action::Send(Command::ShowAgain(bill.bill_no.clone()))];
        }
        self.charge(|amount, note| Command::ShowQr {
            wallet,
            amount,
            note,
        })
    }

    fn show_link(&mut self, channel: Channel, context: Context<'_>) -> Vec<Action> {
        // As for a QR: the same link of the same sale is shown again, while it lives.
        if let Some(bill) = context.bill()
            && bill.can_show_again
            && bill.link
            && bill.channel == channel
            && self.digits.is_empty()
        {
            return vec![Action::Send(Command::ShowAgain(bill.bill_no.clone()))];
        }
        self.charge(|amount, note| Command::ShowLink {
            channel,
            amount,
            note,
        })
    }

    fn charge(&mut self, command: impl FnOnce(Option<Fen>, String) -> Command) -> Vec<Action> {
        if self.asked {
            return vec![Action::Say(Said::StageBusy)];
        }
        let amount = self.digits.amount();
        self.charging = amount;
        self.asked = amount.is_some();
        vec![Action::Send(command(amount, self.note.clone()))]
    }

    fn edit_note(&mut self, note: String) {
        if self.note_before.len() >= NOTE_EDITS {
            self.note_before.pop_front();
        }
        let note: String = note.chars().take(NOTE_CHARS).collect();
        let before = std::mem::replace(&mut self.note, note);
        self.note_before.push_back(before);
    }

    /// A scan went into the focused note field key by key: the note is what it was before.
    pub fn forget_in_note(&mut self, scanned: &str) {
        let keys = scanned.chars().count();
        let was = self.note_before.len().checked_sub(keys);
        let before = was.and_then(|i| self.note_before.get(i)).cloned();
        let grew_by_it = before
            .as_ref()
            .is_some_and(|before| is_insertion(before, &self.note, scanned));
        if grew_by_it {
            self.note = before.unwrap_or_default();
        } else if self.note.contains(scanned) {
            self.note = self.note.replacen(scanned, "", 1);
        } else {
            return;
        }
        self.note_before.clear();
    }
}

/// `after` holds `scanned`, and what stands around it stood in `before` (a selection that the
/// first key replaced comes back with it).
fn is_insertion(before: &str, after: &str, scanned: &str) -> bool {
    after.split_once(scanned).is_some_and(|(head, tail)| {
        before.starts_with(head)
            && before.ends_with(tail)
            && before.len() >= head.len() + tail.len()
    })
}

/// The till's word on something else than whether an amount is charged.
fn is_beside_the_sale(said: &Said) -> bool {
    matches!(
        said,
        Said::NoCodeInPicture
            | Said::NoPrinter
            | Said::NothingPrinted
            | Said::NoSlip
            | Said::SlipWaits
            | Said::SlipSending
            | Said::SlipDoubtful(_)
            | Said::DeviceAway(_)
            | Said::HandedOverRecorded(_)
            | Said::WrongPin { .. }
            | Said::PinLocked { .. }
    )
}

/// What Enter does with a bill on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enter {
    /// Frees the stage.
    Next,
    /// Asks the gateway now.
    Ask,
}

/// COUNTER: while waiting or closing, and on a result, Enter serves the next; unknown and
/// incident stay, and Enter asks. An unanswered bill is Unresolved before Enter asks.
pub fn enter_means(bill: &BillView) -> Enter {
    match Face::of(bill) {
        Face::Unknown if bill.state == crate::domain::State::Unresolved => Enter::Ask,
        Face::Incident => Enter::Ask,
        _ => Enter::Next,
    }
}

/// Esc cancels: the payment is in progress and not being undone yet.
pub fn may_cancel(bill: &BillView) -> bool {
    use crate::domain::State;
    matches!(bill.state, State::Sent | State::Awaiting)
        && bill.incident.is_none()
        && !bill.unrecorded
}
