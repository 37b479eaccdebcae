//! What the tests have in common. Each test file uses a part of it.
#![allow(dead_code)]

pub(crate) mod database;
pub(crate) mod process;
pub(crate) mod project;
pub(crate) mod signed_in;

use std::{
    net::TcpListener,
    sync::{Arc, LazyLock},
    time::Duration,
};

use locker_core::{
    account::{Credentials, Permission},
    crypto::{NameHash, SymmetricKey},
};
use locker_server::{
    domain::{AllowedAddresses, accounts::SignUp},
    http::{self, API_BASE, Rate, Settings},
    store::Store,
};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

use self::database::TestDatabase;

pub(crate) use self::project::make_project;

/// Fails where a test would wait for ever.
pub(crate) async fn in_time<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap()
}

/// A server in this process with one project, which ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) url: String,
    pub(crate) project_id: i64,
    pub(crate) read_write: Credentials,
    pub(crate) read_only: Credentials,
    _database: TestDatabase,
}

impl Server {
    /// A server of a database of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with(None, &[]).await
    }

    /// A server where everybody can make an account.
    pub(crate) async fn start_open() -> Self {
        Self::start_as(Settings { sign_up: SignUp::Open, ..Settings::default() }).await
    }

    pub(crate) async fn start_with(rate: Option<&str>, trusted_proxies: &[&str]) -> Self {
        let rate = rate.map(|rate| rate.parse::<Rate>().unwrap());
        let trusted_proxies = AllowedAddresses::parse(trusted_proxies).unwrap();
        Self::start_as(Settings { rate, trusted_proxies, ..Settings::default() }).await
    }

    async fn start_as(settings: Settings) -> Self {
        let database = TestDatabase::alone().await;
        let store = database.open().await;
        let (read_write, read_only) = (Credentials::make().unwrap(), Credentials::make().unwrap());
        let keys = [(&read_write, Permission::ReadWrite), (&read_only, Permission::Read)];
        let project_id = make_project(&store, &keys).await;
        let url = listen(store.clone(), settings);
        Self { store, url, project_id, read_write, read_only, _database: database }
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(&self.url, &self.read_write.id)
    }

    pub(crate) fn read_only_api(&self) -> Api {
        Api::new(&self.url, &self.read_only.id)
    }
}

/// A database with one project that several servers share, as several processes would.
pub(crate) struct SharedDatabase {
    pub(crate) database: TestDatabase,
    pub(crate) project_id: i64,
    pub(crate) read_write: Credentials,
}

impl SharedDatabase {
    pub(crate) async fn make() -> Self {
        let database = TestDatabase::shared().await;
        let store = database.open().await;
        let read_write = Credentials::make().unwrap();
        let keys = [(&read_write, Permission::ReadWrite)];
        let project_id = make_project(&store, &keys).await;
        store.close().await;
        Self { database, project_id, read_write }
    }

    pub(crate) async fn open(&self) -> Store {
        self.database.open().await
    }

    pub(crate) async fn serve(&self) -> Api {
        let url = listen(self.open().await, Settings::default());
        Api::new(&url, &self.read_write.id)
    }
}

pub(crate) fn listen(store: Store, settings: Settings) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(http::serve(listener, None, store, settings, std::future::pending()));
    url
}

/// A client that trusts nobody, and that no proxy of the environment gets in the way of.
pub(crate) fn client_builder() -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([])
}

/// Calls with an access key.
#[derive(Clone)]
pub(crate) struct Api {
    client: Client,
    base: String,
    access_key_id: String,
}

/// An answer that has been read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Api {
    pub(crate) fn new(url: &str, access_key_id: &str) -> Self {
        Self::with_client(client_builder().build().unwrap(), url, access_key_id)
    }

    pub(crate) fn with_client(client: Client, url: &str, access_key_id: &str) -> Self {
        Self { client, base: format!("{url}{API_BASE}"), access_key_id: access_key_id.to_owned() }
    }

    pub(crate) fn with_key(&self, access_key_id: &str) -> Self {
        Self { access_key_id: access_key_id.to_owned(), ..self.clone() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.access_key_id)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::PUT, path).json(body)).await
    }

    /// Posts a secret and expects it to be created.
    pub(crate) async fn create_secret(&self, body: &Value) -> Value {
        self.post("/v1/secrets", body).await.expect(201)
    }

    /// Posts an environment and expects it to be created.
    pub(crate) async fn create_environment(&self, body: &Value) -> Value {
        self.post("/v1/environments", body).await.expect(201)
    }

    pub(crate) async fn number(&self, path: &str) -> f64 {
        self.get(path).await.expect(200).as_f64().unwrap()
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

impl Answer {
    /// The JSON of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// The message of a refusal with this status and code, whose body holds nothing else.
    #[track_caller]
    pub(crate) fn expect_refusal(&self, status: u16, code: &str) -> String {
        let body = self.expect(status);
        assert_eq!(fields(&body), ["code", "message"]);
        assert_eq!(body["code"], code);
        body["message"].as_str().unwrap().to_owned()
    }
}

/// The names of the fields of an object, sorted.
pub(crate) fn fields(object: &Value) -> Vec<String> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}

/// Seals a text with a key that the server does not know.
pub(crate) fn seal(text: &str) -> String {
    static KEY: LazyLock<Arc<SymmetricKey>> = LazyLock::new(|| Arc::new(SymmetricKey::make().unwrap()));
    KEY.seal_text(text).unwrap().to_string()
}

pub(crate) fn hash(name: &str) -> String {
    NameHash::derive(1, name).to_string()
}

/// A secret in ALL.
pub(crate) fn secret(key: &str, value: &str) -> Value {
    json!({"key": seal(key), "hash": hash(key), "value": seal(value), "description": seal("")})
}

/// A secret in an environment.
pub(crate) fn secret_in(environment: &Value, key: &str, value: &str) -> Value {
    let mut body = secret(key, value);
    body["environment_id"] = environment["id"].clone();
    body["environment_name"] = seal("a name that the server must not keep").into();
    body
}

pub(crate) fn environment(name: &str) -> Value {
    json!({"name": seal(name), "hash": hash(name), "external_url": seal(""), "description": seal("")})
}

/// The ids of a list's results, in their order.
pub(crate) fn ids(list: &Value) -> Vec<&str> {
    list["results"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

/// Calls with a Read & Write access key of a second project on the same server.
pub(crate) async fn stranger(server: &Server) -> Api {
    let key = Credentials::make().unwrap();
    make_project(&server.store, &[(&key, Permission::ReadWrite)]).await;
    server.api().with_key(&key.id)
}
