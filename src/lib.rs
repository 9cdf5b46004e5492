//! Shouyin (收银): the code map comes here.

pub mod domain;
pub mod till;
pub mod ui;
