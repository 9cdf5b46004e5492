//! The calls of the platform that a counter doesn't make every minute: online payments, refunds of
//! them and their approval, members, payouts, identity checks (PROTOCOL 1; 000 §1.5, §1.6, §4).
//!
//! Each channel's and each call's own fields are types. A call is one request to one host, and
//! what gives money away goes at most once over the wire: its result is [`Told`], which keeps
//! *refused*, *never sent* and *unknown* apart.

mod identity;
mod members;
mod online;
mod payout;
mod prerefund;
mod text;

pub use identity::{Checked, Identity};
pub use members::{HistoryBills, Member, MemberQuery, fit_buyer_id};
pub use online::{
    Card, OnlineAnswer, OnlineBill, OnlineChannel, QrPayMode, WeixinApp, WeixinJsapi,
};
pub use payout::{BankKind, BankPayout, CardType, PayoutAccount, WalletPayout};
pub use prerefund::{Approval, Approved, OnlineRefund, OnlineRefunded, RefundDetail, Verdict};

use super::Client;
use super::answer::Body;
use super::request::Signer;
use crate::domain::gateway::{Answer, Host, Lost};
use crate::gateway::detail::clean;
use crate::gateway::transport::{Exchange, Failure, Prepared, Via};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// What came of one call to one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told<T> {
    /// result_code 0, with everything that the documents promise.
    Done(T),
    /// Result codes 1 to 6, and for refunds 8, 9, 10, 12: definite as the answer to the first send.
    Refused {
        /// The result code.
        code: i64,
        /// err_detail or result_msg, cleaned for display.
        detail: String,
    },
    /// Any other result code: it may have been taken.
    Unclear {
        /// The result code.
        code: i64,
        /// err_detail or result_msg, cleaned for display.
        detail: String,
    },
    /// No byte of the request left: no connection, or a field that breaks the server's own rules.
    Unsent {
        /// One line.
        why: String,
    },
    /// Everything else: it may or may not have been taken.
    Lost(Lost),
}

/// A field that breaks the server's own rules: nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}：{rule}")]
pub struct Wrong {
    /// The documents' name.
    pub field: &'static str,
    /// What is allowed.
    pub rule: &'static str,
}

impl Wrong {
    fn new(field: &'static str, rule: &'static str) -> Wrong {
        Wrong { field, rule }
    }
}

/// A text about a person or a card, on its way to the gateway only: it doesn't print.
#[derive(Clone, PartialEq, Eq, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct Private(String);

impl Private {
    /// Takes it.
    pub fn new(text: impl Into<String>) -> Private {
        Private(text.into())
    }

    fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

/// How the result codes of a call are to be understood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codes {
    /// 1 to 6 refuse.
    Common,
    /// 8, 9, 10 and 12 refuse too.
    Refund,
}

impl Codes {
    fn refuses(self, code: i64) -> bool {
        (1..=6).contains(&code) || (self == Codes::Refund && matches!(code, 8 | 9 | 10 | 12))
    }
}

/// A call that is ready, or must not be sent.
struct Call {
    prepared: Result<Prepared, Wrong>,
    via: Via,
    codes: Codes,
}

impl Client {
    /// Signed by master_secret.
    fn by_master<'a>(&'a self, master_secret: &'a SecretString, at_ms: i64) -> Signer<'a> {
        Signer {
            secret: master_secret,
            ..self.signer(at_ms)
        }
    }

    /// Sends it and reads the answer: `read` gives `None` where something that was promised lacks.
    async fn call<T>(
        &self,
        host: &Host,
        call: Call,
        master_secret: Option<&SecretString>,
        read: impl FnOnce(&Body) -> Option<T>,
    ) -> Answer<Told<T>> {
        let sealed = master_secret.is_some_and(|secret| secret.expose_secret().is_empty());
        let exchange = match call.prepared {
            Err(wrong) => Exchange::unsent(wrong.to_string()),
            Ok(_) if sealed => Exchange::unsent("master_secret 是空的：请店长登录".to_owned()),
            Ok(prepared) => self.send(host, call.via, prepared).await,
        };
        let told = match &exchange.body {
            Err(Failure::Unconnected { why, .. }) => Told::Unsent { why: why.clone() },
            Err(Failure::Lost(lost)) => Told::Lost(lost.clone()),
            Ok(body) => self.told(body, call.codes, master_secret, read),
        };
        exchange.answer(host, told)
    }

    fn told<T>(
        &self,
        body: &[u8],
        codes: Codes,
        master_secret: Option<&SecretString>,
        read: impl FnOnce(&Body) -> Option<T>,
    ) -> Told<T> {
        let body = match Body::read(body) {
            Ok(body) => body,
            Err(lost) => return Told::Lost(lost),
        };
        let master = master_secret.map(ExposeSecret::expose_secret);
        let detail = || clean(body.raw_detail(), master, &self.app_secret);
        match body.result_code {
            0 => read(&body).map_or(Told::Lost(Lost::Incomplete), Told::Done),
            code if codes.refuses(code) => Told::Refused {
                code,
                detail: detail(),
            },
            code => Told::Unclear {
                code,
                detail: detail(),
            },
        }
    }

    /// A text of the answer that holds neither of our secrets (I12).
    fn innocent(&self, text: String, master_secret: Option<&SecretString>) -> Option<String> {
        let holds = |secret: &SecretString| crate::gateway::detail::holds(&text, secret);
        let guilty = holds(&self.app_secret) || master_secret.is_some_and(holds);
        (!guilty).then_some(text)
    }
}

#[cfg(test)]
mod tests;
