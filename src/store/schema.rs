//! The schema and its history: numbered migrations, each in a transaction of its own together with
//! the version it leads to.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;

/// The migrations, oldest first. A released one never changes.
const MIGRATIONS: [&str; 1] = [include_str!("sql/0001.sql")];

/// The schema version of this program.
pub const VERSION: u32 = MIGRATIONS.len() as u32;

/// Brings a database to the newest schema.
///
/// # Errors
/// [`StoreError::Newer`] where it is past that already.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    loop {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version_of(&tx)?;
        refuse_newer(version, path)?;
        let Some(step) = usize::try_from(version).ok().and_then(|v| MIGRATIONS.get(v)) else {
            return Ok(());
        };
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", version.saturating_add(1))?;
        step!("store.migrating");
        tx.commit()?;
    }
}

/// Refuses a database that this program cannot read.
///
/// # Errors
/// [`StoreError::Newer`], or [`StoreError::Open`] where there is no schema yet.
pub fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let version = version_of(connection)?;
    refuse_newer(version, path)?;
    if version < VERSION {
        let why =
            format!("its schema is {version}, not {VERSION}: start embargod once to upgrade it");
        return Err(StoreError::Open { path: path.to_owned(), why });
    }
    Ok(())
}

fn version_of(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn refuse_newer(found: u32, path: &Path) -> Result<(), StoreError> {
    if found > VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    Ok(())
}
