//! What the owner of an access key holds.

use crate::crypto::{AccessKeySecret, CryptoError, EncString, SymmetricKey, random};

/// The two parts of an access key. Its `Debug` output redacts the secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The id, a UUID: the part that is sent.
    pub id: String,
    /// The secret, which never is.
    pub secret: AccessKeySecret,
}

impl Credentials {
    /// New credentials.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn make() -> Result<Self, CryptoError> {
        Ok(Self { id: make_uuid()?, secret: AccessKeySecret::make()? })
    }

    /// The project key as only these credentials open it.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn seal(&self, project_key: &SymmetricKey) -> Result<EncString, CryptoError> {
        self.secret.derive_key().seal_key(project_key)
    }
}

/// A random UUID: version 4 of RFC 9562, section 5.4.
fn make_uuid() -> Result<String, CryptoError> {
    let mut bits = u128::from_be_bytes(random()?);
    bits = bits & !(0xf << 76) | 4 << 76;
    bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_4() {
        for _ in 0..100 {
            let id = make_uuid().unwrap();
            let lengths: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(id.bytes().all(|c| matches!(c, b'-' | b'0'..=b'9' | b'a'..=b'f')), "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        }
        assert_ne!(make_uuid().unwrap(), make_uuid().unwrap());
    }

    #[test]
    fn the_secret_opens_what_was_sealed_for_it_and_stays_out_of_debug_output() {
        let (credentials, project_key) = (Credentials::make().unwrap(), SymmetricKey::make().unwrap());
        let sealed = credentials.seal(&project_key).unwrap();
        assert_eq!(credentials.secret.derive_key().open_key(&sealed), Ok(project_key));
        assert!(Credentials::make().unwrap().secret.derive_key().open_key(&sealed).is_err());
        assert!(format!("{credentials:?}").contains("REDACTED"));
    }
}
