//! Writes: what changes, what stays, and what may exist only once.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{Server, SharedDatabase, environment, hash, seal, secret, secret_in};

fn path(kind: &str, item: &Value) -> String {
    format!("/v1/{kind}/{}", item["id"].as_str().unwrap())
}

/// What differs between two items.
fn changed(before: &Value, after: &Value) -> BTreeSet<String> {
    let fields = before.as_object().unwrap().keys();
    fields.filter(|name| before[*name] != after[*name]).cloned().collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().chain(&["revision_date", "updated_date"]).map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn a_put_changes_what_it_names() {
    let server = Server::start().await;
    let api = server.api();
    let mut last = api.create_secret(&secret("A", "1")).await;
    let path = path("secrets", &last);
    for (body, fields) in [
        (json!({"hash": hash("A"), "value": seal("2")}), names(&["value"])),
        (json!({"hash": hash("A"), "description": seal("d")}), names(&["description"])),
        (json!({"hash": hash("A"), "description": ""}), names(&["description"])),
        (json!({"hash": hash("B"), "key": seal("B")}), names(&["key", "secret_hash"])),
    ] {
        let now = api.put(&path, &body).await.expect(200);
        assert_eq!(changed(&last, &now), fields);
        assert_eq!(api.get("/v1/secrets").await.expect(200)["results"], json!([now]));
        last = now;
    }
}

#[tokio::test]
async fn a_put_of_an_environment_changes_what_it_names() {
    let server = Server::start().await;
    let api = server.api();
    let mut last = api.create_environment(&environment("A")).await;
    let path = path("environments", &last);
    for (body, fields) in [
        (json!({"hash": hash("A"), "external_url": seal("u")}), names(&["external_url"])),
        (json!({"hash": hash("A"), "description": seal("d")}), names(&["description"])),
        (json!({"hash": hash("B"), "name": seal("B")}), names(&["name", "hash"])),
    ] {
        let now = api.put(&path, &body).await.expect(200);
        assert_eq!(changed(&last, &now), fields);
        last = now;
    }
}

#[tokio::test]
async fn a_put_of_the_hash_alone_changes_nothing() {
    let server = Server::start().await;
    let api = server.api();
    let secret = api.create_secret(&secret("A", "1")).await;
    let environment = api.create_environment(&environment("E")).await;
    let date = api.get("/v1/sync/revision_date").await.text;
    // A hash without its name would leave the two apart.
    for name in ["A", "other"] {
        let body = json!({"hash": hash(name), "value": null, "unknown": 1});
        assert_eq!(api.put(&path("secrets", &secret), &body).await.expect(200), secret);
        assert_eq!(api.put(&path("environments", &environment), &body).await.expect(200), environment);
    }
    assert_eq!(api.get("/v1/sync/revision_date").await.text, date);
}

#[tokio::test]
async fn a_secret_moves_between_environments_and_all() {
    let server = Server::start().await;
    let api = server.api();
    let production = api.create_environment(&environment("production")).await;
    let staging = api.create_environment(&environment("staging")).await;
    let created = api.create_secret(&secret("A", "1")).await;
    for target in [&production, &staging] {
        let body = json!({"hash": hash("A"), "environment_id": target["id"], "environment_name": seal("x")});
        let moved = api.put(&path("secrets", &created), &body).await.expect(200);
        assert_eq!(moved["environment_id"], target["id"]);
        assert_eq!(moved["environment_name"], target["name"]);
        assert_eq!(moved["environment_hash"], target["hash"]);
        assert_eq!(moved["value"], created["value"]);
    }
    let body = json!({"hash": hash("A"), "environment_id": "", "environment_name": seal("")});
    let back = api.put(&path("secrets", &created), &body).await.expect(200);
    assert_eq!(changed(&created, &back), names(&[]));
}

#[tokio::test]
async fn names_are_taken_once_per_environment() {
    let server = Server::start().await;
    let api = server.api();
    let production = api.create_environment(&environment("production")).await;
    for body in [secret("A", "1"), secret_in(&production, "A", "1")] {
        api.create_secret(&body).await;
        let refusal = api.post("/v1/secrets", &body).await.expect_refusal(409, "already_exists");
        assert_eq!(refusal, "This secret hash already exists");
    }
    let other = api.create_secret(&secret("B", "1")).await;
    let refusals = [
        json!({"hash": hash("A"), "key": seal("A")}),
        json!({"hash": hash("A"), "key": seal("A"), "environment_id": production["id"]}),
    ];
    for body in &refusals {
        let answer = api.put(&path("secrets", &other), body).await;
        assert_eq!(answer.expect_refusal(409, "already_exists"), "This hash value already existed");
    }
    let inside = api.create_secret(&secret_in(&production, "B", "1")).await;
    let answer = api.put(&path("secrets", &inside), &json!({"hash": hash("B"), "environment_id": ""})).await;
    assert_eq!(answer.expect_refusal(409, "already_exists"), "This hash value already existed");
    assert_eq!(api.get("/v1/sync/secrets/count").await.text, "4");
}

#[tokio::test]
async fn environment_names_are_taken_once() {
    let server = Server::start().await;
    let api = server.api();
    api.create_environment(&environment("A")).await;
    let answer = api.post("/v1/environments", &environment("A")).await;
    assert_eq!(answer.expect_refusal(409, "already_exists"), "This environment hash already exists");
    let other = api.create_environment(&environment("B")).await;
    let date = api.get("/v1/sync/revision_date").await.text;
    let answer = api.put(&path("environments", &other), &environment("A")).await;
    assert_eq!(answer.expect_refusal(409, "already_exists"), "The environment hash already existed");
    // A refused write leaves no trace.
    assert_eq!(api.get("/v1/sync/revision_date").await.text, date);
    assert_eq!(api.get("/v1/sync/deleted_item_date").await.text, "0");
}

#[tokio::test]
async fn two_servers_at_once_create_a_name_once() {
    let shared = SharedDatabase::make().await;
    let apis = [shared.serve().await, shared.serve().await];
    for round in 0..10 {
        let (in_all, environment) = (secret(&format!("K{round}"), "v"), environment(&format!("E{round}")));
        let posts = apis
            .iter()
            .flat_map(|api| [api.post("/v1/secrets", &in_all), api.post("/v1/environments", &environment)]);
        let answers = futures_util::future::join_all(posts).await;
        for kind in 0..2 {
            let mut statuses = [answers[kind].status, answers[kind + 2].status];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "round {round}");
        }
    }
}

#[tokio::test]
async fn many_writers_on_two_servers_all_succeed() {
    let shared = SharedDatabase::make().await;
    let apis = [shared.serve().await, shared.serve().await];
    let bodies: Vec<_> = (0..60).map(|n| secret(&format!("K{n}"), "v")).collect();
    let posts = bodies.iter().enumerate().map(|(n, body)| apis[n % 2].create_secret(body));
    let created = futures_util::future::join_all(posts).await;
    let dates: BTreeSet<_> = created.iter().map(|item| item["revision_date"].to_string()).collect();
    assert_eq!(dates.len(), bodies.len(), "each write has a revision date of its own");
    assert_eq!(apis[0].get("/v1/sync/secrets/count").await.text, "60");
}

#[tokio::test]
async fn an_environment_must_exist_in_the_project() {
    let server = Server::start().await;
    let (api, stranger) = (server.api(), support::stranger(&server).await);
    let foreign = stranger.create_environment(&environment("production")).await;
    let unknown = json!({"id": "0d0c0b0a-0000-4000-8000-000000000001"});
    let malformed = json!({"id": "production\u{0}"});
    let created = api.create_secret(&secret("B", "1")).await;
    for environment in [&foreign, &unknown, &malformed] {
        let answer = api.post("/v1/secrets", &secret_in(environment, "A", "1")).await;
        assert!(answer.expect_refusal(404, "not_found").contains("environment_id"));
        let body = json!({"hash": hash("B"), "environment_id": environment["id"]});
        let answer = api.put(&path("secrets", &created), &body).await;
        assert!(answer.expect_refusal(404, "not_found").contains("environment_id"));
    }
}

#[tokio::test]
async fn items_of_another_project_do_not_exist() {
    let server = Server::start().await;
    let (api, stranger) = (server.api(), support::stranger(&server).await);
    let secret = stranger.create_secret(&secret("A", "1")).await;
    let environment = stranger.create_environment(&environment("E")).await;
    assert_eq!(secret["project_id"], 2);
    for path in [
        path("secrets", &secret),
        path("environments", &environment),
        "/v1/secrets/%FF".into(),
        "/v1/secrets/%00".into(),
    ] {
        let body = json!({"hash": hash("A"), "description": seal("x")});
        api.put(&path, &body).await.expect_refusal(404, "not_found");
    }
    for kind in ["secrets", "environments"] {
        assert_eq!(api.get(&format!("/v1/{kind}")).await.expect(200)["count"], 0);
        assert_eq!(api.get(&format!("/v1/sync/{kind}/count")).await.text, "0");
        assert_eq!(stranger.get(&format!("/v1/sync/{kind}/count")).await.text, "1");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_stop_the_revision_date() {
    let shared = SharedDatabase::make().await;
    let api = shared.serve().await;
    let pool = shared.database.sql().await;
    // The last write was in the year 2096.
    sqlx::query("UPDATE projects SET revision_date = 4000000000000000").execute(&pool).await.unwrap();
    let created = api.create_secret(&secret("A", "1")).await;
    assert_eq!(created["revision_date"], 4_000_000_000.000_001);
    let created = api.create_secret(&secret("B", "1")).await;
    assert_eq!(created["revision_date"], 4_000_000_000.000_002);
}

#[tokio::test]
async fn a_database_in_memory_serves_many_at_once() {
    let server = Server::start().await;
    let api = server.api();
    let bodies: Vec<_> = (0..50).map(|n| secret(&format!("K{n}"), "v")).collect();
    let writes = futures_util::future::join_all(bodies.iter().map(|body| api.create_secret(body)));
    let reads = futures_util::future::join_all((0..50).map(|_| api.get("/v1/secrets")));
    let (_, lists) = tokio::join!(writes, reads);
    assert!(lists.iter().all(|list| list.status == 200));
    assert_eq!(api.get("/v1/sync/secrets/count").await.text, "50");
}
