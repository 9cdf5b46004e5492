//! How long everything takes: the configured times, and FATE's fixed ones.

use crate::domain::config::Timing;
use crate::domain::{Bill, Wallet};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// FATE 3: asking begins beside a pay request that hangs this long.
pub(super) const ASK_BESIDE_PAY: i64 = 5 * SECOND;
/// FATE 4: a QR is asked for this long after it went off the screen.
pub(super) const QR_GRACE: i64 = 20 * SECOND;
/// FATE 10: the row is read this long after a revert.
pub(super) const VERIFY_AT: [i64; 6] = [
    SECOND,
    2 * SECOND,
    4 * SECOND,
    8 * SECOND,
    15 * SECOND,
    30 * SECOND,
];
/// FATE 10: and at guard end, and this long after it.
pub(super) const AFTER_GUARD: [i64; 3] = [0, 10 * SECOND, 20 * SECOND];
/// `Date` has whole seconds, so guard and expiry are asked about a little later.
pub(super) const DATE_GRAIN: i64 = 1_200;
/// FATE 10, 11, 12: two facts of a proof stand this far apart.
pub(super) const APART: i64 = 10 * SECOND;
/// FATE 10: two reverted rows without a status stand this far apart.
pub(super) const ROWS_APART: i64 = 5 * SECOND;
/// FATE 11: a counting claim beside a row that stays paid.
pub(super) const CLAIM_BESIDE_PAID: i64 = 30 * SECOND;
/// FATE 14: the two not-paid facts after expiry.
pub(super) const EXPIRED_APART: i64 = 30 * SECOND;
/// FATE 14: the base of a bill whose pay was never answered, after sent.
pub(super) const UNANSWERED_BASE: i64 = 30 * SECOND;
/// FATE 15: closing becomes unresolved.
pub(super) const CLOSING_LIMIT: i64 = 60 * SECOND;
/// FATE 15: but not before this long after guard end.
pub(super) const CLOSING_AFTER_GUARD: i64 = 30 * SECOND;
/// FATE 15: the first and the longest interval of the first hour, and the one after it.
pub(super) const ROUND_FIRST: i64 = 3 * SECOND;
pub(super) const ROUND_LONGEST: i64 = MINUTE;
pub(super) const ROUND_FIRST_HOUR: i64 = HOUR;
pub(super) const ROUND_LATER: i64 = 5 * MINUTE;
/// FATE 9: a denied revert is tried again after this, three times, before it backs off.
pub(super) const DENIED_AGAIN: i64 = 3 * SECOND;
pub(super) const DENIED_TRIES: u32 = 3;
/// FATE 2: a row still unpaid this long after pay or status said paid is an incident.
pub(super) const ROW_UNPAID_LIMIT: i64 = 5 * MINUTE;
/// FATE 2 says within 30 s; the first read comes at once, since rows are usually there.
pub(super) const ROW_CHECK_AT: [i64; 6] = [
    500,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    29 * SECOND,
];
/// A row check that no answer ends is left to reconciliation after this.
pub(super) const ROW_CHECK_LIMIT: i64 = DAY;
/// FATE 10, 11: looked at again.
pub(super) const LOOK_AGAIN: i64 = 10 * MINUTE;
/// FATE 14: looked at again.
pub(super) const LOOK_EXPIRED: i64 = 2 * HOUR;
/// FATE: fact: how long the pay host must be dead before others' negatives count, and how far
/// apart the only other one must say it twice.
pub(super) const HOST_DEAD: i64 = 10 * MINUTE;
/// FATE 17: a QR is shown again while this much of it remains.
pub const SHOW_AGAIN: i64 = 90 * SECOND;

/// The configured durations, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// FATE 4.
    pub barcode_deadline: i64,
    /// FATE 4.
    pub qr_deadline: i64,
    /// A pay link's time on the screen.
    pub link_deadline: i64,
    /// FATE 3.
    pub first_status: i64,
    /// FATE 3.
    pub status_interval: i64,
    /// FATE 4.
    pub earliest_revert: i64,
    /// FATE: guard.
    pub guard: i64,
    /// FATE 14.
    pub expiry_margin: i64,
    /// FATE 10.
    pub witness_wait: i64,
}

impl From<&Timing> for Policy {
    fn from(t: &Timing) -> Self {
        let s = |seconds: u32| i64::from(seconds) * SECOND;
        Policy {
            barcode_deadline: s(t.barcode_deadline_s),
            qr_deadline: s(t.qr_deadline_s),
            link_deadline: s(t.link_deadline_s),
            first_status: i64::from(t.first_status_ms),
            status_interval: i64::from(t.status_interval_ms),
            earliest_revert: s(t.earliest_revert_s),
            guard: s(t.guard_s),
            expiry_margin: s(t.expiry_margin_s),
            witness_wait: s(t.witness_wait_s),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy::from(&Timing::default())
    }
}

impl Policy {
    /// When following ends and closing begins, ms after sent.
    pub fn deadline(&self, bill: &Bill) -> i64 {
        if bill.channel.is_scan() {
            self.barcode_deadline
        } else {
            self.waited(bill) + QR_GRACE
        }
    }

    /// How long the customer is waited for, ms after sent: a QR's or a link's time on the screen.
    pub fn waited(&self, bill: &Bill) -> i64 {
        match bill.channel.is_scan() {
            true => self.barcode_deadline,
            false if bill.link => self.link_deadline,
            false => self.qr_deadline,
        }
    }

    /// How long a bill stays payable after its base (FATE 14), without the margin.
    pub fn payable(&self, bill: &Bill) -> i64 {
        match bill.bill_timeout_s {
            Some(s) => i64::from(s) * SECOND,
            None if bill.wallet() == Some(Wallet::Wechat) => DAY,
            None => 15 * DAY,
        }
    }
}
