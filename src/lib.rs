//! Shouyin (收银): the code map comes here.

pub mod domain;
pub mod gateway;
pub mod till;
