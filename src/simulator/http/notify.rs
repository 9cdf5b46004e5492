//! The gateway's own notices (000 §3): POSTed to the merchant until the answer is literally
//! `success`, at 2, 4, 8 … 2^17 s after the first time; 聚宝's until `SUCCESS`.
//!
//! They go to `http://` on loopback alone: a gateway for practice speaks to nobody else. Queue,
//! connections, time and answers are bounded; nothing of an answer is logged.

use super::Face;
use crate::simulator::core::{Merchant, Notice, NoticeKind};
use crate::simulator::{jubao, sign};
use serde_json::{Map, Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// Notices that wait or are under way; further ones are dropped.
const MAX_QUEUE: usize = 1_024;
const AT_ONCE: usize = 16;
/// The last moment is 2^17 s after the first (about 36 hours).
const LAST_POWER: u32 = 17;
const POST_TIME: Duration = Duration::from_secs(10);
const MAX_ANSWER: u64 = 4_096;
/// How often the ledger is asked while something is watched.
const LOOK: Duration = Duration::from_millis(100);
const NEVER: Duration = Duration::from_secs(3_600);

/// How a notice differs from the truth, for practice and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// In nothing.
    True,
    /// In nothing, sent twice.
    Repeat,
    /// One fen more, rightly signed.
    Amount,
    /// Signed with another secret.
    Forged,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    pub status: u16,
    pub body: String,
}

struct Outgoing {
    notice: Notice,
    first: Instant,
    /// 0: not sent yet.
    power: u32,
    at: Instant,
}

/// Sends what becomes due, for as long as it is polled.
pub(in crate::simulator) async fn run(face: Arc<Face>) {
    let mut queue: Vec<Outgoing> = Vec::new();
    let mut flying: JoinSet<(Outgoing, bool)> = JoinSet::new();
    loop {
        let now_ms = face.now_ms();
        let (due, watches, factor) = {
            let mut core = face.core();
            (core.due_notices(now_ms), core.watches(), core.delay_factor)
        };
        let now = Instant::now();
        let fresh = due.into_iter().map(|notice| Outgoing {
            notice,
            first: now,
            power: 0,
            at: now,
        });
        let room = MAX_QUEUE.saturating_sub(queue.len() + flying.len());
        queue.extend(fresh.take(room));
        let mut i = 0;
        while i < queue.len() && flying.len() < AT_ONCE {
            if queue[i].at <= now {
                flying.spawn(send(face.clone(), queue.swap_remove(i)));
            } else {
                i += 1;
            }
        }
        let next = queue.iter().map(|out| out.at).min();
        let wait = next.map_or(NEVER, |at| at.saturating_duration_since(now).max(LOOK));
        let wait = if watches { LOOK } else { wait };
        tokio::select! {
            () = face.kicked() => {}
            () = sleep(wait) => {}
            Some(done) = flying.join_next(), if !flying.is_empty() => {
                if let Ok((out, false)) = done {
                    queue.extend(again(out, factor));
                }
            }
        }
    }
}

async fn send(face: Arc<Face>, out: Outgoing) -> (Outgoing, bool) {
    let body = face.written(&out.notice, Change::True);
    let answered = post(&out.notice.url, &body).await;
    let heard = answered.is_ok_and(|a| is_heard(&out.notice, &a));
    tracing::debug!(kind = out.notice.kind.name(), heard, "notice");
    (out, heard)
}

/// Its next moment; `None` after the last.
fn again(mut out: Outgoing, factor: f64) -> Option<Outgoing> {
    out.power += 1;
    if out.power > LAST_POWER {
        tracing::warn!(number = out.notice.number, "a notice was never taken");
        return None;
    }
    let after = Duration::from_secs(1 << out.power).mul_f64(factor.max(0.0));
    out.at = out.first + after;
    Some(out)
}

/// 聚宝 wants another word.
pub(super) fn is_heard(notice: &Notice, answered: &Answered) -> bool {
    let word = match notice.kind {
        NoticeKind::Jubao => "SUCCESS",
        NoticeKind::Pay | NoticeKind::Refund | NoticeKind::Transfer => "success",
    };
    answered.status == 200 && answered.body.trim() == word
}

impl Face {
    /// The notice's body, signed now.
    pub(super) fn written(&self, notice: &Notice, change: Change) -> String {
        let now_ms = self.now_ms();
        let merchant = self.core().merchant.clone();
        written(notice, change, &merchant, now_ms).to_string()
    }
}

fn written(notice: &Notice, change: Change, merchant: &Merchant, now_ms: i64) -> Value {
    let mut notice = notice.clone();
    if change == Change::Amount {
        notice.fee.0 = notice.fee.0.saturating_add(1);
    }
    let forge = |secret: &str| match change {
        Change::Forged => "another secret".to_owned(),
        _ => secret.to_owned(),
    };
    match notice.kind {
        NoticeKind::Jubao => jubao_body(&notice, merchant, &forge(&merchant.app_secret), now_ms),
        _ => bee_body(&notice, merchant, &forge(&merchant.master_secret), now_ms),
    }
}

/// 000 §3.4.1; every key in both spellings (PROTOCOL 2).
fn bee_body(notice: &Notice, merchant: &Merchant, secret: &str, now_ms: i64) -> Value {
    let fee = notice.fee.0.to_string();
    let signature = sign::joined(&[
        &merchant.app_id,
        &notice.number,
        notice.kind.name(),
        notice.channel,
        &fee,
        secret,
    ]);
    let optional: Value = serde_json::from_str(&notice.optional).unwrap_or_else(|_| json!({}));
    let detail = match notice.kind {
        NoticeKind::Pay => json!({
            "out_trade_no": notice.number, "trade_no": notice.trade_no,
            "trade_status": "TRADE_SUCCESS", "total_fee": notice.fee.to_string(),
        }),
        _ => json!({"refund_fee": notice.fee.to_string()}),
    };
    let fields = [
        ("transaction_id", "transactionId", json!(notice.number)),
        (
            "transaction_type",
            "transactionType",
            json!(notice.kind.name()),
        ),
        ("channel_type", "channelType", json!(notice.channel)),
        (
            "sub_channel_type",
            "subChannelType",
            json!(notice.sub_channel),
        ),
        ("transaction_fee", "transactionFee", json!(notice.fee.0)),
        ("trade_success", "tradeSuccess", json!(true)),
        ("message_detail", "messageDetail", detail),
    ];
    let mut out = Map::from_iter([
        ("signature".to_owned(), json!(signature)),
        ("timestamp".to_owned(), json!(now_ms)),
        ("optional".to_owned(), optional),
    ]);
    for (snake, camel, value) in fields {
        out.insert(camel.to_owned(), value.clone());
        out.insert(snake.to_owned(), value);
    }
    Value::Object(out)
}

/// 003, 回调参数.
fn jubao_body(notice: &Notice, merchant: &Merchant, key: &str, now_ms: i64) -> Value {
    let shanghai = jiff::tz::offset(8);
    let paid = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
    let time_end = shanghai.to_datetime(paid).strftime("%Y%m%d%H%M%S");
    let fields = json!({
        "appid": merchant.app_id,
        "out_trade_no": notice.number,
        "transaction_id": notice.trade_no,
        "total_fee": notice.fee.0,
        "cash_fee": notice.fee.0,
        "fee_type": "CNY",
        "cash_fee_type": "CNY",
        "bank_type": "CFT",
        "trade_type": "MWEB",
        "time_end": time_end.to_string(),
        "nonce_str": sign::joined(&[&notice.number, &now_ms.to_string()]),
    });
    let mut map = fields.as_object().cloned().unwrap_or_default();
    let sign = jubao::sign(&map, key);
    map.insert("sign".to_owned(), json!(sign));
    Value::Object(map)
}

/// POSTs to `http://` on loopback and reads a short answer. HTTP/1.0: one answer, no chunks.
///
/// Errors: one plain line.
pub(super) async fn post(url: &str, body: &str) -> Result<Answered, String> {
    let (addr, host, path) = target(url).ok_or("not an http:// address on loopback")?;
    let exchange = async {
        let mut stream = TcpStream::connect(addr).await?;
        let head = format!(
            "POST {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = timeout(POST_TIME, exchange).await;
    let answer = answer.map_err(|_| "no answer in 10 s")?;
    let answer = answer.map_err(|error| error.to_string())?;
    read(&answer).ok_or_else(|| "not an HTTP answer".to_owned())
}

fn read(answer: &[u8]) -> Option<Answered> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answered {
        status,
        body: body.to_owned(),
    })
}

/// Address, Host and path of an `http://` address on loopback.
fn target(url: &str) -> Option<(SocketAddr, &str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    if path.bytes().any(|b| b <= b' ' || b == 0x7F) {
        return None;
    }
    let addr: SocketAddr = match host.parse() {
        Ok(addr) => addr,
        Err(_) => {
            let (name, port) = host.split_once(':').unwrap_or((host, "80"));
            let ip = match name {
                "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
                ip => ip.parse().ok()?,
            };
            SocketAddr::new(ip, port.parse().ok()?)
        }
    };
    addr.ip().is_loopback().then_some((addr, host, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Fen;

    #[test]
    fn notices_go_to_loopback_alone() {
        for url in [
            "http://127.0.0.1:8080/x",
            "http://localhost/",
            "http://[::1]:9",
            "http://127.0.0.1",
        ] {
            assert!(target(url).is_some(), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "http://shop.example/",
            "ftp://127.0.0.1",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/\r\nX: y",
            "http://127.0.0.1@shop.example/",
            "",
        ] {
            assert!(target(url).is_none(), "{url}");
        }
    }

    #[test]
    fn the_recorded_signature_and_both_spellings() {
        let merchant = Merchant {
            app_id: "0950c062-5e41-44e3-8f52-f89d8cf2b6eb".to_owned(),
            master_secret: "master-secret-demo".to_owned(),
            ..Merchant::default()
        };
        let notice = Notice {
            url: String::new(),
            kind: NoticeKind::Pay,
            number: "201506101035040000001".to_owned(),
            channel: "WX",
            sub_channel: "WX_NATIVE",
            fee: Fen(1),
            optional: r#"{"a":"b"}"#.to_owned(),
            trade_no: "1".to_owned(),
        };
        let body = written(&notice, Change::True, &merchant, 7);
        assert_eq!(body["signature"], "7fafd6c548dceecfe8a29e8086a294a4");
        assert_eq!(body["optional"], json!({"a": "b"}));
        assert!(body["message_detail"].is_object() && body["timestamp"] == 7);
        assert_eq!(body["transaction_fee"], body["transactionFee"]);
        let forged = written(&notice, Change::Forged, &merchant, 7);
        assert_ne!(forged["signature"], body["signature"]);
        let more = written(&notice, Change::Amount, &merchant, 7);
        assert_eq!(more["transaction_fee"], 2);
        assert_ne!(
            more["signature"], body["signature"],
            "rightly signed for its amount"
        );
    }

    #[test]
    fn it_comes_again_at_the_powers_of_two_and_then_no_more() {
        let first = Instant::now();
        let mut out = Some(Outgoing {
            notice: Notice {
                url: String::new(),
                kind: NoticeKind::Pay,
                number: String::new(),
                channel: "",
                sub_channel: "",
                fee: Fen(1),
                optional: String::new(),
                trade_no: String::new(),
            },
            first,
            power: 0,
            at: first,
        });
        for power in 1..=17 {
            out = again(out.unwrap(), 1.0);
            let at = out.as_ref().unwrap().at;
            assert_eq!(at - first, Duration::from_secs(1 << power));
        }
        assert!(again(out.unwrap(), 1.0).is_none());
    }
}
