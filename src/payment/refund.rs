//! What happens next to a refund: FATE 20–22 as pure code, beside the bill's own machine.
//!
//! [`step`] takes a [`RefundCase`], an [`Event`] and the clocks, and gives back [`Action`]s. It
//! does no IO, reads no clock and draws no number. Keeps I3 (a negative end has its proof), I5 (an
//! open refund always has a next step), I6 (with [`balance`]), I7 (a refund keeps its number until
//! its fate is known) and I8 (terminal states stay).

mod absent;
mod answers;
pub mod balance;
mod case;
mod look;
mod plan;
mod pre;
mod step;

pub use case::{Action, Event, LookBy, NewRefund, RefundCase};
pub use pre::Decision;
pub use step::step;

#[cfg(test)]
mod tests;
