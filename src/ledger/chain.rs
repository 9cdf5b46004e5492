//! The chain: what each event's mac covers (I11). Nothing here touches the file.
//!
//! `mac = HMAC-SHA-256(audit key, previous mac ‖ canonical bytes)`. Every field is counted or of
//! fixed length, so that no two events have the same bytes. `head` has a mac of its own: without
//! one a cut tail could be hidden by writing the earlier count and mac, which anybody can read.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A mac: 32 bytes.
pub type Link = [u8; 32];

/// What the first event's mac follows.
pub(super) const GENESIS: Link = [0; 32];

/// The key of the chain, from the vault: wiped when dropped, never printed (I12).
#[derive(Clone)]
pub struct AuditKey(Zeroizing<[u8; 64]>);

impl AuditKey {
    /// Takes 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> AuditKey {
        // HMAC pads a key with zeros to its block of 64 bytes; done here, it can't fail later.
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(secret) {
            *to = *from;
        }
        AuditKey(block)
    }

    fn hmac(&self) -> Hmac<Sha256> {
        Hmac::<Sha256>::new((&*self.0).into())
    }
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

/// The columns of an event that its mac covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event<'a> {
    pub seq: i64,
    pub at_ms: i64,
    pub kind: &'a str,
    pub bill_no: Option<&'a str>,
    pub body: &'a str,
}

impl Event<'_> {
    /// The mac of this event after the one before it.
    pub(super) fn link(&self, key: &AuditKey, previous: &Link) -> Link {
        let mut mac = key.hmac();
        mac.update(b"event");
        mac.update(previous);
        mac.update(&self.seq.to_be_bytes());
        mac.update(&self.at_ms.to_be_bytes());
        counted(&mut mac, self.kind);
        mac.update(&[u8::from(self.bill_no.is_some())]);
        counted(&mut mac, self.bill_no.unwrap_or(""));
        counted(&mut mac, self.body);
        mac.finalize().into_bytes().into()
    }
}

fn counted(mac: &mut Hmac<Sha256>, text: &str) {
    // usize is at most 64 bits wide on every target Rust has.
    mac.update(&(text.len() as u64).to_be_bytes());
    mac.update(text.as_bytes());
}

/// How many events there are, and the last one's mac.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many events there are.
    pub count: i64,
    /// The last event's mac.
    pub last: Link,
}

impl Head {
    /// Before the first event.
    pub(super) const NEW: Head = Head {
        count: 0,
        last: GENESIS,
    };

    /// The mac of the head itself.
    pub(super) fn seal(&self, key: &AuditKey) -> Link {
        let mut mac = key.hmac();
        mac.update(b"head");
        mac.update(&self.count.to_be_bytes());
        mac.update(&self.last);
        mac.finalize().into_bytes().into()
    }
}

/// Compares without telling by its time where they differ.
pub(super) fn same(a: &Link, b: &Link) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: Event<'static> = Event {
        seq: 7,
        at_ms: 1,
        kind: "paid",
        bill_no: Some("20261120"),
        body: "{}",
    };

    #[test]
    fn the_mac_covers_every_column_the_previous_and_the_key() {
        let key = AuditKey::new(&[1; 32]);
        let mac = EVENT.link(&key, &GENESIS);
        for other in [
            Event { seq: 8, ..EVENT },
            Event { at_ms: 2, ..EVENT },
            Event {
                kind: "pai",
                bill_no: Some("d20261120"),
                ..EVENT
            },
            Event {
                bill_no: None,
                ..EVENT
            },
            Event {
                bill_no: Some(""),
                ..EVENT
            },
            Event {
                bill_no: Some("2026112"),
                body: "0{}",
                ..EVENT
            },
        ] {
            assert_ne!(other.link(&key, &GENESIS), mac, "{other:?}");
        }
        assert_ne!(EVENT.link(&key, &[9; 32]), mac);
        assert_ne!(EVENT.link(&AuditKey::new(&[2; 32]), &GENESIS), mac);
        assert_eq!(EVENT.link(&key, &GENESIS), mac);
    }

    #[test]
    fn a_known_mac_stays_the_same_in_every_version() {
        // Computed with Python's hmac over the bytes that the module's text describes.
        let mac = EVENT.link(&AuditKey::new(&[1; 32]), &GENESIS);
        let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "d0d0c728e01abeb2d3027062fd2a8ac7753923bf6abc2533def53586ea5cffb7"
        );
    }

    #[test]
    fn the_key_never_prints() {
        assert_eq!(format!("{:?}", AuditKey::new(&[7; 32])), "AuditKey(…)");
    }
}
