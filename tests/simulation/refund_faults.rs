//! What goes wrong with refunds, drawn from the seed.

use super::faults::{Class, Rng};
use shouyin::domain::Fen;
use shouyin::simulator::{
    Code, RefundAgain, RefundFaults, RefundRowFault, RefundStatus, RefundStatusFault, Transport,
};

/// How late a request may arrive and a row may show, where a repeated number would move money
/// twice: together less than the 60 s between FATE 21's two look-ups.
const SOON: (i64, i64) = (25_000, 30_000);
/// Elsewhere: together less than the 10 minutes between its two rounds.
const LATER: (i64, i64) = (200_000, 300_000);

fn transport(rng: &mut Rng, late_ms: i64) -> Transport {
    match rng.below(10) {
        0..3 => Transport::LoseRequest,
        3..5 => Transport::LoseAnswer,
        5 | 6 => Transport::ActLater {
            ms: rng.between(500, late_ms),
        },
        7 => Transport::Slow {
            ms: rng.between(1_000, 80_000),
        },
        8 => Transport::BadGateway,
        _ => rng.pick(&[Transport::Html, Transport::Truncate]),
    }
}

/// The refunds' faults of one stretch of a sale.
pub fn draw(rng: &mut Rng, class: Class, twice: bool) -> RefundFaults {
    let (late, lag) = if twice { SOON } else { LATER };
    let mut f = RefundFaults::default();
    if rng.percent(50) {
        f.transport = transport(rng, late);
    }
    if rng.percent(25) {
        f.look_transport = transport(rng, late);
    }
    if rng.percent(10) {
        f.fails = Some(rng.pick(&[
            Code::ChannelError,
            Code::AlreadyRefunding,
            Code::NoSuchRefund,
            Code::RuntimeError,
            Code::NetworkError,
            Code::PrerefundDuplicate,
        ]));
    }
    f.without_result = rng.percent(10);
    f.again = match rng.below(4) {
        _ if twice => RefundAgain::Twice,
        0 => RefundAgain::Fails(Code::ParamInvalid),
        1 => RefundAgain::Fails(Code::AlreadyRefunding),
        2 => RefundAgain::Fails(Code::PrerefundDuplicate),
        _ => RefundAgain::Same,
    };
    if rng.percent(20) {
        f.row = rng.pick(&[
            RefundRowFault::AnotherBill,
            RefundRowFault::Twice,
            RefundRowFault::WithoutResult,
            RefundRowFault::Fails(Code::RuntimeError),
            RefundRowFault::Fails(Code::NoSuchRefund),
        ]);
    }
    if rng.percent(40) {
        f.row_lag_ms = rng.between(500, lag);
    }
    if rng.percent(5) {
        f.row_fee = Some(Fen(3));
    }
    if rng.percent(25) {
        f.status = rng.pick(&[
            RefundStatusFault::Says(RefundStatus::Processing),
            RefundStatusFault::Fails(Code::NoSuchRefund),
            RefundStatusFault::Fails(Code::CertFileError),
            RefundStatusFault::Fails(Code::RuntimeError),
        ]);
    }
    if class == Class::Beyond {
        beyond(&mut f, rng);
    }
    f
}

/// What no rule could stand, since every witness agrees on the same lie:
///
/// - rows that are answered empty, well-formed, although the refund is there, or that appear only
///   after FATE 21's ten minutes;
/// - a status that says SUCCESS or FAIL against the truth (FATE 22: WX has no other witness);
/// - a definite refusal of a refund that was taken.
fn beyond(f: &mut RefundFaults, rng: &mut Rng) {
    match rng.below(4) {
        0 => f.row = RefundRowFault::Silent,
        1 => f.row_lag_ms = rng.between(700_000, 2_000_000),
        2 => {
            let says = rng.pick(&[RefundStatus::Success, RefundStatus::Fail]);
            f.status = RefundStatusFault::Says(says);
        }
        _ => f.fails = Some(rng.pick(&[Code::ParamInvalid, Code::BillUnsuccess])),
    }
}
