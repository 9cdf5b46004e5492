//! What happens next to a bill: FATE's numbered rules as pure code.
//!
//! [`step`] takes a [`Case`] (a bill and what this process knows about it), an [`Event`] and the
//! clocks, and gives back [`Action`]s. It does no IO, reads no clock and draws no number, so a
//! payment replays from a seed and a rule is a table.
//!
//! Keeps I3 (nothing negative without a proof), I5 (an open bill always has a next step), I7 (pay
//! once, revert only after a negative fact), I8 (terminal states stay) and, in [`sale`], I1.

mod answers;
mod case;
mod closing;
mod facts;
mod look;
mod people;
mod plan;
mod policy;
mod proof;
pub mod reconcile;
pub mod refund;
pub mod sale;
mod step;

pub use case::{Action, Ask, Case, Event, NewBill};
pub use policy::Policy;
pub use step::step;

#[cfg(test)]
mod tests;
