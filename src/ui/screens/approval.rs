//! A manager's word: who, and the PIN. Forms hold one; the till checks it.
//!
//! Invariants: another manager begins with an empty PIN; the PIN is kept only until it is sent,
//! wiped, and never drawn or printed.

use crate::domain::auth_code;
use crate::domain::staff::{Role, Staff};
use crate::till::service::{Pin, Snapshot};
use crate::ui::theme::Look;
use crate::ui::widgets::drawing::{self, Icon};
use crate::ui::widgets::{self, Kind, plain};
use iced::widget::{Row, column, container};
use iced::{Element, Fill, Length};
use zeroize::Zeroizing;

/// A PIN has 4 to 12 digits (COUNTER).
const PIN_DIGITS: usize = 12;
/// Managers that are offered.
const MOST_MANAGERS: usize = 6;
/// Twelve dots and the box's own air, in the design's pixels.
const PIN_WIDTH: f32 = 220.0;

/// Who approves, and the digits so far.
#[derive(Default)]
pub struct Approval {
    manager: Option<String>,
    pin: Zeroizing<String>,
}

impl std::fmt::Debug for Approval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Approval({:?})", self.manager)
    }
}

/// Who may approve: the one who is signed in, then the others.
pub fn managers(snapshot: &Snapshot) -> Vec<&Staff> {
    let me = snapshot.signed_in.as_ref().map(|staff| staff.id.as_str());
    let mut all: Vec<&Staff> = snapshot
        .staff
        .iter()
        .filter(|staff| staff.role == Role::Manager)
        .collect();
    all.sort_by_key(|staff| Some(staff.id.as_str()) != me);
    all.truncate(MOST_MANAGERS);
    all
}

impl Approval {
    /// With the manager who is signed in, or the only one.
    pub fn new(snapshot: &Snapshot) -> Approval {
        let me = snapshot.signed_in.as_ref().map(|staff| staff.id.as_str());
        let managers = managers(snapshot);
        let manager = match managers.as_slice() {
            [only] => Some(only),
            [first, ..] if Some(first.id.as_str()) == me => Some(first),
            _ => None,
        };
        Approval {
            manager: manager.map(|staff| staff.id.clone()),
            pin: Zeroizing::default(),
        }
    }

    /// The manager's id.
    pub fn manager(&self) -> Option<&str> {
        self.manager.as_deref()
    }

    /// Another manager: the PIN was not theirs.
    pub fn choose(&mut self, id: &str) {
        if self.manager.as_deref() != Some(id) {
            self.manager = Some(id.to_owned());
            self.forget_pin();
        }
    }

    /// The next or the previous manager.
    pub fn step(&mut self, snapshot: &Snapshot, back: bool) {
        let all: Vec<&str> = managers(snapshot).iter().map(|m| m.id.as_str()).collect();
        let at = all.iter().position(|id| Some(*id) == self.manager());
        let to = turned(at, all.len(), back);
        if let Some(id) = all.get(to) {
            self.choose(id);
        }
    }

    /// Who is not listed any more can't approve.
    pub fn keep_to(&mut self, snapshot: &Snapshot) {
        let listed = managers(snapshot)
            .iter()
            .any(|staff| Some(staff.id.as_str()) == self.manager());
        if !listed {
            *self = Approval::new(snapshot);
        }
    }

    /// A digit of the PIN; anything else is none.
    pub fn digit(&mut self, c: char) {
        if c.is_ascii_digit() && self.pin.len() < PIN_DIGITS {
            self.pin.push(c);
        }
    }

    /// Takes one digit away.
    pub fn backspace(&mut self) {
        let _ = self.pin.pop();
    }

    /// It was wrong, or is another manager's.
    pub fn forget_pin(&mut self) {
        self.pin = Zeroizing::default();
    }

    /// How many dots are drawn.
    pub fn digits(&self) -> usize {
        self.pin.len()
    }

    /// Manager and PIN for the till; nothing of the PIN stays here. `None` where one is missing.
    pub fn take(&mut self) -> Option<(String, Pin)> {
        let id = self.manager.clone()?;
        let pin = std::mem::take(&mut *self.pin);
        (!pin.is_empty()).then(|| (id, Pin::new(pin)))
    }
}

/// The place after (or before) this one of `len`, around the end.
pub fn turned(at: Option<usize>, len: usize, back: bool) -> usize {
    match (at, back) {
        (None, _) => 0,
        (Some(at), true) => at.checked_sub(1).unwrap_or(len.saturating_sub(1)),
        (Some(at), false) => (at + 1) % len.max(1),
    }
}

/// A reason without what a scanner typed into it (I12).
pub fn without_codes(text: &str) -> String {
    auth_code::without_codes(text, "")
}

/// A reason without this scan, or the end of it that was left of it.
pub fn without_scan(text: &str, scanned: &str) -> String {
    let kept = text.replace(scanned, "");
    let ends = scanned.char_indices().map(|(at, _)| &scanned[at..]);
    let left = ends
        .filter(|end| kept.ends_with(end))
        .max_by_key(|end| end.len());
    match left {
        Some(end) => kept[..kept.len() - end.len()].to_owned(),
        None => kept,
    }
}

/// The managers, and the PIN's box.
pub fn view<'a, M: Clone + 'a>(
    look: Look,
    snapshot: &'a Snapshot,
    approval: &'a Approval,
    focus: Focus,
    manager: impl Fn(String) -> M,
    pin: M,
) -> Element<'a, M> {
    let pills = managers(snapshot).into_iter().map(|staff| {
        let line = format!("{} {}", staff.name, staff.id);
        let chosen = approval.manager() == Some(staff.id.as_str());
        widgets::pill(look, line, chosen, manager(staff.id.clone()))
    });
    let pills = Row::with_children(pills)
        .spacing(look.px(8.0))
        .wrap()
        .vertical_spacing(look.px(8.0));
    let shown: Element<'a, M> = match approval.digits() {
        0 => plain(look.words.pin(), look.body(), look.colors.quiet).into(),
        count => dots(look, count),
    };
    let width = Length::Fixed(look.px(PIN_WIDTH));
    let well = widgets::well(look, shown, focus == Focus::Pin, width, pin);
    widgets::beside(look, pills, well)
}

/// One dot for each digit, so small that twelve fit.
fn dots<'a, M: 'a>(look: Look, count: usize) -> Element<'a, M> {
    let dot = |_| drawing::icon(Icon::Dot, look.px(12.0), look.colors.text);
    Row::with_children((0..count).map(dot))
        .spacing(look.px(4.0))
        .into()
}

/// Which part of it has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// Neither.
    Elsewhere,
    /// The managers.
    Manager,
    /// The PIN.
    Pin,
}

/// Digits by touch; with a point for amounts.
pub fn pad<'a, M: Clone + 'a>(
    look: Look,
    point: bool,
    digit: impl Fn(char) -> M,
    erase: M,
) -> Element<'a, M> {
    if !point {
        return widgets::pin_pad(look, digit, erase);
    }
    let c = look.colors;
    let gap = look.px(8.0);
    let key = |inside: Element<'a, M>, message| -> Element<'a, M> {
        widgets::press(
            look,
            Kind::Key,
            container(inside).center(Fill),
            Some(message),
        )
        .width(Fill)
        .height(Fill)
        .into()
    };
    let figure = |d: char| key(plain(d.to_string(), look.px(30.0), c.text).into(), digit(d));
    let line = |keys: Vec<Element<'a, M>>| {
        Row::with_children(keys)
            .spacing(gap)
            .width(Fill)
            .height(Fill)
    };
    let sign = drawing::icon(Icon::Erase, look.px(30.0), c.quiet);
    column![
        line(['7', '8', '9'].map(figure).into()),
        line(['4', '5', '6'].map(figure).into()),
        line(['1', '2', '3'].map(figure).into()),
        line(vec![figure('.'), figure('0'), key(sign, erase)]),
    ]
    .spacing(gap)
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_manager_begins_with_an_empty_pin() {
        let mut approval = Approval::default();
        approval.choose("2001");
        "1234".chars().for_each(|c| approval.digit(c));
        approval.choose("2001");
        assert_eq!(approval.digits(), 4, "the same one");
        approval.choose("2002");
        assert_eq!(approval.digits(), 0);
        assert!(approval.take().is_none(), "no PIN, no approval");
        assert!(!format!("{approval:?}").contains("1234"));
    }

    #[test]
    fn a_payment_code_never_stays_in_a_reason() {
        let code = "283024351597694002";
        assert_eq!(without_codes(&format!("破损 {code}")), "破损 ");
        assert_eq!(without_codes("订单 12345 少一件"), "订单 12345 少一件");
        // As a text field sees it: one character after the other.
        let mut text = "破损".to_owned();
        for c in code.chars() {
            text.push(c);
            text = without_codes(&text);
        }
        assert_eq!(without_scan(&text, code), "破损");
        assert_eq!(without_scan("破损", code), "破损");
    }
}
