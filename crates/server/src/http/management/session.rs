//! The session of a signed-in account.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer, cookie::SameSite};

use super::{
    super::{App, client_address::address_of, error::ApiError},
    same_site::require_token,
    session_store::Sessions,
};
use crate::store::Timestamp;

/// The name of the cookie; over TLS with a prefix by which browsers hold it to this host (RFC 6265bis).
pub(super) const COOKIE: &str = "locker_session";
const COOKIE_OVER_TLS: &str = "__Host-locker_session";

/// A session that is not used ends.
const IDLE: Duration = Duration::minutes(30);
/// A session that is used gets a new id, and with it a new [`IDLE`] time.
const ROTATION_SECONDS: i64 = 5 * 60;
/// Every session ends.
const END_SECONDS: i64 = 12 * 60 * 60;

const CONTENT: &str = "account";

/// What the server keeps of a session.
#[derive(Clone, Serialize, Deserialize)]
struct Content {
    account_id: String,
    csrf_token: String,
    /// Microseconds since the epoch.
    signed_in: i64,
    /// When it got its id, in microseconds since the epoch.
    rotated: i64,
}

/// Who is signed in. A handler that takes one is not reached without a session, nor by a forged request.
pub(super) struct SignedIn {
    pub(super) account_id: String,
    pub(super) csrf_token: String,
    pub(super) end: Timestamp,
}

/// Gives each request its session.
pub(super) fn layer(app: &App) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions(app.store.clone()))
        .with_name(if app.secure_cookies { COOKIE_OVER_TLS } else { COOKIE })
        .with_secure(app.secure_cookies)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE))
}

/// Begins a session, in place of the one that the request may have come with.
pub(super) async fn begin(app: &App, session: &Session, account_id: &str) -> Result<SignedIn, ApiError> {
    end(app, session).await?;
    let now = Timestamp::now().as_micros();
    let csrf_token = make_token()?;
    let content = Content { account_id: account_id.to_owned(), csrf_token, signed_in: now, rotated: now };
    session.insert(CONTENT, &content).await.map_err(|error| failed(&error))?;
    Ok(SignedIn::new(content))
}

/// Ends the session of the request, if it has one.
pub(super) async fn end(app: &App, session: &Session) -> Result<(), ApiError> {
    let Some(id) = session.id() else { return Ok(()) };
    Sessions(app.store.clone()).end(&id).await.map_err(|_| ApiError::server_error())?;
    session.flush().await.map_err(|error| failed(&error))
}

impl SignedIn {
    fn new(content: Content) -> Self {
        let end = Timestamp::from_micros(content.signed_in).seconds_before(-END_SECONDS);
        Self { account_id: content.account_id, csrf_token: content.csrf_token, end }
    }
}

impl FromRequestParts<Arc<App>> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(ApiError::no_session)?;
        let content = session.get::<Content>(CONTENT).await.map_err(|error| failed(&error))?;
        let Some(content) = content else {
            app.limits.count_refusal(address_of(parts, app)).await?;
            return Err(ApiError::no_session());
        };
        app.limits.count_call(&content.account_id).await?;
        require_token(parts, &content.csrf_token)?;
        let now = Timestamp::now();
        if Timestamp::from_micros(content.signed_in) <= now.seconds_before(END_SECONDS) {
            end(app, &session).await?;
            return Err(ApiError::no_session());
        }
        if Timestamp::from_micros(content.rotated) <= now.seconds_before(ROTATION_SECONDS) {
            rotate(app, &session, &content, now).await?;
        }
        Ok(Self::new(content))
    }
}

/// Gives the session a new id, unless another request has just done so: of requests that come with the same id, one
/// rotates, or there would be two sessions and sign-out would end one of them only.
async fn rotate(app: &App, session: &Session, old: &Content, now: Timestamp) -> Result<(), ApiError> {
    let Some(id) = session.id() else { return Ok(()) };
    let new = Content { rotated: now.as_micros(), ..old.clone() };
    let sessions = Sessions(app.store.clone());
    if !sessions.replace(&id, &data(old), &data(&new)).await.map_err(|_| ApiError::server_error())? {
        return Ok(());
    }
    session.cycle_id().await.map_err(|error| failed(&error))?;
    session.insert(CONTENT, new).await.map_err(|error| failed(&error))
}

/// A content as tower-sessions has it written in the database.
fn data(content: &Content) -> String {
    serde_json::json!({ CONTENT: content }).to_string()
}

fn make_token() -> Result<String, ApiError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| ApiError::server_error())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn failed(error: &tower_sessions::session::Error) -> ApiError {
    tracing::error!(%error, "the session cannot be used");
    ApiError::server_error()
}
