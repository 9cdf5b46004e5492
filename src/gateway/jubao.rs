//! 聚宝 Pay (PROTOCOL 3): a page that is shown as a QR, and a query. Refund, close, revert and
//! barcode are not documented: none is offered.
//!
//! A bill is asked about by 聚宝's own order_sn, or by our number where the answer with it was
//! lost. I9: an answer counts only with our number and the bill's amount.

mod answer;
mod sign;

use crate::domain::bill::BillNo;
use crate::domain::config::{GatewaySettings, Provider, Timing};
use crate::domain::gateway::{
    Answer, Host, Lost, PayOutcome, PayRequest, Probe, RevertOutcome, RowOutcome, StatusOutcome,
};
use crate::domain::{Channel, time};
use crate::gateway::beecloud::validate;
use crate::gateway::notice::Noticed;
use crate::gateway::transport::{Exchange, Failure, Limits, Prepared, Transport, Via};
use crate::gateway::{BoxFuture, Gateway, GatewayError, Invalid, nothing};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sign::{Fields, sign};
use std::time::Duration;

const PAY: &str = "/index.php?_m=pay_gateway&_a=apply_pay";
const QUERY: &str = "/index.php?_m=payment&_a=query";

/// The client for one merchant.
pub struct Client {
    hosts: Vec<Host>,
    mch_id: String,
    key: SecretString,
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
    /// Makes a client; sends nothing. Refuses plain http to anything but loopback.
    ///
    /// # Errors
    /// What is missing or wrong in the settings.
    pub fn new(
        settings: &GatewaySettings,
        timing: &Timing,
        key: SecretString,
    ) -> Result<Client, GatewayError> {
        let seconds = |s: u32| Duration::from_secs(u64::from(s.max(1)));
        if settings.provider != Provider::Jubao {
            return Err(GatewayError::OtherProvider);
        }
        if settings.app_id.is_empty() {
            return Err(GatewayError::NoAppId);
        }
        if key.expose_secret().is_empty() {
            return Err(GatewayError::NoSecret);
        }
        let limits = Limits {
            connect: seconds(timing.connect_timeout_s),
            request: seconds(timing.request_timeout_s),
        };
        Ok(Client {
            hosts: settings.servers.clone(),
            mch_id: settings.app_id.clone(),
            key,
            transport: Transport::new(&settings.servers, limits)?,
        })
    }

    fn signed(&self, path: &str, mut fields: Fields) -> Prepared {
        fields.insert("mch_id", json!(self.mch_id));
        let sign = sign(&fields, &self.key);
        fields.insert("sign", json!(sign));
        Prepared::Post {
            path: path.to_owned(),
            body: canonical(&fields),
        }
    }

    fn apply_pay(&self, request: &PayRequest, pay_channel_id: u32) -> Prepared {
        let mut fields = Fields::from([
            ("pay_channel_id", json!(pay_channel_id)),
            ("total_fee", json!(request.amount.0)),
            ("out_trade_no", json!(request.bill_no.as_str())),
            ("body", json!(request.title)),
            // Without it the text would be signed double-encoded.
            ("version", json!("2")),
        ]);
        if let Some(url) = request.notify_url.as_ref().filter(|url| !url.is_empty()) {
            fields.insert("notify_url", json!(url));
        }
        self.signed(PAY, fields)
    }

    /// Asked by order_sn.
    fn ask(&self, order_sn: &str) -> Prepared {
        self.signed(QUERY, Fields::from([("order_sn", json!(order_sn))]))
    }

    async fn send_pay(&self, host: &Host, request: &PayRequest) -> Answer<PayOutcome> {
        let exchange = match (validate(request), pay_channel_id(request.channel)) {
            (Err(invalid), _) => Exchange::unsent(invalid.to_string()),
            (Ok(()), None) => Exchange::unsent("聚宝 Pay 没有这种收款方式".to_owned()),
            (Ok(()), Some(id)) => {
                let prepared = self.apply_pay(request, id);
                self.transport.send(host, Via::Once, prepared).await
            }
        };
        let outcome = match &exchange.body {
            Ok(body) => answer::pay(body, request, &self.key),
            Err(Failure::Unconnected { why, .. }) => PayOutcome::Unconnected { why: why.clone() },
            Err(Failure::Lost(why)) => PayOutcome::Lost(why.clone()),
        };
        exchange.answer(host, outcome)
    }

    async fn query(&self, host: &Host, bill_no: &BillNo, number: &str) -> Answer<RowOutcome> {
        let prepared = self.ask(number);
        let exchange = self.transport.send(host, Via::Query, prepared).await;
        let outcome = match &exchange.body {
            Ok(body) => answer::query(body, bill_no, &self.key),
            Err(Failure::Unconnected { .. }) => RowOutcome::NoAnswer(Lost::Unreachable),
            Err(Failure::Lost(why)) => RowOutcome::NoAnswer(why.clone()),
        };
        exchange.answer(host, outcome)
    }

    /// Asks about an order that nobody has: an answer in its envelope shows that the host is one
    /// of 聚宝's; whether the signature is right shows only at the first payment.
    async fn send_probe(&self, host: &Host, at_ms: i64) -> Answer<Probe> {
        let nobodys = format!("{}0", time::Day::of(at_ms));
        let prepared = self.ask(&nobodys);
        let exchange = self.transport.send(host, Via::Query, prepared).await;
        let outcome = match &exchange.body {
            Ok(body) => answer::probe(body, &self.key),
            Err(Failure::Unconnected { why, tls: true }) => Probe::Tls(why.clone()),
            Err(Failure::Unconnected { why, .. }) => Probe::Connect(why.clone()),
            Err(Failure::Lost(why)) => Probe::NoAnswer(why.clone()),
        };
        exchange.answer(host, outcome)
    }
}

/// 101 支付宝 WAP, 201 微信 H5.
fn pay_channel_id(channel: Channel) -> Option<u32> {
    match channel {
        Channel::JubaoAliWap => Some(101),
        Channel::JubaoWxH5 => Some(201),
        _ => None,
    }
}

/// JSON with sorted keys: the same request always has the same bytes.
fn canonical(fields: &Fields) -> Vec<u8> {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}:{value}", Value::from(*name)))
        .collect();
    format!("{{{}}}", fields.join(",")).into_bytes()
}

impl Gateway for Client {
    fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    fn check(&self, request: &PayRequest) -> Result<(), Invalid> {
        validate(request)
    }

    fn pay<'a>(
        &'a self,
        host: &'a Host,
        request: &'a PayRequest,
        _at_ms: i64,
    ) -> BoxFuture<'a, Answer<PayOutcome>> {
        Box::pin(self.send_pay(host, request))
    }

    fn status<'a>(
        &'a self,
        host: &'a Host,
        _bill_no: &'a BillNo,
        _channel: Option<Channel>,
        _at_ms: i64,
    ) -> BoxFuture<'a, Answer<StatusOutcome>> {
        // There is no status call: the order's query answers (Channel::has_status).
        nothing(host, StatusOutcome::NoAnswer(Lost::Unreachable))
    }

    fn revert<'a>(
        &'a self,
        host: &'a Host,
        _bill_no: &'a BillNo,
        _channel: Option<Channel>,
        _at_ms: i64,
    ) -> BoxFuture<'a, Answer<RevertOutcome>> {
        // Not documented (Channel::is_revertible).
        nothing(host, RevertOutcome::ChannelRefused)
    }

    fn row<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        _at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        Box::pin(self.query(host, bill_no, bill_no.as_str()))
    }

    fn row_by_number<'a>(
        &'a self,
        host: &'a Host,
        bill_no: &'a BillNo,
        gateway_no: Option<&'a str>,
        _at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        Box::pin(self.query(host, bill_no, gateway_no.unwrap_or(bill_no.as_str())))
    }

    fn bill_by_id<'a>(
        &'a self,
        host: &'a Host,
        id: &'a str,
        bill_no: &'a BillNo,
        _at_ms: i64,
    ) -> BoxFuture<'a, Answer<RowOutcome>> {
        Box::pin(self.query(host, bill_no, id))
    }

    fn read_notice(&self, body: &[u8], _legacy: bool) -> Noticed {
        answer::notice(body, &self.key)
    }

    fn notice_word(&self) -> &'static str {
        "SUCCESS"
    }

    fn warm<'a>(&'a self, host: &'a Host) -> BoxFuture<'a, ()> {
        Box::pin(self.transport.warm(host))
    }

    fn probe<'a>(
        &'a self,
        host: &'a Host,
        _channel: Option<Channel>,
        at_ms: i64,
    ) -> BoxFuture<'a, Answer<Probe>> {
        Box::pin(self.send_probe(host, at_ms))
    }
}

#[cfg(test)]
mod tests;
