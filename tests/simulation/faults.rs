//! What goes wrong in one sale, drawn from its seed.

use shouyin::domain::{Channel, Fen};
use shouyin::simulator::{Code, Faults, RevertFault, StatusFault, Transport, WitnessFault};

/// Which faults may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What FATE promises to stand.
    Promised,
    /// What no rule could stand, since every witness agrees on the same lie:
    ///
    /// - a row that is answered empty, well-formed, although the bill is there (beside a lost pay
    ///   this is FATE 12's whole proof), or that appears only after guard end;
    /// - a pay or revert request that arrives after its guard, or so late that with the endpoints'
    ///   lag nothing shows it before the guard ends (FATE: the guard *is* that bound);
    /// - a status that lies "not paid" while no row can be read and reverts claim what they don't
    ///   do: nobody is left who tells the truth;
    /// - a refusal (1 to 6) of a pay that was taken (FATE 1: nothing else is a refusal).
    Beyond,
}

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: i64) -> i64 {
        (self.next() % n.max(1) as u64) as i64
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }

    /// Holds in so many of 100 cases.
    pub fn percent(&mut self, n: i64) -> bool {
        self.below(100) < n
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as i64) as usize]
    }
}

/// How long a request may be under way, and how far an endpoint may lag, within what FATE promises
/// to stand: both together end before the guard does.
const WITHIN_GUARD_MS: i64 = 55_000;

fn transport(rng: &mut Rng, class: Class) -> Transport {
    let late = match class {
        Class::Promised => WITHIN_GUARD_MS,
        Class::Beyond => 600_000,
    };
    match rng.below(9) {
        0 | 1 => Transport::LoseRequest,
        2 | 3 => Transport::LoseAnswer,
        4 => Transport::ActLater {
            ms: rng.between(1_000, late),
        },
        5 => Transport::Slow {
            ms: rng.between(1_000, 40_000),
        },
        6 => Transport::BadGateway,
        7 => Transport::Html,
        _ => Transport::Truncate,
    }
}

fn revert_fault(rng: &mut Rng) -> RevertFault {
    match rng.below(9) {
        0 | 1 => RevertFault::ClaimsOnly,
        2 => RevertFault::DeniesOnly,
        3 => RevertFault::DeniesButActs,
        4 => RevertFault::Fails(rng.pick(&[Code::ChannelInvalid, Code::ParamInvalid])),
        5 => RevertFault::Fails(rng.pick(&[Code::CertFileError, Code::RefundExceedTime])),
        6 => RevertFault::Fails(rng.pick(&[
            Code::RuntimeError,
            Code::NetworkError,
            Code::NoSuchBill,
            Code::BillUnsuccess,
            Code::AlreadyRefunding,
        ])),
        7 => RevertFault::FailsButActs(rng.pick(&[
            Code::RuntimeError,
            Code::AlreadyRefunding,
            Code::CertFileError,
        ])),
        _ => RevertFault::ActsLater {
            ms: rng.between(1_000, WITHIN_GUARD_MS),
        },
    }
}

fn status_fault(rng: &mut Rng) -> StatusFault {
    match rng.below(6) {
        0 | 1 => StatusFault::NotPaid,
        2 => StatusFault::NoSuchBill,
        3 => StatusFault::Paid,
        4 => StatusFault::Fails(rng.pick(&[Code::ChannelInvalid, Code::CertFileError])),
        _ => StatusFault::Fails(rng.pick(&[Code::RuntimeError, Code::NetworkError])),
    }
}

/// The faults of one stretch of a sale.
pub fn draw(rng: &mut Rng, class: Class, twice: bool) -> Faults {
    let mut f = Faults::default();
    if rng.percent(30) {
        f.pay_transport = transport(rng, class);
    }
    if rng.percent(25) {
        f.status_transport = transport(rng, class);
    }
    if rng.percent(25) {
        f.revert_transport = transport(rng, class);
    }
    if rng.percent(20) {
        f.witness_transport = transport(rng, class);
    }
    if rng.percent(8) {
        f.pay_fails = Some(rng.pick(&[
            Code::RuntimeError,
            Code::NetworkError,
            Code::ChannelError,
            Code::BillNoDuplicate,
        ]));
    }
    f.scan_without_pay_result = rng.percent(30);
    if rng.percent(20) {
        f.status = status_fault(rng);
    }
    if rng.percent(20) {
        f.status_lag_ms = rng.between(500, WITHIN_GUARD_MS);
    }
    f.status_paid_after_revert = rng.percent(8);
    if rng.percent(30) {
        f.revert = revert_fault(rng);
    }
    if rng.percent(12) {
        f.witness = rng.pick(&[
            WitnessFault::AnotherBill,
            WitnessFault::Twice,
            WitnessFault::Fails(Code::RuntimeError),
        ]);
    }
    if rng.percent(25) {
        f.witness_lag_ms = rng.between(500, WITHIN_GUARD_MS);
    }
    f.witness_without_revert_result = rng.percent(10);
    match class {
        Class::Promised => keep_a_witness(&mut f),
        Class::Beyond => beyond(&mut f, rng),
    }
    f.refund = super::refund_faults::draw(rng, class, twice);
    f
}

/// Somebody must be left who tells the truth: not a status that lies "not paid", reverts that only
/// claim, and a row that nobody can read, all at once.
fn keep_a_witness(f: &mut Faults) {
    let denies = matches!(f.status, StatusFault::NotPaid | StatusFault::NoSuchBill);
    if denies {
        f.witness = WitnessFault::Truth;
        f.witness_transport = Transport::Normal;
        f.witness_without_revert_result = false;
    }
}

fn beyond(f: &mut Faults, rng: &mut Rng) {
    match rng.below(4) {
        0 => f.witness = WitnessFault::Silent,
        1 => f.witness_lag_ms = rng.between(120_000, 1_000_000),
        2 => f.pay_fails = Some(rng.pick(&[Code::AppInvalid, Code::ParamInvalid])),
        _ => {
            f.status = StatusFault::NotPaid;
            f.revert = RevertFault::ClaimsOnly;
            f.witness = WitnessFault::Fails(Code::RuntimeError);
        }
    }
}

/// Whether the gateway may say paid, or deny a revert, against the truth: then a bill may be called
/// Paid that is not, until its look finds out (FATE 2, 11).
pub fn lies_paid(f: &Faults) -> bool {
    let status = f.status == StatusFault::Paid || f.status_paid_after_revert;
    let denies = matches!(
        f.revert,
        RevertFault::DeniesButActs | RevertFault::FailsButActs(_)
    );
    status || denies
}

/// Whether it may say not paid, or reverted, against the truth: then a bill may be called reverted
/// without a witness that can still be paid, until its look finds out (FATE 10).
pub fn lies_unpaid(f: &Faults) -> bool {
    let status = matches!(f.status, StatusFault::NotPaid | StatusFault::NoSuchBill);
    status || f.revert == RevertFault::ClaimsOnly
}

/// An amount that the row gets wrong, sometimes.
pub fn wrong_amount(rng: &mut Rng) -> Option<Fen> {
    rng.percent(2).then_some(Fen(7))
}

pub fn channel(rng: &mut Rng) -> Channel {
    rng.pick(&Channel::ALL)
}
