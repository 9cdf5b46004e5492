//! Practice mode: the simulator on a loopback port, and a provisioned folder of its own.

use super::{Failure, Home};
use crate::domain::Host;
use crate::domain::config::{ProvisionedStaff, Secrets, Settings};
use crate::domain::staff::{Role, Staff};
use crate::simulator::{Options, Running, Simulator};
use crate::till::OpenError;
use crate::till::open::{config_path, read_settings, take_lock, write_settings};
use crate::vault::{DeviceKeyPlace, Vault};
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

/// The PIN of both practice people; the panel shows it.
const PIN: &str = "000000";

/// Starts the embedded gateway and writes the folder's settings for it. The lock is held
/// meanwhile, so that a running practice till keeps its own; the till then takes it for good.
pub(super) fn start(
    home: &Home,
    runtime: &tokio::runtime::Runtime,
    wait: Duration,
) -> Result<Running, Failure> {
    let dir = home.practice_dir();
    std::fs::create_dir_all(&dir)
        .map_err(|e| Failure::no(format!("建不了练习目录 {}：{e}", dir.display())))?;
    let _lock = take_lock(&dir, wait)?;
    // The same port again where it is free, so that bills of an earlier run know their host.
    let last = read_settings(&dir).ok().and_then(|s| port(&s)).unwrap_or(0);
    let running = [last, 0].into_iter().find_map(|port| {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let memory = Some(dir.join("gateway.json"));
        let options = Options {
            memory,
            ..Options::default()
        };
        runtime.block_on(Simulator::start(listen, options)).ok()
    });
    let running = running.ok_or_else(|| Failure::no("练习网关启动不了：本机没有可用的端口"))?;
    provision(&dir, &Host(running.base_url()))?;
    Ok(running)
}

fn port(settings: &Settings) -> Option<u16> {
    settings
        .gateway
        .servers
        .first()?
        .0
        .rsplit(':')
        .next()?
        .parse()
        .ok()
}

/// Somebody wrote it, and practice opens nevertheless.
fn put_aside(dir: &Path, error: &OpenError) {
    let (path, aside) = (config_path(dir), dir.join("config.toml.bad"));
    if path.exists() && std::fs::rename(&path, &aside).is_ok() {
        let line = format!("{error}；练习用默认设置，原来的改名为 {}", aside.display());
        super::warn_line(&line);
    }
}

fn provision(dir: &Path, host: &Host) -> Result<(), Failure> {
    // What was changed in the settings stays (the provider, too); only where the gateway listens
    // is new.
    let mut settings = match read_settings(dir) {
        Ok(settings) => settings,
        Err(error) => {
            put_aside(dir, &error);
            Settings::practice(host.clone())
        }
    };
    settings.gateway.servers = vec![host.clone()];
    write_settings(dir, &settings)?;
    if Vault::open(dir).is_ok() {
        return Ok(());
    }
    let secrets = Secrets {
        app_secret: SecretString::from("practice-app"),
        master_secret: Some(SecretString::from("practice-master")),
        test_secret: None,
    };
    let person = |id: &str, name: &str, role| ProvisionedStaff {
        staff: Staff {
            id: id.to_owned(),
            name: name.to_owned(),
            role,
        },
        pin: SecretString::from(PIN),
    };
    let staff = [
        person("1001", "一号收银员", Role::Cashier),
        person("2001", "一号店长", Role::Manager),
    ];
    Vault::create(dir, secrets, &staff, DeviceKeyPlace::File).map_err(Failure::no)?;
    Ok(())
}
