//! A whole gateway inside the program: what practice mode talks to, and what tests play against.
//!
//! It is written from the documents, with its own ledger, signing and wire types, and never from
//! the client's code: a mistake shared by both sides would pass unseen. It checks every request as
//! the real gateway does, so that what passes here is right there.
//!
//! - [`core`] is pure and deterministic: no IO, no clock, no randomness but its own seeded numbers.
//!   Gateway time is handed to every call, so a day with all its faults runs in microseconds.
//! - [`rest`] checks requests and writes answers as the documents give them; pure as well.
//! - [`http`] is the axum face on a loopback port, with the network's faults, and the sender of
//!   notices.
//!
//! Where the documents leave something open: the sandbox's paths (`/2/rest/sandbox/bill`, `bills`,
//! `bills/count`, `bill/{id}`, signed with test_secret) are those of the official clients, since no
//! document names one; they have a ledger of their own and send no notices. `need_approval` of a
//! query means "still waits"; a denial, whose answer has no rows, holds for all its ids or none.
//! A payout goes to `/transfer` (ALI_TRANSFER, WX_TRANSFER) or `/transfers` (ALI_TRANSFER).
//! PayPal's channels answer with a `url`, though 004 names no field. Every link leads nowhere: the
//! played customer pays it.
//!
//! Architecture invariant: uses only `domain`; nobody but `main`, `cli` and tests uses it. Secrets
//! and payment codes are never logged, printed or kept (codes only as a digest).

mod answers;
pub mod bill;
pub mod channel;
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
mod tls;

pub use self::bill::{Bill, Truth};
pub use self::code::{Code, Refused};
pub use self::core::{Core, Merchant, Plan, RefundPlan};
pub use self::faults::{
    Faults, RefundAgain, RefundFaults, RefundRowFault, RefundStatusFault, Reply, RevertFault,
    StatusFault, Transport, WitnessFault,
};
pub use self::refund::{Refund, RefundStatus};
pub use self::running::{Options, Running, Simulator};
pub use self::tls::Certificate;

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
    /// No certificate could be made.
    #[error("the simulator can't make a certificate: {0}; start it without --tls")]
    Tls(String),
}
