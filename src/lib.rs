//! Shouyin (收银): a counter payment terminal for Alipay and WeChat through the BeeCloud /
//! 聚合支付 offline API.
//!
//! An answer that never came is a state of its own here, with an owner that keeps asking, a list
//! that people see, and a lock against charging twice. "Failed" is never shown without a proof.
//!
//! # The code map
//!
//! | room | what it is | may use | keeps |
//! |---|---|---|---|
//! | [`domain`] | the common words: money, time, channels, bills and their proofs, gateway outcomes, settings, scan framing | nothing | I9's amount check |
//! | [`payment`] | what happens next to a bill, pure: states, proofs, rounds, looks, the sale's lock | domain | I1, I3, I5, I7, I8 |
//! | [`gateway`] | speaks to a payment gateway; a folder a provider | domain | I7 (once on the wire), I9, I12 |
//! | [`ledger`] | the SQLite file: append-only events with their chain, tables read from them | domain | I2, I4, I11 |
//! | [`vault`] | secrets at rest, staff PINs, who may do what, the directory's lock | domain | I12 |
//! | [`devices`] | scanners, the camera; none knows about payments | domain | – |
//! | [`simulator`] | a whole gateway inside the program, for practice and tests | domain | shares no code with `gateway` |
//! | [`till`] | runs payment's decisions against gateway and ledger; a service | the five above, never simulator | I2, I4, I5, I6 |
//! | [`ui`] | iced: screens, widgets, strings; a client of the till | till, domain | holds no payment state |
//! | [`cli`] | the commands; a client of the till too | all | – |
//!
//! # What is deliberately absent
//!
//! - `payment` does no IO, reads no clock and draws no number: time and answers are handed in.
//! - `simulator` has its own ledger, signing and wire types: it must not share the client's mistakes.
//! - Only `ui` (and `cli`, to start it) names iced, only `gateway` reqwest, only `ledger` rusqlite,
//!   only `simulator` axum. `tests/rooms.rs` holds all of this.
//! - There is no button that makes a bill paid. Only the gateway's proof does.
//!
//! # How a payment runs
//!
//! A client sends [`till::Command`]s and reads [`till::Snapshot`]s. The till's one thread (`engine`)
//! turns a scan into a [`domain::Bill`], asks [`payment::step`] what to do, and executes the
//! actions in order: a `Record` is durable before the next one runs. Requests run on tokio and
//! come back to the thread as events. A restart reads the open bills from the ledger and goes on.

pub mod cli;
pub mod devices;
pub mod domain;
pub mod gateway;
pub mod ledger;
pub mod payment;
pub mod simulator;
pub mod till;
pub mod ui;
pub mod vault;
