//! The access log.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use locker_core::account::Credentials;
use reqwest::Method;
use serde_json::{Value, json};
use support::{Api, Server, fields, hash, in_time, secret, send, signed_in::SignedIn};

/// An account with a project and an access key of it.
async fn set_up(server: &Server, permission: &str) -> (SignedIn, String, Credentials) {
    let account = SignedIn::sign_up(&server.url).await;
    let project = account.make_project().await;
    let key = Credentials::make().unwrap();
    let body = account.new_access_key(&key, permission);
    account.post(&format!("{project}/access_keys"), &body).await.expect(201);
    (account, project, key)
}

/// `action status` of each entry, oldest first.
async fn actions(account: &SignedIn, project: &str) -> Vec<String> {
    let page = account.get(&format!("{project}/access_logs?size=500")).await.expect(200);
    let entries = page["results"].as_array().unwrap().iter().rev();
    entries.map(|entry| format!("{} {}", entry["action"].as_str().unwrap(), entry["status"])).collect()
}

#[tokio::test]
async fn it_says_who_did_what_from_where_and_with_what_result() {
    let server = Server::start_open().await;
    let (account, project, key) = set_up(&server, "read").await;
    let api = Api::new(&server.url, &key.id);
    api.get("/v1/profile").await.expect(200);
    api.get(&format!("/v1/secrets?hash={}", hash("A"))).await.expect(200);
    api.post("/v1/secrets", &secret("A", "1")).await.expect_refusal(403, "permission_denied");
    // Asking whether anything changed tells nothing of the project.
    api.number("/v1/sync/revision_date").await;
    let item = account.post(&format!("{project}/secrets"), &secret("A", "1")).await.expect(201);
    let path = format!("{project}/access_keys/{}", key.id);
    account.put(&format!("{path}/activated"), &json!({ "activated": false })).await.expect(200);
    api.get("/v1/sync/revision_date").await.expect_refusal(401, "unauthorized");
    account.put(&format!("{path}/activated"), &json!({ "activated": true })).await.expect(200);
    account.put(&path, &json!({ "permission": "read-write" })).await.expect(200);
    account.delete(&format!("{path}?confirm={}", key.id)).await;

    assert_eq!(
        actions(&account, &project).await,
        [
            "project.create 201",
            "access_key.create 201",
            "profile.read 200",
            "secret.list 200",
            "secret.create 403",
            "secret.create 201",
            "access_key.deactivate 200",
            "sync.read 401",
            "access_key.activate 200",
            "access_key.update 200",
            "access_key.delete 204",
        ]
    );
    let page = account.get(&format!("{project}/access_logs?size=500")).await.expect(200);
    let entry = |action: &str, status: u16| {
        let entries = page["results"].as_array().unwrap().iter();
        entries
            .into_iter()
            .find(|entry| entry["action"] == action && entry["status"] == status)
            .unwrap()
            .clone()
    };
    let by_account = entry("secret.create", 201);
    let names =
        ["access_key_id", "account_id", "action", "address", "date", "id", "item_id", "object", "status"];
    assert_eq!(fields(&by_account), names);
    let id = &account.get("/v1/session").await.expect(200)["account"]["id"];
    assert_eq!((&by_account["account_id"], &by_account["access_key_id"]), (id, &Value::Null));
    assert_eq!((&by_account["item_id"], &by_account["address"]), (&item["id"], &json!("127.0.0.1")));
    let by_key = entry("secret.create", 403);
    assert_eq!((&by_key["account_id"], &by_key["access_key_id"]), (&Value::Null, &json!(key.id)));
    assert_eq!(entry("access_key.delete", 204)["item_id"], key.id);
}

#[tokio::test]
async fn it_is_read_page_by_page_and_exported_whole() {
    let server = Server::start_open().await;
    let (account, project, key) = set_up(&server, "read").await;
    let api = Api::new(&server.url, &key.id);
    for _ in 0..601 {
        api.get("/v1/profile").await.expect(200);
    }
    let (mut next, mut ids) = (json!(format!("{project}/access_logs?size=250")), Vec::new());
    while let Some(path) = next.as_str() {
        let page = account.get(path).await.expect(200);
        ids.extend(page["results"].as_array().unwrap().iter().map(|entry| entry["id"].clone()));
        next = page["next"].clone();
    }
    // And the first two pages themselves.
    assert_eq!(ids.len(), 603);
    let mut sorted: Vec<_> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!(ids, sorted);

    let export = account.get(&format!("{project}/access_logs/export")).await;
    assert_eq!(
        (export.status, &export.headers["content-type"]),
        (200, &"application/jsonl".parse().unwrap())
    );
    let lines: Vec<Value> = export.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pages = ids.len().div_ceil(250);
    assert_eq!(lines.len(), ids.len() + pages);
    assert_eq!(lines[pages..].iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>(), ids);

    for (query, complaint) in [("size=0", "size: "), ("size=501", "size: "), ("before=x", "before: ")] {
        let answer = account.get(&format!("{project}/access_logs?{query}")).await;
        let message = answer.expect_refusal(400, "validation_error");
        assert!(message.starts_with(complaint), "{message}");
    }
}

#[tokio::test]
async fn who_calls_too_often_does_not_fill_it() {
    let server = Server::start_open().await;
    let (account, project, key) = set_up(&server, "read").await;
    let settings = locker_server::http::Settings { rate: Some("1/s".parse().unwrap()), ..Default::default() };
    let limited = Api::new(&support::listen(server.store.clone(), settings), &key.id);
    in_time(async { while limited.get("/v1/profile").await.status != 429 {} }).await;
    in_time(async {
        // The other server stores its entries a moment later.
        while !actions(&account, &project).await.contains(&"profile.read 200".to_owned()) {}
    })
    .await;
    assert!(!actions(&account, &project).await.iter().any(|action| action.ends_with(" 429")));
}

#[tokio::test]
async fn an_address_behind_a_trusted_proxy_is_the_client_s() {
    let server = Server::start_open().await;
    let (account, project, key) = set_up(&server, "read").await;
    let settings = locker_server::http::Settings {
        trusted_proxies: locker_server::domain::AllowedAddresses::parse(["127.0.0.1"]).unwrap(),
        ..Default::default()
    };
    let proxied = Api::new(&support::listen(server.store.clone(), settings), &key.id);
    let request = proxied.request(Method::GET, "/v1/profile").header("x-forwarded-for", "203.0.113.9");
    send(request).await.expect(200);
    let found = async || {
        let page = account.get(&format!("{project}/access_logs")).await.expect(200);
        page["results"].as_array().unwrap().iter().any(|entry| entry["address"] == "203.0.113.9")
    };
    in_time(async { while !found().await {} }).await;
}
