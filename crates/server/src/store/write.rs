//! A transaction that changes a project.

use sqlx::{Any, AnyConnection, Transaction};

use super::{Store, StoreError, Timestamp, Turn};

/// A transaction that holds the row of one project, so that the writers of a project follow one another.
///
/// Dropped without a commit, it changes nothing.
#[derive(Debug)]
pub(crate) struct ProjectWrite {
    transaction: Transaction<'static, Any>,
    project_id: i64,
    revision_date: Timestamp,
    _turn: Turn,
}

impl Store {
    /// Begins to change a project; `None` if there is no such project.
    pub(crate) async fn write(&self, project_id: i64) -> Result<Option<ProjectWrite>, StoreError> {
        let turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        // An update, although it changes nothing, takes the lock before anything is read.
        let held = sqlx::query_scalar(
            "UPDATE projects SET revision_date = revision_date WHERE id = $1 RETURNING revision_date",
        )
        .bind(project_id)
        .fetch_optional(&mut *transaction)
        .await?;
        Ok(held.map(|revision_date| ProjectWrite { transaction, project_id, revision_date, _turn: turn }))
    }
}

impl ProjectWrite {
    /// The project.
    pub(crate) fn project_id(&self) -> i64 {
        self.project_id
    }

    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// Gives the project a new revision date, later than every one before, even if the clock was set back.
    pub(crate) async fn stamp(&mut self) -> Result<Timestamp, StoreError> {
        let date = Timestamp::now().max(self.revision_date.next());
        self.set_revision_date(date).await?;
        Ok(date)
    }

    /// Tells clients that what they hold is out of date as a whole: `date` becomes the deleted item date.
    ///
    /// The revision date moves past it, so that a client that has fetched everything since is not told again.
    pub(crate) async fn stamp_deleted_item(&mut self, date: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE projects SET deleted_item_date = $1 WHERE id = $2")
            .bind(date)
            .bind(self.project_id)
            .execute(&mut *self.transaction)
            .await?;
        self.set_revision_date(date.next()).await
    }

    async fn set_revision_date(&mut self, date: Timestamp) -> Result<(), StoreError> {
        sqlx::query("UPDATE projects SET revision_date = $1 WHERE id = $2")
            .bind(date)
            .bind(self.project_id)
            .execute(&mut *self.transaction)
            .await?;
        self.revision_date = date;
        Ok(())
    }

    /// Makes the changes last. When this returns, they are on the disk.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}
