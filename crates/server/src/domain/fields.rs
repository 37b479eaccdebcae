//! Texts that a client sends, each in the form in which it may be stored.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use locker_core::crypto::EncString;
use serde::Deserialize;
use zeroize::Zeroizing;

/// The longest [`Name`], in characters.
pub(crate) const MAX_NAME_LEN: usize = 200;
/// The longest [`Email`], in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub(crate) const MAX_EMAIL_LEN: usize = 254;
const SIGN_IN_KEY_LEN: usize = 32;

/// Why a text cannot be taken. Never says what the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FieldError(&'static str);

/// What somebody calls a workspace or a project. The server can read it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            Err(FieldError("must not be empty"))
        } else if length > MAX_NAME_LEN {
            Err(FieldError("must not be longer than 200 characters"))
        } else if text.chars().any(char::is_control) {
            Err(FieldError("must not hold control characters"))
        } else {
            Ok(Self(text))
        }
    }
}

/// The name by which an account signs in, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Email(String);

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = FieldError;

    /// Looks at the form only: the server sends no mail.
    fn try_from(text: String) -> Result<Self, FieldError> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        match text.split_once('@') {
            Some((local, host))
                if !local.is_empty()
                    && !host.is_empty()
                    && !host.contains('@')
                    && text.len() <= MAX_EMAIL_LEN
                    && text.chars().all(plain) =>
            {
                Ok(Self(text.to_lowercase()))
            }
            _ => Err(FieldError("must be an e-mail address")),
        }
    }
}

/// What is derived from a master password to sign in with: 32 bytes, in standard base64 on the wire.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub struct SignInKey(Zeroizing<Vec<u8>>);

impl SignInKey {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for SignInKey {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        let text = Zeroizing::new(text);
        STANDARD
            .decode(text.as_bytes())
            .map(Zeroizing::new)
            .ok()
            .filter(|bytes| bytes.len() == SIGN_IN_KEY_LEN)
            .map(Self)
            .ok_or(FieldError("must be 32 bytes in base64"))
    }
}

impl fmt::Debug for SignInKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInKey([REDACTED])")
    }
}

/// A text that is sealed, or empty. Only its form can be checked, which is enough to refuse plaintext.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sealed(String);

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        sealed.0
    }
}

impl TryFrom<String> for Sealed {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        if text.is_empty() || text.parse::<EncString>().is_ok() {
            Ok(Self(text))
        } else {
            Err(FieldError("must be an EncString"))
        }
    }
}

/// A key that is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SealedKey(EncString);

impl TryFrom<String> for SealedKey {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        text.parse().map(Self).map_err(|_| FieldError("must be an EncString"))
    }
}

impl From<EncString> for SealedKey {
    fn from(sealed: EncString) -> Self {
        Self(sealed)
    }
}

impl fmt::Display for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The hash of a name: SHA-256 in base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Hash(String);

impl Hash {
    /// Characters of a SHA-256 in base64url without padding.
    const LEN: usize = 43;
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.0
    }
}

impl TryFrom<String> for Hash {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.len() == Self::LEN && text.bytes().all(is_base64url) {
            Ok(Self(text))
        } else {
            Err(FieldError("must be 43 characters of base64url"))
        }
    }
}

/// An id that a client made: a UUID, kept in its usual form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Id(String);

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl TryFrom<String> for Id {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        uuid::Uuid::try_parse(&text).map(|id| Self(id.to_string())).map_err(|_| FieldError("must be a UUID"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: TryFrom<String, Error = FieldError>>(texts: &[&str]) {
        for text in texts {
            assert!(T::try_from((*text).to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names() {
        refused::<Name>(&["", "  ", "a\0b", "a\nb", &"x".repeat(201)]);
        for text in ["Shop", "店 № 1", "'; DROP TABLE projects; --", "<b>", &"é".repeat(200)] {
            assert_eq!(Name::try_from(text.to_owned()).unwrap().as_str(), text);
        }
    }

    #[test]
    fn email_addresses() {
        refused::<Email>(&[
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a\0@b",
            &format!("{}@b", "x".repeat(253)),
        ]);
        assert_eq!(Email::try_from("Ada@Example.COM".to_owned()).unwrap().as_str(), "ada@example.com");
    }

    #[test]
    fn keys_hashes_and_ids() {
        refused::<SignInKey>(&["", "AAAA", &"A".repeat(43), &"A".repeat(44)]);
        assert!(SignInKey::try_from(format!("{}=", "A".repeat(43))).is_ok());
        refused::<Sealed>(&["plain", "2.x"]);
        assert!(Sealed::try_from(String::new()).is_ok());
        refused::<SealedKey>(&["", "plain"]);
        refused::<Hash>(&["", &"A".repeat(42), &"+".repeat(43)]);
        refused::<Id>(&["", "1"]);
    }
}
