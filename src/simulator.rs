//! A whole gateway inside the program: what practice mode talks to, and what tests play against.
//!
//! It is written from the documents, with its own ledger, signing and wire types, and never from
//! the client's code: a mistake shared by both sides would pass unseen. It checks every request as
//! the real gateway does, so that what passes here is right there.
//!
//! - [`core`] is pure and deterministic: no IO, no clock, no randomness but its own seeded numbers.
//!   Gateway time is handed to every call, so a day with all its faults runs in microseconds.
//! - [`rest`] checks requests and writes answers as the documents give them; pure as well.
//! - [`http`] is the axum face on a loopback port, with the network's faults.
//!
//! Architecture invariant: uses only `domain`; nobody but `main`, `cli` and tests uses it. Secrets
//! and payment codes are never logged, printed or kept (codes only as a digest).

mod answers;
pub mod bill;
pub mod code;
pub mod core;
pub mod faults;
pub mod http;
pub mod jubao;
mod line;
pub mod params;
pub mod refund;
pub mod rest;
mod rng;
pub mod running;
pub mod sign;

pub use self::bill::{Bill, Truth};
pub use self::code::{Code, Refused};
pub use self::core::{Core, Merchant, Plan, RefundPlan};
pub use self::faults::{
    Faults, RefundAgain, RefundFaults, RefundRowFault, RefundStatusFault, Reply, RevertFault,
    StatusFault, Transport, WitnessFault,
};
pub use self::refund::{Refund, RefundStatus};
pub use self::running::{Options, Running, Simulator};

use std::net::SocketAddr;

/// What can go wrong while the simulator starts.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// Practice payments and the played customer are nobody else's business.
    #[error("the simulator listens only on loopback, not on {0}: use 127.0.0.1:PORT")]
    NotLoopback(SocketAddr),
    /// The port is taken or may not be used.
    #[error("the simulator can't listen on {addr}: {source}; choose another port")]
    Listen {
        /// Where it should have listened.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}
