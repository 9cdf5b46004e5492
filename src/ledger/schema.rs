//! Opening the file: its settings, its rights, its schema and the way from an older one.
//!
//! A file is brought up to date inside one transaction, after a copy of it was put aside as
//! `ledger.db.before-vN`, N being the schema after its own. Nothing else here scans a table: a till starts at once, however many
//! bills it holds.

use super::chain::{AuditKey, Head};
use super::error::LedgerError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `PRAGMA application_id`: "SHOU". Another program's database is never touched.
const APPLICATION_ID: i64 = 0x5348_4f55;

/// One writer a directory holds the till's lock, so waiting is for copies and checkpoints only.
const BUSY: Duration = Duration::from_secs(2);

/// Step n leads to schema n + 1; `PRAGMA user_version` says where a file stands. Never edit one:
/// files out there have it.
pub(super) const STEPS: &[&str] = &[
    include_str!("v1.sql"),
    include_str!("v2.sql"),
    include_str!("v3.sql"),
];

/// Makes the empty tables of the newest schema, by the same steps as a file gets them.
pub(super) fn make(conn: &Connection) -> Result<(), LedgerError> {
    for step in STEPS {
        conn.execute_batch(step)?;
    }
    Ok(())
}

/// The newest schema this program knows.
pub(super) fn known() -> i64 {
    version_after(STEPS)
}

fn version_after(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

/// Opens for writing: creates the file (0600), or brings it up to `steps`.
pub(super) fn open(path: &Path, key: &AuditKey, steps: &[&str]) -> Result<Connection, LedgerError> {
    private(path)?;
    let mut conn = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    harden(&conn)?;
    if conn.is_readonly("main")? {
        return Err(LedgerError::ReadOnly);
    }
    let found = check_identity(&conn, version_after(steps))?;
    durable(&conn)?;
    migrate(&mut conn, path, key, found, steps)?;
    Ok(conn)
}

/// What every connection gets: no surprises from a tampered schema, bounded waiting.
pub(super) fn harden(conn: &Connection) -> Result<(), LedgerError> {
    conn.busy_timeout(BUSY)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.execute_batch("PRAGMA cell_size_check = ON;")?;
    conn.set_prepared_statement_cache_capacity(48);
    Ok(())
}

/// A commit is on the disk when it returns (I2, I4).
fn durable(conn: &Connection) -> Result<(), LedgerError> {
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        // Where shared memory doesn't work (network file systems), SQLite stays with what it has.
        return Err(LedgerError::NoWal);
    }
    conn.execute_batch(
        "PRAGMA wal_autocheckpoint = 4000;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA journal_size_limit = 16777216;
         PRAGMA foreign_keys = ON;",
    )?;
    Ok(())
}

/// The file's schema: 0 where it is new. Refuses another program's file and a newer schema.
pub(super) fn check_identity(conn: &Connection, known: i64) -> Result<i64, LedgerError> {
    let id: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let new = id == 0 && found == 0 && tables == 0;
    if !new && (id != APPLICATION_ID || found < 1) {
        return Err(LedgerError::NotALedger);
    }
    if found > known {
        return Err(LedgerError::TooNew { found, known });
    }
    Ok(found)
}

fn migrate(
    conn: &mut Connection,
    path: &Path,
    key: &AuditKey,
    found: i64,
    steps: &[&str],
) -> Result<(), LedgerError> {
    let known = version_after(steps);
    if found >= known {
        return Ok(());
    }
    // A file that is new holds nothing to be put aside.
    if found > 0 {
        put_aside(conn, path, found.saturating_add(1))?;
    }
    // All steps at once: what is stopped in the middle is as it was, a new file still new.
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    if found == 0 {
        begin_chain(&tx, key)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", known)?;
    Ok(tx.commit()?)
}

fn begin_chain(tx: &Transaction<'_>, key: &AuditKey) -> Result<(), LedgerError> {
    let head = Head::NEW;
    tx.execute(
        "INSERT INTO head (id, count, last, mac) VALUES (1, ?1, ?2, ?3)",
        rusqlite::params![head.count, head.last, head.seal(key)],
    )?;
    Ok(())
}

/// Copies the file to `ledger.db.before-vN`, durable and whole or not at all.
fn put_aside(conn: &Connection, path: &Path, to: i64) -> Result<(), LedgerError> {
    let copy = with_suffix(path, &format!(".before-v{to}"));
    let part = with_suffix(path, &format!(".before-v{to}.part"));
    match fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    private(&part)?;
    // SQLite fills an empty file as it is, so the copy keeps the rights it was made with.
    let target = part.to_str().ok_or(LedgerError::CannotOpen)?;
    conn.execute("VACUUM INTO ?1", [target])?;
    fs::OpenOptions::new().write(true).open(&part)?.sync_all()?;
    fs::rename(&part, &copy)?;
    sync_folder(&copy)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A new file, or a renamed one, is in its folder after a power cut.
fn sync_folder(path: &Path) -> Result<(), LedgerError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Makes the file where it is missing, readable by its owner alone; SQLite gives -wal and -shm
/// the same rights.
fn private(path: &Path) -> Result<(), LedgerError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_folder(path)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => tighten(path),
        Err(error) => Err(error.into()),
    }
}

/// Takes everybody else's rights from a file that has them (a restored copy, say).
fn tighten(path: &Path) -> Result<(), LedgerError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = fs::metadata(path)?.permissions();
        if rights.mode() & 0o077 != 0 {
            let only_owner = fs::Permissions::from_mode(rights.mode() & 0o700);
            // A file of another owner, or on a file system without rights, is used as it is.
            if let Err(error) = fs::set_permissions(path, only_owner) {
                tracing::warn!(%error, "ledger file is readable by others");
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// The names of what was made by SQL of this type (`index`, `trigger`, `table`).
pub(super) fn names(conn: &Connection, of_type: &str) -> Result<Vec<String>, LedgerError> {
    let mut names =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = ?1 AND sql IS NOT NULL")?;
    let names = names.query_map([of_type], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}
