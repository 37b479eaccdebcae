//! What an account's owner knows, and the keys that come of it.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{CryptoError, Kdf, SymmetricKey};

/// Shorter passwords are refused for new accounts.
const MIN_CHARACTERS: usize = 12;
const MAX_CHARACTERS: usize = 1024;
const MASTER_KEY_LEN: usize = 32;

const SIGN_IN_INFO: &[u8] = b"locker-server sign-in";
const WRAPPING_INFO: &[u8] = b"locker-server account key";

/// The password of an account, in Unicode's form NFKC, so that it is the same from every keyboard.
///
/// It never leaves the process.
pub struct MasterPassword(Zeroizing<String>);

impl MasterPassword {
    /// The password of an account that exists.
    ///
    /// # Errors
    /// [`CryptoError::UnusableMasterPassword`] if it is empty, or longer than 1024 characters.
    pub fn new(text: &SecretString) -> Result<Self, CryptoError> {
        let password = Self::normalise(text.expose_secret());
        match password.characters() {
            0 => Err(CryptoError::UnusableMasterPassword("is empty")),
            1..=MAX_CHARACTERS => Ok(password),
            _ => Err(CryptoError::UnusableMasterPassword("has more than 1024 characters")),
        }
    }

    /// A password that is chosen now.
    ///
    /// # Errors
    /// As [`MasterPassword::new`], and if it has fewer than 12 characters.
    pub fn choose(text: &SecretString) -> Result<Self, CryptoError> {
        let password = Self::new(text)?;
        if password.characters() < MIN_CHARACTERS {
            return Err(CryptoError::UnusableMasterPassword("needs at least 12 characters"));
        }
        Ok(password)
    }

    fn normalise(text: &str) -> Self {
        // Measured before it is written, because a String that grows leaves copies behind.
        let length = text.nfkc().map(char::len_utf8).sum();
        let mut normalised = Zeroizing::new(String::with_capacity(length));
        normalised.extend(text.nfkc());
        Self(normalised)
    }

    fn characters(&self) -> usize {
        self.0.chars().count()
    }
}

impl fmt::Debug for MasterPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterPassword([REDACTED])")
    }
}

/// The key that a [`MasterPassword`] is stretched to. Two keys are derived from it, and neither tells of the other: one to
/// sign in with, which the server sees, and one that seals the account's own key, which it does not.
pub struct MasterKey(Box<Zeroizing<[u8; MASTER_KEY_LEN]>>);

impl MasterKey {
    /// Argon2id, version 0x13 (RFC 9106). Takes tens of milliseconds or more, by design, and the memory that `kdf` says.
    ///
    /// # Errors
    /// [`CryptoError::OutOfMemory`] if that memory cannot be had.
    pub fn derive(password: &MasterPassword, kdf: &Kdf) -> Result<Self, CryptoError> {
        let refused = |_| CryptoError::RefusedKdf("Argon2id does not take its parameters");
        let params = Params::new(kdf.memory_kib, kdf.iterations, kdf.parallelism, Some(MASTER_KEY_LEN))
            .map_err(refused)?;
        let mut memory = working_memory(params.block_count())?;
        let mut key = Box::new(Zeroizing::new([0; MASTER_KEY_LEN]));
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                password.0.as_bytes(),
                &kdf.salt,
                &mut **key,
                memory.as_mut_slice(),
            )
            .map_err(refused)?;
        Ok(Self(key))
    }

    /// What the server asks for to let the account in, in standard base64.
    #[must_use]
    pub fn sign_in_key(&self) -> SecretString {
        let mut key = Zeroizing::new([0; 32]);
        self.expand(SIGN_IN_INFO, &mut *key);
        STANDARD.encode(key.as_slice()).into()
    }

    /// The key that seals the account's own key.
    #[must_use]
    pub fn wrapping_key(&self) -> SymmetricKey {
        let mut bytes = Zeroizing::new([0; 64]);
        self.expand(WRAPPING_INFO, &mut *bytes);
        match SymmetricKey::from_bytes(&*bytes) {
            Ok(key) => key,
            Err(_) => unreachable!("64 bytes make a key"),
        }
    }

    /// HKDF with SHA-256 (RFC 5869), Extract with an empty salt and Expand.
    fn expand(&self, info: &[u8], output: &mut [u8]) {
        let Ok(()) = Hkdf::<Sha256>::new(None, self.0.as_slice()).expand(info, output) else {
            unreachable!("two blocks of output are never too long")
        };
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([REDACTED])")
    }
}

/// Memory for Argon2, zeroed when it is given back, which the library would not do with its own.
fn working_memory(blocks: usize) -> Result<Zeroizing<Vec<Block>>, CryptoError> {
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(blocks).map_err(|_| CryptoError::OutOfMemory)?;
    memory.resize(blocks, Block::new());
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kdf(iterations: u32, memory_kib: u32, parallelism: u32) -> Kdf {
        let written = json!({
            "algorithm": "argon2id", "salt": "AAECAwQFBgcICQoLDA0ODw==",
            "iterations": iterations, "memory_kib": memory_kib, "parallelism": parallelism
        });
        serde_json::from_value(written).unwrap()
    }

    /// The key of 64 bytes that `hex` writes. It can only be had by opening it, as a client does.
    fn key(hex: &str) -> SymmetricKey {
        let bytes: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        SymmetricKey::from_bytes(&bytes).unwrap()
    }

    fn derive(password: &str, kdf: &Kdf) -> MasterKey {
        MasterKey::derive(&MasterPassword::new(&password.into()).unwrap(), kdf).unwrap()
    }

    /// Made in JavaScript with `argon2id` of @noble/hashes 2.4.0 and `hkdfSync` of Node.js, of `password.normalize('NFKC')`.
    #[test]
    fn another_implementation_derives_the_same_keys() {
        for (password, kdf, sign_in_key, wrapping_key) in [
            (
                "correct horse battery staple",
                kdf(3, 65536, 4),
                "A1Rdimm1UO38LtMgVAC68qulC/X66JiKed/qgO7fQvE=",
                "7857ae0cdfd11c492d41f8016520285ac2ccb43d54f905b75483376e868358be\
                 f3d2bba37920f1cca24448caae293714b16a72cf2a910a3e7ab7db7b3ead6ca0",
            ),
            (
                "\u{fb01}ve \u{c5}ngstr\u{f6}ms, \u{2460} \u{ff21} \u{212b}",
                kdf(2, 19456, 1),
                "MFThGPx/3bCfoSMdvP7E/8fZXhQO3NOUYiSDX8L21Ms=",
                "74454accdc91ab5142adbb270b086ac1eb8ed4d69df75c116b81bd640ba197f1\
                 4d440b08015f561bb9cc1f32edd8e7288330b4d998499d63f2b98f9143e7c2f9",
            ),
        ] {
            let master_key = derive(password, &kdf);
            assert_eq!(master_key.sign_in_key().expose_secret(), sign_in_key);
            assert_eq!(master_key.wrapping_key(), key(wrapping_key));
        }
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let normalised = |text: &str| MasterPassword::new(&text.into()).unwrap().0.to_string();
        assert_eq!(normalised("cafe\u{301} \u{fb01}n \u{ff11}"), "caf\u{e9} fin 1");
        assert_ne!(normalised("Password"), normalised("password"));
    }

    #[test]
    fn a_new_password_has_from_12_to_1024_characters() {
        let choose = |text: &str| MasterPassword::choose(&text.into());
        assert!(choose(&"\u{e9}".repeat(11)).is_err());
        assert!(choose(&"\u{e9}".repeat(12)).is_ok());
        assert!(choose(&"\u{10ffff}".repeat(1024)).is_ok());
        assert!(choose(&"x".repeat(1025)).is_err());
        assert!(choose(&"e\u{301}".repeat(11)).is_err(), "characters are counted after normalisation");
    }

    #[test]
    fn an_old_password_may_be_short_and_not_empty() {
        let refusal = |text: &str| MasterPassword::new(&text.into()).err();
        assert_eq!(refusal("x"), None);
        assert_eq!(refusal(""), Some(CryptoError::UnusableMasterPassword("is empty")));
        assert!(refusal(&"x".repeat(1025)).is_some());
    }

    #[test]
    fn debug_output_shows_nothing() {
        let password = MasterPassword::new(&"hunter2".into()).unwrap();
        let master_key = MasterKey::derive(&password, &kdf(2, 19456, 1)).unwrap();
        assert_eq!(
            format!("{password:?} {master_key:?}"),
            "MasterPassword([REDACTED]) MasterKey([REDACTED])"
        );
    }
}
