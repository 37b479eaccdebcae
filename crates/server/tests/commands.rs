//! The commands of an account, run as their users run them against a server that was started the same way.
#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used)]

mod support;

use std::{fs, process::Stdio};

use locker_core::{
    CacheFolder, CallOptions, Config, Connection, ConnectionOptions, ErrorKind, Locker, NewSecret, Options,
    account::Account,
};
use serde_json::{Value, json};
use support::{
    Api,
    database::TestDatabase,
    fields,
    process::{Ended, Process, command, end_of},
};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery staple";
const SHOWN: [&str; 4] = ["accessKeyId", "active", "allowIp", "permission"];
const SHOWN_ONCE: [&str; 5] = ["accessKeyId", "accessKeySecret", "active", "allowIp", "permission"];

/// Somebody with an account, at a shell.
struct Owner {
    url: String,
    email: &'static str,
    password: &'static str,
}

impl Owner {
    fn new(url: &str) -> Self {
        Self { url: url.to_owned(), email: "ada@example.com", password: PASSWORD }
    }

    fn command(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = command(args);
        command
            .env("LOCKER_SERVER", &self.url)
            .env("LOCKER_EMAIL", self.email)
            .env("LOCKER_MASTER_PASSWORD", self.password)
            .stdin(Stdio::null());
        command
    }

    async fn run(&self, args: &[&str]) -> Ended {
        end_of(&mut self.command(args)).await
    }

    /// The answer of a command that succeeds, and says nothing else.
    async fn answer(&self, args: &[&str]) -> String {
        let ended = self.run(args).await;
        assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(0), ""), "{args:?}");
        ended.stdout
    }

    async fn json(&self, args: &[&str]) -> Value {
        let answer = self.answer(&[args, &["--json"]].concat()).await;
        assert_eq!(answer.lines().count(), 1, "{answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// The reason of a command that is refused.
    async fn refusal(&self, args: &[&str]) -> String {
        let ended = self.run(args).await;
        assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(1), ""), "{args:?}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        ended.stderr
    }

    /// Makes the account and a project; gives the id of the project.
    async fn set_up(&self) -> String {
        self.json(&["account", "create"]).await;
        self.json(&["project", "create", "--name", "shop"]).await["projectId"].to_string()
    }
}

/// The owner of the first account of a new server.
async fn start(database: &TestDatabase, args: &[&str]) -> (Process, Owner, String) {
    let (process, url) = Process::serve(database.url(), args).await;
    let owner = Owner::new(&url);
    let project = owner.set_up().await;
    (process, owner, project)
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap()
}

fn client(url: &str, access_key: &Value) -> Locker {
    let options = Options {
        access_key_id: Some(text(access_key, "accessKeyId").to_owned()),
        access_key_secret: Some(text(access_key, "accessKeySecret").into()),
        cache_folder: CacheFolder::None,
        connection: connection_options(url),
        ..Options::default()
    };
    Locker::new(Config::new(options, |_| None).unwrap())
}

fn connection_options(url: &str) -> ConnectionOptions {
    ConnectionOptions { api_base: Some(format!("{url}/locker_secrets")), ..ConnectionOptions::default() }
}

#[tokio::test]
async fn an_access_key_lives_from_create_to_delete() {
    let database = TestDatabase::shared().await;
    let (process, owner, project) = start(&database, &[]).await;
    let call =
        async |args: &[&str]| owner.json(&[&["access-key"], args, &["--project", &project]].concat()).await;

    let created = call(&["create", "--permission", "read-write", "--allow-ip", "127.0.0.0/8"]).await;
    assert_eq!(fields(&created), SHOWN_ONCE);
    assert_eq!(created["permission"], "read-write");
    assert_eq!((&created["allowIp"], &created["active"]), (&json!(["127.0.0.0/8"]), &json!(true)));
    let id = text(&created, "accessKeyId");
    let locker = client(&owner.url, &created);
    let secret = NewSecret { key: "A".into(), value: "1".into(), environment_name: None, description: None };
    locker.create(&secret, &CallOptions::default()).await.unwrap();

    let mut listed = created.clone();
    listed.as_object_mut().unwrap().remove("accessKeySecret");
    assert_eq!(call(&["list"]).await, json!([listed]));

    let edited = call(&["edit", id, "--permission", "read", "--allow-any-ip"]).await;
    assert_eq!(fields(&edited), SHOWN);
    assert_eq!((&edited["permission"], &edited["allowIp"]), (&json!("read"), &json!([])));
    let edited = call(&["edit", id, "--allow-ip", "::1", "--allow-ip", "127.0.0.1"]).await;
    assert_eq!((&edited["permission"], &edited["allowIp"]), (&json!("read"), &json!(["::1", "127.0.0.1"])));

    assert_eq!(call(&["deactivate", id]).await["active"], false);
    let api = Api::new(&owner.url, id);
    api.get("/v1/profile").await.expect_refusal(401, "unauthorized");
    assert_eq!(call(&["activate", id]).await["active"], true);
    api.get("/v1/profile").await.expect(200);

    let regenerated = call(&["regenerate", id]).await;
    assert_eq!(fields(&regenerated), SHOWN_ONCE);
    assert_eq!(regenerated["accessKeyId"], id);
    let opened = client(&owner.url, &regenerated).get("A", None, &CallOptions::default()).await;
    assert!(opened.is_ok(), "{opened:?}");
    let refused = client(&owner.url, &created).get("A", None, &CallOptions::default()).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Authentication);

    let deleted = call(&["delete", id, "--confirm", id]).await;
    assert_eq!((fields(&deleted), &deleted["active"]), (SHOWN.map(str::to_owned).to_vec(), &json!(false)));
    assert_eq!(call(&["list"]).await, json!([]));
    api.get("/v1/profile").await.expect_refusal(401, "unauthorized");
    process.stop().await;
}

#[tokio::test]
async fn people_get_tables_and_one_look_at_the_secret() {
    let database = TestDatabase::shared().await;
    let (process, owner, project) = start(&database, &[]).await;
    let create = ["access-key", "create", "--project", &project, "--permission", "read-write"];
    let created = owner.run(&create).await;
    assert_eq!(created.status.code(), Some(0), "{}", created.stderr);
    let lines: Vec<_> = created.stdout.lines().collect();
    let (id, secret) = (
        lines[0].strip_prefix("Access key id:      ").unwrap(),
        lines[1].strip_prefix("Access key secret:  ").unwrap(),
    );
    assert_eq!((id.len(), secret.len(), lines.len()), (36, 44, 2), "{lines:?}");
    assert!(created.stderr.contains("shown this once"), "{}", created.stderr);

    let list = owner.answer(&["access-key", "list", "--project", &project]).await;
    let mut lines = list.lines();
    assert!(lines.next().unwrap().starts_with("ID  "), "{list}");
    let row: Vec<_> =
        lines.next().unwrap().split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect();
    assert_eq!(row, [id, "Read & Write", "active", "any", "never"]);
    assert!(!list.contains(secret));

    let projects = owner.answer(&["project", "list"]).await;
    assert!(projects.lines().nth(1).unwrap().contains("shop"), "{projects}");
    let listed = owner.json(&["project", "list"]).await;
    assert_eq!(fields(&listed[0]), ["name", "projectId", "workspaceId"]);
    assert_eq!((&listed[0]["projectId"].to_string(), &listed[0]["name"]), (&project, &json!("shop")));
    process.stop().await;
}

#[tokio::test]
async fn a_third_active_access_key_is_refused() {
    let database = TestDatabase::shared().await;
    let (process, owner, project) = start(&database, &[]).await;
    let create = ["access-key", "create", "--project", &project, "--permission", "read"];
    let first = owner.json(&create).await;
    owner.json(&create).await;
    assert!(owner.refusal(&create).await.contains("two"));
    let id = text(&first, "accessKeyId");
    owner.json(&["access-key", "deactivate", id, "--project", &project]).await;
    owner.json(&create).await;
    let activate = ["access-key", "activate", id, "--project", &project];
    assert!(owner.refusal(&activate).await.contains("two"));
    process.stop().await;
}

#[tokio::test]
async fn refusals_say_why() {
    let database = TestDatabase::shared().await;
    let (process, owner, project) = start(&database, &[]).await;
    let create = ["access-key", "create", "--project", &project, "--permission", "read"];
    let id = owner.json(&create).await["accessKeyId"].as_str().unwrap().to_owned();
    let unknown = "0d0c0b0a-0000-4000-8000-000000000001";
    for (args, reason) in [
        ([create.as_slice(), &["--allow-ip", "10.0.0.0/33"]].concat(), "10.0.0.0/33"),
        (vec!["access-key", "edit", &id, "--project", &project, "--allow-ip", "home"], "home"),
        (vec!["access-key", "deactivate", unknown, "--project", &project], "access key"),
        (vec!["access-key", "regenerate", unknown, "--project", &project], "access key"),
        (vec!["access-key", "delete", unknown, "--confirm", unknown, "--project", &project], "access key"),
        (vec!["access-key", "deactivate", "../x", "--project", &project], "accessKeyId"),
        (vec!["access-key", "list", "--project", "4711"], "project"),
        (vec!["access-key", "delete", &id, "--project", &project], "--confirm"),
        (
            vec!["access-key", "delete", &id, "--confirm", unknown, "--project", &project],
            "nothing is deleted",
        ),
        (vec!["project", "create", "--name", ""], "name"),
        (vec!["project", "create", "--name", "a", "--workspace", unknown], "workspace"),
        (vec!["account", "create"], "sign"),
    ] {
        let said = owner.refusal(&args).await;
        assert!(said.contains(reason), "{args:?}: {reason} is not in {said}");
    }
    let listed = owner.json(&["access-key", "list", "--project", &project]).await;
    assert_eq!((listed[0]["accessKeyId"].as_str(), &listed[0]["active"]), (Some(&*id), &json!(true)));
    process.stop().await;
}

#[tokio::test]
async fn only_the_owner_gets_in() {
    let database = TestDatabase::shared().await;
    let (process, owner, project) = start(&database, &["--open-sign-up"]).await;
    let list = ["access-key", "list", "--project", &project];
    let wrong = Owner { password: "incorrect horse battery staple", ..Owner::new(&owner.url) };
    let nobody = Owner { email: "nobody@example.com", ..Owner::new(&owner.url) };
    let refusal = wrong.refusal(&list).await;
    assert!(refusal.contains("does not accept the sign-in"), "{refusal}");
    let without_id = |text: &str| text.split(" (request").next().unwrap().to_owned();
    assert_eq!(without_id(&nobody.refusal(&list).await), without_id(&refusal), "unknown and wrong are alike");

    let other = Owner { email: "bob@example.com", ..Owner::new(&owner.url) };
    other.set_up().await;
    assert!(other.refusal(&list).await.contains("project"));
    assert!(other.refusal(&["account", "create"]).await.contains("already"));

    let weak = Owner { email: "eve@example.com", password: "too short", ..Owner::new(&owner.url) };
    assert!(weak.refusal(&["account", "create"]).await.contains("12 characters"));
    let empty = Owner { password: "", ..Owner::new(&owner.url) };
    assert!(empty.refusal(&list).await.contains("LOCKER_MASTER_PASSWORD"));
    let as_argument = owner.run(&[list.as_slice(), &["--master-password", PASSWORD]].concat()).await;
    assert_eq!(as_argument.status.code(), Some(2));
    process.stop().await;
}

#[tokio::test]
async fn the_operator_makes_accounts_where_sign_up_is_closed() {
    let database = TestDatabase::shared().await;
    let (process, owner, _) = start(&database, &[]).await;
    let other = Owner { email: "bob@example.com", ..Owner::new(&owner.url) };
    assert!(other.refusal(&["account", "create"]).await.contains("sign-up is closed"));
    let create = ["account", "create", "--database", database.url()];
    let made = other.json(&create).await;
    assert_eq!(
        (fields(&made), text(&made, "email")),
        (vec!["accountId".into(), "email".into()], other.email)
    );
    assert_eq!(other.json(&["project", "list"]).await, json!([]));
    assert!(other.refusal(&create).await.contains("already"));
    // A wrong address is not repeated: there may be a password in it.
    let wrong = other.run(&["account", "create", "--database", "mysql://ada:hunter2@localhost/locker"]).await;
    assert_eq!(wrong.status.code(), Some(2));
    assert!(wrong.stderr.contains("--database") && !wrong.stderr.contains("hunter2"), "{}", wrong.stderr);
    process.stop().await;
}

#[tokio::test]
async fn a_session_ends_with_its_command_and_nothing_secret_is_logged_or_stored() {
    let folder = TempDir::new().unwrap();
    let database = folder.path().join("locker.db");
    let mut server = command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--database",
        &format!("sqlite:{}", database.display()),
    ]);
    let mut process = Process::spawn(server.env("LOCKER_SERVER_LOG", "trace"));
    let line = process.log_line("serving").await;
    let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
    let owner = Owner::new(&format!("http://{address}"));
    let project = owner.set_up().await;

    let create = ["access-key", "create", "--project", &project, "--permission", "read", "--json"];
    let created = end_of(owner.command(&create).env("LOCKER_SERVER_LOG", "trace")).await;
    let secret = text(&serde_json::from_str(&created.stdout).unwrap(), "accessKeySecret").to_owned();
    owner.refusal(&["access-key", "list", "--project", "4711"]).await;
    let ended = process.stop().await;
    let ends = ended
        .stderr
        .lines()
        .filter(|line| line.contains("answered") && line.contains("DELETE") && line.contains("/v1/session"));
    assert_eq!(ends.count(), 4, "one for each command, also for the one that failed: {}", ended.stderr);
    let content = fs::read(&database).unwrap();
    for hidden in [PASSWORD, &secret, &secret[..20]] {
        assert!(!created.stderr.contains(hidden) && !ended.stderr.contains(hidden));
        assert!(!content.windows(hidden.len()).any(|part| part == hidden.as_bytes()));
    }
    assert!(!created.stderr.contains("locker_session="), "{}", created.stderr);
}

#[tokio::test]
async fn of_several_workspaces_one_is_named() {
    let database = TestDatabase::shared().await;
    let (process, owner, _) = start(&database, &[]).await;
    let connection = Connection::new(connection_options(&owner.url), |_| None).unwrap();
    let account = Account::sign_in(connection, owner.email, &PASSWORD.into()).await.unwrap();
    let second = account.create_workspace("second").await.unwrap();
    account.sign_out().await.unwrap();

    let ended = owner.run(&["project", "create", "--name", "a"]).await;
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(1), ""));
    for part in ["--workspace", "Default", "second", &second.id] {
        assert!(ended.stderr.contains(part), "{part} is not in {}", ended.stderr);
    }
    let created = owner.json(&["project", "create", "--name", "a", "--workspace", &second.id]).await;
    assert_eq!(created["workspaceId"], second.id.as_str());
    process.stop().await;
}

#[tokio::test]
async fn a_certificate_can_be_trusted() {
    let folder = TempDir::new().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let files = ["cert.pem", "key.pem"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    fs::write(&files[0], certificate.pem()).unwrap();
    fs::write(&files[1], key.serialize_pem()).unwrap();
    let tls = ["--tls-cert", &files[0], "--tls-key", &files[1]];
    let database = TestDatabase::shared().await;
    let (process, url) = Process::serve(database.url(), &tls).await;
    let owner = Owner::new(&url.replace("http:", "https:"));
    let create = ["account", "create", "--ca-cert", &files[0]];
    assert!(owner.refusal(&create[..2]).await.contains("--ca-cert"));
    assert!(
        owner.refusal(&["account", "create", "--ca-cert", "/nowhere.pem"]).await.contains("/nowhere.pem")
    );
    assert!(owner.refusal(&["account", "create", "--ca-cert", &files[1]]).await.contains("--ca-cert"));
    owner.answer(&create).await;
    owner.answer(&["project", "create", "--name", "a", "--ca-cert", &files[0]]).await;
    process.stop().await;
}
