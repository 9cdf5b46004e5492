//! The till from its clients' side: a real `Till` in a real directory, against the embedded
//! gateway over loopback HTTP (with its faults) and against a scripted one. Times are short by
//! configuration; FATE's fixed distances (10 s, 30 s) are real, so tests wait on what the till
//! says and run beside each other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod camera;
mod clock;
mod counter;
mod customer;
mod disk;
mod export;
mod harness;
mod hosts;
mod incidents;
mod jubao;
mod links;
mod listener;
mod listing;
mod lost;
mod manager;
#[path = "../escpos/paper.rs"]
mod paper;
mod prerefunds;
mod printing;
mod qr;
mod reconcile;
mod refunding;
mod refunds;
mod refunds_lost;
mod restart;
mod revert;
#[cfg(unix)]
mod scanner;
mod scripted;
mod shift;
mod together;
mod unwritten;
mod voice;
mod webhook;
mod witness;

/// Every test: see `together`.
const ALL: &[&[together::Rule]] = &[
    camera::RULES,
    clock::RULES,
    counter::RULES,
    customer::RULES,
    disk::RULES,
    export::RULES,
    hosts::RULES,
    jubao::RULES,
    listener::RULES,
    lost::RULES,
    incidents::RULES,
    links::RULES,
    manager::RULES,
    printing::RULES,
    prerefunds::RULES,
    qr::RULES,
    reconcile::RULES,
    refunds::RULES,
    refunds_lost::RULES,
    restart::RULES,
    revert::RULES,
    #[cfg(unix)]
    scanner::RULES,
    shift::RULES,
    unwritten::RULES,
    voice::RULES,
    webhook::RULES,
    witness::RULES,
];
