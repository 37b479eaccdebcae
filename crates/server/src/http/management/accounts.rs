//! Accounts and sessions.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use locker_core::crypto::Kdf;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use utoipa::ToSchema;

use super::{
    super::{
        App,
        body::{Json, json},
        date::Seconds,
        error::ApiError,
        sign_in_limit::SignInLimit,
    },
    open_api::Refusals,
    same_site::require_same_site,
    session::{self, SignedIn},
};
use crate::domain::{
    accounts::{self, Account, NewAccount},
    fields::{Email, SealedKey, SignInKey},
};

/// How a master password is stretched: Argon2id (RFC 9106), version 0x13.
#[derive(ToSchema)]
#[schema(as = Kdf)]
#[expect(dead_code, reason = "only described")]
struct KdfSchema {
    /// Always `argon2id`.
    #[schema(pattern = "^argon2id$")]
    algorithm: String,
    /// At least 16 bytes, in base64.
    #[schema(pattern = "^[A-Za-z0-9+/]{21}[AQgw]==$")]
    salt: String,
    #[schema(minimum = 2, maximum = 10)]
    iterations: u32,
    #[schema(minimum = 19456, maximum = 1048576)]
    memory_kib: u32,
    #[schema(minimum = 1, maximum = 16)]
    parallelism: u32,
}

#[derive(Serialize, ToSchema)]
struct SignUp {
    /// Whether an account can be made now.
    open: bool,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct NewAccountBody {
    email: Email,
    #[schema(value_type = KdfSchema)]
    kdf: Kdf,
    sign_in_key: SignInKey,
    sealed_account_key: SealedKey,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct KdfQuestion {
    email: Email,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    email: Email,
    sign_in_key: SignInKey,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct Answer {
    object: &'static str,
    account: AccountAnswer,
    #[schema(value_type = KdfSchema)]
    kdf: Kdf,
    /// The account key, as only the master password opens it.
    sealed_account_key: String,
    /// What every method but GET must send in the header `X-CSRF-Token`.
    csrf_token: String,
    /// When the session ends, however much it is used.
    expiration_date: Seconds,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountAnswer {
    object: &'static str,
    id: String,
    email: String,
    creation_date: Seconds,
}

fn answer(status: StatusCode, account: Account, session: SignedIn) -> Response {
    let body = Answer {
        object: "session",
        account: AccountAnswer {
            object: "account",
            id: account.id,
            email: account.email,
            creation_date: Seconds(account.creation_date),
        },
        kdf: account.kdf,
        sealed_account_key: account.sealed_account_key,
        csrf_token: session.csrf_token,
        expiration_date: Seconds(session.end),
    };
    json(status, &body)
}

/// Whether an account can be made now.
#[utoipa::path(
    get,
    path = "/v1/sign_up",
    operation_id = "is_sign_up_open",
    tag = "Accounts",
    security(()),
    responses((status = 200, body = SignUp), Refusals),
)]
pub(super) async fn sign_up(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let open = accounts::is_sign_up_open(&app.store, app.sign_up).await?;
    Ok(json(StatusCode::OK, &SignUp { open }))
}

/// Make an account and sign in.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    operation_id = "create_account",
    tag = "Accounts",
    security(()),
    request_body = NewAccountBody,
    responses((status = 201, body = Answer), Refusals),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    limit: SignInLimit,
    Json(body): Json<NewAccountBody>,
) -> Result<Response, ApiError> {
    require_same_site(&headers)?;
    limit.count_sign_up().await?;
    let new = NewAccount {
        email: body.email,
        kdf: body.kdf,
        sign_in_key: body.sign_in_key,
        sealed_account_key: body.sealed_account_key,
    };
    let account = accounts::create(&app.store, new, app.sign_up).await?;
    let begun = session::begin(&app, &session, &account.id).await?;
    Ok(answer(StatusCode::CREATED, account, begun))
}

/// How the master password of an account is stretched.
#[utoipa::path(
    post,
    path = "/v1/kdf",
    operation_id = "find_kdf",
    tag = "Accounts",
    security(()),
    request_body = KdfQuestion,
    responses((status = 200, body = KdfSchema), Refusals),
)]
pub(super) async fn kdf(
    State(app): State<Arc<App>>,
    Json(body): Json<KdfQuestion>,
) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &accounts::kdf(&app.store, &body.email).await?))
}

/// Sign in.
#[utoipa::path(
    post,
    path = "/v1/session",
    operation_id = "sign_in",
    tag = "Accounts",
    security(()),
    request_body = Credentials,
    responses((status = 201, body = Answer), Refusals),
)]
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    limit: SignInLimit,
    Json(body): Json<Credentials>,
) -> Result<Response, ApiError> {
    require_same_site(&headers)?;
    let attempt = limit.begin(&body.email).await?;
    let account = accounts::sign_in(&app.store, &body.email, body.sign_in_key).await?;
    attempt.succeeded().await;
    let begun = session::begin(&app, &session, &account.id).await?;
    Ok(answer(StatusCode::CREATED, account, begun))
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/v1/session",
    operation_id = "show_session",
    tag = "Accounts",
    responses((status = 200, body = Answer), Refusals),
)]
pub(super) async fn show(State(app): State<Arc<App>>, session: SignedIn) -> Result<Response, ApiError> {
    let account = accounts::find(&app.store, &session.account_id).await?;
    Ok(answer(StatusCode::OK, account.ok_or_else(ApiError::no_session)?, session))
}

/// Sign out.
#[utoipa::path(
    delete,
    path = "/v1/session",
    operation_id = "sign_out",
    tag = "Accounts",
    responses((status = 204), Refusals),
)]
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    _: SignedIn,
    session: Session,
) -> Result<Response, ApiError> {
    session::end(&app, &session).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
