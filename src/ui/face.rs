//! What a bill looks like: one of COUNTER's states, decided in one place for stage, rail, lists
//! and the customer's window. Pure.
//!
//! Invariant: "not charged" is a face only of a bill whose proof says so (I3), and green only of
//! one that is paid, recorded and uncontradicted (I4, I8).

use crate::domain::bill::Settled;
use crate::domain::refund::RefundState;
use crate::domain::{Proof, State};
use crate::till::service::{BillView, RefundView};

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
    /// Violet: a manager disputes it with the gateway.
    Disputed,
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
            return Face::contradicted(bill);
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

    /// By what a manager decided about the contradiction, where one did. The bill's state stays
    /// (I8), and may say what the contradiction denies.
    fn contradicted(bill: &BillView) -> Face {
        match bill.settlement.as_ref().map(|s| s.how) {
            None => Face::Incident,
            Some(Settled::Accepted) => Face::Paid,
            Some(Settled::Refunded) if bill.state == State::Paid => Face::Paid,
            Some(Settled::Refunded) => Face::Reverted(Undone::Returned),
            Some(Settled::Disputed) => Face::Disputed,
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

/// What a refund looks like, decided in one place for its page, the rail and the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundFace {
    /// Blue: 已发出.
    Sent,
    /// Blue: 处理中.
    Processing,
    /// Violet: 结果未知.
    Unknown,
    /// Green: 已退款.
    Refunded,
    /// Red: 退款失败, the wallet said so.
    Failed,
    /// Red: 未退款, refused at its first send, never sent, or proven unknown at the gateway.
    NotRefunded,
    /// Violet: 需要店长处理.
    Incident,
    /// Violet: it changed and that could not be written.
    Unrecorded,
    /// Amber: 等店长审核.
    Requested,
    /// Grey: 已拒绝, and no money left.
    Denied,
}

impl RefundFace {
    /// The face of this refund. A refund that went without a usable answer is unknown, however
    /// the state is called until it is looked up.
    pub fn of(refund: &RefundView) -> RefundFace {
        if refund.unrecorded {
            return RefundFace::Unrecorded;
        }
        if refund.incident.is_some() {
            return RefundFace::Incident;
        }
        match refund.state {
            RefundState::Sent if refund.lost => RefundFace::Unknown,
            RefundState::Sent => RefundFace::Sent,
            RefundState::Processing => RefundFace::Processing,
            RefundState::Unresolved => RefundFace::Unknown,
            RefundState::Succeeded => RefundFace::Refunded,
            RefundState::Failed => RefundFace::Failed,
            RefundState::Refused | RefundState::NotSent => RefundFace::NotRefunded,
            RefundState::Requested => RefundFace::Requested,
            RefundState::Denied => RefundFace::Denied,
        }
    }

    /// It goes on by itself, and nobody is needed.
    pub fn is_open(self) -> bool {
        matches!(self, RefundFace::Sent | RefundFace::Processing)
    }

    /// Somebody must look: it stands on the to-do list.
    pub fn needs_someone(self) -> bool {
        matches!(
            self,
            RefundFace::Unknown
                | RefundFace::Incident
                | RefundFace::Unrecorded
                | RefundFace::Requested
        )
    }
}

/// Refunds that need someone, as the rail and the to-do list show them.
pub fn refunds_to_do(refunds: &[RefundView]) -> impl Iterator<Item = &RefundView> {
    let needed = |r: &&RefundView| RefundFace::of(r).needs_someone() || r.unheard || waits(r);
    refunds.iter().filter(needed)
}

/// Refunds that go on by themselves.
pub fn refunds_in_progress(refunds: &[RefundView]) -> impl Iterator<Item = &RefundView> {
    let open = |r: &&RefundView| RefundFace::of(r).is_open() && !waits(r);
    refunds.iter().filter(open)
}

fn waits(refund: &RefundView) -> bool {
    refund.waits_for_manager && !refund.state.is_terminal()
}
