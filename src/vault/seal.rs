//! Keys and sealing: XChaCha20-Poly1305 and HMAC-SHA-256. Nothing here knows what is sealed.

use super::error::VaultError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// HMAC-SHA-256's block.
const BLOCK_BYTES: usize = 64;

/// 32 secret bytes: wiped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct Key([u8; KEY_BYTES]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    pub(super) fn random() -> Result<Key, VaultError> {
        random().map(Key)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Key> {
        bytes.try_into().ok().map(Key)
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// HMAC-SHA-256 over the parts, each with its length before it so that none can run into the
    /// next. The result is a key again.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> Key {
        // HMAC pads a short key with zeros to its block; doing it here can't fail.
        let mut block = Zeroizing::new([0; BLOCK_BYTES]);
        block[..KEY_BYTES].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        match parts {
            [only] => mac.update(only),
            _ => {
                for part in parts {
                    mac.update(&(part.len() as u64).to_be_bytes());
                    mac.update(part);
                }
            }
        }
        Key(mac.finalize().into_bytes().into())
    }

    /// Equal, in constant time, to what `hex` says.
    pub(super) fn is_hex(&self, hex: &str) -> bool {
        unhex(hex).is_some_and(|bytes| self.0[..].ct_eq(&bytes).into())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

/// Random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::NoRandom)?;
    Ok(bytes)
}

/// Something sealed: nonce and ciphertext in hex. The label is bound to it, so that one sealed
/// field can't be put in another's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    nonce: String,
    text: String,
}

impl Sealed {
    fn bytes(key: &Key, label: &str, plain: &[u8]) -> Result<Sealed, VaultError> {
        let nonce = random::<NONCE_BYTES>()?;
        let aad = label.as_bytes();
        let payload = Payload { msg: plain, aad };
        let text = key
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::NoRandom)?;
        Ok(Sealed {
            nonce: hex(&nonce),
            text: hex(&text),
        })
    }

    pub(super) fn text(key: &Key, label: &str, plain: &str) -> Result<Sealed, VaultError> {
        Sealed::bytes(key, label, plain.as_bytes())
    }

    pub(super) fn key(key: &Key, label: &str, plain: &Key) -> Result<Sealed, VaultError> {
        Sealed::bytes(key, label, &plain.0)
    }

    fn open(&self, key: &Key, label: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let nonce = unhex(&self.nonce).and_then(|n| <[u8; NONCE_BYTES]>::try_from(n).ok());
        let nonce = nonce.ok_or(VaultError::Tampered)?;
        let text = unhex(&self.text).ok_or(VaultError::Tampered)?;
        let payload = Payload {
            msg: &text,
            aad: label.as_bytes(),
        };
        key.cipher()
            .decrypt(&XNonce::from(nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Tampered)
    }

    pub(super) fn open_text(&self, key: &Key, label: &str) -> Result<SecretString, VaultError> {
        let plain = self.open(key, label)?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Tampered)?;
        Ok(SecretString::from(text))
    }

    pub(super) fn open_key(&self, key: &Key, label: &str) -> Result<Key, VaultError> {
        Key::from_bytes(&self.open(key, label)?).ok_or(VaultError::Tampered)
    }
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    out
}

/// Reads lower-case hex; anything else is `None`.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let nibble = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let byte = |pair: &[u8; 2]| Some(nibble(pair[0])? << 4 | nibble(pair[1])?);
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_the_standards() {
        // RFC 4231, test case 2, whose key is "Jefe" padded with zeros.
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(b"Jefe");
        let mac = Key(bytes).mac(&[b"what do ya want for nothing?"]);
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(mac.bytes()), expected);
        assert!(mac.is_hex(expected) && !mac.is_hex(&expected[..62]) && !mac.is_hex("zz"));
    }

    #[test]
    fn parts_never_run_into_each_other() {
        let key = Key([7; 32]);
        assert_ne!(key.mac(&[b"ab", b"c"]).0, key.mac(&[b"a", b"bc"]).0);
    }

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_label() {
        let key = Key([1; 32]);
        let sealed = Sealed::text(&key, "a", "secret").unwrap();
        assert_eq!(
            secrecy::ExposeSecret::expose_secret(&sealed.open_text(&key, "a").unwrap()),
            "secret"
        );
        assert!(matches!(
            sealed.open_text(&key, "b"),
            Err(VaultError::Tampered)
        ));
        assert!(matches!(
            sealed.open_text(&Key([2; 32]), "a"),
            Err(VaultError::Tampered)
        ));
        let again = Sealed::text(&key, "a", "secret").unwrap();
        assert_ne!(sealed, again, "a nonce is never used twice");
    }

    #[test]
    fn hex_round_trips_and_refuses_the_rest() {
        assert_eq!(unhex(&hex(&[0, 15, 255])), Some(vec![0, 15, 255]));
        for bad in ["0", "0G", "AA", "汉a"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
