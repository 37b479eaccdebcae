//! The database: what is stored and how it is found. It knows SQL and no rules.
//!
//! The SQL is portable between SQLite and PostgreSQL and goes through sqlx's `Any` driver, so that there is one
//! path for both.

mod access_keys;
mod access_logs;
mod accounts;
mod database;
mod environments;
mod listing;
mod projects;
mod secrets;
mod sessions;
mod settings;
mod timestamp;
mod workspaces;
mod write;

use std::{sync::Arc, time::Duration};

use sqlx::{
    AnyPool, Executor,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::Migrator,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

pub(crate) use self::{
    access_keys::{AccessKeyInUse, AccessKeyRow},
    access_logs::AccessLogEntry,
    accounts::AccountRow,
    environments::{Environment, EnvironmentFields},
    listing::{Filter, Listed, Window},
    projects::{Project, ProjectDates},
    secrets::{Secret, SecretFields},
    workspaces::Workspace,
    write::ProjectWrite,
};
pub use self::{
    database::{Database, DatabaseUrlError},
    timestamp::Timestamp,
};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Readers of a database file at the same time. A request holds a connection for less than a millisecond.
const CONNECTIONS: u32 = 8;

/// FULL syncs the log at each commit: what was acknowledged survives a loss of power, and `fullfsync` makes
/// that true on macOS too. The timeout is for writers of other processes, such as `project create`.
const PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON";

/// An open database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    /// SQLite has one writer at a time, and its own waiting is a lottery. Here writers queue in order.
    turn: Arc<Mutex<()>>,
}

impl Store {
    /// Opens the database, makes it if it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be opened, or belongs to a newer version of this program.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let pool = match database {
            Database::SqliteFile(path) => {
                crate::private_fs::create_if_missing(path)
                    .map_err(|source| StoreError::File { path: path.clone(), source })?;
                AnyPoolOptions::new().max_connections(CONNECTIONS)
            }
            // Each connection would be a database of its own, and a closed one is a lost one.
            Database::SqliteMemory => AnyPoolOptions::new()
                .max_connections(1)
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None),
        };
        let options: AnyConnectOptions = database.url()?.as_str().parse()?;
        let pool = pool
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(PRAGMAS).await.map(drop) })
            })
            .connect_with(options)
            .await?;
        // Another process may be bringing the same file up to date. Then a second try finds the work done.
        if MIGRATIONS.run(&pool).await.is_err() {
            MIGRATIONS.run(&pool).await?;
        }
        Ok(Self { pool, turn: Arc::default() })
    }

    /// Closes the database once nobody uses it any more.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }
}

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A row breaks a uniqueness rule.
    #[error("the database already has such a row")]
    Duplicate,
    /// A row names another that does not exist.
    #[error("the database has no such row to refer to")]
    Dangling,
    /// The file cannot be made.
    #[error("cannot open the database file {path}: {source}", path = path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The path of the database cannot be used.
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    /// The tables cannot be brought up to date.
    #[error("cannot bring the database up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Anything else that the database refuses.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refusal) if refusal.is_unique_violation() => Self::Duplicate,
            Some(refusal) if refusal.is_foreign_key_violation() => Self::Dangling,
            _ => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(store: &Store, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&store.pool).await.unwrap()
    }

    #[tokio::test]
    async fn a_commit_is_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::SqliteFile(folder.path().join("locker.db"));
        let store = Store::open(&database).await.unwrap();
        // All connections, not only the first.
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            held.push(store.pool.acquire().await.unwrap());
        }
        for connection in &mut held {
            let mode: String =
                sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut **connection).await.unwrap();
            assert_eq!(mode, "wal");
            let full: i64 =
                sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut **connection).await.unwrap();
            assert_eq!(full, 2);
        }
        drop(held);
        assert_eq!(pragma(&store, "PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma(&store, "PRAGMA busy_timeout").await, 10_000);
    }
}
