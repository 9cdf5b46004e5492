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
//! | [`domain`] | the common words: money, time, channels, bills and refunds with their proofs, shifts, reconciliations, slips, gateway outcomes, settings and their changes, scan framing | nothing | I9's amount check |
//! | [`payment`] | what happens next, pure: to a bill (states, proofs, rounds, looks, the sale's lock), to a refund, to a bill's balance; what a row and a bill say together | domain | I1, I3, I5, I6, I7, I8, I10 |
//! | [`gateway`] | speaks to a payment gateway; a folder a provider | domain | I7 (once on the wire), I9, I12 |
//! | [`ledger`] | the SQLite file: append-only events with their chain; tables read from them (bills, refunds, shifts, reconciliations, the print queue), search, reports | domain | I2, I4, I11 |
//! | [`vault`] | secrets at rest, staff and their PINs, who may do what ([`vault::may`]), the directory's lock | domain | I12 |
//! | [`devices`] | scanners, the camera, slips and the printer, voice and sounds, the pole display; none knows about payments | domain | – |
//! | [`simulator`] | a whole gateway inside the program, for practice and tests | domain | shares no code with `gateway` |
//! | [`till`] | runs payment's decisions against gateway and ledger: bills, refunds, incidents, shifts, reconciliation, staff, settings, export; a service | the five above, never simulator | I2, I4, I5, I6, I10, I12 |
//! | [`webhook`] | the listener for the gateway's notices, bounded; hands them to the till | till, domain | a notice only makes the till ask |
//! | [`ui`] | iced: screens, widgets, strings; a client of the till | till, domain | holds no payment state |
//! | [`cli`] | the commands; a client of the till too | all | – |
//!
//! # What is deliberately absent
//!
//! - `payment` does no IO, reads no clock and draws no number: time and answers are handed in.
//! - `simulator` has its own ledger, signing and wire types: it must not share the client's mistakes.
//! - Only `ui` (and `cli`, to start it) names iced, only `gateway` reqwest, only `ledger` rusqlite,
//!   only `simulator` and `webhook` axum. `tests/rooms.rs` holds all of this.
//! - There is no button that makes a bill paid. Only the gateway's proof does.
//! - master_secret is nowhere but with the engine, and only while a manager is signed in or for the
//!   one refund that a command ordered.
//!
//! # How a payment runs
//!
//! A client sends [`till::Command`]s and reads [`till::Snapshot`]s. The till's one thread (`engine`)
//! turns a scan into a [`domain::Bill`], asks [`payment::step`] what to do, and executes the
//! actions in order: a `Record` is durable before the next one runs. Requests run on tokio and
//! come back to the thread as events. A restart reads the open bills from the ledger and goes on.
//!
//! # The manager's desk
//!
//! Its calls are [`till::service::Desk`]: each is one visit to the same thread, which asks
//! [`vault::may`] before anything else, or one reading of the ledger beside it. A refund runs as a
//! payment does: [`payment::refund::balance`] says what is left by what the gateway has just said,
//! [`payment::refund::step`] what happens next, and its success and its bill's `refunded` are one
//! transaction. A reconciliation is a task beside the engine that keeps what it found in the ledger
//! after every part of the time, so that an interrupted one goes on where it was.

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
pub mod webhook;
