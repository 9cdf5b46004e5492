//! FATE's rules, each held by a test that names it.
//!
//! [`driver`] plays the till and the gateway on a virtual clock and checks at every step what holds
//! always: recorded before sent, pay once a host, reverts only right after a not-paid fact, always a
//! next step, terminal for ever.

mod crash;
mod driver;
mod ends;
mod facts;
mod link;
mod pay;

mod random;
mod refunds;
mod revert;
mod sale;
mod table;

mod verify;
