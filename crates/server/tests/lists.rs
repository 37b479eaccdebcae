//! Lists: pages, filters and dates.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use support::{Api, Server, environment, hash, ids, seal, secret, secret_in};

const HABIT: &str = "count_secrets=1&page=1&paging=1&revision_date=0&size=2&hash=";

/// Follows `next` as clients do, by appending it to the API base.
async fn all_pages(api: &Api, first: &str) -> Vec<Value> {
    let mut pages = vec![api.get(first).await.expect(200)];
    while let Some(next) = pages.last().unwrap()["next"].as_str() {
        assert!(pages.len() < 100, "next never ends");
        pages.push(api.get(next).await.expect(200));
    }
    pages
}

#[tokio::test]
async fn pages_hold_every_secret_once_in_the_order_of_creation() {
    let server = Server::start().await;
    let api = server.api();
    let mut created = Vec::new();
    for n in 0..5 {
        created.push(api.create_secret(&secret(&format!("K{n}"), "v")).await);
    }
    let pages = all_pages(&api, &format!("/v1/secrets?{HABIT}")).await;

    let counts: Vec<_> = pages.iter().map(|page| page["count"].clone()).collect();
    assert_eq!(counts, [5, 5, 5]);
    assert_eq!(pages.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [2, 2, 1]);
    let listed: Vec<_> = pages.iter().flat_map(ids).collect();
    let expected: Vec<_> = created.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(listed, expected);
    let next = pages[0]["next"].as_str().unwrap();
    assert_eq!(next, "/v1/secrets?count_secrets=1&paging=1&revision_date=0&size=2&hash=&page=2");
    assert_eq!(pages[0]["previous"], Value::Null);
    assert_eq!(pages[2]["previous"].as_str().unwrap(), next);
}

#[tokio::test]
async fn a_full_last_page_has_no_next() {
    let server = Server::start().await;
    let api = server.api();
    for n in 0..2 {
        api.create_environment(&environment(&format!("E{n}"))).await;
    }
    let page = api.get("/v1/environments?size=2").await.expect(200);
    assert_eq!((&page["count"], &page["next"]), (&json!(2), &Value::Null));
    let beyond = api.get("/v1/environments?size=2&page=9").await.expect(200);
    assert_eq!((&beyond["count"], &beyond["results"]), (&json!(2), &json!([])));
    assert_eq!(beyond["next"], Value::Null);
}

#[tokio::test]
async fn next_carries_the_filters_along() {
    let server = Server::start().await;
    let api = server.api();
    let mut environments = Vec::new();
    for name in ["a", "b", "c"] {
        let environment = api.create_environment(&environment(name)).await;
        api.create_secret(&secret_in(&environment, "SAME", "v")).await;
        environments.push(environment);
    }
    api.create_secret(&secret("OTHER", "v")).await;
    let path = format!("/v1/secrets?size=1&revision_date=0.5&hash={}", hash("SAME"));
    let pages = all_pages(&api, &path).await;
    assert_eq!(pages.len(), 3);
    for (page, environment) in pages.iter().zip(&environments) {
        assert_eq!(page["count"], 3);
        assert_eq!(page["results"][0]["environment_id"], environment["id"]);
    }
}

#[tokio::test]
async fn a_hash_finds_the_name_in_every_environment() {
    let server = Server::start().await;
    let api = server.api();
    let production = api.create_environment(&environment("production")).await;
    let staging = api.create_environment(&environment("staging")).await;
    api.create_secret(&secret("OTHER", "v")).await;
    for body in
        [secret("DB_PASS", "v"), secret_in(&production, "DB_PASS", "v"), secret_in(&staging, "DB_PASS", "v")]
    {
        api.create_secret(&body).await;
    }
    let found = api.get(&format!("/v1/secrets?hash={}", hash("DB_PASS"))).await.expect(200);
    assert_eq!(found["count"], 3);
    let of = |n: usize| found["results"][n]["environment_id"].clone();
    assert_eq!([of(0), of(1), of(2)], [Value::Null, production["id"].clone(), staging["id"].clone()]);

    let found = api.get(&format!("/v1/environments?hash={}", hash("staging"))).await.expect(200);
    assert_eq!(ids(&found), [staging["id"].as_str().unwrap()]);
    let none = api.get(&format!("/v1/secrets?hash={}", hash("db_pass"))).await.expect(200);
    assert_eq!((&none["count"], &none["results"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn a_revision_date_finds_what_changed_at_or_after_it() {
    let server = Server::start().await;
    let api = server.api();
    let first = api.create_secret(&secret("A", "1")).await;
    let second = api.create_secret(&secret("B", "1")).await;
    let since = async |date: &Value| api.get(&format!("/v1/secrets?revision_date={date}")).await.expect(200);

    assert_eq!(ids(&since(&first["revision_date"]).await).len(), 2);
    let at = since(&second["revision_date"]).await;
    assert_eq!((ids(&at), &at["count"]), (vec![second["id"].as_str().unwrap()], &json!(1)));
    let now = api.get("/v1/sync/revision_date").await.expect(200);
    assert_eq!(now, second["revision_date"]);

    let path = format!("/v1/secrets/{}", first["id"].as_str().unwrap());
    let changed = api.put(&path, &json!({"hash": hash("A"), "value": seal("2")})).await.expect(200);
    let after = since(&json!(now.as_f64().unwrap() + 0.000_001)).await;
    assert_eq!(after["results"], json!([changed]));
}

#[tokio::test]
async fn every_write_moves_the_revision_date_forward() {
    let server = Server::start().await;
    let api = server.api();
    let mut last = api.number("/v1/sync/revision_date").await;
    for n in 0..20 {
        if n % 2 == 0 {
            api.create_secret(&secret(&format!("K{n}"), "v")).await;
        } else {
            api.create_environment(&environment(&format!("E{n}"))).await;
        }
        let date = api.number("/v1/sync/revision_date").await;
        assert!(date > last, "{date} is not after {last}");
        last = date;
    }
    for path in ["/v1/secrets", "/v1/environments"] {
        assert_eq!(api.get(path).await.expect(200)["revision_date"], last, "{path}");
    }
    assert_eq!(api.number("/v1/sync/deleted_item_date").await, 0.0);
}

#[tokio::test]
async fn a_renamed_environment_makes_clients_fetch_everything_again() {
    let server = Server::start().await;
    let api = server.api();
    let old = api.create_environment(&environment("old")).await;
    let inside = api.create_secret(&secret_in(&old, "A", "1")).await;
    api.create_secret(&secret("B", "1")).await;
    let before = api.number("/v1/sync/revision_date").await;

    let path = format!("/v1/environments/{}", old["id"].as_str().unwrap());
    let renamed = api.put(&path, &environment("new")).await.expect(200);
    assert_eq!(renamed["hash"], hash("new"));

    let deleted = api.number("/v1/sync/deleted_item_date").await;
    assert!(deleted > before, "{deleted} is not after {before}");
    for date in [before, deleted] {
        for (kind, number) in [("secrets", 2), ("environments", 1)] {
            let all = api.get(&format!("/v1/{kind}?revision_date={date}")).await.expect(200);
            assert_eq!(all["count"], number, "{kind} since {date}");
        }
    }
    let found = api.get(&format!("/v1/secrets?hash={}", hash("A"))).await.expect(200);
    assert_eq!(found["results"][0]["environment_name"], renamed["name"]);
    assert_eq!(found["results"][0]["environment_hash"], hash("new"));
    assert_eq!(found["results"][0]["revision_date"], inside["revision_date"]);

    // Who has fetched everything is not told again.
    let date = api.number("/v1/sync/revision_date").await;
    assert!(date > deleted);
    let nothing = api.get(&format!("/v1/secrets?revision_date={date}")).await.expect(200);
    assert_eq!(nothing["count"], 0);
}

#[tokio::test]
async fn a_change_that_is_no_rename_leaves_the_deleted_item_date_alone() {
    let server = Server::start().await;
    let api = server.api();
    let created = api.create_environment(&environment("production")).await;
    let path = format!("/v1/environments/{}", created["id"].as_str().unwrap());
    // The name is sealed afresh each time; its hash says that it is the same.
    api.put(&path, &environment("production")).await.expect(200);
    api.put(&path, &json!({"hash": hash("production"), "description": seal("d")})).await.expect(200);
    assert_eq!(api.get("/v1/sync/deleted_item_date").await.text, "0");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let server = Server::start().await;
    for (query, name) in [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=two", "page"),
        ("size=0", "size"),
        ("size=2001", "size"),
        ("size=1.5", "size"),
        ("revision_date=yesterday", "revision_date"),
        ("revision_date=-1", "revision_date"),
        ("revision_date=NaN", "revision_date"),
        ("hash=short", "hash"),
    ] {
        for path in ["/v1/secrets", "/v1/environments"] {
            let answer = server.api().get(&format!("{path}?{query}")).await;
            let message = answer.expect_refusal(400, "validation_error");
            assert!(message.starts_with(&format!("{name}:")), "{query}: {message}");
        }
    }
    server.api().get("/v1/secrets?page=&size=&revision_date=&hash=&unknown=1").await.expect(200);
}
