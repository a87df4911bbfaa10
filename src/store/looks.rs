//! What people look at: listings, a case with its history, the work there is. Nothing here writes.

use super::{Page, Store, StoreError, Which, cases, listing, stats, views};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::case_id::CaseId;
use crate::domain::history::History;
use crate::domain::views::{CaseFile, MailLine, Told, WorkView};

impl Store {
    /// Cases, newest first.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn cases(&self, which: Which) -> Result<Vec<Case>, StoreError> {
        self.reader.run(move |c| cases::list(c, which)).await
    }

    /// A page of cases, newest first.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn page(&self, page: Page) -> Result<Vec<Case>, StoreError> {
        self.reader.run(move |c| listing::page(c, &page)).await
    }

    /// A case with its history.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn case_file(&self, id: CaseId) -> Result<Option<CaseFile>, StoreError> {
        self.reader.run(move |c| views::case_file(c, id)).await
    }

    /// The latest mail taken in, oldest first.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn mail(&self) -> Result<Vec<MailLine>, StoreError> {
        self.reader.run(views::mail).await
    }

    /// The history from `from` to `to`, for figures.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn history(&self, from: Timestamp, to: Timestamp) -> Result<History, StoreError> {
        self.reader.run(move |c| stats::history(c, from, to)).await
    }

    /// What a digest may show that those before it have not `told`: of what there may be more of than
    /// anybody reads, the latest `rows`, and how many there are.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn work(&self, told: Told, rows: u32) -> Result<WorkView, StoreError> {
        self.reader.run(move |c| views::work(c, told, rows)).await
    }

    /// All there is to tell now.
    ///
    /// # Errors
    /// Any failure of the store.
    pub async fn told(&self) -> Result<Told, StoreError> {
        self.reader.run(views::told).await
    }
}
