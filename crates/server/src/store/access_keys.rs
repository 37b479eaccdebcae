//! Access keys.

use std::{collections::HashMap, iter, sync::Arc};

use sqlx::{Any, AssertSqlSafe, Executor, FromRow};

use super::{ProjectDates, ProjectWrite, Store, StoreError, Timestamp, gathering::Found, rows::parameters};

/// Databases limit the number of parameters. A power of two.
const KEYS_PER_STATEMENT: usize = 64;

macro_rules! columns {
    () => {
        "k.id, k.project_id, k.sealed_project_key, k.permission, k.allowed_addresses, k.slot, \
         k.expiration_date, k.creation_date, k.revision_date, k.last_use_date"
    };
}

/// An access key as it is stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct AccessKeyRow {
    /// A UUID.
    pub(crate) id: String,
    /// The project that it opens.
    pub(crate) project_id: i64,
    /// The project key, sealed for the secret of this access key.
    pub(crate) sealed_project_key: String,
    /// `read` or `read-write`.
    pub(crate) permission: String,
    /// Addresses and networks, separated by commas.
    pub(crate) allowed_addresses: String,
    /// 1 or 2 while the key is active.
    pub(crate) slot: Option<i64>,
    /// From when on it is refused.
    pub(crate) expiration_date: Option<Timestamp>,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
    /// When it was last edited.
    pub(crate) revision_date: Timestamp,
    /// When it was last used, give or take a minute.
    pub(crate) last_use_date: Option<Timestamp>,
}

/// An access key with the dates of its project, in one look.
#[derive(Debug, FromRow)]
pub(crate) struct AccessKeyInUse {
    #[sqlx(flatten)]
    pub(crate) key: AccessKeyRow,
    pub(crate) project_revision_date: Timestamp,
    pub(crate) deleted_item_date: Timestamp,
}

impl AccessKeyInUse {
    /// The dates of the project.
    pub(crate) fn dates(&self) -> ProjectDates {
        ProjectDates { revision_date: self.project_revision_date, deleted_item_date: self.deleted_item_date }
    }
}

impl Store {
    /// The access keys of a project, oldest first.
    pub(crate) async fn access_keys(&self, project_id: i64) -> Result<Vec<AccessKeyRow>, StoreError> {
        list(&self.pool, project_id).await
    }

    /// The access key with this id, whatever its project, as it is after the call to this.
    pub(crate) async fn access_key_in_use(
        &self,
        id: &str,
    ) -> Result<Option<Arc<AccessKeyInUse>>, StoreError> {
        self.access_keys.find(id, async |ids| self.access_keys_in_use(&ids).await).await
    }

    async fn access_keys_in_use(&self, ids: &[String]) -> Result<Found<AccessKeyInUse>, StoreError> {
        let mut found = HashMap::new();
        for ids in ids.chunks(KEYS_PER_STATEMENT) {
            // Few different statements, so that they stay prepared: the last id fills up.
            let places = ids.len().next_power_of_two();
            let mut query = sqlx::query_as::<_, AccessKeyInUse>(AssertSqlSafe(select_in_use(places)));
            for id in ids.iter().chain(iter::repeat(&ids[ids.len() - 1])).take(places) {
                query = query.bind(id);
            }
            let rows = query.fetch_all(&self.pool).await?;
            found.extend(rows.into_iter().map(|row| (row.key.id.clone(), Arc::new(row))));
        }
        Ok(found)
    }

    /// Notes that an access key was used.
    pub(crate) async fn note_use(&self, id: &str, date: Timestamp) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        sqlx::query("UPDATE access_keys SET last_use_date = $1 WHERE id = $2")
            .bind(date)
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl ProjectWrite {
    /// The access keys of the project, oldest first.
    pub(crate) async fn access_keys(&mut self) -> Result<Vec<AccessKeyRow>, StoreError> {
        let project_id = self.project_id();
        list(self.connection(), project_id).await
    }

    pub(crate) async fn insert_access_key(&mut self, key: &AccessKeyRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO access_keys (id, project_id, sealed_project_key, permission, allowed_addresses, slot, \
             expiration_date, creation_date, revision_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&key.id)
        .bind(key.project_id)
        .bind(&key.sealed_project_key)
        .bind(&key.permission)
        .bind(&key.allowed_addresses)
        .bind(key.slot)
        .bind(key.expiration_date)
        .bind(key.creation_date)
        .bind(key.revision_date)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Stores what may change of an access key: sealed project key, permission, allowed addresses, slot, revision
    /// date.
    pub(crate) async fn update_access_key(&mut self, key: &AccessKeyRow) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE access_keys SET sealed_project_key = $1, permission = $2, allowed_addresses = $3, slot = $4, \
             revision_date = $5 WHERE id = $6",
        )
        .bind(&key.sealed_project_key)
        .bind(&key.permission)
        .bind(&key.allowed_addresses)
        .bind(key.slot)
        .bind(key.revision_date)
        .bind(&key.id)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub(crate) async fn delete_access_key(&mut self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM access_keys WHERE id = $1").bind(id).execute(self.connection()).await?;
        Ok(())
    }
}

/// The statement that looks for so many access keys.
fn select_in_use(keys: usize) -> String {
    format!(
        "SELECT {}, p.revision_date AS project_revision_date, p.deleted_item_date \
         FROM access_keys k JOIN projects p ON p.id = k.project_id WHERE k.id IN {}",
        columns!(),
        parameters(1, keys)
    )
}

async fn list<'e>(
    executor: impl Executor<'e, Database = Any>,
    project_id: i64,
) -> Result<Vec<AccessKeyRow>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM access_keys k WHERE k.project_id = $1 ORDER BY k.creation_date, k.id"
    );
    Ok(sqlx::query_as(sql).bind(project_id).fetch_all(executor).await?)
}
