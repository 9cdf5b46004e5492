//! What can go wrong with the ledger, in words that say what a person can do.

use rusqlite::ErrorCode;

/// Why the ledger could not be opened, read or written. After a failed write nothing of it is in
/// the file, and the same write may be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// No room on the disk.
    #[error("磁盘已满，账本无法写入：请清理磁盘空间")]
    Full,
    /// The file, its folder or the file system can't be written.
    #[error("账本文件只读，无法写入：请检查文件权限和磁盘")]
    ReadOnly,
    /// The file, or one of its companions (-wal, -shm), can't be opened.
    #[error("账本文件打不开：请检查数据目录是否存在、是否有权限")]
    CannotOpen,
    /// The file system can't hold a write-ahead log (a network share, say).
    #[error("数据目录所在的磁盘不支持账本：请把数据目录放在本机磁盘上")]
    NoWal,
    /// There is no ledger here yet.
    #[error("这里还没有账本：请先启动一次收银程序")]
    Missing,
    /// The file is not a ledger of this program.
    #[error("ledger.db 不是本程序的账本：请换一个数据目录，或恢复备份")]
    NotALedger,
    /// What was read can't be right.
    #[error("账本已损坏（{what}）：请停止收款，运行 shouyin audit verify，并恢复备份")]
    Corrupt {
        /// What was found, and where.
        what: String,
    },
    /// Written by a newer program.
    #[error("账本由更新版本的程序写成（版本 {found}，本程序支持到 {known}）：请升级程序")]
    TooNew {
        /// The file's schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// Written by an older program, and opened for reading only.
    #[error("账本还是旧版本（版本 {found}，需要 {known}）：请先启动一次收银程序完成升级")]
    TooOld {
        /// The file's schema.
        found: i64,
        /// The one this program reads.
        known: i64,
    },
    /// The audit key is not the one the chain was made with.
    #[error("审计密钥与账本不符：请恢复与账本配套的 vault.json 和 device.key")]
    WrongKey,
    /// Another program holds the file.
    #[error("账本正被另一个程序占用：请关闭它后重试")]
    Busy,
    /// This bill_no is taken by a bill of another sale or amount.
    #[error("单号 {bill_no} 已被另一笔占用：请重新发起这一笔")]
    Taken {
        /// The number.
        bill_no: String,
    },
    /// This refund_no is taken by a refund of another bill or amount.
    #[error("退款单号 {refund_no} 已被另一笔退款占用：请重新发起退款")]
    RefundTaken {
        /// The number.
        refund_no: String,
    },
    /// There is an open shift already.
    #[error("第 {no} 班还没有交班：请先交班")]
    ShiftOpen {
        /// The open one.
        no: u32,
    },
    /// A closed shift never changes.
    #[error("第 {no} 班已经交班，不能再改")]
    ShiftOver {
        /// The closed one.
        no: u32,
    },
    /// Shifts are numbered without gaps.
    #[error("班次号 {no} 不对：下一班应是第 {next} 班")]
    ShiftNumber {
        /// As given.
        no: u32,
        /// As it has to be.
        next: i64,
    },
    /// A job of the print queue can't become this: a mistake in this program, or a slip that was
    /// printed by itself already.
    #[error("打印任务 {no} 与账本不符，没有打印：请从账单里重打")]
    PrintJob {
        /// Its number.
        no: u64,
    },
    /// A bill that would not be read back as it is: a mistake in this program.
    #[error("这一笔无法写成账本格式（{why}）：请联系开发者")]
    Unwritable {
        /// What differs.
        why: String,
    },
    /// The disk or the system failed (a failed fsync among them).
    #[error("读写账本失败（{why}）：请检查磁盘")]
    Io {
        /// The system's words.
        why: String,
    },
}

impl LedgerError {
    pub(super) fn corrupt(what: impl Into<String>) -> LedgerError {
        LedgerError::Corrupt { what: what.into() }
    }

    fn of_code(code: ErrorCode, text: String) -> LedgerError {
        match code {
            ErrorCode::DiskFull => LedgerError::Full,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => LedgerError::ReadOnly,
            ErrorCode::CannotOpen => LedgerError::CannotOpen,
            ErrorCode::NotADatabase => LedgerError::NotALedger,
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed => LedgerError::Busy,
            ErrorCode::DatabaseCorrupt
            | ErrorCode::ConstraintViolation
            | ErrorCode::TypeMismatch
            | ErrorCode::Unknown => LedgerError::Corrupt { what: text },
            _ => LedgerError::Io { why: text },
        }
    }
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> LedgerError {
        use rusqlite::Error as E;
        let text = error.to_string();
        match error {
            E::SqliteFailure(failure, _) | E::SqlInputError { error: failure, .. } => {
                LedgerError::of_code(failure.code, text)
            }
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::InvalidColumnType(..)
            | E::QueryReturnedNoRows
            | E::QueryReturnedMoreThanOneRow => LedgerError::Corrupt { what: text },
            _ => LedgerError::Io { why: text },
        }
    }
}

impl From<std::io::Error> for LedgerError {
    fn from(error: std::io::Error) -> LedgerError {
        use std::io::ErrorKind as K;
        match error.kind() {
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => LedgerError::Full,
            K::ReadOnlyFilesystem | K::PermissionDenied => LedgerError::ReadOnly,
            K::NotFound | K::IsADirectory | K::NotADirectory => LedgerError::CannotOpen,
            _ => LedgerError::Io {
                why: error.to_string(),
            },
        }
    }
}
