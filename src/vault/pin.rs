//! PINs: slow to guess, and useless without this till's device key.

use super::error::VaultError;
use super::seal::{self, Key};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A salt's length.
pub(super) const SALT_BYTES: usize = 16;

/// What one guess costs: Argon2id's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl PinCost {
    /// OWASP's least for Argon2id: 19 MiB, 2 passes, 1 lane.
    pub const STANDARD: PinCost = PinCost {
        memory_kib: 19 * 1024,
        passes: 2,
        lanes: 1,
    };
    /// No protection: for tests, and for PINs that everybody knows.
    pub const CHEAP: PinCost = PinCost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };
}

/// What a PIN gives: a key that wraps, and a verifier that may be stored. Neither tells the other.
pub(super) struct PinKeys {
    wrap: Key,
    verifier: Key,
}

impl PinKeys {
    /// Argon2id(PIN), then HMAC with a key made from the device key: both are needed.
    pub(super) fn derive(
        pin_key: &Key,
        cost: PinCost,
        id: &str,
        pin: &str,
        salt: &str,
    ) -> Result<PinKeys, VaultError> {
        let salt = seal::unhex(salt).ok_or(VaultError::Tampered)?;
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None);
        let params = params.map_err(|_| VaultError::Tampered)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hash = Zeroizing::new([0; 32]);
        argon
            .hash_password_into(pin.as_bytes(), &salt, &mut hash[..])
            .map_err(|_| VaultError::NoRandom)?;
        let bound = pin_key.mac(&[b"pin", id.as_bytes(), &hash[..]]);
        Ok(PinKeys {
            wrap: bound.mac(&[b"wrap"]),
            verifier: bound.mac(&[b"verifier"]),
        })
    }

    pub(super) fn wrap(&self) -> &Key {
        &self.wrap
    }

    pub(super) fn verifier(&self) -> String {
        seal::hex(self.verifier.bytes())
    }

    /// Constant time.
    pub(super) fn verifier_is(&self, stored: &str) -> bool {
        self.verifier.is_hex(stored)
    }
}
