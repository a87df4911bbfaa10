//! Rows out of tables of which some pages cannot be read.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::Copied;
use crate::store::error::StoreError;
use crate::store::schema;

/// Opens a store of which anything may be damaged but its first page, and leaves it as it is.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(path, flags)
        .map_err(|e| StoreError::Open { path: path.to_owned(), why: e.to_string() })?;
    // What waits in the write-ahead log is read, and not written into the damaged file.
    old.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    old.pragma_update(None, "query_only", true)?;
    old.pragma_update(None, "trusted_schema", false)?;
    schema::check(&old, path)?;
    Ok(old)
}

/// The tables of a store, each before those that were made after it.
pub(super) fn tables_of(store: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = store.prepare(
        "SELECT name FROM main.sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rootpage",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The columns of a table.
pub(super) fn columns_of(store: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = store.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The columns by whose order a table lies on the disk.
fn key_of(store: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement =
        store.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Copies the rows of `table` into the table `to` of the new store: from the beginning to the first
/// page that cannot be read, and from the end to the last.
pub(super) fn copy(
    old: &Connection,
    new: &Connection,
    table: &str,
    to: &str,
) -> Result<Copied, StoreError> {
    let columns = columns_of(new, table)?;
    let key = key_of(new, table)?;
    let (names, marks) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
    let mut insert =
        new.prepare(&format!("INSERT OR IGNORE INTO {to} ({names}) VALUES ({marks})"))?;
    let mut copied = Copied { table: table.to_owned(), rows: 0, damage: None };
    for way in ["ASC", "DESC"] {
        let order: Vec<String> = key.iter().map(|column| format!("{column} {way}")).collect();
        // Not by an index, which may be the part that is damaged.
        let sql = format!("SELECT {names} FROM {table} NOT INDEXED ORDER BY {}", order.join(", "));
        let read = read(old, &sql, columns.len(), |row| {
            match insert.execute(params_from_iter(row)) {
                Ok(added) => {
                    copied.rows = copied.rows.saturating_add(u64::try_from(added).unwrap_or(0));
                }
                // Bytes that were read, and that no embargod wrote.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                    copied.damage = Some(error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
            Ok(())
        });
        match read {
            Ok(()) => break,
            Err(StoreError::Damaged(why)) => copied.damage = Some(why),
            Err(error) => return Err(error),
        }
    }
    Ok(copied)
}

/// Gives each row of a query to `take`.
fn read(
    store: &Connection,
    sql: &str,
    columns: usize,
    mut take: impl FnMut(Vec<Value>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = store.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take((0..columns).map(|n| row.get::<_, Value>(n)).collect::<Result<_, _>>()?)?;
    }
    Ok(())
}
