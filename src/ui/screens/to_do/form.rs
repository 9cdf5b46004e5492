//! The form of the to-do list: a manager, the PIN, a reason.

use super::view::head;
use super::{Action, Item, Message, listed};
use crate::domain::{BillNo, Fen, RefundNo};
use crate::till::service::{Command, Snapshot};
use crate::ui::app::Step;
use crate::ui::screens::approval::{Approval, managers, turned, without_codes, without_scan};
use crate::ui::screens::lock;
use crate::ui::strings::Words;
use crate::ui::theme::Look;
use crate::ui::widgets::{self, Kind, bold, plain};
use iced::widget::{Row, column, container, row};
use iced::{Element, Fill, Length};

const REASON_CHARS: usize = 60;

/// What a manager decides about.
#[derive(Debug, Clone)]
pub(super) enum About {
    /// A bill's lock.
    Bill(BillNo),
    /// A refund's contradiction.
    Refund(RefundNo),
}

impl About {
    fn amount(&self, item: Item<'_>) -> Option<Fen> {
        match (self, item) {
            (About::Bill(no), Item::Bill(bill)) if bill.bill_no == *no => Some(bill.amount),
            (About::Refund(no), Item::Refund(refund)) if refund.refund_no == *no => {
                Some(refund.fee)
            }
            _ => None,
        }
    }
}

/// What is typed.
#[derive(Debug)]
pub(super) struct Form {
    about: About,
    approval: Approval,
    reason: String,
}

impl Form {
    pub(super) fn new(about: About, snapshot: &Snapshot) -> Form {
        Form {
            about,
            approval: Approval::new(snapshot),
            reason: String::new(),
        }
    }

    pub(super) fn forget_pin(&mut self) {
        self.approval.forget_pin();
    }

    pub(super) fn drop_scan(&mut self, scanned: &str) {
        self.reason = without_scan(&self.reason, scanned);
    }

    pub(super) fn fill(&mut self, message: Message) {
        match message {
            Message::Character(c) => self.approval.digit(c),
            Message::Backspace => self.approval.backspace(),
            Message::Manager(id) => self.approval.choose(&id),
            Message::Reason(reason) => {
                self.reason = without_codes(&reason).chars().take(REASON_CHARS).collect();
            }
            _ => {}
        }
    }

    pub(super) fn submit(&mut self) -> Action {
        let reason = self.reason.trim().to_owned();
        if reason.is_empty() {
            return Action::Missing;
        }
        match (self.approval.take(), &self.about) {
            (None, _) => Action::Missing,
            (Some((id, pin)), About::Bill(bill_no)) => Action::Send(Command::Release {
                bill_no: bill_no.clone(),
                id,
                pin,
                reason,
            }),
            (Some((id, pin)), About::Refund(no)) => {
                Action::SettleRefund(no.clone(), id, pin, reason)
            }
        }
    }

    /// Left and right choose the manager, up and down one of the reasons.
    pub(super) fn step(&mut self, step: Step, snapshot: &Snapshot) {
        let back = matches!(step, Step::Left | Step::Up);
        match step {
            Step::Left | Step::Right => self.approval.step(snapshot, back),
            Step::Up | Step::Down => {
                let all = self.reasons(Words::new(snapshot.shop.language));
                let at = all.iter().position(|reason| **reason == self.reason);
                let reason = all.get(turned(at, all.len(), back));
                self.reason = reason.map_or_else(String::new, |r| (*r).to_owned());
            }
        }
    }

    fn reasons(&self, w: Words) -> [&'static str; 3] {
        match self.about {
            About::Bill(_) => [w.reason_cash(), w.reason_shown(), w.reason_left()],
            About::Refund(_) => [
                w.incident_reason_checked(),
                w.incident_reason_wallet(),
                w.incident_reason_gateway(),
            ],
        }
    }

    fn titles(&self, w: Words) -> (&'static str, &'static str, &'static str) {
        match self.about {
            About::Bill(_) => (w.release_title(), w.release_warning(), w.release()),
            About::Refund(_) => (
                w.settle_refund_title(),
                w.settle_refund_warning(),
                w.refund_settle(),
            ),
        }
    }

    fn what(&self, snapshot: &Snapshot) -> String {
        let amount = listed(snapshot).find_map(|item| self.about.amount(item));
        let amount = amount.map_or_else(String::new, |amount| format!("¥ {} · ", amount.grouped()));
        let tail = match &self.about {
            About::Bill(no) => BillNo::tail(no),
            About::Refund(no) => no.tail(),
        };
        format!("{amount}…{tail}")
    }
}

/// The form, with its keypad.
pub(super) fn view<'a>(look: Look, snapshot: &'a Snapshot, form: &'a Form) -> Element<'a, Message> {
    let (c, w) = (look.colors, look.words);
    let (title, warning, word) = form.titles(w);
    let managers = managers(snapshot).into_iter().map(|staff| {
        let line = format!("{} {}", staff.name, staff.id);
        let chosen = form.approval.manager() == Some(staff.id.as_str());
        widgets::pill(look, line, chosen, Message::Manager(staff.id.clone()))
    });
    let reasons = form.reasons(w).map(|reason| {
        let chosen = form.reason == reason;
        widgets::pill(look, reason, chosen, Message::Reason(reason.to_owned()))
    });
    let pills = |all: Vec<Element<'a, Message>>| {
        Row::with_children(all)
            .spacing(look.px(8.0))
            .wrap()
            .vertical_spacing(look.px(8.0))
    };
    let label = |word| plain(word, look.body(), c.quiet);
    let reason = widgets::field(
        look,
        "reason",
        w.reason_hint(),
        &form.reason,
        Message::Reason,
    );
    let pin = widgets::well(
        look,
        lock::dots(look, form.approval.digits()),
        true,
        Length::Fixed(look.px(320.0)),
        Message::Pin,
    );
    let fields = column![
        bold(form.what(snapshot), look.label(), c.text),
        plain(warning, look.body(), c.unknown.ink),
        label(w.release_manager()),
        pills(managers.collect()),
        label(w.release_reason()),
        pills(reasons.into()),
        container(reason).max_width(look.px(480.0)),
        label(w.pin()),
        pin,
    ]
    .spacing(look.px(8.0));
    // The button is whole, however low the window: what is above it scrolls.
    let left = column![
        widgets::scroll(look, fields),
        widgets::action(look, Kind::Primary, word, "Enter", Message::Submit),
    ]
    .spacing(look.px(8.0))
    .width(Length::FillPortion(3));
    let right = container(widgets::pin_pad(
        look,
        Message::Character,
        Message::Backspace,
    ))
    .width(Length::FillPortion(2));
    column![
        head(look, title),
        row![left, right].spacing(look.px(24.0)).height(Fill),
    ]
    .spacing(look.px(12.0))
    .into()
}
