//! Three servers, as processes of their own, on one database: what one of them promises, all keep.
#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use locker_core::account::Credentials;
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    Api, SharedDatabase,
    database::on_postgres,
    environment, hash, in_time,
    process::{Process, command},
    seal, secret, secret_in, send,
    signed_in::{SignedIn, sign_in_key},
};

/// Three servers of a database with a project.
struct Servers {
    shared: SharedDatabase,
    processes: Vec<Process>,
    urls: Vec<String>,
}

impl Servers {
    async fn start(args: &[&str]) -> Self {
        let shared = SharedDatabase::make().await;
        let args = [&["--open-sign-up"], args].concat();
        let started = join_all((0..3).map(|_| Process::serve(shared.database.url(), &args))).await;
        let (processes, urls) = started.into_iter().unzip();
        Self { shared, processes, urls }
    }

    /// The same access key at each server.
    fn apis(&self) -> Vec<Api> {
        self.urls.iter().map(|url| Api::new(url, &self.shared.read_write.id)).collect()
    }

    /// A new account, signed in once, at each server.
    async fn sign_up(&self) -> Vec<SignedIn> {
        let account = SignedIn::sign_up(&self.urls[0]).await;
        self.urls.iter().map(|url| account.at(url)).collect()
    }

    async fn stop(self) {
        for process in self.processes {
            let ended = process.stop().await;
            assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
            assert!(!ended.stderr.contains("ERROR"), "{}", ended.stderr);
        }
    }
}

fn sorted(mut statuses: Vec<u16>) -> Vec<u16> {
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let servers = Servers::start(&[]).await;
    let apis = servers.apis();
    for round in 0..5 {
        for (path, body) in [
            ("/v1/secrets", secret(&format!("K{round}"), "v")),
            ("/v1/environments", environment(&format!("E{round}"))),
        ] {
            let posts = apis.iter().cycle().take(6).map(|api| api.post(path, &body));
            let statuses = join_all(posts).await.iter().map(|answer| answer.status).collect();
            assert_eq!(sorted(statuses), [201, 409, 409, 409, 409, 409], "{path}, round {round}");
        }
    }
    servers.stop().await;
}

#[tokio::test]
async fn two_access_keys_are_active_at_most() {
    let servers = Servers::start(&[]).await;
    let accounts = servers.sign_up().await;
    let project = accounts[0].make_project().await;
    let mut paths = Vec::new();
    for _ in 0..5 {
        let credentials = Credentials::make().unwrap();
        let body = accounts[0].new_access_key(&credentials, "read");
        accounts[0].post(&format!("{project}/access_keys"), &body).await.expect(201);
        paths.push(format!("{project}/access_keys/{}/activated", credentials.id));
        accounts[0].put(&paths[paths.len() - 1], &json!({"activated": false})).await.expect(200);
    }
    for round in 0..3 {
        let on = json!({"activated": true});
        let puts = paths.iter().enumerate().map(|(n, path)| accounts[n % 3].put(path, &on));
        let answers = join_all(puts).await;
        let statuses = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(sorted(statuses), [200, 200, 409, 409, 409], "round {round}");
        for (path, answer) in paths.iter().zip(&answers) {
            if answer.status == 409 {
                answer.expect_refusal(409, "too_many_active_keys");
            } else {
                accounts[round % 3].put(path, &json!({"activated": false})).await.expect(200);
            }
        }
    }
    servers.stop().await;
}

#[tokio::test]
async fn a_deactivation_acts_on_all_at_once() {
    let servers = Servers::start(&[]).await;
    let accounts = servers.sign_up().await;
    let project = accounts[0].make_project().await;
    let credentials = Credentials::make().unwrap();
    let body = accounts[0].new_access_key(&credentials, "read");
    accounts[0].post(&format!("{project}/access_keys"), &body).await.expect(201);
    let path = format!("{project}/access_keys/{}/activated", credentials.id);
    for account in &accounts {
        for (activated, status) in [(true, 200), (false, 401)] {
            account.put(&path, &json!({ "activated": activated })).await.expect(200);
            for api in servers.apis() {
                api.with_key(&credentials.id).get("/v1/profile").await.expect(status);
            }
        }
    }
    servers.stop().await;
}

#[tokio::test]
async fn every_change_shows_at_all_at_once() {
    let servers = Servers::start(&[]).await;
    let accounts = servers.sign_up().await;
    let project = accounts[0].make_project().await;
    let credentials = Credentials::make().unwrap();
    let body = accounts[0].new_access_key(&credentials, "read-write");
    accounts[0].post(&format!("{project}/access_keys"), &body).await.expect(201);
    let apis: Vec<Api> = servers.apis().iter().map(|api| api.with_key(&credentials.id)).collect();
    let path = |kind: &str, item: &Value| format!("{project}/{kind}/{}", item["id"].as_str().unwrap());
    let all_agree = async |when: &str| {
        for (server, api) in apis.iter().enumerate() {
            for kind in ["secrets", "environments"] {
                let usual = api.get(&format!("/v1/{kind}")).await.expect(200);
                let never_asked = format!("/v1/{kind}?now={}", when.replace(' ', "+"));
                assert_eq!(usual, api.get(&never_asked).await.expect(200), "{when}: {kind} at {server}");
            }
        }
    };
    all_agree("nothing").await;
    let production = apis[0].create_environment(&environment("production")).await;
    all_agree("an environment").await;
    let item = apis[1].create_secret(&secret_in(&production, "A", "1")).await;
    all_agree("a secret").await;
    accounts[2]
        .put(&path("secrets", &item), &json!({"hash": hash("A"), "value": seal("2")}))
        .await
        .expect(200);
    all_agree("a changed secret").await;
    let renamed = accounts[0].put(&path("environments", &production), &environment("live")).await;
    renamed.expect(200);
    all_agree("a renamed environment").await;
    let description = json!({"hash": hash("live"), "description": seal("d")});
    accounts[1].put(&path("environments", &production), &description).await.expect(200);
    all_agree("a described environment").await;
    assert_eq!(accounts[2].delete(&path("secrets", &item)).await.status, 204);
    all_agree("a deleted secret").await;
    assert_eq!(accounts[0].delete(&path("environments", &production)).await.status, 204);
    all_agree("a deleted environment").await;
    servers.stop().await;
}

#[tokio::test]
async fn a_session_is_one_at_all() {
    let servers = Servers::start(&[]).await;
    let accounts = servers.sign_up().await;
    for account in &accounts {
        account.get("/v1/session").await.expect(200);
    }
    assert_eq!(accounts[1].delete("/v1/session").await.status, 204);
    for account in &accounts {
        account.get("/v1/session").await.expect_refusal(401, "unauthorized");
    }
    servers.stop().await;
}

#[tokio::test]
async fn projects_have_numbers_of_their_own() {
    let servers = Servers::start(&[]).await;
    let accounts = servers.sign_up().await;
    let made = join_all((0..12).map(|n| accounts[n % 3].make_project())).await;
    let numbers: BTreeSet<i64> =
        made.iter().map(|path| path.rsplit('/').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers.len(), 12);
    // No number is used up by a project that was not made.
    assert_eq!(numbers.last().unwrap() - numbers.first().unwrap(), 11);
    servers.stop().await;
}

#[tokio::test]
async fn guesses_at_a_password_count_at_all() {
    let servers = Servers::start(&[]).await;
    let account = &servers.sign_up().await[0];
    let guess = async |server: usize| {
        let body = json!({"email": account.email, "sign_in_key": sign_in_key()});
        send(account.at(&servers.urls[server]).bare_request(Method::POST, "/v1/session").json(&body)).await
    };
    let answers = join_all((0..12).map(|n| guess(n % 3))).await;
    let statuses = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(sorted(statuses), [[401; 10].as_slice(), &[429; 2]].concat());
    servers.stop().await;
}

#[tokio::test]
async fn the_rate_is_that_of_all_together() {
    if !on_postgres() {
        return;
    }
    const RATE: u32 = 40;
    let servers = Servers::start(&["--rate-limit", &format!("{RATE}/s")]).await;
    let started = Instant::now();
    let callers = servers.apis().into_iter().map(async |api| {
        let mut admitted = 0;
        while started.elapsed() < Duration::from_secs(2) {
            match api.get("/v1/sync/revision_date").await.status {
                200 => admitted += 1,
                status => assert_eq!(status, 429),
            }
        }
        admitted
    });
    let admitted: Vec<u32> = join_all(callers).await;
    let total = f64::from(admitted.iter().sum::<u32>());
    let rate = f64::from(RATE);
    // A burst, and what came while it lasted.
    let most = rate + rate * started.elapsed().as_secs_f64();
    assert!(total <= most && total >= rate / 2.0, "{admitted:?} of {most}");
    servers.stop().await;
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    if !on_postgres() {
        return;
    }
    let servers = Servers::start(&[]).await;
    let apis = servers.apis();
    let mut connection = servers.shared.database.sql().await.acquire().await.unwrap();
    // What is selected is reckoned after what is asked for, so that nobody else's connection ends.
    let mut select = async |what: &str, condition: &str| -> Vec<String> {
        let sql = format!("SELECT CAST({what} AS TEXT) FROM pg_stat_activity WHERE {condition}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *connection).await.unwrap()
    };
    for round in 0..4 {
        for (server, api) in apis.iter().enumerate() {
            api.create_secret(&secret(&format!("K{server}-{round}"), "v")).await;
            api.get("/v1/profile").await.expect(200);
        }
        let others = select("pid", "datname = current_database() AND pid <> pg_backend_pid()").await;
        assert!(others.len() >= 3, "each server has a connection");
        let those = format!("pid IN ({})", others.join(", "));
        select("pg_terminate_backend(pid)", &those).await;
        in_time(async { while !select("pid", &those).await.is_empty() {} }).await;
    }
    servers.stop().await;
}

#[tokio::test]
async fn the_log_does_not_have_the_password_of_the_database() {
    if !on_postgres() {
        return;
    }
    let shared = SharedDatabase::make().await;
    let url = url::Url::parse(shared.database.url()).unwrap();
    let Some(password) = url.password() else { return eprintln!("skipped: the database needs no password") };
    let mut server = command(&["serve", "--listen", "127.0.0.1:0", "--database", shared.database.url()]);
    let mut process = Process::spawn(server.env("LOCKER_SERVER_LOG", "trace"));
    let line = process.log_line("serving").await;
    let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
    let api = Api::new(&format!("http://{address}"), &shared.read_write.id);
    let item: Value = api.create_secret(&secret("A", "1")).await;
    let ended = process.stop().await;
    assert!(!ended.stderr.contains(" INFO sqlx"), "nothing to say about the database: {}", ended.stderr);
    assert!(ended.stderr.contains("DEBUG sqlx::query"), "{}", ended.stderr);
    for hidden in [password, item["value"].as_str().unwrap()] {
        assert!(!ended.stderr.contains(hidden), "{hidden} is in {}", ended.stderr);
    }
}
