//! The tables that a backup carries, and how rows get from one database into another.

use futures_util::TryStreamExt;
use sqlx::{AnyConnection, AssertSqlSafe, Row, any::AnyRow};

use super::{StoreError, rows::parameters};

/// A table with all its columns.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
}

/// What a column holds, besides NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
}

use Kind::{Integer, Text};

/// Each after those that it refers to.
///
/// Two are not carried. Sessions: after a restore, one that was ended since would be alive again. Rate limits: they
/// are over in a minute.
pub(super) const TABLES: [Table; 9] = [
    Table {
        name: "accounts",
        columns: &[
            ("id", Text),
            ("email", Text),
            ("kdf", Text),
            ("sign_in_hash", Text),
            ("sealed_account_key", Text),
            ("creation_date", Integer),
        ],
    },
    Table {
        name: "workspaces",
        columns: &[("id", Text), ("account_id", Text), ("name", Text), ("creation_date", Integer)],
    },
    Table {
        name: "projects",
        columns: &[
            ("id", Integer),
            ("name", Text),
            ("creation_date", Integer),
            ("revision_date", Integer),
            ("deleted_item_date", Integer),
            ("workspace_id", Text),
            ("sealed_project_key", Text),
        ],
    },
    Table {
        name: "access_keys",
        columns: &[
            ("id", Text),
            ("project_id", Integer),
            ("sealed_project_key", Text),
            ("permission", Text),
            ("allowed_addresses", Text),
            ("slot", Integer),
            ("expiration_date", Integer),
            ("creation_date", Integer),
            ("revision_date", Integer),
            ("last_use_date", Integer),
        ],
    },
    Table {
        name: "environments",
        columns: &[
            ("id", Text),
            ("project_id", Integer),
            ("hash", Text),
            ("name", Text),
            ("external_url", Text),
            ("description", Text),
            ("creation_date", Integer),
            ("revision_date", Integer),
        ],
    },
    Table {
        name: "secrets",
        columns: &[
            ("id", Text),
            ("project_id", Integer),
            ("environment_id", Text),
            ("hash", Text),
            ("key", Text),
            ("value", Text),
            ("description", Text),
            ("creation_date", Integer),
            ("revision_date", Integer),
        ],
    },
    Table {
        name: "access_logs",
        columns: &[
            ("id", Text),
            ("project_id", Integer),
            ("date", Integer),
            ("access_key_id", Text),
            ("account_id", Text),
            ("action", Text),
            ("item_id", Text),
            ("address", Text),
            ("status", Integer),
        ],
    },
    Table { name: "settings", columns: &[("name", Text), ("value", Text)] },
    Table { name: "counters", columns: &[("name", Text), ("value", Integer)] },
];

/// Rows of one statement. Each is a round trip, and its rows are in memory.
const BATCH: usize = 64;

/// Which side of a copy failed.
#[derive(Debug)]
pub(super) enum CopyError {
    Read(StoreError),
    Write(StoreError),
}

impl Table {
    /// Copies all rows, and says how many. What a new database has by itself gives way.
    pub(super) async fn copy(
        &self,
        from: &mut AnyConnection,
        to: &mut AnyConnection,
    ) -> Result<usize, CopyError> {
        self.clear(to).await.map_err(|error| CopyError::Write(error.into()))?;
        let select = format!("SELECT {} FROM {}", self.column_names(), self.name);
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(from);
        let (mut batch, mut copied) = (Vec::with_capacity(BATCH), 0);
        while let Some(row) = rows.try_next().await.map_err(|error| CopyError::Read(error.into()))? {
            batch.push(row);
            if batch.len() == BATCH {
                copied += self.insert(to, &batch).await.map_err(|error| CopyError::Write(error.into()))?;
                batch.clear();
            }
        }
        for row in batch.chunks(1) {
            copied += self.insert(to, row).await.map_err(|error| CopyError::Write(error.into()))?;
        }
        Ok(copied)
    }

    async fn clear(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let delete = AssertSqlSafe(format!("DELETE FROM {}", self.name));
        sqlx::query(delete).execute(connection).await.map(drop)
    }

    async fn insert(&self, connection: &mut AnyConnection, rows: &[AnyRow]) -> Result<usize, sqlx::Error> {
        let mut query = sqlx::query(AssertSqlSafe(self.insert_statement(rows.len())));
        for row in rows {
            for (index, (_, kind)) in self.columns.iter().enumerate() {
                query = match kind {
                    Text => query.bind(row.try_get::<Option<String>, _>(index)?),
                    Integer => query.bind(row.try_get::<Option<i64>, _>(index)?),
                };
            }
        }
        query.execute(connection).await?;
        Ok(rows.len())
    }

    fn insert_statement(&self, rows: usize) -> String {
        let values = parameters(rows, self.columns.len());
        format!("INSERT INTO {} ({}) VALUES {values}", self.name, self.column_names())
    }

    fn column_names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Database, Store};

    /// Why they are not carried is said at [`TABLES`].
    const NOT_CARRIED: [&str; 3] = ["sessions", "rate_limits", "_sqlx_migrations"];

    #[tokio::test]
    async fn every_column_of_every_table_is_carried() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )
        .fetch_all(&store.pool)
        .await
        .unwrap();
        assert_eq!(names.len(), TABLES.len() + NOT_CARRIED.len(), "{names:?}");
        for name in names.iter().filter(|name| !NOT_CARRIED.contains(&name.as_str())) {
            let table = TABLES.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no {name}"));
            let select = format!("SELECT name, type FROM pragma_table_info('{name}') ORDER BY cid");
            let columns: Vec<(String, String)> =
                sqlx::query_as(AssertSqlSafe(select)).fetch_all(&store.pool).await.unwrap();
            let kind = |kind: &str| if kind == "BIGINT" { Integer } else { Text };
            let columns: Vec<_> = columns.iter().map(|(name, of)| (name.as_str(), kind(of))).collect();
            assert_eq!(table.columns, columns, "{name}");
        }
    }
}
