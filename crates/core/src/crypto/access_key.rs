//! The secret half of an access key.

use std::{fmt, str::FromStr};

use base64::{Engine, decoded_len_estimate, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{CryptoError, FileKey, SymmetricKey, random};

/// Shorter secrets are refused: below 128 bits they could be guessed.
const MIN_LEN: usize = 16;
/// Length of the secrets that [`AccessKeySecret::make`] draws.
const MADE_LEN: usize = 32;

/// The secret of an access key: random bytes, written in standard base64 with padding.
///
/// It never leaves the process. It gives the key that opens the project key.
#[derive(Clone)]
pub struct AccessKeySecret(Zeroizing<Vec<u8>>);

impl AccessKeySecret {
    /// A new random secret of 32 bytes.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn make() -> Result<Self, CryptoError> {
        let bytes = Zeroizing::new(random::<MADE_LEN>()?);
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// The secret as its owner keeps it.
    #[must_use]
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(&*self.0).into()
    }

    /// The key that seals and opens the project key.
    ///
    /// HKDF-Expand with SHA-256 (RFC 5869, section 2.3) without the Extract step: the secret itself is the
    /// pseudo-random key, with info `enc` for the AES half and `mac` for the HMAC half.
    #[must_use]
    pub fn derive_key(&self) -> SymmetricKey {
        let mut bytes = Zeroizing::new([0; 64]);
        let (enc, mac) = bytes.split_at_mut(32);
        self.expand(b"enc", enc);
        self.expand(b"mac", mac);
        match SymmetricKey::from_bytes(&*bytes) {
            Ok(key) => key,
            Err(_) => unreachable!("64 bytes make a key"),
        }
    }

    /// A key for files, as far from the keys of the protocol as HKDF makes it: HKDF with SHA-256 (RFC 5869), Extract and
    /// Expand, with `purpose` as info.
    #[must_use]
    pub fn derive_file_key(&self, purpose: &[u8]) -> FileKey {
        let mut bytes = Zeroizing::new([0; 32]);
        let Ok(()) = Hkdf::<Sha256>::new(None, &self.0).expand(purpose, &mut *bytes) else {
            unreachable!("one block of output is never too long")
        };
        FileKey::from_bytes(&bytes)
    }

    /// For one block of output, HKDF-Expand is `HMAC(secret, info || 0x01)`. Written out because crates refuse
    /// a pseudo-random key shorter than the hash, which the protocol allows.
    fn expand(&self, info: &[u8], output: &mut [u8]) {
        let Ok(hmac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0) else {
            unreachable!("HMAC takes a key of any length")
        };
        let mut block = hmac.chain_update(info).chain_update([1]).finalize().into_bytes();
        output.copy_from_slice(&block);
        zeroize::Zeroize::zeroize(block.as_mut_slice());
    }
}

impl FromStr for AccessKeySecret {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        if text.trim() != text {
            return Err(CryptoError::MalformedAccessKeySecret("it has white space around it"));
        }
        // Decoded in place, so that what was decoded before an error is zeroed too.
        let mut bytes = Zeroizing::new(vec![0; decoded_len_estimate(text.len())]);
        let length = STANDARD
            .decode_slice(text, &mut bytes)
            .map_err(|_| CryptoError::MalformedAccessKeySecret("it is not standard base64 with padding"))?;
        bytes.truncate(length);
        if bytes.len() < MIN_LEN {
            return Err(CryptoError::MalformedAccessKeySecret(
                "it is too short: at least 16 bytes are needed",
            ));
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for AccessKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKeySecret([REDACTED])")
    }
}
