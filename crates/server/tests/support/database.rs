//! Databases for tests: SQLite, or PostgreSQL where `LOCKER_TEST_POSTGRES` names a cluster.

use std::{
    cell::RefCell,
    env,
    thread::{self, JoinHandle},
};

use locker_server::store::{Database, Store};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

/// The address of a database in which others may be made, such as `postgres://postgres@127.0.0.1:5433/postgres`.
const VARIABLE: &str = "LOCKER_TEST_POSTGRES";

/// An empty database of one test, gone with it.
pub(crate) struct TestDatabase {
    url: String,
    _kept: Kept,
}

enum Kept {
    Nothing,
    Folder { _folder: TempDir },
    Postgres { _database: PostgresDatabase },
}

impl TestDatabase {
    /// One that a single [`Store`] uses.
    pub(crate) async fn alone() -> Self {
        match PostgresDatabase::make().await {
            Some(database) => Self::postgres(database),
            None => Self { url: String::new(), _kept: Kept::Nothing },
        }
    }

    /// One that several servers share.
    pub(crate) async fn shared() -> Self {
        match PostgresDatabase::make().await {
            Some(database) => Self::postgres(database),
            None => Self::sqlite_file(),
        }
    }

    /// A SQLite file, whatever the other tests use.
    pub(crate) fn sqlite_file() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("locker.db").display());
        Self { url, _kept: Kept::Folder { _folder: folder } }
    }

    fn postgres(database: PostgresDatabase) -> Self {
        Self { url: database.url.clone(), _kept: Kept::Postgres { _database: database } }
    }

    /// As `--database` takes it. There is none in memory.
    pub(crate) fn url(&self) -> &str {
        assert!(!self.url.is_empty(), "this database is in memory");
        &self.url
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    pub(crate) async fn open(&self) -> Store {
        let database = if self.url.is_empty() { Database::SqliteMemory } else { self.url.parse().unwrap() };
        Store::open(&database).await.unwrap()
    }

    /// The database without the server in between.
    pub(crate) async fn sql(&self) -> AnyPool {
        sqlx::any::install_default_drivers();
        AnyPool::connect(self.url()).await.unwrap()
    }
}

/// Whether the tests run on PostgreSQL. Says so where a test is left out because they do not.
pub(crate) fn on_postgres() -> bool {
    let given = env::var_os(VARIABLE).is_some();
    if !given {
        eprintln!("skipped: {VARIABLE} is not set");
    }
    given
}

/// A database in the cluster.
struct PostgresDatabase {
    cluster: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    async fn make() -> Option<Self> {
        let cluster = env::var(VARIABLE).ok()?;
        let name = format!("locker_test_{}", Uuid::new_v4().simple());
        execute(&cluster, format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")).await;
        let mut url = Url::parse(&cluster).unwrap();
        url.set_path(&name);
        Some(Self { cluster, name, url: url.into() })
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&cluster, format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        DROPPING.with_borrow_mut(|all| all.0.push(dropping));
    }
}

thread_local! {
    static DROPPING: RefCell<Dropping> = const { RefCell::new(Dropping(Vec::new())) };
}

/// Waited for when the thread of the test ends. Until its runtime has ended, a connection may be half made, and
/// PostgreSQL drops no database until the other half has come.
struct Dropping(Vec<JoinHandle<()>>);

impl Drop for Dropping {
    fn drop(&mut self) {
        for dropping in self.0.drain(..) {
            let _ = dropping.join();
        }
    }
}

async fn execute(cluster: &str, sql: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(cluster).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}
