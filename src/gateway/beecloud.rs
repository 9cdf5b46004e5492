//! BeeCloud and 聚合支付 (JuhePay): the same protocol on other hosts (PROTOCOL 1).
//!
//! One call is one request to one host. It signs, sends, reads and says what was answered; it
//! never retries, never asks a second host and never interprets an answer beyond its words.

use crate::domain::config::{GatewaySettings, Provider, Timing};
use crate::domain::gateway::{
    Answer, ApprovalRequest, Host, ListQuery, Listed, ListedBill, Lost, PayOutcome, PayRequest,
    PreRefundRow, Probe, RefundOutcome, RefundRequest, RefundRow, RefundStatusOutcome,
    RevertOutcome, RowOutcome, StatusOutcome,
};
use crate::domain::{BillNo, Channel, RefundNo};
use crate::gateway::notice::{Claim, Noticed};
use crate::gateway::transport::{Exchange, Failure, Limits, Prepared, Transport, Via};
use crate::gateway::{BoxFuture, Gateway, GatewayError, Invalid};
use lists::List;
use request::{Place, Signer};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::time::Duration;

mod answer;
mod link;
mod lists;
pub mod merchant;
mod notice;
mod probe;
mod refund;
mod refusal;
mod request;
mod sign;
mod validate;
mod waiting;

pub use refund::refund_params_hash;
pub use request::params_hash;
pub use validate::{fit_title, validate};

/// The client for one merchant's application. In the platform's test environment its app_secret
/// is test_secret, and nothing but online bills and their lists ever leaves.
pub struct Client {
    hosts: Vec<Host>,
    app_id: String,
    app_secret: SecretString,
    place: Place,
    transport: Transport,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client; sends nothing. Refuses plain http to anything but loopback. With `sandbox`
    /// the secret is test_secret.
    pub fn new(
        settings: &GatewaySettings,
        timing: &Timing,
        app_secret: SecretString,
    ) -> Result<Client, GatewayError> {
        let seconds = |s: u32| Duration::from_secs(u64::from(s.max(1)));
        let limits = Limits {
            connect: seconds(timing.connect_timeout_s),
            request: seconds(timing.request_timeout_s),
        };
        Client::with_limits(settings, limits, app_secret)
    }

    fn with_limits(
        settings: &GatewaySettings,
        limits: Limits,
        app_secret: SecretString,
    ) -> Result<Client, GatewayError> {
        if settings.provider == Provider::Jubao {
            return Err(GatewayError::OtherProvider);
        }
        if settings.app_id.is_empty() {
            return Err(GatewayError::NoAppId);
        }
        if app_secret.expose_secret().is_empty() {
            return Err(GatewayError::NoSecret);
        }
        Ok(Client {
            hosts: settings.servers.clone(),
            app_id: settings.app_id.clone(),
            app_secret,
            place: match settings.sandbox {
                true => Place::Sandbox,
                false => Place::Live,
            },
            transport: Transport::new(&settings.servers, limits)?,
        })
    }

    fn signer(&self, at_ms: i64) -> Signer<'_> {
        Signer {
            app_id: &self.app_id,
            secret: &self.app_secret,
            at_ms,
            place: self.place,
        }
    }

    /// Every request leaves here. The test environment has no other paths: what would go to the
    /// platform proper is never sent.
    async fn send(&self, host: &Host, via: Via, prepared: Prepared) -> Exchange {
        let inside = prepared.path().starts_with(Place::Sandbox.base());
        if self.place == Place::Sandbox && !inside {
            return Exchange::unsent(Invalid::Sandbox.to_string());
        }
        self.transport.send(host, via, prepared).await
    }

    /// Sends an idempotent request and reads its answer; without one, `lost` says so.
    async fn query<T>(
        &self,
        host: &Host,
        prepared: Prepared,
        read: impl FnOnce(&[u8]) -> T,
        lost: impl FnOnce(Lost) -> T,
    ) -> Answer<T> {
        let exchange = self.send(host, Via::Query, prepared).await;
        let outcome = match &exchange.body {
            Ok(body) => read(body),
            Err(Failure::Unconnected { .. }) => lost(Lost::Unreachable),
            Err(Failure::Lost(why)) => lost(why.clone()),
        };
        exchange.answer(host, outcome)
    }

    async fn send_pay(&self, host: &Host, request: &PayRequest, at_ms: i64) -> Answer<PayOutcome> {
        let exchange = match self.prepare_pay(request, at_ms) {
            Ok(prepared) => self.send(host, Via::Once, prepared).await,
            Err(invalid) => Exchange::unsent(invalid.to_string()),
        };
        let outcome = match &exchange.body {
            Ok(body) => answer::pay(body, request, &self.app_secret),
            Err(Failure::Unconnected { why, .. }) => PayOutcome::Unconnected { why: why.clone() },
            Err(Failure::Lost(why)) => PayOutcome::Lost(why.clone()),
        };
        exchange.answer(host, outcome)
    }
}

impl Client {
    /// The request, or the first rule that forbids it.
    fn prepare_pay(&self, request: &PayRequest, at_ms: i64) -> Result<Prepared, Invalid> {
        validate(request)?;
        let signer = self.signer(at_ms);
        match link::params(request)? {
            Some(params) => Ok(signer.post(link::path(self.place), params)),
            None if self.place == Place::Sandbox => Err(Invalid::Sandbox),
            None => Ok(signer.pay(request)),
        }
    }
}

impl Gateway for Client {
    fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    fn check(&self, request: &PayRequest) -> Result<(), Invalid> {
        self.prepare_pay(request, 0).map(drop)
    }

    fn pay<'a>(
        &'a self,
        host: &'a Host,
        request: &'a PayRequest,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<PayOutcome>> {
        Box::pin(self.send_pay(host, request, at_ms))
    }

    fn status<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<StatusOutcome>> {
        let prepared = self.signer(at_ms).status(bill_no, channel);
        let read = |body: &[u8]| answer::status(body, bill_no, &self.app_secret);
        Box::pin(self.query(host, prepared, read, StatusOutcome::NoAnswer))
    }

    fn revert<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RevertOutcome>> {
        let prepared = self.signer(at_ms).revert(bill_no, channel);
        let read = |body: &[u8]| answer::revert(body, bill_no, &self.app_secret);
        Box::pin(self.query(host, prepared, read, RevertOutcome::NoAnswer))
    }

    fn row<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        let prepared = self.signer(at_ms).bills(bill_no);
        let read = |body: &[u8]| {
            answer::row_without_secret(answer::bills(body, bill_no), &self.app_secret)
        };
        Box::pin(self.query(host, prepared, read, RowOutcome::NoAnswer))
    }

    fn bill_by_id<'a>(
        &'a self,
        host: &'a Host,
        id: &'a str,
        bill_no: &'a BillNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        let read =
            |body: &[u8]| answer::row_without_secret(answer::bill(body, bill_no), &self.app_secret);
        match self.signer(at_ms).bill(id) {
            Some(prepared) => Box::pin(self.query(host, prepared, read, RowOutcome::NoAnswer)),
            None => {
                let unsent = Exchange::unsent(String::new());
                let outcome = RowOutcome::NoAnswer(Lost::Incomplete);
                Box::pin(std::future::ready(unsent.answer(host, outcome)))
            }
        }
    }

    fn read_notice(&self, body: &[u8], legacy: bool) -> Noticed {
        let secrets = notice::Secrets {
            app_id: &self.app_id,
            app: &self.app_secret,
            legacy,
        };
        notice::read(body, &secrets)
    }

    fn is_notice_signed(&self, claim: &Claim, master_secret: &SecretString) -> bool {
        notice::is_signed(claim, &self.app_id, master_secret)
    }

    fn warm<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, ()> {
        Box::pin(self.transport.warm(host))
    }

    fn can_refund(&self) -> bool {
        self.place == Place::Live
    }

    fn check_refund(&self, request: &RefundRequest) -> Result<(), Invalid> {
        refund::check(request)
    }

    fn refund<'a>(
        &'a self,
        host: &'a Host,
        request: &'a RefundRequest,
        master_secret: &'a SecretString,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RefundOutcome>> {
        Box::pin(self.send_refund(host, request, master_secret, at_ms))
    }

    fn refund_status<'a>(
        &'a self,
        host: &'a Host,
        refund_no: &'a RefundNo,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<RefundStatusOutcome>> {
        Box::pin(self.ask_refund_status(host, refund_no, at_ms))
    }

    fn refunds<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<RefundRow>>>> {
        Box::pin(self.list_refunds(host, query, at_ms))
    }

    fn waiting_refunds<'a>(
        &'a self,
        host: &'a Host,
        skip: u32,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<PreRefundRow>>>> {
        Box::pin(self.list_waiting(host, skip, at_ms))
    }

    fn approve<'a>(
        &'a self,
        host: &'a Host,
        request: &'a ApprovalRequest,
        master_secret: &'a SecretString,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<BTreeMap<String, RefundOutcome>>> {
        Box::pin(self.send_word(host, request, master_secret, at_ms))
    }

    fn refunds_count<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<u32>>> {
        Box::pin(self.count(host, List::Refunds, query, at_ms))
    }

    fn bills<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<Vec<ListedBill>>>> {
        Box::pin(self.list_bills(host, query, at_ms))
    }

    fn bills_count<'a>(
        &'a self,
        host: &'a Host,
        query: &'a ListQuery,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Listed<u32>>> {
        Box::pin(self.count(host, List::Bills, query, at_ms))
    }

    fn probe<'a>(
        &'a self,
        host: &'a Host,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Probe>> {
        Box::pin(self.send_probe(host, channel, at_ms))
    }
}

#[cfg(test)]
pub(in crate::gateway) mod samples;
#[cfg(test)]
pub(in crate::gateway) mod scripted_tests;
#[cfg(test)]
mod wire_tests;
