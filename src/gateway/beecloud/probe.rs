//! The connection test: asks about a bill that nobody has, and tells apart what went wrong on the
//! way. Only the question itself decides that something is wrong; what is done after it (resolving
//! the name, connecting) merely names the step where the error does not.

use super::Client;
use super::answer::Body;
use super::request::{Params, Place, Signer};
use crate::domain::gateway::{Answer, Host, Lost, Probe};
use crate::domain::{BillNo, Channel};
use crate::gateway::detail::clean;
use crate::gateway::transport::{Exchange, Failure, Prepared, Via};
use crate::gateway::why::line;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// A number that no till draws (it begins with no date).
const NOBODYS: &str = "PROBE00000000";

/// At most this many of a name's addresses are tried.
const MAX_ADDRESSES: usize = 8;

impl Signer<'_> {
    /// The status of nobody's bill where the channel has one; else its row. SCAN and BC_SCAN have
    /// no status under their own name (PROTOCOL: channels at a counter), so theirs names none.
    fn probe(&self, channel: Option<Channel>) -> Option<Prepared> {
        let no = BillNo::parse(NOBODYS)?;
        match channel {
            // The test environment has no status call, and lists by its own path.
            _ if self.place == Place::Sandbox => Some(self.bills(&no)),
            Some(channel) if channel.has_status() => {
                Some(self.status(&no, Some(channel).filter(|c| !c.is_unified())))
            }
            Some(channel) => {
                let mut params = Params::from([("bill_no", json!(no.as_str()))]);
                params.insert("channel", json!(channel.name()));
                Some(self.get("/2/rest/bills", params))
            }
            None => Some(self.bills(&no)),
        }
    }
}

impl Client {
    pub(super) async fn send_probe(
        &self,
        host: &Host,
        channel: Option<Channel>,
        at_ms: i64,
    ) -> Answer<Probe> {
        let (Some(url), Some(prepared)) =
            (self.transport.url(host), self.signer(at_ms).probe(channel))
        else {
            let why = format!("网关地址 {host} 不在设置里");
            return Exchange::unsent(String::new()).answer(host, Probe::Connect(why));
        };
        let exchange = self.send(host, Via::Once, prepared).await;
        let outcome = match &exchange.body {
            Ok(body) => {
                let by_status =
                    self.place == Place::Live && channel.is_some_and(Channel::has_status);
                read(body, by_status, &self.app_secret)
            }
            Err(Failure::Lost(why)) => Probe::NoAnswer(why.clone()),
            Err(Failure::Unconnected { why, tls: true }) => Probe::Tls(why.clone()),
            Err(Failure::Unconnected { why, tls: false }) => {
                let limit = self.transport.connect_limit();
                match reach(host, url, limit).await {
                    Err(step) => step,
                    Ok(()) if url.scheme() == "https" => Probe::Tls(why.clone()),
                    Ok(()) => Probe::Connect(why.clone()),
                }
            }
        };
        exchange.answer(host, outcome)
    }
}

/// The answer to the question, if it is one: a 0 must have what was asked for.
fn read(body: &[u8], by_status: bool, secret: &SecretString) -> Probe {
    let body = match Body::read(body) {
        Ok(body) => body,
        Err(lost) => return Probe::NoAnswer(lost),
    };
    let whole = match by_status {
        true => body.get("pay_result").is_boolean(),
        false => body.get("bills").is_array(),
    };
    match body.result_code {
        0 if !whole => Probe::NoAnswer(Lost::Incomplete),
        code => Probe::Code {
            code,
            detail: clean(body.raw_detail(), None, secret),
        },
    }
}

/// Resolves the name and opens a connection. Sends nothing.
async fn reach(host: &Host, url: &Url, limit: Duration) -> Result<(), Probe> {
    let dns = |cause: String| Probe::Dns(line(host, "域名解析失败，请检查网络和地址", &cause));
    let found = timeout(limit, addresses(url)).await;
    let found = match found {
        Ok(Ok(found)) if !found.is_empty() => found,
        Ok(Ok(_)) => return Err(dns("没有地址".to_owned())),
        Ok(Err(error)) => return Err(dns(error.to_string())),
        Err(_) => return Err(dns("超时".to_owned())),
    };
    let each = limit / u32::try_from(found.len()).unwrap_or(u32::MAX).max(1);
    let mut cause = String::new();
    for address in found {
        match timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => cause = error.to_string(),
            Err(_) => cause = "超时".to_owned(),
        }
    }
    Err(Probe::Connect(line(
        host,
        "连接失败，请检查网络和端口",
        &cause,
    )))
}

/// As the client resolves: localhost is this machine, whatever the system says.
async fn addresses(url: &Url) -> std::io::Result<Vec<SocketAddr>> {
    let port = url.port_or_known_default().unwrap_or(443);
    let name = url.host_str().unwrap_or("");
    if name == "localhost" {
        let loopback = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            IpAddr::from(Ipv6Addr::LOCALHOST),
        ];
        return Ok(loopback.map(|ip| SocketAddr::new(ip, port)).to_vec());
    }
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let found = lookup_host((bare, port)).await?;
    Ok(found.take(MAX_ADDRESSES).collect())
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
