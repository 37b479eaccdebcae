//! The wire format of ciphertext.

use std::{fmt, str::FromStr};

use zeroize::Zeroizing;

use super::{CryptoError, base64, mac::MAC_LEN};

/// AES block and IV length in bytes (FIPS 197).
pub(super) const IV_LEN: usize = 16;

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

/// Length of a MAC and of an IV in base64, with padding.
const MAC_TEXT_LEN: usize = 44;
const IV_TEXT_LEN: usize = 24;
/// Where the parts begin in what [`Decoder`] decodes: the MAC and the IV have two and one bytes for their padding.
const IV_START: usize = MAC_LEN + 1;
const CIPHERTEXT_START: usize = IV_START + IV_LEN + 2;

/// Decodes EncStrings as they are written, one after the other, in buffers that it keeps.
///
/// The parts are decoded in one go: each of them is short, and most of what a short text costs is its beginning and its
/// end.
#[derive(Default)]
pub(super) struct Decoder {
    text: Vec<u8>,
    /// Zeroed, because a caller decrypts where the ciphertext is.
    bytes: Zeroizing<Vec<u8>>,
}

/// The most bytes that an EncString can open to. What is none counts as nothing.
pub(crate) fn most_opened(written: &str) -> usize {
    base64::decoded_len(written.len().saturating_sub("2.||".len() + IV_TEXT_LEN + MAC_TEXT_LEN))
}

/// What an EncString consists of.
pub(super) struct Parts<'a> {
    pub(super) mac: [u8; MAC_LEN],
    /// The IV, and the ciphertext after it.
    pub(super) iv_and_ciphertext: &'a mut [u8],
}

impl Decoder {
    pub(super) fn decode(&mut self, written: &str) -> Result<Parts<'_>, CryptoError> {
        let malformed = CryptoError::MalformedEncString;
        let body = written.strip_prefix("2.").ok_or(malformed("the type is not 2"))?.as_bytes();
        let (iv, ciphertext, mac) = split(body).ok_or_else(|| malformed(problem_of(body)))?;
        // Where the padding was, zero bits come out, as they have to for the text to be canonical.
        self.text.clear();
        self.text.reserve(body.len());
        self.text.extend_from_slice(&mac[..MAC_TEXT_LEN - 1]);
        self.text.push(b'A');
        self.text.extend_from_slice(&iv[..IV_TEXT_LEN - 2]);
        self.text.extend_from_slice(b"AA");
        self.text.extend_from_slice(ciphertext);
        let room = base64::decoded_len(self.text.len());
        if self.bytes.len() < room {
            // The old one is zeroed as it is dropped. Growing it could leave a copy of its content behind.
            self.bytes = Zeroizing::new(vec![0; room.next_power_of_two()]);
        }
        let length = base64::decode(&self.text, &mut self.bytes).ok_or(malformed("bad base64"))?;
        let bytes = &mut self.bytes[..length];
        if bytes[MAC_LEN] != 0 || bytes[CIPHERTEXT_START - 2..CIPHERTEXT_START] != [0, 0] {
            return Err(malformed("bad base64"));
        }
        if length == CIPHERTEXT_START || !(length - CIPHERTEXT_START).is_multiple_of(IV_LEN) {
            return Err(malformed("the ciphertext is not a number of whole blocks"));
        }
        let mut mac = [0; MAC_LEN];
        mac.copy_from_slice(&bytes[..MAC_LEN]);
        bytes.copy_within(IV_START..IV_START + IV_LEN, CIPHERTEXT_START - IV_LEN);
        Ok(Parts { mac, iv_and_ciphertext: &mut bytes[CIPHERTEXT_START - IV_LEN..] })
    }
}

/// IV, ciphertext and MAC, if the separators and the padding are where they have to be.
fn split(body: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (iv, rest) = body.split_at_checked(IV_TEXT_LEN)?;
    let (middle, mac) = rest.split_at_checked(rest.len().checked_sub(MAC_TEXT_LEN)?)?;
    let ciphertext = middle.strip_prefix(b"|")?.strip_suffix(b"|")?;
    (iv.ends_with(b"==") && mac.ends_with(b"=")).then_some((iv, ciphertext, mac))
}

fn problem_of(body: &[u8]) -> &'static str {
    if body.iter().filter(|byte| **byte == b'|').count() == 2 {
        "bad base64 or length of the IV or the MAC"
    } else {
        "it needs three parts"
    }
}

impl FromStr for EncString {
    type Err = CryptoError;

    fn from_str(text: &str) -> Result<Self, CryptoError> {
        let mut decoder = Decoder::default();
        let Parts { mac, iv_and_ciphertext } = decoder.decode(text)?;
        let (iv, ciphertext) = iv_and_ciphertext.split_at(IV_LEN);
        let mut parsed = Self { iv: [0; IV_LEN], ciphertext: ciphertext.to_vec(), mac };
        parsed.iv.copy_from_slice(iv);
        Ok(parsed)
    }
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
