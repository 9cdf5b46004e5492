//! The network and the client between till and gateway: what a request does over there, and what
//! of its answer arrives here, in the rules' own words.

use super::faults::Rng;
use shouyin::domain::gateway::{
    Lost, PayOutcome, Refusal, RevertOutcome, Row, RowOutcome, StatusOutcome,
};
use shouyin::domain::{BillNo, Channel};
use shouyin::simulator::core::Query;
use shouyin::simulator::params::PayParams;
use shouyin::simulator::{Code, Core, Refused, Reply, Transport};

/// A request as it leaves.
#[derive(Debug, Clone)]
pub enum Request {
    Pay(Box<PayParams>),
    Status(Option<Channel>),
    Row,
    Revert(Option<Channel>),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    Pay(PayOutcome),
    Status(StatusOutcome),
    Row(RowOutcome),
    Revert(RevertOutcome),
}

/// A timestamp further off than this is answered 1.
pub const STALE_MS: i64 = 5 * 60_000;
/// The client's own limit for a whole request.
const TIMEOUT_MS: i64 = 30_000;

/// How an answer ends its way: what arrives, after how many ms, and whether with a Date.
pub struct Way<T> {
    pub result: Result<Result<T, Refused>, Lost>,
    pub after_ms: i64,
    pub dated: bool,
}

pub fn way<T>(reply: Reply<T>, rng: &mut Rng) -> Way<T> {
    let quick = rng.between(10, 500);
    let (result, after_ms, dated) = match (reply.transport, reply.result) {
        (Transport::Slow { ms }, Some(result)) if ms + quick < TIMEOUT_MS => {
            (Ok(result), ms + quick, true)
        }
        (Transport::Normal, Some(result)) => (Ok(result), quick, true),
        (Transport::BadGateway, _) => (Err(Lost::Http(502)), quick, true),
        (
            Transport::Html | Transport::Truncate | Transport::Garbage | Transport::Huge { .. },
            _,
        ) => (Err(Lost::Unreadable), quick, true),
        _ if rng.percent(50) => (Err(Lost::Broken), quick, false),
        _ => (Err(Lost::Timeout), TIMEOUT_MS, false),
    };
    Way {
        result,
        after_ms,
        dated,
    }
}

impl Request {
    /// The request arrives at `at` (gateway ms), signed with `stamp`.
    pub fn arrive(
        self,
        core: &mut Core,
        bill_no: &BillNo,
        at: i64,
        stamp: i64,
        rng: &mut Rng,
    ) -> (Outcome, i64, bool) {
        let stale = (stamp - at).abs() > STALE_MS;
        match self {
            Request::Pay(params) => {
                let reply = match stale {
                    true => Reply::normal(Err(old())),
                    false => core.pay(at, *params),
                };
                let way = way(reply, rng);
                (Outcome::Pay(pay(way.result)), way.after_ms, way.dated)
            }
            Request::Status(channel) => {
                let reply = match stale {
                    true => Reply::normal(Err(old())),
                    false => core.status(at, bill_no, channel),
                };
                let way = way(reply, rng);
                (Outcome::Status(status(way.result)), way.after_ms, way.dated)
            }
            Request::Row => {
                let reply = match stale {
                    true => Reply::normal(Err(old())),
                    false => core.bills(at, &Query::one(bill_no)),
                };
                let way = way(reply, rng);
                (
                    Outcome::Row(row(way.result, bill_no)),
                    way.after_ms,
                    way.dated,
                )
            }
            Request::Revert(channel) => {
                let reply = match stale {
                    true => Reply::normal(Err(old())),
                    false => core.revert(at, bill_no, channel),
                };
                let way = way(reply, rng);
                (Outcome::Revert(revert(way.result)), way.after_ms, way.dated)
            }
        }
    }

    /// No connection to any host.
    pub fn unreachable(&self) -> Outcome {
        match self {
            Request::Pay(_) => Outcome::Pay(PayOutcome::Unconnected { why: "TCP".into() }),
            Request::Status(_) => Outcome::Status(StatusOutcome::NoAnswer(Lost::Unreachable)),
            Request::Row => Outcome::Row(RowOutcome::NoAnswer(Lost::Unreachable)),
            Request::Revert(_) => Outcome::Revert(RevertOutcome::NoAnswer(Lost::Unreachable)),
        }
    }

    /// What a host says that knows nothing of this bill.
    pub fn ignorant(&self) -> Outcome {
        match self {
            Request::Pay(_) => Outcome::Pay(PayOutcome::Lost(Lost::Code(14))),
            Request::Status(_) => Outcome::Status(StatusOutcome::NoSuchBill),
            Request::Row => Outcome::Row(RowOutcome::Empty),
            Request::Revert(_) => Outcome::Revert(RevertOutcome::NoSuchBill),
        }
    }
}

pub fn old() -> Refused {
    Refused::new(Code::AppInvalid, "timestamp")
}

fn pay(result: Result<Result<shouyin::simulator::core::PayAnswer, Refused>, Lost>) -> PayOutcome {
    let refused = match result {
        Err(lost) => return PayOutcome::Lost(lost),
        Ok(Ok(answer)) => {
            let channel_type = answer.channel_type;
            return match (answer.code_url, answer.pay_result) {
                (Some(code_url), _) => PayOutcome::Code {
                    code_url,
                    gateway_no: None,
                },
                (None, Some(true)) => PayOutcome::Paid { channel_type },
                (None, _) => PayOutcome::Waiting { channel_type },
            };
        }
        Ok(Err(refused)) => refused,
    };
    let (code, detail) = (refused.code.number(), refused.detail);
    let wallet = ["NOTENOUGH", "BUYER_BALANCE_NOT_ENOUGH", "AUTH_CODE_INVALID"];
    match code {
        1..=6 => PayOutcome::Refused { code, detail },
        7 if wallet.iter().any(|w| detail.contains(w)) => PayOutcome::FinalRefusal {
            reason: Refusal::NotEnough,
            detail,
        },
        _ => PayOutcome::Lost(Lost::Code(code)),
    }
}

fn status(result: Result<Result<bool, Refused>, Lost>) -> StatusOutcome {
    match result {
        Err(lost) => StatusOutcome::NoAnswer(lost),
        Ok(Ok(true)) => StatusOutcome::Paid,
        Ok(Ok(false)) => StatusOutcome::NotPaid,
        Ok(Err(refused)) => match refused.code.number() {
            1 => StatusOutcome::ClockOrKey,
            3 | 5 => StatusOutcome::ChannelRefused,
            8 => StatusOutcome::NoSuchBill,
            code @ (2 | 4 | 6) => StatusOutcome::Alarm {
                code,
                detail: refused.detail,
            },
            code => StatusOutcome::NoAnswer(Lost::Code(code)),
        },
    }
}

fn revert(result: Result<Result<bool, Refused>, Lost>) -> RevertOutcome {
    match result {
        Err(lost) => RevertOutcome::NoAnswer(lost),
        Ok(Ok(true)) => RevertOutcome::Claimed,
        Ok(Ok(false)) => RevertOutcome::NotDone,
        Ok(Err(refused)) => match (refused.code.number(), refused.detail) {
            (1, _) => RevertOutcome::ClockOrKey,
            (3 | 5, _) => RevertOutcome::ChannelRefused,
            (8, _) => RevertOutcome::NoSuchBill,
            (9, _) => RevertOutcome::NotDone,
            (11, _) => RevertOutcome::AlreadyRefunding,
            (code @ (2 | 6 | 10), detail) => RevertOutcome::NotRevertible { code, detail },
            (7, detail) if detail.contains("TRADE_CANCEL_TIME_OUT") => {
                RevertOutcome::NotRevertible { code: 7, detail }
            }
            (code, _) => RevertOutcome::NoAnswer(Lost::Code(code)),
        },
    }
}

pub fn row(
    result: Result<Result<Vec<shouyin::simulator::core::Row>, Refused>, Lost>,
    bill_no: &BillNo,
) -> RowOutcome {
    let rows = match result {
        Err(lost) => return RowOutcome::NoAnswer(lost),
        Ok(Err(refused)) => return RowOutcome::NoAnswer(Lost::Code(refused.code.number())),
        Ok(Ok(rows)) => rows,
    };
    if rows.iter().any(|r| r.bill_no != *bill_no) {
        return RowOutcome::NoAnswer(Lost::Incomplete);
    }
    match <[_; 1]>::try_from(rows) {
        Ok([r]) => RowOutcome::Row(Row {
            paid: r.paid,
            reverted: r.reverted,
            refunded: Some(r.refunded),
            total_fee: r.total_fee,
            bill_fee: r.bill_fee,
            discount: r.discount,
            trade_no: r.trade_no,
            sub_channel: r.sub_channel.counter(),
            id: Some(r.id),
            create_time_ms: Some(r.create_time),
        }),
        Err(rows) if rows.is_empty() => RowOutcome::Empty,
        Err(rows) => RowOutcome::Many(rows.len()),
    }
}
