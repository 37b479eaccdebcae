//! The wire format of ciphertext.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::CryptoError;

/// AES block and IV length in bytes (FIPS 197).
pub(super) const IV_LEN: usize = 16;
/// HMAC-SHA256 output length in bytes (RFC 2104).
const MAC_LEN: usize = 32;

/// Authenticated ciphertext as the protocol writes it: `2.<iv>|<ciphertext>|<mac>`.
///
/// Each part is standard base64 with padding. The ciphertext is AES-256-CBC with PKCS#7 padding, the MAC
/// is HMAC-SHA256 over `iv || ciphertext`. Type `2` is the only one accepted: the others of the family
/// are unauthenticated. The length of the IV is part of the format because the MAC alone would not notice
/// a block moved between IV and ciphertext.
#[derive(Clone, PartialEq, Eq)]
pub struct EncString {
    pub(super) iv: [u8; IV_LEN],
    pub(super) ciphertext: Vec<u8>,
    pub(super) mac: [u8; MAC_LEN],
}

impl FromStr for EncString {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let malformed = CryptoError::MalformedEncString;
        let body = text.strip_prefix("2.").ok_or(malformed("the type is not 2"))?;
        let mut parts = body.split('|');
        let (Some(iv), Some(ciphertext), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("it needs three parts"));
        };
        let ciphertext = STANDARD.decode(ciphertext).map_err(|_| malformed("bad base64"))?;
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(IV_LEN) {
            return Err(malformed("the ciphertext is not a number of whole blocks"));
        }
        Ok(Self { iv: decode_exactly(iv)?, ciphertext, mac: decode_exactly(mac)? })
    }
}

fn decode_exactly<const N: usize>(part: &str) -> Result<[u8; N], CryptoError> {
    STANDARD
        .decode(part)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(CryptoError::MalformedEncString("bad base64 or length of the IV or the MAC"))
}

impl fmt::Display for EncString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [iv, ciphertext, mac] =
            [&self.iv[..], &self.ciphertext, &self.mac].map(|part| STANDARD.encode(part));
        write!(f, "2.{iv}|{ciphertext}|{mac}")
    }
}

impl fmt::Debug for EncString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncString({} bytes)", self.ciphertext.len())
    }
}
