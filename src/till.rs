//! The till: runs `payment`'s decisions against gateway and ledger.
//!
//! Architecture invariant: the till is a service. The window, `pay` and `settle` are its clients:
//! they send [`Command`]s and read [`Snapshot`]s and [`Notice`]s. It never uses `simulator` or `ui`.

pub mod service;

pub use service::{Command, Notice, Service, Snapshot};
