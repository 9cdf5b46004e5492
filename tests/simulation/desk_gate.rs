//! A refund's requests between till and gateway: what they do over there, and what of their
//! answers arrives here, in the rules' own words.

use super::faults::Rng;
use super::gate::{STALE_MS, Way, old, row, way};
use shouyin::domain::BillNo;
use shouyin::domain::gateway::{
    Listed, Lost, RefundOutcome, RefundRow, RefundStatusOutcome, RowOutcome,
};
use shouyin::domain::refund::RefundChannel;
use shouyin::payment::refund::LookBy;
use shouyin::simulator::channel::Parent;
use shouyin::simulator::core::{self, Query, RefundQuery};
use shouyin::simulator::params::RefundParams;
use shouyin::simulator::{Code, Core, RefundStatus, RefundStatusFault, Refused, Reply, Transport};

/// A request as it leaves.
#[derive(Debug, Clone)]
pub enum Ask {
    Refund(Box<RefundParams>),
    LookUp(LookBy, Box<RefundQuery>),
    Status(String),
    Row(BillNo),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Said {
    Refund(RefundOutcome),
    LookedUp(LookBy, Listed<Vec<RefundRow>>),
    Status(RefundStatusOutcome),
    Row(RowOutcome),
}

/// What arrives, after how many ms, and whether with a Date.
pub type Arrived = (Said, i64, bool);

type Result2<T> = Result<Result<T, Refused>, Lost>;

impl Ask {
    /// The request arrives at `at` (gateway ms), signed with `stamp`.
    pub fn arrive(self, core: &mut Core, at: i64, stamp: i64, rng: &mut Rng) -> Arrived {
        let stale = (stamp - at).abs() > STALE_MS;
        match self {
            Ask::Refund(params) => {
                // FATE 22: of WeChat's a `true` says no more than that it was taken.
                let taken = params.channel == Some(Parent::Wx) && rng.percent(30);
                let reply = signed(stale, || core.refund(at, *params));
                arrived(late_way(reply, rng), |r| match refund(r) {
                    RefundOutcome::Processing if taken => Said::Refund(RefundOutcome::Done),
                    outcome => Said::Refund(outcome),
                })
            }
            Ask::LookUp(by, query) => {
                let reply = signed(stale, || core.refunds(at, &query));
                arrived(way(reply, rng), |r| Said::LookedUp(by, listed(r)))
            }
            Ask::Status(number) => {
                let reply = signed(stale, || status_of(core, at, &number));
                arrived(way(reply, rng), |r| Said::Status(status(r)))
            }
            Ask::Row(bill_no) => {
                let reply = signed(stale, || core.bills(at, &Query::one(&bill_no)));
                arrived(way(reply, rng), |r| Said::Row(row(r, &bill_no)))
            }
        }
    }

    /// No connection to any host.
    pub fn unreachable(&self) -> Said {
        let lost = Lost::Unreachable;
        match self {
            Ask::Refund(_) => Said::Refund(RefundOutcome::Unconnected { why: "TCP".into() }),
            Ask::LookUp(by, _) => Said::LookedUp(*by, Listed::NoAnswer(lost)),
            Ask::Status(_) => Said::Status(RefundStatusOutcome::NoAnswer(lost)),
            Ask::Row(_) => Said::Row(RowOutcome::NoAnswer(lost)),
        }
    }

    /// What a host says that knows nothing of this bill.
    pub fn ignorant(&self) -> Said {
        match self {
            Ask::Refund(_) => Said::Refund(RefundOutcome::Refused {
                code: 8,
                detail: String::new(),
            }),
            Ask::LookUp(by, _) => Said::LookedUp(*by, Listed::Here(Vec::new())),
            Ask::Status(_) => Said::Status(RefundStatusOutcome::NoSuchRefund),
            Ask::Row(_) => Said::Row(RowOutcome::Empty),
        }
    }
}

fn signed<T>(stale: bool, ask: impl FnOnce() -> Reply<T>) -> Reply<T> {
    match stale {
        true => Reply::normal(Err(old())),
        false => ask(),
    }
}

fn arrived<T>(way: Way<T>, said: impl FnOnce(Result2<T>) -> Said) -> Arrived {
    (said(way.result), way.after_ms, way.dated)
}

/// A send may hang longer than a client should let it: its answer then comes after look-ups.
fn late_way<T>(reply: Reply<T>, rng: &mut Rng) -> Way<T> {
    match (reply.transport, reply.result) {
        (Transport::Slow { ms }, Some(result)) => Way {
            result: Ok(result),
            after_ms: ms,
            dated: true,
        },
        (transport, result) => way(Reply { result, transport }, rng),
    }
}

/// A status may lie about a refund that is there. Nobody invents one that is not.
fn status_of(core: &mut Core, at: i64, number: &str) -> Reply<RefundStatus> {
    let fault = core.faults.refund.status;
    core.advance(at);
    if !core.all_refunds().iter().any(|r| r.refund_no == number) {
        core.faults.refund.status = RefundStatusFault::Truth;
    }
    let reply = core.refund_status(at, number, "WX");
    core.faults.refund.status = fault;
    reply
}

fn refund(result: Result2<core::RefundAnswer>) -> RefundOutcome {
    let refused = match result {
        Err(lost) => return RefundOutcome::Lost(lost),
        Ok(Ok(answer)) if answer.refund_result == Some(true) => return RefundOutcome::Done,
        Ok(Ok(_)) => return RefundOutcome::Processing,
        Ok(Err(refused)) => refused,
    };
    let (code, detail) = (refused.code.number(), refused.detail);
    match code {
        1..=6 | 8 | 9 | 10 | 12 => RefundOutcome::Refused { code, detail },
        _ => RefundOutcome::Unclear { code, detail },
    }
}

fn listed(result: Result2<Vec<core::RefundRow>>) -> Listed<Vec<RefundRow>> {
    match result {
        Err(lost) => Listed::NoAnswer(lost),
        Ok(Ok(rows)) => Listed::Here(rows.into_iter().map(as_read).collect()),
        Ok(Err(r)) if matches!(r.code, Code::NoSuchBill | Code::NoSuchRefund) => Listed::NoSuch,
        Ok(Err(r)) => Listed::NoAnswer(Lost::Code(r.code.number())),
    }
}

fn as_read(row: core::RefundRow) -> RefundRow {
    RefundRow {
        refund_no: row.refund_no,
        bill_no: row.bill_no.as_str().to_owned(),
        fee: row.fee,
        finish: row.finish,
        result: row.result,
        channel: RefundChannel::parse(row.channel),
        create_time_ms: Some(row.create_time),
    }
}

fn status(result: Result2<RefundStatus>) -> RefundStatusOutcome {
    match result {
        Err(lost) => RefundStatusOutcome::NoAnswer(lost),
        Ok(Ok(RefundStatus::Success)) => RefundStatusOutcome::Success,
        Ok(Ok(RefundStatus::Processing)) => RefundStatusOutcome::Processing,
        Ok(Ok(RefundStatus::Fail)) => RefundStatusOutcome::Failed,
        Ok(Err(refused)) => match refused.code.number() {
            13 => RefundStatusOutcome::NoSuchRefund,
            1 => RefundStatusOutcome::ClockOrKey,
            code @ 2..=6 => RefundStatusOutcome::Alarm {
                code,
                detail: refused.detail,
            },
            code => RefundStatusOutcome::NoAnswer(Lost::Code(code)),
        },
    }
}
