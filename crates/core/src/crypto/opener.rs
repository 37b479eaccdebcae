//! Opening many EncStrings, one after the other.

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{CryptoError, SymmetricKey, enc_string::EncSlice};

/// Room for an ordinary value. More is made when it is needed.
const FIRST_LEN: usize = 1024;

/// Opens texts as they are written on the wire, in one buffer that it keeps and zeroes at the end.
pub(crate) struct Opener<'key> {
    key: &'key SymmetricKey,
    buffer: Zeroizing<Vec<u8>>,
}

impl<'key> Opener<'key> {
    pub(crate) fn new(key: &'key SymmetricKey) -> Self {
        Self { key, buffer: Zeroizing::new(vec![0; FIRST_LEN]) }
    }

    /// Opens a text, which stays here until the next one. The empty text stands for itself.
    ///
    /// # Errors
    /// As [`SymmetricKey::open_text`], and [`CryptoError::MalformedEncString`].
    pub(crate) fn open(&mut self, written: &str) -> Result<&str, CryptoError> {
        if written.is_empty() {
            return Ok("");
        }
        if self.buffer.len() < written.len() {
            // The old one is zeroed as it is dropped. Growing it could leave a copy of its content behind.
            self.buffer = Zeroizing::new(vec![0; written.len().next_power_of_two()]);
        }
        let EncSlice { iv, ciphertext, mac } = EncSlice::parse(written, &mut self.buffer)?;
        let plain = self.key.open_in_place(&iv, ciphertext, &mac)?;
        str::from_utf8(plain).map_err(|_| CryptoError::Undecryptable)
    }

    /// Opens a text such as a name.
    ///
    /// # Errors
    /// As [`Opener::open`].
    pub(crate) fn open_text(&mut self, written: &str) -> Result<String, CryptoError> {
        self.open(written).map(str::to_owned)
    }

    /// Opens a text whose content is a secret.
    ///
    /// # Errors
    /// As [`Opener::open`].
    pub(crate) fn open_secret_text(&mut self, written: &str) -> Result<SecretString, CryptoError> {
        self.open(written).map(SecretString::from)
    }
}
