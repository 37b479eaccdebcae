//! The OpenAPI document, made from the routes.

use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
        server::Server,
    },
};

use super::{super::API_BASE, same_site::CSRF_HEADER, session::COOKIE};

/// The refusals that any route may answer with.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "only described")]
pub(super) enum Refusals<'a> {
    /// A field is missing or wrong; the message begins with its name.
    #[response(status = 400)]
    Invalid(super::super::error::Body<'a>),
    /// There is no session, or it has ended.
    #[response(status = 401)]
    Unauthorized(super::super::error::Body<'a>),
    /// The request may come from another site's page, or sign-up is closed.
    #[response(status = 403)]
    Forbidden(super::super::error::Body<'a>),
    /// There is no such thing, or it belongs to another account.
    #[response(status = 404)]
    NotFound(super::super::error::Body<'a>),
    /// The body took too long.
    #[response(status = 408)]
    TooSlow(super::super::error::Body<'a>),
    /// It would break a rule, such as the one of two active access keys.
    #[response(status = 409)]
    Conflict(super::super::error::Body<'a>),
    /// The body is too large.
    #[response(status = 413)]
    TooLarge(super::super::error::Body<'a>),
    /// Too many calls; `Retry-After` says when to try again.
    #[response(status = 429)]
    TooMany(super::super::error::Body<'a>),
}

/// What the routes themselves do not say.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "locker-server management API",
        description = "For a signed-in account. Texts of secrets and environments are sealed by the client; \
                       the server sees ciphertext only."
    ),
    components(schemas(super::super::error::Body)),
    security(("session" = [], "csrf" = [])),
    modifiers(&Schemes)
)]
struct Described;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            COOKIE,
            "The session. Over TLS its name begins with __Host-.",
        ));
        let header = ApiKey::Header(ApiKeyValue::with_description(
            CSRF_HEADER,
            "The csrf_token of the session, with every method but GET.",
        ));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(header));
    }
}

/// The document without routes.
pub(super) fn document() -> Document {
    let mut document = Described::openapi();
    document.servers = Some(vec![Server::new(API_BASE)]);
    document
}

/// The document as it is served.
pub(super) fn written(document: Document) -> String {
    document.to_json().unwrap_or_default()
}
