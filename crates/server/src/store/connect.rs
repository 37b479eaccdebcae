//! How each engine is opened and brought up to date.

use std::{path::Path, time::Duration};

use sqlx::{
    AnyConnection, AnyPool, ConnectOptions, Connection, Executor,
    any::{AnyConnectOptions, AnyPoolOptions},
};

use super::{Database, StoreError, migrations::MIGRATIONS};
use crate::private_fs;

/// Readers of a database file at the same time. A request holds a connection for less than a millisecond.
const SQLITE_CONNECTIONS: u32 = 8;

/// FULL syncs the log at each commit: what was acknowledged survives a loss of power, and `fullfsync` makes
/// that true on macOS too. The timeout is for writers of other processes, such as `account create`.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                            PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON";

/// Of one server. PostgreSQL allows 100 in all unless told otherwise.
const POSTGRES_CONNECTIONS: u32 = 16;

/// So that no setting of the installation makes the promises of the server untrue. A server that vanished in the
/// middle of a write must not keep the others from the project.
const POSTGRES_SETUP: &str = "SET default_transaction_isolation = 'read committed'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '30s'; SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'";

/// Opens a database, and brings its tables up to date.
pub(super) async fn open(database: &Database) -> Result<AnyPool, StoreError> {
    let options = options(database)?;
    match database {
        Database::SqliteFile(path) => open_sqlite_file(path, options).await,
        Database::SqliteMemory => open_sqlite_memory(options).await,
        Database::Postgres(_) => open_postgres(database, options).await,
    }
}

fn options(database: &Database) -> Result<AnyConnectOptions, StoreError> {
    sqlx::any::install_default_drivers();
    Ok(AnyConnectOptions::from_url(&database.url()?)?)
}

/// Connects to a database as it is. Outside a pool, which would not say why it cannot connect.
pub(super) async fn connect(database: &Database) -> Result<AnyConnection, StoreError> {
    let connecting = options(database)?.connect().await;
    let mut connection = connecting.map_err(|source| match database {
        Database::Postgres(url) => StoreError::Unreachable { address: url.to_string(), source },
        Database::SqliteFile(_) | Database::SqliteMemory => StoreError::Database(source),
    })?;
    connection
        .execute(match database {
            // Otherwise the log says each time that tables need not be made.
            Database::Postgres(_) => "SET client_min_messages = warning",
            Database::SqliteFile(_) | Database::SqliteMemory => "PRAGMA busy_timeout = 10000",
        })
        .await?;
    Ok(connection)
}

/// Connects to a SQLite file that must not be changed.
pub(super) async fn connect_read_only(file: &Path) -> Result<AnyConnection, StoreError> {
    sqlx::any::install_default_drivers();
    let mut url = Database::SqliteFile(file.to_owned()).url()?;
    url.set_query(Some("mode=ro"));
    Ok(AnyConnectOptions::from_url(&url)?.connect().await?)
}

async fn open_sqlite_file(path: &Path, options: AnyConnectOptions) -> Result<AnyPool, StoreError> {
    private_fs::create_if_missing(path)
        .map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    let pool = sqlite_pool().max_connections(SQLITE_CONNECTIONS).connect_with(options).await?;
    // When there is nothing to do, this takes no lock. When another process is at it too, one of them fails, and
    // comes again with the lock.
    if MIGRATIONS.run(&pool).await.is_err() {
        let mut connection = pool.acquire().await?;
        let mut locked = connection.begin_with("BEGIN IMMEDIATE").await?;
        MIGRATIONS.run(&mut *locked).await?;
        locked.commit().await?;
    }
    Ok(pool)
}

async fn open_sqlite_memory(options: AnyConnectOptions) -> Result<AnyPool, StoreError> {
    // Each connection would be a database of its own, and a closed one is a lost one.
    let one = sqlite_pool().max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = one.connect_with(options).await?;
    MIGRATIONS.run(&pool).await?;
    Ok(pool)
}

fn sqlite_pool() -> AnyPoolOptions {
    AnyPoolOptions::new()
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(async { connection.execute(SQLITE_SETUP).await.map(drop) }))
}

async fn open_postgres(database: &Database, options: AnyConnectOptions) -> Result<AnyPool, StoreError> {
    // Without the pool's time limit for locks: another server may be bringing the tables up to date.
    let mut connection = connect(database).await?;
    require_utf8(&mut connection).await?;
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    let pool = AnyPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        // A restart of PostgreSQL ends all connections; a request must not be the first to notice.
        .test_before_acquire(true)
        .after_connect(|connection, _| {
            Box::pin(async { connection.execute(POSTGRES_SETUP).await.map(drop) })
        });
    Ok(pool.connect_lazy_with(options))
}

async fn require_utf8(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('server_encoding')";
    let encoding: String = sqlx::query_scalar(sql).fetch_one(connection).await?;
    if encoding == "UTF8" { Ok(()) } else { Err(StoreError::Encoding(encoding)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_is_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let pool = open(&Database::SqliteFile(folder.path().join("locker.db"))).await.unwrap();
        // All connections, not only the first.
        let mut held = Vec::new();
        for _ in 0..SQLITE_CONNECTIONS {
            held.push(pool.acquire().await.unwrap());
        }
        for connection in &mut held {
            let mode: String =
                sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut **connection).await.unwrap();
            assert_eq!(mode, "wal");
            for (pragma, value) in
                [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 10_000)]
            {
                let set: i64 = sqlx::query_scalar(pragma).fetch_one(&mut **connection).await.unwrap();
                assert_eq!(set, value, "{pragma}");
            }
        }
    }
}
