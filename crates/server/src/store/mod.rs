//! The database: what is stored and how it is found. It knows SQL and no rules.
//!
//! The SQL is portable between SQLite and PostgreSQL and goes through sqlx's `Any` driver, so that there is one
//! path for both.

mod access_keys;
mod access_logs;
mod accounts;
mod backup;
mod connect;
mod database;
mod environments;
mod gathering;
mod listing;
mod migrations;
mod projects;
mod rate_limits;
mod rows;
mod secrets;
mod sessions;
mod settings;
mod tables;
mod timestamp;
mod workspaces;
mod write;

use std::sync::Arc;

use sqlx::AnyPool;
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::gathering::Gathering;
pub(crate) use self::{
    access_keys::{AccessKeyInUse, AccessKeyRow},
    access_logs::AccessLogEntry,
    accounts::AccountRow,
    backup::{Copied, backup, restore},
    environments::{Environment, EnvironmentFields},
    listing::{Filter, Listed, Window},
    projects::{Project, ProjectDates},
    rate_limits::{Quota, Take},
    secrets::{Secret, SecretFields},
    workspaces::Workspace,
    write::ProjectWrite,
};
pub use self::{
    database::{Database, DatabaseUrlError, PostgresUrl},
    timestamp::Timestamp,
};

/// An open database. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    /// SQLite has one writer at a time, and its own waiting is a lottery: here writers queue in order. PostgreSQL
    /// has as many as there are projects, and queues of its own.
    turns: Option<Arc<Mutex<()>>>,
    /// Every call begins with a look at its access key.
    access_keys: Arc<Gathering<AccessKeyInUse>>,
}

/// The right to write.
type Turn = Option<OwnedMutexGuard<()>>;

impl Store {
    /// Opens the database, makes it if it is a file that is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be opened, or belongs to a newer version of this program.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let turns = match database {
            Database::SqliteFile(_) | Database::SqliteMemory => Some(Arc::default()),
            Database::Postgres(_) => None,
        };
        Ok(Self { pool: connect::open(database).await?, turns, access_keys: Arc::default() })
    }

    /// Closes the database once nobody uses it any more.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Waits for the right to write.
    async fn turn(&self) -> Turn {
        match &self.turns {
            Some(turns) => Some(Arc::clone(turns).lock_owned().await),
            None => None,
        }
    }

    /// Whether other servers may be using the same database at the same time, each for a part of the calls.
    pub(crate) fn is_shared(&self) -> bool {
        self.turns.is_none()
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
    /// PostgreSQL does not answer, or lets nobody in.
    #[error("cannot open the database {address}: {source}")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// Why not.
        source: sqlx::Error,
    },
    /// The database cannot hold every text.
    #[error(
        "the database has the encoding {0}, and it must be UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding(String),
    /// A text holds a character that the database cannot store: PostgreSQL has no U+0000.
    #[error("a text holds a character that cannot be stored")]
    Character,
    /// The path of the database cannot be used.
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    /// The tables cannot be brought up to date.
    #[error("cannot bring the database up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A question that was asked for several calls at once has failed.
    #[error(transparent)]
    Together(Arc<StoreError>),
    /// Anything else that the database refuses.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
}

/// PostgreSQL's code for a character that a text cannot have.
const NOT_IN_REPERTOIRE: &str = "22021";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refusal) if refusal.is_unique_violation() => Self::Duplicate,
            Some(refusal) if refusal.is_foreign_key_violation() => Self::Dangling,
            Some(refusal) if refusal.code().is_some_and(|code| code == NOT_IN_REPERTOIRE) => Self::Character,
            _ => Self::Database(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_that_postgresql_cannot_store_is_told_apart() {
        let Ok(url) = std::env::var("LOCKER_TEST_POSTGRES") else {
            return eprintln!("skipped: LOCKER_TEST_POSTGRES is not set");
        };
        let mut connection = connect::connect(&url.parse().unwrap()).await.unwrap();
        let error = sqlx::query("SELECT $1").bind("a\0b").execute(&mut connection).await.unwrap_err();
        assert!(matches!(error.into(), StoreError::Character));
    }
}
