//! The window, driven as a person drives it, on a till that records what it is asked.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "window/counter.rs"]
mod counter;
#[path = "window/fake_desk.rs"]
mod fake_desk;
#[path = "window/keys.rs"]
mod keys;
#[path = "window/looks.rs"]
mod looks;
#[path = "window/sample.rs"]
mod sample;
#[path = "window/settings.rs"]
mod settings;
