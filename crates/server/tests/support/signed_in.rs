//! A signed-in account, as a browser is one.

use locker_core::{
    account::Credentials,
    crypto::{AccessKeySecret, Kdf, SymmetricKey},
};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, client_builder, send};

/// A session with an account of its own.
#[derive(Clone)]
pub(crate) struct SignedIn {
    client: Client,
    pub(crate) base: String,
    pub(crate) cookie: String,
    pub(crate) csrf_token: String,
    pub(crate) email: String,
    pub(crate) sign_in_key: String,
    pub(crate) key: SymmetricKey,
}

/// Any 32 bytes in base64.
pub(crate) fn sign_in_key() -> String {
    AccessKeySecret::make().unwrap().to_base64().expose_secret().to_owned()
}

/// What makes an account. Its sign-in key is random and not derived, which the server cannot tell.
pub(crate) fn new_account(email: &str) -> Value {
    let key = SymmetricKey::make().unwrap();
    json!({
        "email": email,
        "kdf": Kdf::make().unwrap(),
        "sign_in_key": sign_in_key(),
        "sealed_account_key": key.seal_key(&key).unwrap().to_string(),
    })
}

/// The `name=value` of the session's cookie.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookie = headers.get("set-cookie")?.to_str().unwrap();
    Some(cookie.split(';').next().unwrap().to_owned())
}

impl SignedIn {
    /// Makes an account on the server at `url`, where sign-up is open.
    pub(crate) async fn sign_up(url: &str) -> Self {
        let email = format!("{}@example.com", Uuid::new_v4());
        let body = new_account(&email);
        let client = client_builder().build().unwrap();
        let base = format!("{url}{}", locker_server::http::API_BASE);
        let answer = send(client.post(format!("{base}/v1/accounts")).json(&body)).await;
        let session = answer.expect(201);
        Self {
            client,
            base,
            cookie: cookie(&answer.headers).unwrap(),
            csrf_token: session["csrf_token"].as_str().unwrap().to_owned(),
            email,
            sign_in_key: body["sign_in_key"].as_str().unwrap().to_owned(),
            key: SymmetricKey::make().unwrap(),
        }
    }

    /// The same session after its id was changed.
    pub(crate) fn with_cookie(self, cookie: String) -> Self {
        Self { cookie, ..self }
    }

    /// The same session at another server.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { base: format!("{url}{}", locker_server::http::API_BASE), ..self.clone() }
    }

    /// A request with the cookie, and with the token if it changes something.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.bare_request(method.clone(), path).header("cookie", &self.cookie);
        if method == Method::GET { request } else { request.header("x-csrf-token", &self.csrf_token) }
    }

    /// A request without a session.
    pub(crate) fn bare_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
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

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Signs in once more, as another browser would.
    pub(crate) async fn again(&self) -> Self {
        let body = json!({ "email": self.email, "sign_in_key": self.sign_in_key });
        let answer = send(self.bare_request(Method::POST, "/v1/session").json(&body)).await;
        let session = answer.expect(201);
        Self {
            cookie: cookie(&answer.headers).unwrap(),
            csrf_token: session["csrf_token"].as_str().unwrap().to_owned(),
            ..self.clone()
        }
    }

    /// Makes a workspace with a project, and gives the path of the project.
    pub(crate) async fn make_project(&self) -> String {
        let workspace = self.post("/v1/workspaces", &json!({ "name": "Home" })).await.expect(201);
        let sealed = self.key.seal_key(&self.key).unwrap().to_string();
        let body = json!({ "workspace_id": workspace["id"], "name": "Shop", "sealed_project_key": sealed });
        let project = self.post("/v1/projects", &body).await.expect(201);
        format!("/v1/projects/{}", project["id"])
    }

    /// What creates an access key of these credentials.
    pub(crate) fn new_access_key(&self, credentials: &Credentials, permission: &str) -> Value {
        let sealed = credentials.seal(&self.key).unwrap().to_string();
        json!({ "id": credentials.id, "key": sealed, "permission": permission })
    }
}
