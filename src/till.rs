//! The till: runs `payment`'s decisions against gateway and ledger.
//!
//! Architecture invariant: the till is a service. The window, `pay` and `settle` are its clients:
//! they send [`Command`]s and read [`Snapshot`]s and [`Notice`]s. It never uses `simulator` or `ui`.

mod charge;
mod clock;
mod counter;
mod desk;
mod desk_calls;
mod engine;
pub mod export;
pub mod export_path;
pub mod hook;
mod hosts;
mod incident;
pub mod numbers;
pub mod open;
pub mod order;
mod publish;
pub mod qr;
mod reconcile;
mod record;
mod refund;
mod requests;
pub mod service;
mod settings;
mod shift;
mod staff;
mod view;

pub use clock::wall_ms;
pub use counter::Devices;
pub use open::{OpenError, Opening, Till};
pub use order::{How, PayOrder, PayRefused};
pub use service::{Command, Notice, Service, Snapshot};
