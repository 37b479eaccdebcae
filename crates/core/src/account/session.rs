//! What the server knows a signed-in account by: one cookie, and a token against forged requests.

use std::sync::{Mutex, OnceLock, PoisonError};

use http::{HeaderMap, HeaderName, header};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::{Error, ErrorKind},
    transport::{Authorization, Refusals, sensitive},
};

/// The second is its name where it is sent over TLS only (RFC 6265bis, section 4.1.3.2).
const COOKIE_NAMES: [&str; 2] = ["locker_session", "__Host-locker_session"];
const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The session of one account, empty until the first answer that sets its cookie.
#[derive(Default)]
pub(super) struct Session {
    /// `name=value`, as it is sent back.
    cookie: Mutex<Option<SecretString>>,
    csrf_token: OnceLock<SecretString>,
}

impl Session {
    /// The token stays the same for the life of a session.
    pub(super) fn set_csrf_token(&self, token: SecretString) {
        let _ = self.csrf_token.set(token);
    }
}

impl Authorization for Session {
    const REFUSALS: &'static Refusals = &Refusals {
        unauthorized: "the server does not accept the sign-in",
        forbidden: "the account may not do this",
        conflict: "this is not possible now",
    };

    fn headers(&self) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let cookie = self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let token = self.csrf_token.get().cloned();
        for (name, value) in [(header::COOKIE, cookie), (CSRF_HEADER, token)] {
            let Some(value) = value else { continue };
            let value = sensitive(value.expose_secret()).map_err(|source| {
                Error::new(ErrorKind::ApiServer, "the server's session cannot be sent back")
                    .with_source(source)
            })?;
            headers.insert(name, value);
        }
        Ok(headers)
    }

    fn note(&self, answer: &HeaderMap) {
        for line in answer.get_all(header::SET_COOKIE) {
            if let Some(cookie) = line.to_str().ok().and_then(session_cookie) {
                *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = Some(cookie.into());
            }
        }
    }
}

/// `name=value` of a `Set-Cookie` line, if it is that of the session. Its attributes are for browsers: this cookie goes
/// to no other server, and lives no longer than the process.
fn session_cookie(line: &str) -> Option<&str> {
    let pair = line.split(';').next()?.trim();
    let (name, _) = pair.split_once('=')?;
    COOKIE_NAMES.contains(&name).then_some(pair)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn answer(cookies: &[&'static str]) -> HeaderMap {
        cookies.iter().map(|cookie| (header::SET_COOKIE, HeaderValue::from_static(cookie))).collect()
    }

    #[test]
    fn the_cookie_is_that_of_the_last_answer_that_set_one() {
        let session = Session::default();
        assert!(session.headers().unwrap().is_empty());
        session.note(&answer(&["theme=dark", "locker_session=one; HttpOnly; SameSite=Strict; Path=/"]));
        assert_eq!(session.headers().unwrap()[header::COOKIE], "locker_session=one");
        session.note(&answer(&["other_locker_session=two", "locker_session"]));
        session.note(&HeaderMap::new());
        assert_eq!(session.headers().unwrap()[header::COOKIE], "locker_session=one");
        session.note(&answer(&["__Host-locker_session=three; Secure"]));
        assert_eq!(session.headers().unwrap()[header::COOKIE], "__Host-locker_session=three");
    }

    #[test]
    fn what_it_sends_is_marked_as_secret() {
        let session = Session::default();
        session.note(&answer(&["locker_session=one"]));
        session.set_csrf_token("token".into());
        let headers = session.headers().unwrap();
        assert_eq!(headers[CSRF_HEADER], "token");
        assert!(headers[header::COOKIE].is_sensitive() && headers[CSRF_HEADER].is_sensitive());
        assert!(!format!("{headers:?}").contains("one"));
    }
}
