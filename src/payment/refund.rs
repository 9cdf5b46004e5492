//! What happens next to a refund: FATE 20–22 as pure code, beside the bill's own machine.
//!
//! [`step`] takes a [`RefundCase`], an [`Event`] and the clocks, and gives back [`Action`]s. It
//! does no IO, reads no clock and draws no number. Keeps I6 (with [`balance`]) and I7: a refund
//! keeps its number until its fate is known.

pub mod balance;
mod case;

pub use case::{Action, Event, LookBy, NewRefund, RefundCase, step};
