//! The web page, which is compiled in.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::error::ApiError;

/// What `npm run build:web` made; nothing, if it was not run before the server was built.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

const NOT_BUILT: &str =
    "This locker-server was built without its web page: run `npm run build:web` and build it again.";

/// The page runs its own scripts, speaks to its own server, and is shown in no other page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types argon2id";

const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), \
     clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), \
     gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), \
     xr-spatial-tracking=()";

const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
];

/// `/` and what it loads.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(async |headers: HeaderMap| index(Dist::get("index.html"), &headers)))
        .route("/assets/{*path}", get(async |Path(path): Path<String>| asset(&path)))
        .layer(middleware::map_response(secured))
}

async fn secured(mut response: Response) -> Response {
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page itself is asked for each time, as it names the assets of one build.
fn index(file: Option<EmbeddedFile>, request: &HeaderMap) -> Response {
    let Some(file) = file else {
        return (StatusCode::NOT_FOUND, NOT_BUILT).into_response();
    };
    let tag = entity_tag(&file);
    let headers = [(header::CACHE_CONTROL, "no-cache"), (header::ETAG, &tag)];
    if names(request, &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, content("index.html", file)).into_response()
}

/// The name of an asset has a hash of what is in it.
fn asset(path: &str) -> Response {
    let name = format!("assets/{path}");
    match Dist::get(&name) {
        Some(file) => {
            ([(header::CACHE_CONTROL, "public, max-age=31536000, immutable")], content(&name, file))
                .into_response()
        }
        None => ApiError::not_found("the page has no such file").into_response(),
    }
}

fn content(name: &str, file: EmbeddedFile) -> impl IntoResponse {
    let kind = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind)], file.data)
}

/// Weak, because the same page is also sent compressed.
fn entity_tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    format!("W/\"{}\"", hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn names(request: &HeaderMap, tag: &str) -> bool {
    let sent = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    sent.is_some_and(|tags| tags.split(',').any(|sent| sent.trim() == tag))
}
