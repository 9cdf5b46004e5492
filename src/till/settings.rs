//! Changing settings while the till runs, and the connection test.
//!
//! A change is checked, recorded, written to config.toml, and then used: what is in progress goes
//! on with its own host and the new times. Where any of it fails, nothing is changed.

use super::desk_calls::Reply;
use super::engine::Engine;
use super::open::write_settings;
use super::service::{Check, Checked, Found, Grade, Said, SettingChange};
use crate::domain::config::Settings;
use crate::domain::gateway::{Answer, Probe};
use crate::domain::{Channel, Host};
use crate::gateway::Gateway;
use crate::payment::Policy;
use crate::vault::Deed;
use std::sync::Arc;

/// Clock differences above this are a failure: the gateway refuses old timestamps.
const CLOCK_MS: i64 = 60_000;

impl Engine {
    pub(super) fn change_settings(&mut self, changes: &[SettingChange]) -> Result<(), Said> {
        let by = self.allowed(Deed::Settings)?;
        let wrong = |e: &dyn std::fmt::Display| Said::SettingWrong(e.to_string());
        let pairs = changes.iter().map(|c| (c.key.clone(), c.value.clone()));
        let pairs: Vec<(String, String)> = pairs.collect();
        let new = self.settings.with_changes(&pairs).map_err(|e| wrong(&e))?;
        if new == *self.settings {
            return Ok(());
        }
        let gateway = match &self.remake {
            Some(remake) => Some(remake(&new, &self.vault).map_err(|e| wrong(&e))?),
            None => None,
        };
        let detail = changed(&by.id, &self.settings, &new, &pairs);
        self.note("settings_changed", &detail)
            .map_err(|e| Said::LedgerDown(e.to_string()))?;
        if let Err(error) = write_settings(&self.dir, &new) {
            let _ = self.note("settings_not_changed", "{}");
            return Err(wrong(&error));
        }
        self.use_settings(new, gateway);
        Ok(())
    }

    fn use_settings(&mut self, new: Settings, gateway: Option<Arc<dyn Gateway>>) {
        self.policy = Policy::from(&new.payment.timing);
        self.hosts.relist(new.gateway.servers.clone());
        if let Some(gateway) = gateway {
            self.gateway = gateway;
        }
        let old = std::mem::replace(&mut self.settings, Arc::new(new));
        self.ear.follow(Arc::clone(&self.gateway), &self.settings);
        self.restart_devices(&old);
    }

    pub(super) fn test_connection(&mut self, reply: Reply<Result<Vec<Check>, Said>>) {
        if let Err(said) = self.allowed(Deed::Settings) {
            let _ = reply.send(Err(said));
            return;
        }
        let gateway = Arc::clone(&self.gateway);
        let settings = Arc::clone(&self.settings);
        self.runtime.spawn(async move {
            let mut checks = Vec::new();
            let tested = settings.tested_channels();
            for host in &settings.gateway.servers {
                checks.extend(test_host(&*gateway, host, &tested).await);
            }
            let _ = reply.send(Ok(checks));
        });
    }
}

/// What was changed, from what to what. Nothing of it is secret: secrets can't be changed here.
fn changed(by: &str, old: &Settings, new: &Settings, pairs: &[(String, String)]) -> String {
    let one = |(key, _): &(String, String)| serde_json::json!({ "key": key, "from": old.typed(key), "to": new.typed(key) });
    let changes: Vec<_> = pairs.iter().map(one).collect();
    serde_json::json!({ "by": by, "changes": changes }).to_string()
}

/// One host: the signature first, signed by its own clock where ours is wrong; then each channel,
/// as long as it answers.
async fn test_host(gateway: &dyn Gateway, host: &Host, channels: &[Channel]) -> Vec<Check> {
    let asked_ms = super::wall_ms();
    let mut answer = gateway.probe(host, None, asked_ms).await;
    let mut checks = reached(host, &answer);
    if checks.iter().any(|check| check.grade == Grade::Fail) {
        return checks;
    }
    checks.push(clock(host, &answer, asked_ms));
    let offset_ms = answer.date_ms.map_or(0, |date_ms| date_ms - asked_ms);
    if answer.outcome.is_app_invalid() {
        answer = gateway
            .probe(host, None, super::wall_ms() + offset_ms)
            .await;
    }
    checks.push(signature(host, &answer));
    let mut works = answer.outcome.is_understood();
    // 聚宝 shows whether a channel is opened only at a payment.
    for channel in channels.iter().filter(|channel| !channel.is_jubao()) {
        if !works {
            break;
        }
        let at_ms = super::wall_ms() + offset_ms;
        let answer = gateway.probe(host, Some(*channel), at_ms).await;
        works = matches!(answer.outcome, Probe::Code { .. });
        checks.push(opened(host, *channel, &answer));
    }
    checks
}

fn check(host: &Host, what: Checked, grade: Grade, found: Found) -> Check {
    Check {
        host: host.clone(),
        what,
        grade,
        found,
    }
}

/// Name, connection, TLS.
fn reached(host: &Host, answer: &Answer<Probe>) -> Vec<Check> {
    let took_ms = answer.took_ms;
    let dns = check(host, Checked::Dns, Grade::Ok, Found::Fine { took_ms });
    let failed = |found| check(host, Checked::Tls, Grade::Fail, found);
    match &answer.outcome {
        Probe::Dns(why) => {
            let found = Found::NoAddress(why.clone());
            vec![check(host, Checked::Dns, Grade::Fail, found)]
        }
        Probe::Connect(why) => vec![dns, failed(Found::NoConnection(why.clone()))],
        Probe::Tls(why) => vec![dns, failed(Found::TlsFailed(why.clone()))],
        _ if host.0.starts_with("http://") => {
            vec![dns, check(host, Checked::Tls, Grade::Ok, Found::NoTls)]
        }
        _ => vec![
            dns,
            check(host, Checked::Tls, Grade::Ok, Found::Fine { took_ms }),
        ],
    }
}

fn clock(host: &Host, answer: &Answer<Probe>, asked_ms: i64) -> Check {
    let Some(date_ms) = answer.date_ms else {
        return check(host, Checked::Clock, Grade::Warn, Found::NoDate);
    };
    let off_ms = asked_ms - date_ms + i64::from(answer.took_ms) / 2;
    if off_ms.abs() > CLOCK_MS {
        let seconds = off_ms / 1000;
        return check(
            host,
            Checked::Clock,
            Grade::Fail,
            Found::ClockOff { seconds },
        );
    }
    let took_ms = answer.took_ms;
    check(host, Checked::Clock, Grade::Ok, Found::Fine { took_ms })
}

fn signature(host: &Host, answer: &Answer<Probe>) -> Check {
    let (grade, found) = match &answer.outcome {
        probe if probe.is_understood() => {
            let took_ms = answer.took_ms;
            (Grade::Ok, Found::Fine { took_ms })
        }
        probe if probe.is_app_invalid() => (Grade::Fail, Found::BadSignature),
        other => unexpected(other),
    };
    check(host, Checked::Signature, grade, found)
}

fn opened(host: &Host, channel: Channel, answer: &Answer<Probe>) -> Check {
    let (grade, found) = match &answer.outcome {
        probe if probe.is_understood() => {
            let took_ms = answer.took_ms;
            (Grade::Ok, Found::Fine { took_ms })
        }
        Probe::Code { code, detail } if answer.outcome.refuses_channel() => {
            let (code, detail) = (*code, detail.clone());
            (Grade::Fail, Found::NotOpened { code, detail })
        }
        other => unexpected(other),
    };
    check(host, Checked::Channel(channel), grade, found)
}

fn unexpected(probe: &Probe) -> (Grade, Found) {
    match probe {
        Probe::Code { code, detail } => {
            let (code, detail) = (*code, detail.clone());
            (Grade::Warn, Found::Code { code, detail })
        }
        _ => (Grade::Fail, Found::Silent),
    }
}
