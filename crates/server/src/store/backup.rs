//! A backup: a copy of the database at one moment, in a SQLite file of its own.
//!
//! Its tables are those of every database of this version, so that a backup of one engine can be restored into the
//! other.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use super::{
    Database, StoreError, connect,
    migrations::{self, MIGRATIONS, Version},
    tables::{CopyError, TABLES},
};
use crate::private_fs;

/// In the header of a backup: "LOCK".
const APPLICATION_ID: i64 = 0x4c4f_434b;

/// How many rows of each table were copied.
pub(crate) type Copied = Vec<(&'static str, usize)>;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum BackupError {
    /// The file is there already.
    #[error("{0} exists; name another file with --to, or replace it with --force")]
    Exists(PathBuf),
    /// The backup would replace the database.
    #[error("--to names the database itself")]
    Itself,
    /// The file cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The backup cannot be written.
    #[error("cannot write the backup: {0}")]
    Write(StoreError),
    /// The database has other tables than this program.
    #[error("the database was made by {0}; `locker-server serve` brings an older one up to date")]
    DatabaseVersion(Version),
    /// The file was not made by this program.
    #[error("{0} is no backup that `locker-server backup` made")]
    NotABackup(PathBuf),
    /// The backup has other tables than this program.
    #[error("the backup was made by {0}; restore it with the version that made it")]
    BackupVersion(Version),
    /// The backup is not what it was.
    #[error("{0} is damaged; nothing was changed")]
    Damaged(PathBuf),
    /// There is something in the database.
    #[error("the database is not empty; nothing was changed")]
    NotEmpty,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies the database into a new file at `to`, which appears when it is complete. Servers may go on writing.
pub(crate) async fn backup(database: &Database, to: &Path, replace: bool) -> Result<Copied, BackupError> {
    let file_error = |source| BackupError::File { path: to.to_owned(), source };
    if let Database::SqliteFile(path) = database {
        let found = path.canonicalize().map_err(|source| BackupError::File { path: path.clone(), source })?;
        if to.canonicalize().is_ok_and(|to| to == found) {
            return Err(BackupError::Itself);
        }
    }
    if !replace && to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let unfinished = private_fs::create_beside(to).map_err(file_error)?;
    let copied = copy_into(database, unfinished.path()).await?;
    private_fs::put_in_place(unfinished, to, replace).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => file_error(source),
    })?;
    Ok(copied)
}

async fn copy_into(database: &Database, file: &Path) -> Result<Copied, BackupError> {
    let mut from = connect::connect(database).await?;
    let version = migrations::version(&mut from).await?;
    if version != Version::This {
        return Err(BackupError::DatabaseVersion(version));
    }
    let mut to = new_backup(file).await.map_err(BackupError::Write)?;
    let begin = match database {
        Database::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Database::SqliteFile(_) | Database::SqliteMemory => "BEGIN",
    };
    let mut snapshot = from.begin_with(begin).await.map_err(StoreError::from)?;
    let mut writing = to.begin().await.map_err(|error| BackupError::Write(error.into()))?;
    let copied = copy_all(&mut snapshot, &mut writing).await.map_err(|error| match error {
        CopyError::Read(error) => BackupError::Store(error),
        CopyError::Write(error) => BackupError::Write(error),
    })?;
    writing.commit().await.map_err(|error| BackupError::Write(error.into()))?;
    finish(to).await.map_err(|error| BackupError::Write(error.into()))?;
    Ok(copied)
}

/// An empty database in an empty file. Until it is complete nobody looks at it, so that it needs no journal.
async fn new_backup(file: &Path) -> Result<AnyConnection, StoreError> {
    let mut connection = connect::connect(&Database::SqliteFile(file.to_owned())).await?;
    connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").await?;
    MIGRATIONS.run(&mut connection).await?;
    Ok(connection)
}

/// The mark comes last: what is not complete is no backup.
async fn finish(mut connection: AnyConnection) -> Result<(), sqlx::Error> {
    connection.execute(AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"))).await?;
    connection.close().await
}

async fn copy_all(from: &mut AnyConnection, to: &mut AnyConnection) -> Result<Copied, CopyError> {
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        copied.push((table.name, table.copy(from, to).await?));
    }
    Ok(copied)
}

/// Copies a backup into a database that has no account and no project yet.
pub(crate) async fn restore(database: &Database, file: &Path) -> Result<Copied, BackupError> {
    let mut from = open_backup(file).await?;
    let pool = connect::open(database).await?;
    let copied = async {
        let mut transaction = pool.begin().await.map_err(StoreError::from)?;
        if !is_empty(&mut transaction).await? {
            return Err(BackupError::NotEmpty);
        }
        let copied = copy_all(&mut from, &mut transaction).await.map_err(|error| match error {
            CopyError::Read(_) => BackupError::Damaged(file.to_owned()),
            CopyError::Write(error) => BackupError::Store(error),
        })?;
        transaction.commit().await.map_err(StoreError::from)?;
        Ok(copied)
    }
    .await;
    pool.close().await;
    copied
}

/// Opens a backup that is sound.
async fn open_backup(file: &Path) -> Result<AnyConnection, BackupError> {
    // SQLite would not say why it cannot open a file.
    File::open(file).map_err(|source| BackupError::File { path: file.to_owned(), source })?;
    let mut connection = connect::connect_read_only(file).await?;
    match verdict(&mut connection).await {
        Ok(Verdict::Sound) => {}
        Ok(Verdict::Foreign) => return Err(BackupError::NotABackup(file.to_owned())),
        Ok(Verdict::Damaged) | Err(_) => return Err(BackupError::Damaged(file.to_owned())),
    }
    match migrations::version(&mut connection).await? {
        Version::This => Ok(connection),
        version => Err(BackupError::BackupVersion(version)),
    }
}

enum Verdict {
    Sound,
    Damaged,
    Foreign,
}

async fn verdict(connection: &mut AnyConnection) -> Result<Verdict, sqlx::Error> {
    match sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await {
        Ok(APPLICATION_ID) => {}
        Ok(_) => return Ok(Verdict::Foreign),
        Err(error) if is_no_database(&error) => return Ok(Verdict::Foreign),
        Err(error) => return Err(error),
    }
    let sql = "PRAGMA integrity_check(1)";
    let integrity: String = sqlx::query_scalar(sql).fetch_one(&mut *connection).await?;
    let dangling = connection.fetch_optional("PRAGMA foreign_key_check").await?;
    Ok(if integrity == "ok" && dangling.is_none() { Verdict::Sound } else { Verdict::Damaged })
}

/// Whether SQLite says that the file has another format.
fn is_no_database(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "26")
}

/// Takes the lock for new projects first, so that none comes in between.
async fn is_empty(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    sqlx::query("UPDATE counters SET value = value").execute(&mut *connection).await?;
    let rows: i64 =
        sqlx::query_scalar("SELECT (SELECT COUNT(*) FROM accounts) + (SELECT COUNT(*) FROM projects)")
            .fetch_one(connection)
            .await?;
    Ok(rows == 0)
}
