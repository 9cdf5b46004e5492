//! Shouyin (收银): the code map comes here.

pub mod domain;
pub mod payment;
pub mod simulator;
pub mod till;
