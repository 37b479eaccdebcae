//! Opening many EncStrings, one after the other.

use secrecy::SecretString;

use super::{
    CryptoError, SymmetricKey,
    enc_string::{Decoder, Parts},
};

/// Opens texts as they are written on the wire, in a buffer that it keeps and zeroes at the end.
pub(crate) struct Opener<'key> {
    key: &'key SymmetricKey,
    decoder: Decoder,
}

impl<'key> Opener<'key> {
    pub(crate) fn new(key: &'key SymmetricKey) -> Self {
        Self { key, decoder: Decoder::default() }
    }

    /// Opens a text, which stays here until the next one. The empty text stands for itself.
    ///
    /// # Errors
    /// As [`SymmetricKey::open_text`], and [`CryptoError::MalformedEncString`].
    pub(crate) fn open(&mut self, written: &str) -> Result<&str, CryptoError> {
        if written.is_empty() {
            return Ok("");
        }
        let Parts { mac, iv_and_ciphertext } = self.decoder.decode(written)?;
        let plain = self.key.open_in_place(iv_and_ciphertext, &mac)?;
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
