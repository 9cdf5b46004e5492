//! Rules for single values: hosts, times, places. Pure.

use super::error::{ConfigError, Problem};
use super::{Channel, GatewaySettings, Host, LinkSettings, Target, Timing};
use std::net::{Ipv4Addr, Ipv6Addr};

/// No duration is longer than 30 days, in seconds or milliseconds: sums then never overflow.
const LONGEST: u32 = 2_592_000;

/// A base URL in its parts.
struct Url<'a> {
    secure: bool,
    name: &'a str,
    port: Option<u16>,
}

fn split(url: &str) -> Option<Url<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let secure = match scheme {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let (name, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (name, after) = rest.split_once(']')?;
            name.parse::<Ipv6Addr>().ok()?;
            (name, after)
        }
        None => {
            let end = rest.find(':').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
            if name.is_empty() || !name.bytes().all(good) {
                return None;
            }
            (name, after)
        }
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port > 0)?)
        }
        Some(_) => return None,
        None if port.is_empty() => None,
        None => return None,
    };
    Some(Url { secure, name, port })
}

pub(super) fn is_loopback_name(name: &str) -> bool {
    name == "localhost"
        || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || name.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host is this machine: plain http is allowed, and times are free (COUNTER).
pub fn is_loopback(host: &Host) -> bool {
    split(&host.0).is_some_and(|url| is_loopback_name(url.name))
}

/// Reads one of `gateway.servers` and writes it in its one form, so that a host named twice is
/// seen (FATE counts hosts).
pub(super) fn host(key: &str, text: &str) -> Result<Host, ConfigError> {
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_suffix('/').unwrap_or(&lower);
    let Some(url) = split(bare) else {
        let allowed = "https://主机 或 https://主机:端口，后面不带路径";
        return Err(ConfigError::value(key, allowed));
    };
    if !url.secure && !is_loopback_name(url.name) {
        let allowed = "https:// 开头的地址（http:// 只能用于本机 127.0.0.1）";
        return Err(ConfigError::value(key, allowed));
    }
    let usual = if url.secure { 443 } else { 80 };
    let bare = match url.port {
        Some(port) if port == usual => bare.strip_suffix(&format!(":{port}")).unwrap_or(bare),
        _ => bare,
    };
    Ok(Host(bare.to_owned()))
}

/// A place on the screens: `1366,0`.
pub(super) fn place(text: &str) -> Option<(i32, i32)> {
    const FAR: std::ops::RangeInclusive<i32> = -100_000..=100_000;
    let (x, y) = text.split_once(',')?;
    let (x, y) = (x.trim().parse().ok()?, y.trim().parse().ok()?);
    (FAR.contains(&x) && FAR.contains(&y)).then_some((x, y))
}

/// One duration of `[payment]` and its bounds off loopback (COUNTER).
struct Bound {
    key: &'static str,
    value: u32,
    from: u32,
    to: u32,
}

fn bounds(timing: &Timing) -> [Bound; 12] {
    let bound = |key, value, from, to| Bound {
        key,
        value,
        from,
        to,
    };
    let t = timing;
    [
        bound("barcode_deadline_s", t.barcode_deadline_s, 30, 120),
        bound("qr_deadline_s", t.qr_deadline_s, 60, 300),
        bound("link_deadline_s", t.link_deadline_s, 60, 7200),
        bound("first_status_ms", t.first_status_ms, 1000, 5000),
        bound("status_interval_ms", t.status_interval_ms, 2000, 10_000),
        bound("earliest_revert_s", t.earliest_revert_s, 15, LONGEST),
        bound("guard_s", t.guard_s, 120, LONGEST),
        bound("bill_timeout_s", t.bill_timeout_s, 361, LONGEST),
        bound("expiry_margin_s", t.expiry_margin_s, 1, LONGEST),
        bound("witness_wait_s", t.witness_wait_s, 1, LONGEST),
        bound("connect_timeout_s", t.connect_timeout_s, 1, LONGEST),
        bound("request_timeout_s", t.request_timeout_s, 1, LONGEST),
    ]
}

/// The times' bounds: COUNTER's off loopback, free above 0 where every server is this machine.
pub(super) fn timing(timing: &Timing, gateway: &GatewaySettings) -> Result<(), ConfigError> {
    let free = gateway.servers.iter().all(is_loopback);
    for bound in bounds(timing) {
        let (from, to) = if free {
            (1, LONGEST)
        } else {
            (bound.from, bound.to)
        };
        if !(from..=to).contains(&bound.value) {
            let allowed = format!("{from} 到 {to} 之间的整数");
            return Err(ConfigError::value(
                format!("payment.{}", bound.key),
                allowed,
            ));
        }
    }
    // A deadline that passes before a revert is allowed could not be kept.
    let latest = timing.barcode_deadline_s.min(timing.qr_deadline_s);
    if !free && timing.earliest_revert_s > latest {
        let allowed =
            format!("不大于 barcode_deadline_s 和 qr_deadline_s 的整数（15 到 {latest}）");
        return Err(ConfigError::value("payment.earliest_revert_s", allowed));
    }
    Ok(())
}

/// Every link has what its channel needs (004 §2).
pub(super) fn links(gateway: &GatewaySettings, links: &LinkSettings) -> Result<(), ConfigError> {
    let lacking = |needs: fn(Channel) -> bool| gateway.links.iter().find(|c| needs(**c));
    if let Some(channel) = lacking(Channel::needs_return_url)
        && links.return_url.is_none()
    {
        let allowed = format!("付款后回到的网页地址：{channel} 必须有");
        return Err(ConfigError::missing("links.return_url", allowed));
    }
    if lacking(|c| c == Channel::YeeWap).is_some() && links.identity_id.is_none() {
        let allowed = "1 到 50 位数字或字母：YEE_WAP 必须有";
        return Err(ConfigError::missing("links.identity_id", allowed));
    }
    Ok(())
}

/// `links.return_url`: http:// or https://, without ?, # and comma (004 §2).
pub(super) fn return_url(key: String, url: &str) -> Result<(), ConfigError> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let plain = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic());
    let good = rest.is_some_and(plain) && !url.contains(['?', '#', ',']) && url.len() <= 200;
    if good {
        return Ok(());
    }
    let allowed = "http:// 或 https:// 开头的网页地址，不含 ?、# 和逗号，最多 200 个字符";
    Err(ConfigError::value(key, allowed))
}

/// `links.identity_id` (004 §2).
pub(super) fn identity_id(key: String, id: &str) -> Result<(), ConfigError> {
    let good = (1..=50).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if good {
        return Ok(());
    }
    Err(ConfigError::value(key, "1 到 50 位数字或字母"))
}

/// `printer.target`'s four shapes.
pub(super) fn printer_target(key: &str, target: &str) -> Result<(), ConfigError> {
    if Target::parse(target).is_some() {
        return Ok(());
    }
    let allowed = "tcp://地址:端口、serial:路径?baud=9600、device:路径 或 file:路径";
    Err(ConfigError::value(key, allowed))
}

/// `HOST`, `HOST:PORT`, `[IPv6]:PORT`; the host without brackets.
pub(super) fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let address = format!("https://{text}");
    let url = split(&address)?;
    Some((url.name.to_owned(), url.port))
}

/// A line speed that serial devices have, bits per second.
pub(super) fn is_baud(baud: i64) -> bool {
    (300..=4_000_000).contains(&baud)
}

/// Refuses a list that names something twice.
pub(super) fn no_twice<T: PartialEq>(key: &str, list: &[T]) -> Result<(), ConfigError> {
    let twice = |(at, item)| list.iter().take(at).any(|earlier| earlier == item);
    if list.iter().enumerate().any(twice) {
        return Err(ConfigError::new(key, Problem::Twice));
    }
    Ok(())
}
