//! Secrets at rest, staff PINs, and who may do what (DESIGN: secrets).
//!
//! vault.json holds two data keys. The first seals app_secret, the audit key and the code key and
//! is wrapped by the device key, so that a till starts alone. The second seals master_secret and
//! is wrapped once for each manager by the PIN *together with* the device key, never by the device
//! key alone. A MAC under the device key covers every field.
//!
//! Invariants: no secret is written, printed or named in an error (I12); vault.json is replaced
//! whole or not at all; a wrong PIN is counted on disk before it is answered; a second
//! provisioning keeps the audit key and the code key, so that an existing ledger still verifies
//! and used codes are still recognised.

mod deeds;
mod device_key;
mod document;
mod error;
mod file;
mod lock;
mod pin;
mod seal;
mod staff;

pub use deeds::{Deed, may};
pub use device_key::DeviceKeyPlace;
pub use error::{SignInError, VaultError};
pub use lock::{DirLock, LockError};
pub use pin::PinCost;
pub use staff::Person;

use crate::domain::AuthCode;
use crate::domain::config::{ProvisionedStaff, Secrets};
use crate::domain::staff::{Role, Staff};
use device_key::{Keyring, OsKeyring};
use document::{Document, Manager, Master, Member, Tries};
use pin::PinKeys;
use seal::{Key, Sealed};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::{Path, PathBuf};

/// The vault's file in the data directory.
const FILE: &str = "vault.json";
/// Wrong PINs that lock (per id).
pub const MOST_WRONG: u32 = 10;
/// How long a lock lasts, milliseconds.
pub const LOCKED_MS: i64 = 30 * 60_000;

/// An opened vault. One for a data directory, under its [`DirLock`].
pub struct Vault {
    dir: PathBuf,
    document: Document,
    /// Derived from the device key, which itself is not kept.
    mac_key: Key,
    pin_key: Key,
    app_secret: SecretString,
    test_secret: Option<SecretString>,
    audit_key: Key,
    code_key: Key,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// Who signed in. `master` is there for managers of a till that can refund; it lives as long as
/// they are signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub staff: Staff,
    /// master_secret, wiped when dropped.
    pub master: Option<SecretString>,
    /// Wraps master_secret for another manager.
    pub master_key: Option<MasterKey>,
}

/// master_secret's data key, as a manager who is signed in holds it: it makes another manager's
/// way to master_secret. Wiped when dropped, never printed.
#[derive(Debug, Clone)]
pub struct MasterKey(Key);

impl Vault {
    /// Seals secrets and staff into `dir`, which is made where it is missing. An existing vault
    /// is replaced; its audit key, code key and device key stay.
    pub fn create(
        dir: &Path,
        secrets: Secrets,
        staff: &[ProvisionedStaff],
        place: DeviceKeyPlace,
    ) -> Result<Vault, VaultError> {
        Vault::create_with(dir, secrets, staff, place, PinCost::STANDARD)
    }

    /// As [`Vault::create`] with another cost of a PIN. For tests and the practice till, whose
    /// PINs are no secret.
    pub fn create_with(
        dir: &Path,
        secrets: Secrets,
        staff: &[ProvisionedStaff],
        place: DeviceKeyPlace,
        cost: PinCost,
    ) -> Result<Vault, VaultError> {
        Vault::create_in(dir, &secrets, staff, place, cost, &OsKeyring)
    }

    fn create_in(
        dir: &Path,
        secrets: &Secrets,
        staff: &[ProvisionedStaff],
        place: DeviceKeyPlace,
        cost: PinCost,
        keyring: &dyn Keyring,
    ) -> Result<Vault, VaultError> {
        check_staff(secrets, staff)?;
        file::make_dir(dir)?;
        let before = Before::read(dir, keyring)?;
        let device_key = &before.device_key;
        device_key::keep(dir, place, &before.id, device_key, keyring)?;
        let keys = Derived::from(device_key);
        let document = Document {
            version: document::VERSION,
            id: before.id.clone(),
            device_key: place,
            device_check: document::device_check(device_key),
            cost,
            app: before.seal_app(&keys, secrets)?,
            master: None,
            staff: Vec::new(),
            unknown: Tries::default(),
        };
        let document = with_staff(document, &keys, secrets, staff)?;
        file::replace(dir, FILE, document.to_text(&keys.mac)?.as_bytes())?;
        // Only now does nothing refer to the other place any more.
        device_key::forget_other(dir, before.place, place, &before.id, keyring);
        Vault::from_document(dir, document, keys)
    }

    /// There is one in this directory, whatever its condition.
    pub fn exists(dir: &Path) -> bool {
        dir.join(FILE).exists()
    }

    /// Opens the vault in `dir`.
    pub fn open(dir: &Path) -> Result<Vault, VaultError> {
        Vault::open_in(dir, &OsKeyring)
    }

    fn open_in(dir: &Path, keyring: &dyn Keyring) -> Result<Vault, VaultError> {
        let text = file::read(dir, FILE)?.ok_or(VaultError::Missing)?;
        let sealed = document::Signed::parse(&text)?;
        let device_key = device_key::load(dir, sealed.place(), sealed.id(), keyring)?;
        let keys = Derived::from(&device_key);
        let document = sealed.verify(&device_key, &keys.mac)?;
        Vault::from_document(dir, document, keys)
    }

    fn from_document(dir: &Path, document: Document, keys: Derived) -> Result<Vault, VaultError> {
        let app = &document.app;
        let app_key = app.key.open_key(&keys.app, &document.label("app key"))?;
        let open =
            |sealed: &Sealed, label: &str| sealed.open_text(&app_key, &document.label(label));
        let open_key =
            |sealed: &Sealed, label: &str| sealed.open_key(&app_key, &document.label(label));
        let app_secret = open(&app.app_secret, "app_secret")?;
        let test_secret = app.test_secret.as_ref();
        let test_secret = test_secret.map(|s| open(s, "test_secret")).transpose()?;
        let audit_key = open_key(&app.audit_key, "audit key")?;
        let code_key = open_key(&app.code_key, "code key")?;
        Ok(Vault {
            dir: dir.to_owned(),
            mac_key: keys.mac,
            pin_key: keys.pin,
            app_secret,
            test_secret,
            audit_key,
            code_key,
            document,
        })
    }

    /// Signs payments.
    pub fn app_secret(&self) -> &SecretString {
        &self.app_secret
    }

    /// Sandbox pay links only.
    pub fn test_secret(&self) -> Option<&SecretString> {
        self.test_secret.as_ref()
    }

    /// Keys the ledger's chain (I11). It stays the same for the life of the data directory.
    pub fn audit_key(&self) -> &[u8; 32] {
        self.audit_key.bytes()
    }

    /// How the ledger recognises a used code without storing it (FATE 6): HMAC-SHA-256, hex.
    pub fn code_hash(&self, code: &AuthCode) -> String {
        seal::hex(self.code_key.mac(&[code.expose().as_bytes()]).bytes())
    }

    /// Everyone who may sign in, in the file's order.
    pub fn staff(&self) -> Vec<Staff> {
        self.enabled().map(Member::staff).collect()
    }

    fn enabled(&self) -> impl Iterator<Item = &Member> {
        self.document.staff.iter().filter(|m| !m.disabled)
    }

    /// Who is signed in without asking: the only one there is, where that is a cashier (COUNTER).
    pub fn opens_signed_in_as(&self) -> Option<Staff> {
        match self.staff().as_slice() {
            [only] if only.role == Role::Cashier => Some(only.clone()),
            _ => None,
        }
    }

    /// This till can refund once a manager is signed in.
    pub fn has_master(&self) -> bool {
        self.document.master.is_some()
    }

    /// Where the device key is.
    pub fn device_key_place(&self) -> DeviceKeyPlace {
        self.document.device_key
    }

    /// Checks a PIN. It takes a fraction of a second on purpose, as long for an id that is
    /// unknown. `now_ms` is the wall clock, UTC milliseconds. Ten wrong ones lock the id for 30
    /// minutes, over restarts; unknown ids share one count.
    pub fn sign_in(&mut self, id: &str, pin: &str, now_ms: i64) -> Result<SignedIn, SignInError> {
        let at = self.document.staff.iter().position(|m| m.id == id);
        let until_ms = self.tries(at).locked_until(now_ms);
        if let Some(until_ms) = until_ms {
            return Err(SignInError::LockedUntil { until_ms });
        }
        let member = at.and_then(|at| self.document.staff.get(at));
        // An unknown id costs the same: its salt is made up, its check can't succeed.
        let salt = match member {
            Some(member) => member.salt.clone(),
            None => seal::hex(
                &self.pin_key.mac(&[b"unknown", id.as_bytes()]).bytes()[..pin::SALT_BYTES],
            ),
        };
        let keys = PinKeys::derive(&self.pin_key, self.document.cost, id, pin, &salt)?;
        let right = member.is_some_and(|m| keys.verifier_is(&m.verifier) && !m.disabled);
        let Some(member) = member.filter(|_| right) else {
            return Err(self.count_wrong(at, now_ms));
        };
        let (master, master_key) = self.document.open_master(id, &keys)?.unzip();
        let signed_in = SignedIn {
            staff: member.staff(),
            master,
            master_key: master_key.map(MasterKey),
        };
        if self.tries(at) != Tries::default() {
            // A count that stays too high on a full disk harms less than a till nobody can use.
            if let Err(error) = self.keep_tries(at, Tries::default()) {
                tracing::warn!(%error, "the count of wrong PINs could not be cleared");
            }
        }
        Ok(signed_in)
    }

    fn tries(&self, at: Option<usize>) -> Tries {
        match at.and_then(|at| self.document.staff.get(at)) {
            Some(member) => member.tries,
            None => self.document.unknown,
        }
    }

    fn count_wrong(&mut self, at: Option<usize>, now_ms: i64) -> SignInError {
        let tries = self.tries(at).after_wrong(now_ms);
        if let Err(error) = self.keep_tries(at, tries) {
            return SignInError::Vault(error);
        }
        match tries.locked_until(now_ms) {
            Some(until_ms) => SignInError::LockedUntil { until_ms },
            None => SignInError::Wrong {
                left: MOST_WRONG.saturating_sub(tries.wrong),
            },
        }
    }

    /// In memory first: should the disk refuse, the count still holds until the program ends.
    fn keep_tries(&mut self, at: Option<usize>, tries: Tries) -> Result<(), VaultError> {
        match at.and_then(|at| self.document.staff.get_mut(at)) {
            Some(member) => member.tries = tries,
            None => self.document.unknown = tries,
        }
        let text = self.document.to_text(&self.mac_key)?;
        file::replace(&self.dir, FILE, text.as_bytes())
    }
}

/// The keys that are made from the device key, one for each use.
struct Derived {
    app: Key,
    mac: Key,
    pin: Key,
}

impl Derived {
    fn from(device_key: &Key) -> Derived {
        Derived {
            app: device_key.mac(&[b"shouyin 1 app"]),
            mac: device_key.mac(&[b"shouyin 1 mac"]),
            pin: device_key.mac(&[b"shouyin 1 pin"]),
        }
    }
}

/// What a provisioning keeps of an earlier one, or makes anew.
struct Before {
    id: String,
    /// Where the device key was.
    place: Option<DeviceKeyPlace>,
    device_key: Key,
    audit_key: Key,
    code_key: Key,
}

impl Before {
    /// A vault that is there and can't be opened is an error: a new audit key would make the
    /// existing ledger look forged.
    fn read(dir: &Path, keyring: &dyn Keyring) -> Result<Before, VaultError> {
        let Some(text) = file::read(dir, FILE)? else {
            let left = device_key::load(dir, DeviceKeyPlace::File, "", keyring);
            return Ok(Before {
                id: seal::hex(&seal::random::<16>()?),
                place: None,
                // Left by a provisioning that was cut off: it never sealed anything.
                device_key: left.or_else(|_| Key::random())?,
                audit_key: Key::random()?,
                code_key: Key::random()?,
            });
        };
        let sealed = document::Signed::parse(&text)?;
        let device_key = device_key::load(dir, sealed.place(), sealed.id(), keyring)?;
        let vault = Vault::open_in(dir, keyring)?;
        Ok(Before {
            id: vault.document.id.clone(),
            place: Some(vault.document.device_key),
            device_key,
            audit_key: vault.audit_key,
            code_key: vault.code_key,
        })
    }

    fn seal_app(&self, keys: &Derived, secrets: &Secrets) -> Result<document::App, VaultError> {
        let app_key = Key::random()?;
        let label = |name: &str| document::label(&self.id, name);
        let seal = |secret: &SecretString, name: &str| {
            Sealed::text(&app_key, &label(name), secret.expose_secret())
        };
        let test_secret = secrets.test_secret.as_ref();
        Ok(document::App {
            app_secret: seal(&secrets.app_secret, "app_secret")?,
            test_secret: test_secret.map(|s| seal(s, "test_secret")).transpose()?,
            audit_key: Sealed::key(&app_key, &label("audit key"), &self.audit_key)?,
            code_key: Sealed::key(&app_key, &label("code key"), &self.code_key)?,
            key: Sealed::key(&keys.app, &label("app key"), &app_key)?,
        })
    }
}

fn check_staff(secrets: &Secrets, staff: &[ProvisionedStaff]) -> Result<(), VaultError> {
    if staff.is_empty() {
        return Err(VaultError::NoStaff);
    }
    let same = |at: usize, id: &str| staff.iter().take(at).any(|earlier| earlier.staff.id == id);
    if staff
        .iter()
        .enumerate()
        .any(|(at, s)| same(at, &s.staff.id))
    {
        return Err(VaultError::StaffTwice);
    }
    let manager = staff.iter().any(|s| s.staff.role == Role::Manager);
    if secrets.master_secret.is_some() && !manager {
        return Err(VaultError::NeedsManager);
    }
    Ok(())
}

/// Adds staff, and master_secret wrapped for each manager.
fn with_staff(
    mut document: Document,
    keys: &Derived,
    secrets: &Secrets,
    staff: &[ProvisionedStaff],
) -> Result<Document, VaultError> {
    let master_key = Key::random()?;
    let mut managers = Vec::new();
    for ProvisionedStaff { staff, pin } in staff {
        let salt = seal::hex(&seal::random::<{ pin::SALT_BYTES }>()?);
        let pin = pin.expose_secret();
        let pin_keys = PinKeys::derive(&keys.pin, document.cost, &staff.id, pin, &salt)?;
        if staff.role == Role::Manager {
            let label = document.label(&document::manager_label(&staff.id));
            managers.push(Manager {
                id: staff.id.clone(),
                key: Sealed::key(pin_keys.wrap(), &label, &master_key)?,
            });
        }
        document.staff.push(Member {
            id: staff.id.clone(),
            name: staff.name.clone(),
            role: staff.role,
            salt,
            verifier: pin_keys.verifier(),
            disabled: false,
            tries: Tries::default(),
        });
    }
    let label = document.label("master_secret");
    let secret = secrets.master_secret.as_ref();
    let secret = secret
        .map(|s| Sealed::text(&master_key, &label, s.expose_secret()))
        .transpose()?;
    document.master = secret.map(|secret| Master { secret, managers });
    Ok(document)
}

#[cfg(test)]
mod tests;
