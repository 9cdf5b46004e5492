//! An honest gateway behind a bad network: what arrived happened; its rows lag, by less than a
//! minute.

use super::driver::{BILL, bill_row};
use crate::domain::Fen;
use crate::domain::gateway::{RefundOutcome, RefundRow, RefundStatusOutcome, RowOutcome};
use crate::domain::refund::RefundChannel;

/// What was paid for the bill.
pub const PAID: i64 = 1234;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wallet {
    Pending,
    Refunded,
    Failed,
}

#[derive(Debug, Clone)]
pub struct Held {
    pub number: String,
    pub fee: i64,
    pub wallet: Wallet,
    /// Its row is there from then on.
    pub visible_at: i64,
}

/// What the gateway makes of a request when it arrives.
#[derive(Debug, Clone, Copy)]
pub enum Verdict {
    Takes(Wallet),
    Refuses(i64),
    Fails(i64),
}

#[derive(Debug, Clone)]
pub struct Request {
    pub number: String,
    pub fee: i64,
    pub verdict: Verdict,
    /// How long its row lags.
    pub lag: i64,
}

/// Its books: the truth.
pub struct Gateway {
    pub channel: RefundChannel,
    /// It checks the balance itself (12).
    pub checks: bool,
    pub held: Vec<Held>,
    /// Still in the network.
    pub coming: Vec<(i64, Request)>,
}

impl Gateway {
    pub fn new(channel: RefundChannel, checks: bool) -> Gateway {
        Gateway {
            channel,
            checks,
            held: Vec::new(),
            coming: Vec::new(),
        }
    }

    /// Successful and unfinished refunds.
    pub fn taken(&self) -> i64 {
        let live = self.held.iter().filter(|h| h.wallet != Wallet::Failed);
        live.map(|h| h.fee).sum()
    }

    pub fn find(&self, number: &str) -> Option<&Held> {
        self.held.iter().find(|h| h.number == number)
    }

    pub fn arrive(&mut self, request: Request, t: i64) -> RefundOutcome {
        let detail = String::new();
        if self.find(&request.number).is_some() {
            // Its own first send stands in the way, and it says so in either way.
            return match request.verdict {
                Verdict::Refuses(_) => RefundOutcome::Refused { code: 12, detail },
                _ => RefundOutcome::Unclear { code: 11, detail },
            };
        }
        if self.checks && self.taken() + request.fee > PAID {
            return RefundOutcome::Refused { code: 12, detail };
        }
        let wallet = match request.verdict {
            Verdict::Refuses(code) => return RefundOutcome::Refused { code, detail },
            Verdict::Fails(code) => return RefundOutcome::Unclear { code, detail },
            Verdict::Takes(wallet) => wallet,
        };
        self.held.push(Held {
            number: request.number,
            fee: request.fee,
            wallet,
            visible_at: t + request.lag,
        });
        match wallet {
            Wallet::Refunded => RefundOutcome::Done,
            _ => RefundOutcome::Processing,
        }
    }

    /// What the network still held arrives.
    pub fn pass(&mut self, t: i64) {
        let coming = std::mem::take(&mut self.coming);
        for (at, request) in coming {
            match at <= t {
                true => drop(self.arrive(request, at)),
                false => self.coming.push((at, request)),
            }
        }
    }

    pub fn rows(&self, number: Option<&str>, t: i64) -> Vec<RefundRow> {
        let fits = |h: &&Held| h.visible_at <= t && number.is_none_or(|n| n == h.number);
        self.held.iter().filter(fits).map(row_of).collect()
    }

    pub fn status(&self, number: &str) -> RefundStatusOutcome {
        match self.find(number).map(|h| h.wallet) {
            None => RefundStatusOutcome::NoSuchRefund,
            Some(Wallet::Pending) => RefundStatusOutcome::Processing,
            Some(Wallet::Refunded) => RefundStatusOutcome::Success,
            Some(Wallet::Failed) => RefundStatusOutcome::Failed,
        }
    }

    pub fn bill(&self) -> RowOutcome {
        let refunded = self.held.iter().any(|h| h.wallet == Wallet::Refunded);
        bill_row(Some(refunded))
    }

    /// The wallet finishes its oldest refund.
    pub fn finish(&mut self, refunded: bool) {
        let open = |h: &&mut Held| h.wallet == Wallet::Pending;
        if let Some(held) = self.held.iter_mut().find(open) {
            held.wallet = match refunded {
                true => Wallet::Refunded,
                false => Wallet::Failed,
            };
        }
    }
}

fn row_of(held: &Held) -> RefundRow {
    RefundRow {
        refund_no: held.number.clone(),
        bill_no: BILL.into(),
        fee: Fen(held.fee),
        finish: held.wallet != Wallet::Pending,
        result: (held.wallet != Wallet::Pending).then_some(held.wallet == Wallet::Refunded),
        channel: None,
        create_time_ms: None,
    }
}
