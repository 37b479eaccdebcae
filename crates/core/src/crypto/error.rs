//! What can go wrong with keys and ciphertext.

use thiserror::Error;

/// A failure of the cryptography. No variant holds key material, plaintext or ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// The text is not an EncString: another type, another number of parts, or bad base64.
    #[error("not a valid EncString: {0}")]
    MalformedEncString(&'static str),
    /// The MAC does not match: the data was altered, or it belongs to another key.
    #[error("the MAC does not match: the data was altered or belongs to another key")]
    MacMismatch,
    /// The MAC matches, and the rest still does not make sense. Deliberately says no more, so that
    /// it cannot serve as a padding oracle.
    #[error("the data cannot be decrypted")]
    Undecryptable,
    /// The bytes that were opened are not a key of 64 bytes.
    #[error("the opened data is not a key of 64 bytes")]
    KeyLength,
    /// The text is not the secret of an access key.
    #[error("{0}")]
    MalformedAccessKeySecret(&'static str),
    /// The master password is not one that an account has or may have.
    #[error("the master password {0}")]
    UnusableMasterPassword(&'static str),
    /// The description of how keys are derived from the master password asks for too little or too much.
    #[error("the key derivation (kdf) is refused: {0}")]
    RefusedKdf(&'static str),
    /// There is not enough memory to derive keys from the master password.
    #[error("there is not enough memory to derive keys from the master password")]
    OutOfMemory,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}
