//! The management API: accounts, sessions, projects, access keys.
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use locker_core::account::Credentials;
use locker_server::{domain::accounts::SignUp, http::Settings};
use reqwest::Method;
use serde_json::{Value, json};
use support::{
    Api, Server,
    database::TestDatabase,
    environment, fields, listen, seal, secret, send,
    signed_in::{SignedIn, cookie, new_account, sign_in_key},
};

/// A server where everybody can make an account.
async fn open_server() -> Server {
    Server::start_open().await
}

fn credentials() -> Credentials {
    Credentials::make().unwrap()
}

#[tokio::test]
async fn only_the_first_account_can_be_made_by_a_stranger() {
    let database = TestDatabase::alone().await;
    let store = database.open().await;
    let url = listen(store.clone(), Settings::default());
    let client = SignedIn::sign_up(&url).await;
    let open = send(client.bare_request(Method::GET, "/v1/sign_up")).await.expect(200);
    assert_eq!(open, json!({ "open": false }));
    let second = client.bare_request(Method::POST, "/v1/accounts").json(&new_account("eve@example.com"));
    send(second).await.expect_refusal(403, "sign_up_closed");

    let open_url = listen(store, Settings { sign_up: SignUp::Open, ..Settings::default() });
    SignedIn::sign_up(&open_url).await;
}

#[tokio::test]
async fn a_race_for_the_first_account_has_one_winner() {
    let database = TestDatabase::alone().await;
    let url = listen(database.open().await, Settings::default());
    let base = format!("{url}/locker_secrets/v1/accounts");
    let client = support::client_builder().build().unwrap();
    let bodies: Vec<_> = (0..6).map(|n| new_account(&format!("a{n}@example.com"))).collect();
    let answers = bodies.iter().map(|body| send(client.post(&base).json(body)));
    let mut statuses: Vec<_> =
        futures_util::future::join_all(answers).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403, 403, 403]);
}

#[tokio::test]
async fn accounts_cannot_be_made_without_end() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let taken = new_account(&account.email);
    let attempt = async || send(account.bare_request(Method::POST, "/v1/accounts").json(&taken)).await.status;
    let statuses = support::in_time(async {
        let mut statuses = Vec::new();
        while statuses.last() != Some(&429) {
            statuses.push(attempt().await);
        }
        statuses
    })
    .await;
    assert!(statuses.len() > 10 && statuses[..statuses.len() - 1].iter().all(|status| *status == 409));
}

#[tokio::test]
async fn an_email_address_has_one_account_whatever_its_case() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let body = new_account(&account.email.to_uppercase());
    let again = send(account.bare_request(Method::POST, "/v1/accounts").json(&body)).await;
    again.expect_refusal(409, "already_exists");
    let body = json!({ "email": account.email.to_uppercase(), "sign_in_key": account.sign_in_key });
    send(account.bare_request(Method::POST, "/v1/session").json(&body)).await.expect(201);
}

#[tokio::test]
async fn a_session_says_who_is_signed_in_and_can_be_ended() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let session = account.get("/v1/session").await.expect(200);
    let names = ["account", "csrf_token", "expiration_date", "kdf", "object", "sealed_account_key"];
    assert_eq!(fields(&session), names);
    assert_eq!(session["account"]["email"], account.email);
    assert_eq!(session["csrf_token"], account.csrf_token);

    let other = account.again().await;
    assert_ne!((&other.cookie, &other.csrf_token), (&account.cookie, &account.csrf_token));
    let end = account.delete("/v1/session").await;
    assert_eq!(end.status, 204);
    assert!(end.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    account.get("/v1/session").await.expect_refusal(401, "unauthorized");
    // What was sent before cannot be sent again.
    account.post("/v1/workspaces", &json!({ "name": "x" })).await.expect_refusal(401, "unauthorized");
    other.get("/v1/session").await.expect(200);
}

#[tokio::test]
async fn a_wrong_sign_in_says_nothing_about_who_has_an_account() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let mut messages = Vec::new();
    for (email, key) in [(account.email.as_str(), sign_in_key()), ("nobody@example.com", sign_in_key())] {
        let body = json!({ "email": email, "sign_in_key": key });
        let answer = send(account.bare_request(Method::POST, "/v1/session").json(&body)).await;
        assert_eq!(cookie(&answer.headers), None);
        messages.push(answer.expect_refusal(401, "unauthorized"));
    }
    assert_eq!(messages[0], messages[1]);

    let kdf = async |email: &str| {
        send(account.bare_request(Method::POST, "/v1/kdf").json(&json!({ "email": email }))).await.expect(200)
    };
    let (known, unknown) = (kdf(&account.email).await, kdf("nobody@example.com").await);
    assert_eq!(fields(&known), fields(&unknown));
    assert_eq!(unknown, kdf("NOBODY@example.com").await);
    assert_ne!(unknown["salt"], kdf("somebody@example.com").await["salt"]);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let body = json!({ "email": account.email, "sign_in_key": account.sign_in_key });
    let sign_in = async |url: &str| {
        let answer = send(
            support::client_builder()
                .build()
                .unwrap()
                .post(format!("{url}/locker_secrets/v1/session"))
                .json(&body),
        )
        .await;
        answer.headers["set-cookie"].to_str().unwrap().to_owned()
    };
    let plain = sign_in(&server.url).await;
    assert!(plain.starts_with("locker_session="), "{plain}");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(plain.contains(part), "{part} is not in {plain}");
    }
    assert!(!plain.contains("Secure") && !plain.contains("Domain"), "{plain}");
    let settings = Settings { secure_cookies: true, ..Settings::default() };
    let secure = sign_in(&listen(server.store.clone(), settings)).await;
    assert!(secure.starts_with("__Host-locker_session=") && secure.contains("; Secure"), "{secure}");
}

#[tokio::test]
async fn a_forged_request_changes_nothing() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let forge = || {
        let request = account.bare_request(Method::POST, "/v1/workspaces").header("cookie", &account.cookie);
        request.json(&json!({ "name": "forged" }))
    };
    let token = account.csrf_token.as_str();
    let stranger = SignedIn::sign_up(&server.url).await;
    for request in [
        forge(),
        forge().header("x-csrf-token", ""),
        forge().header("x-csrf-token", format!("{token}x")),
        forge().header("x-csrf-token", &stranger.csrf_token),
        forge().header("x-csrf-token", token).header("origin", "https://evil.example"),
        forge().header("x-csrf-token", token).header("sec-fetch-site", "cross-site"),
    ] {
        send(request).await.expect_refusal(403, "csrf");
    }
    // Nobody can be signed in to the account of somebody else either.
    let body = json!({ "email": account.email, "sign_in_key": account.sign_in_key });
    let sign_in = account.bare_request(Method::POST, "/v1/session").header("origin", "https://evil.example");
    send(sign_in.json(&body)).await.expect_refusal(403, "csrf");
    assert_eq!(account.get("/v1/workspaces").await.expect(200), json!({ "results": [] }));
    send(forge().header("x-csrf-token", token)).await.expect(201);
}

/// A server whose sessions can be made older.
struct AgeingServer {
    url: String,
    pool: sqlx::AnyPool,
    _database: TestDatabase,
}

impl AgeingServer {
    async fn start() -> Self {
        let database = TestDatabase::shared().await;
        let settings = Settings { sign_up: SignUp::Open, ..Settings::default() };
        let url = listen(database.open().await, settings);
        Self { url, pool: database.sql().await, _database: database }
    }

    /// Moves everything that is known of the time of sessions into the past.
    async fn wait_minutes(&self, minutes: i64) {
        let micros = minutes * 60_000_000;
        let sql = "SELECT id_hash, data, expiration_date FROM sessions";
        let sessions: Vec<(String, String, i64)> = sqlx::query_as(sql).fetch_all(&self.pool).await.unwrap();
        for (id_hash, data, end) in sessions {
            let mut data: Value = serde_json::from_str(&data).unwrap();
            for name in ["signed_in", "rotated"] {
                let date = &mut data["account"][name];
                *date = json!(date.as_i64().unwrap() - micros);
            }
            sqlx::query("UPDATE sessions SET data = $1, expiration_date = $2 WHERE id_hash = $3")
                .bind(data.to_string())
                .bind(end - micros)
                .bind(id_hash)
                .execute(&self.pool)
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_session_gets_a_new_id_while_it_is_used_and_an_end_when_not() {
    let server = AgeingServer::start().await;
    let account = SignedIn::sign_up(&server.url).await;
    let unchanged = account.get("/v1/session").await;
    assert_eq!(cookie(&unchanged.headers), None);

    server.wait_minutes(6).await;
    let rotated = account.get("/v1/session").await;
    let new = account.clone().with_cookie(cookie(&rotated.headers).unwrap());
    assert_ne!(new.cookie, account.cookie);
    new.post("/v1/workspaces", &json!({ "name": "x" })).await.expect(201);
    // Requests that were under way come with the old one a moment longer.
    account.get("/v1/session").await.expect(200);
    server.wait_minutes(1).await;
    account.get("/v1/session").await.expect_refusal(401, "unauthorized");
    new.get("/v1/session").await.expect(200);

    server.wait_minutes(31).await;
    new.get("/v1/session").await.expect_refusal(401, "unauthorized");
}

#[tokio::test]
async fn requests_at_once_rotate_a_session_once() {
    let server = AgeingServer::start().await;
    let account = SignedIn::sign_up(&server.url).await;
    server.wait_minutes(6).await;
    let answers = futures_util::future::join_all((0..8).map(|_| account.get("/v1/session"))).await;
    let cookies: Vec<_> = answers.iter().filter_map(|answer| cookie(&answer.headers)).collect();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(cookies.len(), 1);
    // And nobody who still has the old id.
    assert_eq!(cookie(&account.get("/v1/session").await.headers), None);
}

#[tokio::test]
async fn a_session_ends_after_half_a_day_however_much_it_is_used() {
    let server = AgeingServer::start().await;
    let mut account = SignedIn::sign_up(&server.url).await;
    for _ in 0..35 {
        server.wait_minutes(20).await;
        let answer = account.get("/v1/session").await;
        answer.expect(200);
        account.cookie = cookie(&answer.headers).unwrap();
    }
    server.wait_minutes(20).await;
    account.get("/v1/session").await.expect_refusal(401, "unauthorized");
}

#[tokio::test]
async fn what_belongs_to_another_account_is_not_found() {
    let server = open_server().await;
    let owner = SignedIn::sign_up(&server.url).await;
    let project = owner.make_project().await;
    let key = credentials();
    owner.post(&format!("{project}/access_keys"), &owner.new_access_key(&key, "read")).await.expect(201);
    let item = owner.post(&format!("{project}/secrets"), &secret("A", "1")).await.expect(201);
    let place = owner.post(&format!("{project}/environments"), &environment("E")).await.expect(201);
    let before = owner.get(&format!("{project}/access_keys")).await.expect(200);

    let stranger = SignedIn::sign_up(&server.url).await;
    let own = stranger.make_project().await;
    let key_path = format!("/access_keys/{}", key.id);
    let sealed = key.seal(&owner.key).unwrap().to_string();
    for theirs in [&project, &own] {
        // The foreign project itself, and foreign things in the own project.
        let routes: Vec<(Method, String, Value)> = vec![
            (Method::GET, key_path.clone(), Value::Null),
            (Method::PUT, key_path.clone(), json!({ "permission": "read-write" })),
            (Method::PUT, format!("{key_path}/activated"), json!({ "activated": false })),
            (Method::POST, format!("{key_path}/rotate_key"), json!({ "key": sealed })),
            (Method::DELETE, format!("{key_path}?confirm={}", key.id), Value::Null),
            (Method::GET, format!("/secrets/{}", item["id"].as_str().unwrap()), Value::Null),
            (Method::PUT, format!("/secrets/{}", item["id"].as_str().unwrap()), secret("A", "2")),
            (Method::DELETE, format!("/secrets/{}", item["id"].as_str().unwrap()), Value::Null),
            (Method::PUT, format!("/environments/{}", place["id"].as_str().unwrap()), environment("F")),
            (Method::DELETE, format!("/environments/{}", place["id"].as_str().unwrap()), Value::Null),
        ];
        for (method, path, body) in routes {
            let request = stranger.request(method, &format!("{theirs}{path}")).json(&body);
            send(request).await.expect_refusal(404, "not_found");
        }
    }
    for (method, path) in [
        (Method::GET, project.clone()),
        (Method::GET, format!("{project}/access_keys")),
        (Method::GET, format!("{project}/access_logs")),
        (Method::GET, format!("{project}/access_logs/export")),
        (Method::GET, format!("{project}/secrets")),
        (Method::GET, format!("{project}/environments")),
        (Method::GET, "/v1/projects/0".into()),
        (Method::GET, "/v1/projects/99999999999999999999".into()),
        (Method::GET, "/v1/projects/x".into()),
    ] {
        send(stranger.request(method, &path)).await.expect_refusal(404, "not_found");
    }
    let foreign = stranger.new_access_key(&credentials(), "read");
    stranger.post(&format!("{project}/access_keys"), &foreign).await.expect_refusal(404, "not_found");
    stranger.post(&format!("{project}/secrets"), &secret("B", "1")).await.expect_refusal(404, "not_found");
    let workspace = &owner.get("/v1/workspaces").await.expect(200)["results"][0]["id"];
    let body = json!({ "workspace_id": workspace, "name": "x", "sealed_project_key": sealed });
    stranger.post("/v1/projects", &body).await.expect_refusal(404, "not_found");

    assert_eq!(owner.get(&format!("{project}/access_keys")).await.expect(200), before);
    let own_project = stranger.get("/v1/projects").await.expect(200);
    assert_eq!(own_project["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_session_nothing_is_shown() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let project = account.make_project().await;
    for path in ["/v1/session", "/v1/workspaces", "/v1/projects", &project, &format!("{project}/secrets")] {
        send(account.bare_request(Method::GET, path)).await.expect_refusal(401, "unauthorized");
        let forged =
            account.bare_request(Method::GET, path).header("cookie", "locker_session=AAAAAAAAAAAAAAAAAAAAAA");
        send(forged).await.expect_refusal(401, "unauthorized");
        let with_access_key = account.bare_request(Method::GET, path).bearer_auth(&server.read_write.id);
        send(with_access_key).await.expect_refusal(401, "unauthorized");
    }
}

#[tokio::test]
async fn an_access_key_goes_through_its_life() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let project = account.make_project().await;
    let keys = format!("{project}/access_keys");
    let key = credentials();
    let body = account.new_access_key(&key, "read");
    let created = account.post(&keys, &body).await.expect(201);
    let names = [
        "activated",
        "creation_date",
        "expiration_date",
        "id",
        "last_use_date",
        "object",
        "permission",
        "restrict_ip",
        "revision_date",
    ];
    assert_eq!(fields(&created), names);
    assert_eq!(created["permission"], "read");
    let path = format!("{keys}/{}", key.id);
    let api = Api::new(&server.url, &key.id);
    api.get("/v1/profile").await.expect(200);
    api.post("/v1/secrets", &secret("A", "1")).await.expect_refusal(403, "permission_denied");

    let edited = account.put(&path, &json!({ "permission": "read-write" })).await.expect(200);
    assert_eq!((&edited["permission"], &edited["restrict_ip"]), (&json!("read-write"), &json!([])));
    api.post("/v1/secrets", &secret("A", "1")).await.expect(201);
    let elsewhere = json!({ "restrict_ip": ["203.0.113.0/24", "2001:db8::1"] });
    let edited = account.put(&path, &elsewhere).await.expect(200);
    assert_eq!(edited["restrict_ip"], elsewhere["restrict_ip"]);
    assert_eq!(edited["permission"], "read-write");
    api.get("/v1/profile").await.expect_refusal(403, "permission_denied");
    account.put(&path, &json!({ "restrict_ip": [] })).await.expect(200);

    let activated = format!("{path}/activated");
    account.put(&activated, &json!({ "activated": false })).await.expect(200);
    api.get("/v1/profile").await.expect_refusal(401, "unauthorized");
    account.put(&activated, &json!({ "activated": true })).await.expect(200);
    api.get("/v1/profile").await.expect(200);

    let new_secret = credentials();
    let sealed = new_secret.seal(&account.key).unwrap().to_string();
    account.post(&format!("{path}/rotate_key"), &json!({ "key": sealed })).await.expect(200);
    assert_eq!(api.get("/v1/profile").await.expect(200)["profile"]["key"], sealed);

    for wrong in ["", "?confirm=", "?confirm=0d0c0b0a-0000-4000-8000-000000000001"] {
        account.delete(&format!("{path}{wrong}")).await.expect_refusal(400, "validation_error");
    }
    api.get("/v1/profile").await.expect(200);
    assert_eq!(account.delete(&format!("{path}?confirm={}", key.id)).await.status, 204);
    api.get("/v1/profile").await.expect_refusal(401, "unauthorized");
    account.get(&path).await.expect_refusal(404, "not_found");
    assert_eq!(account.get(&keys).await.expect(200), json!({ "results": [] }));
}

#[tokio::test]
async fn a_third_active_access_key_and_a_replayed_one_are_refused() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let keys = format!("{}/access_keys", account.make_project().await);
    let first = credentials();
    let body = account.new_access_key(&first, "read");
    account.post(&keys, &body).await.expect(201);
    account.post(&keys, &body).await.expect_refusal(409, "already_exists");
    let second = account.new_access_key(&credentials(), "read-write");
    account.post(&keys, &second).await.expect(201);
    let third = account.new_access_key(&credentials(), "read");
    account.post(&keys, &third).await.expect_refusal(409, "too_many_active_keys");
    let path = format!("{keys}/{}/activated", first.id);
    account.put(&path, &json!({ "activated": false })).await.expect(200);
    account.post(&keys, &third).await.expect(201);
    account.put(&path, &json!({ "activated": true })).await.expect_refusal(409, "too_many_active_keys");
    assert_eq!(account.get(&keys).await.expect(200)["results"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_wrong_field_is_named_and_nothing_changes() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let project = account.make_project().await;
    let keys = format!("{project}/access_keys");
    let key = account.new_access_key(&credentials(), "read");
    let with = |name: &str, value: Value| {
        let mut body = key.clone();
        body[name] = value;
        body
    };
    for (path, body, complaint) in [
        ("/v1/workspaces", json!({}), "name: is missing"),
        ("/v1/workspaces", json!({ "name": " " }), "name: must not be empty"),
        ("/v1/workspaces", json!({ "name": "a\u{0}b" }), "name: must not hold control characters"),
        ("/v1/workspaces", json!({ "name": "x".repeat(201) }), "name: must not be longer than 200"),
        ("/v1/projects", json!({ "name": "x" }), "workspace_id: is missing"),
        (&keys, with("permission", json!("admin")), "permission: must be `read` or `read-write`"),
        (&keys, with("permission", json!(1)), "permission: "),
        (&keys, with("id", json!("1")), "id: must be a UUID"),
        (&keys, with("key", json!("secret")), "key: must be an EncString"),
        (&keys, with("key", Value::Null), "key: is missing"),
        (&keys, with("restrict_ip", json!("10.0.0.1")), "restrict_ip: must be a list"),
        (&keys, with("restrict_ip", json!(["10.0.0.0/33"])), "restrict_ip: `10.0.0.0/33`"),
        (&keys, with("restrict_ip", json!(["localhost"])), "restrict_ip: `localhost`"),
        (
            &keys,
            with("restrict_ip", json!(vec!["10.0.0.1"; 101])),
            "restrict_ip: must not have more than 100",
        ),
    ] {
        let message = account.post(path, &body).await.expect_refusal(400, "validation_error");
        assert!(message.starts_with(complaint), "{message}");
    }
    for (body, complaint) in [
        (json!({ "email": "x", "sign_in_key": sign_in_key() }), "email: must be an e-mail address"),
        (json!({ "email": "a@b", "sign_in_key": "hunter2" }), "sign_in_key: must be 32 bytes in base64"),
    ] {
        let request = account.bare_request(Method::POST, "/v1/session").json(&body);
        assert_eq!(send(request).await.expect_refusal(400, "validation_error"), complaint);
    }
    let mut weak = new_account("weak@example.com");
    weak["kdf"]["iterations"] = json!(1);
    let request = account.bare_request(Method::POST, "/v1/accounts").json(&weak);
    let message = send(request).await.expect_refusal(400, "validation_error");
    assert!(message.starts_with("kdf: ") && message.contains("iterations"), "{message}");
    assert_eq!(account.get(&keys).await.expect(200), json!({ "results": [] }));
}

#[tokio::test]
async fn texts_are_kept_as_they_are() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    for name in ["'; DROP TABLE projects; --", "<script>alert(1)</script>", "\" OR 1=1", "店 № 1", "%s$1?"]
    {
        let made = account.post("/v1/workspaces", &json!({ "name": name })).await.expect(201);
        assert_eq!(made["name"], name);
        let sealed = account.key.seal_key(&account.key).unwrap().to_string();
        let body = json!({ "workspace_id": made["id"], "name": name, "sealed_project_key": sealed });
        let project = account.post("/v1/projects", &body).await.expect(201);
        let found = account.get(&format!("/v1/projects/{}", project["id"])).await.expect(200);
        assert_eq!((&found["name"], &found["sealed_project_key"]), (&json!(name), &json!(sealed)));
    }
    assert_eq!(account.get("/v1/projects").await.expect(200)["results"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn an_account_works_with_the_items_of_its_projects() {
    let server = open_server().await;
    let account = SignedIn::sign_up(&server.url).await;
    let project = account.make_project().await;
    let (secrets, environments) = (format!("{project}/secrets"), format!("{project}/environments"));
    let key = credentials();
    account.post(&format!("{project}/access_keys"), &account.new_access_key(&key, "read")).await.expect(201);
    let api = Api::new(&server.url, &key.id);

    let place = account.post(&environments, &environment("E")).await.expect(201);
    let mut body = secret("A", "1");
    body["environment_id"] = place["id"].clone();
    let item = account.post(&secrets, &body).await.expect(201);
    assert_eq!(item["environment_hash"], place["hash"]);
    account.post(&secrets, &body).await.expect_refusal(409, "already_exists");
    assert_eq!(api.get("/v1/secrets").await.expect(200)["results"], json!([item]));

    let one = format!("{secrets}/{}", item["id"].as_str().unwrap());
    let value = seal("2");
    let changed =
        account.put(&one, &json!({ "hash": item["secret_hash"], "value": value })).await.expect(200);
    assert_eq!(changed["value"], value);
    assert_eq!(account.get(&one).await.expect(200), changed);

    let where_it_is = format!("{environments}/{}", place["id"].as_str().unwrap());
    account.delete(&where_it_is).await.expect_refusal(409, "not_empty");
    let deleted_before = api.number("/v1/sync/deleted_item_date").await;
    assert_eq!(account.delete(&one).await.status, 204);
    assert!(api.number("/v1/sync/deleted_item_date").await > deleted_before);
    account.get(&one).await.expect_refusal(404, "not_found");
    account.delete(&one).await.expect_refusal(404, "not_found");
    assert_eq!(account.delete(&where_it_is).await.status, 204);
    assert_eq!(api.number("/v1/sync/secrets/count").await, 0.0);
    assert_eq!(api.number("/v1/sync/environments/count").await, 0.0);

    for n in 0..3 {
        account.post(&secrets, &secret(&format!("K{n}"), "1")).await.expect(201);
    }
    let page = account.get(&format!("{secrets}?size=2")).await.expect(200);
    assert_eq!(page["count"], 3);
    let next = account.get(page["next"].as_str().unwrap()).await.expect(200);
    assert_eq!(next["results"].as_array().unwrap().len(), 1);
    assert_eq!(next["next"], Value::Null);
}
