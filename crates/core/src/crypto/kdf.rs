//! How much work turns a master password into a key.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{CryptoError, random};

const ALGORITHM: &str = "argon2id";
const MADE_SALT_LEN: usize = 16;

/// The parameters of Argon2id (RFC 9106) for one account, kept by the server and sent to whoever signs in.
///
/// A server could ask for so little that the password is soon guessed, or for so much that the client is exhausted. Only
/// values within bounds can be made or parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "KdfFields", try_from = "KdfFields")]
pub struct Kdf {
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
    pub(super) memory_kib: u32,
    pub(super) parallelism: u32,
}

impl Kdf {
    /// A fresh random salt with the costs of RFC 9106, section 4, second recommended option.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn make() -> Result<Self, CryptoError> {
        Ok(Self::with_salt(random()?))
    }

    /// The same costs with a given salt.
    #[must_use]
    pub fn with_salt(salt: [u8; MADE_SALT_LEN]) -> Self {
        Self { salt: salt.to_vec(), iterations: 3, memory_kib: 64 * 1024, parallelism: 4 }
    }
}

/// A [`Kdf`] as it is written, not yet checked.
#[derive(Serialize, Deserialize)]
pub(crate) struct KdfFields {
    algorithm: String,
    salt: String,
    iterations: u32,
    memory_kib: u32,
    parallelism: u32,
}

impl TryFrom<KdfFields> for Kdf {
    type Error = CryptoError;

    fn try_from(fields: KdfFields) -> Result<Self, CryptoError> {
        let KdfFields { algorithm, salt, iterations, memory_kib, parallelism } = fields;
        let refused = |problem| Err(CryptoError::RefusedKdf(problem));
        if algorithm != ALGORITHM {
            return refused("algorithm must be argon2id");
        }
        let Ok(salt) = STANDARD.decode(salt) else {
            return refused("salt must be standard base64 with padding");
        };
        if !(16..=64).contains(&salt.len()) {
            return refused("salt must have from 16 to 64 bytes");
        }
        if !(2..=10).contains(&iterations) {
            return refused("iterations must be from 2 to 10");
        }
        if !(19_456..=1_048_576).contains(&memory_kib) {
            return refused("memory_kib must be from 19456 to 1048576");
        }
        if !(1..=16).contains(&parallelism) {
            return refused("parallelism must be from 1 to 16");
        }
        Ok(Self { salt, iterations, memory_kib, parallelism })
    }
}

impl From<Kdf> for KdfFields {
    fn from(kdf: Kdf) -> Self {
        Self {
            algorithm: ALGORITHM.to_owned(),
            salt: STANDARD.encode(kdf.salt),
            iterations: kdf.iterations,
            memory_kib: kdf.memory_kib,
            parallelism: kdf.parallelism,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written() -> Value {
        json!({
            "algorithm": "argon2id", "salt": "AAECAwQFBgcICQoLDA0ODw==",
            "iterations": 3, "memory_kib": 65536, "parallelism": 4
        })
    }

    fn with(field: &str, value: impl Into<Value>) -> Result<Kdf, serde_json::Error> {
        let mut written = written();
        written[field] = value.into();
        serde_json::from_value(written)
    }

    #[test]
    fn is_written_as_it_is_read() {
        let kdf = Kdf::with_salt(std::array::from_fn(|i| u8::try_from(i).unwrap()));
        assert_eq!(serde_json::to_value(&kdf).unwrap(), written());
        assert_eq!(serde_json::from_value::<Kdf>(written()).unwrap(), kdf);
    }

    #[test]
    fn each_has_its_own_salt() {
        assert_ne!(Kdf::make().unwrap().salt, Kdf::make().unwrap().salt);
    }

    #[test]
    fn the_bounds_belong_to_the_range() {
        for (field, least, most) in
            [("iterations", 2, 10), ("memory_kib", 19_456, 1_048_576), ("parallelism", 1, 16)]
        {
            assert!(with(field, least).is_ok() && with(field, most).is_ok(), "{field}");
            for value in [least - 1, most + 1] {
                let problem = with(field, value).expect_err(field).to_string();
                assert!(problem.contains(field), "{problem}");
            }
        }
    }

    #[test]
    fn other_algorithms_and_salts_are_refused() {
        for algorithm in ["argon2i", "pbkdf2-sha256", "ARGON2ID", ""] {
            assert!(with("algorithm", algorithm).is_err(), "{algorithm}");
        }
        for length in [0, 15, 65] {
            assert!(with("salt", STANDARD.encode(vec![7; length])).is_err(), "{length} bytes");
        }
        assert!(with("salt", "AAECAwQFBgcICQoLDA0ODw").is_err(), "no padding");
        assert!(with("salt", STANDARD.encode([7; 64])).is_ok());
    }
}
