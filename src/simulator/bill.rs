//! One bill as gateway and wallet hold it. Its life is a function of gateway time: what is due is
//! applied in the order of its moments whenever the bill is looked at.
//!
//! Invariant: money is taken at most once, never after expiry, revert or a wallet's refusal; a
//! revert of a paid bill always gives it back.

use super::channel::{Parent, Sub};
use super::faults::Faults;
use crate::domain::practice::Act;
use crate::domain::{BillNo, Channel, Fen, Wallet};
use serde::{Deserialize, Serialize};

/// A bill. All fields are plain so that a test can put it into any state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bill {
    /// Unique for ever.
    pub bill_no: BillNo,
    /// The gateway's id of the row.
    pub id: String,
    /// The channel the request named.
    pub asked: Sub,
    /// The channel it became: SCAN and BC_SCAN are resolved by the code's prefix.
    pub channel: Sub,
    /// The wallet, or whose ways are played ([`Sub::wallet`]).
    pub wallet: Wallet,
    /// total_fee of the request (分).
    pub fee: Fen,
    /// What the wallet took off (分); the row then shows bill_fee and discount.
    pub discount: Fen,
    /// As sent.
    pub title: String,
    /// `optional` as JSON text; empty where none was sent.
    pub optional: String,
    /// Gateway ms.
    pub created_at: i64,
    /// Not payable from this gateway ms on.
    pub expires_at: i64,
    /// When the customer will pay, gateway ms; `None`: never.
    pub pay_at: Option<i64>,
    /// When the customer paid.
    pub paid_at: Option<i64>,
    /// When an accepted revert will take effect.
    pub revert_at: Option<i64>,
    /// When it was reverted.
    pub reverted_at: Option<i64>,
    /// The wallet refused the payment code: never payable.
    pub refused: bool,
    /// The wallet's number once it is paid.
    pub trade_no: String,
    /// The QR's content.
    pub code_url: Option<String>,
    /// Where the merchant wants to be told.
    #[serde(default)]
    pub notify_url: Option<String>,
    /// Whose bill it is, by the merchant's own number; shown nowhere and not kept.
    #[serde(skip)]
    pub buyer_id: Option<String>,
    /// How the gateway's books differ from what happened.
    #[serde(default)]
    pub plant: Option<Plant>,
    /// This bill's own faults; `None`: the gateway-wide ones.
    #[serde(skip)]
    pub faults: Option<Faults>,
}

/// A difference that was planted into the gateway's books, for reconciliation to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Plant {
    /// No till made this bill.
    Added,
    /// The bill is gone from every list, row and status.
    Hidden,
    /// total_fee is this (分).
    Amount(Fen),
    /// The bill is not paid.
    Unpaid,
}

/// What really happened, for a test's invariants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The gateway holds the bill.
    pub exists: bool,
    /// total_fee (分); 0 where it does not exist.
    pub amount: Fen,
    /// The channel it became, where it is a counter's.
    pub channel: Option<Channel>,
    /// When the customer paid, gateway ms.
    pub paid_at: Option<i64>,
    /// When it was reverted, gateway ms.
    pub reverted_at: Option<i64>,
    /// It was paid and all of the money went back.
    pub returned: bool,
    /// What successful refunds gave back (分); a revert is not in it.
    pub refunded: Fen,
    /// What unfinished refunds may still give back (分).
    pub refunding: Fen,
    /// A customer could pay it at this moment.
    pub payable_now: bool,
    /// When the played customer is going to pay, gateway ms.
    pub pay_at: Option<i64>,
    /// Not payable from this gateway ms on.
    pub expires_at: Option<i64>,
}

impl Truth {
    /// The merchant has the money.
    pub fn kept(&self) -> bool {
        self.paid_at.is_some() && !self.returned
    }

    /// Of a bill that the gateway doesn't know.
    pub const UNKNOWN: Truth = Truth {
        exists: false,
        amount: Fen::ZERO,
        channel: None,
        paid_at: None,
        reverted_at: None,
        returned: false,
        refunded: Fen::ZERO,
        refunding: Fen::ZERO,
        payable_now: false,
        pay_at: None,
        expires_at: None,
    };
}

impl Bill {
    /// Applies what is due up to `now_ms`: the customer's payment and an accepted revert, in the
    /// order of their moments.
    pub fn settle(&mut self, now_ms: i64) {
        let due = |at: Option<i64>| at.filter(|at| *at <= now_ms);
        match (due(self.pay_at), due(self.revert_at)) {
            (Some(pay), Some(revert)) if revert < pay => {
                self.revert(revert);
                self.pay(pay);
            }
            (pay, revert) => {
                if let Some(at) = pay {
                    self.pay(at);
                }
                if let Some(at) = revert {
                    self.revert(at);
                }
            }
        }
    }

    /// Whether a customer could pay at `at_ms`, provided everything due before is applied.
    pub fn is_payable(&self, at_ms: i64) -> bool {
        let open = self.paid_at.is_none() && self.reverted_at.is_none() && !self.refused;
        open && (self.created_at..self.expires_at).contains(&at_ms)
    }

    /// The customer pays at `at_ms`, if that is still possible.
    pub fn pay(&mut self, at_ms: i64) {
        self.pay_at = None;
        if self.is_payable(at_ms) {
            self.paid_at = Some(at_ms);
        }
    }

    /// Undoes the bill at `at_ms`: closed for ever, and what was paid goes back. Once is enough.
    pub fn revert(&mut self, at_ms: i64) {
        self.revert_at = None;
        self.reverted_at = self.reverted_at.or(Some(at_ms));
    }

    /// Paid, and not undone: what status calls paid.
    pub fn is_paid(&self) -> bool {
        self.paid_at.is_some() && self.reverted_at.is_none()
    }

    /// When the played customer pays: `act`, beginning at `from_ms`, with delays times `factor`.
    pub fn play(&mut self, act: Act, from_ms: i64, factor: f64) {
        let scaled = |ms: i64| (ms as f64 * factor) as i64;
        self.pay_at = match act {
            Act::Pay if self.channel.is_scan() => Some(from_ms),
            Act::Pay => Some(from_ms.saturating_add(scaled(3_000))),
            Act::Password => Some(from_ms.saturating_add(scaled(6_000))),
            Act::Late => {
                let ms = if self.channel.is_scan() {
                    55_000
                } else {
                    170_000
                };
                Some(from_ms.max(self.created_at.saturating_add(scaled(ms))))
            }
            Act::Never | Act::NoMoney => None,
        };
    }

    /// What the customer pays (分).
    pub fn total_fee(&self) -> Fen {
        Fen(self.fee.0.saturating_sub(self.discount.0))
    }

    /// What channel stands in its row.
    pub fn parent(&self) -> Parent {
        self.channel.parent()
    }

    /// When it was paid, as the gateway's books have it.
    pub fn booked_at(&self) -> Option<i64> {
        self.paid_at.filter(|_| self.plant != Some(Plant::Unpaid))
    }

    /// What really happened, at `now_ms`, beside successful and unfinished refunds of so much;
    /// [`Bill::settle`] goes before.
    pub fn truth(&self, now_ms: i64, refunded: Fen, refunding: Fen) -> Truth {
        Truth {
            exists: true,
            amount: self.fee,
            channel: self.channel.counter(),
            paid_at: self.paid_at,
            reverted_at: self.reverted_at,
            returned: self.paid_at.is_some()
                && (self.reverted_at.is_some() || refunded >= self.total_fee()),
            refunded,
            refunding,
            payable_now: self.is_payable(now_ms),
            pay_at: self.pay_at,
            expires_at: Some(self.expires_at),
        }
    }
}
