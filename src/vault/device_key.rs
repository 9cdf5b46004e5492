//! The device key: 32 random bytes that belong to this machine, in a file (0600) or in the OS
//! keyring.

use super::error::VaultError;
use super::file;
use super::seal::{Key, hex, unhex};
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::Zeroizing;

const FILE: &str = "device.key";
const SERVICE: &str = "shouyin";

/// Where the device key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKeyPlace {
    /// `device.key`, since kiosks rarely run a keyring.
    File,
    /// The OS keyring (`setup --keyring`).
    Keyring,
}

/// The OS keyring, as far as it is used here. Errors are one line.
pub(super) trait Keyring: Send + Sync {
    /// Keeps a secret under this name.
    fn set(&self, name: &str, secret: &str) -> Result<(), String>;
    /// The secret of this name.
    fn get(&self, name: &str) -> Result<Zeroizing<String>, String>;
    /// Forgets it.
    fn delete(&self, name: &str) -> Result<(), String>;
}

/// The real one.
pub(super) struct OsKeyring;

impl OsKeyring {
    /// Some backends start a runtime of their own, which must not happen inside another's thread.
    fn apart<T: Send>(work: impl FnOnce() -> keyring::Result<T> + Send) -> Result<T, String> {
        let line = |error: keyring::Error| match error {
            keyring::Error::NoDefaultStore => "没有运行钥匙串服务".to_owned(),
            keyring::Error::NoEntry => "里面没有这台收银机的密钥".to_owned(),
            other => other.to_string().replace(['\n', '\r'], " "),
        };
        let done = std::thread::scope(|scope| scope.spawn(work).join());
        match done {
            Ok(result) => result.map_err(line),
            Err(_) => Err("钥匙串程序出错".to_owned()),
        }
    }
}

impl Keyring for OsKeyring {
    fn set(&self, name: &str, secret: &str) -> Result<(), String> {
        OsKeyring::apart(|| keyring::Entry::new(SERVICE, name)?.set_password(secret))
    }

    fn get(&self, name: &str) -> Result<Zeroizing<String>, String> {
        OsKeyring::apart(|| {
            keyring::Entry::new(SERVICE, name)?
                .get_password()
                .map(Zeroizing::new)
        })
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        OsKeyring::apart(|| keyring::Entry::new(SERVICE, name)?.delete_credential())
    }
}

/// Puts the key in its place, where it isn't there already.
pub(super) fn keep(
    dir: &Path,
    place: DeviceKeyPlace,
    id: &str,
    key: &Key,
    keyring: &dyn Keyring,
) -> Result<(), VaultError> {
    let text = Zeroizing::new(hex(key.bytes()));
    let there = load(dir, place, id, keyring).is_ok_and(|there| there.is_hex(&text));
    match place {
        _ if there => Ok(()),
        DeviceKeyPlace::File => file::replace(dir, FILE, text.as_bytes()),
        DeviceKeyPlace::Keyring => keyring.set(id, &text).map_err(VaultError::Keyring),
    }
}

/// Reads the key from its place.
pub(super) fn load(
    dir: &Path,
    place: DeviceKeyPlace,
    id: &str,
    keyring: &dyn Keyring,
) -> Result<Key, VaultError> {
    let bytes = match place {
        DeviceKeyPlace::File => {
            let text = file::read(dir, FILE)?.ok_or(VaultError::NoDeviceKey)?;
            file::tighten(dir, FILE);
            let text = std::str::from_utf8(&text).map_err(|_| VaultError::BrokenDeviceKey)?;
            unhex(text.trim())
        }
        DeviceKeyPlace::Keyring => unhex(&keyring.get(id).map_err(VaultError::Keyring)?),
    };
    let bytes = bytes.map(Zeroizing::new);
    let key = bytes.and_then(|bytes| Key::from_bytes(&bytes));
    key.ok_or(VaultError::BrokenDeviceKey)
}

/// Removes the key from the place that isn't used any more. That it stays there harms nobody more
/// than before, so an error is none.
pub(super) fn forget_other(
    dir: &Path,
    was: Option<DeviceKeyPlace>,
    place: DeviceKeyPlace,
    id: &str,
    keyring: &dyn Keyring,
) {
    match (was, place) {
        (Some(DeviceKeyPlace::Keyring), DeviceKeyPlace::File) => drop(keyring.delete(id)),
        (_, DeviceKeyPlace::Keyring) => drop(std::fs::remove_file(dir.join(FILE))),
        _ => {}
    }
}
