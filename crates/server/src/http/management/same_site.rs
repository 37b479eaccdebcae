//! No page of another site can act here with the session of its visitor.

use axum::http::{HeaderMap, header, request::Parts};

use super::super::error::ApiError;

/// The header that carries the token of the session. A form cannot set it.
pub(super) const CSRF_HEADER: &str = "x-csrf-token";

/// Refuses what a browser says comes from another site. Programs say nothing, and have no visitor to abuse.
pub(super) fn require_same_site(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let same = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST.as_str())
        }
        (None, None) => true,
    };
    if same { Ok(()) } else { Err(ApiError::csrf("this request comes from the page of another site")) }
}

/// Refuses a change that does not carry the token of its session.
pub(super) fn require_token(parts: &Parts, token: &str) -> Result<(), ApiError> {
    if parts.method.is_safe() {
        return Ok(());
    }
    require_same_site(&parts.headers)?;
    let sent = parts.headers.get(CSRF_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    if is_equal(sent, token.as_bytes()) {
        Ok(())
    } else {
        Err(ApiError::csrf("the header X-CSRF-Token must hold the csrf_token of the session"))
    }
}

/// Compares without telling by its time where the first difference is.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        require_same_site(&map).is_ok()
    }

    #[test]
    fn only_the_own_page_and_programs() {
        assert!(allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "https://a"), ("host", "b")]));
        assert!(allowed(&[("origin", "https://locker.test:8443"), ("host", "locker.test:8443")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
        assert!(!allowed(&[("origin", "https://evil.test"), ("host", "locker.test")]));
        assert!(!allowed(&[("origin", "null"), ("host", "locker.test")]));
    }
}
