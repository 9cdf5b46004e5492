//! `audit verify`: is the file what this program wrote (I11)?
//!
//! Walks the chain from the first event, rebuilds the tables in a scratch database while it goes,
//! then compares head, tables and schema, and lets SQLite check its pages. It reads one moment of
//! the file and never writes to it; a till may go on meanwhile.
//!
//! What it can't find: a whole older copy of the file put in the place of the newer one. Its
//! chain and head fit each other; only something kept elsewhere could tell.

use super::body::Body;
use super::chain::{self, AuditKey, Event, Head, Link};
use super::error::LedgerError;
use super::{reader, schema, tables};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use std::fmt;
use std::path::Path;

/// The chain holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many events were checked.
    pub events: i64,
}

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row}: {why}")]
pub struct Broken {
    /// Where.
    pub row: Place,
    /// What.
    pub why: Why,
}

/// A place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The event of this number.
    Event(i64),
    /// The one row of `head`.
    Head,
    /// A row of a table, by the table's name and what the row is about.
    Row {
        /// The table.
        table: &'static str,
        /// bill_no, sale, refund_no, the shift's or the print job's number, or the row's
        /// id.
        name: String,
    },
    /// A table, index or trigger.
    Schema(String),
    /// The file as a whole.
    File,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Event(seq) => write!(f, "event {seq}"),
            Place::Head => f.write_str("head"),
            Place::Row { table, name } => write!(f, "{table} {name}"),
            Place::Schema(name) => write!(f, "schema {name}"),
            Place::File => f.write_str("ledger.db"),
        }
    }
}

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It is not what was written.
    #[error("被改动过")]
    Edited,
    /// This column is not what the events say.
    #[error("{0} 与事件不符")]
    Differs(String),
    /// It should be there.
    #[error("缺失")]
    Missing,
    /// It should not be there.
    #[error("多出")]
    Added,
    /// The chain was made with another key.
    #[error("审计密钥与账本不符")]
    WrongKey,
    /// It can't be read, or does not fit what came before.
    #[error("{0}")]
    Unreadable(LedgerError),
    /// SQLite's own check of its pages.
    #[error("{0}")]
    Pages(String),
}

type Checked<T> = Result<T, Broken>;

fn broken<T>(row: Place, why: Why) -> Checked<T> {
    Err(Broken { row, why })
}

/// Turns an error met at a place into what is broken there.
fn at<E: Into<LedgerError>>(place: &Place) -> impl FnOnce(E) -> Broken {
    let row = place.clone();
    move |error| Broken {
        row,
        why: Why::Unreadable(error.into()),
    }
}

/// Checks the whole file.
///
/// # Errors
///
/// The first row that does not hold; [`Place::File`] where the file can't be opened at all.
pub fn verify(path: &Path, key: &AuditKey) -> Result<Verified, Broken> {
    let file = Place::File;
    let conn = reader::open(path).map_err(at(&file))?;
    let known = schema::known();
    let found = schema::check_identity(&conn, known).map_err(at(&file))?;
    if found != known {
        return broken(file, Why::Unreadable(LedgerError::TooOld { found, known }));
    }
    let conn = conn.unchecked_transaction().map_err(at(&file))?;
    let rebuilt = tables::scratch().map_err(at(&file))?;
    let walked = walk(&conn, key, &rebuilt)?;
    check_head(&conn, key, &walked)?;
    for table in TABLES {
        compare(&conn, &rebuilt, table)?;
    }
    check_schema(&conn)?;
    check_pages(&conn)?;
    Ok(Verified {
        events: walked.count,
    })
}

/// Follows the chain to its end, and rebuilds the tables on the way.
fn walk(conn: &Connection, key: &AuditKey, rebuilt: &Connection) -> Checked<Head> {
    let mut head = Head::NEW;
    let first = Place::Event(1);
    let mut events = conn
        .prepare("SELECT seq, at_ms, kind, bill_no, body, mac FROM event ORDER BY seq")
        .map_err(at(&first))?;
    let mut rows = events.query([]).map_err(at(&first))?;
    loop {
        let seq = head.count.saturating_add(1);
        let place = Place::Event(seq);
        let Some(row) = rows.next().map_err(at(&place))? else {
            return Ok(head);
        };
        let row = EventRow::read(row).map_err(at(&place))?;
        if row.seq > seq {
            return broken(place, Why::Missing);
        }
        if row.seq < seq {
            return broken(Place::Event(row.seq), Why::Added);
        }
        let link = row.event().link(key, &head.last);
        if !chain::same(&link, &row.mac) {
            return broken(place, edited_or_wrong_key(conn, key, seq));
        }
        row.project(rebuilt).map_err(at(&place))?;
        head = Head {
            count: seq,
            last: link,
        };
    }
}

/// Where not even the head fits, nobody edited the first row: the key is another one.
fn edited_or_wrong_key(conn: &Connection, key: &AuditKey, seq: i64) -> Why {
    match read_head(conn) {
        Ok(Some((head, seal))) if seq == 1 && !chain::same(&seal, &head.seal(key)) => Why::WrongKey,
        _ => Why::Edited,
    }
}

struct EventRow {
    seq: i64,
    at_ms: i64,
    kind: String,
    bill_no: Option<String>,
    body: String,
    mac: Link,
}

impl EventRow {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<EventRow> {
        Ok(EventRow {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            kind: row.get(2)?,
            bill_no: row.get(3)?,
            body: row.get(4)?,
            mac: row.get(5)?,
        })
    }

    fn event(&self) -> Event<'_> {
        Event {
            seq: self.seq,
            at_ms: self.at_ms,
            kind: &self.kind,
            bill_no: self.bill_no.as_deref(),
            body: &self.body,
        }
    }

    fn project(&self, rebuilt: &Connection) -> Result<(), LedgerError> {
        tables::project(rebuilt, self.seq, &Body::decode(&self.body, self.seq)?)
    }
}

fn read_head(conn: &Connection) -> Result<Option<(Head, Link)>, LedgerError> {
    let head = conn
        .query_row("SELECT count, last, mac FROM head", [], |row| {
            let head = Head {
                count: row.get(0)?,
                last: row.get(1)?,
            };
            Ok((head, row.get(2)?))
        })
        .optional()?;
    Ok(head)
}

/// The head's seal is the key's, and the chain ends where it says.
fn check_head(conn: &Connection, key: &AuditKey, walked: &Head) -> Checked<()> {
    let place = Place::Head;
    let Some((head, seal)) = read_head(conn).map_err(at(&place))? else {
        return broken(place, Why::Missing);
    };
    if !chain::same(&seal, &head.seal(key)) {
        return broken(place, Why::Edited);
    }
    if walked.count < head.count {
        return broken(Place::Event(walked.count.saturating_add(1)), Why::Missing);
    }
    if walked.count > head.count {
        return broken(Place::Event(head.count.saturating_add(1)), Why::Added);
    }
    let rows: i64 = conn
        .query_row("SELECT count(*) FROM head", [], |row| row.get(0))
        .map_err(at(&place))?;
    if rows != 1 {
        return broken(place, Why::Added);
    }
    if head.last != walked.last {
        return broken(place, Why::Edited);
    }
    Ok(())
}

/// A table to compare: its name, its rows by id, and which column names a row to a person.
struct Table {
    name: &'static str,
    sql: &'static str,
    named_by: usize,
}

const TABLES: [Table; 7] = [
    Table {
        name: "bill",
        sql: "SELECT * FROM bill ORDER BY id",
        named_by: 2,
    },
    Table {
        name: "sale",
        sql: "SELECT * FROM sale ORDER BY id",
        named_by: 1,
    },
    Table {
        name: "refund",
        sql: "SELECT * FROM refund ORDER BY id",
        named_by: 2,
    },
    Table {
        name: "shift",
        sql: "SELECT * FROM shift ORDER BY id",
        named_by: 2,
    },
    Table {
        name: "reconcile",
        sql: "SELECT * FROM reconcile ORDER BY id",
        named_by: 0,
    },
    Table {
        name: "print_job",
        sql: "SELECT * FROM print_job ORDER BY id",
        named_by: 2,
    },
    Table {
        name: "serial",
        sql: "SELECT * FROM serial ORDER BY id",
        named_by: 0,
    },
];

/// Both tables by id, side by side: the first row that only one has, or that differs.
fn compare(conn: &Connection, rebuilt: &Connection, table: Table) -> Checked<()> {
    let whole = Place::Row {
        table: table.name,
        name: "*".to_owned(),
    };
    let mut here = conn.prepare(table.sql).map_err(at(&whole))?;
    let mut there = rebuilt.prepare(table.sql).map_err(at(&whole))?;
    let columns: Vec<String> = there.column_names().map(str::to_owned).collect();
    let mut here = here.query([]).map_err(at(&whole))?;
    let mut there = there.query([]).map_err(at(&whole))?;
    loop {
        let actual = values(&mut here, columns.len()).map_err(at(&whole))?;
        let expected = values(&mut there, columns.len()).map_err(at(&whole))?;
        let (row, why) = match (actual, expected) {
            (None, None) => return Ok(()),
            (Some(actual), None) => (actual, Why::Added),
            (None, Some(expected)) => (expected, Why::Missing),
            (Some(actual), Some(expected)) => match difference(&actual, &expected, &columns) {
                None => continue,
                Some(Why::Added) => (actual, Why::Added),
                Some(why) => (expected, why),
            },
        };
        let name = row.get(table.named_by).map_or_else(String::new, text_of);
        let table = table.name;
        return broken(Place::Row { table, name }, why);
    }
}

fn values(rows: &mut rusqlite::Rows<'_>, columns: usize) -> rusqlite::Result<Option<Vec<Value>>> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    (0..columns)
        .map(|i| row.get(i))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// What is wrong with a row, where anything is. The first column is the id.
fn difference(actual: &[Value], expected: &[Value], columns: &[String]) -> Option<Why> {
    let mut cells = actual.iter().zip(expected).zip(columns);
    let ((a, e), column) = cells.find(|((a, e), _)| a != e)?;
    Some(match (a, e) {
        (Value::Integer(a), Value::Integer(e)) if column == "id" && a < e => Why::Added,
        _ if column == "id" => Why::Missing,
        _ => Why::Differs(column.clone()),
    })
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        _ => "?".to_owned(),
    }
}

/// The triggers that keep `event` append-only are there, and nothing else is.
fn check_schema(conn: &Connection) -> Checked<()> {
    let file = Place::File;
    let should = Connection::open_in_memory().map_err(at(&file))?;
    schema::make(&should).map_err(at(&file))?;
    let is = made(conn).map_err(at(&file))?;
    let should = made(&should).map_err(at(&file))?;
    for (name, sql) in &should {
        match is.iter().find(|(other, _)| other == name) {
            None => return broken(Place::Schema(name.clone()), Why::Missing),
            Some((_, other)) if other != sql => {
                return broken(Place::Schema(name.clone()), Why::Edited);
            }
            Some(_) => {}
        }
    }
    match is.into_iter().find(|entry| !should.contains(entry)) {
        Some((name, _)) => broken(Place::Schema(name), Why::Added),
        None => Ok(()),
    }
}

/// Name and SQL of everything in a schema, but for SQLite's own statistics.
fn made(conn: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    conn.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn check_pages(conn: &Connection) -> Checked<()> {
    let file = Place::File;
    let said: String = conn
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(at(&file))?;
    if said == "ok" {
        Ok(())
    } else {
        broken(file, Why::Pages(said))
    }
}
