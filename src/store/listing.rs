//! Listings of cases, a page at a time: nobody keeps a hundred thousand cases in memory to print them.

use rusqlite::{Connection, named_params};

use super::cases;
use super::error::StoreError;
use super::keys::case_key;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::state::State;

/// Which cases a listing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// Those that somebody still has to do something about.
    #[default]
    Open,
    /// Every one.
    All,
}

/// A page of a listing, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Open ones, or all.
    pub which: Which,
    /// Only those in one of these states, where some are named.
    pub states: Vec<State>,
    /// Only those of this handler.
    pub handler: Option<String>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<CaseId>,
    /// How many at the most.
    pub limit: u32,
}

/// The cases of a page.
pub(super) fn page(connection: &Connection, page: &Page) -> Result<Vec<Case>, StoreError> {
    let mut wanted = vec!["key < :before"];
    if page.which == Which::Open {
        wanted.push("state <> 'closed'");
    }
    let names: Vec<String> =
        page.states.iter().map(|state| format!("'{}'", state.name())).collect();
    let states = format!("state IN ({})", names.join(", "));
    if !names.is_empty() {
        wanted.push(&states);
    }
    if page.handler.is_some() {
        wanted.push("handler = :handler");
    }
    let sql = format!(
        "SELECT * FROM cases WHERE {} ORDER BY key DESC LIMIT :limit",
        wanted.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let before = page.before.map_or(i64::MAX, case_key);
    let mut rows = match &page.handler {
        Some(handler) => statement
            .query(named_params! {":before": before, ":limit": page.limit, ":handler": handler})?,
        None => statement.query(named_params! {":before": before, ":limit": page.limit})?,
    };
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(cases::from_row(row)?);
    }
    Ok(found)
}
