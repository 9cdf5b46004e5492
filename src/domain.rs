//! What the rooms must agree on: money, time, channels, bills and their states,
//! what a gateway can answer, staff, settings, scan framing.
//!
//! Architecture invariant: this room is pure. It does no IO, reads no clock,
//! draws no random number and uses no other room.

pub mod auth_code;
pub mod bill;
pub mod channel;
pub mod config;
pub mod gateway;
pub mod money;
pub mod practice;
pub mod print;
pub mod query;
pub mod reconcile;
pub mod refund;
pub mod scan;
pub mod shift;
pub mod slip;
pub mod staff;
pub mod time;

pub use auth_code::AuthCode;
pub use bill::{Bill, BillNo, Proof, SaleId, State};
pub use channel::{Channel, Wallet};
pub use gateway::Host;
pub use money::Fen;
pub use refund::{Refund, RefundNo};
pub use time::Now;
