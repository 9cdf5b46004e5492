//! `shouyin doctor`: a line a check, `ok|warn|fail name text`; exit 1 on a fail.

mod camera;
mod gateway;

use super::{Exit, Home, Outcome, print_line};
use crate::devices::pole::look_for;
use crate::devices::{self, Gone};
use crate::domain::config::Settings;
use crate::ledger::{LedgerError, Reader};
use crate::till::open::{config_path, ledger_path, read_settings};
use crate::vault::Vault;
use std::path::Path;

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
                        gateway::check(&mut report, &settings, &vault);
                    }
                }
                Err(error) => report.line("fail", "secrets", error),
            }
            scanner(&mut report, &settings);
            camera::check(&mut report, &settings.camera);
            printer(&mut report, &settings);
            pole(&mut report, &settings);
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

fn scanner(report: &mut Report, settings: &Settings) {
    match &settings.scanner {
        None => report.line("ok", "scanner", "键盘扫码枪不需要设置"),
        Some(scanner) => match devices::scanner::probe(scanner) {
            Ok(name) => report.line("ok", "scanner", name),
            // As a rule by the till itself, which takes it for itself alone.
            Err(Gone::Busy(path)) => report.line("ok", "scanner", format!("{path} 正在使用")),
            Err(gone) => report.line("warn", "scanner", gone),
        },
    }
}

fn printer(report: &mut Report, settings: &Settings) {
    if let Some(printer) = &settings.printer {
        let state = devices::printer::check(printer);
        let grade = if state.is_able() { "ok" } else { "warn" };
        report.line(grade, "printer", format!("{}：{state}", printer.target));
    }
}

fn pole(report: &mut Report, settings: &Settings) {
    let Some(pole) = &settings.pole else { return };
    match look_for(&pole.target) {
        Ok(path) => report.line("ok", "pole", path),
        Err(gone) => report.line("warn", "pole", gone),
    }
}
