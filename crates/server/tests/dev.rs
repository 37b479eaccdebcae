//! `locker-server dev`, run as its users run it.
#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use std::{
    collections::HashSet,
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use locker_core::crypto::{AccessKeySecret, EncString};
use reqwest::{Certificate, Version};
use serde_json::{Value, json};
use support::{
    Api, client_builder, environment, fields, hash, ids, in_time,
    process::{Process, api, command, run},
    secret, secret_in,
};
use tempfile::TempDir;

fn text<'a>(ready: &'a Value, name: &str) -> &'a str {
    ready[name].as_str().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_ready_line_says_how_to_reach_a_working_project() {
    let (process, ready) = Process::dev(&[]).await;
    let keys = ["accessKeyId", "accessKeySecret"];
    let names = ["account", "apiBase", "caCertFile", "event", "projectId", "readOnly", "url"];
    assert_eq!(fields(&ready), [keys.as_slice(), &names].concat());
    assert_eq!(fields(&ready["account"]), ["email", "masterPassword"]);
    assert_eq!(fields(&ready["readOnly"]), ["accessKeyId", "accessKeySecret"]);
    assert_eq!(ready["event"], "ready");
    assert_eq!(ready["projectId"], 1);
    assert_eq!(ready["caCertFile"], Value::Null);
    let url = text(&ready, "url");
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
    assert_eq!(text(&ready, "apiBase"), format!("{url}/locker_secrets"));

    let mut keys = Vec::new();
    for (shown, editable) in [(&ready, true), (&ready["readOnly"], false)] {
        let profile = api(&ready).with_key(text(shown, "accessKeyId")).get("/v1/profile").await.expect(200);
        assert_eq!(profile["profile"]["editable"], editable);
        let sealed: EncString = profile["profile"]["key"].as_str().unwrap().parse().unwrap();
        let secret: AccessKeySecret = text(shown, "accessKeySecret").parse().unwrap();
        keys.push(secret.derive_key().open_key(&sealed).unwrap());
    }
    assert!(keys[0] == keys[1]);

    let ended = process.stop().await;
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(ended.stdout, "", "nothing follows the ready line");
}

#[tokio::test]
async fn an_interrupt_ends_it_too() {
    let (process, _) = Process::dev(&[]).await;
    process.terminate("-INT").await;
    assert_eq!(process.ended().await.status.code(), Some(0));
}

#[tokio::test]
async fn a_restart_serves_the_same_data_with_the_same_credentials() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("new").join("data");
    let args = ["--data-dir", data.to_str().unwrap()];
    let (process, first) = Process::dev(&args).await;
    let production = api(&first).create_environment(&environment("production")).await;
    let created = api(&first).create_secret(&secret_in(&production, "A", "1")).await;
    let profile = api(&first).get("/v1/profile").await.expect(200);
    assert_eq!(process.stop().await.status.code(), Some(0));

    let (process, second) = Process::dev(&args).await;
    for same in ["accessKeyId", "accessKeySecret", "readOnly", "projectId"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    let again = api(&second);
    assert_eq!(again.get("/v1/profile").await.expect(200)["profile"]["key"], profile["profile"]["key"]);
    assert_eq!(again.get("/v1/secrets").await.expect(200)["results"], json!([created]));
    process.stop().await;
}

#[tokio::test]
async fn only_the_owner_can_read_the_data_folder() {
    let folder = TempDir::new().unwrap();
    let existing = folder.path().join("existing");
    fs::create_dir(&existing).unwrap();
    fs::set_permissions(&existing, PermissionsExt::from_mode(0o755)).unwrap();
    for data in [folder.path().join("new"), existing] {
        let args = ["--data-dir", data.to_str().unwrap(), "--tls-self-signed"];
        let (process, ready) = Process::dev(&args).await;
        let ca = fs::read(text(&ready, "caCertFile")).unwrap();
        let trusting =
            client_builder().tls_certs_only([Certificate::from_pem(&ca).unwrap()]).build().unwrap();
        let api = Api::with_client(trusting, text(&ready, "url"), text(&ready, "accessKeyId"));
        api.create_secret(&secret("A", "1")).await;
        assert_eq!(mode(&data), 0o700);
        let files: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
        let names: HashSet<_> =
            files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        let expected = ["ca.pem", "dev-credentials.json", "locker.db", "locker.db-shm", "locker.db-wal"];
        assert_eq!(names, HashSet::from(expected));
        for file in &files {
            assert_eq!(mode(file), 0o600, "{}", file.display());
        }
        process.stop().await;
    }
}

#[tokio::test]
async fn a_folder_with_other_things_in_it_keeps_its_mode() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mine"), "").unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let (process, _) = Process::dev(&["--data-dir", folder.path().to_str().unwrap()]).await;
    assert_eq!(mode(folder.path()), 0o755);
    process.stop().await;
}

#[tokio::test]
async fn lost_credentials_are_not_replaced() {
    let folder = TempDir::new().unwrap();
    let args = ["--data-dir", folder.path().to_str().unwrap()];
    let (process, _) = Process::dev(&args).await;
    process.stop().await;
    let file = folder.path().join("dev-credentials.json");
    for (break_it, complaint) in [("", "is missing"), ("{}", "does not hold an account")] {
        if break_it.is_empty() {
            fs::remove_file(&file).unwrap();
        } else {
            fs::write(&file, break_it).unwrap();
        }
        let ended = run(&[&["dev"], args.as_slice()].concat()).await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains(complaint), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn neither_the_files_nor_the_log_hold_a_secret() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let args = ["dev", "--data-dir", &data];
    let mut process = Process::spawn(command(&args).env("LOCKER_SERVER_LOG", "trace"));
    let ready = process.ready().await;
    let api = api(&ready);
    let production = api.create_environment(&environment("PLAIN-ENVIRONMENT")).await;
    api.create_secret(&secret_in(&production, "PLAIN-KEY", "PLAIN-VALUE")).await;
    let mut careless = secret("PLAIN-KEY", "");
    careless["value"] = "PLAIN-VALUE".into();
    api.post("/v1/secrets", &careless).await.expect_refusal(400, "validation_error");
    let database = ["locker.db", "locker.db-wal"].map(|name| fs::read(folder.path().join(name)).unwrap());
    let ended = process.stop().await;

    let secrets = [text(&ready, "accessKeySecret"), text(&ready["readOnly"], "accessKeySecret")];
    let plain = ["PLAIN-ENVIRONMENT", "PLAIN-KEY", "PLAIN-VALUE"];
    let finds = |content: &[u8], text: &str| content.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(finds(&database.concat(), text(&ready, "accessKeyId")), "the search works");
    assert!(ended.stderr.contains("answered"), "the log is there");
    for text in secrets.iter().chain(&plain) {
        assert!(!finds(&database.concat(), text), "{text} is in the database");
        assert!(!ended.stderr.contains(text), "{text} is in the log");
    }
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = TempDir::new().unwrap();
    let args = ["--data-dir", folder.path().to_str().unwrap()];
    let (process, first) = Process::dev(&args).await;
    let (acknowledged, enough) = (Arc::new(Mutex::new(Vec::new())), Arc::new(tokio::sync::Notify::new()));
    let number = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (api, acknowledged) = (api(&first), Arc::clone(&acknowledged));
            let (enough, number) = (Arc::clone(&enough), Arc::clone(&number));
            tokio::spawn(async move {
                loop {
                    let body = secret(&format!("K{}", number.fetch_add(1, Ordering::Relaxed)), "v");
                    let request = api.request(reqwest::Method::POST, "/v1/secrets").json(&body);
                    // An answer that breaks off, or none, acknowledges nothing.
                    let Ok(response) = request.send().await else { return };
                    assert_eq!(response.status(), 201);
                    let Ok(item) = response.json::<Value>().await else { return };
                    let mut acknowledged = acknowledged.lock().unwrap();
                    acknowledged.push(text(&item, "id").to_owned());
                    if acknowledged.len() == 100 {
                        enough.notify_one();
                    }
                }
            })
        })
        .collect();
    in_time(enough.notified()).await;
    process.kill().await;
    for writer in writers {
        writer.await.unwrap();
    }

    let (process, second) = Process::dev(&args).await;
    assert_eq!(first["accessKeySecret"], second["accessKeySecret"]);
    let list = api(&second).get("/v1/secrets").await.expect(200);
    let kept: HashSet<_> = ids(&list).into_iter().collect();
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= 100);
    assert!(acknowledged.iter().all(|id| kept.contains(id.as_str())));
    // Nor does it leave anything half done: the next write works as ever.
    api(&second).create_secret(&secret("after", "v")).await;
    process.stop().await;
}

#[tokio::test]
async fn a_kill_between_the_access_keys_is_made_good() {
    let folder = TempDir::new().unwrap();
    let args = ["--data-dir", folder.path().to_str().unwrap()];
    let (process, first) = Process::dev(&args).await;
    process.stop().await;
    sqlx::any::install_default_drivers();
    let database = format!("sqlite:{}", folder.path().join("locker.db").display());
    let pool = sqlx::AnyPool::connect(&database).await.unwrap();
    let delete = "DELETE FROM access_keys WHERE permission = 'read-write'";
    sqlx::query(delete).execute(&pool).await.unwrap();
    pool.close().await;
    let (process, second) = Process::dev(&args).await;
    assert_eq!(first["accessKeySecret"], second["accessKeySecret"]);
    api(&second).get("/v1/profile").await.expect(200);
    process.stop().await;
}

#[tokio::test]
async fn a_kill_before_the_project_is_made_keeps_the_credentials() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (process, first) = Process::dev(&["--data-dir", other.path().to_str().unwrap()]).await;
    process.stop().await;
    // What such a kill leaves behind: credentials without a project.
    let name = "dev-credentials.json";
    fs::copy(other.path().join(name), folder.path().join(name)).unwrap();
    let (process, second) = Process::dev(&["--data-dir", folder.path().to_str().unwrap()]).await;
    assert_eq!(first["accessKeySecret"], second["accessKeySecret"]);
    api(&second).get("/v1/profile").await.expect(200);
    process.stop().await;
}

#[tokio::test]
async fn tls_is_verified_and_negotiates_http2() {
    let (process, ready) = Process::dev(&["--tls-self-signed"]).await;
    let port = text(&ready, "url").strip_prefix("https://127.0.0.1:").unwrap().to_owned();
    let ca_file = Path::new(text(&ready, "caCertFile")).to_owned();
    let ca = Certificate::from_pem(&fs::read(&ca_file).unwrap()).unwrap();
    let trusting = || client_builder().tls_certs_only([ca.clone()]);
    let get = async |client: reqwest::ClientBuilder, host: &str| {
        client.build().unwrap().get(format!("https://{host}:{port}/healthz")).send().await
    };

    for host in ["127.0.0.1", "localhost"] {
        let answer = get(trusting(), host).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2), "{host}");
    }
    let answer = get(trusting().http1_only(), "127.0.0.1").await.unwrap();
    assert_eq!(answer.version(), Version::HTTP_11);
    let stranger = get(client_builder(), "127.0.0.1").await.unwrap_err();
    assert!(format!("{stranger:?}").contains("UnknownIssuer"), "{stranger:?}");

    assert_eq!(process.stop().await.status.code(), Some(0));
    assert!(!ca_file.exists() && !ca_file.parent().unwrap().exists(), "the temporary folder is removed");
}

#[tokio::test]
async fn ipv6_works_with_tls() {
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("skipped: this machine has no IPv6");
        return;
    }
    let (process, ready) = Process::dev(&["--tls-self-signed", "--listen", "[::1]:0"]).await;
    assert!(text(&ready, "url").starts_with("https://[::1]:"));
    let ca = Certificate::from_pem(&fs::read(text(&ready, "caCertFile")).unwrap()).unwrap();
    let client = client_builder().tls_certs_only([ca]).build().unwrap();
    let api = Api::with_client(client, text(&ready, "url"), text(&ready, "accessKeyId"));
    api.create_secret(&secret("A", "1")).await;
    let found = api.get(&format!("/v1/secrets?hash={}", hash("A"))).await.expect(200);
    assert_eq!(found["count"], 1);
    process.stop().await;
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_named() {
    let ended = run(&["dev", "--listen", "256.0.0.1:0"]).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("--listen 256.0.0.1:0"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[tokio::test]
async fn a_server_on_all_addresses_says_how_to_reach_it_from_here() {
    let (process, ready) = Process::dev(&["--listen", "0.0.0.0:0"]).await;
    assert!(text(&ready, "url").starts_with("http://127.0.0.1:"), "{ready}");
    api(&ready).get("/v1/profile").await.expect(200);
    process.stop().await;
}

#[tokio::test]
async fn it_ends_with_its_stdin_if_it_is_told_to() {
    let mut process =
        Process::spawn(command(&["dev", "--end-with-stdin"]).stdin(std::process::Stdio::piped()));
    let ready = process.ready().await;
    api(&ready).get("/v1/profile").await.expect(200);
    process.close_stdin();
    assert!(process.ended().await.status.success());
}
