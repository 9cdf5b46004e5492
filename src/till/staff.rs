//! Managers change the staff. Every change is in the ledger's chain: who, whom, what; no PIN.

use super::engine::Engine;
use super::service::{Said, StaffChange};
use crate::domain::staff::{Role, Staff};
use crate::vault::{Deed, VaultError};

impl Engine {
    pub(super) fn change_staff(&mut self, change: StaffChange) -> Result<(), Said> {
        let by = self.allowed(Deed::Staff)?;
        let (kind, id) = match &change {
            StaffChange::Add { id, .. } => ("staff_added", id.clone()),
            StaffChange::Disable { id } => ("staff_disabled", id.clone()),
            StaffChange::Enable { id, .. } => ("staff_enabled", id.clone()),
            StaffChange::SetPin { id, .. } => ("staff_pin_set", id.clone()),
        };
        let own_wrap_left = matches!(change, StaffChange::Disable { .. }) && id == by.id;
        // Who changes the staff is known even if the power goes in between.
        let detail = serde_json::json!({ "by": by.id, "id": id });
        self.note(kind, &detail.to_string())
            .map_err(|e| Said::LedgerDown(e.to_string()))?;
        if let Err(error) = self.carry_out(change) {
            let _ = self.note("staff_not_changed", &detail.to_string());
            return Err(said(&error));
        }
        if own_wrap_left {
            self.lock();
        }
        Ok(())
    }

    fn carry_out(&mut self, change: StaffChange) -> Result<(), VaultError> {
        let key = self.master_key.as_ref();
        match change {
            StaffChange::Add {
                id,
                name,
                role,
                pin,
            } => {
                let name = name.trim().to_owned();
                let staff = Staff { id, name, role };
                self.vault.add_staff(&staff, pin.expose(), key)
            }
            StaffChange::Disable { id } => self.vault.disable_staff(&id),
            StaffChange::Enable { id, pin } | StaffChange::SetPin { id, pin } => {
                self.vault.set_pin(&id, pin.expose(), key)
            }
        }
    }

    /// Everyone, for a manager who is signed in.
    pub(super) fn people(&self) -> Vec<crate::vault::Person> {
        match self.signed_in.as_ref().map(|s| s.role) {
            Some(Role::Manager) => self.vault.people(self.clock.now().wall_ms),
            _ => Vec::new(),
        }
    }
}

fn said(error: &VaultError) -> Said {
    match error {
        VaultError::LastManager => Said::LastManager,
        other => Said::Text(other.to_string()),
    }
}
