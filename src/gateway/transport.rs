//! HTTP to one host: what left, what came back, by when. Knows nothing of bills.
//!
//! HTTP/1.1, TLS verified, no redirects, no proxy, no automatic retry (PROTOCOL: time and
//! transport). A failure is *unconnected* only when provably no byte of the request left.

use super::warm::{Slot, WarmLayer};
use super::why::{innermost, is_tls, why};
use crate::domain::gateway::{Answer, Host, Lost};
use crate::gateway::GatewayError;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode, Url};
use std::error::Error as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

/// An answer is at most this long, whatever its Content-Length says.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A connection for pay or refund is new or was opened within this time (FATE 1); idle ones of
/// queries end.
const FRESH: Duration = Duration::from_secs(5);

/// One request, ready to be sent. Has no `Debug`: a pay body holds the payment code.
pub(super) enum Prepared {
    /// POST with a JSON body.
    Post { path: String, body: Vec<u8> },
    /// PUT with a JSON body.
    Put { path: String, body: Vec<u8> },
    /// GET; the path carries `para`.
    Get { path: String },
}

impl Prepared {
    /// The path without `para`: all of a request that a log may hold.
    pub fn path(&self) -> &str {
        let (Prepared::Post { path, .. } | Prepared::Put { path, .. } | Prepared::Get { path }) =
            self;
        path.split('?').next().unwrap_or(path)
    }
}

/// The two time-outs.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// DNS, TCP and TLS together.
    pub connect: Duration,
    /// The whole request, the last byte of the body included.
    pub request: Duration,
}

/// Which client sends it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    /// Pay and refund. No pool: nothing is ever sent again by itself.
    Once,
    /// Idempotent requests, on kept connections. hyper-util may move one that was never written
    /// from a closed kept connection to a new one; it is still at most once on the wire.
    Query,
}

/// Why there is no body to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// No byte of the request left.
    Unconnected {
        /// One line.
        why: String,
        /// It was the TLS handshake: the host had an address and took the connection.
        tls: bool,
    },
    /// It may have arrived.
    Lost(Lost),
}

/// One request's end.
pub(super) struct Exchange {
    pub body: Result<Vec<u8>, Failure>,
    /// The answer's Date, UTC ms, also where the body is of no use. Every host here is
    /// TLS-verified or loopback.
    pub date_ms: Option<i64>,
    /// 0 where nothing was sent.
    pub took_ms: u32,
}

struct Server {
    host: Host,
    /// Without a trailing slash.
    base: String,
    url: Url,
    slot: Arc<Slot>,
}

/// The clients and the hosts they may speak to.
pub(super) struct Transport {
    servers: Vec<Server>,
    once: Client,
    query: Client,
    limits: Limits,
}

impl Transport {
    pub fn new(hosts: &[Host], limits: Limits) -> Result<Transport, GatewayError> {
        if hosts.is_empty() {
            return Err(GatewayError::NoHost);
        }
        let urls: Vec<Url> = hosts.iter().map(check_host).collect::<Result<_, _>>()?;
        let with_tls = urls.iter().any(|u| u.scheme() == "https");
        let servers = hosts.iter().zip(&urls).map(|(host, url)| Server {
            host: host.clone(),
            base: url.as_str().trim_end_matches('/').to_owned(),
            url: url.clone(),
            slot: Slot::new(FRESH),
        });
        let build = |builder: ClientBuilder| {
            builder
                .build()
                .map_err(|e| GatewayError::Tls(innermost(&e)))
        };
        Ok(Transport {
            servers: servers.collect(),
            once: build(
                builder(limits, with_tls)
                    .pool_max_idle_per_host(0)
                    .connector_layer(WarmLayer),
            )?,
            query: build(builder(limits, with_tls).pool_idle_timeout(FRESH))?,
            limits,
        })
    }

    /// The time for DNS, TCP and TLS together.
    pub fn connect_limit(&self) -> Duration {
        self.limits.connect
    }

    /// A configured host's base URL.
    pub fn url(&self, host: &Host) -> Option<&Url> {
        self.server(host).map(|s| &s.url)
    }

    fn server(&self, host: &Host) -> Option<&Server> {
        self.servers.iter().find(|s| s.host == *host)
    }

    /// Sends one request to one configured host.
    pub async fn send(&self, host: &Host, via: Via, prepared: Prepared) -> Exchange {
        let Some(server) = self.server(host) else {
            return Exchange::unsent(format!("网关地址 {host} 不在设置里"));
        };
        let path = prepared.path().to_owned();
        let began = Instant::now();
        let sending = self.request(server, via, prepared).send();
        let sent = match via {
            Via::Once => server.slot.take_for(sending).await,
            Via::Query => sending.await,
        };
        let (body, date_ms) = match sent {
            Ok(response) => {
                let date_ms = date_of(&response);
                (read(response).await.map_err(Failure::Lost), date_ms)
            }
            Err(error) => (Err(failure(&error, host)), None),
        };
        let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let failed = body.as_ref().err();
        tracing::debug!(%host, path, took_ms, ?failed, "asked the gateway");
        let unsent = matches!(failed, Some(Failure::Unconnected { .. }));
        Exchange {
            took_ms: if unsent { 0 } else { took_ms },
            date_ms,
            body,
        }
    }

    fn request(&self, server: &Server, via: Via, prepared: Prepared) -> RequestBuilder {
        let client = match via {
            Via::Once => &self.once,
            Via::Query => &self.query,
        };
        let json = |request: RequestBuilder, body| {
            request
                .header("content-type", "application/json")
                .body(body)
        };
        match prepared {
            Prepared::Post { path, body } => {
                json(client.post(format!("{}{path}", server.base)), body)
            }
            Prepared::Put { path, body } => {
                json(client.put(format!("{}{path}", server.base)), body)
            }
            Prepared::Get { path } => client.get(format!("{}{path}", server.base)),
        }
    }

    /// Opens pay's next connection ahead. Sends no byte of any request.
    pub async fn warm(&self, host: &Host) {
        if let Some(server) = self.server(host) {
            server
                .slot
                .fill_by(self.once.get(&server.base).send())
                .await;
        }
    }
}

impl Exchange {
    /// What was said, by whom and when.
    pub fn answer<T>(&self, host: &Host, outcome: T) -> Answer<T> {
        let Exchange {
            date_ms, took_ms, ..
        } = *self;
        Answer {
            outcome,
            host: host.clone(),
            date_ms,
            took_ms,
        }
    }
}

impl Exchange {
    /// Nothing was sent.
    pub fn unsent(why: String) -> Exchange {
        Exchange {
            body: Err(Failure::Unconnected { why, tls: false }),
            date_ms: None,
            took_ms: 0,
        }
    }
}

/// What both clients have in common.
fn builder(limits: Limits, with_tls: bool) -> ClientBuilder {
    // rustls must be told which implementation to use, once a process; a second time changes
    // nothing and is no error.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let loopback: [SocketAddr; 2] = [
        (Ipv4Addr::LOCALHOST, 0).into(),
        (Ipv6Addr::LOCALHOST, 0).into(),
    ];
    let builder = Client::builder()
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(concat!("shouyin/", env!("CARGO_PKG_VERSION")))
        .resolve_to_addrs("localhost", &loopback)
        .connect_timeout(limits.connect)
        .timeout(limits.request);
    // Practice needs no certificates, and must start on a machine that has none.
    if with_tls {
        builder
    } else {
        builder.tls_certs_only([])
    }
}

/// A base URL: https, or http to loopback; nothing but scheme, host, port and perhaps a path.
fn check_host(host: &Host) -> Result<Url, GatewayError> {
    let bad = || GatewayError::BadHost(shown(host));
    let url = Url::parse(&host.0).map_err(|_| bad())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let name = url.host_str().filter(|n| !n.is_empty()).ok_or_else(bad)?;
    match url.scheme() {
        _ if !plain => Err(bad()),
        "https" => Ok(url),
        "http" if is_loopback(name) => Ok(url),
        "http" => Err(GatewayError::PlainHttp(shown(host))),
        _ => Err(bad()),
    }
}

/// A host as an error may show it: without anything that could be a password.
fn shown(host: &Host) -> String {
    match host.0.rsplit_once('@') {
        Some((_, after)) => format!("…@{after}"),
        None => host.0.clone(),
    }
}

fn is_loopback(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|a| a.is_loopback())
}

/// The body of a 200, bounded while it streams; Content-Length is not believed.
async fn read(mut response: Response) -> Result<Vec<u8>, Lost> {
    if response.status() != StatusCode::OK {
        return Err(Lost::Http(response.status().as_u16()));
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(Lost::Unreadable),
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => return Err(Lost::Timeout),
            Err(_) => return Err(Lost::Unreadable),
        }
    }
}

fn date_of(response: &Response) -> Option<i64> {
    let text = response.headers().get("date")?.to_str().ok()?;
    let date = httpdate::parse_http_date(text).ok()?;
    i64::try_from(date.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// What a request without an HTTP answer means. `is_connect` is hyper-util's `Connect` kind, made
/// only from errors of the connector: DNS, TCP, TLS handshake, and the connect time-out around
/// them. Whatever fails later, even before a byte was written, is counted as perhaps sent.
fn failure(error: &reqwest::Error, host: &Host) -> Failure {
    if error.is_connect() {
        return Failure::Unconnected {
            why: why(error, host),
            tls: is_tls(error),
        };
    }
    if error.is_timeout() {
        return Failure::Lost(Lost::Timeout);
    }
    let mut source = error.source();
    while let Some(inner) = source {
        if inner
            .downcast_ref::<hyper::Error>()
            .is_some_and(|e| e.is_parse())
        {
            return Failure::Lost(Lost::Unreadable);
        }
        source = inner.source();
    }
    Failure::Lost(Lost::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str) -> Result<(), GatewayError> {
        check_host(&Host(host.to_owned())).map(|_| ())
    }

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for host in [
            "https://api.beecloud.cn",
            "https://payapi.juhe.cn:8443/pay/",
            "http://127.0.0.1:9000",
            "http://127.8.0.1",
            "http://[::1]:80",
            "http://localhost:1",
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
        for host in [
            "http://api.beecloud.cn",
            "http://192.168.1.1",
            "http://0.0.0.0",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert_eq!(
                check(host),
                Err(GatewayError::PlainHttp(host.to_owned())),
                "{host}"
            );
        }
        for host in [
            "",
            "api.beecloud.cn",
            "ftp://x",
            "https://",
            "https://x/?a",
            "https://x#a",
        ] {
            assert_eq!(
                check(host),
                Err(GatewayError::BadHost(host.to_owned())),
                "{host}"
            );
        }
        let error = check("https://me:hunter2@x").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
