//! The wire format of ciphertext.

use std::{fmt, str::FromStr};

use super::{CryptoError, base64};

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

/// An EncString whose ciphertext is in a buffer of the caller's.
pub(super) struct EncSlice<'a> {
    pub(super) iv: [u8; IV_LEN],
    pub(super) ciphertext: &'a mut [u8],
    pub(super) mac: [u8; MAC_LEN],
}

impl<'a> EncSlice<'a> {
    /// Parses a text; the ciphertext comes to the beginning of `buffer`, which has room for `text.len()` bytes.
    pub(super) fn parse(text: &str, buffer: &'a mut [u8]) -> Result<Self, CryptoError> {
        let malformed = CryptoError::MalformedEncString;
        let body = text.strip_prefix("2.").ok_or(malformed("the type is not 2"))?;
        let parts = body.split_once('|').and_then(|(iv, rest)| Some((iv, rest.rsplit_once('|')?)));
        let (iv, (ciphertext, mac)) = parts.ok_or(malformed("it needs three parts"))?;
        // A further separator is in the middle, and no base64.
        let length = base64::decode(ciphertext, buffer).ok_or(malformed("bad base64"))?;
        if length == 0 || !length.is_multiple_of(IV_LEN) {
            return Err(malformed("the ciphertext is not a number of whole blocks"));
        }
        Ok(Self { iv: decode_exactly(iv)?, ciphertext: &mut buffer[..length], mac: decode_exactly(mac)? })
    }
}

impl FromStr for EncString {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let mut buffer = vec![0; base64::decoded_len(text)];
        let EncSlice { iv, ciphertext, mac } = EncSlice::parse(text, &mut buffer)?;
        Ok(Self { iv, ciphertext: ciphertext.to_vec(), mac })
    }
}

fn decode_exactly<const N: usize>(part: &str) -> Result<[u8; N], CryptoError> {
    // The decoder asks for room for the padding as well.
    let mut bytes = [0; MAC_LEN + 2];
    base64::decode(part, &mut bytes)
        .and_then(|length| bytes[..length].try_into().ok())
        .ok_or(CryptoError::MalformedEncString("bad base64 or length of the IV or the MAC"))
}

impl fmt::Display for EncString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [iv, ciphertext, mac] = [&self.iv[..], &self.ciphertext, &self.mac].map(base64::encode);
        write!(f, "2.{iv}|{ciphertext}|{mac}")
    }
}

impl fmt::Debug for EncString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncString({} bytes)", self.ciphertext.len())
    }
}
