//! A second, read-only connection, for the bills screen and the reading commands.
//!
//! Architecture invariant: a reader never holds anything that makes the till wait. In WAL mode
//! readers and the writer don't block each other; and since a reading transaction that stays open
//! keeps the WAL from being reset, none outlives one chunk or one call, however slowly the caller
//! takes what it is given.

use super::chain::Head;
use super::error::LedgerError;
use super::tables::number_of;
use super::{read, schema, search};
use crate::domain::query::{Query, StoryLine};
use crate::domain::{Bill, BillNo, Fen, SaleId, State};
use rusqlite::{Connection, OpenFlags, params};
use std::ops::ControlFlow;
use std::path::Path;

/// How many bills are read at once.
const CHUNK: i64 = 256;

/// A read-only connection. It works while a till is running, and on a folder that can't be
/// written where SQLite allows it.
#[derive(Debug)]
pub struct Reader {
    conn: Connection,
}

/// Which bills `Reader::bills` gives (`shouyin bills`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Sent at or after, UTC ms.
    pub since_ms: Option<i64>,
    /// This one.
    pub bill_no: Option<BillNo>,
}

const CHUNK_SQL: &str = "SELECT sent_ms, id FROM bill
     WHERE (sent_ms, id) > (?1, ?2) AND id <= ?5 AND (?3 IS NULL OR class % 10 = ?3)
     ORDER BY sent_ms, id LIMIT ?4";

impl Reader {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// `Missing` where there is no file, `TooOld` and `TooNew` where this program can't read its
    /// schema, and what SQLite says.
    pub fn open(path: &Path) -> Result<Reader, LedgerError> {
        let conn = open(path)?;
        let known = schema::known();
        match schema::check_identity(&conn, known)? {
            0 => Err(LedgerError::Missing),
            found if found < known => Err(LedgerError::TooOld { found, known }),
            _ => Ok(Reader { conn }),
        }
    }

    /// What the manager's desk reads.
    pub fn books(&self) -> super::Books<'_> {
        super::Books::new(&self.conn)
    }

    /// One bill.
    pub fn bill(&self, bill_no: &BillNo) -> Result<Option<Bill>, LedgerError> {
        read::bill(&self.conn, bill_no)
    }

    /// Everything that is not terminal, oldest first.
    pub fn open_bills(&self) -> Result<Vec<Bill>, LedgerError> {
        read::open_bills(&self.conn)
    }

    /// Terminal bills that need a person, oldest first.
    pub fn to_do(&self) -> Result<Vec<Bill>, LedgerError> {
        read::to_do(&self.conn)
    }

    /// Terminal bills that are to be looked at again, by due time.
    pub fn due_looks(&self) -> Result<Vec<Bill>, LedgerError> {
        read::due_looks(&self.conn)
    }

    /// The attempts of a sale, oldest first.
    pub fn sale(&self, sale: &SaleId) -> Result<Vec<Bill>, LedgerError> {
        read::sale(&self.conn, sale)
    }

    /// The newest bills, newest first.
    pub fn latest(&self, n: u32) -> Result<Vec<Bill>, LedgerError> {
        self.search(&Query {
            limit: n,
            ..Query::default()
        })
    }

    /// Searches, newest first.
    pub fn search(&self, query: &Query) -> Result<Vec<Bill>, LedgerError> {
        read::at_once(&self.conn, |conn| search::search(conn, query))
    }

    /// One bill's story, oldest first; empty where there is no such bill.
    pub fn story(&self, bill_no: &BillNo) -> Result<Vec<StoryLine>, LedgerError> {
        read::story(&self.conn, bill_no)
    }

    /// As [`super::Ledger::totals`].
    pub fn totals(&self, from_ms: i64, to_ms: i64) -> Result<(u32, Fen), LedgerError> {
        read::totals(&self.conn, from_ms, to_ms)
    }

    /// How many events there are, and the last one's mac.
    pub fn head(&self) -> Result<Head, LedgerError> {
        read::head(&self.conn)
    }

    /// Gives every bill there is now that fits, oldest first, until there are no more or `each` says stop.
    /// Between the chunks nothing is held, so `each` may take as long as it likes.
    pub fn bills(
        &self,
        filter: &Filter,
        mut each: impl FnMut(Bill) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        if let Some(bill_no) = &filter.bill_no {
            if let Some(bill) = self.bill(bill_no)?.filter(|bill| fits(bill, filter)) {
                let _ = each(bill);
            }
            return Ok(());
        }
        let mut after = (filter.since_ms.unwrap_or(i64::MIN), i64::MIN);
        let until: i64 =
            self.conn
                .query_row("SELECT coalesce(max(id), 0) FROM bill", [], |row| {
                    row.get(0)
                })?;
        // Ends: every chunk moves `after` on, and bills recorded meanwhile are left out.
        loop {
            let (chunk, last) = read::at_once(&self.conn, |conn| {
                read_chunk(conn, filter.state, after, until)
            })?;
            for bill in chunk {
                if each(bill).is_break() {
                    return Ok(());
                }
            }
            match last {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }
}

fn fits(bill: &Bill, filter: &Filter) -> bool {
    filter.state.is_none_or(|state| bill.state == state)
        && filter.since_ms.is_none_or(|ms| bill.sent.wall_ms >= ms)
}

/// Bills read at once, and the place of the last of them.
type Chunk = (Vec<Bill>, Option<(i64, i64)>);

/// The next bills after this place, up to the row `until`.
fn read_chunk(
    conn: &Connection,
    state: Option<State>,
    after: (i64, i64),
    until: i64,
) -> Result<Chunk, LedgerError> {
    let mut statement = conn.prepare_cached(CHUNK_SQL)?;
    let mut rows = statement.query(params![
        after.0,
        after.1,
        state.map(number_of),
        CHUNK,
        until
    ])?;
    let (mut bills, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let id = row.get(1)?;
        last = Some((row.get(0)?, id));
        bills.push(read::bill_by_id(conn, id)?);
    }
    Ok((bills, last))
}

/// Opens the file read-only.
pub(super) fn open(path: &Path) -> Result<Connection, LedgerError> {
    if !path.try_exists()? {
        return Err(LedgerError::Missing);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    match probe(&conn) {
        // A folder that can't be written, and no -wal or -shm beside the file: nobody has it
        // open and nothing waits in a WAL, so it may be read as it is.
        Err(LedgerError::CannotOpen | LedgerError::ReadOnly) if !has_wal(path) => {
            open_as_it_is(path)
        }
        probed => probed.map(|()| conn),
    }
}

/// Opens a file that nobody can be writing, without any lock or companion file.
pub(super) fn open_as_it_is(path: &Path) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(immutable(path)?, flags)?;
    probe(&conn)?;
    Ok(conn)
}

fn probe(conn: &Connection) -> Result<(), LedgerError> {
    schema::harden(conn)?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

fn has_wal(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    Path::new(&wal).exists()
}

/// `file:…?immutable=1`, with everything that means something in a URI escaped.
fn immutable(path: &Path) -> Result<String, LedgerError> {
    let text = path.to_str().ok_or(LedgerError::CannotOpen)?;
    let mut uri = String::from("file:");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.:\\".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri.push_str("?immutable=1");
    Ok(uri)
}
