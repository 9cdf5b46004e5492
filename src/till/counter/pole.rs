//! The pole display: the amount, and nothing about another customer.

use crate::till::desk_calls::Reply;
use crate::till::engine::Engine;
use crate::till::service::{Said, Snapshot};

/// The display's thread and what it shows.
#[derive(Default)]
pub(in crate::till) struct Pole {}

impl Engine {
    pub(super) fn start_pole(&mut self) {}

    /// Called with each snapshot: shows it what changed for the customer.
    pub(in crate::till) fn show_on_pole(&mut self, _snapshot: &Snapshot) {}

    pub(super) fn test_pole(&mut self, reply: Reply<Result<(), Said>>) {
        let _ = reply.send(Err(Said::DeviceAway(String::new())));
    }
}
