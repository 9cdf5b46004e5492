//! FATE 20–22, each rule held by a test that names it.
//!
//! [`driver`] plays the till on a virtual clock and checks at every step what holds always:
//! recorded before sent, sent again only by FATE 21, always a next step, terminal for ever.
//! [`model`] is an honest gateway behind a bad network.

mod balance;
mod crash;
mod driver;
mod ends;
mod first;
mod looks;
mod model;
mod pre;
mod random;
mod sought;
mod table;
