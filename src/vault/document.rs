//! vault.json: its fields, and the MAC that covers all of them.

use super::device_key::DeviceKeyPlace;
use super::error::VaultError;
use super::pin::{PinCost, PinKeys};
use super::seal::{Key, Sealed, hex};
use super::{LOCKED_MS, MOST_WRONG};
use crate::domain::staff::{Role, Staff};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// The layout this version writes and reads.
pub(super) const VERSION: u32 = 1;

/// Everything in the vault.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) version: u32,
    /// Names this vault in the keyring and in every seal.
    pub(super) id: String,
    pub(super) device_key: DeviceKeyPlace,
    /// Tells another device key apart from a changed field.
    pub(super) device_check: String,
    pub(super) cost: PinCost,
    pub(super) app: App,
    pub(super) master: Option<Master>,
    pub(super) staff: Vec<Member>,
    /// Wrong tries with ids that nobody has.
    pub(super) unknown: Tries,
}

/// What the till needs when it starts alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct App {
    /// The data key, wrapped by the device key.
    pub(super) key: Sealed,
    pub(super) app_secret: Sealed,
    pub(super) test_secret: Option<Sealed>,
    pub(super) audit_key: Sealed,
    pub(super) code_key: Sealed,
}

/// What only a manager opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Master {
    pub(super) secret: Sealed,
    /// The data key, wrapped once for each.
    pub(super) managers: Vec<Manager>,
}

/// One manager's way to master_secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manager {
    pub(super) id: String,
    /// Wrapped by the PIN together with the device key.
    pub(super) key: Sealed,
}

/// A member of staff.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) salt: String,
    pub(super) verifier: String,
    /// May not sign in. Left out where false: a vault of before it existed keeps its MAC.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) disabled: bool,
    pub(super) tries: Tries,
}

impl Member {
    pub(super) fn staff(&self) -> Staff {
        Staff {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
        }
    }
}

/// Wrong PINs since the last right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tries {
    pub(super) wrong: u32,
    /// UTC milliseconds.
    pub(super) locked_until_ms: Option<i64>,
}

impl Tries {
    /// Until when no PIN is checked. A clock that was set back makes no lock longer than it is.
    pub(super) fn locked_until(self, now_ms: i64) -> Option<i64> {
        let until_ms = self.locked_until_ms?.min(now_ms.saturating_add(LOCKED_MS));
        (until_ms > now_ms).then_some(until_ms)
    }

    /// One more. A lock that is over begins a new count.
    pub(super) fn after_wrong(self, now_ms: i64) -> Tries {
        let before = match self.locked_until_ms {
            Some(_) => 0,
            None => self.wrong,
        };
        let wrong = before.saturating_add(1);
        let locks = wrong >= MOST_WRONG;
        Tries {
            wrong,
            locked_until_ms: locks.then(|| now_ms.saturating_add(LOCKED_MS)),
        }
    }
}

/// A field's label in this vault.
pub(super) fn label(id: &str, name: &str) -> String {
    format!("shouyin vault 1/{id}/{name}")
}

/// The label of a manager's wrapped key.
pub(super) fn manager_label(id: &str) -> String {
    format!("master key/{id}")
}

/// What is stored to recognise the device key by.
pub(super) fn device_check(device_key: &Key) -> String {
    hex(device_key.mac(&[b"shouyin 1 check"]).bytes())
}

impl Document {
    pub(super) fn label(&self, name: &str) -> String {
        label(&self.id, name)
    }

    /// master_secret and its data key, where this till has one and this id is a manager's.
    pub(super) fn open_master(
        &self,
        id: &str,
        keys: &PinKeys,
    ) -> Result<Option<(SecretString, Key)>, VaultError> {
        let Some(master) = &self.master else {
            return Ok(None);
        };
        let Some(manager) = master.managers.iter().find(|manager| manager.id == id) else {
            return Ok(None);
        };
        let label = self.label(&manager_label(id));
        let key = manager.key.open_key(keys.wrap(), &label)?;
        let secret = master
            .secret
            .open_text(&key, &self.label("master_secret"))?;
        Ok(Some((secret, key)))
    }

    fn body(&self) -> Result<String, VaultError> {
        serde_json::to_string(self).map_err(|_| VaultError::Unreadable)
    }

    /// The file's text, with its MAC.
    pub(super) fn to_text(&self, mac_key: &Key) -> Result<String, VaultError> {
        let body = self.body()?;
        let mac = hex(mac_key.mac(&[body.as_bytes()]).bytes());
        Ok(format!("{{\"mac\":\"{mac}\",\n\"vault\":{body}}}\n"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mac: String,
    vault: serde_json::Value,
}

/// A vault.json that was read and not verified yet: only where its device key is may be asked.
pub(super) struct Signed {
    mac: String,
    document: Document,
}

impl Signed {
    pub(super) fn parse(bytes: &[u8]) -> Result<Signed, VaultError> {
        let unreadable = |_| VaultError::Unreadable;
        let File { mac, vault } = serde_json::from_slice(bytes).map_err(unreadable)?;
        let version = vault.get("version").and_then(serde_json::Value::as_u64);
        if version.is_some_and(|version| version > u64::from(VERSION)) {
            return Err(VaultError::Newer);
        }
        let document = serde_json::from_value(vault).map_err(unreadable)?;
        Ok(Signed { mac, document })
    }

    pub(super) fn place(&self) -> DeviceKeyPlace {
        self.document.device_key
    }

    pub(super) fn id(&self) -> &str {
        &self.document.id
    }

    /// The MAC is over the fields as this program writes them: it has no others.
    pub(super) fn verify(self, device_key: &Key, mac_key: &Key) -> Result<Document, VaultError> {
        if mac_key
            .mac(&[self.document.body()?.as_bytes()])
            .is_hex(&self.mac)
        {
            return Ok(self.document);
        }
        let ours = device_check(device_key) == self.document.device_check;
        Err(match ours {
            true => VaultError::Tampered,
            false => VaultError::WrongDeviceKey,
        })
    }
}
