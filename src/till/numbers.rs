//! bill_no, refund_no and sale ids: the till draws them, nobody else.

use crate::domain::time::Day;
use crate::domain::{BillNo, RefundNo, SaleId};

const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// bill_no = date in Shanghai + till + 6-digit serial + 8 random of 0-9A-Z (over 41 random bits).
pub fn bill_no(gateway_ms: i64, till: &str, serial: u32) -> Option<BillNo> {
    let day = Day::of(gateway_ms).compact();
    BillNo::parse(&format!("{day}{till}{serial:06}{}", random(8)?))
}

/// refund_no = date in Shanghai by gateway time + till + 6-digit serial + 8 random of 0-9A-Z
/// (FATE 20). Drawn right before it is recorded: it may be sent on that day only.
pub fn refund_no(gateway_ms: i64, till: &str, serial: u32) -> Option<RefundNo> {
    let day = Day::of(gateway_ms).compact();
    RefundNo::parse(&format!("{day}{till}{serial:06}{}", random(8)?))
}

/// A sale of the till's own.
pub fn sale_id(gateway_ms: i64, till: &str) -> Option<SaleId> {
    let day = Day::of(gateway_ms).compact();
    Some(SaleId(format!("S{day}{till}{}", random(12)?)))
}

/// Characters of 0-9A-Z, evenly distributed.
fn random(length: usize) -> Option<String> {
    let mut out = String::with_capacity(length);
    // 252 = 7 × 36: a byte above it is drawn again; 64 rounds can't all fail.
    for _ in 0..64 {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).ok()?;
        for byte in bytes.iter().filter(|b| **b < 252) {
            if out.len() == length {
                return Some(out);
            }
            let c = ALPHABET.get(usize::from(byte % 36))?;
            out.push(char::from(*c));
        }
    }
    (out.len() == length).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_no_is_date_till_serial_and_eight_random() {
        let ms = crate::domain::time::parse_moment("2026-11-20T02:00:00Z").unwrap();
        let no = bill_no(ms, "01", 63).unwrap();
        assert!(no.as_str().starts_with("2026112001000063"));
        assert_eq!(no.as_str().len(), 24);
        assert_ne!(no, bill_no(ms, "01", 63).unwrap());
    }

    #[test]
    fn a_refund_no_is_dated_by_shanghais_day_and_fits_the_gateways_rule() {
        let midnight = crate::domain::time::parse_moment("2026-11-19T16:00:00Z").unwrap();
        let no = refund_no(midnight, "AB12", 999_999).unwrap();
        assert!(no.is_of(Day::of(midnight)), "{no}");
        assert_eq!(no.as_str().len(), 26);
        let before = refund_no(midnight - 1, "AB12", 999_999).unwrap();
        assert!(before.as_str().starts_with("20261119AB12999999"));
    }
}
