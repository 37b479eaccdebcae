//! What is refused before it is looked at, and how.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use locker_core::{account::Credentials, crypto::AccessKeySecret};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use support::{
    Answer, Api, Server, environment, hash, in_time, seal, secret, send,
    signed_in::{SignedIn, new_account},
};

const MIB: usize = 1024 * 1024;

async fn post_text(api: &Api, path: &str, body: impl Into<String>) -> Answer {
    send(api.request(Method::POST, path).header("content-type", "application/json").body(body.into())).await
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let server = Server::start().await;
    for path in ["/", "/v1", "/v1/secret", "/v1/secrets/", "/v1/sync", "/v2/profile"] {
        server.api().get(path).await.expect_refusal(404, "not_found");
    }
    let client = support::client_builder().build().unwrap();
    for path in ["/v1/profile", "/locker_secrets", "/assets/", "/assets/missing.js", "/assets/../index.html"]
    {
        send(client.get(format!("{}{path}", server.url))).await.expect_refusal(404, "not_found");
    }
}

#[tokio::test]
async fn methods_that_a_path_does_not_have() {
    let server = Server::start().await;
    let item = server.api().create_secret(&secret("A", "1")).await;
    let item = format!("/v1/secrets/{}", item["id"].as_str().unwrap());
    for (method, path, allowed) in [
        (Method::POST, "/v1/profile", "GET,HEAD"),
        (Method::DELETE, "/v1/secrets", "GET,HEAD,POST"),
        (Method::PATCH, "/v1/environments", "GET,HEAD,POST"),
        (Method::DELETE, &item, "PUT"),
        (Method::GET, &item, "PUT"),
    ] {
        let answer = send(server.api().request(method, path)).await;
        answer.expect_refusal(405, "method_not_allowed");
        assert_eq!(answer.headers["allow"], allowed, "{path}");
    }
}

#[tokio::test]
async fn fields_that_are_wrong_or_missing_are_named() {
    let server = Server::start().await;
    let api = server.api();
    let created = api.create_secret(&secret("TAKEN", "1")).await;
    let secret_path = format!("/v1/secrets/{}", created["id"].as_str().unwrap());
    let created = api.create_environment(&environment("TAKEN")).await;
    let environment_path = format!("/v1/environments/{}", created["id"].as_str().unwrap());
    let wrong: Vec<(&str, Value)> = vec![
        ("key", json!("plaintext")),
        ("key", json!(1)),
        ("key", json!("0.aWY=|Y3Q=")),
        ("value", json!({"secret": "plaintext"})),
        ("value", json!(" ")),
        ("description", json!(true)),
        ("environment_name", json!("production")),
        ("environment_id", json!(7)),
        ("name", json!("production")),
        ("external_url", json!("https://prod.example/")),
        ("hash", json!("")),
        ("hash", json!(null)),
        ("hash", json!(hash("A") + "=")),
        ("hash", json!(hash("A").replace(|_: char| true, "+"))),
    ];
    for (name, value) in &wrong {
        let whole = |base: Value| {
            let mut body = base;
            body[*name] = value.clone();
            body
        };
        let is_environment = ["name", "external_url"].contains(name);
        let (post, put, base) = if is_environment {
            ("/v1/environments", &environment_path, environment("A"))
        } else {
            ("/v1/secrets", &secret_path, secret("A", "1"))
        };
        for answer in [api.post(post, &whole(base.clone())).await, api.put(put, &whole(base)).await] {
            let message = answer.expect_refusal(400, "validation_error");
            assert!(message.starts_with(&format!("{name}:")), "{name}: {message}");
            assert!(!message.contains("plaintext") && !message.contains("prod"), "{message}");
        }
    }
    for (path, base, names) in [
        ("/v1/secrets", secret("A", "1"), ["key", "value", "hash"].as_slice()),
        ("/v1/environments", environment("A"), &["name", "hash"]),
    ] {
        for name in names {
            let mut body = base.clone();
            body.as_object_mut().unwrap().remove(*name);
            let message = api.post(path, &body).await.expect_refusal(400, "validation_error");
            assert_eq!(message, format!("{name}: is missing"));
        }
    }
    for path in [&secret_path, &environment_path] {
        let answer = api.put(path, &json!({"description": seal("d")})).await;
        assert_eq!(answer.expect_refusal(400, "validation_error"), "hash: is missing");
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_without_being_repeated() {
    let server = Server::start().await;
    for body in ["", "{", "hunter2", "{\"key\": hunter2}", "[\"hunter2\"]", "\"hunter2\"", "null", "{} {}"] {
        let answer = post_text(&server.api(), "/v1/secrets", body).await;
        let message = answer.expect_refusal(400, "validation_error");
        assert!(message.contains("body") && !message.contains("hunter2"), "{message}");
    }
    let nested = "[".repeat(100_000);
    post_text(&server.api(), "/v1/secrets", nested).await.expect_refusal(400, "validation_error");
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let server = Server::start().await;
    let mut body = secret("A", "1");
    body["folder"] = json!({"id": [1, 2, 3]});
    server.api().create_secret(&body).await;
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_the_most() {
    let server = Server::start().await;
    let api = server.api();
    let text = secret("A", "1").to_string();
    let fill = |size: usize| format!("{text}{}", " ".repeat(size - text.len()));
    assert_eq!(post_text(&api, "/v1/secrets", fill(MIB)).await.status, 201);
    for size in [MIB + 1, 8 * MIB] {
        let answer = post_text(&api, "/v1/secrets", fill(size)).await;
        let message = answer.expect_refusal(413, "payload_too_large");
        assert!(message.contains("1048576"), "{message}");
    }
}

/// Calls until the limit is reached.
async fn until_limited(api: &Api) -> (Vec<u16>, Answer) {
    let mut before = Vec::new();
    while before.len() < 1000 {
        let answer = api.get("/v1/profile").await;
        if answer.status == 429 {
            return (before, answer);
        }
        before.push(answer.status);
    }
    panic!("no limit after {} calls", before.len());
}

#[tokio::test]
async fn an_access_key_has_so_many_calls_per_second() {
    let server = Server::start_with(Some("5/s"), &[]).await;
    let (before, limited) = until_limited(&server.api()).await;
    assert!(before.len() >= 5 && before.iter().all(|status| *status == 200), "{before:?}");
    limited.expect_refusal(429, "rate_limit");
    assert_eq!(limited.headers["retry-after"], "1");
    // The other access key has calls of its own, and the first one has some again soon.
    server.read_only_api().get("/v1/profile").await.expect(200);
    in_time(async { while server.api().get("/v1/profile").await.status == 429 {} }).await;
}

#[tokio::test]
async fn refused_calls_are_limited_by_address() {
    let server = Server::start_with(Some("5/s"), &["127.0.0.1"]).await;
    let unknown = server.api().with_key("0d0c0b0a-0000-4000-8000-000000000001");
    let (before, limited) = until_limited(&unknown).await;
    assert!(before.len() >= 5 && before.iter().all(|status| *status == 401), "{before:?}");
    limited.expect_refusal(429, "rate_limit");
    assert!(limited.headers.contains_key("retry-after"));
    // Guessing does not lock out those who know, nor those who are elsewhere.
    server.api().get("/v1/profile").await.expect(200);
    let elsewhere = unknown.request(Method::GET, "/v1/profile").header("x-forwarded-for", "203.0.113.9");
    send(elsewhere).await.expect_refusal(401, "unauthorized");
}

#[tokio::test]
async fn without_a_rate_there_is_no_limit() {
    let server = Server::start().await;
    for _ in 0..200 {
        assert_eq!(server.api().get("/v1/sync/revision_date").await.status, 200);
    }
}

#[tokio::test]
async fn guesses_at_a_password_are_limited() {
    let server = Server::start_with(None, &["127.0.0.1"]).await;
    let guess = async |address: &str| {
        let key = AccessKeySecret::make().unwrap().to_base64();
        let body = json!({"email": "ann@example.com", "sign_in_key": key.expose_secret()});
        let request = server.api().request(Method::POST, "/v1/session").json(&body);
        send(request.header("x-forwarded-for", address)).await
    };
    for _ in 0..10 {
        guess("192.0.2.1").await.expect_refusal(401, "unauthorized");
    }
    let limited = guess("192.0.2.1").await;
    limited.expect_refusal(429, "rate_limit");
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    guess("192.0.2.2").await.expect_refusal(401, "unauthorized");
}

/// PostgreSQL stores every character but this one.
#[tokio::test]
async fn a_nul_is_the_clients_mistake() {
    let server = Server::start_open().await;
    let account = SignedIn::sign_up(&server.url).await;
    let project = account.make_project().await;
    let key = account.new_access_key(&Credentials::make().unwrap(), "read");
    account.post(&format!("{project}/access_keys"), &key).await.expect(201);
    let key_path = format!("{project}/access_keys/{}", key["id"].as_str().unwrap());
    let workspace = json!({"workspace_id": "x", "name": "x", "sealed_project_key": key["key"]});
    let mut sealed_in = secret("A", "1");
    sealed_in["environment_id"] = "x".into();
    let sign_in = json!({"email": "ann@example.com", "sign_in_key": account.sign_in_key});
    for (method, path, body) in [
        (Method::POST, "/v1/accounts", new_account("ann@example.com")),
        (Method::POST, "/v1/kdf", json!({"email": "ann@example.com"})),
        (Method::POST, "/v1/session", sign_in),
        (Method::POST, "/v1/workspaces", json!({"name": "x"})),
        (Method::POST, "/v1/projects", workspace),
        (Method::POST, &format!("{project}/access_keys"), key.clone()),
        (Method::PUT, &key_path, json!({"permission": "read", "restrict_ip": ["::1"]})),
        (Method::POST, &format!("{key_path}/rotate_key"), json!({"key": key["key"]})),
        (Method::POST, &format!("{project}/secrets"), secret("A", "1")),
        (Method::POST, &format!("{project}/environments"), environment("A")),
        (Method::POST, "/v1/secrets", sealed_in),
        (Method::POST, "/v1/environments", environment("A")),
    ] {
        for with_nul in each_text_with_a_nul(&body) {
            let mut request = account.request(method.clone(), path).json(&with_nul);
            if ["/v1/secrets", "/v1/environments"].contains(&path) {
                request = request.bearer_auth(&server.read_write.id);
            }
            let answer = send(request).await;
            assert!((400..500).contains(&answer.status), "{method} {path} {with_nul}: {answer:?}");
        }
    }
    for path in [
        format!("{project}%00"),
        format!("{project}/secrets/%00"),
        format!("{project}/secrets?hash=%00"),
        format!("{project}/access_keys/%00"),
        format!("{project}/access_logs?before=%00"),
    ] {
        let answer = account.get(&path).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
}

/// The bodies that one gets by putting a NUL into one of the texts.
fn each_text_with_a_nul(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => vec![json!(format!("{text}\0")), json!("\0")],
        Value::Array(items) => {
            items.iter().flat_map(each_text_with_a_nul).map(|item| json!([item])).collect()
        }
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| each_text_with_a_nul(field).into_iter().map(move |field| (name, field)))
            .map(|(name, field)| {
                let mut body = value.clone();
                body[name] = field;
                body
            })
            .collect(),
        _ => Vec::new(),
    }
}
