//! Access keys, point by point as the product's documentation has them.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use locker_core::{
    account::{Credentials, Permission},
    crypto::SymmetricKey,
};
use locker_server::{
    domain::{
        AllowedAddresses, DomainError,
        access_keys::{self, NewAccessKey},
    },
    store::{Store, Timestamp},
};
use reqwest::Method;
use serde_json::json;
use support::{Server, SharedDatabase, environment, hash, in_time, secret, send};

/// An access key that nobody has stored yet.
fn new_key() -> NewAccessKey {
    let credentials = Credentials::make().unwrap();
    support::project::new_key(&credentials, &SymmetricKey::make().unwrap(), Permission::ReadWrite)
}

fn addresses(texts: &[&str]) -> AllowedAddresses {
    AllowedAddresses::parse(texts).unwrap()
}

async fn activate(server: &Server, id: &str) -> Result<(), DomainError> {
    access_keys::activate(&server.store, server.project_id, id).await.map(drop)
}

async fn deactivate(server: &Server, id: &str) {
    access_keys::deactivate(&server.store, server.project_id, id).await.unwrap();
}

#[tokio::test]
async fn unknown_and_malformed_keys_are_unauthorized() {
    let server = Server::start().await;
    let url = format!("{}/locker_secrets/v1/profile", server.url);
    let client = support::client_builder().build().unwrap();
    let answer = send(client.get(&url)).await;
    answer.expect_refusal(401, "unauthorized");
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer 0d0c0b0a-0000-4000-8000-000000000001",
        &format!("Basic {}", server.read_write.id),
        &server.read_write.id,
        &format!("Bearer {} x", server.read_write.id),
    ] {
        let answer = send(client.get(&url).header("authorization", header)).await;
        answer.expect_refusal(401, "unauthorized");
    }
    let header = format!("bearer {}", server.read_write.id.to_uppercase());
    send(client.get(&url).header("authorization", header)).await.expect(200);
}

#[tokio::test]
async fn a_read_key_reads_and_does_not_write() {
    let server = Server::start().await;
    let secret_item = server.api().create_secret(&secret("A", "1")).await;
    let environment_item = server.api().create_environment(&environment("E")).await;
    let api = server.read_only_api();
    for path in [
        "/v1/profile",
        "/v1/secrets",
        "/v1/environments",
        "/v1/sync/revision_date",
        "/v1/sync/deleted_item_date",
        "/v1/sync/secrets/count",
        "/v1/sync/environments/count",
    ] {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
    for (kind, body, item) in
        [("secrets", secret("B", "1"), secret_item), ("environments", environment("F"), environment_item)]
    {
        let collection = format!("/v1/{kind}");
        let item = format!("{collection}/{}", item["id"].as_str().unwrap());
        for answer in [
            api.post(&collection, &body).await,
            api.put(&item, &json!({"hash": hash("A")})).await,
            // Who may not write is not told what is wrong with the body.
            api.post(&collection, &json!("nonsense")).await,
        ] {
            answer.expect_refusal(403, "permission_denied");
        }
        assert_eq!(api.get(&collection).await.expect(200)["count"], 1);
    }
}

#[tokio::test]
async fn deactivation_acts_at_once_and_can_be_undone() {
    let server = Server::start().await;
    let api = server.api();
    api.get("/v1/profile").await.expect(200);
    deactivate(&server, &server.read_write.id).await;
    api.get("/v1/profile").await.expect_refusal(401, "unauthorized");
    api.post("/v1/secrets", &secret("A", "1")).await.expect_refusal(401, "unauthorized");
    server.read_only_api().get("/v1/profile").await.expect(200);
    activate(&server, &server.read_write.id).await.unwrap();
    api.get("/v1/profile").await.expect(200);
    // Whichever of the two places is free.
    deactivate(&server, &server.read_only.id).await;
    activate(&server, &server.read_only.id).await.unwrap();
    server.read_only_api().get("/v1/profile").await.expect(200);
}

#[tokio::test]
async fn a_deleted_key_is_gone() {
    let server = Server::start().await;
    let id = &server.read_write.id;
    access_keys::delete(&server.store, server.project_id, id).await.unwrap();
    server.api().get("/v1/profile").await.expect_refusal(401, "unauthorized");
    assert!(matches!(activate(&server, id).await, Err(DomainError::NotFound("access key"))));
}

#[tokio::test]
async fn an_expired_key_is_unauthorized() {
    let server = Server::start().await;
    deactivate(&server, &server.read_only.id).await;
    let create = async |expiration_date: Timestamp| {
        let key = NewAccessKey { expiration_date: Some(expiration_date), ..new_key() };
        let id = key.id.clone();
        access_keys::create(&server.store, server.project_id, key).await.unwrap();
        server.api().with_key(&id)
    };
    let expired = create(Timestamp::now()).await;
    expired.get("/v1/profile").await.expect_refusal(401, "unauthorized");

    deactivate(&server, &server.read_write.id).await;
    let valid = create(Timestamp::from_micros(4_000_000_000_500_000)).await;
    let profile = valid.get("/v1/profile").await.expect(200);
    assert_eq!(profile["profile"]["expiration_date"], 4_000_000_000.5);
}

#[tokio::test]
async fn an_edit_changes_permission_and_addresses() {
    let server = Server::start().await;
    let before = server.api().get("/v1/profile").await.expect(200);
    let rules = addresses(&["127.0.0.0/8", "2001:db8::1"]);
    let id = &server.read_write.id;
    access_keys::edit(&server.store, server.project_id, id, Some(Permission::Read), Some(&rules))
        .await
        .unwrap();
    let after = server.api().get("/v1/profile").await.expect(200);
    assert_eq!(after["profile"]["editable"], false);
    assert_eq!(after["profile"]["restrict_ip"], json!(["127.0.0.0/8", "2001:db8::1"]));
    for same in ["id", "key", "creation_date", "project_id"] {
        assert_eq!(after["profile"][same], before["profile"][same], "{same}");
    }
    server.api().post("/v1/secrets", &secret("A", "1")).await.expect_refusal(403, "permission_denied");
}

#[tokio::test]
async fn a_key_of_another_project_cannot_be_touched() {
    let server = Server::start().await;
    let id = &server.read_write.id;
    let store = &server.store;
    let nobody = addresses(&[]);
    for project_id in [server.project_id + 1, 0] {
        assert!(access_keys::deactivate(store, project_id, id).await.is_err());
        assert!(access_keys::delete(store, project_id, id).await.is_err());
        assert!(
            access_keys::edit(store, project_id, id, Some(Permission::Read), Some(&nobody)).await.is_err()
        );
        assert!(access_keys::create(store, project_id, new_key()).await.is_err());
    }
    server.api().post("/v1/secrets", &secret("A", "1")).await.expect(201);
}

#[tokio::test]
async fn calls_from_elsewhere_are_refused() {
    let server = Server::start_with(None, &[]).await;
    restrict(&server, &["203.0.113.0/24", "2001:db8::/32"]).await;
    let refused = server.api().get("/v1/profile").await.expect_refusal(403, "permission_denied");
    assert!(refused.contains("127.0.0.1"), "{refused}");
    // The peer is no trusted proxy, so what it says proves nothing.
    from(&server, "203.0.113.9").await.expect_refusal(403, "permission_denied");
    restrict(&server, &["127.0.0.1"]).await;
    server.api().get("/v1/profile").await.expect(200);
}

#[tokio::test]
async fn a_trusted_proxy_says_who_calls() {
    let server = Server::start_with(None, &["127.0.0.0/8"]).await;
    restrict(&server, &["203.0.113.0/24", "2001:db8::/32"]).await;
    from(&server, "203.0.113.9").await.expect(200);
    from(&server, "2001:db8::9").await.expect(200);
    from(&server, "198.51.100.1, 203.0.113.9").await.expect(200);
    // What the caller wrote in front of the proxy's own entry is not believed.
    from(&server, "203.0.113.9, 198.51.100.1").await.expect_refusal(403, "permission_denied");
    server.api().get("/v1/profile").await.expect_refusal(403, "permission_denied");
}

async fn restrict(server: &Server, rules: &[&str]) {
    let (id, rules) = (&server.read_write.id, addresses(rules));
    access_keys::edit(&server.store, server.project_id, id, None, Some(&rules)).await.unwrap();
}

async fn from(server: &Server, forwarded_for: &str) -> support::Answer {
    send(server.api().request(Method::GET, "/v1/profile").header("x-forwarded-for", forwarded_for)).await
}

#[tokio::test]
async fn a_third_active_key_is_refused() {
    let server = Server::start().await;
    let create = async || access_keys::create(&server.store, server.project_id, new_key()).await;
    let refusal = create().await.unwrap_err();
    assert!(matches!(refusal, DomainError::TooManyActiveKeys));
    assert!(refusal.to_string().contains("two active access keys"), "{refusal}");

    // An inactive one does not count, and takes no place back by itself.
    deactivate(&server, &server.read_only.id).await;
    create().await.unwrap();
    let refusal = activate(&server, &server.read_only.id).await;
    assert!(matches!(refusal, Err(DomainError::TooManyActiveKeys)));
    activate(&server, &server.read_write.id).await.unwrap();

    access_keys::delete(&server.store, server.project_id, &server.read_write.id).await.unwrap();
    activate(&server, &server.read_only.id).await.unwrap();
}

#[tokio::test]
async fn a_race_for_the_last_place_has_one_winner() {
    let shared = SharedDatabase::make().await;
    let stores: [Store; 2] = [shared.open().await, shared.open().await];
    for _ in 0..5 {
        let keys: Vec<_> = (0..6).map(|_| new_key()).collect();
        let ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
        let creates = keys.into_iter().enumerate().map(|(n, key)| {
            let store = &stores[n % 2];
            access_keys::create(store, shared.project_id, key)
        });
        let results = futures_util::future::join_all(creates).await;
        let (won, lost): (Vec<_>, Vec<_>) = ids.iter().zip(&results).partition(|(_, result)| result.is_ok());
        assert_eq!(won.len(), 1);
        assert!(lost.iter().all(|(_, result)| matches!(result, Err(DomainError::TooManyActiveKeys))));
        access_keys::deactivate(&stores[0], shared.project_id, won[0].0).await.unwrap();
    }
}

#[tokio::test]
async fn the_last_use_is_noted_without_a_write_for_each_read() {
    let shared = SharedDatabase::make().await;
    let api = shared.serve().await;
    let pool = shared.database.sql().await;
    let last_use = async || -> Option<i64> {
        sqlx::query_scalar("SELECT last_use_date FROM access_keys").fetch_one(&pool).await.unwrap()
    };
    assert_eq!(last_use().await, None);
    api.get("/v1/profile").await.expect(200);
    let noted = in_time(async {
        loop {
            if let Some(date) = last_use().await {
                break date;
            }
        }
    })
    .await;
    assert!((Timestamp::now().as_micros() - noted) < 60_000_000);
    for _ in 0..20 {
        api.get("/v1/profile").await.expect(200);
    }
    assert_eq!(last_use().await, Some(noted));
}
