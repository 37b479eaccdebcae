//! The one kind of key that seals and opens EncStrings.

use std::fmt;

use aes::{
    Aes256,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit, block_padding::Pkcs7},
};
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    CryptoError, EncString, enc_string,
    mac::{MAC_LEN, MacKey},
    random,
};

/// Length of a [`SymmetricKey`] in bytes: 32 for AES-256, then 32 for HMAC-SHA256.
const KEY_LEN: usize = 64;

/// A pair of keys, AES-256 and HMAC-SHA256, that seals and opens [`EncString`]s.
///
/// The project key and the pair derived from an access key are both of this type. It zeroes itself
/// when dropped, and its `Debug` output shows nothing of it.
#[derive(Clone)]
pub struct SymmetricKey {
    bytes: Box<Zeroizing<[u8; KEY_LEN]>>,
    aes: Aes256,
    mac: MacKey,
}

impl SymmetricKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn make() -> Result<Self, CryptoError> {
        Self::from_bytes(&*Zeroizing::new(random::<KEY_LEN>()?))
    }

    /// The key whose first 32 bytes are for AES-256 and whose last 32 are for HMAC-SHA256.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        let mut owned = Box::new(Zeroizing::new([0; KEY_LEN]));
        if bytes.len() != KEY_LEN {
            return Err(CryptoError::KeyLength);
        }
        owned.copy_from_slice(bytes);
        let (enc, mac) = owned.split_at(KEY_LEN / 2);
        let aes = Aes256::new_from_slice(enc).map_err(|_| CryptoError::KeyLength)?;
        let mac = MacKey::new(mac.as_array().ok_or(CryptoError::KeyLength)?);
        Ok(Self { aes, mac, bytes: owned })
    }

    /// Seals `plain` under a fresh random IV.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn seal(&self, plain: &[u8]) -> Result<EncString, CryptoError> {
        let iv = random::<{ enc_string::IV_LEN }>()?;
        let ciphertext = cbc::Encryptor::<&Aes256>::inner_iv_init(&self.aes, &iv.into())
            .encrypt_padded_vec::<Pkcs7>(plain);
        let mac = self.mac.authenticate(&[&iv[..], &ciphertext].concat());
        Ok(EncString { iv, ciphertext, mac })
    }

    /// Seals a text, as every text field of the protocol is.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn seal_text(&self, text: &str) -> Result<EncString, CryptoError> {
        self.seal(text.as_bytes())
    }

    /// Seals another key, as an access key does with the project key.
    ///
    /// # Errors
    /// [`CryptoError::NoRandomness`] if the operating system gives no random bytes.
    pub fn seal_key(&self, key: &Self) -> Result<EncString, CryptoError> {
        self.seal(key.bytes.as_slice())
    }

    /// Verifies the MAC in constant time, then decrypts.
    ///
    /// # Errors
    /// [`CryptoError::MacMismatch`], or [`CryptoError::Undecryptable`] for whatever is wrong behind a
    /// MAC that matches.
    pub fn open(&self, sealed: &EncString) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        self.open_with(sealed, |plain| Ok(Zeroizing::new(plain.to_vec())))
    }

    /// Opens into a buffer that is zeroed when `take` has taken what it wants.
    fn open_with<T>(
        &self,
        sealed: &EncString,
        take: impl FnOnce(&[u8]) -> Result<T, CryptoError>,
    ) -> Result<T, CryptoError> {
        let mut bytes = Zeroizing::new([&sealed.iv[..], &sealed.ciphertext].concat());
        take(self.open_in_place(&mut bytes, &sealed.mac)?)
    }

    /// Verifies the MAC in constant time, then decrypts where the ciphertext is, after its IV.
    pub(super) fn open_in_place<'a>(
        &self,
        iv_and_ciphertext: &'a mut [u8],
        mac: &[u8; MAC_LEN],
    ) -> Result<&'a [u8], CryptoError> {
        if !self.mac.verify(iv_and_ciphertext, mac) {
            return Err(CryptoError::MacMismatch);
        }
        let (iv, ciphertext) =
            iv_and_ciphertext.split_at_mut_checked(enc_string::IV_LEN).ok_or(CryptoError::Undecryptable)?;
        cbc::Decryptor::<&Aes256>::inner_iv_slice_init(&self.aes, iv)
            .map_err(|_| CryptoError::Undecryptable)?
            .decrypt_padded::<Pkcs7>(ciphertext)
            .map_err(|_| CryptoError::Undecryptable)
    }

    /// Opens a text whose content is a secret.
    ///
    /// # Errors
    /// As [`SymmetricKey::open`]; text that is not UTF-8 is [`CryptoError::Undecryptable`].
    pub fn open_secret_text(&self, sealed: &EncString) -> Result<SecretString, CryptoError> {
        Ok(self.open_text(sealed)?.into())
    }

    /// Opens a text such as a name.
    ///
    /// # Errors
    /// As [`SymmetricKey::open`]; text that is not UTF-8 is [`CryptoError::Undecryptable`].
    pub fn open_text(&self, sealed: &EncString) -> Result<String, CryptoError> {
        // An exact copy: a String taken from the buffer would be moved when it is shrunk.
        self.open_with(sealed, |plain| {
            str::from_utf8(plain).map(str::to_owned).map_err(|_| CryptoError::Undecryptable)
        })
    }

    /// Opens another key, as an access key does with the project key.
    ///
    /// # Errors
    /// As [`SymmetricKey::open`], and [`CryptoError::KeyLength`] for anything but 64 bytes.
    pub fn open_key(&self, sealed: &EncString) -> Result<Self, CryptoError> {
        Self::from_bytes(&self.open(sealed)?)
    }
}

impl PartialEq for SymmetricKey {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(other.bytes.as_slice()).into()
    }
}

impl Eq for SymmetricKey {}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SymmetricKey([REDACTED])")
    }
}
