//! Managers change the staff.

use super::engine::Engine;
use super::service::{Said, StaffChange};

impl Engine {
    pub(super) fn change_staff(&mut self, change: StaffChange) -> Result<(), Said> {
        let _ = change;
        Err(Said::NotAllowed)
    }
}
