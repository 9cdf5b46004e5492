//! What a bill looks like: one of COUNTER's states, decided in one place for stage, rail, lists
//! and the customer's window. Pure.
//!
//! Invariant: "not charged" is a face only of a bill whose proof says so (I3), and green only of
//! one that is paid, recorded and uncontradicted (I4, I8).

use crate::domain::{Proof, State};
use crate::till::service::BillView;

/// COUNTER's state table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Face {
    /// Blue: 等待顾客付款.
    Waiting,
    /// Blue, with its QR on the screen.
    ShowingQr,
    /// Amber: 正在撤销.
    Cancelling,
    /// Green: 已收款.
    Paid,
    /// Red: 未扣款, the gateway or wallet said no.
    Refused,
    /// Red: 未扣款, it never left or the gateway does not know it.
    NotSent,
    /// Grey: 已撤销, with what is known about the money.
    Reverted(Undone),
    /// Grey: it can no longer be paid.
    Expired,
    /// Violet: 结果未知.
    Unknown,
    /// Violet: 二维码已收起.
    Watching,
    /// A scanned payment that the gateway can't revert: violet, as watching.
    Unrevertible,
    /// Violet: 需要店长处理.
    Incident,
    /// Violet: 网关已收款 · 本机未能记录.
    Unrecorded,
}

/// What a revert is known to have done with the money (FATE 10, 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Undone {
    /// Proven never charged.
    NotCharged,
    /// It had been there and went back.
    Returned,
    /// No witness: if it was paid it goes back.
    NoWitness,
}

impl Face {
    /// The face of this bill.
    pub fn of(bill: &BillView) -> Face {
        if bill.unrecorded {
            return Face::Unrecorded;
        }
        if bill.incident.is_some() {
            return Face::Incident;
        }
        if bill.unanswered && !bill.state.is_terminal() {
            return Face::Unknown;
        }
        match bill.state {
            State::Sent | State::Awaiting if bill.qr.is_some() => Face::ShowingQr,
            State::Sent | State::Awaiting => Face::Waiting,
            State::Closing => Face::Cancelling,
            State::Watching if bill.channel.is_scan() => Face::Unrevertible,
            State::Watching => Face::Watching,
            State::Unresolved => Face::Unknown,
            State::Paid => Face::Paid,
            State::Refused => Face::Refused,
            State::NotSent => Face::NotSent,
            State::Reverted => Face::Reverted(Undone::of(bill)),
            State::Expired => Face::Expired,
        }
    }

    /// In progress: Esc cancels it, Enter serves the next customer.
    pub fn is_waiting(self) -> bool {
        matches!(self, Face::Waiting | Face::ShowingQr)
    }

    /// Goes away by itself after 5 s.
    pub fn fades(self) -> bool {
        matches!(self, Face::Reverted(_) | Face::Expired)
    }

    /// Keeps the amount for the next attempt of the same sale.
    pub fn keeps_amount(self) -> bool {
        matches!(self, Face::Refused | Face::NotSent)
    }

    /// A digit frees the stage for the next sale.
    pub fn digit_moves_on(self) -> bool {
        !matches!(self, Face::Waiting | Face::ShowingQr | Face::Cancelling)
    }
}

impl Undone {
    fn of(bill: &BillView) -> Undone {
        if bill.returned {
            Undone::Returned
        } else if bill.proof == Some(Proof::Reverted) {
            Undone::NotCharged
        } else {
            Undone::NoWitness
        }
    }
}
