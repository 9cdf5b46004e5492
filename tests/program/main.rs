//! The program from outside: its real binary, its real files, loopback HTTP. One test binary, so
//! that the program is linked once.

// Helpers of tests may give up like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod commands;
mod decode;
mod desk;
mod disk;
mod doctor;
mod foreign;
mod jubao;
mod kills;
mod logs;
mod paying;
mod practice;
mod provisioning;
mod refunding;
mod secrets;
mod shop;
mod simulator;
