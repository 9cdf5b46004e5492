//! Where a bill stands, and what ended it.

use serde::{Deserialize, Serialize};

/// Where a bill stands (DESIGN: a bill's life).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Durable before the request was handed to the network: may have been sent.
    Sent,
    /// Answered and not paid, or not answered: being asked.
    Awaiting,
    /// Last status, revert, verify.
    Closing,
    /// Can't be reverted: waiting until it can no longer be paid.
    Watching,
    /// Nothing proves either way yet: asked for as long as it takes.
    Unresolved,
    /// Terminal: the money is here.
    Paid,
    /// Terminal: the gateway or the wallet refused it.
    Refused,
    /// Terminal: it never reached the gateway.
    NotSent,
    /// Terminal: undone.
    Reverted,
    /// Terminal: can no longer be paid.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [State; 10] = [
        State::Sent,
        State::Awaiting,
        State::Closing,
        State::Watching,
        State::Unresolved,
        State::Paid,
        State::Refused,
        State::NotSent,
        State::Reverted,
        State::Expired,
    ];

    /// Terminal states never change (I8).
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            State::Paid | State::Refused | State::NotSent | State::Reverted | State::Expired
        )
    }

    /// The word of `bills --json`.
    pub fn name(self) -> &'static str {
        match self {
            State::Sent => "sent",
            State::Awaiting => "awaiting",
            State::Closing => "closing",
            State::Watching => "watching",
            State::Unresolved => "unresolved",
            State::Paid => "paid",
            State::Refused => "refused",
            State::NotSent => "not_sent",
            State::Reverted => "reverted",
            State::Expired => "expired",
        }
    }

    /// The state of this word.
    pub fn parse(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What ended a bill (I3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The pay answer said paid (FATE 2).
    Pay,
    /// A status said paid.
    Status,
    /// The bill's row said paid.
    Row,
    /// Codes 1–6 (FATE 1), or a wallet's final word, closed and verified (FATE 13).
    Refused,
    /// No byte left (FATE 1).
    Connect,
    /// A revert, verified with the witness (FATE 10, 11).
    Reverted,
    /// A revert, verified without a witness (FATE 10).
    NoWitness,
    /// Not paid when it could no longer be paid (FATE 14).
    Expired,
    /// A lost pay the gateway doesn't know (FATE 12).
    UnknownAtGateway,
}

impl Proof {
    /// The word of `bills --json`.
    pub fn name(self) -> &'static str {
        match self {
            Proof::Pay => "pay",
            Proof::Status => "status",
            Proof::Row => "row",
            Proof::Refused => "refused",
            Proof::Connect => "connect",
            Proof::Reverted => "reverted",
            Proof::NoWitness => "no_witness",
            Proof::Expired => "expired",
            Proof::UnknownAtGateway => "unknown_at_gateway",
        }
    }
}
