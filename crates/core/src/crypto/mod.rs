//! The cryptography of the Locker Secrets protocol and of accounts, and nothing of the protocol itself.
//!
//! Words: `derive_*` is deterministic, `make_*` draws from the operating system's random number
//! generator, `seal_*` encrypts and authenticates, `open_*` verifies and decrypts.

mod access_key;
mod base64;
mod enc_string;
mod error;
mod file_key;
mod kdf;
mod keys;
mod mac;
mod master_password;
mod name_hash;
mod opener;

pub use access_key::AccessKeySecret;
pub use enc_string::EncString;
pub(crate) use enc_string::most_opened;
pub use error::CryptoError;
pub use file_key::FileKey;
pub use kdf::Kdf;
pub(crate) use kdf::KdfFields;
pub use keys::SymmetricKey;
pub use master_password::{MasterKey, MasterPassword};
pub use name_hash::NameHash;
pub(crate) use name_hash::NameHasher;
pub(crate) use opener::Opener;

/// Bytes from the operating system's random number generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| CryptoError::NoRandomness)?;
    Ok(bytes)
}
