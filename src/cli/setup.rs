//! `shouyin setup`: provisions the data directory, seals the secrets, says what it did.

use super::{Exit, Failure, Home, Outcome, print_line};
use crate::domain::config::Provisioning;
use crate::domain::query::Query;
use crate::ledger::{AuditKey, Ledger, LedgerError, Reader};
use crate::till::open::{ledger_path, read_settings, take_lock, write_settings};
use crate::vault::{DeviceKeyPlace, Vault};
use std::io::Read;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// No provisioning file is larger.
const LARGEST: u64 = 1 << 20;

pub(super) fn run(home: &Home, from: &str, keyring: bool, wait: Duration) -> Outcome {
    if home.asked_for_practice() {
        return Err(Failure::wrong("练习模式不需要 setup：去掉 --practice"));
    }
    let text = read(from)?;
    let provisioning = Provisioning::parse(&text)
        .map_err(|e| Failure::wrong(format!("{} 有一处不对：{e}", name(from))))?;
    drop(text);
    let dir = home.live();
    make_dir(dir)?;
    let _lock = take_lock(dir, wait)?;
    refuse_without_its_vault(dir)?;
    refuse_while_open(dir)?;
    refuse_to_mix(dir, provisioning.settings.gateway.sandbox)?;
    let place = if keyring {
        DeviceKeyPlace::Keyring
    } else {
        DeviceKeyPlace::File
    };
    let has_master = provisioning.secrets.master_secret.is_some();
    let settings_text = provisioning.settings.to_toml().map_err(Failure::no)?;
    let vault = Vault::create(dir, provisioning.secrets, &provisioning.staff, place)
        .map_err(Failure::no)?;
    let mut ledger =
        Ledger::open(&ledger_path(dir), AuditKey::new(vault.audit_key())).map_err(Failure::no)?;
    ledger
        .note("setup", &settings_text, crate::till::wall_ms())
        .map_err(Failure::no)?;
    // config.toml makes the till live, so it is written last.
    write_settings(dir, &provisioning.settings)?;
    report(
        dir,
        &provisioning.settings,
        provisioning.staff.len(),
        has_master,
        keyring,
    );
    Ok(Exit::Done)
}

fn name(from: &str) -> &str {
    if from == "-" { "标准输入" } else { from }
}

fn read(from: &str) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let result = if from == "-" {
        std::io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_string(&mut text)
    } else {
        std::fs::File::open(from).and_then(|f| f.take(LARGEST).read_to_string(&mut text))
    };
    result.map_err(|e| Failure::wrong(format!("读不了 {}：{e}", name(from))))?;
    Ok(text)
}

fn make_dir(dir: &Path) -> Result<(), Failure> {
    let failed = |e| Failure::no(format!("建不了数据目录 {}：{e}", dir.display()));
    std::fs::create_dir_all(dir).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// The ledger's chain was made with the vault's key: a new vault could never check it, nor open it.
fn refuse_without_its_vault(dir: &Path) -> Result<(), Failure> {
    if ledger_path(dir).exists() && !Vault::exists(dir) {
        return Err(Failure::no(format!(
            "{} 里有账本却没有 vault.json：请从备份恢复 vault.json 和 device.key，或先把 ledger.db 移到别处保存",
            dir.display()
        )));
    }
    Ok(())
}

/// A second setup keeps the ledger; with an open bill or refund it would lose the gateway that knows it.
fn refuse_while_open(dir: &Path) -> Result<(), Failure> {
    let path = ledger_path(dir);
    if !path.exists() {
        return Ok(());
    }
    let reader = match Reader::open(&path) {
        Ok(reader) => reader,
        Err(LedgerError::Missing) => return Ok(()),
        Err(error) => return Err(Failure::no(error)),
    };
    let bills = reader.open_bills().map_err(Failure::no)?;
    let refunds = reader.books().open_refunds().map_err(Failure::no)?;
    let bills = bills.iter().map(|bill| bill.bill_no.to_string());
    let open: Vec<String> = bills
        .chain(refunds.iter().map(|refund| refund.refund_no.to_string()))
        .collect();
    match open.first() {
        Some(number) => Err(Failure::no(format!(
            "还有 {} 笔没有结果（如 {number}），不能改设置：请先运行 shouyin settle",
            open.len(),
        ))),
        None => Ok(()),
    }
}

/// Test payments are no money: they and real ones never share a ledger.
fn refuse_to_mix(dir: &Path, sandbox: bool) -> Result<(), Failure> {
    let Ok(before) = read_settings(dir) else {
        return Ok(());
    };
    if before.gateway.sandbox == sandbox {
        return Ok(());
    }
    let reader = match Reader::open(&ledger_path(dir)) {
        Ok(reader) => reader,
        Err(LedgerError::Missing) => return Ok(()),
        Err(error) => return Err(Failure::no(error)),
    };
    let any = Query {
        limit: 1,
        ..Query::default()
    };
    match reader.search(&any).map_err(Failure::no)?.is_empty() {
        true => Ok(()),
        false => Err(Failure::no(
            "测试模式（sandbox）的账和真账不能放在同一个账本：请用另一个 --data-dir",
        )),
    }
}

fn report(
    dir: &Path,
    settings: &crate::domain::config::Settings,
    staff: usize,
    has_master: bool,
    keyring: bool,
) {
    let channels: Vec<&str> = settings.gateway.channels.iter().map(|c| c.name()).collect();
    print_line(&format!(
        "已设置：{} 收银台 {}",
        settings.shop.name, settings.shop.till
    ));
    print_line(&format!("数据目录：{}", dir.display()));
    let hosts: Vec<&str> = settings
        .gateway
        .servers
        .iter()
        .map(|h| h.0.as_str())
        .collect();
    print_line(&format!("网关：{}", hosts.join("、")));
    print_line(&format!("渠道：{}", channels.join("、")));
    let links: Vec<&str> = settings.gateway.links.iter().map(|c| c.name()).collect();
    if !links.is_empty() {
        print_line(&format!("付款链接：{}", links.join("、")));
    }
    if settings.gateway.sandbox {
        print_line("测试模式（sandbox）：只有付款链接，没有真实扣款");
    }
    print_line(&format!("员工：{staff} 人"));
    let refunds = if has_master {
        "已封存，店长登录后才能打开"
    } else {
        "没有，本机不能退款"
    };
    print_line(&format!("退款密钥：{refunds}"));
    let place = if keyring {
        "系统钥匙串"
    } else {
        "device.key（只有本用户能读）"
    };
    print_line(&format!("设备密钥：{place}"));
    print_line("密钥已封存；请删除或妥善保管原来的设置文件。");
}
