//! Each gateway host by the connection test (DNS, TCP, TLS, clock, signature), and each channel of
//! the till at the first host that works. Asks about a bill that nobody has; moves no money.

use super::Report;
use crate::cli::runtime;
use crate::domain::config::Settings;
use crate::domain::gateway::{Answer, Lost, Probe};
use crate::domain::{Channel, Host};
use crate::gateway::{Gateway, GatewayError};
use crate::till::open::gateway_client;
use crate::till::wall_ms;
use crate::vault::Vault;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Clock differences above this are a failure, since the gateway refuses old timestamps.
const CLOCK_MS: i64 = 60_000;

pub(super) fn check(report: &mut Report, settings: &Settings, vault: &Vault) {
    let client = match gateway_client(settings, vault) {
        Ok(client) => client,
        Err(error @ GatewayError::Tls(_)) => return report.line("fail", "tls", error),
        Err(error) => return report.line("fail", "gateway", error),
    };
    let Ok(runtime) = runtime() else {
        return report.line("fail", "gateway", "系统资源不够");
    };
    let asker = Asker { client, runtime };
    let working: Vec<(&Host, i64)> = asker
        .client
        .hosts()
        .iter()
        .filter_map(|host| Some((host, asker.host(report, host)?)))
        .collect();
    // The channels are the merchant's, the same at every host.
    if let Some((host, offset_ms)) = working.first() {
        for channel in settings.tested_channels() {
            if !asker.channel(report, host, channel, *offset_ms) {
                return;
            }
        }
    }
}

struct Asker {
    client: Arc<dyn Gateway>,
    runtime: Runtime,
}

impl Asker {
    fn probe(&self, host: &Host, channel: Option<Channel>, at_ms: i64) -> Answer<Probe> {
        self.runtime
            .block_on(self.client.probe(host, channel, at_ms))
    }

    /// Where the host works: what to add to the local clock for it, ms.
    fn host(&self, report: &mut Report, host: &Host) -> Option<i64> {
        let asked_ms = wall_ms();
        let mut answer = self.probe(host, None, asked_ms);
        if !connected(report, host, &answer.outcome) {
            return None;
        }
        clock(report, host, &answer);
        // A wrong clock makes every signature look wrong: ask again as the gateway's clock says.
        let mut offset_ms = 0;
        if let (true, Some(date)) = (answer.outcome.is_app_invalid(), answer.date_ms) {
            offset_ms = date - asked_ms;
            answer = self.probe(host, None, date);
        }
        signature(report, host, &answer).then_some(offset_ms)
    }

    /// False: there is no answer any more, and asking on would only take time.
    fn channel(&self, report: &mut Report, host: &Host, channel: Channel, offset_ms: i64) -> bool {
        let answer = self.probe(host, Some(channel), wall_ms() + offset_ms);
        let Probe::Code { code, detail } = &answer.outcome else {
            report.line(
                "warn",
                "channel",
                format!("{channel} {host} 没有可用的回答"),
            );
            return false;
        };
        let (grade, text) = judge(channel, *code, detail);
        report.line(grade, "channel", format!("{channel} {text}"));
        true
    }
}

/// What an answer about a channel says, and how bad it is.
fn judge(channel: Channel, code: i64, detail: &str) -> (&'static str, String) {
    match code {
        0 | 8 if channel.is_unified() || channel.is_jubao() => {
            ("ok", "收款时才知道是否开通".to_owned())
        }
        0 | 8 => ("ok", "网关接受".to_owned()),
        2 => (
            "fail",
            format!("网关没有配置它的参数（2 {detail}）：请在网关后台填写"),
        ),
        3 => (
            "fail",
            format!("网关没有开通（3 {detail}）：请在网关后台开通，或从设置里去掉"),
        ),
        6 => (
            "fail",
            format!("网关没有它的证书（6 {detail}）：请在网关后台上传"),
        ),
        code => ("warn", format!("网关回答错误码 {code} {detail}")),
    }
}

/// Says how far the connection came; true: the host answered or may have.
fn connected(report: &mut Report, host: &Host, outcome: &Probe) -> bool {
    if let Probe::Dns(why) = outcome {
        report.line("fail", "dns", why);
        return false;
    }
    report.line("ok", "dns", format!("{host} 有地址"));
    match outcome {
        Probe::Connect(why) => report.line("fail", "gateway", why),
        Probe::Tls(why) => report.line("fail", "tls", why),
        _ if host.0.starts_with("https:") => report.line("ok", "tls", format!("{host} 证书有效")),
        _ => report.line("ok", "tls", format!("{host} 就在本机，不需要加密")),
    }
    !matches!(outcome, Probe::Connect(_) | Probe::Tls(_))
}

fn clock(report: &mut Report, host: &Host, answer: &Answer<Probe>) {
    let Some(date) = answer.date_ms else {
        return report.line("warn", "clock", format!("{host} 没有给出时间"));
    };
    let off_ms = wall_ms() - date - i64::from(answer.took_ms) / 2;
    if off_ms.abs() > CLOCK_MS {
        let s = off_ms / 1000;
        report.line(
            "fail",
            "clock",
            format!("本机时钟与 {host} 相差 {s} 秒：请校准系统时间"),
        );
    } else {
        report.line("ok", "clock", format!("与 {host} 相差不到 1 分钟"));
    }
}

/// True: the host accepts this application's signature.
fn signature(report: &mut Report, host: &Host, answer: &Answer<Probe>) -> bool {
    let text = match &answer.outcome {
        Probe::Code { code: 0 | 8, .. } => {
            let text = format!("{host} {} ms，签名被接受", answer.took_ms);
            report.line("ok", "gateway", text);
            return true;
        }
        Probe::Code { code: 1, .. } => {
            format!("{host} 不接受签名（APP_INVALID）：请检查 app_id、app_secret 和时钟")
        }
        Probe::Code { code, detail } => format!("{host} 回答错误码 {code} {detail}"),
        Probe::NoAnswer(lost) => format!("{host} {}", lost_words(lost)),
        Probe::Dns(why) | Probe::Connect(why) | Probe::Tls(why) => why.clone(),
    };
    report.line("fail", "gateway", text);
    false
}

fn lost_words(lost: &Lost) -> String {
    match lost {
        Lost::Timeout => "没有在规定时间内回答：请检查网络".to_owned(),
        Lost::Http(status) => {
            format!("回答的是 HTTP {status}：请检查网关地址，或网络是否需要登录")
        }
        Lost::Unreadable | Lost::Incomplete => {
            "回答的不是网关：请检查网关地址，或网络是否需要登录".to_owned()
        }
        _ => "没有可用的回答：请检查网络".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_is_not_opened_fails_and_an_unknown_word_only_warns() {
        for code in -1..=18 {
            let expected = match code {
                0 | 8 => "ok",
                2 | 3 | 6 => "fail",
                _ => "warn",
            };
            assert_eq!(judge(Channel::WxScan, code, "d").0, expected, "{code}");
        }
        let (_, text) = judge(Channel::Scan, 0, "");
        assert!(text.contains("收款时"), "{text}");
    }
}
