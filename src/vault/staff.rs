//! Changing the staff: each change is a whole new vault.json, or nothing.
//!
//! A manager's PIN wraps master_secret's data key, so that a manager is added, enabled or given a
//! new PIN only with the key of one who is signed in; a disabled manager's wrap is thrown away.

use super::document::{self, Document, Manager, Member, Tries};
use super::error::VaultError;
use super::pin::{self, PinKeys};
use super::seal::{self, Sealed};
use super::{FILE, MasterKey, Vault, file};
use crate::domain::staff::{Role, Staff, check_id, check_name, check_pin};

/// A member of staff as the manager sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub staff: Staff,
    /// May not sign in.
    pub disabled: bool,
    /// Too many wrong PINs, until then (UTC ms).
    pub locked_until_ms: Option<i64>,
}

impl Vault {
    /// Everyone, also those who may not sign in, in the file's order.
    pub fn people(&self, now_ms: i64) -> Vec<Person> {
        let person = |m: &Member| Person {
            staff: m.staff(),
            disabled: m.disabled,
            locked_until_ms: m.tries.locked_until(now_ms),
        };
        self.document.staff.iter().map(person).collect()
    }

    /// Adds someone who may sign in at once. `key`: of the manager who is signed in.
    pub fn add_staff(
        &mut self,
        staff: &Staff,
        pin: &str,
        key: Option<&MasterKey>,
    ) -> Result<(), VaultError> {
        check_id(&staff.id)?;
        check_name(&staff.name)?;
        if self.document.staff.iter().any(|m| m.id == staff.id) {
            return Err(VaultError::StaffTwice);
        }
        let mut document = self.document.clone();
        document.staff.push(Member {
            id: staff.id.clone(),
            name: staff.name.clone(),
            role: staff.role,
            salt: String::new(),
            verifier: String::new(),
            disabled: false,
            tries: Tries::default(),
        });
        self.with_pin(document, &staff.id, pin, key)
    }

    /// They may not sign in any more. The last manager stays.
    pub fn disable_staff(&mut self, id: &str) -> Result<(), VaultError> {
        let mut document = self.document.clone();
        let member = member(&mut document, id)?;
        let was_manager = member.role == Role::Manager && !member.disabled;
        member.disabled = true;
        let is_manager = |m: &Member| m.role == Role::Manager && !m.disabled;
        if was_manager && !document.staff.iter().any(is_manager) {
            return Err(VaultError::LastManager);
        }
        if let Some(master) = &mut document.master {
            master.managers.retain(|manager| manager.id != id);
        }
        self.replace(document)
    }

    /// A new PIN, which also lets them sign in (again). `key`: of the manager who is signed in.
    pub fn set_pin(
        &mut self,
        id: &str,
        pin: &str,
        key: Option<&MasterKey>,
    ) -> Result<(), VaultError> {
        let mut document = self.document.clone();
        member(&mut document, id)?.disabled = false;
        self.with_pin(document, id, pin, key)
    }

    fn with_pin(
        &mut self,
        mut document: Document,
        id: &str,
        pin: &str,
        key: Option<&MasterKey>,
    ) -> Result<(), VaultError> {
        check_pin(pin)?;
        let salt = seal::hex(&seal::random::<{ pin::SALT_BYTES }>()?);
        let keys = PinKeys::derive(&self.pin_key, document.cost, id, pin, &salt)?;
        let label = document.label(&document::manager_label(id));
        let member = member(&mut document, id)?;
        member.salt = salt;
        member.verifier = keys.verifier();
        member.tries = Tries::default();
        let is_manager = member.role == Role::Manager;
        if let Some(master) = document.master.as_mut().filter(|_| is_manager) {
            let MasterKey(key) = key.ok_or(VaultError::MasterSealed)?;
            let wrapped = Sealed::key(keys.wrap(), &label, key)?;
            master.managers.retain(|manager| manager.id != id);
            master.managers.push(Manager {
                id: id.to_owned(),
                key: wrapped,
            });
        }
        self.replace(document)
    }

    /// On the disk first: what could not be written did not happen.
    fn replace(&mut self, document: Document) -> Result<(), VaultError> {
        let text = document.to_text(&self.mac_key)?;
        file::replace(&self.dir, FILE, text.as_bytes())?;
        self.document = document;
        Ok(())
    }
}

fn member<'a>(document: &'a mut Document, id: &str) -> Result<&'a mut Member, VaultError> {
    let found = document.staff.iter_mut().find(|m| m.id == id);
    found.ok_or_else(|| VaultError::NoSuchStaff(id.to_owned()))
}
