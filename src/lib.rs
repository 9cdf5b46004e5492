//! Shouyin (收银): the code map comes here.

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
