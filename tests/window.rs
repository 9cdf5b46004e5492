//! The window, driven as a person drives it, on a till that records what it is asked.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

#[path = "window/bills.rs"]
mod bills;
#[path = "window/camera.rs"]
mod camera;
#[path = "window/counter.rs"]
mod counter;
#[path = "window/desk_sample.rs"]
mod desk_sample;
#[path = "window/fake_desk.rs"]
mod fake_desk;
#[path = "window/incident.rs"]
mod incident;
#[path = "window/jubao.rs"]
mod jubao;
#[path = "window/keys.rs"]
mod keys;
#[path = "window/links.rs"]
mod links;
#[path = "window/looks.rs"]
mod looks;
#[path = "window/prerefund.rs"]
mod prerefund;
#[path = "window/reconcile.rs"]
mod reconcile;
#[path = "window/refund.rs"]
mod refund;
#[path = "window/sample.rs"]
mod sample;
#[path = "window/screens.rs"]
mod screens;
#[path = "window/settings.rs"]
mod settings;
#[path = "window/shift.rs"]
mod shift;
#[path = "window/slip.rs"]
mod slip;
