//! Sealing of files that never leave this machine.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use zeroize::Zeroizing;

use super::{CryptoError, random};

/// Length of the nonce in bytes (NIST SP 800-38D, section 8.2.2: 96 bits, random).
const NONCE_LEN: usize = 12;

/// A key that seals files: AES-256-GCM with a fresh random nonce in front of the ciphertext.
pub struct FileKey(Aes256Gcm);

impl FileKey {
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(bytes.into()))
    }

    /// Seals `plain`. It opens only together with the same `context`, which is authenticated and not encrypted.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let nonce = random::<NONCE_LEN>()?;
        let payload = Payload { msg: plain, aad: context };
        // The one failure that there is, a text of over 64 GiB, is none of a cache.
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| CryptoError::Undecryptable)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Verifies and opens what was sealed.
    ///
    /// # Errors
    /// [`CryptoError::MacMismatch`] if anything was altered, the context included.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CryptoError::MacMismatch)?;
        let payload = Payload { msg: ciphertext, aad: context };
        let plain = self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| CryptoError::MacMismatch)?;
        Ok(Zeroizing::new(plain))
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey([REDACTED])")
    }
}
