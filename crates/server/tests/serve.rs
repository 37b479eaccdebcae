//! `locker-server serve`, run as its users run it.
#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use std::fs;

use futures_util::future::join_all;
use locker_core::{
    account::{Credentials, Permission},
    crypto::EncString,
};
use locker_server::store::Store;
use reqwest::Certificate;
use support::{
    Api, SharedDatabase, client_builder,
    database::TestDatabase,
    hash, in_time, make_project,
    process::{Process, command, run},
    secret, send,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A new project in the database, with a Read & Write access key.
async fn create_project(database: &str) -> Credentials {
    let store = Store::open(&database.parse().unwrap()).await.unwrap();
    let key = Credentials::make().unwrap();
    make_project(&store, &[(&key, Permission::ReadWrite)]).await;
    store.close().await;
    key
}

#[tokio::test]
async fn a_project_is_served_and_its_file_private() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("odd name?#%20.db");
    let database = format!("sqlite:{}", file.display());
    let first = create_project(&database).await;
    let (process, url) = Process::serve(&database, &[]).await;
    // Also while the server runs.
    let second = create_project(&database).await;
    for (key, project_id) in [(&first, 1), (&second, 2)] {
        let profile = Api::new(&url, &key.id).get("/v1/profile").await.expect(200);
        assert_eq!(profile["profile"]["project_id"], project_id);
        let sealed: EncString = profile["profile"]["key"].as_str().unwrap().parse().unwrap();
        key.secret.derive_key().open_key(&sealed).unwrap();
    }
    let ended = process.stop().await;
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(0), ""));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn the_log_has_one_line_for_each_request_and_no_more_than_it_should() {
    let database = TestDatabase::shared().await;
    let project = create_project(database.url()).await;
    let (mut process, url) = Process::serve(database.url(), &[]).await;
    let api = Api::new(&url, &project.id);
    let ask = |path: &str| api.request(reqwest::Method::GET, path).header("x-request-id", "client-4711");
    send(ask(&format!("/v1/secrets?hash={}", hash("A")))).await.expect(200);
    let line = process.log_line("answered").await;
    for part in ["INFO", "GET", "/locker_secrets/v1/secrets", "status=200", "duration=", "client-4711"] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(line.contains(&project.id));
    assert!(!line.contains('?') && !line.contains(&hash("A")), "{line}");

    send(ask("/v1/hunter2").bearer_auth("hunter2")).await.expect_refusal(404, "not_found");
    let path = "/v1/secrets/hunter2";
    send(api.request(reqwest::Method::PUT, path).json(&secret("A", "1")))
        .await
        .expect_refusal(404, "not_found");
    let ended = process.stop().await;
    assert_eq!(ended.stderr.matches("answered").count(), 3, "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_request_under_way_is_finished_before_the_end() {
    let database = TestDatabase::shared().await;
    let project = create_project(database.url()).await;
    let (process, url) = Process::serve(database.url(), &[]).await;
    let address = url.strip_prefix("http://").unwrap();
    let idle = TcpStream::connect(address).await.unwrap();

    let body = secret("A", "1").to_string();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /locker_secrets/v1/secrets HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        &project.id,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: the request is under way.
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");

    process.terminate("-TERM").await;
    in_time(async { while TcpStream::connect(address).await.is_ok() {} }).await;
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert_eq!(process.ended().await.status.code(), Some(0));
    drop(idle);

    let (process, url) = Process::serve(database.url(), &[]).await;
    let found = Api::new(&url, &project.id).get("/v1/secrets").await.expect(200);
    assert_eq!(found["results"][0]["secret_hash"], hash("A"));
    process.stop().await;
}

#[tokio::test]
async fn what_was_recorded_is_stored_at_the_end() {
    let shared = SharedDatabase::make().await;
    let (process, url) = Process::serve(shared.database.url(), &[]).await;
    let api = Api::new(&url, &shared.read_write.id);
    join_all((0..50).map(|_| api.get("/v1/profile"))).await;
    assert_eq!(process.stop().await.status.code(), Some(0));
    let sql = shared.database.sql().await;
    let read = "SELECT COUNT(*) FROM access_logs WHERE action = 'profile.read' AND status = 200";
    let used = "SELECT COUNT(*) FROM access_keys WHERE last_use_date IS NOT NULL";
    for (statement, expected) in [(read, 50), (used, 1)] {
        let count: i64 = sqlx::query_scalar(statement).fetch_one(&sql).await.unwrap();
        assert_eq!(count, expected, "{statement}");
    }
}

#[tokio::test]
async fn certificates_come_from_files() {
    let folder = TempDir::new().unwrap();
    let database = TestDatabase::shared().await;
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let (certificate_file, key_file) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    fs::write(&certificate_file, certificate.pem()).unwrap();
    fs::write(&key_file, key.serialize_pem()).unwrap();
    let files = [certificate_file.to_str().unwrap(), key_file.to_str().unwrap()];
    let (process, url) =
        Process::serve(database.url(), &["--tls-cert", files[0], "--tls-key", files[1]]).await;
    let trusted = Certificate::from_pem(certificate.pem().as_bytes()).unwrap();
    let client = client_builder().tls_certs_only([trusted]).build().unwrap();
    let answer = client.get(format!("{}/healthz", url.replace("http:", "https:"))).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    process.stop().await;

    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", database.url()];
    for (certificate, key, complaint) in [
        (files[1], files[1], "key.pem holds no certificate"),
        (files[0], files[0], "cert.pem holds no private key"),
        ("/nowhere.pem", files[1], "cannot read /nowhere.pem"),
    ] {
        let ended = run(&[&serve, ["--tls-cert", certificate, "--tls-key", key].as_slice()].concat()).await;
        assert_eq!(ended.status.code(), Some(1));
        assert!(ended.stderr.contains(complaint), "{}", ended.stderr);
    }
    let ended = run(&[&serve, ["--tls-cert", files[0]].as_slice()].concat()).await;
    assert!(!ended.status.success() && ended.stderr.contains("--tls-key"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_trusted_proxy_and_a_rate_come_from_the_command_line() {
    let database = TestDatabase::shared().await;
    let args = ["--rate-limit", "1/s", "--trusted-proxy", "127.0.0.1", "--trusted-proxy", "::1"];
    let (process, url) = Process::serve(database.url(), &args).await;
    let api = Api::new(&url, "unknown");
    let from = |client: &str| {
        send(api.request(reqwest::Method::GET, "/v1/profile").header("x-forwarded-for", client))
    };
    in_time(async { while from("192.0.2.1").await.status != 429 {} }).await;
    assert_eq!(from("192.0.2.2").await.status, 401);
    process.stop().await;
}

#[tokio::test]
async fn what_cannot_be_served_is_said_clearly() {
    let folder = TempDir::new().unwrap();
    let file = format!("sqlite:{}", folder.path().join("locker.db").display());
    let not_there = format!("sqlite:{}", folder.path().join("no/such/folder/locker.db").display());
    // A port that is taken by somebody who does not listen.
    let taken = tokio::net::TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nowhere = taken.local_addr().unwrap();
    let nobody = format!("postgres://ann:hunter2@{nowhere}/locker");
    let unreachable = format!("the database postgres://{nowhere}/locker: ");
    for (args, complaint) in [
        (["--database", &nobody, "--rate-limit", "1/s"], unreachable.as_str()),
        (["--database", "postgres://u:hunter2/x@h/locker", "--rate-limit", "1/s"], "%2F for /"),
        (["--database", "locker.db", "--rate-limit", "1/s"], "must be sqlite:PATH"),
        (["--database", "sqlite::memory:", "--rate-limit", "1/s"], "needs a file"),
        (["--database", &not_there, "--rate-limit", "1/s"], "no/such/folder"),
        (["--database", &file, "--rate-limit", "50"], "such as 50/s"),
        (["--database", &file, "--trusted-proxy", "10.0.0.0/33"], "--trusted-proxy: `10.0.0.0/33`"),
    ] {
        let ended = run(&[&["serve", "--listen", "127.0.0.1:0"], args.as_slice()].concat()).await;
        assert!(!ended.status.success());
        assert_eq!(ended.stdout, "");
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
        assert!(ended.stderr.contains(complaint), "{complaint} is not in {}", ended.stderr);
    }
    let mut with_bad_log = command(&["dev"]);
    let output = with_bad_log.env("LOCKER_SERVER_LOG", "a=b=c").output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("LOCKER_SERVER_LOG"));
}

#[tokio::test]
async fn several_processes_may_make_the_same_database() {
    let database = TestDatabase::shared().await;
    let started = futures_util::future::join_all((0..4).map(|_| Process::serve(database.url(), &[]))).await;
    let key = create_project(database.url()).await;
    for (process, url) in started {
        Api::new(&url, &key.id).get("/v1/profile").await.expect(200);
        process.stop().await;
    }
}
