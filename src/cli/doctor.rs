//! `shouyin doctor`: a line a check, `ok|warn|fail name text`; exit 1 on a fail.

use super::{Exit, Home, Outcome, print_line, runtime};
use crate::domain::config::Settings;
use crate::domain::gateway::{Answer, Lost, RowOutcome};
use crate::domain::{BillNo, Host};
use crate::gateway::Gateway;
use crate::gateway::beecloud::Client;
use crate::ledger::{LedgerError, Reader};
use crate::till::open::{config_path, ledger_path, read_settings};
use crate::till::wall_ms;
use crate::vault::Vault;
use std::net::ToSocketAddrs;
use std::path::Path;

/// A number that no till draws (it begins with no date).
const NOBODYS: &str = "DOCTOR00000000";
/// Clock differences above this are a failure, since the gateway refuses old timestamps.
const CLOCK_MS: i64 = 60_000;

struct Report {
    failed: bool,
}

impl Report {
    fn line(&mut self, grade: &str, name: &str, text: impl std::fmt::Display) {
        self.failed |= grade == "fail";
        print_line(&format!(
            "{grade} {name} {}",
            super::one_line(&text.to_string())
        ));
    }
}

pub(super) fn run(home: &Home) -> Outcome {
    let mut report = Report { failed: false };
    let dir = home.reading_dir();
    directory(&mut report, home, &dir);
    ledger(&mut report, &dir);
    let settings = match config_path(&dir).exists() {
        true => read_settings(&dir),
        false => {
            report.line("ok", "settings", "练习模式：没有 config.toml");
            report.line("ok", "scanner", "键盘扫码枪不需要设置");
            return Ok(if report.failed { Exit::No } else { Exit::Done });
        }
    };
    match settings {
        Ok(settings) => {
            report.line("ok", "settings", config_path(&dir).display());
            let vault = Vault::open(&dir);
            match vault {
                Ok(vault) => {
                    report.line("ok", "secrets", "已封存");
                    if home.is_live() {
                        gateway(&mut report, &settings, &vault);
                    }
                }
                Err(error) => report.line("fail", "secrets", error),
            }
            scanner(&mut report, &settings);
            printer(&mut report, &settings);
        }
        Err(error) => report.line("fail", "settings", error),
    }
    Ok(if report.failed { Exit::No } else { Exit::Done })
}

fn directory(report: &mut Report, home: &Home, dir: &Path) {
    if !dir.exists() {
        let how = if home.asked_for_practice() {
            ""
        } else {
            "；上线请运行 shouyin setup"
        };
        return report.line(
            "warn",
            "directory",
            format!("{} 还不存在{how}", dir.display()),
        );
    }
    let probe = dir.join(".doctor");
    let writable = std::fs::write(&probe, b"ok").and_then(|()| std::fs::remove_file(&probe));
    match writable {
        Ok(()) => report.line("ok", "directory", dir.display()),
        Err(error) => report.line(
            "fail",
            "directory",
            format!("{} 写不进去：{error}", dir.display()),
        ),
    }
}

fn ledger(report: &mut Report, dir: &Path) {
    match Reader::open(&ledger_path(dir)) {
        Ok(reader) => match (reader.head(), reader.open_bills()) {
            (Ok(head), Ok(open)) => report.line(
                "ok",
                "ledger",
                format!("{} 条记录，{} 笔没有结果", head.count, open.len()),
            ),
            (Err(error), _) | (_, Err(error)) => report.line("fail", "ledger", error),
        },
        Err(LedgerError::Missing) => report.line("ok", "ledger", "还没有账本"),
        Err(error) => report.line("fail", "ledger", error),
    }
}

fn gateway(report: &mut Report, settings: &Settings, vault: &Vault) {
    let client = Client::new(
        &settings.gateway,
        &settings.payment.timing,
        vault.app_secret().clone(),
    );
    let client = match client {
        Ok(client) => client,
        Err(error) => return report.line("fail", "gateway", error),
    };
    let Ok(runtime) = runtime() else {
        return report.line("fail", "gateway", "系统资源不够");
    };
    for host in client.hosts() {
        dns(report, host);
        let Some(nobodys) = BillNo::parse(NOBODYS) else {
            return;
        };
        let mut answer = runtime.block_on(client.row(host, &nobodys, wall_ms()));
        clock(report, host, &answer);
        // A wrong clock makes every signature look wrong: ask again as the gateway's clock says.
        if let (RowOutcome::NoAnswer(Lost::Code(1)), Some(date)) = (&answer.outcome, answer.date_ms)
        {
            answer = runtime.block_on(client.row(host, &nobodys, date));
        }
        signature(report, host, &answer);
    }
}

fn dns(report: &mut Report, host: &Host) {
    let bare = host.0.split("://").nth(1).unwrap_or(&host.0);
    let address = match bare.rsplit_once(':') {
        Some((_, port)) if port.chars().all(|c| c.is_ascii_digit()) => bare.to_owned(),
        _ => format!("{bare}:443"),
    };
    match address.to_socket_addrs().map(|mut a| a.next()) {
        Ok(Some(found)) => report.line("ok", "dns", format!("{host} → {}", found.ip())),
        Ok(None) => report.line("fail", "dns", format!("{host} 没有地址")),
        Err(error) => report.line(
            "fail",
            "dns",
            format!("{host} 解析不了：{error}；请检查网络"),
        ),
    }
}

fn clock(report: &mut Report, host: &Host, answer: &Answer<RowOutcome>) {
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

fn signature(report: &mut Report, host: &Host, answer: &Answer<RowOutcome>) {
    match &answer.outcome {
        RowOutcome::Empty | RowOutcome::Row(_) | RowOutcome::Many(_) => {
            report.line(
                "ok",
                "gateway",
                format!("{host} {} ms，签名被接受", answer.took_ms),
            );
        }
        RowOutcome::NoAnswer(Lost::Code(1)) => report.line(
            "fail",
            "gateway",
            format!("{host} 不接受签名（APP_INVALID）：请检查 app_id、app_secret 和时钟"),
        ),
        RowOutcome::NoAnswer(Lost::Unreachable) => {
            report.line("fail", "gateway", format!("{host} 连不上（网络或 TLS）"));
        }
        RowOutcome::NoAnswer(Lost::Code(code)) => {
            report.line("fail", "gateway", format!("{host} 回答错误码 {code}"));
        }
        RowOutcome::NoAnswer(_) => {
            report.line("fail", "gateway", format!("{host} 没有可用的回答"));
        }
    }
}

fn scanner(report: &mut Report, settings: &Settings) {
    match &settings.scanner {
        None => report.line("ok", "scanner", "键盘扫码枪不需要设置"),
        Some(scanner) if Path::new(&scanner.serial).exists() => {
            report.line("ok", "scanner", &scanner.serial);
        }
        Some(scanner) => report.line(
            "warn",
            "scanner",
            format!("没有找到 {}：请检查连线，接上后会自动恢复", scanner.serial),
        ),
    }
}

fn printer(report: &mut Report, settings: &Settings) {
    if let Some(printer) = &settings.printer {
        report.line(
            "warn",
            "printer",
            format!("{}：这个版本还不打印小票", printer.target),
        );
    }
}
