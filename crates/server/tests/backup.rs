//! `locker-server backup` and `locker-server restore`.
#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::join_all;
use serde_json::json;
use sqlx::{AnyPool, AssertSqlSafe, Row};
use support::{
    Api, SharedDatabase,
    database::TestDatabase,
    environment, in_time,
    process::{Ended, Process, command, run},
    seal, secret, secret_in,
    signed_in::SignedIn,
};
use tempfile::TempDir;

const CARRIED: [&str; 9] = [
    "accounts",
    "workspaces",
    "projects",
    "access_keys",
    "environments",
    "secrets",
    "access_logs",
    "settings",
    "counters",
];

/// A folder for backups.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

async fn backup(database: &str, to: &Path) -> Ended {
    run(&["backup", "--database", database, "--to", to.to_str().unwrap()]).await
}

async fn restore(database: &str, from: &Path) -> Ended {
    run(&["restore", "--database", database, "--from", from.to_str().unwrap()]).await
}

#[track_caller]
fn succeeded(ended: &Ended) {
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
}

#[track_caller]
fn refused(ended: &Ended, complaint: &str) {
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains(complaint), "{complaint} is not in {}", ended.stderr);
}

fn sqlite(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

async fn sql(url: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPool::connect(url).await.unwrap()
}

/// All rows of a table as text, sorted.
async fn rows(pool: &AnyPool, table: &str) -> Vec<Vec<Option<String>>> {
    let select = AssertSqlSafe(format!("SELECT * FROM {table}"));
    let mut rows: Vec<Vec<_>> = sqlx::query(select)
        .fetch_all(pool)
        .await
        .unwrap()
        .iter()
        .map(|row| {
            (0..row.len())
                .map(|column| match row.try_get::<Option<i64>, _>(column) {
                    Ok(number) => number.map(|number| number.to_string()),
                    Err(_) => row.try_get(column).unwrap(),
                })
                .collect()
        })
        .collect();
    rows.sort();
    rows
}

async fn content(url: &str) -> Vec<(&'static str, Vec<Vec<Option<String>>>)> {
    let pool = sql(url).await;
    let mut content = Vec::new();
    for table in CARRIED {
        content.push((table, rows(&pool, table).await));
    }
    pool.close().await;
    content
}

async fn count(pool: &AnyPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// Everything that a database can have: more of it than fits into one statement, NULLs, long and odd texts.
async fn fill(database: &TestDatabase) {
    let (process, url) = Process::serve(database.url(), &[]).await;
    let account = SignedIn::sign_up(&url).await;
    account.post("/v1/workspaces", &json!({"name": "日本 🔑 'quoted'"})).await.expect(201);
    let project = account.make_project().await;
    let credentials = [(); 2].map(|()| locker_core::account::Credentials::make().unwrap());
    for one in &credentials {
        let body = account.new_access_key(one, "read-write");
        account.post(&format!("{project}/access_keys"), &body).await.expect(201);
    }
    let path = format!("{project}/access_keys/{}/activated", credentials[1].id);
    account.put(&path, &json!({"activated": false})).await.expect(200);
    let api = Api::new(&url, &credentials[0].id);
    let environment = api.create_environment(&environment("production")).await;
    for n in 0..70 {
        api.create_secret(&secret(&format!("K{n}"), "v")).await;
        api.create_secret(&secret_in(&environment, &format!("K{n}"), "v")).await;
    }
    let mut large = secret("LARGE", "v");
    large["value"] = seal(&"x".repeat(600_000)).into();
    api.create_secret(&large).await;
    // The fake KDF of somebody unknown is a setting.
    account.post("/v1/kdf", &json!({"email": "nobody@example.com"})).await.expect(200);
    succeeded(&process.stop().await);
}

#[tokio::test]
async fn a_backup_is_of_one_moment() {
    let shared = SharedDatabase::make().await;
    let (process, url) = Process::serve(shared.database.url(), &["--rate-limit", "100000/s"]).await;
    let api = Api::new(&url, &shared.read_write.id);
    let folder = Folder::new();
    let stop = AtomicBool::new(false);
    let acknowledged: [Mutex<Vec<String>>; 4] = Default::default();
    let write = async |writer: usize| {
        let mut environment = None;
        for n in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if n % 10 == 0 {
                let name = format!("E{writer}-{n}");
                environment = Some(api.create_environment(&support::environment(&name)).await);
            }
            let body = secret_in(environment.as_ref().unwrap(), &format!("K{writer}-{n}"), "v");
            let created = api.create_secret(&body).await;
            acknowledged[writer].lock().unwrap().push(created["id"].as_str().unwrap().to_owned());
        }
    };
    let number = || acknowledged.each_ref().map(|ids| ids.lock().unwrap().len());
    let back_up = async {
        let mut backups = Vec::new();
        for n in 0..3 {
            // Until each writer has written something new.
            let before = number();
            while number().iter().zip(before).any(|(now, before)| *now < before + 5) {
                tokio::task::yield_now().await;
            }
            let (file, at_least) = (folder.path(&format!("{n}.db")), number());
            succeeded(&backup(shared.database.url(), &file).await);
            backups.push((file, at_least));
        }
        stop.store(true, Ordering::Relaxed);
        backups
    };
    let (backups, _) = in_time(async { tokio::join!(back_up, join_all((0..4).map(write))) }).await;
    succeeded(&process.stop().await);

    for (file, at_least) in backups {
        let pool = sql(&sqlite(&file)).await;
        let dangling =
            "SELECT COUNT(*) FROM secrets WHERE environment_id NOT IN (SELECT id FROM environments)";
        assert_eq!(count(&pool, dangling).await, 0);
        let newest = "SELECT MAX(d) FROM (SELECT MAX(revision_date) AS d FROM secrets \
                      UNION ALL SELECT MAX(revision_date) FROM environments)";
        let revision_date = "SELECT MAX(revision_date) FROM projects";
        assert_eq!(count(&pool, newest).await, count(&pool, revision_date).await);
        let found: Vec<String> = sqlx::query_scalar("SELECT id FROM secrets").fetch_all(&pool).await.unwrap();
        for (ids, at_least) in acknowledged.iter().zip(at_least) {
            let ids = ids.lock().unwrap();
            let of_writer = ids.iter().filter(|id| found.contains(id)).count();
            assert!(of_writer >= at_least, "what was acknowledged before is in it");
            assert!(ids[..of_writer].iter().all(|id| found.contains(id)), "nothing is missing in between");
        }
        pool.close().await;
    }
}

#[tokio::test]
async fn a_restored_database_is_the_same() {
    let folder = Folder::new();
    let (first, second) = (folder.path("first.db"), folder.path("second.db"));
    let source = TestDatabase::shared().await;
    fill(&source).await;
    let original = content(source.url()).await;
    assert!(original.iter().all(|(_, rows)| !rows.is_empty()), "nothing is left out of the test");
    let ended = backup(source.url(), &first).await;
    succeeded(&ended);
    assert!(ended.stderr.contains("secrets 141"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert_eq!(fs::metadata(&first).unwrap().permissions().mode() & 0o777, 0o600);

    // To the other engine where there is one, and back.
    let (other, back) = (TestDatabase::sqlite_file(), TestDatabase::shared().await);
    succeeded(&restore(other.url(), &first).await);
    assert!(content(other.url()).await == original);
    succeeded(&backup(other.url(), &second).await);
    succeeded(&restore(back.url(), &second).await);
    assert!(content(back.url()).await == original);

    let pool = back.sql().await;
    for not_carried in ["SELECT COUNT(*) FROM sessions", "SELECT COUNT(*) FROM rate_limits"] {
        assert_eq!(count(&pool, not_carried).await, 0);
    }
    // It goes on where the other stopped.
    let (process, url) = Process::serve(back.url(), &["--open-sign-up"]).await;
    let project = SignedIn::sign_up(&url).await.make_project().await;
    assert_eq!(project, "/v1/projects/2");
    succeeded(&process.stop().await);
    assert_eq!(folder.names(), ["first.db", "second.db"]);
}

#[tokio::test]
async fn a_file_is_replaced_only_when_asked() {
    let (folder, shared) = (Folder::new(), SharedDatabase::make().await);
    let (file, database) = (folder.path("backup.db"), shared.database.url());
    fs::write(&file, "mine").unwrap();
    refused(&backup(database, &file).await, "--force");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    let ended = run(&["backup", "--database", database, "--to", file.to_str().unwrap(), "--force"]).await;
    succeeded(&ended);
    succeeded(&restore(TestDatabase::sqlite_file().url(), &file).await);
    assert_eq!(folder.names(), ["backup.db"]);
    refused(&backup(database, &folder.path("no/such/folder/backup.db")).await, "no/such/folder");
}

#[tokio::test]
async fn a_backup_never_replaces_or_makes_the_database() {
    let folder = Folder::new();
    let file = folder.path("locker.db");
    refused(&backup(&sqlite(&file), &folder.path("backup.db")).await, "locker.db");
    assert_eq!(folder.names(), [""; 0]);

    let database = TestDatabase::sqlite_file();
    database.open().await.close().await;
    let path = database.url().strip_prefix("sqlite:").unwrap();
    let ended = run(&["backup", "--database", database.url(), "--to", path, "--force"]).await;
    refused(&ended, "the database itself");
}

#[tokio::test]
async fn a_database_of_another_version_is_left_alone() {
    let (folder, database) = (Folder::new(), TestDatabase::shared().await);
    database.open().await.close().await;
    let pool = database.sql().await;
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 1").execute(&pool).await.unwrap();
    refused(&backup(database.url(), &folder.path("a.db")).await, "made by an older version");
    sqlx::query("DROP TABLE _sqlx_migrations").execute(&pool).await.unwrap();
    refused(&backup(database.url(), &folder.path("a.db")).await, "made by another program");
    assert_eq!(folder.names(), [""; 0]);
}

#[tokio::test]
async fn a_backup_that_is_killed_leaves_no_file() {
    let (folder, shared) = (Folder::new(), SharedDatabase::make().await);
    let pool = shared.database.sql().await;
    sqlx::query(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000) \
         INSERT INTO secrets (id, project_id, hash, key, value, description, creation_date, revision_date) \
         SELECT CAST(n AS TEXT), 1, CAST(n AS TEXT), '', '', '', 0, 0 FROM n",
    )
    .execute(&pool)
    .await
    .unwrap();
    let file = folder.path("backup.db");
    let args = ["backup", "--database", shared.database.url(), "--to", file.to_str().unwrap()];
    let process = Process::spawn(&mut command(&args));
    // Until it has written more than empty tables.
    let size = || {
        let names = folder.names();
        names.first().map_or(0, |name| fs::metadata(folder.path(name)).map_or(0, |found| found.len()))
    };
    in_time(async { while size() < 300_000 {} }).await;
    process.kill().await;
    let left = folder.names();
    assert!(left.len() == 1 && left[0].starts_with(".backup.db.unfinished-"), "{left:?}");
    refused(&restore(TestDatabase::sqlite_file().url(), &folder.path(&left[0])).await, "no backup");
    succeeded(&backup(shared.database.url(), &file).await);
}

#[tokio::test]
async fn what_is_no_sound_backup_is_refused() {
    let (folder, shared) = (Folder::new(), SharedDatabase::make().await);
    let backup_file = folder.path("backup.db");
    succeeded(&backup(shared.database.url(), &backup_file).await);
    let good = fs::read(&backup_file).unwrap();

    let live = TestDatabase::sqlite_file();
    live.open().await.close().await;
    let live = fs::read(live.url().strip_prefix("sqlite:").unwrap()).unwrap();
    // All of the content; the header of the file and of its first page stay.
    let mut damaged = good.clone();
    damaged[4096..].iter_mut().for_each(|byte| *byte ^= 0xff);
    let changed_by = async |name: &str, statement: &'static str| {
        let file = folder.path(name);
        fs::write(&file, &good).unwrap();
        let pool = sql(&sqlite(&file)).await;
        sqlx::query(statement).execute(&pool).await.unwrap();
        pool.close().await;
        fs::read(&file).unwrap()
    };
    let older = changed_by("older", "DELETE FROM _sqlx_migrations WHERE version > 1").await;
    let newer = changed_by(
        "newer",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99991231, '', TRUE, x'00', 0)",
    )
    .await;
    let dangling =
        changed_by("dangling", "PRAGMA foreign_keys = OFF; UPDATE projects SET workspace_id = 'none'").await;
    for (content, complaint) in [
        (b"".as_slice(), "is no backup"),
        (b"not a database, although long enough for a header of one hundred bytes", "is no backup"),
        (&live, "is no backup"),
        (&good[..good.len() / 2], "is damaged"),
        (&damaged, "is damaged"),
        (&dangling, "is damaged"),
        (&older, "made by an older version"),
        (&newer, "made by a newer version"),
    ] {
        let file = folder.path("content");
        fs::write(&file, content).unwrap();
        let target = folder.path("target.db");
        refused(&restore(&sqlite(&target), &file).await, complaint);
        assert!(!target.exists(), "{complaint}");
        assert_eq!(fs::read(&file).unwrap(), content, "the file is only read");
    }
    refused(&restore(&sqlite(&folder.path("target.db")), &folder.path("missing.db")).await, "missing.db");
}

#[tokio::test]
async fn what_is_there_is_never_mixed_with_a_backup() {
    let (folder, shared) = (Folder::new(), SharedDatabase::make().await);
    let file = folder.path("backup.db");
    succeeded(&backup(shared.database.url(), &file).await);
    let before = content(shared.database.url()).await;
    refused(&restore(shared.database.url(), &file).await, "not empty; nothing was changed");
    assert!(content(shared.database.url()).await == before);
}

#[tokio::test]
async fn a_restore_that_fails_restores_nothing() {
    let (folder, shared) = (Folder::new(), SharedDatabase::make().await);
    let (file, target) = (folder.path("backup.db"), TestDatabase::shared().await);
    succeeded(&backup(shared.database.url(), &file).await);
    target.open().await.close().await;
    let pool = target.sql().await;
    // The last table will not have it.
    let constraint = if target.is_postgres() {
        "ALTER TABLE counters ADD CHECK (value = 0)"
    } else {
        "CREATE TRIGGER refuse BEFORE INSERT ON counters BEGIN SELECT RAISE(ABORT, 'no'); END"
    };
    sqlx::query(constraint).execute(&pool).await.unwrap();
    let before = content(target.url()).await;
    refused(&restore(target.url(), &file).await, "the database failed");
    assert!(content(target.url()).await == before);
}
