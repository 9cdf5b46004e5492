//! The screens, one file each: what a screen holds, what can happen on it, what follows, and how
//! it looks. Bars, rail and panel are here too: views of the snapshot without state.

pub mod approval;
pub mod bars;
pub mod bills;
pub mod camera;
pub mod incident;
pub mod keys;
pub mod lamps;
pub mod links;
pub mod lock;
pub mod practice;
pub mod practice_refund;
pub mod prerefund;
pub mod question;
pub mod queue;
pub mod rail;
pub mod reconcile;
pub mod refund;
pub mod report;
pub mod sale;
pub mod settings;
pub mod shift;
pub mod slip;
pub mod stage;
pub mod to_do;

use super::face::{Face, RefundFace};
use super::theme::{Look, Tone};
use super::widgets::drawing::Icon;
use crate::till::service::{BillView, Snapshot};

/// A face's colours.
pub fn tone(look: Look, face: Face) -> Tone {
    let c = look.colors;
    match face {
        Face::Waiting | Face::ShowingQr => c.waiting,
        Face::Cancelling => c.cancelling,
        Face::Paid => c.paid,
        Face::Refused | Face::NotSent => c.refused,
        Face::Reverted(_) | Face::Expired => c.undone,
        Face::Unknown | Face::Watching | Face::Unrevertible => c.unknown,
        Face::Incident | Face::Disputed | Face::Unrecorded => c.unknown,
    }
}

/// The colours of a refund's face.
pub fn refund_tone(look: Look, face: RefundFace) -> Tone {
    let c = look.colors;
    match face {
        RefundFace::Sent | RefundFace::Processing => c.waiting,
        RefundFace::Refunded => c.paid,
        RefundFace::Failed | RefundFace::NotRefunded => c.refused,
        RefundFace::Unknown | RefundFace::Incident | RefundFace::Unrecorded => c.unknown,
        RefundFace::Requested => c.cancelling,
        RefundFace::Denied => c.undone,
    }
}

/// The shape of a refund's face.
pub fn refund_icon(face: RefundFace) -> Icon {
    match face {
        RefundFace::Sent | RefundFace::Processing => Icon::Clock,
        RefundFace::Refunded => Icon::Check,
        RefundFace::Failed | RefundFace::NotRefunded => Icon::Cross,
        RefundFace::Unknown => Icon::Question,
        RefundFace::Requested => Icon::Eye,
        RefundFace::Denied => Icon::Back,
        RefundFace::Incident | RefundFace::Unrecorded => Icon::Warning,
    }
}

/// A member of staff by id: the name, or the id of one who left.
pub fn who<'a>(snapshot: &'a Snapshot, id: &'a str) -> &'a str {
    let found = snapshot.staff.iter().find(|staff| staff.id == id);
    found.map_or(id, |staff| staff.name.as_str())
}

/// A face's shape.
pub fn icon(face: Face) -> Icon {
    match face {
        Face::Waiting | Face::ShowingQr => Icon::Clock,
        Face::Cancelling | Face::Reverted(_) | Face::Expired => Icon::Back,
        Face::Paid => Icon::Check,
        Face::Refused | Face::NotSent => Icon::Cross,
        Face::Unknown => Icon::Question,
        Face::Watching | Face::Unrevertible => Icon::Eye,
        Face::Incident | Face::Disputed | Face::Unrecorded => Icon::Warning,
    }
}

/// Minutes and seconds until then, as a countdown shows them.
pub fn countdown(until_ms: i64, now_ms: i64) -> String {
    let seconds = seconds_left(until_ms, now_ms);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Whole seconds until then, rounded up.
pub fn seconds_left(until_ms: i64, now_ms: i64) -> i64 {
    let left_ms = until_ms.saturating_sub(now_ms).max(0);
    left_ms.saturating_add(999) / 1000
}

/// How much of the countdown is left, 0 to 1.
pub fn part_left(bill: &BillView, now_ms: i64) -> f32 {
    match (bill.deadline_ms, bill.countdown_ms) {
        (Some(until), Some(whole)) if whole > 0 => {
            let left = until.saturating_sub(now_ms).clamp(0, whole);
            left as f32 / whole as f32
        }
        _ => 0.0,
    }
}

/// A bill's number as people compare it: the last ten, serial and random apart.
pub fn short_no(bill: &BillView) -> String {
    let tail = bill.bill_no.tail();
    format!("…{tail}")
}

/// date, till, serial, random: `20261120 01 000063 K7Q2ABCD`.
pub fn spaced(bill_no: &str) -> String {
    let cut = bill_no.len().checked_sub(14);
    let parts = cut.and_then(|cut| {
        let date = bill_no.get(..8)?;
        let till = bill_no.get(8..cut)?;
        let serial = bill_no.get(cut..cut + 6)?;
        Some(format!(
            "{date} {till} {serial} {}",
            bill_no.get(cut + 6..)?
        ))
    });
    parts.unwrap_or_else(|| bill_no.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_never_shows_less_than_is_left() {
        assert_eq!(countdown(41_000, 0), "0:41");
        assert_eq!(countdown(40_001, 0), "0:41");
        assert_eq!(countdown(112_000, 0), "1:52");
        assert_eq!(countdown(0, 5), "0:00");
    }
}
