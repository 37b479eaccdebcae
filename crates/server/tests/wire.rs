//! Each answer, field by field, as the protocol describes it.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use locker_core::crypto::EncString;
use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, Server, client_builder, environment, fields, hash, seal, secret, secret_in, send};

#[tokio::test]
async fn the_profile_says_what_the_access_key_is() {
    let server = Server::start().await;
    let answer = server.api().get("/v1/profile").await.expect(200);

    assert_eq!(fields(&answer), ["object", "profile"]);
    assert_eq!(answer["object"], "access_key");
    let profile = &answer["profile"];
    let names = "activated client_id creation_date editable expiration_date id key object project_id projects \
                 restrict_ip revision_date";
    assert_eq!(fields(profile), names.split_whitespace().collect::<Vec<_>>());
    assert!(profile["object"].is_string());
    assert_eq!(profile["id"], *server.read_write.id);
    assert_eq!(profile["client_id"], *server.read_write.id);
    assert_eq!(profile["activated"], true);
    assert_eq!(profile["editable"], true);
    assert_eq!(profile["restrict_ip"], json!([]));
    assert!(profile["creation_date"].as_f64().unwrap() > 1.7e9);
    assert!(profile["revision_date"].as_f64().unwrap() > 1.7e9);
    assert_eq!(profile["expiration_date"], Value::Null);
    assert_eq!(profile["project_id"], server.project_id);
    assert_eq!(profile["projects"], json!([server.project_id.to_string()]));

    let read_only = server.read_only_api().get("/v1/profile").await.expect(200);
    assert_eq!(read_only["profile"]["editable"], false);
}

#[tokio::test]
async fn both_access_keys_open_the_same_project_key() {
    let server = Server::start().await;
    let sealed = async |api: support::Api| -> EncString {
        let answer = api.get("/v1/profile").await.expect(200);
        answer["profile"]["key"].as_str().unwrap().parse().unwrap()
    };
    let (one, other) = (sealed(server.api()).await, sealed(server.read_only_api()).await);
    let one_key = server.read_write.secret.derive_key().open_key(&one).unwrap();
    let other_key = server.read_only.secret.derive_key().open_key(&other).unwrap();
    assert!(one_key == other_key);
    assert!(server.read_only.secret.derive_key().open_key(&one).is_err());
}

#[tokio::test]
async fn a_secret_in_all_has_no_environment() {
    let server = Server::start().await;
    let api = server.api();
    let sent = secret("DB_PASS", "s3cret");
    let created = api.create_secret(&sent).await;

    let names = "creation_date deleted_date description environment_hash environment_id environment_name id key \
                 last_use_date object project_id revision_date secret_hash updated_date value";
    assert_eq!(fields(&created), names.split_whitespace().collect::<Vec<_>>());
    assert_eq!(created["object"], "secret");
    assert_eq!(created["id"].as_str().unwrap().len(), 36);
    assert_eq!(created["project_id"], server.project_id);
    for name in ["key", "value", "description"] {
        assert_eq!(created[name], sent[name], "{name}");
    }
    assert_eq!(created["secret_hash"], hash("DB_PASS"));
    for name in ["environment_id", "environment_name", "environment_hash", "deleted_date", "last_use_date"] {
        assert_eq!(created[name], Value::Null, "{name}");
    }
    assert!(created["creation_date"].as_f64().unwrap() > 1.7e9);
    assert_eq!(created["creation_date"], created["revision_date"]);
    assert_eq!(created["creation_date"], created["updated_date"]);
    let listed = api.get("/v1/secrets").await.expect(200);
    assert_eq!(listed["results"], json!([created]));
}

#[tokio::test]
async fn a_secret_of_an_environment_carries_what_the_environment_says() {
    let server = Server::start().await;
    let api = server.api();
    let production = api.create_environment(&environment("production")).await;
    let created = api.create_secret(&secret_in(&production, "DB_PASS", "s3cret")).await;

    assert_eq!(created["environment_id"], production["id"]);
    assert_eq!(created["environment_name"], production["name"]);
    assert_eq!(created["environment_hash"], hash("production"));
}

#[tokio::test]
async fn an_environment_comes_back_whole() {
    let server = Server::start().await;
    let api = server.api();
    let mut sent = environment("production");
    sent["external_url"] = seal("https://prod.example/").into();
    let created = api.create_environment(&sent).await;

    let names = "creation_date deleted_date description external_url hash id last_use_date name object \
                 project_id revision_date updated_date";
    assert_eq!(fields(&created), names.split_whitespace().collect::<Vec<_>>());
    assert_eq!(created["object"], "environment");
    assert_eq!(created["id"].as_str().unwrap().len(), 36);
    assert_eq!(created["project_id"], server.project_id);
    for name in ["name", "hash", "external_url", "description"] {
        assert_eq!(created[name], sent[name], "{name}");
    }
    let listed = api.get("/v1/environments").await.expect(200);
    assert_eq!(listed["results"], json!([created]));
}

#[tokio::test]
async fn texts_that_are_not_given_are_the_empty_text() {
    let server = Server::start().await;
    let api = server.api();
    let created = api
        .create_secret(&json!({"key": seal("A"), "hash": hash("A"), "value": "", "environment_id": null}))
        .await;
    assert_eq!((&created["value"], &created["description"]), (&json!(""), &json!("")));
    let created = api.create_environment(&json!({"name": seal("E"), "hash": hash("E")})).await;
    assert_eq!((&created["external_url"], &created["description"]), (&json!(""), &json!("")));
}

#[tokio::test]
async fn a_list_has_exactly_these_fields() {
    let server = Server::start().await;
    for path in ["/v1/secrets", "/v1/environments"] {
        let list = server.api().get(path).await.expect(200);
        assert_eq!(fields(&list), ["count", "next", "previous", "results", "revision_date"]);
        assert_eq!((&list["count"], &list["results"]), (&json!(0), &json!([])));
        assert_eq!((&list["next"], &list["previous"]), (&Value::Null, &Value::Null));
        assert_eq!(list["revision_date"], server.api().number("/v1/sync/revision_date").await);
    }
}

#[tokio::test]
async fn the_four_sync_answers_are_bare_numbers() {
    let server = Server::start().await;
    let api = server.api();
    assert_eq!(api.get("/v1/sync/deleted_item_date").await.text, "0");
    assert_eq!(api.get("/v1/sync/secrets/count").await.text, "0");
    assert_eq!(api.get("/v1/sync/environments/count").await.text, "0");
    api.create_secret(&secret("A", "1")).await;
    api.create_secret(&secret("B", "1")).await;
    api.create_environment(&environment("E")).await;
    assert_eq!(api.get("/v1/sync/secrets/count").await.text, "2");
    assert_eq!(api.get("/v1/sync/environments/count").await.text, "1");
    let date = api.get("/v1/sync/revision_date").await.text;
    assert!(date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{date:?}");
    assert!(date.parse::<f64>().unwrap() > 1.7e9);
}

#[tokio::test]
async fn health_needs_no_access_key() {
    let server = Server::start().await;
    let answer = send(client_builder().build().unwrap().get(format!("{}/healthz", server.url))).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "ok"));
}

#[tokio::test]
async fn answers_are_not_cached_and_carry_a_request_id() {
    let server = Server::start().await;
    let api = server.api();
    let ask = async |id: &str| -> Answer {
        send(api.request(Method::GET, "/v1/profile").header("x-request-id", id)).await
    };
    let given = ask("client-4711").await;
    assert_eq!(given.headers["x-request-id"], "client-4711");
    assert_eq!(given.headers["cache-control"], "no-store");
    for bad in ["", "two words", "injected=\"1\"", &"x".repeat(65)] {
        let made = ask(bad).await.headers["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(made.len(), 36, "{bad:?} became {made:?}");
    }
    let refusal = api.get("/nothing").await;
    assert_eq!(refusal.headers["cache-control"], "no-store");
    assert!(refusal.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let server = Server::start().await;
    server.api().create_secret(&secret("A", &"long ".repeat(100))).await;
    let list = format!("{}/locker_secrets/v1/secrets", server.url);
    let ask = |encoding: &'static str| {
        let client = client_builder().no_gzip().build().unwrap();
        let request = client.get(&list).bearer_auth(&server.read_write.id);
        async move { request.header("accept-encoding", encoding).send().await.unwrap() }
    };
    let compressed = ask("gzip").await;
    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    assert!(compressed.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    assert!(!ask("identity").await.headers().contains_key("content-encoding"));
}
