//! What can go wrong with the vault: one plain line each, that says what to do. None holds a
//! secret.

use crate::domain::staff::StaffRule;
use std::io;

/// The vault can't be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is none.
    #[error("这台收银机还没有设置，请先运行 shouyin setup --from 文件")]
    Missing,
    /// A file can't be read or written.
    #[error("无法读写 {file}：{error}")]
    Io {
        /// Its name in the data directory.
        file: &'static str,
        /// The system's reason.
        error: io::Error,
    },
    /// Not a vault.
    #[error("vault.json 不完整或被改动过，请从备份恢复，或重新运行 shouyin setup")]
    Unreadable,
    /// Made by a later version.
    #[error("vault.json 是更新版本的收银写的，请升级这台机器上的程序")]
    Newer,
    /// A field was changed.
    #[error("vault.json 被改动过，已拒绝使用；请从备份恢复整个数据目录")]
    Tampered,
    /// No device key.
    #[error("找不到 device.key，没有它就打不开密钥；请从备份恢复，它要和 vault.json 放在一起")]
    NoDeviceKey,
    /// device.key isn't one.
    #[error("device.key 不完整，请从备份恢复")]
    BrokenDeviceKey,
    /// Another vault's device key.
    #[error("device.key 与 vault.json 不是同一次设置的，请从同一份备份恢复这两个文件")]
    WrongDeviceKey,
    /// The OS keyring.
    #[error("系统钥匙串不可用（{0}）；请登录桌面并解锁钥匙串，或不加 --keyring 重新设置")]
    Keyring(String),
    /// master_secret without a manager (DESIGN: secrets).
    #[error("有退款密钥却没有店长，无法封存；请加一名 role = \"manager\" 的员工")]
    NeedsManager,
    /// Nobody could sign in.
    #[error("至少要有一名员工")]
    NoStaff,
    /// Two of the same id.
    #[error("员工编号重复")]
    StaffTwice,
    /// No such id.
    #[error("没有这个员工编号：{0}")]
    NoSuchStaff(String),
    /// The last manager who may sign in.
    #[error("最后一位店长不能停用")]
    LastManager,
    /// A manager's way to master_secret is made only by one who has it.
    #[error("请先由店长登录：新的店长要从已登录的店长那里得到退款密钥")]
    MasterSealed,
    /// An id, a name or a PIN that breaks the rule.
    #[error(transparent)]
    Rule(#[from] StaffRule),
    /// No random numbers, or no memory for a PIN's check.
    #[error("系统给不出随机数或内存，请重启机器后再试")]
    NoRandom,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong id or PIN.
    #[error("编号或密码不对，还可以试 {left} 次")]
    Wrong {
        /// Tries left before the lock.
        left: u32,
    },
    /// Too many wrong PINs.
    #[error("密码错误次数太多，请 30 分钟后再试")]
    LockedUntil {
        /// UTC milliseconds.
        until_ms: i64,
    },
    /// The count can't be kept, or the vault is broken: no PIN is checked then.
    #[error(transparent)]
    Vault(#[from] VaultError),
}
